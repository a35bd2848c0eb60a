//! The embedded connections against the simulated exchange, and without a heap.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(all(feature = "std", feature = "embedded", feature = "embedded-async"))]

mod support;

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

use binance_core::{
    Endpoint, Millis,
    decimal::dec,
    enums::Side,
    json,
    usdm::{market_data::Time, trade::NewOrder},
};
use binance_http::{
    BaseUrl, BuildError, Outcome, TransportKind,
    clock::{SystemTime, TimeSource},
    embedded::{AsyncConnection, Connection, Error, Wire},
    request::Placement,
    response::ResponseError,
};
use binance_sign::{Credentials, Hmac, Stamp};
use binance_sim::Sim;

use self::support::{
    is::Is,
    scenarios::{self, Sends},
    wire,
};

/// How long a request may take: longer than any reply, or shorter than one that never comes.
fn limit(hurried: bool) -> Duration {
    Duration::from_millis(if hurried { 200 } else { 10_000 })
}

fn is(error: &Error<std::io::Error>) -> Is {
    let outcome = error.outcome();
    match error {
        Error::Build(_) => Is::Build,
        Error::Api { status, error, .. } => Is::Api(*status, error.code.0, outcome),
        Error::Status { status, body, .. } => Is::Status(*status, *body, outcome),
        Error::Decode { .. } => Is::Decode(outcome),
        Error::Response(ResponseError::Closed) => Is::Transport(TransportKind::Closed, outcome),
        Error::Response(ResponseError::Cut) => Is::Transport(TransportKind::Cut, outcome),
        Error::Response(ResponseError::Malformed | ResponseError::Unsupported) => {
            Is::Transport(TransportKind::Malformed, outcome)
        }
        Error::Io { error, .. } => match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Is::Transport(TransportKind::Timeout, outcome),
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
                Is::Transport(TransportKind::Closed, outcome)
            }
            _ => panic!("{error:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn credentials(sim: &Sim) -> Credentials<Hmac> {
    let key = &sim.keys().hmac;
    Credentials::new(&key.api_key, Hmac::new(key.secret.as_bytes())).unwrap()
}

fn stamp() -> Stamp {
    Stamp::new(SystemTime.unix())
}

/// A socket that blocks.
struct Blocking(TcpStream);

impl embedded_io::ErrorType for Blocking {
    type Error = std::io::Error;
}

impl embedded_io::Read for Blocking {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Self::Error> {
        self.0.read(buf)
    }
}

impl embedded_io::Write for Blocking {
    fn write(&mut self, buf: &[u8]) -> Result<usize, Self::Error> {
        self.0.write(buf)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        self.0.flush()
    }
}

struct BlockingClient<'a> {
    connection: Connection<'a, Blocking>,
    /// The socket under it.
    socket: TcpStream,
    base: &'a BaseUrl,
    credentials: Credentials<Hmac>,
    buffer: Vec<u8>,
}

fn connect(base: &BaseUrl) -> TcpStream {
    let stream = TcpStream::connect((base.host(), base.port())).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

impl<'a> BlockingClient<'a> {
    fn new(base: &'a BaseUrl, credentials: Credentials<Hmac>, placement: Placement) -> Self {
        let socket = connect(base);
        let stream = Blocking(socket.try_clone().unwrap());
        let mut connection = Connection::new(stream, base, Wire::Plain);
        connection.set_placement(placement);
        Self { connection, socket, base, credentials, buffer: vec![0; 4_096] }
    }

    fn send<'b, E: Endpoint + Clone>(&'b mut self, request: &E, hurried: bool) -> Result<E::Reply<'b>, Is> {
        if !self.connection.is_alive() {
            self.socket = connect(self.base);
            drop(self.connection.renew(Blocking(self.socket.try_clone().unwrap())));
        }
        self.socket.set_read_timeout(Some(limit(hurried))).unwrap();
        let sent = self.connection.send(request, Some(&self.credentials), stamp(), &mut self.buffer);
        sent.map_err(|error| is(&error))?.value().map_err(|_: json::Error| Is::Decode(Outcome::Unknown))
    }
}

