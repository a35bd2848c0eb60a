//! Any event of this market, told by its tag.

use super::{
    streams::{AggTrade, BookTicker, DepthUpdate, KlineUpdate, MarkPriceUpdate},
    user_events::{AccountUpdate, ListenKeyExpired, OrderTradeUpdate},
};
use crate::stream::Event as _;

any_event! {
    /// Trades that one order made, as one.
    AggTrade(AggTrade) = "aggTrade";
    /// Best bid and ask.
    BookTicker(BookTicker) = "bookTicker";
    /// A change of a book, or its best levels.
    Depth(DepthUpdate<'r>) = "depthUpdate";
    /// A candlestick.
    Kline(KlineUpdate) = "kline";
    /// Mark price and funding.
    MarkPrice(MarkPriceUpdate) = "markPriceUpdate" many MarkPrices;
    /// An order changed.
    OrderTradeUpdate(OrderTradeUpdate) = "ORDER_TRADE_UPDATE";
    /// Balances or positions changed.
    AccountUpdate(AccountUpdate<'r>) = "ACCOUNT_UPDATE";
    /// The key of the user data stream ended.
    ListenKeyExpired(ListenKeyExpired) = "listenKeyExpired";
}
