//! What a session tells its caller beside messages.

use core::{fmt, time::Duration};

use binance_core::ApiCode;

use crate::{name::StreamName, request::RequestId, time::Tick};

/// Something that happened to a session.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Notice {
    /// A connection is open. What was wanted is subscribed next.
    Connected,
    /// Everything that is wanted is subscribed.
    Settled,
    /// The connection is gone.
    Lost {
        /// Why.
        reason: Reason,
        /// How long until the next attempt; `None` where the session does not reconnect.
        retry_in: Option<Duration>,
    },
    /// Messages may be missing: nothing came from `from`, the last sign of life, until `to`, when everything was
    /// subscribed again.
    Gap {
        /// The last sign of life before the loss.
        from: Tick,
        /// When everything was subscribed again.
        to: Tick,
    },
    /// A stream sent nothing for longer than it should. It is subscribed again, or the connection replaced, where that
    /// can help.
    Silent {
        /// Which one.
        name: StreamName,
        /// The last event, or the acknowledgement if there was none since.
        since: Tick,
        /// Whether there was an event since the acknowledgement. Without one, the name may be wrong: the exchange
        /// acknowledges names that do not exist, and streams of another route, and sends nothing.
        ever: bool,
    },
    /// A stream that was told silent sends again.
    Resumed {
        /// Which one.
        name: StreamName,
        /// The last event before.
        from: Tick,
        /// The first event again.
        to: Tick,
    },
    /// Another connection is being opened to take the place of this one, which goes on meanwhile.
    Replacing {
        /// Why.
        cause: Cause,
    },
    /// The other connection has taken its place. Nothing was missed.
    Replaced,
    /// The other connection could not be opened, or was lost. It is tried again; this one goes on meanwhile.
    NotReplaced {
        /// Why.
        reason: Reason,
        /// How long until the next attempt.
        retry_in: Duration,
    },
    /// The exchange refused a stream. It is not wanted any more. [`Session::last_refusal`](super::Session::last_refusal)
    /// has the exchange's words.
    Refused {
        /// Which one.
        name: StreamName,
        /// The exchange's code.
        code: ApiCode,
    },
    /// A command of the caller's will have no answer.
    Unanswered {
        /// Which one.
        id: RequestId,
    },
    /// A ping came, and is answered. Told only to those who asked, see
    /// [`Session::tell_life`](super::Session::tell_life).
    Ping,
    /// A pong came. Told as [`Notice::Ping`].
    Pong {
        /// How long after the ping that it answers: the time there and back. `None` where none was sent.
        after: Option<Duration>,
    },
    /// The session is over: it was closed, or lost a connection that it does not reconnect.
    Ended,
}

/// Why a connection is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// It is nearly as old as the exchange lets it become.
    Age,
    /// The exchange said that it shuts down.
    Shutdown,
    /// It is open and answers, but its streams are silent.
    Silence,
    /// The listen key is another.
    ListenKey,
}

/// Why a connection is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// It could not be opened.
    Connect,
    /// It did not open in time.
    ConnectTimeout,
    /// The exchange closed it, with this code (1005 when it named none).
    Closed(u16),
    /// It ended without a closing handshake.
    Dropped,
    /// What came was no WebSocket, or over its limits.
    Protocol,
    /// A ping had no answer in time.
    PongTimeout,
    /// A command had no answer in time.
    AckTimeout,
    /// It was open, but its streams were silent.
    Silence,
    /// Its listen key was gone, so it sent nothing any more.
    ListenKey,
    /// It was closed here: by the caller, or since it was about to end anyway.
    Here,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => f.write_str("it could not be opened"),
            Self::ConnectTimeout => f.write_str("it did not open in time"),
            Self::Closed(code) => write!(f, "the exchange closed it with code {code}"),
            Self::Dropped => f.write_str("it ended without a closing handshake"),
            Self::Protocol => f.write_str("what came broke the protocol"),
            Self::PongTimeout => f.write_str("a ping had no answer in time"),
            Self::AckTimeout => f.write_str("a command had no answer in time"),
            Self::Silence => f.write_str("its streams were silent"),
            Self::ListenKey => f.write_str("its listen key was gone"),
            Self::Here => f.write_str("it was closed here"),
        }
    }
}
