//! User data against the simulated exchange: what the user knows is what is true, whatever goes wrong on the way.
#![cfg(all(feature = "native", feature = "tungstenite", feature = "http"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    time::Duration,
};

use binance_core::{Decimal, coinm, dec, enums::Side, usdm};
use binance_http::Client;
use binance_sign::{Credentials, Hmac};
use binance_sim::{Fault, Sim, What};
use binance_ws::{
    Base, Market,
    hosted::{Api, Ask, Attach, Connector, Handler, Lent, Message, Socket, UserData, UserItem},
    session::{Config, Notice, Reason},
    user::{Fill, Need, Reconciled},
};
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(60);

fn run<F: Future<Output = ()>>(test: F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { timeout(LIMIT, test).await.expect("the test came to its end") });
}

fn sim() -> Sim {
    Sim::builder().quiet().order_limits(100_000, 100_000).weight_limit(1_000_000).start().unwrap()
}

/// A user of one market, who believes what is told.
struct Account<'s, S> {
    sim: &'s Sim,
    market: Market,
    client: Client,
    data: UserData<S, Client>,
    /// How often each trade was told: contract, trade, order.
    fills: BTreeMap<(String, u64, u64), usize>,
    /// How much of each order is filled, and its status, by what was told.
    orders: BTreeMap<u64, (Decimal, String)>,
    reconciles: usize,
    missed: usize,
    notices: Vec<Notice>,
    failures: usize,
}

impl<'s, S: Socket> Account<'s, S> {
    fn new(sim: &'s Sim, market: Market, attach: Attach) -> Self {
        let key = &sim.keys().hmac;
        let credentials = Credentials::new(key.api_key.as_str(), Hmac::new(key.secret.as_bytes())).unwrap();
        let client = Client::builder()
            .base_url(&sim.urls().rest)
            .credentials(credentials)
            .timeout(Duration::from_secs(2))
            .without_pool()
            .build()
            .unwrap();
        let root = match market {
            Market::UsdM => &sim.urls().usdm_streams,
            Market::CoinM => &sim.urls().coinm_streams,
        };
        let mut config = Config::default();
        config.backoff_first = Duration::from_millis(20);
        config.backoff_most = Duration::from_millis(200);
        let connector = Connector::<S>::new(Base::new(market, root).unwrap()).config(config);
        let data = UserData::new(connector, client.clone()).attach(attach);
        Self {
            sim,
            market,
            client,
            data,
            fills: BTreeMap::new(),
            orders: BTreeMap::new(),
            reconciles: 0,
            missed: 0,
            notices: Vec::new(),
            failures: 0,
        }
    }

