//! Decimals against arithmetic on paper: digit by digit, without bounds.

use std::{
    cmp::Ordering,
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
};

use binance_core::{
    dec,
    decimal::{Decimal, ParseDecimalError, Rounding, optional},
};
use serde::{Deserialize, Serialize};

/// 2^120 - 1.
const MAX: i128 = (1 << 120) - 1;
const ROUNDINGS: [Rounding; 3] = [Rounding::Down, Rounding::Up, Rounding::Nearest];

/// A whole number of any length: its digits, the last one first, without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Digits(Vec<u8>);

impl Digits {
    fn new(value: u128) -> Self {
        Self(value.to_string().bytes().rev().map(|b| b - b'0').collect()).trimmed()
    }

    fn trimmed(mut self) -> Self {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        self
    }

    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    fn shifted(&self, zeros: usize) -> Self {
        Self([vec![0; zeros], self.0.clone()].concat()).trimmed()
    }

    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }

    fn add(&self, other: &Self) -> Self {
        let mut carry = 0;
        let digits = (0..=self.0.len().max(other.0.len())).map(|i| {
            let sum = self.0.get(i).unwrap_or(&0) + other.0.get(i).unwrap_or(&0) + carry;
            carry = sum / 10;
            sum % 10
        });
        Self(digits.collect()).trimmed()
    }

    /// `other` is not above this number.
    fn sub(&self, other: &Self) -> Self {
        let mut borrow = 0;
        let digits = (0..self.0.len()).map(|i| {
            let take = other.0.get(i).unwrap_or(&0) + borrow;
            borrow = u8::from(self.0[i] < take);
            self.0[i] + 10 * borrow - take
        });
        Self(digits.collect()).trimmed()
    }

    fn mul(&self, other: &Self) -> Self {
        let mut sum = Self(vec![]);
        for (zeros, digit) in other.0.iter().enumerate() {
            for _ in 0..*digit {
                sum = sum.add(&self.shifted(zeros));
            }
        }
        sum
    }

    fn div_rem(&self, divisor: &Self) -> (Self, Self) {
        let mut rest = Self(vec![]);
        let mut quotient = Self(vec![]);
        for digit in self.0.iter().rev() {
            rest = rest.shifted(1).add(&Self(vec![*digit]).trimmed());
            let mut count = 0;
            while rest.cmp(divisor) != Ordering::Less {
                rest = rest.sub(divisor);
                count += 1;
            }
            quotient = quotient.shifted(1).add(&Self(vec![count]).trimmed());
        }
        (quotient, rest)
    }

    /// The whole multiple of `divisor` that rounding leads to, over `divisor`.
    fn div_rounded(&self, divisor: &Self, rounding: Rounding) -> Self {
        let (quotient, rest) = self.div_rem(divisor);
        let up = match rounding {
            Rounding::Down => false,
            Rounding::Up => !rest.is_zero(),
            _ => match rest.add(&rest).cmp(divisor) {
                Ordering::Less => false,
                Ordering::Equal => quotient.0.first().is_some_and(|last| last % 2 == 1),
                Ordering::Greater => true,
            },
        };
        if up { quotient.add(&Self::new(1)) } else { quotient }
    }
}

/// A number of any length with any number of decimals.
#[derive(Clone, Debug)]
struct Paper {
    negative: bool,
    digits: Digits,
    scale: usize,
}

impl Paper {
    fn of(value: Decimal) -> Self {
        let digits = Digits::new(value.mantissa().unsigned_abs());
        Self { negative: value.mantissa() < 0, digits, scale: value.scale().into() }
    }

    fn digits_at(&self, scale: usize) -> Digits {
        self.digits.shifted(scale - self.scale)
    }

