//! Why a call failed, and what is known about it.

use std::{boxed::Box, error, fmt};

use binance_core::{ApiCode, ApiError, Outcome, json};

use crate::api::{CallError, Unanswered};

/// Why a call failed. [`outcome`](Self::outcome) says what is known about it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Failure {
    /// It was not sent: it cannot be, or its time was over before the connection was ready for it.
    NotSent(CallError),
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
}

impl Failure {
    /// What is known about the call.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::NotSent(error) => error.outcome(),
            Self::Unanswered(why) => why.outcome(),
            Self::Refused(refused) => {
                Outcome::of_refusal(refused.status, refused.error.code, &refused.error.message)
            }
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
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(error) => write!(f, "call not sent: {error}"),
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
            Self::Unanswered(_) | Self::Refused(_) => None,
        }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        Self::NotSent(error)
    }
}
