//! What goes wrong inside a text of JSON. The rest of it stays as it is, to the byte.

use std::ops::Range;

/// A name that the exchange does not use.
const NEW_FIELD: &str = "\"simNewField\":{\"a\":[1,\"b\",null]},";
/// A word that is in no enum.
const NEW_VALUE: &str = "\"SIM_NEW_VALUE\"";

/// One byte in the middle is another one.
pub(crate) fn corrupt(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 0x80;
    }
    bytes
}

/// The first object has one more field, before its own.
pub(crate) fn new_field(text: &str) -> String {
    let Some((before, after)) = text.split_once('{') else { return text.to_owned() };
    if after.trim_start().starts_with('}') {
        return format!("{before}{{{}{after}", NEW_FIELD.trim_end_matches(','));
    }
    format!("{before}{{{NEW_FIELD}{after}")
}

/// The first field of this name has a word that was never seen before.
pub(crate) fn new_value(text: &str, field: &str) -> String {
    replaced(text, field, |_| NEW_VALUE.to_owned())
}

/// The event time, and the time of a reply that tells the exchange's time, are moved by so many milliseconds.
pub(crate) fn skewed(text: &str, by: i64) -> String {
    let moved = |value: &str| match value.parse::<i64>() {
        Ok(time) => time.saturating_add(by).to_string(),
        Err(_) => value.to_owned(),
    };
    replaced(text, "E", moved)
}

/// The first field of this name is not there.
pub(crate) fn without(text: &str, field: &str) -> String {
    let Some(Found { start, value }) = find(text, field) else { return text.to_owned() };
    let (mut before, mut after) = (&text[..start], &text[value.end..]);
    if let Some(rest) = after.strip_prefix(',') {
        after = rest;
    } else if let Some(rest) = before.strip_suffix(',') {
        before = rest;
    }
    format!("{before}{after}")
}

fn replaced(text: &str, field: &str, value: impl Fn(&str) -> String) -> String {
    let Some(found) = find(text, field) else { return text.to_owned() };
    let (before, after) = (&text[..found.value.start], &text[found.value.end..]);
    format!("{before}{}{after}", value(&text[found.value.clone()]))
}

/// Where a field is.
struct Found {
    /// Where its name begins.
    start: usize,
    value: Range<usize>,
}

/// The first field of this name, at any depth. The texts are the exchange's own, so there is no blank between name,
/// colon and value.
fn find(text: &str, field: &str) -> Option<Found> {
    let key = format!("\"{field}\":");
    let mut from = 0;
    loop {
        let start = from + text.get(from..)?.find(&key)?;
        // A name follows a brace or a comma; the same text inside a string follows something else.
        if text[..start].ends_with(['{', ',']) {
            let value = start + key.len();
            return Some(Found { start, value: value..value + length(&text[value..]) });
        }
        from = start + key.len();
    }
}

/// How long the value is that a text begins with.
fn length(text: &str) -> usize {
    let (mut depth, mut in_string, mut escaped) = (0u32, false, false);
    for (place, byte) in text.bytes().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => return place,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"e":"x,\"X\":}","E":5,"o":{"X":"NEW","l":[1,{"q":"1"}]},"z":true}"#;

    #[test]
    fn one_field_changes_and_the_rest_stays() {
        for (changed, expected) in [
            (without(TEXT, "e"), TEXT.replace(r#""e":"x,\"X\":}","#, "")),
            (without(TEXT, "o"), TEXT.replace(r#""o":{"X":"NEW","l":[1,{"q":"1"}]},"#, "")),
            (without(TEXT, "z"), TEXT.replace(r#","z":true"#, "")),
            (without(TEXT, "q"), TEXT.replace(r#""q":"1""#, "")),
            (without(TEXT, "none"), TEXT.to_owned()),
            (new_value(TEXT, "X"), TEXT.replace(r#""NEW""#, NEW_VALUE)),
            (skewed(TEXT, -7), TEXT.replace("\"E\":5", "\"E\":-2")),
            (new_field("[]"), "[]".to_owned()),
        ] {
            assert_eq!(changed, expected);
            assert!(serde_json::from_str::<serde_json::Value>(&changed).is_ok(), "{changed}");
        }
        for text in [TEXT, "{}", "[{\"a\":1}]"] {
            assert!(new_field(text).contains("simNewField"));
            assert!(serde_json::from_str::<serde_json::Value>(&new_field(text)).is_ok());
        }
        assert_eq!(corrupt(b"abc"), [b'a', b'b' ^ 0x80, b'c']);
        assert_eq!(corrupt(b""), b"");
    }
}
