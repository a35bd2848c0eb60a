//! The replies about the market have the documented shape, are read by the declared types, and agree with each other.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use binance_core::Market;
use binance_sim::Sim;
use common::{
    Reply, get, moving, send,
    shape::{compare, facts, read_declared},
    still,
};
use serde_json::Value;

/// Market, path and query of requests that need no signature.
const REQUESTS: &[(Market, &str, &str)] = &[
    (Market::UsdM, "/fapi/v1/continuousKlines", "pair=BTCUSDT&contractType=PERPETUAL&interval=1m&limit=5"),
    (
        Market::CoinM,
        "/dapi/v1/continuousKlines",
        "pair=BTCUSD&contractType=CURRENT_QUARTER&interval=1h&limit=5",
    ),
    (Market::UsdM, "/fapi/v1/indexPriceKlines", "pair=BTCUSDT&interval=1m&limit=5"),
    (Market::CoinM, "/dapi/v1/indexPriceKlines", "pair=BTCUSD&interval=1m&limit=5"),
    (Market::UsdM, "/fapi/v1/markPriceKlines", "symbol=BTCUSDT&interval=1m&limit=5"),
    (Market::CoinM, "/dapi/v1/markPriceKlines", "symbol=BTCUSD_PERP&interval=1d&limit=5"),
    (Market::UsdM, "/fapi/v1/premiumIndexKlines", "symbol=BTCUSDT&interval=1m&limit=5"),
    (Market::CoinM, "/dapi/v1/premiumIndexKlines", "symbol=BTCUSD_PERP&interval=1m&limit=5"),
    (Market::UsdM, "/fapi/v1/lvtKlines", "symbol=BTCDOWN&interval=1h&limit=5"),
    (Market::UsdM, "/fapi/v1/historicalTrades", "symbol=BTCUSDT&limit=5"),
    (Market::CoinM, "/dapi/v1/historicalTrades", "symbol=BTCUSD_PERP&limit=5&fromId=1"),
    (Market::UsdM, "/fapi/v1/fundingRate", ""),
    (Market::UsdM, "/fapi/v1/fundingRate", "symbol=ETHUSDT&limit=3"),
    (Market::CoinM, "/dapi/v1/fundingRate", "symbol=BTCUSD_PERP"),
    (Market::UsdM, "/fapi/v1/fundingInfo", ""),
    (Market::CoinM, "/dapi/v1/fundingInfo", ""),
    (Market::UsdM, "/fapi/v1/openInterest", "symbol=BTCUSDT"),
    (Market::CoinM, "/dapi/v1/openInterest", "symbol=BTCUSD_PERP"),
    (Market::UsdM, "/fapi/v1/ticker/24hr", "symbol=BTCUSDT"),
    (Market::UsdM, "/fapi/v1/ticker/24hr", ""),
    (Market::CoinM, "/dapi/v1/ticker/24hr", "pair=BTCUSD"),
    (Market::UsdM, "/fapi/v1/ticker/price", "symbol=BTCUSDT"),
    (Market::UsdM, "/fapi/v1/ticker/price", ""),
    (Market::UsdM, "/fapi/v2/ticker/price", "symbol=BTCUSDT"),
    (Market::UsdM, "/fapi/v2/ticker/price", ""),
    (Market::CoinM, "/dapi/v1/ticker/price", "symbol=BTCUSD_PERP"),
    (Market::UsdM, "/fapi/v1/constituents", "symbol=BTCUSDT"),
    (Market::CoinM, "/dapi/v1/constituents", "symbol=BTCUSD"),
    (Market::UsdM, "/fapi/v1/assetIndex", ""),
    (Market::UsdM, "/fapi/v1/assetIndex", "symbol=USDCUSD"),
    (Market::UsdM, "/fapi/v1/indexInfo", ""),
    (Market::UsdM, "/fapi/v1/rpiDepth", "symbol=BTCUSDT"),
    (Market::UsdM, "/fapi/v1/symbolAdlRisk", ""),
    (Market::UsdM, "/fapi/v1/symbolAdlRisk", "symbol=BTCUSDT"),
    (Market::UsdM, "/fapi/v1/insuranceBalance", ""),
    (Market::UsdM, "/fapi/v1/insuranceBalance", "symbol=BTCUSDT"),
    (Market::UsdM, "/fapi/v1/tradingSchedule", ""),
    (Market::UsdM, "/futures/data/delivery-price", "pair=BTCUSDT"),
    (Market::UsdM, "/futures/data/openInterestHist", "symbol=BTCUSDT&period=5m"),
    (Market::CoinM, "/futures/data/openInterestHist", "pair=BTCUSD&contractType=CURRENT_QUARTER&period=1h"),
    (Market::UsdM, "/futures/data/globalLongShortAccountRatio", "symbol=BTCUSDT&period=1d"),
    (Market::CoinM, "/futures/data/globalLongShortAccountRatio", "pair=BTCUSD&period=5m"),
    (Market::UsdM, "/futures/data/topLongShortAccountRatio", "symbol=BTCUSDT&period=5m"),
    (Market::CoinM, "/futures/data/topLongShortAccountRatio", "pair=BTCUSD&period=5m"),
    (Market::UsdM, "/futures/data/topLongShortPositionRatio", "symbol=BTCUSDT&period=5m"),
    (Market::CoinM, "/futures/data/topLongShortPositionRatio", "pair=BTCUSD&period=5m"),
    (Market::UsdM, "/futures/data/takerlongshortRatio", "symbol=BTCUSDT&period=5m"),
    (Market::CoinM, "/futures/data/takerBuySellVol", "pair=BTCUSD&contractType=ALL&period=5m"),
    (Market::UsdM, "/futures/data/basis", "pair=BTCUSDT&contractType=PERPETUAL&period=5m"),
    (Market::CoinM, "/futures/data/basis", "pair=BTCUSD&contractType=CURRENT_QUARTER&period=5m"),
];

