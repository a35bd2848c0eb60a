//! The last 24 hours of a contract.

use crate::{
    calendar::{DAY, MINUTE},
    json::Scaled,
    market::{Venue, candles::Candle},
    num::Num,
};

/// What happened to a contract in the last 24 hours, in whole minutes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day {
    /// All of it as one candle.
    pub(crate) candle: Candle,
    pub(crate) close_time: i64,
    pub(crate) last_lots: i64,
    pub(crate) change: Scaled,
    pub(crate) percent: Num,
    pub(crate) average: Num,
    pub(crate) first_id: u64,
    pub(crate) last_id: u64,
}

impl Venue {
    /// The 24 hours until now.
    pub(crate) fn day(&mut self, now: i64) -> Day {
        let contract = &self.contract;
        let first = (now - DAY).div_euclid(MINUTE) * MINUTE + MINUTE;
        let candle = self.candles.join(first, now).unwrap_or(Candle::flat(first, contract.start_ticks));
        let change = contract.price(candle.close - candle.open);
        let average =
            if candle.lots == 0 { Num::ZERO } else { contract.average_price(candle.lots, candle.turnover) };
        let last_id = self.tape.last_id();
        Day {
            close_time: candle.open_time.max(now / MINUTE * MINUTE) + MINUTE - 1,
            last_lots: self.tape.trades(1).last().map_or(0, |trade| trade.lots),
            percent: change.num().mul_div(100, 1).div(contract.price(candle.open).num()),
            change,
            average,
            first_id: (last_id + 1).saturating_sub(candle.trades),
            last_id,
            candle,
        }
    }
}
