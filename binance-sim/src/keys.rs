//! The key table: who may call, and how a signature of theirs is checked.

use std::{collections::HashMap, fmt};

use ring::{
    hmac,
    rsa::KeyPair as RsaKeyPair,
    signature::{ED25519, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey},
};

use crate::{base64, config::SimBuilder};

/// A key of the exchange's demo account. It opens nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct DemoKey {
    /// What stands in the `X-MBX-APIKEY` header.
    pub api_key: String,
    /// How it signs.
    pub kind: KeyKind,
    /// The HMAC secret, or the private key as PKCS#8 PEM.
    pub secret: String,
}

impl fmt::Debug for DemoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DemoKey").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The kinds of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// HMAC-SHA256, written as hex.
    Hmac,
    /// RSA PKCS#1 v1.5 with SHA-256, written as base64.
    Rsa,
    /// Ed25519, written as base64.
    Ed25519,
}

impl KeyKind {
    /// Its name, as the exchange writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hmac => "HMAC",
            Self::Rsa => "RSA",
            Self::Ed25519 => "Ed25519",
        }
    }
}

/// The demo keys, one of each kind. All three belong to the same account, on both markets, in one-way mode.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Keys {
    /// Signs with HMAC-SHA256.
    pub hmac: DemoKey,
    /// Signs with RSA (2048 bits).
    pub rsa: DemoKey,
    /// Signs with Ed25519.
    pub ed25519: DemoKey,
}

impl Keys {
    /// The keys that every simulated exchange knows.
    pub fn demo() -> Self {
        let key = |api_key: &str, kind, secret: &str| DemoKey {
            api_key: api_key.to_owned(),
            kind,
            secret: secret.to_owned(),
        };
        Self {
            hmac: key(HMAC_API_KEY, KeyKind::Hmac, HMAC_SECRET),
            rsa: key(RSA_API_KEY, KeyKind::Rsa, include_str!("../keys/rsa-private.pem")),
            ed25519: key(ED25519_API_KEY, KeyKind::Ed25519, include_str!("../keys/ed25519-private.pem")),
        }
    }
}

/// The keys that may call.
#[derive(Debug)]
pub(crate) struct KeyTable(HashMap<String, Key>);

/// A key as the exchange knows it.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) account: usize,
    verifier: Verifier,
}

/// What is needed to check a signature.
enum Verifier {
    Hmac(hmac::Key),
    /// The public key as PKCS#1 DER.
    Rsa(Vec<u8>),
    Ed25519(Vec<u8>),
}

impl KeyTable {
    /// The keys of a configuration; `None` when one cannot be read.
    pub(crate) fn new(config: &SimBuilder) -> Option<Self> {
        let accounts = config.accounts().zip(0..);
        let keys =
            accounts.flat_map(|(account, number)| account.keys.into_iter().map(move |key| (key, number)));
        let keys = keys.map(|(key, account)| {
            let verifier = Verifier::new(&key)?;
            Some((key.api_key, Key { account, verifier }))
        });
        keys.collect::<Option<_>>().map(Self)
    }

    pub(crate) fn find(&self, api_key: &str) -> Option<&Key> {
        self.0.get(api_key)
    }
}

impl Key {
    /// Whether it is of the kind that may log on.
    pub(crate) const fn is_ed25519(&self) -> bool {
        matches!(self.verifier, Verifier::Ed25519(_))
    }

    /// Whether `signature` is this key's for `payload`.
    pub(crate) fn verifies(&self, payload: &[u8], signature: &str) -> bool {
        match &self.verifier {
            Verifier::Hmac(key) => {
                unhex(signature).is_some_and(|tag| hmac::verify(key, payload, &tag).is_ok())
            }
            Verifier::Rsa(key) => base64::decode(signature.as_bytes()).is_some_and(|signature| {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(payload, &signature).is_ok()
            }),
            Verifier::Ed25519(key) => base64::decode(signature.as_bytes()).is_some_and(|signature| {
                UnparsedPublicKey::new(&ED25519, key).verify(payload, &signature).is_ok()
            }),
        }
    }
}

