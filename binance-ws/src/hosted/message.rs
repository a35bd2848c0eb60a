//! A message as it came, with its parts told apart.

use std::{fmt, ops::Deref};

use binance_core::{Event, coinm, json, usdm};

use crate::{
    hosted::{Lent, SharedText},
    name::is_key,
};

/// One message of a stream. Holds the text as it came; cloning does not copy it.
///
/// Most are there to be kept. A [`Handler`](crate::hosted::Handler) gets them [`Lent`], which takes less time, and may
/// [`keep`](Self::keep) one.
#[derive(Clone, PartialEq, Eq)]
pub struct Message<T = SharedText> {
    text: T,
    /// Where the name of the stream and the event are in the text.
    stream: Option<(u32, u32)>,
    data: (u32, u32),
}

impl Message {
    /// The same for those who take lent ones.
    pub(super) fn lent(&mut self) -> Message<Lent<'_>> {
        Message { text: (&mut self.text).into(), stream: self.stream, data: self.data }
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
                Self::new(SharedText::from(text.as_str()), stream, data)
            }
        }
    }
}

impl Message<Lent<'_>> {
    /// The message, for as long as it is wanted. Copies nothing: it holds on to all that was read with it, 16 to 64 KiB
    /// mostly, and up to 1 MiB where nothing else of a flood was kept. To keep few for long, copy their texts.
    #[inline]
    pub fn keep(self) -> Message {
        Message { text: self.text.keep(), stream: self.stream, data: self.data }
    }
}

impl<T: Deref<Target = str>> Message<T> {
    #[inline]
    pub(super) fn new(text: T, stream: Option<(u32, u32)>, data: (u32, u32)) -> Self {
        Self { text, stream, data }
    }

    /// A message whose parts cannot be told apart.
    pub(super) fn whole(text: T) -> Self {
        let data = (0, u32::try_from(text.len()).unwrap_or(u32::MAX));
        Self { text, stream: None, data }
    }

    /// All of it, as it came.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The name of its stream, on combined connections.
    #[inline]
    pub fn stream(&self) -> Option<&str> {
        self.stream.and_then(|range| self.part(range))
    }

    /// The event alone: an object, or an array of them. All of the text when it is neither.
    #[inline]
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
    #[inline]
    pub fn decode<'r, E: Event<'r>>(&'r self) -> Result<E, json::Error> {
        E::decode(self.data())
    }

    #[inline]
    fn part(&self, (start, end): (u32, u32)) -> Option<&str> {
        self.text.get(start as usize..end as usize)
    }
}

impl<T: Deref<Target = str>> fmt::Debug for Message<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Of the events, only the one that tells of its end has the listen key in it; on combined connections it is also
        // the name of the stream.
        let has_key = self.stream().is_some_and(is_key) || self.text.contains("\"listenKey\"");
        f.write_str(if has_key { "<a message with a listen key>" } else { &self.text })
    }
}

/// Where `part` is in the text that it is a part of.
#[inline]
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
        let message = Message::new(SharedText::from(text), stream, data.unwrap());
        assert_eq!(message.stream(), Some("btcusdt@depth"));
        assert_eq!(message.data(), r#"{"e":"x"}"#);
        assert_eq!(range("abc", "elsewhere and longer"), None);
        assert_eq!(Message::whole(SharedText::from("hello")).data(), "hello");
        assert_eq!(std::format!("{message:?}"), text);
        let expired =
            Message::whole(SharedText::from(r#"{"e":"listenKeyExpired","E":1,"listenKey":"pqia91"}"#));
        assert!(!std::format!("{expired:?}").contains("pqia91"));
        let text = std::format!(r#"{{"stream":"{}","data":{{"e":"x"}}}}"#, "pqia91".repeat(10));
        let named = Message::new(SharedText::from(text.as_str()), range(&text, &text[11..71]), (0, 5));
        assert!(!std::format!("{named:?}").contains("pqia91"));
    }
}
