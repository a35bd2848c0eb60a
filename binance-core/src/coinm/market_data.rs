//! Market data: time, rules, books, trades, candlesticks, prices, statistics.

use super::by_symbol;
use crate::{
    endpoint::Weight::{self, ByLimit, Fixed},
    json::List,
    record::{Empty, ServerTime},
    time::Millis,
};

mod exchange_info;
pub(crate) mod klines;
mod records;
pub(crate) mod statistics;

pub use self::{
    exchange_info::{ExchangeInfo, SymbolInfo},
    klines::{
        ContinuousKlines, ENDPOINTS as KLINE_ENDPOINTS, IndexPriceKlines, Kline, Klines, MarkPriceKlines,
        PremiumIndexKlines, PriceKline,
    },
    records::{
        AggTrade, BookTicker, Constituent, ContractOpenInterest, Funding, FundingTerms, IndexPrice, Level,
        MarkPrice, OrderBook, PriceTicker, Ticker, Trade,
    },
    statistics::{
        Basis, BasisStatistic, ENDPOINTS as STATISTICS_ENDPOINTS, GlobalLongShortAccountRatio,
        LongShortPositionRatio, LongShortRatio, OpenInterestHist, OpenInterestStatistic, TakerBuySellVol,
        TakerContractType, TakerVolume, TopLongShortAccountRatio, TopLongShortPositionRatio,
    },
};

/// The weight of a book.
const DEPTH: Weight = ByLimit { default: 500, steps: &[(50, 2), (100, 5), (500, 10), (u32::MAX, 20)] };

endpoints! {
    CoinM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-coin-m-futures/api/rest-api/market-data";

    /// Nothing but an answer: whether the exchange can be reached.
    GET "/dapi/v1/ping" Public, weight: Fixed(1), python: "ping", docs: "#test-connectivity" -> Empty;
    pub struct Ping {}

    /// What time it is at the exchange.
    GET "/dapi/v1/time" Public, weight: Fixed(1), python: "time", docs: "#check-server-time" -> ServerTime;
    pub struct Time {}

    /// The exchange's limits, and the rules of every contract.
    GET "/dapi/v1/exchangeInfo" Public, weight: Fixed(1), python: "exchange_info", docs: "#exchange-information"
        -> ExchangeInfo<'r>;
    pub struct ExchangeInformation {}

    /// The book of one contract.
    GET "/dapi/v1/depth" Public, weight: DEPTH, python: "depth", docs: "#order-book" -> OrderBook<'r>;
    pub struct Depth<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    } optional {
        /// How many levels a side: 5, 10, 20, 50, 100, 500 or 1000; 500 unless given.
        "limit" => limit: u16,
    }

    /// The latest trades of one contract, oldest first.
    GET "/dapi/v1/trades" Public, weight: Fixed(5), python: "trades", docs: "#recent-trades-list" -> List<'r, Trade>;
    pub struct Trades<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    } optional {
        /// How many: 500 unless given, at most 1000.
        "limit" => limit: u16,
    }

    /// Trades of one contract of the last month, oldest first; the latest unless an id is given.
    GET "/dapi/v1/historicalTrades" MarketData, weight: Fixed(200), python: "historical_trades",
        docs: "#old-trades-lookup" -> List<'r, Trade>;
    pub struct HistoricalTrades<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    } optional {
        /// How many: 100 unless given, at most 500.
        "limit" => limit: u16,
        /// From this id on.
        "fromId" => from_id: u64,
    }

    /// Trades of one contract that one order made at one price and time, as one; oldest first, of the last 48 hours. The
    /// latest unless an id or times are given.
    GET "/dapi/v1/aggTrades" Public, weight: Fixed(20), python: "agg_trades", docs: "#compressed-aggregate-trades-list"
        -> List<'r, AggTrade>;
    pub struct AggTrades<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    } optional {
        /// From this id on, inclusive. Not together with the times.
        "fromId" => from_id: u64,
        /// Earliest time, inclusive. At most an hour before `end_time`.
        "startTime" => start_time: Millis,
        /// Latest time, inclusive.
        "endTime" => end_time: Millis,
        /// How many: 500 unless given, at most 1000.
        "limit" => limit: u16,
    }

    /// Mark price, index price and funding of one contract, of those of a pair, or of all.
    GET "/dapi/v1/premiumIndex" Public, weight: Fixed(10), python: "mark_price", docs: "#index-price-and-mark-price"
        -> List<'r, MarkPrice>;
    pub struct PremiumIndex<'a> {} optional {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// Pair, in upper case.
        "pair" => pair: &'a str,
    }

    /// Funding that was paid on one perpetual contract, oldest first.
    GET "/dapi/v1/fundingRate" Public, weight: Fixed(1), python: "funding_rate",
        docs: "#get-funding-rate-history-of-perpetual-futures" -> List<'r, Funding>;
    pub struct FundingRate<'a> {
        /// Contract, in upper case; a perpetual one.
        "symbol" => symbol: &'a str,
    } optional {
        /// Earliest time, inclusive.
        "startTime" => start_time: Millis,
        /// Latest time, inclusive.
        "endTime" => end_time: Millis,
        /// How many: 100 unless given, at most 1000.
        "limit" => limit: u16,
    }

    /// The contracts whose funding differs from the usual in its bounds or its interval.
    // No source states its weight.
    GET "/dapi/v1/fundingInfo" Public, weight: Fixed(1), docs: "#get-funding-rate-info" -> List<'r, FundingTerms>;
    pub struct FundingInfo {}

    /// What became of one contract, of those of a pair, or of all over the last 24 hours.
    GET "/dapi/v1/ticker/24hr" Public, weight: by_symbol(1, 40), python: "ticker_24hr_price_change",
        docs: "#ticker24hr-price-change-statistics" -> List<'r, Ticker>;
    pub struct Ticker24hr<'a> {} optional {
        /// Contract, in upper case; all unless given, for 40 times the weight. Not together with a pair.
        "symbol" => symbol: &'a str,
        /// Pair, in upper case.
        "pair" => pair: &'a str,
    }

    /// The latest price of one contract, of those of a pair, or of all.
    GET "/dapi/v1/ticker/price" Public, weight: by_symbol(1, 2), python: "ticker_price",
        docs: "#symbol-price-ticker" -> List<'r, PriceTicker>;
    pub struct TickerPrice<'a> {} optional {
        /// Contract, in upper case. Not together with a pair.
        "symbol" => symbol: &'a str,
        /// Pair, in upper case.
        "pair" => pair: &'a str,
    }

    /// Best bid and ask of one contract, of those of a pair, or of all.
    GET "/dapi/v1/ticker/bookTicker" Public, weight: by_symbol(2, 5),
        python: "book_ticker", docs: "#symbol-order-book-ticker" -> List<'r, BookTicker>;
    pub struct TickerBookTicker<'a> {} optional {
        /// Contract, in upper case. Not together with a pair.
        "symbol" => symbol: &'a str,
        /// Pair, in upper case.
        "pair" => pair: &'a str,
    }

    /// How much is open in one contract now.
    GET "/dapi/v1/openInterest" Public, weight: Fixed(1), python: "open_interest", docs: "#open-interest"
        -> ContractOpenInterest;
    pub struct OpenInterest<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    }

    /// What an index price is made of.
    GET "/dapi/v1/constituents" Public, weight: Fixed(1), python: "query_index_price_constituents",
        docs: "#query-index-price-constituents" -> IndexPrice<'r>;
    pub struct Constituents<'a> {
        /// Pair, in upper case, whose index price it is.
        "symbol" => symbol: &'a str,
    }
}
