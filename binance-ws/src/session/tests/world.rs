//! A made-up exchange, the adapter, and a clock that is moved by hand.

use core::time::Duration;
use std::{
    collections::{BTreeSet, VecDeque},
    format,
    string::{String, ToString},
    vec::Vec,
};

use binance_core::{ApiError, stream::RawStream};

use super::*;

/// An exchange, the adapter and the clock. Replies and events take `latency` milliseconds on each socket.
pub(super) struct World {
    pub(super) session: Session<Vec<Slot>>,
    pub(super) now: u64,
    pub(super) sockets: [Option<Socket>; 2],
    /// Attempts to connect fail while this is set.
    pub(super) down: bool,
    /// Commands that hold this name are refused.
    pub(super) bad: &'static str,
    /// Commands are not answered while this is set.
    pub(super) deaf: bool,
    /// Pings are not answered while this is set.
    pub(super) no_pongs: bool,
    pub(super) latency: [u64; 2],
    pub(super) connects: usize,
    /// When a text message was sent, on which link, and what.
    pub(super) sent: Vec<(u64, usize, String)>,
    /// When a frame was sent, on which connection of all, and what.
    pub(super) frames: Vec<(u64, usize, &'static str)>,
    pub(super) notices: Vec<(u64, Notice)>,
    /// What the session gave out.
    pub(super) events: Vec<(u64, String, u64)>,
    pub(super) replies: Vec<(RequestId, Result<String, ApiError>)>,
    pub(super) unmatched: usize,
}

#[derive(Default)]
pub(super) struct Socket {
    pub(super) serial: usize,
    pub(super) subscribed: BTreeSet<String>,
    /// What is on its way to the session, and when it arrives.
    pub(super) inbox: VecDeque<(u64, String)>,
    /// When it will be closed in answer to a close frame.
    pub(super) closes_at: Option<u64>,
}

pub(super) fn stream(name: &str) -> RawStream<'_> {
    RawStream { name, market: Market::UsdM, route: Some(Route::Public) }
}

impl World {
    pub(super) fn new(config: Config) -> Self {
        Self::of(Mode::Combined, config, 1)
    }

    pub(super) fn of(mode: Mode, config: Config, seed: u64) -> Self {
        Self {
            session: Session::new(Market::UsdM, Some(Route::Public), mode, Vec::new(), config, seed),
            now: 1_000,
            sockets: [None, None],
            down: false,
            bad: "nothing",
            deaf: false,
            no_pongs: false,
            latency: [1, 1],
            connects: 0,
            sent: Vec::new(),
            frames: Vec::new(),
            notices: Vec::new(),
            events: Vec::new(),
            replies: Vec::new(),
            unmatched: 0,
        }
    }

    /// Started, connected and settled.
    pub(super) fn live(config: Config, names: &[&str]) -> Self {
        let mut world = Self::new(config);
        world.want(names);
        world.session.start(Tick(world.now));
        world.run(5_000);
        assert!(world.session.is_settled());
        world
    }

    pub(super) fn want(&mut self, names: &[&str]) {
        names.iter().for_each(|name| self.session.want(&stream(name)).unwrap());
    }

    pub(super) fn unwant(&mut self, names: &[&str]) {
        names.iter().for_each(|name| self.session.unwant(&stream(name)).unwrap());
    }

