//! What the tables of records are made of. Used by the macros.

use core::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, EnumAccess, IgnoredAny, MapAccess, VariantAccess, Visitor},
};

use crate::{
    decimal::{self, Decimal},
    hot::Cursor,
    json::{AHEAD, Each, Error, List, OneOrMany, Raw, Rows, from_str_by_serde},
    open::MaybeDecimal,
    text::Text,
    time::Millis,
    word::FAST,
};

/// A type that a field of a record can have, with what counts as its absence when the field is optional.
pub(crate) trait Wire<'de>: Deserialize<'de> {
    /// Reads the value of an optional field: `null` is none, like a field that is not there.
    fn optional<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Option::deserialize(deserializer)
    }

    /// Reads the value of a field that must be there from a map to where it is kept.
    fn read_mandatory<A: MapAccess<'de>>(map: &mut A, place: &mut Option<Self>) -> Result<(), A::Error> {
        map.next_value_seed(Mandatory(place))
    }

    /// Reads the value of any other field from a map to where it is kept.
    fn read_optional<A: MapAccess<'de>>(map: &mut A, place: &mut Option<Self>) -> Result<(), A::Error> {
        map.next_value_seed(Optional(place))
    }
}

impl<'de> Wire<'de> for Decimal {
    fn optional<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        decimal::optional::deserialize(deserializer)
    }
}

impl<'de, const N: usize> Wire<'de> for Text<N> {}
impl<'de> Wire<'de> for Millis {}
impl<'de> Wire<'de> for MaybeDecimal {}
impl<'de: 'r, 'r, T> Wire<'de> for List<'r, T> {}
impl<'de: 'r, 'r, T> Wire<'de> for OneOrMany<'r, T> {}
impl<'de: 'r, 'r, T> Wire<'de> for Rows<'r, T> {}
impl<'de: 'r, 'r> Wire<'de> for Raw<'r> {}
impl<'de, T: Deserialize<'de>> Wire<'de> for Each<T> {}

macro_rules! plain_wires {
    ($($type:ty)*) => { $(impl<'de> Wire<'de> for $type {})* };
}
plain_wires!(bool u8 u16 u32 u64 i32 i64);

/// Reads a field that must be there to where it is kept. What is handed back of each type is the same, so that the fields
/// of a record share the code around it.
pub(crate) struct Mandatory<'s, T>(pub(crate) &'s mut Option<T>);

impl<'de, T: Wire<'de>> DeserializeSeed<'de> for Mandatory<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        *self.0 = Some(T::deserialize(deserializer)?);
        Ok(())
    }
}

/// Reads any other field to where it is kept.
pub(crate) struct Optional<'s, T>(pub(crate) &'s mut Option<T>);

impl<'de, T: Wire<'de>> DeserializeSeed<'de> for Optional<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        *self.0 = T::optional(deserializer)?;
        Ok(())
    }
}

/// The visitor of a record's fields.
pub(crate) struct Fields<T>(pub(crate) PhantomData<fn() -> T>);

/// A record or row that can read itself from text by the fast decoder, where this crate's reader offers it the text.
pub(crate) trait Ahead<'de>: Sized {
    /// Reads from `cursor` on: an object from brace to brace, a row without its brackets. An error is a surprise.
    ///
    /// What is asked for the `whole` must go to the end of the text, and leaves surprises to serde itself: so the value
    /// comes to be where it is wanted, and is never moved.
    fn ahead(cursor: &mut Cursor<'de>, whole: bool) -> Result<Self, Error>;
}

/// Reads an event from the whole of `text`.
#[inline]
pub(crate) fn decode<'de, T: Ahead<'de> + Deserialize<'de>>(text: &'de str) -> Result<T, Error> {
    match FAST {
        true => T::ahead(&mut Cursor::new(text), true),
        false => from_str_by_serde(text),
    }
}

/// Reads a record or row by the fast decoder, or by its visitor of fields where that is surprised.
#[inline]
pub(crate) fn ahead<'de, T: Ahead<'de>, A: EnumAccess<'de>>(access: A) -> Result<T, A::Error>
where
    Fields<T>: Visitor<'de, Value = T>,
{
    let (text, access) = access.variant_seed(PhantomData::<&'de str>)?;
    let mut cursor = Cursor::new(text);
    match T::ahead(&mut cursor, false) {
        Ok(value) => access.tuple_variant(cursor.taken(), IgnoredAny).map(|_| value),
        Err(_) => access.struct_variant(&[], Fields(PhantomData)),
    }
}

/// Reads the inside of a row by [`ahead`].
pub(crate) struct Inside<T>(pub(crate) PhantomData<fn() -> T>);

impl<'de, T: Ahead<'de>> DeserializeSeed<'de> for Inside<T>
where
    Fields<T>: Visitor<'de, Value = T>,
{
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_enum(AHEAD, &[], self)
    }
}

impl<'de, T: Ahead<'de>> Visitor<'de> for Inside<T>
where
    Fields<T>: Visitor<'de, Value = T>,
{
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the values of a row")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<T, A::Error> {
        ahead(access)
    }
}

/// What [`FieldIndex`] gives for a name that is in no table.
pub(crate) const UNKNOWN: usize = usize::MAX;

/// Finds the place of a field's name in its table, beginning where it is likely: behind the last one.
pub(crate) struct FieldIndex {
    pub(crate) names: &'static [&'static str],
    pub(crate) likely: usize,
}

impl<'de> DeserializeSeed<'de> for FieldIndex {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for FieldIndex {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<usize, E> {
        Ok(field_index(self.names, self.likely, name))
    }

    fn visit_u64<E: de::Error>(self, index: u64) -> Result<usize, E> {
        Ok(usize::try_from(index).unwrap_or(UNKNOWN))
    }
}

/// The place of `name` in `names`, or [`UNKNOWN`].
#[inline]
pub(crate) fn field_index(names: &[&str], likely: usize, name: &str) -> usize {
    match names.get(likely) {
        Some(next) if *next == name => likely,
        _ => names.iter().position(|other| same(other, name)).unwrap_or(UNKNOWN),
    }
}

/// Whether they are the same; most that are not differ in what costs little to see.
#[inline(always)]
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.as_bytes().first() == other.as_bytes().first() && one == other
}
