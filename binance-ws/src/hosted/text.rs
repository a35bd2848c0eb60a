//! A text as the libraries under the adapters give it.

use std::{fmt, mem, ops::Deref};

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

/// A text that is lent, most often in the buffer in which it came: to be read at once, or [kept](Self::keep).
pub struct Lent<'t>(Loan<'t>);

enum Loan<'t> {
    #[cfg_attr(not(feature = "native"), allow(dead_code, reason = "no other adapter lends parts"))]
    Part {
        text: &'t str,
        of: &'t ByteString,
    },
    Whole(&'t mut SharedText),
}

impl<'t> Lent<'t> {
    /// A part of a text that can be shared.
    #[cfg(feature = "native")]
    #[inline]
    pub(crate) fn part(text: &'t str, of: &'t ByteString) -> Self {
        Self(Loan::Part { text, of })
    }

    /// The text, for as long as it is wanted. Copies nothing.
    #[inline]
    pub fn keep(self) -> SharedText {
        match self.0 {
            Loan::Part { text, of } => of.slice_ref(text).into(),
            Loan::Whole(text) => mem::take(text),
        }
    }
}

impl Deref for Lent<'_> {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        match &self.0 {
            Loan::Part { text, .. } => text,
            Loan::Whole(text) => text,
        }
    }
}

/// Whoever lends a text has no more use for it: [`keep`](Lent::keep) leaves an empty one.
impl<'t> From<&'t mut SharedText> for Lent<'t> {
    #[inline]
    fn from(text: &'t mut SharedText) -> Self {
        Self(Loan::Whole(text))
    }
}

impl Default for SharedText {
    #[inline]
    fn default() -> Self {
        Self(Kind::Own(ByteString::new()))
    }
}

impl Deref for SharedText {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        match &self.0 {
            Kind::Own(text) => text,
            #[cfg(feature = "tungstenite")]
            Kind::Tungstenite(text) => text.as_str(),
        }
    }
}

impl From<ByteString> for SharedText {
    #[inline]
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
    #[inline]
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

impl PartialEq for Lent<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Lent<'_> {}

impl fmt::Debug for Lent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
