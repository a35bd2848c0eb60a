//! The account against a made-up exchange, which loses events, answers late, and goes on meanwhile.

use std::{
    collections::{BTreeMap, VecDeque},
    format,
    string::{String, ToString},
    vec::Vec,
};

use binance_core::{ApiCode, Decimal, Market, Millis, enums::OrderStatus, usdm};
use serde_json::{Value, json};

use crate::{backoff::Backoff, time::Tick};

use super::*;

const SYMBOLS: [&str; 3] = ["BTCUSDT", "ETHUSDT", "币安人生USDT"];

#[derive(Clone)]
struct Order {
    symbol: &'static str,
    quantity: i64,
    filled: i64,
    status: &'static str,
    placed: i64,
    updated: i64,
}

impl Order {
    fn is_open(&self) -> bool {
        matches!(self.status, "NEW" | "PARTIALLY_FILLED")
    }
}

struct Trade {
    symbol: &'static str,
    id: u64,
    order: u64,
    quantity: i64,
    time: i64,
}

/// A made-up exchange with one account.
#[derive(Default)]
struct Exchange {
    now: i64,
    orders: BTreeMap<u64, Order>,
    trades: Vec<Trade>,
    next_trade: BTreeMap<&'static str, u64>,
    positions: BTreeMap<&'static str, (i64, i64)>,
    wallet: (i64, i64),
    /// Events on their way, while there is a connection.
    stream: Option<VecDeque<String>>,
    /// How long a page of orders or trades is.
    page: usize,
}

impl Exchange {
    fn send(&mut self, event: &Value) {
        if let Some(stream) = &mut self.stream {
            stream.push_back(event.to_string());
        }
    }

    fn tell_order(&mut self, id: u64, what: &str, trade: Option<(u64, i64)>) {
        let order = self.orders[&id].clone();
        let (trade, quantity) = trade.unwrap_or_default();
        self.send(&json!({ "e": "ORDER_TRADE_UPDATE", "E": self.now, "T": order.updated, "o": {
            "s": order.symbol, "c": format!("c{id}"), "S": "BUY", "o": "LIMIT", "q": order.quantity.to_string(),
            "p": "100", "x": what, "X": order.status, "i": id, "l": quantity.to_string(),
            "z": order.filled.to_string(), "L": "100", "T": order.updated, "t": trade, "m": false, "ps": "BOTH",
        }}));
    }

    fn place(&mut self, symbol: &'static str, quantity: i64) -> u64 {
        let id = self.orders.len() as u64 + 1;
        let (placed, updated) = (self.now, self.now);
        self.orders.insert(id, Order { symbol, quantity, filled: 0, status: "NEW", placed, updated });
        self.tell_order(id, "NEW", None);
        id
    }

    fn trade_number(&mut self, symbol: &'static str) -> u64 {
        let next = self.next_trade.entry(symbol).or_insert(1_000);
        // Others trade too.
        *next += 1 + self.now.unsigned_abs() % 3;
        *next
    }

    fn fill(&mut self, id: u64, quantity: i64, trade: u64) {
        let now = self.now;
        let Some(order) = self.orders.get_mut(&id).filter(|order| order.is_open()) else { return };
        let quantity = quantity.min(order.quantity - order.filled);
        order.filled += quantity;
        order.updated = now;
        order.status = if order.filled == order.quantity { "FILLED" } else { "PARTIALLY_FILLED" };
        let symbol = order.symbol;
        self.trades.push(Trade { symbol, id: trade, order: id, quantity, time: now });
        self.tell_order(id, "TRADE", Some((trade, quantity)));
        let position = self.positions.entry(symbol).or_default();
        *position = (position.0 + quantity, now);
        let amount = position.0;
        self.wallet = (self.wallet.0 - quantity, now);
        let wallet = self.wallet.0.to_string();
        self.send(&json!({ "e": "ACCOUNT_UPDATE", "E": now, "T": now, "a": { "m": "ORDER",
            "B": [{ "a": "USDT", "wb": wallet, "cw": wallet, "bc": "0" }],
            "P": [{ "s": symbol, "pa": amount.to_string(), "ep": "100", "ps": "BOTH" }],
        }}));
    }

