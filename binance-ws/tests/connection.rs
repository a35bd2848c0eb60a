//! A connection of each adapter for hosts against a server that misbehaves.
#![cfg(all(feature = "native", feature = "tungstenite"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

mod common;

use std::{future::Future, pin::pin, time::Duration};

use binance_core::stream::{RawStream, Route};
use binance_ws::{
    Command, Market, RequestId,
    hosted::{ConnectError, Connection, Connector, Error, Socket},
    session::{Reason, RequestError},
};
use common::{
    LIMIT, Socket as Served, accept, connector, drain, event, hasty, hear, id, number, obey, public, say,
    serve,
};
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedSender, unbounded_channel},
    time::{Instant, timeout},
};
use tokio_tungstenite::tungstenite::{
    Bytes, Message, Utf8Bytes,
    protocol::{
        CloseFrame,
        frame::{
            Frame,
            coding::{CloseCode, Data, OpCode},
        },
    },
};

const KEY: &str = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1";

/// Runs a test in bounded time.
fn run<F: Future<Output = ()>>(test: F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { timeout(LIMIT, test).await.expect("the test came to its end") });
}

/// A connection to a server that runs `script` on the socket.
async fn open<S, F, R>(script: F) -> Connection<S>
where
    S: Socket,
    F: Fn(Served) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let address = serve(move |_, stream| {
        let script = script.clone();
        async move { script(accept(stream).await.1).await }
    })
    .await;
    hasty::<S>(address).open(Route::Public).await.unwrap()
}

/// What connecting to a server ends with that writes `reply` to whatever comes, and reads on.
async fn refused<S: Socket>(reply: &'static [u8]) -> Error {
    let address = serve(move |_, mut stream| async move {
        let mut request = [0; 4_096];
        let _ = stream.read(&mut request).await;
        stream.write_all(reply).await.unwrap();
        while stream.read(&mut request).await.is_ok_and(|len| len > 0) {}
    })
    .await;
    hasty::<S>(address).user_data(KEY).await.unwrap_err()
}

fn a_connection_that_cannot_be_opened_says_why_and_not_the_key<S: Socket>() {
    run(async {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let error = hasty::<S>(free).user_data(KEY).await.unwrap_err();
        assert!(matches!(&error, Error::Connect(ConnectError::Dial(_))), "{error:?}");
        let silent = serve(|_, stream| async move {
            std::future::pending::<()>().await;
            drop(stream);
        });
        let started = Instant::now();
        let timed_out = hasty::<S>(silent.await).user_data(KEY).await.unwrap_err();
        assert!(matches!(&timed_out, Error::Connect(ConnectError::Timeout)), "{timed_out:?}");
        assert!(started.elapsed() < Duration::from_secs(3));
        let banned =
            refused::<S>(b"HTTP/1.1 418 I'm a teapot\r\nRetry-After: 7\r\ncontent-length: 0\r\n\r\n").await;
        let Error::Connect(reason) = &banned else { panic!("{banned:?}") };
        assert!(matches!(reason, ConnectError::Status { status: 418, .. }));
        assert_eq!(reason.retry_after(), Some(Duration::from_secs(7)));
        let forbidden = refused::<S>(b"HTTP/1.1 403 Forbidden\r\n\r\n<html>no</html>").await;
        assert_eq!(forbidden.to_string(), "the host answered with status 403 in place of a WebSocket");
        let other = refused::<S>(b"220 mail.example ESMTP\r\n").await;
        let wrong_key = refused::<S>(
            b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
              sec-websocket-accept: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        )
        .await;
        for error in [&other, &wrong_key] {
            assert!(matches!(error, Error::Connect(ConnectError::Handshake)), "{error:?}");
        }
        for error in [error, timed_out, banned, forbidden, other, wrong_key] {
            assert!(!format!("{error} {error:?}").contains("pqia91"), "{error:?}");
        }
    });
}

fn a_host_that_does_not_speak_tls_is_told_apart<S: Socket>() {
    run(async {
        let address = serve(|_, mut stream| async move {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            let _ = stream.read(&mut [0; 4_096]).await;
        })
        .await;
        let base =
            binance_ws::Base::new(Market::UsdM, &format!("wss://localhost:{}", address.port())).unwrap();
        let error = Connector::<S>::new(base).open(Route::Public).await.unwrap_err();
        assert!(matches!(error, Error::Connect(ConnectError::Dial(_))), "{error:?}");
    });
}