impl Verifier {
    fn new(key: &DemoKey) -> Option<Self> {
        match key.kind {
            KeyKind::Hmac => Some(Self::Hmac(hmac::Key::new(hmac::HMAC_SHA256, key.secret.as_bytes()))),
            KeyKind::Rsa => {
                let pair = RsaKeyPair::from_pkcs8(&pem(&key.secret)?).ok()?;
                Some(Self::Rsa(pair.public().as_ref().to_vec()))
            }
            KeyKind::Ed25519 => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pem(&key.secret)?).ok()?;
                Some(Self::Ed25519(pair.public_key().as_ref().to_vec()))
            }
        }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier")
    }
}

/// The bytes of a PKCS#8 PEM.
fn pem(text: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once("-----BEGIN PRIVATE KEY-----")?;
    let (body, _) = rest.split_once("-----END PRIVATE KEY-----")?;
    let body: Vec<u8> = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    base64::decode(&body)
}

/// The bytes of hex digits, of either case.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

const HMAC_API_KEY: &str = "simHMACEp6OKGCZGHIP88VVBKsTihV7V5RTUmR9hB0QCvIlMbbpfZ3sdm9wykx5j";
const HMAC_SECRET: &str = "vLMpn0tuAgO7isOG1aOey56MbTumr4stxQhtGN4OQvVNLrshfERc3NAOuwuPhWNe";
const RSA_API_KEY: &str = "simRSA3gqorggSqubDDB8YFxWXftxAiRcT9w9cFXFqw0aQsrDEaueCbHr8jjwinW";
const ED25519_API_KEY: &str = "simED25519BpC0adaoupz1zzFCeHMu1STX5nqpqKVhl5eqZoB5w2b4nicqYC83RP";

#[cfg(test)]
mod tests {
    use ring::{rand::SystemRandom, signature::RSA_PKCS1_SHA256};

    use super::*;

    #[test]
    fn the_published_hmac_example_is_accepted_in_both_cases_and_nothing_else_is() {
        // The example of the exchange's documentation.
        let secret = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";
        let payload = b"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943";
        let signature = "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9";
        let key = DemoKey { api_key: "k".to_owned(), kind: KeyKind::Hmac, secret: secret.to_owned() };
        let table = KeyTable::new(&SimBuilder::new().key(key)).unwrap();
        let key = table.find("k").unwrap();
        assert!(key.verifies(payload, signature));
        assert!(key.verifies(payload, &signature.to_uppercase()));
        assert!(!key.verifies(b"symbol=BTCUSDT", signature));
        for wrong in ["", "3c", &signature[1..], &format!("{signature}0"), "zz"] {
            assert!(!key.verifies(payload, wrong));
        }
    }

    #[test]
    fn each_demo_key_signs_for_itself_only() {
        let table = KeyTable::new(&SimBuilder::new()).unwrap();
        let keys = Keys::demo();
        let rsa = RsaKeyPair::from_pkcs8(&pem(&keys.rsa.secret).unwrap()).unwrap();
        let mut signature = vec![0; rsa.public().modulus_len()];
        rsa.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), b"payload", &mut signature).unwrap();
        let rsa = base64::encode(&signature);
        let ed25519 =
            Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pem(&keys.ed25519.secret).unwrap()).unwrap();
        let ed25519 = base64::encode(ed25519.sign(b"payload").as_ref());
        for (key, signature, good) in [
            (&keys.rsa, &rsa, true),
            (&keys.ed25519, &ed25519, true),
            (&keys.rsa, &ed25519, false),
            (&keys.ed25519, &rsa, false),
            (&keys.hmac, &rsa, false),
        ] {
            let key = table.find(&key.api_key).unwrap();
            assert_eq!(key.verifies(b"payload", signature), good);
            assert!(!key.verifies(b"payloae", signature));
            assert!(!key.verifies(b"payload", &signature.to_lowercase()));
        }
        assert!(table.find("nobody").is_none());
        assert!(!format!("{table:?} {keys:?}").contains("PRIVATE"));
    }

    #[test]
    fn a_key_that_cannot_be_read_is_refused() {
        let key = DemoKey { api_key: "k".to_owned(), kind: KeyKind::Rsa, secret: "no key".to_owned() };
        assert!(KeyTable::new(&SimBuilder::new().key(key)).is_none());
    }
}