    fn end(&mut self, id: u64) {
        let now = self.now;
        let Some(order) = self.orders.get_mut(&id).filter(|order| order.is_open()) else { return };
        (order.status, order.updated) = ("CANCELED", now);
        self.tell_order(id, "CANCELED", None);
    }

    /// What a request is answered now.
    fn answer(&self, need: &Need) -> Result<Value, Failure> {
        let order = |(id, order): (&u64, &Order)| {
            json!({ "symbol": order.symbol, "orderId": id, "clientOrderId": format!("c{id}"), "side": "BUY",
                "status": order.status, "price": "100", "origQty": order.quantity.to_string(),
                "executedQty": order.filled.to_string(), "type": "LIMIT", "time": order.placed,
                "updateTime": order.updated, "positionSide": "BOTH" })
        };
        Ok(match need {
            Need::CreateKey => json!({ "listenKey": "key" }),
            Need::KeepAlive => json!({}),
            Need::Time => json!({ "serverTime": self.now }),
            Need::Account => json!({
                "assets": [{ "asset": "USDT", "walletBalance": self.wallet.0.to_string(),
                    "crossWalletBalance": self.wallet.0.to_string(), "updateTime": self.wallet.1 }],
                "positions": SYMBOLS.map(|symbol| {
                    let (amount, updated) = self.positions.get(symbol).copied().unwrap_or_default();
                    json!({ "symbol": symbol, "positionSide": "BOTH", "positionAmt": amount.to_string(),
                        "entryPrice": "100.0", "updateTime": updated })
                }),
            }),
            Need::Orders { symbol: None, since } => {
                let wanted = self.orders.iter().filter(|(_, order)| order.placed >= since.0);
                wanted.map(order).take(self.page).collect()
            }
            Need::Trades { symbol, from } => {
                let wanted = self.trades.iter().filter(|trade| {
                    *symbol == trade.symbol
                        && match from {
                            TradesFrom::Id(id) => trade.id >= *id,
                            TradesFrom::Time(time) => trade.time >= time.0,
                        }
                });
                let row = |trade: &Trade| {
                    json!({ "symbol": trade.symbol, "id": trade.id, "orderId": trade.order, "side": "BUY",
                        "price": "100", "qty": trade.quantity.to_string(), "time": trade.time })
                };
                wanted.map(row).take(self.page).collect()
            }
            Need::OpenOrders => self.orders.iter().filter(|(_, order)| order.is_open()).map(order).collect(),
            Need::OpenAlgoOrders => json!([]),
            Need::Order { order_id, .. } => match self.orders.get_key_value(order_id) {
                Some(found) => order(found),
                None => return Err(Failure::refused(ApiCode::NO_SUCH_ORDER)),
            },
            other => panic!("{other:?}"),
        })
    }
}

/// What somebody knows who believes the events and the reconciles.
#[derive(Default)]
struct Believer {
    fills: BTreeMap<(String, u64, u64), usize>,
    orders: BTreeMap<u64, (OrderStatus, Decimal)>,
    positions: BTreeMap<String, Decimal>,
    wallet: Decimal,
}

impl Believer {
    fn fill(&mut self, fill: &Fill) {
        *self.fills.entry((fill.symbol.to_string(), fill.trade_id, fill.order_id)).or_default() += 1;
    }

    fn event(&mut self, text: &str) {
        match usdm::Event::decode(text).unwrap() {
            usdm::Event::OrderTradeUpdate(update) => {
                if let Some(fill) = Fill::usdm(&update) {
                    self.fill(&fill);
                }
                let order = OrderState::from(&update);
                self.orders.insert(order.order_id, (order.status.known().unwrap(), order.filled));
            }
            usdm::Event::AccountUpdate(update) => {
                for balance in update.account.balances.into_iter().flatten() {
                    self.wallet = balance.unwrap().wallet_balance.unwrap();
                }
                for position in update.account.positions.into_iter().flatten() {
                    let position = position.unwrap();
                    self.positions.insert(position.symbol.to_string(), position.position_amount.unwrap());
                }
            }
            _ => {}
        }
    }

    fn reconciled(&mut self, told: &Reconciled) {
        told.fills.iter().for_each(|fill| self.fill(fill));
        for change in &told.orders {
            let order = &change.after;
            self.orders.insert(order.order_id, (order.status.known().unwrap(), order.filled));
        }
        for change in &told.positions {
            self.positions.insert(change.after.symbol.to_string(), change.after.amount);
        }
        for change in &told.balances {
            self.wallet = change.after.wallet;
        }
    }
}

