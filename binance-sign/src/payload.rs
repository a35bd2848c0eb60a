//! What is signed is what is sent: requests that hold their signature and can only be read.
//!
//! A [`Query`] owns the buffer it was written into. Signing takes it by value, appends to the same buffer, and answers
//! a type without a method that writes, so no byte can change between the signature and the socket. A call of the
//! WebSocket API is signed in one form and sent in another; its [`Frame`] makes both, and is taken by value too.

use core::fmt;

use binance_core::{
    Millis,
    buf::Buf,
    param::{Full, Params, Sink, Value},
    query::{Query, percent_encode},
    ws_api::Frame,
};

use crate::{Credentials, KeyKind, MAX_SIGNATURE, SignError, Signer};

/// When a request was made, and for how long the exchange may take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The time by the exchange's clock.
    pub timestamp: Millis,
    /// How many milliseconds later it may still be taken; the exchange assumes 5,000 when there is none.
    pub recv_window: Option<u32>,
}

impl Stamp {
    /// A request made at `timestamp`, with the exchange's own window.
    pub const fn new(timestamp: Millis) -> Self {
        Self { timestamp, recv_window: None }
    }

    /// The same with a window of `millis`.
    pub const fn recv_window(self, millis: u32) -> Self {
        Self { recv_window: Some(millis), ..self }
    }
}

impl Params for Stamp {
    fn visit<'a>(&'a self, sink: &mut dyn Sink<'a>) -> Result<(), Full> {
        self.put(sink)
    }
}

impl Stamp {
    fn put<'a>(self, sink: &mut dyn Sink<'a>) -> Result<(), Full> {
        if let Some(millis) = self.recv_window {
            sink.put("recvWindow", Value::Int(millis.into()))?;
        }
        sink.put("timestamp", Value::Int(self.timestamp.0))
    }
}

/// The parameters of a REST request with their signature: a query string, or a body of the type
/// `application/x-www-form-urlencoded`. `Debug` does not show them.
///
/// ```
/// # #[cfg(feature = "hmac")] {
/// use binance_core::{Millis, param::Value, query::Query};
/// use binance_sign::{Hmac, Signed, Stamp};
///
/// let mut buffer = [0; 256];
/// let mut query = Query::new(&mut buffer);
/// query.push("symbol", Value::Text("BTCUSDT"))?;
/// let signed = Signed::new(query, Stamp::new(Millis(1_578_963_600_000)), &Hmac::new(b"secret"))?;
/// assert_eq!(
///     signed.as_str(),
///     "symbol=BTCUSDT&timestamp=1578963600000\
///      &signature=4f53d4ae6ec66b7d5d5f467204e2e74bc26abc7344d6226f9c1e8324528071e2",
/// );
/// # }
/// # Ok::<(), binance_sign::SignError>(())
/// ```
///
/// Nothing can be added to it, and the query is gone:
///
/// ```compile_fail,E0382
/// # use binance_core::{Millis, param::Value, query::Query};
/// # use binance_sign::{Signer, Signed, Stamp};
/// # fn late<'b>(mut query: Query<'b>, signer: &dyn Signer) -> Signed<'b> {
/// let signed = Signed::new(query, Stamp::new(Millis(0)), signer).unwrap();
/// query.push("symbol", Value::Text("BTCUSDT"));
/// # signed
/// # }
/// ```
pub struct Signed<'b> {
    buf: Buf<'b>,
    start: usize,
    /// How long the text before `&signature=` is.
    unsigned_len: usize,
}

impl<'b> Signed<'b> {
    /// Adds `recvWindow` and `timestamp` to `query`, signs all of it, and adds `signature`.
    ///
    /// Room needed: up to 53 bytes for the stamp, 11 and three times [`Signer::signature_len`] for the signature.
    ///
    /// # Errors
    /// [`SignError::Full`] when the query's buffer is too short, and what the signer answers.
    pub fn new<S: Signer + ?Sized>(query: Query<'b>, stamp: Stamp, signer: &S) -> Result<Self, SignError> {
        sign(b"", query, stamp, signer)
    }

    /// The text that goes into the URL behind `?`, or into the body.
    pub fn as_bytes(&self) -> &[u8] {
        self.buf.as_bytes().get(self.start..).unwrap_or_default()
    }

    /// The text that goes into the URL behind `?`, or into the body.
    pub fn as_str(&self) -> &str {
        // A query is ASCII.
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The text without its signature, for logs.
    pub fn without_signature(&self) -> &str {
        self.as_str().get(..self.unsigned_len).unwrap_or_default()
    }

    /// Gives the buffer back, with the signed text in it, to write what comes behind.
    pub fn into_buf(self) -> Buf<'b> {
        self.buf
    }
}

impl fmt::Debug for Signed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signed({} bytes)", self.as_bytes().len())
    }
}

/// A REST request with parameters in its query and in its body. One signature covers both, one behind the other with
/// nothing between them; it stands at the end of the body. `Debug` does not show them.
pub struct Mixed<'q, 'b> {
    query: Query<'q>,
    body: Signed<'b>,
}

impl<'q, 'b> Mixed<'q, 'b> {
    /// Adds `recvWindow` and `timestamp` to `body`, signs query and body, and adds `signature` to `body`.
    ///
    /// # Errors
    /// As [`Signed::new`], with `body` for the buffer.
    pub fn new<S: Signer + ?Sized>(
        query: Query<'q>,
        body: Query<'b>,
        stamp: Stamp,
        signer: &S,
    ) -> Result<Self, SignError> {
        let body = sign(query.as_bytes(), body, stamp, signer)?;
        Ok(Self { query, body })
    }

