//! One connection, and one request over it at a time.

use core::mem;
use std::{
    borrow::ToOwned,
    boxed::Box,
    io::{self, Read, Write},
    sync::Arc,
    time::{Duration, Instant},
    vec,
    vec::Vec,
};

use binance_core::Text;
use bytes::Bytes;
use rustls::{ClientConnection, StreamOwned, pki_types::ServerName};

use super::socket::{Socket, is_late};
use crate::{
    base_url::BaseUrl,
    dial::{Way, failed},
    error::{TransportError, TransportKind},
    request::Prepared,
    response::{Decoder, Progress, ResponseError},
    transport::Received,
};

/// The room for a reply at first: most are shorter.
const ROOM: usize = 8 << 10;

/// A longer body is not copied out of the buffer; the connection gets a new one.
const LONG: usize = 64 << 10;

/// A connection. One of [`Std`](super::Std)'s.
pub struct Connection(Box<Inner>);

struct Inner {
    stream: Stream,
    buffer: Vec<u8>,
    https: bool,
    authority: Text<255>,
    since: Instant,
}

#[allow(clippy::large_enum_variant, reason = "it is in a box already, with all of the connection")]
enum Stream {
    Plain(Socket),
    Tls(StreamOwned<ClientConnection, Socket>),
}

impl Connection {
    /// Opens one, and shakes hands where it is encrypted.
    pub(super) fn open(base: &BaseUrl, way: &Way, until: Instant) -> Result<Self, TransportError> {
        let mut socket = Socket::open(way, base.host(), base.port(), until)?;
        let stream = if base.is_https() {
            let name = ServerName::try_from(base.host().to_owned());
            let name = name.map_err(|error| failed(TransportKind::Tls, error))?;
            let mut tls = ClientConnection::new(Arc::clone(way.tls.config()), name)
                .map_err(|error| failed(TransportKind::Tls, error))?;
            while tls.is_handshaking() {
                tls.complete_io(&mut socket).map_err(|error| {
                    failed(if is_late(&error) { TransportKind::Timeout } else { TransportKind::Tls }, error)
                })?;
            }
            Stream::Tls(StreamOwned::new(tls, socket))
        } else if socket.spoke_first() {
            return Err(TransportError::before_sending(TransportKind::Malformed));
        } else {
            Stream::Plain(socket)
        };
        Ok(Self(Box::new(Inner {
            stream,
            buffer: vec![0; ROOM],
            https: base.is_https(),
            authority: Text::truncated(base.authority()),
            since: Instant::now(),
        })))
    }

    /// Whether it is a connection to this host.
    pub(super) fn leads_to(&self, base: &BaseUrl) -> bool {
        self.0.https == base.is_https() && self.0.authority.as_str() == base.authority()
    }

    pub(super) fn idle_for(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.0.since)
    }

    /// Whether the host has neither closed it nor said anything that was not asked for.
    pub(super) fn is_open(&self) -> bool {
        self.0.stream.socket().is_silent()
    }

    /// Sends `request` and reads its reply. Gives the connection back when it can be used again.
    pub(super) fn exchange(
        mut self,
        request: &Prepared<'_>,
        until: Instant,
        max_body: usize,
        gzip: bool,
    ) -> Result<(Received, Option<Self>), TransportError> {
        let Inner { stream, buffer, .. } = &mut *self.0;
        let socket = stream.socket_mut();
        socket.until = until;
        socket.written = false;
        if let Err(error) = stream.write_all(request.as_bytes()).and_then(|()| stream.flush()) {
            return Err(broken(stream, error, false));
        }
        let (mut filled, mut decoder, mut came) = (0_usize, Decoder::new().accept_gzip(gzip), false);
        loop {
            let missing = match decoder.progress() {
                Progress::Done => break,
                Progress::More(missing) => missing,
            };
            let most = max_body.saturating_add(LONG);
            if decoder.body_range().len() > max_body || filled.saturating_add(missing) > most {
                return Err(error(stream, TransportKind::TooLarge));
            }
            if filled == buffer.len() {
                buffer.resize(filled.saturating_add(missing).max(filled.saturating_mul(2)).min(most), 0);
            }
            let count = match stream.read(buffer.get_mut(filled..).unwrap_or_default()) {
                Ok(count) => count,
                Err(error) => return Err(broken(stream, error, came)),
            };
            let read = if count == 0 {
                decoder.end(filled)
            } else {
                came = true;
                decoder.feed(buffer, filled.saturating_add(count)).map(|kept| filled = kept)
            };
            if let Err(cause) = read {
                let kind = match cause {
                    ResponseError::Full => TransportKind::TooLarge,
                    ResponseError::Malformed | ResponseError::Unsupported => TransportKind::Malformed,
                    ResponseError::Closed => TransportKind::Closed,
                    ResponseError::Cut => TransportKind::Cut,
                };
                return Err(error(stream, kind).with_source(cause));
            }
        }
        let Some(response) = decoder.response(buffer) else {
            return Err(error(stream, TransportKind::Malformed));
        };
        if response.body().len() > max_body {
            return Err(error(stream, TransportKind::TooLarge));
        }
        let (status, keep_alive) = (response.status(), response.keep_alive());
        let headers = response.headers().collect();
        let body = if response.body().len() > LONG {
            Bytes::from(mem::replace(buffer, vec![0; ROOM])).slice(decoder.body_range())
        } else {
            Bytes::copy_from_slice(response.body())
        };
        self.0.since = Instant::now();
        Ok((Received { status, headers, body }, keep_alive.then_some(self)))
    }
}

fn error(stream: &Stream, kind: TransportKind) -> TransportError {
    if stream.socket().written {
        TransportError::after_sending(kind)
    } else {
        TransportError::before_sending(kind)
    }
}

/// What a failed read or write means, when bytes of a reply came or did not.
fn broken(stream: &Stream, cause: io::Error, came: bool) -> TransportError {
    let kind = match cause.kind() {
        _ if is_late(&cause) => TransportKind::Timeout,
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::NotConnected
        | io::ErrorKind::UnexpectedEof => {
            if came {
                TransportKind::Cut
            } else {
                TransportKind::Closed
            }
        }
        io::ErrorKind::InvalidData => TransportKind::Malformed,
        _ => TransportKind::Io,
    };
    error(stream, kind).with_source(cause)
}

impl Stream {
    fn socket(&self) -> &Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => &stream.sock,
        }
    }

    fn socket_mut(&mut self) -> &mut Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => &mut stream.sock,
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buf),
            Self::Tls(stream) => stream.read(buf),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}
