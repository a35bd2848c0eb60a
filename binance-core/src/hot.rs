//! The second decoder of records, events and rows: one pass, no serde. Whatever surprises it is left to the first.

use serde::Deserialize;

use crate::{
    decimal::{Decimal, quoted_decimal, quoted_decimal_inlined, whole_number},
    json::{
        Each, Error, ErrorKind, List, Map, OneOrMany, PlainReader, Raw, Rows, from_str_by_serde, skip_value,
        string_end,
    },
    open::{MaybeDecimal, Open, WireEnum, word_of},
    record::{Contracts, FromText, LongText, Quoted},
    text::{Short, Text},
    time::Millis,
    wire::{Wire, field_index},
    word::{quote_or_escape, sixteen_bytes},
};

/// What is left of a text to decode.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'r> {
    rest: &'r str,
}

/// A value that the fast decoder can read. `None` is a surprise: anything that is not written exactly as the
/// exchange writes it, be it right or wrong. The cursor then stands where it stood.
///
/// The cursor of a record has no address and stays in registers: what is inlined may borrow it, what is not gets the
/// text and answers how much of it it took.
pub(crate) trait Hot<'r>: Sized {
    /// What is kept of the value until the whole record is read. Texts are kept as what they are in the input, so that
    /// they are copied once, to where they stay.
    type Slot;

    fn hot(cursor: &mut Cursor<'r>) -> Option<Self::Slot>;

    /// The value, once the whole record is read.
    fn finish(slot: Self::Slot) -> Option<Self>;

    /// [`hot`](Self::hot) for where it is read in a loop: what else is shared is inlined, too.
    #[inline(always)]
    fn hot_inlined(cursor: &mut Cursor<'r>) -> Option<Self::Slot> {
        Self::hot(cursor)
    }

    /// An optional field: `null` is none.
    #[inline(always)]
    fn hot_optional(cursor: &mut Cursor<'r>) -> Option<Option<Self::Slot>> {
        match Self::hot(cursor) {
            None => cursor.literal("null").then_some(None),
            value => Some(value),
        }
    }
}

/// For values that are kept as what they are.
macro_rules! as_it_is {
    () => {
        type Slot = Self;

        #[inline(always)]
        fn finish(slot: Self) -> Option<Self> {
            Some(slot)
        }
    };
}
pub(crate) use as_it_is;

/// What a record answers that is surprised: the whole text by serde, if that is what was asked for, or an error that nobody
/// sees.
#[cold]
#[inline(never)]
pub(crate) fn surprise<'r, T: Deserialize<'r>>(start: Cursor<'r>, whole: bool) -> Result<T, Error> {
    match whole {
        true => from_str_by_serde(start.rest),
        false => Err(Error::new(ErrorKind::Syntax, 0)),
    }
}

impl<'r> Cursor<'r> {
    #[inline(always)]
    pub(crate) fn new(text: &'r str) -> Self {
        Self { rest: text }
    }

