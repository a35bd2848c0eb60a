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

#[test]
fn it_prints_addresses_and_keys_and_takes_orders_signed_with_them() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_binance-sim"))
        .args(["--port", "0", "--seed", "7", "--quiet"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let _running = Running(child);
    out.read_line(&mut line).unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
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
