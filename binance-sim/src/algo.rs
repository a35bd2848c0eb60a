//! Orders that wait for a price, and then become orders.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    book::Side,
    exchange::Exchange,
    matching::NewOrder,
    num::Num,
    order::{Status, words},
    reject::Reject,
};

words! {
    /// What an order waits for.
    AlgoKind {
        Stop = "STOP",
        StopMarket = "STOP_MARKET",
        TakeProfit = "TAKE_PROFIT",
        TakeProfitMarket = "TAKE_PROFIT_MARKET",
        Trailing = "TRAILING_STOP_MARKET",
    }
}

words! {
    /// Where it is in its life.
    AlgoStatus {
        New = "NEW",
        Canceled = "CANCELED",
        Triggering = "TRIGGERING",
        Triggered = "TRIGGERED",
        Finished = "FINISHED",
        Rejected = "REJECTED",
        Expired = "EXPIRED",
    }
}

impl AlgoKind {
    /// Whether it becomes an order with a limit.
    pub(crate) const fn is_limit(self) -> bool {
        matches!(self, Self::Stop | Self::TakeProfit)
    }

    /// Whether it waits for the price to rise.
    const fn waits_for_rise(self, side: Side) -> bool {
        matches!(side, Side::Buy) ^ matches!(self, Self::TakeProfit | Self::TakeProfitMarket)
    }
}

/// An order that waits for a price.
#[derive(Clone, Debug)]
pub(crate) struct Algo {
    pub(crate) id: u64,
    pub(crate) client_id: String,
    pub(crate) kind: AlgoKind,
    /// What it becomes.
    pub(crate) new: NewOrder,
    /// The price that it waits for; of a trailing stop the price from which on it trails, or zero for at once.
    pub(crate) trigger: Num,
    /// How far the price must come back for a trailing stop, in 1/10,000.
    pub(crate) callback: i64,
    /// The best price since a trailing stop began to trail.
    pub(crate) extreme: Option<Num>,
    pub(crate) by_mark: bool,
    pub(crate) price_protect: bool,
    /// Whether it closes the whole position, however big that is by then.
    pub(crate) close_position: bool,
    /// How it ended without becoming an order: canceled, rejected or expired.
    pub(crate) ended: Option<AlgoStatus>,
    pub(crate) created: i64,
    pub(crate) updated: i64,
    pub(crate) triggered: i64,
    /// The order that it became.
    pub(crate) order: Option<u64>,
}

impl Algo {
    const fn is_open(&self) -> bool {
        self.ended.is_none() && self.order.is_none()
    }

    /// Whether a trailing stop trails by now; none for the others.
    pub(crate) fn is_activated(&self) -> Option<bool> {
        (self.kind == AlgoKind::Trailing).then_some(self.extreme.is_some())
    }

    /// Whether it triggers at this price; a trailing stop takes note of it.
    pub(crate) fn meets(&mut self, price: Num) -> bool {
        let side = self.new.side;
        if self.kind != AlgoKind::Trailing {
            return if self.kind.waits_for_rise(side) {
                price >= self.trigger
            } else {
                price <= self.trigger
            };
        }
        let better = |one: Num, other: Num| if side == Side::Buy { one.min(other) } else { one.max(other) };
        let Some(extreme) = self.extreme else {
            let reached = self.trigger.is_zero() || better(price, self.trigger) == price;
            self.extreme = reached.then_some(price);
            return false;
        };
        let extreme = better(extreme, price);
        self.extreme = Some(extreme);
        let back = extreme.mul_div(i128::from(self.callback), 10_000);
        if side == Side::Buy { price >= extreme + back } else { price <= extreme - back }
    }
}

/// How many are remembered that wait no more.
const REMEMBERED: usize = 10_000;
/// How many of an account may wait on a market, in all contracts.
const MAX_OPEN: usize = 200;

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Algos {
    all: BTreeMap<u64, Algo>,
    open: BTreeSet<u64>,
    /// Those that became orders which are not over yet, by the order.
    by_order: HashMap<u64, u64>,
    last: u64,
}

