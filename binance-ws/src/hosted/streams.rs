//! Any number of streams, on as many connections as they need, for as long as wanted.

use std::{
    boxed::Box,
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
    vec::Vec,
};

use binance_core::{
    Market, Text,
    stream::{RawStream, Route, Subscription},
};

use crate::{
    Tick,
    hosted::{
        Connector, Lent, Message, Socket,
        driver::{Driver, Output},
    },
    name::{NameError, Place},
    session::{Mode, Notice, RequestError, StreamState},
};

/// Streams of one market that do not end: on connections that are opened as needed, by route and by number, opened again
/// when they are lost, replaced before the exchange ends them, and watched.
///
/// It does its work only while one of its methods is awaited, [`next`](Self::next) most of the time. Every future it
/// gives may be dropped at any time without losing anything. Dropping it closes its sockets without a closing
/// handshake.
///
/// ```no_run
/// use binance_core::usdm::streams::{AggTradeStream, BookTickerStream};
/// use binance_ws::{Base, Environment, Market, tungstenite::{Connector, Item, Streams}};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let mut streams = Streams::new(Connector::new(Base::of(Market::UsdM, Environment::Production)));
/// streams.subscribe(&[&AggTradeStream::new("BTCUSDT"), &BookTickerStream::new("BTCUSDT")])?;
/// while let Some(item) = streams.next().await {
///     match item {
///         Item::Message(message) => println!("{:?}", message.usdm()?),
///         Item::Notice { notice, .. } => eprintln!("{notice:?}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[doc(alias = "UMFuturesWebsocketClient", alias = "CMFuturesWebsocketClient")]
pub struct Streams<S> {
    connector: Connector<S>,
    shards: Vec<Shard<S>>,
    next_serial: usize,
    /// Which shard is looked at first.
    turn: usize,
    closing: bool,
    tells_life: bool,
}

struct Shard<S> {
    serial: usize,
    driver: Driver<S>,
}

/// What [`Streams`] give.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A message of a stream.
    Message(Message),
    /// Something happened to a connection.
    Notice {
        /// Which one: they are counted from 0 on, and a number is not used twice. A connection that is opened again, or
        /// replaced, keeps its number.
        connection: usize,
        /// What.
        notice: Notice,
    },
}

impl<S: Socket> Streams<S> {
    /// No streams yet, and no connections.
    pub fn new(connector: Connector<S>) -> Self {
        Self { connector, shards: Vec::new(), next_serial: 0, turn: 0, closing: false, tells_life: false }
    }

    /// Subscribes to streams, of whichever routes. [`Notice::Settled`] tells when all streams of a connection are
    /// acknowledged, [`Notice::Refused`] when one is not. Those that are subscribed already stay so.
    ///
    /// # Errors
    /// [`RequestError::Name`] when one is of the other market, or has a name that is none; [`RequestError::Ended`] after
    /// [`close`](Self::close) was begun. Then none of them is subscribed to.
    pub fn subscribe(&mut self, streams: &[&dyn Subscription]) -> Result<(), RequestError> {
        self.check(streams)?;
        for stream in streams {
            self.shard_for(*stream)?.session.want(*stream)?;
        }
        Ok(())
    }

    /// Unsubscribes from streams. Messages that were on their way still come.
    ///
    /// # Errors
    /// As [`subscribe`](Self::subscribe).
    pub fn unsubscribe(&mut self, streams: &[&dyn Subscription]) -> Result<(), RequestError> {
        self.check(streams)?;
        let market = self.connector.base().market();
        for stream in streams {
            for shard in
                self.shards_of(market, stream.route()).filter(|shard| !shard.driver.session.is_ending())
            {
                shard.driver.session.unwant(*stream)?;
            }
        }
        // A connection without streams is closed.
        for shard in &mut self.shards {
            if shard.driver.session.streams().next().is_none() && !shard.driver.is_user_data() {
                let now = shard.driver.now();
                shard.driver.session.close(now);
            }
        }
        Ok(())
    }

