//! A reply of success in the caller's buffer.

use core::fmt;

use binance_core::{Endpoint, Text, json};
use serde::Deserialize;

use super::Error;
use crate::{
    error::Outcome,
    limits::Limits,
    redact::Redacted,
    response::Response,
    verdict::{BodyKind, Verdict},
};

/// A reply of success. `Debug` does not show the body.
#[derive(Clone)]
pub struct Reply<'b, E> {
    endpoint: E,
    response: Response<'b>,
    limits: Limits,
}

impl<'b, E: Endpoint> Reply<'b, E> {
    pub(super) fn judge<Io>(endpoint: &E, response: Response<'b>) -> Result<Self, Error<Io>>
    where
        E: Clone,
    {
        let limits = Limits::read(response.headers());
        let status = response.status();
        match Verdict::of(status, response.body()) {
            Verdict::Success => {}
            // Few endpoints answer a bare word.
            Verdict::Other(BodyKind::Text)
                if (200..300).contains(&status) && endpoint.decode(response.body()).is_ok() => {}
            Verdict::Refused(error) => return Err(Error::Api { status, error, limits }),
            Verdict::Other(body) => {
                let text = valid_utf8(response.body());
                return Err(Error::Status {
                    status,
                    body,
                    excerpt: excerpt(text),
                    limits,
                    outcome: Outcome::of_status(status, text),
                });
            }
        }
        Ok(Self { endpoint: endpoint.clone(), response, limits })
    }

    /// Reads the value, which borrows from the buffer where it holds a [`json::List`].
    ///
    /// # Errors
    /// [`json::Error`]. The outcome of the request is unknown then: the exchange answered success, in words that cannot
    /// be read.
    pub fn value(&self) -> Result<E::Reply<'b>, json::Error> {
        self.endpoint.decode(self.response.body())
    }
}

impl<'b, E> Reply<'b, E> {
    /// Reads the body into a type of the caller's.
    ///
    /// # Errors
    /// [`json::Error`].
    pub fn decode<T: Deserialize<'b>>(&self) -> Result<T, json::Error> {
        json::from_slice(self.response.body())
    }

    /// Status, headers and body.
    pub fn response(&self) -> Response<'b> {
        self.response
    }

    /// What the headers say of the limits.
    pub fn limits(&self) -> Limits {
        self.limits
    }
}

impl<E> fmt::Debug for Reply<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({:?}, {:?})", self.response, self.limits)
    }
}

/// The longest start of `bytes` that is UTF-8.
fn valid_utf8(bytes: &[u8]) -> &str {
    match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => bytes
            .get(..error.valid_up_to())
            .and_then(|valid| core::str::from_utf8(valid).ok())
            .unwrap_or_default(),
    }
}

/// The beginning of a text as it may be shown.
fn excerpt(text: &str) -> Text<63> {
    /// Takes what fits and no more.
    struct Start {
        bytes: [u8; 63],
        len: usize,
    }
    impl fmt::Write for Start {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            for character in text.chars() {
                let end = self.len + character.len_utf8();
                character.encode_utf8(self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?);
                self.len = end;
            }
            Ok(())
        }
    }
    let mut start = Start { bytes: [0; 63], len: 0 };
    // It ends early where the room does.
    let _ = fmt::write(&mut start, format_args!("{}", Redacted::new(text)));
    Text::truncated(valid_utf8(start.bytes.get(..start.len).unwrap_or_default()))
}
