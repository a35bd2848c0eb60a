//! The budget in Redis, against a real server.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(all(feature = "hyper", feature = "redis"))]

use std::{
    future::poll_fn,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use binance_core::usdm::market_data::Time;
use binance_http::{
    Client, Error, Limits, Millis, Outcome,
    budget::{Cost, Limit, Refusal, Rules, Ticket},
    clock::TimeSource,
    hyper::Hyper,
    pool::{Answer, End, InProcess, Pool, TooMuch},
    redis::{Builder, Redis, Unreachable},
};
use binance_sim::Sim;

/// In the middle of a minute.
const START: i64 = 1_767_225_630_000;
const PASSWORD: &str = "a-password-of-redis";

/// A server on loopback that keeps nothing on disk and ends with the test.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start() -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        Self::start_at(port)
    }

    fn start_at(port: u16) -> Self {
        let port_text = port.to_string();
        let mut process = Command::new("redis-server")
            .args(["--port", &port_text, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--requirepass", PASSWORD])
            .stdout(Stdio::piped())
            .spawn()
            .expect("this test needs a redis-server in PATH: apt-get install redis-server");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("Ready to accept connections")), "it does not start");
        // It writes on while it runs.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, port }
    }

    fn pool(&self, name: &str) -> Builder {
        Redis::at(&format!("127.0.0.1:{}", self.port), name)
            .login("", PASSWORD)
            .timeout(Duration::from_secs(10))
            .rules(Rules { guard: 0, reserve: 0, ..Rules::default() })
    }

    /// What the server answers to a command, as it comes.
    fn ask(&self, words: &[&str]) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        for words in [["AUTH", PASSWORD].as_slice(), words, &["QUIT"]] {
            write!(stream, "*{}\r\n", words.len()).unwrap();
            for word in words {
                write!(stream, "${}\r\n{word}\r\n", word.len()).unwrap();
            }
        }
        let mut answers = String::new();
        stream.read_to_string(&mut answers).unwrap();
        answers.strip_prefix("+OK\r\n").unwrap().strip_suffix("+OK\r\n").unwrap().trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

const READ: Cost = Cost { weight: 1, orders_10s: 0, orders_1m: 0, data: 0, calls: 0, urgent: false };
const ORDER: Cost = Cost { weight: 0, orders_10s: 1, orders_1m: 1, data: 0, calls: 0, urgent: false };

async fn charge(pool: &dyn Pool, now: i64, cost: Cost) -> Result<Ticket, Refusal> {
    pool.charge(Millis(now), "me", cost).get().await
}

async fn settle(pool: &dyn Pool, now: i64, ticket: Ticket, end: End) {
    pool.settle(Millis(now), "me", ticket, end).get().await;
}

fn replied(limits: Limits, verdict: TooMuch) -> End {
    End::Replied { limits, verdict }
}

fn xorshift(mut seed: u64) -> impl FnMut(u64) -> u64 {
    move |below| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    }
}

