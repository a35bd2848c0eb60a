//! The payload of a WebSocket API call is the sort of its pairs by name, and its JSON holds the same values.

use binance_core::{
    buf::Buf,
    param::Value,
    stream::Id,
    ws_api::{Frame, MAX_PARAMS},
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
    let mut room = vec![0; 64 + 8 * data.len() + 64 * pairs.len()];
    let mut out = Buf::new(&mut room);
    let mut frame = Frame::new(Id::Number(1), "m", &mut out).expect("there is room");
    for (index, (name, value)) in pairs.iter().take(MAX_PARAMS + 1).enumerate() {
        assert_eq!(frame.push(name, value.value()).is_ok(), index < MAX_PARAMS);
    }
    let mut expected: Vec<&(String, Own)> = pairs.iter().take(MAX_PARAMS).collect();
    expected.sort_by(|one, other| one.0.cmp(&other.0));

    let mut payload = Vec::new();
    assert!(frame.feed(&mut |piece| payload.extend_from_slice(piece)).is_ok());
    let mut room = vec![0; payload.len() + 1];
    let mut gathered = Buf::new(&mut room);
    assert!(frame.payload(&mut gathered).is_ok());
    assert_eq!(gathered.as_bytes(), payload);
    let texts: Vec<String> = expected.iter().map(|(name, value)| format!("{name}={}", value.plain())).collect();
    assert_eq!(String::from_utf8(payload).expect("pieces of text"), texts.join("&"));

    assert!(frame.end().is_ok());
    let mut read: serde_json::Value = serde_json::from_slice(out.as_bytes()).expect("what is written is JSON");
    let read = match read.get_mut("params") {
        Some(params) => params.take(),
        None => serde_json::json!({}),
    };
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
