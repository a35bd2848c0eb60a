//! Exact money: a whole number of 10⁻¹⁸ units.
//!
//! Ticks and lots are plain integers; this type holds what comes out of multiplying and dividing them. It is the
//! exchange's own arithmetic on purpose: a client that computes with `binance_core` is checked against another hand.

use std::{
    fmt,
    ops::{Add, AddAssign, Neg, Sub, SubAssign},
};

use binance_core::decimal::Decimal;

const SCALE: u32 = 18;
const UNIT: i128 = 10i128.pow(SCALE);

/// A number with 18 decimals. Sums stop at the ends of the range (±1.7 · 10²⁰), which the contracts' filters keep
/// out of reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Num(i128);

impl Num {
    pub(crate) const ZERO: Self = Self(0);

    /// A whole number.
    pub(crate) const fn int(value: i64) -> Self {
        Self(value as i128 * UNIT)
    }

    /// `value · 10⁻ᵈ`, for at most 18 decimals.
    pub(crate) const fn scaled(value: i128, decimals: u32) -> Self {
        Self(value.saturating_mul(10i128.pow(SCALE.saturating_sub(decimals))))
    }

    /// `over / under`, towards zero; zero when `under` is.
    pub(crate) fn ratio(over: i128, under: i128) -> Self {
        Self(mul_div(over, UNIT, under))
    }

    /// `self · times / by`, towards zero; zero when `by` is.
    pub(crate) fn mul_div(self, times: i128, by: i128) -> Self {
        Self(mul_div(self.0, times, by))
    }

    /// The product, towards zero.
    pub(crate) fn mul(self, other: Self) -> Self {
        Self(mul_div(self.0, other.0, UNIT))
    }

    /// The quotient, towards zero; zero when `other` is.
    pub(crate) fn div(self, other: Self) -> Self {
        Self(mul_div(self.0, UNIT, other.0))
    }

    /// With at most this many decimals, towards zero.
    pub(crate) const fn trunc(self, decimals: u32) -> Self {
        let unit = 10i128.pow(SCALE.saturating_sub(decimals));
        Self(self.0 / unit * unit)
    }

    pub(crate) const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    pub(crate) const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The number in units of 10⁻ᵈ, towards zero.
    pub(crate) const fn units(self, decimals: u32) -> i128 {
        self.0 / 10i128.pow(SCALE.saturating_sub(decimals))
    }

    /// The number as the exchange takes it: exact, or `None` past 18 decimals or the range.
    pub(crate) fn from_decimal(value: Decimal) -> Option<Self> {
        let value = value.normalize();
        let up = SCALE.checked_sub(u32::from(value.scale()))?;
        value.mantissa().checked_mul(10i128.pow(up)).map(Self)
    }

    /// With this many decimals, for the truth that tests read.
    pub(crate) fn to_decimal(self, decimals: u32) -> Decimal {
        Decimal::new(self.units(decimals), u8::try_from(decimals).unwrap_or(u8::MAX)).unwrap_or(Decimal::ZERO)
    }
}

