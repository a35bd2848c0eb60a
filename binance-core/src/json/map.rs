//! Objects whose keys are data, kept as text and read entry by entry.

use core::{fmt, marker::PhantomData};

use serde::{
    Serialize,
    de::{self, Deserialize, Deserializer},
    ser::{SerializeMap, Serializer},
};

use super::{
    Error, ErrorKind, Raw, from_str,
    list::Element,
    scan::{skip_value, string_end, white_space},
};
use crate::{text::Text, wire::Wire};

/// A key of a [`Map`]: a contract, a side, the name of a market.
pub type Key = Text<47>;

/// A JSON object whose keys are not known beforehand, kept as text and read entry by entry as it is iterated: no
/// capacity, no heap.
///
/// An entry that cannot be read is an `Err` of the iteration and does not lose the others.
///
/// ```
/// use binance_core::json::{self, Map};
/// let quantiles: Map<'_, u8> = json::from_str(r#"{"LONG":3,"SHORT":-1,"HEDGE":0}"#)?;
/// assert_eq!(quantiles.get("LONG"), Some(Ok(3)));
/// assert_eq!(quantiles.get("BOTH"), None);
/// for entry in &quantiles {
///     match entry {
///         Ok((side, level)) => assert_eq!(level, if side == "LONG" { 3 } else { 0 }),
///         Err(error) => assert_eq!(error.field(), "SHORT"),
///     }
/// }
/// # Ok::<(), json::Error>(())
/// ```
pub struct Map<'r, T> {
    raw: &'r str,
    value: PhantomData<fn() -> T>,
}

impl<'r, T> Map<'r, T> {
    /// The entries, in their order.
    pub fn iter(&self) -> MapIter<'r, T> {
        MapIter { entries: Entries::of(self.raw), value: PhantomData }
    }

    /// How many entries there are. Walks over all of them.
    pub fn count(&self) -> usize {
        Entries::of(self.raw).filter(Result::is_ok).count()
    }

    /// Whether it has no entries.
    pub fn is_empty(&self) -> bool {
        self.raw.get(1..).unwrap_or_default().trim_ascii_start().starts_with('}')
    }

    /// The text of the object.
    pub fn as_str(&self) -> &'r str {
        self.raw
    }
}

impl<'r, T: Deserialize<'r>> Map<'r, T> {
    /// The value of the first entry with this key.
    pub fn get(&self, key: &str) -> Option<Result<T, Error>> {
        Entries::of(self.raw)
            .filter_map(Result::ok)
            .find(|entry| entry.key().is_ok_and(|other| other == key))
            .map(|entry| entry.read())
    }
}

impl<T> Clone for Map<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Map<'_, T> {}

impl<T> PartialEq for Map<'_, T> {
    /// Whether the texts are the same.
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl<T> Default for Map<'_, T> {
    fn default() -> Self {
        Self { raw: "{}", value: PhantomData }
    }
}

impl<T> fmt::Debug for Map<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.raw)
    }
}

impl<'r, T: Deserialize<'r>> IntoIterator for Map<'r, T> {
    type Item = Result<(Key, T), Error>;
    type IntoIter = MapIter<'r, T>;

    fn into_iter(self) -> MapIter<'r, T> {
        self.iter()
    }
}

impl<'r, T: Deserialize<'r>> IntoIterator for &Map<'r, T> {
    type Item = Result<(Key, T), Error>;
    type IntoIter = MapIter<'r, T>;

    fn into_iter(self) -> MapIter<'r, T> {
        self.iter()
    }
}

impl<'de: 'r, 'r, T> Deserialize<'de> for Map<'r, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(deserializer)?.as_str();
        match raw.as_bytes().first() {
            Some(b'{') => Ok(Self { raw, value: PhantomData }),
            _ => Err(de::Error::invalid_type(de::Unexpected::Other("another value"), &"an object")),
        }
    }
}

impl<'de: 'r, 'r, T> Wire<'de> for Map<'r, T> {}

impl<'r, T: Deserialize<'r> + Serialize> Serialize for Map<'r, T> {
    /// Writes the entries as they were read, without what their type does not know. A value that cannot be read is
    /// written as it came.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let failed = |error: Error| serde::ser::Error::custom(error);
        let mut map = serializer.serialize_map(None)?;
        for entry in Entries::of(self.raw) {
            let entry = entry.map_err(failed)?;
            let value = Element::<T>::new(from_str(entry.value).map_err(failed)?);
            match entry.key() {
                Ok(key) => map.serialize_entry(&key, &value)?,
                Err(_) => map.serialize_entry(entry.name(), &value)?,
            }
        }
        map.end()
    }
}

/// The entries of a [`Map`].
pub struct MapIter<'r, T> {
    entries: Entries<'r>,
    value: PhantomData<fn() -> T>,
}

impl<'r, T: Deserialize<'r>> Iterator for MapIter<'r, T> {
    type Item = Result<(Key, T), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = match self.entries.next()? {
            Ok(entry) => entry,
            Err(error) => return Some(Err(error)),
        };
        Some(entry.key().and_then(|key| Ok((key, entry.read()?))))
    }
}

/// An entry as it stands in the text.
struct Entry<'r> {
    /// With its quotes.
    key: &'r str,
    value: &'r str,
    key_at: usize,
    value_at: usize,
}

