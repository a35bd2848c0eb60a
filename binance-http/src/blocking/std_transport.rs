//! The transport over the operating system's sockets.

use std::{
    boxed::Box,
    fmt, io,
    net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
    vec::Vec,
};

use rustls::ClientConfig;

use super::connection::Connection;
use crate::{
    base_url::BaseUrl,
    error::{TransportError, TransportKind},
    request::Prepared,
    tls::{RootsError, Trust},
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
    trust: Trust,
    idle_timeout: Duration,
    max_idle: usize,
    max_body: usize,
}

impl Std {
    /// Connections that verify the exchange's certificate against Mozilla's roots.
    pub fn new() -> Self {
        Self {
            idle: Mutex::new(Vec::new()),
            trust: Trust::new(),
            idle_timeout: DEFAULT_IDLE_TIMEOUT,
            max_idle: DEFAULT_MAX_IDLE,
            max_body: DEFAULT_MAX_BODY,
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

    /// The longest reply that is taken, in bytes: 64 MiB unless told.
    #[must_use]
    pub fn max_body(self, bytes: usize) -> Self {
        Self { max_body: bytes, ..self }
    }

    /// Trusts the certificate authorities of a PEM file too.
    ///
    /// # Errors
    /// [`RootsError`] when it holds none, or one that cannot be read.
    pub fn add_roots(mut self, pem: &[u8]) -> Result<Self, RootsError> {
        self.trust.add(pem)?;
        Ok(self)
    }

    /// Trusts those that are [added](Self::add_roots) and no others, Mozilla's neither.
    #[must_use]
    pub fn only_added_roots(mut self) -> Self {
        self.trust.only_added();
        self
    }

    /// The TLS configuration of new connections, in place of the default. The added roots are of no effect then.
    #[must_use]
    pub fn tls_config(self, config: Arc<ClientConfig>) -> Self {
        Self { trust: Trust::given(config), ..self }
    }

    /// How many idle connections there are, to all hosts.
    pub fn idle_connections(&self) -> usize {
        self.lock().len()
    }

    /// An idle connection that the host has not closed by now, the one that was used last.
    fn take(&self, base: &BaseUrl) -> Option<Connection> {
        loop {
            let connection = {
                let mut idle = self.lock();
                idle.retain(|connection| connection.idle_for() < self.idle_timeout);
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
        let until = after(limit);
        let stream = connect(base, until)?;
        Connection::new(base, stream, base.is_https().then(|| self.trust.config()), until)
    }

    async fn exchange(
        &self,
        connection: Connection,
        request: &Prepared<'_>,
        limit: Duration,
    ) -> Result<Received, TransportError> {
        let (received, connection) = connection.exchange(request, after(limit), self.max_body)?;
        if let Some(connection) = connection {
            self.put(connection);
        }
        Ok(received)
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

/// Connects to the first of the host's addresses that answers.
fn connect(base: &BaseUrl, until: Instant) -> Result<TcpStream, TransportError> {
    let mut last = TransportError::before_sending(TransportKind::Resolve);
    for address in resolve(base, until)? {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(TransportError::before_sending(TransportKind::Timeout));
        }
        match TcpStream::connect_timeout(&address, left) {
            Ok(stream) => {
                stream.set_nodelay(true).map_err(|error| failed(TransportKind::Connect, error))?;
                return Ok(stream);
            }
            Err(error) => {
                let kind = match error.kind() {
                    io::ErrorKind::ConnectionRefused => TransportKind::Refused,
                    io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => TransportKind::Timeout,
                    _ => TransportKind::Connect,
                };
                last = failed(kind, error);
            }
        }
    }
    Err(last)
}

/// The operating system takes as long as it likes to resolve a name, so a thread waits for it and this one does not.
fn resolve(base: &BaseUrl, until: Instant) -> Result<Vec<SocketAddr>, TransportError> {
    let port = base.port();
    if let Ok(address) = base.host().parse::<IpAddr>() {
        return Ok(Vec::from([SocketAddr::new(address, port)]));
    }
    let host: Box<str> = base.host().into();
    let (tell, told) = mpsc::channel();
    thread::Builder::new()
        .name("resolve".into())
        .spawn(move || {
            // Whoever asked may have given up.
            let _ = tell.send((&*host, port).to_socket_addrs().map(Vec::from_iter));
        })
        .map_err(|error| failed(TransportKind::Resolve, error))?;
    match told.recv_timeout(until.saturating_duration_since(Instant::now())) {
        Ok(addresses) => addresses.map_err(|error| failed(TransportKind::Resolve, error)),
        Err(_) => Err(TransportError::before_sending(TransportKind::Timeout)),
    }
}

fn failed(kind: TransportKind, error: io::Error) -> TransportError {
    TransportError::before_sending(kind).with_source(error)
}
