//! How an exchange shall be.

use std::{
    io, iter,
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use binance_core::{decimal::Decimal, endpoint::Market};

use crate::{
    contracts::Contract,
    faults::Fault,
    keys::{DemoKey, Keys},
    num::Num,
    replay::Recording,
    sim::Sim,
};

/// How an exchange shall be: change what matters, then [`start`](Self::start).
#[derive(Clone, Debug)]
#[must_use]
pub struct SimBuilder {
    pub(crate) seed: u64,
    pub(crate) port: u16,
    pub(crate) address: IpAddr,
    pub(crate) tls: bool,
    pub(crate) connections: usize,
    pub(crate) speed: f64,
    pub(crate) manual: bool,
    pub(crate) start_time: Option<i64>,
    pub(crate) clock_skew: i64,
    pub(crate) quiet: bool,
    pub(crate) weight_limit: u32,
    pub(crate) orders_per_10s: u32,
    pub(crate) orders_per_minute: u32,
    pub(crate) message_ceiling: u32,
    pub(crate) ping_interval: i64,
    pub(crate) pong_timeout: i64,
    pub(crate) listen_key_life: i64,
    pub(crate) faults: Vec<Fault>,
    pub(crate) replay: Option<Recording>,
    symbols: Option<Vec<(String, Option<Decimal>)>>,
    more_accounts: Vec<DemoAccount>,
    pub(crate) hedge_mode: bool,
    pub(crate) balances: Vec<(Market, String, Decimal)>,
    pub(crate) keys: Keys,
    pub(crate) more_keys: Vec<DemoKey>,
}

/// When a clock that is moved by hand begins unless told: 2026-01-01 00:00 UTC.
pub(crate) const DEFAULT_START: i64 = 1_767_225_600_000;

impl SimBuilder {
    pub(crate) fn new() -> Self {
        let balance = |market, asset: &str, amount| {
            (market, asset.to_owned(), Decimal::new(amount, 0).unwrap_or(Decimal::ZERO))
        };
        Self {
            seed: 1,
            port: 0,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            tls: false,
            connections: 4_096,
            speed: 1.0,
            manual: false,
            start_time: None,
            clock_skew: 0,
            quiet: false,
            weight_limit: 2_400,
            orders_per_10s: 300,
            orders_per_minute: 1_200,
            message_ceiling: 10,
            ping_interval: 180_000,
            pong_timeout: 600_000,
            listen_key_life: 3_600_000,
            faults: Vec::new(),
            replay: None,
            symbols: None,
            more_accounts: Vec::new(),
            hedge_mode: false,
            balances: vec![
                balance(Market::UsdM, "USDT", 100_000),
                balance(Market::UsdM, "USDC", 10_000),
                balance(Market::CoinM, "BTC", 10),
                balance(Market::CoinM, "ETH", 100),
            ],
            keys: Keys::demo(),
            more_keys: Vec::new(),
        }
    }

    /// What the market's randomness begins with, 1 unless told. The same seed gives the same market, to the byte,
    /// when time is moved by hand in the same steps.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The TCP port, or 0 (the default) for a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Listens on this address, in place of 127.0.0.1. Anybody who reaches an address that is no loopback can use the
    /// exchange, move its time and read everything it was sent: it is for tests, not for a network.
    pub fn listen(mut self, address: IpAddr) -> Self {
        self.address = address;
        self
    }

    /// How many connections are served at once: 4,096 unless told. More wait until others are gone.
    pub fn connections(mut self, most: usize) -> Self {
        self.connections = most.max(1);
        self
    }

    /// Speaks TLS, with a certificate that it makes for itself and [`Sim::certificate`] gives; the URLs then begin
    /// with `https` and `wss`.
    #[cfg(feature = "tls")]
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Real time runs this many times as fast, from 0.001 to 1,000; the market and all timers of the exchange with it.
    /// Does nothing when time is moved by hand.
    pub fn speed(mut self, times: f64) -> Self {
        self.speed = times.clamp(0.001, 1_000.0);
        self
    }

    /// Time stands still until [`Sim::advance`]. It begins at 2026-01-01 00:00 UTC, or at
    /// [`start_time`](Self::start_time).
    pub fn manual_time(mut self) -> Self {
        self.manual = true;
        self
    }

    /// When a clock that is moved by hand begins, in milliseconds since 1970. Does nothing with real time.
    pub fn start_time(mut self, millis: i64) -> Self {
        self.start_time = Some(millis);
        self
    }

    /// How far the exchange's clock is ahead of the host's, in milliseconds; behind when negative.
    pub fn clock_skew(mut self, millis: i64) -> Self {
        self.clock_skew = millis;
        self
    }

    /// The books are filled at the start, and then nobody trades but clients and
    /// [`Sim::market_trade`].
    pub fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// How much request weight an address may use in a minute: 2,400 unless told.
    pub fn weight_limit(mut self, weight: u32) -> Self {
        self.weight_limit = weight;
        self
    }

    /// How many orders an account may send in ten seconds and in a minute: 300 and 1,200 unless told.
    pub fn order_limits(mut self, per_10s: u32, per_minute: u32) -> Self {
        (self.orders_per_10s, self.orders_per_minute) = (per_10s, per_minute);
        self
    }

    /// How many messages a second a stream socket may send before it is closed: 10 unless told. Counted in host
    /// time.
    pub fn message_ceiling(mut self, per_second: u32) -> Self {
        self.message_ceiling = per_second;
        self
    }

    /// How often stream sockets are pinged, in exchange time: every 3 minutes unless told.
    pub fn ping_interval(mut self, interval: Duration) -> Self {
        self.ping_interval = millis(interval).max(1);
        self
    }

    /// How long a stream socket may owe a pong before it is closed, in exchange time: 10 minutes unless told.
    pub fn pong_timeout(mut self, timeout: Duration) -> Self {
        self.pong_timeout = millis(timeout);
        self
    }

    /// How long a listen key lives without being kept alive, in exchange time: an hour unless told.
    pub fn listen_key_life(mut self, life: Duration) -> Self {
        self.listen_key_life = millis(life);
        self
    }

    /// Positions are kept as LONG and SHORT, and orders must say which.
    pub fn hedge_mode(mut self) -> Self {
        self.hedge_mode = true;
        self
    }

    /// What is in a wallet at the start, in place of the default (100,000 USDT and 10,000 USDC on USDⓈ-M, 10 BTC and
    /// 100 ETH on COIN-M).
    pub fn balance(mut self, market: Market, asset: &str, amount: Decimal) -> Self {
        self.balances.retain(|(m, a, _)| (*m, a.as_str()) != (market, asset));
        self.balances.push((market, asset.to_owned(), amount));
        self
    }

    /// One more account, with keys of its own. It has nothing in common with the demo account but the market.
    pub fn account(mut self, account: DemoAccount) -> Self {
        self.more_accounts.push(account);
        self
    }

    /// Only this contract is traded, and others that are named the same way; all of them unless told. Its price
    /// begins at `price`, or where it would without being named. A name that is none of them is ignored.
    pub fn symbol(mut self, symbol: &str, price: Option<Decimal>) -> Self {
        self.symbols.get_or_insert_default().push((symbol.to_owned(), price));
        self
    }

    /// Something shall go wrong from the start, as with [`Sim::fault`].
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Market data and user data are played back from a recording, and the generator is silent. The first frame
    /// comes when somebody subscribes to a stream of the recording, the others as long after it as they were
    /// recorded, to the step of 50 ms; at the end the streams are silent. Prices and books that REST tells stand still.
    pub fn replay(mut self, recording: Recording) -> Self {
        self.replay = Some(recording);
        self
    }

    /// One more key of the demo account, beside the three of [`Keys::demo`].
    pub fn key(mut self, key: DemoKey) -> Self {
        self.more_keys.push(key);
        self
    }

    /// Starts the exchange; it serves when this returns.
    ///
    /// # Errors
    /// When the port cannot be bound, the thread cannot be started, or a key given to
    /// [`key`](Self::key) cannot be read.
    pub fn start(self) -> io::Result<Sim> {
        Sim::run(self)
    }
}

/// An account with keys of its own, see [`SimBuilder::account`].
#[derive(Clone, Debug, Default)]
pub struct DemoAccount {
    /// Its keys.
    pub keys: Vec<DemoKey>,
    /// What is in its wallets at the start.
    pub balances: Vec<(Market, String, Decimal)>,
    /// Whether its positions are kept as LONG and SHORT.
    pub hedge_mode: bool,
}

impl SimBuilder {
    /// All accounts, the demo account first.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = DemoAccount> {
        let Keys { hmac, rsa, ed25519 } = self.keys.clone();
        let demo = DemoAccount {
            keys: [hmac, rsa, ed25519].into_iter().chain(self.more_keys.iter().cloned()).collect(),
            balances: self.balances.clone(),
            hedge_mode: self.hedge_mode,
        };
        iter::once(demo).chain(self.more_accounts.iter().cloned())
    }

    /// A contract as it is traded here; `None` when it is not.
    pub(crate) fn traded(&self, mut contract: Contract) -> Option<Contract> {
        let Some(symbols) = &self.symbols else { return Some(contract) };
        let (_, price) = symbols.iter().find(|(symbol, _)| *symbol == contract.symbol)?;
        if let Some(price) = price.and_then(Num::from_decimal) {
            let ticks = i64::try_from(price.div(contract.price(1).num()).units(0)).unwrap_or(i64::MAX);
            contract.start_ticks = ticks.clamp(contract.min_price_ticks, contract.max_price_ticks);
        }
        Some(contract)
    }
}

pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
