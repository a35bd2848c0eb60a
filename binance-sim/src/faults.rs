//! Faults on demand: what goes wrong, where, and how often.

use std::{collections::VecDeque, time::Duration};

use crate::rng::Rng;

mod text;

pub use self::text::FaultError;

/// Something that shall go wrong: [`What`], where, and how often or how likely.
///
/// Where is one of four points: a connection that comes in, a request (REST, the handshake of a WebSocket, or a call
/// of the WebSocket API), a subscription, a frame of a stream. Most things can go wrong at one of them only; those of
/// the last group of [`What`] strike at requests, or at frames when [`on_stream`](Self::on_stream) names a stream.
///
/// ```
/// use binance_sim::{Fault, What};
///
/// // Lets one order through, then answers the next two with a gateway's error page.
/// let fault = Fault::new(What::BadGateway).on("POST", "/fapi/v1/order").after(1).times(2);
/// # let _ = fault;
/// ```
#[derive(Clone, Debug)]
pub struct Fault {
    pub(crate) what: What,
    pub(crate) method: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) stream: Option<String>,
    pub(crate) after: u32,
    pub(crate) times: u32,
    pub(crate) probability: f64,
}

impl Fault {
    /// This fault, once, at the first connection, request, subscription or frame that comes, whatever it is a fault
    /// of. The handshake of a WebSocket is only meant when [`on`](Self::on) says so.
    pub fn new(what: What) -> Self {
        Self { what, method: None, path: None, stream: None, after: 0, times: 1, probability: 1.0 }
    }

    /// Reads faults from JSON: one object or an array of them, as the README lists them and `--faults FILE` and
    /// `POST /sim/fault` take them.
    ///
    /// # Errors
    /// When it is no JSON, or names a fault or a field that does not exist.
    pub fn from_json(json: &str) -> Result<Vec<Self>, FaultError> {
        text::read(json)
    }

    /// Only at requests with this method and path. An empty text matches any; a path ending in `*` matches all that
    /// begin with what stands before it. A call of the WebSocket API has the method `WS`, and a path like
    /// `/ws-fapi/v1/order.place`; a handshake is a `GET` of its path, as in `/public/ws`.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = (!method.is_empty()).then(|| method.to_owned());
        self.path = (!path.is_empty()).then(|| path.to_owned());
        self
    }

    /// Only at frames of the stream with this name, as in `btcusdt@aggTrade`, or at subscriptions to it; `userData`
    /// means every user data stream, and a name ending in `*` all that begin with what stands before it.
    #[must_use]
    pub fn on_stream(mut self, name: &str) -> Self {
        self.stream = Some(name.to_owned());
        self
    }

    /// Lets this many matching requests or frames pass first.
    #[must_use]
    pub fn after(mut self, count: u32) -> Self {
        self.after = count;
        self
    }

    /// Strikes this often, then is spent; once unless told.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.times = count;
        self
    }

    /// Strikes until [`Sim::clear_faults`](crate::Sim::clear_faults).
    #[must_use]
    pub fn always(mut self) -> Self {
        self.times = u32::MAX;
        self
    }

    /// Strikes with this probability, from 0 to 1, wherever it matches. The dice are the simulation's own: the same
    /// seed and the same requests give the same faults.
    #[must_use]
    pub fn with_probability(mut self, probability: f64) -> Self {
        self.probability = probability;
        self
    }
}

