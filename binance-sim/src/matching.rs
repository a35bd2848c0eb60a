//! Matching: orders meet the book, and what that does to orders, positions and wallets.

use binance_core::endpoint::Market;

use crate::{
    account,
    book::{Owner, Resting, Side},
    events::Execution,
    exchange::Exchange,
    ledger::{Amendment, Fill, Income},
    market::forced::Forced,
    notify::Change,
    num::Num,
    order::{Kind, Order, Origin, PositionSide, Reason, SelfTrade, Status, TimeInForce},
    reject::Reject,
    streams::{frames, topic::Topic},
};

/// An order as a client asks for it, its numbers already checked against the contract's filters.
#[derive(Clone, Debug)]
pub(crate) struct NewOrder {
    pub(crate) account: usize,
    pub(crate) venue: usize,
    pub(crate) side: Side,
    pub(crate) kind: Kind,
    pub(crate) time_in_force: TimeInForce,
    /// The limit; zero for MARKET.
    pub(crate) ticks: i64,
    pub(crate) lots: i64,
    pub(crate) client_id: Option<String>,
    pub(crate) reduce_only: bool,
    pub(crate) position_side: PositionSide,
    pub(crate) self_trade: SelfTrade,
    pub(crate) price_match: &'static str,
    pub(crate) good_till: i64,
}

impl NewOrder {
    /// An order as it was asked for.
    fn of(order: &Order) -> Self {
        Self {
            account: order.account,
            venue: order.venue,
            side: order.side,
            kind: order.kind,
            time_in_force: order.time_in_force,
            ticks: order.ticks,
            lots: order.lots,
            client_id: Some(order.client_id.clone()),
            reduce_only: order.reduce_only,
            position_side: order.position_side,
            self_trade: order.self_trade,
            price_match: order.price_match,
            good_till: order.good_till,
        }
    }
}

/// How many orders may wait at once in one contract.
const MAX_OPEN: usize = 200;
/// How often an order may be changed.
const MAX_MODIFICATIONS: u32 = 10_000;

/// What part an order had in a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Maker,
    Taker,
    /// The exchange traded with it, outside of the book and without a fee.
    Exchange,
}

/// Who meets the book.
#[derive(Clone, Copy)]
pub(crate) enum Taker {
    Crowd,
    Order(u64),
}

impl Exchange {
    /// Takes an order; gives it as it was when it was taken, before it met the book, and its id.
    pub(crate) fn place(&mut self, new: NewOrder) -> Result<Order, Reject> {
        let order = self.take(new)?;
        self.meet(order.id);
        Ok(order)
    }

    /// Takes an order that does not meet the book yet.
    pub(crate) fn take(&mut self, new: NewOrder) -> Result<Order, Reject> {
        self.check_new(&new)?;
        self.next_order += 1;
        let order = self.draft(new, self.next_order);
        self.orders.insert(order.clone());
        self.tell_order(order.id, Execution::New);
        Ok(order)
    }

    /// An order that nobody has taken yet.
    pub(crate) fn draft(&mut self, new: NewOrder, id: u64) -> Order {
        let time = self.server_time();
        Order {
            id,
            client_id: new.client_id.unwrap_or_else(|| self.rng.text(22)),
            account: new.account,
            venue: new.venue,
            side: new.side,
            kind: new.kind,
            time_in_force: new.time_in_force,
            ticks: new.ticks,
            lots: new.lots,
            executed: 0,
            turnover: Num::ZERO,
            reduce_only: new.reduce_only,
            position_side: new.position_side,
            self_trade: new.self_trade,
            price_match: new.price_match,
            good_till: new.good_till,
            status: Status::New,
            reason: Reason::None,
            time,
            update_time: time,
            modify_id: None,
            modifications: 0,
            origin: Origin::Client,
        }
    }

    /// Takes an order out of the book.
    pub(crate) fn cancel(&mut self, id: u64) -> Result<(), Reject> {
        let order =
            self.orders.get(id).filter(|order| order.status.is_open()).ok_or_else(Reject::unknown_order)?;
        self.end(order.id, Status::Canceled, Reason::None);
        Ok(())
    }

