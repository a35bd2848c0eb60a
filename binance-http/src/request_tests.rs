//! Requests as bytes: golden ones, and what may not be written.

extern crate std;

use std::{format, string::String, vec, vec::Vec};

use binance_core::{
    CATALOG, Market, Millis, Security,
    decimal::dec,
    enums::{Interval, Side},
    param::Value,
    raw::Raw,
    usdm,
};
use binance_sign::Hmac;

use super::*;

const SECRET: &[u8] = b"2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";

fn credentials() -> Credentials<Hmac> {
    Credentials::new("the-key", Hmac::new(SECRET)).unwrap()
}

fn stamp() -> Stamp {
    Stamp::new(Millis(1_591_702_613_943)).recv_window(5_000)
}

fn base(url: &str) -> BaseUrl {
    BaseUrl::parse(url).unwrap()
}

fn order() -> usdm::trade::NewOrder<'static> {
    usdm::trade::NewOrder::limit("BTCUSDT", Side::Buy, dec!("1"), dec!("9000"))
}

/// The text of a request in exactly the room it needs; one byte less has to be too little.
fn written(plan: Plan<'_, dyn Request + '_>) -> Result<String, BuildError> {
    let credentials = credentials();
    let mut room = vec![0; 8_192];
    let text =
        String::from_utf8(plan.write(Some(&credentials), stamp(), &mut room)?.as_bytes().to_vec()).unwrap();
    for short in 0..text.len() {
        assert_eq!(
            plan.write(Some(&credentials), stamp(), &mut room[..short]).unwrap_err(),
            BuildError::Full
        );
    }
    let exact = plan.write(Some(&credentials), stamp(), &mut room[..text.len()]).unwrap();
    assert_eq!(exact.as_bytes(), text.as_bytes());
    Ok(text)
}

/// Asserts the bytes but for the version in the user agent.
fn golden(request: &dyn Request, url: &str, placement: Placement, expected: &str) {
    let base = base(url);
    let text = written(Plan::new(request, &base).placement(placement)).unwrap();
    assert_eq!(text.replace(USER_AGENT, "binance-http/x"), expected);
}

#[test]
fn golden_requests() {
    use Placement::{Body, Query};
    const PRODUCTION: &str = "https://fapi.binance.com";
    golden(
        &usdm::market_data::Time::new(),
        PRODUCTION,
        Query,
        "GET /fapi/v1/time HTTP/1.1\r\nHost: fapi.binance.com\r\nAccept: application/json\r\n\
         User-Agent: binance-http/x\r\n\r\n",
    );
    golden(
        &usdm::market_data::Klines::new("币安人生USDT", Interval::M1).limit(2),
        "http://127.0.0.1:8080/proxy",
        Body,
        "GET /proxy/fapi/v1/klines?symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&interval=1m&limit=2 HTTP/1.1\r\n\
         Host: 127.0.0.1:8080\r\nAccept: application/json\r\nUser-Agent: binance-http/x\r\n\r\n",
    );
    golden(
        &usdm::user_data_streams::StartUserDataStream::new(),
        PRODUCTION,
        Query,
        "POST /fapi/v1/listenKey HTTP/1.1\r\nHost: fapi.binance.com\r\nAccept: application/json\r\n\
         User-Agent: binance-http/x\r\nX-MBX-APIKEY: the-key\r\nContent-Length: 0\r\n\r\n",
    );
    // The exchange's own example.
    let order = Raw::new(Market::UsdM, Method::Post, "/fapi/v1/order", Security::Trade)
        .param("symbol", Value::Text("BTCUSDT"))
        .and_then(|order| order.param("side", Value::Text("BUY")))
        .and_then(|order| order.param("type", Value::Text("LIMIT")))
        .and_then(|order| order.param("quantity", Value::Int(1)))
        .and_then(|order| order.param("price", Value::Int(9_000)))
        .and_then(|order| order.param("timeInForce", Value::Text("GTC")))
        .unwrap();
    let signed = "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000\
                  &timestamp=1591702613943\
                  &signature=3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9";
    golden(
        &order,
        PRODUCTION,
        Query,
        &format!(
            "POST /fapi/v1/order?{signed} HTTP/1.1\r\nHost: fapi.binance.com\r\nAccept: application/json\r\n\
             User-Agent: binance-http/x\r\nX-MBX-APIKEY: the-key\r\nContent-Length: 0\r\n\r\n"
        ),
    );
    golden(
        &order,
        PRODUCTION,
        Body,
        &format!(
            "POST /fapi/v1/order HTTP/1.1\r\nHost: fapi.binance.com\r\nAccept: application/json\r\n\
             User-Agent: binance-http/x\r\nX-MBX-APIKEY: the-key\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length:     {}\r\n\r\n{signed}",
            signed.len()
        ),
    );
}

/// Whatever a caller gives, the lines of the head are those that are always there.
#[test]
fn nothing_that_is_given_begins_a_header() {
    let evil = "x\r\nX-Evil: 1\r\n\r\nGET / HTTP/1.1\r\n\0é";
    let (base, order) = (base("https://h"), order().new_client_order_id(evil));
    for placement in [Placement::Query, Placement::Body] {
        let text = written(Plan::new(&order as &dyn Request, &base).placement(placement)).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(head.lines().count(), if placement == Placement::Query { 6 } else { 7 }, "{head}");
        assert!(!body.contains(['\r', '\n', '\0']) && !text.contains("X-Evil: 1"), "{text}");
        assert!(text.contains("newClientOrderId=x%0D%0AX-Evil%3A%201%0D%0A"), "{text}");
    }
    for key in ["x\r\nX-Evil: 1", "x\ny", "x\0", "é", ""] {
        assert!(Credentials::new(key, Hmac::new(SECRET)).is_err(), "{key:?}");
    }
    assert!(BaseUrl::parse("https://h\r\nX-Evil: 1").is_err());
}

