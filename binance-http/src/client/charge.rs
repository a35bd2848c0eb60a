//! What requests cost: charged before they are sent, and settled when they are over.

use core::time::Duration;

use binance_core::{
    List, Market, Millis, Request,
    enums::{RateLimitInterval, RateLimitType},
    json::{self, find_field},
    record::RateLimit,
};

use super::{Client, send::left};
use crate::{
    budget::{Cost, Limit, Ticket},
    clock::Reading,
    error::Error,
    limits::Limits,
    pool::{self, End, Pool, TooMuch},
    transport::{Received, Transport},
    verdict::Verdict,
};

/// What was charged for a request. Dropped before the request is over, it is lost.
pub(super) struct Charge<'c, T> {
    client: &'c Client<T>,
    pool: &'c dyn Pool,
    ticket: Option<Ticket>,
}

impl<'c, T> Charge<'c, T> {
    /// The request ended at `now`, by the exchange's clock.
    pub(super) fn settle(&mut self, now: Millis, end: End) -> pool::Answer<'c, ()> {
        match self.ticket.take() {
            Some(ticket) => self.pool.settle(now, &self.client.shared.account, ticket, end),
            None => pool::Answer::Now(()),
        }
    }
}

impl<T> Drop for Charge<'_, T> {
    fn drop(&mut self) {
        if self.ticket.is_some() {
            // Nobody can wait here; what is not said at once is not said.
            drop(self.settle(self.client.now(), End::Lost));
        }
    }
}

impl<T: Transport> Client<T> {
    /// Charges the budget; when it has no room, waits for it for as long as the client may. `now` was read before, and is
    /// read again when that took time.
    pub(super) async fn charge<'c>(
        &'c self,
        pool: &'c dyn Pool,
        cost: Cost,
        deadline: Duration,
        now: &mut Reading,
    ) -> Result<Charge<'c, T>, Error> {
        loop {
            let charged = match pool.charge(now.time, &self.shared.account, cost) {
                pool::Answer::Now(charged) => charged,
                later => {
                    let charged = later.get().await;
                    *now = self.read_clock();
                    charged
                }
            };
            let refusal = match charged {
                Ok(ticket) => return Ok(Charge { client: self, pool, ticket: Some(ticket) }),
                Err(refusal) => refusal,
            };
            let wait = refusal.retry_in.filter(|wait| self.options.wait && *wait < left(deadline, now));
            let Some(wait) = wait else { return Err(refusal.into()) };
            self.shared.transport.sleep(wait).await;
            *now = self.read_clock();
        }
    }

    /// Reads the limits where a reply tells them. COIN-M's are those of USDⓈ-M since both count together, though it may
    /// still tell higher ones.
    pub(super) fn learn(&self, request: &dyn Request, body: &[u8]) {
        let meta = request.meta();
        let (Some(pool), Market::UsdM, true) =
            (&self.shared.pool, meta.market, meta.path.ends_with("/exchangeInfo"))
        else {
            return;
        };
        let limits =
            core::str::from_utf8(body).ok().and_then(|text| find_field(text, "rateLimits").ok().flatten());
        let limits = limits.and_then(|limits| json::from_str::<List<'_, RateLimit>>(limits).ok());
        for told in limits.iter().flat_map(List::iter).flatten() {
            let window = (told.kind.known(), told.interval.known(), told.interval_num);
            let limit = match window {
                (Some(RateLimitType::RequestWeight), Some(RateLimitInterval::Minute), 1) => Limit::Weight,
                (Some(RateLimitType::Orders), Some(RateLimitInterval::Second), 10) => Limit::Orders10s,
                (Some(RateLimitType::Orders), Some(RateLimitInterval::Minute), 1) => Limit::Orders1m,
                _ => continue,
            };
            pool.learn(limit, told.limit);
        }
    }
}

/// What a reply says about having sent too much.
pub(super) fn too_much(received: &Received, limits: &Limits, now: Millis) -> TooMuch {
    if (200..300).contains(&received.status) {
        return TooMuch::No;
    }
    match Verdict::of(received.status, &received.body) {
        Verdict::Refused(error) => {
            TooMuch::of(received.status, Some(error.code), &error.message, limits, now)
        }
        _ => TooMuch::of(received.status, None, "", limits, now),
    }
}
