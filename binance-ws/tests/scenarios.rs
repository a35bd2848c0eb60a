//! What goes wrong between a program and the exchange, one list for all adapters, in fake time.
//!
//! Client and server share a runtime whose clock goes on by itself when everybody waits, and a network in memory, so
//! that deadlines are those of a program that runs for days and minutes take no time.
#![cfg(all(feature = "native", feature = "tungstenite", feature = "embedded", feature = "embedded-async"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[path = "common/pipe.rs"]
mod pipe;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    future::Future,
    io,
    marker::PhantomData,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use binance_core::{
    Text,
    listen_key::ListenKey,
    stream::{RawStream, Route},
};
use binance_ws::{
    Base, Market, Tick,
    embedded::{AsyncClient, Host, Step},
    hosted::{
        Connector, Item, Socket, Streams, UserData, UserItem,
        dial::{Connecting, Dialer, Io, Way},
    },
    session::{Cause, Config, Mode, Notice, Reason, Session, Slot},
    user::{Keeper, Need},
};
use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, accept_async, accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{Request, Response},
    },
};

use self::pipe::Pipe;

/// How often each stream sends: once in this time, the same number on all connections.
const PERIOD: Duration = Duration::from_millis(100);

const BOOKS: &str = "btcusdt@bookTicker";
/// Stands for user data, which has no name.
const USER: &str = "user data";
const DEPTH: &str = "ethusdt@depth";
/// A stream that always sends, so that its silence is a fault.
const ALL: &str = "!bookTicker";

type Served = WebSocketStream<DuplexStream>;
type Serving = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A network with one server.
#[derive(Clone)]
struct Net {
    began: Instant,
    state: Arc<Mutex<State>>,
    script: Arc<dyn Fn(usize, Net, DuplexStream) -> Serving + Send + Sync>,
}

#[derive(Default)]
struct State {
    /// When somebody tried to connect.
    attempts: Vec<Duration>,
    accepted: usize,
    /// When connections are refused.
    down: Option<(Duration, Duration)>,
    /// Streams that are acknowledged and do not send.
    mute: BTreeSet<&'static str>,
    /// How many listen keys there were, and whether the last one is alive.
    keys: usize,
    key_lives: bool,
}

impl Net {
    /// A network whose server runs `script` on each connection, which are numbered from 0 on.
    fn new<F, R>(script: F) -> Self
    where
        F: Fn(usize, Net, DuplexStream) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let script = move |number, net, stream| Box::pin(script(number, net, stream)) as Serving;
        Self { began: Instant::now(), state: Arc::default(), script: Arc::new(script) }
    }

    fn connect(&self) -> io::Result<DuplexStream> {
        let now = self.began.elapsed();
        let mut state = self.state.lock().unwrap();
        state.attempts.push(now);
        if state.down.is_some_and(|(from, to)| (from..to).contains(&now)) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let number = state.accepted;
        state.accepted += 1;
        drop(state);
        let (ours, theirs) = tokio::io::duplex(64 * 1_024);
        tokio::spawn((self.script)(number, self.clone(), theirs));
        Ok(ours)
    }

    /// The number of the event of this moment.
    fn number(&self) -> u64 {
        (self.began.elapsed().as_millis() / PERIOD.as_millis()) as u64
    }

    /// The listen key that lives, a new one if none does.
    fn listen_key(&self) -> String {
        let mut state = self.state.lock().unwrap();
        state.keys += usize::from(!state.key_lives);
        state.key_lives = true;
        format!("key{}", state.keys)
    }

    fn is_alive(&self, key: &str) -> bool {
        let state = self.state.lock().unwrap();
        state.key_lives && key == format!("key{}", state.keys)
    }

    /// What REST answers about an account in which there is nothing.
    fn answer(&self, need: &Need) -> String {
        match need {
            Need::CreateKey | Need::KeepAlive => format!(r#"{{"listenKey":"{}"}}"#, self.listen_key()),
            Need::Time => r#"{"serverTime":1568014460893}"#.to_owned(),
            Need::Account => r#"{"assets":[],"positions":[]}"#.to_owned(),
            _ => "[]".to_owned(),
        }
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }
}

