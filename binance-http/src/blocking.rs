//! The client for programs that block: no tokio, no tasks, the operating system's sockets and rustls.
//!
//! It does all that the other does, in the same words; a clone serves another thread.
//!
//! ```
//! # let sim = binance_sim::Sim::builder().quiet().start()?;
//! # let url = sim.urls().rest.clone();
//! use binance_core::usdm::market_data::{Time, Trades};
//! use binance_http::blocking::Client;
//!
//! let client = Client::builder()
//! #   .base_url(&url)
//!     .build_blocking()?;
//! println!("{}", client.fetch(&Time::new())?.server_time);
//! for trade in client.send(&Trades::new("BTCUSDT").limit(5))?.value()? {
//!     println!("{}", trade?.price);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod connection;
mod socket;
mod std_transport;

use core::{
    future::Future,
    pin::pin,
    task::{Context, Poll},
    time::Duration,
};
use std::{
    fmt,
    sync::Arc,
    task::{Wake, Waker},
    thread::{self, Thread},
};

use binance_core::Endpoint;

pub use self::std_transport::Std;
use crate::{
    BaseUrl, BaseUrlError, Market,
    budget::Limit,
    client::{Builder, Client as Async},
    clock::Offset,
    error::Error,
    place::{Batch, Change, Fate, Kind, NotPlaced, Pending, Place, PlaceBatch},
    reply::Reply,
    retry::Retry,
};

/// A client that blocks. See the [module](self), and [`crate::Client`] for what its methods do.
#[derive(Clone)]
pub struct Client(Async<Std>);

impl Client {
    /// A client over the operating system's sockets, to be [built](Builder::build_blocking): production, no credentials,
    /// 10 seconds for a request.
    pub fn builder() -> Builder<Std> {
        Async::over(Std::new())
    }

    /// Sends a request and waits for its reply.
    ///
    /// # Errors
    /// As [`crate::Client::send`].
    pub fn send<E: Endpoint + Clone + Sync>(&self, endpoint: &E) -> Result<Reply<E>, Error> {
        block_on(self.0.send(endpoint))
    }

    /// Sends a request and reads the value, for endpoints whose value borrows nothing from the reply.
    ///
    /// # Errors
    /// As [`crate::Client::fetch`].
    pub fn fetch<E, V>(&self, endpoint: &E) -> Result<V, Error>
    where
        E: for<'r> Endpoint<Reply<'r> = V> + Clone + Sync,
    {
        block_on(self.0.fetch(endpoint))
    }

    /// Places an order under an id of its own: its own, or one that is made for it.
    ///
    /// # Errors
    /// As [`crate::Client::place`].
    pub fn place<O: Place>(&self, order: &O) -> Result<Reply<O>, NotPlaced<O::Kind>> {
        block_on(self.0.place(order))
    }

    /// Finds out what became of an order.
    ///
    /// # Errors
    /// As [`crate::Client::resolve`].
    pub fn resolve<'p, K: Kind>(&self, pending: &'p Pending<K>) -> Result<Fate<Reply<K::Query<'p>>>, Error> {
        block_on(self.0.resolve(pending))
    }

    /// Places several orders, each under an id of its own: its own, or one that is made for it.
    pub fn place_batch<B: PlaceBatch>(&self, batch: &B) -> Batch<B> {
        block_on(self.0.place_batch(batch))
    }

    /// Finds out where an order stands after a cancel or a change whose outcome is unknown.
    ///
    /// # Errors
    /// As [`crate::Client::resolve_change`].
    pub fn resolve_change<'c, C: Change>(&self, change: &'c C) -> Result<Reply<C::Query<'c>>, Error> {
        block_on(self.0.resolve_change(change))
    }

    /// Measures how far the exchange's clock is ahead.
    ///
    /// # Errors
    /// As [`crate::Client::sync_clock`].
    pub fn sync_clock(&self) -> Result<Offset, Error> {
        block_on(self.0.sync_clock())
    }

    /// How far the exchange's clock is ahead, as it was measured last.
    pub fn clock_offset(&self) -> Option<Offset> {
        self.0.clock_offset()
    }

    /// A client that shares everything with this one but the time that a request may take.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self(self.0.with_timeout(timeout))
    }

    /// A client that shares everything with this one but the receive window, in milliseconds.
    #[must_use]
    pub fn with_recv_window(&self, millis: u32) -> Self {
        Self(self.0.with_recv_window(millis))
    }

    /// A client that shares everything with this one but which reads are tried again.
    #[must_use]
    pub fn with_retry(&self, retry: Retry) -> Self {
        Self(self.0.with_retry(retry))
    }

    /// The base URL of a market.
    pub fn base_url(&self, market: Market) -> &BaseUrl {
        self.0.base_url(market)
    }

    /// How much is used of a limit in its current window, by all that is known.
    pub fn used(&self, limit: Limit) -> Option<u32> {
        self.0.used(limit)
    }

    /// The transport.
    pub fn transport(&self) -> &Std {
        self.0.transport()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Builder<Std> {
    /// The client.
    ///
    /// # Errors
    /// [`BaseUrlError`] when a base URL cannot be used.
    pub fn build_blocking(self) -> Result<Client, BaseUrlError> {
        self.build().map(Client)
    }
}

/// Runs a future to its end on this thread.
///
/// The transport blocks where others wait, so a future is pending only while another thread measures the clock.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let mut future = pin!(future);
    // Most never wait; the first poll costs no allocation.
    if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        return value;
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
        thread::park();
    }
}
