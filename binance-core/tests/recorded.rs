//! What the exchange has sent and its pages do not show, one sentence each.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[allow(dead_code, reason = "its `main` is for its users")]
#[path = "../examples/decode.rs"]
mod example;

use binance_core::{
    coinm, json,
    stream::{Event as _, Incoming},
    time::Millis,
    usdm::{self, trade::Order, user_events::OrderTradeUpdate},
};

/// What the example prints.
fn decode(words: &str, text: &str) -> String {
    let words: Vec<&str> = words.split(' ').collect();
    example::decode(&words, text).unwrap_or_else(|(_, error)| panic!("{text}: {error}"))
}

#[test]
fn what_prints_again_as_it_came() {
    for (why, words, text) in [
        (
            "a book that was never changed has no change before",
            "coinm stream runeusd_perp@depth5",
            r#"{"e":"depthUpdate","E":1648006221596,"T":1648006221340,"s":"RUNEUSD_PERP","ps":"RUNEUSD","U":395028983849,"u":395028983849,"pu":-1,"b":[],"a":[["8.4400","2"]]}"#,
        ),
        (
            "a pair under its old name",
            "coinm stream btcusd@indexPrice",
            r#"{"e":"indexPriceUpdate","E":1591261236000,"i":"BTCUSD","p":"9636.57860000"}"#,
        ),
        (
            "and under the one that was announced for 2026-06-30",
            "coinm stream btcusd@indexPrice",
            r#"{"e":"indexPriceUpdate","E":1591261236000,"s":"BTCUSD","p":"9636.57860000"}"#,
        ),
        (
            "a candlestick without trades has no first and last",
            "usdm stream btcusdt@kline_1m",
            r#"{"e":"kline","E":1,"s":"BTCUSDT","k":{"t":1,"T":2,"s":"BTCUSDT","i":"1m","f":-1,"L":-1,"o":"1","c":"1","h":"1","l":"1","v":"0","n":0,"x":false,"q":"0","V":"0","Q":"0","B":"0"}}"#,
        ),
        (
            "contracts that end have no funding and sometimes no index",
            "usdm stream !markPrice@arr",
            r#"[{"e":"markPriceUpdate","E":1,"s":"BTCUSDT_260327","p":"1.0","P":"1.0","r":"","T":0}]"#,
        ),
        (
            "changes of balances alone",
            "usdm user",
            r#"{"e":"ACCOUNT_UPDATE","E":1781606859764,"T":1781606859764,"a":{"m":"ORDER","B":[{"a":"BNFCR","wb":"5001.28983031","cw":"5001.28983031","bc":"0"}],"P":[]}}"#,
        ),
        (
            "the time in force of a stop that closes a position stands on no page of this event",
            "usdm user",
            r#"{"e":"ALGO_UPDATE","T":1,"E":1,"o":{"caid":"x","aid":1000000202490585,"at":"CONDITIONAL","o":"STOP_MARKET","s":"BTCUSDT","S":"SELL","ps":"BOTH","f":"GTE_GTC","q":"0","X":"NEW","ai":"","tp":"74960.75","p":"0","V":"EXPIRE_MAKER","wt":"MARK_PRICE","pm":"NONE","cp":true,"pP":true,"R":true,"tt":0,"gtd":0,"ia":false}}"#,
        ),
    ] {
        let before: serde_json::Value = serde_json::from_str(text).unwrap();
        let after: serde_json::Value = serde_json::from_str(&decode(words, text)).unwrap();
        assert_eq!(before, after, "{why}");
    }
}

