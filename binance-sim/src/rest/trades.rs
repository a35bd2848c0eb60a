//! What was traded.

use binance_core::endpoint::Market;

use super::{Call, Route};
use crate::{
    calendar::HOUR,
    contracts::Contract,
    json::{Json, object},
    market::tape::{Aggregate, Trade},
    reject::Reject,
    streams::frames,
};

pub(super) const ROUTES: &[Route] = &[
    Route::get("/fapi/v1/trades", trades),
    Route::get("/dapi/v1/trades", trades),
    Route::get("/fapi/v1/historicalTrades", historical_trades),
    Route::get("/dapi/v1/historicalTrades", historical_trades),
    Route::get("/fapi/v1/aggTrades", agg_trades),
    Route::get("/dapi/v1/aggTrades", agg_trades),
];

fn trades(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = &call.exchange.venues[call.venue()?];
    let limit = call.params.limit(500, 1_000)?;
    Ok(Json::array(venue.tape.trades(limit).map(|one| trade(&venue.contract, one))))
}

/// From `fromId` on, or the newest.
fn historical_trades(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = &call.exchange.venues[call.venue()?];
    let limit = call.params.limit(100, 500)?;
    let Some(from) = call.params.int("fromId")? else {
        return Ok(Json::array(venue.tape.trades(limit).map(|one| trade(&venue.contract, one))));
    };
    let wanted = venue.tape.trades(usize::MAX).filter(|one| one.id >= from.unsigned_abs()).take(limit);
    Ok(Json::array(wanted.map(|one| trade(&venue.contract, one))))
}

fn trade(contract: &Contract, trade: &Trade) -> Json {
    let turnover = frames::turnover(contract, contract.turnover(trade.ticks, trade.lots));
    let begin = object! {
        "id": trade.id,
        "price": contract.price(trade.ticks),
        "qty": contract.quantity(trade.lots),
    };
    let end = object! { "time": trade.time, "isBuyerMaker": trade.buyer_is_maker };
    match contract.market {
        Market::UsdM => {
            begin.with(&object! { "quoteQty": turnover }).with(&end).with(&object! { "isRPITrade": false })
        }
        Market::CoinM => begin.with(&object! { "baseQty": turnover }).with(&end),
    }
}

fn agg_trades(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = &call.exchange.venues[call.venue()?];
    let limit = call.params.limit(500, 1_000)?;
    let (start, end) = (call.params.int("startTime")?, call.params.int("endTime")?);
    if let (Some(start), Some(end)) = (start, end) {
        if start > end {
            return Err(Reject::new(-1023, "Start time is greater than end time."));
        }
        if end - start > HOUR {
            return Err(Reject::new(-1127, "More than 1 hours between startTime and endTime."));
        }
    }
    let from_id = call.params.int("fromId")?;
    let wanted = venue.tape.aggregates().filter(|one| {
        from_id.is_none_or(|id| one.id >= id.unsigned_abs())
            && start.is_none_or(|start| one.time >= start)
            && end.is_none_or(|end| one.time <= end)
    });
    let wanted: Vec<_> = if from_id.is_some() || start.is_some() {
        wanted.take(limit).collect()
    } else {
        let mut newest: Vec<_> = wanted.rev().take(limit).collect();
        newest.reverse();
        newest
    };
    Ok(Json::array(wanted.into_iter().map(|one| aggregate(&venue.contract, one))))
}

fn aggregate(contract: &Contract, trade: &Aggregate) -> Json {
    let quantity = contract.quantity(trade.lots);
    let begin = object! { "a": trade.id, "p": contract.price(trade.ticks), "q": quantity };
    let begin = if contract.is_inverse() { begin } else { begin.with(&object! { "nq": quantity }) };
    begin.with(&object! { "f": trade.first, "l": trade.last, "T": trade.time, "m": trade.buyer_is_maker })
}
