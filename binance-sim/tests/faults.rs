//! Each fault, as it looks from the other end of the socket.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::{
    io::{Read, Write},
    time::{Duration, Instant},
};

use binance_sim::{Fault, Sim, Unavailable, What};
use common::{connect, get, moving, read_all, read_reply, request, sign_now, signed, still, stream::Socket};
use tokio_tungstenite::tungstenite::Message;

/// The bytes of a signed order.
fn order(sim: &Sim, id: &str) -> String {
    let key = &sim.keys().hmac;
    let params = format!(
        "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=62000&newClientOrderId={id}"
    );
    request("POST", &format!("/fapi/v1/order?{}", sign_now(sim, key, &params)), Some(&key.api_key), "")
}

/// What comes back for an order while a fault strikes, until the socket closes.
fn struck(sim: &Sim, what: What) -> String {
    sim.fault(Fault::new(what).on("POST", "/fapi/v1/order"));
    let mut stream = connect(sim);
    stream.write_all(order(sim, "me").as_bytes()).unwrap();
    String::from_utf8_lossy(&read_all(&mut stream)).into_owned()
}

/// The reply to an order while a fault strikes that leaves the reply whole.
fn replied(sim: &Sim, what: What) -> common::Reply {
    sim.fault(Fault::new(what).on("POST", "/fapi/v1/order"));
    let mut stream = connect(sim);
    stream.write_all(order(sim, "me").as_bytes()).unwrap();
    read_reply(&mut stream)
}

fn exists(sim: &Sim) -> bool {
    sim.truth().order("me").is_some()
}

#[test]
fn a_socket_closes_before_or_after_the_order_was_taken() {
    for (what, taken) in [
        (What::CloseBeforeProcessing, false),
        (What::CloseAfterProcessing, true),
        (What::ResetAfterProcessing, true),
    ] {
        let sim = still().start().unwrap();
        assert_eq!(struck(&sim, what.clone()), "", "{what:?}");
        assert_eq!(exists(&sim), taken, "{what:?}");
        // It came exactly once, and was not answered.
        let truth = sim.truth();
        assert_eq!(truth.count("POST", "/fapi/v1/order"), 1);
        assert_eq!(truth.received[0].status, 0);
        assert!(String::from_utf8_lossy(&truth.received[0].head).contains("newClientOrderId=me"));
        let injected = sim.injected();
        assert_eq!((injected[0].what.clone(), injected[0].at.as_str()), (what, "POST /fapi/v1/order"));
        // Spent: the next one goes through.
        let mut stream = connect(&sim);
        stream.write_all(order(&sim, "next").as_bytes()).unwrap();
        assert_eq!(read_reply(&mut stream).status, 200);
    }
}

