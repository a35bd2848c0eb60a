//! Enums of the wire: closed in requests, open in replies.

use core::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeSeed, MapAccess},
};

use crate::{decimal::Decimal, text::Text, wire::Wire, word::sixteen_bytes};

/// An enum whose values have names on the wire.
pub trait WireEnum: Copy + 'static {
    /// All names, in the order of the declaration.
    const NAMES: &'static [&'static str];

    /// All values, in the same order.
    const ALL: &'static [Self];

    /// The name of this value.
    fn as_str(self) -> &'static str;

    /// The value with this name.
    fn from_name(name: &str) -> Option<Self> {
        from_bytes(name.as_bytes())
    }

    /// The value with the name of these two words, zeros behind, and this length of up to 15 bytes.
    #[doc(hidden)]
    fn from_words(first: u64, second: u64, len: usize) -> Option<Self>;
}

/// The place of a name. Once for all enums, where [`WireEnum::from_words`] is made for each.
#[inline(never)]
fn place(names: &[&str], name: &[u8]) -> Option<usize> {
    names.iter().position(|other| other.as_bytes() == name)
}

/// The value with a name of any length.
#[inline(never)]
pub(crate) fn from_bytes<T: WireEnum>(name: &[u8]) -> Option<T> {
    T::ALL.get(place(T::NAMES, name)?).copied()
}

/// A word that tells the names of an enum apart: made of its first sixteen bytes and its length.
pub(crate) const fn name_word(name: &[u8]) -> u64 {
    let (first, second) = sixteen_bytes(name);
    word_of(first, second, name.len())
}

/// [`name_word`] of the name's bytes as words, zeros behind.
#[inline(always)]
pub(crate) const fn word_of(first: u64, second: u64, len: usize) -> u64 {
    first ^ second.rotate_left(27) ^ (len as u64) << 56
}

/// A value that the exchange sent: one that this version knows, or the text as it came.
///
/// The exchange adds values without notice; none of them is an error here, and each writes itself again as it came.
///
/// ```
/// use binance_core::{Open, enums::Side, json};
/// let side: Open<Side> = json::from_str(r#""SIDEWAYS""#)?;
/// assert_eq!(side.known(), None);
/// assert_eq!(side.as_str(), "SIDEWAYS");
/// assert_eq!(json::from_str::<Open<Side>>(r#""BUY""#)?, Side::Buy);
/// # Ok::<(), json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Open<T> {
    /// A value that this version knows.
    Known(T),
    /// Any other, of at most 47 bytes.
    Other(Text<47>),
}

impl<T: Copy> Open<T> {
    /// The value, if this version knows it.
    pub fn known(&self) -> Option<T> {
        match self {
            Self::Known(value) => Some(*value),
            Self::Other(_) => None,
        }
    }
}

impl<T: WireEnum> Open<T> {
    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(value) => value.as_str(),
            Self::Other(text) => text,
        }
    }

    fn from_text(name: Text<47>) -> Self {
        match from_bytes(name.as_bytes()) {
            Some(value) => Self::Known(value),
            None => Self::Other(name),
        }
    }

    /// A value with a name that no value has.
    #[cold]
    pub(crate) fn other(name: &str) -> Option<Self> {
        Text::new(name).ok().map(Self::Other)
    }
}

impl<T: PartialEq> PartialEq<T> for Open<T> {
    fn eq(&self, other: &T) -> bool {
        matches!(self, Self::Known(value) if value == other)
    }
}

impl<T> From<T> for Open<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T: WireEnum> fmt::Debug for Open<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<T: WireEnum> fmt::Display for Open<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl<'de, T: WireEnum> Deserialize<'de> for Open<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer).map(Self::from_text)
    }
}

impl<'de, T: WireEnum> Wire<'de> for Open<T> {
    fn optional<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Ok(<Text<47> as Wire>::optional(deserializer)?.map(Self::from_text))
    }

    fn read_mandatory<A: MapAccess<'de>>(map: &mut A, place: &mut Option<Self>) -> Result<(), A::Error> {
        map.next_value_seed(Name { place, mandatory: true })
    }

    fn read_optional<A: MapAccess<'de>>(map: &mut A, place: &mut Option<Self>) -> Result<(), A::Error> {
        map.next_value_seed(Name { place, mandatory: false })
    }
}

/// Reads a name of whichever enum: one type for all of them, which so share the code that reads it.
struct Name<'s> {
    place: &'s mut dyn Place,
    mandatory: bool,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let name = match self.mandatory {
            true => Some(Text::deserialize(deserializer)?),
            false => Text::optional(deserializer)?,
        };
        if !name.as_ref().is_some_and(|name| self.place.keep_known(name.as_bytes())) {
            self.place.keep_other(name);
        }
        Ok(())
    }
}

/// Where the value of an enum is kept.
trait Place {
    /// Keeps the value with this name, and answers whether there is one.
    fn keep_known(&mut self, name: &[u8]) -> bool;

    /// Keeps a name that no value has, or none. The same code for all enums.
    fn keep_other(&mut self, name: Option<Text<47>>);
}

impl<T: WireEnum> Place for Option<Open<T>> {
    fn keep_known(&mut self, name: &[u8]) -> bool {
        let value = place(T::NAMES, name).and_then(|place| T::ALL.get(place));
        if let Some(value) = value {
            *self = Some(Open::Known(*value));
        }
        value.is_some()
    }

    fn keep_other(&mut self, name: Option<Text<47>>) {
        *self = name.map(Open::Other);
    }
}

impl<T: WireEnum> Serialize for Open<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A decimal number where the exchange may send a text that is none, such as `""` for a funding rate that does not
/// exist.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum MaybeDecimal {
    /// A number.
    Number(Decimal),
    /// Any other text, of at most 23 bytes.
    Other(Text<23>),
}

impl MaybeDecimal {
    /// The number, if it is one.
    pub fn number(&self) -> Option<Decimal> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Other(_) => None,
        }
    }

    /// A number if the text is one; `None` over 23 bytes.
    #[cold]
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        match text.parse() {
            Ok(number) => Some(Self::Number(number)),
            Err(_) => Text::new(text).ok().map(Self::Other),
        }
    }
}

impl fmt::Debug for MaybeDecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => fmt::Debug::fmt(number, f),
            Self::Other(text) => fmt::Debug::fmt(text, f),
        }
    }
}

impl<'de> Deserialize<'de> for MaybeDecimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl de::Visitor<'_> for Either {
            type Value = MaybeDecimal;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number as text, or a text of at most 23 bytes")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<MaybeDecimal, E> {
                match text.parse() {
                    Ok(number) => Ok(MaybeDecimal::Number(number)),
                    Err(_) => Text::new(text).map(MaybeDecimal::Other).map_err(E::custom),
                }
            }
        }
        deserializer.deserialize_str(Either)
    }
}

impl Serialize for MaybeDecimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => number.serialize(serializer),
            Self::Other(text) => serializer.serialize_str(text),
        }
    }
}

/// Reads an enum whose values are all known.
pub(crate) fn closed<'de, T: WireEnum, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Name<T>(core::marker::PhantomData<T>);
    impl<T: WireEnum> de::Visitor<'_> for Name<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("one of: ")?;
            T::NAMES.iter().try_for_each(|name| write!(f, "{name} "))
        }

        fn visit_str<E: de::Error>(self, name: &str) -> Result<T, E> {
            T::from_name(name).ok_or_else(|| E::invalid_value(de::Unexpected::Str(name), &self))
        }
    }
    deserializer.deserialize_str(Name(core::marker::PhantomData))
}
