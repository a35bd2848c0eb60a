//! Who listens to what, and the frames on their way.

use std::{collections::HashMap, sync::Arc};

use tokio::sync::{Notify, mpsc};
use tokio_tungstenite::tungstenite::{Bytes, Utf8Bytes};

use crate::{
    faults::{Faults, What},
    json::Json,
    market::Venue,
    streams::topic::{Host, Topic},
};

/// How many frames may wait for a socket before it is closed as too slow.
const QUEUE: usize = 20_000;
/// How many streams a socket may have.
pub(crate) const MAX_STREAMS: usize = 1_024;
/// How long a socket lives, in milliseconds.
const LIFE: i64 = 24 * 60 * 60 * 1_000;

/// What a socket's task shall send.
#[derive(Debug)]
pub(crate) enum Out {
    Text(Utf8Bytes),
    Ping(Bytes),
    Close(u16, &'static str),
}

/// The end of a socket's task.
#[derive(Debug)]
pub(crate) struct Outbox {
    pub(crate) id: u64,
    pub(crate) frames: mpsc::Receiver<Out>,
    /// Told when the socket shall go away at once.
    pub(crate) kill: Arc<Notify>,
}

/// A stream that a socket asked for.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) name: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Known and served here.
    Topic(Topic),
    /// User data, all events or some.
    User { key: String, events: Option<Vec<String>> },
    /// Acknowledged, and silent.
    Silent,
}

#[derive(Debug)]
struct Socket {
    host: Host,
    combined: bool,
    subscriptions: Vec<Subscription>,
    frames: mpsc::Sender<Out>,
    kill: Arc<Notify>,
    opened: i64,
    last_ping: i64,
    /// When the oldest ping was sent that is not answered, and in which move of the clock.
    owes_since: Option<(i64, u64)>,
}

/// The stream sockets that are open.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    sockets: HashMap<u64, Socket>,
    topics: HashMap<Topic, Vec<u64>>,
    /// By listen key.
    users: HashMap<String, Vec<u64>>,
    next: u64,
}

impl Hub {
    /// A socket came in.
    pub(crate) fn open(&mut self, host: Host, combined: bool, now: i64) -> Outbox {
        let (sender, frames) = mpsc::channel(QUEUE);
        let kill = Arc::new(Notify::new());
        self.next += 1;
        let socket = Socket {
            host,
            combined,
            subscriptions: Vec::new(),
            frames: sender,
            kill: Arc::clone(&kill),
            opened: now,
            last_ping: now,
            owes_since: None,
        };
        self.sockets.insert(self.next, socket);
        Outbox { id: self.next, frames, kill }
    }

    /// A socket is gone.
    pub(crate) fn close(&mut self, id: u64) {
        self.sockets.remove(&id);
        for listeners in self.topics.values_mut().chain(self.users.values_mut()) {
            listeners.retain(|listener| *listener != id);
        }
        self.topics.retain(|_, listeners| !listeners.is_empty());
        self.users.retain(|_, listeners| !listeners.is_empty());
    }

    /// Every socket goes away at once.
    pub(crate) fn drop_all(&mut self) {
        for socket in self.sockets.values() {
            socket.kill.notify_one();
        }
    }

    pub(crate) fn sockets(&self) -> usize {
        self.sockets.len()
    }

    /// Subscribes a socket to a stream by its name. Says `false` when it has as many as it may.
    pub(crate) fn subscribe(&mut self, id: u64, name: &str, venues: &[Venue], is_key: bool) -> bool {
        let Some(socket) = self.sockets.get(&id) else { return true };
        let kind = match Topic::parse(name, venues) {
            Some(topic) if topic.is_served_on(socket.host, venues) => Kind::Topic(topic),
            None if is_key && matches!(socket.host, Host::Private | Host::CoinM) => {
                Kind::User { key: name.to_owned(), events: None }
            }
            _ => Kind::Silent,
        };
        self.add(id, Subscription { name: name.to_owned(), kind })
    }

    /// Subscribes a socket to user data: all events, or some.
    pub(crate) fn subscribe_user(&mut self, id: u64, key: &str, events: Option<Vec<String>>) -> bool {
        let Some(socket) = self.sockets.get(&id) else { return true };
        let served = matches!(socket.host, Host::Private | Host::CoinM);
        let kind = if served { Kind::User { key: key.to_owned(), events } } else { Kind::Silent };
        self.add(id, Subscription { name: key.to_owned(), kind })
    }

    fn add(&mut self, id: u64, subscription: Subscription) -> bool {
        let Some(socket) = self.sockets.get_mut(&id) else { return true };
        if socket.subscriptions.iter().any(|known| known.name == subscription.name) {
            return true;
        }
        if socket.subscriptions.len() >= MAX_STREAMS {
            return false;
        }
        match &subscription.kind {
            Kind::Topic(topic) => self.topics.entry(*topic).or_default().push(id),
            Kind::User { key, .. } => self.users.entry(key.clone()).or_default().push(id),
            Kind::Silent => {}
        }
        socket.subscriptions.push(subscription);
        true
    }

