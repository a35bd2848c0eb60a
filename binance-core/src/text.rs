//! [`Text`]: short text kept inline, so that records need no heap.

use core::{
    borrow::Borrow,
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    ops::Deref,
    str::FromStr,
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

use crate::{
    param::{Kind, Param, Value},
    word::short_string,
};

/// Name of a contract: `BTCUSDT`, `BTCUSD_PERP`, `ETHUSDT_260327`.
///
/// 31 bytes, so that it takes 32 with its length. The longest names there have been are of about 20
/// letters; some are Chinese, with three bytes a character.
pub type Symbol = Text<31>;

/// Name of an asset: `USDT`, `1000SATS`.
///
/// 23 bytes, so that it takes 24 with its length: room for seven Chinese characters, two more than any name so far.
pub type Asset = Text<23>;

/// An order's id as its sender chose it.
///
/// Senders may use up to 36 characters. The exchange makes ids of its own for liquidations
/// (`autoclose-` and digits), auto-deleveraging (`adl_autoclose`) and settlement (`settlement_autoclose-` and
/// digits); with the 19 digits of the longest number they have 40. 47 bytes take 48 with the length.
pub type ClientOrderId = Text<47>;

/// Words of the exchange meant for people, such as the `msg` of a refusal, cut to fit with
/// [`Text::truncated`].
pub type Message = Text<191>;

/// UTF-8 text of at most `N` bytes, kept in place: `N` + 1 bytes in all. `N` is at most 255.
///
/// Compares, orders and hashes as the `str` it derefs to. Longer text is an error and never cut, unless by
/// [`truncated`](Self::truncated).
#[derive(Clone)]
pub struct Text<const N: usize> {
    /// UTF-8 up to `len`, zeros behind.
    bytes: [u8; N],
    len: u8,
}

/// Text is longer than its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// Bytes that fit.
    pub max: usize,
    /// Bytes that the text has.
    pub len: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "text too long: {} bytes where {} fit", self.len, self.max)
    }
}

impl core::error::Error for TooLong {}

impl<const N: usize> Text<N> {
    /// No text.
    pub const EMPTY: Self = Self { bytes: [0; N], len: 0 };

    /// The text, if it has at most `N` bytes.
    ///
    /// # Errors
    ///
    /// [`TooLong`] when it has more.
    pub fn new(text: &str) -> Result<Self, TooLong> {
        let mut this = Self::EMPTY;
        match this.push(text) {
            Some(()) => Ok(this),
            None => Err(TooLong { max: N, len: text.len() }),
        }
    }

    /// The text, if it is one, and fits.
    #[inline(always)]
    pub(crate) fn from_short(short: Short) -> Option<Self> {
        let mut this = Self::EMPTY;
        let len = short.len()?;
        // Copies of known lengths, which are single instructions.
        match this.bytes.first_chunk_mut() {
            Some(front) => *front = short.bytes(),
            None if len > N => return None,
            None => this.bytes.copy_from_slice(short.bytes().get(..N)?),
        }
        this.len = len as u8;
        Some(this)
    }

    /// As much of the front of the text as fits, in whole characters. For messages to people; an id that is
    /// cut is another id.
    pub fn truncated(text: &str) -> Self {
        let mut end = text.len().min(N);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        // What is cut to N bytes fits.
        Self::new(text.get(..end).unwrap_or_default()).unwrap_or_default()
    }

