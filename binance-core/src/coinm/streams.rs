//! Market streams and what they send.

mod events;

use crate::{
    enums::{ContractType, Interval},
    json::List,
    stream::{DepthSpeed, Levels, PriceSpeed},
};

pub use self::events::{
    AggTrade, Bar, BookTicker, ContinuousKlineUpdate, ContractBracket, ContractInfo, DepthUpdate,
    IndexPriceUpdate, KlineUpdate, Level, Liquidation, LiquidationOrder, MarkPriceUpdate, MiniTicker,
    PriceKlineUpdate, Ticker,
};

streams! {
    CoinM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-coin-m-futures/api/ws-streams/";

    /// Trades of one contract that one order made at one price within 100 milliseconds, as one.
    "{symbol}@aggTrade", python: "agg_trade", docs: "~#aggregate-trade-streams" -> AggTrade;
    pub struct AggTradeStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    }

    /// Index price of one pair.
    "{pair}@indexPrice{speed}", python: "index_price", docs: "~#index-price-stream" -> IndexPriceUpdate;
    pub struct IndexPriceStream<'a> {
        /// Pair, in any case.
        pair: &'a str,
    } optional {
        /// [`PriceSpeed::S3`] unless given.
        speed: PriceSpeed,
    }

    /// Mark price and funding of all contracts on one pair.
    "{pair}@markPrice{speed}", python: "pair_mark_price",
        docs: "~#mark-price-of-all-symbols-of-apair" -> List<'r, MarkPriceUpdate>;
    pub struct PairMarkPriceStream<'a> {
        /// Pair, in any case.
        pair: &'a str,
    } optional {
        /// [`PriceSpeed::S3`] unless given.
        speed: PriceSpeed,
    }

    /// Mark price and funding of one contract.
    "{symbol}@markPrice{speed}", python: "mark_price", docs: "~#mark-price-stream" -> MarkPriceUpdate;
    pub struct MarkPriceStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    } optional {
        /// [`PriceSpeed::S3`] unless given.
        speed: PriceSpeed,
    }

    /// The current candlestick of one contract, every 250 milliseconds while it changes.
    "{symbol}@kline_{interval}", python: "kline", docs: "~#kline-candlestick-streams" -> KlineUpdate;
    pub struct KlineStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
        /// Bar length; not [`Interval::S1`].
        interval: Interval,
    }

    /// The current candlestick of whatever contract on a pair is the one of its type, every 250 milliseconds while
    /// it changes.
    "{pair}_{contract_type}@continuousKline_{interval}", python: "continuous_kline",
        docs: "~#continuous-contract-kline-candlestick-streams" -> ContinuousKlineUpdate;
    pub struct ContinuousKlineStream<'a> {
        /// Pair, in any case.
        pair: &'a str,
        /// [`ContractType::Perpetual`], [`ContractType::CurrentQuarter`] or [`ContractType::NextQuarter`].
        contract_type: ContractType,
        /// Bar length; not [`Interval::S1`].
        interval: Interval,
    }

    /// The current candlestick of one pair's index price, every 250 milliseconds while it changes.
    "{pair}@indexPriceKline_{interval}", python: "index_kline",
        docs: "~#index-kline-candlestick-streams" -> PriceKlineUpdate;
    pub struct IndexPriceKlineStream<'a> {
        /// Pair, in any case.
        pair: &'a str,
        /// Bar length; not [`Interval::S1`].
        interval: Interval,
    }

    /// The current candlestick of one contract's mark price, every 250 milliseconds while it changes.
    "{symbol}@markPriceKline_{interval}", python: "mark_kline",
        docs: "~#mark-price-kline-candlestick-streams" -> PriceKlineUpdate;
    pub struct MarkPriceKlineStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
        /// Bar length; not [`Interval::S1`].
        interval: Interval,
    }

    /// Price and volume of one contract within 24 hours, in short, every 500 milliseconds.
    "{symbol}@miniTicker", python: "mini_ticker",
        docs: "~#individual-symbol-mini-ticker-stream" -> MiniTicker;
    pub struct MiniTickerStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    }

    /// Price and volume of every contract that changed within 24 hours, in short, every second. Of both
    /// markets, on either host.
    "!miniTicker@arr", python: "mini_ticker",
        docs: "~#all-market-mini-tickers-stream" -> List<'r, MiniTicker>;
    pub struct AllMiniTickersStream {}

    /// Price and volume of one contract within 24 hours, every 500 milliseconds.
    "{symbol}@ticker", python: "ticker", docs: "~#individual-symbol-ticker-streams" -> Ticker;
    pub struct TickerStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    }

    /// Price and volume of every contract that changed within 24 hours, every second. Of both markets, on
    /// either host.
    "!ticker@arr", python: "ticker", docs: "~#all-market-tickers-streams" -> List<'r, Ticker>;
    pub struct AllTickersStream {}

    /// Best bid and ask of one contract, whenever they change.
    "{symbol}@bookTicker", python: "book_ticker",
        docs: "~#individual-symbol-book-ticker-streams" -> BookTicker;
    pub struct BookTickerStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    }

    /// Best bid and ask of every contract, whenever they change. Of both markets, on either host.
    "!bookTicker", python: "book_ticker", docs: "~#all-book-tickers-stream" -> BookTicker;
    pub struct AllBookTickersStream {}

    /// The largest liquidation of one contract within each second that has one.
    "{symbol}@forceOrder", python: "liquidation_order",
        docs: "~#market-liquidation-order-streams" -> Liquidation;
    pub struct LiquidationStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    }

    /// The largest liquidation of every contract within each second that has one. Of both markets, on either
    /// host.
    "!forceOrder@arr", python: "liquidation_order",
        docs: "~#all-market-liquidation-order-streams" -> Liquidation;
    pub struct AllLiquidationsStream {}

    /// The best levels of one contract's book.
    "{symbol}@depth{levels}{speed}", python: "partial_book_depth",
        docs: "~#partial-book-depth-streams" -> DepthUpdate<'r>;
    pub struct PartialDepthStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
        /// How many a side.
        levels: Levels,
    } optional {
        /// [`DepthSpeed::Ms250`] unless given.
        speed: DepthSpeed,
    }

    /// The changes of one contract's book, to be applied to a snapshot.
    "{symbol}@depth{speed}", python: "diff_book_depth", docs: "~#diff-book-depth-streams" -> DepthUpdate<'r>;
    pub struct DiffDepthStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    } optional {
        /// [`DepthSpeed::Ms250`] unless given.
        speed: DepthSpeed,
    }

    /// Contracts that are listed, settled, or have other brackets. Of both markets, on either host.
    "!contractInfo", docs: "~#contract-info-stream" -> ContractInfo<'r>;
    pub struct ContractInfoStream {}
}
