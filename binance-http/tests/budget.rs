//! The budget against the simulated exchange.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(feature = "hyper")]

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use binance_core::{
    coinm,
    decimal::dec,
    enums::Side,
    usdm::{
        market_data::{ExchangeInformation, Time},
        trade::{CancelOrder, NewOrder},
    },
};
use binance_http::{
    Builder, Client, Error, Millis, Outcome,
    budget::{Limit, Rules},
    hyper::Hyper,
    pool::InProcess,
};
use binance_sign::{Credentials, Hmac};
use binance_sim::{Fault, Sim, What};

use self::support::hands::{Hands, START, Simulated};

fn sim() -> Sim {
    Sim::builder().quiet().manual_time().start_time(START).start().unwrap()
}

fn builder(sim: &Sim, hands: &Hands) -> Builder<Simulated> {
    let key = &sim.keys().hmac;
    let credentials = Credentials::new(&key.api_key, Hmac::new(key.secret.as_bytes())).unwrap();
    Client::over(Simulated { hyper: Hyper::new(), hands: hands.clone() })
        .base_url(&sim.urls().rest)
        .credentials(credentials)
        .time_source(hands.clone())
}

fn refused(error: Error) -> (Limit, u64) {
    assert_eq!(error.outcome(), Outcome::NotSent);
    match error {
        Error::Limit(refusal) => (refusal.limit, refusal.retry_in.unwrap().as_millis().try_into().unwrap()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn clients_and_markets_share_one_budget_and_over_it_nothing_is_sent() {
    let (sim, hands) = (sim(), Hands::default());
    let pool = InProcess::new(Rules { weight: 10, reserve: 20, ..Rules::default() });
    let build = || builder(&sim, &hands).pool(pool.clone()).wait_for_budget(false).build().unwrap();
    let (one, two) = (build(), build());
    for _ in 0..4 {
        one.send(&Time::new()).await.unwrap();
        two.send(&coinm::market_data::Time::new()).await.unwrap();
    }
    assert_eq!(one.used(Limit::Weight), Some(8));
    // The rest is for cancels.
    assert_eq!(refused(two.send(&Time::new()).await.unwrap_err()), (Limit::Weight, 30_100));
    let unknown = CancelOrder::by_id("BTCUSDT", 1);
    assert_eq!(one.send(&unknown).await.unwrap_err().outcome(), Outcome::Rejected);
    assert_eq!(sim.truth().received.len(), 9);
    hands.advance(&sim, 30_100);
    two.send(&Time::new()).await.unwrap();
}

#[tokio::test]
async fn a_request_waits_for_room_as_long_as_it_may() {
    let (sim, hands) = (sim(), Hands::default());
    let pool = InProcess::new(Rules { weight: 1, reserve: 0, ..Rules::default() });
    let client = builder(&sim, &hands).pool(pool).timeout(Duration::from_secs(40)).build().unwrap();
    client.send(&Time::new()).await.unwrap();
    let hurried = client.with_timeout(Duration::from_secs(30));
    assert_eq!(refused(hurried.send(&Time::new()).await.unwrap_err()), (Limit::Weight, 30_100));
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.fetch(&Time::new()).await.map(|time| time.server_time) }
    });
    while !hands.somebody_sleeps() {
        tokio::task::yield_now().await;
    }
    hands.advance(&sim, 30_000);
    assert!(!waiting.is_finished());
    hands.advance(&sim, 100);
    assert_eq!(waiting.await.unwrap().unwrap(), Millis(START + 30_100));
}

