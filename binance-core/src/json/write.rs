//! The writer: records back into the JSON that the exchange would send.

use core::fmt;

use serde::ser::{self, Impossible, Serialize};

use super::{list::UNREAD_TOKEN, params::escape, read::RAW_TOKEN};
use crate::{buf::Buf, decimal::NUMBER_TOKEN, param::Full};

/// Writes `value` as JSON without blanks into `room` and answers the text.
///
/// Decimals keep their digits, and are bare numbers where they were read from bare numbers.
///
/// # Errors
/// [`Full`] when `room` is too small. A value that JSON cannot hold (a map with a key that is no text, bytes) is
/// [`Full`] too, since nothing of it would be right.
pub fn to_slice<'b, T: Serialize + ?Sized>(value: &T, room: &'b mut [u8]) -> Result<&'b str, Full> {
    let mut buf = Buf::new(room);
    value.serialize(Writer { buf: &mut buf, bare: false }).map_err(|Stopped| Full)?;
    core::str::from_utf8(buf.into_bytes()).map_err(|_| Full)
}

/// Why writing stopped. What is written so far is of no use, so there is nothing to tell apart.
#[derive(Debug)]
struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value cannot be written")
    }
}

impl core::error::Error for Stopped {}

impl ser::Error for Stopped {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl From<Full> for Stopped {
    fn from(Full: Full) -> Self {
        Self
    }
}

/// Writes one value. `bare` when the next text is to stand without quotes.
struct Writer<'w, 'b> {
    buf: &'w mut Buf<'b>,
    bare: bool,
}

impl<'w, 'b> Writer<'w, 'b> {
    fn display(self, value: impl fmt::Display) -> Result<(), Stopped> {
        use fmt::Write;
        write!(self.buf, "{value}").map_err(|_| Stopped)
    }

    fn open(self, open: u8, close: u8) -> Result<Fields<'w, 'b>, Stopped> {
        self.buf.byte(open)?;
        Ok(Fields { buf: self.buf, first: true, close })
    }
}

macro_rules! displayed {
    ($($method:ident: $type:ty)*) => {$(
        fn $method(self, value: $type) -> Result<(), Stopped> {
            self.display(value)
        }
    )*};
}

impl<'w, 'b> ser::Serializer for Writer<'w, 'b> {
    type Ok = ();
    type Error = Stopped;
    type SerializeSeq = Fields<'w, 'b>;
    type SerializeTuple = Fields<'w, 'b>;
    type SerializeTupleStruct = Fields<'w, 'b>;
    type SerializeTupleVariant = Impossible<(), Stopped>;
    type SerializeMap = Fields<'w, 'b>;
    type SerializeStruct = Fields<'w, 'b>;
    type SerializeStructVariant = Impossible<(), Stopped>;

    displayed! {
        serialize_bool: bool
        serialize_i8: i8
        serialize_i16: i16
        serialize_i32: i32
        serialize_i64: i64
        serialize_i128: i128
        serialize_u8: u8
        serialize_u16: u16
        serialize_u32: u32
        serialize_u64: u64
        serialize_u128: u128
    }

    fn serialize_f32(self, value: f32) -> Result<(), Stopped> {
        if value.is_finite() { self.display(value) } else { self.serialize_unit() }
    }

    fn serialize_f64(self, value: f64) -> Result<(), Stopped> {
        if value.is_finite() { self.display(value) } else { self.serialize_unit() }
    }

