//! What both kinds of clients do between reads and writes.

use core::{fmt, ops::Range, str, time::Duration};

use binance_core::{ApiError, buf::Buf};

use crate::{
    address::Base,
    embedded::{Error, Host, Step},
    frame::{FrameError, Inbox, Kind, MAX_HEAD, Opcode, close_code, seal},
    handshake::{Handshake, HandshakeError},
    part::part,
    request::{Command, RequestId},
    session::{Action, LinkId, Notice, Outgoing, Reason, Received, Session, Table},
    time::Tick,
};

/// A client without its stream.
pub(super) struct Link<'b, T, H> {
    session: Session<T>,
    base: Base,
    host: H,
    inbox: Inbox<&'b mut [u8]>,
    send: &'b mut [u8],
    /// What of `send` has to go out.
    unsent: Range<usize>,
    unflushed: bool,
    phase: Phase,
}

/// What the stream is for.
#[derive(Debug)]
enum Phase {
    /// There is none.
    Idle,
    /// The caller was asked for one.
    Wanted(LinkId),
    /// The request of the handshake has no room.
    Short(LinkId),
    Shaking(LinkId, Handshake),
    Open(LinkId),
}

/// What the client has to do next.
#[allow(clippy::large_enum_variant, reason = "there is no heap to put it on")]
pub(super) enum Todo {
    Tell(Told),
    Fail(Failure),
    /// Drop the stream.
    Drop,
    Write,
    Flush,
    Read,
}

/// A [`Step`] whose texts are still in the inbox.
pub(super) enum Told {
    Connect,
    Event { text: Range<usize>, stream: Option<Range<usize>>, data: Range<usize> },
    Reply { text: Range<usize>, id: RequestId, command: Command, result: Result<Range<usize>, ApiError> },
    Other(Range<usize>),
    Notice(Notice),
    Wait(Option<Tick>),
}

/// An [`Error`] that is not of the stream.
pub(super) enum Failure {
    Handshake(HandshakeError),
    Frame(FrameError),
    Full,
}

impl<E> From<Failure> for Error<E> {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Handshake(error) => Self::Handshake(error),
            Failure::Frame(error) => Self::Frame(error),
            Failure::Full => Self::Full,
        }
    }
}

impl<'b, T: Table, H: Host> Link<'b, T, H> {
    pub(super) fn new(
        session: Session<T>,
        base: Base,
        host: H,
        receive: &'b mut [u8],
        send: &'b mut [u8],
    ) -> Self {
        Self {
            session,
            base,
            host,
            inbox: Inbox::new(receive),
            send,
            unsent: 0..0,
            unflushed: false,
            phase: Phase::Idle,
        }
    }

    /// Does all that needs no stream.
    pub(super) fn turn(&mut self, has_stream: bool) -> Todo {
        let now = self.host.now();
        self.session.start(now);
        if !has_stream && matches!(self.phase, Phase::Shaking(..) | Phase::Open(_)) {
            self.lost();
        }
        loop {
            if self.session.poll_timeout().is_some_and(|at| at <= now) {
                self.session.elapsed(now);
            }
            match self.session.poll_action() {
                Some(Action::Connect(link)) if matches!(self.phase, Phase::Idle) => {
                    self.phase = Phase::Wanted(link);
                    return Todo::Tell(Told::Connect);
                }
                // There is but one stream.
                Some(Action::Connect(link)) => {
                    self.session.lost(link, now, Reason::Connect);
                    continue;
                }
                Some(Action::Abandon(link)) => {
                    if self.phase.link() == Some(link) {
                        self.reset();
                        return Todo::Drop;
                    }
                    continue;
                }
                None => {}
            }
            if let Some(notice) = self.session.poll_notice() {
                return Todo::Tell(Told::Notice(notice));
            }
            if !self.unsent.is_empty() {
                return Todo::Write;
            }
            if self.unflushed {
                return Todo::Flush;
            }
            let todo = match &self.phase {
                Phase::Idle | Phase::Wanted(_) => Some(Todo::Tell(Told::Wait(self.session.poll_timeout()))),
                Phase::Short(link) => {
                    self.session.lost(*link, now, Reason::Connect);
                    self.reset();
                    Some(Todo::Fail(Failure::Full))
                }
                Phase::Shaking(link, handshake) => {
                    let (link, answer) = (*link, handshake.read(self.inbox.unread()));
                    self.shake(link, now, answer)
                }
                Phase::Open(link) => self.speak(*link, now),
            };
            if let Some(todo) = todo {
                return todo;
            }
        }
    }

