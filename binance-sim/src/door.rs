//! The door: who calls, whether they signed, and whether in time.

use binance_core::endpoint::Meta;

use crate::{exchange::Exchange, keys::Key, params::Params, reject::Reject, server::Request};

/// The receive window of a request that names none, in milliseconds.
const DEFAULT_RECV_WINDOW: i64 = 5_000;

/// Checks key, time and signature of a request, as far as its endpoint asks for them; gives the account.
pub(crate) fn enter(
    exchange: &Exchange,
    request: &Request,
    params: &Params,
    meta: &Meta,
) -> Result<usize, Reject> {
    if !meta.security.needs_key() {
        return Ok(0);
    }
    let key = find(exchange, request.api_key.as_deref().unwrap_or_default())?;
    if meta.security.is_signed() {
        let present = |name| params.get(name).filter(|value| !value.is_empty()).is_some();
        for name in ["timestamp", "signature"] {
            if !present(name) {
                return Err(Reject::missing(name));
            }
        }
        is_fresh(exchange, params)?;
        let signed = Signed::find(&request.query, &request.body);
        if !signed
            .is_some_and(|signed| key.verifies(&signed.payload, params.get("signature").unwrap_or_default()))
        {
            return Err(Reject::new(-1022, "Signature for this request is not valid."));
        }
    }
    Ok(key.account)
}

/// The key that calls.
pub(crate) fn find<'e>(exchange: &'e Exchange, api_key: &str) -> Result<&'e Key, Reject> {
    exchange.keys.find(api_key).ok_or_else(|| {
        let well_formed = api_key.len() == 64 && api_key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if well_formed {
            Reject::new(-2015, "Invalid API-key, IP, or permissions for action.").status(401)
        } else {
            Reject::new(-2014, "API-key format invalid.").status(401)
        }
    })
}

/// Checks that a request came in its window.
pub(crate) fn is_fresh(exchange: &Exchange, params: &Params) -> Result<(), Reject> {
    let timestamp = params.int("timestamp")?.unwrap_or(0);
    let recv_window = params.int("recvWindow")?.unwrap_or(DEFAULT_RECV_WINDOW);
    in_time(timestamp, exchange.server_time(), recv_window)
}

/// The rule: `timestamp < server_time + 1000 && server_time - timestamp <= recv_window`.
fn in_time(timestamp: i64, server_time: i64, recv_window: i64) -> Result<(), Reject> {
    if timestamp >= server_time.saturating_add(1_000) {
        return Err(Reject::new(-1021, "Timestamp for this request was 1000ms ahead of the server's time."));
    }
    if server_time.saturating_sub(timestamp) > recv_window {
        return Err(Reject::new(-1021, "Timestamp for this request is outside of the recvWindow."));
    }
    Ok(())
}

/// What was signed: query and body as they came, nothing between them, without the signature.
struct Signed {
    payload: Vec<u8>,
}

impl Signed {
    /// The signature must be the last parameter of the query, or of the body.
    fn find(query: &str, body: &str) -> Option<Self> {
        let (query, body) = match before_signature(query) {
            Some(query) => (query, body),
            None => (query, before_signature(body)?),
        };
        Some(Self { payload: [query.as_bytes(), body.as_bytes()].concat() })
    }
}

/// What stands before a `signature` that comes last.
fn before_signature(text: &str) -> Option<&str> {
    let (before, last) = text.rsplit_once('&').unwrap_or(("", text));
    last.starts_with("signature=").then_some(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_receive_window_holds_at_both_edges() {
        let now = 1_767_225_600_000;
        for (timestamp, window, taken) in [
            (now, 5_000, true),
            (now + 999, 5_000, true),
            (now + 1_000, 5_000, false),
            (now - 5_000, 5_000, true),
            (now - 5_001, 5_000, false),
            (now, 0, true),
            (now - 1, 0, false),
            (now + 999, 0, true),
            (now - 59_999, 60_000, true),
            (0, i64::MAX, true),
            (i64::MAX, i64::MAX, false),
        ] {
            assert_eq!(in_time(timestamp, now, window).is_ok(), taken, "{timestamp} {window}");
        }
    }

    #[test]
    fn the_payload_is_query_and_body_without_the_signature() {
        let payload =
            |query, body| Signed::find(query, body).map(|signed| String::from_utf8(signed.payload).unwrap());
        for (query, body, expected) in [
            ("a=1&b=2&signature=x", "", Some("a=1&b=2")),
            ("signature=x", "", Some("")),
            ("", "a=1&signature=x", Some("a=1")),
            ("a=1", "b=2&signature=x", Some("a=1b=2")),
            ("a=1&signature=x", "b=2", Some("a=1b=2")),
            ("a=1&signature=x&b=2", "", None),
            ("a=1", "b=2", None),
            ("", "", None),
        ] {
            assert_eq!(payload(query, body).as_deref(), expected, "{query} {body}");
        }
    }
}
