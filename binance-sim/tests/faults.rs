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

/// What comes back for a request until the socket closes; the second is the error that ended it.
fn raw(sim: &Sim, target: &str) -> (String, Option<std::io::ErrorKind>) {
    let mut stream = connect(sim);
    let sent = stream.write_all(request("GET", target, None, "").as_bytes());
    let mut bytes = Vec::new();
    let error = sent.and_then(|()| stream.read_to_end(&mut bytes)).err();
    (String::from_utf8_lossy(&bytes).into_owned(), error.map(|error| error.kind()))
}

#[test]
fn a_connection_goes_wrong_before_anything_is_said() {
    let sim = still().start().unwrap();
    sim.fault(Fault::new(What::DropConnection));
    assert_eq!(raw(&sim, "/fapi/v1/ping").0, "");
    sim.fault(Fault::new(What::ResetConnection));
    let (text, error) = raw(&sim, "/fapi/v1/ping");
    assert_eq!(text, "");
    // Windows of the race between the reset and what is written are all errors.
    assert!(error.is_some());
    sim.fault(Fault::new(What::MuteConnection));
    let mut stream = connect(&sim);
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    stream.write_all(request("GET", "/fapi/v1/ping", None, "").as_bytes()).unwrap();
    let error = stream.read(&mut [0; 16]).unwrap_err();
    assert!(matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut));
    sim.fault(Fault::new(What::DelayConnection(Duration::from_millis(80))));
    let started = Instant::now();
    get(&sim, "/fapi/v1/ping").good();
    assert!(started.elapsed() >= Duration::from_millis(80));
    // Only the one that was served came.
    assert_eq!(sim.truth().count("GET", "/fapi/v1/ping"), 1);
    assert!(sim.injected().iter().all(|injected| injected.at == "connection"));
}

#[test]
fn a_request_is_reset_or_delayed_before_it_is_looked_at() {
    let sim = still().start().unwrap();
    assert_eq!(struck(&sim, What::ResetBeforeProcessing), "");
    assert!(!exists(&sim));
    sim.fault(Fault::new(What::DelayBeforeProcessing(Duration::from_millis(150))));
    let mut stream = connect(&sim);
    stream.write_all(order(&sim, "me").as_bytes()).unwrap();
    while sim.injected().len() < 2 {
        std::thread::yield_now();
    }
    assert!(!exists(&sim), "not yet");
    assert_eq!(read_reply(&mut stream).status, 200);
    assert!(exists(&sim));
}

#[test]
fn a_reply_comes_twice_or_with_a_byte_that_is_wrong() {
    let sim = still().start().unwrap();
    sim.fault(Fault::new(What::Duplicate));
    let mut stream = connect(&sim);
    stream.write_all(request("GET", "/fapi/v1/time", None, "").as_bytes()).unwrap();
    assert_eq!(read_reply(&mut stream).body, read_reply(&mut stream).body);
    sim.fault(Fault::new(What::CorruptByte));
    stream.write_all(request("GET", "/fapi/v1/time", None, "").as_bytes()).unwrap();
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") || bytes.last() != Some(&b'}') {
        let mut more = [0; 256];
        let count = stream.read(&mut more).unwrap();
        bytes.extend_from_slice(&more[..count]);
    }
    assert_eq!(bytes.iter().filter(|byte| **byte >= 0x80).count(), 1);
}

#[test]
fn an_internal_error_is_a_500() {
    let sim = still().start().unwrap();
    let reply = replied(&sim, What::InternalError);
    assert_eq!((reply.status, reply.code()), (500, -1000));
    assert!(!exists(&sim));
}

#[test]
fn a_clock_that_is_wrong_for_one_request_refuses_it_or_tells_a_stale_time() {
    let sim = still().start().unwrap();
    for by in [60_000, -60_000] {
        let reply = replied(&sim, What::ClockSkew(by));
        assert_eq!((reply.status, reply.code()), (400, -1021), "{by}");
    }
    assert!(!exists(&sim));
    sim.fault(Fault::new(What::ClockSkew(-90_000)).on("GET", "/fapi/v1/time"));
    let time = || get(&sim, "/fapi/v1/time").good()["serverTime"].as_i64().unwrap();
    assert_eq!(time(), sim.now() - 90_000);
    assert_eq!(time(), sim.now());
}

