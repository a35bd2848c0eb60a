//! The market: the same for the same seed, and consistent in itself.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::{collections::BTreeMap, time::Duration};

use binance_core::Decimal;
use common::{get, moving, send, signed, still, stream::Socket};
use serde_json::Value;

fn number(cell: &Value) -> f64 {
    // Only compared, never added up.
    cell.as_str().unwrap().parse().unwrap()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_does_not() {
    let run = |seed: u64| {
        let sim = moving().seed(seed).start().unwrap();
        sim.advance(Duration::from_secs(5));
        sim.advance(Duration::from_millis(1_234));
        [
            "/fapi/v1/depth?symbol=BTCUSDT&limit=1000",
            "/dapi/v1/depth?symbol=ETHUSD_PERP&limit=1000",
            "/fapi/v1/trades?symbol=ETHUSDT&limit=1000",
            "/fapi/v1/klines?symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&interval=1m&limit=1500",
            "/fapi/v1/premiumIndex",
            "/dapi/v1/exchangeInfo",
        ]
        .map(|target| get(&sim, target).body)
    };
    assert_eq!(run(7), run(7));
    let (seven, eight) = (run(7), run(8));
    assert_ne!(seven[0], eight[0]);
    assert_ne!(seven[3], eight[3]);
}

/// All that streams and replies say to a client that does the same things.
async fn story(seed: u64) -> Vec<String> {
    let sim = moving().seed(seed).start().unwrap();
    let key = send(&sim, "POST", "/fapi/v1/listenKey", Some(&sim.keys().hmac.api_key), "").good();
    let mut sockets = Vec::new();
    for path in [
        "/public/stream?streams=btcusdt@depth@100ms/!bookTicker/ethusdt@rpiDepth@500ms",
        "/market/stream?streams=btcusdt@aggTrade/!ticker@arr/!forceOrder@arr/!markPrice@arr@1s/btcusdt@kline_1m",
        "/dstream/stream?streams=btcusd_perp@depth20/btcusd@indexPriceKline_1m/!miniTicker@arr",
    ] {
        sockets.push(Socket::open(&sim, path).await);
    }
    sockets.push(Socket::open(&sim, &format!("/private/ws/{}", key["listenKey"].as_str().unwrap())).await);
    let mut said = Vec::new();
    for order in [
        "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=25",
        "symbol=ETHUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=3&price=3201",
        "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=RPI&quantity=1&price=64500",
    ] {
        said.push(signed(&sim, "POST", "/fapi/v1/order", order).body);
        sim.advance(Duration::from_millis(2_350));
    }
    sim.set_price("BTCUSDT", "59000".parse().unwrap());
    sim.advance(Duration::from_secs(31));
    said.push(signed(&sim, "GET", "/fapi/v1/income", "").body);
    for socket in &mut sockets {
        said.extend(socket.drain_text().await);
    }
    said
}

#[tokio::test]
async fn the_same_seed_and_the_same_deeds_give_the_same_frames() {
    let (one, other) = (story(11).await, story(11).await);
    assert!(one.len() > 1_000 && one.iter().any(|text| text.contains("autoclose-")), "{}", one.len());
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one, other);
    }
    assert_eq!(one.len(), other.len());
    assert_ne!(one, story(12).await);
}

#[test]
fn books_are_deep_sorted_and_not_crossed() {
    let sim = moving().start().unwrap();
    for round in 0..20 {
        for symbol in sim.symbols() {
            let book = sim.book(&symbol).unwrap();
            assert!(book.bids.len() >= 100 && book.asks.len() >= 100, "{symbol} {round}");
            assert!(book.bids.windows(2).all(|pair| pair[0].0 > pair[1].0));
            assert!(book.asks.windows(2).all(|pair| pair[0].0 < pair[1].0));
            assert!(book.bids[0].0 < book.asks[0].0);
            assert!(book.bids.iter().chain(&book.asks).all(|level| level.1 > Decimal::ZERO));
        }
        sim.advance(Duration::from_secs(3));
    }
}

