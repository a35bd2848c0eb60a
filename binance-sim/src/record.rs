//! The recorder: writes what a stream says as lines that can be played back.

use std::{
    collections::HashMap,
    io::{self, Read, Write},
    net::TcpStream,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use binance_core::endpoint::Market;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::value::RawValue;

use crate::{
    base64,
    frame::{self, Message, Opcode, Reader},
    replay::RecordedFrame,
};

/// How often the recorder looks whether its time is over.
const BEAT: Duration = Duration::from_millis(100);
/// How long the other side may take to answer the handshake.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest frame: those of all contracts together are large.
const LONGEST: usize = 16 * 1_024 * 1_024;

/// Listens to a stream, of this exchange or of any other, and writes its frames as a [`Recording`](crate::Recording).
///
/// The address names the streams: `ws://127.0.0.1:8080/public/ws/btcusdt@depth`, or
/// `wss://fstream.binance.com/market/stream?streams=btcusdt@aggTrade/ethusdt@aggTrade`. Raw streams of more than one
/// name are asked for as combined ones, since their frames do not all tell where they belong. `wss` needs the feature
/// `tls`.
#[derive(Clone, Debug)]
#[must_use]
pub struct Recorder {
    address: Address,
    frames: u64,
    time: Option<Duration>,
    trusted: Option<String>,
}

impl Recorder {
    /// A recorder of this address.
    ///
    /// # Errors
    /// When it is no `ws` or `wss` URL, or names no stream.
    pub fn new(url: &str) -> io::Result<Self> {
        let address = Address::parse(url).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "no URL of a stream, or of none by name")
        })?;
        Ok(Self { address, frames: u64::MAX, time: None, trusted: None })
    }

    /// Stops after this many frames.
    pub fn frames(mut self, count: u64) -> Self {
        self.frames = count;
        self
    }

    /// Stops after this long.
    pub fn time(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    /// Trusts this certificate (PEM) and no other, for `wss`. Unless told, the public roots are trusted.
    pub fn trust(mut self, certificate: &str) -> Self {
        self.trusted = Some(certificate.to_owned());
        self
    }

    /// Connects and records until it is told to stop or the other side closes; gives the number of frames.
    ///
    /// # Errors
    /// When the address cannot be reached, the other side does not speak WebSocket, or `out` cannot be written.
    pub fn run(&self, mut out: impl Write) -> io::Result<u64> {
        let stream = TcpStream::connect((self.address.host.as_str(), self.address.port))?;
        stream.set_read_timeout(Some(BEAT))?;
        stream.set_nodelay(true)?;
        if self.address.secure {
            let stream = self.secure(stream)?;
            return self.record(stream, &mut out);
        }
        self.record(stream, &mut out)
    }

    #[cfg(feature = "tls")]
    fn secure(&self, stream: TcpStream) -> io::Result<impl Read + Write> {
        use std::sync::Arc;

        use tokio_rustls::rustls::{
            ClientConfig, ClientConnection, RootCertStore, StreamOwned,
            crypto::ring,
            pki_types::{CertificateDer, ServerName, pem::PemObject},
        };
        let mut roots = RootCertStore::empty();
        match &self.trusted {
            Some(pem) => {
                let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(io::Error::other)?;
                roots.add(certificate).map_err(io::Error::other)?;
            }
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(self.address.host.clone()).map_err(io::Error::other)?;
        let connection = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
        Ok(StreamOwned::new(connection, stream))
    }

    #[cfg(not(feature = "tls"))]
    fn secure(&self, _: TcpStream) -> io::Result<TcpStream> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "built without the feature `tls`"))
    }

    fn record(&self, mut stream: impl Read + Write, out: &mut impl Write) -> io::Result<u64> {
        let mut buffer = self.shake_hands(&mut stream)?;
        let (mut reader, started, mut count) = (Reader::of_server(LONGEST), Instant::now(), 0);
        loop {
            loop {
                let message =
                    reader.next(&mut buffer).map_err(|_| broken("frames that break the protocol"))?;
                match message {
                    None => break,
                    Some(Message::Text(text)) => {
                        if let Some(frame) = self.address.frame(text) {
                            writeln!(out, "{frame}")?;
                            count += 1;
                        }
                    }
                    Some(Message::Ping(payload)) => {
                        let mut pong = Vec::new();
                        frame::write_masked(&mut pong, Opcode::Pong, &payload, random()?);
                        stream.write_all(&pong)?;
                        stream.flush()?;
                    }
                    Some(Message::Close(_)) => return out.flush().map(|()| count),
                    Some(Message::Pong | Message::Binary) => {}
                }
                if count >= self.frames {
                    return out.flush().map(|()| count);
                }
            }
            let over = self.time.is_some_and(|time| started.elapsed() >= time);
            if over || read_more(&mut stream, &mut buffer)? == Some(0) {
                return out.flush().map(|()| count);
            }
        }
    }

    /// Asks for the streams; gives what came after the answer's head.
    fn shake_hands(&self, stream: &mut (impl Read + Write)) -> io::Result<Vec<u8>> {
        let key = base64::encode(&random::<16>()?);
        let Address { host, port, target, .. } = &self.address;
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
        );
        stream.write_all(request.as_bytes())?;
        stream.flush()?;
        let (mut buffer, started) = (Vec::new(), Instant::now());
        loop {
            let mut headers = [httparse::EMPTY_HEADER; 64];
            let mut head = httparse::Response::new(&mut headers);
            if let httparse::Status::Complete(end) = head.parse(&buffer).map_err(|_| broken("no HTTP"))? {
                let mut headers = head.headers.iter();
                let accepted = headers.any(|header| {
                    header.name.eq_ignore_ascii_case("sec-websocket-accept")
                        && header.value == frame::accept_key(&key).as_bytes()
                });
                if head.code != Some(101) || !accepted {
                    return Err(broken("a refusal of the handshake"));
                }
                buffer.drain(..end);
                return Ok(buffer);
            }
            if read_more(stream, &mut buffer)? == Some(0) || started.elapsed() >= PATIENCE {
                return Err(broken("no answer to the handshake"));
            }
        }
    }
}

