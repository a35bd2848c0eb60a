//! The documented replies, events and results, and the types that they belong to.
//!
//! Those of streams, events and the WebSocket API stand in `facts/samples.tsv`, one a line; those of REST are read from
//! the catalog of the API where the checkout has it beside it.

#![allow(dead_code, reason = "each test uses some of it")]

use std::{fs, path::PathBuf};

use binance_core::{
    CATALOG, Market, Method, ReplyVisitor,
    stream::{EVENTS, STREAMS, StreamMeta},
    ws_api::{METHODS, Reply},
};
use serde_json::{Value, value::RawValue};

/// Where a sample belongs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    /// The reply of an endpoint.
    Rest(Market, Method, String),
    /// What a stream sends; the pattern of its name, in the words of the facts.
    Stream(Market, String),
    /// An event of user data, by its tag.
    User(Market, String),
    /// The whole reply to a call of the WebSocket API.
    Call(Market, String),
}

/// A documented text.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) place: Place,
    /// As it is documented, without the blanks. Of a call, the result alone.
    pub(crate) text: String,
    /// Whether it was made up of several real ones.
    pub(crate) synthetic: bool,
}

impl Sample {
    pub(crate) fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// What it is, for messages.
    pub(crate) fn name(&self) -> String {
        match &self.place {
            Place::Rest(market, method, path) => format!("{market:?} {} {path}", method.as_str()),
            Place::Stream(market, name) | Place::User(market, name) | Place::Call(market, name) => {
                format!("{market:?} {name}")
            }
        }
    }

    /// Shows `visitor` the type that `text` should be of.
    pub(crate) fn visit<'r, V: ReplyVisitor<'r>>(&self, visitor: V) -> V::Output {
        let output = match &self.place {
            Place::Rest(market, method, path) => CATALOG.visit_reply(*market, *method, path, visitor),
            Place::Stream(market, name) => STREAMS.visit_events(stream(*market, name), visitor),
            Place::User(market, tag) => EVENTS.visit(*market, tag, visitor),
            Place::Call(market, method) => METHODS.visit_result(*market, method, visitor),
        };
        output.unwrap_or_else(|| panic!("{} is not declared", self.name()))
    }
}

/// The stream of a name in the words of the facts: `<symbol>@depth<levels>`.
fn stream(market: Market, name: &str) -> &'static StreamMeta {
    let symbol = if market == Market::UsdM { "btcusdt" } else { "btcusd_perp" };
    let mut known = name.to_string();
    for (part, value) in [
        ("<symbol>", symbol),
        ("<pair>", "btcusd"),
        ("<assetSymbol>", "adausd"),
        ("<interval>", "1m"),
        ("<levels>", "5"),
        ("<contractType>", "perpetual"),
    ] {
        known = known.replace(part, value);
    }
    STREAMS.find(market, &known).unwrap_or_else(|| panic!("{market:?} {name} is not declared"))
}

/// All samples that there are.
pub(crate) fn samples() -> Vec<Sample> {
    let mut samples: Vec<Sample> =
        include_str!("../facts/samples.tsv").lines().filter_map(sample_of_line).collect();
    assert!(samples.len() > 100, "only {} samples", samples.len());
    for (market, file) in [(Market::UsdM, "um-rest.json"), (Market::CoinM, "cm-rest.json")] {
        samples.extend(rest_samples(market, file).unwrap_or_default());
    }
    samples
}

fn sample_of_line(line: &str) -> Option<Sample> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [kind, market, name, text] = fields[..] else { panic!("{line}") };
    let market = if market == "um" { Market::UsdM } else { Market::CoinM };
    let name = name.to_string();
    let (place, text) = match kind {
        "stream" => (Place::Stream(market, name), text),
        "user" => (Place::User(market, name), text),
        "reply" => {
            let reply = Reply::parse(text).unwrap();
            assert!(reply.id.is_some() && reply.status == 200, "{text}");
            (Place::Call(market, name), reply.result.unwrap())
        }
        _ => return None,
    };
    Some(Sample { place, text: text.to_string(), synthetic: false })
}

fn rest_samples(market: Market, file: &str) -> Option<Vec<Sample>> {
    let mut samples = Vec::new();
    for endpoint in catalog(file)? {
        let method = [Method::Get, Method::Post, Method::Put, Method::Delete]
            .into_iter()
            .find(|method| method.as_str() == string(&endpoint["method"]))
            .unwrap();
        for sample in endpoint.get("sample_responses").map(array).unwrap_or_default() {
            let condition = sample.get("condition").map(string).unwrap_or_default();
            samples.push(Sample {
                place: Place::Rest(market, method, string(&endpoint["path"])),
                text: compact(sample["body"].get()),
                synthetic: condition.starts_with("synthetic"),
            });
        }
    }
    Some(samples)
}

/// An object of the catalog, its values as they stand there.
pub(crate) type Entry = std::collections::BTreeMap<String, Box<RawValue>>;

/// The API as facts, where the checkout has them beside it.
pub(crate) fn catalog(file: &str) -> Option<Vec<Entry>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/api").join(file);
    Some(serde_json::from_str(&fs::read_to_string(path).ok()?).unwrap())
}

/// The objects of an array in the catalog.
#[allow(clippy::borrowed_box, reason = "as the entries hold it")]
pub(crate) fn array(raw: &Box<RawValue>) -> Vec<Entry> {
    serde_json::from_str(raw.get()).unwrap()
}

/// A text in the catalog; empty for `null`.
#[allow(clippy::borrowed_box, reason = "as the entries hold it")]
pub(crate) fn string(raw: &Box<RawValue>) -> String {
    serde_json::from_str::<Option<String>>(raw.get()).unwrap().unwrap_or_default()
}

/// JSON without blanks between its signs, everything else as it stands.
pub(crate) fn compact(json: &str) -> String {
    let (mut inside, mut escaped) = (false, false);
    json.chars()
        .filter(|char| {
            let blank = !inside && char.is_ascii_whitespace();
            if *char == '"' && !escaped {
                inside = !inside;
            }
            escaped = inside && *char == '\\' && !escaped;
            !blank
        })
        .collect()
}
