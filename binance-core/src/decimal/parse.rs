//! Reading decimals and whole numbers: eight digits at a time where the text allows, byte by byte otherwise.

use core::fmt;

use super::{Decimal, MAX_MAGNITUDE, POW10, SCALE_SHIFT};
use crate::word::{FAST, eight_bytes, sixteen_bytes, two_words};

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
    if FAST
        && let Some((value, len)) = parse_prefix(text)
        && len == text.len()
    {
        return Ok(value);
    }
    // Exponents and the reason of a refusal are the plain reader's business.
    plain(text)
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
pub(crate) fn parse_prefix(bytes: &[u8]) -> Option<(Decimal, usize)> {
    let (negative, rest) = match bytes.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, bytes),
    };
    let mut digits = Digits::default();
    let whole = digits.read(rest)?;
    let mut len = whole;
    let mut scale = 0;
    if rest.get(whole) == Some(&b'.') {
        scale = digits.read(rest.get(whole + 1..)?)?;
        len += 1 + scale;
        if scale == 0 {
            return None;
        }
    }
    if whole == 0 {
        return None;
    }
    let value = Decimal::checked(negative, digits.magnitude(), u32::try_from(scale).ok()?)?;
    Some((value, len + usize::from(negative)))
}

/// A decimal that was read at the front of a text, and its length: together two words, which functions hand back in
/// registers.
#[derive(Clone, Copy)]
pub(crate) struct Packed {
    /// The sign and the scale as they stand in the upper word of a [`Decimal`], and a magnitude of 56 bits.
    value: u64,
    /// With the quotes; [`NO_LEN`] where there is no decimal. Not in the same word as what takes longer to find out, as the
    /// next value waits for it.
    len: usize,
}

/// The length of a value that is not there: more than any text has.
pub(crate) const NO_LEN: usize = usize::MAX;

impl Packed {
    const NONE: Self = Self { value: 0, len: NO_LEN };
    const MAGNITUDE: u64 = (1 << SCALE_SHIFT) - 1;

    /// Of eight times the scale, and eight times the length without the quotes.
    #[inline(always)]
    const fn new(magnitude: u64, scale: u32, len: u32) -> Self {
        Self { value: magnitude | (scale as u64) << (SCALE_SHIFT - 3), len: (len / 8 + 2) as usize }
    }

    /// With the quotes; [`NO_LEN`] where there is none.
    #[inline(always)]
    pub(crate) const fn len(self) -> usize {
        self.len
    }

    /// Means nothing where there is none.
    #[inline(always)]
    pub(crate) const fn value(self) -> Decimal {
        Decimal { low: self.value & Self::MAGNITUDE, high: self.value & !Self::MAGNITUDE }
    }
}

/// Reads a decimal of at most 56 bits, in quotes, at the front of `bytes`.
#[inline(never)]
pub(crate) fn quoted_decimal(bytes: &[u8]) -> Packed {
    quoted_decimal_inlined(bytes)
}

/// [`quoted_decimal`], for loops.
#[inline(always)]
pub(crate) fn quoted_decimal_inlined(bytes: &[u8]) -> Packed {
    let Some((b'"', text)) = bytes.split_first() else { return Packed::NONE };
    match two_words(text) {
        Some(words) => short_decimal(words, text),
        None => decimal_near_end(text),
    }
}

/// With what stands behind it perhaps less than is read at once.
#[inline(never)]
fn decimal_near_end(text: &[u8]) -> Packed {
    short_decimal(sixteen_bytes(text), text)
}

/// One to seven digits before a point, or without one, or what others make of it. In as few steps as can be: this is most
/// of what reading an event is.
#[inline(always)]
fn short_decimal((first, second): (u64, u64), text: &[u8]) -> Packed {
    let first = Eight::of(first);
    // Where all eight are digits, this looks at the first of them, which ends nothing.
    let whole = first.bits();
    if whole == 0 {
        return long_decimal(text);
    }
    if !first.is(b'.', whole) {
        return match first.is(b'"', whole) {
            true => Packed::new(value(first.bytes, whole), 0, whole),
            false => long_decimal(text),
        };
    }
    // With the point taken out, it is one run of digits.
    let before = 1_u64.wrapping_shl(whole).wrapping_sub(1);
    let digits = first.bytes & before | first.bytes >> 8 & !before;
    let behind = first.others & first.others.wrapping_sub(1);
    if behind != 0 {
        let end = (behind.trailing_zeros() & !7) - 8;
        return match first.is(b'"', end + 8) && end != whole {
            true => Packed::new(value(digits, end), end - whole, end + 8),
            false => Packed::NONE,
        };
    }
    match second.to_le_bytes() {
        [b'"', ..] if whole != 56 => Packed::new(value(digits, 56), 56 - whole, 64),
        [last @ b'0'..=b'9', b'"', ..] => {
            let last = u64::from(last - b'0') << 56;
            Packed::new(value_of_eight(digits | last), 64 - whole, 72)
        }
        _ => decimal_of_two_words((digits, second), whole, text),
    }
}

/// With seven digits in the first word, `whole` of them before the point, and two or more in the second.
#[inline(always)]
fn decimal_of_two_words((digits, second): (u64, u64), whole: u32, text: &[u8]) -> Packed {
    let second = Eight::of(second);
    let more = second.bits();
    if more == 0 || !second.is(b'"', more) {
        return long_decimal(text);
    }
    let front = value(digits, 56) * SMALL_POW10[(more / 8) as usize];
    Packed::new(front + value(second.bytes, more), 56 - whole + more, 64 + more)
}

