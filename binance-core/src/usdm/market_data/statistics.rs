//! Statistics of what is traded and held, under `/futures/data`: they cost no weight, and most have a limit of their
//! own of 1,000 requests in 5 minutes and address.

use crate::{
    decimal::Decimal,
    endpoint::Weight::Fixed,
    enums::{ContractType, Period},
    json::List,
    open::Open,
    record::Quoted,
    text::Symbol,
    time::Millis,
};

endpoints! {
    UsdM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-usd-s-m-futures/api/rest-api/market-data";

    /// How much is open in one contract, over the last month; the latest rows unless times are given.
    GET "/futures/data/openInterestHist" Public, weight: Fixed(0), python: "open_interest_hist",
        docs: "#open-interest-statistics" -> List<'r, OpenInterestStatistics>;
    pub struct OpenInterestHist<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// How long a time one row is of.
        "period" => period: Period,
    } optional {
        /// How many rows: 30 unless given, at most 500.
        "limit" => limit: u16,
        /// Earliest time, not more than a month ago.
        "startTime" => start_time: Millis,
        /// Latest time.
        "endTime" => end_time: Millis,
    }

    /// Long against short positions of the fifth of the accounts with the highest margin, over the last 30 days; the
    /// latest rows unless times are given.
    GET "/futures/data/topLongShortPositionRatio" MarketData, weight: Fixed(0),
        python: "top_long_short_position_ratio", docs: "#top-trader-long-short-ratio-positions" -> List<'r, LongShortRatio>;
    pub struct TopLongShortPositionRatio<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// How long a time one row is of.
        "period" => period: Period,
    } optional {
        /// How many rows: 30 unless given, at most 500.
        "limit" => limit: u16,
        /// Earliest time, not more than 30 days ago.
        "startTime" => start_time: Millis,
        /// Latest time.
        "endTime" => end_time: Millis,
    }

    /// Accounts that are long against accounts that are short, of the fifth with the highest margin, over the last 30
    /// days; the latest rows unless times are given.
    GET "/futures/data/topLongShortAccountRatio" MarketData, weight: Fixed(0), python: "top_long_short_account_ratio",
        docs: "#top-trader-long-short-ratio-accounts" -> List<'r, LongShortRatio>;
    pub struct TopLongShortAccountRatio<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// How long a time one row is of.
        "period" => period: Period,
    } optional {
        /// How many rows: 30 unless given, at most 500.
        "limit" => limit: u16,
        /// Earliest time, not more than 30 days ago.
        "startTime" => start_time: Millis,
        /// Latest time.
        "endTime" => end_time: Millis,
    }

    /// Accounts that are long against accounts that are short, of all, over the last 30 days; the latest rows unless
    /// times are given.
    GET "/futures/data/globalLongShortAccountRatio" Public, weight: Fixed(0), python: "long_short_account_ratio",
        docs: "#long-short-ratio" -> List<'r, LongShortRatio>;
    pub struct GlobalLongShortAccountRatio<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// How long a time one row is of.
        "period" => period: Period,
    } optional {
        /// How many rows: 30 unless given, at most 500.
        "limit" => limit: u16,
        /// Earliest time, not more than 30 days ago.
        "startTime" => start_time: Millis,
        /// Latest time.
        "endTime" => end_time: Millis,
    }

    /// What takers bought and sold of one contract, over the last 30 days; the latest rows unless times are given.
    GET "/futures/data/takerlongshortRatio" Public, weight: Fixed(0), python: "taker_long_short_ratio",
        docs: "#taker-buy-sell-volume" -> List<'r, TakerVolume>;
    pub struct TakerLongShortRatio<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// How long a time one row is of.
        "period" => period: Period,
    } optional {
        /// How many rows: 30 unless given, at most 500.
        "limit" => limit: u16,
        /// Earliest time, not more than 30 days ago.
        "startTime" => start_time: Millis,
        /// Latest time.
        "endTime" => end_time: Millis,
    }

    /// How far the contracts of a pair are from its index, over the last 30 days; the latest rows unless times are
    /// given.
    GET "/futures/data/basis" Public, weight: Fixed(0), docs: "#basis" -> List<'r, FuturesBasis>;
    pub struct Basis<'a> {
        /// Pair, in upper case.
        "pair" => pair: &'a str,
        /// [`ContractType::Perpetual`], [`ContractType::CurrentQuarter`] or [`ContractType::NextQuarter`].
        "contractType" => contract_type: ContractType,
        /// How long a time one row is of.
        "period" => period: Period,
    } optional {
        /// How many rows: 30 unless given, at most 500.
        "limit" => limit: u16,
        /// Earliest time, not more than 30 days ago.
        "startTime" => start_time: Millis,
        /// Latest time.
        "endTime" => end_time: Millis,
    }

    /// The prices at which the quarterly contracts of a pair were settled, latest first.
    #[doc(alias = "delivery-price")]
    GET "/futures/data/delivery-price" Public, weight: Fixed(0), python: "quarterly_contract_settlement_price",
        docs: "#quarterly-contract-settlement-price" -> List<'r, Delivery>;
    pub struct DeliveryPrice<'a> {
        /// Pair, in upper case.
        "pair" => pair: &'a str,
    }
}

record! {
    /// How much was open in one contract at one time.
    pub struct OpenInterestStatistics {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// In the base asset.
        "sumOpenInterest" => sum_open_interest: Decimal,
        /// In the quote asset.
        "sumOpenInterestValue" ? sum_open_interest_value: Decimal,
        /// How much of the base asset there is in all, as CoinMarketCap has it.
        "CMCCirculatingSupply" ? cmc_circulating_supply: Decimal,
        /// When that was.
        "timestamp" => timestamp: Quoted<Millis>,
    }

    /// Long against short in one contract at one time.
    pub struct LongShortRatio {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// Long divided by short.
        "longShortRatio" => long_short_ratio: Decimal,
        /// The part that is long: 0 to 1, of accounts or of positions.
        "longAccount" ? long_account: Decimal,
        /// The part that is short: 0 to 1, of accounts or of positions.
        "shortAccount" ? short_account: Decimal,
        /// When that was.
        "timestamp" => timestamp: Quoted<Millis>,
    }

    /// What takers bought and sold in one period.
    pub struct TakerVolume {
        /// Bought divided by sold.
        "buySellRatio" => buy_sell_ratio: Decimal,
        /// Bought, in the base asset.
        "buyVol" ? buy_vol: Decimal,
        /// Sold, in the base asset.
        "sellVol" ? sell_vol: Decimal,
        /// When that was.
        "timestamp" => timestamp: Quoted<Millis>,
    }

    /// How far a contract was from its index at one time.
    pub struct FuturesBasis {
        /// The price of the index.
        "indexPrice" ? index_price: Decimal,
        /// What kind of contract it is.
        "contractType" => contract_type: Open<ContractType>,
        /// The basis as a part of the index.
        "basisRate" ? basis_rate: Decimal,
        /// The price of the contract.
        "futuresPrice" ? futures_price: Decimal,
        /// The rate by the year; none for contracts without an end.
        "annualizedBasisRate" ? annualized_basis_rate: Decimal,
        /// The contract's price less the index.
        "basis" => basis: Decimal,
        /// The pair.
        "pair" => pair: Symbol,
        /// When that was.
        "timestamp" => timestamp: Quoted<Millis>,
    }

    /// The price at which a contract was settled.
    pub struct Delivery {
        /// When it was delivered.
        "deliveryTime" => delivery_time: Millis,
        /// The price.
        "deliveryPrice" => delivery_price: Decimal,
    }
}