/// Whatever is charged and settled, and whenever, both pools say the same.
#[tokio::test]
async fn it_answers_as_the_pool_in_this_process_does() {
    let server = Server::start();
    let mut granted = 0;
    let mut refused = [0; 6];
    for (round, share) in [(1, 100), (2, 100), (3, 60)] {
        let rules = Rules {
            weight: 60,
            orders_10s: 12,
            orders_1m: 40,
            data: 50,
            calls: 45,
            share,
            reserve: 10,
            guard: if round == 2 { 0 } else { 700 },
        };
        let name = format!("round {round}");
        let (here, there) = (InProcess::new(rules), server.pool(&name).rules(rules).connect().unwrap());
        let mut random = xorshift(7_777 * round);
        let mut on_the_way: Vec<(Ticket, Ticket)> = Vec::new();
        let mut now = START;
        for step in 0..1_500 {
            now += i64::try_from(random(900)).unwrap();
            // Some come back, some late, and some never.
            while on_the_way.len() > 4 || (!on_the_way.is_empty() && random(3) > 0) {
                let index = usize::try_from(random(on_the_way.len() as u64)).unwrap();
                let (ticket, other) = on_the_way.swap_remove(index);
                let told = |name: &str, most: u64, random: &mut dyn FnMut(u64) -> u64| {
                    (name.to_owned(), random(most).to_string())
                };
                let headers = [
                    told("x-mbx-used-weight-1m", 40, &mut random),
                    told("x-mbx-order-count-10s", 10, &mut random),
                    told("x-mbx-order-count-1m", 30, &mut random),
                ];
                let limits =
                    Limits::read(headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
                let same_window = now.div_euclid(10_000) == ticket.at().0.div_euclid(10_000);
                let end = match random(40) {
                    0 if same_window => End::NotSent,
                    1..4 => End::Lost,
                    4 => replied(limits, TooMuch::Orders),
                    5 => replied(limits, TooMuch::All { until: Millis(now + 3_000) }),
                    6..12 => replied(limits, TooMuch::No),
                    _ => replied(Limits::default(), TooMuch::No),
                };
                settle(&*here, now, ticket, end).await;
                settle(&*there, now, other, end).await;
            }
            let amount = u32::try_from(1 + random(4)).unwrap();
            let cost = Cost {
                weight: amount,
                orders_10s: amount,
                orders_1m: 1,
                data: u32::from(random(3) == 0),
                calls: u32::try_from(random(4)).unwrap(),
                urgent: random(5) == 0,
            };
            let (one, other) = (charge(&*here, now, cost).await, charge(&*there, now, cost).await);
            match (one, other) {
                (Ok(one), Ok(other)) => {
                    granted += 1;
                    on_the_way.push((one, other));
                }
                // A pool that knows that all is closed does not ask the server what else is used up.
                (Err(_), Err(other)) if other.limit == Limit::Closed => refused[Limit::Closed as usize] += 1,
                (Err(one), Err(other)) => {
                    assert_eq!(one, other, "round {round}, step {step}, at {now}");
                    refused[one.limit as usize] += 1;
                }
                (one, other) => panic!("round {round}, step {step}, at {now}: {one:?}, {other:?}"),
            }
        }
    }
    assert!(
        granted > 500 && refused.iter().all(|count| *count > 5),
        "{granted} granted, {refused:?} refused"
    );
}

#[tokio::test]
async fn pools_of_one_name_share_and_others_do_not() {
    let server = Server::start();
    let rules = Rules { weight: 2, orders_10s: 1, reserve: 0, guard: 0, ..Rules::default() };
    let connect = |name: &str| server.pool(name).rules(rules).connect().unwrap();
    let (one, two, other) = (connect("x"), connect("x"), connect("y"));
    let _ = charge(&*one, START, READ).await.unwrap();
    let _ = charge(&*two, START, READ).await.unwrap();
    for pool in [&one, &two] {
        let refusal = charge(&**pool, START, READ).await.unwrap_err();
        assert_eq!((refusal.limit, refusal.retry_in), (Limit::Weight, Some(Duration::from_secs(30))));
    }
    let _ = charge(&*other, START, READ).await.unwrap();
    // The orders are an account's.
    let _ = one.charge(Millis(START), "a", ORDER).get().await.unwrap();
    assert_eq!(two.charge(Millis(START), "a", ORDER).get().await.unwrap_err().limit, Limit::Orders10s);
    let _ = two.charge(Millis(START), "b", ORDER).get().await.unwrap();
    // The limits that the exchange tells hold for whoever was told.
    one.learn(Limit::Weight, 3);
    let ticket = charge(&*one, START, READ).await.unwrap();
    assert!(charge(&*two, START, READ).await.is_err());
    // A ban stops them all, also those that come later.
    let verdict = TooMuch::All { until: Millis(START + 4_000) };
    settle(&*one, START, ticket, replied(Limits::default(), verdict)).await;
    for pool in [&one, &two, &connect("x")] {
        let refusal = charge(&**pool, START + 1_000, Cost::default()).await.unwrap_err();
        assert_eq!((refusal.limit, refusal.retry_in), (Limit::Closed, Some(Duration::from_secs(3))));
    }
    assert!(charge(&*other, START, READ).await.is_ok());
    for key in ["address", "account:a", "closed"] {
        let answer = server.ask(&["PTTL", &format!("binance:{{x}}:{key}")]);
        let left: i64 = answer.strip_prefix(':').unwrap().parse().unwrap();
        assert!((1_000_000..=1_204_000).contains(&left), "{key}: {left}");
    }
}

#[tokio::test]
async fn old_windows_are_forgotten() {
    let server = Server::start();
    let pool = server.pool("x").connect().unwrap();
    let all = Cost { weight: 1, data: 1, ..ORDER };
    for minute in 0..200 {
        let ticket = charge(&*pool, START + minute * 60_000, all).await.unwrap();
        // Those that are never settled, too.
        if minute % 3 > 0 {
            settle(&*pool, START + minute * 60_000 + 5, ticket, replied(Limits::default(), TooMuch::No))
                .await;
        }
    }
    for key in ["address", "account:me"] {
        let fields = server.ask(&["HLEN", &format!("binance:{{x}}:{key}")]);
        let fields: u32 = fields.strip_prefix(':').unwrap().parse().unwrap();
        assert!(fields < 60, "{key}: {fields}");
    }
}

#[tokio::test]
async fn a_charge_that_nobody_waits_for_is_given_back() {
    let server = Server::start();
    let rules = Rules { weight: 10, reserve: 0, guard: 0, ..Rules::default() };
    let pool = server.pool("x").rules(rules).connect().unwrap();
    for _ in 0..50 {
        // Dropped before it is polled, while it waits, and when it could be taken.
        drop(pool.charge(Millis(START), "me", READ));
        let Answer::Later(mut asked) = pool.charge(Millis(START), "me", READ) else { panic!("it asks") };
        poll_fn(|cx| {
            let _ = asked.as_mut().poll(cx);
            Poll::Ready(())
        })
        .await;
        drop(asked);
        let untaken = pool.charge(Millis(START), "me", READ);
        let _ = charge(&*pool, START, Cost::default()).await.unwrap();
        drop(untaken);
        let _ = charge(&*pool, START, Cost::default()).await.unwrap();
    }
    let ticket = charge(&*pool, START, Cost { weight: 10, ..READ }).await.unwrap();
    settle(&*pool, START, ticket, End::NotSent).await;
    assert!(charge(&*pool, START, Cost { weight: 10, ..READ }).await.is_ok());
}

#[tokio::test]
async fn without_a_server_nothing_is_sent_or_each_counts_for_itself() {
    let mut server = Server::start();
    let port = server.port;
    let rules = Rules { weight: 100, reserve: 0, guard: 0, ..Rules::default() };
    let strict = server.pool("x").rules(rules).connect().unwrap();
    let alone =
        server.pool("x").rules(rules).unreachable(Unreachable::CountHere { share: 30 }).connect().unwrap();
    for pool in [&strict, &alone] {
        let ticket = charge(&**pool, START, Cost { weight: 20, ..READ }).await.unwrap();
        settle(&**pool, START, ticket, replied(Limits::default(), TooMuch::No)).await;
    }

    server.process.kill().unwrap();
    server.process.wait().unwrap();
    let refusal = charge(&*strict, START, READ).await.unwrap_err();
    assert_eq!(refusal.limit, Limit::Unreachable);
    assert!(refusal.retry_in.is_some());
    // What it used before counts.
    let ticket = charge(&*alone, START, Cost { weight: 10, ..READ }).await.unwrap();
    assert_eq!(charge(&*alone, START, READ).await.unwrap_err().limit, Limit::Weight);
    assert_eq!(alone.used(Millis(START), "me", Limit::Weight), Some(30));
    settle(&*alone, START, ticket, replied(Limits::default(), TooMuch::No)).await;
    // And a 429 that only this program knows of.
    let ticket = charge(&*alone, START + 60_000, READ).await.unwrap();
    let verdict = TooMuch::All { until: Millis(START + 62_000) };
    settle(&*alone, START + 60_000, ticket, replied(Limits::default(), verdict)).await;
    assert_eq!(charge(&*alone, START + 60_000, READ).await.unwrap_err().limit, Limit::Closed);

    // The client says that nothing was sent, and waits for the server if it may.
    let sim = Sim::builder().quiet().start().unwrap();
    let client = Client::builder().base_url(&sim.urls().rest).pool(strict).timeout(Duration::from_secs(30));
    let client = client.build().unwrap();
    let error = client.with_timeout(Duration::from_millis(500)).send(&Time::new()).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(matches!(error, Error::Limit(Refusal { limit: Limit::Unreachable, .. })), "{error:?}");
    assert_eq!(sim.truth().received.len(), 0);
    let waiting = tokio::spawn(async move { client.fetch(&Time::new()).await.map(drop) });
    let server = Server::start_at(port);
    waiting.await.unwrap().unwrap();
    assert_eq!(sim.truth().received.len(), 1);
    assert_eq!(server.ask(&["EXISTS", "binance:{x}:address"]), ":1");
}

#[tokio::test]
async fn a_server_that_does_not_answer_as_redis_does_is_not_reached() {
    for answer in
        ["", "HTTP/1.1 400 Bad Request\r\n\r\n", "-NOAUTH Authentication required.\r\n", "*1000000000\r\n"]
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let serving = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.read_exact(&mut [0; 10]).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let pool = Redis::at(&address, "x").timeout(Duration::from_secs(10)).connect().unwrap();
        assert_eq!(charge(&*pool, START, READ).await.unwrap_err().limit, Limit::Unreachable, "{answer}");
        serving.join().unwrap();
    }
    let server = Server::start();
    let wrong = server.pool("x").login("", "another").connect().unwrap();
    assert_eq!(charge(&*wrong, START, READ).await.unwrap_err().limit, Limit::Unreachable);
    let named = server.pool("x").login("default", PASSWORD).database(3);
    assert!(!format!("{named:?}").contains(PASSWORD));
    let named = named.connect().unwrap();
    assert!(!format!("{named:?}").contains(PASSWORD));
    assert!(charge(&*named, START, READ).await.is_ok());
    // A script that the server forgot is loaded again.
    assert_eq!(server.ask(&["SCRIPT", "FLUSH"]), "+OK");
    assert!(charge(&*named, START, READ).await.is_err());
    let again = server.pool("x").connect().unwrap();
    assert!(charge(&*again, START, READ).await.is_ok());
}

