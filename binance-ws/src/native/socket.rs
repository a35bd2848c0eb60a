//! A socket of this crate's own.

use std::{
    fmt,
    future::Future,
    io,
    pin::{Pin, pin},
    string::String,
    task::{Context, Poll, ready},
};

use binance_http::dial;
use bytes::{Buf, BytesMut};
use rustls::crypto::{SecureRandom, ring};
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::{
    frame::{Opcode, SharedFrame, SharedInbox, head_len, seal},
    handshake::{Handshake, HandshakeError},
    hosted::{self, Arrived, ConnectError, Lent, SharedText, Target},
    session::{Outgoing, Reason},
};

/// How many bytes the head of the answer to a handshake may have.
const MAX_ANSWER: usize = 16 * 1_024;

/// How many bytes wait to be written. Commands are small and few; more than this means that the peer reads nothing.
const MAX_UNSENT: usize = 1 << 20;

/// A WebSocket of this crate's own frames.
pub struct Socket {
    stream: dial::Stream,
    inbox: SharedInbox,
    /// The last text that came in fragments, to be lent.
    text: SharedText,
    unsent: BytesMut,
    masks: Masks,
}

impl hosted::Socket for Socket {
    async fn open(mut stream: dial::Stream, target: Target) -> Result<Self, ConnectError> {
        let random = ring::default_provider().secure_random;
        let mut nonce = [0; 16];
        random.fill(&mut nonce).map_err(|_| ConnectError::Io(no_randomness()))?;
        let masks = Masks { random, bytes: [0; 256], used: 256 };
        let handshake = Handshake::new(nonce);
        let mut request = String::new();
        handshake
            .write(&target.authority, &target.path, &mut request)
            .map_err(|fmt::Error| ConnectError::Handshake)?;
        stream.write_all(request.as_bytes()).await.map_err(ConnectError::Io)?;
        stream.flush().await.map_err(ConnectError::Io)?;
        let mut inbox = SharedInbox::new(target.max_message);
        loop {
            let received = inbox.room();
            if stream.read_buf(received).await.map_err(ConnectError::Io)? == 0 {
                return Err(ConnectError::Handshake);
            }
            match handshake.read(received) {
                Ok(Some(len)) if len <= MAX_ANSWER => {
                    received.advance(len);
                    return Ok(Self {
                        stream,
                        inbox,
                        text: SharedText::default(),
                        unsent: BytesMut::new(),
                        masks,
                    });
                }
                Ok(None) if received.len() <= MAX_ANSWER => {}
                Err(HandshakeError::Status { status, retry_after }) => {
                    return Err(ConnectError::Status { status, retry_after });
                }
                Ok(_) | Err(_) => return Err(ConnectError::Handshake),
            }
        }
    }

    fn send(&mut self, frame: Outgoing<'_>) -> Result<(), Reason> {
        let code;
        let (opcode, payload) = match frame {
            Outgoing::Text(text) => (Opcode::Text, text.as_bytes()),
            Outgoing::Ping => (Opcode::Ping, &[][..]),
            Outgoing::Pong(payload) => (Opcode::Pong, payload),
            Outgoing::Close(close) => {
                code = close.to_be_bytes();
                (Opcode::Close, &code[..])
            }
        };
        if self.unsent.len() + payload.len() > MAX_UNSENT {
            return Err(Reason::Dropped);
        }
        let mask = self.masks.take().ok_or(Reason::Dropped)?;
        let before = self.unsent.len();
        let start = before + head_len(payload.len());
        self.unsent.resize(start, 0);
        self.unsent.extend_from_slice(payload);
        let end = self.unsent.len();
        seal(&mut self.unsent, start..end, opcode, mask).map_err(|_| {
            self.unsent.truncate(before);
            Reason::Protocol
        })?;
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Reason>> {
        while !self.unsent.is_empty() {
            match ready!(Pin::new(&mut self.stream).poll_write(cx, &self.unsent)) {
                Ok(len) if len > 0 => self.unsent.advance(len),
                Ok(_) | Err(_) => return Poll::Ready(Err(Reason::Dropped)),
            }
        }
        Pin::new(&mut self.stream).poll_flush(cx).map_err(|_| Reason::Dropped)
    }

    #[inline]
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Arrived<'_>, Reason>> {
        while !self.inbox.has_text() {
            // It would hold on to the buffer that is to be used again.
            self.text = SharedText::default();
            if let Some(frame) = ready!(self.poll_frame(cx))? {
                return Poll::Ready(Ok(match frame {
                    SharedFrame::Text(text) => {
                        self.text = text.into();
                        Arrived::Text((&mut self.text).into())
                    }
                    SharedFrame::Binary(_) => Arrived::Binary,
                    SharedFrame::Ping(payload) => Arrived::Ping(payload),
                    SharedFrame::Pong(_) => Arrived::Pong,
                    SharedFrame::Close(code) => Arrived::Close(code),
                }));
            }
        }
        let (text, of) = self.inbox.text();
        Poll::Ready(Ok(Arrived::Text(Lent::part(text, of))))
    }
}

impl Socket {
    /// The next frame; `Ready(None)` when there was none, and more was read.
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<SharedFrame>, Reason>> {
        match self.inbox.take() {
            Ok(None) => {}
            frame => return Poll::Ready(frame.map_err(|_| Reason::Protocol)),
        }
        match ready!(pin!(self.stream.read_buf(self.inbox.room())).poll(cx)) {
            Ok(len) if len > 0 => Poll::Ready(Ok(None)),
            Ok(_) | Err(_) => Poll::Ready(Err(Reason::Dropped)),
        }
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("inbox", &self.inbox)
            .field("unsent", &self.unsent.len())
            .finish_non_exhaustive()
    }
}

/// Masks for frames, from the system's generator, which is asked for many at once.
struct Masks {
    random: &'static dyn SecureRandom,
    bytes: [u8; 256],
    used: usize,
}

impl Masks {
    /// One that nobody knows yet; none when the system gives no random numbers.
    fn take(&mut self) -> Option<[u8; 4]> {
        if self.used == self.bytes.len() {
            self.random.fill(&mut self.bytes).ok()?;
            self.used = 0;
        }
        let mask = self.bytes.get(self.used..)?.first_chunk()?;
        self.used += mask.len();
        Some(*mask)
    }
}

fn no_randomness() -> io::Error {
    io::Error::other("the system gives no random numbers")
}
