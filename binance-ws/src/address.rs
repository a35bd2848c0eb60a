//! Where the exchange's streams are, and the paths of connections.

use core::fmt::{self, Write};

use binance_core::{Environment, Market, Text, stream::Route};

/// The root of all stream addresses of one market: scheme, host and, where there is one, a prefix.
///
/// ```
/// use binance_core::Market;
/// use binance_ws::{Base, Environment};
/// assert_eq!(Base::of(Market::UsdM, Environment::Production).as_str(), "wss://fstream.binance.com");
/// assert_eq!(Base::new(Market::CoinM, "ws://127.0.0.1:8080/dstream/")?.as_str(), "ws://127.0.0.1:8080/dstream");
/// # Ok::<(), binance_ws::AddressError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    market: Market,
    root: Text<127>,
}

impl Base {
    /// The exchange's own address of a market's streams.
    pub fn of(market: Market, environment: Environment) -> Self {
        // None of these is near the bound.
        Self { market, root: Text::truncated(environment.streams(market)) }
    }

    /// The exchange's own address of a market's WebSocket API.
    ///
    /// # Errors
    /// [`AddressError::Nowhere`] where there is none.
    pub fn ws_api(market: Market, environment: Environment) -> Result<Self, AddressError> {
        let root = environment.ws_api(market).ok_or(AddressError::Nowhere)?;
        Ok(Self { market, root: Text::truncated(root) })
    }

    /// Another address, such as a simulator's: `ws://` or `wss://`, a host, and what else goes before `/ws`,
    /// `/stream` or a route.
    ///
    /// # Errors
    /// [`AddressError`] when it is not one, or longer than 127 bytes.
    pub fn new(market: Market, root: &str) -> Result<Self, AddressError> {
        let root = root.trim_end_matches('/');
        let rest =
            root.strip_prefix("wss://").or_else(|| root.strip_prefix("ws://")).ok_or(AddressError::Scheme)?;
        if rest.is_empty() || rest.starts_with('/') {
            return Err(AddressError::Host);
        }
        if rest.bytes().any(|byte| !byte.is_ascii_graphic() || matches!(byte, b'?' | b'#' | b'@' | b'\\')) {
            return Err(AddressError::Character);
        }
        Ok(Self { market, root: Text::new(root).map_err(|_| AddressError::TooLong)? })
    }

    /// Whose streams they are.
    pub fn market(&self) -> Market {
        self.market
    }

    /// The address, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.root
    }

    /// Whether the connection is encrypted (`wss`).
    pub fn is_encrypted(&self) -> bool {
        self.root.starts_with("wss://")
    }

    /// Host and port as they stand in the address: `fstream.binance.com`, `127.0.0.1:8080`, `[::1]:8080`.
    pub fn authority(&self) -> &str {
        let rest = self.root.split_once("://").map_or("", |(_, rest)| rest);
        rest.split_once('/').map_or(rest, |(authority, _)| authority)
    }

    /// What goes before the path of every connection: a slash and more, or nothing.
    pub fn prefix(&self) -> &str {
        let rest = self.root.split_once("://").map_or("", |(_, rest)| rest);
        rest.strip_prefix(self.authority()).unwrap_or_default()
    }

    /// The host without its port, an IPv6 address without its brackets.
    pub fn host(&self) -> &str {
        let authority = self.authority();
        if let Some(rest) = authority.strip_prefix('[') {
            return rest.split_once(']').map_or(rest, |(host, _)| host);
        }
        authority.split_once(':').map_or(authority, |(host, _)| host)
    }

    /// Whether it names this machine: `localhost`, `127.…` or `::1`.
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        host.eq_ignore_ascii_case("localhost")
            || host.parse::<core::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// The port: 443 for `wss` and 80 for `ws` unless the address has one.
    pub fn port(&self) -> Option<u16> {
        let authority = self.authority();
        let after_host = authority.rsplit_once(']').map_or(authority, |(_, rest)| rest);
        match after_host.split_once(':') {
            Some((_, port)) => port.parse().ok(),
            None if self.is_encrypted() => Some(443),
            None => Some(80),
        }
    }
}

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressError {
    /// It begins with neither `ws://` nor `wss://`.
    Scheme,
    /// It has no host.
    Host,
    /// It has a character that addresses do not have, or a query, a fragment or a user.
    Character,
    /// It is longer than 127 bytes.
    TooLong,
    /// The exchange has no such place.
    Nowhere,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "an address that begins with neither ws:// nor wss://",
            Self::Host => "an address without a host",
            Self::Character => "an address with a character, query or user that it may not have",
            Self::TooLong => "an address of more than 127 bytes",
            Self::Nowhere => "the exchange has no such place",
        })
    }
}

impl core::error::Error for AddressError {}

/// Writes the prefix of a route; nothing for none.
pub(crate) fn write_route(out: &mut dyn Write, route: Option<Route>) -> fmt::Result {
    route.map_or(Ok(()), |route| out.write_str(route.path()))
}

/// Writes a name or key into a URL: what is not plain is percent-encoded, since symbols may be Chinese.
pub(crate) fn write_encoded(out: &mut dyn Write, text: &str) -> fmt::Result {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'@' | b'!' => {
                out.write_char(char::from(byte))?;
            }
            _ => write!(out, "%{byte:02X}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::String;

    use super::*;

    #[test]
    fn addresses_come_apart() {
        for (root, encrypted, host, port) in [
            ("wss://fstream.binance.com", true, "fstream.binance.com", Some(443)),
            ("ws://127.0.0.1:8080/dstream", false, "127.0.0.1", Some(8080)),
            ("ws://localhost", false, "localhost", Some(80)),
            ("wss://[::1]:9/x/y/", true, "::1", Some(9)),
            ("wss://[::1]", true, "::1", Some(443)),
            ("ws://host:99999", false, "host", None),
        ] {
            let base = Base::new(Market::UsdM, root).unwrap();
            assert_eq!((base.is_encrypted(), base.host(), base.port()), (encrypted, host, port), "{root}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_reason() {
        for (root, error) in [
            ("", AddressError::Scheme),
            ("https://fstream.binance.com", AddressError::Scheme),
            ("wss://", AddressError::Scheme),
            ("wss:///ws", AddressError::Host),
            ("wss://a b", AddressError::Character),
            ("wss://user@host", AddressError::Character),
            ("wss://host/?x=1", AddressError::Character),
            ("wss://host\r\nX: y", AddressError::Character),
        ] {
            assert_eq!(Base::new(Market::UsdM, root), Err(error), "{root}");
        }
        let mut long = String::from("wss://");
        long.extend(core::iter::repeat_n('a', 122));
        assert_eq!(Base::new(Market::UsdM, &long), Err(AddressError::TooLong));
    }

    #[test]
    fn names_are_encoded_where_they_have_to_be() {
        let mut url = String::new();
        write_encoded(&mut url, "!miniTicker@arr btc_usd@x/é&?").unwrap();
        assert_eq!(url, "!miniTicker@arr%20btc_usd@x%2F%C3%A9%26%3F");
    }
}
