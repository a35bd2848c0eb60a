//! WebSocket frames (RFC 6455), the client's side, over the caller's bytes: no I/O, no randomness, no copies but where a
//! message came in fragments.
//!
//! [`Inbox`] takes what a socket reads and gives messages out of the same buffer; [`seal`] makes a frame of a payload
//! that is written already. Extensions are not spoken: a reserved bit is an error. Every other rule of the RFC for what a
//! client receives is checked: masks, opcodes, fragments, lengths in their shortest form, control frames of at most 125
//! bytes, UTF-8, close codes.

use core::{fmt, ops::Range, str};

use binance_core::param::Full;

/// How many bytes the head of a frame has at most, mask included.
pub const MAX_HEAD: usize = 14;

/// How many bytes the payload of a control frame has at most.
pub const MAX_CONTROL: usize = 125;

/// What a frame to send is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// A text message.
    Text,
    /// A binary message.
    Binary,
    /// A closing handshake: two bytes of code, then a reason.
    Close,
    /// A ping.
    Ping,
    /// A pong, with the payload of the ping that it answers.
    Pong,
}

impl Opcode {
    const fn code(self) -> u8 {
        match self {
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    const fn is_control(self) -> bool {
        self.code() >= 8
    }
}

/// Makes a frame of the payload in `buffer[payload]`: writes the head right before it and masks it, and gives where
/// the frame is. There have to be [`MAX_HEAD`] bytes before the payload.
///
/// `mask` has to be new and unpredictable for each frame; it keeps proxies on the way from being deceived.
///
/// ```
/// use binance_ws::frame::{MAX_HEAD, Opcode, seal};
/// let mut buffer = [0; 32];
/// buffer[MAX_HEAD..MAX_HEAD + 5].copy_from_slice(b"Hello");
/// let frame = seal(&mut buffer, MAX_HEAD..MAX_HEAD + 5, Opcode::Text, [0x37, 0xfa, 0x21, 0x3d])?;
/// // The example of RFC 6455, section 5.7.
/// assert_eq!(buffer[frame], [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
/// # Ok::<(), binance_core::param::Full>(())
/// ```
///
/// # Errors
/// [`Full`] when the head has no room, the payload is not in the buffer, or it is a control frame's of more than
/// [`MAX_CONTROL`] bytes.
pub fn seal(
    buffer: &mut [u8],
    payload: Range<usize>,
    opcode: Opcode,
    mask: [u8; 4],
) -> Result<Range<usize>, Full> {
    let bytes = buffer.get_mut(payload.clone()).ok_or(Full)?;
    let len = bytes.len();
    if opcode.is_control() && len > MAX_CONTROL {
        return Err(Full);
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte ^= mask[index % 4];
    }
    let mut head = [0; MAX_HEAD];
    head[0] = 0x80 | opcode.code();
    let at = match (u8::try_from(len), u16::try_from(len)) {
        (Ok(short @ 0..=125), _) => {
            head[1] = 0x80 | short;
            2
        }
        (_, Ok(middle)) => {
            head[1] = 0x80 | 126;
            head[2..4].copy_from_slice(&middle.to_be_bytes());
            4
        }
        _ => {
            head[1] = 0x80 | 127;
            head[2..10].copy_from_slice(&(len as u64).to_be_bytes());
            10
        }
    };
    head[at..at + 4].copy_from_slice(&mask);
    let start = payload.start.checked_sub(at + 4).ok_or(Full)?;
    buffer.get_mut(start..payload.start).ok_or(Full)?.copy_from_slice(&head[..at + 4]);
    Ok(start..payload.end)
}

/// What came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Frame<'b> {
    /// A text message, whole.
    Text(&'b str),
    /// A binary message, whole.
    Binary(&'b [u8]),
    /// A ping: its payload has to go back in a pong.
    Ping(&'b [u8]),
    /// A pong.
    Pong(&'b [u8]),
    /// The closing handshake: the code, 1005 when there is none, and the reason.
    Close(u16, &'b str),
}

impl fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Binary(bytes) => write!(f, "Binary({} bytes)", bytes.len()),
            Self::Ping(payload) => write!(f, "Ping({} bytes)", payload.len()),
            Self::Pong(payload) => write!(f, "Pong({} bytes)", payload.len()),
            Self::Close(code, reason) => write!(f, "Close({code}, {reason:?})"),
        }
    }
}

/// Why what came is no WebSocket's. The connection is of no use any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameError {
    /// A reserved bit is set, which means an extension that nobody asked for.
    Reserved,
    /// An opcode that does not exist.
    Opcode,
    /// A frame of the server is masked.
    Masked,
    /// A length in more bytes than it needs, or of more than 63 bits.
    Length,
    /// A control frame in fragments, or of more than [`MAX_CONTROL`] bytes.
    Control,
    /// A continuation of nothing, or a message in the middle of another.
    Fragment,
    /// A text that is not UTF-8.
    Utf8,
    /// A closing handshake with one byte of code, or a code that must not be sent.
    CloseCode,
    /// A message that is longer than the buffer.
    TooLong,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reserved => "a frame with a reserved bit",
            Self::Opcode => "a frame with an unknown opcode",
            Self::Masked => "a masked frame from the server",
            Self::Length => "a frame with a length in the wrong form",
            Self::Control => "a control frame that is fragmented or too long",
            Self::Fragment => "fragments out of order",
            Self::Utf8 => "a text that is not UTF-8",
            Self::CloseCode => "a closing handshake with a wrong code",
            Self::TooLong => "a message longer than the buffer",
        })
    }
}

