//! The terms that an account trades on: fees, brackets, limits, configuration.

use std::collections::BTreeSet;

use binance_core::endpoint::Market;

use super::{Call, Route, account};
use crate::{
    account::{MAKER_FEES, TAKER_FEE},
    contracts::Contract,
    json::{Json, Padded, Scaled, Write as _, object},
    num::Num,
    order::PositionSide,
    reject::Reject,
};

pub(super) const ROUTES: &[Route] = &[
    Route::get("/fapi/v1/commissionRate", commission_rate),
    Route::get("/dapi/v1/commissionRate", commission_rate),
    Route::get("/fapi/v1/leverageBracket", brackets),
    Route::get("/dapi/v1/leverageBracket", pair_brackets),
    Route::get("/dapi/v2/leverageBracket", brackets),
    Route::get("/fapi/v1/accountConfig", account_config),
    Route::get("/fapi/v1/symbolConfig", symbol_config),
    Route::get("/fapi/v1/apiTradingStatus", trading_status),
    Route::get("/fapi/v1/rateLimit/order", order_limits),
    Route::get("/fapi/v1/adlQuantile", adl_quantile),
    Route::get("/dapi/v1/adlQuantile", adl_quantile),
    Route::get("/fapi/v1/pmAccountInfo", portfolio_margin),
    Route::get("/dapi/v1/pmAccountInfo", portfolio_margin),
];

fn commission_rate(call: &mut Call<'_>) -> Result<Json, Reject> {
    let contract = call.contract(call.venue()?);
    let rate = |millionths: i128| Padded(Num::scaled(millionths, 6), 6);
    let maker = if call.market == Market::UsdM { MAKER_FEES.0 } else { MAKER_FEES.1 };
    let begin = object! {
        "symbol": contract.symbol,
        "makerCommissionRate": rate(maker),
        "takerCommissionRate": rate(TAKER_FEE),
    };
    Ok(match call.market {
        // An RPI order pays what a maker pays.
        Market::UsdM => begin.with(&object! { "rpiCommissionRate": rate(maker) }),
        Market::CoinM => begin,
    })
}

fn brackets(call: &mut Call<'_>) -> Result<Json, Reject> {
    let one = |contract: &Contract| {
        object! { "symbol": contract.symbol, "notionalCoef": 1, "brackets": steps(contract) }
    };
    match (call.venue_if_sent()?, call.market) {
        (Some(venue), Market::UsdM) => Ok(one(call.contract(venue))),
        (Some(venue), Market::CoinM) => Ok(Json::array([one(call.contract(venue))])),
        (None, _) => Ok(Json::array(call.venues().map(|(_, venue)| one(&venue.contract)))),
    }
}

fn pair_brackets(call: &mut Call<'_>) -> Result<Json, Reject> {
    let pair = call.params.get("pair");
    let perpetuals = call
        .venues()
        .map(|(_, venue)| &venue.contract)
        .filter(|contract| contract.is_perpetual() && pair.is_none_or(|pair| pair == contract.pair));
    let rows: Vec<_> =
        perpetuals.map(|contract| object! { "pair": contract.pair, "brackets": steps(contract) }).collect();
    if rows.is_empty() { Err(Reject::new(-4087, "Invalid pair.")) } else { Ok(Json::array(rows)) }
}

fn steps(contract: &Contract) -> Json {
    let (mut floor, mut cum, mut last_rate) = (0, Num::ZERO, 0);
    Json::array(contract.brackets.iter().zip(1i32..).map(|(bracket, number)| {
        // What the higher rate would take too much of the notional below its floor.
        cum += Num::int(floor).mul_div(i128::from(bracket.rate - last_rate), 100_000);
        let begin = object! { "bracket": number, "initialLeverage": bracket.max_leverage };
        let begin = match contract.market {
            Market::UsdM => begin.with(&object! { "notionalCap": bracket.cap, "notionalFloor": floor }),
            Market::CoinM => begin.with(&object! { "qtyCap": bracket.cap, "qtylFloor": floor }),
        };
        (floor, last_rate) = (bracket.cap, bracket.rate);
        // Bare numbers, as documented.
        let rate = Json(Scaled(bracket.rate, 5).num().to_string());
        begin.with(&object! { "maintMarginRatio": rate, "cum": Json(cum.to_string()) })
    }))
}

