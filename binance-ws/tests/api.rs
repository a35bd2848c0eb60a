//! The WebSocket API over each of the adapters, one list of scenarios, against the simulated exchange.
#![cfg(all(feature = "native", feature = "tungstenite"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[path = "common/calls.rs"]
mod calls;
mod common;

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use binance_core::{
    ApiCode, Millis, Outcome, coinm, dec,
    enums::Side,
    usdm::{
        market_data::TickerPrice,
        trade::{CancelOrder, NewOrder, QueryOrder},
        user_data_streams::{CloseUserDataStream, KeepaliveUserDataStream, StartUserDataStream},
    },
    ws_api::TypedCall,
};
use binance_http::{clock::TimeSource, place::Fate};
use binance_sign::{Hmac, KeyKind, Rsa, SignError};
use binance_sim::{Sim, What};
use binance_ws::{
    Market,
    api::{CallError, Notice, Unanswered},
    hosted::{self, Socket},
    session::Reason,
};
use calls::{Adapter, Failure, Setup, fault, methods, order, run, sent, sim};
use futures_util::{SinkExt, StreamExt};
use tokio::task::{JoinSet, yield_now};
use tokio_tungstenite::tungstenite::Message;

fn an_order_is_placed_asked_for_and_canceled<A: Adapter>() {
    run(async {
        let sim = sim();
        let api = A::open(Setup::hmac(&sim)).unwrap();
        let placed = api.send(&order("mine")).await.unwrap();
        let order_id = order("mine").read(placed.result()).unwrap().order_id;
        assert!(placed.rate_limits().into_iter().count() >= 2, "{:?}", placed.rate_limits());
        let asked = api.fetch(&QueryOrder::by_client_id("BTCUSDT", "mine")).await.unwrap();
        assert_eq!(asked.order_id, order_id);
        let canceled = api.fetch(&CancelOrder::by_id("BTCUSDT", order_id)).await.unwrap();
        assert_eq!(canceled.status.to_string(), "CANCELED");
        assert_eq!(sim.truth().order("mine").unwrap().status, "CANCELED");
        assert_eq!(methods(&sim), ["order.place", "order.status", "order.cancel"]);
    });
}

fn both_markets_and_the_key_of_user_data<A: Adapter>() {
    run(async {
        let sim = sim();
        let key = &sim.keys().hmac;
        let setup = Setup::of(Market::CoinM, &sim.urls().coinm_api);
        let coinm = A::open(setup.key(&key.api_key, Hmac::new(key.secret.as_bytes()))).unwrap();
        let order = coinm::trade::NewOrder::limit("BTCUSD_PERP", Side::Buy, 1.into(), dec!("20000.0"));
        let placed = coinm.fetch(&order.new_client_order_id("mine")).await.unwrap();
        assert_eq!(sim.truth().order("mine").unwrap().order_id, placed.order_id);
        // A method of the other market does not leave.
        let failure = coinm.fetch(&calls::order("other")).await.unwrap_err();
        assert!(matches!(failure, Failure::NotSent(CallError::Market)), "{failure:?}");

        let usdm = A::open(Setup::hmac(&sim)).unwrap();
        let first = usdm.fetch(&StartUserDataStream::new()).await.unwrap().listen_key;
        usdm.send(&KeepaliveUserDataStream::new()).await.unwrap();
        assert_eq!(usdm.fetch(&StartUserDataStream::new()).await.unwrap().listen_key, first);
        usdm.send(&CloseUserDataStream::new()).await.unwrap();
        assert_ne!(usdm.fetch(&StartUserDataStream::new()).await.unwrap().listen_key, first);
    });
}

