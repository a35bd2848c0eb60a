//! Opening a socket: TCP, TLS, the WebSocket handshake.

use std::{
    io,
    pin::Pin,
    string::String,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
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
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{self, protocol::WebSocketConfig},
};

use crate::{address::Base, tungstenite::ConnectError};

/// An open WebSocket.
pub(super) type Socket = WebSocketStream<Transport>;

/// A connection, encrypted or not.
pub(super) enum Transport {
    Plain(TcpStream),
    Tls(std::boxed::Box<TlsStream<TcpStream>>),
}

/// Opens `path` at `base`. The caller sets the deadline by dropping the future.
pub(super) async fn open(
    base: Base,
    path: String,
    tls: Arc<ClientConfig>,
    config: WebSocketConfig,
) -> Result<Socket, ConnectError> {
    let port = base.port().ok_or(ConnectError::Port)?;
    let tcp = TcpStream::connect((base.host(), port)).await.map_err(ConnectError::Tcp)?;
    // A command is one small write; waiting to fill a packet would only delay it.
    tcp.set_nodelay(true).map_err(ConnectError::Tcp)?;
    let transport = if base.is_encrypted() {
        let name = ServerName::try_from(base.host())
            .map_err(|error| ConnectError::Tls(io::Error::new(io::ErrorKind::InvalidInput, error)))?
            .to_owned();
        let stream = TlsConnector::from(tls).connect(name, tcp).await.map_err(ConnectError::Tls)?;
        Transport::Tls(std::boxed::Box::new(stream))
    } else {
        Transport::Plain(tcp)
    };
    let mut url = String::with_capacity(base.as_str().len() + path.len());
    url.push_str(base.as_str());
    url.push_str(&path);
    match client_async_with_config(url, transport, Some(config)).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Io(error)) => Err(ConnectError::Tcp(error)),
        Err(tungstenite::Error::Http(reply)) => {
            let seconds =
                reply.headers().get("retry-after").and_then(|value| value.to_str().ok()?.trim().parse().ok());
            // A header of years is a mistake; bans last three days at most.
            let retry_after = seconds.map(|seconds: u64| Duration::from_secs(seconds.min(3 * 24 * 3_600)));
            Err(ConnectError::Status { status: reply.status().as_u16(), retry_after })
        }
        // The other errors may quote what was sent or received; the path may have a key in it.
        Err(_) => Err(ConnectError::Handshake),
    }
}

impl AsyncRead for Transport {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
