//! Signed orders and questions for the time, one after the other over one connection to a local server, by this client,
//! by hyper's own connection handle, and by a bare socket.
//!
//! One round of each in turn, many times, so that a slow phase of the machine meets all of them. Prints the median and
//! the 99th percentile of the time a request takes, the client thread's CPU time and the allocations for each.
#![allow(clippy::unwrap_used, reason = "a benchmark that fails stops")]

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

use binance_core::{
    Millis,
    decimal::dec,
    enums::Side,
    usdm::{market_data::Time, trade::NewOrder},
};
use binance_http::{
    BaseUrl, Client,
    clock::{SystemTime, TimeSource},
    request::{Plan, Prepared},
    response::{Decoder, Progress},
};
use binance_sign::{Credentials, Hmac, Stamp};
use hyper::{
    Request, Uri,
    body::{Body, Bytes, Incoming},
    client::conn::http1::{SendRequest, handshake},
    header::{ACCEPT, HOST, HeaderValue, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use tokio::runtime::{Builder, Runtime};

const API_KEY: &str = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
const SECRET: &[u8] = b"NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

const TIME_REPLY: &str = r#"{"serverTime":1763817600000}"#;
const ORDER_REPLY: &str = r#"{"orderId":283194212,"symbol":"BTCUSDT","status":"NEW","clientOrderId":"x-1","price":"9000.00","origQty":"1.000","executedQty":"0.000","timeInForce":"GTC","type":"LIMIT","reduceOnly":false,"closePosition":false,"side":"BUY","positionSide":"BOTH","stopPrice":"0.00","workingType":"CONTRACT_PRICE","priceProtect":false,"origType":"LIMIT","priceMatch":"NONE","selfTradePreventionMode":"EXPIRE_MAKER","goodTillDate":0,"updateTime":1763817600000}"#;

/// Answers every request on every connection, each on a thread.
fn serve() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_nodelay(true).unwrap();
            std::thread::spawn(move || {
                let replies = [TIME_REPLY, ORDER_REPLY].map(|body| {
                    format!(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
                         Connection: keep-alive\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\nServer: Tengine\r\n\
                         X-MBX-USED-WEIGHT-1M: 1\r\nX-MBX-ORDER-COUNT-10S: 1\r\nX-MBX-ORDER-COUNT-1M: 1\r\n\r\n{body}",
                        body.len()
                    )
                });
                let mut buffer = [0; 8_192];
                let mut filled = 0;
                while let Ok(count @ 1..) = stream.read(&mut buffer[filled..]) {
                    filled += count;
                    if buffer[..filled].ends_with(b"\r\n\r\n") {
                        let reply = &replies[usize::from(buffer.starts_with(b"POST"))];
                        if stream.write_all(reply.as_bytes()).is_err() {
                            return;
                        }
                        filled = 0;
                    }
                }
            });
        }
    });
    url
}

fn order() -> NewOrder<'static> {
    NewOrder::limit("BTCUSDT", Side::Buy, dec!("1.000"), dec!("9000.00")).new_client_order_id("x-1")
}

/// Something that asks for the time and places an order.
trait Contender {
    fn time(&mut self) -> i64;
    fn order(&mut self) -> u64;
}

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

/// The least that a program of its own would do: the request of this crate, handed to hyper.
struct Handle {
    runtime: Runtime,
    sender: SendRequest<Nothing>,
    base: BaseUrl,
    credentials: Credentials<Hmac>,
}

struct Nothing;

impl Body for Nothing {
    type Data = Bytes;
    type Error = std::convert::Infallible;
    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(None)
    }
    fn is_end_stream(&self) -> bool {
        true
    }
}

