//! The structure walker: a serde `Deserializer` over the text of one message.

use serde::de::{self, Deserialize, DeserializeSeed, Visitor, value::BorrowedStrDeserializer};
use serde_json_core::de::Deserializer as Leaf;

use super::{
    Error, ErrorKind, Found, MAX_DEPTH,
    scan::{escape, leaf_end, skip_value, string_end, white_space},
};
use crate::{decimal, word::FAST};

/// The name under which serde_json passes the raw text of a value; this reader understands it too.
pub(super) const RAW_TOKEN: &str = "$serde_json::private::RawValue";

/// How long a string may be that has escapes in it and that a type reads; longer ones are [`ErrorKind::TooLong`].
const MAX_ESCAPED: usize = 512;

/// Reads a value from the whole of `text`. Nothing may follow it but white space.
///
/// # Errors
/// [`Error`] with the offset, the field and what was expected.
pub fn from_slice<'de, T: Deserialize<'de>>(text: &'de [u8]) -> Result<T, Error> {
    match core::str::from_utf8(text) {
        Ok(text) => from_str(text),
        Err(error) => Err(Error::new(ErrorKind::Utf8, error.valid_up_to())),
    }
}

/// Reads a value from the whole of `text`. Nothing may follow it but white space.
///
/// # Errors
/// As [`from_slice`].
pub fn from_str<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Error> {
    whole(Reader::new(text, 0, 0))
}

/// [`from_str`] without the second, fast decoder that records have: the plain one alone, which says what is right.
///
/// # Errors
/// As [`from_slice`].
pub fn from_str_by_serde<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Error> {
    whole(Reader::plain(text, 0))
}

fn whole<'de, T: Deserialize<'de>>(mut reader: Reader<'de>) -> Result<T, Error> {
    // One result from here to the caller: a record is as large as a stack of a microcontroller has room for a few of.
    let mut result = T::deserialize(&mut reader);
    match &mut result {
        Err(error) => error.locate("", reader.at),
        Ok(_) => {
            let end = white_space(reader.text.as_bytes(), reader.at);
            if end < reader.text.len() {
                result = Err(Error::new(ErrorKind::Trailing, end));
            }
        }
    }
    result
}

/// The last of the fields' names that a record gives if it can read itself from text, see [`Ahead`].
pub(crate) const AHEAD: &str = "$binance_core::Ahead";

/// Where the walker stands in a text.
pub(crate) struct Reader<'de> {
    text: &'de str,
    pub(super) at: usize,
    depth: usize,
    /// Whether no record is asked to read itself.
    plain: bool,
}

impl<'de> Reader<'de> {
    #[inline]
    pub(super) fn new(text: &'de str, at: usize, depth: usize) -> Self {
        Self { text, at, depth, plain: false }
    }

    /// A walker that leaves no record to the fast decoder.
    pub(crate) fn plain(text: &'de str, at: usize) -> Self {
        Self { text, at, depth: 0, plain: true }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Whether records are asked to read themselves.
    #[inline]
    fn fast(&self) -> bool {
        FAST && !self.plain
    }

    /// The next byte that is not white space.
    #[inline]
    fn peek(&mut self) -> Result<u8, Error> {
        let bytes = self.text.as_bytes();
        self.at = white_space(bytes, self.at);
        match bytes.get(self.at) {
            Some(byte) => Ok(*byte),
            None => Err(Error::new(ErrorKind::End, self.at)),
        }
    }

    /// What kind of value starts here.
    #[inline]
    fn found(&mut self) -> Found {
        match self.peek() {
            Ok(b'"') => Found::String,
            Ok(b'{') => Found::Object,
            Ok(b'[') => Found::Array,
            Ok(b'n') => Found::Null,
            Ok(b't' | b'f') => Found::Bool,
            Ok(b'0'..=b'9' | b'-') => Found::Number,
            Ok(_) => Found::Other,
            Err(_) => Found::End,
        }
    }

    #[cold]
    fn wrong_type(&mut self, expected: &str) -> Error {
        match self.found() {
            Found::End => Error::new(ErrorKind::End, self.at),
            Found::Other => Error::new(ErrorKind::Syntax, self.at),
            found => Error::wrong_type(found, expected, self.at),
        }
    }

    /// The text of the next value, whatever it is.
    fn raw(&mut self) -> Result<&'de str, Error> {
        self.peek()?;
        let start = self.at;
        self.at = skip_value(self.text.as_bytes(), start)?;
        self.slice(start, self.at)
    }

