//! Text as words: eight or sixteen bytes of it at a time, the first in the lowest byte.

/// Whether what is read word by word is worth its code beside what reads byte by byte, and the fast decoder of records beside
/// the plain one. A microcontroller has little room and no words of 64 bits: there the plain one of each reads all.
/// `--cfg plain` makes it so anywhere, for the tests.
pub(crate) const FAST: bool = !cfg!(any(plain, all(target_os = "none", target_pointer_width = "32")));

/// The first sixteen bytes of `text`, where there are as many, as two words.
#[inline(always)]
pub(crate) const fn two_words(text: &[u8]) -> Option<(u64, u64)> {
    match text.first_chunk() {
        Some(chunk) => {
            let both = u128::from_le_bytes(*chunk);
            Some((both as u64, (both >> 64) as u64))
        }
        None => None,
    }
}

/// The first sixteen bytes of `text`, as two words; zeros past its end.
#[inline(always)]
pub(crate) const fn sixteen_bytes(text: &[u8]) -> (u64, u64) {
    match two_words(text) {
        Some(words) => words,
        None => less_than_sixteen(text),
    }
}

#[inline(never)]
const fn less_than_sixteen(text: &[u8]) -> (u64, u64) {
    match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        // Where the two overlap, their bytes are the same.
        (Some(front), Some(back)) => {
            let back = u64::from_le_bytes(*back) as u128;
            let back = back << 64 >> (8 * (16 - text.len()));
            (u64::from_le_bytes(*front), (back >> 64) as u64)
        }
        _ => (up_to_eight_bytes(text), 0),
    }
}

/// The first eight bytes of `text`; zeros past its end.
#[inline(always)]
pub(crate) const fn eight_bytes(text: &[u8]) -> u64 {
    match text.first_chunk::<8>() {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => up_to_eight_bytes(text),
    }
}

#[inline(never)]
const fn up_to_eight_bytes(text: &[u8]) -> u64 {
    if let (Some(front), Some(back)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        // Where the two overlap, their bytes are the same.
        let back = (u32::from_le_bytes(*back) as u64) << (8 * (text.len() - 4));
        return u32::from_le_bytes(*front) as u64 | back;
    }
    match *text {
        [a, b, c] => u64::from_le_bytes([a, b, c, 0, 0, 0, 0, 0]),
        [a, b] => u64::from_le_bytes([a, b, 0, 0, 0, 0, 0, 0]),
        [a] => a as u64,
        _ => 0,
    }
}

/// The top bit of each byte of `word` that is `byte`. Bytes after the first match may be wrong, so only the lowest
/// bit is to be trusted.
#[inline(always)]
pub(crate) const fn matches_byte(word: u64, byte: u8) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    let zeroed = word ^ (ONES * byte as u64);
    zeroed.wrapping_sub(ONES) & !zeroed & HIGHS
}

/// The place of the first quote or backslash in sixteen bytes; 16 where there is none.
#[inline(always)]
pub(crate) fn quote_or_escape((first, second): (u64, u64)) -> usize {
    let hits = |word| matches_byte(word, b'"') | matches_byte(word, b'\\');
    match hits(first) {
        0 => 8 + (hits(second).trailing_zeros() / 8) as usize,
        hits => (hits.trailing_zeros() / 8) as usize,
    }
}

/// The string that `bytes` begin with, up to the quote that ends it: two words, zeros behind, and its length, which is at
/// most 15. `None` where it is longer, has no end or an escape in it, or, as this is quick, is not ASCII or among the last
/// sixteen bytes.
#[inline(always)]
pub(crate) fn short_string(bytes: &[u8]) -> Option<(u64, u64, usize)> {
    let (first, second) = two_words(bytes)?;
    if let Some(end) = End::of(first) {
        return end.is_quote(first).then(|| (end.before(first), 0, end.place()));
    }
    let end = End::of(second)?;
    end.is_quote(second).then(|| (first, end.before(second), 8 + end.place()))
}

/// Where a string may end in eight bytes: the lowest bit of the first that is a quote, a backslash, or not ASCII.
#[derive(Clone, Copy)]
pub(crate) struct End(u64);

impl End {
    #[inline(always)]
    pub(crate) fn of(word: u64) -> Option<Self> {
        const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
        const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
        let (quote, escape) = (word ^ (ONES * b'"' as u64), word ^ (ONES * b'\\' as u64));
        // The bytes that are zero now borrow, and of ASCII nothing below them does.
        let ends = ((quote.wrapping_sub(ONES) | escape.wrapping_sub(ONES)) & HIGHS) >> 7;
        (ends != 0).then_some(Self(ends))
    }

    /// Counted from the first byte.
    #[inline(always)]
    pub(crate) fn place(self) -> usize {
        (self.0.trailing_zeros() / 8) as usize
    }

    #[inline(always)]
    pub(crate) fn is_quote(self, word: u64) -> bool {
        word.wrapping_shr(self.0.trailing_zeros()) as u8 == b'"'
    }

    /// The bytes of `word` before it.
    #[inline(always)]
    fn before(self, word: u64) -> u64 {
        word & !self.0 & self.0.wrapping_sub(1)
    }
}