    /// Opens a connection for the user data of a listen key. Gives its number, as [`Item::Notice`] has it.
    ///
    /// # Errors
    /// [`RequestError::Name`] when the key has more than 127 bytes; [`RequestError::Ended`].
    pub fn user_data(&mut self, listen_key: &str) -> Result<usize, RequestError> {
        if self.closing {
            return Err(RequestError::Ended);
        }
        let key = Text::new(listen_key).map_err(|_| NameError::Malformed)?;
        Ok(self.open(Some(Route::Private), Mode::User(key)))
    }

    /// Uses another listen key on a connection of user data: a new connection takes the place of the old one.
    ///
    /// # Errors
    /// [`RequestError::Name`] when the key has more than 127 bytes; [`RequestError::Ended`] when there is no such
    /// connection.
    pub fn set_listen_key(&mut self, connection: usize, listen_key: &str) -> Result<(), RequestError> {
        let key = Text::new(listen_key).map_err(|_| NameError::Malformed)?;
        let shard =
            self.shards.iter_mut().find(|shard| shard.serial == connection).ok_or(RequestError::Ended)?;
        let now = shard.driver.now();
        shard.driver.session.set_listen_key(now, key);
        Ok(())
    }

    /// The next message, or the next thing that happened. `None` when there is no connection: nothing was subscribed to,
    /// everything was unsubscribed from, or it is closed.
    pub async fn next(&mut self) -> Option<Item> {
        poll_fn(|cx| self.poll_item(cx)).await
    }

    /// Runs until all that is wanted is subscribed, and gives what came meanwhile to `each`. For the beginning of a
    /// program.
    ///
    /// Never ends while the exchange cannot be reached; a caller that does not want that gives it a deadline.
    pub async fn settle(&mut self, mut each: impl FnMut(Item)) {
        while !self.is_settled() {
            match self.next().await {
                Some(item) => each(item),
                None => return,
            }
        }
    }

    /// Whether all that is wanted is subscribed.
    pub fn is_settled(&self) -> bool {
        self.shards.iter().all(|shard| shard.driver.session.is_settled() || shard.driver.session.is_ending())
    }

