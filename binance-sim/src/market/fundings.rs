//! The fundings of a contract: those before it was traded, made up from a seed, and those that took place.

use std::collections::VecDeque;

use crate::{
    calendar::{HOUR, MINUTE},
    contracts::Contract,
    json::Scaled,
    market::{history::History, prices::DECIMALS},
    rng::hash,
};

/// How often funding is exchanged.
const PERIOD: i64 = 8 * HOUR;
/// How many are remembered.
const REMEMBERED: usize = 1_000;

/// One funding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Funding {
    pub(crate) time: i64,
    pub(crate) rate: Scaled,
    /// In units of 10⁻⁸.
    pub(crate) mark: Scaled,
}

/// The fundings of one contract, oldest first; a contract that is delivered has none.
#[derive(Debug)]
pub(crate) struct Fundings(VecDeque<Funding>);

impl Fundings {
    /// Those from the contract's first day to `now`.
    pub(crate) fn new(contract: &Contract, seed: u64, now: i64) -> Self {
        let history = History::new(contract, seed, now.div_euclid(MINUTE) * MINUTE);
        let mut fundings = Self(VecDeque::new());
        let mut time = (contract.onboard_date.div_euclid(PERIOD) + 1) * PERIOD;
        while contract.is_perpetual() && time < history.end() {
            let rate = (hash(seed, 120, time) % 20_000) as i64 - 5_000;
            let price = contract.price(history.minute(time).open).num().units(DECIMALS);
            let mark = Scaled(i64::try_from(price).unwrap_or(i64::MAX), DECIMALS);
            fundings.push(Funding { time, rate: Scaled(rate, DECIMALS), mark });
            time += PERIOD;
        }
        fundings
    }

    pub(crate) fn push(&mut self, funding: Funding) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(funding);
    }

    /// Those that are remembered, oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Funding> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_of_perpetuals_has_three_a_day_and_the_others_have_none() {
        let now = 1_767_225_600_000 + 30_000;
        let contracts = Contract::all(now);
        let of = |symbol: &str| {
            let contract = contracts.iter().find(|contract| contract.symbol == symbol).unwrap();
            Fundings::new(contract, 7, now)
        };
        let times: Vec<_> = of("BTCUSDT").all().map(|funding| funding.time).collect();
        assert_eq!(times.len(), 90 * 3 - 1);
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] == PERIOD));
        assert_eq!(of("BTCUSD_260327").all().count(), 0);
    }
}
