//! Reading decimals and whole numbers: eight digits at a time where the text allows, byte by byte otherwise.

use core::fmt;

use super::{Decimal, MAX_MAGNITUDE, POW10};
use crate::word::{eight_bytes, matches_byte, sixteen_bytes};

/// Why a text is not a [`Decimal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseDecimalError {
    /// There is no text.
    Empty,
    /// The byte at this place does not belong there; the length of the text when it ends too early.
    Invalid {
        /// Counted from 0.
        at: usize,
    },
    /// A number, with more digits than fit: 120 bits in all, 38 after the point.
    TooLong,
}

impl fmt::Display for ParseDecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no decimal number in an empty text"),
            Self::Invalid { at } => write!(f, "not a decimal number at byte {at}"),
            Self::TooLong => f.write_str("a decimal number with too many digits"),
        }
    }
}

impl core::error::Error for ParseDecimalError {}

/// Reads the whole of `text`.
pub(super) fn parse(text: &[u8]) -> Result<Decimal, ParseDecimalError> {
    match parse_prefix(text) {
        Some((value, len)) if len == text.len() => Ok(value),
        // Exponents and the reason of a refusal are the plain reader's business.
        _ => plain(text),
    }
}

/// Reads the whole of `text`, byte by byte.
pub(super) const fn plain(text: &[u8]) -> Result<Decimal, ParseDecimalError> {
    if text.is_empty() {
        return Err(ParseDecimalError::Empty);
    }
    let negative = text[0] == b'-';
    let mut at = negative as usize;
    let mut magnitude: u128 = 0;
    let mut fits = true;
    let mut scale: i64 = 0;
    let mut point = false;
    loop {
        // Digits, at least one: before the point, then after it.
        let first = at;
        while at < text.len() && text[at].is_ascii_digit() {
            match magnitude.checked_mul(10) {
                Some(tens)
                    if tens <= MAX_MAGNITUDE - 9 || tens + (text[at] - b'0') as u128 <= MAX_MAGNITUDE =>
                {
                    magnitude = tens + (text[at] - b'0') as u128;
                }
                _ => fits = false,
            }
            scale += point as i64;
            at += 1;
        }
        if at == first {
            return Err(ParseDecimalError::Invalid { at });
        }
        if point || at == text.len() || text[at] != b'.' {
            break;
        }
        point = true;
        at += 1;
    }
    if at < text.len() && (text[at] == b'e' || text[at] == b'E') {
        at += 1;
        let down = at < text.len() && text[at] == b'-';
        if at < text.len() && (text[at] == b'-' || text[at] == b'+') {
            at += 1;
        }
        let first = at;
        let mut exponent: i64 = 0;
        while at < text.len() && text[at].is_ascii_digit() {
            // Far more than fits already; the rest is only checked to be digits.
            if exponent < 1 << 40 {
                exponent = exponent * 10 + (text[at] - b'0') as i64;
            }
            at += 1;
        }
        if at == first {
            return Err(ParseDecimalError::Invalid { at });
        }
        scale += if down { exponent } else { -exponent };
    }
    if at < text.len() {
        return Err(ParseDecimalError::Invalid { at });
    }
    if fits && scale < 0 {
        let zeros = -scale;
        scale = 0;
        if magnitude != 0 {
            if zeros >= POW10.len() as i64 {
                return Err(ParseDecimalError::TooLong);
            }
            match magnitude.checked_mul(POW10[zeros as usize]) {
                Some(lifted) => magnitude = lifted,
                None => return Err(ParseDecimalError::TooLong),
            }
        }
    }
    if !fits || scale > Decimal::MAX_SCALE as i64 {
        return Err(ParseDecimalError::TooLong);
    }
    match Decimal::checked(negative, magnitude, scale as u32) {
        Some(value) => Ok(value),
        None => Err(ParseDecimalError::TooLong),
    }
}

