//! What allocates and what does not, counted.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]
#![allow(dead_code, unused_imports, reason = "not every build has every signer")]

mod common;

use allocation_counter::measure;
use binance_core::{Millis, buf::Buf, param::Value, query::Query, stream::Id, ws_api::Frame};
use binance_sign::{Credentials, MAX_SIGNATURE, Mixed, Signed, Signer, Stamp, sign_call};

/// Loads nothing, signs in every form.
fn sign_in_every_form(signer: &dyn Signer) {
    let (mut head, mut body, mut text) = ([0; 256], [0; 2_600], [0; MAX_SIGNATURE]);
    let stamp = Stamp::new(Millis(1_591_702_613_943)).recv_window(5_000);
    signer.sign(&[b"symbol=BTCUSDT", b"&timestamp=1"], &mut text).unwrap();

    let mut query = Query::new(&mut body);
    query.push("symbol", Value::Text("币安人生USDT")).unwrap();
    assert!(Signed::new(query, stamp, signer).unwrap().as_str().contains("&signature="));

    let mut query = Query::new(&mut head);
    query.push("symbol", Value::Text("BTCUSDT")).unwrap();
    Mixed::new(query, Query::new(&mut body), stamp, signer).unwrap();

    let credentials = Credentials::new("key", signer).unwrap();
    let mut out = Buf::new(&mut body);
    let mut frame = Frame::new(Id::Number(1), "order.place", &mut out).unwrap();
    frame.push("symbol", Value::Text("BTCUSDT")).unwrap();
    sign_call(frame, stamp, &credentials).unwrap();
    assert!(out.len() > 100);
}

#[test]
#[cfg(feature = "hmac")]
fn hmac_and_the_payload_forms_do_not_allocate() {
    let counted = measure(|| sign_in_every_form(&binance_sign::Hmac::new(common::SECRET)));
    assert_eq!(counted.count_total, 0);
}

#[test]
#[cfg(feature = "hmac")]
fn an_order_is_signed_without_allocating() {
    use binance_core::{Decimal, enums::Side, usdm::trade::NewOrder};

    let signer = binance_sign::Hmac::new(common::SECRET);
    let counted = measure(|| {
        let order =
            NewOrder::limit("BTCUSDT", Side::Buy, "1".parse().unwrap(), "9000".parse::<Decimal>().unwrap());
        let mut room = [0; 256];
        let mut query = Query::new(&mut room);
        query.extend(&order).unwrap();
        let signed = Signed::new(query, Stamp::new(Millis(1_591_702_613_943)), &signer).unwrap();
        assert!(signed.without_signature().starts_with("symbol=BTCUSDT&side=BUY&type=LIMIT"));
    });
    assert_eq!(counted.count_total, 0);
}

#[test]
#[cfg(feature = "ed25519")]
fn ed25519_does_not_allocate() {
    let der = common::file("ed25519.der");
    let counted = measure(|| sign_in_every_form(&binance_sign::Ed25519::from_der(&der).unwrap()));
    assert_eq!(counted.count_total, 0);
}

#[test]
#[cfg(feature = "rsa-fixed")]
fn rsa_fixed_does_not_allocate() {
    let (der, der4096) = (common::file("rsa2048-pkcs1.der"), common::der("rsa4096.pem"));
    let counted = measure(|| {
        sign_in_every_form(&binance_sign::Rsa2048::from_der(&der).unwrap());
        sign_in_every_form(&binance_sign::Rsa4096::from_der(&der4096).unwrap());
    });
    assert_eq!(counted.count_total, 0);
}

#[test]
#[cfg(feature = "encrypted")]
fn encrypted_keys_do_not_allocate() {
    use binance_sign::{KeyBuffer, PrivateKey};

    let der = common::der("rsa2048-aes256.pem");
    let counted = measure(|| {
        PrivateKey::from_encrypted_der(&der, common::PASSPHRASE, &mut KeyBuffer::new()).unwrap();
    });
    assert_eq!(counted.count_total, 0);
    #[cfg(feature = "pem")]
    {
        let pem = common::file("rsa2048-aes256.pem");
        let counted = measure(|| {
            PrivateKey::from_encrypted_pem(&pem, common::PASSPHRASE, &mut KeyBuffer::new()).unwrap();
        });
        assert_eq!(counted.count_total, 0);
    }
}

/// The counter counts: the signer that needs a heap is seen to use it.
#[test]
#[cfg(feature = "rsa")]
fn the_rsa_crate_allocates() {
    let signer = binance_sign::Rsa::from_der(&common::file("rsa2048.der")).unwrap();
    let counted = measure(|| {
        signer.sign(&[b"timestamp=1"], &mut [0; MAX_SIGNATURE]).unwrap();
    });
    assert!(counted.count_total > 0);
}
