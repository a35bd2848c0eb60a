//! The bytes of one HTTP/1.1 reply become a status, headers and a body, in the caller's buffer, as they come in.
//!
//! There is no I/O here: whoever reads a socket hands what came to a [`Decoder`] until it says [`Progress::Done`].
//! Chunks are joined in place. What could mean two things is refused: two lengths, a length and chunks, anything behind
//! the version that is not HTTP/1.

use core::{fmt, ops::Range};

/// How many headers a reply may have.
pub const MAX_HEADERS: usize = 64;

/// How many interim replies (1xx) may come before the reply.
const MAX_INTERIM: u8 = 8;

/// How much may stand in chunk extensions and trailers, which are not kept.
const MAX_UNKEPT: u32 = 16 << 10;

/// Whether a reply is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More has to come: this many bytes at least, when that is known.
    More(usize),
    /// It is whole.
    Done,
}

/// Why bytes are no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseError {
    /// The buffer is shorter than head and body.
    Full,
    /// Not HTTP/1, or a reply that could be read in two ways.
    Malformed,
    /// An encoding or a protocol that was not asked for.
    Unsupported,
    /// The connection ended before a byte of the reply.
    Closed,
    /// The connection ended in the middle of the reply.
    Cut,
}

impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "no room left in the reply buffer",
            Self::Malformed => "what came is not an HTTP/1 reply",
            Self::Unsupported => "the reply has an encoding that was not asked for",
            Self::Closed => "the connection ended before a reply",
            Self::Cut => "the connection ended in the middle of the reply",
        })
    }
}

impl core::error::Error for ResponseError {}

/// Reads one reply.
///
/// The bytes that came stand at the start of a buffer of the caller's. After each read from the socket
/// [`feed`](Self::feed) looks at them, and says how many it keeps: the next read goes behind those.
///
/// ```
/// use binance_http::response::{Decoder, Progress};
///
/// let mut buffer = [0; 256];
/// let (mut filled, mut decoder) = (0, Decoder::new());
/// for piece in ["HTTP/1.1 200 OK\r\ntransfer-encoding: chu", "nked\r\n\r\n2\r\n{", "}\r\n0\r\n\r\n"] {
///     buffer[filled..filled + piece.len()].copy_from_slice(piece.as_bytes());
///     filled += piece.len();
///     filled = decoder.feed(&mut buffer, filled)?;
/// }
/// assert_eq!(decoder.progress(), Progress::Done);
/// let response = decoder.response(&buffer).unwrap();
/// assert_eq!((response.status(), response.body()), (200, b"{}".as_slice()));
/// # Ok::<(), binance_http::response::ResponseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Decoder {
    state: State,
    /// What is known to hold no end of the head.
    scanned: usize,
    interim: u8,
    /// Whether the body may be compressed.
    gzip: bool,
    head: Head,
    /// Where the body ends, as far as it came.
    body_end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Head,
    Length(usize),
    Chunks(Chunks),
    UntilEnd,
    Done,
}

#[derive(Clone, Copy, Debug, Default)]
struct Head {
    status: u16,
    len: usize,
    keep_alive: bool,
}

impl Decoder {
    /// Nothing came yet.
    pub const fn new() -> Self {
        Self {
            state: State::Head,
            scanned: 0,
            interim: 0,
            gzip: false,
            head: Head { status: 0, len: 0, keep_alive: false },
            body_end: 0,
        }
    }

    /// Whether the body may be compressed by gzip, which the reply's `Content-Encoding` says then: it is not decompressed
    /// here. Refused unless this says so.
    #[must_use]
    pub const fn accept_gzip(self, accept: bool) -> Self {
        Self { gzip: accept, ..self }
    }

    /// Looks at the first `filled` bytes of `buffer`: those kept by the last call, and what came since. Gives how many
    /// are kept now. Never looks at more, and does nothing once the reply is whole.
    ///
    /// # Errors
    /// [`ResponseError::Malformed`] and [`ResponseError::Unsupported`]; then the connection is of no more use.
    pub fn feed(&mut self, buffer: &mut [u8], filled: usize) -> Result<usize, ResponseError> {
        let mut filled = filled.min(buffer.len());
        while self.state == State::Head {
            let bytes = buffer.get(..filled).unwrap_or_default();
            let Some(parsed) = self.parse_head(bytes)? else { return Ok(filled) };
            match parsed {
                Parsed::Interim(len) => {
                    self.interim += 1;
                    if self.interim > MAX_INTERIM {
                        return Err(ResponseError::Malformed);
                    }
                    buffer.copy_within(len..filled, 0);
                    filled -= len;
                    self.scanned = 0;
                }
                Parsed::Final(head, state) => {
                    self.head = head;
                    self.body_end = head.len;
                    self.state = state;
                }
            }
        }
        match self.state {
            State::Length(length) => {
                let end = self.head.len.saturating_add(length);
                self.body_end = end.min(filled);
                if filled >= end {
                    self.finish(filled > end);
                }
            }
            State::Chunks(mut chunks) => {
                let raw = buffer.get_mut(self.body_end..filled).unwrap_or_default();
                let (decoded, consumed) = chunks.decode(raw)?;
                let excess = self.body_end + consumed < filled;
                self.body_end += decoded;
                filled = self.body_end;
                self.state = State::Chunks(chunks);
                if chunks.is_done() {
                    self.finish(excess);
                }
            }
            State::UntilEnd => self.body_end = filled,
            State::Head | State::Done => {}
        }
        Ok(filled)
    }

