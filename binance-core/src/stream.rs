//! What a stream is, and what comes over a connection: events, and answers to commands.

use core::fmt::{self, Write};

use serde::Deserialize;

use crate::{
    coinm,
    endpoint::{Market, ReplyVisitor},
    enums::{ContractType, Interval},
    error::{ApiCode, ApiError},
    json::{self, List, find_field, from_str},
    listen_key::ListenKey,
    open::WireEnum,
    record::events,
    text::Text,
    usdm, word,
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

/// Every stream that is declared, USDⓈ-M first.
pub const STREAMS: Streams = Streams(&[
    usdm::streams::STREAMS,
    usdm::user_events::STREAMS,
    coinm::streams::STREAMS,
    coinm::user_events::STREAMS,
]);

/// Every event that is declared, USDⓈ-M first.
pub const EVENTS: Events = Events(&[usdm::EVENTS, coinm::EVENTS]);

/// The facts of many streams.
#[derive(Clone, Copy, Debug)]
pub struct Streams(&'static [&'static [StreamMeta]]);

impl Streams {
    /// All of them, in the order of the declaration.
    pub fn iter(self) -> impl Iterator<Item = &'static StreamMeta> {
        self.0.iter().copied().flatten()
    }

    /// The one that a name of this market is of.
    ///
    /// On COIN-M, `btcusd@markPrice` is of a pair, and `btcusd_perp@markPrice` of a contract.
    ///
    /// ```
    /// use binance_core::{Market, stream::{Route, STREAMS}};
    /// let stream = STREAMS.find(Market::UsdM, "btcusdt@depth20@100ms").expect("declared");
    /// assert_eq!((stream.name, stream.route), ("PartialDepthStream", Some(Route::Public)));
    /// assert_eq!(STREAMS.find(Market::UsdM, "btcusdt@depth20@1s"), None);
    /// ```
    pub fn find(self, market: Market, name: &str) -> Option<&'static StreamMeta> {
        self.iter().find(|stream| stream.market == market && stream.matches(name))
    }

    /// Shows `visitor` the type of a stream's events: of the stream itself, so [`json::List`]s where it sends arrays.
    pub fn visit_events<'r, V: ReplyVisitor<'r>>(self, stream: &StreamMeta, visitor: V) -> Option<V::Output> {
        let found = match stream.market {
            Market::UsdM => usdm::streams::visit_stream(stream.pattern, visitor)
                .or_else(|visitor| usdm::user_events::visit_stream(stream.pattern, visitor)),
            Market::CoinM => coinm::streams::visit_stream(stream.pattern, visitor)
                .or_else(|visitor| coinm::user_events::visit_stream(stream.pattern, visitor)),
        };
        found.ok()
    }
}

/// The facts of many events.
#[derive(Clone, Copy, Debug)]
pub struct Events(&'static [&'static [EventMeta]]);

impl Events {
    /// All of them, in the order of the declaration.
    pub fn iter(self) -> impl Iterator<Item = &'static EventMeta> {
        self.0.iter().copied().flatten()
    }

    /// The one with this tag on this market.
    pub fn find(self, market: Market, tag: &str) -> Option<&'static EventMeta> {
        self.iter().find(|event| event.market == market && event.tags.contains(&tag))
    }

    /// Shows `visitor` the type of the event with this tag; `None` where none is declared.
    pub fn visit<'r, V: ReplyVisitor<'r>>(self, market: Market, tag: &str, visitor: V) -> Option<V::Output> {
        match market {
            Market::UsdM => usdm::visit_event(tag, visitor),
            Market::CoinM => coinm::visit_event(tag, visitor),
        }
        .ok()
    }
}

/// The facts of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventMeta {
    /// Which market's host sends it.
    pub market: Market,
    /// Its tag `e`; several where one type is told by more.
    pub tags: &'static [&'static str],
    /// The Rust type.
    pub name: &'static str,
    /// Whether it is an event of user data.
    pub is_user: bool,
    /// The exchange's page.
    pub docs: &'static str,
}

/// The facts of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamMeta {
    /// Which market's host serves it.
    pub market: Market,
    /// On which path, where there are paths.
    pub route: Option<Route>,
    /// How its name is made, parts in braces: `{symbol}@aggTrade`.
    pub pattern: &'static str,
    /// The parts, in the order of the declaration.
    pub parts: &'static [PartMeta],
    /// The name of the Rust type.
    pub name: &'static str,
    /// The Rust type of its events.
    pub event: &'static str,
    /// The method of the exchange's Python connector, empty where it has none.
    pub python_name: &'static str,
    /// The exchange's page.
    pub docs: &'static str,
}

