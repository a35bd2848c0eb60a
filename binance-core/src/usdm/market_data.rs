//! Market data: time, rules, books, trades, candlesticks, prices, statistics.

use super::by_symbol;
use crate::{
    endpoint::Weight::{self, ByLimit, Fixed},
    json::{List, OneOrMany},
    record::{Empty, ServerTime},
    time::Millis,
};

mod exchange_info;
pub(crate) mod klines;
mod records;
pub(crate) mod statistics;

#[allow(deprecated, reason = "what the exchange still answers is still declared")]
pub use self::klines::LvtKlines;
pub use self::{
    exchange_info::{ExchangeInfo, SymbolInfo},
    klines::{
        ContinuousKlines, ENDPOINTS as KLINE_ENDPOINTS, IndexPriceKlines, Kline, Klines, LvtKline,
        MarkPriceKlines, PremiumIndexKlines, PriceKline,
    },
    records::{
        AdlRisk, AggTrade, BookTicker, CompositeIndex, CompositeIndexPart, Constituent, ContractOpenInterest,
        FundingRules, IndexConstituents, InsuranceAsset, InsuranceFund, Level, MarkPrice, MarketSchedule,
        MultiAssetsIndex, OrderBook, PaidFunding, PriceChange, PriceTicker, Trade, TradingSchedules,
        TradingSession,
    },
    statistics::{
        Basis, Delivery, DeliveryPrice, ENDPOINTS as STATISTICS_ENDPOINTS, FuturesBasis,
        GlobalLongShortAccountRatio, LongShortRatio, OpenInterestHist, OpenInterestStatistics,
        TakerLongShortRatio, TakerVolume, TopLongShortAccountRatio, TopLongShortPositionRatio,
    },
};

/// The weight of a book.
const DEPTH: Weight = ByLimit { default: 500, steps: &[(50, 2), (100, 5), (500, 10), (u32::MAX, 20)] };

