//! The second decoder of records, events and rows: one pass, no serde. Whatever surprises it is left to the first.

use serde::Deserialize;

use crate::{
    decimal::{Decimal, NO_LEN, quoted_decimal, quoted_decimal_inlined, whole_number},
    json::{
        Each, Error, ErrorKind, List, Map, OneOrMany, PlainReader, Raw, Rows, from_str_by_serde, skip_value,
        string_end,
    },
    open::{MaybeDecimal, Open, WireEnum, from_bytes},
    record::{Contracts, FromText, LongText, Quoted},
    text::{Short, Text},
    time::Millis,
    wire::Wire,
    word::short_string,
};

/// Where the decoder stands in a text.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'r> {
    text: &'r str,
    /// What comes next, to the end. As bytes, since a place in them needs no check.
    rest: &'r [u8],
}

/// A value that the fast decoder can read. `None` is a surprise: anything that is not written exactly as the
/// exchange writes it, be it right or wrong. The cursor then stands where it stood.
///
/// The cursor of a record has no address and stays in registers: what is inlined may borrow it, what is not gets the
/// bytes and answers how many of them it took.
pub(crate) trait Hot<'r>: Sized {
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self>;

    /// [`hot`](Self::hot) for where it is read in a loop: what else is shared is inlined, too.
    #[inline(always)]
    fn hot_inlined(cursor: &mut Cursor<'r>) -> Option<Self> {
        Self::hot(cursor)
    }

    /// An optional field: `null` is none.
    #[inline(always)]
    fn hot_optional(cursor: &mut Cursor<'r>) -> Option<Option<Self>> {
        match Self::hot(cursor) {
            None => cursor.literal("null").then_some(None),
            value => Some(value),
        }
    }
}

/// What a record answers that is surprised: the whole text by serde, if that is what was asked for, or an error that nobody
/// sees.
#[cold]
#[inline(never)]
pub(crate) fn surprise<'r, T: Deserialize<'r>>(start: Cursor<'r>, whole: bool) -> Result<T, Error> {
    match whole {
        true => from_str_by_serde(start.text),
        false => Err(Error::new(ErrorKind::Syntax, 0)),
    }
}

impl<'r> Cursor<'r> {
    #[inline(always)]
    pub(crate) fn new(text: &'r str) -> Self {
        Self::at(text, text.as_bytes())
    }

    /// Before `rest`, the end of `text`.
    #[inline(always)]
    pub(crate) fn at(text: &'r str, rest: &'r [u8]) -> Self {
        Self { text, rest }
    }

