//! Balances and the account as a whole.

use binance_core::endpoint::Market;

use super::{Call, Route, positions};
use crate::{
    account::Wallet,
    json::{Json, Padded, object},
    margin::Exposure,
    market::indices::Asset,
    num::Num,
    reject::Reject,
};

pub(super) const ROUTES: &[Route] = &[
    Route::get("/fapi/v2/balance", balance),
    Route::get("/fapi/v3/balance", balance),
    Route::get("/dapi/v1/balance", balance),
    Route::get("/fapi/v2/account", account_v2),
    Route::get("/fapi/v3/account", account_v3),
    Route::get("/dapi/v1/account", account_coinm),
];

fn balance(call: &mut Call<'_>) -> Result<Json, Reject> {
    let account = &call.exchange.accounts[call.account];
    Ok(Json::array(account.wallets(call.market).map(|wallet| {
        let funds = Funds::of(call, wallet);
        let begin = object! { "accountAlias": account.alias, "asset": wallet.asset, "balance": eight(wallet.balance) };
        let begin = match call.market {
            Market::UsdM => begin,
            Market::CoinM => begin.with(&object! { "withdrawAvailable": eight(funds.withdrawable) }),
        };
        let begin = begin.with(&object! {
            "crossWalletBalance": eight(funds.cross_wallet),
            "crossUnPnl": eight(funds.exposure.cross.unrealized),
            "availableBalance": eight(funds.available),
        });
        let begin = match call.market {
            Market::UsdM => {
                begin.with(&object! { "maxWithdrawAmount": eight(funds.withdrawable), "marginAvailable": true })
            }
            Market::CoinM => begin,
        };
        begin.with(&object! { "updateTime": wallet.updated })
    })))
}

fn account_v2(call: &mut Call<'_>) -> Result<Json, Reject> {
    let account = &call.exchange.accounts[call.account];
    let begin = object! {
        "feeTier": 0,
        "feeBurn": account.fee_burn,
        "canTrade": true,
        "canDeposit": true,
        "canWithdraw": true,
        "updateTime": 0,
        "multiAssetsMargin": account.multi_assets,
        "tradeGroupId": -1,
    };
    let assets = wallets(call).map(|wallet| asset(call, wallet).with(&object! { "marginAvailable": true }));
    let assets = Json::array(assets);
    let positions = Json::array(call.venues().flat_map(|(venue, _)| positions::of_account_v2(call, venue)));
    Ok(begin.with(&totals(call)).with(&object! { "assets": assets, "positions": positions }))
}

fn account_v3(call: &mut Call<'_>) -> Result<Json, Reject> {
    let assets = Json::array(wallets(call).map(|wallet| asset(call, wallet)));
    let positions = Json::array(call.venues().flat_map(|(venue, _)| positions::of_account_v3(call, venue)));
    Ok(totals(call).with(&object! { "assets": assets, "positions": positions }))
}

fn account_coinm(call: &mut Call<'_>) -> Result<Json, Reject> {
    let assets = Json::array(wallets(call).map(|wallet| asset(call, wallet)));
    let positions =
        Json::array(call.venues().flat_map(|(venue, _)| positions::of_account_coinm(call, venue)));
    Ok(object! {
        "assets": assets,
        "positions": positions,
        "canDeposit": true,
        "canTrade": true,
        "canWithdraw": true,
        "feeTier": 0,
        "updateTime": 0,
    })
}

/// What an account could take out of a wallet; `None` when it has no such wallet.
pub(super) fn withdrawable(call: &Call<'_>, asset: &str) -> Option<Num> {
    wallets(call).find(|wallet| wallet.asset == asset).map(|wallet| Funds::of(call, wallet).withdrawable)
}

/// What there is in a wallet, and what of it is free.
struct Funds {
    exposure: Exposure,
    cross_wallet: Num,
    available: Num,
    /// Open profits cannot be taken out.
    withdrawable: Num,
}

impl Funds {
    fn of(call: &Call<'_>, wallet: &Wallet) -> Self {
        let exposure = call.exchange.exposure_of(call.account, wallet.market, &wallet.asset);
        let available = call.exchange.available(call.account, wallet.market, &wallet.asset);
        let cross_wallet = call.exchange.cross_wallet(call.account, wallet.market, &wallet.asset);
        let withdrawable = cross_wallet - exposure.cross.position_margin - exposure.order_margin;
        let withdrawable = withdrawable.min(available).max(Num::ZERO);
        Self { exposure, cross_wallet, available, withdrawable }
    }
}

fn wallets<'a>(call: &'a Call<'_>) -> impl Iterator<Item = &'a Wallet> {
    call.exchange.accounts[call.account].wallets(call.market)
}

/// The totals: of USDT in single-asset mode, otherwise of all assets in USD.
fn totals(call: &Call<'_>) -> Json {
    let multi = call.exchange.accounts[call.account].multi_assets;
    let asset_of = |wallet: &Wallet| {
        let counts = multi || wallet.asset == "USDT";
        Asset::find(&wallet.asset).filter(|_| counts)
    };
    let venues = &call.exchange.venues;
    let (mut wallet, mut cross_wallet, mut withdrawable) = (Num::ZERO, Num::ZERO, Num::ZERO);
    let mut all = Vec::new();
    for one in wallets(call) {
        let Some(asset) = asset_of(one) else { continue };
        let value = |amount| if multi { asset.value(amount, venues) } else { amount };
        let funds = Funds::of(call, one);
        wallet += value(one.balance);
        cross_wallet += value(funds.cross_wallet);
        withdrawable += value(funds.withdrawable);
        all.push(funds.exposure);
    }
    let exposure: Exposure = all.into_iter().sum();
    let available = call.exchange.available(call.account, Market::UsdM, "USDT");
    object! {
        "totalInitialMargin": eight(exposure.initial()),
        "totalMaintMargin": eight(exposure.maintenance),
        "totalWalletBalance": eight(wallet),
        "totalUnrealizedProfit": eight(exposure.unrealized),
        "totalMarginBalance": eight(wallet + exposure.unrealized),
        "totalPositionInitialMargin": eight(exposure.position_margin),
        "totalOpenOrderInitialMargin": eight(exposure.order_margin),
        "totalCrossWalletBalance": eight(cross_wallet),
        "totalCrossUnPnl": eight(exposure.cross.unrealized),
        "availableBalance": eight(available),
        "maxWithdrawAmount": eight(withdrawable),
    }
}

fn asset(call: &Call<'_>, wallet: &Wallet) -> Json {
    let funds = Funds::of(call, wallet);
    let begin = object! {
        "asset": wallet.asset,
        "walletBalance": eight(wallet.balance),
        "unrealizedProfit": eight(funds.exposure.unrealized),
        "marginBalance": eight(wallet.balance + funds.exposure.unrealized),
        "maintMargin": eight(funds.exposure.maintenance),
        "initialMargin": eight(funds.exposure.initial()),
        "positionInitialMargin": eight(funds.exposure.position_margin),
        "openOrderInitialMargin": eight(funds.exposure.order_margin),
    };
    let cross = object! {
        "crossWalletBalance": eight(funds.cross_wallet),
        "crossUnPnl": eight(funds.exposure.cross.unrealized),
        "availableBalance": eight(funds.available),
    };
    let most = object! { "maxWithdrawAmount": eight(funds.withdrawable) };
    let updated = object! { "updateTime": wallet.updated };
    match call.market {
        Market::UsdM => begin.with(&cross).with(&most).with(&updated),
        Market::CoinM => begin.with(&most).with(&cross).with(&updated),
    }
}

fn eight(value: Num) -> Padded {
    Padded(value, 8)
}
