//! Calls of the WebSocket API, from any number of tasks over one socket.

use std::{
    boxed::Box,
    collections::HashMap,
    fmt,
    future::{Future, poll_fn},
    ops::Range,
    pin::Pin,
    string::String,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
    time::Duration,
    vec,
    vec::Vec,
};

use binance_core::{
    json,
    record::RateLimit,
    ws_api::{Call, Reply, TypedCall},
};
use binance_http::clock::{SystemTime, TimeSource};
use binance_sign::{Credentials, Signer, Stamp};
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

use crate::{
    Tick,
    api::{Action, CallError, CallId, Calls, MESSAGE_LEN, Notice, Received, Slot, Unanswered},
    hosted::{Arrived, ConnectError, Connector, SharedText, Socket, connector::random},
    part::part,
    session::{Outgoing, Reason},
};

pub use self::error::{Failure, Refused};

mod error;

type BoxedSigner = Box<dyn Signer + Send + Sync>;

/// How an [`Api`] shall be. From [`Connector::api`].
pub struct ApiBuilder<S> {
    connector: Connector<S>,
    credentials: Option<Credentials<BoxedSigner>>,
    logs_on: bool,
    timeout: Duration,
    recv_window: Option<u32>,
    time: Box<dyn TimeSource + Send + Sync>,
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

    /// Where timestamps come from: the host's clock unless told. The time has to be the exchange's.
    #[must_use]
    pub fn time_source(self, time: impl TimeSource + Send + Sync + 'static) -> Self {
        Self { time: Box::new(time), ..self }
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
        let table = vec![Slot::FREE; self.room];
        let mut calls = Calls::new(base.market(), table, self.connector.settings(), random());
        if self.logs_on {
            calls.log_on(self.credentials.as_ref().ok_or(CallError::NoCredentials)?.kind())?;
        }
        calls.start(self.connector.now());
        let timer = Box::pin(sleep_until(self.connector.began()));
        let state = State {
            calls,
            link: Link::Empty,
            waiting: HashMap::new(),
            ready: Vec::new(),
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
            recv_window: self.recv_window,
            room: self.room,
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
    /// It is stamped, signed and written once, when the connection is ready for it, and never again. Dropping the future
    /// before that sends nothing; afterwards the call may be carried out all the same.
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

    async fn call<C: Call + Sync>(&self, call: &C) -> Result<Answer, Failure> {
        let now = Instant::now();
        // One that never comes is one of a day.
        let deadline = now.checked_add(self.timeout.min(Duration::from_secs(86_400))).unwrap_or(now);
        let mut why = CallError::NotReady;
        let written =
            timeout_at(deadline, poll_fn(|cx| self.shared.poll_write(call, deadline, &mut why, cx)));
        let Ok(id) = written.await else { return Err(Failure::NotSent(why)) };
        let waiter = Waiter { shared: &*self.shared, id: id? };
        timeout_at(deadline, poll_fn(|cx| waiter.poll(cx)))
            .await
            .unwrap_or(Err(Failure::Unanswered(Unanswered::Deadline)))
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
        self.answer.result.clone().and_then(|range| self.answer.text.get(range)).unwrap_or("null")
    }

    /// All of the answer, as it came.
    pub fn text(&self) -> &str {
        &self.answer.text
    }

    /// How much of the limits is used, where the answer says so.
    pub fn rate_limits(&self) -> json::List<'_, RateLimit> {
        Reply::parse(&self.answer.text).map(|reply| reply.rate_limits).unwrap_or_default()
    }
}

impl<C> fmt::Debug for ApiReply<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiReply").field("bytes", &self.answer.text.len()).finish_non_exhaustive()
    }
}

/// Does the work of an [`Api`]: connects, logs on, sends, receives, answers pings, and connects again, for as long as it is
/// polled. Give it a task of its own: `tokio::spawn(driver.run())`.
///
/// Dropping it closes the socket; calls in flight are unknown then, and others are not sent.
#[must_use = "nothing is sent unless it runs"]
pub struct ApiDriver<S: Socket> {
    shared: Arc<Shared<S>>,
    timer: Pin<Box<Sleep>>,
    over: bool,
}

impl<S: Socket> ApiDriver<S> {
    /// Runs until the API is closed, or lost where it does not reconnect.
    pub async fn run(mut self) {
        while self.next().await.is_some() {}
    }

    /// Runs until something happens to the connection; `None` at the end. May be dropped at any time.
    pub async fn next(&mut self) -> Option<Notice> {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Notice>> {
        if self.over {
            return Poll::Ready(None);
        }
        loop {
            let mut state = self.shared.lock();
            if state.driver.as_ref().is_none_or(|waker| !waker.will_wake(cx.waker())) {
                state.driver = Some(cx.waker().clone());
            }
            if let Some(notice) = state.run(&self.shared, cx) {
                self.over = notice == Notice::Ended;
                return Poll::Ready(Some(notice));
            }
            let Some(at) = state.calls.poll_timeout() else { return Poll::Pending };
            drop(state);
            let began = self.shared.connector.began();
            let at = began.checked_add(Duration::from_millis(at.0)).unwrap_or(self.timer.deadline());
            if at != self.timer.deadline() {
                self.timer.as_mut().reset(at);
            }
            ready!(self.timer.as_mut().poll(cx));
        }
    }
}

impl<S: Socket> Drop for ApiDriver<S> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        let now = self.shared.connector.now();
        (state.driver, state.link) = (None, Link::Empty);
        state.calls.lost(now, Reason::Here);
        state.calls.close(now);
        state.tell_ended();
        state.wake_waiting();
    }
}

