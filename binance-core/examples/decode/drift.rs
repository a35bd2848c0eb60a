//! How far an input is from the type that models it: a serializer that walks a value beside the JSON it came from.

use std::fmt::{self, Write as _};

use serde::ser::{self, Impossible, Serialize};
use serde_json::Value;

/// The name under which binance-core hands out an element that it could not read.
const UNREAD: &str = "$binance_core::Unread";

/// Something in the input that cannot be read: its text and the cause.
#[derive(Debug)]
pub(crate) struct Unread {
    offset: usize,
    cause: String,
}

impl Unread {
    /// The cause, with the offset from the start of an input in which this one starts at `start`.
    pub(crate) fn at(&self, start: usize) -> String {
        format!("byte {}: {}", start + self.offset, self.cause)
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.at(0))
    }
}

impl std::error::Error for Unread {}

impl ser::Error for Unread {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { offset: 0, cause: message.to_string() }
    }
}

/// The drift between `value` and the `input` that it was read from, a line for each key.
pub(crate) fn of(value: &impl Serialize, input: &str) -> Result<String, Unread> {
    // A reply of one bare word has no keys.
    let json: Value = serde_json::from_str(input).unwrap_or_default();
    let mut lines = String::new();
    value.serialize(Walk { input, json: Some(&json), path: String::new(), lines: &mut lines })?;
    let mut seen = std::collections::BTreeSet::new();
    Ok(lines.lines().filter(|line| seen.insert(*line)).fold(String::new(), |all, line| all + line + "\n"))
}

/// Where the walk stands: in the value, and beside it in the input.
struct Walk<'w> {
    input: &'w str,
    json: Option<&'w Value>,
    path: String,
    lines: &'w mut String,
}

impl<'w> Walk<'w> {
    fn inside(self) -> Inside<'w> {
        Inside { walk: self, index: 0, modelled: Vec::new(), unread: None }
    }
}

/// In an array or an object of the value.
struct Inside<'w> {
    walk: Walk<'w>,
    index: usize,
    modelled: Vec<String>,
    unread: Option<String>,
}

impl<'w> Inside<'w> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unread> {
        let json = self.walk.json.and_then(|json| json.get(self.index));
        self.index += 1;
        let path = format!("{}[]", self.walk.path);
        value.serialize(Walk { input: self.walk.input, json, path, lines: self.walk.lines })
    }

    fn field<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Unread> {
        self.modelled.push(key.into());
        let json = self.walk.json.and_then(|json| json.get(key));
        let path = self.path_of(key);
        value.serialize(Walk { input: self.walk.input, json, path, lines: self.walk.lines })
    }

    fn path_of(&self, key: &str) -> String {
        if self.walk.path.is_empty() { key.into() } else { format!("{}.{key}", self.walk.path) }
    }

    fn end(self) -> Result<(), Unread> {
        if let Some(Value::Object(object)) = self.walk.json {
            for key in object.keys().filter(|key| !self.modelled.contains(key)) {
                let _ = writeln!(self.walk.lines, "unmodelled {}", self.path_of(key));
            }
            for key in self.modelled.iter().filter(|key| !object.contains_key(*key)) {
                let _ = writeln!(self.walk.lines, "missing {}", self.path_of(key));
            }
        }
        Ok(())
    }
}

macro_rules! leaves {
    ($($method:ident: $type:ty)*) => {$(
        fn $method(self, _: $type) -> Result<(), Unread> {
            Ok(())
        }
    )*};
}

impl<'w> ser::Serializer for Walk<'w> {
    type Ok = ();
    type Error = Unread;
    type SerializeSeq = Inside<'w>;
    type SerializeTuple = Inside<'w>;
    type SerializeTupleStruct = Inside<'w>;
    type SerializeTupleVariant = Impossible<(), Unread>;
    type SerializeMap = Inside<'w>;
    type SerializeStruct = Inside<'w>;
    type SerializeStructVariant = Impossible<(), Unread>;

    leaves! {
        serialize_bool: bool
        serialize_i8: i8
        serialize_i16: i16
        serialize_i32: i32
        serialize_i64: i64
        serialize_u8: u8
        serialize_u16: u16
        serialize_u32: u32
        serialize_u64: u64
        serialize_f32: f32
        serialize_f64: f64
        serialize_char: char
        serialize_str: &str
        serialize_bytes: &[u8]
        serialize_unit_struct: &'static str
    }

    fn serialize_none(self) -> Result<(), Unread> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unread> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unread> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Unread> {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unread> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unread> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Inside<'w>, Unread> {
        Ok(self.inside())
    }

    fn serialize_tuple(self, _: usize) -> Result<Inside<'w>, Unread> {
        Ok(self.inside())
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Inside<'w>, Unread> {
        let unread = (name == UNREAD).then(String::new);
        Ok(Inside { unread, ..self.inside() })
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unread> {
        Err(ser::Error::custom("no record has enums with fields"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Inside<'w>, Unread> {
        Ok(self.inside())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Inside<'w>, Unread> {
        Ok(self.inside())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unread> {
        Err(ser::Error::custom("no record has enums with fields"))
    }
}

impl ser::SerializeSeq for Inside<'_> {
    type Ok = ();
    type Error = Unread;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unread> {
        self.element(value)
    }

    fn end(self) -> Result<(), Unread> {
        Ok(())
    }
}

impl ser::SerializeTuple for Inside<'_> {
    type Ok = ();
    type Error = Unread;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unread> {
        self.element(value)
    }

    fn end(self) -> Result<(), Unread> {
        Ok(())
    }
}

impl ser::SerializeTupleStruct for Inside<'_> {
    type Ok = ();
    type Error = Unread;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unread> {
        let Some(text) = &self.unread else { return self.element(value) };
        let part = serde_json::to_value(value).map_err(ser::Error::custom)?;
        let part = part.as_str().unwrap_or_default();
        if text.is_empty() {
            self.unread = Some(part.into());
            return Ok(());
        }
        let offset = self.walk.input.find(text.as_str()).unwrap_or_default();
        Err(Unread { offset, cause: format!("in {}: {part}", self.walk.path) })
    }

    fn end(self) -> Result<(), Unread> {
        Ok(())
    }
}

impl ser::SerializeMap for Inside<'_> {
    type Ok = ();
    type Error = Unread;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unread> {
        let key = serde_json::to_value(key).map_err(ser::Error::custom)?;
        self.modelled.push(key.as_str().unwrap_or_default().into());
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unread> {
        let key = self.modelled.pop().unwrap_or_default();
        self.field(&key, value)
    }

    fn end(self) -> Result<(), Unread> {
        Inside::end(self)
    }
}

impl ser::SerializeStruct for Inside<'_> {
    type Ok = ();
    type Error = Unread;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Unread> {
        self.field(key, value)
    }

    fn skip_field(&mut self, key: &'static str) -> Result<(), Unread> {
        self.modelled.push(key.into());
        Ok(())
    }

    fn end(self) -> Result<(), Unread> {
        Inside::end(self)
    }
}
