//! The declarations against the facts of the API, both ways: nothing declared that the exchange does not have, nothing
//! left out that it has, and the same verbs, paths, securities, parameters, weights and pages.
//!
//! `facts/rest.tsv` holds those facts, one endpoint a line: market, verb, path, security, weight, parameters with `!`
//! at the mandatory ones, and the exchange's page. The weight is a number, or the weight at each limit, or with and without a symbol.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::{collections::BTreeSet, fs, path::PathBuf};

use binance_core::{
    CATALOG, Market, Meta,
    param::{Full, Params, Sink, Value},
};

/// Where the declarations differ from the facts, and why.
const DIFFERENT: &[(&str, &str, &str)] = &[
    (
        "GET /futures/data/topLongShortAccountRatio",
        "lacks symbol!",
        "replaced by the pair on 2026-08-18; only older pages of COIN-M name it",
    ),
    ("PUT /dapi/v1/order", "has quantity!", "mandatory since 2026-06-30"),
    ("PUT /dapi/v1/order", "lacks quantity", "mandatory since 2026-06-30"),
    ("PUT /fapi/v1/order", "has price", "a price or one taken from the book, by constructor"),
    ("PUT /fapi/v1/order", "lacks price!", "a price or one taken from the book, by constructor"),
];

struct Fact<'f> {
    market: Market,
    method: &'f str,
    path: &'f str,
    security: &'f str,
    weight: &'f str,
    params: Vec<&'f str>,
    docs: &'f str,
}

fn facts(text: &str) -> Vec<Fact<'_>> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let fields: Vec<_> = line.split('\t').collect();
            let [market, method, path, security, weight, params, docs] = fields[..] else { panic!("{line}") };
            Fact {
                market: if market == "um" { Market::UsdM } else { Market::CoinM },
                method,
                path,
                security,
                weight,
                params: params.split_whitespace().collect(),
                docs,
            }
        })
        .collect()
}

