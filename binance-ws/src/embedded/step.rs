//! What clients tell.

use core::fmt;

use binance_core::ApiError;

use crate::{
    api::{self, CallId, Ended},
    frame::FrameError,
    handshake::HandshakeError,
    request::{Command, RequestId},
    session::Notice,
    time::Tick,
};

/// What happened, or what there is to do.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Step<'c> {
    /// Connect to the host of the base address, then call `connected` or `not_connected`.
    Connect,
    /// What a stream sent.
    Event {
        /// The name of the stream, on combined connections.
        stream: Option<&'c str>,
        /// The event: an object, or an array of them.
        data: &'c str,
    },
    /// The answer to a command of the caller's.
    Reply {
        /// Its id.
        id: RequestId,
        /// Which command it was.
        command: Command,
        /// The text of the result, or the refusal.
        result: Result<&'c str, ApiError>,
    },
    /// A text that is no JSON, or an answer to nothing that was asked.
    Other(&'c str),
    /// Something happened to the session.
    Notice(Notice),
    /// There is nothing to do until then, or until something comes. `None` when time changes nothing: the session is
    /// over.
    Wait(Option<Tick>),
}

/// What became of calls, or what there is to do.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ApiStep<'c> {
    /// Connect to the host of the base address, then call `connected` or `not_connected`.
    Connect,
    /// A call was answered.
    Answer(Answer<'c>),
    /// A call was answered after it was told as ended, since its deadline had passed.
    Late(Answer<'c>),
    /// A call will have no answer. It may have been carried out.
    Ended(Ended),
    /// A text that answers nothing. A refusal without an id speaks of the connection, for example that its key is revoked.
    Other(&'c str),
    /// Something happened to the connection.
    Notice(api::Notice),
    /// There is nothing to do until then, or until something comes. `None` when time changes nothing: all is over.
    Wait(Option<Tick>),
}

/// The answer to a call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Answer<'c> {
    /// Which call.
    pub id: CallId,
    /// As in HTTP: 200, 4xx for refusals, 429 and 418 for limits, 5xx where what became of the call is not known.
    pub status: u16,
    /// The text of the result, for [`TypedCall::read`](binance_core::ws_api::TypedCall::read), or the refusal, of which
    /// [`Outcome::of_refusal`](binance_core::Outcome::of_refusal) says what it means.
    pub result: Result<&'c str, ApiError>,
    /// All of it, for [`Reply::parse`](binance_core::ws_api::Reply::parse): the limits are in it.
    pub text: &'c str,
}

/// Why a connection was lost, or could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error<E> {
    /// Reading or writing failed.
    Io(E),
    /// The host ended the connection without a closing handshake.
    Closed,
    /// The host did not answer with a WebSocket handshake.
    Handshake(HandshakeError),
    /// What came is no WebSocket's, or longer than the buffer.
    Frame(FrameError),
    /// What is to be sent is longer than the buffer for it.
    Full,
}

impl<E: fmt::Debug> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the connection failed: {error:?}"),
            Self::Closed => f.write_str("the host ended the connection"),
            Self::Handshake(error) => error.fmt(f),
            Self::Frame(error) => error.fmt(f),
            Self::Full => f.write_str("what is to be sent is longer than the buffer"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Handshake(error) => Some(error),
            Self::Frame(error) => Some(error),
            Self::Io(_) | Self::Closed | Self::Full => None,
        }
    }
}
