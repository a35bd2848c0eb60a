//! What the exchange knows of its traders as a whole: open interest, longs and shorts, takers, basis.

use binance_core::endpoint::Market;

use super::{Call, Route, venues};
use crate::{
    calendar::DAY,
    json::{Json, Padded, Scaled, object},
    market::{
        Venue,
        candles::Candle,
        interval::Interval,
        statistics::{self, Share},
    },
    num::Num,
    reject::Reject,
};

pub(super) const ROUTES: &[Route] = &[
    Route::get("/fapi/v1/openInterest", open_interest),
    Route::get("/dapi/v1/openInterest", open_interest),
    Route::get("/futures/data/openInterestHist", open_interest_history),
    Route::get("/futures/data/globalLongShortAccountRatio", |call| longs(call, Share::Accounts)),
    Route::get("/futures/data/topLongShortAccountRatio", |call| longs(call, Share::TopAccounts)),
    Route::get("/futures/data/topLongShortPositionRatio", |call| longs(call, Share::TopPositions)),
    Route::get("/futures/data/takerlongshortRatio", takers),
    Route::get("/futures/data/takerBuySellVol", taker_volume),
    Route::get("/futures/data/basis", basis),
];

/// How far back the statistics go.
const HISTORY: i64 = 30 * DAY;

fn open_interest(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = &call.exchange.venues[call.venue()?];
    let (contract, time) = (&venue.contract, call.exchange.server_time());
    let open = contract.quantity(open_lots(venue, time));
    Ok(match contract.market {
        Market::UsdM => object! { "openInterest": open, "symbol": contract.symbol, "time": time },
        Market::CoinM => object! {
            "symbol": contract.symbol,
            "pair": contract.pair,
            "openInterest": open,
            "contractType": contract.term_name(),
            "time": time,
        },
    })
}

fn open_interest_history(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = venues::by_market(call)?;
    rows(call, venue, |venue, _, candle| {
        let contract = &venue.contract;
        let lots = open_lots(venue, candle.open_time);
        let (open, value) = (contract.quantity(lots), Padded(contract.turnover(candle.open, lots), 8));
        match contract.market {
            Market::UsdM => object! {
                "symbol": contract.symbol,
                "sumOpenInterest": Padded(open.num(), 8),
                "sumOpenInterestValue": value,
                "CMCCirculatingSupply": "19900000.00000000",
                "timestamp": candle.open_time,
            },
            Market::CoinM => object! {
                "pair": contract.pair,
                "contractType": contract.term_name(),
                "sumOpenInterest": open,
                "sumOpenInterestValue": value,
                "timestamp": candle.open_time,
            },
        }
    })
}

fn longs(call: &mut Call<'_>, share: Share) -> Result<Json, Reject> {
    let venue = venues::by_market(call)?;
    rows(call, venue, |venue, _, candle| {
        let long = statistics::longs(venue.seed, share, candle.open_time);
        let ratio = Padded(Num::ratio(i128::from(long), i128::from(10_000 - long)), 4);
        let (long, short) = (Scaled(long, 4), Scaled(10_000 - long, 4));
        let begin = named(venue).with(&object! { "longShortRatio": ratio });
        let begin = match (venue.contract.market, share) {
            (Market::CoinM, Share::TopPositions) => {
                begin.with(&object! { "longPosition": long, "shortPosition": short })
            }
            _ => begin.with(&object! { "longAccount": long, "shortAccount": short }),
        };
        begin.with(&object! { "timestamp": candle.open_time })
    })
}

fn takers(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = call.venue()?;
    rows(call, venue, |venue, _, candle| {
        let contract = &venue.contract;
        let (buys, sells) = (candle.taker_lots, candle.lots - candle.taker_lots);
        object! {
            "buySellRatio": Padded(Num::ratio(i128::from(buys), i128::from(sells)), 4),
            "buyVol": contract.quantity(buys),
            "sellVol": contract.quantity(sells),
            "timestamp": candle.open_time,
        }
    })
}

fn taker_volume(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = venues::of_pair(call)?;
    rows(call, venue, |venue, _, candle| {
        let contract = &venue.contract;
        object! {
            "pair": contract.pair,
            "contractType": contract.term_name(),
            "takerBuyVol": contract.quantity(candle.taker_lots),
            "takerSellVol": contract.quantity(candle.lots - candle.taker_lots),
            "takerBuyVolValue": Padded(candle.taker_turnover, 4),
            "takerSellVolValue": Padded(candle.turnover - candle.taker_turnover, 4),
            "timestamp": candle.open_time,
        }
    })
}

fn basis(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = venues::of_pair(call)?;
    rows(call, venue, |venue, _, candle| {
        let contract = &venue.contract;
        let (price, index) =
            (contract.price(candle.open), statistics::index(venue, candle.open, candle.open_time));
        let basis = price.num() - index;
        let rate = basis.div(index);
        // A perpetual has no end by which to reckon the year.
        let days = (contract.delivery_date - candle.open_time).div_euclid(DAY).max(1);
        let yearly = format!("{:.4}", rate.mul_div(365, i128::from(days)));
        object! {
            "indexPrice": Padded(index, 8),
            "contractType": contract.term_name(),
            "basisRate": Padded(rate, 4),
            "futuresPrice": price,
            "annualizedBasisRate": if contract.is_perpetual() { String::new() } else { yearly },
            "basis": Padded(basis, 8),
            "pair": contract.pair,
            "timestamp": candle.open_time,
        }
    })
}

/// One row for each period that is asked for, from the candle that opens then.
fn rows(
    call: &mut Call<'_>,
    venue: usize,
    row: impl Fn(&Venue, Interval, &Candle) -> Json,
) -> Result<Json, Reject> {
    let period = Interval::parse(call.params.need("period")?).ok_or_else(|| Reject::invalid("period"))?;
    let limit = call.params.limit(30, 500)?;
    let (start, end) = call.span()?;
    let oldest = call.exchange.now - HISTORY;
    if start.is_some_and(|start| start < oldest) {
        return Err(Reject::invalid("startTime"));
    }
    let venue = &mut call.exchange.venues[venue];
    let candles = venue.candles.range(period, start, end, limit);
    let recent = candles.iter().filter(|candle| candle.open_time >= oldest);
    Ok(Json::array(recent.map(|candle| row(venue, period, candle))))
}

fn open_lots(venue: &Venue, time: i64) -> i64 {
    statistics::open_lots(venue.seed, venue.contract.max_lots, time)
}

fn named(venue: &Venue) -> Json {
    match venue.contract.market {
        Market::UsdM => object! { "symbol": venue.contract.symbol },
        Market::CoinM => object! { "pair": venue.contract.pair },
    }
}
