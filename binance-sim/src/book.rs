//! An order book with price-time priority, in ticks and lots.

use std::collections::{BTreeMap, HashMap, VecDeque};

/// Which side of the book, or which way a trade goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// `BUY`
    Buy,
    /// `SELL`
    Sell,
}

impl Side {
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }

    /// As it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Buy => "BUY",
            Self::Sell => "SELL",
        }
    }

    /// 1 for a buy, -1 for a sell.
    pub(crate) const fn sign(self) -> i64 {
        match self {
            Self::Buy => 1,
            Self::Sell => -1,
        }
    }

    /// Whether an order of this side and limit trades with a resting order at `price`.
    pub(crate) const fn crosses(self, limit: i64, price: i64) -> bool {
        match self {
            Self::Buy => limit >= price,
            Self::Sell => limit <= price,
        }
    }
}

/// Whose order it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    /// The market's own, made by the generator.
    Market,
    /// A client's, by the number of the account.
    Account(usize),
}

/// An order that waits in the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resting {
    pub(crate) id: u64,
    pub(crate) owner: Owner,
    pub(crate) lots: i64,
    /// Whether only people may take it (time in force RPI): the public book does not show it.
    pub(crate) hidden: bool,
}

#[derive(Debug, Default)]
struct Level {
    /// What the public book shows.
    lots: i64,
    hidden: i64,
    queue: VecDeque<Resting>,
}

impl Level {
    fn add(&mut self, hidden: bool, lots: i64) {
        if hidden {
            self.hidden += lots;
        } else {
            self.lots += lots;
        }
    }
}

/// How often a stream of differences speaks, in the order of [`Book::take_changes`].
pub(crate) const DIFF_SPEEDS: [i64; 3] = [100, 250, 500];

/// What changed since a stream of differences last spoke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Changes {
    /// The first change in it.
    pub(crate) first: u64,
    /// The last change in it.
    pub(crate) last: u64,
    /// The last change of the one before.
    pub(crate) previous: u64,
    /// Price and quantity, zero when the level is gone, best first.
    pub(crate) bids: Vec<(i64, i64)>,
    /// Price and quantity, zero when the level is gone, best first.
    pub(crate) asks: Vec<(i64, i64)>,
}

/// What one stream of differences has told so far.
#[derive(Clone, Copy, Debug)]
struct Cursor {
    /// How many entries of the log it has passed.
    position: u64,
    /// The last change that it told.
    last: u64,
}

/// The book of one contract.
#[derive(Debug)]
pub(crate) struct Book {
    bids: BTreeMap<i64, Level>,
    asks: BTreeMap<i64, Level>,
    /// Where each order waits.
    places: HashMap<u64, (Side, i64)>,
    update_id: u64,
    /// The levels that changed, oldest first, back to the slowest stream.
    log: VecDeque<(Side, i64)>,
    /// How many entries of the log were dropped.
    dropped: u64,
    cursors: [Cursor; DIFF_SPEEDS.len()],
}

impl Book {
    /// An empty book whose changes are counted from `update_id`.
    pub(crate) fn new(update_id: u64) -> Self {
        Self {
            bids: BTreeMap::new(),
            asks: BTreeMap::new(),
            places: HashMap::new(),
            update_id,
            log: VecDeque::new(),
            dropped: 0,
            cursors: [Cursor { position: 0, last: update_id }; DIFF_SPEEDS.len()],
        }
    }

    /// The number of the last change.
    pub(crate) const fn update_id(&self) -> u64 {
        self.update_id
    }

    /// The best price of a side and what waits there.
    pub(crate) fn best(&self, side: Side) -> Option<(i64, i64)> {
        self.levels(side).next()
    }

