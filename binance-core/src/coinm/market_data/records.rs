//! What market data shows of books, trades, prices and indices.

use crate::{
    decimal::Decimal,
    enums::ContractType,
    json::List,
    open::{MaybeDecimal, Open},
    record::Contracts,
    text::{Symbol, Text},
    time::Millis,
};

record! {
    /// The book of one contract at one moment.
    pub struct OrderBook<'r> {
        /// The last change that is in it.
        "lastUpdateId" => last_update_id: u64,
        /// The contract.
        "symbol" ? symbol: Symbol,
        /// What the contract is on.
        "pair" ? pair: Symbol,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// When the matching engine was at it.
        "T" ? transaction_time: Millis,
        /// Best first.
        "bids" => bids: List<'r, Level>,
        /// Best first.
        "asks" => asks: List<'r, Level>,
    }

    /// One trade.
    pub struct Trade {
        /// Its id.
        "id" => id: u64,
        /// The price.
        "price" => price: Decimal,
        /// How many contracts.
        "qty" => quantity: Contracts,
        /// What they are worth, in the base asset.
        "baseQty" ? base_quantity: Decimal,
        /// When it was.
        "time" ? time: Millis,
        /// Whether the buyer was the maker.
        "isBuyerMaker" ? is_buyer_maker: bool,
    }

    /// Trades that one order made at one price and time, as one.
    pub struct AggTrade {
        /// Its id.
        "a" => id: u64,
        /// The price.
        "p" => price: Decimal,
        /// How many contracts.
        "q" => quantity: Contracts,
        /// The first trade in it.
        "f" ? first_trade_id: u64,
        /// The last trade in it.
        "l" ? last_trade_id: u64,
        /// When it was.
        "T" ? time: Millis,
        /// Whether the buyer was the maker.
        "m" ? is_buyer_maker: bool,
    }

    /// Mark price, index price and funding of one contract.
    pub struct MarkPrice {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// What the contract is on.
        "pair" ? pair: Symbol,
        /// The mark price.
        "markPrice" ? mark_price: Decimal,
        /// The index price.
        "indexPrice" ? index_price: Decimal,
        /// What the settlement price would be; to the point in the last hour before it only.
        "estimatedSettlePrice" ? estimated_settle_price: Decimal,
        /// The last funding rate; `""` for contracts that have none.
        "lastFundingRate" ? last_funding_rate: MaybeDecimal,
        /// The interest rate; `""` for contracts that have none.
        "interestRate" ? interest_rate: MaybeDecimal,
        /// When funding is next; 0 for contracts that have none.
        "nextFundingTime" ? next_funding_time: Millis,
        /// When it was.
        "time" ? time: Millis,
    }

    /// Best bid and ask of one contract.
    pub struct BookTicker {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// What the contract is on.
        "pair" ? pair: Symbol,
        /// The last change of the book that is in it.
        "lastUpdateId" ? last_update_id: u64,
        /// The best bid.
        "bidPrice" => bid_price: Decimal,
        /// How many contracts stand there.
        "bidQty" => bid_quantity: Contracts,
        /// The best ask.
        "askPrice" => ask_price: Decimal,
        /// How many contracts stand there.
        "askQty" => ask_quantity: Contracts,
        /// When the matching engine was at it.
        "time" ? time: Millis,
    }

    /// What became of one contract over the last 24 hours.
    pub struct Ticker {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// What the contract is on.
        "pair" ? pair: Symbol,
        /// The last price less the first.
        "priceChange" ? price_change: Decimal,
        /// The same in percent of the first.
        "priceChangePercent" ? price_change_percent: Decimal,
        /// The mean price, weighted by quantity.
        "weightedAvgPrice" ? weighted_avg_price: Decimal,
        /// The last price.
        "lastPrice" => last_price: Decimal,
        /// How many contracts the last trade was of.
        "lastQty" ? last_quantity: Contracts,
        /// The first price.
        "openPrice" ? open_price: Decimal,
        /// The highest price.
        "highPrice" ? high_price: Decimal,
        /// The lowest price.
        "lowPrice" ? low_price: Decimal,
        /// How many contracts traded.
        "volume" ? volume: Contracts,
        /// Traded, in the base asset.
        "baseVolume" ? base_volume: Decimal,
        /// When it begins.
        "openTime" ? open_time: Millis,
        /// When it ends.
        "closeTime" ? close_time: Millis,
        /// The first trade in it, -1 where there is none.
        "firstId" ? first_id: i64,
        /// The last trade in it, -1 where there is none.
        "lastId" ? last_id: i64,
        /// How many trades.
        "count" ? count: u64,
    }

    /// The latest price of one contract.
    pub struct PriceTicker {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// What the contract is on.
        "ps" ? pair: Symbol,
        /// The price.
        "price" => price: Decimal,
        /// When the matching engine was at it.
        "time" ? time: Millis,
    }

    /// Funding that was paid.
    pub struct Funding {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// When it was paid.
        "fundingTime" => funding_time: Millis,
        /// The rate: what long positions paid to short ones, as a part of the notional; negative the other way round.
        "fundingRate" => funding_rate: Decimal,
    }

    /// How funding of a contract differs from the usual.
    pub struct FundingTerms {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// The highest rate.
        "adjustedFundingRateCap" ? adjusted_funding_rate_cap: Decimal,
        /// The lowest rate.
        "adjustedFundingRateFloor" ? adjusted_funding_rate_floor: Decimal,
        /// The hours from one funding to the next.
        "fundingIntervalHours" ? funding_interval_hours: u32,
        /// Not to be used.
        "disclaimer" ? disclaimer: bool,
    }

    /// How much is open in one contract.
    pub struct ContractOpenInterest {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// What the contract is on.
        "pair" ? pair: Symbol,
        /// How many contracts.
        "openInterest" => open_interest: Contracts,
        /// What kind of contract it is.
        "contractType" ? contract_type: Open<ContractType>,
        /// When the matching engine was at it.
        "time" ? time: Millis,
    }

    /// What an index price is made of.
    pub struct IndexPrice<'r> {
        /// The pair.
        "symbol" => symbol: Symbol,
        /// When that was.
        "time" ? time: Millis,
        /// The prices that it is made of.
        "constituents" => constituents: List<'r, Constituent>,
    }

    /// One of the prices that an index price is made of.
    pub struct Constituent {
        /// The exchange that has it.
        "exchange" => exchange: Text<31>,
        /// The exchange's name for what is traded.
        "symbol" => symbol: Text<47>,
        /// The price.
        "price" ? price: Decimal,
        /// Its part of the index: 0 to 1.
        "weight" ? weight: Decimal,
    }
}

row! {
    /// One level of a book.
    pub struct Level {
        /// The price.
        price: Decimal,
        /// How many contracts stand there; 0 in a diff removes the level.
        quantity: Contracts,
    }
}
