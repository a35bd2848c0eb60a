//! Ed25519, by ed25519-dalek.

use core::fmt;

use ed25519_dalek::{
    SignatureError, SigningKey, VerifyingKey,
    hazmat::{ExpandedSecretKey, raw_sign_byupdate},
};
use sha2::{Digest, Sha512};
use zeroize::ZeroizeOnDrop;

use crate::{
    KeyError, KeyKind, Message, SignError, Signer, base64,
    key::{PrivateKey, loaders},
};

/// Signs with an Ed25519 key; the text is 88 characters of base64.
///
/// The seed is hashed once, when the key is loaded. A message is read twice and never gathered. Never allocates.
pub struct Ed25519 {
    secret: ExpandedSecretKey,
    public: VerifyingKey,
}

impl Ed25519 {
    /// The length of the signature text.
    pub const SIGNATURE_LEN: usize = base64::encoded_len(64);

    /// Takes the 32 bytes that RFC 8032 calls the private key.
    ///
    /// The signer keeps only what is derived from them, zeroized on drop; wiping `seed` is the caller's.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        // Both halves come from the one seed: signing with a public key of another seed would give the key away.
        Self { secret: ExpandedSecretKey::from(seed), public: SigningKey::from_bytes(seed).verifying_key() }
    }

    /// Takes a key that was read from a file.
    ///
    /// # Errors
    /// [`KeyError::Kind`] when it is not an Ed25519 key.
    pub fn from_key(key: &PrivateKey<'_>) -> Result<Self, KeyError> {
        Ok(Self::from_seed(key.seed()?))
    }

    /// The public half, 32 bytes, as it was registered with the exchange.
    pub fn public_key(&self) -> [u8; 32] {
        self.public.to_bytes()
    }
}

loaders!(Ed25519);

impl Signer for Ed25519 {
    fn kind(&self) -> KeyKind {
        KeyKind::Ed25519
    }

    fn signature_len(&self) -> usize {
        Self::SIGNATURE_LEN
    }

    fn sign_message<'o>(&self, message: &dyn Message, out: &'o mut [u8]) -> Result<&'o str, SignError> {
        let hash = |hasher: &mut Sha512| {
            message.feed(&mut |piece| hasher.update(piece)).map_err(|_| SignatureError::new())
        };
        let signature =
            raw_sign_byupdate::<Sha512, _>(&self.secret, hash, &self.public).map_err(|_| SignError::Full)?;
        base64::encode(&signature.to_bytes(), out)
    }
}

impl ZeroizeOnDrop for Ed25519 {}

impl fmt::Debug for Ed25519 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ed25519")
    }
}
