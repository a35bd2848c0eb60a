//! Finding where values end, without recursion.

use super::{Error, ErrorKind};
use crate::word::{FAST, quote_or_escape, sixteen_bytes};

/// How many arrays and objects may stand inside each other. The exchange's deepest reply has six.
pub const MAX_DEPTH: usize = 32;

/// The first index from `at` on that is not white space.
#[inline]
pub(crate) fn white_space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\t' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

/// The index of the quote that ends the string whose first character is at `at`, and whether an escape stands in it.
#[inline]
pub(crate) fn string_end(text: &[u8], mut at: usize) -> Option<(usize, bool)> {
    let mut escaped = false;
    loop {
        at += to_quote_or_escape(text.get(at..)?)?;
        match text.get(at)? {
            b'"' => return Some((at, escaped)),
            _ => {
                escaped = true;
                at += 2;
            }
        }
    }
}

/// How far it is to the first quote or backslash: sixteen bytes at a time.
#[inline(always)]
fn to_quote_or_escape(bytes: &[u8]) -> Option<usize> {
    if !FAST {
        return bytes.iter().position(|byte| matches!(byte, b'"' | b'\\'));
    }
    let mut rest = bytes;
    loop {
        let end = quote_or_escape(sixteen_bytes(rest));
        if end < 16 {
            return Some(bytes.len() - rest.len() + end);
        }
        rest = rest.get(16..)?;
    }
}

/// The index after the value that starts at or after `at`.
///
/// Strings are ended and brackets balanced; what stands between is not checked, since nobody reads it.
pub(crate) fn skip_value(text: &[u8], at: usize) -> Result<usize, Error> {
    let at = white_space(text, at);
    if FAST && let Some(len) = elements_end(text.get(at..).unwrap_or_default()) {
        return Ok(at + len);
    }
    skip_plainly(text, at)
}

/// [`skip_value`], token by token.
fn skip_plainly(text: &[u8], mut at: usize) -> Result<usize, Error> {
    let mut depth = 0;
    // One bit a level: whether it is an object.
    let mut objects = 0_u32;
    loop {
        match text.get(at) {
            None => return Err(Error::new(ErrorKind::End, at)),
            Some(b'"') => match string_end(text, at + 1) {
                Some((end, _)) => at = end + 1,
                None => return Err(Error::new(ErrorKind::End, text.len())),
            },
            Some(open @ (b'{' | b'[')) => {
                if depth == MAX_DEPTH {
                    return Err(Error::new(ErrorKind::Depth, at));
                }
                depth += 1;
                objects = objects << 1 | u32::from(*open == b'{');
                at += 1;
                continue;
            }
            Some(close @ (b'}' | b']')) => {
                if depth == 0 || (objects & 1 == 1) != (*close == b'}') {
                    return Err(Error::new(ErrorKind::Syntax, at));
                }
                depth -= 1;
                objects >>= 1;
                at += 1;
            }
            Some(b',' | b':' | b' ' | b'\n' | b'\t' | b'\r') if depth > 0 => {
                at += 1;
                continue;
            }
            Some(_) => {
                let end = leaf_end(text, at);
                if end == at {
                    return Err(Error::new(ErrorKind::Syntax, at));
                }
                at = end;
            }
        }
        if depth == 0 {
            return Ok(at);
        }
    }
}

/// The length of the array of rows that `text` begins with, as `[["1","2"],[3,"4"]]`, or of objects without arrays and
/// objects in them, as `[{"a":1},{"a":2}]`: these are what is longest. `None` where it is anything else; that shows before
/// the end of the value, wherever it is.
fn elements_end(text: &[u8]) -> Option<usize> {
    match text.first_chunk()? {
        b"[[" => end_of_alike(text, (b'[', b']'), |byte| {
            (byte.wrapping_sub(b'+') <= b'9' - b'+') & (byte != b'/') | (byte == b'"')
        }),
        b"[{" => end_of_alike(text, (b'{', b'}'), |byte| !matches!(byte, b'[' | b']' | b'\\')),
        _ => None,
    }
}

/// The length of an array whose elements begin and end with these brackets, between which all bytes are such as they may
/// be: no others, and no escapes.
#[inline(always)]
fn end_of_alike(text: &[u8], (open, close): (u8, u8), may_be: impl Fn(u8) -> bool) -> Option<usize> {
    const BLOCK: usize = 32;
    let elements = text.get(2..)?;
    if elements.first_chunk::<2>()?.contains(&open) {
        return None;
    }
    // Whether `first` is not one that may be, or a bracket that is not one of the three of `],[`, or `third` one.
    let is_stray = |first: u8, second: u8, third: u8| {
        let (closes, opens) = (first == close, third == open);
        !(may_be(first) | (first == open) | closes) | (closes != opens) | (closes & (second != b','))
    };
    let mut at = 0;
    let mut quotes = false;
    // Whole blocks without a branch in them, which compilers turn into vector instructions.
    while let Some((block, more)) = elements.get(at..).and_then(<[u8]>::split_first_chunk::<BLOCK>) {
        let (Some(second), Some(third)) =
            (elements.get(at + 1..at + 1 + BLOCK), elements.get(at + 2..at + 2 + BLOCK))
        else {
            break;
        };
        let (mut ends, mut strays, mut odd) = (false, false, false);
        for (first, (second, third)) in block.iter().zip(second.iter().zip(third)) {
            ends |= (*first == close) & (*second == b']');
            strays |= is_stray(*first, *second, *third);
            odd ^= *first == b'"';
        }
        if ends || more.is_empty() {
            break;
        }
        if strays {
            return None;
        }
        quotes ^= odd;
        at += BLOCK;
    }
    let byte = |at: usize| elements.get(at).copied().unwrap_or_default();
    while (byte(at), byte(at + 1)) != (close, b']') {
        if at >= elements.len() || is_stray(byte(at), byte(at + 1), byte(at + 2)) {
            return None;
        }
        quotes ^= byte(at) == b'"';
        at += 1;
    }
    // Every bracket is one of `],[`, and no string ends after the elements do: they end where they seem to, even if a
    // string has such brackets in it.
    (!quotes).then_some(at + 4)
}