    /// Follows the contract of the module.
    pub(super) fn follow(&mut self) {
        let mut buffer = [0; MESSAGE_LEN];
        for round in 0.. {
            assert!(round < 1_000, "the session never comes to rest");
            let mut rest = true;
            while let Some(action) = self.session.poll_action() {
                rest = false;
                match action {
                    Action::Connect(link) => {
                        self.connects += 1;
                        assert!(self.sockets[link.index()].is_none(), "a socket that nobody dropped");
                        if self.down {
                            self.session.lost(link, Tick(self.now), Reason::Connect);
                        } else {
                            self.sockets[link.index()] =
                                Some(Socket { serial: self.connects, ..Socket::default() });
                            self.session.opened(link, Tick(self.now));
                        }
                    }
                    Action::Abandon(link) => self.sockets[link.index()] = None,
                }
            }
            while let Some(transmit) = self.session.poll_transmit(Tick(self.now), &mut buffer) {
                rest = false;
                let link = transmit.link.index();
                let serial = self.sockets[link].as_ref().map_or(0, |socket| socket.serial);
                match transmit.frame {
                    Outgoing::Text(text) => {
                        let text = text.to_string();
                        self.sent.push((self.now, link, text.clone()));
                        self.frames.push((self.now, serial, "text"));
                        self.obey(link, &text);
                    }
                    Outgoing::Ping => {
                        self.frames.push((self.now, serial, "ping"));
                        if !self.no_pongs && self.sockets[link].is_some() {
                            self.session.pong(transmit.link, Tick(self.now));
                        }
                    }
                    Outgoing::Pong(payload) => {
                        assert_eq!(payload, b"payload 7");
                        self.frames.push((self.now, serial, "pong"));
                    }
                    Outgoing::Close(code) => {
                        assert_eq!(code, 1_000);
                        self.frames.push((self.now, serial, "close"));
                        if let Some(socket) = &mut self.sockets[link] {
                            socket.closes_at = Some(self.now + self.latency[link]);
                        }
                    }
                }
            }
            while let Some(notice) = self.session.poll_notice() {
                rest = false;
                self.notices.push((self.now, notice));
            }
            if rest {
                break;
            }
        }
    }

    /// The exchange takes a command.
    pub(super) fn obey(&mut self, link: usize, text: &str) {
        assert!(text.len() <= MESSAGE_LEN);
        let command: serde_json::Value = serde_json::from_str(text).unwrap();
        let socket = self.sockets[link].as_mut().expect("a command without a socket");
        let names: Vec<&str> =
            command["params"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap()).collect();
        assert!(names.len() <= BATCH);
        let mut answer = serde_json::json!({ "result": null, "id": command["id"] });
        if names.contains(&self.bad) {
            answer = serde_json::json!({ "error": { "code": 2, "msg": "bad" }, "id": command["id"] });
        } else {
            for name in names {
                match command["method"].as_str().unwrap() {
                    "SUBSCRIBE" => assert!(socket.subscribed.insert(name.into()), "{name} is doubled"),
                    "UNSUBSCRIBE" => assert!(socket.subscribed.remove(name), "{name} was not there"),
                    other => panic!("{other} with names"),
                }
            }
            if command["method"] == "LIST_SUBSCRIPTIONS" {
                answer["result"] = socket.subscribed.iter().cloned().collect();
            }
        }
        if !self.deaf {
            let earlier = socket.inbox.back().map_or(0, |(at, _)| *at);
            socket.inbox.push_back(((self.now + self.latency[link]).max(earlier), answer.to_string()));
        }
    }

