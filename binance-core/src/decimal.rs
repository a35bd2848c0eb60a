//! [`Decimal`]: prices and quantities, exact, with as many decimals as they were sent with.

use core::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    ops::Neg,
    str::FromStr,
};

mod parse;
mod serial;
mod wide;

use self::wide::Wide;
pub use self::{parse::ParseDecimalError, serial::optional};
pub(crate) use self::{
    parse::{NO_LEN, parse_prefix, quoted_decimal, quoted_decimal_inlined, u64_prefix, whole_number},
    serial::NUMBER_TOKEN,
};
#[doc(no_inline)]
pub use crate::dec;

/// An exact decimal number: a whole number of at most 120 bits (every one of up to 36 digits) and
/// a count of decimals, 0 to 38.
///
/// It keeps the number of decimals it was read with: `64000.10` prints as `64000.10`. Comparing and
/// hashing go by value, so `1.50 == 1.5`. There is no negative zero, no infinity and no NaN, and the text
/// never has an exponent.
///
/// Arithmetic is exact or says `None`; only [`round_to`](Self::round_to) and
/// [`checked_div`](Self::checked_div) round, in the direction they are told.
///
/// ```
/// use binance_core::decimal::{Decimal, Rounding};
///
/// let price: Decimal = "64000.17".parse()?;
/// let tick: Decimal = "0.10".parse()?;
/// let price = price.round_to(tick, Rounding::Down).expect("the tick is above zero");
/// assert_eq!(price.to_string(), "64000.10");
/// # Ok::<(), binance_core::decimal::ParseDecimalError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Decimal {
    /// The low 64 bits of the magnitude.
    low: u64,
    /// From the top: sign, "bare" (see [`Decimal::is_bare`]), scale (6 bits), 56 bits of magnitude.
    high: u64,
}

/// Where a number goes that lies between two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rounding {
    /// Towards zero.
    Down,
    /// Away from zero.
    Up,
    /// To the nearer one; from the middle to the even one.
    Nearest,
}

