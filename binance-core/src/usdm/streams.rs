//! Market streams and what they send.

mod events;

use crate::{
    enums::{ContractType, Interval},
    json::List,
    stream::{DepthSpeed, Levels, PriceSpeed},
};

pub use self::events::{
    AggTrade, AssetIndexUpdate, Bar, BookTicker, CompositeIndexUpdate, ContinuousKlineUpdate,
    ContractBracket, ContractInfo, DepthUpdate, IndexPart, KlineUpdate, Level, Liquidation, LiquidationOrder,
    MarkPriceUpdate, MiniTicker, Ticker, TradingSessionUpdate,
};

streams! {
    UsdM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-usd-s-m-futures/api/ws-streams/";

    /// Trades of one contract that one order made at one price within 100 milliseconds, as one.
    "{symbol}@aggTrade" on Market, python: "agg_trade", docs: "market#aggregate-trade-streams" -> AggTrade;
    pub struct AggTradeStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    }

    /// Mark price and funding of one contract.
    "{symbol}@markPrice{speed}" on Market, python: "mark_price",
        docs: "market#mark-price-stream" -> MarkPriceUpdate;
    pub struct MarkPriceStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    } optional {
        /// [`PriceSpeed::S3`] unless given.
        speed: PriceSpeed,
    }

    /// Mark price and funding of all contracts.
    "!markPrice@arr{speed}" on Market, python: "mark_price_all_market",
        docs: "market#mark-price-stream-for-all-market" -> List<'r, MarkPriceUpdate>;
    pub struct AllMarkPricesStream {} optional {
        /// [`PriceSpeed::S3`] unless given.
        speed: PriceSpeed,
    }

    /// The current candlestick of one contract, every 250 milliseconds while it changes.
    "{symbol}@kline_{interval}" on Market, python: "kline",
        docs: "market#kline-candlestick-streams" -> KlineUpdate;
    pub struct KlineStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
        /// Bar length; not [`Interval::S1`].
        interval: Interval,
    }

    /// The current candlestick of whatever contract on a pair is the one of its type, every 250 milliseconds while
    /// it changes.
    "{pair}_{contract_type}@continuousKline_{interval}" on Market, python: "continuous_kline",
        docs: "market#continuous-contract-kline-candlestick-streams" -> ContinuousKlineUpdate;
    pub struct ContinuousKlineStream<'a> {
        /// Pair, in any case.
        pair: &'a str,
        /// [`ContractType::Perpetual`], [`ContractType::CurrentQuarter`], [`ContractType::NextQuarter`] or
        /// [`ContractType::TradifiPerpetual`].
        contract_type: ContractType,
        /// Bar length.
        interval: Interval,
    }

    /// Price and volume of one contract within 24 hours, in short, every two seconds.
    "{symbol}@miniTicker" on Market, python: "mini_ticker",
        docs: "market#individual-symbol-mini-ticker-stream" -> MiniTicker;
    pub struct MiniTickerStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    }

    /// Price and volume of every contract that changed within 24 hours, in short, every second. Of both
    /// markets, on either host.
    "!miniTicker@arr" on Market, python: "mini_ticker",
        docs: "market#all-market-mini-tickers-stream" -> List<'r, MiniTicker>;
    pub struct AllMiniTickersStream {}

    /// Price and volume of one contract within 24 hours, every two seconds.
    "{symbol}@ticker" on Market, python: "ticker", docs: "market#individual-symbol-ticker-streams" -> Ticker;
    pub struct TickerStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    }

    /// Price and volume of every contract that changed within 24 hours, every second. Of both markets, on
    /// either host.
    "!ticker@arr" on Market, python: "ticker", docs: "market#all-market-tickers-streams" -> List<'r, Ticker>;
    pub struct AllTickersStream {}

    /// Best bid and ask of one contract, whenever they change.
    "{symbol}@bookTicker" on Public, python: "book_ticker",
        docs: "public#individual-symbol-book-ticker-streams" -> BookTicker;
    pub struct BookTickerStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    }

    /// Best bid and ask of every contract, every five seconds. Of both markets, on either host.
    "!bookTicker" on Public, python: "book_ticker", docs: "public#all-book-tickers-stream" -> BookTicker;
    pub struct AllBookTickersStream {}

    /// The largest liquidation of one contract within each second that has one.
    "{symbol}@forceOrder" on Market, python: "liquidation_order",
        docs: "market#liquidation-order-streams" -> Liquidation;
    pub struct LiquidationStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    }

    /// The largest liquidation of every contract within each second that has one. Of both markets, on either
    /// host.
    "!forceOrder@arr" on Market, python: "liquidation_order",
        docs: "market#all-market-liquidation-order-streams" -> Liquidation;
    pub struct AllLiquidationsStream {}

    /// The best levels of one contract's book.
    "{symbol}@depth{levels}{speed}" on Public, python: "partial_book_depth",
        docs: "public#partial-book-depth-streams" -> DepthUpdate<'r>;
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
    "{symbol}@depth{speed}" on Public, python: "diff_book_depth",
        docs: "public#diff-book-depth-streams" -> DepthUpdate<'r>;
    pub struct DiffDepthStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    } optional {
        /// [`DepthSpeed::Ms250`] unless given.
        speed: DepthSpeed,
    }

    /// The changes of one contract's book with orders of retail price improvement, every 500 milliseconds.
    "{symbol}@rpiDepth@500ms" on Public, docs: "public#rpi-diff-book-depth-streams" -> DepthUpdate<'r>;
    pub struct RpiDiffDepthStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    }

    /// What a composite index is made of, every second.
    "{symbol}@compositeIndex" on Market, python: "composite_index",
        docs: "market#composite-index-symbol-information-streams" -> CompositeIndexUpdate<'r>;
    pub struct CompositeIndexStream<'a> {
        /// The index' contract, in any case.
        symbol: &'a str,
    }

    /// Contracts that are listed, settled, or have other brackets. Of both markets, on either host.
    "!contractInfo" on Market, docs: "market#contract-info-stream" -> ContractInfo<'r>;
    pub struct ContractInfoStream {}

    /// The worth of all assets as margin in multi-assets mode, every second.
    "!assetIndex@arr" on Market, docs: "market#asset-index" -> List<'r, AssetIndexUpdate>;
    pub struct AllAssetIndicesStream {}

    /// The worth of one asset as margin in multi-assets mode, every second.
    "{asset_symbol}@assetIndex" on Market, docs: "market#asset-index" -> AssetIndexUpdate;
    pub struct AssetIndexStream<'a> {
        /// The asset and `USD`, in any case: `BTCUSD`.
        asset_symbol: &'a str,
    }

    /// What the exchanges of stocks, commodities and currencies do, every second and each by itself.
    "tradingSession" on Market, docs: "market#trading-session-stream" -> TradingSessionUpdate;
    pub struct TradingSessionStream {}
}
