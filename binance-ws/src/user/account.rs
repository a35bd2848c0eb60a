//! An account that is known exactly.

use core::time::Duration;
use std::{
    boxed::Box,
    collections::{BTreeSet, VecDeque},
};

use binance_core::{
    Decimal, Market, Millis, Text, coinm,
    enums::PositionSide,
    error::ApiCode,
    json::{self, find_field},
    listen_key::ListenKey,
    open::Open,
    text::{Asset, Symbol},
    usdm,
};

use crate::{backoff::Backoff, time::Tick};

use super::{
    AlgoState, BalanceState, Failure, Fill, Keeper, Need, OrderState, PositionState, Reconciled, TradesFrom,
    fills::Fills,
    reconcile::{OrderKey, Run, Step},
    records::{Hear, Heard, HeardBalance, HeardPosition},
    table::Table,
    wire,
};

/// How far before the last event a gap is taken to begin: events of different kinds may overtake each other.
const MARGIN: i64 = 10_000;

/// The waits between attempts that fail.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const MOST_WAIT: Duration = Duration::from_secs(30);

type PositionKey = (Symbol, Text<15>);

/// Something to do or to tell.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Output {
    /// Connect with this listen key. If there was one before, it is gone and sends nothing any more, so that there is no use
    /// in keeping its connection meanwhile.
    Connect(ListenKey),
    /// What happened while nobody listened.
    Reconciled(Box<Reconciled>),
    /// A need could not be had. It is asked for again.
    Failed {
        /// Which one.
        need: Need,
        /// Why.
        failure: Failure,
        /// How long until then.
        retry_in: Duration,
    },
}

/// Whether an event says something that was not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is to be given out.
    New,
    /// It is of an order that stood in a [`Reconciled`] as it is after this event, or later, and so did the trade, if it is
    /// of one. Not to be given out.
    Before,
}

/// An account that is known exactly: see the [module](super).
///
/// An adapter owns the connection and asks the exchange. After every call that takes a `&mut User` it
///
/// 1. takes [`User::poll_output`] until it is `None`, and does what it says;
/// 2. takes [`User::poll_need`], asks for it if it is free to, and gives the answer to [`User::answered`] or
///    [`User::failed`]; there is one need at a time;
/// 3. calls [`User::poll_need`] again when the time of [`User::poll_timeout`] has come.
///
/// It calls [`User::connected`] when events come from now on, [`User::lost`] when they do not any more, and
/// [`User::event`] for each.
///
/// **What it keeps.** All open orders and algo orders, one entry for each asset and contract that was ever used, the last
/// 1,000 orders that have ended, and one trade number for each contract. While events may be missing, also the number of
/// each trade that is told, and what the reconcile has found so far, which is what it tells in the end.
#[derive(Debug)]
pub struct User {
    market: Market,
    keeper: Keeper,
    orders: Table<OrderKey, OrderState>,
    algos: Table<u64, AlgoState>,
    balances: Table<Asset, BalanceState>,
    positions: Table<PositionKey, PositionState>,
    fills: Fills,
    /// How many events there were.
    events: u64,
    /// How many events could not be read.
    unreadable: u64,
    /// From this time on, by the exchange's clock, everything is told.
    began: Option<Millis>,
    /// The time of the newest event.
    newest: Millis,
    /// Since when events may have been missed.
    gap: Option<Millis>,
    run: Option<Run>,
    /// Whether the account was told once.
    known: bool,
    /// Whether something cannot be asked for.
    blind: bool,
    backoff: Backoff,
    retry_at: Tick,
    outputs: VecDeque<Output>,
}

impl User {
    /// Nothing is known yet. `seed` is any random number.
    pub fn new(market: Market, seed: u64) -> Self {
        Self {
            market,
            keeper: Keeper::new(seed),
            orders: Table::new(),
            algos: Table::new(),
            balances: Table::new(),
            positions: Table::new(),
            fills: Fills::default(),
            events: 0,
            unreadable: 0,
            began: None,
            newest: Millis(0),
            gap: None,
            run: None,
            known: false,
            blind: false,
            backoff: Backoff::new(FIRST_WAIT, MOST_WAIT, seed.rotate_left(32)),
            retry_at: Tick(0),
            outputs: VecDeque::new(),
        }
    }

    /// Whose account it is.
    pub fn market(&self) -> Market {
        self.market
    }

