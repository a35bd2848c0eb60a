//! The client that blocks, against the simulated exchange and against a server that misbehaves.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(feature = "blocking")]

mod support;

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use binance_core::{
    decimal::dec,
    enums::{Interval, Side},
    usdm::{
        market_data::{Klines, Time},
        trade::{NewOrder, OpenOrders},
    },
};
use binance_http::{
    BuildError, Error, Outcome, TransportKind,
    blocking::{Client, Std},
    place::Fate,
    request::Placement,
};
use binance_sign::{Credentials, Hmac};
use binance_sim::{Fault, Sim, What};

use self::support::{
    is::{Is, is},
    scenarios::{self, Sends},
    server::{Server, Step, reply},
    wire,
};

const TIME: &str = r#"{"serverTime":5}"#;

fn over(std: Std, url: &str) -> Client {
    let credentials = Credentials::new("key", Hmac::new(b"secret")).unwrap();
    let builder = binance_http::Client::over(std).base_url(url).credentials(credentials);
    builder.without_pool().build_blocking().unwrap()
}

fn client(sim: &Sim) -> Client {
    let key = &sim.keys().hmac;
    let credentials = Credentials::new(&key.api_key, Hmac::new(key.secret.as_bytes())).unwrap();
    Client::builder().base_url(&sim.urls().rest).credentials(credentials).build_blocking().unwrap()
}

fn order(symbol: &str) -> NewOrder<'_> {
    NewOrder::limit(symbol, Side::Buy, dec!("0.010"), dec!("20000.0"))
}

struct Tested(Client);

impl Sends for Tested {
    fn order(&mut self, symbol: &str, client_order_id: &str, hurried: bool) -> Result<u64, Is> {
        let client = self.0.with_timeout(Duration::from_millis(if hurried { 200 } else { 10_000 }));
        let order = order(symbol).new_client_order_id(client_order_id);
        client.fetch(&order).map(|order| order.order_id).map_err(|error| is(&error))
    }

    fn time(&mut self) -> Result<i64, Is> {
        self.0.fetch(&Time::new()).map(|time| time.server_time.0).map_err(|error| is(&error))
    }
}

#[test]
fn all_scenarios() {
    for placement in [Placement::Query, Placement::Body] {
        let sim = Sim::builder().quiet().start().unwrap();
        let key = &sim.keys().hmac;
        let credentials = Credentials::new(&key.api_key, Hmac::new(key.secret.as_bytes())).unwrap();
        let builder =
            Client::builder().base_url(&sim.urls().rest).credentials(credentials).placement(placement);
        let builder = builder.resync_clock(false);
        scenarios::run(&sim, &mut Tested(builder.build_blocking().unwrap()));
    }
}

#[test]
fn all_that_can_stand_on_the_wire() {
    wire::run(&|url, then| then(&mut Tested(over(Std::new(), url))));
}

#[test]
fn threads_share_a_client_a_clock_and_its_connections() {
    let sim = Sim::builder().quiet().clock_skew(90_000).start().unwrap();
    let client = client(&sim);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..5 {
                    assert_eq!(
                        client.send(&OpenOrders::new().symbol("BTCUSDT")).unwrap().value().unwrap().count(),
                        0
                    );
                }
            });
        }
    });
    assert_eq!(sim.truth().count("GET", "/fapi/v1/time"), 4, "measured once");
    assert!(client.clock_offset().is_some());
    assert!((1..=8).contains(&client.transport().idle_connections()));
}

#[test]
fn what_became_of_an_order_is_found_out() {
    let sim = Sim::builder().quiet().start().unwrap();
    let client = client(&sim);
    sim.fault(Fault::new(What::CutBody).on("POST", "/fapi/v1/order"));
    let failure = client.place(&order("BTCUSDT")).unwrap_err();
    assert_eq!(failure.outcome(), Outcome::Unknown);
    let Fate::Placed(reply) = client.resolve(&failure.order).unwrap() else { panic!("it was placed") };
    assert_eq!(reply.value().unwrap().client_order_id.as_str(), failure.order.client_order_id());
    assert_eq!(sim.truth().orders.len(), 1);
}

