//! Brings a session and its sockets together.

use std::{
    boxed::Box,
    fmt,
    future::Future,
    pin::Pin,
    string::String,
    task::{Context, Poll, ready},
    time::Duration,
    vec,
    vec::Vec,
};

use binance_core::ApiError;
use tokio::time::{Sleep, sleep_until};

use crate::{
    Tick,
    hosted::{
        Arrived, ConnectError, Lent, Message, SharedText, Socket, connector::Connector, message::range,
    },
    request::RequestId,
    session::{Action, LinkId, MESSAGE_LEN, Notice, Reason, Received, Session, Slot},
};

/// Messages follow one another.
const READ_SIZE: usize = 16 * 1_024;

/// How many messages in a row are given out before the clock is read and the session asked again. What there is to
/// send or tell waits for no more than these, and for none when the sockets are empty.
const RUN: u8 = 64;

/// A session with its sockets. Does nothing unless polled; everything it knows is in it, so that dropping a future
/// that polled it loses nothing.
pub(super) struct Driver<S> {
    pub(super) session: Session<Vec<Slot>>,
    connector: Connector<S>,
    sockets: [Slotted<S>; 2],
    first: usize,
    /// How many messages may still be given out before the session is attended to.
    run: u8,
    /// When it was attended to last.
    attended: Tick,
    timer: Pin<Box<Sleep>>,
    buffer: Box<[u8]>,
    /// Why the last attempt to connect failed, until somebody asks.
    pub(super) connect_error: Option<ConnectError>,
    /// How many texts could not be told apart.
    pub(super) garbage: u64,
}

/// What there is to tell.
pub(super) enum Output<T = SharedText> {
    Message(Message<T>),
    Reply(Box<(RequestId, Result<Message, ApiError>)>),
    /// Boxed, since it is large and messages are many.
    Notice(Box<Notice>),
}

impl Output<Lent<'_>> {
    #[inline]
    fn keep(self) -> Output {
        match self {
            Self::Message(message) => Output::Message(message.keep()),
            Self::Reply(reply) => Output::Reply(reply),
            Self::Notice(notice) => Output::Notice(notice),
        }
    }
}

type Opening<S> = Pin<Box<dyn Future<Output = Result<S, ConnectError>> + Send>>;

enum Slotted<S> {
    Empty,
    Connecting(Opening<S>),
    Open { socket: S, unflushed: bool },
}

impl<S: Socket> Driver<S> {
    pub(super) fn new(connector: Connector<S>, session: Session<Vec<Slot>>) -> Self {
        let timer = Box::pin(sleep_until(connector.began()));
        Self {
            session,
            connector,
            sockets: [Slotted::Empty, Slotted::Empty],
            first: 0,
            run: 0,
            attended: Tick(0),
            timer,
            buffer: vec![0; MESSAGE_LEN].into_boxed_slice(),
            connect_error: None,
            garbage: 0,
        }
    }

    pub(super) fn now(&self) -> Tick {
        self.connector.now()
    }

    pub(super) fn is_user_data(&self) -> bool {
        self.session.is_user_data()
    }

