//! The WebSocket API, from a bare client that signs by hand.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::{collections::BTreeMap, time::Duration};

use binance_core::ws_api::METHODS;
use binance_sim::{DemoKey, Fault, Sim, Unavailable, What};
use common::{get, sign, still, stream::Socket};
use serde_json::{Map, Value, json};
use tokio_tungstenite::tungstenite::Message;

/// A call with key, time and signature.
fn signed(sim: &Sim, key: &DemoKey, id: &Value, method: &str, params: Value) -> String {
    let mut params = with_time(sim, params);
    params.insert("apiKey".to_owned(), json!(key.api_key));
    params.insert("signature".to_owned(), json!(sign(key, &payload(&params))));
    json!({ "id": id, "method": method, "params": params }).to_string()
}

fn with_time(sim: &Sim, params: Value) -> Map<String, Value> {
    let Value::Object(mut params) = params else { panic!("{params}") };
    params.insert("timestamp".to_owned(), json!(sim.now()));
    params
}

/// Sorted by name, not percent-encoded.
fn payload(params: &Map<String, Value>) -> String {
    let sorted: BTreeMap<_, _> = params.iter().collect();
    let pairs = sorted.iter().map(|(name, value)| match value {
        Value::String(text) => format!("{name}={text}"),
        other => format!("{name}={other}"),
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn plain(id: u64, method: &str, params: Value) -> String {
    json!({ "id": id, "method": method, "params": params }).to_string()
}

fn order(id: &str) -> Value {
    json!({ "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01",
        "price": "62000", "newClientOrderId": id })
}

async fn open(sim: &Sim) -> Socket {
    Socket::open(sim, "/ws-fapi/v1").await
}

/// Sends a call and gives the next message.
async fn ask(socket: &mut Socket, call: &str) -> Value {
    socket.say(call).await;
    socket.json().await
}

fn code(reply: &Value) -> i64 {
    assert!(reply.get("result").is_none(), "{reply}");
    reply["error"]["code"].as_i64().unwrap()
}

#[tokio::test]
async fn an_order_is_placed_asked_for_changed_and_cancelled_with_every_kind_of_key() {
    let sim = still().start().unwrap();
    let mut socket = open(&sim).await;
    for key in [&sim.keys().hmac, &sim.keys().rsa, &sim.keys().ed25519] {
        let name = format!("my-{}", key.kind.as_str());
        let placed = ask(&mut socket, &signed(&sim, key, &json!("a-1"), "order.place", order(&name))).await;
        assert_eq!((&placed["id"], &placed["status"]), (&json!("a-1"), &json!(200)), "{placed}");
        assert_eq!(placed["result"]["clientOrderId"], name.as_str());
        let limits: Vec<_> =
            placed["rateLimits"].as_array().unwrap().iter().map(|l| &l["rateLimitType"]).collect();
        assert_eq!(limits, ["REQUEST_WEIGHT", "ORDERS", "ORDERS"]);
        let one = json!({ "symbol": "BTCUSDT", "origClientOrderId": name });
        let status = ask(&mut socket, &signed(&sim, key, &json!(2), "order.status", one.clone())).await;
        assert_eq!((&status["id"], &status["result"]["status"]), (&json!(2), &json!("NEW")));
        let mut change = one.clone();
        change["side"] = json!("BUY");
        change["quantity"] = json!("0.02");
        change["price"] = json!("61000");
        let changed = ask(&mut socket, &signed(&sim, key, &json!(3), "order.modify", change)).await;
        assert_eq!(changed["result"]["origQty"], "0.020", "{changed}");
        let cancelled = ask(&mut socket, &signed(&sim, key, &Value::Null, "order.cancel", one)).await;
        assert_eq!((&cancelled["id"], &cancelled["result"]["status"]), (&Value::Null, &json!("CANCELED")));
    }
    assert_eq!(sim.truth().count("WS", "/ws-fapi/v1/order.place"), 3);
    assert_eq!(sim.truth().orders.len(), 3);
}

/// The methods that end something or ask for it, the last one first.
const LAST: [&str; 8] = [
    "session.logout",
    "userDataStream.stop",
    "algoOrder.cancel",
    "order.cancel",
    "order.modify",
    "order.status",
    "userDataStream.ping",
    "session.status",
];

#[tokio::test]
async fn every_method_of_both_markets_answers() {
    let sim = still().order_limits(u32::MAX, u32::MAX).start().unwrap();
    let key = &sim.keys().ed25519;
    let mut answered = 0;
    for (path, market, symbol) in [
        ("/ws-fapi/v1", binance_core::Market::UsdM, "BTCUSDT"),
        ("/ws-dapi/v1", binance_core::Market::CoinM, "BTCUSD_PERP"),
    ] {
        let mut socket = Socket::open(&sim, path).await;
        let mut order_id = Value::Null;
        let mut algo_id = Value::Null;
        // Those that need something to be there come after what makes it.
        let mut methods: Vec<_> = METHODS.iter().filter(|meta| meta.market == market).collect();
        methods.sort_by_key(|meta| {
            LAST.iter().rev().position(|last| meta.method.ends_with(last)).map_or(0, |place| place + 1)
        });
        for meta in methods {
            let params: Map<String, Value> = meta
                .params
                .iter()
                .filter_map(|param| {
                    let value = match param.name {
                        "symbol" => json!(symbol),
                        "side" => json!("BUY"),
                        "algoType" => json!("CONDITIONAL"),
                        "type" if meta.method == "algoOrder.place" => json!("STOP_MARKET"),
                        "triggerPrice" => json!("70000"),
                        "type" => json!("LIMIT"),
                        "timeInForce" if meta.method == "order.place" => json!("GTC"),
                        "quantity" if symbol == "BTCUSDT" => json!("0.01"),
                        "quantity" => json!("1"),
                        "price" if meta.method != "algoOrder.place" => json!("62000"),
                        "orderId" => order_id.clone(),
                        "algoId" => algo_id.clone(),
                        _ => return None,
                    };
                    Some((param.name.to_owned(), value))
                })
                .collect();
            let mut params = params;
            if meta.method == "order.modify" {
                params.insert("price".to_owned(), json!("61000"));
            }
            let call = if meta.security.is_signed() {
                signed(&sim, key, &json!(1), meta.method, Value::Object(params))
            } else if meta.security.needs_key() {
                params.insert("apiKey".to_owned(), json!(key.api_key));
                plain(1, meta.method, Value::Object(params))
            } else {
                plain(1, meta.method, Value::Object(params))
            };
            let reply = ask(&mut socket, &call).await;
            assert_eq!(reply["status"], 200, "{} {call} {reply}", meta.method);
            match meta.method {
                "order.place" => order_id = reply["result"]["orderId"].clone(),
                "algoOrder.place" => algo_id = reply["result"]["algoId"].clone(),
                _ => {}
            }
            // The same as REST, where there is no time or count in it.
            if meta.method == "depth" {
                let rest = get(&sim, "/fapi/v1/depth?symbol=BTCUSDT").good();
                assert_eq!(reply["result"]["bids"], rest["bids"]);
            }
            answered += 1;
        }
    }
    assert_eq!(answered, 34);
}

#[tokio::test]
async fn only_ed25519_logs_on_and_then_neither_key_nor_signature_is_needed() {
    let sim = still().start().unwrap();
    let mut socket = open(&sim).await;
    let unsigned = |id: u64| json!({ "id": id, "method": "order.place", "params": with_time(&sim, order(&format!("o{id}"))) });
    assert_eq!(code(&ask(&mut socket, &unsigned(1).to_string()).await), -1102, "nobody is logged on");
    let status = ask(&mut socket, r#"{"id":1,"method":"session.status"}"#).await;
    assert_eq!(status["result"]["apiKey"], Value::Null);
    for key in [&sim.keys().hmac, &sim.keys().rsa] {
        let reply = ask(&mut socket, &signed(&sim, key, &json!(2), "session.logon", json!({}))).await;
        assert_eq!(code(&reply), -4056);
    }
    let key = &sim.keys().ed25519;
    let forged =
        signed(&sim, key, &json!(2), "session.logon", json!({})).replace("timestamp\":1", "timestamp\":2");
    assert!([-1021, -1022].contains(&code(&ask(&mut socket, &forged).await)));
    let logon = ask(&mut socket, &signed(&sim, key, &json!(3), "session.logon", json!({}))).await;
    assert_eq!(
        (&logon["result"]["apiKey"], &logon["result"]["authorizedSince"]),
        (&json!(key.api_key), &json!(sim.now()))
    );
    assert_eq!(ask(&mut socket, &unsigned(4).to_string()).await["status"], 200);
    // The time is still asked for.
    let mut timeless = unsigned(5);
    timeless["params"].as_object_mut().unwrap().remove("timestamp");
    assert_eq!(code(&ask(&mut socket, &timeless.to_string()).await), -1102);
    let mut stale = unsigned(6);
    stale["params"]["timestamp"] = json!(sim.now() - 60_000);
    assert_eq!(code(&ask(&mut socket, &stale.to_string()).await), -1021);
    // Who signs all the same must do it right, with whichever key.
    let by_hand = signed(&sim, &sim.keys().hmac, &json!(7), "order.place", order("o7"));
    assert_eq!(ask(&mut socket, &by_hand).await["status"], 200);
    assert_eq!(code(&ask(&mut socket, &by_hand.replace("o7", "o8")).await), -1022);
    // Another socket is another session.
    let mut other = open(&sim).await;
    assert_eq!(code(&ask(&mut other, &unsigned(9).to_string()).await), -1102);
    let logout = ask(&mut socket, r#"{"id":8,"method":"session.logout"}"#).await;
    assert_eq!(logout["result"]["authorizedSince"], Value::Null);
    assert_eq!(code(&ask(&mut socket, &unsigned(10).to_string()).await), -1102);
}

#[tokio::test]
async fn what_is_wrong_with_a_call_is_said_in_the_envelope() {
    let sim = still().start().unwrap();
    let mut socket = open(&sim).await;
    let key = &sim.keys().hmac;
    let mut unknown = key.clone();
    unknown.api_key = "x".repeat(64);
    let call = |params: Value| signed(&sim, key, &json!(1), "order.place", params);
    let without = |name: &str| {
        let mut params = order("a");
        params.as_object_mut().unwrap().remove(name);
        params
    };
    let with = |name: &str, value: Value| {
        let mut params = order("a");
        params[name] = value;
        params
    };
    for (text, status, error) in [
        ("hello".to_owned(), 400, -1135),
        ("{}".to_owned(), 400, -1102),
        (plain(1, "order.nope", json!({})), 400, -1020),
        (call(without("side")), 400, -1102),
        (call(with("side", json!("UP"))), 400, -1117),
        (call(with("colour", json!("red"))), 400, -1104),
        (call(with("symbol", json!("NOPE"))), 400, -1121),
        (call(with("quantity", json!("0.0001"))), 400, -1111),
        (call(order("a")).replace("62000", "62001"), 400, -1022),
        (signed(&sim, &unknown, &json!(1), "order.place", order("a")), 401, -2015),
        (plain(1, "userDataStream.start", json!({})), 400, -1102),
        (
            signed(&sim, key, &json!(1), "order.cancel", json!({ "symbol": "BTCUSDT", "orderId": 5 })),
            400,
            -2011,
        ),
    ] {
        let reply = ask(&mut socket, &text).await;
        let expected = if error == -1111 {
            [-1111, -4003, -4005, -4164].contains(&code(&reply))
        } else {
            code(&reply) == error
        };
        assert!(expected, "{text} {reply}");
        assert_eq!(reply["status"], status, "{text} {reply}");
    }
    assert!(sim.truth().orders.is_empty());
    // Symbols go and are signed as they are.
    let mut own = order("b");
    own["symbol"] = json!("币安人生USDT");
    own["price"] = json!("0.18000");
    own["quantity"] = json!("100");
    assert_eq!(ask(&mut socket, &call(own)).await["status"], 200);
}

#[tokio::test]
async fn weights_count_on_their_own_and_orders_on_both() {
    let sim = still().weight_limit(100).start().unwrap();
    let mut usdm = open(&sim).await;
    let mut coinm = Socket::open(&sim, "/ws-dapi/v1").await;
    let used = |reply: &Value| reply["rateLimits"][0]["count"].as_u64().unwrap();
    let rest = || get(&sim, "/fapi/v1/ping").header("X-MBX-USED-WEIGHT-1M").unwrap().parse::<u64>().unwrap();
    // Five for the handshake of COIN-M.
    assert_eq!(rest(), 6);
    let depth = plain(1, "depth", json!({ "symbol": "BTCUSDT", "limit": 50 }));
    assert_eq!(used(&ask(&mut usdm, &depth).await), 7);
    assert_eq!(rest(), 7, "not on REST");
    let cancel = signed(
        &sim,
        &sim.keys().hmac,
        &json!(1),
        "order.cancel",
        json!({ "symbol": "BTCUSDT", "orderId": 5 }),
    );
    let refused = ask(&mut usdm, &cancel).await;
    assert_eq!((code(&refused), used(&refused)), (-2011, 8));
    assert_eq!(rest(), 9, "on REST too");
    let balance = signed(&sim, &sim.keys().hmac, &json!(1), "account.balance", json!({}));
    let before = rest();
    let shared = used(&ask(&mut coinm, &balance).await);
    assert!(shared > before && shared <= before + 5);
    assert!(rest() > shared);
    let quiet =
        ask(&mut usdm, &plain(2, "ticker.price", json!({ "symbol": "BTCUSDT", "returnRateLimits": false })))
            .await;
    assert!(quiet["status"] == 200 && quiet.get("rateLimits").is_none(), "{quiet}");
    let mut silent = Socket::open(&sim, "/ws-fapi/v1?returnRateLimits=false").await;
    assert!(ask(&mut silent, &depth).await.get("rateLimits").is_none());
    let refused = loop {
        let reply = ask(&mut usdm, &depth).await;
        if reply["status"] != 200 {
            break reply;
        }
    };
    assert_eq!((&refused["status"], code(&refused)), (&json!(429), -1003));
    let data = &refused["error"]["data"];
    assert!(data["retryAfter"].as_i64().unwrap() > data["serverTime"].as_i64().unwrap());
    get(&sim, "/fapi/v1/ping").good();
}

#[tokio::test]
async fn user_data_can_do_without_rest() {
    let sim = still().start().unwrap();
    for (path, route) in [("/ws-fapi/v1", "/private/ws/"), ("/ws-dapi/v1", "/dstream/ws/")] {
        let mut socket = Socket::open(&sim, path).await;
        let params = json!({ "apiKey": sim.keys().hmac.api_key });
        let started = ask(&mut socket, &plain(1, "userDataStream.start", params.clone())).await;
        let key = started["result"]["listenKey"].as_str().unwrap().to_owned();
        let mut stream = Socket::open(&sim, &format!("{route}{key}")).await;
        let pinged = ask(&mut socket, &plain(2, "userDataStream.ping", params.clone())).await;
        assert_eq!(pinged["status"], 200);
        let stopped = ask(&mut socket, &plain(3, "userDataStream.stop", params.clone())).await;
        assert_eq!(stopped["result"], json!({}));
        assert!(matches!(stream.message().await, Some(Message::Close(_))));
        assert_eq!(code(&ask(&mut socket, &plain(4, "userDataStream.ping", params)).await), -1125);
    }
}

#[tokio::test]
async fn a_thousand_calls_are_in_flight_at_once() {
    let sim = still().start().unwrap();
    let mut socket = open(&sim).await;
    for id in 0..1_000 {
        socket.say(&plain(id, "ticker.price", json!({ "symbol": "BTCUSDT" }))).await;
    }
    for id in 0..1_000 {
        assert_eq!(socket.json().await["id"], id);
    }
}

#[tokio::test]
async fn a_call_goes_wrong_at_each_moment() {
    for (what, taken, reply) in [
        (What::CloseBeforeProcessing, false, None),
        (What::ResetBeforeProcessing, false, None),
        (What::BadGateway, false, None),
        (What::CloseAfterProcessing, true, None),
        (What::ResetAfterProcessing, true, None),
        (What::CutHead, true, None),
        (What::Timeout { processed: true }, true, Some((408, -1007))),
        (What::Timeout { processed: false }, false, Some((408, -1007))),
        (What::InternalError, false, Some((500, -1000))),
        (What::Unavailable(Unavailable::Unknown), true, Some((503, -1000))),
        (What::Unavailable(Unavailable::Throttled), false, Some((503, -1008))),
        (What::TooManyRequests { retry_after: 2 }, false, Some((429, -1003))),
        (What::Banned { retry_after: 2 }, false, Some((418, -1003))),
        (What::ClockSkew(60_000), false, Some((400, -1021))),
    ] {
        let sim = still().start().unwrap();
        let mut socket = open(&sim).await;
        // What was answered before still arrives.
        socket.say(&plain(9, "ticker.price", json!({ "symbol": "BTCUSDT" }))).await;
        sim.fault(Fault::new(what.clone()).on("WS", "/ws-fapi/v1/order.place"));
        socket.say(&signed(&sim, &sim.keys().ed25519, &json!(1), "order.place", order("me"))).await;
        if !matches!(what, What::ResetBeforeProcessing | What::ResetAfterProcessing) {
            assert_eq!(socket.json().await["id"], 9);
            match reply {
                Some((status, error)) => {
                    let got = socket.json().await;
                    assert_eq!(
                        (got["id"].as_i64(), got["status"].as_i64(), code(&got)),
                        (Some(1), Some(status), error),
                        "{what:?}"
                    );
                }
                None => assert!(socket.message().await.is_none(), "{what:?}"),
            }
        } else {
            while socket.message().await.is_some() {}
        }
        assert_eq!(sim.truth().order("me").is_some(), taken, "{what:?}");
        assert_eq!(sim.injected()[0].at, "WS /ws-fapi/v1/order.place");
    }
}

#[tokio::test]
async fn an_answer_never_comes_or_late_or_out_of_order_or_twice_or_not_as_it_was() {
    let sim = still().start().unwrap();
    let mut socket = open(&sim).await;
    let fault = |what| sim.fault(Fault::new(what).on("WS", "/ws-fapi/v1/order*"));
    let place = |id: u64| signed(&sim, &sim.keys().hmac, &json!(id), "order.place", order(&format!("o{id}")));
    let probe = |id: u64| plain(id, "ticker.price", json!({ "symbol": "BTCUSDT" }));
    let mut next = 0;
    for (what, taken) in [(What::Hang { processed: true }, true), (What::Hang { processed: false }, false)] {
        next += 1;
        fault(what);
        socket.say(&place(next)).await;
        assert_eq!(ask(&mut socket, &probe(100)).await["id"], 100);
        assert_eq!(sim.truth().order(&format!("o{next}")).is_some(), taken);
    }
    for what in [
        What::Delay(Duration::from_millis(50)),
        What::DelayBeforeProcessing(Duration::from_millis(50)),
        What::Reorder,
    ] {
        next += 1;
        fault(what);
        socket.say(&place(next)).await;
        assert_eq!(ask(&mut socket, &probe(100)).await["id"], 100, "the later call first");
        assert_eq!(socket.json().await["id"], next);
    }
    next += 1;
    fault(What::Duplicate);
    assert_eq!(ask(&mut socket, &place(next)).await, socket.json().await);
    for (what, field, expected) in [
        (What::NewEnumValue("status".to_owned()), "status", Some(json!("SIM_NEW_VALUE"))),
        (What::MissingField("status".to_owned()), "status", None),
        (What::NewField, "status", Some(json!("NEW"))),
        (What::ByteByByte, "status", Some(json!("NEW"))),
    ] {
        next += 1;
        fault(what.clone());
        let reply = ask(&mut socket, &place(next)).await;
        assert_eq!(
            (reply["status"].as_i64(), reply["result"].get(field)),
            (Some(200), expected.as_ref()),
            "{what:?}"
        );
    }
    for what in [What::GarbageBody, What::CutBody] {
        next += 1;
        fault(what);
        socket.say(&place(next)).await;
        assert!(serde_json::from_str::<Value>(&socket.text().await).is_err());
    }
}

#[tokio::test]
async fn whatever_is_said_it_goes_on_serving() {
    let sim = still().start().unwrap();
    let mut socket = open(&sim).await;
    let deep = format!(r#"{{"id":1,"method":"depth","params":{}1{}}}"#, "[".repeat(5_000), "]".repeat(5_000));
    for text in [
        "",
        "null",
        "[]",
        "\u{0}",
        "{\"id\":1",
        r#"{"id":{"a":1},"method":"depth"}"#,
        r#"{"id":1e999,"method":"depth"}"#,
        r#"{"id":1,"method":"depth","params":{"symbol":null,"limit":{}}}"#,
        r#"{"id":1,"method":"depth","params":{"symbol":["BTCUSDT"],"limit":-1}}"#,
        r#"{"id":1,"method":"order.place","params":{"apiKey":5,"signature":false,"timestamp":"x"}}"#,
        r#"{"id":1,"method":"session.logon","params":{"apiKey":"","signature":"","timestamp":99999999999999999999}}"#,
        &deep,
    ] {
        let reply = ask(&mut socket, text).await;
        assert_ne!(reply["status"], 200, "{text:.80}");
        assert!(reply["error"]["code"].is_i64());
    }
    assert_eq!(
        ask(&mut socket, &plain(7, "ticker.price", json!({ "symbol": "BTCUSDT" }))).await["status"],
        200
    );
}
