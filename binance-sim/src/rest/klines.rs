//! Candles: of trades, of index, mark price and premium.

use super::{Call, Route, venues};
use crate::{
    calendar::SECOND,
    json::{Json, Scaled, Write},
    market::{Venue, candles::Candle, interval::Interval, prices::DECIMALS, statistics},
    num::Num,
    reject::Reject,
    streams::frames,
};

pub(super) const ROUTES: &[Route] = &[
    Route::get("/fapi/v1/klines", klines),
    Route::get("/dapi/v1/klines", klines),
    Route::get("/fapi/v1/continuousKlines", continuous_klines),
    Route::get("/dapi/v1/continuousKlines", continuous_klines),
    Route::get("/fapi/v1/indexPriceKlines", index_klines),
    Route::get("/dapi/v1/indexPriceKlines", index_klines),
    Route::get("/fapi/v1/markPriceKlines", mark_klines),
    Route::get("/dapi/v1/markPriceKlines", mark_klines),
    Route::get("/fapi/v1/premiumIndexKlines", premium_klines),
    Route::get("/dapi/v1/premiumIndexKlines", premium_klines),
    Route::get("/fapi/v1/lvtKlines", leveraged_klines),
];

fn klines(call: &mut Call<'_>) -> Result<Json, Reject> {
    // Either host has the candles of both markets.
    let venue = call.any_venue()?;
    traded(call, venue)
}

fn continuous_klines(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = venues::of_pair(call)?;
    traded(call, venue)
}

fn traded(call: &mut Call<'_>, venue: usize) -> Result<Json, Reject> {
    rows(call, venue, 1_500, |venue, interval, candle| {
        let contract = &venue.contract;
        let prices = [candle.open, candle.high, candle.low, candle.close].map(|ticks| contract.price(ticks));
        row(
            interval,
            candle,
            &prices,
            &contract.quantity(candle.lots),
            &[
                &frames::turnover(contract, candle.turnover),
                &candle.trades,
                &contract.quantity(candle.taker_lots),
                &frames::turnover(contract, candle.taker_turnover),
            ],
        )
    })
}

fn index_klines(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = venues::perpetual(call)?;
    rows(call, venue, 1_500, |venue, interval, candle| {
        counted(interval, candle, prices(candle, |ticks| statistics::index(venue, ticks, candle.open_time)))
    })
}

fn mark_klines(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = call.any_venue()?;
    rows(call, venue, 1_500, |venue, interval, candle| {
        counted(interval, candle, prices(candle, |ticks| venue.contract.price(ticks).num()))
    })
}

fn premium_klines(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = call.any_venue()?;
    rows(call, venue, 1_500, |venue, interval, candle| {
        let premium = |time| statistics::premium(venue.seed, time);
        let (open, close) = (premium(candle.open_time), premium(interval.next(candle.open_time)));
        let cells = [open, open.max(close), open.min(close), close].map(|rate| Scaled(rate, DECIMALS));
        counted(interval, candle, cells)
    })
}

/// Tokens that follow a contract (`BTCUP`) or its inverse (`BTCDOWN`), none of which is traded any more.
fn leveraged_klines(call: &mut Call<'_>) -> Result<Json, Reject> {
    let token = call.params.need("symbol")?;
    let up = token.strip_suffix("UP");
    let base = up.or_else(|| token.strip_suffix("DOWN")).ok_or_else(Reject::symbol)?;
    let up = up.is_some();
    let venue = call.venues().find(|(_, venue)| venue.contract.base == base).map(|(number, _)| number);
    rows(call, venue.ok_or_else(Reject::symbol)?, 1_000, |venue, interval, candle| {
        let value = |ticks| {
            let price = venue.contract.price(ticks).num();
            if up { price.mul_div(1, 10_000) } else { Num::int(1_000_000).div(price) }
        };
        let [open, high, low, close] = prices(candle, value);
        let cells = if up { [open, high, low, close] } else { [open, low, high, close] };
        row(interval, candle, &cells, &"2.00000000", &[&"0", &seconds(interval, candle), &"0", &"0"])
    })
}

/// The candles that are asked for, each as a row.
fn rows(
    call: &mut Call<'_>,
    venue: usize,
    max: usize,
    row: impl Fn(&Venue, Interval, &Candle) -> Json,
) -> Result<Json, Reject> {
    let asked = call.params.need("interval")?;
    let interval = if call.path == "/fapi/v1/continuousKlines" {
        Interval::parse(asked)
    } else {
        Interval::of_contract(asked)
    };
    let interval = interval.ok_or_else(|| Reject::new(-1120, "Invalid interval."))?;
    let limit = call.params.limit(500, max)?;
    let (start, end) = call.span()?;
    let venue = &mut call.exchange.venues[venue];
    let candles = venue.candles.range(interval, start, end, limit);
    Ok(Json::array(candles.iter().map(|candle| row(venue, interval, candle))))
}

fn prices(candle: &Candle, price: impl Fn(i64) -> Num) -> [Scaled; 4] {
    [candle.open, candle.high, candle.low, candle.close].map(|ticks| {
        let units = price(ticks).units(DECIMALS);
        Scaled(i64::try_from(units).unwrap_or(i64::MAX), DECIMALS)
    })
}

/// A row of what is not traded: it has the number of seconds in which it was looked at.
fn counted(interval: Interval, candle: &Candle, prices: [Scaled; 4]) -> Json {
    row(interval, candle, &prices, &"0", &[&"0", &seconds(interval, candle), &"0", &"0"])
}

fn seconds(interval: Interval, candle: &Candle) -> i64 {
    (interval.next(candle.open_time) - candle.open_time) / SECOND
}

/// A row: `sixth` stands before the close time, `rest` and an unused cell after it.
fn row(
    interval: Interval,
    candle: &Candle,
    [open, high, low, close]: &[Scaled; 4],
    sixth: &dyn Write,
    [a, b, c, d]: &[&dyn Write; 4],
) -> Json {
    let mut out = String::with_capacity(160);
    let close_time = interval.next(candle.open_time) - 1;
    let cells: [&dyn Write; 12] =
        [&candle.open_time, open, high, low, close, sixth, &close_time, *a, *b, *c, *d, &"0"];
    for (cell, before) in cells.into_iter().zip(std::iter::once('[').chain(std::iter::repeat(','))) {
        out.push(before);
        cell.write(&mut out);
    }
    out.push(']');
    Json(out)
}
