//! The client: sends requests over a transport and says what became of them.

mod builder;
mod charge;
mod clock;
mod send;

use core::{fmt, pin::pin, time::Duration};
use std::{boxed::Box, sync::Arc};

use binance_core::{Endpoint, Market, Millis, Request};
use binance_sign::Credentials;

pub use self::builder::Builder;
use self::{builder::BoxedSigner, send::Answer};
use crate::{
    base_url::BaseUrl,
    budget::Limit,
    clock::{Keeper, TimeSource},
    error::Error,
    log,
    pool::Pool,
    reply::Reply,
    request::Placement,
    retry::{Allowance, Retry},
    transport::{DefaultTransport, Transport},
    verdict::BodyKind,
};

/// A client for both markets.
///
/// Clones share connections, credentials and the clock's offset; a clone is cheap. All methods take it shared.
///
/// ```no_run
/// use binance_core::{enums::Interval, usdm::market_data::{Klines, Time}};
/// use binance_http::Client;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder().build()?;
/// println!("{}", client.fetch(&Time::new()).await?.server_time);
///
/// let reply = client.send(&Klines::new("BTCUSDT", Interval::M1).limit(60)).await?;
/// for kline in reply.value()? {
///     println!("{}", kline?.close);
/// }
/// println!("weight used this minute: {:?}", reply.limits().used_weight());
/// # Ok(())
/// # }
/// ```
#[doc(alias = "UMFutures", alias = "CMFutures")]
pub struct Client<T = DefaultTransport> {
    shared: Arc<Shared<T>>,
    options: Options,
}

struct Shared<T> {
    transport: T,
    usdm: BaseUrl,
    coinm: BaseUrl,
    credentials: Option<Credentials<BoxedSigner>>,
    time: Box<dyn TimeSource + Send + Sync>,
    clock: Keeper,
    pool: Option<Arc<dyn Pool>>,
    account: Box<str>,
    retries: Allowance,
}
/// What one call may be told otherwise than the next.
#[derive(Clone, Copy, Debug)]
struct Options {
    recv_window: Option<u32>,
    timeout: Duration,
    connect_timeout: Duration,
    placement: Placement,
    retry: Retry,
    allow_insecure: bool,
    resync: bool,
    wait: bool,
}

impl<T: Transport> Client<T> {
    /// A client over a transport of the caller's, to be built.
    pub fn over(transport: T) -> Builder<T> {
        Builder::over(transport)
    }

    /// Sends a request and waits for its reply.
    ///
    /// The request is stamped and signed when a connection is ready for it. It is handed to the exchange once; it goes
    /// out a second time only when it is certain that it was not carried out the first time: when no byte of it left,
    /// or when the exchange refused its timestamp (-1021), after the clock was measured again. Reads are tried again
    /// when they fail where [`Builder::retry`] says so.
    ///
    /// Dropping the future closes the connection; a request that left by then may be carried out all the same.
    ///
    /// # Errors
    /// [`Error`], after the client's timeout at the latest. [`Error::outcome`] says what is known about the request.
    #[doc(alias = "send_request")]
    pub async fn send<E: Endpoint + Clone + Sync>(&self, endpoint: &E) -> Result<Reply<E>, Error> {
        self.send_as(endpoint, endpoint).await
    }

    /// Sends `request`, which is answered as `endpoint` is.
    pub(crate) async fn send_as<E: Endpoint + Clone>(
        &self,
        endpoint: &E,
        request: &(dyn Request + Sync),
    ) -> Result<Reply<E>, Error> {
        // Pinned here, for it is large and would be copied on the way.
        let call = pin!(self.call(request));
        let Answer { received, limits, elapsed, .. } =
            log::with_span(request, |answer: &Answer| answer.received.status, call).await?;
        // Few endpoints answer a bare word, which is not JSON; what cannot be read so is not from the exchange.
        if BodyKind::of(&received.body) != BodyKind::Json && endpoint.decode(&received.body).is_err() {
            return Err(self.status_failure(received, limits));
        }
        Ok(Reply::new(endpoint.clone(), received, limits, elapsed))
    }

    /// Sends a request and reads the value, for endpoints whose value borrows nothing from the reply.
    ///
    /// Values with lists or long texts in them do borrow, and want [`send`](Self::send) and then [`Reply::value`]: the
    /// compiler says of them here that "one type is more general than the other".
    ///
    /// # Errors
    /// As [`Self::send`] and [`Reply::value`].
    pub async fn fetch<E, V>(&self, endpoint: &E) -> Result<V, Error>
    where
        E: for<'r> Endpoint<Reply<'r> = V> + Clone + Sync,
    {
        self.send(endpoint).await?.value()
    }

    /// A client that shares everything with this one but the time that a request may take.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { options: Options { timeout, ..self.options }, ..self.clone() }
    }

    /// A client that shares everything with this one but the receive window, in milliseconds.
    #[must_use]
    pub fn with_recv_window(&self, millis: u32) -> Self {
        Self { options: Options { recv_window: Some(millis), ..self.options }, ..self.clone() }
    }

    /// A client that shares everything with this one but which reads are tried again.
    #[must_use]
    pub fn with_retry(&self, retry: Retry) -> Self {
        Self { options: Options { retry, ..self.options }, ..self.clone() }
    }

    /// The base URL of a market.
    pub fn base_url(&self, market: Market) -> &BaseUrl {
        match market {
            Market::UsdM => &self.shared.usdm,
            Market::CoinM => &self.shared.coinm,
        }
    }

    /// How much is used of a limit in its current window, by all that is known: what this client and those it shares its
    /// budget with have sent, and what replies told of others.
    pub fn used(&self, limit: Limit) -> Option<u32> {
        self.shared.pool.as_ref()?.used(self.now(), &self.shared.account, limit)
    }

    /// The transport.
    pub fn transport(&self) -> &T {
        &self.shared.transport
    }

    /// The receive window, where one is set.
    pub(crate) fn recv_window(&self) -> Option<u32> {
        self.options.recv_window
    }
}

#[cfg(feature = "hyper")]
impl Client<crate::hyper::Hyper> {
    /// A client over hyper, to be built: production, no credentials, 10 seconds for a request.
    pub fn builder() -> Builder<crate::hyper::Hyper> {
        Self::over(crate::hyper::Hyper::new())
    }
}

impl<T> Client<T> {
    /// The time by the exchange's clock, as far as it is known.
    pub(crate) fn now(&self) -> Millis {
        self.shared.clock.read(&*self.shared.time).time
    }
}

impl<T> Clone for Client<T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), options: self.options }
    }
}

impl<T> fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("usdm", &format_args!("{}", self.shared.usdm))
            .field("coinm", &format_args!("{}", self.shared.coinm))
            .field("credentials", &self.shared.credentials)
            .finish_non_exhaustive()
    }
}
