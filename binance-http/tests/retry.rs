//! Reads that are tried again, and mutations that never are, by what the exchange saw.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(feature = "hyper")]

use std::time::{Duration, Instant};

use binance_core::{
    decimal::dec,
    enums::Side,
    usdm::{
        account::TransactionHistoryDownloadId,
        trade::{CancelOrder, NewOrder, OpenOrders},
    },
};
use binance_http::{Client, Millis, Outcome, Retry, budget::Limit, hyper::Hyper, pool::InProcess};
use binance_sign::{Credentials, Hmac};
use binance_sim::{Fault, Sim, Unavailable, What};

const ORDERS: &str = "/fapi/v1/openOrders";
const ORDER: &str = "/fapi/v1/order";

fn sim() -> Sim {
    Sim::builder().quiet().start().unwrap()
}

fn builder(sim: &Sim) -> binance_http::Builder<Hyper> {
    let key = &sim.keys().hmac;
    let credentials = Credentials::new(&key.api_key, Hmac::new(key.secret.as_bytes())).unwrap();
    Client::builder()
        .base_url(&sim.urls().rest)
        .credentials(credentials)
        .pool(InProcess::new(binance_http::budget::Rules::default()))
}

fn quick(attempts: u32) -> Retry {
    Retry::attempts_of(attempts).waits(Duration::from_millis(1), Duration::from_millis(2)).budget(100, 100)
}

fn question() -> OpenOrders<'static> {
    OpenOrders::new().symbol("BTCUSDT")
}

/// What may go better the next time.
fn passing() -> Vec<What> {
    vec![
        What::CloseBeforeProcessing,
        What::CloseAfterProcessing,
        What::ResetAfterProcessing,
        What::CutHead,
        What::CutBody,
        What::BadGateway,
        What::Unavailable(Unavailable::Unknown),
        What::Unavailable(Unavailable::Failed),
        What::Unavailable(Unavailable::Internal),
        What::Unavailable(Unavailable::Throttled),
        What::Timeout { processed: true },
        What::Timeout { processed: false },
    ]
}

/// What will not.
fn lasting() -> Vec<What> {
    let reply = |status, body: &str| What::Reply {
        status,
        content_type: "application/json".to_owned(),
        body: body.to_owned(),
    };
    vec![
        What::TooManyRequests { retry_after: 0 },
        What::Banned { retry_after: 0 },
        What::GarbageBody,
        reply(400, r#"{"code":-1121,"msg":"Invalid symbol."}"#),
        reply(401, r#"{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}"#),
        reply(403, "<html>"),
        reply(451, r#"{"code":0,"msg":"Service unavailable from a restricted location"}"#),
        reply(200, "<html>"),
        reply(503, r#"{"code":-1003,"msg":"Too many requests"}"#),
    ]
}

#[tokio::test]
async fn a_read_is_tried_again_as_often_as_was_told() {
    for what in passing() {
        let sim = sim();
        let client = builder(&sim).retry(quick(3)).build().unwrap();
        sim.fault(Fault::new(what.clone()).on("GET", ORDERS).times(2));
        client.send(&question()).await.unwrap();
        assert_eq!(sim.truth().count("GET", ORDERS), 3, "{what:?}");
        assert_eq!(client.used(Limit::Weight), Some(3), "{what:?}: each is charged");

        sim.fault(Fault::new(what.clone()).on("GET", ORDERS).always());
        client.send(&question()).await.unwrap_err();
        assert_eq!(sim.truth().count("GET", ORDERS), 6, "{what:?}");
        client.with_retry(Retry::NONE).send(&question()).await.unwrap_err();
        assert_eq!(sim.truth().count("GET", ORDERS), 7, "{what:?}");
    }
}

#[tokio::test]
async fn what_will_not_go_better_is_not_tried_again() {
    for what in lasting() {
        let sim = sim();
        let client = builder(&sim).retry(quick(3)).build().unwrap();
        sim.fault(Fault::new(what.clone()).on("GET", ORDERS));
        if let Ok(reply) = client.send(&question()).await {
            // Garbage is seen when it is read.
            assert!(
                reply.value().is_err() || reply.value().unwrap().iter().any(|order| order.is_err()),
                "{what:?}"
            );
        }
        assert_eq!(sim.truth().count("GET", ORDERS), 1, "{what:?}");
    }
}

#[tokio::test]
async fn nothing_that_changes_something_is_sent_twice() {
    for what in passing().into_iter().chain(lasting()) {
        let sim = sim();
        let client = builder(&sim).retry(quick(9)).without_pool().build().unwrap();
        sim.fault(Fault::new(what.clone()).on("POST", ORDER));
        let order =
            NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.010"), dec!("20000.0")).new_client_order_id("once");
        let placed = client.send(&order).await.and_then(|reply| reply.value().map(drop));
        assert_ne!(placed.unwrap_err().outcome(), Outcome::NotSent, "{what:?}");
        assert_eq!(sim.truth().count("POST", ORDER), 1, "{what:?}");
        sim.fault(Fault::new(what.clone()).on("DELETE", ORDER));
        let canceled = client.send(&CancelOrder::by_client_id("BTCUSDT", "once")).await;
        canceled.and_then(|reply| reply.value().map(drop)).unwrap_err();
        assert_eq!(sim.truth().count("DELETE", ORDER), 1, "{what:?}");
    }
    // A GET that the exchange counts by the month.
    let sim = sim();
    let client = builder(&sim).retry(quick(9)).build().unwrap();
    sim.fault(Fault::new(What::BadGateway).always());
    client.send(&TransactionHistoryDownloadId::new(Millis(1), Millis(2))).await.unwrap_err();
    assert_eq!(sim.truth().received.len(), 1);
}

#[tokio::test]
async fn a_budget_bounds_all_retries_of_a_client_and_its_clones() {
    let sim = sim();
    let client = builder(&sim).retry(quick(3).budget(50, 4)).build().unwrap();
    sim.fault(Fault::new(What::BadGateway).on("GET", ORDERS).always());
    for _ in 0..20 {
        client.clone().send(&question()).await.unwrap_err();
    }
    // 20 first attempts, 4 retries at once, and one for every other read after the first.
    let seen = sim.truth().count("GET", ORDERS);
    assert!((32..=34).contains(&seen), "{seen}");
}

#[tokio::test]
async fn an_attempt_that_hangs_leaves_time_for_another() {
    let sim = sim();
    let retry = quick(3).each_within(Duration::from_millis(100));
    let client = builder(&sim).retry(retry).timeout(Duration::from_secs(20)).build().unwrap();
    sim.fault(Fault::new(What::Hang { processed: false }).on("GET", ORDERS).times(2));
    client.send(&question()).await.unwrap();
    assert_eq!(sim.truth().count("GET", ORDERS), 3);

    // All attempts together keep to the timeout.
    sim.fault(Fault::new(What::Hang { processed: false }).on("GET", ORDERS).always());
    let begun = Instant::now();
    let hurried = client.with_timeout(Duration::from_millis(150)).with_retry(quick(100));
    hurried.send(&question()).await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}
