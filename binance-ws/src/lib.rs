#![cfg_attr(feature = "tungstenite", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "tungstenite"),
    doc = "Streams and user data of the Binance futures exchange: a session that never reads a clock, a socket or a random \
           number, and allocates nothing."
)]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(feature = "std", test))]
extern crate std;

#[cfg(feature = "hosted")]
#[macro_use]
mod log;
mod address;
mod backoff;
mod name;
#[cfg(any(feature = "hosted", feature = "embedded", feature = "embedded-async"))]
mod part;
#[cfg(any(feature = "hosted", feature = "embedded", feature = "embedded-async"))]
mod refusal;
mod request;
mod time;

pub mod api;
#[cfg(any(feature = "embedded", feature = "embedded-async"))]
pub mod embedded;
pub mod frame;
#[cfg(any(feature = "native", feature = "embedded", feature = "embedded-async"))]
pub mod handshake;
#[cfg(feature = "hosted")]
pub mod hosted;
#[cfg(feature = "native")]
pub mod native;
pub mod session;
#[cfg(feature = "tungstenite")]
pub mod tungstenite;
pub mod user;

pub use binance_core::{
    Environment, Market,
    stream::{RawStream, Route, Subscription},
};

pub use self::{
    address::{AddressError, Base},
    name::{NameError, StreamName},
    request::{Command, IdError, RequestId},
    time::Tick,
};

/// The examples of the family's README. Those of the guides are tested where they are pages, in the package of the examples.
#[cfg(all(doctest, feature = "tungstenite"))]
#[doc = include_str!("../../README.md")]
mod readme {}
