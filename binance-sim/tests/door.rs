//! The door: keys, signatures, time, parameters, weights.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::io::Write;

use binance_sim::{DemoKey, KeyKind, Sim};
use common::{connect, encode, get, read_all, read_reply, request, send, sign, sign_now, signed, still};

const ORDER: &str = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=60000";

#[test]
fn an_order_is_taken_with_each_kind_of_key() {
    let sim = still().start().unwrap();
    let keys = sim.keys().clone();
    for key in [&keys.hmac, &keys.rsa, &keys.ed25519] {
        let query = sign_now(&sim, key, ORDER);
        let order = send(&sim, "POST", &format!("/fapi/v1/order?{query}"), Some(&key.api_key), "").good();
        assert_eq!(order["status"], "NEW", "{:?}", key.kind);
    }
    assert_eq!(sim.truth().orders.len(), 3);
}

#[test]
fn the_signature_covers_query_and_body_joined_as_they_are() {
    let sim = still().start().unwrap();
    let key = sim.keys().hmac.clone();
    let now = sim.now();
    let post = |query: &str, body: &str| {
        send(&sim, "POST", &format!("/fapi/v1/order?{query}"), Some(&key.api_key), body)
    };
    let (first, second) = (
        "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC",
        format!("quantity=0.01&price=60000&timestamp={now}"),
    );
    let joined = sign(&key, &format!("{first}{second}"));
    let with_and = sign(&key, &format!("{first}&{second}"));
    // All in the body; split with the signature in the body; split with the signature in the query.
    let whole = format!("{first}&{second}");
    post("", &format!("{whole}&signature={}", sign(&key, &whole))).good();
    post(first, &format!("{second}&signature={joined}")).good();
    post(&format!("{first}&signature={joined}"), &second).good();
    for (query, body) in [
        (first.to_owned(), format!("{second}&signature={with_and}")),
        (first.to_owned(), format!("signature={joined}&{second}")),
        (format!("signature={joined}&{first}"), second.clone()),
        (first.to_owned(), format!("{second}&signature={}", joined.replace('a', "b"))),
        (first.replace("BUY", "SELL"), format!("{second}&signature={joined}")),
    ] {
        let reply = post(&query, &body);
        assert_eq!((reply.status, reply.code()), (400, -1022), "{query} {body}");
    }
    assert_eq!(sim.truth().orders.len(), 3);
}

#[test]
fn a_symbol_that_is_not_ascii_is_signed_percent_encoded() {
    let sim = still().start().unwrap();
    let symbol = encode("币安人生USDT");
    let order = format!("symbol={symbol}&side=BUY&type=LIMIT&timeInForce=GTC&quantity=100&price=0.18000");
    assert_eq!(signed(&sim, "POST", "/fapi/v1/order", &order).good()["symbol"], "币安人生USDT");
    // Signed raw and sent encoded: refused.
    let key = sim.keys().hmac.clone();
    let time = sim.now();
    let raw = format!("{}&timestamp={time}", order.replace(&symbol, "币安人生USDT"));
    let target = format!("/fapi/v1/order?{order}&timestamp={time}&signature={}", sign(&key, &raw));
    assert_eq!(send(&sim, "POST", &target, Some(&key.api_key), "").code(), -1022);
}

#[test]
fn keys_are_told_apart() {
    let sim = still().start().unwrap();
    let query = sign_now(&sim, &sim.keys().hmac, "");
    let target = format!("/fapi/v2/balance?{query}");
    for (key, status, code) in [
        (None, 401, -2014),
        (Some(""), 401, -2014),
        (Some("short"), 401, -2014),
        (Some("0123456789012345678901234567890123456789012345678901234567890123"), 401, -2015),
        (Some(sim.keys().rsa.api_key.as_str()), 400, -1022),
        (Some(sim.keys().hmac.api_key.as_str()), 200, 0),
    ] {
        let reply = send(&sim, "GET", &target, key, "");
        let code_of = if reply.status == 200 { 0 } else { reply.code() };
        assert_eq!((reply.status, code_of), (status, code), "{key:?}");
    }
    // A listen key needs a key and no signature.
    assert_eq!(send(&sim, "POST", "/fapi/v1/listenKey", None, "").code(), -2014);
    send(&sim, "POST", "/fapi/v1/listenKey", Some(&sim.keys().ed25519.api_key), "").good();
}

