//! `docs/python.md`: every method of the exchange's Python connector, and what stands in its place.

use std::{collections::BTreeSet, fmt::Write, fs, path::PathBuf};

use binance_core::{CATALOG, Market, Meta, stream::STREAMS, ws_api::METHODS};

use crate::{code, module};

const BEGIN: &str =
    "<!-- The tables are made from the catalog: run the test `pages` with UPDATE_PAGES=1. -->\n";

/// The methods of `UMFutures` of binance-futures-connector 4.2.0, as looking at the class finds them.
const UM_FUTURES: &str = "\
    accept_offered_quote account adl_quantile agg_trades api_trading_status asset_Index async_download_order_id \
    async_download_trade_id aysnc_download_info balance blvt_kline book_ticker cancel_batch_order cancel_open_orders \
    cancel_order change_leverage change_margin_type change_multi_asset_mode change_position_mode close_listen_key \
    commission_rate continuous_klines countdown_cancel_order depth download_order_asyn download_trade_asyn \
    download_transactions_asyn exchange_info force_orders funding_info funding_rate futures_account_configuration \
    get_account_trades get_all_orders get_bnb_burn get_income_history get_multi_asset_mode get_open_orders get_orders \
    get_position_margin_history get_position_mode get_position_risk historical_trades index_info \
    index_price_constituents index_price_klines klines leverage_brackets limit_request limited_encoded_sign_request \
    list_all_convert_pairs long_short_account_ratio mark_price mark_price_klines modify_isolated_position_margin \
    modify_order new_batch_order new_listen_key new_order new_order_test open_interest open_interest_hist order_status \
    ping quarterly_contract_settlement_price query query_order query_user_rate_limit renew_listen_key \
    send_quote_request send_request sign_request symbol_configuration taker_long_short_ratio ticker_24hr_price_change \
    ticker_price time toggle_bnb_burn top_long_short_account_ratio top_long_short_position_ratio trades";

/// The methods of `CMFutures`.
const CM_FUTURES: &str = "\
    account adl_quantile agg_trades balance basis book_ticker cancel_batch_order cancel_open_orders cancel_order \
    change_leverage change_margin_type change_position_mode close_listen_key commission_rate continuous_klines \
    countdown_cancel_order depth exchange_info force_orders funding_rate get_account_trades get_all_orders \
    get_download_id_transaction_history get_income_history get_open_orders get_orders get_position_margin_history \
    get_position_mode get_position_risk historical_trades index_price_klines klines leverage_brackets limit_request \
    limited_encoded_sign_request long_short_account_ratio mark_price mark_price_klines modify_batch_order \
    modify_isolated_position_margin modify_order new_batch_order new_listen_key new_order open_interest \
    open_interest_hist order_modify_history ping query query_index_price_constituents query_order renew_listen_key \
    send_request sign_request taker_long_short_ratio ticker_24hr_price_change ticker_price time \
    top_long_short_account_ratio top_long_short_position_ratio trades";

/// The methods of `UMFuturesWebsocketClient`.
const UM_WEBSOCKET: &str = "\
    agg_trade book_ticker composite_index continuous_kline diff_book_depth kline liquidation_order list_subscribe \
    mark_price mark_price_all_market mini_ticker partial_book_depth ping send send_message_to_server stop subscribe \
    ticker unsubscribe user_data";

/// The methods of `CMFuturesWebsocketClient`.
const CM_WEBSOCKET: &str = "\
    agg_trade book_ticker continuous_kline diff_book_depth index_kline index_price kline liquidation_order \
    list_subscribe mark_kline mark_price mini_ticker pair_mark_price partial_book_depth ping send \
    send_message_to_server stop subscribe ticker unsubscribe user_data";

/// What is no endpoint and no stream, and what stands in its place.
const PLUMBING: [(&str, &str); 12] = [
    ("query", "`Raw`, with `Security::None`"),
    ("limit_request", "`Raw`, with `Security::MarketData`"),
    ("sign_request", "`Raw`, with the `Security` that the exchange's page names"),
    ("limited_encoded_sign_request", "`Raw`: what is signed is always what is sent"),
    ("send_request", "`Client::send`"),
    ("send", "`Connection::command`"),
    ("send_message_to_server", "`Connection::command`"),
    ("subscribe", "`Streams::subscribe`, with a `RawStream` where no type fits"),
    ("unsubscribe", "`Streams::unsubscribe`"),
    ("list_subscribe", "`Connection::list_subscriptions`; `Streams::streams` knows without asking"),
    ("ping", "nothing: the session pings when a socket is silent"),
    ("stop", "`close`, or dropping the value"),
];

pub(crate) fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/python.md")
}

