//! How connections come, are replaced and go.

use core::time::Duration;

use crate::time::Tick;

use super::{
    Cause, LinkId, NEVER, Notice, Reason, Request, Session, Stage, Table,
    link::{Link, Phase},
    silence,
    table::Leg,
};

/// How long the new connection waits at most for the old one to end.
const MOST_PATIENCE: Duration = Duration::from_secs(1);

/// The shortest [`Config::silence_pause`](super::Config::silence_pause).
const LEAST_PAUSE: Duration = Duration::from_secs(1);

/// How many streams are told silent in one go, so that notices do not overflow.
const SILENT_AT_ONCE: usize = 8;

impl<T: Table> Session<T> {
    /// Time has passed. Call it when [`Session::poll_timeout`] says; more often does no harm.
    pub fn elapsed(&mut self, now: Tick) {
        self.at(now);
        let now = self.now;
        for id in LinkId::ALL {
            let link = &mut self.links[id];
            match link.phase {
                Phase::Waiting { until } if until <= now => link.phase = Phase::Due,
                Phase::Connecting { until } if until <= now => self.fail(id, Reason::ConnectTimeout),
                Phase::Leaving { until } | Phase::Closing { until } if until <= now => {
                    self.fail(id, Reason::Here)
                }
                Phase::Open
                    if self.paused != Some(id) && link.pong_at(&self.config).is_some_and(|at| at <= now) =>
                {
                    self.fail(id, Reason::PongTimeout);
                }
                _ => {}
            }
        }
        let limit = self.config.ack_timeout;
        let late = |request: &&Request| request.sent.is_some_and(|sent| sent.plus(limit) <= now);
        while let Some(id) = self.requests.iter().find(late).map(|request| request.link) {
            // Drops the request with its link.
            self.fail(id, Reason::AckTimeout);
        }
        self.rotate();
        self.hand_over();
        if self.silence_at <= now && self.is_connected() {
            self.look_for_silence();
        }
    }

    /// Begins to close: what is open gets a close frame and [`Config::close_timeout`](super::Config::close_timeout)
    /// to answer it, attempts end. [`Notice::Ended`] tells that it is done.
    pub fn close(&mut self, now: Tick) {
        self.at(now);
        if self.is_ending() {
            return;
        }
        self.stage = Stage::Closing;
        let until = self.now.plus(self.config.close_timeout);
        for id in LinkId::ALL {
            let link = &mut self.links[id];
            match link.phase {
                Phase::Open => link.phase = Phase::Leaving { until },
                Phase::Waiting { .. } | Phase::Due | Phase::Connecting { .. } => link.give_up(),
                Phase::Off | Phase::Leaving { .. } | Phase::Closing { .. } => {}
            }
        }
        self.end_if_done();
    }

    pub(super) fn open(&mut self, id: LinkId) {
        let now = self.now;
        let spread = self.backoff.part_of(self.config.rotate_spread.min(self.config.rotate_after));
        self.connections = self.connections.wrapping_add(1);
        self.links[id] = Link {
            phase: Phase::Open,
            serial: self.connections,
            abandon: self.links[id].abandon,
            opened: now,
            heard: now,
            fed: now,
            rotate_at: Some(now.plus(self.config.rotate_after.saturating_sub(spread))),
            ..Link::default()
        };
        for slot in self.slots.iter_mut().filter(|slot| slot.wanted && slot.in_url) {
            slot.acknowledged(id, now);
            self.silence_at = self.silence_at.min(slot.silent_at().unwrap_or(NEVER));
        }
        self.dirty[id] = true;
        if id == self.current {
            self.tell(Notice::Connected);
        }
        self.settle();
    }

    pub(super) fn is_settled_on(&self, link: LinkId) -> bool {
        self.links[link].phase == Phase::Open
            && self.slots.iter().all(|slot| slot.wanted && slot.legs[link] == Leg::Live)
    }

    /// Tells when everything that is wanted has become subscribed.
    pub(super) fn settle(&mut self) {
        if self.stage != Stage::Running {
            return;
        }
        for id in LinkId::ALL {
            if self.links[id].settled.is_none() && self.is_settled_on(id) {
                self.links[id].settled = Some(self.now);
            }
        }
        if !self.settled && self.links[self.current].settled.is_some() {
            self.settled = true;
            if let Some(from) = self.gap_since.take() {
                self.tell(Notice::Gap { from, to: self.now });
            }
            self.tell(Notice::Settled);
        }
    }

    /// Begins to replace the current link if it is due. One that is only on its way to be current waits for that.
    pub(super) fn rotate(&mut self) {
        if self.rotate_at().is_some_and(|at| at <= self.now) {
            let ending = self.links[self.current].ending;
            self.replace(if ending { Cause::Shutdown } else { Cause::Age });
        }
    }

