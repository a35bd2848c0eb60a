//! The transport over hyper and rustls on tokio.
//!
//! HTTP/1.1 over plain or encrypted TCP, without delay (`TCP_NODELAY`), with connections kept for the next request. The
//! task that sends a request also drives its connection, so nothing is spawned, no wake-up goes from task to task,
//! and dropping a request's future closes its connection and nothing else.

mod connect;
mod connection;
mod pool;
mod proxy;
mod stream;

use std::{boxed::Box, fmt, net::IpAddr, string::ToString as _, sync::Arc, time::Duration};

use rustls::ClientConfig;
use tokio::time::timeout;

use self::{connect::Way, connection::Connection, pool::Pool};
pub use self::{
    connect::{Connecting, Connector, Io},
    proxy::{Proxy, ProxyError, ProxyUrlError},
};
pub use crate::tls::RootsError;
use crate::{
    base_url::BaseUrl,
    error::{TransportError, TransportKind},
    request::Prepared,
    tls::Trust,
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
    way: Way,
    trust: Trust,
    max_body: usize,
    /// From where requests leave.
    egress: Box<str>,
}

impl Hyper {
    /// Connections that verify the exchange's certificate against Mozilla's roots.
    pub fn new() -> Self {
        Self {
            pool: Pool::new(DEFAULT_IDLE_TIMEOUT, DEFAULT_MAX_IDLE),
            way: Way::default(),
            egress: Box::default(),
            trust: Trust::new(),
            max_body: DEFAULT_MAX_BODY,
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

    /// The longest reply that is taken, in bytes: 64 MiB unless told.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Goes through a proxy. Proxies in the environment are not looked at.
    #[must_use]
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.egress = proxy.authority.clone();
        self.way.proxy = Some(proxy);
        self
    }

    /// Connects from this address of this machine; only to addresses of the same family.
    #[must_use]
    pub fn local_address(mut self, address: IpAddr) -> Self {
        if self.way.proxy.is_none() {
            self.egress = address.to_string().into();
        }
        self.way.local = Some(address);
        self
    }

    /// Connects in a way of the caller's, in place of [`proxy`](Self::proxy) and [`local_address`](Self::local_address).
    /// `egress` names from where such connections leave, in any words: clients that differ in it do not share a budget.
    #[must_use]
    pub fn connector(mut self, connector: impl Connector + 'static, egress: &str) -> Self {
        self.egress = egress.into();
        self.way.connector = Some(Box::new(connector));
        self
    }

    /// Trusts the certificate authorities of a PEM file too, as that of a company's gateway.
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

    /// The TLS configuration of new connections, in place of the default: client certificates, another provider, a
    /// verifier of one's own. The added roots are of no effect then.
    #[must_use]
    pub fn tls_config(self, config: Arc<ClientConfig>) -> Self {
        Self { trust: Trust::given(config), ..self }
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
        let tls = base.is_https().then(|| self.trust.config());
        // Handshakes are large and rare: every request would carry the room for one.
        match Box::pin(timeout(limit, self.way.connect(base, tls))).await {
            Ok(result) => result,
            Err(_) => Err(TransportError::before_sending(TransportKind::Timeout)),
        }
    }

    async fn exchange(
        &self,
        connection: Connection,
        request: &Prepared<'_>,
        limit: Duration,
    ) -> Result<Received, TransportError> {
        let (received, connection) = connection.exchange(request, limit, self.max_body).await?;
        if let Some(connection) = connection {
            self.pool.put(connection);
        }
        Ok(received)
    }

    fn egress(&self) -> &str {
        &self.egress
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