impl core::error::Error for FrameError {}

/// A receive buffer in which frames are read where they are.
///
/// Put bytes into [`room`](Self::room), tell how many by [`filled`](Self::filled), then take frames until there are
/// none. A message and its frames' heads have to fit into the buffer; beyond that, a larger buffer only means fewer
/// reads.
///
/// ```
/// use binance_ws::frame::{Frame, Inbox};
/// let mut inbox = Inbox::new([0; 64]);
/// // Two fragments with a ping between them, as from a socket.
/// let bytes = b"\x01\x03Hel\x89\x02hi\x80\x02lo";
/// inbox.room()?[..bytes.len()].copy_from_slice(bytes);
/// inbox.filled(bytes.len());
/// assert_eq!(inbox.take()?, Some(Frame::Ping(b"hi")));
/// assert_eq!(inbox.take()?, Some(Frame::Text("Hello")));
/// assert_eq!(inbox.take()?, None);
/// # Ok::<(), binance_ws::frame::FrameError>(())
/// ```
#[derive(Clone)]
pub struct Inbox<B> {
    bytes: B,
    /// The message that came in part: where its payload is.
    partial: Option<Partial>,
    /// Where the next head is.
    read: usize,
    /// Where the next bytes go.
    end: usize,
    /// The connection broke a rule.
    broken: Option<FrameError>,
}

