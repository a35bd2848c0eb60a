//! The second decoder of records, events and rows: one pass, no serde. Whatever surprises it is left to the first.

use crate::{
    decimal::{Decimal, parse_prefix, u64_prefix},
    json::{Each, Error, List, Map, OneOrMany, PlainReader, Raw, Rows, skip_value, string_end},
    open::{MaybeDecimal, Open, WireEnum},
    record::{Contracts, FromText, LongText, Quoted},
    text::Text,
    time::Millis,
    wire::{Wire, field_index},
};

/// Where the decoder stands in a text.
pub(crate) struct Cursor<'r> {
    text: &'r str,
    at: usize,
}

/// A value that the fast decoder can read. `None` is a surprise: anything that is not written exactly as the
/// exchange writes it, be it right or wrong.
pub(crate) trait Hot<'r>: Sized {
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self>;

    /// An optional field: `null` is none.
    #[inline]
    fn hot_optional(cursor: &mut Cursor<'r>) -> Option<Option<Self>> {
        if cursor.peek() == Some(b'n') {
            return cursor.literal(b"null").map(|()| None);
        }
        Self::hot(cursor).map(Some)
    }
}

/// Reads the whole of `text`.
#[inline]
pub(crate) fn whole<'r, T: Hot<'r>>(text: &'r str) -> Option<T> {
    let mut cursor = Cursor::new(text, 0);
    let value = T::hot(&mut cursor)?;
    (cursor.at == text.len()).then_some(value)
}

impl<'r> Cursor<'r> {
    #[inline]
    pub(crate) fn new(text: &'r str, at: usize) -> Self {
        Self { text, at }
    }

    #[inline]
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    #[inline]
    fn rest(&self) -> &'r [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes past `byte`.
    #[inline]
    pub(crate) fn eat(&mut self, byte: u8) -> Option<()> {
        if self.peek() != Some(byte) {
            return None;
        }
        self.at += 1;
        Some(())
    }

    /// Goes past `literal`.
    #[inline]
    fn literal(&mut self, literal: &[u8]) -> Option<()> {
        self.rest().starts_with(literal).then(|| self.at += literal.len())
    }

    /// Goes past `before`, which is the brace or comma that must stand there, and `name`, quotes and colon included, if
    /// that is what comes next.
    #[inline(always)]
    pub(crate) fn field(&mut self, before: &mut u8, name: &'static str) -> bool {
        let found = match self.rest().split_first() {
            Some((first, rest)) => rest.starts_with(name.as_bytes()) && first == before,
            None => false,
        };
        if found {
            self.at += 1 + name.len();
            *before = b',';
        }
        found
    }

    /// Goes past `before` and the name of another field and answers its place in `names`, or past the end of the object
    /// and answers that there is none. `likely` is the place where the search begins.
    #[inline]
    pub(crate) fn other_field(
        &mut self,
        before: &mut u8,
        names: &[&str],
        likely: usize,
    ) -> Option<Option<usize>> {
        let first = self.peek()?;
        self.at += 1;
        if first != *before {
            return (first == b'}').then_some(None);
        }
        *before = b',';
        let name = self.string()?;
        self.eat(b':')?;
        Some(Some(field_index(names, likely, name)))
    }

    /// The value that comes next, by serde. For what the fast decoder does not know in itself.
    #[cold]
    fn by_serde<T>(&mut self, read: impl FnOnce(&mut PlainReader<'r>) -> Result<T, Error>) -> Option<T> {
        let mut reader = PlainReader::plain(self.text, self.at);
        let value = read(&mut reader).ok()?;
        self.at = reader.at();
        Some(value)
    }

    /// Goes past what a row has more than is known, to its end.
    #[inline]
    pub(crate) fn rest_of_row(&mut self) -> Option<()> {
        while self.peek()? == b',' {
            self.at += 1;
            self.skip()?;
        }
        (self.peek()? == b']').then_some(())
    }

    /// Goes past any value.
    pub(crate) fn skip(&mut self) -> Option<&'r str> {
        let end = skip_value(self.text.as_bytes(), self.at).ok()?;
        let value = self.text.get(self.at..end);
        self.at = end;
        value
    }

    /// The inside of a string. Escapes are a surprise.
    #[inline]
    fn string(&mut self) -> Option<&'r str> {
        self.eat(b'"')?;
        match string_end(self.text.as_bytes(), self.at)? {
            (end, false) => {
                let inside = self.text.get(self.at..end);
                self.at = end + 1;
                inside
            }
            _ => None,
        }
    }
}

