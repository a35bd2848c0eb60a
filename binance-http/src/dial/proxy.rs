//! Proxies: HTTP by CONNECT, and SOCKS5 with names that the proxy resolves.

use std::{boxed::Box, fmt, io, string::String, vec::Vec};

/// A way through a proxy. `Debug` shows neither user nor password.
///
/// ```
/// use binance_http::dial::Proxy;
/// let proxy = Proxy::parse("http://user:p%40ssword@proxy.example:3128")?;
/// assert_eq!((proxy.host(), proxy.port()), ("proxy.example", 3128));
/// Proxy::parse("socks5://127.0.0.1:1080")?;
/// # Ok::<(), binance_http::dial::ProxyUrlError>(())
/// ```
#[derive(Clone)]
pub struct Proxy {
    pub(super) kind: Kind,
    host: Box<str>,
    port: u16,
    /// User and password.
    pub(super) credentials: Option<(Box<str>, Box<str>)>,
    authority: Box<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Http,
    Socks5,
}

impl Proxy {
    /// Takes a URL apart: `http://` or `socks5://` (`socks5h://` means the same: names are always resolved by the proxy),
    /// maybe user and password, percent-encoded where they need it, a host, a port.
    ///
    /// # Errors
    /// [`ProxyUrlError`] for anything else.
    pub fn parse(url: &str) -> Result<Self, ProxyUrlError> {
        let (scheme, rest) = url.split_once("://").ok_or(ProxyUrlError)?;
        let kind = match scheme {
            "http" => Kind::Http,
            "socks5" | "socks5h" => Kind::Socks5,
            _ => return Err(ProxyUrlError),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (credentials, authority) = match rest.rsplit_once('@') {
            None => (None, rest),
            Some((credentials, authority)) => {
                let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
                (Some((decoded(user)?, decoded(password)?)), authority)
            }
        };
        // The same rules as for base URLs: a host and a port, and nothing that could be taken for something else.
        let base = crate::BaseUrl::parse(&std::format!("http://{authority}")).map_err(|_| ProxyUrlError)?;
        let has_port =
            authority.strip_prefix(base.host()).or_else(|| authority.split_once(']').map(|(_, end)| end));
        if !base.prefix().is_empty() || has_port.is_none_or(|port| !port.starts_with(':')) {
            return Err(ProxyUrlError);
        }
        Ok(Self {
            kind,
            host: base.host().into(),
            port: base.port(),
            credentials,
            authority: authority.into(),
        })
    }

    /// The proxy's host.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The proxy's port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host and port as they were given.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({:?} {})", self.kind, self.authority)
    }
}

/// Not the URL of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProxyUrlError;

impl fmt::Display for ProxyUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a proxy is http:// or socks5:// with a host and a port")
    }
}

impl std::error::Error for ProxyUrlError {}

/// Why a proxy made no tunnel: the source of a [`TransportError`](crate::TransportError) of the kind
/// [`Proxy`](crate::TransportKind::Proxy).
#[derive(Debug)]
#[non_exhaustive]
pub enum ProxyError {
    /// It wants user and password, or others.
    Unauthorized,
    /// It refused, with an HTTP status or a SOCKS5 reply code (5: the host refused; 4: the host is unreachable).
    Refused(u16),
    /// It does not speak its protocol.
    Malformed,
    /// User, password or host is too long for the protocol.
    TooLong,
    /// Reading or writing failed.
    Io(io::Error),
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unauthorized => f.write_str("the proxy wants other credentials"),
            Self::Refused(code) => write!(f, "the proxy refused with {code}"),
            Self::Malformed => f.write_str("the proxy does not speak its protocol"),
            Self::TooLong => f.write_str("a name or password is too long for the proxy"),
            Self::Io(_) => f.write_str("the connection to the proxy failed"),
        }
    }
}

impl std::error::Error for ProxyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for ProxyError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A percent-encoded text.
fn decoded(text: &str) -> Result<Box<str>, ProxyUrlError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit =
                || rest.next().and_then(|byte| char::from(byte).to_digit(16)).ok_or(ProxyUrlError);
            let (high, low) = (digit()?, digit()?);
            bytes.push(u8::try_from(high * 16 + low).map_err(|_| ProxyUrlError)?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).map(String::into_boxed_str).map_err(|_| ProxyUrlError)
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        for (url, kind, host, port, credentials) in [
            ("http://proxy:3128", Kind::Http, "proxy", 3_128, None),
            ("http://proxy:3128/", Kind::Http, "proxy", 3_128, None),
            ("socks5://[::1]:1080", Kind::Socks5, "::1", 1_080, None),
            ("socks5h://u@10.0.0.1:1", Kind::Socks5, "10.0.0.1", 1, Some(("u", ""))),
            ("http://u%3A:p%40%C3%A9:@proxy:80", Kind::Http, "proxy", 80, Some(("u:", "p@é:"))),
        ] {
            let proxy = Proxy::parse(url).unwrap();
            let given = proxy.credentials.as_ref().map(|(user, password)| (&**user, &**password));
            assert_eq!(
                (proxy.kind, proxy.host(), proxy.port(), given),
                (kind, host, port, credentials),
                "{url}"
            );
        }
        for url in [
            "",
            "proxy:3128",
            "https://proxy:3128",
            "socks4://proxy:1",
            "http://proxy",
            "http://[::1]",
            "http://:3128",
            "http://proxy:0",
            "http://proxy:3128/x",
            "http://u%:p@proxy:1",
            "http://u%f:p@proxy:1",
            "http://u%ff@proxy:1",
            "http://pro xy:1",
            "http://proxy:1?x",
        ] {
            assert!(Proxy::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn debug_shows_no_credentials() {
        let proxy = Proxy::parse("http://someone:secret@proxy:3128").unwrap();
        assert_eq!(format!("{proxy:?}"), "Proxy(Http proxy:3128)");
    }
}
