//! Who listens to what.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use binance_core::endpoint::Market;

use crate::{
    faults::Faults,
    frame::Opcode,
    json::Json,
    market::Venue,
    replay::RecordedFrame,
    streams::{
        delivery::Delivery,
        outbox::{End, Outbox, Piece},
        topic::{Host, Topic},
    },
};

/// How many streams a socket may have.
pub(crate) const MAX_STREAMS: usize = 1_024;
/// How long a socket lives, in milliseconds.
const LIFE: i64 = 24 * 60 * 60 * 1_000;

/// A stream that a socket asked for.
#[derive(Debug)]
struct Subscription {
    name: Arc<str>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Known and served here.
    Topic(Topic),
    /// User data, all events or some.
    User { key: String, events: Option<Vec<String>> },
    /// Market data that is played back.
    Replayed(Market),
    /// Acknowledged, and silent.
    Silent,
}

#[derive(Debug)]
struct Socket {
    host: Host,
    combined: bool,
    subscriptions: Vec<Subscription>,
    outbox: Outbox,
    opened: i64,
    last_ping: i64,
    /// When the oldest ping was sent that is not answered, and in which move of the clock.
    owes_since: Option<(i64, u64)>,
}

/// A socket that a frame goes to, with all that is needed to hand it over.
#[derive(Debug)]
struct Listener {
    id: u64,
    /// As the socket wrote it.
    name: Arc<str>,
    combined: bool,
    outbox: Outbox,
}

/// The stream sockets that are open.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    sockets: HashMap<u64, Socket>,
    topics: HashMap<Topic, Vec<Listener>>,
    /// By listen key.
    users: HashMap<String, Vec<u64>>,
    /// By name, on each market: those who listen to what is played back.
    replayed: HashMap<(Market, String), Vec<Listener>>,
    /// Market data is played back, and not made.
    replays: bool,
    next: u64,
}

impl Hub {
    /// With market data that is made, or played back.
    pub(crate) fn new(replays: bool) -> Self {
        Self { replays, ..Self::default() }
    }

    /// A socket came in; gives its number and its queue.
    pub(crate) fn open(&mut self, host: Host, combined: bool, now: i64) -> (u64, Outbox) {
        let outbox = Outbox::default();
        self.next += 1;
        let socket = Socket {
            host,
            combined,
            subscriptions: Vec::new(),
            outbox: outbox.clone(),
            opened: now,
            last_ping: now,
            owes_since: None,
        };
        self.sockets.insert(self.next, socket);
        (self.next, outbox)
    }

    /// A socket is gone.
    pub(crate) fn close(&mut self, id: u64) {
        let Some(socket) = self.sockets.remove(&id) else { return };
        for subscription in socket.subscriptions {
            self.leave(id, &subscription);
        }
    }

    /// Every socket goes away at once.
    pub(crate) fn drop_all(&mut self) {
        for socket in self.sockets.values() {
            socket.outbox.end(End::Dropped);
        }
    }

    pub(crate) fn sockets(&self) -> usize {
        self.sockets.len()
    }

    /// Whether anybody listens.
    pub(crate) fn is_wanted(&self, topic: Topic) -> bool {
        self.topics.contains_key(&topic)
    }

    /// Where a socket came in.
    pub(crate) fn host(&self, id: u64) -> Option<Host> {
        self.sockets.get(&id).map(|socket| socket.host)
    }

    /// Subscribes a socket to a stream by its name. Says `false` when it has as many as it may.
    pub(crate) fn subscribe(&mut self, id: u64, name: &str, venues: &[Venue], is_key: bool) -> bool {
        let Some(socket) = self.sockets.get(&id) else { return true };
        let kind = match Topic::parse(name, socket.host, venues) {
            _ if self.replays && !is_key => Kind::Replayed(socket.host.market()),
            Some(topic) if topic.is_served_on(socket.host, venues) => Kind::Topic(topic),
            None if is_key && matches!(socket.host, Host::Private | Host::CoinM) => {
                Kind::User { key: name.to_owned(), events: None }
            }
            _ => Kind::Silent,
        };
        self.add(id, name, kind)
    }

