//! Stream sockets: the handshake, and frames both ways.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message, Utf8Bytes,
        protocol::{CloseFrame, Role, WebSocketConfig},
    },
};

use super::{Request, Response, Shared, http::note};
use crate::{
    base64, params,
    reject::Reject,
    streams::{
        control,
        hub::{Out, Outbox},
        topic::Host,
    },
};

/// The longest message that a client may send.
const MAX_MESSAGE: usize = 256 * 1_024;
/// What a handshake costs of the request weight.
const HANDSHAKE_WEIGHT: u32 = 5;
/// How long a close frame may take to go out.
const GOODBYE: Duration = Duration::from_secs(2);

/// Shakes hands and serves a stream socket until it closes.
pub(super) async fn serve(mut stream: TcpStream, rest: Vec<u8>, request: &Request, shared: &Shared) {
    let target = match Target::parse(request) {
        Some(target) => target,
        None => {
            let refusal = Response::html(404, "<html><body><h2>404 Not found</h2></body></html>\n");
            note(request, 404, shared);
            let _ = stream.write_all(&refusal.bytes(true)).await;
            return;
        }
    };
    let outbox = match enter(&target, request, shared) {
        Ok(outbox) => outbox,
        Err(reject) => {
            note(request, reject.status, shared);
            let _ = stream.write_all(&Response::reject(&reject).bytes(true)).await;
            return;
        }
    };
    note(request, 101, shared);
    let id = outbox.id;
    let kill = outbox.kill.clone();
    tokio::select! {
        // Told to go away at once, even in the middle of a frame that nobody reads.
        () = kill.notified() => {}
        () = converse(stream, rest, request, outbox, shared) => {}
    }
    shared.borrow_mut().hub.close(id);
}

/// What a client wants to hear, from the path and the query.
struct Target {
    host: Host,
    combined: bool,
    streams: Vec<String>,
    /// Listen keys, each with the events that are wanted.
    users: Vec<(String, Option<Vec<String>>)>,
}

impl Target {
    fn parse(request: &Request) -> Option<Self> {
        let path = request.path.trim_end_matches('/');
        let (host, path) = [
            ("/dstream", Host::CoinM),
            ("/public", Host::Public),
            ("/market", Host::Market),
            ("/private", Host::Private),
        ]
        .into_iter()
        .find_map(|(prefix, host)| {
            path.strip_prefix(prefix).filter(|rest| rest.starts_with('/')).map(|rest| (host, rest))
        })
        .unwrap_or((Host::Unrouted, path));
        let mut target = Self { host, combined: false, streams: Vec::new(), users: Vec::new() };
        let names = |text: &str| {
            text.split('/').filter(|name| !name.is_empty()).map(params::decode).collect::<Option<Vec<_>>>()
        };
        match path.strip_prefix("/ws") {
            Some("") => {}
            Some(rest) => target.streams = names(rest.strip_prefix('/')?)?,
            None if path == "/stream" => target.combined = true,
            None => return None,
        }
        for pair in request.query.split('&') {
            match pair.split_once('=') {
                Some(("streams", list)) => target.streams.extend(names(&params::decode(list)?)?),
                Some(("listenKey", key)) => target.users.push((key.to_owned(), None)),
                // Belongs to the key before it.
                Some(("events", list)) => {
                    let events = params::decode(list)?.split('/').map(str::to_owned).collect();
                    if let Some((_, wanted)) = target.users.last_mut() {
                        *wanted = Some(events);
                    }
                }
                _ => {}
            }
        }
        Some(target)
    }
}

/// Lets a socket in and subscribes it to what its address asks for.
fn enter(target: &Target, request: &Request, shared: &Shared) -> Result<Outbox, Reject> {
    let mut exchange = shared.borrow_mut();
    exchange.refresh();
    let (now, time) = (exchange.now, exchange.server_time());
    exchange.limits.charge(request.from, HANDSHAKE_WEIGHT, time).map_err(|(_, reject)| reject)?;
    let outbox = exchange.hub.open(target.host, target.combined, now);
    let id = outbox.id;
    let taken = target.streams.iter().all(|name| exchange.subscribe(id, name))
        && target.users.iter().all(|(key, events)| exchange.hub.subscribe_user(id, key, events.clone()));
    if !taken {
        exchange.hub.close(id);
        return Err(Reject::new(-1101, "Too many parameters sent for this endpoint."));
    }
    Ok(outbox)
}

