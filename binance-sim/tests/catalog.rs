//! Everything that is declared is served: endpoints, but for those that are listed here, streams and events.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::{collections::BTreeSet, fmt::Debug, time::Duration};

use binance_core::{
    CATALOG, Decimal, Market, ReplyVisitor,
    endpoint::Meta,
    json,
    param::Kind,
    stream::{EVENTS, PartForm, STREAMS, StreamMeta},
};
use binance_sim::Sim;
use common::{moving, send, sign_now, signed, still, stream::Socket};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What still answers 501.
const MISSING: &[&str] = &[];

/// Something for every mandatory parameter, so that the request gets past the door.
fn params(meta: &Meta) -> String {
    let mandatory = meta.params.iter().filter(|param| param.mandatory);
    let filled = mandatory.map(|param| {
        let value = match param.kind {
            Kind::Enum(words) => words[0],
            Kind::Flag => "true",
            _ => "1",
        };
        format!("{}={value}", param.name)
    });
    filled.collect::<Vec<_>>().join("&")
}

#[test]
fn exactly_the_listed_endpoints_are_missing() {
    let sim = still().weight_limit(u32::MAX).order_limits(u32::MAX, u32::MAX).start().unwrap();
    let key = &sim.keys().hmac;
    let mut missing = Vec::new();
    for meta in CATALOG.iter() {
        let params = params(meta);
        let query = if meta.security.is_signed() { sign_now(&sim, key, &params) } else { params };
        let method = meta.method.as_str();
        let reply = send(&sim, method, &format!("{}?{query}", meta.path), Some(&key.api_key), "");
        assert_ne!(reply.status, 404, "{method} {}", meta.path);
        if reply.status == 501 {
            assert_eq!(reply.code(), -1020);
            missing.push(format!("{method} {}", meta.path));
        } else {
            assert!(!reply.body.contains("-1022"), "{method} {}", meta.path);
        }
    }
    missing.sort();
    missing.dedup();
    assert_eq!(missing, MISSING);
}

/// Reads a frame with the type that is declared for it, by stream or by tag.
struct Declared<'r>(&'r str);

