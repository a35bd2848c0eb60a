//! Key files of every form: each that is taken gives the same signature, each that is not has its own error.
#![cfg(feature = "pkcs8")]

mod common;

use binance_sign::{KeyError, KeyKind, PrivateKey};
use common::{LOADERS, der, file, openssl, sign};

#[test]
fn der_in_pkcs8_and_pkcs1_gives_the_same_key() {
    for loader in LOADERS {
        let forms = match loader.key {
            "rsa2048" => vec![file("rsa2048.der"), file("rsa2048-pkcs1.der")],
            "ed25519" => vec![file("ed25519.der")],
            other => vec![der(&format!("{other}-pkcs1.pem"))],
        };
        for form in forms {
            let signer = (loader.der)(&form).unwrap();
            assert_eq!(sign(&*signer, &file("message.txt")), openssl(loader.key), "{}", loader.name);
        }
    }
}

#[test]
fn a_key_says_its_kind_and_size() {
    for (name, kind, bits) in [
        ("ed25519.pem", KeyKind::Ed25519, None),
        ("rsa1024.pem", KeyKind::Rsa, Some(1_024)),
        ("rsa2048.pem", KeyKind::Rsa, Some(2_048)),
        ("rsa3072-pkcs1.pem", KeyKind::Rsa, Some(3_072)),
        ("rsa4096.pem", KeyKind::Rsa, Some(4_096)),
    ] {
        let der = der(name);
        let key = PrivateKey::from_der(&der).unwrap();
        assert_eq!((key.kind(), key.rsa_bits()), (kind, bits), "{name}");
        assert_eq!(key.pkcs1().is_ok(), kind == KeyKind::Rsa);
        assert_eq!(key.seed().is_ok(), kind == KeyKind::Ed25519);
    }
}

#[test]
fn every_truncation_of_a_key_is_truncated() {
    for name in ["ed25519.pem", "rsa2048.pem", "rsa2048-pkcs1.pem", "ed25519-public.pem"] {
        let der = der(name);
        for len in 0..der.len() {
            assert_eq!(
                PrivateKey::from_der(&der[..len]).unwrap_err(),
                KeyError::Truncated,
                "{name} at {len}"
            );
        }
    }
}

#[test]
fn bytes_that_are_no_key_are_malformed() {
    let mut behind = der("ed25519.pem");
    behind.push(0);
    let cases: [&[u8]; 6] =
        [b"hello", &[0x30, 0], &[0x30, 3, 2, 1, 0], &[0x31, 0], &[0x30, 0x80, 0, 0], &behind];
    for bytes in cases {
        assert_eq!(PrivateKey::from_der(bytes).unwrap_err(), KeyError::Malformed, "{bytes:x?}");
    }
}

#[test]
fn other_files_in_der_are_refused_by_what_they_are() {
    for (name, error) in [
        ("rsa2048-public.pem", KeyError::Public),
        ("rsa2048-public-pkcs1.pem", KeyError::Public),
        ("ed25519-public.pem", KeyError::Public),
        ("ec.pem", KeyError::Algorithm),
        ("ec-sec1.pem", KeyError::Algorithm),
        ("ed448.pem", KeyError::Algorithm),
        ("ed25519-aes256.pem", KeyError::Encrypted),
        ("ed25519-des3.pem", KeyError::Encrypted),
    ] {
        assert_eq!(PrivateKey::from_der(&der(name)).unwrap_err(), error, "{name}");
    }
}

#[test]
fn a_signer_refuses_the_other_kind_and_other_sizes() {
    for loader in LOADERS {
        let load = |name: &str| (loader.der)(&der(name)).map(|_| ()).unwrap_err();
        if loader.is_rsa() {
            assert_eq!(load("ed25519.pem"), KeyError::Kind(KeyKind::Ed25519), "{}", loader.name);
            assert_eq!(load("rsa1024.pem"), KeyError::RsaSize(1_024), "{}", loader.name);
        } else {
            assert_eq!(load("rsa2048.pem"), KeyError::Kind(KeyKind::Rsa), "{}", loader.name);
        }
    }
    #[cfg(feature = "rsa-fixed")]
    {
        let error = binance_sign::Rsa2048::from_der(&der("rsa4096.pem")).unwrap_err();
        assert_eq!(error, KeyError::RsaSize(4_096));
    }
}

