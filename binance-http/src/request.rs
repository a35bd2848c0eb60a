//! An endpoint, the time and a key become the bytes of one HTTP/1.1 request, in the caller's buffer.
//!
//! The query is percent-encoded once, behind the request line; those bytes are signed and those bytes are sent. There
//! is no I/O and no clock here: the transports send [`Prepared::as_bytes`], or its parts.

use core::{fmt, ops::Range};

use binance_core::{Method, Request, buf::Buf, param::Full, query::Query};
use binance_sign::{Credentials, Signed, Signer, Stamp};

use crate::{
    base_url::{BaseUrl, is_path},
    error::BuildError,
    redact::Redacted,
};

/// The most that all of a request needs but for its query, its path and the base URL's host and path: the request
/// line's other bytes, the fixed headers and the API key.
pub const HEAD_ROOM: usize = 400;

pub(crate) const ACCEPT: &str = "application/json";

pub(crate) const USER_AGENT: &str = concat!("binance-http/", env!("CARGO_PKG_VERSION"));

/// Where the parameters go. The exchange takes both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Placement {
    /// In the query, whatever the verb.
    #[default]
    Query,
    /// In the body, as a form, where the verb is not GET. Keeps them out of the logs of gateways.
    Body,
}

/// What is to be asked, and of whom.
#[derive(Clone, Copy)]
#[must_use = "a plan does nothing until it is written"]
pub struct Plan<'a, R: ?Sized> {
    request: &'a R,
    base: &'a BaseUrl,
    placement: Placement,
    insecure: bool,
    gzip: bool,
}

impl<'a, R: Request + ?Sized> Plan<'a, R> {
    /// `request`, to be sent to `base`, with its parameters in the query.
    pub const fn new(request: &'a R, base: &'a BaseUrl) -> Self {
        Self { request, base, placement: Placement::Query, insecure: false, gzip: false }
    }

    /// Where the parameters go.
    pub const fn placement(self, placement: Placement) -> Self {
        Self { placement, ..self }
    }

    /// Whether a key may go over `http://` to another machine. Not unless this says so.
    pub const fn allow_insecure(self, allow: bool) -> Self {
        Self { insecure: allow, ..self }
    }

    /// Whether the reply may be compressed by gzip. Not unless this says so; whoever does has to
    /// [decode](crate::response::Decoder::accept_gzip) and decompress it.
    pub const fn accept_gzip(self, accept: bool) -> Self {
        Self { gzip: accept, ..self }
    }

    /// Writes the request to the start of `room`. Where the endpoint wants it, the API key goes into a header, and the
    /// parameters are stamped and signed.
    ///
    /// Room needed: [`HEAD_ROOM`], the lengths of the base URL's host, port and path and of the endpoint's path, the
    /// query ([`Query`] says how much), and for signed endpoints 64 and three times [`Signer::signature_len`].
    ///
    /// ```
    /// use binance_core::{Millis, enums::Side, usdm::trade::NewOrder};
    /// use binance_http::{BaseUrl, Environment, Market, request::Plan};
    /// use binance_sign::{Credentials, Hmac, Stamp};
    ///
    /// let base = BaseUrl::parse(Environment::Production.rest(Market::UsdM))?;
    /// let credentials = Credentials::new("my-key", Hmac::new(b"my-secret"))?;
    /// let order = NewOrder::market("BTCUSDT", Side::Buy, "0.001".parse()?);
    /// let mut room = [0; 1024];
    /// let request = Plan::new(&order, &base).write(
    ///     Some(&credentials),
    ///     Stamp::new(Millis(1_700_000_000_000)),
    ///     &mut room,
    /// )?;
    /// assert!(request.as_bytes().starts_with(b"POST /fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn write<'b, S: Signer>(
        &self,
        credentials: Option<&Credentials<S>>,
        stamp: Stamp,
        room: &'b mut [u8],
    ) -> Result<Prepared<'b>, BuildError> {
        let layout = self.lay_out(credentials, stamp, room)?;
        Ok(layout.prepared(room))
    }

    /// Whether the request can be written at all, with credentials or without.
    ///
    /// # Errors
    /// [`BuildError`], but for those that only writing and signing find.
    pub fn check(&self, with_credentials: bool) -> Result<(), BuildError> {
        let meta = self.request.meta();
        if meta.security.needs_key() {
            if !with_credentials {
                return Err(BuildError::NoCredentials);
            }
            if !(self.insecure || self.base.is_https() || self.base.is_loopback()) {
                return Err(BuildError::Insecure);
            }
        }
        if meta.path.starts_with('/') && is_path(meta.path) { Ok(()) } else { Err(BuildError::Path) }
    }

    /// Writes the request and says where its parts stand: for those who have to let go of `room` between two tries.
    pub(crate) fn lay_out<S: Signer>(
        &self,
        credentials: Option<&Credentials<S>>,
        stamp: Stamp,
        room: &mut [u8],
    ) -> Result<Layout, BuildError> {
        let meta = self.request.meta();
        let security = meta.security;
        self.check(credentials.is_some())?;
        let credentials = credentials.filter(|_| security.needs_key());
        let signing = credentials.filter(|_| security.is_signed()).map(Credentials::signer);
        let api_key = credentials.map(Credentials::api_key);
        let form = self.placement == Placement::Body && meta.method != Method::Get;

        let mut buf = Buf::new(room);
        buf.bytes(meta.method.as_str().as_bytes())?;
        buf.byte(b' ')?;
        let target_start = buf.len();
        buf.bytes(self.base.prefix().as_bytes())?;
        buf.bytes(meta.path.as_bytes())?;
        if !form {
            buf.byte(b'?')?;
            let before = buf.len();
            buf = self.parameters(buf, signing, stamp)?;
            if buf.len() == before {
                buf.truncate(before - 1);
            }
        }
        let target = target_start..buf.len();
        self.headers(&mut buf, api_key)?;
        let mut length_at = None;
        if form {
            buf.bytes(b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ")?;
            length_at = Some(buf.len());
            buf.bytes(&[b' '; CONTENT_LENGTH_ROOM])?;
            buf.bytes(b"\r\n")?;
        } else if matches!(meta.method, Method::Post | Method::Put) {
            buf.bytes(b"Content-Length: 0\r\n")?;
        }
        buf.bytes(b"\r\n")?;
        let head_end = buf.len();
        if form {
            buf = self.parameters(buf, signing, stamp)?;
        }
        let body_len = buf.len() - head_end;
        let bytes = buf.into_bytes();
        if let Some(length_at) = length_at {
            write_length(bytes, length_at, body_len)?;
        }
        Ok(Layout { method: meta.method, target, head_end, len: bytes.len() })
    }

    fn parameters<'b, S: Signer>(
        &self,
        buf: Buf<'b>,
        signer: Option<&S>,
        stamp: Stamp,
    ) -> Result<Buf<'b>, BuildError> {
        let mut query = Query::append_to(buf);
        self.request.visit(&mut query)?;
        Ok(match signer {
            Some(signer) => Signed::new(query, stamp, signer)?.into_buf(),
            None => query.into_buf(),
        })
    }

    fn headers(&self, buf: &mut Buf<'_>, api_key: Option<&str>) -> Result<(), Full> {
        buf.bytes(b" HTTP/1.1\r\nHost: ")?;
        buf.bytes(self.base.authority().as_bytes())?;
        buf.bytes(b"\r\nAccept: ")?;
        buf.bytes(ACCEPT.as_bytes())?;
        buf.bytes(b"\r\nUser-Agent: ")?;
        buf.bytes(USER_AGENT.as_bytes())?;
        buf.bytes(b"\r\n")?;
        if self.gzip {
            buf.bytes(b"Accept-Encoding: gzip\r\n")?;
        }
        if let Some(api_key) = api_key {
            buf.bytes(b"X-MBX-APIKEY: ")?;
            buf.bytes(api_key.as_bytes())?;
            buf.bytes(b"\r\n")?;
        }
        Ok(())
    }
}

