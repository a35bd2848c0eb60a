//! RSA by the `rsa` crate, which needs a heap.

use core::{convert::Infallible, fmt};

use ::rsa::{Pkcs1v15Sign, RsaPrivateKey, traits::PublicKeyParts};
use der::Decode;
use pkcs1::RsaPrivateKeyRef;
use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest, Sha256};
use zeroize::ZeroizeOnDrop;

use crate::{
    KeyError, KeyKind, Message, PrivateKey, SignError, Signer, base64, blinding::Blinding, key, key::loaders,
};

/// Signs with an RSA key of 2048 to 4096 bits, PKCS#1 v1.5 with SHA-256, in base64, by the `rsa` crate.
///
/// Allocates while it signs. The base is blinded with a factor derived from the key and the message, or from the
/// caller's random bytes too ([`Self::mix_entropy`]); the crate checks a signature before it releases it. The key is
/// zeroized on drop; the crate's own intermediate values are not.
///
/// RUSTSEC-2023-0071 ("Marvin") says that the timing of this crate's decryption could give the key away over a
/// network, and lists no version as patched. The version used here exponentiates with constant-time integers, and
/// a signer has no ciphertexts to be asked about; whoever audits dependencies has to write an exception all the
/// same. The feature `rsa-fixed` and the feature `aws-lc-rs` do without the crate.
pub struct Rsa {
    key: RsaPrivateKey,
    blinding: Blinding,
}

impl Rsa {
    /// Takes a key that was read from a file.
    ///
    /// # Errors
    /// [`KeyError::Kind`] when it is not an RSA key, [`KeyError::RsaSize`] when it does not have 2048 to 4096 bits,
    /// [`KeyError::Inconsistent`] when its parts do not belong together.
    pub fn from_key(key: &PrivateKey<'_>) -> Result<Self, KeyError> {
        let parts = RsaPrivateKeyRef::from_der(key.pkcs1()?).map_err(|_| KeyError::Malformed)?;
        let bits = key::bits(parts.modulus.as_bytes());
        if !(2_048..=4_096).contains(&bits) {
            return Err(KeyError::RsaSize(bits));
        }
        let blinding = Blinding::new(&[parts.private_exponent.as_bytes(), parts.prime1.as_bytes()]);
        let key = RsaPrivateKey::try_from(parts).map_err(|_| KeyError::Inconsistent)?;
        Ok(Self { key, blinding })
    }

    /// Mixes random bytes into the secret that blinding factors are derived from. Signatures stay the same.
    pub fn mix_entropy(&mut self, random: &[u8]) {
        self.blinding.mix(random);
    }
}

loaders!(Rsa);

impl Signer for Rsa {
    fn kind(&self) -> KeyKind {
        KeyKind::Rsa
    }

    fn signature_len(&self) -> usize {
        base64::encoded_len(self.key.size())
    }

    fn sign_message<'o>(&self, message: &dyn Message, out: &'o mut [u8]) -> Result<&'o str, SignError> {
        let mut hasher = Sha256::new();
        message.feed(&mut |piece| hasher.update(piece))?;
        let digest = hasher.finalize().into();
        let mut stream = Stream { blinding: &self.blinding, digest: &digest, next: 0 };
        let signature = self.key.sign_with_rng(&mut stream, Pkcs1v15Sign::new::<Sha256>(), &digest);
        base64::encode(&signature.map_err(|_| SignError::Fault)?, out)
    }
}

impl ZeroizeOnDrop for Rsa {}

impl fmt::Debug for Rsa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rsa")
    }
}

/// The blinding bytes of one message, as the source of random numbers that the crate asks for.
struct Stream<'a> {
    blinding: &'a Blinding,
    digest: &'a [u8; 32],
    next: u32,
}

impl TryRng for Stream<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(32) {
            let block = self.blinding.stream(self.digest, self.next);
            self.next = self.next.wrapping_add(1);
            chunk.iter_mut().zip(block.iter()).for_each(|(to, from)| *to = *from);
        }
        Ok(())
    }
}

impl TryCryptoRng for Stream<'_> {}
