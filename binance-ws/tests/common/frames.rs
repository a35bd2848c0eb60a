//! What comes over a connection, as this crate's frames read it and as tungstenite does. Which tungstenite that is says
//! whoever has this module: the tests here, and a fuzz target.

use std::io::{self, Read, Write};

use binance_ws::frame::{Frame, FrameError, Inbox};

use super::tungstenite::{
    Error, Message, WebSocket,
    error::ProtocolError,
    protocol::{Role, WebSocketConfig},
};

/// What came, and the rule that was broken.
pub(crate) type Heard<E> = (Vec<(char, Vec<u8>)>, Option<E>);

/// A stream that gives `bytes` in pieces and takes everything.
#[derive(Clone, Copy)]
pub(crate) struct Wire<'b> {
    pub(crate) bytes: &'b [u8],
    /// How many bytes come first, and how many with each read after that.
    pub(crate) first: usize,
    pub(crate) piece: usize,
}

impl<'b> Wire<'b> {
    pub(crate) fn new(bytes: &'b [u8], piece: usize) -> Self {
        Self { bytes, first: piece, piece }
    }
}

impl Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = std::mem::replace(&mut self.first, self.piece);
        let len = self.bytes.len().min(most).min(buffer.len());
        let (now, later) = self.bytes.split_at(len);
        buffer[..len].copy_from_slice(now);
        self.bytes = later;
        Ok(len)
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// By a buffer of `size` bytes. Up to the first closing handshake, after which tungstenite reads no more.
pub(crate) fn ours(mut wire: Wire<'_>, size: usize) -> Heard<FrameError> {
    let mut inbox = Inbox::new(vec![0; size]);
    let mut heard = Vec::new();
    loop {
        loop {
            match inbox.take() {
                Ok(Some(Frame::Text(text))) => heard.push(('t', text.as_bytes().to_vec())),
                Ok(Some(Frame::Binary(bytes))) => heard.push(('b', bytes.to_vec())),
                Ok(Some(Frame::Ping(payload))) => heard.push(('i', payload.to_vec())),
                Ok(Some(Frame::Pong(payload))) => heard.push(('o', payload.to_vec())),
                Ok(Some(Frame::Close(..))) => return (heard, None),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(inbox.take(), Err(error), "an error stays");
                    return (heard, Some(error));
                }
            }
        }
        let room = match inbox.room() {
            Ok(room) => room,
            Err(error) => return (heard, Some(error)),
        };
        match wire.read(room) {
            Ok(0) | Err(_) => return (heard, None),
            Ok(len) => inbox.filled(len),
        }
    }
}

/// By tungstenite, with messages of at most `most` bytes.
pub(crate) fn theirs(wire: Wire<'_>, most: usize) -> Heard<Error> {
    let limits = WebSocketConfig::default().max_message_size(Some(most)).max_frame_size(Some(most));
    let mut socket = WebSocket::from_raw_socket(wire, Role::Client, Some(limits));
    let mut heard = Vec::new();
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => heard.push(('t', text.as_bytes().to_vec())),
            Ok(Message::Binary(bytes)) => heard.push(('b', bytes.to_vec())),
            Ok(Message::Ping(payload)) => heard.push(('i', payload.to_vec())),
            Ok(Message::Pong(payload)) => heard.push(('o', payload.to_vec())),
            Ok(Message::Close(_) | Message::Frame(_)) => return (heard, None),
            Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => return (heard, None),
            Err(error) => return (heard, Some(error)),
        }
    }
}

/// Whether what is heard here and by tungstenite is the same, but for what the two are known to see apart.
pub(crate) fn agree((got, error): &Heard<FrameError>, (expected, other): &Heard<Error>) -> bool {
    match (error, other) {
        // Not an error there: lengths in a longer form than needed, and bad codes of closing handshakes, which it
        // answers. And it never asks whether what is announced would fit.
        (Some(FrameError::Length | FrameError::CloseCode | FrameError::TooLong), _) => true,
        // It sees broken texts in the first fragment, and here they are seen with the last.
        (None, Some(Error::Utf8(_))) | (Some(_), Some(_)) => {
            expected.starts_with(got) || got.starts_with(expected)
        }
        // It looks at the bits of a head when all of the payload is there, and here they are seen at once.
        (
            Some(
                FrameError::Reserved
                | FrameError::Opcode
                | FrameError::Masked
                | FrameError::Control
                | FrameError::Fragment,
            ),
            None,
        )
        | (None, None) => got == expected,
        _ => false,
    }
}
