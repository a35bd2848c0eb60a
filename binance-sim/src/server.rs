//! The server: one listener, one thread, one task a socket.

use std::{cell::RefCell, future::pending, io, net::IpAddr, rc::Rc, sync::mpsc::Sender, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Builder,
    sync::mpsc::UnboundedReceiver,
    task::{JoinSet, LocalSet},
    time::{MissedTickBehavior, interval, sleep},
};

use self::socket::Socket;
use crate::{exchange::Exchange, faults::What, json::Json, limits::OrderCounts, reject::Reject};

mod answer;
mod api;
mod http;
mod response;
mod socket;
mod tls;
mod ws;

pub(crate) use self::{response::Response, tls::Acceptor};

/// Something that the handle wants done on the exchange's thread.
pub(crate) type Command = Box<dyn FnOnce(&mut Exchange) + Send>;

/// The exchange, as the tasks of the one thread share it. No task holds it across an await.
type Shared = Rc<RefCell<Exchange>>;

/// How often the market is played up to the clock, in real time.
const BEAT: Duration = Duration::from_millis(10);

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Without the query.
    pub(crate) path: String,
    /// As it came, without the `?`.
    pub(crate) query: String,
    pub(crate) body: String,
    /// The `X-MBX-APIKEY` header.
    pub(crate) api_key: Option<String>,
    pub(crate) from: IpAddr,
    /// The head as it came.
    pub(crate) head: Vec<u8>,
    /// The key of a WebSocket handshake.
    pub(crate) upgrade: Option<String>,
    /// Whether the client wants the socket closed after the reply.
    pub(crate) close: bool,
}

/// Serves until nobody can send commands any more.
pub(crate) fn run(
    listener: std::net::TcpListener,
    exchange: Exchange,
    tls: Option<Acceptor>,
    inbox: UnboundedReceiver<Command>,
    started: &Sender<io::Result<()>>,
) {
    let runtime = match Builder::new_current_thread().enable_io().enable_time().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            // Whoever started the exchange waits for this.
            let _ = started.send(Err(error));
            return;
        }
    };
    let tasks = LocalSet::new();
    tasks.block_on(&runtime, async {
        let listener = match TcpListener::from_std(listener) {
            Ok(listener) => listener,
            Err(error) => {
                let _ = started.send(Err(error));
                return;
            }
        };
        let _ = started.send(Ok(()));
        serve(listener, exchange, tls, inbox).await;
    });
}

async fn serve(
    listener: TcpListener,
    exchange: Exchange,
    tls: Option<Acceptor>,
    mut inbox: UnboundedReceiver<Command>,
) {
    let most = exchange.connections;
    let shared: Shared = Rc::new(RefCell::new(exchange));
    // Dropped at the end, which ends every task.
    let mut sockets = JoinSet::new();
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            accepted = listener.accept(), if sockets.len() < most => {
                match accepted {
                    Ok((stream, from)) => {
                        sockets.spawn_local(connection(stream, from.ip(), Rc::clone(&shared), tls.clone()));
                    }
                    // That of one socket, or a lack of descriptors, which may pass.
                    Err(_) => sleep(BEAT).await,
                }
            }
            command = inbox.recv() => {
                let Some(command) = command else { return };
                let mut exchange = shared.borrow_mut();
                exchange.refresh();
                command(&mut exchange);
            }
            _ = beat.tick() => shared.borrow_mut().refresh(),
            Some(_) = sockets.join_next() => {}
        }
    }
}

/// Serves one connection until it ends, with whatever shall go wrong with it from the start.
async fn connection(stream: TcpStream, from: IpAddr, shared: Shared, tls: Option<Acceptor>) {
    // Small replies shall not wait for each other.
    let _ = stream.set_nodelay(true);
    let fault = {
        let mut exchange = shared.borrow_mut();
        let time = exchange.server_time();
        exchange.faults.strike_connection(time)
    };
    match fault {
        None => {}
        Some(What::ResetConnection) => {
            // Dropping the socket then sends RST.
            let _ = stream.set_zero_linger();
            return;
        }
        Some(What::MuteConnection) => return pending().await,
        Some(What::DelayConnection(delay)) => sleep(delay).await,
        Some(_) => return,
    }
    let stream = match tls {
        None => Socket::Plain(stream),
        Some(acceptor) => match acceptor.accept(stream).await {
            Some(stream) => stream,
            None => return,
        },
    };
    if let Some((stream, rest, request)) = http::serve(stream, from, &shared).await {
        ws::serve(stream, rest, &request, &shared).await;
    }
}

impl Response {
    pub(crate) fn json(json: Json) -> Self {
        Self::new(200, "application/json", json.0.into_bytes())
    }

    pub(crate) fn html(status: u16, text: &str) -> Self {
        Self::new(status, "text/html", text.as_bytes().to_vec())
    }

    pub(crate) fn reject(reject: &Reject) -> Self {
        let response = Self::new(reject.status, "application/json", reject.body().0.into_bytes());
        match reject.retry_after {
            Some(seconds) => response.with_header("Retry-After", seconds.to_string()),
            None => response,
        }
    }

    pub(crate) fn with_used_weight(self, used: u32) -> Self {
        self.with_header("X-MBX-USED-WEIGHT-1M", used.to_string())
    }

    pub(crate) fn with_order_counts(self, counts: Option<OrderCounts>) -> Self {
        let Some(counts) = counts else { return self };
        self.with_header("X-MBX-ORDER-COUNT-10S", counts.per_10s.to_string())
            .with_header("X-MBX-ORDER-COUNT-1M", counts.per_minute.to_string())
    }
}
