//! A cursor over the caller's buffer: every byte this crate writes goes through it.

use crate::{
    decimal::{Decimal, PAIRS},
    param::Full,
    word::FAST,
};

/// Writes into a slice from its start and says [`Full`] when there is no room for all of a piece.
///
/// A piece is written whole or not at all.
#[derive(Debug)]
pub struct Buf<'b> {
    bytes: &'b mut [u8],
    len: usize,
}

impl<'b> Buf<'b> {
    /// Starts at the beginning of `bytes`.
    pub fn new(bytes: &'b mut [u8]) -> Self {
        Self { bytes, len: 0 }
    }

    /// How many bytes are written.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is written yet.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What is written.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// What is written, for as long as the buffer lives.
    pub fn into_bytes(self) -> &'b mut [u8] {
        self.bytes.get_mut(..self.len).unwrap_or_default()
    }

    /// Takes back everything past `len`; does nothing when less is written.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Writes `bytes`.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Full> {
        let end = self.len.checked_add(bytes.len()).ok_or(Full)?;
        self.bytes.get_mut(self.len..end).ok_or(Full)?.copy_from_slice(bytes);
        self.len = end;
        Ok(())
    }

    /// Writes all of `pieces`, one behind the other, or none.
    #[inline(always)]
    pub(crate) fn pieces<const N: usize>(&mut self, pieces: [&[u8]; N]) -> Result<(), Full> {
        self.copied(pieces, |to, from| to.copy_from_slice(from))
    }

    /// The same, which is faster where most are short.
    #[inline(always)]
    pub(crate) fn short_pieces<const N: usize>(&mut self, pieces: [&[u8]; N]) -> Result<(), Full> {
        self.copied(pieces, if FAST { copy_short } else { <[u8]>::copy_from_slice })
    }

    #[inline(always)]
    fn copied<const N: usize>(
        &mut self,
        pieces: [&[u8]; N],
        copy: impl Fn(&mut [u8], &[u8]),
    ) -> Result<(), Full> {
        let len = pieces.iter().fold(0, |len: usize, piece| len.wrapping_add(piece.len()));
        let mut room = self.bytes.get_mut(self.len..).and_then(|room| room.get_mut(..len)).ok_or(Full)?;
        for piece in pieces {
            let (to, rest) = room.split_at_mut_checked(piece.len()).ok_or(Full)?;
            copy(to, piece);
            room = rest;
        }
        self.len += len;
        Ok(())
    }

    /// Writes one byte.
    #[inline]
    pub fn byte(&mut self, byte: u8) -> Result<(), Full> {
        *self.bytes.get_mut(self.len).ok_or(Full)? = byte;
        self.len += 1;
        Ok(())
    }

    /// Writes a whole number in decimal digits.
    pub fn int(&mut self, value: i64) -> Result<(), Full> {
        let mut digits = [0; 20];
        self.bytes(int_digits(value, &mut digits))
    }

    /// Writes a decimal number with the decimals it has.
    pub fn decimal(&mut self, value: Decimal) -> Result<(), Full> {
        let mut digits = [0; Decimal::MAX_LEN];
        self.bytes(value.encode_bytes(&mut digits))
    }

    /// Lets `fill` write into the free room; it answers how many bytes it wrote.
    pub fn fill_with<E: From<Full>>(
        &mut self,
        fill: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        let room = self.bytes.get_mut(self.len..).ok_or(Full)?;
        let most = room.len();
        self.len += fill(room)?.min(most);
        Ok(())
    }
}

impl core::fmt::Write for Buf<'_> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.bytes(text.as_bytes()).map_err(|Full| core::fmt::Error)
    }
}

/// Copies up to sixteen bytes as two words, which may overlap.
#[inline(always)]
fn copy_short(to: &mut [u8], from: &[u8]) {
    let done = match from.len() {
        9..=16 => copy_ends::<8>(to, from),
        5..=8 => copy_ends::<4>(to, from),
        3..=4 => copy_ends::<2>(to, from),
        _ => None,
    };
    if done.is_none() {
        to.copy_from_slice(from);
    }
}

#[inline(always)]
fn copy_ends<const N: usize>(to: &mut [u8], from: &[u8]) -> Option<()> {
    *to.first_chunk_mut::<N>()? = *from.first_chunk()?;
    *to.last_chunk_mut::<N>()? = *from.last_chunk()?;
    Some(())
}

/// The digits of `value` at the end of `digits`.
pub(crate) fn int_digits(value: i64, digits: &mut [u8; 20]) -> &[u8] {
    let mut rest = value.unsigned_abs();
    let mut start = digits.len();
    for pair in digits.as_chunks_mut().0.iter_mut().rev() {
        *pair = PAIRS[(rest % 100) as usize];
        rest /= 100;
        start -= 2;
        if rest == 0 {
            // Of a number below ten the pair has one digit too many.
            start += usize::from(pair[0] == b'0');
            break;
        }
    }
    if value < 0 {
        // 19 digits at most and the sign make 20.
        start -= 1;
        if let Some(sign) = digits.get_mut(start) {
            *sign = b'-';
        }
    }
    digits.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_written_whole_or_not_at_all() {
        let mut room = [0; 5];
        let mut buf = Buf::new(&mut room);
        buf.bytes(b"abc").unwrap();
        assert_eq!(buf.bytes(b"def"), Err(Full));
        assert_eq!(buf.int(-12), Err(Full));
        assert_eq!(buf.as_bytes(), b"abc");
        buf.int(12).unwrap();
        assert_eq!(buf.byte(b'x'), Err(Full));
        assert_eq!(buf.into_bytes(), b"abc12");
    }

    #[test]
    fn whole_numbers_print_as_the_standard_library_prints_them() {
        extern crate std;
        use std::string::ToString;
        for value in [0, 1, -1, 9, 10, 99, 100, 1_591_702_613_943, i64::MAX, i64::MIN] {
            let mut digits = [0; 20];
            assert_eq!(int_digits(value, &mut digits), value.to_string().as_bytes());
        }
    }
}
