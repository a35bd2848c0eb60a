//! Every documented reply and event decodes by both decoders into the same value, and prints again as it came.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::fmt::Debug;

use binance_core::{Event, Market, ReplyVisitor, json};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::common::Place;

/// Decodes a text by both decoders and prints it again.
struct RoundTrip<'r>(&'r str);

impl<'r> ReplyVisitor<'r> for RoundTrip<'r> {
    type Output = Result<Value, String>;

    fn visit<T>(self, read: fn(&'r [u8]) -> Result<T, json::Error>) -> Result<Value, String>
    where
        T: Deserialize<'r> + Serialize + PartialEq + core::fmt::Debug + 'r,
    {
        let own = read(self.0.as_bytes()).map_err(|error| format!("own: {error}"))?;
        let serde: T = serde_json::from_str(self.0).map_err(|error| format!("serde_json: {error}"))?;
        let plain: T = json::from_str_by_serde(self.0).map_err(|error| format!("by serde: {error}"))?;
        if own != serde || own != plain {
            return Err(format!("the decoders differ: {own:?} and {serde:?} and {plain:?}"));
        }
        print(&own)
    }
}

fn print<T: Serialize>(value: &T) -> Result<Value, String> {
    let mut room = vec![0; 1 << 20];
    let text = json::to_slice(value, &mut room).map_err(|error| error.to_string())?;
    serde_json::from_str(text).map_err(|error| format!("printed {text}: {error}"))
}

/// Where `printed` has another value than `input`, or none; keys that no type models are not looked at.
fn difference(input: &Value, printed: &Value, path: &str) -> Option<String> {
    match (input, printed) {
        (Value::Object(input), Value::Object(printed)) => printed.iter().find_map(|(key, value)| {
            let path = format!("{path}.{key}");
            match input.get(key) {
                Some(before) => difference(before, value, &path),
                None => Some(format!("{path} was not there")),
            }
        }),
        (Value::Array(input), Value::Array(printed)) if input.len() >= printed.len() => input
            .iter()
            .zip(printed)
            .enumerate()
            .find_map(|(index, (input, printed))| difference(input, printed, &format!("{path}[{index}]"))),
        _ if input == printed => None,
        _ => Some(format!("{path}: {input} became {printed}")),
    }
}

#[test]
fn everything_documented_round_trips() {
    let mut wrong = Vec::new();
    let samples = common::samples();
    for sample in &samples {
        let problem = match sample.visit(RoundTrip(&sample.text)) {
            Ok(printed) => difference(&sample.body(), &printed, ""),
            Err(error) => Some(error),
        };
        wrong.extend(problem.map(|problem| format!("{}: {problem}", sample.name())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{} samples", samples.len());
}

/// What is printed of an event that was told by its tag alone; `None` where no event of the market has it.
fn by_tag(market: Market, text: &str) -> Option<Result<Value, String>> {
    macro_rules! by_tag {
        ($market:ident) => {
            match binance_core::$market::Event::decode(text) {
                Ok(binance_core::$market::Event::Other { .. }) => None,
                Ok(event) => Some(print(&event)),
                Err(error) => Some(Err(error.to_string())),
            }
        };
    }
    match market {
        Market::UsdM => by_tag!(usdm),
        Market::CoinM => by_tag!(coinm),
    }
}

#[test]
fn every_documented_event_is_told_by_its_tag() {
    let mut seen = 0;
    for sample in common::samples() {
        let (Place::Stream(market, _) | Place::User(market, _)) = &sample.place else { continue };
        let printed = by_tag(*market, &sample.text).unwrap_or_else(|| panic!("{}: no event", sample.name()));
        assert_eq!(
            Ok(&sample.visit(RoundTrip(&sample.text)).unwrap()),
            printed.as_ref(),
            "{}",
            sample.name()
        );
        seen += 1;
    }
    assert!(seen > 80, "only {seen} samples");
}

/// Decodes by the type's own entrance and by serde alone: the fast decoder must not differ, nor give up in silence.
fn both<'r, E: Event<'r> + PartialEq + Debug>(text: &'r str) {
    assert_eq!(E::decode(text).unwrap(), json::from_str_by_serde::<E>(text).unwrap(), "{text}");
    assert_eq!(E::decode(text).unwrap(), json::from_str::<E>(text).unwrap(), "{text}");
    assert_eq!(E::decode(text).unwrap(), serde_json::from_str::<E>(text).unwrap(), "{text}");
}

/// Numbers that look random and are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }

    /// A text with one to four changes; `None` where it is no text any more.
    fn nearly(&mut self, text: &str) -> Option<String> {
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..1 + self.below(4) {
            let at = self.below(bytes.len());
            // What has a meaning, or what stands elsewhere in the text.
            let signs = br#""[]{},:\0123456789-.eE nulltrue"#;
            let other = match self.below(2) {
                0 => signs[self.below(signs.len())],
                _ => text.as_bytes()[self.below(text.len())],
            };
            match self.below(4) {
                0 => bytes[at] = other,
                1 => bytes.insert(at, other),
                2 if bytes.len() > 1 => drop(bytes.remove(at)),
                // A piece of the text once more, so that brackets and keys are doubled.
                _ => {
                    let start = self.below(text.len());
                    let piece = &text.as_bytes()[start..(start + 1 + self.below(12)).min(text.len())];
                    drop(bytes.splice(at..at, piece.iter().copied()));
                }
            }
        }
        String::from_utf8(bytes).ok()
    }
}

/// Whether `text` can be read, by both decoders, which must agree to the byte that is printed.
fn agree<'r, T: Deserialize<'r> + Serialize + Debug>(text: &'r str) -> bool {
    match (json::from_str::<T>(text), json::from_str_by_serde::<T>(text)) {
        (Ok(fast), Ok(plain)) => {
            let (mut fast_room, mut plain_room) = ([0; 4_096], [0; 4_096]);
            let printed = (json::to_slice(&fast, &mut fast_room), json::to_slice(&plain, &mut plain_room));
            assert_eq!(printed.0, printed.1, "{text}");
            assert_eq!(format!("{fast:?}"), format!("{plain:?}"), "{text}");
            true
        }
        (Err(_), Err(_)) => false,
        (fast, plain) => panic!("{text}: {fast:?} and {plain:?}"),
    }
}

#[test]
fn both_decoders_agree_on_what_is_nearly_right() {
    use binance_core::usdm::{
        account::{AccountInfo, AccountPosition, AccountPositionV2},
        market_data::{ExchangeInfo, Kline, Level, SymbolInfo},
        streams::{AggTrade, BookTicker, DepthUpdate, KlineUpdate, MarkPriceUpdate},
        user_events::{AccountUpdate, OrderTradeUpdate},
    };
    type Agree = fn(&str) -> bool;
    let cases: &[(Agree, &str)] = &[
        (
            |text| agree::<BookTicker>(text),
            r#"{"e":"bookTicker","u":89012345,"E":15,"T":-14,"s":"BTCUSDT","ps":"BTCUSDT","b":"60000.10","B":"12.345","a":"60000.20","A":"0.987","st":1}"#,
        ),
        (
            |text| agree::<AggTrade>(text),
            r#"{"e":"aggTrade","E":1760000000123,"s":"BTCUSDT","a":2987654321,"p":"60000.10","q":0.123,"nq":null,"f":1,"l":2,"T":3,"m":true,"x":{"y":[1,"]"]},"st":1}"#,
        ),
        (
            |text| agree::<MarkPriceUpdate>(text),
            r#"{"e":"markPriceUpdate","E":1,"s":"BTCUSDT","p":"60000.12345678","i":"","P":"null","r":"","ap":"6e2","T":0,"ps":"A","st":1}"#,
        ),
        (
            |text| agree::<KlineUpdate>(text),
            r#"{"e":"kline","E":1,"s":"BTCUSDT","k":{"t":1,"T":2,"s":"BTCUSDT","i":"1m","f":-1,"L":-1,"o":"1.0","c":"1","h":"1","l":"1","v":"0","n":0,"x":false,"q":"0","V":"0","Q":"0","B":"0"},"ps":"BTCUSDT"}"#,
        ),
        (
            |text| agree::<DepthUpdate<'_>>(text),
            r#"{"e":"depthUpdate","E":1,"T":2,"s":"BTCUSDT","U":3,"u":4,"pu":2,"b":[["1.0","2"],["0.9","0"],["0.8","0"]],"a":[["1.1","2"]],"st":1}"#,
        ),
        (
            |text| agree::<OrderTradeUpdate>(text),
            r#"{"e":"ORDER_TRADE_UPDATE","E":1,"T":2,"o":{"s":"BTCUSDT","c":"x-17","S":"BUY","o":"LIMIT","f":"GTC","q":"0.123","p":"60000.10","x":"TRADE","X":"NEW","i":8886774123456,"l":"0","N":null,"rp":"-1.25","m":true,"ps":"BOTH","si":-1,"gtd":0,"er":"0"}}"#,
        ),
        (
            |text| agree::<AccountUpdate<'_>>(text),
            r#"{"e":"ACCOUNT_UPDATE","E":1,"T":2,"a":{"m":"ORDER","B":[{"a":"USDT","wb":"1.5","cw":"1","bc":"0"}],"P":[{"s":"BTCUSDT","pa":"-1","ps":"BOTH"}]}}"#,
        ),
        (|text| agree::<Level>(text), r#"["60000.10","12.345"]"#),
        (|text| agree::<Level>(text), r#"["60000.10",12.5,"more",[1]]"#),
        (
            |text| agree::<Kline>(text),
            r#"[1760000000000,"1.5","2.5","0.5","1.0","17.25",1760000059999,"7408593.98765",1359,"60.123","3607981.9","0"]"#,
        ),
        (
            |text| agree::<AccountInfo<'_>>(text),
            r#"{"totalInitialMargin":"0.00","assets":[{"asset":"USDT","walletBalance":"1"}],"positions":[{"symbol":"BTCUSDT","positionSide":"BOTH"}]}"#,
        ),
        (
            |text| agree::<AccountPosition>(text),
            r#"{"positionSide":"BOTH","symbol":"BTCUSDT","positionAmt":"-1.5","notional":"12.25","updateTime":17}"#,
        ),
        (
            |text| agree::<AccountPositionV2>(text),
            r#"{"symbol":"BTCUSDT","leverage":"20","isolated":true,"entryPrice":"0.0","positionSide":"LONG","updateTime":0}"#,
        ),
        (
            |text| agree::<SymbolInfo<'_>>(text),
            r#"{"symbol":"BTCUSDT","contractType":"PERPETUAL","onboardDate":1,"baseAsset":"BTC","pricePrecision":2,"underlyingSubType":["PoW"],"settlePlan":-0,"filters":[{"filterType":"LOT_SIZE","limit":5}],"orderTypes":["LIMIT","NEW"]}"#,
        ),
        (
            |text| agree::<ExchangeInfo<'_>>(text),
            r#"{"timezone":"UTC","exchangeFilters":[],"rateLimits":[{"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":5}],"symbols":[]}"#,
        ),
    ];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut read, mut refused) = (0, 0);
    for (agree, text) in cases {
        assert!(agree(text), "{text}");
        for _ in 0..4_000 {
            let Some(text) = random.nearly(text) else { continue };
            *(if agree(&text) { &mut read } else { &mut refused }) += 1;
        }
    }
    assert!(read > 1_000 && refused > 1_000, "{read} read, {refused} refused");
}

/// Reads a text by both decoders, which must agree to the byte that is printed; answers whether it can be read.
struct NearlyRight<'r>(&'r str);

impl<'r> ReplyVisitor<'r> for NearlyRight<'r> {
    type Output = bool;

    fn visit<T>(self, read: fn(&'r [u8]) -> Result<T, json::Error>) -> bool
    where
        T: Deserialize<'r> + Serialize + PartialEq + core::fmt::Debug + 'r,
    {
        match (read(self.0.as_bytes()), json::from_str_by_serde::<T>(self.0)) {
            (Ok(fast), Ok(plain)) => {
                let printed = [fast, plain].map(|value| {
                    let mut room = vec![0; self.0.len() * 6 + 1024];
                    json::to_slice(&value, &mut room).map(str::to_owned)
                });
                assert_eq!(printed[0], printed[1], "{}", self.0);
                true
            }
            (Err(_), Err(_)) => false,
            (fast, plain) => panic!("{}: {fast:?} and {plain:?}", self.0),
        }
    }
}

#[test]
fn both_decoders_agree_on_every_event_that_is_nearly_right() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let (mut read, mut refused) = (0, 0);
    for sample in common::samples() {
        if matches!(sample.place, Place::Rest(..)) {
            continue;
        }
        for _ in 0..100 {
            let Some(text) = random.nearly(&sample.text) else { continue };
            *(if sample.visit(NearlyRight(&text)) { &mut read } else { &mut refused }) += 1;
        }
    }
    assert!(read > 1_000 && refused > 1_000, "{read} read, {refused} refused");
}

#[test]
fn both_event_decoders_agree_in_any_order_and_with_surprises() {
    use binance_core::usdm::streams::{BookTicker, DepthUpdate, KlineUpdate};
    for text in [
        r#"{"e":"bookTicker","u":7,"E":15,"T":14,"s":"BTCUSDT","b":"60000.10","B":"0.5","a":"60000.20","A":"1.25"}"#,
        r#"{"e":"bookTicker","u":7,"s":"BTCUSDT","b":"60000.10","B":"0.5","a":"60000.20","A":"1.25","T":14,"E":15}"#,
        r#"{"A":"1.25","a":"60000.20","B":"0.5","b":"60000.10","s":"BTCUSDT","T":14,"E":15,"u":7,"e":"bookTicker"}"#,
        r#" { "e" : "bookTicker" , "s":"BTC\u0055SDT","b":"1","B":"2","a":"3","A":"4","new":{"x":[1,"}"]},"E":null } "#,
        r#"{"e":"bookTicker","s":"币安人生USDT","b":1.5,"B":2e2,"a":"3","A":"-4.00","st":1,"ps":"币安人生USDT","u":0}"#,
    ] {
        both::<BookTicker>(text);
    }
    both::<DepthUpdate<'_>>(
        r#"{"e":"depthUpdate","E":1,"T":2,"s":"BTCUSDT","U":3,"u":4,"pu":2,"b":[["1.0","2"],["0.9","0"]],"a":[]}"#,
    );
    both::<KlineUpdate>(
        r#"{"e":"kline","E":1,"s":"BTCUSDT","k":{"t":1,"T":2,"s":"BTCUSDT","i":"2m","f":-1,"L":-1,"o":"1","c":"1","h":"1","l":"1","v":"0","n":0,"x":false,"q":"0","V":"0","Q":"0","B":"0"}}"#,
    );
    for broken in [
        r#"{"e":"bookTicker"}"#,
        r#"{"e":"bookTicker","s":"BTCUSDT","b":"x","B":"2","a":"3","A":"4"}"#,
        r#"{"e":"bookTicker","s":"BTCUSDT","b":"1","B":"2","a":"3","A":"4""#,
        r#"{"e":"bookTicker","s":"BTCUSDT","b":"1","B":"2","a":"3","A":"4"}}"#,
        r#"{"e":"bookTicker","s":"A SYMBOL THAT IS LONGER THAN ANY ROOM","b":"1","B":"2","a":"3","A":"4"}"#,
    ] {
        assert!(BookTicker::decode(broken).is_err(), "{broken}");
    }
}
