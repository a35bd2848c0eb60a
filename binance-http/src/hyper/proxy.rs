//! Proxies: HTTP by CONNECT, and SOCKS5 with names that the proxy resolves.

use std::{boxed::Box, fmt, io, net::IpAddr, string::String, vec::Vec};

use base64ct::{Base64, Encoding as _};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest reply to a CONNECT.
const MAX_HEAD: usize = 16 << 10;

/// A way through a proxy. `Debug` shows neither user nor password.
///
/// ```
/// use binance_http::hyper::Proxy;
/// let proxy = Proxy::parse("http://user:p%40ssword@proxy.example:3128")?;
/// assert_eq!((proxy.host(), proxy.port()), ("proxy.example", 3128));
/// Proxy::parse("socks5://127.0.0.1:1080")?;
/// # Ok::<(), binance_http::hyper::ProxyUrlError>(())
/// ```
#[derive(Clone)]
pub struct Proxy {
    kind: Kind,
    host: Box<str>,
    port: u16,
    credentials: Option<(Box<str>, Box<str>)>,
    /// Host and port.
    pub(super) authority: Box<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
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

    /// Asks the proxy behind `stream` for a tunnel to `host` and `port`.
    pub(super) async fn tunnel<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        host: &str,
        port: u16,
    ) -> Result<(), ProxyError> {
        match self.kind {
            Kind::Http => self.connect(stream, host, port).await,
            Kind::Socks5 => self.socks(stream, host, port).await,
        }
    }

    async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        host: &str,
        port: u16,
    ) -> Result<(), ProxyError> {
        let bracketed = if host.contains(':') { std::format!("[{host}]") } else { host.into() };
        let mut request = std::format!("CONNECT {bracketed}:{port} HTTP/1.1\r\nHost: {bracketed}:{port}\r\n");
        if let Some((user, password)) = &self.credentials {
            let both = std::format!("{user}:{password}");
            request +=
                &std::format!("Proxy-Authorization: Basic {}\r\n", Base64::encode_string(both.as_bytes()));
        }
        request += "\r\n";
        stream.write_all(request.as_bytes()).await?;
        stream.flush().await?;
        let mut head = Vec::with_capacity(512);
        loop {
            let mut headers = [httparse::EMPTY_HEADER; crate::response::MAX_HEADERS];
            let mut response = httparse::Response::new(&mut headers);
            match response.parse(&head) {
                // The proxy says nothing more before it has heard what goes through the tunnel.
                Ok(httparse::Status::Complete(len)) => {
                    return match response.code {
                        Some(200..=299) if len == head.len() => Ok(()),
                        Some(200..=299) | None => Err(ProxyError::Malformed),
                        Some(407) => Err(ProxyError::Unauthorized),
                        Some(status) => Err(ProxyError::Refused(status)),
                    };
                }
                Ok(httparse::Status::Partial) if head.len() < MAX_HEAD => {}
                _ => return Err(ProxyError::Malformed),
            }
            let mut piece = [0; 512];
            let count = stream.read(&mut piece).await?;
            if count == 0 {
                return Err(ProxyError::Io(io::ErrorKind::UnexpectedEof.into()));
            }
            head.extend_from_slice(piece.get(..count).unwrap_or_default());
        }
    }

    /// RFC 1928, and RFC 1929 for user and password.
    async fn socks<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        host: &str,
        port: u16,
    ) -> Result<(), ProxyError> {
        const VERSION: u8 = 5;
        const NO_AUTHENTICATION: u8 = 0;
        const PASSWORD: u8 = 2;
        let greeting: &[u8] = match self.credentials {
            None => &[VERSION, 1, NO_AUTHENTICATION],
            Some(_) => &[VERSION, 2, NO_AUTHENTICATION, PASSWORD],
        };
        stream.write_all(greeting).await?;
        stream.flush().await?;
        let mut chosen = [0; 2];
        stream.read_exact(&mut chosen).await?;
        match (chosen, &self.credentials) {
            ([VERSION, NO_AUTHENTICATION], _) => {}
            ([VERSION, PASSWORD], Some((user, password))) => {
                let mut message = Vec::from([1]);
                counted(&mut message, user.as_bytes())?;
                counted(&mut message, password.as_bytes())?;
                stream.write_all(&message).await?;
                stream.flush().await?;
                let mut answer = [0; 2];
                stream.read_exact(&mut answer).await?;
                if answer != [1, 0] {
                    return Err(ProxyError::Unauthorized);
                }
            }
            ([VERSION, _], _) => return Err(ProxyError::Unauthorized),
            _ => return Err(ProxyError::Malformed),
        }

        let mut request = Vec::from([VERSION, 1, 0]);
        match host.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => {
                request.push(1);
                request.extend(address.octets());
            }
            Ok(IpAddr::V6(address)) => {
                request.push(4);
                request.extend(address.octets());
            }
            Err(_) => {
                request.push(3);
                counted(&mut request, host.as_bytes())?;
            }
        }
        request.extend(port.to_be_bytes());
        stream.write_all(&request).await?;
        stream.flush().await?;
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).await?;
        let [VERSION, status, _, kind] = answer else { return Err(ProxyError::Malformed) };
        if status != 0 {
            return Err(ProxyError::Refused(status.into()));
        }
        // The address that the proxy connected from, which nobody needs.
        let len = match kind {
            1 => 4,
            4 => 16,
            3 => usize::from(stream.read_u8().await?),
            _ => return Err(ProxyError::Malformed),
        };
        let mut address = [0; 255 + 2];
        stream.read_exact(address.get_mut(..len + 2).unwrap_or_default()).await?;
        Ok(())
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

/// Adds `text` behind its length.
fn counted(message: &mut Vec<u8>, text: &[u8]) -> Result<(), ProxyError> {
    message.push(u8::try_from(text.len()).map_err(|_| ProxyError::TooLong)?);
    message.extend_from_slice(text);
    Ok(())
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
