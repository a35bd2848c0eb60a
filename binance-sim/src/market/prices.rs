//! What a contract is worth: the fair value that the crowd trades around, index, mark price and funding.

use crate::{calendar::HOUR, contracts::Contract, json::Scaled, num::Num, rng::Rng};

/// Decimals of index and mark price.
pub(crate) const DECIMALS: u32 = 8;

/// How often funding is exchanged.
const FUNDING: i64 = 8 * HOUR;
/// The interest part of the funding rate, in units of 10⁻⁸.
pub(crate) const INTEREST: i64 = 10_000;
/// How far interest may pull the funding rate away from the premium, in units of 10⁻⁸.
const PULL: i64 = 50_000;

/// The prices of one contract, in units of 10⁻⁸ of the quote asset.
#[derive(Debug)]
pub(crate) struct Prices {
    start: i64,
    fair: i64,
    index: i64,
    mark: i64,
    /// A slow average of the mark price.
    average: i64,
    /// A slow average of the distance of the book's middle from the index, in units of 10⁻⁸ of the index.
    premium: i64,
    /// The rate of the last funding, in units of 10⁻⁸.
    rate: i64,
}

impl Prices {
    pub(crate) fn new(contract: &Contract) -> Self {
        let start = clamp(contract.price(contract.start_ticks).num().units(DECIMALS));
        Self { start, fair: start, index: start, mark: start, average: start, premium: 0, rate: INTEREST }
    }

    /// Moves the fair value for one step of the market.
    pub(crate) fn drift(&mut self, rng: &mut Rng) {
        let noise = rng.between(-5, 5) + rng.between(-5, 5) + rng.between(-5, 5);
        let home = (self.start - self.fair) / 200_000;
        self.fair = (self.fair + self.fair / 1_000_000 * noise + home).max(self.start / 20);
    }

    /// Takes a look at the book, once a second.
    pub(crate) fn settle(&mut self, contract: &Contract, bid: Option<i64>, ask: Option<i64>) {
        self.index = self.fair;
        let middle = match (bid, ask) {
            (Some(bid), Some(ask)) => clamp(contract.price(bid + ask).num().units(DECIMALS)) / 2,
            _ => self.index,
        };
        let distance = i128::from(middle - self.index) * 100_000_000 / i128::from(self.index.max(1));
        self.premium += (clamp(distance).clamp(-2_000_000, 2_000_000) - self.premium) / 16;
        self.mark = self.index + clamp(i128::from(self.index) * i128::from(self.premium) / 100_000_000);
        self.average += (self.mark - self.average) / 8;
    }

    /// Index, mark price and fair value are this from now on.
    pub(crate) fn jump(&mut self, price: Num) {
        let price = clamp(price.units(DECIMALS)).clamp(1, i64::MAX / 1_000);
        let Self { start, fair, index, mark, average, premium, rate: _ } = self;
        (*start, *fair, *index, *mark, *average, *premium) = (price, price, price, price, price, 0);
    }

    /// The fair value in ticks.
    pub(crate) fn fair_ticks(&self, contract: &Contract) -> i64 {
        let unit = i128::from(contract.tick) * 10i128.pow(DECIMALS.saturating_sub(contract.price_decimals));
        clamp(i128::from(self.fair) / unit.max(1)).max(1)
    }

    pub(crate) const fn index(&self) -> Scaled {
        Scaled(self.index, DECIMALS)
    }

    pub(crate) const fn mark(&self) -> Scaled {
        Scaled(self.mark, DECIMALS)
    }

    pub(crate) const fn average(&self) -> Scaled {
        Scaled(self.average, DECIMALS)
    }

    pub(crate) fn mark_num(&self) -> Num {
        self.mark().num()
    }

    /// The funding rate as it would be now: premium and interest by the documented formula.
    pub(crate) fn funding_rate(&self) -> Scaled {
        Scaled(self.premium + (INTEREST - self.premium).clamp(-PULL, PULL), DECIMALS)
    }

    /// The rate of the last funding.
    pub(crate) const fn last_rate(&self) -> Scaled {
        Scaled(self.rate, DECIMALS)
    }

    /// Funding takes place: the rate of now becomes the last one.
    pub(crate) fn fund(&mut self) -> Scaled {
        self.rate = self.funding_rate().0;
        self.last_rate()
    }
}

/// When funding takes place next.
pub(crate) const fn next_funding(now: i64) -> i64 {
    (now.div_euclid(FUNDING) + 1) * FUNDING
}

fn clamp(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}
