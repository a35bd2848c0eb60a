//! What can be subscribed to, as the session keeps it.

use core::{fmt, ops::Deref};

use binance_core::{
    Market, Text,
    stream::{Route, Subscription},
};
use serde::Deserialize;

/// The name of a stream, at most 95 bytes: the longest documented ones have some 45, a listen key 64.
///
/// A listen key can stand where a name does; it shows in `Debug` as `<listen key>`.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(transparent)]
pub struct StreamName(Text<95>);

impl StreamName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As [`as_str`](Self::as_str), in less time.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Its bytes, and zeros behind them.
    #[inline]
    pub(crate) const fn padded(&self) -> &[u8; 95] {
        self.0.padded()
    }
}

/// Whether this is a listen key, or begins with one. Names have a symbol and an `@`; the few without are short.
pub(crate) fn is_key(name: &str) -> bool {
    name.len() >= 40 && name.bytes().take(40).all(|byte| byte.is_ascii_alphanumeric())
}

impl Deref for StreamName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for StreamName {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for StreamName {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Debug for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_key(self) { f.write_str("<listen key>") } else { fmt::Debug::fmt(&self.0, f) }
    }
}

/// Why something cannot be subscribed to on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameError {
    /// The stream is of the other market.
    Market {
        /// The stream's market.
        stream: Market,
        /// The connection's market.
        connection: Market,
    },
    /// The stream is served on another route. The exchange would acknowledge it and never send anything.
    Route {
        /// The stream's route.
        stream: Option<Route>,
        /// The connection's route.
        connection: Option<Route>,
    },
    /// The name is empty, longer than 95 bytes, or has a quote, a backslash, a space or a control character.
    Malformed,
    /// The connection is a raw one of a single stream, or one of user data: it takes no others.
    Single,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Market { stream, connection } => {
                write!(f, "a stream of {} on a connection to {}", market(*stream), market(*connection))
            }
            Self::Route { stream, connection } => {
                write!(f, "a stream of the route {} on a connection to {}", path(*stream), path(*connection))
            }
            Self::Malformed => {
                f.write_str("a stream name that is empty, too long or has a character it may not have")
            }
            Self::Single => f.write_str("a connection that takes no other streams"),
        }
    }
}

impl core::error::Error for NameError {}

/// Where a connection is: which market, which route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) market: Market,
    pub(crate) route: Option<Route>,
}

impl Place {
    /// The name of `subscription`, if this is where it is served.
    pub(crate) fn name_of(self, subscription: &dyn Subscription) -> Result<StreamName, NameError> {
        if subscription.market() != self.market {
            return Err(NameError::Market { stream: subscription.market(), connection: self.market });
        }
        // COIN-M serves everything everywhere, whatever route a raw stream names.
        if self.market == Market::UsdM && subscription.route() != self.route {
            return Err(NameError::Route { stream: subscription.route(), connection: self.route });
        }
        write_name(subscription)
    }
}

/// The name, if it is one.
pub(crate) fn write_name(subscription: &dyn Subscription) -> Result<StreamName, NameError> {
    let mut name = Text::default();
    subscription.write_name(&mut name).map_err(|_| NameError::Malformed)?;
    let bad = |char: char| {
        char.is_control() || char.is_whitespace() || matches!(char, '"' | '\\' | '/' | '?' | '#')
    };
    if name.is_empty() || name.contains(bad) { Err(NameError::Malformed) } else { Ok(StreamName(name)) }
}

fn market(market: Market) -> &'static str {
    match market {
        Market::UsdM => "USDⓈ-M",
        Market::CoinM => "COIN-M",
    }
}

fn path(route: Option<Route>) -> &'static str {
    route.map_or("none", Route::path)
}

#[cfg(test)]
#[cfg(feature = "std")]
pub(crate) mod tests {
    extern crate std;

    use std::{format, string::ToString};

    use binance_core::stream::RawStream;

    use super::*;

    const KEY: &str = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1";

    fn raw(name: &str, market: Market, route: Option<Route>) -> RawStream<'_> {
        RawStream { name, market, route }
    }

    /// One name of many.
    pub(crate) fn named(number: usize) -> StreamName {
        StreamName(Text::format(format_args!("stream{number}@depth")).unwrap())
    }

    #[test]
    fn a_stream_belongs_to_its_market_and_route() {
        let place = Place { market: Market::UsdM, route: Some(Route::Market) };
        let here = raw("btcusdt@aggTrade", Market::UsdM, Some(Route::Market));
        assert_eq!(place.name_of(&here).unwrap(), "btcusdt@aggTrade");
        let error = place.name_of(&raw("btcusdt@depth", Market::UsdM, Some(Route::Public))).unwrap_err();
        assert_eq!(error.to_string(), "a stream of the route /public on a connection to /market");
        let error = place.name_of(&raw("btcusdt@depth", Market::UsdM, None)).unwrap_err();
        assert_eq!(error.to_string(), "a stream of the route none on a connection to /market");
        let error = place.name_of(&raw("btcusd_perp@depth", Market::CoinM, None)).unwrap_err();
        assert_eq!(error.to_string(), "a stream of COIN-M on a connection to USDⓈ-M");
        let coinm = Place { market: Market::CoinM, route: None };
        assert!(coinm.name_of(&raw("btcusd_perp@depth", Market::CoinM, None)).is_ok());
        assert!(coinm.name_of(&raw("btcusd_perp@depth", Market::CoinM, Some(Route::Public))).is_ok());
    }

    #[test]
    fn names_that_would_break_a_command_or_a_path_are_refused() {
        let place = Place { market: Market::UsdM, route: None };
        let long = "x".repeat(96);
        for name in ["", "a b", "a\"b", "a\\b", "a\nb", "a/b", "a?b", long.as_str()] {
            assert_eq!(place.name_of(&raw(name, Market::UsdM, None)), Err(NameError::Malformed), "{name}");
        }
        assert!(place.name_of(&raw("币安人生usdt@depth", Market::UsdM, None)).is_ok());
    }

    #[test]
    fn listen_keys_do_not_show() {
        let place = Place { market: Market::UsdM, route: Some(Route::Private) };
        for name in [KEY.to_string(), format!("{KEY}@account")] {
            let name = place.name_of(&raw(&name, Market::UsdM, Some(Route::Private))).unwrap();
            assert_eq!(format!("{name:?}"), "<listen key>");
        }
    }
}
