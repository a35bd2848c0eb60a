//! What is said with a proxy to get a tunnel through it: no I/O.

use std::{format, io, mem, net::IpAddr, vec::Vec};

use base64ct::{Base64, Encoding as _};

use super::proxy::{Kind, Proxy, ProxyError};

/// The longest reply to a CONNECT.
const MAX_HEAD: usize = 16 << 10;

const SOCKS: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const PASSWORD: u8 = 2;

/// A talk with a proxy. Whoever has the stream writes [`output`](Self::output), reads, hands what came to
/// [`feed`](Self::feed), and begins again until that gives something.
pub(crate) struct Handshake<'p> {
    proxy: &'p Proxy,
    host: &'p str,
    port: u16,
    expects: Expects,
    output: Vec<u8>,
    came: Vec<u8>,
}

/// Which of the proxy's answers comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expects {
    /// The head of an HTTP reply.
    Head,
    /// RFC 1928: the method that it chose.
    Method,
    /// RFC 1929: whether it likes the password.
    Admission,
    /// RFC 1928: whether it has connected.
    Connection,
    Nothing,
}

impl<'p> Handshake<'p> {
    /// For a tunnel to a port of `host`, which is a name or an address without brackets.
    pub(crate) fn new(proxy: &'p Proxy, host: &'p str, port: u16) -> Self {
        let (expects, output) = match proxy.kind {
            Kind::Http => (Expects::Head, connect(proxy, host, port)),
            Kind::Socks5 if proxy.credentials.is_none() => {
                (Expects::Method, Vec::from([SOCKS, 1, NO_AUTHENTICATION]))
            }
            Kind::Socks5 => (Expects::Method, Vec::from([SOCKS, 2, NO_AUTHENTICATION, PASSWORD])),
        };
        Self { proxy, host, port, expects, output, came: Vec::new() }
    }

    /// What has to be written before the next read, once; may be nothing.
    pub(crate) fn output(&mut self) -> Vec<u8> {
        mem::take(&mut self.output)
    }

    /// Takes what came; nothing means that the proxy has closed the connection. Once the tunnel stands, gives what came
    /// behind the proxy's last word: that is the host's.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<Option<Vec<u8>>, ProxyError> {
        if bytes.is_empty() {
            return Err(ProxyError::Io(io::ErrorKind::UnexpectedEof.into()));
        }
        self.came.extend_from_slice(bytes);
        while let Some(len) = self.answer()? {
            self.came.drain(..len);
            if self.expects == Expects::Nothing {
                return Ok(Some(mem::take(&mut self.came)));
            }
        }
        Ok(None)
    }

    /// Acts on the next answer when it is whole, and gives its length.
    fn answer(&mut self) -> Result<Option<usize>, ProxyError> {
        match (self.expects, self.came.as_slice()) {
            (Expects::Head, came) => {
                let len = head(came)?;
                if len.is_some() {
                    self.expects = Expects::Nothing;
                }
                Ok(len)
            }
            (Expects::Method, [SOCKS, method, ..]) => {
                match (*method, &self.proxy.credentials) {
                    (NO_AUTHENTICATION, _) => self.ask_to_connect()?,
                    (PASSWORD, Some((user, password))) => {
                        self.output.push(1);
                        counted(&mut self.output, user.as_bytes())?;
                        counted(&mut self.output, password.as_bytes())?;
                        self.expects = Expects::Admission;
                    }
                    _ => return Err(ProxyError::Unauthorized),
                }
                Ok(Some(2))
            }
            (Expects::Admission, [version, status, ..]) => {
                if (*version, *status) != (1, 0) {
                    return Err(ProxyError::Unauthorized);
                }
                self.ask_to_connect()?;
                Ok(Some(2))
            }
            (Expects::Connection, [SOCKS, 0, _, kind, rest @ ..]) => {
                // The address that the proxy connected from, which nobody needs, and its port.
                let address = match kind {
                    1 => 4,
                    4 => 16,
                    3 => match rest.first() {
                        Some(len) => 1 + usize::from(*len),
                        None => return Ok(None),
                    },
                    _ => return Err(ProxyError::Malformed),
                };
                let len = 4 + address + 2;
                if self.came.len() < len {
                    return Ok(None);
                }
                self.expects = Expects::Nothing;
                Ok(Some(len))
            }
            (_, [] | [SOCKS]) | (Expects::Admission, [_]) | (Expects::Connection, [SOCKS, 0, ..]) => Ok(None),
            (Expects::Connection, [SOCKS, status, ..]) => Err(ProxyError::Refused((*status).into())),
            _ => Err(ProxyError::Malformed),
        }
    }

    fn ask_to_connect(&mut self) -> Result<(), ProxyError> {
        self.output.extend([SOCKS, 1, 0]);
        match self.host.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => {
                self.output.push(1);
                self.output.extend(address.octets());
            }
            Ok(IpAddr::V6(address)) => {
                self.output.push(4);
                self.output.extend(address.octets());
            }
            Err(_) => {
                self.output.push(3);
                counted(&mut self.output, self.host.as_bytes())?;
            }
        }
        self.output.extend(self.port.to_be_bytes());
        self.expects = Expects::Connection;
        Ok(())
    }
}