/// The page with its tables made anew: what people wrote stands before them.
pub(crate) fn page(written: &str) -> String {
    let before = written.split(BEGIN).next().unwrap_or_default();
    let mut page = format!("{before}{BEGIN}");
    for (class, methods, market) in
        [("UMFutures", UM_FUTURES, Market::UsdM), ("CMFutures", CM_FUTURES, Market::CoinM)]
    {
        let folder = folder(market);
        let _ = writeln!(page, "\n## `{class}`, in `binance_core::{folder}`\n");
        let _ = writeln!(page, "| Python | type | must have | REST | WebSocket API |");
        let _ = writeln!(page, "| --- | --- | --- | --- | --- |");
        for method in methods.split(' ') {
            rest_rows(&mut page, method, market);
        }
    }
    for (class, methods, market) in [
        ("UMFuturesWebsocketClient", UM_WEBSOCKET, Market::UsdM),
        ("CMFuturesWebsocketClient", CM_WEBSOCKET, Market::CoinM),
    ] {
        let folder = folder(market);
        let _ = writeln!(page, "\n## `{class}`, in `binance_core::{folder}::streams`\n");
        let _ = writeln!(page, "| Python | type | stream | route |");
        let _ = writeln!(page, "| --- | --- | --- | --- |");
        for method in methods.split(' ') {
            stream_rows(&mut page, method, market);
        }
    }
    page
}

fn rest_rows(page: &mut String, method: &str, market: Market) {
    for meta in endpoints(method, market) {
        let must: Vec<String> =
            meta.params.iter().filter(|param| param.mandatory).map(|param| code(param.name)).collect();
        let calls: Vec<String> =
            METHODS.iter().filter(|call| call.rest == Some(meta)).map(|call| code(call.method)).collect();
        let _ = writeln!(
            page,
            "| `{method}` | `{}::{}` | {} | {} `{}` | {} |",
            module(meta),
            meta.name,
            must.join(", "),
            meta.method.as_str(),
            meta.path,
            calls.join(", ")
        );
    }
    if let Some(instead) = plumbing(method).filter(|_| endpoints(method, market).next().is_none()) {
        let _ = writeln!(page, "| `{method}` | {instead} | | | |");
    }
}

fn stream_rows(page: &mut String, method: &str, market: Market) {
    for stream in STREAMS.iter().filter(|stream| stream.market == market && stream.python_name == method) {
        let _ = writeln!(
            page,
            "| `{method}` | `{}` | `{}` | {} |",
            stream.name,
            stream.pattern,
            stream.route.map_or(String::new(), |route| code(route.path()))
        );
    }
    match method {
        "user_data" => {
            let _ = writeln!(page, "| `user_data` | `binance_ws`'s `UserData` | the listen key | {} |", {
                if market == Market::UsdM { "`/private`" } else { "" }
            });
        }
        _ => {
            if let Some(instead) = plumbing(method) {
                let _ = writeln!(page, "| `{method}` | {instead} | | |");
            }
        }
    }
}

fn endpoints(method: &str, market: Market) -> impl Iterator<Item = &'static Meta> {
    CATALOG.iter().filter(move |meta| meta.market == market && meta.python_name == method)
}

fn plumbing(method: &str) -> Option<&'static str> {
    PLUMBING.iter().find(|(name, _)| *name == method).map(|(_, instead)| *instead)
}

fn folder(market: Market) -> &'static str {
    if market == Market::UsdM { "usdm" } else { "coinm" }
}

#[test]
fn no_method_of_the_python_connector_is_without_its_like() {
    for (methods, market) in [(UM_FUTURES, Market::UsdM), (CM_FUTURES, Market::CoinM)] {
        let theirs: BTreeSet<&str> = methods.split(' ').collect();
        let lost: Vec<_> = theirs
            .iter()
            .filter(|m| endpoints(m, market).next().is_none() && plumbing(m).is_none())
            .collect();
        assert!(lost.is_empty(), "{market:?}: {lost:?}");
        let named = CATALOG.iter().filter(|meta| meta.market == market && !meta.python_name.is_empty());
        let strange: Vec<_> = named.filter(|meta| !theirs.contains(meta.python_name)).collect();
        assert!(strange.is_empty(), "{strange:?}");
    }
    for (methods, market) in [(UM_WEBSOCKET, Market::UsdM), (CM_WEBSOCKET, Market::CoinM)] {
        let ours: BTreeSet<&str> = STREAMS
            .iter()
            .filter(|stream| stream.market == market && !stream.python_name.is_empty())
            .map(|stream| stream.python_name)
            .chain(["user_data"])
            .collect();
        let theirs: BTreeSet<&str> = methods.split(' ').filter(|method| plumbing(method).is_none()).collect();
        assert_eq!(ours, theirs, "{market:?}");
    }
}

#[test]
fn the_page_for_those_who_come_from_python_is_current() {
    // A packaged crate has no guides.
    let Ok(written) = fs::read_to_string(path()) else { return };
    let page = page(&written);
    if std::env::var_os("UPDATE_PAGES").is_some() {
        fs::write(path(), &page).unwrap();
    } else {
        assert!(written == page, "docs/python.md is stale: run this test with UPDATE_PAGES=1");
    }
}
