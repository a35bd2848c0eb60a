//! Half an hour of made-up time with five million events and five hundred connections: nothing is lost, and memory stays
//! what it was. A tenth of it without optimization.
//!
//! `cargo test --release -p binance-ws --test soak` is all of it, in a few seconds.
#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

use std::{fmt::Write, time::Duration};

use binance_core::stream::{RawStream, Route};
use binance_ws::{
    Market, Tick,
    session::{Action, Config, LinkId, MESSAGE_LEN, Mode, Notice, Outgoing, Reason, Received, Session, Slot},
};

const STREAMS: usize = 200;
const MINUTES: u64 = if cfg!(debug_assertions) { 3 } else { 30 };
const CONNECTS: u64 = 500 * MINUTES / 30;
const EVENTS_A_STEP: usize = 42;

/// The exchange's side of a socket. Nothing in it grows.
struct Socket {
    has: Vec<bool>,
    answers: Vec<u64>,
}

struct World {
    session: Session<Vec<Slot>>,
    now: u64,
    sockets: [Option<Socket>; 2],
    names: Vec<String>,
    wanted: Vec<bool>,
    /// The number of the last event of each stream, by the exchange and as it came.
    sent: Vec<u64>,
    got: Vec<u64>,
    buffer: Vec<u8>,
    text: String,
    connects: u64,
    events: u64,
    gaps: u64,
    random: u64,
}

impl World {
    fn new(config: Config) -> Self {
        let session = Session::new(
            Market::UsdM,
            Some(Route::Public),
            Mode::Combined,
            Vec::with_capacity(512),
            config,
            7,
        );
        Self {
            session,
            now: 0,
            sockets: [None, None],
            names: (0..STREAMS).map(|index| format!("symbol{index:04}@depth@100ms")).collect(),
            wanted: vec![false; STREAMS],
            sent: vec![0; STREAMS],
            got: vec![0; STREAMS],
            buffer: vec![0; MESSAGE_LEN],
            text: String::with_capacity(1_024),
            connects: 0,
            events: 0,
            gaps: 0,
            random: 1,
        }
    }

    fn below(&mut self, most: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random % most as u64) as usize
    }

    fn want(&mut self, index: usize, want: bool) {
        let stream = RawStream { name: &self.names[index], market: Market::UsdM, route: Some(Route::Public) };
        if want { self.session.want(&stream) } else { self.session.unwant(&stream) }.unwrap();
        self.wanted[index] = want;
    }

    /// Follows the contract of the session, and obeys commands at once.
    fn follow(&mut self) {
        while let Some(action) = self.session.poll_action() {
            match action {
                Action::Connect(link) => {
                    self.connects += 1;
                    let (has, answers) = (vec![false; STREAMS], Vec::with_capacity(16));
                    self.sockets[link.index()] = Some(Socket { has, answers });
                    self.session.opened(link, Tick(self.now));
                }
                Action::Abandon(link) => self.sockets[link.index()] = None,
                other => panic!("{other:?}"),
            }
        }
        while let Some(transmit) = self.session.poll_transmit(Tick(self.now), &mut self.buffer) {
            let link = transmit.link;
            let Some(socket) = &mut self.sockets[link.index()] else { panic!("no socket") };
            match transmit.frame {
                Outgoing::Text(text) => {
                    let subscribe = text.starts_with(r#"{"method":"SUBSCRIBE""#);
                    for name in text.split("\"symbol").skip(1) {
                        let index: usize = name[..4].parse().unwrap();
                        assert_ne!(socket.has[index], subscribe, "doubled, or never there: {index}");
                        socket.has[index] = subscribe;
                    }
                    let (_, id) = text.rsplit_once(':').unwrap();
                    socket.answers.push(id.trim_end_matches('}').parse().unwrap());
                }
                Outgoing::Ping => self.session.pong(link, Tick(self.now)),
                Outgoing::Close(_) => {
                    self.sockets[link.index()] = None;
                    self.session.lost(link, Tick(self.now), Reason::Closed(1_000));
                }
                _ => {}
            }
        }
        while let Some(notice) = self.session.poll_notice() {
            self.gaps += u64::from(matches!(notice, Notice::Gap { .. }));
        }
    }

    fn answer(&mut self) {
        for index in 0..2 {
            let link = LinkId::new(index).unwrap();
            while self.session.may_read(link)
                && let Some(id) = self.sockets[index].as_mut().and_then(|socket| socket.answers.pop())
            {
                self.text.clear();
                write!(self.text, r#"{{"result":null,"id":{id}}}"#).unwrap();
                assert_eq!(self.session.text(link, Tick(self.now), &self.text), Received::Handled);
            }
        }
    }

    fn emit(&mut self, stream: usize) {
        self.sent[stream] += 1;
        let number = self.sent[stream];
        for index in 0..2 {
            let link = LinkId::new(index).unwrap();
            let has = self.sockets[index].as_ref().is_some_and(|socket| socket.has[stream]);
            if !has || !self.session.may_read(link) {
                continue;
            }
            self.text.clear();
            write!(
                self.text,
                r#"{{"stream":"{}","data":{{"e":"depthUpdate","E":{},"u":{number},"b":[["1.0","2.0"]],"a":[]}}}}"#,
                self.names[stream], self.now
            )
            .unwrap();
            if let Received::Event { stream: Some(name), .. } =
                self.session.text(link, Tick(self.now), &self.text)
            {
                assert_eq!(name, self.names[stream]);
                assert!(number > self.got[stream], "doubled or out of order");
                self.got[stream] = number;
                self.events += 1;
            }
        }
    }

    /// Ten milliseconds.
    fn step(&mut self) {
        self.now += 10;
        if self.session.poll_timeout().is_some_and(|at| at <= Tick(self.now)) {
            self.session.elapsed(Tick(self.now));
        }
        self.follow();
        self.answer();
        for _ in 0..EVENTS_A_STEP {
            let stream = self.below(STREAMS);
            if self.wanted[stream] {
                self.emit(stream);
            }
        }
    }

    fn run(&mut self, minutes: u64, connects: u64) {
        let end = self.now + minutes * 60_000;
        let every = minutes * 60_000 / connects.max(1);
        let mut next = self.now + every;
        while self.now < end {
            self.step();
            if self.below(50) == 0 {
                let (index, want) = (self.below(STREAMS), self.below(4) > 0);
                self.want(index, want);
                self.follow();
            }
            if self.now >= next {
                next += every;
                match self.below(4) {
                    // Told to go, which takes another connection.
                    0 => {
                        for index in 0..2 {
                            if self.sockets[index].is_some() {
                                let link = LinkId::new(index).unwrap();
                                let text = r#"{"e":"serverShutdown","E":1}"#;
                                self.session.text(link, Tick(self.now), text);
                            }
                        }
                    }
                    _ => {
                        for index in 0..2 {
                            if self.sockets[index].take().is_some() {
                                let link = LinkId::new(index).unwrap();
                                self.session.lost(link, Tick(self.now), Reason::Dropped);
                            }
                        }
                    }
                }
                self.follow();
            }
        }
    }

    fn rest(&mut self) {
        for _ in 0..2_000 {
            self.step();
        }
        assert!(self.session.is_settled());
        let open: Vec<&Socket> = self.sockets.iter().flatten().collect();
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].has, self.wanted, "the exchange has what is wanted");
    }
}

