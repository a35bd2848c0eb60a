//! Messages a second, and CPU seconds per million, when a local server sends bookTicker frames as fast as it can.
//!
//! All in one run, on one machine, over loopback without TLS: `cargo bench -p binance-ws --bench flood`. CPU time is the
//! reader's thread's alone (Linux; 0 elsewhere). The cases run in turn, a few rounds; what is told is the median of the
//! rounds, and of the ratios within each round. When readers had to wait for a processor, that is told too: then others
//! used the machine, and its caches, at the same time. An argument says how many million messages a case reads, another
//! one which cases to run, by a part of their name. With `-- --check` a goal that is missed is an error.
//!
//! Everybody reads as much at a time as they do for their users: tungstenite and fastwebsockets by their defaults (128 KiB
//! and 8 KiB to begin with), this crate's adapters up to 1 MiB where a connection is flooded as here, the bare socket
//! 256 KiB. Less at a time means more reads, each of which tells the sender that there is room again; that is a good part of
//! what a message costs here, so tokio-tungstenite is measured with 1 MiB, too, which no goal is about.
//!
//! The goals are those of a program that takes the fastest way: `Streams::run` with a handler, to which messages are lent
//! where they came. The same by `next`, whose messages are there to be kept, is measured beside it.
//! `cargo test --bench flood` runs all of it briefly.

use std::{
    fs,
    future::Future,
    hint::black_box,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::ExitCode,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use binance_core::{
    Event,
    stream::Incoming,
    usdm::streams::{BookTicker, BookTickerStream},
};
use binance_ws::{
    Base, Market, Tick,
    frame::{Frame, Inbox, SharedFrame, SharedInbox},
    hosted::{self, Connector, Handler, Item, Lent, Socket, Streams},
    native,
    session::{Action, Config, Mode, Received, Session, Slot},
    tungstenite,
};
use futures_util::StreamExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::Notify,
};
use tokio_tungstenite::{
    client_async_with_config,
    tungstenite::{
        Message, accept_hdr,
        handshake::server::{Request, Response},
        protocol::WebSocketConfig,
    },
};

/// How many contracts send in turn.
const SYMBOLS: usize = 720;

const ROUNDS: usize = 5;

const BARE: &str = "tokio-tungstenite alone, nothing read";
const NATIVE: &str = "native::Streams to a handler, decoded";
const TUNGSTENITE: &str = "tungstenite::Streams to a handler, decoded";

/// What may cost how much more than what.
const GOALS: [(&str, &str, f64); 2] = [(NATIVE, BARE, 1.0), (TUNGSTENITE, BARE, 1.5)];

type Client = fn(SocketAddr, Meter) -> Meter;

/// A name, how many streams the server waits for before it begins, and who reads.
const CASES: [(&str, usize, Client); 15] = [
    ("socket, frames in place, nothing read", 0, |address, meter| in_place(address, meter, |_| {})),
    ("the same, decoded", 0, |address, meter| {
        in_place(address, meter, |text| {
            black_box(text.map(decode));
        })
    }),
    ("socket, frames to keep, nothing read", 0, |address, meter| run(to_keep(address, meter))),
    ("socket, frames in place, through a session, decoded", 0, |address, meter| {
        through_session(address, meter, SYMBOLS)
    }),
    ("fastwebsockets alone, nothing read", 0, |address, meter| run(fast(address, meter))),
    (BARE, 0, |address, meter| run(bare(address, meter, WebSocketConfig::default(), |_| {}))),
    ("tokio-tungstenite alone, 1 MiB at a time, nothing read", 0, |address, meter| {
        run(bare(address, meter, WebSocketConfig::default().read_buffer_size(1 << 20), |_| {}))
    }),
    ("tokio-tungstenite alone, decoded", 0, |address, meter| {
        run(bare(address, meter, WebSocketConfig::default(), |text| {
            black_box(decode(text));
        }))
    }),
    ("tungstenite::Connection, nothing read", 0, |address, meter| {
        run(connection::<tungstenite::Socket>(address, meter))
    }),
    ("tungstenite::Streams, nothing read", SYMBOLS, |address, meter| {
        run(streams::<tungstenite::Socket>(address, meter, false))
    }),
    ("tungstenite::Streams, decoded", SYMBOLS, |address, meter| {
        run(streams::<tungstenite::Socket>(address, meter, true))
    }),
    (TUNGSTENITE, SYMBOLS, |address, meter| run(handled::<tungstenite::Socket>(address, meter))),
    ("native::Connection, nothing read", 0, |address, meter| {
        run(connection::<native::Socket>(address, meter))
    }),
    ("native::Streams, decoded", SYMBOLS, |address, meter| {
        run(streams::<native::Socket>(address, meter, true))
    }),
    (NATIVE, SYMBOLS, |address, meter| run(handled::<native::Socket>(address, meter))),
];

