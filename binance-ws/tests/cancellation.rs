//! Futures that are dropped at each of their polls: of calls, of connecting, of logging on. Whatever was dropped, the next
//! call works, no answer goes to another caller, no place in the table is lost, and nothing is sent twice.
#![cfg(all(feature = "native", feature = "tungstenite"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[path = "common/calls.rs"]
mod calls;
mod common;

use std::{
    cell::Cell,
    collections::BTreeSet,
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};

use binance_core::{
    ApiCode,
    usdm::{
        market_data::TickerPrice,
        streams::BookTickerStream,
        trade::{NewOrder, QueryOrder},
    },
    ws_api::TypedCall,
};
use binance_http::clock::TimeSource;
use binance_sim::Sim;
use binance_ws::{
    Base, Market, Route,
    api::Notice,
    hosted::{Api, Connector, Socket},
};
use calls::{Adapter, Hosted, Setup, methods, order, run, sent, sim};
use tokio::task::{JoinSet, yield_now};

/// Runs a future for so many polls at most, and drops it then.
async fn up_to<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        left -= 1;
        if left == 0 { Poll::Ready(None) } else { Poll::Pending }
    })
    .await
}

/// How often an order with this id was sent.
fn times_sent(sim: &Sim, id: &str) -> usize {
    let is_it = |call: &&serde_json::Value| {
        call["method"] == "order.place" && call["params"]["newClientOrderId"] == id
    };
    sent(sim).iter().filter(is_it).count()
}

/// Waits until nothing is in flight: the answers to what was dropped come as well.
async fn settled<S: Socket>(api: &Api<S>) {
    while api.in_flight() > 0 {
        yield_now().await;
    }
}

/// Asks for an order, which is there or not.
async fn is_there<S: Socket>(api: &Api<S>, id: &str) -> bool {
    match api.fetch(&QueryOrder::by_client_id("BTCUSDT", id)).await {
        Ok(asked) => {
            assert_eq!(asked.client_order_id, id);
            true
        }
        Err(failure) => {
            assert_eq!(failure.code(), Some(ApiCode::NO_SUCH_ORDER), "{failure:?}");
            false
        }
    }
}

/// Places an order whose future is dropped after its first poll, its second, and so on until it comes to its end, each time
/// over what `open` gives. `most` is how often one may be sent.
async fn dropped_at_each_poll<S: Socket>(sim: &Sim, most: usize, open: impl Fn() -> Api<S>) {
    for polls in 1..100 {
        let api = open();
        let id = format!("order-{polls}");
        let placed = up_to(polls, api.fetch(&order(&id))).await;
        let ticker = TickerPrice::new().symbol("ETHUSDT");
        let price = api.send(&ticker).await.unwrap();
        assert_eq!(price.value().unwrap().one().unwrap().symbol, "ETHUSDT");
        let is_there = is_there(&api, &id).await;
        assert!(times_sent(sim, &id) <= most);
        settled(&api).await;
        if let Some(placed) = placed {
            assert_eq!((placed.unwrap().client_order_id.as_str(), is_there), (&*id, true));
            assert!(polls > 1, "it was never dropped");
            return;
        }
    }
    panic!("it does not come to its end");
}

fn a_call_over_an_open_connection<S: Socket>() {
    run(async {
        let sim = sim();
        let api = Setup::hmac(&sim).builder::<S>().spawn().unwrap();
        api.send(&TickerPrice::new().symbol("BTCUSDT")).await.unwrap();
        dropped_at_each_poll(&sim, 1, || api.clone()).await;
    });
}

fn a_call_that_waits_for_its_connection<S: Socket>() {
    run(async {
        let sim = sim();
        dropped_at_each_poll(&sim, 1, || Setup::hmac(&sim).builder::<S>().spawn().unwrap()).await;
    });
}

fn a_call_that_waits_for_the_logon<S: Socket>() {
    run(async {
        let sim = sim();
        let connections = Cell::new(0);
        let open = || {
            connections.set(connections.get() + 1);
            Setup::ed25519(&sim).log_on().builder::<S>().spawn().unwrap()
        };
        dropped_at_each_poll(&sim, 1, open).await;
        // Once on each, whatever was dropped.
        let logons = methods(&sim).iter().filter(|method| *method == "session.logon").count();
        assert_eq!(logons, connections.get());
    });
}

/// A clock that is an hour late.
struct Late;

impl TimeSource for Late {
    fn unix(&self) -> binance_core::Millis {
        binance_core::Millis(binance_http::clock::SystemTime.unix().0 - 3_600_000)
    }

    fn monotonic(&self) -> Duration {
        binance_http::clock::SystemTime.monotonic()
    }
}

fn a_call_whose_clock_has_to_be_measured<S: Socket>() {
    run(async {
        let sim = sim();
        // Sent again where the exchange refused the first one for its timestamp, and only then.
        dropped_at_each_poll(&sim, 2, || Setup::hmac(&sim).builder::<S>().time_source(Late).spawn().unwrap())
            .await;
    });
}

