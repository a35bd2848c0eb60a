//! A reply of the WebSocket API with its result read, to be printed again.

use binance_core::{ApiError, List, record::RateLimit, stream::Id, ws_api::Reply};
use serde::{Serialize, Serializer, ser::SerializeStruct};

/// A reply, with what its result is.
pub(crate) struct Frame<'f, T> {
    reply: &'f Reply<'f>,
    result: Result<T, &'f ApiError>,
}

impl<'f, T> Frame<'f, T> {
    /// A reply whose result `read` reads, unless it is a refusal.
    pub(crate) fn read<E>(
        reply: &'f Reply<'f>,
        read: impl FnOnce(&'f str) -> Result<T, E>,
    ) -> Result<Self, E> {
        let result = match &reply.result {
            Ok(result) => Ok(read(result)?),
            Err(refusal) => Err(refusal),
        };
        Ok(Self { reply, result })
    }
}

impl<T: Serialize> Serialize for Frame<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Reply", 4)?;
        match self.reply.id {
            Some(Id::Number(number)) => out.serialize_field("id", &number)?,
            Some(Id::Text(text)) => out.serialize_field("id", text)?,
            None => out.serialize_field("id", &None::<u64>)?,
        }
        out.serialize_field("status", &self.reply.status)?;
        match &self.result {
            Ok(result) => out.serialize_field("result", result)?,
            Err(refusal) => out.serialize_field("error", &Refusal(refusal))?,
        }
        // A connection may be told to leave them out.
        let limits: &List<'_, RateLimit> = &self.reply.rate_limits;
        if limits.is_empty() {
            out.skip_field("rateLimits")?;
        } else {
            out.serialize_field("rateLimits", limits)?;
        }
        out.end()
    }
}

struct Refusal<'f>(&'f ApiError);

impl Serialize for Refusal<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Refusal", 2)?;
        out.serialize_field("code", &self.0.code.0)?;
        out.serialize_field("msg", &self.0.message)?;
        out.end()
    }
}