    /// Changes price and quantity of an order. One that only gets smaller keeps its place in the line.
    pub(crate) fn modify(
        &mut self,
        id: u64,
        ticks: i64,
        lots: i64,
        modify_id: Option<i64>,
    ) -> Result<(), Reject> {
        let Some(order) = self.orders.get(id).filter(|order| order.status.is_open()) else {
            return Err(Reject::no_such_order());
        };
        if order.ticks == ticks && order.lots == lots {
            return Err(same_order(self.venues[order.venue].contract.market));
        }
        if order.modifications >= MAX_MODIFICATIONS {
            let um = self.venues[order.venue].contract.market == Market::UsdM;
            return Err(Reject::new(if um { -5026 } else { -4198 }, "Exceed maximum modify order limit."));
        }
        let (venue, side, executed) = (order.venue, order.side, order.executed);
        if lots > order.lots || ticks != order.ticks {
            let changed = NewOrder { ticks, lots: (lots - executed).max(0), ..NewOrder::of(order) };
            let closes = only_closes(order.position_side, side, order.reduce_only);
            if !closes {
                self.afford(&changed, Some(id))?;
            }
        }
        if lots <= executed {
            // As documented: an order whose new quantity is filled already is cancelled.
            return self.cancel(id);
        }
        if order.time_in_force == TimeInForce::Gtx && self.would_trade(venue, side, ticks) {
            return self.cancel(id);
        }
        let smaller = order.ticks == ticks && lots < order.lots;
        let time = self.server_time();
        let change = Amendment {
            order: id,
            ticks: (order.ticks, ticks),
            lots: (order.lots, lots),
            count: order.modifications + 1,
            modify_id,
            time,
        };
        self.accounts[order.account].ledger.amendments.push(change);
        self.orders.change(id, |order| {
            (order.ticks, order.lots, order.update_time) = (ticks, lots, time);
            order.modifications += 1;
            order.modify_id = modify_id;
        });
        if smaller {
            self.venues[venue].book.shrink(id, lots - executed);
            self.book_changed(venue);
        } else {
            self.venues[venue].book.remove(id);
        }
        self.tell_order(id, Execution::Amendment);
        if !smaller {
            self.meet(id);
        }
        Ok(())
    }

    /// An order of the crowd: trades what it can, and waits with the rest if it shall.
    pub(crate) fn crowd_order(&mut self, venue: usize, side: Side, ticks: i64, lots: i64, rests: bool) {
        let left = self.trade(venue, Taker::Crowd, side, ticks, lots);
        if rests && left > 0 {
            self.next_crowd_order += 1;
            let id = self.next_crowd_order;
            let state = &mut self.venues[venue];
            state.book.add(side, ticks, Resting { id, owner: Owner::Market, lots: left, hidden: false });
            state.crowd.rests(id);
        }
        self.book_changed(venue);
    }

    /// An order of the crowd that takes what there is at any price; gives what is left of it.
    pub(crate) fn crowd_market(&mut self, venue: usize, side: Side, lots: i64) -> i64 {
        let left = self.trade(venue, Taker::Crowd, side, any_price(side), lots);
        self.book_changed(venue);
        left
    }

    /// Somebody in the crowd had too little margin.
    pub(crate) fn crowd_liquidation(&mut self, venue: usize, side: Side, ticks: i64, lots: i64) {
        let before = self.venues[venue].tape.last_id();
        let left = self.trade(venue, Taker::Crowd, side, ticks, lots);
        self.book_changed(venue);
        let time = self.server_time();
        let state = &mut self.venues[venue];
        let executed = lots - left;
        let turnover =
            state.tape.since(before).map(|trade| state.contract.turnover(trade.ticks, trade.lots)).sum();
        let last = state.tape.since(before).next().map_or(0, |trade| trade.lots);
        let average = if executed > 0 { state.contract.average_price(executed, turnover) } else { Num::ZERO };
        state.note_forced(Forced { side, ticks, lots, executed, last, average, time });
    }

    /// The crowd takes an order back.
    pub(crate) fn crowd_cancel(&mut self, venue: usize, id: u64) {
        let state = &mut self.venues[venue];
        state.book.remove(id);
        state.crowd.gone(id);
        self.book_changed(venue);
    }