impl<R: Request + ?Sized> fmt::Debug for Plan<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let meta = self.request.meta();
        write!(f, "Plan({} {}{})", meta.method.as_str(), self.base, meta.path)
    }
}

/// How many digits the length of a body may have: it is written before the body is.
const CONTENT_LENGTH_ROOM: usize = 7;

/// Writes the digits of `len` into the blanks at `at`, to their right: blanks before a header's value mean nothing.
fn write_length(bytes: &mut [u8], at: usize, len: usize) -> Result<(), Full> {
    let blanks = bytes.get_mut(at..at + CONTENT_LENGTH_ROOM).ok_or(Full)?;
    let mut rest = len;
    for blank in blanks.iter_mut().rev() {
        *blank = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            return Ok(());
        }
    }
    Err(Full)
}

/// Where the parts of a request stand in the room it was written to.
pub(crate) struct Layout {
    method: Method,
    target: Range<usize>,
    head_end: usize,
    len: usize,
}

impl Layout {
    /// The request, in the room it was written to.
    pub(crate) fn prepared(self, room: &[u8]) -> Prepared<'_> {
        let bytes = room.get(..self.len).unwrap_or_default();
        Prepared { method: self.method, bytes, target: self.target, head_end: self.head_end }
    }
}

/// A request, ready to be sent: it can only be read. `Debug` blanks the key and the signature.
pub struct Prepared<'b> {
    method: Method,
    bytes: &'b [u8],
    target: Range<usize>,
    head_end: usize,
}

impl<'b> Prepared<'b> {
    /// The verb.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Path and query, as they stand in the request line.
    pub fn target(&self) -> &'b str {
        text(self.bytes.get(self.target.clone()))
    }

    /// Names and values of the headers.
    pub fn headers(&self) -> impl Iterator<Item = (&'b str, &'b str)> + use<'b> {
        let head = text(self.bytes.get(self.target.end..self.head_end));
        // The first line is the rest of the request line; the last two are empty.
        head.split('\n').skip(1).filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name, value.trim_ascii()))
        })
    }

    /// The body; empty unless the parameters are in it.
    pub fn body(&self) -> &'b [u8] {
        self.bytes.get(self.head_end..).unwrap_or_default()
    }

    /// Where [`Self::target`] stands in [`Self::as_bytes`].
    pub fn target_range(&self) -> Range<usize> {
        self.target.clone()
    }

    /// Names of the headers, and where their values stand in [`Self::as_bytes`].
    pub fn header_ranges(&self) -> impl Iterator<Item = (&'b str, Range<usize>)> + use<'b> {
        let start = self.bytes.as_ptr().addr();
        self.headers().map(move |(name, value)| {
            let at = value.as_ptr().addr() - start;
            (name, at..at + value.len())
        })
    }

    /// Where [`Self::body`] stands in [`Self::as_bytes`].
    pub fn body_range(&self) -> Range<usize> {
        self.head_end..self.bytes.len()
    }

    /// All of it: what goes to the socket.
    pub fn as_bytes(&self) -> &'b [u8] {
        self.bytes
    }
}

impl fmt::Debug for Prepared<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = text(Some(self.body()));
        let (method, target) = (self.method.as_str(), Redacted::new(self.target()));
        write!(f, "Prepared({method} {target} {})", Redacted::new(body))
    }
}

fn text(bytes: Option<&[u8]>) -> &str {
    // All that is written is ASCII.
    core::str::from_utf8(bytes.unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
