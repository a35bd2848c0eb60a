//! A cursor over the caller's buffer: every byte this crate writes goes through it.

use crate::{decimal::Decimal, param::Full};

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

/// The digits of `value` at the end of `digits`.
pub(crate) fn int_digits(value: i64, digits: &mut [u8; 20]) -> &[u8] {
    let mut rest = value.unsigned_abs();
    let mut start = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        start -= 1;
        if rest == 0 {
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