    /// The text of the next number or literal, between quotes too.
    #[inline]
    fn leaf(&mut self, expected: &str) -> Result<&'de str, Error> {
        if matches!(self.peek()?, b'{' | b'[' | b'"') {
            return self.quoted(expected);
        }
        let start = self.at;
        let end = leaf_end(self.text.as_bytes(), start);
        if end == start {
            return Err(Error::new(ErrorKind::Syntax, start));
        }
        self.at = end;
        self.slice(start, end)
    }

    /// What stands between quotes where none are expected: the exchange has sent fields now so and now so.
    #[cold]
    #[inline(never)]
    fn quoted(&mut self, expected: &str) -> Result<&'de str, Error> {
        let mut ahead = Self { ..*self };
        match ahead.string() {
            Ok((inside, _)) if is_number(inside) || matches!(inside, "true" | "false") => {
                self.at = ahead.at;
                Ok(inside)
            }
            _ => Err(self.wrong_type(expected)),
        }
    }

    /// A number where a string is expected.
    #[cold]
    #[inline(never)]
    fn unquoted(&mut self) -> Result<&'de str, Error> {
        let bytes = self.text.as_bytes();
        let (start, end) = (self.at, leaf_end(bytes, self.at));
        match self.text.get(start..end).filter(|leaf| is_number(leaf)) {
            Some(number) => {
                self.at = end;
                Ok(number)
            }
            None => Err(self.wrong_type("a string")),
        }
    }

    /// The inside of the next string, and whether escapes stand in it. A number is taken for a string.
    #[inline]
    fn string(&mut self) -> Result<(&'de str, bool), Error> {
        if self.peek()? != b'"' {
            return self.unquoted().map(|number| (number, false));
        }
        let start = self.at + 1;
        match string_end(self.text.as_bytes(), start) {
            Some((end, escaped)) => {
                self.at = end + 1;
                Ok((self.slice(start, end)?, escaped))
            }
            None => Err(Error::new(ErrorKind::End, self.text.len())),
        }
    }

    #[inline]
    fn slice(&self, start: usize, end: usize) -> Result<&'de str, Error> {
        // All ends lie beside ASCII characters, so this cannot fail; if it did, it would be our error.
        self.text.get(start..end).ok_or_else(|| Error::new(ErrorKind::Utf8, start))
    }

    /// Where a string starts that was read last; where a number was taken for it, two bytes before that at most.
    #[inline]
    fn start_of(&self, inside: &str) -> usize {
        self.at.saturating_sub(inside.len() + 2)
    }

    /// The next whole number from 0 on, and where it starts.
    #[inline]
    fn u64(&mut self) -> Result<(u64, usize), Error> {
        let leaf = self.leaf("a whole number from 0 on of 64 bits")?;
        let start = self.at - leaf.len();
        match whole_number(leaf) {
            Some(value) => Ok((value, start)),
            None => Err(not_whole(leaf, "a whole number from 0 on of 64 bits", start)),
        }
    }

    /// The next whole number, and where it starts.
    #[inline]
    fn i64(&mut self) -> Result<(i64, usize), Error> {
        let leaf = self.leaf("a whole number of 64 bits")?;
        let start = self.at - leaf.len();
        let digits = leaf.strip_prefix('-').unwrap_or(leaf);
        let value = whole_number(digits).and_then(|value| match digits.len() < leaf.len() {
            true => 0_i64.checked_sub_unsigned(value),
            false => i64::try_from(value).ok(),
        });
        match value {
            Some(value) => Ok((value, start)),
            None => Err(not_whole(leaf, "a whole number of 64 bits", start)),
        }
    }

    #[inline]
    fn enter(&mut self, open: u8, expected: &str) -> Result<(), Error> {
        if self.peek()? != open {
            return Err(self.wrong_type(expected));
        }
        if self.depth == MAX_DEPTH {
            return Err(Error::new(ErrorKind::Depth, self.at));
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    #[inline]
    fn leave(&mut self, close: u8) -> Result<(), Error> {
        if self.peek()? != close {
            return Err(Error::new(ErrorKind::Syntax, self.at));
        }
        self.depth -= 1;
        self.at += 1;
        Ok(())
    }

    /// An object that a visitor takes field by field.
    #[inline]
    fn fields<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let start = self.at;
        self.enter(b'{', "an object")?;
        let mut result = visitor.visit_map(Elements::new(self));
        match &mut result {
            Err(error) => error.locate("", start),
            Ok(_) => {
                if let Err(error) = self.leave(b'}') {
                    result = Err(error);
                }
            }
        }
        result
    }

    /// Goes past `null`, if that is what comes next, and answers whether it is.
    fn null(&mut self) -> Result<bool, Error> {
        if self.peek()? != b'n' {
            return Ok(false);
        }
        match self.leaf("null")? {
            "null" => Ok(true),
            other => Err(Error::new(ErrorKind::Syntax, self.at - other.len())),
        }
    }

    /// Goes past the colon to the value of a field, and answers where it starts.
    fn value(&mut self) -> Result<usize, Error> {
        if self.peek()? != b':' {
            return Err(Error::new(ErrorKind::Syntax, self.at));
        }
        self.at += 1;
        self.peek()?;
        Ok(self.at)
    }

    #[inline]
    fn fail<T>(&self, start: usize, mut result: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &mut result {
            error.locate("", start);
        }
        result
    }
}