fn event(name: &str, number: u64) -> String {
    format!(r#"{{"stream":"{name}","data":{{"e":"test","u":{number}}}}}"#)
}

/// Does what the exchange does when all is well, until `end`, or until the client goes away.
async fn serve_well(socket: &mut Served, net: &Net, end: Option<Duration>) {
    let mut subscribed = BTreeSet::new();
    let mut tick = interval(PERIOD);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = net.number();
    let end = sleep_until(net.began + end.unwrap_or(Duration::from_secs(1_000_000)));
    tokio::pin!(end);
    loop {
        tokio::select! {
            heard = socket.next() => match heard {
                Some(Ok(Message::Text(text))) => {
                    let command: serde_json::Value = serde_json::from_str(&text).unwrap();
                    for name in command["params"].as_array().into_iter().flatten() {
                        let name = name.as_str().unwrap().to_owned();
                        if command["method"] == "SUBSCRIBE" { subscribed.insert(name); } else { subscribed.remove(&name); }
                    }
                    let answer = format!(r#"{{"result":null,"id":{}}}"#, command["id"]);
                    if socket.send(Message::text(answer)).await.is_err() { return }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                // Pongs go out with what is sent next.
                Some(Ok(_)) => if socket.flush().await.is_err() { return },
            },
            _ = tick.tick() => while last < net.number() {
                last += 1;
                for name in &subscribed {
                    let is_mute = net.state.lock().unwrap().mute.contains(name.as_str());
                    if !is_mute && socket.send(Message::text(event(name, last))).await.is_err() { return }
                }
            },
            () = &mut end => return,
        }
    }
}

/// Serves user data as the exchange does: events as long as the key of the address lives, a word about its end, and then
/// nothing, while the connection stays alive.
async fn serve_user(stream: DuplexStream, net: &Net) {
    let mut key = String::new();
    #[allow(clippy::result_large_err, reason = "the library's own type")]
    let callback = |request: &Request, response: Response| {
        key = request.uri().query().unwrap().strip_prefix("listenKey=").unwrap().to_owned();
        Ok(response)
    };
    let mut socket = accept_hdr_async(stream, callback).await.unwrap();
    let mut tick = interval(PERIOD);
    let mut told = false;
    loop {
        let text = tokio::select! {
            heard = socket.next() => match heard {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => if socket.flush().await.is_err() { return } else { continue },
            },
            _ = tick.tick() => if net.is_alive(&key) {
                format!(r#"{{"e":"test","E":1,"u":{}}}"#, net.number())
            } else if !told {
                told = true;
                format!(r#"{{"e":"listenKeyExpired","E":1,"listenKey":"{key}"}}"#)
            } else {
                continue;
            },
        };
        if socket.send(Message::text(text)).await.is_err() {
            return;
        }
    }
}

/// What an adapter gave out.
#[derive(Debug)]
enum Told {
    Event(String, u64),
    /// A text that is no event of these tests.
    Other(String),
    Notice(Notice),
}

fn told(stream: Option<&str>, data: &str) -> Told {
    let number = data.split_once("\"u\":").and_then(|(_, rest)| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        rest[..digits].parse().ok()
    });
    match (stream, number) {
        (Some(stream), Some(number)) => Told::Event(stream.to_owned(), number),
        _ => Told::Other(data.to_owned()),
    }
}

type Log = RefCell<Vec<(Duration, Told)>>;

/// One of the adapters. Follows streams without end; waits for `pace` after each event.
trait Adapter {
    /// Whether one connection is opened before another is closed.
    const OVERLAPS: bool;

    async fn follow(net: &Net, names: &[&str], log: &Log, pace: Duration);

    /// Follows user data, whose events count as those of [`USER`].
    async fn follow_user(net: &Net, log: &Log);
}

struct Hosted<S>(PhantomData<S>);

impl<S: Socket> Adapter for Hosted<S> {
    const OVERLAPS: bool = true;

    async fn follow(net: &Net, names: &[&str], log: &Log, pace: Duration) {
        let mut streams = Streams::new(connector::<S>(net));
        for name in names {
            streams.subscribe(&[&public(name)]).unwrap();
        }
        while let Some(item) = streams.next().await {
            let told = match item {
                Item::Message(message) => told(message.stream(), message.data()),
                Item::Notice { notice, .. } => Told::Notice(notice),
            };
            let is_event = matches!(told, Told::Event(..));
            log.borrow_mut().push((net.began.elapsed(), told));
            if is_event && !pace.is_zero() {
                sleep(pace).await;
            }
        }
    }

    async fn follow_user(net: &Net, log: &Log) {
        let network = net.clone();
        let rest = move |_: Market, need: Need| std::future::ready(Ok(network.answer(&need).into()));
        let mut user = UserData::new(connector::<S>(net), rest);
        while let Some(item) = user.next().await {
            let told = match item {
                UserItem::Event(message) => told(Some(USER), message.data()),
                UserItem::Notice(notice) => Told::Notice(notice),
                other => Told::Other(format!("{other:?}")),
            };
            log.borrow_mut().push((net.began.elapsed(), told));
        }
    }
}

fn connector<S: Socket>(net: &Net) -> Connector<S> {
    let network = net.clone();
    let connect = move |_: &str, _: u16| -> Connecting<'static> {
        let stream = network.connect().map(|stream| Box::new(stream) as Box<dyn Io>);
        Box::pin(std::future::ready(stream))
    };
    let dialer = Dialer::new(Way::new()).connector(Network(connect), "memory");
    let base = Base::new(Market::UsdM, "ws://exchange.test").unwrap();
    Connector::new(base).dialer(dialer)
}

/// A closure as a way to connect.
struct Network<F>(F);

impl<F> binance_ws::hosted::dial::Connector for Network<F>
where
    F: Fn(&str, u16) -> Connecting<'static> + Send + Sync,
{
    fn connect<'c>(&'c self, host: &'c str, port: u16) -> Connecting<'c> {
        (self.0)(host, port)
    }
}

struct Embedded;

impl Adapter for Embedded {
    const OVERLAPS: bool = false;

    async fn follow(net: &Net, names: &[&str], log: &Log, pace: Duration) {
        let mut session = session(Mode::Combined);
        for name in names {
            session.want(&public(name)).unwrap();
        }
        Self::run(net, session, None, log, pace).await;
    }

    async fn follow_user(net: &Net, log: &Log) {
        let mut keeper = Keeper::new(42);
        assert_eq!(keeper.poll_need(Tick(0)), Some(Need::CreateKey));
        let key = keeper.answered(Tick(0), ListenKey::new(&net.listen_key()).ok()).unwrap();
        let session = session(Mode::User(Text::truncated(&key)));
        Self::run(net, session, Some(keeper), log, Duration::ZERO).await;
    }
}

type BoardSession = Session<heapless::Vec<Slot, 8>>;

fn session(mode: Mode) -> BoardSession {
    let mut config = Config::default();
    config.overlap = false;
    Session::new(Market::UsdM, Some(Route::Public), mode, heapless::Vec::new(), config, 42)
}

impl Embedded {
    /// The program of a microcontroller. With a `keeper` it is one for user data.
    async fn run(net: &Net, session: BoardSession, mut keeper: Option<Keeper>, log: &Log, pace: Duration) {
        let base = Base::new(Market::UsdM, "ws://exchange.test").unwrap();
        let (mut receive, mut send) = (vec![0; 1 << 21], [0; 1_024]);
        let host = Board { began: net.began, random: 42 };
        let mut client = AsyncClient::new(session, base, host, &mut receive, &mut send);
        loop {
            let deadline = client.deadline().map(|at| net.began + Duration::from_millis(at.0));
            let late = sleep_until(deadline.unwrap_or(net.began + Duration::from_secs(1_000_000)));
            let mut connect = false;
            let mut wait = None;
            let told = tokio::select! {
                biased;
                step = client.step() => match step {
                    Ok(Step::Event { stream, data }) => Some(told(stream.or(keeper.is_some().then_some(USER)), data)),
                    Ok(Step::Other(text)) => Some(told(None, text)),
                    Ok(Step::Notice(notice)) => Some(Told::Notice(notice)),
                    Ok(Step::Connect) => { connect = true; None }
                    Ok(Step::Wait(until)) => { wait = until; None }
                    Ok(_) | Err(_) => None,
                },
                () = late => None,
            };
            if connect {
                match net.connect() {
                    Ok(stream) => client.connected(Pipe(stream)),
                    Err(_) => client.not_connected(Duration::ZERO),
                }
            }
            if let Some(until) = wait {
                sleep_until(net.began + Duration::from_millis(until.0)).await;
            }
            if let Some(told) = told {
                let is_event = matches!(told, Told::Event(..));
                let now = Tick(net.began.elapsed().as_millis() as u64);
                if let (Some(keeper), Told::Other(text)) = (&mut keeper, &told)
                    && text.contains("listenKeyExpired")
                {
                    keeper.expired(now);
                    assert_eq!(keeper.poll_need(now), Some(Need::CreateKey));
                    let key = keeper.answered(now, ListenKey::new(&net.listen_key()).ok()).unwrap();
                    client.session_mut().reset_listen_key(now, Text::truncated(&key));
                }
                log.borrow_mut().push((net.began.elapsed(), told));
                if is_event && !pace.is_zero() {
                    sleep(pace).await;
                }
            }
        }
    }
}

/// Where the embedded adapter runs: in the test's time.
struct Board {
    began: Instant,
    random: u64,
}

impl Host for Board {
    fn now(&mut self) -> Tick {
        Tick(self.began.elapsed().as_millis() as u64)
    }

    fn random(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = (self.random >> 56) as u8;
        }
    }
}

const fn public(name: &str) -> RawStream<'_> {
    RawStream { name, market: Market::UsdM, route: Some(Route::Public) }
}

/// What came of following streams for a while.
struct Outcome {
    log: Vec<(Duration, Told)>,
    attempts: Vec<Duration>,
}

impl Outcome {
    fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.log.iter().filter_map(|(_, told)| match told {
            Told::Notice(notice) => Some(notice),
            _ => None,
        })
    }

    fn losses(&self) -> Vec<Reason> {
        let reason = |notice: &Notice| match notice {
            Notice::Lost { reason, .. } => Some(*reason),
            _ => None,
        };
        self.notices().filter_map(reason).collect()
    }

    fn gaps(&self) -> Vec<Duration> {
        let span = |notice: &Notice| match notice {
            Notice::Gap { from, to } => Some(to.since(*from)),
            _ => None,
        };
        self.notices().filter_map(span).collect()
    }

    /// How many numbers are missing between the first and the last event of a stream.
    fn missing(&self, name: &str) -> u64 {
        let numbers: Vec<u64> = self
            .log
            .iter()
            .filter_map(|(_, told)| match told {
                Told::Event(stream, number) if stream == name => Some(*number),
                _ => None,
            })
            .collect();
        numbers.last().unwrap() - numbers[0] + 1 - numbers.len() as u64
    }
}

