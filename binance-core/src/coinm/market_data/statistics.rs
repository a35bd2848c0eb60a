//! Statistics of what is traded and held, under `/futures/data`.

use crate::{
    decimal::Decimal,
    endpoint::Weight::Fixed,
    enums::{ContractType, Period},
    json::List,
    open::Open,
    record::{Contracts, Quoted},
    text::Symbol,
    time::Millis,
};

endpoints! {
    CoinM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-coin-m-futures/api/rest-api/market-data";

    /// How many contracts of a pair are open, over the last 30 days; the latest rows unless times are given.
    GET "/futures/data/openInterestHist" Public, weight: Fixed(1), python: "open_interest_hist",
        docs: "#open-interest-statistics" -> List<'r, OpenInterestStatistic>;
    pub struct OpenInterestHist<'a> {
        /// Pair, in upper case.
        "pair" => pair: &'a str,
        /// How long a time one row is of.
        "period" => period: Period,
    } optional {
        /// [`ContractType::Perpetual`], [`ContractType::CurrentQuarter`] or [`ContractType::NextQuarter`]; all of the
        /// pair's together unless given.
        "contractType" => contract_type: ContractType,
        /// How many rows: 30 unless given, at most 500.
        "limit" => limit: u16,
        /// Earliest time, not more than 30 days ago.
        "startTime" => start_time: Millis,
        /// Latest time.
        "endTime" => end_time: Millis,
    }

    /// Accounts that are long against accounts that are short, of the fifth with the highest margin, over the last 30
    /// days; the latest rows unless times are given.
    GET "/futures/data/topLongShortAccountRatio" Public, weight: Fixed(1), python: "top_long_short_account_ratio",
        docs: "#top-trader-long-short-ratio-accounts" -> List<'r, LongShortRatio>;
    pub struct TopLongShortAccountRatio<'a> {
        /// Pair, in upper case.
        "pair" => pair: &'a str,
        /// How long a time one row is of.
        "period" => period: Period,
    } optional {
        /// [`ContractType::Perpetual`], [`ContractType::CurrentQuarter`] or [`ContractType::NextQuarter`]; all of the
        /// pair's together unless given.
        "contractType" => contract_type: ContractType,
        /// How many rows: 30 unless given, at most 500.
        "limit" => limit: u16,
        /// Earliest time, not more than 30 days ago.
        "startTime" => start_time: Millis,
        /// Latest time.
        "endTime" => end_time: Millis,
    }

    /// Long against short positions of the fifth of the accounts with the highest margin, over the last 30 days; the
    /// latest rows unless times are given.
    GET "/futures/data/topLongShortPositionRatio" Public, weight: Fixed(1), python: "top_long_short_position_ratio",
        docs: "#top-trader-long-short-ratio-positions" -> List<'r, LongShortPositionRatio>;
    pub struct TopLongShortPositionRatio<'a> {
        /// Pair, in upper case.
        "pair" => pair: &'a str,
        /// How long a time one row is of.
        "period" => period: Period,
    } optional {
        /// [`ContractType::Perpetual`], [`ContractType::CurrentQuarter`] or [`ContractType::NextQuarter`]; all of the
        /// pair's together unless given.
        "contractType" => contract_type: ContractType,
        /// How many rows: 30 unless given, at most 500.
        "limit" => limit: u16,
        /// Earliest time, not more than 30 days ago.
        "startTime" => start_time: Millis,
        /// Latest time.
        "endTime" => end_time: Millis,
    }

    /// Accounts that are long against accounts that are short, of all, over the last 30 days; the latest rows unless
    /// times are given.
    GET "/futures/data/globalLongShortAccountRatio" Public, weight: Fixed(1), python: "long_short_account_ratio",
        docs: "#long-short-ratio" -> List<'r, LongShortRatio>;
    pub struct GlobalLongShortAccountRatio<'a> {
        /// Pair, in upper case.
        "pair" => pair: &'a str,
        /// How long a time one row is of.
        "period" => period: Period,
    } optional {
        /// [`ContractType::Perpetual`], [`ContractType::CurrentQuarter`] or [`ContractType::NextQuarter`]; all of the
        /// pair's together unless given.
        "contractType" => contract_type: ContractType,
        /// How many rows: 30 unless given, at most 500.
        "limit" => limit: u16,
        /// Earliest time, not more than 30 days ago.
        "startTime" => start_time: Millis,
        /// Latest time.
        "endTime" => end_time: Millis,
    }

    /// What takers bought and sold of a pair's contracts, over the last 30 days; the latest rows unless times are given.
    GET "/futures/data/takerBuySellVol" Public, weight: Fixed(1), python: "taker_long_short_ratio",
        docs: "#taker-buy-sell-volume" -> List<'r, TakerVolume>;
    pub struct TakerBuySellVol<'a> {
        /// Pair, in upper case.
        "pair" => pair: &'a str,
        /// Which of its contracts.
        "contractType" => contract_type: TakerContractType,
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
    GET "/futures/data/basis" Public, weight: Fixed(1), python: "basis", docs: "#basis" -> List<'r, BasisStatistic>;
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
}