#[test]
fn limits_of_the_book_are_kept() {
    let sim = still().start().unwrap();
    for limit in [5, 10, 20, 50, 100, 500, 1_000] {
        let book = get(&sim, &format!("/fapi/v1/depth?symbol=BTCUSDT&limit={limit}")).good();
        let levels = book["bids"].as_array().unwrap().len();
        assert!(levels == limit || (limit > 500 && levels > 500), "{limit} {levels}");
    }
    let whole = get(&sim, "/fapi/v1/depth?symbol=BTCUSDT").good();
    assert_eq!(whole["asks"].as_array().unwrap().len(), 500);
}

#[test]
fn candles_reach_back_and_move_with_the_trades() {
    let sim = moving().start().unwrap();
    sim.advance(Duration::from_secs(150));
    let minutes = get(&sim, "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1500").good();
    let minutes = minutes.as_array().unwrap();
    assert_eq!(minutes.len(), 1_500);
    for pair in minutes.windows(2) {
        assert_eq!(pair[0][0].as_i64().unwrap() + 60_000, pair[1][0].as_i64().unwrap());
        assert_eq!(pair[0][6].as_i64().unwrap() + 1, pair[1][0].as_i64().unwrap());
    }
    for minute in minutes {
        let [open, high, low, close] = [1, 2, 3, 4].map(|cell| number(&minute[cell]));
        assert!(low <= open.min(close) && high >= open.max(close), "{minute}");
        assert!(number(&minute[9]) <= number(&minute[5]));
    }
    // The last whole minute is made of its trades.
    let whole = &minutes[1_498];
    let (start, end) = (whole[0].as_i64().unwrap(), whole[6].as_i64().unwrap());
    let trades =
        get(&sim, &format!("/fapi/v1/aggTrades?symbol=BTCUSDT&startTime={start}&endTime={end}&limit=1000"))
            .good();
    let trades = trades.as_array().unwrap();
    let volume = trades.iter().map(|trade| trade["q"].as_str().unwrap().parse::<Decimal>().unwrap());
    let volume = volume.fold(Decimal::ZERO, |sum, quantity| sum.checked_add(quantity).unwrap());
    assert_eq!(volume, whole[5].as_str().unwrap().parse().unwrap());
    let count: u64 =
        trades.iter().map(|trade| trade["l"].as_u64().unwrap() - trade["f"].as_u64().unwrap() + 1).sum();
    assert_eq!(count, whole[8].as_u64().unwrap());
    assert_eq!((&trades[0]["p"], &trades[trades.len() - 1]["p"]), (&whole[1], &whole[4]));
}

#[test]
fn trade_ids_have_no_gaps_and_aggregates_join_them() {
    let sim = moving().start().unwrap();
    sim.advance(Duration::from_secs(10));
    let trades = get(&sim, "/dapi/v1/trades?symbol=BTCUSD_PERP&limit=1000").good();
    let ids: Vec<_> = trades.as_array().unwrap().iter().map(|trade| trade["id"].as_u64().unwrap()).collect();
    assert!(ids.len() > 20 && ids.windows(2).all(|pair| pair[0] + 1 == pair[1]));
    let all = get(&sim, "/dapi/v1/aggTrades?symbol=BTCUSD_PERP&limit=1000").good();
    let all = all.as_array().unwrap();
    for pair in all.windows(2) {
        assert_eq!(pair[0]["l"].as_u64().unwrap() + 1, pair[1]["f"].as_u64().unwrap());
        assert_eq!(pair[0]["a"].as_u64().unwrap() + 1, pair[1]["a"].as_u64().unwrap());
    }
    let from = all[5]["a"].as_u64().unwrap();
    let some = get(&sim, &format!("/dapi/v1/aggTrades?symbol=BTCUSD_PERP&fromId={from}&limit=3")).good();
    assert_eq!(some.as_array().unwrap(), &all[5..8]);
}

