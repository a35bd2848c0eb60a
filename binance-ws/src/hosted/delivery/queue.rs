//! The queue between the exchange and a reader.

use std::{
    boxed::Box,
    collections::{BTreeMap, VecDeque},
    string::String,
    time::Duration,
    vec::Vec,
};

use binance_core::json::find_field;

use crate::{Tick, hosted::Message, name::is_key, session::Notice};

/// How many notices may wait before the pump does.
const NOTICES: usize = 1_024;

/// How many user events may wait before the pump does.
const USER_EVENTS: usize = 4_096;

/// What becomes of messages that the reader does not take in time.
///
/// User data has no policy: it is never dropped, and the pump waits when 4,096 of its events wait. The same goes for
/// notices, of which 1,024 may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// Only the newest of each symbol waits: for prices and best bids and asks. Of an all-market stream that sends objects
    /// (`!bookTicker`), each symbol counts for itself; of one that sends arrays, of which each has the symbols that
    /// changed, the newest array is what stays, so take another policy for `!ticker@arr` and `!miniTicker@arr`.
    Latest,
    /// So many wait at most; for another one the oldest goes, and is counted.
    DropOldest(usize),
    /// So many wait at most; when there is another one, the stream is ended: what waits goes, [`Delivered::Lagged`] tells,
    /// and the stream is unsubscribed. For diffs of books, which are of no use with one missing.
    Close(usize),
    /// So many wait at most; then the pump waits too, with all streams of its [`Streams`](crate::hosted::Streams). What
    /// comes meanwhile waits in the sockets; when that takes too long, the exchange closes the connection, and the gap is
    /// told. For those who need everything and are seldom slow.
    Wait(usize),
}

/// What an [`Inbox`](crate::hosted::Inbox) gives.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Delivered {
    /// A message of a stream.
    Message {
        /// The message.
        message: Message,
        /// When it came, by the clock of [`Connector::now`](crate::hosted::Connector::now).
        at: Tick,
    },
    /// Something happened to a connection.
    Notice {
        /// Which one, as in [`Item::Notice`](crate::hosted::Item::Notice).
        connection: usize,
        /// What.
        notice: Notice,
    },
    /// The reader was too slow for a stream with [`Policy::Close`]. It is not subscribed any more.
    Lagged {
        /// Its name.
        stream: Box<str>,
        /// How many messages were lost, those counted that waited.
        lost: u64,
    },
}

/// How a stream fares.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamStats {
    /// Its name; empty for what has none.
    pub stream: Box<str>,
    /// How many of its messages wait.
    pub waiting: usize,
    /// How many came.
    pub received: u64,
    /// How many were left out: dropped, or replaced by newer ones.
    pub lost: u64,
    /// How long ago the last one came.
    pub age: Duration,
}

/// What became of a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pushed {
    Taken,
    /// It was one too many for this stream, which is to be unsubscribed.
    Lagged(Box<str>),
}

/// Messages by lanes: one lane a stream, or one a symbol of it. The lanes take their turns in the order in which messages
/// came, by tokens: as many for a lane as it has messages.
pub(super) struct Queue {
    policy: Box<dyn Fn(&str) -> Policy + Send>,
    streams: BTreeMap<Box<str>, Counted>,
    lanes: Vec<Lane>,
    tokens: VecDeque<usize>,
    notices: VecDeque<Delivered>,
    /// How many lanes are so full that the pump has to wait.
    blocked: usize,
}

struct Counted {
    policy: Rule,
    lanes: Vec<usize>,
    /// The lanes of its symbols, where they count for themselves.
    symbols: BTreeMap<String, usize>,
    received: u64,
    lost: u64,
    last: Tick,
}

#[derive(Clone, Copy)]
struct Rule {
    room: usize,
    full: Full,
    by_symbol: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Full {
    Drop,
    Close,
    Wait,
}

struct Lane {
    stream: Box<str>,
    waiting: VecDeque<(Message, Tick)>,
    rule: Rule,
}

impl Queue {
    pub(super) fn new(policy: Box<dyn Fn(&str) -> Policy + Send>) -> Self {
        Self {
            policy,
            streams: BTreeMap::new(),
            lanes: Vec::new(),
            tokens: VecDeque::new(),
            notices: VecDeque::new(),
            blocked: 0,
        }
    }

