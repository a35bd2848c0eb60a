//! A client to be built.

use core::{fmt, time::Duration};
use std::{boxed::Box, sync::Arc};

use binance_core::{Environment, Market};
use binance_sign::{Credentials, KeyKind, Message, SignError, Signer};

use super::{Client, Options, Shared};
use crate::{
    base_url::{BaseUrl, BaseUrlError},
    clock::{Keeper, SystemTime, TimeSource},
    pool::{InProcess, Pool},
    request::Placement,
    retry::{Allowance, Retry},
    transport::Transport,
};

/// How long a request may take in all, unless told.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may take to be made, unless told.
const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A client to be built.
#[must_use = "a client is made by `build`"]
pub struct Builder<T> {
    transport: T,
    environment: Environment,
    usdm: Option<Result<BaseUrl, BaseUrlError>>,
    coinm: Option<Result<BaseUrl, BaseUrlError>>,
    credentials: Option<Credentials<BoxedSigner>>,
    time: Box<dyn TimeSource + Send + Sync>,
    pool: Budgeting,
    account: Box<str>,
    options: Options,
}

impl<T: Transport> Builder<T> {
    pub(super) fn over(transport: T) -> Self {
        Self {
            transport,
            environment: Environment::Production,
            usdm: None,
            coinm: None,
            credentials: None,
            time: Box::new(SystemTime),
            pool: Budgeting::Shared,
            account: "".into(),
            options: Options {
                recv_window: None,
                timeout: DEFAULT_TIMEOUT,
                connect_timeout: DEFAULT_CONNECT_TIMEOUT,
                placement: Placement::Query,
                retry: Retry::NONE,
                allow_insecure: false,
                resync: true,
                wait: true,
            },
        }
    }

    /// Which of the exchange's places; production unless told.
    pub fn environment(self, environment: Environment) -> Self {
        Self { environment, ..self }
    }

    /// One base URL for both markets, in place of the environment's.
    pub fn base_url(self, url: &str) -> Self {
        self.market_url(Market::UsdM, url).market_url(Market::CoinM, url)
    }

    /// The base URL of one market, in place of the environment's.
    pub fn market_url(mut self, market: Market, url: &str) -> Self {
        match market {
            Market::UsdM => self.usdm = Some(BaseUrl::parse(url)),
            Market::CoinM => self.coinm = Some(BaseUrl::parse(url)),
        }
        self
    }

    /// The API key and its signer. Without them only public endpoints can be asked.
    pub fn credentials<S: Signer + Send + Sync + 'static>(self, credentials: Credentials<S>) -> Self {
        let credentials = Arc::new(credentials);
        let signer: BoxedSigner = Box::new(Held(Arc::clone(&credentials)));
        let credentials = Credentials::new(credentials.api_key(), signer)
            .expect("an API key that was taken once is taken again");
        Self { credentials: Some(credentials), ..self }
    }

    /// For how many milliseconds after its timestamp the exchange may take a signed request; it assumes 5,000.
    pub fn recv_window(mut self, millis: u32) -> Self {
        self.options.recv_window = Some(millis);
        self
    }

    /// How long a request may take in all, connecting included: 10 seconds unless told.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = timeout;
        self
    }

    /// How long resolving, connecting and shaking hands may take: 5 seconds unless told.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.options.connect_timeout = timeout;
        self
    }

    /// Where parameters go: into the query unless told.
    pub fn placement(mut self, placement: Placement) -> Self {
        self.options.placement = placement;
        self
    }

    /// Whether a key may go over `http://` to another machine: not unless told.
    pub fn allow_insecure(mut self, allow: bool) -> Self {
        self.options.allow_insecure = allow;
        self
    }

    /// Whether a signed request that was refused for its timestamp (-1021) is sent once more after the clock was
    /// measured: yes unless told.
    pub fn resync_clock(mut self, resync: bool) -> Self {
        self.options.resync = resync;
        self
    }

    /// Which reads are tried again, and how often: none unless told. See [`Retry`]. A request that changes something is
    /// handed over once, whatever this says.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.options.retry = retry;
        self
    }

    /// The budget to keep to, in place of the one that all clients of this program share which go to the same hosts from
    /// the same address.
    pub fn pool(self, pool: Arc<dyn Pool>) -> Self {
        Self { pool: Budgeting::Given(pool), ..self }
    }

    /// Keeps to no budget: the exchange refuses with 429 what is too much, and bans who goes on.
    pub fn without_pool(self) -> Self {
        Self { pool: Budgeting::None, ..self }
    }

    /// Whose orders they are, in any words. Clients of different accounts share the weight of their address, and each
    /// account has its own order limits; unless told, all have one.
    pub fn account(self, account: &str) -> Self {
        Self { account: account.into(), ..self }
    }

    /// Whether a request waits for the budget to have room, for as long as its timeout allows: yes unless told. A request
    /// that would wait longer is refused at once with [`Error::Limit`](crate::Error::Limit).
    pub fn wait_for_budget(mut self, wait: bool) -> Self {
        self.options.wait = wait;
        self
    }

    /// Where the time comes from, in place of the host's clocks.
    pub fn time_source(self, time: impl TimeSource + Send + Sync + 'static) -> Self {
        Self { time: Box::new(time), ..self }
    }

    /// The client.
    ///
    /// # Errors
    /// [`BaseUrlError`] when a base URL cannot be used.
    pub fn build(self) -> Result<Client<T>, BaseUrlError> {
        let url = |given: Option<Result<BaseUrl, BaseUrlError>>, market| {
            given.unwrap_or_else(|| BaseUrl::parse(self.environment.rest(market)))
        };
        let (usdm, coinm) = (url(self.usdm, Market::UsdM)?, url(self.coinm, Market::CoinM)?);
        let pool: Option<Arc<dyn Pool>> = match self.pool {
            Budgeting::Given(pool) => Some(pool),
            Budgeting::None => None,
            Budgeting::Shared => {
                Some(InProcess::of_hosts(usdm.authority(), coinm.authority(), self.transport.egress()))
            }
        };
        let shared = Shared {
            transport: self.transport,
            usdm,
            coinm,
            pool,
            account: self.account,
            credentials: self.credentials,
            time: self.time,
            clock: Keeper::default(),
            retries: Allowance::default(),
        };
        Ok(Client { shared: Arc::new(shared), options: self.options })
    }
}

impl<T> fmt::Debug for Builder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("environment", &self.environment)
            .field("credentials", &self.credentials)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Which budget a client keeps to.
enum Budgeting {
    /// That of all clients that go the same way.
    Shared,
    Given(Arc<dyn Pool>),
    None,
}

/// Any signer that a client can hold.
pub(super) type BoxedSigner = Box<dyn Signer + Send + Sync>;

/// The signer of some credentials.
struct Held<S>(Arc<Credentials<S>>);

impl<S: Signer> Signer for Held<S> {
    fn kind(&self) -> KeyKind {
        self.0.kind()
    }

    fn signature_len(&self) -> usize {
        self.0.signer().signature_len()
    }

    fn sign_message<'o>(&self, message: &dyn Message, out: &'o mut [u8]) -> Result<&'o str, SignError> {
        self.0.signer().sign_message(message, out)
    }

    fn sign<'o>(&self, payload: &[&[u8]], out: &'o mut [u8]) -> Result<&'o str, SignError> {
        self.0.signer().sign(payload, out)
    }
}