    /// Takes a subscription of which nothing ever comes.
    pub(crate) fn subscribe_in_vain(&mut self, id: u64, name: &str) -> bool {
        self.add(id, name, Kind::Silent)
    }

    /// Subscribes a socket to user data: all events, or some.
    pub(crate) fn subscribe_user(&mut self, id: u64, key: &str, events: Option<Vec<String>>) -> bool {
        let Some(socket) = self.sockets.get(&id) else { return true };
        let served = matches!(socket.host, Host::Private | Host::CoinM);
        let kind = if served { Kind::User { key: key.to_owned(), events } } else { Kind::Silent };
        self.add(id, key, kind)
    }

    fn add(&mut self, id: u64, name: &str, kind: Kind) -> bool {
        let Some(socket) = self.sockets.get_mut(&id) else { return true };
        if socket.subscriptions.iter().any(|known| *known.name == *name) {
            return true;
        }
        if socket.subscriptions.len() >= MAX_STREAMS {
            return false;
        }
        let name = Arc::<str>::from(name);
        match &kind {
            Kind::Topic(topic) => {
                self.topics.entry(*topic).or_default().push(listener(socket, id, &name));
            }
            Kind::User { key, .. } => self.users.entry(key.clone()).or_default().push(id),
            Kind::Replayed(market) => {
                let listeners = self.replayed.entry((*market, name.to_string())).or_default();
                listeners.push(listener(socket, id, &name));
            }
            Kind::Silent => {}
        }
        socket.subscriptions.push(Subscription { name, kind });
        true
    }

