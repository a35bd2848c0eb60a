//! Requests that are dropped at each of their awaits, over streams that give and take a little at a time.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(all(feature = "hyper", feature = "embedded-async"))]

use std::{
    io,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use binance_core::{
    decimal::dec,
    enums::Side,
    usdm::{market_data::Time, trade::NewOrder},
};
use binance_http::{
    BaseUrl, Client,
    budget::{Limit, Rules},
    clock::{SystemTime, TimeSource},
    dial::{Connecting, Io},
    embedded::{AsyncConnection, Wire},
    hyper::Hyper,
    pool::InProcess,
};
use binance_sign::{Credentials, Hmac, Stamp};
use binance_sim::Sim;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
};

const PATH: &str = "/fapi/v1/order";

/// How much goes through at a time.
const PIECE: usize = 48;

/// A socket that lets everyone wait before each piece, and counts what it took.
struct Dripping {
    stream: TcpStream,
    reads: bool,
    writes: bool,
    written: Arc<AtomicUsize>,
}

impl Dripping {
    async fn connect(address: &str, written: Arc<AtomicUsize>) -> io::Result<Self> {
        Ok(Self { stream: TcpStream::connect(address).await?, reads: false, writes: false, written })
    }
}

/// Waits once for each time that it does not.
fn wait_once(waited: &mut bool, cx: &mut Context<'_>) -> Poll<()> {
    *waited = !*waited;
    if *waited {
        cx.waker().wake_by_ref();
        return Poll::Pending;
    }
    Poll::Ready(())
}