/// A CONNECT.
fn connect(proxy: &Proxy, host: &str, port: u16) -> Vec<u8> {
    let bracketed = if host.contains(':') { format!("[{host}]") } else { host.into() };
    let mut request = format!("CONNECT {bracketed}:{port} HTTP/1.1\r\nHost: {bracketed}:{port}\r\n");
    if let Some((user, password)) = &proxy.credentials {
        let both = format!("{user}:{password}");
        request += "Proxy-Authorization: Basic ";
        request += &Base64::encode_string(both.as_bytes());
        request += "\r\n";
    }
    request += "\r\n";
    request.into_bytes()
}

/// The length of the head of a reply that says yes, when it is whole.
fn head(came: &[u8]) -> Result<Option<usize>, ProxyError> {
    let mut headers = [httparse::EMPTY_HEADER; crate::response::MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(came) {
        Ok(httparse::Status::Complete(len)) => match response.code {
            Some(200..=299) => Ok(Some(len)),
            Some(407) => Err(ProxyError::Unauthorized),
            Some(status) => Err(ProxyError::Refused(status)),
            None => Err(ProxyError::Malformed),
        },
        Ok(httparse::Status::Partial) if came.len() < MAX_HEAD => Ok(None),
        _ => Err(ProxyError::Malformed),
    }
}

/// Adds `text` behind its length.
fn counted(message: &mut Vec<u8>, text: &[u8]) -> Result<(), ProxyError> {
    message.push(u8::try_from(text.len()).map_err(|_| ProxyError::TooLong)?);
    message.extend_from_slice(text);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::string::String;

    use super::*;

    /// What a proxy hears, one entry for each time it listens.
    type Heard = Vec<Vec<u8>>;

    /// What a proxy that says `answers` hears, and what the talk ends with, when the
    /// answers come `piece` bytes at a time.
    fn talk(url: &str, host: &str, answers: &[u8], piece: usize) -> (Heard, Result<Option<Vec<u8>>, String>) {
        let proxy = Proxy::parse(url).unwrap();
        let mut handshake = Handshake::new(&proxy, host, 443);
        let mut heard = Vec::from([handshake.output()]);
        let mut ahead = Vec::new();
        let mut stands = false;
        for bytes in answers.chunks(piece) {
            if stands {
                ahead.extend_from_slice(bytes);
                continue;
            }
            match handshake.feed(bytes) {
                Ok(Some(begun)) => {
                    ahead = begun;
                    stands = true;
                }
                Ok(None) => {}
                Err(error) => return (heard, Err(format!("{error:?}"))),
            }
            let output = handshake.output();
            if !output.is_empty() {
                heard.push(output);
            }
        }
        (heard, Ok(stands.then_some(ahead)))
    }

    #[test]
    fn each_talk_is_the_same_however_its_answers_are_cut() {
        let basic =
            b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\nProxy-Authorization: Basic dTpw\r\n\r\n".as_slice();
        let six = b"CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n".as_slice();
        let name = b"\x05\x01\x00\x03\x01h\x01\xbb".as_slice();
        let open = b"\x05\x01\x00".as_slice();
        let both = b"\x05\x02\x00\x02".as_slice();
        for (url, host, answers, heard, end) in [
            (
                "http://u:p@x:1",
                "h",
                b"HTTP/1.1 200 OK\r\nVia: x\r\n\r\nahead".as_slice(),
                [basic].as_slice(),
                Ok(Some("ahead")),
            ),
            ("http://x:1", "::1", b"HTTP/1.0 200 \r\n\r\n", &[six], Ok(Some(""))),
            ("http://x:1", "::1", b"HTTP/1.1 200 OK\r\nVia", &[six], Ok(None)),
            ("http://x:1", "::1", b"HTTP/1.1 407 No\r\n\r\n", &[six], Err("Unauthorized")),
            ("http://x:1", "::1", b"HTTP/1.1 502 No\r\n\r\n", &[six], Err("Refused(502)")),
            ("http://x:1", "::1", b"SSH-2.0\r\n", &[six], Err("Malformed")),
            (
                "socks5://x:1",
                "h",
                b"\x05\x00\x05\x00\x00\x01\0\0\0\0\0\0ahead",
                &[open, name],
                Ok(Some("ahead")),
            ),
            ("socks5://x:1", "h", b"\x05\x00\x05\x00\x00\x03\x04here\0\0", &[open, name], Ok(Some(""))),
            ("socks5://x:1", "h", b"\x05\x00\x05\x00\x00\x04", &[open, name], Ok(None)),
            ("socks5://x:1", "h", b"\x05\x00\x05\x05", &[open, name], Err("Refused(5)")),
            ("socks5://x:1", "h", b"\x05\x00\x05\x00\x00\x02", &[open, name], Err("Malformed")),
            ("socks5://x:1", "h", b"\x05\x00\x04", &[open, name], Err("Malformed")),
            ("socks5://x:1", "h", b"\x04\x00", &[open], Err("Malformed")),
            ("socks5://x:1", "h", b"\x05\xff", &[open], Err("Unauthorized")),
            ("socks5://x:1", "h", b"\x05\x02", &[open], Err("Unauthorized")),
            (
                "socks5://u:p@x:1",
                "1.2.3.4",
                b"\x05\x02\x01\x00",
                &[both, b"\x01\x01u\x01p", b"\x05\x01\x00\x01\x01\x02\x03\x04\x01\xbb"],
                Ok(None),
            ),
            ("socks5://u:p@x:1", "h", b"\x05\x02\x01\x01", &[both, b"\x01\x01u\x01p"], Err("Unauthorized")),
            ("socks5://u:p@x:1", "h", b"\x05\x00", &[both, name], Ok(None)),
        ] {
            for piece in [1, 2, 3] {
                let (said, ended) = talk(url, host, answers, piece);
                let ended = ended.map(|ahead| ahead.map(|ahead| String::from_utf8(ahead).unwrap()));
                assert_eq!(
                    ended.as_ref().map(|ahead| ahead.as_deref()).map_err(String::as_str),
                    end,
                    "{url} {answers:?} {piece}"
                );
                let (said, heard) = (said.concat(), heard.concat());
                if piece == 1 || end.is_ok() {
                    assert_eq!(said, heard, "{url} {answers:?} {piece}");
                } else {
                    // A refusal that comes before its question may end the talk before it is put.
                    assert!(heard.starts_with(&said), "{url} {answers:?} {piece}");
                }
            }
        }
    }

    #[test]
    fn what_is_too_long_or_never_ends_is_refused() {
        let long = "x".repeat(256);
        for (url, host, answers) in [
            (format!("socks5://{long}:p@x:1"), "h", b"\x05\x02".as_slice()),
            (format!("socks5://u:{long}@x:1"), "h", b"\x05\x02"),
            ("socks5://x:1".into(), &long, b"\x05\x00"),
        ] {
            assert_eq!(talk(&url, host, answers, 2).1, Err("TooLong".into()));
        }
        let endless = [b"HTTP/1.1 200 OK\r\nX: ".as_slice(), &[b'x'; MAX_HEAD]].concat();
        assert_eq!(talk("http://x:1", "h", &endless, 1_000).1, Err("Malformed".into()));
        let proxy = Proxy::parse("http://x:1").unwrap();
        assert!(matches!(Handshake::new(&proxy, "h", 1).feed(b""), Err(ProxyError::Io(_))));
    }
}
