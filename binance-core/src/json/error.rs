//! What is wrong with a text that should have been JSON of a known shape, and where.

use core::fmt;

use serde::de;

use crate::text::Text;

/// Why a message could not be read.
///
/// It names the field, what was found there, what was expected, and the offset in the text; it holds nothing of
/// the message but the field's name.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    /// Places in [`KINDS`] and [`FOUND`], not the values: a result with a niche in it is copied around the niche, piece by
    /// piece, wherever it is passed on, which is half of the code of a reader.
    kind: u8,
    found: u8,
    at: u32,
    field: Text<23>,
    expected: Text<47>,
}

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text is not JSON.
    Syntax,
    /// The text ended in the middle of a value: a reply cut in half looks like this.
    End,
    /// More than [`super::MAX_DEPTH`] values inside each other.
    Depth,
    /// The text is not UTF-8.
    Utf8,
    /// A value of another kind than the field wants.
    Type,
    /// A value of the right kind that the field cannot take, such as a price of `"abc"`.
    Value,
    /// A text longer than the field has room for.
    TooLong,
    /// A field that identifies the thing is not there.
    Missing,
    /// Something follows the value.
    Trailing,
}

/// What stood in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// Not known, or not to the point.
    Other,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
    /// The end of the text.
    End,
}

/// All kinds, in the order of their declaration.
const KINDS: [ErrorKind; 9] = [
    ErrorKind::Syntax,
    ErrorKind::End,
    ErrorKind::Depth,
    ErrorKind::Utf8,
    ErrorKind::Type,
    ErrorKind::Value,
    ErrorKind::TooLong,
    ErrorKind::Missing,
    ErrorKind::Trailing,
];

/// All that can be found, in the order of its declaration.
const FOUND: [Found; 8] = [
    Found::Other,
    Found::Null,
    Found::Bool,
    Found::Number,
    Found::String,
    Found::Array,
    Found::Object,
    Found::End,
];

/// The offset of an error that serde raised without knowing where it is.
const NOWHERE: u32 = u32::MAX;

impl Error {
    #[cold]
    #[inline(never)]
    pub(crate) fn new(kind: ErrorKind, at: usize) -> Self {
        Self {
            kind: kind as u8,
            found: Found::Other as u8,
            at: u32::try_from(at).unwrap_or(NOWHERE),
            field: Text::default(),
            expected: Text::default(),
        }
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn wrong_type(found: Found, expected: &str, at: usize) -> Self {
        Self { found: found as u8, expected: Text::truncated(expected), ..Self::new(ErrorKind::Type, at) }
    }

    pub(crate) fn with_kind(self, kind: ErrorKind) -> Self {
        Self { kind: kind as u8, ..self }
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        KINDS.get(usize::from(self.kind)).copied().unwrap_or(ErrorKind::Syntax)
    }

    /// The byte offset in the text, where it is known.
    pub fn offset(&self) -> Option<usize> {
        (self.at != NOWHERE).then_some(self.at as usize)
    }

    /// The name of the innermost field, cut to 23 bytes; empty outside of any.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What was expected there, cut to 47 bytes; may be empty.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// What stood there.
    pub fn found(&self) -> Found {
        FOUND.get(usize::from(self.found)).copied().unwrap_or(Found::Other)
    }

    /// This error with what the walker knows of the place, unless a deeper level has said it already.
    #[cold]
    #[inline(never)]
    pub(crate) fn within(mut self, field: &str, at: usize) -> Self {
        self.locate(field, at);
        self
    }

    /// [`within`](Self::within) where the error stands.
    #[cold]
    #[inline(never)]
    pub(crate) fn locate(&mut self, field: &str, at: usize) {
        if self.at == NOWHERE {
            self.at = u32::try_from(at).unwrap_or(NOWHERE);
        }
        if self.field.is_empty() {
            self.field = Text::truncated(field);
        }
    }

    /// This error as seen from a text in which the failing one starts at `start`.
    pub(crate) fn moved(mut self, start: usize) -> Self {
        if self.at != NOWHERE {
            self.at = u32::try_from(self.at as usize + start).unwrap_or(NOWHERE);
        }
        self
    }

    #[cold]
    #[inline(never)]
    fn with_expected(kind: ErrorKind, found: de::Unexpected<'_>, expected: &dyn fmt::Display) -> Self {
        let found = match found {
            de::Unexpected::Bool(_) => Found::Bool,
            de::Unexpected::Unsigned(_) | de::Unexpected::Signed(_) | de::Unexpected::Float(_) => {
                Found::Number
            }
            de::Unexpected::Str(_) | de::Unexpected::Char(_) | de::Unexpected::Bytes(_) => Found::String,
            de::Unexpected::Unit | de::Unexpected::Option => Found::Null,
            de::Unexpected::Seq => Found::Array,
            de::Unexpected::Map => Found::Object,
            _ => Found::Other,
        };
        Self { found: found as u8, expected: written(expected), ..Self::new(kind, NOWHERE as usize) }
    }

    /// Once for all types of messages.
    #[cold]
    #[inline(never)]
    fn with_message(message: &dyn fmt::Display) -> Self {
        let expected: Text<47> = written(message);
        let kind = if expected.starts_with("text too long") { ErrorKind::TooLong } else { ErrorKind::Value };
        Self { expected, ..Self::new(kind, NOWHERE as usize) }
    }
}

impl de::Error for Error {
    #[cold]
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::with_message(&message)
    }

