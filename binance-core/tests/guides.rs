//! What the guides and the docs say, against what is there: links to the exchange's pages, examples of declarations, and
//! what the codes of errors mean.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use binance_core::{
    ApiCode, CATALOG, Market, Outcome,
    stream::{EVENTS, STREAMS},
    ws_api::METHODS,
};

const SITE: &str = "https://developers.binance.com/";

/// The checkout.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The files of a folder and those below it with this ending.
fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
}

/// Whether an address is that of a page on a market's part of the exchange's docs: the catalog, with the section and
/// the heading, or one of the older pages.
fn is_page(market: Market, address: &str) -> bool {
    let (catalog, older) = match market {
        Market::UsdM => ("usd-s-m", "usds"),
        Market::CoinM => ("coin-m", "coin"),
    };
    let catalog = format!("en/docs/catalog/core-trading-derivatives-trading-{catalog}-futures/api/");
    let older = format!("docs/derivatives/{older}-margined-futures");
    let Some(page) = address.strip_prefix(SITE) else { return false };
    let plain = |text: &str| text.chars().all(|char| char.is_ascii_alphanumeric() || "-_~/()".contains(char));
    if let Some(page) = page.strip_prefix(&catalog) {
        let (page, heading) = page.split_once('#').unwrap_or((page, "-"));
        ["rest-api/", "ws-streams/", "ws-api/"].iter().any(|api| page.starts_with(api))
            && plain(page)
            && plain(heading)
            && !heading.is_empty()
    } else {
        page.strip_prefix(&older)
            .is_some_and(|page| (page.is_empty() || page.starts_with('/')) && plain(page))
    }
}

/// Every address that a table has, with its market.
fn declared() -> BTreeSet<(bool, &'static str)> {
    let is_usdm = |market| market == Market::UsdM;
    let endpoints = CATALOG.iter().map(|meta| (is_usdm(meta.market), meta.docs));
    let streams = STREAMS.iter().map(|stream| (is_usdm(stream.market), stream.docs));
    let events = EVENTS.iter().map(|event| (is_usdm(event.market), event.docs));
    let methods = METHODS.iter().map(|method| (is_usdm(method.market), method.docs));
    endpoints.chain(streams).chain(events).chain(methods).collect()
}

#[test]
fn every_page_that_is_declared_has_the_form_of_its_market() {
    for (usdm, docs) in declared() {
        let market = if usdm { Market::UsdM } else { Market::CoinM };
        assert!(is_page(market, docs), "{market:?}: {docs}");
    }
    let wrong = "en/docs/catalog/core-trading-derivatives-trading-coin-m-futures/api/rest-api/trade#";
    assert!(!is_page(Market::UsdM, SITE) && !is_page(Market::CoinM, &format!("{SITE}{wrong}")));
}

