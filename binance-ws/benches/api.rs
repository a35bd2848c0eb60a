//! Orders by the WebSocket API and by REST, one after the other over one connection each to a local server that answers all the
//! same; and what it takes to write one.
//!
//! The clients: REST's over hyper; the WebSocket API's over `native` and over tungstenite, each signed per call by
//! HMAC-SHA256, and logged on by Ed25519; with `--features embedded` also that without a heap, over a blocking socket, which
//! is the floor. All of them decode the reply. One round of each in turn, many times. Prints the median and the 99th
//! percentile of the time an order takes, the client thread's CPU time and the allocations for each; then, for what has a
//! goal, the ratio of the rounds that were disturbed least.
//!
//! Then writing a call by `Calls::call`, signature included, beside the HMAC alone of the same payload; and on a connection
//! that is logged on, where there is none.
//!
//! Client and server share one CPU, where `taskset` is there to see to it, as in the benchmark of binance-http.
//!
//! `cargo bench -p binance-ws --bench api -- --check` fails when a goal is missed, `-- --unpinned` leaves the CPUs to the
//! system, `-- native REST` runs those alone, for a profiler.
#![allow(clippy::unwrap_used, reason = "a benchmark that fails stops")]

#[path = "../../binance-http/benches/local/rounds.rs"]
mod rounds;
#[path = "../../binance-http/benches/local/server.rs"]
mod server;

