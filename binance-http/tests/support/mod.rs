//! What the tests share.
#![allow(dead_code, reason = "each test uses a part of it")]

#[cfg(feature = "hyper")]
pub(crate) mod hands;
pub(crate) mod is;
#[cfg(all(feature = "hyper", feature = "blocking"))]
pub(crate) mod over;
pub(crate) mod scenarios;
pub(crate) mod server;
pub(crate) mod wire;
