//! The transport over hyper and rustls on tokio.
//!
//! HTTP/1.1 over plain or encrypted TCP, without delay (`TCP_NODELAY`), with connections kept for the next request. The
//! task that sends a request also drives its connection, so nothing is spawned, no wake-up goes from task to task,
//! and dropping a request's future closes its connection and nothing else.

mod connection;
mod pool;

use std::{fmt, time::Duration};

use self::{connection::Connection, pool::Pool};
use crate::{
    base_url::BaseUrl,
    dial::{Connector, Dialer, Way},
    error::{TransportError, TransportKind},
    request::Prepared,
    transport::{Received, Reuse, Transport},
};

/// How long a connection is kept idle, unless told.
const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// How many idle connections are kept for each host, unless told.
const DEFAULT_MAX_IDLE: usize = 32;

/// The longest reply that is taken, unless told: many times the longest of the exchange's.
const DEFAULT_MAX_BODY: usize = 64 << 20;

/// Sends requests with hyper. See the [module](self).
pub struct Hyper {
    pool: Pool,
    dialer: Dialer,
    max_body: usize,
    gzip: bool,
}

impl Hyper {
    /// Connections that verify the exchange's certificate against Mozilla's roots.
    pub fn new() -> Self {
        Self {
            pool: Pool::new(DEFAULT_IDLE_TIMEOUT, DEFAULT_MAX_IDLE),
            dialer: Dialer::new(Way::new()),
            max_body: DEFAULT_MAX_BODY,
            gzip: false,
        }
    }

    /// How long a connection is kept idle: 30 seconds unless told. Not at all with zero.
    ///
    /// A request that goes out on a connection while the exchange closes it has an unknown outcome, so this should be
    /// shorter than what the exchange's side allows.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.pool.idle_timeout = timeout;
        self
    }

    /// How many idle connections are kept for each host: 32 unless told.
    #[must_use]
    pub fn max_idle(mut self, connections: usize) -> Self {
        self.pool.max_idle = connections;
        self
    }

    /// Asks for replies compressed by gzip. Saves most of what long replies cost on the way, and costs time here.
    #[cfg(feature = "gzip")]
    #[must_use]
    pub fn gzip(mut self) -> Self {
        self.gzip = true;
        self
    }

    /// The longest reply that is taken, in bytes, decompressed: 64 MiB unless told.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Which way connections take: through a proxy, from which address, and whom they trust.
    #[must_use]
    pub fn way(self, way: Way) -> Self {
        Self { dialer: Dialer::new(way), ..self }
    }

    /// Connects in a way of the caller's: see [`Dialer::connector`]. What is trusted is still the [way](Self::way)'s, which
    /// has to be given first.
    #[must_use]
    pub fn connector(self, connector: impl Connector + 'static, egress: &str) -> Self {
        Self { dialer: self.dialer.connector(connector, egress), ..self }
    }

    /// How many idle connections there are, to all hosts.
    pub fn idle_connections(&self) -> usize {
        self.pool.len()
    }
}

impl Default for Hyper {
    fn default() -> Self {
        Self::new()
    }
}

impl Transport for Hyper {
    type Connection = Connection;

    async fn connect(
        &self,
        base: &BaseUrl,
        reuse: Reuse,
        limit: Duration,
    ) -> Result<Connection, TransportError> {
        if reuse == Reuse::Allowed
            && let Some(connection) = self.pool.take(base).await
        {
            return Ok(connection);
        }
        let stream = self.dialer.connect(base.host(), base.port(), base.is_https(), limit).await?;
        if stream.spoke_first() {
            return Err(TransportError::before_sending(TransportKind::Malformed));
        }
        Connection::new(base, stream).await
    }

    async fn exchange(
        &self,
        connection: Connection,
        request: &Prepared<'_>,
        limit: Duration,
    ) -> Result<Received, TransportError> {
        let (received, connection) = connection.exchange(request, limit, self.max_body).await?;
        // A connection whose reply cannot be read is not used again.
        let received = received.uncoded(self.gzip, self.max_body).map_err(TransportError::after_sending)?;
        if let Some(connection) = connection {
            self.pool.put(connection);
        }
        Ok(received)
    }

    fn accepts_gzip(&self) -> bool {
        self.gzip
    }

    fn egress(&self) -> &str {
        self.dialer.egress()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

impl fmt::Debug for Hyper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hyper").field("idle_connections", &self.idle_connections()).finish_non_exhaustive()
    }
}
