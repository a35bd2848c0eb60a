//! Calls over each of the adapters, against the simulated exchange.

#![allow(dead_code, unused_imports, reason = "each test program uses a part of it")]

use std::{
    future::Future,
    sync::{Arc, Mutex},
    time::Duration,
};

use binance_core::{
    ApiCode, ApiError, Outcome, dec,
    enums::Side,
    json,
    record::RateLimit,
    usdm::trade::NewOrder,
    ws_api::{Reply, TypedCall},
};
use binance_sign::{Credentials, Ed25519, Hmac, Signer};
use binance_sim::{Fault, Sim, What};
use binance_ws::{
    Base, Market,
    api::{CallError, Notice, Unanswered},
    hosted::{self, Api, ApiBuilder, Connector, Socket},
    session::Config,
};
use tokio::{task::JoinHandle, time::timeout};

use super::common::LIMIT;

#[cfg(feature = "embedded-async")]
pub(crate) use self::embedded::Embedded;

#[cfg(feature = "embedded-async")]
#[path = "pipe.rs"]
mod pipe;

pub(crate) fn run<F: Future<Output = ()>>(test: F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { timeout(LIMIT, test).await.expect("the test came to its end") });
}

pub(crate) fn sim() -> Sim {
    Sim::builder().quiet().start().unwrap()
}

/// An order that rests far below the market.
pub(crate) fn order(id: &str) -> NewOrder<'_> {
    NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.010"), dec!("20000.0")).new_client_order_id(id)
}

pub(crate) fn fault(sim: &Sim, what: What, method: &str) {
    sim.fault(Fault::new(what).on("WS", &format!("/ws-fapi/v1/{method}")));
}

/// The calls that the exchange was sent, in order.
pub(crate) fn sent(sim: &Sim) -> Vec<serde_json::Value> {
    let truth = sim.truth();
    let calls = truth.received.iter().filter(|request| request.method == "WS");
    calls.map(|request| serde_json::from_slice(&request.body).unwrap()).collect()
}

pub(crate) fn methods(sim: &Sim) -> Vec<String> {
    sent(sim).iter().map(|call| call["method"].as_str().unwrap().to_owned()).collect()
}

type BoxedSigner = Box<dyn Signer + Send + Sync>;

/// How calls shall be made.
pub(crate) struct Setup {
    base: Base,
    credentials: Option<Credentials<BoxedSigner>>,
    logs_on: bool,
    room: usize,
    config: Config,
}

impl Setup {
    /// To USDⓈ-M at this address.
    pub(crate) fn at(url: &str) -> Self {
        Self::of(Market::UsdM, url)
    }

    pub(crate) fn of(market: Market, url: &str) -> Self {
        Self {
            base: Base::new(market, url).unwrap(),
            credentials: None,
            logs_on: false,
            room: 64,
            config: config(),
        }
    }

    /// To a simulated exchange, signed by HMAC.
    pub(crate) fn hmac(sim: &Sim) -> Self {
        let key = &sim.keys().hmac;
        Self::at(&sim.urls().usdm_api).key(&key.api_key, Hmac::new(key.secret.as_bytes()))
    }

    /// The same with a key that can log on.
    pub(crate) fn ed25519(sim: &Sim) -> Self {
        let key = &sim.keys().ed25519;
        let signer = Ed25519::from_pem(key.secret.as_bytes()).unwrap();
        Self::at(&sim.urls().usdm_api).key(&key.api_key, signer)
    }

    pub(crate) fn key(self, key: &str, signer: impl Signer + Send + Sync + 'static) -> Self {
        Self { credentials: Some(Credentials::new(key, signer).unwrap().boxed()), ..self }
    }

    pub(crate) fn log_on(self) -> Self {
        Self { logs_on: true, ..self }
    }

    pub(crate) fn max_in_flight(self, room: usize) -> Self {
        Self { room, ..self }
    }

    pub(crate) fn config(self, config: Config) -> Self {
        Self { config, ..self }
    }

    /// The same for an adapter for hosts.
    pub(crate) fn builder<S: Socket>(self) -> ApiBuilder<S> {
        let mut builder = Connector::new(self.base).config(self.config).api().max_in_flight(self.room);
        if let Some(credentials) = self.credentials {
            builder = builder.credentials(credentials);
        }
        if self.logs_on { builder.log_on() } else { builder }
    }
}

