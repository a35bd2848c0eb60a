//! Parameters as JSON: the objects of `batchOrders`, lists of ids, the `params` of the WebSocket API.

use crate::{
    buf::int_digits,
    decimal::Decimal,
    param::{Full, Sink, Value},
    word::{FAST, eight_bytes},
};

/// Writes parameters as JSON without blanks: whole numbers bare, everything else as text, as the exchange wants it.
pub(crate) struct JsonObjects<'o, O> {
    out: &'o mut O,
    first: bool,
}

impl<'o, O: FnMut(&[u8]) -> Result<(), Full>> JsonObjects<'o, O> {
    /// Hands the pieces of the text to `out`.
    pub(crate) fn new(out: &'o mut O) -> Self {
        Self { out, first: true }
    }

    /// Writes one value.
    pub(crate) fn value(&mut self, value: Value<'_>) -> Result<(), Full> {
        match value {
            Value::Text(text) => self.text(text),
            Value::Int(int) => (self.out)(int_digits(int, &mut [0; 20])),
            Value::Decimal(decimal) => {
                (self.out)(b"\"")?;
                (self.out)(decimal.encode_bytes(&mut [0; Decimal::MAX_LEN]))?;
                (self.out)(b"\"")
            }
            Value::Flag(flag) => self.text(if flag { "true" } else { "false" }),
            Value::Ints(ints) => self.array(ints.len(), |json, index| {
                let int = ints.get(index).map_or(0, |int| i64::try_from(*int).unwrap_or(i64::MAX));
                json.value(Value::Int(int))
            }),
            Value::Texts(texts) => self
                .array(texts.len(), |json, index| json.text(texts.get(index).copied().unwrap_or_default())),
            Value::Objects(objects) => self.array(objects.len(), |json, index| {
                (json.out)(b"{")?;
                json.first = true;
                objects.visit(index, &mut *json)?;
                (json.out)(b"}")
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

    fn text(&mut self, text: &str) -> Result<(), Full> {
        (self.out)(b"\"")?;
        escape(text, self.out)?;
        (self.out)(b"\"")
    }
}

impl<'a, O: FnMut(&[u8]) -> Result<(), Full>> Sink<'a> for JsonObjects<'_, O> {
    fn put(&mut self, name: &'a str, value: Value<'a>) -> Result<(), Full> {
        if !core::mem::take(&mut self.first) {
            (self.out)(b",")?;
        }
        self.text(name)?;
        (self.out)(b":")?;
        self.value(value)
    }
}

/// Hands `text` to `out` with the escapes that JSON asks for; everything else stays as it is.
#[inline]
pub(crate) fn escape<O: FnMut(&[u8]) -> Result<(), Full> + ?Sized>(
    text: &str,
    out: &mut O,
) -> Result<(), Full> {
    if is_plain(text.as_bytes()) {
        return out(text.as_bytes());
    }
    escape_each(text.as_bytes(), &mut |piece| out(piece))
}

/// Whether nothing in `text` is to be escaped.
#[inline(always)]
pub(crate) fn is_plain(text: &[u8]) -> bool {
    const SPACES: u64 = u64::from_ne_bytes([b' '; 8]);
    if !FAST {
        return !text.iter().any(|byte| is_escaped(*byte));
    }
    match (text.first_chunk(), text.last_chunk()) {
        // Nearly all are short. In the middle the two may be the same.
        (Some(first), Some(last)) if text.len() <= 16 => {
            escaped_of(u64::from_le_bytes(*first)) | escaped_of(u64::from_le_bytes(*last)) == 0
        }
        (Some(_), Some(last)) => is_plain_long(text, last),
        // With spaces for what it has not.
        _ => escaped_of(eight_bytes(text) | SPACES << (8 * text.len())) == 0,
    }
}

#[inline(never)]
fn is_plain_long(text: &[u8], last: &[u8; 8]) -> bool {
    let (words, _) = text.as_chunks();
    let last = escaped_of(u64::from_le_bytes(*last));
    words.iter().fold(last, |all, word| all | escaped_of(u64::from_le_bytes(*word))) == 0
}

/// Not zero when one of eight bytes is below a space, a quote or a backslash.
#[inline(always)]
const fn escaped_of(word: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = ONES << 7;
    let (quote, backslash) = (word ^ (ONES * b'"' as u64), word ^ (ONES * b'\\' as u64));
    (word.wrapping_sub(ONES * 0x20) | quote.wrapping_sub(ONES) | backslash.wrapping_sub(ONES)) & !word & HIGHS
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
