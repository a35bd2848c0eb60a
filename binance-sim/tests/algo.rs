//! Orders that wait for a price: their shape, and that they trigger when the price comes and not before.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use binance_core::Market;
use binance_sim::{Side, Sim};
use common::{get, send, shape::read_declared_and_compare, signed, still, stream::Socket};
use serde_json::Value;

fn place(sim: &Sim, params: &str) -> Value {
    signed(sim, "POST", "/fapi/v1/algoOrder", &format!("algoType=CONDITIONAL&symbol=BTCUSDT&{params}")).good()
}

fn status(sim: &Sim, id: &Value) -> Value {
    signed(sim, "GET", "/fapi/v1/algoOrder", &format!("algoId={id}")).good()
}

#[test]
fn replies_have_the_documented_shape_and_are_read_by_the_declared_types() {
    let sim = still().start().unwrap();
    let mut found = Vec::new();
    for (market, root, symbol, quantity) in
        [(Market::UsdM, "/fapi/v1", "BTCUSDT", "0.01"), (Market::CoinM, "/dapi/v1", "BTCUSD_PERP", "1")]
    {
        let mut ask = |method: &str, path: &str, params: &str| {
            let path = format!("{root}/{path}");
            let reply = signed(&sim, method, &path, params);
            assert_eq!(reply.status, 200, "{method} {path} {params}: {}", reply.body);
            assert_ne!(reply.body, "[]", "{method} {path} {params}");
            found.extend(read_declared_and_compare(market, method, &path, &reply.body));
        };
        let order = format!("algoType=CONDITIONAL&symbol={symbol}&side=SELL&quantity={quantity}");
        ask(
            "POST",
            "algoOrder",
            &format!("{order}&type=STOP&price=61500&triggerPrice=62000&clientAlgoId=one"),
        );
        ask("POST", "algoOrder", &format!("{order}&type=TRAILING_STOP_MARKET&callbackRate=1.5"));
        ask("GET", "algoOrder", "clientAlgoId=one");
        ask("GET", "openAlgoOrders", "");
        ask("DELETE", "algoOrder", "clientAlgoId=one");
        ask("DELETE", "algoOpenOrders", &format!("symbol={symbol}"));
        ask("GET", "allAlgoOrders", &format!("symbol={symbol}"));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_stop_triggers_when_the_price_has_come_and_closes_the_position() {
    let sim = still().start().unwrap();
    signed(&sim, "POST", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.5").good();
    let last = || {
        let price = get(&sim, "/fapi/v2/ticker/price?symbol=BTCUSDT").good()["price"].clone();
        price.as_str().unwrap().parse::<f64>().unwrap()
    };
    let trigger = format!("{:.1}", last() - 20.0);
    let stop = format!("side=SELL&type=STOP_MARKET&triggerPrice={trigger}&closePosition=true");
    let stop = place(&sim, &stop)["algoId"].clone();
    sim.advance(Duration::from_secs(1));
    assert_eq!(status(&sim, &stop)["algoStatus"], "NEW");
    while last() > trigger.parse().unwrap() {
        sim.market_trade("BTCUSDT", Side::Sell, "1".parse().unwrap());
    }
    sim.advance(Duration::from_secs(1));
    let after = status(&sim, &stop);
    assert_eq!(
        (after["algoStatus"].as_str(), after["actualQty"].as_str()),
        (Some("FINISHED"), Some("0.500"))
    );
    let id = after["actualOrderId"].as_str().unwrap();
    let order = signed(&sim, "GET", "/fapi/v1/order", &format!("symbol=BTCUSDT&orderId={id}")).good();
    assert_eq!((order["status"].as_str(), order["type"].as_str()), (Some("FILLED"), Some("MARKET")));
    assert!(sim.truth().positions.is_empty());
    assert_eq!(signed(&sim, "DELETE", "/fapi/v1/algoOrder", &format!("algoId={stop}")).code(), -2011);
}

#[test]
fn what_cannot_wait_is_refused() {
    let sim = still().start().unwrap();
    let order = "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&quantity=0.01";
    for (params, code) in [
        ("&type=STOP_MARKET&triggerPrice=70000", -2021),
        ("&type=TAKE_PROFIT_MARKET&triggerPrice=60000", -2021),
        ("&type=STOP_MARKET", -1102),
        ("&type=STOP&triggerPrice=60000", -1102),
        ("&type=STOP_MARKET&triggerPrice=0", -4006),
        ("&type=STOP_MARKET&triggerPrice=60000.01", -4014),
        ("&type=TRAILING_STOP_MARKET", -1102),
        ("&type=TRAILING_STOP_MARKET&callbackRate=0.05", -2007),
        ("&type=LIMIT&price=70000", -1116),
        ("&type=STOP_MARKET&triggerPrice=60000&closePosition=true", -1106),
        ("&type=STOP_MARKET&triggerPrice=60000&positionSide=LONG", -4061),
    ] {
        let reply = signed(&sim, "POST", "/fapi/v1/algoOrder", &format!("{order}{params}"));
        assert_eq!(reply.code(), code, "{params}: {}", reply.body);
    }
    assert_eq!(signed(&sim, "GET", "/fapi/v1/algoOrder", "algoId=5").code(), -2013);
    assert_eq!(signed(&sim, "GET", "/fapi/v1/algoOrder", "").code(), -1102);
}

#[tokio::test]
async fn events_tell_the_life_of_an_order_that_waits() {
    let sim = still().start().unwrap();
    let key = send(&sim, "POST", "/fapi/v1/listenKey", Some(&sim.keys().hmac.api_key), "").good();
    let path = format!("/private/stream?listenKey={}&events=ALGO_UPDATE", key["listenKey"].as_str().unwrap());
    let mut socket = Socket::open(&sim, &path).await;
    let states = |events: Vec<Value>| -> Vec<String> {
        let texts = events.iter().map(|event| {
            let o = &event["data"]["o"];
            assert_eq!(event["data"]["e"], "ALGO_UPDATE");
            let activated = o.get("ia").map_or(String::new(), |ia| format!(" {ia}"));
            format!("{}{activated}{}", o["X"].as_str().unwrap(), o["rm"].as_str().unwrap())
        });
        texts.collect()
    };
    // One that closes a position there is not, one that is cancelled, one that trails at once.
    let jump = |price: &str| assert!(sim.set_price("BTCUSDT", price.parse().unwrap()));
    let mark = "side=SELL&workingType=MARK_PRICE";
    place(&sim, &format!("{mark}&type=STOP_MARKET&triggerPrice=63000&closePosition=true"));
    let id = place(&sim, "side=BUY&type=STOP_MARKET&triggerPrice=66000&quantity=0.01")["algoId"].clone();
    signed(&sim, "DELETE", "/fapi/v1/algoOrder", &format!("algoId={id}")).good();
    assert_eq!(states(socket.drain().await), ["NEW", "NEW", "CANCELED"]);
    jump("62900");
    assert_eq!(states(socket.drain().await), ["TRIGGERING", "REJECTEDReduceOnly Order is rejected."]);
    // One that becomes a trade, and one that becomes an order that waits.
    place(&sim, &format!("{mark}&type=TRAILING_STOP_MARKET&callbackRate=1&quantity=0.01"));
    assert_eq!(states(socket.drain().await), ["NEW false", "NEW true"]);
    jump("62000");
    assert_eq!(states(socket.drain().await), ["TRIGGERING true", "TRIGGERED true", "FINISHED true"]);
    let limit = place(&sim, &format!("{mark}&type=STOP&triggerPrice=61000&price=64600&quantity=0.01"));
    jump("60900");
    assert_eq!(states(socket.drain().await), ["NEW", "TRIGGERING", "TRIGGERED"]);
    let order = status(&sim, &limit["algoId"])["actualOrderId"].as_str().unwrap().to_owned();
    signed(&sim, "DELETE", "/fapi/v1/order", &format!("symbol=BTCUSDT&orderId={order}")).good();
    assert_eq!(states(socket.drain().await), ["FINISHED"]);
    // One whose date passes.
    let date = sim.now() + 700_000;
    let dated = format!("{mark}&type=STOP&triggerPrice=59000&price=64000&quantity=0.01&timeInForce=GTD");
    place(&sim, &format!("{dated}&goodTillDate={date}"));
    sim.advance(Duration::from_secs(702));
    assert_eq!(states(socket.drain().await), ["NEW", "EXPIRED"]);
}
