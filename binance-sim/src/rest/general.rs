//! Whether the exchange is there, what time it is, and what it trades by which rules.

use binance_core::endpoint::Market;

use super::{Call, Route};
use crate::{
    contracts::Contract,
    json::{Json, Write, object},
    reject::Reject,
};

pub(super) const ROUTES: &[Route] = &[
    Route::get("/fapi/v1/ping", ping),
    Route::get("/dapi/v1/ping", ping),
    Route::get("/fapi/v1/time", time),
    Route::get("/dapi/v1/time", time),
    Route::get("/fapi/v1/exchangeInfo", exchange_info),
    Route::get("/dapi/v1/exchangeInfo", exchange_info),
];

fn ping(_: &mut Call<'_>) -> Result<Json, Reject> {
    Ok(Json::empty())
}

fn time(call: &mut Call<'_>) -> Result<Json, Reject> {
    Ok(object! { "serverTime": call.exchange.server_time() })
}

fn exchange_info(call: &mut Call<'_>) -> Result<Json, Reject> {
    let limits = &call.exchange.limits;
    let limit = |kind: &str, interval: &str, number: u32, limit: u32| {
        object! { "interval": interval, "intervalNum": number, "limit": limit, "rateLimitType": kind }
    };
    let limits = Json::array([
        limit("REQUEST_WEIGHT", "MINUTE", 1, limits.weight_limit),
        limit("ORDERS", "MINUTE", 1, limits.orders_per_minute),
        limit("ORDERS", "SECOND", 10, limits.orders_per_10s),
    ]);
    let begin = object! {
        "exchangeFilters": Json::array::<Json>([]),
        "rateLimits": limits,
        "serverTime": call.exchange.server_time(),
    };
    let symbols = Json::array(call.venues().map(|(_, venue)| symbol(&venue.contract)));
    let begin = if call.market == Market::UsdM {
        let asset =
            |asset: &str| object! { "asset": asset, "marginAvailable": true, "autoAssetExchange": "-10000" };
        begin.with(&object! { "assets": Json::array(["USDT", "USDC"].map(asset)) })
    } else {
        begin
    };
    Ok(begin.with(&object! { "symbols": symbols, "timezone": "UTC" }))
}

fn symbol(contract: &Contract) -> Json {
    let linear = contract.market == Market::UsdM;
    let begin = object! {
        "symbol": contract.symbol,
        "pair": contract.pair,
        "contractType": contract.term_name(),
        "deliveryDate": contract.delivery_date,
        "onboardDate": contract.onboard_date,
    };
    let status = if linear {
        object! { "status": contract.status() }
    } else {
        object! { "contractStatus": contract.status(), "contractSize": contract.contract_size }
    };
    let middle = object! {
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": contract.base,
        "quoteAsset": contract.quote,
        "marginAsset": contract.margin_asset,
        "pricePrecision": contract.price_precision,
        "quantityPrecision": contract.quantity_precision,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
    };
    let middle = if linear { middle } else { middle.with(&object! { "equalQtyPrecision": 4 }) };
    let kind = object! {
        "underlyingType": "COIN",
        "underlyingSubType": Json::array(if linear { Some("PoW") } else { None }),
    };
    let kind = if linear { kind.with(&object! { "settlePlan": 0 }) } else { kind };
    let end = object! {
        "triggerProtect": "0.0500",
        "filters": filters(contract),
        "orderTypes": words(&[
            "LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET",
        ]),
        "timeInForce": words(if linear { &["GTC", "IOC", "FOK", "GTX", "GTD"] } else { &["GTC", "IOC", "FOK", "GTX"] }),
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
    };
    begin.with(&status).with(&middle).with(&kind).with(&end)
}

fn filters(contract: &Contract) -> Json {
    let lots = |kind: &str, max| {
        object! {
            "filterType": kind,
            "maxQty": contract.quantity(max),
            "minQty": contract.quantity(1),
            "stepSize": contract.quantity(1),
        }
    };
    let price = object! {
        "filterType": "PRICE_FILTER",
        "maxPrice": contract.price(contract.max_price_ticks),
        "minPrice": contract.price(contract.min_price_ticks),
        "tickSize": contract.price(1),
    };
    let notional = (contract.min_notional > 0).then(|| {
        object! { "filterType": "MIN_NOTIONAL", "notional": contract.min_notional.to_string() }
    });
    let percent = object! {
        "filterType": "PERCENT_PRICE",
        "multiplierUp": crate::json::Scaled(contract.multiplier_up, 4),
        "multiplierDown": crate::json::Scaled(contract.multiplier_down, 4),
        "multiplierDecimal": "4",
    };
    let all = [
        Some(price),
        Some(lots("LOT_SIZE", contract.max_lots)),
        Some(lots("MARKET_LOT_SIZE", contract.max_market_lots)),
        Some(object! { "filterType": "MAX_NUM_ORDERS", "limit": 200 }),
        notional,
        Some(percent),
    ];
    Json::array(all.into_iter().flatten())
}

fn words(words: &[&str]) -> impl Write {
    Json::array(words)
}