/// What goes wrong. Delays are in host time, whatever the exchange's clock does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    // Connections.
    /// The connection is accepted, and closed at once.
    DropConnection,
    /// The connection is accepted, and reset (RST) at once.
    ResetConnection,
    /// The connection is accepted, and nothing is ever read or written.
    MuteConnection,
    /// The connection is accepted, and served this much later.
    DelayConnection(Duration),

    // Requests.
    /// The socket closes before the request was looked at: nothing was done.
    CloseBeforeProcessing,
    /// The socket is reset (RST) before the request was looked at: nothing was done.
    ResetBeforeProcessing,
    /// The request is carried out this much later.
    DelayBeforeProcessing(Duration),
    /// The socket closes after the request was carried out, before the first byte of the reply.
    CloseAfterProcessing,
    /// The socket is reset (RST) after the request was carried out, before the first byte of the reply.
    ResetAfterProcessing,
    /// No reply ever comes. With `processed` the request was carried out all the same.
    Hang {
        /// Whether the request was carried out.
        processed: bool,
    },
    /// The reply's body breaks off in the middle, short of its content-length, and the socket closes.
    CutBody,
    /// The reply's head breaks off in the middle and the socket closes.
    CutHead,
    /// The reply's content-length is this much too large (too small when negative); the socket stays open.
    WrongContentLength(i64),
    /// The status stays, the body is no JSON.
    GarbageBody,
    /// 500 with code -1000, in place of carrying the request out.
    InternalError,
    /// 502 with an HTML page, in place of carrying the request out.
    BadGateway,
    /// 503, in one of its wordings.
    Unavailable(Unavailable),
    /// 408 with code -1007: "execution status unknown". With `processed` the request was carried out.
    Timeout {
        /// Whether the request was carried out.
        processed: bool,
    },
    /// 429 with code -1003 and `Retry-After`, in place of carrying the request out.
    TooManyRequests {
        /// The header's seconds.
        retry_after: u32,
    },
    /// 418 with code -1003 and `Retry-After`, in place of carrying the request out.
    Banned {
        /// The header's seconds.
        retry_after: u32,
    },
    /// This reply, in place of carrying the request out.
    Reply {
        /// The status.
        status: u16,
        /// The `Content-Type`.
        content_type: String,
        /// The body.
        body: String,
    },
    /// Every listen key expires, and then the request is carried out.
    ExpireListenKeys,

    // Subscriptions.
    /// The subscription is acknowledged, and nothing ever comes of it.
    SilentSubscription,
    /// The subscription is not acknowledged, and nothing comes of it.
    IgnoredSubscription,

    // Frames of streams.
    /// The socket of the stream closes without a close frame.
    DropStream,
    /// The socket of the stream is reset (RST).
    ResetStream,
    /// The socket of the stream closes with this code.
    CloseStream(u16),
    /// The frames of the stream are swallowed, while pings are sent and answered.
    Silence,
    /// The frame is swallowed. One that is missing from a depth stream shows as a `pu` that is not the `u` before.
    Gap,
    /// A frame that is no JSON takes the place of the stream's frame.
    GarbageFrame,
    /// The frame comes twice.
    DuplicateFrame,
    /// The frame's text breaks off in the middle.
    TruncateFrame,
    /// The frame breaks off in the middle of its bytes, and the socket closes.
    BreakFrame,
    /// `serverShutdown` comes before the frame.
    ShutdownNotice,

    // Requests, or frames when a stream is named.
    /// The reply or the frame comes this much later.
    Delay(Duration),
    /// The reply or the frame comes in pieces of one byte, each its own write.
    ByteByByte,
    /// The reply comes twice, or the frame.
    Duplicate,
    /// The frame comes after the next one; the reply to a call of the WebSocket API after the next reply. A request of
    /// REST is not touched.
    Reorder,
    /// One byte of the body or of the frame's text is another one.
    CorruptByte,
    /// The request is carried out as if the exchange's clock were so many milliseconds ahead, behind when negative:
    /// the time that `/time` tells is wrong, and a signed request may be outside of its window (-1021). A frame's
    /// event time is off by that much.
    ClockSkew(i64),
    /// The first field of this name has a word that is in no enum.
    NewEnumValue(String),
    /// There is a field that never was there before.
    NewField,
    /// The first field of this name is not there.
    MissingField(String),
}

/// Where a fault may strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Point {
    Connection,
    Request,
    Subscription,
    Frame,
}

impl Fault {
    fn point(&self) -> Point {
        match self.what {
            What::DropConnection
            | What::ResetConnection
            | What::MuteConnection
            | What::DelayConnection(_) => Point::Connection,
            What::SilentSubscription | What::IgnoredSubscription => Point::Subscription,
            What::DropStream
            | What::ResetStream
            | What::CloseStream(_)
            | What::Silence
            | What::Gap
            | What::GarbageFrame
            | What::DuplicateFrame
            | What::TruncateFrame
            | What::BreakFrame
            | What::ShutdownNotice => Point::Frame,
            _ if self.stream.is_some() => Point::Frame,
            _ => Point::Request,
        }
    }
}