fn main() -> ExitCode {
    let arguments = || std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let millions: usize = arguments().filter_map(|argument| argument.parse().ok()).next().unwrap_or(1);
    let only = arguments().find(|argument| argument.parse::<usize>().is_err()).unwrap_or_default();
    // A test of the benchmark itself takes little.
    let quick = !std::env::args().any(|argument| argument == "--bench");
    let (count, rounds) = if quick { (20_000, 1) } else { (millions * 1_000_000, ROUNDS) };
    println!("{count} messages of {} bytes on average, {SYMBOLS} contracts", block().len() / SYMBOLS);
    let mut samples = vec![Vec::new(); CASES.len()];
    // In turn, so that a slow phase of the machine is everybody's.
    for _ in 0..rounds {
        for ((name, streams, client), samples) in CASES.iter().zip(&mut samples) {
            if name.contains(&only) {
                samples.push(case(count, *streams, *client));
            }
        }
    }
    println!("{:<58} {:>8} {:>16} {:>8}", "", "M msg/s", "CPU s / million", "to bare");
    let of = |name: &str| {
        CASES.iter().zip(&samples).find(|(case, _)| case.0 == name).map_or(&[][..], |(_, samples)| samples)
    };
    // Within a round, both had the same machine.
    let ratio = |samples: &[Sample], peers: &[Sample]| {
        median(samples.iter().zip(peers).map(|(sample, peer)| sample.used / peer.used))
    };
    for ((name, ..), samples) in CASES.iter().zip(&samples).filter(|(_, samples)| !samples.is_empty()) {
        let rate = median(samples.iter().map(|sample| sample.rate));
        let used = median(samples.iter().map(|sample| sample.used));
        println!("{name:<58} {rate:>8.2} {used:>16.3} {:>8.2}", ratio(samples, of(BARE)));
    }
    let all = || samples.iter().flatten();
    let waited =
        all().map(|sample| sample.waited).sum::<f64>() / all().map(|sample| sample.used).sum::<f64>();
    if waited > 0.05 {
        println!(
            "the machine is busy: readers waited for a processor {:.0} % of their CPU time",
            100.0 * waited
        );
    }
    let mut met = true;
    for (name, peer, most) in GOALS {
        let ratio = ratio(of(name), of(peer));
        if !ratio.is_nan() {
            met &= ratio <= most;
            println!(
                "{name} / {peer}: {ratio:.2}, goal {most:.2}: {}",
                if ratio <= most { "met" } else { "missed" }
            );
        }
    }
    let check = std::env::args().any(|argument| argument == "--check");
    if check && !met { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Counts messages and measures from the first to the last.
struct Meter {
    left: usize,
    began: Option<(Instant, [Duration; 2])>,
    took: Option<(Duration, [Duration; 2])>,
}

/// What a case came to.
#[derive(Clone)]
struct Sample {
    /// Million messages a second.
    rate: f64,
    /// CPU seconds a million.
    used: f64,
    /// Seconds a million that the reader could have run in, and others did.
    waited: f64,
}

impl Meter {
    /// One more message came. Says whether it was the last.
    fn is_last(&mut self) -> bool {
        self.left -= 1;
        if self.began.is_none() {
            self.began = Some((Instant::now(), schedule()));
        }
        if self.left > 0 {
            return false;
        }
        let now = schedule();
        let since = |before: [Duration; 2]| [0, 1].map(|index| now[index].saturating_sub(before[index]));
        self.took = self.began.map(|(started, before)| (started.elapsed(), since(before)));
        true
    }
}

/// One event of each contract, in frames as the exchange sends them.
fn block() -> Vec<u8> {
    let mut block = Vec::new();
    for index in 0..SYMBOLS {
        let text = event(index);
        block.extend([0x81, 126]);
        block.extend((text.len() as u16).to_be_bytes());
        block.extend(text.as_bytes());
    }
    block
}

fn event(index: usize) -> String {
    format!(
        concat!(
            r#"{{"stream":"s{0:03}usdt@bookTicker","data":{{"e":"bookTicker","u":40090021{0:04},"s":"S{0:03}USDT","#,
            r#""b":"25.{0:04}00","B":"31.21{0:04}","a":"25.{0:04}10","A":"40.66{0:04}","T":1568014460893,"#,
            r#""E":1568014460891}}}}"#
        ),
        index
    )
}

fn names() -> impl Iterator<Item = String> {
    (0..SYMBOLS).map(|index| format!("S{index:03}USDT"))
}

fn decode(text: &str) -> BookTicker {
    let Ok(Incoming::Event { data, .. }) = Incoming::parse(text) else {
        unreachable!("the server sends events")
    };
    BookTicker::decode(data).expect("a bookTicker")
}

/// Runs one case against a server of its own.
fn case(count: usize, streams: usize, client: Client) -> Sample {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let server = thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        flood(stream, streams);
    });
    let meter = client(address, Meter { left: count, began: None, took: None });
    server.join().expect("the server ends when its client does");
    let (took, [used, waited]) = meter.took.expect("it read all messages");
    let millions = count as f64 / 1e6;
    let [took, used, waited] = [took, used, waited].map(|time| time.as_secs_f64());
    Sample { rate: millions / took, used: used / millions, waited: waited / millions }
}

