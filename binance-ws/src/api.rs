//! The WebSocket API: calls over one socket, without I/O, clock or randomness.
//!
//! [`Calls`] writes calls, keeps those in flight, and finds out which of them an answer belongs to, in whatever order
//! answers come. It also sees to the connection: when to connect, to log on, to ping, to wait. An adapter owns the socket
//! and follows it. After **every** call that takes a `&mut Calls` the adapter
//!
//! 1. takes [`Calls::poll_action`] until it is `None`, and does what it says;
//! 2. takes [`Calls::poll_transmit`] until it is `None`, and sends it;
//! 3. takes [`Calls::poll_ended`] until it is `None`: calls that will have no answer;
//! 4. takes [`Calls::poll_notice`] until it is `None`;
//! 5. calls [`Calls::elapsed`] when the time of [`Calls::poll_timeout`] has come.
//!
//! What comes over the socket goes in by [`Calls::opened`], [`Calls::text`], [`Calls::ping`], [`Calls::pong`] and
//! [`Calls::lost`], with the [`LinkId`] of the socket: while one connection takes the place of another there are two.
//! Nothing blocks and nothing allocates; the caller brings the table of calls.
//!
//! **A call is written once.** One that is in flight when its socket is lost, or its deadline passes, is
//! [`Outcome::Unknown`]: it is told, and never sent again. Ask for the order by its client order id. One that cannot be
//! written ([`CallError`]) is [`Outcome::NotSent`].
//!
//! **Who is logged on need not sign.** [`Calls::log_on`] asks for `session.logon`, which takes Ed25519 keys only. It is
//! the first thing on every connection, and no call is written until it is answered. After it, calls carry neither key nor
//! signature. When the exchange refuses it, or ends it, calls are signed one by one.
//!
//! **A connection is replaced before it ends**: when the exchange announces that, or after
//! [`Config::rotate_after`](crate::session::Config::rotate_after). Another is opened and logged on while calls go on over the
//! old one; then new calls go over the new one, and the old one is closed when its calls are answered. Without
//! [`Config::overlap`](crate::session::Config::overlap), for those who have one socket, calls in flight are answered first
//! and new ones wait for the next connection.
//!
//! ```
//! use binance_core::{Market, Millis, dec, enums::Side, usdm::trade::NewOrder, ws_api::TypedCall};
//! use binance_sign::{Credentials, Hmac, Stamp};
//! use binance_ws::{Tick, api::{Action, Calls, MESSAGE_LEN, Received, Slot}, session::Config};
//! use std::time::Duration;
//!
//! // Room for 16 calls in flight. The last argument is any random number.
//! let mut calls = Calls::new(Market::UsdM, [Slot::FREE; 16], Config::default(), 42);
//! calls.start(Tick(0));
//! let Some(Action::Connect(link)) = calls.poll_action() else { unreachable!() };
//! // ... connect to `wss://ws-fapi.binance.com/ws-fapi/v1`, then:
//! calls.opened(link, Tick(80));
//!
//! let credentials = Credentials::new("key", Hmac::new(b"secret"))?;
//! let order = NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.001"), dec!("50000.0"));
//! let mut buffer = [0; MESSAGE_LEN];
//! let stamp = Stamp::new(Millis(1_700_000_000_000));
//! let written = calls.call(Tick(90), &order, stamp, Some(&credentials), Duration::from_secs(5), &mut buffer)?;
//! assert!(written.text.starts_with(r#"{"id":1,"method":"order.place","params":{"symbol":"BTCUSDT","side":"BUY","#));
//! let id = written.id;
//! // ... send it; and when something comes:
//! let text = r#"{"id":1,"status":200,"result":{"orderId":7,"symbol":"BTCUSDT","clientOrderId":"a","status":"NEW","side":"BUY"}}"#;
//! let Received::Answer { id: of, reply } = calls.text(link, Tick(95), text) else { unreachable!() };
//! assert_eq!(of, id);
//! assert_eq!(order.read(reply.result?)?.order_id, 7);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod io;
mod life;
#[cfg(test)]
#[cfg(feature = "std")]
mod tests;
mod write;

