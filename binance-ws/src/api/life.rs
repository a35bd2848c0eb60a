//! How connections come, are kept alive and go.

use core::time::Duration;

use binance_core::ApiError;

use crate::{
    session::{Cause, Config, LinkId, Outgoing, Reason, Transmit},
    time::Tick,
};

use super::{Action, Calls, NEVER, Notice, Slot, Unanswered};

/// One connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    pub(super) phase: Phase,
    /// The adapter has a socket that it has to be told to drop.
    abandon: bool,
    pub(super) logged_on: bool,
    /// How many calls wait for their answers on it.
    pub(super) in_flight: usize,
    opened: Tick,
    /// When to open another that takes its place.
    rotate_at: Option<Tick>,
    /// The last sign of life.
    heard: Tick,
    /// When the ping went out that is not answered.
    pinged: Option<Tick>,
    /// The payload of the newest ping that is not answered.
    pong: Option<heapless::Vec<u8, 125>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    #[default]
    Off,
    /// Until the next attempt.
    Waiting {
        until: Tick,
    },
    /// The adapter has not been told yet.
    Due,
    Connecting {
        until: Tick,
    },
    /// Open, and the adapter has not been told to log on yet.
    LogonDue,
    LoggingOn {
        /// The call that logs on, once it is written.
        id: Option<u64>,
        until: Tick,
    },
    Ready,
    /// Calls in flight are waited for; new ones are not taken.
    Draining,
    /// A close frame has to go out.
    Leaving {
        until: Tick,
    },
    /// It went out.
    Closing {
        until: Tick,
    },
}

impl Phase {
    /// Whether there is an open socket.
    const fn is_up(self) -> bool {
        !matches!(self, Self::Off | Self::Waiting { .. } | Self::Due | Self::Connecting { .. })
    }

    /// Whether the socket is to be kept alive.
    const fn is_kept(self) -> bool {
        self.is_up() && !self.is_going()
    }

    /// Whether it takes its leave.
    const fn is_going(self) -> bool {
        matches!(self, Self::Leaving { .. } | Self::Closing { .. })
    }
}

impl Line {
    /// When a ping is due, unless something is heard before or one is under way.
    fn ping_at(&self, config: &Config) -> Option<Tick> {
        let due = self.phase.is_kept() && self.pinged.is_none() && !config.ping_after.is_zero();
        due.then(|| self.heard.plus(config.ping_after))
    }

    /// When the answer to a ping is overdue.
    fn pong_at(&self, config: &Config) -> Option<Tick> {
        self.pinged.filter(|_| self.phase.is_kept()).map(|at| at.plus(config.pong_timeout))
    }

    fn timeout(&self, config: &Config) -> Tick {
        let phase = match self.phase {
            Phase::Waiting { until }
            | Phase::Connecting { until }
            | Phase::LoggingOn { until, .. }
            | Phase::Leaving { until }
            | Phase::Closing { until } => until,
            Phase::Ready => self.rotate_at.unwrap_or(NEVER),
            _ => NEVER,
        };
        phase.min(self.ping_at(config).or(self.pong_at(config)).unwrap_or(NEVER))
    }
}

impl<T: AsRef<[Slot]> + AsMut<[Slot]>> Calls<T> {
    /// Begins: the next action is to connect. Does nothing the second time, nor once it was closed.
    pub fn start(&mut self, now: Tick) {
        self.at(now);
        if !self.begun {
            (self.begun, self.running) = (true, true);
            self.lines[self.active].phase = Phase::Due;
        }
    }

    /// Begins to close: no more calls are taken, those in flight have until their deadlines, then comes the closing
    /// handshake. [`Notice::Ended`] tells that it is done.
    pub fn close(&mut self, now: Tick) {
        self.at(now);
        if !self.running {
            return;
        }
        self.running = false;
        for link in LinkId::ALL {
            let line = &mut self.lines[link];
            if line.phase.is_up() {
                if !line.phase.is_going() {
                    line.phase = Phase::Draining;
                }
                self.end_if_drained(link);
            } else {
                line.abandon |= matches!(line.phase, Phase::Connecting { .. });
                line.phase = Phase::Off;
            }
        }
        self.end_if_off();
    }

    /// What the adapter has to do next.
    pub fn poll_action(&mut self) -> Option<Action> {
        let Config { connect_timeout, ack_timeout, .. } = self.config;
        for link in LinkId::ALL {
            let line = &mut self.lines[link];
            if line.abandon {
                line.abandon = false;
                return Some(Action::Abandon(link));
            }
            match line.phase {
                Phase::Due => {
                    line.phase = Phase::Connecting { until: self.now.plus(connect_timeout) };
                    return Some(Action::Connect(link));
                }
                Phase::LogonDue => {
                    line.phase = Phase::LoggingOn { id: None, until: self.now.plus(ack_timeout) };
                    return Some(Action::LogOn(link));
                }
                _ => {}
            }
        }
        None
    }

