//! The hyper transport against a server that misbehaves byte by byte.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(feature = "hyper")]

mod support;

use std::{net::TcpListener, time::Duration};

use binance_core::{
    enums::{Interval, Side},
    usdm::{
        market_data::{Klines, Ping, Time},
        trade::NewOrder,
    },
};
use binance_http::{BuildError, Client, Error, Outcome, TransportKind, hyper::Hyper, verdict::BodyKind};
use binance_sign::{Credentials, Hmac};

use self::support::{
    is::{Is, is},
    server::{Server, Step, reply},
};

const ORDER: &str = r#"{"orderId":1,"symbol":"BTCUSDT","clientOrderId":"x","status":"NEW","side":"BUY"}"#;
const TIME: &str = r#"{"serverTime":5}"#;

fn client(url: &str) -> Client {
    let credentials = Credentials::new("key", Hmac::new(b"secret")).unwrap();
    Client::builder().base_url(url).credentials(credentials).without_pool().build().unwrap()
}

fn order() -> NewOrder<'static> {
    NewOrder::market("BTCUSDT", Side::Buy, "1".parse().unwrap())
}

/// A connection that serves the time once and then waits for the client to leave.
fn serves_time() -> Vec<Step> {
    vec![Step::Request, Step::reply("200 OK", TIME), Step::AwaitClose]
}

#[tokio::test]
async fn a_reply_is_read_and_the_connection_kept() {
    let server = Server::start(vec![vec![
        Step::Request,
        Step::reply("200 OK", TIME),
        Step::Request,
        Step::Write(b"HTTP/1.1 200 OK\r\nX-MBX-USED-WEIGHT-1M: 7\r\nContent-Length: 2\r\n\r\n[]".to_vec()),
        Step::Request,
        Step::reply("200 OK", "{}"),
        Step::AwaitClose,
    ]]);
    let client = client(&server.url);
    assert_eq!(client.fetch(&Time::new()).await.unwrap().server_time.0, 5);
    // A reply owns its body and can go to another task, as the client can.
    let other = client.clone();
    let reply = tokio::spawn(async move { other.send(&Klines::new("BTCUSDT", Interval::M1)).await });
    let reply = reply.await.unwrap().unwrap();
    assert_eq!(reply.value().unwrap().count(), 0);
    assert_eq!((reply.status(), reply.limits().used_weight()), (200, Some(7)));
    assert_eq!(reply.headers().get("x-mbx-used-weight-1m"), Some("7"));
    assert_eq!(reply.body(), b"[]");
    client.send(&Ping::new()).await.unwrap();
    assert_eq!(client.transport().idle_connections(), 1);
    drop(client);
    let requests = server.finish();
    assert!(requests[0].starts_with("GET /fapi/v1/time HTTP/1.1\r\nhost: 127.0.0.1:"), "{}", requests[0]);
    assert!(requests[1].starts_with("GET /fapi/v1/klines?symbol=BTCUSDT&interval=1m HTTP/1.1\r\n"));
    assert!(!requests[0].contains("apikey"), "a public request does not show the key");
}

/// Replies that are good, however odd they look, each read from the wire whole and byte by byte.
#[tokio::test]
async fn odd_but_good_replies_are_read() {
    let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"s\r\nd\r\nerverTime\":5}\r\n0\r\n\r\n";
    let interim = format!(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n{}",
        reply("200 OK", TIME)
    );
    let until_the_end = format!("HTTP/1.1 200 OK\r\n\r\n{TIME}");
    let old = format!("HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n{TIME}", TIME.len());
    for good in [
        &reply("200 OK", TIME),
        &reply("201 Created", &format!(" \n{TIME}")),
        chunked,
        &interim,
        &until_the_end,
        &old,
    ] {
        for step in [Step::Write(good.as_bytes().to_vec()), Step::Drip(good.as_bytes().to_vec())] {
            let server = Server::start(vec![vec![Step::Request, step]]);
            let client = client(&server.url);
            assert_eq!(client.fetch(&Time::new()).await.unwrap().server_time.0, 5, "{good}");
            drop(client);
            server.finish();
        }
    }
}