/// The wordings of a 503, which say different things about the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unavailable {
    /// "Unknown error, please check your request or try again later.": the request was carried out, the client
    /// cannot know.
    Unknown,
    /// "Service Unavailable.": the request was not carried out.
    Failed,
    /// "Internal error; unable to process your request. Please try again.": the request was not carried out.
    Internal,
    /// Code -1008, "Request throttled by system-level protection…": the request was not carried out.
    Throttled,
}

impl Unavailable {
    /// The code, if it has one, and the wording.
    pub(crate) const fn words(self) -> (Option<i32>, &'static str) {
        match self {
            Self::Unknown => (None, "Unknown error, please check your request or try again later."),
            Self::Failed => (None, "Service Unavailable."),
            Self::Internal => (None, "Internal error; unable to process your request. Please try again."),
            Self::Throttled => (
                Some(-1008),
                "Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try \
                 again.",
            ),
        }
    }
}

/// A fault that struck.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Injected {
    /// What went wrong.
    pub what: What,
    /// Where: method and path, the stream's name, or the word `connection`.
    pub at: String,
    /// The exchange's time, in milliseconds.
    pub time: i64,
}

/// How many injected faults are remembered.
const REMEMBERED: usize = 10_000;

/// The faults that wait, and those that struck.
#[derive(Debug)]
pub(crate) struct Faults {
    waiting: Vec<Fault>,
    injected: VecDeque<Injected>,
    dice: Rng,
}

impl Faults {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { waiting: Vec::new(), injected: VecDeque::new(), dice: Rng::new(seed) }
    }

    pub(crate) fn add(&mut self, fault: Fault) {
        if fault.times > 0 {
            self.waiting.push(fault);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    pub(crate) fn injected(&self) -> Vec<Injected> {
        self.injected.iter().cloned().collect()
    }

    /// What shall go wrong with this connection.
    pub(crate) fn strike_connection(&mut self, time: i64) -> Option<What> {
        self.strike(Point::Connection, |_| true, time, || "connection".to_owned())
    }

    /// What shall go wrong with this request.
    pub(crate) fn strike_request(&mut self, method: &str, path: &str, time: i64) -> Option<What> {
        self.strike(Point::Request, |fault| fault.is_at(method, path), time, || format!("{method} {path}"))
    }

    /// What shall go wrong with this handshake of a WebSocket: only what was meant for its path.
    pub(crate) fn strike_handshake(&mut self, path: &str, time: i64) -> Option<What> {
        let is_meant = |fault: &Fault| fault.path.is_some() && fault.is_at("GET", path);
        self.strike(Point::Request, is_meant, time, || format!("GET {path}"))
    }

    /// What shall go wrong with this subscription.
    pub(crate) fn strike_subscription(&mut self, name: &str, time: i64) -> Option<What> {
        self.strike(Point::Subscription, |fault| fault.is_of(name), time, || name.to_owned())
    }

    /// What shall go wrong with this frame of a stream.
    pub(crate) fn strike_stream(&mut self, name: &str, time: i64) -> Option<What> {
        if self.waiting.is_empty() {
            return None;
        }
        self.strike(Point::Frame, |fault| fault.is_of(name), time, || name.to_owned())
    }

    fn strike(
        &mut self,
        point: Point,
        matches: impl Fn(&Fault) -> bool,
        time: i64,
        at: impl Fn() -> String,
    ) -> Option<What> {
        for fault in self.waiting.iter_mut().filter(|fault| fault.point() == point && matches(fault)) {
            if fault.after > 0 {
                fault.after -= 1;
                continue;
            }
            // 53 bits are what a fraction has.
            if fault.probability < 1.0
                && (self.dice.next() >> 11) as f64 / (1u64 << 53) as f64 >= fault.probability
            {
                continue;
            }
            if fault.times != u32::MAX {
                fault.times -= 1;
            }
            let what = fault.what.clone();
            self.injected.push_back(Injected { what: what.clone(), at: at(), time });
            if self.injected.len() > REMEMBERED {
                self.injected.pop_front();
            }
            self.waiting.retain(|fault| fault.times > 0);
            return Some(what);
        }
        None
    }
}

impl Fault {
    fn is_at(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted == method)
            && self.path.as_deref().is_none_or(|wanted| fits(wanted, path))
    }

    fn is_of(&self, stream: &str) -> bool {
        self.stream.as_deref().is_none_or(|wanted| fits(wanted, stream))
    }
}