    /// What comes next, to the end.
    #[inline(always)]
    pub(crate) fn rest(&self) -> &'r str {
        self.rest
    }

    #[inline(always)]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.as_bytes().first().copied()
    }

    /// Goes past `len` bytes.
    #[inline(always)]
    fn advance(&mut self, len: usize) -> Option<()> {
        self.rest = self.rest.get(len..)?;
        Some(())
    }

    /// Goes past `byte`, which is ASCII.
    #[inline(always)]
    pub(crate) fn eat(&mut self, byte: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(char::from(byte))?;
        Some(())
    }

    /// Goes past `literal`, if that is what comes next.
    #[inline(always)]
    pub(crate) fn literal(&mut self, literal: &'static str) -> bool {
        match self.rest.strip_prefix(literal) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Whether it stands where the other stands, of the same text.
    #[inline(always)]
    pub(crate) fn is_at(&self, other: &Self) -> bool {
        self.rest.len() == other.rest.len()
    }

    /// Goes past `before`, the brace or comma that must stand there, and the name of a field, and answers its place in
    /// `names`. `likely` is the place where the search begins.
    #[inline(always)]
    pub(crate) fn other_field(&mut self, before: u8, names: &[&str], likely: usize) -> Option<usize> {
        self.take(named(*self, before, names, likely))?
    }

    /// The value that comes next, by serde, and where it ends. For what the fast decoder does not know in itself.
    #[cold]
    #[inline(never)]
    fn by_serde<T>(self, read: impl FnOnce(&mut PlainReader<'r>) -> Result<T, Error>) -> Option<(T, usize)> {
        let mut reader = PlainReader::plain(self.rest, 0);
        let value = read(&mut reader).ok()?;
        Some((value, reader.at()))
    }

    /// Goes past the `len` bytes of a value; there is none where there are none.
    #[inline(always)]
    fn take<T>(&mut self, (value, len): (T, usize)) -> Option<T> {
        if len == 0 {
            return None;
        }
        self.advance(len)?;
        Some(value)
    }

    /// Goes past a string of `len` bytes with its quotes; there is none where there are none.
    #[inline(always)]
    fn quoted(&mut self, len: usize) -> Option<&'r str> {
        let (string, rest) = self.rest.split_at_checked(len)?;
        let inside = string.get(1..len.checked_sub(1)?)?;
        self.rest = rest;
        Some(inside)
    }

    /// How far it is from `start`, of the same text.
    #[inline(always)]
    fn since(self, start: &str) -> usize {
        start.len() - self.rest.len()
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
        let end = skip_value(self.rest.as_bytes(), 0).ok()?;
        let (value, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        Some(value)
    }

    /// The inside of a string. Escapes are a surprise.
    #[inline(always)]
    fn string(&mut self) -> Option<&'r str> {
        let rest = self.rest.strip_prefix('"')?;
        let (end, false) = string_end(rest.as_bytes(), 0)? else { return None };
        let (inside, rest) = rest.split_at_checked(end)?;
        self.rest = rest.get(1..)?;
        Some(inside)
    }
}

/// The place of a field in `names`, and the length of its name with all that stands before and after it.
#[inline(never)]
fn named(cursor: Cursor<'_>, before: u8, names: &[&str], likely: usize) -> (Option<usize>, usize) {
    let mut at = cursor;
    let mut name = || {
        at.eat(before)?;
        let name = at.string()?;
        at.eat(b':')?;
        Some(field_index(names, likely, name))
    };
    (name(), at.since(cursor.rest))
}

impl<'r> Hot<'r> for Decimal {
    as_it_is!();

    #[inline(always)]
    fn hot_inlined(cursor: &mut Cursor<'r>) -> Option<Self> {
        let (value, len) = quoted_decimal_inlined(cursor.rest.as_bytes())?;
        cursor.advance(len)?;
        Some(value)
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
    let (value, len) = quoted_decimal(cursor.rest.as_bytes()).get()?;
    cursor.advance(len)?;
    Some(value)
}

impl<'r> Hot<'r> for Contracts {
    as_it_is!();

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
    /// A number, or what stands in its place.
    type Slot = Result<Decimal, &'r str>;

    #[inline(always)]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self::Slot> {
        match quoted(cursor) {
            Some(value) => Some(Ok(value)),
            None => cursor.quoted(quoted_len(cursor.rest.as_bytes())).map(Err),
        }
    }

    #[inline(always)]
    fn finish(slot: Self::Slot) -> Option<Self> {
        match slot {
            Ok(value) => Some(Self::Number(value)),
            Err(text) => Self::from_text(text),
        }
    }
}

/// What comes in several forms, of which serde knows which is which.
macro_rules! by_serde {
    ($(($($generics:tt)*) $type:ty;)*) => {$(
        impl<'text $($generics)*> Hot<'text> for $type {
            as_it_is!();

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
    as_it_is!();

    #[inline(always)]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        cursor.take(whole_number(cursor.rest.as_bytes()))
    }
}

impl<'r> Hot<'r> for i64 {
    as_it_is!();

    #[inline(always)]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        match whole_number(cursor.rest.as_bytes()) {
            (_, 0) => cursor.take(negative(cursor.rest)),
            (value, len) => cursor.take((i64::try_from(value).ok()?, len)),
        }
    }
}

#[cold]
#[inline(never)]
fn negative(text: &str) -> (i64, usize) {
    let Some(digits) = text.strip_prefix('-') else { return (0, 0) };
    let (value, len) = whole_number(digits.as_bytes());
    match 0_i64.checked_sub_unsigned(value) {
        Some(value) if len > 0 => (value, 1 + len),
        _ => (0, 0),
    }
}

