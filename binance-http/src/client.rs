//! The client: sends requests over a transport and says what became of them.

use core::{fmt, time::Duration};
use std::{boxed::Box, sync::Arc, vec, vec::Vec};

use binance_core::{
    Endpoint, Environment, List, Market, Millis, Request, Text,
    enums::{RateLimitInterval, RateLimitType},
    json::{self, find_field},
    record::RateLimit,
    usdm::market_data::Time,
};
use binance_sign::{Credentials, KeyKind, Message, SignError, Signer, Stamp};

use crate::{
    base_url::{BaseUrl, BaseUrlError},
    budget::{Cost, Limit, Ticket},
    clock::{Estimator, Keeper, Offset, SystemTime, TimeSource, Turn},
    error::{ApiFailure, BuildError, DecodeFailure, Error, Outcome, StatusFailure},
    limits::Limits,
    log,
    pool::{self, End, InProcess, Pool, TooMuch},
    redact::Redacted,
    reply::Reply,
    request::{Placement, Plan, Prepared},
    transport::{DefaultTransport, Received, Reuse, Transport},
    verdict::{BodyKind, Verdict},
};

/// Any signer that a client can hold.
type BoxedSigner = Box<dyn Signer + Send + Sync>;

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

/// How long a request may take in all, unless told.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may take to be made, unless told.
const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How often the time is asked for one measurement of the offset.
const CLOCK_SAMPLES: usize = 4;

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
}

/// What came back.
struct Answer {
    received: Received,
    /// When the request was ready to go, by the host's clock.
    sent: Millis,
    /// How long it took from then to the last byte.
    elapsed: Duration,
}

/// What was charged for a request. Dropped before the request is over, it is lost.
struct Charge<'p> {
    pool: &'p dyn Pool,
    account: &'p str,
    ticket: Option<Ticket>,
}

impl<'p> Charge<'p> {
    fn settle(&mut self, now: Millis, end: End) -> pool::Answer<'p, ()> {
        match self.ticket.take() {
            Some(ticket) => self.pool.settle(now, self.account, ticket, end),
            None => pool::Answer::Now(()),
        }
    }
}

impl Drop for Charge<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            // Nobody can wait here; what is not said at once is not said.
            drop(self.pool.settle(ticket.at(), self.account, ticket, End::Lost));
        }
    }
}

/// Which budget a client keeps to.
enum Budgeting {
    /// That of all clients that go the same way.
    Shared,
    Given(Arc<dyn Pool>),
    None,
}

/// What one call may be told otherwise than the next.
#[derive(Clone, Copy, Debug)]
struct Options {
    recv_window: Option<u32>,
    timeout: Duration,
    connect_timeout: Duration,
    placement: Placement,
    allow_insecure: bool,
    resync: bool,
    wait: bool,
}

