//! A message as it came, with its parts told apart.

use std::fmt;

use crate::{hosted::SharedText, name::is_key};
use binance_core::{Event, coinm, json, usdm};

/// One message of a stream. Holds the text as it came; cloning does not copy it.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    text: SharedText,
    /// Where the name of the stream and the event are in the text.
    stream: Option<(u32, u32)>,
    data: (u32, u32),
}

impl Message {
    pub(super) fn new(text: SharedText, stream: Option<(u32, u32)>, data: (u32, u32)) -> Self {
        Self { text, stream, data }
    }

    /// A message as combined connections have it, or raw ones.
    #[cfg(test)]
    pub(super) fn of(stream: Option<&str>, data: &str) -> Self {
        match stream {
            None => Self::whole(data.into()),
            Some(stream) => {
                let text = std::format!(r#"{{"stream":"{stream}","data":{data}}}"#);
                let (stream, data) =
                    (range(&text, &text[11..11 + stream.len()]), text.len() - data.len() - 1);
                let data = range(&text, &text[data..text.len() - 1]).unwrap();
                Self::new(text.as_str().into(), stream, data)
            }
        }
    }

    /// A message whose parts cannot be told apart.
    pub(super) fn whole(text: SharedText) -> Self {
        let data = (0, u32::try_from(text.len()).unwrap_or(u32::MAX));
        Self { text, stream: None, data }
    }

    /// All of it, as it came.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The name of its stream, on combined connections.
    pub fn stream(&self) -> Option<&str> {
        self.stream.and_then(|range| self.part(range))
    }

    /// The event alone: an object, or an array of them. All of the text when it is neither.
    pub fn data(&self) -> &str {
        self.part(self.data).unwrap_or(&self.text)
    }

    /// Reads it as an event of USDⓈ-M, whichever it is.
    ///
    /// # Errors
    /// [`json::Error`] when it is no JSON, or an event that this version knows, in another shape.
    pub fn usdm(&self) -> Result<usdm::Event<'_>, json::Error> {
        usdm::Event::decode(self.data())
    }

    /// Reads it as an event of COIN-M, whichever it is.
    ///
    /// # Errors
    /// [`json::Error`] when it is no JSON, or an event that this version knows, in another shape.
    pub fn coinm(&self) -> Result<coinm::Event<'_>, json::Error> {
        coinm::Event::decode(self.data())
    }

    /// Reads it as one kind of event, where the connection or [`stream`](Self::stream) says which.
    ///
    /// # Errors
    /// [`json::Error`] when it is something else.
    pub fn decode<'r, E: Event<'r>>(&'r self) -> Result<E, json::Error> {
        E::decode(self.data())
    }

    fn part(&self, (start, end): (u32, u32)) -> Option<&str> {
        self.text.get(start as usize..end as usize)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Of the events, only the one that tells of its end has the listen key in it; on combined connections it is also
        // the name of the stream.
        let has_key = self.stream().is_some_and(is_key) || self.text.contains("\"listenKey\"");
        f.write_str(if has_key { "<a message with a listen key>" } else { &self.text })
    }
}

/// Where `part` is in the text that it is a part of.
pub(super) fn range(text: &str, part: &str) -> Option<(u32, u32)> {
    let range = crate::part::part(text, part)?;
    Some((u32::try_from(range.start).ok()?, u32::try_from(range.end).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_where_they_are() {
        let text = r#"{"stream":"btcusdt@depth","data":{"e":"x"}}"#;
        let stream = range(text, &text[11..24]);
        let data = range(text, &text[33..42]);
        let message = Message::new(text.into(), stream, data.unwrap());
        assert_eq!(message.stream(), Some("btcusdt@depth"));
        assert_eq!(message.data(), r#"{"e":"x"}"#);
        assert_eq!(range("abc", "elsewhere and longer"), None);
        assert_eq!(Message::whole("hello".into()).data(), "hello");
        assert_eq!(std::format!("{message:?}"), text);
        let expired = Message::whole(r#"{"e":"listenKeyExpired","E":1,"listenKey":"pqia91"}"#.into());
        assert!(!std::format!("{expired:?}").contains("pqia91"));
        let text = std::format!(r#"{{"stream":"{}","data":{{"e":"x"}}}}"#, "pqia91".repeat(10));
        let named = Message::new(text.as_str().into(), range(&text, &text[11..71]), (0, 5));
        assert!(!std::format!("{named:?}").contains("pqia91"));
    }
}
