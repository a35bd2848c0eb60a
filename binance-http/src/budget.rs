//! How much may be sent, and when: the exchange's limits as a state machine, without I/O and clock.
//!
//! The exchange counts weight by address and orders by account, USDⓈ-M and COIN-M together, in windows that are aligned
//! to its clock: 2,400 weight a minute, 300 orders in ten seconds and 1,200 a minute; `/futures/data/…` has its own 1,000
//! requests in five minutes, and the WebSocket API of USDⓈ-M its own 2,400 weight a minute. Whoever goes on beyond gets
//! 429, then 418 and a ban.
//! [Exchange docs](https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info)
//!
//! A [`Budget`] counts before the exchange does. What is on its way when a window ends counts on the next one too, for
//! nobody knows where the exchange will count it; near the ends a request has to fit both windows. Replies correct the
//! count upward, by what others on the same address and account have used.

use core::{fmt, time::Duration};

use binance_core::{Market, Method, Millis, Request, Security, endpoint::Orders, ws_api::Call};

use crate::limits::Limits;

/// What a handshake of the WebSocket API weighs.
const HANDSHAKE: u32 = 5;

/// What a request costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Of the request weight.
    pub weight: u32,
    /// Of the orders in ten seconds.
    pub orders_10s: u32,
    /// Of the orders in a minute.
    pub orders_1m: u32,
    /// Of the requests to `/futures/data/…`.
    pub data: u32,
    /// Of the weight of USDⓈ-M's WebSocket API.
    pub calls: u32,
    /// Whether it may use the reserve: it cancels orders.
    pub urgent: bool,
}

impl Cost {
    /// What `request` costs.
    pub fn of<R: Request + ?Sized>(request: &R) -> Self {
        let meta = request.meta();
        let Orders { per_10s, per_minute } = request.orders();
        Self {
            weight: request.weight(),
            orders_10s: per_10s.into(),
            orders_1m: per_minute.into(),
            data: meta.path.starts_with("/futures/data/").into(),
            calls: 0,
            urgent: meta.method == Method::Delete && meta.security == Security::Trade,
        }
    }

    /// What a call of the WebSocket API costs. That of COIN-M counts as REST does; that of USDⓈ-M has a weight of its own,
    /// and its orders and cancels count on both.
    pub fn of_call<C: Call + ?Sized>(call: &C) -> Self {
        let (method, weight) = (call.method(), call.call_weight());
        let (is_own, is_trade) = (method.market == Market::UsdM, method.security == Security::Trade);
        let Orders { per_10s, per_minute } = method.orders;
        Self {
            weight: if !is_own || is_trade { weight } else { 0 },
            orders_10s: per_10s.into(),
            orders_1m: per_minute.into(),
            data: 0,
            calls: if is_own { weight } else { 0 },
            urgent: is_trade && method.rest.is_some_and(|rest| rest.method == Method::Delete),
        }
    }

    /// What it costs to open a connection to a market's WebSocket API. Cancels wait for it, so it may use the reserve.
    pub fn of_handshake(market: Market) -> Self {
        let mut cost = Self { urgent: true, ..Self::default() };
        match market {
            Market::UsdM => cost.calls = HANDSHAKE,
            Market::CoinM => cost.weight = HANDSHAKE,
        }
        cost
    }

    const fn by_window(self) -> [u32; WINDOWS] {
        [self.weight, self.orders_10s, self.orders_1m, self.data, self.calls]
    }

    /// What the address is charged.
    #[cfg(feature = "std")]
    pub(crate) const fn of_address(self) -> Self {
        Self { orders_10s: 0, orders_1m: 0, ..self }
    }

    /// What the account is charged.
    #[cfg(feature = "std")]
    pub(crate) const fn of_account(self) -> Self {
        Self { weight: 0, data: 0, calls: 0, ..self }
    }
}

/// How much of it all may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The weight in a minute: 2,400.
    pub weight: u32,
    /// The orders in ten seconds: 300.
    pub orders_10s: u32,
    /// The orders in a minute: 1,200.
    pub orders_1m: u32,
    /// The requests to `/futures/data/…` in five minutes: 1,000.
    pub data: u32,
    /// The weight of USDⓈ-M's WebSocket API in a minute: 2,400.
    pub calls: u32,
    /// How many percent of each are this program's, where others share the address: 100. What the others use is
    /// respected besides, as far as replies tell.
    pub share: u8,
    /// How many percent of each weight only cancels may use: 5.
    pub reserve: u8,
    /// How far the clock may be wrong, in milliseconds: 100. So near to the end of a window a request has to fit both.
    pub guard: u16,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            weight: 2_400,
            orders_10s: 300,
            orders_1m: 1_200,
            data: 1_000,
            calls: 2_400,
            share: 100,
            reserve: 5,
            guard: 100,
        }
    }
}

