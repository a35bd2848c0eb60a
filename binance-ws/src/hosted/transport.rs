//! The connection below a socket: TCP, and TLS where the address says so.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, pki_types::ServerName},
};

use crate::{address::Base, hosted::ConnectError};

/// A connection, encrypted or not.
#[derive(Debug)]
pub struct Transport(Kind);

#[derive(Debug)]
enum Kind {
    Plain(TcpStream),
    Tls(std::boxed::Box<TlsStream<TcpStream>>),
}

/// Connects to `base`. The caller sets the deadline by dropping the future.
pub(super) async fn open(base: &Base, tls: Arc<ClientConfig>) -> Result<Transport, ConnectError> {
    let port = base.port().ok_or(ConnectError::Port)?;
    let tcp = TcpStream::connect((base.host(), port)).await.map_err(ConnectError::Tcp)?;
    // A command is one small write; waiting to fill a packet would only delay it.
    tcp.set_nodelay(true).map_err(ConnectError::Tcp)?;
    if !base.is_encrypted() {
        return Ok(Transport(Kind::Plain(tcp)));
    }
    let name = ServerName::try_from(base.host())
        .map_err(|error| ConnectError::Tls(io::Error::new(io::ErrorKind::InvalidInput, error)))?
        .to_owned();
    let stream = TlsConnector::from(tls).connect(name, tcp).await.map_err(ConnectError::Tls)?;
    Ok(Transport(Kind::Tls(std::boxed::Box::new(stream))))
}

impl AsyncRead for Transport {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Kind::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Kind::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().0 {
            Kind::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Kind::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Kind::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Kind::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Kind::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Kind::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
