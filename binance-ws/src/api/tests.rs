use std::{
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};

use binance_core::{
    ApiCode, Millis, coinm, dec,
    enums::Side,
    usdm::{
        market_data::TickerPrice,
        trade::{NewOrder, QueryOrder},
        user_data_streams::StartUserDataStream,
        ws_api::{SessionLogon, SessionLogout, SessionStatus},
    },
    ws_api::TypedCall,
};
use binance_sign::{Ed25519, Hmac};
use serde_json::Value;

use super::*;
use crate::session::{Cause, Outgoing, Reason, Transmit};

/// The first connection, and the one that takes its place.
const A: LinkId = LinkId::ALL[0];
const B: LinkId = LinkId::ALL[1];

const SECOND: Duration = Duration::from_secs(1);

struct World<S> {
    calls: Calls<Vec<Slot>>,
    credentials: Credentials<S>,
    now: u64,
}

fn config() -> Config {
    Config { rotate_spread: Duration::ZERO, ..Config::default() }
}

fn hmac() -> Credentials<Hmac> {
    Credentials::new("the-key", Hmac::new(b"secret")).unwrap()
}

fn ed25519() -> Credentials<Ed25519> {
    Credentials::new("the-key", Ed25519::from_seed(&[7; 32])).unwrap()
}

fn order() -> NewOrder<'static> {
    NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.010"), dec!("20000.0")).new_client_order_id("mine")
}

impl<S: Signer> World<S> {
    fn new(credentials: Credentials<S>, room: usize, config: Config) -> Self {
        let calls = Calls::new(Market::UsdM, vec![Slot::FREE; room], config, 1);
        Self { calls, credentials, now: 0 }
    }

    /// Begun and open; where logging on is wanted, not logged on yet.
    fn open(credentials: Credentials<S>, room: usize) -> Self {
        let mut world = Self::new(credentials, room, config());
        world.calls.start(Tick(0));
        world.connect();
        world
    }

    fn logged_on(credentials: Credentials<S>) -> Self {
        let mut world = Self::new(credentials, 8, config());
        world.calls.log_on(KeyKind::Ed25519).unwrap();
        world.calls.start(Tick(0));
        world.connect();
        let frame = world.write_logon();
        world.answer(frame["id"].as_u64().unwrap(), "{}");
        assert_eq!(world.notices(), [Notice::Connected, Notice::LoggedOn]);
        world
    }

    fn connect(&mut self) {
        assert_eq!(self.calls.poll_action(), Some(Action::Connect(A)));
        assert_eq!(self.call(&order()), Err(CallError::NotReady));
        self.calls.opened(A, self.tick());
    }

    fn tick(&self) -> Tick {
        Tick(self.now)
    }

    fn pass(&mut self, duration: Duration) {
        self.now += u64::try_from(duration.as_millis()).unwrap();
        self.calls.elapsed(Tick(self.now));
    }

    fn stamp(&self) -> Stamp {
        Stamp::new(Millis(1_000 + i64::try_from(self.now).unwrap())).recv_window(3_000)
    }

    fn call(&mut self, call: &dyn Call) -> Result<(CallId, Value), CallError> {
        let (stamp, now) = (self.stamp(), self.tick());
        let mut buffer = [0; MESSAGE_LEN];
        let written = self.calls.call(now, call, stamp, Some(&self.credentials), 5 * SECOND, &mut buffer)?;
        assert!(!format!("{written:?}").contains("the-key"));
        Ok((written.id, serde_json::from_str(written.text).unwrap()))
    }

    fn sent(&mut self, call: &dyn Call) -> CallId {
        self.call(call).unwrap().0
    }

    fn params(&mut self, call: &dyn Call) -> Vec<String> {
        let (id, frame) = self.call(call).unwrap();
        assert_eq!(frame["method"], call.method().method);
        self.answer(id.number(), "{}");
        // A call without parameters goes without their object.
        let params = frame.get("params").map(|params| params.as_object().unwrap());
        assert!(params.is_none_or(|params| !params.is_empty()));
        params.into_iter().flat_map(|params| params.keys().cloned()).collect()
    }

