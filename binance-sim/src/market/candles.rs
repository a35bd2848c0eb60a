//! Candles: those of the past, which are made up when they are asked for, and those that trades draw.

use std::collections::{BTreeMap, VecDeque};

use crate::{
    calendar::{HOUR, MINUTE, SECOND},
    contracts::Contract,
    market::{history::History, interval::Interval},
    num::Num,
};

/// A candle, in ticks and lots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Candle {
    pub(crate) open_time: i64,
    pub(crate) open: i64,
    pub(crate) high: i64,
    pub(crate) low: i64,
    pub(crate) close: i64,
    pub(crate) lots: i64,
    pub(crate) turnover: Num,
    pub(crate) trades: u64,
    /// What takers bought.
    pub(crate) taker_lots: i64,
    pub(crate) taker_turnover: Num,
}

impl Candle {
    /// One in which nothing was traded.
    pub(crate) const fn flat(open_time: i64, ticks: i64) -> Self {
        Self {
            open_time,
            open: ticks,
            high: ticks,
            low: ticks,
            close: ticks,
            lots: 0,
            turnover: Num::ZERO,
            trades: 0,
            taker_lots: 0,
            taker_turnover: Num::ZERO,
        }
    }

    /// Takes in the candle that follows.
    pub(crate) fn extend(&mut self, next: &Self) {
        if self.trades == 0 && next.trades > 0 {
            // What was flat so far takes the first trade's price as its open.
            (self.open, self.high, self.low) = (next.open, next.high, next.low);
        }
        if next.trades > 0 {
            self.high = self.high.max(next.high);
            self.low = self.low.min(next.low);
            self.close = next.close;
        }
        self.lots += next.lots;
        self.turnover += next.turnover;
        self.trades += next.trades;
        self.taker_lots += next.taker_lots;
        self.taker_turnover += next.taker_turnover;
    }
}

/// How many minutes that trades drew are kept: a week.
const KEPT: usize = 7 * 24 * 60;
/// How many seconds are kept: an hour.
const KEPT_SECONDS: usize = 60 * 60;

/// The candles of one contract.
#[derive(Debug)]
pub(crate) struct Candles {
    history: History,
    /// Minute by minute, without gaps, the last one still open.
    minutes: VecDeque<Candle>,
    /// The same, second by second; there are none of the past.
    seconds: VecDeque<Candle>,
    /// The open candles of the intervals that somebody watches, and whether a trade changed them since they were
    /// last told.
    watched: BTreeMap<Interval, (Candle, bool)>,
    /// Hours of the past that were asked for before.
    hours: BTreeMap<i64, Candle>,
}

impl Candles {
    /// Candles whose first minute of trades is the one that `now` is in.
    pub(crate) fn new(contract: &Contract, seed: u64, now: i64) -> Self {
        let first = Interval::M1.open(now);
        Self {
            history: History::new(contract, seed, first),
            minutes: VecDeque::from([Candle::flat(first, contract.start_ticks)]),
            seconds: VecDeque::from([Candle::flat(Interval::S1.open(now), contract.start_ticks)]),
            watched: BTreeMap::new(),
            hours: BTreeMap::new(),
        }
    }

    /// A trade. Time may not run backwards; [`roll`](Self::roll) opens the minutes in between.
    pub(crate) fn trade(&mut self, ticks: i64, lots: i64, turnover: Num, buyer_is_taker: bool) {
        let (taker_lots, taker_turnover) = if buyer_is_taker { (lots, turnover) } else { (0, Num::ZERO) };
        let trade =
            Candle { lots, turnover, trades: 1, taker_lots, taker_turnover, ..Candle::flat(0, ticks) };
        for candle in [self.minutes.back_mut(), self.seconds.back_mut()].into_iter().flatten() {
            candle.extend(&trade);
        }
        for (candle, changed) in self.watched.values_mut() {
            candle.extend(&trade);
            *changed = true;
        }
    }

    /// Opens new candles up to a time; gives those that are watched and closed.
    pub(crate) fn roll(&mut self, now: i64) -> Vec<(Interval, Candle)> {
        open_until(&mut self.seconds, SECOND, KEPT_SECONDS, now);
        open_until(&mut self.minutes, MINUTE, KEPT, now);
        let mut closed = Vec::new();
        for (interval, (candle, changed)) in &mut self.watched {
            if now >= interval.next(candle.open_time) {
                closed.push((*interval, *candle));
                (*candle, *changed) = (Candle::flat(interval.open(now), candle.close), true);
            }
        }
        closed
    }

