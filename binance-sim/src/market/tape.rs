//! What was traded.

use std::collections::VecDeque;

/// One order that met another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trade {
    pub(crate) id: u64,
    pub(crate) ticks: i64,
    pub(crate) lots: i64,
    pub(crate) time: i64,
    pub(crate) buyer_is_maker: bool,
}

/// The trades of one taker at one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Aggregate {
    pub(crate) id: u64,
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) ticks: i64,
    pub(crate) lots: i64,
    pub(crate) time: i64,
    pub(crate) buyer_is_maker: bool,
}

/// How many trades, and how many aggregates, are remembered.
const REMEMBERED: usize = 10_000;

/// The trades of one contract.
#[derive(Debug)]
pub(crate) struct Tape {
    trades: VecDeque<Trade>,
    aggregates: VecDeque<Aggregate>,
    next_trade: u64,
    next_aggregate: u64,
}

impl Tape {
    /// An empty tape whose ids begin after `first_id`.
    pub(crate) const fn new(first_id: u64) -> Self {
        Self {
            trades: VecDeque::new(),
            aggregates: VecDeque::new(),
            next_trade: first_id,
            next_aggregate: first_id / 3,
        }
    }

    /// Notes a trade; gives its id.
    pub(crate) fn trade(&mut self, ticks: i64, lots: i64, time: i64, buyer_is_maker: bool) -> u64 {
        self.next_trade += 1;
        self.trades.push_back(Trade { id: self.next_trade, ticks, lots, time, buyer_is_maker });
        if self.trades.len() > REMEMBERED {
            self.trades.pop_front();
        }
        self.next_trade
    }

    /// Notes what a taker traded at one price, `trades` of them with the last one noted.
    pub(crate) fn aggregate(&mut self, trades: u64, lots: i64) -> Option<Aggregate> {
        let last = self.trades.back()?;
        self.next_aggregate += 1;
        let aggregate = Aggregate {
            id: self.next_aggregate,
            first: last.id + 1 - trades,
            last: last.id,
            ticks: last.ticks,
            lots,
            time: last.time,
            buyer_is_maker: last.buyer_is_maker,
        };
        self.aggregates.push_back(aggregate);
        if self.aggregates.len() > REMEMBERED {
            self.aggregates.pop_front();
        }
        Some(aggregate)
    }

    /// The newest trades, oldest of them first.
    pub(crate) fn trades(&self, limit: usize) -> impl Iterator<Item = &Trade> {
        self.trades.iter().skip(self.trades.len().saturating_sub(limit))
    }

    /// The trades after the one with this id, newest first.
    pub(crate) fn since(&self, id: u64) -> impl Iterator<Item = &Trade> {
        self.trades.iter().rev().take_while(move |trade| trade.id > id)
    }

    /// The aggregates that are remembered, oldest first.
    pub(crate) fn aggregates(&self) -> impl DoubleEndedIterator<Item = &Aggregate> + ExactSizeIterator {
        self.aggregates.iter()
    }

    /// The id of the last trade.
    pub(crate) const fn last_id(&self) -> u64 {
        self.next_trade
    }
}
