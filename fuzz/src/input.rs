//! Choices out of the fuzzer's bytes.

use std::fmt;

/// Reads an input from its front; at its end everything is zero.
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    pub fn int(&mut self) -> u64 {
        (0..8).fold(0, |int, _| int << 8 | u64::from(self.byte()))
    }

    /// Below `most`, which is not zero.
    pub fn below(&mut self, most: u16) -> u16 {
        (u16::from(self.byte()) << 8 | u16::from(self.byte())) % most
    }

    /// Up to 255 bytes, after a byte that says how many.
    pub fn bytes(&mut self) -> &'a [u8] {
        let len = usize::from(self.byte()).min(self.0.len());
        let (bytes, rest) = self.0.split_at(len);
        self.0 = rest;
        bytes
    }

    /// The same as text, without what is no text.
    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }
}

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes left", self.0.len())
    }
}