    /// Whether everything was told, up to the last event. Never, where something cannot be asked for
    /// ([`Failure::NOT_OFFERED`]), and not after an event that could not be read, until the next connection.
    pub fn is_exact(&self) -> bool {
        self.known && !self.blind && self.gap.is_none() && self.run.is_none()
    }

    /// The orders that are open, by contract and id.
    pub fn open_orders(&self) -> impl Iterator<Item = &OrderState> {
        self.orders.open()
    }

    /// An order that is open, or among the last 1,000 that have ended.
    pub fn order(&self, symbol: &str, order_id: u64) -> Option<&OrderState> {
        self.orders.get(&(Symbol::new(symbol).ok()?, order_id))
    }

    /// The algo orders that are open, by id.
    pub fn open_algo_orders(&self) -> impl Iterator<Item = &AlgoState> {
        self.algos.open()
    }

    /// The balances, by asset.
    pub fn balances(&self) -> impl Iterator<Item = &BalanceState> {
        self.balances.iter()
    }

    /// The positions that are not zero, by contract.
    pub fn positions(&self) -> impl Iterator<Item = &PositionState> {
        self.positions.iter().filter(|position| !position.amount.is_zero())
    }

    /// How many events could not be read, or not all of them. They were given out as they came.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// What happened or is to be done, oldest first.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// What has to be asked for now.
    pub fn poll_need(&mut self, now: Tick) -> Option<Need> {
        if self.is_asking() {
            return None;
        }
        if let Some(need) = self.keeper.poll_need(now) {
            return Some(need);
        }
        if self.retry_at > now {
            return None;
        }
        let run = self.run.as_mut()?;
        run.asked = run.queue.pop_front();
        run.asked_at = self.events;
        run.asked.clone()
    }

    /// When [`User::poll_need`] has to be called.
    pub fn poll_timeout(&self) -> Option<Tick> {
        if self.is_asking() {
            return None;
        }
        let waits = self.run.as_ref().is_some_and(|run| !run.queue.is_empty());
        self.keeper.poll_timeout().into_iter().chain(waits.then_some(self.retry_at)).min()
    }

    /// Events come from now on: the first connection is open, or there is one again after [`User::lost`].
    pub fn connected(&mut self) {
        let mut run = Run::new(self.gap, self.unreadable);
        if self.began.is_none() {
            run.push(Need::Time);
        }
        run.push(Need::Account);
        if let (Some(since), Market::UsdM) = (self.gap, self.market) {
            run.push(Need::Orders { symbol: None, since });
        }
        if let Some(before) = self.run.take() {
            // What was found before that is still to be told.
            run.touched = before.touched;
            run.told.fills = before.told.fills;
            run.told.forgotten = before.told.forgotten;
            run.told.forgotten_algo_orders = before.told.forgotten_algo_orders;
        }
        self.run = Some(run);
    }

    /// Events do not come any more, since now or since any time after the last event.
    pub fn lost(&mut self, now: Tick) {
        self.keeper.doubted(now);
        self.begin_gap();
    }

    /// An event came.
    pub fn event(&mut self, now: Tick, data: &str) -> Told {
        self.events += 1;
        let heard = match self.market {
            Market::UsdM => usdm::Event::decode(data).map(Hear::hear),
            Market::CoinM => coinm::Event::decode(data).map(Hear::hear),
        };
        let told = match heard {
            Ok(Heard::Order(order, fill)) => self.order_update(order, fill),
            Ok(Heard::Account { time, balances, positions, unreadable }) => {
                balances.into_iter().for_each(|row| self.balance(row, time));
                positions.into_iter().for_each(|row| self.position(row, time));
                if unreadable {
                    self.missed();
                }
                Told::New
            }
            Ok(Heard::KeyExpired) => {
                self.keeper.expired(now);
                self.begin_gap();
                Told::New
            }
            Ok(Heard::Other) => {
                if let Some(order) = wire::algo_update(data) {
                    self.algos.tell(order.algo_id, order, self.events);
                }
                Told::New
            }
            Err(_) => {
                self.missed();
                Told::New
            }
        };
        let time = find_field(data, "E").ok().flatten();
        if let Some(time) = time.and_then(|time| time.trim_matches('"').parse().ok()) {
            self.newest = self.newest.max(Millis(time));
        }
        told
    }