fn paths_are_those_of_the_exchange<S: Socket>() {
    run(async {
        let (paths, mut seen) = unbounded_channel();
        let address = serve(move |_, stream| {
            let paths = paths.clone();
            async move {
                let (path, mut socket) = accept(stream).await;
                paths.send(path).unwrap();
                drain(&mut socket).await;
            }
        })
        .await;
        let connector = connector::<S>(address);
        let market = RawStream { name: "btcusdt@aggTrade", market: Market::UsdM, route: Some(Route::Market) };
        connector.open(Route::Market).await.unwrap();
        connector.open(None).await.unwrap();
        connector.combined(&[&public("btcusdt@bookTicker"), &public("币usdt@depth")]).await.unwrap();
        connector.raw(&[&market]).await.unwrap();
        connector.user_data(KEY).await.unwrap();
        let mut next = async || seen.recv().await.unwrap();
        assert_eq!(next().await, "/market/stream");
        assert_eq!(next().await, "/stream");
        let combined = next().await;
        assert!(combined.starts_with("/public/stream?streams=") && combined.contains("%E5%B8%81usdt@depth"));
        assert_eq!(next().await, "/market/ws/btcusdt@aggTrade");
        assert_eq!(next().await, format!("/private/ws?listenKey={KEY}"));
    });
}

