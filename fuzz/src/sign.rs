//! HMAC and Ed25519 against ring, the two RSA signers against each other; however the payload is cut into pieces.

use std::sync::LazyLock;

use binance_sign::{Ed25519, Hmac, MAX_SIGNATURE, Rsa, Rsa2048, Signer};
use ring::{
    hmac,
    signature::{Ed25519KeyPair, KeyPair},
};

use crate::input::Input;

static RSA: LazyLock<(Rsa, Rsa2048)> = LazyLock::new(|| {
    let pem = include_bytes!("../../binance-sign/tests/keys/rsa2048.pem");
    (Rsa::from_pem(pem).expect("a test key"), Rsa2048::from_pem(pem).expect("a test key"))
});

/// Takes the input as a key, places to cut at, and the payload.
pub fn check(data: &[u8]) {
    let mut input = Input(data);
    let kind = input.byte();
    let key = input.bytes();
    let cuts = input.bytes();
    let payload = input.0;
    let mut pieces = Vec::new();
    let mut rest = payload;
    for cut in cuts {
        let (piece, tail) = rest.split_at(usize::from(*cut).min(rest.len()));
        pieces.push(piece);
        rest = tail;
    }
    pieces.push(rest);

    match kind % 16 {
        // A thousand times slower than the others.
        0 => {
            let (rsa, fixed) = &*RSA;
            let signature = sign(rsa, &pieces);
            assert_eq!(signature, sign(fixed, &pieces));
            assert_eq!(signature, sign(fixed, &[payload]));
        }
        1..=7 => {
            let mut seed = [0; 32];
            let len = key.len().min(32);
            seed[..len].copy_from_slice(&key[..len]);
            let signer = Ed25519::from_seed(&seed);
            let reference = Ed25519KeyPair::from_seed_unchecked(&seed).expect("any seed is a key");
            assert_eq!(signer.public_key(), reference.public_key().as_ref());
            assert_eq!(sign(&signer, &pieces), base64(reference.sign(payload).as_ref()));
        }
        _ => {
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), payload);
            let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(sign(&Hmac::new(key), &pieces), hex);
        }
    }
}

/// Signs, and sees that one byte less of room is an error and nothing else.
pub(crate) fn sign(signer: &dyn Signer, pieces: &[&[u8]]) -> String {
    let mut room = [0; MAX_SIGNATURE];
    let text = signer.sign(pieces, &mut room).expect("there is room").to_owned();
    assert!(text.len() <= signer.signature_len());
    assert!(signer.sign(pieces, &mut room[..text.len() - 1]).is_err());
    text
}

/// Base64 by the book.
fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, index| bits << 8 | u32::from(*group.get(index).unwrap_or(&0)));
        for index in 0..4 {
            let sign = SIGNS[(bits >> (18 - 6 * index) & 63) as usize];
            text.push(if index > group.len() { '=' } else { sign.into() });
        }
    }
    text
}
