//! `tungstenite::Streams` against an exchange that comes and goes.
#![cfg(feature = "tungstenite")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    net::{SocketAddr, TcpListener},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use binance_core::stream::{RawStream, Route, Subscription};
use binance_ws::{
    Market,
    hosted::{self, Arrived, ConnectError, Target, dial},
    session::{Cause, Config, Notice, Outgoing, Reason, RequestError},
    tungstenite::{Connector, Item, Streams},
};
use common::{LIMIT, accept, drain, event, hasty, id, number, public, serve};
use futures_util::{SinkExt, StreamExt};
use tokio::{sync::broadcast, time::timeout};
use tokio_tungstenite::tungstenite::Message;

fn run<F: Future<Output = ()>>(test: F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { timeout(LIMIT, test).await.expect("the test came to its end") });
}

/// An exchange that sends what it is told to all who subscribed, and ends sockets on demand.
#[derive(Clone)]
struct Exchange {
    address: SocketAddr,
    orders: broadcast::Sender<Order>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// New sockets are dropped before the handshake.
    closed: AtomicBool,
    /// How many sockets there were, refused ones included.
    sockets: AtomicUsize,
    /// What each open socket is subscribed to, by its number, and its path.
    open: Mutex<BTreeMap<usize, (String, BTreeSet<String>)>>,
}

#[derive(Clone, Debug)]
enum Order {
    /// Send this event of this stream.
    Event(String, u64),
    /// Send this text to all.
    Text(String),
    /// Every socket ends without a word.
    Drop,
}

impl Exchange {
    async fn new() -> Self {
        let state = Arc::new(State::default());
        let (orders, _) = broadcast::channel(4_096);
        let (of_sockets, sender) = (Arc::clone(&state), orders.clone());
        let address = serve(move |number, stream| {
            let (state, mut orders) = (Arc::clone(&of_sockets), sender.subscribe());
            async move {
                state.sockets.fetch_add(1, Ordering::SeqCst);
                if state.closed.load(Ordering::SeqCst) {
                    return;
                }
                let (path, mut socket) = accept(stream).await;
                state.open.lock().unwrap().insert(number, (path, BTreeSet::new()));
                let has = |name: &str| state.open.lock().unwrap()[&number].1.contains(name);
                loop {
                    tokio::select! {
                        message = socket.next() => match message {
                            Some(Ok(Message::Text(text))) => {
                                let command: serde_json::Value = serde_json::from_str(&text).unwrap();
                                for name in command["params"].as_array().unwrap() {
                                    let name = name.as_str().unwrap().to_owned();
                                    let mut open = state.open.lock().unwrap();
                                    let names = &mut open.get_mut(&number).unwrap().1;
                                    let new = match command["method"].as_str().unwrap() {
                                        "SUBSCRIBE" => names.insert(name),
                                        _ => names.remove(&name),
                                    };
                                    assert!(new, "doubled");
                                }
                                let answer = format!(r#"{{"result":null,"id":{}}}"#, id(&text));
                                socket.send(Message::text(answer)).await.unwrap();
                            }
                            Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                            Some(Ok(_)) => {}
                        },
                        order = orders.recv() => match order.unwrap() {
                            Order::Event(name, number) if has(&name) => {
                                if socket.send(Message::text(event(&name, number))).await.is_err() {
                                    break;
                                }
                            }
                            Order::Event(..) => {}
                            Order::Text(text) => socket.send(Message::text(text)).await.unwrap(),
                            Order::Drop => break,
                        },
                    }
                }
                state.open.lock().unwrap().remove(&number);
                drain(&mut socket).now_or_drop().await;
            }
        })
        .await;
        Self { address, orders, state }
    }

    fn send(&self, order: Order) {
        let _ = self.orders.send(order);
    }

    fn connector(&self) -> Connector {
        hasty(self.address)
    }

    /// The paths of the sockets that are open, and how many streams each has.
    fn open(&self) -> Vec<(String, usize)> {
        self.state.open.lock().unwrap().values().map(|(path, names)| (path.clone(), names.len())).collect()
    }
}

/// Sends what is left of the closing handshake.
trait NowOrDrop: Future<Output = ()> + Sized {
    async fn now_or_drop(self) {
        let _ = timeout(Duration::from_millis(50), self).await;
    }
}

impl<F: Future<Output = ()>> NowOrDrop for F {}

fn market(name: &str) -> RawStream<'_> {
    RawStream { name, market: Market::UsdM, route: Some(Route::Market) }
}