impl<'r> Hot<'r> for Decimal {
    #[inline]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        match quoted(cursor) {
            None => cursor.by_serde(|reader| serde::Deserialize::deserialize(reader)),
            value => value,
        }
    }

    #[inline]
    fn hot_optional(cursor: &mut Cursor<'r>) -> Option<Option<Self>> {
        match quoted(cursor) {
            None => cursor.by_serde(|reader| Wire::optional(reader)),
            value => Some(value),
        }
    }
}

/// A decimal as the exchange nearly always writes it; nothing has happened if it does not.
#[inline]
fn quoted(cursor: &mut Cursor<'_>) -> Option<Decimal> {
    let (quote, rest) = cursor.rest().split_first()?;
    let (value, len) = parse_prefix(rest)?;
    if *quote != b'"' || rest.get(len) != Some(&b'"') {
        return None;
    }
    cursor.at += len + 2;
    Some(value)
}

impl<'r> Hot<'r> for Contracts {
    #[inline]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        Decimal::hot(cursor).map(Self)
    }

    #[inline]
    fn hot_optional(cursor: &mut Cursor<'r>) -> Option<Option<Self>> {
        Some(Decimal::hot_optional(cursor)?.map(Self))
    }
}

impl<'r> Hot<'r> for MaybeDecimal {
    #[inline]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        match quoted(cursor) {
            Some(value) => Some(Self::Number(value)),
            None => cursor.by_serde(|reader| serde::Deserialize::deserialize(reader)),
        }
    }
}

/// What comes in several forms, of which serde knows which is which.
macro_rules! by_serde {
    ($(($($generics:tt)*) $type:ty;)*) => {$(
        impl<'text $($generics)*> Hot<'text> for $type {
            fn hot(cursor: &mut Cursor<'text>) -> Option<Self> {
                cursor.by_serde(|reader| serde::Deserialize::deserialize(reader))
            }

            fn hot_optional(cursor: &mut Cursor<'text>) -> Option<Option<Self>> {
                cursor.by_serde(|reader| Wire::optional(reader))
            }
        }
    )*};
}
by_serde! {
    (, T: FromText<'text>) Quoted<T>;
    (, T: serde::Deserialize<'text>) Each<T>;
    (: 'r, 'r) LongText<'r>;
    (: 'r, 'r, T) OneOrMany<'r, T>;
    (: 'r, 'r, T) Map<'r, T>;
    (: 'r, 'r) Raw<'r>;
}

impl<'r> Hot<'r> for u64 {
    #[inline]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        let rest = cursor.rest();
        let (value, len) = u64_prefix(rest)?;
        // A point or an exponent is a surprise, and so is a zero before other digits.
        if !matches!(rest.get(len)?, b',' | b'}' | b']') || (len > 1 && rest.first() == Some(&b'0')) {
            return None;
        }
        cursor.at += len;
        Some(value)
    }
}

impl<'r> Hot<'r> for i64 {
    #[inline]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        if cursor.peek()? == b'-' {
            cursor.at += 1;
            return 0_i64.checked_sub_unsigned(u64::hot(cursor)?);
        }
        u64::hot(cursor)?.try_into().ok()
    }
}

macro_rules! narrower {
    ($($int:ty)*) => {$(
        impl<'r> Hot<'r> for $int {
            #[inline]
            fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
                u64::hot(cursor)?.try_into().ok()
            }
        }
    )*};
}
narrower!(u8 u16 u32 i32);

impl<'r> Hot<'r> for Millis {
    #[inline]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        i64::hot(cursor).map(Self)
    }
}

impl<'r> Hot<'r> for bool {
    #[inline]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        match cursor.peek()? {
            b't' => cursor.literal(b"true").map(|()| true),
            _ => cursor.literal(b"false").map(|()| false),
        }
    }
}

impl<'r, const N: usize> Hot<'r> for Text<N> {
    #[inline]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        Text::new(cursor.string()?).ok()
    }
}

impl<'r, T: WireEnum> Hot<'r> for Open<T> {
    #[inline]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        Open::from_name(cursor.string()?)
    }
}

impl<'text: 'r, 'r, T> Hot<'text> for List<'r, T> {
    #[inline]
    fn hot(cursor: &mut Cursor<'text>) -> Option<Self> {
        if cursor.peek()? != b'[' {
            return None;
        }
        cursor.skip().map(List::new)
    }
}

impl<'text: 'r, 'r, T> Hot<'text> for Rows<'r, T> {
    #[inline]
    fn hot(cursor: &mut Cursor<'text>) -> Option<Self> {
        List::<T>::hot(cursor).map(|list| Rows::new(list.as_str()))
    }
}

/// Reads an enum whose values are all known.
#[inline]
pub(crate) fn closed<T: WireEnum>(cursor: &mut Cursor<'_>) -> Option<T> {
    T::from_name(cursor.string()?)
}
