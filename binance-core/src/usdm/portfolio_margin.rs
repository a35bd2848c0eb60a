//! Portfolio margin: what the classic kind of it leaves to withdraw.

use crate::{decimal::Decimal, endpoint::Weight::Fixed, text::Asset};

endpoints! {
    UsdM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-usd-s-m-futures/api/rest-api/portfolio-margin-endpoints";

    /// How much of one asset a classic portfolio margin account can withdraw.
    GET "/fapi/v1/pmAccountInfo" UserData, weight: Fixed(5), docs: "#classic-portfolio-margin-account-information"
        -> PortfolioMarginAccount;
    pub struct PmAccountInfo<'a> {
        /// Asset, in upper case.
        "asset" => asset: &'a str,
    }
}

record! {
    /// What a classic portfolio margin account can withdraw.
    pub struct PortfolioMarginAccount {
        /// The asset.
        "asset" => asset: Asset,
        /// How much of it.
        "maxWithdrawAmount" ? max_withdraw_amount: Decimal,
        /// The same in USD.
        "maxWithdrawAmountUSD" ? max_withdraw_amount_usd: Decimal,
    }
}
