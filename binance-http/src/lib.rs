#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(feature = "hyper", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "hyper"),
    doc = "Requests of the Binance futures API as bytes, and bytes as replies: no I/O, no clock, no heap."
)]

#[cfg(feature = "std")]
extern crate std;

mod base_url;
#[cfg(feature = "blocking")]
pub mod blocking;
pub mod budget;
#[cfg(feature = "std")]
mod client;
pub mod clock;
#[cfg(any(feature = "dial", feature = "blocking"))]
pub mod dial;
#[cfg(any(feature = "embedded", feature = "embedded-async"))]
pub mod embedded;
pub mod error;
#[cfg(any(feature = "hyper", feature = "blocking"))]
mod gzip;
#[cfg(feature = "std")]
mod headers;
#[cfg(feature = "hyper")]
pub mod hyper;
mod limits;
#[cfg(feature = "std")]
mod log;
#[cfg(feature = "std")]
pub mod place;
#[cfg(feature = "std")]
pub mod pool;
pub mod redact;
#[cfg(feature = "redis")]
pub mod redis;
#[cfg(feature = "std")]
mod reply;
pub mod request;
pub mod response;
#[cfg(feature = "std")]
pub mod retry;
#[cfg(feature = "std")]
pub mod transport;
pub mod verdict;

pub use binance_core::{ApiCode, ApiError, Environment, Market, Method, Millis};

pub use self::{
    base_url::{BaseUrl, BaseUrlError},
    error::{BuildError, Outcome},
    limits::{Count, Limits},
};
#[cfg(feature = "std")]
pub use self::{
    client::{Builder, Client},
    error::{ApiFailure, DecodeFailure, Error, StatusFailure, TransportError, TransportKind},
    headers::Headers,
    reply::Reply,
    retry::Retry,
};
