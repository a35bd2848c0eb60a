//! Account: balances, positions, settings, fees, history.

use super::by_symbol;
use crate::{
    endpoint::Weight::Fixed,
    enums::IncomeType,
    json::{List, OneOrMany},
    record::{Done, DownloadId, DownloadLink, DualSidePosition, RateLimit},
    time::Millis,
};

mod records;

pub use self::records::{
    AccountAsset, AccountConfiguration, AccountInfo, AccountInfoV2, AccountPosition, AccountPositionV2,
    AssetBalance, Bracket, Brackets, Commission, FeeBurn, IncomeEntry, MultiAssetsMargin, SymbolSettings,
    TradingIndicator, TradingStatus,
};

endpoints! {
    UsdM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-usd-s-m-futures/api/rest-api/account";

    /// The account: sums, assets, and the positions that are open or have orders.
    GET "/fapi/v3/account" UserData, weight: Fixed(5), python: "account", docs: "#account-information-v3"
        -> AccountInfo<'r>;
    pub struct Account {}

    /// The account: what it may do, sums, assets, and the positions of every contract. [`Account`] is shorter.
    GET "/fapi/v2/account" UserData, weight: Fixed(5), docs: "#account-information-v2" -> AccountInfoV2<'r>;
    pub struct AccountV2 {}

    /// The balance of each asset.
    GET "/fapi/v3/balance" UserData, weight: Fixed(5), python: "balance", docs: "#futures-account-balance-v3"
        -> List<'r, AssetBalance>;
    pub struct Balance {}

    /// The balance of each asset, as [`Balance`].
    GET "/fapi/v2/balance" UserData, weight: Fixed(5), docs: "#futures-account-balance-v2" -> List<'r, AssetBalance>;
    pub struct BalanceV2 {}

    /// What the account is set to.
    GET "/fapi/v1/accountConfig" UserData, weight: Fixed(5), python: "futures_account_configuration",
        docs: "#futures-account-configuration" -> AccountConfiguration;
    pub struct AccountConfig {}

    /// What one contract or each is set to: margin type, leverage.
    GET "/fapi/v1/symbolConfig" UserData, weight: Fixed(5), python: "symbol_configuration",
        docs: "#symbol-configuration" -> List<'r, SymbolSettings>;
    pub struct SymbolConfig<'a> {} optional {
        /// Contract, in upper case; all unless given.
        "symbol" => symbol: &'a str,
    }

    /// In which mode positions are held, one for both markets.
    GET "/fapi/v1/positionSide/dual" UserData, weight: Fixed(30), python: "get_position_mode",
        docs: "#get-current-position-mode" -> DualSidePosition;
    pub struct PositionMode {}

    /// Whether all assets are margin for all contracts.
    GET "/fapi/v1/multiAssetsMargin" UserData, weight: Fixed(30), python: "get_multi_asset_mode",
        docs: "#get-current-multi-assets-mode" -> MultiAssetsMargin;
    pub struct MultiAssetsMode {}

    /// Whether fees are paid in BNB.
    GET "/fapi/v1/feeBurn" UserData, weight: Fixed(30), python: "get_bnb_burn", docs: "#get-bnb-burn-status"
        -> FeeBurn;
    pub struct BnbBurn {}

    /// Turns the payment of fees in BNB on or off.
    POST "/fapi/v1/feeBurn" Trade, weight: Fixed(1), python: "toggle_bnb_burn",
        docs: "#toggle-bnb-burn-on-futures-trade" -> Done;
    pub struct ToggleBnbBurn {
        /// Whether fees are to be paid in BNB.
        "feeBurn" => fee_burn: bool,
    }

    /// The fees of one contract.
    GET "/fapi/v1/commissionRate" UserData, weight: Fixed(20), python: "commission_rate",
        docs: "#user-commission-rate" -> Commission;
    pub struct CommissionRate<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    }

    /// The steps of leverage and margin of one contract or of all.
    GET "/fapi/v1/leverageBracket" UserData, weight: Fixed(1), python: "leverage_brackets",
        docs: "#notional-and-leverage-brackets" -> OneOrMany<'r, Brackets<'r>>;
    pub struct LeverageBracket<'a> {} optional {
        /// Contract, in upper case; all unless given.
        "symbol" => symbol: &'a str,
    }

    /// The limits on orders that the account has.
    GET "/fapi/v1/rateLimit/order" UserData, weight: Fixed(1), python: "query_user_rate_limit",
        docs: "#query-user-rate-limit" -> List<'r, RateLimit>;
    pub struct OrderRateLimit {}

    /// Which rules of quantitative trading the account has come close to or broken. Where they lock it, orders are
    /// refused with -4400 but for those that are reduce-only.
    GET "/fapi/v1/apiTradingStatus" UserData, weight: by_symbol(1, 10), python: "api_trading_status",
        docs: "#futures-trading-quantitative-rules-indicators" -> TradingStatus<'r>;
    pub struct ApiTradingStatus<'a> {} optional {
        /// Contract, in upper case; all unless given.
        "symbol" => symbol: &'a str,
    }

    /// What changed the balances, oldest first, of the last 3 months; of the last 7 days unless times are given.
    GET "/fapi/v1/income" UserData, weight: Fixed(30), python: "get_income_history", docs: "#get-income-history"
        -> List<'r, IncomeEntry>;
    pub struct Income<'a> {} optional {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// Why; all unless given.
        "incomeType" => income_type: IncomeType,
        /// Earliest time, inclusive.
        "startTime" => start_time: Millis,
        /// Latest time, inclusive.
        "endTime" => end_time: Millis,
        /// How many: 100 unless given, at most 1000.
        "limit" => limit: u16,
        /// Which page, counted from 1.
        "page" => page: u32,
    }

    /// Has a file of what changed the balances made; ask for the link with [`TransactionHistoryDownloadLink`]. A
    /// hundred times a month, those made on the web page and those of both markets counted too.
    GET "/fapi/v1/income/asyn" UserData, weight: Fixed(1000), python: "download_transactions_asyn",
        docs: "#get-download-id-for-futures-transaction-history" -> DownloadId;
    pub struct TransactionHistoryDownloadId {
        /// Earliest time.
        "startTime" => start_time: Millis,
        /// Latest time, at most a year after `start_time`.
        "endTime" => end_time: Millis,
    }

    /// The link to a file of what changed the balances; it ends 7 days after the file is made.
    GET "/fapi/v1/income/asyn/id" UserData, weight: Fixed(10), python: "aysnc_download_info",
        docs: "#get-futures-transaction-history-download-link-by-id" -> DownloadLink<'r>;
    pub struct TransactionHistoryDownloadLink<'a> {
        /// The id from [`TransactionHistoryDownloadId`].
        "downloadId" => download_id: &'a str,
    }

    /// Has a file of orders made; ask for the link with [`OrderHistoryDownloadLink`]. Ten times a month, those made
    /// on the web page counted too.
    GET "/fapi/v1/order/asyn" UserData, weight: Fixed(1000), python: "download_order_asyn",
        docs: "#get-download-id-for-futures-order-history" -> DownloadId;
    pub struct OrderHistoryDownloadId {
        /// Earliest time.
        "startTime" => start_time: Millis,
        /// Latest time, at most a year after `start_time`.
        "endTime" => end_time: Millis,
    }

    /// The link to a file of orders; it ends 7 days after the file is made.
    GET "/fapi/v1/order/asyn/id" UserData, weight: Fixed(10), python: "async_download_order_id",
        docs: "#get-futures-order-history-download-link-by-id" -> DownloadLink<'r>;
    pub struct OrderHistoryDownloadLink<'a> {
        /// The id from [`OrderHistoryDownloadId`].
        "downloadId" => download_id: &'a str,
    }

    /// Has a file of trades made; ask for the link with [`TradeHistoryDownloadLink`]. Five times a month, those made
    /// on the web page counted too.
    GET "/fapi/v1/trade/asyn" UserData, weight: Fixed(1000), python: "download_trade_asyn",
        docs: "#get-download-id-for-futures-trade-history" -> DownloadId;
    pub struct TradeHistoryDownloadId {
        /// Earliest time.
        "startTime" => start_time: Millis,
        /// Latest time, at most a year after `start_time`.
        "endTime" => end_time: Millis,
    }

    /// The link to a file of trades; it ends 7 days after the file is made.
    GET "/fapi/v1/trade/asyn/id" UserData, weight: Fixed(10), python: "async_download_trade_id",
        docs: "#get-futures-trade-download-link-by-id" -> DownloadLink<'r>;
    pub struct TradeHistoryDownloadLink<'a> {
        /// The id from [`TradeHistoryDownloadId`].
        "downloadId" => download_id: &'a str,
    }
}
