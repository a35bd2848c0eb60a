//! The handle: starts the exchange on a thread of its own and tells it what to do.

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener},
    sync::mpsc,
    thread::{Builder as ThreadBuilder, JoinHandle},
    time::Duration,
};

use binance_core::{decimal::Decimal, endpoint::Market};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::{
    book::Side,
    config::{SimBuilder, millis},
    exchange::Exchange,
    faults::{Fault, Injected},
    keys::Keys,
    server::{self, Acceptor, Command},
    truth::{BookTruth, Truth},
};

/// A running exchange. Dropping it shuts it down: the port, every socket and the thread are gone afterwards.
///
/// So it has to be kept in a variable: after `let url = Sim::start()?.urls().rest.clone();` there is nobody at that address,
/// and clients say that the connection was refused.
///
/// Its methods block for as long as the exchange's thread needs to answer, which is well under a millisecond
/// ([`advance`](Self::advance) takes longer, by the work it causes). They may be called from anywhere, also from
/// inside an asynchronous task.
#[must_use = "the exchange ends when this is dropped"]
pub struct Sim {
    urls: Urls,
    keys: Keys,
    certificate: Option<String>,
    commands: Option<UnboundedSender<Command>>,
    thread: Option<JoinHandle<()>>,
}

impl Sim {
    /// Starts an exchange with the defaults of [`builder`](Self::builder), on a free port.
    ///
    /// # Errors
    /// When no port can be bound on 127.0.0.1 or no thread be started.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// Real time, seed 1, a free port, a market that moves.
    pub fn builder() -> SimBuilder {
        SimBuilder::new()
    }

    pub(crate) fn run(config: SimBuilder) -> io::Result<Self> {
        let listener = TcpListener::bind((config.address, config.port))?;
        listener.set_nonblocking(true)?;
        let (acceptor, certificate) = acceptor(&config)?;
        let urls = Urls::of(listener.local_addr()?, certificate.is_some());
        let keys = config.keys.clone();
        let exchange = Exchange::open(config).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "a key given to the exchange cannot be read")
        })?;
        let (commands, inbox) = unbounded_channel();
        let (started, wait) = mpsc::channel();
        let thread = ThreadBuilder::new()
            .name("binance-sim".to_owned())
            .spawn(move || server::run(listener, exchange, acceptor, inbox, &started))?;
        match wait.recv() {
            Ok(Ok(())) => {
                Ok(Self { urls, keys, certificate, commands: Some(commands), thread: Some(thread) })
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(io::Error::other("the exchange's thread ended before it served")),
        }
    }

    /// Where it listens.
    pub fn urls(&self) -> &Urls {
        &self.urls
    }

    /// The demo keys, which it knows.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The certificate that the exchange made for itself, as PEM, for clients to trust; `None` without TLS.
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// The exchange's time, in milliseconds since 1970, skew and all.
    pub fn now(&self) -> i64 {
        self.ask(|exchange| exchange.clock.server())
    }

    /// Moves a clock that is [moved by hand](SimBuilder::manual_time), and with it the market, the timers and the
    /// streams; what they send is on its way when this returns. With real time it does nothing.
    pub fn advance(&self, by: Duration) {
        self.ask(move |exchange| exchange.advance(millis(by)));
    }

    /// From now on the exchange's clock is this far ahead of its market's, in milliseconds; behind when negative.
    ///
    /// The skew shows in `/time`, in the receive window and in the times of replies, orders and events. Trades and
    /// candles keep the market's time.
    pub fn set_clock_skew(&self, millis: i64) {
        self.ask(move |exchange| exchange.clock.set_skew(millis));
    }

    /// Something shall go wrong. Several faults may wait at once; of those that match, the one given first strikes.
    pub fn fault(&self, fault: Fault) {
        self.ask(move |exchange| exchange.faults.add(fault));
    }

    /// Nothing shall go wrong any more.
    pub fn clear_faults(&self) {
        self.ask(|exchange| exchange.faults.clear());
    }

    /// The faults that struck so far, oldest first; at most the last 10,000.
    pub fn injected(&self) -> Vec<Injected> {
        self.ask(|exchange| exchange.faults.injected())
    }

    /// What really is: orders, positions, balances, and the requests that came.
    pub fn truth(&self) -> Truth {
        self.ask(|exchange| exchange.truth())
    }

    /// The whole order book of a contract, or `None` for one that is not traded.
    pub fn book(&self, symbol: &str) -> Option<BookTruth> {
        let symbol = symbol.to_owned();
        self.ask(move |exchange| exchange.book_truth(&symbol))
    }

    /// The contracts that are traded, USDⓈ-M first.
    pub fn symbols(&self) -> Vec<String> {
        self.ask(|exchange| exchange.venues.iter().map(|venue| venue.contract.symbol.clone()).collect())
    }

    /// Somebody else trades at the market: takes up to `quantity` from the book, clients' orders included. Gives
    /// what was traded; zero for a contract that is not traded or a quantity below its step.
    pub fn market_trade(&self, symbol: &str, side: Side, quantity: Decimal) -> Decimal {
        let symbol = symbol.to_owned();
        self.ask(move |exchange| exchange.trade_by_others(&symbol, side, quantity))
    }

    /// Index and mark price of a contract jump to `price`, and the crowd follows within a few steps. Positions whose
    /// margin is too small are liquidated at once. Says `false` for a contract that is not traded or no price.
    pub fn set_price(&self, symbol: &str, price: Decimal) -> bool {
        let symbol = symbol.to_owned();
        self.ask(move |exchange| exchange.jump(&symbol, price))
    }

    /// An amount comes into a wallet from elsewhere, or leaves it when negative. `reason` is one of `ACCOUNT_UPDATE`'s
    /// that has nothing to do with trading, as `DEPOSIT`, `WITHDRAW`, `ADJUSTMENT`, `ADMIN_DEPOSIT`. Says `false` when
    /// the reason or the asset is none.
    pub fn transfer(&self, market: Market, asset: &str, amount: Decimal, reason: &str) -> bool {
        let (asset, reason) = (asset.to_owned(), reason.to_owned());
        self.ask(move |exchange| exchange.transfer(market, &asset, amount, &reason))
    }

    /// The position in a contract is closed at the mark price, as when somebody else goes bankrupt whom nobody can
    /// stand in for. Says `false` when there is none.
    pub fn deleverage(&self, symbol: &str) -> bool {
        let symbol = symbol.to_owned();
        self.ask(move |exchange| exchange.deleverage_all(&symbol))
    }

    /// Tells the account an event that nothing causes here: `GRID_UPDATE`, `STRATEGY_UPDATE`, or on USDⓈ-M
    /// `CONDITIONAL_ORDER_TRIGGER_REJECT`. Says `false` for another one, or a contract that is not traded.
    pub fn tell_event(&self, name: &str, symbol: &str) -> bool {
        let (name, symbol) = (name.to_owned(), symbol.to_owned());
        self.ask(move |exchange| exchange.make_up(&name, &symbol))
    }

    /// The exchange tells the terms of a contract, as if they had changed: `contractInfo`. Says `false` for one that is
    /// not traded.
    pub fn tell_contract(&self, symbol: &str) -> bool {
        let symbol = symbol.to_owned();
        self.ask(move |exchange| exchange.venue(&symbol).map(|venue| exchange.tell_contract(venue)).is_some())
    }

    /// Every listen key expires now: its streams get `listenKeyExpired` and are silent afterwards.
    pub fn expire_listen_keys(&self) {
        self.ask(|exchange| exchange.expire_listen_keys());
    }

    /// Every stream socket closes now, without a close frame.
    pub fn drop_streams(&self) {
        self.ask(|exchange| exchange.hub.drop_all());
    }

    /// Runs `question` on the exchange's thread and waits for what it gives.
    fn ask<R: Send + 'static>(&self, question: impl FnOnce(&mut Exchange) -> R + Send + 'static) -> R {
        let (answer, wait) = mpsc::channel();
        let command: Command = Box::new(move |exchange| {
            // Whoever asked waits below.
            let _ = answer.send(question(exchange));
        });
        let sent = self.commands.as_ref().is_some_and(|commands| commands.send(command).is_ok());
        let answer = if sent { wait.recv().ok() } else { None };
        answer.expect("the exchange's thread runs as long as its handle lives")
    }
}