    /// The answer to a need: the body of a reply of success. One that is not needed any more is left out.
    pub fn answered(&mut self, now: Tick, need: &Need, body: &[u8]) {
        if matches!(need, Need::CreateKey | Need::KeepAlive) {
            match wire::listen_key(body) {
                Ok(key) => {
                    if let Some(key) = self.keeper.answered(now, key) {
                        self.begin_gap();
                        self.outputs.push_back(Output::Connect(key));
                    }
                }
                Err(_) => self.failed(now, need, Failure::default()),
            }
            return;
        }
        let Some(mut run) = self.run.take() else { return };
        if run.asked.as_ref() != Some(need) {
            self.run = Some(run);
            return;
        }
        match self.take_answer(&mut run, need, body) {
            Ok(()) => {
                self.backoff.succeeded();
                self.go_on(run);
            }
            Err(_) => {
                self.run = Some(run);
                self.failed(now, need, Failure::default());
            }
        }
    }

    /// A need could not be had, or its answer could not be understood.
    pub fn failed(&mut self, now: Tick, need: &Need, failure: Failure) {
        if matches!(need, Need::CreateKey | Need::KeepAlive) {
            let retry_in = self.keeper.failed(now, failure);
            self.outputs.push_back(Output::Failed { need: need.clone(), failure, retry_in });
            return;
        }
        let Some(mut run) = self.run.take_if(|run| run.asked.as_ref() == Some(need)) else { return };
        run.asked = None;
        if failure.is_final() && self.give_up(&mut run, need, failure) {
            self.go_on(run);
            return;
        }
        run.queue.push_front(need.clone());
        self.run = Some(run);
        let retry_in = self.backoff.failed().max(failure.retry_after.unwrap_or_default());
        self.retry_at = now.plus(retry_in);
        self.outputs.push_back(Output::Failed { need: need.clone(), failure, retry_in });
    }

    /// Whether a need is not answered yet.
    fn is_asking(&self) -> bool {
        self.keeper.is_asking() || self.run.as_ref().is_some_and(|run| run.asked.is_some())
    }

    /// An event could not be read, or not all of it. What it told is asked for after the next connection.
    fn missed(&mut self) {
        self.unreadable += 1;
        self.open_gap();
    }

    fn open_gap(&mut self) {
        if self.gap.is_none()
            && let Some(began) = self.began
        {
            self.gap = Some(self.newest.plus(-MARGIN).max(began));
            self.fills.open();
        }
    }

    /// From the last event on, something may be missed.
    fn begin_gap(&mut self) {
        self.open_gap();
        if let Some(run) = &mut self.run {
            // It begins anew with the next connection.
            (run.asked, run.step) = (None, Step::Look);
            run.queue.clear();
        }
    }

    fn order_update(&mut self, order: OrderState, fill: Option<Fill>) -> Told {
        let key = (order.symbol.clone(), order.order_id);
        let is_news = match fill {
            // A trade is news even if a reply has shown the order as it is after it.
            Some(fill) => self.fills.note(&fill.symbol, fill.trade_id, fill.order_id),
            None => !self.orders.is_old(&key, &order),
        };
        if is_news {
            self.orders.tell(key, order, self.events);
            Told::New
        } else {
            // Where an order stands after a trade that a reply has shown is told with it.
            self.orders.merge(key, order, self.events);
            Told::Before
        }
    }

    fn balance(&mut self, row: HeardBalance, time: Millis) {
        let known = self.balances.get(&row.asset);
        let Some(wallet) = row.wallet.or_else(|| known.map(|known| known.wallet)) else { return };
        let cross_wallet = row.cross_wallet.or_else(|| known?.cross_wallet);
        let state = BalanceState { asset: row.asset, wallet, cross_wallet, time };
        self.balances.tell(state.asset.clone(), state, self.events);
    }

    fn position(&mut self, row: HeardPosition, time: Millis) {
        let key = position_key(&row.symbol, &row.side);
        let known = self.positions.get(&key);
        let Some(amount) = row.amount.or_else(|| known.map(|known| known.amount)) else { return };
        let entry_price = row.entry_price.or_else(|| known?.entry_price);
        let state = PositionState { symbol: row.symbol, side: row.side, amount, entry_price, time };
        self.positions.tell(key, state, self.events);
    }

