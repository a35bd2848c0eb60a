//! Values that come as text in one reply and bare in another.

use core::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, IntoDeserializer, Visitor},
};

use crate::{time::Millis, wire::Wire};

/// A whole number, time or flag that the exchange sends as text, or bare, or now so and now so. Goes out as it came.
///
/// Where it is optional, `""` and `"null"` are none.
///
/// ```
/// use binance_core::{json, record::Quoted, time::Millis};
/// let text: Quoted<Millis> = json::from_str(r#""1583139600000""#)?;
/// let bare: Quoted<Millis> = json::from_str("1583139600000")?;
/// assert_eq!(text, bare);
/// assert_eq!(text.get(), Millis(1_583_139_600_000));
/// assert_eq!(json::to_slice(&text, &mut [0; 32]), Ok(r#""1583139600000""#));
/// # Ok::<(), json::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Quoted<T> {
    value: T,
    bare: bool,
}

impl<T: Copy> Quoted<T> {
    /// The value.
    pub const fn get(self) -> T {
        self.value
    }
}

/// By value, in whatever form it came.
impl<T: PartialEq> PartialEq for Quoted<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: PartialEq> PartialEq<T> for Quoted<T> {
    fn eq(&self, other: &T) -> bool {
        self.value == *other
    }
}

impl<T: Eq> Eq for Quoted<T> {}

impl<T: fmt::Debug> fmt::Debug for Quoted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for Quoted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: fmt::Display + Serialize> Serialize for Quoted<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.bare || !serializer.is_human_readable() {
            self.value.serialize(serializer)
        } else {
            serializer.collect_str(&self.value)
        }
    }
}

impl<'de, T: FromText<'de>> Deserialize<'de> for Quoted<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer
                .deserialize_any(Either(PhantomData))?
                .ok_or_else(|| de::Error::invalid_value(de::Unexpected::Option, &T::EXPECTED))
        } else {
            T::deserialize(deserializer).map(bare)
        }
    }
}

impl<'de, T: FromText<'de>> Wire<'de> for Quoted<T> {
    fn optional<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_any(Either(PhantomData))
        } else {
            Ok(Option::deserialize(deserializer)?.map(bare))
        }
    }
}

const fn bare<T>(value: T) -> Quoted<T> {
    Quoted { value, bare: true }
}

/// What can stand between quotes.
#[doc(hidden)]
pub trait FromText<'de>: Deserialize<'de> {
    const EXPECTED: &'static str;

    fn from_text(text: &str) -> Option<Self>;
}

macro_rules! from_text {
    ($($type:ty: $expected:literal, $parse:expr;)*) => {$(
        impl FromText<'_> for $type {
            const EXPECTED: &'static str = $expected;

            fn from_text(text: &str) -> Option<Self> {
                text.parse().ok().map($parse)
            }
        }
    )*};
}
from_text! {
    bool: "true or false, as text or bare", |flag: bool| flag;
    i32: "a whole number of 32 bits, as text or bare", |number: i32| number;
    u32: "a whole number from 0 on of 32 bits, as text or bare", |number: u32| number;
    u64: "a whole number from 0 on of 64 bits, as text or bare", |number: u64| number;
    Millis: "a time in milliseconds, as text or bare", Millis;
}

/// Takes a value in either form; none from `null`, `""` and `"null"`.
struct Either<T>(PhantomData<fn() -> T>);

impl<'de, T: FromText<'de>> Visitor<'de> for Either<T> {
    type Value = Option<Quoted<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        match T::from_text(text) {
            Some(value) => Ok(Some(Quoted { value, bare: false })),
            None if matches!(text, "" | "null") => Ok(None),
            None => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(|value| Some(bare(value)))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(|value| Some(bare(value)))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(|value| Some(bare(value)))
    }

    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
#[allow(unreachable_pub, reason = "as the table makes it")]
mod tests {
    extern crate std;

    use std::string::ToString;

    use super::*;
    use crate::json;

    record! {
        /// One of each.
        pub struct Sample {
            /// A number.
            "n" => number: Quoted<u32>,
            /// A flag.
            "f" ? flag: Quoted<bool>,
            /// A time.
            "t" ? time: Quoted<Millis>,
        }
    }

    #[test]
    fn goes_out_in_the_form_in_which_it_came_by_both_decoders() {
        for text in [r#"{"n":"7","f":"false","t":"-1"}"#, r#"{"n":7,"f":true,"t":-1}"#, r#"{"n":4294967295}"#]
        {
            let own: Sample = json::from_str(text).unwrap();
            let serde: Sample = serde_json::from_str(text).unwrap();
            assert_eq!(own, serde);
            assert_eq!(json::to_slice(&own, &mut [0; 64]).unwrap(), text);
            assert_eq!(serde_json::to_string(&own).unwrap(), text);
        }
        let none: Sample = json::from_str(r#"{"n":"7","f":"null","t":""}"#).unwrap();
        assert_eq!((none.flag, none.time), (None, None));
        assert_eq!(json::from_str::<Sample>(r#"{"n":"7","f":null,"t":null}"#).unwrap(), none);
    }

    #[test]
    fn what_does_not_fit_is_an_error_that_says_so() {
        for text in [
            r#"{"n":""}"#,
            r#"{"n":null}"#,
            r#"{"n":"x"}"#,
            r#"{"n":"4294967296"}"#,
            r#"{"n":4294967296}"#,
            r#"{"n":-1}"#,
            r#"{"n":1.5}"#,
            r#"{"n":true}"#,
            r#"{"n":[1]}"#,
            r#"{"n":1,"f":1}"#,
            r#"{"n":1,"t":"1.5"}"#,
        ] {
            let own = json::from_str::<Sample>(text).unwrap_err();
            assert!(own.offset().is_some() && !own.field().is_empty(), "{text}: {own}");
            assert!(serde_json::from_str::<Sample>(text).is_err(), "{text}");
        }
        let error = json::from_str::<Quoted<u32>>(r#""x""#).unwrap_err();
        assert!(error.to_string().contains("a whole number from 0 on of 32 bits"), "{error}");
    }
}
