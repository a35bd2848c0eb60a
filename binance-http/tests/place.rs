//! Orders of which it is not known what became of them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(feature = "hyper")]

mod support;

use binance_core::{coinm, decimal::dec, enums::Side, usdm};
use binance_http::{
    Client, Error, Outcome, Reply,
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
) -> Result<Fate<Reply<K::Query<'p>>>, Error> {
    while_time_passes(client.resolve(pending), sim, hands).await
}

async fn while_time_passes<F: Future>(resolving: F, sim: &Sim, hands: &Hands) -> F::Output {
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

/// What may become of a request, and whether it was carried out.
fn unknown() -> Vec<(What, bool)> {
    vec![
        (What::CloseBeforeProcessing, false),
        (What::CloseAfterProcessing, true),
        (What::CutBody, true),
        (What::Timeout { processed: true }, true),
        (What::Timeout { processed: false }, false),
    ]
}

#[tokio::test]
async fn what_became_of_an_algo_order_is_found_out() {
    for (what, placed) in unknown() {
        let (sim, hands, client) = start();
        for path in ["/fapi/v1/algoOrder", "/dapi/v1/algoOrder"] {
            sim.fault(Fault::new(what.clone()).on("POST", path));
        }
        let stop =
            usdm::trade::NewAlgoOrder::stop_market("BTCUSDT", Side::Sell, dec!("0.010"), dec!("20000.0"));
        let failure = client.place(&stop).await.unwrap_err();
        assert_eq!((failure.outcome(), failure.order.symbol()), (Outcome::Unknown, "BTCUSDT"));
        match resolve(&client, &failure.order, &sim, &hands).await.unwrap() {
            Fate::Placed(reply) => {
                assert!(placed, "{what:?}");
                let found = reply.value().unwrap();
                assert_eq!(found.client_algo_id.as_str(), failure.order.client_order_id());
            }
            Fate::NotPlaced => assert!(!placed, "{what:?}"),
        }
        let stop =
            coinm::trade::NewAlgoOrder::stop_market("BTCUSD_PERP", Side::Sell, 1.into(), dec!("20000.0"));
        let failure = client.place(&stop.client_algo_id("mine")).await.unwrap_err();
        assert_eq!(failure.order.client_order_id(), "mine");
        let fate = resolve(&client, &failure.order, &sim, &hands).await.unwrap();
        assert_eq!(matches!(fate, Fate::Placed(_)), placed, "{what:?}");
        for path in ["/fapi/v1/algoOrder", "/dapi/v1/algoOrder"] {
            assert_eq!(sim.truth().count("POST", path), 1, "{what:?}");
        }
    }
}

#[tokio::test]
async fn what_became_of_each_order_of_a_batch_is_found_out() {
    for (what, placed) in unknown() {
        let (sim, hands, client) = start();
        sim.fault(Fault::new(what.clone()).on("POST", "/fapi/v1/batchOrders"));
        let orders = [order("BTCUSDT").new_client_order_id("mine"), order("BTCUSDT"), order("NOSUCHUSDT")];
        let batch = client.place_batch(&usdm::trade::NewBatchOrders::of(&orders).unwrap()).await;
        assert!(batch.result.is_err() || what == What::CutBody, "{what:?}: {:?}", batch.result);
        let unknown: Vec<_> = batch.unknown().collect();
        assert_eq!(unknown.len(), 3, "{what:?}");
        assert_eq!(unknown[0].client_order_id(), "mine");
        for (pending, placed) in unknown.into_iter().zip([placed, placed, false]) {
            match resolve(&client, pending, &sim, &hands).await {
                Ok(Fate::Placed(reply)) => {
                    assert!(placed, "{what:?}");
                    assert_eq!(reply.value().unwrap().client_order_id.as_str(), pending.client_order_id());
                }
                Ok(Fate::NotPlaced) => assert!(!placed, "{what:?}"),
                // The question for the third is refused too.
                Err(error) => assert_eq!((error.code().unwrap().0, pending.symbol()), (-1121, "NOSUCHUSDT")),
            }
        }
        assert_eq!(sim.truth().count("POST", "/fapi/v1/batchOrders"), 1, "{what:?}");
        assert_eq!(sim.truth().orders.len(), if placed { 2 } else { 0 }, "{what:?}");
    }
}

#[tokio::test]
async fn a_batch_says_which_of_its_orders_are_in_doubt() {
    let (sim, _, client) = start();
    let orders = [order("BTCUSDT"), order("NOSUCHUSDT"), order("BTCUSDT")];
    let orders = usdm::trade::NewBatchOrders::of(&orders).unwrap();
    let batch = client.place_batch(&orders).await;
    assert_eq!(batch.unknown().count(), 0);
    let reply = batch.result.unwrap();
    let ids: Vec<_> = reply
        .value()
        .unwrap()
        .iter()
        .map(|each| each.unwrap().into_result().map(|order| order.client_order_id.to_string()).ok())
        .collect();
    let known = |index: usize| Some(batch.orders[index].client_order_id().to_owned());
    assert_eq!(ids, [known(0), None, known(2)]);

    // One element that the exchange does not know itself, one that cannot be read, and one that is missing.
    let placed = r#"{"orderId":1,"symbol":"BTCUSDT","clientOrderId":"x","status":"NEW","side":"BUY"}"#;
    let timeout = r#"{"code":-1007,"msg":"Timeout waiting for response from backend server."}"#;
    for (body, doubtful) in [
        (format!("[{placed},{placed},{placed}]"), vec![]),
        (format!("[{placed},{timeout},{placed}]"), vec![1]),
        (format!(r#"[{{"what":1}},{placed},{placed}]"#), vec![0]),
        (format!("[{placed}]"), vec![1, 2]),
        (format!("[{placed},{{"), vec![0, 1, 2]),
        ("{}".to_owned(), vec![0, 1, 2]),
    ] {
        sim.fault(Fault::new(What::Reply {
            status: 200,
            content_type: "application/json".to_owned(),
            body: body.clone(),
        }));
        let batch = client.place_batch(&orders).await;
        let unknown: Vec<_> = batch.unknown().map(|order| order.client_order_id()).collect();
        let expected: Vec<_> =
            doubtful.iter().map(|index: &usize| batch.orders[*index].client_order_id()).collect();
        assert_eq!(unknown, expected, "{body}");
    }
    sim.fault(Fault::new(What::BadGateway));
    assert_eq!(client.place_batch(&orders).await.unknown().count(), 3);
    sim.fault(Fault::new(What::TooManyRequests { retry_after: 1 }));
    assert_eq!(client.place_batch(&orders).await.unknown().count(), 0, "it was refused");
}

#[tokio::test]
async fn where_an_order_stands_after_a_cancel_is_found_out() {
    for (what, canceled) in unknown() {
        let (sim, hands, client) = start();
        for (method, path) in [("DELETE", "/fapi/v1/order"), ("DELETE", "/dapi/v1/algoOrder")] {
            sim.fault(Fault::new(what.clone()).on(method, path));
        }
        client.send(&order("BTCUSDT").new_client_order_id("mine")).await.unwrap();
        let cancel = usdm::trade::CancelOrder::by_client_id("BTCUSDT", "mine");
        let told = client.send(&cancel).await.and_then(|reply| reply.value());
        assert_eq!(told.unwrap_err().outcome(), Outcome::Unknown, "{what:?}");
        let begun = hands.now();
        let standing = while_time_passes(client.resolve_change(&cancel), &sim, &hands).await.unwrap();
        assert_eq!(standing.value().unwrap().status.to_string(), if canceled { "CANCELED" } else { "NEW" });
        assert_eq!(hands.now() - begun > 7_000, !canceled, "{what:?}: it is certain at once, or after that");

        let stop =
            coinm::trade::NewAlgoOrder::stop_market("BTCUSD_PERP", Side::Sell, 1.into(), dec!("20000.0"));
        client.send(&stop.client_algo_id("mine")).await.unwrap();
        let cancel = coinm::trade::CancelAlgoOrder::by_client_id("mine");
        let told = client.send(&cancel).await.and_then(|reply| reply.value());
        assert_eq!(told.unwrap_err().outcome(), Outcome::Unknown, "{what:?}");
        let standing = while_time_passes(client.resolve_change(&cancel), &sim, &hands).await.unwrap();
        assert_eq!(
            standing.value().unwrap().algo_status.to_string(),
            if canceled { "CANCELED" } else { "NEW" }
        );
    }
}

#[tokio::test]
async fn where_an_order_stands_after_a_change_is_found_out() {
    for (what, changed) in unknown() {
        let (sim, hands, client) = start();
        sim.fault(Fault::new(what.clone()).on("PUT", "/fapi/v1/order"));
        client.send(&order("BTCUSDT").new_client_order_id("mine")).await.unwrap();
        let change = usdm::trade::ModifyOrder::by_client_id(
            "BTCUSDT",
            "mine",
            Side::Buy,
            dec!("0.020"),
            dec!("21000.0"),
        );
        let told = client.send(&change).await.and_then(|reply| reply.value());
        assert_eq!(told.unwrap_err().outcome(), Outcome::Unknown, "{what:?}");
        let begun = hands.now();
        let standing = while_time_passes(client.resolve_change(&change), &sim, &hands).await.unwrap();
        let expected = if changed { dec!("21000.0") } else { dec!("20000.0") };
        assert_eq!(standing.value().unwrap().price, Some(expected), "{what:?}");
        assert_eq!(hands.now() - begun > 7_000, !changed, "{what:?}");
        assert_eq!(sim.truth().count("PUT", "/fapi/v1/order"), 1);
    }
    let (sim, hands, client) = start();
    let nothing = usdm::trade::CancelOrder::by_id("BTCUSDT", 7);
    let error = while_time_passes(client.resolve_change(&nothing), &sim, &hands).await.unwrap_err();
    assert_eq!(error.code(), Some(binance_http::ApiCode::NO_SUCH_ORDER));
}