/// Which limit it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// The request weight of the address.
    Weight,
    /// The orders of the account in ten seconds.
    Orders10s,
    /// The orders of the account in a minute.
    Orders1m,
    /// The requests of the address to `/futures/data/…`.
    Data,
    /// The weight of the address on USDⓈ-M's WebSocket API.
    Calls,
    /// The exchange said that it was too much (429), or has banned the address (418).
    Closed,
    /// The pool is kept elsewhere and cannot be reached: nobody knows how much is used.
    Unreachable,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Weight => "the request weight is used up",
            Self::Orders10s => "the orders of ten seconds are used up",
            Self::Orders1m => "the orders of the minute are used up",
            Self::Data => "the requests for futures data are used up",
            Self::Calls => "the weight of the WebSocket API is used up",
            Self::Closed => "the exchange wants to be left alone",
            Self::Unreachable => "the shared budget cannot be reached",
        })
    }
}

/// Not now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is used up.
    pub limit: Limit,
    /// How long until there is room again, if nobody else takes it; `None` when the request costs more than may ever be
    /// used.
    pub retry_in: Option<Duration>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.retry_in {
            Some(wait) => write!(f, "{} for another {wait:?}", self.limit),
            None => f.write_str("the request costs more than may ever be used"),
        }
    }
}

impl core::error::Error for Refusal {}

/// What was charged, and when: to be given back to [`Budget::settle`] or [`Budget::abandon`].
#[derive(Clone, Copy, Debug)]
#[must_use = "what is not settled counts on every window to come"]
pub struct Ticket {
    cost: Cost,
    at: Millis,
    mark: u32,
}

impl Ticket {
    /// A ticket for `cost`, charged `at` this time by the exchange's clock.
    pub const fn new(cost: Cost, at: Millis) -> Self {
        Self { cost, at, mark: 0 }
    }

    /// The same with a mark by which a pool knows it again.
    pub const fn marked(self, mark: u32) -> Self {
        Self { mark, ..self }
    }

    /// Its mark; 0 unless it was given one.
    pub const fn mark(&self) -> u32 {
        self.mark
    }

    /// What was charged.
    pub const fn cost(&self) -> Cost {
        self.cost
    }

    /// When it was charged.
    pub const fn at(&self) -> Millis {
        self.at
    }
}

const WINDOWS: usize = 5;

/// The windows of one address and one account.
///
/// ```
/// use binance_http::{Millis, budget::{Budget, Cost, Rules}};
/// let mut budget = Budget::new(Rules { weight: 10, reserve: 0, ..Rules::default() });
/// let cost = Cost { weight: 6, ..Cost::default() };
/// let ticket = budget.charge(Millis(30_000), cost).expect("there is room");
/// budget.settle(Millis(30_050), ticket, None);
///
/// let refusal = budget.charge(Millis(30_100), cost).unwrap_err();
/// assert_eq!(refusal.retry_in.map(|wait| wait.as_millis()), Some(30_000));
/// assert!(budget.charge(Millis(60_100), cost).is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct Budget {
    rules: Rules,
    windows: [Window; WINDOWS],
    closed_until: Millis,
}

impl Budget {
    /// Nothing is used yet.
    pub const fn new(rules: Rules) -> Self {
        let windows = [
            Window::new(60_000, rules.weight),
            Window::new(10_000, rules.orders_10s),
            Window::new(60_000, rules.orders_1m),
            Window::new(300_000, rules.data),
            Window::new(60_000, rules.calls),
        ];
        Self { rules, windows, closed_until: Millis(i64::MIN) }
    }

