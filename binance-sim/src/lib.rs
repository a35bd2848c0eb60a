//! A Binance futures exchange on loopback, for tests. It never reaches out to a network, never knows a real key, and
//! listens on 127.0.0.1 unless told otherwise. To talk to it, or to the real exchange, see `binance-http` and
//! `binance-ws`; any other client that lets one set a base URL does too.
//!
//! One TCP port serves REST (`/fapi`, `/dapi`) and the streams (`/ws`, `/stream`, with and without the `/public`,
//! `/market` and `/private` routes; COIN-M's under `/dstream`). Behind it stand a key table with three demo keys,
//! signatures checked with ring, the receive window, the request weights, an order book a contract with price-time
//! priority, accounts with positions and balances, and a market that moves by a seeded generator.
//!
//! ```
//! use binance_sim::{Fault, Sim, What};
//!
//! let sim = Sim::builder().seed(7).start()?;
//! println!("{} {}", sim.urls().rest, sim.keys().hmac.api_key);
//!
//! // The next order is taken, but its reply never arrives.
//! sim.fault(Fault::new(What::CloseAfterProcessing).on("POST", "/fapi/v1/order"));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! A [`Sim`] is the exchange for as long as it is there: keep it beside the clients, or their next connection is refused.
//! It runs on a thread of its own, so it serves blocking and asynchronous clients alike, several may run at
//! once, and dropping it closes its port, its sockets and its thread.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod account;
mod algo;
mod base64;
mod book;
mod calendar;
mod clock;
mod config;
mod config_file;
mod contracts;
mod door;
mod events;
mod exchange;
mod faults;
mod frame;
mod json;
mod keys;
mod ledger;
mod limits;
mod liquidation;
mod listen_keys;
mod mangle;
mod margin;
mod market;
mod matching;
mod notify;
mod num;
mod order;
mod params;
mod record;
mod reject;
mod replay;
mod rest;
mod rng;
mod server;
mod sim;
mod streams;
mod truth;

pub use binance_core::endpoint::Market;

pub use self::{
    book::Side,
    config::{DemoAccount, SimBuilder},
    config_file::ConfigError,
    faults::{Fault, FaultError, Injected, Unavailable, What},
    keys::{DemoKey, KeyKind, Keys},
    record::Recorder,
    replay::{RecordedFrame, Recording, RecordingError},
    sim::{Sim, Urls},
    truth::{BalanceTruth, BookTruth, FundTruth, OrderTruth, PositionTruth, Received, Truth},
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
