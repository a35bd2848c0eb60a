//! What the headers of a reply say of the limits.

use core::{fmt, time::Duration};

use binance_core::{
    Market, Millis,
    enums::{RateLimitInterval, RateLimitType},
    ws_api::Reply,
};

/// How much is used of one window of a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How long the window is, in seconds. Windows are aligned to the exchange's clock.
    pub seconds: u32,
    /// How much is used in the current one.
    pub used: u32,
}

/// What one reply says of the limits: used weight, order counts, and how long to wait.
///
/// A reply says what it says: a refused order may lack the order counts, and `bookTicker` tells an inaccurate weight.
/// [Exchange docs](https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info)
///
/// ```
/// use binance_http::Limits;
/// let limits = Limits::read([
///     ("x-mbx-used-weight-1m", b"17".as_slice()),
///     ("x-mbx-order-count-10s", b"2"),
///     ("retry-after", b"30"),
/// ]);
/// assert_eq!(limits.used_weight(), Some(17));
/// assert_eq!(limits.orders_10s(), Some(2));
/// assert_eq!(limits.orders_1m(), None);
/// assert_eq!(limits.retry_after().map(|wait| wait.as_secs()), Some(30));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    weights: [Count; 2],
    orders: [Count; 3],
    calls: Option<u32>,
    retry_after: Option<u32>,
}

impl Limits {
    /// Reads the headers of a reply; all others are passed over, as are values that are no numbers.
    pub fn read<'h>(headers: impl IntoIterator<Item = (&'h str, &'h [u8])>) -> Self {
        let mut limits = Self::default();
        for (name, value) in headers {
            limits.header(name, value);
        }
        limits
    }

    /// What an answer of a market's WebSocket API says, `rateLimits` and `retryAfter`, when it comes at `now` by the
    /// exchange's clock.
    pub fn of_call(market: Market, reply: &Reply<'_>, now: Millis) -> Self {
        let mut limits = Self::default();
        for told in reply.rate_limits.iter().flatten() {
            let unit = match told.interval.known() {
                Some(RateLimitInterval::Second) => 1,
                Some(RateLimitInterval::Minute) => 60,
                Some(RateLimitInterval::Day) => 86_400,
                _ => 0,
            };
            let (Some(seconds), Some(used)) = (told.interval_num.checked_mul(unit), told.count) else {
                continue;
            };
            match told.kind.known() {
                Some(RateLimitType::RequestWeight) if market == Market::UsdM => {
                    limits.calls = Some(used).filter(|_| seconds == 60).or(limits.calls);
                }
                Some(RateLimitType::RequestWeight) => note(&mut limits.weights, seconds, used),
                Some(RateLimitType::Orders) => note(&mut limits.orders, seconds, used),
                _ => {}
            }
        }
        limits.retry_after = reply.retry_after(now).map(|wait| {
            // Rounded up, so that it is not too early.
            u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
        });
        limits
    }

    /// Reads one header.
    pub fn header(&mut self, name: &str, value: &[u8]) {
        const WEIGHT: &str = "x-mbx-used-weight-";
        const ORDERS: &str = "x-mbx-order-count-";
        // Most are others.
        if !matches!(name.as_bytes().first(), Some(b'x' | b'X' | b'r' | b'R')) {
            return;
        }
        let slots = if let Some(window) = behind(name, WEIGHT) {
            (window, self.weights.as_mut_slice())
        } else if let Some(window) = behind(name, ORDERS) {
            (window, self.orders.as_mut_slice())
        } else {
            if name.eq_ignore_ascii_case("retry-after") {
                self.retry_after = number(value);
            }
            return;
        };
        let (window, slots) = slots;
        if let (Some(seconds), Some(used)) = (window_seconds(window), number(value)) {
            note(slots, seconds, used);
        }
    }

    /// The request weight that this address has used in the current minute.
    pub fn used_weight(&self) -> Option<u32> {
        within(&self.weights, 60)
    }

    /// The orders that this account has sent in the current ten seconds.
    pub fn orders_10s(&self) -> Option<u32> {
        within(&self.orders, 10)
    }

    /// The orders that this account has sent in the current minute.
    pub fn orders_1m(&self) -> Option<u32> {
        within(&self.orders, 60)
    }

    /// The weight that this address has used of USDⓈ-M's WebSocket API in the current minute.
    pub fn used_calls(&self) -> Option<u32> {
        self.calls
    }

    /// The used weight of every window that was told.
    pub fn weights(&self) -> impl Iterator<Item = Count> + '_ {
        self.weights.iter().copied().filter(|count| count.seconds != 0)
    }

    /// The order count of every window that was told.
    pub fn orders(&self) -> impl Iterator<Item = Count> + '_ {
        self.orders.iter().copied().filter(|count| count.seconds != 0)
    }

    /// What is said of the address.
    #[cfg(feature = "std")]
    pub(crate) fn of_address(&self) -> Self {
        Self { orders: Default::default(), ..*self }
    }

    /// What is said of the account.
    #[cfg(feature = "std")]
    pub(crate) fn of_account(&self) -> Self {
        Self { weights: Default::default(), calls: None, ..*self }
    }

    /// How long the exchange wants to be left alone, with 429 and 418.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after.map(|seconds| Duration::from_secs(seconds.into()))
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, counts) in [("weight", self.weights.as_slice()), ("orders", &self.orders)] {
            for count in counts.iter().filter(|count| count.seconds != 0) {
                map.entry(&format_args!("{name} in {} s", count.seconds), &count.used);
            }
        }
        if let Some(used) = self.calls {
            map.entry(&format_args!("calls in 60 s"), &used);
        }
        if let Some(seconds) = self.retry_after {
            map.entry(&format_args!("retry after"), &format_args!("{seconds} s"));
        }
        map.finish()
    }
}

