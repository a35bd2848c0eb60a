//! The clients for programs without an operating system, over recorded bytes: at every split, without a heap, and with
//! futures that are dropped.
#![cfg(all(feature = "embedded", feature = "embedded-async"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use binance_core::{
    ApiCode, Event, Millis,
    decimal::dec,
    enums::Side,
    stream::{RawStream, Route},
    usdm::{
        streams::BookTicker,
        trade::{CancelOrder, NewOrder},
    },
    ws_api::{Call, TypedCall},
};
use binance_sign::{Credentials, Hmac, Stamp};
use binance_ws::{
    Base, Market, Tick,
    api::{self, Calls, Unanswered},
    embedded::{Api, ApiStep, AsyncApi, AsyncClient, Client, Clock, Error, Host, Step},
    frame::FrameError,
    handshake::HandshakeError,
    session::{Config, Mode, Notice, Reason, Session, Slot},
};

type Table = heapless::Vec<Slot, 4>;

const ANSWER: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
const EVENT: &str = r#"{"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":400900217,"s":"BTCUSDT","ps":"BTCUSDT","st":1,"b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000","T":1568014460891,"E":1568014460893}}"#;

/// Fake time, and numbers that are the same in each run.
struct Board(u64);

impl Host for Board {
    fn now(&mut self) -> Tick {
        Tick(self.0)
    }

    fn random(&mut self, bytes: &mut [u8]) {
        bytes.copy_from_slice(&b"the sample nonce"[..bytes.len()]);
    }
}

impl Clock for Board {
    fn stamp(&mut self) -> Stamp {
        Stamp::new(Millis(1_591_702_613_943))
    }
}

/// A stream that gives `bytes` in pieces, then says that the time is over, and keeps what is written.
struct Recorded<'r> {
    bytes: &'r [u8],
    piece: usize,
    written: heapless::Vec<u8, 1_024>,
    /// Every other call of the kind that does not block has to be waited for.
    pending: bool,
}

impl<'r> Recorded<'r> {
    fn new(bytes: &'r [u8], piece: usize) -> Self {
        Self { bytes, piece, written: heapless::Vec::new(), pending: false }
    }

    fn give(&mut self, buffer: &mut [u8]) -> Result<usize, embedded_io::ErrorKind> {
        if self.bytes.is_empty() {
            return Err(embedded_io::ErrorKind::TimedOut);
        }
        let len = self.bytes.len().min(self.piece).min(buffer.len());
        let (now, later) = self.bytes.split_at(len);
        buffer[..len].copy_from_slice(now);
        self.bytes = later;
        Ok(len)
    }

    fn keep(&mut self, bytes: &[u8]) -> usize {
        let len = bytes.len().min(self.piece);
        self.written.extend_from_slice(&bytes[..len]).unwrap();
        len
    }

    /// Lets a future wait once before each thing that it does.
    async fn wait(&mut self) {
        std::future::poll_fn(|cx| {
            self.pending = !self.pending;
            cx.waker().wake_by_ref();
            if self.pending { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
    }
}

impl embedded_io::ErrorType for Recorded<'_> {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io::Read for Recorded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        self.give(buffer)
    }
}

impl embedded_io::Write for Recorded<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        Ok(self.keep(bytes))
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

impl embedded_io_async::Read for Recorded<'_> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        self.wait().await;
        self.give(buffer)
    }
}

impl embedded_io_async::Write for Recorded<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.wait().await;
        Ok(self.keep(bytes))
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        self.wait().await;
        Ok(())
    }
}

fn frame(bytes: &mut Vec<u8>, first: u8, payload: &[u8]) {
    bytes.push(first);
    match payload.len() {
        len @ 0..=125 => bytes.push(len as u8),
        len => {
            bytes.push(126);
            bytes.extend((len as u16).to_be_bytes());
        }
    }
    bytes.extend(payload);
}

