//! The opening handshake (RFC 6455, section 4), the client's side, over the caller's bytes.
//!
//! [`Handshake::write`] writes the request, [`Handshake::read`] checks the answer: the status, `Upgrade`, `Connection` and
//! `Sec-WebSocket-Accept`; extensions and subprotocols, which were not asked for, are refused. What a host answers in
//! place of a handshake is told by its status: redirects are not followed, bans come with their wait.
//!
//! ```
//! use binance_ws::handshake::Handshake;
//! // The example of RFC 6455, section 1.3.
//! let handshake = Handshake::new(*b"the sample nonce");
//! let mut request = String::new();
//! handshake.write("fstream.binance.com", &"/public/stream", &mut request)?;
//! assert!(request.starts_with("GET /public/stream HTTP/1.1\r\nHost: fstream.binance.com\r\n"));
//! assert!(request.contains("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
//! let answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
//!                Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x02hi";
//! // The first frame begins behind it.
//! assert_eq!(handshake.read(answer)?, Some(answer.len() - 4));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use core::{
    fmt::{self, Write},
    str,
    time::Duration,
};

use base64ct::{Base64, Encoding};
use sha1::{Digest, Sha1};

use crate::refusal;

/// How many header lines an answer may have.
const MAX_HEADERS: usize = 64;

/// Appended to the key by every server, RFC 6455, section 1.3.
const MAGIC: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// One handshake, known by its key.
#[derive(Clone, Debug)]
pub struct Handshake {
    key: [u8; 24],
    accept: [u8; 28],
}

impl Handshake {
    /// A handshake with this nonce, which has to be random: it shows that the answer is one to this request.
    pub fn new(nonce: [u8; 16]) -> Self {
        let (mut key, mut accept) = ([0; 24], [0; 28]);
        encode(&nonce, &mut key);
        encode(&Sha1::new().chain_update(key).chain_update(MAGIC).finalize(), &mut accept);
        Self { key, accept }
    }

    /// Writes the request for `path`, query included, at `authority`: a host, and a port where there is one.
    ///
    /// # Errors
    /// When one of them has a space, a control character or a byte that is not ASCII; and whatever `out` answers. Part
    /// of the request may be written then.
    pub fn write(&self, authority: &str, path: &dyn fmt::Display, out: &mut dyn Write) -> fmt::Result {
        out.write_str("GET ")?;
        write!(Plain(out), "{path}")?;
        out.write_str(" HTTP/1.1\r\nHost: ")?;
        write!(Plain(out), "{authority}")?;
        out.write_str("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n")?;
        let key = str::from_utf8(&self.key).map_err(|_| fmt::Error)?;
        write!(out, "Sec-WebSocket-Key: {key}\r\n\r\n")
    }

    /// Reads the answer from what came so far: `None` when its head is not all there, else how many bytes it has.
    ///
    /// Give it a bounded buffer; when that is full and the head has not ended, it is no answer.
    ///
    /// # Errors
    /// [`HandshakeError`]; the connection is of no use then.
    pub fn read(&self, received: &[u8]) -> Result<Option<usize>, HandshakeError> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut answer = httparse::Response::new(&mut headers);
        let len = match answer.parse(received) {
            Ok(httparse::Status::Complete(len)) => len,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(httparse::Error::TooManyHeaders) => return Err(HandshakeError::TooLong),
            Err(_) => return Err(HandshakeError::Malformed),
        };
        let values = |name| {
            let headers = answer.headers.iter();
            headers.filter(move |header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value)
        };
        let status = answer.code.unwrap_or_default();
        if status != 101 {
            let wait =
                values("retry-after").find_map(|value| str::from_utf8(value).ok()?.trim().parse().ok());
            return Err(HandshakeError::Status { status, retry_after: wait.map(Duration::from_secs) });
        }
        let has = |name, word: &str| {
            let mut words = values(name).flat_map(|value| value.split(|byte| *byte == b','));
            words.any(|found| found.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
        };
        if answer.version != Some(1) || !has("upgrade", "websocket") || !has("connection", "upgrade") {
            return Err(HandshakeError::Malformed);
        }
        let mut accepts = values("sec-websocket-accept").map(<[u8]>::trim_ascii);
        if accepts.next() != Some(&self.accept) || accepts.next().is_some() {
            return Err(HandshakeError::Key);
        }
        let unasked = ["sec-websocket-extensions", "sec-websocket-protocol"];
        if unasked.into_iter().any(|name| values(name).next().is_some()) {
            return Err(HandshakeError::Unasked);
        }
        Ok(Some(len))
    }
}

/// Why an answer is no handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The host answered with another status than 101: 403 and 418 are bans, 429 is too many.
    Status {
        /// The status.
        status: u16,
        /// How long to wait, where the host says so.
        retry_after: Option<Duration>,
    },
    /// It is not HTTP/1.1, or does not say that it changes to WebSocket.
    Malformed,
    /// It does not prove that the request was read: `Sec-WebSocket-Accept` is not there, or wrong.
    Key,
    /// It names an extension or a subprotocol that nobody asked for.
    Unasked,
    /// Its head is longer than the buffer, or has more than 64 lines.
    TooLong,
}

