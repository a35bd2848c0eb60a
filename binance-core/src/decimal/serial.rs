//! Decimals in serde formats.

use core::fmt::{self, Write};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

use super::{Decimal, ParseDecimalError, parse_prefix};
use crate::word::FAST;

/// The name of the newtype under which a decimal asks for the raw text of a JSON leaf, and under which a
/// decimal that was a JSON number hands out its text.
///
/// The crate's own reader answers it with [`Visitor::visit_borrowed_str`] of the leaf as it stands in the
/// JSON, quotes included; its writer prints the text without quotes. Other formats ignore the name.
pub(crate) const NUMBER_TOKEN: &str = "$binance_core::Number";

/// As text. In human-readable formats a number that was read from a bare JSON number goes out as a newtype
/// around its text: the crate's own JSON writer makes it a bare number again, others write a string.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut buf = [0; Self::MAX_LEN];
        let text = self.encode(&mut buf);
        if self.is_bare() && serializer.is_human_readable() {
            serializer.serialize_newtype_struct(NUMBER_TOKEN, text)
        } else {
            serializer.serialize_str(text)
        }
    }
}

/// From text or a number, with white space around the text skipped. In non-human-readable formats from text only.
///
/// The crate's own JSON reader loses nothing. Where a format hands out a bare number as a float (serde_json, for numbers
/// with a point), trailing zeros and digits past the 17th are gone before this type sees it.
impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_newtype_struct(NUMBER_TOKEN, Raw(Required))
        } else {
            deserializer.deserialize_str(Plain(Required))
        }
    }
}

/// For `#[serde(with = "...")]` on `Option<Decimal>`: an empty text, the text `null` and a `null` all mean no value.
///
/// Together with `#[serde(default, skip_serializing_if = "Option::is_none")]` an absent field does, too.
pub mod optional {
    use super::*;

    /// Reads a number, or `None` from `null`, `""` and `"null"`.
    ///
    /// # Errors
    ///
    /// As for [`Decimal`].
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_newtype_struct(NUMBER_TOKEN, Raw(Optional))
        } else {
            deserializer.deserialize_option(Plain(Optional))
        }
    }

    /// Writes the number, or none.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }
}

/// What is made of a number, and of none.
trait Make<'de>: Copy {
    type Value;

    const EXPECTED: &'static str;

    fn some(self, value: Decimal) -> Self::Value;

    /// What no number at all means.
    fn none(self) -> Option<Self::Value>;
}

#[derive(Clone, Copy)]
struct Required;

impl Make<'_> for Required {
    type Value = Decimal;

    const EXPECTED: &'static str = "a decimal number, as text or as a number";

    fn some(self, value: Decimal) -> Decimal {
        value
    }

    fn none(self) -> Option<Decimal> {
        None
    }
}

#[derive(Clone, Copy)]
struct Optional;

impl Make<'_> for Optional {
    type Value = Option<Decimal>;

    const EXPECTED: &'static str = "a decimal number, as text or as a number, or none";

    fn some(self, value: Decimal) -> Option<Decimal> {
        Some(value)
    }

    fn none(self) -> Option<Option<Decimal>> {
        Some(None)
    }
}

/// The text of a number, with white space around it, or of none.
fn read<'de, M: Make<'de>, E: Error>(make: M, text: &str) -> Result<M::Value, E> {
    let text = text.trim_ascii();
    if matches!(text, "" | "null")
        && let Some(none) = make.none()
    {
        return Ok(none);
    }
    Decimal::parse(text.as_bytes()).map(|value| make.some(value)).map_err(E::custom)
}

/// Takes raw JSON from the crate's own reader; sends other formats to [`Plain`].
struct Raw<M>(M);