/// Follows `names` for `time`, then checks what holds whatever happens: no event comes twice or out of order within its
/// stream, and at the end all streams send.
async fn follow<A: Adapter>(net: &Net, names: &[&'static str], time: Duration, pace: Duration) -> Outcome {
    let log = Log::default();
    let _ = timeout(time, A::follow(net, names, &log, pace)).await;
    checked(net, log, names, time, pace)
}

fn checked(net: &Net, log: Log, names: &[&'static str], time: Duration, pace: Duration) -> Outcome {
    let log = log.into_inner();
    let mut newest = BTreeMap::new();
    for (at, told) in &log {
        if let Told::Event(name, number) = told {
            let before = newest.insert(name.clone(), (*number, *at));
            assert!(before.is_none_or(|(before, _)| before < *number), "{name} {number} after {before:?}");
        }
    }
    let mute = net.state.lock().unwrap().mute.clone();
    for name in names.iter().filter(|name| !mute.contains(*name)) {
        let (number, at) = newest.get(*name).copied().unwrap_or_else(|| panic!("nothing of {name}: {log:?}"));
        assert!(
            at + Duration::from_secs(2) + 2 * pace > time,
            "{name} ended at {number}, {at:?} of {time:?}"
        );
    }
    Outcome { log, attempts: net.state.lock().unwrap().attempts.clone() }
}

const SECOND: Duration = Duration::from_secs(1);

/// The usual: two streams, read at once.
async fn follow_two<A: Adapter>(net: &Net, seconds: u32) -> Outcome {
    follow::<A>(net, &[BOOKS, DEPTH], seconds * SECOND, Duration::ZERO).await
}

/// A server that ends the first connection in its own way after two seconds, and serves well from then on.
fn at_first<F, R>(trouble: F) -> Net
where
    F: Fn(Served, Net) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    Net::new(move |number, net, stream| {
        let trouble = trouble.clone();
        async move {
            let mut socket = accept_async(stream).await.unwrap();
            if number > 0 {
                return serve_well(&mut socket, &net, None).await;
            }
            // Between two events, so that it is certain which was the last.
            let end = net.began.elapsed() + 2 * SECOND + PERIOD / 2;
            serve_well(&mut socket, &net, Some(end)).await;
            trouble(socket, net).await;
        }
    })
}

fn well() -> Net {
    Net::new(|_, net, stream| async move {
        let mut socket = accept_async(stream).await.unwrap();
        serve_well(&mut socket, &net, None).await;
    })
}

async fn refused_connects<A: Adapter>() {
    let net = well();
    net.set(|state| state.down = Some((Duration::ZERO, 3 * SECOND)));
    let outcome = follow_two::<A>(&net, 60).await;
    assert!(outcome.attempts.len() > 2, "{:?}", outcome.attempts);
    assert!(outcome.losses().iter().all(|reason| *reason == Reason::Connect));
    // Nothing was subscribed before, so nothing is missing.
    assert!(outcome.gaps().is_empty());
}

async fn a_drop<A: Adapter>() {
    let outcome = follow_two::<A>(&at_first(|socket, _| async move { drop(socket) }), 30).await;
    assert_eq!(outcome.losses(), [Reason::Dropped]);
    assert_eq!(outcome.gaps().len(), 1);
    // What is missing is what the gap tells.
    let most = outcome.gaps()[0].as_millis() / PERIOD.as_millis() + 2;
    assert!(u128::from(outcome.missing(BOOKS)) <= most, "{}", outcome.missing(BOOKS));
}

async fn a_silence_without_pongs<A: Adapter>() {
    let net = at_first(|socket, _| async move {
        sleep(1_000 * SECOND).await;
        drop(socket);
    });
    let outcome = follow_two::<A>(&net, 60).await;
    assert_eq!(outcome.losses(), [Reason::PongTimeout]);
    // Ten seconds until the ping, ten for its answer.
    assert!(outcome.gaps()[0] >= 20 * SECOND && outcome.gaps()[0] < 22 * SECOND, "{:?}", outcome.gaps());
}

async fn a_silence_while_pings_are_answered<A: Adapter>() {
    let net = at_first(|mut socket, _| async move {
        // Reading answers pings, and nothing else.
        while let Some(Ok(_)) = socket.next().await {
            if socket.flush().await.is_err() {
                return;
            }
        }
    });
    let outcome = follow::<A>(&net, &[ALL], 120 * SECOND, Duration::ZERO).await;
    let silent = |notice: &Notice| matches!(notice, Notice::Silent { name, ever: true, .. } if name == ALL);
    assert!(outcome.notices().any(silent));
    let resumed = |notice: &Notice| matches!(notice, Notice::Resumed { name, .. } if name == ALL);
    assert!(outcome.notices().any(resumed));
}

async fn an_acknowledgement_and_nothing_else<A: Adapter>() {
    let net = well();
    net.set(|state| {
        state.mute.insert(DEPTH);
    });
    let outcome = follow_two::<A>(&net, 120).await;
    let silent =
        |notice: &Notice| matches!(notice, Notice::Silent { name, ever: false, .. } if name == DEPTH);
    assert_eq!(outcome.notices().filter(|notice| silent(notice)).count(), 1);
    assert!(outcome.losses().is_empty() && outcome.missing(BOOKS) == 0);
}

async fn a_slow_consumer<A: Adapter>() {
    let outcome = follow::<A>(&well(), &[BOOKS], 300 * SECOND, 5 * SECOND).await;
    assert!(outcome.losses().is_empty());
    // It is behind, and has not missed anything.
    assert_eq!(outcome.missing(BOOKS), 0);
}

/// Bytes of a frame as servers send it.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        len @ 0..=125 => bytes.push(len as u8),
        len => {
            bytes.push(126);
            bytes.extend((len as u16).to_be_bytes());
        }
    }
    bytes.extend(payload);
    bytes
}

