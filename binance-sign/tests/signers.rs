//! Every signer against OpenSSL's signatures, against the others, and against the trait's contract.

mod common;

use std::collections::HashMap;

use binance_sign::{KeyKind, MAX_SIGNATURE, SignError, Signer};
use common::{LOADERS, file, openssl, sign, sign_pieces, signers};

#[test]
fn every_signer_writes_openssls_signature() {
    for loader in LOADERS {
        let message = file("message.txt");
        assert_eq!(sign(&*loader.load(), &message), openssl(loader.key), "{} {}", loader.name, loader.key);
    }
}

#[test]
fn signers_of_one_key_agree_on_every_message_and_every_split() {
    // Around the blocks of SHA-256 and SHA-512. RSA is slow without optimization and sees a hash only.
    let lengths = [0, 1, 54, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 200, 1_000];
    let signers = signers();
    for len in lengths {
        let message: Vec<u8> = (0..len).map(|index: usize| (index * 7 + len) as u8).collect();
        let mut of_key: HashMap<&str, String> = HashMap::new();
        for (index, (name, signer)) in signers.iter().enumerate() {
            let rsa = signer.kind() == KeyKind::Rsa;
            if rsa && ![0, 64, 200].contains(&len) {
                continue;
            }
            let key = LOADERS.get(index).map_or("hmac", |loader| loader.key);
            let whole = of_key.entry(key).or_insert_with(|| sign(&**signer, &message)).clone();
            let cuts = if rsa { vec![len / 2] } else { vec![0, 1, len / 2, len] };
            for cut in cuts {
                let (head, tail) = message.split_at(cut.min(len));
                let text = sign_pieces(&**signer, &[head, &[], tail]);
                assert_eq!(text, whole, "{name}, {len} bytes cut at {cut}");
            }
        }
    }
}

#[test]
fn every_shorter_room_is_full_and_the_exact_one_is_not() {
    for (name, signer) in signers() {
        let len = signer.signature_len();
        assert!(len <= MAX_SIGNATURE);
        let payload: [&[u8]; 1] = [b"timestamp=1"];
        for short in [0, 1, len - 1] {
            assert_eq!(signer.sign(&payload, &mut vec![0; short]), Err(SignError::Full), "{name}");
        }
        let text = signer.sign(&payload, &mut vec![0; len]).unwrap().to_owned();
        assert_eq!(text.len(), len, "{name}");
        let mut larger = vec![0xee; len + 3];
        assert_eq!(signer.sign(&payload, &mut larger), Ok(&*text), "{name}");
        assert_eq!(larger[len..], [0xee; 3], "{name} writes behind its text");
    }
}

#[test]
fn a_box_and_a_reference_sign_as_their_signer() {
    fn kind_of(signer: impl Signer) -> (KeyKind, usize) {
        (signer.kind(), signer.signature_len())
    }
    for (name, signer) in signers() {
        let alone = (signer.kind(), signer.signature_len());
        let text = sign(&*signer, b"x");
        assert_eq!(kind_of(&*signer), alone, "{name}");
        assert_eq!(sign(&&*signer, b"x"), text, "{name}");
        #[cfg(feature = "alloc")]
        {
            assert_eq!(sign(&signer, b"x"), text, "{name}");
            let shared: std::sync::Arc<dyn Signer> = signer.into();
            assert_eq!(sign(&shared, b"x"), text, "{name}");
        }
    }
}

#[test]
fn signers_are_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    #[cfg(feature = "hmac")]
    shared::<binance_sign::Credentials<binance_sign::Hmac>>();
    #[cfg(feature = "ed25519")]
    shared::<binance_sign::Ed25519>();
    #[cfg(feature = "rsa")]
    shared::<binance_sign::Rsa>();
    #[cfg(feature = "rsa-fixed")]
    shared::<(binance_sign::Rsa2048, binance_sign::Rsa4096)>();
    #[cfg(feature = "aws-lc-rs")]
    shared::<(binance_sign::aws::Rsa, binance_sign::aws::Ed25519)>();
    shared::<binance_sign::ApiKey>();
}

#[test]
fn debug_shows_the_kind_and_nothing_else() {
    #[cfg(feature = "hmac")]
    {
        let hmac = binance_sign::Hmac::new(b"secret");
        assert_eq!(format!("{hmac:?}"), "Hmac");
        let credentials = binance_sign::Credentials::new("api key".trim_start_matches("api "), hmac).unwrap();
        assert_eq!(format!("{credentials:?}"), "Credentials(HMAC)");
    }
    #[cfg(feature = "ed25519")]
    assert_eq!(format!("{:?}", binance_sign::Ed25519::from_seed(&[7; 32])), "Ed25519");
    #[cfg(feature = "rsa")]
    assert_eq!(format!("{:?}", binance_sign::Rsa::from_der(&file("rsa2048.der")).unwrap()), "Rsa");
    #[cfg(feature = "rsa-fixed")]
    assert_eq!(format!("{:?}", binance_sign::Rsa2048::from_der(&file("rsa2048.der")).unwrap()), "Rsa2048");
    #[cfg(feature = "aws-lc-rs")]
    {
        assert_eq!(format!("{:?}", binance_sign::aws::Rsa::from_der(&file("rsa2048.der")).unwrap()), "Rsa");
        let key = binance_sign::aws::Ed25519::from_der(&file("ed25519.der")).unwrap();
        assert_eq!(format!("{key:?}"), "Ed25519");
    }
    #[cfg(feature = "pkcs8")]
    {
        let der = file("ed25519.der");
        let key = binance_sign::PrivateKey::from_der(&der).unwrap();
        assert_eq!(format!("{key:?}"), "PrivateKey(Ed25519)");
        assert_eq!(format!("{:?}", binance_sign::KeyBuffer::new()), "KeyBuffer");
    }
}

#[test]
#[cfg(any(feature = "rsa", feature = "rsa-fixed"))]
fn other_blinding_gives_the_same_signature() {
    let der = file("rsa2048.der");
    #[cfg(feature = "rsa")]
    {
        let mut signer = binance_sign::Rsa::from_der(&der).unwrap();
        signer.mix_entropy(b"some random bytes");
        assert_eq!(sign(&signer, &file("message.txt")), openssl("rsa2048"));
    }
    #[cfg(feature = "rsa-fixed")]
    {
        let mut signer = binance_sign::Rsa2048::from_der(&der).unwrap();
        signer.mix_entropy(b"some random bytes");
        assert_eq!(sign(&signer, &file("message.txt")), openssl("rsa2048"));
    }
}

#[test]
#[cfg(all(feature = "ed25519", feature = "aws-lc-rs"))]
fn both_ed25519_signers_have_the_same_public_key() {
    let der = file("ed25519.der");
    let (own, aws) = (binance_sign::Ed25519::from_der(&der), binance_sign::aws::Ed25519::from_der(&der));
    assert_eq!(own.unwrap().public_key(), aws.unwrap().public_key());
}