    /// The connection ended: nothing more will come.
    ///
    /// # Errors
    /// [`ResponseError::Closed`] and [`ResponseError::Cut`], unless the reply is whole or ends where the connection does.
    /// `filled` is what the last [`feed`](Self::feed) gave.
    pub fn end(&mut self, filled: usize) -> Result<(), ResponseError> {
        match self.state {
            State::Done => Ok(()),
            State::UntilEnd => {
                self.finish(false);
                Ok(())
            }
            State::Head if filled == 0 && self.interim == 0 => Err(ResponseError::Closed),
            _ => Err(ResponseError::Cut),
        }
    }

    /// Whether the reply is whole.
    pub fn progress(&self) -> Progress {
        match self.state {
            State::Done => Progress::Done,
            State::Length(length) => {
                let came = self.body_end - self.head.len;
                Progress::More(length.saturating_sub(came).max(1))
            }
            _ => Progress::More(1),
        }
    }

    /// The reply, once it is whole. `buffer` is the one that was fed.
    pub fn response<'b>(&self, buffer: &'b [u8]) -> Option<Response<'b>> {
        if self.state != State::Done {
            return None;
        }
        Some(Response {
            status: self.head.status,
            head: buffer.get(..self.head.len)?,
            body: buffer.get(self.body_range())?,
            keep_alive: self.head.keep_alive,
        })
    }

    /// Where the body stands in the buffer, as far as it came.
    pub fn body_range(&self) -> Range<usize> {
        self.head.len..self.body_end
    }

    fn finish(&mut self, excess: bool) {
        self.state = State::Done;
        // What follows was not asked for: the next reply on this connection could not be told from it.
        self.head.keep_alive &= !excess;
    }

    /// Reads a head, when it is whole.
    fn parse_head(&mut self, bytes: &[u8]) -> Result<Option<Parsed>, ResponseError> {
        const START: &[u8] = b"HTTP/1.";
        let start = bytes.get(..START.len()).unwrap_or(bytes);
        if !START.starts_with(start) {
            return Err(ResponseError::Malformed);
        }
        // Looks for the end first, so that a head that drips in is not parsed for each drop.
        let from = self.scanned.saturating_sub(2);
        let unseen = bytes.get(from..).unwrap_or_default();
        let ends = unseen.windows(3).any(|window| window == b"\n\r\n")
            || unseen.windows(2).any(|window| window == b"\n\n");
        self.scanned = bytes.len();
        if !ends {
            return Ok(None);
        }
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let len = match response.parse(bytes) {
            Ok(httparse::Status::Complete(len)) => len,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err(ResponseError::Malformed),
        };
        let (Some(status), Some(version)) = (response.code, response.version) else {
            return Err(ResponseError::Malformed);
        };
        match status {
            101 => return Err(ResponseError::Unsupported),
            100..=199 => return Ok(Some(Parsed::Interim(len))),
            _ => {}
        }
        let framing = Framing::of(response.headers, version == 1, self.gzip)?;
        let state = match framing {
            _ if matches!(status, 204 | 304) => State::Length(0),
            Framing { chunked: true, .. } => State::Chunks(Chunks::new()),
            Framing { length: Some(length), .. } => State::Length(length),
            _ => State::UntilEnd,
        };
        let keep_alive = framing.keep_alive && state != State::UntilEnd;
        Ok(Some(Parsed::Final(Head { status, len, keep_alive }, state)))
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

enum Parsed {
    /// An interim reply of this length.
    Interim(usize),
    Final(Head, State),
}

/// What the headers say of the body's length and the connection.
struct Framing {
    length: Option<usize>,
    chunked: bool,
    keep_alive: bool,
}

impl Framing {
    fn of(headers: &[httparse::Header<'_>], is_1_1: bool, gzip: bool) -> Result<Self, ResponseError> {
        let mut framing = Self { length: None, chunked: false, keep_alive: is_1_1 };
        for header in headers {
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            let value = header.value.trim_ascii();
            if is("content-length") {
                let length = digits(value).ok_or(ResponseError::Malformed)?;
                if framing.length.replace(length).is_some_and(|other| other != length) {
                    return Err(ResponseError::Malformed);
                }
            } else if is("transfer-encoding") {
                if framing.chunked || !is_1_1 {
                    return Err(ResponseError::Malformed);
                }
                if !value.eq_ignore_ascii_case(b"chunked") {
                    return Err(ResponseError::Unsupported);
                }
                framing.chunked = true;
            } else if is("content-encoding") {
                let is = |coding: &[u8]| value.eq_ignore_ascii_case(coding);
                if !(is(b"") || is(b"identity") || gzip && is(b"gzip")) {
                    return Err(ResponseError::Unsupported);
                }
            } else if is("connection") {
                for option in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
                    if option.eq_ignore_ascii_case(b"close") {
                        framing.keep_alive = false;
                    } else if option.eq_ignore_ascii_case(b"keep-alive") && !is_1_1 {
                        framing.keep_alive = true;
                    }
                }
            }
        }
        if framing.chunked && framing.length.is_some() {
            return Err(ResponseError::Malformed);
        }
        Ok(framing)
    }
}

/// A whole reply in the caller's buffer. `Debug` shows neither headers nor body.
#[derive(Clone, Copy)]
pub struct Response<'b> {
    status: u16,
    head: &'b [u8],
    body: &'b [u8],
    keep_alive: bool,
}