impl<'r> Entry<'r> {
    /// The key without its quotes, escapes and all.
    fn name(&self) -> &'r str {
        self.key.get(1..self.key.len() - 1).unwrap_or_default()
    }

    fn key(&self) -> Result<Key, Error> {
        from_str(self.key).map_err(|error| error.moved(self.key_at))
    }

    fn read<T: Deserialize<'r>>(&self) -> Result<T, Error> {
        from_str(self.value)
            .map_err(|error: Error| error.moved(self.value_at).within(self.name(), self.value_at))
    }
}

/// Walks over the entries of an object; ends after the first place that is not JSON.
struct Entries<'r> {
    text: &'r str,
    at: usize,
    first: bool,
    done: bool,
}

impl<'r> Entries<'r> {
    const fn of(text: &'r str) -> Self {
        Self { text, at: 1, first: true, done: false }
    }

    fn entry(&mut self) -> Result<Option<Entry<'r>>, Error> {
        let text = self.text.as_bytes();
        let mut at = white_space(text, self.at);
        match text.get(at) {
            Some(b'}') => return Ok(None),
            Some(b',') if !self.first => at = white_space(text, at + 1),
            _ if self.first => {}
            _ => return Err(broken(text, at)),
        }
        self.first = false;
        if text.get(at) != Some(&b'"') {
            return Err(broken(text, at));
        }
        let key_at = at;
        let Some((quote, _)) = string_end(text, at + 1) else {
            return Err(Error::new(ErrorKind::End, text.len()));
        };
        at = white_space(text, quote + 1);
        if text.get(at) != Some(&b':') {
            return Err(broken(text, at));
        }
        let value_at = white_space(text, at + 1);
        self.at = skip_value(text, value_at)?;
        match (self.text.get(key_at..=quote), self.text.get(value_at..self.at)) {
            (Some(key), Some(value)) => Ok(Some(Entry { key, value, key_at, value_at })),
            // All ends lie beside ASCII characters, so this cannot happen.
            _ => Err(Error::new(ErrorKind::Utf8, key_at)),
        }
    }
}

impl<'r> Iterator for Entries<'r> {
    type Item = Result<Entry<'r>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let entry = self.entry().transpose();
        self.done = !matches!(entry, Some(Ok(_)));
        entry
    }
}

fn broken(text: &[u8], at: usize) -> Error {
    Error::new(if at < text.len() { ErrorKind::Syntax } else { ErrorKind::End }, at)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::{
        string::{String, ToString},
        vec::Vec,
    };

    use super::*;
    use crate::json::to_slice;

    fn entries(text: &str) -> Vec<Result<(String, u8), ErrorKind>> {
        let map: Map<'_, u8> = from_str(text).unwrap();
        map.iter()
            .map(|entry| entry.map(|(key, value)| (key.to_string(), value)).map_err(|error| error.kind()))
            .collect()
    }

    fn entry(key: &str, value: u8) -> Result<(String, u8), ErrorKind> {
        Ok((key.to_string(), value))
    }

    #[test]
    fn reads_entries_in_their_order_and_loses_none_to_a_bad_neighbour() {
        assert_eq!(entries("{}"), []);
        assert_eq!(entries(" { } "), []);
        assert_eq!(entries(r#" { "a" : 1 , "b":2 } "#), [entry("a", 1), entry("b", 2)]);
        assert_eq!(
            entries(r#"{"a":1,"b":{"x":[1,"}"]},"\u5e01安":3,"c":256,"a":5}"#),
            [entry("a", 1), Err(ErrorKind::Type), entry("币安", 3), Err(ErrorKind::Value), entry("a", 5)]
        );
        let long = "k".repeat(48);
        let text = std::format!(r#"{{"{long}":1,"b":2}}"#);
        assert_eq!(entries(&text), [Err(ErrorKind::TooLong), entry("b", 2)]);
    }

    #[test]
    fn what_is_not_json_ends_it() {
        // What no type has read is only balanced, so these are maps until they are iterated.
        for (text, good) in [
            (r#"{"a":1,}"#, 1),
            (r#"{,"a":1}"#, 0),
            (r#"{"a":1 "b":2}"#, 1),
            (r#"{"a" 1}"#, 0),
            (r#"{1:1}"#, 0),
            (r#"{"a":1,,"b":2}"#, 1),
            (r#"{"a":1,"b"}"#, 1),
        ] {
            let entries = entries(text);
            assert_eq!(entries.len(), good + 1, "{text}");
            assert_eq!(entries.last(), Some(&Err(ErrorKind::Syntax)), "{text}");
        }
        for text in ["[1]", "1", "null", r#""{}""#, r#"{"a":1"#] {
            assert!(from_str::<Map<'_, u8>>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn errors_name_the_key_and_the_place() {
        let map: Map<'_, u8> = from_str(r#"{"a":1,"BTCUSDT":true}"#).unwrap();
        let error = map.get("BTCUSDT").unwrap().unwrap_err();
        assert_eq!((error.field(), error.offset()), ("BTCUSDT", Some(17)));
        assert_eq!(map.get("ETHUSDT"), None);
        assert_eq!(map.count(), 2);
    }

    #[test]
    fn both_decoders_agree_and_it_prints_again_as_it_came() {
        let long = "k".repeat(48);
        for text in [
            "{}".to_string(),
            r#"{"a":1,"b":2}"#.to_string(),
            r#"{"a":"x","b":{"c":[1,null]},"币":3}"#.to_string(),
            std::format!(r#"{{"{long}":1}}"#),
        ] {
            let own: Map<'_, u8> = from_str(&text).unwrap();
            let serde: Map<'_, u8> = serde_json::from_str(&text).unwrap();
            assert_eq!(own, serde);
            assert_eq!(to_slice(&own, &mut [0; 256]).unwrap(), text);
        }
    }
}