/// The character that the escape at the front of `text` stands for, and how long the escape is.
pub(crate) fn escape(text: &str) -> Option<(char, usize)> {
    let char = match text.as_bytes().get(1)? {
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        same @ (b'"' | b'\\' | b'/') => char::from(*same),
        b'u' => {
            return match (unit(text, 0)?, unit(text, 6)) {
                (first @ 0xd800..0xdc00, Some(second @ 0xdc00..0xe000)) => {
                    let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    Some((char::from_u32(code)?, 12))
                }
                (first, _) => Some((char::from_u32(first)?, 6)),
            };
        }
        _ => return None,
    };
    Some((char, 2))
}

/// The unit of the `\uXXXX` at `at`.
fn unit(text: &str, at: usize) -> Option<u32> {
    let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
    digits.bytes().try_fold(0, |unit, digit| Some(unit << 4 | char::from(digit).to_digit(16)?))
}

/// The index after the number or literal at `at`.
#[inline]
pub(crate) fn leaf_end(text: &[u8], mut at: usize) -> usize {
    while let Some(b'0'..=b'9' | b'a'..=b'z' | b'.' | b'-' | b'+' | b'E') = text.get(at) {
        at += 1;
    }
    at
}

/// The text of the value of `key` in the object that `text` is, on its first level; `None` where it has none.
///
/// For telling messages apart before choosing a type. The key is compared as it stands, escapes and all.
pub fn find_field<'r>(text: &'r str, key: &str) -> Result<Option<&'r str>, Error> {
    let bytes = text.as_bytes();
    let mut at = white_space(bytes, 0);
    if bytes.get(at) != Some(&b'{') {
        return Err(Error::new(ErrorKind::Type, at));
    }
    at += 1;
    loop {
        at = white_space(bytes, at);
        match bytes.get(at) {
            Some(b'}') => return Ok(None),
            Some(b',') => at += 1,
            Some(b'"') => {
                let Some((end, _)) = string_end(bytes, at + 1) else {
                    return Err(Error::new(ErrorKind::End, bytes.len()));
                };
                let found = bytes.get(at + 1..end) == Some(key.as_bytes());
                at = white_space(bytes, end + 1);
                if bytes.get(at) != Some(&b':') {
                    return Err(Error::new(ErrorKind::Syntax, at));
                }
                let start = white_space(bytes, at + 1);
                at = skip_value(bytes, start)?;
                if found {
                    return Ok(text.get(start..at));
                }
            }
            Some(_) => return Err(Error::new(ErrorKind::Syntax, at)),
            None => return Err(Error::new(ErrorKind::End, at)),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::{string::String, vec};

    use super::*;

    #[test]
    fn what_ends_by_blocks_ends_at_the_same_place_token_by_token() {
        let elements: [(&[u8; 2], [&[u8]; 3]); 2] = [
            (b"[]", [b"\"1.50\",12345678", b"1", b"\"6871265.10\",\"0.00400000\""]),
            (b"{}", [b"\"a\":1,\"b\":\"},{\"", b"", b"\"symbol\":\"BTCUSDT\",\"p\":\"1.50\",\"x\":null"]),
        ];
        let other = b"[]{}\",:\\ 1a";
        let (mut by_blocks, mut total) = (0, 0);
        for (brackets, elements) in elements {
            for count in 1..9 {
                let mut text = vec![b'['];
                for index in 0..count {
                    let [open, close] = *brackets;
                    text.extend((index > 0).then_some(b','));
                    text.push(open);
                    text.extend(elements[index % 3]);
                    text.push(close);
                }
                text.extend(b"],\"more\":[[1]]}");
                // As it is, and with every byte changed to what may matter.
                for (at, byte) in (0..text.len()).flat_map(|at| other.iter().map(move |byte| (at, *byte))) {
                    let before = std::mem::replace(&mut text[at], byte);
                    if let Some(end) = elements_end(&text) {
                        assert_eq!(
                            skip_plainly(&text, 0).ok(),
                            Some(end),
                            "{}",
                            String::from_utf8_lossy(&text)
                        );
                        by_blocks += 1;
                    }
                    total += 1;
                    text[at] = before;
                }
                assert_eq!(elements_end(&text), skip_plainly(&text, 0).ok());
            }
        }
        assert!(by_blocks > total / 4, "{by_blocks} of {total}");
    }
}