/// A liquidation, with every field now bare and now as text, as the exchange has changed some.
#[test]
fn numbers_come_as_text_and_texts_as_numbers() {
    let usual = r#"{"e":"ORDER_TRADE_UPDATE","T":1568879465651,"E":1568879465652,"o":{"s":"BTCUSDT","c":"7001","S":"SELL","o":"LIQUIDATION","f":"IOC","q":"0.020","p":"45000.00","ap":"45000.00","sp":"0","x":"CALCULATED","X":"NEW_INSURANCE","i":8887003,"l":"0.020","z":"0.020","L":"45000.00","T":1568879465651,"t":12346003,"m":false,"R":true,"ps":"LONG","cp":false,"si":0,"er":"3"}}"#;
    let turned = usual
        .replace("1568879465652", "\"1568879465652\"")
        .replace("\"7001\"", "7001")
        .replace("8887003", "\"8887003\"")
        .replace("12346003", "\"12346003\"")
        .replace(":true", ":\"true\"")
        .replace("\"si\":0", "\"si\":\"0\"")
        .replace("\"er\":\"3\"", "\"er\":3");
    assert_ne!(usual, turned);
    let event = OrderTradeUpdate::decode(usual).unwrap();
    assert_eq!(OrderTradeUpdate::decode(&turned).unwrap(), event);
    assert_eq!(json::from_str_by_serde::<OrderTradeUpdate>(&turned).unwrap(), event);
    assert_eq!((event.order.order_id, event.order.reduce_only), (8_887_003, Some(true)));
    assert_eq!(event.order.client_order_id, "7001");
    assert_eq!(event.event_time, Some(Millis(1_568_879_465_652)));

    let order = r#"{"orderId":"1","symbol":"BTCUSDT","status":"NEW","clientOrderId":5,"side":"BUY","reduceOnly":"false","updateTime":"9"}"#;
    let order: Order = json::from_str(order).unwrap();
    assert_eq!((order.order_id, order.reduce_only, order.update_time), (1, Some(false), Some(Millis(9))));
    assert_eq!(order.client_order_id, "5");

    // What is none of either is an error still.
    for (field, other) in [
        ("\"orderId\":1", "\"orderId\":\"x\""),
        ("\"orderId\":1", "\"orderId\":\"1.5\""),
        ("\"orderId\":1", "\"orderId\":\"-1\""),
        ("\"orderId\":1", "\"orderId\":\"\""),
        ("\"orderId\":1", "\"orderId\":\"true\""),
        ("\"clientOrderId\":5", "\"clientOrderId\":-x"),
        ("\"clientOrderId\":5", "\"clientOrderId\":true"),
        ("\"reduceOnly\":\"false\"", "\"reduceOnly\":\"0\""),
    ] {
        let text = r#"{"orderId":1,"symbol":"BTCUSDT","status":"NEW","clientOrderId":5,"side":"BUY","reduceOnly":"false"}"#;
        assert!(json::from_str::<Order>(text).is_ok());
        assert!(json::from_str::<Order>(&text.replace(field, other)).is_err(), "{other}");
    }
}

#[test]
fn fields_are_found_under_either_name() {
    let text = r#"{"e":"indexPriceUpdate","E":1,"s":"BTCUSD","p":"1"}"#;
    let coinm::Event::IndexPrice(index) = coinm::Event::decode(text).unwrap() else { panic!("{text}") };
    assert_eq!(index.pair().unwrap(), "BTCUSD");
    let text = r#"{"e":"depthUpdate","s":"BTCUSDT","u":2,"pu":-1,"b":[],"a":[]}"#;
    let depth: usdm::streams::DepthUpdate<'_> = json::from_str(text).unwrap();
    assert_eq!((depth.previous_update_id, depth.final_update_id), (Some(-1), 2));
    assert!(!depth.follows(1) && !depth.follows(u64::MAX));
    let next: usdm::streams::DepthUpdate<'_> =
        json::from_str(r#"{"e":"depthUpdate","s":"B","u":5,"pu":2,"b":[],"a":[]}"#).unwrap();
    assert!(next.follows(depth.final_update_id) && !next.follows(3));
    let text = r#"{"stream":"k","data":{"e":"listenKeyExpired","E":"17","listenKey":"k"}}"#;
    let Incoming::Event { data, .. } = Incoming::parse(text).unwrap() else { panic!("{text}") };
    let usdm::Event::ListenKeyExpired(expired) = usdm::Event::decode(data).unwrap() else { panic!("{text}") };
    assert_eq!(expired.event_time, Some(Millis(17)), "the exchange sends this one as text");
}
