//! The names of market streams, and who may see which.

use binance_core::endpoint::Market;

use crate::{
    book::DIFF_SPEEDS,
    market::{Venue, interval::Interval},
};

/// What a market stream tells. Contracts are meant by their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    /// `<symbol>@aggTrade`
    AggTrade(usize),
    /// `<symbol>@bookTicker`
    BookTicker(usize),
    /// `!bookTicker`
    AllBookTickers,
    /// `<symbol>@depth[@speed]`, by the number of the speed.
    Diff(usize, usize),
    /// `<symbol>@depth<levels>[@speed]`, by the number of the speed.
    Partial(usize, usize, usize),
    /// `<symbol>@kline_<interval>`
    Kline(usize, Interval),
    /// `<symbol>@markPrice[@1s]`; whether it is the fast one.
    MarkPrice(usize, bool),
    /// `!markPrice@arr[@1s]`; whether it is the fast one.
    AllMarkPrices(bool),
    /// `<pair>@markPrice[@1s]` of COIN-M; whether it is the fast one.
    PairMarkPrices(&'static str, bool),
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

/// How many levels a partial book may have.
const LEVELS: [usize; 3] = [5, 10, 20];

impl Topic {
    /// The topic of a stream's name, or `None` for a name that means nothing here: the exchange takes such a
    /// subscription too, and never sends anything.
    pub(crate) fn parse(name: &str, venues: &[Venue]) -> Option<Self> {
        match name {
            "!bookTicker" => return Some(Self::AllBookTickers),
            "!markPrice@arr" => return Some(Self::AllMarkPrices(false)),
            "!markPrice@arr@1s" => return Some(Self::AllMarkPrices(true)),
            _ => {}
        }
        let (symbol, what) = name.split_once('@')?;
        let (what, speed) = match what.split_once('@') {
            Some((what, speed)) => (what, Some(speed)),
            None => (what, None),
        };
        // The exchange wants lower case.
        let upper = symbol.to_uppercase();
        if upper.to_lowercase() != symbol {
            return None;
        }
        let Some(venue) = venues.iter().position(|venue| venue.contract.symbol == upper) else {
            let mut contracts = venues.iter().map(|venue| &venue.contract);
            let pair = contracts.find(|contract| contract.is_inverse() && contract.pair == upper)?.pair;
            return (what == "markPrice")
                .then(|| fast(speed))
                .flatten()
                .map(|fast| Self::PairMarkPrices(pair, fast));
        };
        match (what, speed) {
            ("aggTrade", None) => Some(Self::AggTrade(venue)),
            ("bookTicker", None) => Some(Self::BookTicker(venue)),
            ("markPrice", _) => fast(speed).map(|fast| Self::MarkPrice(venue, fast)),
            ("depth", _) => diff_speed(speed).map(|speed| Self::Diff(venue, speed)),
            _ => {
                if let Some(levels) = what.strip_prefix("depth") {
                    let levels = LEVELS.into_iter().find(|known| levels == known.to_string())?;
                    return diff_speed(speed).map(|speed| Self::Partial(venue, levels, speed));
                }
                let interval = what.strip_prefix("kline_").filter(|_| speed.is_none())?;
                Interval::parse(interval).map(|interval| Self::Kline(venue, interval))
            }
        }
    }

    /// Whether a socket of this host gets it.
    pub(crate) fn is_served_on(self, host: Host, venues: &[Venue]) -> bool {
        let route = match self {
            Self::BookTicker(_) | Self::AllBookTickers | Self::Diff(..) | Self::Partial(..) => Host::Public,
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
                | Self::Partial(venue, ..) => own(venue),
                // Both hosts have those of both markets.
                Self::Kline(..) | Self::MarkPrice(..) | Self::AllBookTickers => true,
                Self::AllMarkPrices(_) => !on_coinm,
                Self::PairMarkPrices(..) => on_coinm,
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
    use crate::contracts::Contract;

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
            ("!bookTicker", Some(Topic::AllBookTickers)),
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
            assert_eq!(Topic::parse(name, &venues), topic, "{name}");
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
            ("!markPrice@arr", [false, false, true, false, false]),
            ("btcusd@markPrice", [false, false, false, false, true]),
        ] {
            let topic = Topic::parse(name, &venues).unwrap();
            assert_eq!(hosts.map(|host| topic.is_served_on(host, &venues)), served, "{name}");
        }
    }
}