fn a_refusal_is_told_with_its_code<A: Adapter>() {
    run(async {
        let sim = sim();
        let api = A::open(Setup::hmac(&sim)).unwrap();
        let failure = api.fetch(&CancelOrder::by_id("BTCUSDT", 9_999_999)).await.unwrap_err();
        assert_eq!((failure.outcome(), failure.code()), (Outcome::Rejected, Some(ApiCode::CANCEL_REJECTED)));
        fault(&sim, What::Timeout { processed: true }, "order.place");
        let failure = api.fetch(&order("mine")).await.unwrap_err();
        assert_eq!((failure.outcome(), failure.code()), (Outcome::Unknown, Some(ApiCode::TIMEOUT)));
        assert!(sim.truth().order("mine").is_some());
        // Without a key only public methods can be called.
        let public = A::open(Setup::at(&sim.urls().usdm_api)).unwrap();
        let failure = public.fetch(&order("other")).await.unwrap_err();
        assert!(matches!(failure, Failure::NotSent(CallError::NoCredentials)), "{failure:?}");
        assert!(public.send(&TickerPrice::new().symbol("BTCUSDT")).await.is_ok());
    });
}

fn every_kind_of_key_signs_any_script<A: Adapter>() {
    run(async {
        let sim = sim();
        let rsa = &sim.keys().rsa;
        let setups = [
            Setup::hmac(&sim),
            Setup::ed25519(&sim),
            Setup::at(&sim.urls().usdm_api).key(&rsa.api_key, Rsa::from_pem(rsa.secret.as_bytes()).unwrap()),
        ];
        for (number, setup) in setups.into_iter().enumerate() {
            let api = A::open(setup).unwrap();
            let id = format!("mine-{number}");
            api.fetch(&order(&id)).await.unwrap();
            // The exchange finds what is signed right, and then that there is no such order.
            let call = QueryOrder::by_client_id("币安人生USDT", &id);
            assert_eq!(api.fetch(&call).await.unwrap_err().code(), Some(ApiCode::NO_SUCH_ORDER));
            assert!(sim.truth().order(&id).is_some());
        }
        // As it was sent: the text itself, whole numbers bare, decimals as texts.
        let text = sent(&sim).iter().map(ToString::to_string).collect::<String>();
        assert!(
            text.contains(r#""symbol":"币安人生USDT""#) && text.contains(r#""price":"20000.0""#),
            "{text}"
        );
        assert!(sent(&sim).iter().all(|call| call["params"]["timestamp"].is_i64()));
    });
}

fn answers_come_in_any_order<A: Adapter>() {
    run(async {
        let sim = sim();
        let api = A::open(Setup::hmac(&sim)).unwrap();
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

fn after_its_deadline_a_call_is_unknown<A: Adapter>() {
    run(async {
        let sim = sim();
        let api = A::open(Setup::hmac(&sim)).unwrap();
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

fn a_lost_socket_leaves_the_call_unknown_and_the_next_one_goes_through<A: Adapter>() {
    run(async {
        let sim = sim();
        let api = A::open(Setup::hmac(&sim)).unwrap();
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

fn every_connection_is_logged_on_before_anything_else<A: Adapter>() {
    run(async {
        let sim = sim();
        let api = A::open(Setup::ed25519(&sim).log_on()).unwrap();
        api.fetch(&order("first")).await.unwrap();
        fault(&sim, What::CloseAfterProcessing, "order.place");
        assert_eq!(api.fetch(&order("second")).await.unwrap_err().outcome(), Outcome::Unknown);
        api.fetch(&order("third")).await.unwrap();
        let logons = api.notices().into_iter().filter(|notice| *notice == Notice::LoggedOn).count();
        assert_eq!(logons, 2, "{:?}", api.notices());
        let calls = sent(&sim);
        let methods: Vec<_> = calls.iter().map(|call| call["method"].as_str().unwrap()).collect();
        assert_eq!(methods, ["session.logon", "order.place", "order.place", "session.logon", "order.place"]);
        for call in calls.iter().filter(|call| call["method"] == "order.place") {
            let params = call["params"].as_object().unwrap();
            assert!(!params.contains_key("signature") && !params.contains_key("apiKey"), "{call}");
        }
        assert!(["first", "second", "third"].iter().all(|id| sim.truth().order(id).is_some()));
        // Other keys are refused before anything is sent.
        let refused = A::open(Setup::hmac(&sim).log_on()).err();
        assert_eq!(refused, Some(CallError::Sign(SignError::Kind(KeyKind::Hmac))));
        assert_eq!(sent(&sim).len(), 5);
    });
}

fn a_thousand_calls_are_in_flight_at_once_and_each_has_its_own_answer<A: Adapter>() {
    run(async {
        let sim = sim();
        let api = A::open(Setup::hmac(&sim).max_in_flight(1_000)).unwrap();
        let mut calls = JoinSet::new();
        for number in 0..1_000 {
            let api = api.clone();
            calls.spawn(async move {
                let symbol = if number % 3 == 0 { "ETHUSDT" } else { "BTCUSDT" };
                let reply = api.send(&TickerPrice::new().symbol(symbol)).await.unwrap();
                let price = TickerPrice::new().symbol(symbol).read(reply.result()).unwrap();
                assert_eq!(price.one().unwrap().symbol, symbol);
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

fn a_full_table_makes_calls_wait<A: Adapter>() {
    run(async {
        let sim = sim();
        let api = A::open(Setup::hmac(&sim).max_in_flight(2)).unwrap();
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

fn a_ping_in_the_middle_is_answered_before_the_call<A: Adapter>() {
    run(async {
        // Answers a call after its ping is answered.
        let address = common::serve(|_, stream| async move {
            let (path, mut socket) = common::accept(stream).await;
            assert_eq!(path, "/ws-fapi/v1");
            while let Some(call) = common::hear(&mut socket).await {
                socket.send(Message::Ping("1568014460893".into())).await.unwrap();
                let pong = socket.next().await.unwrap().unwrap();
                assert_eq!(pong, Message::Pong("1568014460893".into()));
                let id = common::id(&call);
                let answer =
                    format!(r#"{{"id":{id},"status":200,"result":{{"symbol":"BTCUSDT","price":"{id}"}}}}"#);
                common::say(&mut socket, answer).await;
            }
        })
        .await;
        let api = A::open(Setup::at(&format!("ws://{address}/ws-fapi/v1"))).unwrap();
        let ticker = TickerPrice::new().symbol("BTCUSDT");
        for number in 1..=3 {
            let told = api.send(&ticker).await.unwrap();
            assert_eq!(ticker.read(told.result()).unwrap().one().unwrap().price, number.into());
        }
    });
}

fn without_a_driver_nothing_hangs<S: Socket>() {
    run(async {
        let sim = sim();
        let (api, driver) = Setup::hmac(&sim).builder::<S>().build().unwrap();
        // Not driven: it waits for a connection until its time is over.
        let failure = api.with_timeout(Duration::from_millis(50)).fetch(&order("a")).await.unwrap_err();
        assert!(matches!(failure, hosted::Failure::NotSent(CallError::NotReady)), "{failure:?}");
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
        assert!(
            matches!(failure, hosted::Failure::Unanswered(Unanswered::Lost(Reason::Here))),
            "{failure:?}"
        );
        let failure = api.fetch(&order("c")).await.unwrap_err();
        assert!(matches!(failure, hosted::Failure::NotSent(CallError::Ended)), "{failure:?}");
        assert_eq!(failure.outcome(), Outcome::NotSent);
    });
}

fn a_host_that_is_not_there_is_waited_for_until_the_deadline<A: Adapter>() {
    run(async {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let api = A::open(Setup::at(&format!("ws://{free}/ws-fapi/v1"))).unwrap();
        let ticker = TickerPrice::new().symbol("BTCUSDT");
        let failure = api.with_timeout(Duration::from_millis(200)).send(&ticker).await.unwrap_err();
        assert!(matches!(failure, Failure::NotSent(CallError::NotReady)), "{failure:?}");
        // A key goes to other machines encrypted or not at all.
        let open = Setup::at("ws://192.0.2.1/ws-fapi/v1").key("key", Hmac::new(b"secret"));
        assert_eq!(A::open(open).err(), Some(CallError::Insecure));
    });
}

fn an_attempt_that_failed_is_told_once<S: Socket>() {
    run(async {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let api = Setup::at(&format!("ws://{free}/ws-fapi/v1")).builder::<S>().spawn().unwrap();
        let error = loop {
            match api.take_connect_error() {
                Some(error) => break error,
                None => yield_now().await,
            }
        };
        assert!(matches!(error, hosted::ConnectError::Dial(_)), "{error:?}");
    });
}

/// A clock that is moved by hand, as the exchange's.
#[derive(Clone)]
struct ByHand(Arc<AtomicI64>);

impl TimeSource for ByHand {
    fn unix(&self) -> Millis {
        Millis(self.0.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed).unsigned_abs())
    }
}

fn an_order_that_may_have_been_placed_is_resolved<S: Socket>() {
    run(async {
        let sim = Sim::builder().quiet().manual_time().start().unwrap();
        let clock = ByHand(Arc::new(AtomicI64::new(sim.now())));
        let api = Setup::hmac(&sim).builder::<S>().time_source(clock.clone()).spawn().unwrap();
        let asked = || sim.truth().count("WS", "/ws-fapi/v1/order.status");
        // Each time the exchange is asked and does not know, some seconds pass.
        let passes = async || {
            let mut seen = asked();
            loop {
                yield_now().await;
                if asked() > seen {
                    seen = asked();
                    sim.advance(Duration::from_secs(3));
                    clock.0.store(sim.now(), Ordering::Relaxed);
                }
            }
        };
        let order = NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.010"), dec!("20000.0"));
        for (what, is_there) in [
            (What::CloseBeforeProcessing, false),
            (What::CloseAfterProcessing, true),
            (What::Timeout { processed: false }, false),
            (What::Timeout { processed: true }, true),
        ] {
            fault(&sim, what, "order.place");
            let failure = api.place(&order).await.unwrap_err();
            assert_eq!(failure.outcome(), Outcome::Unknown, "{failure}");
            let pending = failure.order;
            let fate = tokio::select! {
                fate = api.resolve(&pending) => fate.unwrap(),
                _ = passes() => unreachable!("time passes for ever"),
            };
            match fate {
                Fate::Placed(reply) => {
                    assert!(is_there);
                    assert_eq!(reply.value().unwrap().client_order_id, pending.client_order_id());
                }
                Fate::NotPlaced => {
                    assert!(!is_there);
                    assert!(sim.now() > pending.impossible_after().0);
                }
            }
            assert_eq!(sim.truth().order(pending.client_order_id()).is_some(), is_there);
        }
        // None was sent again, and one that is answered is placed under the id that it has.
        assert_eq!(sim.truth().count("WS", "/ws-fapi/v1/order.place"), 4);
        let placed = api.place(&order.new_client_order_id("mine")).await.unwrap();
        assert_eq!(placed.value().unwrap().client_order_id, "mine");
        // There is nobody to ask when the connection is closed.
        fault(&sim, What::CloseAfterProcessing, "order.place");
        let pending = api.place(&order).await.unwrap_err().order;
        api.close();
        let failure = api.resolve(&pending).await.unwrap_err();
        assert!(matches!(failure, hosted::Failure::NotSent(CallError::Ended)), "{failure:?}");
    });
}

over_each_adapter_and_the_embedded_one! {
    an_order_is_placed_asked_for_and_canceled
    both_markets_and_the_key_of_user_data
    a_refusal_is_told_with_its_code
    every_kind_of_key_signs_any_script
    answers_come_in_any_order
    after_its_deadline_a_call_is_unknown
    a_lost_socket_leaves_the_call_unknown_and_the_next_one_goes_through
    every_connection_is_logged_on_before_anything_else
    a_thousand_calls_are_in_flight_at_once_and_each_has_its_own_answer
    a_full_table_makes_calls_wait
    a_ping_in_the_middle_is_answered_before_the_call
    a_host_that_is_not_there_is_waited_for_until_the_deadline
}

over_each_adapter! {
    without_a_driver_nothing_hangs
    an_attempt_that_failed_is_told_once
    an_order_that_may_have_been_placed_is_resolved
}
