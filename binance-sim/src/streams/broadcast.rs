//! When the market's streams speak.

use std::collections::BTreeSet;

use binance_core::endpoint::Market;

use crate::{
    book::{DIFF_SPEEDS, Side},
    calendar::SECOND,
    contracts::Contract,
    exchange::Exchange,
    json::Json,
    market::{candles::Candle, indices, interval::Interval},
    streams::{
        frames::{self, Drawn},
        topic::Topic,
    },
};

/// How many levels the streams of partial books have.
const LEVELS: [usize; 3] = [5, 10, 20];
/// The speed of the differences with the orders that only people may take, in the order of [`DIFF_SPEEDS`].
const RPI_SPEED: usize = 2;

impl Exchange {
    /// Tells what is told at fixed times, after a step of the market from `previous` to now.
    pub(crate) fn broadcast(&mut self, previous: i64) {
        let now = self.now;
        let passed = |period: i64| now.div_euclid(period) != previous.div_euclid(period);
        for (speed, period) in DIFF_SPEEDS.into_iter().enumerate() {
            if passed(period) {
                self.tell_depth(speed);
            }
        }
        if passed(250) {
            for venue in 0..self.venues.len() {
                let changed = self.venues[venue].candles.take_changed();
                self.tell_candles(venue, &changed, false);
            }
        }
        if passed(500) {
            self.tell_tickers(Market::CoinM);
        }
        if passed(SECOND) {
            self.tell_marks(true);
            self.tell_all_tickers();
            self.tell_forced();
            self.tell_indices();
        }
        if passed(2 * SECOND) {
            self.tell_tickers(Market::UsdM);
        }
        if passed(3 * SECOND) {
            self.tell_marks(false);
        }
        if passed(5 * SECOND) {
            self.tell_all_best();
        }
    }

    /// Opens new candles when their time has come, and tells of those that closed.
    pub(crate) fn roll(&mut self, venue: usize) {
        let closed = self.venues[venue].candles.roll(self.now);
        self.tell_candles(venue, &closed, true);
    }

    fn tell_candles(&mut self, venue: usize, candles: &[(Interval, Candle)], closed: bool) {
        let time = self.server_time();
        for (interval, candle) in candles {
            let interval = *interval;
            let drawn = Drawn { venue: &self.venues[venue], interval, candle, closed };
            let (hub, faults) = (&mut self.hub, &mut self.faults);
            hub.publish(Topic::Kline(venue, interval), faults, time, || drawn.traded(time));
            hub.publish(Topic::ContinuousKline(venue, interval), faults, time, || drawn.continuous(time));
            hub.publish(Topic::MarkKline(venue, interval), faults, time, || drawn.mark(time));
            hub.publish(Topic::IndexKline(venue, interval), faults, time, || drawn.index(time));
        }
    }

    fn tell_depth(&mut self, speed: usize) {
        let time = self.server_time();
        for (number, venue) in self.venues.iter_mut().enumerate() {
            let Some(changes) = venue.book.take_changes(speed) else { continue };
            let venue = &*venue;
            let (hub, faults) = (&mut self.hub, &mut self.faults);
            hub.publish(Topic::Diff(number, speed), faults, time, || {
                frames::depth_diff(venue, &changes, time)
            });
            if speed == RPI_SPEED {
                hub.publish(Topic::RpiDiff(number), faults, time, || {
                    frames::depth_diff(venue, &venue.book.whole(&changes), time)
                });
            }
            for levels in LEVELS {
                hub.publish(Topic::Partial(number, levels, speed), faults, time, || {
                    frames::depth_partial(venue, &changes, levels, time)
                });
            }
        }
    }

    fn tell_marks(&mut self, fast: bool) {
        let (time, now) = (self.server_time(), self.now);
        let (venues, hub, faults) = (&self.venues, &mut self.hub, &mut self.faults);
        for (number, venue) in venues.iter().enumerate() {
            hub.publish(Topic::MarkPrice(number, fast), faults, time, || {
                frames::mark_price(venue, time, now)
            });
            hub.publish(Topic::IndexPrice(number, fast), faults, time, || frames::index_price(venue, time));
        }
        let of = |wanted: &dyn Fn(&Contract) -> bool| {
            let wanted = venues.iter().filter(|venue| wanted(&venue.contract));
            Json::array(wanted.map(|venue| frames::mark_price(venue, time, now)))
        };
        hub.publish(Topic::AllMarkPrices(fast), faults, time, || {
            of(&|contract| contract.market == Market::UsdM)
        });
        let inverse = venues.iter().map(|venue| &venue.contract).filter(|contract| contract.is_inverse());
        let pairs: BTreeSet<_> = inverse.map(|contract| contract.pair).collect();
        for pair in pairs {
            hub.publish(Topic::PairMarkPrices(pair, fast), faults, time, || {
                of(&|contract| contract.is_inverse() && contract.pair == pair)
            });
        }
    }

