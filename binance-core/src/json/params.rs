//! Parameters as JSON: the objects of `batchOrders`, lists of ids, the `params` of the WebSocket API.

use crate::{
    buf::int_digits,
    decimal::Decimal,
    param::{Full, Params, Sink, Value},
    word::{FAST, eight_bytes, matches_byte},
};

/// Writes parameters as JSON without blanks: whole numbers bare, everything else as text, as the exchange wants it.
pub struct JsonObjects<'o, O: ?Sized = dyn FnMut(&[u8]) -> Result<(), Full> + 'o> {
    out: &'o mut O,
    first: bool,
}

impl<'o, O: FnMut(&[u8]) -> Result<(), Full> + ?Sized> JsonObjects<'o, O> {
    /// Hands the pieces of the text to `out`.
    pub fn new(out: &'o mut O) -> Self {
        Self { out, first: true }
    }

    /// Writes one object with all parameters of `params`.
    pub fn object(&mut self, params: &dyn Params) -> Result<(), Full> {
        self.begin()?;
        params.visit(&mut *self)?;
        self.end()
    }

    /// Begins an object, whose fields are then given one by one.
    pub fn begin(&mut self) -> Result<(), Full> {
        self.first = true;
        (self.out)(b"{")
    }

    /// Writes one field of the object that was begun.
    pub fn field(&mut self, name: &str, value: Value<'_>) -> Result<(), Full> {
        (self.out)(if core::mem::take(&mut self.first) { b"\"" } else { b",\"" })?;
        escape(name, self.out)?;
        match value {
            Value::Text(text) => {
                (self.out)(b"\":\"")?;
                escape(text, self.out)?;
                (self.out)(b"\"")
            }
            Value::Decimal(decimal) => {
                (self.out)(b"\":\"")?;
                (self.out)(decimal.encode_bytes(&mut [0; Decimal::MAX_LEN]))?;
                (self.out)(b"\"")
            }
            other => {
                (self.out)(b"\":")?;
                self.value(other)
            }
        }
    }

    /// Ends the object that was begun.
    pub fn end(&mut self) -> Result<(), Full> {
        self.first = false;
        (self.out)(b"}")
    }

    /// Writes one value.
    pub fn value(&mut self, value: Value<'_>) -> Result<(), Full> {
        match value {
            Value::Text(text) => self.text(text),
            Value::Int(int) => self.int(int),
            Value::Decimal(decimal) => {
                (self.out)(b"\"")?;
                (self.out)(decimal.encode_bytes(&mut [0; Decimal::MAX_LEN]))?;
                (self.out)(b"\"")
            }
            Value::Flag(flag) => self.text(if flag { "true" } else { "false" }),
            Value::Ints(ints) => self.array(ints.len(), |json, index| {
                json.int(ints.get(index).map_or(0, |int| i64::try_from(*int).unwrap_or(i64::MAX)))
            }),
            Value::Texts(texts) => self
                .array(texts.len(), |json, index| json.text(texts.get(index).copied().unwrap_or_default())),
            Value::Objects(objects) => self.array(objects.len(), |json, index| {
                json.begin()?;
                objects.visit(index, &mut *json)?;
                json.end()
            }),
        }
    }

    fn array(
        &mut self,
        len: usize,
        mut element: impl FnMut(&mut Self, usize) -> Result<(), Full>,
    ) -> Result<(), Full> {
        (self.out)(b"[")?;
        for index in 0..len {
            if index > 0 {
                (self.out)(b",")?;
            }
            element(self, index)?;
        }
        (self.out)(b"]")
    }

    fn int(&mut self, int: i64) -> Result<(), Full> {
        (self.out)(int_digits(int, &mut [0; 20]))
    }

    fn text(&mut self, text: &str) -> Result<(), Full> {
        (self.out)(b"\"")?;
        escape(text, self.out)?;
        (self.out)(b"\"")
    }
}

impl<'a, O: FnMut(&[u8]) -> Result<(), Full> + ?Sized> Sink<'a> for JsonObjects<'_, O> {
    fn put(&mut self, name: &'a str, value: Value<'a>) -> Result<(), Full> {
        self.field(name, value)
    }
}

/// Hands `text` to `out` with the escapes that JSON asks for; everything else stays as it is.
#[inline]
pub(super) fn escape<O: FnMut(&[u8]) -> Result<(), Full> + ?Sized>(
    text: &str,
    out: &mut O,
) -> Result<(), Full> {
    if is_plain(text.as_bytes()) {
        return out(text.as_bytes());
    }
    escape_each(text.as_bytes(), &mut |piece| out(piece))
}

/// Whether nothing in `text` is to be escaped.
#[inline]
fn is_plain(text: &[u8]) -> bool {
    const SPACES: u64 = u64::from_ne_bytes([b' '; 8]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    // Of eight bytes none is below a space, a quote or a backslash.
    let plain = |word: u64| {
        let below = word.wrapping_sub(SPACES) & !word & HIGHS;
        below | matches_byte(word, b'"') | matches_byte(word, b'\\') == 0
    };
    if !FAST {
        return !text.iter().any(|byte| is_escaped(*byte));
    }
    match text.last_chunk() {
        // The last eight may have been among the others already.
        Some(last) => {
            plain(u64::from_le_bytes(*last))
                && text.as_chunks().0.iter().all(|chunk| plain(u64::from_le_bytes(*chunk)))
        }
        // With spaces for what it has not.
        None => plain(eight_bytes(text) | SPACES << (8 * text.len())),
    }
}

const fn is_escaped(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..0x20)
}

#[cold]
fn escape_each(mut rest: &[u8], out: &mut dyn FnMut(&[u8]) -> Result<(), Full>) -> Result<(), Full> {
    while let Some(plain) = rest.iter().position(|byte| is_escaped(*byte)) {
        let (run, tail) = rest.split_at(plain);
        out(run)?;
        let Some((&byte, tail)) = tail.split_first() else { return Ok(()) };
        match byte {
            b'"' => out(b"\\\"")?,
            b'\\' => out(b"\\\\")?,
            b'\n' => out(b"\\n")?,
            b'\t' => out(b"\\t")?,
            b'\r' => out(b"\\r")?,
            low => {
                let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
                out(&[b'\\', b'u', b'0', b'0', digit(low >> 4), digit(low & 15)])?;
            }
        }
        rest = tail;
    }
    out(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_escaped_is_seen_at_every_place_of_a_text_of_every_length() {
        for len in 0..40 {
            let mut text = [b'~'; 40];
            let text = &mut text[..len];
            assert!(is_plain(text));
            for at in 0..len {
                for byte in 0..=u8::MAX {
                    text[at] = byte;
                    assert_eq!(is_plain(text), !is_escaped(byte), "{byte} at {at} of {len}");
                }
                text[at] = 0xc3;
            }
        }
    }
}
