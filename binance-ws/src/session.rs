//! The session: what a connection to the exchange's streams does, without I/O, clock or randomness.
//!
//! A [`Session`] knows what the caller wants to be subscribed to and brings the exchange to it: it says when to
//! connect, what to send and how long to wait, and is told what came and what time it is. An adapter owns the sockets
//! and follows it. After **every** call that takes a `&mut Session` the adapter
//!
//! 1. takes [`Session::poll_action`] until it is `None`, and does what it says;
//! 2. takes [`Session::poll_transmit`] until it is `None`, as long as sockets can be written to, and sends it;
//! 3. takes [`Session::poll_notice`] until it is `None`;
//! 4. reads only from sockets for which [`Session::may_read`];
//! 5. calls [`Session::elapsed`] when the time of [`Session::poll_timeout`] has come.
//!
//! What comes over a socket goes in by [`Session::opened`], [`Session::text`], [`Session::ping`], [`Session::pong`]
//! and [`Session::lost`]. Nothing blocks, and nothing allocates but the table that the caller brought. Times are
//! [`Tick`]s; one that goes back counts as the last one.
//!
//! **Wanted and had are two things.** [`Session::want`] and [`Session::unwant`] say what the caller wants, at any time,
//! connected or not; the session sends the commands, in batches, under the exchange's limit on messages, and again
//! after each reconnect. [`Session::request`] sends one command with an id of the caller's.
//!
//! **A connection never dies unnoticed.** Silence is answered with a ping, a ping without a pong is a loss, a loss is
//! followed by attempts without end ([`Config::reconnect`]), and [`Notice::Gap`] says what may be missing. A connection
//! that nears its 24 hours, is told to end, or has fallen silent is replaced by opening another one first; while both
//! are open, what comes twice is given out once. Streams have silence limits of their own, see
//! [`Notice::Silent`].

mod ceiling;
mod commands;
mod config;
mod io;
mod life;
mod link;
mod notice;
mod overlap;
mod silence;
mod table;
#[cfg(test)]
#[cfg(feature = "std")]
mod tests;

use core::fmt::{self, Write};

use binance_core::{
    ApiError, Market, Text, json,
    stream::{Incoming, Route, Subscription},
};

use crate::{
    address::{write_encoded, write_route},
    backoff::Backoff,
    name::{NameError, Place},
    request::{Command, RequestId},
    time::Tick,
};

pub(crate) use self::link::Both;
use self::{
    ceiling::EXCHANGE_LIMIT,
    link::{Link, Phase},
    overlap::Texts,
    table::{Leg, Slots},
};
pub use self::{
    config::Config,
    io::{Action, Outgoing, Received, RequestError, Transmit},
    link::LinkId,
    notice::{Cause, Notice, Reason},
    table::{Slot, Table},
};

/// How many bytes the buffer of [`Session::poll_transmit`] needs.
pub const MESSAGE_LEN: usize = 4_096;

/// How many streams one command names.
pub const BATCH: usize = 100;

/// How many commands may be under way at once.
pub const MAX_REQUESTS: usize = 8;

/// How many notices wait to be taken. One call causes [`MAX_REQUESTS`] and a few at most.
const MAX_NOTICES: usize = 2 * MAX_REQUESTS;

/// What kind of connection it is, which decides its path.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// `/stream`: every event in an envelope with the name of its stream.
    Combined,
    /// `/ws`: events without an envelope.
    Raw,
    /// User data by a listen key: `/private/ws?listenKey=` on USDⓈ-M, `/ws/` and the key on COIN-M.
    User(Text<127>),
}

impl fmt::Debug for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Combined => "Combined",
            Self::Raw => "Raw",
            Self::User(_) => "User(...)",
        })
    }
}

/// One stream that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamState<'s> {
    /// Its name.
    pub name: &'s str,
    /// Whether the exchange has acknowledged it.
    pub is_subscribed: bool,
    /// When the last event came, if one did since the acknowledgement.
    pub last_event: Option<Tick>,
}