    /// Ends the orders whose date has passed.
    pub(crate) fn expire_dated_orders(&mut self) {
        let now = self.server_time();
        let dated = self.orders.open().filter(|order| order.good_till > 0 && order.good_till <= now);
        let ids: Vec<_> = dated.map(|order| order.id).collect();
        for id in ids {
            // None of the documented reasons is that of a date.
            self.end(id, Status::Expired, Reason::None);
        }
    }

    /// The refusals that come from the state of account and book.
    pub(crate) fn check_new(&self, new: &NewOrder) -> Result<(), Reject> {
        let (account, state) = (&self.accounts[new.account], &self.venues[new.venue]);
        let um = state.contract.market == Market::UsdM;
        if state.contract.delivered {
            return Err(Reject::new(-4141, "Symbol is closed"));
        }
        if account.hedge_mode == (new.position_side == PositionSide::Both) {
            return Err(Reject::new(-4061, "Order's position side does not match user's setting."));
        }
        if account.hedge_mode && new.reduce_only {
            return Err(Reject::not_required("reduceOnly"));
        }
        let own =
            || self.orders.open().filter(|order| (order.account, order.venue) == (new.account, new.venue));
        if let Some(client_id) = &new.client_id
            && own().any(|order| order.client_id == *client_id)
        {
            return Err(Reject::new(-4116, "clientOrderId is duplicated"));
        }
        if own().count() >= MAX_OPEN {
            return Err(Reject::new(-2025, "Reach max open order limit."));
        }
        let closes = only_closes(new.position_side, new.side, new.reduce_only);
        if closes && account.closable(new.venue, new.position_side, new.side) == 0 {
            return Err(Reject::new(-2022, "ReduceOnly Order is rejected."));
        }
        if new.kind == Kind::Market && state.book.best(new.side.other()).is_none() {
            return Err(Reject::new(-2020, "Unable to fill."));
        }
        if um && new.kind == Kind::Limit {
            let maker_only = matches!(new.time_in_force, TimeInForce::Gtx | TimeInForce::Rpi);
            if maker_only && self.would_trade(new.venue, new.side, new.ticks) {
                let msg =
                    "Due to the order could not be executed as maker, the Post Only order will be rejected.";
                return Err(Reject::new(-5022, msg));
            }
            if new.time_in_force == TimeInForce::Fok && !self.fills_at_once(new) {
                let msg =
                    "Due to the order could not be filled immediately, the FOK order has been rejected.";
                return Err(Reject::new(-5021, msg));
            }
        }
        if closes { Ok(()) } else { self.afford(new, None) }
    }

    fn would_trade(&self, venue: usize, side: Side, ticks: i64) -> bool {
        self.venues[venue].book.best(side.other()).is_some_and(|(best, _)| side.crosses(ticks, best))
    }

    fn fills_at_once(&self, new: &NewOrder) -> bool {
        let without = (new.self_trade != SelfTrade::None).then_some(new.account);
        self.venues[new.venue].book.available(new.side, new.ticks, without) >= new.lots
    }

    /// A client's order meets the book, and waits or expires with what is left.
    pub(crate) fn meet(&mut self, id: u64) {
        let Some(order) = self.orders.get(id).cloned() else { return };
        let (venue, side) = (order.venue, order.side);
        let limit = if order.kind == Kind::Market { any_price(side) } else { order.ticks };
        // On COIN-M these two are taken and expire at once.
        let refused = match order.time_in_force {
            TimeInForce::Gtx | TimeInForce::Rpi => self.would_trade(venue, side, limit),
            TimeInForce::Fok => {
                let without = (order.self_trade != SelfTrade::None).then_some(order.account);
                self.venues[venue].book.available(side, limit, without) < order.left()
            }
            _ => false,
        };
        if refused {
            return self.end(id, Status::Expired, Reason::Unfilled);
        }
        self.trade(venue, Taker::Order(id), side, limit, order.left());
        let Some(order) = self.orders.get(id).filter(|order| order.status.is_open()) else {
            return self.book_changed(venue);
        };
        let waits = order.kind == Kind::Limit && order.time_in_force != TimeInForce::Ioc;
        if waits {
            let resting = order.resting();
            let ticks = order.ticks;
            self.venues[venue].book.add(side, ticks, resting);
            self.book_changed(venue);
        } else {
            let reason = if order.kind == Kind::Market { Reason::MarketUnfilled } else { Reason::Unfilled };
            self.end(id, Status::Expired, reason);
        }
    }