    /// The tickers of single contracts, which the markets tell at different speeds.
    fn tell_tickers(&mut self, market: Market) {
        let (time, now) = (self.server_time(), self.now);
        let (hub, faults) = (&mut self.hub, &mut self.faults);
        for (number, venue) in self.venues.iter_mut().enumerate() {
            let (mini, full) = (Topic::MiniTicker(number), Topic::Ticker(number));
            if venue.contract.market != market || !(hub.is_wanted(mini) || hub.is_wanted(full)) {
                continue;
            }
            let day = venue.day(now);
            hub.publish(mini, faults, time, || frames::mini_ticker(&venue.contract, &day, time));
            hub.publish(full, faults, time, || frames::ticker(&venue.contract, &day, time));
        }
    }

    /// The contracts of both markets that were traded since this was last told.
    fn tell_all_tickers(&mut self) {
        let (time, now) = (self.server_time(), self.now);
        let (hub, faults) = (&mut self.hub, &mut self.faults);
        if !hub.is_wanted(Topic::AllMiniTickers) && !hub.is_wanted(Topic::AllTickers) {
            return;
        }
        let mut changed = Vec::new();
        for venue in &mut self.venues {
            let last = venue.tape.last_id();
            if venue.ticked != last {
                venue.ticked = last;
                let day = venue.day(now);
                changed.push((&venue.contract, day));
            }
        }
        if changed.is_empty() {
            return;
        }
        hub.publish(Topic::AllMiniTickers, faults, time, || {
            Json::array(changed.iter().map(|(contract, day)| frames::mini_ticker(contract, day, time)))
        });
        hub.publish(Topic::AllTickers, faults, time, || {
            Json::array(changed.iter().map(|(contract, day)| frames::ticker(contract, day, time)))
        });
    }

    /// The biggest forced order of each contract in the last second.
    fn tell_forced(&mut self) {
        let time = self.server_time();
        let (hub, faults) = (&mut self.hub, &mut self.faults);
        for (number, venue) in self.venues.iter_mut().enumerate() {
            let Some(forced) = venue.forced.take() else { continue };
            for (topic, of_all) in [(Topic::ForceOrder(number), false), (Topic::AllForceOrders, true)] {
                hub.publish(topic, faults, time, || {
                    frames::force_order(&venue.contract, &forced, of_all, time)
                });
            }
        }
    }

    fn tell_indices(&mut self) {
        let time = self.server_time();
        let (venues, hub, faults) = (&self.venues, &mut self.hub, &mut self.faults);
        hub.publish(Topic::CompositeIndex, faults, time, || frames::composite_index(venues, time));
        for (number, asset) in indices::ASSETS.iter().enumerate() {
            hub.publish(Topic::AssetIndex(number), faults, time, || frames::asset_index(asset, venues, time));
        }
        hub.publish(Topic::AllAssetIndices, faults, time, || {
            Json::array(indices::ASSETS.iter().map(|asset| frames::asset_index(asset, venues, time)))
        });
        for event in frames::SESSIONS {
            hub.publish(Topic::TradingSession, faults, time, || frames::trading_session(event, time));
        }
    }

    /// Tells the best prices of a contract if they changed.
    pub(crate) fn tell_best(&mut self, venue: usize) {
        let time = self.server_time();
        let state = &mut self.venues[venue];
        let best = (state.book.best(Side::Buy), state.book.best(Side::Sell));
        if state.told == best {
            return;
        }
        (state.told, state.best_changed) = (best, true);
        let state = &*state;
        for topic in [Topic::BookTicker(venue), Topic::AllBookTickers(true)] {
            self.hub.publish(topic, &mut self.faults, time, || frames::book_ticker(state, time));
        }
    }

    /// The slow stream of the best prices of all contracts.
    fn tell_all_best(&mut self) {
        let time = self.server_time();
        let topic = Topic::AllBookTickers(false);
        for venue in self.venues.iter_mut().filter(|venue| venue.best_changed) {
            venue.best_changed = false;
            self.hub.publish(topic, &mut self.faults, time, || frames::book_ticker(venue, time));
        }
    }

    /// Tells the terms of a contract.
    pub(crate) fn tell_contract(&mut self, venue: usize) {
        let time = self.server_time();
        let contract = &self.venues[venue].contract;
        self.hub
            .publish(Topic::ContractInfo, &mut self.faults, time, || frames::contract_info(contract, time));
    }
}