impl<'r> ReplyVisitor<'r> for Declared<'r> {
    type Output = Result<String, String>;

    fn visit<T>(self, read: fn(&'r [u8]) -> Result<T, json::Error>) -> Self::Output
    where
        T: Deserialize<'r> + Serialize + PartialEq + Debug + 'r,
    {
        let value = read(self.0.as_bytes()).map_err(|error| error.to_string())?;
        serde_json::to_string(&value).map_err(|error| error.to_string())
    }
}

/// The names of a stream, every choice made once. Without those of contracts that are not traded here.
fn names(stream: &StreamMeta) -> Vec<String> {
    let linear = stream.market == Market::UsdM;
    let composite = stream.pattern.ends_with("@compositeIndex");
    let mut names = vec![stream.pattern.to_owned()];
    for part in stream.parts {
        let values: Vec<&str> = match (part.form, part.name) {
            (PartForm::OneOf(values), "contract_type") => {
                let traded = if linear { &["perpetual"][..] } else { &["perpetual", "current_quarter"] };
                values.iter().copied().filter(|value| traded.contains(value)).collect()
            }
            // Candles of a second are those of continuous contracts on USDⓈ-M alone.
            (PartForm::OneOf(values), "interval") if !(linear && stream.pattern.contains("continuous")) => {
                values.iter().copied().filter(|value| *value != "1s").collect()
            }
            (PartForm::OneOf(values), _) => values.to_vec(),
            (PartForm::Name, "asset_symbol") => vec!["usdcusd", "btcusd"],
            (PartForm::Name, "symbol") if composite => vec!["defiusdt"],
            (PartForm::Name, "symbol") => vec![if linear { "btcusdt" } else { "btcusd_perp" }],
            (PartForm::Name, "pair") => vec![if linear { "btcusdt" } else { "btcusd" }],
            (form, name) => panic!("{name} of {form:?}"),
        };
        assert!(!values.is_empty(), "{}", stream.pattern);
        let place = format!("{{{}}}", part.name);
        names =
            names.iter().flat_map(|name| values.iter().map(|value| name.replace(&place, value))).collect();
    }
    names
}

/// The tags of a frame: of each element where it is a list.
fn tags(frame: &Value) -> Vec<String> {
    let list = frame.as_array().cloned().unwrap_or_else(|| vec![frame.clone()]);
    list.iter().map(|one| one["e"].as_str().unwrap().to_owned()).collect()
}

fn read_event(market: Market, tag: &str, text: &str) {
    let read = EVENTS.visit(market, tag, Declared(text));
    let read = read.unwrap_or_else(|| panic!("{tag} of {market:?} is not declared"));
    read.unwrap_or_else(|error| panic!("{tag}: {error}: {text}"));
}

#[tokio::test]
async fn every_declared_stream_speaks_and_every_declared_event_is_told() {
    let long = Duration::from_secs(1_000_000);
    let sim = moving().ping_interval(long).listen_key_life(long).start().unwrap();
    let mut seen = BTreeSet::new();
    for stream in STREAMS.iter().filter(|stream| stream.pattern != "{listen_key}") {
        let names = names(stream);
        let host = if stream.market == Market::UsdM { stream.route.unwrap().path() } else { "/dstream" };
        let mut socket = Socket::open(&sim, &format!("{host}/stream?streams={}", names.join("/"))).await;
        let mut silent: BTreeSet<_> = names.iter().cloned().collect();
        for _ in 0..200 {
            sim.tell_contract(if stream.market == Market::UsdM { "BTCUSDT" } else { "BTCUSD_PERP" });
            sim.advance(Duration::from_secs(3));
            for text in socket.drain_text().await {
                let frame: Value = serde_json::from_str(&text).unwrap();
                let name = frame["stream"].as_str().unwrap();
                let data = text.split_once("\"data\":").unwrap().1;
                let data = &data[..data.len() - 1];
                seen.extend(tags(&frame["data"]).into_iter().map(|tag| (stream.market.host(), tag)));
                if silent.remove(name) {
                    let read = STREAMS.visit_events(stream, Declared(data)).unwrap();
                    read.unwrap_or_else(|error| panic!("{name}: {error}: {data}"));
                    assert_eq!(STREAMS.find(stream.market, name), Some(stream), "{name}");
                }
            }
            if silent.is_empty() {
                break;
            }
        }
        assert!(silent.is_empty(), "silent: {silent:?}");
    }
    for market in [Market::UsdM, Market::CoinM] {
        for text in tell_everything(&sim, market).await {
            let tag = tags(&serde_json::from_str(&text).unwrap()).remove(0);
            read_event(market, &tag, &text);
            seen.insert((market.host(), tag));
        }
    }
    for event in EVENTS.iter() {
        for tag in event.tags {
            assert!(seen.contains(&(event.market.host(), (*tag).to_owned())), "{tag} of {:?}", event.market);
        }
    }
}

/// Everything that the account can be told on a market.
async fn tell_everything(sim: &Sim, market: Market) -> Vec<String> {
    let (root, path, symbol, quantity, asset) = match market {
        Market::UsdM => ("/fapi/v1", "/private/ws", "BTCUSDT", "0.1", "USDT"),
        Market::CoinM => ("/dapi/v1", "/dstream/ws", "BTCUSD_PERP", "10", "BTC"),
    };
    let key = send(sim, "POST", &format!("{root}/listenKey"), Some(&sim.keys().hmac.api_key), "").good();
    let mut socket = Socket::open(sim, &format!("{path}/{}", key["listenKey"].as_str().unwrap())).await;
    let post = |path: &str, params: &str| {
        signed(sim, "POST", &format!("{root}/{path}"), &format!("symbol={symbol}&{params}")).good()
    };
    post("leverage", "leverage=10");
    post("marginType", "marginType=ISOLATED");
    let order = format!("side=BUY&type=MARKET&quantity={quantity}");
    post("order", &order);
    post("positionMargin", "amount=0.01&type=1");
    post(
        "algoOrder",
        &format!(
            "algoType=CONDITIONAL&side=SELL&type=TRAILING_STOP_MARKET&callbackRate=5&quantity={quantity}"
        ),
    );
    let risk = |field: &str| {
        let path = if market == Market::UsdM { "/fapi/v2/positionRisk" } else { "/dapi/v1/positionRisk" };
        let risks = signed(sim, "GET", path, "").good();
        let risk = risks.as_array().unwrap().iter().find(|risk| risk["symbol"] == symbol).unwrap();
        risk[field].as_str().unwrap().parse::<Decimal>().unwrap()
    };
    let above = risk("liquidationPrice").checked_add(Decimal::new(20, 0).unwrap()).unwrap();
    sim.set_price(symbol, above);
    for name in ["GRID_UPDATE", "STRATEGY_UPDATE", "CONDITIONAL_ORDER_TRIGGER_REJECT"] {
        assert_eq!(sim.tell_event(name, symbol), market == Market::UsdM || !name.starts_with("COND"));
    }
    assert!(sim.transfer(market, asset, Decimal::ONE, "DEPOSIT"));
    sim.expire_listen_keys();
    socket.drain_text().await
}

trait HostName {
    fn host(self) -> &'static str;
}

impl HostName for Market {
    fn host(self) -> &'static str {
        if self == Self::UsdM { "usdm" } else { "coinm" }
    }
}