    pub(super) fn push(&mut self, message: Message, now: Tick) -> Pushed {
        let name = message.stream().unwrap_or_default();
        // Without a name it is user data, or something about the connection.
        let name = if is_key(name) { "" } else { name };
        if !self.streams.contains_key(name) {
            let policy = if name.is_empty() { Policy::Wait(USER_EVENTS) } else { (self.policy)(name) };
            let policy = Rule::of(policy, name);
            let counted = Counted {
                policy,
                lanes: Vec::new(),
                symbols: BTreeMap::new(),
                received: 0,
                lost: 0,
                last: now,
            };
            self.streams.insert(name.into(), counted);
        }
        // It was put there above.
        let Some(counted) = self.streams.get_mut(name) else { return Pushed::Taken };
        counted.received += 1;
        counted.last = now;
        let rule = counted.policy;
        let symbol = if rule.by_symbol { symbol_of(message.data()) } else { "" };
        let index = match counted.symbols.get(symbol) {
            Some(index) => *index,
            None => {
                let index = self.lanes.len();
                self.lanes.push(Lane { stream: name.into(), waiting: VecDeque::new(), rule });
                counted.symbols.insert(symbol.into(), index);
                counted.lanes.push(index);
                index
            }
        };
        let Some(lane) = self.lanes.get_mut(index) else { return Pushed::Taken };
        if lane.waiting.len() < rule.room || rule.full == Full::Wait {
            lane.waiting.push_back((message, now));
            self.tokens.push_back(index);
            // Where the pump waits, it does so before the message that would be too many.
            self.blocked += usize::from(rule.full == Full::Wait && lane.waiting.len() == rule.room);
            return Pushed::Taken;
        }
        if rule.full == Full::Drop {
            counted.lost += 1;
            lane.waiting.pop_front();
            lane.waiting.push_back((message, now));
            return Pushed::Taken;
        }
        counted.lost += lane.waiting.len() as u64 + 1;
        lane.waiting.clear();
        self.tokens.retain(|token| *token != index);
        let stream = lane.stream.clone();
        self.notices.push_back(Delivered::Lagged { stream: stream.clone(), lost: counted.lost });
        Pushed::Lagged(stream)
    }

    pub(super) fn tell(&mut self, connection: usize, notice: Notice) {
        self.notices.push_back(Delivered::Notice { connection, notice });
    }

    /// What is next: notices first, since they say what to make of the messages.
    pub(super) fn pop(&mut self) -> Option<Delivered> {
        if let Some(notice) = self.notices.pop_front() {
            return Some(notice);
        }
        let lane = self.lanes.get_mut(self.tokens.pop_front()?)?;
        self.blocked -= usize::from(lane.rule.full == Full::Wait && lane.waiting.len() == lane.rule.room);
        let (message, at) = lane.waiting.pop_front()?;
        Some(Delivered::Message { message, at })
    }

    /// Whether the pump has to wait.
    pub(super) fn is_blocked(&self) -> bool {
        self.blocked > 0 || self.notices.len() >= NOTICES
    }

    /// When the message came that is next.
    pub(super) fn oldest(&self) -> Option<Tick> {
        let lane = self.lanes.get(*self.tokens.front()?)?;
        lane.waiting.front().map(|(_, at)| *at)
    }

    pub(super) fn waiting(&self) -> usize {
        self.tokens.len()
    }