fn streams_of_another_route_or_market_are_refused_before_anything_is_sent<S: Socket>() {
    run(async {
        let (heard, mut said) = unbounded_channel();
        let mut connection = open::<S, _, _>(move |mut socket| {
            let heard = heard.clone();
            async move {
                while let Some(text) = hear(&mut socket).await {
                    heard.send(text.clone()).unwrap();
                    say(&mut socket, format!(r#"{{"result":null,"id":{}}}"#, id(&text))).await;
                }
            }
        })
        .await;
        let trades = RawStream { name: "btcusdt@aggTrade", market: Market::UsdM, route: Some(Route::Market) };
        let coin = RawStream { name: "btcusd_perp@depth", market: Market::CoinM, route: None };
        for wrong in [trades, coin] {
            let error = connection.subscribe(&[&public("btcusdt@depth"), &wrong]).await.unwrap_err();
            assert!(matches!(error, Error::Request(RequestError::Name(_))), "{error:?}");
            let error = connection.command(Command::Subscribe, &[&wrong], None).await.unwrap_err();
            assert!(matches!(error, Error::Request(RequestError::Name(_))), "{error:?}");
        }
        assert_eq!(connection.streams().count(), 0);
        connection.subscribe(&[&public("btcusdt@depth")]).await.unwrap();
        assert_eq!(said.recv().await.unwrap(), r#"{"method":"SUBSCRIBE","params":["btcusdt@depth"],"id":1}"#);
        assert!(said.try_recv().is_err());
        // A mixture in one address opens nothing.
        let nowhere = connector::<S>("127.0.0.1:1".parse().unwrap());
        let error = nowhere.combined(&[&public("btcusdt@depth"), &trades]).await.unwrap_err();
        assert!(matches!(error, Error::Request(RequestError::Name(_))), "{error:?}");
    });
}

fn messages_that_come_while_a_command_is_awaited_keep_their_order<S: Socket>() {
    run(async {
        let mut connection = open::<S, _, _>(|mut socket| async move {
            say(&mut socket, event("a@depth", 1)).await;
            let command = hear(&mut socket).await.unwrap();
            for number in 2..=5 {
                say(&mut socket, event("a@depth", number)).await;
            }
            say(&mut socket, format!(r#"{{"result":null,"id":{}}}"#, id(&command))).await;
            for number in 6..=9 {
                say(&mut socket, event("a@depth", number)).await;
            }
            drain(&mut socket).await;
        })
        .await;
        connection.subscribe(&[&public("b@depth")]).await.unwrap();
        for expected in 1..=9 {
            let message = connection.next().await.unwrap();
            assert_eq!((number(&message), message.stream()), (expected, Some("a@depth")));
        }
        assert_eq!(connection.dropped(), 0);
    });
}

fn what_waits_for_a_command_is_bounded_and_what_is_lost_is_counted<S: Socket>() {
    run(async {
        let mut connection = open::<S, _, _>(|mut socket| async move {
            let command = hear(&mut socket).await.unwrap();
            for number in 0..16_400 {
                socket.feed(Message::text(event("a@depth", number))).await.unwrap();
            }
            say(&mut socket, format!(r#"{{"result":null,"id":{}}}"#, id(&command))).await;
            drain(&mut socket).await;
        })
        .await;
        connection.command(Command::List, &[], None).await.unwrap();
        assert_eq!(connection.dropped(), 16);
        assert_eq!(number(&connection.next().await.unwrap()), 16);
    });
}

fn answers_are_matched_by_id_whatever_their_order<S: Socket>() {
    run(async {
        let mut connection = open::<S, _, _>(|mut socket| async move {
            let first = hear(&mut socket).await.unwrap();
            let second = hear(&mut socket).await.unwrap();
            say(&mut socket, r#"{"result":["wrong@id"],"id":424242}"#).await;
            say(&mut socket, r#"{"result":["wrong@type"],"id":"7"}"#).await;
            say(&mut socket, format!(r#"{{"result":["second@depth"],"id":{}}}"#, id(&second))).await;
            say(&mut socket, format!(r#"{{"result":null,"id":{}}}"#, id(&first))).await;
            obey(&mut socket).await;
        })
        .await;
        let text = RequestId::text("the first").unwrap();
        // Dropped at its first wait: the command is on its way all the same.
        let first = connection.command(Command::Subscribe, &[&public("a@depth")], Some(text));
        assert!(first.now_or_never().is_none());
        let second = connection.command(Command::List, &[], Some(7.into())).await.unwrap();
        assert_eq!(second.data(), r#"["second@depth"]"#);
        // Its own answer comes with the next thing that is awaited.
        connection.command(Command::List, &[], None).await.unwrap();
        assert!(connection.streams().all(|stream| stream.is_subscribed && stream.name == "a@depth"));
        // Both wrong answers were given out as they came.
        assert!(connection.next().await.unwrap().text().contains("424242"));
        assert!(connection.next().await.unwrap().text().contains("wrong@type"));
        assert_eq!(connection.garbage(), 2);
    });
}

fn a_refusal_is_told_with_code_and_message<S: Socket>() {
    run(async {
        let mut connection = open::<S, _, _>(|mut socket| async move {
            while let Some(command) = hear(&mut socket).await {
                let id = id(&command);
                let answer = if command.contains("bad@depth") {
                    format!(r#"{{"error":{{"code":2,"msg":"Invalid request: no"}},"id":{id}}}"#)
                } else if command.contains("nameless") {
                    r#"{"error":{"code":2,"msg":"Invalid request: request ID must be an unsigned integer"}}"#
                        .into()
                } else {
                    format!(r#"{{"result":null,"id":{id}}}"#)
                };
                say(&mut socket, answer).await;
            }
        })
        .await;
        let error = connection.subscribe(&[&public("bad@depth")]).await.unwrap_err();
        assert_eq!(error.to_string(), "command refused: code 2: Invalid request: no");
        connection.subscribe(&[&public("good@depth")]).await.unwrap();
        // The others of the batch are subscribed.
        let error = connection.subscribe(&[&public("bad@depth"), &public("fine@depth")]).await.unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{error:?}");
        connection.subscribe(&[&public("fine@depth")]).await.unwrap();
        let mut names: Vec<_> = connection.streams().map(|stream| stream.name).collect();
        names.sort_unstable();
        assert_eq!(names, ["fine@depth", "good@depth"]);
        // Without an id it can only be the one that is under way.
        let nameless = RequestId::text("nameless").unwrap();
        let error = connection.command(Command::List, &[], Some(nameless)).await.unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{error:?}");
    });
}

fn texts_that_are_no_events_are_given_out_and_end_nothing<S: Socket>() {
    run(async {
        let mut connection = open::<S, _, _>(|mut socket| async move {
            for text in ["hello", "{\"stream\":\"a@b\",\"data\":", "", "42", "\u{1f980}"] {
                say(&mut socket, text).await;
            }
            socket.send(Message::binary(vec![1, 2, 3])).await.unwrap();
            say(&mut socket, r#"{"e":"somethingNew","x":[1,2]}"#).await;
            say(&mut socket, event("a@depth", 1)).await;
            drain(&mut socket).await;
        })
        .await;
        for expected in ["hello", "{\"stream\":\"a@b\",\"data\":", "", "42", "\u{1f980}"] {
            let message = connection.next().await.unwrap();
            assert_eq!((message.text(), message.data()), (expected, expected));
            assert!(message.usdm().is_err() && message.coinm().is_err());
        }
        let new = connection.next().await.unwrap();
        assert_eq!(format!("{:?}", new.usdm().unwrap()), r#"{"e":"somethingNew","x":[1,2]}"#);
        assert_eq!(number(&connection.next().await.unwrap()), 1);
        assert_eq!(connection.garbage(), 6);
    });
}

fn pings_are_answered_with_their_payload_while_a_message_is_awaited<S: Socket>() {
    run(async {
        let (pongs, mut seen) = unbounded_channel();
        let mut connection = open::<S, _, _>(move |mut socket| {
            let pongs: UnboundedSender<Bytes> = pongs.clone();
            async move {
                for payload in [&b"1763870400000"[..], b"", &[0xff; 125]] {
                    socket.send(Message::Ping(Bytes::copy_from_slice(payload))).await.unwrap();
                    loop {
                        match socket.next().await.unwrap().unwrap() {
                            Message::Pong(payload) => break pongs.send(payload).unwrap(),
                            // The client's own.
                            Message::Ping(_) => {}
                            other => panic!("{other:?}"),
                        }
                    }
                }
                say(&mut socket, event("a@depth", 1)).await;
                drain(&mut socket).await;
            }
        })
        .await;
        assert_eq!(number(&connection.next().await.unwrap()), 1);
        assert_eq!(seen.recv().await.unwrap(), &b"1763870400000"[..]);
        assert_eq!(seen.recv().await.unwrap(), &b""[..]);
        assert_eq!(seen.recv().await.unwrap(), &[0xff; 125][..]);
    });
}

fn fragments_with_a_ping_between_them_make_one_message<S: Socket>() {
    run(async {
        let mut connection = open::<S, _, _>(|mut socket| async move {
            let text = event("a@depth", 7);
            let (first, rest) = text.as_bytes().split_at(11);
            let (second, third) = rest.split_at(1);
            let piece = |bytes: &[u8], opcode, last| {
                Message::Frame(Frame::message(Bytes::copy_from_slice(bytes), OpCode::Data(opcode), last))
            };
            socket.send(piece(first, Data::Text, false)).await.unwrap();
            socket.send(Message::Ping(Bytes::from_static(b"now"))).await.unwrap();
            socket.send(piece(second, Data::Continue, false)).await.unwrap();
            socket.send(piece(third, Data::Continue, true)).await.unwrap();
            // A large one, in one frame.
            let large =
                format!(r#"{{"stream":"b@depth","data":{{"e":"x","pad":"{}","u":8}}}}"#, "y".repeat(1 << 20));
            say(&mut socket, large).await;
            drain(&mut socket).await;
        })
        .await;
        assert_eq!(number(&connection.next().await.unwrap()), 7);
        let large = connection.next().await.unwrap();
        assert_eq!((number(&large), large.stream()), (8, Some("b@depth")));
        assert!(large.data().len() > 1 << 20);
    });
}

/// What the connection ends with when the server writes these bytes after the handshake and goes away.
async fn broken<S: Socket>(bytes: Vec<u8>) -> Error {
    let address = serve(move |_, stream| {
        let bytes = bytes.clone();
        async move {
            let (_, socket) = accept(stream).await;
            let mut stream = socket.into_inner();
            stream.write_all(&bytes).await.unwrap();
            stream.shutdown().await.unwrap();
            while stream.read(&mut [0; 1_024]).await.is_ok_and(|len| len > 0) {}
        }
    })
    .await;
    let mut connection = connector::<S>(address).max_message(1_000).open(Route::Public).await.unwrap();
    let error = connection.next().await.unwrap_err();
    assert!(matches!(connection.next().await, Err(Error::Ended)));
    assert!(matches!(connection.subscribe(&[]).await, Err(Error::Ended)), "{connection:?}");
    error
}

fn a_socket_that_breaks_is_a_loss_with_its_reason_and_then_the_end<S: Socket>() {
    run(async {
        let text = |len: u8, body: &[u8]| [&[0x81, len], body].concat();
        let mut long = vec![0x81, 127];
        long.extend(u64::MAX.to_be_bytes());
        let mut large = vec![0x81, 126, 0x10, 0];
        large.extend([b'x'; 0x1000]);
        for (bytes, reason) in [
            (vec![], Reason::Dropped),
            (vec![0x81], Reason::Dropped),
            (text(20, b"{\"e\":\"cut"), Reason::Dropped),
            (text(2, b"\xff\xfe"), Reason::Protocol),
            // A masked frame, a reserved bit, an unknown opcode, a continuation of nothing, a fragmented ping.
            (vec![0x81, 0x81, 1, 2, 3, 4, 5], Reason::Protocol),
            (vec![0xc1, 0], Reason::Protocol),
            (vec![0x83, 0], Reason::Protocol),
            (vec![0x80, 0], Reason::Protocol),
            (vec![0x09, 0], Reason::Protocol),
            (long, Reason::Protocol),
            (large, Reason::Protocol),
        ] {
            let error = broken::<S>(bytes.clone()).await;
            assert!(matches!(error, Error::Lost(lost) if lost == reason), "{bytes:x?}: {error:?}");
        }
    });
}

fn a_close_by_the_exchange_has_its_code<S: Socket>() {
    run(async {
        for (frame, expected) in [
            (
                Some(CloseFrame { code: CloseCode::Policy, reason: Utf8Bytes::from_static("slow down") }),
                1_008,
            ),
            (Some(CloseFrame { code: CloseCode::from(4_007), reason: Utf8Bytes::default() }), 4_007),
            (None, 1_005),
        ] {
            let mut connection = open::<S, _, _>(move |mut socket| {
                let frame = frame.clone();
                async move {
                    say(&mut socket, event("a@depth", 1)).await;
                    socket.close(frame).await.unwrap();
                    drain(&mut socket).await;
                }
            })
            .await;
            assert_eq!(number(&connection.next().await.unwrap()), 1);
            let error = connection.next().await.unwrap_err();
            assert!(matches!(error, Error::Lost(Reason::Closed(code)) if code == expected), "{error:?}");
        }
    });
}

fn closing_is_a_handshake_with_a_deadline<S: Socket>() {
    run(async {
        let (frames, mut seen) = unbounded_channel();
        let connection = open::<S, _, _>(move |mut socket| {
            let frames = frames.clone();
            async move {
                while let Some(Ok(message)) = socket.next().await {
                    frames.send(message).unwrap();
                }
                frames.send(Message::text("end")).unwrap();
            }
        })
        .await;
        connection.close().await;
        let Some(Message::Close(Some(frame))) = seen.recv().await else { panic!("no close frame") };
        assert_eq!(frame.code, CloseCode::Normal);
        assert_eq!(seen.recv().await.unwrap(), Message::text("end"));

        // Nobody answers.
        let address = serve(|_, stream| async move {
            let (_, socket) = accept(stream).await;
            std::future::pending::<()>().await;
            drop(socket);
        })
        .await;
        let connection = hasty::<S>(address).open(Route::Public).await.unwrap();
        let started = Instant::now();
        connection.close().await;
        assert!((Duration::from_millis(290)..Duration::from_secs(3)).contains(&started.elapsed()));
    });
}

fn a_dropped_connection_is_closed<S: Socket>() {
    run(async {
        let (ends, mut seen) = unbounded_channel();
        let connection = open::<S, _, _>(move |mut socket| {
            let ends = ends.clone();
            async move {
                drain(&mut socket).await;
                ends.send(()).unwrap();
            }
        })
        .await;
        drop(connection);
        seen.recv().await.unwrap();
    });
}

fn silence_is_found_out<S: Socket>() {
    run(async {
        // Open, and dead: nothing is read and nothing answered.
        let dead = serve(|_, stream| async move {
            let (_, socket) = accept(stream).await;
            std::future::pending::<()>().await;
            drop(socket);
        })
        .await;
        let mut connection = hasty::<S>(dead).open(Route::Public).await.unwrap();
        let error = connection.next().await.unwrap_err();
        assert!(matches!(error, Error::Lost(Reason::PongTimeout)), "{error:?}");

        // Alive, but commands are not answered.
        let mut connection = open::<S, _, _>(|mut socket| async move { drain(&mut socket).await }).await;
        let error = connection.subscribe(&[&public("a@depth")]).await.unwrap_err();
        assert!(matches!(error, Error::Lost(Reason::AckTimeout)), "{error:?}");
        assert!(matches!(connection.next().await, Err(Error::Ended)));

        // Quiet, but alive: pings are answered, so it goes on.
        let mut connection = open::<S, _, _>(|mut socket| async move { drain(&mut socket).await }).await;
        assert!(timeout(Duration::from_secs(1), connection.next()).await.is_err());
        connection.close().await;
    });
}

fn no_message_is_lost_when_futures_are_dropped_at_any_time<S: Socket>() {
    run(async {
        const COUNT: u64 = 3_000;
        let mut connection = open::<S, _, _>(|mut socket| async move {
            for number in 0..COUNT {
                // In pieces, so that a message is never there at once.
                let frame = {
                    let text = event("a@depth", number);
                    let mut frame = vec![0x81, text.len() as u8];
                    frame.extend(text.as_bytes());
                    frame
                };
                let stream: &mut TcpStream = socket.get_mut();
                let (head, tail) = frame.split_at(1 + number as usize % (frame.len() - 1));
                stream.write_all(head).await.unwrap();
                stream.flush().await.unwrap();
                tokio::task::yield_now().await;
                stream.write_all(tail).await.unwrap();
            }
            drain(&mut socket).await;
        })
        .await;
        let mut expected = 0;
        let mut dropped = 0;
        while expected < COUNT {
            // Polled a few times at most, then dropped.
            let mut polls = 0;
            let mut next = pin!(connection.next());
            let message = std::future::poll_fn(|cx| match next.as_mut().poll(cx) {
                std::task::Poll::Ready(message) => std::task::Poll::Ready(Some(message.unwrap())),
                std::task::Poll::Pending if polls == expected % 3 => std::task::Poll::Ready(None),
                std::task::Poll::Pending => {
                    polls += 1;
                    std::task::Poll::Pending
                }
            })
            .await;
            match message {
                Some(message) => {
                    assert_eq!(number(&message), expected);
                    expected += 1;
                }
                None => {
                    dropped += 1;
                    tokio::task::yield_now().await;
                }
            }
        }
        assert!(dropped > 100, "{dropped}");
    });
}

fn keys_do_not_show<S: Socket>() {
    run(async {
        let address = serve(|_, stream| async move { drain(&mut accept(stream).await.1).await }).await;
        let connection = hasty::<S>(address).user_data(KEY).await.unwrap();
        assert!(!format!("{connection:?}").contains("pqia91"));
        let private = RawStream { name: KEY, market: Market::UsdM, route: Some(Route::Private) };
        let mut connection = hasty::<S>(address).open(Route::Private).await.unwrap();
        let error = connection.subscribe(&[&private]).await.unwrap_err();
        assert!(!format!("{connection:?} {error:?} {error}").contains("pqia91"));
    });
}

fn futures_and_connections_can_go_to_another_thread<S: Socket>() {
    fn is_send<T: Send>(_: &T) {}
    run(async {
        let address = serve(|_, stream| async move { obey(&mut accept(stream).await.1).await }).await;
        let connector = hasty::<S>(address);
        is_send(&connector.combined(&[&public("a@depth")]));
        let mut connection = connector.open(Route::Public).await.unwrap();
        is_send(&connection);
        is_send(&connection.subscribe(&[&public("a@depth")]));
        is_send(&connection.next());
        is_send(&connection.close());
    });
}

over_each_adapter! {
    a_connection_that_cannot_be_opened_says_why_and_not_the_key
    a_host_that_does_not_speak_tls_is_told_apart
    paths_are_those_of_the_exchange
    streams_of_another_route_or_market_are_refused_before_anything_is_sent
    messages_that_come_while_a_command_is_awaited_keep_their_order
    what_waits_for_a_command_is_bounded_and_what_is_lost_is_counted
    answers_are_matched_by_id_whatever_their_order
    a_refusal_is_told_with_code_and_message
    texts_that_are_no_events_are_given_out_and_end_nothing
    pings_are_answered_with_their_payload_while_a_message_is_awaited
    fragments_with_a_ping_between_them_make_one_message
    a_socket_that_breaks_is_a_loss_with_its_reason_and_then_the_end
    a_close_by_the_exchange_has_its_code
    closing_is_a_handshake_with_a_deadline
    a_dropped_connection_is_closed
    silence_is_found_out
    no_message_is_lost_when_futures_are_dropped_at_any_time
    keys_do_not_show
    futures_and_connections_can_go_to_another_thread
}
