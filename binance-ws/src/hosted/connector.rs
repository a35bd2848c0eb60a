//! Where and how to connect.

use std::{
    collections::hash_map::RandomState,
    fmt,
    future::Future,
    hash::{BuildHasher, Hasher},
    marker::PhantomData,
    string::String,
    sync::Arc,
    time::Duration,
    vec::Vec,
};

use binance_core::{
    Text,
    stream::{Route, Subscription},
};
use binance_http::dial::{Dialer, Way};
use tokio::time::Instant;

use crate::{
    NameError, Tick,
    address::Base,
    hosted::{ApiBuilder, ConnectError, Connection, Error, Socket, Target, budget::Budget, connection},
    session::{Config, Mode, RequestError, Session, Slot},
};

/// Opens connections to one market. Cheap to clone; all clones together open no more than 270 connections in five
/// minutes (the exchange allows an address 300), and wait when there are more to open.
///
/// ```no_run
/// use binance_core::usdm::streams::{BookTickerStream, DiffDepthStream};
/// use binance_ws::{Base, Environment, Market, tungstenite::Connector};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let exchange = Connector::new(Base::of(Market::UsdM, Environment::Production));
/// let mut books = exchange.combined(&[&BookTickerStream::new("BTCUSDT"), &DiffDepthStream::new("BTCUSDT")]).await?;
/// loop {
///     println!("{:?}", books.next().await?.usdm()?);
/// }
/// # }
/// ```
pub struct Connector<S> {
    base: Base,
    config: Config,
    dialer: Dialer,
    max_message: usize,
    began: Instant,
    budget: Arc<Budget>,
    socket: PhantomData<fn() -> S>,
}

impl<S: Socket> Connector<S> {
    /// Connects to `base`, straight, over TLS by the roots of the `webpki-roots` crate.
    pub fn new(base: Base) -> Self {
        Self {
            base,
            config: Config::default(),
            dialer: Dialer::new(Way::new()),
            max_message: 16 << 20,
            began: Instant::now(),
            budget: Arc::default(),
            socket: PhantomData,
        }
    }

    /// With other deadlines and limits.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Through a proxy, from a local address, with roots of one's own: see [`dial::Way`](crate::hosted::dial::Way).
    #[must_use]
    pub fn way(self, way: Way) -> Self {
        self.dialer(Dialer::new(way))
    }

    /// With a dialer that is there already, or one that connects in a way of the caller's.
    #[must_use]
    pub fn dialer(mut self, dialer: Dialer) -> Self {
        self.dialer = dialer;
        self
    }

