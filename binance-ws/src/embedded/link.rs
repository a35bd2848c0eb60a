//! What both kinds of clients do between reads and writes, for streams and for calls.

use core::{fmt, ops::Range, str, time::Duration};

use binance_core::{buf::Buf, param::Full};

use crate::{
    address::Base,
    embedded::{Error, Host},
    frame::{FrameError, Inbox, Kind, MAX_HEAD, Opcode, close_code, seal},
    handshake::{Handshake, HandshakeError},
    session::{Action, LinkId, Outgoing, Reason},
    time::Tick,
};

/// What a connection is for: it says what to do, and understands what comes.
pub(super) trait Machine<H> {
    /// What it tells. Texts are still in the inbox: here is where.
    type Told;

    fn start(&mut self, now: Tick);
    fn close(&mut self, now: Tick);
    fn elapsed(&mut self, now: Tick);
    fn poll_timeout(&self) -> Option<Tick>;
    fn poll_action(&mut self) -> Option<Action>;
    fn poll_told(&mut self) -> Option<Self::Told>;
    /// What to send next, with its text or payload at the front of `buffer`.
    fn poll_transmit<'s>(&mut self, now: Tick, host: &mut H, buffer: &'s mut [u8]) -> Option<Outgoing<'s>>;
    /// What the handshake asks for.
    fn write_target(&self, base: &Base, out: &mut dyn fmt::Write) -> fmt::Result;
    /// Whether there is room for what a message may cause.
    fn may_read(&self, link: LinkId) -> bool;
    fn opened(&mut self, link: LinkId, now: Tick);
    fn lost(&mut self, link: LinkId, now: Tick, reason: Reason);
    fn defer(&mut self, link: LinkId, now: Tick, wait: Duration);
    fn ping(&mut self, link: LinkId, now: Tick, payload: &[u8]);
    fn pong(&mut self, link: LinkId, now: Tick);
    /// A text came. `None` when it is not for the caller.
    fn text(&mut self, link: LinkId, now: Tick, text: &str) -> Option<Self::Told>;
}

/// The part of a [`Machine`] that sessions and calls have under the same names.
macro_rules! same_names {
    ($self:ident => $machine:expr) => {
        fn start(&mut $self, now: Tick) {
            $machine.start(now);
        }
        fn close(&mut $self, now: Tick) {
            $machine.close(now);
        }
        fn elapsed(&mut $self, now: Tick) {
            $machine.elapsed(now);
        }
        fn poll_timeout(&$self) -> Option<Tick> {
            $machine.poll_timeout()
        }
        fn opened(&mut $self, link: LinkId, now: Tick) {
            $machine.opened(link, now);
        }
        fn lost(&mut $self, link: LinkId, now: Tick, reason: Reason) {
            $machine.lost(link, now, reason);
        }
        fn defer(&mut $self, link: LinkId, now: Tick, wait: core::time::Duration) {
            $machine.defer(link, now, wait);
        }
        fn ping(&mut $self, link: LinkId, now: Tick, payload: &[u8]) {
            $machine.ping(link, now, payload);
        }
        fn pong(&mut $self, link: LinkId, now: Tick) {
            $machine.pong(link, now);
        }
    };
}

pub(super) use same_names;

/// A client without its stream.
pub(super) struct Link<'b, M, H> {
    pub(super) machine: M,
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
pub(super) enum Todo<T> {
    Tell(Told<T>),
    Fail(Failure),
    /// Drop the stream.
    Drop,
    Write,
    Flush,
    Read,
}