    /// Does what can be done without waiting, up to the first thing to tell, which is the caller's to keep.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Output> {
        loop {
            if let Some(output) = ready!(self.poll(cx, |output| Some(output.keep()))) {
                return Poll::Ready(output);
            }
        }
    }

    /// Does what can be done without waiting, and gives what there is to tell to `take`, until that breaks off by giving
    /// something. `Ready(None)` when it has had its turn and has more to do.
    #[inline]
    pub(super) fn poll<R>(
        &mut self,
        cx: &mut Context<'_>,
        mut take: impl FnMut(Output<Lent<'_>>) -> Option<R>,
    ) -> Poll<Option<R>> {
        let attended = self.run == 0;
        if attended {
            if let Some(notice) = self.attend() {
                return Poll::Ready(take(Output::Notice(Box::new(notice))));
            }
            self.run = RUN;
            // Each in its turn, so that one that is never quiet does not keep the other waiting.
            self.first = self.sockets.len() - 1 - self.first;
        }
        let mut progress = false;
        for index in [self.first, self.sockets.len() - 1 - self.first] {
            while self.run > 0
                && let Poll::Ready(taken) = self.poll_socket(index, cx, &mut take)
            {
                if taken.is_some() {
                    return Poll::Ready(taken);
                }
                progress = true;
            }
        }
        // Whoever polls next asks the session first.
        self.run = 0;
        if progress || !attended { Poll::Ready(None) } else { self.poll_timer(cx).map(|()| None) }
    }

    /// Whether others should be asked before this is polled again: it always is after [`poll`](Self::poll), but where that
    /// broke off in the middle of a run of messages.
    #[inline]
    pub(super) fn has_had_its_turn(&self) -> bool {
        self.run == 0
    }

    /// Waits until the session has something to do.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(at) = self.session.poll_timeout() else { return Poll::Pending };
        let at =
            self.connector.began().checked_add(Duration::from_millis(at.0)).unwrap_or(self.timer.deadline());
        // One that rings too early is set again when it has rung. Most deadlines move with each message, and setting a
        // timer takes longer than reading one.
        if at < self.timer.deadline() || self.timer.is_elapsed() {
            self.timer.as_mut().reset(at);
        }
        self.timer.as_mut().poll(cx)
    }

    /// Reads the clock, does what the session says, and gives what it tells.
    fn attend(&mut self) -> Option<Notice> {
        let now = self.now();
        self.attended = now;
        if self.session.poll_timeout().is_some_and(|at| at <= now) {
            self.session.elapsed(now);
        }
        while let Some(action) = self.session.poll_action() {
            self.act(action);
        }
        self.send(now);
        self.session.poll_notice()
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Connect(link) => {
                if let Err(wait) = self.connector.may_connect() {
                    let now = self.now();
                    debug!(?wait, "too many connections in five minutes");
                    self.session.defer(link, now, wait);
                    return;
                }
                let mut path = String::new();
                // A `String` takes everything.
                let _ = self.session.write_path(&mut path);
                debug!(base = self.connector.base().as_str(), "connecting");
                self.put(link, Slotted::Connecting(Box::pin(self.connector.connect(path, READ_SIZE))));
            }
            Action::Abandon(link) => {
                if matches!(self.sockets.get(link.index()), Some(Slotted::Connecting(_))) {
                    self.connect_error = Some(ConnectError::Timeout);
                }
                debug!("socket abandoned");
                self.put(link, Slotted::Empty);
            }
        }
    }

    fn put(&mut self, link: LinkId, slotted: Slotted<S>) {
        if let Some(socket) = self.sockets.get_mut(link.index()) {
            *socket = slotted;
        }
    }

    fn send(&mut self, now: Tick) {
        while let Some(transmit) = self.session.poll_transmit(now, &mut self.buffer) {
            let link = transmit.link;
            let Some(Slotted::Open { socket, unflushed }) = self.sockets.get_mut(link.index()) else {
                continue;
            };
            if let Err(reason) = socket.send(transmit.frame) {
                self.put(link, Slotted::Empty);
                self.session.lost(link, now, reason);
            } else {
                *unflushed = true;
            }
        }
    }

    /// `Ready(None)` when something happened, and there was nothing to tell or `take` did not break off.
    #[inline]
    fn poll_socket<R>(
        &mut self,
        index: usize,
        cx: &mut Context<'_>,
        take: &mut impl FnMut(Output<Lent<'_>>) -> Option<R>,
    ) -> Poll<Option<R>> {
        let Some(link) = LinkId::new(index) else { return Poll::Pending };
        let now = self.attended;
        let (socket, unflushed) = match self.sockets.get_mut(index) {
            Some(Slotted::Open { socket, unflushed }) => (socket, unflushed),
            Some(Slotted::Connecting(_)) => return self.poll_connecting(link, cx).map(|()| None),
            Some(Slotted::Empty) | None => return Poll::Pending,
        };
        if *unflushed {
            match socket.poll_flush(cx) {
                Poll::Ready(Ok(())) => *unflushed = false,
                // The read below finds out what it was.
                Poll::Ready(Err(_)) | Poll::Pending => {}
            }
        }
        if !self.session.may_read(link) {
            return Poll::Pending;
        }
        let arrived = ready!(socket.poll_next(cx));
        if let Ok(Arrived::Text(text)) = arrived {
            let output = match self.session.text(link, now, &text) {
                Received::Event { stream, data } => {
                    self.run -= 1;
                    let (stream, data) = (stream.and_then(|stream| range(&text, stream)), range(&text, data));
                    Some(Output::Message(match data {
                        Some(data) => Message::new(text, stream, data),
                        None => Message::whole(text),
                    }))
                }
                // Only after a message is there certainly nothing to do for the session.
                other => {
                    self.run = 0;
                    match other_than_event(other, &text) {
                        Other::Reply(id, result) => {
                            let result = result.map(|part| Message::new(text.keep(), None, part));
                            Some(Output::Reply(Box::new((id, result))))
                        }
                        Other::Unknown => {
                            self.garbage += 1;
                            Some(Output::Message(Message::whole(text)))
                        }
                        Other::Nothing => None,
                    }
                }
            };
            return Poll::Ready(output.and_then(take));
        }
        self.run = 0;
        match arrived {
            Ok(Arrived::Ping(payload)) => self.session.ping(link, now, &payload),
            Ok(Arrived::AnsweredPing) => self.session.ping_answered(link, now),
            Ok(Arrived::Pong) => self.session.pong(link, now),
            // The exchange sends none, and a text was read above.
            Ok(Arrived::Binary | Arrived::Text(_)) => self.garbage += 1,
            Ok(Arrived::Close(code)) => self.lose(link, Reason::Closed(code)),
            Err(reason) => self.lose(link, reason),
        }
        Poll::Ready(None)
    }

    fn poll_connecting(&mut self, link: LinkId, cx: &mut Context<'_>) -> Poll<()> {
        let Some(Slotted::Connecting(future)) = self.sockets.get_mut(link.index()) else {
            return Poll::Pending;
        };
        let result = ready!(future.as_mut().poll(cx));
        let now = self.attended;
        self.run = 0;
        match result {
            Ok(socket) => {
                debug!("connected");
                self.put(link, Slotted::Open { socket, unflushed: false });
                self.session.opened(link, now);
            }
            Err(error) => {
                debug!(%error, "not connected");
                self.put(link, Slotted::Empty);
                self.session.lost(link, now, Reason::Connect);
                if let Some(wait) = error.retry_after() {
                    self.session.defer(link, now, wait);
                }
                self.connect_error = Some(error);
            }
        }
        Poll::Ready(())
    }

    fn lose(&mut self, link: LinkId, reason: Reason) {
        debug!(%reason, "socket lost");
        self.put(link, Slotted::Empty);
        self.session.lost(link, self.attended, reason);
    }
}

/// What a text has to tell that is no event.
enum Other {
    /// An answer to the caller, with where the result is.
    Reply(RequestId, Box<Result<(u32, u32), ApiError>>),
    /// Something that only the caller may know.
    Unknown,
    Nothing,
}

#[cold]
fn other_than_event(received: Received<'_>, text: &str) -> Other {
    match received {
        Received::Reply { id, result, .. } => {
            Other::Reply(id, Box::new(result.map(|result| range(text, result).unwrap_or_default())))
        }
        Received::Unmatched { result: _result } => {
            debug!(refused = _result.is_err(), "an answer to nothing that was asked");
            Other::Unknown
        }
        Received::Garbage(_error) => {
            debug!(error = %_error, "a text that is no event");
            Other::Unknown
        }
        // An event is told elsewhere.
        Received::Handled | Received::Duplicate | Received::Event { .. } => Other::Nothing,
    }
}

impl<S> fmt::Debug for Driver<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("session", &self.session).finish_non_exhaustive()
    }
}
