//! What the WebSocket API shares with REST, the budget and the clock, over each of the adapters for hosts and against the
//! simulated exchange.
#![cfg(all(feature = "native", feature = "tungstenite"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[path = "common/calls.rs"]
mod calls;
mod common;

use std::{sync::Arc, time::Duration};

use binance_core::{
    ApiCode, Market, Millis, Outcome, coinm,
    usdm::{
        market_data::TickerPrice,
        trade::{CancelOrder, QueryOrder},
    },
};
use binance_http::{
    Client, Error,
    budget::{Limit, Rules},
    clock::{SystemTime, TimeSource},
    pool::{InProcess, Pool},
};
use binance_sign::{Credentials, Hmac};
use binance_sim::{Fault, Sim, What};
use binance_ws::{
    api::Notice,
    hosted::{ConnectError, Failure, Socket},
};
use calls::{Adapter, Hosted, Setup, fault, methods, order, run, sim};
use tokio::time::Instant;

fn hmac(sim: &Sim) -> Credentials<Hmac> {
    let key = &sim.keys().hmac;
    Credentials::new(&key.api_key, Hmac::new(key.secret.as_bytes())).unwrap()
}

/// A client of REST of the same account.
fn rest(sim: &Sim) -> binance_http::Builder<binance_http::hyper::Hyper> {
    Client::builder().base_url(&sim.urls().rest).credentials(hmac(sim))
}

fn ticker() -> TickerPrice<'static> {
    TickerPrice::new().symbol("BTCUSDT")
}

/// The host's clock, some time ahead.
#[derive(Clone, Copy)]
struct Ahead(i64);

impl TimeSource for Ahead {
    fn unix(&self) -> Millis {
        SystemTime.unix().plus(self.0)
    }

    fn monotonic(&self) -> Duration {
        SystemTime.monotonic()
    }
}

/// So that the minute does not end in a test. The exchange has the same time.
fn mid_minute(sim: &Sim) -> Ahead {
    let ahead = 21_000 - SystemTime.unix().0.rem_euclid(60_000);
    sim.set_clock_skew(ahead);
    Ahead(ahead)
}

fn calls_and_requests_count_on_one_budget<S: Socket>() {
    run(async {
        let sim = sim();
        let time = mid_minute(&sim);
        // Nobody is told of the other, nor of a pool: they go to the same host.
        let client = rest(&sim).time_source(time).build().unwrap();
        let api = Setup::hmac(&sim).builder::<S>().time_source(time).spawn().unwrap();
        let used = |limit| {
            assert_eq!(api.used(limit), client.used(limit), "{limit:?}");
            api.used(limit).unwrap()
        };
        while !api.is_ready() {
            tokio::task::yield_now().await;
        }
        assert_eq!(used(Limit::Calls), 5, "the handshake");
        api.send(&ticker()).await.unwrap();
        assert_eq!((used(Limit::Calls), used(Limit::Weight), used(Limit::Orders1m)), (6, 0, 0));
        // Orders count on both weights, and on the account's orders.
        let placed = api.fetch(&order("a")).await.unwrap();
        assert_eq!((used(Limit::Orders10s), used(Limit::Orders1m)), (1, 1));
        api.fetch(&CancelOrder::by_id("BTCUSDT", placed.order_id)).await.unwrap();
        assert_eq!((used(Limit::Calls), used(Limit::Weight)), (7, 1));
        // What is read does not.
        api.send(&QueryOrder::by_id("BTCUSDT", placed.order_id)).await.unwrap();
        assert_eq!((used(Limit::Calls), used(Limit::Weight)), (8, 1));
        client.send(&order("b")).await.unwrap();
        client.send(&QueryOrder::by_client_id("BTCUSDT", "b")).await.unwrap();
        assert_eq!((used(Limit::Calls), used(Limit::Weight), used(Limit::Orders10s)), (8, 2, 2));

        // COIN-M has no weight of its own.
        let coinm = Setup::of(Market::CoinM, &sim.urls().coinm_api).builder::<S>().credentials(hmac(&sim));
        let coinm = coinm.time_source(time).spawn().unwrap();
        coinm.send(&coinm::account::Account::new()).await.unwrap();
        assert_eq!((used(Limit::Calls), used(Limit::Weight)), (8, 12));
        assert_eq!(coinm.used(Limit::Weight), Some(12));
        // What others have used is told by answers.
        let own = InProcess::new(Rules::default());
        let alone = Setup::hmac(&sim).builder::<S>().pool(own).time_source(time).spawn().unwrap();
        let reply = alone.send(&ticker()).await.unwrap();
        assert_eq!((reply.limits().used_calls(), alone.used(Limit::Calls)), (Some(14), Some(14)));
    });
}