    /// Whether `cost` can be charged at `now`, by the exchange's clock.
    ///
    /// # Errors
    /// [`Refusal`], with the window that has room last.
    pub fn check(&mut self, now: Millis, cost: Cost) -> Result<(), Refusal> {
        let mut refusal = self.check_open(now).err();
        let limits = [Limit::Weight, Limit::Orders10s, Limit::Orders1m, Limit::Data, Limit::Calls];
        let guard = i64::from(self.rules.guard);
        for ((window, limit), cost_here) in self.windows.iter_mut().zip(limits).zip(cost.by_window()) {
            window.roll(now);
            if cost_here == 0 {
                continue;
            }
            let has_reserve = matches!(limit, Limit::Weight | Limit::Calls);
            let reserve = if has_reserve && !cost.urgent { self.rules.reserve } else { 0 };
            match window.room_in(now, cost_here, self.rules.share, reserve, guard) {
                Room::Now => {}
                Room::Never => return Err(Refusal { limit, retry_in: None }),
                Room::In(millis) => {
                    let retry_in = Some(wait(millis));
                    if refusal.is_none_or(|other| other.retry_in < retry_in) {
                        refusal = Some(Refusal { limit, retry_in });
                    }
                }
            }
        }
        refusal.map_or(Ok(()), Err)
    }

    /// Charges `cost` at `now`, by the exchange's clock.
    ///
    /// # Errors
    /// As [`Self::check`]; then nothing is charged.
    pub fn charge(&mut self, now: Millis, cost: Cost) -> Result<Ticket, Refusal> {
        self.check(now, cost)?;
        Ok(self.add(now, cost))
    }

    /// Charges `cost` at `now` whether there is room or not: somebody else has allowed it.
    pub fn add(&mut self, now: Millis, cost: Cost) -> Ticket {
        let guard = i64::from(self.rules.guard);
        for (window, cost) in self.windows.iter_mut().zip(cost.by_window()) {
            window.roll(now);
            window.charge(now, cost, guard);
        }
        Ticket::new(cost, now)
    }

    /// Whether anything may be sent at all.
    ///
    /// # Errors
    /// [`Refusal`] with [`Limit::Closed`], as long as it was [closed](Self::close) for.
    pub fn check_open(&self, now: Millis) -> Result<(), Refusal> {
        if now >= self.closed_until {
            return Ok(());
        }
        Err(Refusal { limit: Limit::Closed, retry_in: Some(wait(self.closed_until.since(now))) })
    }

    /// The request is over: its reply came at `now` and says `limits`, or it is known that none will.
    pub fn settle(&mut self, now: Millis, ticket: Ticket, limits: Option<&Limits>) {
        let told = limits.map_or([None; WINDOWS], |limits| {
            [limits.used_weight(), limits.orders_10s(), limits.orders_1m(), None, limits.used_calls()]
        });
        let guard = i64::from(self.rules.guard);
        for ((window, cost), told) in self.windows.iter_mut().zip(ticket.cost.by_window()).zip(told) {
            window.roll(now);
            window.settle(now, ticket.at, cost, told, guard);
        }
    }

    /// Nobody waits for the reply any more since `now`: the exchange may count the request in this window or in the next.
    pub fn abandon(&mut self, now: Millis, ticket: Ticket) {
        for (window, cost) in self.windows.iter_mut().zip(ticket.cost.by_window()) {
            window.roll(now);
            window.abandon(cost);
        }
    }

    /// The request was never sent: what was charged is given back.
    pub fn refund(&mut self, ticket: Ticket) {
        for (window, cost) in self.windows.iter_mut().zip(ticket.cost.by_window()) {
            window.refund(ticket.at, cost);
        }
    }

    /// Nothing may be sent until `until`, by the exchange's clock; an earlier end than is known is passed over.
    pub fn close(&mut self, until: Millis) {
        self.closed_until = self.closed_until.max(until);
    }

    /// The orders of the account are used up until the end of the current ten seconds, whatever was counted.
    pub fn exhaust_orders(&mut self, now: Millis) {
        if let Some(window) = self.window(Limit::Orders10s) {
            window.roll(now);
            window.foreign = window.foreign.max(window.limit.saturating_sub(window.own));
        }
    }

    /// The exchange's limits are these, as `exchangeInfo` says.
    pub fn set_limit(&mut self, limit: Limit, most: u32) {
        if let Some(window) = self.window(limit) {
            window.limit = most;
        }
    }

    /// How much is used of a limit in its current window, by all that is known.
    pub fn used(&mut self, now: Millis, limit: Limit) -> u32 {
        self.window(limit).map_or(0, |window| {
            window.roll(now);
            window.total()
        })
    }