async fn fragments_with_pings_between_them<A: Adapter>() {
    let net = at_first(|mut socket, net| async move {
        for _ in 0..20 {
            sleep(PERIOD).await;
            let text = event(BOOKS, net.number());
            for (index, piece) in text.as_bytes().chunks(7).enumerate() {
                let is_last = (index + 1) * 7 >= text.len();
                let first = u8::from(is_last) << 7 | u8::from(index == 0);
                let bytes = [frame(first, piece), frame(0x89, b"?")].concat();
                socket.get_mut().write_all(&bytes).await.unwrap();
            }
        }
        sleep(2 * SECOND).await;
        // Every ping was answered, in the order in which they came, up to the limit on messages.
        let mut pongs = 0;
        while let Ok(Some(Ok(message))) = timeout(SECOND / 10, socket.next()).await {
            pongs += usize::from(matches!(&message, Message::Pong(payload) if &payload[..] == b"?"));
        }
        assert!(pongs > 10, "{pongs}");
    });
    let outcome = follow::<A>(&net, &[BOOKS], 30 * SECOND, Duration::ZERO).await;
    let fragmented = outcome.log.iter().filter(|(at, told)| {
        *at > 2 * SECOND && *at < 4 * SECOND + PERIOD && matches!(told, Told::Event(..))
    });
    assert!(fragmented.count() >= 19);
    assert_eq!(outcome.losses().len(), 1, "the end of the first connection");
}

