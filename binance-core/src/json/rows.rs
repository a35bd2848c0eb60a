//! Arrays of rows: the levels of a book, candlesticks.

use core::{fmt, marker::PhantomData};

use serde::{
    Serialize,
    de::{Deserialize, Deserializer},
    ser::Serializer,
};

use super::{Error, Iter, List};
use crate::word::FAST;

/// A record that stands on the wire as an array of values in a fixed order.
pub trait Row<'r>: Deserialize<'r> {
    /// Reads the row that `rest`, the end of `text`, begins with by the fast decoder, and answers what follows it. `None`
    /// is a surprise, which is left to [`Deserialize`].
    fn read(text: &'r str, rest: &'r [u8]) -> Option<(Self, &'r [u8])>;
}

/// A JSON array of rows, kept as text and read row by row as it is iterated: a [`List`] whose elements are read by the
/// fast decoder.
pub struct Rows<'r, T> {
    raw: &'r str,
    row: PhantomData<fn() -> T>,
}

impl<'r, T> Rows<'r, T> {
    pub(crate) const fn new(raw: &'r str) -> Self {
        Self { raw, row: PhantomData }
    }

    /// The rows, in their order.
    pub fn iter(&self) -> RowIter<'r, T> {
        RowIter { text: self.raw, rest: self.raw.as_bytes(), before: b'[', row: PhantomData }
    }

    /// How many rows there are. Walks over all of them.
    pub fn count(&self) -> usize {
        self.list().count()
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.list().is_empty()
    }

    /// The text of the array.
    pub fn as_str(&self) -> &'r str {
        self.raw
    }

    fn list(&self) -> List<'r, T> {
        List::new(self.raw)
    }
}

impl<'r, T: Row<'r>> Rows<'r, T> {
    /// The first row, if there is one and it can be read.
    pub fn first(&self) -> Option<T> {
        self.iter().next()?.ok()
    }
}

impl<T> Clone for Rows<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Rows<'_, T> {}

impl<T> Default for Rows<'_, T> {
    fn default() -> Self {
        Self::new("[]")
    }
}

impl<T> PartialEq for Rows<'_, T> {
    /// Whether the texts are the same.
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl<T> fmt::Debug for Rows<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.raw)
    }
}

impl<'r, T: Row<'r>> IntoIterator for Rows<'r, T> {
    type Item = Result<T, Error>;
    type IntoIter = RowIter<'r, T>;

    fn into_iter(self) -> RowIter<'r, T> {
        self.iter()
    }
}

impl<'r, T: Row<'r>> IntoIterator for &Rows<'r, T> {
    type Item = Result<T, Error>;
    type IntoIter = RowIter<'r, T>;

    fn into_iter(self) -> RowIter<'r, T> {
        self.iter()
    }
}

impl<'de: 'r, 'r, T> Deserialize<'de> for Rows<'r, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        List::<T>::deserialize(deserializer).map(|list| Self::new(list.as_str()))
    }
}

impl<'r, T: Row<'r> + Serialize> Serialize for Rows<'r, T> {
    /// As [`List`].
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.list().serialize(serializer)
    }
}

/// The rows of [`Rows`].
pub struct RowIter<'r, T> {
    text: &'r str,
    /// What is left of it, from the bracket or comma before the next row. Nothing once the end is seen.
    rest: &'r [u8],
    before: u8,
    row: PhantomData<fn() -> T>,
}

impl<'r, T: Row<'r>> Iterator for RowIter<'r, T> {
    type Item = Result<T, Error>;

    #[inline(always)]
    fn next(&mut self) -> Option<Result<T, Error>> {
        if FAST
            && let Some((before, rest)) = self.rest.split_first()
            && *before == self.before
            && let Some((row, rest)) = T::read(self.text, rest)
        {
            self.rest = rest;
            self.before = b',';
            return Some(Ok(row));
        }
        let (row, rest) = next_by_serde(self.text, self.rest, self.before == b'[');
        self.rest = rest;
        self.before = b',';
        row
    }
}

/// The next row where it surprises, and what is left behind it. Takes no iterator by reference, so that it stays in
/// registers.
#[cold]
#[inline(never)]
fn next_by_serde<'r, T: Row<'r>>(
    text: &'r str,
    rest: &'r [u8],
    first: bool,
) -> (Option<Result<T, Error>>, &'r [u8]) {
    // Rows begin and end between characters.
    let rest = text.get(text.len().saturating_sub(rest.len())..).unwrap_or_default();
    let mut rows = Iter::resume(text, rest, first);
    (rows.next(), rows.rest().as_bytes())
}