/// The server: waits until so many streams are subscribed to, then writes until the client goes away.
fn flood(stream: TcpStream, mut streams: usize) {
    #[allow(clippy::result_large_err, reason = "the library's own type")]
    let callback = |_: &Request, response: Response| Ok(response);
    let mut socket = accept_hdr(stream, callback).expect("a handshake");
    while streams > 0 {
        if let Message::Text(text) = socket.read().expect("a command") {
            streams -= text.matches("@bookTicker").count();
            let id = text
                .rsplit_once("\"id\":")
                .and_then(|(_, id)| id.strip_suffix('}'))
                .expect("an id")
                .to_owned();
            socket.send(Message::text(format!(r#"{{"result":null,"id":{id}}}"#))).expect("a reader");
        }
    }
    let blocks = block().repeat(4);
    let stream = socket.get_mut();
    while stream.write_all(&blocks).is_ok() {}
}

/// The floor: a blocking socket and the frames of this crate. `None` goes before each read.
fn in_place(address: SocketAddr, mut meter: Meter, mut each: impl FnMut(Option<&str>)) -> Meter {
    let mut stream = handshake(address);
    let mut inbox = Inbox::new(vec![0; 256 * 1024]);
    loop {
        each(None);
        let len = stream.read(inbox.room().expect("room")).expect("bytes");
        inbox.filled(len);
        while let Some(frame) = inbox.take().expect("frames") {
            if let Frame::Text(text) = frame {
                each(Some(text));
                if meter.is_last() {
                    return meter;
                }
            }
        }
    }
}

fn through_session(address: SocketAddr, meter: Meter, streams: usize) -> Meter {
    let mut session: Session<Vec<Slot>> =
        Session::new(Market::UsdM, None, Mode::Combined, Vec::new(), Config::default(), 1);
    for name in names().take(streams) {
        let name = format!("{}@bookTicker", name.to_lowercase());
        let stream = binance_ws::RawStream { name: &name, market: Market::UsdM, route: None };
        session.want(&stream).expect("a name");
    }
    session.start(Tick(0));
    let Some(Action::Connect(link)) = session.poll_action() else { unreachable!("it has to connect first") };
    session.opened(link, Tick(0));
    let started = Instant::now();
    let mut now = Tick(0);
    in_place(address, meter, |text| {
        let Some(text) = text else {
            now = Tick(started.elapsed().as_millis() as u64);
            black_box(session.poll_timeout());
            return;
        };
        let Received::Event { data, .. } = session.text(link, now, text) else { return };
        black_box(BookTicker::decode(data).expect("a bookTicker"));
    })
}

const REQUEST: &str = "GET /stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                       Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// A handshake by hand, since the frames are the point.
fn handshake(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("a server");
    stream.write_all(REQUEST.as_bytes()).expect("a server");
    let mut reply = Vec::new();
    while !reply.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("a reply");
        reply.push(byte[0]);
    }
    stream
}

async fn bare(
    address: SocketAddr,
    mut meter: Meter,
    config: WebSocketConfig,
    mut each: impl FnMut(&str),
) -> Meter {
    let stream = tokio::net::TcpStream::connect(address).await.expect("a server");
    let (mut socket, _) = client_async_with_config(format!("ws://{address}/stream"), stream, Some(config))
        .await
        .expect("a handshake");
    loop {
        if let Message::Text(text) = socket.next().await.expect("a message").expect("a message") {
            each(&text);
            if meter.is_last() {
                return meter;
            }
        }
    }
}

/// The floor of what gives messages out to keep.
async fn to_keep(address: SocketAddr, mut meter: Meter) -> Meter {
    let stream = handshake(address);
    stream.set_nonblocking(true).expect("a socket");
    let mut stream = tokio::net::TcpStream::from_std(stream).expect("a socket");
    let mut inbox = SharedInbox::new(1 << 20);
    loop {
        stream.read_buf(inbox.room()).await.expect("bytes");
        while let Some(frame) = inbox.take().expect("frames") {
            if let SharedFrame::Text(text) = frame {
                black_box(text);
                if meter.is_last() {
                    return meter;
                }
            }
        }
    }
}

async fn fast(address: SocketAddr, mut meter: Meter) -> Meter {
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("a server");
    stream.write_all(REQUEST.as_bytes()).await.expect("a server");
    let mut reply = Vec::new();
    while !reply.ends_with(b"\r\n\r\n") {
        reply.push(stream.read_u8().await.expect("a reply"));
    }
    let mut socket = fastwebsockets::WebSocket::after_handshake(stream, fastwebsockets::Role::Client);
    loop {
        let frame = socket.read_frame().await.expect("a frame");
        if frame.opcode == fastwebsockets::OpCode::Text && meter.is_last() {
            return meter;
        }
    }
}

fn connector<S: Socket>(address: SocketAddr) -> Connector<S> {
    Connector::new(Base::new(Market::UsdM, &format!("ws://{address}")).expect("an address"))
}

async fn connection<S: Socket>(address: SocketAddr, mut meter: Meter) -> Meter {
    let connector = connector::<S>(address);
    let mut connection = connector.open(binance_ws::Route::Public).await.expect("a connection");
    loop {
        black_box(connection.next().await.expect("a message"));
        if meter.is_last() {
            return meter;
        }
    }
}

async fn streams<S: Socket>(address: SocketAddr, mut meter: Meter, decoded: bool) -> Meter {
    let mut streams = Streams::new(connector::<S>(address));
    for name in names() {
        streams.subscribe(&[&BookTickerStream::new(&name)]).expect("a name");
    }
    loop {
        if let Some(Item::Message(message)) = streams.next().await {
            if decoded {
                black_box(message.decode::<BookTicker>().expect("a bookTicker"));
            }
            if meter.is_last() {
                return meter;
            }
        }
    }
}

/// As [`streams`], by callbacks.
async fn handled<S: Socket>(address: SocketAddr, meter: Meter) -> Meter {
    let mut streams = Streams::new(connector::<S>(address));
    for name in names() {
        streams.subscribe(&[&BookTickerStream::new(&name)]).expect("a name");
    }
    let mut reader = Reader { meter, last: Arc::default() };
    let last = Arc::clone(&reader.last);
    tokio::select! {
        () = streams.run(&mut reader) => {}
        () = last.notified() => {}
    }
    reader.meter
}

struct Reader {
    meter: Meter,
    last: Arc<Notify>,
}

impl Handler for Reader {
    fn on_message(&mut self, message: hosted::Message<Lent<'_>>) {
        if self.meter.took.is_some() {
            return;
        }
        black_box(message.decode::<BookTicker>().expect("a bookTicker"));
        if self.meter.is_last() {
            self.last.notify_one();
        }
    }
}

fn run(task: impl Future<Output = Meter>) -> Meter {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(task)
}

/// The CPU time of this thread, and how long it waited for a processor.
fn schedule() -> [Duration; 2] {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let mut nanos = text.split(' ').map(|nanos| nanos.parse().unwrap_or_default());
    [(); 2].map(|()| Duration::from_nanos(nanos.next().unwrap_or_default()))
}