    /// The streams that are wanted, in no order that matters. The time of the last event is by the clock of
    /// [`Connector::now`].
    pub fn streams(&self) -> impl Iterator<Item = StreamState<'_>> {
        self.shards.iter().flat_map(|shard| shard.driver.session.streams())
    }

    /// How many connections there are, those that are being opened included.
    pub fn connections(&self) -> usize {
        self.shards.len()
    }

    /// How many messages were no JSON, or answers to nothing. They were given out as they came.
    pub fn garbage(&self) -> u64 {
        self.shards.iter().map(|shard| shard.driver.garbage).sum()
    }

    /// Closes all connections with the closing handshake. Takes no longer than
    /// [`close_timeout`](crate::session::Config::close_timeout). Messages that still come are gone.
    pub async fn close(mut self) {
        self.closing = true;
        for shard in &mut self.shards {
            let now = shard.driver.now();
            shard.driver.session.close(now);
        }
        while self.next().await.is_some() {}
    }

    /// As [`next`](Self::next), for those who poll.
    pub fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Item>> {
        self.poll_each(cx, |connection, output| match output {
            Output::Message(message) => Some(Item::Message(message.keep())),
            Output::Notice(notice) => Some(Item::Notice { connection, notice: *notice }),
            // No command here has an id of the caller's.
            Output::Reply(_) => None,
        })
    }

    /// Gives what comes to `take`, with the number of its connection, until that breaks off by giving something, or there
    /// is nothing to do but wait. `Ready(None)` when there is no connection.
    #[inline]
    pub(super) fn poll_each<R>(
        &mut self,
        cx: &mut Context<'_>,
        mut take: impl FnMut(usize, Output<Lent<'_>>) -> Option<R>,
    ) -> Poll<Option<R>> {
        let mut quiet = 0;
        while quiet < self.shards.len() {
            let Some(shard) = self.shards.get_mut(self.turn) else {
                self.turn = 0;
                continue;
            };
            let connection = shard.serial;
            let mut ended = false;
            let polled = shard.driver.poll(cx, |output| {
                ended |= matches!(&output, Output::Notice(notice) if **notice == Notice::Ended);
                take(connection, output)
            });
            // Each in its turn, so that one that is never quiet does not keep the others waiting.
            let is_over = shard.driver.has_had_its_turn();
            if ended {
                self.shards.remove(self.turn);
            } else if is_over {
                self.turn += 1;
            }
            match polled {
                Poll::Ready(Some(taken)) => return Poll::Ready(Some(taken)),
                Poll::Ready(None) => quiet = 0,
                Poll::Pending => quiet += 1,
            }
        }
        if self.shards.is_empty() { Poll::Ready(None) } else { Poll::Pending }
    }

    /// Tells pings and pongs too.
    pub(super) fn tell_life(&mut self) {
        self.tells_life = true;
        for shard in &mut self.shards {
            shard.driver.session.tell_life(true);
        }
    }

    /// Unsubscribes from a stream by its name, whichever route it is of.
    pub(super) fn unsubscribe_name(&mut self, name: &str) {
        let routes: Vec<_> = self.shards.iter().map(|shard| shard.driver.session.place()).collect();
        for (market, route) in routes {
            // One that is not subscribed to there, or whose name is none, is not subscribed to afterwards either.
            let _ = self.unsubscribe(&[&RawStream { name, market, route }]);
        }
    }

    /// The clock of the connections, for others to read.
    pub(super) fn clock(&self) -> Box<dyn Fn() -> Tick + Send> {
        let connector = self.connector.clone();
        Box::new(move || connector.now())
    }

    fn check(&self, streams: &[&dyn Subscription]) -> Result<(), RequestError> {
        let market = self.connector.base().market();
        if self.closing {
            return Err(RequestError::Ended);
        }
        // Every route has a connection, or gets one.
        streams
            .iter()
            .try_for_each(|stream| Place { market, route: stream.route() }.name_of(*stream).map(drop))?;
        Ok(())
    }

    fn shards_of(&mut self, market: Market, route: Option<Route>) -> impl Iterator<Item = &mut Shard<S>> {
        let route = route.filter(|_| market == Market::UsdM);
        self.shards.iter_mut().filter(move |shard| {
            shard.driver.session.place() == (market, route) && !shard.driver.is_user_data()
        })
    }

    /// The connection that has a stream already, or the first with room, or a new one.
    fn shard_for(&mut self, stream: &dyn Subscription) -> Result<&mut Driver<S>, RequestError> {
        let market = self.connector.base().market();
        let mut room = None;
        let mut had = None;
        for shard in self.shards_of(market, stream.route()) {
            if shard.driver.session.is_ending() {
                continue;
            }
            if shard.driver.session.wants(stream)? {
                had = Some(shard.serial);
                break;
            }
            if room.is_none() && shard.driver.session.has_room() {
                room = Some(shard.serial);
            }
        }
        let serial = match had.or(room) {
            Some(serial) => serial,
            None => self.open(stream.route(), Mode::Combined),
        };
        let shard = self.shards.iter_mut().find(|shard| shard.serial == serial);
        shard.map(|shard| &mut shard.driver).ok_or(RequestError::Ended)
    }

    /// Opens a connection and gives its number.
    fn open(&mut self, route: Option<Route>, mode: Mode) -> usize {
        let session = self.connector.session(route, mode, true);
        let mut driver = Driver::new(self.connector.clone(), session);
        let now = driver.now();
        driver.session.tell_life(self.tells_life);
        driver.session.start(now);
        let serial = self.next_serial;
        self.next_serial += 1;
        self.shards.push(Shard { serial, driver });
        serial
    }
}

impl<S: Socket> futures_util::Stream for Streams<S> {
    type Item = Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item>> {
        self.get_mut().poll_item(cx)
    }
}

impl<S> fmt::Debug for Streams<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams")
            .field("connector", &self.connector)
            .field("connections", &self.shards.len())
            .finish_non_exhaustive()
    }
}