    /// From now on the open candle of this interval is kept up.
    pub(crate) fn watch(&mut self, interval: Interval) {
        if self.watched.contains_key(&interval) {
            return;
        }
        let Some(last) = self.live(interval).back().map(|last| last.open_time) else { return };
        let candle = self.candle(interval, interval.open(last));
        if let Some(candle) = candle {
            self.watched.insert(interval, (candle, true));
        }
    }

    /// The open candles that changed since they were last taken.
    pub(crate) fn take_changed(&mut self) -> Vec<(Interval, Candle)> {
        let changed = self.watched.iter_mut().filter(|(_, (_, changed))| *changed);
        changed
            .map(|(interval, (candle, changed))| {
                *changed = false;
                (*interval, *candle)
            })
            .collect()
    }

    /// At most `limit` candles that open from `start` to `end`: the oldest of them when `start` is given, otherwise
    /// the newest. Oldest first.
    pub(crate) fn range(
        &mut self,
        interval: Interval,
        start: Option<i64>,
        end: Option<i64>,
        limit: usize,
    ) -> Vec<Candle> {
        let Some(last) = self.live(interval).back().map(|last| last.open_time) else { return Vec::new() };
        let newest = interval.open(end.unwrap_or(last).min(last));
        let mut candles = Vec::with_capacity(limit.min(1_500));
        if let Some(start) = start {
            if start > newest {
                return candles;
            }
            let first = match interval {
                Interval::S1 => self.seconds.front().map_or(last, |second| second.open_time),
                _ => self.history.first(),
            };
            let from = start.max(first);
            let mut open = interval.open(from);
            if open < from {
                open = interval.next(open);
            }
            while open <= newest && candles.len() < limit {
                candles.extend(self.candle(interval, open));
                open = interval.next(open);
            }
        } else {
            let mut open = newest;
            while candles.len() < limit {
                let Some(candle) = self.candle(interval, open) else { break };
                candles.push(candle);
                open = interval.open(open - 1);
            }
            candles.reverse();
        }
        candles
    }

    /// The candle that opens then, or `None` before the contract was traded.
    fn candle(&mut self, interval: Interval, open_time: i64) -> Option<Candle> {
        if interval == Interval::S1 {
            let first = self.seconds.front()?.open_time;
            let index = usize::try_from((open_time - first).div_euclid(SECOND)).ok()?;
            return self.seconds.get(index).copied();
        }
        let candle = self.join(open_time, interval.next(open_time) - 1)?;
        Some(Candle { open_time, ..candle })
    }

    /// What happened in the minutes that open from one time to another, as one candle.
    pub(crate) fn join(&mut self, from: i64, to: i64) -> Option<Candle> {
        let last = self.minutes.back()?.open_time;
        let end = (to + 1).min(last + MINUTE);
        let mut time = from.max(self.history.first());
        let mut candle: Option<Candle> = None;
        while time < end {
            let (part, step) = if time % HOUR == 0 && time + HOUR <= end && time + HOUR <= self.history.end()
            {
                (self.hour(time), HOUR)
            } else {
                (self.minute(time)?, MINUTE)
            };
            match &mut candle {
                Some(candle) => candle.extend(&part),
                None => candle = Some(part),
            }
            time += step;
        }
        candle
    }

    /// The candles that trades draw and that those of an interval are made of.
    const fn live(&self, interval: Interval) -> &VecDeque<Candle> {
        match interval {
            Interval::S1 => &self.seconds,
            _ => &self.minutes,
        }
    }

    fn minute(&self, open_time: i64) -> Option<Candle> {
        let first = self.minutes.front()?.open_time;
        if open_time < self.history.end() {
            return Some(self.history.minute(open_time));
        }
        // Minutes that trades drew and that are too long gone are flat: nobody remembers them.
        let index = (open_time - first).div_euclid(MINUTE);
        let kept = usize::try_from(index).ok().and_then(|index| self.minutes.get(index)).copied();
        kept.or_else(|| self.minutes.front().map(|minute| Candle::flat(open_time, minute.open)))
    }

    /// An hour of the past.
    fn hour(&mut self, open_time: i64) -> Candle {
        if let Some(hour) = self.hours.get(&open_time) {
            return *hour;
        }
        let mut hour = self.history.minute(open_time);
        for minute in 1..60 {
            hour.extend(&self.history.minute(open_time + minute * MINUTE));
        }
        self.hours.insert(open_time, hour);
        hour
    }
}

