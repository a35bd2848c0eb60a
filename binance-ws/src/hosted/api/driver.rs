//! Brings calls and their sockets together.

use std::{
    boxed::Box,
    collections::{BTreeMap, HashMap},
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
    time::Duration,
    vec::Vec,
};

use binance_core::ws_api::{Call, Reply};
use binance_http::{
    Limits,
    clock::{Keeper, Reading, TimeSource},
    pool::Pool,
};
use binance_sign::{Credentials, Signer, Stamp};
use tokio::time::{Instant, Sleep};

use crate::{
    Tick,
    api::{Action, CallError, CallId, Calls, Notice, Received, Slot, Unanswered},
    hosted::{Arrived, ConnectError, Connector, SharedText, Socket},
    part::part,
    session::{Both, LinkId, Outgoing, Reason},
};

use super::{Answer, Failure, Refused, connect::connect};

pub(super) type BoxedSigner = Box<dyn Signer + Send + Sync>;

/// Does the work of an [`Api`](super::Api): connects, logs on, sends, receives, answers pings, and connects again, for as
/// long as it is polled. Give it a task of its own: `tokio::spawn(driver.run())`.
///
/// Dropping it closes the sockets; calls in flight are unknown then, and others are not sent.
#[must_use = "nothing is sent unless it runs"]
pub struct ApiDriver<S: Socket> {
    pub(super) shared: Arc<Shared<S>>,
    pub(super) timer: Pin<Box<Sleep>>,
    pub(super) over: bool,
}

impl<S: Socket> ApiDriver<S> {
    /// Runs until the API is closed, or lost where it does not reconnect.
    pub async fn run(mut self) {
        while self.next().await.is_some() {}
    }

    /// Runs until something happens to a connection; `None` at the end. May be dropped at any time.
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
        state.driver = None;
        for link in LinkId::ALL {
            state.links[link] = Link::Empty;
            state.calls.lost(link, now, Reason::Here);
        }
        state.calls.close(now);
        state.tell_ended();
        state.wake_queue();
    }
}

impl<S: Socket> fmt::Debug for ApiDriver<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiDriver").field("over", &self.over).finish_non_exhaustive()
    }
}

/// What handles and driver share.
pub(super) struct Shared<S> {
    pub(super) state: Mutex<State<S>>,
    pub(super) connector: Connector<S>,
    pub(super) credentials: Option<Credentials<BoxedSigner>>,
    pub(super) time: Box<dyn TimeSource + Send + Sync>,
    pub(super) clock: Keeper,
    pub(super) pool: Option<Arc<dyn Pool>>,
    /// Whose orders they are.
    pub(super) account: Box<str>,
    pub(super) recv_window: Option<u32>,
    /// Whether a call waits for the budget to have room.
    pub(super) waits: bool,
    /// Whether the clock is measured when a timestamp is refused.
    pub(super) resyncs: bool,
}

impl<S> Shared<S> {
    pub(super) fn lock(&self) -> MutexGuard<'_, State<S>> {
        // What is done with it locked leaves it whole at every step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn read_clock(&self) -> Reading {
        self.clock.read(&*self.time)
    }

    fn stamp(&self, reading: &Reading) -> Stamp {
        Stamp { timestamp: reading.time, recv_window: self.recv_window }
    }
}

impl<S: Socket> Shared<S> {
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.calls.close(self.connector.now());
        state.wake_driver();
        state.wake_queue();
    }

    /// Asks for logging on again where it was refused for its timestamp.
    pub(super) fn log_on_again(&self) {
        let mut state = self.lock();
        if state.calls.last_refusal().is_some_and(|refusal| refusal.code.is_clock()) {
            state.calls.log_on_again(self.connector.now());
            state.wake_driver();
        }
    }
}

pub(super) struct State<S> {
    pub(super) calls: Calls<Vec<Slot>>,
    pub(super) links: Both<Link<S>>,
    /// Who waits for the answer to which call.
    pub(super) waiting: HashMap<u64, Waiting>,
    /// Who waits to write a call, in the order in which they came.
    pub(super) queue: BTreeMap<u64, Waker>,
    pub(super) next_in_queue: u64,
    pub(super) driver: Option<Waker>,
    pub(super) handles: usize,
    pub(super) buffer: Box<[u8]>,
    pub(super) connect_error: Option<ConnectError>,
}

