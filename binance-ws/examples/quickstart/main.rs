//! The main job, end to end: time, rules, candles, streams, user data and signed orders, on both markets.
//!
//! ```text
//! cargo run --example quickstart              on an exchange inside this process
//! cargo run --example quickstart -- --live    public data of the real exchange
//! cargo run --example quickstart -- --demo    the exchange's demo hosts, with keys from the environment:
//!                                             BINANCE_API_KEY and BINANCE_API_SECRET, or BINANCE_PRIVATE_KEY (a PEM file)
//! ```
//!
//! Every line printed comes out of a reply or an event that went over a socket. Exit code 1, and the step, when one
//! fails.

mod chart;
mod coinm;
mod place;
mod usdm;

use std::{error::Error, process::ExitCode, time::Duration};

use binance_http::{Client, Limits};

use crate::place::Place;

/// What can go wrong in a step.
type Failure = Box<dyn Error + Send + Sync>;

/// How long market data is watched.
const WATCH: Duration = Duration::from_secs(2);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let place = match std::env::args().nth(1).as_deref() {
        None => Place::simulated(),
        Some("--live") => Ok(Place::live()),
        Some("--demo") => Place::demo(),
        Some(_) => Err("usage: quickstart [--live|--demo]".into()),
    };
    let place = match place {
        Ok(place) => place,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    match run(&place).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stopped { step, error }) => {
            eprintln!("failed: {step}: {}", chain(&*error));
            if !place.is_simulated() {
                eprintln!(
                    "is there a network to {}? without a flag this runs on an exchange of its own",
                    place.name
                );
            }
            ExitCode::FAILURE
        }
    }
}

/// The step that failed, and why.
struct Stopped {
    step: &'static str,
    error: Failure,
}

/// Runs one step and names it when it fails.
macro_rules! step {
    ($name:literal, $work:expr) => {
        match $work.await {
            Ok(done) => done,
            Err(error) => return Err(Stopped { step: $name, error: error.into() }),
        }
    };
}

async fn run(place: &Place) -> Result<(), Stopped> {
    println!("exchange: {}\n\n== USDⓈ-M ==", place.name);
    let client = &place.client;
    let mut ordered = None;
    step!("USDⓈ-M: server time", usdm::time(client));
    let rules = step!("USDⓈ-M: exchange information", usdm::rules(client));
    step!("USDⓈ-M: candles", usdm::candles(client));
    let quotes = step!("USDⓈ-M: market streams", usdm::streams(place));
    if place.can_trade() {
        ordered =
            Some(step!("USDⓈ-M: an order and its events", usdm::order_and_events(place, &rules, quotes)));
        for (kind, client) in &place.keys {
            step!(
                "USDⓈ-M: an order with each kind of key",
                usdm::order_with_key(kind, client, &rules, quotes)
            );
        }
    }

    println!("\n== COIN-M ==");
    step!("COIN-M: server time", coinm::time(client));
    let rules = step!("COIN-M: exchange information", coinm::rules(client));
    step!("COIN-M: candles", coinm::candles(client));
    let quotes = step!("COIN-M: market streams", coinm::streams(place));
    if place.can_trade() {
        step!("COIN-M: an order and its events", coinm::order_and_events(place, &rules, quotes));
    }

    println!("\n== limits ==");
    step!("limits", limits(client, ordered));
    Ok(())
}

/// What has been used of the limits, and how long requests take.
async fn limits(client: &Client, ordered: Option<Limits>) -> Result<(), binance_http::Error> {
    let mut times = Vec::new();
    let mut limits = Default::default();
    for _ in 0..20 {
        let reply = client.send(&binance_core::usdm::market_data::Time::new()).await?;
        times.push(reply.elapsed());
        limits = reply.limits();
    }
    times.sort();
    let of = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    let told = |count: Option<u32>| count.map_or_else(|| "not told".into(), |count| count.to_string());
    println!("request weight used this minute: {}", told(limits.used_weight()));
    if let Some(limits) = ordered {
        println!(
            "orders counted: {} in 10 s, {} in a minute",
            told(limits.orders_10s()),
            told(limits.orders_1m())
        );
    }
    println!("round trip over {} requests: median {:.2?}, slowest {:.2?}", times.len(), of(50), of(99));
    Ok(())
}

/// An error and all that caused it, in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