/// The time that both processes and the exchange have.
#[derive(Clone, Default)]
struct Told(Arc<AtomicI64>);

impl TimeSource for Told {
    fn unix(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

const SHARED_LIMIT: u32 = 400;
const VARIABLES: [&str; 2] = ["BINANCE_HTTP_TEST_REDIS", "BINANCE_HTTP_TEST_SIM"];

/// Two processes that send as fast as they may through pools of one name; the exchange counts.
#[test]
fn two_processes_never_exceed_the_limit_together() {
    let server = Server::start();
    let sim =
        Sim::builder().quiet().manual_time().start_time(START).weight_limit(SHARED_LIMIT).start().unwrap();
    let mut processes: Vec<_> = (0..2)
        .map(|_| {
            let mut process = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "one_of_two_processes", "--ignored", "--nocapture"])
                .env(VARIABLES[0], server.port.to_string())
                .env(VARIABLES[1], &sim.urls().rest)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let lines = BufReader::new(process.stdout.take().unwrap()).lines();
            // The test harness says something of its own.
            let words = lines
                .filter_map(|line| line.unwrap().split_once("test says ").map(|(_, word)| word.to_owned()));
            (process, words)
        })
        .collect();
    for (_, words) in &mut processes {
        assert_eq!(words.next().unwrap(), "ready");
    }
    for minute in 0..3 {
        let now = START + minute * 60_000;
        for (process, _) in &mut processes {
            writeln!(process.stdin.as_mut().unwrap(), "{now}").unwrap();
        }
        let sent: Vec<usize> =
            processes.iter_mut().map(|(_, words)| words.next().unwrap().parse().unwrap()).collect();
        let truth = sim.truth();
        assert!(truth.received.iter().all(|request| request.status == 200), "the exchange refused one");
        let counted = truth.received.iter().filter(|request| request.time == now).count();
        assert_eq!(counted, SHARED_LIMIT as usize, "in minute {minute}: {sent:?}");
        assert_eq!(sent.iter().sum::<usize>(), counted);
        assert!(sent.iter().all(|sent| *sent > 0), "one process had all: {sent:?}");
        sim.advance(Duration::from_secs(60));
    }
    for (mut process, _) in processes {
        drop(process.stdin.take());
        assert!(process.wait().unwrap().success());
    }
}

