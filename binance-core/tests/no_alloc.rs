//! Nothing in this crate allocates: requests are written, replies and events are read and printed without a heap.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use allocation_counter::measure;
use binance_core::{
    Market, Method, ReplyVisitor, Request,
    buf::Buf,
    coinm, dec,
    enums::{Interval, Side},
    json,
    param::Value,
    query::Query,
    raw::Raw,
    stream::{Id, Incoming},
    usdm,
    ws_api::{Call as _, Frame, Reply},
};
use serde::{Deserialize, Serialize};

use self::common::Place;

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

            let mut buf = Buf::new(&mut json_room);
            let mut frame = Frame::new(Id::Number(7), "method", &mut buf).unwrap();
            frame.extend(request).unwrap();
            frame.push("timestamp", Value::Int(1_700_000_000_000)).unwrap();
            let mut payload = Buf::new(&mut room);
            frame.payload(&mut payload).unwrap();
            frame.end().unwrap();
            assert!(!payload.is_empty() && buf.len() > payload.len());
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
fn reading_anything_documented_allocates_nothing() {
    let mut room = vec![0; 1 << 20];
    let samples = common::samples();
    for sample in &samples {
        assert_eq!(sample.visit(Count(&sample.text, &mut room)), 0, "{}", sample.name());
    }
    println!("{} samples", samples.len());
}

#[test]
fn telling_events_by_their_tags_allocates_nothing() {
    for sample in common::samples() {
        let (Place::Stream(market, _) | Place::User(market, _)) = sample.place else { continue };
        let combined = format!(r#"{{"stream":"a@b","data":{}}}"#, sample.text);
        let counted = measure(|| {
            let Ok(Incoming::Event { data, .. }) = Incoming::parse(&combined) else { panic!("{combined}") };
            let known = match market {
                Market::UsdM => !matches!(usdm::Event::decode(data).unwrap(), usdm::Event::Other { .. }),
                Market::CoinM => !matches!(coinm::Event::decode(data).unwrap(), coinm::Event::Other { .. }),
            };
            assert!(known);
        });
        assert_eq!(counted.count_total, 0, "{}", sample.name());
    }
}

#[test]
fn calls_of_the_websocket_api_and_their_replies_allocate_nothing() {
    let order = usdm::trade::NewOrder::limit("币安人生USDT", Side::Buy, dec!("1.50"), dec!("0.123"));
    let reply = r#"{"id":"x-1","status":400,"error":{"code":-1102,"msg":"no"},"rateLimits":[{"rateLimitType":"ORDERS","interval":"MINUTE","intervalNum":1,"limit":1200,"count":1}]}"#;
    let mut room = [0; 512];
    let counted = measure(|| {
        let mut buf = Buf::new(&mut room);
        let mut frame = Frame::new(Id::Number(7), order.method().method, &mut buf).unwrap();
        frame.extend(&order).unwrap();
        frame.push("timestamp", Value::Int(1_700_000_000_000)).unwrap();
        frame.end().unwrap();
        let start = r#"{"id":7,"method":"order.place","params":{"symbol":"币安人生USDT","side":"BUY","#;
        assert!(buf.as_bytes().starts_with(start.as_bytes()));

        let reply = Reply::parse(reply).unwrap();
        assert_eq!((reply.status, reply.result.unwrap_err().code.0), (400, -1102));
        assert_eq!(reply.rate_limits.iter().filter_map(Result::ok).count(), 1);
    });
    assert_eq!(counted.count_total, 0, "{counted:?}");
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