/// Everything that can go wrong after an order is on its way: the error, what is known of the order, that it was sent
/// once, and that the same client works afterwards.
#[tokio::test]
async fn each_failure_is_told_apart_and_the_order_is_sent_once() {
    use BodyKind::{Empty, Html, Json, Text};
    use Outcome::{Rejected, Unknown};
    use TransportKind::{Closed, Cut, Malformed, Timeout};
    let write = |text: &str| Step::Write(text.as_bytes().to_vec());
    let html = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    let unknown = r#"{"code":-1000,"msg":"Unknown error, please check your request or try again later."}"#;
    let throttled = r#"{"code":-1008,"msg":"Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again."}"#;
    let internal =
        r#"{"code":-1001,"msg":"Internal error; unable to process your request. Please try again."}"#;
    let timeout = r#"{"code":-1007,"msg":"Timeout waiting for response from backend server. Send status unknown; execution status unknown."}"#;
    let unexpected = r#"{"code":-1006,"msg":"An unexpected response was received from the message bus. Execution status unknown."}"#;
    let cases = [
        ("closed", vec![], Is::Transport(Closed, Unknown)),
        ("reset", vec![Step::RequestAndReset], Is::Transport(Closed, Unknown)),
        ("hangs", vec![Step::AwaitClose], Is::Transport(Timeout, Unknown)),
        ("half a head", vec![write("HTTP/1.1 200 OK\r\nContent-Le")], Is::Transport(Cut, Unknown)),
        (
            "half a body",
            vec![write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"ord")],
            Is::Transport(Cut, Unknown),
        ),
        (
            "half a body, hangs",
            vec![write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"ord"), Step::AwaitClose],
            Is::Transport(Timeout, Unknown),
        ),
        (
            "half a chunk",
            vec![write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"ord")],
            Is::Transport(Cut, Unknown),
        ),
        (
            "no last chunk",
            vec![write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")],
            Is::Transport(Cut, Unknown),
        ),
        (
            "a bad chunk",
            vec![write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n")],
            Is::Transport(Malformed, Unknown),
        ),
        ("not HTTP", vec![write("\x16\x03\x01 nonsense \r\n\r\n")], Is::Transport(Malformed, Unknown)),
        ("HTTP/2", vec![write("HTTP/2 200\r\n\r\n")], Is::Transport(Malformed, Unknown)),
        (
            "two lengths",
            vec![write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ")],
            Is::Transport(Malformed, Unknown),
        ),
        ("not JSON", vec![Step::reply("200 OK", "garbage")], Is::Status(200, Text, Unknown)),
        ("a captive portal", vec![Step::reply("200 OK", html)], Is::Status(200, Html, Unknown)),
        ("a challenge", vec![Step::reply("202 Accepted", "")], Is::Status(202, Empty, Unknown)),
        (
            "success without a body",
            vec![write("HTTP/1.1 204 No Content\r\n\r\n")],
            Is::Status(204, Empty, Unknown),
        ),
        ("half of the JSON", vec![Step::reply("200 OK", r#"{"orderId":1,"sym"#)], Is::Decode(Unknown)),
        ("other JSON", vec![Step::reply("200 OK", r#"{"something":"else"}"#)], Is::Decode(Unknown)),
        (
            "refused with 200",
            vec![Step::reply("200 OK", r#"{"code":-2019,"msg":"Margin is insufficient."}"#)],
            Is::Api(200, -2019, Rejected),
        ),
        (
            "refused",
            vec![Step::reply("400 Bad Request", r#"{"code":-1121,"msg":"Invalid symbol."}"#)],
            Is::Api(400, -1121, Rejected),
        ),
        (
            "unauthorized",
            vec![Step::reply("401 Unauthorized", r#"{"code":-2015,"msg":"Invalid API-key."}"#)],
            Is::Api(401, -2015, Rejected),
        ),
        (
            "redirected",
            vec![write("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n")],
            Is::Status(302, Empty, Rejected),
        ),
        ("firewall", vec![Step::reply("403 Forbidden", html)], Is::Status(403, Html, Rejected)),
        ("not found", vec![Step::reply("404 Not Found", "")], Is::Status(404, Empty, Rejected)),
        ("timeout", vec![Step::reply("408 Request Timeout", timeout)], Is::Api(408, -1007, Unknown)),
        (
            "timeout without words",
            vec![Step::reply("408 Request Timeout", "")],
            Is::Status(408, Empty, Unknown),
        ),
        (
            "banned",
            vec![Step::reply("418 I'm a teapot", r#"{"code":-1003,"msg":"Way too many requests"}"#)],
            Is::Api(418, -1003, Rejected),
        ),
        ("limited", vec![Step::reply("429 Too Many Requests", "")], Is::Status(429, Empty, Rejected)),
        (
            "blocked",
            vec![Step::reply(
                "451 Unavailable For Legal Reasons",
                r#"{"code":0,"msg":"restricted location"}"#,
            )],
            Is::Api(451, 0, Rejected),
        ),
        ("internal", vec![Step::reply("500 Internal Server Error", "")], Is::Status(500, Empty, Unknown)),
        ("gateway", vec![Step::reply("502 Bad Gateway", html)], Is::Status(502, Html, Unknown)),
        (
            "unavailable, unknown",
            vec![Step::reply("503 Service Unavailable", unknown)],
            Is::Api(503, -1000, Unknown),
        ),
        (
            "unavailable, unknown, plain",
            vec![Step::reply(
                "503 Service Unavailable",
                "Unknown error, please check your request or try again later.",
            )],
            Is::Status(503, Text, Unknown),
        ),
        (
            "unavailable, failed",
            vec![Step::reply("503 Service Unavailable", "Service Unavailable.")],
            Is::Status(503, Text, Rejected),
        ),
        (
            "unavailable, failed, JSON",
            vec![Step::reply("503 Service Unavailable", r#"{"code":-1016,"msg":"Service Unavailable."}"#)],
            Is::Api(503, -1016, Rejected),
        ),
        (
            "unavailable, internal",
            vec![Step::reply("503 Service Unavailable", internal)],
            Is::Api(503, -1001, Rejected),
        ),
        (
            "unavailable, throttled",
            vec![Step::reply("503 Service Unavailable", throttled)],
            Is::Api(503, -1008, Rejected),
        ),
        (
            "unavailable, a page",
            vec![Step::reply("503 Service Unavailable", html)],
            Is::Status(503, Html, Unknown),
        ),
        (
            "maintenance",
            vec![Step::reply(
                "503 Service Unavailable",
                r#"{"239999":"The system is under maintenance, please try again later."}"#,
            )],
            Is::Status(503, Json, Unknown),
        ),
        ("bus", vec![Step::reply("500 Internal Server Error", unexpected)], Is::Api(500, -1006, Unknown)),
        ("gateway timeout", vec![Step::reply("504 Gateway Timeout", timeout)], Is::Api(504, -1007, Unknown)),
    ];
    for (name, mut script, expected) in cases {
        if !matches!(script.first(), Some(Step::RequestAndReset)) {
            script.insert(0, Step::Request);
        }
        // After a whole reply the connection is kept.
        if !matches!(expected, Is::Transport(..)) {
            script.extend([Step::Request, Step::reply("200 OK", TIME)]);
        }
        let server = Server::start(vec![script, serves_time()]);
        let client = client(&server.url);
        let hurried =
            client.with_timeout(Duration::from_millis(if expected.is_late() { 100 } else { 10_000 }));
        let result = match hurried.send(&order()).await {
            Ok(reply) => reply.value().map(|order| order.order_id),
            Err(error) => Err(error),
        };
        let error = result.expect_err(name);
        assert_eq!(is(&error), expected, "{name}: {error:?}");
        assert_eq!(client.fetch(&Time::new()).await.expect(name).server_time.0, 5, "{name}");
        let requests = server.requests();
        let orders = requests.iter().filter(|request| request.starts_with("POST /fapi/v1/order?")).count();
        assert_eq!(orders, 1, "{name}");
        let told = format!("{error} {error:?}");
        assert!(!told.contains("signature="), "{name}: {told}");
        server.abandon();
    }
}

#[tokio::test]
async fn a_request_that_never_left_says_so() {
    // A port that was free a moment ago.
    let refused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = client(&format!("http://{refused}")).send(&order()).await.unwrap_err();
    assert_eq!(is(&error), Is::Transport(TransportKind::Refused, Outcome::NotSent));
    let source = std::error::Error::source(&error).unwrap().downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(source.kind(), std::io::ErrorKind::ConnectionRefused);

    let error = client("http://name.invalid")
        .with_timeout(Duration::from_secs(20))
        .send(&Ping::new())
        .await
        .unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);

    // The server speaks no TLS.
    let server =
        Server::start(vec![vec![Step::Read(5), Step::Write(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())]]);
    let error = client(&server.url.replace("http:", "https:")).send(&order()).await.unwrap_err();
    assert_eq!(is(&error), Is::Transport(TransportKind::Tls, Outcome::NotSent));
    server.finish();

    // Shakes no hands at all.
    let server = Server::start(vec![vec![Step::AwaitClose]]);
    let client = client(&server.url.replace("http:", "https:")).with_timeout(Duration::from_millis(50));
    let error = client.send(&order()).await.unwrap_err();
    assert_eq!(is(&error), Is::Transport(TransportKind::Timeout, Outcome::NotSent));
    drop(client);
    server.finish();

    // Nothing listens there, and nobody finds out.
    let client = Client::builder().base_url(&format!("http://{refused}")).build().unwrap();
    let error = client.send(&order()).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(matches!(error, Error::Build(BuildError::NoCredentials)), "{error:?}");
}

#[tokio::test]
async fn a_connection_that_died_idle_costs_nothing() {
    // Closed after the reply without a word.
    let server = Server::start(vec![
        vec![Step::Request, Step::reply("200 OK", TIME)],
        vec![Step::Request, Step::reply("400 Bad Request", r#"{"code":-1121,"msg":"Invalid symbol."}"#)],
    ]);
    let client = client(&server.url);
    client.fetch(&Time::new()).await.unwrap();
    server.until(3).await;
    // Long enough for the connection to be looked at before it is used.
    tokio::time::sleep(Duration::from_millis(25)).await;
    let error = client.send(&order()).await.unwrap_err();
    assert_eq!(is(&error), Is::Api(400, -1121, Outcome::Rejected));
    drop(client);
    assert_eq!(server.finish().len(), 2);
}

#[tokio::test]
async fn a_reply_that_nobody_asked_for_is_never_taken_for_another() {
    let second = r#"{"serverTime":6}"#;
    let other = reply("200 OK", r#"{"serverTime":-1}"#);
    for (first, closing) in [
        // Two replies in one packet, and a reply to an idle connection, as some gateways send before they close it.
        (reply("200 OK", TIME) + &other, ""),
        (reply("200 OK", TIME), "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"),
    ] {
        let server = Server::start(vec![
            vec![
                Step::Request,
                Step::Write(first.clone().into_bytes()),
                Step::Write(closing.as_bytes().to_vec()),
                Step::AwaitClose,
            ],
            vec![Step::Request, Step::reply("200 OK", second)],
        ]);
        let client = client(&server.url);
        assert_eq!(client.fetch(&Time::new()).await.unwrap().server_time.0, 5);
        server.until(3).await;
        assert_eq!(client.fetch(&Time::new()).await.unwrap().server_time.0, 6);
        drop(client);
        assert_eq!(server.finish().len(), 2);
    }
}

#[tokio::test]
async fn a_reply_is_no_longer_than_it_may_be() {
    let long = "x".repeat(100_000);
    for text in [
        reply("200 OK", &long),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n186A0\r\n{long}\r\n0\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\n\r\n{long}"),
    ] {
        let server = Server::start(vec![vec![Step::Request, Step::Write(text.into_bytes())]]);
        let client = Client::over(Hyper::new().max_body(99_999)).base_url(&server.url).build().unwrap();
        let error = client.send(&Time::new()).await.unwrap_err();
        assert_eq!(is(&error), Is::Transport(TransportKind::TooLarge, Outcome::Unknown));
        assert_eq!(client.transport().idle_connections(), 0);
        server.finish();
    }
}

#[tokio::test]
async fn a_long_reply_comes_back_whole() {
    let long = format!("[{}1]", "1,".repeat(1_000_000));
    let chunks: String = long
        .as_bytes()
        .chunks(7_001)
        .map(|chunk| format!("{:x}\r\n{}\r\n", chunk.len(), core::str::from_utf8(chunk).unwrap()))
        .collect();
    for text in [
        reply("200 OK", &long),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"),
    ] {
        let server = Server::start(vec![vec![Step::Request, Step::Write(text.into_bytes())]]);
        let reply = client(&server.url).send(&Klines::new("BTCUSDT", Interval::M1)).await.unwrap();
        assert!(reply.into_body() == long.as_bytes());
        server.finish();
    }
}

#[tokio::test]
async fn a_dropped_request_closes_its_connection_and_nothing_else() {
    let server = Server::start(vec![vec![Step::Request, Step::AwaitClose], serves_time()]);
    let client = client(&server.url);
    {
        let order = order();
        let mut sending = Box::pin(client.send(&order));
        // Polls until the server has the order, and then no more.
        let polled = tokio::time::timeout(Duration::from_secs(10), async {
            while server.requests().is_empty() {
                tokio::select! {
                    _ = &mut sending => unreachable!("the server does not answer"),
                    () = tokio::task::yield_now() => {}
                }
            }
        });
        polled.await.unwrap();
    }
    assert_eq!(client.transport().idle_connections(), 0);
    assert_eq!(client.fetch(&Time::new()).await.unwrap().server_time.0, 5);
    assert_eq!(client.transport().idle_connections(), 1);
    assert_eq!(server.requests().len(), 2);
    drop(client);
    server.finish();
}

/// A request that is dropped at each of its awaits: the next one works, and
/// the exchange never saw the order twice.
#[tokio::test]
async fn a_request_can_be_dropped_at_every_await() {
    for polls in 0.. {
        let serve = vec![Step::Serve(reply("200 OK", ORDER), reply("200 OK", TIME))];
        let server = Server::start(vec![serve.clone(), serve]);
        let client = client(&server.url);
        let order = order();
        let finished = polled(client.send(&order), polls).await;
        let idle = client.transport().idle_connections();
        assert_eq!(idle, usize::from(finished.is_some()), "after {polls} polls");
        assert_eq!(client.fetch(&Time::new()).await.unwrap().server_time.0, 5, "after {polls} polls");
        let orders = server.requests().iter().filter(|request| request.starts_with("POST")).count();
        assert!(orders <= 1, "after {polls} polls: {orders}");
        server.abandon();
        if let Some(reply) = finished {
            assert_eq!(reply.unwrap().value().unwrap().order_id, 1);
            assert!(polls > 3, "too few awaits to be a test");
            break;
        }
    }
}

/// Polls a future this many times, each when it asks for it, and drops it.
async fn polled<F: Future>(future: F, times: usize) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    let mut polls = 0;
    std::future::poll_fn(|cx| {
        if polls == times {
            return std::task::Poll::Ready(None);
        }
        polls += 1;
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

#[tokio::test]
async fn a_connection_that_died_unnoticed_is_found_dead() {
    let server = Server::start(vec![
        vec![Step::Request, Step::reply("200 OK", TIME)],
        vec![Step::Request, Step::reply("200 OK", ORDER)],
    ]);
    let client = client(&server.url);
    client.fetch(&Time::new()).await.unwrap();
    // Nothing polls the runtime while the server closes and the connection grows old.
    let begun = std::time::Instant::now();
    while begun.elapsed() < Duration::from_millis(25) || server.steps() < 3 {
        std::thread::yield_now();
    }
    assert_eq!(client.fetch(&order()).await.unwrap().order_id, 1);
    drop(client);
    assert_eq!(server.finish().len(), 2);
}

#[tokio::test]
async fn idle_connections_are_bounded_in_number_and_time() {
    let script = || vec![Step::Request, Step::reply("200 OK", TIME), Step::AwaitClose];
    let server = Server::start(vec![script(), script()]);
    let hyper = Hyper::new().idle_timeout(Duration::ZERO);
    let client = Client::over(hyper).base_url(&server.url).build().unwrap();
    for _ in 0..2 {
        client.fetch(&Time::new()).await.unwrap();
        assert_eq!(client.transport().idle_connections(), 0);
    }
    server.finish();

    let server = Server::start(vec![script()]);
    let client = Client::over(Hyper::new().max_idle(0)).base_url(&server.url).build().unwrap();
    client.fetch(&Time::new()).await.unwrap();
    assert_eq!(client.transport().idle_connections(), 0);
    server.finish();
}