wire_enum! {
    /// Which of a pair's contracts takers trade.
    pub enum TakerContractType {
        /// All of them together.
        All = "ALL",
        /// The one without an end.
        Perpetual = "PERPETUAL",
        /// The one that ends this quarter.
        CurrentQuarter = "CURRENT_QUARTER",
        /// The one that ends next quarter.
        NextQuarter = "NEXT_QUARTER",
    }
}

record! {
    /// How many contracts of a pair were open at one time.
    pub struct OpenInterestStatistic {
        /// The pair.
        "pair" => pair: Symbol,
        /// What kind of contracts they are.
        "contractType" ? contract_type: Open<ContractType>,
        /// How many.
        "sumOpenInterest" => sum_open_interest: Contracts,
        /// What they were worth, in the base asset.
        "sumOpenInterestValue" ? sum_open_interest_value: Decimal,
        /// When that was.
        "timestamp" => timestamp: Quoted<Millis>,
    }

    /// Accounts that were long against accounts that were short at one time.
    pub struct LongShortRatio {
        /// The pair.
        "pair" => pair: Symbol,
        /// Long divided by short.
        "longShortRatio" => long_short_ratio: Decimal,
        /// The part of the accounts that is long: 0 to 1.
        "longAccount" ? long_account: Decimal,
        /// The part of the accounts that is short: 0 to 1.
        "shortAccount" ? short_account: Decimal,
        /// When that was.
        "timestamp" => timestamp: Quoted<Millis>,
    }

    /// Long against short positions at one time.
    pub struct LongShortPositionRatio {
        /// The pair.
        "pair" => pair: Symbol,
        /// Long divided by short.
        "longShortRatio" => long_short_ratio: Decimal,
        /// The part of the positions that is long: 0 to 1.
        "longPosition" ? long_position: Decimal,
        /// The part of the positions that is short: 0 to 1.
        "shortPosition" ? short_position: Decimal,
        /// When that was.
        "timestamp" => timestamp: Quoted<Millis>,
    }

    /// What takers bought and sold in one period.
    pub struct TakerVolume {
        /// The pair.
        "pair" => pair: Symbol,
        /// What kind of contracts they traded.
        "contractType" ? contract_type: Open<TakerContractType>,
        /// How many contracts they bought.
        "takerBuyVol" ? taker_buy_vol: Contracts,
        /// How many contracts they sold.
        "takerSellVol" ? taker_sell_vol: Contracts,
        /// What they bought, in the base asset.
        "takerBuyVolValue" ? taker_buy_vol_value: Decimal,
        /// What they sold, in the base asset.
        "takerSellVolValue" ? taker_sell_vol_value: Decimal,
        /// When that was.
        "timestamp" => timestamp: Quoted<Millis>,
    }

    /// How far a contract was from its index at one time.
    pub struct BasisStatistic {
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
}
