//! WebSocket frames (RFC 6455), by hand: a frame that goes to a hundred sockets is made once, and each of its bytes
//! can go wrong on demand.

use std::ops::Range;

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::base64;

/// The longest message that is read.
const MAX_MESSAGE: usize = 256 * 1_024;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    const fn code(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    const fn of(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    const fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// Appends a whole message in one frame, unmasked, as servers send it.
pub(crate) fn write(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8]) {
    head(out, opcode, payload.len(), 0);
    out.extend_from_slice(payload);
}

/// The same, masked, as clients send it.
pub(crate) fn write_masked(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8], mask: [u8; 4]) {
    head(out, opcode, payload.len(), 0x80);
    out.extend_from_slice(&mask);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

/// The payload of a close frame.
pub(crate) fn closing(code: u16, reason: &str) -> Vec<u8> {
    [&code.to_be_bytes(), reason.as_bytes()].concat()
}

fn head(out: &mut Vec<u8>, opcode: Opcode, length: usize, masked: u8) {
    out.push(0x80 | opcode.code());
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < 126 => out.push(masked | short),
        (_, Ok(long)) => {
            out.push(masked | 126);
            out.extend_from_slice(&long.to_be_bytes());
        }
        _ => {
            out.push(masked | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

/// What answers the key of a handshake (RFC 6455, 4.2.2).
pub(crate) fn accept_key(key: &str) -> String {
    let text = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    base64::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()).as_ref())
}

/// What the other side said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    Text(String),
    Binary,
    Ping(Vec<u8>),
    Pong,
    /// With its code, if it has one.
    Close(Option<u16>),
}

/// The other side does not speak the protocol; a close frame with this code says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Violation(pub(crate) u16);

const PROTOCOL: Violation = Violation(1_002);
const NO_TEXT: Violation = Violation(1_007);
const TOO_BIG: Violation = Violation(1_009);

/// Puts messages together from the bytes of one side.
#[derive(Debug)]
pub(crate) struct Reader {
    /// Clients mask their frames, servers do not.
    masked: bool,
    longest: usize,
    /// The fragments that came of a message, and whether it is text.
    begun: Option<(bool, Vec<u8>)>,
}

impl Reader {
    /// Reads what a client says.
    pub(crate) const fn of_client() -> Self {
        Self { masked: true, longest: MAX_MESSAGE, begun: None }
    }

    /// Reads what a server says, messages of up to so many bytes.
    pub(crate) const fn of_server(longest: usize) -> Self {
        Self { masked: false, longest, begun: None }
    }

    /// Takes the next message out of `buffer`; `None` when more bytes are needed.
    pub(crate) fn next(&mut self, buffer: &mut Vec<u8>) -> Result<Option<Message>, Violation> {
        while let Some(frame) = Frame::parse(buffer, self.masked, self.longest)? {
            let end = frame.payload.end;
            let payload = frame.unmasked(buffer);
            buffer.drain(..end);
            if let Some(message) = self.take(&frame, payload)? {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }

    /// Takes one frame; gives a message when it is whole.
    fn take(&mut self, frame: &Frame, payload: Vec<u8>) -> Result<Option<Message>, Violation> {
        match frame.opcode {
            Opcode::Ping => return Ok(Some(Message::Ping(payload))),
            Opcode::Pong => return Ok(Some(Message::Pong)),
            Opcode::Close => {
                let code = match payload.split_first_chunk::<2>() {
                    Some((code, _)) => Some(u16::from_be_bytes(*code)),
                    None if payload.is_empty() => None,
                    None => return Err(PROTOCOL),
                };
                return Ok(Some(Message::Close(code)));
            }
            Opcode::Text | Opcode::Binary if self.begun.is_some() => return Err(PROTOCOL),
            Opcode::Text | Opcode::Binary => {
                self.begun = Some((frame.opcode == Opcode::Text, payload));
            }
            Opcode::Continuation => {
                let (_, message) = self.begun.as_mut().ok_or(PROTOCOL)?;
                if message.len() + payload.len() > self.longest {
                    return Err(TOO_BIG);
                }
                message.extend_from_slice(&payload);
            }
        }
        if !frame.last {
            return Ok(None);
        }
        match self.begun.take() {
            Some((true, text)) => String::from_utf8(text).map(Message::Text).map(Some).map_err(|_| NO_TEXT),
            _ => Ok(Some(Message::Binary)),
        }
    }
}

/// One frame in a buffer.
struct Frame {
    last: bool,
    opcode: Opcode,
    mask: [u8; 4],
    payload: Range<usize>,
}

impl Frame {
    /// Finds the frame that `buffer` begins with; `None` when it is not whole.
    fn parse(buffer: &[u8], masked: bool, longest: usize) -> Result<Option<Self>, Violation> {
        let Some(([first, second], rest)) = buffer.split_first_chunk::<2>() else { return Ok(None) };
        // The reserved bits belong to extensions, and none was agreed on.
        let opcode = Opcode::of(first & 0x0f).filter(|_| first & 0x70 == 0).ok_or(PROTOCOL)?;
        let last = first & 0x80 != 0;
        if (second & 0x80 != 0) != masked {
            return Err(PROTOCOL);
        }
        let (length, wide) = match second & 0x7f {
            126 => match rest.first_chunk::<2>() {
                Some(length) => (u64::from(u16::from_be_bytes(*length)), 2),
                None => return Ok(None),
            },
            127 => match rest.first_chunk::<8>() {
                Some(length) => (u64::from_be_bytes(*length), 8),
                None => return Ok(None),
            },
            short => (u64::from(short), 0),
        };
        if opcode.is_control() && (length > 125 || !last) {
            return Err(PROTOCOL);
        }
        let length = usize::try_from(length).ok().filter(|length| *length <= longest).ok_or(TOO_BIG)?;
        let mut start = 2 + wide;
        let mut mask = [0; 4];
        if masked {
            let Some(bytes) = buffer.get(start..).and_then(|rest| rest.first_chunk::<4>()) else {
                return Ok(None);
            };
            mask = *bytes;
            start += 4;
        }
        let payload = start..start + length;
        Ok((payload.end <= buffer.len()).then_some(Self { last, opcode, mask, payload }))
    }

    fn unmasked(&self, buffer: &[u8]) -> Vec<u8> {
        let payload = buffer.get(self.payload.clone()).unwrap_or_default();
        payload.iter().zip(self.mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds bytes in pieces of `step`; gives the messages, and the violation that ended them.
    fn read(bytes: &[u8], step: usize) -> (Vec<Message>, Option<Violation>) {
        let (mut reader, mut buffer, mut messages) = (Reader::of_client(), Vec::new(), Vec::new());
        for piece in bytes.chunks(step) {
            buffer.extend_from_slice(piece);
            loop {
                match reader.next(&mut buffer) {
                    Ok(Some(message)) => messages.push(message),
                    Ok(None) => break,
                    Err(violation) => return (messages, Some(violation)),
                }
            }
        }
        (messages, None)
    }

    #[test]
    fn the_key_of_the_rfc_is_answered() {
        assert_eq!(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn the_examples_of_the_rfc_are_read_and_written() {
        let hello = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
        assert_eq!(read(&hello, 1), (vec![Message::Text("Hello".to_owned())], None));
        let mut out = Vec::new();
        write_masked(&mut out, Opcode::Text, b"Hello", [0x37, 0xfa, 0x21, 0x3d]);
        assert_eq!(out, hello);
        let mut out = Vec::new();
        write(&mut out, Opcode::Text, b"Hello");
        assert_eq!(out, [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
        let mut server = Reader::of_server(5);
        assert_eq!(server.next(&mut out), Ok(Some(Message::Text("Hello".to_owned()))));
    }

    #[test]
    fn messages_of_every_length_come_back_in_pieces_of_every_size() {
        for length in [0, 1, 125, 126, 65_535, 65_536, MAX_MESSAGE] {
            let mut bytes = Vec::new();
            let text = "x".repeat(length);
            write_masked(&mut bytes, Opcode::Text, text.as_bytes(), [1, 2, 3, 4]);
            write_masked(&mut bytes, Opcode::Ping, b"p", [9, 9, 9, 9]);
            let expected = vec![Message::Text(text), Message::Ping(b"p".to_vec())];
            for step in [7, 4_096, bytes.len()] {
                assert_eq!(read(&bytes, step), (expected.clone(), None), "{length} {step}");
            }
        }
    }

    #[test]
    fn fragments_make_a_message_and_control_frames_may_come_between() {
        let mut bytes = Vec::new();
        write_masked(&mut bytes, Opcode::Text, b"He", [0; 4]);
        bytes[0] &= 0x7f;
        write_masked(&mut bytes, Opcode::Ping, b"", [0; 4]);
        write_masked(&mut bytes, Opcode::Continuation, b"llo", [0; 4]);
        let expected = vec![Message::Ping(Vec::new()), Message::Text("Hello".to_owned())];
        assert_eq!(read(&bytes, 3), (expected, None));
    }

    #[test]
    fn what_breaks_the_protocol_is_named_by_its_code() {
        let masked = |opcode, payload: &[u8]| {
            let mut out = Vec::new();
            write_masked(&mut out, opcode, payload, [0; 4]);
            out
        };
        let mut unfinished_ping = masked(Opcode::Ping, b"");
        unfinished_ping[0] &= 0x7f;
        let mut begun = masked(Opcode::Text, b"a");
        begun[0] &= 0x7f;
        for (bytes, code) in [
            (vec![0x81, 0x00], 1_002),
            (vec![0xc1, 0x80], 1_002),
            (vec![0x83, 0x80], 1_002),
            (masked(Opcode::Continuation, b"a"), 1_002),
            ([begun, masked(Opcode::Text, b"b")].concat(), 1_002),
            (unfinished_ping, 1_002),
            (masked(Opcode::Ping, &[0; 126]), 1_002),
            (masked(Opcode::Close, b"1"), 1_002),
            (masked(Opcode::Text, &[0xff]), 1_007),
            (masked(Opcode::Text, &[b'x'; MAX_MESSAGE + 1]), 1_009),
            ([&[0x81, 0xff][..], &u64::MAX.to_be_bytes()].concat(), 1_009),
        ] {
            assert_eq!(read(&bytes, 5).1, Some(Violation(code)), "{:?}", &bytes[..2]);
        }
        assert_eq!(read(&masked(Opcode::Close, &closing(1_000, "bye")), 1).0, [Message::Close(Some(1_000))]);
    }
}