    pub(super) fn stats(&self, now: Tick) -> Vec<StreamStats> {
        let stats = self.streams.iter().map(|(stream, counted)| StreamStats {
            stream: stream.clone(),
            waiting: counted
                .lanes
                .iter()
                .filter_map(|index| self.lanes.get(*index))
                .map(|lane| lane.waiting.len())
                .sum(),
            received: counted.received,
            lost: counted.lost,
            age: now.since(counted.last),
        });
        stats.collect()
    }
}

impl Rule {
    fn of(policy: Policy, name: &str) -> Self {
        let (room, full) = match policy {
            Policy::Latest => (1, Full::Drop),
            Policy::DropOldest(room) => (room, Full::Drop),
            Policy::Close(room) => (room, Full::Close),
            Policy::Wait(room) => (room, Full::Wait),
        };
        Self { room: room.max(1), full, by_symbol: policy == Policy::Latest && name.starts_with('!') }
    }
}

/// The symbol of an event; nothing for arrays.
fn symbol_of(data: &str) -> &str {
    let symbol = if data.starts_with('{') { find_field(data, "s").ok().flatten() } else { None };
    symbol.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    fn message(stream: &str, number: u64) -> Message {
        let data = format!(r#"{{"e":"x","u":{number},"s":"S{}"}}"#, number % 2);
        Message::of(Some(stream), &data)
    }

    fn number(delivered: &Delivered) -> u64 {
        let Delivered::Message { message, .. } = delivered else { return 0 };
        find_field(message.data(), "u").unwrap().unwrap().parse().unwrap()
    }

    fn queue(policy: Policy) -> Queue {
        Queue::new(Box::new(move |_| policy))
    }

    fn numbers(queue: &mut Queue) -> Vec<u64> {
        core::iter::from_fn(|| queue.pop()).map(|delivered| number(&delivered)).collect()
    }

    #[test]
    fn the_newest_stays_of_each_symbol() {
        let mut queue = queue(Policy::Latest);
        for n in 1..=9 {
            assert_eq!(queue.push(message("a@bookTicker", n), Tick(n)), Pushed::Taken);
            queue.push(message("!bookTicker", n), Tick(n));
        }
        assert_eq!((queue.waiting(), queue.oldest()), (3, Some(Tick(9))));
        let stats = queue.stats(Tick(19));
        assert_eq!(
            (&*stats[0].stream, stats[0].waiting, stats[0].received, stats[0].lost),
            ("!bookTicker", 2, 9, 7)
        );
        assert_eq!((stats[1].waiting, stats[1].lost, stats[1].age), (1, 8, Duration::from_millis(10)));
        assert_eq!(numbers(&mut queue), [9, 9, 8]);
        queue.push(message("a@bookTicker", 10), Tick(20));
        assert_eq!(numbers(&mut queue), [10]);
    }

    #[test]
    fn the_oldest_goes_and_is_counted_and_other_streams_are_left_alone() {
        let mut queue = queue(Policy::DropOldest(3));
        for n in 1..=5 {
            queue.push(message("a@aggTrade", n), Tick(n));
        }
        queue.push(message("b@aggTrade", 6), Tick(6));
        assert_eq!(queue.stats(Tick(6))[0].lost, 2);
        assert_eq!(numbers(&mut queue), [3, 4, 5, 6]);
    }

    #[test]
    fn a_stream_that_must_be_whole_is_closed() {
        let mut queue = queue(Policy::Close(3));
        queue.push(message("b@depth", 9), Tick(1));
        for n in 1..=3 {
            assert_eq!(queue.push(message("a@depth", n), Tick(n)), Pushed::Taken);
        }
        assert_eq!(queue.push(message("a@depth", 4), Tick(4)), Pushed::Lagged("a@depth".into()));
        assert_eq!(queue.pop(), Some(Delivered::Lagged { stream: "a@depth".into(), lost: 4 }));
        assert_eq!(numbers(&mut queue), [9]);
        // Subscribed again, it begins anew.
        queue.push(message("a@depth", 7), Tick(9));
        assert_eq!(numbers(&mut queue), [7]);
    }

    #[test]
    fn what_may_not_be_dropped_makes_the_pump_wait() {
        for (mut queue, room, name) in
            [(queue(Policy::Wait(3)), 3, Some("a@depth")), (queue(Policy::Latest), USER_EVENTS, None)]
        {
            for n in 0..room as u64 {
                assert!(!queue.is_blocked());
                queue.push(Message::of(name, &format!(r#"{{"u":{n}}}"#)), Tick(n));
            }
            assert!(queue.is_blocked());
            assert_eq!(number(&queue.pop().unwrap()), 0);
            assert!(!queue.is_blocked());
            assert_eq!(numbers(&mut queue).len(), room - 1);
            assert_eq!(queue.stats(Tick(0))[0].lost, 0);
        }
        let mut queue = queue(Policy::Latest);
        (0..NOTICES).for_each(|_| queue.tell(0, Notice::Settled));
        assert!(queue.is_blocked());
        queue.pop();
        assert!(!queue.is_blocked());
    }
}
