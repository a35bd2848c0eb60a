//! The envelope of replies, and how a connection stands.

use core::time::Duration;

use self::envelope::Envelope;
use crate::{
    error::{ApiCode, ApiError},
    json::{self, List, Raw, from_str},
    listen_key::ApiKeyText,
    record::RateLimit,
    stream::Id,
    text::Text,
    time::Millis,
};

/// The reply to a call, told apart but not read.
///
/// ```
/// use binance_core::{json, stream::Id, ws_api::{Reply, TypedCall}, usdm::market_data::TickerPrice};
/// let frame = r#"{"id":7,"status":200,"result":{"symbol":"BTCUSDT","price":"60000.10"},
///     "rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":2400,"count":2}]}"#;
/// let reply = Reply::parse(frame)?;
/// assert_eq!((reply.id, reply.status), (Some(Id::Number(7)), 200));
/// let price = TickerPrice::new().symbol("BTCUSDT").read(reply.result.expect("no refusal"))?;
/// assert_eq!(price.one()?.price.to_string(), "60000.10");
/// assert_eq!(reply.rate_limits.first().and_then(|limit| limit.count), Some(2));
/// # Ok::<(), json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reply<'r> {
    /// The id of the call; none where the exchange speaks of the connection itself, as when the key of one that is logged
    /// on is revoked.
    pub id: Option<Id<'r>>,
    /// As in HTTP: 200, 4xx for refusals, 429 and 418 for limits, 5xx where what became of the call is not known. Where a
    /// frame has none, 200 for a result and 400 for a refusal.
    pub status: u16,
    /// The text of the result, `null` where there is none, or the refusal.
    pub result: Result<&'r str, ApiError>,
    /// How much of the limits is used; empty where the connection was told to leave them out.
    pub rate_limits: List<'r, RateLimit>,
    /// What stands under `retryAfter` in the `data` of a refusal.
    retry_after: Option<i64>,
}

record! {
    /// How a connection stands.
    pub struct Session {
        /// The key that it is logged on with; none where it is not.
        "apiKey" ? api_key: ApiKeyText,
        /// Since when it is logged on; none where it is not.
        "authorizedSince" ? authorized_since: Millis,
        /// Since when it is open.
        "connectedSince" ? connected_since: Millis,
        /// Whether replies tell the limits.
        "returnRateLimits" ? return_rate_limits: bool,
        /// The exchange's clock.
        "serverTime" ? server_time: Millis,
    }
}

impl Session {
    /// Whether the connection is logged on.
    pub const fn is_logged_on(&self) -> bool {
        self.authorized_since.is_some()
    }
}

impl<'r> Reply<'r> {
    /// Tells what a frame from the WebSocket API is.
    ///
    /// # Errors
    /// [`json::Error`] when it is not JSON, or has no status, no result and no refusal.
    pub fn parse(frame: &'r str) -> Result<Self, json::Error> {
        let envelope: Envelope<'r> = from_str(frame)?;
        let (result, usual) = match (envelope.error, envelope.result, envelope.code) {
            (Some(error), ..) => (Err(refusal(error)), Some(400)),
            (None, Some(result), _) => (Ok(result.as_str()), Some(200)),
            // A refusal without an envelope: {"code":3,"msg":"…"}.
            (None, None, Some(_)) => (Err(refusal(from_str(frame)?)), Some(400)),
            (None, None, None) if envelope.status == Some(200) => (Ok("null"), None),
            (None, None, None) => (Err(ApiError { code: ApiCode::UNKNOWN, message: Text::EMPTY }), None),
        };
        let missing = || <json::Error as serde::de::Error>::missing_field("status");
        let status = envelope.status.or(usual).ok_or_else(missing)?;
        Ok(Self {
            id: envelope.id.and_then(|id| Id::parse(id.as_str())),
            status,
            retry_after: result.is_err().then(|| retry_after(envelope.error.as_ref()?.as_str())).flatten(),
            result,
            rate_limits: envelope.rate_limits.unwrap_or_default(),
        })
    }

    /// How long the exchange wants to be left alone, where a refusal (429, 418) says so: `now` is the time by the
    /// exchange's clock. `retryAfter` is a time in milliseconds; what would lie before 2001 is a number of seconds.
    pub fn retry_after(&self, now: Millis) -> Option<Duration> {
        match self.retry_after? {
            seconds @ 0..1_000_000_000_000 => u64::try_from(seconds).ok().map(Duration::from_secs),
            at => u64::try_from(Millis(at).since(now).max(0)).ok().map(Duration::from_millis),
        }
    }
}

/// What a refusal says; one that cannot be read, in its own words.
fn refusal(text: Raw<'_>) -> ApiError {
    let unread = |_| ApiError { code: ApiCode::UNKNOWN, message: Text::truncated(text.as_str()) };
    text.read().unwrap_or_else(unread)
}

fn retry_after(error: &str) -> Option<i64> {
    let data = json::find_field(error, "data").ok()??;
    json::find_field(data, "retryAfter").ok()??.trim_matches('"').parse().ok()
}

#[allow(unreachable_pub, reason = "as the table makes it")]
mod envelope {
    use crate::{
        json::{List, Raw},
        record::RateLimit,
    };

    record! {
        /// The envelope as it stands in the frame.
        pub struct Envelope<'r> {
            /// The id of the call.
            "id" ? id: Raw<'r>,
            /// As in HTTP.
            "status" ? status: u16,
            /// The result.
            "result" ? result: Raw<'r>,
            /// The refusal.
            "error" ? error: Raw<'r>,
            /// The code of a refusal that comes without an envelope.
            "code" ? code: Raw<'r>,
            /// The limits.
            "rateLimits" ? rate_limits: List<'r, RateLimit>,
        }
    }
}
