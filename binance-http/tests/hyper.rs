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
use binance_http::{BuildError, Client, Error, Outcome, TransportKind, hyper::Hyper};
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
