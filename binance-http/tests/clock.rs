//! The clock against the simulated exchange.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(feature = "hyper")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use binance_core::usdm::trade::OpenOrders;
use binance_http::{
    ApiCode, Client, Millis,
    clock::{SystemTime, TimeSource},
    hyper::Hyper,
};
use binance_sign::{Credentials, Hmac};
use binance_sim::{Fault, Sim, What};

fn builder(sim: &Sim) -> binance_http::Builder<Hyper> {
    let key = &sim.keys().hmac;
    let credentials = Credentials::new(&key.api_key, Hmac::new(key.secret.as_bytes())).unwrap();
    Client::builder().base_url(&sim.urls().rest).credentials(credentials)
}

fn asked(sim: &Sim, path: &str) -> usize {
    sim.truth().count("GET", path)
}

const TIME: &str = "/fapi/v1/time";
const ORDERS: &str = "/fapi/v1/openOrders";

/// The host's clock, moved by hand.
#[derive(Clone, Default)]
struct Moved(Arc<AtomicI64>);

impl TimeSource for Moved {
    fn unix(&self) -> Millis {
        SystemTime.unix().plus(self.0.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        SystemTime.monotonic()
    }
}

#[tokio::test]
async fn the_offset_is_measured() {
    let sim = Sim::builder().quiet().start().unwrap();
    let client = builder(&sim).build().unwrap();
    for skew in [0, 90_000, -3_600_000] {
        sim.set_clock_skew(skew);
        let offset = client.sync_clock().await.unwrap();
        assert!((offset.millis - skew).abs() <= i64::from(offset.error) + 1, "{skew}: {offset:?}");
        assert_eq!(client.clone().clock_offset(), Some(offset));
        client.send(&OpenOrders::new()).await.unwrap();
    }
    assert_eq!(asked(&sim, ORDERS), 3, "none was refused");
}

#[tokio::test]
async fn one_measurement_serves_all_who_were_refused() {
    let sim = Sim::builder().quiet().clock_skew(90_000).start().unwrap();
    let client = builder(&sim).build().unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.send(&OpenOrders::new().symbol("BTCUSDT")).await.map(|_| ()) })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(asked(&sim, TIME), 4);
    assert!((21..=40).contains(&asked(&sim, ORDERS)), "{}", asked(&sim, ORDERS));
}

#[tokio::test]
async fn a_host_clock_that_is_set_costs_no_request() {
    let sim = Sim::builder().quiet().start().unwrap();
    let host = Moved::default();
    let client = builder(&sim).time_source(host.clone()).build().unwrap();
    client.sync_clock().await.unwrap();
    for by in [60_000, -60_000, 86_400_000] {
        host.0.store(by, Ordering::SeqCst);
        client.send(&OpenOrders::new().symbol("BTCUSDT")).await.unwrap();
    }
    assert_eq!(asked(&sim, ORDERS), 3, "none was refused");
    assert_eq!(asked(&sim, TIME), 4 * 4);
}

#[tokio::test]
async fn a_clock_that_cannot_be_measured_leaves_the_refusal() {
    let sim = Sim::builder().quiet().clock_skew(90_000).start().unwrap();
    let client = builder(&sim).build().unwrap();
    sim.fault(Fault::new(What::BadGateway).on("GET", TIME).always());
    let error = client.send(&OpenOrders::new().symbol("BTCUSDT")).await.unwrap_err();
    assert_eq!(error.code(), Some(ApiCode::INVALID_TIMESTAMP));
    assert_eq!(asked(&sim, ORDERS), 1);
    sim.clear_faults();
    client.send(&OpenOrders::new().symbol("BTCUSDT")).await.unwrap();
}

#[tokio::test]
async fn a_refusal_that_persists_is_given_after_one_more_try() {
    let sim = Sim::builder().quiet().start().unwrap();
    let client = builder(&sim).build().unwrap();
    let body =
        r#"{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}"#.to_owned();
    let what = What::Reply { status: 400, content_type: "application/json".to_owned(), body };
    sim.fault(Fault::new(what).on("GET", ORDERS).always());
    let error = client.send(&OpenOrders::new().symbol("BTCUSDT")).await.unwrap_err();
    assert_eq!(error.code(), Some(ApiCode::INVALID_TIMESTAMP));
    assert_eq!(asked(&sim, ORDERS), 2);
}

#[tokio::test]
async fn a_clock_is_kept_for_as_long_as_it_is_wanted() {
    let sim = Sim::builder().quiet().start().unwrap();
    let client = builder(&sim).build().unwrap();
    let watched = async {
        for skew in [5_000, -5_000, 50_000] {
            sim.set_clock_skew(skew);
            while client.clock_offset().is_none_or(|offset| (offset.millis - skew).abs() > 1_000) {
                tokio::task::yield_now().await;
            }
        }
    };
    tokio::select! {
        _ = client.keep_clock(Duration::from_millis(5)) => unreachable!("it is kept for ever"),
        watched = tokio::time::timeout(Duration::from_secs(20), watched) => watched.unwrap(),
    }
}
