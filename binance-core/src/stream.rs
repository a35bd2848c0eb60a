//! What a stream is, and what comes over a connection: events, and answers to commands.

use core::fmt::{self, Write};

use serde::Deserialize;

use crate::{
    endpoint::Market,
    error::{ApiCode, ApiError},
    json::{self, find_field, from_str},
    text::Text,
};

/// The paths of USDⓈ-M connections. Each serves its own streams: subscribing to another's is acknowledged and silent.
/// COIN-M has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// `/public`: books and best prices. Connections without a route serve these only.
    Public,
    /// `/market`: everything else that is public.
    Market,
    /// `/private`: user data.
    Private,
}

impl Route {
    /// The path, with its leading slash.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Public => "/public",
            Self::Market => "/market",
            Self::Private => "/private",
        }
    }
}

/// The facts of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamMeta {
    /// Which market's host serves it.
    pub market: Market,
    /// On which path, where there are paths.
    pub route: Option<Route>,
    /// How its name is made, parameters in braces: `{symbol}@aggTrade`.
    pub pattern: &'static str,
    /// The name of the Rust type.
    pub name: &'static str,
    /// The Rust type of its events.
    pub event: &'static str,
    /// The method of the exchange's Python connector, empty where it has none.
    pub python_name: &'static str,
    /// The exchange's page.
    pub docs: &'static str,
}

/// Something to subscribe to. Object-safe.
pub trait Subscription {
    /// Which market's host serves it.
    fn market(&self) -> Market;

    /// On which path, where there are paths.
    fn route(&self) -> Option<Route>;

    /// Writes the name of the stream, as in `btcusdt@aggTrade`.
    ///
    /// # Errors
    /// What `out` answers.
    fn write_name(&self, out: &mut dyn Write) -> fmt::Result;
}

/// A subscription with typed events.
pub trait Stream: Subscription {
    /// The facts of the stream.
    const META: StreamMeta;

    /// Its events. They borrow from the text where they hold a [`json::List`].
    type Event<'r>: Event<'r>;

    /// Reads one event: the object alone, not the envelope of combined connections.
    ///
    /// # Errors
    /// [`json::Error`] with the place and what was expected there.
    fn decode<'r>(&self, text: &'r str) -> Result<Self::Event<'r>, json::Error> {
        Self::Event::decode(text)
    }
}

/// What a stream sends.
pub trait Event<'r>: Deserialize<'r> {
    /// Reads one event, by the fast decoder where the text is written as the exchange writes it, else by serde.
    ///
    /// # Errors
    /// [`json::Error`] with the place and what was expected there.
    fn decode(text: &'r str) -> Result<Self, json::Error>;
}

/// A stream that no table declares, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawStream<'a> {
    /// The name, exactly as the exchange wants it.
    pub name: &'a str,
    /// Which market's host serves it.
    pub market: Market,
    /// On which path, where there are paths.
    pub route: Option<Route>,
}

impl Subscription for RawStream<'_> {
    fn market(&self) -> Market {
        self.market
    }

    fn route(&self) -> Option<Route> {
        self.route
    }

    fn write_name(&self, out: &mut dyn Write) -> fmt::Result {
        out.write_str(self.name)
    }
}

/// How often a stream sends, where there is a choice. Which ones a stream has stands at its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UpdateSpeed {
    /// Every 100 milliseconds.
    Ms100,
    /// Every 250 milliseconds, which is what streams with a choice send when none is made. Writes no suffix.
    Ms250,
    /// Every 500 milliseconds.
    Ms500,
    /// Every second.
    S1,
    /// Every three seconds, which is what mark prices send when no choice is made. Writes no suffix.
    S3,
}

/// How many levels a side a partial book has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Levels {
    /// Five.
    L5,
    /// Ten.
    L10,
    /// Twenty.
    L20,
}

/// A part of a stream's name.
pub(crate) trait Part {
    fn write(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl Part for &str {
    /// Symbols and pairs stand in lower case in names.
    fn write(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chars().try_for_each(|char| out.write_char(char.to_ascii_lowercase()))
    }
}

impl Part for crate::enums::Interval {
    fn write(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl Part for Levels {
    fn write(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::L5 => "5",
            Self::L10 => "10",
            Self::L20 => "20",
        })
    }
}

impl Part for UpdateSpeed {
    fn write(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Ms100 => "@100ms",
            Self::Ms500 => "@500ms",
            Self::S1 => "@1s",
            Self::Ms250 | Self::S3 => "",
        })
    }
}

impl<T: Part> Part for Option<T> {
    fn write(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().map_or(Ok(()), |part| part.write(out))
    }
}

/// Displays a part.
pub(crate) struct Shown<'a>(pub(crate) &'a dyn Part);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f)
    }
}

/// One message from the exchange, told apart but not read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(clippy::large_enum_variant, reason = "only the fields of the variant are written")]
pub enum Incoming<'r> {
    /// What a stream sent.
    Event {
        /// The stream's name, on combined connections.
        stream: Option<&'r str>,
        /// The event: an object, or an array of them.
        data: &'r str,
    },
    /// The answer to a command.
    Reply {
        /// The id of the command.
        id: Option<Id<'r>>,
        /// The text of the result, or the refusal.
        result: Result<&'r str, ApiError>,
    },
}