impl<S: Socket> fmt::Debug for ApiDriver<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiDriver").field("over", &self.over).finish_non_exhaustive()
    }
}

struct Shared<S> {
    state: Mutex<State<S>>,
    connector: Connector<S>,
    credentials: Option<Credentials<BoxedSigner>>,
    time: Box<dyn TimeSource + Send + Sync>,
    recv_window: Option<u32>,
    room: usize,
}

impl<S> Shared<S> {
    fn lock(&self) -> MutexGuard<'_, State<S>> {
        // What is done with it locked leaves it whole at every step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stamp(&self) -> Stamp {
        Stamp { timestamp: self.time.unix(), recv_window: self.recv_window }
    }
}

impl<S: Socket> Shared<S> {
    fn close(&self) {
        let mut state = self.lock();
        state.calls.close(self.connector.now());
        state.wake_driver();
        state.wake_waiting();
    }

    /// Writes a call as soon as it can be; `why` is why it could not so far.
    fn poll_write(
        &self,
        call: &dyn Call,
        deadline: Instant,
        why: &mut CallError,
        cx: &mut Context<'_>,
    ) -> Poll<Result<CallId, CallError>> {
        let mut state = self.lock();
        let State { calls, buffer, link, waiting, ready, .. } = &mut *state;
        let (now, left) = (self.connector.now(), deadline.saturating_duration_since(Instant::now()));
        match calls.call(now, call, self.stamp(), self.credentials.as_ref(), left, buffer) {
            Ok(written) => {
                waiting.insert(written.id.number(), Waiting::Open(None));
                let sent = match link {
                    Link::Open { socket, unflushed } => {
                        *unflushed = true;
                        socket.send(Outgoing::Text(written.text))
                    }
                    _ => Err(Reason::Dropped),
                };
                let id = written.id;
                if let Err(reason) = sent {
                    *link = Link::Empty;
                    calls.lost(now, reason);
                }
                state.wake_driver();
                Poll::Ready(Ok(id))
            }
            Err(error @ (CallError::NotReady | CallError::Busy)) => {
                *why = error;
                if !ready.iter().any(|waker| waker.will_wake(cx.waker())) {
                    ready.push(cx.waker().clone());
                }
                Poll::Pending
            }
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

struct State<S> {
    calls: Calls<Vec<Slot>>,
    link: Link<S>,
    /// Who waits for the answer to which call.
    waiting: HashMap<u64, Waiting>,
    /// Who waits to write a call.
    ready: Vec<Waker>,
    driver: Option<Waker>,
    handles: usize,
    buffer: Box<[u8]>,
    connect_error: Option<ConnectError>,
}

type Opening<S> = Pin<Box<dyn Future<Output = Result<S, ConnectError>> + Send>>;

enum Link<S> {
    Empty,
    Connecting(Opening<S>),
    Open { socket: S, unflushed: bool },
}

enum Waiting {
    Open(Option<Waker>),
    Done(Result<Answer, Failure>),
}

/// An answer of success.
#[derive(Clone)]
struct Answer {
    text: SharedText,
    /// Where the result is in it, if there is one.
    result: Option<Range<usize>>,
}

impl<S> State<S> {
    fn wake_driver(&self) {
        if let Some(driver) = &self.driver {
            driver.wake_by_ref();
        }
    }

    /// Hands the end of a call to whoever waits for it, if anybody does.
    fn done(&mut self, id: CallId, result: Result<Answer, Failure>) {
        if let Some(waiting) = self.waiting.get_mut(&id.number())
            && let Waiting::Open(Some(waker)) = std::mem::replace(waiting, Waiting::Done(result))
        {
            waker.wake();
        }
    }

    /// Tells the calls that will have no answer.
    fn tell_ended(&mut self) {
        while let Some(ended) = self.calls.poll_ended() {
            self.done(ended.id, Err(Failure::Unanswered(ended.why)));
        }
    }

    /// Tells those who wait to write a call that they may try.
    fn wake_waiting(&mut self) {
        self.ready.drain(..).for_each(Waker::wake);
    }
}

impl<S: Socket> State<S> {
    /// Does what can be done without waiting, up to the first thing to tell.
    fn run(&mut self, shared: &Shared<S>, cx: &mut Context<'_>) -> Option<Notice> {
        loop {
            let now = shared.connector.now();
            if self.calls.poll_timeout().is_some_and(|at| at <= now) {
                self.calls.elapsed(now);
            }
            while let Some(action) = self.calls.poll_action() {
                self.act(action, now, shared);
            }
            while let Some(frame) = self.calls.poll_transmit(now, &mut self.buffer) {
                let Link::Open { socket, unflushed } = &mut self.link else { continue };
                *unflushed = true;
                if let Err(reason) = socket.send(frame) {
                    self.lose(now, reason);
                    break;
                }
            }
            self.tell_ended();
            if let Some(notice) = self.calls.poll_notice() {
                // Whoever waits finds out whether it concerns them.
                self.wake_waiting();
                return Some(notice);
            }
            if self.poll_link(now, cx).is_pending() {
                break;
            }
        }
        if self.calls.is_ready() && self.calls.in_flight() < shared.room {
            self.wake_waiting();
        }
        None
    }

    fn act(&mut self, action: Action, now: Tick, shared: &Shared<S>) {
        match action {
            Action::Connect => match shared.connector.may_connect() {
                Err(wait) => self.calls.defer(now, wait),
                Ok(()) => {
                    debug!(base = shared.connector.base().as_str(), "connecting");
                    // The address of the WebSocket API is whole as it is.
                    self.link = Link::Connecting(Box::pin(shared.connector.connect(String::new())));
                }
            },
            Action::LogOn => {
                let Some(credentials) = &shared.credentials else { return };
                let written = self.calls.write_logon(now, shared.stamp(), credentials, &mut self.buffer);
                let Link::Open { socket, unflushed } = &mut self.link else { return };
                // Where it cannot be written, calls are signed.
                let Ok(text) = written else { return };
                *unflushed = true;
                if let Err(reason) = socket.send(Outgoing::Text(text)) {
                    self.lose(now, reason);
                }
            }
            Action::Abandon => {
                if matches!(self.link, Link::Connecting(_)) {
                    self.connect_error = Some(ConnectError::Timeout);
                }
                self.link = Link::Empty;
            }
        }
    }

    fn lose(&mut self, now: Tick, reason: Reason) {
        debug!(%reason, "socket lost");
        self.link = Link::Empty;
        self.calls.lost(now, reason);
    }

    /// `Ready` when something happened.
    fn poll_link(&mut self, now: Tick, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.link {
            Link::Empty => return Poll::Pending,
            Link::Connecting(future) => match ready!(future.as_mut().poll(cx)) {
                Ok(socket) => {
                    self.link = Link::Open { socket, unflushed: false };
                    self.calls.opened(now);
                }
                Err(error) => {
                    debug!(%error, "not connected");
                    self.lose(now, Reason::Connect);
                    if let Some(wait) = error.retry_after() {
                        self.calls.defer(now, wait);
                    }
                    self.connect_error = Some(error);
                }
            },
            Link::Open { socket, unflushed } => {
                if *unflushed && socket.poll_flush(cx).is_ready() {
                    // The read below finds out whether it failed.
                    *unflushed = false;
                }
                match ready!(socket.poll_next(cx)) {
                    Ok(Arrived::Text(text)) => self.take_text(now, text),
                    Ok(Arrived::Ping(payload)) => self.calls.ping(now, &payload),
                    Ok(Arrived::AnsweredPing | Arrived::Pong) => self.calls.pong(now),
                    // The exchange sends none.
                    Ok(Arrived::Binary) => {}
                    Ok(Arrived::Close(code)) => self.lose(now, Reason::Closed(code)),
                    Err(reason) => self.lose(now, reason),
                }
            }
        }
        Poll::Ready(())
    }

    fn take_text(&mut self, now: Tick, text: SharedText) {
        let (id, result) = match self.calls.text(now, &text) {
            Received::Answer { id, reply } => match reply.result {
                Ok(result) => (id, Ok(part(&text, result))),
                Err(error) => (id, Err(Failure::Refused(Box::new(Refused { status: reply.status, error })))),
            },
            Received::Late { id: _id, .. } => {
                debug!(id = _id.number(), "an answer that nobody waits for any more");
                return;
            }
            Received::Unsolicited { .. } | Received::Garbage(_) => {
                debug!("a text that answers nothing");
                return;
            }
            Received::Handled => return,
        };
        self.done(id, result.map(|result| Answer { text, result }));
    }
}

/// Waits for an answer; when dropped, nobody does any more.
struct Waiter<'s, S> {
    shared: &'s Shared<S>,
    id: CallId,
}

impl<S> Waiter<'_, S> {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<Answer, Failure>> {
        let mut state = self.shared.lock();
        match state.waiting.remove(&self.id.number()) {
            Some(Waiting::Done(result)) => Poll::Ready(result),
            Some(Waiting::Open(_)) => {
                state.waiting.insert(self.id.number(), Waiting::Open(Some(cx.waker().clone())));
                Poll::Pending
            }
            // It is put in before, and taken out here alone.
            None => Poll::Ready(Err(Failure::Unanswered(Unanswered::Lost(Reason::Here)))),
        }
    }
}

impl<S> Drop for Waiter<'_, S> {
    fn drop(&mut self) {
        self.shared.lock().waiting.remove(&self.id.number());
    }
}