/// Numbers and literals, read by serde-json-core.
macro_rules! leaves {
    ($($method:ident: $expected:literal)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let leaf = self.leaf($expected)?;
            let start = self.at - leaf.len();
            let mut reader = Leaf::new(leaf.as_bytes(), None);
            de::Deserializer::$method(&mut reader, visitor)
                .and_then(|value| reader.end().map(|_| value))
                .map_err(|error| {
                    let kind = match Error::from(error).kind() {
                        ErrorKind::Syntax => ErrorKind::Value,
                        kind => kind,
                    };
                    not_leaf(leaf, kind, $expected, start)
                })
        }
    )*};
}

impl<'de> de::Deserializer<'de> for &mut Reader<'de> {
    type Error = Error;

    leaves! {
        deserialize_i8: "a whole number of 8 bits"
        deserialize_i16: "a whole number of 16 bits"
        deserialize_i32: "a whole number of 32 bits"
        deserialize_u8: "a whole number from 0 on of 8 bits"
        deserialize_u16: "a whole number from 0 on of 16 bits"
        deserialize_u32: "a whole number from 0 on of 32 bits"
        deserialize_f32: "a number"
        deserialize_f64: "a number"
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        const EXPECTED: &str = "true or false";
        let leaf = self.leaf(EXPECTED)?;
        match leaf {
            "true" | "false" => visitor.visit_bool(leaf == "true"),
            _ => Err(not_leaf(leaf, ErrorKind::Value, EXPECTED, self.at - leaf.len())),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let (value, start) = self.u64()?;
        let result = visitor.visit_u64(value);
        self.fail(start, result)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let (value, start) = self.i64()?;
        let result = visitor.visit_i64(value);
        self.fail(start, result)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.found() {
            Found::Object => self.deserialize_map(visitor),
            Found::Array => self.deserialize_seq(visitor),
            Found::String => self.deserialize_str(visitor),
            Found::Bool => self.deserialize_bool(visitor),
            Found::Null => self.deserialize_unit(visitor),
            _ => {
                self.peek()?;
                let bytes = self.text.as_bytes();
                let number = bytes.get(self.at..leaf_end(bytes, self.at)).unwrap_or_default();
                match number.first() {
                    _ if number.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')) => {
                        self.deserialize_f64(visitor)
                    }
                    Some(b'-') => self.deserialize_i64(visitor),
                    _ => self.deserialize_u64(visitor),
                }
            }
        }
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let (inside, escaped) = self.string()?;
        let start = self.start_of(inside);
        let result =
            if escaped { unescaped(inside, start + 1, visitor) } else { visitor.visit_borrowed_str(inside) };
        self.fail(start, result)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let (inside, _) = self.string()?;
        visitor.visit_borrowed_bytes(inside.as_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.null()? {
            true => visitor.visit_none(),
            false => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.null()? {
            true => visitor.visit_unit(),
            false => Err(self.wrong_type("null")),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match name {
            decimal::NUMBER_TOKEN => {
                if matches!(self.peek()?, b'{' | b'[') {
                    return Err(self.wrong_type("a number"));
                }
                let raw = self.raw()?;
                let start = self.at - raw.len();
                let result = visitor.visit_borrowed_str(raw);
                self.fail(start, result)
            }
            RAW_TOKEN => {
                let raw = self.raw()?;
                let start = self.at - raw.len();
                let result = visitor.visit_borrowed_str(raw).map_err(|error: Error| error.moved(start));
                self.fail(start, result)
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.enter(b'[', "an array")?;
        let ahead = self.fast();
        let value = visitor.visit_seq(Elements { ahead, ..Elements::new(self) })?;
        self.leave(b']')?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.enter(b'{', "an object")?;
        let value = visitor.visit_map(Elements::new(self))?;
        self.leave(b'}')?;
        Ok(value)
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.fast() && fields.last() == Some(&AHEAD) {
            self.peek()?;
            return visitor.visit_enum(Ahead { reader: self, fields: true });
        }
        self.fields(visitor)
    }

    /// Enums whose variants hold nothing, given as their name.
    #[inline]
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == AHEAD {
            return visitor.visit_enum(Ahead { reader: self, fields: false });
        }
        let (name, _) = self.string()?;
        let start = self.start_of(name);
        let result = visitor.visit_enum(BorrowedStrDeserializer::<Error>::new(name));
        self.fail(start, result)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.raw()?;
        visitor.visit_unit()
    }
}

/// A record or row that can read itself: its visitor is shown the text from where the walker stands, as the name of a
/// variant, and answers by a tuple variant of as many bytes as it took, or by a struct variant to be read by serde.
///
/// An object goes from brace to brace. A row is entered and left by the walker.
struct Ahead<'a, 'de> {
    reader: &'a mut Reader<'de>,
    fields: bool,
}

impl<'de> de::EnumAccess<'de> for Ahead<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    #[inline]
    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let rest = self.reader.slice(self.reader.at, self.reader.text.len())?;
        Ok((seed.deserialize(BorrowedStrDeserializer::<Error>::new(rest))?, self))
    }
}

impl<'de> de::VariantAccess<'de> for Ahead<'_, 'de> {
    type Error = Error;

    #[inline]
    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        self.reader.at += len;
        visitor.visit_unit()
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.fields {
            true => self.reader.fields(visitor),
            false => visitor.visit_seq(Elements::new(self.reader)),
        }
    }

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.reader)
    }
}

