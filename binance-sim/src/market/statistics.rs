//! What the exchange tells of its crowd and cannot know, since the crowd has no accounts: made up from a seed, so that
//! the same time gives the same number.

use crate::{
    calendar::MINUTE,
    market::{Venue, prices::DECIMALS},
    num::Num,
    rng::hash,
};

/// How far the premium of the past goes, in units of 10⁻⁸.
const PREMIUM: i64 = 40_000;

/// Which part of the crowd holds what.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Share {
    /// Of all accounts, those that are long.
    Accounts,
    /// Of the biggest accounts, those that are long.
    TopAccounts,
    /// Of the positions of the biggest accounts, the long ones.
    TopPositions,
}

/// The share of the longs, in 1/10,000: more than a quarter and less than three.
pub(crate) const fn longs(seed: u64, share: Share, time: i64) -> i64 {
    2_500 + sway(seed, 130 + share as u64, time, 5_000)
}

/// How many lots of a contract are open, given how many of them a whale may hold.
pub(crate) const fn open_lots(seed: u64, max_lots: i64, time: i64) -> i64 {
    max_lots * 4 + sway(seed, 140, time, max_lots)
}

/// How far a contract was above its index, in units of 10⁻⁸ of the index.
pub(crate) const fn premium(seed: u64, time: i64) -> i64 {
    sway(seed, 141, time, 2 * PREMIUM) - PREMIUM
}

/// What the index was when a contract stood at a price.
pub(crate) fn index(venue: &Venue, ticks: i64, time: i64) -> Num {
    let price = venue.contract.price(ticks).num();
    price.mul_div(100_000_000, i128::from(100_000_000 + premium(venue.seed, time))).trunc(DECIMALS)
}

/// A line from point to point, an hour apart, each from 0 to `reach`.
const fn sway(seed: u64, salt: u64, time: i64, reach: i64) -> i64 {
    let minutes = time.div_euclid(MINUTE);
    let (index, part) = (minutes.div_euclid(60), minutes.rem_euclid(60));
    let (from, to) = (point(seed, salt, index, reach), point(seed, salt, index + 1, reach));
    from + (to - from) * part / 60
}

const fn point(seed: u64, salt: u64, index: i64, reach: i64) -> i64 {
    (hash(seed, salt, index) % (reach.unsigned_abs() + 1)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_in_their_bounds_and_move_smoothly() {
        for minute in 0..5_000 {
            let time = minute * MINUTE;
            assert!((2_500..=7_500).contains(&longs(7, Share::TopPositions, time)));
            assert!((-PREMIUM..=PREMIUM).contains(&premium(7, time)));
            assert!((premium(7, time) - premium(7, time + MINUTE)).abs() <= 2 * PREMIUM / 60 + 1);
            assert!((400..=500).contains(&open_lots(7, 100, time)));
        }
    }
}