/// Reads a decimal without an exponent at the front of `bytes`, up to the first byte that cannot belong to it,
/// and says how many bytes that took.
///
/// `None` when there is no number or it does not fit. What follows the number is the caller's to check: a quote, a
/// comma, or perhaps an exponent.
#[inline(always)]
pub(crate) fn parse_prefix(bytes: &[u8]) -> Option<(Decimal, usize)> {
    let (first, next) = sixteen_bytes(bytes);
    let first = Eight::of(first);
    let whole = first.len();
    if whole == 8 {
        return long_prefix(bytes);
    }
    if whole == 0 {
        return if bytes.first() == Some(&b'-') { negative_prefix(bytes) } else { None };
    }
    let shift = 8 * whole;
    if (first.bytes >> shift) as u8 != b'.' ^ b'0' {
        return Some((Decimal::pack_small(false, value(first.bytes, whole), 0), whole));
    }
    if let Some(end) = first.second_other() {
        let scale = end - whole - 1;
        if scale == 0 {
            return None;
        }
        // All of it within eight bytes: with the point taken out, it is one run of digits.
        let below = (1 << shift) - 1;
        let digits = first.bytes & below | first.bytes >> 8 & !below;
        return Some((Decimal::pack_small(false, value(digits, end - 1), scale as u32), end));
    }
    let next = Eight::of(next);
    let end = 8 + next.len();
    let scale = end - whole - 1;
    if scale == 0 {
        return None;
    }
    if scale > 8 || (end == 16 && bytes.get(16).is_some_and(u8::is_ascii_digit)) {
        return long_prefix(bytes);
    }
    let decimals = first.bytes >> 8 >> shift | next.bytes << (56 - shift);
    let magnitude = value(first.bytes, whole) * SMALL_POW10[scale] + value(decimals, scale);
    Some((Decimal::pack_small(false, magnitude, scale as u32), end))
}

/// A decimal that was read at the front of a text, of at most 64 bits, and its length: together two words, which
/// functions hand back in registers.
#[derive(Clone, Copy)]
pub(crate) struct Packed {
    low: u64,
    /// As in [`Decimal`], with the length in place of the upper bits of the magnitude: 0 where there is no decimal.
    high: u64,
}

impl Packed {
    const NONE: Self = Self { low: 0, high: 0 };
    const LEN: u64 = 0xff;

    #[inline(always)]
    pub(crate) fn get(self) -> Option<(Decimal, usize)> {
        match self.high & Self::LEN {
            0 => None,
            len => Some((Decimal { low: self.low, high: self.high & !Self::LEN }, len as usize)),
        }
    }
}

/// Reads a decimal of at most 64 bits, in quotes, at the front of `bytes`.
#[inline(never)]
pub(crate) fn quoted_decimal(bytes: &[u8]) -> Packed {
    match short_decimal(bytes) {
        Some((value, len)) => Packed { low: value.low, high: value.high | len as u64 },
        None => long_decimal(bytes),
    }
}

/// [`quoted_decimal`], for loops.
#[inline(always)]
pub(crate) fn quoted_decimal_inlined(bytes: &[u8]) -> Option<(Decimal, usize)> {
    match short_decimal(bytes) {
        None => long_decimal(bytes).get(),
        value => value,
    }
}

/// One to seven digits, and up to eight after a point; and the length with the quotes.
///
/// The length is what the next value waits for, so it comes by the shortest way: from where the quote is. That all before
/// it is right is found out aside.
#[inline(always)]
fn short_decimal(bytes: &[u8]) -> Option<(Decimal, usize)> {
    let (b'"', text) = bytes.split_first()? else { return None };
    let word = u64::from_le_bytes(*text.first_chunk()?);
    let first = Eight::of(word);
    let whole = first.len();
    let point = 0x80 << (8 * whole % 64);
    let end = match matches_byte(word, b'"') {
        0 if text.get(8) == Some(&b'"') => 8,
        0 => 9,
        quote => quote.trailing_zeros() as usize / 8,
    };
    if whole == end {
        return (end > 0).then(|| (Decimal::pack_small(false, value(first.bytes, end), 0), end + 2));
    }
    // Nothing but digits and one point before the quote.
    if whole == 0 || first.others & up_to(end) != point || !first.is(b'.', whole) {
        return None;
    }
    if end <= 8 {
        let scale = end - whole - 1;
        if scale == 0 {
            return None;
        }
        // With the point taken out, it is one run of digits.
        let digits = first.bytes & up_to(whole) | first.bytes >> 8 & !up_to(whole);
        return Some((Decimal::pack_small(false, value(digits, end - 1), scale as u32), end + 2));
    }
    let next = Eight::of(u64::from_le_bytes(*text.get(8..)?.first_chunk()?));
    let more = next.len();
    let scale = 7 - whole + more;
    if more == 8 || !next.is(b'"', more) || scale == 0 || scale > 8 {
        return None;
    }
    let decimals = first.bytes >> 8 >> (8 * whole) | next.bytes << (56 - 8 * whole);
    let magnitude = value(first.bytes, whole) * SMALL_POW10[scale] + value(decimals, scale);
    Some((Decimal::pack_small(false, magnitude, scale as u32), more + 10))
}