struct World {
    user: User,
    exchange: Exchange,
    believer: Believer,
    now: Tick,
    /// What is asked, and its answer once the exchange has looked at it.
    asked: Option<(Need, Option<Result<Value, Failure>>)>,
    connected: bool,
    keys: usize,
    reconciles: Vec<Reconciled>,
    failures: usize,
}

impl World {
    fn new(seed: u64) -> Self {
        let exchange =
            Exchange { now: 1_700_000_000_000, wallet: (1_000, 5), page: 1_000, ..Exchange::default() };
        Self {
            user: User::new(Market::UsdM, seed),
            exchange,
            believer: Believer::default(),
            now: Tick(1_000),
            asked: None,
            connected: false,
            keys: 0,
            reconciles: Vec::new(),
            failures: 0,
        }
    }

    fn pass(&mut self, millis: u64) {
        self.now.0 += millis;
        self.exchange.now += millis as i64;
        self.follow();
    }

    fn follow(&mut self) {
        while let Some(output) = self.user.poll_output() {
            match output {
                Output::Connect(_) => self.keys += 1,
                Output::Reconciled(told) => {
                    self.believer.reconciled(&told);
                    self.reconciles.push(*told);
                }
                Output::Failed { .. } => self.failures += 1,
            }
        }
        if self.asked.is_none() {
            self.asked = self.user.poll_need(self.now).map(|need| (need, None));
        }
    }

    fn connect(&mut self) {
        if !self.connected && self.keys > 0 {
            self.connected = true;
            self.exchange.stream = Some(VecDeque::new());
            self.user.connected();
            self.follow();
        }
    }

    fn cut(&mut self) {
        if core::mem::take(&mut self.connected) {
            self.exchange.stream = None;
            self.user.lost(self.now);
            self.follow();
        }
    }

    fn deliver(&mut self) {
        if let Some(text) = self.exchange.stream.as_mut().and_then(VecDeque::pop_front) {
            if self.user.event(self.now, &text) == Told::New {
                self.believer.event(&text);
            }
            self.follow();
        }
    }

    /// The exchange looks at what is asked.
    fn look(&mut self) {
        if let Some((need, answer @ None)) = &mut self.asked {
            *answer = Some(self.exchange.answer(need));
        }
    }

    fn answer(&mut self) {
        if let Some((need, Some(answer))) = self.asked.take_if(|(_, answer)| answer.is_some()) {
            match answer {
                Ok(body) => self.user.answered(self.now, &need, body.to_string().as_bytes()),
                Err(failure) => self.user.failed(self.now, &need, failure),
            }
            self.follow();
        }
    }

    fn refuse(&mut self, failure: Failure) {
        if let Some((need, _)) = self.asked.take() {
            self.user.failed(self.now, &need, failure);
            self.follow();
        }
    }

    /// Everything arrives.
    fn rest(&mut self) {
        for _ in 0..10_000 {
            self.pass(50);
            self.connect();
            self.look();
            self.answer();
            self.deliver();
            let quiet = self.exchange.stream.as_ref().is_some_and(VecDeque::is_empty);
            if quiet && self.asked.is_none() && self.user.is_exact() {
                return;
            }
        }
        panic!("never at rest: {:?}", self.user);
    }

    fn check(&self, context: &str) {
        for told in &self.reconciles {
            assert!(told.is_complete() && told.forgotten.is_empty(), "{context}: {told:?}");
        }
        for trade in &self.exchange.trades {
            let key = (trade.symbol.to_string(), trade.id, trade.order);
            assert_eq!(self.believer.fills.get(&key), Some(&1), "{context}: {key:?}");
        }
        assert_eq!(self.believer.fills.len(), self.exchange.trades.len(), "{context}");
        for (id, order) in &self.exchange.orders {
            let (status, filled) = self.believer.orders.get(id).unwrap_or_else(|| panic!("{context}: {id}"));
            let truth = (order.status, Decimal::from(order.filled));
            assert_eq!((binance_core::Open::Known(*status).as_str(), *filled), truth, "{context}: {id}");
        }
        let open: Vec<u64> = self.user.open_orders().map(|order| order.order_id).collect();
        let mut truth: Vec<(&str, u64)> = Vec::new();
        truth.extend(self.exchange.orders.iter().filter(|(_, o)| o.is_open()).map(|(id, o)| (o.symbol, *id)));
        truth.sort_unstable();
        assert!(truth.iter().map(|(_, id)| id).eq(&open), "{context}");
        for (symbol, (amount, _)) in &self.exchange.positions {
            let believed = self.believer.positions.get(*symbol).copied().unwrap_or_default();
            assert_eq!(believed, Decimal::from(*amount), "{context}: {symbol}");
        }
        assert_eq!(self.believer.wallet, Decimal::from(self.exchange.wallet.0), "{context}");
    }
}

