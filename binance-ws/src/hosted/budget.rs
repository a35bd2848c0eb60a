//! The exchange's limit on connections from one address.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// What the exchange allows in [`WINDOW`], by its own account on other markets: 300. A few are left for others.
const MOST: usize = 270;
const WINDOW: Duration = Duration::from_secs(300);

/// When connections were opened, failed attempts counted. Shared by all clones of a connector.
#[derive(Default)]
pub(super) struct Budget(Mutex<VecDeque<Instant>>);

impl Budget {
    /// Takes one, or says how long until there is one.
    pub(super) fn take(&self, now: Instant) -> Result<(), Duration> {
        // Nothing that panics is done with it locked.
        let mut opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while opened.front().is_some_and(|at| now.duration_since(*at) >= WINDOW) {
            opened.pop_front();
        }
        match opened.front() {
            Some(oldest) if opened.len() >= MOST => Err(WINDOW.saturating_sub(now.duration_since(*oldest))),
            _ => {
                opened.push_back(now);
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Budget")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_five_minutes_see_more_than_the_limit() {
        let (budget, mut now) = (Budget::default(), Instant::now());
        let mut opened: VecDeque<Instant> = VecDeque::new();
        for _ in 0..2_000 {
            match budget.take(now) {
                Ok(()) => opened.push_back(now),
                Err(wait) => {
                    assert!(wait > Duration::ZERO && wait <= WINDOW);
                    now += wait;
                    assert_eq!(budget.take(now), Ok(()), "as promised");
                    opened.push_back(now);
                }
            }
            now += Duration::from_millis(100);
        }
        for (first, last) in opened.iter().zip(opened.iter().skip(MOST)) {
            assert!(*last - *first >= WINDOW);
        }
    }
}