fn config() -> Config {
    let mut config = Config::default();
    config.backoff_first = Duration::from_millis(10);
    config.backoff_most = Duration::from_millis(50);
    config
}

/// Why a call failed.
#[derive(Debug)]
pub(crate) enum Failure {
    NotSent(CallError),
    Unanswered(Unanswered),
    Refused { status: u16, error: ApiError },
    Other(hosted::Failure),
}

impl Failure {
    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            Self::NotSent(error) => error.outcome(),
            Self::Unanswered(why) => why.outcome(),
            Self::Refused { status, error } => Outcome::of_refusal(*status, error.code, &error.message),
            Self::Other(failure) => failure.outcome(),
        }
    }

    pub(crate) fn code(&self) -> Option<ApiCode> {
        match self {
            Self::Refused { error, .. } => Some(error.code),
            _ => None,
        }
    }
}

impl From<hosted::Failure> for Failure {
    fn from(failure: hosted::Failure) -> Self {
        match failure {
            hosted::Failure::NotSent(error) => Self::NotSent(error),
            hosted::Failure::Unanswered(why) => Self::Unanswered(why),
            hosted::Failure::Refused(refused) => {
                Self::Refused { status: refused.status, error: refused.error }
            }
            failure => Self::Other(failure),
        }
    }
}

/// The text of an answer.
#[derive(Debug)]
pub(crate) struct Told(String);

impl Told {
    pub(crate) fn result(&self) -> &str {
        Reply::parse(&self.0).unwrap().result.unwrap()
    }

    pub(crate) fn rate_limits(&self) -> json::List<'_, RateLimit> {
        Reply::parse(&self.0).unwrap().rate_limits
    }
}

/// One of the adapters, running: a handle that makes calls.
pub(crate) trait Adapter: Clone + Send + 'static {
    fn open(setup: Setup) -> Result<Self, CallError>;

    fn send<C: TypedCall + Clone + Sync>(
        &self,
        call: &C,
    ) -> impl Future<Output = Result<Told, Failure>> + Send;

    /// The same handle with another time for each call.
    fn with_timeout(&self, timeout: Duration) -> Self;

    fn in_flight(&self) -> usize;

    /// What happened to the connection so far.
    fn notices(&self) -> Vec<Notice>;

    /// Sends a call and reads its result.
    async fn fetch<C, V>(&self, call: &C) -> Result<V, Failure>
    where
        C: for<'r> TypedCall<Answer<'r> = V> + Clone + Sync,
    {
        Ok(call.read(self.send(call).await?.result()).unwrap())
    }
}

/// An adapter for hosts.
pub(crate) struct Hosted<S: Socket> {
    pub(crate) api: Api<S>,
    notices: Arc<Mutex<Vec<Notice>>>,
    driving: Arc<JoinHandle<()>>,
}

impl<S: Socket> Hosted<S> {
    /// Ends the task that sends and receives.
    pub(crate) fn abort(&self) {
        self.driving.abort();
    }
}

impl<S: Socket> Clone for Hosted<S> {
    fn clone(&self) -> Self {
        let Self { api, notices, driving } = self;
        Self { api: api.clone(), notices: Arc::clone(notices), driving: Arc::clone(driving) }
    }
}

impl<S: Socket> Adapter for Hosted<S> {
    fn open(setup: Setup) -> Result<Self, CallError> {
        let (api, mut driver) = setup.builder::<S>().build()?;
        let notices = Arc::<Mutex<Vec<Notice>>>::default();
        let driving = tokio::spawn({
            let notices = Arc::clone(&notices);
            async move {
                while let Some(notice) = driver.next().await {
                    notices.lock().unwrap().push(notice);
                }
            }
        });
        Ok(Self { api, notices, driving: Arc::new(driving) })
    }

    async fn send<C: TypedCall + Clone + Sync>(&self, call: &C) -> Result<Told, Failure> {
        Ok(Told(self.api.send(call).await?.text().to_owned()))
    }

    fn with_timeout(&self, timeout: Duration) -> Self {
        Self { api: self.api.with_timeout(timeout), ..self.clone() }
    }

    fn in_flight(&self) -> usize {
        self.api.in_flight()
    }

    fn notices(&self) -> Vec<Notice> {
        self.notices.lock().unwrap().clone()
    }
}

