//! Arrays that are kept as text and read element by element.

use core::{fmt, marker::PhantomData};

use serde::{
    Serialize,
    de::{self, Deserialize, DeserializeSeed, Deserializer, Visitor},
    ser::{SerializeSeq, SerializeTupleStruct, Serializer},
};

use super::{
    Error, find_field, from_str,
    read::{Elements, RAW_TOKEN, Reader},
    skip_value,
};
use crate::error::ApiError;

/// A value kept as its JSON text, to be read later or not at all.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Raw<'r>(&'r str);

impl<'r> Raw<'r> {
    /// The text as it came.
    pub fn as_str(self) -> &'r str {
        self.0
    }

    /// Reads it into a type.
    ///
    /// # Errors
    /// As [`super::from_str`], with offsets from the start of this text.
    pub fn read<T: Deserialize<'r>>(self) -> Result<T, Error> {
        from_str(self.0)
    }
}

impl fmt::Debug for Raw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl<'de: 'r, 'r> Deserialize<'de> for Raw<'r> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(RAW_TOKEN, RawVisitor).map(Raw)
    }
}

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(RAW_TOKEN, self.0)
    }
}

/// A JSON array, kept as text and read element by element as it is iterated: no capacity, no heap.
///
/// An element that cannot be read is an `Err` of the iteration and does not lose the others.
pub struct List<'r, T> {
    raw: &'r str,
    element: PhantomData<fn() -> T>,
}

impl<'r, T> List<'r, T> {
    pub(crate) const fn new(raw: &'r str) -> Self {
        Self { raw, element: PhantomData }
    }

    /// The elements, in their order.
    pub fn iter(&self) -> Iter<'r, T> {
        Iter::over(self.raw)
    }

    /// How many elements there are. Walks over all of them.
    pub fn count(&self) -> usize {
        Iter::<Raw<'r>>::over(self.raw).count()
    }

    /// Whether it has no elements.
    pub fn is_empty(&self) -> bool {
        self.raw.get(1..).unwrap_or_default().trim_ascii_start().starts_with(']')
    }

    /// The text of the array.
    pub fn as_str(&self) -> &'r str {
        self.raw
    }
}

impl<'r, T: Deserialize<'r>> List<'r, T> {
    /// The first element, if there is one and it can be read.
    pub fn first(&self) -> Option<T> {
        self.iter().next()?.ok()
    }
}

impl<T> Clone for List<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<'_, T> {}

impl<T> PartialEq for List<'_, T> {
    /// Whether the texts are the same.
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl<T> Default for List<'_, T> {
    fn default() -> Self {
        Self::new("[]")
    }
}

impl<T> fmt::Debug for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.raw)
    }
}

impl<'r, T: Deserialize<'r>> IntoIterator for List<'r, T> {
    type Item = Result<T, Error>;
    type IntoIter = Iter<'r, T>;

    fn into_iter(self) -> Iter<'r, T> {
        self.iter()
    }
}

impl<'r, T: Deserialize<'r>> IntoIterator for &List<'r, T> {
    type Item = Result<T, Error>;
    type IntoIter = Iter<'r, T>;

    fn into_iter(self) -> Iter<'r, T> {
        self.iter()
    }
}

impl<'de: 'r, 'r, T> Deserialize<'de> for List<'r, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Raw(raw) = Raw::deserialize(deserializer)?;
        match raw.as_bytes().first() {
            Some(b'[') => Ok(Self::new(raw)),
            first => Err(de::Error::invalid_type(unexpected(first), &"an array")),
        }
    }
}

impl<'r, T: Deserialize<'r> + Serialize> Serialize for List<'r, T> {
    /// Writes the elements as they were read, without what their type does not know; see `Element` for those that
    /// cannot be read.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(None)?;
        for raw in List::<Raw<'r>>::new(self.raw) {
            seq.serialize_element(&Element::<T>::new(raw.map_err(serde::ser::Error::custom)?))?;
        }
        seq.end()
    }
}

/// The name under which a value goes out that came in as part of a list or map and cannot be read.
pub(super) const UNREAD_TOKEN: &str = "$binance_core::Unread";

/// A part of a list or map on its way out.
///
/// One that cannot be read goes out as a tuple struct called `$binance_core::Unread` of its text and of what is wrong
/// with it; this crate's writer makes of it the text as it came.
pub(super) struct Element<'r, T> {
    raw: Raw<'r>,
    element: PhantomData<fn() -> T>,
}

impl<'r, T> Element<'r, T> {
    pub(super) fn new(raw: Raw<'r>) -> Self {
        Self { raw, element: PhantomData }
    }
}

impl<'r, T: Deserialize<'r> + Serialize> Serialize for Element<'r, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let error = match self.raw.read::<T>() {
            Ok(element) => return element.serialize(serializer),
            Err(error) => error,
        };
        let mut parts = serializer.serialize_tuple_struct(UNREAD_TOKEN, 2)?;
        parts.serialize_field(self.raw.as_str())?;
        parts.serialize_field(&Shown(error))?;
        parts.end()
    }
}

/// Serializes as it displays.
struct Shown(Error);

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// The elements of a [`List`].
pub struct Iter<'r, T> {
    text: &'r str,
    at: usize,
    first: bool,
    done: bool,
    element: PhantomData<fn() -> T>,
}

impl<'r, T> Iter<'r, T> {
    const fn over(text: &'r str) -> Self {
        Self { text, at: 1, first: true, done: false, element: PhantomData }
    }
}

