//! The names of market streams, and who may see which.

use binance_core::endpoint::Market;

use crate::{
    book::DIFF_SPEEDS,
    contracts::Contract,
    market::{Venue, indices, interval::Interval},
};

/// What a market stream tells. Contracts are meant by their number, a pair by that of its perpetual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    /// `<symbol>@aggTrade`
    AggTrade(usize),
    /// `<symbol>@bookTicker`
    BookTicker(usize),
    /// `!bookTicker`; whether it speaks at once, as on COIN-M, or every five seconds.
    AllBookTickers(bool),
    /// `<symbol>@depth[@speed]`, by the number of the speed.
    Diff(usize, usize),
    /// `<symbol>@depth<levels>[@speed]`, by the number of the speed.
    Partial(usize, usize, usize),
    /// `<symbol>@rpiDepth@500ms`
    RpiDiff(usize),
    /// `<symbol>@kline_<interval>`
    Kline(usize, Interval),
    /// `<pair>_<contractType>@continuousKline_<interval>`
    ContinuousKline(usize, Interval),
    /// `<pair>@indexPriceKline_<interval>`
    IndexKline(usize, Interval),
    /// `<symbol>@markPriceKline_<interval>`
    MarkKline(usize, Interval),
    /// `<symbol>@markPrice[@1s]`; whether it is the fast one.
    MarkPrice(usize, bool),
    /// `!markPrice@arr[@1s]`; whether it is the fast one.
    AllMarkPrices(bool),
    /// `<pair>@markPrice[@1s]` of COIN-M; whether it is the fast one.
    PairMarkPrices(&'static str, bool),
    /// `<pair>@indexPrice[@1s]` of COIN-M; whether it is the fast one.
    IndexPrice(usize, bool),
    /// `<symbol>@miniTicker`
    MiniTicker(usize),
    /// `!miniTicker@arr`
    AllMiniTickers,
    /// `<symbol>@ticker`
    Ticker(usize),
    /// `!ticker@arr`
    AllTickers,
    /// `<symbol>@forceOrder`
    ForceOrder(usize),
    /// `!forceOrder@arr`
    AllForceOrders,
    /// `!contractInfo`
    ContractInfo,
    /// `<symbol>@compositeIndex`
    CompositeIndex,
    /// `<assetSymbol>@assetIndex`, by its number.
    AssetIndex(usize),
    /// `!assetIndex@arr`
    AllAssetIndices,
    /// `tradingSession`
    TradingSession,
}

/// Where a socket came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// USDⓈ-M without a route: public data only.
    Unrouted,
    /// USDⓈ-M, `/public`
    Public,
    /// USDⓈ-M, `/market`
    Market,
    /// USDⓈ-M, `/private`
    Private,
    /// COIN-M, which has no routes.
    CoinM,
}

impl Host {
    pub(crate) const fn market(self) -> Market {
        match self {
            Self::CoinM => Market::CoinM,
            _ => Market::UsdM,
        }
    }
}

/// How many levels a partial book may have.
const LEVELS: [usize; 3] = [5, 10, 20];

