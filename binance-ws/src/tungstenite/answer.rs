//! A connection of which a handshake reads nothing but the answer to it.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    vec::Vec,
};

use binance_http::dial;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection that ends after the head of an answer, for the one who shakes hands. What came behind it is kept for
/// whoever reads frames.
pub(super) struct Answer<S = dial::Stream> {
    stream: S,
    /// No more than a handshake puts up with.
    received: Vec<u8>,
    /// How many of them were given out.
    given: usize,
    /// How long the head is, once all of it is there.
    head: Option<usize>,
}

impl<S> Answer<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, received: Vec::new(), given: 0, head: None }
    }

    /// The connection, and what came that was not given out.
    pub(super) fn into_parts(mut self) -> (S, Vec<u8>) {
        self.received.drain(..self.given);
        (self.stream, self.received)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Answer<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.head.is_none() && this.given == this.received.len() {
            let mut bytes = [0; 1_024];
            let mut bytes = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut this.stream).poll_read(cx, &mut bytes))?;
            this.received.extend_from_slice(bytes.filled());
            this.head = head(&this.received);
        }
        let end = this.head.unwrap_or(this.received.len());
        let rest = this.received.get(this.given..end).unwrap_or_default();
        let some = rest.get(..buffer.remaining()).unwrap_or(rest);
        buffer.put_slice(some);
        this.given += some.len();
        Poll::Ready(Ok(()))
    }
}

/// How long the head of an answer is: up to the first empty line.
fn head(received: &[u8]) -> Option<usize> {
    let mut lines = received.split_inclusive(|byte| *byte == b'\n');
    let mut len = 0;
    lines.find_map(|line| {
        len += line.len();
        matches!(line, b"\r\n" | b"\n").then_some(len)
    })
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Answer<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::{boxed::Box, task::Waker};

    use super::*;

    /// Gives so many bytes at a time.
    struct Slow<'b>(&'b [u8], usize);

    impl AsyncRead for Slow<'_> {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let len = self.1.min(self.0.len()).min(buffer.remaining());
            let (bytes, rest) = self.0.split_at(len);
            buffer.put_slice(bytes);
            self.0 = rest;
            Poll::Ready(Ok(()))
        }
    }

    /// What a handshake reads of `bytes` that come in pieces, by a buffer of `room`, and what is left for frames.
    fn parts(bytes: &[u8], piece: usize, room: usize) -> (Vec<u8>, Vec<u8>) {
        let mut answer = Answer::new(Slow(bytes, piece));
        let mut read = Vec::new();
        loop {
            let mut buffer: Box<[u8]> = std::vec![0; room].into();
            let mut buffer = ReadBuf::new(&mut buffer);
            let cx = &mut Context::from_waker(Waker::noop());
            assert!(matches!(Pin::new(&mut answer).poll_read(cx, &mut buffer), Poll::Ready(Ok(()))));
            if buffer.filled().is_empty() {
                break;
            }
            read.extend_from_slice(buffer.filled());
        }
        let (stream, mut rest) = answer.into_parts();
        rest.extend_from_slice(stream.0);
        (read, rest)
    }

    #[test]
    fn a_handshake_reads_the_head_and_nothing_behind_it() {
        let head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
        let frames = b"\x81\x05Hello\r\n\r\n";
        let both = [head.as_slice(), frames].concat();
        for piece in 1..=both.len() {
            for room in [1, 7, 4_096] {
                assert_eq!(parts(&both, piece, room), (head.to_vec(), frames.to_vec()), "{piece} {room}");
            }
        }
        let bare = b"HTTP/1.1 101 x\na: b\n\nframes";
        assert_eq!(parts(bare, 3, 100), (b"HTTP/1.1 101 x\na: b\n\n".to_vec(), b"frames".to_vec()));
    }

    #[test]
    fn what_has_no_head_is_read_as_it_comes() {
        let bytes = b"220 mail.example ESMTP\r\n250 ok\r\n";
        assert_eq!(parts(bytes, 10, 100), (bytes.to_vec(), Vec::new()));
    }
}
