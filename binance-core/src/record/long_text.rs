//! Text without a bound, left where it is.

use core::fmt::{self, Write};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    json::{Raw, escape},
    wire::Wire,
};

/// A text of any length, such as a link, kept as the JSON that it came in.
///
/// [`Self::as_plain`] is the text itself where no escapes stand in it, as is nearly always so; displaying it undoes
/// them.
///
/// ```
/// use binance_core::{json, record::LongText};
/// let link: LongText<'_> = json::from_str(r#""https:\/\/host\/file?a=1\u0026b=2""#)?;
/// assert_eq!(link.as_plain(), None);
/// assert_eq!(link.to_string(), "https://host/file?a=1&b=2");
/// # Ok::<(), json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LongText<'r> {
    /// Between the quotes.
    inside: &'r str,
    raw: Raw<'r>,
}

impl<'r> LongText<'r> {
    /// The text, if no escapes stand in it.
    pub fn as_plain(&self) -> Option<&'r str> {
        (!self.inside.contains('\\')).then_some(self.inside)
    }

    /// Whether it has no characters.
    pub fn is_empty(&self) -> bool {
        self.inside.is_empty()
    }

    /// The characters, without the escapes that JSON has for some. What is no valid escape is given as it stands.
    pub fn chars(&self) -> impl Iterator<Item = char> + use<'r> {
        let mut rest = self.inside;
        core::iter::from_fn(move || {
            let (char, len) = first_char(rest)?;
            rest = rest.get(len..).unwrap_or_default();
            Some(char)
        })
    }
}

impl fmt::Debug for LongText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.raw.as_str())
    }
}

impl fmt::Display for LongText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_plain() {
            Some(text) => f.write_str(text),
            None => self.chars().try_for_each(|char| f.write_char(char)),
        }
    }
}

impl<'de: 'r, 'r> Deserialize<'de> for LongText<'r> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(deserializer)?;
        match raw.as_str().strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            Some(inside) => Ok(Self { inside, raw }),
            None => Err(de::Error::invalid_type(de::Unexpected::Other("another value"), &"a text")),
        }
    }
}

impl Serialize for LongText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_plain() {
            Some(text) => serializer.serialize_str(text),
            None => serializer.collect_str(self),
        }
    }
}

impl<'de: 'r, 'r> Wire<'de> for LongText<'r> {}

/// The first character of what stands between the quotes, and its length there.
fn first_char(text: &str) -> Option<(char, usize)> {
    let first = text.chars().next()?;
    if first != '\\' {
        return Some((first, first.len_utf8()));
    }
    escape(text).or(Some((first, 1)))
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::{String, ToString};

    use super::*;
    use crate::json;

    #[test]
    fn says_what_serde_json_says_and_goes_out_the_same() {
        let long = std::format!(r#""{}""#, "x".repeat(5_000));
        for text in
            [r#""""#, r#""plain""#, r#""币 \" \\ \/ \b\f\n\r\t \u0026 \u5e01 \ud83e\udd80""#, long.as_str()]
        {
            let own: LongText<'_> = json::from_str(text).unwrap();
            let serde: LongText<'_> = serde_json::from_str(text).unwrap();
            assert_eq!(own, serde);
            let plain: String = serde_json::from_str(text).unwrap();
            assert_eq!(own.to_string(), plain);
            assert_eq!(own.as_plain().is_some(), !text.contains('\\'));
            let mut room = std::vec![0; 6_000];
            let printed = json::to_slice(&own, &mut room).unwrap();
            assert_eq!(serde_json::from_str::<String>(printed).unwrap(), plain);
            assert_eq!(serde_json::from_str::<String>(&serde_json::to_string(&own).unwrap()).unwrap(), plain);
        }
        for text in ["1", "null", "[]", "{}", r#""x"#] {
            assert!(json::from_str::<LongText<'_>>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn escapes_that_are_none_are_left_alone() {
        // This crate's reader does not look into texts that no type reads.
        for (text, shown) in [
            (r#""\x""#, r"\x"),
            (r#""\u12""#, r"\u12"),
            (r#""\ud83e""#, r"\ud83e"),
            (r#""\ud83e\u0041""#, r"\ud83eA"),
            (r#""\u+123""#, r"\u+123"),
            (r#""\u币""#, r"\u币"),
        ] {
            assert_eq!(json::from_str::<LongText<'_>>(text).unwrap().to_string(), shown);
        }
    }
}
