//! What happens when the margin is not enough: calls, forced orders, the insurance fund, deleveraging.

use std::collections::BTreeSet;

use binance_core::endpoint::Market;

use crate::{
    account::Position,
    book::Side,
    events::Execution,
    exchange::Exchange,
    ledger::Income,
    market::{forced::Forced, indices},
    matching::{NewOrder, Role, Taker},
    notify::Change,
    num::Num,
    order::{Kind, Order, Origin, PositionSide, SelfTrade, TimeInForce},
};

/// What the insurance fund takes of a liquidation, in 1/10,000 of its turnover, if so much is left.
const CLEARANCE: i128 = 125;
/// A call is made when the maintenance margin is this share of what there is, in percent, and again after it was less
/// than the second.
const CALL: (i128, i128) = (80, 70);
/// In multi-assets mode an asset that is owed further than this is bought with another one.
const AUTO_EXCHANGE: i64 = -10_000;

/// What positions are looked at together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watched {
    /// One that is isolated.
    Position(usize, PositionSide),
    /// Those that share a wallet; all of USDⓈ-M in multi-assets mode.
    Wallet(Market, &'static str),
}

/// The insurance fund, by market and asset.
#[derive(Debug, Default)]
pub(crate) struct Fund(Vec<(Market, &'static str, Num)>);

impl Fund {
    /// What the fund has at the start, of each asset.
    const START: Num = Num::int(1_000_000_000);

    pub(crate) fn balance(&self, market: Market, asset: &'static str) -> Num {
        let known = self.0.iter().find(|(of, name, _)| (*of, *name) == (market, asset));
        known.map_or(Self::START, |(.., balance)| *balance)
    }

    /// The assets that it took or gave some of.
    pub(crate) fn moved(&self) -> impl Iterator<Item = (Market, &'static str, Num)> {
        self.0.iter().copied()
    }

    fn book(&mut self, market: Market, asset: &'static str, amount: Num) {
        match self.0.iter_mut().find(|(of, name, _)| (*of, *name) == (market, asset)) {
            Some((.., balance)) => *balance += amount,
            None => self.0.push((market, asset, Self::START + amount)),
        }
    }
}

impl Exchange {
    /// Looks after all positions, once mark prices have moved.
    pub(crate) fn watch_margins(&mut self) {
        for account in 0..self.accounts.len() {
            self.exchange_what_is_owed(account);
            for watched in self.watched(account) {
                let (margin, needed) = self.cover(account, &watched);
                if margin < needed {
                    self.liquidate(account, &watched);
                } else {
                    self.call(account, watched, margin, needed);
                }
            }
            self.make_good(account);
        }
    }

    /// What there is to be looked at: the open positions of an account.
    fn watched(&self, account: usize) -> Vec<Watched> {
        let owner = &self.accounts[account];
        let mut all = Vec::new();
        for ((venue, side), _) in owner.positions.iter().filter(|(_, position)| position.lots != 0) {
            let contract = &self.venues[*venue].contract;
            let one = if owner.isolated.contains(venue) {
                Watched::Position(*venue, *side)
            } else if owner.multi_assets && contract.market == Market::UsdM {
                Watched::Wallet(Market::UsdM, "USDT")
            } else {
                Watched::Wallet(contract.market, contract.margin_asset)
            };
            if !all.contains(&one) {
                all.push(one);
            }
        }
        all
    }

    /// What stands behind positions, and what they need at least.
    fn cover(&self, account: usize, watched: &Watched) -> (Num, Num) {
        match watched {
            Watched::Position(venue, side) => {
                let state = &self.venues[*venue];
                let (contract, mark) = (&state.contract, state.prices.mark_num());
                let position = self.accounts[account].positions.get(&(*venue, *side));
                position.map_or((Num::ZERO, Num::ZERO), |position| {
                    let margin = position.isolated + position.unrealized(contract, mark);
                    (margin, position.maintenance(contract, mark).trunc(8))
                })
            }
            Watched::Wallet(market, asset) => {
                let pool = self.pool(account, *market, asset);
                (pool.margin, pool.maintenance)
            }
        }
    }

    /// The open positions that are looked at together, the one that loses most first.
    pub(crate) fn together(&self, account: usize, watched: &Watched) -> Vec<(usize, PositionSide)> {
        let owner = &self.accounts[account];
        if let Watched::Position(venue, side) = watched {
            return vec![(*venue, *side)];
        }
        let mut keys: Vec<_> = owner.positions.iter().filter(|(_, position)| position.lots != 0).collect();
        keys.retain(|((venue, _), _)| {
            let contract = &self.venues[*venue].contract;
            let here = match watched {
                Watched::Wallet(market, _) if *market == Market::UsdM && owner.multi_assets => {
                    contract.market == Market::UsdM
                }
                Watched::Wallet(market, asset) => {
                    contract.market == *market && contract.margin_asset == *asset
                }
                Watched::Position(..) => false,
            };
            here && !owner.isolated.contains(venue)
        });
        keys.sort_by_key(|((venue, _), position)| {
            let state = &self.venues[*venue];
            position.unrealized(&state.contract, state.prices.mark_num())
        });
        keys.into_iter().map(|(key, _)| *key).collect()
    }

    /// Warns once, and again after there was enough in between.
    fn call(&mut self, account: usize, watched: Watched, margin: Num, needed: Num) {
        let share = |percent: i128| needed.mul_div(100, percent) >= margin;
        let called = &mut self.accounts[account].called;
        if !share(CALL.1) {
            called.retain(|known| *known != watched);
        } else if share(CALL.0) && !called.contains(&watched) {
            called.push(watched);
            self.tell_margin_call(account, &watched);
        }
    }

    /// Closes positions, one after the other, until there is enough for the rest. The orders of their contracts go
    /// first.
    fn liquidate(&mut self, account: usize, watched: &Watched) {
        self.accounts[account].called.retain(|known| known != watched);
        let keys = self.together(account, watched);
        for venue in keys.iter().map(|(venue, _)| *venue).collect::<BTreeSet<_>>() {
            self.cancel_all(account, venue);
        }
        for (venue, side) in keys {
            self.force_close(account, venue, side);
            let (margin, needed) = self.cover(account, watched);
            if matches!(watched, Watched::Wallet(..)) && margin >= needed && !needed.is_zero() {
                return;
            }
        }
    }

    /// Closes a position in the book, down to the price at which nothing is left; what the book does not take, the
    /// insurance fund takes at that price.
    fn force_close(&mut self, account: usize, venue: usize, side: PositionSide) {
        let Some(position) = self.accounts[account].positions.get(&(venue, side)).cloned() else { return };
        let edge = self.bankruptcy_price(account, venue, side);
        let contract = &self.venues[venue].contract;
        let (market, asset) = (contract.market, contract.margin_asset);
        let is_isolated = self.accounts[account].isolated.contains(&venue);
        let order_side = if position.lots > 0 { Side::Sell } else { Side::Buy };
        // A sell at no less and a buy at no more than the edge, which a short on COIN-M may not have.
        let (lowest, highest) = (contract.min_price_ticks, contract.max_price_ticks);
        let farthest = if order_side == Side::Sell { lowest } else { highest };
        let ticks = contract.ticks_beyond(edge, order_side).unwrap_or(farthest).clamp(lowest, highest);
        let before = self.accounts[account].balance(market, asset);
        let lots = position.lots.abs();
        let id = self.forced_order((account, venue, side), (order_side, ticks, lots), Origin::Liquidation);
        self.trade(venue, Taker::Order(id), order_side, ticks, lots);
        let left = self.orders.get(id).map_or(0, Order::left);
        if left > 0 {
            let state = &self.venues[venue];
            let mut taken = Position::default();
            taken.trade(&state.contract, order_side.other(), ticks, left, self.now, None);
            let profit = taken.unrealized(&state.contract, state.prices.mark_num());
            self.fund.book(market, asset, profit);
            self.next_order += 1;
            self.filled(id, ticks, left, self.next_order, Role::Exchange);
        }
        self.book_changed(venue);
        self.note_forced(id);
        let turnover = self.orders.get(id).map_or(Num::ZERO, |order| order.turnover);
        let rest = if is_isolated {
            position.isolated + self.accounts[account].balance(market, asset) - before
        } else {
            let pool = self.pool(account, market, asset);
            // A loss that others in the pool may still make good is none of the fund's.
            let is_last = pool.maintenance.is_zero();
            if is_last { pool.margin } else { (pool.margin - pool.maintenance).max(Num::ZERO) }
        };
        let fee = turnover.mul_div(CLEARANCE, 10_000).trunc(8).min(rest);
        self.settle_with_fund(account, Some(venue), (market, asset), -fee);
    }

    /// A wallet that is overdrawn with no position left that could change that is made good by the fund.
    fn make_good(&mut self, account: usize) {
        let owner = &self.accounts[account];
        let overdrawn = owner.wallets.iter().filter(|wallet| {
            let in_pool = owner.multi_assets && wallet.market == Market::UsdM;
            wallet.balance < Num::ZERO && !in_pool
        });
        let open: Vec<_> = owner.positions.iter().filter(|(_, position)| position.lots != 0).collect();
        let contracts = self.venues.iter().map(|venue| &venue.contract);
        let assets: Vec<_> = overdrawn
            .filter_map(|wallet| {
                let is_it = |market, asset| (market, asset) == (wallet.market, wallet.asset.as_str());
                let held = |venue: usize| {
                    let contract = &self.venues[venue].contract;
                    is_it(contract.market, contract.margin_asset)
                };
                let asset = contracts.clone().map(|contract| (contract.market, contract.margin_asset));
                let asset = asset.into_iter().find(|(market, asset)| is_it(*market, asset))?;
                let idle = !open.iter().any(|((venue, _), _)| held(*venue));
                idle.then_some((asset, -wallet.balance))
            })
            .collect();
        for (asset, missing) in assets {
            self.settle_with_fund(account, None, asset, missing);
        }
    }

    /// The fund takes what is left of a liquidation, or pays what is missing.
    fn settle_with_fund(
        &mut self,
        account: usize,
        venue: Option<usize>,
        (market, asset): (Market, &'static str),
        amount: Num,
    ) {
        if amount.is_zero() {
            return;
        }
        self.fund.book(market, asset, -amount);
        let change = Change { reason: "INSURANCE_CLEAR", assets: &[(asset, amount)], ..Change::default() };
        self.earn(account, market, venue, "INSURANCE_CLEAR", asset, amount);
        self.tell_account(account, market, &change);
    }

    /// Somebody with a bankrupt position has nobody who takes it but this account: its position is closed at the mark
    /// price, against nobody. Says `false` when there is none.
    pub(crate) fn deleverage(&mut self, account: usize, venue: usize, side: PositionSide) -> bool {
        let mark = self.venues[venue].prices.mark_num();
        if self.accounts[account].lots(venue, side) == 0 {
            return false;
        }
        self.cancel_all(account, venue);
        self.close_outside(account, venue, side, mark, Origin::Deleveraging);
        true
    }

    /// The contract is delivered: orders are cancelled, and positions are closed at the index.
    pub(crate) fn settle(&mut self, account: usize, venue: usize) {
        self.cancel_all(account, venue);
        let index = self.venues[venue].prices.index().num();
        for side in [PositionSide::Both, PositionSide::Long, PositionSide::Short] {
            if self.accounts[account].lots(venue, side) != 0 {
                self.close_outside(account, venue, side, index, Origin::Settlement);
            }
        }
    }

    /// Closes a position at a price outside of the book.
    fn close_outside(
        &mut self,
        account: usize,
        venue: usize,
        side: PositionSide,
        price: Num,
        origin: Origin,
    ) {
        let lots = self.accounts[account].lots(venue, side);
        let order_side = if lots > 0 { Side::Sell } else { Side::Buy };
        let ticks = self.venues[venue].contract.ticks_beyond(price, order_side).unwrap_or(1);
        let lots = lots.abs();
        let id = self.forced_order((account, venue, side), (order_side, ticks, lots), origin);
        self.next_order += 1;
        self.filled(id, ticks, lots, self.next_order, Role::Exchange);
    }

    /// An order that the exchange places to close a position; gives its id. It has not met the book yet.
    fn forced_order(
        &mut self,
        (account, venue, position_side): (usize, usize, PositionSide),
        (side, ticks, lots): (Side, i64, i64),
        origin: Origin,
    ) -> u64 {
        self.next_order += 1;
        let id = self.next_order;
        let client_id = match origin {
            Origin::Deleveraging => "adl_autoclose".to_owned(),
            Origin::Settlement => format!("settlement_autoclose-{}{:06}", self.now, id % 1_000_000),
            _ => format!("autoclose-{}{:06}", self.server_time(), id % 1_000_000),
        };
        let new = NewOrder {
            account,
            venue,
            side,
            kind: Kind::Limit,
            time_in_force: TimeInForce::Ioc,
            ticks,
            lots,
            client_id: Some(client_id),
            reduce_only: false,
            position_side,
            self_trade: SelfTrade::None,
            price_match: "NONE",
            good_till: 0,
        };
        let order = Order { origin, ..self.draft(new, id) };
        self.orders.insert(order);
        self.tell_order(id, Execution::New);
        id
    }

    /// Notes a forced order of a client for the streams.
    fn note_forced(&mut self, id: u64) {
        let Some(order) = self.orders.get(id) else { return };
        let contract = &self.venues[order.venue].contract;
        let fills = self.accounts[order.account].ledger.fills.all().rev().map(|(_, fill)| fill);
        let last = fills.filter(|fill| fill.order == id).map(|fill| fill.lots).next();
        let forced = Forced {
            side: order.side,
            ticks: order.ticks,
            lots: order.lots,
            executed: order.executed,
            last: last.unwrap_or(0),
            average: contract.average_price(order.executed, order.turnover),
            time: order.update_time,
        };
        self.venues[order.venue].note_forced(forced);
    }

    /// In multi-assets mode: buys what is owed with what there is.
    fn exchange_what_is_owed(&mut self, account: usize) {
        if !self.accounts[account].multi_assets {
            return;
        }
        for owed in &indices::ASSETS {
            let limit = Num::int(AUTO_EXCHANGE);
            let missing = -self.accounts[account].balance(Market::UsdM, owed.asset);
            let other = indices::ASSETS
                .iter()
                .find(|other| self.accounts[account].balance(Market::UsdM, other.asset) > Num::ZERO);
            let owed_rates = owed.rates(&self.venues);
            let Some(other) = other.filter(|_| missing.mul(owed_rates.index) > -limit) else { continue };
            let there = self.accounts[account].balance(Market::UsdM, other.asset);
            let rate = owed_rates.exchange_ask.div(other.rates(&self.venues).exchange_bid);
            let paid = missing.mul(rate).trunc(8).min(there);
            let got = paid.div(rate).trunc(8);
            self.earn(account, Market::UsdM, None, "AUTO_EXCHANGE", other.asset, -paid);
            self.earn(account, Market::UsdM, None, "AUTO_EXCHANGE", owed.asset, got);
            let assets = [(other.asset, -paid), (owed.asset, got)];
            let change = Change { reason: "AUTO_EXCHANGE", assets: &assets, ..Change::default() };
            self.tell_account(account, Market::UsdM, &change);
        }
    }

    /// Puts an amount into a wallet, or takes it out, and notes why.
    pub(crate) fn earn(
        &mut self,
        account: usize,
        market: Market,
        venue: Option<usize>,
        kind: &'static str,
        asset: &'static str,
        amount: Num,
    ) {
        let time = self.server_time();
        let owner = &mut self.accounts[account];
        owner.book(market, asset, amount, time);
        owner.ledger.incomes.push(Income { market, venue, kind, asset, amount, time, trade: None });
    }
}