#[test]
fn half_an_hour_of_losses_loses_no_subscription_and_no_memory() {
    // A connection that is lost every few seconds counts as a failure each time, and is waited for; here it is not.
    let mut config = Config::default();
    config.stable_after = Duration::from_secs(1);
    config.backoff_most = Duration::from_millis(500);
    config.overlap_for = Duration::from_secs(1);
    let mut world = World::new(config);
    for index in 0..STREAMS {
        world.want(index, true);
    }
    world.session.start(Tick(0));
    world.run(1, 20);
    world.rest();
    let (events, connects) = (world.events, world.connects);
    let memory = allocation_counter::measure(|| {
        world.run(MINUTES, CONNECTS);
        world.rest();
    });
    let (events, connects) = (world.events - events, world.connects - connects);
    println!("{events} events, {connects} connects, {} gaps, {memory:?}", world.gaps);
    assert!(connects >= CONNECTS * 9 / 10, "{connects}");
    assert!(events >= 5_000_000 / 30 * MINUTES, "{events}");
    // The sockets of this test come and go; the session keeps what it had.
    assert!(memory.bytes_current.abs() < 1_024, "{memory:?}");
    assert!(memory.bytes_max < 10_000, "{memory:?}");
}

#[test]
fn ten_minutes_without_the_exchange_are_one_gap() {
    let mut world = World::new(Config::default());
    (0..STREAMS).for_each(|index| world.want(index, true));
    world.session.start(Tick(0));
    world.run(1, 0);
    let gaps = world.gaps;
    let lost = Tick(world.now);
    world.sockets = [None, None];
    for index in 0..2 {
        world.session.lost(LinkId::new(index).unwrap(), lost, Reason::Dropped);
    }
    let mut attempts = 0;
    while world.now < lost.0 + 600_000 {
        world.now += 10;
        if world.session.poll_timeout().is_some_and(|at| at <= Tick(world.now)) {
            world.session.elapsed(Tick(world.now));
        }
        while let Some(action) = world.session.poll_action() {
            if let Action::Connect(link) = action {
                attempts += 1;
                world.session.lost(link, Tick(world.now), Reason::Connect);
            }
        }
    }
    assert!((20..150).contains(&attempts), "{attempts} attempts");
    while world.session.poll_notice().is_some() {}
    for _ in 0..4_000 {
        world.step();
    }
    world.rest();
    assert_eq!(world.gaps - gaps, 1);
}