    /// The next control frame to send, with its payload in `buffer`, which needs 125 bytes.
    pub fn poll_transmit<'b>(&mut self, now: Tick, buffer: &'b mut [u8]) -> Option<Transmit<'b>> {
        self.at(now);
        for link in LinkId::ALL {
            let line = &mut self.lines[link];
            let frame = if let Some(payload) = line.pong.take() {
                let room = buffer.get_mut(..payload.len())?;
                room.copy_from_slice(&payload);
                Outgoing::Pong(room)
            } else if let Phase::Leaving { until } = line.phase {
                line.phase = Phase::Closing { until };
                Outgoing::Close(1_000)
            } else if line.ping_at(&self.config).is_some_and(|at| at <= self.now) {
                line.pinged = Some(self.now);
                Outgoing::Ping
            } else {
                continue;
            };
            return Some(Transmit { link, frame });
        }
        None
    }

    /// What happened.
    pub fn poll_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    /// When [`Calls::elapsed`] is to be called; `None` when nothing is waited for.
    pub fn poll_timeout(&self) -> Option<Tick> {
        let deadline = if self.in_flight() > 0 { self.deadline } else { NEVER };
        let lines = self.lines.0.iter().map(|line| line.timeout(&self.config));
        Some(lines.fold(deadline, Tick::min)).filter(|at| *at != NEVER)
    }

    /// Time has passed. Call it when [`Calls::poll_timeout`] says; more often does no harm.
    pub fn elapsed(&mut self, now: Tick) {
        self.at(now);
        let now = self.now;
        let is_over = self.in_flight() > 0 && self.deadline <= now;
        if is_over {
            self.end(|_, deadline| (deadline <= now).then_some(Unanswered::Deadline));
        }
        for link in LinkId::ALL {
            if is_over {
                self.end_if_drained(link);
            }
            let line = &mut self.lines[link];
            match line.phase {
                Phase::Waiting { until } if until <= now => line.phase = Phase::Due,
                Phase::Connecting { until } if until <= now => self.fail(link, Reason::ConnectTimeout, true),
                Phase::LoggingOn { until, .. } if until <= now => self.fail(link, Reason::AckTimeout, true),
                Phase::Leaving { until } | Phase::Closing { until } if until <= now => {
                    self.fail(link, Reason::Here, true);
                }
                _ if line.pong_at(&self.config).is_some_and(|at| at <= now) => {
                    self.fail(link, Reason::PongTimeout, true);
                }
                Phase::Ready if line.rotate_at.is_some_and(|at| at <= now) => self.drain(link, Cause::Age),
                _ => {}
            }
        }
    }

    /// The connection is open, handshake included.
    pub fn opened(&mut self, link: LinkId, now: Tick) {
        self.at(now);
        if !matches!(self.lines[link].phase, Phase::Connecting { .. }) {
            return;
        }
        let spread = self.backoff.part_of(self.config.rotate_spread.min(self.config.rotate_after));
        self.lines[link] = Line {
            phase: Phase::LogonDue,
            abandon: self.lines[link].abandon,
            opened: self.now,
            heard: self.now,
            rotate_at: Some(self.now.plus(self.config.rotate_after.saturating_sub(spread))),
            ..Line::default()
        };
        self.tell(Notice::Connected);
        if !self.wants_logon {
            self.ready(link);
        }
    }

    /// The connection is gone, or could not be opened. The adapter has dropped the socket.
    pub fn lost(&mut self, link: LinkId, now: Tick, reason: Reason) {
        self.at(now);
        let phase = self.lines[link].phase;
        if phase.is_up() || matches!(phase, Phase::Connecting { .. }) {
            self.fail(link, reason, false);
        }
    }

    /// The next attempt to connect comes no earlier than after `wait`: for the limits on connections, and for what the
    /// exchange asks for. Also takes back a connection that was to be opened.
    pub fn defer(&mut self, link: LinkId, now: Tick, wait: Duration) {
        self.at(now);
        let at = self.now.plus(wait);
        let line = &mut self.lines[link];
        match line.phase {
            Phase::Waiting { until } => line.phase = Phase::Waiting { until: until.max(at) },
            Phase::Due | Phase::Connecting { .. } => line.phase = Phase::Waiting { until: at },
            _ => {}
        }
    }

    /// A ping came, which is to be answered.
    pub fn ping(&mut self, link: LinkId, now: Tick, payload: &[u8]) {
        self.alive(link, now);
        // A control frame has no longer one.
        self.lines[link].pong = heapless::Vec::from_slice(payload).ok();
    }

    /// A pong came, or a ping that the socket has answered by itself.
    pub fn pong(&mut self, link: LinkId, now: Tick) {
        self.alive(link, now);
    }

    pub(super) fn at(&mut self, now: Tick) {
        self.now = self.now.max(now);
    }

    /// Something came.
    pub(super) fn alive(&mut self, link: LinkId, now: Tick) {
        self.at(now);
        let line = &mut self.lines[link];
        (line.heard, line.pinged) = (self.now, None);
    }

    /// The exchange says that it ends the connection.
    pub(super) fn shutdown(&mut self, link: LinkId) {
        if self.lines[link].phase == Phase::Ready {
            self.drain(link, Cause::Shutdown);
        } else if self.lines[link].phase.is_kept() {
            self.lines[link].rotate_at = Some(self.now);
        }
    }

    /// `session.logon` has its answer.
    pub(super) fn logon_answered(&mut self, link: LinkId, refusal: Option<ApiError>) {
        self.lines[link].logged_on = refusal.is_none();
        self.tell(match &refusal {
            None => Notice::LoggedOn,
            Some(error) => Notice::LogonRefused { code: error.code },
        });
        self.refusal = refusal.or(self.refusal.take());
        self.ready(link);
    }

    /// Calls go over it from now on.
    pub(super) fn ready(&mut self, link: LinkId) {
        self.lines[link].phase = Phase::Ready;
        if link != self.active {
            self.active = link;
            let old = link.other();
            if self.lines[old].phase == Phase::Ready {
                self.lines[old].phase = Phase::Draining;
            }
            self.end_if_drained(old);
        }
    }

    /// Goes on to what comes after the last call in flight, where that is waited for.
    pub(super) fn end_if_drained(&mut self, link: LinkId) {
        let line = &mut self.lines[link];
        if line.phase != Phase::Draining || line.in_flight > 0 {
            return;
        }
        if self.running && link == self.active {
            // Nothing is lost, so the next one is opened at once.
            (line.phase, line.abandon, line.logged_on) = (Phase::Due, true, false);
        } else {
            line.phase = Phase::Leaving { until: self.now.plus(self.config.close_timeout) };
        }
    }

    /// The connection is about to end.
    fn drain(&mut self, link: LinkId, cause: Cause) {
        self.lines[link].rotate_at = None;
        if link != self.active || !self.config.reconnect {
            // The exchange is the one to end it.
            return;
        }
        if self.config.overlap {
            self.replace = Some(cause);
            self.replace_if_due();
        } else {
            self.lines[link].phase = Phase::Draining;
            self.tell(Notice::Replacing { cause });
            self.end_if_drained(link);
        }
    }

    /// Opens the connection that takes the place of the active one, as soon as the one before that is gone.
    fn replace_if_due(&mut self) {
        let other = self.active.other();
        if self.running
            && self.lines[other].phase == Phase::Off
            && let Some(cause) = self.replace.take()
        {
            self.lines[other].phase = Phase::Due;
            self.tell(Notice::Replacing { cause });
        }
    }

    fn fail(&mut self, link: LinkId, reason: Reason, abandon: bool) {
        let line = &mut self.lines[link];
        if line.phase.is_up() && line.opened.plus(self.config.stable_after) <= self.now {
            self.backoff.succeeded();
        }
        let was_going = line.phase.is_going() || line.phase == Phase::Draining;
        (line.phase, line.abandon) = (Phase::Off, line.abandon || abandon);
        (line.logged_on, line.pinged, line.pong) = (false, None, None);
        self.end(|over, _| (over == link).then_some(Unanswered::Lost(reason)));
        if !self.running {
            return self.end_if_off();
        }
        let other = link.other();
        if link != self.active {
            if was_going {
                self.replace_if_due();
            } else {
                // The active one goes on meanwhile.
                self.lines[link].phase = Phase::Waiting { until: self.now.plus(self.backoff.failed()) };
            }
            return;
        }
        if !self.config.reconnect {
            self.running = false;
            self.tell(Notice::Lost { reason, retry_in: None });
            return self.end_if_off();
        }
        self.replace = None;
        let wait = match self.lines[other].phase {
            // What was to take its place does so at once.
            Phase::Waiting { until } => until.since(self.now),
            phase if phase != Phase::Off && phase != Phase::Draining && !phase.is_going() => Duration::ZERO,
            _ => {
                let wait = self.backoff.failed();
                self.lines[link].phase = Phase::Waiting { until: self.now.plus(wait) };
                return self.tell(Notice::Lost { reason, retry_in: Some(wait) });
            }
        };
        self.active = other;
        self.tell(Notice::Lost { reason, retry_in: Some(wait) });
    }

    /// Tells the end when nothing is left.
    fn end_if_off(&mut self) {
        if self.lines.0.iter().all(|line| line.phase == Phase::Off) {
            self.tell(Notice::Ended);
        }
    }

    fn tell(&mut self, notice: Notice) {
        // An adapter that takes none has no use for the oldest.
        if self.notices.is_full() {
            self.notices.pop_front();
        }
        let _ = self.notices.push_back(notice);
    }
}
