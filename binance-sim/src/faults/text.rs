//! Faults as JSON, for files and for the control endpoint.

use std::{error::Error, fmt, time::Duration};

use serde_json::{Map, Value};

use super::{Fault, Unavailable, What};

/// What is wrong with a fault that was written as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultError {
    /// It is no JSON, or neither an object nor an array of objects.
    NoObject,
    /// `what` is missing, or names no fault.
    NoSuchFault,
    /// A field that this fault needs is missing.
    Missing(&'static str),
    /// A field has a value of the wrong kind, or one that is out of range.
    Invalid(&'static str),
    /// A field that no fault has.
    UnknownField,
}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoObject => f.write_str("a fault is a JSON object, faults are an array of them"),
            Self::NoSuchFault => f.write_str("\"what\" is missing, or names no fault"),
            Self::Missing(field) => write!(f, "\"{field}\" is missing"),
            Self::Invalid(field) => write!(f, "\"{field}\" has a value that is out of range"),
            Self::UnknownField => f.write_str("there is a field that no fault has"),
        }
    }
}

impl Error for FaultError {}

/// Every field that a fault may have.
const FIELDS: [&str; 17] = [
    "what",
    "method",
    "path",
    "stream",
    "after",
    "times",
    "probability",
    "millis",
    "processed",
    "retryAfter",
    "by",
    "code",
    "field",
    "status",
    "contentType",
    "body",
    "comment",
];

pub(super) fn read(json: &str) -> Result<Vec<Fault>, FaultError> {
    match serde_json::from_str(json) {
        Ok(Value::Object(fault)) => Ok(vec![Fields(&fault).fault()?]),
        Ok(Value::Array(faults)) => faults
            .iter()
            .map(|fault| Fields(fault.as_object().ok_or(FaultError::NoObject)?).fault())
            .collect(),
        _ => Err(FaultError::NoObject),
    }
}

struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    fn fault(&self) -> Result<Fault, FaultError> {
        if self.0.keys().any(|key| !FIELDS.contains(&key.as_str())) {
            return Err(FaultError::UnknownField);
        }
        let mut fault = Fault::new(self.what()?);
        let (method, path) = (self.text("method")?, self.text("path")?);
        fault = fault.on(method.unwrap_or_default(), path.unwrap_or_default());
        if let Some(stream) = self.text("stream")? {
            fault = fault.on_stream(stream);
        }
        if let Some(probability) = self.0.get("probability") {
            let probability = probability.as_f64().filter(|value| (0.0..=1.0).contains(value));
            fault = fault.with_probability(probability.ok_or(FaultError::Invalid("probability"))?);
        }
        fault = fault.after(self.count("after")?.unwrap_or(0));
        Ok(match self.0.get("times") {
            Some(Value::String(times)) if times == "always" => fault.always(),
            _ => fault.times(self.count("times")?.unwrap_or(1)),
        })
    }

    fn what(&self) -> Result<What, FaultError> {
        Ok(match self.text("what")?.unwrap_or_default() {
            "dropConnection" => What::DropConnection,
            "resetConnection" => What::ResetConnection,
            "muteConnection" => What::MuteConnection,
            "delayConnection" => What::DelayConnection(self.delay()?),
            "closeBeforeProcessing" => What::CloseBeforeProcessing,
            "resetBeforeProcessing" => What::ResetBeforeProcessing,
            "delayBeforeProcessing" => What::DelayBeforeProcessing(self.delay()?),
            "closeAfterProcessing" => What::CloseAfterProcessing,
            "resetAfterProcessing" => What::ResetAfterProcessing,
            "hang" => What::Hang { processed: self.flag("processed")? },
            "cutBody" => What::CutBody,
            "cutHead" => What::CutHead,
            "wrongContentLength" => What::WrongContentLength(self.shift()?),
            "garbageBody" => What::GarbageBody,
            "internalError" => What::InternalError,
            "badGateway" => What::BadGateway,
            "unavailableUnknown" => What::Unavailable(Unavailable::Unknown),
            "unavailableFailed" => What::Unavailable(Unavailable::Failed),
            "unavailableInternal" => What::Unavailable(Unavailable::Internal),
            "unavailableThrottled" => What::Unavailable(Unavailable::Throttled),
            "timeout" => What::Timeout { processed: self.flag("processed")? },
            "tooManyRequests" => What::TooManyRequests { retry_after: self.retry_after()? },
            "banned" => What::Banned { retry_after: self.retry_after()? },
            "reply" => What::Reply {
                status: self.short("status")?,
                content_type: self.text("contentType")?.unwrap_or("application/json").to_owned(),
                body: self.text("body")?.ok_or(FaultError::Missing("body"))?.to_owned(),
            },
            "expireListenKeys" => What::ExpireListenKeys,
            "silentSubscription" => What::SilentSubscription,
            "ignoredSubscription" => What::IgnoredSubscription,
            "dropStream" => What::DropStream,
            "resetStream" => What::ResetStream,
            "closeStream" => What::CloseStream(self.short("code")?),
            "silence" => What::Silence,
            "gap" => What::Gap,
            "garbageFrame" => What::GarbageFrame,
            "duplicateFrame" => What::DuplicateFrame,
            "reorder" => What::Reorder,
            "truncateFrame" => What::TruncateFrame,
            "breakFrame" => What::BreakFrame,
            "shutdownNotice" => What::ShutdownNotice,
            "delay" => What::Delay(self.delay()?),
            "byteByByte" => What::ByteByByte,
            "duplicate" => What::Duplicate,
            "corruptByte" => What::CorruptByte,
            "clockSkew" => What::ClockSkew(self.shift()?),
            "newEnumValue" => What::NewEnumValue(self.field()?),
            "newField" => What::NewField,
            "missingField" => What::MissingField(self.field()?),
            _ => return Err(FaultError::NoSuchFault),
        })
    }

    fn text(&self, name: &'static str) -> Result<Option<&'a str>, FaultError> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        value.as_str().map(Some).ok_or(FaultError::Invalid(name))
    }

    fn count(&self, name: &'static str) -> Result<Option<u32>, FaultError> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let count = value.as_u64().and_then(|count| u32::try_from(count).ok());
        count.map(Some).ok_or(FaultError::Invalid(name))
    }

    fn flag(&self, name: &'static str) -> Result<bool, FaultError> {
        self.0.get(name).map_or(Ok(false), |flag| flag.as_bool().ok_or(FaultError::Invalid(name)))
    }

    fn short(&self, name: &'static str) -> Result<u16, FaultError> {
        let number = self.count(name)?.ok_or(FaultError::Missing(name))?;
        u16::try_from(number).map_err(|_| FaultError::Invalid(name))
    }

    fn delay(&self) -> Result<Duration, FaultError> {
        let millis = self.count("millis")?.ok_or(FaultError::Missing("millis"))?;
        Ok(Duration::from_millis(u64::from(millis)))
    }

    fn retry_after(&self) -> Result<u32, FaultError> {
        Ok(self.count("retryAfter")?.unwrap_or(1))
    }

    fn shift(&self) -> Result<i64, FaultError> {
        let by = self.0.get("by").ok_or(FaultError::Missing("by"))?;
        by.as_i64().ok_or(FaultError::Invalid("by"))
    }

    fn field(&self) -> Result<String, FaultError> {
        Ok(self.text("field")?.ok_or(FaultError::Missing("field"))?.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fault_or_many_are_read_and_wrong_ones_are_named() {
        let faults = read(
            r#"[{"what":"delay","millis":5,"stream":"a*","times":"always","comment":"slow"},
                {"what":"reply","status":403,"body":"no","method":"GET","path":"/x","after":2,"probability":0.5}]"#,
        )
        .unwrap();
        assert_eq!(faults[0].what, What::Delay(Duration::from_millis(5)));
        assert_eq!((faults[0].times, faults[0].stream.as_deref()), (u32::MAX, Some("a*")));
        assert_eq!((faults[1].after, faults[1].times, faults[1].probability), (2, 1, 0.5));
        assert_eq!(read(r#"{"what":"gap"}"#).unwrap().len(), 1);
        for (text, error) in [
            ("", FaultError::NoObject),
            ("[1]", FaultError::NoObject),
            ("{}", FaultError::NoSuchFault),
            (r#"{"what":"nope"}"#, FaultError::NoSuchFault),
            (r#"{"what":"delay"}"#, FaultError::Missing("millis")),
            (r#"{"what":"delay","millis":-1}"#, FaultError::Invalid("millis")),
            (r#"{"what":"closeStream","code":70000}"#, FaultError::Invalid("code")),
            (r#"{"what":"gap","probability":2}"#, FaultError::Invalid("probability")),
            (r#"{"what":"gap","colour":2}"#, FaultError::UnknownField),
        ] {
            assert_eq!(read(text).unwrap_err(), error, "{text}");
        }
    }
}
