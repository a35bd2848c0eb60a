//! The exchange's clock: real, or moved by hand.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Where time comes from.
#[derive(Debug)]
enum Source {
    /// Runs with the host's monotonic clock, from the wall clock's time at the start, so many times as fast.
    Real { origin: Instant, start: i64, speed: f64 },
    /// Stands still until it is told to move.
    Manual { now: i64 },
}

/// Two readings of one clock: `now`, which only grows and drives the market, and `server`, which is `now` moved by
/// the skew and is what the exchange tells and checks.
#[derive(Debug)]
pub(crate) struct Clock {
    source: Source,
    skew: i64,
}

impl Clock {
    pub(crate) fn real(speed: f64) -> Self {
        let start = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
        Self { source: Source::Real { origin: Instant::now(), start, speed }, skew: 0 }
    }

    pub(crate) const fn manual(start: i64) -> Self {
        Self { source: Source::Manual { now: start }, skew: 0 }
    }

    /// The market's time in milliseconds.
    pub(crate) fn now(&self) -> i64 {
        match self.source {
            Source::Real { origin, start, speed } => {
                start.saturating_add((origin.elapsed().as_secs_f64() * speed * 1_000.0) as i64)
            }
            Source::Manual { now } => now,
        }
    }

    /// The time that the exchange tells, in milliseconds.
    pub(crate) fn server(&self) -> i64 {
        self.now().saturating_add(self.skew)
    }

    pub(crate) const fn is_manual(&self) -> bool {
        matches!(self.source, Source::Manual { .. })
    }

    /// Moves a clock that is moved by hand; a real one stays.
    pub(crate) fn set(&mut self, to: i64) {
        if let Source::Manual { now } = &mut self.source {
            *now = to.max(*now);
        }
    }

    /// Moves the skew by so much more; gives what it was.
    pub(crate) const fn skew_by(&mut self, millis: i64) -> i64 {
        let before = self.skew;
        self.skew = before.saturating_add(millis);
        before
    }

    pub(crate) const fn set_skew(&mut self, millis: i64) {
        self.skew = millis;
    }
}