    fn take_answer(&mut self, run: &mut Run, need: &Need, body: &[u8]) -> Result<(), json::Error> {
        let market = self.market;
        match need {
            Need::CreateKey | Need::KeepAlive => {}
            Need::Time => {
                let time = wire::time(body)?;
                self.began = Some(time);
                self.newest = self.newest.max(time);
            }
            Need::Account => self.take_account(run, body)?,
            Need::Orders { symbol, since } => {
                let page = wire::orders(market, body)?;
                let last = page.rows.last().map(|(_, placed)| *placed);
                let sent = page.sent();
                run.told.unreadable += page.unreadable;
                for (order, _) in page.rows {
                    run.touched.insert(order.symbol.clone());
                    self.orders.merge((order.symbol.clone(), order.order_id), order, run.asked_at);
                }
                if is_full(sent, need, market)
                    && let Some(last) = last
                {
                    // Those of the same millisecond come again, and are known.
                    let since = if last > *since { last } else { since.plus(1) };
                    run.queue.push_front(Need::Orders { symbol: symbol.clone(), since });
                }
            }
            Need::Trades { symbol, from } => {
                let page = wire::trades(market, body)?;
                let last = page.rows.last().map(|fill| fill.trade_id);
                let sent = page.sent();
                run.told.unreadable += page.unreadable;
                for fill in page.rows {
                    if self.fills.note(&fill.symbol, fill.trade_id, fill.order_id) {
                        run.told.fills.push(fill);
                    }
                }
                if is_full(sent, need, market)
                    && let Some(last) = last
                {
                    let next = if *from == TradesFrom::Id(last) { last + 1 } else { last };
                    run.queue.push_front(Need::Trades { symbol: symbol.clone(), from: TradesFrom::Id(next) });
                }
            }
            Need::OpenOrders => {
                let page = wire::orders(market, body)?;
                run.told.unreadable += page.unreadable;
                for (order, _) in page.rows {
                    let key = (order.symbol.clone(), order.order_id);
                    run.open.insert(key.clone());
                    self.orders.merge(key, order, run.asked_at);
                }
                // Also those of which events told meanwhile: a trade among those that were found may be newer.
                for (symbol, order_id) in self.orders.missing(&run.open) {
                    run.push(Need::Order { symbol, order_id });
                }
            }
            Need::OpenAlgoOrders => {
                let page = wire::algos(market, body)?;
                run.told.unreadable += page.unreadable;
                let mut present = BTreeSet::new();
                for order in page.rows {
                    present.insert(order.algo_id);
                    self.algos.merge(order.algo_id, order, run.asked_at);
                }
                for algo_id in self.algos.missing(&present) {
                    run.push(Need::AlgoOrder { algo_id });
                }
            }
            Need::Order { .. } => {
                let order = wire::order(market, body)?;
                self.orders.merge((order.symbol.clone(), order.order_id), order, run.asked_at);
            }
            Need::AlgoOrder { .. } => {
                let order = wire::algo(market, body)?;
                self.algos.merge(order.algo_id, order, run.asked_at);
            }
        }
        Ok(())
    }

    fn take_account(&mut self, run: &mut Run, body: &[u8]) -> Result<(), json::Error> {
        let (balances, positions) = wire::account(self.market, body)?;
        run.told.unreadable += balances.unreadable + positions.unreadable;
        for balance in balances.rows {
            self.balances.merge(balance.asset.clone(), balance, run.asked_at);
        }
        let mut present = BTreeSet::new();
        for position in positions.rows {
            let key = position_key(&position.symbol, &position.side);
            let known = self.positions.get(&key);
            let before = known.map(|known| known.amount).unwrap_or_default();
            let moved = position.amount != before
                || self.gap.is_some_and(|since| position.time >= since && position.time.0 > 0);
            if moved {
                run.touched.insert(position.symbol.clone());
            }
            present.insert(key.clone());
            // Most contracts were never traded.
            if known.is_some() || !position.amount.is_zero() {
                self.positions.merge(key, position, run.asked_at);
            }
        }
        for key in self.positions.missing(&present) {
            // One that was opened since is not in the reply.
            let is_old = !self.positions.is_heard_since(&key, run.asked_at);
            let known = self.positions.get(&key).filter(|known| is_old && !known.amount.is_zero());
            if let Some(known) = known {
                run.touched.insert(known.symbol.clone());
                let closed = PositionState { amount: Decimal::ZERO, ..known.clone() };
                self.positions.merge(key, closed, run.asked_at);
            }
        }
        Ok(())
    }

