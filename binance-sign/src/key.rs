//! Private keys as they come in files: PKCS#8 and PKCS#1, in DER or PEM, plain or encrypted.

use core::fmt;

use der::{
    Decode, ErrorKind, Header, Reader, SliceReader, Tag,
    asn1::{ObjectIdentifier, OctetStringRef},
};
use pkcs1::RsaPrivateKeyRef;
use pkcs8::PrivateKeyInfoRef;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::KeyKind;

#[cfg(feature = "encrypted")]
mod encrypted;
#[cfg(feature = "pem")]
mod pem;

/// The longest key file in DER that is read, in bytes. An encrypted 4096-bit RSA key has about 2,500.
pub const MAX_KEY: usize = 3_072;

/// The most rounds of PBKDF2 that a key file may ask for. OpenSSL's default is 2,048; 600,000 is a common advice.
#[cfg(feature = "encrypted")]
pub const MAX_ITERATIONS: u32 = 2_000_000;

/// The most memory that a key file may make scrypt use, in bytes; OpenSSL's own limit. Its default needs 16 MiB.
#[cfg(feature = "scrypt")]
pub const MAX_SCRYPT_MEMORY: u64 = 32 << 20;

/// Why a key was not read. Holds nothing of the key or the passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// Not a key file: no `-----BEGIN` line, no base64, or not DER of a form that is known.
    Malformed,
    /// The file ends before the key does.
    Truncated,
    /// Longer than [`MAX_KEY`].
    TooLong,
    /// A public key where a private one is needed.
    Public,
    /// A key of another kind than the signer's. Holds the kind of the key.
    Kind(KeyKind),
    /// Neither RSA nor Ed25519, or not a private key at all: EC, Ed448, an OpenSSH key, a certificate.
    Algorithm,
    /// An RSA key of a size that the signer does not take. Holds its bits.
    RsaSize(u32),
    /// The parts of an RSA key do not belong together, or its public exponent is even or below 65537.
    Inconsistent,
    /// The key is encrypted, and no passphrase was given.
    Encrypted,
    /// The passphrase does not fit (or the encrypted part is damaged, which looks the same).
    Passphrase,
    /// OpenSSL's old encryption, with `Proc-Type` and `DEK-Info` lines: its key derivation is one round of MD5.
    /// `openssl pkcs8 -topk8 -v2 aes-256-cbc` makes a better file of it.
    LegacyPem,
    /// Encrypted with DES, triple DES or another cipher of that age (PBES1, PKCS#12). `openssl pkcs8 -topk8 -v2 aes-256-cbc` makes a better file of it.
    Des,
    /// Encrypted with another cipher than AES-128-CBC and AES-256-CBC.
    Cipher,
    /// The passphrase is derived with something else than PBKDF2 with HMAC-SHA256, SHA384 or SHA512, or, with the
    /// feature `scrypt`, scrypt.
    Derivation,
    /// The derivation asks for more rounds or memory than `MAX_ITERATIONS` and `MAX_SCRYPT_MEMORY` allow.
    Costly,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not a private key file",
            Self::Truncated => "the key file is cut short",
            Self::TooLong => "the key file is too long",
            Self::Public => "this is a public key, a private one is needed",
            Self::Kind(kind) => return write!(f, "this is an {kind} key, another kind is needed"),
            Self::Algorithm => "not an RSA or Ed25519 private key",
            Self::RsaSize(bits) => return write!(f, "an RSA key of {bits} bits is not taken here"),
            Self::Inconsistent => "the parts of the RSA key do not belong together",
            Self::Encrypted => "the key is encrypted and needs a passphrase",
            Self::Passphrase => "the passphrase is wrong",
            Self::LegacyPem => "the old `Proc-Type` encryption is not taken, convert the key to PKCS#8",
            Self::Des => "DES encryption is not taken, convert the key to AES",
            Self::Cipher => "the key is encrypted with a cipher that is not taken",
            Self::Derivation => "the key's passphrase is derived in a way that is not taken",
            Self::Costly => "deriving the key's passphrase would cost too much",
        })
    }
}

impl core::error::Error for KeyError {}

/// Room for one decoded key file: zeroized on drop.
pub struct KeyBuffer([u8; MAX_KEY]);

impl KeyBuffer {
    /// Empty room.
    pub const fn new() -> Self {
        Self([0; MAX_KEY])
    }
}