    #[cold]
    #[inline(never)]
    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::with_expected(ErrorKind::Type, found, &expected)
    }

    #[cold]
    #[inline(never)]
    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::with_expected(ErrorKind::Value, found, &expected)
    }

    #[cold]
    #[inline(never)]
    fn missing_field(field: &'static str) -> Self {
        Self { field: Text::truncated(field), ..Self::new(ErrorKind::Missing, NOWHERE as usize) }
    }
}

impl From<serde_json_core::de::Error> for Error {
    fn from(error: serde_json_core::de::Error) -> Self {
        use serde_json_core::de::Error as Leaf;
        let kind = match error {
            Leaf::EofWhileParsingList
            | Leaf::EofWhileParsingObject
            | Leaf::EofWhileParsingString
            | Leaf::EofWhileParsingNumber
            | Leaf::EofWhileParsingValue => ErrorKind::End,
            Leaf::InvalidType => ErrorKind::Type,
            Leaf::InvalidNumber => ErrorKind::Value,
            _ => ErrorKind::Syntax,
        };
        Self::new(kind, NOWHERE as usize)
    }
}

fn written<const N: usize>(message: &dyn fmt::Display) -> Text<N> {
    use fmt::Write;

    /// Keeps what fits and drops the rest.
    struct Cut<const N: usize>(Text<N>);
    impl<const N: usize> Write for Cut<N> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            let mut end = text.len().min(N - self.0.as_bytes().len());
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            self.0.write_str(text.get(..end).unwrap_or_default())?;
            if end < text.len() { Err(fmt::Error) } else { Ok(()) }
        }
    }
    let mut cut = Cut(Text::default());
    // Running out of room is what it is for.
    let _ = write!(cut, "{message}");
    cut.0
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("found", &self.found())
            .field("at", &self.at)
            .field("field", &self.field)
            .field("expected", &self.expected)
            .finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind() {
            ErrorKind::Syntax => "not JSON",
            ErrorKind::End => "the text ends in the middle of a value",
            ErrorKind::Depth => "values nested too deep",
            ErrorKind::Utf8 => "not UTF-8",
            ErrorKind::Type => "a value of the wrong type",
            ErrorKind::Value => "a value that the field cannot take",
            ErrorKind::TooLong => "a text that is too long",
            ErrorKind::Missing => "a missing field",
            ErrorKind::Trailing => "something after the value",
        };
        f.write_str(what)?;
        if !self.field.is_empty() {
            write!(f, " at \"{}\"", self.field)?;
        }
        match self.found() {
            Found::Other => {}
            Found::Null => f.write_str(": found null")?,
            Found::Bool => f.write_str(": found a boolean")?,
            Found::Number => f.write_str(": found a number")?,
            Found::String => f.write_str(": found a string")?,
            Found::Array => f.write_str(": found an array")?,
            Found::Object => f.write_str(": found an object")?,
            Found::End => f.write_str(": found the end")?,
        }
        if !self.expected.is_empty() {
            // A message of a type's own says what is wrong, not what was expected.
            let own =
                self.found() == Found::Other && matches!(self.kind(), ErrorKind::Value | ErrorKind::TooLong);
            write!(f, "{}{}", if own { ": " } else { ", expected: " }, self.expected)?;
        }
        match self.offset() {
            Some(at) => write!(f, " (byte {at})"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for Error {}