    /// The text that goes into the URL behind `?`.
    pub fn query(&self) -> &str {
        self.query.as_str()
    }

    /// The body, with the signature.
    pub fn body(&self) -> &Signed<'b> {
        &self.body
    }

    /// Gives both buffers back, with the texts in them, to write what comes behind.
    pub fn into_bufs(self) -> (Buf<'q>, Buf<'b>) {
        (self.query.into_buf(), self.body.into_buf())
    }
}

impl fmt::Debug for Mixed<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mixed({} bytes, {:?})", self.query.as_bytes().len(), self.body)
    }
}

/// Stamps `query` and signs it behind `before`.
fn sign<'b, S: Signer + ?Sized>(
    before: &[u8],
    mut query: Query<'b>,
    stamp: Stamp,
    signer: &S,
) -> Result<Signed<'b>, SignError> {
    stamp.put(&mut query)?;
    let (start, unsigned_len) = (query.start(), query.as_bytes().len());
    let signature = |text| match before {
        [] => signer.sign(&[query.as_bytes()], text),
        before => signer.sign(&[before, query.as_bytes()], text),
    };
    // The stamp is in front of it, so the `&` is always due.
    const NAME: &[u8] = b"&signature=";
    let buf = match signer.kind() {
        KeyKind::Hmac => {
            let mut text = [0; 64];
            let hex = signature(&mut text)?;
            let mut buf = query.into_buf();
            buf.bytes(NAME)?;
            // Hex has nothing to encode.
            buf.bytes(hex.as_bytes())?;
            buf
        }
        _ => {
            let mut text = [0; MAX_SIGNATURE];
            let base64 = signature(&mut text)?;
            let mut buf = query.into_buf();
            buf.bytes(NAME)?;
            percent_encode(&mut buf, base64.as_bytes())?;
            buf
        }
    };
    Ok(Signed { buf, start, unsigned_len })
}

/// Signs a call of the WebSocket API, and ends its frame: adds `apiKey`, `recvWindow` and `timestamp`, and, over all
/// parameters, the signature.
///
/// What is signed is `name=value` joined by `&`, sorted by name, not percent-encoded; what is sent is a JSON object. The
/// frame makes both, from the same texts and digits.
///
/// ```
/// # #[cfg(feature = "hmac")] {
/// use binance_core::{Millis, buf::Buf, param::Value, stream::Id, ws_api::Frame};
/// use binance_sign::{Credentials, Hmac, Stamp, sign_call};
///
/// let credentials = Credentials::new("key", Hmac::new(b"test-secret")).expect("visible ASCII");
/// let mut room = [0; 256];
/// let mut out = Buf::new(&mut room);
/// let mut frame = Frame::new(Id::Number(1), "order.place", &mut out)?;
/// frame.push("symbol", Value::Text("我踏马来了USDT"))?;
/// sign_call(frame, Stamp::new(Millis(1)), &credentials)?;
/// assert_eq!(
///     String::from_utf8_lossy(out.as_bytes()),
///     r#"{"id":1,"method":"order.place","params":{"symbol":"我踏马来了USDT","apiKey":"key","timestamp":1,"#.to_owned()
///         + r#""signature":"1db8dd6928f04b225e2bca3652249af4eb222a89f331f913d28744862176ae69"}}"#,
/// );
/// # }
/// # Ok::<(), binance_sign::SignError>(())
/// ```
///
/// # Errors
/// [`SignError::Full`] when the frame's buffer is too short or there are too many parameters, and what the signer answers.
/// The buffer then holds a frame that is not whole.
#[inline]
pub fn sign_call<'a, S: Signer>(
    mut frame: Frame<'a, '_, '_>,
    stamp: Stamp,
    credentials: &'a Credentials<S>,
) -> Result<(), SignError> {
    frame.push("apiKey", Value::Text(credentials.api_key()))?;
    stamp.put(&mut frame)?;
    let signer = credentials.signer();
    // In one piece it is hashed faster than in many. Few are longer.
    let mut room = [0; 512];
    let mut payload = Buf::new(&mut room);
    match frame.payload(&mut payload) {
        Ok(()) => frame.end_signed(|text| Ok(signer.sign(&[payload.as_bytes()], text)?.len())),
        Err(Full) => sign_long(frame, signer),
    }
}

#[cold]
fn sign_long<S: Signer>(frame: Frame<'_, '_, '_>, signer: &S) -> Result<(), SignError> {
    let mut text = [0; MAX_SIGNATURE];
    let signature = signer.sign_message(&frame, &mut text)?.as_bytes();
    frame.end_signed(|text| {
        text.get_mut(..signature.len()).ok_or(SignError::Full)?.copy_from_slice(signature);
        Ok(signature.len())
    })
}

/// Signs `session.logon`, and ends its frame.
///
/// # Errors
/// [`SignError::Kind`] for any key but Ed25519, before anything is signed; otherwise as [`sign_call`].
pub fn sign_logon<'a, S: Signer>(
    frame: Frame<'a, '_, '_>,
    stamp: Stamp,
    credentials: &'a Credentials<S>,
) -> Result<(), SignError> {
    match credentials.kind() {
        KeyKind::Ed25519 => sign_call(frame, stamp, credentials),
        kind => Err(SignError::Kind(kind)),
    }
}