    /// Takes messages of up to `bytes`: 16 MiB unless told. A longer one ends the connection.
    #[must_use]
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.max_message = bytes;
        self
    }

    /// Where it connects to.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// What time it is on the clock of its connections' notices: since this connector, or the one that it is a clone of,
    /// was made.
    pub fn now(&self) -> Tick {
        Tick(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// Opens a combined connection, on which each message says which stream it is of, with nothing subscribed. On
    /// USDⓈ-M, no route is the exchange's old address, which serves only what [`Route::Public`] does; on COIN-M, `route`
    /// is of no matter.
    ///
    /// # Errors
    /// [`Error::Connect`].
    pub fn open<R: Into<Option<Route>>>(
        &self,
        route: R,
    ) -> impl Future<Output = Result<Connection<S>, Error>> + Send + use<S, R> {
        connection::open(self.clone(), self.session(route.into(), Mode::Combined, false), Ok(()))
    }

    /// Opens a combined connection to `streams`, which must all be of one route.
    ///
    /// # Errors
    /// [`Error::Connect`]; [`Error::Request`] when the streams are of several routes, of the other market, or too many
    /// for an address. Nothing is opened then.
    pub fn combined(
        &self,
        streams: &[&dyn Subscription],
    ) -> impl Future<Output = Result<Connection<S>, Error>> + Send + use<S> {
        self.with_streams(Mode::Combined, streams)
    }

    /// Opens a raw connection to `streams`: messages are the events alone. For one stream, or several that can be told
    /// apart by what they send.
    ///
    /// # Errors
    /// As [`combined`](Self::combined).
    pub fn raw(
        &self,
        streams: &[&dyn Subscription],
    ) -> impl Future<Output = Result<Connection<S>, Error>> + Send + use<S> {
        self.with_streams(Mode::Raw, streams)
    }

    /// Opens a connection to the user data of a listen key.
    ///
    /// # Errors
    /// [`Error::Connect`]; [`Error::Request`] when the key has more than 127 bytes.
    pub fn user_data(
        &self,
        listen_key: &str,
    ) -> impl Future<Output = Result<Connection<S>, Error>> + Send + use<S> {
        let key = Text::new(listen_key).map_err(|_| RequestError::Name(NameError::Malformed));
        let checked = key.as_ref().map(|_| ()).map_err(Clone::clone);
        let mode = Mode::User(key.unwrap_or_default());
        connection::open(self.clone(), self.session(Some(Route::Private), mode, false), checked)
    }

    /// The WebSocket API, where this connector's address is one of it: see [`Base::ws_api`].
    pub fn api(&self) -> ApiBuilder<S> {
        ApiBuilder::new(self.clone())
    }

    fn with_streams(
        &self,
        mode: Mode,
        streams: &[&dyn Subscription],
    ) -> impl Future<Output = Result<Connection<S>, Error>> + Send + use<S> {
        let route = streams.first().and_then(|stream| stream.route());
        let mut session = self.session(route, mode, false);
        let checked = session.want_in_url(streams);
        connection::open(self.clone(), session, checked)
    }

    /// One connection is one connection; `Streams` are what reconnects.
    pub(super) fn session(&self, route: Option<Route>, mode: Mode, reconnect: bool) -> Session<Vec<Slot>> {
        let config = Config { reconnect: self.config.reconnect && reconnect, ..self.config };
        Session::new(self.base.market(), route, mode, Vec::new(), config, random())
    }

    pub(super) fn settings(&self) -> Config {
        self.config
    }

    pub(super) fn began(&self) -> Instant {
        self.began
    }

    /// Which way it goes, as REST's transport says it.
    pub(super) fn egress(&self) -> &str {
        self.dialer.egress()
    }

    /// Counts one connection, or says how long until there may be one.
    pub(super) fn may_connect(&self) -> Result<(), Duration> {
        self.budget.take(Instant::now())
    }

    pub(super) fn connect(
        &self,
        path: String,
        read_size: usize,
    ) -> impl Future<Output = Result<S, ConnectError>> + Send + use<S> {
        let (base, dialer) = (self.base.clone(), self.dialer.clone());
        // Beyond this the session gives it up.
        let limit = self.config.connect_timeout;
        let target = Target {
            is_encrypted: base.is_encrypted(),
            authority: base.authority().into(),
            path: match base.prefix().chars().chain(path.chars()).collect::<String>() {
                path if path.is_empty() => "/".into(),
                path => path,
            },
            max_message: self.max_message,
            read_size,
        };
        async move {
            let port = base.port().ok_or(ConnectError::Port)?;
            let stream = dialer.connect(base.host(), port, base.is_encrypted(), limit).await;
            S::open(stream?, target).await
        }
    }
}

impl<S> Clone for Connector<S> {
    fn clone(&self) -> Self {
        Self {
            base: self.base.clone(),
            config: self.config,
            dialer: self.dialer.clone(),
            max_message: self.max_message,
            began: self.began,
            budget: self.budget.clone(),
            socket: PhantomData,
        }
    }
}

impl<S> fmt::Debug for Connector<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector")
            .field("base", &self.base)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// A number that differs from process to process and call to call. Spreads reconnects; guards nothing.
pub(super) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
