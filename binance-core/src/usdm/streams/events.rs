//! What market streams send.

use crate::{
    decimal::Decimal,
    enums::{ContractType, EventType, Interval, TradingSessionType},
    json::{List, Rows},
    open::{MaybeDecimal, Open},
    text::{Asset, Symbol, Text},
    time::Millis,
};

pub use crate::{
    record::events::{
        ContractBracket, ContractInfo, Liquidation, LiquidationOrder, MarkPriceUpdate, MiniTicker, Ticker,
    },
    usdm::market_data::Level,
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

    /// Best bid and ask of one contract. Quantities of COIN-M, which [`AllBookTickersStream`] sends too, are in
    /// contracts.
    ///
    /// [`AllBookTickersStream`]: super::AllBookTickersStream
    #[doc(alias = "bookTicker")]
    pub struct BookTicker {
        /// What it is.
        "e" => event_type: EventType,
        /// The last change of the book that is in it.
        "u" ? update_id: u64,
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
        /// When the matching engine was at it.
        "T" ? transaction_time: Millis,
        /// When it was sent.
        "E" ? event_time: Millis,
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

    /// What a composite index is made of.
    #[doc(alias = "compositeIndex")]
    pub struct CompositeIndexUpdate<'r> {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// The index' contract.
        "s" => symbol: Symbol,
        /// The index.
        "p" => price: Decimal,
        /// What it is made of: `baseAsset`.
        "C" ? component: Text<15>,
        /// The parts.
        "c" ? composition: List<'r, IndexPart>,
    }

    /// The worth of an asset as margin in multi-assets mode, in US dollars.
    #[doc(alias = "assetIndexUpdate")]
    pub struct AssetIndexUpdate {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// The asset and `USD`.
        "s" => symbol: Symbol,
        /// The price of the asset.
        "i" => index: Decimal,
        /// By which part less is paid for it.
        "b" ? bid_buffer: Decimal,
        /// By which part more is paid for it.
        "a" ? ask_buffer: Decimal,
        /// What it is worth as margin.
        "B" ? bid_rate: Decimal,
        /// What it counts where it is owed.
        "A" ? ask_rate: Decimal,
        /// The bid buffer of the automatic exchange.
        "q" ? auto_exchange_bid_buffer: Decimal,
        /// The ask buffer of the automatic exchange.
        "g" ? auto_exchange_ask_buffer: Decimal,
        /// The bid rate of the automatic exchange.
        "Q" ? auto_exchange_bid_rate: Decimal,
        /// The ask rate of the automatic exchange.
        "G" ? auto_exchange_ask_rate: Decimal,
    }

    /// What the exchanges of stocks, commodities or currencies do. Which of them, the type of the event says.
    #[doc(alias = "tradingSession")]
    pub struct TradingSessionUpdate {
        /// Which of them.
        "e" => event_type: Open<EventType>,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// When the session began.
        "t" => start_time: Millis,
        /// When it ends.
        "T" => end_time: Millis,
        /// What they do.
        "S" => session: Open<TradingSessionType>,
    }
}

impl DepthUpdate<'_> {
    /// Whether nothing is missing between this and the event whose `final_update_id` is given.
    pub fn follows(&self, final_update_id: u64) -> bool {
        self.previous_update_id.is_some_and(|id| u64::try_from(id) == Ok(final_update_id))
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

    /// An asset in a composite index.
    pub struct IndexPart {
        /// The asset.
        "b" => base_asset: Asset,
        /// What its price is in.
        "q" ? quote_asset: Asset,
        /// How much of it is in the index.
        "w" ? weight_in_quantity: Decimal,
        /// Its share of the index, 1 being all of it.
        "W" ? weight_in_percentage: Decimal,
        /// The index price of the asset.
        "i" ? index_price: Decimal,
    }
}