type Opening<S> = Pin<Box<dyn Future<Output = Result<S, ConnectError>> + Send>>;

pub(super) enum Link<S> {
    Empty,
    Connecting(Opening<S>),
    Open { socket: S, unflushed: bool },
}

pub(super) enum Waiting {
    Open(Option<Waker>),
    Done(Result<Answer, Failure>),
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
    fn wake_queue(&mut self) {
        self.queue.values().for_each(Waker::wake_by_ref);
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
            while let Some(transmit) = self.calls.poll_transmit(now, &mut self.buffer) {
                let link = transmit.link;
                let Link::Open { socket, unflushed } = &mut self.links[link] else { continue };
                *unflushed = true;
                if let Err(reason) = socket.send(transmit.frame) {
                    self.lose(link, now, reason);
                    break;
                }
            }
            self.tell_ended();
            if let Some(notice) = self.calls.poll_notice() {
                // Whoever waits finds out whether it concerns them.
                self.wake_queue();
                return Some(notice);
            }
            // Both, so that one that is never quiet does not keep the other waiting.
            let polled = LinkId::ALL.map(|link| self.poll_link(link, now, shared, cx));
            if polled.iter().all(Poll::is_pending) {
                break;
            }
        }
        if self.calls.has_room() {
            self.wake_queue();
        }
        None
    }

    fn act(&mut self, action: Action, now: Tick, shared: &Shared<S>) {
        match action {
            Action::Connect(link) => match shared.connector.may_connect() {
                Err(wait) => self.calls.defer(link, now, wait),
                Ok(()) => {
                    debug!(base = shared.connector.base().as_str(), "connecting");
                    self.links[link] = Link::Connecting(Box::pin(connect(shared)));
                }
            },
            Action::LogOn(link) => {
                let Some(credentials) = &shared.credentials else { return };
                let stamp = shared.stamp(&shared.read_clock());
                let written = self.calls.write_logon(link, now, stamp, credentials, &mut self.buffer);
                // Where it cannot be written, calls are signed.
                let Ok(text) = written else { return };
                if let Err(reason) = self.links[link].send(text) {
                    self.lose(link, now, reason);
                }
            }
            Action::Abandon(link) => {
                if matches!(self.links[link], Link::Connecting(_)) {
                    self.connect_error = Some(ConnectError::Timeout);
                }
                self.links[link] = Link::Empty;
            }
        }
    }

    fn lose(&mut self, link: LinkId, now: Tick, reason: Reason) {
        debug!(%reason, "socket lost");
        self.links[link] = Link::Empty;
        self.calls.lost(link, now, reason);
    }

    /// `Ready` when something happened.
    fn poll_link(&mut self, link: LinkId, now: Tick, shared: &Shared<S>, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.links[link] {
            Link::Empty => return Poll::Pending,
            Link::Connecting(future) => match ready!(future.as_mut().poll(cx)) {
                Ok(socket) => {
                    self.links[link] = Link::Open { socket, unflushed: false };
                    self.calls.opened(link, now);
                }
                Err(error) => {
                    debug!(%error, "not connected");
                    self.lose(link, now, Reason::Connect);
                    if let Some(wait) = error.retry_after() {
                        self.calls.defer(link, now, wait);
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
                    Ok(Arrived::Text(text)) => {
                        let text = text.keep();
                        self.take_text(link, now, text, shared);
                    }
                    Ok(Arrived::Ping(payload)) => self.calls.ping(link, now, &payload),
                    Ok(Arrived::AnsweredPing | Arrived::Pong) => self.calls.pong(link, now),
                    // The exchange sends none.
                    Ok(Arrived::Binary) => {}
                    Ok(Arrived::Close(code)) => self.lose(link, now, Reason::Closed(code)),
                    Err(reason) => self.lose(link, now, reason),
                }
            }
        }
        Poll::Ready(())
    }

    fn take_text(&mut self, link: LinkId, now: Tick, text: SharedText, shared: &Shared<S>) {
        match self.calls.text(link, now, &text) {
            Received::Answer { id, reply } => {
                let at = shared.read_clock();
                let limits = Limits::of_call(shared.connector.base().market(), &reply, at.time);
                let Reply { status, result, .. } = reply;
                let result = match result {
                    Ok(result) => {
                        let result = part(&text, result);
                        Ok(Answer { text, result, limits, at })
                    }
                    Err(error) => Err(Failure::Refused(Box::new(Refused { status, error, limits }))),
                };
                self.done(id, result);
            }
            Received::Late { id: _id, .. } => {
                debug!(id = _id.number(), "an answer that nobody waits for any more");
            }
            Received::Unsolicited { .. } | Received::Garbage(_) => debug!("a text that answers nothing"),
            Received::Handled => {}
        }
    }
}