impl Add for Num {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Num {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Num {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl AddAssign for Num {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Num {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl std::iter::Sum for Num {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        numbers.fold(Self::ZERO, Add::add)
    }
}

/// Without trailing zeros, or with as many decimals as the precision asks for (towards zero).
impl fmt::Display for Num {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = f.precision().map_or(SCALE, |precision| SCALE.min(precision as u32));
        let units = self.units(decimals);
        let (whole, part) = {
            let unit = 10u128.pow(decimals);
            (units.unsigned_abs() / unit, units.unsigned_abs() % unit)
        };
        if units < 0 {
            f.write_str("-")?;
        }
        write!(f, "{whole}")?;
        let width = decimals as usize;
        if f.precision().is_some() {
            return if width == 0 { Ok(()) } else { write!(f, ".{part:0width$}") };
        }
        if part == 0 {
            return Ok(());
        }
        let part = format!("{part:0width$}");
        write!(f, ".{}", part.trim_end_matches('0'))
    }
}

/// `a · b / c` towards zero, with a product of any size; zero when `c` is, the end of the range when the result is
/// past it.
fn mul_div(a: i128, b: i128, c: i128) -> i128 {
    if c == 0 {
        return 0;
    }
    if let Some(product) = a.checked_mul(b) {
        return product.checked_div(c).unwrap_or(i128::MAX);
    }
    let negative = (a < 0) ^ (b < 0) ^ (c < 0);
    let magnitude = wide_mul_div(a.unsigned_abs(), b.unsigned_abs(), c.unsigned_abs());
    let magnitude = i128::try_from(magnitude).unwrap_or(i128::MAX);
    if negative { -magnitude } else { magnitude }
}

/// Long multiplication in 64-bit limbs, then division bit by bit. `c` is not zero.
fn wide_mul_div(a: u128, b: u128, c: u128) -> u128 {
    const MASK: u128 = u64::MAX as u128;
    let (a1, a0, b1, b0) = (a >> 64, a & MASK, b >> 64, b & MASK);
    let low = a0 * b0;
    let (middle, carry) = (a1 * b0).overflowing_add(a0 * b1);
    let (low, carry_low) = low.overflowing_add(middle << 64);
    let high = a1 * b1 + (middle >> 64) + (u128::from(carry) << 64) + u128::from(carry_low);
    if high >= c {
        return u128::MAX;
    }
    let (mut rest, mut quotient) = (high, 0u128);
    for bit in (0..128).rev() {
        let over = rest >> 127 == 1;
        rest = (rest << 1) | ((low >> bit) & 1);
        if over || rest >= c {
            rest = rest.wrapping_sub(c);
            quotient |= 1 << bit;
        }
    }
    quotient
}

#[cfg(test)]
mod tests {
    use super::*;

    fn num(text: &str) -> Num {
        Num::from_decimal(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn prints_trimmed_and_padded() {
        for (number, trimmed, two) in [
            ("0", "0", "0.00"),
            ("-0.5", "-0.5", "-0.50"),
            ("64000.10", "64000.1", "64000.10"),
            ("0.000000000000000001", "0.000000000000000001", "0.00"),
            ("-12.349", "-12.349", "-12.34"),
        ] {
            assert_eq!(num(number).to_string(), trimmed);
            assert_eq!(format!("{:.2}", num(number)), two);
        }
    }

    #[test]
    fn products_past_128_bits_are_exact() {
        assert_eq!(num("64000.1").mul(num("1234.567")), num("79012411.4567"));
        assert_eq!(num("-64000.1").mul(num("1234.567")), num("-79012411.4567"));
        assert_eq!(num("79012411.4567").div(num("1234.567")), num("64000.1"));
        assert_eq!(num("100").div(num("60000.1")).trunc(8), num("0.00166666"));
        assert_eq!(Num::int(1).div(Num::ZERO), Num::ZERO);
        // Against long division done the slow way: q · c + r = a · b with r < c.
        let (a, b, c) = (u128::MAX / 3, u128::MAX / 5, u128::MAX / 2);
        let quotient = wide_mul_div(a, b, c);
        let check = |x: u128, y: u128| {
            let (x1, x0, y1, y0) = (x >> 64, x & u128::from(u64::MAX), y >> 64, y & u128::from(u64::MAX));
            let (middle, carry) = (x1 * y0).overflowing_add(x0 * y1);
            let (low, carry_low) = (x0 * y0).overflowing_add(middle << 64);
            (x1 * y1 + (middle >> 64) + (u128::from(carry) << 64) + u128::from(carry_low), low)
        };
        let ((high, low), (taken_high, taken_low)) = (check(a, b), check(quotient, c));
        let (rest, borrow) = low.overflowing_sub(taken_low);
        assert_eq!(high - taken_high - u128::from(borrow), 0);
        assert!(rest < c);
    }

    #[test]
    fn rounds_towards_zero() {
        assert_eq!(Num::ratio(-1, 3).trunc(8).to_string(), "-0.33333333");
        assert_eq!(Num::ratio(2, 3).trunc(8).to_string(), "0.66666666");
        assert_eq!(num("1.5").mul_div(1, 4), num("0.375"));
    }
}