impl<'de, M: Make<'de>> Visitor<'de> for Raw<M> {
    type Value = M::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(M::EXPECTED)
    }

    fn visit_borrowed_str<E: Error>(self, raw: &'de str) -> Result<M::Value, E> {
        if let Some(text) = raw.strip_prefix('"') {
            // What the exchange sends nearly always: digits from quote to quote.
            if FAST
                && let Some((value, len)) = parse_prefix(text.as_bytes())
                && text.as_bytes().get(len..) == Some(b"\"")
            {
                return Ok(self.0.some(value));
            }
            return read(self.0, trim_escapes(text.strip_suffix('"').unwrap_or(text)));
        }
        if raw == "null" {
            return read(self.0, raw);
        }
        Decimal::parse(raw.as_bytes()).map(|value| self.0.some(value.into_bare())).map_err(E::custom)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<M::Value, D::Error> {
        deserializer.deserialize_any(Plain(self.0))
    }

    // Formats that make nothing of newtypes come straight to these.

    fn visit_str<E: Error>(self, text: &str) -> Result<M::Value, E> {
        Plain(self.0).visit_str(text)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<M::Value, E> {
        Plain(self.0).visit_u64(number)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<M::Value, E> {
        Plain(self.0).visit_i64(number)
    }

    fn visit_u128<E: Error>(self, number: u128) -> Result<M::Value, E> {
        Plain(self.0).visit_u128(number)
    }

    fn visit_i128<E: Error>(self, number: i128) -> Result<M::Value, E> {
        Plain(self.0).visit_i128(number)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<M::Value, E> {
        Plain(self.0).visit_f64(number)
    }

    fn visit_unit<E: Error>(self) -> Result<M::Value, E> {
        Plain(self.0).visit_unit()
    }

    fn visit_none<E: Error>(self) -> Result<M::Value, E> {
        Plain(self.0).visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<M::Value, D::Error> {
        deserializer.deserialize_newtype_struct(NUMBER_TOKEN, self)
    }
}

/// Takes a value in whatever form a format has for it.
struct Plain<M>(M);

impl<'de, M: Make<'de>> Visitor<'de> for Plain<M> {
    type Value = M::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(M::EXPECTED)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<M::Value, E> {
        read(self.0, text)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<M::Value, E> {
        Ok(self.0.some(Decimal::from(number).into_bare()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<M::Value, E> {
        Ok(self.0.some(Decimal::from(number).into_bare()))
    }

    fn visit_u128<E: Error>(self, number: u128) -> Result<M::Value, E> {
        match Decimal::checked(false, number, 0) {
            Some(value) => Ok(self.0.some(value.into_bare())),
            None => Err(E::custom(ParseDecimalError::TooLong)),
        }
    }

    fn visit_i128<E: Error>(self, number: i128) -> Result<M::Value, E> {
        match Decimal::new(number, 0) {
            Some(value) => Ok(self.0.some(value.into_bare())),
            None => Err(E::custom(ParseDecimalError::TooLong)),
        }
    }

    /// Formats without exact numbers: the shortest text that stands for the same float.
    fn visit_f64<E: Error>(self, number: f64) -> Result<M::Value, E> {
        // Up to 17 digits, a point, two signs, `e` and three digits.
        let mut text = heapless::String::<24, u8>::new();
        write!(text, "{number:e}").map_err(E::custom)?;
        Decimal::parse(text.as_bytes()).map(|value| self.0.some(value.into_bare())).map_err(E::custom)
    }

    fn visit_unit<E: Error>(self) -> Result<M::Value, E> {
        read(self.0, "")
    }

    fn visit_none<E: Error>(self) -> Result<M::Value, E> {
        read(self.0, "")
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<M::Value, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_any(self)
        } else {
            deserializer.deserialize_str(self)
        }
    }
}

/// Takes escaped white space off the ends of a raw JSON text: the exchange sends `"0\t"`.
fn trim_escapes(mut text: &str) -> &str {
    loop {
        text = text.trim_ascii();
        let cut = match text.as_bytes() {
            [b'\\', b't' | b'n' | b'r', ..] => text.get(2..),
            [.., b'\\', b't' | b'n' | b'r'] => text.get(..text.len() - 2),
            _ => None,
        };
        match cut {
            Some(cut) => text = cut,
            None => return text,
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::ToString;

    use serde::{
        de::{IntoDeserializer, value},
        forward_to_deserialize_any,
    };

    use super::*;

    /// A leaf of JSON as the crate's own reader hands it out, or the text of a format without field names.
    struct Leaf<'de> {
        text: &'de str,
        human_readable: bool,
    }

    impl<'de> Deserializer<'de> for Leaf<'de> {
        type Error = value::Error;

        fn is_human_readable(&self) -> bool {
            self.human_readable
        }

        fn deserialize_newtype_struct<V: Visitor<'de>>(
            self,
            name: &'static str,
            visitor: V,
        ) -> Result<V::Value, value::Error> {
            assert_eq!((name, self.human_readable), (NUMBER_TOKEN, true));
            visitor.visit_borrowed_str(self.text)
        }

        fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
            assert!(!self.human_readable);
            visitor.visit_borrowed_str(self.text)
        }

        fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
            assert!(!self.human_readable);
            if self.text == "-" { visitor.visit_none() } else { visitor.visit_some(self) }
        }

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, value::Error> {
            Err(value::Error::custom("asked for anything"))
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char string bytes byte_buf unit unit_struct seq tuple
            tuple_struct map struct enum identifier ignored_any
        }
    }

    fn json(text: &str) -> Leaf<'_> {
        Leaf { text, human_readable: true }
    }

    fn binary(text: &str) -> Leaf<'_> {
        Leaf { text, human_readable: false }
    }

    #[test]
    fn raw_leaves_keep_every_digit_and_their_form() {
        for (raw, text, bare) in [
            (r#""64000.10""#, "64000.10", false),
            ("64000.10", "64000.10", true),
            ("0", "0", true),
            (r#""183548213654.12345678""#, "183548213654.12345678", false),
            (r#""-0.5""#, "-0.5", false),
            ("1e-8", "0.00000001", true),
            (r#""1E3""#, "1000", false),
            (r#""0\t""#, "0", false),
            (r#"" \r\n 7.0 \t ""#, "7.0", false),
            ("\"0\t\"", "0", false),
        ] {
            let value = Decimal::deserialize(json(raw)).unwrap();
            assert_eq!((value.to_string().as_str(), value.is_bare()), (text, bare), "{raw}");
            let value = optional::deserialize(json(raw)).unwrap().unwrap();
            assert_eq!((value.to_string().as_str(), value.is_bare()), (text, bare), "{raw}");
        }
        for raw in [r#""""#, "null", r#""null""#, r#"" ""#, r#""\t""#] {
            assert_eq!(optional::deserialize(json(raw)), Ok(None), "{raw}");
            assert!(Decimal::deserialize(json(raw)).is_err(), "{raw}");
        }
        for raw in
            [r#"""#, "", "true", "1.", r#""1""2""#, r#""1\"#, r#""1\u0030""#, r#""\\t1""#, "1 2", r#"1""#]
        {
            let (one, other) = (Decimal::deserialize(json(raw)), optional::deserialize(json(raw)));
            // A lone quote is an empty text cut short; the reader never hands it out.
            assert!(one.is_err() && (other.is_err() || raw == r#"""#), "{raw}: {one:?} {other:?}");
        }
    }

    #[test]
    fn other_formats_give_text_or_numbers() {
        let text: value::StrDeserializer<'_, value::Error> = "1.50".into_deserializer();
        assert_eq!(Decimal::deserialize(text).unwrap().to_string(), "1.50");
        let float: value::F64Deserializer<value::Error> = (-1.797_693_134_862_315_7e-20).into_deserializer();
        let value = Decimal::deserialize(float).unwrap();
        assert_eq!(value.to_string(), "-0.000000000000000000017976931348623157");
        for float in [f64::NAN, f64::INFINITY, f64::MAX, f64::MIN_POSITIVE, -2.225_073_858_507_201_4e-308] {
            let float: value::F64Deserializer<value::Error> = float.into_deserializer();
            assert!(Decimal::deserialize(float).is_err());
        }
        let wide: value::I128Deserializer<value::Error> = (-(1_i128 << 100)).into_deserializer();
        assert_eq!(Decimal::deserialize(wide).unwrap().mantissa(), -(1 << 100));
        let wide: value::U128Deserializer<value::Error> = u128::MAX.into_deserializer();
        assert_eq!(
            Decimal::deserialize(wide).unwrap_err().to_string(),
            ParseDecimalError::TooLong.to_string()
        );
    }

    #[test]
    fn binary_formats_give_text_only() {
        assert_eq!(Decimal::deserialize(binary("1.50")).unwrap().to_string(), "1.50");
        assert!(Decimal::deserialize(binary("")).is_err());
        assert_eq!(optional::deserialize(binary("-")), Ok(None));
        assert_eq!(optional::deserialize(binary("1.50")).unwrap().unwrap().to_string(), "1.50");
    }

    #[test]
    fn a_json_number_goes_out_as_text_where_nobody_knows_the_name() {
        let value = Decimal::deserialize(json("1.50")).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), r#""1.50""#);
    }
}
