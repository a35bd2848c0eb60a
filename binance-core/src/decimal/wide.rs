//! 256-bit whole numbers, as much of them as exact products and quotients need.

/// A number of 256 bits: `high` * 2^128 + `low`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wide {
    pub(super) high: u128,
    pub(super) low: u128,
}

const LOW_HALF: u128 = u64::MAX as u128;

/// The full product.
pub(super) fn mul(a: u128, b: u128) -> Wide {
    if let Some(low) = a.checked_mul(b) {
        return Wide { high: 0, low };
    }
    let (a1, a0, b1, b0) = (a >> 64, a & LOW_HALF, b >> 64, b & LOW_HALF);
    let (low, cross_a, cross_b) = (a0 * b0, a1 * b0, a0 * b1);
    // At most three times 2^64 - 1: no overflow.
    let middle = (low >> 64) + (cross_a & LOW_HALF) + (cross_b & LOW_HALF);
    Wide {
        high: a1 * b1 + (cross_a >> 64) + (cross_b >> 64) + (middle >> 64),
        low: middle << 64 | low & LOW_HALF,
    }
}

impl Wide {
    /// The product, if it has at most 256 bits.
    pub(super) fn checked_mul(self, factor: u128) -> Option<Self> {
        let low = mul(self.low, factor);
        let high = self.high.checked_mul(factor)?.checked_add(low.high)?;
        Some(Self { high, low: low.low })
    }

    /// The sum of two numbers of at most 255 bits.
    pub(super) fn plus(self, other: Self) -> Self {
        let (low, carry) = self.low.overflowing_add(other.low);
        Self { high: self.high + other.high + u128::from(carry), low }
    }

    /// The difference from `other`, which is not above this number.
    pub(super) fn minus(self, other: Self) -> Self {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        Self { high: self.high - other.high - u128::from(borrow), low }
    }

    /// Quotient and rest. `divisor` is above zero and below 2^127.
    pub(super) fn div_rem(self, divisor: u128) -> (Self, u128) {
        if self.high == 0 {
            return (Self { high: 0, low: self.low / divisor }, self.low % divisor);
        }
        let mut rest = self.high % divisor;
        let mut low = 0;
        if divisor <= LOW_HALF {
            for half in [self.low >> 64, self.low & LOW_HALF] {
                let part = (rest << 64) | half;
                low = (low << 64) | (part / divisor);
                rest = part % divisor;
            }
        } else {
            // One bit at a time: it takes prices and quantities nobody trades to come here.
            for bit in (0..128).rev() {
                rest = rest << 1 | (self.low >> bit & 1);
                low <<= 1;
                if rest >= divisor {
                    rest -= divisor;
                    low |= 1;
                }
            }
        }
        (Self { high: self.high / divisor, low }, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_quotients_of_full_width() {
        assert_eq!(mul(u128::MAX, u128::MAX), Wide { high: u128::MAX - 1, low: 1 });
        assert_eq!(mul(1 << 100, 1 << 100), Wide { high: 1 << 72, low: 0 });
        assert_eq!(mul(3, 5), Wide { high: 0, low: 15 });
        for (quotient, divisor, rest) in [
            (1 << 119 | 12_345, 10_u128.pow(38), 7),
            ((1 << 120) - 1, (1 << 120) - 3, (1 << 120) - 4),
            (u128::MAX, 10, 9),
        ] {
            let product = mul(quotient, divisor);
            let sum = product.plus(Wide { high: 0, low: rest });
            assert!(sum > product && sum.minus(product) == Wide { high: 0, low: rest });
            assert_eq!(sum.div_rem(divisor), (Wide { high: 0, low: quotient }, rest));
        }
        // 2^256 - 1 = 3 * (2^256 - 1) / 3, all bits of which are known.
        let third = u128::MAX / 3;
        assert_eq!(
            Wide { high: u128::MAX, low: u128::MAX }.div_rem(3),
            (Wide { high: third, low: third }, 0)
        );
        assert_eq!(mul(1 << 127, 4).checked_mul(1 << 126), Some(Wide { high: 1 << 127, low: 0 }));
        assert_eq!(mul(1 << 127, 4).checked_mul(1 << 127), None);
    }
}
