//! The exchange's state, and how time moves it.

use std::collections::{BTreeMap, VecDeque};

use binance_core::{decimal::Decimal, endpoint::Market};

use crate::{
    account::Account,
    algo::Algos,
    book::Side,
    calendar::{HOUR, SECOND},
    clock::Clock,
    config::{DEFAULT_START, SimBuilder},
    contracts::Contract,
    events,
    faults::Faults,
    keys::KeyTable,
    limits::Limits,
    liquidation::Fund,
    listen_keys::ListenKeys,
    market::{Venue, crowd::Act, fundings::Funding, indices, prices::next_funding},
    notify::Change,
    num::Num,
    order::{Orders, PositionSide},
    replay::Replay,
    rest::Router,
    rng::{Rng, hash},
    streams::hub::Hub,
    truth::{BalanceTruth, BookTruth, FundTruth, OrderTruth, PositionTruth, Received, Truth},
};

/// How long one step of the market is, in milliseconds.
const STEP: i64 = 50;
/// A jump of the clock longer than this is taken in longer steps.
const FINE: i64 = 60 * SECOND;
/// In how many steps, at most.
const STEPS: i64 = 1_200;
/// A real clock that jumps further than this (the host slept) is not caught up with. At a higher speed it is so many
/// times as long.
const GAP: i64 = 10 * SECOND;
/// For how long the market moves before the exchange opens, so that there are trades.
const WARM_UP: i64 = 10 * SECOND;
/// How many requests are remembered.
const REMEMBERED: usize = 10_000;

/// How many methods and paths are counted.
const COUNTED: usize = 1_000;

/// Why something may come into a wallet from elsewhere, or go there.
const REASONS: [&str; 10] = [
    "DEPOSIT",
    "WITHDRAW",
    "WITHDRAW_REJECT",
    "ADJUSTMENT",
    "ADMIN_DEPOSIT",
    "ADMIN_WITHDRAW",
    "ASSET_TRANSFER",
    "OPTIONS_PREMIUM_FEE",
    "OPTIONS_SETTLE_PROFIT",
    "INSURANCE_CLEAR",
];

/// Everything that the exchange knows. One thread owns it.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) clock: Clock,
    pub(crate) venues: Vec<Venue>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) orders: Orders,
    pub(crate) algos: Algos,
    pub(crate) fund: Fund,
    pub(crate) hub: Hub,
    pub(crate) faults: Faults,
    pub(crate) limits: Limits,
    pub(crate) keys: KeyTable,
    pub(crate) listen_keys: ListenKeys,
    pub(crate) router: Router,
    /// Connections that are served at once.
    pub(crate) connections: usize,
    /// Messages a second that a stream socket may send.
    pub(crate) message_ceiling: u32,
    pub(crate) rng: Rng,
    /// The market's time, as far as it has been played.
    pub(crate) now: i64,
    pub(crate) next_order: u64,
    pub(crate) next_crowd_order: u64,
    /// When all orders of an account in a contract are cancelled unless the timer is set anew.
    pub(crate) countdowns: BTreeMap<(usize, usize), i64>,
    /// What is played back in place of the market's own moves.
    pub(crate) replay: Option<Replay>,
    quiet: bool,
    /// How far a real clock may jump.
    gap: i64,
    /// The last step of the market.
    stepped: i64,
    /// How often the clock was moved.
    moves: u64,
    ping_interval: i64,
    pong_timeout: i64,
    received: VecDeque<Received>,
    counts: BTreeMap<String, u64>,
}

impl Exchange {
    /// An exchange with full books and a little past; `None` when a key cannot be read.
    pub(crate) fn open(config: SimBuilder) -> Option<Self> {
        let mut clock = if config.manual {
            Clock::manual(config.start_time.unwrap_or(DEFAULT_START))
        } else {
            Clock::real(config.speed)
        };
        clock.set_skew(config.clock_skew);
        let opening = clock.now();
        let start = (opening - WARM_UP).div_euclid(STEP) * STEP;
        let contracts = Contract::all(start).into_iter().zip(0..);
        let contracts = contracts.filter_map(|(contract, number)| Some((config.traded(contract)?, number)));
        let venues = contracts.map(|(contract, number)| Venue::new(contract, config.seed, number, start));
        let mut exchange = Self {
            venues: venues.collect(),
            accounts: config
                .accounts()
                .map(|account| Account::new(&account.balances, account.hedge_mode, opening))
                .collect(),
            orders: Orders::default(),
            algos: Algos::default(),
            fund: Fund::default(),
            hub: Hub::new(config.replay.is_some()),
            faults: Faults::new(hash(config.seed, 3, 0)),
            limits: Limits::new(&config),
            keys: KeyTable::new(&config)?,
            listen_keys: ListenKeys::new(hash(config.seed, 1, 0), config.listen_key_life),
            router: Router::new(),
            connections: config.connections,
            message_ceiling: config.message_ceiling,
            rng: Rng::new(hash(config.seed, 2, 0)),
            now: start,
            next_order: 8_000_000_000,
            next_crowd_order: 1 << 62,
            countdowns: BTreeMap::new(),
            quiet: config.quiet || config.replay.is_some(),
            replay: config.replay.clone().map(Replay::new),
            gap: (GAP as f64 * config.speed.max(1.0)) as i64,
            stepped: start,
            moves: 0,
            ping_interval: config.ping_interval,
            pong_timeout: config.pong_timeout,
            received: VecDeque::new(),
            counts: BTreeMap::new(),
            clock,
        };
        for fault in config.faults.iter().cloned() {
            exchange.faults.add(fault);
        }
        for venue in 0..exchange.venues.len() {
            let state = &mut exchange.venues[venue];
            let fair = state.prices.fair_ticks(&state.contract);
            for act in state.crowd.open(&state.contract, fair) {
                exchange.act(venue, act);
            }
        }
        exchange.play(opening);
        Some(exchange)
    }

