//! Request weights by address and order counts by account, in fixed windows.

use std::{collections::HashMap, net::IpAddr};

use crate::{
    calendar::{DAY, MINUTE, SECOND},
    config::SimBuilder,
    reject::Reject,
};

/// How many more requests an address may send after it was told to stop, before it is banned.
const PATIENCE: u32 = 10;
/// The first ban; each further one is twice as long.
const FIRST_BAN: i64 = 2 * MINUTE;
/// The longest ban.
const LONGEST_BAN: i64 = 3 * DAY;

/// How many requests an address may send to the paths of statistics in [`STATISTICS_SPAN`].
const STATISTICS: u32 = 1_000;
const STATISTICS_SPAN: i64 = 5 * MINUTE;

/// What was used of a limit in one window.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    number: i64,
    used: u32,
}

impl Window {
    /// What was used in the window that `now` is in.
    const fn used(self, now: i64, span: i64) -> u32 {
        if self.number == now.div_euclid(span) { self.used } else { 0 }
    }

    fn add(&mut self, now: i64, span: i64, amount: u32) -> u32 {
        self.used = self.used(now, span).saturating_add(amount);
        self.number = now.div_euclid(span);
        self.used
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Address {
    weight: Window,
    statistics: Window,
    refused: u32,
    banned_until: i64,
    bans: u32,
}

/// What has a counter of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Pool {
    /// REST of both markets, the handshakes of streams, and the WebSocket API of COIN-M.
    Rest,
    /// The WebSocket API of USDⓈ-M.
    UsdmApi,
}

/// What was used of the order limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OrderCounts {
    pub(crate) per_10s: u32,
    pub(crate) per_minute: u32,
}

/// All limits, USDⓈ-M and COIN-M together.
#[derive(Debug)]
pub(crate) struct Limits {
    pub(crate) weight_limit: u32,
    pub(crate) orders_per_10s: u32,
    pub(crate) orders_per_minute: u32,
    addresses: HashMap<(Pool, IpAddr), Address>,
    orders: HashMap<usize, (Window, Window)>,
}

impl Limits {
    pub(crate) fn new(config: &SimBuilder) -> Self {
        Self {
            weight_limit: config.weight_limit,
            orders_per_10s: config.orders_per_10s,
            orders_per_minute: config.orders_per_minute,
            addresses: HashMap::new(),
            orders: HashMap::new(),
        }
    }

    /// Charges a request to an address; gives what it used this minute, or the refusal.
    pub(crate) fn charge(&mut self, from: IpAddr, weight: u32, now: i64) -> Result<u32, (u32, Reject)> {
        self.charge_in(Pool::Rest, from, weight, now)
    }

    /// The same, on one of the counters.
    pub(crate) fn charge_in(
        &mut self,
        pool: Pool,
        from: IpAddr,
        weight: u32,
        now: i64,
    ) -> Result<u32, (u32, Reject)> {
        let limit = self.weight_limit;
        let address = self.addresses.entry((pool, from)).or_default();
        if now < address.banned_until {
            return Err((address.weight.used(now, MINUTE), banned(address.banned_until, now)));
        }
        let used = address.weight.add(now, MINUTE, weight);
        if used <= limit {
            address.refused = 0;
            return Ok(used);
        }
        address.refused += 1;
        if address.refused > PATIENCE {
            let ban = (FIRST_BAN << address.bans.min(20)).min(LONGEST_BAN);
            address.bans += 1;
            address.refused = 0;
            address.banned_until = now + ban;
            return Err((used, banned(address.banned_until, now)));
        }
        Err((used, too_many(limit, seconds_left(now, MINUTE))))
    }

    /// Counts a request for statistics, which have a limit of their own.
    pub(crate) fn statistics(&mut self, from: IpAddr, now: i64) -> Result<(), Reject> {
        let used =
            self.addresses.entry((Pool::Rest, from)).or_default().statistics.add(now, STATISTICS_SPAN, 1);
        if used <= STATISTICS {
            return Ok(());
        }
        let msg = format!("Too many requests; current limit of IP is {STATISTICS} requests per 5 minutes.");
        let reject = Reject::new(-1003, msg).status(429);
        Err(Reject { retry_after: Some(seconds_left(now, STATISTICS_SPAN)), ..reject })
    }

    /// What an address used this minute.
    pub(crate) fn used(&self, from: IpAddr, now: i64) -> u32 {
        self.addresses.get(&(Pool::Rest, from)).map_or(0, |address| address.weight.used(now, MINUTE))
    }