impl StreamMeta {
    /// Whether a name is of this stream.
    pub fn matches(&self, name: &str) -> bool {
        let (mut pattern, mut name) = (self.pattern, name);
        // Every part ends where the pattern says, so none has to be tried twice.
        loop {
            let Some((literal, rest)) = pattern.split_once('{') else { return pattern == name };
            let Some(after) = name.strip_prefix(literal) else { return false };
            let Some((part, rest)) = rest.split_once('}') else { return false };
            let Some(part) = self.parts.iter().find(|known| known.name == part) else { return false };
            let Some(end) = part.end(after) else { return false };
            pattern = rest;
            name = after.get(end..).unwrap_or_default();
        }
    }
}

/// A part of a stream's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartMeta {
    /// What it is.
    pub name: &'static str,
    /// What it looks like.
    pub form: PartForm,
}

/// What a part of a stream's name looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartForm {
    /// A symbol, a pair (which has no `_`) or an asset, in lower case.
    Name,
    /// The key of a user data stream, as it is.
    ListenKey,
    /// One of these. An empty one among them is what a choice that is not made writes.
    OneOf(&'static [&'static str]),
}

impl PartMeta {
    /// Where this part ends, if `text` begins with one.
    fn end(&self, text: &str) -> Option<usize> {
        let end = match self.form {
            PartForm::Name => {
                let is_end = |char| char == '@' || (char == '_' && self.name == "pair");
                text.find(is_end).unwrap_or(text.len())
            }
            PartForm::ListenKey if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) => text.len(),
            PartForm::ListenKey => 0,
            // The longest: "5m" is not "5".
            PartForm::OneOf(values) => {
                let found = values.iter().filter(|value| text.starts_with(**value)).map(|value| value.len());
                return found.max();
            }
        };
        (end > 0).then_some(end)
    }
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

/// How often a book is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DepthSpeed {
    /// Every 100 milliseconds.
    Ms100,
    /// Every 250 milliseconds. Writes nothing: it is what is sent when no choice is made.
    Ms250,
    /// Every 500 milliseconds.
    Ms500,
}

/// How often mark and index prices are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PriceSpeed {
    /// Every second.
    S1,
    /// Every three seconds. Writes nothing: it is what is sent when no choice is made.
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

/// What can be a part of a stream's name.
pub(crate) trait Part {
    const FORM: PartForm;

    fn write(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl Part for &str {
    const FORM: PartForm = PartForm::Name;

    fn write(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chars().try_for_each(|char| out.write_char(char.to_ascii_lowercase()))
    }
}

impl Part for &ListenKey {
    const FORM: PartForm = PartForm::ListenKey;

    fn write(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self)
    }
}

impl Part for Interval {
    const FORM: PartForm = PartForm::OneOf(<Self as WireEnum>::NAMES);

    fn write(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl Part for ContractType {
    const FORM: PartForm =
        PartForm::OneOf(&["perpetual", "current_quarter", "next_quarter", "tradifi_perpetual"]);

    fn write(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().write(out)
    }
}

impl Part for Levels {
    const FORM: PartForm = PartForm::OneOf(&["5", "10", "20"]);

    fn write(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::L5 => "5",
            Self::L10 => "10",
            Self::L20 => "20",
        })
    }
}

impl Part for DepthSpeed {
    const FORM: PartForm = PartForm::OneOf(&["", "@100ms", "@500ms"]);

    fn write(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Ms100 => "@100ms",
            Self::Ms250 => "",
            Self::Ms500 => "@500ms",
        })
    }
}

impl Part for PriceSpeed {
    const FORM: PartForm = PartForm::OneOf(&["", "@1s"]);

    fn write(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::S1 => "@1s",
            Self::S3 => "",
        })
    }
}

impl<T: Part> Part for Option<T> {
    const FORM: PartForm = T::FORM;

    fn write(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().map_or(Ok(()), |part| part.write(out))
    }
}

/// Displays a part.
pub(crate) struct Shown<'a, T>(pub(crate) &'a T);

impl<T: Part> fmt::Display for Shown<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f)
    }
}

/// Reads an event from bytes.
pub(crate) fn read<'r, E: Event<'r>>(bytes: &'r [u8]) -> Result<E, json::Error> {
    match core::str::from_utf8(bytes) {
        Ok(text) => E::decode(text),
        // Says where.
        Err(_) => json::from_slice(bytes),
    }
}

/// Events of streams that send many at once.
impl<'r, T: Event<'r>> Event<'r> for List<'r, T> {
    fn decode(text: &'r str) -> Result<Self, json::Error> {
        from_str(text)
    }
}

