//! Whatever happens to a session's connections: it comes to rest, keeps under the exchange's ceiling on messages, and in
//! the end the exchange has what is wanted, each once.

use std::collections::BTreeSet;

use binance_core::{
    Market,
    stream::{Incoming, RawStream, Route},
};
use binance_ws::{
    Tick,
    session::{
        Action, Config, LinkId, MESSAGE_LEN, Mode, Outgoing, Reason, Session, Slot, StreamState,
    },
};

use crate::input::Input;

const NAMES: [&str; 6] = [
    "btcusdt@depth@100ms",
    "btcusdt@bookTicker",
    "ethusdt@depth",
    "ethusdt@bookTicker",
    "!bookTicker",
    "bnbusdt@depth20@500ms",
];

/// Takes the input as steps: what the caller wants, what happens to sockets, and time.
pub fn check(data: &[u8]) {
    let mut input = Input(data);
    let seed = input.int();
    let mut world = World {
        session: Session::new(
            Market::UsdM,
            Some(Route::Public),
            Mode::Combined,
            Vec::<Slot>::new(),
            Config::default(),
            seed,
        ),
        now: 1_000,
        sockets: Vec::new(),
        down: false,
        deaf: false,
        sent: Vec::new(),
    };
    let mut wanted = BTreeSet::new();
    world.session.start(Tick(world.now));
    world.follow();
    // Bounded, so that no input takes long.
    for _ in 0..200 {
        if input.is_empty() {
            break;
        }
        let step = input.byte();
        let name = NAMES[usize::from(step >> 4) % NAMES.len()];
        match step % 10 {
            0 | 1 => {
                if world.session.want(&stream(name)).is_ok() {
                    wanted.insert(name);
                }
            }
            2 => {
                if world.session.unwant(&stream(name)).is_ok() {
                    wanted.remove(name);
                }
            }
            3 => world.down = !world.down,
            4 => world.deaf = !world.deaf,
            5 => world.cut(usize::from(step >> 4)),
            6 => world.arrive(),
            7 => world.say(usize::from(step >> 4), &input.text()),
            8 => world.pass(u64::from(input.byte())),
            _ => world.pass(u64::from(input.below(60_000)) * 10),
        }
        world.follow();
    }
    (world.down, world.deaf) = (false, false);
    // Longer than any wait between attempts, and than all commands under the ceiling.
    for _ in 0..40 {
        world.arrive();
        world.pass(5_000);
    }
    world.arrive();
    let told: BTreeSet<&str> = world.session.streams().map(|StreamState { name, .. }| name).collect();
    assert_eq!(told, wanted);
    if world.session.is_settled() {
        let had: BTreeSet<&str> = world
            .sockets
            .iter()
            .flat_map(|socket| &socket.subscribed)
            .map(String::as_str)
            .collect();
        assert_eq!(had, wanted);
    } else {
        assert!(!wanted.is_empty(), "nothing is wanted, and it never settles");
        panic!("not settled after a long quiet: {:?}", world.session);
    }
}

fn stream(name: &str) -> RawStream<'_> {
    RawStream { name, market: Market::UsdM, route: Some(Route::Public) }
}

struct Socket {
    link: LinkId,
    subscribed: BTreeSet<String>,
    answers: Vec<String>,
    /// When something was sent on it.
    sent: Vec<u64>,
    closing: bool,
}

/// The exchange, the adapter and the clock.
struct World {
    session: Session<Vec<Slot>>,
    now: u64,
    sockets: Vec<Socket>,
    down: bool,
    deaf: bool,
    sent: Vec<String>,
}