    /// Ends a subscription; one that does not exist is no matter.
    pub(crate) fn unsubscribe(&mut self, id: u64, name: &str) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        let Some(place) = socket.subscriptions.iter().position(|known| known.name == name) else { return };
        match socket.subscriptions.remove(place).kind {
            Kind::Topic(topic) => leave(&mut self.topics, &topic, id),
            Kind::User { key, .. } => leave(&mut self.users, &key, id),
            Kind::Silent => {}
        }
    }

    /// The names of a socket's streams, in the order they were asked for.
    pub(crate) fn subscriptions(&self, id: u64) -> impl Iterator<Item = &str> {
        let socket = self.sockets.get(&id);
        socket.into_iter().flat_map(|socket| socket.subscriptions.iter().map(|known| known.name.as_str()))
    }

    /// Whether a socket gets its frames wrapped, with the stream's name.
    pub(crate) fn is_combined(&self, id: u64) -> bool {
        self.sockets.get(&id).is_some_and(|socket| socket.combined)
    }

    pub(crate) fn set_combined(&mut self, id: u64, combined: bool) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.combined = combined;
        }
    }

    /// Sends a frame to all who listen; it is only made when somebody does.
    pub(crate) fn publish(
        &mut self,
        topic: Topic,
        faults: &mut Faults,
        now: i64,
        frame: impl FnOnce() -> Json,
    ) {
        let Some(listeners) = self.topics.get(&topic) else { return };
        let raw = Utf8Bytes::from(frame().0);
        for id in listeners {
            let Some(socket) = self.sockets.get(id) else { continue };
            let is_it = |known: &&Subscription| matches!(&known.kind, Kind::Topic(known) if *known == topic);
            let Some(subscription) = socket.subscriptions.iter().find(is_it) else { continue };
            socket.send(&subscription.name, &subscription.name, &raw, faults, now);
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
        let raw = Utf8Bytes::from(frame.0.clone());
        for id in listeners {
            let Some(socket) = self.sockets.get(id) else { continue };
            let wanted = socket.subscriptions.iter().any(|known| match &known.kind {
                Kind::User { key: known, events } => {
                    known == key
                        && events.as_ref().is_none_or(|events| events.iter().any(|wanted| wanted == event))
                }
                _ => false,
            });
            if wanted {
                socket.send(key, "userData", &raw, faults, now);
            }
        }
    }

    /// Closes the sockets that listen to nothing but this key.
    pub(crate) fn close_users(&mut self, key: &str) {
        for id in self.users.remove(key).unwrap_or_default() {
            let Some(socket) = self.sockets.get_mut(&id) else { continue };
            socket.subscriptions.retain(|known| known.name != key);
            if socket.subscriptions.is_empty() {
                socket.push(Out::Close(1000, "listenKey closed"));
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
                socket.push(Out::Close(1008, "Pong timeout"));
            } else if now - socket.opened >= LIFE {
                socket.push(Out::Close(1001, "24 hours are over"));
            } else if now - socket.last_ping >= ping_interval {
                socket.last_ping = now;
                socket.owes_since.get_or_insert((now, step));
                socket.push(Out::Ping(Bytes::from(now.to_string())));
            }
        }
    }
}

impl Socket {
    /// Sends a frame of a stream, unless something shall go wrong with it.
    fn send(&self, name: &str, fault_name: &str, raw: &Utf8Bytes, faults: &mut Faults, now: i64) {
        let text = if self.combined {
            let mut text = String::with_capacity(raw.len() + name.len() + 24);
            text.push_str("{\"stream\":");
            crate::json::Write::write(name, &mut text);
            text.push_str(",\"data\":");
            text.push_str(raw);
            text.push('}');
            Utf8Bytes::from(text)
        } else {
            raw.clone()
        };
        match faults.strike_stream(fault_name, now) {
            None => self.push(Out::Text(text)),
            Some(What::DropStream) => self.kill.notify_one(),
            Some(What::CloseStream(code)) => self.push(Out::Close(code, "")),
            Some(What::GarbageFrame) => self.push(Out::Text(Utf8Bytes::from_static("{\"e\":\"aggTr\u{0}{]"))),
            Some(What::DuplicateFrame) => {
                self.push(Out::Text(text.clone()));
                self.push(Out::Text(text));
            }
            Some(What::TruncateFrame) => {
                let middle =
                    (text.len() / 2..text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(0);
                self.push(Out::Text(Utf8Bytes::from(text.get(..middle).unwrap_or_default().to_owned())));
            }
            // Silence, and what does not act on streams.
            Some(_) => {}
        }
    }

    /// Puts something into the queue; a socket whose queue is full is too slow and goes away.
    fn push(&self, out: Out) {
        if self.frames.try_send(out).is_err() {
            self.kill.notify_one();
        }
    }
}

fn leave<K: std::hash::Hash + Eq>(listeners: &mut HashMap<K, Vec<u64>>, key: &K, id: u64) {
    if let Some(ids) = listeners.get_mut(key) {
        ids.retain(|listener| *listener != id);
        if ids.is_empty() {
            listeners.remove(key);
        }
    }
}
