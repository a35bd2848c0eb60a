//! The client over hyper against the simulated exchange.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(feature = "hyper")]

mod support;

use std::time::Duration;

use binance_core::{
    coinm,
    decimal::dec,
    enums::{Interval, Side},
    usdm::{
        self,
        market_data::Time,
        trade::{CancelOrder, NewOrder, QueryOrder},
    },
};
use binance_http::{ApiCode, Client, Error, Outcome, request::Placement};
use binance_sign::{Credentials, Ed25519, Hmac, Rsa2048, Signer};
use binance_sim::{DemoKey, Fault, Sim, What};
use tokio::runtime::{Builder as Runtime, Runtime as Running};

use self::support::{
    is::{Is, is},
    scenarios::{self, Sends},
    wire,
};

fn sim() -> Sim {
    Sim::builder().quiet().start().unwrap()
}

fn builder(sim: &Sim) -> binance_http::Builder<binance_http::hyper::Hyper> {
    let key = &sim.keys().hmac;
    let credentials = Credentials::new(&key.api_key, Hmac::new(key.secret.as_bytes())).unwrap();
    Client::builder().base_url(&sim.urls().rest).credentials(credentials)
}

fn client(sim: &Sim) -> Client {
    builder(sim).build().unwrap()
}

/// An order that rests far below the market.
fn resting<'a>(symbol: &'a str, id: &'a str) -> NewOrder<'a> {
    NewOrder::limit(symbol, Side::Buy, dec!("0.010"), dec!("20000.0")).new_client_order_id(id)
}

/// The client with a runtime of its own.
struct Blocked {
    runtime: Running,
    client: Client,
}

impl Sends for Blocked {
    fn order(&mut self, symbol: &str, client_order_id: &str, hurried: bool) -> Result<u64, Is> {
        let client = self.client.with_timeout(Duration::from_millis(if hurried { 200 } else { 10_000 }));
        let order = resting(symbol, client_order_id);
        self.runtime.block_on(client.fetch(&order)).map(|order| order.order_id).map_err(|error| is(&error))
    }

    fn time(&mut self) -> Result<i64, Is> {
        let time = self.runtime.block_on(self.client.fetch(&Time::new()));
        time.map(|time| time.server_time.0).map_err(|error| is(&error))
    }
}

#[test]
fn all_scenarios() {
    let sim = sim();
    let runtime = Runtime::new_current_thread().enable_all().build().unwrap();
    let client = builder(&sim).resync_clock(false).build().unwrap();
    scenarios::run(&sim, &mut Blocked { runtime, client });
}

#[test]
fn all_that_can_stand_on_the_wire() {
    wire::run(&|url, then| {
        let credentials = Credentials::new("key", Hmac::new(b"secret")).unwrap();
        let client = Client::builder().base_url(url).credentials(credentials).without_pool().build().unwrap();
        let runtime = Runtime::new_current_thread().enable_all().build().unwrap();
        then(&mut Blocked { runtime, client });
    });
}

#[test]
fn all_scenarios_with_the_parameters_in_the_body_on_many_threads() {
    let sim = sim();
    let runtime = Runtime::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let client = builder(&sim).placement(Placement::Body).resync_clock(false).build().unwrap();
    scenarios::run(&sim, &mut Blocked { runtime, client });
}

#[tokio::test]
async fn each_kind_of_key_is_taken() {
    fn with<S: Signer + Send + Sync + 'static>(sim: &Sim, key: &DemoKey, signer: S) -> Client {
        let credentials = Credentials::new(&key.api_key, signer).unwrap();
        Client::builder().base_url(&sim.urls().rest).credentials(credentials).build().unwrap()
    }
    let sim = sim();
    let keys = sim.keys();
    let rsa = Rsa2048::from_pem(keys.rsa.secret.as_bytes()).unwrap();
    let ed25519 = Ed25519::from_pem(keys.ed25519.secret.as_bytes()).unwrap();
    for (id, client) in [
        ("hmac", client(&sim)),
        ("rsa", with(&sim, &keys.rsa, rsa)),
        ("ed25519", with(&sim, &keys.ed25519, ed25519)),
    ] {
        let placed = client.send(&resting("BTCUSDT", id)).await.unwrap();
        let order = placed.value().unwrap();
        assert_eq!(order.client_order_id.as_str(), id);
        assert!(placed.limits().orders_10s().is_some(), "{placed:?}");
        let asked = client.fetch(&QueryOrder::by_client_id("BTCUSDT", id)).await.unwrap();
        assert_eq!(asked.order_id, order.order_id);
        let canceled = client.fetch(&CancelOrder::by_id("BTCUSDT", order.order_id)).await.unwrap();
        assert_eq!(canceled.status.to_string(), "CANCELED");
    }
    assert!(sim.truth().orders.iter().all(|order| order.status == "CANCELED"));
}

