//! Nothing in this crate allocates: requests are written, replies and events are read and printed without a heap.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::{fs, path::PathBuf};

use allocation_counter::measure;
use binance_core::{
    CATALOG, Market, Method, ReplyVisitor, Request, coinm, dec,
    enums::{Interval, Side},
    json::{self, JsonObjects},
    param::Value,
    query::Query,
    raw::Raw,
    stream::Incoming,
    usdm,
    ws_api::Sorted,
};
use serde::{Deserialize, Serialize};

#[test]
fn writing_requests_allocates_nothing() {
    let limit = usdm::trade::NewOrder::limit("币安人生USDT", Side::Buy, dec!("1.50"), dec!("0.123"));
    let query = usdm::trade::QueryOrder::by_client_id("BTCUSDT", "my-order");
    let klines = coinm::market_data::Klines::new("BTCUSD_PERP", Interval::M1).limit(1_500);
    let raw = Raw::new(Market::UsdM, Method::Delete, "/fapi/v1/batchOrders", binance_core::Security::Trade)
        .param("orderIdList", Value::Ints(&[1, 2, 3]))
        .unwrap()
        .param("origClientOrderIdList", Value::Texts(&["a", "b\"c"]))
        .unwrap();
    let requests: [&dyn Request; 4] = [&limit, &query, &klines, &raw];
    let (mut room, mut json_room) = ([0; 512], [0; 512]);
    let counted = measure(|| {
        for request in requests {
            let mut query = Query::new(&mut room);
            query.extend(request).unwrap();
            assert!(!query.as_str().is_empty() && request.weight() < 100);

            let mut sorted = Sorted::new();
            sorted.extend(request).unwrap();
            sorted.push("timestamp", Value::Int(1_700_000_000_000)).unwrap();
            let mut length = 0;
            sorted
                .payload(&mut |piece| {
                    length += piece.len();
                    Ok(())
                })
                .unwrap();
            let mut buf = binance_core::buf::Buf::new(&mut json_room);
            let mut out = |piece: &[u8]| buf.bytes(piece);
            let mut json = JsonObjects::new(&mut out);
            json.begin().and_then(|()| sorted.fields(&mut json)).and_then(|()| json.end()).unwrap();
            assert!(length > 0 && buf.len() > length);
        }
    });
    assert_eq!(counted.count_total, 0, "{counted:?}");
}

/// Reads a text by this crate's reader, walks over all of it by printing it, and counts the allocations.
struct Count<'r, 'b>(&'r str, &'b mut [u8]);

impl<'r> ReplyVisitor<'r> for Count<'r, '_> {
    type Output = u64;

    fn visit<T>(self, read: fn(&'r [u8]) -> Result<T, json::Error>) -> u64
    where
        T: Deserialize<'r> + Serialize + PartialEq + core::fmt::Debug + 'r,
    {
        let counted = measure(|| {
            let value = read(self.0.as_bytes()).unwrap();
            json::to_slice(&value, self.1).unwrap();
        });
        counted.count_total
    }
}

#[test]
fn reading_any_documented_reply_allocates_nothing() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/api");
    let mut room = vec![0; 1 << 20];
    let mut seen = 0;
    for (market, file) in [(Market::UsdM, "um-rest.json"), (Market::CoinM, "cm-rest.json")] {
        let Ok(text) = fs::read_to_string(folder.join(file)) else { break };
        for endpoint in serde_json::from_str::<Vec<serde_json::Value>>(&text).unwrap() {
            let path = endpoint["path"].as_str().unwrap();
            let method = [Method::Get, Method::Post, Method::Put, Method::Delete]
                .into_iter()
                .find(|method| method.as_str() == endpoint["method"])
                .unwrap();
            for sample in endpoint["sample_responses"].as_array().unwrap() {
                let text = sample["body"].to_string();
                let visitor = Count(&text, &mut room);
                let Some(count) = CATALOG.visit_reply(market, method, path, visitor) else { continue };
                assert_eq!(count, 0, "{} {path}", method.as_str());
                seen += 1;
            }
        }
    }
    println!("{seen} replies");
}

#[test]
fn reading_events_allocates_nothing() {
    let depth = r#"{"stream":"btcusdt@depth","data":{"e":"depthUpdate","E":1,"T":2,"s":"BTCUSDT","U":3,"u":4,"pu":2,"b":[["1.0","2"],["0.9","0"]],"a":[]}}"#;
    let odd = r#"{"e":"bookTicker","s":"BTC\u0055SDT","b":1.5,"B":"2","a":"3","A":"4","x":[{}]}"#;
    let bad = r#"{"e":"bookTicker","s":7}"#;
    let reply = r#"{"error":{"code":3,"msg":"no"},"id":"x"}"#;
    let mut levels = 0;
    let counted = measure(|| {
        for text in [depth, odd, bad, reply] {
            let Ok(Incoming::Event { data, .. }) = Incoming::parse(text) else { continue };
            if let Ok(usdm::Event::Depth(update)) = usdm::Event::decode(data) {
                levels += update.bids.iter().filter(Result::is_ok).count();
            }
        }
    });
    assert_eq!((counted.count_total, levels), (0, 2), "{counted:?}");
}