const SIGN: u64 = 1 << 63;
const BARE: u64 = 1 << 62;
const SCALE_SHIFT: u32 = 56;
const MAX_MAGNITUDE: u128 = (1 << 120) - 1;
/// Powers of ten up to 10^38, the largest in a `u128`.
const POW10: [u128; 39] = {
    let mut powers = [1; 39];
    let mut i = 1;
    while i < powers.len() {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

impl Decimal {
    /// Zero, without decimals.
    pub const ZERO: Self = Self { low: 0, high: 0 };
    /// One, without decimals.
    pub const ONE: Self = Self { low: 1, high: 0 };
    /// The most decimals a number can have.
    pub const MAX_SCALE: u8 = 38;
    /// Bytes of the longest text of a number: a sign, `0.` and 38 decimals.
    pub const MAX_LEN: usize = 41;

    /// `mantissa` / 10^`scale`, with `scale` decimals; `None` when the mantissa has more than 120 bits or the
    /// scale is above [`MAX_SCALE`](Self::MAX_SCALE).
    pub const fn new(mantissa: i128, scale: u8) -> Option<Self> {
        Self::checked(mantissa < 0, mantissa.unsigned_abs(), scale as u32)
    }

    /// The number that `text` spells, for constants; [`dec!`](crate::dec) is the shorter way to write it.
    ///
    /// # Panics
    ///
    /// When `text` is not a decimal number. In a constant that is a compile error; read run-time text with
    /// [`parse`](Self::parse).
    #[expect(clippy::panic, reason = "a compile-time error where it is meant to be used")]
    pub const fn literal(text: &'static str) -> Self {
        match parse::plain(text.as_bytes()) {
            Ok(value) => value,
            Err(_) => panic!("not a decimal number"),
        }
    }

    /// Reads a number: an optional `-`, digits, optionally `.` and digits, optionally an exponent
    /// (`e` or `E`, an optional sign, digits), and nothing else.
    ///
    /// # Errors
    ///
    /// [`ParseDecimalError`] when the text is empty, is something else, or has more digits than fit.
    pub fn parse(text: &[u8]) -> Result<Self, ParseDecimalError> {
        parse::parse(text)
    }

    /// The number without its point: `-12.50` gives -1250.
    pub const fn mantissa(self) -> i128 {
        let magnitude = self.magnitude() as i128;
        if self.is_negative() { -magnitude } else { magnitude }
    }

    /// How many decimals it has: `-12.50` gives 2.
    pub const fn scale(self) -> u8 {
        (self.high >> SCALE_SHIFT) as u8 & 0x3f
    }

    /// Whether it is zero, with any number of decimals.
    pub const fn is_zero(self) -> bool {
        self.magnitude() == 0
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.high & SIGN != 0
    }

    /// The number without its sign.
    pub const fn abs(self) -> Self {
        Self { low: self.low, high: self.high & !(SIGN | BARE) }
    }

    /// The same value without trailing zeros after the point: `1.500` gives `1.5`, `2.00` gives `2`.
    pub const fn normalize(self) -> Self {
        let (magnitude, scale) = strip(self.magnitude(), self.scale() as u32, 0);
        Self::pack(self.is_negative(), magnitude, scale)
    }

    /// The same value with exactly `scale` decimals; `None` when that would lose a digit or not fit.
    pub const fn rescale(self, scale: u8) -> Option<Self> {
        let (from, to) = (self.scale() as usize, scale as usize);
        if to > Self::MAX_SCALE as usize {
            return None;
        }
        let magnitude = if to >= from {
            match self.magnitude().checked_mul(POW10[to - from]) {
                Some(magnitude) => magnitude,
                None => return None,
            }
        } else {
            let unit = POW10[from - to];
            if !self.magnitude().is_multiple_of(unit) {
                return None;
            }
            self.magnitude() / unit
        };
        Self::checked(self.is_negative(), magnitude, to as u32)
    }

    /// The sum, with the decimals of the operand that has more, or with fewer when only zeros have to go to
    /// make it fit; `None` when the exact sum does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let scale = self.scale().max(other.scale());
        let unit = |value: Self| POW10[usize::from(scale - value.scale())];
        let lift = |value: Self| value.mantissa().checked_mul(i128::try_from(unit(value)).ok()?);
        if let (Some(a), Some(b)) = (lift(self), lift(other))
            && let Some(sum) = a.checked_add(b)
        {
            return Self::fit(sum < 0, sum.unsigned_abs(), u32::from(scale));
        }
        let (a, b) = (wide::mul(self.magnitude(), unit(self)), wide::mul(other.magnitude(), unit(other)));
        let (negative, sum) = if self.is_negative() == other.is_negative() {
            (self.is_negative(), a.plus(b))
        } else if a >= b {
            (self.is_negative(), a.minus(b))
        } else {
            (other.is_negative(), b.minus(a))
        };
        Self::fit_wide(negative, sum, u32::from(scale))
    }

    /// The difference; as [`checked_add`](Self::checked_add).
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(-other)
    }

    /// The product, with the decimals of both operands together, or with fewer when only zeros have to go to
    /// make it fit; `None` when the exact product does not fit.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        let negative = self.is_negative() != other.is_negative();
        let product = wide::mul(self.magnitude(), other.magnitude());
        Self::fit_wide(negative, product, u32::from(self.scale()) + u32::from(other.scale()))
    }

    /// The quotient with `scale` decimals, rounded; `None` when `divisor` is zero, the scale is above
    /// [`MAX_SCALE`](Self::MAX_SCALE), or the quotient does not fit.
    pub fn checked_div(self, divisor: Self, scale: u8, rounding: Rounding) -> Option<Self> {
        if divisor.is_zero() || scale > Self::MAX_SCALE {
            return None;
        }
        let negative = self.is_negative() != divisor.is_negative();
        let up = u32::from(scale) + u32::from(divisor.scale());
        let down = u32::from(self.scale());
        let quotient = match up.checked_sub(down) {
            Some(shift) => {
                let first = shift.min(38);
                let numerator = wide::mul(self.magnitude(), POW10[first as usize]);
                // A numerator beyond 256 bits gives a quotient beyond 120.
                let numerator = numerator.checked_mul(POW10[(shift - first) as usize])?;
                let (quotient, rest) = numerator.div_rem(divisor.magnitude());
                if quotient.high != 0 {
                    return None;
                }
                rounded(quotient.low, rest, divisor.magnitude(), rounding)?
            }
            None => ratio(self.magnitude(), divisor.magnitude(), down - up, rounding)?,
        };
        Self::checked(negative, quotient, u32::from(scale))
    }

    /// The multiple of `step` (a tick or lot size) next to this number in the direction of `rounding`, with
    /// the decimals of `step`; `None` when `step` is not above zero or the result does not fit.
    ///
    /// ```
    /// use binance_core::{dec, decimal::Rounding};
    ///
    /// let step = dec!("0.050");
    /// assert_eq!(dec!("1.07").round_to(step, Rounding::Down).unwrap().to_string(), "1.050");
    /// assert_eq!(dec!("1.07").round_to(step, Rounding::Up).unwrap().to_string(), "1.100");
    /// assert_eq!(dec!("-1.07").round_to(step, Rounding::Down).unwrap().to_string(), "-1.050");
    /// ```
    pub fn round_to(self, step: Self, rounding: Rounding) -> Option<Self> {
        if step.is_zero() || step.is_negative() {
            return None;
        }
        let (from, to) = (u32::from(self.scale()), u32::from(step.scale()));
        let count = match to.checked_sub(from) {
            // A product beyond 128 bits is beyond what the result can hold, too.
            Some(shift) => {
                let numerator = self.magnitude().checked_mul(POW10[shift as usize])?;
                ratio(numerator, step.magnitude(), 0, rounding)?
            }
            None => ratio(self.magnitude(), step.magnitude(), from - to, rounding)?,
        };
        Self::checked(self.is_negative(), count.checked_mul(step.magnitude())?, to)
    }

    /// Whether this number is a whole multiple of `step`, of either sign; `None` when `step` is zero.
    pub fn is_multiple_of(self, step: Self) -> Option<bool> {
        if step.is_zero() {
            return None;
        }
        let (from, to) = (self.scale(), step.scale());
        Some(match to.checked_sub(from) {
            Some(shift) => {
                wide::mul(self.magnitude(), POW10[usize::from(shift)]).div_rem(step.magnitude()).1 == 0
            }
            None => match step.magnitude().checked_mul(POW10[usize::from(from - to)]) {
                Some(unit) => self.magnitude().is_multiple_of(unit),
                // The step is beyond 128 bits, counted in units of this number.
                None => self.is_zero(),
            },
        })
    }

    /// Writes the number into `buf` and returns the text, which stands at the end of `buf`.
    ///
    /// The text has exactly [`scale`](Self::scale) decimals and at least one digit before the point.
    pub fn encode<'b>(&self, buf: &'b mut [u8; Self::MAX_LEN]) -> &'b str {
        core::str::from_utf8(self.encode_bytes(buf)).unwrap_or_default()
    }

    /// [`encode`](Self::encode), as bytes.
    pub(crate) fn encode_bytes<'b>(&self, buf: &'b mut [u8; Self::MAX_LEN]) -> &'b [u8] {
        let (magnitude, scale) = (self.magnitude(), usize::from(self.scale()));
        let mut digits = Backwards { start: buf.len(), buf };
        match u64::try_from(magnitude) {
            Ok(magnitude) => {
                let whole = digits.put(magnitude, scale);
                digits.point(scale);
                digits.whole(whole);
            }
            Err(_) => {
                // Two parts, both within u64: 120 bits are less than 10^18 times 2^64.
                const LOW_DIGITS: usize = 18;
                let low = (magnitude % POW10[LOW_DIGITS]) as u64;
                let high = (magnitude / POW10[LOW_DIGITS]) as u64;
                if scale < LOW_DIGITS {
                    let low = digits.put(low, scale);
                    digits.point(scale);
                    digits.put(low, LOW_DIGITS - scale);
                    digits.whole(high);
                } else {
                    digits.put(low, LOW_DIGITS);
                    let whole = digits.put(high, scale - LOW_DIGITS);
                    digits.point(scale);
                    digits.whole(whole);
                }
            }
        }
        digits.finish(self.is_negative())
    }

    /// Whether it was read from a JSON number rather than a JSON string; only serializing asks.
    pub(crate) const fn is_bare(self) -> bool {
        self.high & BARE != 0
    }

    /// The same number, marked as read from a JSON number.
    pub(crate) const fn into_bare(self) -> Self {
        Self { low: self.low, high: self.high | BARE }
    }

    const fn magnitude(self) -> u128 {
        ((self.high & ((1 << SCALE_SHIFT) - 1)) as u128) << 64 | self.low as u128
    }

    /// From parts that are known to fit.
    const fn pack(negative: bool, magnitude: u128, scale: u32) -> Self {
        let sign = if negative && magnitude != 0 { SIGN } else { 0 };
        Self { low: magnitude as u64, high: sign | (scale as u64) << SCALE_SHIFT | (magnitude >> 64) as u64 }
    }

    /// From parts that may not fit.
    const fn checked(negative: bool, magnitude: u128, scale: u32) -> Option<Self> {
        if magnitude > MAX_MAGNITUDE || scale > Self::MAX_SCALE as u32 {
            return None;
        }
        Some(Self::pack(negative, magnitude, scale))
    }

    /// From parts that may not fit, giving up trailing zeros when that makes them fit.
    const fn fit(negative: bool, mut magnitude: u128, mut scale: u32) -> Option<Self> {
        while (magnitude > MAX_MAGNITUDE || scale > Self::MAX_SCALE as u32)
            && scale > 0
            && magnitude.is_multiple_of(10)
        {
            magnitude /= 10;
            scale -= 1;
        }
        Self::checked(negative, magnitude, scale)
    }

    /// As [`fit`](Self::fit), from 256 bits.
    fn fit_wide(negative: bool, mut magnitude: Wide, mut scale: u32) -> Option<Self> {
        while magnitude.high != 0 {
            let (tenth, rest) = magnitude.div_rem(10);
            if rest != 0 || scale == 0 {
                return None;
            }
            (magnitude, scale) = (tenth, scale - 1);
        }
        Self::fit(negative, magnitude.low, scale)
    }
}

