//! The last price, and what happened in the last day.

use binance_core::endpoint::Market;

use super::{Call, Route};
use crate::{
    calendar::{DAY, MINUTE},
    json::{Json, Padded, object},
    market::{Venue, candles::Candle, interval::Interval},
    num::Num,
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
        let minutes = venue.candles.range(Interval::M1, Some(now - DAY + 1), Some(now), 1_440);
        let contract = &venue.contract;
        let mut minutes = minutes.into_iter();
        let mut day = minutes.next().unwrap_or(Candle::flat(now - DAY, contract.start_ticks));
        minutes.for_each(|minute| day.extend(&minute));
        let last_id = venue.tape.last_id();
        let last_lots = venue.tape.trades(1).last().map_or(0, |trade| trade.lots);
        let change = contract.price(day.close - day.open);
        let average = if day.lots == 0 { Num::ZERO } else { contract.average_price(day.lots, day.turnover) };
        let percent = change.num().mul_div(100, 1).div(contract.price(day.open).num());
        let begin = match contract.market {
            Market::UsdM => object! { "symbol": contract.symbol },
            Market::CoinM => object! { "symbol": contract.symbol, "pair": contract.pair },
        };
        let begin = begin.with(&object! {
            "priceChange": change,
            "priceChangePercent": Padded(percent, 3),
            "weightedAvgPrice": Padded(average, contract.price_decimals),
            "lastPrice": contract.price(day.close),
            "lastQty": contract.quantity(last_lots),
            "openPrice": contract.price(day.open),
            "highPrice": contract.price(day.high),
            "lowPrice": contract.price(day.low),
            "volume": contract.quantity(day.lots),
        });
        let turnover = frames::turnover(contract, day.turnover);
        let begin = match contract.market {
            Market::UsdM => begin.with(&object! { "quoteVolume": turnover }),
            Market::CoinM => begin.with(&object! { "baseVolume": turnover }),
        };
        begin.with(&object! {
            "openTime": day.open_time,
            "closeTime": day.open_time.max(now / MINUTE * MINUTE) + MINUTE - 1,
            "firstId": (last_id + 1).saturating_sub(day.trades),
            "lastId": last_id,
            "count": day.trades,
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