    /// Where what is read goes. Empty when a message fills the buffer, which [`turn`](Self::turn) finds before.
    pub(super) fn room(&mut self) -> &mut [u8] {
        self.inbox.room().unwrap_or_default()
    }

    pub(super) fn received(&mut self, len: usize) {
        self.inbox.filled(len);
    }

    pub(super) fn unsent(&self) -> &[u8] {
        self.send.get(self.unsent.clone()).unwrap_or_default()
    }

    pub(super) fn sent(&mut self, len: usize) {
        self.unsent.start = self.unsent.start.saturating_add(len).min(self.unsent.end);
        self.unflushed = true;
    }

    pub(super) fn flushed(&mut self) {
        self.unflushed = false;
    }

    /// The stream is of no use any more.
    pub(super) fn lost(&mut self) {
        let now = self.host.now();
        let reason = match self.phase {
            Phase::Open(_) => Reason::Dropped,
            _ => Reason::Connect,
        };
        if let Some(link) = self.reset() {
            self.session.lost(link, now, reason);
        }
    }

    /// There is a stream now. Says whether it is wanted.
    pub(super) fn connected(&mut self) -> bool {
        let Phase::Wanted(link) = self.phase else { return false };
        let mut nonce = [0; 16];
        self.host.random(&mut nonce);
        let handshake = Handshake::new(nonce);
        self.inbox.clear();
        let mut out = Buf::new(self.send);
        let path = Path { base: &self.base, session: &self.session };
        self.phase = match handshake.write(self.base.authority(), &path, &mut out) {
            Ok(()) => {
                self.unsent = 0..out.len();
                Phase::Shaking(link, handshake)
            }
            Err(fmt::Error) => Phase::Short(link),
        };
        true
    }

    pub(super) fn not_connected(&mut self, at_least: Duration) {
        if let Phase::Wanted(link) = self.phase {
            let now = self.host.now();
            self.reset();
            self.session.lost(link, now, Reason::Connect);
            self.session.defer(link, now, at_least);
        }
    }

    pub(super) fn deadline(&self) -> Option<Tick> {
        self.session.poll_timeout()
    }

    pub(super) fn session(&self) -> &Session<T> {
        &self.session
    }

    pub(super) fn session_mut(&mut self) -> &mut Session<T> {
        &mut self.session
    }

    pub(super) fn close(&mut self) {
        let now = self.host.now();
        self.session.close(now);
    }

