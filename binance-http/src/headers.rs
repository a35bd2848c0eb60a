//! All headers of a reply.

use core::fmt;
use std::vec::Vec;

use crate::{limits::Limits, redact::Redacted};

/// All headers of a reply, in the order in which they came. `Debug` blanks what may be secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// For each header the lengths of its name and its value, as two bytes and four, then the two: one allocation in all.
    bytes: Vec<u8>,
    limits: Limits,
}

impl Headers {
    /// The first value of a header, whatever the case of its name. `None` when it is not there or no UTF-8.
    pub fn get(&self, name: &str) -> Option<&str> {
        core::str::from_utf8(self.values(name).next()?).ok()
    }

    /// All values of a header, whatever the case of its name.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.raw().filter(|(other, _)| other.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.raw().map(|(name, value)| (core::str::from_utf8(name).unwrap_or_default(), value))
    }

    fn raw(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut rest = self.bytes.as_slice();
        core::iter::from_fn(move || {
            let (&[n0, n1, v0, v1, v2, v3], tail) = rest.split_first_chunk()?;
            let (name, tail) = tail.split_at_checked(u16::from_ne_bytes([n0, n1]).into())?;
            let (value, tail) = tail.split_at_checked(u32::from_ne_bytes([v0, v1, v2, v3]) as usize)?;
            rest = tail;
            Some((name, value))
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.raw().count()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What they say of the limits.
    pub fn limits(&self) -> Limits {
        self.limits
    }
}

impl<'h> FromIterator<(&'h str, &'h [u8])> for Headers {
    fn from_iter<I: IntoIterator<Item = (&'h str, &'h [u8])>>(headers: I) -> Self {
        let (mut bytes, mut limits) = (Vec::with_capacity(1_024), Limits::default());
        for (name, value) in headers {
            // Transports bound a head far below this.
            let (Ok(name_len), Ok(value_len)) = (u16::try_from(name.len()), u32::try_from(value.len()))
            else {
                continue;
            };
            let ([n0, n1], [v0, v1, v2, v3]) = (name_len.to_ne_bytes(), value_len.to_ne_bytes());
            bytes.extend_from_slice(&[n0, n1, v0, v1, v2, v3]);
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(value);
            limits.header(name, value);
        }
        Self { bytes, limits }
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in self.iter() {
            match core::str::from_utf8(value) {
                Ok(text) => map.entry(&name, &format_args!("{}", Redacted::new(text))),
                Err(_) => map.entry(&name, &format_args!("({} bytes)", value.len())),
            };
        }
        map.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    #[test]
    fn headers_come_back_in_their_order() {
        let given = [
            ("Content-Type", b"application/json".as_slice()),
            ("empty", b""),
            ("x", b"\xff"),
            ("X", b"second"),
        ];
        let headers: Headers = given.into_iter().collect();
        assert!(headers.iter().eq(given));
        assert_eq!(headers.get("content-type"), Some("application/json"));
        assert_eq!(headers.get("EMPTY"), Some(""));
        assert_eq!(headers.get("x"), None, "not UTF-8");
        assert_eq!(headers.get("none"), None);
        assert_eq!(headers.len(), 4);
    }

    #[test]
    fn debug_blanks_secrets() {
        let headers: Headers = [("location", b"/x?signature=abc".as_slice())].into_iter().collect();
        assert_eq!(format!("{headers:?}"), r#"{"location": /x?signature=***}"#);
    }
}