use core::time::Duration;

use binance_core::{
    ApiError, Market,
    buf::Buf,
    stream::Id,
    ws_api::{Call, MethodMeta, Reply},
};
use binance_sign::{Credentials, KeyKind, SignError, Signer, Stamp};

use crate::{
    backoff::Backoff,
    session::{Both, Cause, Config, LinkId},
    time::Tick,
};

pub use self::{
    io::{Action, CallError, CallId, Ended, Notice, Received, Unanswered, Written},
    write::MESSAGE_LEN,
};
use self::{life::Line, life::Phase, write::Proof};
pub use binance_core::Outcome;

/// How many notices wait to be taken. One call causes three at most.
const MAX_NOTICES: usize = 8;

/// A moment that does not come.
const NEVER: Tick = Tick(u64::MAX);

/// One place in the table of calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Slot(State);

impl Slot {
    /// With no call in it.
    pub const FREE: Self = Self(State::Free);
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Free,
    InFlight {
        id: u64,
        link: LinkId,
        deadline: Tick,
        change: Option<Change>,
    },
    /// To be told.
    Ended(Ended),
}

/// What a call's success means for the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    LogOn,
    LogOff,
}

/// See the [module](self).
#[derive(Debug)]
pub struct Calls<T> {
    market: Market,
    config: Config,
    table: T,
    /// How many are still to be told.
    ended: usize,
    next_id: u64,
    /// No call's deadline comes before.
    deadline: Tick,
    lines: Both<Line>,
    /// Which of them new calls go over.
    active: LinkId,
    /// Why another has to take its place, where nothing was done for it so far.
    replace: Option<Cause>,
    begun: bool,
    /// Whether new connections are made, and calls taken.
    running: bool,
    wants_logon: bool,
    refusal: Option<ApiError>,
    backoff: Backoff,
    now: Tick,
    notices: heapless::Deque<Notice, MAX_NOTICES>,
}

impl<T: AsRef<[Slot]> + AsMut<[Slot]>> Calls<T> {
    /// Calls to a market's WebSocket API, not begun. `table` is a slice of free slots, as many as calls may be in flight:
    /// `[Slot::FREE; 16]`, or a `Vec` of them. What `config` says of streams is of no matter here. `seed` is any random
    /// number; it spreads the times of reconnects.
    pub fn new(market: Market, mut table: T, config: Config, seed: u64) -> Self {
        table.as_mut().fill(Slot::FREE);
        Self {
            market,
            table,
            ended: 0,
            next_id: 1,
            deadline: NEVER,
            lines: Both::default(),
            active: LinkId::ALL[0],
            replace: None,
            begun: false,
            running: false,
            wants_logon: false,
            refusal: None,
            backoff: Backoff::new(config.backoff_first, config.backoff_most, seed),
            config,
            now: Tick(0),
            notices: heapless::Deque::new(),
        }
    }

    /// Wants every connection to be logged on, from the next one on. Before [`Calls::start`] that is all of them.
    ///
    /// # Errors
    /// [`SignError::Kind`] for any key but Ed25519.
    pub fn log_on(&mut self, kind: KeyKind) -> Result<(), SignError> {
        if kind != KeyKind::Ed25519 {
            return Err(SignError::Kind(kind));
        }
        self.wants_logon = true;
        Ok(())
    }

    /// Which market's it is.
    pub fn market(&self) -> Market {
        self.market
    }

    /// Whether a call can be written now: the connection is open, and logged on where that is wanted.
    pub fn is_ready(&self) -> bool {
        self.running && self.lines[self.active].phase == Phase::Ready
    }

    /// Whether the connection is logged on.
    pub fn is_logged_on(&self) -> bool {
        self.lines[self.active].logged_on
    }

    /// Whether a call can be written now, and has a place in the table.
    pub fn has_room(&self) -> bool {
        self.is_ready() && self.in_flight() + self.ended < self.table.as_ref().len()
    }