    fn symbol(&self) -> &'static str {
        match self.market {
            Market::UsdM => "BTCUSDT",
            Market::CoinM => "BTCUSD_PERP",
        }
    }

    /// A limit order this many percent of the best bid.
    async fn order(&self, percent: u32) -> u64 {
        let bid = self.sim.book(self.symbol()).unwrap().bids[0].0;
        let price = bid.checked_mul(Decimal::from(percent)).unwrap();
        let price = price.checked_div(Decimal::from(100), 0, binance_core::decimal::Rounding::Down).unwrap();
        match self.market {
            Market::UsdM => {
                let order = usdm::trade::NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.01"), price);
                self.client.send(&order).await.unwrap().value().unwrap().order_id
            }
            Market::CoinM => {
                let order = coinm::trade::NewOrder::limit("BTCUSD_PERP", Side::Buy, 3.into(), price);
                self.client.send(&order).await.unwrap().value().unwrap().order_id
            }
        }
    }

    async fn cancel(&self, order_id: u64) {
        match self.market {
            Market::UsdM => {
                let cancel = usdm::trade::CancelOrder::by_id("BTCUSDT", order_id);
                self.client.send(&cancel).await.unwrap().value().unwrap();
            }
            Market::CoinM => {
                let cancel = coinm::trade::CancelOrder::by_id("BTCUSD_PERP", order_id);
                self.client.send(&cancel).await.unwrap().value().unwrap();
            }
        }
    }

    fn note(&mut self, fill: &Fill) {
        *self.fills.entry((fill.symbol.to_string(), fill.trade_id, fill.order_id)).or_default() += 1;
    }

    fn take(&mut self, item: UserItem) {
        match item {
            UserItem::Event(message) => {
                let (order, fill) = match self.market {
                    Market::UsdM => match message.usdm().unwrap() {
                        usdm::Event::OrderTradeUpdate(update) => ((&update).into(), Fill::usdm(&update)),
                        _ => return,
                    },
                    Market::CoinM => match message.coinm().unwrap() {
                        coinm::Event::OrderTradeUpdate(update) => ((&update).into(), Fill::coinm(&update)),
                        _ => return,
                    },
                };
                let order: binance_ws::user::OrderState = order;
                self.orders.insert(order.order_id, (order.filled, order.status.to_string()));
                fill.iter().for_each(|fill| self.note(fill));
            }
            UserItem::Reconciled(told) => {
                assert!(told.is_complete() && told.forgotten.is_empty(), "{told:?}");
                self.reconciles += 1;
                self.missed += told.fills.len();
                told.fills.iter().for_each(|fill| self.note(fill));
                for change in &told.orders {
                    let order = &change.after;
                    self.orders.insert(order.order_id, (order.filled, order.status.to_string()));
                }
            }
            UserItem::Notice(notice) => self.notices.push(notice),
            UserItem::Failed { .. } => self.failures += 1,
            other => panic!("{other:?}"),
        }
    }

    async fn until(&mut self, done: impl Fn(&Self) -> bool) {
        while !done(self) {
            let item = self.data.next().await.unwrap();
            self.take(item);
        }
    }

    /// Until what is known is what is true.
    async fn until_true(&mut self) {
        while !self.is_true() || !self.data.account().is_exact() {
            if let Ok(item) = timeout(Duration::from_secs(10), self.data.next()).await {
                self.take(item.unwrap());
            } else {
                panic!("never true: {:?}\n{:?}", self.sim.truth().orders, self.orders);
            }
        }
        assert!(self.fills.values().all(|count| *count == 1), "{:?}", self.fills);
        assert_eq!(self.data.account().unreadable(), 0);
    }

    fn is_true(&self) -> bool {
        let (truth, account) = (self.sim.truth(), self.data.account());
        let own = |market: &Market| *market == self.market;
        let orders = truth.orders.iter().filter(|order| own(&order.market)).all(|order| {
            let told = self.orders.get(&order.order_id);
            told.is_some_and(|(filled, status)| *filled == order.executed && status == order.status)
        });
        let open: BTreeSet<u64> = account.open_orders().map(|order| order.order_id).collect();
        let is_open = |status: &str| status == "NEW" || status == "PARTIALLY_FILLED";
        let wanted = truth.orders.iter().filter(|order| own(&order.market) && is_open(order.status));
        let positions = truth.positions.iter().filter(|position| own(&position.market)).all(|position| {
            account
                .positions()
                .any(|known| known.symbol == position.symbol.as_str() && known.amount == position.amount)
        });
        let balances = truth.balances.iter().filter(|balance| own(&balance.market)).all(|balance| {
            // The wallet has 18 decimals, what is shown 8.
            account.balances().any(|known| {
                known.asset == balance.asset.as_str()
                    && known
                        .wallet
                        .checked_sub(balance.wallet)
                        .is_some_and(|off| off.abs() < dec!("0.0000001"))
            })
        });
        orders && open == wanted.map(|order| order.order_id).collect() && positions && balances
    }

    /// Somebody sells until the order is filled.
    fn fill(&self, order_id: u64) {
        let quantity = if self.market == Market::UsdM { dec!("0.5") } else { dec!("200") };
        let is_open = || {
            let truth = self.sim.truth();
            let order =
                truth.orders.iter().find(|order| (order.market, order.order_id) == (self.market, order_id));
            order.is_some_and(|order| order.status != "FILLED")
        };
        while is_open() {
            self.sim.market_trade(self.symbol(), binance_sim::Side::Sell, quantity);
        }
    }
}

const BOTH: [Market; 2] = [Market::UsdM, Market::CoinM];