impl<S: Socket> Link<S> {
    fn send(&mut self, text: &str) -> Result<(), Reason> {
        let Self::Open { socket, unflushed } = self else { return Err(Reason::Dropped) };
        *unflushed = true;
        socket.send(Outgoing::Text(text))
    }
}

/// Waits to write a call; when dropped, nobody does any more.
pub(super) struct Writer<'s, S> {
    shared: &'s Shared<S>,
    number: Option<u64>,
    /// Why it could not be written so far.
    pub(super) why: CallError,
}

impl<'s, S: Socket> Writer<'s, S> {
    pub(super) fn new(shared: &'s Shared<S>) -> Self {
        Self { shared, number: None, why: CallError::NotReady }
    }

    /// Writes a call as soon as it can be: once, and all of it. Gives what time it was too.
    pub(super) fn poll(
        &mut self,
        call: &dyn Call,
        deadline: Instant,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(Waiter<'s, S>, Reading), CallError>> {
        let shared = self.shared;
        let mut state = shared.lock();
        let State { calls, buffer, links, waiting, .. } = &mut *state;
        let (now, left) = (shared.connector.now(), deadline.saturating_duration_since(Instant::now()));
        let reading = shared.read_clock();
        let credentials = shared.credentials.as_ref();
        match calls.call(now, call, shared.stamp(&reading), credentials, left, buffer) {
            Ok(written) => {
                let (id, link) = (written.id, written.link);
                waiting.insert(id.number(), Waiting::Open(None));
                if let Err(reason) = links[link].send(written.text) {
                    links[link] = Link::Empty;
                    calls.lost(link, now, reason);
                }
                state.wake_driver();
                Poll::Ready(Ok((Waiter { shared, id }, reading)))
            }
            Err(error @ (CallError::NotReady | CallError::Busy)) => {
                self.why = error;
                let number = *self.number.get_or_insert(state.next_in_queue);
                state.next_in_queue = state.next_in_queue.max(number + 1);
                state.queue.insert(number, cx.waker().clone());
                Poll::Pending
            }
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl<S> Drop for Writer<'_, S> {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.shared.lock().queue.remove(&number);
        }
    }
}

/// Waits for an answer; when dropped, nobody does any more.
pub(super) struct Waiter<'s, S> {
    shared: &'s Shared<S>,
    id: CallId,
}

impl<S> Waiter<'_, S> {
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<Answer, Failure>> {
        let mut state = self.shared.lock();
        match state.waiting.get_mut(&self.id.number()) {
            Some(Waiting::Open(waker)) => {
                if waker.as_ref().is_none_or(|waker| !waker.will_wake(cx.waker())) {
                    *waker = Some(cx.waker().clone());
                }
                return Poll::Pending;
            }
            Some(Waiting::Done(_)) => {}
            // It is put in before, and taken out here alone.
            None => return Poll::Ready(Err(Failure::Unanswered(Unanswered::Lost(Reason::Here)))),
        }
        match state.waiting.remove(&self.id.number()) {
            Some(Waiting::Done(result)) => Poll::Ready(result),
            _ => Poll::Pending,
        }
    }
}

impl<S> Drop for Waiter<'_, S> {
    fn drop(&mut self) {
        self.shared.lock().waiting.remove(&self.id.number());
    }
}
