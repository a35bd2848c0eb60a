//! The pages under `docs/`, made from the catalog. Run with `UPDATE_PAGES=1` to write them anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[path = "pages/features.rs"]
mod features;
#[path = "pages/python.rs"]
mod python;

use std::{fmt::Write, fs, path::PathBuf};

use binance_core::{
    ApiCode, CATALOG, Market, Meta,
    endpoint::Weight,
    stream::{EVENTS, PartForm, STREAMS, StreamMeta},
    ws_api::METHODS,
};

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

const MARKETS: [(Market, &str, &str); 2] =
    [(Market::UsdM, "USDⓈ-M", "usdm"), (Market::CoinM, "COIN-M", "coinm")];

/// `Text` in code, or nothing.
fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}

/// The values of the parts that have values.
fn choices(stream: &StreamMeta) -> String {
    let mut choices = Vec::new();
    for part in stream.parts {
        let PartForm::OneOf(values) = part.form else { continue };
        let values: Vec<String> = values
            .iter()
            .map(|value| if value.is_empty() { "nothing".to_string() } else { format!("`{value}`") })
            .collect();
        choices.push(format!("{}: {}", part.name, values.join(", ")));
    }
    choices.join("; ")
}

fn streams_page() -> String {
    let mut page = "# Streams\n\nAll of them, from the crate's catalog. A connection to USDⓈ-M has one route and serves its \
                    own streams only; COIN-M\nhas none. Names are in lower case. The types stand in \
                    `binance_core::usdm::streams` and\n`binance_core::coinm::streams`, those of user data in \
                    `user_events` beside them.\n"
        .to_string();
    for (market, title, _) in MARKETS {
        let rows: Vec<_> = STREAMS.iter().filter(|stream| stream.market == market).collect();
        let _ = writeln!(page, "\n## {title}: {}\n", rows.len());
        let _ = writeln!(page, "| name | type | route | event | choices | Python connector |");
        let _ = writeln!(page, "| --- | --- | --- | --- | --- | --- |");
        for stream in rows {
            let _ = writeln!(
                page,
                "| [`{}`]({}) | `{}` | {} | `{}` | {} | {} |",
                stream.pattern,
                stream.docs,
                stream.name,
                stream.route.map_or(String::new(), |route| code(route.path())),
                stream.event.replace("<'r>", "").replace("'r, ", ""),
                choices(stream),
                code(stream.python_name)
            );
        }
    }
    page
}

fn events_page() -> String {
    let mut page = "# Events\n\nAll of them, from the crate's catalog. `binance_core::usdm::Event` and \
                    `binance_core::coinm::Event` tell them apart by their\ntag. What has another tag is kept as text.\n"
        .to_string();
    for (market, title, folder) in MARKETS {
        for (user, what, module) in [(false, "market streams", "streams"), (true, "user data", "user_events")]
        {
            let rows: Vec<_> =
                EVENTS.iter().filter(|event| event.market == market && event.is_user == user).collect();
            let _ = writeln!(page, "\n## {title}, {what}: {}\n", rows.len());
            let _ = writeln!(page, "The types stand in `binance_core::{folder}::{module}`.\n");
            let _ = writeln!(page, "| tag | type |");
            let _ = writeln!(page, "| --- | --- |");
            for event in rows {
                let tags: Vec<String> = event.tags.iter().map(|tag| format!("`{tag}`")).collect();
                let name = event.name.replace("<'r>", "");
                let _ = writeln!(page, "| [{}]({}) | `{name}` |", tags.join(", "), event.docs);
            }
        }
    }
    page
}

fn methods_page() -> String {
    let mut page = "# Methods of the WebSocket API\n\nAll of them, from the crate's catalog. The requests are those of \
                    REST, so that changing the transport changes\nnothing but the client. On a connection that is \
                    logged on, neither key nor signature is needed.\n"
        .to_string();
    for (market, title, _) in MARKETS {
        let rows: Vec<_> = METHODS.iter().filter(|method| method.market == market).collect();
        let _ = writeln!(page, "\n## {title}: {}\n", rows.len());
        let _ = writeln!(page, "| method | type | REST | security | weight | 10 s | 1 min |");
        let _ = writeln!(page, "| --- | --- | --- | --- | --- | --- | --- |");
        for method in rows {
            let count = |count: u16| if count == 0 { String::new() } else { count.to_string() };
            let path = |rest: &Meta| format!("{} `{}`", rest.method.as_str(), rest.path);
            let module = method.rest.map_or("ws_api", module);
            let _ = writeln!(
                page,
                "| [`{}`]({}) | `{module}::{}` | {} | {} | {} | {} | {} |",
                method.method,
                method.docs,
                method.name,
                method.rest.map_or(String::new(), path),
                method.security.as_str(),
                weight(&method.weight),
                count(method.orders.per_10s),
                count(method.orders.per_minute)
            );
        }
    }
    page
}

/// A question that can be asked of a code.
type Question = (&'static str, fn(ApiCode) -> bool);

const QUESTIONS: [Question; 16] = [
    ("is_unknown_outcome", ApiCode::is_unknown_outcome),
    ("is_retry_safe", ApiCode::is_retry_safe),
    ("is_rate_limit", ApiCode::is_rate_limit),
    ("is_overload", ApiCode::is_overload),
    ("is_clock", ApiCode::is_clock),
    ("is_signature", ApiCode::is_signature),
    ("is_key_or_permission", ApiCode::is_key_or_permission),
    ("is_listen_key", ApiCode::is_listen_key),
    ("is_filter", ApiCode::is_filter),
    ("is_open_order_limit", ApiCode::is_open_order_limit),
    ("is_margin", ApiCode::is_margin),
    ("is_order_gone", ApiCode::is_order_gone),
    ("is_duplicate_id", ApiCode::is_duplicate_id),
    ("is_no_change", ApiCode::is_no_change),
    ("is_position_mode", ApiCode::is_position_mode),
    ("is_algo_only", ApiCode::is_algo_only),
];

fn errors_page() -> String {
    let mut page = "# Error codes\n\nAll that the exchange documents, from `binance_core::ApiCode`, with its names for them on \
                    either market and the questions that\nare answered with yes. What a code means for an order, \
                    `is_unknown_outcome` and `is_retry_safe` say: after the first it may have\nbeen placed, after the \
                    second it surely was not.\n\n| code | USDⓈ-M | COIN-M | questions |\n| --- | --- | --- | --- |\n"
        .to_string();
    for error in (-30_000..1_000).rev().map(ApiCode) {
        let names = [Market::UsdM, Market::CoinM].map(|market| error.name_on(market).unwrap_or_default());
        if names == ["", ""] {
            continue;
        }
        let yes: Vec<String> =
            QUESTIONS.iter().filter(|(_, ask)| ask(error)).map(|(name, _)| format!("`{name}`")).collect();
        let _ =
            writeln!(page, "| {} | {} | {} | {} |", error.0, code(names[0]), code(names[1]), yes.join(", "));
    }
    page
}

#[test]
fn the_pages_are_current() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut stale = Vec::new();
    for (file, page) in [
        ("endpoints-usdm.md", page(Market::UsdM)),
        ("endpoints-coinm.md", page(Market::CoinM)),
        ("streams.md", streams_page()),
        ("events.md", events_page()),
        ("methods.md", methods_page()),
        ("errors.md", errors_page()),
    ] {
        let path = folder.join(file);
        if std::env::var_os("UPDATE_PAGES").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &page).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        if found != page {
            stale.push(file);
        }
    }
    assert!(stale.is_empty(), "{stale:?} in docs/ are stale: run this test with UPDATE_PAGES=1");
}
