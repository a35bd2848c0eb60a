//! From a name to a connection.

use std::{
    borrow::ToOwned,
    boxed::Box,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
};

use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpSocket, TcpStream, lookup_host},
};
use tokio_rustls::TlsConnector;

use super::{
    connection::Connection,
    proxy::Proxy,
    stream::{Notes, Socket, Stream, Tcp},
};
use crate::{
    base_url::BaseUrl,
    error::{TransportError, TransportKind},
};

/// What a [`Connector`] connects: a stream of bytes.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A connection being made.
pub type Connecting<'c> = Pin<Box<dyn Future<Output = io::Result<Box<dyn Io>>> + Send + 'c>>;

/// Makes connections in a way of the caller's: over a tunnel, a socket with options, a network of a test.
///
/// Where the base URL is `https`, the connection is encrypted by the transport, on top of what this gives.
pub trait Connector: Send + Sync {
    /// Connects to a port of a host, which is a name or an address without brackets.
    ///
    /// # Errors
    /// Whatever went wrong. The client gives up after its time for connecting, and drops the future.
    fn connect<'c>(&'c self, host: &'c str, port: u16) -> Connecting<'c>;
}

/// Which way connections take.
#[derive(Default)]
pub(super) struct Way {
    pub(super) local: Option<IpAddr>,
    pub(super) proxy: Option<Proxy>,
    pub(super) connector: Option<Box<dyn Connector>>,
}

impl Way {
    /// Resolves, connects, and shakes hands where `tls` is given.
    pub(super) async fn connect(
        &self,
        base: &BaseUrl,
        tls: Option<&Arc<ClientConfig>>,
    ) -> Result<Connection, TransportError> {
        let notes = Arc::new(Notes::default());
        let tcp = Tcp::new(self.socket(base.host(), base.port()).await?, Arc::clone(&notes));
        let stream = match tls {
            None => Stream::plain(tcp),
            Some(config) => {
                let name = ServerName::try_from(base.host().to_owned());
                let name = name.map_err(|error| failed(TransportKind::Tls, error))?;
                let connector = TlsConnector::from(Arc::clone(config));
                let stream = connector.connect(name, tcp).await;
                Stream::tls(stream.map_err(|error| failed(TransportKind::Tls, error))?)
            }
        };
        Connection::new(base, stream, notes).await
    }

    async fn socket(&self, host: &str, port: u16) -> Result<Socket, TransportError> {
        if let Some(connector) = &self.connector {
            return connector.connect(host, port).await.map(Socket::Other).map_err(not_connected);
        }
        let Some(proxy) = &self.proxy else { return self.tcp(host, port).await.map(Socket::Tcp) };
        let mut stream = self.tcp(proxy.host(), proxy.port()).await?;
        proxy.tunnel(&mut stream, host, port).await.map_err(|error| failed(TransportKind::Proxy, error))?;
        Ok(Socket::Tcp(stream))
    }

    /// Connects to the first of the host's addresses that answers.
    async fn tcp(&self, host: &str, port: u16) -> Result<TcpStream, TransportError> {
        let addresses =
            lookup_host((host, port)).await.map_err(|error| failed(TransportKind::Resolve, error))?;
        let mut last = TransportError::before_sending(TransportKind::Resolve);
        for address in addresses {
            if self.local.is_some_and(|local| local.is_ipv4() != address.is_ipv4()) {
                continue;
            }
            match self.tcp_to(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = not_connected(error),
            }
        }
        Err(last)
    }

    async fn tcp_to(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let stream = match self.local {
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

fn not_connected(error: io::Error) -> TransportError {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => failed(TransportKind::Refused, error),
        _ => failed(TransportKind::Connect, error),
    }
}

fn failed(
    kind: TransportKind,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> TransportError {
    TransportError::before_sending(kind).with_source(source)
}