/// The first `count` bytes of a word, at least one; all for more than eight.
#[inline(always)]
const fn up_to(count: usize) -> u64 {
    u64::MAX >> (64_usize.saturating_sub(8 * count) % 64)
}

/// Any that has at most 64 bits.
#[inline(never)]
fn long_decimal(bytes: &[u8]) -> Packed {
    let read = || {
        let (b'"', text) = bytes.split_first()? else { return None };
        let (value, len) = parse_prefix(text)?;
        let fits = text.get(len) == Some(&b'"') && value.magnitude() <= u128::from(u64::MAX);
        let len = u8::try_from(len + 2).ok()?;
        fits.then_some(Packed { low: value.low, high: value.high | u64::from(len) })
    };
    read().unwrap_or(Packed::NONE)
}

/// Reads a whole number at the front of `bytes`, up to the first byte that is no digit, and says how many
/// bytes that took; `None` when there is no digit or the number has more than 64 bits.
#[inline(always)]
pub(crate) fn u64_prefix(bytes: &[u8]) -> Option<(u64, usize)> {
    let (first, next) = sixteen_bytes(bytes);
    let first = Eight::of(first);
    match first.len() {
        0 => return None,
        8 => {}
        len => return Some((value(first.bytes, len), len)),
    }
    let next = Eight::of(next);
    match next.len() {
        0 => Some((value(first.bytes, 8), 8)),
        8 => {
            let mut digits = Digits::default();
            let len = digits.read(bytes)?;
            Some((u64::try_from(digits.magnitude()).ok()?, len))
        }
        len => Some((value(first.bytes, 8) * SMALL_POW10[len] + value(next.bytes, len), 8 + len)),
    }
}

/// [`parse_prefix`] of a text that begins with `-`.
#[inline(never)]
fn negative_prefix(bytes: &[u8]) -> Option<(Decimal, usize)> {
    let digits = bytes.get(1..).filter(|digits| digits.first() != Some(&b'-'))?;
    parse_prefix(digits).map(|(value, len)| (-value, len + 1))
}

/// [`parse_prefix`] of a text that begins with a digit, for as many digits as there are.
#[inline(never)]
fn long_prefix(bytes: &[u8]) -> Option<(Decimal, usize)> {
    let mut digits = Digits::default();
    let whole = digits.read(bytes)?;
    let mut len = whole;
    let mut scale = 0;
    if bytes.get(whole) == Some(&b'.') {
        scale = digits.read(bytes.get(whole + 1..)?)?;
        if scale == 0 {
            return None;
        }
        len += 1 + scale;
    }
    Some((Decimal::checked(false, digits.magnitude(), u32::try_from(scale).ok()?)?, len))
}

/// A magnitude in the making: in 64 bits up to the 19th digit, which is faster.
#[derive(Default)]
struct Digits {
    count: usize,
    small: u64,
    wide: u128,
}

impl Digits {
    /// Takes the digits at the front of `bytes`; says how many there were, `None` when they are beyond 128 bits.
    fn read(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut total = 0;
        loop {
            let next = Eight::of(eight_bytes(bytes.get(total..)?));
            let len = next.len();
            if len == 0 {
                return Some(total);
            }
            let value = value(next.bytes, len);
            let before = self.count;
            self.count += len;
            if self.count <= 19 {
                self.small = self.small * SMALL_POW10[len] + value;
            } else {
                if before <= 19 {
                    self.wide = u128::from(self.small);
                }
                self.wide = self.wide.checked_mul(POW10[len])?.checked_add(u128::from(value))?;
            }
            total += len;
        }
    }

    fn magnitude(&self) -> u128 {
        if self.count <= 19 { u128::from(self.small) } else { self.wide }
    }
}