impl AsyncRead for Dripping {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(wait_once(&mut self.reads, cx));
        let mut piece = [0; PIECE];
        let len = buf.remaining().min(PIECE);
        let mut piece = ReadBuf::new(&mut piece[..len]);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut piece))?;
        buf.put_slice(piece.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Dripping {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(wait_once(&mut self.writes, cx));
        let count = ready!(Pin::new(&mut self.stream).poll_write(cx, &bytes[..bytes.len().min(PIECE)]))?;
        self.written.fetch_add(count, Ordering::SeqCst);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Polls a future this many times, each when it asks for it, and drops it.
async fn polled<F: Future>(future: F, times: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut polls = 0;
    std::future::poll_fn(|cx| {
        if polls == times {
            return Poll::Ready(None);
        }
        polls += 1;
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

/// What became of the tries: of each the client order id, and how much of it was taken.
#[derive(Default)]
struct Tries(Vec<(String, usize)>);

impl Tries {
    /// An order is at the exchange once if all of it was taken, and not at all otherwise. The last one was finished.
    async fn check(&self, sim: &Sim) {
        let (_, whole) = *self.0.last().unwrap();
        let placed = self.0.iter().filter(|(_, taken)| *taken == whole).count();
        // The exchange may not have looked yet at one that was dropped.
        let looked = async {
            while sim.truth().count("POST", PATH) < placed {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), looked).await.unwrap();
        let truth = sim.truth();
        assert_eq!(truth.count("POST", PATH), placed);
        for (id, taken) in &self.0 {
            let orders = truth.orders.iter().filter(|order| order.client_order_id == *id).count();
            assert_eq!(orders, usize::from(*taken == whole), "{id}: {taken} of {whole} bytes");
        }
        let begun = self.0.iter().filter(|(_, taken)| (1..whole).contains(taken)).count();
        assert!(begun > 2 && placed > 2, "too few awaits to be a test: {begun} {placed}");
    }
}

fn order(id: &str) -> NewOrder<'_> {
    NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.010"), dec!("20000.0")).new_client_order_id(id)
}

fn credentials(sim: &Sim) -> Credentials<Hmac> {
    let key = &sim.keys().hmac;
    Credentials::new(&key.api_key, Hmac::new(key.secret.as_bytes())).unwrap()
}

/// The pool of connections, the budget and the orders are right whenever a request is dropped.
#[tokio::test]
async fn a_request_over_hyper() {
    for warm in [false, true] {
        let sim = Sim::builder().quiet().start().unwrap();
        let address: Arc<str> = sim.urls().rest.strip_prefix("http://").unwrap().into();
        let mut tries = Tries::default();
        for polls in 0.. {
            let written = Arc::new(AtomicUsize::new(0));
            let (to, counted) = (Arc::clone(&address), Arc::clone(&written));
            let connect = move |_: &str, _: u16| -> Connecting<'static> {
                let (to, counted) = (Arc::clone(&to), Arc::clone(&counted));
                Box::pin(async move { Ok(Box::new(Dripping::connect(&to, counted).await?) as Box<dyn Io>) })
            };
            let pool = InProcess::new(Rules::default());
            let client = Client::over(Hyper::new().connector(connect, "dripping"))
                .base_url(&sim.urls().rest)
                .credentials(credentials(&sim))
                .pool(pool)
                .build()
                .unwrap();
            if warm {
                client.fetch(&Time::new()).await.unwrap();
                assert_eq!(client.transport().idle_connections(), 1);
            }
            let before = written.load(Ordering::SeqCst);
            let id = format!("try-{polls:03}");
            let window = SystemTime.unix().0 / 10_000;
            let finished = polled(client.fetch(&order(&id)), polls).await;
            let taken = written.load(Ordering::SeqCst) - before;
            tries.0.push((id, taken));

            // A connection with half a request or half a reply is not kept; one that was not begun is.
            let idle = client.transport().idle_connections();
            assert_eq!(
                idle,
                usize::from(finished.is_some() || warm && polls == 0),
                "after {polls} polls, warm: {warm}"
            );
            // What may have left is charged; the exchange's own count has the tries before it as well.
            let used = client.used(Limit::Orders10s).unwrap_or(0);
            let same_window = window == SystemTime.unix().0 / 10_000;
            assert!(used >= u32::from(taken > 0 && same_window), "after {polls} polls, warm: {warm}");
            assert!(used <= u32::try_from(tries.0.len()).unwrap(), "after {polls} polls: {used}");
            // The next request is answered, and with its own answer.
            let time = client.fetch(&Time::new()).await.unwrap();
            assert!(time.server_time.0 > 0);
            if let Some(order) = finished {
                assert!(order.unwrap().order_id > 0);
                break;
            }
        }
        tries.check(&sim).await;
    }
}

/// A stream for embedded connections.
struct Stream(Dripping);

impl embedded_io_async::ErrorType for Stream {
    type Error = io::Error;
}

impl embedded_io_async::Read for Stream {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, io::Error> {
        AsyncReadExt::read(&mut self.0, buf).await
    }
}

impl embedded_io_async::Write for Stream {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, io::Error> {
        AsyncWriteExt::write(&mut self.0, buf).await
    }

    async fn flush(&mut self) -> Result<(), io::Error> {
        AsyncWriteExt::flush(&mut self.0).await
    }
}

#[tokio::test]
async fn a_request_over_a_stream_of_the_callers() {
    let sim = Sim::builder().quiet().start().unwrap();
    let base = BaseUrl::parse(&sim.urls().rest).unwrap();
    let (key, written) = (credentials(&sim), Arc::new(AtomicUsize::new(0)));
    let connect = async || Stream(Dripping::connect(base.authority(), Arc::clone(&written)).await.unwrap());
    let stamp = || Stamp::new(SystemTime.unix());
    let mut buffer = vec![0; 4_096];
    let mut tries = Tries::default();
    for polls in 0.. {
        let mut connection = AsyncConnection::new(connect().await, &base, Wire::Plain);
        let before = written.load(Ordering::SeqCst);
        let id = format!("try-{polls:03}");
        let order = order(&id);
        let sending = connection.send(&order, Some(&key), stamp(), &mut buffer);
        let finished = polled(sending, polls).await;
        let finished = finished.map(|reply| reply.unwrap().value().unwrap().order_id);
        tries.0.push((id, written.load(Ordering::SeqCst) - before));
        assert_eq!(connection.is_alive(), finished.is_some() || polls == 0, "after {polls} polls");
        if !connection.is_alive() {
            drop(connection.renew(connect().await));
        }
        let time = connection.send(&Time::new(), Some(&key), stamp(), &mut buffer).await.unwrap();
        assert!(time.value().unwrap().server_time.0 > 0);
        if finished.is_some() {
            break;
        }
    }
    tries.check(&sim).await;
}
