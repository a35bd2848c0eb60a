//! Calls of the WebSocket API, from any number of tasks over one socket.

mod charge;
mod clock;
mod connect;
mod driver;
mod error;
mod place;

use std::{
    boxed::Box,
    collections::{BTreeMap, HashMap},
    fmt,
    future::poll_fn,
    ops::Range,
    sync::{Arc, Mutex},
    time::Duration,
    vec,
};

use binance_core::{
    Outcome, json,
    record::RateLimit,
    ws_api::{Call, Reply, TypedCall},
};
use binance_http::{
    Limits,
    budget::Limit,
    clock::{Keeper, Reading, SystemTime, TimeSource},
    pool::Pool,
};
use binance_sign::{Credentials, Signer};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::{
    api::{CallError, Calls, MESSAGE_LEN, Slot, Unanswered},
    hosted::{ConnectError, Connector, SharedText, Socket, connector::random},
    session::Both,
};

use self::{
    charge::{Budgeting, Charge},
    driver::{BoxedSigner, Link, Shared, State, Waiter, Writer},
};
pub use self::{
    driver::ApiDriver,
    error::{Failure, Refused},
    place::NotPlaced,
};

/// How an [`Api`] shall be. From [`Connector::api`].
pub struct ApiBuilder<S> {
    connector: Connector<S>,
    credentials: Option<Credentials<BoxedSigner>>,
    logs_on: bool,
    timeout: Duration,
    recv_window: Option<u32>,
    time: Box<dyn TimeSource + Send + Sync>,
    pool: Budgeting,
    account: Box<str>,
    waits: bool,
    resyncs: bool,
    room: usize,
}

impl<S: Socket> ApiBuilder<S> {
    pub(super) fn new(connector: Connector<S>) -> Self {
        Self {
            connector,
            credentials: None,
            logs_on: false,
            timeout: Duration::from_secs(10),
            recv_window: None,
            time: Box::new(SystemTime),
            pool: Budgeting::Shared,
            account: Box::default(),
            waits: true,
            resyncs: true,
            room: 1_024,
        }
    }

    /// With a key: without one, only public methods can be called.
    #[must_use]
    pub fn credentials<K: Signer + Send + Sync + 'static>(self, credentials: Credentials<K>) -> Self {
        Self { credentials: Some(credentials.boxed()), ..self }
    }

    /// Logs every connection on before anything else, with an Ed25519 key; calls need no signature after it.
    #[must_use]
    pub fn log_on(self) -> Self {
        Self { logs_on: true, ..self }
    }

    /// How long a call may take, waiting for a connection included: 10 seconds unless told, a day at most.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// How many milliseconds after its timestamp the exchange may take a call; its own 5,000 unless told.
    #[must_use]
    pub fn recv_window(self, millis: u32) -> Self {
        Self { recv_window: Some(millis), ..self }
    }

    /// Where the time comes from, in place of the host's clocks.
    #[must_use]
    pub fn time_source(self, time: impl TimeSource + Send + Sync + 'static) -> Self {
        Self { time: Box::new(time), ..self }
    }

    /// Whether a call that was refused for its timestamp (-1021) is sent once more after the clock was measured: yes unless
    /// told.
    #[must_use]
    pub fn resync_clock(self, resync: bool) -> Self {
        Self { resyncs: resync, ..self }
    }

    /// The budget to keep to, in place of the one that all clients of this program share which go to the exchange's same
    /// place from the same address, those of REST included.
    #[must_use]
    pub fn pool(self, pool: Arc<dyn Pool>) -> Self {
        Self { pool: Budgeting::Given(pool), ..self }
    }

    /// Keeps to no budget: the exchange refuses with 429 what is too much, and bans who goes on.
    #[must_use]
    pub fn without_pool(self) -> Self {
        Self { pool: Budgeting::None, ..self }
    }

    /// Whose orders they are, in the words that the clients of REST of the same account are told.
    #[must_use]
    pub fn account(self, account: &str) -> Self {
        Self { account: account.into(), ..self }
    }

    /// Whether a call waits for the budget to have room, for as long as its timeout allows: yes unless told. A call that
    /// would wait longer is refused at once with [`Failure::Limit`].
    #[must_use]
    pub fn wait_for_budget(self, wait: bool) -> Self {
        Self { waits: wait, ..self }
    }

    /// How many calls may be in flight at once: 1,024 unless told. More wait.
    #[must_use]
    pub fn max_in_flight(self, calls: usize) -> Self {
        Self { room: calls, ..self }
    }

    /// The handle that calls, and the driver that connects, sends and receives.
    ///
    /// # Errors
    /// [`CallError::Sign`] when it shall log on with another key than Ed25519, [`CallError::NoCredentials`] with none;
    /// [`CallError::Insecure`] when a key would go to another machine without encryption.
    pub fn build(self) -> Result<(Api<S>, ApiDriver<S>), CallError> {
        let base = self.connector.base();
        if self.credentials.is_some() && !base.is_encrypted() && !base.is_loopback() {
            return Err(CallError::Insecure);
        }
        let pool = self.pool.pool(base, self.connector.egress());
        let table = vec![Slot::FREE; self.room];
        let mut calls = Calls::new(base.market(), table, self.connector.settings(), random());
        if self.logs_on {
            calls.log_on(self.credentials.as_ref().ok_or(CallError::NoCredentials)?.kind())?;
        }
        calls.start(self.connector.now());
        let timer = Box::pin(sleep_until(self.connector.began()));
        let state = State {
            calls,
            links: Both([Link::Empty, Link::Empty]),
            waiting: HashMap::new(),
            queue: BTreeMap::new(),
            next_in_queue: 0,
            driver: None,
            handles: 1,
            buffer: vec![0; MESSAGE_LEN].into_boxed_slice(),
            connect_error: None,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            connector: self.connector,
            credentials: self.credentials,
            time: self.time,
            clock: Keeper::default(),
            pool,
            account: self.account,
            recv_window: self.recv_window,
            waits: self.waits,
            resyncs: self.resyncs,
        });
        let api = Api { shared: Arc::clone(&shared), timeout: self.timeout };
        Ok((api, ApiDriver { shared, timer, over: false }))
    }

    /// The handle alone: the driver gets a task of its own on the tokio runtime that this is called on.
    ///
    /// # Errors
    /// As [`Self::build`].
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn spawn(self) -> Result<Api<S>, CallError> {
        let (api, driver) = self.build()?;
        tokio::spawn(driver.run());
        Ok(api)
    }
}

