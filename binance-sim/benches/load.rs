//! How much one exchange serves: requests a second, stream messages a second, and whether its memory stays.
//!
//! `cargo bench -p binance-sim` runs each part for a few seconds; `-- --soak 300` then keeps on for five minutes and
//! prints the memory as it goes. Client and exchange share the process, with one thread each. `cargo test --bench load` runs
//! each part briefly.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a bench fails by panicking")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use binance_sim::Sim;
use common::{connect, read_reply, request, sign};

/// How many connections send requests.
const CALLERS: usize = 16;
/// How many sockets listen, each to everything.
const LISTENERS: usize = 32;
/// How many orders fill what is remembered.
const FILL: u64 = 110_000;
/// How far time moves before the sockets are read again.
const STEP: Duration = Duration::from_millis(500);

fn main() {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let soak = args
        .iter()
        .position(|arg| arg == "--soak")
        .map(|place| args.get(place + 1).and_then(|seconds| seconds.parse().ok()).expect("--soak SECONDS"));
    // How long each part takes: a test of the benchmark itself takes little.
    let part = Duration::from_millis(if args.iter().any(|arg| arg == "--bench") { 3_000 } else { 100 });
    let mut load = Load::new();
    let rate = |count: u64, time: Duration| count as f64 / time.as_secs_f64();
    println!(
        "{:>10.0} requests a second, public",
        load.run(part, Load::public_requests).map_or(0.0, |(c, t)| rate(c, t))
    );
    println!(
        "{:>10.0} requests a second, signed orders and their ends",
        load.run(part, Load::orders).map_or(0.0, |(c, t)| rate(c, t))
    );
    println!(
        "{:>10.0} stream messages a second",
        load.run(part, Load::messages).map_or(0.0, |(c, t)| rate(c, t))
    );
    println!("{:>10} KiB of memory", memory());
    if let Some(seconds) = soak {
        load.soak(Duration::from_secs(seconds));
    }
}

/// Memory that is in use, in KiB; 0 where the system does not tell.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

struct Load {
    sim: Sim,
    callers: Vec<TcpStream>,
    listeners: Vec<Listener>,
    orders: u64,
}

impl Load {
    fn new() -> Self {
        let sim = Sim::builder()
            .manual_time()
            .weight_limit(u32::MAX)
            .order_limits(u32::MAX, u32::MAX)
            .message_ceiling(u32::MAX)
            // Nobody here answers a ping.
            .ping_interval(Duration::from_secs(1 << 32))
            .start()
            .unwrap();
        let callers = (0..CALLERS).map(|_| connect(&sim)).collect();
        let listeners = (0..LISTENERS).map(|_| Listener::open(&sim)).collect();
        Self { sim, callers, listeners, orders: 0 }
    }

    /// Repeats a round until its time is over; gives what was done and how long it took.
    fn run(&mut self, time: Duration, round: fn(&mut Self) -> u64) -> Option<(u64, Duration)> {
        let (started, mut count) = (Instant::now(), 0);
        while started.elapsed() < time {
            count += round(self);
        }
        Some((count, started.elapsed()))
    }

    fn soak(&mut self, time: Duration) {
        // What is remembered is bounded: the memory stays when the bounds are reached.
        while self.orders < FILL {
            self.orders();
        }
        println!("{:>10} KiB of memory when as many orders are remembered as can be", memory());
        let (started, mut told) = (Instant::now(), 0);
        while started.elapsed() < time {
            self.public_requests();
            self.orders();
            self.messages();
            let tenths = started.elapsed().as_millis() * 10 / time.as_millis().max(1);
            if tenths > told {
                told = tenths;
                println!(
                    "{:>10} KiB of memory after {:>4} s, {} orders",
                    memory(),
                    started.elapsed().as_secs(),
                    self.orders
                );
            }
        }
    }

    fn public_requests(&mut self) -> u64 {
        let bytes = request("GET", "/fapi/v1/ticker/bookTicker?symbol=BTCUSDT", None, "");
        self.ask(|_, _| bytes.clone())
    }

