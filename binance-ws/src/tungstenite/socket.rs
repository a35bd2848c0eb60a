//! A socket of tokio-tungstenite.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use binance_http::dial;
use futures_util::{Sink, Stream};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self, Bytes, Message, Utf8Bytes,
        error::ProtocolError,
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
    },
};

use crate::{
    hosted::{self, Arrived, ConnectError, Target},
    session::{Outgoing, Reason},
};

/// A WebSocket of tokio-tungstenite.
pub struct Socket(std::boxed::Box<WebSocketStream<dial::Stream>>);

impl hosted::Socket for Socket {
    fn open(
        stream: dial::Stream,
        target: Target,
    ) -> impl Future<Output = Result<Self, ConnectError>> + Send + 'static {
        let limits = WebSocketConfig::default()
            .max_message_size(Some(target.max_message))
            .max_frame_size(Some(target.max_message))
            // It clears as much before each read.
            .read_buffer_size(target.read_size)
            // Commands are small and few; more than this means that the peer reads nothing.
            .write_buffer_size(0)
            .max_write_buffer_size(1 << 20);
        let scheme = if target.is_encrypted { "wss://" } else { "ws://" };
        let url = [scheme, &target.authority, &target.path].concat();
        async move {
            match client_async_with_config(url, stream, Some(limits)).await {
                Ok((socket, _)) => Ok(Self(std::boxed::Box::new(socket))),
                Err(tungstenite::Error::Io(error)) => Err(ConnectError::Io(error)),
                Err(tungstenite::Error::Http(reply)) => {
                    let seconds = reply
                        .headers()
                        .get("retry-after")
                        .and_then(|value| value.to_str().ok()?.trim().parse().ok());
                    let retry_after = seconds.map(Duration::from_secs);
                    Err(ConnectError::Status { status: reply.status().as_u16(), retry_after })
                }
                // The other errors may quote what was sent or received; the path may have a key in it.
                Err(_) => Err(ConnectError::Handshake),
            }
        }
    }

    fn send(&mut self, frame: Outgoing<'_>) -> Result<(), Reason> {
        let message = match frame {
            Outgoing::Text(text) => Message::Text(Utf8Bytes::from(text)),
            Outgoing::Ping => Message::Ping(Bytes::new()),
            Outgoing::Pong(payload) => Message::Pong(Bytes::copy_from_slice(payload)),
            Outgoing::Close(code) => {
                Message::Close(Some(CloseFrame { code: CloseCode::from(code), reason: Utf8Bytes::default() }))
            }
        };
        // It takes what does not fit into the socket into its own buffer, so there is nothing to wait for. That
        // buffer is bounded: a peer that reads nothing at all ends as a loss.
        Pin::new(&mut *self.0).start_send(message).map_err(|_| Reason::Dropped)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Reason>> {
        Pin::new(&mut *self.0).poll_flush(cx).map_err(|_| Reason::Dropped)
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Arrived<'_>, Reason>> {
        let arrived = match ready!(Pin::new(&mut *self.0).poll_next(cx)) {
            Some(Ok(Message::Text(text))) => Arrived::Text(text.into()),
            // It has put the pong in front of what it writes next, which is before its next read.
            Some(Ok(Message::Ping(_))) => Arrived::AnsweredPing,
            Some(Ok(Message::Pong(_))) => Arrived::Pong,
            Some(Ok(Message::Close(frame))) => Arrived::Close(frame.map_or(1_005, |frame| frame.code.into())),
            Some(Ok(Message::Binary(_) | Message::Frame(_))) => Arrived::Binary,
            Some(Err(
                tungstenite::Error::Io(_)
                | tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake),
            ))
            | None => return Poll::Ready(Err(Reason::Dropped)),
            Some(Err(_)) => return Poll::Ready(Err(Reason::Protocol)),
        };
        Poll::Ready(Ok(arrived))
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Socket")
    }
}
