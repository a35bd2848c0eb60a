//! What market data shows of books, trades, prices and indices.

use crate::{
    decimal::Decimal,
    enums::{AdlRiskRating, FundingRateType, TradingSessionType},
    json::{List, Map},
    open::{MaybeDecimal, Open},
    text::{Asset, Symbol, Text},
    time::Millis,
};

record! {
    /// The book of one contract at one moment.
    pub struct OrderBook<'r> {
        /// The last change that is in it.
        "lastUpdateId" => last_update_id: u64,
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
        /// The quantity, in the base asset.
        "qty" => quantity: Decimal,
        /// Price times quantity.
        "quoteQty" ? quote_quantity: Decimal,
        /// When it was.
        "time" ? time: Millis,
        /// Whether the buyer was the maker.
        "isBuyerMaker" ? is_buyer_maker: bool,
        /// Whether it was a retail price improvement.
        "isRPITrade" ? is_rpi_trade: bool,
    }

    /// Trades that one order made at one price and time, as one.
    pub struct AggTrade {
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
        "T" ? time: Millis,
        /// Whether the buyer was the maker.
        "m" ? is_buyer_maker: bool,
    }

    /// Mark price, index price and funding of one contract.
    pub struct MarkPrice {
        /// The contract.
        "symbol" => symbol: Symbol,
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
        /// The last change of the book that is in it.
        "lastUpdateId" ? last_update_id: u64,
        /// The best bid.
        "bidPrice" => bid_price: Decimal,
        /// What stands there, in the base asset.
        "bidQty" => bid_quantity: Decimal,
        /// The best ask.
        "askPrice" => ask_price: Decimal,
        /// What stands there, in the base asset.
        "askQty" => ask_quantity: Decimal,
        /// When the matching engine was at it.
        "time" ? time: Millis,
    }

    /// Funding that was paid.
    pub struct PaidFunding {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// The rate: what long positions paid to short ones, as a part of the notional; negative the other way round.
        "fundingRate" => funding_rate: Decimal,
        /// When it was paid.
        "fundingTime" => funding_time: Millis,
        /// The mark price that it was reckoned at.
        "markPrice" ? mark_price: Decimal,
        /// Whether it was the usual funding.
        "rateType" ? rate_type: Open<FundingRateType>,
    }

    /// How funding of a contract differs from the usual.
    pub struct FundingRules {
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

    /// What became of one contract over the last 24 hours.
    pub struct PriceChange {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// The last price less the first.
        "priceChange" ? price_change: Decimal,
        /// The same in percent of the first.
        "priceChangePercent" ? price_change_percent: Decimal,
        /// The mean price, weighted by quantity.
        "weightedAvgPrice" ? weighted_avg_price: Decimal,
        /// The last price.
        "lastPrice" => last_price: Decimal,
        /// The last quantity, in the base asset.
        "lastQty" ? last_quantity: Decimal,
        /// The first price.
        "openPrice" ? open_price: Decimal,
        /// The highest price.
        "highPrice" ? high_price: Decimal,
        /// The lowest price.
        "lowPrice" ? low_price: Decimal,
        /// Traded, in the base asset.
        "volume" ? volume: Decimal,
        /// Traded, in the quote asset.
        "quoteVolume" ? quote_volume: Decimal,
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
        /// The price.
        "price" => price: Decimal,
        /// When the matching engine was at it.
        "time" ? time: Millis,
    }

    /// How much is open in one contract.
    pub struct ContractOpenInterest {
        /// In the base asset.
        "openInterest" => open_interest: Decimal,
        /// The contract.
        "symbol" => symbol: Symbol,
        /// When the matching engine was at it.
        "time" ? time: Millis,
    }

    /// What an index of several assets is made of.
    pub struct CompositeIndex<'r> {
        /// The contract on it.
        "symbol" => symbol: Symbol,
        /// When that was.
        "time" ? time: Millis,
        /// What it is made of: `baseAsset`.
        "component" ? component: Text<31>,
        /// Its parts.
        "baseAssetList" ? base_asset_list: List<'r, CompositeIndexPart>,
    }

    /// A part of an index of several assets.
    pub struct CompositeIndexPart {
        /// The asset.
        "baseAsset" => base_asset: Asset,
        /// What its price is in.
        "quoteAsset" ? quote_asset: Asset,
        /// How much of the asset is in the index.
        "weightInQuantity" ? weight_in_quantity: Decimal,
        /// Its part of the index: 0 to 1.
        "weightInPercentage" ? weight_in_percentage: Decimal,
    }

    /// What one asset is worth in USD in multi-assets mode.
    pub struct MultiAssetsIndex {
        /// The asset and `USD`.
        "symbol" => symbol: Symbol,
        /// When that was.
        "time" ? time: Millis,
        /// The index.
        "index" => index: Decimal,
        /// How far the bid is below the index, as a part of it.
        "bidBuffer" ? bid_buffer: Decimal,
        /// How far the ask is above the index, as a part of it.
        "askBuffer" ? ask_buffer: Decimal,
        /// The rate at which a positive balance counts.
        "bidRate" ? bid_rate: Decimal,
        /// The rate at which a negative balance counts.
        "askRate" ? ask_rate: Decimal,
        /// How far the bid of an automatic exchange is below the index, as a part of it.
        "autoExchangeBidBuffer" ? auto_exchange_bid_buffer: Decimal,
        /// How far the ask of an automatic exchange is above the index, as a part of it.
        "autoExchangeAskBuffer" ? auto_exchange_ask_buffer: Decimal,
        /// The rate at which a positive balance is exchanged automatically.
        "autoExchangeBidRate" ? auto_exchange_bid_rate: Decimal,
        /// The rate at which a negative balance is exchanged automatically.
        "autoExchangeAskRate" ? auto_exchange_ask_rate: Decimal,
    }

    /// What the index price of a contract is made of.
    pub struct IndexConstituents<'r> {
        /// The contract.
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
        /// The price; -1 where it is hidden, as it is for stocks and commodities.
        "price" ? price: Decimal,
        /// Its part of the index: 0 to 1.
        "weight" ? weight: Decimal,
    }

    /// An insurance fund, and the contracts that share it.
    pub struct InsuranceFund<'r> {
        /// The contracts.
        "symbols" => symbols: List<'r, Symbol>,
        /// What is in it.
        "assets" => assets: List<'r, InsuranceAsset>,
    }

    /// What an insurance fund has of one asset.
    pub struct InsuranceAsset {
        /// The asset.
        "asset" => asset: Asset,
        /// How much.
        "marginBalance" => margin_balance: Decimal,
        /// When it changed last.
        "updateTime" ? update_time: Millis,
    }

    /// How likely auto-deleveraging is for one contract.
    pub struct AdlRisk {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// How likely it is.
        "adlRisk" => adl_risk: Open<AdlRiskRating>,
        /// When it changed last; every 30 minutes.
        "updateTime" ? update_time: Millis,
    }

    /// When the exchanges of stocks and commodities are open.
    pub struct TradingSchedules<'r> {
        /// When it changed last.
        "updateTime" ? update_time: Millis,
        /// The sessions of each market: `EQUITY`, `COMMODITY`, `FX`, `KR_EQUITY`, `HK_EQUITY`, `CN_EQUITY`.
        "marketSchedules" => market_schedules: Map<'r, MarketSchedule<'r>>,
    }

    /// When one market is open.
    pub struct MarketSchedule<'r> {
        /// Its sessions, earliest first.
        "sessions" => sessions: List<'r, TradingSession>,
    }

    /// A time in which a market does one thing.
    pub struct TradingSession {
        /// When it begins.
        "startTime" => start_time: Millis,
        /// When it ends.
        "endTime" => end_time: Millis,
        /// What the market does.
        "type" => kind: Open<TradingSessionType>,
    }
}

row! {
    /// One level of a book.
    pub struct Level {
        /// The price.
        price: Decimal,
        /// What stands there, in the base asset; 0 in a diff removes the level.
        quantity: Decimal,
    }
}
