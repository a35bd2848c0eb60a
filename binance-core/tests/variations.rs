//! Every documented reply and event, changed as the exchange changes them: keys in another order, keys that no type knows, keys
//! that are gone, values that no enum has.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;
#[path = "../examples/decode/drift.rs"]
mod drift;

use std::collections::BTreeSet;

use binance_core::{ReplyVisitor, json};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::common::{Place, Sample, samples};

/// Decodes a text by both decoders; answers what is printed and the drift.
struct Decode<'r>(&'r str);

impl<'r> ReplyVisitor<'r> for Decode<'r> {
    type Output = Result<(Value, String), String>;

    fn visit<T>(self, read: fn(&'r [u8]) -> Result<T, json::Error>) -> Self::Output
    where
        T: Deserialize<'r> + Serialize + PartialEq + core::fmt::Debug + 'r,
    {
        let own = read(self.0.as_bytes()).map_err(|error| error.to_string())?;
        let serde: T = serde_json::from_str(self.0).map_err(|error| error.to_string())?;
        assert!(own == serde, "the decoders differ: {own:?} and {serde:?}");
        let drift = drift::of(&own, self.0).map_err(|error| error.to_string())?;
        let mut room = vec![0; self.0.len() * 6 + 1024];
        let printed = json::to_slice(&own, &mut room).map_err(|error| error.to_string())?;
        Ok((serde_json::from_str(printed).map_err(|error| format!("{printed}: {error}"))?, drift))
    }
}

/// What is printed of a text of the sample's type, and the drift.
fn decode(sample: &Sample, text: &str) -> Result<(Value, String), String> {
    sample.visit(Decode(text))
}

/// The text of `value` with the keys of every object in the opposite order.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let fields: Vec<String> = object
                .iter()
                .rev()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), reversed(value)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(elements) => {
            format!("[{}]", elements.iter().map(reversed).collect::<Vec<_>>().join(","))
        }
        leaf => leaf.to_string(),
    }
}

/// The keys of the objects in `value`, by their paths, without those of lists' places.
fn key_paths(value: &Value, path: &mut Vec<String>, all: &mut BTreeSet<Vec<String>>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                path.push(key.clone());
                all.insert(path.clone());
                key_paths(value, path, all);
                path.pop();
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| {
            path.push("[]".into());
            key_paths(element, path, all);
            path.pop();
        }),
        _ => {}
    }
}

/// Does something to every object that holds the last key of `path`.
fn at_each(
    value: &mut Value,
    path: &[String],
    act: &mut dyn FnMut(&mut serde_json::Map<String, Value>, &str),
) {
    match (value, path) {
        (Value::Object(object), [key]) => act(object, key),
        (Value::Object(object), [key, rest @ ..]) => {
            if let Some(value) = object.get_mut(key) {
                at_each(value, rest, act);
            }
        }
        (Value::Array(elements), [_, rest @ ..]) => {
            elements.iter_mut().for_each(|element| at_each(element, rest, act))
        }
        _ => {}
    }
}

#[test]
fn the_order_of_keys_does_not_matter_and_unknown_ones_are_skipped() {
    for sample in samples() {
        let (printed, drift) = decode(&sample, &sample.text).unwrap();
        let (turned, turned_drift) = decode(&sample, &reversed(&sample.body())).unwrap();
        assert_eq!((&printed, &drift), (&turned, &turned_drift), "{}", sample.name());

        let mut more = sample.body();
        let mut paths = BTreeSet::new();
        key_paths(&sample.body(), &mut Vec::new(), &mut paths);
        let mut added = 0;
        for path in &paths {
            at_each(&mut more, path, &mut |object, _| {
                object.insert("brandNewKey".into(), serde_json::json!([{ "a": "]}\"", "b": [null, 1.5e3] }]));
                added += 1;
            });
        }
        // Where keys are names of things, a new key is a new thing, and not of this shape.
        if let Ok((with_more, drift)) = decode(&sample, &more.to_string()) {
            assert_eq!(printed, with_more, "{}", sample.name());
            assert!(added == 0 || drift.contains("unmodelled"), "{}: {drift}", sample.name());
        } else {
            let name = sample.name();
            assert!(DYNAMIC.iter().any(|path| name.ends_with(path)), "{name}");
        }
    }
}

/// Replies with objects whose keys are names of things.
const DYNAMIC: &[&str] = &[
    "/fapi/v1/apiTradingStatus",
    "/fapi/v1/tradingSchedule",
    "/fapi/v1/adlQuantile",
    "/dapi/v1/adlQuantile",
];

#[test]
fn a_key_that_is_gone_or_null_costs_nothing_but_itself_unless_it_identifies_the_thing() {
    let (mut tolerated, mut refused, mut identifying) = (0, 0, BTreeSet::new());
    for sample in samples() {
        let mut paths = BTreeSet::new();
        key_paths(&sample.body(), &mut Vec::new(), &mut paths);
        for path in paths {
            for null in [false, true] {
                let mut less = sample.body();
                at_each(&mut less, &path, &mut |object, key| {
                    if null {
                        object.insert(key.into(), Value::Null);
                    } else {
                        object.remove(key);
                    }
                });
                match decode(&sample, &less.to_string()) {
                    Ok(_) => tolerated += 1,
                    Err(_) => {
                        refused += 1;
                        // The keys of events are single letters, which mean something else in each.
                        if matches!(sample.place, Place::Rest(..) | Place::Call(..)) {
                            identifying.insert(path.last().unwrap().clone());
                        }
                    }
                }
            }
        }
    }
    println!(
        "{tolerated} cases tolerated, {refused} not; these keys of replies identify their things: {identifying:?}"
    );
    // The exchange has taken these away before, or may.
    for key in
        ["avgPrice", "cumQuote", "cumBase", "cumQty", "price", "stopPrice", "priceRate", "goodTillDate"]
    {
        assert!(!identifying.contains(key) || key == "price", "{key} must not be mandatory");
    }
    assert!(identifying.len() < 90, "{} keys are mandatory", identifying.len());
    assert!(tolerated > 2 * refused, "{tolerated} tolerated, {refused} not");
}

