//! Stream events by this crate's decoders, beside serde_json into the same fields as text. This crate reads the numbers
//! of all fields, levels and elements; the others leave them as text.
//!
//! `cargo bench -p binance-core --bench events`, with `-- --quick` for a look, with `-- --check` to end with 1 where a
//! goal is not reached; with `RUSTFLAGS="--cfg peers"` beside sonic-rs as well.
//!
//! The goals are set from bytes to values, UTF-8 checked, as a frame comes from a socket: this crate checks all of the
//! text first and then decodes, serde_json's `from_slice` checks string by string. Both also run on text that is known to
//! be UTF-8, for comparison only.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]
#![allow(dead_code, unreachable_pub, reason = "fields are there to be read into")]

mod table;

use std::fmt::Write;

use binance_core::{
    json::{self, List},
    stream::Event,
    usdm::{
        streams::{AggTrade, BookTicker, DepthUpdate, KlineUpdate, MarkPriceUpdate},
        user_events::OrderTradeUpdate,
    },
};
use serde::Deserialize;
use table::Case;

/// What the goals are set against.
const PEER: &str = "serde_json borrowed, from_slice";

fn main() {
    let reached = [
        plain::<BookTicker, mirror::BookTicker<&str>, mirror::BookTicker<String>>(
            "bookTicker",
            BOOK_TICKER,
            (4.0, 1_200.0),
        ),
        plain::<AggTrade, mirror::AggTrade<&str>, mirror::AggTrade<String>>(
            "aggTrade",
            AGG_TRADE,
            (4.0, 0.0),
        ),
        plain::<MarkPriceUpdate, mirror::MarkPrice<&str>, mirror::MarkPrice<String>>(
            "markPrice",
            MARK_PRICE,
            (4.0, 0.0),
        ),
        plain::<KlineUpdate, mirror::Kline<&str>, mirror::Kline<String>>("kline", KLINE, (3.0, 0.0)),
        plain::<OrderTradeUpdate, mirror::OrderTradeUpdate<&str>, mirror::OrderTradeUpdate<String>>(
            "ORDER_TRADE_UPDATE",
            ORDER,
            (3.0, 0.0),
        ),
        depth(20),
        depth(500),
        mark_prices(400),
    ];
    table::end(reached.into_iter().all(|reached| reached));
}

