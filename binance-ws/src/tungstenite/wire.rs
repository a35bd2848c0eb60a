//! A connection as tungstenite reads and writes it.

use std::{
    io::{self, Read, Write},
    mem,
    ops::Range,
    pin::Pin,
    task::{Context, Poll, Waker},
    vec,
    vec::Vec,
};

use binance_http::dial;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many bytes are read at once where they come faster than they are read, as by `native`.
const MOST_READ: usize = 1_024 * 1_024;

/// A connection as tungstenite reads and writes it, with the task that polled last.
pub(super) struct Wire<S = dial::Stream> {
    stream: S,
    waker: Waker,
    /// Where there is more to read than tungstenite takes at once, it is read ahead: tungstenite clears its buffer before
    /// each read, so that is better kept small.
    ahead: Vec<u8>,
    /// What of it tungstenite has not taken.
    unread: Range<usize>,
}

impl<S> Wire<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, waker: Waker::noop().clone(), ahead: Vec::new(), unread: 0..0 }
    }

    /// Whoever polls now is woken by what is read and written from here on.
    #[inline]
    pub(super) fn wakes(&mut self, cx: &Context<'_>) {
        self.waker.clone_from(cx.waker());
    }

    fn poll<R>(
        &mut self,
        poll: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<R>>,
    ) -> io::Result<R>
    where
        S: Unpin,
    {
        match poll(Pin::new(&mut self.stream), &mut Context::from_waker(&self.waker)) {
            Poll::Ready(result) => result,
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

impl<S: AsyncRead + Unpin> Read for Wire<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.unread.is_empty() && self.ahead.is_empty() {
            let mut read = ReadBuf::new(buffer);
            self.poll(|stream, cx| stream.poll_read(cx, &mut read))?;
            if read.remaining() == 0 {
                self.ahead = vec![0; MOST_READ.min(2 * read.capacity())];
            }
            return Ok(read.filled().len());
        }
        if self.unread.is_empty() {
            if self.unread.end == self.ahead.len() && self.ahead.len() < MOST_READ {
                self.ahead = vec![0; MOST_READ.min(2 * self.ahead.len())];
            }
            let mut ahead = mem::take(&mut self.ahead);
            let mut read = ReadBuf::new(&mut ahead);
            let result = self.poll(|stream, cx| stream.poll_read(cx, &mut read));
            self.unread = 0..read.filled().len();
            self.ahead = ahead;
            result?;
        }
        let mut unread = self.ahead.get(self.unread.clone()).unwrap_or_default();
        let len = unread.read(buffer)?;
        self.unread.start += len;
        Ok(len)
    }
}

impl<S: AsyncWrite + Unpin> Write for Wire<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.poll(|stream, cx| stream.poll_write(cx, bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.poll(|stream, cx| stream.poll_flush(cx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives bytes that count, as many as there is room for at even turns, then fewer; and nothing each third time.
    struct Counting {
        next: u8,
        turn: usize,
        most: usize,
    }

    impl AsyncRead for Counting {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            self.turn += 1;
            self.most = self.most.max(buffer.remaining());
            if self.turn.is_multiple_of(3) {
                return Poll::Pending;
            }
            let len =
                if self.turn.is_multiple_of(2) { buffer.remaining() } else { buffer.remaining() / 2 + 1 };
            for _ in 0..len {
                buffer.put_slice(&[self.next]);
                self.next = self.next.wrapping_add(1);
            }
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn what_is_read_ahead_comes_in_order_and_is_bounded() {
        let mut wire = Wire::new(Counting { next: 0, turn: 0, most: 0 });
        let mut expected = 0_u8;
        let mut waited = 0;
        for turn in 0..3_000 {
            let mut buffer = vec![0; 1 + turn % 16_384];
            match wire.read(&mut buffer) {
                Ok(len) => {
                    for byte in &buffer[..len] {
                        assert_eq!(*byte, expected);
                        expected = expected.wrapping_add(1);
                    }
                    assert!(len > 0);
                }
                Err(error) => {
                    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
                    waited += 1;
                }
            }
        }
        assert!(waited > 0);
        assert_eq!(wire.stream.most, MOST_READ);
    }
}
