//! Reads that are tried again.

use core::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};
use std::hash::{BuildHasher, RandomState};

use binance_core::endpoint::Meta;

use crate::error::{Error, Outcome, TransportKind};

/// When a read that failed is tried again: how often, after how long, and how many of all may be.
///
/// Only requests that change nothing are, and never one that orders, cancels or sets something, whatever this says. Of
/// those, the ones that failed on the way, that the exchange or its gateways could not answer (5xx, 408), or that it
/// was too busy for (-1001, -1006, -1007, -1008). Not those that it refused, limits (429) and bans (418) least of all.
///
/// All attempts are charged to the budget, and all together keep to the client's timeout.
///
/// ```
/// use core::time::Duration;
/// use binance_http::{Client, Retry};
/// let client = Client::builder()
///     .timeout(Duration::from_secs(8))
///     .retry(Retry::attempts_of(3).each_within(Duration::from_secs(2)))
///     .build()?;
/// # Ok::<(), binance_http::BaseUrlError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    attempts: u32,
    shortest: Duration,
    longest: Duration,
    percent: u32,
    at_once: u32,
    each_within: Option<Duration>,
}

impl Retry {
    /// Nothing is tried again: what a client does unless told.
    pub const NONE: Self = Self::attempts_of(1);

    /// At most this many attempts at a read, the first included. Unless told otherwise, a retry waits up to 100 ms, the
    /// next up to twice as long and so on, up to 2 seconds; and one read in ten may be tried again, ten at once.
    pub const fn attempts_of(attempts: u32) -> Self {
        Self {
            attempts,
            shortest: Duration::from_millis(100),
            longest: Duration::from_secs(2),
            percent: 10,
            at_once: 10,
            each_within: None,
        }
    }

    /// The most that the first retry waits, and the most that any does. Each waits for a random part of its most, so that
    /// those who failed together do not come back together.
    #[must_use]
    pub const fn waits(self, first: Duration, longest: Duration) -> Self {
        Self { shortest: first, longest, ..self }
    }

    /// How many retries there may be: `percent` for each hundred reads, and `at_once` beyond that. A client and its clones
    /// have them together, so that an exchange in trouble is not asked many times as much as one that is well.
    #[must_use]
    pub const fn budget(self, percent: u32, at_once: u32) -> Self {
        Self { percent, at_once, ..self }
    }

    /// How long one attempt may take. Without it an attempt that hangs leaves no time for another.
    #[must_use]
    pub const fn each_within(self, limit: Duration) -> Self {
        Self { each_within: Some(limit), ..self }
    }

    /// How many attempts there are at most.
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// How long the retry after `attempt` attempts waits, with any random number.
    pub fn wait(&self, attempt: u32, random: u64) -> Duration {
        let doubled = 1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        let most = self.shortest.saturating_mul(doubled).min(self.longest);
        let nanos = u64::try_from(most.as_nanos()).unwrap_or(u64::MAX);
        // The upper half of the product is the random part of it, evenly.
        let part = (u128::from(nanos) * u128::from(random)) >> 64;
        Duration::from_nanos(u64::try_from(part).unwrap_or(nanos))
    }

    pub(crate) const fn attempt_limit(&self) -> Option<Duration> {
        self.each_within
    }

    /// Whether a request to this endpoint may be tried again at all.
    pub(crate) fn covers(&self, meta: &Meta) -> bool {
        // To ask for a download is a GET that the exchange counts: a few a month.
        self.attempts > 1 && meta.method.is_read() && !meta.path.ends_with("/asyn")
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::NONE
    }
}

/// Whether a read that failed so may go better the next time.
pub(crate) fn may_help(error: &Error) -> bool {
    match error {
        Error::Transport(error) => {
            !matches!(error.kind(), TransportKind::Tls | TransportKind::Proxy | TransportKind::TooLarge)
        }
        Error::Api(failure) => {
            !failure.code.is_rate_limit()
                && !failure.code.is_clock()
                && (failure.code.is_retry_safe() || failure.outcome() == Outcome::Unknown)
        }
        Error::Status(failure) => matches!(failure.status, 408 | 500..),
        Error::Build(_) | Error::Limit(_) | Error::Decode(_) => false,
    }
}

/// A random number, for waits.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one(0)
}

/// What was spent of the budget for retries and not earned again, in hundredths of a retry.
#[derive(Debug, Default)]
pub(crate) struct Allowance(AtomicU32);

impl Allowance {
    /// A read begins.
    pub(crate) fn earn(&self, retry: Retry) {
        // Most of the time nothing is owed, and nothing is written.
        if self.0.load(Ordering::Relaxed) > 0 {
            self.update(|owed| Some(owed.saturating_sub(retry.percent)));
        }
    }

    /// Whether there may be one more retry.
    pub(crate) fn spend(&self, retry: Retry) -> bool {
        let most = retry.at_once.saturating_mul(100);
        self.update(|owed| owed.checked_add(100).filter(|owed| *owed <= most))
    }

    fn update(&self, change: impl Fn(u32) -> Option<u32>) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use binance_core::{Request as _, usdm};

    use super::*;

    #[test]
    fn waits_grow_to_the_longest_and_are_random_from_nothing_on() {
        let retry = Retry::attempts_of(9).waits(Duration::from_millis(100), Duration::from_millis(700));
        for (attempt, most) in [
            (0, 100),
            (1, 100),
            (2, 200),
            (3, 400),
            (4, 700),
            (5, 700),
            (32, 700),
            (33, 700),
            (u32::MAX, 700),
        ] {
            let most = Duration::from_millis(most);
            assert_eq!(retry.wait(attempt, 0), Duration::ZERO);
            assert_eq!(retry.wait(attempt, 1 << 63), most / 2);
            let longest = retry.wait(attempt, u64::MAX);
            assert!(longest < most && most - longest < Duration::from_micros(1), "{attempt}: {longest:?}");
        }
        let forever = Retry::attempts_of(9).waits(Duration::MAX, Duration::MAX);
        assert!(forever.wait(9, u64::MAX) > Duration::from_secs(1 << 32));
        assert_ne!(random(), random());
    }

    #[test]
    fn retries_are_earned_by_reads() {
        let (allowance, retry) = (Allowance::default(), Retry::attempts_of(2).budget(25, 2));
        let spend = || allowance.spend(retry);
        assert!(spend() && spend() && !spend());
        (0..3).for_each(|_| allowance.earn(retry));
        assert!(!spend());
        allowance.earn(retry);
        assert!(spend() && !spend());
        (0..100).for_each(|_| allowance.earn(retry));
        assert!(spend() && spend() && !spend(), "no more are saved up than may be spent at once");
        assert!(!Allowance::default().spend(retry.budget(100, 0)));
    }

    #[test]
    fn only_reads_are_covered() {
        let retry = Retry::attempts_of(3);
        let (from, to) = (binance_core::Millis(1), binance_core::Millis(2));
        assert!(retry.covers(usdm::market_data::Time::new().meta()));
        assert!(retry.covers(usdm::trade::OpenOrders::new().meta()));
        assert!(!Retry::NONE.covers(usdm::market_data::Time::new().meta()));
        assert!(!retry.covers(usdm::account::TransactionHistoryDownloadId::new(from, to).meta()));
        for meta in binance_core::CATALOG.iter().filter(|meta| meta.method != binance_core::Method::Get) {
            assert!(!retry.covers(meta), "{}", meta.name);
        }
    }
}
