//! The key of a user data stream, which is a secret.

use core::{fmt, ops::Deref};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    hot::{Cursor, Hot},
    text::{Text, TooLong},
    wire::Wire,
};

/// The key of a user data stream: 60 to 64 letters and digits today, twice that fits.
///
/// Whoever has it can read the account's events, so `Debug` does not show it. It dereferences to its text.
///
/// ```
/// use binance_core::{json, listen_key::ListenKey};
/// let key: ListenKey = json::from_str(r#""pqia91ma19a5s61c""#)?;
/// assert_eq!(&*key, "pqia91ma19a5s61c");
/// assert_eq!(format!("{key:?}"), "ListenKey");
/// # Ok::<(), json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ListenKey(Text<127>);

impl ListenKey {
    /// A key that was started elsewhere.
    ///
    /// # Errors
    /// [`TooLong`] over 127 bytes.
    pub fn new(key: &str) -> Result<Self, TooLong> {
        Text::new(key).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for ListenKey {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ListenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ListenKey")
    }
}

impl<'de> Deserialize<'de> for ListenKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer).map(Self)
    }
}

impl Serialize for ListenKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Wire<'de> for ListenKey {}

impl<'r> Hot<'r> for ListenKey {
    fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
        Text::hot(cursor).map(Self)
    }
}