impl Default for KeyBuffer {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for KeyBuffer {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for KeyBuffer {}

impl fmt::Debug for KeyBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyBuffer")
    }
}

/// A private key that was read from a file, not yet a signer: its kind decides which signer can take it.
///
/// It borrows from the file's bytes or from the [`KeyBuffer`] that they were decoded into.
#[derive(Clone, Copy)]
pub struct PrivateKey<'a> {
    part: Part<'a>,
}

/// The part of a file that is the key itself.
#[derive(Clone, Copy)]
enum Part<'a> {
    /// PKCS#1 `RSAPrivateKey`, known to parse.
    Rsa(&'a [u8]),
    Ed25519(&'a [u8; 32]),
}

impl<'a> PrivateKey<'a> {
    /// Reads a plain key in DER: PKCS#8 or PKCS#1.
    ///
    /// # Errors
    /// [`KeyError`], by what the bytes are instead; [`KeyError::Encrypted`] for an encrypted key.
    pub fn from_der(der: &'a [u8]) -> Result<Self, KeyError> {
        complete(der)?;
        let part = match shape(der)? {
            Shape::Pkcs8 => pkcs8_part(der)?,
            Shape::Pkcs1 if RsaPrivateKeyRef::from_der(der).is_ok() => Part::Rsa(der),
            Shape::Pkcs1 if pkcs1::RsaPublicKeyRef::from_der(der).is_ok() => return Err(KeyError::Public),
            Shape::Pkcs1 => return Err(KeyError::Malformed),
            Shape::Encrypted => return Err(KeyError::Encrypted),
            Shape::Public => return Err(KeyError::Public),
            Shape::Sec1 => return Err(KeyError::Algorithm),
        };
        Ok(Self { part })
    }

    /// Which kind of key it is: [`KeyKind::Rsa`] or [`KeyKind::Ed25519`].
    pub fn kind(&self) -> KeyKind {
        match self.part {
            Part::Rsa(_) => KeyKind::Rsa,
            Part::Ed25519(_) => KeyKind::Ed25519,
        }
    }

    /// How many bits an RSA key has; `None` for other kinds.
    pub fn rsa_bits(&self) -> Option<u32> {
        let key = RsaPrivateKeyRef::from_der(self.pkcs1().ok()?).ok()?;
        Some(bits(key.modulus.as_bytes()))
    }

    /// The PKCS#1 form of an RSA key, in DER. For a signer of one's own.
    ///
    /// # Errors
    /// [`KeyError::Kind`] when it is not an RSA key.
    pub fn pkcs1(&self) -> Result<&'a [u8], KeyError> {
        match self.part {
            Part::Rsa(der) => Ok(der),
            Part::Ed25519(_) => Err(KeyError::Kind(KeyKind::Ed25519)),
        }
    }

    /// The seed of an Ed25519 key. For a signer of one's own.
    ///
    /// # Errors
    /// [`KeyError::Kind`] when it is not an Ed25519 key.
    pub fn seed(&self) -> Result<&'a [u8; 32], KeyError> {
        match self.part {
            Part::Ed25519(seed) => Ok(seed),
            Part::Rsa(_) => Err(KeyError::Kind(KeyKind::Rsa)),
        }
    }
}

impl fmt::Debug for PrivateKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.kind())
    }
}

/// How many bits the number has whose big-endian bytes are `number`.
pub(crate) fn bits(number: &[u8]) -> u32 {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let top = number.get(zeros).map_or(8, |byte| byte.leading_zeros());
    u32::try_from((number.len() - zeros) * 8).map_or(u32::MAX, |bits| bits.saturating_sub(top))
}

