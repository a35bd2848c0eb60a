//! The program: one line of JSON, then it serves.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use binance_sim::{DemoKey, KeyKind};
use common::{encode, read_reply, request, sign};
use serde_json::Value;

/// Ends the program when the test does, however that happens.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A file that is gone when the test is.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("binance-sim-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Starts the program; gives the line it prints.
fn start(args: &[&str]) -> (Running, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_binance-sim"))
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let running = Running(child);
    out.read_line(&mut line).unwrap();
    (running, serde_json::from_str(&line).unwrap())
}

fn ask(told: &Value, method: &str, target: &str) -> common::Reply {
    let address = told["rest"].as_str().unwrap().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(common::DEADLINE)).unwrap();
    stream.write_all(request(method, target, None, "").as_bytes()).unwrap();
    read_reply(&mut stream)
}

#[test]
fn the_configuration_of_the_readme_is_read_and_arguments_count_more() {
    let readme = include_str!("../README.md");
    let json = readme.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let config = Scratch::new("config.json", json);
    let faults = Scratch::new("faults.json", r#"{ "what": "badGateway", "path": "/fapi/v1/ping" }"#);
    let (_running, told) =
        start(&["--config", config.path(), "--port", "0", "--faults", faults.path(), "--speed=1", "--quiet"]);
    assert_eq!(ask(&told, "GET", "/fapi/v1/ping").status, 502);
    assert_eq!(ask(&told, "GET", "/fapi/v1/ping").status, 200);
    let info = ask(&told, "GET", "/fapi/v1/exchangeInfo").good();
    let symbols: Vec<_> =
        info["symbols"].as_array().unwrap().iter().map(|symbol| &symbol["symbol"]).collect();
    assert_eq!(symbols, ["BTCUSDT", "ETHUSDT"]);
    let price = ask(&told, "GET", "/fapi/v1/premiumIndex?symbol=BTCUSDT").good()["indexPrice"].clone();
    assert!(price.as_str().unwrap().starts_with("4") || price.as_str().unwrap().starts_with("50"), "{price}");
    let time = || ask(&told, "GET", "/fapi/v1/time").good()["serverTime"].as_i64().unwrap();
    for (key, secret, wallet) in [
        ("one-more-key-of-the-demo-account", "its secret", "250000"),
        ("key-of-somebody-else", "another secret", "1000"),
    ] {
        let key = DemoKey { api_key: key.to_owned(), kind: KeyKind::Hmac, secret: secret.to_owned() };
        let payload = format!("timestamp={}", time());
        let target = format!("/fapi/v3/balance?{payload}&signature={}", sign(&key, &payload));
        let address = told["rest"].as_str().unwrap().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request("GET", &target, Some(&key.api_key), "").as_bytes()).unwrap();
        let balances = read_reply(&mut stream).good();
        let usdt = balances.as_array().unwrap().iter().find(|balance| balance["asset"] == "USDT").unwrap();
        assert!(usdt["balance"].as_str().unwrap().starts_with(&format!("{wallet}.")), "{usdt}");
    }
}

#[cfg(unix)]
#[test]
fn it_ends_with_zero_when_it_is_told_to_and_its_port_is_free() {
    for signal in ["-INT", "-TERM"] {
        let (mut running, told) = start(&["--quiet"]);
        let mut held =
            TcpStream::connect(told["rest"].as_str().unwrap().strip_prefix("http://").unwrap()).unwrap();
        ask(&told, "GET", "/fapi/v1/ping").good();
        let killed = Command::new("kill").args([signal, &running.0.id().to_string()]).status().unwrap();
        assert!(killed.success());
        assert_eq!(running.0.wait().unwrap().code(), Some(0));
        held.set_read_timeout(Some(common::DEADLINE)).unwrap();
        assert_eq!(common::read_all(&mut held), b"", "closed");
    }
}

#[test]
fn time_runs_faster() {
    let (_running, told) = start(&["--speed", "500", "--quiet"]);
    let time = || ask(&told, "GET", "/fapi/v1/time").good()["serverTime"].as_i64().unwrap();
    let before = time();
    let started = std::time::Instant::now();
    while started.elapsed() < std::time::Duration::from_millis(50) {
        std::thread::yield_now();
    }
    assert!(time() - before >= 20_000, "{}", time() - before);
}