async fn a_message_of_a_mebibyte<A: Adapter>() {
    let net = at_first(|mut socket, net| async move {
        let number = net.number() + 1;
        let long = "x".repeat(1 << 20);
        let text = format!(r#"{{"stream":"{BOOKS}","data":{{"e":"test","u":{number},"long":"{long}"}}}}"#);
        socket.send(Message::text(text)).await.unwrap();
        serve_well(&mut socket, &net, None).await;
    });
    let outcome = follow::<A>(&net, &[BOOKS], 3 * SECOND, Duration::ZERO).await;
    assert!(outcome.losses().is_empty());
}

async fn a_text_that_is_not_utf8<A: Adapter>() {
    let net = at_first(|mut socket, _| async move {
        socket.get_mut().write_all(b"\x81\x04\"\xff\xfe\"").await.unwrap();
        sleep(1_000 * SECOND).await;
    });
    let outcome = follow_two::<A>(&net, 30).await;
    assert_eq!(outcome.losses(), [Reason::Protocol]);
    assert_eq!(outcome.gaps().len(), 1);
}

async fn events_that_nobody_knows<A: Adapter>() {
    let texts = ["no JSON at all", r#"{"e":"brandNew","E":1}"#, r#"{"result":null,"id":999}"#, r#"{"a":"#];
    let net = at_first(move |mut socket, net| async move {
        for text in texts {
            socket.send(Message::text(text)).await.unwrap();
        }
        // Subscriptions are of the connection: go on with them.
        loop {
            sleep(PERIOD).await;
            let number = net.number();
            for name in [BOOKS, DEPTH] {
                if socket.send(Message::text(event(name, number))).await.is_err() {
                    return;
                }
            }
        }
    });
    // Less time than a ping needs, which this server does not answer.
    let outcome = follow_two::<A>(&net, 8).await;
    assert!(outcome.losses().is_empty());
    let others: Vec<&str> = outcome
        .log
        .iter()
        .filter_map(|(_, told)| match told {
            Told::Other(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(others, texts, "given out as they came, in their order");
}

async fn a_ban<A: Adapter>() {
    for (status, header, wait) in
        [("418 I'm a teapot", "Retry-After: 300\r\n", 300), ("429 Too Many Requests", "", 60)]
    {
        let net = Net::new(move |number, net, mut stream| async move {
            if number == 0 {
                let mut request = [0; 2_048];
                let _ = stream.read(&mut request).await;
                let answer = format!("HTTP/1.1 {status}\r\n{header}Content-Length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
                return;
            }
            let mut socket = accept_async(stream).await.unwrap();
            serve_well(&mut socket, &net, None).await;
        });
        let outcome = follow_two::<A>(&net, wait + 30).await;
        assert_eq!(outcome.attempts.len(), 2, "{:?}", outcome.attempts);
        assert!(outcome.attempts[1] >= wait * SECOND, "{:?}", outcome.attempts);
    }
}

async fn a_shutdown_notice<A: Adapter>() {
    let net = at_first(|mut socket, net| async move {
        let notice = r#"{"stream":"","data":{"e":"serverShutdown","E":1}}"#;
        socket.send(Message::text(notice)).await.unwrap();
        // It goes on with what was subscribed until it ends.
        let mut last = net.number();
        let until = net.began.elapsed() + 20 * SECOND;
        while net.began.elapsed() < until {
            tokio::select! {
                heard = socket.next() => match heard {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                    Some(Ok(_)) => {}
                },
                () = sleep(PERIOD / 2) => while last < net.number() {
                    last += 1;
                    for name in [BOOKS, DEPTH] {
                        if socket.send(Message::text(event(name, last))).await.is_err() { return }
                    }
                },
            }
        }
    });
    let outcome = follow_two::<A>(&net, 60).await;
    let replacing = |notice: &Notice| matches!(notice, Notice::Replacing { cause: Cause::Shutdown });
    assert!(outcome.notices().any(replacing));
    if A::OVERLAPS {
        assert!(outcome.notices().any(|notice| matches!(notice, Notice::Replaced)));
        assert!(outcome.gaps().is_empty() && outcome.losses().is_empty());
        assert_eq!((outcome.missing(BOOKS), outcome.missing(DEPTH)), (0, 0), "nothing was missed");
    } else {
        assert_eq!(outcome.gaps().len(), 1);
    }
}

async fn a_listen_key_that_expires<A: Adapter>() {
    let net = Net::new(|_, net, stream| async move { serve_user(stream, &net).await });
    let (time, log) = (60 * SECOND, Log::default());
    let expire = async {
        sleep(20 * SECOND).await;
        net.set(|state| state.key_lives = false);
    };
    let _ = tokio::join!(timeout(time, A::follow_user(&net, &log)), expire);
    let outcome = checked(&net, log, &[USER], time, Duration::ZERO);
    let expired =
        |(_, told): &&(Duration, Told)| matches!(told, Told::Other(text) if text.contains("Expired"));
    assert_eq!(outcome.log.iter().filter(expired).count(), 1);
    assert_eq!(outcome.losses(), [Reason::ListenKey]);
    assert_eq!(outcome.attempts.len(), 2, "one connection a key: {:?}", outcome.attempts);
    // A new key and a new connection at once, and what may be missing is told.
    assert!(outcome.gaps().len() == 1 && outcome.gaps()[0] < SECOND, "{:?}", outcome.gaps());
    assert!(outcome.missing(USER) <= 10, "{}", outcome.missing(USER));
}

async fn a_clock_that_jumps<A: Adapter>() {
    let net = well();
    let jump = async {
        sleep(2 * SECOND).await;
        // The machine sleeps for an hour.
        tokio::time::advance(3_600 * SECOND).await;
    };
    let (outcome, ()) = tokio::join!(follow_two::<A>(&net, 3_660), jump);
    assert!(outcome.attempts.len() <= 2, "{:?}", outcome.attempts);
    // What was lost, if it was, is told.
    assert_eq!(outcome.losses().len(), outcome.gaps().len());
}

async fn an_outage_of_ten_minutes<A: Adapter>() {
    let net = at_first(|socket, net| async move {
        let now = net.began.elapsed();
        net.set(|state| state.down = Some((now, now + 600 * SECOND)));
        drop(socket);
    });
    let outcome = follow_two::<A>(&net, 700).await;
    assert_eq!(outcome.gaps().len(), 1);
    assert!(outcome.gaps()[0] >= 600 * SECOND && outcome.gaps()[0] < 640 * SECOND, "{:?}", outcome.gaps());
    assert_eq!(outcome.losses()[0], Reason::Dropped);
    assert!(outcome.losses()[1..].iter().all(|reason| *reason == Reason::Connect));
    // Neither a storm nor a sleep.
    let attempts = outcome.attempts.len();
    assert!((20..120).contains(&attempts), "{attempts}");
}

/// Each of these, over each adapter.
macro_rules! over_each_adapter {
    ($($test:ident)+) => {
        over_each_adapter! { tungstenite Hosted<binance_ws::tungstenite::Socket>: $($test)+ }
        over_each_adapter! { native Hosted<binance_ws::native::Socket>: $($test)+ }
        over_each_adapter! { embedded Embedded: $($test)+ }
    };
    ($adapter:ident $type:ty: $($test:ident)+) => {
        mod $adapter {
            #[allow(unused_imports, reason = "not all of these types are named")]
            use super::{Embedded, Hosted};

            $(
                #[test]
                fn $test() {
                    super::run(super::$test::<$type>());
                }
            )+
        }
    };
}

over_each_adapter! {
    refused_connects
    a_drop
    a_silence_without_pongs
    a_silence_while_pings_are_answered
    an_acknowledgement_and_nothing_else
    a_slow_consumer
    fragments_with_pings_between_them
    a_message_of_a_mebibyte
    a_text_that_is_not_utf8
    events_that_nobody_knows
    a_ban
    a_shutdown_notice
    a_listen_key_that_expires
    a_clock_that_jumps
    an_outage_of_ten_minutes
}

fn run(test: impl Future<Output = ()>) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(test);
}
