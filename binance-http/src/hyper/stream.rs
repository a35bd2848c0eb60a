//! The socket under a connection, which notes whether anything was written to and read from it.

use std::{
    boxed::Box,
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

use super::connect::Io;

/// What happened on a socket since the notes were cleared.
#[derive(Debug, Default)]
pub(super) struct Notes {
    written: AtomicBool,
    read: AtomicBool,
}

impl Notes {
    pub(super) fn clear(&self) {
        self.written.store(false, Ordering::Relaxed);
        self.read.store(false, Ordering::Relaxed);
    }

    /// Whether the operating system took a byte.
    pub(super) fn written(&self) -> bool {
        self.written.load(Ordering::Relaxed)
    }

    /// Whether a byte of a reply came.
    pub(super) fn read(&self) -> bool {
        self.read.load(Ordering::Relaxed)
    }
}

/// What bytes go through.
pub(super) enum Socket {
    Tcp(TcpStream),
    Other(Box<dyn Io>),
}

/// A socket that notes what is written below any encryption: what it has not taken cannot have left.
pub(super) struct Tcp {
    socket: Socket,
    notes: Arc<Notes>,
}

impl Tcp {
    pub(super) fn new(socket: Socket, notes: Arc<Notes>) -> Self {
        Self { socket, notes }
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
    ($tcp:expr, $method:ident($($argument:expr),*)) => {
        match &mut $tcp.socket {
            Socket::Tcp(stream) => Pin::new(stream).$method($($argument),*),
            Socket::Other(stream) => Pin::new(stream).$method($($argument),*),
        }
    };
}

impl AsyncRead for Tcp {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        socket!(self, poll_read(cx, buf))
    }
}

impl AsyncWrite for Tcp {
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
        match &self.socket {
            Socket::Tcp(stream) => stream.is_write_vectored(),
            Socket::Other(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        socket!(self, poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        socket!(self, poll_shutdown(cx))
    }
}

/// What hyper reads from and writes to.
pub(super) struct Stream {
    kind: Kind,
    notes: Arc<Notes>,
}

enum Kind {
    Plain(Tcp),
    Tls(Box<TlsStream<Tcp>>),
}

impl Stream {
    pub(super) fn plain(stream: Tcp) -> Self {
        Self { notes: Arc::clone(&stream.notes), kind: Kind::Plain(stream) }
    }

    pub(super) fn tls(stream: TlsStream<Tcp>) -> Self {
        Self { notes: Arc::clone(&stream.get_ref().0.notes), kind: Kind::Tls(Box::new(stream)) }
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
