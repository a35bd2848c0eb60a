//! Typed streams and user data, against the simulated exchange.
#![cfg(feature = "tungstenite")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

use std::{future::Future, time::Duration};

use binance_core::{
    coinm,
    enums::{Interval, OrderStatus, Side},
    stream::{DepthSpeed, Levels, PriceSpeed, RawStream, Route},
    usdm::{
        self,
        market_data::Depth,
        streams::{
            AggTrade, AggTradeStream, BookTicker, BookTickerStream, DiffDepthStream, KlineStream,
            MarkPriceStream, PartialDepthStream,
        },
        trade::{CancelOrder, NewOrder},
        user_data_streams::StartUserDataStream,
    },
};
use binance_http::Client;
use binance_sign::{Credentials, Hmac};
use binance_sim::{Fault, Sim, What};
use binance_ws::{
    Base, Command, Market, RequestId,
    session::{Config, Notice, Reason},
    tungstenite::{Connection, Connector, Error, Item, Streams},
};
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(30);

fn run<F: Future<Output = ()>>(test: F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { timeout(LIMIT, test).await.expect("the test came to its end") });
}

fn usdm(sim: &Sim) -> Connector {
    Connector::new(Base::new(Market::UsdM, &sim.urls().usdm_streams).unwrap())
}

fn coinm(sim: &Sim) -> Connector {
    Connector::new(Base::new(Market::CoinM, &sim.urls().coinm_streams).unwrap())
}

fn client(sim: &Sim) -> Client {
    let key = &sim.keys().hmac;
    let credentials = Credentials::new(key.api_key.as_str(), Hmac::new(key.secret.as_bytes())).unwrap();
    Client::builder().base_url(&sim.urls().rest).credentials(credentials).build().unwrap()
}

/// Waits for the first message of each of these streams.
async fn first_of_each(connection: &mut Connection, names: &[&str]) {
    let mut missing: Vec<&str> = names.to_vec();
    while !missing.is_empty() {
        let message = connection.next().await.unwrap();
        let stream = message.stream().unwrap();
        assert!(names.contains(&stream), "{stream}");
        missing.retain(|name| *name != stream);
    }
}