/// One parameter, or none.
struct One(Option<(&'static str, i64)>);

impl Params for One {
    fn visit<'a>(&'a self, sink: &mut dyn Sink<'a>) -> Result<(), Full> {
        match self.0 {
            Some((name, value)) => sink.put(name, Value::Int(value)),
            None => Ok(()),
        }
    }
}

/// The weight of the declaration, asked at the points that the fact names.
fn weight_like(meta: &Meta, fact: &str) -> String {
    if fact == "?" {
        return "?".into();
    }
    let ask = |point: &str| match point {
        "-" => meta.weight.of(&One(None)),
        "symbol" => meta.weight.of(&One(Some(("symbol", 0)))),
        "pair" => meta.weight.of(&One(Some(("pair", 0)))),
        limit => meta.weight.of(&One(Some(("limit", limit.parse().unwrap())))),
    };
    fact.split(' ')
        .map(|step| match step.split_once('=') {
            Some((point, _)) => format!("{point}={}", ask(point)),
            None => ask("-").to_string(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn declarations_and_facts_are_the_same_both_ways() {
    let text = include_str!("facts/rest.tsv");
    let facts = facts(text);
    let mut differences = BTreeSet::new();
    let allowed = |key: &str, what: &str| DIFFERENT.iter().any(|(k, w, _)| *k == key && *w == what);
    let mut differ = |key: &str, what: String| {
        if !allowed(key, &what) {
            differences.insert(format!("{key}: {what}"));
        }
    };
    for fact in &facts {
        let key = format!("{} {}", fact.method, fact.path);
        let Some(meta) = CATALOG.iter().find(|meta| {
            meta.market == fact.market && meta.method.as_str() == fact.method && meta.path == fact.path
        }) else {
            differ(&format!("{:?} {key}", fact.market), "not declared".into());
            continue;
        };
        if meta.security.as_str() != fact.security {
            differ(&key, format!("security {} should be {}", meta.security.as_str(), fact.security));
        }
        // The catalog gives some endpoints no page.
        if fact.docs != "-" && meta.docs != fact.docs {
            differ(&key, format!("docs {} should be {}", meta.docs, fact.docs));
        }
        let weight = weight_like(meta, fact.weight);
        if weight != fact.weight {
            differ(&key, format!("weight {weight} should be {}", fact.weight));
        }
        let declared: BTreeSet<String> = meta
            .params
            .iter()
            .map(|param| format!("{}{}", param.name, if param.mandatory { "!" } else { "" }))
            .collect();
        let known: BTreeSet<String> = fact.params.iter().map(ToString::to_string).collect();
        for missing in known.difference(&declared) {
            differ(&key, format!("lacks {missing}"));
        }
        for extra in declared.difference(&known) {
            differ(&key, format!("has {extra}"));
        }
    }
    for meta in CATALOG.iter() {
        let known = facts.iter().any(|fact| {
            fact.market == meta.market && fact.method == meta.method.as_str() && fact.path == meta.path
        });
        if !known {
            differ(&format!("{} {}", meta.method.as_str(), meta.path), "no such endpoint".into());
        }
    }
    assert!(differences.is_empty(), "{}", differences.into_iter().collect::<Vec<_>>().join("\n"));
    let count = |market| CATALOG.iter().filter(|meta| meta.market == market).count();
    println!("{} endpoints of USDⓈ-M, {} of COIN-M", count(Market::UsdM), count(Market::CoinM));
    for (key, what, why) in DIFFERENT {
        println!("allowed: {key} {what}: {why}");
    }
}

#[test]
fn every_endpoint_has_one_name_a_market_and_a_page() {
    let mut names = BTreeSet::new();
    for meta in CATALOG.iter() {
        assert!(names.insert((meta.market == Market::UsdM, meta.name)), "{} is declared twice", meta.name);
        assert!(meta.docs.starts_with("https://developers.binance.com/"), "{}: {}", meta.name, meta.docs);
        assert!(meta.path.starts_with('/') && !meta.path.contains(' '), "{}", meta.path);
        let mut seen = BTreeSet::new();
        for param in meta.params {
            assert!(seen.insert(param.name), "{} has {} twice", meta.name, param.name);
            let reserved = ["timestamp", "recvWindow", "signature"].contains(&param.name);
            assert!(!reserved, "{} declares {}", meta.name, param.name);
        }
    }
}

/// Where the checkout has the whole catalog of the API beside it, the facts above must be what it says.
#[test]
fn the_facts_are_current() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/api");
    let mut lines = vec![include_str!("facts/rest.tsv").lines().next().unwrap().to_string()];
    for (market, file) in [("um", "um-rest.json"), ("cm", "cm-rest.json")] {
        let Ok(text) = fs::read_to_string(folder.join(file)) else { return };
        let endpoints: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        lines.extend(endpoints.iter().map(|endpoint| fact_line(market, endpoint)));
    }
    lines.push(String::new());
    let current = lines.join("\n");
    if std::env::var_os("UPDATE_FACTS").is_some() {
        fs::write(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/facts/rest.tsv"), &current).unwrap();
    }
    assert!(current == include_str!("facts/rest.tsv"), "facts/rest.tsv is stale: run with UPDATE_FACTS=1");
}

fn fact_line(market: &str, endpoint: &serde_json::Value) -> String {
    let text = |key: &str| endpoint[key].as_str().unwrap();
    let params: Vec<String> = endpoint["params"]
        .as_array()
        .unwrap()
        .iter()
        .map(|param| (param["name"].as_str().unwrap(), param["mandatory"].as_bool().unwrap()))
        .filter(|(name, _)| !["timestamp", "recvWindow"].contains(name))
        .map(|(name, mandatory)| format!("{name}{}", if mandatory { "!" } else { "" }))
        .collect();
    let weight = weight_fact(&endpoint["weight"]);
    let docs = endpoint["doc"].as_str().unwrap_or("-");
    [market, text("method"), text("path"), text("security"), &weight, &params.join(" "), docs].join("\t")
}

fn weight_fact(weight: &serde_json::Value) -> String {
    if weight.is_null() {
        return "?".into();
    }
    if let Some(value) = weight.as_u64() {
        return value.to_string();
    }
    if !weight["value"].is_null() {
        return weight_fact(&weight["value"]);
    }
    if let Some(with) = weight["with_symbol"].as_u64() {
        return format!("symbol={with} -={}", weight["without_symbol"]);
    }
    let mut points = Vec::new();
    for row in weight["table"].as_array().unwrap() {
        let (range, weight) = (row["limit"].as_str().unwrap(), &row["weight"]);
        let numbers: Vec<u32> = range
            .split(|char: char| !char.is_ascii_digit())
            .filter_map(|digits| digits.parse().ok())
            .collect();
        match (range.chars().next(), range.chars().last()) {
            (Some('['), Some(')')) => {
                points.extend([numbers[0], numbers[1] - 1].map(|limit| (limit, weight)))
            }
            (Some('>'), _) => points.push((numbers[0] + 1, weight)),
            _ => points.extend(numbers.iter().map(|limit| (*limit, weight))),
        }
    }
    points.iter().map(|(limit, weight)| format!("{limit}={weight}")).collect::<Vec<_>>().join(" ")
}
