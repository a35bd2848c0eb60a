//! Telling the same event on two connections.
//!
//! While one connection takes the place of another, both send everything, and either may be ahead. The order of things:
//!
//! 1. Both are read for a while. Only what the old one sends goes on.
//! 2. The new one is not read any more; what it sends waits in its socket. The old one goes on for a moment, so that it
//!    certainly sends whatever the new one had sent before. Then it is closed, and read to its end.
//! 3. The new one is read again. What the old one had sent already is left out.
//!
//! So nothing is missed, doubled or out of order, whichever was ahead. When the old one is lost on the way, the new one goes
//! on from where it is, and the gap is told. Most events have a number that grows, and are told
//! by it. The rest are told by their text: user data, and streams of many symbols.

use binance_core::json::find_field;

use super::table::Slot;

/// How many texts are kept of streams without a number that grows.
const TEXTS: usize = 256;

/// Whether another connection than the one with this serial number has sent this event of a stream. If not, it is kept in
/// mind.
#[cold]
pub(super) fn is_twice(
    slot: Option<&mut Slot>,
    texts: &mut Texts,
    stream: Option<&str>,
    data: &str,
    connection: u32,
) -> bool {
    let name = slot.as_ref().map_or(stream.unwrap_or_default(), |slot| slot.name.as_str());
    match (mark(name, data), slot) {
        (Mark::Number(number), Some(slot)) => {
            let twice = slot.newest.is_some_and(|(newest, by)| by != connection && number <= newest);
            if !twice {
                slot.newest = Some((number, connection));
            }
            twice
        }
        // Not of a stream that is wanted, so there is nowhere to keep its number.
        (Mark::Number(_), None) => false,
        (Mark::Text(text), _) => texts.is_duplicate(connection, text),
    }
}

/// What an event is told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// A number that grows from event to event of the stream.
    Number(u64),
    /// Its text.
    Text(u64),
}

/// What tells the event `data` of the stream `name`.
fn mark(name: &str, data: &str) -> Mark {
    number(name, data).map_or_else(|| Mark::Text(hash(data)), Mark::Number)
}

fn number(name: &str, data: &str) -> Option<u64> {
    let (symbol, kind) = name.split_once('@')?;
    let kind = kind.split('@').next().unwrap_or_default();
    let key = match kind.split_once('_').map_or(kind, |(kind, _)| kind) {
        "aggTrade" => "a",
        "bookTicker" | "rpiDepth" => "u",
        depth if depth.starts_with("depth") => "u",
        // One symbol each, and several at the same time.
        "arr" if symbol == "!forceOrder" => return None,
        "kline" | "continuousKline" | "indexPriceKline" | "markPriceKline" | "markPrice" | "indexPrice"
        | "ticker" | "miniTicker" | "compositeIndex" | "assetIndex" | "forceOrder" | "arr" => "E",
        _ => return None,
    };
    let event = if data.starts_with('[') { first_of(data)? } else { data };
    find_field(event, key).ok()??.parse().ok()
}

/// The first element of an array, and what follows it: enough to look for a field in.
fn first_of(array: &str) -> Option<&str> {
    array.strip_prefix('[').map(str::trim_ascii_start)
}

/// The last texts that were given out, each with the serial number of its connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    texts: heapless::Deque<(u64, u32), TEXTS>,
}

impl Texts {
    /// Whether another connection has sent this text. One text there answers for one here. If not, it is kept, and
    /// the oldest is forgotten when there is no room.
    pub(super) fn is_duplicate(&mut self, connection: u32, text: u64) -> bool {
        let mut found = false;
        for _ in 0..self.texts.len() {
            match self.texts.pop_front() {
                Some((kept, by)) if !found && kept == text && by != connection => found = true,
                Some(kept) => self.keep(kept),
                None => {}
            }
        }
        if !found {
            self.keep((text, connection));
        }
        found
    }

    pub(super) fn clear(&mut self) {
        self.texts.clear();
    }

    fn keep(&mut self, text: (u64, u32)) {
        if self.texts.is_full() {
            self.texts.pop_front();
        }
        let _ = self.texts.push_back(text);
    }
}

/// FNV-1a of 64 bits.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
#[cfg(feature = "std")]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_where_streams_have_them() {
        for (name, data, expected) in [
            ("btcusdt@aggTrade", r#"{"e":"aggTrade","E":5,"a":77,"p":"1"}"#, Some(77)),
            ("btcusdt@depth", r#"{"e":"depthUpdate","E":5,"T":4,"U":1,"u":9,"pu":0}"#, Some(9)),
            ("btcusdt@depth20@100ms", r#"{"e":"depthUpdate","u":9}"#, Some(9)),
            ("btcusdt@bookTicker", r#"{"e":"bookTicker","u":8}"#, Some(8)),
            ("btcusdt@kline_1m", r#"{"e":"kline","E":5,"k":{"E":6}}"#, Some(5)),
            ("btcusdt_perpetual@continuousKline_1m", r#"{"E":5}"#, Some(5)),
            ("btcusdt@markPrice@1s", r#"{"E":5}"#, Some(5)),
            ("!markPrice@arr@1s", r#"[{"e":"markPriceUpdate","E":5},{"E":6}]"#, Some(5)),
            ("!ticker@arr", r#"[ {"E":5}]"#, Some(5)),
            ("!bookTicker", r#"{"u":8}"#, None),
            ("!forceOrder@arr", r#"{"E":5}"#, None),
            ("!contractInfo", r#"{"E":5}"#, None),
            ("btcusdt@depth", r#"{"u":"x"}"#, None),
            ("", r#"{"e":"ORDER_TRADE_UPDATE","E":5}"#, None),
        ] {
            let expected = expected.map_or(Mark::Text(hash(data)), Mark::Number);
            assert_eq!(mark(name, data), expected, "{name}");
        }
    }

    #[test]
    fn one_text_there_answers_for_one_here() {
        let mut texts = Texts::default();
        assert!(!texts.is_duplicate(1, 7));
        assert!(!texts.is_duplicate(1, 7), "twice on one connection is twice");
        assert!(texts.is_duplicate(2, 7));
        assert!(texts.is_duplicate(3, 7));
        assert!(!texts.is_duplicate(3, 7));
        assert!(texts.is_duplicate(1, 7));
        (0..1_000).for_each(|text| assert!(!texts.is_duplicate(1, text)));
        assert!(
            texts.is_duplicate(2, 999)
                && texts.is_duplicate(2, 1_000 - TEXTS as u64)
                && !texts.is_duplicate(2, 2)
        );
    }
}