/// What to tell the caller.
pub(super) enum Told<T> {
    Connect,
    Wait(Option<Tick>),
    /// Of the text that is there in the inbox, if it is of one.
    Machine(T, Range<usize>),
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

impl<'b, M: Machine<H>, H: Host> Link<'b, M, H> {
    pub(super) fn new(machine: M, base: Base, host: H, receive: &'b mut [u8], send: &'b mut [u8]) -> Self {
        Self {
            machine,
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
    pub(super) fn turn(&mut self, has_stream: bool) -> Todo<M::Told> {
        let now = self.host.now();
        self.machine.start(now);
        if !has_stream && matches!(self.phase, Phase::Shaking(..) | Phase::Open(_)) {
            self.lost();
        }
        loop {
            if self.machine.poll_timeout().is_some_and(|at| at <= now) {
                self.machine.elapsed(now);
            }
            match self.machine.poll_action() {
                Some(Action::Connect(link)) if matches!(self.phase, Phase::Idle) => {
                    self.phase = Phase::Wanted(link);
                    return Todo::Tell(Told::Connect);
                }
                // There is but one stream.
                Some(Action::Connect(link)) => {
                    self.machine.lost(link, now, Reason::Connect);
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
            if let Some(told) = self.machine.poll_told() {
                return Todo::Tell(Told::Machine(told, 0..0));
            }
            if !self.unsent.is_empty() {
                return Todo::Write;
            }
            if self.unflushed {
                return Todo::Flush;
            }
            let todo = match &self.phase {
                Phase::Idle | Phase::Wanted(_) => Some(Todo::Tell(Told::Wait(self.machine.poll_timeout()))),
                Phase::Short(link) => {
                    self.machine.lost(*link, now, Reason::Connect);
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

    /// Has `write` put a text behind what is to go out already, as another frame. `write` gets the room for the text, and
    /// gives how long it is after anything else.
    pub(super) fn append<V, E>(
        &mut self,
        write: impl FnOnce(&mut M, &mut H, &mut [u8]) -> Result<(V, usize), E>,
    ) -> Result<V, E> {
        if self.unsent.start > 0 {
            self.send.copy_within(self.unsent.clone(), 0);
            self.unsent = 0..self.unsent.len();
        }
        let start = self.unsent.end + MAX_HEAD;
        let room = self.send.get_mut(start..).unwrap_or_default();
        let (value, len) = write(&mut self.machine, &mut self.host, room)?;
        let mut mask = [0; 4];
        self.host.random(&mut mask);
        match seal(self.send, start..start + len, Opcode::Text, mask) {
            Ok(frame) => {
                let len = frame.len();
                self.send.copy_within(frame, self.unsent.end);
                self.unsent.end += len;
            }
            // A text that has room has it behind room for a head. If it had not, this would not be silent.
            Err(Full) => self.lost(),
        }
        Ok(value)
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
            self.machine.lost(link, now, reason);
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
        let (base, machine) = (&self.base, &self.machine);
        let target = Target(|out: &mut dyn fmt::Write| machine.write_target(base, out));
        self.phase = match handshake.write(base.authority(), &target, &mut out) {
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
            self.machine.lost(link, now, Reason::Connect);
            self.machine.defer(link, now, at_least);
        }
    }

    pub(super) fn deadline(&self) -> Option<Tick> {
        self.machine.poll_timeout()
    }

    pub(super) fn close(&mut self) {
        let now = self.host.now();
        self.machine.close(now);
    }

    /// A text that was told of.
    pub(super) fn payload(&self, text: Range<usize>) -> &str {
        // It was UTF-8 a moment ago.
        self.inbox.payload(text).and_then(|text| str::from_utf8(text).ok()).unwrap_or_default()
    }

    /// Goes on with a handshake whose answer came so far.
    fn shake(
        &mut self,
        link: LinkId,
        now: Tick,
        answer: Result<Option<usize>, HandshakeError>,
    ) -> Option<Todo<M::Told>> {
        let error = match answer {
            Ok(Some(len)) => {
                self.inbox.skip(len);
                self.phase = Phase::Open(link);
                self.machine.opened(link, now);
                return None;
            }
            Ok(None) if self.inbox.room().is_ok() => return Some(Todo::Read),
            Ok(None) => HandshakeError::TooLong,
            Err(error) => error,
        };
        self.reset();
        self.machine.lost(link, now, Reason::Connect);
        if let Some(wait) = error.retry_after() {
            self.machine.defer(link, now, wait);
        }
        Some(Todo::Fail(Failure::Handshake(error)))
    }

    /// Sends what there is to send, else takes what came.
    fn speak(&mut self, link: LinkId, now: Tick) -> Option<Todo<M::Told>> {
        // A buffer without room for a head has none for a frame either, and the session waits in vain.
        let (_, body) = self.send.split_at_mut_checked(MAX_HEAD).unwrap_or_default();
        if let Some(frame) = self.machine.poll_transmit(now, &mut self.host, body) {
            let (opcode, len) = match frame {
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
        if !self.machine.may_read(link) {
            return Some(Todo::Tell(Told::Wait(self.machine.poll_timeout())));
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
    fn hear(&mut self, link: LinkId, now: Tick, kind: Kind, range: Range<usize>) -> Option<Todo<M::Told>> {
        let payload = self.inbox.payload(range.clone()).unwrap_or_default();
        match kind {
            Kind::Ping => self.machine.ping(link, now, payload),
            Kind::Pong => self.machine.pong(link, now),
            // The exchange sends none.
            Kind::Binary => {}
            Kind::Close => match close_code(payload) {
                Ok(code) => {
                    self.reset();
                    self.machine.lost(link, now, Reason::Closed(code));
                    return Some(Todo::Drop);
                }
                Err(error) => return Some(self.fail(link, now, Failure::Frame(error))),
            },
            Kind::Text => {
                let Ok(text) = str::from_utf8(payload) else {
                    return Some(self.fail(link, now, Failure::Frame(FrameError::Utf8)));
                };
                let told = self.machine.text(link, now, text)?;
                return Some(Todo::Tell(Told::Machine(told, range)));
            }
        }
        None
    }

    fn fail(&mut self, link: LinkId, now: Tick, failure: Failure) -> Todo<M::Told> {
        self.reset();
        self.machine.lost(link, now, Reason::Protocol);
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

impl<M, H> fmt::Debug for Link<'_, M, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("base", &self.base)
            .field("inbox", &self.inbox)
            .field("unsent", &self.unsent.len())
            .finish_non_exhaustive()
    }
}

/// What the handshake asks for, to be written where it goes.
struct Target<F>(F);

impl<F: Fn(&mut dyn fmt::Write) -> fmt::Result> fmt::Display for Target<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}
