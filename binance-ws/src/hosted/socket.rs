//! What a WebSocket library has to offer.

use std::{
    future::Future,
    task::{Context, Poll},
};

use binance_http::dial;
use bytes::Bytes;

use crate::{
    hosted::{ConnectError, Lent},
    session::{Outgoing, Reason},
};

/// A WebSocket, from its handshake on. What happens on it is up to a session.
pub trait Socket: Sized + Send + Unpin + 'static {
    /// Shakes hands over an open connection. The caller sets the deadline by dropping the future.
    ///
    /// # Errors
    /// [`ConnectError::Status`] when the host answers with something else than 101, [`ConnectError::Handshake`] when it
    /// answers with no handshake, [`ConnectError::Io`] when the connection fails.
    fn open(
        stream: dial::Stream,
        target: Target,
    ) -> impl Future<Output = Result<Self, ConnectError>> + Send + 'static;

    /// Takes a frame to send into its own, bounded buffer. [`poll_flush`](Self::poll_flush) writes it.
    ///
    /// # Errors
    /// Why the connection is of no use any more.
    fn send(&mut self, frame: Outgoing<'_>) -> Result<(), Reason>;

    /// Writes what was taken to the connection.
    ///
    /// # Errors
    /// Why the connection is of no use any more.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Reason>>;

    /// The next message or control frame. A text may be lent: what reads it at once needs none of its own.
    ///
    /// # Errors
    /// Why the connection is of no use any more.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Arrived<'_>, Reason>>;
}

/// What came over a [`Socket`].
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arrived<'s> {
    /// A text message, whole.
    Text(Lent<'s>),
    /// A binary message, which the exchange does not send.
    Binary,
    /// A ping: the session answers it with its payload.
    Ping(Bytes),
    /// A ping that the socket answers by itself.
    AnsweredPing,
    /// A pong.
    Pong,
    /// The closing handshake, with its code; 1005 when there was none.
    Close(u16),
}

/// What a handshake asks for.
#[derive(Clone)]
#[non_exhaustive]
pub struct Target {
    /// Whether the connection is encrypted.
    pub is_encrypted: bool,
    /// Host and port, as they go into the header `Host`.
    pub authority: std::string::String,
    /// Path and query. May have a listen key in it: not to be logged.
    pub path: std::string::String,
    /// How many bytes a message may have. A longer one is an error.
    pub max_message: usize,
    /// How many bytes to read at once: much where messages follow one another, little where each is waited for.
    pub read_size: usize,
}