/// Sends what the hub has, and listens to what the client says.
async fn converse(
    mut stream: TcpStream,
    rest: Vec<u8>,
    request: &Request,
    mut outbox: Outbox,
    shared: &Shared,
) {
    let key = request.upgrade.as_deref().unwrap_or_default();
    let accept = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {}\r\n\r\n",
        accept_key(key)
    );
    if stream.write_all(accept.as_bytes()).await.is_err() {
        return;
    }
    let config =
        WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE)).max_frame_size(Some(MAX_MESSAGE));
    let mut socket = WebSocketStream::from_partially_read(stream, rest, Role::Server, Some(config)).await;
    let ceiling = shared.borrow().message_ceiling;
    let mut meter = Meter::new(ceiling);
    loop {
        tokio::select! {
            out = outbox.frames.recv() => {
                let Some(out) = out else { return };
                if send(&mut socket, out, outbox.id, shared).await.is_none() {
                    return;
                }
                // What else waits goes out in the same write.
                while let Ok(out) = outbox.frames.try_recv() {
                    if send(&mut socket, out, outbox.id, shared).await.is_none() {
                        return;
                    }
                }
                if socket.flush().await.is_err() {
                    return;
                }
            }
            message = socket.next() => {
                let Some(Ok(message)) = message else { return };
                if !meter.lets_through() {
                    goodbye(&mut socket, 1008, "Too many requests").await;
                    return;
                }
                match message {
                    Message::Text(text) => {
                        let reply = {
                            let mut exchange = shared.borrow_mut();
                            exchange.refresh();
                            control::message(&mut exchange, outbox.id, &text)
                        };
                        if socket.send(Message::Text(Utf8Bytes::from(reply.0))).await.is_err() {
                            return;
                        }
                    }
                    Message::Pong(_) => shared.borrow_mut().hub.pong(outbox.id),
                    // Answered below, by the protocol; the answer has to go out.
                    Message::Ping(_) => {
                        if socket.flush().await.is_err() {
                            return;
                        }
                    }
                    Message::Close(_) => {
                        let _ = socket.flush().await;
                        return;
                    }
                    Message::Binary(_) | Message::Frame(_) => {}
                }
            }
        }
    }
}

/// Hands a frame to the socket, not yet flushed; `None` when the socket is done.
async fn send(socket: &mut WebSocketStream<TcpStream>, out: Out, id: u64, shared: &Shared) -> Option<()> {
    match out {
        Out::Text(text) => socket.feed(Message::Text(text)).await.ok(),
        Out::Ping(payload) => socket.feed(Message::Ping(payload)).await.ok(),
        Out::Close(code, reason) => {
            // Nothing is for it any more, even while it says goodbye.
            shared.borrow_mut().hub.close(id);
            goodbye(socket, code, reason).await;
            None
        }
    }
}

/// Closes with a code, and waits a little for the client to close too.
async fn goodbye(socket: &mut WebSocketStream<TcpStream>, code: u16, reason: &'static str) {
    let frame = CloseFrame { code: code.into(), reason: Utf8Bytes::from_static(reason) };
    let closing = async {
        if socket.close(Some(frame)).await.is_ok() {
            while let Some(Ok(_)) = socket.next().await {}
        }
    };
    let _ = tokio::time::timeout(GOODBYE, closing).await;
}

/// Counts messages in seconds of the host's clock.
struct Meter {
    ceiling: u32,
    since: Instant,
    count: u32,
}

impl Meter {
    fn new(ceiling: u32) -> Self {
        Self { ceiling, since: Instant::now(), count: 0 }
    }

    fn lets_through(&mut self) -> bool {
        if self.since.elapsed() >= Duration::from_secs(1) {
            (self.since, self.count) = (Instant::now(), 0);
        }
        self.count += 1;
        self.count <= self.ceiling
    }
}

/// What answers the key of a handshake (RFC 6455, 4.2.2).
fn accept_key(key: &str) -> String {
    let text = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    base64::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()).as_ref())
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn target(path: &str, query: &str) -> Option<Target> {
        Target::parse(&Request {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            body: String::new(),
            api_key: None,
            from: IpAddr::from([127, 0, 0, 1]),
            head: Vec::new(),
            upgrade: None,
            close: false,
        })
    }

    #[test]
    fn the_key_of_the_rfc_is_answered() {
        assert_eq!(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn addresses_say_what_is_wanted() {
        for (path, query, host, combined, streams) in [
            ("/ws", "", Host::Unrouted, false, &[][..]),
            ("/ws/", "", Host::Unrouted, false, &[]),
            ("/ws/a@b/c@d", "", Host::Unrouted, false, &["a@b", "c@d"]),
            ("/public/ws/a@b", "", Host::Public, false, &["a@b"]),
            ("/market/stream", "streams=a@b/c@d", Host::Market, true, &["a@b", "c@d"]),
            ("/stream", "streams=a%40b%2Fc", Host::Unrouted, true, &["a@b", "c"]),
            ("/dstream/ws/%E5%B8%81@x", "", Host::CoinM, false, &["币@x"]),
        ] {
            let target = target(path, query).unwrap();
            assert_eq!(
                (target.host, target.combined, target.streams),
                (host, combined, streams.iter().map(|name| (*name).to_owned()).collect()),
                "{path}"
            );
        }
        let users = target("/private/stream", "listenKey=k1&events=A/B&listenKey=k2").unwrap().users;
        let events = vec!["A".to_owned(), "B".to_owned()];
        assert_eq!(users, [("k1".to_owned(), Some(events)), ("k2".to_owned(), None)]);
        for path in ["/", "", "/nope", "/wsx", "/public", "/publicws", "/private/other"] {
            assert!(target(path, "").is_none(), "{path}");
        }
    }
}