fn account_config(call: &mut Call<'_>) -> Result<Json, Reject> {
    let account = &call.exchange.accounts[call.account];
    Ok(object! {
        "feeTier": 0,
        "canTrade": true,
        "canDeposit": true,
        "canWithdraw": true,
        "dualSidePosition": account.hedge_mode,
        "updateTime": 0,
        "multiAssetsMargin": account.multi_assets,
        "tradeGroupId": -1,
    })
}

fn symbol_config(call: &mut Call<'_>) -> Result<Json, Reject> {
    let symbol = call.venue_if_sent()?;
    let account = &call.exchange.accounts[call.account];
    let wanted = call.venues().filter(|(number, _)| symbol.is_none_or(|symbol| symbol == *number));
    Ok(Json::array(wanted.map(|(number, venue)| {
        let leverage = account.leverage(number);
        object! {
            "symbol": venue.contract.symbol,
            "marginType": if account.isolated.contains(&number) { "ISOLATED" } else { "CROSSED" },
            "isAutoAddMargin": false,
            "leverage": leverage,
            "maxNotionalValue": venue.contract.max_notional(leverage).to_string(),
        }
    })))
}

/// Nobody is locked out here: an indicator for each contract that the account has orders in, and one for itself.
fn trading_status(call: &mut Call<'_>) -> Result<Json, Reject> {
    let asked = call.venue_if_sent()?;
    let orders =
        call.exchange.orders.all().into_iter().filter(|order| {
            order.account == call.account && call.contract(order.venue).market == call.market
        });
    let venues: BTreeSet<_> = orders.map(|order| order.venue).chain(asked).collect();
    let indicator = |name: &str, trigger: &str| {
        Json::array([object! {
            "isLocked": false,
            "plannedRecoverTime": 0,
            "indicator": name,
            "value": 0,
            "triggerValue": Json(trigger.to_owned()),
        }])
    };
    let mut indicators = String::from("{");
    for venue in venues.into_iter().filter(|venue| asked.is_none_or(|asked| asked == *venue)) {
        call.contract(venue).symbol.write(&mut indicators);
        indicators.push(':');
        indicator("UFR", "0.995").write(&mut indicators);
        indicators.push(',');
    }
    "ACCOUNT".write(&mut indicators);
    indicators.push(':');
    indicator("TMV", "1").write(&mut indicators);
    indicators.push('}');
    Ok(object! { "indicators": Json(indicators), "updateTime": call.exchange.server_time() })
}

fn order_limits(call: &mut Call<'_>) -> Result<Json, Reject> {
    let limits = &call.exchange.limits;
    let row = |interval: &str, number: u32, limit: u32| {
        object! { "rateLimitType": "ORDERS", "interval": interval, "intervalNum": number, "limit": limit }
    };
    Ok(Json::array([row("SECOND", 10, limits.orders_per_10s), row("MINUTE", 1, limits.orders_per_minute)]))
}

/// By position; in hedge mode the exchange marks that there are two.
fn adl_quantile(call: &mut Call<'_>) -> Result<Json, Reject> {
    let symbol = call.venue_if_sent()?;
    let account = &call.exchange.accounts[call.account];
    let wanted = call.venues().filter(|(number, _)| symbol.is_none_or(|symbol| symbol == *number));
    Ok(Json::array(wanted.map(|(number, venue)| {
        let quantile = |side| call.exchange.adl_quantile(call.account, number, side);
        let begin = object! { "LONG": quantile(PositionSide::Long), "SHORT": quantile(PositionSide::Short) };
        let quantiles = if account.hedge_mode {
            begin.with(&object! { "HEDGE": 0 })
        } else {
            begin.with(&object! { "BOTH": quantile(PositionSide::Both) })
        };
        object! { "symbol": venue.contract.symbol, "adlQuantile": quantiles }
    })))
}

fn portfolio_margin(call: &mut Call<'_>) -> Result<Json, Reject> {
    let asset = call.params.need("asset")?;
    let amount = account::withdrawable(call, asset).ok_or_else(|| Reject::invalid("asset"))?;
    let price = call.exchange.usd_price(asset).ok_or_else(|| Reject::invalid("asset"))?;
    Ok(object! {
        "maxWithdrawAmountUSD": Padded(amount.mul(price), 8),
        "asset": asset,
        "maxWithdrawAmount": Padded(amount, 8),
    })
}