/// An event that says of which market it is. Since 2026-06-30 the streams of all contracts carry those of both markets,
/// whichever host they come from.
pub trait OfMarket {
    /// The market, where the event says so: none did before that day.
    fn of_market(&self) -> Option<Market>;
}

impl<'r, T: Deserialize<'r> + OfMarket> List<'r, T> {
    /// The events of one market, without those that say that they are of the other. One that cannot be read is an
    /// `Err`, as in [`List::iter`].
    ///
    /// ```
    /// use binance_core::{Market, stream::Event, usdm};
    /// let text = r#"[{"e":"24hrMiniTicker","s":"BTCUSDT","c":"60000.10","ps":"BTCUSDT","st":1},
    ///                {"e":"24hrMiniTicker","s":"BTCUSD_PERP","c":"60001.1","ps":"BTCUSD","st":2}]"#;
    /// let usdm::Event::MiniTickers(tickers) = usdm::Event::decode(text)? else { unreachable!() };
    /// for ticker in tickers.of(Market::CoinM) {
    ///     assert_eq!(ticker?.symbol, "BTCUSD_PERP");
    /// }
    /// # Ok::<(), binance_core::json::Error>(())
    /// ```
    pub fn of(&self, market: Market) -> impl Iterator<Item = Result<T, json::Error>> + use<'r, T> {
        self.iter().filter(move |event| {
            event.as_ref().map_or(true, |event| event.of_market().is_none_or(|its| its == market))
        })
    }
}

macro_rules! of_market {
    ($($event:ty)*) => {$(
        impl OfMarket for $event {
            fn of_market(&self) -> Option<Market> {
                match self.market? {
                    1 => Some(Market::UsdM),
                    2 => Some(Market::CoinM),
                    _ => None,
                }
            }
        }
    )*};
}
of_market! {
    events::MiniTicker
    events::Ticker
    events::Liquidation
    events::ContractInfo<'_>
    usdm::streams::AggTrade
    usdm::streams::BookTicker
    usdm::streams::DepthUpdate<'_>
    usdm::streams::KlineUpdate
    usdm::streams::ContinuousKlineUpdate
    events::MarkPriceUpdate
    coinm::streams::AggTrade
    coinm::streams::BookTicker
    coinm::streams::DepthUpdate<'_>
    coinm::streams::KlineUpdate
    coinm::streams::ContinuousKlineUpdate
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

impl<'r> Id<'r> {
    /// The id that this JSON is; none of `null`, and of what no id is.
    pub(crate) fn parse(json: &'r str) -> Option<Self> {
        match json {
            "null" => None,
            text if text.starts_with('"') => from_str(text).ok().map(Id::Text),
            number => number.parse().ok().map(Id::Number),
        }
    }
}

impl<'r> Incoming<'r> {
    /// Tells what `text` is.
    ///
    /// Anything that is an object or an array, and no answer, is an event; whether it can be read is for its type
    /// to say.
    ///
    /// # Errors
    /// [`json::Error`] when `text` is neither, or is cut short.
    #[inline]
    pub fn parse(text: &'r str) -> Result<Self, json::Error> {
        match combined(text) {
            Some(event) => Ok(event),
            None => Self::parse_other(text),
        }
    }

    fn parse_other(text: &'r str) -> Result<Self, json::Error> {
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
        let id = || Id::parse(id?);
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
#[inline]
fn combined(text: &str) -> Option<Incoming<'_>> {
    let rest = text.strip_prefix("{\"stream\":\"")?;
    let (stream, rest) = rest.split_at_checked(end_of_text(rest.as_bytes())?)?;
    let data = rest.strip_prefix("\",\"data\":")?.strip_suffix("}")?;
    // Where the exchange adds a key behind the event, the text does not end like this.
    matches!(data.as_bytes(), [b'{', .., b'}'] | [b'[', .., b']'])
        .then_some(Incoming::Event { stream: Some(stream), data })
}

/// Where the first quote or backslash is.
#[inline]
fn end_of_text(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while word::FAST
        && let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk)
    {
        let word = u64::from_le_bytes(*eight);
        match word::End::of(word) {
            None => at += 8,
            Some(end) if end.is_quote(word) => return Some(at + end.place()),
            Some(_) => break,
        }
    }
    let rest = bytes.get(at..)?.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
    Some(at + rest)
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
            (r#"{"stream":"a@b","data":{"e":"x"},"new":1}"#, event(Some("a@b"), r#"{"e":"x"}"#)),
            (r#"{"stream":"a@b","data":[1],"new":"}"}"#, event(Some("a@b"), "[1]")),
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