impl<'r, T> Iter<'r, T> {
    /// Goes on at `rest`, which is what is left of `text`: from the bracket before the first element, or from the end of
    /// another, or nothing.
    pub(super) fn resume(text: &'r str, rest: &str, first: bool) -> Self {
        let at = text.len() - rest.len() + usize::from(first);
        Self { text, at, first, done: rest.is_empty(), element: PhantomData }
    }

    /// What is left, from the end of the last element; nothing once the list has ended or is broken.
    pub(super) fn rest(&self) -> &'r str {
        if self.done { "" } else { self.text.get(self.at..).unwrap_or_default() }
    }
}

impl<'r, T: Deserialize<'r>> Iterator for Iter<'r, T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Result<T, Error>> {
        if self.done {
            return None;
        }
        let mut reader = Reader::new(self.text, self.at, 1);
        let element = match Elements::resume(&mut reader, self.first).more(b']') {
            Ok(true) => {
                let start = reader.at;
                match T::deserialize(&mut reader) {
                    Ok(element) => {
                        self.at = reader.at;
                        Ok(element)
                    }
                    Err(error) => match skip_value(self.text.as_bytes(), start) {
                        // The next element is none of this one's business.
                        Ok(end) => {
                            self.at = end;
                            Err(error.within("", start))
                        }
                        Err(broken) => {
                            self.done = true;
                            Err(broken)
                        }
                    },
                }
            }
            Ok(false) => {
                self.done = true;
                return None;
            }
            Err(error) => {
                self.done = true;
                Err(error)
            }
        };
        self.first = false;
        Some(element)
    }
}

/// A reply that is one object when a symbol was named and an array when not. Iterates either way.
pub struct OneOrMany<'r, T> {
    raw: &'r str,
    element: PhantomData<fn() -> T>,
}

impl<'r, T: Deserialize<'r>> OneOrMany<'r, T> {
    /// The things in it, one or many.
    pub fn iter(&self) -> impl Iterator<Item = Result<T, Error>> + use<'r, T> {
        let (one, many) = match self.is_one() {
            true => (Some(from_str(self.raw)), None),
            false => (None, Some(Iter::over(self.raw))),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    /// The first thing in it.
    ///
    /// # Errors
    /// As reading that thing; an empty array is a missing one.
    pub fn one(&self) -> Result<T, Error> {
        self.iter().next().unwrap_or_else(|| Err(de::Error::missing_field("0")))
    }
}

impl<'r, T> OneOrMany<'r, T> {
    /// Whether it came as one object.
    pub fn is_one(&self) -> bool {
        self.raw.starts_with('{')
    }

    /// The text as it came.
    pub fn as_str(&self) -> &'r str {
        self.raw
    }
}

impl<T> Clone for OneOrMany<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for OneOrMany<'_, T> {}

impl<T> PartialEq for OneOrMany<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl<T> fmt::Debug for OneOrMany<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.raw)
    }
}

impl<'de: 'r, 'r, T> Deserialize<'de> for OneOrMany<'r, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Raw(raw) = Raw::deserialize(deserializer)?;
        match raw.as_bytes().first() {
            Some(b'[' | b'{') => Ok(Self { raw, element: PhantomData }),
            first => Err(de::Error::invalid_type(unexpected(first), &"an object or an array")),
        }
    }
}

impl<'r, T: Deserialize<'r> + Serialize> Serialize for OneOrMany<'r, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.is_one() {
            true => Element::<T>::new(Raw(self.raw)).serialize(serializer),
            false => List::<T>::new(self.raw).serialize(serializer),
        }
    }
}

/// One element of a batch's reply: each succeeds or fails by itself.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "plain values without a heap; a refusal is as long as an order")]
pub enum Each<T> {
    /// The exchange did it.
    Done(T),
    /// The exchange refused it.
    Refused(ApiError),
}

impl<T> Each<T> {
    /// The same as a `Result`.
    pub fn into_result(self) -> Result<T, ApiError> {
        match self {
            Self::Done(done) => Ok(done),
            Self::Refused(error) => Err(error),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Each<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Raw(raw) = Raw::deserialize(deserializer)?;
        // A success may carry a code of 200; only an error has a code and a message and nothing that identifies it.
        let refused = matches!(find_field(raw, "code"), Ok(Some(code)) if code != "200");
        if refused { from_str(raw).map(Self::Refused) } else { from_str(raw).map(Self::Done) }
            .map_err(de::Error::custom)
    }
}

impl<T: Serialize> Serialize for Each<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Done(done) => done.serialize(serializer),
            Self::Refused(error) => error.serialize(serializer),
        }
    }
}

fn unexpected(first: Option<&u8>) -> de::Unexpected<'static> {
    match first {
        Some(b'{') => de::Unexpected::Map,
        Some(b'[') => de::Unexpected::Seq,
        Some(b'"') => de::Unexpected::Str(""),
        Some(b'n') => de::Unexpected::Unit,
        Some(b't') => de::Unexpected::Bool(true),
        Some(b'f') => de::Unexpected::Bool(false),
        _ => de::Unexpected::Other("another value"),
    }
}

/// Takes the text of a value, from this crate's reader or through serde_json's raw value.
struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = &'de str;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value whose text can be borrowed")
    }

    fn visit_borrowed_str<E: de::Error>(self, raw: &'de str) -> Result<&'de str, E> {
        Ok(raw)
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<&'de str, A::Error> {
        struct Inside;
        impl<'de> DeserializeSeed<'de> for Inside {
            type Value = &'de str;
            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<&'de str, D::Error> {
                deserializer.deserialize_any(RawVisitor)
            }
        }
        map.next_key::<de::IgnoredAny>()?;
        map.next_value_seed(Inside)
    }
}
