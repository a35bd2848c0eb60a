//! A local server, and what it is asked, by hyper's own connection handle: for the benchmark and for the test that counts
//! allocations.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each user needs a part of it, and stops when it fails"
)]

mod server;

use binance_core::usdm::market_data::Time;
use binance_http::{BaseUrl, request::Plan};
use binance_sign::{Credentials, Hmac};
use hyper::{
    Request, Uri,
    body::{Body, Bytes, Incoming},
    client::conn::http1::{SendRequest, handshake},
    header::{ACCEPT, HOST, HeaderValue, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use tokio::runtime::Runtime;

pub use self::server::{API_KEY, credentials, order, runtime, serve, stamp};

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