/// See the [module](self).
#[derive(Debug)]
pub struct Session<T> {
    place: Place,
    mode: Mode,
    config: Config,
    slots: Slots<T>,
    links: Both<Link>,
    /// The link that counts. The other one is off, about to take its place, or on its way out.
    current: LinkId,
    requests: heapless::Vec<Request, MAX_REQUESTS>,
    notices: heapless::Deque<Notice, MAX_NOTICES>,
    backoff: Backoff,
    now: Tick,
    next_id: u64,
    next_serial: u16,
    /// How many connections there were.
    connections: u32,
    stage: Stage,
    /// Whether a stream may need a command.
    dirty: Both<bool>,
    /// Whether all that is wanted was subscribed, and the caller knows.
    settled: bool,
    /// The last sign of life before a loss, until everything is subscribed again.
    gap_since: Option<Tick>,
    /// No stream can become silent before.
    silence_at: Tick,
    /// When the connection was last replaced for its silence.
    replaced_for_silence: Option<Tick>,
    /// The link that is not to be read, since the other has to catch up.
    paused: Option<LinkId>,
    /// Until when events may come twice.
    twice_until: Option<Tick>,
    texts: Texts,
    refusal: Option<ApiError>,
    /// Whether pings and pongs are told.
    tells_life: bool,
}

/// Whether the session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Idle,
    Running,
    Closing,
    Over,
}

/// A command that is not answered.
#[derive(Clone, Debug)]
struct Request {
    id: RequestId,
    serial: u16,
    link: LinkId,
    command: Command,
    /// Whether the caller knows its id.
    by_caller: bool,
    sent: Option<Tick>,
}

/// How events begin, up to their tag.
const TAG: &str = "{\"e\":\"";

/// Whether an event begins with this tag.
fn is_tagged(data: &str, tag: &str) -> bool {
    data.strip_prefix(TAG).is_some_and(|rest| rest.starts_with(tag))
}

/// A moment that does not come.
const NEVER: Tick = Tick(u64::MAX);

impl<T: Table> Session<T> {
    /// A session that has not begun. `route` is of no matter on COIN-M. `seed` is any random number; it spreads the
    /// times of reconnects.
    pub fn new(
        market: Market,
        route: Option<Route>,
        mode: Mode,
        table: T,
        config: Config,
        seed: u64,
    ) -> Self {
        let route = match (market, &mode) {
            (Market::CoinM, _) => None,
            (Market::UsdM, Mode::User(_)) => Some(Route::Private),
            (Market::UsdM, _) => route,
        };
        Self {
            place: Place { market, route },
            mode,
            slots: Slots::new(table),
            links: Both(Default::default()),
            current: LinkId::ALL[0],
            requests: heapless::Vec::new(),
            notices: heapless::Deque::new(),
            backoff: Backoff::new(config.backoff_first, config.backoff_most, seed),
            config,
            now: Tick(0),
            next_id: 1,
            next_serial: 0,
            connections: 0,
            stage: Stage::Idle,
            dirty: Both([false; 2]),
            settled: false,
            gap_since: None,
            silence_at: NEVER,
            replaced_for_silence: None,
            paused: None,
            twice_until: None,
            texts: Texts::default(),
            refusal: None,
            tells_life: false,
        }
    }

    /// Tells pings and pongs from now on, by [`Notice::Ping`] and [`Notice::Pong`], or does not any more.
    pub fn tell_life(&mut self, tell: bool) {
        self.tells_life = tell;
    }

    /// Which market and, on USDⓈ-M, which route it is of.
    pub fn place(&self) -> (Market, Option<Route>) {
        (self.place.market, self.place.route)
    }

    /// Begins: the next action is to connect. Does nothing the second time.
    pub fn start(&mut self, now: Tick) {
        self.at(now);
        if self.stage == Stage::Idle {
            self.stage = Stage::Running;
            self.links[self.current].phase = Phase::Due;
        }
    }

    /// Whether [`Session::close`] was called or the session is over.
    pub fn is_ending(&self) -> bool {
        matches!(self.stage, Stage::Closing | Stage::Over)
    }

    /// Whether a connection is open.
    pub fn is_connected(&self) -> bool {
        self.links[self.current].phase == Phase::Open
    }

    /// Whether everything that is wanted is subscribed, and nothing else.
    pub fn is_settled(&self) -> bool {
        self.is_settled_on(self.current)
    }

    /// How many attempts to connect have failed since the last connection that held.
    pub fn failures(&self) -> u32 {
        self.backoff.failures()
    }

