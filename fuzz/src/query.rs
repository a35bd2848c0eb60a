//! What the query writer encodes decodes to the same pairs, and holds no byte that a URL may not hold.

use binance_core::{param::Value, query::Query};

/// Takes the input as lines of `name=value` and checks the query that they make.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let pairs: Vec<(&str, &str)> = text.split('\n').filter_map(|line| line.split_once('=')).collect();
    let mut room = vec![0; data.len() * 3 + 2 * pairs.len()];
    let mut query = Query::new(&mut room);
    for (name, value) in &pairs {
        query.push(name, Value::Text(value)).expect("three bytes for one, and two for `=` and `&`, suffice");
    }
    let encoded = query.as_str();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%=&".contains(&byte);
    assert!(encoded.bytes().all(plain), "{encoded}");
    let decoded: Vec<(String, String)> = match encoded {
        "" => Vec::new(),
        _ => encoded
            .split('&')
            .map(|pair| pair.split_once('=').expect("every pair has its sign"))
            .map(|(name, value)| (decode(name), decode(value)))
            .collect(),
    };
    assert!(
        decoded.iter().map(|(name, value)| (name.as_str(), value.as_str())).eq(pairs.iter().copied()),
        "{encoded}"
    );

    // A buffer that is one byte too small is full, and never more than full.
    if !encoded.is_empty() {
        let mut short = vec![0; encoded.len() - 1];
        let mut query = Query::new(&mut short);
        let results: Vec<_> =
            pairs.iter().map(|(name, value)| query.push(name, Value::Text(value))).collect();
        assert!(results.iter().any(Result::is_err));
    }
}

/// Percent-decoding by the book.
fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(&tail[..2]).expect("two digits after a percent sign");
            bytes.push(u8::from_str_radix(digits, 16).expect("hexadecimal digits"));
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).expect("what was text is text")
}
