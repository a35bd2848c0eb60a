//! The WebSocket API over each of the adapters for hosts, against the simulated exchange.
#![cfg(all(feature = "native", feature = "tungstenite"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use binance_core::{
    ApiCode, Outcome, coinm, dec,
    enums::Side,
    usdm::{
        market_data::TickerPrice,
        trade::{CancelOrder, NewOrder, QueryOrder},
        user_data_streams::{CloseUserDataStream, KeepaliveUserDataStream, StartUserDataStream},
    },
};
use binance_sign::{Credentials, Ed25519, Hmac, KeyKind, SignError};
use binance_sim::{Fault, Sim, What};
use binance_ws::{
    Base, Market,
    api::{CallError, Notice, Unanswered},
    hosted::{Api, ApiBuilder, Connector, Failure, Socket},
    session::{Config, Reason},
};
use common::LIMIT;
use tokio::{
    task::{JoinSet, yield_now},
    time::timeout,
};

fn run<F: Future<Output = ()>>(test: F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { timeout(LIMIT, test).await.expect("the test came to its end") });
}

fn sim() -> Sim {
    Sim::builder().quiet().start().unwrap()
}

fn at<S: Socket>(url: &str) -> ApiBuilder<S> {
    let mut config = Config::default();
    config.backoff_first = Duration::from_millis(10);
    config.backoff_most = Duration::from_millis(50);
    Connector::new(Base::new(Market::UsdM, url).unwrap()).config(config).api()
}

fn builder<S: Socket>(sim: &Sim) -> ApiBuilder<S> {
    let key = &sim.keys().hmac;
    let credentials = Credentials::new(&key.api_key, Hmac::new(key.secret.as_bytes())).unwrap();
    at(&sim.urls().usdm_api).credentials(credentials)
}

/// A handle whose driver runs.
fn open<S: Socket>(builder: ApiBuilder<S>) -> Api<S> {
    builder.spawn().unwrap()
}

/// An order that rests far below the market.
fn order(id: &str) -> NewOrder<'_> {
    NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.010"), dec!("20000.0")).new_client_order_id(id)
}

fn fault(sim: &Sim, what: What, method: &str) {
    sim.fault(Fault::new(what).on("WS", &format!("/ws-fapi/v1/{method}")));
}

/// The calls that the exchange was sent, in order.
fn sent(sim: &Sim) -> Vec<serde_json::Value> {
    let truth = sim.truth();
    let calls = truth.received.iter().filter(|request| request.method == "WS");
    calls.map(|request| serde_json::from_slice(&request.body).unwrap()).collect()
}

fn methods(sim: &Sim) -> Vec<String> {
    sent(sim).iter().map(|call| call["method"].as_str().unwrap().to_owned()).collect()
}

fn an_order_is_placed_asked_for_and_canceled<S: Socket>() {
    run(async {
        let sim = sim();
        let api = open::<S>(builder(&sim));
        let placed = api.send(&order("mine")).await.unwrap();
        let order_id = placed.value().unwrap().order_id;
        assert!(placed.rate_limits().into_iter().count() >= 2, "{}", placed.text());
        let asked = api.fetch(&QueryOrder::by_client_id("BTCUSDT", "mine")).await.unwrap();
        assert_eq!(asked.order_id, order_id);
        let canceled = api.fetch(&CancelOrder::by_id("BTCUSDT", order_id)).await.unwrap();
        assert_eq!(canceled.status.to_string(), "CANCELED");
        assert_eq!(sim.truth().order("mine").unwrap().status, "CANCELED");
        assert_eq!(methods(&sim), ["order.place", "order.status", "order.cancel"]);
    });
}