    /// What `arguments` write, if it has at most `N` bytes.
    ///
    /// ```
    /// use binance_core::text::Text;
    ///
    /// let id = Text::<36>::format(format_args!("grid-{:03}", 7))?;
    /// assert_eq!(id, "grid-007");
    /// # Ok::<(), binance_core::text::TooLong>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TooLong`] when it has more.
    pub fn format(arguments: fmt::Arguments<'_>) -> Result<Self, TooLong> {
        let mut writer = Counted { text: Self::EMPTY, len: 0 };
        match fmt::write(&mut writer, arguments) {
            Ok(()) if writer.len <= N => Ok(writer.text),
            _ => Err(TooLong { max: N, len: writer.len }),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // It is UTF-8: nothing but the bytes of a `str` is ever put in.
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The bytes of the text. Takes less than [`as_str`](Self::as_str), which checks them once more.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// All of its place: the bytes of the text, and zeros behind them.
    #[inline]
    pub const fn padded(&self) -> &[u8; N] {
        &self.bytes
    }

    /// Appends `text`; `None` when it does not fit, and nothing has happened.
    fn push(&mut self, text: &str) -> Option<()> {
        const { assert!(N <= u8::MAX as usize) };
        let place = self.bytes.get_mut(usize::from(self.len)..)?.get_mut(..text.len())?;
        place.copy_from_slice(text.as_bytes());
        // At most N, which is a byte.
        self.len += text.len() as u8;
        Some(())
    }
}

/// A short text as two words, which functions hand back in registers: up to fifteen bytes, zeros behind them, and in
/// the last byte its length and one, 0 where there is no text.
#[derive(Clone, Copy)]
pub(crate) struct Short(u64, u64);

impl Short {
    pub(crate) const NONE: Self = Self(0, 0);
    const MAX: usize = 15;

    /// What [`short_string`] finds.
    #[inline(always)]
    pub(crate) fn quoted(bytes: &[u8]) -> Self {
        match short_string(bytes) {
            Some((first, second, len)) => Self(first, second | (len as u64 + 1) << 56),
            None => Self::NONE,
        }
    }

    /// How many bytes it has.
    #[inline(always)]
    pub(crate) fn len(self) -> Option<usize> {
        ((self.1 >> 56) as usize).checked_sub(1)
    }

    #[inline(always)]
    fn bytes(self) -> [u8; Self::MAX] {
        let mut bytes = [0; Self::MAX];
        let (front, back) = bytes.split_at_mut(8);
        front.copy_from_slice(&self.0.to_le_bytes());
        back.copy_from_slice(self.1.to_le_bytes().first_chunk::<7>().unwrap_or(&[0; 7]));
        bytes
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const N: usize> Deref for Text<N> {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl<const N: usize> AsRef<str> for Text<N> {
    fn as_ref(&self) -> &str {
        self
    }
}

impl<const N: usize> Borrow<str> for Text<N> {
    fn borrow(&self) -> &str {
        self
    }
}

impl<const N: usize> TryFrom<&str> for Text<N> {
    type Error = TooLong;

    fn try_from(text: &str) -> Result<Self, TooLong> {
        Self::new(text)
    }
}

impl<const N: usize> FromStr for Text<N> {
    type Err = TooLong;

    fn from_str(text: &str) -> Result<Self, TooLong> {
        Self::new(text)
    }
}

/// Appends; an error when the text does not fit, of which then nothing is written.
impl<const N: usize> fmt::Write for Text<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text).ok_or(fmt::Error)
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl<const N: usize, const M: usize> PartialEq<Text<M>> for Text<N> {
    fn eq(&self, other: &Text<M>) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl<const N: usize> PartialEq<str> for Text<N> {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl<const N: usize> PartialEq<&str> for Text<N> {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl<const N: usize> PartialEq<Text<N>> for str {
    fn eq(&self, other: &Text<N>) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl<const N: usize> PartialEq<Text<N>> for &str {
    fn eq(&self, other: &Text<N>) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl<const N: usize> Eq for Text<N> {}

impl<const N: usize, const M: usize> PartialOrd<Text<M>> for Text<N> {
    fn partial_cmp(&self, other: &Text<M>) -> Option<Ordering> {
        Some(self.as_bytes().cmp(other.as_bytes()))
    }
}

impl<const N: usize> Ord for Text<N> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl<const N: usize> Hash for Text<N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl<const N: usize> Param for Text<N> {
    const KIND: Kind = Kind::Text;

    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl<const N: usize> Serialize for Text<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

/// An error when the text does not fit, in the words of [`TooLong`].
impl<'de, const N: usize> Deserialize<'de> for Text<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

struct TextVisitor<const N: usize>;

impl<const N: usize> Visitor<'_> for TextVisitor<N> {
    type Value = Text<N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "text of at most {N} bytes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text<N>, E> {
        Text::new(text).map_err(E::custom)
    }
}

/// Writes what fits and counts all.
struct Counted<const N: usize> {
    text: Text<N>,
    len: usize,
}

impl<const N: usize> fmt::Write for Counted<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.len += text.len();
        if self.len <= N { self.text.write_str(text) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use core::fmt::Write;
    use std::{collections::BTreeSet, format, string::ToString};

    use super::*;

    #[test]
    fn takes_one_byte_more_than_the_text() {
        assert_eq!(size_of::<Symbol>(), 32);
        assert_eq!(size_of::<Asset>(), 24);
        assert_eq!(size_of::<ClientOrderId>(), 48);
        assert_eq!(size_of::<Text<255>>(), 256);
    }

    #[test]
    fn holds_up_to_its_bound_and_says_by_how_much_more_is_too_long() {
        for len in 0..=12 {
            let text = &"ABCDEFGHIJKL"[..len];
            let whole = Text::<8>::new(text);
            if len <= 8 {
                assert_eq!(whole.unwrap(), text);
            } else {
                assert_eq!(whole.unwrap_err(), TooLong { max: 8, len });
            }
            assert_eq!(text.parse::<Text<8>>().is_ok(), len <= 8);
            assert_eq!(Text::<8>::try_from(text).is_ok(), len <= 8);
            assert_eq!(Text::<8>::truncated(text), &text[..len.min(8)]);
            assert_eq!(
                Text::<8>::format(format_args!("{}{}", &text[..len / 2], &text[len / 2..])),
                Text::new(text)
            );
        }
        assert_eq!(Text::<4>::new("BTCUSDT").unwrap_err().to_string(), "text too long: 7 bytes where 4 fit");
    }

    #[test]
    fn cuts_between_characters() {
        // Three bytes, two bytes, four bytes.
        for (text, kept) in
            [("币安人生", "币安"), ("éééé", "éééé"), ("aéééé", "aééé"), ("🦀🦀🦀", "🦀🦀"), ("a🦀🦀", "a🦀")]
        {
            assert_eq!(Text::<8>::truncated(text), kept);
        }
        assert_eq!(Text::<2>::truncated("币"), "");
        assert_eq!(Text::<0>::truncated("x"), "");
        assert_eq!(Symbol::new("币安人生USDT").unwrap(), "币安人生USDT");
    }

    #[test]
    fn a_write_that_does_not_fit_leaves_the_text_as_it_was() {
        let mut text = Text::<4>::EMPTY;
        text.write_str("abc").unwrap();
        text.write_str("de").unwrap_err();
        assert_eq!(text, "abc");
        write!(text, "{}", 1).unwrap();
        assert_eq!(text, "abc1");
        text.write_char('x').unwrap_err();
    }

    #[test]
    fn is_like_its_str() {
        let text = Symbol::new("BTC\"USDT").unwrap();
        assert_eq!(format!("{text:?} {text:>10}"), format!("{0:?} {0:>10}", "BTC\"USDT"));
        assert_eq!(text.clone(), text);
        assert_eq!("BTC\"USDT", text);
        assert!(text.starts_with("BTC") && !text.is_empty() && Symbol::default().is_empty());
        assert!(Text::<3>::new("abc").unwrap() < Text::<5>::new("abd").unwrap());
        let names: BTreeSet<_> =
            ["ETHUSDT", "BTCUSDT"].into_iter().map(|s| Symbol::new(s).unwrap()).collect();
        // By `str`, which only works when both order alike.
        assert!(names.contains("BTCUSDT") && names.contains("ETHUSDT") && !names.contains("BNBUSDT"));
        assert!(matches!(text.value(), Value::Text("BTC\"USDT")));
    }

    #[test]
    fn goes_through_serde_json_and_refuses_what_does_not_fit() {
        let text: Text<9> = serde_json::from_str(r#""a\"\u5e01\/""#).unwrap();
        assert_eq!(text, "a\"币/");
        assert_eq!(serde_json::to_string(&text).unwrap(), r#""a\"币/""#);
        let error = serde_json::from_str::<Text<3>>(r#""abcd""#).unwrap_err();
        assert!(error.to_string().starts_with("text too long: 4 bytes where 3 fit"), "{error}");
        let error = serde_json::from_str::<Text<3>>("1").unwrap_err();
        assert!(error.to_string().contains("expected text of at most 3 bytes"), "{error}");
    }
}