    /// The levels of a side as everybody sees them, best first: price and quantity.
    pub(crate) fn levels(&self, side: Side) -> impl Iterator<Item = (i64, i64)> + '_ {
        let levels = self.all_levels(side).map(|(price, level)| (*price, level.lots));
        levels.filter(|(_, lots)| *lots > 0)
    }

    /// The same with the orders that only people may take.
    pub(crate) fn whole_levels(&self, side: Side) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.all_levels(side).map(|(price, level)| (*price, level.lots + level.hidden))
    }

    fn all_levels(&self, side: Side) -> impl Iterator<Item = (&i64, &Level)> {
        let (bids, asks) = match side {
            Side::Buy => (Some(self.bids.iter().rev()), None),
            Side::Sell => (None, Some(self.asks.iter())),
        };
        bids.into_iter().flatten().chain(asks.into_iter().flatten())
    }

    /// How many levels a side has.
    pub(crate) fn depth(&self, side: Side) -> usize {
        match side {
            Side::Buy => self.bids.len(),
            Side::Sell => self.asks.len(),
        }
    }

    /// The order that is next in line to trade with an order of `taker`, and its price. Orders of the API do not see
    /// those that only people may take.
    pub(crate) fn front(&self, taker: Side, of_api: bool) -> Option<(i64, Resting)> {
        let may_take = |order: &&Resting| !(of_api && order.hidden);
        self.all_levels(taker.other())
            .find_map(|(price, level)| level.queue.iter().find(may_take).map(|order| (*price, *order)))
    }

    /// How many lots an order of the API could take at once, not counting those of one account.
    pub(crate) fn available(&self, taker: Side, limit: i64, without: Option<usize>) -> i64 {
        let levels = self.all_levels(taker.other());
        let reached = levels.take_while(|(price, _)| taker.crosses(limit, **price));
        let orders = reached.flat_map(|(_, level)| level.queue.iter()).filter(|order| !order.hidden);
        let others =
            orders.filter(|order| without.is_none_or(|account| order.owner != Owner::Account(account)));
        others.map(|order| order.lots).sum()
    }

    /// Puts an order at the end of the line.
    pub(crate) fn add(&mut self, side: Side, price: i64, order: Resting) {
        let level = self.side(side).entry(price).or_default();
        level.add(order.hidden, order.lots);
        level.queue.push_back(order);
        self.places.insert(order.id, (side, price));
        self.changed(side, price);
    }

    /// Takes an order out.
    pub(crate) fn remove(&mut self, id: u64) -> Option<Resting> {
        let (side, price) = self.places.remove(&id)?;
        let level = self.side(side).get_mut(&price)?;
        let place = level.queue.iter().position(|order| order.id == id)?;
        let order = level.queue.remove(place)?;
        level.add(order.hidden, -order.lots);
        if level.queue.is_empty() {
            self.side(side).remove(&price);
        }
        self.changed(side, price);
        Some(order)
    }

    /// Makes an order smaller where it stands, keeping its place in the line; it must keep something.
    pub(crate) fn shrink(&mut self, id: u64, lots: i64) {
        let Some((side, price)) = self.places.get(&id).copied() else { return };
        let Some(level) = self.side(side).get_mut(&price) else { return };
        let Some(order) = level.queue.iter_mut().find(|order| order.id == id) else { return };
        if lots <= 0 || lots >= order.lots {
            return;
        }
        let (hidden, less) = (order.hidden, order.lots - lots);
        order.lots = lots;
        level.add(hidden, -less);
        self.changed(side, price);
    }

    /// Trades with an order that waits and has at least this many lots.
    pub(crate) fn fill(&mut self, order: &Resting, lots: i64) {
        debug_assert!(lots <= order.lots, "more than the order has");
        if lots >= order.lots {
            self.remove(order.id);
        } else {
            self.shrink(order.id, order.lots - lots);
        }
    }

    /// What changed since the stream of number `speed` last took it; nothing when nothing did.
    pub(crate) fn take_changes(&mut self, speed: usize) -> Option<Changes> {
        let cursor = *self.cursors.get(speed)?;
        let skip = usize::try_from(cursor.position - self.dropped).unwrap_or(usize::MAX);
        let mut levels: Vec<_> = self.log.iter().skip(skip).copied().collect();
        let end = self.dropped + self.log.len() as u64;
        let told = Cursor { position: end, last: self.update_id };
        *self.cursors.get_mut(speed)? = told;
        let oldest = self.cursors.iter().map(|cursor| cursor.position).min().unwrap_or(end);
        while self.dropped < oldest {
            self.log.pop_front();
            self.dropped += 1;
        }
        if levels.is_empty() {
            return None;
        }
        levels.sort_unstable();
        levels.dedup();
        let now =
            |(side, price): &(Side, i64)| (*price, self.level(*side, *price).map_or(0, |level| level.lots));
        let asks = levels.iter().filter(|(side, _)| *side == Side::Sell).map(now).collect();
        let bids = levels.iter().rev().filter(|(side, _)| *side == Side::Buy).map(now).collect();
        Some(Changes { first: cursor.last + 1, last: told.last, previous: cursor.last, bids, asks })
    }

    /// The same changes with the orders that only people may take, as long as the book has not changed further.
    pub(crate) fn whole(&self, changes: &Changes) -> Changes {
        let now = |side| {
            move |(price, _): &(i64, i64)| {
                (*price, self.level(side, *price).map_or(0, |level| level.lots + level.hidden))
            }
        };
        let bids = changes.bids.iter().map(now(Side::Buy)).collect();
        let asks = changes.asks.iter().map(now(Side::Sell)).collect();
        Changes { bids, asks, ..*changes }
    }

    fn level(&self, side: Side, price: i64) -> Option<&Level> {
        if side == Side::Buy { self.bids.get(&price) } else { self.asks.get(&price) }
    }

    fn side(&mut self, side: Side) -> &mut BTreeMap<i64, Level> {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }

    fn changed(&mut self, side: Side, price: i64) {
        self.update_id += 1;
        self.log.push_back((side, price));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn order(id: u64, lots: i64) -> Resting {
        Resting { id, owner: Owner::Market, lots, hidden: false }
    }

    #[test]
    fn the_better_price_goes_first_then_the_older_order() {
        let mut book = Book::new(0);
        book.add(Side::Sell, 101, order(1, 5));
        book.add(Side::Sell, 100, order(2, 5));
        book.add(Side::Sell, 100, order(3, 5));
        let mut taken = Vec::new();
        while let Some((price, front)) = book.front(Side::Buy, true) {
            taken.push((price, front.id));
            book.fill(&front, front.lots);
        }
        assert_eq!(taken, [(100, 2), (100, 3), (101, 1)]);
        assert_eq!(book.best(Side::Sell), None);
    }

    #[test]
    fn shrinking_keeps_the_place_in_the_line() {
        let mut book = Book::new(0);
        book.add(Side::Buy, 100, order(1, 5));
        book.add(Side::Buy, 100, order(2, 5));
        book.shrink(1, 2);
        assert_eq!(book.front(Side::Sell, true), Some((100, order(1, 2))));
        assert_eq!(book.best(Side::Buy), Some((100, 7)));
        // Growing and emptying is not its business.
        book.shrink(1, 9);
        book.shrink(1, 0);
        assert_eq!(book.best(Side::Buy), Some((100, 7)));
    }

    #[test]
    fn what_only_people_may_take_is_not_shown_and_not_taken_by_others() {
        let mut book = Book::new(0);
        book.add(Side::Sell, 100, Resting { hidden: true, ..order(1, 5) });
        book.add(Side::Sell, 100, order(2, 3));
        book.add(Side::Sell, 99, Resting { hidden: true, ..order(3, 4) });
        assert_eq!(book.best(Side::Sell), Some((100, 3)));
        assert_eq!(book.whole_levels(Side::Sell).collect::<Vec<_>>(), [(99, 4), (100, 8)]);
        assert_eq!(book.front(Side::Buy, true), Some((100, order(2, 3))));
        assert_eq!(book.front(Side::Buy, false).map(|(price, front)| (price, front.id)), Some((99, 3)));
        assert_eq!(book.available(Side::Buy, 100, None), 3);
        let changes = book.take_changes(2).unwrap();
        assert_eq!(
            (changes.asks.clone(), book.whole(&changes).asks),
            (vec![(99, 0), (100, 3)], vec![(99, 4), (100, 8)])
        );
        let hidden = book.front(Side::Buy, false).unwrap().1;
        book.fill(&hidden, 1);
        assert_eq!(book.whole_levels(Side::Sell).next(), Some((99, 3)));
    }

    #[test]
    fn available_stops_at_the_limit_and_leaves_an_account_out() {
        let mut book = Book::new(0);
        book.add(Side::Sell, 100, order(1, 5));
        book.add(Side::Sell, 101, Resting { owner: Owner::Account(7), ..order(2, 3) });
        book.add(Side::Sell, 102, order(3, 1));
        assert_eq!(book.available(Side::Buy, 101, None), 8);
        assert_eq!(book.available(Side::Buy, 102, Some(7)), 6);
        assert_eq!(book.available(Side::Buy, 99, None), 0);
    }

    /// A book kept by the rule of the documentation: quantities are absolute, zero removes the level.
    #[derive(Default, PartialEq, Debug)]
    struct Copy(BTreeMap<(Side, i64), i64>);

    impl Copy {
        fn of(book: &Book) -> Self {
            let side = |side| book.levels(side).map(move |(price, lots)| ((side, price), lots));
            Self(side(Side::Buy).chain(side(Side::Sell)).collect())
        }

        fn apply(&mut self, changes: &Changes) {
            let bids = changes.bids.iter().map(|level| (Side::Buy, level));
            for (side, (price, lots)) in bids.chain(changes.asks.iter().map(|level| (Side::Sell, level))) {
                if *lots == 0 {
                    self.0.remove(&(side, *price));
                } else {
                    self.0.insert((side, *price), *lots);
                }
            }
        }
    }

    #[test]
    fn snapshot_and_differences_give_the_book_at_every_speed() {
        let mut rng = Rng::new(42);
        let mut book = Book::new(1_000);
        let mut copies: [Option<(Copy, u64)>; 3] = [None, None, None];
        let mut next = 0;
        for round in 0..2_000 {
            for _ in 0..rng.below(6) {
                next += 1;
                match rng.below(4) {
                    0 | 1 => {
                        let side = if rng.chance(1, 2) { Side::Buy } else { Side::Sell };
                        let price =
                            if side == Side::Buy { rng.between(90, 99) } else { rng.between(100, 110) };
                        book.add(side, price, order(next, rng.between(1, 9)));
                    }
                    2 => {
                        book.remove(rng.below(next));
                    }
                    _ => {
                        if let Some((_, front)) = book.front(Side::Buy, true) {
                            book.fill(&front, rng.between(1, front.lots));
                        }
                    }
                }
            }
            for (speed, copy) in copies.iter_mut().enumerate() {
                if round % (speed + 2) != 0 {
                    continue;
                }
                let changes = book.take_changes(speed);
                match (copy, changes) {
                    (Some((copy, last)), Some(changes)) => {
                        assert_eq!(changes.previous, *last);
                        assert_eq!(changes.first, *last + 1);
                        copy.apply(&changes);
                        *last = changes.last;
                        assert_eq!(*last, book.update_id());
                        assert_eq!(*copy, Copy::of(&book));
                    }
                    (Some((_, last)), None) => assert_eq!(*last, book.update_id()),
                    (copy @ None, _) => *copy = Some((Copy::of(&book), book.update_id())),
                }
            }
        }
        assert!(book.log.len() < 200, "the log is cut back to the slowest stream");
    }
}