#[test]
fn compressed_replies_are_asked_for_in_a_header() {
    let base = base("https://h");
    let time = usdm::market_data::Time::new();
    let text = written(Plan::new(&time as &dyn Request, &base).accept_gzip(true)).unwrap();
    assert_eq!(
        text.replace(USER_AGENT, "binance-http/x"),
        "GET /fapi/v1/time HTTP/1.1\r\nHost: h\r\nAccept: application/json\r\nUser-Agent: binance-http/x\r\n\
         Accept-Encoding: gzip\r\n\r\n"
    );
}

#[test]
fn the_parts_are_those_of_the_whole() {
    let (base, credentials, order) = (base("https://h/p"), credentials(), order());
    for placement in [Placement::Query, Placement::Body] {
        let mut room = [0; 1_024];
        let plan = Plan::new(&order, &base).placement(placement);
        let request = plan.write(Some(&credentials), stamp(), &mut room).unwrap();
        let bytes = request.as_bytes();
        assert_eq!(&bytes[request.target_range()], request.target().as_bytes());
        assert_eq!(&bytes[request.body_range()], request.body());
        assert_eq!(request.method(), Method::Post);
        let headers: Vec<_> = request.headers().collect();
        assert_eq!(headers[0], ("Host", "h"));
        assert!(headers.contains(&("X-MBX-APIKEY", "the-key")));
        for (name, range) in request.header_ranges() {
            let value = core::str::from_utf8(&bytes[range]).unwrap();
            assert!(headers.contains(&(name, value)));
        }
        let length: usize =
            headers.iter().find(|(name, _)| *name == "Content-Length").unwrap().1.parse().unwrap();
        assert_eq!(length, request.body().len());
        assert_eq!(request.body().is_empty(), placement == Placement::Query);
        assert_eq!(request.target().contains('?'), placement == Placement::Query);
        let shown = format!("{request:?}");
        assert!(shown.contains("signature=***"), "{shown}");
        assert!(!shown.contains("3c6612") && !shown.contains("the-key"), "{shown}");
    }
}

#[test]
fn the_documented_room_suffices_for_every_endpoint() {
    let host = "h".repeat(250);
    let base = base(&format!("https://{host}/{}", "p".repeat(126)));
    let credentials = Credentials::new(&"k".repeat(128), Hmac::new(SECRET)).unwrap();
    let stamp = Stamp::new(Millis(i64::MAX)).recv_window(u32::MAX);
    for meta in CATALOG.iter() {
        for placement in [Placement::Query, Placement::Body] {
            let request = Raw::new(meta.market, meta.method, meta.path, meta.security)
                .param("symbol", Value::Text("BTCUSDT"))
                .unwrap();
            let signed = if meta.security.is_signed() { 64 + 3 * 64 } else { 0 };
            let room =
                HEAD_ROOM + base.authority().len() + base.prefix().len() + meta.path.len() + 14 + signed;
            let plan = Plan::new(&request, &base).placement(placement).accept_gzip(true);
            assert!(plan.write(Some(&credentials), stamp, &mut vec![0; room]).is_ok(), "{}", meta.path);
        }
    }
}

#[test]
fn what_cannot_be_sent_is_not_written() {
    let write = |request: &dyn Request, url: &str, with_key: bool, allow: bool| {
        let (base, credentials) = (base(url), credentials());
        let plan = Plan::new(request, &base).allow_insecure(allow);
        plan.write(with_key.then_some(&credentials), stamp(), &mut [0; 1_024]).map(|_| ())
    };
    let raw = |path| Raw::new(Market::UsdM, Method::Get, path, Security::UserData);
    let (time, order) = (usdm::market_data::Time::new(), order());
    for (request, url, with_key, allow, result) in [
        (&time as &dyn Request, "http://example.com", false, false, Ok(())),
        (&order, "https://example.com", true, false, Ok(())),
        (&order, "https://example.com", false, false, Err(BuildError::NoCredentials)),
        (&order, "http://example.com", true, false, Err(BuildError::Insecure)),
        (&order, "http://example.com", true, true, Ok(())),
        (&order, "http://127.0.0.1:1", true, false, Ok(())),
        (&order, "http://127.0.0.1.example.com", true, false, Err(BuildError::Insecure)),
        (&order, "http://localhost", true, false, Ok(())),
        (&raw("/x"), "https://h", true, false, Ok(())),
        (&raw(""), "https://h", true, false, Err(BuildError::Path)),
        (&raw("x"), "https://h", true, false, Err(BuildError::Path)),
        (&raw("/x?y=1"), "https://h", true, false, Err(BuildError::Path)),
        (&raw("/x y"), "https://h", true, false, Err(BuildError::Path)),
        (&raw("/x\r\nHost: y"), "https://h", true, false, Err(BuildError::Path)),
        (&raw("/é"), "https://h", true, false, Err(BuildError::Path)),
    ] {
        assert_eq!(write(request, url, with_key, allow), result, "{} {url}", request.meta().path);
    }
}

#[test]
fn a_body_that_is_too_long_to_count_is_refused() {
    let (base, credentials) = (base("https://h"), credentials());
    let long = "x".repeat(10_000_000);
    let request =
        Raw::new(Market::UsdM, Method::Post, "/x", Security::Public).param("a", Value::Text(&long)).unwrap();
    let plan = Plan::new(&request, &base).placement(Placement::Body);
    let mut room = vec![0; 10_001_000];
    assert_eq!(plan.write(Some(&credentials), stamp(), &mut room).unwrap_err(), BuildError::Full);
}