/// A [`Decimal`] constant from its text: `dec!("0.001")`. Text that is no number does not compile.
///
/// ```
/// use binance_core::{dec, decimal::Decimal};
///
/// const STEP: Decimal = dec!("0.001");
/// assert_eq!(STEP.mantissa(), 1);
/// assert_eq!(STEP.scale(), 3);
/// ```
///
/// ```compile_fail
/// let _ = binance_core::dec!("0,001");
/// ```
#[macro_export]
macro_rules! dec {
    ($text:literal) => {
        const { $crate::decimal::Decimal::literal($text) }
    };
}

impl Default for Decimal {
    fn default() -> Self {
        Self::ZERO
    }
}

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, ParseDecimalError> {
        Self::parse(text.as_bytes())
    }
}

macro_rules! from_ints {
    ($($int:ty)*) => {$(
        impl From<$int> for Decimal {
            fn from(value: $int) -> Self {
                // Nothing to be negative about in the unsigned ones, and no `is_negative` either.
                let value = i128::from(value);
                Self::pack(value < 0, value.unsigned_abs(), 0)
            }
        }
    )*};
}
from_ints!(u8 u16 u32 u64 i8 i16 i32 i64);

impl Neg for Decimal {
    type Output = Self;

    fn neg(self) -> Self {
        Self::pack(!self.is_negative(), self.magnitude(), u32::from(self.scale()))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_negative(), other.is_negative()) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => cmp_magnitudes(self, other),
            (true, true) => cmp_magnitudes(other, self),
        }
    }
}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let this = self.normalize();
        state.write_u64(this.low);
        state.write_u64(this.high);
    }
}