    fn serialize_char(self, value: char) -> Result<(), Stopped> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Stopped> {
        if self.bare {
            return Ok(self.buf.bytes(value.as_bytes())?);
        }
        self.buf.byte(b'"')?;
        escape(value, &mut |piece| self.buf.bytes(piece))?;
        Ok(self.buf.byte(b'"')?)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Stopped> {
        Err(Stopped)
    }

    fn serialize_none(self) -> Result<(), Stopped> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Stopped> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Stopped> {
        Ok(self.buf.bytes(b"null")?)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Stopped> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Stopped> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Stopped> {
        value.serialize(Writer { bare: name == NUMBER_TOKEN || name == RAW_TOKEN, ..self })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Stopped> {
        let mut fields = self.open(b'{', b'}')?;
        fields.field(variant, value)?;
        fields.end()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Fields<'w, 'b>, Stopped> {
        self.open(b'[', b']')
    }

    fn serialize_tuple(self, _: usize) -> Result<Fields<'w, 'b>, Stopped> {
        self.open(b'[', b']')
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Fields<'w, 'b>, Stopped> {
        match name {
            UNREAD_TOKEN => Ok(Fields { buf: self.buf, first: true, close: UNREAD }),
            _ => self.open(b'[', b']'),
        }
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Stopped> {
        Err(Stopped)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'w, 'b>, Stopped> {
        self.open(b'{', b'}')
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'w, 'b>, Stopped> {
        self.open(b'{', b'}')
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Stopped> {
        Err(Stopped)
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Stopped> {
        use fmt::Write;

        /// Escapes what is displayed on its way.
        struct Escaped<'e, 'b>(&'e mut Buf<'b>);
        impl fmt::Write for Escaped<'_, '_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                escape(text, &mut |piece| self.0.bytes(piece)).map_err(|Full| fmt::Error)
            }
        }
        self.buf.byte(b'"')?;
        write!(Escaped(self.buf), "{value}").map_err(|_| Stopped)?;
        Ok(self.buf.byte(b'"')?)
    }
}

/// Stands for the bracket of what could not be read, which has none.
const UNREAD: u8 = 0;

/// Writes the elements of an array or the fields of an object.
struct Fields<'w, 'b> {
    buf: &'w mut Buf<'b>,
    first: bool,
    close: u8,
}

impl Fields<'_, '_> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stopped> {
        if !core::mem::take(&mut self.first) {
            self.buf.byte(b',')?;
        }
        value.serialize(Writer { buf: self.buf, bare: false })
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Stopped> {
        self.element(name)?;
        self.after_key(value)
    }

    fn after_key<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stopped> {
        self.buf.byte(b':')?;
        value.serialize(Writer { buf: self.buf, bare: false })
    }

    fn end(self) -> Result<(), Stopped> {
        Ok(self.buf.byte(self.close)?)
    }
}

impl ser::SerializeSeq for Fields<'_, '_> {
    type Ok = ();
    type Error = Stopped;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stopped> {
        self.element(value)
    }

    fn end(self) -> Result<(), Stopped> {
        Fields::end(self)
    }
}

impl ser::SerializeTuple for Fields<'_, '_> {
    type Ok = ();
    type Error = Stopped;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stopped> {
        self.element(value)
    }

    fn end(self) -> Result<(), Stopped> {
        Fields::end(self)
    }
}

impl ser::SerializeTupleStruct for Fields<'_, '_> {
    type Ok = ();
    type Error = Stopped;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stopped> {
        if self.close != UNREAD {
            return self.element(value);
        }
        // The text as it came, and nothing of what is wrong with it.
        match core::mem::take(&mut self.first) {
            true => value.serialize(Writer { buf: self.buf, bare: true }),
            false => Ok(()),
        }
    }

    fn end(self) -> Result<(), Stopped> {
        if self.close == UNREAD { Ok(()) } else { Fields::end(self) }
    }
}

impl ser::SerializeMap for Fields<'_, '_> {
    type Ok = ();
    type Error = Stopped;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Stopped> {
        let start = self.buf.len() + usize::from(!self.first);
        self.element(key)?;
        // Only a text can be a key.
        if self.buf.as_bytes().get(start) == Some(&b'"') { Ok(()) } else { Err(Stopped) }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stopped> {
        self.after_key(value)
    }

    fn end(self) -> Result<(), Stopped> {
        Fields::end(self)
    }
}

impl ser::SerializeStruct for Fields<'_, '_> {
    type Ok = ();
    type Error = Stopped;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Stopped> {
        self.field(name, value)
    }

    fn end(self) -> Result<(), Stopped> {
        Fields::end(self)
    }
}