    /// The time that the exchange tells.
    pub(crate) fn server_time(&self) -> i64 {
        self.clock.server()
    }

    /// Plays the market up to the clock's time.
    pub(crate) fn refresh(&mut self) {
        let now = self.clock.now();
        if now - self.stepped > self.gap {
            self.stepped = (now - self.gap).div_euclid(STEP) * STEP;
        }
        self.play(now);
    }

    /// Moves a clock that is moved by hand.
    pub(crate) fn advance(&mut self, by: i64) {
        if self.clock.is_manual() {
            self.play(self.now.saturating_add(by.max(0)));
        } else {
            self.refresh();
        }
    }

    /// The number of a contract.
    pub(crate) fn venue(&self, symbol: &str) -> Option<usize> {
        self.venues.iter().position(|venue| venue.contract.symbol == symbol)
    }

    /// Counts what came: a method and a path.
    pub(crate) fn count(&mut self, at: String) {
        let is_known = self.counts.contains_key(&at) || self.counts.len() < COUNTED;
        *self.counts.entry(if is_known { at } else { "other".to_owned() }).or_default() += 1;
    }

    /// Notes a request.
    pub(crate) fn receive(&mut self, request: Received) {
        self.count(format!("{} {}", request.method, request.path));
        if self.received.len() >= REMEMBERED {
            self.received.pop_front();
        }
        self.received.push_back(request);
    }

    fn play(&mut self, until: i64) {
        self.moves += 1;
        let span = until - self.stepped;
        let step = if span <= FINE { STEP } else { (span / STEPS).div_euclid(STEP) * STEP + STEP };
        while self.stepped + step <= until {
            let previous = self.stepped;
            self.stepped += step;
            self.now = self.stepped;
            self.clock.set(self.now);
            self.tick(previous);
        }
        self.now = until.max(self.now);
        self.clock.set(self.now);
    }

    /// One step of the market, from `previous` to now.
    fn tick(&mut self, previous: i64) {
        let now = self.now;
        let passed = |period: i64| now.div_euclid(period) != previous.div_euclid(period);
        for venue in 0..self.venues.len() {
            self.roll(venue);
            if !self.quiet && !self.venues[venue].contract.delivered {
                self.move_crowd(venue);
            }
        }
        self.play_back();
        self.trigger_algos();
        if passed(SECOND) {
            for venue in &mut self.venues {
                let (bid, ask) = (venue.best_ticks(Side::Buy), venue.best_ticks(Side::Sell));
                venue.prices.settle(&venue.contract, bid, ask);
            }
        }
        if passed(SECOND) {
            self.watch_margins();
        }
        self.broadcast(previous);
        if passed(SECOND) {
            for key in self.listen_keys.take_expired(now) {
                self.tell_expired(&key.key);
            }
            self.expire_dated_orders();
            self.expire_algos();
            self.count_down();
            self.deliver();
            self.hub.keep_house(now, self.moves, self.ping_interval, self.pong_timeout);
        }
        if passed(8 * HOUR) {
            self.fund();
        }
    }

    /// Sends the recorded frames that are due.
    fn play_back(&mut self) {
        let (now, time) = (self.now, self.server_time());
        while let Some(frame) = self.replay.as_mut().and_then(|replay| replay.due(now)) {
            self.hub.replay(frame, &mut self.faults, time);
        }
    }

    fn move_crowd(&mut self, venue: usize) {
        let state = &mut self.venues[venue];
        state.prices.drift(state.crowd.rng());
        let fair = state.prices.fair_ticks(&state.contract);
        for act in state.crowd.step(&state.contract, &state.book, fair) {
            self.act(venue, act);
        }
    }

