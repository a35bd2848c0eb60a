//! The exchange's addresses, against the facts about them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::{collections::HashSet, fs, path::PathBuf};

use binance_core::{Environment, Market};

/// Each kind of root, by the key that it has in the facts.
fn roots(environment: Environment, market: Market) -> [(&'static str, Option<&'static str>); 3] {
    [
        ("rest", Some(environment.rest(market))),
        ("streams", Some(environment.streams(market))),
        ("ws_api", environment.ws_api(market)),
    ]
}

#[test]
fn every_root_is_encrypted_and_ends_without_a_slash() {
    for environment in Environment::ALL {
        let mut streams = HashSet::new();
        for market in [Market::UsdM, Market::CoinM] {
            for (kind, root) in roots(environment, market) {
                let Some(root) = root else { continue };
                let scheme = if kind == "rest" { "https://" } else { "wss://" };
                assert!(root.starts_with(scheme) && !root.ends_with('/'), "{root}");
            }
            assert!(streams.insert(environment.streams(market)), "the two markets have streams of their own");
        }
    }
    assert_eq!(Environment::default(), Environment::Production);
}

/// Where the checkout has the facts about the API beside it, the addresses must be theirs.
#[test]
fn the_roots_are_current() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/api/base-urls.json");
    let Ok(text) = fs::read_to_string(path) else { return };
    let facts: serde_json::Value = serde_json::from_str(&text).unwrap();
    for environment in Environment::ALL {
        let place = format!("{environment:?}").to_lowercase();
        for (market, key) in [(Market::UsdM, "um"), (Market::CoinM, "cm")] {
            for (kind, root) in roots(environment, market) {
                let fact = &facts[key][kind][&place];
                let fact = if kind == "streams" { &fact["root"] } else { fact };
                assert_eq!(fact["url"].as_str(), root, "{key} {kind} {place}");
            }
        }
    }
}