impl Sends for BlockingClient<'_> {
    fn order(&mut self, symbol: &str, client_order_id: &str, hurried: bool) -> Result<u64, Is> {
        let order = order(symbol).new_client_order_id(client_order_id);
        self.send(&order, hurried).map(|order| order.order_id)
    }

    fn time(&mut self) -> Result<i64, Is> {
        self.send(&Time::new(), false).map(|time| time.server_time.0)
    }
}

fn order(symbol: &str) -> NewOrder<'_> {
    NewOrder::limit(symbol, Side::Buy, dec!("0.010"), dec!("20000.0"))
}

#[test]
fn all_scenarios_over_a_stream_that_blocks() {
    for placement in [Placement::Query, Placement::Body] {
        let sim = Sim::builder().quiet().start().unwrap();
        let base = BaseUrl::parse(&sim.urls().rest).unwrap();
        scenarios::run(&sim, &mut BlockingClient::new(&base, credentials(&sim), placement));
    }
}

#[test]
fn all_that_can_stand_on_the_wire_that_blocks() {
    wire::run(&|url, then| {
        let base = BaseUrl::parse(url).unwrap();
        then(&mut BlockingClient::new(&base, key(), Placement::Query));
    });
}

/// A socket that does not block.
struct Async(tokio::net::TcpStream);

impl embedded_io_async::ErrorType for Async {
    type Error = std::io::Error;
}

impl embedded_io_async::Read for Async {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, Self::Error> {
        tokio::io::AsyncReadExt::read(&mut self.0, buf).await
    }
}

impl embedded_io_async::Write for Async {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, Self::Error> {
        tokio::io::AsyncWriteExt::write(&mut self.0, buf).await
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        tokio::io::AsyncWriteExt::flush(&mut self.0).await
    }
}

struct AsyncClient<'a> {
    runtime: tokio::runtime::Runtime,
    connection: AsyncConnection<'a, Async>,
    base: &'a BaseUrl,
    credentials: Credentials<Hmac>,
    buffer: Vec<u8>,
}

async fn connect_async(base: &BaseUrl) -> Async {
    let stream = tokio::net::TcpStream::connect((base.host(), base.port())).await.unwrap();
    stream.set_nodelay(true).unwrap();
    Async(stream)
}

impl<'a> AsyncClient<'a> {
    fn new(base: &'a BaseUrl, credentials: Credentials<Hmac>) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let stream = runtime.block_on(connect_async(base));
        let connection = AsyncConnection::new(stream, base, Wire::Plain);
        Self { runtime, connection, base, credentials, buffer: vec![0; 4_096] }
    }

    fn send<'b, E: Endpoint + Clone>(&'b mut self, request: &E, hurried: bool) -> Result<E::Reply<'b>, Is> {
        self.runtime.block_on(async {
            if !self.connection.is_alive() {
                drop(self.connection.renew(connect_async(self.base).await));
            }
            let sending = self.connection.send(request, Some(&self.credentials), stamp(), &mut self.buffer);
            match tokio::time::timeout(limit(hurried), sending).await {
                Ok(sent) => sent
                    .map_err(|error| is(&error))?
                    .value()
                    .map_err(|_: json::Error| Is::Decode(Outcome::Unknown)),
                Err(_) => Err(Is::Transport(TransportKind::Timeout, Outcome::Unknown)),
            }
        })
    }
}

impl Sends for AsyncClient<'_> {
    fn order(&mut self, symbol: &str, client_order_id: &str, hurried: bool) -> Result<u64, Is> {
        let order = order(symbol).new_client_order_id(client_order_id);
        self.send(&order, hurried).map(|order| order.order_id)
    }

    fn time(&mut self) -> Result<i64, Is> {
        self.send(&Time::new(), false).map(|time| time.server_time.0)
    }
}

#[test]
fn all_scenarios_over_a_stream_that_does_not_block() {
    let sim = Sim::builder().quiet().start().unwrap();
    let base = BaseUrl::parse(&sim.urls().rest).unwrap();
    scenarios::run(&sim, &mut AsyncClient::new(&base, credentials(&sim)));
}

#[test]
fn all_that_can_stand_on_the_wire_that_does_not_block() {
    wire::run(&|url, then| {
        let base = BaseUrl::parse(url).unwrap();
        then(&mut AsyncClient::new(&base, key()));
    });
}