#[tokio::test]
async fn the_limits_are_learned_and_others_on_the_address_are_respected() {
    let (sim, hands) = (sim(), Hands::default());
    let sim_limits = Sim::builder().quiet().manual_time().start_time(START).weight_limit(30).start().unwrap();
    drop(sim);
    let sim = sim_limits;
    let client = builder(&sim, &hands).wait_for_budget(false).build().unwrap();
    client.send(&ExchangeInformation::new()).await.unwrap();
    // A program of somebody else's.
    let other = builder(&sim, &hands).pool(InProcess::new(Rules::default())).build().unwrap();
    for _ in 0..20 {
        other.send(&Time::new()).await.unwrap();
    }
    let mut sent = 0;
    let error = loop {
        match client.send(&Time::new()).await {
            Ok(_) => sent += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(refused(error).0, Limit::Weight);
    // 30 in all, one of them for cancels, 21 used before.
    assert_eq!((sent, client.used(Limit::Weight)), (8, Some(29)));
    assert!(sim.truth().received.iter().all(|request| request.status == 200));
}

#[tokio::test]
async fn a_429_and_a_ban_stop_all_who_share() {
    for (what, wait) in
        [(What::TooManyRequests { retry_after: 7 }, 7_000), (What::Banned { retry_after: 130 }, 130_000)]
    {
        let (sim, hands) = (sim(), Hands::default());
        // Neither is told of the other: they go the same way.
        let build = || builder(&sim, &hands).wait_for_budget(false).build().unwrap();
        let (one, two) = (build(), build());
        sim.fault(Fault::new(what));
        assert_eq!(one.send(&Time::new()).await.unwrap_err().outcome(), Outcome::Rejected);
        for client in [&one, &two] {
            assert_eq!(refused(client.send(&Time::new()).await.unwrap_err()), (Limit::Closed, wait));
        }
        assert_eq!(sim.truth().received.len(), 1);
        hands.advance(&sim, i64::try_from(wait).unwrap());
        two.send(&Time::new()).await.unwrap();
    }
}

#[tokio::test]
async fn orders_have_limits_of_their_own_account() {
    let (sim, hands) = (sim(), Hands::default());
    let pool = InProcess::new(Rules { orders_10s: 2, ..Rules::default() });
    let build = |account: &str| {
        builder(&sim, &hands).pool(pool.clone()).account(account).wait_for_budget(false).build().unwrap()
    };
    let (one, two) = (build("one"), build("two"));
    let order = NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.010"), dec!("20000.0"));
    for _ in 0..2 {
        one.send(&order).await.unwrap();
    }
    assert_eq!(refused(one.send(&order).await.unwrap_err()), (Limit::Orders10s, 10_100));
    assert_eq!(one.used(Limit::Orders10s), Some(2));
    assert_eq!(two.used(Limit::Orders10s), Some(0));
    assert_eq!(sim.truth().orders.len(), 2);
}

#[tokio::test]
async fn what_never_left_is_given_back_and_what_was_dropped_is_not() {
    let (sim, hands) = (sim(), Hands::default());
    let client = builder(&sim, &hands).build().unwrap();
    let refused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let pool = InProcess::new(Rules::default());
    let nowhere = builder(&sim, &hands).base_url(&format!("http://{refused}")).pool(pool).build().unwrap();
    assert_eq!(nowhere.send(&Time::new()).await.unwrap_err().outcome(), Outcome::NotSent);
    assert_eq!(nowhere.used(Limit::Weight), Some(0));

    sim.fault(Fault::new(What::Hang { processed: false }));
    let time = Time::new();
    tokio::select! {
        _ = client.send(&time) => panic!("it hangs"),
        () = async { while sim.injected().is_empty() { tokio::task::yield_now().await } } => {}
    }
    assert_eq!(client.used(Limit::Weight), Some(1));
    hands.advance(&sim, 60_000);
    assert_eq!(client.used(Limit::Weight), Some(1), "the exchange may have counted it in either minute");
    hands.advance(&sim, 60_000);
    assert_eq!(client.used(Limit::Weight), Some(0));
}

/// 200 tasks that send as fast as they may, reads and orders, for more than a minute of simulated time.
#[test]
fn two_hundred_tasks_never_see_a_429_and_all_come_to_their_end() {
    const TASKS: usize = 200;
    const EACH: usize = 25;
    let (sim, hands) = (sim(), Hands::default());
    let client = builder(&sim, &hands).timeout(Duration::from_secs(600)).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let run = || {
        let done = Arc::new(AtomicUsize::new(0));
        runtime.block_on(async {
            let begun = hands.now();
            let tasks: Vec<_> = (0..TASKS)
                .map(|_| {
                    let (client, done) = (client.clone(), Arc::clone(&done));
                    tokio::spawn(async move {
                        let order = NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.010"), dec!("20000.0"));
                        for number in 0..EACH {
                            // One in 25 places an order and cancels it.
                            if number == 3 {
                                let id = client.send(&order).await.unwrap().value().unwrap().order_id;
                                client.send(&CancelOrder::by_id("BTCUSDT", id)).await.unwrap();
                            } else {
                                client.send(&Time::new()).await.unwrap();
                            }
                            done.fetch_add(1, Ordering::SeqCst);
                        }
                    })
                })
                .collect();
            let moving = async {
                while done.load(Ordering::SeqCst) < TASKS * EACH {
                    // As far as the tasks come without more time, then a step.
                    let before = done.load(Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(2)).await;
                    if done.load(Ordering::SeqCst) == before {
                        hands.advance(&sim, 100);
                    }
                }
            };
            tokio::time::timeout(Duration::from_secs(60), moving).await.expect("no wake-up is lost");
            for task in tasks {
                task.await.unwrap();
            }
            hands.now() - begun
        })
    };
    // 5,000 of 2,280 weight a minute, from the middle of a minute on: so many in three minutes.
    let took = run();
    assert!((90_000..=91_000).contains(&took), "{took}");
    let received = sim.truth().received;
    // Each order has a cancel.
    assert_eq!(received.len(), TASKS * (EACH + 1));
    assert!(received.iter().all(|request| request.status == 200));
    assert!(client.transport().hyper.idle_connections() <= 32);
    hands.advance(&sim, 120_000);
    // Once more: what it keeps does not grow.
    let kept = allocation_counter::measure(|| {
        run();
    });
    assert!(kept.bytes_current.abs() < 50_000, "{kept:?}");
}