    /// Trades up to `lots` with what waits on the other side; gives what is left.
    pub(crate) fn trade(&mut self, venue: usize, taker: Taker, side: Side, limit: i64, lots: i64) -> i64 {
        let mut left = lots;
        // What was traded at the price of the last trade, and in how many trades.
        let (mut price, mut traded, mut trades) = (0, 0, 0);
        while left > 0 {
            let of_api = matches!(taker, Taker::Order(_));
            let Some((ticks, front)) = self.venues[venue].book.front(side, of_api) else { break };
            if !side.crosses(limit, ticks) {
                break;
            }
            if !self.may_meet(taker, &front) {
                match taker {
                    Taker::Order(id) if self.orders.get(id).is_some_and(|order| order.status.is_open()) => {
                        continue;
                    }
                    _ => break,
                }
            }
            let mut amount = left.min(front.lots);
            if let Owner::Account(_) = front.owner {
                amount = amount.min(self.reducible(front.id));
                if amount == 0 {
                    self.end(front.id, Status::Expired, Reason::ReduceOnly);
                    continue;
                }
            }
            if let Taker::Order(id) = taker {
                amount = amount.min(self.reducible(id));
                if amount == 0 {
                    self.end(id, Status::Expired, Reason::ReduceOnly);
                    break;
                }
            }
            if trades > 0 && ticks != price {
                self.tell_trades(venue, trades, traded);
                (traded, trades) = (0, 0);
            }
            (price, traded, trades) = (ticks, traded + amount, trades + 1);
            left -= amount;
            self.fill(venue, taker, side, &front, ticks, amount);
        }
        if trades > 0 {
            self.tell_trades(venue, trades, traded);
        }
        left
    }

    /// Whether taker and resting order may trade. If not, because they are of one account, the one that has to go
    /// is gone afterwards.
    fn may_meet(&mut self, taker: Taker, front: &Resting) -> bool {
        let Taker::Order(id) = taker else { return true };
        let Some(order) = self.orders.get(id) else { return true };
        if front.owner != Owner::Account(order.account) || order.self_trade == SelfTrade::None {
            return true;
        }
        let mode = order.self_trade;
        if matches!(mode, SelfTrade::Maker | SelfTrade::Both) {
            self.end(front.id, Status::ExpiredInMatch, Reason::SelfTrade);
        }
        if matches!(mode, SelfTrade::Taker | SelfTrade::Both) {
            self.end(id, Status::ExpiredInMatch, Reason::SelfTrade);
        }
        false
    }

    /// How many lots of an order may still trade: all, or no more than the position that it may only reduce.
    fn reducible(&self, id: u64) -> i64 {
        let Some(order) = self.orders.get(id) else { return 0 };
        if !only_closes(order.position_side, order.side, order.reduce_only) {
            return order.left();
        }
        order.left().min(self.accounts[order.account].closable(order.venue, order.position_side, order.side))
    }

    /// One trade: book, tape, candles, and both sides' accounts.
    fn fill(&mut self, venue: usize, taker: Taker, side: Side, front: &Resting, ticks: i64, lots: i64) {
        let now = self.now;
        let state = &mut self.venues[venue];
        state.book.fill(front, lots);
        if front.owner == Owner::Market && lots >= front.lots {
            state.crowd.gone(front.id);
        }
        let trade = state.tape.trade(ticks, lots, now, side == Side::Sell);
        let turnover = state.contract.turnover(ticks, lots);
        state.candles.trade(ticks, lots, turnover, side == Side::Buy);
        if let Owner::Account(_) = front.owner {
            self.filled(front.id, ticks, lots, trade, Role::Maker);
        }
        if let Taker::Order(id) = taker {
            self.filled(id, ticks, lots, trade, Role::Taker);
        }
    }