/// Whether a text has nothing but what numbers are written with.
fn is_number(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit() || first == '-')
        && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
}

/// The whole number that `text` is.
#[inline(never)]
fn whole_number(text: &str) -> Option<u64> {
    if !FAST {
        // It would take a sign.
        return if text.starts_with('+') { None } else { text.parse().ok() };
    }
    match decimal::u64_prefix(text.as_bytes()) {
        Some((value, end)) if end == text.len() => Some(value),
        _ => None,
    }
}

/// Why a leaf is not a whole number: serde-json-core's word for it.
#[cold]
fn not_whole(leaf: &str, expected: &'static str, at: usize) -> Error {
    match leaf.as_bytes().first() {
        Some(b't' | b'f') => not_leaf(leaf, ErrorKind::Type, expected, at),
        Some(b'0'..=b'9' | b'-') => not_leaf(leaf, ErrorKind::Value, expected, at),
        _ if leaf == "null" => not_leaf(leaf, ErrorKind::Type, expected, at),
        _ => Error::new(ErrorKind::Syntax, at),
    }
}

/// What is wrong with a leaf that is none of the kind that is expected.
#[cold]
#[inline(never)]
fn not_leaf(leaf: &str, kind: ErrorKind, expected: &'static str, at: usize) -> Error {
    let (found, kind) = match leaf.as_bytes().first() {
        _ if leaf == "null" => (Found::Null, ErrorKind::Type),
        Some(b'0'..=b'9' | b'-') => (Found::Number, kind),
        Some(b't' | b'f') => (Found::Bool, kind),
        _ => (Found::Other, kind),
    };
    Error::wrong_type(found, expected, at).with_kind(kind)
}

