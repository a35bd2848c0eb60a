//! A reply of success, with its body.

use core::{fmt, time::Duration};
use std::boxed::Box;

use binance_core::{Endpoint, json};
use bytes::Bytes;
use serde::Deserialize;

use crate::{
    error::{DecodeFailure, Error},
    headers::Headers,
    limits::Limits,
    transport::Received,
};

/// A reply of success. It owns the body, from which [`value`](Self::value) reads what the endpoint answers.
///
/// The body is known to be JSON by its first byte and not to be a refusal; the rest is looked at when it is read, so
/// that what is not needed costs nothing. `Debug` does not show the body.
#[derive(Clone)]
pub struct Reply<E> {
    endpoint: E,
    received: Received,
    limits: Limits,
    elapsed: Duration,
}

impl<E: Endpoint> Reply<E> {
    pub(crate) fn new(endpoint: E, received: Received, limits: Limits, elapsed: Duration) -> Self {
        Self { endpoint, received, limits, elapsed }
    }

    /// Reads the value. It borrows from this reply where it holds a [`json::List`].
    ///
    /// # Errors
    /// [`Error::Decode`], whose outcome is unknown: the exchange answered success, in words that cannot be read.
    pub fn value(&self) -> Result<E::Reply<'_>, Error> {
        self.endpoint.decode(&self.received.body).map_err(|error| self.failure(error))
    }
}

impl<E> Reply<E> {
    /// Reads the body into a type of the caller's.
    ///
    /// # Errors
    /// As [`Self::value`].
    pub fn decode<'r, T: Deserialize<'r>>(&'r self) -> Result<T, Error> {
        json::from_slice(&self.received.body).map_err(|error| self.failure(error))
    }

    /// The body as it came.
    pub fn body(&self) -> &[u8] {
        &self.received.body
    }

    /// The body as it came, for keeping: it shares the memory.
    pub fn into_body(self) -> Bytes {
        self.received.body
    }

    /// The HTTP status, from 200 to 299.
    pub fn status(&self) -> u16 {
        self.received.status
    }

    /// All headers.
    pub fn headers(&self) -> &Headers {
        &self.received.headers
    }

    /// What the headers say of the limits.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// From the moment when the request could be sent to the last byte of the reply: the round trip, without resolving,
    /// connecting and waiting.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    fn failure(&self, error: json::Error) -> Error {
        Error::Decode(Box::new(DecodeFailure { status: self.received.status, error }))
    }
}

impl<E> fmt::Debug for Reply<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.received.status)
            .field("limits", &self.limits)
            .field("elapsed", &self.elapsed)
            .field("bytes", &self.received.body.len())
            .finish_non_exhaustive()
    }
}