/// Honours width, fill, alignment, `+` and `0` as for integers; the precision is ignored, since it would round or
/// cut: see [`Decimal::round_to`].
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad_integral(!self.is_negative(), "", self.abs().encode(&mut [0; Self::MAX_LEN]))
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn cmp_magnitudes(a: &Decimal, b: &Decimal) -> Ordering {
    let (x, y) = (a.magnitude(), b.magnitude());
    match a.scale().cmp(&b.scale()) {
        Ordering::Equal => x.cmp(&y),
        // A product beyond 128 bits is more than any magnitude of 120.
        Ordering::Less => {
            x.checked_mul(POW10[usize::from(b.scale() - a.scale())]).map_or(Ordering::Greater, |x| x.cmp(&y))
        }
        Ordering::Greater => {
            y.checked_mul(POW10[usize::from(a.scale() - b.scale())]).map_or(Ordering::Less, |y| x.cmp(&y))
        }
    }
}

/// Takes trailing zeros off while the scale stays above `least`.
const fn strip(mut magnitude: u128, mut scale: u32, least: u32) -> (u128, u32) {
    if magnitude == 0 {
        return (0, least);
    }
    while scale > least && magnitude > u64::MAX as u128 && magnitude.is_multiple_of(10) {
        magnitude /= 10;
        scale -= 1;
    }
    if magnitude <= u64::MAX as u128 {
        let mut small = magnitude as u64;
        while scale > least && small.is_multiple_of(10) {
            small /= 10;
            scale -= 1;
        }
        magnitude = small as u128;
    }
    (magnitude, scale)
}

/// `numerator` / (`denominator` * 10^`shift`), rounded.
fn ratio(numerator: u128, denominator: u128, shift: u32, rounding: Rounding) -> Option<u128> {
    match denominator.checked_mul(POW10[shift as usize]) {
        Some(unit) => rounded(numerator / unit, numerator % unit, unit, rounding),
        // More than 128 bits against at most 120: less than a half.
        None => Some(u128::from(rounding == Rounding::Up && numerator != 0)),
    }
}

/// `quotient`, or one more where `rest` of `unit` wants it.
fn rounded(quotient: u128, rest: u128, unit: u128, rounding: Rounding) -> Option<u128> {
    let up = match rounding {
        Rounding::Down => false,
        Rounding::Up => rest != 0,
        Rounding::Nearest => match rest.cmp(&(unit - rest)) {
            Ordering::Less => false,
            Ordering::Equal => quotient % 2 == 1,
            Ordering::Greater => true,
        },
    };
    quotient.checked_add(u128::from(up))
}