/// One bit of each part of an RSA key changed in turn: refused at load, or caught before a signature is released.
#[test]
#[cfg(feature = "rsa-fixed")]
fn an_rsa_key_with_a_wrong_part_never_gives_a_signature() {
    use binance_sign::{MAX_SIGNATURE, Rsa2048, Signer};

    let good = file("rsa2048-pkcs1.der");
    // The parts stand one behind the other; flip a low bit in the middle of each.
    let mut at = 4;
    let mut refused = 0;
    while at < good.len() {
        let (len, head) = match good[at + 1] {
            0x82 => (usize::from(good[at + 2]) << 8 | usize::from(good[at + 3]), 4),
            0x81 => (usize::from(good[at + 2]), 3),
            short => (usize::from(short), 2),
        };
        let mut bad = good.clone();
        bad[at + head + len / 2] ^= 4;
        match Rsa2048::from_der(&bad) {
            Err(KeyError::Inconsistent | KeyError::Malformed | KeyError::RsaSize(_)) => refused += 1,
            Err(other) => panic!("part at {at}: {other}"),
            // Nothing is computed from the private exponent but blinding factors.
            Ok(signer) => {
                let text = signer.sign(&[&file("message.txt")], &mut [0; MAX_SIGNATURE]).map(str::to_owned);
                assert_eq!(text.unwrap(), openssl("rsa2048"), "part at {at}");
            }
        }
        at += head + len;
    }
    assert_eq!(refused, 8, "version, n, e, p, q, both exponents and the coefficient");
}

#[cfg(feature = "pem")]
mod pem {
    use binance_sign::{KeyBuffer, MAX_KEY};

    use super::*;

    fn read(pem: &[u8]) -> Result<KeyKind, KeyError> {
        PrivateKey::from_pem(pem, &mut KeyBuffer::new()).map(|key| key.kind())
    }

    #[test]
    fn pem_in_pkcs8_and_pkcs1_gives_the_same_key() {
        for loader in LOADERS {
            for form in ["", "-pkcs1"] {
                if form.is_empty() || loader.is_rsa() {
                    let signer = (loader.pem)(&file(&format!("{}{form}.pem", loader.key))).unwrap();
                    let text = sign(&*signer, &file("message.txt"));
                    assert_eq!(text, openssl(loader.key), "{}{form}", loader.name);
                }
            }
        }
    }

