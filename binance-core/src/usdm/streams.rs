//! Market streams and what they send.

use crate::{
    decimal::Decimal,
    enums::{EventType, Interval},
    json::Rows,
    open::{MaybeDecimal, Open},
    stream::{Levels, UpdateSpeed},
    text::Symbol,
    time::Millis,
};

pub use super::market_data::Level;

streams! {
    UsdM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-usd-s-m-futures/api/ws-streams/";

    /// Trades of one contract that one order made at one price within 100 milliseconds, as one.
    "{symbol}@aggTrade" on Market, python: "agg_trade", docs: "market#aggregate-trade-streams" -> AggTrade;
    pub struct AggTradeStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    }

    /// Best bid and ask of one contract, whenever they change.
    "{symbol}@bookTicker" on Public, python: "book_ticker", docs: "public#individual-symbol-book-ticker-streams"
        -> BookTicker;
    pub struct BookTickerStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    }

    /// The changes of one contract's book, to be applied to a snapshot.
    "{symbol}@depth{speed}" on Public, python: "diff_book_depth", docs: "public#diff-book-depth-streams"
        -> DepthUpdate<'r>;
    pub struct DiffDepthStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    } optional {
        /// [`UpdateSpeed::Ms100`], [`UpdateSpeed::Ms250`] (unless given) or [`UpdateSpeed::Ms500`].
        speed: UpdateSpeed,
    }

    /// The best levels of one contract's book.
    "{symbol}@depth{levels}{speed}" on Public, python: "partial_book_depth",
        docs: "public#partial-book-depth-streams" -> DepthUpdate<'r>;
    pub struct PartialDepthStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
        /// How many a side.
        levels: Levels,
    } optional {
        /// [`UpdateSpeed::Ms100`], [`UpdateSpeed::Ms250`] (unless given) or [`UpdateSpeed::Ms500`].
        speed: UpdateSpeed,
    }

    /// The current candlestick of one contract, every 250 milliseconds while it changes.
    "{symbol}@kline_{interval}" on Market, python: "kline", docs: "market#kline-candlestick-streams" -> KlineUpdate;
    pub struct KlineStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
        /// Bar length.
        interval: Interval,
    }

    /// Mark price and funding of one contract.
    "{symbol}@markPrice{speed}" on Market, python: "mark_price", docs: "market#mark-price-stream" -> MarkPriceUpdate;
    pub struct MarkPriceStream<'a> {
        /// Contract, in any case.
        symbol: &'a str,
    } optional {
        /// [`UpdateSpeed::S3`] (unless given) or [`UpdateSpeed::S1`].
        speed: UpdateSpeed,
    }
}