/// Decodes a text by both of this crate's decoders, which agree.
struct Both<'r>(&'r str);

impl<'r> ReplyVisitor<'r> for Both<'r> {
    type Output = Result<(), String>;

    fn visit<T>(self, read: fn(&'r [u8]) -> Result<T, json::Error>) -> Self::Output
    where
        T: Deserialize<'r> + Serialize + PartialEq + core::fmt::Debug + 'r,
    {
        let (fast, plain) = (read(self.0.as_bytes()), json::from_str_by_serde::<T>(self.0));
        match (&fast, &plain) {
            (Ok(fast), Ok(plain)) => assert!(fast == plain, "{fast:?} and {plain:?}"),
            _ => assert_eq!(fast.is_ok(), plain.is_ok(), "{}", self.0),
        }
        // Lists are read as they are walked: what cannot be read of them is drift's to say.
        let fast = fast.map_err(|error| error.to_string())?;
        drift::of(&fast, self.0).map(drop).map_err(|error| error.to_string())
    }
}

#[test]
fn numbers_are_read_as_text_or_bare() {
    let (mut read, mut refused) = (0, BTreeSet::new());
    for sample in samples() {
        let mut paths = BTreeSet::new();
        key_paths(&sample.body(), &mut Vec::new(), &mut paths);
        for path in paths {
            let (mut turned, mut turns) = (sample.body(), 0);
            at_each(&mut turned, &path, &mut |object, key| {
                let Some(value) = object.get_mut(key) else { return };
                let other = match &*value {
                    Value::Number(number) => Some(Value::String(number.to_string())),
                    Value::String(text) => serde_json::from_str(text).ok().filter(Value::is_number),
                    _ => None,
                };
                if let Some(other) = other {
                    (*value, turns) = (other, turns + 1);
                }
            });
            if turns == 0 {
                continue;
            }
            match sample.visit(Both(&turned.to_string())) {
                Ok(()) => read += 1,
                Err(error) => drop(refused.insert(format!("{}: {path:?}: {error}", sample.name()))),
            }
        }
    }
    assert!(read > 1_000, "{read}");
    assert!(refused.is_empty(), "{}", refused.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn unknown_values_of_enums_are_kept() {
    let mut kept = 0;
    for sample in samples() {
        let mut paths = BTreeSet::new();
        key_paths(&sample.body(), &mut Vec::new(), &mut paths);
        for path in paths {
            let key = path.last().unwrap();
            let is_enum = [
                "status",
                "side",
                "type",
                "origType",
                "positionSide",
                "timeInForce",
                "workingType",
                "contractType",
                "contractStatus",
                "priceMatch",
                "selfTradePreventionMode",
                "incomeType",
                "marginType",
                "rateLimitType",
                "interval",
                "algoStatus",
                "algoType",
                "orderType",
                "orderStatus",
                "filterType",
            ]
            .contains(&key.as_str());
            // Texts in events are names of things or of values; any may be new but the tag.
            let is_event = matches!(sample.place, Place::Stream(..) | Place::User(..));
            if !(is_enum || is_event && key != "e") {
                continue;
            }
            let mut changed = sample.body();
            let mut texts = 0;
            at_each(&mut changed, &path, &mut |object, key| {
                if let Some(Value::String(text)) = object.get_mut(key)
                    && text.parse::<f64>().is_err()
                {
                    *text = "BRAND NEW".into();
                    texts += 1;
                }
            });
            if texts == 0 {
                continue;
            }
            let (printed, _) = decode(&sample, &changed.to_string())
                .unwrap_or_else(|error| panic!("{}: {path:?}: {error}", sample.name()));
            if printed.to_string().contains("BRAND NEW") {
                kept += 1;
            } else {
                // Only a key that no type has can lose its value.
                let (_, drift) = decode(&sample, &sample.text).unwrap();
                assert!(drift.contains(&format!("{key}\n")), "{} lost {path:?}", sample.name());
            }
        }
    }
    println!("{kept} unknown values kept");
}

/// Keys of documented replies that no type models, and why.
const UNMODELLED: &[(&str, &str)] =
    &[("symbols[].OrderType", "a slip of the pages of 2025-11: the exchange sends orderTypes")];

#[test]
fn documented_replies_hold_nothing_that_is_not_modelled_or_explained() {
    let mut unexplained = BTreeSet::new();
    // Those that were made up have orders and errors in one object, as the exchange never sends them.
    for sample in samples().iter().filter(|sample| !sample.synthetic) {
        let (_, drift) = decode(sample, &sample.text).unwrap();
        for key in drift.lines().filter_map(|line| line.strip_prefix("unmodelled ")) {
            if !UNMODELLED.iter().any(|(known, _)| *known == key) {
                unexplained.insert(format!("{}: {key}", sample.name()));
            }
        }
    }
    assert!(unexplained.is_empty(), "{}", unexplained.into_iter().collect::<Vec<_>>().join("\n"));
}
