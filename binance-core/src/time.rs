//! Times as the exchange counts them, and its rule for the age of a signed request.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Milliseconds since 1970-01-01 00:00:00 UTC, the unit of every time on the wire.
///
/// The crate never reads a clock: whoever sends says what time it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub i64);

impl Millis {
    /// This time moved by `millis`, which may be negative; stops at the ends of the range.
    pub const fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this time, negative when it is the other way round.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(Self)
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl From<i64> for Millis {
    fn from(millis: i64) -> Self {
        Self(millis)
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The receive window that the exchange assumes when a request names none, in milliseconds.
pub const DEFAULT_RECV_WINDOW: u32 = 5_000;

/// Whether the exchange takes a request stamped `timestamp` when its own clock says `server_time`:
/// `timestamp < server_time + 1000 && server_time - timestamp <= recv_window`.
///
/// A request outside of it is refused with code -1021.
/// [Exchange docs](https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info)
///
/// ```
/// use binance_core::time::{Millis, recv_window};
/// let now = Millis(1_700_000_000_000);
/// assert!(recv_window(now.plus(999), now, 5_000));
/// assert!(!recv_window(now.plus(1_000), now, 5_000));
/// assert!(recv_window(now.plus(-5_000), now, 5_000));
/// assert!(!recv_window(now.plus(-5_001), now, 5_000));
/// ```
pub const fn recv_window(timestamp: Millis, server_time: Millis, recv_window: u32) -> bool {
    // In i128 no difference of two i64 overflows.
    let (sent, now) = (timestamp.0 as i128, server_time.0 as i128);
    sent < now + 1_000 && now - sent <= recv_window as i128
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recv_window_holds_at_both_edges_and_at_the_ends_of_the_range() {
        let now = Millis(1_000_000);
        for (sent, window, taken) in [
            (1_000_999, 5_000, true),
            (1_001_000, 5_000, false),
            (995_000, 5_000, true),
            (994_999, 5_000, false),
            (1_000_000, 0, true),
            (999_999, 0, false),
            (i64::MAX, u32::MAX, false),
            (i64::MIN, u32::MAX, false),
        ] {
            assert_eq!(recv_window(Millis(sent), now, window), taken, "{sent} {window}");
        }
        assert!(recv_window(Millis(i64::MAX), Millis(i64::MAX), 0));
        assert!(!recv_window(Millis(i64::MIN), Millis(i64::MAX), u32::MAX));
        assert!(!recv_window(Millis(i64::MAX), Millis(i64::MIN), u32::MAX));
    }
}
