//! What calls cost: charged before they are written, and settled when they are over.

use std::{string::String, sync::Arc};

use binance_core::{Environment, Market, Millis, ws_api::Call};
use binance_http::{
    BaseUrl, Limits,
    budget::{Cost, Ticket},
    pool::{self, End, InProcess, Pool, TooMuch},
};
use tokio::time::{Instant, sleep};

use crate::address::Base;

use super::{Answer, Failure, driver::Shared};

/// Which budget an API keeps to.
pub(super) enum Budgeting {
    /// That of all clients of REST that go the same way, and of all other APIs.
    Shared,
    Given(Arc<dyn Pool>),
    None,
}

impl Budgeting {
    /// The pool of an API at `base`, reached from `egress`.
    pub(super) fn pool(self, base: &Base, egress: &str) -> Option<Arc<dyn Pool>> {
        match self {
            Self::Given(pool) => Some(pool),
            Self::None => None,
            Self::Shared => {
                let [usdm, coinm] = hosts(base);
                Some(InProcess::of_hosts(&usdm, &coinm, egress))
            }
        }
    }
}

/// The hosts of REST that belong to a WebSocket API: where it is none of the exchange's own, its host serves all.
fn hosts(base: &Base) -> [String; 2] {
    let is_own = |environment: &&Environment| {
        Base::ws_api(base.market(), **environment).is_ok_and(|own| own.authority() == base.authority())
    };
    [Market::UsdM, Market::CoinM].map(|market| {
        let url = Environment::ALL.iter().find(is_own).map(|environment| environment.rest(market));
        let url = url.and_then(|url| BaseUrl::parse(url).ok());
        url.map_or(base.authority().into(), |url| url.authority().into())
    })
}

/// What was charged for a call. Dropped before the call is over, it is given back where nothing was written, and lost
/// otherwise.
pub(super) struct Charge<'c, S> {
    shared: &'c Shared<S>,
    pool: &'c dyn Pool,
    ticket: Option<Ticket>,
    /// Whether the call was written.
    pub(super) is_written: bool,
}

impl<'c, S> Charge<'c, S> {
    /// Charges the budget; when it has no room, waits for it for as long as the call may.
    pub(super) async fn new(
        shared: &'c Shared<S>,
        pool: &'c dyn Pool,
        call: &(dyn Call + Sync),
        deadline: Instant,
    ) -> Result<Self, Failure> {
        let cost = Cost::of_call(call);
        loop {
            let refusal = match pool.charge(shared.read_clock().time, &shared.account, cost).get().await {
                Ok(ticket) => return Ok(Self { shared, pool, ticket: Some(ticket), is_written: false }),
                Err(refusal) => refusal,
            };
            let left = deadline.saturating_duration_since(Instant::now());
            let wait = refusal.retry_in.filter(|wait| shared.waits && *wait < left);
            let Some(wait) = wait else { return Err(Failure::Limit(refusal)) };
            sleep(wait).await;
        }
    }

    /// The call is over.
    pub(super) async fn settle(mut self, result: &Result<Answer, Failure>) {
        let now = self.shared.read_clock().time;
        let (at, end) = match result {
            Ok(answer) => (answer.at.time, End::Replied { limits: answer.limits, verdict: TooMuch::No }),
            Err(Failure::Refused(refused)) => {
                let verdict = too_much(refused.status, &refused.limits, refused, now);
                (now, End::Replied { limits: refused.limits, verdict })
            }
            Err(_) if !self.is_written => (now, End::NotSent),
            Err(_) => (now, End::Lost),
        };
        let settled = self.end(at, end);
        if let End::Replied { verdict: TooMuch::All { .. }, .. } = end {
            settled.get().await;
        }
    }

    fn end(&mut self, now: Millis, end: End) -> pool::Answer<'c, ()> {
        match self.ticket.take() {
            Some(ticket) => self.pool.settle(now, &self.shared.account, ticket, end),
            None => pool::Answer::Now(()),
        }
    }
}

impl<S> Drop for Charge<'_, S> {
    fn drop(&mut self) {
        if self.ticket.is_some() {
            let end = if self.is_written { End::Lost } else { End::NotSent };
            // Nobody can wait here; what is not said at once is not said.
            drop(self.end(self.shared.read_clock().time, end));
        }
    }
}

fn too_much(status: u16, limits: &Limits, refused: &super::Refused, now: Millis) -> TooMuch {
    TooMuch::of(status, Some(refused.error.code), &refused.error.message, limits, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_has_the_hosts_of_rest_that_belong_to_it() {
        let own = |market, environment| hosts(&Base::ws_api(market, environment).unwrap());
        for market in [Market::UsdM, Market::CoinM] {
            assert_eq!(own(market, Environment::Production), ["fapi.binance.com", "dapi.binance.com"]);
            assert_eq!(own(market, Environment::Testnet), ["testnet.binancefuture.com"; 2]);
        }
        let other = Base::new(Market::UsdM, "ws://127.0.0.1:9000/ws-fapi/v1").unwrap();
        assert_eq!(hosts(&other), ["127.0.0.1:9000"; 2]);
    }
}
