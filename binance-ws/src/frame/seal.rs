//! Frames to send.

use core::ops::Range;

use binance_core::param::Full;

use super::{MAX_CONTROL, MAX_HEAD, Opcode};

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
    // By sixteen, which is one instruction on most machines.
    let (wide, rest) = bytes.as_chunks_mut::<16>();
    let wide_mask = u128::from(u32::from_ne_bytes(mask)) * 0x0000_0001_0000_0001_0000_0001_0000_0001;
    for chunk in wide {
        *chunk = (u128::from_ne_bytes(*chunk) ^ wide_mask).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
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

/// How long the head of a frame with so long a payload is.
#[cfg(feature = "native")]
pub(crate) const fn head_len(payload: usize) -> usize {
    match payload {
        0..=125 => 6,
        126..=65_535 => 8,
        _ => MAX_HEAD,
    }
}