    /// When the current link is due, if there is room for another.
    fn rotate_at(&self) -> Option<Tick> {
        let free = self.links[self.current.other()].phase == Phase::Off && self.config.reconnect;
        self.links[self.current].rotate_at.filter(|_| free && self.is_connected())
    }

    /// Begins to replace the current link, unless that is under way.
    pub(super) fn replace(&mut self, cause: Cause) {
        let other = self.current.other();
        let free = self.links[other].phase == Phase::Off;
        let link = &mut self.links[self.current];
        if self.stage != Stage::Running || link.phase != Phase::Open || !self.config.reconnect {
            return;
        }
        if !self.config.overlap {
            link.rotate_at = None;
            link.phase = Phase::Leaving { until: self.now.plus(self.config.close_timeout) };
            self.tell(Notice::Replacing { cause });
        } else if free {
            link.rotate_at = None;
            self.links[other].phase = Phase::Due;
            self.twice_until = Some(NEVER);
            self.tell(Notice::Replacing { cause });
        }
    }

    /// Makes the other link the current one, step by step, once it has everything.
    fn hand_over(&mut self) {
        let (old, new) = (self.current, self.current.other());
        if self.hold_at().is_some_and(|at| at <= self.now) {
            self.paused = Some(new);
        }
        if self.ready_at().is_some_and(|at| at <= self.now) {
            let patience = self.config.close_timeout.min(MOST_PATIENCE);
            self.links[old].phase = Phase::Leaving { until: self.now.plus(patience) };
            self.current = new;
        }
    }

    /// Reads again from a link that had to wait.
    pub(super) fn resume(&mut self) {
        if let Some(paused) = self.paused.take() {
            // Whether it lives is seen from now on.
            (self.links[paused].heard, self.links[paused].pinged) = (self.now, None);
        }
    }

    /// When the other link has to wait for the current one.
    fn hold_at(&self) -> Option<Tick> {
        let hold = self.config.overlap_for.saturating_sub(self.config.overlap_hold);
        self.both_settled().filter(|_| self.paused.is_none()).map(|settled| settled.plus(hold))
    }

    /// When the other link may take the place of the current one.
    fn ready_at(&self) -> Option<Tick> {
        // A command of the caller's is answered where it was sent.
        let asked = |request: &Request| request.by_caller && request.link == self.current;
        let free = self.paused.is_some() && !self.requests.iter().any(asked);
        self.both_settled().filter(|_| free).map(|settled| settled.plus(self.config.overlap_for))
    }

    /// Since when the other link has everything too.
    fn both_settled(&self) -> Option<Tick> {
        let new = &self.links[self.current.other()];
        let both = new.phase == Phase::Open && self.links[self.current].phase == Phase::Open;
        new.settled.filter(|_| both)
    }

    fn look_for_silence(&mut self) {
        let (now, link) = (self.now, self.current);
        let fed = self.links[link].fed;
        let mut next = NEVER;
        let mut told = 0;
        let mut stale = false;
        let mut notices: heapless::Vec<Notice, SILENT_AT_ONCE> = heapless::Vec::new();
        let pause = self.config.silence_pause.max(LEAST_PAUSE);
        let retry_at = self.replaced_for_silence.map(|at| at.plus(pause));
        for slot in self.slots.iter_mut().filter(|slot| slot.wanted && slot.legs[link] == Leg::Live) {
            let lasting = silence::limits(&slot.name).next;
            if slot.silent {
                // Told, and still silent: if nothing else comes either, replacing the connection may help.
                if lasting.is_some_and(|limit| fed.plus(limit) <= now) {
                    stale |= retry_at.is_none_or(|at| at <= now);
                    next = next.min(retry_at.unwrap_or(now).max(now.plus(pause)));
                }
                continue;
            }
            let Some(at) = slot.silent_at() else { continue };
            if at > now {
                next = next.min(at);
            } else if told == SILENT_AT_ONCE {
                next = now;
            } else {
                told += 1;
                slot.silent = true;
                // There is room for as many as are told.
                let _ = notices.push(Notice::Silent {
                    name: slot.name.clone(),
                    since: slot.fed,
                    ever: slot.ever,
                });
                if let Some(limit) = lasting {
                    if fed.plus(limit) <= now {
                        stale |= retry_at.is_none_or(|at| at <= now);
                        next = next.min(now.plus(pause));
                    } else {
                        slot.renew = true;
                        self.dirty[link] = true;
                    }
                }
            }
        }
        self.silence_at = next;
        for notice in notices {
            self.tell(notice);
        }
        if stale {
            self.replaced_for_silence = Some(now);
            self.replace(Cause::Silence);
        }
    }

