//! PEM: base64 between two lines that name the contents.

use pem_rfc7468::{Decoder, Error};

use super::{KeyBuffer, KeyError, PrivateKey};

impl<'a> PrivateKey<'a> {
    /// Reads a plain key in PEM, `PRIVATE KEY` or `RSA PRIVATE KEY`, decoding it into `room`.
    ///
    /// The first PEM block counts; text before and behind it is skipped.
    ///
    /// # Errors
    /// [`KeyError`], by what the file is instead; [`KeyError::Encrypted`] for an encrypted key.
    pub fn from_pem(pem: &[u8], room: &'a mut KeyBuffer) -> Result<Self, KeyError> {
        let len = decode(pem, room)?;
        Self::from_der(room.0.get(..len).unwrap_or_default())
    }

    /// Reads a key in PEM, `ENCRYPTED PRIVATE KEY` or a plain one, which needs no passphrase, decoding and
    /// decrypting it in `room`. A default file of OpenSSL takes the time of 2,048 rounds of PBKDF2.
    ///
    /// # Errors
    /// [`KeyError`], by what the file is instead.
    #[cfg(feature = "encrypted")]
    pub fn from_encrypted_pem(
        pem: &[u8],
        passphrase: &[u8],
        room: &'a mut KeyBuffer,
    ) -> Result<Self, KeyError> {
        let len = decode(pem, room)?;
        Self::decrypt(room, len, passphrase)
    }
}

/// Decodes the first block of `pem` into `room` and answers how long it is there.
fn decode(pem: &[u8], room: &mut KeyBuffer) -> Result<usize, KeyError> {
    let block = first_block(pem)?;
    if find(block, b"Proc-Type:").is_some() {
        return Err(KeyError::LegacyPem);
    }
    let mut decoder = Decoder::new_detect_wrap(block).map_err(refused)?;
    match decoder.type_label() {
        "PRIVATE KEY" | "RSA PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" => {}
        "PUBLIC KEY" | "RSA PUBLIC KEY" => return Err(KeyError::Public),
        _ => return Err(KeyError::Algorithm),
    }
    let len = decoder.remaining_len();
    let out = room.0.get_mut(..len).ok_or(KeyError::TooLong)?;
    decoder.decode(out).map_err(refused)?;
    Ok(len)
}

/// From the first `-----BEGIN` to the end of the first line with `-----END`.
fn first_block(pem: &[u8]) -> Result<&[u8], KeyError> {
    const END: &[u8] = b"-----END ";
    let start = find(pem, b"-----BEGIN ").ok_or(KeyError::Malformed)?;
    let pem = pem.get(start..).unwrap_or_default();
    let label = find(pem, END).ok_or(KeyError::Truncated)? + END.len();
    let dashes = find(pem.get(label..).unwrap_or_default(), b"-----").ok_or(KeyError::Truncated)?;
    pem.get(..label + dashes + 5).ok_or(KeyError::Truncated)
}

fn refused(error: Error) -> KeyError {
    match error {
        // Base64 that does not come in fours was cut.
        Error::Length | Error::Base64(base64ct::Error::InvalidLength) => KeyError::Truncated,
        _ => KeyError::Malformed,
    }
}

fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    text.windows(word.len()).position(|window| window == word)
}
