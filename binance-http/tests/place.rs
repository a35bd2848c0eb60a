//! Orders of which it is not known what became of them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(feature = "hyper")]

mod support;

use binance_core::{coinm, decimal::dec, enums::Side, usdm};
use binance_http::{
    Client, Error, Outcome,
    hyper::Hyper,
    place::{Fate, Kind, Pending},
};
use binance_sign::{Credentials, Hmac};
use binance_sim::{Fault, Sim, What};

use self::support::hands::{Hands, START, Simulated};

fn start() -> (Sim, Hands, Client<Simulated>) {
    let sim = Sim::builder().quiet().manual_time().start_time(START).start().unwrap();
    let hands = Hands::default();
    let key = &sim.keys().hmac;
    let credentials = Credentials::new(&key.api_key, Hmac::new(key.secret.as_bytes())).unwrap();
    let client = Client::over(Simulated { hyper: Hyper::new(), hands: hands.clone() })
        .base_url(&sim.urls().rest)
        .credentials(credentials)
        .time_source(hands.clone())
        .build()
        .unwrap();
    (sim, hands, client)
}

fn order(symbol: &str) -> usdm::trade::NewOrder<'_> {
    usdm::trade::NewOrder::limit(symbol, Side::Buy, dec!("0.010"), dec!("20000.0"))
}

/// Resolves while time passes.
async fn resolve<'p, K: Kind>(
    client: &Client<Simulated>,
    pending: &'p Pending<K>,
    sim: &Sim,
    hands: &Hands,
) -> Result<Fate<K::Query<'p>>, Error> {
    let resolving = client.resolve(pending);
    let passing = async {
        loop {
            if hands.somebody_sleeps() {
                hands.advance(sim, 100);
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        fate = resolving => fate,
        () = passing => unreachable!("it passes for ever"),
    }
}

#[tokio::test]
async fn an_order_has_an_id_of_its_own_or_is_given_one() {
    let (sim, _, client) = start();
    let given = client.place(&order("BTCUSDT").new_client_order_id("given")).await.unwrap();
    assert_eq!(given.value().unwrap().client_order_id.as_str(), "given");
    let mut made = Vec::new();
    for _ in 0..2 {
        let reply = client.place(&order("BTCUSDT")).await.unwrap();
        made.push(reply.value().unwrap().client_order_id.to_string());
    }
    assert_ne!(made[0], made[1]);
    let orders = sim.truth().orders;
    assert!(orders.iter().map(|order| order.client_order_id.as_str()).eq(["given", &made[0], &made[1]]));
}

#[tokio::test]
async fn what_became_of_an_order_is_found_out() {
    for (what, placed) in [
        (What::CloseBeforeProcessing, false),
        (What::CloseAfterProcessing, true),
        (What::ResetAfterProcessing, true),
        (What::CutHead, true),
        (What::CutBody, true),
        (What::WrongContentLength(-5), true),
        (What::GarbageBody, true),
        (What::BadGateway, false),
        (What::Timeout { processed: true }, true),
        (What::Timeout { processed: false }, false),
    ] {
        let (sim, hands, client) = start();
        sim.fault(Fault::new(what.clone()).on("POST", "/fapi/v1/order"));
        let failure = client.place(&order("BTCUSDT")).await.unwrap_err();
        assert_eq!(failure.outcome(), Outcome::Unknown, "{what:?}");
        let id = failure.order.client_order_id().to_owned();
        match resolve(&client, &failure.order, &sim, &hands).await.unwrap() {
            Fate::Placed(reply) => {
                let found = reply.value().unwrap();
                assert!(placed, "{what:?}");
                assert_eq!(found.client_order_id.as_str(), id);
                assert_eq!(found.order_id, sim.truth().order(&id).unwrap().order_id);
            }
            Fate::NotPlaced => {
                assert!(!placed, "{what:?}");
                assert!(sim.truth().order(&id).is_none());
                // Not before it could not come any more.
                assert!(hands.now() + START > failure.order.impossible_after().0, "{what:?}");
            }
        }
        assert_eq!(sim.truth().count("POST", "/fapi/v1/order"), 1, "{what:?}");
    }
}

#[tokio::test]
async fn a_refused_order_says_so_at_once() {
    let (_sim, _, client) = start();
    let failure = client.place(&order("NOSUCHUSDT")).await.unwrap_err();
    assert_eq!(
        (failure.outcome(), failure.error.code().map(|code| code.0)),
        (Outcome::Rejected, Some(-1121))
    );
    assert_eq!(failure.order.symbol(), "NOSUCHUSDT");
}

#[tokio::test]
async fn questions_that_fail_are_asked_again_until_it_is_certain() {
    let (sim, hands, client) = start();
    sim.fault(Fault::new(What::CloseAfterProcessing).on("POST", "/dapi/v1/order"));
    let order = coinm::trade::NewOrder::limit("BTCUSD_PERP", Side::Buy, 1.into(), dec!("20000.0"));
    let failure = client.place(&order).await.unwrap_err();
    sim.fault(Fault::new(What::BadGateway).on("GET", "/dapi/v1/order").times(3));
    let Fate::Placed(reply) = resolve(&client, &failure.order, &sim, &hands).await.unwrap() else {
        panic!("it was placed")
    };
    assert_eq!(reply.value().unwrap().client_order_id.as_str(), failure.order.client_order_id());
    assert_eq!(sim.truth().count("GET", "/dapi/v1/order"), 4);

    sim.fault(Fault::new(What::BadGateway).on("GET", "/dapi/v1/order").always());
    let error = resolve(&client, &failure.order, &sim, &hands).await.unwrap_err();
    assert_eq!(error.status(), Some(502));
    assert!(hands.now() + START > failure.order.impossible_after().0);
    assert!(sim.truth().count("GET", "/dapi/v1/order") < 30, "it does not hurry");
}