    fn add(&self, other: &Self) -> Self {
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.digits_at(scale), other.digits_at(scale));
        let (negative, digits) = match (self.negative == other.negative, a.cmp(&b)) {
            (true, _) => (self.negative, a.add(&b)),
            (false, Ordering::Less) => (other.negative, b.sub(&a)),
            (false, _) => (self.negative, a.sub(&b)),
        };
        Self { negative, digits, scale }
    }

    fn mul(&self, other: &Self) -> Self {
        Self {
            negative: self.negative != other.negative,
            digits: self.digits.mul(&other.digits),
            scale: self.scale + other.scale,
        }
    }

    /// As a `Decimal` of the most decimals that it has room for, at most its own; `None` when a digit other than zero
    /// would have to go.
    fn fit(mut self) -> Option<(i128, u8)> {
        loop {
            if self.digits.cmp(&Digits::new(MAX.unsigned_abs())) != Ordering::Greater && self.scale <= 38 {
                let magnitude =
                    self.digits.0.iter().rev().fold(0, |sum, digit| sum * 10 + i128::from(*digit));
                return Some((if self.negative { -magnitude } else { magnitude }, self.scale as u8));
            }
            if self.scale == 0 || self.digits.0.first().is_some_and(|last| *last != 0) {
                return None;
            }
            self.digits = Digits(self.digits.0.get(1..).unwrap_or_default().to_vec());
            self.scale -= 1;
        }
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.digits_at(scale), other.digits_at(scale));
        match (self.negative, other.negative) {
            (false, false) => a.cmp(&b),
            (true, true) => b.cmp(&a),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

fn parts(value: Option<Decimal>) -> Option<(i128, u8)> {
    value.map(|value| (value.mantissa(), value.scale()))
}

fn hash(value: Decimal) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Any number, with edges and small ones more often than chance has it.
    fn decimal(&mut self) -> Decimal {
        let wide = i128::from(self.next()) << 64 | i128::from(self.next());
        let digits = self.below(37) as u32;
        let magnitude = match self.below(10) {
            0 => 0,
            1 => 1,
            2 => MAX - i128::from(self.below(3)),
            3 => i128::from(u64::MAX) + i128::from(self.below(3)) - 1,
            4 => 10_i128.pow(digits),
            5 => (wide.rem_euclid(10_i128.pow(digits / 4 + 1))) * 10_i128.pow(digits / 2),
            _ => wide.rem_euclid(10_i128.pow(digits)),
        };
        let scale = match self.below(4) {
            0 => self.below(39),
            1 => 38 - self.below(2),
            _ => self.below(9),
        };
        let mantissa = if self.below(3) == 0 { -magnitude } else { magnitude };
        Decimal::new(mantissa, scale as u8).expect("at most 120 bits and 38 decimals")
    }

    /// A number that is often close to `other`: the same value in other decimals, or one step beside.
    fn near(&mut self, other: Decimal) -> Decimal {
        let same = match self.below(3) {
            0 => other.normalize(),
            1 => other.rescale(self.below(39) as u8).unwrap_or(other),
            _ => return self.decimal(),
        };
        let step = self.below(3) as i128 - 1;
        Decimal::new(same.mantissa() + step, same.scale()).unwrap_or(same)
    }
}

const ROUNDS: usize = 8_000;

#[test]
fn text_comes_back_as_it_was() {
    let mut random = Random(1);
    for _ in 0..ROUNDS {
        let value = random.decimal();
        let digits = format!("{:0>1$}", value.mantissa().unsigned_abs(), usize::from(value.scale()) + 1);
        let (whole, decimals) = digits.split_at(digits.len() - usize::from(value.scale()));
        let sign = if value.mantissa() < 0 { "-" } else { "" };
        let text =
            if decimals.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{decimals}") };
        assert_eq!(value.to_string(), text);
        assert_eq!(value.encode(&mut [0; Decimal::MAX_LEN]), text);
        assert_eq!(format!("{value:?}"), text);
        assert_eq!(parts(text.parse().ok()), parts(Some(value)), "{text}");
        assert_eq!(parts(Decimal::parse(format!("00{whole}e-{}", value.scale()).as_bytes()).ok()), {
            let whole: i128 = whole.parse().unwrap();
            parts(Decimal::new(whole, value.scale()))
        });
    }
}