async fn settled(streams: &mut Streams) -> Vec<Notice> {
    let mut notices = Vec::new();
    streams.settle(|item| notices.extend(notice(item))).await;
    notices
}

fn notice(item: Item) -> Option<Notice> {
    match item {
        Item::Notice { notice, .. } => Some(notice),
        _ => None,
    }
}

#[test]
fn streams_are_spread_by_route_and_number() {
    run(async {
        let exchange = Exchange::new().await;
        let mut config = Config::default();
        config.max_streams = 3;
        let mut streams = Streams::new(exchange.connector().config(config));
        assert_eq!(streams.next().await, None, "nothing to wait for");
        let names: Vec<String> = (0..7).map(|index| format!("s{index}@depth")).collect();
        let raw: Vec<RawStream<'_>> = names.iter().map(|name| public(name)).collect();
        let mut all: Vec<&dyn Subscription> = raw.iter().map(|raw| raw as &dyn Subscription).collect();
        let trades = market("s0@aggTrade");
        all.push(&trades);
        streams.subscribe(&all).unwrap();
        streams.subscribe(&all[2..5]).unwrap();
        assert_eq!(streams.connections(), 4);
        settled(&mut streams).await;
        let mut open = exchange.open();
        open.sort();
        let path = |path: &str, count| (path.to_owned(), count);
        assert_eq!(
            open,
            [
                path("/market/stream", 1),
                path("/public/stream", 1),
                path("/public/stream", 3),
                path("/public/stream", 3)
            ]
        );
        for (index, name) in names.iter().enumerate() {
            exchange.send(Order::Event(name.clone(), index as u64));
        }
        exchange.send(Order::Event("s0@aggTrade".into(), 7));
        let mut got = BTreeSet::new();
        while got.len() < 8 {
            if let Some(Item::Message(message)) = streams.next().await {
                got.insert((number(&message), message.stream().unwrap().to_owned()));
            }
        }
        assert!(got.iter().map(|(number, _)| *number).eq(0..8));

        // What is not wanted is unsubscribed, wherever it is; a connection without streams is closed.
        streams.unsubscribe(&[all[6], &trades, &public("never@depth")]).unwrap();
        while streams.connections() > 2 {
            streams.next().await;
        }
        settled(&mut streams).await;
        assert_eq!(streams.streams().count(), 6);
        // There is room again.
        streams.unsubscribe(&[all[0]]).unwrap();
        settled(&mut streams).await;
        streams.subscribe(&[all[6]]).unwrap();
        assert_eq!(streams.connections(), 2);
        settled(&mut streams).await;
        streams.close().await;
    });
}

#[test]
fn a_stream_of_the_other_market_is_refused_and_none_of_its_call_is_subscribed() {
    run(async {
        let exchange = Exchange::new().await;
        let mut streams = Streams::new(exchange.connector());
        let coin = RawStream { name: "btcusd_perp@depth", market: Market::CoinM, route: None };
        let error = streams.subscribe(&[&public("a@depth"), &coin]).unwrap_err();
        assert!(matches!(error, RequestError::Name(_)));
        let error = streams.subscribe(&[&public("a depth")]).unwrap_err();
        assert!(matches!(error, RequestError::Name(_)));
        assert_eq!(streams.connections(), 0);
    });
}