#[derive(Clone, Copy)]
struct Partial {
    start: usize,
    end: usize,
    is_text: bool,
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> Inbox<B> {
    /// An inbox in `bytes`, whatever is in them.
    pub fn new(bytes: B) -> Self {
        Self { bytes, partial: None, read: 0, end: 0, broken: None }
    }

    /// Where the next bytes go; at least one. Moves what is left to the front when there is little room behind it.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] when a message fills the buffer and has not ended.
    pub fn room(&mut self) -> Result<&mut [u8], FrameError> {
        let size = self.bytes.as_ref().len();
        let first = self.partial.map_or(self.read, |partial| partial.start);
        // Nothing to move, or more to win than to move.
        if first == self.end || self.end == size || (size - self.end < size / 4 && first > size / 4) {
            self.compact();
        }
        match self.bytes.as_mut().get_mut(self.end..) {
            Some(room) if !room.is_empty() => Ok(room),
            _ => Err(FrameError::TooLong),
        }
    }

    /// So many bytes were put into [`room`](Self::room).
    pub fn filled(&mut self, len: usize) {
        self.end = self.end.saturating_add(len).min(self.bytes.as_ref().len());
    }

    /// The next frame or whole message; `None` when more bytes are needed.
    ///
    /// # Errors
    /// [`FrameError`], from then on always the same.
    pub fn take(&mut self) -> Result<Option<Frame<'_>>, FrameError> {
        if let Some(error) = self.broken {
            return Err(error);
        }
        let step = self.step();
        match step {
            Ok(None) => Ok(None),
            Ok(Some((kind, payload))) => {
                let payload = self.bytes.as_ref().get(payload).unwrap_or_default();
                let frame = match kind {
                    Kind::Text => str::from_utf8(payload).map(Frame::Text).map_err(|_| FrameError::Utf8),
                    Kind::Binary => Ok(Frame::Binary(payload)),
                    Kind::Ping => Ok(Frame::Ping(payload)),
                    Kind::Pong => Ok(Frame::Pong(payload)),
                    Kind::Close => close(payload),
                };
                if let Err(error) = frame {
                    self.broken = Some(error);
                }
                frame.map(Some)
            }
            Err(error) => {
                self.broken = Some(error);
                Err(error)
            }
        }
    }

    /// Goes to the end of the next whole message or control frame, and gives where its payload is.
    fn step(&mut self) -> Result<Option<(Kind, Range<usize>)>, FrameError> {
        loop {
            let raw = self.bytes.as_ref().get(self.read..self.end).unwrap_or_default();
            let Some(head) = Head::parse(raw)? else { return Ok(None) };
            let start = self.read + head.size;
            let have = self.end - start;
            let Some(len) = usize::try_from(head.len).ok().filter(|len| *len <= have) else {
                return self.would_fit(&head).map(|()| None);
            };
            let payload = start..start + len;
            match head.code {
                8..=10 => {
                    self.read = payload.end;
                    let kind = match head.code {
                        8 => Kind::Close,
                        9 => Kind::Ping,
                        _ => Kind::Pong,
                    };
                    return Ok(Some((kind, payload)));
                }
                0 => {
                    let mut partial = self.partial.ok_or(FrameError::Fragment)?;
                    let end = payload.end;
                    self.bytes.as_mut().copy_within(payload, partial.end);
                    partial.end += len;
                    self.read = end;
                    if head.is_last {
                        self.partial = None;
                        return Ok(Some((Kind::of(partial.is_text), partial.start..partial.end)));
                    }
                    self.partial = Some(partial);
                }
                code => {
                    if self.partial.is_some() {
                        return Err(FrameError::Fragment);
                    }
                    self.read = payload.end;
                    if head.is_last {
                        return Ok(Some((Kind::of(code == 1), payload)));
                    }
                    self.partial =
                        Some(Partial { start: payload.start, end: payload.end, is_text: code == 1 });
                }
            }
        }
    }

    /// Whether a frame that is not there yet fits behind what has to be kept.
    fn would_fit(&self, head: &Head) -> Result<(), FrameError> {
        let kept = self.partial.map_or(0, |partial| partial.end - partial.start);
        let room = self.bytes.as_ref().len().saturating_sub(kept + head.size);
        if head.len > room as u64 { Err(FrameError::TooLong) } else { Ok(()) }
    }

    /// Moves the message that came in part to the front, and the bytes that are not read behind it.
    fn compact(&mut self) {
        let bytes = self.bytes.as_mut();
        let mut front = 0;
        if let Some(partial) = &mut self.partial {
            bytes.copy_within(partial.start..partial.end, 0);
            front = partial.end - partial.start;
            (partial.start, partial.end) = (0, front);
        }
        bytes.copy_within(self.read..self.end, front);
        self.end = front + (self.end - self.read);
        self.read = front;
    }
}

