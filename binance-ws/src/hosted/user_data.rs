//! User data that stays true.

use std::{
    boxed::Box,
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use binance_core::{
    Market, Text,
    listen_key::ListenKey,
    stream::{RawStream, Route},
};
use bytes::Bytes;
use tokio::time::{Sleep, sleep_until};

use crate::{
    hosted::{
        Connector, Message, Socket,
        connector::random,
        driver::{Driver, Output},
    },
    session::{Mode, Notice, Reason},
    user::{self, Failure, Need, Reconciled, Told, User},
};

mod api;
#[cfg(feature = "http")]
mod http;

/// Who asks the exchange: a `binance_http::Client` with the feature `http`; an [`Api`](crate::hosted::Api), which has no way
/// to ask for lists of orders and trades; or any function from a market and a [`Need`] to a future.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be asked for user data",
    note = "a `binance_http::Client` can with the feature `http` of binance-ws, which is there by default"
)]
pub trait Ask {
    /// Asks for `need`, and gives the body of the reply of success.
    ///
    /// The future should end in bounded time; while it runs, nothing else is asked for. It may be dropped.
    ///
    /// # Errors
    /// [`Failure`]. It is asked for again, after a while.
    fn ask(
        &self,
        market: Market,
        need: Need,
    ) -> impl Future<Output = Result<Bytes, Failure>> + Send + 'static;
}

impl<F, A> Ask for F
where
    F: Fn(Market, Need) -> A,
    A: Future<Output = Result<Bytes, Failure>> + Send + 'static,
{
    fn ask(
        &self,
        market: Market,
        need: Need,
    ) -> impl Future<Output = Result<Bytes, Failure>> + Send + 'static {
        self(market, need)
    }
}

/// How the exchange is told whose events to send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Attach {
    /// By the address of the connection: `/private/ws?listenKey=` on USDⓈ-M, `/ws/` and the key on COIN-M.
    #[default]
    Address,
    /// By the command `SUBSCRIBE` with the key in place of a stream's name.
    Subscribe,
}

/// What [`UserData`] gives.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum UserItem {
    /// An event, which is news.
    Event(Message),
    /// What happened while nobody listened: after the first connection all there is, after a gap what was missed.
    Reconciled(Box<Reconciled>),
    /// Something happened to the connection.
    Notice(Notice),
    /// Something could not be asked for. It is asked for again.
    Failed {
        /// What.
        need: Need,
        /// Why.
        failure: Failure,
        /// How long until then.
        retry_in: Duration,
    },
}

/// The user data of one account on one market, for as long as wanted: the listen key is made and kept alive, the connection
/// opened again when it is lost, and whatever may have been missed is asked for and told. See [`user`].
///
/// Together, events and [`UserItem::Reconciled`] tell everything once. No event is dropped: while nobody awaits
/// [`next`](Self::next), they wait in the socket, and when that ends the connection, the reconcile tells what they would
/// have told.
///
/// It does its work only while [`next`](Self::next) is awaited. Every future it gives may be dropped at any time without
/// losing anything. Dropping it closes its socket. The listen key is left alive: other programs may use it.
///
/// ```no_run
/// # #[cfg(feature = "http")]
/// # async fn example(client: binance_http::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use binance_core::usdm::Event;
/// use binance_ws::{Base, Environment, Market, tungstenite::{Connector, UserData, UserItem}};
///
/// let exchange = Connector::new(Base::of(Market::UsdM, Environment::Production));
/// let mut user = UserData::new(exchange, client);
/// while let Some(item) = user.next().await {
///     match item {
///         UserItem::Event(message) => println!("{:?}", message.usdm()?),
///         UserItem::Reconciled(told) => {
///             println!("missed {} trades; {} orders are open", told.fills.len(), user.account().open_orders().count());
///         }
///         UserItem::Notice(notice) => eprintln!("{notice:?}"),
///         UserItem::Failed { need, failure, .. } => eprintln!("{need:?}: {failure}"),
///         _ => {}
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct UserData<S, R> {
    connector: Connector<S>,
    attach: Attach,
    asker: R,
    user: User,
    driver: Option<Driver<S>>,
    /// The key that the connection has, where it was subscribed to.
    key: Option<ListenKey>,
    asking: Option<(Need, Answer)>,
    timer: Pin<Box<Sleep>>,
    over: bool,
    tells_life: bool,
}

type Answer = Pin<Box<dyn Future<Output = Result<Bytes, Failure>> + Send>>;

impl<S: Socket, R: Ask> UserData<S, R> {
    /// The user data of whose keys `asker` has, on the market of `connector`.
    pub fn new(connector: Connector<S>, asker: R) -> Self {
        let timer = Box::pin(sleep_until(connector.began()));
        let user = User::new(connector.base().market(), random());
        let attach = Attach::default();
        let (over, tells_life) = (false, false);
        Self {
            connector,
            attach,
            asker,
            user,
            driver: None,
            key: None,
            asking: None,
            timer,
            over,
            tells_life,
        }
    }

    /// With another way to tell the exchange the listen key. To be said before the first [`next`](Self::next).
    #[must_use]
    pub fn attach(mut self, attach: Attach) -> Self {
        self.attach = attach;
        self
    }

