//! TLS, as a client sees it that trusts the exchange's own certificate and nothing else.

#![cfg(feature = "tls")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
};

use binance_sim::Sim;
use common::{encode, read_reply, request, sign, still};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};

fn connect(sim: &Sim, name: &str) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(sim.certificate().unwrap().as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let stream = TcpStream::connect(sim.urls().rest.strip_prefix("https://").unwrap()).unwrap();
    stream.set_read_timeout(Some(common::DEADLINE)).unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream)
}

#[test]
fn requests_and_streams_go_over_tls() {
    let sim = still().tls().start().unwrap();
    assert!(
        sim.urls().rest.starts_with("https://127.0.0.1:") && sim.urls().coinm_streams.starts_with("wss://")
    );
    for name in ["127.0.0.1", "localhost"] {
        let mut stream = connect(&sim, name);
        let key = &sim.keys().ed25519;
        let payload = format!("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&timestamp={}", sim.now());
        let target = format!("/fapi/v1/order?{payload}&signature={}", encode(&sign(key, &payload)));
        stream.write_all(request("POST", &target, Some(&key.api_key), "").as_bytes()).unwrap();
        assert_eq!(read_reply(&mut stream).good()["symbol"], "BTCUSDT");
        stream
            .write_all(
                b"GET /public/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: \
                  13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            )
            .unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"HTTP/1.1 101 "));
    }
}

#[test]
fn each_exchange_has_a_certificate_of_its_own_and_plain_ones_have_none() {
    let (one, two, plain) =
        (still().tls().start().unwrap(), still().tls().start().unwrap(), still().start().unwrap());
    assert_ne!(one.certificate(), two.certificate());
    assert_eq!(plain.certificate(), None);
    // Plain HTTP on a port that speaks TLS is no answer, and does no harm.
    let mut stream = TcpStream::connect(one.urls().rest.strip_prefix("https://").unwrap()).unwrap();
    stream.write_all(request("GET", "/fapi/v1/ping", None, "").as_bytes()).unwrap();
    assert!(!common::read_all(&mut stream).starts_with(b"HTTP"));
    let mut stream = connect(&one, "localhost");
    stream.write_all(request("GET", "/fapi/v1/ping", None, "").as_bytes()).unwrap();
    read_reply(&mut stream).good();
}
