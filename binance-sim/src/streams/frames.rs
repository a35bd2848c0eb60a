//! The payloads of market streams.

use crate::{
    book::{Changes, Side},
    contracts::Contract,
    json::{Json, object},
    market::{
        Venue,
        candles::Candle,
        interval::Interval,
        prices::{DECIMALS, next_funding},
        tape::Aggregate,
    },
    num::Num,
};

/// `aggTrade`. `time` is when it is sent.
pub(crate) fn agg_trade(contract: &Contract, trade: &Aggregate, time: i64) -> Json {
    let (price, quantity) = (contract.price(trade.ticks), contract.quantity(trade.lots));
    if contract.is_inverse() {
        object! {
            "e": "aggTrade", "E": time, "a": trade.id, "s": contract.symbol, "p": price, "q": quantity,
            "f": trade.first, "l": trade.last, "T": trade.time, "m": trade.buyer_is_maker,
            "st": contract.stream_type(),
        }
    } else {
        object! {
            "e": "aggTrade", "E": time, "s": contract.symbol, "a": trade.id, "p": price, "q": quantity,
            "nq": quantity, "f": trade.first, "l": trade.last, "T": trade.time, "m": trade.buyer_is_maker,
            "st": contract.stream_type(),
        }
    }
}

/// `bookTicker`; an empty side is zero.
pub(crate) fn book_ticker(venue: &Venue, time: i64) -> Json {
    let contract = &venue.contract;
    let (bid, ask) =
        (venue.book.best(Side::Buy).unwrap_or((0, 0)), venue.book.best(Side::Sell).unwrap_or((0, 0)));
    let (bid_price, bid_lots) = (contract.price(bid.0), contract.quantity(bid.1));
    let (ask_price, ask_lots) = (contract.price(ask.0), contract.quantity(ask.1));
    if contract.is_inverse() {
        object! {
            "e": "bookTicker", "u": venue.book.update_id(), "s": contract.symbol, "b": bid_price, "B": bid_lots,
            "a": ask_price, "A": ask_lots, "T": venue.book_time, "E": time, "ps": contract.pair,
            "st": contract.stream_type(),
        }
    } else {
        object! {
            "e": "bookTicker", "u": venue.book.update_id(), "E": time, "T": venue.book_time, "s": contract.symbol,
            "ps": contract.pair, "b": bid_price, "B": bid_lots, "a": ask_price, "A": ask_lots,
            "st": contract.stream_type(),
        }
    }
}

/// `depthUpdate` with what changed.
pub(crate) fn depth_diff(venue: &Venue, changes: &Changes, time: i64) -> Json {
    let levels = |levels: &[(i64, i64)]| side(&venue.contract, levels.iter().copied());
    depth(venue, changes, time, levels(&changes.bids), levels(&changes.asks))
}

/// `depthUpdate` with the best levels as they are.
pub(crate) fn depth_partial(venue: &Venue, changes: &Changes, count: usize, time: i64) -> Json {
    let levels = |of| side(&venue.contract, venue.book.levels(of).take(count));
    depth(venue, changes, time, levels(Side::Buy), levels(Side::Sell))
}

fn depth(venue: &Venue, changes: &Changes, time: i64, bids: Json, asks: Json) -> Json {
    let contract = &venue.contract;
    if contract.is_inverse() {
        object! {
            "e": "depthUpdate", "E": time, "T": venue.book_time, "s": contract.symbol, "ps": contract.pair,
            "U": changes.first, "u": changes.last, "pu": changes.previous, "b": bids, "a": asks,
            "st": contract.stream_type(),
        }
    } else {
        object! {
            "e": "depthUpdate", "E": time, "T": venue.book_time, "s": contract.symbol, "U": changes.first,
            "u": changes.last, "pu": changes.previous, "b": bids, "a": asks, "ps": contract.pair,
            "st": contract.stream_type(),
        }
    }
}

/// Levels of a book, each an array of price and quantity.
pub(crate) fn side(contract: &Contract, levels: impl Iterator<Item = (i64, i64)>) -> Json {
    Json::array(levels.map(|(ticks, lots)| (contract.price(ticks), contract.quantity(lots))))
}

/// `kline`. `last_trade` is the id of the contract's last trade.
pub(crate) fn kline(
    contract: &Contract,
    interval: Interval,
    candle: &Candle,
    last_trade: u64,
    closed: bool,
    time: i64,
) -> Json {
    // The ids of a contract's trades have no gaps; a candle without a trade has -1.
    let traded = candle.trades > 0;
    let last = if traded { last_trade as i64 } else { -1 };
    let first = if traded { last.saturating_sub(candle.trades as i64 - 1) } else { -1 };
    let candle = object! {
        "t": candle.open_time,
        "T": interval.next(candle.open_time) - 1,
        "s": contract.symbol,
        "i": interval.as_str(),
        "f": first,
        "L": last,
        "o": contract.price(candle.open),
        "c": contract.price(candle.close),
        "h": contract.price(candle.high),
        "l": contract.price(candle.low),
        "v": contract.quantity(candle.lots),
        "n": candle.trades,
        "x": closed,
        "q": turnover(contract, candle.turnover),
        "V": contract.quantity(candle.taker_lots),
        "Q": turnover(contract, candle.taker_turnover),
        "B": "0",
    };
    object! { "e": "kline", "E": time, "s": contract.symbol, "k": candle }
}

/// `markPriceUpdate`
pub(crate) fn mark_price(venue: &Venue, time: i64, now: i64) -> Json {
    let (contract, prices) = (&venue.contract, &venue.prices);
    if contract.is_inverse() {
        let rate = if contract.is_perpetual() { prices.funding_rate().to_string() } else { String::new() };
        let next = if contract.is_perpetual() { next_funding(now) } else { 0 };
        object! {
            "e": "markPriceUpdate", "E": time, "s": contract.symbol, "p": prices.mark(), "P": prices.index(),
            "i": prices.index(), "r": rate, "T": next, "st": contract.stream_type(),
        }
    } else {
        object! {
            "e": "markPriceUpdate", "E": time, "s": contract.symbol, "p": prices.mark(), "i": prices.index(),
            "P": prices.index(), "r": prices.funding_rate(), "ap": prices.average(), "T": next_funding(now),
            "st": contract.stream_type(),
        }
    }
}

/// A turnover as candles show it.
pub(crate) fn turnover(contract: &Contract, turnover: Num) -> crate::json::Padded {
    let decimals = contract.price_decimals + contract.quantity_decimals;
    crate::json::Padded(turnover, if contract.is_inverse() { DECIMALS } else { decimals })
}
