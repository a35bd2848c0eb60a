//! How long a stream may be silent.
//!
//! A connection can be alive, answer pings and send nothing; and a subscription can be acknowledged and never send
//! anything, as on the wrong route. Which silence is a fault depends on the stream:
//!
//! | Streams | Sent | Silent after |
//! | --- | --- | --- |
//! | `@markPrice`, `@indexPrice`, `!markPrice@arr` (3 s or 1 s) | always | 15 s |
//! | `!miniTicker@arr`, `!ticker@arr`, `@assetIndex`, `@compositeIndex`, `tradingSession` (1 s) | always, or for whichever of hundreds of symbols changed | 15 s |
//! | `!bookTicker` (5 s) | for whichever symbols changed | 30 s |
//! | one symbol's `@bookTicker`, `@depth`, `@rpiDepth`, `@aggTrade`, `@kline`, `@ticker`, `@miniTicker` | when it changes or trades: a quiet symbol has pauses of any length | first event 60 s after the acknowledgement, then never |
//! | `@forceOrder`, `!forceOrder@arr`, `!contractInfo` | when it happens | never |
//! | user data | when the account changes | never |

use core::time::Duration;

/// How long a stream may be silent, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// After the acknowledgement, until the first event.
    pub(super) first: Option<Duration>,
    /// From event to event.
    pub(super) next: Option<Duration>,
}

const NONE: Limits = Limits { first: None, next: None };

const fn always(seconds: u64) -> Limits {
    let limit = Some(Duration::from_secs(seconds));
    Limits { first: limit, next: limit }
}

/// The limits of the stream `name`; none for one that the table does not have.
pub(super) fn limits(name: &str) -> Limits {
    in_table(name).unwrap_or(NONE)
}

fn in_table(name: &str) -> Option<Limits> {
    let (symbol, kind) = name.split_once('@').unwrap_or((name, ""));
    let kind = kind.split('@').next().unwrap_or_default();
    let kind = kind.split_once('_').map_or(kind, |(kind, _)| kind);
    Some(match (symbol, kind) {
        ("!bookTicker", _) => always(30),
        ("!contractInfo" | "!forceOrder", _) | (_, "forceOrder") => NONE,
        ("tradingSession" | "!markPrice" | "!miniTicker" | "!ticker" | "!assetIndex", _) => always(15),
        (_, "markPrice" | "indexPrice" | "assetIndex" | "compositeIndex") => always(15),
        (_, "bookTicker" | "aggTrade" | "rpiDepth" | "ticker" | "miniTicker") => FIRST,
        (_, kind) if kind.starts_with("depth") || kind.ends_with("line") => FIRST,
        // User data, by its key.
        (_, "") => NONE,
        _ => return None,
    })
}

const FIRST: Limits = Limits { first: Some(Duration::from_secs(60)), next: None };

#[cfg(test)]
#[cfg(feature = "std")]
mod tests {
    use super::*;

    #[test]
    fn every_stream_that_is_declared_is_in_the_table() {
        for stream in binance_core::stream::STREAMS.iter() {
            // What stands for a part is of no matter here; a speed may be left out.
            let name = stream.pattern.replace("{speed}", "").replace(['{', '}'], "");
            assert!(in_table(&name).is_some(), "{name}: how long may it be silent?");
        }
        assert_eq!(in_table("btcusdt@somethingNew"), None);
    }

    #[test]
    fn streams_have_the_limits_of_the_table() {
        for (name, expected) in [
            ("btcusdt@markPrice", always(15)),
            ("btcusdt@markPrice@1s", always(15)),
            ("!markPrice@arr@1s", always(15)),
            ("btcusd@indexPrice@1s", always(15)),
            ("!miniTicker@arr", always(15)),
            ("tradingSession", always(15)),
            ("!bookTicker", always(30)),
            ("btcusdt@bookTicker", FIRST),
            ("btcusdt@depth20@100ms", FIRST),
            ("btcusdt@rpiDepth@500ms", FIRST),
            ("btcusdt@kline_1m", FIRST),
            ("btcusdt_perpetual@continuousKline_1m", FIRST),
            ("btcusd@indexPriceKline_1m", FIRST),
            ("btcusdt@ticker", FIRST),
            ("btcusdt@forceOrder", NONE),
            ("!forceOrder@arr", NONE),
            ("!contractInfo", NONE),
            ("pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1", NONE),
            ("something@new", NONE),
        ] {
            assert_eq!(limits(name), expected, "{name}");
        }
    }
}
