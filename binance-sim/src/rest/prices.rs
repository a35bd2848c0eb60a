//! Index, mark price and funding.

use binance_core::endpoint::Market;

use super::{Call, Route};
use crate::{
    json::{Json, Scaled, object},
    market::{
        Venue,
        prices::{DECIMALS, INTEREST, next_funding},
    },
    reject::Reject,
};

pub(super) const ROUTES: &[Route] = &[
    Route::get("/fapi/v1/premiumIndex", premium_index),
    Route::get("/dapi/v1/premiumIndex", premium_index),
    Route::get("/fapi/v1/fundingRate", funding_rate),
    Route::get("/dapi/v1/fundingRate", funding_rate),
    Route::get("/fapi/v1/fundingInfo", funding_info),
    Route::get("/dapi/v1/fundingInfo", funding_info),
];

fn premium_index(call: &mut Call<'_>) -> Result<Json, Reject> {
    let (symbol, pair) = (call.venue_if_sent()?, call.params.get("pair"));
    let (now, time) = (call.exchange.now, call.exchange.server_time());
    if let (Some(venue), Market::UsdM) = (symbol, call.market) {
        return Ok(premium(&call.exchange.venues[venue], now, time));
    }
    let wanted = call.venues().filter(|(number, venue)| {
        symbol.is_none_or(|symbol| symbol == *number) && pair.is_none_or(|pair| pair == venue.contract.pair)
    });
    Ok(Json::array(wanted.map(|(_, venue)| premium(venue, now, time))))
}

fn premium(venue: &Venue, now: i64, time: i64) -> Json {
    let (contract, prices) = (&venue.contract, &venue.prices);
    // Contracts that are delivered know no funding.
    let perpetual = contract.is_perpetual();
    let text = |value: Scaled| if perpetual { value.to_string() } else { String::new() };
    let begin = object! { "symbol": contract.symbol };
    let begin = if contract.is_inverse() { begin.with(&object! { "pair": contract.pair }) } else { begin };
    begin.with(&object! {
        "markPrice": prices.mark(),
        "indexPrice": prices.index(),
        "estimatedSettlePrice": prices.index(),
        "lastFundingRate": text(prices.last_rate()),
        "interestRate": text(Scaled(INTEREST, DECIMALS)),
        "nextFundingTime": if perpetual { next_funding(now) } else { 0 },
        "time": time,
    })
}

/// What funding was paid: oldest first, the newest of them unless a start is given.
fn funding_rate(call: &mut Call<'_>) -> Result<Json, Reject> {
    let symbol = call.venue_if_sent()?;
    let limit = call.params.limit(100, 1_000)?;
    let (start, end) = call.span()?;
    let wanted = call.venues().filter(|(number, _)| symbol.is_none_or(|symbol| symbol == *number));
    let mut rows: Vec<_> = wanted
        .flat_map(|(_, venue)| venue.fundings.all().map(move |funding| (venue, *funding)))
        .filter(|(_, funding)| {
            start.is_none_or(|start| funding.time >= start) && end.is_none_or(|end| funding.time <= end)
        })
        .collect();
    rows.sort_by_key(|(_, funding)| funding.time);
    let skip = if start.is_some() { 0 } else { rows.len().saturating_sub(limit) };
    let rows = rows.into_iter().skip(skip).take(limit);
    Ok(Json::array(rows.map(|(venue, funding)| {
        let symbol = &venue.contract.symbol;
        match venue.contract.market {
            Market::UsdM => object! {
                "symbol": symbol,
                "fundingRate": funding.rate,
                "fundingTime": funding.time,
                "markPrice": funding.mark,
                "rateType": "Regular",
            },
            Market::CoinM => {
                object! { "symbol": symbol, "fundingTime": funding.time, "fundingRate": funding.rate }
            }
        }
    })))
}

/// The exchange lists the contracts whose bounds were adjusted; here all perpetuals have the usual ones.
fn funding_info(call: &mut Call<'_>) -> Result<Json, Reject> {
    let perpetuals = call.venues().filter(|(_, venue)| venue.contract.is_perpetual());
    Ok(Json::array(perpetuals.map(|(_, venue)| {
        object! {
            "symbol": venue.contract.symbol,
            "adjustedFundingRateCap": "0.02000000",
            "adjustedFundingRateFloor": "-0.02000000",
            "fundingIntervalHours": 8,
            "disclaimer": false,
        }
    })))
}