event! {
    /// Trades that one order made at one price, as one.
    pub struct AggTrade {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// The contract.
        "s" => symbol: Symbol,
        /// Its id.
        "a" => id: u64,
        /// The price.
        "p" => price: Decimal,
        /// The quantity, in the base asset.
        "q" => quantity: Decimal,
        /// The quantity without retail price improvement.
        "nq" ? normal_quantity: Decimal,
        /// The first trade in it.
        "f" ? first_trade_id: u64,
        /// The last trade in it.
        "l" ? last_trade_id: u64,
        /// When it was.
        "T" ? trade_time: Millis,
        /// Whether the buyer was the maker.
        "m" ? is_buyer_maker: bool,
        /// What the contract is on.
        "ps" ? pair: Symbol,
        /// The market: 1 is USDⓈ-M, 2 is COIN-M.
        "st" ? market: u8,
    }

    /// Best bid and ask of one contract.
    pub struct BookTicker {
        /// What it is.
        "e" => event_type: EventType,
        /// The last change of the book that is in it.
        "u" ? update_id: u64,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// When the matching engine was at it.
        "T" ? transaction_time: Millis,
        /// The contract.
        "s" => symbol: Symbol,
        /// What the contract is on.
        "ps" ? pair: Symbol,
        /// The best bid.
        "b" => bid_price: Decimal,
        /// What stands there, in the base asset.
        "B" => bid_quantity: Decimal,
        /// The best ask.
        "a" => ask_price: Decimal,
        /// What stands there, in the base asset.
        "A" => ask_quantity: Decimal,
        /// The market: 1 is USDⓈ-M, 2 is COIN-M.
        "st" ? market: u8,
    }

    /// A change of a contract's book, or its best levels.
    ///
    /// Changes follow each other without a gap when `previous_update_id` is the `final_update_id` of the last one.
    pub struct DepthUpdate<'r> {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// When the matching engine was at it.
        "T" ? transaction_time: Millis,
        /// The contract.
        "s" => symbol: Symbol,
        /// What the contract is on.
        "ps" ? pair: Symbol,
        /// The first change in it.
        "U" ? first_update_id: u64,
        /// The last change in it.
        "u" => final_update_id: u64,
        /// The last change in the event before.
        "pu" ? previous_update_id: u64,
        /// Levels of the bid side; a quantity of 0 removes one.
        "b" => bids: Rows<'r, Level>,
        /// Levels of the ask side; a quantity of 0 removes one.
        "a" => asks: Rows<'r, Level>,
        /// The market: 1 is USDⓈ-M, 2 is COIN-M.
        "st" ? market: u8,
    }

    /// The current candlestick of a contract.
    pub struct KlineUpdate {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// The contract.
        "s" => symbol: Symbol,
        /// The candlestick.
        "k" => kline: Bar,
        /// What the contract is on.
        "ps" ? pair: Symbol,
        /// The market: 1 is USDⓈ-M, 2 is COIN-M.
        "st" ? market: u8,
    }

    /// A candlestick, complete or not.
    pub struct Bar {
        /// When it opened.
        "t" => open_time: Millis,
        /// When it closes: the last millisecond of it.
        "T" ? close_time: Millis,
        /// The contract.
        "s" ? symbol: Symbol,
        /// Bar length.
        "i" ? interval: Open<Interval>,
        /// The first trade in it.
        "f" ? first_trade_id: i64,
        /// The last trade in it.
        "L" ? last_trade_id: i64,
        /// The first price.
        "o" => open: Decimal,
        /// The last price.
        "c" => close: Decimal,
        /// The highest price.
        "h" => high: Decimal,
        /// The lowest price.
        "l" => low: Decimal,
        /// Traded, in the base asset.
        "v" ? volume: Decimal,
        /// How many trades.
        "n" ? trades: u64,
        /// Whether it is complete.
        "x" ? is_closed: bool,
        /// Traded, in the quote asset.
        "q" ? quote_volume: Decimal,
        /// Bought by takers, in the base asset.
        "V" ? taker_buy_volume: Decimal,
        /// Bought by takers, in the quote asset.
        "Q" ? taker_buy_quote_volume: Decimal,
        /// A value without a meaning.
        "B" ? unused: MaybeDecimal,
    }

    /// Mark price and funding of a contract.
    pub struct MarkPriceUpdate {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// The contract.
        "s" => symbol: Symbol,
        /// The mark price.
        "p" => mark_price: Decimal,
        /// The index price.
        "i" ? index_price: Decimal,
        /// What the settlement price would be; to the point in the last hour before it only.
        "P" ? estimated_settle_price: Decimal,
        /// The funding rate; `""` for contracts that have none.
        "r" ? funding_rate: MaybeDecimal,
        /// The moving average of the mark price.
        "ap" ? average_mark_price: Decimal,
        /// When funding is next; 0 for contracts that have none.
        "T" ? next_funding_time: Millis,
        /// What the contract is on.
        "ps" ? pair: Symbol,
        /// The market: 1 is USDⓈ-M, 2 is COIN-M.
        "st" ? market: u8,
    }
}
