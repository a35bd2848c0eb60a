//! What goes between [`Calls`](super::Calls) and its adapter.

use core::{fmt, time::Duration};

use binance_core::{ApiCode, Outcome, json, param::Full, ws_api::Reply};
use binance_sign::SignError;

use crate::session::{Cause, LinkId, Reason};

/// Which call: the number under `id`. Never given twice by the same [`Calls`](super::Calls).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub(super) u64);

impl CallId {
    /// The number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the adapter has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Open a connection, then call [`Calls::opened`](super::Calls::opened) or [`Calls::lost`](super::Calls::lost).
    Connect(LinkId),
    /// Write what [`Calls::write_logon`](super::Calls::write_logon) gives, and send it over this connection.
    LogOn(LinkId),
    /// Drop the socket of this link, open or not, without a word to [`Calls`](super::Calls).
    Abandon(LinkId),
}

/// A call that was written. It has to be sent now; `Debug` does not show it, since key and signature are in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Written<'b> {
    /// Which call it is.
    pub id: CallId,
    /// The connection that it has to be sent over.
    pub link: LinkId,
    /// The text message.
    pub text: &'b str,
}

impl fmt::Debug for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Written({}, {} bytes)", self.id, self.text.len())
    }
}

/// What a text message was.
#[allow(clippy::large_enum_variant, reason = "without a heap there is no box")]
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Received<'r> {
    /// The answer to a call, success or refusal. [`TypedCall::read`](binance_core::ws_api::TypedCall::read) reads the
    /// result; of a refusal, [`Outcome::of_refusal`] says what it means.
    Answer {
        /// Which call.
        id: CallId,
        /// The answer.
        reply: Reply<'r>,
    },
    /// The answer to a call that was told as ended, since its deadline had passed.
    Late {
        /// Which call.
        id: CallId,
        /// The answer.
        reply: Reply<'r>,
    },
    /// An answer to nothing that was asked. A refusal without an id speaks of the connection: that its key is revoked,
    /// for example.
    Unsolicited {
        /// The answer.
        reply: Reply<'r>,
    },
    /// Not for the caller: an answer to `session.logon`, or a word on the end of the connection.
    Handled,
    /// No answer, or no JSON.
    Garbage(json::Error),
}

/// A call that will have no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended {
    /// Which call.
    pub id: CallId,
    /// Why.
    pub why: Unanswered,
}

/// Why a call has no answer. It may have been carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unanswered {
    /// Its time was over. The answer may still come, as [`Received::Late`].
    Deadline,
    /// Its connection was lost.
    Lost(Reason),
}

impl Unanswered {
    /// What is known about the call: [`Outcome::Unknown`].
    pub const fn outcome(self) -> Outcome {
        Outcome::Unknown
    }
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deadline => f.write_str("no answer in time"),
            Self::Lost(reason) => write!(f, "connection lost before the answer: {reason}"),
        }
    }
}

impl core::error::Error for Unanswered {}

/// Why a call was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallError {
    /// The connection is not open, not logged on yet, or about to end. [`Calls::is_ready`](super::Calls::is_ready)
    /// tells when it is.
    NotReady,
    /// As many calls are in flight as the table has room for.
    Busy,
    /// The buffer is too short for the call, or the call has too many parameters.
    Full,
    /// The method needs an API key and there is none.
    NoCredentials,
    /// The signer refused; [`SignError::Kind`] where the method does not take the kind of key.
    Sign(SignError),
    /// The method is one of the other market's.
    Market,
    /// The key would go to another machine over a connection that anyone can read.
    Insecure,
    /// It was not begun, or is closed.
    Ended,
}

impl CallError {
    /// What is known about the call: [`Outcome::NotSent`].
    pub const fn outcome(self) -> Outcome {
        Outcome::NotSent
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReady => f.write_str("the connection is not ready"),
            Self::Busy => f.write_str("too many calls in flight"),
            Self::Full => f.write_str("no room for the call in the buffer"),
            Self::NoCredentials => f.write_str("the method needs an API key and there is none"),
            Self::Sign(_) => f.write_str("the call could not be signed"),
            Self::Market => f.write_str("a method of the other market"),
            Self::Insecure => f.write_str("a key and a connection that is not encrypted"),
            Self::Ended => f.write_str("the connection is closed"),
        }
    }
}

impl core::error::Error for CallError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Sign(error) => Some(error),
            _ => None,
        }
    }
}

impl From<Full> for CallError {
    fn from(Full: Full) -> Self {
        Self::Full
    }
}

impl From<SignError> for CallError {
    fn from(error: SignError) -> Self {
        match error {
            SignError::Full => Self::Full,
            error => Self::Sign(error),
        }
    }
}

/// What happened to the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// It is open.
    Connected,
    /// It is logged on: from here on calls carry no signature.
    LoggedOn,
    /// The exchange refused to log on; calls are signed. [`Calls::last_refusal`](super::Calls::last_refusal) has its words.
    LogonRefused {
        /// The exchange's code.
        code: ApiCode,
    },
    /// It is about to end: another takes its place.
    Replacing {
        /// Why.
        cause: Cause,
    },
    /// It is gone.
    Lost {
        /// Why.
        reason: Reason,
        /// How long until the next attempt; `None` when there is none.
        retry_in: Option<Duration>,
    },
    /// It is over: closed, or lost where [`Config::reconnect`](crate::session::Config::reconnect) is off.
    Ended,
}
