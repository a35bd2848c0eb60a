//! What happened to an account: fills, incomes, changed orders, moved margins; the newest of each are remembered.

use std::collections::VecDeque;

use binance_core::endpoint::Market;

use crate::{book::Side, num::Num, order::PositionSide};

/// How many of each are remembered.
const REMEMBERED: usize = 10_000;

/// A trade of the account.
#[derive(Clone, Debug)]
pub(crate) struct Fill {
    pub(crate) trade: u64,
    pub(crate) order: u64,
    pub(crate) venue: usize,
    pub(crate) side: Side,
    pub(crate) position_side: PositionSide,
    pub(crate) ticks: i64,
    pub(crate) lots: i64,
    pub(crate) fee: Num,
    pub(crate) realized: Num,
    pub(crate) maker: bool,
    pub(crate) time: i64,
}

/// Something that went into a wallet or out of it.
#[derive(Clone, Debug)]
pub(crate) struct Income {
    pub(crate) market: Market,
    /// The contract that it came from, if it came from one.
    pub(crate) venue: Option<usize>,
    pub(crate) kind: &'static str,
    pub(crate) asset: &'static str,
    pub(crate) amount: Num,
    pub(crate) time: i64,
    pub(crate) trade: Option<u64>,
}

/// A change of an order: prices in ticks and quantities in lots, before and after.
#[derive(Clone, Debug)]
pub(crate) struct Amendment {
    pub(crate) order: u64,
    pub(crate) ticks: (i64, i64),
    pub(crate) lots: (i64, i64),
    pub(crate) count: u32,
    pub(crate) modify_id: Option<i64>,
    pub(crate) time: i64,
}

/// Margin that was added to an isolated position, or taken from it when negative.
#[derive(Clone, Debug)]
pub(crate) struct MarginChange {
    pub(crate) venue: usize,
    pub(crate) position_side: PositionSide,
    pub(crate) amount: Num,
    pub(crate) time: i64,
}

/// A list that forgets what is oldest, and numbers what comes in, from 1.
#[derive(Debug)]
pub(crate) struct Log<T> {
    entries: VecDeque<(u64, T)>,
    last: u64,
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self { entries: VecDeque::new(), last: 0 }
    }
}

impl<T> Log<T> {
    pub(crate) fn push(&mut self, entry: T) {
        if self.entries.len() == REMEMBERED {
            self.entries.pop_front();
        }
        self.last += 1;
        self.entries.push_back((self.last, entry));
    }

    /// Number and entry, oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = (u64, &T)> {
        self.entries.iter().map(|(number, entry)| (*number, entry))
    }
}

/// All that is remembered of an account.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) fills: Log<Fill>,
    pub(crate) incomes: Log<Income>,
    pub(crate) amendments: Log<Amendment>,
    pub(crate) margins: Log<MarginChange>,
}
