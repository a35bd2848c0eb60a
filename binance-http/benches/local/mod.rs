//! A local server, and what it is asked, by hyper's own connection handle: for the benchmark and for the test that counts
//! allocations.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each user needs a part of it, and stops when it fails"
)]

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener},
};

use binance_core::{
    Millis,
    decimal::dec,
    enums::Side,
    usdm::{market_data::Time, trade::NewOrder},
};
use binance_http::{
    BaseUrl,
    clock::{SystemTime, TimeSource},
    request::Plan,
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

pub const API_KEY: &str = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
pub const SECRET: &[u8] = b"NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

const TIME_REPLY: &str = r#"{"serverTime":1763817600000}"#;
const ORDER_REPLY: &str = r#"{"orderId":283194212,"symbol":"BTCUSDT","status":"NEW","clientOrderId":"x-1","price":"9000.00","origQty":"1.000","executedQty":"0.000","timeInForce":"GTC","type":"LIMIT","reduceOnly":false,"closePosition":false,"side":"BUY","positionSide":"BOTH","stopPrice":"0.00","workingType":"CONTRACT_PRICE","priceProtect":false,"origType":"LIMIT","priceMatch":"NONE","selfTradePreventionMode":"EXPIRE_MAKER","goodTillDate":0,"updateTime":1763817600000}"#;

/// Answers every request on every connection, each on a thread.
pub fn serve() -> String {
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

pub fn order() -> NewOrder<'static> {
    NewOrder::limit("BTCUSDT", Side::Buy, dec!("1.000"), dec!("9000.00")).new_client_order_id("x-1")
}

pub fn credentials() -> Credentials<Hmac> {
    Credentials::new(API_KEY, Hmac::new(SECRET)).unwrap()
}

pub fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

pub fn stamp() -> Stamp {
    let now: Millis = SystemTime.unix();
    Stamp::new(now)
}

/// Something that asks for the time and places an order.
pub trait Contender {
    fn time(&mut self) -> i64;
    fn order(&mut self) -> u64;
}

/// The least that a program of its own would do: the request of this crate, handed to hyper.
pub struct Handle {
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
    pub fn new(url: &str) -> Self {
        let runtime = runtime();
        let base = BaseUrl::parse(url).unwrap();
        let sender = runtime.block_on(async {
            let stream = tokio::net::TcpStream::connect((base.host(), base.port())).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            sender
        });
        Self { runtime, sender, base, credentials: credentials() }
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
