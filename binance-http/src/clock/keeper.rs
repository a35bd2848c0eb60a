//! The clock of a client: the offset that was measured last, whether it still holds, and whose turn it is to measure.

use std::{
    future::poll_fn,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
    task::{Poll, Waker},
    time::{Duration, Instant, SystemTime as Wall, UNIX_EPOCH},
    vec::Vec,
};

use super::{Millis, Offset, TimeSource};

/// How far the host's two clocks may part before what was measured is doubted: one of them was set, or the machine slept.
const PARTED: i64 = 250;

/// The host's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemTime;

impl TimeSource for SystemTime {
    fn unix(&self) -> Millis {
        let since = Wall::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }
}

/// An offset that many tasks read and one at a time measures. For clients of one's own; [`Client`](crate::Client) has one.
#[derive(Debug, Default)]
pub struct Keeper {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    measured: Option<Measured>,
    /// How often it was measured.
    generation: u32,
    /// How often measuring came to an end, with or without an offset.
    attempts: u32,
    measuring: bool,
    waiting: Vec<Waker>,
}

#[derive(Clone, Copy, Debug)]
struct Measured {
    offset: Offset,
    /// By the host's two clocks.
    at: (Millis, Duration),
}

/// What time it is.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Reading {
    /// By the exchange's clock, as far as it is known.
    pub time: Millis,
    /// By the host's clock.
    pub host: Millis,
    /// By the host's clock that only grows.
    pub monotonic: Duration,
    /// Which measurement it comes from.
    pub generation: u32,
    /// Whether the host's clocks have parted since.
    pub doubtful: bool,
}

/// Who measures.
#[derive(Debug)]
pub enum Turn<'k> {
    /// The caller. Dropping it lets another have the turn.
    Mine(Measuring<'k>),
    /// Somebody did meanwhile, and it went well.
    Done,
    /// Somebody tried meanwhile, and it did not.
    Failed,
}

impl Keeper {
    /// What time it is, by the host's clocks and what was measured.
    pub fn read(&self, time: &dyn TimeSource) -> Reading {
        let (wall, monotonic) = (time.unix(), time.monotonic());
        let state = self.lock();
        let generation = state.generation;
        match state.measured {
            None => Reading { time: wall, host: wall, monotonic, generation, doubtful: false },
            Some(Measured { offset, at: (wall_then, monotonic_then) }) => {
                let grown =
                    i64::try_from(monotonic.saturating_sub(monotonic_then).as_millis()).unwrap_or(i64::MAX);
                let parted = wall.since(wall_then).saturating_sub(grown);
                Reading {
                    time: wall.plus(offset.millis),
                    host: wall,
                    monotonic,
                    generation,
                    doubtful: parted.unsigned_abs() > PARTED.unsigned_abs(),
                }
            }
        }
    }

    /// What was measured last.
    pub fn offset(&self) -> Option<Offset> {
        self.lock().measured.map(|measured| measured.offset)
    }

    /// Waits for the turn to measure, as one who read `generation`. At once when nobody measures.
    pub async fn turn(&self, generation: u32) -> Turn<'_> {
        let attempts = self.lock().attempts;
        poll_fn(|cx| {
            let mut state = self.lock();
            if state.generation != generation {
                Poll::Ready(Turn::Done)
            } else if state.attempts != attempts {
                Poll::Ready(Turn::Failed)
            } else if state.measuring {
                if !state.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
                    state.waiting.push(cx.waker().clone());
                }
                Poll::Pending
            } else {
                state.measuring = true;
                Poll::Ready(Turn::Mine(Measuring { keeper: self }))
            }
        })
        .await
    }

    /// Keeps a measurement that was made just now.
    pub fn set(&self, offset: Offset, time: &dyn TimeSource) {
        let at = (time.unix(), time.monotonic());
        let mut state = self.lock();
        state.measured = Some(Measured { offset, at });
        state.generation = state.generation.wrapping_add(1);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // What it holds is whole whatever happened to a thread that held it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The turn to measure. [`Keeper::set`] keeps what was measured; dropping this ends the turn.
#[derive(Debug)]
#[must_use = "the turn ends with it"]
pub struct Measuring<'k> {
    keeper: &'k Keeper,
}

impl Drop for Measuring<'_> {
    fn drop(&mut self) {
        let waiting = {
            let mut state = self.keeper.lock();
            state.measuring = false;
            state.attempts = state.attempts.wrapping_add(1);
            core::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, future::Future, pin::pin, task::Context};

    use super::*;

    #[derive(Default)]
    struct Hands(Cell<(i64, u64)>);

    impl TimeSource for Hands {
        fn unix(&self) -> Millis {
            Millis(self.0.get().0)
        }

        fn monotonic(&self) -> Duration {
            Duration::from_millis(self.0.get().1)
        }
    }

    fn now<F: Future>(future: F) -> Option<F::Output> {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }

    #[test]
    fn a_measurement_is_doubted_when_the_clocks_part() {
        let (keeper, hands) = (Keeper::default(), Hands::default());
        hands.0.set((1_000_000, 500));
        assert_eq!(keeper.read(&hands).time, Millis(1_000_000));
        assert!(!keeper.read(&hands).doubtful);
        keeper.set(Offset { millis: -700, error: 3 }, &hands);
        for (wall, monotonic, doubtful) in [
            (1_000_000, 500, false),
            (1_060_000, 60_500, false),
            (1_060_250, 60_500, false),
            (1_060_251, 60_500, true),
            (1_059_749, 60_500, true),
            (4_600_000, 60_500, true),
            (0, 60_500, true),
        ] {
            hands.0.set((wall, monotonic));
            let reading = keeper.read(&hands);
            assert_eq!(
                (reading.time, reading.doubtful),
                (Millis(wall - 700), doubtful),
                "{wall} {monotonic}"
            );
        }
    }

    #[test]
    fn one_measures_and_the_others_wait_for_it() {
        let (keeper, hands) = (Keeper::default(), Hands::default());
        let generation = keeper.read(&hands).generation;
        let Some(Turn::Mine(first)) = now(keeper.turn(generation)) else { panic!("nobody else measures") };
        let (mut second, mut third) = (pin!(keeper.turn(generation)), pin!(keeper.turn(generation)));
        assert!(now(second.as_mut()).is_none() && now(third.as_mut()).is_none());
        keeper.set(Offset { millis: 1, error: 0 }, &hands);
        drop(first);
        assert!(matches!(now(second.as_mut()), Some(Turn::Done)));
        assert!(matches!(now(third.as_mut()), Some(Turn::Done)));

        let generation = keeper.read(&hands).generation;
        let Some(Turn::Mine(first)) = now(keeper.turn(generation)) else { panic!("nobody else measures") };
        let mut second = pin!(keeper.turn(generation));
        assert!(now(second.as_mut()).is_none());
        drop(first);
        assert!(matches!(now(second.as_mut()), Some(Turn::Failed)), "whoever waited does not try in turn");
        assert!(matches!(now(keeper.turn(generation)), Some(Turn::Mine(_))), "whoever comes later does");
    }
}