#[test]
fn odd_but_good_replies_are_read_and_the_connection_kept_where_it_may() {
    let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"s\r\nd\r\nerverTime\":5}\r\n0\r\n\r\n";
    let interim = format!("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n{}", reply("200 OK", TIME));
    let until_the_end = format!("HTTP/1.1 200 OK\r\n\r\n{TIME}");
    for (good, kept) in
        [(reply("200 OK", TIME), 1), (chunked.to_owned(), 1), (interim, 1), (until_the_end, 0)]
    {
        for step in [Step::Write(good.as_bytes().to_vec()), Step::Drip(good.as_bytes().to_vec())] {
            let mut script = vec![Step::Request, step];
            if kept == 1 {
                script.push(Step::AwaitClose);
            }
            let server = Server::start(vec![script]);
            let client = over(Std::new(), &server.url);
            assert_eq!(client.fetch(&Time::new()).unwrap().server_time.0, 5, "{good}");
            assert_eq!(client.transport().idle_connections(), kept, "{good}");
            drop(client);
            server.finish();
        }
    }
}

#[test]
fn a_connection_that_died_idle_costs_nothing() {
    let order_reply = r#"{"orderId":1,"symbol":"BTCUSDT","clientOrderId":"x","status":"NEW","side":"BUY"}"#;
    let unasked = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n";
    for closing in ["", unasked] {
        let server = Server::start(vec![
            vec![Step::Request, Step::reply("200 OK", TIME), Step::Write(closing.into())],
            vec![Step::Request, Step::reply("200 OK", order_reply)],
        ]);
        let client = over(Std::new(), &server.url);
        client.send(&Time::new()).unwrap();
        while server.steps() < 4 {
            std::thread::yield_now();
        }
        assert_eq!(client.fetch(&order("BTCUSDT")).unwrap().order_id, 1);
        drop(client);
        assert_eq!(server.finish().len(), 2);
    }
}

#[test]
fn a_request_that_never_left_says_so() {
    let refused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = over(Std::new(), &format!("http://{refused}")).send(&order("BTCUSDT")).unwrap_err();
    assert_eq!(is(&error), Is::Transport(TransportKind::Refused, Outcome::NotSent));

    let server = Server::start(vec![vec![Step::Read(5), Step::Write(b"HTTP/1.1 400 Bad\r\n\r\n".to_vec())]]);
    let error = over(Std::new(), &server.url.replace("http:", "https:")).send(&order("BTCUSDT")).unwrap_err();
    assert_eq!(is(&error), Is::Transport(TransportKind::Tls, Outcome::NotSent));
    server.finish();

    let server = Server::start(vec![vec![Step::AwaitClose]]);
    let client =
        over(Std::new(), &server.url.replace("http:", "https:")).with_timeout(Duration::from_millis(50));
    let begun = Instant::now();
    let error = client.send(&order("BTCUSDT")).unwrap_err();
    assert_eq!(is(&error), Is::Transport(TransportKind::Timeout, Outcome::NotSent));
    assert!(begun.elapsed() >= Duration::from_millis(50));
    drop(client);
    server.finish();

    let client = Client::builder().base_url(&format!("http://{refused}")).build_blocking().unwrap();
    assert!(matches!(client.send(&order("BTCUSDT")), Err(Error::Build(BuildError::NoCredentials))));
}

#[test]
fn a_reply_is_no_longer_than_it_may_be_and_a_long_one_comes_whole() {
    let long = format!("[{}1]", "1,".repeat(500_000));
    let chunks: String = long
        .as_bytes()
        .chunks(7_001)
        .map(|chunk| format!("{:x}\r\n{}\r\n", chunk.len(), core::str::from_utf8(chunk).unwrap()))
        .collect();
    for text in [
        reply("200 OK", &long),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\n\r\n{long}"),
    ] {
        let script = || vec![Step::Request, Step::Write(text.clone().into_bytes())];
        let server = Server::start(vec![script(), script()]);
        let client = over(Std::new().max_body(long.len() - 1), &server.url);
        let error = client.send(&Klines::new("BTCUSDT", Interval::M1)).unwrap_err();
        assert_eq!(is(&error), Is::Transport(TransportKind::TooLarge, Outcome::Unknown));
        drop(client);
        let client = over(Std::new().max_body(long.len()), &server.url);
        assert!(client.send(&Klines::new("BTCUSDT", Interval::M1)).unwrap().into_body() == long.as_bytes());
        server.finish();
    }
}