/// Runs generic tests over each of the adapters, the one without a heap included.
#[macro_export]
macro_rules! over_each_adapter_and_the_embedded_one {
    ($($test:ident)+) => {
        mod tungstenite_adapter {
            $(#[test] fn $test() { super::$test::<$crate::calls::Hosted<binance_ws::tungstenite::Socket>>(); })+
        }
        mod native_adapter {
            $(#[test] fn $test() { super::$test::<$crate::calls::Hosted<binance_ws::native::Socket>>(); })+
        }
        #[cfg(feature = "embedded-async")]
        mod embedded_adapter {
            $(#[test] fn $test() { super::$test::<$crate::calls::Embedded>(); })+
        }
    };
}

#[cfg(feature = "embedded-async")]
mod embedded {
    //! A program over the client without a heap: tasks that share it, and one that steps.

    use std::{
        collections::HashMap,
        future::poll_fn,
        pin::{Pin, pin},
        sync::Weak,
        task::{Context, Poll, Waker},
    };

    use binance_core::{Millis, ws_api::Call};
    use binance_sign::Stamp;
    use binance_ws::{
        Tick,
        api::{Calls, Slot},
        embedded::{Answer, ApiStep, AsyncApi, Clock, Host},
    };
    use tokio::{
        net::TcpStream,
        time::{Instant, Sleep, sleep_until},
    };

    use super::{pipe::Pipe, *};

    #[derive(Clone)]
    pub(crate) struct Embedded {
        program: Arc<Mutex<Program>>,
        timeout: Duration,
    }

    struct Program {
        api: AsyncApi<'static, Vec<Slot>, BoxedSigner, Board, Pipe<TcpStream>>,
        /// Calls that are under way: who waits, or what came of it.
        waiting: HashMap<u64, Result<Result<Told, Failure>, Waker>>,
        /// Those who wait for the connection, and the task that steps.
        queue: Vec<Waker>,
        stepping: Option<Waker>,
        notices: Vec<Notice>,
        connecting: Option<JoinHandle<Option<TcpStream>>>,
        address: String,
        began: Instant,
    }

    impl Adapter for Embedded {
        fn open(setup: Setup) -> Result<Self, CallError> {
            let Setup { base, credentials, logs_on, room, mut config } = setup;
            let began = Instant::now();
            config.overlap = false;
            let calls = Calls::new(base.market(), vec![Slot::FREE; room], config, 42);
            let address = base.authority().to_owned();
            // As good as `static` buffers of a board.
            let receive = Box::leak(vec![0; 1 << 14].into_boxed_slice());
            let send = Box::leak(vec![0; 1 << 18].into_boxed_slice());
            let board = Board { began, random: 42 };
            let mut api = AsyncApi::new(calls, credentials, base, board, receive, send)?;
            if logs_on {
                api.log_on()?;
            }
            let program = Program {
                api,
                waiting: HashMap::new(),
                queue: Vec::new(),
                stepping: None,
                notices: Vec::new(),
                connecting: None,
                address,
                began,
            };
            let program = Arc::new(Mutex::new(program));
            tokio::spawn({
                let program = Arc::downgrade(&program);
                async move {
                    let mut timer = Box::pin(sleep_until(began));
                    poll_fn(|cx| Program::poll(&program, timer.as_mut(), cx)).await;
                }
            });
            Ok(Self { program, timeout: Duration::from_secs(10) })
        }

        async fn send<C: TypedCall + Clone + Sync>(&self, call: &C) -> Result<Told, Failure> {
            let deadline = Instant::now() + self.timeout;
            let mut why = CallError::NotReady;
            let calling = poll_fn(|cx| self.poll_call(call, deadline, &mut why, cx));
            let id = match tokio::time::timeout_at(deadline, calling).await {
                Ok(called) => called.map_err(Failure::NotSent)?,
                Err(_) => return Err(Failure::NotSent(why)),
            };
            poll_fn(|cx| self.poll_answer(id, cx)).await
        }

        fn with_timeout(&self, timeout: Duration) -> Self {
            Self { timeout, ..self.clone() }
        }

        fn in_flight(&self) -> usize {
            self.program.lock().unwrap().api.calls().in_flight()
        }

        fn notices(&self) -> Vec<Notice> {
            self.program.lock().unwrap().notices.clone()
        }
    }

    impl Embedded {
        fn poll_call(
            &self,
            call: &dyn Call,
            deadline: Instant,
            why: &mut CallError,
            cx: &mut Context<'_>,
        ) -> Poll<Result<u64, CallError>> {
            let mut program = self.program.lock().unwrap();
            let left = deadline.saturating_duration_since(Instant::now());
            match program.api.call(call, left) {
                Ok(id) => {
                    program.waiting.insert(id.number(), Err(Waker::noop().clone()));
                    if let Some(waker) = program.stepping.take() {
                        waker.wake();
                    }
                    Poll::Ready(Ok(id.number()))
                }
                // It has not begun.
                Err(CallError::Ended) if program.notices.last() != Some(&Notice::Ended) => {
                    program.queue.push(cx.waker().clone());
                    Poll::Pending
                }
                Err(error @ (CallError::NotReady | CallError::Busy | CallError::Full)) => {
                    *why = error;
                    program.queue.push(cx.waker().clone());
                    Poll::Pending
                }
                Err(error) => Poll::Ready(Err(error)),
            }
        }

        fn poll_answer(&self, id: u64, cx: &mut Context<'_>) -> Poll<Result<Told, Failure>> {
            let mut program = self.program.lock().unwrap();
            match program.waiting.remove(&id) {
                Some(Ok(result)) => Poll::Ready(result),
                _ => {
                    program.waiting.insert(id, Err(cx.waker().clone()));
                    Poll::Pending
                }
            }
        }
    }

    impl Program {
        /// Steps until there is nothing to do. Ends when nobody has a handle any more.
        fn poll(program: &Weak<Mutex<Self>>, mut timer: Pin<&mut Sleep>, cx: &mut Context<'_>) -> Poll<()> {
            let Some(program) = program.upgrade() else { return Poll::Ready(()) };
            let mut program = program.lock().unwrap();
            let program = &mut *program;
            program.stepping = Some(cx.waker().clone());
            loop {
                if let Some(connecting) = &mut program.connecting
                    && let Poll::Ready(stream) = pin!(connecting).poll(cx)
                {
                    program.connecting = None;
                    match stream.unwrap() {
                        Some(stream) => program.api.connected(Pipe(stream)),
                        None => program.api.not_connected(Duration::ZERO),
                    }
                }
                // A new future each time: what the one before had not done is done by the next.
                let wait = match pin!(program.api.step()).poll(cx) {
                    Poll::Pending => None,
                    Poll::Ready(Ok(ApiStep::Wait(until))) => Some(until),
                    Poll::Ready(Ok(ApiStep::Connect)) => {
                        let address = program.address.clone();
                        let connect = async move { TcpStream::connect(address).await.ok() };
                        program.connecting = Some(tokio::spawn(connect));
                        continue;
                    }
                    Poll::Ready(Ok(ApiStep::Answer(Answer { id, status, result, text, .. }))) => {
                        let result = match result {
                            Ok(_) => Ok(Told(text.to_owned())),
                            Err(error) => Err(Failure::Refused { status, error }),
                        };
                        Self::done(&mut program.waiting, id.number(), result);
                        continue;
                    }
                    Poll::Ready(Ok(ApiStep::Ended(ended))) => {
                        let failure = Failure::Unanswered(ended.why);
                        Self::done(&mut program.waiting, ended.id.number(), Err(failure));
                        continue;
                    }
                    Poll::Ready(Ok(ApiStep::Notice(notice))) => {
                        program.notices.push(notice);
                        continue;
                    }
                    Poll::Ready(Ok(_) | Err(_)) => continue,
                };
                if program.api.calls().has_room() {
                    program.queue.drain(..).for_each(Waker::wake);
                }
                let Some(at) = wait.unwrap_or(program.api.deadline()) else { return Poll::Pending };
                timer.as_mut().reset(program.began + Duration::from_millis(at.0));
                if timer.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
            }
        }

        fn done(
            waiting: &mut HashMap<u64, Result<Result<Told, Failure>, Waker>>,
            id: u64,
            result: Result<Told, Failure>,
        ) {
            if let Some(Err(waker)) = waiting.insert(id, Ok(result)) {
                waker.wake();
            }
        }
    }

    struct Board {
        began: Instant,
        random: u64,
    }

    impl Host for Board {
        fn now(&mut self) -> Tick {
            Tick(self.began.elapsed().as_millis() as u64)
        }

        fn random(&mut self, bytes: &mut [u8]) {
            for byte in bytes {
                self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                *byte = (self.random >> 56) as u8;
            }
        }
    }

    impl Clock for Board {
        fn stamp(&mut self) -> Stamp {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
            Stamp::new(Millis(since.as_millis() as i64))
        }
    }
}