    /// Ends a subscription; one that does not exist is no matter.
    pub(crate) fn unsubscribe(&mut self, id: u64, name: &str) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        let Some(place) = socket.subscriptions.iter().position(|known| *known.name == *name) else { return };
        let subscription = socket.subscriptions.remove(place);
        self.leave(id, &subscription);
    }

    fn leave(&mut self, id: u64, subscription: &Subscription) {
        match &subscription.kind {
            Kind::Topic(topic) => leave(&mut self.topics, topic, |listener| listener.id == id),
            Kind::User { key, .. } => leave(&mut self.users, key, |listener| *listener == id),
            Kind::Replayed(market) => {
                let key = (*market, subscription.name.to_string());
                leave(&mut self.replayed, &key, |listener| listener.id == id);
            }
            Kind::Silent => {}
        }
    }

    /// The names of a socket's streams, in the order they were asked for.
    pub(crate) fn subscriptions(&self, id: u64) -> impl Iterator<Item = &str> {
        let socket = self.sockets.get(&id);
        socket.into_iter().flat_map(|socket| socket.subscriptions.iter().map(|known| &*known.name))
    }

    /// Whether a socket gets its frames wrapped, with the stream's name.
    pub(crate) fn is_combined(&self, id: u64) -> bool {
        self.sockets.get(&id).is_some_and(|socket| socket.combined)
    }

    pub(crate) fn set_combined(&mut self, id: u64, combined: bool) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        socket.combined = combined;
        let listeners = self.topics.values_mut().chain(self.replayed.values_mut()).flatten();
        for listener in listeners.filter(|listener| listener.id == id) {
            listener.combined = combined;
        }
    }

    /// Sends a frame to all who listen; it is made when somebody does, and once for all.
    pub(crate) fn publish(
        &mut self,
        topic: Topic,
        faults: &mut Faults,
        now: i64,
        frame: impl FnOnce() -> Json,
    ) {
        let Some(listeners) = self.topics.get(&topic) else { return };
        deliver(listeners, frame(), faults, now);
    }

    /// Sends a frame that is played back to all who listen; `userData` goes to every user data stream.
    pub(crate) fn replay(&mut self, frame: RecordedFrame, faults: &mut Faults, now: i64) {
        let RecordedFrame { market, stream, data, .. } = frame;
        if stream == "userData" {
            let is_open = |socket: &&Socket| {
                let is_user = |known: &Subscription| matches!(known.kind, Kind::User { .. });
                socket.host.market() == market && socket.subscriptions.iter().any(is_user)
            };
            let mut delivery = Delivery::new(Json(data));
            for socket in self.sockets.values().filter(is_open) {
                delivery.send(&socket.outbox, None, "userData", faults, now);
            }
        } else if let Some(listeners) = self.replayed.get(&(market, stream)) {
            deliver(listeners, Json(data), faults, now);
        }
    }

    /// Sends an event to the streams of a listen key.
    pub(crate) fn publish_user(
        &mut self,
        key: &str,
        event: &str,
        frame: &Json,
        faults: &mut Faults,
        now: i64,
    ) {
        let Some(listeners) = self.users.get(key) else { return };
        let mut delivery = Delivery::new(frame.clone());
        for id in listeners {
            let Some(socket) = self.sockets.get(id) else { continue };
            let wanted = socket.subscriptions.iter().any(|known| match &known.kind {
                Kind::User { key: known, events } => {
                    known == key
                        && events.as_ref().is_none_or(|events| events.iter().any(|wanted| wanted == event))
                }
                _ => false,
            });
            if !wanted {
                continue;
            }
            delivery.send(&socket.outbox, socket.combined.then_some(key), "userData", faults, now);
        }
    }

    /// Closes the sockets that listen to nothing but this key.
    pub(crate) fn close_users(&mut self, key: &str) {
        for id in self.users.remove(key).unwrap_or_default() {
            let Some(socket) = self.sockets.get_mut(&id) else { continue };
            socket.subscriptions.retain(|known| *known.name != *key);
            if socket.subscriptions.is_empty() {
                socket.outbox.push(Piece::Close(1000, "listenKey closed"));
            }
        }
    }

    /// A socket answered a ping, or sent a pong of its own accord.
    pub(crate) fn pong(&mut self, id: u64) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.owes_since = None;
        }
    }

    /// Pings the sockets whose time has come, and closes those that owe an answer or are too old.
    ///
    /// A clock that is moved by hand may jump past ping and time-out in one `step`, in which nobody can answer: only
    /// what was owed before counts.
    pub(crate) fn keep_house(&mut self, now: i64, step: u64, ping_interval: i64, pong_timeout: i64) {
        for socket in self.sockets.values_mut() {
            if socket.owes_since.is_some_and(|(since, before)| before < step && now - since >= pong_timeout) {
                socket.outbox.push(Piece::Close(1008, "Pong timeout"));
            } else if now - socket.opened >= LIFE {
                socket.outbox.push(Piece::Close(1001, "24 hours are over"));
            } else if now - socket.last_ping >= ping_interval {
                socket.last_ping = now;
                socket.owes_since.get_or_insert((now, step));
                socket.outbox.message(Opcode::Ping, now.to_string().as_bytes());
            }
        }
    }
}

fn listener(socket: &Socket, id: u64, name: &Arc<str>) -> Listener {
    Listener { id, name: Arc::clone(name), combined: socket.combined, outbox: socket.outbox.clone() }
}

fn deliver(listeners: &[Listener], frame: Json, faults: &mut Faults, now: i64) {
    let mut delivery = Delivery::new(frame);
    for listener in listeners {
        let name = listener.combined.then_some(&*listener.name);
        delivery.send(&listener.outbox, name, &listener.name, faults, now);
    }
}

/// Takes whoever `is_gone` out of the listeners to something.
fn leave<K: Hash + Eq, L>(all: &mut HashMap<K, Vec<L>>, key: &K, is_gone: impl Fn(&L) -> bool) {
    if let Some(listeners) = all.get_mut(key) {
        listeners.retain(|listener| !is_gone(listener));
        if listeners.is_empty() {
            all.remove(key);
        }
    }
}
