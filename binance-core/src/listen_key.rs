//! Texts that do not show: the key of a user data stream, and an API key that the exchange tells.

use core::{fmt, ops::Deref};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    hot::{Cursor, Hot},
    text::{Text, TooLong},
    wire::Wire,
};

/// Declares texts that `Debug` does not show.
macro_rules! hidden {
    ($( $(#[$meta:meta])* $name:ident; )*) => {$(
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(Text<127>);

        impl $name {
            /// One that is known from elsewhere.
            ///
            /// # Errors
            /// [`TooLong`] over 127 bytes.
            pub fn new(text: &str) -> Result<Self, TooLong> {
                Text::new(text).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Text::deserialize(deserializer).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        impl<'de> Wire<'de> for $name {}

        impl<'r> Hot<'r> for $name {
            #[inline(always)]
            fn hot(cursor: &mut Cursor<'r>) -> Option<Self> {
                Text::hot(cursor).map(Self)
            }
        }
    )*};
}

hidden! {
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
    ListenKey;

    /// An API key as the exchange tells it of a connection that is logged on. `Debug` does not show it.
    ApiKeyText;
}
