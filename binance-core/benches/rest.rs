//! The longest replies by this crate's reader, every element and number of them read, beside serde_json into the same
//! types, into the same fields as borrowed text, and into `Value`.
//!
//! `cargo bench -p binance-core --bench rest`, with `-- --quick` for a look.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]
#![allow(dead_code, unreachable_pub, reason = "fields are there to be read into")]

mod table;

use binance_core::{
    json::{self, List},
    usdm::{
        account::AccountInfo,
        market_data::{ExchangeInfo, Kline, OrderBook},
    },
};
use serde::Deserialize;
use table::Case;

fn main() {
    let reached = [
        compare::<ExchangeInfo<'_>, mirror::ExchangeInfo<'_>>(
            "exchangeInfo, 700 symbols",
            &exchange_info(700),
            |info| {
                let symbols = info.symbols.iter().map(|symbol| {
                    let symbol = symbol.unwrap();
                    read_all(symbol.filters)
                        + read_all(symbol.order_types)
                        + read_all(symbol.time_in_force)
                        + read_all(symbol.underlying_sub_type)
                });
                symbols.sum::<usize>() + read_all(info.assets) + read_all(info.rate_limits)
            },
        ),
        compare::<List<'_, Kline>, Vec<mirror::Kline<'_>>>("1500 klines", &klines(1_500), |klines| {
            read_all(Some(klines))
        }),
        compare::<AccountInfo<'_>, mirror::Account<'_>>("account, 700 positions", &account(700), |account| {
            read_all(account.positions) + read_all(account.assets)
        }),
        compare::<OrderBook<'_>, mirror::Book<'_>>("depth, 1000 levels a side", &depth(1_000), |book| {
            read_all(Some(book.bids)) + read_all(Some(book.asks))
        }),
    ];
    table::end(reached.into_iter().all(|reached| reached));
}

/// Reads `text` into `T` and `walk`s over all of it, and into `B`.
fn compare<'r, T: Deserialize<'r>, B: Deserialize<'r>>(
    name: &str,
    text: &'r str,
    walk: fn(T) -> usize,
) -> bool {
    let bytes = text.as_bytes();
    let cases = [
        Case::new("own, from_slice, all elements", || walk(json::from_slice(bytes).unwrap())),
        Case::new("own types, serde_json::from_slice", || walk(serde_json::from_slice(bytes).unwrap())),
        Case::new("serde_json borrowed, from_slice", || serde_json::from_slice::<B>(bytes).unwrap()),
        Case::new("serde_json borrowed, from_str", || serde_json::from_str::<B>(text).unwrap()),
        Case::new("serde_json::Value, from_slice", || {
            serde_json::from_slice::<serde_json::Value>(bytes).unwrap()
        }),
    ];
    table::group(name, text.len(), &cases)
}

/// Reads all elements and answers how many they are.
fn read_all<'r, T: Deserialize<'r>>(list: Option<List<'r, T>>) -> usize {
    list.into_iter().flatten().map(|element| drop(std::hint::black_box(element.unwrap()))).count()
}

/// What is written of every one of `count` things, with commas between.
fn each(count: u32, one: impl Fn(u32) -> String) -> String {
    (0..count).map(one).collect::<Vec<_>>().join(",")
}