impl Algos {
    /// Every one that is remembered, oldest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Algo> {
        self.all.values()
    }

    /// Those that wait, oldest first.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Algo> {
        self.open.iter().filter_map(|id| self.all.get(id))
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Algo> {
        self.all.get(&id)
    }

    fn change(&mut self, id: u64, change: impl FnOnce(&mut Algo)) {
        let Some(algo) = self.all.get_mut(&id) else { return };
        change(algo);
        if !algo.is_open() {
            self.open.remove(&id);
        }
    }
}

impl Exchange {
    /// Takes an order that waits; gives its id.
    pub(crate) fn place_algo(&mut self, mut algo: Algo) -> Result<u64, Reject> {
        let (account, venue) = (algo.new.account, algo.new.venue);
        let market = self.venues[venue].contract.market;
        let own = || {
            self.algos.open().filter(|one| {
                one.new.account == account && self.venues[one.new.venue].contract.market == market
            })
        };
        if own().any(|one| one.new.venue == venue && one.client_id == algo.client_id) {
            return Err(Reject::new(-4116, "clientOrderId is duplicated"));
        }
        if own().count() >= MAX_OPEN {
            return Err(Reject::new(-4045, "Reach max stop order limit."));
        }
        let mut looked = algo.clone();
        if looked.meets(self.price_for(&algo)) {
            return Err(Reject::new(-2021, "Order would immediately trigger."));
        }
        let algos = &mut self.algos;
        algos.last += 1;
        algo.id = 2_000_000 + algos.last;
        let id = algo.id;
        algos.open.insert(id);
        algos.all.insert(id, algo);
        while algos.all.len() - algos.open.len() > REMEMBERED {
            let over = algos.all.keys().find(|id| !algos.open.contains(id)).copied();
            over.and_then(|id| algos.all.remove(&id));
        }
        self.tell_algo(id, "");
        if looked.extreme.is_some() {
            // A trailing stop that trails at once is told twice.
            self.algos.change(id, |algo| algo.extreme = looked.extreme);
            self.tell_algo(id, "");
        }
        Ok(id)
    }

    /// Takes it back.
    pub(crate) fn cancel_algo(&mut self, id: u64) -> Result<(), Reject> {
        if !self.algos.open.contains(&id) {
            return Err(Reject::unknown_order());
        }
        self.end_algo(id, AlgoStatus::Canceled, "");
        Ok(())
    }

    /// Ends those whose date has passed.
    pub(crate) fn expire_algos(&mut self) {
        let now = self.server_time();
        let dated = self.algos.open().filter(|algo| algo.new.good_till > 0 && algo.new.good_till <= now);
        let ids: Vec<_> = dated.map(|algo| algo.id).collect();
        for id in ids {
            self.end_algo(id, AlgoStatus::Expired, "");
        }
    }

    /// Ends all that wait in a contract which is traded no more.
    pub(crate) fn end_algos_of(&mut self, venue: usize) {
        let ids: Vec<_> =
            self.algos.open().filter(|algo| algo.new.venue == venue).map(|algo| algo.id).collect();
        for id in ids {
            self.end_algo(id, AlgoStatus::Expired, "");
        }
    }

    fn end_algo(&mut self, id: u64, how: AlgoStatus, refusal: &str) {
        let time = self.server_time();
        self.algos.change(id, |algo| (algo.ended, algo.updated) = (Some(how), time));
        self.tell_algo(id, refusal);
    }

    /// Where it is in its life.
    pub(crate) fn algo_status(&self, algo: &Algo) -> AlgoStatus {
        match (algo.ended, algo.order) {
            (Some(ended), _) => ended,
            (None, Some(order)) => match self.orders.get(order) {
                Some(order) if order.status.is_open() => AlgoStatus::Triggered,
                _ => AlgoStatus::Finished,
            },
            (None, None) if algo.triggered > 0 => AlgoStatus::Triggering,
            (None, None) => AlgoStatus::New,
        }
    }

    /// Places the orders whose price has come.
    pub(crate) fn trigger_algos(&mut self) {
        let ids: Vec<_> = self.algos.open.iter().copied().collect();
        for id in ids {
            let Some(price) = self.algos.get(id).map(|algo| self.price_for(algo)) else { continue };
            let Some(algo) = self.algos.all.get_mut(&id).filter(|algo| algo.is_open()) else { continue };
            let trailed = algo.extreme.is_some();
            if algo.meets(price) {
                let algo = algo.clone();
                self.trigger(&algo);
            } else if algo.extreme.is_some() != trailed {
                self.tell_algo(id, "");
            }
        }
    }