macro_rules! narrower {
    ($($int:ty)*) => {$(
        impl<'r> Hot<'r> for $int {
            as_it_is!();

            #[inline(always)]
            fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
                let (value, len) = whole_number(cursor.rest.as_bytes());
                cursor.take((value.try_into().ok()?, len))
            }
        }
    )*};
}
narrower!(u8 u16 u32 i32);

impl<'r> Hot<'r> for Millis {
    as_it_is!();

    #[inline(always)]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        i64::hot(cursor).map(Self)
    }
}

impl<'r> Hot<'r> for bool {
    as_it_is!();

    #[inline(always)]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        match cursor.peek()? {
            b't' => cursor.literal("true").then_some(true),
            _ => cursor.literal("false").then_some(false),
        }
    }
}

impl<'r, const N: usize> Hot<'r> for Text<N> {
    /// A short one, or any.
    type Slot = (Short, &'r str);

    #[inline(always)]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self::Slot> {
        let short = short(cursor.rest.as_bytes());
        match short.len() {
            Some(len) => Some((short, cursor.quoted(len + 2)?)),
            None => Some((short, cursor.quoted(quoted_len(cursor.rest.as_bytes()))?)),
        }
    }

    #[inline(always)]
    fn finish((short, text): Self::Slot) -> Option<Self> {
        match Self::from_short(short) {
            None => Self::new(text).ok(),
            short => short,
        }
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

/// The length of the string that `bytes` begin with, with its quotes; 0 where there is none, or escapes are in it.
#[inline(never)]
fn quoted_len(bytes: &[u8]) -> usize {
    match bytes.split_first() {
        Some((b'"', inside)) => match string_end(inside, 0) {
            Some((end, false)) => end + 2,
            _ => 0,
        },
        _ => 0,
    }
}

impl<'r, T: WireEnum> Hot<'r> for Open<T> {
    /// The value, if it is known, and its name.
    type Slot = (Option<T>, &'r str);

    #[inline(always)]
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self::Slot> {
        let (value, len) = known(cursor.rest.as_bytes());
        Some((value, cursor.quoted(len)?))
    }

    #[inline(always)]
    fn finish((value, name): Self::Slot) -> Option<Self> {
        match value {
            Some(value) => Some(Self::Known(value)),
            None => Self::other(name),
        }
    }
}

/// Reads an enum whose values are all known.
#[inline(always)]
pub(crate) fn closed<T: WireEnum>(cursor: &mut Cursor<'_>) -> Option<T> {
    cursor.take(known(cursor.rest.as_bytes()))?
}

/// The value with the name that `bytes` begin with, if it is known, and the length of the name with its quotes, which is 0
/// where there is no name.
#[inline(never)]
fn known<T: WireEnum>(bytes: &[u8]) -> (Option<T>, usize) {
    let Some((b'"', inside)) = bytes.split_first() else { return (None, 0) };
    let (mut first, mut second) = sixteen_bytes(inside);
    let mut len = quote_or_escape((first, second));
    if len < 16 {
        let below = (1_u128 << (8 * len)) - 1;
        (first, second) = (first & below as u64, second & (below >> 64) as u64);
    } else {
        match string_end(inside, 16) {
            Some((end, false)) => len = end,
            _ => return (None, 0),
        }
    }
    match inside.split_at_checked(len) {
        Some((name, [b'"', ..])) => (T::from_word(word_of(first, second, len), name), len + 2),
        _ => (None, 0),
    }
}

impl<'text: 'r, 'r, T> Hot<'text> for List<'r, T> {
    as_it_is!();

    #[inline(always)]
    fn hot(cursor: &mut Cursor<'text>) -> Option<Self> {
        if cursor.peek()? != b'[' {
            return None;
        }
        cursor.skip().map(List::new)
    }
}

impl<'text: 'r, 'r, T> Hot<'text> for Rows<'r, T> {
    as_it_is!();

    #[inline(always)]
    fn hot(cursor: &mut Cursor<'text>) -> Option<Self> {
        List::<T>::hot(cursor).map(|list| Rows::new(list.as_str()))
    }
}
