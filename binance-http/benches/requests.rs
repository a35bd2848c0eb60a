//! Signed orders and questions for the time, one after the other over one connection to a local server: by this client over
//! hyper, by hyper's own connection handle, by the blocking client, and by a bare socket; with `RUSTFLAGS="--cfg peers"` by
//! reqwest too.
//!
//! All of them write the same request with this crate, sign it with HMAC-SHA256, read the whole reply and decode it. What the
//! clients do beyond that is theirs: the clock's offset, the budget, the time limit, the idle connections, the headers
//! and the verdict on the reply. The handle and the bare socket do without, and would wait for ever.
//!
//! One round of each in turn, many times, so that a slow phase of the machine meets all of them. Prints the median and the
//! 99th percentile of the time a request takes, the client thread's CPU time and the allocations for each; then, for what
//! has a goal, the ratio of the rounds that were disturbed least.
//!
//! Client and server share one CPU, where `taskset` is there to see to it: between two, most of the time is that of waking
//! the other, which depends on how deep it sleeps and not on the client.
//!
//! `cargo bench -p binance-http --features blocking --bench requests -- --check` fails when a goal is missed,
//! `-- --unpinned` leaves the CPUs to the system, and `-- handle client` runs those alone, for a profiler.
#![allow(clippy::unwrap_used, reason = "a benchmark that fails stops")]

mod local;
#[path = "local/rounds.rs"]
mod rounds;

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::ExitCode,
};

use binance_core::usdm::market_data::Time;
use binance_http::{
    BaseUrl, Client, blocking,
    budget::Rules,
    pool::InProcess,
    request::{Plan, Prepared},
    response::{Decoder, Progress},
};
use binance_sign::{Credentials, Hmac};
use tokio::runtime::Runtime;

use self::{
    local::{Contender, Handle, credentials, order, runtime, serve, stamp},
    rounds::{Asked, Goal, Measured, measure, print},
};

struct Ours {
    runtime: Runtime,
    client: Client,
}

impl Contender for Ours {
    fn time(&mut self) -> i64 {
        self.runtime.block_on(self.client.fetch(&Time::new())).unwrap().server_time.0
    }

    fn order(&mut self) -> u64 {
        self.runtime.block_on(self.client.fetch(&order())).unwrap().order_id
    }
}

impl Contender for blocking::Client {
    fn time(&mut self) -> i64 {
        self.fetch(&Time::new()).unwrap().server_time.0
    }

    fn order(&mut self) -> u64 {
        self.fetch(&order()).unwrap().order_id
    }
}

/// The sans-IO parts over a blocking socket.
struct Bare {
    stream: TcpStream,
    base: BaseUrl,
    credentials: Credentials<Hmac>,
    buffer: [u8; 4_096],
}

impl Bare {
    fn new(url: &str) -> Self {
        let base = BaseUrl::parse(url).unwrap();
        let stream = TcpStream::connect((base.host(), base.port())).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, base, credentials: credentials(), buffer: [0; 4_096] }
    }

    fn send<R: binance_core::Request>(&mut self, request: &R) -> std::ops::Range<usize> {
        let mut room = [0; 1_024];
        let prepared: Prepared<'_> =
            Plan::new(request, &self.base).write(Some(&self.credentials), stamp(), &mut room).unwrap();
        self.stream.write_all(prepared.as_bytes()).unwrap();
        let (mut filled, mut decoder) = (0, Decoder::new());
        while decoder.progress() != Progress::Done {
            let count = self.stream.read(&mut self.buffer[filled..]).unwrap();
            filled = decoder.feed(&mut self.buffer, filled + count).unwrap();
        }
        decoder.body_range()
    }
}

impl Contender for Bare {
    fn time(&mut self) -> i64 {
        let request = Time::new();
        let body = self.send(&request);
        binance_core::Endpoint::decode(&request, &self.buffer[body]).unwrap().server_time.0
    }

    fn order(&mut self) -> u64 {
        let request = order();
        let body = self.send(&request);
        binance_core::Endpoint::decode(&request, &self.buffer[body]).unwrap().order_id
    }
}

/// The request of this crate, sent by reqwest.
#[cfg(peers)]
struct Reqwest {
    runtime: Runtime,
    client: reqwest::Client,
    base: BaseUrl,
    credentials: Credentials<Hmac>,
}

