//! Any event of this market, told by its tag.

use super::{
    streams::{
        AggTrade, BookTicker, ContinuousKlineUpdate, ContractInfo, DepthUpdate, IndexPriceUpdate,
        KlineUpdate, Liquidation, MarkPriceUpdate, MiniTicker, PriceKlineUpdate, Ticker,
    },
    user_events::{
        AccountConfigUpdate, AccountUpdate, GridUpdate, ListenKeyExpired, MarginCall, OrderTradeUpdate,
        StrategyUpdate,
    },
};
use crate::stream::Event as _;

any_event! {
    CoinM;

    market data at
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-coin-m-futures/api/ws-streams/" {
        /// Trades that one order made, as one.
        AggTrade(AggTrade) = "aggTrade", docs: "~#aggregate-trade-streams";
        /// Best bid and ask.
        BookTicker(BookTicker) = "bookTicker", docs: "~#individual-symbol-book-ticker-streams";
        /// A change of a book, or its best levels.
        Depth(DepthUpdate<'r>) = "depthUpdate", docs: "~#diff-book-depth-streams";
        /// A candlestick.
        Kline(KlineUpdate) = "kline", docs: "~#kline-candlestick-streams";
        /// A candlestick of whatever contract is the one of its type.
        ContinuousKline(ContinuousKlineUpdate) = "continuous_kline",
            docs: "~#continuous-contract-kline-candlestick-streams";
        /// A candlestick of an index price.
        IndexPriceKline(PriceKlineUpdate) = "indexPrice_kline", docs: "~#index-kline-candlestick-streams";
        /// A candlestick of a mark price.
        MarkPriceKline(PriceKlineUpdate) = "markPrice_kline", docs: "~#mark-price-kline-candlestick-streams";
        /// An index price.
        IndexPrice(IndexPriceUpdate) = "indexPriceUpdate", docs: "~#index-price-stream";
        /// Mark price and funding.
        MarkPrice(MarkPriceUpdate) = "markPriceUpdate" many MarkPrices, docs: "~#mark-price-stream";
        /// Price and volume of 24 hours, in short.
        MiniTicker(MiniTicker) = "24hrMiniTicker" many MiniTickers,
            docs: "~#individual-symbol-mini-ticker-stream";
        /// Price and volume of 24 hours.
        Ticker(Ticker) = "24hrTicker" many Tickers, docs: "~#individual-symbol-ticker-streams";
        /// A liquidation.
        Liquidation(Liquidation) = "forceOrder", docs: "~#market-liquidation-order-streams";
        /// A contract is listed, settled, or has other brackets.
        ContractInfo(ContractInfo<'r>) = "contractInfo", docs: "~#contract-info-stream";
    }

    user data at
    "https://developers.binance.com/docs/derivatives/coin-margined-futures/user-data-streams/" {
        /// An order changed.
        OrderTradeUpdate(OrderTradeUpdate) = "ORDER_TRADE_UPDATE", docs: "Event-Order-Update";
        /// Balances or positions changed.
        AccountUpdate(AccountUpdate<'r>) = "ACCOUNT_UPDATE", docs: "Event-Balance-and-Position-Update";
        /// Leverage or margin mode changed.
        AccountConfigUpdate(AccountConfigUpdate) = "ACCOUNT_CONFIG_UPDATE",
            docs: "Event-Account-Configuration-Update";
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
