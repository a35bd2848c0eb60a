//! Orders that closed a position for want of margin.

use crate::{book::Side, market::Venue, num::Num};

/// What the streams tell of a forced order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Forced {
    pub(crate) side: Side,
    /// The limit.
    pub(crate) ticks: i64,
    pub(crate) lots: i64,
    pub(crate) executed: i64,
    /// What the last of its trades had.
    pub(crate) last: i64,
    pub(crate) average: Num,
    pub(crate) time: i64,
}

impl Forced {
    pub(crate) const fn status(&self) -> &'static str {
        if self.executed >= self.lots { "FILLED" } else { "PARTIALLY_FILLED" }
    }
}

impl Venue {
    /// Notes a forced order for the streams, which tell the biggest of a second.
    pub(crate) fn note_forced(&mut self, forced: Forced) {
        if forced.executed > 0 && self.forced.is_none_or(|known| known.executed < forced.executed) {
            self.forced = Some(forced);
        }
    }
}
