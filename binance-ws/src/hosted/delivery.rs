//! Messages for a reader that may be slower than the exchange.

mod queue;

use std::{
    boxed::Box,
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
    vec::Vec,
};

use crate::{
    Tick,
    hosted::{Item, Socket, Streams},
};

pub use self::queue::{Delivered, Policy, StreamStats};
use self::queue::{Pushed, Queue};

/// How many messages are taken in a row before others of the same task have their turn.
const AT_ONCE: usize = 64;

impl<S: Socket> Streams<S> {
    /// Parts reading from the exchange and reading by the program, with a bounded queue between them. `policy` says for
    /// each stream, by its name, what becomes of messages that the program does not take in time.
    ///
    /// The [`Pump`] reads from the exchange while its future runs: on a task of its own, or beside the reader. The
    /// [`Inbox`] is for the program, on any thread.
    ///
    /// ```no_run
    /// use binance_core::usdm::streams::{AggTradeStream, BookTickerStream};
    /// use binance_ws::{Base, Environment, Market, hosted::{Delivered, Policy}, tungstenite::{Connector, Streams}};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut streams = Streams::new(Connector::new(Base::of(Market::UsdM, Environment::Production)));
    /// streams.subscribe(&[&AggTradeStream::new("BTCUSDT"), &BookTickerStream::new("BTCUSDT")])?;
    /// let (pump, mut inbox) = streams.deliver(|name| match name.ends_with("@bookTicker") {
    ///     true => Policy::Latest,
    ///     false => Policy::DropOldest(10_000),
    /// });
    /// let pumping = tokio::spawn(pump.run());
    /// while let Some(delivered) = inbox.next().await {
    ///     if let Delivered::Message { message, .. } = delivered {
    ///         println!("{:?}, {:?} behind", message.usdm()?, inbox.lag());
    ///     }
    /// }
    /// pumping.await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn deliver(self, policy: impl Fn(&str) -> Policy + Send + 'static) -> (Pump<S>, Inbox) {
        let shared = Arc::new(Mutex::new(Shared {
            queue: Queue::new(Box::new(policy)),
            reader: None,
            pump: None,
            ended: false,
            left: false,
            now: self.clock(),
        }));
        (Pump { streams: self, shared: End(Arc::clone(&shared)) }, Inbox { shared })
    }
}

struct Shared {
    queue: Queue,
    /// Who waits for something to read.
    reader: Option<Waker>,
    /// Who waits for room.
    pump: Option<Waker>,
    /// Nothing comes any more.
    ended: bool,
    /// Nobody reads any more.
    left: bool,
    now: Box<dyn Fn() -> Tick + Send>,
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    // What is done with it locked leaves it whole at each step.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// Reads from the exchange, from [`Streams::deliver`]. Does nothing unless its future runs; dropping it closes the
/// sockets, and the [`Inbox`] gives what is left and then ends.
pub struct Pump<S> {
    streams: Streams<S>,
    shared: End,
}

impl<S: Socket> Pump<S> {
    /// The streams, to subscribe to more of them: between two calls of [`step`](Self::step).
    pub fn streams(&mut self) -> &mut Streams<S> {
        &mut self.streams
    }

    /// Reads until there is no connection any more, or the inbox is dropped.
    pub async fn run(mut self) {
        self.step().await;
    }

    /// As [`run`](Self::run), but without taking the pump: the future may be dropped at any time without losing
    /// anything, to subscribe to more streams and go on, for instance.
    pub async fn step(&mut self) {
        poll_fn(|cx| self.poll_run(cx)).await;
    }

    /// Closes all connections with the closing handshake, see [`Streams::close`]. The inbox gives what is left.
    pub fn close(self) -> impl Future<Output = ()> {
        let Self { streams, shared } = self;
        async move {
            streams.close().await;
            shared.end();
        }
    }

    /// As [`run`](Self::run), for those who poll. `Ready` when it is over.
    pub fn poll_run(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        for _ in 0..AT_ONCE {
            {
                let mut shared = lock(&self.shared.0);
                if shared.left {
                    return Poll::Ready(());
                }
                if shared.queue.is_blocked() {
                    // Only what the sockets hold waits meanwhile. Nothing is answered either, so this is not for long.
                    shared.pump = Some(cx.waker().clone());
                    return Poll::Pending;
                }
            }
            let Poll::Ready(item) = self.streams.poll_item(cx) else { return Poll::Pending };
            let Some(item) = item else {
                self.shared.end();
                return Poll::Ready(());
            };
            let mut shared = lock(&self.shared.0);
            let now = (shared.now)();
            let pushed = match item {
                Item::Message(message) => shared.queue.push(message, now),
                Item::Notice { connection, notice } => {
                    shared.queue.tell(connection, notice);
                    Pushed::Taken
                }
            };
            let reader = shared.reader.take();
            drop(shared);
            wake(reader);
            if let Pushed::Lagged(name) = pushed {
                self.streams.unsubscribe_name(&name);
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// What both ends share. The pump's end of it: when it goes, nothing comes any more.
struct End(Arc<Mutex<Shared>>);

impl End {
    fn end(&self) {
        let mut shared = lock(&self.0);
        shared.ended = true;
        let reader = shared.reader.take();
        drop(shared);
        wake(reader);
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.end();
    }
}

impl<S> fmt::Debug for Pump<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pump").field("streams", &self.streams).finish_non_exhaustive()
    }
}

/// What came, from [`Streams::deliver`]. Dropping it ends the [`Pump`].
pub struct Inbox {
    shared: Arc<Mutex<Shared>>,
}

impl Inbox {
    /// The next message, or the next thing that happened. `None` when the pump has ended and nothing is left.
    pub async fn next(&mut self) -> Option<Delivered> {
        poll_fn(|cx| self.poll_delivered(cx)).await
    }

    /// What there is now, without waiting.
    pub fn try_next(&mut self) -> Option<Delivered> {
        let mut shared = lock(&self.shared);
        let delivered = shared.queue.pop()?;
        let pump = shared.pump.take();
        drop(shared);
        wake(pump);
        Some(delivered)
    }

    /// As [`next`](Self::next), for those who poll.
    pub fn poll_delivered(&mut self, cx: &mut Context<'_>) -> Poll<Option<Delivered>> {
        let mut shared = lock(&self.shared);
        match shared.queue.pop() {
            Some(delivered) => {
                let pump = shared.pump.take();
                drop(shared);
                wake(pump);
                Poll::Ready(Some(delivered))
            }
            None if shared.ended => Poll::Ready(None),
            None => {
                shared.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// How far the reader is behind: how long the message has waited that is next. Zero when none waits.
    pub fn lag(&self) -> Duration {
        let shared = lock(&self.shared);
        shared.queue.oldest().map_or(Duration::ZERO, |at| (shared.now)().since(at))
    }

    /// How many messages wait.
    pub fn waiting(&self) -> usize {
        lock(&self.shared).queue.waiting()
    }

    /// How each stream fares that ever sent something, in the order of their names.
    pub fn stats(&self) -> Vec<StreamStats> {
        let shared = lock(&self.shared);
        shared.queue.stats((shared.now)())
    }
}

impl futures_util::Stream for Inbox {
    type Item = Delivered;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Delivered>> {
        self.get_mut().poll_delivered(cx)
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        let mut shared = lock(&self.shared);
        shared.left = true;
        let pump = shared.pump.take();
        drop(shared);
        wake(pump);
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").field("waiting", &self.waiting()).finish_non_exhaustive()
    }
}
