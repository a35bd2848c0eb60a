//! What is logged, and what never is.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(all(feature = "hyper", feature = "tracing"))]

mod support;

use std::{
    fmt::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use binance_core::{
    decimal::dec,
    enums::Side,
    usdm::{
        trade::NewOrder,
        user_data_streams::{CloseUserDataStream, KeepaliveUserDataStream, StartUserDataStream},
    },
};
use binance_http::{Client, request::Placement};
use binance_sign::{Credentials, Hmac};
use binance_sim::{Fault, Sim, What};
use tokio::runtime::{Builder as Runtime, Runtime as Running};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use self::support::{
    is::{Is, is},
    scenarios::{self, Sends},
};

/// Writes everything of every level to one text.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut text = self.0.lock().unwrap();
        write!(text, "span {}", attributes.metadata().name()).unwrap();
        attributes.record(&mut Line(&mut text));
        text.push('\n');
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut text = self.0.lock().unwrap();
        text.push_str("record");
        values.record(&mut Line(&mut text));
        text.push('\n');
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = self.0.lock().unwrap();
        write!(text, "{} {}", event.metadata().level(), event.metadata().target()).unwrap();
        event.record(&mut Line(&mut text));
        text.push('\n');
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Logged {
    runtime: Running,
    client: Client,
    /// What errors and replies show of themselves.
    shown: String,
}

impl Sends for Logged {
    fn order(&mut self, symbol: &str, client_order_id: &str, hurried: bool) -> Result<u64, Is> {
        let client = self.client.with_timeout(Duration::from_millis(if hurried { 200 } else { 10_000 }));
        let order = NewOrder::limit(symbol, Side::Buy, dec!("0.010"), dec!("20000.0"))
            .new_client_order_id(client_order_id);
        let result = self.runtime.block_on(client.send(&order));
        write!(self.shown, "{result:?}").unwrap();
        let order = result.and_then(|reply| reply.value().map(|order| order.order_id));
        order.map_err(|error| {
            let mut source: Option<&dyn std::error::Error> = Some(&error);
            while let Some(error) = source {
                write!(self.shown, "{error} {error:?}").unwrap();
                source = error.source();
            }
            is(&error)
        })
    }

    fn time(&mut self) -> Result<i64, Is> {
        let time = self.runtime.block_on(self.client.fetch(&binance_core::usdm::market_data::Time::new()));
        time.map(|time| time.server_time.0).map_err(|error| is(&error))
    }
}

#[test]
fn no_secret_is_logged_and_all_else_is() {
    let log = Everything::default();
    tracing::subscriber::set_global_default(log.clone()).unwrap();

    let mut secrets = vec!["0123456789abcdef".to_owned()];
    let mut shown = String::new();
    for placement in [Placement::Query, Placement::Body] {
        let sim = Sim::builder().quiet().start().unwrap();
        let key = &sim.keys().hmac;
        secrets.extend([key.api_key.clone(), key.secret.clone()]);
        let credentials = Credentials::new(&key.api_key, Hmac::new(key.secret.as_bytes())).unwrap();
        let builder =
            Client::builder().base_url(&sim.urls().rest).credentials(credentials).placement(placement);
        let builder = builder.resync_clock(false);
        write!(shown, "{builder:?}").unwrap();
        let client = builder.build().unwrap();
        write!(shown, "{client:?}").unwrap();
        let runtime = Runtime::new_current_thread().enable_all().build().unwrap();

        let listen_key =
            runtime.block_on(client.fetch(&StartUserDataStream::new())).unwrap().listen_key.unwrap();
        secrets.push(listen_key.as_str().to_owned());
        runtime.block_on(client.fetch(&KeepaliveUserDataStream::new())).unwrap();
        runtime.block_on(client.fetch(&CloseUserDataStream::new())).unwrap();

        // A gateway that shows what it was asked, key and all.
        let body = format!("<html>{} /fapi/v1/order?signature=0123456789abcdef</html>", key.api_key);
        sim.fault(Fault::new(What::Reply { status: 403, content_type: "text/html".to_owned(), body }));
        let mut logged = Logged { runtime, client, shown };
        assert!(logged.order("BTCUSDT", "shown", false).is_err());

        scenarios::run(&sim, &mut logged);
        shown = logged.shown;

        for request in &sim.truth().received {
            let parameters = format!("{}&{}", request.query, String::from_utf8_lossy(&request.body));
            secrets.extend(
                parameters.split('&').filter_map(|p| p.strip_prefix("signature=")).map(str::to_owned),
            );
        }
    }
    assert!(secrets.len() > 40, "{}", secrets.len());

    let text = log.0.lock().unwrap().clone() + &shown;
    for secret in &secrets {
        assert!(!secret.is_empty() && !text.contains(secret.as_str()), "{secret} is shown");
    }

    // What there is to see.
    for part in [
        "DEBUG binance_http message=sending method=\"POST\" url=http://127.0.0.1:",
        "/fapi/v1/order?symbol=BTCUSDT&",
        "&signature=*** payload=\n",
        "payload=symbol=BTCUSDT&",
        "DEBUG binance_http message=replied status=200 elapsed=",
        "\"clientOrderId\":\"scenario-0\"",
        "reply={\"listenKey\":\"***\"}",
        "span request method=\"POST\" path=\"/fapi/v1/order\" endpoint=\"NewOrder\" weight=",
        "record outcome=outcome unknown",
        "record outcome=\"success\"",
        "message=no reply outcome=outcome unknown error=the connection ended",
    ] {
        assert!(text.contains(part), "{part} is not shown in {}", &text[..text.len().min(5_000)]);
    }
}