/// Keeps a count in the slot of its window, or in a free one.
fn note(slots: &mut [Count], seconds: u32, used: u32) {
    if seconds == 0 {
        return;
    }
    if let Some(slot) = slots.iter_mut().find(|slot| slot.seconds == seconds || slot.seconds == 0) {
        *slot = Count { seconds, used };
    }
}

fn within(counts: &[Count], seconds: u32) -> Option<u32> {
    counts.iter().find(|count| count.seconds == seconds).map(|count| count.used)
}

/// What follows `prefix` in `name`, whatever the case.
fn behind<'n>(name: &'n str, prefix: &str) -> Option<&'n str> {
    let (start, rest) = name.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The length of a window such as `1m` or `10S`.
fn window_seconds(window: &str) -> Option<u32> {
    let (count, unit) = window.split_at_checked(window.len().checked_sub(1)?)?;
    let unit = match unit.as_bytes().first()?.to_ascii_lowercase() {
        b's' => 1,
        b'm' => 60,
        b'h' => 3_600,
        b'd' => 86_400,
        _ => return None,
    };
    number(count.as_bytes())?.checked_mul(unit).filter(|seconds| *seconds > 0)
}

fn number(text: &[u8]) -> Option<u32> {
    let digits = text.trim_ascii();
    let (first, rest) = digits.split_first()?;
    let digit = |byte: &u8| char::from(*byte).to_digit(10);
    rest.iter().try_fold(digit(first)?, |number, byte| number.checked_mul(10)?.checked_add(digit(byte)?))
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    #[test]
    fn every_window_is_read_whatever_the_case() {
        let limits = Limits::read([
            ("X-MBX-USED-WEIGHT-1M", b"2399".as_slice()),
            ("x-mbx-used-weight-1h", b" 7 "),
            ("X-Mbx-Order-Count-10S", b"299"),
            ("x-mbx-order-count-1m", b"1200"),
            ("x-mbx-order-count-1D", b"5"),
            ("date", b"Sun, 22 Nov 2026 00:00:00 GMT"),
        ]);
        assert_eq!(limits.used_weight(), Some(2_399));
        assert!(limits.weights().eq([Count { seconds: 60, used: 2_399 }, Count { seconds: 3_600, used: 7 }]));
        assert!(limits.orders().eq([
            Count { seconds: 10, used: 299 },
            Count { seconds: 60, used: 1_200 },
            Count { seconds: 86_400, used: 5 },
        ]));
        assert_eq!(limits.retry_after(), None);
    }

    #[test]
    fn the_last_of_two_equal_windows_counts_and_one_too_many_is_passed_over() {
        let limits = Limits::read([
            ("x-mbx-used-weight-1m", b"1".as_slice()),
            ("x-mbx-used-weight-60s", b"2"),
            ("x-mbx-used-weight-2m", b"3"),
            ("x-mbx-used-weight-3m", b"4"),
        ]);
        assert!(limits.weights().eq([Count { seconds: 60, used: 2 }, Count { seconds: 120, used: 3 }]));
    }

    #[test]
    fn answers_of_the_websocket_api_tell_the_same_and_usdm_has_a_weight_of_its_own() {
        let limit = |kind: &str, interval: &str, number: u32, count: u32| {
            std::format!(
                r#"{{"rateLimitType":"{kind}","interval":"{interval}","intervalNum":{number},"limit":2400,"count":{count}}}"#
            )
        };
        let told = [
            limit("REQUEST_WEIGHT", "MINUTE", 1, 7),
            limit("ORDERS", "SECOND", 10, 2),
            limit("ORDERS", "MINUTE", 1, 3),
            limit("NEW_KIND", "MINUTE", 1, 4),
            limit("ORDERS", "NEW_INTERVAL", 1, 5),
        ];
        let text = std::format!(
            r#"{{"id":1,"status":429,"error":{{"code":-1003,"msg":"","data":{{"retryAfter":1785000001500}}}},"rateLimits":[{}]}}"#,
            told.join(",")
        );
        let reply = Reply::parse(&text).unwrap();
        let now = Millis(1_785_000_000_000);
        let usdm = Limits::of_call(Market::UsdM, &reply, now);
        assert_eq!((usdm.used_calls(), usdm.used_weight()), (Some(7), None));
        assert_eq!((usdm.orders_10s(), usdm.orders_1m()), (Some(2), Some(3)));
        assert_eq!(usdm.retry_after(), Some(Duration::from_secs(2)));
        let coinm = Limits::of_call(Market::CoinM, &reply, now);
        assert_eq!((coinm.used_calls(), coinm.used_weight()), (None, Some(7)));
    }

    #[test]
    fn nonsense_is_passed_over() {
        for (name, value) in [
            ("x-mbx-used-weight-1m", b"".as_slice()),
            ("x-mbx-used-weight-1m", b"+1"),
            ("x-mbx-used-weight-1m", b"99999999999"),
            ("x-mbx-used-weight-1m", b"\xff"),
            ("x-mbx-used-weight-", b"1"),
            ("x-mbx-used-weight-m", b"1"),
            ("x-mbx-used-weight-0m", b"1"),
            ("x-mbx-used-weight-1w", b"1"),
            ("x-mbx-used-weight-99999999d", b"1"),
            ("x-mbx-used-weight-1\u{e9}", b"1"),
            ("x-mbx-used-weighT", b"1"),
            ("retry-after", b"Sun, 22 Nov 2026 00:00:00 GMT"),
            ("", b""),
        ] {
            assert_eq!(Limits::read([(name, value)]), Limits::default(), "{name}: {value:?}");
        }
    }
}