    /// What was told, with its texts.
    pub(super) fn told(&self, told: Told) -> Step<'_> {
        let text = |range: Range<usize>| {
            // It was UTF-8 a moment ago.
            self.inbox.payload(range).and_then(|text| str::from_utf8(text).ok()).unwrap_or_default()
        };
        match told {
            Told::Connect => Step::Connect,
            Told::Notice(notice) => Step::Notice(notice),
            Told::Wait(until) => Step::Wait(until),
            Told::Other(whole) => Step::Other(text(whole)),
            Told::Event { text: whole, stream, data } => {
                let whole = text(whole);
                let data = whole.get(data).unwrap_or(whole);
                Step::Event { stream: stream.and_then(|stream| whole.get(stream)), data }
            }
            Told::Reply { text: whole, id, command, result } => {
                let whole = text(whole);
                Step::Reply { id, command, result: result.map(|part| whole.get(part).unwrap_or(whole)) }
            }
        }
    }

    /// Goes on with a handshake whose answer came so far.
    fn shake(
        &mut self,
        link: LinkId,
        now: Tick,
        answer: Result<Option<usize>, HandshakeError>,
    ) -> Option<Todo> {
        let error = match answer {
            Ok(Some(len)) => {
                self.inbox.skip(len);
                self.phase = Phase::Open(link);
                self.session.opened(link, now);
                return None;
            }
            Ok(None) if self.inbox.room().is_ok() => return Some(Todo::Read),
            Ok(None) => HandshakeError::TooLong,
            Err(error) => error,
        };
        self.reset();
        self.session.lost(link, now, Reason::Connect);
        if let Some(wait) = error.retry_after() {
            self.session.defer(link, now, wait);
        }
        Some(Todo::Fail(Failure::Handshake(error)))
    }

    /// Sends what there is to send, else takes what came.
    fn speak(&mut self, link: LinkId, now: Tick) -> Option<Todo> {
        // A buffer without room for a head has none for a frame either, and the session waits in vain.
        let (_, body) = self.send.split_at_mut_checked(MAX_HEAD).unwrap_or_default();
        if let Some(transmit) = self.session.poll_transmit(now, body) {
            // Texts and payloads are at the front of the buffer.
            let (opcode, len) = match transmit.frame {
                Outgoing::Text(text) => (Opcode::Text, text.len()),
                Outgoing::Pong(payload) => (Opcode::Pong, payload.len()),
                Outgoing::Ping => (Opcode::Ping, 0),
                Outgoing::Close(code) => {
                    let Some(payload) = body.first_chunk_mut() else {
                        return Some(self.fail(link, now, Failure::Full));
                    };
                    *payload = code.to_be_bytes();
                    (Opcode::Close, payload.len())
                }
            };
            let mut mask = [0; 4];
            self.host.random(&mut mask);
            return match seal(self.send, MAX_HEAD..MAX_HEAD + len, opcode, mask) {
                Ok(frame) => {
                    self.unsent = frame;
                    None
                }
                Err(_) => Some(self.fail(link, now, Failure::Full)),
            };
        }
        if !self.session.may_read(link) {
            return Some(Todo::Tell(Told::Wait(self.session.poll_timeout())));
        }
        match self.inbox.advance() {
            Ok(Some((kind, payload))) => self.hear(link, now, kind, payload),
            Ok(None) => match self.inbox.room() {
                Ok(_) => Some(Todo::Read),
                Err(error) => Some(self.fail(link, now, Failure::Frame(error))),
            },
            Err(error) => Some(self.fail(link, now, Failure::Frame(error))),
        }
    }

    /// Takes a frame.
    fn hear(&mut self, link: LinkId, now: Tick, kind: Kind, range: Range<usize>) -> Option<Todo> {
        let payload = self.inbox.payload(range.clone()).unwrap_or_default();
        match kind {
            Kind::Ping => self.session.ping(link, now, payload),
            Kind::Pong => self.session.pong(link, now),
            // The exchange sends none.
            Kind::Binary => {}
            Kind::Close => match close_code(payload) {
                Ok(code) => {
                    self.reset();
                    self.session.lost(link, now, Reason::Closed(code));
                    return Some(Todo::Drop);
                }
                Err(error) => return Some(self.fail(link, now, Failure::Frame(error))),
            },
            Kind::Text => {
                let Ok(text) = str::from_utf8(payload) else {
                    return Some(self.fail(link, now, Failure::Frame(FrameError::Utf8)));
                };
                let told = match self.session.text(link, now, text) {
                    Received::Event { stream, data } => Told::Event {
                        text: range,
                        stream: stream.and_then(|stream| part(text, stream)),
                        data: part(text, data).unwrap_or(0..text.len()),
                    },
                    Received::Reply { id, command, result } => Told::Reply {
                        text: range,
                        id,
                        command,
                        result: result.map(|result| part(text, result).unwrap_or(0..text.len())),
                    },
                    Received::Unmatched { .. } | Received::Garbage(_) => Told::Other(range),
                    Received::Handled | Received::Duplicate => return None,
                };
                return Some(Todo::Tell(told));
            }
        }
        None
    }

    fn fail(&mut self, link: LinkId, now: Tick, failure: Failure) -> Todo {
        self.reset();
        self.session.lost(link, now, Reason::Protocol);
        Todo::Fail(failure)
    }

    /// Forgets the stream, and gives which link it was of.
    fn reset(&mut self) -> Option<LinkId> {
        let link = self.phase.link();
        (self.phase, self.unsent, self.unflushed) = (Phase::Idle, 0..0, false);
        self.inbox.clear();
        link
    }
}

impl Phase {
    fn link(&self) -> Option<LinkId> {
        match self {
            Self::Idle => None,
            Self::Wanted(link) | Self::Short(link) | Self::Shaking(link, _) | Self::Open(link) => Some(*link),
        }
    }
}

impl<T, H> fmt::Debug for Link<'_, T, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("base", &self.base)
            .field("inbox", &self.inbox)
            .field("unsent", &self.unsent.len())
            .finish_non_exhaustive()
    }
}

/// The path of a connection, to be written where it goes.
struct Path<'p, T> {
    base: &'p Base,
    session: &'p Session<T>,
}

impl<T: Table> fmt::Display for Path<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.base.prefix())?;
        self.session.write_path(f)
    }
}
