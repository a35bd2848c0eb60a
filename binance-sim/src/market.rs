//! The market: contracts with their books, trades, candles and prices, and the crowd that moves them.

use crate::{
    book::{Book, Side},
    contracts::Contract,
    rng::hash,
};

pub(crate) mod candles;
pub(crate) mod crowd;
pub(crate) mod day;
pub(crate) mod forced;
pub(crate) mod fundings;
pub(crate) mod history;
pub(crate) mod indices;
pub(crate) mod interval;
pub(crate) mod prices;
pub(crate) mod statistics;
pub(crate) mod tape;

use self::{candles::Candles, crowd::Crowd, forced::Forced, fundings::Fundings, prices::Prices, tape::Tape};

/// The best level of each side: ticks and lots of bid and ask.
pub(crate) type Best = (Option<(i64, i64)>, Option<(i64, i64)>);

/// Where one contract is traded.
#[derive(Debug)]
pub(crate) struct Venue {
    pub(crate) contract: Contract,
    /// What everything that is made up about it begins with.
    pub(crate) seed: u64,
    pub(crate) book: Book,
    pub(crate) tape: Tape,
    pub(crate) candles: Candles,
    pub(crate) prices: Prices,
    pub(crate) fundings: Fundings,
    pub(crate) crowd: Crowd,
    /// The best levels as they were last told.
    pub(crate) told: Best,
    /// When the book last changed.
    pub(crate) book_time: i64,
    /// The biggest forced order since the streams last told one.
    pub(crate) forced: Option<Forced>,
    /// The last trade when the streams of all tickers last told of this contract.
    pub(crate) ticked: u64,
    /// Whether the best prices changed since the slow stream of all of them last spoke.
    pub(crate) best_changed: bool,
}

impl Venue {
    /// An empty venue of an exchange that opens at `now`.
    pub(crate) fn new(contract: Contract, seed: u64, number: u64, now: i64) -> Self {
        let seed = hash(seed, 1_000 + number, 0);
        Self {
            book: Book::new(4_000_000_000 + number * 100_000_000),
            tape: Tape::new(900_000_000 + number * 10_000_000),
            candles: Candles::new(&contract, seed, now),
            prices: Prices::new(&contract),
            fundings: Fundings::new(&contract, seed, now),
            crowd: Crowd::new(seed),
            told: (None, None),
            book_time: now,
            forced: None,
            ticked: 0,
            best_changed: true,
            seed,
            contract,
        }
    }

    /// The best price of a side.
    pub(crate) fn best_ticks(&self, side: Side) -> Option<i64> {
        self.book.best(side).map(|(ticks, _)| ticks)
    }
}