impl HandshakeError {
    /// How long to wait at least before the next attempt: what the host says, three days at most, else a minute for 429
    /// and two for 418, the shortest ban there is.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { status, retry_after } => refusal::wait(*status, *retry_after),
            _ => None,
        }
    }
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { status, .. } => {
                write!(f, "the host answered with status {status} in place of a WebSocket")
            }
            Self::Malformed => f.write_str("the host answered with no WebSocket handshake"),
            Self::Key => f.write_str("a handshake that does not answer this request"),
            Self::Unasked => f.write_str("a handshake with an extension that nobody asked for"),
            Self::TooLong => f.write_str("a handshake with too long a head"),
        }
    }
}

impl core::error::Error for HandshakeError {}

/// Takes nothing that would end a word of the request's first lines.
struct Plain<'o>(&'o mut dyn Write);

impl Write for Plain<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.0.write_str(text)
        } else {
            Err(fmt::Error)
        }
    }
}

/// Base64 of exactly as many characters as `out` has.
fn encode(bytes: &[u8], out: &mut [u8]) {
    let encoded = Base64::encode(bytes, out).map(str::len);
    debug_assert_eq!(encoded, Ok(out.len()), "the lengths are constants");
}

#[cfg(test)]
#[cfg(feature = "std")]
mod tests {
    use std::{format, string::String};

    use super::*;

    const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    fn read(answer: &str) -> Result<Option<usize>, HandshakeError> {
        let handshake = Handshake::new(*b"the sample nonce");
        let whole = handshake.read(answer.as_bytes());
        // Nothing is made of a part of it but what is made of the whole.
        for end in 0..answer.len() {
            let part = handshake.read(&answer.as_bytes()[..end]);
            assert!(part == Ok(None) || part == whole, "{end} {part:?}");
        }
        whole
    }

    fn switching(lines: &str) -> Result<Option<usize>, HandshakeError> {
        read(&format!("HTTP/1.1 101 Switching Protocols\r\n{lines}\r\n"))
    }

    #[test]
    fn an_answer_is_checked() {
        let upgrade = "Upgrade: WebSocket\r\nConnection: keep-alive, upgrade\r\n";
        let accept = format!("sec-websocket-accept: {ACCEPT}\r\n");
        assert!(matches!(switching(&format!("{upgrade}{accept}")), Ok(Some(_))));
        for (lines, error) in [
            (upgrade.into(), HandshakeError::Key),
            (format!("{upgrade}Sec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ==\r\n"), HandshakeError::Key),
            (format!("{upgrade}{accept}{accept}"), HandshakeError::Key),
            (format!("Upgrade: websocket\r\n{accept}"), HandshakeError::Malformed),
            (format!("Connection: upgrade\r\n{accept}"), HandshakeError::Malformed),
            (format!("Upgrade: h2c\r\nConnection: upgrade\r\n{accept}"), HandshakeError::Malformed),
            (
                format!("{upgrade}{accept}Sec-WebSocket-Extensions: permessage-deflate\r\n"),
                HandshakeError::Unasked,
            ),
            (format!("{upgrade}{accept}Sec-WebSocket-Protocol: chat\r\n"), HandshakeError::Unasked),
            (format!("{upgrade}{accept}{}", "a: b\r\n".repeat(64)), HandshakeError::TooLong),
        ] {
            assert_eq!(switching(&lines), Err(error), "{lines}");
        }
        assert_eq!(read("220 mail.example ESMTP\r\n"), Err(HandshakeError::Malformed));
    }

    #[test]
    fn a_refusal_has_its_status_and_wait() {
        for (answer, status, retry_after) in [
            ("HTTP/1.1 418 I'm a teapot\r\nRetry-After: 7\r\n\r\n", 418, Some(7)),
            ("HTTP/1.1 429 Too Many Requests\r\nretry-after:  120 \r\n\r\n", 429, Some(120)),
            ("HTTP/1.1 403 Forbidden\r\nRetry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n\r\n", 403, None),
            ("HTTP/1.1 302 Found\r\nLocation: wss://elsewhere\r\n\r\n", 302, None),
            ("HTTP/1.1 200 OK\r\n\r\n", 200, None),
        ] {
            let retry_after = retry_after.map(Duration::from_secs);
            assert_eq!(read(answer), Err(HandshakeError::Status { status, retry_after }));
        }
    }

    #[test]
    fn nothing_gets_into_a_request_that_is_not_part_of_its_line() {
        let handshake = Handshake::new([0; 16]);
        for (authority, path) in
            [("host", "/a\r\nX: y"), ("host", "/a b"), ("host", "/\u{e9}"), ("ho\nst", "/"), ("a b", "/")]
        {
            assert!(handshake.write(authority, &path, &mut String::new()).is_err(), "{authority} {path}");
        }
    }
}