    /// What comes next, to the end.
    #[inline(always)]
    pub(crate) fn rest(&self) -> &'r [u8] {
        self.rest
    }

    /// How many bytes of its text are behind it; none where what is left is of another text, which callers from outside may
    /// have given.
    #[inline(always)]
    pub(crate) fn taken(&self) -> usize {
        self.text.len().saturating_sub(self.rest.len())
    }

    /// How many bytes are left.
    #[inline(always)]
    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    #[inline(always)]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Goes past `len` bytes, behind which there must be more: what ends the object or array that they are in. So
    /// [`NO_LEN`] needs no check of its own, nor does the next byte.
    #[inline(always)]
    fn advance(&mut self, len: usize) -> Option<()> {
        if len >= self.rest.len() {
            return None;
        }
        self.rest = self.rest.get(len..)?;
        Some(())
    }

    /// Goes past `byte`.
    #[inline(always)]
    pub(crate) fn eat(&mut self, byte: u8) -> Option<()> {
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => {
                self.rest = rest;
                Some(())
            }
            _ => None,
        }
    }

    /// Goes past `literal`, if that is what comes next.
    #[inline(always)]
    pub(crate) fn literal(&mut self, literal: &'static str) -> bool {
        let mut rest = self.rest;
        let mut literal = literal.as_bytes();
        // Another one mostly differs in the first four already: one comparison, where five bytes are two.
        if literal.len() > 4
            && let Some((wanted, more)) = literal.split_first_chunk::<4>()
        {
            match rest.split_first_chunk::<4>() {
                Some((first, behind)) if first == wanted => (rest, literal) = (behind, more),
                _ => return false,
            }
        }
        match rest.strip_prefix(literal) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Goes past what stands after a field's value, and says whether the object goes on.
    #[inline(always)]
    pub(crate) fn goes_on(&mut self) -> Option<bool> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        match byte {
            b',' => Some(true),
            b'}' => Some(false),
            _ => None,
        }
    }

    /// Goes past a field that no table has.
    pub(crate) fn other_field(&mut self) -> Option<()> {
        self.take(((), unknown_field(self.rest)))
    }

    /// The value that comes next, by serde, and where it ends. For what the fast decoder does not know in itself.
    #[cold]
    #[inline(never)]
    fn by_serde<T>(self, read: impl FnOnce(&mut PlainReader<'r>) -> Result<T, Error>) -> Option<(T, usize)> {
        let mut reader = PlainReader::plain(self.text.get(self.taken()..)?, 0);
        let value = read(&mut reader).ok()?;
        Some((value, reader.at()))
    }

    /// Goes past the `len` bytes of a value.
    #[inline(always)]
    fn take<T>(&mut self, (value, len): (T, usize)) -> Option<T> {
        self.advance(len)?;
        Some(value)
    }

    /// The inside of the string that comes next, if there is one and no escape in it, and its length with its quotes.
    #[inline(never)]
    fn string(self) -> (Option<&'r str>, usize) {
        let len = quoted_len(self.rest);
        let start = self.taken();
        let inside = match len {
            NO_LEN => None,
            len => self.text.get(start + 1..start + len - 1),
        };
        (inside, len)
    }

    /// Goes past what a row has more than is known, to its end.
    #[inline(always)]
    pub(crate) fn rest_of_row(&mut self) -> Option<()> {
        while self.peek()? == b',' {
            self.advance(1)?;
            self.skip()?;
        }
        (self.peek()? == b']').then_some(())
    }

    /// Goes past any value.
    #[inline(always)]
    pub(crate) fn skip(&mut self) -> Option<&'r str> {
        let start = self.taken();
        let len = skip_value(self.rest, 0).ok()?;
        let value = self.text.get(start..)?.get(..len)?;
        self.advance(len)?;
        Some(value)
    }
}
/// The length of the field that `bytes` begin with, whatever its value, if there is one and no escape in its name.
#[inline(never)]
fn unknown_field(bytes: &[u8]) -> usize {
    let name = quoted_len(bytes);
    match bytes.get(name) {
        Some(b':') => skip_value(bytes, name + 1).unwrap_or(NO_LEN),
        _ => NO_LEN,
    }
}

impl<'r> Hot<'r> for Decimal {
    #[inline(always)]
    fn hot_inlined(cursor: &mut Cursor<'r>) -> Option<Self> {
        let packed = quoted_decimal_inlined(cursor.rest);
        cursor.take((packed.value(), packed.len()))
    }

    #[inline(always)]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        match quoted(cursor) {
            None => cursor.take(cursor.by_serde(|reader| serde::Deserialize::deserialize(reader))?),
            value => value,
        }
    }

    #[inline(always)]
    fn hot_optional(cursor: &mut Cursor<'r>) -> Option<Option<Self>> {
        match quoted(cursor) {
            None => cursor.take(cursor.by_serde(|reader| Wire::optional(reader))?),
            value => Some(value),
        }
    }
}

/// A decimal as the exchange nearly always writes it; nothing has happened if it does not.
#[inline(always)]
fn quoted(cursor: &mut Cursor<'_>) -> Option<Decimal> {
    let packed = quoted_decimal(cursor.rest);
    cursor.take((packed.value(), packed.len()))
}

impl<'r> Hot<'r> for Contracts {
    #[inline(always)]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        Decimal::hot(cursor).map(Self)
    }

    #[inline(always)]
    fn hot_optional(cursor: &mut Cursor<'r>) -> Option<Option<Self>> {
        Some(Decimal::hot_optional(cursor)?.map(Self))
    }
}

impl<'r> Hot<'r> for MaybeDecimal {
    #[inline(always)]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        match quoted(cursor) {
            Some(value) => Some(Self::Number(value)),
            None => Self::from_text(cursor.take(cursor.string())??),
        }
    }
}

