//! Encrypted connections to a server on loopback with a certificate of a test authority.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(feature = "hyper")]

mod support;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use binance_core::{
    enums::Side,
    usdm::{market_data::Time, trade::NewOrder},
};
use binance_http::{
    Client, Outcome, TransportKind,
    dial::{RootsError, Tls, Way},
    hyper::Hyper,
};
use binance_sign::{Credentials, Hmac};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use self::support::{
    is::{Is, is},
    server::reply,
};

const AUTHORITY: &[u8] = include_bytes!("tls/ca.pem");

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
    let certificate = CertificateDer::from_pem_slice(include_bytes!("tls/server.pem")).unwrap();
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
                let whole = reply("200 OK", r#"{"serverTime":7}"#);
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

fn client(url: &str, tls: Tls) -> Client {
    let credentials = Credentials::new("key", Hmac::new(b"secret")).unwrap();
    Client::over(Hyper::new().way(Way::new().tls(tls)))
        .base_url(url)
        .credentials(credentials)
        .build()
        .unwrap()
}

fn trusting() -> Tls {
    Tls::new().add_roots(AUTHORITY).unwrap()
}

fn order() -> NewOrder<'static> {
    NewOrder::market("BTCUSDT", Side::Buy, "1".parse().unwrap())
}

#[tokio::test]
async fn a_trusted_certificate_is_taken_and_the_connection_kept() {
    let server = serve(&[Then::Reply]).await;
    for tls in [trusting(), trusting().only_added_roots()] {
        let client = client(&server.url, tls);
        let before = server.connections.load(Ordering::SeqCst);
        for _ in 0..3 {
            assert_eq!(client.fetch(&Time::new()).await.unwrap().server_time.0, 7);
        }
        assert_eq!(server.connections.load(Ordering::SeqCst), before + 1);
        drop(client);
    }
}

#[tokio::test]
async fn an_untrusted_certificate_or_name_gets_no_request() {
    let server = serve(&[Then::Reply]).await;
    let by_address = server.url.replace("localhost", "127.0.0.1");
    for (url, tls) in
        [(&server.url, Tls::new()), (&by_address, trusting()), (&server.url, Tls::new().only_added_roots())]
    {
        let error = client(url, tls).send(&order()).await.unwrap_err();
        assert_eq!(is(&error), Is::Transport(TransportKind::Tls, Outcome::NotSent));
        assert!(std::error::Error::source(&error).unwrap().to_string().contains("certificate"), "{error:?}");
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
        let server = serve(script).await;
        let client = client(&server.url, trusting());
        client.fetch(&Time::new()).await.unwrap();
        let error = client.send(&order()).await.unwrap_err();
        assert_eq!(is(&error), Is::Transport(kind, Outcome::Unknown));
        assert_eq!(client.fetch(&Time::new()).await.unwrap().server_time.0, 7);
        let requests = server.requests.lock().unwrap();
        assert_eq!(requests.iter().filter(|request| request.starts_with("POST")).count(), 1);
        assert_eq!(requests.len(), 3);
    }
}

#[tokio::test]
async fn a_connection_that_was_closed_idle_costs_nothing() {
    let server = serve(&[Then::ReplyAndClose, Then::Reply]).await;
    let client = client(&server.url, trusting());
    client.fetch(&Time::new()).await.unwrap();
    while server.ended.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    // Long enough for the connection to be looked at before it is used.
    tokio::time::sleep(Duration::from_millis(25)).await;
    // The reply is no order; what counts is that the request went over a new connection.
    assert!(client.send(&order()).await.is_ok());
    assert_eq!(server.connections.load(Ordering::SeqCst), 2);
    assert_eq!(server.requests.lock().unwrap().len(), 2);
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
