//! Connections of the WebSocket API that end, are replaced, or go wrong at any moment, over each of the adapters.
#![cfg(all(feature = "native", feature = "tungstenite"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[path = "common/calls.rs"]
mod calls;
mod common;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use binance_core::{
    Outcome,
    usdm::{market_data::TickerPrice, trade::QueryOrder},
    ws_api::TypedCall,
};
use binance_sim::{Fault, Unavailable, What};
use binance_ws::{
    api::Notice,
    hosted::Socket,
    session::{Cause, Config},
};
use calls::{Adapter, Hosted, Setup, methods, order, run, sent, sim};
use common::{accept, hear, id, say, serve};
use tokio::{sync::Notify, task::JoinSet, time::sleep};

fn ticker() -> TickerPrice<'static> {
    TickerPrice::new().symbol("BTCUSDT")
}

/// What the answer to a call of [`ticker`] is, where the price is the call's number.
fn answer(call: &str) -> String {
    let id = id(call);
    format!(r#"{{"id":{id},"status":200,"result":{{"symbol":"BTCUSDT","price":"{id}"}}}}"#)
}

fn a_connection_is_replaced_before_its_end_and_no_call_is_lost_or_sent_twice<A: Adapter>() {
    run(async {
        let sim = sim();
        // In place of 23 hours. Some calls are on their way for longer than that.
        let mut config = Config::default();
        (config.rotate_after, config.rotate_spread) = (Duration::from_millis(150), Duration::ZERO);
        let delay = What::Delay(Duration::from_millis(250));
        sim.fault(Fault::new(delay).on("WS", "/ws-fapi/v1/order.place").with_probability(0.2).always());
        let setup = Setup::ed25519(&sim).log_on().config(config).max_in_flight(1_000);
        let api = A::open(setup).unwrap();
        let replaced = || {
            let notices = api.notices();
            notices.iter().filter(|notice| **notice == Notice::Replacing { cause: Cause::Age }).count()
        };
        let (mut calls, mut number) = (JoinSet::new(), 0);
        while replaced() < 3 {
            let (api, id) = (api.clone(), format!("order-{number}"));
            calls.spawn(async move {
                let placed = api.send(&order(&id)).await.unwrap();
                let placed = order(&id).read(placed.result()).unwrap();
                assert_eq!(placed.client_order_id, id.as_str());
            });
            number += 1;
            sleep(Duration::from_millis(10)).await;
            // An account has no more than 200 open orders; beyond some, the last replacements are waited for without.
            while number >= 150 && replaced() < 3 {
                sleep(Duration::from_millis(10)).await;
            }
        }
        while let Some(result) = calls.join_next().await {
            result.unwrap();
        }
        let notices = api.notices();
        assert!(!notices.iter().any(|notice| matches!(notice, Notice::Lost { .. })), "{notices:?}");
        // Each was sent once, and each connection was logged on before a call went over it: none is signed.
        let sent = sent(&sim);
        let placed = sent.iter().filter(|call| call["method"] == "order.place");
        let ids: Vec<_> = placed.map(|call| call["params"]["newClientOrderId"].to_string()).collect();
        assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (number, number));
        assert_eq!(sim.truth().orders.len(), number);
        let is_signed = |call: &serde_json::Value| call["params"].get("signature").is_some();
        assert!(sent.iter().all(|call| is_signed(call) == (call["method"] == "session.logon")));
    });
}

