//! Commands to the exchange: their ids, and how they are written.

use core::fmt;

use binance_core::{Text, buf::Buf, param::Full, stream::Id};

/// The id of a command: chosen by the caller, or made by the library (numbers from 1 on).
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestId {
    /// A whole number, the form that the exchange documents.
    Number(u64),
    /// A text of at most 36 bytes.
    Text(Text<36>),
}

impl RequestId {
    /// A text as an id.
    ///
    /// # Errors
    /// [`IdError`] when it has more than 36 bytes, or quotes, backslashes or control characters.
    pub fn text(text: &str) -> Result<Self, IdError> {
        if text.contains(|char: char| char.is_control() || matches!(char, '"' | '\\')) {
            return Err(IdError);
        }
        Text::new(text).map(Self::Text).map_err(|_| IdError)
    }

    pub(crate) fn is(&self, id: Id<'_>) -> bool {
        match (self, id) {
            (Self::Number(own), Id::Number(other)) => *own == other,
            (Self::Text(own), Id::Text(other)) => own == other,
            _ => false,
        }
    }

    fn write(&self, out: &mut Buf<'_>) -> Result<(), Full> {
        match self {
            Self::Number(number) => fmt::Write::write_fmt(out, format_args!("{number}")).map_err(|_| Full),
            Self::Text(text) => {
                out.byte(b'"')?;
                out.bytes(text.as_bytes())?;
                out.byte(b'"')
            }
        }
    }
}

impl From<u64> for RequestId {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => fmt::Debug::fmt(text, f),
        }
    }
}

/// A text that cannot be the id of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdError;

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id of more than 36 bytes, or with a quote, a backslash or a control character")
    }
}

impl core::error::Error for IdError {}

/// What a command asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// `SUBSCRIBE`
    Subscribe,
    /// `UNSUBSCRIBE`
    Unsubscribe,
    /// `LIST_SUBSCRIPTIONS`
    List,
}

impl Command {
    /// The exchange's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subscribe => "SUBSCRIBE",
            Self::Unsubscribe => "UNSUBSCRIBE",
            Self::List => "LIST_SUBSCRIPTIONS",
        }
    }
}

/// Writes a command with as many of `names` as there are. They hold nothing that JSON would have to escape.
pub(crate) fn write<'a>(
    out: &mut Buf<'_>,
    command: Command,
    names: impl Iterator<Item = &'a str>,
    id: &RequestId,
) -> Result<(), Full> {
    out.bytes(b"{\"method\":\"")?;
    out.bytes(command.as_str().as_bytes())?;
    out.bytes(b"\"")?;
    if command != Command::List {
        out.bytes(b",\"params\":[")?;
        for (index, name) in names.enumerate() {
            out.bytes(if index > 0 { b",\"" } else { b"\"" })?;
            out.bytes(name.as_bytes())?;
            out.byte(b'"')?;
        }
        out.byte(b']')?;
    }
    out.bytes(b",\"id\":")?;
    id.write(out)?;
    out.byte(b'}')
}

/// The longest command without names: the longest method, the longest id.
pub(crate) const FRAME_LEN: usize = 96;

#[cfg(test)]
mod tests {
    use super::*;

    fn written(command: Command, names: &[&str], id: RequestId) -> heapless::String<256> {
        let mut room = [0; 256];
        let mut out = Buf::new(&mut room);
        write(&mut out, command, names.iter().copied(), &id).unwrap();
        core::str::from_utf8(out.as_bytes()).unwrap().try_into().unwrap()
    }

    #[test]
    fn commands_are_written_as_the_exchange_shows_them() {
        assert_eq!(
            written(Command::Subscribe, &["btcusdt@aggTrade", "btcusdt@depth"], 1.into()),
            r#"{"method":"SUBSCRIBE","params":["btcusdt@aggTrade","btcusdt@depth"],"id":1}"#
        );
        assert_eq!(
            written(Command::Unsubscribe, &["币安人生usdt@depth"], RequestId::text("mine-7").unwrap()),
            r#"{"method":"UNSUBSCRIBE","params":["币安人生usdt@depth"],"id":"mine-7"}"#
        );
        assert_eq!(
            written(Command::List, &[], u64::MAX.into()),
            r#"{"method":"LIST_SUBSCRIPTIONS","id":18446744073709551615}"#
        );
    }

    #[test]
    fn the_longest_frame_has_room() {
        let id = RequestId::text("123456789012345678901234567890123456").unwrap();
        for command in [Command::Subscribe, Command::Unsubscribe, Command::List] {
            assert!(written(command, &[], id.clone()).len() <= FRAME_LEN);
        }
    }

    #[test]
    fn texts_that_would_break_the_frame_are_no_ids() {
        for text in ["a\"b", "a\\b", "a\nb", "1234567890123456789012345678901234567"] {
            assert_eq!(RequestId::text(text), Err(IdError));
        }
    }
}