#[test]
fn order_equality_and_hash_go_by_value() {
    let mut random = Random(2);
    let mut seen = [0; 3];
    for _ in 0..ROUNDS {
        let a = random.decimal();
        let b = random.near(a);
        let order = Paper::of(a).cmp(&Paper::of(b));
        seen[(order as i8 + 1) as usize] += 1;
        assert_eq!(a.cmp(&b), order, "{a} {b}");
        assert_eq!(b.cmp(&a), order.reverse(), "{a} {b}");
        assert_eq!(a == b, order == Ordering::Equal, "{a} {b}");
        if order == Ordering::Equal {
            assert_eq!(hash(a), hash(b), "{a} {b}");
        }
        assert_eq!(a.normalize(), a);
        assert_eq!(hash(a.normalize()), hash(a));
    }
    assert!(seen.iter().all(|count| *count > ROUNDS / 10), "{seen:?}");
}

#[test]
fn sums_differences_and_products_are_exact_or_none() {
    let mut random = Random(3);
    let mut none = 0;
    for _ in 0..ROUNDS {
        let a = random.decimal();
        let b = random.near(a);
        let (x, y) = (Paper::of(a), Paper::of(b));
        let minus = Paper { negative: !y.negative, ..y.clone() };
        assert_eq!(parts(a.checked_add(b)), x.add(&y).fit(), "{a} + {b}");
        assert_eq!(parts(a.checked_sub(b)), x.add(&minus).fit(), "{a} - {b}");
        let product = x.mul(&y).fit();
        assert_eq!(parts(a.checked_mul(b)), product, "{a} * {b}");
        none += usize::from(product.is_none());
        assert_eq!(-(-a), a);
        assert_eq!(a.checked_add(-a).map(|zero| zero.is_zero()), Some(true));
        assert_eq!(a.abs(), if a.is_negative() { -a } else { a });
    }
    assert!(none > ROUNDS / 10 && none < ROUNDS / 10 * 9, "{none}");
}

#[test]
fn quotients_are_rounded_as_told_or_none() {
    let mut random = Random(4);
    let mut some = 0;
    for _ in 0..ROUNDS / 2 {
        let a = random.decimal();
        let b = random.near(a);
        let scale = random.below(41) as u8;
        for rounding in ROUNDINGS {
            let quotient = a.checked_div(b, scale, rounding);
            if b.is_zero() || scale > 38 {
                assert_eq!(quotient, None, "{a} / {b} {scale}");
                continue;
            }
            let (x, y) = (Paper::of(a), Paper::of(b));
            // Both counted in units that make the quotient come out in its own.
            let common = x.scale.max(y.scale) + usize::from(scale);
            let digits = x.digits_at(common).div_rounded(&y.digits_at(common - usize::from(scale)), rounding);
            let negative = x.negative != y.negative;
            let fits = digits.cmp(&Digits::new(MAX.unsigned_abs())) != Ordering::Greater;
            let paper = Paper { negative, digits, scale: scale.into() };
            assert_eq!(parts(quotient), fits.then(|| paper.fit().unwrap()), "{a} / {b} {scale} {rounding:?}");
            some += usize::from(fits);
        }
    }
    assert!(some > ROUNDS / 4, "{some}");
}

#[test]
fn quotients_and_steps_at_the_ends_of_the_scales() {
    for (a, b, scale) in (0..8)
        .map(|bits| [0, 1, 2].map(|bit| if bits >> bit & 1 == 1 { 38 } else { 0 }))
        .map(|[a, b, s]| (a, b, s))
    {
        for (x, y) in [(1, 1), (MAX, 1), (1, MAX), (MAX, MAX), (0, 1), (1, 3)] {
            let (dividend, divisor) = (Decimal::new(x, a).unwrap(), Decimal::new(y, b).unwrap());
            let (p, q) = (Paper::of(dividend), Paper::of(divisor));
            for rounding in ROUNDINGS {
                let digits = p.digits_at(76).div_rounded(&q.digits_at(76 - usize::from(scale)), rounding);
                let paper = Paper { negative: false, digits, scale: 0 };
                let quotient = parts(dividend.checked_div(divisor, scale, rounding));
                assert_eq!(
                    quotient,
                    paper.fit().map(|(digits, _)| (digits, scale)),
                    "{dividend} / {divisor} {scale}"
                );
                let digits = p.digits_at(38).div_rounded(&q.digits_at(38), rounding).mul(&q.digits);
                let paper = Paper { negative: false, digits, scale: 0 };
                let rounded = parts(dividend.round_to(divisor, rounding));
                assert_eq!(rounded, paper.fit().map(|(digits, _)| (digits, b)), "{dividend} {divisor}");
            }
        }
    }
}