#[test]
fn streams_come_back_after_an_outage_and_the_gap_is_told() {
    run(async {
        let exchange = Exchange::new().await;
        let connector = exchange.connector();
        let mut streams = Streams::new(connector.clone());
        // A gap begins with the last sign of life, which an acknowledgement is too.
        let before = connector.now();
        streams.subscribe(&[&public("a@depth"), &public("b@depth"), &market("a@aggTrade")]).unwrap();
        settled(&mut streams).await;
        for round in 0..3 {
            exchange.state.closed.store(true, Ordering::SeqCst);
            exchange.send(Order::Drop);
            let (mut lost, mut failed) = (0, 0);
            while failed < 6 {
                match streams.next().await.and_then(notice) {
                    Some(Notice::Lost { reason: Reason::Dropped, retry_in: Some(_) }) => lost += 1,
                    Some(Notice::Lost { reason: Reason::Connect, .. }) => failed += 1,
                    _ => {}
                }
            }
            assert_eq!(lost, 2);
            exchange.state.closed.store(false, Ordering::SeqCst);
            let gaps: Vec<_> = settled(&mut streams)
                .await
                .into_iter()
                .filter_map(
                    |notice| if let Notice::Gap { from, to } = notice { Some((from, to)) } else { None },
                )
                .collect();
            // One may still be on its way out.
            assert!(gaps.iter().all(|(from, to)| before <= *from && from <= to && *to <= connector.now()));
            exchange.send(Order::Event("b@depth".into(), round));
            exchange.send(Order::Event("a@aggTrade".into(), round));
            let mut got = 0;
            while got < 2 {
                if let Some(Item::Message(message)) = streams.next().await {
                    assert_eq!(number(&message), round);
                    got += 1;
                }
            }
        }
        streams.close().await;
        assert!(exchange.open().is_empty());
    });
}