#[test]
fn events_are_typed_on_both_routes() {
    run(async {
        let sim = Sim::start().unwrap();
        let connector = usdm(&sim);
        let books: [&dyn binance_ws::Subscription; 3] = [
            &BookTickerStream::new("BTCUSDT"),
            &DiffDepthStream::new("BTCUSDT").speed(DepthSpeed::Ms100),
            &PartialDepthStream::new("BTCUSDT", Levels::L5),
        ];
        let mut public = connector.combined(&books).await.unwrap();
        let (mut tickers, mut diffs, mut partials) = (0, 0, 0);
        while tickers * diffs * partials == 0 {
            let message = public.next().await.unwrap();
            match (message.stream().unwrap(), message.usdm().unwrap()) {
                ("btcusdt@bookTicker", usdm::Event::BookTicker(ticker)) => {
                    assert!(ticker.bid_price < ticker.ask_price);
                    assert_eq!(message.decode::<BookTicker>().unwrap(), ticker);
                    tickers += 1;
                }
                ("btcusdt@depth@100ms", usdm::Event::Depth(_)) => diffs += 1,
                ("btcusdt@depth5", usdm::Event::Depth(depth)) => {
                    assert_eq!(depth.bids.into_iter().count(), 5);
                    partials += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        let kline = KlineStream::new("BTCUSDT", Interval::M1);
        let mut market = connector
            .combined(&[
                &AggTradeStream::new("BTCUSDT"),
                &kline,
                &MarkPriceStream::new("BTCUSDT").speed(PriceSpeed::S1),
            ])
            .await
            .unwrap();
        first_of_each(&mut market, &["btcusdt@aggTrade", "btcusdt@kline_1m", "btcusdt@markPrice@1s"]).await;
        public.close().await;
        market.close().await;
    });
}

#[test]
fn a_raw_connection_has_events_alone() {
    run(async {
        let sim = Sim::start().unwrap();
        let mut trades = usdm(&sim).raw(&[&AggTradeStream::new("BTCUSDT")]).await.unwrap();
        let mut last = 0;
        for _ in 0..5 {
            let message = trades.next().await.unwrap();
            assert_eq!((message.stream(), message.text()), (None, message.data()));
            let trade: AggTrade = message.decode().unwrap();
            assert!(trade.id > last && trade.symbol == "BTCUSDT");
            last = trade.id;
        }
        trades.close().await;
    });
}

#[test]
fn coin_m_has_no_routes() {
    run(async {
        let sim = Sim::start().unwrap();
        let trades = coinm::streams::AggTradeStream::new("BTCUSD_PERP");
        let books = coinm::streams::BookTickerStream::new("BTCUSD_PERP");
        let mut both = coinm(&sim).combined(&[&trades, &books]).await.unwrap();
        let (mut traded, mut quoted) = (0, 0);
        while traded * quoted == 0 {
            match both.next().await.unwrap().coinm().unwrap() {
                coinm::Event::AggTrade(_) => traded += 1,
                coinm::Event::BookTicker(_) => quoted += 1,
                other => panic!("{other:?}"),
            }
        }
        both.close().await;
    });
}

#[test]
fn subscriptions_come_and_go_and_are_listed() {
    run(async {
        let sim = Sim::start().unwrap();
        let mut connection = usdm(&sim).open(Route::Public).await.unwrap();
        let (btc, eth) = (BookTickerStream::new("BTCUSDT"), BookTickerStream::new("ETHUSDT"));
        connection.subscribe(&[&btc, &eth]).await.unwrap();
        let mut names = connection.list_subscriptions().await.unwrap();
        names.sort();
        assert_eq!(names, ["btcusdt@bookTicker", "ethusdt@bookTicker"]);
        first_of_each(&mut connection, &["btcusdt@bookTicker", "ethusdt@bookTicker"]).await;
        connection.unsubscribe(&[&eth]).await.unwrap();
        assert_eq!(connection.list_subscriptions().await.unwrap(), ["btcusdt@bookTicker"]);
        let answer = connection.command(Command::Subscribe, &[&eth], Some(4_711.into())).await.unwrap();
        assert_eq!((answer.data(), answer.text()), ("null", r#"{"result":null,"id":4711}"#));
        assert!(connection.streams().all(|stream| stream.is_subscribed));
        // This exchange takes whole numbers only, as the real one says it does.
        let text = RequestId::text("mine").unwrap();
        let error = connection.command(Command::List, &[], Some(text)).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "command refused: code 2: Invalid request: request ID must be an unsigned integer"
        );
        connection.close().await;
    });
}

/// Reads user events up to the one that says that the order has this status.
async fn until(user: &mut Connection, order_id: u64, status: OrderStatus) {
    loop {
        let message = user.next().await.unwrap();
        if let usdm::Event::OrderTradeUpdate(update) = message.usdm().unwrap() {
            assert_eq!(update.order.order_id, order_id);
            if update.order.status == status {
                return;
            }
        }
    }
}

#[test]
fn user_data_comes_by_the_address_and_by_a_command() {
    run(async {
        let sim = Sim::start().unwrap();
        let client = client(&sim);
        let reply = client.send(&StartUserDataStream::new()).await.unwrap();
        let key = reply.value().unwrap().listen_key.unwrap();
        let connector = usdm(&sim);
        let mut by_address = connector.user_data(&key).await.unwrap();
        let mut by_command = connector.open(Route::Private).await.unwrap();
        let stream = RawStream { name: &key, market: Market::UsdM, route: Some(Route::Private) };
        by_command.subscribe(&[&stream]).await.unwrap();

        let depth = client.send(&Depth::new("BTCUSDT").limit(5)).await.unwrap();
        let bid = depth.value().unwrap().bids.first().unwrap().price;
        let tick = binance_core::dec!("0.1");
        let price = bid
            .checked_mul(binance_core::dec!("0.98"))
            .and_then(|price| price.round_to(tick, binance_core::decimal::Rounding::Down))
            .unwrap();
        let order = NewOrder::limit("BTCUSDT", Side::Buy, binance_core::dec!("0.01"), price);
        let order_id = client.send(&order).await.unwrap().value().unwrap().order_id;
        for user in [&mut by_address, &mut by_command] {
            until(user, order_id, OrderStatus::New).await;
        }
        client.send(&CancelOrder::by_id("BTCUSDT", order_id)).await.unwrap().value().unwrap();
        for user in [&mut by_address, &mut by_command] {
            until(user, order_id, OrderStatus::Canceled).await;
        }

        // The key ends: the connection says so and is silent.
        sim.expire_listen_keys();
        let message = by_address.next().await.unwrap();
        assert!(matches!(message.usdm().unwrap(), usdm::Event::ListenKeyExpired(_)), "{message:?}");
        let names = format!("{by_address:?} {by_command:?}");
        assert!(!names.contains(key.as_str()));
    });
}

#[test]
fn faults_of_the_exchange_are_told_apart() {
    run(async {
        let sim = Sim::start().unwrap();
        let connector = usdm(&sim);
        let stream = BookTickerStream::new("BTCUSDT");
        for (what, expected) in
            [(What::DropStream, Reason::Dropped), (What::CloseStream(1_008), Reason::Closed(1_008))]
        {
            let mut connection = connector.combined(&[&stream]).await.unwrap();
            connection.next().await.unwrap();
            sim.fault(Fault::new(what.clone()).on_stream("btcusdt@bookTicker"));
            let reason = loop {
                match connection.next().await {
                    Ok(_) => {}
                    Err(Error::Lost(reason)) => break reason,
                    Err(other) => panic!("{other:?}"),
                }
            };
            assert_eq!(reason, expected, "{what:?}");
        }
        let mut connection = connector.combined(&[&stream]).await.unwrap();
        for what in [What::GarbageFrame, What::TruncateFrame] {
            sim.fault(Fault::new(what).on_stream("btcusdt@bookTicker"));
            while connection.next().await.unwrap().usdm().is_ok() {}
        }
        // It went on.
        let message = loop {
            let message = connection.next().await.unwrap();
            if message.stream().is_some() {
                break message;
            }
        };
        assert!(message.decode::<BookTicker>().is_ok());
    });
}

#[test]
fn streams_survive_the_loss_of_all_sockets() {
    run(async {
        let sim = Sim::start().unwrap();
        let mut config = Config::default();
        config.backoff_first = Duration::from_millis(20);
        let mut streams = Streams::new(usdm(&sim).config(config));
        streams.subscribe(&[&BookTickerStream::new("BTCUSDT"), &AggTradeStream::new("BTCUSDT")]).unwrap();
        streams.settle(|_| {}).await;
        for _ in 0..3 {
            sim.drop_streams();
            let (mut lost, mut gaps, mut quotes, mut trades) = (0, 0, 0, 0);
            while lost < 2 || gaps < 2 || quotes == 0 || trades == 0 {
                match streams.next().await.unwrap() {
                    Item::Notice { notice: Notice::Lost { .. }, .. } => lost += 1,
                    Item::Notice { notice: Notice::Gap { .. }, .. } => gaps += 1,
                    Item::Notice { .. } => {}
                    Item::Message(message) if gaps == 2 => match message.usdm().unwrap() {
                        usdm::Event::BookTicker(_) => quotes += 1,
                        usdm::Event::AggTrade(_) => trades += 1,
                        other => panic!("{other:?}"),
                    },
                    _ => {}
                }
            }
        }
        assert_eq!(streams.connections(), 2);
        streams.close().await;
    });
}

#[test]
fn pings_of_the_exchange_keep_the_connection() {
    run(async {
        // A ping every second; who does not answer within two is closed.
        let sim = Sim::builder()
            .ping_interval(Duration::from_secs(1))
            .pong_timeout(Duration::from_secs(2))
            .start()
            .unwrap();
        let mut connection = usdm(&sim).combined(&[&BookTickerStream::new("BTCUSDT")]).await.unwrap();
        let end = tokio::time::Instant::now() + Duration::from_secs(5);
        while tokio::time::Instant::now() < end {
            connection.next().await.unwrap();
        }
        connection.close().await;
    });
}