    fn window(&mut self, limit: Limit) -> Option<&mut Window> {
        let index = match limit {
            Limit::Weight => 0,
            Limit::Orders10s => 1,
            Limit::Orders1m => 2,
            Limit::Data => 3,
            Limit::Calls => 4,
            Limit::Closed | Limit::Unreachable => return None,
        };
        self.windows.get_mut(index)
    }
}

fn wait(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// One limit.
#[derive(Clone, Copy, Debug)]
struct Window {
    /// In milliseconds.
    length: i64,
    limit: u32,
    /// When it began, by the exchange's clock.
    begun: i64,
    /// What was charged here, and what was on its way when this window began.
    own: u32,
    /// What others have used, as far as replies told.
    foreign: u32,
    /// What is on its way.
    in_flight: u32,
    /// What was on its way when nobody waited for it any more.
    lingering: u32,
    /// What was used of the window before this one.
    before: u32,
}

enum Room {
    Now,
    In(i64),
    Never,
}

impl Window {
    const fn new(length: i64, limit: u32) -> Self {
        Self { length, limit, begun: i64::MIN, own: 0, foreign: 0, in_flight: 0, lingering: 0, before: 0 }
    }

    fn total(&self) -> u32 {
        self.own.saturating_add(self.foreign)
    }

    fn end(&self) -> i64 {
        self.begun.saturating_add(self.length)
    }

    fn holds(&self, at: Millis) -> bool {
        (self.begun..self.end()).contains(&at.0)
    }

    fn roll(&mut self, now: Millis) {
        if self.holds(now) {
            return;
        }
        let begun = now.0.saturating_sub(now.0.rem_euclid(self.length));
        if begun > self.begun {
            // What is more than one window ago counts no more.
            let (before, lingering) = match begun == self.end() {
                true => (self.total(), self.lingering),
                false => (0, 0),
            };
            self.before = before;
            self.own = self.in_flight.saturating_add(lingering);
            self.lingering = 0;
            self.foreign = 0;
        }
        // A clock that was set back keeps what was counted: the window it is in now is not over yet.
        self.begun = begun;
    }

    /// How long until `cost` has room. The window is that of `now`.
    fn room_in(&self, now: Millis, cost: u32, share: u8, reserve: u8, guard: i64) -> Room {
        let percent = |percent: u8| {
            u32::try_from(u64::from(self.limit) * u64::from(percent.min(100)) / 100).unwrap_or(self.limit)
        };
        let most_own = percent(share);
        let most = self.limit.saturating_sub(percent(reserve));
        if cost > most_own || cost > most {
            return Room::Never;
        }
        let fits =
            |total: u32, own: u32| total.saturating_add(cost) <= most && own.saturating_add(cost) <= most_own;
        if !fits(self.total(), self.own) {
            return Room::In(self.end().saturating_add(guard).saturating_sub(now.0));
        }
        let young = now.0.saturating_sub(self.begun) < guard;
        if young && !fits(self.before, self.before.min(most_own.saturating_sub(cost))) {
            return Room::In(self.begun.saturating_add(guard).saturating_sub(now.0));
        }
        Room::Now
    }

    fn charge(&mut self, now: Millis, cost: u32, guard: i64) {
        self.own = self.own.saturating_add(cost);
        self.in_flight = self.in_flight.saturating_add(cost);
        if now.0.saturating_sub(self.begun) < guard {
            self.before = self.before.saturating_add(cost);
        }
    }

    fn settle(&mut self, now: Millis, charged: Millis, cost: u32, told: Option<u32>, guard: i64) {
        self.in_flight = self.in_flight.saturating_sub(cost);
        if self.end().saturating_sub(now.0) <= guard {
            // By the exchange's clock the window may have ended before the request arrived.
            self.lingering = self.lingering.saturating_add(cost);
        }
        // A request that was on its way while the window ended may tell the count of either.
        if let Some(told) = told
            && self.holds(charged)
        {
            self.foreign = self.foreign.max(told.saturating_sub(self.own));
        }
    }

    fn abandon(&mut self, cost: u32) {
        self.in_flight = self.in_flight.saturating_sub(cost);
        self.lingering = self.lingering.saturating_add(cost);
    }

    fn refund(&mut self, charged: Millis, cost: u32) {
        self.in_flight = self.in_flight.saturating_sub(cost);
        // What was on its way when a window began is part of that one too.
        if charged.0 < self.end() {
            self.own = self.own.saturating_sub(cost);
        }
    }
}

#[cfg(test)]
#[path = "budget_tests.rs"]
mod tests;
