//! What time it is at the exchange.

use core::time::Duration;

use binance_core::Millis;

/// Where a client reads the time. Tests bring their own.
pub trait TimeSource {
    /// The host's clock, in milliseconds since 1970.
    fn unix(&self) -> Millis;

    /// Time that only grows, from any starting point.
    fn monotonic(&self) -> Duration;
}

/// How far the exchange's clock is ahead of the host's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offset {
    /// Milliseconds to add to the host's clock; negative when the exchange's is behind.
    pub millis: i64,
    /// By how much this can be wrong at most, in milliseconds: half the round trip of the best measurement.
    pub error: u32,
}

/// Finds the offset from several questions for the time: the one with the shortest round trip is the best.
///
/// ```
/// use core::time::Duration;
/// use binance_http::{Millis, clock::Estimator};
/// let mut estimator = Estimator::new();
/// // Asked at 1,000 by the host's clock, answered 5,030 after 60 ms: at the middle it was 1,030 here.
/// estimator.add(Millis(1_000), Duration::from_millis(60), Millis(5_030));
/// estimator.add(Millis(2_000), Duration::from_millis(20), Millis(6_012));
/// let offset = estimator.best().unwrap();
/// assert_eq!((offset.millis, offset.error), (4_002, 10));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Estimator {
    best: Option<(Duration, Offset)>,
}

impl Estimator {
    /// No measurement yet.
    pub const fn new() -> Self {
        Self { best: None }
    }

    /// Adds a question that was `sent` by the host's clock, and answered with `server` after `round_trip`.
    pub fn add(&mut self, sent: Millis, round_trip: Duration, server: Millis) {
        if self.best.is_some_and(|(shortest, _)| shortest <= round_trip) {
            return;
        }
        let half = u32::try_from(round_trip.as_millis() / 2).unwrap_or(u32::MAX);
        let offset = Offset { millis: server.since(sent.plus(half.into())), error: half };
        self.best = Some((round_trip, offset));
    }

    /// The offset by the best measurement so far.
    pub fn best(&self) -> Option<Offset> {
        self.best.map(|(_, offset)| offset)
    }
}

#[cfg(feature = "std")]
mod keeper;

#[cfg(feature = "std")]
pub use self::keeper::{Keeper, Measuring, Reading, SystemTime, Turn};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_round_trip_wins_and_the_first_of_equals() {
        let mut estimator = Estimator::new();
        assert_eq!(estimator.best(), None);
        for (sent, round_trip, server, millis, error) in [
            (0, 100, 1_000, 950, 50),
            (0, 300, 9_000, 950, 50),
            (0, 10, -500, -505, 5),
            (0, 10, 700, -505, 5),
            (0, 0, 700, 700, 0),
        ] {
            estimator.add(Millis(sent), Duration::from_millis(round_trip), Millis(server));
            assert_eq!(estimator.best(), Some(Offset { millis, error }));
        }
    }

    #[test]
    fn no_measurement_overflows() {
        let mut estimator = Estimator::new();
        estimator.add(Millis(i64::MAX), Duration::MAX, Millis(i64::MIN));
        assert_eq!(estimator.best(), Some(Offset { millis: i64::MIN, error: u32::MAX }));
    }
}
