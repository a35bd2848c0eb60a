//! An API key and the signer that belongs to it.

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{KeyKind, Signer};

/// The text of an API key, as it goes into the header `X-MBX-APIKEY`. Zeroized on drop; `Debug` does not show it.
#[derive(Clone)]
pub struct ApiKey {
    bytes: [u8; Self::MAX_LEN],
    len: usize,
}

impl ApiKey {
    /// The longest that is taken, in bytes. The exchange's have 64.
    pub const MAX_LEN: usize = 128;

    /// Takes the key as the exchange shows it.
    ///
    /// # Errors
    /// [`ApiKeyError`] when it is empty, too long, or holds anything but visible ASCII, which could not go into a
    /// header.
    pub fn new(text: &str) -> Result<Self, ApiKeyError> {
        let mut key = Self { bytes: [0; Self::MAX_LEN], len: text.len() };
        let room = key.bytes.get_mut(..text.len()).ok_or(ApiKeyError)?;
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ApiKeyError);
        }
        room.copy_from_slice(text.as_bytes());
        Ok(key)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.len).unwrap_or_default();
        core::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl Drop for ApiKey {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl ZeroizeOnDrop for ApiKey {}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey")
    }
}

/// A text that cannot be an API key: empty, longer than [`ApiKey::MAX_LEN`], or not visible ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiKeyError;

impl fmt::Display for ApiKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an API key is 1 to 128 visible ASCII characters")
    }
}

impl core::error::Error for ApiKeyError {}

/// What a signed request needs: an API key and the signer that belongs to it. `Debug` shows the kind of key only.
///
/// With one type of signer, `Credentials<Hmac>`, a program links that signer and no other. With
/// `Credentials<&dyn Signer>` or a boxed one the kind of key is chosen at run time.
#[derive(Clone)]
pub struct Credentials<S> {
    api_key: ApiKey,
    signer: S,
}

impl<S: Signer> Credentials<S> {
    /// Joins the API key, as the exchange shows it, with its signer.
    ///
    /// # Errors
    /// As [`ApiKey::new`].
    pub fn new(api_key: &str, signer: S) -> Result<Self, ApiKeyError> {
        Ok(Self { api_key: ApiKey::new(api_key)?, signer })
    }

    /// The same with the signer in a box, for those who choose the kind of key at run time.
    #[cfg(feature = "alloc")]
    pub fn boxed(self) -> Credentials<alloc::boxed::Box<dyn Signer + Send + Sync>>
    where
        S: Send + Sync + 'static,
    {
        Credentials { api_key: self.api_key, signer: alloc::boxed::Box::new(self.signer) }
    }

    /// The text of the API key.
    pub fn api_key(&self) -> &str {
        self.api_key.as_str()
    }

    /// The signer.
    pub fn signer(&self) -> &S {
        &self.signer
    }

    /// Which kind of key signs.
    pub fn kind(&self) -> KeyKind {
        self.signer.kind()
    }
}

impl<S: ZeroizeOnDrop> ZeroizeOnDrop for Credentials<S> {}

impl<S: Signer> fmt::Debug for Credentials<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({})", self.signer.kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_key_fits_a_header_or_is_refused() {
        extern crate std;
        use std::{format, string::String};

        for text in ["k", &"k".repeat(128)] {
            assert_eq!(ApiKey::new(text).unwrap().as_str(), text);
        }
        let long: String = "k".repeat(129);
        for text in ["", " ", "a b", "a\r\nHost: x", "é", "a\u{7f}", &long] {
            assert!(ApiKey::new(text).is_err(), "{text:?}");
        }
        assert_eq!(format!("{:?}", ApiKey::new("secret").unwrap()), "ApiKey");
    }
}