fn both_markets_and_the_key_of_user_data<S: Socket>() {
    run(async {
        let sim = sim();
        let key = &sim.keys().hmac;
        let credentials = || Credentials::new(&key.api_key, Hmac::new(key.secret.as_bytes())).unwrap();
        let base = Base::new(Market::CoinM, &sim.urls().coinm_api).unwrap();
        let coinm = open::<S>(Connector::new(base).api().credentials(credentials()));
        let order = coinm::trade::NewOrder::limit("BTCUSD_PERP", Side::Buy, 1.into(), dec!("20000.0"));
        let placed = coinm.fetch(&order.new_client_order_id("mine")).await.unwrap();
        assert_eq!(sim.truth().order("mine").unwrap().order_id, placed.order_id);
        // A method of the other market does not leave.
        let failure = coinm.fetch(&self::order("other")).await.unwrap_err();
        assert!(matches!(failure, Failure::NotSent(CallError::Market)), "{failure:?}");

        let usdm = open::<S>(builder(&sim));
        let first = usdm.fetch(&StartUserDataStream::new()).await.unwrap().listen_key;
        usdm.send(&KeepaliveUserDataStream::new()).await.unwrap();
        assert_eq!(usdm.fetch(&StartUserDataStream::new()).await.unwrap().listen_key, first);
        usdm.send(&CloseUserDataStream::new()).await.unwrap();
        assert_ne!(usdm.fetch(&StartUserDataStream::new()).await.unwrap().listen_key, first);
    });
}

fn a_refusal_is_told_with_its_code<S: Socket>() {
    run(async {
        let sim = sim();
        let api = open::<S>(builder(&sim));
        let failure = api.fetch(&CancelOrder::by_id("BTCUSDT", 9_999_999)).await.unwrap_err();
        assert_eq!((failure.outcome(), failure.code()), (Outcome::Rejected, Some(ApiCode::CANCEL_REJECTED)));
        fault(&sim, What::Timeout { processed: true }, "order.place");
        let failure = api.fetch(&order("mine")).await.unwrap_err();
        assert_eq!((failure.outcome(), failure.code()), (Outcome::Unknown, Some(ApiCode::TIMEOUT)));
        assert!(sim.truth().order("mine").is_some());
        // Without a key only public methods can be called.
        let public = open::<S>(at(&sim.urls().usdm_api));
        let failure = public.fetch(&order("other")).await.unwrap_err();
        assert!(matches!(failure, Failure::NotSent(CallError::NoCredentials)), "{failure:?}");
        assert!(public.send(&TickerPrice::new().symbol("BTCUSDT")).await.is_ok());
    });
}

fn answers_come_in_any_order<S: Socket>() {
    run(async {
        let sim = sim();
        let api = open::<S>(builder(&sim));
        fault(&sim, What::Delay(Duration::from_millis(300)), "order.place");
        let (order, other) = (order("slow"), QueryOrder::by_client_id("BTCUSDT", "slow"));
        let mut slow = pin!(api.fetch(&order));
        let asked = tokio::select! {
            biased;
            _ = &mut slow => panic!("the delayed one came first"),
            // It was sent after the order and is answered before it.
            asked = api.fetch(&other) => asked.unwrap(),
        };
        assert_eq!(api.in_flight(), 1);
        assert_eq!(slow.await.unwrap().order_id, asked.order_id);
    });
}

fn after_its_deadline_a_call_is_unknown<S: Socket>() {
    run(async {
        let sim = sim();
        let api = open::<S>(builder(&sim));
        for processed in [true, false] {
            let id = if processed { "done" } else { "not-done" };
            fault(&sim, What::Hang { processed }, "order.place");
            let failure = api.with_timeout(Duration::from_millis(300)).fetch(&order(id)).await.unwrap_err();
            assert!(matches!(failure, Failure::Unanswered(Unanswered::Deadline)), "{failure:?}");
            assert_eq!(failure.outcome(), Outcome::Unknown);
            assert_eq!(sim.truth().order(id).is_some(), processed);
        }
        // The connection goes on, and nothing was sent twice.
        api.fetch(&QueryOrder::by_client_id("BTCUSDT", "done")).await.unwrap();
        assert_eq!(methods(&sim), ["order.place", "order.place", "order.status"]);
    });
}

