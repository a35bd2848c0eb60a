//! Time that is moved by hand.

use std::{
    future::poll_fn,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    task::{Poll, Waker},
    time::Duration,
};

use binance_http::{
    BaseUrl, Millis, TransportError,
    clock::TimeSource,
    hyper::Hyper,
    request::Prepared,
    transport::{Received, Reuse, Transport},
};
use binance_sim::Sim;

/// When simulated time begins: in the middle of a minute.
pub(crate) const START: i64 = 1_767_225_630_000;

/// Time that is moved by hand, for the client and the exchange alike.
#[derive(Clone, Default)]
pub(crate) struct Hands(Arc<Inner>);

#[derive(Default)]
pub(crate) struct Inner {
    now: AtomicI64,
    sleepers: Mutex<Vec<(i64, Waker)>>,
}

impl Hands {
    pub(crate) fn now(&self) -> i64 {
        self.0.now.load(Ordering::SeqCst)
    }

    /// Whether a task waits for time to pass.
    pub(crate) fn somebody_sleeps(&self) -> bool {
        !self.0.sleepers.lock().unwrap().is_empty()
    }

    /// Moves the exchange's time and the client's.
    pub(crate) fn advance(&self, sim: &Sim, millis: i64) {
        let step = Duration::from_millis(millis.try_into().unwrap());
        // What goes to the exchange's thread is freed there: a test that counts would take it for a leak.
        allocation_counter::opt_out(|| sim.advance(step));
        let now = self.0.now.fetch_add(millis, Ordering::SeqCst) + millis;
        let mut sleepers = self.0.sleepers.lock().unwrap();
        sleepers.extract_if(.., |(until, _)| *until <= now).for_each(|(_, waker)| waker.wake());
    }
}

impl TimeSource for Hands {
    fn unix(&self) -> Millis {
        Millis(START + self.now())
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.now().try_into().unwrap())
    }
}

/// Hyper, with time that is moved by hand.
pub(crate) struct Simulated {
    pub(crate) hyper: Hyper,
    pub(crate) hands: Hands,
}

impl Transport for Simulated {
    type Connection = <Hyper as Transport>::Connection;

    async fn connect(
        &self,
        base: &BaseUrl,
        reuse: Reuse,
        _: Duration,
    ) -> Result<Self::Connection, TransportError> {
        self.hyper.connect(base, reuse, Duration::from_secs(30)).await
    }

    async fn exchange(
        &self,
        connection: Self::Connection,
        request: &Prepared<'_>,
        _: Duration,
    ) -> Result<Received, TransportError> {
        self.hyper.exchange(connection, request, Duration::from_secs(30)).await
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.hands.now() + i64::try_from(duration.as_millis()).unwrap();
        poll_fn(|cx| {
            let mut sleepers = self.hands.0.sleepers.lock().unwrap();
            if self.hands.now() >= until {
                return Poll::Ready(());
            }
            sleepers.push((until, cx.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}
