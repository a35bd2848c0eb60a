//! A budget that programs and machines share which reach the exchange from one address: a [`Pool`] kept in Redis.
//!
//! ```no_run
//! use binance_http::{Client, redis::{Redis, Unreachable}};
//!
//! let pool = Redis::at("10.0.0.5:6379", "production 203.0.113.7")
//!     .login("", "the password")
//!     .unreachable(Unreachable::CountHere { share: 25 })
//!     .connect()?;
//! let client = Client::builder().pool(pool).build()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A script looks and charges in one step, so that together they never charge more than the limits. It needs Redis 4 or
//! later, or what speaks as it does; a single server, not a cluster, over TCP without TLS.
//!
//! Under the `name` of a pool there are three keys. Whoever shares an address gives the same name.
//!
//! | Key | What | Lives |
//! | --- | --- | --- |
//! | `binance:{name}:address` | a hash: the weights, and the requests for `/futures/data`, of each window | 20 minutes from its last use |
//! | `binance:{name}:account:ACCOUNT` | a hash: the orders of an account in each window | 20 minutes from its last use |
//! | `binance:{name}:closed` | until when the exchange wants to be left alone, in milliseconds since 1970 | 20 minutes longer than that |
//!
//! A program that dies takes nothing with it for long: what it had on its way counts as used in the windows of the next two
//! minutes (five for `/futures/data`).
//!
//! One thread of the pool's own talks to the server over the operating system's sockets, so that the pool serves every
//! runtime, and programs that block; it ends with the pool. A charge is one round trip; those that are asked for together go
//! together. Nothing waits for what is said when a request is over, but for 429 and 418.

mod resp;
mod worker;

use core::{future::poll_fn, time::Duration};
use std::{
    fmt, io,
    string::{String, ToString as _},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{Sender, channel},
    },
    thread,
    vec::Vec,
};

use binance_core::Millis;

use self::worker::{Job, PAUSE, Server, Slot, Told, run};
use crate::{
    budget::{Cost, Limit, Refusal, Rules, Ticket},
    pool::{Answer, End, InProcess, Pool, TooMuch},
};

/// What a pool does while its server cannot be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreachable {
    /// Nothing is sent: requests are refused with [`Limit::Unreachable`], or wait for the server if they may.
    #[default]
    Refuse,
    /// Each program keeps to a part of the limits by itself, what it has used of the current windows included, as it is
    /// known to it and as replies tell.
    CountHere {
        /// How many percent: 100 by the number of programs keeps all of them within the limits.
        share: u8,
    },
}

/// A pool to be connected.
#[must_use = "a pool is made by `connect`"]
pub struct Builder {
    server: Server,
    name: String,
    rules: Rules,
    unreachable: Unreachable,
}

impl Builder {
    /// The user and the password to log in with; an empty user is the default one.
    pub fn login(mut self, user: &str, password: &str) -> Self {
        self.server.login = Some((user.into(), password.into()));
        self
    }

    /// The number of the database: 0 unless told.
    pub fn database(mut self, number: u32) -> Self {
        self.server.database = number;
        self
    }

    /// How long connecting, and each answer, may take: 500 ms unless told. A server that takes longer is not reached, and
    /// then left alone for a second.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        // Zero would be no timeout at all.
        self.server.timeout = timeout.max(Duration::from_millis(1));
        self
    }

    /// The limits. Programs that share them keep each to its own rules; `share` is how many percent all of them together may
    /// use.
    pub fn rules(self, rules: Rules) -> Self {
        Self { rules, ..self }
    }

    /// What to do while the server cannot be reached: refuse unless told.
    pub fn unreachable(self, unreachable: Unreachable) -> Self {
        Self { unreachable, ..self }
    }

    /// The pool. It connects when it is asked first, and again when it has to.
    ///
    /// # Errors
    /// When its thread cannot be started.
    pub fn connect(self) -> io::Result<Arc<Redis>> {
        let Self { server, name, rules, unreachable } = self;
        let (jobs, received) = channel();
        let jobs = Arc::new(jobs);
        let again = Arc::downgrade(&jobs);
        let address = server.address.clone();
        thread::Builder::new()
            .name("binance redis pool".into())
            .spawn(move || run(&received, &again, &server))?;
        let share = match unreachable {
            Unreachable::CountHere { share } => share.min(rules.share),
            Unreachable::Refuse => rules.share,
        };
        let here = InProcess::new(Rules { share, ..rules });
        Ok(Arc::new(Redis { address, name, unreachable, rules: Mutex::new(rules), here, jobs }))
    }
}

