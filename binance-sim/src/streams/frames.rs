//! The payloads of market streams.

use crate::{
    book::{Changes, Side},
    calendar::{self, SECOND},
    contracts::Contract,
    json::{Json, Padded, Scaled, object},
    market::{
        Venue,
        candles::Candle,
        day::Day,
        forced::Forced,
        indices,
        interval::Interval,
        prices::{DECIMALS, next_funding},
        statistics,
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

/// What a candle's stream looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drawn<'a> {
    pub(crate) venue: &'a Venue,
    pub(crate) interval: Interval,
    pub(crate) candle: &'a Candle,
    pub(crate) closed: bool,
}

impl Drawn<'_> {
    /// `kline`
    pub(crate) fn traded(&self, time: i64) -> Json {
        let symbol = &self.venue.contract.symbol;
        let candle = self.span().with(&object! { "s": symbol }).with(&self.trades());
        object! { "e": "kline", "E": time, "s": symbol, "k": candle }
    }

    /// `continuous_kline`
    pub(crate) fn continuous(&self, time: i64) -> Json {
        let contract = &self.venue.contract;
        let candle = self.span().with(&self.trades());
        object! {
            "e": "continuous_kline", "E": time, "ps": contract.pair, "ct": contract.term_name(), "k": candle,
        }
    }

    /// `indexPrice_kline`
    pub(crate) fn index(&self, time: i64) -> Json {
        let pair = self.venue.contract.pair;
        let at = self.candle.open_time;
        let candle = self.looked_at("0", time, |ticks| statistics::index(self.venue, ticks, at));
        object! { "e": "indexPrice_kline", "E": time, "ps": pair, "k": candle }
    }

    /// `markPrice_kline`
    pub(crate) fn mark(&self, time: i64) -> Json {
        let contract = &self.venue.contract;
        let candle = self.looked_at(&contract.symbol, time, |ticks| contract.price(ticks).num());
        object! { "e": "markPrice_kline", "E": time, "ps": contract.pair, "k": candle }
    }

    fn span(&self) -> Json {
        let open_time = self.candle.open_time;
        object! { "t": open_time, "T": self.interval.next(open_time) - 1 }
    }

    fn trades(&self) -> Json {
        let (contract, candle) = (&self.venue.contract, self.candle);
        // The ids of a contract's trades have no gaps; a candle without a trade has -1.
        let traded = candle.trades > 0;
        let last = if traded { self.venue.tape.last_id() as i64 } else { -1 };
        let first = if traded { last.saturating_sub(candle.trades as i64 - 1) } else { -1 };
        object! {
            "i": self.interval.as_str(),
            "f": first,
            "L": last,
            "o": contract.price(candle.open),
            "c": contract.price(candle.close),
            "h": contract.price(candle.high),
            "l": contract.price(candle.low),
            "v": contract.quantity(candle.lots),
            "n": candle.trades,
            "x": self.closed,
            "q": turnover(contract, candle.turnover),
            "V": contract.quantity(candle.taker_lots),
            "Q": turnover(contract, candle.taker_turnover),
            "B": "0",
        }
    }

    /// What is not traded but looked at, once a second: it has times where the others have ids.
    fn looked_at(&self, symbol: &str, time: i64, price: impl Fn(i64) -> Num) -> Json {
        let (candle, price) = (self.candle, |ticks| Padded(price(ticks), DECIMALS));
        let end = self.interval.next(candle.open_time) - SECOND;
        let last = (time / SECOND * SECOND).clamp(candle.open_time, end);
        self.span().with(&object! {
            "s": symbol,
            "i": self.interval.as_str(),
            "f": candle.open_time,
            "L": last,
            "o": price(candle.open),
            "c": price(candle.close),
            "h": price(candle.high),
            "l": price(candle.low),
            "v": "0",
            "n": (last - candle.open_time) / SECOND + 1,
            "x": self.closed,
            "q": "0",
            "V": "0",
            "Q": "0",
            "B": "0",
        })
    }
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

/// `24hrMiniTicker`
pub(crate) fn mini_ticker(contract: &Contract, day: &Day, time: i64) -> Json {
    let begin = object! { "e": "24hrMiniTicker", "E": time, "s": contract.symbol };
    let pair = object! { "ps": contract.pair };
    let middle = object! {
        "c": contract.price(day.candle.close),
        "o": contract.price(day.candle.open),
        "h": contract.price(day.candle.high),
        "l": contract.price(day.candle.low),
        "v": contract.quantity(day.candle.lots),
        "q": turnover(contract, day.candle.turnover),
    };
    let end = object! { "st": contract.stream_type() };
    if contract.is_inverse() {
        begin.with(&pair).with(&middle).with(&end)
    } else {
        begin.with(&middle).with(&pair).with(&end)
    }
}

/// `24hrTicker`
pub(crate) fn ticker(contract: &Contract, day: &Day, time: i64) -> Json {
    object! {
        "e": "24hrTicker",
        "E": time,
        "s": contract.symbol,
        "p": day.change,
        "P": Padded(day.percent, 3),
        "w": Padded(day.average, contract.price_decimals),
        "c": contract.price(day.candle.close),
        "Q": contract.quantity(day.last_lots),
        "o": contract.price(day.candle.open),
        "h": contract.price(day.candle.high),
        "l": contract.price(day.candle.low),
        "v": contract.quantity(day.candle.lots),
        "q": turnover(contract, day.candle.turnover),
        "O": day.candle.open_time,
        "C": day.close_time,
        "F": day.first_id,
        "L": day.last_id,
        "n": day.candle.trades,
        "ps": contract.pair,
        "st": contract.stream_type(),
    }
}

/// `forceOrder`; the stream of all of them says more than that of one contract.
pub(crate) fn force_order(contract: &Contract, forced: &Forced, of_all: bool, time: i64) -> Json {
    let pair = object! { "ps": contract.pair };
    let begin = object! { "s": contract.symbol };
    let begin = if contract.is_inverse() { begin.with(&pair) } else { begin };
    let order = begin.with(&object! {
        "S": forced.side.as_str(),
        "o": "LIMIT",
        "f": "IOC",
        "q": contract.quantity(forced.lots),
        "p": contract.price(forced.ticks),
        "ap": Padded(forced.average, contract.price_decimals),
        "X": forced.status(),
        "l": contract.quantity(forced.last),
        "z": contract.quantity(forced.executed),
        "T": forced.time,
    });
    let frame = object! { "e": "forceOrder", "E": time, "o": order };
    let kind = object! { "st": contract.stream_type() };
    match (of_all, contract.is_inverse()) {
        (false, _) => frame,
        (true, false) => frame.with(&pair).with(&kind),
        (true, true) => frame.with(&kind),
    }
}

/// `contractInfo`, with the brackets.
pub(crate) fn contract_info(contract: &Contract, time: i64) -> Json {
    let mut floor = 0;
    let mut last_rate = 0;
    let mut deduction = 0;
    let next = contract.brackets.iter().skip(1).map(|bracket| bracket.max_leverage + 1).chain([1]);
    let brackets = contract.brackets.iter().zip(next).zip(1u32..).map(|((bracket, lowest), number)| {
        // What the higher rate would take too much of the notional below its floor.
        deduction += floor * (bracket.rate - last_rate) / 100_000;
        let row = object! {
            "bs": number,
            "bnf": floor,
            "bnc": bracket.cap,
            "mmr": Json(Scaled(bracket.rate, 5).num().to_string()),
            "cf": deduction,
            "mi": lowest,
            "ma": bracket.max_leverage,
        };
        (floor, last_rate) = (bracket.cap, bracket.rate);
        row
    });
    let begin = object! { "e": "contractInfo", "E": time, "s": contract.symbol };
    let begin = if contract.is_inverse() { begin.with(&object! { "ps": contract.pair }) } else { begin };
    begin.with(&object! {
        "ct": contract.term_name(),
        "dt": contract.delivery_date,
        "ot": contract.onboard_date,
        "cs": contract.status(),
        "bks": Json::array(brackets),
        "st": contract.stream_type(),
    })
}

/// `indexPriceUpdate`
pub(crate) fn index_price(venue: &Venue, time: i64) -> Json {
    object! { "e": "indexPriceUpdate", "E": time, "i": venue.contract.pair, "p": venue.prices.index() }
}

/// `compositeIndex`
pub(crate) fn composite_index(venues: &[Venue], time: i64) -> Json {
    let value =
        indices::PARTS.iter().map(|part| indices::of_part(part, venues).mul(part.quantity.num())).sum();
    let parts = indices::PARTS.iter().map(|part| {
        object! {
            "b": part.base,
            "q": part.quote,
            "w": part.quantity,
            "W": part.share,
            "i": Padded(indices::of_part(part, venues), DECIMALS),
        }
    });
    object! {
        "e": "compositeIndex",
        "E": time,
        "s": indices::COMPOSITE,
        "p": Padded(value, DECIMALS),
        "C": "baseAsset",
        "c": Json::array(parts),
    }
}

/// `assetIndexUpdate`
pub(crate) fn asset_index(asset: &indices::Asset, venues: &[Venue], time: i64) -> Json {
    let rates = asset.rates(venues);
    let rate = |rate| Padded(rate, DECIMALS);
    object! {
        "e": "assetIndexUpdate",
        "E": time,
        "s": asset.symbol,
        "i": rate(rates.index),
        "b": asset.buffer,
        "a": asset.buffer,
        "B": rate(rates.bid),
        "A": rate(rates.ask),
        "q": asset.exchange_buffer,
        "g": asset.exchange_buffer,
        "Q": rate(rates.exchange_bid),
        "G": rate(rates.exchange_ask),
    }
}

/// What the session of a market is told as, by the market.
pub(crate) const SESSIONS: [&str; 6] =
    ["EquityUpdate", "CommodityUpdate", "KR_EquityUpdate", "HK_EquityUpdate", "CN_EquityUpdate", "FXUpdate"];

/// One of [`SESSIONS`]: the session that the market is in.
pub(crate) fn trading_session(event: &str, time: i64) -> Json {
    let session = calendar::session(time);
    object! { "e": event, "E": time, "t": session.start, "T": session.end, "S": session.kind }
}

/// A turnover as candles show it.
pub(crate) fn turnover(contract: &Contract, turnover: Num) -> Padded {
    let decimals = contract.price_decimals + contract.quantity_decimals;
    Padded(turnover, if contract.is_inverse() { DECIMALS } else { decimals })
}
