//! What a reply says: success, the exchange's refusal, or something that is not the exchange's.

use core::fmt;

use binance_core::{ApiError, json};

/// What a body looks like from its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyKind {
    /// Nothing but blanks.
    Empty,
    /// JSON.
    Json,
    /// A page of HTML or XML: a gateway, a captive portal, a firewall's challenge.
    Html,
    /// Other text, or bytes.
    Text,
}

impl BodyKind {
    /// Looks at the first byte that is no blank.
    pub fn of(body: &[u8]) -> Self {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
        let Some((&first, rest)) = body.split_first() else { return Self::Empty };
        let word = |word: &[u8]| {
            body.starts_with(word) && !body.get(word.len()).is_some_and(u8::is_ascii_alphanumeric)
        };
        match first {
            b'{' | b'[' | b'"' => Self::Json,
            b'0'..=b'9' => Self::Json,
            b'-' if rest.first().is_some_and(u8::is_ascii_digit) => Self::Json,
            b't' | b'f' | b'n' if word(b"true") || word(b"false") || word(b"null") => Self::Json,
            b'<' => Self::Html,
            _ => Self::Text,
        }
    }
}

impl fmt::Display for BodyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "an empty body",
            Self::Json => "other JSON",
            Self::Html => "a page of HTML",
            Self::Text => "other text",
        })
    }
}

/// What a reply says.
#[allow(clippy::large_enum_variant, reason = "without a heap there is no box")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Success, with JSON that may be what the endpoint answers.
    Success,
    /// The exchange refused.
    Refused(ApiError),
    /// A refusal without a code, or a success that is not JSON.
    Other(BodyKind),
}

impl Verdict {
    /// Judges a reply by its status and its body.
    ///
    /// The exchange refuses with `{"code":-1121,"msg":"…"}`, also under a status of success: an object that begins with
    /// one of the two fields and has a negative code. `{"code":200,"msg":"success"}` is what it looks like.
    pub fn of(status: u16, body: &[u8]) -> Self {
        let kind = BodyKind::of(body);
        let success = (200..300).contains(&status);
        if kind != BodyKind::Json {
            return Self::Other(kind);
        }
        if !success || begins_like_an_error(body) {
            let error = json::from_slice::<ApiError>(body).ok();
            if let Some(error) = error.filter(|error| !success || error.code.0 < 0) {
                return Self::Refused(error);
            }
        }
        if success { Self::Success } else { Self::Other(kind) }
    }
}

/// Whether the first field of an object is one of an error's: long replies of success are not read for it.
fn begins_like_an_error(body: &[u8]) -> bool {
    let Some(fields) = body.trim_ascii_start().strip_prefix(b"{") else { return false };
    let fields = fields.trim_ascii_start();
    fields.starts_with(b"\"code\"") || fields.starts_with(b"\"msg\"")
}

#[cfg(test)]
mod tests {
    use binance_core::ApiCode;

    use super::*;

    #[test]
    fn replies_are_told_apart() {
        use BodyKind::{Empty, Html, Json, Text};
        let other = |kind| (None, Some(kind));
        let refused = |code| (Some(ApiCode(code)), None);
        let success = (None, None);
        for (status, body, (code, kind)) in [
            (200, r#"{"a":1}"#, success),
            (200, " \r\n[1]", success),
            (200, "\"SUCCESS\"", success),
            (200, "true", success),
            (200, "-1.5", success),
            (200, r#"{"code":200,"msg":"success"}"#, success),
            (200, r#"{"code":"200","msg":"success"}"#, success),
            (200, r#"{"code":-2011,"msg":"Unknown order sent."}"#, refused(-2011)),
            (200, r#" { "msg" : "x", "code": -1 } "#, refused(-1)),
            (200, r#"{"orderId":1,"code":-1}"#, success),
            (200, r#"{"code":-1"#, success),
            (200, "", other(Empty)),
            (204, " \n", other(Empty)),
            (200, "<html>", other(Html)),
            (202, "\u{feff}<!DOCTYPE html>", other(Html)),
            (200, "SUCCESS", other(Text)),
            (200, "trueish", other(Text)),
            (200, "-", other(Text)),
            (400, r#"{"code":-1121,"msg":"Invalid symbol."}"#, refused(-1121)),
            (400, r#"{"msg":"x","code":-1121,"more":{}}"#, refused(-1121)),
            (403, r#"{"code":0,"msg":""}"#, refused(0)),
            (503, r#"{"239999":"The system is under maintenance, please try again later."}"#, other(Json)),
            (400, r#"{"code":-1121,"ms"#, other(Json)),
            (400, r#"{"error":"x"}"#, other(Json)),
            (502, "<html><body><h1>502 Bad Gateway</h1></body></html>", other(Html)),
            (503, "Service Unavailable.", other(Text)),
            (301, "", other(Empty)),
        ] {
            let verdict = Verdict::of(status, body.as_bytes());
            let told = match &verdict {
                Verdict::Success => (None, None),
                Verdict::Refused(error) => (Some(error.code), None),
                Verdict::Other(kind) => (None, Some(*kind)),
            };
            assert_eq!(told, (code, kind), "{status} {body}");
        }
    }
}