    /// Asks for `session.logon` again where it was refused, for example since the clock was wrong. Until it is answered,
    /// [`Calls::is_ready`] is false.
    pub fn log_on_again(&mut self, now: Tick) {
        self.at(now);
        let line = &mut self.lines[self.active];
        if self.wants_logon && !line.logged_on && line.phase == Phase::Ready {
            line.phase = Phase::LogonDue;
        }
    }

    /// How many calls wait for their answers.
    pub fn in_flight(&self) -> usize {
        self.lines.0.iter().map(|line| line.in_flight).sum()
    }

    /// The exchange's words when it last refused to log on.
    pub fn last_refusal(&self) -> Option<&ApiError> {
        self.refusal.as_ref()
    }

    /// Whether a call could be written on a connection that is ready. For those who do not want to wait for one in vain.
    ///
    /// # Errors
    /// [`CallError::Market`], [`CallError::NoCredentials`], [`CallError::Sign`] when it is `session.logon` with another
    /// key than Ed25519, [`CallError::Ended`].
    pub fn check(&self, method: &MethodMeta, key: Option<KeyKind>) -> Result<(), CallError> {
        if !self.running {
            return Err(CallError::Ended);
        }
        if method.market != self.market {
            return Err(CallError::Market);
        }
        match key {
            Some(kind) if method.method == write::LOGON && kind != KeyKind::Ed25519 => {
                Err(CallError::Sign(SignError::Kind(kind)))
            }
            None if method.security.needs_key() => Err(CallError::NoCredentials),
            _ => Ok(()),
        }
    }