#[test]
fn steps_divide_and_round() {
    let mut random = Random(5);
    let (mut multiples, mut some) = (0, 0);
    for _ in 0..ROUNDS / 2 {
        let a = random.decimal();
        let step = random.near(a);
        let (x, y) = (Paper::of(a), Paper::of(step));
        let scale = x.scale.max(y.scale);
        if step.is_zero() {
            assert_eq!(a.is_multiple_of(step), None);
            assert_eq!(a.round_to(step, Rounding::Down), None);
            continue;
        }
        let multiple = x.digits_at(scale).div_rem(&y.digits_at(scale)).1.is_zero();
        assert_eq!(a.is_multiple_of(step), Some(multiple), "{a} {step}");
        multiples += usize::from(multiple);
        for rounding in ROUNDINGS {
            let rounded = a.round_to(step, rounding);
            if step.is_negative() {
                assert_eq!(rounded, None);
                continue;
            }
            let digits = x.digits_at(scale).div_rounded(&y.digits_at(scale), rounding).mul(&y.digits);
            let fits = digits.cmp(&Digits::new(MAX.unsigned_abs())) != Ordering::Greater;
            let paper = Paper { negative: x.negative, digits, scale: y.scale };
            assert_eq!(parts(rounded), fits.then(|| paper.fit().unwrap()), "{a} {step} {rounding:?}");
            if let Some(rounded) = rounded {
                assert_eq!(rounded.is_multiple_of(step), Some(true));
                assert!(!multiple || rounded == a, "{a} {step} {rounded}");
                some += 1;
            }
        }
    }
    assert!(multiples > ROUNDS / 20 && some > ROUNDS / 4, "{multiples} {some}");
}

#[test]
fn other_decimals_only_without_loss() {
    let mut random = Random(6);
    for _ in 0..ROUNDS {
        let a = random.decimal();
        let least = a.normalize();
        assert!(least.scale() == 0 || least.mantissa() % 10 != 0, "{least}");
        assert_eq!(least, a);
        let scale = random.below(41) as u8;
        let paper = Paper::of(least);
        let fits = scale <= 38
            && scale >= least.scale()
            && paper.digits_at(scale.into()).cmp(&Digits::new(MAX.unsigned_abs())) != Ordering::Greater;
        match a.rescale(scale) {
            Some(other) => {
                assert!(fits, "{a} {scale}");
                assert_eq!((other, other.scale()), (a, scale));
            }
            None => assert!(!fits, "{a} {scale}"),
        }
    }
}

