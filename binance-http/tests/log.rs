//! What is logged, and what never is.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(all(feature = "hyper", feature = "blocking", feature = "redis", feature = "tracing"))]

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
        market_data::Time,
        trade::{CancelOrder, NewAlgoOrder, NewBatchOrders, NewOrder, OpenOrders},
        user_data_streams::{CloseUserDataStream, KeepaliveUserDataStream, StartUserDataStream},
    },
};
use binance_http::{
    Client, Error, Outcome, Reply, Retry, blocking,
    dial::{Proxy, Way},
    hyper::Hyper,
    redis::Redis,
    request::Placement,
};
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
    server::{Server, Step},
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

/// A client under test.
enum Tested {
    Hyper(Running, Client),
    Blocking(blocking::Client),
}

impl Tested {
    fn order<'o>(&self, order: &NewOrder<'o>, timeout: Duration) -> Result<Reply<NewOrder<'o>>, Error> {
        match self {
            Self::Hyper(runtime, client) => runtime.block_on(client.with_timeout(timeout).send(order)),
            Self::Blocking(client) => client.with_timeout(timeout).send(order),
        }
    }
}

struct Logged {
    tested: Tested,
    /// What errors and replies show of themselves.
    shown: String,
}

impl Sends for Logged {
    fn order(&mut self, symbol: &str, client_order_id: &str, hurried: bool) -> Result<u64, Is> {
        let timeout = Duration::from_millis(if hurried { 200 } else { 10_000 });
        let order = NewOrder::limit(symbol, Side::Buy, dec!("0.010"), dec!("20000.0"))
            .new_client_order_id(client_order_id);
        let result = self.tested.order(&order, timeout);
        write!(self.shown, "{result:?}").unwrap();
        let order = result.and_then(|reply| reply.value().map(|order| order.order_id));
        order.map_err(|error| {
            show(&mut self.shown, &error);
            is(&error)
        })
    }

    fn time(&mut self) -> Result<i64, Is> {
        let time = match &self.tested {
            Tested::Hyper(runtime, client) => runtime.block_on(client.fetch(&Time::new())),
            Tested::Blocking(client) => client.fetch(&Time::new()),
        };
        time.map(|time| time.server_time.0).map_err(|error| is(&error))
    }
}

/// Writes all that an error and its causes show.
fn show(shown: &mut String, error: &dyn std::error::Error) {
    let mut source = Some(error);
    while let Some(error) = source {
        write!(shown, "{error} {error:?} {error:#?}").unwrap();
        source = error.source();
    }
}

/// What must not be seen, and what was seen but for the log.
#[derive(Default)]
struct Watched {
    secrets: Vec<String>,
    shown: String,
}

impl Watched {
    fn credentials(&mut self, sim: &Sim) -> Credentials<Hmac> {
        let key = &sim.keys().hmac;
        self.secrets.extend([key.api_key.clone(), key.secret.clone()]);
        Credentials::new(&key.api_key, Hmac::new(key.secret.as_bytes())).unwrap()
    }

    /// The signatures that the exchange was sent.
    fn signatures(&mut self, sim: &Sim) {
        for request in &sim.truth().received {
            let parameters = format!("{}&{}", request.query, String::from_utf8_lossy(&request.body));
            let signatures = parameters.split('&').filter_map(|p| p.strip_prefix("signature="));
            self.secrets.extend(signatures.map(str::to_owned));
        }
    }

    /// All scenarios over one client, and a gateway that shows what it was asked, key and all.
    fn scenarios(&mut self, sim: &Sim, tested: Tested) {
        let body =
            format!("<html>{} /fapi/v1/order?signature=0123456789abcdef</html>", sim.keys().hmac.api_key);
        sim.fault(Fault::new(What::Reply { status: 403, content_type: "text/html".to_owned(), body }));
        self.secrets.push("0123456789abcdef".to_owned());
        let mut logged = Logged { tested, shown: String::new() };
        assert!(logged.order("BTCUSDT", "shown", false).is_err());
        scenarios::run(sim, &mut logged);
        self.shown += &logged.shown;
        self.signatures(sim);
    }
}

