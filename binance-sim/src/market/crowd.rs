//! The crowd: orders that nobody's account places, so that there is a market to trade in.
//!
//! It decides here and acts through the matching of [`crate::exchange`], like everybody else.

use std::collections::HashMap;

use crate::{
    book::{Book, Side},
    contracts::Contract,
    rng::Rng,
};

/// How many orders of the crowd a book has, about.
const ORDERS: usize = 1_400;
/// The fewest levels a side of the book may have before the crowd hurries to fill it.
const FEWEST_LEVELS: usize = 150;
/// How far the book may be from the fair value before it is swept.
const FAR: i64 = 50;
/// One step in so many liquidates somebody.
const LIQUIDATION: u64 = 400;

/// What a member of the crowd does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Trades what it can up to the limit; the rest waits when `rests`, and is gone otherwise.
    Order { side: Side, ticks: i64, lots: i64, rests: bool },
    /// Takes an order back.
    Cancel(u64),
    /// Had too little margin: what it holds is sold or bought back up to the limit.
    Liquidation { side: Side, ticks: i64, lots: i64 },
}

/// The crowd of one contract.
#[derive(Debug)]
pub(crate) struct Crowd {
    rng: Rng,
    /// Its orders in the book, in no order that means anything.
    orders: Vec<u64>,
    places: HashMap<u64, usize>,
}

impl Crowd {
    pub(crate) fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed), orders: Vec::new(), places: HashMap::new() }
    }

    pub(crate) const fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    /// The orders that fill an empty book around a price.
    pub(crate) fn open(&mut self, contract: &Contract, fair: i64) -> Vec<Act> {
        let mut acts = Vec::with_capacity(ORDERS);
        for place in 0..ORDERS as i64 / 2 {
            // Every tick near the middle, then ever wider gaps.
            let away = 1 + place * grain(contract) * (1 + place / 100);
            for side in [Side::Buy, Side::Sell] {
                let ticks = fair - side.sign() * away;
                acts.push(self.waiting(contract, side, ticks));
            }
        }
        acts
    }

    /// What the crowd does in one step of the market.
    pub(crate) fn step(&mut self, contract: &Contract, book: &Book, fair: i64) -> Vec<Act> {
        let mut acts = Vec::new();
        for side in [Side::Buy, Side::Sell] {
            // Who sees a price on the wrong side of the fair value takes it.
            let stale = book
                .best(side.other())
                .filter(|(ticks, _)| side.sign() * (fair - ticks) > 2 * grain(contract));
            if let Some((ticks, lots)) = stale {
                if side.sign() * (fair - ticks) > FAR * grain(contract) {
                    // The price has jumped: all of them see it.
                    acts.push(Act::Order { side, ticks: fair, lots: contract.max_lots, rests: false });
                } else {
                    let lots = lots.min(contract.max_market_lots);
                    acts.push(Act::Order { side, ticks, lots, rests: false });
                }
            }
            if book.depth(side) < FEWEST_LEVELS {
                for _ in 0..8 {
                    let away = self.rng.between(1, 400) * grain(contract);
                    acts.push(self.waiting(contract, side, fair - side.sign() * away));
                }
            }
        }
        for _ in 0..self.rng.below(5) {
            let side = if self.rng.chance(1, 2) { Side::Buy } else { Side::Sell };
            let crowded = self.orders.len() > ORDERS;
            match self.rng.below(100) {
                0..=17 => {
                    let lots = self.size(contract, 4);
                    let ticks = fair + side.sign() * 60 * grain(contract);
                    acts.push(Act::Order { side, ticks, lots, rests: false });
                }
                18..=58 if !crowded => {
                    // Most orders come near the middle, some far from it.
                    let reach = [3, 8, 30, 300][self.rng.below(4) as usize];
                    let away = self.rng.between(1, reach * grain(contract));
                    acts.push(self.waiting(contract, side, fair - side.sign() * away));
                }
                _ => {
                    let place = self.rng.below(self.orders.len() as u64) as usize;
                    acts.extend(self.orders.get(place).copied().map(Act::Cancel));
                }
            }
        }
        if self.rng.chance(1, LIQUIDATION) {
            let side = if self.rng.chance(1, 2) { Side::Buy } else { Side::Sell };
            let lots = self.size(contract, 8);
            let ticks = fair + side.sign() * 100 * grain(contract);
            acts.push(Act::Liquidation { side, ticks, lots });
        }
        acts
    }

    /// An order of the crowd waits in the book.
    pub(crate) fn rests(&mut self, id: u64) {
        self.places.insert(id, self.orders.len());
        self.orders.push(id);
    }

    /// An order of the crowd is gone from the book.
    pub(crate) fn gone(&mut self, id: u64) {
        let Some(place) = self.places.remove(&id) else { return };
        self.orders.swap_remove(place);
        if let Some(moved) = self.orders.get(place) {
            self.places.insert(*moved, place);
        }
    }

    fn waiting(&mut self, contract: &Contract, side: Side, ticks: i64) -> Act {
        Act::Order {
            side,
            ticks: ticks.max(contract.min_price_ticks),
            lots: self.size(contract, 10),
            rests: true,
        }
    }

    /// A size: mostly small, at times large.
    fn size(&mut self, contract: &Contract, spread: i64) -> i64 {
        let unit = contract.max_market_lots / 600;
        let large = if self.rng.chance(1, 12) { 10 } else { 1 };
        1 + self.rng.between(0, unit.max(1)) * self.rng.between(1, spread) * large / 4
    }
}

/// A distance that matters: about half a basis point.
fn grain(contract: &Contract) -> i64 {
    (contract.start_ticks / 200_000).max(1)
}