#[cfg(peers)]
impl Reqwest {
    fn new(url: &str) -> Self {
        let client = reqwest::Client::builder().tcp_nodelay(true).user_agent("bench").build().unwrap();
        Self { runtime: runtime(), client, base: BaseUrl::parse(url).unwrap(), credentials: credentials() }
    }

    fn send<R: binance_core::Request>(&mut self, request: &R) -> reqwest::Result<impl AsRef<[u8]> + use<R>> {
        let mut room = [0; 1_024];
        let prepared: Prepared<'_> =
            Plan::new(request, &self.base).write(Some(&self.credentials), stamp(), &mut room).unwrap();
        let url = format!("{}{}", self.base, prepared.target());
        let verb = reqwest::Method::from_bytes(prepared.method().as_str().as_bytes()).unwrap();
        let mut built = self.client.request(verb, url).header("accept", "application/json");
        if request.meta().security.needs_key() {
            built = built.header("x-mbx-apikey", local::API_KEY);
        }
        self.runtime.block_on(async { built.send().await?.bytes().await })
    }
}

#[cfg(peers)]
impl Contender for Reqwest {
    fn time(&mut self) -> i64 {
        let request = Time::new();
        let body = self.send(&request).unwrap();
        binance_core::Endpoint::decode(&request, body.as_ref()).unwrap().server_time.0
    }

    fn order(&mut self) -> u64 {
        let request = order();
        let body = self.send(&request).unwrap();
        binance_core::Endpoint::decode(&request, body.as_ref()).unwrap().order_id
    }
}

const BARE: &str = "bare socket";
const BLOCKING: &str = "blocking client";
const HANDLE: &str = "hyper's handle";
const OURS: &str = "this client";

/// For signed orders.
const GOALS: [Goal; 3] = [
    Goal { of: OURS, to: HANDLE, what: "p50", value: |(p50, _)| *p50, most: 1.10 },
    Goal { of: OURS, to: HANDLE, what: "CPU", value: |(_, cpu)| *cpu, most: 1.25 },
    Goal { of: BLOCKING, to: BARE, what: "p50", value: |(p50, _)| *p50, most: 1.15 },
];

/// How many allocations this client may have beyond the handle's.
const MORE_ALLOCATIONS: u64 = 3;

fn contenders(url: &str) -> Vec<(&'static str, Box<dyn Contender>)> {
    // A budget is kept, and never used up.
    let all = u32::MAX;
    let rules = Rules { weight: all, orders_10s: all, orders_1m: all, ..Rules::default() };
    let pool = || InProcess::new(rules);
    let client = Client::builder().base_url(url).credentials(credentials()).pool(pool()).build().unwrap();
    let blocking = blocking::Client::builder().base_url(url).credentials(credentials()).pool(pool());
    vec![
        (BARE, Box::new(Bare::new(url))),
        (BLOCKING, Box::new(blocking.build_blocking().unwrap())),
        (HANDLE, Box::new(Handle::new(url))),
        (OURS, Box::new(Ours { runtime: runtime(), client })),
        #[cfg(peers)]
        ("reqwest", Box::new(Reqwest::new(url))),
    ]
}

/// Whether each goal is met for which both were measured.
fn judge(measured: &[Measured]) -> bool {
    let find = |name: &str| measured.iter().find(|measured| measured.name == name);
    let mut met = rounds::judge(measured, &GOALS);
    if let (Some(ours), Some(handle)) = (find(OURS), find(HANDLE)) {
        let most = handle.allocations + MORE_ALLOCATIONS;
        let word = if ours.allocations <= most { "met" } else { "MISSED" };
        println!("allocations of {OURS}: {}, at most {most}: {word}", ours.allocations);
        met &= ours.allocations <= most;
    }
    met
}

fn main() -> ExitCode {
    let asked = match Asked::of_this_run() {
        Ok(asked) => asked,
        Err(ended) => return ended,
    };
    let url = serve();
    let mut met = true;
    for (what, ask) in [
        ("time", (|contender| assert!(contender.time() > 0)) as fn(&mut dyn Contender)),
        ("order", |contender| assert!(contender.order() > 0)),
    ] {
        let contenders = contenders(&url).into_iter().filter(|(name, _)| asked.wants(name));
        let mut measured: Vec<Measured> = contenders
            .map(|(name, mut contender)| Measured::new(name, Box::new(move || ask(&mut *contender))))
            .collect();
        measure(&mut measured, asked.rounds);
        print(what, &mut measured);
        if what == "order" {
            met = judge(&measured);
        }
    }
    if met || !asked.has("--check") { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