impl<T: Transport> Client<T> {
    /// A client over a transport of the caller's, to be built.
    pub fn over(transport: T) -> Builder<T> {
        Builder {
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
                allow_insecure: false,
                resync: true,
                wait: true,
            },
        }
    }

    /// Sends a request and waits for its reply.
    ///
    /// The request is stamped and signed when a connection is ready for it. It is handed to the exchange once; it goes
    /// out a second time only when it is certain that it was not carried out the first time: when no byte of it left,
    /// or when the exchange refused its timestamp (-1021), after the clock was measured again.
    ///
    /// Dropping the future closes the connection; a request that left by then may be carried out all the same.
    ///
    /// # Errors
    /// [`Error`], after the client's timeout at the latest. [`Error::outcome`] says what is known about the request.
    pub async fn send<E: Endpoint + Clone + Sync>(&self, endpoint: &E) -> Result<Reply<E>, Error> {
        self.send_as(endpoint, endpoint).await
    }

    /// Sends `request`, which is answered as `endpoint` is.
    pub(crate) async fn send_as<E: Endpoint + Clone>(
        &self,
        endpoint: &E,
        request: &(dyn Request + Sync),
    ) -> Result<Reply<E>, Error> {
        let call = self.call(request);
        let Answer { received, elapsed, .. } =
            log::with_span(request, |answer: &Answer| answer.received.status, call).await?;
        // Few endpoints answer a bare word, which is not JSON; what cannot be read so is not from the exchange.
        if BodyKind::of(&received.body) != BodyKind::Json && endpoint.decode(&received.body).is_err() {
            return Err(self.status_failure(received));
        }
        Ok(Reply::new(endpoint.clone(), received, elapsed))
    }

    /// Sends a request and reads the value, for endpoints whose value borrows nothing from the reply.
    ///
    /// # Errors
    /// As [`Self::send`] and [`Reply::value`].
    pub async fn fetch<E, V>(&self, endpoint: &E) -> Result<V, Error>
    where
        E: for<'r> Endpoint<Reply<'r> = V> + Clone + Sync,
    {
        self.send(endpoint).await?.value()
    }

    /// Measures how far the exchange's clock is ahead, with four questions for the time, and keeps the result for the
    /// timestamps of signed requests. Asks the USDⓈ-M host.
    ///
    /// It is not needed: a client that was never told takes the host's clock, and measures when the exchange refuses a
    /// timestamp.
    ///
    /// # Errors
    /// As [`Self::send`], when no question was answered.
    pub async fn sync_clock(&self) -> Result<Offset, Error> {
        let mut estimator = Estimator::new();
        let mut failed = None;
        for _ in 0..CLOCK_SAMPLES {
            match self.ask_time().await {
                Ok((answer, server)) => estimator.add(answer.sent, answer.elapsed, server),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        match (estimator.best(), failed) {
            (Some(offset), _) => {
                self.shared.clock.set(offset, &*self.shared.time);
                Ok(offset)
            }
            (None, Some(error)) => Err(error),
            (None, None) => Ok(Offset::default()),
        }
    }

    /// How far the exchange's clock is ahead, as it was measured last.
    pub fn clock_offset(&self) -> Option<Offset> {
        self.shared.clock.offset()
    }

    /// Measures the exchange's clock every `period`, for ever: to be run beside the program's other tasks, and dropped to
    /// end it. A measurement that fails is left out.
    ///
    /// Without it the offset is measured anew when it is found to be wrong: when a timestamp is refused, or when the host's
    /// clock was set.
    pub async fn keep_clock(&self, period: Duration) -> core::convert::Infallible {
        loop {
            let _ = self.sync_clock().await;
            self.shared.transport.sleep(period).await;
        }
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

    /// The exchange's time, with the answer that told it.
    async fn ask_time(&self) -> Result<(Answer, Millis), Error> {
        let request = Time::new();
        let answer = self.call_once(&request).await?;
        let server = request.decode(&answer.received.body).map_err(|error| {
            Error::Decode(Box::new(DecodeFailure { status: answer.received.status, error }))
        })?;
        Ok((answer, server.server_time))
    }

    /// One request, with a second try where it was surely not carried out.
    async fn call(&self, request: &(dyn Request + Sync)) -> Result<Answer, Error> {
        let stamped = self.options.resync && request.meta().security.is_signed();
        let reading = self.shared.clock.read(&*self.shared.time);
        if stamped && reading.doubtful {
            // If it fails, the exchange may take the timestamp all the same.
            let _ = Box::pin(self.sync_clock_once(reading.generation)).await;
        }
        match self.call_once(request).await {
            Err(Error::Api(failure))
                if stamped && failure.code.is_clock() && failure.outcome() == Outcome::Rejected =>
            {
                // Boxed, so that not every request carries the room for what is rare.
                Box::pin(async {
                    match self.sync_clock_once(reading.generation).await {
                        true => self.call_once(request).await,
                        // The refusal says more than why the clock could not be measured.
                        false => Err(Error::Api(failure)),
                    }
                })
                .await
            }
            result => result,
        }
    }

    /// Measures the clock, unless it was measured since `generation`; when somebody else is at it, waits for that.
    async fn sync_clock_once(&self, generation: u32) -> bool {
        match self.shared.clock.turn(generation).await {
            Turn::Mine(_measuring) => self.sync_clock().await.is_ok(),
            Turn::Done => true,
            Turn::Failed => false,
        }
    }

    async fn call_once(&self, request: &(dyn Request + Sync)) -> Result<Answer, Error> {
        let answer = self.exchange(request).await?;
        log::replied(self.api_key(), &answer.received, answer.elapsed);
        let received = &answer.received;
        match Verdict::of(received.status, &received.body) {
            Verdict::Success => {
                self.learn(request, &received.body);
                Ok(answer)
            }
            Verdict::Other(BodyKind::Text) if (200..300).contains(&received.status) => Ok(answer),
            Verdict::Refused(error) => {
                let Received { status, headers, .. } = answer.received;
                Err(Error::Api(Box::new(ApiFailure::new(status, error, headers.limits(), headers))))
            }
            Verdict::Other(_) => Err(self.status_failure(answer.received)),
        }
    }

    /// Charges the budget, sends a request over a connection and receives whatever comes back.
    async fn exchange(&self, request: &(dyn Request + Sync)) -> Result<Answer, Error> {
        let base = self.base_url(request.meta().market);
        let plan = Plan::new(request, base)
            .placement(self.options.placement)
            .allow_insecure(self.options.allow_insecure);
        plan.check(self.shared.credentials.is_some())?;
        let begun = self.shared.time.monotonic();
        let Some(pool) = &self.shared.pool else { return self.send_over(&plan, base, begun).await };
        let mut charge = self.charge(&**pool, Cost::of(request), begun).await?;
        let result = self.send_over(&plan, base, begun).await;
        let now = self.now();
        let end = match &result {
            Ok(Answer { received, .. }) => {
                let limits = received.headers.limits();
                End::Replied { limits, verdict: too_much(received, &limits, now) }
            }
            Err(error) if error.outcome() == Outcome::NotSent => End::NotSent,
            Err(_) => End::Lost,
        };
        let settled = charge.settle(now, end);
        if let End::Replied { verdict: TooMuch::All { .. }, .. } = end {
            settled.get().await;
        }
        result
    }

    /// Reads the limits where a reply tells them. COIN-M's are those of USDⓈ-M since both count together, though it may
    /// still tell higher ones.
    fn learn(&self, request: &dyn Request, body: &[u8]) {
        let meta = request.meta();
        let (Some(pool), Market::UsdM, true) =
            (&self.shared.pool, meta.market, meta.path.ends_with("/exchangeInfo"))
        else {
            return;
        };
        let limits =
            core::str::from_utf8(body).ok().and_then(|text| find_field(text, "rateLimits").ok().flatten());
        let limits = limits.and_then(|limits| json::from_str::<List<'_, RateLimit>>(limits).ok());
        for told in limits.iter().flat_map(List::iter).flatten() {
            let window = (told.kind.known(), told.interval.known(), told.interval_num);
            let limit = match window {
                (Some(RateLimitType::RequestWeight), Some(RateLimitInterval::Minute), 1) => Limit::Weight,
                (Some(RateLimitType::Orders), Some(RateLimitInterval::Second), 10) => Limit::Orders10s,
                (Some(RateLimitType::Orders), Some(RateLimitInterval::Minute), 1) => Limit::Orders1m,
                _ => continue,
            };
            pool.learn(limit, told.limit);
        }
    }

    /// Charges the budget; when it has no room, waits for it for as long as the client may.
    async fn charge<'p>(
        &'p self,
        pool: &'p dyn Pool,
        cost: Cost,
        begun: Duration,
    ) -> Result<Charge<'p>, Error> {
        let account = &*self.shared.account;
        loop {
            match pool.charge(self.now(), account, cost).get().await {
                Ok(ticket) => return Ok(Charge { pool, account, ticket: Some(ticket) }),
                Err(refusal) => {
                    let wait = refusal.retry_in.filter(|wait| self.options.wait && *wait < self.left(begun));
                    let Some(wait) = wait else { return Err(refusal.into()) };
                    self.shared.transport.sleep(wait).await;
                }
            }
        }
    }

    /// The receive window, where one is set.
    pub(crate) fn recv_window(&self) -> Option<u32> {
        self.options.recv_window
    }

    /// How much is left of the time for a request that was begun then.
    fn left(&self, begun: Duration) -> Duration {
        self.options.timeout.saturating_sub(self.shared.time.monotonic().saturating_sub(begun))
    }

    /// The time by the exchange's clock, as far as it is known.
    pub(crate) fn now(&self) -> Millis {
        self.shared.clock.read(&*self.shared.time).time
    }

    async fn send_over(
        &self,
        plan: &Plan<'_, dyn Request + Sync + '_>,
        base: &BaseUrl,
        begun: Duration,
    ) -> Result<Answer, Error> {
        let shared = &*self.shared;
        let mut reuse = Reuse::Allowed;
        loop {
            let limit = self.left(begun).min(self.options.connect_timeout);
            let error = match shared.transport.connect(base, reuse, limit).await {
                Err(error) => error,
                Ok(connection) => {
                    let reading = shared.clock.read(&*shared.time);
                    let mut room = Vec::new();
                    let prepared = self.write(plan, reading.time, &mut room)?;
                    log::sending(self.api_key(), base, &prepared);
                    match shared.transport.exchange(connection, &prepared, self.left(begun)).await {
                        Ok(received) => {
                            let elapsed = shared.time.monotonic().saturating_sub(reading.monotonic);
                            return Ok(Answer { received, sent: reading.host, elapsed });
                        }
                        // An idle connection was dead before anything was written to it.
                        Err(error)
                            if !error.may_have_sent()
                                && reuse == Reuse::Allowed
                                && !self.left(begun).is_zero() =>
                        {
                            reuse = Reuse::Never;
                            continue;
                        }
                        Err(error) => error,
                    }
                }
            };
            let error = Error::from(error);
            log::failed(&error);
            return Err(error);
        }
    }

    /// Writes the request into `room`, as much of it as it needs.
    fn write<'b>(
        &self,
        plan: &Plan<'_, dyn Request + Sync + '_>,
        now: Millis,
        room: &'b mut Vec<u8>,
    ) -> Result<Prepared<'b>, BuildError> {
        /// A request longer than this is not one that the exchange takes.
        const MOST: usize = 1 << 18;
        let stamp = Stamp { timestamp: now, recv_window: self.options.recv_window };
        let credentials = self.shared.credentials.as_ref();
        let mut size = 1 << 10;
        let layout = loop {
            *room = vec![0; size];
            match plan.lay_out(credentials, stamp, room) {
                Ok(layout) => break layout,
                Err(BuildError::Full) if size < MOST => size *= 4,
                Err(error) => return Err(error),
            }
        };
        Ok(layout.prepared(room))
    }

    fn status_failure(&self, received: Received) -> Error {
        let Received { status, headers, body } = received;
        // Far more than the excerpt, so that what is blanked is blanked whole.
        let start = body.get(..body.len().min(2_048)).unwrap_or_default();
        let text = std::string::String::from_utf8_lossy(start);
        let excerpt = std::format!("{}", self.shown(&text));
        Error::Status(Box::new(StatusFailure {
            status,
            body: BodyKind::of(&body),
            excerpt: Text::truncated(&excerpt),
            limits: headers.limits(),
            outcome: Outcome::of_status(status, &text),
            headers,
        }))
    }

    /// A text of the exchange's as it may be shown.
    fn shown<'t>(&'t self, text: &'t str) -> Redacted<'t> {
        Redacted::new(text).and(self.api_key())
    }

    fn api_key(&self) -> &str {
        self.shared.credentials.as_ref().map_or("", Credentials::api_key)
    }
}

#[cfg(feature = "hyper")]
impl Client<crate::hyper::Hyper> {
    /// A client over hyper, to be built: production, no credentials, 10 seconds for a request.
    pub fn builder() -> Builder<crate::hyper::Hyper> {
        Self::over(crate::hyper::Hyper::new())
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
    /// that would wait longer is refused at once with [`Error::Limit`].
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
                let venue = std::format!("{} {}", usdm.authority(), coinm.authority());
                Some(InProcess::shared(&venue, self.transport.egress()))
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

/// What a reply says about having sent too much.
fn too_much(received: &Received, limits: &Limits, now: Millis) -> TooMuch {
    if (200..300).contains(&received.status) {
        return TooMuch::No;
    }
    match Verdict::of(received.status, &received.body) {
        Verdict::Refused(error) => {
            TooMuch::of(received.status, Some(error.code), &error.message, limits, now)
        }
        _ => TooMuch::of(received.status, None, "", limits, now),
    }
}
