//! The JSON walker against serde_json: what serde_json reads, it reads, with equal values; what it reads is balanced.

use binance_core::json::{self, List, MAX_DEPTH, Raw};

/// Reads any input as any JSON.
pub fn check(data: &[u8]) {
    let own = json::from_slice::<Raw<'_>>(data);
    let reference = serde_json::from_slice::<&serde_json::value::RawValue>(data);
    match (&own, &reference) {
        (Ok(own), Ok(reference)) => assert_eq!(own.as_str(), reference.get()),
        (Err(error), Ok(reference)) => {
            assert!(depth(reference.get()) > MAX_DEPTH, "{error}: {}", reference.get())
        }
        (Ok(own), Err(_)) => assert!(balanced(own.as_str()), "{}", own.as_str()),
        (Err(_), Err(_)) => {}
    }
    // An array that serde_json reads has as many elements here, each with the same text.
    if let Ok(list) = json::from_slice::<List<'_, Raw<'_>>>(data)
        && let Ok(elements) = serde_json::from_slice::<Vec<&serde_json::value::RawValue>>(data)
    {
        assert_eq!(list.count(), elements.len());
        for (own, reference) in list.iter().zip(elements) {
            assert_eq!(own.expect("serde_json reads it").as_str(), reference.get());
        }
    }
    if let (Ok(own), Ok(reference)) = (json::from_slice::<i64>(data), serde_json::from_slice::<i64>(data)) {
        assert_eq!(own, reference);
    }
    if let Ok(reference) = serde_json::from_slice::<u64>(data) {
        assert_eq!(json::from_slice::<u64>(data), Ok(reference));
    }
}

/// How deep arrays and objects stand inside each other, in a text that is JSON.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    brackets(text, |open| {
        depth = if open { depth + 1 } else { depth.saturating_sub(1) };
        deepest = deepest.max(depth);
    });
    deepest
}

fn balanced(text: &str) -> bool {
    let (mut opened, mut closed) = (0, 0);
    brackets(text, |open| if open { opened += 1 } else { closed += 1 });
    opened == closed
}

/// Calls `each` for every bracket outside of strings, with whether it opens.
fn brackets(text: &str, mut each: impl FnMut(bool)) {
    let (mut in_string, mut escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => each(true),
            b'}' | b']' if !in_string => each(false),
            _ => {}
        }
    }
}