    #[test]
    fn other_line_ends_and_widths_and_text_around_are_taken() {
        let pem = String::from_utf8(file("rsa2048.pem")).unwrap();
        let public = String::from_utf8(file("rsa2048-public.pem")).unwrap();
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let wide: String =
            body.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line) + "\n").collect();
        let around = |body: &str| format!("-----BEGIN PRIVATE KEY-----\n{body}-----END PRIVATE KEY-----");
        for text in [
            pem.replace('\n', "\r\n"),
            pem.trim_end().to_owned(),
            format!("\n\n{pem}\n\n"),
            format!("Key of the test account:\n{pem}and its public half:\n{public}"),
            around(&wide),
            around(&(body + "\n")),
        ] {
            assert_eq!(read(text.as_bytes()), Ok(KeyKind::Rsa), "{text}");
        }
    }

    #[test]
    fn every_truncation_of_a_pem_file_is_an_error() {
        let pem = file("ed25519.pem");
        let text = pem.trim_ascii_end();
        for len in 0..text.len() {
            let error = read(&text[..len]).unwrap_err();
            let begun = len >= b"-----BEGIN ".len();
            let expected = if begun { KeyError::Truncated } else { KeyError::Malformed };
            assert_eq!(error, expected, "at {len}");
        }
        // Cut in the middle, but with its last line.
        let text = String::from_utf8(pem).unwrap();
        for len in 28..text.len() - 27 {
            let error =
                read(format!("{}\n-----END PRIVATE KEY-----\n", &text[..len]).as_bytes()).unwrap_err();
            assert!(matches!(error, KeyError::Truncated | KeyError::Malformed), "at {len}: {error}");
        }
    }

    #[test]
    fn other_files_in_pem_are_refused_by_what_they_are() {
        for (name, error) in [
            ("rsa2048-public.pem", KeyError::Public),
            ("rsa2048-public-pkcs1.pem", KeyError::Public),
            ("ed25519-public.pem", KeyError::Public),
            ("ec.pem", KeyError::Algorithm),
            ("ec-sec1.pem", KeyError::Algorithm),
            ("ed448.pem", KeyError::Algorithm),
            ("rsa2048-aes256.pem", KeyError::Encrypted),
            ("ed25519-scrypt.pem", KeyError::Encrypted),
            ("rsa2048-proc-type.pem", KeyError::LegacyPem),
            ("message.txt", KeyError::Malformed),
        ] {
            assert_eq!(read(&file(name)), Err(error), "{name}");
        }
    }

    #[test]
    fn a_file_that_is_too_long_is_too_long() {
        let body = "A".repeat(MAX_KEY / 3 * 4 + 4);
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        assert_eq!(read(pem.as_bytes()), Err(KeyError::TooLong));
    }

    #[test]
    fn no_message_shows_what_is_in_the_file() {
        // A private key where a public one is named, a broken body, a header: what is said is a fixed text.
        let pem = String::from_utf8(file("ed25519.pem")).unwrap();
        let secret = pem.lines().nth(1).unwrap();
        for text in [
            pem.replace("PRIVATE", "PUBLIC"),
            pem.replace("MC4C", "MC4!"),
            pem.replace(secret, &format!("Proc-Type: 4,ENCRYPTED\n\n{secret}")),
        ] {
            let error = read(text.as_bytes()).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(
                !secret.as_bytes().windows(6).any(|part| shown.contains(std::str::from_utf8(part).unwrap()))
            );
        }
    }
}

#[cfg(all(feature = "pem", feature = "encrypted"))]
mod encrypted {
    use binance_sign::{KeyBuffer, MAX_KEY};
    use common::PASSPHRASE;

    use super::*;

    fn read(name: &str, passphrase: &[u8]) -> Result<KeyKind, KeyError> {
        PrivateKey::from_encrypted_pem(&file(name), passphrase, &mut KeyBuffer::new()).map(|key| key.kind())
    }

    #[test]
    fn encrypted_files_give_the_same_key() {
        for loader in LOADERS {
            let forms: &[&str] = match loader.key {
                "rsa2048" | "ed25519" => &["-aes128", "-aes256", "-sha512", ""],
                _ => &["-aes256"],
            };
            for form in forms {
                let pem = file(&format!("{}{form}.pem", loader.key));
                let signer = (loader.encrypted)(&pem, PASSPHRASE).unwrap();
                let text = sign(&*signer, &file("message.txt"));
                assert_eq!(text, openssl(loader.key), "{}{form}", loader.name);
            }
        }
    }

    #[test]
    fn encrypted_der_is_read_too() {
        let mut room = KeyBuffer::new();
        let key = PrivateKey::from_encrypted_der(&file("ed25519-aes256.der"), PASSPHRASE, &mut room).unwrap();
        let plain = file("ed25519.der");
        assert_eq!(key.seed(), PrivateKey::from_der(&plain).unwrap().seed());
        let long = vec![0x30; MAX_KEY + 1];
        let error = PrivateKey::from_encrypted_der(&long, PASSPHRASE, &mut room).unwrap_err();
        assert_eq!(error, KeyError::TooLong);
    }

