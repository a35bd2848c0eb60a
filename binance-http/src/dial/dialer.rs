//! From a name to a connection, on tokio.

use std::{
    borrow::ToOwned, boxed::Box, fmt, future::Future, io, net::SocketAddr, pin::Pin, sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream, lookup_host},
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::TlsConnector;

use super::{
    Handshake, Proxy, ProxyError, Way, failed, not_connected, share,
    stream::{Inner, Socket, Stream},
};
use crate::error::{TransportError, TransportKind};

/// What a [`Connector`] connects: a stream of bytes.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A connection being made.
pub type Connecting<'c> = Pin<Box<dyn Future<Output = io::Result<Box<dyn Io>>> + Send + 'c>>;

/// Makes connections in a way of the caller's: over a tunnel, a socket with options, a network of a test. A closure
/// that gives a `Connecting<'static>` is one.
///
/// Where a connection is to be encrypted, that is done on top of what this gives.
///
/// ```
/// use binance_http::dial::{Connecting, Dialer, Io, Way};
///
/// // To a gateway beside this program, wherever the connection should go.
/// let connector = |_host: &str, _port: u16| -> Connecting<'static> {
///     Box::pin(async {
///         let stream = tokio::net::TcpStream::connect("127.0.0.1:9000").await?;
///         Ok(Box::new(stream) as Box<dyn Io>)
///     })
/// };
/// let dialer = Dialer::new(Way::new()).connector(connector, "gateway");
/// assert_eq!(dialer.egress(), "gateway");
/// ```
pub trait Connector: Send + Sync {
    /// Connects to a port of a host, which is a name or an address without brackets.
    ///
    /// # Errors
    /// Whatever went wrong. The client gives up after its time for connecting, and drops the future.
    fn connect<'c>(&'c self, host: &'c str, port: u16) -> Connecting<'c>;
}

impl<F> Connector for F
where
    F: Fn(&str, u16) -> Connecting<'static> + Send + Sync,
{
    fn connect<'c>(&'c self, host: &'c str, port: u16) -> Connecting<'c> {
        self(host, port)
    }
}

/// Opens connections on tokio: TCP without delay (`TCP_NODELAY`), through a proxy where there is one, encrypted where it
/// is wanted.
///
/// To open many of them at the same time, share it: a clone has all that it knows, sessions of TLS included.
#[derive(Clone)]
pub struct Dialer {
    way: Way,
    connector: Option<Arc<dyn Connector>>,
    egress: Arc<str>,
}

impl Dialer {
    /// Connections that take this way.
    pub fn new(way: Way) -> Self {
        // Clones are to have one configuration of TLS between them.
        way.tls.config();
        Self { egress: way.egress().into(), way, connector: None }
    }

    /// Connects in a way of the caller's, in place of the way's proxy and local address. `egress` names from where such
    /// connections leave, in any words: clients that differ in it do not share a budget.
    #[must_use]
    pub fn connector(mut self, connector: impl Connector + 'static, egress: &str) -> Self {
        self.egress = egress.into();
        self.connector = Some(Arc::new(connector));
        self
    }

    /// From where connections leave: see [`Way::egress`].
    pub fn egress(&self) -> &str {
        &self.egress
    }

    /// Opens a connection to a port of `host`, which is a name or an address without brackets; `encrypted` by TLS, with
    /// a certificate for that host. Names are resolved here, or by the proxy.
    ///
    /// Dropping the future gives it up.
    ///
    /// # Errors
    /// [`TransportError`], after `limit` at the latest. A host with several addresses is tried at one after the other;
    /// each gets its share of the time.
    pub async fn connect(
        &self,
        host: &str,
        port: u16,
        encrypted: bool,
        limit: Duration,
    ) -> Result<Stream, TransportError> {
        // Handshakes are large and rare: every caller's future would carry the room for one.
        match Box::pin(timeout(limit, self.open(host, port, encrypted, limit))).await {
            Ok(result) => result,
            Err(_) => Err(TransportError::before_sending(TransportKind::Timeout)),
        }
    }

    async fn open(
        &self,
        host: &str,
        port: u16,
        encrypted: bool,
        limit: Duration,
    ) -> Result<Stream, TransportError> {
        let socket = match &self.connector {
            Some(connector) => {
                let stream = connector.connect(host, port).await.map_err(not_connected)?;
                Socket::new(Inner::Other(stream), Bytes::new())
            }
            None => self.socket(host, port, limit).await?,
        };
        if !encrypted {
            return Ok(Stream::plain(socket));
        }
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|error| failed(TransportKind::Tls, error))?;
        let connector = TlsConnector::from(Arc::clone(self.way.tls.config()));
        let stream = connector.connect(name, socket).await;
        Ok(Stream::tls(stream.map_err(|error| failed(TransportKind::Tls, error))?))
    }

    async fn socket(&self, host: &str, port: u16, limit: Duration) -> Result<Socket, TransportError> {
        let mut stream = self.tcp(self.way.first_stop(host, port), limit).await?;
        let ahead = match &self.way.proxy {
            None => Bytes::new(),
            Some(proxy) => tunnel(proxy, &mut stream, host, port)
                .await
                .map_err(|error| failed(TransportKind::Proxy, error))?,
        };
        Ok(Socket::new(Inner::Tcp(stream), ahead))
    }

    /// Connects to the first of the host's addresses that answers.
    async fn tcp(&self, host: (&str, u16), limit: Duration) -> Result<TcpStream, TransportError> {
        let until = Instant::now() + limit.min(Duration::from_secs(365 * 86_400));
        let found = lookup_host(host).await.map_err(|error| failed(TransportKind::Resolve, error))?;
        let addresses = self.way.reachable(found);
        let mut last = TransportError::before_sending(TransportKind::Resolve);
        for (index, address) in addresses.iter().enumerate() {
            let now = Instant::now();
            let patience = share(until.saturating_duration_since(now), addresses.len() - index);
            last = match timeout_at(now + patience, self.tcp_to(*address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => not_connected(error),
                Err(_) => TransportError::before_sending(TransportKind::Timeout),
            };
        }
        Err(last)
    }

    async fn tcp_to(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let stream = match self.way.local {
            None => TcpStream::connect(address).await?,
            Some(local) => {
                let socket = if local.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
                socket.bind(SocketAddr::new(local, 0))?;
                socket.connect(address).await?
            }
        };
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialer").field("way", &self.way).field("egress", &self.egress).finish_non_exhaustive()
    }
}

/// Asks the proxy behind `stream` for a tunnel. Gives what the host said already.
async fn tunnel(proxy: &Proxy, stream: &mut TcpStream, host: &str, port: u16) -> Result<Bytes, ProxyError> {
    let mut handshake = Handshake::new(proxy, host, port);
    let mut piece = [0; 512];
    loop {
        stream.write_all(&handshake.output()).await?;
        let count = stream.read(&mut piece).await?;
        if let Some(ahead) = handshake.feed(piece.get(..count).unwrap_or_default())? {
            return Ok(ahead.into());
        }
    }
}
