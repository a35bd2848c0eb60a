//! What the exchange tells about its indices, its insurance fund and its calendar. Where the exchange in the box has no
//! such thing, what it tells is constant.

use binance_core::endpoint::Market;

use super::{Call, Route};
use crate::{
    calendar::{self, DAY},
    contracts::Contract,
    json::{Json, Padded, object},
    market::{
        indices::{self, Asset},
        interval::Interval,
        prices::DECIMALS,
    },
    num::Num,
    reject::Reject,
};

pub(super) const ROUTES: &[Route] = &[
    Route::get("/fapi/v1/constituents", constituents),
    Route::get("/dapi/v1/constituents", constituents),
    Route::get("/fapi/v1/assetIndex", asset_index),
    Route::get("/fapi/v1/indexInfo", index_info),
    Route::get("/fapi/v1/symbolAdlRisk", adl_risk),
    Route::get("/fapi/v1/insuranceBalance", insurance_balance),
    Route::get("/fapi/v1/tradingSchedule", trading_schedule),
    Route::get("/futures/data/delivery-price", delivery_price),
];

/// How many deliveries of the past are looked for.
const DELIVERIES: i64 = 8;

/// An index has one source here. USDⓈ-M names it by the contract, COIN-M by the pair.
fn constituents(call: &mut Call<'_>) -> Result<Json, Reject> {
    let name = call.params.need("symbol")?;
    let of = |contract: &Contract| match contract.market {
        Market::UsdM => contract.symbol == name,
        Market::CoinM => contract.pair == name,
    };
    let venue = call.venues().map(|(_, venue)| venue).find(|venue| of(&venue.contract));
    let venue = venue.ok_or_else(Reject::symbol)?;
    let source = object! {
        "exchange": "sim",
        "symbol": name,
        "price": venue.prices.index(),
        "weight": "1.00000000",
    };
    let constituents = Json::array([source]);
    Ok(object! { "symbol": name, "time": call.exchange.server_time(), "constituents": constituents })
}

fn asset_index(call: &mut Call<'_>) -> Result<Json, Reject> {
    let time = call.exchange.server_time();
    let one = |asset: &Asset| {
        let rates = asset.rates(&call.exchange.venues);
        let rate = |rate| Padded(rate, DECIMALS);
        object! {
            "symbol": asset.symbol,
            "time": time,
            "index": rate(rates.index),
            "bidBuffer": asset.buffer,
            "askBuffer": asset.buffer,
            "bidRate": rate(rates.bid),
            "askRate": rate(rates.ask),
            "autoExchangeBidBuffer": asset.exchange_buffer,
            "autoExchangeAskBuffer": asset.exchange_buffer,
            "autoExchangeBidRate": rate(rates.exchange_bid),
            "autoExchangeAskRate": rate(rates.exchange_ask),
        }
    };
    let Some(name) = call.params.get("symbol") else {
        return Ok(Json::array(indices::ASSETS.iter().map(one)));
    };
    indices::ASSETS.iter().find(|asset| asset.symbol == name).map(one).ok_or_else(Reject::symbol)
}

fn index_info(call: &mut Call<'_>) -> Result<Json, Reject> {
    if call.params.get("symbol").is_some_and(|name| name != indices::COMPOSITE) {
        return Err(Reject::symbol());
    }
    let parts = Json::array(indices::PARTS.iter().map(|part| {
        object! {
            "baseAsset": part.base,
            "quoteAsset": part.quote,
            "weightInQuantity": part.quantity,
            "weightInPercentage": part.share,
        }
    }));
    let (symbol, time) = (indices::COMPOSITE, call.exchange.server_time());
    let index = object! { "symbol": symbol, "time": time, "component": "baseAsset", "baseAssetList": parts };
    Ok(Json::array([index]))
}

fn adl_risk(call: &mut Call<'_>) -> Result<Json, Reject> {
    let time = call.exchange.server_time();
    let one = |contract: &Contract| {
        object! { "symbol": contract.symbol, "adlRisk": "low", "updateTime": time }
    };
    Ok(match call.venue_if_sent()? {
        Some(venue) => one(call.contract(venue)),
        None => Json::array(call.venues().map(|(_, venue)| one(&venue.contract))),
    })
}

fn insurance_balance(call: &mut Call<'_>) -> Result<Json, Reject> {
    let asked = call.venue_if_sent()?;
    let time = call.exchange.server_time();
    let balance = Padded(call.exchange.fund.balance(Market::UsdM, "USDT"), 8);
    let fund = object! { "asset": "USDT", "marginBalance": balance, "updateTime": time };
    let symbols = Json::array(call.venues().map(|(_, venue)| &venue.contract.symbol));
    let one = object! { "symbols": symbols, "assets": Json::array([fund]) };
    Ok(if asked.is_some() { one } else { Json::array([one]) })
}

/// All markets have the same hours.
fn trading_schedule(call: &mut Call<'_>) -> Result<Json, Reject> {
    let midnight = call.exchange.server_time().div_euclid(DAY) * DAY;
    let sessions = calendar::sessions(midnight).map(|session| {
        object! { "startTime": session.start, "endTime": session.end, "type": session.kind }
    });
    let market = object! { "sessions": Json::array(sessions) };
    let markets = object! {
        "EQUITY": market,
        "COMMODITY": market,
        "KR_EQUITY": market,
        "HK_EQUITY": market,
        "CN_EQUITY": market,
        "FX": market,
    };
    Ok(object! { "updateTime": midnight, "marketSchedules": markets })
}

/// The quarters that were delivered as far as the history of the pair's perpetual goes, newest first.
fn delivery_price(call: &mut Call<'_>) -> Result<Json, Reject> {
    let pair = call.params.need("pair")?;
    let venue = call.exchange.venues.iter().position(|venue| venue.contract.pair == pair);
    let venue = venue.ok_or_else(|| Reject::new(-4144, "Invalid pair"))?;
    let (now, venue) = (call.exchange.now, &mut call.exchange.venues[venue]);
    let mut times: Vec<_> =
        (1..=DELIVERIES).map(|quarter| calendar::quarterly_delivery(now - quarter * 46 * DAY)).collect();
    times.dedup();
    times.retain(|time| *time < now && *time >= venue.contract.onboard_date);
    Ok(Json::array(times.into_iter().filter_map(|time| {
        let minute = venue.candles.range(Interval::M1, Some(time), Some(time), 1).into_iter().next()?;
        let price: Num = venue.contract.price(minute.open).num();
        // A bare number, as documented.
        let price = Json(Padded(price, DECIMALS).trimmed().to_string());
        Some(object! { "deliveryTime": time, "deliveryPrice": price })
    })))
}
