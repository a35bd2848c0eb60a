//! Key files: nothing panics or loops, and a key that is taken signs what verifies.

use binance_sign::{Ed25519, KeyBuffer, KeyKind, MAX_SIGNATURE, PrivateKey, Rsa, Rsa2048, Rsa3072, Rsa4096, Signer};
use ring::signature::{ED25519, UnparsedPublicKey};

const MESSAGE: &[u8] = b"symbol=BTCUSDT&timestamp=1";

/// Takes the input as a file in each of the forms.
pub fn check(data: &[u8]) {
    let mut room = KeyBuffer::new();
    if let Ok(key) = PrivateKey::from_der(data) {
        works(&key);
    }
    if let Ok(key) = PrivateKey::from_pem(data, &mut room) {
        works(&key);
    }
    // How long a derivation takes is bounded by `MAX_ITERATIONS`, which is still too long for a fuzzer.
    let cheap = data.len() < 1_024;
    if cheap && let Ok(key) = PrivateKey::from_encrypted_pem(data, b"correct horse", &mut room) {
        works(&key);
    }
    if cheap && let Ok(key) = PrivateKey::from_encrypted_der(data, b"correct horse", &mut room) {
        works(&key);
    }
}

fn works(key: &PrivateKey<'_>) {
    let text = format!("{key:?}");
    assert!(text.len() < 64, "{text}");
    match key.kind() {
        KeyKind::Ed25519 => {
            let signer = Ed25519::from_key(key).expect("any seed is a key");
            let mut room = [0; MAX_SIGNATURE];
            let signature = signer.sign(&[MESSAGE], &mut room).expect("there is room");
            let public = UnparsedPublicKey::new(&ED25519, signer.public_key());
            assert_eq!(public.verify(MESSAGE, &unbase64(signature)), Ok(()));
        }
        KeyKind::Rsa => {
            let own: Option<Box<dyn Signer>> = match key.rsa_bits() {
                Some(2_048) => Rsa2048::from_key(key).ok().map(|key| Box::new(key) as Box<dyn Signer>),
                Some(3_072) => Rsa3072::from_key(key).ok().map(|key| Box::new(key) as Box<dyn Signer>),
                Some(4_096) => Rsa4096::from_key(key).ok().map(|key| Box::new(key) as Box<dyn Signer>),
                _ => None,
            };
            // Both check what they have signed with the public key, so a key that is none is a fault.
            let (mut room, mut other_room) = ([0; MAX_SIGNATURE], [0; MAX_SIGNATURE]);
            if let (Some(own), Ok(other)) = (own, Rsa::from_key(key))
                && let (Ok(signature), Ok(other)) =
                    (own.sign(&[MESSAGE], &mut room), other.sign(&[MESSAGE], &mut other_room))
            {
                assert_eq!(signature, other);
            }
        }
        other => panic!("a file with a key for {other}"),
    }
}

/// Base64 by the book.
fn unbase64(text: &str) -> Vec<u8> {
    const SIGNS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for sign in text.chars().filter(|sign| *sign != '=') {
        bits = bits << 6 | SIGNS.find(sign).expect("a sign of base64") as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}
