//! A text as the libraries under the adapters give it.

use std::{fmt, ops::Deref};

use bytestring::ByteString;

/// A text in memory that is shared with other texts that came together with it. Cloning does not copy it.
///
/// Each library has a type of its own for what it has found to be UTF-8; here they are one, so that none has to look twice.
#[derive(Clone)]
pub struct SharedText(Kind);

#[derive(Clone)]
enum Kind {
    Own(ByteString),
    #[cfg(feature = "tungstenite")]
    Tungstenite(tokio_tungstenite::tungstenite::Utf8Bytes),
}

impl Deref for SharedText {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            Kind::Own(text) => text,
            #[cfg(feature = "tungstenite")]
            Kind::Tungstenite(text) => text.as_str(),
        }
    }
}

impl From<ByteString> for SharedText {
    fn from(text: ByteString) -> Self {
        Self(Kind::Own(text))
    }
}

impl From<&str> for SharedText {
    fn from(text: &str) -> Self {
        Self(Kind::Own(text.into()))
    }
}

#[cfg(feature = "tungstenite")]
impl From<tokio_tungstenite::tungstenite::Utf8Bytes> for SharedText {
    fn from(text: tokio_tungstenite::tungstenite::Utf8Bytes) -> Self {
        Self(Kind::Tungstenite(text))
    }
}

impl PartialEq for SharedText {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for SharedText {}

impl fmt::Debug for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
