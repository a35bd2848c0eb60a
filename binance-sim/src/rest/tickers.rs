//! The last price, and what happened in the last day.

use binance_core::endpoint::Market;

use super::{Call, Route};
use crate::{
    json::{Json, Padded, object},
    market::Venue,
    reject::Reject,
    streams::frames,
};

pub(super) const ROUTES: &[Route] = &[
    Route::get("/fapi/v1/ticker/price", price),
    Route::get("/fapi/v2/ticker/price", price),
    Route::get("/dapi/v1/ticker/price", price),
    Route::get("/fapi/v1/ticker/24hr", day),
    Route::get("/dapi/v1/ticker/24hr", day),
];

fn price(call: &mut Call<'_>) -> Result<Json, Reject> {
    let time = call.exchange.server_time();
    each(call, |venue| {
        let contract = &venue.contract;
        let (price, time) = match venue.tape.trades(1).last() {
            Some(trade) => (contract.price(trade.ticks), trade.time),
            None => (contract.price(contract.start_ticks), time),
        };
        match contract.market {
            Market::UsdM => object! { "symbol": contract.symbol, "price": price, "time": time },
            Market::CoinM => {
                object! { "symbol": contract.symbol, "ps": contract.pair, "price": price, "time": time }
            }
        }
    })
}

fn day(call: &mut Call<'_>) -> Result<Json, Reject> {
    let now = call.exchange.now;
    each(call, |venue| {
        let day = venue.day(now);
        let (contract, candle) = (&venue.contract, &day.candle);
        let begin = match contract.market {
            Market::UsdM => object! { "symbol": contract.symbol },
            Market::CoinM => object! { "symbol": contract.symbol, "pair": contract.pair },
        };
        let begin = begin.with(&object! {
            "priceChange": day.change,
            "priceChangePercent": Padded(day.percent, 3),
            "weightedAvgPrice": Padded(day.average, contract.price_decimals),
            "lastPrice": contract.price(candle.close),
            "lastQty": contract.quantity(day.last_lots),
            "openPrice": contract.price(candle.open),
            "highPrice": contract.price(candle.high),
            "lowPrice": contract.price(candle.low),
            "volume": contract.quantity(candle.lots),
        });
        let turnover = frames::turnover(contract, candle.turnover);
        let begin = match contract.market {
            Market::UsdM => begin.with(&object! { "quoteVolume": turnover }),
            Market::CoinM => begin.with(&object! { "baseVolume": turnover }),
        };
        begin.with(&object! {
            "openTime": candle.open_time,
            "closeTime": day.close_time,
            "firstId": day.first_id,
            "lastId": day.last_id,
            "count": candle.trades,
        })
    })
}

/// One for the contract that is asked for, or a list: of `pair`, or of all. COIN-M always gives a list.
fn each(call: &mut Call<'_>, mut one: impl FnMut(&mut Venue) -> Json) -> Result<Json, Reject> {
    let (symbol, pair) = (call.venue_if_sent()?, call.params.get("pair"));
    if let (Some(venue), Market::UsdM) = (symbol, call.market) {
        return Ok(one(&mut call.exchange.venues[venue]));
    }
    if symbol.is_some() && pair.is_some() {
        return Err(Reject::new(-1128, "Combination of optional parameters invalid."));
    }
    let market = call.market;
    let venues = call.exchange.venues.iter_mut().enumerate().filter(|(number, venue)| {
        venue.contract.market == market
            && symbol.is_none_or(|symbol| symbol == *number)
            && pair.is_none_or(|pair| pair == venue.contract.pair)
    });
    Ok(Json::array(venues.map(|(_, venue)| one(venue))))
}