/// The id of a command: a number, or a text as it stands between its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Id<'r> {
    /// A whole number.
    Number(u64),
    /// A text.
    Text(&'r str),
}

impl<'r> Incoming<'r> {
    /// Tells what `text` is.
    ///
    /// Anything that is an object or an array, and no answer, is an event; whether it can be read is for its type
    /// to say.
    ///
    /// # Errors
    /// [`json::Error`] when `text` is neither, or is cut short.
    pub fn parse(text: &'r str) -> Result<Self, json::Error> {
        if let Some(event) = combined(text) {
            return Ok(event);
        }
        let text = text.trim_ascii();
        if !text.starts_with('{') {
            // An array, or no JSON that the exchange sends.
            from_str::<json::Raw<'_>>(text)?;
            let data = text.starts_with('[').then_some(text);
            let data =
                data.ok_or_else(|| json::Error::wrong_type(json::Found::Other, "an object or an array", 0))?;
            return Ok(Self::Event { stream: None, data });
        }
        // Every event but one has "e" first; the look at the other keys is for answers and envelopes only.
        if text.starts_with("{\"e\":") {
            return Ok(Self::Event { stream: None, data: text });
        }
        if let (Some(stream), Some(data)) = (find_field(text, "stream")?, find_field(text, "data")?) {
            return Ok(Self::Event { stream: from_str(stream).ok(), data });
        }
        let id = find_field(text, "id")?;
        let result = find_field(text, "result")?;
        let error = find_field(text, "error")?;
        let id = || match id? {
            "null" => None,
            id if id.starts_with('"') => from_str(id).ok().map(Id::Text),
            id => id.parse().ok().map(Id::Number),
        };
        let refusal = match (error, find_field(text, "code")?) {
            (Some(error), _) if error != "null" => Some(error),
            // Some refusals come without an envelope: {"code":2,"msg":"..."}.
            (_, Some(_)) if result.is_none() && find_field(text, "msg")?.is_some() => Some(text),
            _ => None,
        };
        match (refusal, result) {
            (Some(refusal), _) => {
                let error = from_str(refusal).unwrap_or_else(|_| ApiError {
                    code: ApiCode::UNKNOWN,
                    message: Text::truncated(refusal),
                });
                Ok(Self::Reply { id: id(), result: Err(error) })
            }
            (None, Some(result)) => Ok(Self::Reply { id: id(), result: Ok(result) }),
            (None, None) => Ok(Self::Event { stream: None, data: text }),
        }
    }
}

/// An envelope as the exchange writes it: `{"stream":"<name>","data":<event>}`.
fn combined(text: &str) -> Option<Incoming<'_>> {
    let rest = text.strip_prefix("{\"stream\":\"")?;
    let (stream, rest) = rest.split_at_checked(rest.find('"')?)?;
    let data = rest.strip_prefix("\",\"data\":")?.strip_suffix('}')?;
    (!stream.contains('\\') && data.starts_with(['{', '[']))
        .then_some(Incoming::Event { stream: Some(stream), data })
}

/// The tag `e` of an event.
pub(crate) fn tag(data: &str) -> Result<&str, json::Error> {
    if let Some(rest) = data.strip_prefix("{\"e\":\"")
        && let Some((tag, _)) = rest.split_once('"')
    {
        return Ok(tag);
    }
    match find_field(data, "e")? {
        Some(tag) => from_str(tag),
        None => Err(serde::de::Error::missing_field("e")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_apart() {
        let event = |stream, data| Ok(Incoming::Event { stream, data });
        let reply = |id, result| Ok(Incoming::Reply { id, result });
        let refusal =
            |code, message: &str| Err(ApiError { code: ApiCode(code), message: Text::new(message).unwrap() });
        for (text, expected) in [
            (r#"{"e":"aggTrade","id":1}"#, event(None, r#"{"e":"aggTrade","id":1}"#)),
            (r#"[{"e":"24hrTicker"}]"#, event(None, r#"[{"e":"24hrTicker"}]"#)),
            (r#"{"stream":"a@b","data":{"e":"x"}}"#, event(Some("a@b"), r#"{"e":"x"}"#)),
            (r#"{"data":{"e":"x"}, "stream":"a@b"}"#, event(Some("a@b"), r#"{"e":"x"}"#)),
            (r#"{"stream":"a@b","data":[]}"#, event(Some("a@b"), "[]")),
            (r#"{"u":1,"s":"BTCUSDT"}"#, event(None, r#"{"u":1,"s":"BTCUSDT"}"#)),
            (r#"{"result":null,"id":7}"#, reply(Some(Id::Number(7)), Ok("null"))),
            (r#"{"id":"x-1","result":["a@b"]}"#, reply(Some(Id::Text("x-1")), Ok(r#"["a@b"]"#))),
            (r#"{"result":true,"id":null}"#, reply(None, Ok("true"))),
            (r#"{"error":{"code":3,"msg":"no"},"id":2}"#, reply(Some(Id::Number(2)), refusal(3, "no"))),
            (r#"{"code":2,"msg":"bad"}"#, reply(None, refusal(2, "bad"))),
        ] {
            assert_eq!(Incoming::parse(text), expected, "{text}");
        }
        for broken in ["", "hello", "{", r#"{"id":1"#, "42", "[1,2"] {
            assert!(Incoming::parse(broken).is_err(), "{broken}");
        }
    }
}
