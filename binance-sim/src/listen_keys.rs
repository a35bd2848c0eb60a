//! Listen keys: what opens a user data stream.

use binance_core::endpoint::Market;

use crate::rng::Rng;

/// A key, of one account on one market.
#[derive(Clone, Debug)]
pub(crate) struct ListenKey {
    pub(crate) key: String,
    pub(crate) account: usize,
    pub(crate) market: Market,
    pub(crate) expires: i64,
}

/// The keys that are alive.
#[derive(Debug)]
pub(crate) struct ListenKeys {
    alive: Vec<ListenKey>,
    life: i64,
    rng: Rng,
}

impl ListenKeys {
    pub(crate) const fn new(seed: u64, life: i64) -> Self {
        Self { alive: Vec::new(), life, rng: Rng::new(seed) }
    }

    pub(crate) fn exists(&self, key: &str) -> bool {
        self.alive.iter().any(|known| known.key == key)
    }

    /// The account's key, made when there is none; it lives anew.
    pub(crate) fn start(&mut self, account: usize, market: Market, now: i64) -> String {
        if let Some(key) = self.keep_alive(account, market, now) {
            return key;
        }
        let key = self.rng.text(64);
        self.alive.push(ListenKey { key: key.clone(), account, market, expires: now + self.life });
        key
    }

    /// Lets the account's key live anew, if there is one.
    pub(crate) fn keep_alive(&mut self, account: usize, market: Market, now: i64) -> Option<String> {
        let expires = now + self.life;
        let key = self.alive.iter_mut().find(|key| key.account == account && key.market == market)?;
        key.expires = expires;
        Some(key.key.clone())
    }

    /// Ends the account's key, if there is one.
    pub(crate) fn end(&mut self, account: usize, market: Market) -> Option<ListenKey> {
        let place = self.alive.iter().position(|key| key.account == account && key.market == market)?;
        Some(self.alive.remove(place))
    }

    /// The keys of an account on a market.
    pub(crate) fn of(&self, account: usize, market: Market) -> impl Iterator<Item = &str> {
        let own = self.alive.iter().filter(move |key| key.account == account && key.market == market);
        own.map(|key| key.key.as_str())
    }

    /// Takes out the keys whose time is over.
    pub(crate) fn take_expired(&mut self, now: i64) -> Vec<ListenKey> {
        let (expired, alive) = self.alive.drain(..).partition(|key| key.expires <= now);
        self.alive = alive;
        expired
    }
}