impl Topic {
    /// The topic of a stream's name for a socket of a host, or `None` for a name that means nothing here: the exchange
    /// takes such a subscription too, and never sends anything.
    pub(crate) fn parse(name: &str, host: Host, venues: &[Venue]) -> Option<Self> {
        match name {
            "!bookTicker" => return Some(Self::AllBookTickers(host == Host::CoinM)),
            "!markPrice@arr" => return Some(Self::AllMarkPrices(false)),
            "!markPrice@arr@1s" => return Some(Self::AllMarkPrices(true)),
            "!miniTicker@arr" => return Some(Self::AllMiniTickers),
            "!ticker@arr" => return Some(Self::AllTickers),
            "!forceOrder@arr" => return Some(Self::AllForceOrders),
            "!contractInfo" => return Some(Self::ContractInfo),
            "!assetIndex@arr" => return Some(Self::AllAssetIndices),
            "tradingSession" => return Some(Self::TradingSession),
            _ => {}
        }
        let (subject, what) = name.split_once('@')?;
        let (what, speed) = match what.split_once('@') {
            Some((what, speed)) => (what, Some(speed)),
            None => (what, None),
        };
        // The exchange wants lower case.
        let upper = subject.to_uppercase();
        if upper.to_lowercase() != subject {
            return None;
        }
        let find = |is_it: &dyn Fn(&Contract) -> bool| venues.iter().position(|venue| is_it(&venue.contract));
        let contract = || find(&|contract| contract.symbol == upper);
        let pair = || find(&|contract| contract.pair == upper && contract.is_perpetual());
        match (what, speed) {
            ("aggTrade", None) => contract().map(Self::AggTrade),
            ("bookTicker", None) => contract().map(Self::BookTicker),
            ("miniTicker", None) => contract().map(Self::MiniTicker),
            ("ticker", None) => contract().map(Self::Ticker),
            ("forceOrder", None) => contract().map(Self::ForceOrder),
            ("rpiDepth", Some("500ms")) => contract().map(Self::RpiDiff),
            ("depth", _) => contract().zip(diff_speed(speed)).map(|(venue, speed)| Self::Diff(venue, speed)),
            ("markPrice", _) => {
                let fast = fast(speed)?;
                if let Some(venue) = contract() {
                    return Some(Self::MarkPrice(venue, fast));
                }
                let contract = &venues.get(pair()?)?.contract;
                contract.is_inverse().then_some(Self::PairMarkPrices(contract.pair, fast))
            }
            ("indexPrice", _) => pair().zip(fast(speed)).map(|(venue, fast)| Self::IndexPrice(venue, fast)),
            ("compositeIndex", None) => (upper == indices::COMPOSITE).then_some(Self::CompositeIndex),
            ("assetIndex", None) => {
                indices::ASSETS.iter().position(|asset| asset.symbol == upper).map(Self::AssetIndex)
            }
            _ => {
                if let Some(levels) = what.strip_prefix("depth") {
                    let levels = LEVELS.into_iter().find(|known| levels == known.to_string())?;
                    let speed = diff_speed(speed)?;
                    return contract().map(|venue| Self::Partial(venue, levels, speed));
                }
                let (kind, interval) = what.split_once('_').filter(|_| speed.is_none())?;
                let continuous = kind == "continuousKline";
                let interval = if continuous { Interval::parse } else { Interval::of_contract }(interval)?;
                match kind {
                    "kline" => contract().map(|venue| Self::Kline(venue, interval)),
                    "continuousKline" => {
                        let (pair, term) = upper.split_once('_')?;
                        let venue = find(&|contract| {
                            let is_linear_if_second = interval != Interval::S1 || !contract.is_inverse();
                            contract.pair == pair && contract.term_name() == term && is_linear_if_second
                        })?;
                        Some(Self::ContinuousKline(venue, interval))
                    }
                    "indexPriceKline" => pair().map(|venue| Self::IndexKline(venue, interval)),
                    "markPriceKline" => contract().map(|venue| Self::MarkKline(venue, interval)),
                    _ => None,
                }
            }
        }
    }

    /// The candles that must be kept up for it.
    pub(crate) const fn candles(self) -> Option<(usize, Interval)> {
        match self {
            Self::Kline(venue, interval)
            | Self::ContinuousKline(venue, interval)
            | Self::IndexKline(venue, interval)
            | Self::MarkKline(venue, interval) => Some((venue, interval)),
            _ => None,
        }
    }

    /// Whether a socket of this host gets it.
    pub(crate) fn is_served_on(self, host: Host, venues: &[Venue]) -> bool {
        let route = match self {
            Self::BookTicker(_)
            | Self::AllBookTickers(_)
            | Self::Diff(..)
            | Self::Partial(..)
            | Self::RpiDiff(_) => Host::Public,
            _ => Host::Market,
        };
        let routed = match host {
            Host::CoinM => true,
            Host::Unrouted => route == Host::Public,
            _ => route == host,
        };
        let on_coinm = host == Host::CoinM;
        let own = |venue: usize| {
            let market = venues.get(venue).map(|venue| venue.contract.market);
            market == Some(if on_coinm { Market::CoinM } else { Market::UsdM })
        };
        routed
            && match self {
                Self::AggTrade(venue)
                | Self::BookTicker(venue)
                | Self::Diff(venue, _)
                | Self::Partial(venue, ..)
                | Self::MiniTicker(venue)
                | Self::Ticker(venue)
                | Self::ForceOrder(venue) => own(venue),
                Self::RpiDiff(venue) => own(venue) && !on_coinm,
                Self::IndexPrice(..) => on_coinm,
                Self::CompositeIndex | Self::AssetIndex(_) | Self::AllAssetIndices | Self::TradingSession => {
                    !on_coinm
                }
                // Since 2026-06-30 both hosts have those of both markets.
                _ => true,
            }
    }
}

fn fast(speed: Option<&str>) -> Option<bool> {
    match speed {
        None => Some(false),
        Some("1s") => Some(true),
        Some(_) => None,
    }
}

