//! A budget that many clients share.
//!
//! The exchange counts weight by address and orders by account, whichever client sends, so the clients of one program
//! that go to the same hosts from the same address share one [`InProcess`] pool without being told. Programs and machines
//! that share an address bring a [`Pool`] that lives elsewhere, or divide by [`Rules::share`].

use core::{future::Future, pin::Pin};
use std::{
    boxed::Box,
    fmt,
    string::String,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    vec::Vec,
};

use binance_core::{ApiCode, Millis};

use crate::{
    budget::{Budget, Cost, Limit, Refusal, Rules, Ticket},
    limits::Limits,
};

/// Counts what clients send, and says when it is too much.
///
/// Pools do not read clocks: each call is told the exchange's time, as its client knows it.
pub trait Pool: Send + Sync {
    /// Charges a request of `account` before it is sent.
    fn charge<'p>(&'p self, now: Millis, account: &'p str, cost: Cost)
    -> Answer<'p, Result<Ticket, Refusal>>;

    /// The request that was charged is over. The client waits for [`Answer::Later`] only when the reply was a 429 or 418.
    fn settle<'p>(&'p self, now: Millis, account: &'p str, ticket: Ticket, end: End) -> Answer<'p, ()>;

    /// The exchange's limits are these, as `exchangeInfo` says.
    fn learn(&self, limit: Limit, most: u32);

    /// How much is used of a limit in its current window, where the pool knows it at once.
    fn used(&self, now: Millis, account: &str, limit: Limit) -> Option<u32>;
}

/// What a pool answers: at once, or after it has asked elsewhere.
pub enum Answer<'p, V> {
    /// At once.
    Now(V),
    /// After some I/O.
    Later(Pin<Box<dyn Future<Output = V> + Send + 'p>>),
}

impl<V> Answer<'_, V> {
    /// The answer, however long it takes.
    pub async fn get(self) -> V {
        match self {
            Self::Now(value) => value,
            Self::Later(future) => future.await,
        }
    }
}

impl<V: fmt::Debug> fmt::Debug for Answer<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(value) => f.debug_tuple("Now").field(value).finish(),
            Self::Later(_) => f.write_str("Later"),
        }
    }
}

/// How a request ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum End {
    /// No byte of it left.
    NotSent,
    /// Nobody knows whether the exchange counted it.
    Lost,
    /// A reply came.
    Replied {
        /// What its headers say.
        limits: Limits,
        /// What it says about having sent too much.
        verdict: TooMuch,
    },
}

/// What a reply says about having sent too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TooMuch {
    /// Nothing.
    No,
    /// Too many orders (-1015).
    Orders,
    /// Too much of everything (429), or a ban (418): nothing may be sent before this time by the exchange's clock.
    All {
        /// When it is over.
        until: Millis,
    },
}

impl TooMuch {
    /// Reads a reply that came at `now` by the exchange's clock.
    ///
    /// The end is the latest that is told: by the header `Retry-After`, and by the message of a ban ("IP banned until
    /// 1785000000000"). Where neither is there, the next minute for 429 and two minutes, the shortest ban that is
    /// documented, for 418.
    pub fn of(status: u16, code: Option<ApiCode>, message: &str, limits: &Limits, now: Millis) -> Self {
        if code == Some(ApiCode::TOO_MANY_ORDERS) && limits.retry_after().is_none() {
            return Self::Orders;
        }
        if !matches!(status, 418 | 429) {
            return Self::No;
        }
        let retry_after =
            limits.retry_after().map(|wait| now.plus(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)));
        let banned = banned_until(message);
        let unsaid = if status == 418 {
            now.plus(120_000)
        } else {
            now.plus(60_000_i64.saturating_sub(now.0.rem_euclid(60_000)))
        };
        Self::All { until: retry_after.max(banned).unwrap_or(unsaid) }
    }
}

/// The time in "Way too many requests; IP banned until 1785000000000."
fn banned_until(message: &str) -> Option<Millis> {
    let (_, rest) = message.split_once("banned until ")?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end)?.parse().ok().map(Millis)
}

/// A pool in this process.
pub struct InProcess {
    state: Mutex<State>,
}

struct State {
    rules: Rules,
    address: Budget,
    accounts: Vec<(String, Budget)>,
}

