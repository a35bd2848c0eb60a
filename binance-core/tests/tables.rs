//! The tables of streams, events and methods against the facts of the API, both ways: nothing declared that the exchange
//! does not have, nothing left out that it has.
//!
//! `facts/*.tsv` hold those facts, one thing a line; the first line names the columns.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::{collections::BTreeSet, fmt::Write as _, fs, path::PathBuf};

use binance_core::{
    Market,
    endpoint::Weight,
    stream::{EVENTS, PartForm, STREAMS, StreamMeta},
    ws_api::{METHODS, MethodMeta},
};
use serde_json::Value;

/// Where the declarations differ from the facts, and why.
const DIFFERENT: &[(&str, &str, &str)] = &[
    (
        "um session.logon",
        "security",
        "SIGNED, the exchange's word for key and signature without a permission",
    ),
    (
        "cm session.logon",
        "security",
        "SIGNED, the exchange's word for key and signature without a permission",
    ),
    (
        "um order.place",
        "parameters",
        "orders that wait for a price are refused here since 2025-12-09: algoOrder.place",
    ),
    ("um order.modify", "parameters", "a price or one taken from the book, by constructor"),
    ("cm order.modify", "parameters", "a price or one taken from the book, by constructor"),
];

const fn word(market: Market) -> &'static str {
    match market {
        Market::UsdM => "um",
        Market::CoinM => "cm",
    }
}

/// `{symbol}` as the facts write it: `<symbol>`, words run together.
fn angled(pattern: &str) -> String {
    let mut out = String::new();
    let (mut inside, mut upper) = (false, false);
    for char in pattern.chars() {
        match char {
            '{' => out.push('<'),
            '}' => out.push('>'),
            '_' if inside => upper = true,
            char if upper => {
                out.extend(char.to_uppercase());
                upper = false;
            }
            char => out.push(char),
        }
        inside = (inside || char == '{') && char != '}';
    }
    out
}

/// The names of a stream, one for each speed that it has.
fn variants(stream: &StreamMeta) -> Vec<String> {
    match stream.parts.iter().find(|part| part.name == "speed").map(|part| part.form) {
        Some(PartForm::OneOf(speeds)) => {
            speeds.iter().map(|speed| angled(&stream.pattern.replace("{speed}", speed))).collect()
        }
        _ => vec![angled(stream.pattern)],
    }
}

fn stream_lines() -> String {
    let mut lines = String::new();
    for stream in STREAMS.iter() {
        let route = stream.route.map_or("-", |route| &route.path()[1..]);
        let python = if stream.python_name.is_empty() { "-" } else { stream.python_name };
        for name in variants(stream) {
            let _ = writeln!(lines, "{}\t{name}\t{route}\t{python}\t{}", word(stream.market), stream.docs);
        }
    }
    lines
}

fn event_lines() -> String {
    let mut lines = String::new();
    for event in EVENTS.iter() {
        for tag in event.tags {
            let user = if event.is_user { "user" } else { "market" };
            let docs = if event.is_user { event.docs } else { "-" };
            let _ = writeln!(lines, "{}\t{user}\t{tag}\t{docs}", word(event.market));
        }
    }
    lines
}

/// The weight in the words of the facts: a number, `limit=weight` for each limit named there, or with and without a symbol.
fn weight_words(weight: &Weight, fact: &str) -> String {
    match weight {
        Weight::Fixed(weight) => weight.to_string(),
        Weight::With { with, without, .. } => format!("symbol={with} -={without}"),
        Weight::ByLimit { steps, .. } => {
            let at = |limit: &str| {
                let limit: u32 = limit.parse().unwrap();
                let step = steps.iter().find(|(highest, _)| limit <= *highest).unwrap();
                format!("{limit}={}", step.1)
            };
            fact.split(' ')
                .filter_map(|step| step.split_once('='))
                .map(|(limit, _)| at(limit))
                .collect::<Vec<_>>()
                .join(" ")
        }
        other => format!("{other:?}"),
    }
}