fn runtime() -> Running {
    Runtime::new_current_thread().enable_all().build().unwrap()
}

fn over_hyper(watched: &mut Watched, placement: Placement) {
    let sim = Sim::builder().quiet().start().unwrap();
    let builder = Client::builder()
        .base_url(&sim.urls().rest)
        .credentials(watched.credentials(&sim))
        .placement(placement)
        .resync_clock(false);
    write!(watched.shown, "{builder:?}").unwrap();
    let client = builder.build().unwrap();
    write!(watched.shown, "{client:?}").unwrap();
    let runtime = runtime();
    let listen_key = runtime.block_on(client.fetch(&StartUserDataStream::new())).unwrap().listen_key.unwrap();
    watched.secrets.push(listen_key.as_str().to_owned());
    runtime.block_on(client.fetch(&KeepaliveUserDataStream::new())).unwrap();
    runtime.block_on(client.fetch(&CloseUserDataStream::new())).unwrap();
    watched.scenarios(&sim, Tested::Hyper(runtime, client));
}

fn blocking(watched: &mut Watched) {
    let sim = Sim::builder().quiet().start().unwrap();
    let builder = blocking::Client::builder().base_url(&sim.urls().rest).resync_clock(false);
    let client = builder.credentials(watched.credentials(&sim)).build_blocking().unwrap();
    write!(watched.shown, "{client:?}").unwrap();
    watched.scenarios(&sim, Tested::Blocking(client));
}

/// Orders of every kind whose replies are lost, and reads that are tried again.
fn in_doubt(watched: &mut Watched) {
    let sim = Sim::builder().quiet().start().unwrap();
    let builder = Client::builder().base_url(&sim.urls().rest).credentials(watched.credentials(&sim));
    let retry = Retry::attempts_of(3).waits(Duration::from_millis(1), Duration::from_millis(1));
    let client = builder.retry(retry).build().unwrap();
    runtime().block_on(async {
        let order = NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.010"), dec!("20000.0"));
        let stop = NewAlgoOrder::stop_market("BTCUSDT", Side::Sell, dec!("0.010"), dec!("20000.0"));
        sim.fault(Fault::new(What::CloseAfterProcessing).on("POST", "/fapi/v1/*").times(3));
        let failure = client.place(&order).await.unwrap_err();
        show(&mut watched.shown, &failure);
        write!(watched.shown, "{:?}", client.resolve(&failure.order).await.unwrap()).unwrap();
        let failure = client.place(&stop).await.unwrap_err();
        show(&mut watched.shown, &failure);
        write!(watched.shown, "{:?}", client.resolve(&failure.order).await.unwrap()).unwrap();
        let orders = [order];
        let batch = client.place_batch(&NewBatchOrders::of(&orders).unwrap()).await;
        assert_eq!(batch.result.as_ref().unwrap_err().outcome(), Outcome::Unknown);
        write!(watched.shown, "{batch:?}").unwrap();

        let cancel = CancelOrder::by_client_id("BTCUSDT", batch.orders[0].client_order_id());
        sim.fault(Fault::new(What::CutBody).on("DELETE", "/fapi/v1/order"));
        show(&mut watched.shown, &client.send(&cancel).await.unwrap_err());
        write!(watched.shown, "{:?}", client.resolve_change(&cancel).await.unwrap()).unwrap();

        sim.fault(Fault::new(What::BadGateway).on("GET", "").times(2));
        client.send(&OpenOrders::new().symbol("BTCUSDT")).await.unwrap();
        sim.set_clock_skew(90_000);
        client.send(&OpenOrders::new().symbol("BTCUSDT")).await.unwrap();
    });
    watched.signatures(&sim);
}