async fn the_account_is_known_and_stays_true<S: Socket>() {
    for market in BOTH {
        let sim = sim();
        let mut user = Account::<S>::new(&sim, market, Attach::Address);
        let resting = user.order(90).await;
        user.until(|user| user.reconciles == 1).await;
        user.until_true().await;
        assert_eq!(user.data.account().order(user.symbol(), resting).unwrap().status.as_str(), "NEW");
        user.order(101).await;
        user.cancel(resting).await;
        user.until_true().await;
        assert_eq!((user.reconciles, user.missed), (1, 0), "all of it by events");
        assert!(!user.fills.is_empty());
        user.data.close().await;
    }
}

async fn what_happens_while_the_connection_is_gone_is_told_once<S: Socket>() {
    for (market, attach) in
        [(Market::UsdM, Attach::Address), (Market::UsdM, Attach::Subscribe), (Market::CoinM, Attach::Address)]
    {
        let sim = sim();
        let mut user = Account::<S>::new(&sim, market, attach);
        user.until(|user| user.reconciles == 1).await;
        for round in 1..=3 {
            let [near, far] = [user.order(100).await, user.order(80).await];
            user.until_true().await;
            // Nobody reads while all of this happens.
            sim.drop_streams();
            user.fill(near);
            user.cancel(far).await;
            let came = user.order(70).await;
            let (bought, seen) = (user.order(105).await, user.missed);
            user.until(|user| user.reconciles > round).await;
            user.until_true().await;
            assert!(user.missed > seen, "{market:?}: missed {}", user.missed);
            assert_eq!(user.orders[&near].1, "FILLED");
            assert_eq!((user.orders[&far].1.as_str(), user.orders[&came].1.as_str()), ("CANCELED", "NEW"));
            assert_eq!(user.orders[&bought].1, "FILLED");
        }
        let gaps = user.notices.iter().filter(|notice| matches!(notice, Notice::Gap { .. })).count();
        assert_eq!(gaps, 3);
        user.data.close().await;
    }
}

async fn a_key_that_expires_is_replaced_and_the_gap_told<S: Socket>() {
    for (market, attach) in
        [(Market::UsdM, Attach::Address), (Market::UsdM, Attach::Subscribe), (Market::CoinM, Attach::Address)]
    {
        let sim = sim();
        let mut user = Account::<S>::new(&sim, market, attach);
        user.until(|user| user.reconciles == 1).await;
        user.until_true().await;
        sim.expire_listen_keys();
        user.order(105).await;
        user.until(|user| user.reconciles == 2).await;
        user.until_true().await;
        assert!(user.missed > 0, "{market:?} {attach:?}");
        // And live again.
        let missed = user.missed;
        user.order(105).await;
        user.until_true().await;
        assert_eq!(user.missed, missed);
        if attach == Attach::Address {
            let by_key = |notice: &Notice| matches!(notice, Notice::Lost { reason: Reason::ListenKey, .. });
            assert_eq!(user.notices.iter().filter(|notice| by_key(notice)).count(), 1);
            assert_eq!(user.notices.iter().filter(|notice| matches!(notice, Notice::Gap { .. })).count(), 1);
        }
    }
}

async fn questions_that_fail_are_asked_again<S: Socket>() {
    for market in BOTH {
        let sim = sim();
        let mut user = Account::<S>::new(&sim, market, Attach::Address);
        user.until(|user| user.reconciles == 1).await;
        user.until_true().await;
        let prefix = if market == Market::UsdM { "/fapi" } else { "/dapi" };
        for (what, path) in [
            (What::BadGateway, "account"),
            (What::CutBody, "openOrders"),
            (What::GarbageBody, "userTrades"),
            (What::CloseBeforeProcessing, "openAlgoOrders"),
            (What::TooManyRequests { retry_after: 1 }, "listenKey"),
        ] {
            let version = if path == "account" && market == Market::UsdM { "v2" } else { "v1" };
            sim.fault(Fault::new(what).on("", &format!("{prefix}/{version}/{path}")).times(2));
        }
        user.order(105).await;
        sim.drop_streams();
        user.order(105).await;
        user.until(|user| user.reconciles == 2).await;
        user.until_true().await;
        assert!(user.failures >= 5, "{market:?}: {}", user.failures);
    }
}