/// What comes in several forms, of which serde knows which is which.
macro_rules! by_serde {
    ($(($($generics:tt)*) $type:ty;)*) => {$(
        impl<'text $($generics)*> Hot<'text> for $type {
                    fn hot(cursor: &mut Cursor<'text>) -> Option<Self> {
                cursor.take(cursor.by_serde(|reader| serde::Deserialize::deserialize(reader))?)
            }

            fn hot_optional(cursor: &mut Cursor<'text>) -> Option<Option<Self>> {
                cursor.take(cursor.by_serde(|reader| Wire::optional(reader))?)
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
    #[inline(always)]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        cursor.take(whole_number(cursor.rest))
    }
}

impl<'r> Hot<'r> for i64 {
    #[inline(always)]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        match whole_number(cursor.rest) {
            (_, NO_LEN) => cursor.take(negative(cursor.rest)),
            (value, len) => cursor.take((i64::try_from(value).ok()?, len)),
        }
    }
}

#[cold]
#[inline(never)]
fn negative(bytes: &[u8]) -> (i64, usize) {
    let Some(digits) = bytes.strip_prefix(b"-") else { return (0, NO_LEN) };
    let (value, len) = whole_number(digits);
    match 0_i64.checked_sub_unsigned(value) {
        Some(value) if len != NO_LEN => (value, 1 + len),
        _ => (0, NO_LEN),
    }
}

macro_rules! narrower {
    ($($int:ty)*) => {$(
        impl<'r> Hot<'r> for $int {
                    #[inline(always)]
            fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
                let (value, len) = whole_number(cursor.rest);
                cursor.take((value.try_into().ok()?, len))
            }
        }
    )*};
}
narrower!(u8 u16 u32 i32);

impl<'r> Hot<'r> for Millis {
    #[inline(always)]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        i64::hot(cursor).map(Self)
    }
}

impl<'r> Hot<'r> for bool {
    #[inline(always)]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        match cursor.peek()? {
            b't' => cursor.literal("true").then_some(true),
            _ => cursor.literal("false").then_some(false),
        }
    }
}

impl<'r, const N: usize> Hot<'r> for Text<N> {
    #[inline(always)]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        let short = short(cursor.rest);
        if let Some(text) = Self::from_short(short) {
            cursor.advance(short.len()? + 2)?;
            return Some(text);
        }
        Self::new(cursor.take(cursor.string())??).ok()
    }
}

/// The string that `bytes` begin with, if it is short and without escapes.
#[inline(never)]
fn short(bytes: &[u8]) -> Short {
    match bytes.split_first() {
        Some((b'"', inside)) => Short::quoted(inside),
        _ => Short::NONE,
    }
}

/// The length of the string that `bytes` begin with, with its quotes, if there is one and no escape in it.
#[inline(never)]
fn quoted_len(bytes: &[u8]) -> usize {
    match bytes.split_first() {
        Some((b'"', inside)) => match string_end(inside, 0) {
            Some((end, false)) => end + 2,
            _ => NO_LEN,
        },
        _ => NO_LEN,
    }
}

impl<'r, T: WireEnum> Hot<'r> for Open<T> {
    #[inline(always)]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        let (value, len) = known(cursor.rest);
        match value {
            Some(value) => {
                cursor.advance(len)?;
                Some(Self::Known(value))
            }
            None => Self::other(cursor.take(cursor.string())??),
        }
    }
}

/// Reads an enum whose values are all known.
#[inline(always)]
pub(crate) fn closed<T: WireEnum>(cursor: &mut Cursor<'_>) -> Option<T> {
    cursor.take(known(cursor.rest))?
}

/// The value with the name that `bytes` begin with, if it is known, and the length of the name with its quotes, if there is
/// one.
#[inline(never)]
fn known<T: WireEnum>(bytes: &[u8]) -> (Option<T>, usize) {
    match bytes.split_first() {
        Some((b'"', inside)) => match short_string(inside) {
            Some((first, second, len)) => (T::from_words(first, second, len), len + 2),
            None => known_of_any_length(bytes),
        },
        _ => (None, NO_LEN),
    }
}

#[cold]
#[inline(never)]
fn known_of_any_length<T: WireEnum>(bytes: &[u8]) -> (Option<T>, usize) {
    match quoted_len(bytes) {
        NO_LEN => (None, NO_LEN),
        len => (bytes.get(1..len - 1).and_then(from_bytes), len),
    }
}

impl<'text: 'r, 'r, T> Hot<'text> for List<'r, T> {
    #[inline(always)]
    fn hot(cursor: &mut Cursor<'text>) -> Option<Self> {
        if cursor.peek()? != b'[' {
            return None;
        }
        cursor.skip().map(List::new)
    }
}

impl<'text: 'r, 'r, T> Hot<'text> for Rows<'r, T> {
    #[inline(always)]
    fn hot(cursor: &mut Cursor<'text>) -> Option<Self> {
        List::<T>::hot(cursor).map(|list| Rows::new(list.as_str()))
    }
}
