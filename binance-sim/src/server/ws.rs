//! Stream sockets: the handshake, and frames both ways.

use std::time::{Duration, Instant};

use binance_core::endpoint::Market;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{sleep, timeout},
};

use super::{
    Request, Response, Shared,
    answer::note,
    api::{self, Session},
    socket::Socket,
};
use crate::{
    frame::{self, Message, Opcode, Reader, Violation},
    limits::Pool,
    params,
    reject::Reject,
    streams::{
        control::{self, Taken},
        outbox::{End, Outbox, Piece},
        topic::Host,
    },
};

/// What a handshake costs of the request weight.
const HANDSHAKE_WEIGHT: u32 = 5;
/// How long a close frame may take to go out, and to be answered.
const GOODBYE: Duration = Duration::from_secs(2);

/// Shakes hands and serves a WebSocket until it closes: streams, or the WebSocket API.
pub(super) async fn serve(mut stream: Socket, rest: Vec<u8>, request: &Request, shared: &Shared) {
    let api = api::market(&request.path);
    let target = match Target::parse(request) {
        Some(target) => target,
        None if api.is_some() => Target::of(Host::Unrouted),
        None => {
            let refusal = Response::html(404, "<html><body><h2>404 Not found</h2></body></html>\n");
            note(request, 404, shared);
            let _ = stream.write_all(&refusal.bytes(true)).await;
            return;
        }
    };
    let (id, outbox) = match enter(&target, api, request, shared) {
        Ok(entered) => entered,
        Err(reject) => {
            note(request, reject.status, shared);
            let _ = stream.write_all(&Response::reject(&reject).bytes(true)).await;
            return;
        }
    };
    note(request, 101, shared);
    let session = api.map(|market| Session::new(market, request, &outbox, shared));
    let answer = |text: String| match &session {
        Some(session) => session.hear(text),
        None => {
            let mut exchange = shared.borrow_mut();
            exchange.refresh();
            if let Some(reply) = control::message(&mut exchange, id, &text) {
                outbox.text(&reply.0);
            }
        }
    };
    let key = request.upgrade.as_deref().unwrap_or_default();
    // What a call of the WebSocket API may cost is a matter of weights.
    let ceiling = if api.is_some() { u32::MAX } else { shared.borrow().message_ceiling };
    let meter = Meter::new(ceiling);
    let mut conversation = Conversation { stream, outbox: &outbox, id, meter, shared };
    let end = tokio::select! {
        // Told to go away at once, even in the middle of a frame that nobody reads.
        end = outbox.ended() => end,
        end = conversation.hold(key, rest, answer) => end,
    };
    if end == End::Reset {
        conversation.stream.reset_on_drop();
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
    const fn of(host: Host) -> Self {
        Self { host, combined: false, streams: Vec::new(), users: Vec::new() }
    }

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
        let mut target = Self::of(host);
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
fn enter(
    target: &Target,
    api: Option<Market>,
    request: &Request,
    shared: &Shared,
) -> Result<(u64, Outbox), Reject> {
    let mut exchange = shared.borrow_mut();
    exchange.refresh();
    let (now, time) = (exchange.now, exchange.server_time());
    let pool = api.map_or(Pool::Rest, api::pool);
    exchange.limits.charge_in(pool, request.from, HANDSHAKE_WEIGHT, time).map_err(|(_, reject)| reject)?;
    let (id, outbox) = exchange.hub.open(target.host, target.combined, now);
    let taken = target.streams.iter().all(|name| exchange.subscribe(id, name) != Taken::No)
        && target.users.iter().all(|(key, events)| exchange.hub.subscribe_user(id, key, events.clone()));
    if !taken {
        exchange.hub.close(id);
        return Err(Reject::new(-1101, "Too many parameters sent for this endpoint."));
    }
    Ok((id, outbox))
}

/// A socket that has shaken hands.
struct Conversation<'a> {
    stream: Socket,
    outbox: &'a Outbox,
    id: u64,
    meter: Meter,
    shared: &'a Shared,
}

impl Conversation<'_> {
    /// Sends what the queue has and hands over what the client says, until either side ends it.
    async fn hold(&mut self, key: &str, rest: Vec<u8>, answer: impl Fn(String)) -> End {
        let accept = format!(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {}\r\n\r\n",
            frame::accept_key(key)
        );
        // A socket that breaks is a socket that is dropped.
        self.talk(accept.as_bytes(), rest, answer).await.unwrap_or(End::Dropped)
    }

    async fn talk(
        &mut self,
        accept: &[u8],
        mut buffer: Vec<u8>,
        answer: impl Fn(String),
    ) -> std::io::Result<End> {
        self.stream.write_all(accept).await?;
        self.stream.flush().await?;
        let mut reader = Reader::of_client();
        loop {
            loop {
                let message = match reader.next(&mut buffer) {
                    Ok(Some(message)) => message,
                    Ok(None) => break,
                    Err(Violation(code)) => return self.goodbye(code, "").await.map(|()| End::Dropped),
                };
                if !self.meter.lets_through() {
                    return self.goodbye(1_008, "Too many requests").await.map(|()| End::Dropped);
                }
                match message {
                    Message::Text(text) => answer(text),
                    Message::Ping(payload) => self.outbox.message(Opcode::Pong, &payload),
                    Message::Pong => self.shared.borrow_mut().hub.pong(self.id),
                    Message::Binary => {}
                    Message::Close(code) => {
                        let payload = code.map(|code| frame::closing(code, "")).unwrap_or_default();
                        return self.last_words(&payload).await.map(|()| End::Dropped);
                    }
                }
            }
            tokio::select! {
                piece = self.outbox.next() => match piece {
                    Piece::Bytes(bytes) => {
                        self.stream.write_all(&bytes).await?;
                        self.stream.flush().await?;
                    }
                    Piece::Slowly(bytes) => {
                        for byte in bytes {
                            self.stream.write_all(&[byte]).await?;
                            self.stream.flush().await?;
                            tokio::task::yield_now().await;
                        }
                    }
                    Piece::Pause(delay) => sleep(delay).await,
                    Piece::End(end) => return Ok(end),
                    Piece::Close(code, reason) => return self.goodbye(code, reason).await.map(|()| End::Dropped),
                },
                read = self.stream.read_buf(&mut buffer) => if read? == 0 { return Ok(End::Dropped) },
            }
        }
    }

    /// Closes with a code, and waits a little for the client to close too.
    async fn goodbye(&mut self, code: u16, reason: &str) -> std::io::Result<()> {
        // Nothing is for it any more, even while it says goodbye.
        self.shared.borrow_mut().hub.close(self.id);
        let closing = async {
            self.last_words(&frame::closing(code, reason)).await?;
            let mut rest = [0; 4_096];
            while self.stream.read(&mut rest).await? > 0 {}
            Ok(())
        };
        timeout(GOODBYE, closing).await.unwrap_or(Ok(()))
    }

    /// Sends what still waits, and a close frame.
    async fn last_words(&mut self, payload: &[u8]) -> std::io::Result<()> {
        let mut bytes = self.outbox.rest();
        frame::write(&mut bytes, Opcode::Close, payload);
        self.stream.write_all(&bytes).await?;
        self.stream.shutdown().await
    }
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