type Side = BTreeMap<Decimal, Decimal>;

fn apply(side: &mut Side, levels: &Value) {
    for level in levels.as_array().unwrap() {
        let [price, quantity] = [0, 1].map(|cell| level[cell].as_str().unwrap().parse::<Decimal>().unwrap());
        if quantity.is_zero() {
            side.remove(&price);
        } else {
            side.insert(price, quantity);
        }
    }
}

#[tokio::test]
async fn snapshot_and_differences_give_the_book_at_every_update() {
    let sim = moving().seed(3).start().unwrap();
    for (symbol, path, rest) in [("BTCUSDT", "/public/ws", "/fapi"), ("BTCUSD_PERP", "/dstream/ws", "/dapi")]
    {
        for (speed, period) in [("@100ms", 100), ("", 250), ("@500ms", 500)] {
            let stream = format!("{path}/{}@depth{speed}", symbol.to_lowercase());
            let mut socket = Socket::open(&sim, &stream).await;
            // To where all of them speak.
            sim.advance(Duration::from_millis(1_000 - sim.now().unsigned_abs() % 1_000));
            // By the book of the documentation: buffer, then take a snapshot, then drop what is older.
            let mut buffered = socket.drain().await;
            let snapshot = get(&sim, &format!("{rest}/v1/depth?symbol={symbol}&limit=1000")).good();
            let last = snapshot["lastUpdateId"].as_u64().unwrap();
            let (mut bids, mut asks) = (Side::new(), Side::new());
            apply(&mut bids, &snapshot["bids"]);
            apply(&mut asks, &snapshot["asks"]);
            buffered.retain(|event| event["u"].as_u64().unwrap() >= last);
            let mut previous = None;
            for _ in 0..30 {
                sim.advance(Duration::from_millis(period));
                let mut events = std::mem::take(&mut buffered);
                events.extend(socket.drain().await);
                for event in events {
                    let [first, last_of] = ["U", "u"].map(|name| event[name].as_u64().unwrap());
                    match previous {
                        None => assert!(first <= last + 1 && last_of >= last, "{first} {last_of} {last}"),
                        Some(previous) => assert_eq!(event["pu"].as_u64(), Some(previous)),
                    }
                    previous = Some(last_of);
                    apply(&mut bids, &event["b"]);
                    apply(&mut asks, &event["a"]);
                    let truth = sim.book(symbol).unwrap();
                    if truth.update_id == last_of {
                        // Past the snapshot's thousand levels nothing is known until it changes.
                        let known = |levels: &[(Decimal, Decimal)], side: &Side| {
                            levels.iter().take(500).all(|(price, quantity)| side.get(price) == Some(quantity))
                        };
                        assert!(
                            known(&truth.bids, &bids) && known(&truth.asks, &asks),
                            "{symbol} {speed} {last_of}"
                        );
                        assert_eq!(bids.keys().last(), truth.bids.first().map(|level| &level.0));
                        assert_eq!(asks.keys().next(), truth.asks.first().map(|level| &level.0));
                    }
                }
            }
            assert_eq!(previous, Some(sim.book(symbol).unwrap().update_id), "the stream has told everything");
        }
    }
}

#[test]
fn time_moved_far_is_played_in_longer_steps() {
    let sim = moving().start().unwrap();
    let before = sim.now();
    let started = std::time::Instant::now();
    sim.advance(Duration::from_secs(26 * 3_600));
    assert_eq!(sim.now(), before + 26 * 3_600_000);
    assert!(started.elapsed() < Duration::from_secs(20));
    let minutes = get(&sim, "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1500").good();
    assert_eq!(minutes.as_array().unwrap().len(), 1_500);
    let hours = get(&sim, "/fapi/v1/klines?symbol=BTCUSDT&interval=1h&limit=30").good();
    assert_eq!(hours.as_array().unwrap().len(), 30);
}
