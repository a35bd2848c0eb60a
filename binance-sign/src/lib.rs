#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(feature = "full", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "full"),
    doc = "Signatures for the Binance futures API: HMAC-SHA256, Ed25519 and RSA, each behind a feature."
)]

#[cfg(feature = "alloc")]
extern crate alloc;

#[cfg(feature = "aws-lc-rs")]
pub mod aws;
#[cfg(any(feature = "ed25519", feature = "rsa", feature = "rsa-fixed", feature = "aws-lc-rs"))]
mod base64;
#[cfg(any(feature = "rsa", feature = "rsa-fixed"))]
mod blinding;
mod credentials;
#[cfg(feature = "ed25519")]
mod ed25519;
#[cfg(feature = "hmac")]
mod hmac;
#[cfg(feature = "pkcs8")]
mod key;
#[cfg(any(feature = "hmac", feature = "rsa", feature = "rsa-fixed"))]
mod mac;
mod payload;
#[cfg(feature = "rsa")]
mod rsa;
#[cfg(feature = "rsa-fixed")]
mod rsa_fixed;
mod signer;

#[cfg(feature = "ed25519")]
pub use self::ed25519::Ed25519;
#[cfg(feature = "hmac")]
pub use self::hmac::Hmac;
#[cfg(feature = "encrypted")]
pub use self::key::MAX_ITERATIONS;
#[cfg(feature = "scrypt")]
pub use self::key::MAX_SCRYPT_MEMORY;
#[cfg(feature = "pkcs8")]
pub use self::key::{KeyBuffer, KeyError, MAX_KEY, PrivateKey};
#[cfg(feature = "rsa")]
pub use self::rsa::Rsa;
#[cfg(feature = "rsa-fixed")]
pub use self::rsa_fixed::{Rsa2048, Rsa3072, Rsa4096, RsaFixed};
pub use self::{
    credentials::{ApiKey, ApiKeyError, Credentials},
    payload::{Mixed, Signed, Stamp, sign_call, sign_logon},
    signer::{KeyKind, MAX_SIGNATURE, Message, SignError, Signer},
};
