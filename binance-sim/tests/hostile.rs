//! Whatever is sent to it, the exchange goes on serving.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::{
    io::{Read, Write},
    time::Duration,
};

use binance_sim::Sim;
use common::{connect, get, sign_now, still};

/// A small generator: what is thrown must be the same each time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, bound: usize) -> usize {
        self.next() as usize % bound
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most)).map(|_| self.next() as u8).collect()
    }
}

/// Sends bytes and closes; what comes back is no matter.
fn throw(sim: &Sim, bytes: &[u8]) {
    let mut stream = connect(sim);
    stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
    // It may be closed in the middle, by the other side.
    let _ = stream.write_all(bytes);
    let _ = stream.read(&mut [0; 256]);
}

/// Whether it still answers, and everybody is gone again.
fn lives(sim: &Sim) {
    get(sim, "/fapi/v1/ping").good();
}

const HANDSHAKE: &str = "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: \
                         13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

#[test]
fn bytes_that_mean_nothing() {
    let sim = still().start().unwrap();
    let mut dice = Dice(1);
    for _ in 0..60 {
        throw(&sim, &dice.bytes(600));
    }
    lives(&sim);
    for _ in 0..60 {
        throw(&sim, &[HANDSHAKE.as_bytes(), &dice.bytes(600)].concat());
    }
    lives(&sim);
    while sim.truth().stream_sockets > 0 {
        std::thread::yield_now();
    }
}

#[test]
fn requests_with_bytes_changed_added_and_left_out() {
    let sim = still().start().unwrap();
    let key = sim.keys().hmac.clone();
    let mut dice = Dice(2);
    let params = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=62000";
    for _ in 0..150 {
        let target = format!("/fapi/v1/order?{}", sign_now(&sim, &key, params));
        let mut bytes = common::request("POST", &target, Some(&key.api_key), "a=1").into_bytes();
        for _ in 0..=dice.below(4) {
            let place = dice.below(bytes.len());
            match dice.below(3) {
                0 => bytes[place] = dice.next() as u8,
                1 => bytes.insert(place, dice.next() as u8),
                _ => drop(bytes.remove(place)),
            }
        }
        throw(&sim, &bytes);
    }
    lives(&sim);
}

#[test]
fn values_at_every_edge_of_every_parameter() {
    let sim = still().weight_limit(u32::MAX).order_limits(u32::MAX, u32::MAX).start().unwrap();
    let key = sim.keys().hmac.clone();
    let values = [
        "0",
        "-1",
        "-0.0",
        "9223372036854775807",
        "18446744073709551616",
        "99999999999999999999.99999999999999999999",
        "0.00000000000000000001",
        "1e400",
        "NaN",
        "",
        "%00",
        "%F0%9F%92%A3",
        "[]",
        "[{}]",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        "{\"a\":",
        "true",
        "BTCUSDT",
        "BTCUSD_PERP",
    ];
    let mut stream = connect(&sim);
    let mut count = 0;
    for meta in binance_core::CATALOG.iter() {
        for (place, param) in meta.params.iter().enumerate() {
            let value = values[(count + place) % values.len()];
            count += 1;
            let others = meta.params.iter().filter(|other| other.name != param.name && other.mandatory);
            let others = others.map(|other| {
                let value = match other.name {
                    "symbol" if meta.market == binance_core::Market::CoinM => "BTCUSD_PERP",
                    "symbol" => "BTCUSDT",
                    "side" => "BUY",
                    "type" => "LIMIT",
                    _ => "1",
                };
                format!("{}={value}&", other.name)
            });
            let params = format!("{}{}={value}", others.collect::<String>(), param.name);
            let target = format!("{}?{}", meta.path, sign_now(&sim, &key, &params));
            let request = common::request(meta.method.as_str(), &target, Some(&key.api_key), "");
            stream.write_all(request.as_bytes()).unwrap();
            let reply = common::read_reply(&mut stream);
            assert!(reply.status < 500, "{target}: {} {}", reply.status, reply.body);
        }
    }
    assert!(count > 300, "{count}");
    lives(&sim);
}

#[test]
fn heads_bodies_and_messages_that_are_too_large() {
    let sim = still().start().unwrap();
    let status = |bytes: &[u8]| {
        let mut stream = connect(&sim);
        // It answers before it has read everything.
        let _ = stream.write_all(bytes);
        let text = common::read_all(&mut stream);
        String::from_utf8_lossy(&text).split(' ').nth(1).map(str::to_owned)
    };
    assert_eq!(
        status(format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(70_000)).as_bytes()).as_deref(),
        Some("431")
    );
    let large = "POST /fapi/v1/order HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n";
    assert_eq!(status(large.as_bytes()).as_deref(), Some("413"));
    let endless = format!("GET / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", u64::MAX);
    assert_eq!(status(endless.as_bytes()).as_deref(), Some("413"));
    let mut stream = connect(&sim);
    stream.write_all(HANDSHAKE.as_bytes()).unwrap();
    stream.write_all(&[0x81, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4]).unwrap();
    let reply = common::read_all(&mut stream);
    // A close frame with code 1009.
    assert!(reply.ends_with(&[0x88, 2, 0x03, 0xf1]), "{:?}", &reply[reply.len() - 8..]);
    lives(&sim);
}

#[test]
fn more_connections_than_are_served_at_once() {
    let sim = still().connections(20).start().unwrap();
    let held: Vec<_> = (0..20).map(|_| connect(&sim)).collect();
    let mut one_more = connect(&sim);
    one_more.write_all(common::request("GET", "/fapi/v1/ping", None, "").as_bytes()).unwrap();
    one_more.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert!(one_more.read(&mut [0; 16]).is_err(), "it waits");
    drop(held);
    one_more.set_read_timeout(Some(common::DEADLINE)).unwrap();
    assert_eq!(common::read_reply(&mut one_more).status, 200, "until others are gone");
}