impl<'b> Response<'b> {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The body, unchunked.
    pub fn body(&self) -> &'b [u8] {
        self.body
    }

    /// Names and values of the headers, in the order in which they came.
    pub fn headers(&self) -> impl Iterator<Item = (&'b str, &'b [u8])> + use<'b> {
        // Looked through once, not for each name: all of it is ASCII, but for rare values.
        let text = core::str::from_utf8(self.head).unwrap_or_default();
        let mut end = 0;
        let lines = self.head.split_inclusive(|byte| *byte == b'\n').map(move |line| {
            let start = end;
            end += line.len();
            (start, line)
        });
        // It was parsed once, so each line but the first and the last has a name and a value.
        lines.skip(1).filter_map(move |(start, line)| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let name = match text.get(start..start + colon) {
                Some(name) => name,
                None => core::str::from_utf8(line.get(..colon)?).ok()?,
            };
            Some((name, line.get(colon + 1..)?.trim_ascii()))
        })
    }

    /// The first value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&'b [u8]> {
        self.headers().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Whether the connection can be used for another request.
    pub fn keep_alive(&self) -> bool {
        self.keep_alive
    }
}

impl fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({}, {} bytes)", self.status, self.body.len())
    }
}

/// A state machine for chunks, fed byte by byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Chunks {
    at: At,
    left: usize,
    unkept: u32,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    FirstDigit,
    Digits,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    Trailer,
    TrailerLf,
    EndLf,
    Done,
}

impl Chunks {
    const fn new() -> Self {
        Self { at: At::FirstDigit, left: 0, unkept: 0 }
    }

    fn is_done(&self) -> bool {
        self.at == At::Done
    }

    /// Moves the data among `raw` to its start. Gives how much data there is, and how much of `raw` was read: all of it,
    /// but for what follows the last chunk.
    fn decode(&mut self, raw: &mut [u8]) -> Result<(usize, usize), ResponseError> {
        let (mut decoded, mut read) = (0, 0);
        while self.at != At::Done {
            if self.at == At::Data {
                let count = self.left.min(raw.len() - read);
                raw.copy_within(read..read + count, decoded);
                decoded += count;
                read += count;
                self.left -= count;
                if self.left > 0 {
                    break;
                }
                self.at = At::DataCr;
            }
            let Some(&byte) = raw.get(read) else { break };
            read += 1;
            self.at = self.next(byte)?;
        }
        Ok((decoded, read))
    }

    fn next(&mut self, byte: u8) -> Result<At, ResponseError> {
        const MALFORMED: Result<At, ResponseError> = Err(ResponseError::Malformed);
        if matches!(self.at, At::Extension | At::Trailer) {
            self.unkept += 1;
            if self.unkept > MAX_UNKEPT {
                return MALFORMED;
            }
        }
        Ok(match (self.at, byte) {
            (At::FirstDigit | At::Digits, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = char::from(byte).to_digit(16).unwrap_or(0) as usize;
                let left = self.left.checked_mul(16).and_then(|left| left.checked_add(digit));
                self.left = left.ok_or(ResponseError::Malformed)?;
                At::Digits
            }
            (At::Digits, b';' | b' ' | b'\t') => At::Extension,
            (At::Digits | At::Extension, b'\r') => At::SizeLf,
            (At::Extension, b'\n') => return MALFORMED,
            (At::Extension, _) => At::Extension,
            (At::SizeLf, b'\n') if self.left == 0 => At::TrailerStart,
            (At::SizeLf, b'\n') => At::Data,
            (At::DataCr, b'\r') => At::DataLf,
            (At::DataLf, b'\n') => At::FirstDigit,
            (At::TrailerStart, b'\r') => At::EndLf,
            (At::TrailerStart | At::Trailer, b'\n') => return MALFORMED,
            (At::TrailerStart, _) => At::Trailer,
            (At::Trailer, b'\r') => At::TrailerLf,
            (At::Trailer, _) => At::Trailer,
            (At::TrailerLf, b'\n') => At::TrailerStart,
            (At::EndLf, b'\n') => At::Done,
            _ => return MALFORMED,
        })
    }
}

/// A number of digits and nothing else.
fn digits(text: &[u8]) -> Option<usize> {
    // `str::parse` would take a sign.
    if !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    core::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
#[path = "response_tests.rs"]
mod tests;