    /// The session finds a link broken that the adapter believes in.
    pub(super) fn fail(&mut self, id: LinkId, reason: Reason) {
        self.links[id].abandon = true;
        self.drop_link(id, reason);
    }

    pub(super) fn drop_link(&mut self, id: LinkId, reason: Reason) {
        let link = &self.links[id];
        let (phase, heard) = (link.phase, link.heard);
        let held = link.is_up() && self.now.since(link.opened) >= self.config.stable_after;
        let was_up = link.is_up();
        self.links[id] = Link { abandon: link.abandon, ..Link::default() };
        self.resume();
        self.forget_link(id);
        if self.stage != Stage::Running {
            self.end_if_done();
            return;
        }
        if held {
            self.backoff.succeeded();
        }
        if id != self.current {
            self.drop_other(id, phase, reason);
            return;
        }
        if !self.config.reconnect {
            self.stage = Stage::Closing;
            self.tell(Notice::Lost { reason, retry_in: None });
            self.end_if_done();
            return;
        }
        self.settled = false;
        if was_up {
            self.gap_since = self.gap_since.or(Some(heard));
        }
        let other = id.other();
        if self.links[other].is_coming() {
            // What was to take its place takes it now. What it sent so far was not given out, so there is a gap even if
            // it has everything.
            self.current = other;
            self.twice_until = Some(self.now.plus(self.config.overlap_for));
            let wait = match self.links[other].phase {
                Phase::Waiting { until } => until.since(self.now),
                _ => Duration::ZERO,
            };
            self.tell(Notice::Lost { reason, retry_in: Some(wait) });
            if self.is_connected() {
                self.tell(Notice::Connected);
            }
            self.settle();
            return;
        }
        let wait = match phase {
            // It was closed here to be opened again.
            Phase::Leaving { .. } | Phase::Closing { .. } => Duration::ZERO,
            _ if reason == Reason::ListenKey => Duration::ZERO,
            _ => self.backoff.failed(),
        };
        self.links[id].phase = Phase::Waiting { until: self.now.plus(wait) };
        self.tell(Notice::Lost { reason, retry_in: Some(wait) });
    }

    /// The link went that does not count: one on its way out, or one that was to take the other's place.
    fn drop_other(&mut self, id: LinkId, phase: Phase, reason: Reason) {
        if matches!(phase, Phase::Leaving { .. } | Phase::Closing { .. }) {
            self.twice_until = Some(self.now.plus(self.config.overlap_for));
            self.tell(Notice::Replaced);
            return;
        }
        let wait = self.backoff.failed();
        self.links[id].phase = Phase::Waiting { until: self.now.plus(wait) };
        self.tell(Notice::NotReplaced { reason, retry_in: wait });
    }

    /// Takes back everything that hung on a link.
    pub(super) fn forget_link(&mut self, id: LinkId) {
        for slot in self.slots.iter_mut() {
            slot.legs[id] = Leg::Off;
            slot.renew &= id != self.current;
        }
        while let Some(at) = self.requests.iter().position(|request| request.link == id) {
            let request = self.requests.remove(at);
            if request.by_caller {
                // A stream that was asked for stays wanted; only the answer is lost.
                self.tell(Notice::Unanswered { id: request.id });
            }
        }
        self.forget_unwanted();
    }

    pub(super) fn end_if_done(&mut self) {
        let [first, second] = &self.links.0;
        if self.stage == Stage::Closing && first.phase == Phase::Off && second.phase == Phase::Off {
            self.stage = Stage::Over;
            self.tell(Notice::Ended);
        }
    }

    pub(super) fn link_timeout(&self, id: LinkId) -> Option<Tick> {
        let link = &self.links[id];
        match link.phase {
            Phase::Off => None,
            Phase::Due => Some(self.now),
            Phase::Waiting { until }
            | Phase::Connecting { until }
            | Phase::Leaving { until }
            | Phase::Closing { until } => Some(until),
            Phase::Open => {
                // A ping that is due waits for the limit on messages.
                let free = link.ceiling.free_at(self.config.messages_per_second.into());
                let life = match link.pinged {
                    _ if self.paused == Some(id) => None,
                    Some(_) => link.pong_at(&self.config),
                    None => link.ping_at(&self.config).map(|at| at.max(free)),
                };
                let rotate = self.rotate_at().filter(|_| id == self.current);
                let ready = self.ready_at().filter(|_| id == self.current);
                let hold = self.hold_at().filter(|_| id == self.current);
                [life, self.frame_at(id), rotate, ready, hold].into_iter().flatten().min()
            }
        }
    }
}