impl<S> fmt::Debug for ApiBuilder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiBuilder").field("credentials", &self.credentials).finish_non_exhaustive()
    }
}

/// Calls the methods of the WebSocket API. Cheap to clone; all clones share one socket, over which any number of calls
/// are under way at once.
///
/// The [`ApiDriver`] that came with it has to run: it is the one to send and receive. When the last clone is dropped,
/// the connection is closed and the driver comes to its end.
///
/// ```no_run
/// use binance_core::{dec, enums::Side, usdm::trade::NewOrder};
/// use binance_sign::{Credentials, Hmac};
/// use binance_ws::{Base, Environment, Market, tungstenite::Connector};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let base = Base::ws_api(Market::UsdM, Environment::Production)?;
/// let credentials = Credentials::new("my-api-key", Hmac::new(b"my secret"))?;
/// let (api, driver) = Connector::new(base).api().credentials(credentials).build()?;
/// tokio::spawn(driver.run());
/// let order = NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.001"), dec!("50000.0"));
/// println!("{}", api.send(&order).await?.value()?.order_id);
/// # Ok(())
/// # }
/// ```
pub struct Api<S: Socket> {
    shared: Arc<Shared<S>>,
    timeout: Duration,
}

impl<S: Socket> Api<S> {
    /// Makes a call and waits for its answer.
    ///
    /// It is charged to the budget, and stamped, signed and written when the connection is ready for it: once, and a second
    /// time only when the exchange refused its timestamp (-1021), after the clock was measured. Dropping the future before
    /// it is written sends nothing; afterwards the call may be carried out all the same.
    ///
    /// # Errors
    /// [`Failure`], after the timeout at the latest. [`Failure::outcome`] says what is known about the call.
    pub async fn send<C: TypedCall + Clone + Sync>(&self, call: &C) -> Result<ApiReply<C>, Failure> {
        let answer = self.call(call).await?;
        Ok(ApiReply { answer, call: call.clone() })
    }

    /// Makes a call and reads its result, where that borrows nothing from the answer.
    ///
    /// # Errors
    /// As [`Self::send`] and [`ApiReply::value`].
    pub async fn fetch<C, V>(&self, call: &C) -> Result<V, Failure>
    where
        C: for<'r> TypedCall<Answer<'r> = V> + Clone + Sync,
    {
        self.send(call).await?.value()
    }

