//! The fast decoder of a record against the plain one, and printing against both.

use binance_core::{ReplyVisitor, json};
use serde::{Deserialize, Serialize};

/// Reads a text by both decoders: they agree whether it can be read and as what, and what is printed of it reads as the
/// same again. Answers whether it could be read.
pub(crate) struct Agree<'r> {
    pub(crate) text: &'r str,
    /// Where the type stands, for messages.
    pub(crate) name: &'r str,
}

impl<'r> ReplyVisitor<'r> for Agree<'r> {
    type Output = bool;

    fn visit<T>(self, read: fn(&'r [u8]) -> Result<T, json::Error>) -> bool
    where
        T: Deserialize<'r> + Serialize + PartialEq + core::fmt::Debug + 'r,
    {
        let Self { text, name } = self;
        let fast = read(text.as_bytes());
        let plain: Result<T, _> = json::from_str_by_serde(text);
        match (&fast, &plain) {
            (Ok(fast), Ok(plain)) => assert!(fast == plain, "{name}: {fast:?} and {plain:?} of {text}"),
            (Err(_), Err(_)) => return false,
            _ => panic!("{name}: {fast:?} and {plain:?} of {text}"),
        }
        let Ok(value) = fast else { return false };
        // Lists print their elements, of which any may be wrong; the rest prints what was read.
        let mut room = vec![0; 16 * text.len() + 4_096];
        let _ = json::to_slice(&value, &mut room);
        let _ = format!("{value:?}");
        true
    }
}
