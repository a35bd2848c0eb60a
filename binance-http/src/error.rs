//! What can go wrong, sorted by whose fault it is, and what is known about the request afterwards.

use core::fmt;

pub use binance_core::Outcome;
use binance_core::param::Full;
use binance_sign::SignError;

#[cfg(feature = "std")]
mod hosted;

#[cfg(feature = "std")]
pub use self::hosted::{ApiFailure, DecodeFailure, Error, StatusFailure, TransportError, TransportKind};

/// Why a request could not be written: the caller's fault, always [`Outcome::NotSent`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// The buffer is too short for the request. [`crate::request::Plan::write`] says how much room is needed.
    Full,
    /// The endpoint needs an API key and there is none.
    NoCredentials,
    /// The signer refused.
    Sign(SignError),
    /// The path of a raw request does not begin with a slash or holds something that cannot stand in a path.
    Path,
    /// The endpoint needs an API key, and the host would get it over a connection that anyone can read.
    Insecure,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("no room left in the request buffer"),
            Self::NoCredentials => f.write_str("the endpoint needs an API key and the client has none"),
            Self::Sign(_) => f.write_str("the request could not be signed"),
            Self::Path => f.write_str("the path cannot stand in a request"),
            Self::Insecure => {
                f.write_str("the endpoint needs an API key and the connection would not be encrypted")
            }
        }
    }
}

impl core::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Sign(error) => Some(error),
            _ => None,
        }
    }
}

impl From<Full> for BuildError {
    fn from(Full: Full) -> Self {
        Self::Full
    }
}

impl From<SignError> for BuildError {
    fn from(error: SignError) -> Self {
        match error {
            SignError::Full => Self::Full,
            error => Self::Sign(error),
        }
    }
}
