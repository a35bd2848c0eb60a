//! The query string, percent-encoded once.

use crate::{
    buf::Buf,
    json::JsonObjects,
    param::{Full, Params, Sink, Value},
    word::FAST,
};

/// Writes parameters as `name=value&name=value` into the caller's buffer, percent-encoded.
///
/// Every byte of a name or value but `A–Z a–z 0–9 - . _ ~` becomes `%XX`; text is UTF-8 first. The exchange signs
/// the encoded string, so these bytes are both what is signed and what is sent. Room needed: for each parameter
/// the length of its name and 2, and of its value, three times for bytes that have to be encoded.
///
/// ```
/// use binance_core::{param::Value, query::Query};
/// let mut buffer = [0; 64];
/// let mut query = Query::new(&mut buffer);
/// query.push("symbol", Value::Text("测试USDT"))?;
/// query.push("limit", Value::Int(5))?;
/// assert_eq!(query.as_str(), "symbol=%E6%B5%8B%E8%AF%95USDT&limit=5");
/// # Ok::<(), binance_core::param::Full>(())
/// ```
#[derive(Debug)]
pub struct Query<'b> {
    buf: Buf<'b>,
    start: usize,
}

impl<'b> Query<'b> {
    /// Starts an empty query at the beginning of `room`.
    pub fn new(room: &'b mut [u8]) -> Self {
        Self { buf: Buf::new(room), start: 0 }
    }

    /// Starts an empty query behind what `buf` already holds.
    pub fn append_to(buf: Buf<'b>) -> Self {
        Self { start: buf.len(), buf }
    }

    /// Adds one parameter.
    pub fn push(&mut self, name: &str, value: Value<'_>) -> Result<(), Full> {
        if self.buf.len() > self.start {
            self.buf.byte(b'&')?;
        }
        percent_encode(&mut self.buf, name.as_bytes())?;
        self.buf.byte(b'=')?;
        match value {
            Value::Text(text) => percent_encode(&mut self.buf, text.as_bytes()),
            Value::Int(int) => self.buf.int(int),
            Value::Decimal(decimal) => self.buf.decimal(decimal),
            Value::Flag(flag) => self.buf.bytes(if flag { b"true" } else { b"false" }),
            Value::Ints(_) | Value::Texts(_) | Value::Objects(_) => {
                JsonObjects::new(&mut |piece| percent_encode(&mut self.buf, piece)).value(value)
            }
        }
    }

    /// Adds all parameters of a request.
    pub fn extend(&mut self, params: &dyn Params) -> Result<(), Full> {
        params.visit(&mut *self)
    }

    /// The query so far.
    pub fn as_str(&self) -> &str {
        // All that is ever written is ASCII.
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The query so far.
    pub fn as_bytes(&self) -> &[u8] {
        self.buf.as_bytes().get(self.start..).unwrap_or_default()
    }

    /// Where the query starts in the buffer.
    pub fn start(&self) -> usize {
        self.start
    }

    /// Ends the query and gives the buffer back, with the query in it.
    pub fn into_buf(self) -> Buf<'b> {
        self.buf
    }
}

impl<'a> Sink<'a> for Query<'_> {
    fn put(&mut self, name: &'a str, value: Value<'a>) -> Result<(), Full> {
        self.push(name, value)
    }
}

/// Writes `bytes` to `buf` with every byte that is not unreserved (RFC 3986) as `%XX`.
#[inline]
pub fn percent_encode(buf: &mut Buf<'_>, bytes: &[u8]) -> Result<(), Full> {
    // Nearly every name and value is plain and short: copied and looked at in one go.
    let mut plain = true;
    buf.fill_with(|room| {
        let room = room.get_mut(..bytes.len()).unwrap_or_default();
        for (to, from) in room.iter_mut().zip(bytes) {
            *to = *from;
            // The table is for speed.
            plain &= if FAST { UNRESERVED[usize::from(*from)] } else { is_unreserved(*from) };
        }
        plain &= room.len() == bytes.len();
        Ok::<_, Full>(if plain { bytes.len() } else { 0 })
    })?;
    if plain { Ok(()) } else { percent_encode_some(buf, bytes) }
}

static UNRESERVED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = is_unreserved(byte as u8);
        byte += 1;
    }
    table
};

#[cold]
fn percent_encode_some(buf: &mut Buf<'_>, bytes: &[u8]) -> Result<(), Full> {
    let mut rest = bytes;
    while let Some(plain) = rest.iter().position(|byte| !is_unreserved(*byte)) {
        let (run, tail) = rest.split_at(plain);
        buf.bytes(run)?;
        let Some((&byte, tail)) = tail.split_first() else { return Ok(()) };
        buf.bytes(&[b'%', hex(byte >> 4), hex(byte & 15)])?;
        rest = tail;
    }
    buf.bytes(rest)
}

#[inline]
const fn is_unreserved(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~')
}

const fn hex(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'A' + nibble - 10 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decimal::dec;

    fn encoded(value: Value<'_>) -> heapless::String<256> {
        let mut room = [0; 256];
        let mut query = Query::new(&mut room);
        query.push("n", value).unwrap();
        query.as_str().strip_prefix("n=").unwrap().try_into().unwrap()
    }

    #[test]
    fn each_kind_of_value_has_its_form() {
        assert_eq!(encoded(Value::Text("a b&c=+/é")), "a%20b%26c%3D%2B%2F%C3%A9");
        assert_eq!(encoded(Value::Int(-5)), "-5");
        assert_eq!(encoded(Value::Decimal(dec!("0.00100"))), "0.00100");
        assert_eq!(encoded(Value::Flag(true)), "true");
        assert_eq!(encoded(Value::Ints(&[1, 22])), "%5B1%2C22%5D");
        assert_eq!(encoded(Value::Texts(&["a", "b\"c"])), "%5B%22a%22%2C%22b%5C%22c%22%5D");
    }

    #[test]
    fn every_shorter_buffer_is_full_and_the_exact_one_is_not() {
        let write = |room: &mut [u8]| {
            let mut query = Query::new(room);
            query.push("symbol", Value::Text("币安人生USDT"))?;
            query.push("limit", Value::Int(500))?;
            Ok(query.as_str().len())
        };
        let needed = write(&mut [0; 128]).unwrap();
        for short in 0..needed {
            assert_eq!(write(&mut [0; 128][..short]), Err(Full));
        }
        assert_eq!(write(&mut [0; 128][..needed]), Ok(needed));
    }
}