fn exchange_info(count: u32) -> String {
    let symbols = each(count, |i| {
        let max = 1_000 + i * 7;
        format!(
            r#"{{"symbol":"COIN{i}USDT","pair":"COIN{i}USDT","contractType":"PERPETUAL","deliveryDate":4133404800000,"onboardDate":1569398400000,"status":"TRADING","maintMarginPercent":"2.5000","requiredMarginPercent":"5.0000","baseAsset":"COIN{i}","quoteAsset":"USDT","marginAsset":"USDT","pricePrecision":2,"quantityPrecision":3,"baseAssetPrecision":8,"quotePrecision":8,"underlyingType":"COIN","underlyingSubType":["Layer-1","PoW"],"triggerProtect":"0.0500","liquidationFee":"0.012500","marketTakeBound":"0.05","maxMoveOrderLimit":10000,"filters":[{{"maxPrice":"{max}.50","filterType":"PRICE_FILTER","minPrice":"556.80","tickSize":"0.10"}},{{"stepSize":"0.001","filterType":"LOT_SIZE","maxQty":"{max}","minQty":"0.001"}},{{"stepSize":"0.001","filterType":"MARKET_LOT_SIZE","maxQty":"120","minQty":"0.001"}},{{"limit":200,"filterType":"MAX_NUM_ORDERS"}},{{"limit":10,"filterType":"MAX_NUM_ALGO_ORDERS"}},{{"notional":"100","filterType":"MIN_NOTIONAL"}},{{"multiplierDown":"0.9500","multiplierUp":"1.0500","multiplierDecimal":"4","filterType":"PERCENT_PRICE"}},{{"positionControlSide":"NONE","filterType":"POSITION_RISK_CONTROL"}}],"orderTypes":["LIMIT","MARKET","STOP","STOP_MARKET","TAKE_PROFIT","TAKE_PROFIT_MARKET","TRAILING_STOP_MARKET"],"timeInForce":["GTC","IOC","FOK","GTX","GTD"],"permissionSets":["GRID","COPY","DCA"]}}"#
        )
    });
    let assets = each(20, |i| {
        format!(r#"{{"asset":"ASSET{i}","marginAvailable":true,"autoAssetExchange":"-{i}00"}}"#)
    });
    format!(
        r#"{{"timezone":"UTC","serverTime":1760000000123,"futuresType":"U_MARGINED","rateLimits":[{{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":2400}},{{"rateLimitType":"ORDERS","interval":"MINUTE","intervalNum":1,"limit":1200}},{{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":300}}],"exchangeFilters":[],"assets":[{assets}],"symbols":[{symbols}]}}"#
    )
}

fn klines(count: u32) -> String {
    let rows = each(count, |i| {
        let open = 1_760_000_000_000 + 60_000 * u64::from(i);
        let (price, part) = (60_000 + i * 37 % 1_000, i * 13 % 100);
        format!(
            r#"[{open},"{price}.{part:02}","{}.{part:02}","{}.{part:02}","{price}.10","{}.{:03}",{},"{}.{part:02}450",{},"{}.{:03}","{}.98765","0"]"#,
            price + 10,
            price - 10,
            i % 500,
            i * 7 % 1_000,
            open + 59_999,
            7_408_593 + i * 101,
            1_000 + i,
            i % 250,
            i * 11 % 1_000,
            3_607_981 + i * 53,
        )
    });
    format!("[{rows}]")
}

fn account(count: u32) -> String {
    let positions = each(count, |i| {
        let (whole, part) = (i * 7_919 % 100_000, i * 7 % 1_000);
        format!(
            r#"{{"symbol":"COIN{i}USDT","positionSide":"BOTH","positionAmt":"{}.{part:03}","unrealizedProfit":"-{}.{part:03}45678","isolatedMargin":"0","notional":"{whole}.{part:03}12345","isolatedWallet":"0","initialMargin":"{}.{part:03}54321","maintMargin":"{}.{part:03}","updateTime":{}}}"#,
            whole % 100,
            whole % 1_000,
            whole / 20,
            whole / 200,
            1_760_000_000_000 + u64::from(i),
        )
    });
    let assets = each(10, |i| {
        format!(
            r#"{{"asset":"ASSET{i}","walletBalance":"23.72469206","unrealizedProfit":"0.00000000","marginBalance":"23.72469206","maintMargin":"0.00000000","initialMargin":"0.00000000","positionInitialMargin":"0.00000000","openOrderInitialMargin":"0.00000000","crossWalletBalance":"23.72469206","crossUnPnl":"0.00000000","availableBalance":"126.72469206","maxWithdrawAmount":"23.72469206","updateTime":1760000000123}}"#
        )
    });
    format!(
        r#"{{"totalInitialMargin":"0.00000000","totalMaintMargin":"0.00000000","totalWalletBalance":"103.12345678","totalUnrealizedProfit":"0.00000000","totalMarginBalance":"103.12345678","totalPositionInitialMargin":"0.00000000","totalOpenOrderInitialMargin":"0.00000000","totalCrossWalletBalance":"103.12345678","totalCrossUnPnl":"0.00000000","availableBalance":"103.12345678","maxWithdrawAmount":"103.12345678","assets":[{assets}],"positions":[{positions}]}}"#
    )
}

fn depth(levels: u32) -> String {
    let side = |from: u32, sign: i64| {
        each(levels, |i| {
            let cents = i64::from(from) + sign * 10 * i64::from(i);
            let quantity = (i * 7_919 + 13) % 20_000;
            format!(
                r#"["{}.{:02}","{}.{:03}"]"#,
                cents / 100,
                cents % 100,
                quantity / 1_000,
                quantity % 1_000
            )
        })
    };
    let (bids, asks) = (side(6_000_010, -1), side(6_000_020, 1));
    format!(
        r#"{{"lastUpdateId":8901234567890,"E":1760000000123,"T":1760000000120,"bids":[{bids}],"asks":[{asks}]}}"#
    )
}

/// The replies as serde derives them, with texts and numbers in quotes left as text.
mod mirror {
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct ExchangeInfo<'a> {
        timezone: &'a str,
        server_time: i64,
        #[serde(borrow)]
        rate_limits: Vec<RateLimit<'a>>,
        #[serde(borrow)]
        assets: Vec<Asset<'a>>,
        #[serde(borrow)]
        symbols: Vec<Symbol<'a>>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct RateLimit<'a> {
        rate_limit_type: &'a str,
        interval: &'a str,
        interval_num: u32,
        limit: u32,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Asset<'a> {
        asset: &'a str,
        margin_available: bool,
        auto_asset_exchange: &'a str,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Symbol<'a> {
        symbol: &'a str,
        pair: &'a str,
        contract_type: &'a str,
        delivery_date: i64,
        onboard_date: i64,
        status: &'a str,
        maint_margin_percent: &'a str,
        required_margin_percent: &'a str,
        base_asset: &'a str,
        quote_asset: &'a str,
        margin_asset: &'a str,
        price_precision: u8,
        quantity_precision: u8,
        base_asset_precision: u8,
        quote_precision: u8,
        underlying_type: &'a str,
        #[serde(borrow)]
        underlying_sub_type: Vec<&'a str>,
        trigger_protect: &'a str,
        liquidation_fee: &'a str,
        market_take_bound: &'a str,
        #[serde(borrow)]
        filters: Vec<Filter<'a>>,
        #[serde(borrow)]
        order_types: Vec<&'a str>,
        #[serde(borrow)]
        time_in_force: Vec<&'a str>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Filter<'a> {
        filter_type: &'a str,
        min_price: Option<&'a str>,
        max_price: Option<&'a str>,
        tick_size: Option<&'a str>,
        min_qty: Option<&'a str>,
        max_qty: Option<&'a str>,
        step_size: Option<&'a str>,
        limit: Option<u32>,
        notional: Option<&'a str>,
        multiplier_up: Option<&'a str>,
        multiplier_down: Option<&'a str>,
        multiplier_decimal: Option<&'a str>,
        position_control_side: Option<&'a str>,
    }

    #[derive(Deserialize)]
    pub struct Kline<'a>(
        i64,
        &'a str,
        &'a str,
        &'a str,
        &'a str,
        &'a str,
        i64,
        &'a str,
        u64,
        &'a str,
        &'a str,
        &'a str,
    );

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Account<'a> {
        total_initial_margin: &'a str,
        total_maint_margin: &'a str,
        total_wallet_balance: &'a str,
        total_unrealized_profit: &'a str,
        total_margin_balance: &'a str,
        total_position_initial_margin: &'a str,
        total_open_order_initial_margin: &'a str,
        total_cross_wallet_balance: &'a str,
        total_cross_un_pnl: &'a str,
        available_balance: &'a str,
        max_withdraw_amount: &'a str,
        #[serde(borrow)]
        assets: Vec<AccountAsset<'a>>,
        #[serde(borrow)]
        positions: Vec<Position<'a>>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct AccountAsset<'a> {
        asset: &'a str,
        wallet_balance: &'a str,
        unrealized_profit: &'a str,
        margin_balance: &'a str,
        maint_margin: &'a str,
        initial_margin: &'a str,
        position_initial_margin: &'a str,
        open_order_initial_margin: &'a str,
        cross_wallet_balance: &'a str,
        cross_un_pnl: &'a str,
        available_balance: &'a str,
        max_withdraw_amount: &'a str,
        update_time: i64,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Position<'a> {
        symbol: &'a str,
        position_side: &'a str,
        position_amt: &'a str,
        unrealized_profit: &'a str,
        isolated_margin: &'a str,
        notional: &'a str,
        isolated_wallet: &'a str,
        initial_margin: &'a str,
        maint_margin: &'a str,
        update_time: i64,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Book<'a> {
        last_update_id: u64,
        #[serde(rename = "E")]
        event_time: i64,
        #[serde(rename = "T")]
        transaction_time: i64,
        #[serde(borrow)]
        bids: Vec<[&'a str; 2]>,
        #[serde(borrow)]
        asks: Vec<[&'a str; 2]>,
    }
}