#[cfg(feature = "tls")]
fn acceptor(config: &SimBuilder) -> io::Result<(Option<Acceptor>, Option<String>)> {
    if !config.tls {
        return Ok((None, None));
    }
    let (acceptor, certificate) = Acceptor::new(config.address)?;
    Ok((Some(acceptor), Some(certificate)))
}

#[cfg(not(feature = "tls"))]
fn acceptor(config: &SimBuilder) -> io::Result<(Option<Acceptor>, Option<String>)> {
    if config.tls {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "built without the feature `tls`"));
    }
    Ok((None, None))
}

impl Drop for Sim {
    fn drop(&mut self) {
        // The thread ends when nobody can command it any more.
        drop(self.commands.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sim").field("urls", &self.urls).finish_non_exhaustive()
    }
}

/// The addresses of an exchange, as base URLs: without a slash at the end, to be followed by a path. With TLS they
/// begin with `https` and `wss`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Urls {
    /// `http://127.0.0.1:PORT`, for `/fapi` and `/dapi` alike.
    pub rest: String,
    /// `ws://127.0.0.1:PORT`: USDⓈ-M streams without a route (public data only), to be followed by `/ws` or
    /// `/stream`, or by `/public`, `/market` or `/private` and then those.
    pub usdm_streams: String,
    /// `ws://127.0.0.1:PORT/dstream`: COIN-M streams, to be followed by `/ws` or `/stream`.
    pub coinm_streams: String,
    /// `ws://127.0.0.1:PORT/ws-fapi/v1`: the WebSocket API of USDⓈ-M, the whole address.
    pub usdm_api: String,
    /// `ws://127.0.0.1:PORT/ws-dapi/v1`: the WebSocket API of COIN-M, the whole address.
    pub coinm_api: String,
    /// `http://127.0.0.1:PORT/sim`: where a program in another language reads the truth, moves time and asks for
    /// faults.
    pub control: String,
}

impl Urls {
    fn of(address: SocketAddr, tls: bool) -> Self {
        let (http, ws) = if tls { ("https", "wss") } else { ("http", "ws") };
        Self {
            rest: format!("{http}://{address}"),
            usdm_streams: format!("{ws}://{address}"),
            coinm_streams: format!("{ws}://{address}/dstream"),
            usdm_api: format!("{ws}://{address}/ws-fapi/v1"),
            coinm_api: format!("{ws}://{address}/ws-dapi/v1"),
            control: format!("{http}://{address}/sim"),
        }
    }
}
