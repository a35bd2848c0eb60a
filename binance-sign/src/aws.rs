//! RSA and Ed25519 by aws-lc-rs, for hosted programs that sign often.
//!
//! The same key files and the same text as [`Rsa2048`](crate::Rsa2048) and its kind and
//! [`Ed25519`](crate::Ed25519), in a third to a half of the time. aws-lc-rs compiles C and assembly: it needs a C
//! compiler and one of the targets that it supports. Signing allocates. The library blinds RSA and checks a signature
//! before it releases it; RUSTSEC-2023-0071 is not about it. It zeroizes its keys when they are dropped.

use alloc::vec::Vec;
use core::fmt;

use aws_lc_rs::{
    digest,
    signature::{self, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use der::Decode;

use crate::{
    KeyError, KeyKind, Message, PrivateKey, SignError, Signer, base64, key, key::loaders, signer::Pieces,
};

/// The bytes of the longest signature.
const MAX_BYTES: usize = 512;

/// Signs with an RSA key of 2048 to 4096 bits, PKCS#1 v1.5 with SHA-256, in base64.
pub struct Rsa {
    key: RsaKeyPair,
}

impl Rsa {
    /// Takes a key that was read from a file.
    ///
    /// # Errors
    /// [`KeyError::Kind`] when it is not an RSA key, [`KeyError::RsaSize`] when it does not have 2048 to 4096 bits,
    /// [`KeyError::Inconsistent`] when its parts do not belong together.
    pub fn from_key(key: &PrivateKey<'_>) -> Result<Self, KeyError> {
        let der = key.pkcs1()?;
        let parts = pkcs1::RsaPrivateKeyRef::from_der(der).map_err(|_| KeyError::Malformed)?;
        let bits = key::bits(parts.modulus.as_bytes());
        if !(2_048..=4_096).contains(&bits) {
            return Err(KeyError::RsaSize(bits));
        }
        let key = RsaKeyPair::from_der(der).map_err(|_| KeyError::Inconsistent)?;
        Ok(Self { key })
    }
}

loaders!(Rsa);

impl Signer for Rsa {
    fn kind(&self) -> KeyKind {
        KeyKind::Rsa
    }

    fn signature_len(&self) -> usize {
        base64::encoded_len(self.key.public_modulus_len())
    }

    fn sign_message<'o>(&self, message: &dyn Message, out: &'o mut [u8]) -> Result<&'o str, SignError> {
        let mut hasher = digest::Context::new(&digest::SHA256);
        message.feed(&mut |piece| hasher.update(piece))?;
        let mut bytes = [0; MAX_BYTES];
        let bytes = bytes.get_mut(..self.key.public_modulus_len()).ok_or(SignError::Full)?;
        self.key.sign_digest(&RSA_PKCS1_SHA256, &hasher.finish(), bytes).map_err(|_| SignError::Refused)?;
        base64::encode(bytes, out)
    }
}

impl fmt::Debug for Rsa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rsa")
    }
}

/// Signs with an Ed25519 key; the text is 88 characters of base64.
pub struct Ed25519 {
    key: Ed25519KeyPair,
}

impl Ed25519 {
    /// Takes a key that was read from a file.
    ///
    /// # Errors
    /// [`KeyError::Kind`] when it is not an Ed25519 key.
    pub fn from_key(key: &PrivateKey<'_>) -> Result<Self, KeyError> {
        // Unchecked against a public key, which is derived from the seed anyway.
        let key = Ed25519KeyPair::from_seed_unchecked(key.seed()?).map_err(|_| KeyError::Malformed)?;
        Ok(Self { key })
    }

    /// The public half, 32 bytes, as it was registered with the exchange.
    pub fn public_key(&self) -> [u8; 32] {
        self.key.public_key().as_ref().try_into().expect("an Ed25519 public key has 32 bytes")
    }

    fn sign_whole<'o>(&self, message: &[u8], out: &'o mut [u8]) -> Result<&'o str, SignError> {
        let signature: signature::Signature = self.key.try_sign(message).map_err(|_| SignError::Refused)?;
        base64::encode(signature.as_ref(), out)
    }
}

loaders!(Ed25519);

impl Signer for Ed25519 {
    fn kind(&self) -> KeyKind {
        KeyKind::Ed25519
    }

    fn signature_len(&self) -> usize {
        base64::encoded_len(64)
    }

    fn sign_message<'o>(&self, message: &dyn Message, out: &'o mut [u8]) -> Result<&'o str, SignError> {
        let mut whole = Vec::new();
        message.feed(&mut |piece| whole.extend_from_slice(piece))?;
        self.sign_whole(&whole, out)
    }

    fn sign<'o>(&self, payload: &[&[u8]], out: &'o mut [u8]) -> Result<&'o str, SignError> {
        match payload {
            [whole] => self.sign_whole(whole, out),
            pieces => self.sign_message(&Pieces(pieces), out),
        }
    }
}

impl fmt::Debug for Ed25519 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ed25519")
    }
}