fn diff_speed(speed: Option<&str>) -> Option<usize> {
    let Some(speed) = speed else { return DIFF_SPEEDS.iter().position(|speed| *speed == 250) };
    let millis = speed.strip_suffix("ms")?;
    DIFF_SPEEDS.iter().position(|speed| millis == speed.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn venues() -> Vec<Venue> {
        let contracts = Contract::all(1_767_225_600_000).into_iter().zip(0..);
        contracts.map(|(contract, number)| Venue::new(contract, 1, number, 1_767_225_600_000)).collect()
    }

    #[test]
    fn names_are_read_and_others_are_not() {
        let venues = venues();
        for (name, topic) in [
            ("btcusdt@aggTrade", Some(Topic::AggTrade(0))),
            ("ethusdt@bookTicker", Some(Topic::BookTicker(1))),
            ("币安人生usdt@aggTrade", Some(Topic::AggTrade(2))),
            ("btcusd_perp@depth", Some(Topic::Diff(3, 1))),
            ("btcusdt@depth@100ms", Some(Topic::Diff(0, 0))),
            ("btcusdt@depth@500ms", Some(Topic::Diff(0, 2))),
            ("btcusdt@depth10@100ms", Some(Topic::Partial(0, 10, 0))),
            ("btcusdt@kline_1M", Some(Topic::Kline(0, Interval::Month))),
            ("btcusdt@markPrice", Some(Topic::MarkPrice(0, false))),
            ("btcusdt@markPrice@1s", Some(Topic::MarkPrice(0, true))),
            ("btcusd@markPrice@1s", Some(Topic::PairMarkPrices("BTCUSD", true))),
            ("!markPrice@arr", Some(Topic::AllMarkPrices(false))),
            ("!bookTicker", Some(Topic::AllBookTickers(true))),
            ("!miniTicker@arr", Some(Topic::AllMiniTickers)),
            ("ethusdt@ticker", Some(Topic::Ticker(1))),
            ("btcusdt@rpiDepth@500ms", Some(Topic::RpiDiff(0))),
            ("btcusdt_perpetual@continuousKline_1m", Some(Topic::ContinuousKline(0, Interval::M1))),
            ("btcusd_current_quarter@continuousKline_1h", Some(Topic::ContinuousKline(5, Interval::H1))),
            ("btcusd@indexPriceKline_1m", Some(Topic::IndexKline(3, Interval::M1))),
            ("btcusd_perp@markPriceKline_1m", Some(Topic::MarkKline(3, Interval::M1))),
            ("btcusd@indexPrice@1s", Some(Topic::IndexPrice(3, true))),
            ("btcusdt@forceOrder", Some(Topic::ForceOrder(0))),
            ("defiusdt@compositeIndex", Some(Topic::CompositeIndex)),
            ("usdcusd@assetIndex", Some(Topic::AssetIndex(1))),
            ("tradingSession", Some(Topic::TradingSession)),
            ("btcusdt_perpetual@continuousKline_1s", Some(Topic::ContinuousKline(0, Interval::S1))),
            ("btcusd_perpetual@continuousKline_1s", None),
            ("btcusdt@kline_1s", None),
            ("btcusdt@rpiDepth", None),
            ("btcusdt@continuousKline_1m", None),
            ("btcusd_perp@indexPrice", None),
            ("btcusdt@ticker@1s", None),
            ("BTCUSDT@aggTrade", None),
            ("btcusdt@aggtrade", None),
            ("btcusdt@depth7", None),
            ("btcusdt@depth@50ms", None),
            ("btcusdt@kline_7m", None),
            ("nope@aggTrade", None),
            ("btcusdt", None),
            ("@", None),
            ("", None),
        ] {
            assert_eq!(Topic::parse(name, Host::CoinM, &venues), topic, "{name}");
        }
    }

    #[test]
    fn the_routes_serve_what_the_exchange_says() {
        let venues = venues();
        let hosts = [Host::Unrouted, Host::Public, Host::Market, Host::Private, Host::CoinM];
        for (name, served) in [
            ("btcusdt@aggTrade", [false, false, true, false, false]),
            ("btcusdt@bookTicker", [true, true, false, false, false]),
            ("btcusdt@depth", [true, true, false, false, false]),
            ("btcusd_perp@aggTrade", [false, false, false, false, true]),
            ("btcusd_perp@depth5", [false, false, false, false, true]),
            ("btcusd_perp@kline_1m", [false, false, true, false, true]),
            ("btcusdt@markPrice", [false, false, true, false, true]),
            ("!bookTicker", [true, true, false, false, true]),
            ("!markPrice@arr", [false, false, true, false, true]),
            ("btcusd@markPrice", [false, false, true, false, true]),
            ("btcusd@indexPrice", [false, false, false, false, true]),
            ("btcusd@indexPriceKline_1m", [false, false, true, false, true]),
            ("!ticker@arr", [false, false, true, false, true]),
            ("btcusdt@ticker", [false, false, true, false, false]),
            ("btcusdt@rpiDepth@500ms", [true, true, false, false, false]),
            ("!assetIndex@arr", [false, false, true, false, false]),
            ("tradingSession", [false, false, true, false, false]),
        ] {
            let topic = Topic::parse(name, Host::Public, &venues).unwrap();
            assert_eq!(hosts.map(|host| topic.is_served_on(host, &venues)), served, "{name}");
        }
    }
}
