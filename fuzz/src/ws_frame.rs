//! Frames are the same however they are cut into pieces and however small the buffer is, and what tungstenite reads.

use std::io::{self, Read, Write};

use binance_ws::frame::{Frame, FrameError, Inbox, MAX_HEAD, Opcode, seal};
use tungstenite::{
    Error, Message, WebSocket,
    error::ProtocolError,
    protocol::{Role, WebSocketConfig},
};

/// Far more than an input has, so that what does not fit is refused by both for that.
const SIZE: usize = 1 << 16;

/// What came, and the rule that was broken.
type Heard<E> = (Vec<(char, Vec<u8>)>, Option<E>);

/// Takes the input as what comes over a connection before it ends. Its first byte says how it is cut.
pub fn check(data: &[u8]) {
    let Some((&cut, bytes)) = data.split_first() else { return };
    let whole = ours(Wire { bytes, piece: usize::MAX }, SIZE);
    let piece = usize::from(cut % 32) + 1;
    assert!(whole == ours(Wire { bytes, piece }, SIZE));
    // In a small buffer all is the same up to the first that does not fit.
    let size = usize::from(cut) + 16;
    let small = ours(Wire { bytes, piece }, size);
    match small.1 {
        Some(FrameError::TooLong) => assert!(whole.0.starts_with(&small.0)),
        _ => assert!(whole == small),
    }

    let (got, error) = whole;
    let (expected, other) = theirs(Wire { bytes, piece });
    match (&error, &other) {
        // Not an error there: lengths in a longer form than needed, and bad codes of closing handshakes, which it
        // answers. And it never asks whether what is announced would fit.
        (Some(FrameError::Length | FrameError::CloseCode | FrameError::TooLong), _) => {}
        // It sees broken texts in the first fragment, and here they are seen with the last.
        (None, Some(Error::Utf8(_))) | (Some(_), Some(_)) => {
            assert!(expected.starts_with(&got) || got.starts_with(&expected));
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
        | (None, None) => assert!(got == expected),
        (one, other) => panic!("{one:?} {other:?}"),
    }

    sealed(data, cut);
}

/// What is sealed is read by a server.
fn sealed(payload: &[u8], mask: u8) {
    let mut buffer = vec![0; MAX_HEAD];
    buffer.extend_from_slice(payload);
    let mask = [mask, mask ^ 0x55, mask.wrapping_add(17), 0];
    let range = MAX_HEAD..buffer.len();
    let frame = seal(&mut buffer, range, Opcode::Binary, mask).expect("there is room");
    let wire = Wire { bytes: &buffer[frame], piece: usize::MAX };
    let mut socket = WebSocket::from_raw_socket(wire, Role::Server, None);
    match socket.read() {
        Ok(Message::Binary(bytes)) => assert_eq!(&bytes[..], payload),
        other => panic!("{other:?}"),
    }
}

/// A stream that gives `bytes` in pieces and takes everything.
struct Wire<'b> {
    bytes: &'b [u8],
    piece: usize,
}

impl Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.bytes.len().min(self.piece).min(buffer.len());
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

/// Up to the first closing handshake, after which tungstenite reads no more.
fn ours(mut wire: Wire<'_>, size: usize) -> Heard<FrameError> {
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

fn theirs(wire: Wire<'_>) -> Heard<Error> {
    let limits = WebSocketConfig::default().max_message_size(Some(SIZE)).max_frame_size(Some(SIZE));
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
