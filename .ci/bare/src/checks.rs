//! A use of each layer, with an answer that is known.

use binance_core::{
    Endpoint, Market, Millis,
    decimal::dec,
    enums::Side,
    json,
    query::Query,
    stream::{RawStream, Route},
    usdm::{Event, streams::BookTicker, trade::NewOrder},
    ws_api::TypedCall,
};
use binance_http::{
    BaseUrl,
    embedded::{Connection, Wire},
    request::Plan,
    response::Decoder,
};
use binance_sign::{
    Credentials, Ed25519, Hmac, KeyBuffer, MAX_SIGNATURE, PrivateKey, Rsa2048, Signed, Signer, Stamp,
};
use binance_ws::{
    Base, Tick,
    api::{self, Calls},
    embedded::{Api, ApiStep, Clock, Host},
    frame::{Frame, Inbox, MAX_HEAD, Opcode, seal},
    session::{Action, Config, MESSAGE_LEN, Mode, Outgoing, Received, Session, Slot},
};

/// Every check, by its name.
#[allow(dead_code, reason = "the programs that measure sizes take them one by one")]
pub(crate) const ALL: &[(&str, fn() -> bool)] = &[
    ("a signed order as bytes of HTTP", order),
    ("its reply", reply),
    ("both without HTTP", query_and_reply),
    ("both by the client over a stream", rest),
    ("Ed25519 from an encrypted file", ed25519),
    ("RSA-2048", rsa),
    ("a book ticker", ticker),
    ("any event", event),
    ("a session over frames", session),
    ("an order by the WebSocket API over a stream", call),
];

const MESSAGE: &[u8] = include_bytes!("../../../binance-sign/tests/keys/message.txt");

/// The exchange's own example of a secret.
const SECRET: &[u8] = b"2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";

const STAMP: Stamp = Stamp::new(Millis(1_591_702_613_943));

fn new_order() -> NewOrder<'static> {
    NewOrder::limit("BTCUSDT", Side::Buy, dec!("1"), dec!("9000")).new_client_order_id("bare")
}

/// A signed order becomes the bytes that go over a connection.
pub(crate) fn order() -> bool {
    let Ok(base) = BaseUrl::parse("https://fapi.binance.com") else { return false };
    let Ok(credentials) = Credentials::new("key", Hmac::new(SECRET)) else { return false };
    let order = new_order();
    let mut room = [0; 512];
    let Ok(request) = Plan::new(&order, &base).write(Some(&credentials), STAMP, &mut room) else {
        return false;
    };
    let text = request.as_bytes();
    text.starts_with(b"POST /fapi/v1/order") && text.windows(11).any(|part| part == b"&signature=")
}

/// The same without HTTP, for those who have an HTTP client: the query, signed, and the order from the reply's body.
pub(crate) fn query_and_reply() -> bool {
    let order = new_order();
    let mut room = [0; 512];
    let mut query = Query::new(&mut room);
    if query.extend(&order).is_err() {
        return false;
    }
    Signed::new(query, STAMP, &Hmac::new(SECRET)).is_ok_and(|signed| signed.as_str().ends_with(SIGNATURE))
        && order.decode(BODY).is_ok_and(|order| order.order_id == 22_542_179)
}

/// By another implementation.
const SIGNATURE: &str = "&signature=db292102c33d1068ddd56b315aae6d5aedda03e925445fffd89abadbb8281ffc";

/// A recorded reply becomes the order that it tells of.
pub(crate) fn reply() -> bool {
    let mut bytes = *REPLY;
    let mut decoder = Decoder::new();
    let len = bytes.len();
    if decoder.feed(&mut bytes, len).is_err() {
        return false;
    }
    let Some(response) = decoder.response(&bytes) else { return false };
    new_order().decode(response.body()).is_ok_and(|order| order.order_id == 22_542_179)
}

const REPLY: &[u8; 147] = b"HTTP/1.1 200 OK\r\nContent-Length: 107\r\n\r\n\
    {\"symbol\":\"BTCUSDT\",\"orderId\":22542179,\"clientOrderId\":\"bare\",\"side\":\"BUY\",\"status\":\"NEW\",\"price\":\"9000.0\"}";

const BODY: &[u8] = REPLY.split_at(40).1;

/// Both: the query, its signature, the order, and the parsing of the reply.
pub(crate) fn order_and_reply() -> bool {
    order() && reply()
}

/// The client over a stream, from the order to its reply.
pub(crate) fn rest() -> bool {
    let Ok(base) = BaseUrl::parse("https://fapi.binance.com") else { return false };
    let Ok(credentials) = Credentials::new("key", Hmac::new(SECRET)) else { return false };
    let mut connection = Connection::new(Recorded(REPLY), &base, Wire::Encrypted);
    let mut room = [0; 1_024];
    let reply = connection.send(&new_order(), Some(&credentials), STAMP, &mut room);
    reply.is_ok_and(|reply| reply.value().is_ok_and(|order| order.order_id == 22_542_179))
}

/// A stream that answers what was recorded, whatever it is asked.
struct Recorded(&'static [u8]);

impl embedded_io::ErrorType for Recorded {
    type Error = core::convert::Infallible;
}

impl embedded_io::Read for Recorded {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        let len = buffer.len().min(self.0.len());
        let (now, later) = self.0.split_at(len);
        buffer[..len].copy_from_slice(now);
        self.0 = later;
        Ok(len)
    }
}

