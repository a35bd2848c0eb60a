//! The published vectors: RFC 4231, RFC 8032, and the exchange's own examples.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

#[cfg(feature = "hmac")]
use binance_sign::Hmac;
#[cfg(feature = "hmac")]
use common::SECRET;
#[cfg(any(feature = "hmac", feature = "ed25519"))]
use common::{sign, sign_pieces};

#[test]
#[cfg(feature = "hmac")]
fn rfc_4231() {
    let counting: Vec<u8> = (1..26).collect();
    let cases: [(&[u8], &[u8], &str); 6] = [
        (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        (&counting, &[0xcd; 50], "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        (
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            &[0xaa; 131],
            b"This is a test using a larger than block-size key and a larger than block-size data. \
              The key needs to be hashed before being used by the HMAC algorithm.",
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ];
    for (secret, message, signature) in cases {
        assert_eq!(sign(&Hmac::new(secret), message), signature);
    }
}

#[test]
#[cfg(feature = "ed25519")]
fn rfc_8032() {
    let cases: [([u8; 32], &[u8], &str); 4] = [
        (
            hex(b"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
            b"",
            "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc+bRr0lv18FlbviRlUUFDjnoQCw==",
        ),
        (
            hex(b"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
            &[0x72],
            "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA==",
        ),
        (
            hex(b"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"),
            &[0xaf, 0x82],
            "YpHWV97sJAJIJ+acOr4BowzlSKKEdDpEXjaA19taw6wY/5tTjRbykK5n92CYTcZZSnwV6XFu0o3AJ77O6h7ECg==",
        ),
        (
            hex(b"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42"),
            &hex::<64>(
                b"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                  2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            ),
            "3CpEWec2ljOlKxvyd4OaACAQCaPvvz7Lab6iGGwmtYkJNR/JrJCz7P37x8ZkMeAwPcoXnBOKwXrZvvEXczGnBA==",
        ),
    ];
    for (seed, message, signature) in cases {
        assert_eq!(sign(&binance_sign::Ed25519::from_seed(&seed), message), signature);
    }
}

#[cfg(feature = "ed25519")]
fn hex<const LEN: usize>(digits: &[u8]) -> [u8; LEN] {
    assert_eq!(digits.len(), 2 * LEN);
    std::array::from_fn(|index| {
        u8::from_str_radix(std::str::from_utf8(&digits[2 * index..][..2]).unwrap(), 16).unwrap()
    })
}

#[test]
#[cfg(feature = "hmac")]
fn the_exchanges_hmac_examples() {
    let order = "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC";
    let query = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC";
    let coin = "symbol=BTCUSD_200925&side=BUY&type=LIMIT&timeInForce=GTC";
    let (plain, blank) = (
        "quantity=1&price=9000&recvWindow=5000&timestamp=1591702613943",
        "quantity=1&price=9000&recvWindow=5000&timestamp= 1591702613943",
    );
    let stamped = format!("{order}&recvWindow=5000&timestamp=1591702613943");
    let cases: [(&[&str], &str); 7] = [
        (&[&stamped], "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"),
        // The page has a blank behind `timestamp=`, and the signature that it shows is of that.
        (&[query, blank], "f9d0ae5e813ef6ccf15c2b5a434047a0181cb5a342b903b367ca6d27a66e36f2"),
        (&[query, plain], "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4"),
        (&[coin, blank], "f3129e7c72c7727037891ad8a86b76a7dc514ba125a536775c8ba403b2d1b222"),
        (&[coin, plain], "35396865572e96da34b827284c33a2ba2ea2d013051ee4c41df844e958074952"),
        // The COIN-M page's own value for this one is of no payload that anyone could find.
        (
            &[
                "symbol=BTCUSD_200925&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&",
                plain_tail(),
            ],
            "04c8b9fbd55285a38fd6a3fc40ba3a7d114f22564dab61611bf24f2d2efb890f",
        ),
        (
            &["symbol=%E6%B5%8B%E8%AF%95USDT&side=BUY&type=MARKET&quantity=1&timestamp=1760000007980"],
            "f5a675acf0ed2365094143f2921df08b17ba837118e5e06178defa1b39d60116",
        ),
    ];
    let signer = Hmac::new(SECRET);
    for (pieces, signature) in cases {
        let bytes: Vec<&[u8]> = pieces.iter().map(|piece| piece.as_bytes()).collect();
        assert_eq!(sign_pieces(&signer, &bytes), signature, "{pieces:?}");
    }

    let spot = Hmac::new(b"NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j");
    assert_eq!(
        sign(&spot, b"timestamp=1578963600000"),
        "d84e6641b1e328e7b418fff030caed655c266299c9355e36ce801ed14631eed4"
    );
    assert_eq!(
        sign(
            &spot,
            b"symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000\
              &timestamp=1499827319559"
        ),
        "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
    );
}

#[cfg(feature = "hmac")]
fn plain_tail() -> &'static str {
    "recvWindow=5000&timestamp=1591702613943"
}

#[test]
#[cfg(feature = "ed25519")]
fn the_exchanges_ed25519_payloads_under_the_key_of_rfc_8032() {
    let seed = hex(b"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    let signer = binance_sign::Ed25519::from_seed(&seed);
    let cases: [(&[u8], &str); 3] = [
        (
            b"apiKey=yeqKcXjtA9Eu4Tr3nJk61UJAGzXsEmFqqfVterxpMpR4peNfqE7Zl7oans8Qj089&price=0.20&quantity=1.0000000\
              &side=SELL&symbol=BTCUSDT&timeInForce=GTC&timestamp=1668481559918&type=LIMIT",
            "Pr3xlkWKmwvI0weLPLDILEvXEwxTV4rbVKPWPxnesOnvNbg0QiC2P6QzqyHDGyX+yoNzon4TKOd29rbsEb+LDA==",
        ),
        (
            b"apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A&timestamp=1649729878532",
            "763GJeFgG09B/06V/dq24cLu6f0R57whgDMyOCubDex4CTTElmDgPSIQqLdOsvW5TBxyaaFotVCI8tUmQMChAA==",
        ),
        (
            b"timestamp=1671090801999&recvWindow=9999999&symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1.23",
            "qpPqj9/M2kbOIp+0Srtb9BAqCDuerbkDibsj/KiNydjCAqNTLC2OdUgCq/StcxWSXc2vDgmJ/hTEuBgJX+bwBw==",
        ),
    ];
    for (payload, signature) in cases {
        assert_eq!(sign(&signer, payload), signature);
        assert_eq!(sign_pieces(&signer, &[&payload[..9], &payload[9..]]), signature);
    }
}

/// Walks the catalog of vectors where the repository stands next to it.
#[test]
#[cfg(feature = "hmac")]
fn the_catalog_of_vectors() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/api/signature-vectors.json");
    let Ok(text) = std::fs::read_to_string(path) else { return };
    let catalog: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut checked = 0;
    for vector in catalog["vectors"].as_array().unwrap() {
        let payload = vector["payload"].as_str().unwrap().as_bytes();
        let signature = vector["computed_signature"].as_str();
        let Some(signature) = signature else { continue };
        if let Some(secret) = vector["secret_key"].as_str() {
            assert_eq!(sign(&Hmac::new(secret.as_bytes()), payload), signature, "{}", vector["id"]);
            checked += 1;
        }
        #[cfg(feature = "ed25519")]
        if vector["private_key"] == "ed25519_rfc8032" {
            let seed = catalog["keys"]["ed25519_rfc8032"]["seed_hex"].as_str().unwrap();
            let signer = binance_sign::Ed25519::from_seed(&hex(seed.as_bytes()));
            assert_eq!(sign(&signer, payload), signature, "{}", vector["id"]);
            checked += 1;
        }
    }
    assert!(checked >= 14, "the catalog has at least 14 HMAC vectors");
}
