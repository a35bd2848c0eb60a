//! Faults on demand: what goes wrong, where, and how often.

use std::{collections::VecDeque, time::Duration};

/// Something that shall go wrong: [`What`], at which requests or streams, and how often.
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
}

impl Fault {
    /// This fault, once, at the first request (or the first frame, for a fault of streams) that comes.
    pub fn new(what: What) -> Self {
        Self { what, method: None, path: None, stream: None, after: 0, times: 1 }
    }

    /// Only at requests with this method and path. An empty text matches any; a path ending in `*` matches all that
    /// begin with what stands before it.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = (!method.is_empty()).then(|| method.to_owned());
        self.path = (!path.is_empty()).then(|| path.to_owned());
        self
    }

    /// Only at frames of the stream with this name, as in `btcusdt@aggTrade`; `userData` means every user data
    /// stream.
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
}

/// What goes wrong.
///
/// The first group acts on requests, the second on streams. Delays are in host time, whatever the exchange's
/// clock does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// The socket closes before the request was looked at: nothing was done.
    CloseBeforeProcessing,
    /// The socket closes after the request was carried out, before the first byte of the reply.
    CloseAfterProcessing,
    /// The socket is reset (RST) after the request was carried out, before the first byte of the reply.
    ResetAfterProcessing,
    /// No reply ever comes. With `processed` the request was carried out all the same.
    Hang {
        /// Whether the request was carried out.
        processed: bool,
    },
    /// The reply comes this much later.
    Delay(Duration),
    /// The reply comes in pieces of one byte, each its own write.
    ByteByByte,
    /// The reply's body breaks off in the middle, short of its content-length, and the socket closes.
    CutBody,
    /// The reply's head breaks off in the middle and the socket closes.
    CutHead,
    /// The reply's content-length is this much too large (too small when negative); the socket stays open.
    WrongContentLength(i64),
    /// The status stays, the body is no JSON.
    GarbageBody,
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

    /// The socket of the stream closes without a close frame.
    DropStream,
    /// The socket of the stream closes with this code.
    CloseStream(u16),
    /// The frames of the stream are swallowed, while pings are sent and answered.
    Silence,
    /// A frame that is no JSON takes the place of the stream's frame.
    GarbageFrame,
    /// The frame comes twice.
    DuplicateFrame,
    /// The frame breaks off in the middle of its text.
    TruncateFrame,
}

impl What {
    /// Whether it acts on streams rather than on requests.
    pub(crate) fn is_of_streams(&self) -> bool {
        matches!(
            self,
            Self::DropStream
                | Self::CloseStream(_)
                | Self::Silence
                | Self::GarbageFrame
                | Self::DuplicateFrame
                | Self::TruncateFrame
        )
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

/// A fault that struck.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Injected {
    /// What went wrong.
    pub what: What,
    /// Where: method and path, or the stream's name.
    pub at: String,
    /// The exchange's time, in milliseconds.
    pub time: i64,
}

/// How many injected faults are remembered.
const REMEMBERED: usize = 10_000;

/// The faults that wait, and those that struck.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Vec<Fault>,
    injected: VecDeque<Injected>,
}

impl Faults {
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

    /// What shall go wrong with this request.
    pub(crate) fn strike_request(&mut self, method: &str, path: &str, time: i64) -> Option<What> {
        self.strike(
            |fault| !fault.what.is_of_streams() && fault.is_at(method, path),
            time,
            || format!("{method} {path}"),
        )
    }

    /// What shall go wrong with this frame of a stream.
    pub(crate) fn strike_stream(&mut self, name: &str, time: i64) -> Option<What> {
        if self.waiting.is_empty() {
            return None;
        }
        let matches = |fault: &Fault| {
            fault.what.is_of_streams() && fault.stream.as_deref().is_none_or(|stream| stream == name)
        };
        self.strike(matches, time, || name.to_owned())
    }

    fn strike(
        &mut self,
        matches: impl Fn(&Fault) -> bool,
        time: i64,
        at: impl Fn() -> String,
    ) -> Option<What> {
        for fault in self.waiting.iter_mut().filter(|fault| matches(fault)) {
            if fault.after > 0 {
                fault.after -= 1;
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
        let path_matches = |wanted: &str| match wanted.strip_suffix('*') {
            Some(begin) => path.starts_with(begin),
            None => path == wanted,
        };
        self.stream.is_none()
            && self.method.as_deref().is_none_or(|wanted| wanted == method)
            && self.path.as_deref().is_none_or(path_matches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_where_and_as_often_as_told() {
        let mut faults = Faults::default();
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
}