    /// Four hundred wrong passphrases: the padding of one or two of them is right by chance. One round makes it quick.
    #[test]
    fn a_wrong_passphrase_is_a_wrong_passphrase() {
        assert_eq!(read("rsa2048-aes256.pem", b""), Err(KeyError::Passphrase));
        for guess in 0..400 {
            let guess = format!("guess {guess}");
            assert_eq!(read("ed25519-quick.pem", guess.as_bytes()), Err(KeyError::Passphrase), "{guess}");
        }
        assert_eq!(read("ed25519-quick.pem", PASSPHRASE), Ok(KeyKind::Ed25519));
    }

    #[test]
    fn refused_encryptions_are_refused_by_name() {
        for (name, error) in [
            ("ed25519-sha1.pem", KeyError::Derivation),
            ("ed25519-aes192.pem", KeyError::Cipher),
            ("ed25519-iterations.pem", KeyError::Costly),
            ("ed25519-des3.pem", KeyError::Des),
            ("ed25519-pbes1.pem", KeyError::Des),
            ("rsa2048-proc-type.pem", KeyError::LegacyPem),
            ("rsa2048-public.pem", KeyError::Public),
        ] {
            assert_eq!(read(name, PASSPHRASE), Err(error), "{name}");
        }
        #[cfg(not(feature = "scrypt"))]
        assert_eq!(read("ed25519-scrypt.pem", PASSPHRASE), Err(KeyError::Derivation));
    }

    #[test]
    fn every_truncation_and_every_damaged_byte_is_an_error() {
        let good = file("ed25519-aes256.der");
        let mut room = KeyBuffer::new();
        for len in 0..good.len() {
            let error = PrivateKey::from_encrypted_der(&good[..len], PASSPHRASE, &mut room).unwrap_err();
            assert_eq!(error, KeyError::Truncated, "at {len}");
        }
        // In front of the encrypted part, which no checksum protects; the round count only gets smaller.
        let head = good.len() - 64;
        for at in (0..head).step_by(3) {
            let mut bad = good.clone();
            bad[at] ^= 0x01;
            let _ = PrivateKey::from_encrypted_der(&bad, PASSPHRASE, &mut room).map(|_| ()).unwrap_err();
        }
    }

    #[cfg(feature = "scrypt")]
    #[test]
    fn scrypt_files_give_the_same_key_and_have_a_limit() {
        for loader in LOADERS.iter().filter(|loader| matches!(loader.key, "rsa2048" | "ed25519")) {
            let pem = file(&format!("{}-scrypt.pem", loader.key));
            let signer = (loader.encrypted)(&pem, PASSPHRASE).unwrap();
            assert_eq!(sign(&*signer, &file("message.txt")), openssl(loader.key), "{}", loader.name);
        }
        assert_eq!(read("ed25519-scrypt.pem", b"wrong"), Err(KeyError::Passphrase));
        assert_eq!(read("ed25519-scrypt-default.pem", PASSPHRASE), Ok(KeyKind::Ed25519));

        // 16,384 rounds of block size 8 and one lane, as OpenSSL writes it; then more memory, or more time, or none.
        let good = der("ed25519-scrypt-default.pem");
        let at = good.windows(10).position(|part| part == [2, 2, 0x40, 0, 2, 1, 8, 2, 1, 1]).unwrap();
        for (offset, value, error) in [
            (6, 0x7f, KeyError::Costly),
            (9, 0x7f, KeyError::Costly),
            (2, 0x41, KeyError::Malformed),
            (6, 0, KeyError::Malformed),
        ] {
            let mut bad = good.clone();
            bad[at + offset] = value;
            let mut room = KeyBuffer::new();
            assert_eq!(PrivateKey::from_encrypted_der(&bad, PASSPHRASE, &mut room).unwrap_err(), error);
        }
    }
}
