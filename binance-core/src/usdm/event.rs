//! Any event of this market, told by its tag.

use super::{
    streams::{
        AggTrade, AssetIndexUpdate, BookTicker, CompositeIndexUpdate, ContinuousKlineUpdate, ContractInfo,
        DepthUpdate, KlineUpdate, Liquidation, MarkPriceUpdate, MiniTicker, Ticker, TradingSessionUpdate,
    },
    user_events::{
        AccountConfigUpdate, AccountUpdate, AlgoUpdate, ConditionalOrderTriggerReject, GridUpdate,
        ListenKeyExpired, MarginCall, OrderTradeUpdate, StrategyUpdate, TradeLite,
    },
};
use crate::stream::Event as _;

any_event! {
    UsdM;

    market data at
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-usd-s-m-futures/api/ws-streams/" {
        /// Trades that one order made, as one.
        AggTrade(AggTrade) = "aggTrade", docs: "market#aggregate-trade-streams";
        /// Best bid and ask.
        BookTicker(BookTicker) = "bookTicker", docs: "public#individual-symbol-book-ticker-streams";
        /// A change of a book, or its best levels.
        Depth(DepthUpdate<'r>) = "depthUpdate", docs: "public#diff-book-depth-streams";
        /// A candlestick.
        Kline(KlineUpdate) = "kline", docs: "market#kline-candlestick-streams";
        /// A candlestick of whatever contract is the one of its type.
        ContinuousKline(ContinuousKlineUpdate) = "continuous_kline",
            docs: "market#continuous-contract-kline-candlestick-streams";
        /// Mark price and funding.
        MarkPrice(MarkPriceUpdate) = "markPriceUpdate" many MarkPrices, docs: "market#mark-price-stream";
        /// Price and volume of 24 hours, in short.
        MiniTicker(MiniTicker) = "24hrMiniTicker" many MiniTickers,
            docs: "market#individual-symbol-mini-ticker-stream";
        /// Price and volume of 24 hours.
        Ticker(Ticker) = "24hrTicker" many Tickers, docs: "market#individual-symbol-ticker-streams";
        /// A liquidation.
        Liquidation(Liquidation) = "forceOrder", docs: "market#liquidation-order-streams";
        /// A contract is listed, settled, or has other brackets.
        ContractInfo(ContractInfo<'r>) = "contractInfo", docs: "market#contract-info-stream";
        /// What a composite index is made of.
        CompositeIndex(CompositeIndexUpdate<'r>) = "compositeIndex",
            docs: "market#composite-index-symbol-information-streams";
        /// The worth of an asset as margin.
        AssetIndex(AssetIndexUpdate) = "assetIndexUpdate" many AssetIndices, docs: "market#asset-index";
        /// What the exchanges of stocks, commodities or currencies do.
        TradingSession(TradingSessionUpdate) = "EquityUpdate" | "CommodityUpdate" | "KR_EquityUpdate" | "HK_EquityUpdate"
            | "CN_EquityUpdate" | "FXUpdate",
            docs: "market#trading-session-stream";
    }

    user data at
    "https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams/" {
        /// An order changed.
        OrderTradeUpdate(OrderTradeUpdate) = "ORDER_TRADE_UPDATE", docs: "Event-Order-Update";
        /// A fill, told early and in short.
        TradeLite(TradeLite) = "TRADE_LITE", docs: "Event-Trade-Lite";
        /// An algo order changed.
        AlgoUpdate(AlgoUpdate<'r>) = "ALGO_UPDATE", docs: "Event-Algo-Order-Update";
        /// A triggered order was refused.
        ConditionalOrderTriggerReject(ConditionalOrderTriggerReject<'r>) = "CONDITIONAL_ORDER_TRIGGER_REJECT",
            docs: "Event-Conditional-Order-Trigger-Reject";
        /// Balances or positions changed.
        AccountUpdate(AccountUpdate<'r>) = "ACCOUNT_UPDATE", docs: "Event-Balance-and-Position-Update";
        /// Leverage or margin mode changed.
        AccountConfigUpdate(AccountConfigUpdate) = "ACCOUNT_CONFIG_UPDATE",
            docs: "Event-Account-Configuration-Update-previous-Leverage-Update";
        /// Positions are near their liquidation.
        MarginCall(MarginCall<'r>) = "MARGIN_CALL", docs: "Event-Margin-Call";
        /// A strategy changed.
        StrategyUpdate(StrategyUpdate) = "STRATEGY_UPDATE", docs: "Event-STRATEGY-UPDATE";
        /// A grid changed.
        GridUpdate(GridUpdate) = "GRID_UPDATE", docs: "Event-GRID-UPDATE";
        /// The key of the user data stream ended.
        ListenKeyExpired(ListenKeyExpired) = "listenKeyExpired", docs: "Event-User-Data-Stream-Expired";
    }
}
