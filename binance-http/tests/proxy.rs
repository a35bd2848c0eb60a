//! Ways to the exchange over both transports of hosts: proxies, a local address, a connector of one's own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(all(feature = "hyper", feature = "blocking"))]

mod support;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use binance_http::{
    Builder, Client, Error, Outcome, TransportKind,
    dial::{Connecting, Connector, Io, Proxy, ProxyError, Way},
    hyper::Hyper,
    transport::Transport,
};
use binance_sign::{Credentials, Hmac};
use binance_sim::Sim;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use self::support::{
    is::{Is, is},
    over::{Any, Settings, both},
};

/// What a proxy does.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    /// Lets through who has this user and password.
    Admits(&'static str, &'static str),
    /// Lets everybody through.
    AdmitsAll,
    /// Refuses: an HTTP status, or a SOCKS5 code.
    Refuses(u8),
    /// Says something else.
    Says(&'static [u8]),
    /// Closes without a word.
    Closes,
    /// Says nothing.
    Hangs,
}

/// A proxy that knows one name, `exchange.test`. It notes what it was asked for.
struct TestProxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

async fn proxy(socks: bool, does: Does, sim: &Sim) -> TestProxy {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let exchange = sim.urls().rest.strip_prefix("http://").unwrap().to_owned();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (exchange, noted) = (exchange.clone(), Arc::clone(&noted));
            tokio::spawn(async move {
                let tunnel =
                    if socks { socks5(stream, does, &noted).await } else { http(stream, does, &noted).await };
                if let Some(mut client) = tunnel {
                    let mut server = TcpStream::connect(exchange).await.unwrap();
                    let _ = copy_bidirectional(&mut client, &mut server).await;
                }
            });
        }
    });
    TestProxy { address, asked }
}

async fn http(mut stream: TcpStream, does: Does, asked: &Mutex<Vec<String>>) -> Option<TcpStream> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    asked.lock().unwrap().push(head.clone());
    let answer: &[u8] = match does {
        // "user:p@ss" in base64.
        Does::Admits("user", "p@ss") if head.contains("Proxy-Authorization: Basic dXNlcjpwQHNz\r\n") => {
            b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n"
        }
        Does::Admits(..) => b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
        Does::AdmitsAll => b"HTTP/1.0 200 OK\r\n\r\n",
        Does::Refuses(_) => b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nno!",
        Does::Says(text) => text,
        Does::Closes => return None,
        Does::Hangs => {
            let _ = stream.read_u8().await;
            return None;
        }
    };
    stream.write_all(answer).await.unwrap();
    if matches!(does, Does::Admits(..) | Does::AdmitsAll) { Some(stream) } else { hold(stream).await }
}

async fn socks5(mut stream: TcpStream, does: Does, asked: &Mutex<Vec<String>>) -> Option<TcpStream> {
    let mut greeting = [0; 2];
    stream.read_exact(&mut greeting).await.ok()?;
    let mut methods = vec![0; greeting[1].into()];
    stream.read_exact(&mut methods).await.ok()?;
    match does {
        Does::Says(text) => {
            stream.write_all(text).await.unwrap();
            return hold(stream).await;
        }
        Does::Closes => return None,
        Does::Hangs => return hold(stream).await,
        Does::Admits(user, password) => {
            if !methods.contains(&2) {
                stream.write_all(&[5, 255]).await.unwrap();
                return hold(stream).await;
            }
            stream.write_all(&[5, 2]).await.unwrap();
            assert_eq!(stream.read_u8().await.unwrap(), 1);
            let mut right = true;
            for expected in [user, password] {
                let mut text = vec![0; stream.read_u8().await.unwrap().into()];
                stream.read_exact(&mut text).await.unwrap();
                right &= text == expected.as_bytes();
            }
            stream.write_all(&[1, u8::from(!right)]).await.unwrap();
            if !right {
                return hold(stream).await;
            }
        }
        Does::AdmitsAll | Does::Refuses(_) => stream.write_all(&[5, 0]).await.unwrap(),
    }
    let mut request = [0; 4];
    stream.read_exact(&mut request).await.unwrap();
    assert_eq!(request[..3], [5, 1, 0]);
    let len = match request[3] {
        1 => 4,
        4 => 16,
        _ => stream.read_u8().await.unwrap().into(),
    };
    let mut host = vec![0; len];
    stream.read_exact(&mut host).await.unwrap();
    let port = stream.read_u16().await.unwrap();
    let host = if request[3] == 3 { String::from_utf8(host).unwrap() } else { format!("{host:?}") };
    asked.lock().unwrap().push(format!("{host}:{port}"));
    if let Does::Refuses(code) = does {
        stream.write_all(&[5, code, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
        return hold(stream).await;
    }
    // The address it connected from, as a name.
    stream.write_all(b"\x05\x00\x00\x03\x04here\x00\x50").await.unwrap();
    Some(stream)
}

/// Keeps a connection open until the client leaves.
async fn hold(mut stream: TcpStream) -> Option<TcpStream> {
    while stream.read_u8().await.is_ok() {}
    None
}

/// By a name that only the proxies know.
struct ByName<'s>(&'s Sim);

impl Settings for ByName<'_> {
    fn client<T: Transport>(&self, builder: Builder<T>) -> Builder<T> {
        let key = &self.0.keys().hmac;
        let credentials = Credentials::new(&key.api_key, Hmac::new(key.secret.as_bytes())).unwrap();
        let url = self.0.urls().rest.replace("127.0.0.1", "exchange.test");
        builder.base_url(&url).credentials(credentials).allow_insecure(true)
    }
}