/// The elements of an array or the fields of an object.
pub(super) struct Elements<'a, 'de> {
    reader: &'a mut Reader<'de>,
    first: bool,
    /// Whether a row may read itself.
    ahead: bool,
    key: &'de str,
}

impl<'a, 'de> Elements<'a, 'de> {
    #[inline]
    fn new(reader: &'a mut Reader<'de>) -> Self {
        Self { reader, first: true, ahead: false, key: "" }
    }

    /// Goes on inside an array of which an element has been read already, unless `first`.
    #[inline]
    pub(super) fn resume(reader: &'a mut Reader<'de>, first: bool) -> Self {
        Self { reader, first, ahead: false, key: "" }
    }

    /// Whether another element follows; if so, the reader stands before it.
    #[inline]
    pub(super) fn more(&mut self, close: u8) -> Result<bool, Error> {
        let next = self.reader.peek()?;
        if next == close {
            return Ok(false);
        }
        if core::mem::take(&mut self.first) {
            return Ok(true);
        }
        if next != b',' {
            return Err(Error::new(ErrorKind::Syntax, self.reader.at));
        }
        self.reader.at += 1;
        if self.reader.peek()? == close {
            return Err(Error::new(ErrorKind::Syntax, self.reader.at));
        }
        Ok(true)
    }
}

impl<'de> de::SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if !self.more(b']')? {
            return Ok(None);
        }
        let start = self.reader.at;
        let element = seed.deserialize(&mut *self.reader);
        element.map(Some).map_err(|error| error.within("", start))
    }

    /// Nobody knows how many there are. But 0, which reserves as much room as no hint, tells a row that it may read
    /// itself.
    fn size_hint(&self) -> Option<usize> {
        (FAST && self.ahead).then_some(0)
    }
}

impl<'de> de::MapAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        if !self.more(b'}')? {
            return Ok(None);
        }
        let start = self.reader.at + 1;
        if self.reader.peek()? != b'"' {
            return Err(Error::new(ErrorKind::Syntax, self.reader.at));
        }
        let key = seed.deserialize(&mut *self.reader)?;
        self.key = self.reader.slice(start, self.reader.at.saturating_sub(1))?;
        Ok(Some(key))
    }

    /// Once for each type, not for each field: records are read this way only after a surprise.
    #[inline(never)]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let start = self.reader.value()?;
        let mut value = seed.deserialize(&mut *self.reader);
        if let Err(error) = &mut value {
            error.locate(self.key, start);
        }
        value
    }
}

/// Shows `visitor` a string that has escapes. Takes the room for it only where there are some.
#[cold]
#[inline(never)]
fn unescaped<'de, V: Visitor<'de>>(inside: &str, start: usize, visitor: V) -> Result<V::Value, Error> {
    visitor.visit_str(&unescape(inside).map_err(|error| error.moved(start))?)
}

/// Undoes the escapes of `inside`.
#[cold]
#[inline(never)]
fn unescape(inside: &str) -> Result<heapless::String<MAX_ESCAPED>, Error> {
    let mut plain = heapless::String::<MAX_ESCAPED>::new();
    let mut rest = inside;
    loop {
        let escape_at = rest.bytes().position(|byte| byte == b'\\').unwrap_or(rest.len());
        let (before, more) = rest.split_at_checked(escape_at).unwrap_or((rest, ""));
        let error = |kind| Error::new(kind, inside.len() - more.len());
        plain.push_str(before).map_err(|_| error(ErrorKind::TooLong))?;
        if more.is_empty() {
            return Ok(plain);
        }
        let (char, len) = escape(more).ok_or_else(|| error(ErrorKind::Syntax))?;
        plain.push(char).map_err(|_| error(ErrorKind::TooLong))?;
        rest = more.get(len..).unwrap_or_default();
    }
}
