//! Every endpoint of the catalog, sent over hyper to the simulated exchange and answered with a value that can be read
//! to its last element.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(feature = "hyper")]

mod coinm;
#[path = "../../../binance-core/examples/decode/drift.rs"]
mod drift;
mod usdm;

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use binance_core::{
    CATALOG,
    endpoint::{Endpoint, Market, Meta, Method},
    time::Millis,
    usdm::market_data::Trades,
};
use binance_http::{Client, Reply, clock::TimeSource};
use binance_sign::{Credentials, Hmac};
use binance_sim::Sim;
use serde::Serialize;

/// What identifies an endpoint.
type Row = (Market, Method, &'static str);

/// The endpoints that have no row to tell of, and why.
const WITHOUT_ROWS: [(Row, &str); 2] = [
    ((Market::UsdM, Method::Get, "/fapi/v1/forceOrders"), "nobody was liquidated"),
    ((Market::CoinM, Method::Get, "/dapi/v1/forceOrders"), "nobody was liquidated"),
];

/// 2026-01-01 07:59 UTC: a minute before funding is paid.
const START: i64 = 1_767_254_340_000;

#[tokio::test]
async fn every_endpoint_is_answered() {
    // Everything together weighs over 7,000, of 2,400 a minute.
    let builder = Sim::builder().quiet().manual_time().start_time(START).weight_limit(100_000);
    let mut sends = Sends::to(Arc::new(builder.start().unwrap()));

    usdm::settings(&mut sends).await;
    coinm::settings(&mut sends).await;
    usdm::positions(&mut sends).await;
    coinm::positions(&mut sends).await;
    sends.sim.advance(Duration::from_secs(120));
    usdm::trade(&mut sends).await;
    coinm::trade(&mut sends).await;
    usdm::account(&mut sends).await;
    coinm::account(&mut sends).await;
    usdm::market_data(&mut sends).await;
    coinm::market_data(&mut sends).await;

    sends.finish();
}

/// What [`Sends::send`] relies on.
#[test]
fn an_element_that_cannot_be_read_is_found() {
    let of = |body: &str| {
        drift::of(&Trades::new("BTCUSDT").decode(body.as_bytes()).unwrap(), body)
            .map_err(|unread| unread.to_string())
    };
    let trade = r#"{"id":1,"price":"2","qty":"3","quoteQty":"6","time":4,"isBuyerMaker":true}"#;
    assert!(of(&format!("[{trade}]")).is_ok());
    assert!(of(&format!("[{trade},{}]", trade.replace(r#""2""#, r#""two""#))).is_err());
}

/// The client, and what went through it.
struct Sends {
    sim: Arc<Sim>,
    client: Client,
    sent: HashSet<Row>,
    /// Answered with something, not with an empty list only.
    told: HashSet<Row>,
}

impl Sends {
    fn to(sim: Arc<Sim>) -> Self {
        let key = &sim.keys().hmac;
        let credentials = Credentials::new(&key.api_key, Hmac::new(key.secret.as_bytes())).unwrap();
        let client = Client::builder()
            .base_url(&sim.urls().rest)
            .credentials(credentials)
            .time_source(SimTime { sim: sim.clone(), start: Instant::now() })
            .without_pool()
            .build()
            .unwrap();
        Self { sim, client, sent: HashSet::new(), told: HashSet::new() }
    }

    /// The time at the exchange.
    fn now(&self) -> i64 {
        self.sim.now()
    }

    /// Sends a request and reads all of the reply.
    async fn send<E>(&mut self, request: &E) -> Reply<E>
    where
        E: Endpoint + Clone + Sync,
        for<'r> E::Reply<'r>: Serialize,
    {
        let meta = request.meta();
        let reply = self.client.send(request).await.unwrap_or_else(|error| panic!("{}: {error}", told(meta)));
        let value = reply.value().unwrap_or_else(|error| panic!("{}: {error}", told(meta)));
        let text = std::str::from_utf8(reply.body()).unwrap();
        drift::of(&value, text).unwrap_or_else(|unread| panic!("{}: {unread}\n{text}", told(meta)));
        drop(value);
        self.sent.insert(row(meta));
        if text != "[]" {
            self.told.insert(row(meta));
        }
        reply
    }

    /// Sends a request about one thing, which is answered with an object, and one about all, which is answered with a
    /// list.
    async fn send_both<E>(&mut self, one: &E, all: &E)
    where
        E: Endpoint + Clone + Sync,
        for<'r> E::Reply<'r>: Serialize,
    {
        for (request, begin) in [(one, b'{'), (all, b'[')] {
            let reply = self.send(request).await;
            assert_eq!(reply.body().first(), Some(&begin), "{}", told(request.meta()));
        }
    }

    /// Compares what was sent with what there is.
    fn finish(self) {
        let unsent: Vec<_> =
            CATALOG.iter().filter(|meta| !self.sent.contains(&row(meta))).map(told).collect();
        assert!(unsent.is_empty(), "not sent by this test: {unsent:#?}");
        let declared: HashSet<_> = CATALOG.iter().map(row).collect();
        let unknown: Vec<_> = self.sent.difference(&declared).collect();
        assert!(unknown.is_empty(), "not in the catalog: {unknown:#?}");

        let silent: HashSet<_> = self.sent.difference(&self.told).copied().collect();
        assert_eq!(silent, WITHOUT_ROWS.iter().map(|(row, _)| *row).collect(), "answered with no row");

        // The exchange has seen them too, and refused none.
        let received = self.sim.truth().received;
        for (_, method, path) in &declared {
            let seen = received.iter().any(|seen| seen.method == method.as_str() && seen.path == *path);
            assert!(seen, "{} {path} did not arrive", method.as_str());
        }
        let refused: Vec<_> = received.iter().filter(|seen| seen.status != 200).collect();
        assert!(refused.is_empty(), "{refused:#?}");

        let count = |market| self.sent.iter().filter(|(of, _, _)| *of == market).count();
        println!("{} endpoints of USDⓈ-M, {} of COIN-M sent", count(Market::UsdM), count(Market::CoinM));
    }
}

/// The clock of the exchange, which stands still until it is moved.
struct SimTime {
    sim: Arc<Sim>,
    start: Instant,
}

impl TimeSource for SimTime {
    fn unix(&self) -> Millis {
        Millis(self.sim.now())
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}

fn row(meta: &Meta) -> Row {
    (meta.market, meta.method, meta.path)
}

fn told(meta: &Meta) -> String {
    format!("{:?} {} {} ({})", meta.market, meta.method.as_str(), meta.path, meta.name)
}