impl<B> fmt::Debug for Inbox<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is in it may be anybody's orders.
        f.debug_struct("Inbox")
            .field("unread", &(self.end - self.read))
            .field("broken", &self.broken)
            .finish()
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Binary,
    Ping,
    Pong,
    Close,
}

impl Kind {
    const fn of(is_text: bool) -> Self {
        if is_text { Self::Text } else { Self::Binary }
    }
}

/// The head of a frame from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    is_last: bool,
    code: u8,
    len: u64,
    size: usize,
}

impl Head {
    /// The head at the front of `bytes`, `None` when it is not all there.
    fn parse(bytes: &[u8]) -> Result<Option<Self>, FrameError> {
        let [first, second, rest @ ..] = bytes else { return Ok(None) };
        let (is_last, code) = (first & 0x80 != 0, first & 0x0f);
        if first & 0x70 != 0 {
            return Err(FrameError::Reserved);
        }
        if !matches!(code, 0..=2 | 8..=10) {
            return Err(FrameError::Opcode);
        }
        if second & 0x80 != 0 {
            return Err(FrameError::Masked);
        }
        let (len, size) = match second & 0x7f {
            126 => match rest.first_chunk() {
                Some(len) => (u64::from(u16::from_be_bytes(*len)), 4),
                None => return Ok(None),
            },
            127 => match rest.first_chunk() {
                Some(len) => (u64::from_be_bytes(*len), 10),
                None => return Ok(None),
            },
            len => (u64::from(len), 2),
        };
        let shortest = match size {
            2 => true,
            4 => len > 125,
            _ => len > u64::from(u16::MAX) && len >> 63 == 0,
        };
        if code >= 8 && (!is_last || len > MAX_CONTROL as u64) {
            return Err(FrameError::Control);
        }
        if !shortest {
            return Err(FrameError::Length);
        }
        Ok(Some(Self { is_last, code, len, size }))
    }
}