#[test]
fn a_reset_is_a_reset() {
    let sim = still().start().unwrap();
    sim.fault(Fault::new(What::ResetAfterProcessing));
    let mut stream = connect(&sim);
    stream.write_all(request("GET", "/fapi/v1/ping", None, "").as_bytes()).unwrap();
    let error = stream.read(&mut [0; 16]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[test]
fn a_reply_breaks_off() {
    let sim = still().start().unwrap();
    let body = struck(&sim, What::CutBody);
    let (head, rest) = body.split_once("\r\n\r\n").unwrap();
    let length: usize =
        head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap().parse().unwrap();
    assert!(rest.len() < length && rest.starts_with('{') && !rest.ends_with('}'));
    assert!(exists(&sim));
    let sim = still().start().unwrap();
    let head = struck(&sim, What::CutHead);
    assert!(head.starts_with("HTTP/1.1 200 OK") && !head.contains("\r\n\r\n"));
}

#[test]
fn a_reply_is_garbage_or_of_the_wrong_length() {
    let sim = still().start().unwrap();
    let reply = replied(&sim, What::GarbageBody);
    assert_eq!(reply.status, 200);
    assert!(serde_json::from_str::<serde_json::Value>(&reply.body).is_err());
    sim.fault(Fault::new(What::WrongContentLength(5)));
    let mut stream = connect(&sim);
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    stream.write_all(request("GET", "/fapi/v1/ping", None, "").as_bytes()).unwrap();
    let text = String::from_utf8(read_all(&mut stream)).unwrap();
    assert!(text.contains("Content-Length: 7\r\n") && text.ends_with("\r\n\r\n{}"));
}

#[test]
fn the_documented_5xx_and_4xx_come_in_their_wordings() {
    for (what, status, words, taken) in [
        (What::BadGateway, 502, "<h1>502 Bad Gateway</h1>", false),
        (
            What::Unavailable(Unavailable::Unknown),
            503,
            r#"{"msg":"Unknown error, please check your request or try again later."}"#,
            true,
        ),
        (What::Unavailable(Unavailable::Failed), 503, r#"{"msg":"Service Unavailable."}"#, false),
        (
            What::Unavailable(Unavailable::Internal),
            503,
            "Internal error; unable to process your request.",
            false,
        ),
        (
            What::Unavailable(Unavailable::Throttled),
            503,
            r#"{"code":-1008,"msg":"Request throttled by system-level protection."#,
            false,
        ),
        (What::Timeout { processed: true }, 408, r#"{"code":-1007,"#, true),
        (What::Timeout { processed: false }, 408, r#"{"code":-1007,"#, false),
        (What::TooManyRequests { retry_after: 7 }, 429, r#"{"code":-1003,"msg":"Too many requests;"#, false),
        (
            What::Banned { retry_after: 9 },
            418,
            r#"{"code":-1003,"msg":"Way too many requests; IP banned until"#,
            false,
        ),
        (
            What::Reply { status: 403, content_type: "text/plain".to_owned(), body: "no".to_owned() },
            403,
            "no",
            false,
        ),
    ] {
        let sim = still().start().unwrap();
        let reply = replied(&sim, what.clone());
        assert_eq!(reply.status, status, "{what:?}");
        assert!(reply.body.contains(words), "{what:?} {}", reply.body);
        assert_eq!(exists(&sim), taken, "{what:?}");
        let retry_after = match what {
            What::TooManyRequests { .. } => Some("7"),
            What::Banned { .. } => Some("9"),
            _ => None,
        };
        assert_eq!(reply.header("Retry-After"), retry_after);
        assert_eq!(sim.truth().received[0].status, status);
    }
}

#[test]
fn a_reply_never_comes() {
    for processed in [false, true] {
        let sim = still().start().unwrap();
        sim.fault(Fault::new(What::Hang { processed }));
        let mut stream = connect(&sim);
        stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        stream.write_all(order(&sim, "me").as_bytes()).unwrap();
        let error = stream.read(&mut [0; 16]).unwrap_err();
        assert!(matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut));
        assert_eq!(exists(&sim), processed);
    }
}

#[test]
fn a_reply_comes_late_or_byte_by_byte() {
    let sim = still().start().unwrap();
    sim.fault(Fault::new(What::Delay(Duration::from_millis(120))));
    let started = Instant::now();
    get(&sim, "/fapi/v1/ping").good();
    assert!(started.elapsed() >= Duration::from_millis(120));
    sim.fault(Fault::new(What::ByteByByte));
    get(&sim, "/fapi/v1/depth?symbol=BTCUSDT&limit=50").good();
    assert_eq!(sim.injected().len(), 2);
}

#[test]
fn faults_strike_after_and_as_often_as_told_and_can_be_called_off() {
    let sim = still().start().unwrap();
    sim.fault(Fault::new(What::BadGateway).on("GET", "/fapi/*").after(1).times(2));
    let statuses: Vec<_> = (0..4).map(|_| get(&sim, "/fapi/v1/ping").status).collect();
    assert_eq!(statuses, [200, 502, 502, 200]);
    sim.fault(Fault::new(What::BadGateway).always());
    assert_eq!(get(&sim, "/dapi/v1/ping").status, 502);
    assert_eq!(get(&sim, "/dapi/v1/ping").status, 502);
    sim.clear_faults();
    get(&sim, "/dapi/v1/ping").good();
}

#[tokio::test]
async fn streams_go_wrong_frame_by_frame() {
    let sim = moving().start().unwrap();
    let name = "btcusdt@bookTicker";
    let fault = |what| sim.fault(Fault::new(what).on_stream(name));
    let mut socket = Socket::open(&sim, &format!("/public/ws/{name}")).await;
    let step = || sim.advance(Duration::from_secs(1));

    fault(What::GarbageFrame);
    step();
    let garbage = socket.text().await;
    assert!(serde_json::from_str::<serde_json::Value>(&garbage).is_err());
    assert!(socket.json().await.is_object());
    socket.drain().await;

    fault(What::TruncateFrame);
    step();
    let cut = socket.text().await;
    assert!(cut.starts_with("{\"e\":\"bookTicker\"") && !cut.ends_with('}'));
    socket.drain().await;

    fault(What::DuplicateFrame);
    step();
    assert_eq!(socket.text().await, socket.text().await);
    socket.drain().await;

    sim.fault(Fault::new(What::Silence).on_stream(name).always());
    step();
    assert_eq!(socket.drain().await.len(), 0, "silent, yet it answers");
    sim.clear_faults();
    step();
    assert!(!socket.drain().await.is_empty());

    fault(What::CloseStream(1_012));
    step();
    let closed = loop {
        match socket.message().await {
            Some(Message::Close(frame)) => break frame.unwrap(),
            Some(_) => {}
            None => panic!("a close frame"),
        }
    };
    assert_eq!(u16::from(closed.code), 1_012);

    let mut socket = Socket::open(&sim, &format!("/public/ws/{name}")).await;
    fault(What::DropStream);
    step();
    loop {
        match socket.message().await {
            Some(Message::Close(frame)) => panic!("a close frame: {frame:?}"),
            Some(_) => {}
            None => break,
        }
    }
}

#[tokio::test]
async fn all_streams_drop_on_demand() {
    let sim = still().start().unwrap();
    let mut one = Socket::open(&sim, "/public/ws").await;
    let mut two = Socket::open(&sim, "/dstream/ws").await;
    sim.drop_streams();
    assert!(one.message().await.is_none());
    assert!(two.message().await.is_none());
    get(&sim, "/fapi/v1/ping").good();
}

#[test]
fn the_control_endpoint_does_the_same() {
    let sim = still().start().unwrap();
    let post = |target: &str, body: &str| common::send(&sim, "POST", target, None, body);
    post("/sim/fault", r#"{"what":"badGateway","path":"/fapi/v1/time","times":1}"#).good();
    assert_eq!(get(&sim, "/fapi/v1/time").status, 502);
    get(&sim, "/fapi/v1/time").good();
    let before = sim.now();
    assert_eq!(post("/sim/advance?millis=1500", "").good()["time"], before + 1_500);
    signed(&sim, "POST", "/fapi/v1/order", "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=1").good();
    let truth = get(&sim, "/sim/truth").good();
    assert_eq!(
        (&truth["orders"][0]["status"], &truth["positions"][0]["symbol"]),
        (&"FILLED".into(), &"ETHUSDT".into())
    );
    assert_eq!(truth["received"].as_array().unwrap().len(), 3);
    assert_eq!(truth["injected"][0]["at"], "GET /fapi/v1/time");
    let book = get(&sim, "/sim/book?symbol=BTCUSDT").good();
    assert_eq!(book["updateId"], sim.book("BTCUSDT").unwrap().update_id);
    for (method, target, body) in [
        ("POST", "/sim/fault", "{}"),
        ("POST", "/sim/fault", "x"),
        ("GET", "/sim/nope", ""),
        ("POST", "/sim/advance", ""),
    ] {
        assert_ne!(common::send(&sim, method, target, None, body).status, 200, "{target} {body}");
    }
    post("/sim/fault", r#"{"what":"hang","times":9}"#).good();
    assert_eq!(common::send(&sim, "DELETE", "/sim/fault", None, "").body, "{}");
    get(&sim, "/fapi/v1/ping").good();
}