/// A pool in Redis. See the [module](self).
pub struct Redis {
    address: String,
    name: String,
    unreachable: Unreachable,
    rules: Mutex<Rules>,
    /// What this program has used, for when the server cannot be reached.
    here: Arc<InProcess>,
    jobs: Arc<Sender<Job>>,
}

/// The mark of a ticket that the server knows nothing of.
const ONLY_HERE: u32 = 1;

impl Redis {
    /// A pool called `name`, to be connected to the server at this host and port.
    pub fn at(address: &str, name: &str) -> Builder {
        Builder {
            server: Server {
                address: address.into(),
                login: None,
                database: 0,
                timeout: Duration::from_millis(500),
            },
            name: name.into(),
            rules: Rules::default(),
            unreachable: Unreachable::Refuse,
        }
    }

    fn rules(&self) -> MutexGuard<'_, Rules> {
        // Rules are whole whatever happened to a thread that held them.
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keys and arguments that all calls have.
    fn words(&self, account: &str, what: &str, now: Millis) -> Vec<String> {
        let key = |rest: &str| std::format!("binance:{{{}}}:{rest}", self.name);
        let account = key(&std::format!("account:{account}"));
        let guard = self.rules().guard.to_string();
        Vec::from([key("address"), account, key("closed"), what.into(), now.0.to_string(), guard])
    }

    fn charge_words(&self, now: Millis, account: &str, cost: Cost) -> Vec<String> {
        let Rules { weight, orders_10s, orders_1m, data, calls, share, reserve, .. } = *self.rules();
        let reserve = if cost.urgent { 0 } else { reserve.min(100) };
        let mut words = self.words(account, "charge", now);
        words.extend([share.min(100), reserve].map(|percent| percent.to_string()));
        words.extend([weight, orders_10s, orders_1m, data, calls].map(|most| most.to_string()));
        words.extend(costs(cost));
        words
    }

    fn settle_words(&self, now: Millis, account: &str, ticket: Ticket, end: End) -> Vec<String> {
        let (mut closed, mut orders, mut told) = (0, -1_i64, [None; 5]);
        let how = match end {
            End::NotSent => "back",
            End::Lost => "lost",
            End::Replied { limits, verdict } => {
                told = [
                    limits.used_weight(),
                    limits.orders_10s(),
                    limits.orders_1m(),
                    None,
                    limits.used_calls(),
                ];
                match verdict {
                    TooMuch::No => {}
                    TooMuch::Orders => orders = self.rules().orders_10s.into(),
                    TooMuch::All { until } => closed = until.0,
                }
                "replied"
            }
        };
        let mut words = self.words(account, "settle", now);
        words.extend([how.into(), ticket.at().0.to_string(), closed.to_string(), orders.to_string()]);
        words.extend(costs(ticket.cost()));
        words.extend(told.map(|count| count.map_or(-1, i64::from).to_string()));
        words
    }

    fn send(&self, words: Vec<String>) -> Arc<Slot> {
        let slot = Arc::<Slot>::default();
        // The thread lives as long as the pool does.
        let _ = self.jobs.send(Job { words, slot: Arc::clone(&slot) });
        slot
    }

    /// A charge that the server granted.
    fn granted(&self, now: Millis, account: &str, cost: Cost) -> Ticket {
        self.here.add(now, account, cost);
        Ticket::new(cost, now)
    }
}

fn costs(cost: Cost) -> [String; 5] {
    [cost.weight, cost.orders_10s, cost.orders_1m, cost.data, cost.calls].map(|cost| cost.to_string())
}

