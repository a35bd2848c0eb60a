//! A reply that is sometimes not JSON.

use core::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor, value::MapAccessDeserializer},
};

use crate::{
    json::{self, Error, ErrorKind},
    record::Done,
    text::Text,
};

/// A reply that the request was taken, which is a code and a message or one bare word, such as `SUCCESS`.
#[derive(Clone, Debug, PartialEq)]
pub enum DoneOrText {
    /// A code and a message.
    Done(Done),
    /// A word, of at most 63 bytes.
    Text(Text<63>),
}

/// Reads a body that is JSON, or a word without quotes.
pub(super) fn read(body: &[u8]) -> Result<DoneOrText, Error> {
    let word = body.trim_ascii();
    if matches!(word.first(), None | Some(b'{' | b'"')) {
        return json::from_slice(body);
    }
    let start = body.len() - body.trim_ascii_start().len();
    let word = core::str::from_utf8(word)
        .map_err(|error| Error::new(ErrorKind::Utf8, start + error.valid_up_to()))?;
    Text::new(word).map(DoneOrText::Text).map_err(|_| Error::new(ErrorKind::TooLong, start))
}

impl<'de> Deserialize<'de> for DoneOrText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = DoneOrText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a code and a message, or a word")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<DoneOrText, E> {
                Text::new(word).map(DoneOrText::Text).map_err(E::custom)
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<DoneOrText, A::Error> {
                Done::deserialize(MapAccessDeserializer::new(map)).map(DoneOrText::Done)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl Serialize for DoneOrText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Done(done) => done.serialize(serializer),
            Self::Text(word) => word.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{endpoint::Endpoint, usdm::trade::SignTradfiPerpsContract};

    #[test]
    fn takes_words_with_quotes_and_without_and_objects() {
        for body in ["SUCCESS", " SUCCESS\n", r#""SUCCESS""#] {
            let reply = SignTradfiPerpsContract::new().decode(body.as_bytes()).unwrap();
            assert!(matches!(&reply, DoneOrText::Text(word) if word == "SUCCESS"), "{body}: {reply:?}");
        }
        let reply = SignTradfiPerpsContract::new().decode(br#"{"code":200,"msg":"success"}"#).unwrap();
        assert!(matches!(reply, DoneOrText::Done(done) if done.code == 200));
    }

    #[test]
    fn refuses_what_is_neither() {
        let long = [b'x'; 64];
        for (body, kind) in [
            (&b""[..], ErrorKind::End),
            (b" \n", ErrorKind::End),
            (b"{}", ErrorKind::Missing),
            (br#"{"code":200"#, ErrorKind::End),
            (b" caf\xff", ErrorKind::Utf8),
            (&long, ErrorKind::TooLong),
        ] {
            let error = SignTradfiPerpsContract::new().decode(body).unwrap_err();
            assert_eq!(error.kind(), kind, "{body:?}");
        }
    }
}