/// Any that has at most 56 bits.
#[inline(never)]
fn long_decimal(text: &[u8]) -> Packed {
    let read = || {
        let (value, len) = parse_prefix(text)?;
        let fits = text.get(len) == Some(&b'"') && value.magnitude() <= u128::from(Packed::MAGNITUDE);
        fits.then_some(Packed { value: value.low | value.high, len: len + 2 })
    };
    read().unwrap_or(Packed::NONE)
}

/// Reads a whole number at the front of `bytes`, up to the first byte that is no digit, and says how many
/// bytes that took; `None` when there is no digit or the number has more than 64 bits.
pub(crate) fn u64_prefix(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut digits = Digits::default();
    let len = digits.read(bytes)?;
    let value = u64::try_from(digits.magnitude()).ok()?;
    (len > 0).then_some((value, len))
}

/// Reads a whole number at the front of `bytes` as JSON writes it, up to the first byte that is no digit, and says how many
/// bytes that took, [`NO_LEN`] where there is none. What follows the number is the caller's to check.
///
/// What it answers fits in two registers.
#[inline(never)]
pub(crate) fn whole_number(bytes: &[u8]) -> (u64, usize) {
    match two_words(bytes) {
        Some(words) => short_whole_number(words, bytes),
        None => whole_number_near_end(bytes),
    }
}

/// With what stands behind it less than is read at once.
#[inline(never)]
fn whole_number_near_end(bytes: &[u8]) -> (u64, usize) {
    short_whole_number(sixteen_bytes(bytes), bytes)
}

/// One to fifteen digits, or what others make of it.
#[inline(always)]
fn short_whole_number((first, second): (u64, u64), bytes: &[u8]) -> (u64, usize) {
    let first = Eight::of(first);
    if first.others != 0 {
        let len = first.bits();
        // No zero before others.
        return match len > 8 && first.bytes as u8 == 0 || len == 0 {
            false => (value(first.bytes, len), (len / 8) as usize),
            true => (0, NO_LEN),
        };
    }
    let second = Eight::of(second);
    let more = second.bits();
    if second.others == 0 || more == 0 || first.bytes as u8 == 0 {
        return long_whole_number(bytes);
    }
    let shifted = value_of_eight(first.bytes) * SMALL_POW10[(more / 8) as usize];
    (shifted + value(second.bytes, more), (8 + more / 8) as usize)
}

/// Of eight digits, or of more than fifteen.
#[inline(never)]
fn long_whole_number(bytes: &[u8]) -> (u64, usize) {
    match u64_prefix(bytes) {
        Some((value, len)) if len == 1 || bytes.first() != Some(&b'0') => (value, len),
        _ => (0, NO_LEN),
    }
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
            let bits = next.bits();
            if bits == 0 {
                return Some(total);
            }
            let value = value(next.bytes, bits);
            let len = (bits / 8) as usize;
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

    /// How many digits there are before the first other byte, times eight.
    #[inline(always)]
    fn bits(self) -> u32 {
        self.others.trailing_zeros() & !7
    }

    /// Whether `byte` stands at `at`, times eight, below 64.
    #[inline(always)]
    fn is(self, byte: u8, at: u32) -> bool {
        self.bytes.wrapping_shr(at) as u8 == byte ^ b'0'
    }
}

/// The value of the first digits of eight bytes, each `^ b'0'`; `bits` is eight times how many, from 8 to 64.
#[inline(always)]
fn value(bytes: u64, bits: u32) -> u64 {
    // Zeros come in at the front, the rest goes out at the back.
    value_of_eight(bytes.wrapping_shl(64 - bits))
}

#[inline(always)]
fn value_of_eight(digits: u64) -> u64 {
    // Two neighbours at a time: pairs, then fours, then all.
    let pairs = digits.wrapping_mul(1 + (10 << 8)) >> 8 & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(1 + (100 << 16)) >> 16 & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(1 + (10_000 << 32)) >> 32
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

    /// What the readers of values in objects say of `text` in quotes and of `text` alone is what the plain readers say.
    fn values_agree(text: &[u8]) {
        let mut quoted = [0; 96];
        quoted[0] = b'"';
        quoted[1..=text.len()].copy_from_slice(text);
        let small = |value: &Decimal| value.magnitude() < 1 << 56;
        let plain = plain_prefix(text).filter(|(value, len)| text.get(*len) == Some(&b'"') && small(value));
        let fast = quoted_decimal(&quoted[..=text.len()]);
        let fast = (fast.len() != NO_LEN).then(|| (fast.value(), fast.len() - 2));
        assert!(same(fast, plain), "{text:?}: {fast:?} {plain:?}");

        let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let whole = core::str::from_utf8(&text[..count]).unwrap().parse::<u64>().ok();
        let whole = whole.filter(|_| count == 1 || text[0] != b'0');
        assert_eq!(whole_number(text), whole.map_or((0, NO_LEN), |value| (value, count)), "{text:?}");
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
                            b",1234567890123456789",
                            b"]",
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
                            values_agree(text);
                            checked += 1;
                            numbers += usize::from(plain.is_some());
                        }
                    }
                }
            }
        }
        assert_eq!(checked, 5 * 3 * (46 * 47 / 2) * 15);
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
                    3 => b",}]"[(next() % 3) as usize],
                    digit => b'0' + (digit % 10) as u8,
                };
            }
            let text = &text[..round % 25];
            assert!(same(parse_prefix(text), plain_prefix(text)), "{text:?}");
            values_agree(text);
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