#[tokio::test]
async fn both_markets_are_served_by_one_client() {
    let sim = sim();
    let client = client(&sim);
    let time = client.fetch(&coinm::market_data::Time::new()).await.unwrap();
    assert!(time.server_time.0 > 0);
    let info = client.send(&usdm::market_data::ExchangeInformation::new()).await.unwrap();
    assert!(info.value().unwrap().symbols.iter().all(|symbol| symbol.is_ok()));
    let klines =
        client.send(&coinm::market_data::Klines::new("BTCUSD_PERP", Interval::M1).limit(60)).await.unwrap();
    assert_eq!(klines.value().unwrap().count(), 60);
    assert!(klines.limits().used_weight().is_some());
    assert_eq!(client.transport().idle_connections(), 1, "one host, one connection");
}

#[tokio::test]
async fn a_bad_key_is_refused() {
    let sim = sim();
    let key = &sim.keys().hmac;
    let with = |api_key: &str, secret: &[u8]| {
        let credentials = Credentials::new(api_key, Hmac::new(secret)).unwrap();
        Client::builder().base_url(&sim.urls().rest).credentials(credentials).build().unwrap()
    };
    for (client, code) in [
        (with("short", b"x"), ApiCode::BAD_API_KEY_FMT),
        (with(&"x".repeat(64), b"x"), ApiCode::REJECTED_MBX_KEY),
        (with(&key.api_key, b"another secret"), ApiCode::INVALID_SIGNATURE),
    ] {
        let error = client.send(&resting("BTCUSDT", "bad-key")).await.unwrap_err();
        assert_eq!((error.code(), error.outcome()), (Some(code), Outcome::Rejected));
        assert!(client.send(&Time::new()).await.is_ok());
        let Error::Api(failure) = error else { panic!("{error:?}") };
        assert!(failure.headers.get("content-type").is_some(), "the headers are there");
    }
    assert_eq!(sim.truth().orders.len(), 0);
}

#[tokio::test]
async fn an_expired_timestamp_is_refused_or_the_clock_measured() {
    let sim = sim();
    for skew in [90_000, -90_000] {
        sim.set_clock_skew(skew);
        let before = sim.truth().count("POST", "/fapi/v1/order");
        let stubborn = builder(&sim).resync_clock(false).build().unwrap();
        let error = stubborn.send(&resting("BTCUSDT", "late")).await.unwrap_err();
        assert_eq!(is(&error), Is::Api(400, -1021, Outcome::Rejected));
        assert_eq!(sim.truth().count("POST", "/fapi/v1/order"), before + 1);
        assert!(sim.truth().order("late").is_none());

        let client = client(&sim);
        assert_eq!(client.clock_offset(), None);
        let id = format!("in-time{skew}");
        let order = client.fetch(&resting("BTCUSDT", &id)).await.unwrap();
        assert_eq!(sim.truth().order(&id).unwrap().order_id, order.order_id);
        assert_eq!(sim.truth().count("POST", "/fapi/v1/order"), before + 3, "refused once, then taken");
        let offset = client.clock_offset().unwrap();
        assert!((offset.millis - skew).abs() <= i64::from(offset.error) + 1, "{offset:?}");

        // A clock that was measured is right from the start.
        let before = sim.truth().count("GET", "/fapi/v1/order");
        client.fetch(&QueryOrder::by_client_id("BTCUSDT", &id)).await.unwrap();
        assert_eq!(sim.truth().count("GET", "/fapi/v1/order"), before + 1);
        sim.set_clock_skew(0);
        client.fetch(&CancelOrder::by_client_id("BTCUSDT", &id)).await.unwrap();
        assert_eq!(sim.truth().order(&id).unwrap().status, "CANCELED");
        sim.clear_faults();
    }
}

#[tokio::test]
async fn a_limit_says_how_long_to_wait() {
    let sim = sim();
    let client = client(&sim);
    sim.fault(Fault::new(What::TooManyRequests { retry_after: 17 }));
    let error = client.send(&Time::new()).await.unwrap_err();
    assert_eq!((error.status(), error.retry_after()), (Some(429), Some(Duration::from_secs(17))));
    assert!(error.limits().used_weight().is_some(), "{error:?}");
}

#[tokio::test]
async fn two_hundred_tasks_share_a_client() {
    let sim = sim();
    let client = client(&sim);
    let tasks: Vec<_> = (0..200)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.fetch(&Time::new()).await.map(|time| time.server_time.0) })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap().unwrap() > 0);
    }
    assert!(client.transport().idle_connections() <= 32);
    assert_eq!(sim.truth().count("GET", "/fapi/v1/time"), 200);
}