/// Whether a name is the one that is wanted, or begins with it where that ends in `*`.
fn fits(wanted: &str, name: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(begin) => name.starts_with(begin),
        None => name == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_where_and_as_often_as_told() {
        let mut faults = Faults::new(1);
        faults.add(Fault::new(What::BadGateway).on("POST", "/fapi/v1/order").after(1).times(2));
        faults.add(Fault::new(What::CutBody).on("", "/dapi/*"));
        faults.add(Fault::new(What::Silence).on_stream("btcusdt@aggTrade").always());
        let order = |faults: &mut Faults| faults.strike_request("POST", "/fapi/v1/order", 5);
        assert_eq!(order(&mut faults), None);
        assert_eq!(faults.strike_request("GET", "/fapi/v1/order", 5), None);
        assert_eq!(order(&mut faults), Some(What::BadGateway));
        assert_eq!(order(&mut faults), Some(What::BadGateway));
        assert_eq!(order(&mut faults), None);
        assert_eq!(faults.strike_request("GET", "/dapi/v1/time", 5), Some(What::CutBody));
        assert_eq!(faults.strike_request("GET", "/dapi/v1/time", 5), None);
        assert_eq!(faults.strike_stream("ethusdt@aggTrade", 5), None);
        assert_eq!(faults.strike_stream("btcusdt@aggTrade", 5), Some(What::Silence));
        assert_eq!(faults.strike_stream("btcusdt@aggTrade", 5), Some(What::Silence));
        faults.clear();
        assert_eq!(faults.strike_stream("btcusdt@aggTrade", 5), None);
        let at: Vec<_> = faults.injected().into_iter().map(|injected| injected.at).collect();
        assert_eq!(at.len(), 5);
        assert_eq!(at[0], "POST /fapi/v1/order");
    }

    #[test]
    fn a_probability_is_kept_and_the_same_seed_throws_the_same_dice() {
        let throw = |seed| {
            let mut faults = Faults::new(seed);
            faults.add(Fault::new(What::BadGateway).with_probability(0.25).always());
            (0..4_000).map(|_| faults.strike_request("GET", "/", 5).is_some()).collect::<Vec<_>>()
        };
        let struck = throw(7);
        assert!((900..1_100).contains(&struck.iter().filter(|struck| **struck).count()));
        assert_eq!(struck, throw(7));
        assert_ne!(struck, throw(8));
    }

    #[test]
    fn each_point_has_its_own_faults() {
        let mut faults = Faults::new(1);
        faults.add(Fault::new(What::DropConnection));
        faults.add(Fault::new(What::SilentSubscription).on_stream("btc*"));
        faults.add(Fault::new(What::ByteByByte).on_stream("btc*"));
        faults.add(Fault::new(What::ByteByByte));
        assert_eq!(faults.strike_handshake("/ws", 5), None);
        assert_eq!(faults.strike_stream("ethusdt@depth", 5), None);
        assert_eq!(faults.strike_stream("btcusdt@depth", 5), Some(What::ByteByByte));
        assert_eq!(faults.strike_stream("btcusdt@depth", 5), None);
        assert_eq!(faults.strike_subscription("btcusdt@depth", 5), Some(What::SilentSubscription));
        assert_eq!(faults.strike_connection(5), Some(What::DropConnection));
        assert_eq!(faults.strike_request("GET", "/", 5), Some(What::ByteByByte));
        faults.add(Fault::new(What::BadGateway).on("GET", "/ws"));
        assert_eq!(faults.strike_handshake("/ws", 5), Some(What::BadGateway));
    }
}
