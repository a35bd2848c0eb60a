//! Blanks what is secret in texts that are shown: logs, excerpts, `Debug`.

use core::fmt::{self, Write};

/// The names whose values are secret, without regard to case.
const SECRET: [&str; 5] = ["signature", "listenKey", "apiKey", "X-MBX-APIKEY", "secretKey"];

/// A text as it may be shown: `Display` writes `***` for every value of `signature`, `listenKey` or `apiKey`, in
/// query strings, headers and JSON alike, and for every word that was named as secret.
///
/// ```
/// use binance_http::redact::Redacted;
/// let shown = |text| Redacted::new(text).to_string();
/// assert_eq!(shown("symbol=BTCUSDT&signature=abc&x=1"), "symbol=BTCUSDT&signature=***&x=1");
/// assert_eq!(shown(r#"{"listenKey":"abc","x":1}"#), r#"{"listenKey":"***","x":1}"#);
/// ```
#[derive(Clone, Copy)]
pub struct Redacted<'t> {
    text: &'t str,
    word: &'t str,
}

impl<'t> Redacted<'t> {
    /// A text of unknown origin.
    pub const fn new(text: &'t str) -> Self {
        Self { text, word: "" }
    }

    /// The same with every occurrence of `word` blanked too; an empty word blanks nothing.
    #[must_use]
    pub const fn and(self, word: &'t str) -> Self {
        Self { word, ..self }
    }
}

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.text;
        while let Some(next) = rest.chars().next() {
            if !self.word.is_empty()
                && let Some(after) = rest.strip_prefix(self.word)
            {
                f.write_str("***")?;
                rest = after;
                continue;
            }
            if let Some((shown, after)) = secret(rest) {
                f.write_str(shown)?;
                f.write_str("***")?;
                rest = after;
                continue;
            }
            f.write_char(next)?;
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
        Ok(())
    }
}

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// When `text` begins with a secret's name and a value: the name with what leads to the value, and what follows it.
fn secret(text: &str) -> Option<(&str, &str)> {
    let name = SECRET
        .iter()
        .find(|name| text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)))?;
    let mut value_start = name.len();
    let tail = |from: usize| text.get(from..).unwrap_or_default();
    // `"name"`, also inside of JSON inside of JSON: `\"name\"`.
    value_start += tail(value_start).bytes().take_while(|byte| matches!(byte, b'"' | b'\\' | b'\'')).count();
    value_start += spaces(tail(value_start));
    let separator = tail(value_start);
    let len = ["=", ":", "%3D", "%3d", "%3A", "%3a"].iter().find(|form| separator.starts_with(**form))?.len();
    value_start += len;
    value_start += spaces(tail(value_start));
    value_start += tail(value_start).bytes().take_while(|byte| matches!(byte, b'"' | b'\\' | b'\'')).count();
    let value = tail(value_start);
    let end = value
        .find(|c: char| {
            matches!(c, '&' | '"' | '\\' | '\'' | ',' | '}' | ']' | '<' | '>' | '#' | ';')
                || c.is_whitespace()
        })
        .unwrap_or(value.len());
    Some((text.get(..value_start)?, value.get(end..)?))
}

fn spaces(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b' ').count()
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;

    #[test]
    fn values_are_blanked_wherever_they_stand() {
        for (text, shown) in [
            ("", ""),
            ("nothing here", "nothing here"),
            ("signature=abc", "signature=***"),
            ("a=1&signature=ab%2Bc%3D%3D", "a=1&signature=***"),
            ("/fapi/v1/x?signature=abc&b=2", "/fapi/v1/x?signature=***&b=2"),
            ("/private/ws?listenKey=abc&events=X", "/private/ws?listenKey=***&events=X"),
            (r#"{"listenKey":"abc"}"#, r#"{"listenKey":"***"}"#),
            (r#"{ "listenKey" : "abc" , "x": 1 }"#, r#"{ "listenKey" : "***" , "x": 1 }"#),
            (r#""{\"listenKey\":\"abc\"}""#, r#""{\"listenKey\":\"***\"}""#),
            (r#"{"apiKey":"k","signature":"s"}"#, r#"{"apiKey":"***","signature":"***"}"#),
            ("X-MBX-APIKEY: abc\r\nHost: x", "X-MBX-APIKEY: ***\r\nHost: x"),
            ("x-mbx-apikey:abc", "x-mbx-apikey:***"),
            ("SIGNATURE=abc", "SIGNATURE=***"),
            ("<a href='/x?signature=abc'>", "<a href='/x?signature=***'>"),
            (
                r#"{"code":-1022,"msg":"Signature for this request is not valid."}"#,
                r#"{"code":-1022,"msg":"Signature for this request is not valid."}"#,
            ),
            ("mysignature=1", "mysignature=***"),
            ("signature=", "signature=***"),
            ("signature", "signature"),
            ("listenKey=é€&x", "listenKey=***&x"),
            ("é signature=a", "é signature=***"),
            ("url%3Fsignature%3Dabc", "url%3Fsignature%3D***"),
        ] {
            assert_eq!(Redacted::new(text).to_string(), shown);
        }
    }

    #[test]
    fn a_named_word_is_blanked_everywhere() {
        let shown = Redacted::new("key abc, again xabcabcx").and("abc").to_string();
        assert_eq!(shown, "key ***, again x******x");
        assert_eq!(Redacted::new("abc").and("").to_string(), "abc");
    }
}