fn method_line(method: &MethodMeta, weight: &str) -> [String; 6] {
    let params: BTreeSet<String> = method
        .params
        .iter()
        .map(|param| format!("{}{}", param.name, if param.mandatory { "!" } else { "" }))
        .collect();
    [
        word(method.market).into(),
        method.method.into(),
        method.security.as_str().into(),
        weight_words(&method.weight, weight),
        params.into_iter().collect::<Vec<_>>().join(" "),
        method.docs.into(),
    ]
}

fn same_both_ways(declared: &str, facts: &str) {
    let declared: BTreeSet<&str> = declared.lines().collect();
    let known: BTreeSet<&str> = facts.lines().skip(1).collect();
    let lacking: Vec<_> = known.difference(&declared).map(|line| format!("not declared: {line}")).collect();
    let extra: Vec<_> = declared.difference(&known).map(|line| format!("not in the facts: {line}")).collect();
    assert!(lacking.is_empty() && extra.is_empty(), "{}\n{}", lacking.join("\n"), extra.join("\n"));
    assert!(declared.len() > 20);
}

#[test]
fn streams_and_facts_are_the_same_both_ways() {
    same_both_ways(&stream_lines(), include_str!("facts/streams.tsv"));
}

#[test]
fn events_and_facts_are_the_same_both_ways() {
    same_both_ways(&event_lines(), include_str!("facts/events.tsv"));
}