    fn act(&mut self, venue: usize, act: Act) {
        match act {
            Act::Order { side, ticks, lots, rests } => self.crowd_order(venue, side, ticks, lots, rests),
            Act::Cancel(id) => self.crowd_cancel(venue, id),
            Act::Liquidation { side, ticks, lots } => self.crowd_liquidation(venue, side, ticks, lots),
        }
    }

    fn tell_expired(&mut self, key: &str) {
        let time = self.server_time();
        let event = events::listen_key_expired(key, time);
        self.hub.publish_user(key, "listenKeyExpired", &event, &mut self.faults, time);
    }

    /// Ends every listen key, as if its time were over.
    pub(crate) fn expire_listen_keys(&mut self) {
        for key in self.listen_keys.take_expired(i64::MAX) {
            self.tell_expired(&key.key);
        }
    }

    /// Exchanges funding between longs and shorts.
    fn fund(&mut self) {
        for number in 0..self.venues.len() {
            let state = &mut self.venues[number];
            if !state.contract.is_perpetual() {
                continue;
            }
            let (rate, mark) = (state.prices.fund(), state.prices.mark());
            let time = next_funding(self.now) - 8 * HOUR;
            state.fundings.push(Funding { time, rate, mark });
            for account in 0..self.accounts.len() {
                self.fund_account(account, number, rate.num(), mark.num());
            }
        }
    }

    /// Isolated positions pay out of their own wallets.
    fn fund_account(&mut self, account: usize, number: usize, rate: Num, mark: Num) {
        let contract = self.venues[number].contract.clone();
        let owner = &mut self.accounts[account];
        let is_isolated = owner.isolated.contains(&number);
        let here = owner.positions.iter_mut().filter(|((venue, _), _)| *venue == number);
        let (mut paid, mut positions) = (Num::ZERO, Vec::new());
        for (key, position) in here.filter(|(_, position)| position.lots != 0) {
            let fee = position.notional(&contract, mark).mul(rate).trunc(8);
            paid += fee;
            if is_isolated {
                position.isolated -= fee;
                positions.push(*key);
            }
        }
        if paid.is_zero() {
            return;
        }
        let (market, asset) = (contract.market, contract.margin_asset);
        self.earn(account, market, Some(number), "FUNDING_FEE", asset, -paid);
        let change = Change {
            reason: "FUNDING_FEE",
            assets: &[(asset, -paid)],
            positions: &positions,
            symbol: Some(&contract.symbol),
        };
        self.tell_account(account, market, &change);
    }

    /// Delivers the contracts whose date has come: what is open is settled at the index.
    fn deliver(&mut self) {
        let now = self.now;
        for venue in 0..self.venues.len() {
            let contract = &self.venues[venue].contract;
            if contract.delivered || contract.delivery_date > now {
                continue;
            }
            for account in 0..self.accounts.len() {
                self.settle(account, venue);
            }
            self.end_algos_of(venue);
            self.venues[venue].contract.delivered = true;
            self.tell_contract(venue);
        }
    }

    /// Cancels the orders whose timer has run out.
    fn count_down(&mut self) {
        let now = self.now;
        let over: Vec<_> =
            self.countdowns.iter().filter(|(_, end)| **end <= now).map(|(key, _)| *key).collect();
        for key in over {
            self.countdowns.remove(&key);
            self.cancel_all(key.0, key.1);
        }
    }

    /// Cancels all orders of an account in a contract.
    pub(crate) fn cancel_all(&mut self, account: usize, venue: usize) {
        let own = self.orders.open().filter(|order| (order.account, order.venue) == (account, venue));
        let ids: Vec<_> = own.map(|order| order.id).collect();
        for id in ids {
            // Those of the list are open, and ending one ends no other.
            let _ = self.cancel(id);
        }
    }

    /// What an asset is worth in USD.
    pub(crate) fn usd_price(&self, asset: &str) -> Option<Num> {
        indices::usd_price(asset, &self.venues)
    }

    /// What really is.
    pub(crate) fn truth(&self) -> Truth {
        let positions = self.accounts.iter().flat_map(|account| account.positions.iter());
        let open = positions.filter(|(_, position)| position.lots != 0);
        Truth {
            time: self.server_time(),
            orders: self.orders.all().into_iter().map(|order| self.order_truth(order)).collect(),
            positions: open
                .map(|((venue, side), position)| {
                    let contract = &self.venues[*venue].contract;
                    PositionTruth {
                        market: contract.market,
                        symbol: contract.symbol.clone(),
                        side: side.as_str(),
                        amount: decimal(contract.quantity(position.lots)),
                        entry_price: position.entry_price(contract).to_decimal(8),
                        isolated_wallet: position.isolated.to_decimal(8),
                    }
                })
                .collect(),
            balances: self
                .accounts
                .iter()
                .flat_map(|account| account.wallets.iter())
                .map(|wallet| BalanceTruth {
                    market: wallet.market,
                    asset: wallet.asset.clone(),
                    wallet: wallet.balance.to_decimal(8),
                })
                .collect(),
            insurance: self
                .fund
                .moved()
                .map(|(market, asset, balance)| FundTruth { market, asset, balance: balance.to_decimal(8) })
                .collect(),
            received: self.received.iter().cloned().collect(),
            counts: self.counts.clone(),
            stream_sockets: self.hub.sockets(),
        }
    }

