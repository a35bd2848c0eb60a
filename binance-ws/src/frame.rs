//! WebSocket frames (RFC 6455), the client's side, over the caller's bytes: no I/O, no randomness, no copies but where a
//! message came in fragments.
//!
//! [`Inbox`] takes what a socket reads and gives messages out of the same buffer; [`seal()`] makes a frame of a payload
//! that is written already. Extensions are not spoken: a reserved bit is an error. Every other rule of the RFC for what a
//! client receives is checked: masks, opcodes, fragments, lengths in their shortest form, control frames of at most 125
//! bytes, UTF-8, close codes.

mod head;
mod inbox;
mod seal;
#[cfg(feature = "hosted")]
mod shared;
#[cfg(test)]
#[cfg(feature = "std")]
mod tests;

use core::{fmt, str};

#[cfg(any(feature = "embedded", feature = "embedded-async"))]
pub(crate) use self::inbox::Kind;
#[cfg(feature = "native")]
pub(crate) use self::seal::head_len;
#[cfg(feature = "hosted")]
pub use self::shared::{SharedFrame, SharedInbox};
pub use self::{inbox::Inbox, seal::seal};

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

/// The code of a closing handshake.
#[cfg(any(feature = "hosted", feature = "embedded", feature = "embedded-async"))]
pub(crate) fn close_code(payload: &[u8]) -> Result<u16, FrameError> {
    match close(payload)? {
        Frame::Close(code, _) => Ok(code),
        _ => Err(FrameError::CloseCode),
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
