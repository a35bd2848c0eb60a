//! Streams over a recorded conversation: handshake, subscription, events in pieces and in fragments, a ping.

use binance_core::{
    Event,
    decimal::dec,
    stream::{RawStream, Route},
    usdm::streams::BookTicker,
};
use binance_ws::{
    Base, Market, Tick,
    embedded::{Client, Host, Step},
    session::{Config, Mode, Notice, Session, Slot},
};

use crate::Run;

const EVENTS: u32 = 20;

/// What the exchange says, in the order in which it is read.
const ANSWER: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
const ACKNOWLEDGEMENT: &[u8] = b"\x81\x16{\"result\":null,\"id\":1}";
const EVENT: &[u8] = br#"{"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":400900217,"s":"BTCUSDT","ps":"BTCUSDT","st":1,"b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000","T":1568014460891,"E":1568014460893}}"#;

/// The bytes of the conversation, one after the other.
struct Recorded {
    part: usize,
    at: usize,
    written: usize,
}

impl Recorded {
    /// One part; the last one of each event is told by its number.
    fn part(index: usize) -> Option<&'static [u8]> {
        // Heads of a whole event, and of one in two fragments with a ping between them.
        const SPLIT: usize = 70;
        const WHOLE: &[u8] = &[0x81, 126, 0, EVENT.len() as u8];
        const FIRST: &[u8] = &[0x01, SPLIT as u8];
        const LAST: &[u8] = &[0x80, 126, 0, (EVENT.len() - SPLIT) as u8];
        match index {
            0 => return Some(ANSWER),
            1 => return Some(ACKNOWLEDGEMENT),
            _ => {}
        }
        let (pair, within) = ((index - 2) / 7, (index - 2) % 7);
        if pair >= EVENTS as usize / 2 {
            return None;
        }
        Some(match within {
            0 => WHOLE,
            1 => EVENT,
            2 => FIRST,
            3 => &EVENT[..SPLIT],
            4 => b"\x89\x02hi",
            5 => LAST,
            _ => &EVENT[SPLIT..],
        })
    }
}

impl embedded_io::ErrorType for Recorded {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io::Read for Recorded {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        let part = Self::part(self.part).ok_or(embedded_io::ErrorKind::TimedOut)?;
        let rest = &part[self.at..];
        // An odd number of bytes at a time, so that heads and texts come in pieces.
        let len = rest.len().min(buffer.len()).min(37);
        buffer[..len].copy_from_slice(&rest[..len]);
        self.at += len;
        if self.at == part.len() {
            (self.part, self.at) = (self.part + 1, 0);
        }
        Ok(len)
    }
}

impl embedded_io::Write for Recorded {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.written += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// A clock that goes on by a millisecond each time it is read.
struct Board(u64);

impl Host for Board {
    fn now(&mut self) -> Tick {
        self.0 += 1;
        Tick(self.0)
    }

    fn random(&mut self, bytes: &mut [u8]) {
        bytes.copy_from_slice(&b"the sample nonce"[..bytes.len()]);
    }
}

/// Follows the conversation to its end.
fn follow() -> bool {
    let mut config = Config::default();
    config.overlap = false;
    let table = heapless::Vec::<Slot, 4>::new();
    let mut session = Session::new(Market::UsdM, Some(Route::Public), Mode::Combined, table, config, 42);
    let books = RawStream { name: "btcusdt@bookTicker", market: Market::UsdM, route: Some(Route::Public) };
    let wanted = session.want(&books).is_ok();
    let Ok(base) = Base::new(Market::UsdM, "ws://127.0.0.1:9000") else { return false };
    let (mut receive, mut send) = ([0; 512], [0; 256]);
    let mut client = Client::new(session, base, Board(0), &mut receive, &mut send);
    let (mut events, mut settled) = (0, false);
    loop {
        match client.step() {
            Ok(Step::Connect) => client.connected(Recorded { part: 0, at: 0, written: 0 }),
            Ok(Step::Notice(Notice::Connected)) => {}
            Ok(Step::Notice(Notice::Settled)) => settled = true,
            Ok(Step::Event { stream: Some("btcusdt@bookTicker"), data }) => match BookTicker::decode(data) {
                Ok(ticker) if ticker.ask_price == dec!("25.36520000") => events += 1,
                _ => return false,
            },
            Ok(Step::Wait(_)) => break,
            _ => return false,
        }
    }
    // The request, the subscription and the pongs went out.
    let written = client.stream().is_some_and(|stream| stream.written > 200);
    wanted && settled && written && events == EVENTS
}

pub fn run(run: &mut Run<'_>) {
    run("ws: connect, 20 bookTickers", &mut follow);
}
