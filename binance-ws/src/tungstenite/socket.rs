//! A socket of tokio-tungstenite.

use std::{
    boxed::Box,
    fmt,
    future::Future,
    io,
    task::{Context, Poll},
    time::Duration,
};

use binance_http::dial;
use tokio_tungstenite::{
    client_async,
    tungstenite::{
        self, Bytes, Message, Utf8Bytes, WebSocket,
        error::ProtocolError,
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};

use super::{answer::Answer, wire::Wire};
use crate::{
    hosted::{self, Arrived, ConnectError, SharedText, Target},
    session::{Outgoing, Reason},
};

/// A WebSocket of tokio-tungstenite.
///
/// Its `WebSocketStream` shakes hands; then what is in it, the `WebSocket` of tungstenite, is read and written by hand. So
/// one task is known once, where the other, which any two may use, makes itself known to two wakers at each message.
pub struct Socket {
    socket: Box<WebSocket<Wire>>,
    /// The last text, to be lent.
    text: SharedText,
}

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
            match client_async(url, Answer::new(stream)).await {
                Ok((socket, _)) => {
                    let (stream, rest) = socket.into_inner().into_parts();
                    let wire = Wire::new(stream);
                    let socket = WebSocket::from_partially_read(wire, rest, Role::Client, Some(limits));
                    Ok(Self { socket: Box::new(socket), text: SharedText::default() })
                }
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
        match self.socket.write(message) {
            Err(error) if !would_block(&error) => Err(Reason::Dropped),
            _ => Ok(()),
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Reason>> {
        self.socket.get_mut().wakes(cx);
        match self.socket.flush() {
            Ok(()) | Err(tungstenite::Error::ConnectionClosed) => Poll::Ready(Ok(())),
            Err(error) if would_block(&error) => Poll::Pending,
            Err(_) => Poll::Ready(Err(Reason::Dropped)),
        }
    }

    #[inline]
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Arrived<'_>, Reason>> {
        self.socket.get_mut().wakes(cx);
        // It would hold on to the buffer that is to be used again.
        self.text = SharedText::default();
        let arrived = match self.socket.read() {
            Ok(Message::Text(text)) => {
                self.text = text.into();
                Arrived::Text((&mut self.text).into())
            }
            // It has put the pong in front of what it writes next, which is before its next read.
            Ok(Message::Ping(_)) => Arrived::AnsweredPing,
            Ok(Message::Pong(_)) => Arrived::Pong,
            Ok(Message::Close(frame)) => Arrived::Close(frame.map_or(1_005, |frame| frame.code.into())),
            Ok(Message::Binary(_) | Message::Frame(_)) => Arrived::Binary,
            Err(error) => return failed(&error).map(Err),
        };
        Poll::Ready(Ok(arrived))
    }
}

#[cold]
fn failed(error: &tungstenite::Error) -> Poll<Reason> {
    match error {
        error if would_block(error) => Poll::Pending,
        tungstenite::Error::Io(_)
        | tungstenite::Error::ConnectionClosed
        | tungstenite::Error::AlreadyClosed
        | tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            Poll::Ready(Reason::Dropped)
        }
        _ => Poll::Ready(Reason::Protocol),
    }
}

fn would_block(error: &tungstenite::Error) -> bool {
    matches!(error, tungstenite::Error::Io(error) if error.kind() == io::ErrorKind::WouldBlock)
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Socket")
    }
}