/// Reads more; `None` when nothing came for a beat, zero when the other side closed.
fn read_more(stream: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<Option<usize>> {
    let mut bytes = [0; 16 * 1_024];
    match stream.read(&mut bytes) {
        Ok(count) => {
            buffer.extend_from_slice(bytes.get(..count).unwrap_or_default());
            Ok(Some(count))
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
        // TLS that ends without saying so.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Some(0)),
        Err(error) => Err(error),
    }
}

fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| io::Error::other("no random bytes")).map(|()| bytes)
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// The address of streams.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Address {
    secure: bool,
    host: String,
    port: u16,
    /// Path and query.
    target: String,
    market: Market,
    /// The stream's name when the frames are not wrapped.
    raw: Option<String>,
}

impl Address {
    fn parse(url: &str) -> Option<Self> {
        let (secure, rest) = match url.strip_prefix("wss://") {
            Some(rest) => (true, rest),
            None => (false, url.strip_prefix("ws://")?),
        };
        let start = rest.find('/')?;
        let (authority, target) = rest.split_at(start);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok()?),
            None => (authority, if secure { 443 } else { 80 }),
        };
        let market = if target.starts_with("/dstream/") || host.starts_with("dstream.") {
            Market::CoinM
        } else {
            Market::UsdM
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (mut target, mut raw) = (target.to_owned(), None);
        if let Some((route, names)) = path.split_once("/ws") {
            let names: Vec<_> = names.split('/').filter(|name| !name.is_empty()).collect();
            match (names.as_slice(), query.is_empty()) {
                ([name], true) => raw = Some(plain_name(name)),
                ([], false) if query.starts_with("listenKey=") => raw = Some(plain_name("")),
                ([_, _, ..], true) => target = format!("{route}/stream?streams={}", names.join("/")),
                _ => return None,
            }
        } else if !path.ends_with("/stream") || query.is_empty() {
            return None;
        }
        (!host.is_empty()).then(|| Self { secure, host: host.to_owned(), port, target, market, raw })
    }

    /// A frame as it is recorded; `None` for one that is not of a stream.
    fn frame(&self, text: String) -> Option<RecordedFrame> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let time = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        let market = self.market;
        if let Some(stream) = self.raw.clone() {
            // What is no JSON would break the line.
            serde_json::from_str::<&RawValue>(&text).ok()?;
            return Some(RecordedFrame { time, market, stream, data: text.replace(['\r', '\n'], "") });
        }
        let fields: HashMap<&str, &RawValue> = serde_json::from_str(&text).ok()?;
        let stream: String = serde_json::from_str(fields.get("stream")?.get()).ok()?;
        let data = fields.get("data")?.get().replace(['\r', '\n'], "");
        Some(RecordedFrame { time, market, stream: plain_name(&stream), data })
    }
}

/// The name under which a stream is recorded: that of a market stream, or `userData` in place of a listen key.
fn plain_name(name: &str) -> String {
    let name = crate::params::decode(name).unwrap_or_default();
    if name.contains(['@', '!']) { name } else { "userData".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let parsed = |url: &str| {
            let address = Address::parse(url)?;
            Some((address.host, address.port, address.target, address.market, address.raw))
        };
        let (usdm, coinm) = (Market::UsdM, Market::CoinM);
        for (url, host, port, target, market, raw) in [
            ("ws://h:81/public/ws/a@b", "h", 81, "/public/ws/a@b", usdm, Some("a@b")),
            ("wss://h/ws/a@b/c@d", "h", 443, "/stream?streams=a@b/c@d", usdm, None),
            ("ws://h/dstream/ws/abc", "h", 80, "/dstream/ws/abc", coinm, Some("userData")),
            ("ws://h/private/ws?listenKey=abc", "h", 80, "/private/ws?listenKey=abc", usdm, Some("userData")),
            ("wss://dstream.x/stream?streams=a@b", "dstream.x", 443, "/stream?streams=a@b", coinm, None),
        ] {
            let expected = (host.to_owned(), port, target.to_owned(), market, raw.map(str::to_owned));
            assert_eq!(parsed(url), Some(expected), "{url}");
        }
        for wrong in
            ["", "http://h/ws/a@b", "ws://h", "ws://h/ws", "ws://h/stream", "ws://h:x/ws/a@b", "ws:///ws/a@b"]
        {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn frames_are_unwrapped_and_what_is_none_is_left_out() {
        let combined = Address::parse("ws://h/stream?streams=a@b").unwrap();
        let frame = combined.frame(r#"{"stream":"a@b","data":{"x": 1.0}}"#.to_owned()).unwrap();
        assert_eq!((frame.stream.as_str(), frame.data.as_str()), ("a@b", r#"{"x": 1.0}"#));
        assert_eq!(combined.frame(r#"{"result":null,"id":1}"#.to_owned()), None);
        let raw = Address::parse("ws://h/ws/a@b").unwrap();
        assert_eq!(raw.frame("{\"x\":\n1}".to_owned()).unwrap().data, "{\"x\":1}");
        assert_eq!(raw.frame("{".to_owned()), None);
    }
}
