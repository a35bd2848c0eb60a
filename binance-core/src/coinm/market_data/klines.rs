//! Candlesticks of all kinds.

use crate::{
    decimal::Decimal,
    endpoint::Weight::{self, ByLimit},
    enums::{ContractType, Interval},
    json::List,
    open::MaybeDecimal,
    record::Contracts,
    time::Millis,
};

/// The weight of candlesticks of every kind.
const KLINES: Weight = ByLimit { default: 500, steps: &[(99, 1), (499, 2), (1_000, 5), (u32::MAX, 10)] };

endpoints! {
    CoinM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-coin-m-futures/api/rest-api/market-data";

    /// Candlesticks of one contract, oldest first; the latest unless times are given.
    GET "/dapi/v1/klines" Public, weight: KLINES, python: "klines", docs: "#kline-candlestick-data" -> List<'r, Kline>;
    pub struct Klines<'a> {
        /// Contract, in upper case; those of USDⓈ-M are answered too.
        "symbol" => symbol: &'a str,
        /// Bar length, from one minute on.
        "interval" => interval: Interval,
    } optional {
        /// Earliest open time. At most 200 days before `end_time`.
        "startTime" => start_time: Millis,
        /// Latest open time.
        "endTime" => end_time: Millis,
        /// How many: 500 unless given, at most 1500.
        "limit" => limit: u16,
    }

    /// Candlesticks of whatever contract of a kind a pair has at the time, oldest first; the latest unless times are
    /// given.
    GET "/dapi/v1/continuousKlines" Public, weight: KLINES, python: "continuous_klines",
        docs: "#continuous-contract-kline-candlestick-data" -> List<'r, Kline>;
    pub struct ContinuousKlines<'a> {
        /// Pair, in upper case; those of USDⓈ-M are answered too.
        "pair" => pair: &'a str,
        /// [`ContractType::Perpetual`], [`ContractType::CurrentQuarter`] or [`ContractType::NextQuarter`].
        "contractType" => contract_type: ContractType,
        /// Bar length, from one minute on.
        "interval" => interval: Interval,
    } optional {
        /// Earliest open time. At most 200 days before `end_time`.
        "startTime" => start_time: Millis,
        /// Latest open time.
        "endTime" => end_time: Millis,
        /// How many: 500 unless given, at most 1500.
        "limit" => limit: u16,
    }

    /// Candlesticks of a pair's index price, oldest first; the latest unless times are given.
    GET "/dapi/v1/indexPriceKlines" Public, weight: KLINES, python: "index_price_klines",
        docs: "#index-price-kline-candlestick-data" -> List<'r, PriceKline>;
    pub struct IndexPriceKlines<'a> {
        /// Pair, in upper case; those of USDⓈ-M are answered too.
        "pair" => pair: &'a str,
        /// Bar length, from one minute on.
        "interval" => interval: Interval,
    } optional {
        /// Earliest open time. At most 200 days before `end_time`.
        "startTime" => start_time: Millis,
        /// Latest open time.
        "endTime" => end_time: Millis,
        /// How many: 500 unless given, at most 1500.
        "limit" => limit: u16,
    }

    /// Candlesticks of one contract's mark price, oldest first; the latest unless times are given.
    GET "/dapi/v1/markPriceKlines" Public, weight: KLINES, python: "mark_price_klines",
        docs: "#mark-price-kline-candlestick-data" -> List<'r, PriceKline>;
    pub struct MarkPriceKlines<'a> {
        /// Contract, in upper case; those of USDⓈ-M are answered too.
        "symbol" => symbol: &'a str,
        /// Bar length, from one minute on.
        "interval" => interval: Interval,
    } optional {
        /// Earliest open time. At most 200 days before `end_time`.
        "startTime" => start_time: Millis,
        /// Latest open time.
        "endTime" => end_time: Millis,
        /// How many: 500 unless given, at most 1500.
        "limit" => limit: u16,
    }

    /// Candlesticks of one contract's premium over its index, oldest first; the latest unless times are given.
    GET "/dapi/v1/premiumIndexKlines" Public, weight: KLINES, docs: "#premium-index-kline-data"
        -> List<'r, PriceKline>;
    pub struct PremiumIndexKlines<'a> {
        /// Contract, in upper case; those of USDⓈ-M are answered too.
        "symbol" => symbol: &'a str,
        /// Bar length, from one minute on.
        "interval" => interval: Interval,
    } optional {
        /// Earliest open time.
        "startTime" => start_time: Millis,
        /// Latest open time.
        "endTime" => end_time: Millis,
        /// How many: 500 unless given, at most 1500.
        "limit" => limit: u16,
    }
}

row! {
    /// A candlestick.
    pub struct Kline {
        /// When it opened.
        open_time: Millis,
        /// The first price.
        open: Decimal,
        /// The highest price.
        high: Decimal,
        /// The lowest price.
        low: Decimal,
        /// The last price.
        close: Decimal,
        /// How many contracts traded.
        volume: Contracts,
        /// When it closes: the last millisecond of it.
        close_time: Millis,
        /// Traded, in the base asset.
        base_volume: Decimal,
        /// How many trades.
        trades: u64,
        /// Contracts bought by takers.
        taker_buy_volume: Contracts,
        /// Bought by takers, in the base asset.
        taker_buy_base_volume: Decimal,
        /// A value without a meaning.
        unused: MaybeDecimal,
    }

    /// A candlestick of a price at which nothing is traded: an index, a mark price or a premium.
    pub struct PriceKline {
        /// When it opened.
        open_time: Millis,
        /// The first value.
        open: Decimal,
        /// The highest value.
        high: Decimal,
        /// The lowest value.
        low: Decimal,
        /// The last value.
        close: Decimal,
        /// A value without a meaning.
        unused_volume: MaybeDecimal,
        /// When it closes: the last millisecond of it.
        close_time: Millis,
        /// A value without a meaning.
        unused_base_volume: MaybeDecimal,
        /// How many values it is made of.
        count: u64,
    }
}
