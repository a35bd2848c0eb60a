//! PKCS#8 keys under a passphrase: PBES2 (RFC 8018), without a heap but for scrypt.

use aes::{Aes128, Aes256};
use cbc::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7};
use der::{Decode, ErrorKind, Header, SliceReader, asn1::ObjectIdentifier};
use pbkdf2::pbkdf2_hmac;
use pkcs5::pbes2::{EncryptionScheme as Cipher, Kdf, PBES2_OID, Parameters, Pbkdf2Params, Pbkdf2Prf};
use pkcs8::EncryptedPrivateKeyInfoRef;
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::{KeyBuffer, KeyError, MAX_ITERATIONS, PrivateKey, Shape, complete, shape};

impl<'a> PrivateKey<'a> {
    /// Reads a key in DER, encrypted or a plain one, which needs no passphrase, decrypting it in `room`.
    ///
    /// # Errors
    /// [`KeyError`], by what the bytes are instead.
    pub fn from_encrypted_der(
        der: &[u8],
        passphrase: &[u8],
        room: &'a mut KeyBuffer,
    ) -> Result<Self, KeyError> {
        room.0.get_mut(..der.len()).ok_or(KeyError::TooLong)?.copy_from_slice(der);
        Self::decrypt(room, der.len(), passphrase)
    }

    /// Reads the first `len` bytes of `room`, decrypting them in place when they are encrypted.
    pub(super) fn decrypt(room: &'a mut KeyBuffer, len: usize, passphrase: &[u8]) -> Result<Self, KeyError> {
        let der = room.0.get_mut(..len).unwrap_or_default();
        complete(der)?;
        if !matches!(shape(der)?, Shape::Encrypted) {
            return Self::from_der(der);
        }
        if scheme(der).ok_or(KeyError::Malformed)? != PBES2_OID {
            // What was there before it, PBES1 and PKCS#12, has nothing but DES, triple DES, RC2 and RC4.
            return Err(KeyError::Des);
        }
        let info = EncryptedPrivateKeyInfoRef::from_der(der).map_err(unknown)?;
        let parameters = info.encryption_algorithm.pbes2().ok_or(KeyError::Malformed)?.clone();
        // The encrypted part is the last element of the file.
        let start = len - info.encrypted_data.as_bytes().len();
        let plain = decrypt(&parameters, passphrase, der.get_mut(start..).unwrap_or_default())?;
        // A wrong passphrase passes for padding now and then, but not for a key.
        Self::from_der(plain).map_err(|error| match error {
            KeyError::Malformed | KeyError::Truncated => KeyError::Passphrase,
            other => other,
        })
    }
}

/// Decrypts `data` in place.
fn decrypt<'d>(parameters: &Parameters, passphrase: &[u8], data: &'d mut [u8]) -> Result<&'d [u8], KeyError> {
    match &parameters.encryption {
        Cipher::Aes128Cbc { iv } => {
            let key = derive::<16>(&parameters.kdf, passphrase)?;
            let cipher = cbc::Decryptor::<Aes128>::new((&*key).into(), iv.into());
            cipher.decrypt_padded::<Pkcs7>(data).map_err(|_| KeyError::Passphrase)
        }
        Cipher::Aes256Cbc { iv } => {
            let key = derive::<32>(&parameters.kdf, passphrase)?;
            let cipher = cbc::Decryptor::<Aes256>::new((&*key).into(), iv.into());
            cipher.decrypt_padded::<Pkcs7>(data).map_err(|_| KeyError::Passphrase)
        }
        _ => Err(KeyError::Cipher),
    }
}

/// Derives a key of `LEN` bytes from the passphrase.
fn derive<const LEN: usize>(kdf: &Kdf, passphrase: &[u8]) -> Result<Zeroizing<[u8; LEN]>, KeyError> {
    if kdf.key_length().is_some_and(|len| usize::from(len) != LEN) {
        return Err(KeyError::Malformed);
    }
    let mut key = Zeroizing::new([0; LEN]);
    match kdf {
        Kdf::Pbkdf2(params) => pbkdf2(params, passphrase, &mut *key)?,
        #[cfg(feature = "scrypt")]
        Kdf::Scrypt(params) => scrypt(params, passphrase, &mut *key)?,
        _ => return Err(KeyError::Derivation),
    }
    Ok(key)
}

fn pbkdf2(params: &Pbkdf2Params, passphrase: &[u8], key: &mut [u8]) -> Result<(), KeyError> {
    let rounds = params.iteration_count;
    if rounds > MAX_ITERATIONS {
        return Err(KeyError::Costly);
    }
    let salt = params.salt.as_bytes();
    match params.prf {
        Pbkdf2Prf::HmacWithSha256 => pbkdf2_hmac::<Sha256>(passphrase, salt, rounds, key),
        Pbkdf2Prf::HmacWithSha384 => pbkdf2_hmac::<Sha384>(passphrase, salt, rounds, key),
        Pbkdf2Prf::HmacWithSha512 => pbkdf2_hmac::<Sha512>(passphrase, salt, rounds, key),
        _ => return Err(KeyError::Derivation),
    }
    Ok(())
}

#[cfg(feature = "scrypt")]
fn scrypt(params: &pkcs5::pbes2::ScryptParams, passphrase: &[u8], key: &mut [u8]) -> Result<(), KeyError> {
    let (cost, block, lanes) =
        (params.cost_parameter, u64::from(params.block_size), u64::from(params.parallelization));
    // The cost and the block size decide the memory, all three the time.
    let memory = cost.saturating_mul(block).saturating_mul(128).saturating_mul(lanes);
    if memory > super::MAX_SCRYPT_MEMORY {
        return Err(KeyError::Costly);
    }
    if !cost.is_power_of_two() {
        return Err(KeyError::Malformed);
    }
    let log_n = u8::try_from(cost.ilog2()).map_err(|_| KeyError::Costly)?;
    let checked = scrypt::Params::new(log_n, params.block_size.into(), params.parallelization.into())
        .map_err(|_| KeyError::Malformed)?;
    scrypt::scrypt(passphrase, params.salt.as_bytes(), &checked, key).map_err(|_| KeyError::Malformed)
}

/// The scheme that a file names, the first thing in the first element of its outer sequence.
fn scheme(der: &[u8]) -> Option<ObjectIdentifier> {
    let mut reader = SliceReader::new(der).ok()?;
    Header::decode(&mut reader).ok()?;
    Header::decode(&mut reader).ok()?;
    ObjectIdentifier::decode(&mut reader).ok()
}

/// Why the parameters of PBES2 were not understood.
fn unknown(error: der::Error) -> KeyError {
    /// OIW `desCBC` and RSADSI `des-EDE3-CBC`.
    const DES: [ObjectIdentifier; 2] =
        [ObjectIdentifier::new_unwrap("1.3.14.3.2.7"), ObjectIdentifier::new_unwrap("1.2.840.113549.3.7")];
    /// RSADSI's `digestAlgorithm`, where the HMACs are.
    const DIGESTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2");

    match error.kind() {
        ErrorKind::OidUnknown { oid } if DES.contains(&oid) => KeyError::Des,
        ErrorKind::OidUnknown { oid } if oid.parent() == Some(DIGESTS) => KeyError::Derivation,
        ErrorKind::OidUnknown { .. } => KeyError::Cipher,
        _ => KeyError::Malformed,
    }
}