/// A stream in memory: reads `replies` piece by piece, takes what is written up to a number of bytes.
struct Memory<'m> {
    replies: &'m [u8],
    piece: usize,
    written: Vec<u8>,
    takes: usize,
}

impl<'m> Memory<'m> {
    fn new(replies: &'m [u8]) -> Self {
        Self { replies, piece: usize::MAX, written: Vec::with_capacity(4_096), takes: usize::MAX }
    }
}

#[derive(Debug)]
struct Broken;

impl core::fmt::Display for Broken {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("broken")
    }
}

impl core::error::Error for Broken {}

impl embedded_io::Error for Broken {
    fn kind(&self) -> embedded_io::ErrorKind {
        embedded_io::ErrorKind::Other
    }
}

impl embedded_io::ErrorType for Memory<'_> {
    type Error = Broken;
}

impl embedded_io::Read for Memory<'_> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Broken> {
        let count = buf.len().min(self.replies.len()).min(self.piece);
        let (now, later) = self.replies.split_at(count);
        buf[..count].copy_from_slice(now);
        self.replies = later;
        Ok(count)
    }
}

impl embedded_io::Write for Memory<'_> {
    fn write(&mut self, buf: &[u8]) -> Result<usize, Broken> {
        let count = buf.len().min(self.piece).min(self.takes - self.written.len());
        if count == 0 {
            return Err(Broken);
        }
        self.written.extend_from_slice(&buf[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> Result<(), Broken> {
        Ok(())
    }
}

const REPLY: &[u8] = b"HTTP/1.1 200 OK\r\nX-MBX-ORDER-COUNT-10S: 3\r\nTransfer-Encoding: chunked\r\n\r\n\
    40\r\n{\"orderId\":7,\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"x\",\"status\":\"NE\r\n0f\r\nW\",\"side\":\"BUY\"\r\n1\r\n}\r\n0\r\n\r\n";

fn production() -> BaseUrl {
    BaseUrl::parse("https://fapi.binance.com").unwrap()
}

fn key() -> Credentials<Hmac> {
    Credentials::new("key", Hmac::new(b"secret")).unwrap()
}

#[test]
fn nothing_is_allocated() {
    let (base, key, order) = (production(), key(), order("BTCUSDT"));
    for piece in [1, 7, usize::MAX] {
        let stream = Memory { piece, ..Memory::new(REPLY) };
        let mut connection = Connection::new(stream, &base, Wire::Encrypted);
        let mut buffer = [0; 2_048];
        let mut order_id = 0;
        let counted = allocation_counter::measure(|| {
            let reply = connection.send(&order, Some(&key), Stamp::new(Millis(1)), &mut buffer).unwrap();
            assert_eq!(reply.limits().orders_10s(), Some(3));
            order_id = reply.value().unwrap().order_id;
        });
        assert_eq!((order_id, counted.count_total), (7, 0), "{counted:?}");
        assert!(connection.is_alive());
        let written = connection.into_stream().written;
        assert!(written.starts_with(b"POST /fapi/v1/order?symbol=BTCUSDT&"));
    }
}

#[test]
fn every_shorter_buffer_is_full_before_or_after_the_request() {
    let (base, key, order) = (production(), key(), order("BTCUSDT"));
    let mut sent = 0;
    for size in 0.. {
        let mut connection = Connection::new(Memory::new(REPLY), &base, Wire::Encrypted);
        let mut buffer = vec![0; size];
        match connection.send(&order, Some(&key), Stamp::new(Millis(1)), &mut buffer) {
            Ok(reply) => {
                assert_eq!(reply.value().unwrap().order_id, 7);
                break;
            }
            Err(Error::Build(BuildError::Full)) => {
                assert!(sent == 0 && connection.is_alive(), "{size}");
            }
            Err(error @ Error::Response(ResponseError::Full)) => {
                sent += 1;
                assert_eq!(error.outcome(), Outcome::Unknown);
                assert!(!connection.is_alive(), "{size}");
            }
            Err(error) => panic!("{size}: {error:?}"),
        }
    }
}

#[test]
fn a_long_reply_that_fits_no_buffer_says_so() {
    let body = "x".repeat(3_000);
    let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n{body}");
    let base = production();
    let mut connection = Connection::new(Memory::new(reply.as_bytes()), &base, Wire::Encrypted);
    let error = connection.send(&Time::new(), Some(&key()), stamp(), &mut [0; 1_024]).unwrap_err();
    assert!(matches!(error, Error::Response(ResponseError::Full)), "{error:?}");
    assert!(matches!(
        connection.send(&Time::new(), Some(&key()), stamp(), &mut [0; 1_024]),
        Err(Error::Dead)
    ));
}

#[test]
fn a_request_that_was_not_taken_says_how_far_it_came() {
    let (base, key, order) = (production(), key(), order("BTCUSDT"));
    for (takes, outcome) in [(0, Outcome::NotSent), (1, Outcome::Unknown), (100, Outcome::Unknown)] {
        let stream = Memory { takes, ..Memory::new(REPLY) };
        let mut connection = Connection::new(stream, &base, Wire::Encrypted);
        let error = connection.send(&order, Some(&key), stamp(), &mut [0; 2_048]).unwrap_err();
        assert!(matches!(error, Error::Io { .. }), "{error:?}");
        assert_eq!(error.outcome(), outcome);
        assert!(!connection.is_alive());
        let old = connection.renew(Memory::new(REPLY));
        assert_eq!(old.written.len(), takes);
        assert!(connection.send(&order, Some(&key), stamp(), &mut [0; 2_048]).is_ok());
    }
}

#[test]
fn keys_go_over_no_wire_that_is_not_declared_safe() {
    let (https, order, key) = (production(), order("BTCUSDT"), key());
    let http = BaseUrl::parse("http://example.com").unwrap();
    let loopback = BaseUrl::parse("http://127.0.0.1:1").unwrap();
    for (base, wire, allowed) in [
        (&https, Wire::Encrypted, true),
        (&https, Wire::Plain, false),
        (&https, Wire::PlainWithKeys, true),
        (&http, Wire::Plain, false),
        (&http, Wire::PlainWithKeys, true),
        (&loopback, Wire::Plain, true),
    ] {
        let mut connection = Connection::new(Memory::new(REPLY), base, wire);
        let sent = connection.send(&order, Some(&key), stamp(), &mut [0; 2_048]).map(|_| ());
        assert_eq!(sent.is_ok(), allowed, "{base} {wire:?}: {sent:?}");
        if !allowed {
            assert!(matches!(sent, Err(Error::Build(BuildError::Insecure))));
            assert!(connection.is_alive());
        }
        // What needs no key goes over any.
        drop(
            connection.renew(Memory::new(b"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"serverTime\":5}")),
        );
        let time =
            connection.send(&Time::new(), None::<&Credentials<Hmac>>, stamp(), &mut [0; 2_048]).map(|_| ());
        assert!(time.is_ok());
    }
}

#[test]
fn two_replies_in_one_packet_are_not_taken_for_each_other() {
    let base = production();
    let two = b"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"serverTime\":5}\
                HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"serverTime\":6}";
    let mut connection = Connection::new(Memory::new(two), &base, Wire::Encrypted);
    let mut buffer = [0; 1_024];
    let reply = connection.send(&Time::new(), Some(&key()), stamp(), &mut buffer).unwrap();
    assert_eq!(reply.value().unwrap().server_time.0, 5);
    assert!(matches!(connection.send(&Time::new(), Some(&key()), stamp(), &mut buffer), Err(Error::Dead)));
}

#[test]
fn an_excerpt_shows_no_secret() {
    let base = production();
    let page = "HTTP/1.1 403 Forbidden\r\nContent-Length: 60\r\n\r\n<a href=/x?signature=0123456789abcdef>é€ and so on and on</a>";
    let mut connection = Connection::new(Memory::new(page.as_bytes()), &base, Wire::Encrypted);
    let error = connection.send(&Time::new(), Some(&key()), stamp(), &mut [0; 1_024]).unwrap_err();
    let Error::Status { excerpt, outcome, .. } = &error else { panic!("{error:?}") };
    assert!(excerpt.starts_with("<a href=/x?signature=***>"), "{excerpt}");
    assert_eq!(*outcome, Outcome::Rejected);
    let _: &dyn core::error::Error = &error;
}