#[test]
fn a_key_of_ones_own_works_beside_the_demo_keys() {
    let key = DemoKey { api_key: "mine".to_owned(), kind: KeyKind::Hmac, secret: "s".to_owned() };
    let sim = still().key(key.clone()).start().unwrap();
    let query = sign_now(&sim, &key, "");
    send(&sim, "GET", &format!("/fapi/v2/balance?{query}"), Some("mine"), "").good();
    let broken = DemoKey { kind: KeyKind::Ed25519, ..key };
    assert!(still().key(broken).start().is_err());
}

#[test]
fn the_receive_window_is_exact() {
    let sim = still().start().unwrap();
    let key = sim.keys().hmac.clone();
    let now = sim.now();
    for (timestamp, window, status) in [
        (now + 999, None, 200),
        (now + 1_000, None, 400),
        (now - 5_000, None, 200),
        (now - 5_001, None, 400),
        (now, Some(0), 200),
        (now - 1, Some(0), 400),
        (now - 60_000, Some(60_000), 200),
    ] {
        let window = window.map_or(String::new(), |window: i64| format!("&recvWindow={window}"));
        let payload = format!("timestamp={timestamp}{window}");
        let target = format!("/fapi/v2/balance?{payload}&signature={}", sign(&key, &payload));
        let reply = send(&sim, "GET", &target, Some(&key.api_key), "");
        assert_eq!(reply.status, status, "{payload} {}", reply.body);
        if status == 400 {
            assert_eq!(reply.code(), -1021);
        }
    }
    // A clock that goes wrong shows at once.
    let balance = |stamp: i64| {
        let payload = format!("timestamp={stamp}");
        let target = format!("/fapi/v2/balance?{payload}&signature={}", sign(&key, &payload));
        send(&sim, "GET", &target, Some(&key.api_key), "").status
    };
    sim.set_clock_skew(10_000);
    assert_eq!((sim.now(), balance(now), balance(now + 10_000)), (now + 10_000, 400, 200));
    assert_eq!(get(&sim, "/fapi/v1/time").good()["serverTime"], now + 10_000);
}

#[test]
fn parameters_are_checked_with_the_documented_words() {
    let sim = still().start().unwrap();
    let order = |params: &str| signed(&sim, "POST", "/fapi/v1/order", params);
    for (params, code, msg) in [
        (
            "side=BUY&type=LIMIT",
            -1102,
            "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.",
        ),
        (
            "symbol=&side=BUY&type=LIMIT",
            -1102,
            "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.",
        ),
        (
            "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=60000",
            -1102,
            "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed.",
        ),
        (
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=60000",
            -1102,
            "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed.",
        ),
        (
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1",
            -1102,
            "Mandatory parameter 'price' was not sent, was empty/null, or malformed.",
        ),
        (&format!("{ORDER}&newClientOrderId="), -1105, "Parameter 'newClientOrderId' was empty."),
        (
            &format!("{ORDER}&colour=red"),
            -1104,
            "Not all sent parameters were read; read '8' parameter(s) but was sent '9'.",
        ),
        (&format!("{ORDER}&symbol=BTCUSDT"), -1101, "Duplicate values for a parameter detected."),
        (
            &ORDER.replace("0.01", "1e-2"),
            -1100,
            "Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.",
        ),
        (
            &format!("{ORDER}&recvWindow=x"),
            -1100,
            "Illegal characters found in parameter 'recvWindow'; legal range is '^[0-9]{1,20}$'.",
        ),
        (
            &format!("{ORDER}&newClientOrderId=a%20b"),
            -1100,
            "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.",
        ),
        (&ORDER.replace("GTC", "GTX2"), -1115, "Invalid timeInForce."),
        (&ORDER.replace("LIMIT", "LIMITED"), -1116, "Invalid orderType."),
        (&ORDER.replace("BUY", "HOLD"), -1117, "Invalid side."),
        (&ORDER.replace("BTCUSDT", "NOPEUSDT"), -1121, "Invalid symbol."),
        (&ORDER.replace("BTCUSDT", "BTCUSD_PERP"), -1121, "Invalid symbol."),
        (&format!("{ORDER}&newOrderRespType=FULL"), -1136, "Invalid newOrderRespType."),
        (&format!("{ORDER}&positionSide=UP"), -4060, "Invalid position side."),
        (&format!("{ORDER}&selfTradePreventionMode=MAYBE"), -5039, "Invalid self trade prevention mode"),
        (&format!("{ORDER}&reduceOnly=yes"), -1130, "Data sent for parameter 'reduceOnly' is not valid."),
        (
            &ORDER.replace("LIMIT", "STOP_MARKET"),
            -4120,
            "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.",
        ),
    ] {
        let reply = order(params);
        let body = reply.json();
        assert_eq!((reply.status, reply.code(), body["msg"].as_str()), (400, code, Some(msg)), "{params}");
    }
    assert!(sim.truth().orders.is_empty());
    let cancel = signed(&sim, "DELETE", "/fapi/v1/order", "symbol=BTCUSDT");
    assert_eq!(
        cancel.json()["msg"],
        "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
    );
    for (target, code) in [
        ("/fapi/v1/klines?symbol=BTCUSDT&interval=7m", -1120),
        ("/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1501", -1130),
        ("/fapi/v1/klines?symbol=BTCUSDT&interval=1m&startTime=2&endTime=1", -1023),
        ("/fapi/v1/depth?symbol=BTCUSDT&limit=7", -4021),
        ("/fapi/v1/depth?symbol=BTCUSDT&limit=-5", -1100),
        ("/fapi/v1/aggTrades?symbol=BTCUSDT&startTime=0&endTime=3600001", -1127),
        ("/fapi/v1/ping?x=1", -1104),
        ("/dapi/v1/ticker/bookTicker?symbol=BTCUSD_PERP&pair=BTCUSD", -1128),
        ("/dapi/v1/depth?symbol=BTCUSDT", -1121),
    ] {
        assert_eq!(get(&sim, target).code(), code, "{target}");
    }
}

