//! The payload of a WebSocket API call is the sort of its pairs by name, and its JSON holds the same values.

use binance_core::{
    json::JsonObjects,
    param::Value,
    ws_api::{MAX_PARAMS, Sorted},
};

use crate::input::Input;

/// Takes the input as names with values: whole numbers, flags and texts.
pub fn check(data: &[u8]) {
    let mut input = Input(data);
    let mut pairs: Vec<(String, Own)> = Vec::new();
    while !input.is_empty() {
        let kind = input.byte();
        let name = input.text();
        let value = match kind % 4 {
            0 => Own::Int(input.int() as i64),
            1 => Own::Flag(kind > 127),
            _ => Own::Text(input.text()),
        };
        pairs.push((name, value));
    }
    let mut sorted = Sorted::new();
    for (index, (name, value)) in pairs.iter().enumerate() {
        assert_eq!(sorted.push(name, value.value()).is_ok(), index < MAX_PARAMS);
    }
    let mut expected: Vec<&(String, Own)> = pairs.iter().take(MAX_PARAMS).collect();
    expected.sort_by(|one, other| one.0.cmp(&other.0));

    let mut payload = Vec::new();
    let result = sorted.payload(&mut |piece| {
        payload.extend_from_slice(piece);
        Ok(())
    });
    assert!(result.is_ok());
    let texts: Vec<String> = expected.iter().map(|(name, value)| format!("{name}={}", value.plain())).collect();
    assert_eq!(String::from_utf8(payload).expect("pieces of text"), texts.join("&"));

    let mut text = Vec::new();
    let mut out = |piece: &[u8]| {
        text.extend_from_slice(piece);
        Ok(())
    };
    let mut json = JsonObjects::new(&mut out);
    assert!(json.begin().is_ok() && sorted.fields(&mut json).is_ok() && json.end().is_ok());
    let read: serde_json::Value = serde_json::from_slice(&text).expect("what is written is JSON");
    // Of two with the same name serde_json keeps the last.
    let expected: serde_json::Map<_, _> = expected.iter().map(|(name, value)| (name.clone(), value.json())).collect();
    assert_eq!(read, serde_json::Value::Object(expected));
}

enum Own {
    Int(i64),
    Flag(bool),
    Text(String),
}

impl Own {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Int(int) => Value::Int(*int),
            Self::Flag(flag) => Value::Flag(*flag),
            Self::Text(text) => Value::Text(text),
        }
    }

    fn plain(&self) -> String {
        match self {
            Self::Int(int) => int.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Text(text) => text.clone(),
        }
    }

    fn json(&self) -> serde_json::Value {
        match self {
            Self::Int(int) => (*int).into(),
            // The exchange's samples have flags as text.
            Self::Flag(flag) => flag.to_string().into(),
            Self::Text(text) => text.as_str().into(),
        }
    }
}