use std::{
    hint::black_box,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use binance_core::Millis;
use binance_http::{Client, budget::Rules, pool::InProcess};
use binance_sign::{Credentials, Ed25519, Hmac, MAX_SIGNATURE, Signer, Stamp};
use binance_ws::{
    Base, Market, Tick,
    api::{Action, Calls, MESSAGE_LEN, Received, Slot},
    hosted::{Connector, Socket},
    native,
    session::Config,
    tungstenite,
};

use self::{
    rounds::{Asked, Goal, Measured, judge, measure, median, print},
    server::{API_KEY, ORDER_REPLY, SECRET, credentials, order, runtime, serve},
};

const REST: &str = "REST";
const NATIVE: &str = "native, signed";
const NATIVE_LOGGED_ON: &str = "native, logged on";
const TUNGSTENITE: &str = "tungstenite, signed";
const TUNGSTENITE_LOGGED_ON: &str = "tungstenite, logged on";

const fn faster_than_rest(of: &'static str) -> Goal {
    Goal { of, to: REST, what: "p50", value: |(p50, _)| *p50, most: 1.0 }
}

const GOALS: [Goal; 4] = [
    faster_than_rest(NATIVE),
    faster_than_rest(NATIVE_LOGGED_ON),
    faster_than_rest(TUNGSTENITE),
    faster_than_rest(TUNGSTENITE_LOGGED_ON),
];

/// Connects, and gives what places an order.
type Open = fn(&str) -> Box<dyn FnMut()>;

/// How many times what the HMAC alone takes a call may take to write.
const MOST_BESIDE_HMAC: f64 = 2.0;

fn main() -> ExitCode {
    let asked = match Asked::of_this_run() {
        Ok(asked) => asked,
        Err(ended) => return ended,
    };
    let (rest, calls) = (serve(), serve_calls());
    let contenders: &[(&'static str, Open)] = &[
        (REST, by_rest),
        (NATIVE, |url| by_calls::<native::Socket>(url, false)),
        (NATIVE_LOGGED_ON, |url| by_calls::<native::Socket>(url, true)),
        (TUNGSTENITE, |url| by_calls::<tungstenite::Socket>(url, false)),
        (TUNGSTENITE_LOGGED_ON, |url| by_calls::<tungstenite::Socket>(url, true)),
        #[cfg(feature = "embedded")]
        ("embedded, signed", embedded::by_calls),
    ];
    let mut measured: Vec<Measured> = contenders
        .iter()
        .filter(|(name, _)| asked.wants(name))
        .map(|&(name, open)| Measured::new(name, open(if name == REST { &rest } else { &calls })))
        .collect();
    measure(&mut measured, asked.rounds);
    print("order", &mut measured);
    let mut met = judge(&measured, &GOALS);
    if asked.wants("write") {
        met &= write(asked.rounds);
    }
    if met || !asked.has("--check") { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A budget that is kept, and never used up.
fn pool() -> std::sync::Arc<InProcess> {
    let all = u32::MAX;
    InProcess::new(Rules { weight: all, orders_10s: all, orders_1m: all, calls: all, ..Rules::default() })
}

fn by_rest(url: &str) -> Box<dyn FnMut()> {
    let client = Client::builder().base_url(url).credentials(credentials()).pool(pool()).build().unwrap();
    let runtime = runtime();
    Box::new(move || assert!(runtime.block_on(client.fetch(&order())).unwrap().order_id > 0))
}

fn by_calls<S: Socket>(url: &str, logs_on: bool) -> Box<dyn FnMut()> {
    let runtime = runtime();
    let builder = Connector::<S>::new(Base::new(Market::UsdM, url).unwrap()).api().pool(pool());
    let api = runtime.block_on(async move {
        match logs_on {
            true => builder.credentials(ed25519()).log_on().spawn(),
            false => builder.credentials(credentials()).spawn(),
        }
        .unwrap()
    });
    Box::new(move || assert!(runtime.block_on(api.fetch(&order())).unwrap().order_id > 0))
}

fn ed25519() -> Credentials<Ed25519> {
    let pem = include_bytes!("../../binance-sign/tests/keys/ed25519.pem");
    Credentials::new(API_KEY, Ed25519::from_pem(pem).unwrap()).unwrap()
}

/// Answers every call on every connection, each on a thread, as the server of REST does.
fn serve_calls() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("ws://{}/ws-fapi/v1", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            stream.set_nodelay(true).unwrap();
            thread::spawn(move || {
                let mut socket = tokio_tungstenite::tungstenite::accept(stream).unwrap();
                answer_calls(socket.get_mut());
            });
        }
    });
    url
}

/// Takes frames and answers each with an order; ends when the client does.
fn answer_calls(stream: &mut TcpStream) {
    let rest = format!(
        r#","status":200,"result":{ORDER_REPLY},"rateLimits":[{{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":2400,"count":1}},{{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":300,"count":1}},{{"rateLimitType":"ORDERS","interval":"MINUTE","intervalNum":1,"limit":1200,"count":1}}]}}"#
    );
    let (mut buffer, mut reply) = ([0; 8_192], Vec::new());
    let mut filled = 0;
    while let Ok(count @ 1..) = stream.read(&mut buffer[filled..]) {
        filled += count;
        let mut read = 0;
        while let Some((first, head, len)) = frame_head(&buffer[read..filled]) {
            let (mask, payload) = buffer[read + head - 4..read + head + len].split_at(4);
            // `{"id":` and the number.
            let start = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).take(26);
            let id: Vec<u8> = start.skip(6).take_while(u8::is_ascii_digit).collect();
            reply.clear();
            if first == 0x81 {
                reply.extend([0x81, 126]);
                reply.extend(((6 + id.len() + rest.len()) as u16).to_be_bytes());
                reply.extend(br#"{"id":"#);
                reply.extend(id);
                reply.extend(rest.as_bytes());
            } else if first == 0x89 {
                reply.extend([0x8a, 0]);
            }
            if stream.write_all(&reply).is_err() {
                return;
            }
            read += head + len;
        }
        buffer.copy_within(read..filled, 0);
        filled -= read;
    }
}

/// The first byte of a frame that is all there, the length of its head, mask included, and of its payload.
fn frame_head(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (head, len) = match *bytes {
        [_, second, high, low, ..] if second & 0x7f == 126 => {
            (8, usize::from(u16::from_be_bytes([high, low])))
        }
        [_, second, ..] => (6, usize::from(second & 0x7f)),
        _ => return None,
    };
    (bytes.len() >= head + len).then_some((bytes[0], head, len))
}

/// What writing a call takes beside the HMAC alone. Says whether it is little enough.
fn write(rounds: usize) -> bool {
    const BATCH: usize = 1_000;
    let stamp = Stamp::new(Millis(1_763_817_600_000));
    let (hmac, signed) = (Hmac::new(SECRET), credentials());
    let payload = format!(
        "apiKey={API_KEY}&newClientOrderId=x-1&price=9000.00&quantity=1.000&side=BUY&symbol=BTCUSDT&timeInForce=GTC\
         &timestamp=1763817600000&type=LIMIT"
    );
    let mut buffer = [0; MESSAGE_LEN];
    // It is the payload: both come to the same signature.
    let mut room = [0; MAX_SIGNATURE];
    let signature = hmac.sign(&[payload.as_bytes()], &mut room).unwrap().as_bytes().to_vec();
    let limit = Duration::from_secs(5);
    let mut calls = open_calls::<Hmac>(BATCH, None);
    let text = calls.call(Tick(0), &order(), stamp, Some(&signed), limit, &mut buffer).unwrap().text;
    assert!(text.contains(std::str::from_utf8(&signature).unwrap()), "{text}");

    let logon = ed25519();
    let (mut alone, mut whole, mut logged_on) = (Vec::new(), Vec::new(), Vec::new());
    let mut allocations = 0;
    for _ in 0..rounds {
        let mut room = [0; MAX_SIGNATURE];
        alone.push(time(BATCH, || {
            let signature = hmac.sign(&[black_box(payload.as_bytes())], &mut room).unwrap();
            black_box(signature.as_bytes());
        }));
        let mut calls = open_calls::<Hmac>(BATCH, None);
        let mut took = 0.0;
        let counted = allocation_counter::measure(|| {
            took = time(BATCH, || {
                let order = black_box(order());
                black_box(calls.call(Tick(0), &order, stamp, Some(&signed), limit, &mut buffer).unwrap());
            });
        });
        whole.push(took);
        allocations += counted.count_total;
        let mut calls = open_calls(BATCH, Some(&logon));
        logged_on.push(time(BATCH, || {
            let order = black_box(order());
            let written = calls.call(Tick(0), &order, stamp, Some(&logon), limit, &mut buffer).unwrap();
            assert!(!black_box(written.text).contains("signature"));
        }));
    }
    let [alone, whole, logged_on] = [alone, whole, logged_on].map(|mut times| median(&mut times));
    println!(
        "HMAC alone {alone:.0} ns, a call written and signed {whole:.0} ns, logged on and unsigned {logged_on:.0} ns"
    );
    let ratio = whole / alone;
    let is_fast = ratio <= MOST_BESIDE_HMAC;
    println!(
        "a call to the HMAC alone: {ratio:.2}, at most {MOST_BESIDE_HMAC:.2}: {}",
        if is_fast { "met" } else { "MISSED" }
    );
    println!(
        "allocations in core: {allocations}, at most 0: {}",
        if allocations == 0 { "met" } else { "MISSED" }
    );
    is_fast && allocations == 0
}

/// Calls over a connection that is open, and logged on where there is a key for it.
fn open_calls<S: Signer>(room: usize, key: Option<&Credentials<S>>) -> Calls<Vec<Slot>> {
    let mut calls = Calls::new(Market::UsdM, vec![Slot::FREE; room], Config::default(), 42);
    if let Some(key) = key {
        calls.log_on(key.kind()).unwrap();
    }
    calls.start(Tick(0));
    let Some(Action::Connect(link)) = calls.poll_action() else { unreachable!("it has to connect first") };
    calls.opened(link, Tick(0));
    if let Some(key) = key {
        assert_eq!(calls.poll_action(), Some(Action::LogOn(link)));
        calls.write_logon(link, Tick(0), Stamp::new(Millis(0)), key, &mut [0; 1_024]).unwrap();
        let answer = r#"{"id":1,"status":200,"result":{}}"#;
        assert_eq!(calls.text(link, Tick(0), answer), Received::Handled);
    }
    assert!(calls.is_ready());
    calls
}

/// How many nanoseconds one takes.
fn time(count: usize, mut work: impl FnMut()) -> f64 {
    let begun = Instant::now();
    (0..count).for_each(|_| work());
    begun.elapsed().as_secs_f64() * 1e9 / count as f64
}

#[cfg(feature = "embedded")]
mod embedded {
    //! The client without a heap, over a blocking socket.

    use binance_core::ws_api::TypedCall;
    use binance_ws::embedded::{Api, ApiStep, Clock, Host};

    use super::*;

    struct Board(Instant);

    impl Host for Board {
        fn now(&mut self) -> Tick {
            Tick(self.0.elapsed().as_millis() as u64)
        }

        fn random(&mut self, bytes: &mut [u8]) {
            bytes.fill(42);
        }
    }

    impl Clock for Board {
        fn stamp(&mut self) -> Stamp {
            server::stamp()
        }
    }

    struct Blocking(TcpStream);

    impl embedded_io::ErrorType for Blocking {
        type Error = embedded_io::ErrorKind;
    }

    impl embedded_io::Read for Blocking {
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
            self.0.read(buffer).map_err(|_| embedded_io::ErrorKind::Other)
        }
    }

    impl embedded_io::Write for Blocking {
        fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
            self.0.write(bytes).map_err(|_| embedded_io::ErrorKind::Other)
        }

        fn flush(&mut self) -> Result<(), Self::Error> {
            Ok(())
        }
    }

    pub(super) fn by_calls(url: &str) -> Box<dyn FnMut()> {
        let base = Base::new(Market::UsdM, url).unwrap();
        let address = base.authority().to_owned();
        let calls = Calls::new(Market::UsdM, [Slot::FREE; 4], Config::default(), 42);
        let (receive, send) = (Box::leak(Box::new([0; 4_096])), Box::leak(Box::new([0; 4_096])));
        let mut api =
            Api::new(calls, Some(credentials()), base, Board(Instant::now()), receive, send).unwrap();
        while !api.calls().is_ready() {
            if api.step().unwrap() == ApiStep::Connect {
                let stream = TcpStream::connect(&address).unwrap();
                stream.set_nodelay(true).unwrap();
                api.connected(Blocking(stream));
            }
        }
        Box::new(move || {
            let order = order();
            let id = api.call(&order, Duration::from_secs(5)).unwrap();
            loop {
                if let ApiStep::Answer(answer) = api.step().unwrap() {
                    assert_eq!(answer.id, id);
                    assert!(order.read(answer.result.unwrap()).unwrap().order_id > 0);
                    return;
                }
            }
        })
    }
}
