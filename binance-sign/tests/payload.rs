//! The forms of a signed request: what they look like, and that what is signed is what is sent.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use binance_core::{
    Millis,
    buf::Buf,
    param::{Full, Params, Sink, Value},
    query::Query,
    stream::Id,
    ws_api::Frame,
};
use binance_sign::{
    Credentials, KeyKind, Message, Mixed, SignError, Signed, Signer, Stamp, sign_call, sign_logon,
};
use common::{sign, sign_pieces, signers};

const STAMP: Stamp = Stamp::new(Millis(1_591_702_613_943)).recv_window(5_000);

/// The order of the published example.
struct Order;

impl Params for Order {
    fn visit<'a>(&'a self, sink: &mut dyn Sink<'a>) -> Result<(), Full> {
        sink.put("symbol", Value::Text("BTCUSDT"))?;
        sink.put("side", Value::Text("BUY"))?;
        sink.put("type", Value::Text("LIMIT"))?;
        sink.put("quantity", Value::Int(1))?;
        sink.put("price", Value::Int(9_000))?;
        sink.put("timeInForce", Value::Text("GTC"))
    }
}

fn query<'b>(room: &'b mut [u8], params: &dyn Params) -> Query<'b> {
    let mut query = Query::new(room);
    query.extend(params).unwrap();
    query
}

/// What `&signature=` is followed by, decoded.
fn signature(text: &str) -> String {
    let (_, encoded) = text.rsplit_once("&signature=").unwrap();
    assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'%'), "{encoded}");
    encoded.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=")
}

#[test]
#[cfg(feature = "hmac")]
fn the_published_example_as_a_query_or_a_body() {
    let signer = binance_sign::Hmac::new(common::SECRET);
    let mut room = [0; 256];
    let signed = Signed::new(query(&mut room, &Order), STAMP, &signer).unwrap();
    let unsigned = "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC\
                    &recvWindow=5000&timestamp=1591702613943";
    let signature = "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9";
    assert_eq!(signed.as_str(), format!("{unsigned}&signature={signature}"));
    assert_eq!(signed.without_signature(), unsigned);
    assert_eq!(format!("{signed:?}"), format!("Signed({} bytes)", signed.as_bytes().len()));
}

#[test]
#[cfg(feature = "hmac")]
fn the_published_example_as_query_and_body() {
    let signer = binance_sign::Hmac::new(common::SECRET);
    let (mut head, mut body) = ([0; 128], [0; 256]);
    let mut in_query = Query::new(&mut head);
    for (name, value) in [("symbol", "BTCUSDT"), ("side", "BUY"), ("type", "LIMIT"), ("timeInForce", "GTC")] {
        in_query.push(name, Value::Text(value)).unwrap();
    }
    let mut in_body = Query::new(&mut body);
    in_body.push("quantity", Value::Int(1)).unwrap();
    in_body.push("price", Value::Int(9_000)).unwrap();
    let mixed = Mixed::new(in_query, in_body, STAMP, &signer).unwrap();
    assert_eq!(mixed.query(), "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC");
    assert_eq!(
        mixed.body().as_str(),
        "quantity=1&price=9000&recvWindow=5000&timestamp=1591702613943\
         &signature=30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4"
    );
    assert_eq!(format!("{mixed:?}"), "Mixed(50 bytes, Signed(136 bytes))");
    let (head, body) = mixed.into_bufs();
    assert_eq!((head.len(), body.len()), (50, 136));
}

/// Whatever the values are: the bytes in front of `&signature=` are those that were signed.
#[test]
fn the_signature_is_of_the_bytes_that_are_sent() {
    let values =
        ["BTCUSDT", "", "币安人生USDT", "a b&c=d+e/f?g#h%i", "[\"x\"]@\u{7f}\n", "&signature=forged"];
    for (name, signer) in signers() {
        // RSA is slow without optimization; one value has all that needs encoding.
        let values = if signer.kind() == KeyKind::Rsa { &values[3..4] } else { &values[..] };
        for value in values {
            let (mut head, mut body) = ([0; 512], [0; 2_048]);
            let mut params = Query::new(&mut body);
            params.push("symbol", Value::Text(value)).unwrap();
            let signed = Signed::new(params, STAMP, &*signer).unwrap();
            let text = signed.as_str().to_owned();
            assert_eq!(text.matches("&signature=").count(), 1, "{name} {value:?}");
            assert!(text.is_ascii() && !text.contains(' '), "{name} {value:?}");
            let before = &text[..text.find("&signature=").unwrap()];
            assert_eq!(signature(&text), sign(&*signer, before.as_bytes()), "{name} {value:?}");

            let mut params = Query::new(&mut head);
            params.push("symbol", Value::Text(value)).unwrap();
            let mixed = Mixed::new(params, Query::new(&mut body), STAMP, &*signer).unwrap();
            let both = [mixed.query().as_bytes(), mixed.body().without_signature().as_bytes()];
            assert_eq!(signature(mixed.body().as_str()), sign_pieces(&*signer, &both), "{name} {value:?}");
        }
    }
}

