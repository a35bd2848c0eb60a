//! What goes between a session and its adapter.

use core::fmt;

use binance_core::{ApiError, json};

use crate::request::{Command, RequestId};

use super::{NameError, link::LinkId};

/// What the adapter has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Open a connection to [`Session::write_path`](super::Session::write_path), then call
    /// [`Session::opened`](super::Session::opened) or [`Session::lost`](super::Session::lost).
    Connect(LinkId),
    /// Drop the socket of this link, open or not, without a word to the session.
    Abandon(LinkId),
}

/// Something to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transmit<'b> {
    /// On which connection.
    pub link: LinkId,
    /// What.
    pub frame: Outgoing<'b>,
}

/// A frame to send.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outgoing<'b> {
    /// A text message.
    Text(&'b str),
    /// A ping without payload.
    Ping,
    /// A pong with the payload of the ping that it answers.
    Pong(&'b [u8]),
    /// The closing handshake, with this code.
    Close(u16),
}

impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A listen key may be among the names.
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Ping => f.write_str("Ping"),
            Self::Pong(payload) => write!(f, "Pong({} bytes)", payload.len()),
            Self::Close(code) => write!(f, "Close({code})"),
        }
    }
}

/// What a text message was.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Received<'r> {
    /// What a stream sent.
    Event {
        /// The name of the stream, on combined connections.
        stream: Option<&'r str>,
        /// The event: an object, or an array of them.
        data: &'r str,
    },
    /// What a stream sent, and had sent before on the connection that this one replaces. Not for the caller.
    Duplicate,
    /// The answer to a command of the caller's.
    Reply {
        /// Its id.
        id: RequestId,
        /// Which command it was.
        command: Command,
        /// The text of the result, or the refusal.
        result: Result<&'r str, ApiError>,
    },
    /// The answer to a command of the session's own. Not for the caller.
    Handled,
    /// An answer to nothing that was asked; a refusal without an id is one too.
    Unmatched {
        /// The text of the result, or the refusal.
        result: Result<&'r str, ApiError>,
    },
    /// Not JSON, or cut short.
    Garbage(json::Error),
}

/// Why a command cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError {
    /// One of the streams cannot be subscribed to here.
    Name(NameError),
    /// [`MAX_REQUESTS`](super::MAX_REQUESTS) commands are under way.
    Busy,
    /// More streams than one command takes ([`BATCH`](super::BATCH), or [`MESSAGE_LEN`](super::MESSAGE_LEN) bytes of
    /// names), or none.
    Batch,
    /// The connection would have more streams than it may ([`Config::max_streams`](super::Config::max_streams)), or
    /// than its table has room for.
    Streams,
    /// A command with this id is under way.
    Id,
    /// The session is closing or over.
    Ended,
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(error) => error.fmt(f),
            Self::Busy => f.write_str("too many commands under way"),
            Self::Batch => f.write_str("a command with more streams than fit in one, or with none"),
            Self::Streams => f.write_str("more streams than the connection takes"),
            Self::Id => f.write_str("a command with this id is under way"),
            Self::Ended => f.write_str("the session is closing or over"),
        }
    }
}

impl core::error::Error for RequestError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Name(error) => Some(error),
            _ => None,
        }
    }
}

impl From<NameError> for RequestError {
    fn from(error: NameError) -> Self {
        Self::Name(error)
    }
}
