//! What both benchmarks measure: groups of cases that do the same thing.

use std::{cell::RefCell, fs, hint::black_box, path::Path};

use binance_core::{Millis, buf::Buf, decimal::dec, enums::Side, query::Query, usdm::trade::NewOrder};
use binance_sign::{
    Credentials, Ed25519, Hmac, KeyBuffer, MAX_SIGNATURE, PrivateKey, Rsa, Rsa2048, Rsa3072, Rsa4096,
    SignError, Signed, Signer, Stamp, aws,
};
use ring::{hmac, rand::SystemRandom, signature as by_ring};
use sha2::{Digest, Sha256};

/// One way to do what its group is about.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) run: Box<dyn Fn()>,
    /// The most that it may cost, as multiples of other cases of the group.
    #[allow(dead_code, reason = "only `ratios` looks at it")]
    pub(crate) bounds: Vec<(f64, &'static str)>,
}

impl Case {
    fn new(name: &'static str, run: impl Fn() + 'static) -> Self {
        Self { name, run: Box::new(run), bounds: Vec::new() }
    }

    fn at_most(mut self, times: f64, other: &'static str) -> Self {
        self.bounds.push((times, other));
        self
    }

    /// Signs the query with HMAC.
    fn hmac(name: &'static str) -> Self {
        let signer = Hmac::new(SECRET);
        Self::new(name, move || {
            let mut text = [0; 64];
            black_box(signer.sign(&[black_box(QUERY)], &mut text)).expect("the room is enough");
        })
    }

    /// Signs the query with a signer of this crate.
    fn signer(name: &'static str, signer: impl Signer + 'static) -> Self {
        Self::new(name, move || {
            let mut text = [0; MAX_SIGNATURE];
            black_box(signer.sign(&[black_box(QUERY)], &mut text)).expect("the room is enough");
        })
    }
}

/// The published example of an order, 112 bytes.
const QUERY: &[u8] = b"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC\
    &recvWindow=5000&timestamp=1591702613943";

/// The secret of the published example, 64 bytes.
const SECRET: &[u8] = b"2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";

/// HMAC-SHA256 of the query. The floor is what its three compressions cost.
pub(crate) fn hmac() -> Vec<Case> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
    vec![
        Case::new("SHA-256 of 150 bytes", || {
            black_box(Sha256::digest(black_box([7; 150])));
        }),
        Case::hmac("Hmac, hex in the caller's buffer")
            .at_most(1.35, "SHA-256 of 150 bytes")
            .at_most(1.0, "ring keyed once, no hex"),
        Case::new("ring keyed once, no hex", move || {
            black_box(hmac::sign(&key, black_box(QUERY)));
        }),
    ]
}

/// A new order, from its parameters to the bytes of the request, with a key of 64 bytes in its header.
pub(crate) fn order() -> Vec<Case> {
    const API_KEY: &str = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
    let credentials = Credentials::new(API_KEY, Hmac::new(SECRET)).expect("visible ASCII");
    // A connection writes all its requests to one buffer.
    let room = RefCell::new([0; 512]);
    vec![
        Case::hmac("Hmac alone"),
        Case::new("NewOrder to request bytes", move || {
            black_box(request(black_box(&credentials), &mut *room.borrow_mut()).expect("the room is enough"));
        })
        .at_most(2.0, "Hmac alone"),
    ]
}

fn request<'b>(credentials: &Credentials<Hmac>, room: &'b mut [u8]) -> Result<&'b [u8], SignError> {
    let order =
        NewOrder::limit(black_box("BTCUSDT"), Side::Buy, black_box(dec!("1")), black_box(dec!("9000")));
    let stamp = Stamp::new(Millis(black_box(1_591_702_613_943))).recv_window(5_000);
    let mut head = Buf::new(room);
    head.bytes(b"POST /fapi/v1/order?")?;
    let mut query = Query::append_to(head);
    query.extend(&order)?;
    let mut head = Signed::new(query, stamp, credentials.signer())?.into_buf();
    head.bytes(b" HTTP/1.1\r\nhost: fapi.binance.com\r\nx-mbx-apikey: ")?;
    head.bytes(credentials.api_key().as_bytes())?;
    head.bytes(b"\r\ncontent-length: 0\r\n\r\n")?;
    Ok(head.into_bytes())
}

/// PKCS#1 v1.5 with a key of 2048 bits.
pub(crate) fn rsa2048() -> Vec<Case> {
    let fixed = Case::signer("rsa-fixed", Rsa2048::from_pem(&file("rsa2048.pem")).expect("a good key"));
    rsa("rsa2048.pem", fixed.at_most(1.2, "rsa"))
}

/// PKCS#1 v1.5 with a key of 3072 bits.
pub(crate) fn rsa3072() -> Vec<Case> {
    let fixed = Case::signer("rsa-fixed", Rsa3072::from_pem(&file("rsa3072.pem")).expect("a good key"));
    rsa("rsa3072.pem", fixed)
}

/// PKCS#1 v1.5 with a key of 4096 bits.
pub(crate) fn rsa4096() -> Vec<Case> {
    let fixed = Case::signer("rsa-fixed", Rsa4096::from_pem(&file("rsa4096.pem")).expect("a good key"));
    rsa("rsa4096.pem", fixed)
}

fn rsa(name: &str, fixed: Case) -> Vec<Case> {
    let pem = file(name);
    let mut room = KeyBuffer::new();
    let key = PrivateKey::from_pem(&pem, &mut room).expect("a good key");
    let ring = by_ring::RsaKeyPair::from_der(key.pkcs1().expect("an RSA key")).expect("a good key");
    let random = SystemRandom::new();
    vec![
        Case::signer("rsa", Rsa::from_key(&key).expect("a good key")),
        fixed,
        Case::signer("aws-lc-rs", aws::Rsa::from_key(&key).expect("a good key"))
            .at_most(1.1, "ring, no base64"),
        Case::new("ring, no base64", move || {
            let mut signature = [0; 512];
            let signature = &mut signature[..ring.public().modulus_len()];
            ring.sign(&by_ring::RSA_PKCS1_SHA256, &random, black_box(QUERY), signature).expect("a good key");
            black_box(signature);
        }),
    ]
}

/// Ed25519.
pub(crate) fn ed25519() -> Vec<Case> {
    let pem = file("ed25519.pem");
    let mut room = KeyBuffer::new();
    let key = PrivateKey::from_pem(&pem, &mut room).expect("a good key");
    let seed = key.seed().expect("an Ed25519 key");
    let ring = by_ring::Ed25519KeyPair::from_seed_unchecked(seed).expect("a good key");
    vec![
        Case::signer("ed25519", Ed25519::from_seed(seed)),
        Case::signer("aws-lc-rs", aws::Ed25519::from_key(&key).expect("a good key")).at_most(0.6, "ed25519"),
        Case::new("ring, no base64", move || {
            black_box(ring.sign(black_box(QUERY)));
        }),
    ]
}

fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys").join(name);
    fs::read(path).expect("the key is in the repository")
}