#[test]
fn a_field_is_new_or_missing_or_has_a_word_that_is_in_no_enum() {
    let sim = still().start().unwrap();
    let reply = replied(&sim, What::NewEnumValue("status".to_owned())).good();
    assert_eq!(reply["status"], "SIM_NEW_VALUE");
    let reply = replied(&sim, What::MissingField("status".to_owned()));
    // The first order is still there under the same id.
    assert_eq!(reply.code(), -4116);
    let sim = still().start().unwrap();
    let reply = replied(&sim, What::MissingField("status".to_owned())).good();
    assert!(reply.get("status").is_none() && reply["symbol"] == "BTCUSDT");
    sim.fault(Fault::new(What::NewField));
    assert!(get(&sim, "/fapi/v1/time").good()["simNewField"].is_object());
}

#[tokio::test]
async fn listen_keys_expire_on_demand() {
    let sim = still().start().unwrap();
    let key = sim.keys().hmac.api_key.clone();
    let start =
        || common::send(&sim, "POST", "/fapi/v1/listenKey", Some(&key), "").good()["listenKey"].clone();
    let first = start();
    let mut socket = Socket::open(&sim, &format!("/private/ws/{}", first.as_str().unwrap())).await;
    sim.fault(Fault::new(What::ExpireListenKeys).on("PUT", "/fapi/v1/listenKey"));
    assert_eq!(common::send(&sim, "PUT", "/fapi/v1/listenKey", Some(&key), "").code(), -1125);
    let event = socket.json().await;
    assert_eq!((&event["e"], &event["listenKey"]), (&"listenKeyExpired".into(), &first));
    assert_ne!(start(), first);
}

