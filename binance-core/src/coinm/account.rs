//! Account: balances, positions, settings, fees, history.

use super::by_symbol;
use crate::{
    endpoint::Weight::Fixed,
    enums::IncomeType,
    json::List,
    record::{DownloadId, DownloadLink, DualSidePosition},
    time::Millis,
};

mod records;

pub use self::records::{
    AccountAsset, AccountInfo, AccountPosition, AssetBalance, Bracket, Brackets, Commission, IncomeEntry,
};

endpoints! {
    CoinM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-coin-m-futures/api/rest-api/account";

    /// The account: what it may do, assets and positions.
    GET "/dapi/v1/account" UserData, weight: Fixed(5), python: "account", docs: "#account-information"
        -> AccountInfo<'r>;
    pub struct Account {}

    /// The balance of each asset.
    GET "/dapi/v1/balance" UserData, weight: Fixed(1), python: "balance", docs: "#futures-account-balance"
        -> List<'r, AssetBalance>;
    pub struct Balance {}

    /// In which mode positions are held, one for both markets.
    GET "/dapi/v1/positionSide/dual" UserData, weight: Fixed(30), python: "get_position_mode",
        docs: "#get-current-position-mode" -> DualSidePosition;
    pub struct PositionMode {}

    /// The fees of one contract.
    GET "/dapi/v1/commissionRate" UserData, weight: Fixed(20), python: "commission_rate",
        docs: "#user-commission-rate" -> Commission;
    pub struct CommissionRate<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    }

    /// The steps of leverage and margin of one contract or of all.
    GET "/dapi/v2/leverageBracket" UserData, weight: by_symbol(1, 2), python: "leverage_brackets",
        docs: "#notional-bracket-for-symbol" -> List<'r, Brackets<'r>>;
    pub struct LeverageBracket<'a> {} optional {
        /// Contract, in upper case; all unless given.
        "symbol" => symbol: &'a str,
    }

    /// The steps of leverage and margin of one pair or of all. [`LeverageBracket`] has them by contract.
    GET "/dapi/v1/leverageBracket" UserData, weight: Fixed(1), python: "leverage_brackets",
        docs: "#notional-bracket-for-pair" -> List<'r, Brackets<'r>>;
    pub struct LeverageBracketV1<'a> {} optional {
        /// Pair, in upper case; all unless given.
        "pair" => pair: &'a str,
    }

    /// What changed the balances, oldest first.
    GET "/dapi/v1/income" UserData, weight: Fixed(20), python: "get_income_history", docs: "#get-income-history"
        -> List<'r, IncomeEntry>;
    pub struct Income<'a> {} optional {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// Why; all unless given. Only [`IncomeType::Transfer`] to [`IncomeType::DeliveredSettlement`].
        "incomeType" => income_type: IncomeType,
        /// Earliest time, inclusive. At most a year before `end_time`.
        "startTime" => start_time: Millis,
        /// Latest time, inclusive.
        "endTime" => end_time: Millis,
        /// Which page, counted from 1.
        "page" => page: u32,
        /// How many: 100 unless given, at most 1000.
        "limit" => limit: u16,
    }

    /// Has a file of what changed the balances made; ask for the link with [`TransactionHistoryDownloadLink`]. A
    /// hundred times a month, those made on the web page and those of both markets counted too.
    GET "/dapi/v1/income/asyn" UserData, weight: Fixed(1000), python: "get_download_id_transaction_history",
        docs: "#get-download-id-for-futures-transaction-history" -> DownloadId;
    pub struct TransactionHistoryDownloadId {
        /// Earliest time.
        "startTime" => start_time: Millis,
        /// Latest time, at most a year after `start_time`.
        "endTime" => end_time: Millis,
    }

    /// The link to a file of what changed the balances; it ends 7 days after the file is made.
    GET "/dapi/v1/income/asyn/id" UserData, weight: Fixed(5), docs: "#get-futures-transaction-history-download-link-by-id"
        -> DownloadLink<'r>;
    pub struct TransactionHistoryDownloadLink<'a> {
        /// The id from [`TransactionHistoryDownloadId`].
        "downloadId" => download_id: &'a str,
    }

    /// Has a file of orders made; ask for the link with [`OrderHistoryDownloadLink`]. Eight times a month, those made
    /// on the web page counted too.
    GET "/dapi/v1/order/asyn" UserData, weight: Fixed(1000), docs: "#get-download-id-for-futures-order-history"
        -> DownloadId;
    pub struct OrderHistoryDownloadId {
        /// Earliest time.
        "startTime" => start_time: Millis,
        /// Latest time, at most a year after `start_time`.
        "endTime" => end_time: Millis,
    }

    /// The link to a file of orders; it ends 7 days after the file is made.
    GET "/dapi/v1/order/asyn/id" UserData, weight: Fixed(5), docs: "#get-futures-order-history-download-link-by-id"
        -> DownloadLink<'r>;
    pub struct OrderHistoryDownloadLink<'a> {
        /// The id from [`OrderHistoryDownloadId`].
        "downloadId" => download_id: &'a str,
    }

    /// Has a file of trades made; ask for the link with [`TradeHistoryDownloadLink`]. Eight times a month, those made
    /// on the web page counted too.
    GET "/dapi/v1/trade/asyn" UserData, weight: Fixed(1000), docs: "#get-download-id-for-futures-trade-history"
        -> DownloadId;
    pub struct TradeHistoryDownloadId {
        /// Earliest time.
        "startTime" => start_time: Millis,
        /// Latest time, at most a year after `start_time`.
        "endTime" => end_time: Millis,
    }

    /// The link to a file of trades; it ends 7 days after the file is made.
    GET "/dapi/v1/trade/asyn/id" UserData, weight: Fixed(5), docs: "#get-futures-trade-download-link-by-id"
        -> DownloadLink<'r>;
    pub struct TradeHistoryDownloadLink<'a> {
        /// The id from [`TradeHistoryDownloadId`].
        "downloadId" => download_id: &'a str,
    }
}
