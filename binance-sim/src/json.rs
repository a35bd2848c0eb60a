//! Writing JSON: fields in the order of the exchange, no tree in between.

use std::fmt::Write as _;

use crate::num::Num;

/// A finished piece of JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Json(pub(crate) String);

/// Something that can be a value.
pub(crate) trait Write {
    fn write(&self, out: &mut String);
}

/// An object, its fields in the order given.
macro_rules! object {
    ($($key:literal : $value:expr),+ $(,)?) => {{
        let mut out = String::with_capacity(256);
        out.push('{');
        $(
            out.push_str(concat!("\"", $key, "\":"));
            $crate::json::Write::write(&$value, &mut out);
            out.push(',');
        )+
        out.pop();
        out.push('}');
        $crate::json::Json(out)
    }};
}
pub(crate) use object;

impl Json {
    /// `{}`
    pub(crate) fn empty() -> Self {
        Self("{}".to_owned())
    }

    /// An array of what the iterator gives.
    pub(crate) fn array<T: Write>(items: impl IntoIterator<Item = T>) -> Self {
        let mut out = String::from("[");
        for item in items {
            item.write(&mut out);
            out.push(',');
        }
        if out.len() > 1 {
            out.pop();
        }
        out.push(']');
        Self(out)
    }

    /// This object with the fields of `other` after its own.
    pub(crate) fn with(mut self, other: &Self) -> Self {
        self.0.pop();
        self.0.push(',');
        self.0.push_str(other.0.get(1..).unwrap_or("}"));
        self
    }
}

/// A whole number of `10⁻ᵈ` units, as the quoted decimal it stands for: prices in ticks, quantities in lots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scaled(pub(crate) i64, pub(crate) u32);

/// A number as a quoted decimal with this many decimals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Padded(pub(crate) Num, pub(crate) u32);

impl Padded {
    /// The same without trailing zeros.
    pub(crate) fn trimmed(self) -> Num {
        self.0.trunc(self.1)
    }
}

impl Scaled {
    pub(crate) fn num(self) -> Num {
        Num::scaled(i128::from(self.0), self.1)
    }

    fn digits(self, out: &mut String) {
        let Self(value, decimals) = self;
        if value < 0 {
            out.push('-');
        }
        let value = value.unsigned_abs();
        let unit = 10u64.saturating_pow(decimals);
        let _ = write!(out, "{}", value / unit);
        if decimals > 0 {
            let _ = write!(out, ".{:0width$}", value % unit, width = decimals as usize);
        }
    }
}

impl Write for Scaled {
    fn write(&self, out: &mut String) {
        out.push('"');
        self.digits(out);
        out.push('"');
    }
}

impl std::fmt::Display for Scaled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        self.digits(&mut out);
        f.write_str(&out)
    }
}

impl Write for Padded {
    fn write(&self, out: &mut String) {
        let _ = write!(out, "\"{:.*}\"", self.1 as usize, self.0);
    }
}

/// Quoted, without trailing zeros.
impl Write for Num {
    fn write(&self, out: &mut String) {
        let _ = write!(out, "\"{self}\"");
    }
}

impl Write for Json {
    fn write(&self, out: &mut String) {
        out.push_str(&self.0);
    }
}

impl Write for str {
    fn write(&self, out: &mut String) {
        out.push('"');
        for c in self.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                c if c < ' ' => {
                    let _ = write!(out, "\\u{:04x}", u32::from(c));
                }
                c => out.push(c),
            }
        }
        out.push('"');
    }
}

impl Write for String {
    fn write(&self, out: &mut String) {
        self.as_str().write(out);
    }
}

impl Write for bool {
    fn write(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

impl<T: Write + ?Sized> Write for &T {
    fn write(&self, out: &mut String) {
        (**self).write(out);
    }
}

/// `null` when there is none.
impl<T: Write> Write for Option<T> {
    fn write(&self, out: &mut String) {
        match self {
            Some(value) => value.write(out),
            None => out.push_str("null"),
        }
    }
}

/// A pair as an array of two, which is how the exchange writes a level of a book.
impl<A: Write, B: Write> Write for (A, B) {
    fn write(&self, out: &mut String) {
        out.push('[');
        self.0.write(out);
        out.push(',');
        self.1.write(out);
        out.push(']');
    }
}

macro_rules! integers {
    ($($int:ty)*) => {$(
        impl Write for $int {
            fn write(&self, out: &mut String) {
                let _ = write!(out, "{self}");
            }
        }
    )*};
}
integers!(i32 i64 u16 u32 u64 usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_json_in_the_order_given() {
        let json = object! {
            "e": "a\"b\\c\u{1}币",
            "E": 5i64,
            "p": Scaled(-105, 2),
            "q": Scaled(7, 0),
            "n": Padded(Num::ratio(1, 3), 8),
            "z": Num::ZERO,
            "b": Json::array([(Scaled(1, 1), Scaled(2, 3))]),
            "none": None::<bool>,
        };
        let text = r#"{"e":"a\"b\\c\u0001币","E":5,"p":"-1.05","q":"7","n":"0.33333333","z":"0","b":[["0.1","0.002"]],"none":null}"#;
        assert_eq!(json.0, text);
        assert!(serde_json::from_str::<serde_json::Value>(&json.0).is_ok());
        assert_eq!(Json::array::<i64>([]).0, "[]");
        assert_eq!(object! { "a": 1i64 }.with(&object! { "b": 2i64 }).0, r#"{"a":1,"b":2}"#);
    }
}
