//! What happened while nobody listened.

use std::{
    collections::{BTreeSet, VecDeque},
    vec::Vec,
};

use binance_core::{Millis, text::Symbol};

use super::{AlgoState, BalanceState, Fill, Need, OrderState, PositionState};

/// Something that is not as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Change<T> {
    /// What was known of it; `None` for what was not known.
    pub before: Option<T>,
    /// What it is.
    pub after: T,
}

impl Change<OrderState> {
    /// Whether it was placed meanwhile. Everything is, in the first reconcile.
    pub fn has_appeared(&self) -> bool {
        self.before.is_none()
    }

    /// Whether nothing can happen to it any more, as [`OrderState::status`] says: filled, canceled, expired.
    pub fn has_ended(&self) -> bool {
        self.after.has_ended()
    }
}

/// What happened to an account while nobody listened: since the last event before a gap, or, the first time, all that there
/// is.
///
/// Together with the events it tells everything once: a trade that stands here comes in no event, before or after, and the
/// other way round. An order that stands here stands here as it is after all trades that were told.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Reconciled {
    /// Since when events may have been missed, by the exchange's clock. `None` the first time, when trades and orders of
    /// the past are not told.
    pub since: Option<Millis>,
    /// Orders that were placed, filled, changed or ended; the first time those that are open. By contract and id.
    pub orders: Vec<Change<OrderState>>,
    /// Algo orders, likewise.
    pub algo_orders: Vec<Change<AlgoState>>,
    /// Trades that no event told of. By contract, oldest first.
    pub fills: Vec<Fill>,
    /// Balances that changed.
    pub balances: Vec<Change<BalanceState>>,
    /// Positions that changed, by amount or entry price.
    pub positions: Vec<Change<PositionState>>,
    /// Orders that were open, are not any more, and of which the exchange knows nothing: it forgets those that were
    /// never filled after 3 days.
    pub forgotten: Vec<OrderState>,
    /// Algo orders, likewise.
    pub forgotten_algo_orders: Vec<AlgoState>,
    /// What the exchange refused to answer, a contract that it does not have any more for instance, and what could not be
    /// asked for. What it would have told is missing here.
    pub unanswered: Vec<Need>,
    /// How many rows of replies could not be read. What they would have told is missing here.
    pub unreadable: u32,
}

impl Reconciled {
    /// Whether nothing was missed.
    pub fn is_empty(&self) -> bool {
        let Self { orders, algo_orders, fills, balances, positions, forgotten, .. } = self;
        orders.is_empty()
            && algo_orders.is_empty()
            && fills.is_empty()
            && balances.is_empty()
            && positions.is_empty()
            && forgotten.is_empty()
            && self.forgotten_algo_orders.is_empty()
            && self.is_complete()
    }

    /// Whether everything was answered and could be read.
    pub fn is_complete(&self) -> bool {
        self.unanswered.is_empty() && self.unreadable == 0
    }
}

/// A reconcile that is under way.
///
/// The order of the questions matters. Trades are asked for before the orders, so that a trade that is told here is in
/// the orders that are told here: the event of the trade, which comes later, can be left out. What changes after a
/// question comes as an event, since the connection was opened before the first.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) step: Step,
    pub(super) queue: VecDeque<Need>,
    /// What is asked now.
    pub(super) asked: Option<Need>,
    /// How many events there were when that was asked.
    pub(super) asked_at: u64,
    /// The contracts in which something may have happened.
    pub(super) touched: BTreeSet<Symbol>,
    /// The orders that were shown to be open.
    pub(super) open: BTreeSet<OrderKey>,
    /// How many events could not be read before it began.
    pub(super) unreadable: u64,
    pub(super) told: Reconciled,
}

/// The contract of an order, and its id.
pub(super) type OrderKey = (Symbol, u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Where something may have happened: the account, and orders since.
    Look,
    /// What happened there: trades.
    Trades,
    /// What is open.
    Open,
    /// What became of what is not open any more.
    Ended,
}

impl Run {
    pub(super) fn new(since: Option<Millis>, unreadable: u64) -> Self {
        Self {
            step: Step::Look,
            queue: VecDeque::new(),
            asked: None,
            asked_at: 0,
            touched: BTreeSet::new(),
            open: BTreeSet::new(),
            unreadable,
            told: Reconciled { since, ..Reconciled::default() },
        }
    }

    /// Asks for something later, unless it is asked for already.
    pub(super) fn push(&mut self, need: Need) {
        if !self.queue.contains(&need) {
            self.queue.push_back(need);
        }
    }
}