    fn write_logon(&mut self) -> Value {
        let frame = self.write_logon_over(A);
        assert_eq!(self.call(&order()), Err(CallError::NotReady));
        frame
    }

    fn write_logon_over(&mut self, link: LinkId) -> Value {
        assert_eq!(self.calls.poll_action(), Some(Action::LogOn(link)));
        let (stamp, now) = (self.stamp(), self.tick());
        let mut buffer = [0; MESSAGE_LEN];
        let text = self.calls.write_logon(link, now, stamp, &self.credentials, &mut buffer).unwrap();
        serde_json::from_str(text).unwrap()
    }

    /// Which connection the next call goes over.
    fn link(&mut self) -> LinkId {
        let (stamp, now, mut buffer) = (self.stamp(), self.tick(), [0; MESSAGE_LEN]);
        let call = self.calls.call(now, &order(), stamp, Some(&self.credentials), 5 * SECOND, &mut buffer);
        let Written { id, link, .. } = call.unwrap();
        self.answer_over(link, id.number(), "{}");
        link
    }

    fn answer(&mut self, id: u64, result: &str) {
        self.answer_over(A, id, result);
    }

    fn answer_over(&mut self, link: LinkId, id: u64, result: &str) {
        let text = format!(r#"{{"id":{id},"status":200,"result":{result}}}"#);
        let received = self.calls.text(link, Tick(self.now), &text);
        assert!(matches!(received, Received::Answer { .. } | Received::Handled), "{received:?}");
    }

    fn ended(&mut self) -> Vec<(u64, Unanswered)> {
        std::iter::from_fn(|| self.calls.poll_ended()).map(|ended| (ended.id.number(), ended.why)).collect()
    }

    fn notices(&mut self) -> Vec<Notice> {
        std::iter::from_fn(|| self.calls.poll_notice()).collect()
    }

    /// After a loss: waits as long as it says, and connects.
    fn reconnect(&mut self) {
        let at = self.calls.poll_timeout().unwrap();
        self.pass(at.since(self.tick()));
        self.connect();
    }
}

const DEADLINE: Unanswered = Unanswered::Deadline;
const SIGNED: [&str; 4] = ["apiKey", "recvWindow", "signature", "timestamp"];

#[test]
fn answers_come_in_any_order_and_are_typed() {
    let mut world = World::open(hmac(), 4);
    let ids: Vec<CallId> = (0..4).map(|_| world.sent(&order())).collect();
    assert_eq!(world.call(&order()), Err(CallError::Busy));
    for id in ids.iter().rev() {
        let text = format!(
            r#"{{"id":{id},"status":200,"result":{{"orderId":{id},"symbol":"BTCUSDT","clientOrderId":"mine",
                "status":"NEW","side":"BUY"}},"rateLimits":[{{"rateLimitType":"ORDERS",
                "interval":"MINUTE","intervalNum":1,"limit":1200,"count":{id}}}]}}"#
        );
        let Received::Answer { id: of, reply } = world.calls.text(A, Tick(9), &text) else {
            panic!("{text}")
        };
        assert_eq!(of, *id);
        assert_eq!(order().read(reply.result.unwrap()).unwrap().order_id, id.number());
        assert_eq!(reply.rate_limits.first().unwrap().count, Some(id.number() as u32));
    }
    assert_eq!(world.calls.in_flight(), 0);
    // The same answer again is of a call that is over.
    let again = world.calls.text(A, Tick(9), r#"{"id":2,"status":200,"result":{}}"#);
    assert!(matches!(again, Received::Late { id, .. } if id == ids[1]), "{again:?}");
}