    /// Places an order on each connection, then cancels them.
    fn orders(&mut self) -> u64 {
        let key = self.sim.keys().hmac.clone();
        let first = self.orders;
        self.orders += CALLERS as u64;
        let time = self.sim.now();
        let order = |method: &'static str, params: String| {
            let payload = format!("{params}&timestamp={time}");
            let target = format!("/fapi/v1/order?{payload}&signature={}", sign(&key, &payload));
            request(method, &target, Some(&key.api_key), "")
        };
        let name = |number: usize| format!("symbol=BTCUSDT&{{}}=o{}", first + number as u64);
        self.ask(|_, number| {
            let id = name(number).replace("{}", "newClientOrderId");
            order("POST", format!("{id}&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=61000"))
        }) + self.ask(|_, number| order("DELETE", name(number).replace("{}", "origClientOrderId")))
    }

    /// One request on each connection, then all replies.
    fn ask(&mut self, request: impl Fn(&Sim, usize) -> String) -> u64 {
        for (number, caller) in self.callers.iter_mut().enumerate() {
            caller.write_all(request(&self.sim, number).as_bytes()).unwrap();
        }
        for caller in &mut self.callers {
            let mut caller = Buffered(caller, Vec::with_capacity(2_048));
            let reply = read_reply(&mut caller);
            assert_eq!(reply.status, 200, "{}", reply.body);
        }
        CALLERS as u64
    }

    /// Moves time on and reads what all sockets get.
    fn messages(&mut self) -> u64 {
        self.sim.advance(STEP);
        for listener in &mut self.listeners {
            listener.ask();
        }
        let mut count = 0;
        for listener in &mut self.listeners {
            match listener.read() {
                Some(messages) => count += messages,
                // It was closed after its day.
                None => *listener = Listener::open(&self.sim),
            }
        }
        count
    }
}

/// Reads from the socket in one call what a reply has.
struct Buffered<'a>(&'a mut TcpStream, Vec<u8>);

impl Read for Buffered<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.1.is_empty() {
            let mut bytes = [0; 2_048];
            let count = self.0.read(&mut bytes)?;
            self.1.extend_from_slice(&bytes[..count]);
        }
        let count = out.len().min(self.1.len());
        out[..count].copy_from_slice(&self.1[..count]);
        self.1.drain(..count);
        Ok(count)
    }
}

/// A socket that listens to everything that is public.
struct Listener {
    stream: TcpStream,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl Listener {
    fn open(sim: &Sim) -> Self {
        let names = ["btcusdt", "ethusdt", "币安人生usdt"]
            .map(|symbol| format!("{symbol}@bookTicker/{symbol}@depth@100ms/{symbol}@depth5@100ms"));
        let target = format!("/public/stream?streams={}/!bookTicker", names.join("/"));
        let mut stream = connect(sim);
        let handshake = format!(
            "GET {target} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(handshake.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        Self { stream, buffer: vec![0; 256 * 1_024], start: 0, end: 0 }
    }

    /// Asks something that is answered when all that waits is sent.
    fn ask(&mut self) {
        let text = br#"{"method":"GET_PROPERTY","params":["combined"],"id":1}"#;
        let mut frame = vec![0x81, 0x80 | text.len() as u8, 0, 0, 0, 0];
        frame.extend_from_slice(text);
        // Reading finds out whether it was closed.
        let _ = self.stream.write_all(&frame);
    }

    /// Counts the messages up to that answer; `None` when the socket is closed.
    fn read(&mut self) -> Option<u64> {
        let mut count = 0;
        loop {
            while let Some((payload, next)) = frame(&self.buffer[self.start..self.end]) {
                let is_answer = self.buffer[self.start + payload..].starts_with(b"{\"result\"");
                self.start += next;
                if is_answer {
                    return Some(count);
                }
                count += 1;
            }
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            match self.stream.read(&mut self.buffer[self.end..]) {
                Ok(0) | Err(_) => return None,
                Ok(more) => self.end += more,
            }
        }
    }
}

/// Where the payload of the first frame begins, and where the next frame does.
fn frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let (payload, length) = match *bytes.get(1)? {
        126 => (4, usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]))),
        127 => panic!("a frame of more than 64 KiB"),
        short => (2, usize::from(short)),
    };
    (payload + length <= bytes.len()).then_some((payload, payload + length))
}
