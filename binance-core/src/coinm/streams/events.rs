//! What market streams send.

use crate::{
    decimal::Decimal,
    enums::{ContractType, EventType, Interval},
    json::Rows,
    open::{MaybeDecimal, Open},
    record::Contracts,
    text::Symbol,
    time::Millis,
};

pub use crate::{
    coinm::market_data::Level,
    record::events::{
        ContractBracket, ContractInfo, Liquidation, LiquidationOrder, MarkPriceUpdate, MiniTicker, Ticker,
    },
};

event! {
    /// Trades that one order made at one price, as one.
    #[doc(alias = "aggTrade")]
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
        /// The quantity, in contracts.
        "q" => quantity: Contracts,
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

    /// Best bid and ask of one contract. Quantities of USDⓈ-M, which [`AllBookTickersStream`] sends too, are in the
    /// base asset.
    ///
    /// [`AllBookTickersStream`]: super::AllBookTickersStream
    #[doc(alias = "bookTicker")]
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
        /// What stands there, in contracts.
        "B" => bid_quantity: Contracts,
        /// The best ask.
        "a" => ask_price: Decimal,
        /// What stands there, in contracts.
        "A" => ask_quantity: Contracts,
        /// The market: 1 is USDⓈ-M, 2 is COIN-M.
        "st" ? market: u8,
    }

    /// A change of a contract's book, or its best levels.
    ///
    /// Changes follow each other without a gap when `previous_update_id` is the `final_update_id` of the last one:
    /// [`follows`](Self::follows).
    #[doc(alias = "depthUpdate")]
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
        /// The last change in the event before; -1 where there is none.
        "pu" ? previous_update_id: i64,
        /// Levels of the bid side; a quantity of 0 removes one.
        "b" => bids: Rows<'r, Level>,
        /// Levels of the ask side; a quantity of 0 removes one.
        "a" => asks: Rows<'r, Level>,
        /// The market: 1 is USDⓈ-M, 2 is COIN-M.
        "st" ? market: u8,
    }

    /// The current candlestick of a contract.
    #[doc(alias = "kline")]
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

    /// The current candlestick of whatever contract is the one of its type.
    #[doc(alias = "continuous_kline")]
    pub struct ContinuousKlineUpdate {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// What the contract is on.
        "ps" => pair: Symbol,
        /// The type.
        "ct" => contract_type: Open<ContractType>,
        /// The candlestick. It names no contract.
        "k" => kline: Bar,
        /// The market: 1 is USDⓈ-M, 2 is COIN-M.
        "st" ? market: u8,
    }

    /// The current candlestick of an index price or a mark price.
    pub struct PriceKlineUpdate {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// The pair.
        "ps" => pair: Symbol,
        /// The candlestick. Nothing is traded in it: its volumes are 0, its trades are the prices that it was made from,
        /// and the contract of an index price is `0`.
        "k" => kline: Bar,
    }

    /// The index price of a pair, which [`pair`](Self::pair) tells.
    #[doc(alias = "indexPriceUpdate")]
    pub struct IndexPriceUpdate {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// The pair, as the exchange's pages have it.
        "i" ? pair: Symbol,
        /// The pair, as the exchange announced to send it from 2026-06-30 on.
        "s" ? symbol: Symbol,
        /// The index price.
        "p" => index_price: Decimal,
    }
}

impl DepthUpdate<'_> {
    /// Whether nothing is missing between this and the event whose `final_update_id` is given.
    pub fn follows(&self, final_update_id: u64) -> bool {
        self.previous_update_id.is_some_and(|id| u64::try_from(id) == Ok(final_update_id))
    }
}

impl IndexPriceUpdate {
    /// The pair, under whichever of its two names it came.
    pub fn pair(&self) -> Option<&Symbol> {
        self.pair.as_ref().or(self.symbol.as_ref())
    }
}

record! {
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
        /// Traded, in contracts.
        "v" ? volume: Contracts,
        /// How many trades.
        "n" ? trades: u64,
        /// Whether it is complete.
        "x" ? is_closed: bool,
        /// Traded, in the base asset.
        "q" ? base_volume: Decimal,
        /// Bought by takers, in contracts.
        "V" ? taker_buy_volume: Contracts,
        /// Bought by takers, in the base asset.
        "Q" ? taker_buy_base_volume: Decimal,
        /// A value without a meaning.
        "B" ? unused: MaybeDecimal,
    }
}
