//! A signed query ends with its stamp and a signature of all before it; with less room than that it is an error.

use binance_core::{Millis, param::Value, query::Query};
use binance_sign::{Hmac, Signed, Signer, Stamp};
use ring::hmac;

use crate::input::Input;

/// Takes the input as a stamp, a secret, how much room there is, and the value of a parameter.
pub fn check(data: &[u8]) {
    let mut input = Input(data);
    let timestamp = input.int() as i64;
    let window = (input.byte() % 2 == 0).then(|| input.int() as u32);
    let secret = input.bytes();
    let room = usize::from(input.below(1_024));
    let value = input.text();

    let mut stamp = Stamp::new(Millis(timestamp));
    if let Some(window) = window {
        stamp = stamp.recv_window(window);
    }
    let signer = Hmac::new(secret);
    let mut buffer = vec![0; room];
    let mut query = Query::new(&mut buffer);
    if query.push("symbol", Value::Text(&value)).is_err() {
        return;
    }
    let plain = query.as_str().to_owned();
    let bound = plain.len() + 53 + 11 + 3 * signer.signature_len();
    let Ok(signed) = Signed::new(query, stamp, &signer) else {
        assert!(room < bound, "{room} bytes are enough for {bound}");
        return;
    };
    let window = window.map_or(String::new(), |window| format!("&recvWindow={window}"));
    let expected = format!("{plain}{window}&timestamp={timestamp}");
    assert_eq!(signed.without_signature(), expected);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), expected.as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(signed.as_str(), format!("{expected}&signature={hex}"));
}