    fn order_truth(&self, order: &crate::order::Order) -> OrderTruth {
        let contract = &self.venues[order.venue].contract;
        OrderTruth {
            market: contract.market,
            symbol: contract.symbol.clone(),
            order_id: order.id,
            client_order_id: order.client_id.clone(),
            side: order.side,
            kind: order.kind.as_str(),
            status: order.status.as_str(),
            price: decimal(contract.price(order.ticks)),
            quantity: decimal(contract.quantity(order.lots)),
            executed: decimal(contract.quantity(order.executed)),
        }
    }

    /// The whole book of a contract.
    pub(crate) fn book_truth(&self, symbol: &str) -> Option<BookTruth> {
        let venue = self.venues.get(self.venue(symbol)?)?;
        let contract = &venue.contract;
        let levels = |side| {
            let levels = venue.book.levels(side);
            levels
                .map(|(ticks, lots)| (decimal(contract.price(ticks)), decimal(contract.quantity(lots))))
                .collect()
        };
        Some(BookTruth {
            update_id: venue.book.update_id(),
            bids: levels(Side::Buy),
            asks: levels(Side::Sell),
        })
    }

    /// The index and the mark price of a contract's pair jump, and the crowd follows; `false` for a price of nothing.
    pub(crate) fn jump(&mut self, symbol: &str, price: Decimal) -> bool {
        let price = Num::from_decimal(price).filter(|price| *price > Num::ZERO);
        let Some((venue, price)) = self.venue(symbol).zip(price) else { return false };
        self.venues[venue].prices.jump(price);
        self.watch_margins();
        self.trigger_algos();
        true
    }

    /// An amount comes into a wallet from elsewhere, or goes there when negative.
    pub(crate) fn transfer(&mut self, market: Market, asset: &str, amount: Decimal, reason: &str) -> bool {
        let reason = REASONS.into_iter().find(|known| *known == reason);
        let venues = self.venues.iter().map(|venue| &venue.contract);
        let mut assets = venues
            .filter(|contract| contract.market == market)
            .map(|contract| contract.margin_asset)
            .chain(indices::ASSETS.iter().filter(|_| market == Market::UsdM).map(|asset| asset.asset));
        let asset = assets.find(|known| *known == asset);
        let Some(((reason, asset), amount)) = reason.zip(asset).zip(Num::from_decimal(amount)) else {
            return false;
        };
        for account in 0..self.accounts.len() {
            self.earn(account, market, None, "TRANSFER", asset, amount.trunc(8));
            let change = Change { reason, assets: &[(asset, amount.trunc(8))], ..Change::default() };
            self.tell_account(account, market, &change);
        }
        self.watch_margins();
        true
    }

    /// Closes the position of a contract for want of somebody else to take a bankrupt one.
    pub(crate) fn deleverage_all(&mut self, symbol: &str) -> bool {
        let Some(venue) = self.venue(symbol) else { return false };
        let mut any = false;
        for account in 0..self.accounts.len() {
            for side in [PositionSide::Both, PositionSide::Long, PositionSide::Short] {
                any |= self.deleverage(account, venue, side);
            }
        }
        any
    }

    /// Tells an event that nothing causes here.
    pub(crate) fn make_up(&mut self, name: &str, symbol: &str) -> bool {
        let Some(venue) = self.venue(symbol) else { return false };
        (0..self.accounts.len()).all(|account| self.tell_made_up(account, name, venue))
    }

    /// Somebody without an account trades at the market; gives what was traded.
    pub(crate) fn trade_by_others(&mut self, symbol: &str, side: Side, quantity: Decimal) -> Decimal {
        let Some(venue) = self.venue(symbol) else { return Decimal::ZERO };
        let contract = &self.venues[venue].contract;
        if contract.delivered {
            return Decimal::ZERO;
        }
        let step = contract.quantity(1).num();
        let lots = Num::from_decimal(quantity)
            .map_or(0, |quantity| i64::try_from(quantity.div(step).units(0)).unwrap_or(i64::MAX));
        let left = self.crowd_market(venue, side, lots.max(0));
        decimal(self.venues[venue].contract.quantity(lots.max(0) - left))
    }
}

fn decimal(value: crate::json::Scaled) -> Decimal {
    Decimal::new(i128::from(value.0), u8::try_from(value.1).unwrap_or(0)).unwrap_or(Decimal::ZERO)
}
