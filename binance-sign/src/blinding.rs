//! The factor that blinds an RSA signature.
//!
//! It has to be unknown to whoever watches the time that signing takes; it need not be random. It is derived from
//! the private key and the message with HMAC-SHA256, so that no signer needs a source of random numbers. The same
//! message always has the same factor, and so the same time; the factor of another message tells nothing about it.

use zeroize::Zeroizing;

use crate::mac::Keyed;

/// The secret that the factors of one key are derived from. Zeroized on drop.
pub(crate) struct Blinding {
    secret: Keyed,
}

impl Blinding {
    /// Derives it from the secret parts of a key.
    pub(crate) fn new(parts: &[&[u8]]) -> Self {
        let fixed = Self { secret: Keyed::new(b"binance-sign: RSA blinding") };
        Self { secret: Keyed::new(&*fixed.block(parts)) }
    }

    /// Mixes the caller's random bytes in.
    pub(crate) fn mix(&mut self, random: &[u8]) {
        self.secret = Keyed::new(&*self.block(&[b"mix", random]));
    }

    /// Block number `index` of the stream for the message with this digest.
    pub(crate) fn stream(&self, digest: &[u8; 32], index: u32) -> Zeroizing<[u8; 32]> {
        self.block(&[digest, &index.to_be_bytes()])
    }

    fn block(&self, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut mac = self.secret.start();
        parts.iter().for_each(|part| mac.update(part));
        Zeroizing::new(mac.finish())
    }
}