impl Handle {
    fn new(url: &str) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let base = BaseUrl::parse(url).unwrap();
        let sender = runtime.block_on(async {
            let stream = tokio::net::TcpStream::connect((base.host(), base.port())).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            sender
        });
        Self { runtime, sender, base, credentials: Credentials::new(API_KEY, Hmac::new(SECRET)).unwrap() }
    }

    fn send<R: binance_core::Request>(&mut self, request: &R) -> Bytes {
        let mut room = [0; 1_024];
        let prepared =
            Plan::new(request, &self.base).write(Some(&self.credentials), stamp(), &mut room).unwrap();
        let built = Request::builder()
            .method(prepared.method().as_str())
            .uri(prepared.target().parse::<Uri>().unwrap())
            .header(HOST, self.base.authority())
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header(USER_AGENT, HeaderValue::from_static("bench"));
        let built =
            if request.meta().security.needs_key() { built.header("x-mbx-apikey", API_KEY) } else { built };
        let built = built.body(Nothing).unwrap();
        self.runtime.block_on(async {
            self.sender.ready().await.unwrap();
            let mut reply = self.sender.send_request(built).await.unwrap().into_body();
            whole(&mut reply).await
        })
    }
}

/// All of a body that comes in one piece, as those of the local server do.
async fn whole(body: &mut Incoming) -> Bytes {
    let mut first = Bytes::new();
    while let Some(frame) = std::future::poll_fn(|cx| std::pin::Pin::new(&mut *body).poll_frame(cx)).await {
        if let Ok(data) = frame.unwrap().into_data() {
            assert!(first.is_empty());
            first = data;
        }
    }
    first
}

impl Contender for Handle {
    fn time(&mut self) -> i64 {
        let request = Time::new();
        let body = self.send(&request);
        binance_core::Endpoint::decode(&request, &body).unwrap().server_time.0
    }

    fn order(&mut self) -> u64 {
        let request = order();
        let body = self.send(&request);
        binance_core::Endpoint::decode(&request, &body).unwrap().order_id
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
        let credentials = Credentials::new(API_KEY, Hmac::new(SECRET)).unwrap();
        Self { stream, base, credentials, buffer: [0; 4_096] }
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

fn stamp() -> Stamp {
    let now: Millis = SystemTime.unix();
    Stamp::new(now)
}

/// The CPU time of this thread.
fn cpu() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0);
    Duration::from_nanos(nanos)
}

#[derive(Default)]
struct Measured {
    times: Vec<Duration>,
    cpu: Duration,
    allocations: u64,
}

fn main() {
    let rounds = if std::env::args().any(|argument| argument == "--bench") { 40 } else { 1 };
    let batch = 500;
    let url = serve();
    let credentials = Credentials::new(API_KEY, Hmac::new(SECRET)).unwrap();
    let client = Client::builder().base_url(&url).credentials(credentials).build().unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut contenders: Vec<(&str, Box<dyn Contender>)> = vec![
        ("bare socket", Box::new(Bare::new(&url))),
        ("hyper's handle", Box::new(Handle::new(&url))),
        ("this client", Box::new(Ours { runtime, client })),
    ];
    // `cargo bench --bench requests -- handle` runs that one alone, for a profiler.
    let named: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    contenders.retain(|(name, _)| named.is_empty() || named.iter().any(|part| name.contains(part.as_str())));
    for (what, ask) in [
        ("time", (|contender: &mut dyn Contender| assert!(contender.time() > 0)) as fn(&mut dyn Contender)),
        ("order", |contender| assert!(contender.order() > 0)),
    ] {
        let mut measured: Vec<Measured> = contenders.iter().map(|_| Measured::default()).collect();
        for _ in 0..rounds {
            for ((_, contender), measured) in contenders.iter_mut().zip(&mut measured) {
                (0..20).for_each(|_| ask(&mut **contender));
                let begun = cpu();
                for _ in 0..batch {
                    let begun = Instant::now();
                    ask(&mut **contender);
                    measured.times.push(begun.elapsed());
                }
                measured.cpu += cpu() - begun;
                measured.allocations = allocation_counter::measure(|| ask(&mut **contender)).count_total;
            }
        }
        println!("{what:8} {:16} {:>9} {:>9} {:>9} {:>7}", "", "p50 µs", "p99 µs", "CPU µs", "allocs");
        for ((name, _), measured) in contenders.iter().zip(&mut measured) {
            measured.times.sort_unstable();
            let at =
                |percent: usize| measured.times[measured.times.len() * percent / 100].as_secs_f64() * 1e6;
            let cpu = measured.cpu.as_secs_f64() * 1e6 / f64::from(rounds * batch);
            println!("{:8} {name:16} {:9.1} {:9.1} {cpu:9.1} {:7}", "", at(50), at(99), measured.allocations);
        }
    }
}
