//! Order books and their best prices.

use binance_core::endpoint::Market;

use super::{Call, Route};
use crate::{
    book::Side,
    json::{Json, object},
    market::Venue,
    reject::Reject,
    streams::frames,
};

pub(super) const ROUTES: &[Route] = &[
    Route::get("/fapi/v1/depth", depth),
    Route::get("/dapi/v1/depth", depth),
    Route::get("/fapi/v1/rpiDepth", depth),
    Route::get("/fapi/v1/ticker/bookTicker", book_ticker),
    Route::get("/dapi/v1/ticker/bookTicker", book_ticker),
];

/// How many levels may be asked for.
const LIMITS: [i64; 7] = [5, 10, 20, 50, 100, 500, 1_000];

fn depth(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = &call.exchange.venues[call.venue()?];
    let contract = &venue.contract;
    // The book with the orders that only people may take has one size.
    let whole = call.path == "/fapi/v1/rpiDepth";
    let limit = call.params.int("limit")?.unwrap_or(if whole { 1_000 } else { 500 });
    if !LIMITS.contains(&limit) || (whole && limit != 1_000) {
        return Err(Reject::new(-4021, format!("'{limit}' is not valid depth limit.")));
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let begin = object! { "lastUpdateId": venue.book.update_id() };
    let begin = if call.market == Market::CoinM {
        begin.with(&object! { "symbol": contract.symbol, "pair": contract.pair })
    } else {
        begin
    };
    let levels = |side| {
        let (public, all) = (venue.book.levels(side), venue.book.whole_levels(side));
        let levels: Vec<_> = if whole { all.take(limit).collect() } else { public.take(limit).collect() };
        frames::side(contract, levels.into_iter())
    };
    Ok(begin.with(&object! {
        "E": call.exchange.server_time(),
        "T": venue.book_time,
        "bids": levels(Side::Buy),
        "asks": levels(Side::Sell),
    }))
}

fn book_ticker(call: &mut Call<'_>) -> Result<Json, Reject> {
    let (symbol, pair) = (call.venue_if_sent()?, call.params.get("pair"));
    if call.market == Market::UsdM {
        return Ok(match symbol {
            Some(venue) => ticker(&call.exchange.venues[venue]),
            None => Json::array(call.venues().map(|(_, venue)| ticker(venue))),
        });
    }
    if symbol.is_some() && pair.is_some() {
        return Err(Reject::new(-1128, "Combination of optional parameters invalid."));
    }
    let wanted = call.venues().filter(|(number, venue)| {
        symbol.is_none_or(|symbol| symbol == *number) && pair.is_none_or(|pair| pair == venue.contract.pair)
    });
    Ok(Json::array(wanted.map(|(_, venue)| ticker(venue))))
}

fn ticker(venue: &Venue) -> Json {
    let contract = &venue.contract;
    let (bid, ask) =
        (venue.book.best(Side::Buy).unwrap_or((0, 0)), venue.book.best(Side::Sell).unwrap_or((0, 0)));
    let prices = object! {
        "bidPrice": contract.price(bid.0),
        "bidQty": contract.quantity(bid.1),
        "askPrice": contract.price(ask.0),
        "askQty": contract.quantity(ask.1),
        "time": venue.book_time,
    };
    let update = object! { "lastUpdateId": venue.book.update_id(), "symbol": contract.symbol };
    match contract.market {
        Market::UsdM => object! { "symbol": contract.symbol }.with(&prices),
        Market::CoinM => update.with(&object! { "pair": contract.pair }).with(&prices),
    }
}