/// Some of them want a key, which does no harm to the others.
fn ask(sim: &Sim, path: &str, query: &str) -> Reply {
    send(sim, "GET", &format!("{path}?{query}"), Some(&sim.keys().hmac.api_key), "")
}

#[test]
fn replies_are_read_by_the_declared_types() {
    let sim = moving().start().unwrap();
    for (market, path, query) in REQUESTS {
        let reply = ask(&sim, path, query);
        assert!(!reply.good().as_array().is_some_and(Vec::is_empty), "{path} {query} has rows");
        if let Err(error) = read_declared(*market, "GET", path, &reply.body) {
            panic!("{path} {query}: {error} {}", reply.body);
        }
    }
}

#[test]
fn replies_have_the_documented_shape() {
    let (Some(um), Some(cm)) = (facts("um-rest.json"), facts("cm-rest.json")) else { return };
    let sim = moving().start().unwrap();
    let mut found = Vec::new();
    for (market, path, query) in REQUESTS {
        let mut known = if *market == Market::UsdM { &um } else { &cm }.iter();
        let known = known.find(|known| known["method"] == "GET" && known["path"] == *path).unwrap();
        let reply = ask(&sim, path, query).good();
        found.extend(compare(&format!("{market:?} {path}"), &reply, &known["response_schema"]));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn candles_of_mark_index_and_premium_agree() {
    let sim = moving().start().unwrap();
    let rows = |path: &str, query: &str| get(&sim, &format!("{path}?{query}&interval=1h&limit=9")).good();
    let traded = rows("/fapi/v1/klines", "symbol=BTCUSDT");
    assert_eq!(rows("/fapi/v1/continuousKlines", "pair=BTCUSDT&contractType=PERPETUAL"), traded);
    let (mark, index, premium) = (
        rows("/fapi/v1/markPriceKlines", "symbol=BTCUSDT"),
        rows("/fapi/v1/indexPriceKlines", "pair=BTCUSDT"),
        rows("/fapi/v1/premiumIndexKlines", "symbol=BTCUSDT"),
    );
    for row in 0..9 {
        for candle in [&traded[row], &mark[row], &index[row], &premium[row]] {
            assert_eq!((&candle[0], &candle[6]), (&traded[row][0], &traded[row][6]));
            let [open, high, low, close] = [1, 2, 3, 4].map(|cell| number(&candle[cell]));
            assert!(low <= open.min(close) && high >= open.max(close), "{candle}");
        }
        assert_eq!(number(&mark[row][1]), number(&traded[row][1]));
        let over = number(&mark[row][1]) / number(&index[row][1]) - 1.0;
        assert!((over - number(&premium[row][1])).abs() < 1e-8, "{over} {}", premium[row]);
    }
}

#[test]
fn the_day_is_the_sum_of_its_minutes_and_the_last_price_is_that_of_the_last_trade() {
    let sim = moving().start().unwrap();
    let last = get(&sim, "/fapi/v1/trades?symbol=BTCUSDT&limit=1").good();
    let price = get(&sim, "/fapi/v2/ticker/price?symbol=BTCUSDT").good();
    assert_eq!((&price["price"], &price["time"]), (&last[0]["price"], &last[0]["time"]));
    let day = get(&sim, "/fapi/v1/ticker/24hr?symbol=BTCUSDT").good();
    assert_eq!((&day["lastPrice"], &day["lastId"]), (&last[0]["price"], &last[0]["id"]));
    let minutes = get(&sim, "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1440").good();
    let minutes = minutes.as_array().unwrap();
    let count: u64 = minutes.iter().map(|minute| minute[8].as_u64().unwrap()).sum();
    assert_eq!(day["count"], count);
    let highest = minutes.iter().map(|minute| number(&minute[2])).fold(0.0, f64::max);
    assert_eq!(number(&day["highPrice"]), highest);
    assert_eq!(day["openTime"], minutes[0][0]);
}

#[test]
fn funding_that_takes_place_is_told_afterwards() {
    let sim = still().start().unwrap();
    let rates = |query: &str| get(&sim, &format!("/fapi/v1/fundingRate?symbol=BTCUSDT{query}")).good();
    let before = rates("&limit=1")[0]["fundingTime"].as_i64().unwrap();
    sim.advance(std::time::Duration::from_secs(8 * 3_600));
    let after = rates(&format!("&startTime={}", before + 1));
    assert_eq!(after.as_array().unwrap().len(), 1, "{after}");
    assert_eq!(after[0]["fundingTime"], before + 8 * 3_600_000);
    let premium = get(&sim, "/fapi/v1/premiumIndex?symbol=BTCUSDT").good();
    assert_eq!(after[0]["fundingRate"], premium["lastFundingRate"]);
    assert_eq!(rates("").as_array().unwrap().len(), 100);
}

#[test]
fn what_is_not_there_is_refused() {
    let sim = still().start().unwrap();
    for (target, code) in [
        ("/fapi/v1/continuousKlines?pair=NOUSDT&contractType=PERPETUAL&interval=1m", -4144),
        ("/fapi/v1/continuousKlines?pair=BTCUSDT&contractType=NEXT_QUARTER&interval=1m", -4104),
        ("/dapi/v1/indexPriceKlines?pair=BTCUSDT&interval=1m", -4087),
        ("/fapi/v1/markPriceKlines?symbol=NOUSDT&interval=1m", -1121),
        ("/fapi/v1/lvtKlines?symbol=BTC&interval=1h", -1121),
        ("/fapi/v1/rpiDepth?symbol=BTCUSDT&limit=5", -4021),
        ("/fapi/v1/fundingRate?startTime=2&endTime=1", -1023),
        ("/futures/data/openInterestHist?symbol=NOUSDT&period=5m", -1121),
        ("/futures/data/openInterestHist?pair=BTCUSD&period=5m&symbol=BTCUSDT&contractType=PERPETUAL", -1104),
        ("/futures/data/openInterestHist?symbol=BTCUSDT&period=5m&startTime=1", -1130),
        ("/futures/data/takerlongshortRatio?symbol=BTCUSDT&period=7m", -1130),
        ("/dapi/v1/ticker/24hr?symbol=BTCUSD_PERP&pair=BTCUSD", -1128),
        ("/fapi/v1/assetIndex?symbol=NOUSD", -1121),
        ("/fapi/v1/indexInfo?symbol=NOUSDT", -1121),
        ("/futures/data/delivery-price?pair=NO", -4144),
    ] {
        assert_eq!(get(&sim, target).code(), code, "{target}");
    }
}