/// Powers of ten up to 10^8.
const SMALL_POW10: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// Eight bytes of text.
#[derive(Clone, Copy)]
struct Eight {
    /// The first in the lowest byte, each `^ b'0'`: digits are 0 to 9.
    bytes: u64,
    /// The top bit of each byte that is no digit. Right up to the first such byte; behind it, right as long as that is
    /// ASCII.
    others: u64,
}

impl Eight {
    #[inline(always)]
    fn of(text: u64) -> Self {
        const EACH: u64 = u64::from_le_bytes([1; 8]);
        let bytes = text ^ (EACH * b'0' as u64);
        // 0x76 lifts 10 to 0x80; a top bit that was there before stays. Only a byte above 0x89 carries into the next.
        Self { bytes, others: (bytes.wrapping_add(EACH * 0x76) | bytes) & (EACH * 0x80) }
    }

    /// How many digits there are before the first other byte.
    #[inline(always)]
    fn len(self) -> usize {
        self.others.trailing_zeros() as usize / 8
    }

    /// Whether `byte` stands at `at`, which is below eight.
    #[inline(always)]
    fn is(self, byte: u8, at: usize) -> bool {
        (self.bytes >> (8 * at)) as u8 == byte ^ b'0'
    }

    /// Where the second byte is that is no digit, if the first is ASCII.
    #[inline(always)]
    fn second_other(self) -> Option<usize> {
        let others = self.others & self.others.wrapping_sub(1);
        if others == 0 { None } else { Some(others.trailing_zeros() as usize / 8) }
    }
}

