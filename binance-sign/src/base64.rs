//! The text of the signatures that are not hex.

use base64ct::{Base64, Encoding};

use crate::SignError;

/// Writes `bytes` as standard base64 to the start of `out`.
pub(crate) fn encode<'o>(bytes: &[u8], out: &'o mut [u8]) -> Result<&'o str, SignError> {
    Base64::encode(bytes, out).map_err(|_| SignError::Full)
}

/// How long the base64 of `len` bytes is.
pub(crate) const fn encoded_len(len: usize) -> usize {
    len.div_ceil(3) * 4
}
