//! Candlesticks of all kinds.

use crate::{
    decimal::Decimal,
    endpoint::Weight::{self, ByLimit, Fixed},
    enums::{ContractType, Interval, Period},
    json::List,
    open::MaybeDecimal,
    time::Millis,
};

/// The weight of candlesticks of every kind but those of leveraged tokens.
const KLINES: Weight = ByLimit { default: 500, steps: &[(99, 1), (499, 2), (1_000, 5), (u32::MAX, 10)] };

endpoints! {
    UsdM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-usd-s-m-futures/api/rest-api/market-data";

    /// Candlesticks of one contract, oldest first; the latest unless times are given.
    GET "/fapi/v1/klines" Public, weight: KLINES, python: "klines", docs: "#kline-candlestick-data" -> List<'r, Kline>;
    pub struct Klines<'a> {
        /// Contract, in upper case; those of COIN-M are answered too.
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

    /// Candlesticks of whatever contract of a kind a pair has at the time, oldest first; the latest unless times are
    /// given.
    GET "/fapi/v1/continuousKlines" Public, weight: KLINES, python: "continuous_klines",
        docs: "#continuous-contract-kline-candlestick-data" -> List<'r, Kline>;
    pub struct ContinuousKlines<'a> {
        /// Pair, in upper case; those of COIN-M are answered too.
        "pair" => pair: &'a str,
        /// [`ContractType::Perpetual`], [`ContractType::CurrentQuarter`], [`ContractType::NextQuarter`] or
        /// [`ContractType::TradifiPerpetual`].
        "contractType" => contract_type: ContractType,
        /// Bar length, from one second on.
        "interval" => interval: Interval,
    } optional {
        /// Earliest open time.
        "startTime" => start_time: Millis,
        /// Latest open time.
        "endTime" => end_time: Millis,
        /// How many: 500 unless given, at most 1500.
        "limit" => limit: u16,
    }

    /// Candlesticks of a pair's index price, oldest first; the latest unless times are given.
    GET "/fapi/v1/indexPriceKlines" Public, weight: KLINES, python: "index_price_klines",
        docs: "#index-price-kline-candlestick-data" -> List<'r, PriceKline>;
    pub struct IndexPriceKlines<'a> {
        /// Pair, in upper case; those of COIN-M are answered too.
        "pair" => pair: &'a str,
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

    /// Candlesticks of one contract's mark price, oldest first; the latest unless times are given.
    GET "/fapi/v1/markPriceKlines" Public, weight: KLINES, python: "mark_price_klines",
        docs: "#mark-price-kline-candlestick-data" -> List<'r, PriceKline>;
    pub struct MarkPriceKlines<'a> {
        /// Contract, in upper case; those of COIN-M are answered too.
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

    /// Candlesticks of one contract's premium over its index, oldest first; the latest unless times are given.
    GET "/fapi/v1/premiumIndexKlines" Public, weight: KLINES, docs: "#premium-index-kline-data"
        -> List<'r, PriceKline>;
    pub struct PremiumIndexKlines<'a> {
        /// Contract, in upper case; those of COIN-M are answered too.
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

    /// Candlesticks of a leveraged token's net asset value, oldest first; the latest unless times are given.
    #[deprecated(note = "gone from the exchange's documentation together with leveraged tokens")]
    GET "/fapi/v1/lvtKlines" Public, weight: Fixed(1), python: "blvt_kline", docs: "" -> List<'r, LvtKline>;
    pub struct LvtKlines<'a> {
        /// Token, such as `BTCDOWN`.
        "symbol" => symbol: &'a str,
        /// Bar length.
        "interval" => interval: Period,
    } optional {
        /// Earliest open time.
        "startTime" => start_time: Millis,
        /// Latest open time.
        "endTime" => end_time: Millis,
        /// How many: 500 unless given, at most 1000.
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
        /// Traded, in the base asset.
        volume: Decimal,
        /// When it closes: the last millisecond of it.
        close_time: Millis,
        /// Traded, in the quote asset.
        quote_volume: Decimal,
        /// How many trades.
        trades: u64,
        /// Bought by takers, in the base asset.
        taker_buy_volume: Decimal,
        /// Bought by takers, in the quote asset.
        taker_buy_quote_volume: Decimal,
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
        unused_quote_volume: MaybeDecimal,
        /// How many values it is made of. The exchange says that it has no meaning.
        count: u64,
    }

    /// A candlestick of a leveraged token's net asset value.
    pub struct LvtKline {
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
        /// The leverage that it really had.
        real_leverage: Decimal,
        /// When it closes: the last millisecond of it.
        close_time: Millis,
        /// A value without a meaning.
        unused_quote_volume: MaybeDecimal,
        /// How many values it is made of.
        count: u64,
    }
}