    /// The account as it is known: open orders, balances, positions.
    pub fn account(&self) -> &User {
        &self.user
    }

    /// The next event, or the next thing that happened. `None` when it is closed, or when the connector was told not to
    /// reconnect and the connection is lost.
    pub async fn next(&mut self) -> Option<UserItem> {
        poll_fn(|cx| self.poll_item(cx)).await
    }

    /// As [`next`](Self::next), for those who poll.
    pub fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<UserItem>> {
        loop {
            if self.over {
                return Poll::Ready(None);
            }
            let now = self.connector.now();
            if let Some(output) = self.user.poll_output() {
                match output {
                    user::Output::Connect(key) => self.connect(key),
                    user::Output::Reconciled(told) => return Poll::Ready(Some(UserItem::Reconciled(told))),
                    user::Output::Failed { need, failure, retry_in } => {
                        return Poll::Ready(Some(UserItem::Failed { need, failure, retry_in }));
                    }
                }
                continue;
            }
            if self.asking.is_none()
                && let Some(need) = self.user.poll_need(now)
            {
                debug!(?need, "asking");
                self.asking = Some((need.clone(), Box::pin(self.asker.ask(self.user.market(), need))));
            }
            if let Some((need, answer)) = &mut self.asking
                && let Poll::Ready(result) = answer.as_mut().poll(cx)
            {
                let need = need.clone();
                self.asking = None;
                match result {
                    Ok(body) => self.user.answered(now, &need, &body),
                    Err(failure) => self.user.failed(now, &need, failure),
                }
                continue;
            }
            if let Some(driver) = &mut self.driver
                && let Poll::Ready(output) = driver.poll_next(cx)
            {
                match output {
                    Output::Message(message) => {
                        if self.user.event(now, message.data()) == Told::New {
                            return Poll::Ready(Some(UserItem::Event(message)));
                        }
                    }
                    Output::Notice(notice) => {
                        self.heed(&notice);
                        return Poll::Ready(Some(UserItem::Notice(*notice)));
                    }
                    Output::Reply(_) => {}
                }
                continue;
            }
            // The answer that is awaited wakes by itself.
            let wait = if self.asking.is_none() { self.user.poll_timeout() } else { None };
            let Some(at) = wait else { return Poll::Pending };
            let at = self.connector.began() + Duration::from_millis(at.0);
            if at != self.timer.deadline() {
                self.timer.as_mut().reset(at);
            }
            if self.timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }

    /// Closes the connection with the closing handshake. Takes no longer than
    /// [`close_timeout`](crate::session::Config::close_timeout). Events that still come are gone.
    pub async fn close(mut self) {
        let Some(mut driver) = self.driver.take() else { return };
        let now = driver.now();
        driver.session.close(now);
        poll_fn(|cx| {
            loop {
                match driver.poll_next(cx) {
                    Poll::Ready(Output::Notice(notice)) if *notice == Notice::Ended => return Poll::Ready(()),
                    Poll::Ready(_) => {}
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await;
    }

    /// Tells pings and pongs too.
    pub(super) fn tell_life(&mut self) {
        self.tells_life = true;
        if let Some(driver) = &mut self.driver {
            driver.session.tell_life(true);
        }
    }

    fn heed(&mut self, notice: &Notice) {
        match notice {
            // What the key's end means is known already.
            Notice::Lost { reason: Reason::ListenKey, .. } => {}
            Notice::Lost { .. } => self.user.lost(self.connector.now()),
            Notice::Settled => self.user.connected(),
            Notice::Ended => self.over = true,
            _ => {}
        }
    }

    /// Listens by this key from now on.
    fn connect(&mut self, key: ListenKey) {
        // The two have the same room.
        let text = Text::truncated(&key);
        let now = self.connector.now();
        match (&mut self.driver, self.attach) {
            (Some(driver), Attach::Address) => driver.session.reset_listen_key(now, text),
            (None, Attach::Address) => self.begin(Mode::User(text)),
            (driver, Attach::Subscribe) => {
                // The same key again is one that was gone: what is subscribed on this connection stays silent.
                if driver.is_none() || self.key.as_ref() == Some(&key) {
                    self.begin(Mode::Combined);
                }
                let market = self.user.market();
                let route = Some(Route::Private);
                let old = self.key.replace(key.clone()).filter(|old| *old != key);
                if let Some(driver) = &mut self.driver {
                    // Both are names that were or are subscribed to; an end is told by the driver.
                    if let Some(old) = old {
                        let _ = driver.session.unwant(&RawStream { name: &old, market, route });
                    }
                    let _ = driver.session.want(&RawStream { name: &key, market, route });
                }
            }
        }
    }

    fn begin(&mut self, mode: Mode) {
        let session = self.connector.session(Some(Route::Private), mode, true);
        let mut driver = Driver::new(self.connector.clone(), session);
        driver.session.tell_life(self.tells_life);
        driver.session.start(self.connector.now());
        self.driver = Some(driver);
    }
}

impl<S: Socket + Unpin, R: Ask + Unpin> futures_util::Stream for UserData<S, R> {
    type Item = UserItem;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<UserItem>> {
        self.get_mut().poll_item(cx)
    }
}

impl<S, R> fmt::Debug for UserData<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserData").field("user", &self.user).finish_non_exhaustive()
    }
}