/// A charge that was asked for and may be granted. Dropped before it is taken, it is given back.
struct Asked<'p> {
    pool: &'p Redis,
    account: &'p str,
    ticket: Ticket,
    slot: Arc<Slot>,
}

impl Asked<'_> {
    async fn told(&self) -> Told {
        poll_fn(|cx| self.slot.poll(cx)).await
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        let words = self.pool.settle_words(self.ticket.at(), self.account, self.ticket, End::NotSent);
        if let Some(words) = self.slot.leave(words) {
            self.pool.send(words);
        }
    }
}

impl Pool for Redis {
    fn charge<'p>(
        &'p self,
        now: Millis,
        account: &'p str,
        cost: Cost,
    ) -> Answer<'p, Result<Ticket, Refusal>> {
        // What this program was told holds also when it could not pass it on.
        if let Err(refusal) = self.here.is_open(now) {
            return Answer::Now(Err(refusal));
        }
        let slot = self.send(self.charge_words(now, account, cost));
        let asked = Asked { pool: self, account, ticket: Ticket::new(cost, now), slot };
        Answer::Later(std::boxed::Box::pin(async move {
            match (asked.told().await, self.unreachable) {
                (Ok((0, _)), _) => Ok(self.granted(now, account, cost)),
                (Ok((limit, wait)), _) => Err(refusal(limit, wait)),
                (Err(_), Unreachable::Refuse) => {
                    Err(Refusal { limit: Limit::Unreachable, retry_in: Some(PAUSE) })
                }
                (Err(_), Unreachable::CountHere { .. }) => {
                    self.here.charge(now, account, cost).get().await.map(|ticket| ticket.marked(ONLY_HERE))
                }
            }
        }))
    }

    fn settle<'p>(&'p self, now: Millis, account: &'p str, ticket: Ticket, end: End) -> Answer<'p, ()> {
        // In this process, so it is done at once.
        drop(self.here.settle(now, account, ticket, end));
        let told_all = matches!(end, End::Replied { verdict: TooMuch::All { .. }, .. });
        if ticket.mark() == ONLY_HERE && !told_all {
            return Answer::Now(());
        }
        let known =
            if ticket.mark() == ONLY_HERE { Ticket::new(Cost::default(), ticket.at()) } else { ticket };
        let slot = self.send(self.settle_words(now, account, known, end));
        Answer::Later(std::boxed::Box::pin(async move {
            // If it was not reached, this program knows it all the same.
            let _ = poll_fn(|cx| slot.poll(cx)).await;
        }))
    }

    fn learn(&self, limit: Limit, most: u32) {
        let mut rules = self.rules();
        match limit {
            Limit::Weight => rules.weight = most,
            Limit::Orders10s => rules.orders_10s = most,
            Limit::Orders1m => rules.orders_1m = most,
            Limit::Data => rules.data = most,
            Limit::Calls => rules.calls = most,
            Limit::Closed | Limit::Unreachable => {}
        }
        drop(rules);
        self.here.learn(limit, most);
    }

    /// What this program has used, and others as far as replies told.
    fn used(&self, now: Millis, account: &str, limit: Limit) -> Option<u32> {
        self.here.used(now, account, limit)
    }
}

/// The script's refusal.
fn refusal(limit: i64, wait: i64) -> Refusal {
    let limit = match limit {
        1 => Limit::Weight,
        2 => Limit::Orders10s,
        3 => Limit::Orders1m,
        4 => Limit::Data,
        5 => Limit::Calls,
        _ => Limit::Closed,
    };
    Refusal { limit, retry_in: u64::try_from(wait).ok().map(Duration::from_millis) }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("address", &self.address)
            .field("name", &self.name)
            .field("rules", &*self.rules())
            .field("unreachable", &self.unreachable)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("address", &self.server.address)
            .field("name", &self.name)
            .field("rules", &self.rules)
            .field("unreachable", &self.unreachable)
            .finish_non_exhaustive()
    }
}