#[test]
fn only_the_query_is_signed_of_a_buffer_that_holds_more() {
    for (name, signer) in signers() {
        let mut room = [0; 2_048];
        let mut buf = Buf::new(&mut room);
        buf.bytes(b"POST /fapi/v1/order?").unwrap();
        let mut params = Query::append_to(buf);
        params.extend(&Order).unwrap();
        let signed = Signed::new(params, STAMP, &*signer).unwrap();
        assert!(signed.as_str().starts_with("symbol="), "{name}");
        assert_eq!(
            signature(signed.as_str()),
            sign(&*signer, signed.without_signature().as_bytes()),
            "{name}"
        );
        let mut buf = signed.into_buf();
        buf.bytes(b" HTTP/1.1\r\n").unwrap();
        let line = std::str::from_utf8(buf.as_bytes()).unwrap();
        assert!(line.starts_with("POST /fapi/v1/order?symbol=") && line.ends_with(" HTTP/1.1\r\n"), "{name}");
    }
}

#[test]
fn every_shorter_buffer_is_full_and_the_exact_one_is_not() {
    for (name, signer) in signers() {
        let mut room = [0; 2_048];
        let needed = Signed::new(query(&mut room, &Order), STAMP, &*signer).unwrap().as_bytes().len();
        let unstamped = query(&mut room, &Order).as_bytes().len();
        // The bound that the documentation gives.
        assert!(needed <= unstamped + 53 + 11 + 3 * signer.signature_len(), "{name}");
        let step = if signer.kind() == KeyKind::Rsa { 500 } else { 1 };
        for short in (unstamped..needed).step_by(step) {
            let error = Signed::new(query(&mut room[..short], &Order), STAMP, &*signer).unwrap_err();
            assert_eq!(error, SignError::Full, "{name} {short}");
        }
        assert!(Signed::new(query(&mut room[..needed], &Order), STAMP, &*signer).is_ok(), "{name}");
    }
}

#[test]
fn a_stamp_is_its_parameters() {
    let text = |stamp: Stamp| query(&mut [0; 64], &stamp).as_str().to_owned();
    assert_eq!(text(Stamp::new(Millis(5))), "timestamp=5");
    assert_eq!(text(Stamp::new(Millis(5)).recv_window(60_000)), "recvWindow=60000&timestamp=5");
    let longest = text(Stamp::new(Millis(i64::MIN)).recv_window(u32::MAX));
    assert!(longest.len() < 53, "with the `&` in front");
}

/// The text that a call signs, put together here from the JSON that it sends.
fn payload_of(json: &str) -> String {
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).unwrap();
    // serde_json sorts the names, byte by byte.
    let pairs = fields.iter().filter(|(name, _)| *name != "signature").map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{name}={value}")
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// The object of the parameters of a call that `sign` ends.
fn json_of(params: &dyn Params, sign: impl FnOnce(Frame<'_, '_, '_>) -> Result<(), SignError>) -> String {
    let mut room = [0; 4_096];
    let mut out = Buf::new(&mut room);
    let mut frame = Frame::new(Id::Number(1), "m", &mut out).unwrap();
    frame.extend(params).unwrap();
    sign(frame).unwrap();
    let text = std::str::from_utf8(out.as_bytes()).unwrap();
    let text = text.strip_prefix(r#"{"id":1,"method":"m","params":"#).unwrap();
    text.strip_suffix('}').unwrap().to_owned()
}

/// Parameters one by one.
struct Pairs<'a>(&'a [(&'a str, Value<'a>)]);

impl Params for Pairs<'_> {
    fn visit<'a>(&'a self, sink: &mut dyn Sink<'a>) -> Result<(), Full> {
        self.0.iter().try_for_each(|(name, value)| sink.put(name, *value))
    }
}