impl InProcess {
    /// A pool of its own, shared by the clients that are given it.
    pub fn new(rules: Rules) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State { rules, address: Budget::new(rules), accounts: Vec::new() }),
        })
    }

    /// The pool that all clients of this program share which go to these two hosts of REST (`fapi.binance.com` and
    /// `dapi.binance.com`) from `egress` and were given no other: REST's, and the WebSocket API's that belongs to them.
    pub fn of_hosts(usdm: &str, coinm: &str, egress: &str) -> Arc<Self> {
        Self::shared(&std::format!("{usdm} {coinm}"), egress)
    }

    /// The pool that all clients of this program share which go to `venue` from `egress` and were given no other.
    pub fn shared(venue: &str, egress: &str) -> Arc<Self> {
        static POOLS: Mutex<Vec<(String, Weak<InProcess>)>> = Mutex::new(Vec::new());
        let name = std::format!("{venue} {egress}");
        let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|(_, pool)| pool.strong_count() > 0);
        if let Some(pool) =
            pools.iter().find(|(other, _)| *other == name).and_then(|(_, pool)| pool.upgrade())
        {
            return pool;
        }
        let pool = Self::new(Rules::default());
        pools.push((name, Arc::downgrade(&pool)));
        pool
    }

    /// Charges a request that another pool has allowed.
    #[cfg(feature = "redis")]
    pub(crate) fn add(&self, now: Millis, account: &str, cost: Cost) {
        let mut state = self.lock();
        // Settled with the ticket of the other pool.
        let _ = state.account(account).add(now, cost.of_account());
        let _ = state.address.add(now, cost.of_address());
    }

    /// Whether anything may be sent at all.
    #[cfg(feature = "redis")]
    pub(crate) fn is_open(&self, now: Millis) -> Result<(), Refusal> {
        self.lock().address.check_open(now)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Counts are whole whatever happened to a thread that held them.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn account(&mut self, account: &str) -> &mut Budget {
        let index = match self.accounts.iter().position(|(name, _)| name == account) {
            Some(index) => index,
            None => {
                self.accounts.push((account.into(), Budget::new(self.rules)));
                self.accounts.len() - 1
            }
        };
        // Each index is of one that is there, so the address is never taken in its place.
        match self.accounts.get_mut(index) {
            Some((_, budget)) => budget,
            None => &mut self.address,
        }
    }
}