/// Opens flat candles of one length up to a time, and forgets the oldest past so many.
fn open_until(candles: &mut VecDeque<Candle>, span: i64, kept: usize, now: i64) {
    let Some(last) = candles.back().copied() else { return };
    let newest = now.div_euclid(span) * span;
    // What would be forgotten at once need not be opened.
    let mut open_time = (last.open_time + span).max(newest - span * kept as i64);
    if open_time > last.open_time + span {
        candles.clear();
    }
    while open_time <= newest {
        candles.push_back(Candle::flat(open_time, last.close));
        if candles.len() > kept {
            candles.pop_front();
        }
        open_time += span;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::DAY;

    const NOW: i64 = 1_767_225_600_000 + 30_000;

    fn candles() -> Candles {
        Candles::new(&Contract::all(NOW)[0], 7, NOW)
    }

    #[test]
    fn fifteen_hundred_minutes_are_there_without_gaps_and_join_the_first_trade() {
        let mut candles = candles();
        candles.trade(640_010, 3, Num::int(5), true);
        let minutes = candles.range(Interval::M1, None, None, 1_500);
        assert_eq!(minutes.len(), 1_500);
        for pair in minutes.windows(2) {
            assert_eq!(pair[0].open_time + MINUTE, pair[1].open_time);
        }
        for minute in &minutes {
            assert!(
                minute.low <= minute.open.min(minute.close) && minute.high >= minute.open.max(minute.close)
            );
            assert!(minute.taker_lots <= minute.lots && minute.taker_turnover <= minute.turnover);
        }
        let (past, live) = (minutes[1_498], minutes[1_499]);
        assert_eq!(past.close, 640_000);
        assert_eq!((live.open, live.close, live.lots, live.trades), (640_010, 640_010, 3, 1));
    }

    #[test]
    fn longer_candles_are_made_of_the_shorter_ones() {
        let mut candles = candles();
        candles.trade(640_010, 3, Num::int(5), true);
        let minutes = candles.range(Interval::M1, None, None, 1_500);
        let hours = candles.range(Interval::H1, None, None, 24);
        for hour in &hours[..23] {
            let inside =
                minutes.iter().filter(|minute| Interval::H1.open(minute.open_time) == hour.open_time);
            let inside: Vec<_> = inside.collect();
            assert_eq!(inside.len(), 60);
            assert_eq!(inside.iter().map(|minute| minute.high).max(), Some(hour.high));
            assert_eq!(inside.iter().map(|minute| minute.lots).sum::<i64>(), hour.lots);
            assert_eq!((inside[0].open, inside[59].close), (hour.open, hour.close));
        }
        let days = candles.range(Interval::D1, None, None, 1_500);
        assert_eq!(days.len(), 91, "ninety days of the past and today");
        assert_eq!(candles.range(Interval::Month, None, None, 10).len(), 4);
    }

    #[test]
    fn a_range_is_from_the_oldest_when_it_has_a_start_and_else_from_the_newest() {
        let mut candles = candles();
        let start = NOW - 3 * DAY;
        let from = candles.range(Interval::M1, Some(start), None, 5);
        assert_eq!(from.len(), 5);
        assert_eq!(from[0].open_time, Interval::M1.open(start) + MINUTE);
        let to = candles.range(Interval::M1, None, Some(start), 5);
        assert_eq!(to[4].open_time, Interval::M1.open(start));
        assert!(candles.range(Interval::M1, Some(NOW + DAY), None, 5).is_empty());
        assert!(candles.range(Interval::M1, None, Some(NOW - 200 * DAY), 5).is_empty());
        assert_eq!(candles.range(Interval::M1, Some(0), None, 1).len(), 1);
    }

    #[test]
    fn watched_candles_close_when_their_time_is_over() {
        let mut candles = candles();
        candles.watch(Interval::M1);
        candles.watch(Interval::H1);
        assert_eq!(candles.take_changed().len(), 2);
        assert!(candles.take_changed().is_empty());
        candles.trade(640_010, 3, Num::int(5), false);
        assert_eq!(candles.take_changed().len(), 2);
        assert!(candles.roll(NOW).is_empty());
        let closed = candles.roll(NOW + MINUTE);
        assert_eq!(closed.len(), 1);
        assert_eq!((closed[0].0, closed[0].1.close, closed[0].1.trades), (Interval::M1, 640_010, 1));
        let seconds = candles.range(Interval::S1, None, None, 100);
        assert_eq!((seconds.len(), seconds[0].trades), (61, 1));
        // A long silence leaves flat minutes.
        candles.roll(NOW + 10 * MINUTE);
        let minutes = candles.range(Interval::M1, None, None, 9);
        assert!(minutes.iter().all(|minute| minute.trades == 0 && minute.close == 640_010));
    }
}
