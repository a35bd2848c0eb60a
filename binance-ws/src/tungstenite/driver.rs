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
use futures_util::{Sink, Stream};
use tokio::time::{Sleep, sleep_until};
use tokio_tungstenite::tungstenite::{
    self, Bytes, Utf8Bytes,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use crate::{
    Tick,
    request::RequestId,
    session::{Action, LinkId, MESSAGE_LEN, Notice, Outgoing, Reason, Received, Session, Slot},
    tungstenite::{ConnectError, Message, connector::Connector, message::range, socket::Socket},
};

/// A session with its sockets. Does nothing unless polled; everything it knows is in it, so that dropping a future
/// that polled it loses nothing.
pub(super) struct Driver {
    pub(super) session: Session<Vec<Slot>>,
    connector: Connector,
    sockets: [Slotted; 2],
    first: usize,
    /// When deadlines were looked at last.
    checked: Tick,
    timer: Pin<Box<Sleep>>,
    buffer: Box<[u8]>,
    /// Why the last attempt to connect failed, until somebody asks.
    pub(super) connect_error: Option<ConnectError>,
    /// How many texts could not be told apart.
    pub(super) garbage: u64,
}

/// What became of polling.
pub(super) enum Output {
    Message(Message),
    Reply(Box<(RequestId, Result<Message, ApiError>)>),
    Notice(Notice),
}

enum Slotted {
    Empty,
    Connecting(Pin<Box<dyn Future<Output = Result<Socket, ConnectError>> + Send>>),
    Open { socket: Box<Socket>, unflushed: bool },
}

impl Driver {
    pub(super) fn new(connector: Connector, session: Session<Vec<Slot>>) -> Self {
        let timer = Box::pin(sleep_until(connector.began()));
        Self {
            session,
            connector,
            sockets: [Slotted::Empty, Slotted::Empty],
            first: 0,
            checked: Tick(0),
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

    /// Does what can be done without waiting, up to the first thing to tell.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Output> {
        loop {
            let now = self.now();
            // Also when there is always something to read; but not for every message of a flood.
            if now != self.checked {
                self.checked = now;
                if self.session.poll_timeout().is_some_and(|at| at <= now) {
                    self.session.elapsed(now);
                }
            }
            while let Some(action) = self.session.poll_action() {
                self.act(action);
            }
            self.send(now);
            if let Some(notice) = self.session.poll_notice() {
                return Poll::Ready(Output::Notice(notice));
            }
            let mut progress = false;
            // Each in its turn, so that one that is never quiet does not keep the other waiting.
            self.first = self.sockets.len() - 1 - self.first;
            for index in [self.first, self.sockets.len() - 1 - self.first] {
                match self.poll_socket(index, now, cx) {
                    Poll::Ready(Some(output)) => return Poll::Ready(output),
                    Poll::Ready(None) => progress = true,
                    Poll::Pending => {}
                }
            }
            if progress {
                continue;
            }
            let Some(at) = self.session.poll_timeout() else { return Poll::Pending };
            let at = self
                .connector
                .began()
                .checked_add(Duration::from_millis(at.0))
                .unwrap_or(self.timer.deadline());
            if at != self.timer.deadline() {
                self.timer.as_mut().reset(at);
            }
            ready!(self.timer.as_mut().poll(cx));
            self.checked = Tick(0);
        }
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
                self.put(link, Slotted::Connecting(Box::pin(self.connector.connect(path))));
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

    fn put(&mut self, link: LinkId, slotted: Slotted) {
        if let Some(socket) = self.sockets.get_mut(link.index()) {
            *socket = slotted;
        }
    }

    fn send(&mut self, now: Tick) {
        while let Some(transmit) = self.session.poll_transmit(now, &mut self.buffer) {
            let message = match transmit.frame {
                Outgoing::Text(text) => tungstenite::Message::Text(Utf8Bytes::from(text)),
                Outgoing::Ping => tungstenite::Message::Ping(Bytes::new()),
                Outgoing::Pong(payload) => tungstenite::Message::Pong(Bytes::copy_from_slice(payload)),
                Outgoing::Close(code) => tungstenite::Message::Close(Some(CloseFrame {
                    code: CloseCode::from(code),
                    reason: Utf8Bytes::default(),
                })),
            };
            let link = transmit.link;
            let Some(Slotted::Open { socket, unflushed }) = self.sockets.get_mut(link.index()) else {
                continue;
            };
            // It takes what does not fit into the socket into its own buffer, so there is nothing to wait for. That
            // buffer is bounded: a peer that reads nothing at all ends as a loss.
            if Pin::new(&mut **socket).start_send(message).is_err() {
                self.put(link, Slotted::Empty);
                self.session.lost(link, now, Reason::Dropped);
            } else {
                *unflushed = true;
            }
        }
    }

    /// `Ready(None)` when something happened that has nothing to tell.
    fn poll_socket(&mut self, index: usize, now: Tick, cx: &mut Context<'_>) -> Poll<Option<Output>> {
        let Some(link) = LinkId::new(index) else { return Poll::Pending };
        let Some(slotted) = self.sockets.get_mut(index) else { return Poll::Pending };
        match slotted {
            Slotted::Empty => Poll::Pending,
            Slotted::Connecting(future) => {
                let result = ready!(future.as_mut().poll(cx));
                match result {
                    Ok(socket) => {
                        debug!("connected");
                        self.put(link, Slotted::Open { socket: Box::new(socket), unflushed: false });
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
                Poll::Ready(None)
            }
            Slotted::Open { socket, unflushed } => {
                if *unflushed {
                    match Pin::new(&mut **socket).poll_flush(cx) {
                        Poll::Ready(Ok(())) => *unflushed = false,
                        // The read below finds out what it was.
                        Poll::Ready(Err(_)) | Poll::Pending => {}
                    }
                }
                if !self.session.may_read(link) {
                    return Poll::Pending;
                }
                let reason = match ready!(Pin::new(&mut **socket).poll_next(cx)) {
                    Some(Ok(message)) => match self.take(link, now, message) {
                        Ok(output) => return Poll::Ready(output),
                        Err(reason) => reason,
                    },
                    Some(Err(tungstenite::Error::Io(_))) | None => Reason::Dropped,
                    Some(Err(tungstenite::Error::Protocol(
                        tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
                    ))) => Reason::Dropped,
                    Some(Err(_)) => Reason::Protocol,
                };
                debug!(%reason, "socket lost");
                self.put(link, Slotted::Empty);
                self.session.lost(link, now, reason);
                Poll::Ready(None)
            }
        }
    }

    fn take(
        &mut self,
        link: LinkId,
        now: Tick,
        message: tungstenite::Message,
    ) -> Result<Option<Output>, Reason> {
        match message {
            tungstenite::Message::Text(text) => Ok(self.take_text(link, now, text)),
            // tungstenite has put the pong in front of what it writes next, which is before its next read.
            tungstenite::Message::Ping(_) => {
                self.session.ping_answered(link, now);
                Ok(None)
            }
            tungstenite::Message::Pong(_) => {
                self.session.pong(link, now);
                Ok(None)
            }
            tungstenite::Message::Close(frame) => {
                Err(Reason::Closed(frame.map_or(1_005, |frame| frame.code.into())))
            }
            // The exchange sends none.
            tungstenite::Message::Binary(_) | tungstenite::Message::Frame(_) => {
                self.garbage += 1;
                Ok(None)
            }
        }
    }

    fn take_text(&mut self, link: LinkId, now: Tick, text: Utf8Bytes) -> Option<Output> {
        let message = match self.session.text(link, now, &text) {
            Received::Event { stream, data } => {
                let (stream, data) = (stream.and_then(|stream| range(&text, stream)), range(&text, data));
                match data {
                    Some(data) => Message::new(text, stream, data),
                    None => Message::whole(text),
                }
            }
            Received::Reply { id, result, .. } => {
                let result = match result.map(|result| range(&text, result)) {
                    Ok(Some(part)) => Ok(Message::new(text, None, part)),
                    Ok(None) => Ok(Message::whole(text)),
                    Err(error) => Err(error),
                };
                return Some(Output::Reply(Box::new((id, result))));
            }
            Received::Handled | Received::Duplicate => return None,
            Received::Unmatched { result: _result } => {
                debug!(refused = _result.is_err(), "an answer to nothing that was asked");
                self.garbage += 1;
                Message::whole(text)
            }
            Received::Garbage(_error) => {
                debug!(error = %_error, "a text that is no event");
                self.garbage += 1;
                Message::whole(text)
            }
        };
        Some(Output::Message(message))
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("session", &self.session).finish_non_exhaustive()
    }
}