impl Pool for InProcess {
    fn charge<'p>(
        &'p self,
        now: Millis,
        account: &'p str,
        cost: Cost,
    ) -> Answer<'p, Result<Ticket, Refusal>> {
        let mut state = self.lock();
        let (of_address, of_account) = (cost.of_address(), cost.of_account());
        let charged = state.address.check(now, of_address).and_then(|()| {
            if of_account != (Cost { urgent: cost.urgent, ..Cost::default() }) {
                // Settled with the ticket for both.
                let _ = state.account(account).charge(now, of_account)?;
            }
            let _ = state.address.add(now, of_address);
            Ok(Ticket::new(cost, now))
        });
        Answer::Now(charged)
    }

    fn settle<'p>(&'p self, now: Millis, account: &'p str, ticket: Ticket, end: End) -> Answer<'p, ()> {
        let mut state = self.lock();
        let of_address = Ticket::new(ticket.cost().of_address(), ticket.at());
        let of_account = Ticket::new(ticket.cost().of_account(), ticket.at());
        match end {
            End::NotSent => {
                state.address.refund(of_address);
                state.account(account).refund(of_account);
            }
            End::Lost => {
                state.address.abandon(now, of_address);
                state.account(account).abandon(now, of_account);
            }
            End::Replied { limits, verdict } => {
                state.address.settle(now, of_address, Some(&limits.of_address()));
                state.account(account).settle(now, of_account, Some(&limits.of_account()));
                match verdict {
                    TooMuch::No => {}
                    TooMuch::Orders => state.account(account).exhaust_orders(now),
                    TooMuch::All { until } => state.address.close(until),
                }
            }
        }
        Answer::Now(())
    }

    fn learn(&self, limit: Limit, most: u32) {
        let mut state = self.lock();
        match limit {
            Limit::Orders10s => state.rules.orders_10s = most,
            Limit::Orders1m => state.rules.orders_1m = most,
            _ => return state.address.set_limit(limit, most),
        }
        state.accounts.iter_mut().for_each(|(_, budget)| budget.set_limit(limit, most));
    }

    fn used(&self, now: Millis, account: &str, limit: Limit) -> Option<u32> {
        let mut state = self.lock();
        Some(match limit {
            Limit::Orders10s | Limit::Orders1m => state.account(account).used(now, limit),
            _ => state.address.used(now, limit),
        })
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess").field("rules", &self.lock().rules).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charge(pool: &InProcess, now: i64, account: &str, cost: Cost) -> Result<Ticket, Refusal> {
        match pool.charge(Millis(now), account, cost) {
            Answer::Now(result) => result,
            Answer::Later(_) => panic!("it is in this process"),
        }
    }

    const ORDER: Cost = Cost { weight: 0, orders_10s: 1, orders_1m: 1, data: 0, calls: 0, urgent: false };
    const READ: Cost = Cost { weight: 1, orders_10s: 0, orders_1m: 0, data: 0, calls: 0, urgent: false };

    #[test]
    fn addresses_share_weight_and_accounts_have_their_orders() {
        let pool =
            InProcess::new(Rules { weight: 2, orders_10s: 1, reserve: 0, guard: 0, ..Rules::default() });
        let _ = charge(&pool, 0, "a", ORDER).unwrap();
        assert_eq!(charge(&pool, 0, "a", ORDER).unwrap_err().limit, Limit::Orders10s);
        let _ = charge(&pool, 0, "b", ORDER).unwrap();
        let _ = charge(&pool, 0, "a", READ).unwrap();
        let _ = charge(&pool, 0, "b", READ).unwrap();
        assert_eq!(charge(&pool, 0, "c", READ).unwrap_err().limit, Limit::Weight);
        assert_eq!(pool.used(Millis(0), "a", Limit::Weight), Some(2));
        assert_eq!(pool.used(Millis(0), "b", Limit::Orders10s), Some(1));
        assert_eq!(pool.used(Millis(0), "c", Limit::Orders10s), Some(0));
    }

    #[test]
    fn what_is_refused_is_not_charged_in_part() {
        let pool =
            InProcess::new(Rules { weight: 5, orders_10s: 1, reserve: 0, guard: 0, ..Rules::default() });
        let both = Cost { weight: 1, ..ORDER };
        let _ = charge(&pool, 0, "a", both).unwrap();
        for _ in 0..5 {
            assert_eq!(charge(&pool, 0, "a", both).unwrap_err().limit, Limit::Orders10s);
        }
        assert_eq!(pool.used(Millis(0), "a", Limit::Weight), Some(1));
        let heavy = Cost { weight: 5, ..ORDER };
        assert_eq!(charge(&pool, 10_000, "b", heavy).unwrap_err().limit, Limit::Weight);
        assert_eq!(pool.used(Millis(10_000), "b", Limit::Orders10s), Some(0));
    }

    #[test]
    fn a_ban_closes_the_pool_for_all() {
        let pool = InProcess::new(Rules { guard: 0, ..Rules::default() });
        let ticket = charge(&pool, 1_000, "a", READ).unwrap();
        let verdict = TooMuch::All { until: Millis(4_000) };
        pool.settle(Millis(1_000), "a", ticket, End::Replied { limits: Limits::default(), verdict });
        for cost in [READ, ORDER] {
            assert_eq!(charge(&pool, 3_999, "b", cost).unwrap_err().limit, Limit::Closed);
        }
        let _ = charge(&pool, 4_000, "b", ORDER).unwrap();
    }

    #[test]
    fn the_end_of_a_ban_is_the_latest_that_is_told() {
        let now = Millis(1_785_000_030_000);
        let after = |seconds: &str| Limits::read([("retry-after", seconds.as_bytes())]);
        let none = Limits::default();
        let all = |until: i64| TooMuch::All { until: Millis(until) };
        let ban = "Way too many requests; IP banned until 1785000100000. Please use the websocket.";
        for (status, code, message, limits, verdict) in [
            (200, 0, "", none, TooMuch::No),
            (400, -1121, "", none, TooMuch::No),
            (403, 0, "", after("5"), TooMuch::No),
            (429, -1003, "", after("5"), all(1_785_000_035_000)),
            (429, -1003, "", none, all(1_785_000_060_000)),
            (418, -1003, "", none, all(1_785_000_150_000)),
            (418, -1003, ban, none, all(1_785_000_100_000)),
            (418, -1003, ban, after("5"), all(1_785_000_100_000)),
            (418, -1003, ban, after("500"), all(1_785_000_530_000)),
            (418, -1003, "banned until later", none, all(1_785_000_150_000)),
            (400, -1015, "Too many new orders.", none, TooMuch::Orders),
            (429, -1015, "Too many new orders.", none, TooMuch::Orders),
            (429, -1015, "Too many new orders.", after("3"), all(1_785_000_033_000)),
        ] {
            assert_eq!(
                TooMuch::of(status, Some(ApiCode(code)), message, &limits, now),
                verdict,
                "{status} {message}"
            );
        }
    }

    #[test]
    fn clients_of_one_venue_share_and_others_do_not() {
        let (a, b) = (InProcess::shared("venue", ""), InProcess::shared("venue", ""));
        assert!(Arc::ptr_eq(&a, &b));
        assert!(!Arc::ptr_eq(&a, &InProcess::shared("venue", "10.0.0.1")));
        assert!(!Arc::ptr_eq(&a, &InProcess::shared("another", "")));
        let _ = charge(&a, 0, "x", READ).unwrap();
        drop((a, b));
        assert_eq!(
            InProcess::shared("venue", "").used(Millis(0), "x", Limit::Weight),
            Some(0),
            "gone with its clients"
        );
    }
}
