//! Another runtime than tokio: a signed order and a stream over the sockets of smol.
//!
//! What is needed of a runtime is a stream of bytes and a clock. Nothing here allocates but the runtime; TLS, where the
//! exchange is not in this process, comes between the socket and the client, by async-native-tls or futures-rustls.

use std::{
    io,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use binance_core::{
    Event, Millis, dec,
    enums::Side,
    usdm::{
        streams::{BookTicker, BookTickerStream},
        trade::NewOrder,
    },
};
use binance_examples::Failure;
use binance_http::{
    BaseUrl,
    embedded::{AsyncConnection, Wire},
};
use binance_sign::{Credentials, Hmac, Stamp};
use binance_sim::Sim;
use binance_ws::{
    Base, Market, Route, Tick,
    embedded::{AsyncClient, Host, Step},
    session::{Config, Mode, Session, Slot},
};
use ring::rand::{SecureRandom, SystemRandom};
use smol::{
    future::FutureExt,
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

fn main() -> Result<(), Failure> {
    let sim = Sim::start()?;
    smol::block_on(async {
        order(&sim).await?;
        follow(&sim).await
    })
}

/// A signed order over a connection that is kept.
async fn order(sim: &Sim) -> Result<(), Failure> {
    let base = BaseUrl::parse(&sim.urls().rest)?;
    let credentials =
        Credentials::new(&sim.keys().hmac.api_key, Hmac::new(sim.keys().hmac.secret.as_bytes()))?;
    let mut connection = AsyncConnection::new(connect(&sim.urls().rest).await?, &base, Wire::Plain);
    let mut buffer = [0; 4_096];
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let stamp = Stamp::new(Millis(now.try_into()?));
    let order = NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.010"), dec!("20000.0"));
    let reply = connection.send(&order, Some(&credentials), stamp, &mut buffer).await?;
    let order = reply.value()?;
    println!("order {} is {}", order.order_id, order.status);
    Ok(())
}

/// The best prices, by a session that connects, subscribes and answers pings.
async fn follow(sim: &Sim) -> Result<(), Failure> {
    let mut config = Config::default();
    // One socket at a time.
    config.overlap = false;
    let table = heapless::Vec::<Slot, 4>::new();
    let mut session = Session::new(Market::UsdM, Some(Route::Public), Mode::Combined, table, config, 42);
    session.want(&BookTickerStream::new("BTCUSDT"))?;
    let base = Base::new(Market::UsdM, &sim.urls().usdm_streams)?;
    let start = Instant::now();
    let (mut receive, mut send) = ([0; 2_048], [0; 512]);
    let mut client = AsyncClient::new(session, base, Machine { start }, &mut receive, &mut send);
    let mut events = 0;
    while events < 10 {
        // When nothing comes, the session wants to be asked again at its deadline.
        let wait = client.deadline().map_or(0, |tick| tick.0);
        let wait = Duration::from_millis(wait).saturating_sub(start.elapsed());
        let idle = async {
            smol::Timer::after(wait.max(Duration::from_millis(1))).await;
            Ok(Step::Wait(None))
        };
        match client.step().or(idle).await {
            Ok(Step::Connect) => client.connected(connect(&sim.urls().rest).await?),
            Ok(Step::Event { data, .. }) => {
                let best = BookTicker::decode(data)?;
                println!("{} / {}", best.bid_price, best.ask_price);
                events += 1;
            }
            Ok(Step::Notice(notice)) => println!("{notice:?}"),
            Ok(_) => {}
            Err(error) => println!("{error}: the session connects again"),
        }
    }
    Ok(())
}

async fn connect(url: &str) -> io::Result<Socket> {
    let stream = TcpStream::connect(url.trim_start_matches("http://")).await?;
    stream.set_nodelay(true)?;
    Ok(Socket(stream))
}

/// What a session needs of the machine.
struct Machine {
    start: Instant,
}

impl Host for Machine {
    fn now(&mut self) -> Tick {
        Tick(self.start.elapsed().as_millis().try_into().unwrap_or(u64::MAX))
    }

    fn random(&mut self, bytes: &mut [u8]) {
        SystemRandom::new().fill(bytes).expect("the system has random numbers");
    }
}

/// A socket of smol's, by the traits that the clients read and write by.
struct Socket(TcpStream);

impl embedded_io_async::ErrorType for Socket {
    type Error = io::Error;
}

impl embedded_io_async::Read for Socket {
    async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).await
    }
}

impl embedded_io_async::Write for Socket {
    async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).await
    }

    async fn flush(&mut self) -> io::Result<()> {
        self.0.flush().await
    }
}