    /// Counts an order of an account; gives the counts with it, or the refusal.
    pub(crate) fn order(
        &mut self,
        account: usize,
        per_10s: u16,
        per_minute: u16,
        now: i64,
    ) -> Result<OrderCounts, Reject> {
        let (short, long) = self.orders.entry(account).or_default();
        let counts = OrderCounts {
            per_10s: short.used(now, 10 * SECOND) + u32::from(per_10s),
            per_minute: long.used(now, MINUTE) + u32::from(per_minute),
        };
        for (count, limit, span, words) in [
            (counts.per_10s, self.orders_per_10s, 10 * SECOND, "10 SECOND"),
            (counts.per_minute, self.orders_per_minute, MINUTE, "1 MINUTE"),
        ] {
            if count > limit {
                let msg = format!("Too many new orders; current limit is {limit} orders per {words}.");
                let reject = Reject::new(-1015, msg).status(429);
                return Err(Reject { retry_after: Some(seconds_left(now, span)), ..reject });
            }
        }
        short.add(now, 10 * SECOND, u32::from(per_10s));
        long.add(now, MINUTE, u32::from(per_minute));
        Ok(counts)
    }
}

/// 429 with code -1003.
pub(crate) fn too_many(limit: u32, retry_after: u32) -> Reject {
    let msg = format!(
        "Too many requests; current limit is {limit} requests per minute. Please use the websocket for live updates \
         to avoid polling the API."
    );
    Reject { retry_after: Some(retry_after), ..Reject::new(-1003, msg).status(429) }
}

/// 418 with code -1003.
pub(crate) fn banned(until: i64, now: i64) -> Reject {
    let msg = format!(
        "Way too many requests; IP banned until {until}. Please use the websocket for live updates to avoid bans."
    );
    let seconds = u32::try_from((until - now).div_euclid(SECOND) + 1).unwrap_or(u32::MAX);
    Reject { retry_after: Some(seconds), ..Reject::new(-1003, msg).status(418) }
}

fn seconds_left(now: i64, span: i64) -> u32 {
    u32::try_from((span - now.rem_euclid(span)).div_euclid(SECOND) + 1).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_225_600_000;

    fn limits() -> Limits {
        Limits::new(&SimBuilder::new().weight_limit(10).order_limits(2, 3))
    }

    #[test]
    fn statistics_have_a_limit_of_their_own() {
        let mut limits = limits();
        let from = IpAddr::from([127, 0, 0, 1]);
        for _ in 0..STATISTICS {
            limits.statistics(from, NOW).unwrap();
        }
        let reject = limits.statistics(from, NOW + 299_000).unwrap_err();
        assert_eq!((reject.status, reject.code, reject.retry_after), (429, -1003, Some(2)));
        assert!(limits.statistics(IpAddr::from([127, 0, 0, 2]), NOW).is_ok());
        assert!(limits.statistics(from, NOW + 300_000).is_ok());
    }

    #[test]
    fn weight_is_refused_then_banned_and_the_next_minute_is_free() {
        let mut limits = limits();
        let from = IpAddr::from([127, 0, 0, 1]);
        assert_eq!(limits.charge(from, 4, NOW).unwrap(), 4);
        assert_eq!(limits.charge(from, 6, NOW + 59_999).unwrap(), 10);
        let (used, reject) = limits.charge(from, 1, NOW + 59_000).unwrap_err();
        assert_eq!((used, reject.status, reject.code, reject.retry_after), (11, 429, -1003, Some(2)));
        assert_eq!(limits.charge(from, 1, NOW + 60_000).unwrap(), 1);
        limits.charge(from, 10, NOW + 60_000).unwrap_err();
        for _ in 1..PATIENCE {
            assert_eq!(limits.charge(from, 1, NOW + 60_000).unwrap_err().1.status, 429);
        }
        let banned = limits.charge(from, 1, NOW + 60_000).unwrap_err().1;
        assert_eq!((banned.status, banned.retry_after), (418, Some(121)));
        assert_eq!(limits.charge(from, 1, NOW + 179_999).unwrap_err().1.status, 418);
        assert_eq!(limits.charge(from, 1, NOW + 180_000).unwrap(), 1);
        // Somebody else is not touched.
        assert_eq!(limits.charge(IpAddr::from([127, 0, 0, 2]), 1, NOW + 60_000).unwrap(), 1);
    }

    #[test]
    fn orders_are_counted_in_both_windows() {
        let mut limits = limits();
        assert_eq!(limits.order(0, 1, 1, NOW).unwrap(), OrderCounts { per_10s: 1, per_minute: 1 });
        assert_eq!(limits.order(0, 1, 1, NOW).unwrap(), OrderCounts { per_10s: 2, per_minute: 2 });
        let reject = limits.order(0, 1, 1, NOW).unwrap_err();
        assert_eq!(reject.msg, "Too many new orders; current limit is 2 orders per 10 SECOND.");
        assert_eq!(limits.order(0, 1, 1, NOW + 10_000).unwrap(), OrderCounts { per_10s: 1, per_minute: 3 });
        assert_eq!(limits.order(0, 1, 1, NOW + 20_000).unwrap_err().code, -1015);
        assert_eq!(limits.order(1, 1, 1, NOW).unwrap().per_10s, 1);
    }
}