    fn trigger(&mut self, algo: &Algo) {
        let (id, time) = (algo.id, self.server_time());
        self.algos.change(id, |algo| (algo.updated, algo.triggered) = (time, time));
        self.tell_algo(id, "");
        let mut new = algo.new.clone();
        if algo.close_position {
            new.lots = self.accounts[new.account].closable(new.venue, new.position_side, new.side);
        }
        // An order for nothing is no order: there is no position left to close.
        let taken = if new.lots > 0 {
            self.take(new)
        } else {
            Err(Reject::new(-2022, "ReduceOnly Order is rejected."))
        };
        match taken {
            Ok(order) => {
                self.algos.change(id, |algo| algo.order = Some(order.id));
                self.algos.by_order.insert(order.id, id);
                self.tell_algo(id, "");
                self.meet(order.id);
            }
            Err(reject) => self.end_algo(id, AlgoStatus::Rejected, &reject.msg),
        }
    }

    /// An order was changed: if it is over, so is what it came from.
    pub(crate) fn follow_order(&mut self, order: u64) {
        if self.orders.get(order).is_some_and(|order| order.status.is_open()) {
            return;
        }
        let Some(id) = self.algos.by_order.remove(&order) else { return };
        let time = self.server_time();
        self.algos.change(id, |algo| algo.updated = time);
        self.tell_algo(id, "");
    }

    /// The price that it looks at: the mark price, or that of the last trade.
    fn price_for(&self, algo: &Algo) -> Num {
        let venue = &self.venues[algo.new.venue];
        match venue.tape.trades(1).last() {
            Some(trade) if !algo.by_mark => venue.contract.price(trade.ticks).num(),
            _ => venue.prices.mark_num(),
        }
    }

    /// What the order that it became has done: average price and quantity, zero when it did nothing.
    pub(crate) fn algo_fills(&self, algo: &Algo) -> (Num, i64) {
        let order = algo.order.and_then(|id| self.orders.get(id));
        let filled = order.filter(|order| order.executed > 0 && order.status != Status::New);
        filled.map_or((Num::ZERO, 0), |order| {
            let contract = &self.venues[order.venue].contract;
            (contract.average_price(order.executed, order.turnover), order.executed)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{Kind, PositionSide, SelfTrade, TimeInForce};

    fn trailing(side: Side, activate: i64) -> Algo {
        let new = NewOrder {
            account: 0,
            venue: 0,
            side,
            kind: Kind::Market,
            time_in_force: TimeInForce::Gtc,
            ticks: 0,
            lots: 1,
            client_id: None,
            reduce_only: false,
            position_side: PositionSide::Both,
            self_trade: SelfTrade::None,
            price_match: "NONE",
            good_till: 0,
        };
        Algo {
            id: 1,
            client_id: String::new(),
            kind: AlgoKind::Trailing,
            new,
            trigger: Num::int(activate),
            callback: 100,
            extreme: None,
            by_mark: false,
            price_protect: false,
            close_position: false,
            ended: None,
            created: 0,
            updated: 0,
            triggered: 0,
            order: None,
        }
    }

    #[test]
    fn a_trailing_stop_follows_the_best_price_and_triggers_on_the_way_back() {
        for (side, activate, prices, at) in [
            (Side::Sell, 0, [1_000, 1_100, 1_090, 1_089], 3),
            (Side::Sell, 1_050, [1_000, 900, 1_060, 1_049], 3),
            (Side::Buy, 0, [1_000, 900, 908, 909], 3),
            (Side::Buy, 950, [1_000, 1_020, 940, 950], 3),
            (Side::Sell, 0, [1_000, 989, 0, 0], 1),
        ] {
            let mut algo = trailing(side, activate);
            let met = prices.iter().position(|price| algo.meets(Num::int(*price)));
            assert_eq!(met, Some(at), "{side:?} {activate} {prices:?}");
        }
    }
}
