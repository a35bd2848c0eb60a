//! A bare client: sockets of the standard library, signatures made with ring. It shares no code with the exchange's
//! other clients.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of it")]

use std::{
    fmt::Write as _,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use binance_sim::{DemoKey, KeyKind, Sim, SimBuilder};
use ring::{
    hmac,
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{Ed25519KeyPair, RSA_PKCS1_SHA256},
};
use serde_json::Value;

pub mod shape;
pub mod stream;

/// No test waits longer for a socket.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// An exchange whose time stands still and in which nobody else trades. Its sockets may say as much as they like.
pub fn still() -> SimBuilder {
    moving().quiet()
}

/// An exchange whose time is moved by hand, and the market with it. Its sockets may say as much as they like.
pub fn moving() -> SimBuilder {
    Sim::builder().manual_time().message_ceiling(u32::MAX)
}

/// A reply.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The code of a refusal, 0 when there is none.
    pub fn code(&self) -> i64 {
        self.json().get("code").and_then(Value::as_i64).unwrap_or(0)
    }

    /// The JSON of a reply that must be a good one.
    pub fn good(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.json()
    }
}

pub fn address(sim: &Sim) -> SocketAddr {
    sim.urls().rest.strip_prefix("http://").unwrap().parse().unwrap()
}

pub fn connect(sim: &Sim) -> TcpStream {
    let stream = TcpStream::connect(address(sim)).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Reads until the socket closes; an error of the socket ends it too.
pub fn read_all(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    bytes
}

/// Reads one reply with a content-length.
pub fn read_reply(stream: &mut impl Read) -> Reply {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut reply = Reply { status, headers, body: String::new() };
    let length = reply.header("content-length").unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    reply.body = String::from_utf8(body).unwrap();
    reply
}

/// Sends a request on a socket of its own and reads the reply.
pub fn send(sim: &Sim, method: &str, target: &str, api_key: Option<&str>, body: &str) -> Reply {
    let mut stream = connect(sim);
    stream.write_all(request(method, target, api_key, body).as_bytes()).unwrap();
    read_reply(&mut stream)
}

/// The bytes of a request.
pub fn request(method: &str, target: &str, api_key: Option<&str>, body: &str) -> String {
    let mut request = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n");
    if let Some(key) = api_key {
        write!(request, "X-MBX-APIKEY: {key}\r\n").unwrap();
    }
    if !body.is_empty() {
        write!(
            request,
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
            body.len()
        )
        .unwrap();
    }
    request.push_str("\r\n");
    request.push_str(body);
    request
}

/// A request without a key.
pub fn get(sim: &Sim, target: &str) -> Reply {
    send(sim, "GET", target, None, "")
}

/// A request signed with the HMAC key, everything in the query, at the exchange's own time.
pub fn signed(sim: &Sim, method: &str, path: &str, params: &str) -> Reply {
    let key = &sim.keys().hmac;
    send(sim, method, &format!("{path}?{}", sign_now(sim, key, params)), Some(&key.api_key), "")
}

/// Parameters with time stamp and signature.
pub fn sign_now(sim: &Sim, key: &DemoKey, params: &str) -> String {
    let join = if params.is_empty() { "" } else { "&" };
    let payload = format!("{params}{join}timestamp={}", sim.now());
    format!("{payload}&signature={}", encode(&sign(key, &payload)))
}

/// The signature of a payload, not percent-encoded.
pub fn sign(key: &DemoKey, payload: &str) -> String {
    match key.kind {
        KeyKind::Hmac => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, key.secret.as_bytes());
            let tag = hmac::sign(&key, payload.as_bytes());
            tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
        }
        KeyKind::Rsa => {
            let pair = KeyPair::from_pkcs8(&pem(&key.secret)).unwrap();
            let mut signature = vec![0; pair.public().modulus_len()];
            pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), payload.as_bytes(), &mut signature).unwrap();
            base64(&signature)
        }
        KeyKind::Ed25519 => {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pem(&key.secret)).unwrap();
            base64(pair.sign(payload.as_bytes()).as_ref())
        }
    }
}

/// Percent-encodes all but the unreserved characters.
pub fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").unwrap();
        }
    }
    out
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let group =
            u32::from_be_bytes([0, chunk[0], *chunk.get(1).unwrap_or(&0), *chunk.get(2).unwrap_or(&0)]);
        for place in 0..4 {
            let letter = LETTERS[(group >> (18 - 6 * place)) as usize & 63];
            out.push(if place > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

fn pem(text: &str) -> Vec<u8> {
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    let mut out = Vec::new();
    for chunk in body.trim_end_matches('=').as_bytes().chunks(4) {
        let digits =
            chunk.iter().map(|letter| LETTERS.iter().position(|known| known == letter).unwrap() as u32);
        let group = digits.fold(0, |group, digit| group << 6 | digit) << (6 * (4 - chunk.len()));
        out.extend_from_slice(&group.to_be_bytes()[1..chunk.len()]);
    }
    out
}