/// Links in sources and pages lead to what the tables have, or to a whole page.
#[test]
fn every_link_to_the_exchange_stands_in_the_catalog() {
    let declared: BTreeSet<&str> = declared().into_iter().map(|(_, docs)| docs).collect();
    let mut paths = Vec::new();
    for folder in
        ["binance-core", "binance-sign", "binance-http", "binance-ws", "binance-sim", "docs", "examples"]
    {
        files(&root().join(folder), "rs", &mut paths);
        files(&root().join(folder), "md", &mut paths);
    }
    let (mut wrong, mut count) = (Vec::new(), 0);
    for path in paths.iter().filter(|path| !path.ends_with(file!())) {
        let text = fs::read_to_string(path).unwrap();
        for (at, _) in text.match_indices(SITE) {
            let address = text[at..]
                .split(|char: char| char.is_whitespace() || ")>\"`|".contains(char))
                .next()
                .unwrap();
            count += 1;
            // A sentence may end after it.
            let address = address.trim_end_matches(['.', ',']);
            let has_form = [Market::UsdM, Market::CoinM].iter().any(|market| is_page(*market, address));
            let known = match address.split_once('#') {
                Some(_) => declared.contains(address),
                // A page, or what is before the anchors of a table.
                None => has_form,
            };
            if address != SITE && !(has_form && known) {
                wrong.push(format!("{}: {address}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 20, "only {count} links were found");
}

/// What a crate never does stands in the first two lines that its README has under the name.
#[test]
fn every_readme_begins_with_what_its_crate_never_does() {
    for name in ["binance-core", "binance-sign", "binance-http", "binance-ws", "binance-sim"] {
        let Ok(readme) = fs::read_to_string(root().join(name).join("README.md")) else { continue };
        let begin = format!("# {name}\n\n");
        let text = readme.strip_prefix(&begin).unwrap_or_else(|| panic!("{name}: no {begin:?}"));
        let lines: Vec<&str> = text.lines().take(2).collect();
        assert!(lines.concat().contains(" never "), "{name}: {lines:#?}");
    }
}

/// Every example is a row of the README or of the page of whole programs, and those of that page are short.
#[test]
fn every_example_is_in_a_table() {
    let Ok(readme) = fs::read_to_string(root().join("README.md")) else { return };
    let programs = fs::read_to_string(root().join("docs/programs.md")).unwrap();
    let mut paths = Vec::new();
    files(&root().join("examples/examples"), "rs", &mut paths);
    assert!(paths.len() > 20, "{paths:?}");
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap();
        let link = format!("](../examples/examples/{name})");
        if programs.contains(&link) {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            assert!(lines < 150, "{name} has {lines} lines");
        } else {
            assert!(readme.contains(&format!("](examples/examples/{name})")), "{name} is in no table");
        }
    }
}

/// The lines without what they are indented by.
fn flat(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

/// The examples of declarations are such declarations, so the compiler has read them.
#[test]
fn examples_of_declarations_are_taken_from_the_sources() {
    let Ok(guide) = fs::read_to_string(root().join("CONTRIBUTING.md")) else { return };
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "rs", &mut paths);
    let sources: Vec<String> = paths.iter().map(|path| flat(&fs::read_to_string(path).unwrap())).collect();
    let blocks: Vec<&str> = guide
        .split("```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.strip_prefix("rust,ignore\n"))
        .collect();
    assert!(blocks.len() >= 4, "an endpoint, a stream, an event, a method");
    for block in blocks {
        let block = flat(block.trim());
        assert!(block.lines().count() < 10, "that is much to write:\n{block}");
        assert!(sources.iter().any(|source| source.contains(&block)), "this is declared nowhere:\n{block}");
    }
}

/// Each row of the table "By code" of `docs/errors.md`, with a status and a message that such a refusal comes with.
#[test]
fn the_page_about_errors_says_what_the_code_does() {
    let Ok(page) = fs::read_to_string(root().join("docs/errors.md")) else { return };
    let (_, table) = page.split_once("## By code").unwrap();
    let mut codes = 0;
    for row in table.lines().filter(|line| line.starts_with("| ")).skip(2) {
        let cells: Vec<&str> = row.trim_matches(['|', ' ']).split(" | ").map(str::trim).collect();
        let [what, _, outcome] = cells[..] else { panic!("{row}") };
        let outcome = match outcome {
            "`Rejected`" => Outcome::Rejected,
            "`Unknown`" => Outcome::Unknown,
            other => panic!("{other}"),
        };
        for number in numbers(what) {
            if number < 0 {
                let code = ApiCode(number);
                codes += 1;
                let known =
                    [Market::UsdM, Market::CoinM].iter().any(|market| code.name_on(*market).is_some());
                assert!(known, "{number} is no code");
                // Those that mean trouble at the exchange come with its statuses as well.
                let of_servers = [-1000, -1001, -1003, -1006, -1007, -1008, -1015].contains(&number);
                for status in if of_servers { &[400, 503][..] } else { &[400] } {
                    assert_eq!(Outcome::of_refusal(*status, code, ""), outcome, "{status} {number}");
                }
            } else if number != 503 {
                assert_eq!(Outcome::of_status(number.try_into().unwrap(), ""), outcome, "{number}");
            }
        }
        // Of a 503 the words decide: those between asterisks.
        if what.contains("503") {
            let words: Vec<&str> = what.split('*').skip(1).step_by(2).collect();
            assert!(!words.is_empty(), "{row}");
            for words in words {
                let sent = match words {
                    "Service Unavailable" => "Service Unavailable.",
                    "Internal error" => "Internal error; unable to process your request. Please try again.",
                    other => other,
                };
                assert_eq!(Outcome::of_status(503, sent), outcome, "{words}");
            }
        }
    }
    assert!(codes > 10, "the table was not found");
}

/// The numbers in a text.
fn numbers(text: &str) -> Vec<i32> {
    text.split(|char: char| !char.is_ascii_digit() && char != '-')
        .filter_map(|word| word.parse().ok())
        .collect()
}
