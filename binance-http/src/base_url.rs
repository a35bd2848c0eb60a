//! Where the exchange's REST API is.

use core::fmt;

use binance_core::Text;

/// A base URL, taken apart: `http` or `https`, a host, maybe a port, maybe a path that goes before every endpoint's.
///
/// ```
/// use binance_http::BaseUrl;
/// let base = BaseUrl::parse("https://gateway.example:8443/binance/")?;
/// assert_eq!((base.host(), base.port(), base.prefix()), ("gateway.example", 8443, "/binance"));
/// assert!(base.is_https());
/// # Ok::<(), binance_http::BaseUrlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    https: bool,
    authority: Text<255>,
    /// How much of the authority is the host, brackets and all.
    host_len: u8,
    port: u16,
    prefix: Text<127>,
}

impl BaseUrl {
    /// Takes a URL apart.
    ///
    /// # Errors
    /// [`BaseUrlError`] for anything but `http` and `https`, for user and password, a query, a fragment, a host that is
    /// missing or not ASCII, a bad port, and a host or path that is too long (255 and 127 bytes).
    pub fn parse(url: &str) -> Result<Self, BaseUrlError> {
        let (https, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(BaseUrlError::Scheme),
        };
        let (authority, prefix) = match place(rest, b'/') {
            Some(slash) => rest.split_at_checked(slash).ok_or(BaseUrlError::Host)?,
            None => (rest, ""),
        };
        let (host_len, port) = split_authority(authority, https)?;
        let prefix = prefix.trim_end_matches('/');
        if !is_path(prefix) {
            return Err(BaseUrlError::Path);
        }
        Ok(Self {
            https,
            authority: Text::new(authority).map_err(|_| BaseUrlError::Host)?,
            host_len: u8::try_from(host_len).map_err(|_| BaseUrlError::Host)?,
            port,
            prefix: Text::new(prefix).map_err(|_| BaseUrlError::Path)?,
        })
    }

    /// Whether connections are encrypted.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The host, without the brackets of an IPv6 address.
    pub fn host(&self) -> &str {
        let host = self.authority.get(..self.host_len.into()).unwrap_or_default();
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    /// The port: the one that was given, or 443 and 80.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host and port as they stand in the `Host` header.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// What goes before every endpoint's path; empty, or with a leading and without a trailing slash.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether it names this machine: `localhost`, `127.…` or `::1`.
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        host.eq_ignore_ascii_case("localhost")
            || host.parse::<core::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.prefix)
    }
}

/// What is wrong with a base URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaseUrlError {
    /// It does not begin with `http://` or `https://`.
    Scheme,
    /// No host, one that is too long, or one with characters that no host has; user and password are refused too.
    Host,
    /// The port is no number from 1 to 65535.
    Port,
    /// The path is too long or has a query, a fragment or characters that cannot stand in a path.
    Path,
}

impl fmt::Display for BaseUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "a base URL begins with http:// or https://",
            Self::Host => "the host of the base URL is missing or malformed",
            Self::Port => "the port of the base URL is malformed",
            Self::Path => "the path of the base URL is malformed",
        })
    }
}

impl core::error::Error for BaseUrlError {}

/// Where `byte` first stands.
fn place(text: &str, byte: u8) -> Option<usize> {
    text.bytes().position(|other| other == byte)
}

/// The length of the host, and the port.
fn split_authority(authority: &str, https: bool) -> Result<(usize, u16), BaseUrlError> {
    let host_len = if authority.starts_with('[') {
        let end = place(authority, b']').ok_or(BaseUrlError::Host)? + 1;
        let address = authority.get(1..end - 1).unwrap_or_default();
        address.parse::<core::net::Ipv6Addr>().map_err(|_| BaseUrlError::Host)?;
        end
    } else {
        let end = place(authority, b':').unwrap_or(authority.len());
        let host = authority.get(..end).unwrap_or_default();
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        if host.is_empty() || !host.bytes().all(is_name) {
            return Err(BaseUrlError::Host);
        }
        end
    };
    let port = match authority.get(host_len..).unwrap_or_default() {
        "" => return Ok((host_len, if https { 443 } else { 80 })),
        rest => rest.strip_prefix(':').ok_or(BaseUrlError::Host)?,
    };
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BaseUrlError::Port);
    }
    let port = port.parse().ok().filter(|port| *port != 0).ok_or(BaseUrlError::Port)?;
    Ok((host_len, port))
}

/// Whether `path` can stand in a request line as it is: visible ASCII without `?` and `#`.
pub(crate) fn is_path(path: &str) -> bool {
    path.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#'))
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::{format, string::ToString};

    use binance_core::{Environment, Market};

    use super::*;

    #[test]
    fn every_preset_parses() {
        for environment in Environment::ALL {
            for market in [Market::UsdM, Market::CoinM] {
                let url = environment.rest(market);
                let base = BaseUrl::parse(url).unwrap();
                assert_eq!((base.to_string().as_str(), base.port(), base.is_loopback()), (url, 443, false));
            }
        }
    }

    #[test]
    fn urls_are_taken_apart() {
        for (url, host, authority, port, prefix, loopback) in [
            ("http://a", "a", "a", 80, "", false),
            ("https://a/", "a", "a", 443, "", false),
            ("http://127.0.0.1:65535", "127.0.0.1", "127.0.0.1:65535", 65_535, "", true),
            ("http://LOCALHOST:1/x", "LOCALHOST", "LOCALHOST:1", 1, "/x", true),
            ("http://[::1]:8080/a/b//", "::1", "[::1]:8080", 8_080, "/a/b", true),
            ("https://[2001:db8::1]", "2001:db8::1", "[2001:db8::1]", 443, "", false),
        ] {
            let base = BaseUrl::parse(url).unwrap();
            assert_eq!(
                (base.host(), base.authority(), base.port(), base.prefix(), base.is_loopback()),
                (host, authority, port, prefix, loopback),
            );
        }
    }

    #[test]
    fn what_could_mislead_is_refused() {
        use BaseUrlError::{Host, Path, Port, Scheme};
        for (url, error) in [
            ("", Scheme),
            ("fapi.binance.com", Scheme),
            ("ftp://a", Scheme),
            ("HTTPS://a", Scheme),
            ("https://", Host),
            ("https:///x", Host),
            ("https://user:password@host", Port),
            ("https://user@host", Host),
            ("https://a b", Host),
            ("https://a\r\nX: y", Host),
            ("https://é", Host),
            ("https://[::1", Host),
            ("https://[x]", Host),
            ("https://[::1]x", Host),
            ("https://a:", Port),
            ("https://a:0", Port),
            ("https://a:65536", Port),
            ("https://a:+1", Port),
            ("https://a?x=1", Host),
            ("https://a/x?y", Path),
            ("https://a/x#y", Path),
            ("https://a/x y", Path),
            ("https://a/é", Path),
            (&format!("https://{}", "a".repeat(256)), Host),
            (&format!("https://a/{}", "a".repeat(128)), Path),
        ] {
            assert_eq!(BaseUrl::parse(url), Err(error), "{url}");
        }
    }
}