    /// The exchange will not answer this. Whether it can be done without.
    fn give_up(&mut self, run: &mut Run, need: &Need, failure: Failure) -> bool {
        let forgotten = failure.code == Some(ApiCode::NO_SUCH_ORDER);
        match need {
            Need::CreateKey | Need::KeepAlive | Need::Time | Need::Account => return false,
            Need::OpenOrders if failure.not_offered => {
                // Each one that is known can be asked for by itself.
                for (symbol, order_id) in self.orders.missing(&run.open) {
                    run.push(Need::Order { symbol, order_id });
                }
            }
            _ if failure.not_offered => {}
            Need::Order { symbol, order_id } => {
                let order = self.orders.remove(&(symbol.clone(), *order_id)).filter(|_| forgotten);
                run.told.forgotten.extend(order);
            }
            Need::AlgoOrder { algo_id } => {
                let order = self.algos.remove(algo_id).filter(|_| forgotten);
                run.told.forgotten_algo_orders.extend(order);
            }
            Need::Trades { .. } | Need::Orders { symbol: Some(_), .. } => {}
            _ => return false,
        }
        self.blind |= failure.not_offered;
        if !forgotten {
            run.told.unanswered.push(need.clone());
        }
        true
    }

    /// The next question, or the end.
    fn go_on(&mut self, mut run: Run) {
        run.asked = None;
        while run.queue.is_empty() {
            run.step = match run.step {
                Step::Look => {
                    self.ask_for_trades(&mut run);
                    Step::Trades
                }
                Step::Trades => {
                    run.push(Need::OpenOrders);
                    run.push(Need::OpenAlgoOrders);
                    Step::Open
                }
                Step::Open => {
                    for fill in &run.told.fills {
                        let key = (fill.symbol.clone(), fill.order_id);
                        let is_final = self.orders.get(&key).is_some_and(OrderState::has_ended);
                        let (symbol, order_id) = key.clone();
                        let need = Need::Order { symbol, order_id };
                        // Where its order stands after it is to be told with it.
                        if !is_final && !run.open.contains(&key) && !run.queue.contains(&need) {
                            run.queue.push_back(need);
                        }
                    }
                    Step::Ended
                }
                Step::Ended => {
                    self.finish(run);
                    return;
                }
            };
        }
        self.run = Some(run);
    }

    fn ask_for_trades(&self, run: &mut Run) {
        let Some(since) = self.gap else { return };
        run.touched.extend(self.orders.open().map(|order| order.symbol.clone()));
        run.touched.extend(self.algos.open().map(|order| order.symbol.clone()));
        for symbol in run.touched.clone() {
            if self.market == Market::CoinM {
                run.push(Need::Orders { symbol: Some(symbol.clone()), since });
            }
            let from = match self.fills.newest(&symbol) {
                Some(newest) => TradesFrom::Id(newest),
                None => TradesFrom::Time(since),
            };
            run.push(Need::Trades { symbol, from });
        }
    }

    fn finish(&mut self, run: Run) {
        let mut told = run.told;
        told.orders = self.orders.take_changes();
        told.algo_orders = self.algos.take_changes();
        told.balances = self.balances.take_changes();
        told.positions = self.positions.take_changes();
        self.known = true;
        // What came meanwhile and could not be read is not in it.
        if run.unreadable == self.unreadable {
            self.fills.close();
            self.gap = None;
        } else {
            self.open_gap();
        }
        self.outputs.push_back(Output::Reconciled(Box::new(told)));
    }
}

fn position_key(symbol: &Symbol, side: &Open<PositionSide>) -> PositionKey {
    (symbol.clone(), Text::truncated(side.as_str()))
}

/// Whether there may be more than this page.
fn is_full(sent: usize, need: &Need, market: Market) -> bool {
    need.limit(market).is_some_and(|limit| sent >= usize::from(limit))
}

#[cfg(test)]
impl User {
    /// How many entries there are in all.
    pub(super) fn kept(&self) -> usize {
        let tables = [self.orders.len(), self.algos.len(), self.balances.len(), self.positions.len()];
        tables.into_iter().sum::<usize>() + self.fills.len()
    }
}
