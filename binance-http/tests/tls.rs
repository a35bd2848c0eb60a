//! Encrypted connections over both transports of hosts, to a server on loopback with a certificate of a test authority.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(all(feature = "hyper", feature = "blocking"))]

mod support;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use binance_http::{
    Builder, Outcome, TransportKind,
    dial::{RootsError, Tls, Way},
    transport::Transport,
};
use binance_sign::{Credentials, Hmac};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use self::support::{
    is::{Is, is},
    over::{Any, Settings, both},
    server::reply,
};

const AUTHORITY: &[u8] = include_bytes!("tls/ca.pem");
const CERTIFICATE: &[u8] = include_bytes!("tls/server.pem");

/// What is read as the time and as an order alike.
const BOTH: &str =
    r#"{"serverTime":7,"orderId":7,"symbol":"BTCUSDT","clientOrderId":"x","status":"NEW","side":"BUY"}"#;

/// What the server does once a request came.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    /// Answers and waits for the next.
    Reply,
    /// Answers and closes as TLS wants it.
    ReplyAndClose,
    /// Answers half and ends without a word.
    Half,
    /// Ends without a word.
    Cut,
}

struct Server {
    url: String,
    connections: Arc<AtomicUsize>,
    ended: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

/// Serves as `script` says, one entry for each request; the last for all that follow.
async fn serve(script: &'static [Then]) -> Server {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let connections = Arc::new(AtomicUsize::new(0));
    let requests = Arc::new(Mutex::new(Vec::new()));
    let ended = Arc::new(AtomicUsize::new(0));
    let ended_counted = Arc::clone(&ended);
    let (counted, seen) = (Arc::clone(&connections), Arc::clone(&requests));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            'connection: loop {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    match stream.read_u8().await {
                        Ok(byte) => request.push(byte),
                        Err(_) => break 'connection,
                    }
                }
                let then = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(String::from_utf8(request).unwrap());
                    *script.get(seen.len() - 1).or(script.last()).unwrap()
                };
                let whole = reply("200 OK", BOTH);
                let len = if then == Then::Half { whole.len() - 5 } else { whole.len() };
                if then != Then::Cut {
                    stream.write_all(&whole.as_bytes()[..len]).await.unwrap();
                    stream.flush().await.unwrap();
                }
                match then {
                    Then::Reply => {}
                    Then::ReplyAndClose => {
                        stream.shutdown().await.unwrap();
                        break;
                    }
                    Then::Half | Then::Cut => break,
                }
            }
            drop(stream);
            ended_counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    Server { url, connections, ended, requests }
}

struct Url<'u>(&'u str);

impl Settings for Url<'_> {
    fn client<T: Transport>(&self, builder: Builder<T>) -> Builder<T> {
        builder.base_url(self.0).credentials(Credentials::new("key", Hmac::new(b"secret")).unwrap())
    }
}

fn clients(url: &str, tls: Tls) -> [Any; 2] {
    both(&Way::new().tls(tls), Url(url))
}

fn trusting() -> Tls {
    Tls::new().add_roots(AUTHORITY).unwrap()
}

#[tokio::test]
async fn a_trusted_certificate_is_taken_and_the_connection_kept() {
    let server = serve(&[Then::Reply]).await;
    let configured = || {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(AUTHORITY).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Tls::from_config(Arc::new(config))
    };
    for tls in [
        trusting(),
        trusting().only_added_roots(),
        trusting().pin(CERTIFICATE).unwrap(),
        trusting().pin(AUTHORITY).unwrap().pin(CERTIFICATE).unwrap(),
        #[cfg(feature = "aws-lc-rs")]
        trusting().aws_lc_rs(),
        #[cfg(feature = "aws-lc-rs")]
        trusting().pin(CERTIFICATE).unwrap().aws_lc_rs(),
        configured(),
    ] {
        let told = format!("{tls:?}");
        for client in clients(&server.url, tls) {
            let before = server.connections.load(Ordering::SeqCst);
            for _ in 0..3 {
                assert_eq!(client.time().await.unwrap(), 7, "{told} {client:?}");
            }
            assert_eq!(server.connections.load(Ordering::SeqCst), before + 1, "{told} {client:?}");
            assert_eq!(client.idle_connections(), 1);
            drop(client);
        }
    }
}

