//! Decimals: text round trips, and order and arithmetic are those of whole numbers of any length.

use binance_core::decimal::{Decimal, Rounding};
use num_bigint::BigInt;

use crate::input::Input;

/// Takes the input as two numbers, and what is left as the text of a third.
pub fn check(data: &[u8]) {
    let mut input = Input(data);
    let (Some(a), Some(b)) = (number(&mut input), number(&mut input)) else { return };
    let scale = input.byte() % 40;
    text(input.0);
    for value in [a, b] {
        let mut room = [0; Decimal::MAX_LEN];
        let text = value.encode(&mut room).to_owned();
        let again = Decimal::parse(text.as_bytes()).expect("what is written can be read");
        assert_eq!((again.mantissa(), again.scale()), (value.mantissa(), value.scale()), "{text}");
        assert_eq!(value.normalize(), value);
        assert_eq!(exact(value.normalize()), exact(value));
        if let Some(other) = value.rescale(scale) {
            assert_eq!((other, other.scale()), (value, scale));
        }
    }
    assert_eq!(a.cmp(&b), exact(a).cmp(&exact(b)), "{a} and {b}");
    same(a.checked_add(b), exact(a) + exact(b), 1);
    same(a.checked_sub(b), exact(a) - exact(b), 1);
    same(a.checked_mul(b), exact(a) * exact(b), 2);
    if !b.is_zero() {
        assert_eq!(a.is_multiple_of(b), Some((exact(a) % exact(b)) == BigInt::ZERO), "{a} of {b}");
        if let Some(quotient) = a.checked_div(b, scale, Rounding::Down) {
            // |quotient * b| is at most |a|, and one more unit would be beyond it.
            let product = magnitude(&(exact(quotient) * exact(b)));
            let unit = power(38 - u32::from(scale)) * magnitude(&exact(b));
            let whole = magnitude(&exact(a)) * power(38);
            assert!(product <= whole && whole < product + unit, "{a} / {b} = {quotient}");
        }
    }
    if let Some(rounded) = a.round_to(b.abs(), Rounding::Down) {
        assert_eq!(rounded.is_multiple_of(b), Some(true), "{a} to {b} is {rounded}");
        assert!(rounded.abs() <= a.abs(), "{a} to {b} is {rounded}");
    }
}

fn number(input: &mut Input<'_>) -> Option<Decimal> {
    let scale = input.byte() % 39;
    let bits = u32::from(input.byte()) % 121;
    let mantissa = i128::from(input.int() as i64) << 64 | i128::from(input.int());
    let mantissa = mantissa.unsigned_abs() & ((1 << bits) - 1);
    let negative = input.byte().is_multiple_of(2);
    let mantissa = i128::try_from(mantissa).expect("at most 120 bits");
    Decimal::new(if negative { -mantissa } else { mantissa }, scale)
}

/// The number in units of 10^-38.
fn exact(value: Decimal) -> BigInt {
    BigInt::from(value.mantissa()) * power(38 - u32::from(value.scale()))
}

fn power(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

fn magnitude(value: &BigInt) -> BigInt {
    if *value < BigInt::ZERO { -value } else { value.clone() }
}

/// A result is exact; where there is none, it does not fit into 120 bits, however its zeros are taken away.
fn same(result: Option<Decimal>, expected: BigInt, factors: u32) {
    match result {
        Some(result) => assert_eq!(exact(result) * power(38 * (factors - 1)), expected, "{result}"),
        None => {
            let (mut shortest, mut decimals) = (expected, 38 * factors);
            while decimals > 0 && (&shortest % 10_u8) == BigInt::ZERO {
                shortest /= 10_u8;
                decimals -= 1;
            }
            assert!(decimals > 38 || magnitude(&shortest).bits() > 120, "{shortest} with {decimals} decimals fits");
        }
    }
}

/// A text is a number or an error; what Rust reads as a whole number is the same here.
fn text(bytes: &[u8]) {
    let Ok(value) = Decimal::parse(bytes) else { return };
    let mut room = [0; Decimal::MAX_LEN];
    let again = Decimal::parse(value.encode(&mut room).as_bytes()).expect("what is written can be read");
    assert_eq!(again, value);
    if let Ok(whole) = std::str::from_utf8(bytes).expect("a number is ASCII").parse::<i64>() {
        assert_eq!(exact(value), BigInt::from(whole) * power(38));
    }
}