/// Handshake, acknowledgement, an event, a ping, an event in fragments with a pong between them.
fn conversation() -> Vec<u8> {
    let mut bytes = ANSWER.to_vec();
    frame(&mut bytes, 0x81, br#"{"result":null,"id":1}"#);
    frame(&mut bytes, 0x81, EVENT.as_bytes());
    frame(&mut bytes, 0x89, b"1568014460893");
    let (one, two) = EVENT.split_at(70);
    frame(&mut bytes, 0x01, one.as_bytes());
    frame(&mut bytes, 0x8a, b"");
    frame(&mut bytes, 0x80, two.as_bytes());
    bytes
}

fn session() -> Session<Table> {
    let mut config = Config::default();
    config.overlap = false;
    let mut session =
        Session::new(Market::UsdM, Some(Route::Public), Mode::Combined, Table::new(), config, 42);
    let books = RawStream { name: "btcusdt@bookTicker", market: Market::UsdM, route: Some(Route::Public) };
    session.want(&books).unwrap();
    session
}

fn base() -> Base {
    Base::new(Market::UsdM, "ws://exchange.test/sim").unwrap()
}

/// What a client goes through, in short.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    connects: usize,
    notices: heapless::Vec<&'static str, 8>,
    events: usize,
    over: bool,
}

impl Seen {
    fn take(&mut self, step: Step<'_>) {
        match step {
            Step::Connect => self.connects += 1,
            Step::Notice(notice) => self
                .notices
                .push(match notice {
                    Notice::Connected => "connected",
                    Notice::Settled => "settled",
                    Notice::Lost { .. } => "lost",
                    Notice::Gap { .. } => "gap",
                    Notice::Ended => "ended",
                    _ => "another",
                })
                .unwrap(),
            Step::Event { stream, data } => {
                let ticker = BookTicker::decode(data).unwrap();
                assert_eq!((stream, ticker.ask_price), (Some("btcusdt@bookTicker"), dec!("25.36520000")));
                self.events += 1;
            }
            Step::Wait(_) => self.over = true,
            step => panic!("{step:?}"),
        }
    }
}

fn expected() -> Seen {
    let notices = heapless::Vec::from_slice(&["connected", "settled"]).unwrap();
    Seen { connects: 1, notices, events: 2, over: true }
}