#[test]
fn a_mandatory_stamp_and_signature_are_asked_for_by_name() {
    let sim = still().start().unwrap();
    let key = sim.keys().hmac.clone();
    let balance =
        |query: &str| send(&sim, "GET", &format!("/fapi/v2/balance?{query}"), Some(&key.api_key), "").json();
    let msg =
        |name: &str| format!("Mandatory parameter '{name}' was not sent, was empty/null, or malformed.");
    assert_eq!(balance("")["msg"], msg("timestamp"));
    assert_eq!(balance("timestamp=1")["msg"], msg("signature"));
    assert_eq!(balance("timestamp=1&signature=")["msg"], msg("signature"));
    assert_eq!(balance("timestamp=1&signature=x")["code"], -1021);
    assert_eq!(balance(&format!("timestamp={}&signature=x", sim.now()))["code"], -1022);
}

#[test]
fn unknown_addresses_get_a_page_and_not_json() {
    let sim = still().start().unwrap();
    for (method, target, status) in
        [("GET", "/", 404), ("GET", "/fapi/v1/nope", 404), ("PATCH", "/fapi/v1/time", 405)]
    {
        let reply = send(&sim, method, target, None, "");
        assert_eq!((reply.status, reply.header("content-type")), (status, Some("text/html")), "{target}");
    }
}

#[test]
fn weight_is_counted_by_the_facts_of_the_endpoint_and_refused_past_the_limit() {
    let sim = still().weight_limit(30).start().unwrap();
    for (target, weight, used) in [
        ("/fapi/v1/ping", 1, 1),
        ("/fapi/v1/depth?symbol=BTCUSDT&limit=5", 2, 3),
        ("/dapi/v1/depth?symbol=BTCUSD_PERP&limit=100", 5, 8),
        ("/fapi/v1/premiumIndex?symbol=BTCUSDT", 1, 9),
        ("/fapi/v1/premiumIndex", 10, 19),
        ("/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=99", 1, 20),
        ("/fapi/v1/klines?symbol=BTCUSDT&interval=1m", 5, 25),
        ("/fapi/v1/depth?symbol=NOPE&limit=5", 2, 27),
    ] {
        let reply = get(&sim, target);
        assert_eq!(
            reply.header("X-MBX-USED-WEIGHT-1M"),
            Some(used.to_string().as_str()),
            "{target} {weight}"
        );
    }
    let refused = get(&sim, "/fapi/v1/premiumIndex");
    assert_eq!((refused.status, refused.code(), refused.header("Retry-After")), (429, -1003, Some("61")));
    assert_eq!(refused.header("X-MBX-USED-WEIGHT-1M"), Some("37"));
    assert!(refused.body.contains("Too many requests; current limit is 30 requests per minute."));
    for _ in 0..9 {
        assert_eq!(get(&sim, "/fapi/v1/ping").status, 429);
    }
    let last = get(&sim, "/fapi/v1/ping");
    assert_eq!((last.status, last.header("Retry-After")), (418, Some("121")));
    assert!(last.body.contains("IP banned until"));
    sim.advance(std::time::Duration::from_secs(120));
    assert_eq!(get(&sim, "/fapi/v1/ping").header("X-MBX-USED-WEIGHT-1M"), Some("1"));
}