impl embedded_io::Write for Recorded {
    fn write(&mut self, buffer: &[u8]) -> Result<usize, Self::Error> {
        Ok(buffer.len())
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// A client of calls, from its handshake to the answer.
pub(crate) fn call() -> bool {
    let mut config = Config::default();
    config.overlap = false;
    let calls = Calls::new(Market::UsdM, [api::Slot::FREE; 2], config, 42);
    let Ok(credentials) = Credentials::new("key", Hmac::new(SECRET)) else { return false };
    let Ok(base) = Base::new(Market::UsdM, "wss://ws-fapi.binance.com/ws-fapi/v1") else { return false };
    let (mut receive, mut send) = ([0; 512], [0; 512]);
    let Ok(mut client) = Api::new(calls, Some(credentials), base, Board, &mut receive, &mut send) else {
        return false;
    };
    let mut placed = None;
    loop {
        match client.step() {
            Ok(ApiStep::Connect) => client.connected(Recorded(ANSWERS)),
            Ok(ApiStep::Notice(api::Notice::Connected)) => {
                placed = client.call(&new_order(), core::time::Duration::from_secs(5)).ok();
            }
            Ok(ApiStep::Answer(answer)) => {
                let order = answer.result.ok().and_then(|text| new_order().read(text).ok());
                return Some(answer.id) == placed && order.is_some_and(|order| order.order_id == 22_542_179);
            }
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

const ANSWERS: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x7e\x00\x8a\
    {\"id\":1,\"status\":200,\"result\":{\"symbol\":\"BTCUSDT\",\"orderId\":22542179,\"clientOrderId\":\"bare\",\"side\":\"BUY\",\"status\":\"NEW\",\"price\":\"9000.0\"}}";

/// Where time stands still and numbers are no surprise.
struct Board;

impl Host for Board {
    fn now(&mut self) -> Tick {
        Tick(0)
    }

    fn random(&mut self, bytes: &mut [u8]) {
        for (byte, sample) in bytes.iter_mut().zip(b"the sample nonce") {
            *byte = *sample;
        }
    }
}

impl Clock for Board {
    fn stamp(&mut self) -> Stamp {
        STAMP
    }
}

/// Whether the signer writes this signature of the message.
fn signs(signer: &dyn Signer, signature: &[u8]) -> bool {
    let mut text = [0; MAX_SIGNATURE];
    signer.sign(&[MESSAGE], &mut text).is_ok_and(|text| text.as_bytes() == signature)
}

pub(crate) fn ed25519() -> bool {
    let mut room = KeyBuffer::new();
    let file = include_bytes!("../../../binance-sign/tests/keys/ed25519-quick.pem");
    let Ok(key) = PrivateKey::from_encrypted_pem(file, b"correct horse", &mut room) else { return false };
    Ed25519::from_key(&key)
        .is_ok_and(|key| signs(&key, include_bytes!("../../../binance-sign/tests/keys/ed25519.sig")))
}

pub(crate) fn rsa() -> bool {
    let file = include_bytes!("../../../binance-sign/tests/keys/rsa2048.pem");
    Rsa2048::from_pem(file)
        .is_ok_and(|key| signs(&key, include_bytes!("../../../binance-sign/tests/keys/rsa2048.sig")))
}

const TICKER: &str = r#"{"e":"bookTicker","u":400900217,"E":1568014460893,"T":1568014460891,"s":"BNBUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000"}"#;

/// One event, where it is known which one comes.
pub(crate) fn ticker() -> bool {
    json::from_str::<BookTicker>(TICKER)
        .is_ok_and(|best| best.bid_price == dec!("25.35190000") && best.ask_quantity == dec!("40.66"))
}

/// Whichever event comes.
pub(crate) fn event() -> bool {
    matches!(Event::decode(TICKER), Ok(Event::BookTicker(best)) if best.bid_price == dec!("25.35190000"))
}

/// A session from its subscription to its first event.
pub(crate) fn session() -> bool {
    let table = heapless::Vec::<Slot, 4>::new();
    let mut session =
        Session::new(Market::UsdM, Some(Route::Public), Mode::Combined, table, Config::default(), 42);
    let books = RawStream { name: "btcusdt@bookTicker", market: Market::UsdM, route: Some(Route::Public) };
    if session.want(&books).is_err() {
        return false;
    }
    session.start(Tick(0));
    let Some(Action::Connect(link)) = session.poll_action() else { return false };
    session.opened(link, Tick(80));

    // What it sends, in a frame that a server could read.
    let mut text = [0; MESSAGE_LEN];
    let mut frame = [0; MAX_HEAD + 256];
    let Some(transmit) = session.poll_transmit(Tick(80), &mut text) else { return false };
    let Outgoing::Text(text) = transmit.frame else { return false };
    let payload = MAX_HEAD..MAX_HEAD + text.len();
    let Some(room) = frame.get_mut(payload.clone()) else { return false };
    room.copy_from_slice(text.as_bytes());
    if seal(&mut frame, payload, Opcode::Text, [1, 2, 3, 4]).is_err() {
        return false;
    }

    // What it receives, in frames.
    let mut inbox = Inbox::new([0; 256]);
    let bytes = b"\x81\x16{\"result\":null,\"id\":1}\x81\x3f{\"stream\":\"btcusdt@bookTicker\",\"data\":{\"e\":\"bookTicker\",\"u\":7}}";
    let Ok(room) = inbox.room() else { return false };
    let Some(room) = room.get_mut(..bytes.len()) else { return false };
    room.copy_from_slice(bytes);
    inbox.filled(bytes.len());
    let mut events = 0;
    while let Ok(Some(Frame::Text(text))) = inbox.take() {
        if let Received::Event { stream: Some("btcusdt@bookTicker"), .. } = session.text(link, Tick(90), text)
        {
            events += 1;
        }
    }
    events == 1 && session.is_settled()
}
