//! One connection of a session.

use crate::time::Tick;

use super::{Config, ceiling::Ceiling};

/// How many connections a session has at most at the same time: one, and another that takes its place.
pub(crate) const LINKS: usize = 2;

/// One of the connections of a session, or of the calls of the WebSocket API. Valid until it is lost or abandoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkId(u8);

impl LinkId {
    /// Both.
    pub(crate) const ALL: [Self; LINKS] = [Self(0), Self(1)];

    /// The link with this number, if it is below two.
    pub const fn new(index: usize) -> Option<Self> {
        if index < LINKS { Some(Self(index as u8)) } else { None }
    }

    /// A number below two, to keep sockets by.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    pub(crate) const fn other(self) -> Self {
        Self(1 - self.0)
    }
}

/// Something for each of the two links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Both<T>(pub(crate) [T; LINKS]);

impl<T> core::ops::Index<LinkId> for Both<T> {
    type Output = T;

    fn index(&self, link: LinkId) -> &T {
        let [first, second] = &self.0;
        if link.0 == 0 { first } else { second }
    }
}

impl<T> core::ops::IndexMut<LinkId> for Both<T> {
    fn index_mut(&mut self, link: LinkId) -> &mut T {
        let [first, second] = &mut self.0;
        if link.0 == 0 { first } else { second }
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Link {
    pub(super) phase: Phase,
    /// The adapter has a socket, or is opening one, that it has to be told to drop.
    pub(super) abandon: bool,
    /// Which of all the session's connections it is.
    pub(super) serial: u32,
    pub(super) opened: Tick,
    /// When to open another that takes its place.
    pub(super) rotate_at: Option<Tick>,
    /// Whether the exchange said that it ends.
    pub(super) ending: bool,
    /// When everything that is wanted was subscribed on it.
    pub(super) settled: Option<Tick>,
    /// The last sign of life.
    pub(super) heard: Tick,
    /// The last event of a stream.
    pub(super) fed: Tick,
    /// When the ping went out that is not answered.
    pub(super) pinged: Option<Tick>,
    /// The payload of the newest ping that is not answered.
    pub(super) pong: Option<heapless::Vec<u8, 125>>,
    pub(super) ceiling: Ceiling,
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
    Open,
    /// A close frame has to go out.
    Leaving {
        until: Tick,
    },
    /// It went out.
    Closing {
        until: Tick,
    },
}

impl Link {
    /// Whether frames can be sent.
    pub(super) fn is_up(&self) -> bool {
        matches!(self.phase, Phase::Open | Phase::Leaving { .. } | Phase::Closing { .. })
    }

    /// Whether it is on its way to being open, or is.
    pub(super) fn is_coming(&self) -> bool {
        matches!(self.phase, Phase::Waiting { .. } | Phase::Due | Phase::Connecting { .. } | Phase::Open)
    }

    /// Drops whatever there is, by the adapter if it knows of it.
    pub(super) fn give_up(&mut self) {
        let known = matches!(self.phase, Phase::Connecting { .. }) || self.is_up();
        *self = Self { abandon: self.abandon || known, ..Self::default() };
    }

    /// When a ping is due, unless something is heard before.
    pub(super) fn ping_at(&self, config: &Config) -> Option<Tick> {
        (!config.ping_after.is_zero()).then(|| self.heard.plus(config.ping_after))
    }

    /// When the answer to a ping is overdue.
    pub(super) fn pong_at(&self, config: &Config) -> Option<Tick> {
        self.pinged.map(|at| at.plus(config.pong_timeout))
    }
}
