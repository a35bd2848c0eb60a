//! What the tests share: the key files, and every signer that this build has.

#![allow(dead_code, unused_macros, reason = "each test is a crate of its own and uses a part of this")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::{fs, path::PathBuf};

use binance_sign::Signer;

/// The passphrase of the encrypted test keys.
pub(crate) const PASSPHRASE: &[u8] = b"correct horse";

/// The secret of the published examples.
pub(crate) const SECRET: &[u8] = b"2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";

/// A file of `tests/keys`.
pub(crate) fn file(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/keys").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// OpenSSL's signature of `message.txt` with a key of `tests/keys`.
pub(crate) fn openssl(key: &str) -> String {
    String::from_utf8(file(&format!("{key}.sig"))).unwrap()
}

/// The signature text of one signer for one payload.
pub(crate) fn sign(signer: &dyn Signer, payload: &[u8]) -> String {
    sign_pieces(signer, &[payload])
}

/// The signature text of one signer for the pieces of a payload.
pub(crate) fn sign_pieces(signer: &dyn Signer, payload: &[&[u8]]) -> String {
    signer.sign(payload, &mut [0; binance_sign::MAX_SIGNATURE]).unwrap().to_owned()
}

/// A way to make a signer of one type from a key file.
pub(crate) struct Loader {
    /// The type and, where it matters, the size.
    pub(crate) name: &'static str,
    /// The plain PEM file that it can load.
    pub(crate) key: &'static str,
    /// From plain DER.
    pub(crate) der: fn(&[u8]) -> Loaded,
    /// From plain PEM.
    #[cfg(feature = "pem")]
    pub(crate) pem: fn(&[u8]) -> Loaded,
    /// From PEM under a passphrase.
    #[cfg(all(feature = "pem", feature = "encrypted"))]
    pub(crate) encrypted: fn(&[u8], &[u8]) -> Loaded,
}

#[cfg(feature = "pkcs8")]
type Error = binance_sign::KeyError;
#[cfg(not(feature = "pkcs8"))]
type Error = ();
type Loaded = Result<Box<dyn Signer>, Error>;

macro_rules! loader {
    ($name:literal, $key:literal, $signer:ty) => {
        Loader {
            name: $name,
            key: $key,
            der: |der| Ok(Box::new(<$signer>::from_der(der)?)),
            #[cfg(feature = "pem")]
            pem: |pem| Ok(Box::new(<$signer>::from_pem(pem)?)),
            #[cfg(all(feature = "pem", feature = "encrypted"))]
            encrypted: |pem, passphrase| Ok(Box::new(<$signer>::from_encrypted_pem(pem, passphrase)?)),
        }
    };
}

/// Every signer with a key file that this build has, once for each size of key.
pub(crate) const LOADERS: &[Loader] = &[
    #[cfg(feature = "ed25519")]
    loader!("Ed25519", "ed25519", binance_sign::Ed25519),
    #[cfg(feature = "aws-lc-rs")]
    loader!("aws Ed25519", "ed25519", binance_sign::aws::Ed25519),
    #[cfg(feature = "rsa")]
    loader!("Rsa", "rsa2048", binance_sign::Rsa),
    #[cfg(feature = "rsa")]
    loader!("Rsa", "rsa3072", binance_sign::Rsa),
    #[cfg(feature = "rsa")]
    loader!("Rsa", "rsa4096", binance_sign::Rsa),
    #[cfg(feature = "rsa-fixed")]
    loader!("Rsa2048", "rsa2048", binance_sign::Rsa2048),
    #[cfg(feature = "rsa-fixed")]
    loader!("Rsa3072", "rsa3072", binance_sign::Rsa3072),
    #[cfg(feature = "rsa-fixed")]
    loader!("Rsa4096", "rsa4096", binance_sign::Rsa4096),
    #[cfg(feature = "aws-lc-rs")]
    loader!("aws Rsa", "rsa2048", binance_sign::aws::Rsa),
    #[cfg(feature = "aws-lc-rs")]
    loader!("aws Rsa", "rsa3072", binance_sign::aws::Rsa),
    #[cfg(feature = "aws-lc-rs")]
    loader!("aws Rsa", "rsa4096", binance_sign::aws::Rsa),
];

impl Loader {
    /// Whether it loads RSA keys.
    pub(crate) fn is_rsa(&self) -> bool {
        self.key.starts_with("rsa")
    }

    /// The signer of its plain key.
    pub(crate) fn load(&self) -> Box<dyn Signer> {
        (self.der)(&der(&format!("{}.pem", self.key))).unwrap()
    }
}

/// What a PEM file of `tests/keys` holds, decoded without the crate under test.
pub(crate) fn der(name: &str) -> Vec<u8> {
    let text = String::from_utf8(file(name)).unwrap();
    let base64: Vec<u8> = text.lines().filter(|line| !line.contains('-')).flat_map(str::bytes).collect();
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => panic!("{name} is not base64"),
    };
    let mut out = Vec::new();
    for four in base64.chunks(4) {
        let digits: Vec<u8> = four.iter().filter(|byte| **byte != b'=').map(|byte| digit(*byte)).collect();
        let word = digits.iter().fold(0_u32, |word, digit| word << 6 | u32::from(*digit));
        let word = word << (6 * (4 - digits.len()));
        out.extend_from_slice(&word.to_be_bytes()[1..digits.len()]);
    }
    out
}

/// Every signer that this build has, HMAC included.
pub(crate) fn signers() -> Vec<(&'static str, Box<dyn Signer>)> {
    #[cfg_attr(not(feature = "hmac"), expect(unused_mut))]
    let mut signers: Vec<_> = LOADERS.iter().map(|loader| (loader.name, loader.load())).collect();
    #[cfg(feature = "hmac")]
    signers.push(("Hmac", Box::new(binance_sign::Hmac::new(SECRET))));
    signers
}