#[test]
fn orders_are_counted_for_both_markets_together_and_refused_past_the_limit() {
    let sim = still().order_limits(3, 5).start().unwrap();
    let um = || signed(&sim, "POST", "/fapi/v1/order", ORDER);
    let cm = || {
        let order = "symbol=BTCUSD_PERP&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=62000";
        signed(&sim, "POST", "/dapi/v1/order", order)
    };
    let counts = |reply: &common::Reply| {
        let count = |name| reply.header(name).map(str::to_owned);
        (count("X-MBX-ORDER-COUNT-10S"), count("X-MBX-ORDER-COUNT-1M"))
    };
    let some = |short: &str, long: &str| (Some(short.to_owned()), Some(long.to_owned()));
    assert_eq!(counts(&um()), some("1", "1"));
    assert_eq!(counts(&cm()).1, Some("2".to_owned()));
    let third = um();
    assert_eq!(counts(&third).1, Some("3".to_owned()));
    // What does not place an order has no such header.
    assert_eq!(counts(&get(&sim, "/fapi/v1/time")), (None, None));
    for _ in 0..3 {
        um();
    }
    let refused = um();
    assert_eq!((refused.status, refused.code()), (429, -1015));
    assert!(refused.header("Retry-After").is_some());
    assert_eq!(counts(&refused), (None, None));
}

#[test]
fn a_socket_takes_many_requests_also_two_in_one_packet_and_in_pieces() {
    let sim = still().start().unwrap();
    let mut stream = connect(&sim);
    let two =
        format!("{}{}", request("GET", "/fapi/v1/ping", None, ""), request("GET", "/fapi/v1/time", None, ""));
    stream.write_all(two.as_bytes()).unwrap();
    assert_eq!(read_reply(&mut stream).body, "{}");
    assert_eq!(read_reply(&mut stream).good()["serverTime"], sim.now());
    for byte in request("GET", "/dapi/v1/time", None, "").bytes() {
        stream.write_all(&[byte]).unwrap();
    }
    assert_eq!(read_reply(&mut stream).status, 200);
    stream.write_all(b"GET /fapi/v1/ping HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
    assert!(read_all(&mut stream).ends_with(b"{}"));
}

#[test]
fn bad_bytes_get_an_answer_or_a_closed_socket_and_harm_nobody() {
    let sim = still().start().unwrap();
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(70_000));
    let huge = "POST /fapi/v1/order HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n".to_owned();
    let binary = "POST /fapi/v1/order HTTP/1.1\r\nContent-Length: 2\r\n\r\n".to_owned();
    for (bytes, status) in [
        (b"\0\x01\x02\r\n\r\n".to_vec(), "400"),
        (b"GET\r\n\r\n".to_vec(), "400"),
        (long.into_bytes(), "431"),
        (huge.into_bytes(), "413"),
        ([binary.as_bytes(), b"\xff\xfe"].concat(), "400"),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(), "501"),
        (b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n".to_vec(), "404"),
        (b"GET /nope HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n".to_vec(), "404"),
    ] {
        let mut stream = connect(&sim);
        stream.write_all(&bytes).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let reply = String::from_utf8_lossy(&read_all(&mut stream)).into_owned();
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
        assert!(reply.starts_with(&format!("HTTP/1.1 {status}")), "{start:?}: {reply}");
    }
    get(&sim, "/fapi/v1/ping").good();
}

#[test]
fn dropping_the_handle_closes_the_port_and_several_run_at_once() {
    let one = still().start().unwrap();
    let two = Sim::start().unwrap();
    assert_ne!(one.urls(), two.urls());
    let mut idle = connect(&one);
    let address = common::address(&one);
    drop(one);
    assert_eq!(read_all(&mut idle), b"");
    assert!(std::net::TcpStream::connect(address).is_err());
    get(&two, "/fapi/v1/ping").good();
}
