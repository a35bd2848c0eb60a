//! The pages under `docs/`, made from the catalog. Run with `UPDATE_PAGES=1` to write them anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::{fmt::Write, fs, path::PathBuf};

use binance_core::{CATALOG, Market, Meta, endpoint::Weight};

/// Where a type is found, by the section of its page.
fn module(meta: &Meta) -> &'static str {
    let page = meta.docs.split('#').next().unwrap_or_default();
    let sections = [
        ("market-data", "market_data"),
        ("user-data-streams", "user_data_streams"),
        ("portfolio-margin", "portfolio_margin"),
        ("convert", "convert"),
        ("account", "account"),
        ("trade", "trade"),
    ];
    let section = sections.iter().find(|(part, _)| page.to_ascii_lowercase().contains(part));
    section.map_or("market_data", |(_, module)| module)
}

fn weight(weight: &Weight) -> String {
    match weight {
        Weight::Fixed(weight) => weight.to_string(),
        Weight::ByLimit { steps, .. } => {
            let step = |(high, weight): &(u32, u32)| match *high {
                u32::MAX => format!("{weight} above"),
                high => format!("{weight} up to {high}"),
            };
            format!("by limit: {}", steps.iter().map(step).collect::<Vec<_>>().join(", "))
        }
        Weight::With { any_of, with, without } => {
            format!("{with} with {}, else {without}", any_of.join(" or "))
        }
        other => format!("{other:?}"),
    }
}

fn page(market: Market) -> String {
    let (title, folder) = match market {
        Market::UsdM => ("USDⓈ-M", "usdm"),
        Market::CoinM => ("COIN-M", "coinm"),
    };
    let rows: Vec<&Meta> = CATALOG.iter().filter(|meta| meta.market == market).collect();
    let mut page = format!("# REST endpoints of {title}\n\n");
    let _ = writeln!(
        page,
        "All {} of them, from the crate's catalog. *10 s* and *1 min* are what an endpoint counts on the",
        rows.len()
    );
    let _ = writeln!(page, "order limits. The types stand in `binance_core::{folder}`.\n");
    let _ = writeln!(page, "| endpoint | type | security | weight | 10 s | 1 min | Python connector |");
    let _ = writeln!(page, "| --- | --- | --- | --- | --- | --- | --- |");
    for meta in rows {
        let count = |count: u16| if count == 0 { String::new() } else { count.to_string() };
        let python =
            if meta.python_name.is_empty() { String::new() } else { format!("`{}`", meta.python_name) };
        let _ = writeln!(
            page,
            "| [{} `{}`]({}) | `{}::{}` | {} | {} | {} | {} | {} |",
            meta.method.as_str(),
            meta.path,
            meta.docs,
            module(meta),
            meta.name,
            meta.security.as_str(),
            weight(&meta.weight),
            count(meta.orders.per_10s),
            count(meta.orders.per_minute),
            python
        );
    }
    page
}

#[test]
fn the_pages_are_current() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs");
    for (market, file) in [(Market::UsdM, "endpoints-usdm.md"), (Market::CoinM, "endpoints-coinm.md")] {
        let (path, page) = (folder.join(file), page(market));
        if std::env::var_os("UPDATE_PAGES").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &page).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == page, "docs/{file} is stale: run this test with UPDATE_PAGES=1");
    }
}