#[test]
fn a_call_signs_what_it_sends_sorted_and_unencoded() {
    for (name, signer) in signers() {
        let credentials = Credentials::new("the-api-key", &*signer).unwrap();
        let json = json_of(&Order, |mut frame| {
            frame.push("note", Value::Text("币安 a&b=c+\"/\\"))?;
            frame.push("reduceOnly", Value::Flag(true))?;
            sign_call(frame, STAMP, &credentials)
        });
        assert!(json.contains(r#","apiKey":"the-api-key","recvWindow":5000,"timestamp":"#), "{name} {json}");
        let payload = payload_of(&json);
        assert_eq!(
            payload,
            "apiKey=the-api-key&note=币安 a&b=c+\"/\\&price=9000&quantity=1&recvWindow=5000&reduceOnly=true&side=BUY\
             &symbol=BTCUSDT&timeInForce=GTC&timestamp=1591702613943&type=LIMIT"
        );
        let fields: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(fields["signature"], sign(&*signer, payload.as_bytes()), "{name}");
    }
}

#[test]
#[cfg(feature = "hmac")]
fn the_raw_text_is_signed_by_the_websocket_api_and_the_encoded_one_by_rest() {
    let signer = binance_sign::Hmac::new(b"test-secret");
    let credentials = Credentials::new("key", signer.clone()).unwrap();
    let params = Pairs(&[("symbol", Value::Text("我踏马来了USDT"))]);
    let call = json_of(&params, |frame| sign_call(frame, Stamp::new(Millis(1)), &credentials));
    assert!(call.contains("1db8dd6928f04b225e2bca3652249af4eb222a89f331f913d28744862176ae69"));

    let mut room = [0; 256];
    let mut params = Query::new(&mut room);
    params.push("apiKey", Value::Text("key")).unwrap();
    params.push("symbol", Value::Text("我踏马来了USDT")).unwrap();
    let signed = Signed::new(params, Stamp::new(Millis(1)), &signer).unwrap();
    assert_eq!(
        signed.as_str(),
        "apiKey=key&symbol=%E6%88%91%E8%B8%8F%E9%A9%AC%E6%9D%A5%E4%BA%86USDT&timestamp=1\
         &signature=7bb4f7d070540e9306d0c65b4a577a0051aebf76e6c88c9ec3dbbdcb6c247973"
    );
}

#[test]
#[cfg(feature = "ed25519")]
fn logon_is_the_published_payload() {
    let seed: [u8; 32] = [
        0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44,
        0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
    ];
    let api_key = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
    let credentials = Credentials::new(api_key, binance_sign::Ed25519::from_seed(&seed)).unwrap();
    let stamp = Stamp::new(Millis(1_649_729_878_532));
    assert_eq!(
        json_of(&Pairs(&[]), |frame| sign_logon(frame, stamp, &credentials)),
        format!(
            r#"{{"apiKey":"{api_key}","timestamp":1649729878532,"signature":"763GJeFgG09B/06V/dq24cLu6f0R57whgDMyOCubDex4CTTElmDgPSIQqLdOsvW5TBxyaaFotVCI8tUmQMChAA=="}}"#
        )
    );
}

/// A signer that must not be asked.
struct Untouchable(KeyKind);

impl Signer for Untouchable {
    fn kind(&self) -> KeyKind {
        self.0
    }

    fn signature_len(&self) -> usize {
        64
    }

    fn sign_message<'o>(&self, _: &dyn Message, _: &'o mut [u8]) -> Result<&'o str, SignError> {
        panic!("asked to sign")
    }
}

#[test]
fn logon_refuses_other_keys_before_anything_is_signed_or_written() {
    for kind in [KeyKind::Hmac, KeyKind::Rsa] {
        let credentials = Credentials::new("key", Untouchable(kind)).unwrap();
        let mut room = [0xee; 256];
        let mut out = Buf::new(&mut room);
        let frame = Frame::new(Id::Number(1), "session.logon", &mut out).unwrap();
        let error = sign_logon(frame, STAMP, &credentials).unwrap_err();
        assert_eq!(error, SignError::Kind(kind));
        assert_eq!(out.as_bytes(), br#"{"id":1,"method":"session.logon","params":{"#);
        assert_eq!(error.to_string(), format!("session.logon takes an Ed25519 key, not {kind}"));
    }
}

#[test]
fn too_many_parameters_for_a_call_are_full() {
    let credentials = Credentials::new("key", Untouchable(KeyKind::Hmac)).unwrap();
    let mut room = [0; 4_096];
    let mut out = Buf::new(&mut room);
    let mut frame = Frame::new(Id::Number(1), "m", &mut out).unwrap();
    while frame.push("name", Value::Int(1)).is_ok() {}
    assert_eq!(sign_call(frame, STAMP, &credentials), Err(SignError::Full));
}

#[test]
fn a_payload_that_is_not_gathered_is_signed_just_the_same() {
    for (name, signer) in signers() {
        let credentials = Credentials::new("the-api-key", &*signer).unwrap();
        // Around the length up to which it is gathered, and far beyond.
        for len in (430..460).chain([2_000]) {
            let text = "x".repeat(len);
            let params = Pairs(&[("b", Value::Text(&text)), ("a", Value::Int(len as i64))]);
            let json = json_of(&params, |frame| sign_call(frame, STAMP, &credentials));
            let payload = payload_of(&json);
            assert!(payload.starts_with(&format!("a={len}&apiKey=the-api-key&b=xxx")), "{payload}");
            let fields: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert_eq!(fields["signature"], sign(&*signer, payload.as_bytes()), "{name} {len}");
            if name != "Hmac" {
                // The others take long, and have it from the same place.
                break;
            }
        }
    }
}