    /// The streams that are wanted, in no order that matters.
    pub fn streams(&self) -> impl Iterator<Item = StreamState<'_>> {
        self.slots.iter().filter(|slot| slot.wanted).map(|slot| StreamState {
            name: &slot.name,
            is_subscribed: slot.legs[self.current] == Leg::Live,
            last_event: slot.ever.then_some(slot.fed),
        })
    }

    /// Whether a stream is wanted.
    ///
    /// # Errors
    /// As [`Session::check`].
    pub fn wants(&self, stream: &dyn Subscription) -> Result<bool, RequestError> {
        let name = self.name_of(stream)?;
        Ok(self.slots.get(&name).is_some_and(|slot| slot.wanted))
    }

    /// Whether another stream can be wanted, as far as [`Config::max_streams`] goes.
    pub fn has_room(&self) -> bool {
        self.slots.len() < self.config.max_streams
    }

    /// Whether it is of user data by a listen key.
    pub fn is_user_data(&self) -> bool {
        matches!(self.mode, Mode::User(_))
    }

    /// How many streams are wanted, or not given up yet.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are no streams.
    pub fn is_empty(&self) -> bool {
        self.slots.len() == 0
    }

    /// Whether a stream can be wanted here: of this market and route, well named, and the session goes on. Says
    /// nothing of room.
    ///
    /// # Errors
    /// [`RequestError::Name`] or [`RequestError::Ended`].
    pub fn check(&self, stream: &dyn Subscription) -> Result<(), RequestError> {
        self.name_of(stream).map(drop)
    }

    /// Wants a stream: it will be subscribed to, and again after each reconnect. Wanting twice is wanting once.
    ///
    /// # Errors
    /// [`RequestError::Name`], [`RequestError::Streams`] or [`RequestError::Ended`].
    pub fn want(&mut self, stream: &dyn Subscription) -> Result<(), RequestError> {
        let name = self.name_of(stream)?;
        self.enter(name).map(drop)
    }

    /// Wants streams and names them in the address of connections, so that no command is needed. For before
    /// [`Session::start`]; later it is the next connection that has them in its address.
    ///
    /// # Errors
    /// As [`Session::want`], and [`RequestError::Batch`] when the names have more than 2,000 bytes.
    pub fn want_in_url(&mut self, streams: &[&dyn Subscription]) -> Result<(), RequestError> {
        let mut len: usize =
            self.slots.iter().filter(|slot| slot.in_url).map(|slot| slot.name.len() + 1).sum();
        for stream in streams {
            let name = self.name_of(*stream)?;
            len += name.len() + 1;
            if len > 2_000 {
                return Err(RequestError::Batch);
            }
            self.enter(name)?.in_url = true;
        }
        Ok(())
    }

    /// Does not want a stream any more. Nothing happens when it was not wanted.
    ///
    /// # Errors
    /// [`RequestError::Name`] or [`RequestError::Ended`].
    pub fn unwant(&mut self, stream: &dyn Subscription) -> Result<(), RequestError> {
        let name = self.name_of(stream)?;
        if let Some(slot) = self.slots.get_mut(&name) {
            (slot.wanted, slot.in_url) = (false, false);
            self.forget_unwanted();
            self.unsettle();
            self.settle();
        }
        Ok(())
    }

    /// Uses another listen key from now on: another connection takes the place of this one. Does nothing on sessions
    /// that are not of user data.
    pub fn set_listen_key(&mut self, now: Tick, key: Text<127>) {
        self.at(now);
        if matches!(&self.mode, Mode::User(old) if *old != key) {
            self.mode = Mode::User(key);
            self.replace(Cause::ListenKey);
        }
    }

    /// Uses another listen key from now on, since the old one is gone: its connection is dropped, as it sends nothing any
    /// more. Does nothing on sessions that are not of user data.
    pub fn reset_listen_key(&mut self, now: Tick, key: Text<127>) {
        self.at(now);
        if !self.is_user_data() {
            return;
        }
        self.mode = Mode::User(key);
        let other = self.current.other();
        self.links[other].give_up();
        self.forget_link(other);
        self.resume();
        self.end_overlap();
        let current = &self.links[self.current];
        if current.is_up() || matches!(current.phase, Phase::Connecting { .. }) {
            self.fail(self.current, Reason::ListenKey);
        }
    }

    /// Writes the path and query of a connection, from the first slash after the host on. Holds the listen key, if
    /// there is one: not to be logged.
    ///
    /// # Errors
    /// Whatever `out` answers.
    pub fn write_path(&self, out: &mut dyn Write) -> fmt::Result {
        write_route(out, self.place.route)?;
        let in_url = || self.slots.iter().filter(|slot| slot.wanted && slot.in_url);
        match &self.mode {
            Mode::Combined => {
                out.write_str("/stream")?;
                in_url().enumerate().try_for_each(|(index, slot)| {
                    out.write_str(if index == 0 { "?streams=" } else { "/" })?;
                    write_encoded(out, &slot.name)
                })
            }
            Mode::Raw => {
                out.write_str("/ws")?;
                in_url().try_for_each(|slot| {
                    out.write_str("/")?;
                    write_encoded(out, &slot.name)
                })
            }
            Mode::User(key) => {
                out.write_str(match self.place.market {
                    Market::UsdM => "/ws?listenKey=",
                    Market::CoinM => "/ws/",
                })?;
                write_encoded(out, key)
            }
        }
    }

    /// What the adapter has to do next.
    pub fn poll_action(&mut self) -> Option<Action> {
        let until = self.now.plus(self.config.connect_timeout);
        for id in LinkId::ALL {
            let link = &mut self.links[id];
            if core::mem::take(&mut link.abandon) {
                return Some(Action::Abandon(id));
            }
            if link.phase == Phase::Due {
                link.phase = Phase::Connecting { until };
                return Some(Action::Connect(id));
            }
        }
        None
    }

    /// What has to be sent next, written into `buffer`, which should have [`MESSAGE_LEN`] bytes: pongs before
    /// anything else, then the rest, as the limit on messages allows. Counts as sent.
    pub fn poll_transmit<'b>(&mut self, now: Tick, buffer: &'b mut [u8]) -> Option<Transmit<'b>> {
        self.at(now);
        self.look_for_commands();
        let link = LinkId::ALL.into_iter().find(|id| self.links[*id].is_up() && self.has_frame(*id))?;
        let frame = self.write_frame(link, buffer)?;
        Some(Transmit { link, frame })
    }

    /// What happened, oldest first.
    pub fn poll_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    /// What the exchange said when it last refused a stream, see [`Notice::Refused`].
    pub fn last_refusal(&self) -> Option<&ApiError> {
        self.refusal.as_ref()
    }

    /// When [`Session::elapsed`] has to be called; `None` when time changes nothing.
    pub fn poll_timeout(&self) -> Option<Tick> {
        let links = LinkId::ALL.into_iter().filter_map(|id| self.link_timeout(id));
        let acks =
            self.requests.iter().filter_map(|request| Some(request.sent?.plus(self.config.ack_timeout)));
        let silence = (self.silence_at != NEVER && self.is_connected()).then_some(self.silence_at);
        links.chain(acks).chain(silence).min()
    }

    /// Whether messages of this link may be read. For up to two seconds while one connection takes the place of another,
    /// those of the new one have to wait in its socket.
    pub fn may_read(&self, link: LinkId) -> bool {
        self.paused != Some(link)
    }

    /// The connection that [`Action::Connect`] asked for is open.
    pub fn opened(&mut self, link: LinkId, now: Tick) {
        self.at(now);
        if matches!(self.links[link].phase, Phase::Connecting { .. }) {
            self.open(link);
        }
    }

    /// A connection could not be opened, or ended. `reason` is [`Reason::Connect`], [`Reason::Closed`],
    /// [`Reason::Dropped`] or [`Reason::Protocol`].
    pub fn lost(&mut self, link: LinkId, now: Tick, reason: Reason) {
        self.at(now);
        if self.links[link].is_up() || matches!(self.links[link].phase, Phase::Connecting { .. }) {
            self.drop_link(link, reason);
        }
    }

    /// The next attempt on this link waits for at least `wait`: the exchange said so (429 and 418 with `Retry-After`),
    /// or there were too many attempts from this address. Right after [`Session::lost`], or in place of following
    /// [`Action::Connect`].
    pub fn defer(&mut self, link: LinkId, now: Tick, wait: core::time::Duration) {
        self.at(now);
        let at_least = self.now.plus(wait);
        let link = &mut self.links[link];
        match link.phase {
            Phase::Waiting { until } => link.phase = Phase::Waiting { until: until.max(at_least) },
            Phase::Connecting { .. } => link.phase = Phase::Waiting { until: at_least },
            _ => {}
        }
    }

    /// A ping came, which the adapter does **not** answer by itself: the pong is the next thing to send.
    pub fn ping(&mut self, link: LinkId, now: Tick, payload: &[u8]) {
        self.hear(link, now);
        // Control frames have at most 125 bytes; an adapter that lets more through gets them cut.
        let payload = payload.get(..payload.len().min(125)).unwrap_or_default();
        self.links[link].pong = heapless::Vec::from_slice(payload).ok();
        self.tell_if_life(Notice::Ping);
    }

    /// A ping came that the adapter answers by itself.
    pub fn ping_answered(&mut self, link: LinkId, now: Tick) {
        self.hear(link, now);
        let now = self.now;
        self.links[link].ceiling.sent(now);
        self.tell_if_life(Notice::Ping);
    }

    /// A pong came.
    pub fn pong(&mut self, link: LinkId, now: Tick) {
        let pinged = self.links[link].pinged;
        self.hear(link, now);
        self.tell_if_life(Notice::Pong { after: pinged.map(|pinged| self.now.since(pinged)) });
    }

    /// A text message came.
    #[inline]
    pub fn text<'r>(&mut self, link: LinkId, now: Tick, text: &'r str) -> Received<'r> {
        self.hear(link, now);
        match Incoming::parse(text) {
            Ok(Incoming::Event { stream, data }) => self.event(link, stream, data),
            other => self.no_event(link, text, other),
        }
    }

    #[cold]
    fn no_event<'r>(
        &mut self,
        link: LinkId,
        text: &'r str,
        incoming: Result<Incoming<'r>, json::Error>,
    ) -> Received<'r> {
        match incoming {
            Ok(Incoming::Reply { id, result }) => {
                let sent = |request: &Request| request.link == link && request.sent.is_some();
                let matched = |request: &Request| sent(request) && id.is_some_and(|id| request.id.is(id));
                let mut index = self.requests.iter().position(matched);
                // The exchange refuses some commands without saying which. Where there is only one, it is that.
                if id.is_none()
                    && result.is_err()
                    && self.requests.iter().filter(|request| sent(request)).count() == 1
                {
                    index = self.requests.iter().position(sent);
                }
                match index {
                    Some(index) => self.answered(index, result),
                    None => Received::Unmatched { result },
                }
            }
            Ok(_) => Received::Event { stream: None, data: text },
            Err(error) => Received::Garbage(error),
        }
    }

    #[inline]
    fn event<'r>(&mut self, link: LinkId, stream: Option<&'r str>, data: &'r str) -> Received<'r> {
        let now = self.now;
        self.links[link].fed = now;
        // The first byte of the tag tells it from nearly all other events.
        match data.as_bytes().get(TAG.len()) {
            Some(b's') if is_tagged(data, "serverShutdown\"") => {
                (self.links[link].ending, self.links[link].rotate_at) = (true, Some(now));
                self.rotate();
            }
            Some(b'l') if is_tagged(data, "listenKeyExpired\"") && self.is_user_data() => {
                // Nothing comes after this, however alive the connection is.
                self.gap_since = self.gap_since.or(Some(now));
            }
            _ => {}
        }
        // While two run together, the old one is the one to listen to.
        let is_old = matches!(self.links[link].phase, Phase::Leaving { .. } | Phase::Closing { .. });
        if (link != self.current && !is_old) || self.paused == Some(link) {
            return Received::Duplicate;
        }
        let mut slot = match stream {
            Some(stream) => self.slots.get_mut(stream),
            // Raw connections to one stream need no name.
            None if self.slots.len() == 1 => self.slots.iter_mut().next(),
            None => None,
        };
        if self.twice_until.is_some() {
            let connection = self.links[link].serial;
            if overlap::is_twice(slot.as_deref_mut(), &mut self.texts, stream, data, connection) {
                return Received::Duplicate;
            }
        }
        if let Some(slot) = slot {
            let from = core::mem::replace(&mut slot.fed, now);
            slot.ever = true;
            if core::mem::take(&mut slot.silent) {
                self.silence_at = self.silence_at.min(slot.silent_at().unwrap_or(NEVER));
                let name = slot.name.clone();
                self.tell(Notice::Resumed { name, from, to: now });
            }
        }
        if self.twice_until.is_some_and(|until| until <= now) {
            self.end_overlap();
        }
        Received::Event { stream, data }
    }

    /// Nothing comes twice any more.
    #[cold]
    fn end_overlap(&mut self) {
        self.twice_until = None;
        self.texts.clear();
        self.slots.iter_mut().for_each(|slot| slot.newest = None);
    }

    /// Time never goes back.
    fn at(&mut self, now: Tick) {
        self.now = self.now.max(now);
    }

    fn hear(&mut self, link: LinkId, now: Tick) {
        self.at(now);
        let link = &mut self.links[link];
        link.heard = self.now;
        link.pinged = None;
    }

    fn tell_if_life(&mut self, notice: Notice) {
        if self.tells_life {
            self.tell(notice);
        }
    }

    fn tell(&mut self, notice: Notice) {
        if self.notices.is_full() {
            // Only a caller who breaks the contract comes here; the newest say more than the oldest.
            self.notices.pop_front();
        }
        let _ = self.notices.push_back(notice);
    }
}
