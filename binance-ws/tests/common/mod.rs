//! A server that does what a test says.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::{future::Future, net::SocketAddr, time::Duration};

use binance_core::{
    Market,
    stream::{RawStream, Route},
};
use binance_ws::{
    Base,
    hosted::{self, Connector},
    session::Config,
};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{Request, Response},
    },
};

/// Nothing in a test takes longer.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

pub(crate) type Socket = WebSocketStream<TcpStream>;

/// Gives each connection to `script`, with its number from 0 on, in a task of its own.
pub(crate) async fn serve<F, R>(script: F) -> SocketAddr
where
    F: Fn(usize, TcpStream) -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for number in 0.. {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(script(number, stream));
        }
    });
    address
}

/// The server's side of the handshake: the path that was asked for, and the socket.
#[allow(clippy::result_large_err, reason = "the library's own type")]
pub(crate) async fn accept(stream: TcpStream) -> (String, Socket) {
    let mut path = String::new();
    let callback = |request: &Request, response: Response| {
        path = request.uri().to_string();
        Ok(response)
    };
    let socket = accept_hdr_async(stream, callback).await.unwrap();
    (path, socket)
}

pub(crate) async fn say(socket: &mut Socket, text: impl Into<String>) {
    socket.send(Message::text(text.into())).await.unwrap();
}

/// The next text, or `None` at the end.
pub(crate) async fn hear(socket: &mut Socket) -> Option<String> {
    loop {
        match socket.next().await? {
            Ok(Message::Text(text)) => return Some(text.to_string()),
            Ok(Message::Close(_)) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

/// Reads until the client goes away.
pub(crate) async fn drain(socket: &mut Socket) {
    while let Some(Ok(_)) = socket.next().await {}
}

/// Answers every command as the exchange does when all is well, until the client goes away.
pub(crate) async fn obey(socket: &mut Socket) {
    while let Some(command) = hear(socket).await {
        say(socket, format!(r#"{{"result":null,"id":{}}}"#, id(&command))).await;
    }
}

/// The id of a command, as JSON.
pub(crate) fn id(command: &str) -> String {
    serde_json::from_str::<serde_json::Value>(command).unwrap()["id"].to_string()
}

/// An event with a number, as combined connections have it.
pub(crate) fn event(stream: &str, number: u64) -> String {
    format!(r#"{{"stream":"{stream}","data":{{"e":"test","u":{number}}}}}"#)
}

pub(crate) fn number(message: &hosted::Message) -> u64 {
    serde_json::from_str::<serde_json::Value>(message.data()).unwrap()["u"].as_u64().unwrap()
}

/// A stream of the public route.
pub(crate) const fn public(name: &str) -> RawStream<'_> {
    RawStream { name, market: Market::UsdM, route: Some(Route::Public) }
}

pub(crate) fn connector<S: hosted::Socket>(address: SocketAddr) -> Connector<S> {
    Connector::new(Base::new(Market::UsdM, &format!("ws://{address}")).unwrap())
}

/// With deadlines that a test can wait for.
pub(crate) fn hasty<S: hosted::Socket>(address: SocketAddr) -> Connector<S> {
    let mut config = Config::default();
    config.connect_timeout = Duration::from_millis(300);
    config.ack_timeout = Duration::from_millis(300);
    config.close_timeout = Duration::from_millis(300);
    config.ping_after = Duration::from_millis(200);
    config.pong_timeout = Duration::from_millis(200);
    config.backoff_first = Duration::from_millis(10);
    config.backoff_most = Duration::from_millis(50);
    config.overlap_for = Duration::from_millis(300);
    config.overlap_hold = Duration::from_millis(100);
    connector(address).config(config)
}

/// Runs generic tests over each of the adapters for hosts.
#[macro_export]
macro_rules! over_each_adapter {
    ($($test:ident)+) => {
        mod tungstenite {
            $(#[test] fn $test() { super::$test::<binance_ws::tungstenite::Socket>(); })+
        }
        mod native {
            $(#[test] fn $test() { super::$test::<binance_ws::native::Socket>(); })+
        }
    };
}
