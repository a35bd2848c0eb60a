//! What a host says in place of a WebSocket.

use core::time::Duration;

/// The longest ban there is is three days; a wait of years is a mistake.
const MOST: Duration = Duration::from_secs(3 * 24 * 3_600);

/// How long to wait at least before the next attempt: what the host says, else a minute for 429 and two for 418, the
/// shortest ban there is.
pub(crate) fn wait(status: u16, retry_after: Option<Duration>) -> Option<Duration> {
    match (retry_after, status) {
        (Some(wait), _) => Some(wait.min(MOST)),
        (None, 429) => Some(Duration::from_secs(60)),
        (None, 418) => Some(Duration::from_secs(120)),
        (None, _) => None,
    }
}