fn through(proxy: &str) -> Way {
    Way::new().proxy(Proxy::parse(proxy).unwrap())
}

#[tokio::test]
async fn proxies_are_asked_for_the_name_and_let_orders_through() {
    let sim = Sim::builder().quiet().start().unwrap();
    let port = sim.urls().rest.rsplit_once(':').unwrap().1.to_owned();
    for (socks, does, user) in [
        (false, Does::AdmitsAll, ""),
        (false, Does::Admits("user", "p@ss"), "user:p%40ss@"),
        (true, Does::AdmitsAll, ""),
        (true, Does::AdmitsAll, "user:p%40ss@"),
        (true, Does::Admits("user", "p@ss"), "user:p%40ss@"),
    ] {
        let proxy = proxy(socks, does, &sim).await;
        let scheme = if socks { "socks5" } else { "http" };
        let way = through(&format!("{scheme}://{user}{}", proxy.address));
        for client in both(&way, ByName(&sim)) {
            let before = sim.truth().orders.len();
            client.order().await.unwrap();
            client.time().await.unwrap();
            assert_eq!(sim.truth().orders.len(), before + 1);
            let asked = std::mem::take(&mut *proxy.asked.lock().unwrap());
            assert_eq!(asked.len(), 1, "one tunnel for both: {client:?}");
            assert!(asked[0].contains(&format!("exchange.test:{port}")), "{asked:?}");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_makes_no_way_is_told_apart_and_nothing_is_sent() {
    let sim = Sim::builder().quiet().start().unwrap();
    let admits = Does::Admits("user", "p@ss");
    let refused =
        |code| Box::new(move |error: &ProxyError| matches!(error, ProxyError::Refused(c) if *c == code));
    type Expected = Box<dyn Fn(&ProxyError) -> bool>;
    let unauthorized = || -> Expected { Box::new(|error| matches!(error, ProxyError::Unauthorized)) };
    let malformed = || -> Expected { Box::new(|error| matches!(error, ProxyError::Malformed)) };
    let io = || -> Expected { Box::new(|error| matches!(error, ProxyError::Io(_))) };
    let cases: Vec<(bool, Does, &str, Expected)> = vec![
        (false, admits, "", unauthorized()),
        (false, admits, "user:wrong@", unauthorized()),
        (false, Does::Refuses(0), "", refused(502)),
        (false, Does::Says(b"nonsense\r\n\r\n"), "", malformed()),
        (false, Does::Says(&[b'x'; 20_000]), "", malformed()),
        (false, Does::Closes, "", io()),
        (true, admits, "", unauthorized()),
        (true, admits, "user:wrong@", unauthorized()),
        (true, Does::Refuses(5), "", refused(5)),
        (true, Does::Says(b"\x04\x00"), "", malformed()),
        (true, Does::Says(b"\x05\x02"), "", unauthorized()),
        (true, Does::Closes, "", io()),
    ];
    for (index, (socks, does, user, expected)) in cases.into_iter().enumerate() {
        let proxy = proxy(socks, does, &sim).await;
        let scheme = if socks { "socks5h" } else { "http" };
        let way = through(&format!("{scheme}://{user}{}", proxy.address));
        for client in both(&way, ByName(&sim)) {
            let error = client.order().await.unwrap_err();
            assert_eq!(is(&error), Is::Transport(TransportKind::Proxy, Outcome::NotSent), "case {index}");
            let source = std::error::Error::source(&error).unwrap();
            let cause = source.downcast_ref::<ProxyError>().unwrap();
            assert!(expected(cause), "case {index}: {cause:?}");
            let told = format!("{error} {error:?} {source} {source:?} {client:?} {way:?}");
            assert!(!told.contains("wrong") && !told.contains("p@ss"), "{told}");
        }
    }
    assert_eq!(sim.truth().received.len(), 0);
}

/// What comes behind the proxy's last word is the host's: no host of HTTP speaks first.
#[tokio::test]
async fn what_comes_with_the_tunnel_is_not_taken_for_a_reply() {
    let sim = Sim::builder().quiet().start().unwrap();
    let reply = b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    let proxy = proxy(false, Does::Says(reply), &sim).await;
    for client in both(&through(&format!("http://{}", proxy.address)), ByName(&sim)) {
        let error = client.order().await.unwrap_err();
        assert_eq!(is(&error), Is::Transport(TransportKind::Malformed, Outcome::NotSent), "{client:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_hangs_or_is_not_there_costs_no_more_than_the_time() {
    let sim = Sim::builder().quiet().start().unwrap();
    for socks in [false, true] {
        let proxy = proxy(socks, Does::Hangs, &sim).await;
        let scheme = if socks { "socks5" } else { "http" };
        for client in both(&through(&format!("{scheme}://{}", proxy.address)), ByName(&sim)) {
            let error = client.with_timeout(Duration::from_millis(50)).order().await.unwrap_err();
            assert_eq!(is(&error), Is::Transport(TransportKind::Timeout, Outcome::NotSent), "{client:?}");
        }
    }
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for client in both(&through(&format!("http://{nobody}")), ByName(&sim)) {
        let error = client.order().await.unwrap_err();
        assert_eq!(is(&error), Is::Transport(TransportKind::Refused, Outcome::NotSent), "{client:?}");
    }
}

struct Url(String);

impl Settings for Url {
    fn client<T: Transport>(&self, builder: Builder<T>) -> Builder<T> {
        builder.base_url(&self.0)
    }
}

#[tokio::test]
async fn a_local_address_is_the_one_that_the_exchange_sees() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let from = |address: &str| both(&Way::new().local_address(address.parse().unwrap()), Url(url.clone()));
    for client in from("127.0.0.2") {
        let served = async {
            let (mut stream, from) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            let reply = b"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"serverTime\":1}";
            stream.write_all(reply).await.unwrap();
            from
        };
        let (from, time) = tokio::join!(served, client.time());
        assert_eq!((from.ip().to_string().as_str(), time.unwrap()), ("127.0.0.2", 1));
    }
    for client in from("::1") {
        let error = client.time().await.unwrap_err();
        assert!(matches!(error, Error::Transport(_)), "no address of that family: {error:?}");
    }
    assert_eq!(Way::new().local_address("::1".parse().unwrap()).egress(), "::1");
    assert_eq!(through("http://u:p@proxy:1").local_address("::1".parse().unwrap()).egress(), "proxy:1");
}

/// Connects every name to one address.
struct Always(String);

impl Connector for Always {
    fn connect<'c>(&'c self, host: &'c str, _: u16) -> Connecting<'c> {
        Box::pin(async move {
            assert_eq!(host, "exchange.test");
            let stream: Box<dyn Io> = Box::new(TcpStream::connect(&self.0).await?);
            Ok(stream)
        })
    }
}

#[tokio::test]
async fn a_connector_of_ones_own_carries_orders() {
    let sim = Sim::builder().quiet().start().unwrap();
    let address = sim.urls().rest.strip_prefix("http://").unwrap().to_owned();
    let hyper = Hyper::new().connector(Always(address), "test");
    let client = Any::Hyper(ByName(&sim).client(Client::over(hyper)).build().unwrap());
    for _ in 0..2 {
        client.order().await.unwrap();
    }
    assert_eq!(sim.truth().orders.len(), 2);
    assert_eq!(client.idle_connections(), 1);
}