/// The same over each adapter.
macro_rules! over {
    ($($adapter:ident)*) => {$(
        mod $adapter {
            use binance_ws::$adapter::Socket;

            use super::run;

            #[test]
            fn the_account_is_known_and_stays_true() {
                run(super::the_account_is_known_and_stays_true::<Socket>());
            }

            #[test]
            fn what_happens_while_the_connection_is_gone_is_told_once() {
                run(super::what_happens_while_the_connection_is_gone_is_told_once::<Socket>());
            }

            #[test]
            fn a_key_that_expires_is_replaced_and_the_gap_told() {
                run(super::a_key_that_expires_is_replaced_and_the_gap_told::<Socket>());
            }

            #[test]
            fn the_websocket_api_alone_is_enough_to_listen() {
                run(super::the_websocket_api_alone_is_enough_to_listen::<Socket>());
            }

            #[test]
            fn questions_that_fail_are_asked_again() {
                run(super::questions_that_fail_are_asked_again::<Socket>());
            }
        }
    )*};
}
over! { native tungstenite }

/// Nothing goes over REST: the listen key, the account and the state of orders come by the WebSocket API.
async fn the_websocket_api_alone_is_enough_to_listen<S: Socket>() {
    for market in BOTH {
        let sim = sim();
        let urls = sim.urls();
        let (streams, calls) = match market {
            Market::UsdM => (&urls.usdm_streams, &urls.usdm_api),
            Market::CoinM => (&urls.coinm_streams, &urls.coinm_api),
        };
        let key = &sim.keys().hmac;
        let credentials = Credentials::new(key.api_key.as_str(), Hmac::new(key.secret.as_bytes())).unwrap();
        let api = Connector::<S>::new(Base::new(market, calls).unwrap()).api().credentials(credentials);
        let api = api.spawn().unwrap();
        let place = async |id: &'static str, price| match market {
            Market::UsdM => {
                let order = usdm::trade::NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.01"), price);
                api.fetch(&order.new_client_order_id(id)).await.unwrap().order_id
            }
            Market::CoinM => {
                let order = coinm::trade::NewOrder::limit("BTCUSD_PERP", Side::Buy, 3.into(), price);
                api.fetch(&order.new_client_order_id(id)).await.unwrap().order_id
            }
        };
        let mut user = UserData::new(Connector::<S>::new(Base::new(market, streams).unwrap()), api.clone());
        let first = reconciled(&mut user).await;
        // What it cannot know is told.
        assert_eq!(first.unanswered, [Need::OpenOrders, Need::OpenAlgoOrders]);
        assert!(!first.is_complete() && !user.account().is_exact());
        let resting = place("resting", dec!("20000.0")).await;
        while user.account().open_orders().next().is_none() {
            user.next().await.unwrap();
        }
        // What is known is asked for after a gap.
        sim.fault(Fault::new(What::DropStream).on_stream("userData"));
        match market {
            Market::UsdM => {
                api.send(&usdm::trade::CancelOrder::by_id("BTCUSDT", resting)).await.map(drop).unwrap();
            }
            Market::CoinM => {
                api.send(&coinm::trade::CancelOrder::by_id("BTCUSD_PERP", resting)).await.map(drop).unwrap();
            }
        }
        // The best price that somebody sells at.
        let ask = sim.book(if market == Market::UsdM { "BTCUSDT" } else { "BTCUSD_PERP" }).unwrap().asks[0].0;
        place("bought", ask).await;
        let told = reconciled(&mut user).await;
        assert_eq!(told.orders.len(), 1, "{told:?}");
        assert_eq!((told.orders[0].after.order_id, told.orders[0].has_ended()), (resting, true));
        assert_eq!(user.account().open_orders().count(), 0);
        let truth = sim.truth();
        let bought = truth.positions.iter().find(|position| position.market == market).unwrap();
        assert!(user.account().positions().any(|known| known.amount == bought.amount));
        assert!(told.unanswered.contains(&Need::OpenOrders) && !told.positions.is_empty());
        // The key that expires is made anew, and one that lives is kept.
        sim.expire_listen_keys();
        reconciled(&mut user).await;
        api.ask(market, Need::KeepAlive).await.unwrap();
        let asked = sim.truth().received;
        let rest = asked.iter().find(|request| request.method != "WS" && request.status != 101);
        assert_eq!(rest.map(|request| &request.path), None);
        let count = |name: &str| asked.iter().filter(|request| request.path.ends_with(name)).count();
        assert!(count("userDataStream.start") >= 2);
        assert_eq!((count("userDataStream.ping"), count("order.status")), (1, 1));
    }
}