fn live() -> World {
    let mut world = World::new(1);
    world.rest();
    assert_eq!((world.keys, world.reconciles.len()), (1, 1));
    world
}

#[test]
fn the_first_reconcile_tells_what_there_is_and_nothing_of_the_past() {
    let mut world = World::new(1);
    let old = world.exchange.place(SYMBOLS[0], 5);
    world.exchange.fill(old, 2, 7);
    let gone = world.exchange.place(SYMBOLS[1], 5);
    world.exchange.end(gone);
    world.exchange.now += 60_000;
    world.rest();
    let told = &world.reconciles[0];
    assert_eq!((told.since, told.fills.len(), told.orders.len()), (None, 0, 1));
    assert!(told.orders[0].has_appeared() && told.orders[0].after.order_id == old);
    assert_eq!(told.positions.len(), 1);
    assert_eq!(told.balances[0].after.wallet, Decimal::from(998));
    assert_eq!(world.user.positions().count(), 1);
    assert_eq!(world.user.order(SYMBOLS[0], old).unwrap().filled, Decimal::from(2));
}

#[test]
fn a_gap_is_told_as_what_happened_in_it() {
    let mut world = live();
    let [filled, canceled, kept] = [0, 1, 0].map(|symbol| world.exchange.place(SYMBOLS[symbol], 5));
    world.exchange.fill(kept, 1, 1_001);
    world.rest();
    world.cut();
    world.pass(600_000);
    world.exchange.fill(filled, 2, 1_005);
    world.exchange.fill(filled, 3, 1_009);
    world.exchange.end(canceled);
    let placed = world.exchange.place(SYMBOLS[2], 4);
    let came_and_went = world.exchange.place(SYMBOLS[2], 4);
    world.exchange.fill(came_and_went, 4, 2_001);
    let never_filled = world.exchange.place(SYMBOLS[1], 4);
    world.exchange.end(never_filled);
    world.pass(60_000);
    world.rest();
    world.check("after the gap");
    let told = world.reconciles.last().unwrap();
    let trades: Vec<u64> = told.fills.iter().map(|fill| fill.trade_id).collect();
    assert_eq!(trades, [1_005, 1_009, 2_001]);
    let mut changes: Vec<(u64, bool, &str)> = told
        .orders
        .iter()
        .map(|change| (change.after.order_id, change.has_appeared(), change.after.status.as_str()))
        .collect();
    changes.sort_unstable();
    let expected = [
        (filled, false, "FILLED"),
        (canceled, false, "CANCELED"),
        (placed, true, "NEW"),
        (came_and_went, true, "FILLED"),
        (never_filled, true, "CANCELED"),
    ];
    assert_eq!(changes, expected);
    assert_eq!(told.positions.len(), 2);
    assert!(told.since.is_some_and(|since| since < Millis(world.exchange.now - 600_000)));
    // And a gap in which nothing happened.
    world.cut();
    world.pass(1_000);
    world.rest();
    assert!(world.reconciles.last().unwrap().is_empty(), "{:?}", world.reconciles.last());
}

#[test]
fn a_gap_with_more_than_a_page_of_trades_is_told_in_full() {
    let mut world = live();
    let order = world.exchange.place(SYMBOLS[0], 100_000);
    world.exchange.fill(order, 1, 1_000);
    world.rest();
    world.cut();
    for trade in 0..2_500 {
        world.exchange.now += 1;
        world.exchange.fill(order, 1, 1_001 + trade);
    }
    // The same for a contract of which no trade was known, and orders of the same millisecond.
    for trade in 0..1_700 {
        let order = world.exchange.place(SYMBOLS[1], 1);
        world.exchange.fill(order, 1, 5_001 + trade);
        world.exchange.now += i64::from(trade % 3 == 0);
    }
    world.rest();
    world.check("after the gap");
    assert_eq!(world.reconciles.last().unwrap().fills.len(), 4_200);
}

