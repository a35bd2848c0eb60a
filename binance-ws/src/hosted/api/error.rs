//! Why a call failed, and what is known about it.

use std::{boxed::Box, error, fmt, time::Duration};

use binance_core::{ApiCode, ApiError, Outcome, json};
use binance_http::{Limits, budget::Refusal};

use crate::api::{CallError, Unanswered};

/// Why a call failed. [`outcome`](Self::outcome) says what is known about it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Failure {
    /// It was not sent: it cannot be, or its time was over before the connection was ready for it.
    NotSent(CallError),
    /// The budget has no room, and it would wait for longer than it may.
    Limit(Refusal),
    /// It was sent, and has no answer. It may have been carried out.
    Unanswered(Unanswered),
    /// The exchange refused it.
    Refused(Box<Refused>),
    /// The exchange answered success, in words that cannot be read.
    Decode(json::Error),
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// As in HTTP.
    pub status: u16,
    /// Code and message.
    pub error: ApiError,
    /// What the answer says of the limits.
    pub limits: Limits,
}

impl Refused {
    /// What is known about the call.
    pub fn outcome(&self) -> Outcome {
        Outcome::of_refusal(self.status, self.error.code, &self.error.message)
    }
}

impl Failure {
    /// What is known about the call.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::NotSent(error) => error.outcome(),
            Self::Unanswered(why) => why.outcome(),
            Self::Limit(_) => Outcome::NotSent,
            Self::Refused(refused) => refused.outcome(),
            Self::Decode(_) => Outcome::Unknown,
        }
    }

    /// The exchange's code, when it gave one.
    pub fn code(&self) -> Option<ApiCode> {
        match self {
            Self::Refused(refused) => Some(refused.error.code),
            _ => None,
        }
    }

    /// How long to wait before the next call: as the budget says, or the exchange with a 429 or 418.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Limit(refusal) => refusal.retry_in,
            Self::Refused(refused) => refused.limits.retry_after(),
            _ => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(error) => write!(f, "call not sent: {error}"),
            Self::Limit(refusal) => write!(f, "call not sent: {refusal}"),
            Self::Unanswered(why) => why.fmt(f),
            Self::Refused(refused) => {
                write!(f, "the exchange refused with status {}, {}", refused.status, refused.error)
            }
            Self::Decode(_) => f.write_str("the answer could not be read"),
        }
    }
}

impl error::Error for Failure {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::NotSent(error) => error.source(),
            Self::Decode(error) => Some(error),
            Self::Limit(_) | Self::Unanswered(_) | Self::Refused(_) => None,
        }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        Self::NotSent(error)
    }
}