async fn reconciled<S: Socket>(user: &mut UserData<S, Api<S>>) -> Box<Reconciled> {
    loop {
        if let UserItem::Reconciled(told) = user.next().await.unwrap() {
            break told;
        }
    }
}

#[test]
fn algo_orders_are_known_too() {
    run(async {
        let sim = sim();
        let mut user = Account::<binance_ws::native::Socket>::new(&sim, Market::UsdM, Attach::Address);
        user.until(|user| user.reconciles == 1).await;
        let stop = |price| usdm::trade::NewAlgoOrder::stop_market("BTCUSDT", Side::Sell, dec!("0.01"), price);
        let mut ids = Vec::new();
        for price in [dec!("20000.0"), dec!("21000.0")] {
            ids.push(user.client.send(&stop(price)).await.unwrap().value().unwrap().algo_id);
        }
        user.until(|user| user.data.account().open_algo_orders().count() == 2).await;
        sim.drop_streams();
        let cancel = usdm::trade::CancelAlgoOrder::by_id(ids[0]);
        user.client.send(&cancel).await.unwrap().value().unwrap();
        ids.push(user.client.send(&stop(dec!("22000.0"))).await.unwrap().value().unwrap().algo_id);
        let told = loop {
            if let UserItem::Reconciled(told) = user.data.next().await.unwrap() {
                break told;
            }
        };
        let mut told: Vec<(u64, &str)> = told
            .algo_orders
            .iter()
            .map(|change| (change.after.algo_id, change.after.status.as_str()))
            .collect();
        told.sort_unstable();
        assert_eq!(told, [(ids[0], "CANCELED"), (ids[2], "NEW")]);
        assert!(user.data.account().open_algo_orders().map(|order| order.algo_id).eq([ids[1], ids[2]]));
    });
}

#[derive(Default)]
struct Counter {
    opened: usize,
    reconciled: usize,
    messages: usize,
}

impl Handler for Counter {
    fn on_open(&mut self, _: usize) {
        self.opened += 1;
    }

    fn on_message(&mut self, _: Message<Lent<'_>>) {
        self.messages += 1;
    }

    fn on_reconciled(&mut self, _: &Reconciled) {
        self.reconciled += 1;
    }
}

#[test]
fn a_handler_can_listen_to_an_account() {
    run(async {
        let sim = sim();
        let mut user = Account::<binance_ws::native::Socket>::new(&sim, Market::UsdM, Attach::Address);
        let mut counter = Counter::default();
        let _ = timeout(Duration::from_secs(1), user.data.run(&mut counter)).await;
        user.order(105).await;
        let _ = timeout(Duration::from_secs(1), user.data.run(&mut counter)).await;
        assert_eq!((counter.opened, counter.reconciled), (1, 1));
        assert!(counter.messages >= 3, "{}", counter.messages);
    });
}

#[test]
fn a_closure_can_be_asked_too() {
    run(async {
        let sim = sim();
        let base = Base::new(Market::UsdM, &sim.urls().usdm_streams).unwrap();
        let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let keep = asked.clone();
        let ask = move |_: Market, need| {
            keep.lock().unwrap().push(need);
            async { Err(binance_ws::user::Failure::default()) }
        };
        let mut user = binance_ws::tungstenite::UserData::new(Connector::new(base), ask);
        for _ in 0..3 {
            let item = user.next().await.unwrap();
            assert!(matches!(item, UserItem::Failed { .. }), "{item:?}");
        }
        assert_eq!(asked.lock().unwrap().len(), 3);
    });
}