fn connecting_and_logging_on<S: Socket>() {
    run(async {
        // A new future of the driver's after every poll, after every other, and so on.
        for polls in 1..6 {
            let sim = sim();
            let (api, mut driver) = Setup::ed25519(&sim).log_on().builder::<S>().build().unwrap();
            let driving = tokio::spawn(async move {
                let (mut dropped, mut notices) = (0, Vec::new());
                loop {
                    match up_to(polls, driver.next()).await {
                        Some(Some(notice)) => notices.push(notice),
                        Some(None) => return (dropped, notices),
                        None => {
                            dropped += 1;
                            // What was dropped wakes nobody.
                            yield_now().await;
                        }
                    }
                }
            });
            for number in 0..20 {
                let id = format!("order-{number}");
                assert_eq!(api.fetch(&order(&id)).await.unwrap().client_order_id, *id);
                assert_eq!(times_sent(&sim, &id), 1);
            }
            assert_eq!(methods(&sim).iter().filter(|method| *method == "session.logon").count(), 1);
            drop(api);
            let (dropped, notices) = driving.await.unwrap();
            assert_eq!(notices, [Notice::Connected, Notice::LoggedOn, Notice::Ended]);
            assert!(dropped > 10 / polls, "{dropped}");
        }
    });
}

fn opening_a_connection_of_streams<S: Socket>() {
    run(async {
        let sim = sim();
        let connector = Connector::<S>::new(Base::new(Market::UsdM, &sim.urls().usdm_streams).unwrap());
        for polls in 1..100 {
            let opened = up_to(polls, connector.open(Route::Public)).await;
            // Another works all the same.
            let mut another = connector.open(Route::Public).await.unwrap();
            another.subscribe(&[&BookTickerStream::new("BTCUSDT")]).await.unwrap();
            if let Some(opened) = opened {
                opened.unwrap().subscribe(&[&BookTickerStream::new("BTCUSDT")]).await.unwrap();
                assert!(polls > 1, "it was never dropped");
                return;
            }
        }
        panic!("it does not come to its end");
    });
}

fn a_thousand_calls_leave_no_trace<S: Socket>() {
    run(async {
        let sim = sim();
        let api = Setup::hmac(&sim).max_in_flight(4).builder::<S>().spawn().unwrap();
        let ticker = TickerPrice::new().symbol("BTCUSDT");
        for number in 0..1_000 {
            let _ = up_to(1 + number % 3, api.send(&ticker)).await;
            assert!(api.in_flight() <= 4);
        }
        settled(&api).await;
        // All four places are there, at once.
        let mut all = JoinSet::new();
        for _ in 0..4 {
            let api = api.clone();
            all.spawn(async move { api.send(&TickerPrice::new().symbol("BTCUSDT")).await.map(|_| ()) });
        }
        while let Some(result) = all.join_next().await {
            result.unwrap().unwrap();
        }
        let sent = sent(&sim);
        let ids: BTreeSet<u64> = sent.iter().map(|call| call["id"].as_u64().unwrap()).collect();
        assert_eq!((ids.len(), api.in_flight()), (sent.len(), 0));
        assert!((300..=1_004).contains(&sent.len()), "{}", sent.len());
    });
}

fn each_caller_gets_its_own_answer_while_others_go_away<S: Socket>() {
    run(async {
        let sim = sim();
        let hosted = Hosted::<S>::open(Setup::hmac(&sim).max_in_flight(3)).unwrap();
        let mut callers = JoinSet::new();
        for number in 0..300_usize {
            let api = hosted.api.clone();
            callers.spawn(async move {
                let symbol = if number % 2 == 0 { "BTCUSDT" } else { "ETHUSDT" };
                let ticker = TickerPrice::new().symbol(symbol);
                // Two of three go away: while they wait for a place, just as they get it, or when they have it.
                let polls = if number % 3 == 0 { usize::MAX } else { 1 + number % 5 };
                let answer = up_to(polls, api.send(&ticker)).await;
                assert!(answer.is_some() || number % 3 != 0);
                if let Some(answer) = answer {
                    assert_eq!(answer.unwrap().value().unwrap().one().unwrap().symbol, symbol);
                }
            });
        }
        while let Some(result) = callers.join_next().await {
            result.unwrap();
        }
        settled(&hosted.api).await;
        // None waited for its deadline.
        assert!(hosted.notices() == [Notice::Connected], "{:?}", hosted.notices());
    });
}

fn a_call_that_is_dropped_before_there_is_a_connection_is_never_sent<S: Socket>() {
    run(async {
        let sim = sim();
        let (api, driver) = Setup::hmac(&sim).builder::<S>().build().unwrap();
        for number in 0..1_000 {
            let id = format!("never-{number}");
            assert!(up_to(1, api.fetch(&order(&id))).await.is_none());
        }
        let began = Instant::now();
        tokio::spawn(driver.run());
        let placed: <NewOrder<'_> as TypedCall>::Answer<'_> = api.fetch(&order("mine")).await.unwrap();
        assert_eq!(placed.client_order_id, "mine");
        assert_eq!(methods(&sim), ["order.place"]);
        // What they would have cost was given back.
        assert!(began.elapsed() < Duration::from_secs(5));
    });
}

over_each_adapter! {
    a_call_over_an_open_connection
    a_call_that_waits_for_its_connection
    a_call_that_waits_for_the_logon
    a_call_whose_clock_has_to_be_measured
    connecting_and_logging_on
    opening_a_connection_of_streams
    a_thousand_calls_leave_no_trace
    each_caller_gets_its_own_answer_while_others_go_away
    a_call_that_is_dropped_before_there_is_a_connection_is_never_sent
}
