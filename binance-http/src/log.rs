//! What is logged, with every secret blanked. Nothing is without the feature `tracing`.
//!
//! One span `request` at the level of INFO for each request, with its endpoint and weight, and at its end with status,
//! time and outcome; in it, DEBUG events with what went out and what came back.

#[cfg(feature = "tracing")]
pub(crate) use self::on::{failed, replied, sending, trying_again, with_span};

#[cfg(all(feature = "tracing", feature = "redis"))]
pub(crate) use self::on::pool_lost;

#[cfg(feature = "tracing")]
mod on {
    use core::{fmt, time::Duration};
    use std::string::String;

    use binance_core::Request;
    use tracing::{Instrument as _, Level, Span, debug, enabled, field::Empty, info_span};

    use crate::{base_url::BaseUrl, error::Error, redact::Redacted, request::Prepared, transport::Received};

    /// Runs `call` in the span of its request.
    pub(crate) async fn with_span<V>(
        request: &(dyn Request + Sync),
        status: impl Fn(&V) -> u16,
        call: impl Future<Output = Result<V, Error>>,
    ) -> Result<V, Error> {
        let meta = request.meta();
        let span = info_span!(
            target: "binance_http",
            "request",
            method = meta.method.as_str(),
            path = meta.path,
            endpoint = meta.name,
            weight = request.weight(),
            status = Empty,
            micros = Empty,
            outcome = Empty,
        );
        let begun = std::time::Instant::now();
        let result = call.instrument(span.clone()).await;
        span.record("micros", u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
        match &result {
            Ok(value) => {
                span.record("status", status(value));
                span.record("outcome", "success");
            }
            Err(error) => {
                if let Some(status) = error.status() {
                    span.record("status", status);
                }
                span.record("outcome", tracing::field::display(error.outcome()));
            }
        }
        result
    }

    pub(crate) fn sending(api_key: &str, base: &BaseUrl, request: &Prepared<'_>) {
        debug!(
            target: "binance_http",
            method = request.method().as_str(),
            url = %format_args!("{}{}", Origin(base), Redacted::new(request.target()).and(api_key)),
            payload = %Redacted::new(core::str::from_utf8(request.body()).unwrap_or_default()).and(api_key),
            "sending",
        );
    }

    pub(crate) fn replied(api_key: &str, received: &Received, elapsed: Duration) {
        if enabled!(target: "binance_http", Level::DEBUG) {
            debug!(
                target: "binance_http",
                status = received.status,
                elapsed = ?elapsed,
                headers = ?received.headers,
                reply = %Redacted::new(&String::from_utf8_lossy(&received.body)).and(api_key),
                "replied",
            );
        }
    }

    pub(crate) fn trying_again(attempt: u32, wait: Duration, error: &Error) {
        debug!(target: "binance_http", attempt, ?wait, %error, "trying again");
    }

    pub(crate) fn failed(error: &Error) {
        debug!(target: "binance_http", parent: Span::current(), outcome = %error.outcome(), %error, "no reply");
    }

    #[cfg(feature = "redis")]
    pub(crate) fn pool_lost(address: &str, error: &std::io::Error) {
        debug!(target: "binance_http", address, %error, "the shared budget cannot be reached");
    }

    /// Scheme, host and port of a base URL.
    struct Origin<'a>(&'a BaseUrl);

    impl fmt::Display for Origin<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let scheme = if self.0.is_https() { "https" } else { "http" };
            write!(f, "{scheme}://{}", self.0.authority())
        }
    }
}

#[cfg(not(feature = "tracing"))]
pub(crate) use self::off::{failed, replied, sending, trying_again, with_span};

#[cfg(all(not(feature = "tracing"), feature = "redis"))]
pub(crate) use self::off::pool_lost;

#[cfg(not(feature = "tracing"))]
mod off {
    use core::time::Duration;

    use binance_core::Request;

    use crate::{base_url::BaseUrl, error::Error, request::Prepared, transport::Received};

    pub(crate) async fn with_span<V>(
        _: &(dyn Request + Sync),
        _: impl Fn(&V) -> u16,
        call: impl Future<Output = Result<V, Error>>,
    ) -> Result<V, Error> {
        call.await
    }

    pub(crate) fn sending(_: &str, _: &BaseUrl, _: &Prepared<'_>) {}

    pub(crate) fn replied(_: &str, _: &Received, _: Duration) {}

    pub(crate) fn trying_again(_: u32, _: Duration, _: &Error) {}

    pub(crate) fn failed(_: &Error) {}

    #[cfg(feature = "redis")]
    pub(crate) fn pool_lost(_: &str, _: &std::io::Error) {}
}