    /// A handle that shares everything with this one but the time that a call may take.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        let mut api = self.clone();
        api.timeout = timeout;
        api
    }

    /// Takes no more calls. Those in flight have until their deadlines, then the connection is closed and the driver comes
    /// to its end.
    pub fn close(&self) {
        self.shared.close();
    }

    /// Whether calls can be written now: the connection is open, and logged on where that is wanted.
    pub fn is_ready(&self) -> bool {
        self.shared.lock().calls.is_ready()
    }

    /// How many calls wait for their answers.
    pub fn in_flight(&self) -> usize {
        self.shared.lock().calls.in_flight()
    }

    /// Why the last attempt to connect failed, once.
    pub fn take_connect_error(&self) -> Option<ConnectError> {
        self.shared.lock().connect_error.take()
    }

    /// How much is used of a limit in its current window, by all that is known: see `binance_http::Client::used`.
    pub fn used(&self, limit: Limit) -> Option<u32> {
        let shared = &*self.shared;
        shared.pool.as_ref()?.used(shared.read_clock().time, &shared.account, limit)
    }

    /// One call, with a second try where its timestamp was refused and the clock is measured anew.
    async fn call(&self, call: &(dyn Call + Sync)) -> Result<Answer, Failure> {
        let deadline = self.deadline();
        let is_stamped = self.shared.resyncs && call.method().security.is_signed();
        let begun = self.shared.read_clock();
        if is_stamped && begun.doubtful {
            // If it fails, the exchange may take the timestamp all the same.
            let _ = Box::pin(self.sync_clock_once(begun.generation, deadline)).await;
        }
        match self.call_once(call, deadline).await {
            Err(Failure::Refused(refused))
                if is_stamped && refused.error.code.is_clock() && refused.outcome() == Outcome::Rejected =>
            {
                match Box::pin(self.sync_clock_once(begun.generation, deadline)).await {
                    true => self.call_once(call, deadline).await.map(|(answer, _)| answer),
                    // The refusal says more than why the clock could not be measured.
                    false => Err(Failure::Refused(refused)),
                }
            }
            result => result.map(|(answer, _)| answer),
        }
    }

    /// One call, once. Gives when it was written too.
    async fn call_once(
        &self,
        call: &(dyn Call + Sync),
        deadline: Instant,
    ) -> Result<(Answer, Reading), Failure> {
        let shared = &*self.shared;
        let key = shared.credentials.as_ref().map(Credentials::kind);
        // What cannot be sent waits for nothing.
        shared.lock().calls.check(call.method(), key)?;
        let mut charge = match &shared.pool {
            Some(pool) => Some(Charge::new(shared, &**pool, call, deadline).await?),
            None => None,
        };
        let (waiter, sent) = self.write(call, deadline).await?;
        if let Some(charge) = &mut charge {
            charge.is_written = true;
        }
        let result = timeout_at(deadline, poll_fn(|cx| waiter.poll(cx)))
            .await
            .unwrap_or(Err(Failure::Unanswered(Unanswered::Deadline)));
        if let Some(charge) = charge {
            charge.settle(&result).await;
        }
        result.map(|answer| (answer, sent))
    }

    async fn write(
        &self,
        call: &(dyn Call + Sync),
        deadline: Instant,
    ) -> Result<(Waiter<'_, S>, Reading), Failure> {
        let mut writer = Writer::new(&self.shared);
        match timeout_at(deadline, poll_fn(|cx| writer.poll(call, deadline, cx))).await {
            Ok(written) => Ok(written?),
            Err(_) => Err(Failure::NotSent(writer.why)),
        }
    }

    fn deadline(&self) -> Instant {
        let now = Instant::now();
        // One that never comes is one of a day.
        now.checked_add(self.timeout.min(Duration::from_secs(86_400))).unwrap_or(now)
    }
}

impl<S: Socket> Clone for Api<S> {
    fn clone(&self) -> Self {
        self.shared.lock().handles += 1;
        Self { shared: Arc::clone(&self.shared), timeout: self.timeout }
    }
}

impl<S: Socket> Drop for Api<S> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.handles -= 1;
        let is_last = state.handles == 0;
        drop(state);
        if is_last {
            self.shared.close();
        }
    }
}

impl<S: Socket> fmt::Debug for Api<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api")
            .field("credentials", &self.shared.credentials)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// An answer of success. It owns the text, from which [`value`](Self::value) reads the result.
#[derive(Clone)]
pub struct ApiReply<C> {
    call: C,
    answer: Answer,
}

impl<C: TypedCall> ApiReply<C> {
    /// Reads the result. It borrows from this reply where it holds a [`json::List`].
    ///
    /// # Errors
    /// [`Failure::Decode`], whose outcome is unknown: the exchange answered success, in words that cannot be read.
    pub fn value(&self) -> Result<C::Answer<'_>, Failure> {
        self.call.read(self.result()).map_err(Failure::Decode)
    }
}

impl<C> ApiReply<C> {
    /// The text of the result.
    pub fn result(&self) -> &str {
        self.answer.result()
    }

    /// What the answer says of the limits.
    pub fn limits(&self) -> Limits {
        self.answer.limits
    }

    /// All of the answer, as it came.
    pub fn text(&self) -> &str {
        &self.answer.text
    }

    /// The limits as they stand in the answer.
    pub fn rate_limits(&self) -> json::List<'_, RateLimit> {
        Reply::parse(&self.answer.text).map(|reply| reply.rate_limits).unwrap_or_default()
    }
}

impl<C> fmt::Debug for ApiReply<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiReply").field("bytes", &self.answer.text.len()).finish_non_exhaustive()
    }
}

/// An answer of success.
#[derive(Clone)]
struct Answer {
    text: SharedText,
    /// Where the result is in it, if there is one.
    result: Option<Range<usize>>,
    limits: Limits,
    /// When it came.
    at: Reading,
}

impl Answer {
    fn result(&self) -> &str {
        self.result.clone().and_then(|range| self.text.get(range)).unwrap_or("null")
    }
}
