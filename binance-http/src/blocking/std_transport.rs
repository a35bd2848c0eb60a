//! The transport over the operating system's sockets.

use std::{
    boxed::Box,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
    vec::Vec,
};

use super::connection::Connection;
use crate::{
    base_url::BaseUrl,
    dial::Way,
    error::TransportError,
    request::Prepared,
    transport::{Received, Reuse, Transport},
};

/// How long a connection is kept idle, unless told.
const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// How many idle connections are kept, unless told.
const DEFAULT_MAX_IDLE: usize = 32;

/// The longest reply that is taken, unless told: many times the longest of the exchange's.
const DEFAULT_MAX_BODY: usize = 64 << 20;

/// Sends requests over the operating system's sockets, and blocks. Its futures are ready when they are polled first.
pub struct Std {
    idle: Mutex<Vec<Connection>>,
    way: Way,
    egress: Box<str>,
    idle_timeout: Duration,
    max_idle: usize,
    max_body: usize,
    gzip: bool,
}

impl Std {
    /// Connections that verify the exchange's certificate against Mozilla's roots.
    pub fn new() -> Self {
        Self {
            idle: Mutex::new(Vec::new()),
            way: Way::new(),
            egress: Box::default(),
            idle_timeout: DEFAULT_IDLE_TIMEOUT,
            max_idle: DEFAULT_MAX_IDLE,
            max_body: DEFAULT_MAX_BODY,
            gzip: false,
        }
    }

    /// How long a connection is kept idle: 30 seconds unless told. Not at all with zero.
    #[must_use]
    pub fn idle_timeout(self, timeout: Duration) -> Self {
        Self { idle_timeout: timeout, ..self }
    }

    /// How many idle connections are kept: 32 unless told.
    #[must_use]
    pub fn max_idle(self, connections: usize) -> Self {
        Self { max_idle: connections, ..self }
    }

    /// Asks for replies compressed by gzip. Saves most of what long replies cost on the way, and costs time here.
    #[cfg(feature = "gzip")]
    #[must_use]
    pub fn gzip(self) -> Self {
        Self { gzip: true, ..self }
    }

    /// The longest reply that is taken, in bytes, decompressed: 64 MiB unless told.
    #[must_use]
    pub fn max_body(self, bytes: usize) -> Self {
        Self { max_body: bytes, ..self }
    }

    /// Which way connections take: through a proxy, from which address, and whom they trust.
    #[must_use]
    pub fn way(self, way: Way) -> Self {
        Self { egress: way.egress().into(), way, ..self }
    }

    /// How many idle connections there are, to all hosts.
    pub fn idle_connections(&self) -> usize {
        self.lock().len()
    }

    /// An idle connection that the host has not closed by now, the one that was used last.
    fn take(&self, base: &BaseUrl) -> Option<Connection> {
        loop {
            let connection = {
                let now = Instant::now();
                let mut idle = self.lock();
                idle.retain(|connection| connection.idle_for(now) < self.idle_timeout);
                let index = idle.iter().rposition(|connection| connection.leads_to(base))?;
                idle.remove(index)
            };
            if connection.is_open() {
                return Some(connection);
            }
        }
    }

    fn put(&self, connection: Connection) {
        let mut idle = self.lock();
        if self.idle_timeout.is_zero() || self.max_idle == 0 {
            return;
        }
        if idle.len() >= self.max_idle {
            // They stand in the order in which they were put back.
            idle.remove(0);
        }
        idle.push(connection);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        // A list of connections is whole whatever happened to a thread that held it.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Std {
    fn default() -> Self {
        Self::new()
    }
}

impl Transport for Std {
    type Connection = Connection;

    async fn connect(
        &self,
        base: &BaseUrl,
        reuse: Reuse,
        limit: Duration,
    ) -> Result<Connection, TransportError> {
        if reuse == Reuse::Allowed
            && let Some(connection) = self.take(base)
        {
            return Ok(connection);
        }
        Connection::open(base, &self.way, after(limit))
    }

    async fn exchange(
        &self,
        connection: Connection,
        request: &Prepared<'_>,
        limit: Duration,
    ) -> Result<Received, TransportError> {
        let (received, connection) = connection.exchange(request, after(limit), self.max_body, self.gzip)?;
        // A connection whose reply cannot be read is not used again.
        let received = received.uncoded(self.gzip, self.max_body).map_err(TransportError::after_sending)?;
        if let Some(connection) = connection {
            self.put(connection);
        }
        Ok(received)
    }

    fn accepts_gzip(&self) -> bool {
        self.gzip
    }

    fn egress(&self) -> &str {
        &self.egress
    }

    async fn sleep(&self, duration: Duration) {
        thread::sleep(duration);
    }
}

impl fmt::Debug for Std {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Std").field("idle_connections", &self.idle_connections()).finish_non_exhaustive()
    }
}

/// When `limit` is over; no limit is longer than a year.
fn after(limit: Duration) -> Instant {
    Instant::now() + limit.min(Duration::from_secs(365 * 86_400))
}