/// Gives a signer with `from_key` the other ways of loading it.
#[cfg(any(feature = "ed25519", feature = "rsa", feature = "rsa-fixed", feature = "aws-lc-rs"))]
macro_rules! loaders {
    ($signer:ident $(<$(const $param:ident: $type:ty),*>)?) => {
        impl $(<$(const $param: $type),*>)? $signer $(<$($param),*>)? {
            /// Reads a plain key in DER: PKCS#8 or PKCS#1.
            ///
            /// # Errors
            #[doc = concat!("As [`PrivateKey::from_der`] and [`", stringify!($signer), "::from_key`].")]
            pub fn from_der(der: &[u8]) -> Result<Self, $crate::KeyError> {
                Self::from_key(&$crate::PrivateKey::from_der(der)?)
            }

            /// Reads a plain key in PEM: `PRIVATE KEY` or `RSA PRIVATE KEY`.
            ///
            /// # Errors
            #[doc = concat!("As [`PrivateKey::from_pem`] and [`", stringify!($signer), "::from_key`].")]
            #[cfg(feature = "pem")]
            pub fn from_pem(pem: &[u8]) -> Result<Self, $crate::KeyError> {
                Self::from_key(&$crate::PrivateKey::from_pem(pem, &mut $crate::KeyBuffer::new())?)
            }

            /// Reads a key in PEM, `ENCRYPTED PRIVATE KEY` or a plain one, which needs no passphrase.
            ///
            /// # Errors
            #[doc = concat!("As [`PrivateKey::from_encrypted_pem`] and [`", stringify!($signer), "::from_key`].")]
            #[cfg(all(feature = "pem", feature = "encrypted"))]
            pub fn from_encrypted_pem(pem: &[u8], passphrase: &[u8]) -> Result<Self, $crate::KeyError> {
                let mut room = $crate::KeyBuffer::new();
                Self::from_key(&$crate::PrivateKey::from_encrypted_pem(pem, passphrase, &mut room)?)
            }
        }
    };
}
#[cfg(any(feature = "ed25519", feature = "rsa", feature = "rsa-fixed", feature = "aws-lc-rs"))]
pub(crate) use loaders;

/// What a file holds, by the first two elements of its outer sequence.
enum Shape {
    /// `INTEGER`, `SEQUENCE`: PKCS#8 `PrivateKeyInfo`.
    Pkcs8,
    /// `INTEGER`, `INTEGER`: a PKCS#1 key, private or public.
    Pkcs1,
    /// `INTEGER`, `OCTET STRING`: an EC key (SEC 1).
    Sec1,
    /// `SEQUENCE`, `OCTET STRING`: PKCS#8 `EncryptedPrivateKeyInfo`.
    Encrypted,
    /// `SEQUENCE`, `BIT STRING`: a public key, `SubjectPublicKeyInfo`.
    Public,
}

/// Refuses a sequence that is longer than what there is of it.
fn complete(der: &[u8]) -> Result<(), KeyError> {
    let cut_short = |error: der::Error| match error.kind() {
        ErrorKind::Incomplete { .. } => KeyError::Truncated,
        _ => KeyError::Malformed,
    };
    let mut reader = SliceReader::new(der).map_err(|_| KeyError::Malformed)?;
    let header = Header::decode(&mut reader).map_err(cut_short)?;
    if header.tag() != Tag::Sequence {
        return Err(KeyError::Malformed);
    }
    if header.length() > reader.remaining_len() {
        return Err(KeyError::Truncated);
    }
    Ok(())
}

fn shape(der: &[u8]) -> Result<Shape, KeyError> {
    let tags = || -> der::Result<(Tag, Tag)> {
        let mut reader = SliceReader::new(der)?;
        Header::decode(&mut reader)?;
        let first = Header::decode(&mut reader)?;
        reader.read_slice(first.length())?;
        Ok((first.tag(), Header::decode(&mut reader)?.tag()))
    };
    match tags() {
        Ok((Tag::Integer, Tag::Sequence)) => Ok(Shape::Pkcs8),
        Ok((Tag::Integer, Tag::Integer)) => Ok(Shape::Pkcs1),
        Ok((Tag::Integer, Tag::OctetString)) => Ok(Shape::Sec1),
        Ok((Tag::Sequence, Tag::OctetString)) => Ok(Shape::Encrypted),
        Ok((Tag::Sequence, Tag::BitString)) => Ok(Shape::Public),
        _ => Err(KeyError::Malformed),
    }
}

fn pkcs8_part(der: &[u8]) -> Result<Part<'_>, KeyError> {
    const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

    let info = PrivateKeyInfoRef::from_der(der).map_err(|_| KeyError::Malformed)?;
    let key = info.private_key.as_bytes();
    match info.algorithm.oid {
        pkcs1::ALGORITHM_OID => {
            RsaPrivateKeyRef::from_der(key).map_err(|_| KeyError::Malformed)?;
            Ok(Part::Rsa(key))
        }
        ED25519 => {
            let seed = <&OctetStringRef>::from_der(key).map_err(|_| KeyError::Malformed)?;
            seed.as_bytes().try_into().map(Part::Ed25519).map_err(|_| KeyError::Malformed)
        }
        _ => Err(KeyError::Algorithm),
    }
}