fn what_the_budget_has_no_room_for_is_not_sent<S: Socket>() {
    run(async {
        let sim = sim();
        let time = mid_minute(&sim);
        // Five are of the handshake.
        let rules = Rules { orders_10s: 2, calls: 8, reserve: 0, ..Rules::default() };
        let pool: Arc<dyn Pool> = InProcess::new(rules);
        let client = rest(&sim).pool(Arc::clone(&pool)).wait_for_budget(false).time_source(time);
        let client = client.build().unwrap();
        let api = Setup::hmac(&sim).builder::<S>().pool(pool).wait_for_budget(false).time_source(time);
        let api = api.spawn().unwrap();
        api.send(&order("a")).await.unwrap();
        client.send(&order("b")).await.unwrap();
        // Two orders, no matter over which.
        let failure = api.send(&order("c")).await.unwrap_err();
        assert!(matches!(&failure, Failure::Limit(why) if why.limit == Limit::Orders10s), "{failure:?}");
        assert_eq!(failure.outcome(), Outcome::NotSent);
        assert!(failure.retry_after().unwrap() <= Duration::from_millis(10_200), "{failure:?}");
        let error = client.send(&order("d")).await.unwrap_err();
        assert!(matches!(&error, Error::Limit(why) if why.limit == Limit::Orders10s), "{error:?}");
        // The weight of calls is one of its own.
        for _ in 0..3 {
            api.send(&ticker()).await.unwrap();
        }
        let failure = api.send(&ticker()).await.unwrap_err();
        assert!(matches!(&failure, Failure::Limit(why) if why.limit == Limit::Calls), "{failure:?}");
        client.send(&ticker()).await.unwrap();
        assert_eq!(methods(&sim), ["order.place", "ticker.price", "ticker.price", "ticker.price"]);
        assert_eq!(sim.truth().count("POST", "/fapi/v1/order"), 1);
    });
}

fn a_call_waits_for_the_budget_and_then_goes_out<S: Socket>() {
    run(async {
        let sim = sim();
        // Three seconds before the end of a minute.
        let now = SystemTime.unix().0;
        let time = Ahead(57_000 - now.rem_euclid(60_000));
        let rules = Rules { calls: 7, reserve: 0, guard: 0, ..Rules::default() };
        let builder = Setup::hmac(&sim).builder::<S>().pool(InProcess::new(rules)).time_source(time);
        let api = builder.spawn().unwrap();
        let minute = || time.unix().0.div_euclid(60_000);
        let began = minute();
        for _ in 0..2 {
            api.send(&ticker()).await.unwrap();
        }
        assert_eq!(minute(), began, "the machine is too slow for this test");
        // Dropped while it waits, it is neither sent nor charged.
        let dropped = tokio::time::timeout(Duration::from_millis(20), api.send(&ticker())).await;
        assert!(dropped.is_err());
        assert_eq!(methods(&sim).len(), 2);
        // Who has no time to wait in vain does not.
        let began_waiting = Instant::now();
        let failure = api.with_timeout(Duration::from_millis(50)).send(&ticker()).await.unwrap_err();
        assert!(matches!(failure, Failure::Limit(_)), "{failure:?}");
        assert!(began_waiting.elapsed() < Duration::from_millis(50));
        api.send(&ticker()).await.unwrap();
        assert_eq!((minute(), methods(&sim).len()), (began + 1, 3));
    });
}

fn a_429_or_418_closes_the_budget_for_all_who_share_it<S: Socket>() {
    for (what, status) in
        [(What::TooManyRequests { retry_after: 2 }, 429), (What::Banned { retry_after: 2 }, 418)]
    {
        run(async {
            let sim = sim();
            let client = rest(&sim).wait_for_budget(false).build().unwrap();
            let api = Setup::hmac(&sim).builder::<S>().spawn().unwrap();
            let refusing = Setup::hmac(&sim).builder::<S>().wait_for_budget(false).spawn().unwrap();
            // It is there, and so is its connection.
            refusing.send(&ticker()).await.unwrap();
            fault(&sim, what, "order.place");
            let began = Instant::now();
            let failure = api.send(&order("a")).await.unwrap_err();
            let Failure::Refused(refused) = &failure else { panic!("{failure:?}") };
            assert_eq!((refused.status, refused.error.code), (status, ApiCode::TOO_MANY_REQUESTS));
            assert_eq!(failure.outcome(), Outcome::Rejected);
            assert_eq!(failure.retry_after(), Some(Duration::from_secs(2)));
            let failure = refusing.send(&ticker()).await.unwrap_err();
            assert!(matches!(&failure, Failure::Limit(why) if why.limit == Limit::Closed), "{failure:?}");
            let error = client.send(&ticker()).await.unwrap_err();
            assert!(matches!(&error, Error::Limit(why) if why.limit == Limit::Closed), "{error:?}");
            // Whoever waits is let through when it is over.
            api.send(&order("b")).await.unwrap();
            assert!(began.elapsed() >= Duration::from_millis(1_900), "{:?}", began.elapsed());
            assert_eq!(methods(&sim), ["ticker.price", "order.place", "order.place"]);
        });
    }
}

