//! The head of a frame from the server.

use super::{FrameError, MAX_CONTROL};

/// The head of a frame from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) is_last: bool,
    pub(super) code: u8,
    pub(super) len: u64,
    pub(super) size: usize,
}

impl Head {
    /// The head at the front of `bytes`, `None` when it is not all there.
    #[inline(always)]
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<Self>, FrameError> {
        // Nearly all that comes: a whole text of middle length.
        if let [0x81, 126, high, low, ..] = *bytes
            && let len @ 126.. = u16::from_be_bytes([high, low])
        {
            return Ok(Some(Self { is_last: true, code: 1, len: u64::from(len), size: 4 }));
        }
        Self::parse_any(bytes)
    }

    fn parse_any(bytes: &[u8]) -> Result<Option<Self>, FrameError> {
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