#[tokio::test]
async fn an_untrusted_certificate_name_or_key_gets_no_request() {
    let server = serve(&[Then::Reply]).await;
    let by_address = server.url.replace("localhost", "127.0.0.1");
    for (url, tls) in [
        (&server.url, Tls::new()),
        (&by_address, trusting()),
        (&by_address, trusting().pin(CERTIFICATE).unwrap()),
        (&server.url, Tls::new().only_added_roots()),
        // A pin takes nothing of the other checks away.
        (&server.url, Tls::new().pin(CERTIFICATE).unwrap()),
        (&server.url, trusting().pin(AUTHORITY).unwrap()),
        #[cfg(feature = "aws-lc-rs")]
        (&server.url, Tls::new().aws_lc_rs()),
    ] {
        for client in clients(url, tls) {
            let error = client.order().await.unwrap_err();
            assert_eq!(is(&error), Is::Transport(TransportKind::Tls, Outcome::NotSent));
            let source = std::error::Error::source(&error).unwrap();
            assert!(source.to_string().contains("certificate"), "{error:?}");
        }
    }
    assert_eq!(server.requests.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn an_end_in_the_middle_is_told_apart_and_the_order_sent_once() {
    for (then, kind) in [(Then::Half, TransportKind::Cut), (Then::Cut, TransportKind::Closed)] {
        let script: &'static [Then] = match then {
            Then::Half => &[Then::Reply, Then::Half, Then::Reply],
            _ => &[Then::Reply, Then::Cut, Then::Reply],
        };
        for index in 0..2 {
            let server = serve(script).await;
            let [hyper, std] = clients(&server.url, trusting());
            let client = if index == 0 { hyper } else { std };
            client.time().await.unwrap();
            let error = client.order().await.unwrap_err();
            assert_eq!(is(&error), Is::Transport(kind, Outcome::Unknown), "{client:?}");
            assert_eq!(client.time().await.unwrap(), 7);
            let requests = server.requests.lock().unwrap();
            assert_eq!(requests.iter().filter(|request| request.starts_with("POST")).count(), 1);
            assert_eq!(requests.len(), 3);
        }
    }
}

#[tokio::test]
async fn a_connection_that_was_closed_idle_costs_nothing() {
    for index in 0..2 {
        let server = serve(&[Then::ReplyAndClose, Then::Reply]).await;
        let [hyper, std] = clients(&server.url, trusting());
        let client = if index == 0 { hyper } else { std };
        client.time().await.unwrap();
        while server.ended.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        // Long enough for the connection to be looked at before it is used.
        tokio::time::sleep(Duration::from_millis(25)).await;
        assert_eq!(client.order().await.unwrap(), 7);
        assert_eq!(server.connections.load(Ordering::SeqCst), 2);
        assert_eq!(server.requests.lock().unwrap().len(), 2);
    }
}

/// The system's store does not have the test authority, and is there on most machines.
#[cfg(feature = "platform-roots")]
#[tokio::test]
async fn the_systems_roots_are_added_to_the_others() {
    let server = serve(&[Then::Reply]).await;
    match Tls::new().add_platform_roots() {
        Err(error) => assert_eq!(error, RootsError::NoStore),
        Ok(tls) => {
            for client in clients(&server.url, tls.clone().only_added_roots()) {
                assert!(client.time().await.is_err());
            }
            for client in clients(&server.url, tls.add_roots(AUTHORITY).unwrap()) {
                assert_eq!(client.time().await.unwrap(), 7);
            }
        }
    }
}

#[test]
fn what_is_no_certificate_is_refused() {
    for pem in [b"".as_slice(), b"nonsense", include_bytes!("tls/server.key")] {
        assert_eq!(Tls::new().add_roots(pem).unwrap_err(), RootsError::Malformed);
        assert_eq!(Tls::new().pin(pem).unwrap_err(), RootsError::Malformed);
    }
    let broken = String::from_utf8(AUTHORITY.to_vec()).unwrap().replace('M', "A");
    assert!(Tls::new().add_roots(broken.as_bytes()).is_err());
    assert!(Tls::new().pin(broken.as_bytes()).is_err());
}