impl World {
    /// Follows the contract of a session.
    fn follow(&mut self) {
        let mut buffer = [0; MESSAGE_LEN];
        for round in 0.. {
            assert!(round < 1_000, "never comes to rest");
            let mut rest = true;
            while let Some(action) = self.session.poll_action() {
                rest = false;
                match action {
                    Action::Connect(link) => {
                        assert!(self.sockets.iter().all(|socket| socket.link != link), "a socket is in the way");
                        if self.down {
                            self.session.lost(link, Tick(self.now), Reason::Connect);
                        } else {
                            self.sockets.push(Socket {
                                link,
                                subscribed: BTreeSet::new(),
                                answers: Vec::new(),
                                sent: Vec::new(),
                                closing: false,
                            });
                            self.session.opened(link, Tick(self.now));
                        }
                    }
                    Action::Abandon(link) => self.sockets.retain(|socket| socket.link != link),
                    _ => {}
                }
            }
            while let Some(transmit) = self.session.poll_transmit(Tick(self.now), &mut buffer) {
                rest = false;
                let Some(socket) = self.sockets.iter_mut().find(|socket| socket.link == transmit.link) else {
                    panic!("sends on no socket");
                };
                socket.sent.push(self.now);
                let within = socket.sent.iter().rev().take_while(|at| self.now - **at < 1_000).count();
                assert!(within <= 10, "{within} messages in a second");
                match transmit.frame {
                    Outgoing::Text(text) => {
                        self.sent.push(text.to_owned());
                        obey(socket, text, self.deaf);
                    }
                    Outgoing::Ping if !self.deaf => self.session.pong(transmit.link, Tick(self.now)),
                    Outgoing::Close(_) => socket.closing = true,
                    _ => {}
                }
            }
            while self.session.poll_notice().is_some() {
                rest = false;
            }
            if rest {
                break;
            }
        }
    }

    /// What the exchange has answered arrives.
    fn arrive(&mut self) {
        self.follow();
        for index in (0..self.sockets.len()).rev() {
            let Some(socket) = self.sockets.get_mut(index) else { continue };
            let link = socket.link;
            let answers = std::mem::take(&mut socket.answers);
            let closing = socket.closing;
            for answer in answers {
                if self.session.may_read(link) {
                    self.session.text(link, Tick(self.now), &answer);
                }
            }
            if closing {
                self.sockets.retain(|socket| socket.link != link);
                self.session.lost(link, Tick(self.now), Reason::Closed(1_000));
            }
            self.follow();
        }
    }

    /// Anything at all arrives.
    fn say(&mut self, index: usize, text: &str) {
        // An answer that the exchange did not give would be believed.
        if let Some(link) = self.sockets.get(index % 2).map(|socket| socket.link)
            && self.session.may_read(link)
            && !matches!(Incoming::parse(text), Ok(Incoming::Reply { .. }))
        {
            self.session.text(link, Tick(self.now), text);
            self.session.ping(link, Tick(self.now), text.as_bytes());
        }
    }

    fn cut(&mut self, index: usize) {
        if !self.sockets.is_empty() {
            let socket = self.sockets.remove(index % self.sockets.len());
            self.session.lost(socket.link, Tick(self.now), Reason::Closed(1_006));
        }
    }

    /// Time passes, from deadline to deadline.
    fn pass(&mut self, millis: u64) {
        let end = self.now + millis;
        for round in 0.. {
            assert!(round < 10_000, "a deadline that is not obeyed");
            self.follow();
            match self.session.poll_timeout() {
                Some(Tick(at)) if at <= end => {
                    self.now = self.now.max(at);
                    self.session.elapsed(Tick(self.now));
                    if !self.deaf {
                        self.arrive();
                    }
                }
                _ => break,
            }
        }
        self.now = end;
    }
}

/// The exchange takes a command.
fn obey(socket: &mut Socket, text: &str, deaf: bool) {
    let command: serde_json::Value = serde_json::from_str(text).expect("commands are JSON");
    for name in command["params"].as_array().into_iter().flatten() {
        let name = name.as_str().expect("names are texts");
        match command["method"].as_str() {
            Some("SUBSCRIBE") => assert!(socket.subscribed.insert(name.into()), "{name} is doubled"),
            Some("UNSUBSCRIBE") => assert!(socket.subscribed.remove(name), "{name} was not there"),
            _ => {}
        }
    }
    if !deaf {
        socket.answers.push(serde_json::json!({ "result": null, "id": command["id"] }).to_string());
    }
}