#[test]
#[ignore = "a process of its own, started by the test above"]
fn one_of_two_processes() {
    let [Ok(port), Ok(url)] = VARIABLES.map(std::env::var) else { panic!("started by hand") };
    let rules = Rules { weight: SHARED_LIMIT, reserve: 0, ..Rules::default() };
    let pool = Redis::at(&format!("127.0.0.1:{port}"), "two processes").login("", PASSWORD);
    let pool = pool.timeout(Duration::from_secs(10)).rules(rules).connect().unwrap();
    let time = Told::default();
    let client: Client<Hyper> = Client::builder()
        .base_url(&url)
        .pool(pool.clone())
        .time_source(time.clone())
        .wait_for_budget(false)
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!("\ntest says ready");
    for line in std::io::stdin().lines() {
        time.0.store(line.unwrap().parse().unwrap(), Ordering::SeqCst);
        let sent = Arc::new(AtomicUsize::new(0));
        runtime.block_on(async {
            let tasks: Vec<_> = (0..8)
                .map(|_| {
                    let (client, sent) = (client.clone(), Arc::clone(&sent));
                    tokio::spawn(async move {
                        loop {
                            match client.send(&Time::new()).await {
                                Ok(_) => sent.fetch_add(1, Ordering::SeqCst),
                                Err(Error::Limit(refusal)) => return refusal.limit,
                                Err(error) => panic!("{error:?}"),
                            };
                        }
                    })
                })
                .collect();
            for task in tasks {
                assert_eq!(task.await.unwrap(), Limit::Weight);
            }
            // Behind all that was said of requests that are over.
            let _ = charge(&*pool, time.unix().0, Cost::default()).await.unwrap();
        });
        println!("\ntest says {}", sent.load(Ordering::SeqCst));
    }
}
