//! The signers, against OpenSSL's signatures.

use core::{mem::ManuallyDrop, ptr};

#[cfg(any(feature = "ed25519", feature = "rsa"))]
use binance_sign::KeyError;
use binance_sign::{MAX_SIGNATURE, Signer};

use crate::Run;

const MESSAGE: &[u8] = include_bytes!("../../../binance-sign/tests/keys/message.txt");

/// A file of the crate's test keys.
#[cfg(any(feature = "ed25519", feature = "rsa"))]
macro_rules! key {
    ($name:literal) => {
        include_bytes!(concat!("../../../binance-sign/tests/keys/", $name))
    };
}

pub fn run(run: &mut Run<'_>) {
    #[cfg(feature = "hmac")]
    hmac(run);
    #[cfg(feature = "ed25519")]
    ed25519(run);
    #[cfg(feature = "rsa")]
    {
        use binance_sign::{Rsa2048, Rsa3072, Rsa4096};
        rsa(
            run,
            ["RSA-2048 load", "RSA-2048 sign", "RSA-2048 stack wiped", "RSA-2048 wiped on drop"],
            Rsa2048::from_pem,
            key!("rsa2048.pem"),
            key!("rsa2048.sig"),
        );
        rsa(
            run,
            ["RSA-3072 load", "RSA-3072 sign", "RSA-3072 stack wiped", "RSA-3072 wiped on drop"],
            Rsa3072::from_pem,
            key!("rsa3072.pem"),
            key!("rsa3072.sig"),
        );
        rsa(
            run,
            ["RSA-4096 load", "RSA-4096 sign", "RSA-4096 stack wiped", "RSA-4096 wiped on drop"],
            Rsa4096::from_pem,
            key!("rsa4096.pem"),
            key!("rsa4096.sig"),
        );
    }
}

/// Whether the signer writes this signature of the message.
fn signs(signer: &impl Signer, signature: &[u8]) -> bool {
    let mut text = [0; MAX_SIGNATURE];
    signer.sign(&[MESSAGE], &mut text).is_ok_and(|text| text.as_bytes() == signature)
}

/// Whether dropping the value makes at least so many of its bytes zero.
fn wiped<T>(value: T, bytes: usize) -> bool {
    let mut value = ManuallyDrop::new(value);
    let start = (&raw const value).cast::<u8>();
    let zeros = || {
        // SAFETY: inside the value, which is not given back before the end of the function.
        (0..size_of::<T>()).filter(|index| unsafe { ptr::read_volatile(start.add(*index)) } == 0).count()
    };
    let before = zeros();
    // SAFETY: dropped once, and only looked at as bytes after that.
    unsafe { ManuallyDrop::drop(&mut value) };
    zeros() >= before + bytes
}

#[cfg(feature = "hmac")]
fn hmac(run: &mut Run<'_>) {
    use binance_core::{Millis, param::Value, query::Query};
    use binance_sign::{ApiKey, Hmac, Signed, Stamp};

    let secret = b"2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";
    let signature = "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9";
    let signer = Hmac::new(secret);
    run("HMAC load", &mut || signs(&Hmac::new(secret), signature.as_bytes()));
    run("HMAC sign", &mut || signs(&signer, signature.as_bytes()));
    run("HMAC wiped on drop", &mut || wiped(Hmac::new(secret), 56));
    run("API key wiped on drop", &mut || ApiKey::new(signature).is_ok_and(|key| wiped(key, 64)));
    run("HMAC signed query", &mut || {
        let mut room = [0; 256];
        let mut query = Query::new(&mut room);
        let params = [
            ("symbol", Value::Text("BTCUSDT")),
            ("side", Value::Text("BUY")),
            ("type", Value::Text("LIMIT")),
            ("quantity", Value::Int(1)),
            ("price", Value::Int(9_000)),
            ("timeInForce", Value::Text("GTC")),
        ];
        let stamp = Stamp::new(Millis(1_591_702_613_943)).recv_window(5_000);
        params.into_iter().all(|(name, value)| query.push(name, value).is_ok())
            && Signed::new(query, stamp, &signer).is_ok_and(|signed| {
                signed.without_signature().as_bytes() == MESSAGE && signed.as_str().ends_with(signature)
            })
    });
}

#[cfg(feature = "ed25519")]
fn ed25519(run: &mut Run<'_>) {
    use binance_sign::Ed25519;

    let mut signer = Err(KeyError::Malformed);
    run("Ed25519 load", &mut || {
        signer = Ed25519::from_pem(key!("ed25519.pem"));
        signer.is_ok()
    });
    run("Ed25519 sign", &mut || signer.as_ref().is_ok_and(|signer| signs(signer, key!("ed25519.sig"))));
    run("Ed25519 wiped on drop", &mut || {
        Ed25519::from_pem(key!("ed25519.pem")).is_ok_and(|signer| wiped(signer, 56))
    });
    run("Ed25519 load encrypted", &mut || {
        signer = Ed25519::from_encrypted_pem(key!("ed25519-quick.pem"), b"correct horse");
        signer.is_ok()
    });
    run("Ed25519 sign", &mut || signer.as_ref().is_ok_and(|signer| signs(signer, key!("ed25519.sig"))));
}

#[cfg(feature = "rsa")]
fn rsa<S: Signer>(
    run: &mut Run<'_>,
    [load, sign, stack, drop]: [&str; 4],
    from_pem: fn(&[u8]) -> Result<S, KeyError>,
    pem: &[u8],
    signature: &[u8],
) {
    let mut signer = Err(KeyError::Malformed);
    run(load, &mut || {
        signer = from_pem(pem);
        signer.is_ok()
    });
    run(sign, &mut || signer.as_ref().is_ok_and(|signer| signs(signer, signature)));
    // What the computation had on the stack is wiped, but for the frame of the function that wipes. Nearer than that are
    // the digest and the text of the signature.
    run(stack, &mut || {
        signer.as_ref().is_ok_and(|signer| signs(signer, signature)) && crate::stack::dirty(3_072) < 32
    });
    // Two primes, two exponents, the coefficient: each half as long as the signature's bytes, which are base64 here.
    let secrets = signature.len() / 4 * 3 / 2 * 5;
    run(drop, &mut || from_pem(pem).is_ok_and(|signer| wiped(signer, secrets / 100 * 95)));
}