fn a_lost_socket_leaves_the_call_unknown_and_the_next_one_goes_through<S: Socket>() {
    run(async {
        let sim = sim();
        let api = open::<S>(builder(&sim));
        for (what, id, is_there) in [
            (What::CloseBeforeProcessing, "a", false),
            (What::CloseAfterProcessing, "b", true),
            (What::ResetBeforeProcessing, "c", false),
            (What::ResetAfterProcessing, "d", true),
        ] {
            fault(&sim, what, "order.place");
            let failure = api.fetch(&order(id)).await.unwrap_err();
            assert!(matches!(failure, Failure::Unanswered(Unanswered::Lost(_))), "{failure:?}");
            assert_eq!(failure.outcome(), Outcome::Unknown);
            // Whoever does not know asks.
            let asked = api.fetch(&QueryOrder::by_client_id("BTCUSDT", id)).await;
            assert_eq!(asked.is_ok(), is_there, "{asked:?}");
            assert_eq!(sim.truth().order(id).is_some(), is_there);
        }
        assert_eq!(sim.truth().count("WS", "/ws-fapi/v1/order.place"), 4);
    });
}

fn every_connection_is_logged_on_before_anything_else<S: Socket>() {
    run(async {
        let sim = sim();
        let key = &sim.keys().ed25519;
        let signer = Ed25519::from_pem(key.secret.as_bytes()).unwrap();
        let credentials = Credentials::new(&key.api_key, signer).unwrap();
        let (api, mut driver) =
            at::<S>(&sim.urls().usdm_api).credentials(credentials).log_on().build().unwrap();
        let notices = tokio::spawn(async move {
            let mut notices = Vec::new();
            while let Some(notice) = driver.next().await {
                notices.push(notice);
            }
            notices
        });
        api.fetch(&order("first")).await.unwrap();
        fault(&sim, What::CloseAfterProcessing, "order.place");
        assert_eq!(api.fetch(&order("second")).await.unwrap_err().outcome(), Outcome::Unknown);
        api.fetch(&order("third")).await.unwrap();
        drop(api);
        let notices = notices.await.unwrap();
        assert_eq!(notices.iter().filter(|notice| **notice == Notice::LoggedOn).count(), 2, "{notices:?}");
        assert_eq!(notices.last(), Some(&Notice::Ended));
        let calls = sent(&sim);
        let methods: Vec<_> = calls.iter().map(|call| call["method"].as_str().unwrap()).collect();
        assert_eq!(methods, ["session.logon", "order.place", "order.place", "session.logon", "order.place"]);
        for call in calls.iter().filter(|call| call["method"] == "order.place") {
            let params = call["params"].as_object().unwrap();
            assert!(!params.contains_key("signature") && !params.contains_key("apiKey"), "{call}");
        }
        assert!(["first", "second", "third"].iter().all(|id| sim.truth().order(id).is_some()));
        // Other keys are refused before anything is sent.
        let refused = builder::<S>(&sim).log_on().build().unwrap_err();
        assert_eq!(refused, CallError::Sign(SignError::Kind(KeyKind::Hmac)));
        assert_eq!(sent(&sim).len(), 5);
    });
}

fn a_thousand_calls_are_in_flight_at_once_and_each_has_its_own_answer<S: Socket>() {
    run(async {
        let sim = sim();
        let api = open::<S>(builder(&sim).max_in_flight(1_000));
        let mut calls = JoinSet::new();
        for number in 0..1_000 {
            let api = api.clone();
            calls.spawn(async move {
                let symbol = if number % 3 == 0 { "ETHUSDT" } else { "BTCUSDT" };
                let reply = api.send(&TickerPrice::new().symbol(symbol)).await.unwrap();
                assert_eq!(reply.value().unwrap().one().unwrap().symbol, symbol);
            });
        }
        let mut most = 0;
        while !calls.is_empty() {
            most = most.max(api.in_flight());
            while let Some(result) = calls.try_join_next() {
                result.unwrap();
            }
            yield_now().await;
        }
        assert!(most > 500, "{most} at once");
        assert_eq!((api.in_flight(), sent(&sim).len()), (0, 1_000));
    });
}

fn a_full_table_makes_calls_wait<S: Socket>() {
    run(async {
        let sim = sim();
        let api = open::<S>(builder(&sim).max_in_flight(2));
        let mut calls = JoinSet::new();
        for _ in 0..50 {
            let api = api.clone();
            calls.spawn(async move {
                assert!(api.in_flight() <= 2);
                api.send(&TickerPrice::new().symbol("BTCUSDT")).await.unwrap();
            });
        }
        while let Some(result) = calls.join_next().await {
            result.unwrap();
        }
        assert_eq!(sent(&sim).len(), 50);
    });
}

