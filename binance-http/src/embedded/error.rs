//! Errors without a heap.

use core::fmt;

use binance_core::{ApiCode, ApiError, Text, json};

use crate::{
    error::{BuildError, Outcome},
    limits::Limits,
    response::ResponseError,
    verdict::BodyKind,
};

/// Why there is no reply, or none that can be used; `E` is the stream's error.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[allow(clippy::large_enum_variant, reason = "without a heap there is no box")]
pub enum Error<E> {
    /// The request could not be written into the buffer.
    Build(BuildError),
    /// The connection is not alive.
    Dead,
    /// The stream failed.
    Io {
        /// How.
        error: E,
        /// Whether a byte of the request may have left.
        sent: bool,
    },
    /// The stream took no more bytes.
    Ended {
        /// Whether a byte of the request may have left.
        sent: bool,
    },
    /// What came is no whole reply, or one that is longer than the buffer.
    Response(ResponseError),
    /// The exchange refused, with a code.
    Api {
        /// The HTTP status. The exchange may refuse with 200 too.
        status: u16,
        /// Code and message.
        error: ApiError,
        /// What the headers say of the limits.
        limits: Limits,
    },
    /// A reply without the exchange's JSON.
    Status {
        /// The HTTP status.
        status: u16,
        /// What the body looks like.
        body: BodyKind,
        /// The beginning of the body, at most 63 bytes, with what may be secret blanked.
        excerpt: Text<63>,
        /// What the headers say of the limits.
        limits: Limits,
        /// What is known about the request.
        outcome: Outcome,
    },
    /// A reply of success that cannot be read as what the endpoint answers.
    Decode {
        /// The HTTP status.
        status: u16,
        /// What is wrong with the body, and where.
        error: json::Error,
    },
}

impl<E> Error<E> {
    pub(super) fn ended(sent: bool) -> Self {
        Self::Ended { sent }
    }

    /// What is known about the request.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Build(_) | Self::Dead => Outcome::NotSent,
            Self::Io { sent, .. } | Self::Ended { sent } => {
                if *sent {
                    Outcome::Unknown
                } else {
                    Outcome::NotSent
                }
            }
            Self::Response(_) | Self::Decode { .. } => Outcome::Unknown,
            Self::Api { status, error, .. } => Outcome::of_refusal(*status, error.code, &error.message),
            Self::Status { outcome, .. } => *outcome,
        }
    }

    /// The exchange's code, when it gave one.
    pub fn code(&self) -> Option<ApiCode> {
        match self {
            Self::Api { error, .. } => Some(error.code),
            _ => None,
        }
    }

    /// What the reply's headers say of the limits; of an error without a reply, nothing.
    pub fn limits(&self) -> Limits {
        match self {
            Self::Api { limits, .. } | Self::Status { limits, .. } => *limits,
            _ => Limits::default(),
        }
    }
}

impl<E> From<BuildError> for Error<E> {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

impl<E> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(error) => error.fmt(f),
            Self::Dead => f.write_str("the connection is not alive"),
            Self::Io { .. } => f.write_str("the stream failed"),
            Self::Ended { .. } => f.write_str("the stream took no more bytes"),
            Self::Response(error) => error.fmt(f),
            Self::Api { status, error, .. } => {
                write!(f, "the exchange refused with status {status}, {error}")
            }
            Self::Status { status, body, .. } => {
                write!(f, "status {status} with {body} in place of the exchange's JSON")
            }
            Self::Decode { status, .. } => write!(f, "the reply with status {status} could not be read"),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Build(error) => error.source(),
            Self::Io { error, .. } => Some(error),
            Self::Decode { error, .. } => Some(error),
            _ => None,
        }
    }
}