#[test]
fn by_hand() {
    for (text, printed) in [
        ("64000.10", "64000.10"),
        ("-0.00", "0.00"),
        ("-0", "0"),
        ("0.00000000", "0.00000000"),
        ("183548213654.12345678", "183548213654.12345678"),
        ("007.50", "7.50"),
        ("1e-8", "0.00000001"),
    ] {
        assert_eq!(text.parse::<Decimal>().unwrap().to_string(), printed);
    }
    assert_eq!("".parse::<Decimal>(), Err(ParseDecimalError::Empty));
    assert_eq!("1.5 ".parse::<Decimal>(), Err(ParseDecimalError::Invalid { at: 3 }));
    assert_eq!("1e99".parse::<Decimal>().unwrap_err().to_string(), "a decimal number with too many digits");
    assert_eq!(dec!("1.50"), dec!("1.5"));
    assert!(dec!("-0.1") < Decimal::ZERO && Decimal::ZERO < Decimal::ONE);
    assert_eq!(Decimal::from(-7_i32), dec!("-7"));
    assert_eq!(Decimal::from(u64::MAX), dec!("18446744073709551615"));
    assert_eq!(Decimal::from(i64::MIN), dec!("-9223372036854775808"));
    assert_eq!(Decimal::default().to_string(), "0");
    assert_eq!(
        format!("[{:>8}] [{:<8}] [{:08}] [{:+}]", dec!("1.50"), dec!("-1.50"), dec!("-1.50"), dec!("1.5")),
        "[    1.50] [-1.50   ] [-0001.50] [+1.5]"
    );
    // The middle goes to the even step, not to the even digit.
    for (text, nearest) in
        [("0.125", "0.10"), ("0.175", "0.20"), ("0.225", "0.20"), ("-0.175", "-0.20"), ("0.2250001", "0.25")]
    {
        let value: Decimal = text.parse().unwrap();
        assert_eq!(value.round_to(dec!("0.05"), Rounding::Nearest).unwrap().to_string(), nearest, "{text}");
    }
    assert_eq!(dec!("1").checked_div(dec!("3"), 4, Rounding::Up).unwrap().to_string(), "0.3334");
    assert_eq!(dec!("0.1").checked_mul(dec!("0.20")).unwrap().to_string(), "0.020");
    assert_eq!(dec!("0.1").checked_add(dec!("0.20")).unwrap().to_string(), "0.30");
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    price: Decimal,
    #[serde(default, with = "optional", skip_serializing_if = "Option::is_none")]
    rate: Option<Decimal>,
}

#[test]
fn any_serde_format_reads_and_writes_them() {
    for (json, price, rate) in [
        (r#"{"price":"64000.10","rate":"0.00010000"}"#, "64000.10", Some("0.00010000")),
        (r#"{"price":"0\t","rate":""}"#, "0", None),
        (r#"{"price":" 1.0 ","rate":null}"#, "1.0", None),
        (r#"{"price":64000,"rate":"null"}"#, "64000", None),
        (r#"{"price":-3,"rate":-0.004}"#, "-3", Some("-0.004")),
        (r#"{"price":0.1}"#, "0.1", None),
        (r#"{"price":1e-8,"rate":1.5E3}"#, "0.00000001", Some("1500")),
        (r#"{"price":"1e-8"}"#, "0.00000001", None),
        (r#"{"price":18446744073709551615}"#, "18446744073709551615", None),
    ] {
        let row: Row = serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"));
        assert_eq!(row.price.to_string(), price, "{json}");
        assert_eq!(row.rate.map(|rate| rate.to_string()).as_deref(), rate, "{json}");
        let again: Row = serde_json::from_value(serde_json::to_value(&row).unwrap()).unwrap();
        assert_eq!(again, row);
        let again: Row = serde_json::from_str(&serde_json::to_string(&row).unwrap()).unwrap();
        assert_eq!(again, row);
    }
    let row = Row { price: dec!("64000.10"), rate: None };
    assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"price":"64000.10"}"#);
    for json in [
        r#"{"price":""}"#,
        r#"{"price":null}"#,
        r#"{"price":"null"}"#,
        r#"{"price":"x"}"#,
        r#"{"price":true}"#,
        r#"{"price":[]}"#,
        r#"{"price":{}}"#,
        r#"{"price":1e40}"#,
        r#"{"price":1e-300}"#,
        r#"{"rate":"1"}"#,
        r#"{"price":"1","rate":"x"}"#,
        r#"{"price":"1","rate":[]}"#,
    ] {
        assert!(serde_json::from_str::<Row>(json).is_err(), "{json}");
    }
    let error = serde_json::from_str::<Decimal>(r#""12,5""#).unwrap_err().to_string();
    assert!(error.starts_with("not a decimal number at byte 2"), "{error}");
    let error = serde_json::from_str::<Decimal>("true").unwrap_err().to_string();
    assert!(error.contains("expected a decimal number, as text or as a number"), "{error}");
}
