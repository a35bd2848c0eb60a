//! Streams through proxies, over both adapters for hosts.
#![cfg(all(feature = "native", feature = "tungstenite"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::{future::Future, net::SocketAddr};

use binance_core::stream::Route;
use binance_ws::{
    Base, Market,
    hosted::{
        ConnectError, Connection, Connector, Error, Socket,
        dial::{Proxy, Way},
    },
};
use common::{LIMIT, accept, event, number, obey, public, say, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::TcpStream,
    time::timeout,
};

fn run<F: Future<Output = ()>>(test: F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { timeout(LIMIT, test).await.expect("the test came to its end") });
}

/// An exchange that no name leads to.
async fn exchange() -> SocketAddr {
    serve(|_, stream| async move {
        let (path, mut socket) = accept(stream).await;
        assert_eq!(path, "/public/stream");
        say(&mut socket, event("a@depth", 7)).await;
        obey(&mut socket).await;
    })
    .await
}

async fn open<S: Socket>(proxy: &str) -> Result<Connection<S>, Error> {
    let base = Base::new(Market::UsdM, "ws://exchange.test:81").unwrap();
    let way = Way::new().proxy(Proxy::parse(proxy).unwrap());
    Connector::<S>::new(base).way(way).open(Route::Public).await
}

async fn works<S: Socket>(proxy: &str) {
    let mut connection = open::<S>(proxy).await.unwrap();
    assert_eq!(number(&connection.next().await.unwrap()), 7);
    connection.subscribe(&[&public("a@depth")]).await.unwrap();
    connection.close().await;
}

/// A proxy by CONNECT that knows one user.
async fn by_connect(exchange: SocketAddr) -> SocketAddr {
    serve(move |_, mut stream| async move {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("CONNECT exchange.test:81 HTTP/1.1\r\n"), "{head}");
        // user:password
        if !head.contains("Basic dXNlcjpwYXNzd29yZA==") {
            let _ = stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
            return;
        }
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
        let mut on = TcpStream::connect(exchange).await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut on).await;
    })
    .await
}

/// A SOCKS5 proxy without users.
async fn by_socks(exchange: SocketAddr) -> SocketAddr {
    serve(move |_, mut stream| async move {
        let mut greeting = [0; 3];
        stream.read_exact(&mut greeting).await.unwrap();
        stream.write_all(&[5, 0]).await.unwrap();
        let mut request = [0; 5 + 13 + 2];
        stream.read_exact(&mut request).await.unwrap();
        assert_eq!(&request, b"\x05\x01\x00\x03\x0dexchange.test\x00\x51");
        stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
        let mut on = TcpStream::connect(exchange).await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut on).await;
    })
    .await
}

fn streams_come_through_a_proxy_by_connect<S: Socket>() {
    run(async {
        let proxy = by_connect(exchange().await).await;
        works::<S>(&format!("http://user:password@{proxy}")).await;
    });
}

fn streams_come_through_a_proxy_by_socks<S: Socket>() {
    run(async {
        let proxy = by_socks(exchange().await).await;
        works::<S>(&format!("socks5://{proxy}")).await;
    });
}

fn a_proxy_that_refuses_is_told_without_the_password<S: Socket>() {
    run(async {
        let proxy = by_connect(exchange().await).await;
        let error = open::<S>(&format!("http://user:other-secret@{proxy}")).await.unwrap_err();
        assert!(matches!(&error, Error::Connect(ConnectError::Dial(_))), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("other-secret"));
    });
}

over_each_adapter! {
    streams_come_through_a_proxy_by_connect
    streams_come_through_a_proxy_by_socks
    a_proxy_that_refuses_is_told_without_the_password
}