/// The value of the first `len` (1 to 8) digits of eight bytes, each `^ b'0'`.
#[inline(always)]
fn value(bytes: u64, len: usize) -> u64 {
    const PAIRS: u64 = 0x0000_00ff_0000_00ff;
    // Zeros come in at the front, the rest goes out at the back.
    let digits = bytes << (64 - 8 * len);
    // Two digits in every second byte, then two multiplications add up the four pairs.
    let pairs = digits * 10 + (digits >> 8);
    let odd = (pairs & PAIRS).wrapping_mul(100 + (1_000_000 << 32));
    let even = (pairs >> 16 & PAIRS).wrapping_mul(1 + (10_000 << 32));
    odd.wrapping_add(even) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number at the front of `bytes` as the plain reader sees it: the longest front that is a number.
    fn plain_prefix(bytes: &[u8]) -> Option<(Decimal, usize)> {
        let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
        let sign = usize::from(bytes.first() == Some(&b'-'));
        let mut len = sign + digits(sign);
        if bytes.get(len) == Some(&b'.') {
            len += 1 + digits(len + 1);
        }
        plain(&bytes[..len]).ok().map(|value| (value, len))
    }

    fn same(fast: Option<(Decimal, usize)>, plain: Option<(Decimal, usize)>) -> bool {
        let parts = |(d, len): (Decimal, usize)| (d.mantissa(), d.scale(), d.is_bare(), len);
        fast.map(parts) == plain.map(parts)
    }

    #[test]
    fn the_fast_reader_agrees_with_the_plain_one_at_every_length_point_and_end() {
        let mut checked = 0;
        let mut numbers = 0;
        for fill in [0, 1, 7, 8, 9] {
            for sign in ["", "-", "--"] {
                for len in 0..=45 {
                    // No point, and a point at every place, the first and the last among them.
                    for point in 0..=len {
                        for end in [
                            &b""[..],
                            b"\"",
                            b",",
                            b"}",
                            b".",
                            b"..",
                            b"e5",
                            b"-",
                            b"\"1234567890123456789",
                            b"\xff9.9",
                            b"\0",
                            b"/",
                            b":",
                        ] {
                            let mut text = [0; 80];
                            let mut at = 0;
                            let mut put = |bytes: &[u8]| {
                                text[at..at + bytes.len()].copy_from_slice(bytes);
                                at += bytes.len();
                            };
                            put(sign.as_bytes());
                            for i in 0..len {
                                // The digits differ, so that none can change its place unseen.
                                let digit = b'0' + ((fill + i * 7 * usize::from(fill != 0)) % 10) as u8;
                                put(&[if i == point { b'.' } else { digit }]);
                            }
                            put(end);
                            let text = &text[..at];
                            let (fast, plain) = (parse_prefix(text), plain_prefix(text));
                            assert!(same(fast, plain), "{text:?}: {fast:?} {plain:?}");
                            checked += 1;
                            numbers += usize::from(plain.is_some());
                        }
                    }
                }
            }
        }
        assert_eq!(checked, 5 * 3 * (46 * 47 / 2) * 13);
        assert!(numbers > checked / 4, "{numbers} of {checked}");
    }

    #[test]
    fn the_fast_reader_agrees_with_the_plain_one_on_any_bytes() {
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random
        };
        for round in 0..300_000 {
            let mut text = [0; 24];
            for byte in &mut text {
                // Mostly what numbers are made of.
                *byte = match next() % 16 {
                    0 => next() as u8,
                    1 => b'.',
                    2 => b'"',
                    digit => b'0' + (digit % 10) as u8,
                };
            }
            let text = &text[..round % 25];
            assert!(same(parse_prefix(text), plain_prefix(text)), "{text:?}");
            let count = text.iter().take_while(|b| b.is_ascii_digit()).count();
            let whole = core::str::from_utf8(&text[..count]).unwrap().parse().ok().map(|n: u64| (n, count));
            assert_eq!(u64_prefix(text), whole, "{text:?}");
        }
    }

    #[test]
    fn whole_numbers_up_to_their_last() {
        for (text, value) in [
            ("0", Some((0, 1))),
            ("12345678", Some((12_345_678, 8))),
            ("1700000000123,", Some((1_700_000_000_123, 13))),
            ("1234567890123456", Some((1_234_567_890_123_456, 16))),
            ("18446744073709551615}", Some((u64::MAX, 20))),
            ("18446744073709551616}", None),
            ("0000000000000000000000007", Some((7, 25))),
            ("99999999999999999999999999999999999999999999999999", None),
            ("-1", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(u64_prefix(text.as_bytes()), value, "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        use ParseDecimalError::{Empty, Invalid, TooLong};
        for (text, error) in [
            ("", Empty),
            ("-", Invalid { at: 1 }),
            ("+1", Invalid { at: 0 }),
            (".5", Invalid { at: 0 }),
            ("5.", Invalid { at: 2 }),
            ("1.2.3", Invalid { at: 3 }),
            ("1,5", Invalid { at: 1 }),
            (" 1", Invalid { at: 0 }),
            ("1 ", Invalid { at: 1 }),
            ("--1", Invalid { at: 1 }),
            ("NaN", Invalid { at: 0 }),
            ("1e", Invalid { at: 2 }),
            ("1e+", Invalid { at: 3 }),
            ("1e5x", Invalid { at: 3 }),
            ("1e5.0", Invalid { at: 3 }),
            ("0x10", Invalid { at: 1 }),
            ("\u{661}", Invalid { at: 0 }),
            // 2^120 - 1 is the last.
            ("1329227995784915872903807060280344576", TooLong),
            ("13292279957849158729038070602803445.76", TooLong),
            ("99999999999999999999999999999999999999999999999999999", TooLong),
            ("0.000000000000000000000000000000000000000", TooLong),
            ("1e-39", TooLong),
            ("1e37", TooLong),
            ("1e999999999999999999999999", TooLong),
            ("1e-999999999999999999999999", TooLong),
            ("0.1e-38", TooLong),
        ] {
            assert_eq!(Decimal::parse(text.as_bytes()).unwrap_err(), error, "{text}");
            assert_eq!(plain(text.as_bytes()).unwrap_err(), error, "{text}");
        }
    }

    #[test]
    fn reads_exponents_exactly() {
        for (text, plain) in [
            ("1e-8", "0.00000001"),
            ("1E+3", "1000"),
            ("1.50e1", "15.0"),
            ("1.50e2", "150"),
            ("-1.5e3", "-1500"),
            ("0E-8", "0.00000000"),
            ("0e400", "0"),
            ("1e0", "1"),
            ("1e36", "1000000000000000000000000000000000000"),
            ("1e-38", "0.00000000000000000000000000000000000001"),
            ("1329227995784915872903807060280344575", "1329227995784915872903807060280344575"),
        ] {
            let value = Decimal::parse(text.as_bytes()).unwrap();
            assert_eq!(value.encode(&mut [0; Decimal::MAX_LEN]), plain, "{text}");
        }
    }
}
