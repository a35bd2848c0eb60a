//! HMAC-SHA256.

use core::fmt;

use zeroize::ZeroizeOnDrop;

use crate::{KeyKind, Message, SignError, Signer, mac::Keyed};

/// Signs with a shared secret: HMAC-SHA256, 64 digits of lower-case hex.
///
/// The secret is hashed into the two states of the algorithm once; each signature starts from copies of them.
/// Never allocates.
///
/// ```
/// use binance_sign::{Hmac, Signer};
/// let signer = Hmac::new(b"2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9");
/// let query = "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC\
///     &recvWindow=5000&timestamp=1591702613943";
/// let mut text = [0; 64];
/// assert_eq!(
///     signer.sign(&[query.as_bytes()], &mut text),
///     Ok("3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"),
/// );
/// ```
#[derive(Clone)]
pub struct Hmac {
    keyed: Keyed,
}

impl Hmac {
    /// Takes the secret as the exchange shows it: the text itself, not what it may look like hex of.
    ///
    /// The signer keeps only states derived from it, zeroized on drop; wiping `secret` is the caller's.
    pub fn new(secret: &[u8]) -> Self {
        Self { keyed: Keyed::new(secret) }
    }
}

impl Signer for Hmac {
    fn kind(&self) -> KeyKind {
        KeyKind::Hmac
    }

    fn signature_len(&self) -> usize {
        64
    }

    fn sign_message<'o>(&self, message: &dyn Message, out: &'o mut [u8]) -> Result<&'o str, SignError> {
        let mut mac = self.keyed.start();
        message.feed(&mut |piece| mac.update(piece))?;
        hex(&mac.finish(), out)
    }

    fn sign<'o>(&self, payload: &[&[u8]], out: &'o mut [u8]) -> Result<&'o str, SignError> {
        let mut mac = self.keyed.start();
        payload.iter().for_each(|piece| mac.update(piece));
        hex(&mac.finish(), out)
    }
}

impl ZeroizeOnDrop for Hmac {}

impl fmt::Debug for Hmac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hmac")
    }
}

/// Writes `bytes` as lower-case hex to the start of `out`.
fn hex<'o>(bytes: &[u8; 32], out: &'o mut [u8]) -> Result<&'o str, SignError> {
    let out = out.get_mut(..64).ok_or(SignError::Full)?;
    // Without a table, so that no lookup depends on the bytes.
    let digit = |nibble: u8| nibble + b'0' + (((9_i8 - nibble as i8) >> 7) as u8 & (b'a' - b'0' - 10));
    for (pair, byte) in out.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    // All digits are ASCII.
    core::str::from_utf8(out).map_err(|_| SignError::Full)
}