#[test]
fn methods_and_facts_are_the_same_both_ways() {
    let facts = include_str!("facts/methods.tsv");
    let columns = ["market", "method", "security", "weight", "parameters", "docs"];
    let mut differences = Vec::new();
    let mut seen = BTreeSet::new();
    for line in facts.lines().skip(1) {
        let fact: Vec<&str> = line.split('\t').collect();
        let key = format!("{} {}", fact[0], fact[1]);
        let market = if fact[0] == "um" { Market::UsdM } else { Market::CoinM };
        seen.insert((fact[0], fact[1]));
        let Some(method) = METHODS.find(market, fact[1]) else {
            differences.push(format!("{key}: not declared"));
            continue;
        };
        for ((column, declared), fact) in columns.iter().zip(method_line(method, fact[3])).zip(&fact) {
            let allowed = DIFFERENT.iter().any(|(k, what, _)| *k == key && what == column);
            if (declared == *fact) == allowed {
                differences.push(format!("{key}: {column} {declared} and {fact}"));
            }
        }
    }
    for method in METHODS.iter() {
        if !seen.contains(&(word(method.market), method.method)) {
            differences.push(format!("{} {}: no such method", word(method.market), method.method));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn every_name_of_a_stream_is_found_again() {
    for stream in STREAMS.iter() {
        // One name for each value of each part that has values.
        let mut names = vec![stream.pattern.to_string()];
        for part in stream.parts {
            let values: Vec<&str> = match part.form {
                PartForm::OneOf(values) => values.to_vec(),
                PartForm::ListenKey => {
                    vec!["pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"]
                }
                _ if part.name == "symbol" && stream.market == Market::CoinM => {
                    vec!["btcusd_perp", "btcusd_200925"]
                }
                _ if part.name == "symbol" => vec!["btcusdt", "btcusd_200925", "币安人生usdt"],
                _ => vec!["btcusd"],
            };
            let braced = format!("{{{}}}", part.name);
            names = names
                .iter()
                .flat_map(|name| values.iter().map(|value| name.replace(&braced, value)).collect::<Vec<_>>())
                .collect();
        }
        for name in names {
            let found = STREAMS.find(stream.market, &name).unwrap_or_else(|| panic!("{name}: no stream"));
            assert_eq!(found.name, stream.name, "{name}");
        }
    }
    for wrong in [
        "",
        "@aggTrade",
        "btcusdt@aggtrade",
        "btcusdt@depth7",
        "btcusdt@depth5@1s",
        "btcusdt@kline_2m",
        "btcusdt@markPrice@2s",
        "btcusdt@kline_1m@x",
        "btcusdt_perp@continuousKline_1m",
        "!ticker@arr@1s",
        "a b",
    ] {
        assert_eq!(STREAMS.find(Market::UsdM, wrong), None, "{wrong}");
    }
    assert_eq!(STREAMS.find(Market::CoinM, "btcusdt@rpiDepth@500ms"), None);
    assert_eq!(STREAMS.find(Market::CoinM, "btcusd@markPrice").unwrap().name, "PairMarkPriceStream");
    assert_eq!(STREAMS.find(Market::CoinM, "btcusd_perp@markPrice@1s").unwrap().name, "MarkPriceStream");
}

#[test]
fn names_are_one_a_market_and_docs_are_the_exchanges() {
    let mut names = BTreeSet::new();
    for stream in STREAMS.iter() {
        assert!(names.insert((word(stream.market), stream.name)), "{} is declared twice", stream.name);
        assert!(stream.docs.starts_with("https://developers.binance.com/"), "{}", stream.docs);
        assert_eq!(stream.route.is_some(), stream.market == Market::UsdM, "{}", stream.name);
    }
    let mut tags = BTreeSet::new();
    for event in EVENTS.iter() {
        assert!(event.tags.iter().all(|tag| tags.insert((word(event.market), *tag))), "{}", event.name);
        assert!(event.docs.starts_with("https://developers.binance.com/"), "{}", event.docs);
    }
    for method in METHODS.iter() {
        assert!(method.docs.starts_with("https://developers.binance.com/"), "{}", method.docs);
        assert_eq!(method.rest.is_none(), method.method.starts_with("session."), "{}", method.method);
    }
}

/// Where the checkout has the whole catalog of the API beside it, the facts above must be what it says.
#[test]
fn the_facts_are_current() {
    let current = [
        ("streams.tsv", include_str!("facts/streams.tsv"), stream_facts()),
        ("events.tsv", include_str!("facts/events.tsv"), event_facts()),
        ("methods.tsv", include_str!("facts/methods.tsv"), method_facts()),
        ("samples.tsv", include_str!("facts/samples.tsv"), sample_facts()),
    ];
    let mut stale = Vec::new();
    for (file, found, current) in current {
        let Some(current) = current else { return };
        if std::env::var_os("UPDATE_FACTS").is_some() {
            fs::write(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/facts").join(file), &current)
                .unwrap();
        }
        if current != found {
            stale.push(file);
        }
    }
    assert!(stale.is_empty(), "{stale:?} in facts/ are stale: run with UPDATE_FACTS=1");
}

fn catalog(file: &str) -> Option<Vec<Value>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/api").join(file);
    Some(serde_json::from_str(&fs::read_to_string(path).ok()?).unwrap())
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or("-")
}

fn stream_facts() -> Option<String> {
    let mut lines = "# market\tname\troute\tpython\tdocs\n".to_string();
    for market in ["um", "cm"] {
        for stream in catalog(&format!("{market}-streams.json"))? {
            let docs = stream["doc"].as_str().unwrap_or_else(|| text(&stream, "doc_page"));
            for name in stream["stream_names"].as_array().unwrap() {
                let name = name.as_str().unwrap();
                let (route, python) = (text(&stream, "url_class"), text(&stream, "python_name"));
                let _ = writeln!(lines, "{market}\t{name}\t{route}\t{python}\t{docs}");
            }
        }
    }
    Some(lines)
}

fn event_facts() -> Option<String> {
    let mut lines = "# market\tkind\ttag\tdocs\n".to_string();
    for market in ["um", "cm"] {
        let mut tags = BTreeSet::new();
        for stream in catalog(&format!("{market}-streams.json"))? {
            let sample = match &stream["sample_payload"] {
                Value::Array(events) => &events[0],
                event => event,
            };
            tags.extend(sample["e"].as_str().map(str::to_string));
            let more = stream["field_values"]["e"].as_array().cloned().unwrap_or_default();
            tags.extend(more.iter().map(|tag| tag.as_str().unwrap().to_string()));
        }
        for tag in tags {
            let _ = writeln!(lines, "{market}\tmarket\t{tag}\t-");
        }
        for event in catalog(&format!("{market}-user-events.json"))? {
            let _ = writeln!(
                lines,
                "{market}\tuser\t{}\t{}",
                text(&event, "event_type"),
                text(&event, "doc_page")
            );
        }
    }
    Some(lines)
}

/// Samples that are not what the exchange sends, by a piece of their text, and why.
const BROKEN: &[(&str, &str)] = &[
    (r#""b":[["7403.89"]]"#, "generated: a level without its quantity"),
    (r#""b":[["9523.0"]]"#, "generated: a level without its quantity"),
    (r#""T":1589436922959},"bids""#, "generated: the book beside the result and not in it"),
];

/// The samples: what streams and user data send, and the calls and replies of the WebSocket API.
fn sample_facts() -> Option<String> {
    use common::{array, compact, string};
    let mut lines = String::new();
    let mut push = |kind: &str, market: &str, name: &str, text: &str| {
        let text = compact(text);
        assert!(!text.contains(['\t', '\n']), "{text}");
        let line = format!("{kind}\t{market}\t{name}\t{text}\n");
        // Some are documented twice.
        if !lines.contains(&line) && !BROKEN.iter().any(|(piece, _)| text.contains(piece)) {
            lines += &line;
        }
    };
    for market in ["um", "cm"] {
        for stream in common::catalog(&format!("{market}-streams.json"))? {
            let name = string(&stream["stream_name"]);
            for sample in array(&stream["sample_payloads"]) {
                push("stream", market, &name, sample["body"].get());
            }
        }
        for event in common::catalog(&format!("{market}-user-events.json"))? {
            for sample in array(&event["sample_payloads"]) {
                push("user", market, &string(&event["event_type"]), sample["body"].get());
            }
        }
        for method in common::catalog(&format!("{market}-ws-api.json"))? {
            let name = string(&method["method"]);
            for sample in array(&method["sample_requests"]) {
                push("call", market, &name, sample["body"].get());
            }
            for sample in array(&method["sample_responses"]) {
                push("reply", market, &name, sample["body"].get());
            }
        }
    }
    Some(lines)
}

fn method_facts() -> Option<String> {
    let mut lines = "# market\tmethod\tsecurity\tweight\tparameters\tdocs\n".to_string();
    for market in ["um", "cm"] {
        for method in catalog(&format!("{market}-ws-api.json"))? {
            let params: BTreeSet<String> = method["params"]
                .as_array()
                .unwrap()
                .iter()
                .map(|param| (text(param, "name"), param["mandatory"].as_bool().unwrap()))
                .filter(|(name, _)| !["timestamp", "recvWindow", "apiKey", "signature"].contains(name))
                .map(|(name, mandatory)| format!("{name}{}", if mandatory { "!" } else { "" }))
                .collect();
            let weight = match &method["weight"] {
                Value::Object(weight) if weight.contains_key("table") => {
                    let mut steps = Vec::new();
                    for row in weight["table"].as_array().unwrap() {
                        let limits = row["limit"].as_str().unwrap().split(", ");
                        steps.extend(limits.map(|limit| format!("{limit}={}", row["weight"])));
                    }
                    steps.join(" ")
                }
                Value::Object(weight) => {
                    format!("symbol={} -={}", weight["with_symbol"], weight["without_symbol"])
                }
                weight => weight.to_string(),
            };
            let docs = method["doc"].as_str().unwrap_or_else(|| text(&method, "doc_page"));
            let _ = writeln!(
                lines,
                "{market}\t{}\t{}\t{weight}\t{}\t{docs}",
                text(&method, "method"),
                text(&method, "security"),
                params.into_iter().collect::<Vec<_>>().join(" ")
            );
        }
    }
    Some(lines)
}