#[test]
fn a_connection_that_is_told_to_end_is_replaced_without_a_gap_or_a_double() {
    run(async {
        let exchange = Exchange::new().await;
        let mut streams = Streams::new(exchange.connector());
        streams.subscribe(&[&public("a@depth"), &public("b@depth")]).unwrap();
        settled(&mut streams).await;
        let source = exchange.clone();
        let feeding = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_millis(2));
            for number in 0.. {
                ticks.tick().await;
                source.send(Order::Event("a@depth".into(), number));
                source.send(Order::Event("b@depth".into(), number));
            }
        });
        let mut next = BTreeMap::from([("a@depth".to_owned(), 0), ("b@depth".to_owned(), 0)]);
        let (mut replaced, mut after, mut shut_down) = (0, 0, 0);
        while after < 1_000 {
            match streams.next().await.unwrap() {
                Item::Message(message) if message.stream().is_none() => shut_down += 1,
                Item::Message(message) => {
                    let next = next.get_mut(message.stream().unwrap()).unwrap();
                    assert_eq!(number(&message), *next, "{}", message.text());
                    *next += 1;
                    after += u64::from(replaced == 3);
                    if number(&message) == 100 && message.stream() == Some("a@depth") {
                        exchange.send(Order::Text(r#"{"e":"serverShutdown","E":1}"#.into()));
                    }
                }
                Item::Notice { connection: 0, notice: Notice::Replaced } => {
                    replaced += 1;
                    if replaced < 3 {
                        exchange
                            .send(Order::Text(format!(r#"{{"e":"serverShutdown","E":{}}}"#, replaced + 1)));
                    }
                }
                Item::Notice {
                    notice: Notice::Replacing { cause: Cause::Shutdown } | Notice::Settled,
                    ..
                } => {}
                other => panic!("{other:?}"),
            }
        }
        feeding.abort();
        assert_eq!(shut_down, 3);
        assert_eq!(exchange.state.sockets.load(Ordering::SeqCst), 4);
        assert_eq!(exchange.open().len(), 1);
        streams.close().await;
    });
}

#[test]
fn user_data_moves_to_another_key_without_a_gap() {
    run(async {
        let exchange = Exchange::new().await;
        let mut streams = Streams::new(exchange.connector());
        let connection = streams.user_data("first").unwrap();
        settled(&mut streams).await;
        assert_eq!(exchange.open(), [("/private/ws?listenKey=first".to_owned(), 0)]);
        streams.set_listen_key(connection, "second").unwrap();
        loop {
            match streams.next().await.unwrap() {
                Item::Notice { notice: Notice::Replaced, .. } => break,
                Item::Notice { notice: Notice::Lost { .. } | Notice::Gap { .. }, .. } => panic!("a gap"),
                _ => {}
            }
        }
        assert_eq!(exchange.open(), [("/private/ws?listenKey=second".to_owned(), 0)]);
        assert_eq!(streams.set_listen_key(connection + 1, "third"), Err(RequestError::Ended));
        streams.close().await;
    });
}

#[test]
fn connections_that_cannot_be_opened_are_tried_without_end_and_closing_ends_that() {
    run(async {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut streams = Streams::new(hasty(free));
        streams.subscribe(&[&public("a@depth")]).unwrap();
        for _ in 0..30 {
            let item = streams.next().await.and_then(notice).unwrap();
            assert!(matches!(item, Notice::Lost { reason: Reason::Connect, retry_in: Some(_) }), "{item:?}");
        }
        assert!(!streams.is_settled());
        streams.close().await;
    });
}

#[test]
fn streams_are_a_stream_that_can_go_to_another_thread() {
    fn is_send<T: Send>(_: &T) {}
    run(async {
        let exchange = Exchange::new().await;
        let mut streams = Streams::new(exchange.connector());
        streams.subscribe(&[&public("a@depth")]).unwrap();
        is_send(&streams);
        is_send(&streams.next());
        settled(&mut streams).await;
        exchange.send(Order::Event("a@depth".into(), 5));
        let items: Vec<Item> = StreamExt::take(&mut streams, 1).collect().await;
        assert_eq!(items.len(), 1);
    });
}

/// A socket that acknowledges, and then is never quiet.
#[derive(Default)]
struct Tireless {
    answer: Option<String>,
    stream: String,
    number: u64,
    text: hosted::SharedText,
}

/// Whether it has begun.
static BEGUN: AtomicBool = AtomicBool::new(false);

impl hosted::Socket for Tireless {
    async fn open(_: dial::Stream, _: Target) -> Result<Self, ConnectError> {
        Ok(Self::default())
    }

    fn send(&mut self, frame: Outgoing<'_>) -> Result<(), Reason> {
        if let Outgoing::Text(command) = frame {
            self.answer = Some(format!(r#"{{"result":null,"id":{}}}"#, id(command)));
            let command: serde_json::Value = serde_json::from_str(command).unwrap();
            self.stream = command["params"][0].as_str().unwrap().into();
        }
        Ok(())
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Reason>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Result<Arrived<'_>, Reason>> {
        let text = match self.answer.take() {
            Some(answer) => answer,
            None if BEGUN.load(Ordering::SeqCst) => {
                self.number += 1;
                event(&self.stream, self.number)
            }
            None => return Poll::Pending,
        };
        self.text = text.as_str().into();
        Poll::Ready(Ok(Arrived::Text((&mut self.text).into())))
    }
}

#[test]
fn a_connection_that_is_never_quiet_does_not_keep_the_others_waiting() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut streams = hosted::Streams::new(hasty::<Tireless>(listener.local_addr().unwrap()));
        streams.subscribe(&[&public("a@depth"), &market("a@aggTrade")]).unwrap();
        streams.settle(drop).await;
        BEGUN.store(true, Ordering::SeqCst);
        let mut received = BTreeMap::from([("a@depth".to_owned(), 0), ("a@aggTrade".to_owned(), 0)]);
        let mut messages = 0;
        while messages < 10_000 {
            let Some(Item::Message(message)) = streams.next().await else { continue };
            messages += 1;
            let received = received.get_mut(message.stream().unwrap()).unwrap();
            *received += 1;
            assert_eq!(number(&message), *received, "in order");
        }
        assert!(received.values().all(|received| *received > 4_000), "{received:?}");
    });
}