/// Proxies that want a password, and a budget that does.
fn behind_passwords(watched: &mut Watched) {
    const PASSWORD: &str = "pass-word-of-a-proxy";
    // "user:pass-word-of-a-proxy" in base64.
    const BASIC: &str = "dXNlcjpwYXNzLXdvcmQtb2YtYS1wcm94eQ==";
    watched.secrets.extend([PASSWORD, BASIC, "password-of-redis"].map(str::to_owned));
    let sim = Sim::builder().quiet().start().unwrap();
    let time = || Step::reply("200 OK", r#"{"serverTime":1}"#);
    let read = |count| Step::Read(count);
    for (scheme, script, admitted) in [
        (
            "http",
            vec![
                Step::Request,
                Step::Write(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()),
                Step::Request,
                time(),
                Step::Request,
                time(),
            ],
            true,
        ),
        ("http", vec![Step::Request, Step::reply("407 Proxy Authentication Required", "")], false),
        (
            "socks5",
            vec![read(4), Step::Write(vec![5, 2]), read(3 + 4 + PASSWORD.len()), Step::Write(vec![1, 1])],
            false,
        ),
    ] {
        let server = Server::start(vec![script]);
        let address = server.url.strip_prefix("http://").unwrap();
        let proxy = Proxy::parse(&format!("{scheme}://user:{PASSWORD}@{address}")).unwrap();
        write!(watched.shown, "{proxy:?}").unwrap();
        let way = Way::new().proxy(proxy);
        write!(watched.shown, "{way:?}").unwrap();
        let hyper = Hyper::new().way(way);
        write!(watched.shown, "{hyper:?}").unwrap();
        let builder = Client::over(hyper).base_url("http://exchange.test").allow_insecure(true);
        let client = builder.credentials(watched.credentials(&sim)).build().unwrap();
        write!(watched.shown, "{client:?}").unwrap();
        match runtime().block_on(client.send(&Time::new())) {
            Ok(reply) => write!(watched.shown, "{reply:?}").unwrap(),
            Err(error) => show(&mut watched.shown, &error),
        }
        let runtime = runtime();
        let error =
            runtime.block_on(client.with_timeout(Duration::from_millis(200)).send(&OpenOrders::new()));
        write!(watched.shown, "{error:?}").unwrap();
        drop((runtime, client));
        if scheme == "http" {
            assert!(server.requests()[0].contains(BASIC), "it was asked for");
            assert_eq!(server.requests().len() > 1, admitted);
        }
        server.abandon();
    }
    let server = Server::start(vec![vec![
        Step::Read(10),
        Step::Write(b"-WRONGPASS invalid username-password pair or user is disabled.\r\n".to_vec()),
    ]]);
    let builder =
        Redis::at(server.url.strip_prefix("http://").unwrap(), "x").login("me", "password-of-redis");
    write!(watched.shown, "{builder:?}").unwrap();
    let pool = builder.timeout(Duration::from_secs(10)).connect().unwrap();
    write!(watched.shown, "{pool:?}").unwrap();
    let client =
        Client::builder().base_url(&sim.urls().rest).pool(pool).wait_for_budget(false).build().unwrap();
    show(&mut watched.shown, &runtime().block_on(client.send(&Time::new())).unwrap_err());
    server.finish();
}

#[test]
fn no_secret_is_logged_and_all_else_is() {
    let log = Everything::default();
    tracing::subscriber::set_global_default(log.clone()).unwrap();

    let mut watched = Watched::default();
    over_hyper(&mut watched, Placement::Query);
    over_hyper(&mut watched, Placement::Body);
    blocking(&mut watched);
    in_doubt(&mut watched);
    behind_passwords(&mut watched);
    assert!(watched.secrets.len() > 100, "{}", watched.secrets.len());

    let text = log.0.lock().unwrap().clone() + &watched.shown;
    for secret in &watched.secrets {
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
        "message=trying again attempt=1 wait=",
        "message=the shared budget cannot be reached address=\"127.0.0.1:",
        "WRONGPASS",
        "endpoint=\"NewAlgoOrder\"",
        "message=no reply outcome=outcome unknown error=the connection ended",
    ] {
        assert!(text.contains(part), "{part} is not shown in {}", &text[..text.len().min(5_000)]);
    }
}