    /// Writes a call to the start of `buffer`, and counts it as sent: it has until `timeout` after `now` for its answer.
    ///
    /// `stamp` is the time by the exchange's clock; it goes where the method asks for one. `credentials` are always those
    /// of the same account.
    ///
    /// Room needed: [`MESSAGE_LEN`] suffices for every declared method.
    ///
    /// # Errors
    /// [`CallError`]; nothing was written that may be sent, and nothing has changed.
    pub fn call<'b, S: Signer>(
        &mut self,
        now: Tick,
        call: &dyn Call,
        stamp: Stamp,
        credentials: Option<&Credentials<S>>,
        timeout: Duration,
        buffer: &'b mut [u8],
    ) -> Result<Written<'b>, CallError> {
        self.at(now);
        let method = call.method();
        self.check(method, credentials.map(Credentials::kind))?;
        if !self.is_ready() {
            return Err(CallError::NotReady);
        }
        let id = self.free_id().ok_or(CallError::Busy)?;
        let change = match method.method {
            write::LOGON => Some(Change::LogOn),
            "session.logout" => Some(Change::LogOff),
            _ => None,
        };
        let proof = match change {
            Some(Change::LogOn) => Proof::Logon,
            _ => Proof::of(method.security, self.is_logged_on()),
        };
        let mut out = Buf::new(buffer);
        write::call(&mut out, id, call, proof, stamp, credentials)?;
        if change == Some(Change::LogOff) {
            // What is written behind it must not rely on it.
            (self.lines[self.active].logged_on, self.wants_logon) = (false, false);
        }
        let (link, deadline) = (self.active, self.now.plus(timeout));
        self.put(id, State::InFlight { id, link, deadline, change });
        self.lines[link].in_flight += 1;
        self.deadline = self.deadline.min(deadline);
        self.next_id = id + 1;
        // Names, numbers and texts were text.
        let text = core::str::from_utf8(out.into_bytes()).map_err(|_| CallError::Full)?;
        Ok(Written { id: CallId(id), link, text })
    }

    /// Writes `session.logon`, when [`Action::LogOn`] asks for it.
    ///
    /// # Errors
    /// [`CallError::Sign`] for any key but Ed25519, before anything is written; [`CallError::Full`];
    /// [`CallError::NotReady`] when nobody asked. The connection goes on, and calls are signed.
    pub fn write_logon<'b, S: Signer>(
        &mut self,
        link: LinkId,
        now: Tick,
        stamp: Stamp,
        credentials: &Credentials<S>,
        buffer: &'b mut [u8],
    ) -> Result<&'b str, CallError> {
        self.at(now);
        let Phase::LoggingOn { id: None, until } = self.lines[link].phase else {
            return Err(CallError::NotReady);
        };
        let id = self.next_id;
        let mut out = Buf::new(buffer);
        if let Err(error) = write::logon(&mut out, id, self.market, stamp, credentials) {
            self.ready(link);
            return Err(error);
        }
        self.next_id += 1;
        self.lines[link].phase = Phase::LoggingOn { id: Some(id), until };
        core::str::from_utf8(out.into_bytes()).map_err(|_| CallError::Full)
    }

    /// A text message came.
    pub fn text<'r>(&mut self, link: LinkId, now: Tick, text: &'r str) -> Received<'r> {
        self.alive(link, now);
        let reply = match Reply::parse(text) {
            Ok(reply) => reply,
            Err(_) if text.contains("\"serverShutdown\"") => {
                self.shutdown(link);
                return Received::Handled;
            }
            Err(error) => return Received::Garbage(error),
        };
        let Some(Id::Number(id)) = reply.id else {
            if reply.id.is_none() && reply.result.is_err() {
                // The connection itself is spoken of: whoever was logged on is not any more.
                self.lines[link].logged_on = false;
            }
            return Received::Unsolicited { reply };
        };
        match self.lines[link].phase {
            Phase::LoggingOn { id: Some(own), .. } if own == id => {
                self.logon_answered(link, reply.result.err());
                return Received::Handled;
            }
            _ => {}
        }
        match self.get(id) {
            Some(State::InFlight { id: own, link: over, change, .. }) if (own, over) == (id, link) => {
                self.put(id, State::Free);
                let line = &mut self.lines[link];
                line.in_flight -= 1;
                match change {
                    Some(change) if reply.result.is_ok() => {
                        line.logged_on = change == Change::LogOn;
                        self.wants_logon = line.logged_on;
                    }
                    _ => {}
                }
                self.end_if_drained(link);
                Received::Answer { id: CallId(id), reply }
            }
            _ if id < self.next_id => Received::Late { id: CallId(id), reply },
            _ => Received::Unsolicited { reply },
        }
    }

    /// The next call that will have no answer.
    pub fn poll_ended(&mut self) -> Option<Ended> {
        if self.ended == 0 {
            return None;
        }
        self.ended -= 1;
        self.table.as_mut().iter_mut().find_map(|slot| match slot.0 {
            State::Ended(ended) => {
                slot.0 = State::Free;
                Some(ended)
            }
            _ => None,
        })
    }

    /// Ends the calls in flight that `why` gives a reason for.
    fn end(&mut self, why: impl Fn(LinkId, Tick) -> Option<Unanswered>) {
        self.deadline = NEVER;
        for slot in self.table.as_mut() {
            let State::InFlight { id, link, deadline, .. } = slot.0 else { continue };
            match why(link, deadline) {
                Some(why) => {
                    slot.0 = State::Ended(Ended { id: CallId(id), why });
                    self.lines[link].in_flight -= 1;
                    self.ended += 1;
                }
                None => self.deadline = self.deadline.min(deadline),
            }
        }
    }

    /// The next id whose place is free. Ids only grow, so that an answer to one of long ago is never taken for another's.
    fn free_id(&self) -> Option<u64> {
        let slots = self.table.as_ref();
        if self.in_flight() + self.ended >= slots.len() {
            return None;
        }
        (self.next_id..).take(slots.len()).find(|id| matches!(self.get(*id), Some(State::Free)))
    }

    fn get(&self, id: u64) -> Option<State> {
        let slots = self.table.as_ref();
        slots.get(place(id, slots.len())?).map(|slot| slot.0)
    }

    fn put(&mut self, id: u64, state: State) {
        let slots = self.table.as_mut();
        if let Some(slot) = place(id, slots.len()).and_then(|place| slots.get_mut(place)) {
            slot.0 = state;
        }
    }
}

/// Where in a table a call is.
fn place(id: u64, len: usize) -> Option<usize> {
    usize::try_from(id.checked_rem(len as u64)?).ok()
}