#[test]
fn a_refusal_has_its_code_and_says_what_is_known() {
    let mut world = World::open(hmac(), 4);
    for (status, code, outcome) in
        [(400, -2010, Outcome::Rejected), (503, -1007, Outcome::Unknown), (429, -1003, Outcome::Rejected)]
    {
        let id = world.sent(&order());
        let text = format!(r#"{{"id":{id},"status":{status},"error":{{"code":{code},"msg":"x"}}}}"#);
        let Received::Answer { reply, .. } = world.calls.text(A, Tick(1), &text) else { panic!("{text}") };
        let error = reply.result.unwrap_err();
        assert_eq!((reply.status, error.code), (status, ApiCode(code)));
        assert_eq!(Outcome::of_refusal(status, error.code, &error.message), outcome);
    }
}

#[test]
fn a_call_proves_what_its_method_asks_for_and_no_more() {
    let mut world = World::open(hmac(), 4);
    assert_eq!(world.params(&TickerPrice::new().symbol("BTCUSDT")), ["symbol"]);
    assert_eq!(world.params(&StartUserDataStream::new()), ["apiKey"]);
    assert_eq!(world.params(&SessionStatus), [""; 0]);
    let (_, frame) = world.call(&QueryOrder::by_client_id("BTCUSDT", "mine")).unwrap();
    let params = frame["params"].as_object().unwrap();
    assert!(SIGNED.iter().all(|name| params.contains_key(*name)), "{frame}");
    // What is signed, by hand.
    let payload = "apiKey=the-key&origClientOrderId=mine&recvWindow=3000&symbol=BTCUSDT&timestamp=1000";
    let mut room = [0; 64];
    let signature = Hmac::new(b"secret").sign(&[payload.as_bytes()], &mut room).unwrap();
    assert_eq!((&params["signature"], &params["timestamp"]), (&signature.into(), &1_000.into()));
}

#[test]
fn what_cannot_be_sent_is_not_and_changes_nothing() {
    let mut world = World::open(hmac(), 1);
    let (now, stamp) = (world.tick(), world.stamp());
    let mut buffer = [0; MESSAGE_LEN];
    let whole = world.call(&order()).unwrap().1.to_string().len();
    world.answer(1, "{}");
    for len in 0..whole {
        let room = &mut buffer[..len];
        let full = world.calls.call(now, &order(), stamp, Some(&hmac()), SECOND, room);
        assert_eq!(full.unwrap_err(), CallError::Full);
    }
    let none = world.calls.call(now, &order(), stamp, None::<&Credentials<Hmac>>, SECOND, &mut buffer);
    assert_eq!(none.unwrap_err(), CallError::NoCredentials);
    assert_eq!(world.call(&coinm::ws_api::SessionStatus), Err(CallError::Market));
    assert_eq!(world.call(&SessionLogon), Err(CallError::Sign(SignError::Kind(KeyKind::Hmac))));
    assert_eq!(world.calls.in_flight(), 0);
    assert_eq!(world.sent(&order()).number(), 2);
    let mut unbegun = World::new(hmac(), 0, config());
    assert_eq!(unbegun.call(&order()), Err(CallError::Ended));
    unbegun.calls.start(Tick(0));
    unbegun.connect();
    assert_eq!(unbegun.call(&order()), Err(CallError::Busy));
}

#[test]
fn after_its_deadline_a_call_is_unknown_and_its_answer_late() {
    let mut world = World::open(hmac(), 2);
    let first = world.sent(&order()).number();
    world.pass(2 * SECOND);
    let second = world.sent(&order()).number();
    assert_eq!(world.calls.poll_timeout(), Some(Tick(5_000)));
    world.pass(3 * SECOND);
    assert_eq!(world.ended(), [(first, DEADLINE)]);
    assert_eq!(DEADLINE.outcome(), Outcome::Unknown);
    let text = format!(r#"{{"id":{first},"status":200,"result":{{"orderId":1}}}}"#);
    let late = world.calls.text(A, Tick(5_001), &text);
    assert!(matches!(late, Received::Late { id, .. } if id.number() == first), "{late:?}");
    // There is room again, and no id comes twice.
    let third = world.sent(&order()).number();
    assert!(third > second);
    assert_eq!(world.call(&order()), Err(CallError::Busy));
    world.answer(second, "{}");
    assert_eq!(world.ended(), []);
}

#[test]
fn a_lost_connection_leaves_calls_unknown_and_none_is_sent_again() {
    let mut world = World::open(hmac(), 8);
    let ids: Vec<u64> = (0..3).map(|_| world.sent(&order()).number()).collect();
    world.answer(ids[1], "{}");
    world.calls.lost(A, Tick(5), Reason::Dropped);
    let lost = Unanswered::Lost(Reason::Dropped);
    assert_eq!(world.ended(), [(ids[0], lost), (ids[2], lost)]);
    assert_eq!(world.calls.in_flight(), 0);
    assert!(matches!(world.notices()[..], [Notice::Connected, Notice::Lost { retry_in: Some(_), .. }]));
    world.reconnect();
    assert_eq!(world.calls.poll_transmit(world.tick(), &mut [0; 125]), None);
    // An answer to a call of the connection before is not that of a new one.
    let new = world.sent(&order()).number();
    let text = format!(r#"{{"id":{},"status":200,"result":{{}}}}"#, ids[0]);
    assert!(matches!(world.calls.text(A, world.tick(), &text), Received::Late { .. }));
    assert_eq!(world.calls.in_flight(), 1);
    world.answer(new, "{}");
}

#[test]
fn who_is_logged_on_needs_neither_key_nor_signature() {
    let mut world = World::logged_on(ed25519());
    assert!(world.calls.is_logged_on());
    let params = world.params(&QueryOrder::by_client_id("BTCUSDT", "mine"));
    assert_eq!(params, ["origClientOrderId", "recvWindow", "symbol", "timestamp"]);
    assert_eq!(world.params(&StartUserDataStream::new()), [""; 0]);
    // Who logs off signs again.
    assert_eq!(world.params(&SessionLogout), [""; 0]);
    assert!(world.params(&QueryOrder::by_client_id("BTCUSDT", "mine")).contains(&"signature".into()));
    // And logging on by hand needs all of it.
    assert_eq!(world.params(&SessionLogon), SIGNED);
    assert!(world.calls.is_logged_on());
}

#[test]
fn after_a_reconnect_logging_on_comes_first() {
    let mut world = World::logged_on(ed25519());
    world.calls.lost(A, Tick(5), Reason::Closed(1_006));
    assert!(!world.calls.is_logged_on());
    world.reconnect();
    let frame = world.write_logon();
    assert_eq!(frame["method"], "session.logon");
    assert_eq!(frame["params"].as_object().unwrap().keys().collect::<Vec<_>>(), SIGNED);
    assert_eq!(world.call(&order()), Err(CallError::NotReady));
    world.answer(frame["id"].as_u64().unwrap(), "{}");
    assert!(!world.params(&order()).contains(&"signature".into()));
    // No answer to it is a loss.
    world.calls.lost(A, world.tick(), Reason::Dropped);
    world.reconnect();
    world.write_logon();
    world.notices();
    world.pass(10 * SECOND);
    assert!(matches!(world.notices()[..], [Notice::Lost { reason: Reason::AckTimeout, .. }]));
    assert_eq!(world.calls.poll_action(), Some(Action::Abandon(A)));
}

#[test]
fn other_keys_do_not_log_on_and_calls_are_signed_where_it_fails() {
    let mut world = World::new(hmac(), 4, config());
    assert_eq!(world.calls.log_on(KeyKind::Hmac), Err(SignError::Kind(KeyKind::Hmac)));
    assert_eq!(world.calls.log_on(KeyKind::Rsa), Err(SignError::Kind(KeyKind::Rsa)));
    // Even when the key changes behind its back, nothing is written.
    world.calls.log_on(KeyKind::Ed25519).unwrap();
    world.calls.start(Tick(0));
    world.connect();
    assert_eq!(world.calls.poll_action(), Some(Action::LogOn(A)));
    let (stamp, mut buffer) = (world.stamp(), [0; MESSAGE_LEN]);
    let error = world.calls.write_logon(A, Tick(0), stamp, &hmac(), &mut buffer);
    assert_eq!(error, Err(CallError::Sign(SignError::Kind(KeyKind::Hmac))));
    assert!(world.params(&order()).contains(&"signature".into()));

    let mut world = World::new(ed25519(), 4, config());
    world.calls.log_on(KeyKind::Ed25519).unwrap();
    world.calls.start(Tick(0));
    world.connect();
    let id = world.write_logon()["id"].as_u64().unwrap();
    let text = format!(r#"{{"id":{id},"status":401,"error":{{"code":-2015,"msg":"Invalid API-key"}}}}"#);
    assert_eq!(world.calls.text(A, Tick(1), &text), Received::Handled);
    assert_eq!(world.notices(), [Notice::Connected, Notice::LogonRefused { code: ApiCode(-2015) }]);
    assert_eq!(world.calls.last_refusal().unwrap().message, "Invalid API-key");
    assert!(world.params(&order()).contains(&"signature".into()));
}

#[test]
fn a_key_that_is_revoked_is_told_and_calls_are_signed() {
    let mut world = World::logged_on(ed25519());
    let text = r#"{"id":null,"status":401,"error":{"code":-2015,"msg":"Invalid API-key"}}"#;
    assert!(matches!(world.calls.text(A, Tick(1), text), Received::Unsolicited { .. }));
    assert!(world.params(&order()).contains(&"signature".into()));
}

#[test]
fn a_connection_that_is_to_end_answers_its_calls_first() {
    for (text, cause) in [
        (Some(r#"{"e":"serverShutdown","E":1}"#), Cause::Shutdown),
        (Some(r#"{"event":{"e":"serverShutdown","E":1}}"#), Cause::Shutdown),
        (None, Cause::Age),
    ] {
        let mut world = World::new(hmac(), 4, Config { overlap: false, ..config() });
        world.calls.start(Tick(0));
        world.connect();
        world.notices();
        let id = match text {
            Some(text) => {
                let id = world.sent(&order()).number();
                assert_eq!(world.calls.text(A, Tick(1), text), Received::Handled);
                id
            }
            None => {
                world.pass(23 * 3_600 * SECOND - SECOND);
                let id = world.sent(&order()).number();
                world.pass(SECOND);
                id
            }
        };
        assert_eq!(world.notices(), [Notice::Replacing { cause }]);
        assert_eq!((world.calls.poll_action(), world.call(&order())), (None, Err(CallError::NotReady)));
        world.answer(id, "{}");
        assert_eq!(world.calls.poll_action(), Some(Action::Abandon(A)));
        world.connect();
        world.sent(&order());
        assert_eq!(world.ended(), []);
    }
}

#[test]
fn another_connection_takes_the_place_of_one_that_is_to_end() {
    let mut world = World::logged_on(ed25519());
    world.pass(23 * 3_600 * SECOND - SECOND);
    let old = world.sent(&order()).number();
    world.pass(SECOND);
    assert_eq!(world.notices(), [Notice::Replacing { cause: Cause::Age }]);
    assert_eq!((world.calls.poll_action(), world.link()), (Some(Action::Connect(B)), A));
    // What may go wrong with it harms no call.
    world.calls.lost(B, world.tick(), Reason::Connect);
    assert_eq!((world.notices(), world.link()), (vec![], A));
    let at = world.calls.poll_timeout().unwrap();
    world.pass(at.since(world.tick()));
    assert_eq!(world.calls.poll_action(), Some(Action::Connect(B)));
    world.calls.opened(B, world.tick());
    let frame = world.write_logon_over(B);
    // Until it is logged on, calls go over the old one.
    assert_eq!((frame["method"].as_str(), world.link()), (Some("session.logon"), A));
    world.answer_over(B, frame["id"].as_u64().unwrap(), "{}");
    assert_eq!((world.link(), world.calls.is_logged_on()), (B, true));
    assert_eq!(world.notices(), [Notice::Connected, Notice::LoggedOn]);
    // The answer to the call in flight comes over the one that it went over, and over no other.
    assert_eq!(world.calls.poll_transmit(world.tick(), &mut [0; 125]), None);
    let text = format!(r#"{{"id":{old},"status":200,"result":{{}}}}"#);
    assert!(matches!(world.calls.text(B, world.tick(), &text), Received::Late { .. }));
    assert_eq!(world.calls.in_flight(), 1);
    world.answer(old, "{}");
    let close = Transmit { link: A, frame: Outgoing::Close(1_000) };
    assert_eq!(world.calls.poll_transmit(world.tick(), &mut [0; 125]), Some(close));
    world.calls.lost(A, world.tick(), Reason::Closed(1_000));
    // And so on: 23 hours later it is the other's turn.
    assert_eq!((world.notices(), world.ended(), world.link()), (vec![], vec![], B));
    world.pass(23 * 3_600 * SECOND);
    assert_eq!(world.notices(), [Notice::Replacing { cause: Cause::Age }]);
    assert_eq!(world.calls.poll_action(), Some(Action::Connect(A)));
}

#[test]
fn a_loss_while_it_is_replaced_makes_calls_wait_for_the_other_one() {
    let mut world = World::open(hmac(), 4);
    let old = world.sent(&order()).number();
    assert_eq!(world.calls.text(A, Tick(1), r#"{"e":"serverShutdown","E":1}"#), Received::Handled);
    assert_eq!(world.calls.poll_action(), Some(Action::Connect(B)));
    world.notices();
    world.calls.lost(A, Tick(2), Reason::Dropped);
    assert_eq!(world.ended(), [(old, Unanswered::Lost(Reason::Dropped))]);
    assert_eq!(world.notices(), [Notice::Lost { reason: Reason::Dropped, retry_in: Some(Duration::ZERO) }]);
    assert_eq!((world.calls.poll_action(), world.call(&order())), (None, Err(CallError::NotReady)));
    world.calls.opened(B, Tick(3));
    assert_eq!(world.link(), B);
    // Closing closes both.
    let mut world = World::open(hmac(), 4);
    world.calls.text(A, Tick(1), r#"{"e":"serverShutdown","E":1}"#);
    assert_eq!(world.calls.poll_action(), Some(Action::Connect(B)));
    world.calls.close(Tick(2));
    assert_eq!(world.calls.poll_action(), Some(Action::Abandon(B)));
    let close = Transmit { link: A, frame: Outgoing::Close(1_000) };
    assert_eq!(world.calls.poll_transmit(Tick(2), &mut [0; 125]), Some(close));
    world.notices();
    world.pass(10 * SECOND);
    assert_eq!((world.calls.poll_action(), world.notices()), (Some(Action::Abandon(A)), vec![Notice::Ended]));
}

#[test]
fn silence_is_answered_with_a_ping_and_then_with_a_loss() {
    let mut world = World::open(hmac(), 4);
    world.calls.ping(A, Tick(0), b"7");
    assert_eq!(
        world.calls.poll_transmit(Tick(0), &mut [0; 125]),
        Some(Transmit { link: A, frame: Outgoing::Pong(b"7") })
    );
    assert_eq!(world.calls.poll_timeout(), Some(Tick(10_000)));
    world.pass(10 * SECOND);
    assert_eq!(
        world.calls.poll_transmit(Tick(10_000), &mut [0; 125]),
        Some(Transmit { link: A, frame: Outgoing::Ping })
    );
    assert_eq!(world.calls.poll_transmit(Tick(10_000), &mut [0; 125]), None);
    world.calls.pong(A, Tick(10_100));
    world.pass(10 * SECOND + SECOND);
    assert_eq!(
        world.calls.poll_transmit(world.tick(), &mut [0; 125]),
        Some(Transmit { link: A, frame: Outgoing::Ping })
    );
    world.pass(6 * SECOND);
    let id = world.sent(&order()).number();
    world.pass(4 * SECOND);
    assert_eq!(world.ended(), [(id, Unanswered::Lost(Reason::PongTimeout))]);
    assert_eq!(world.calls.poll_action(), Some(Action::Abandon(A)));
}

#[test]
fn attempts_to_connect_have_no_end_unless_nobody_wants_them() {
    let mut world = World::new(hmac(), 4, config());
    world.calls.start(Tick(0));
    for _ in 0..40 {
        assert_eq!(world.calls.poll_action(), Some(Action::Connect(A)));
        world.pass(10 * SECOND);
        assert_eq!(world.calls.poll_action(), Some(Action::Abandon(A)));
        let before = world.now;
        world.calls.defer(A, Tick(before), 100 * SECOND);
        world.pass(99 * SECOND);
        assert_eq!(world.calls.poll_action(), None);
        world.pass(SECOND);
    }
    let mut once = World::new(hmac(), 4, Config { reconnect: false, ..config() });
    once.calls.start(Tick(0));
    once.connect();
    once.calls.lost(A, Tick(1), Reason::Dropped);
    let lost = Notice::Lost { reason: Reason::Dropped, retry_in: None };
    assert_eq!(once.notices(), [Notice::Connected, lost, Notice::Ended]);
    assert_eq!((once.calls.poll_action(), once.calls.poll_timeout()), (None, None));
    assert_eq!(once.call(&order()), Err(CallError::Ended));
}

#[test]
fn closing_waits_for_the_calls_in_flight() {
    let mut world = World::open(hmac(), 4);
    let (first, second) = (world.sent(&order()).number(), world.sent(&order()).number());
    world.notices();
    world.calls.close(Tick(1));
    assert_eq!(world.call(&order()), Err(CallError::Ended));
    world.answer(first, "{}");
    assert_eq!(world.calls.poll_transmit(Tick(2), &mut [0; 125]), None);
    world.pass(5 * SECOND);
    assert_eq!(world.ended(), [(second, DEADLINE)]);
    assert_eq!(
        world.calls.poll_transmit(world.tick(), &mut [0; 125]),
        Some(Transmit { link: A, frame: Outgoing::Close(1_000) })
    );
    world.calls.lost(A, world.tick(), Reason::Closed(1_000));
    assert_eq!(world.notices(), [Notice::Ended]);
    world.calls.start(world.tick());
    assert_eq!((world.calls.poll_action(), world.calls.poll_timeout()), (None, None));
}

#[test]
fn a_call_and_its_answer_allocate_nothing() {
    let mut calls = Calls::new(Market::UsdM, [Slot::FREE; 4], config(), 1);
    let (credentials, order, mut buffer) = (hmac(), order(), [0; MESSAGE_LEN]);
    let result = r#"{"id":1,"status":200,"result":{"orderId":7,"symbol":"BTCUSDT","clientOrderId":"mine",
        "status":"NEW","side":"BUY"}}"#;
    let mut order_id = 0;
    let allocated = allocation_counter::measure(|| {
        calls.start(Tick(0));
        calls.poll_action();
        calls.opened(A, Tick(1));
        let stamp = Stamp::new(Millis(1));
        calls.call(Tick(1), &order, stamp, Some(&credentials), SECOND, &mut buffer).unwrap();
        if let Received::Answer { reply, .. } = calls.text(A, Tick(2), result) {
            order_id = order.read(reply.result.unwrap()).unwrap().order_id;
        }
        calls.lost(A, Tick(3), Reason::Dropped);
    });
    assert_eq!((order_id, allocated.count_total), (7, 0));
}

#[test]
fn hostile_texts_lose_nothing() {
    let mut world = World::open(hmac(), 4);
    let id = world.sent(&order()).number();
    let deep = "[".repeat(100_000);
    for text in [
        "",
        "null",
        "[]",
        "{}",
        "\u{0}",
        r#"{"id":1}"#,
        r#"{"id":1,"status":"#,
        r#"{"id":1,"status":"x","result":{}}"#,
        r#"{"id":-1,"status":200,"result":{}}"#,
        r#"{"id":1.0,"status":200,"result":{}}"#,
        r#"{"id":"1","status":200,"result":{}}"#,
        r#"{"id":[1],"status":200,"result":{}}"#,
        r#"{"id":0,"status":200,"result":{}}"#,
        r#"{"id":5,"status":200,"result":{}}"#,
        r#"{"id":18446744073709551615,"status":200,"result":{}}"#,
        r#"{"id":99999999999999999999,"status":200,"result":{}}"#,
        &deep,
    ] {
        let received = world.calls.text(A, Tick(1), text);
        assert!(!matches!(received, Received::Answer { .. }), "{text}: {received:?}");
        assert_eq!(world.calls.in_flight(), 1);
    }
    world.answer(id, "{}");
}