#[test]
fn what_the_exchange_does_not_know_any_more_is_told() {
    let mut world = live();
    let order = world.exchange.place(SYMBOLS[0], 5);
    world.rest();
    world.cut();
    world.exchange.orders.remove(&order);
    world.rest();
    let told = world.reconciles.last().unwrap();
    assert_eq!(told.forgotten.len(), 1);
    assert_eq!(told.forgotten[0].order_id, order);
    assert!(told.is_complete() && !told.is_empty());
    assert_eq!(world.user.open_orders().count(), 0);
}

#[test]
fn a_refusal_of_one_contract_does_not_keep_the_rest() {
    let mut world = live();
    let order = world.exchange.place(SYMBOLS[0], 5);
    world.rest();
    world.cut();
    world.exchange.fill(order, 5, 1_500);
    world.connect();
    for _ in 0..1_000 {
        world.pass(50);
        world.look();
        if let Some((Need::Trades { .. }, _)) = &world.asked {
            world.refuse(Failure::refused(ApiCode(-1_121)));
        }
        world.answer();
    }
    let told = world.reconciles.last().unwrap();
    assert!(!told.is_complete() && matches!(told.unanswered[..], [Need::Trades { .. }]), "{told:?}");
    assert_eq!(told.orders[0].after.filled, Decimal::from(5));
    assert!(world.user.is_exact());
}

#[test]
fn questions_are_repeated_without_end_and_not_hastily() {
    let mut world = live();
    world.cut();
    world.connect();
    let begin = world.now;
    // The key and the account are asked for in turn.
    while world.failures < 200 {
        world.refuse(Failure::refused(ApiCode(-1_003)));
        let next = world.user.poll_timeout().unwrap_or(world.now);
        world.pass(next.since(world.now).as_millis() as u64);
        assert!(world.asked.is_some());
    }
    assert!(world.now.since(begin).as_secs() > 600, "{:?}", world.now.since(begin));
    let told = Failure { retry_after: Some(core::time::Duration::from_secs(120)), ..Failure::default() };
    while !matches!(&world.asked, Some((Need::Account, _))) {
        world.look();
        world.answer();
        world.pass(1_000);
    }
    world.refuse(told);
    // Only the key may be asked for meanwhile.
    world.pass(119_000);
    assert!(!matches!(&world.asked, Some((Need::Account, _))));
    world.pass(1_001);
    world.rest();
    assert!(world.user.is_exact());
}

#[test]
fn a_key_that_expires_is_a_gap() {
    let mut world = live();
    let order = world.exchange.place(SYMBOLS[0], 5);
    world.rest();
    // The old connection is silent from here on.
    let event = json!({ "e": "listenKeyExpired", "E": world.exchange.now, "listenKey": "key" }).to_string();
    assert_eq!(world.user.event(world.now, &event), Told::New);
    world.exchange.stream = None;
    world.exchange.fill(order, 5, 1_500);
    world.follow();
    world.look();
    world.answer();
    assert_eq!(world.keys, 2, "also when the key is the same");
    world.connected = false;
    world.rest();
    world.check("after the key");
    assert_eq!(world.reconciles.last().unwrap().fills.len(), 1);
}

#[test]
fn an_event_that_cannot_be_read_is_asked_after_when_there_is_a_new_connection() {
    let mut world = live();
    let order = world.exchange.place(SYMBOLS[0], 5);
    world.rest();
    world.exchange.fill(order, 5, 1_500);
    let events: Vec<String> = world.exchange.stream.as_mut().unwrap().drain(..).collect();
    assert_eq!(events.len(), 2, "an order and, in a list, what it did to the account");
    let garbled = |text: &str| text.replace("\"s\":", "\"?\":").replace("\"a\":\"USDT\"", "\"a\":7.5e");
    for (count, text) in (1..).zip(&events) {
        assert_eq!(world.user.event(world.now, &garbled(text)), Told::New);
        assert_eq!((world.user.unreadable(), world.user.is_exact()), (count, false), "{text}");
    }
    world.cut();
    // Another while the reconcile is under way: it may not be in it.
    world.pass(1_000);
    world.connect();
    world.user.event(world.now, &garbled(&events[0]));
    for _ in 0..100 {
        world.pass(50);
        world.look();
        world.answer();
    }
    assert_eq!(world.reconciles.last().unwrap().fills.len(), 1);
    assert!(!world.user.is_exact());
    world.cut();
    world.rest();
    world.check("after the next connection");
}