fn a_connection_is_only_tried_where_the_budget_has_room<S: Socket>() {
    run(async {
        let sim = sim();
        let time = mid_minute(&sim);
        let rules = Rules { calls: 9, reserve: 0, ..Rules::default() };
        let pool: Arc<dyn Pool> = InProcess::new(rules);
        let builder = |pool: &Arc<dyn Pool>| {
            let builder = Setup::hmac(&sim).builder::<S>().pool(Arc::clone(pool)).time_source(time);
            builder.timeout(Duration::from_millis(200)).spawn().unwrap()
        };
        builder(&pool).send(&ticker()).await.unwrap();
        // Six are used, and a handshake weighs five.
        let api = builder(&pool);
        let failure = api.send(&ticker()).await.unwrap_err();
        assert_eq!(failure.outcome(), Outcome::NotSent);
        let error = api.take_connect_error().unwrap();
        assert!(matches!(&error, ConnectError::Limit(why) if why.limit == Limit::Calls), "{error:?}");
        assert!(error.retry_after().unwrap() > Duration::from_secs(1));
        assert_eq!(sim.truth().count("GET", "/ws-fapi/v1"), 1);

        // Who is told to stay away at the door closes the budget for all.
        sim.fault(Fault::new(What::Banned { retry_after: 7 }).on("GET", "/ws-fapi/v1"));
        let pool: Arc<dyn Pool> = InProcess::new(Rules::default());
        let client =
            rest(&sim).pool(Arc::clone(&pool)).wait_for_budget(false).time_source(time).build().unwrap();
        builder(&pool).send(&ticker()).await.unwrap_err();
        let error = client.send(&ticker()).await.unwrap_err();
        assert!(matches!(&error, Error::Limit(why) if why.limit == Limit::Closed), "{error:?}");
    });
}

fn a_refused_timestamp_is_measured_and_the_call_sent_once_more<S: Socket>() {
    run(async {
        for skew in [60_000, -60_000] {
            let sim = sim();
            sim.set_clock_skew(skew);
            let api = Setup::hmac(&sim).builder::<S>().spawn().unwrap();
            api.fetch(&order("a")).await.unwrap();
            let status = "session.status";
            assert_eq!(methods(&sim), ["order.place", status, status, status, status, "order.place"]);
            let offset = api.clock_offset().unwrap();
            assert!((offset.millis - skew).abs() <= i64::from(offset.error) + 1, "{skew}: {offset:?}");
            // It is known from then on.
            api.fetch(&order("b")).await.unwrap();
            assert_eq!(methods(&sim).len(), 7);
        }
    });
}

fn a_timestamp_is_never_sent_a_third_time<S: Socket>() {
    run(async {
        let sim = sim();
        sim.fault(Fault::new(What::ClockSkew(60_000)).on("WS", "/ws-fapi/v1/order.place").always());
        let api = Setup::hmac(&sim).builder::<S>().spawn().unwrap();
        let failure = api.fetch(&order("a")).await.unwrap_err();
        assert_eq!(
            (failure.code(), failure.outcome()),
            (Some(ApiCode::INVALID_TIMESTAMP), Outcome::Rejected)
        );
        assert_eq!(sim.truth().count("WS", "/ws-fapi/v1/order.place"), 2);
        // Nor a second time by those who do not want it, nor where the clock cannot be measured.
        let api = Setup::hmac(&sim).builder::<S>().resync_clock(false).spawn().unwrap();
        assert_eq!(api.fetch(&order("b")).await.unwrap_err().code(), Some(ApiCode::INVALID_TIMESTAMP));
        fault(&sim, What::InternalError, "session.status");
        let api = Setup::hmac(&sim).builder::<S>().spawn().unwrap();
        assert_eq!(api.fetch(&order("c")).await.unwrap_err().code(), Some(ApiCode::INVALID_TIMESTAMP));
        assert_eq!(sim.truth().count("WS", "/ws-fapi/v1/order.place"), 4);
        assert!(sim.truth().orders.is_empty());
    });
}

fn a_refused_logon_is_repeated_when_the_clock_is_right<S: Socket>() {
    run(async {
        let sim = sim();
        sim.set_clock_skew(60_000);
        let api = Hosted::<S>::open(Setup::ed25519(&sim).log_on()).unwrap();
        api.fetch(&order("a")).await.unwrap();
        let status = "session.status";
        let logon = "session.logon";
        let all = [logon, "order.place", status, status, status, status, logon, "order.place"];
        assert_eq!(methods(&sim), all);
        let code = ApiCode::INVALID_TIMESTAMP;
        assert_eq!(api.notices(), [Notice::Connected, Notice::LogonRefused { code }, Notice::LoggedOn]);
        // The first was signed, since nobody was logged on; the second was not.
        let sent = calls::sent(&sim);
        let signed = |n: usize| sent[n]["params"].as_object().unwrap().contains_key("signature");
        assert_eq!((signed(1), signed(7)), (true, false));
    });
}

over_each_adapter! {
    calls_and_requests_count_on_one_budget
    what_the_budget_has_no_room_for_is_not_sent
    a_call_waits_for_the_budget_and_then_goes_out
    a_429_or_418_closes_the_budget_for_all_who_share_it
    a_connection_is_only_tried_where_the_budget_has_room
    a_refused_timestamp_is_measured_and_the_call_sent_once_more
    a_timestamp_is_never_sent_a_third_time
    a_refused_logon_is_repeated_when_the_clock_is_right
}
