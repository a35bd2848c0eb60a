//! What a reader gets that is slower than the exchange, or likes callbacks.
#![cfg(all(feature = "native", feature = "tungstenite"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

mod common;

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use binance_ws::{
    hosted::{Delivered, Handler, Inbox, Lent, Message, Policy, Socket, Streams, Trouble},
    session::{Notice, Reason},
};
use common::{LIMIT, accept, drain, event, hasty, hear, id, number, public, say, serve};
use futures_util::{SinkExt, StreamExt};
use tokio::time::timeout;

fn run<F: Future<Output = ()>>(test: F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { timeout(LIMIT, test).await.expect("the test came to its end") });
}

/// Sends `count` numbered events of each of two streams to whoever subscribes; says how many it could send, and how many
/// UNSUBSCRIBEs came.
async fn flood(count: u64) -> (std::net::SocketAddr, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let (sent, unsubscribed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counters = (sent.clone(), unsubscribed.clone());
    let address = serve(move |_, stream| {
        let (sent, unsubscribed) = counters.clone();
        async move {
            let (_, mut socket) = accept(stream).await;
            let command = hear(&mut socket).await.unwrap();
            say(&mut socket, format!(r#"{{"result":null,"id":{}}}"#, id(&command))).await;
            for number in 0..count {
                say(&mut socket, event("a@depth", number)).await;
                say(&mut socket, event("b@depth", number)).await;
                sent.fetch_add(2, Ordering::SeqCst);
            }
            while let Some(command) = hear(&mut socket).await {
                if command.contains("UNSUBSCRIBE") {
                    unsubscribed.fetch_add(1, Ordering::SeqCst);
                }
                say(&mut socket, format!(r#"{{"result":null,"id":{}}}"#, id(&command))).await;
            }
        }
    })
    .await;
    (address, sent, unsubscribed)
}

/// The messages of a stream that are left when everything was sent and nothing was read.
async fn numbers(inbox: &mut Inbox, stream: &str, until: u64) -> Vec<u64> {
    let mut numbers = Vec::new();
    while numbers.last() != Some(&until) {
        if let Delivered::Message { message, .. } = inbox.next().await.unwrap()
            && message.stream() == Some(stream)
        {
            numbers.push(number(&message));
        }
    }
    numbers
}

/// Until everything that was sent has arrived in the inbox.
async fn arrived(inbox: &Inbox, count: u64) {
    while inbox.stats().iter().map(|stream| stream.received).sum::<u64>() < count {
        tokio::task::yield_now().await;
    }
}

fn a_slow_reader_gets_the_newest_or_the_last_few<S: Socket>() {
    run(async {
        let (address, _, _) = flood(5_000).await;
        let mut streams = Streams::<S>::new(hasty(address));
        streams.subscribe(&[&public("a@depth"), &public("b@depth")]).unwrap();
        let (pump, mut inbox) = streams.deliver(|name| match name {
            "a@depth" => Policy::Latest,
            _ => Policy::DropOldest(100),
        });
        let pumping = tokio::spawn(pump.run());
        arrived(&inbox, 10_000).await;
        assert_eq!(inbox.waiting(), 101);
        let stats = inbox.stats();
        assert_eq!((stats[0].waiting, stats[0].lost), (1, 4_999));
        assert_eq!((stats[1].waiting, stats[1].lost), (100, 4_900));
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(inbox.lag() >= Duration::from_millis(15), "{:?}", inbox.lag());
        assert!(stats[1].age < Duration::from_secs(5));
        let mut got: Vec<(String, u64)> = Vec::new();
        while inbox.waiting() > 0 {
            if let Some(Delivered::Message { message, .. }) = inbox.try_next() {
                got.push((message.stream().unwrap().to_owned(), number(&message)));
            }
        }
        let of = |name: &str| -> Vec<u64> {
            got.iter().filter(|(stream, _)| stream == name).map(|(_, number)| *number).collect()
        };
        assert_eq!(of("a@depth"), [4_999]);
        assert!(of("b@depth").into_iter().eq(4_900..5_000));
        assert_eq!(inbox.lag(), Duration::ZERO);
        // Whoever reads no more ends the pump.
        drop(inbox);
        pumping.await.unwrap();
    });
}

fn a_stream_that_must_be_whole_is_ended_and_unsubscribed<S: Socket>() {
    run(async {
        let (address, _, unsubscribed) = flood(500).await;
        let mut streams = Streams::<S>::new(hasty(address));
        streams.subscribe(&[&public("a@depth"), &public("b@depth")]).unwrap();
        let (pump, mut inbox) = streams.deliver(|name| match name {
            "a@depth" => Policy::Close(50),
            _ => Policy::DropOldest(10_000),
        });
        let pumping = tokio::spawn(pump.run());
        while unsubscribed.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        let lost = loop {
            if let Delivered::Lagged { stream, lost } = inbox.next().await.unwrap() {
                assert_eq!(&*stream, "a@depth");
                break lost;
            }
        };
        assert_eq!(lost, 51);
        assert!(numbers(&mut inbox, "b@depth", 499).await.into_iter().eq(0..500), "the other one is whole");
        // Dropping the future of the pump ends the inbox.
        pumping.abort();
        while inbox.next().await.is_some() {}
    });
}

fn who_needs_everything_makes_the_exchange_wait<S: Socket>() {
    run(async {
        let (address, sent, _) = flood(300_000).await;
        let mut streams = Streams::<S>::new(hasty(address));
        streams.subscribe(&[&public("a@depth"), &public("b@depth")]).unwrap();
        let (pump, mut inbox) = streams.deliver(|_| Policy::Wait(1_000));
        let pumping = tokio::spawn(pump.run());
        arrived(&inbox, 1_000).await;
        let mut before = usize::MAX;
        // Until the sockets are full.
        while before != sent.load(Ordering::SeqCst) {
            before = sent.load(Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(before < 600_000 && inbox.waiting() <= 2_000, "{before} sent, {} wait", inbox.waiting());
        assert!(numbers(&mut inbox, "a@depth", 20_000).await.into_iter().eq(0..=20_000));
        assert_eq!(inbox.stats().iter().map(|stream| stream.lost).sum::<u64>(), 0);
        pumping.abort();
    });
}

fn the_pump_takes_more_streams_and_ends_on_request<S: Socket>() {
    run(async {
        let (address, ..) = flood(10).await;
        let mut streams = Streams::<S>::new(hasty(address));
        streams.subscribe(&[&public("a@depth")]).unwrap();
        let (mut pump, mut inbox) = streams.deliver(|_| Policy::DropOldest(1_000));
        // Driven beside the reader, and dropped again and again.
        let mut seen = 0;
        while seen < 10 {
            tokio::select! {
                () = pump.step() => panic!("it ended"),
                delivered = inbox.next() => {
                    seen += usize::from(matches!(delivered, Some(Delivered::Message { .. })));
                }
            }
        }
        pump.streams().subscribe(&[&public("c@depth")]).unwrap();
        assert_eq!(pump.streams().streams().count(), 2);
        pump.close().await;
        while let Some(delivered) = inbox.next().await {
            assert!(!matches!(delivered, Delivered::Lagged { .. }));
        }
    });
}

/// Writes down what it is called with.
#[derive(Default)]
struct Record(Vec<String>);

impl Handler for Record {
    fn on_open(&mut self, connection: usize) {
        self.0.push(format!("open {connection}"));
    }

    fn on_message(&mut self, message: Message<Lent<'_>>) {
        self.0.push(format!("message {}", message.data()));
    }

    fn on_ping(&mut self, connection: usize) {
        self.0.push(format!("ping {connection}"));
    }

    fn on_pong(&mut self, connection: usize, after: Option<Duration>) {
        assert!(after.is_some_and(|after| after < Duration::from_secs(1)));
        self.0.push(format!("pong {connection}"));
    }

    fn on_close(&mut self, connection: usize, reason: Reason, retry_in: Option<Duration>) {
        self.0.push(format!("close {connection}: {reason}, again: {}", retry_in.is_some()));
    }

    fn on_error(&mut self, _: usize, error: &Trouble) {
        let Trouble::Connection(Notice::Refused { name, .. }) = error else { panic!("{error:?}") };
        self.0.push(format!("refused {}", name.as_str()));
    }
}

fn a_handler_is_called_for_everything<S: Socket>() {
    run(async {
        let address = serve(|number, stream| async move {
            let (_, mut socket) = accept(stream).await;
            let command = hear(&mut socket).await.unwrap();
            if number == 0 {
                let answer = format!(r#"{{"error":{{"code":2,"msg":"no"}},"id":{}}}"#, id(&command));
                say(&mut socket, answer).await;
                socket.send(tokio_tungstenite::tungstenite::Message::Ping("x".into())).await.unwrap();
                say(&mut socket, r#"{"e":"x"}"#).await;
                // Long enough for the client to ask whether this is alive.
                let _ = timeout(Duration::from_millis(350), drain(&mut socket)).await;
            }
        })
        .await;
        let mut streams = Streams::<S>::new(hasty(address));
        streams.subscribe(&[&public("a@depth")]).unwrap();
        let mut record = Record::default();
        // The future may be dropped; what the handler has, it has.
        let _ = timeout(Duration::from_secs(1), streams.run(&mut record)).await;
        let begin = ["open 0", "refused a@depth", "ping 0", r#"message {"e":"x"}"#, "pong 0"];
        assert_eq!(record.0[..5], begin, "{:?}", record.0);
        assert!(record.0.iter().any(|line| line.starts_with("close 0: ") && line.ends_with("again: true")));
        assert!(record.0.iter().filter(|line| *line == "open 0").count() > 1, "{:?}", record.0);
    });
}

fn an_inbox_is_a_stream_for_any_thread<S: Socket>() {
    fn is_send<T: Send>(_: &T) {}
    run(async {
        let (address, ..) = flood(10).await;
        let mut streams = Streams::<S>::new(hasty(address));
        streams.subscribe(&[&public("a@depth")]).unwrap();
        let (pump, inbox) = streams.deliver(|_| Policy::Wait(1));
        is_send(&pump);
        is_send(&inbox);
        let pumping = tokio::spawn(pump.run());
        let messages =
            inbox.filter(|delivered| std::future::ready(matches!(delivered, Delivered::Message { .. })));
        let got: Vec<Delivered> = messages.take(10).collect().await;
        assert_eq!(got.len(), 10);
        pumping.await.unwrap();
    });
}

over_each_adapter! {
    a_slow_reader_gets_the_newest_or_the_last_few
    a_stream_that_must_be_whole_is_ended_and_unsubscribed
    who_needs_everything_makes_the_exchange_wait
    the_pump_takes_more_streams_and_ends_on_request
    a_handler_is_called_for_everything
    an_inbox_is_a_stream_for_any_thread
}
