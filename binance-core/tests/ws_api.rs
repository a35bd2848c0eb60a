//! The documented calls of the WebSocket API, byte for byte but for the order of keys, and what is signed of them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::BTreeMap;

use binance_core::{
    ApiCode, Contracts, Market, Millis, Security,
    buf::Buf,
    coinm, dec,
    enums::{NewOrderRespType, Side, TimeInForce},
    order::HedgeSide,
    param::{Full, Params, Value},
    stream::Id,
    usdm,
    ws_api::{Call, Frame, METHODS, RawCall, Reply, TypedCall},
};
use serde_json::value::RawValue;

/// Where a documented call is not what the exchange's own rules say it should be: what stands there, what is sent, why.
const DIFFERENT: &[(&str, &str, &str)] = &[
    (r#""price":43187,"#, r#""price":"43187","#, "decimals are texts"),
    (r#""quantity":0.1,"#, r#""quantity":"0.1","#, "decimals are texts"),
    (r#""quantity":1,"#, r#""quantity":"1","#, "decimals are texts"),
    (r#""triggerPrice":120000,"#, r#""triggerPrice":"120000","#, "decimals are texts"),
    (r#""recvWindow":"99999999","#, r#""recvWindow":99999999,"#, "whole numbers are bare"),
    (r#""positionSide":"BOTH","#, "", "the only position of one-way mode need not be named"),
    (r#""origType":"LIMIT","positionSide":"SHORT","#, "", "no parameters of order.modify"),
    (r#""priceMatch":"NONE","#, "", "no value of it"),
    (r#""clientAlgoId":"DolwRKnQNjoc1E9Bbh03ER","#, "", "one of the two ids names the order"),
];

/// The typed call that a documented one is.
fn typed(market: Market, method: &str) -> Box<dyn Call> {
    use usdm::trade::{CancelAlgoOrder, CancelOrder, ModifyOrder, NewAlgoOrder, NewOrder, QueryOrder};
    match (market, method) {
        (Market::UsdM, "depth") => Box::new(usdm::market_data::Depth::new("BTCUSDT")),
        (Market::UsdM, "ticker.book") => {
            Box::new(usdm::market_data::TickerBookTicker::new().symbol("BTCUSDT"))
        }
        (Market::UsdM, "ticker.price") => Box::new(usdm::market_data::TickerPrice::new().symbol("BTCUSDT")),
        (Market::UsdM, "order.place") => {
            Box::new(NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.1"), dec!("43187")))
        }
        (Market::UsdM, "order.modify") => {
            Box::new(ModifyOrder::by_id("BTCUSDT", 328_971_409, Side::Sell, dec!("0.11"), dec!("43769.1")))
        }
        (Market::UsdM, "order.cancel") => Box::new(CancelOrder::by_id("BTCUSDT", 283_194_212)),
        (Market::UsdM, "order.status") => Box::new(QueryOrder::by_id("BTCUSDT", 328_999_071)),
        (Market::UsdM, "algoOrder.place") => {
            // A sell of the short position opens it.
            let way = HedgeSide::Short.open();
            let order = NewAlgoOrder::take_profit("BTCUSDT", way, dec!("1"), dec!("160000"), dec!("120000"));
            Box::new(order.time_in_force(TimeInForce::Gtc).new_order_resp_type(NewOrderRespType::Result))
        }
        (Market::UsdM, "algoOrder.cancel") => Box::new(CancelAlgoOrder::by_id(283_194_212)),
        (Market::UsdM, "account.position") => Box::new(usdm::trade::PositionRiskV2::new().symbol("BTCUSDT")),
        (Market::UsdM, "v2/account.position") => Box::new(usdm::trade::PositionRisk::new().symbol("BTCUSDT")),
        (Market::UsdM, "account.balance") => Box::new(usdm::account::BalanceV2::new()),
        (Market::UsdM, "v2/account.balance") => Box::new(usdm::account::Balance::new()),
        (Market::UsdM, "account.status") => Box::new(usdm::account::AccountV2::new()),
        (Market::UsdM, "v2/account.status") => Box::new(usdm::account::Account::new()),
        (Market::UsdM, "userDataStream.start") => {
            Box::new(usdm::user_data_streams::StartUserDataStream::new())
        }
        (Market::UsdM, "userDataStream.ping") => {
            Box::new(usdm::user_data_streams::KeepaliveUserDataStream::new())
        }
        (Market::UsdM, "userDataStream.stop") => {
            Box::new(usdm::user_data_streams::CloseUserDataStream::new())
        }
        (Market::UsdM, "session.logon") => Box::new(usdm::ws_api::SessionLogon),
        (Market::UsdM, "session.status") => Box::new(usdm::ws_api::SessionStatus),
        (Market::UsdM, "session.logout") => Box::new(usdm::ws_api::SessionLogout),
        (Market::CoinM, "order.place") => Box::new(coinm::trade::NewOrder::limit(
            "BTCUSD_PERP",
            Side::Buy,
            Contracts::from(1),
            dec!("50000"),
        )),
        (Market::CoinM, "order.modify") => Box::new(coinm::trade::ModifyOrder::by_id(
            "BTCUSD_PERP",
            333_245_211,
            Side::Buy,
            Contracts::from(1),
            dec!("51000"),
        )),
        (Market::CoinM, "order.cancel") => {
            Box::new(coinm::trade::CancelOrder::by_id("BTCUSD_PERP", 333_245_211))
        }
        (Market::CoinM, "order.status") => {
            Box::new(coinm::trade::QueryOrder::by_id("BTCUSD_PERP", 328_999_071))
        }
        (Market::CoinM, "account.position") => Box::new(coinm::trade::PositionRisk::new().pair("BTCUSD")),
        (Market::CoinM, "account.balance") => Box::new(coinm::account::Balance::new()),
        (Market::CoinM, "account.status") => Box::new(coinm::account::Account::new()),
        (Market::CoinM, "userDataStream.start") => {
            Box::new(coinm::user_data_streams::StartUserDataStream::new())
        }
        (Market::CoinM, "userDataStream.ping") => {
            Box::new(coinm::user_data_streams::KeepaliveUserDataStream::new())
        }
        (Market::CoinM, "userDataStream.stop") => {
            Box::new(coinm::user_data_streams::CloseUserDataStream::new())
        }
        (Market::CoinM, "session.logon") => Box::new(coinm::ws_api::SessionLogon),
        (Market::CoinM, "session.status") => Box::new(coinm::ws_api::SessionStatus),
        (Market::CoinM, "session.logout") => Box::new(coinm::ws_api::SessionLogout),
        _ => panic!("{market:?} {method}: no call here"),
    }
}

type Fields = BTreeMap<String, Box<RawValue>>;

/// The texts of an object's values.
fn fields(json: &str) -> BTreeMap<String, String> {
    let fields: Fields = serde_json::from_str(json).unwrap();
    fields.into_iter().map(|(name, value)| (name, value.get().to_string())).collect()
}

#[test]
fn every_documented_call_is_made_again_but_for_the_order_of_keys() {
    let mut unused: Vec<&str> = DIFFERENT.iter().map(|(piece, ..)| *piece).collect();
    let mut seen = Vec::new();
    for line in include_str!("facts/samples.tsv").lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let ["call", market, method, text] = columns[..] else { continue };
        let market = if market == "um" { Market::UsdM } else { Market::CoinM };
        let mut text = text.to_string();
        for (piece, sent, _) in DIFFERENT {
            if text.contains(piece) {
                text = text.replace(piece, sent);
                unused.retain(|unused| unused != piece);
            }
        }
        let call = typed(market, method);
        assert_eq!((call.method().market, call.method().method), (market, method));
        let sample = fields(&text);
        let documented = sample.get("params").map(|params| fields(params)).unwrap_or_default();

        // What is not of the call itself is as it is documented: key, time and signature.
        let own = |name: &str| documented.get(name).map(|text| text.trim_matches('"').to_string());
        let int = |name: &str| own(name).map(|text| Value::Int(text.parse().unwrap()));
        let (key, signature) = (own("apiKey"), own("signature"));
        let mut room = [0; 1_024];
        let mut frame = Buf::new(&mut room);
        let id = sample["id"].trim_matches('"');
        let mut params = Frame::new(Id::Text(id), method, &mut frame).unwrap();
        params.extend(&*call).unwrap();
        for (name, value) in [
            ("apiKey", key.as_deref().map(Value::Text)),
            ("recvWindow", int("recvWindow")),
            ("timestamp", int("timestamp")),
            ("signature", signature.as_deref().map(Value::Text)),
        ] {
            if let Some(value) = value {
                params.push(name, value).unwrap();
            }
        }
        // Of a session nothing but the proof is sent; the other calls prove what their security says.
        let security = call.method().security;
        assert_eq!(key.is_some(), security.needs_key(), "{method}");
        assert_eq!(signature.is_some(), security.is_signed(), "{method}");

        params.end().unwrap();
        let frame = std::str::from_utf8(frame.as_bytes()).unwrap();
        let written = fields(frame);
        assert!(frame.len() <= written.get("params").map_or(0, String::len) + id.len() + method.len() + 32);
        assert_eq!(
            written.get("params").map(|params| fields(params)).unwrap_or_default(),
            documented,
            "{method}"
        );
        assert_eq!((&written["id"], &written["method"]), (&sample["id"], &sample["method"]));
        assert_eq!(written.len(), sample.len(), "{method}");
        seen.push((market, method));
    }
    assert_eq!(unused, Vec::<&str>::new(), "no call has these any more");
    for method in METHODS.iter() {
        assert!(
            seen.iter().any(|(market, name)| (*market, *name) == (method.market, method.method)),
            "{}",
            method.method
        );
    }
}

#[test]
fn what_is_signed_is_the_published_payload() {
    let payload = |call: &dyn Params, key: &str, time: i64| {
        let (mut room, mut payload) = ([0; 512], [0; 512]);
        let (mut out, mut payload) = (Buf::new(&mut room), Buf::new(&mut payload));
        let mut frame = Frame::new(Id::Number(1), "method", &mut out).unwrap();
        frame.extend(call).unwrap();
        frame.push("apiKey", Value::Text(key)).unwrap();
        frame.push("timestamp", Value::Int(time)).unwrap();
        frame.payload(&mut payload).unwrap();
        let mut pieces = Vec::new();
        frame.feed(&mut |piece| pieces.extend_from_slice(piece)).unwrap();
        assert_eq!(pieces, payload.as_bytes());
        String::from_utf8(pieces).unwrap()
    };
    let order = usdm::trade::NewOrder::limit("BTCUSDT", Side::Sell, dec!("1.0000000"), dec!("0.20"));
    assert_eq!(
        payload(
            &order,
            "yeqKcXjtA9Eu4Tr3nJk61UJAGzXsEmFqqfVterxpMpR4peNfqE7Zl7oans8Qj089",
            1_668_481_559_918
        ),
        "apiKey=yeqKcXjtA9Eu4Tr3nJk61UJAGzXsEmFqqfVterxpMpR4peNfqE7Zl7oans8Qj089&price=0.20&quantity=1.0000000\
         &side=SELL&symbol=BTCUSDT&timeInForce=GTC&timestamp=1668481559918&type=LIMIT"
    );
    let price = usdm::market_data::TickerPrice::new().symbol("我踏马来了USDT");
    assert_eq!(payload(&price, "key", 1), "apiKey=key&symbol=我踏马来了USDT&timestamp=1");
    assert_eq!(
        payload(&usdm::ws_api::SessionLogon, "k", 1_649_729_878_532),
        "apiKey=k&timestamp=1649729878532"
    );
}

/// What is signed of parameters, and what is sent of them.
fn both(params: &[(&str, Value<'_>)]) -> (String, String) {
    let (mut room, mut payload) = ([0; 512], [0; 512]);
    let (mut out, mut payload) = (Buf::new(&mut room), Buf::new(&mut payload));
    let mut frame = Frame::new(Id::Number(1), "m", &mut out).unwrap();
    params.iter().for_each(|(name, value)| frame.push(name, *value).unwrap());
    frame.payload(&mut payload).unwrap();
    frame.end().unwrap();
    let text = |buf: Buf<'_>| String::from_utf8(buf.as_bytes().to_vec()).unwrap();
    (text(payload), text(out))
}

#[test]
fn each_kind_of_value_is_signed_as_it_is_sent_but_for_quotes_and_escapes() {
    let (payload, sent) = both(&[
        ("text", Value::Text("a\"b\\c\n&=é")),
        ("flag", Value::Flag(true)),
        ("ints", Value::Ints(&[1, 22])),
        ("texts", Value::Texts(&["a", "b\"c"])),
        ("int", Value::Int(-5)),
        ("decimal", Value::Decimal(dec!("0.00100"))),
        ("na\"me", Value::Text("0123456789abcdef0123456789\t")),
    ]);
    assert_eq!(
        sent,
        concat!(
            r#"{"id":1,"method":"m","params":{"text":"a\"b\\c\n&=é","flag":"true","ints":[1,22],"texts":["a","b\"c"],"#,
            r#""int":-5,"decimal":"0.00100","na\"me":"0123456789abcdef0123456789\t"}}"#
        )
    );
    assert_eq!(
        payload,
        "decimal=0.00100&flag=true&int=-5&ints=[1,22]&na\"me=0123456789abcdef0123456789\t&text=a\"b\\c\n&=é\
         &texts=[\"a\",\"b\\\"c\"]"
    );
    assert_eq!(both(&[]), (String::new(), r#"{"id":1,"method":"m"}"#.to_owned()));
}

#[test]
fn names_that_begin_alike_are_sorted_by_all_of_them_and_the_same_keep_their_order() {
    let names = ["abcdefgz", "abcdefg", "abcdefgha", "b", "abcdefg", "abcdefgh", "abcdef"];
    let params: Vec<(&str, Value<'_>)> =
        names.iter().zip(0..).map(|(name, index)| (*name, Value::Int(index))).collect();
    assert_eq!(both(&params).0, "abcdef=6&abcdefg=1&abcdefg=4&abcdefgh=5&abcdefgha=2&abcdefgz=0&b=3");
}

#[test]
fn every_shorter_room_for_a_frame_or_its_payload_is_full() {
    let write = |room: &mut [u8], payload: &mut [u8]| -> Result<(usize, usize), Full> {
        let (mut out, mut payload) = (Buf::new(room), Buf::new(payload));
        let mut frame = Frame::new(Id::Number(1), "depth", &mut out)?;
        frame.push("symbol", Value::Text("BTC\"USDT"))?;
        frame.push("limit", Value::Int(5))?;
        frame.push("ids", Value::Ints(&[1]))?;
        frame.push("price", Value::Decimal(dec!("0.1")))?;
        frame.payload(&mut payload)?;
        frame.end_signed(|room| {
            room.get_mut(..3).ok_or(Full)?.copy_from_slice(b"abc");
            Ok::<_, Full>(3)
        })?;
        Ok((out.len(), payload.len() + 1))
    };
    let (len, payload) = write(&mut [0; 256], &mut [0; 256]).unwrap();
    assert_eq!(write(&mut [0; 256][..len], &mut [0; 256][..payload]), Ok((len, payload)));
    for short in 0..len {
        assert_eq!(write(&mut [0; 256][..short], &mut [0; 256]), Err(Full), "{short}");
    }
    for short in 0..payload {
        assert_eq!(write(&mut [0; 256], &mut [0; 256][..short]), Err(Full), "{short}");
    }
}

#[test]
fn a_call_that_no_table_has_goes_by_its_name() {
    let params = [("symbol", Value::Text("BTCUSDT")), ("limit", Value::Int(5))];
    let call = RawCall::new(Market::UsdM, "new.method", Security::Public, &params).weight(7);
    assert_eq!((call.method().method, call.call_weight()), ("new.method", 7));
    let mut room = [0; 128];
    let mut out = Buf::new(&mut room);
    let mut frame = Frame::new(Id::Number(1), call.method().method, &mut out).unwrap();
    frame.extend(&call).unwrap();
    frame.end().unwrap();
    assert_eq!(out.as_bytes(), br#"{"id":1,"method":"new.method","params":{"symbol":"BTCUSDT","limit":5}}"#);
    assert!(!format!("{call:?}").contains("BTCUSDT"));
}

#[test]
fn replies_are_told_apart() {
    let refusal = r#"{"id":"5761b939","status":400,"error":{"code":-1102,"msg":"Mandatory parameter 'quantity' was not sent, was empty/null, or malformed."},"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":2400,"count":1},{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":300,"count":1}]}"#;
    let reply = Reply::parse(refusal).unwrap();
    assert_eq!((reply.id, reply.status), (Some(Id::Text("5761b939")), 400));
    assert_eq!(reply.result.unwrap_err().code.0, -1102);
    assert_eq!(
        reply.rate_limits.iter().map(|limit| limit.unwrap().count).collect::<Vec<_>>(),
        [Some(1), Some(1)]
    );

    let revoked = r#"{"id":null,"status":401,"error":{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}}"#;
    let reply = Reply::parse(revoked).unwrap();
    assert_eq!((reply.id, reply.status, reply.rate_limits.count()), (None, 401, 0));

    for (text, result) in [
        (r#"{"id":1,"status":200,"result":{}}"#, Some("{}")),
        (r#"{"id":1,"status":200}"#, Some("null")),
        (r#"{"result":[1],"status":200,"new":{"x":1},"id":1}"#, Some("[1]")),
        (r#"{"id":1,"status":200,"error":null,"result":null}"#, Some("null")),
        (r#"{"id":1,"status":503}"#, None),
        (r#"{"id":1,"result":[]}"#, Some("[]")),
        (r#"{"id":1,"error":{"code":-1102,"msg":"x"}}"#, None),
        (r#"{"id":1,"status":400,"error":"in words"}"#, None),
    ] {
        let reply = Reply::parse(text).unwrap();
        assert_eq!((reply.id, reply.result.ok()), (Some(Id::Number(1)), result), "{text}");
    }
    for text in [r#"{"code":-1102,"msg":"x"}"#, r#"{"error":{"code":"-1102"}}"#] {
        let reply = Reply::parse(text).unwrap();
        assert_eq!((reply.id, reply.status, reply.result.unwrap_err().code), (None, 400, ApiCode(-1_102)));
    }
    for broken in
        ["", "{", "[]", r#"{"id":1}"#, r#"{"id":1,"status":"x"}"#, r#"{"id":1,"status":200,"result":{}"#]
    {
        assert!(Reply::parse(broken).is_err(), "{broken}");
    }
}

#[test]
fn a_refusal_says_how_long_to_wait() {
    let now = Millis(1_659_142_907_531);
    for (error, millis) in [
        (
            r#"{"code":-1003,"msg":"","data":{"serverTime":1659142907531,"retryAfter":1659146400000}}"#,
            Some(3_492_469),
        ),
        (r#"{"code":-1003,"msg":"","data":{"retryAfter":1659142907000}}"#, Some(0)),
        (r#"{"code":-1003,"msg":"","data":{"retryAfter":"7"}}"#, Some(7_000)),
        (r#"{"code":-1003,"msg":"","data":{"retryAfter":-7}}"#, Some(0)),
        (r#"{"code":-1003,"msg":"","data":{"retryAfter":{}}}"#, None),
        (r#"{"code":-1003,"msg":"","data":[]}"#, None),
        (r#"{"code":-1003,"msg":""}"#, None),
        (r#""retryAfter""#, None),
    ] {
        let text = format!(r#"{{"id":1,"status":418,"error":{error}}}"#);
        let wait = Reply::parse(&text).unwrap().retry_after(now);
        assert_eq!(wait.map(|wait| wait.as_millis()), millis, "{error}");
    }
    let success = r#"{"id":1,"status":200,"result":{"data":{"retryAfter":7}}}"#;
    assert_eq!(Reply::parse(success).unwrap().retry_after(now), None);
}

#[test]
fn a_session_says_whether_it_is_logged_on_and_hides_the_key() {
    let text = r#"{"apiKey":"vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A","authorizedSince":1649729878532,"connectedSince":1649729873021,"returnRateLimits":false,"serverTime":1649729878630}"#;
    let session = usdm::ws_api::SessionLogon.read(text).unwrap();
    assert!(session.is_logged_on() && !format!("{session:?}").contains("vmPUZE"));
    let off = text.replace("1649729878532", "null");
    assert!(!coinm::ws_api::SessionStatus.read(&off).unwrap().is_logged_on());
}