/// Writes digits from the last to the first. `start` never passes the front: the longest text fits.
struct Backwards<'b> {
    start: usize,
    buf: &'b mut [u8; Decimal::MAX_LEN],
}

/// The two digits of each number below a hundred.
pub(crate) const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut i = 0;
    while i < pairs.len() {
        pairs[i] = [b'0' + (i / 10) as u8, b'0' + (i % 10) as u8];
        i += 1;
    }
    pairs
};

impl<'b> Backwards<'b> {
    fn byte(&mut self, byte: u8) {
        self.start -= 1;
        self.buf[self.start] = byte;
    }

    fn pair(&mut self, pair: u64) {
        self.start -= 2;
        self.buf[self.start..self.start + 2].copy_from_slice(&PAIRS[pair as usize]);
    }

    /// The last `count` digits of `value`; returns what stands before them.
    fn put(&mut self, mut value: u64, count: usize) -> u64 {
        for _ in 0..count / 2 {
            self.pair(value % 100);
            value /= 100;
        }
        if count % 2 == 1 {
            self.byte(b'0' + (value % 10) as u8);
            value /= 10;
        }
        value
    }

    /// The point, if there are decimals.
    fn point(&mut self, scale: usize) {
        if scale > 0 {
            self.byte(b'.');
        }
    }

    /// All digits of `value`, at least one.
    fn whole(&mut self, mut value: u64) {
        while value >= 100 {
            self.pair(value % 100);
            value /= 100;
        }
        if value >= 10 { self.pair(value) } else { self.byte(b'0' + value as u8) }
    }

    fn finish(mut self, negative: bool) -> &'b [u8] {
        if negative {
            self.byte(b'-');
        }
        let Self { start, buf } = self;
        &buf[start..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: Decimal) -> heapless::String<41> {
        heapless::String::try_from(value.encode(&mut [0; Decimal::MAX_LEN])).unwrap()
    }

    #[test]
    fn is_sixteen_bytes() {
        assert_eq!(size_of::<Decimal>(), 16);
    }

    #[test]
    fn the_longest_texts_fit() {
        let most = i128::try_from(MAX_MAGNITUDE).unwrap();
        assert_eq!(text(Decimal::new(-1, 38).unwrap()).len(), Decimal::MAX_LEN);
        for scale in 0..=Decimal::MAX_SCALE {
            for mantissa in [most, -most, -1, 0, i128::from(u64::MAX), i128::from(u64::MAX) + 1] {
                let value = Decimal::new(mantissa, scale).unwrap();
                let text = text(value);
                let read = Decimal::parse(text.as_bytes()).unwrap();
                assert_eq!((read.mantissa(), read.scale()), (mantissa, scale), "{text}");
                let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
                assert_eq!(decimals, usize::from(scale), "{text}");
            }
        }
        assert!(Decimal::new(most + 1, 0).is_none());
        assert!(Decimal::new(i128::MIN, 0).is_none());
        assert!(Decimal::new(0, 39).is_none());
    }

    #[test]
    fn the_mark_of_a_json_number_is_seen_by_nothing_but_serializing() {
        use core::hash::BuildHasher;
        struct Fnv(u64);
        impl Hasher for Fnv {
            fn finish(&self) -> u64 {
                self.0
            }
            fn write(&mut self, bytes: &[u8]) {
                for byte in bytes {
                    self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
                }
            }
        }
        struct Build;
        impl BuildHasher for Build {
            type Hasher = Fnv;
            fn build_hasher(&self) -> Fnv {
                Fnv(0xcbf2_9ce4_8422_2325)
            }
        }
        let plain = dec!("-1.50");
        let bare = plain.into_bare();
        assert!(bare.is_bare() && !plain.is_bare());
        assert_eq!(bare, plain);
        assert_eq!(Build.hash_one(bare), Build.hash_one(plain));
        assert_eq!(Build.hash_one(bare), Build.hash_one(dec!("-1.5")));
        assert_ne!(Build.hash_one(bare), Build.hash_one(dec!("1.5")));
        assert_eq!((bare.mantissa(), bare.scale()), (-150, 2));
        assert_eq!(text(bare), "-1.50");
        for made in
            [-bare, bare.abs(), bare.normalize(), bare.rescale(3).unwrap(), bare.checked_add(bare).unwrap()]
        {
            assert!(!made.is_bare());
        }
    }
}
