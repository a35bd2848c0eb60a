//! How long to wait before the next attempt.

use core::time::Duration;

/// Waits between attempts: a random part of a limit that doubles with each failure ("full jitter"), so that many
/// clients cut off together do not come back together. There is no last attempt.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    first: Duration,
    most: Duration,
    failures: u32,
    random: u64,
}

impl Backoff {
    pub(crate) fn new(first: Duration, most: Duration, seed: u64) -> Self {
        // Zero is the one state that xorshift never leaves.
        Self { first, most, failures: 0, random: seed | 1 }
    }

    /// How many attempts failed since the last success.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// An attempt held long enough to count as a success.
    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// An attempt failed: how long to wait.
    pub(crate) fn failed(&mut self) -> Duration {
        let limit = 2_u32.checked_pow(self.failures).and_then(|factor| self.first.checked_mul(factor));
        let limit = limit.map_or(self.most, |limit| limit.min(self.most));
        self.failures = self.failures.saturating_add(1);
        self.part_of(limit)
    }

    /// A random duration of up to `limit`.
    pub(crate) fn part_of(&mut self, limit: Duration) -> Duration {
        let millis = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.next() % millis.saturating_add(1).max(1))
    }

    /// Xorshift64*: spreads clients, guards nothing.
    fn next(&mut self) -> u64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        self.random.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}

#[cfg(test)]
#[cfg(feature = "std")]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_bound_and_spread_over_it() {
        let (first, most) = (Duration::from_millis(250), Duration::from_secs(30));
        let mut backoff = Backoff::new(first, most, 42);
        for failures in 0..12 {
            assert!(backoff.failed() <= first * 2_u32.pow(failures));
        }
        let waits: heapless::Vec<u64, 4096> =
            (0..4096).map(|_| backoff.failed().as_millis() as u64).collect();
        assert!(waits.iter().all(|wait| *wait <= 30_000));
        for quarter in 0..4 {
            let within = waits.iter().filter(|wait| **wait / 7_501 == quarter).count();
            assert!((900..1_150).contains(&within), "{within} in quarter {quarter}");
        }
        backoff.succeeded();
        assert!(backoff.failed() <= first);
    }

    #[test]
    fn no_number_of_failures_and_no_setting_overflows() {
        let mut backoff = Backoff::new(Duration::MAX, Duration::MAX, 0);
        for _ in 0..100 {
            backoff.failed();
        }
        let mut none = Backoff::new(Duration::ZERO, Duration::ZERO, 0);
        assert_eq!(none.failed(), Duration::ZERO);
    }
}