#[tokio::test]
async fn a_handshake_goes_wrong_when_its_path_is_named() {
    let sim = still().start().unwrap();
    let url = format!("{}/public/ws", sim.urls().usdm_streams);
    sim.fault(Fault::new(What::BadGateway));
    Socket::open(&sim, "/public/ws").await;
    sim.clear_faults();
    for (what, status) in [
        (What::BadGateway, Some(502)),
        (What::TooManyRequests { retry_after: 3 }, Some(429)),
        (What::CloseBeforeProcessing, None),
        (What::ResetAfterProcessing, None),
    ] {
        sim.fault(Fault::new(what.clone()).on("GET", "/public/*"));
        let error = tokio_tungstenite::connect_async(&url).await.unwrap_err();
        let seen = match error {
            tokio_tungstenite::tungstenite::Error::Http(response) => Some(response.status().as_u16()),
            _ => None,
        };
        assert_eq!(seen, status, "{what:?}");
    }
    sim.fault(Fault::new(What::Delay(Duration::from_millis(80))).on("GET", "/public/ws"));
    let started = Instant::now();
    Socket::open(&sim, "/public/ws").await;
    assert!(started.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn a_subscription_is_in_vain_or_ignored() {
    let sim = moving().start().unwrap();
    let name = "btcusdt@bookTicker";
    let subscribe = |id: u64| format!(r#"{{"method":"SUBSCRIBE","params":["{name}"],"id":{id}}}"#);
    sim.fault(Fault::new(What::SilentSubscription).on_stream(name));
    let mut socket = Socket::open(&sim, "/public/ws").await;
    assert_eq!(socket.ask(&subscribe(1)).await["id"], 1, "acknowledged");
    sim.advance(Duration::from_secs(2));
    assert_eq!(socket.drain().await.len(), 0, "and silent");
    sim.fault(Fault::new(What::IgnoredSubscription).on_stream(name));
    let mut socket = Socket::open(&sim, "/public/ws").await;
    socket.say(&subscribe(2)).await;
    assert_eq!(socket.drain().await.len(), 0, "no word of it");
    assert_eq!(socket.ask(&subscribe(3)).await["id"], 3);
    sim.advance(Duration::from_secs(2));
    assert!(!socket.drain().await.is_empty());
    assert_eq!(sim.injected().len(), 2);
}

#[tokio::test]
async fn frames_are_lost_late_reordered_or_not_as_they_were() {
    let sim = moving().start().unwrap();
    let name = "btcusdt@depth@100ms";
    let mut socket = Socket::open(&sim, &format!("/public/ws/{name}")).await;
    let fault = |what| sim.fault(Fault::new(what).on_stream("btcusdt@depth*"));
    let step = || sim.advance(Duration::from_secs(1));
    let number = |frame: &serde_json::Value, field: &str| frame[field].as_u64().unwrap();
    // How many frames do not follow on the one before them.
    let breaks = |frames: &[serde_json::Value]| {
        frames.windows(2).filter(|pair| number(&pair[1], "pu") != number(&pair[0], "u")).count()
    };
    step();
    assert_eq!(breaks(&socket.drain().await), 0);

    sim.fault(Fault::new(What::Gap).on_stream(name).after(3));
    step();
    let frames = socket.drain().await;
    assert_eq!((breaks(&frames), frames.len()), (1, 9), "one is missing");

    sim.fault(Fault::new(What::Reorder).on_stream(name).after(3));
    step();
    let frames = socket.drain().await;
    assert_eq!(frames.len(), 10);
    assert_eq!(frames.windows(2).filter(|pair| number(&pair[1], "u") < number(&pair[0], "u")).count(), 1);

    sim.fault(Fault::new(What::Duplicate).on_stream(name));
    step();
    let frames = socket.drain().await;
    assert!(frames.len() == 11 && frames[0] == frames[1]);

    fault(What::Delay(Duration::from_millis(100)));
    let started = Instant::now();
    step();
    socket.drain().await;
    assert!(started.elapsed() >= Duration::from_millis(100));

    fault(What::ByteByByte);
    step();
    assert_eq!(breaks(&socket.drain().await), 0, "whole all the same");

    fault(What::ClockSkew(-60_000));
    step();
    let frames = socket.drain().await;
    assert!(number(&frames[1], "E") - number(&frames[0], "E") > 60_000, "stale");

    fault(What::NewEnumValue("e".to_owned()));
    fault(What::NewField);
    fault(What::MissingField("pu".to_owned()));
    fault(What::ShutdownNotice);
    step();
    let frames = socket.drain().await;
    assert_eq!(frames[0]["e"], "SIM_NEW_VALUE");
    assert!(frames[1].get("simNewField").is_some() && frames[1]["e"] == "depthUpdate");
    assert!(frames[2].get("pu").is_none() && frames[2].get("u").is_some());
    assert_eq!((&frames[3]["e"], &frames[4]["e"]), (&"serverShutdown".into(), &"depthUpdate".into()));
}

#[tokio::test]
async fn a_frame_is_no_text_or_breaks_off_and_a_socket_is_reset() {
    let sim = moving().start().unwrap();
    let name = "btcusdt@bookTicker";
    for what in [What::CorruptByte, What::BreakFrame, What::ResetStream] {
        let mut socket = Socket::open(&sim, &format!("/public/ws/{name}")).await;
        sim.fault(Fault::new(what.clone()).on_stream(name));
        sim.advance(Duration::from_secs(1));
        // The client library refuses what is no UTF-8, and what does not come whole.
        let error = loop {
            match tokio::time::timeout(common::DEADLINE, futures_util::StreamExt::next(&mut socket.0))
                .await
                .unwrap()
            {
                Some(Ok(_)) => {}
                Some(Err(error)) => break error,
                None => panic!("{what:?}: an error"),
            }
        };
        let text = format!("{error:?}");
        match what {
            What::CorruptByte => assert!(text.contains("Utf8"), "{text}"),
            What::BreakFrame => assert!(text.contains("ResetWithoutClosingHandshake"), "{text}"),
            _ => assert!(text.contains("ConnectionReset"), "{text}"),
        }
    }
}

#[test]
fn a_fault_strikes_as_likely_as_told() {
    let sim = still().start().unwrap();
    sim.fault(Fault::new(What::BadGateway).with_probability(0.5).always());
    let mut stream = connect(&sim);
    let mut ask = || {
        stream.write_all(request("GET", "/fapi/v1/ping", None, "").as_bytes()).unwrap();
        read_reply(&mut stream).status
    };
    let bad = (0..200).filter(|_| ask() == 502).count();
    assert!((60..140).contains(&bad), "{bad}");
}

/// Every fault that can be written as JSON, and one that is at each point.
#[test]
fn the_control_endpoint_takes_every_fault_of_the_readme_and_tells_what_struck() {
    let sim = still().start().unwrap();
    let readme = include_str!("../README.md");
    let table = readme.split("\n## ").find(|part| part.starts_with("What can go wrong")).unwrap();
    let rows: Vec<_> =
        table.lines().filter(|line| line.starts_with("| `") && !line.contains("| Then |")).collect();
    assert!(rows.len() > 25);
    let mut names = 0;
    // A fault of connections would strike at one for the control endpoint too.
    let mut stream = connect(&sim);
    let mut control = |method: &str, body: &str| {
        stream.write_all(request(method, "/sim/fault", None, body).as_bytes()).unwrap();
        read_reply(&mut stream)
    };
    for row in rows {
        let cell = row.split('|').nth(1).unwrap();
        for name in cell.split('`').skip(1).step_by(2).filter(|word| !word.starts_with('"')) {
            let fault = format!(
                r#"{{"what":"{name}","millis":1,"by":1,"code":1000,"field":"a","status":400,"body":"","path":"/nowhere"}}"#
            );
            control("POST", &fault).good();
            names += 1;
        }
    }
    assert_eq!(names, 46, "every fault that has a name stands in the README");
    control("DELETE", "").good();
    control("POST", r#"[{"what":"dropConnection"},{"what":"internalError"}]"#).good();
    assert_eq!(raw(&sim, "/fapi/v1/ping").0, "");
    assert_eq!(get(&sim, "/fapi/v1/ping").status, 500);
    let injected = get(&sim, "/sim/fault").good();
    assert_eq!(injected["injected"][0]["at"], "connection");
    assert_eq!(injected["injected"][1]["at"], "GET /fapi/v1/ping");
    let refused = common::send(&sim, "POST", "/sim/fault", None, r#"{"what":"delay"}"#);
    assert_eq!((refused.status, refused.json()["msg"].as_str()), (400, Some("\"millis\" is missing")));
}

#[tokio::test]
async fn the_control_endpoint_trades_skews_expires_and_tells_every_book() {
    let sim = still().start().unwrap();
    let post = |target: &str| common::send(&sim, "POST", target, None, "");
    let traded = post("/sim/trade?symbol=BTCUSDT&side=BUY&quantity=0.5").good();
    assert_eq!(traded["executedQty"], "0.500");
    assert_eq!(post("/sim/trade?symbol=NOPE&side=BUY&quantity=0.5").code(), -1121);
    let books = get(&sim, "/sim/book").good();
    assert_eq!(books.as_array().unwrap().len(), sim.symbols().len());
    assert_eq!(books[0]["updateId"], sim.book("BTCUSDT").unwrap().update_id);
    let before = sim.now();
    post("/sim/skew?millis=-5000").good();
    assert_eq!(sim.now(), before - 5_000);
    let key = sim.keys().hmac.api_key.clone();
    common::send(&sim, "POST", "/fapi/v1/listenKey", Some(&key), "").good();
    post("/sim/expireListenKeys").good();
    assert_eq!(common::send(&sim, "PUT", "/fapi/v1/listenKey", Some(&key), "").code(), -1125);
    let mut socket = Socket::open(&sim, "/public/ws").await;
    post("/sim/dropStreams").good();
    assert!(socket.message().await.is_none());
    let counts = get(&sim, "/sim/truth").good()["counts"].clone();
    let count = |at: &str| {
        counts.as_array().unwrap().iter().find(|count| count["at"] == at).map(|count| count["count"].clone())
    };
    assert_eq!(count("PUT /fapi/v1/listenKey"), Some(1.into()));
    assert_eq!(count("GET /sim/book"), None);
}