endpoints! {
    UsdM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-usd-s-m-futures/api/rest-api/market-data";

    /// Nothing but an answer: whether the exchange can be reached.
    GET "/fapi/v1/ping" Public, weight: Fixed(1), python: "ping", docs: "#test-connectivity" -> Empty;
    pub struct Ping {}

    /// What time it is at the exchange.
    GET "/fapi/v1/time" Public, weight: Fixed(1), python: "time", docs: "#check-server-time" -> ServerTime;
    pub struct Time {}

    /// The exchange's limits, and the rules of every contract.
    GET "/fapi/v1/exchangeInfo" Public, weight: Fixed(1), python: "exchange_info", docs: "#exchange-information"
        -> ExchangeInfo<'r>;
    pub struct ExchangeInformation {}

    /// The book of one contract, without retail price improvement.
    GET "/fapi/v1/depth" Public, weight: DEPTH, python: "depth", docs: "#order-book" -> OrderBook<'r>;
    pub struct Depth<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    } optional {
        /// How many levels a side: 5, 10, 20, 50, 100, 500 or 1000; 500 unless given.
        "limit" => limit: u16,
    }

    /// The book of one contract with retail price improvement. Where such orders cross the book they are left out.
    GET "/fapi/v1/rpiDepth" Public, weight: Fixed(20), docs: "#rpi-order-book" -> OrderBook<'r>;
    pub struct RpiDepth<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    } optional {
        /// How many levels a side: 1000, which it is anyway.
        "limit" => limit: u16,
    }

    /// The latest trades of one contract, oldest first.
    GET "/fapi/v1/trades" Public, weight: Fixed(5), python: "trades", docs: "#recent-trades-list" -> List<'r, Trade>;
    pub struct Trades<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    } optional {
        /// How many: 500 unless given, at most 1000.
        "limit" => limit: u16,
    }

    /// Trades of one contract of the last month, oldest first; the latest unless an id is given.
    GET "/fapi/v1/historicalTrades" MarketData, weight: Fixed(200), python: "historical_trades",
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

    /// Trades of one contract that one order made at one price and time, as one; oldest first, of the last 48 hours.
    /// The latest unless an id or times are given.
    GET "/fapi/v1/aggTrades" Public, weight: Fixed(20), python: "agg_trades", docs: "#compressed-aggregate-trades-list"
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

    /// Mark price, index price and funding of one contract or of all.
    GET "/fapi/v1/premiumIndex" Public, weight: by_symbol(1, 10), python: "mark_price", docs: "#mark-price"
        -> OneOrMany<'r, MarkPrice>;
    pub struct PremiumIndex<'a> {} optional {
        /// Contract, in upper case; all unless given.
        "symbol" => symbol: &'a str,
    }

    /// Funding that was paid, oldest first; the latest 200 of all contracts unless anything is given.
    ///
    /// Costs no weight, but shares 500 requests in 5 minutes and address with [`FundingInfo`].
    GET "/fapi/v1/fundingRate" Public, weight: Fixed(0), python: "funding_rate", docs: "#get-funding-rate-history"
        -> List<'r, PaidFunding>;
    pub struct FundingRate<'a> {} optional {
        /// Contract, in upper case; all unless given.
        "symbol" => symbol: &'a str,
        /// Earliest time, inclusive.
        "startTime" => start_time: Millis,
        /// Latest time, inclusive.
        "endTime" => end_time: Millis,
        /// How many: 100 unless given, at most 1000.
        "limit" => limit: u16,
    }

    /// The contracts whose funding differs from the usual in its bounds or its interval.
    ///
    /// Costs no weight, but shares 500 requests in 5 minutes and address with [`FundingRate`].
    GET "/fapi/v1/fundingInfo" Public, weight: Fixed(0), python: "funding_info", docs: "#get-funding-rate-info"
        -> List<'r, FundingRules>;
    pub struct FundingInfo {}

    /// What became of one contract or of all over the last 24 hours.
    GET "/fapi/v1/ticker/24hr" Public, weight: by_symbol(1, 40), python: "ticker_24hr_price_change",
        docs: "#ticker24hr-price-change-statistics" -> OneOrMany<'r, PriceChange>;
    pub struct Ticker24hr<'a> {} optional {
        /// Contract, in upper case; all unless given, for 40 times the weight.
        "symbol" => symbol: &'a str,
    }

    /// The latest price of one contract or of all.
    #[deprecated(note = "the exchange wants `TickerPrice` instead")]
    GET "/fapi/v1/ticker/price" Public, weight: by_symbol(1, 2), docs: "#symbol-price-ticker"
        -> OneOrMany<'r, PriceTicker>;
    pub struct TickerPriceV1<'a> {} optional {
        /// Contract, in upper case; all unless given.
        "symbol" => symbol: &'a str,
    }

    /// The latest price of one contract or of all.
    ///
    /// The reply's header tells less than it cost of the weight.
    GET "/fapi/v2/ticker/price" Public, weight: by_symbol(1, 2), python: "ticker_price",
        docs: "#symbol-price-ticker-v2" -> OneOrMany<'r, PriceTicker>;
    pub struct TickerPrice<'a> {} optional {
        /// Contract, in upper case; all unless given.
        "symbol" => symbol: &'a str,
    }

    /// Best bid and ask of one contract or of all, without retail price improvement.
    ///
    /// The reply's header tells less than it cost of the weight.
    GET "/fapi/v1/ticker/bookTicker" Public, weight: by_symbol(2, 5), python: "book_ticker",
        docs: "#symbol-order-book-ticker" -> OneOrMany<'r, BookTicker>;
    pub struct TickerBookTicker<'a> {} optional {
        /// Contract, in upper case; all unless given.
        "symbol" => symbol: &'a str,
    }

    /// How much is open in one contract now.
    GET "/fapi/v1/openInterest" Public, weight: Fixed(1), python: "open_interest", docs: "#open-interest"
        -> ContractOpenInterest;
    pub struct OpenInterest<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    }

    /// What the indices of several assets are made of.
    GET "/fapi/v1/indexInfo" Public, weight: Fixed(1), python: "index_info",
        docs: "#composite-index-symbol-information" -> OneOrMany<'r, CompositeIndex<'r>>;
    pub struct IndexInfo<'a> {} optional {
        /// Contract on such an index, in upper case; all unless given.
        "symbol" => symbol: &'a str,
    }

    /// What one asset or each is worth in USD in multi-assets mode.
    GET "/fapi/v1/assetIndex" Public, weight: by_symbol(1, 10), python: "asset_Index", docs: "#asset-index"
        -> OneOrMany<'r, MultiAssetsIndex>;
    pub struct AssetIndex<'a> {} optional {
        /// Asset and `USD`, such as `ADAUSD`; all unless given.
        "symbol" => symbol: &'a str,
    }

    /// What the index price of one contract is made of.
    GET "/fapi/v1/constituents" Public, weight: Fixed(2), python: "index_price_constituents",
        docs: "#query-index-price-constituents" -> IndexConstituents<'r>;
    pub struct Constituents<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    }

    /// What is in the insurance fund of one contract, or in each.
    GET "/fapi/v1/insuranceBalance" Public, weight: Fixed(1), docs: "#query-insurance-fund-balance-snapshot"
        -> OneOrMany<'r, InsuranceFund<'r>>;
    pub struct InsuranceBalance<'a> {} optional {
        /// Contract, in upper case; all unless given.
        "symbol" => symbol: &'a str,
    }

    /// How likely auto-deleveraging is for one contract or for each. Renewed every 30 minutes.
    GET "/fapi/v1/symbolAdlRisk" Public, weight: Fixed(1), docs: "#adl-risk" -> OneOrMany<'r, AdlRisk>;
    pub struct SymbolAdlRisk<'a> {} optional {
        /// Contract, in upper case; all unless given.
        "symbol" => symbol: &'a str,
    }

    /// When the exchanges of the stocks and commodities are open that contracts are on.
    GET "/fapi/v1/tradingSchedule" Public, weight: Fixed(5), docs: "#trading-schedule" -> TradingSchedules<'r>;
    pub struct TradingSchedule {}
}