    /// An event with the number `number` is sent on every socket that has the stream.
    /// Tells when it will have arrived everywhere.
    pub(super) fn emit(&mut self, name: &str, number: u64) -> u64 {
        let mut arrival = self.now + self.latency.into_iter().max().unwrap();
        let text = format!(r#"{{"stream":"{name}","data":{{"e":"depthUpdate","u":{number}}}}}"#);
        for (socket, latency) in self.sockets.iter_mut().zip(self.latency) {
            if let Some(socket) = socket.as_mut().filter(|socket| socket.subscribed.contains(name)) {
                // Nothing overtakes what was sent before.
                let earlier = socket.inbox.back().map_or(0, |(at, _)| *at);
                arrival = arrival.max(earlier);
                socket.inbox.push_back(((self.now + latency).max(earlier), text.clone()));
            }
        }
        arrival
    }

    pub(super) fn arrive(&mut self) {
        for index in 0..2 {
            let link = LinkId::new(index).unwrap();
            while let Some(socket) = &mut self.sockets[index] {
                if !self.session.may_read(link) || socket.inbox.front().is_none_or(|(at, _)| *at > self.now) {
                    break;
                }
                let (_, text) = socket.inbox.pop_front().unwrap();
                self.take(link, &text);
            }
            if self.sockets[index]
                .as_ref()
                .is_some_and(|socket| socket.closes_at.is_some_and(|at| at <= self.now))
            {
                self.sockets[index] = None;
                self.session.lost(link, Tick(self.now), Reason::Closed(1_000));
            }
        }
    }

    pub(super) fn take(&mut self, link: LinkId, text: &str) {
        match self.session.text(link, Tick(self.now), text) {
            Received::Event { stream, data } => {
                let number = find_number(data);
                self.events.push((self.now, stream.unwrap_or_default().to_string(), number));
            }
            Received::Reply { id, result, .. } => self.replies.push((id, result.map(ToString::to_string))),
            Received::Handled | Received::Duplicate => {}
            Received::Unmatched { .. } | Received::Garbage(_) => self.unmatched += 1,
        }
    }

    /// Lets a millisecond pass.
    pub(super) fn step(&mut self) {
        self.now += 1;
        self.arrive();
        self.follow();
        for round in 0.. {
            if self.session.poll_timeout().is_none_or(|at| at > Tick(self.now)) {
                break;
            }
            assert!(round < 200, "a deadline that is not obeyed: {:?}", self.session);
            self.session.elapsed(Tick(self.now));
            self.follow();
        }
    }

    pub(super) fn run(&mut self, millis: u64) {
        self.follow();
        (0..millis).for_each(|_| self.step());
    }

    /// Jumps from deadline to deadline: for hours.
    pub(super) fn sleep(&mut self, millis: u64) {
        let end = self.now + millis;
        self.follow();
        while self.now < end {
            let inbox = self.sockets.iter().flatten().filter_map(|socket| {
                socket.inbox.front().map(|(at, _)| *at).into_iter().chain(socket.closes_at).min()
            });
            let next = inbox.chain(self.session.poll_timeout().map(|at| at.0)).min().unwrap_or(end);
            self.now = next.clamp(self.now + 1, end) - 1;
            self.step();
        }
    }

    pub(super) fn cut(&mut self, link: usize, reason: Reason) {
        self.sockets[link] = None;
        self.session.lost(LinkId::new(link).unwrap(), Tick(self.now), reason);
        self.follow();
    }

    /// The sockets that are open.
    pub(super) fn open(&self) -> Vec<usize> {
        (0..2).filter(|index| self.sockets[*index].is_some()).collect()
    }

    pub(super) fn told(&self, wanted: impl Fn(&Notice) -> bool) -> usize {
        self.notices.iter().filter(|(_, notice)| wanted(notice)).count()
    }

    pub(super) fn check_ceiling(&self) {
        for serial in 0..=self.connects {
            let times: Vec<u64> =
                self.frames.iter().filter(|frame| frame.1 == serial).map(|frame| frame.0).collect();
            for (index, first) in times.iter().enumerate() {
                let within = times[index..].iter().take_while(|time| *time - first < 1_000).count();
                assert!(within <= 10, "{within} frames in the second after {first}");
            }
        }
    }
}

fn find_number(data: &str) -> u64 {
    serde_json::from_str::<serde_json::Value>(data).unwrap()["u"].as_u64().unwrap_or_default()
}

pub(super) fn names(count: usize) -> Vec<String> {
    (0..count).map(|index| format!("symbol{index:04}@depth@100ms")).collect()
}

pub(super) fn quiet() -> Config {
    // No stream of these tests is in the silence table unless a test is about it, and pings only disturb.
    Config { ping_after: Duration::ZERO, ..Config::default() }
}