/// What the exchange has to have read: the request, the command, the pong.
fn check_written(written: &[u8]) {
    let head = written.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
    let request = std::str::from_utf8(&written[..head]).unwrap();
    assert!(request.starts_with("GET /sim/public/stream HTTP/1.1\r\nHost: exchange.test\r\n"), "{request}");
    assert!(request.contains("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
    let command = &br#"{"method":"SUBSCRIBE","params":["btcusdt@bookTicker"],"id":1}"#[..];
    assert_eq!(frames(&written[head..]), [(0x81, command.to_vec()), (0x8a, b"1568014460893".to_vec())]);
}

/// The first byte and the payload of each frame.
fn frames(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    while let [first, second, ..] = *bytes {
        assert_eq!(second & 0x80, 0x80, "it is masked");
        let (at, len) = match second & 0x7f {
            126 => (4, usize::from(u16::from_be_bytes([bytes[2], bytes[3]]))),
            len => (2, usize::from(len)),
        };
        let (mask, payload) = bytes[at..at + 4 + len].split_at(4);
        let unmasked = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
        frames.push((first, unmasked.collect()));
        bytes = &bytes[at + 4 + len..];
    }
    frames
}

fn run_to_the_end(bytes: &[u8], piece: usize) -> (Seen, heapless::Vec<u8, 1_024>) {
    let (mut receive, mut send) = ([0; 512], [0; 512]);
    let mut client = Client::new(session(), base(), Board(1), &mut receive, &mut send);
    let mut seen = Seen::default();
    let mut written = heapless::Vec::new();
    while !seen.over {
        let step = client.step().unwrap();
        let connect = step == Step::Connect;
        seen.take(step);
        if connect {
            client.connected(Recorded::new(bytes, piece));
        }
    }
    if let Some(io) = client.stream() {
        written = io.written.clone();
    }
    (seen, written)
}

#[test]
fn a_conversation_is_the_same_at_every_split() {
    let bytes = conversation();
    for piece in (1..60).chain([100, 300, bytes.len()]) {
        let (seen, written) = run_to_the_end(&bytes, piece);
        assert_eq!(seen, expected(), "{piece}");
        check_written(&written);
    }
}

#[test]
fn nothing_is_allocated() {
    let bytes = conversation();
    let mut seen = Seen::default();
    let allocated = allocation_counter::measure(|| seen = run_to_the_end(&bytes, 100).0);
    assert_eq!(seen, expected());
    assert_eq!(allocated.count_total, 0);
    // And the counter counts.
    assert_eq!(allocation_counter::measure(|| drop(std::hint::black_box(Box::new(1)))).count_total, 1);
}

#[test]
fn futures_can_be_dropped_at_any_time() {
    let bytes = conversation();
    for piece in [1, 7, 64, bytes.len()] {
        let (mut receive, mut send) = ([0; 512], [0; 512]);
        let mut client = AsyncClient::new(session(), base(), Board(1), &mut receive, &mut send);
        let mut seen = Seen::default();
        let mut cx = Context::from_waker(Waker::noop());
        let mut dropped = 0;
        while !seen.over {
            let mut connect = false;
            // A new future for each poll: what the one before had not done is done by the next.
            match pin!(client.step()).poll(&mut cx) {
                Poll::Ready(step) => {
                    let step = step.unwrap();
                    connect = step == Step::Connect;
                    seen.take(step);
                }
                Poll::Pending => dropped += 1,
            }
            if connect {
                client.connected(Recorded::new(&bytes, piece));
            }
        }
        assert_eq!(seen, expected(), "{piece}");
        check_written(&client.stream().unwrap().written);
        assert!(dropped > 5, "{dropped}");
    }
}

/// What a client makes of `bytes`, and how long it waits before it connects again.
fn failure(bytes: &[u8], receive: usize) -> (Error<embedded_io::ErrorKind>, Duration) {
    let (mut receive, mut send) = (vec![0; receive], [0; 512]);
    let mut client = Client::new(session(), base(), Board(1), &mut receive, &mut send);
    let error = loop {
        match client.step() {
            Ok(Step::Connect) => client.connected(Recorded::new(bytes, 50)),
            Ok(Step::Wait(_)) => panic!("it hangs"),
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    loop {
        match client.step() {
            Ok(Step::Notice(Notice::Lost { .. })) => {}
            Ok(Step::Wait(until)) => break (error, until.unwrap().since(Tick(1))),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_is_no_exchange_is_told_apart_and_left_alone() {
    let (error, wait) = failure(b"HTTP/1.1 418 I'm a teapot\r\nRetry-After: 7\r\n\r\n", 512);
    assert!(matches!(error, Error::Handshake(HandshakeError::Status { status: 418, .. })), "{error:?}");
    assert_eq!(wait, Duration::from_secs(7));
    let (error, wait) = failure(b"HTTP/1.1 429 Too Many Requests\r\n\r\n", 512);
    assert!(matches!(error, Error::Handshake(HandshakeError::Status { status: 429, .. })), "{error:?}");
    assert_eq!(wait, Duration::from_secs(60));
    let (error, _) = failure(b"HTTP/1.1 301 Moved\r\nLocation: ws://elsewhere\r\n\r\n", 512);
    assert!(matches!(error, Error::Handshake(HandshakeError::Status { status: 301, .. })), "{error:?}");
    let (error, _) = failure(ANSWER, ANSWER.len() - 1);
    assert_eq!(error, Error::Handshake(HandshakeError::TooLong));
    for (frames, expected) in [
        (&b"\x81\x01\xff"[..], FrameError::Utf8),
        (b"\x83\x00", FrameError::Opcode),
        (b"\xc1\x00", FrameError::Reserved),
        (b"\x81\x80\x00\x00\x00\x00", FrameError::Masked),
        (b"\x81\x7e\x10\x00", FrameError::TooLong),
        (b"\x88\x01\x00", FrameError::CloseCode),
    ] {
        let (error, wait) = failure(&[ANSWER, frames].concat(), 512);
        assert_eq!(error, Error::Frame(expected));
        assert!(wait <= Duration::from_millis(250));
    }
}

#[test]
fn a_request_without_room_is_an_error_and_nothing_is_sent() {
    let (mut receive, mut send) = ([0; 512], [0; 100]);
    let mut client = Client::new(session(), base(), Board(1), &mut receive, &mut send);
    assert_eq!(client.step(), Ok(Step::Connect));
    client.connected(Recorded::new(ANSWER, 50));
    assert_eq!(client.step(), Err(Error::Full));
    assert!(client.stream().is_none());
}

#[test]
fn a_closing_handshake_has_its_code_and_the_loss_is_followed_by_another_attempt() {
    let mut bytes = conversation();
    frame(&mut bytes, 0x88, b"\x03\xf0");
    let (mut receive, mut send) = ([0; 512], [0; 512]);
    let mut client = Client::new(session(), base(), Board(1), &mut receive, &mut send);
    let (mut seen, mut lost) = (Seen::default(), None);
    while lost.is_none() {
        match client.step().unwrap() {
            Step::Notice(Notice::Lost { reason, .. }) => lost = Some(reason),
            Step::Connect => client.connected(Recorded::new(&bytes, 50)),
            step => seen.take(step),
        }
    }
    assert_eq!((lost, seen.events), (Some(Reason::Closed(1_008)), 2));
    assert!(matches!(client.step(), Ok(Step::Wait(Some(_)))));
}

// Calls.

const SECRET: &[u8] = b"2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";
const PLACED: &str = r#"{"id":1,"status":200,"result":{"orderId":7,"symbol":"BTCUSDT","clientOrderId":"board","status":"NEW","side":"BUY"},"rateLimits":[{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":300,"count":1}]}"#;
const REFUSED: &str = r#"{"id":2,"status":400,"error":{"code":-2011,"msg":"Unknown order sent."}}"#;

fn order() -> NewOrder<'static> {
    NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.010"), dec!("20000.0")).new_client_order_id("board")
}

fn cancel() -> CancelOrder<'static> {
    CancelOrder::by_id("BTCUSDT", 9)
}

fn credentials() -> Credentials<Hmac> {
    Credentials::new("key", Hmac::new(SECRET)).unwrap()
}

fn calls() -> Calls<[api::Slot; 2]> {
    let mut config = Config::default();
    config.overlap = false;
    Calls::new(Market::UsdM, [api::Slot::FREE; 2], config, 42)
}

/// Handshake, the answer to the second call, a ping, that to the first in fragments with a pong between them, a word of
/// nobody's.
fn answers() -> Vec<u8> {
    let mut bytes = ANSWER.to_vec();
    frame(&mut bytes, 0x81, REFUSED.as_bytes());
    frame(&mut bytes, 0x89, b"1568014460893");
    let (one, two) = PLACED.split_at(70);
    frame(&mut bytes, 0x01, one.as_bytes());
    frame(&mut bytes, 0x8a, b"");
    frame(&mut bytes, 0x80, two.as_bytes());
    frame(&mut bytes, 0x81, br#"{"id":9,"status":200,"result":{}}"#);
    bytes
}

/// What became of calls, in short.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    connects: usize,
    connected: bool,
    answers: heapless::Vec<(u64, Result<u64, ApiCode>), 4>,
    ended: heapless::Vec<(u64, Unanswered), 4>,
    others: usize,
    over: bool,
}

impl Told {
    fn take(&mut self, step: ApiStep<'_>) {
        match step {
            ApiStep::Connect => self.connects += 1,
            ApiStep::Notice(notice) => self.connected = notice == api::Notice::Connected,
            ApiStep::Answer(answer) => {
                let result = answer.result.map(|text| order().read(text).unwrap().order_id);
                self.answers.push((answer.id.number(), result.map_err(|error| error.code))).unwrap();
            }
            ApiStep::Ended(ended) => self.ended.push((ended.id.number(), ended.why)).unwrap(),
            ApiStep::Other(_) => self.others += 1,
            ApiStep::Wait(_) => self.over = true,
            step => panic!("{step:?}"),
        }
    }
}

fn answered() -> Told {
    let answers = [(2, Err(ApiCode::CANCEL_REJECTED)), (1, Ok(7))];
    Told {
        connects: 1,
        connected: true,
        answers: heapless::Vec::from_slice(&answers).unwrap(),
        others: 1,
        over: true,
        ..Told::default()
    }
}

/// What the exchange has to have read: the request, both calls, the pong.
fn check_calls(written: &[u8]) {
    let head = written.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
    assert!(written.starts_with(b"GET /sim HTTP/1.1\r\nHost: localhost\r\n"));
    let frames = frames(&written[head..]);
    assert_eq!(frames.iter().map(|(first, _)| *first).collect::<Vec<_>>(), [0x81, 0x81, 0x8a]);
    assert_eq!(frames[2].1, b"1568014460893");
    // The same as without a socket.
    let mut plain = calls();
    plain.start(Tick(1));
    let Some(api::Action::Connect(link)) = plain.poll_action() else { panic!("no connection is wanted") };
    plain.opened(link, Tick(1));
    let (stamp, limit) = (Board(1).stamp(), Duration::from_secs(5));
    for (call, (_, frame)) in [&order() as &dyn Call, &cancel()].into_iter().zip(&frames) {
        let mut buffer = [0; 1_024];
        let written = plain.call(Tick(1), call, stamp, Some(&credentials()), limit, &mut buffer).unwrap();
        assert_eq!(std::str::from_utf8(frame).unwrap(), written.text);
        assert!(written.text.contains(r#""signature":""#));
    }
}

fn call_to_the_end(bytes: &[u8], piece: usize) -> (Told, heapless::Vec<u8, 1_024>) {
    let (mut receive, mut send) = ([0; 512], [0; 1_024]);
    let mut api = Api::new(calls(), Some(credentials()), plain(), Board(1), &mut receive, &mut send).unwrap();
    let mut told = Told::default();
    let mut called = false;
    while !told.over {
        let step = api.step().unwrap();
        let connect = step == ApiStep::Connect;
        told.take(step);
        if connect {
            api.connected(Recorded::new(bytes, piece));
        }
        if told.connected && !called {
            called = true;
            call_both(|call| api.call(call, Duration::from_secs(5)));
        }
    }
    (told, api.stream().map(|io| io.written.clone()).unwrap_or_default())
}

/// Both at once, and no third: the table has room for two.
fn call_both(mut call: impl FnMut(&dyn Call) -> Result<api::CallId, api::CallError>) {
    assert_eq!(call(&order()).unwrap().number(), 1);
    assert_eq!(call(&cancel()).unwrap().number(), 2);
    assert_eq!(call(&cancel()), Err(api::CallError::Busy));
}

fn plain() -> Base {
    Base::new(Market::UsdM, "ws://localhost/sim").unwrap()
}

#[test]
fn calls_are_the_same_at_every_split() {
    let bytes = answers();
    for piece in (1..60).chain([100, 300, bytes.len()]) {
        let (told, written) = call_to_the_end(&bytes, piece);
        assert_eq!(told, answered(), "{piece}");
        check_calls(&written);
    }
}

#[test]
fn calls_allocate_nothing() {
    let bytes = answers();
    let mut told = Told::default();
    let allocated = allocation_counter::measure(|| told = call_to_the_end(&bytes, 100).0);
    assert_eq!(told, answered());
    assert_eq!(allocated.count_total, 0);
}

#[test]
fn futures_of_calls_can_be_dropped_at_any_time() {
    let bytes = answers();
    for piece in [1, 7, 64, bytes.len()] {
        let (mut receive, mut send) = ([0; 512], [0; 1_024]);
        let mut api =
            AsyncApi::new(calls(), Some(credentials()), plain(), Board(1), &mut receive, &mut send).unwrap();
        let mut told = Told::default();
        let mut cx = Context::from_waker(Waker::noop());
        let (mut dropped, mut called) = (0, false);
        while !told.over {
            let mut connect = false;
            match pin!(api.step()).poll(&mut cx) {
                Poll::Ready(step) => {
                    let step = step.unwrap();
                    connect = step == ApiStep::Connect;
                    told.take(step);
                }
                Poll::Pending => dropped += 1,
            }
            if connect {
                api.connected(Recorded::new(&bytes, piece));
            }
            if told.connected && !called {
                called = true;
                call_both(|call| api.call(call, Duration::from_secs(5)));
            }
        }
        assert_eq!(told, answered(), "{piece}");
        check_calls(&api.stream().unwrap().written);
        assert!(dropped > 5, "{dropped}");
    }
}

#[test]
fn a_call_that_has_no_room_is_not_sent_and_the_others_are() {
    let bytes = answers();
    let (mut receive, mut send) = ([0; 512], [0; 350]);
    let mut api = Api::new(calls(), Some(credentials()), plain(), Board(1), &mut receive, &mut send).unwrap();
    let limit = Duration::from_secs(5);
    assert_eq!(api.call(&order(), limit), Err(api::CallError::Ended));
    assert_eq!(api.step(), Ok(ApiStep::Connect));
    assert_eq!(api.call(&order(), limit), Err(api::CallError::NotReady));
    api.connected(Recorded::new(&bytes, 50));
    assert_eq!(api.step(), Ok(ApiStep::Notice(api::Notice::Connected)));
    // One of 268 bytes fits, two do not.
    api.call(&cancel(), limit).unwrap();
    assert_eq!(api.call(&cancel(), limit), Err(api::CallError::Full));
    assert_eq!(api.calls().in_flight(), 1);
    // Once it is sent, there is room again.
    assert!(matches!(api.step(), Ok(ApiStep::Other(text)) if text == REFUSED));
    api.call(&cancel(), limit).unwrap();
    assert_eq!(api.calls().in_flight(), 2);
}

#[test]
fn a_key_does_not_go_to_another_machine_in_the_open() {
    let (mut receive, mut send) = ([0; 512], [0; 512]);
    let open = Api::<_, _, _, Recorded<'_>>::new(
        calls(),
        Some(credentials()),
        base(),
        Board(1),
        &mut receive,
        &mut send,
    );
    assert_eq!(open.err(), Some(api::CallError::Insecure));
    // Nor can one log on with a key that cannot, or without one.
    let mut hmac = Api::<_, _, _, Recorded<'_>>::new(
        calls(),
        Some(credentials()),
        plain(),
        Board(1),
        &mut receive,
        &mut send,
    )
    .unwrap();
    let refused = binance_sign::SignError::Kind(binance_sign::KeyKind::Hmac);
    assert_eq!(hmac.log_on(), Err(api::CallError::Sign(refused)));
    let mut public =
        Api::<_, Hmac, _, Recorded<'_>>::new(calls(), None, plain(), Board(1), &mut receive, &mut send)
            .unwrap();
    assert_eq!(public.log_on(), Err(api::CallError::NoCredentials));
}

#[test]
fn calls_end_with_their_connection_and_with_their_deadline() {
    let mut bytes = ANSWER.to_vec();
    frame(&mut bytes, 0x88, b"\x03\xf0");
    for (bytes, why) in
        [(&bytes[..], Unanswered::Lost(Reason::Closed(1_008))), (ANSWER, Unanswered::Deadline)]
    {
        let (mut receive, mut send) = ([0; 512], [0; 1_024]);
        let mut api =
            Api::new(calls(), Some(credentials()), plain(), Later(1), &mut receive, &mut send).unwrap();
        let mut told = Told::default();
        while told.ended.is_empty() {
            match api.step().unwrap() {
                ApiStep::Connect => api.connected(Recorded::new(bytes, 50)),
                ApiStep::Notice(api::Notice::Connected) => {
                    api.call(&order(), Duration::from_millis(300)).unwrap();
                }
                ApiStep::Wait(_) => {}
                step => told.take(step),
            }
        }
        assert_eq!(told.ended.as_slice(), [(1, why)]);
        assert!(told.answers.is_empty());
    }
}

/// A board whose time goes on.
struct Later(u64);

impl Host for Later {
    fn now(&mut self) -> Tick {
        self.0 += 1;
        Tick(self.0)
    }

    fn random(&mut self, bytes: &mut [u8]) {
        Board(0).random(bytes);
    }
}

impl Clock for Later {
    fn stamp(&mut self) -> Stamp {
        Board(0).stamp()
    }
}
