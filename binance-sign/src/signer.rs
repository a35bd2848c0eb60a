//! What a signer is, and what it signs.

use core::fmt;

use binance_core::{param::Full, ws_api};

/// The longest signature text of any signer here: base64 of a 4096-bit RSA signature.
pub const MAX_SIGNATURE: usize = 684;

/// Which kind of key signs. The exchange knows which one belongs to an API key; a request does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyKind {
    /// A shared secret: HMAC-SHA256, lower-case hex.
    Hmac,
    /// RSA: PKCS#1 v1.5 with SHA-256, base64.
    Rsa,
    /// Ed25519, base64. The only kind that `session.logon` takes.
    Ed25519,
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hmac => "HMAC",
            Self::Rsa => "RSA",
            Self::Ed25519 => "Ed25519",
        })
    }
}

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignError {
    /// The output had no room for the text. [`Signer::signature_len`] says how much a signer needs.
    Full,
    /// The signature did not verify with the signer's own public key and was not released: a fault in the
    /// computation, or an RSA key whose primes are not prime.
    Fault,
    /// This key cannot sign this: `session.logon` takes Ed25519 only.
    Kind(KeyKind),
    /// The library or device that signs refused.
    Refused,
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("no room left for the signature"),
            Self::Fault => f.write_str("the signature failed its own check and was not released"),
            Self::Kind(kind) => write!(f, "session.logon takes an Ed25519 key, not {kind}"),
            Self::Refused => f.write_str("the signing library or device refused"),
        }
    }
}

impl core::error::Error for SignError {}

impl From<Full> for SignError {
    fn from(Full: Full) -> Self {
        Self::Full
    }
}

/// Signs payloads with one key.
///
/// Object-safe, so a program can choose the kind of key at run time; code that is generic over it links only the
/// signer it names. References and, with the feature `alloc`, boxes of signers are signers. The key is borrowed
/// shared: one signer serves any number of threads where its type is [`Sync`], as all of this crate are.
pub trait Signer {
    /// Which kind of key it holds.
    fn kind(&self) -> KeyKind;

    /// The length of the longest signature text it writes, at most [`MAX_SIGNATURE`].
    fn signature_len(&self) -> usize;

    /// Signs `message` and writes the text of the signature to the start of `out`: lower-case hex for HMAC, standard
    /// base64 with padding for the others, not percent-encoded.
    ///
    /// # Errors
    /// [`SignError::Full`] when `out` is shorter than the text or the message does not come to its end.
    fn sign_message<'o>(&self, message: &dyn Message, out: &'o mut [u8]) -> Result<&'o str, SignError>;

    /// Signs the pieces of `payload` one behind the other, with nothing between them.
    ///
    /// # Errors
    /// As [`Self::sign_message`].
    fn sign<'o>(&self, payload: &[&[u8]], out: &'o mut [u8]) -> Result<&'o str, SignError> {
        self.sign_message(&Pieces(payload), out)
    }
}

macro_rules! forward_signer {
    ($($to:ty),*) => {$(
        impl<S: Signer + ?Sized> Signer for $to {
            fn kind(&self) -> KeyKind {
                (**self).kind()
            }

            fn signature_len(&self) -> usize {
                (**self).signature_len()
            }

            fn sign_message<'o>(
                &self,
                message: &dyn Message,
                out: &'o mut [u8],
            ) -> Result<&'o str, SignError> {
                (**self).sign_message(message, out)
            }

            fn sign<'o>(&self, payload: &[&[u8]], out: &'o mut [u8]) -> Result<&'o str, SignError> {
                (**self).sign(payload, out)
            }
        }
    )*};
}
forward_signer!(&S);
#[cfg(feature = "alloc")]
forward_signer!(alloc::boxed::Box<S>, alloc::sync::Arc<S>);

/// What is signed: bytes that come in pieces, so that nothing has to be gathered before it is hashed.
///
/// Sealed. Ed25519 reads a message twice, and a message that changed in between would give the key away; the two
/// messages there are, slices of bytes and the parameters of a call of the WebSocket API, cannot change while borrowed.
pub trait Message: sealed::Sealed {
    /// Hands the pieces to `sink`, in order.
    ///
    /// # Errors
    /// [`Full`] when the message could not write one of its own pieces.
    fn feed(&self, sink: &mut dyn FnMut(&[u8])) -> Result<(), Full>;
}

impl dyn Message + '_ {
    /// Copies the message to the start of `room`, for signers that want it whole.
    ///
    /// # Errors
    /// [`Full`] when `room` is shorter than the message.
    pub fn gather<'b>(&self, room: &'b mut [u8]) -> Result<&'b [u8], Full> {
        let mut filled = Some(0_usize);
        self.feed(&mut |piece| {
            filled = filled.and_then(|start| {
                let end = start.checked_add(piece.len())?;
                room.get_mut(start..end)?.copy_from_slice(piece);
                Some(end)
            });
        })?;
        filled.and_then(|end| room.get(..end)).ok_or(Full)
    }
}

/// Slices of bytes, one behind the other.
pub(crate) struct Pieces<'a>(pub(crate) &'a [&'a [u8]]);

impl Message for Pieces<'_> {
    fn feed(&self, sink: &mut dyn FnMut(&[u8])) -> Result<(), Full> {
        self.0.iter().for_each(|piece| sink(piece));
        Ok(())
    }
}

impl Message for ws_api::Frame<'_, '_, '_> {
    fn feed(&self, sink: &mut dyn FnMut(&[u8])) -> Result<(), Full> {
        ws_api::Frame::feed(self, sink)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Pieces<'_> {}
    impl Sealed for binance_core::ws_api::Frame<'_, '_, '_> {}
}

#[cfg(test)]
mod tests {
    use binance_core::{buf::Buf, param::Value, stream::Id, ws_api::Frame};

    use super::*;

    #[test]
    fn gather_takes_every_room_from_the_exact_one_on() {
        let mut room = [0; 64];
        let mut out = Buf::new(&mut room);
        let mut frame = Frame::new(Id::Number(1), "m", &mut out).unwrap();
        frame.push("b", Value::Int(22)).unwrap();
        frame.push("a", Value::Text("x")).unwrap();
        let messages: [(&dyn Message, &[u8]); 3] =
            [(&Pieces(&[]), b""), (&Pieces(&[b"ab", b"", b"c"]), b"abc"), (&frame, b"a=x&b=22")];
        for (message, whole) in messages {
            for short in 0..whole.len() {
                assert_eq!(message.gather(&mut [0; 16][..short]), Err(Full));
            }
            assert_eq!(message.gather(&mut [0; 16][..whole.len()]), Ok(whole));
            assert_eq!(message.gather(&mut [0; 16]), Ok(whole));
        }
    }
}
