//! What can go wrong on a connection.

use std::{boxed::Box, error, fmt, io, time::Duration};

use binance_core::ApiError;
use binance_http::{TransportError, TransportKind, budget::Refusal};

use crate::{
    refusal,
    session::{Reason, RequestError},
};

/// Why a connection cannot be used, or a command has failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The connection could not be opened.
    Connect(ConnectError),
    /// The connection was lost.
    Lost(Reason),
    /// The command cannot be sent as it is. Nothing was.
    Request(RequestError),
    /// The exchange refused the command.
    Refused(Box<ApiError>),
    /// The answer to the command was not what the exchange documents.
    Answer,
    /// The connection was closed before, by [`Connection::close`](super::Connection::close) or by a loss that was told.
    Ended,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => error.fmt(f),
            Self::Lost(reason) => write!(f, "connection lost: {reason}"),
            Self::Request(error) => write!(f, "command not sent: {error}"),
            Self::Refused(error) => write!(f, "command refused: {error}"),
            Self::Answer => f.write_str("an answer of unknown form"),
            Self::Ended => f.write_str("the connection is closed"),
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Connect(error) => Some(error),
            Self::Request(error) => Some(error),
            Self::Refused(error) => Some(&**error),
            Self::Lost(_) | Self::Answer | Self::Ended => None,
        }
    }
}

impl From<TransportError> for ConnectError {
    fn from(error: TransportError) -> Self {
        match error.kind() {
            TransportKind::Timeout => Self::Timeout,
            _ => Self::Dial(error),
        }
    }
}

impl From<RequestError> for Error {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

/// Why a connection could not be opened. Never holds the path, which may have a listen key in it.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// The address has a port that is none.
    Port,
    /// There is no connection to the host: its name, the proxy, the certificate; the error says which.
    Dial(TransportError),
    /// The connection ended in the middle of the handshake.
    Io(io::Error),
    /// The host answered with an HTTP status in place of a WebSocket: 403 and 418 are bans, 429 is too many.
    Status {
        /// The status.
        status: u16,
        /// How long to wait, where the host says so.
        retry_after: Option<Duration>,
    },
    /// What the host answered is no WebSocket handshake.
    Handshake,
    /// It did not open in time.
    Timeout,
    /// The budget that calls are charged to has no room for it, or the exchange wants to be left alone.
    Limit(Refusal),
}

impl ConnectError {
    /// How long to wait at least before the next attempt: what the host says, else a minute for 429 and two for 418,
    /// the shortest ban there is.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { status, retry_after } => refusal::wait(*status, *retry_after),
            Self::Limit(refusal) => refusal.retry_in,
            _ => None,
        }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port => f.write_str("an address with a port that is none"),
            Self::Dial(error) => error.fmt(f),
            Self::Io(error) => write!(f, "the connection failed in its handshake: {error}"),
            Self::Status { status, .. } => {
                write!(f, "the host answered with status {status} in place of a WebSocket")
            }
            Self::Handshake => f.write_str("the host answered with no WebSocket handshake"),
            Self::Timeout => f.write_str("the connection did not open in time"),
            Self::Limit(refusal) => write!(f, "no connection was tried: {refusal}"),
        }
    }
}

impl error::Error for ConnectError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Dial(error) => Some(error),
            Self::Io(error) => Some(error),
            Self::Limit(refusal) => Some(refusal),
            Self::Port | Self::Status { .. } | Self::Handshake | Self::Timeout => None,
        }
    }
}