fn close(payload: &[u8]) -> Result<Frame<'_>, FrameError> {
    match payload.split_first_chunk() {
        Some((code, reason)) => {
            let code = u16::from_be_bytes(*code);
            // RFC 6455, section 7.4, and the registry of close codes.
            if !matches!(code, 1_000..=1_003 | 1_007..=1_014 | 3_000..=4_999) {
                return Err(FrameError::CloseCode);
            }
            str::from_utf8(reason).map(|reason| Frame::Close(code, reason)).map_err(|_| FrameError::Utf8)
        }
        None if payload.is_empty() => Ok(Frame::Close(1_005, "")),
        None => Err(FrameError::CloseCode),
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::{format, string::String, vec, vec::Vec};

    use super::*;

    /// A frame as servers send it.
    fn server(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![first];
        match payload.len() {
            len @ 0..=125 => frame.push(len as u8),
            len @ 126..=0xffff => {
                frame.push(126);
                frame.extend((len as u16).to_be_bytes());
            }
            len => {
                frame.push(127);
                frame.extend((len as u64).to_be_bytes());
            }
        }
        frame.extend(payload);
        frame
    }

    /// All frames of `bytes`, given in pieces of at most `piece` bytes to a buffer of `size`.
    fn frames(bytes: &[u8], size: usize, piece: usize) -> (Vec<String>, Option<FrameError>) {
        let mut inbox = Inbox::new(vec![0xaa; size]);
        let mut got = Vec::new();
        let mut rest = bytes;
        loop {
            loop {
                match inbox.take() {
                    Ok(Some(frame)) => got.push(match frame {
                        Frame::Text(text) => format!("text {text}"),
                        Frame::Binary(bytes) => format!("binary {bytes:?}"),
                        Frame::Ping(payload) => format!("ping {payload:?}"),
                        Frame::Pong(payload) => format!("pong {payload:?}"),
                        Frame::Close(code, reason) => format!("close {code} {reason}"),
                    }),
                    Ok(None) => break,
                    Err(error) => {
                        assert_eq!(inbox.take(), Err(error), "it stays broken");
                        return (got, Some(error));
                    }
                }
            }
            if rest.is_empty() {
                return (got, None);
            }
            let room = match inbox.room() {
                Ok(room) => room,
                Err(error) => return (got, Some(error)),
            };
            let len = piece.min(room.len()).min(rest.len());
            room[..len].copy_from_slice(&rest[..len]);
            inbox.filled(len);
            rest = &rest[len..];
        }
    }

    fn conversation() -> (Vec<u8>, Vec<String>) {
        let middle = "m".repeat(300);
        let long = "l".repeat(70_000);
        let mut bytes = Vec::new();
        for (first, payload) in [
            (0x81, &b"Hello"[..]),
            (0x81, b""),
            (0x01, "gr\u{fc}".as_bytes()),
            (0x89, b"ping"),
            (0x00, b""),
            (0x8a, b""),
            (0x80, "\u{df}e".as_bytes()),
            (0x82, &[0, 255, 1]),
            (0x81, middle.as_bytes()),
            (0x02, b"ab"),
            (0x80, b"c"),
            (0x81, long.as_bytes()),
            (0x88, b"\x03\xe8bye"),
        ] {
            bytes.extend(server(first, payload));
        }
        let got = vec![
            "text Hello".into(),
            "text ".into(),
            "ping [112, 105, 110, 103]".into(),
            "pong []".into(),
            "text gr\u{fc}\u{df}e".into(),
            "binary [0, 255, 1]".into(),
            format!("text {middle}"),
            "binary [97, 98, 99]".into(),
            format!("text {long}"),
            "close 1000 bye".into(),
        ];
        (bytes, got)
    }

    #[test]
    fn frames_are_the_same_at_every_split_and_in_every_buffer_that_they_fit_into() {
        let (bytes, expected) = conversation();
        for (size, piece) in [
            (70_010, 1),
            (70_010, 7),
            (70_010, usize::MAX),
            (70_011, 1_000),
            (100_000, 65_536),
            (1 << 20, usize::MAX),
            (80_000, 3),
        ] {
            let (got, error) = frames(&bytes, size, piece);
            assert_eq!((got.len(), error), (expected.len(), None), "{size} {piece}");
            assert!(got == expected, "{size} {piece}");
        }
        // The short ones once more, split in two at every place, in a buffer that is only just large enough.
        let short = &bytes[..bytes.len() - 70_010 - 7];
        let expected = &expected[..expected.len() - 2];
        for split in 0..=short.len() {
            let mut inbox = Inbox::new([0; 304]);
            let mut got = 0;
            for half in [&short[..split], &short[split..]] {
                let mut half = half;
                loop {
                    while let Some(_frame) = inbox.take().unwrap() {
                        got += 1;
                    }
                    if half.is_empty() {
                        break;
                    }
                    let room = inbox.room().unwrap();
                    let len = room.len().min(half.len());
                    room[..len].copy_from_slice(&half[..len]);
                    inbox.filled(len);
                    half = &half[len..];
                }
            }
            assert_eq!(got, expected.len(), "{split}");
        }
    }

    #[test]
    fn an_empty_fragment_is_one() {
        for piece in 1..=8 {
            assert_eq!(frames(b"\x01\x00\x00\x00\x80\x02hi", 16, piece).0, ["text hi"]);
            assert_eq!(
                frames(b"\x81\x03abc\x01\x00\x80\x00\x82\x00", 16, piece).0,
                ["text abc", "text ", "binary []"]
            );
        }
    }

    #[test]
    fn a_message_that_does_not_fit_is_told_as_soon_as_its_head_is_there() {
        let text = server(0x81, &[b'x'; 200]);
        assert_eq!(frames(&text, 204, 1).1, None);
        assert_eq!(frames(&text[..4], 203, 4).1, Some(FrameError::TooLong));
        let mut fragments = server(0x01, &[b'x'; 100]);
        fragments.extend(server(0x80, &[b'y'; 100]));
        assert_eq!(frames(&fragments, 202, 1).0.len(), 1);
        assert_eq!(frames(&fragments, 201, 1).1, Some(FrameError::TooLong));
        let huge = [0x81, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(frames(&huge, 64, 10).1, Some(FrameError::TooLong));
        // A buffer too small for a head.
        assert_eq!(frames(&huge, 9, 1).1, Some(FrameError::TooLong));
        assert_eq!(frames(&huge, 0, 1).1, Some(FrameError::TooLong));
    }

    #[test]
    fn what_the_rfc_forbids_is_refused() {
        for (bytes, expected) in [
            (&[0xc1, 0][..], FrameError::Reserved),
            (&[0xa1, 0], FrameError::Reserved),
            (&[0x91, 0], FrameError::Reserved),
            (&[0x83, 0], FrameError::Opcode),
            (&[0x8b, 0], FrameError::Opcode),
            (&[0x81, 0x80, 1, 2, 3, 4], FrameError::Masked),
            (&[0x81, 126, 0, 125], FrameError::Length),
            (&[0x81, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff], FrameError::Length),
            (&[0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], FrameError::Length),
            (&[0x09, 0], FrameError::Control),
            (&[0x89, 126, 0, 126], FrameError::Control),
            (&[0x80, 0], FrameError::Fragment),
            (&[0x01, 0, 0x81, 0], FrameError::Fragment),
            (&[0x81, 1, 0xff], FrameError::Utf8),
            (&[0x01, 1, 0xc3, 0x80, 1, 0x28], FrameError::Utf8),
            (&[0x88, 1, 3], FrameError::CloseCode),
            (&[0x88, 2, 3, 0xed], FrameError::CloseCode),
            (&[0x88, 2, 0, 0], FrameError::CloseCode),
            (&[0x88, 3, 3, 0xe8, 0xff], FrameError::Utf8),
        ] {
            for piece in 1..=bytes.len() {
                assert_eq!(frames(bytes, 64, piece).1, Some(expected), "{bytes:x?} by {piece}");
            }
        }
        // A character in two fragments is one.
        assert_eq!(frames(&[0x01, 1, 0xc3, 0x80, 1, 0xbc], 64, 1).0, ["text \u{fc}"]);
        assert_eq!(frames(&[0x88, 0], 64, 1).0, ["close 1005 "]);
    }

    #[test]
    fn sealed_frames_have_the_shortest_head_and_fit_or_say_so() {
        for len in [0, 1, 125, 126, 65_535, 65_536] {
            let mut buffer = vec![b'a'; MAX_HEAD + len];
            let mask = [1, 2, 3, 4];
            let frame = seal(&mut buffer, MAX_HEAD..MAX_HEAD + len, Opcode::Text, mask).unwrap();
            let head = match len {
                0..=125 => 6,
                126..=65_535 => 8,
                _ => 14,
            };
            assert_eq!(frame, MAX_HEAD - head..MAX_HEAD + len);
            let frame = &buffer[frame];
            assert_eq!((frame[0], frame[1] & 0x80, &frame[head - 4..head]), (0x81, 0x80, &mask[..]));
            assert!(frame[head..].iter().zip(mask.iter().cycle()).all(|(byte, mask)| byte ^ mask == b'a'));
        }
        let mut small = [0; 20];
        assert_eq!(seal(&mut small, 5..20, Opcode::Text, [0; 4]), Err(Full));
        assert_eq!(seal(&mut small, 14..21, Opcode::Text, [0; 4]), Err(Full));
        let mut control = [0; 200];
        assert_eq!(seal(&mut control, 14..140, Opcode::Ping, [0; 4]), Err(Full));
        assert!(seal(&mut control, 14..139, Opcode::Close, [0; 4]).is_ok());
    }
}