fn utf8(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// An event without lists, with how many times as fast as the peer it must be read and how many MB of it a second.
fn plain<'r, E: Event<'r>, B: Deserialize<'r>, O: Deserialize<'r>>(
    name: &str,
    text: &'r str,
    (times, rate): (f64, f64),
) -> bool {
    let bytes = text.as_bytes();
    let cases = vec![
        Case::new("own, from bytes", || E::decode(utf8(bytes)).unwrap()).at_least(times, PEER).rate(rate),
        Case::new("own, Event::decode", || E::decode(text).unwrap()),
        Case::new("own, json::from_str_by_serde", || json::from_str_by_serde::<E>(text).unwrap()),
        Case::new("own types, serde_json::from_str", || serde_json::from_str::<E>(text).unwrap()),
        Case::new(PEER, || serde_json::from_slice::<B>(bytes).unwrap()),
        Case::new("serde_json borrowed, from_str", || serde_json::from_str::<B>(text).unwrap()),
        Case::new("serde_json owned, from_slice", || serde_json::from_slice::<O>(bytes).unwrap()),
        #[cfg(peers)]
        Case::new("sonic-rs borrowed, from_slice", || sonic_rs::from_slice::<B>(bytes).unwrap()),
    ];
    table::group(name, text.len(), &cases)
}

/// A book of `levels` levels a side.
fn depth(levels: u32) -> bool {
    let side = |from: u32, step: i64| {
        let mut text = String::from("[");
        for level in 0..levels {
            let cents = i64::from(from) + step * i64::from(level);
            let quantity = (level * 7_919 + 13) % 20_000;
            let comma = if level == 0 { "" } else { "," };
            let (whole, part) = (cents / 100, cents % 100);
            write!(text, r#"{comma}["{whole}.{part:02}","{}.{:03}"]"#, quantity / 1_000, quantity % 1_000)
                .unwrap();
        }
        text + "]"
    };
    let (bids, asks) = (side(6_000_010, -10), side(6_000_020, 10));
    let text = format!(
        r#"{{"e":"depthUpdate","E":1760000000123,"T":1760000000120,"s":"BTCUSDT","ps":"BTCUSDT","U":8901234567000,"u":8901234567890,"pu":8901234566999,"b":{bids},"a":{asks},"st":1}}"#
    );
    let text = text.as_str();
    let bytes = text.as_bytes();
    // Every number is read and looked at.
    let walk = |update: DepthUpdate<'_>| {
        let levels = update.bids.iter().chain(update.asks.iter()).map(|level| level.unwrap());
        levels.filter(|level| !level.price.is_zero() && !level.quantity.is_zero()).count()
    };
    let cases = vec![
        Case::new("own, from bytes, all levels", || walk(DepthUpdate::decode(utf8(bytes)).unwrap()))
            .at_least(3.0, PEER),
        Case::new("own, Event::decode, all levels", || walk(DepthUpdate::decode(text).unwrap())),
        Case::new("own, json::from_str_by_serde, all levels", || {
            walk(json::from_str_by_serde(text).unwrap())
        }),
        Case::new(PEER, || serde_json::from_slice::<mirror::Depth<&str>>(bytes).unwrap()),
        Case::new("serde_json borrowed, from_str", || {
            serde_json::from_str::<mirror::Depth<&str>>(text).unwrap()
        }),
        Case::new("serde_json owned, from_slice", || {
            serde_json::from_slice::<mirror::Depth<String>>(bytes).unwrap()
        }),
        #[cfg(peers)]
        Case::new("sonic-rs borrowed, from_slice", || {
            sonic_rs::from_slice::<mirror::Depth<&str>>(bytes).unwrap()
        }),
    ];
    table::group(&format!("depthUpdate, {levels} levels a side"), text.len(), &cases)
}

/// The mark prices of all contracts.
fn mark_prices(count: u32) -> bool {
    let one = |index: u32| {
        MARK_PRICE
            .replace("BTCUSDT", &format!("COIN{index}USDT"))
            .replace("60000", &(index * 37 + 1).to_string())
    };
    let all: Vec<String> = (0..count).map(one).collect();
    let text = format!("[{}]", all.join(","));
    let text = text.as_str();
    let cases = [
        Case::new("own, all elements", || {
            let list = json::from_str::<List<'_, MarkPriceUpdate>>(text).unwrap();
            list.iter().map(|price| price.unwrap().mark_price).max()
        }),
        Case::new(PEER, || serde_json::from_slice::<Vec<mirror::MarkPrice<&str>>>(text.as_bytes()).unwrap()),
        Case::new("serde_json borrowed, from_str", || {
            serde_json::from_str::<Vec<mirror::MarkPrice<&str>>>(text).unwrap()
        }),
        Case::new("serde_json owned, from_slice", || {
            serde_json::from_slice::<Vec<mirror::MarkPrice<String>>>(text.as_bytes()).unwrap()
        }),
    ];
    table::group(&format!("markPriceUpdate of {count} contracts"), text.len(), &cases)
}

const BOOK_TICKER: &str = r#"{"e":"bookTicker","u":8901234567890,"E":1760000000123,"T":1760000000120,"s":"BTCUSDT","ps":"BTCUSDT","b":"60000.10","B":"12.345","a":"60000.20","A":"0.987","st":1}"#;

const AGG_TRADE: &str = r#"{"e":"aggTrade","E":1760000000123,"s":"BTCUSDT","a":2987654321,"p":"60000.10","q":"0.123","nq":"0.123","f":6543210987,"l":6543210989,"T":1760000000120,"m":true,"ps":"BTCUSDT","st":1}"#;

const MARK_PRICE: &str = r#"{"e":"markPriceUpdate","E":1760000000123,"s":"BTCUSDT","p":"60000.12345678","i":"60012.98765432","P":"59990.55555555","r":"0.00010000","ap":"60001.22334455","T":1760025600000,"ps":"BTCUSDT","st":1}"#;

const KLINE: &str = r#"{"e":"kline","E":1760000000123,"s":"BTCUSDT","k":{"t":1759999980000,"T":1760000039999,"s":"BTCUSDT","i":"1m","f":6543210987,"L":6543212345,"o":"60000.10","c":"60010.20","h":"60020.30","l":"59990.40","v":"123.456","n":1359,"x":false,"q":"7408593.12345","V":"60.123","Q":"3607981.98765","B":"0"},"ps":"BTCUSDT","st":1}"#;

const ORDER: &str = r#"{"e":"ORDER_TRADE_UPDATE","E":1760000000123,"T":1760000000120,"o":{"s":"BTCUSDT","c":"x-grid-000000000000000000000017","S":"BUY","o":"LIMIT","f":"GTC","q":"0.123","p":"60000.10","ap":"60000.10000","sp":"0","x":"TRADE","X":"PARTIALLY_FILLED","i":8886774123456,"l":"0.023","z":"0.050","L":"60000.10","N":"USDT","n":"0.27600046","T":1760000000120,"t":4455667788,"b":"0","a":"0","m":true,"R":false,"wt":"CONTRACT_PRICE","ot":"LIMIT","ps":"BOTH","cp":false,"rp":"-1.25000000","pP":false,"si":0,"ss":0,"V":"EXPIRE_MAKER","pm":"NONE","gtd":0,"er":"0"}}"#;

/// The events as serde derives them. `S` is what texts and numbers in quotes are read into.
#[allow(non_snake_case, reason = "the names of the wire")]
mod mirror {
    use serde::Deserialize;

    #[derive(Deserialize)]
    pub struct BookTicker<S> {
        e: S,
        u: u64,
        E: i64,
        T: i64,
        s: S,
        ps: S,
        b: S,
        B: S,
        a: S,
        A: S,
        st: u8,
    }

    #[derive(Deserialize)]
    pub struct AggTrade<S> {
        e: S,
        E: i64,
        s: S,
        a: u64,
        p: S,
        q: S,
        nq: S,
        f: u64,
        l: u64,
        T: i64,
        m: bool,
        ps: S,
        st: u8,
    }

    #[derive(Deserialize)]
    pub struct MarkPrice<S> {
        e: S,
        E: i64,
        s: S,
        p: S,
        i: S,
        P: S,
        r: S,
        ap: S,
        T: i64,
        ps: S,
        st: u8,
    }

    #[derive(Deserialize)]
    pub struct Kline<S> {
        e: S,
        E: i64,
        s: S,
        k: Bar<S>,
        ps: S,
        st: u8,
    }

    #[derive(Deserialize)]
    pub struct Bar<S> {
        t: i64,
        T: i64,
        s: S,
        i: S,
        f: i64,
        L: i64,
        o: S,
        c: S,
        h: S,
        l: S,
        v: S,
        n: u64,
        x: bool,
        q: S,
        V: S,
        Q: S,
        B: S,
    }

    #[derive(Deserialize)]
    pub struct Depth<S> {
        e: S,
        E: i64,
        T: i64,
        s: S,
        ps: S,
        U: u64,
        u: u64,
        pu: u64,
        b: Vec<[S; 2]>,
        a: Vec<[S; 2]>,
        st: u8,
    }

    #[derive(Deserialize)]
    pub struct OrderTradeUpdate<S> {
        e: S,
        E: i64,
        T: i64,
        o: Order<S>,
    }

    #[derive(Deserialize)]
    pub struct Order<S> {
        s: S,
        c: S,
        #[serde(rename = "S")]
        side: S,
        o: S,
        f: S,
        q: S,
        p: S,
        ap: S,
        sp: S,
        x: S,
        X: S,
        i: u64,
        l: S,
        z: S,
        L: S,
        N: S,
        n: S,
        T: i64,
        t: u64,
        rp: S,
        b: S,
        a: S,
        m: bool,
        R: bool,
        wt: S,
        ot: S,
        ps: S,
        cp: bool,
        pP: bool,
        si: i64,
        ss: i64,
        V: S,
        pm: S,
        gtd: i64,
        er: S,
    }
}