fn an_announced_end_is_one_without_a_loss<S: Socket>() {
    run(async {
        let moved = Arc::new(Notify::new());
        let heard = Arc::<Mutex<Vec<(usize, String)>>>::default();
        let closed = Arc::new(Notify::new());
        let server = {
            let (moved, heard, closed) = (Arc::clone(&moved), Arc::clone(&heard), Arc::clone(&closed));
            move |number, stream| {
                let (moved, heard, closed) = (Arc::clone(&moved), Arc::clone(&heard), Arc::clone(&closed));
                async move {
                    let (_, mut socket) = accept(stream).await;
                    let call = hear(&mut socket).await.unwrap();
                    heard.lock().unwrap().push((number, id(&call)));
                    if number == 0 {
                        say(&mut socket, r#"{"e":"serverShutdown","E":1770123456789}"#).await;
                        // Its answer comes after the next call has gone over the other connection.
                        moved.notified().await;
                        say(&mut socket, answer(&call)).await;
                        assert_eq!(hear(&mut socket).await, None, "nothing goes over the old one any more");
                        closed.notify_one();
                    } else {
                        say(&mut socket, answer(&call)).await;
                        moved.notify_one();
                        while let Some(call) = hear(&mut socket).await {
                            heard.lock().unwrap().push((number, id(&call)));
                            say(&mut socket, answer(&call)).await;
                        }
                    }
                }
            }
        };
        let address = serve(server).await;
        let api = Hosted::<S>::open(Setup::at(&format!("ws://{address}/ws-fapi/v1"))).unwrap();
        let first = tokio::spawn({
            let api = api.clone();
            async move { api.send(&ticker()).await.unwrap().result().to_owned() }
        });
        let connected = || api.notices().iter().filter(|n| **n == Notice::Connected).count();
        while connected() < 2 {
            tokio::task::yield_now().await;
        }
        assert!(!first.is_finished());
        let second = api.send(&ticker()).await.unwrap();
        assert!(second.result().contains(r#""price":"2""#), "{}", second.result());
        assert!(first.await.unwrap().contains(r#""price":"1""#));
        closed.notified().await;
        api.send(&ticker()).await.unwrap();
        let numbered = |number, id: &str| (number, id.to_owned());
        assert_eq!(*heard.lock().unwrap(), [numbered(0, "1"), numbered(1, "2"), numbered(1, "3")]);
        let replacing = Notice::Replacing { cause: Cause::Shutdown };
        assert_eq!(api.notices(), [Notice::Connected, replacing, Notice::Connected]);
    });
}

fn a_thousand_calls_in_flight_are_answered_from_the_last_to_the_first<A: Adapter>() {
    run(async {
        let address = serve(|_, stream| async {
            let (_, mut socket) = accept(stream).await;
            let mut calls = Vec::new();
            // All are there before any has its answer.
            while calls.len() < 1_000 {
                calls.push(hear(&mut socket).await.unwrap());
            }
            for call in calls.iter().rev() {
                say(&mut socket, answer(call)).await;
            }
            common::drain(&mut socket).await;
        })
        .await;
        let api = A::open(Setup::at(&format!("ws://{address}/ws-fapi/v1")).max_in_flight(1_000)).unwrap();
        let mut calls = JoinSet::new();
        for _ in 0..1_000 {
            let api = api.clone();
            calls.spawn(async move { api.send(&ticker()).await.unwrap().result().to_owned() });
        }
        let mut prices = BTreeSet::new();
        while let Some(result) = calls.join_next().await {
            assert!(prices.insert(result.unwrap()));
        }
        assert_eq!((prices.len(), api.in_flight()), (1_000, 0));
    });
}

/// What is known about a call is true, wherever something goes wrong, and the next call goes through.
fn whatever_goes_wrong_at_any_moment_what_is_told_is_true<A: Adapter>() {
    run(async {
        let sim = sim();
        let (handshake, logon, place) =
            ("/ws-fapi/v1", "/ws-fapi/v1/session.logon", "/ws-fapi/v1/order.place");
        let request = |what: &What| {
            [("GET", handshake), ("WS", logon), ("WS", place)]
                .map(|(method, path)| Fault::new(what.clone()).on(method, path))
        };
        let mut faults = vec![Fault::new(What::DropConnection), Fault::new(What::ResetConnection)];
        faults.push(Fault::new(What::MuteConnection));
        faults.push(Fault::new(What::DelayConnection(Duration::from_millis(50))));
        for what in [
            What::CloseBeforeProcessing,
            What::ResetBeforeProcessing,
            What::CloseAfterProcessing,
            What::ResetAfterProcessing,
            What::Hang { processed: true },
            What::Hang { processed: false },
            What::BadGateway,
            What::InternalError,
            What::Unavailable(Unavailable::Unknown),
            What::Unavailable(Unavailable::Failed),
            What::Unavailable(Unavailable::Throttled),
            What::TooManyRequests { retry_after: 0 },
            What::Timeout { processed: true },
            What::Timeout { processed: false },
            What::GarbageBody,
            What::CutBody,
            What::Duplicate,
            What::ByteByByte,
            What::CorruptByte,
        ] {
            faults.extend(request(&what));
        }
        let mut config = Config::default();
        (config.connect_timeout, config.ack_timeout) =
            (Duration::from_millis(200), Duration::from_millis(200));
        (config.backoff_first, config.backoff_most) = (Duration::from_millis(5), Duration::from_millis(20));
        let mut outcomes = BTreeSet::new();
        for (number, fault) in faults.into_iter().enumerate() {
            let name = format!("{fault:?}");
            let api = A::open(Setup::ed25519(&sim).log_on().config(config)).unwrap();
            sim.fault(fault);
            let id = format!("order-{number}");
            let hasty = api.with_timeout(Duration::from_millis(700));
            let outcome = match hasty.send(&order(&id)).await {
                Ok(_) => None,
                Err(failure) => Some(failure.outcome()),
            };
            // As it is told so it is, once the exchange answers again.
            let patient = api.with_timeout(Duration::from_secs(5));
            let is_there = patient.send(&QueryOrder::by_client_id("BTCUSDT", &id)).await.is_ok();
            match outcome {
                None => assert!(is_there, "{name}"),
                Some(Outcome::NotSent | Outcome::Rejected) => assert!(!is_there, "{name}: {outcome:?}"),
                Some(_) => {}
            }
            let placed = sent(&sim).iter().filter(|call| call["params"]["newClientOrderId"] == id).count();
            assert!(placed <= 1, "{name}: sent {placed} times");
            assert_eq!(is_there, sim.truth().order(&id).is_some(), "{name}");
            assert!(outcome != Some(Outcome::NotSent) || placed == 0, "{name}");
            outcomes.insert(format!("{outcome:?}"));
            sim.clear_faults();
        }
        assert_eq!(outcomes.len(), 3, "{outcomes:?}");
        assert!(methods(&sim).iter().filter(|method| *method == "session.logon").count() > 50);
    });
}

over_each_adapter_and_the_embedded_one! {
    a_connection_is_replaced_before_its_end_and_no_call_is_lost_or_sent_twice
    a_thousand_calls_in_flight_are_answered_from_the_last_to_the_first
    whatever_goes_wrong_at_any_moment_what_is_told_is_true
}

over_each_adapter! {
    an_announced_end_is_one_without_a_loss
}