#[test]
fn algo_orders_are_heard_of_whatever_key_comes_first() {
    let mut world = live();
    let event = json!({ "E": 1, "T": 2, "o": { "caid": "a", "aid": 7, "s": SYMBOLS[0], "S": "SELL", "X": "NEW" },
        "e": "ALGO_UPDATE" });
    // `serde_json` sorts the keys of an object, unless told to keep them.
    let text = event.to_string().replacen("\"e\":\"ALGO_UPDATE\",", "", 1).replacen(
        '}',
        "},\"e\":\"ALGO_UPDATE\"",
        1,
    );
    assert_eq!(world.user.event(world.now, &text), Told::New);
    assert_eq!(world.user.open_algo_orders().map(|order| order.algo_id).collect::<Vec<_>>(), [7], "{text}");
}

#[test]
fn whatever_happens_in_whatever_order_nothing_is_missed_or_doubled() {
    for seed in 0..60 {
        let mut world = live();
        let mut numbers =
            Backoff::new(core::time::Duration::ZERO, core::time::Duration::ZERO, seed * 7_919 + 13);
        let mut random =
            |most: u64| numbers.part_of(core::time::Duration::from_millis(most)).as_millis() as u64;
        world.exchange.now += 3_600_000;
        for _ in 0..600 {
            let open: Vec<u64> = world
                .exchange
                .orders
                .iter()
                .filter(|(_, order)| order.is_open())
                .map(|(id, _)| *id)
                .collect();
            let some = |number: u64| (!open.is_empty()).then(|| open[number as usize % open.len()]);
            match random(20) {
                0..=2 => {
                    let symbol = SYMBOLS[random(2) as usize];
                    world.exchange.place(symbol, 1 + random(6) as i64);
                }
                3..=5 => {
                    if let Some(order) = some(random(100)) {
                        let trade = world.exchange.trade_number(world.exchange.orders[&order].symbol);
                        world.exchange.fill(order, 1 + random(3) as i64, trade);
                    }
                }
                6 => {
                    // With oneself: one trade, two orders.
                    if let (Some(one), Some(other)) = (some(random(100)), some(random(100)))
                        && one != other
                        && world.exchange.orders[&one].symbol == world.exchange.orders[&other].symbol
                    {
                        let trade = world.exchange.trade_number(world.exchange.orders[&one].symbol);
                        world.exchange.fill(one, 1, trade);
                        world.exchange.fill(other, 1, trade);
                    }
                }
                7 => {
                    if let Some(order) = some(random(100)) {
                        world.exchange.end(order);
                    }
                }
                8..=11 => (0..random(4)).for_each(|_| world.deliver()),
                12..=13 => world.look(),
                14..=15 => world.answer(),
                16 if random(3) == 0 => world.cut(),
                17 => world.connect(),
                18 if random(3) == 0 => world.refuse(Failure::default()),
                _ => {
                    let millis = [0, 1, 7, 40, 3_000][random(4) as usize];
                    world.pass(millis);
                }
            }
        }
        world.rest();
        world.check(&format!("seed {seed}"));
        assert!(world.reconciles.len() > 1, "seed {seed}");
    }
}

#[test]
fn memory_stays_what_is_open_and_a_thousand_that_ended() {
    let mut world = live();
    for trade in 0..5_000 {
        let order = world.exchange.place(SYMBOLS[0], 1);
        world.exchange.fill(order, 1, 10_000 + trade);
        world.exchange.now += 1;
        while world.exchange.stream.as_ref().is_some_and(|stream| !stream.is_empty()) {
            world.deliver();
        }
    }
    let order = |id| world.user.order(SYMBOLS[0], id);
    assert!(order(1).is_none() && order(5_000).is_some());
    assert!(world.user.kept() <= 1_000 + 10, "{}", world.user.kept());
}
