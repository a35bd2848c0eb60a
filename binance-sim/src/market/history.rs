//! The past of a contract, made up minute by minute from a seed: any minute at once, always the same.

use crate::{calendar::MINUTE, contracts::Contract, market::candles::Candle, rng::hash};

/// Waves of the price: minutes between two of its points and how far they go, in parts per million.
const WAVES: [(i64, i64); 5] = [(1, 250), (16, 1_200), (240, 6_000), (2_880, 25_000), (20_160, 90_000)];

/// The prices before the first trade. They end at the price where trading begins.
#[derive(Clone, Debug)]
pub(crate) struct History {
    contract: Contract,
    seed: u64,
    end: i64,
}

impl History {
    /// A past that ends with the minute before `end`.
    pub(crate) fn new(contract: &Contract, seed: u64, end: i64) -> Self {
        Self { contract: contract.clone(), seed, end }
    }

    /// When it begins.
    pub(crate) const fn first(&self) -> i64 {
        self.contract.onboard_date
    }

    /// When it is over and trades take its place.
    pub(crate) const fn end(&self) -> i64 {
        self.end
    }

    /// The minute that opens then.
    pub(crate) fn minute(&self, open_time: i64) -> Candle {
        let back = (self.end - open_time).div_euclid(MINUTE);
        let (open, close) = (self.price(back), self.price(back - 1));
        let draw = |salt, bound: i64| (hash(self.seed, salt, back) % bound.max(1).unsigned_abs()) as i64;
        let wick = open / 8_000 + 1;
        let (high, low) = (open.max(close) + draw(101, wick), (open.min(close) - draw(102, wick)).max(1));
        let trades = 20 + draw(103, 400);
        let typical = self.contract.max_market_lots / 100_000 + 1;
        let lots = (0..4).map(|salt| 1 + draw(110 + salt, trades * typical)).sum();
        let taker_lots = lots * (30 + draw(104, 40)) / 100;
        let middle = (open + high + low + close) / 4;
        Candle {
            open_time,
            open,
            high,
            low,
            close,
            lots,
            turnover: self.contract.turnover(middle, lots).trunc(8),
            trades: trades.unsigned_abs(),
            taker_lots,
            taker_turnover: self.contract.turnover(middle, taker_lots).trunc(8),
        }
    }

    /// The price so many minutes before the end.
    fn price(&self, back: i64) -> i64 {
        let waves = WAVES.iter().zip(0u64..);
        let sway: i64 =
            waves.map(|(wave, salt)| self.wave(*wave, salt, back) - self.wave(*wave, salt, 0)).sum();
        let start = self.contract.start_ticks;
        (start + start * sway / 1_000_000).max(1)
    }

    /// A line from point to point, each between -reach and reach.
    fn wave(&self, (minutes, reach): (i64, i64), salt: u64, back: i64) -> i64 {
        let point = |index| (hash(self.seed, salt, index) % (2 * reach.unsigned_abs() + 1)) as i64 - reach;
        let (index, part) = (back.div_euclid(minutes), back.rem_euclid(minutes));
        let (from, to) = (point(index), point(index + 1));
        from + (to - from) * part / minutes
    }
}