    /// What a trade does to a client's order, position and wallet.
    pub(crate) fn filled(&mut self, id: u64, ticks: i64, lots: i64, trade: u64, role: Role) {
        let time = self.server_time();
        let Some(order) = self.orders.get(id) else { return };
        let (number, account, side, position_side) =
            (order.venue, order.account, order.side, order.position_side);
        let origin = order.origin;
        let contract = &self.venues[number].contract;
        let turnover = contract.turnover(ticks, lots);
        let maker = role == Role::Maker;
        let fee = match role {
            Role::Exchange => Num::ZERO,
            _ => account::fee(contract.market, turnover, maker),
        };
        let owner = &mut self.accounts[account];
        let isolated = owner.isolated.contains(&number).then(|| owner.leverage(number));
        let position = owner.positions.entry((number, position_side)).or_default();
        let realized = position.trade(contract, side, ticks, lots, time, isolated);
        if position.lots != 0 {
            position.fees += fee;
        }
        let (market, asset) = (contract.market, contract.margin_asset);
        owner.book(market, asset, realized - fee, time);
        owner.ledger.fills.push(Fill {
            trade,
            order: id,
            venue: number,
            side,
            position_side,
            ticks,
            lots,
            fee,
            realized,
            maker,
            time,
        });
        let profit = if origin == Origin::Settlement { "DELIVERED_SETTELMENT" } else { "REALIZED_PNL" };
        for (kind, amount) in [(profit, realized), ("COMMISSION", -fee)] {
            if !amount.is_zero() {
                let trade = Some(trade);
                let venue = Some(number);
                owner.ledger.incomes.push(Income { market, venue, kind, asset, amount, time, trade });
            }
        }
        self.orders.change(id, |order| {
            order.executed += lots;
            order.turnover += turnover;
            order.update_time = time;
            order.status = if order.left() == 0 { Status::Filled } else { Status::PartiallyFilled };
        });
        let positions = [(number, position_side)];
        let change =
            Change { reason: "ORDER", assets: &[(asset, Num::ZERO)], positions: &positions, symbol: None };
        self.tell_account(account, market, &change);
        self.tell_order(id, Execution::Trade { ticks, lots, trade, maker, fee, realized });
        self.follow_order(id);
    }

    /// An order is over, unfilled or in part.
    fn end(&mut self, id: u64, status: Status, reason: Reason) {
        let time = self.server_time();
        let Some(order) = self.orders.get(id) else { return };
        let venue = order.venue;
        self.venues[venue].book.remove(id);
        self.orders.change(id, |order| {
            (order.status, order.reason, order.update_time) = (status, reason, time);
        });
        self.book_changed(venue);
        let execution = if status == Status::Canceled { Execution::Canceled } else { Execution::Expired };
        self.tell_order(id, execution);
        self.follow_order(id);
    }

    pub(crate) fn book_changed(&mut self, venue: usize) {
        self.venues[venue].book_time = self.server_time();
        self.tell_best(venue);
    }

    /// Tells what a taker traded at one price.
    fn tell_trades(&mut self, venue: usize, trades: u64, lots: i64) {
        let time = self.server_time();
        let state = &mut self.venues[venue];
        let Some(aggregate) = state.tape.aggregate(trades, lots) else { return };
        self.hub.publish(Topic::AggTrade(venue), &mut self.faults, time, || {
            frames::agg_trade(&state.contract, &aggregate, time)
        });
    }
}

/// Whether an order can only make a position smaller: it says so, or its side does.
const fn only_closes(position: PositionSide, side: Side, reduce_only: bool) -> bool {
    reduce_only
        || matches!((position, side), (PositionSide::Long, Side::Sell) | (PositionSide::Short, Side::Buy))
}

/// A limit that crosses everything.
const fn any_price(side: Side) -> i64 {
    match side {
        Side::Buy => i64::MAX,
        Side::Sell => 0,
    }
}

fn same_order(market: Market) -> Reject {
    match market {
        Market::UsdM => Reject::new(-5027, "No need to modify the order."),
        Market::CoinM => Reject::new(-4197, "No need to modify the order."),
    }
}