fn a_call_that_is_dropped_harms_no_other<S: Socket>() {
    run(async {
        let sim = sim();
        let api = open::<S>(builder(&sim));
        // Before there is a connection: nothing is sent.
        let mut cx = Context::from_waker(Waker::noop());
        assert!(pin!(api.fetch(&order("never"))).poll(&mut cx).is_pending());
        for polls in 1..6 {
            let id = format!("dropped-{polls}");
            api.send(&TickerPrice::new().symbol("BTCUSDT")).await.unwrap();
            let before = sim.truth().count("WS", "/ws-fapi/v1/order.place");
            {
                let order = order(&id);
                let mut call = pin!(api.fetch(&order));
                for _ in 0..polls {
                    if let Poll::Ready(result) = call.as_mut().poll(&mut cx) {
                        result.unwrap();
                        break;
                    }
                    yield_now().await;
                }
            }
            // It was written by its first poll, once, and is carried out although nobody waits.
            api.fetch(&QueryOrder::by_client_id("BTCUSDT", &id)).await.unwrap();
            assert_eq!(sim.truth().count("WS", "/ws-fapi/v1/order.place"), before + 1);
            assert_eq!(api.in_flight(), 0);
        }
        assert!(sim.truth().order("never").is_none());
    });
}

fn without_a_driver_nothing_hangs<S: Socket>() {
    run(async {
        let sim = sim();
        let (api, driver) = builder::<S>(&sim).build().unwrap();
        // Not driven: it waits for a connection until its time is over.
        let failure = api.with_timeout(Duration::from_millis(50)).fetch(&order("a")).await.unwrap_err();
        assert!(matches!(failure, Failure::NotSent(CallError::NotReady)), "{failure:?}");
        let driving = tokio::spawn(driver.run());
        fault(&sim, What::Hang { processed: true }, "order.place");
        let calling = tokio::spawn({
            let api = api.clone();
            async move { api.fetch(&order("b")).await }
        });
        while sim.truth().order("b").is_none() {
            yield_now().await;
        }
        driving.abort();
        let failure = calling.await.unwrap().unwrap_err();
        assert!(matches!(failure, Failure::Unanswered(Unanswered::Lost(Reason::Here))), "{failure:?}");
        let failure = api.fetch(&order("c")).await.unwrap_err();
        assert!(matches!(failure, Failure::NotSent(CallError::Ended)), "{failure:?}");
        assert_eq!(failure.outcome(), Outcome::NotSent);
    });
}

fn a_host_that_is_not_there_is_waited_for_until_the_deadline<S: Socket>() {
    run(async {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let api = open::<S>(at(&format!("ws://{free}/ws-fapi/v1")));
        let ticker = TickerPrice::new().symbol("BTCUSDT");
        let failure = api.with_timeout(Duration::from_millis(200)).send(&ticker).await.unwrap_err();
        assert!(matches!(failure, Failure::NotSent(CallError::NotReady)), "{failure:?}");
        assert!(api.take_connect_error().is_some());
        // A key goes to other machines encrypted or not at all.
        let credentials = Credentials::new("key", Hmac::new(b"secret")).unwrap();
        let open = at::<S>("ws://192.0.2.1/ws-fapi/v1").credentials(credentials).build();
        assert_eq!(open.unwrap_err(), CallError::Insecure);
    });
}

over_each_adapter! {
    an_order_is_placed_asked_for_and_canceled
    both_markets_and_the_key_of_user_data
    a_refusal_is_told_with_its_code
    answers_come_in_any_order
    after_its_deadline_a_call_is_unknown
    a_lost_socket_leaves_the_call_unknown_and_the_next_one_goes_through
    every_connection_is_logged_on_before_anything_else
    a_thousand_calls_are_in_flight_at_once_and_each_has_its_own_answer
    a_full_table_makes_calls_wait
    a_call_that_is_dropped_harms_no_other
    without_a_driver_nothing_hangs
    a_host_that_is_not_there_is_waited_for_until_the_deadline
}
