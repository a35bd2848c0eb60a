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

/// The examples of the family's README and guides.
#[cfg(all(doctest, feature = "tungstenite"))]
mod pages {
    #[doc = include_str!("../../README.md")]
    mod readme {}
    #[doc = include_str!("../../docs/clock.md")]
    mod clock {}
    #[doc = include_str!("../../docs/errors.md")]
    mod errors {}
    #[doc = include_str!("../../docs/keys.md")]
    mod keys {}
    #[doc = include_str!("../../docs/limits.md")]
    mod limits {}
    #[doc = include_str!("../../docs/python.md")]
    mod python {}
    #[doc = include_str!("../../docs/runtimes.md")]
    mod runtimes {}
    #[doc = include_str!("../../docs/simulator.md")]
    mod simulator {}
}
