//! HTTP/1.1, by hand, so that every byte can go wrong on demand.

use std::{net::IpAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use super::{Request, Response, Shared, answer::answer, socket::Socket};

/// The longest head.
const MAX_HEAD: usize = 64 * 1_024;
/// The longest body.
const MAX_BODY: usize = 1_024 * 1_024;
/// The most headers.
const MAX_HEADERS: usize = 100;
/// How long a client may take over the rest of a request it has begun.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is left of a socket that wants to speak WebSocket: the stream, bytes read past the request, the request.
type Upgrade = (Socket, Vec<u8>, Request);

/// Serves requests until the socket closes, or gives the socket when it is upgraded.
pub(super) async fn serve(mut stream: Socket, from: IpAddr, shared: &Shared) -> Option<Upgrade> {
    let mut buffer = Vec::new();
    loop {
        let request = match read(&mut stream, &mut buffer, from).await {
            Ok(request) => request,
            Err(Broken::Closed) => return None,
            Err(Broken::Refused(status)) => {
                let refusal = Response::html(status, "<html><body><h2>Bad request</h2></body></html>\n");
                // The client may be gone; there is nothing more to do for it.
                let _ = stream.write_all(&refusal.bytes(true)).await;
                return None;
            }
        };
        if request.upgrade.is_some() {
            let goes_on = super::answer::handshake(&mut stream, &request, shared).await.is_some();
            return goes_on.then_some((stream, buffer, request));
        }
        let close = request.close;
        if answer(&mut stream, &request, shared).await.is_none() || close {
            return None;
        }
    }
}

/// Why no request came.
enum Broken {
    /// The socket closed, or was too slow.
    Closed,
    /// What came is no request; answered with this status.
    Refused(u16),
}

/// Reads one request; what comes after it stays in the buffer.
async fn read(stream: &mut Socket, buffer: &mut Vec<u8>, from: IpAddr) -> Result<Request, Broken> {
    let mut begun = !buffer.is_empty();
    let (mut request, length) = loop {
        if begun {
            let head = parse(buffer, from)?;
            if head.as_ref().map_or(buffer.len(), |(request, _)| request.head.len()) > MAX_HEAD {
                return Err(Broken::Refused(431));
            }
            if let Some(head) = head {
                break head;
            }
        }
        fill(stream, buffer, begun).await?;
        begun = true;
    };
    buffer.drain(..request.head.len());
    if length > MAX_BODY {
        return Err(Broken::Refused(413));
    }
    if length > buffer.len() && header(&request.head, "expect").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.map_err(|_| Broken::Closed)?;
    }
    while buffer.len() < length {
        fill(stream, buffer, true).await?;
    }
    let body = buffer.drain(..length).collect();
    request.body = String::from_utf8(body).map_err(|_| Broken::Refused(400))?;
    Ok(request)
}

/// Reads more. A request that has begun may not take for ever; a socket that is idle may.
async fn fill(stream: &mut Socket, buffer: &mut Vec<u8>, begun: bool) -> Result<(), Broken> {
    let read = stream.read_buf(buffer);
    let count = if begun { timeout(PATIENCE, read).await.unwrap_or(Ok(0)) } else { read.await };
    match count {
        Ok(0) | Err(_) => Err(Broken::Closed),
        Ok(_) => Ok(()),
    }
}

/// Parses a head, if it is whole; gives the length of the body that follows.
fn parse(buffer: &[u8], from: IpAddr) -> Result<Option<(Request, usize)>, Broken> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let end = match head.parse(buffer) {
        Ok(httparse::Status::Complete(end)) => end,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(Broken::Refused(431)),
        Err(_) => return Err(Broken::Refused(400)),
    };
    let text = |name: &str| {
        let mut found = head.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
        found.next().map(|header| String::from_utf8_lossy(header.value).trim().to_owned())
    };
    if text("transfer-encoding").is_some() {
        return Err(Broken::Refused(501));
    }
    let length = match text("content-length") {
        Some(length) => length.parse().map_err(|_| Broken::Refused(400))?,
        None => 0,
    };
    let target = head.path.unwrap_or("/");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let wants =
        |name: &str, word: &str| text(name).is_some_and(|value| value.to_ascii_lowercase().contains(word));
    let upgrade = if wants("upgrade", "websocket") { text("sec-websocket-key") } else { None };
    let request = Request {
        method: head.method.unwrap_or_default().to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        body: String::new(),
        api_key: text("x-mbx-apikey"),
        from,
        head: buffer.get(..end).unwrap_or_default().to_vec(),
        upgrade,
        close: wants("connection", "close") || head.version == Some(0),
    };
    Ok(Some((request, length)))
}

/// The value of a header in a head that was parsed before.
fn header<'h>(head: &'h [u8], name: &str) -> Option<&'h str> {
    let lines = std::str::from_utf8(head).ok()?.lines();
    let mut pairs = lines.filter_map(|line| line.split_once(':'));
    pairs.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Option<(Request, usize)>, u16> {
        parse(text.as_bytes(), IpAddr::from([127, 0, 0, 1])).map_err(|broken| match broken {
            Broken::Refused(status) => status,
            Broken::Closed => 0,
        })
    }

    #[test]
    fn heads_are_parsed_when_they_are_whole() {
        let text = "POST /fapi/v1/order?a=1&b=2 HTTP/1.1\r\nHost: x\r\nx-mbx-apikey: k\r\nContent-Length: 3\r\n\r\nabc";
        for end in 0..text.len() - 3 {
            assert!(parsed(&text[..end]).unwrap().is_none());
        }
        let (request, length) = parsed(text).unwrap().unwrap();
        assert_eq!((request.path.as_str(), request.query.as_str(), length), ("/fapi/v1/order", "a=1&b=2", 3));
        assert_eq!(request.api_key.as_deref(), Some("k"));
        assert_eq!(request.head.len(), text.len() - 3);
        assert!(!request.close);
    }

    #[test]
    fn what_is_no_request_is_refused() {
        assert_eq!(parsed("\0\0\0\r\n\r\n").unwrap_err(), 400);
        assert_eq!(parsed("GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n").unwrap_err(), 400);
        assert_eq!(parsed("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap_err(), 501);
        let many = "a: b\r\n".repeat(MAX_HEADERS + 1);
        assert_eq!(parsed(&format!("GET / HTTP/1.1\r\n{many}\r\n")).unwrap_err(), 431);
    }
}
