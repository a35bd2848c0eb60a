//! A connection's bytes, encrypted or not, over a socket that notes whether anything was written to and read from it.

use std::{
    boxed::Box,
    fmt,
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::{Buf as _, Bytes};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

use super::Io;

/// What happened on a socket since the notes were cleared.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    written: AtomicBool,
    read: AtomicBool,
}

#[cfg(feature = "hyper")]
impl Notes {
    pub(crate) fn clear(&self) {
        self.written.store(false, Ordering::Relaxed);
        self.read.store(false, Ordering::Relaxed);
    }

    /// Whether the operating system took a byte.
    pub(crate) fn written(&self) -> bool {
        self.written.load(Ordering::Relaxed)
    }

    /// Whether a byte of a reply came.
    pub(crate) fn read(&self) -> bool {
        self.read.load(Ordering::Relaxed)
    }
}

/// What bytes go through.
pub(super) enum Inner {
    Tcp(TcpStream),
    Other(Box<dyn Io>),
}

/// A socket that notes what is written below any encryption: what it has not taken cannot have left.
pub(super) struct Socket {
    inner: Inner,
    /// What was read before this was made.
    ahead: Bytes,
    notes: Arc<Notes>,
}

impl Socket {
    /// `ahead` is read before what comes from `inner`.
    pub(super) fn new(inner: Inner, ahead: Bytes) -> Self {
        Self { inner, ahead, notes: Arc::default() }
    }

    fn note(&self, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(result, Poll::Ready(Ok(1..))) {
            self.notes.written.store(true, Ordering::Relaxed);
        }
        result
    }
}

/// Calls a method of whichever socket it is.
macro_rules! socket {
    ($socket:expr, $method:ident($($argument:expr),*)) => {
        match &mut $socket.inner {
            Inner::Tcp(stream) => Pin::new(stream).$method($($argument),*),
            Inner::Other(stream) => Pin::new(stream).$method($($argument),*),
        }
    };
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            let count = self.ahead.len().min(buf.remaining());
            buf.put_slice(self.ahead.get(..count).unwrap_or_default());
            self.ahead.advance(count);
            return Poll::Ready(Ok(()));
        }
        socket!(self, poll_read(cx, buf))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = socket!(self, poll_write(cx, bytes));
        self.note(result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = socket!(self, poll_write_vectored(cx, pieces));
        self.note(result)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.inner {
            Inner::Tcp(stream) => stream.is_write_vectored(),
            Inner::Other(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        socket!(self, poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        socket!(self, poll_shutdown(cx))
    }
}

/// An open connection, encrypted or not. Dropping it closes the socket.
pub struct Stream {
    kind: Kind,
    notes: Arc<Notes>,
}

enum Kind {
    Plain(Socket),
    Tls(Box<TlsStream<Socket>>),
}

impl Stream {
    pub(super) fn plain(stream: Socket) -> Self {
        Self { notes: Arc::clone(&stream.notes), kind: Kind::Plain(stream) }
    }

    pub(super) fn tls(stream: TlsStream<Socket>) -> Self {
        Self { notes: Arc::clone(&stream.get_ref().0.notes), kind: Kind::Tls(Box::new(stream)) }
    }

    /// Whether it is encrypted.
    pub fn is_encrypted(&self) -> bool {
        matches!(self.kind, Kind::Tls(_))
    }

    /// Whether the host spoke before it was spoken to, as far as that is read already.
    #[cfg(feature = "hyper")]
    pub(crate) fn spoke_first(&self) -> bool {
        match &self.kind {
            Kind::Plain(socket) => !socket.ahead.is_empty(),
            Kind::Tls(_) => false,
        }
    }

    /// What happens on its socket.
    #[cfg(feature = "hyper")]
    pub(crate) fn notes(&self) -> Arc<Notes> {
        Arc::clone(&self.notes)
    }
}

/// Calls a method of whichever stream it is.
macro_rules! either {
    ($stream:expr, $method:ident($($argument:expr),*)) => {
        match &mut $stream.kind {
            Kind::Plain(stream) => Pin::new(stream).$method($($argument),*),
            Kind::Tls(stream) => Pin::new(stream).$method($($argument),*),
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(either!(self, poll_read(cx, buf)))?;
        if buf.filled().len() > before {
            self.notes.read.store(true, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        either!(self, poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(self, poll_write_vectored(cx, pieces))
    }

    fn is_write_vectored(&self) -> bool {
        match &self.kind {
            Kind::Plain(stream) => stream.is_write_vectored(),
            Kind::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, poll_shutdown(cx))
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("is_encrypted", &self.is_encrypted()).finish_non_exhaustive()
    }
}
