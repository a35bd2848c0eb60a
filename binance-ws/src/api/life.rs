//! How the connection comes, is kept alive and goes.

use core::time::Duration;

use binance_core::ApiError;

use crate::{
    session::{Cause, Outgoing, Reason},
    time::Tick,
};

use super::{Action, Calls, NEVER, Notice, Slot, Unanswered};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
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
        self.is_up() && !matches!(self, Self::Leaving { .. } | Self::Closing { .. })
    }
}

impl<T: AsRef<[Slot]> + AsMut<[Slot]>> Calls<T> {
    /// Begins: the next action is to connect. Does nothing the second time, nor once it was closed.
    pub fn start(&mut self, now: Tick) {
        self.at(now);
        if !self.begun {
            (self.begun, self.running, self.phase) = (true, true, Phase::Due);
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
        if self.phase.is_up() {
            self.phase = Phase::Draining;
            self.end_if_drained();
        } else {
            self.abandon |= matches!(self.phase, Phase::Connecting { .. });
            self.phase = Phase::Off;
            self.tell(Notice::Ended);
        }
    }

    /// What the adapter has to do next.
    pub fn poll_action(&mut self) -> Option<Action> {
        if self.abandon {
            self.abandon = false;
            return Some(Action::Abandon);
        }
        match self.phase {
            Phase::Due => {
                self.phase = Phase::Connecting { until: self.now.plus(self.config.connect_timeout) };
                Some(Action::Connect)
            }
            Phase::LogonDue => {
                self.phase = Phase::LoggingOn { id: None, until: self.now.plus(self.config.ack_timeout) };
                Some(Action::LogOn)
            }
            _ => None,
        }
    }

    /// The next control frame to send, with its payload in `buffer`, which needs 125 bytes.
    pub fn poll_transmit<'b>(&mut self, now: Tick, buffer: &'b mut [u8]) -> Option<Outgoing<'b>> {
        self.at(now);
        if let Some(payload) = self.pong.take() {
            let room = buffer.get_mut(..payload.len())?;
            room.copy_from_slice(&payload);
            return Some(Outgoing::Pong(room));
        }
        if let Phase::Leaving { until } = self.phase {
            self.phase = Phase::Closing { until };
            return Some(Outgoing::Close(1_000));
        }
        if self.ping_at().is_some_and(|at| at <= self.now) {
            self.pinged = Some(self.now);
            return Some(Outgoing::Ping);
        }
        None
    }

    /// What happened.
    pub fn poll_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    /// When [`Calls::elapsed`] is to be called; `None` when nothing is waited for.
    pub fn poll_timeout(&self) -> Option<Tick> {
        let phase = match self.phase {
            Phase::Waiting { until }
            | Phase::Connecting { until }
            | Phase::LoggingOn { until, .. }
            | Phase::Leaving { until }
            | Phase::Closing { until } => until,
            Phase::Ready => self.rotate_at,
            _ => NEVER,
        };
        let life = self.ping_at().or(self.pong_at()).unwrap_or(NEVER);
        let deadline = if self.in_flight > 0 { self.deadline } else { NEVER };
        Some(phase.min(life).min(deadline)).filter(|at| *at != NEVER)
    }

    /// Time has passed. Call it when [`Calls::poll_timeout`] says; more often does no harm.
    pub fn elapsed(&mut self, now: Tick) {
        self.at(now);
        let now = self.now;
        if self.in_flight > 0 && self.deadline <= now {
            self.end(|deadline| (deadline <= now).then_some(Unanswered::Deadline));
            self.end_if_drained();
        }
        match self.phase {
            Phase::Waiting { until } if until <= now => self.phase = Phase::Due,
            Phase::Connecting { until } if until <= now => self.fail(Reason::ConnectTimeout, true),
            Phase::LoggingOn { until, .. } if until <= now => self.fail(Reason::AckTimeout, true),
            Phase::Leaving { until } | Phase::Closing { until } if until <= now => {
                self.fail(Reason::Here, true);
            }
            _ if self.pong_at().is_some_and(|at| at <= now) => self.fail(Reason::PongTimeout, true),
            Phase::Ready if self.rotate_at <= now => self.drain(Cause::Age),
            _ => {}
        }
    }

    /// The connection is open, handshake included.
    pub fn opened(&mut self, now: Tick) {
        self.at(now);
        if !matches!(self.phase, Phase::Connecting { .. }) {
            return;
        }
        let spread = self.backoff.part_of(self.config.rotate_spread.min(self.config.rotate_after));
        (self.opened, self.heard, self.pinged, self.pong) = (self.now, self.now, None, None);
        self.rotate_at = self.now.plus(self.config.rotate_after.saturating_sub(spread));
        self.phase = if self.wants_logon { Phase::LogonDue } else { Phase::Ready };
        self.tell(Notice::Connected);
    }

    /// The connection is gone, or could not be opened. The adapter has dropped the socket.
    pub fn lost(&mut self, now: Tick, reason: Reason) {
        self.at(now);
        if self.phase.is_up() || matches!(self.phase, Phase::Connecting { .. }) {
            self.fail(reason, false);
        }
    }

    /// The next attempt to connect comes no earlier than after `wait`: for the limits on connections, and for what the
    /// exchange asks for. Also takes back a connection that was to be opened.
    pub fn defer(&mut self, now: Tick, wait: Duration) {
        self.at(now);
        let at = self.now.plus(wait);
        match self.phase {
            Phase::Waiting { until } => self.phase = Phase::Waiting { until: until.max(at) },
            Phase::Due | Phase::Connecting { .. } => self.phase = Phase::Waiting { until: at },
            _ => {}
        }
    }

    /// A ping came, which is to be answered.
    pub fn ping(&mut self, now: Tick, payload: &[u8]) {
        self.alive(now);
        // A control frame has no longer one.
        self.pong = heapless::Vec::from_slice(payload).ok();
    }

    /// A pong came, or a ping that the socket has answered by itself.
    pub fn pong(&mut self, now: Tick) {
        self.alive(now);
    }

    pub(super) fn at(&mut self, now: Tick) {
        self.now = self.now.max(now);
    }

    /// Something came.
    pub(super) fn alive(&mut self, now: Tick) {
        self.at(now);
        (self.heard, self.pinged) = (self.now, None);
    }

    /// The exchange says that it ends the connection.
    pub(super) fn shutdown(&mut self) {
        if self.phase == Phase::Ready {
            self.drain(Cause::Shutdown);
        } else if self.phase.is_kept() {
            self.rotate_at = self.now;
        }
    }

    /// `session.logon` has its answer.
    pub(super) fn logon_answered(&mut self, refusal: Option<ApiError>) {
        self.logged_on = refusal.is_none();
        self.tell(match &refusal {
            None => Notice::LoggedOn,
            Some(error) => Notice::LogonRefused { code: error.code },
        });
        self.refusal = refusal.or(self.refusal.take());
        self.phase = Phase::Ready;
    }

    /// Goes on to what comes after the last call in flight, where that is waited for.
    pub(super) fn end_if_drained(&mut self) {
        if self.phase != Phase::Draining || self.in_flight > 0 {
            return;
        }
        if self.running {
            // Nothing is lost, so the next one is opened at once.
            (self.phase, self.abandon, self.logged_on) = (Phase::Due, true, false);
        } else {
            self.phase = Phase::Leaving { until: self.now.plus(self.config.close_timeout) };
        }
    }

    fn drain(&mut self, cause: Cause) {
        if self.config.reconnect {
            self.phase = Phase::Draining;
            self.tell(Notice::Replacing { cause });
            self.end_if_drained();
        } else {
            // The exchange is the one to end it.
            self.rotate_at = NEVER;
        }
    }

    fn fail(&mut self, reason: Reason, abandon: bool) {
        if self.phase.is_up() && self.opened.plus(self.config.stable_after) <= self.now {
            self.backoff.succeeded();
        }
        self.abandon |= abandon;
        (self.logged_on, self.pinged, self.pong) = (false, None, None);
        self.end(|_| Some(Unanswered::Lost(reason)));
        if self.running && self.config.reconnect {
            let wait = self.backoff.failed();
            self.phase = Phase::Waiting { until: self.now.plus(wait) };
            self.tell(Notice::Lost { reason, retry_in: Some(wait) });
        } else {
            self.phase = Phase::Off;
            if self.running {
                self.tell(Notice::Lost { reason, retry_in: None });
            }
            self.running = false;
            self.tell(Notice::Ended);
        }
    }

    /// When a ping is due, unless something is heard before or one is under way.
    fn ping_at(&self) -> Option<Tick> {
        let due = self.phase.is_kept() && self.pinged.is_none() && !self.config.ping_after.is_zero();
        due.then(|| self.heard.plus(self.config.ping_after))
    }

    /// When the answer to a ping is overdue.
    fn pong_at(&self) -> Option<Tick> {
        self.pinged.filter(|_| self.phase.is_kept()).map(|at| at.plus(self.config.pong_timeout))
    }

    fn tell(&mut self, notice: Notice) {
        // An adapter that takes none has no use for the oldest.
        if self.notices.is_full() {
            self.notices.pop_front();
        }
        let _ = self.notices.push_back(notice);
    }
}
