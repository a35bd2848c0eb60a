//! How a session behaves.

use core::time::Duration;

/// Deadlines and limits of a session. [`Config::default`] suits the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// How long a connection may take to open, handshake included: 10 seconds.
    pub connect_timeout: Duration,
    /// How long a command may wait for its answer before the connection counts as broken: 10 seconds.
    pub ack_timeout: Duration,
    /// How long the closing handshake may take: 5 seconds.
    pub close_timeout: Duration,
    /// After how long without a sign of life a ping is sent: 10 seconds. Zero sends none.
    pub ping_after: Duration,
    /// How long the answer to a ping may take before the connection counts as broken: 10 seconds.
    pub pong_timeout: Duration,
    /// How many messages a second the session sends, at most 10: 5, since the exchange documents 10 and closes some
    /// connections earlier. Pongs count, but are never held back by it.
    pub messages_per_second: u8,
    /// How many streams the connection takes: 1,024, the exchange's own limit.
    pub max_streams: usize,
    /// Whether a lost connection is opened again, and what was subscribed is subscribed again.
    pub reconnect: bool,
    /// Whether a connection that is about to end, or has fallen silent, is replaced by opening another before it is
    /// closed. Needs two sockets for a while. Without it, such a connection is closed and opened again.
    pub overlap: bool,
    /// How long both connections run together when one takes the place of the other: 3 seconds.
    pub overlap_for: Duration,
    /// How long of that the new one is not read, so that the old one catches up with it: half a second. The old one may
    /// be behind by that much at most.
    pub overlap_hold: Duration,
    /// After how long a connection is replaced: 23 hours, since the exchange closes it after 24.
    pub rotate_after: Duration,
    /// By how much earlier, at random, so that many connections are not replaced at once: up to 30 minutes.
    pub rotate_spread: Duration,
    /// How long a silent connection is left alone after it was replaced in vain: 60 seconds.
    pub silence_pause: Duration,
    /// The limit of the first wait before a new attempt: 250 milliseconds. It doubles with each failure.
    pub backoff_first: Duration,
    /// The limit of all waits before a new attempt: 30 seconds.
    pub backoff_most: Duration,
    /// How long a connection must hold for its loss to be no failure: 10 seconds.
    pub stable_after: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            ack_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(5),
            ping_after: Duration::from_secs(10),
            pong_timeout: Duration::from_secs(10),
            messages_per_second: 5,
            max_streams: 1_024,
            reconnect: true,
            overlap: true,
            overlap_for: Duration::from_secs(3),
            overlap_hold: Duration::from_millis(500),
            rotate_after: Duration::from_secs(23 * 3_600),
            rotate_spread: Duration::from_secs(1_800),
            silence_pause: Duration::from_secs(60),
            backoff_first: Duration::from_millis(250),
            backoff_most: Duration::from_secs(30),
            stable_after: Duration::from_secs(10),
        }
    }
}
