//! Streams: addresses, routes, what sockets may say, and user data.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use binance_core::Decimal;
use binance_sim::{Side, Sim};
use common::{get, moving, send, signed, still, stream::Socket};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

async fn listen_key(sim: &Sim, market: &str) -> String {
    let reply =
        send(sim, "POST", &format!("/{market}/v1/listenKey"), Some(&sim.keys().hmac.api_key), "").good();
    reply["listenKey"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn raw_and_combined_addresses_give_raw_and_wrapped_frames() {
    let sim = moving().start().unwrap();
    let mut raw = Socket::open(&sim, "/public/ws/btcusdt@bookTicker/ethusdt@bookTicker").await;
    let mut combined = Socket::open(&sim, "/market/stream?streams=btcusdt@aggTrade/ethusdt@aggTrade").await;
    let mut coinm =
        Socket::open(&sim, "/dstream/stream?streams=btcusd_perp@aggTrade/btcusd_perp@bookTicker").await;
    sim.advance(Duration::from_secs(5));
    let symbols: std::collections::BTreeSet<_> =
        raw.drain().await.iter().map(|frame| frame["s"].as_str().unwrap().to_owned()).collect();
    assert_eq!(symbols.into_iter().collect::<Vec<_>>(), ["BTCUSDT", "ETHUSDT"]);
    for frame in combined.drain().await {
        let name = format!("{}@aggTrade", frame["data"]["s"].as_str().unwrap().to_lowercase());
        assert_eq!(frame["stream"], name.as_str());
    }
    let names: std::collections::BTreeSet<_> =
        coinm.drain().await.iter().map(|frame| frame["stream"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names.len(), 2);
}

#[tokio::test]
async fn what_is_on_another_route_is_acknowledged_and_silent() {
    let sim = moving().start().unwrap();
    for (path, speaks) in [
        ("", "btcusdt@bookTicker"),
        ("/public", "btcusdt@bookTicker"),
        ("/market", "btcusdt@aggTrade"),
        ("/dstream", "btcusd_perp@aggTrade"),
    ] {
        let mut socket = Socket::open(&sim, &format!("{path}/stream")).await;
        let all = ["btcusdt@bookTicker", "btcusdt@aggTrade", "btcusd_perp@aggTrade", "nope@aggTrade"];
        let reply = socket.ask(&json!({ "method": "SUBSCRIBE", "params": all, "id": 1 }).to_string()).await;
        assert_eq!(reply, json!({ "result": null, "id": 1 }), "{path}");
        sim.advance(Duration::from_secs(5));
        let frames = socket.drain().await;
        assert!(!frames.is_empty());
        assert!(frames.iter().all(|frame| frame["stream"] == speaks), "{path}");
        let list = socket.ask(r#"{"method":"LIST_SUBSCRIPTIONS","id":2}"#).await;
        assert_eq!(list, json!({ "result": all, "id": 2 }));
    }
}

#[tokio::test]
async fn a_socket_subscribes_lists_and_unsubscribes() {
    let sim = moving().start().unwrap();
    let mut socket = Socket::open(&sim, "/market/ws").await;
    let ask = |method: &str, params: Value, id: u64| {
        json!({ "method": method, "params": params, "id": id }).to_string()
    };
    let done = |id: u64| json!({ "result": null, "id": id });
    assert_eq!(
        socket.ask(&ask("SUBSCRIBE", json!(["btcusdt@aggTrade", "ethusdt@aggTrade"]), 1)).await,
        done(1)
    );
    assert_eq!(socket.ask(&ask("SUBSCRIBE", json!(["btcusdt@aggTrade"]), 2)).await, done(2));
    assert_eq!(socket.ask(&ask("UNSUBSCRIBE", json!(["ethusdt@aggTrade", "never@there"]), 3)).await, done(3));
    assert_eq!(
        socket.ask(r#"{"id":4,"method":"LIST_SUBSCRIPTIONS"}"#).await,
        json!({ "result": ["btcusdt@aggTrade"], "id": 4 })
    );
    assert_eq!(
        socket.ask(&ask("GET_PROPERTY", json!(["combined"]), 5)).await,
        json!({ "result": false, "id": 5 })
    );
    sim.advance(Duration::from_secs(3));
    assert!(socket.drain().await.iter().all(|frame| frame["s"] == "BTCUSDT"));
    assert_eq!(socket.ask(&ask("SET_PROPERTY", json!(["combined", true]), 6)).await, done(6));
    sim.advance(Duration::from_secs(3));
    let frames = socket.drain().await;
    assert!(!frames.is_empty() && frames.iter().all(|frame| frame["data"]["s"] == "BTCUSDT"));
}

#[tokio::test]
async fn what_a_socket_may_not_say_is_refused_in_the_documented_words() {
    let sim = still().start().unwrap();
    let mut socket = Socket::open(&sim, "/ws").await;
    for (text, code, msg, id) in [
        ("hello", 3, "Invalid JSON: expected value at line 1 column 1", None),
        (r#"{"id":1}"#, 2, "Invalid request: missing field `method` at line 1 column 8", None),
        (r#"[1]"#, 2, "Invalid request: missing field `method` at line 1 column 3", None),
        (
            r#"{"method":"SHOUT","id":1}"#,
            2,
            "Invalid request: unknown variant `SHOUT`, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, \
             `SET_PROPERTY`, `GET_PROPERTY` at line 1 column 25",
            None,
        ),
        (
            r#"{"method":"SUBSCRIBE","params":["a@b"]}"#,
            2,
            "Invalid request: request ID must be an unsigned integer",
            None,
        ),
        (
            r#"{"method":"SUBSCRIBE","params":["a@b"],"id":-1}"#,
            2,
            "Invalid request: request ID must be an unsigned integer",
            None,
        ),
        (r#"{"method":"SUBSCRIBE","params":["a b"],"id":1}"#, 2, "Invalid request: invalid stream", Some(1)),
        (r#"{"method":"SUBSCRIBE","params":[5],"id":1}"#, 2, "Invalid request: invalid stream", Some(1)),
        (r#"{"method":"GET_PROPERTY","params":["colour"],"id":2}"#, 0, "Unknown property", Some(2)),
        (
            r#"{"method":"GET_PROPERTY","params":[5],"id":2}"#,
            2,
            "Invalid request: property name must be a string",
            Some(2),
        ),
        (
            r#"{"method":"GET_PROPERTY","params":["combined",1],"id":2}"#,
            2,
            "Invalid request: too many parameters",
            Some(2),
        ),
        (
            r#"{"method":"SET_PROPERTY","params":["combined","yes"],"id":3}"#,
            1,
            "Invalid value type: expected Boolean",
            Some(3),
        ),
        (
            r#"{"method":"SET_PROPERTY","params":["combined",true,1],"id":3}"#,
            2,
            "Invalid request: too many parameters",
            Some(3),
        ),
    ] {
        let reply = socket.ask(text).await;
        assert_eq!((&reply["error"]["code"], &reply["error"]["msg"]), (&json!(code), &json!(msg)), "{text}");
        assert_eq!(reply.get("id"), id.map(|id| json!(id)).as_ref(), "{text}");
    }
    let names = |count: usize| (0..count).map(|index| format!("s{index}@aggTrade")).collect::<Vec<_>>();
    let many = json!({ "method": "SUBSCRIBE", "params": names(1_024), "id": 4 });
    assert_eq!(socket.ask(&many.to_string()).await, json!({ "result": null, "id": 4 }));
    let reply = socket.ask(r#"{"method":"SUBSCRIBE","params":["one@more"],"id":5}"#).await;
    assert_eq!(reply["error"]["msg"], "Invalid request: too many parameters");
}

#[tokio::test]
async fn more_messages_than_the_ceiling_close_the_socket() {
    let sim = still().message_ceiling(10).start().unwrap();
    let mut socket = Socket::open(&sim, "/ws").await;
    for id in 0..11 {
        socket.say(&format!(r#"{{"method":"LIST_SUBSCRIPTIONS","id":{id}}}"#)).await;
    }
    let mut replies = 0;
    let closed = loop {
        match socket.message().await {
            Some(Message::Text(_)) => replies += 1,
            Some(Message::Close(frame)) => break frame,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((replies, u16::from(closed.unwrap().code)), (10, 1_008));
}

#[tokio::test]
async fn sockets_are_pinged_and_those_that_do_not_answer_are_closed() {
    let sim = still().start().unwrap();
    let mut socket = Socket::open(&sim, "/ws").await;
    sim.advance(Duration::from_secs(179));
    sim.advance(Duration::from_secs(2));
    let Some(Message::Ping(payload)) = socket.message().await else { panic!("a ping") };
    assert!(!payload.is_empty());
    // The client library has queued the pong; the next message that goes out takes it along.
    socket.drain().await;
    assert_eq!(sim.truth().stream_sockets, 1);
    // From now on nobody reads, so nobody answers.
    sim.advance(Duration::from_secs(181));
    sim.advance(Duration::from_secs(601));
    let closed = loop {
        match socket.message().await {
            Some(Message::Close(frame)) => break frame.unwrap(),
            Some(_) => {}
            None => panic!("a close frame"),
        }
    };
    assert_eq!(u16::from(closed.code), 1_008);
}

#[tokio::test]
async fn a_pong_with_the_payload_is_sent_to_a_clients_ping() {
    use futures_util::SinkExt;
    let sim = still().start().unwrap();
    let mut socket = Socket::open(&sim, "/ws").await;
    socket.0.send(Message::Ping(vec![1, 2, 3].into())).await.unwrap();
    assert_eq!(socket.message().await, Some(Message::Pong(vec![1, 2, 3].into())));
}

#[tokio::test]
async fn a_socket_lives_a_day() {
    let sim = still().ping_interval(Duration::from_secs(1_000_000)).start().unwrap();
    let mut socket = Socket::open(&sim, "/ws").await;
    sim.advance(Duration::from_secs(86_399));
    assert_eq!(socket.drain().await, Vec::<Value>::new());
    sim.advance(Duration::from_secs(120));
    let Some(Message::Close(Some(frame))) = socket.message().await else { panic!("a close frame") };
    assert_eq!(u16::from(frame.code), 1_001);
}

#[tokio::test]
async fn candles_are_told_while_they_grow_and_when_they_close() {
    let sim = moving().start().unwrap();
    let mut socket = Socket::open(&sim, "/market/ws/btcusdt@kline_1m").await;
    sim.advance(Duration::from_secs(61));
    let frames = socket.drain().await;
    let closed: Vec<_> = frames.iter().filter(|frame| frame["k"]["x"] == true).collect();
    assert_eq!(closed.len(), 1);
    let rest = get(&sim, "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=2").good();
    let (k, row) = (&closed[0]["k"], &rest[0]);
    for (name, cell) in [
        ("t", 0),
        ("o", 1),
        ("h", 2),
        ("l", 3),
        ("c", 4),
        ("v", 5),
        ("T", 6),
        ("q", 7),
        ("n", 8),
        ("V", 9),
        ("Q", 10),
    ] {
        assert_eq!(k[name], row[cell], "{name}");
    }
    assert_eq!(k["L"].as_u64().unwrap() - k["f"].as_u64().unwrap() + 1, k["n"].as_u64().unwrap());
}

#[tokio::test]
async fn the_best_prices_are_told_whenever_they_change() {
    let sim = moving().start().unwrap();
    let mut socket = Socket::open(&sim, "/public/ws/btcusdt@bookTicker").await;
    for _ in 0..20 {
        sim.advance(Duration::from_millis(50));
        let frames = socket.drain().await;
        let book = sim.book("BTCUSDT").unwrap();
        if let Some(last) = frames.last() {
            let price = |name: &str| last[name].as_str().unwrap().parse::<Decimal>().unwrap();
            assert_eq!(
                (price("b"), price("B"), price("a"), price("A")),
                (book.bids[0].0, book.bids[0].1, book.asks[0].0, book.asks[0].1)
            );
        }
        assert!(frames.windows(2).all(|pair| pair[0]["u"].as_u64() < pair[1]["u"].as_u64()));
    }
}

#[tokio::test]
async fn order_events_tell_the_life_of_an_order() {
    let sim = still().start().unwrap();
    for (market, path, symbol, price, quantity) in [
        ("fapi", "/private/ws?listenKey=", "BTCUSDT", "62000.00", "0.010"),
        ("dapi", "/dstream/ws/", "BTCUSD_PERP", "62000.0", "5"),
    ] {
        let key = listen_key(&sim, market).await;
        let mut socket = Socket::open(&sim, &format!("{path}{key}")).await;
        let order = format!(
            "symbol={symbol}&side=BUY&type=LIMIT&timeInForce=GTC&quantity={quantity}&price={price}&newClientOrderId=me"
        );
        let placed = signed(&sim, "POST", &format!("/{market}/v1/order"), &order).good();
        let event = socket.json().await;
        let o = &event["o"];
        assert_eq!(
            (&event["e"], &o["x"], &o["X"]),
            (&json!("ORDER_TRADE_UPDATE"), &json!("NEW"), &json!("NEW"))
        );
        assert_eq!(
            (&o["i"], &o["c"], &o["p"], &o["q"]),
            (&placed["orderId"], &json!("me"), &json!(price), &json!(quantity))
        );
        signed(
            &sim,
            "DELETE",
            &format!("/{market}/v1/order"),
            &format!("symbol={symbol}&origClientOrderId=me"),
        )
        .good();
        assert_eq!(socket.json().await["o"]["x"], "CANCELED");
        // A trade: the account first, then the order.
        signed(
            &sim,
            "POST",
            &format!("/{market}/v1/order"),
            &format!("symbol={symbol}&side=SELL&type=MARKET&quantity={quantity}"),
        )
        .good();
        let events = socket.drain().await;
        let kinds: Vec<_> = events.iter().map(|event| event["e"].as_str().unwrap()).collect();
        let trades = events.iter().filter(|event| event["o"]["x"] == "TRADE").count();
        assert_eq!(kinds[0], "ORDER_TRADE_UPDATE");
        assert_eq!(kinds.iter().filter(|kind| **kind == "ACCOUNT_UPDATE").count(), trades);
        assert_eq!(
            kinds.iter().filter(|kind| **kind == "TRADE_LITE").count(),
            if market == "fapi" { trades } else { 0 }
        );
        assert_eq!(events.last().unwrap()["o"]["X"], "FILLED");
        let position =
            &events.iter().rev().find(|event| event["e"] == "ACCOUNT_UPDATE").unwrap()["a"]["P"][0];
        assert_eq!(position["pa"], format!("-{quantity}"));
    }
}

#[tokio::test]
async fn a_resting_order_is_filled_by_others_and_the_maker_is_told() {
    let sim = still().start().unwrap();
    let key = listen_key(&sim, "fapi").await;
    let mut socket =
        Socket::open(&sim, &format!("/private/stream?listenKey={key}&events=ORDER_TRADE_UPDATE")).await;
    let ask = sim.book("ETHUSDT").unwrap().asks[0].0;
    let price = ask.checked_sub("0.01".parse().unwrap()).unwrap();
    signed(
        &sim,
        "POST",
        "/fapi/v1/order",
        &format!("symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price={price}"),
    )
    .good();
    sim.market_trade("ETHUSDT", Side::Sell, "0.4".parse().unwrap());
    let events = socket.drain().await;
    assert!(
        events
            .iter()
            .all(|event| event["stream"] == key.as_str() && event["data"]["e"] == "ORDER_TRADE_UPDATE")
    );
    let trade = &events[1]["data"]["o"];
    assert_eq!(
        (&trade["x"], &trade["X"], &trade["m"]),
        (&json!("TRADE"), &json!("PARTIALLY_FILLED"), &json!(true))
    );
    assert_eq!((&trade["l"], &trade["z"]), (&json!("0.400"), &json!("0.400")));
    assert_eq!(trade["L"].as_str().unwrap().parse::<Decimal>().unwrap(), price);
    let fee =
        price.checked_mul("0.4".parse().unwrap()).unwrap().checked_mul("0.0002".parse().unwrap()).unwrap();
    assert!(
        trade["n"].as_str().unwrap().parse::<Decimal>().unwrap().checked_sub(fee).unwrap().abs()
            < "0.00000001".parse().unwrap()
    );
}

#[tokio::test]
async fn listen_keys_live_an_hour_unless_kept_alive() {
    let sim = still().ping_interval(Duration::from_secs(1_000_000)).start().unwrap();
    let api_key = sim.keys().rsa.api_key.clone();
    let key = listen_key(&sim, "fapi").await;
    assert_eq!(listen_key(&sim, "fapi").await, key, "the same key as long as it lives");
    assert_ne!(listen_key(&sim, "dapi").await, key);
    assert_eq!(key.len(), 64);
    let mut socket = Socket::open(&sim, &format!("/private/ws/{key}")).await;
    let mut unrouted = Socket::open(&sim, &format!("/ws/{key}")).await;
    let mut subscribed = Socket::open(&sim, "/private/ws").await;
    assert_eq!(
        subscribed.ask(&json!({ "method": "SUBSCRIBE", "params": [key], "id": 1 }).to_string()).await["result"],
        Value::Null
    );
    sim.advance(Duration::from_secs(3_000));
    send(&sim, "PUT", "/fapi/v1/listenKey", Some(&api_key), "").good();
    sim.advance(Duration::from_secs(3_000));
    let events = |frames: Vec<Value>| frames.iter().filter(|frame| frame["e"] == "listenKeyExpired").count();
    assert_eq!(events(socket.drain().await), 0);
    sim.advance(Duration::from_secs(660));
    let expired = socket.json().await;
    assert_eq!((&expired["e"], &expired["listenKey"]), (&json!("listenKeyExpired"), &json!(key)));
    assert_eq!(events(subscribed.drain().await), 1);
    assert_eq!(events(unrouted.drain().await), 0, "a socket without a route has public data only");
    assert_eq!(send(&sim, "PUT", "/fapi/v1/listenKey", Some(&api_key), "").code(), -1125);
    assert_eq!(send(&sim, "DELETE", "/fapi/v1/listenKey", Some(&api_key), "").code(), -1125);
    let next = listen_key(&sim, "fapi").await;
    assert_ne!(next, key);
    // Closing a key closes the sockets that listen to nothing else.
    let mut socket = Socket::open(&sim, &format!("/private/ws/{next}")).await;
    assert_eq!(send(&sim, "DELETE", "/fapi/v1/listenKey", Some(&api_key), "").body, "{}");
    assert!(matches!(socket.message().await, Some(Message::Close(_))));
}

#[tokio::test]
async fn a_socket_that_does_not_read_does_not_hold_up_the_others() {
    let sim = moving().start().unwrap();
    let names = ["depth", "depth5", "depth10", "depth20"]
        .map(|name| format!("btcusdt@{name}@100ms/ethusdt@{name}@100ms"));
    let idle = Socket::open(&sim, &format!("/public/stream?streams={}", names.join("/"))).await;
    let mut live = Socket::open(&sim, "/public/ws/btcusdt@bookTicker").await;
    for _ in 0..40 {
        sim.advance(Duration::from_secs(59));
        live.drain().await;
        if sim.truth().stream_sockets == 1 {
            break;
        }
    }
    // Its queue was full, so it was let go.
    assert_eq!(sim.truth().stream_sockets, 1);
    drop(idle);
}