#[test]
fn an_address_that_is_no_loopback_is_warned_of() {
    // What cannot be bound ends it, after the warning.
    let run =
        Command::new(env!("CARGO_BIN_EXE_binance-sim")).args(["--listen", "192.0.2.1"]).output().unwrap();
    let error = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(error.contains("warning: whoever reaches 192.0.2.1"), "{error}");
    assert_eq!(run.status.code(), Some(1));
}

#[test]
fn it_records_and_plays_back() {
    let out = Scratch::new("recording.jsonl", "");
    let (_source, told) = start(&["--speed", "5"]);
    let url = format!("{}/public/ws/btcusdt@depth@100ms", told["usdmStreams"].as_str().unwrap());
    let recorded = Command::new(env!("CARGO_BIN_EXE_binance-sim"))
        .args(["record", "--url", &url, "--out", out.path(), "--frames", "10", "--seconds", "20"])
        .output()
        .unwrap();
    assert!(recorded.status.success(), "{}", String::from_utf8_lossy(&recorded.stderr));
    let recording = std::fs::read_to_string(&out.0).unwrap();
    assert_eq!(recording.lines().count(), 10);
    let (_player, told) = start(&["--replay", out.path(), "--speed", "10"]);
    let again = Scratch::new("again.jsonl", "");
    let url = format!("{}/public/ws/btcusdt@depth@100ms", told["usdmStreams"].as_str().unwrap());
    let run = Command::new(env!("CARGO_BIN_EXE_binance-sim"))
        .args(["record", "--url", &url, "--out", again.path(), "--frames", "10", "--seconds", "20"])
        .output()
        .unwrap();
    assert!(run.status.success());
    let data = |text: &str| {
        text.lines().map(|line| line.split_once("\"stream\"").unwrap().1.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(data(&std::fs::read_to_string(&again.0).unwrap()), data(&recording));
}

#[cfg(feature = "tls")]
#[test]
fn its_certificate_stands_in_the_line_and_in_the_file() {
    let file = Scratch::new("certificate.pem", "");
    let (_running, told) = start(&["--tls", "--certificate", file.path()]);
    let pem = told["certificate"].as_str().unwrap();
    assert!(
        pem.starts_with("-----BEGIN CERTIFICATE-----\n")
            && told["rest"].as_str().unwrap().starts_with("https://")
    );
    assert_eq!(std::fs::read_to_string(&file.0).unwrap(), pem);
}

#[test]
fn it_prints_addresses_and_keys_and_takes_orders_signed_with_them() {
    let (_running, told) = start(&["--port", "0", "--seed", "7", "--quiet"]);
    let address = told["rest"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
    assert_eq!(told["coinmStreams"], format!("ws://{address}/dstream"));
    let ask = |request: String| {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(common::DEADLINE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        read_reply(&mut stream)
    };
    let keys = told["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 3);
    for key in keys {
        let text = |name: &str| key[name].as_str().map(str::to_owned);
        let kind = match text("kind").unwrap().as_str() {
            "HMAC" => KeyKind::Hmac,
            "RSA" => KeyKind::Rsa,
            "Ed25519" => KeyKind::Ed25519,
            other => panic!("{other}"),
        };
        let secret = text("secret").or_else(|| text("privateKey")).unwrap();
        let key = DemoKey { api_key: text("apiKey").unwrap(), kind, secret };
        let time = ask(request("GET", "/fapi/v1/time", None, "")).good()["serverTime"].as_i64().unwrap();
        let payload = format!(
            "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=3100&timestamp={time}"
        );
        let target = format!("/fapi/v1/order?{payload}&signature={}", encode(&sign(&key, &payload)));
        assert_eq!(ask(request("POST", &target, Some(&key.api_key), "")).good()["status"], "NEW");
    }
}

#[test]
fn wrong_arguments_are_named() {
    let run = |args: &[&str]| Command::new(env!("CARGO_BIN_EXE_binance-sim")).args(args).output().unwrap();
    let wrong = run(&["--prot", "1"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).starts_with("binance-sim: unknown argument --prot"));
    let help = run(&["--help"]);
    assert!(help.status.success() && String::from_utf8_lossy(&help.stdout).contains("Usage: binance-sim"));
}
