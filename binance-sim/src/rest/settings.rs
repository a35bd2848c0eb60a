//! What an account can set: leverage, margin type and margin of a contract, modes, and a timer that cancels.

use binance_core::endpoint::Market;

use super::{Call, Route};
use crate::{
    json::{Json, object},
    ledger::MarginChange,
    market::indices::{self, Asset},
    notify::Change,
    num::Num,
    order::PositionSide,
    reject::Reject,
};

pub(super) const ROUTES: &[Route] = &[
    Route::post("/fapi/v1/leverage", leverage),
    Route::post("/dapi/v1/leverage", leverage),
    Route::post("/fapi/v1/marginType", margin_type),
    Route::post("/dapi/v1/marginType", margin_type),
    Route::post("/fapi/v1/positionMargin", position_margin),
    Route::post("/dapi/v1/positionMargin", position_margin),
    Route::get("/fapi/v1/positionSide/dual", hedge_mode),
    Route::get("/dapi/v1/positionSide/dual", hedge_mode),
    Route::post("/fapi/v1/positionSide/dual", set_hedge_mode),
    Route::post("/dapi/v1/positionSide/dual", set_hedge_mode),
    Route::get("/fapi/v1/multiAssetsMargin", multi_assets),
    Route::post("/fapi/v1/multiAssetsMargin", set_multi_assets),
    Route::get("/fapi/v1/feeBurn", fee_burn),
    Route::post("/fapi/v1/feeBurn", set_fee_burn),
    Route::post("/fapi/v1/stock/contract", sign_contract),
    Route::post("/fapi/v1/countdownCancelAll", countdown),
    Route::post("/dapi/v1/countdownCancelAll", countdown),
];

fn leverage(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = call.venue()?;
    let asked = call.params.int("leverage")?.ok_or_else(|| Reject::missing("leverage"))?;
    let contract = call.contract(venue).clone();
    let highest = contract.brackets.iter().map(|bracket| bracket.max_leverage).max().unwrap_or(1);
    let leverage = u32::try_from(asked).ok().filter(|leverage| (1..=highest).contains(leverage));
    let leverage = leverage.ok_or_else(|| Reject::new(-4028, format!("Leverage {asked} is not valid")))?;
    let most = contract.max_notional(leverage);
    if call.exchange.exposure(call.account, venue).most > Num::int(most) {
        return Err(Reject::new(-2027, "Exceeded the maximum allowable position at current leverage."));
    }
    let account = call.account;
    let before = call.exchange.accounts[account].leverage(venue);
    let (market, asset) = (contract.market, contract.margin_asset);
    let is_isolated = call.exchange.accounts[account].isolated.contains(&venue);
    if leverage < before && is_isolated && open_position(call, |number| number == venue) {
        let code = if market == Market::UsdM { -4161 } else { -4150 };
        let msg = "Leverage reduction is not supported in Isolated Margin Mode with open positions.";
        return Err(Reject::new(code, msg));
    }
    call.exchange.accounts[account].set_leverage(venue, leverage);
    let pool = call.exchange.pool(account, market, asset);
    if leverage < before && pool.initial > pool.margin {
        call.exchange.accounts[account].set_leverage(venue, before);
        return Err(Reject::new(-2028, "Leverage is smaller than permitted: insufficient margin balance."));
    }
    if leverage != before {
        call.exchange.tell_leverage(account, venue);
    }
    let begin = object! { "leverage": leverage };
    let begin = match market {
        Market::UsdM => begin.with(&object! { "maxNotionalValue": most.to_string() }),
        Market::CoinM => begin.with(&object! { "maxQty": most.to_string() }),
    };
    Ok(begin.with(&object! { "symbol": contract.symbol }))
}

fn margin_type(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = call.venue()?;
    let isolated = call.params.need("marginType")? == "ISOLATED";
    let account = &call.exchange.accounts[call.account];
    if account.isolated.contains(&venue) == isolated {
        return Err(Reject::new(-4046, "No need to change margin type."));
    }
    if isolated && account.multi_assets && call.market == Market::UsdM {
        let msg = "Unable to adjust to isolated-margin mode under the Multi-Assets mode.";
        return Err(Reject::new(-4168, msg));
    }
    if open_orders(call, |number| number == venue) {
        return Err(Reject::new(-4047, "Margin type cannot be changed if there exists open orders."));
    }
    if open_position(call, |number| number == venue) {
        return Err(Reject::new(-4048, "Margin type cannot be changed if there exists position."));
    }
    let account = &mut call.exchange.accounts[call.account];
    if isolated {
        account.isolated.insert(venue);
    } else {
        account.isolated.remove(&venue);
    }
    let sides: &[_] =
        if account.hedge_mode { &[PositionSide::Long, PositionSide::Short] } else { &[PositionSide::Both] };
    let positions: Vec<_> = sides.iter().map(|side| (venue, *side)).collect();
    let asset = call.contract(venue).margin_asset;
    let change = Change {
        reason: "MARGIN_TYPE_CHANGE",
        assets: &[(asset, Num::ZERO)],
        positions: &positions,
        symbol: None,
    };
    call.exchange.tell_account(call.account, call.market, &change);
    Ok(success())
}

fn position_margin(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = call.venue()?;
    let amount = call.params.decimal("amount")?.ok_or_else(|| Reject::missing("amount"))?;
    if amount <= Num::ZERO {
        return Err(Reject::invalid("amount"));
    }
    let kind = call.params.int("type")?.filter(|kind| [1, 2].contains(kind));
    let kind = kind.ok_or_else(|| Reject::invalid("type"))?;
    let side = call.params.get("positionSide").map_or(Some(PositionSide::Both), PositionSide::parse);
    let side = side.ok_or_else(|| Reject::new(-4060, "Invalid position side."))?;
    let account = &call.exchange.accounts[call.account];
    if !account.isolated.contains(&venue) {
        return Err(Reject::new(-4049, "Add margin only support for isolated position."));
    }
    let position = account.positions.get(&(venue, side)).filter(|position| position.lots != 0);
    let Some(position) = position else {
        return Err(Reject::new(-4054, "Cannot add position margin: position is 0."));
    };
    let state = &call.exchange.venues[venue];
    let (contract, mark) = (&state.contract, state.prices.mark_num());
    let (market, asset) = (contract.market, contract.margin_asset);
    if kind == 1 && amount > call.exchange.available(call.account, market, asset) {
        return Err(Reject::new(-4050, "Cross balance insufficient."));
    }
    // What may be taken out is what the position does not need at its leverage, open losses and all.
    let needed = position.notional(contract, mark).abs().mul_div(1, i128::from(account.leverage(venue)));
    let spare = (position.isolated + position.unrealized(contract, mark) - needed).min(position.isolated);
    if kind == 2 && amount > spare {
        return Err(Reject::new(-4051, "Isolated balance insufficient."));
    }
    let change = if kind == 1 { amount } else { -amount };
    let time = call.exchange.server_time();
    let account = &mut call.exchange.accounts[call.account];
    if let Some(position) = account.positions.get_mut(&(venue, side)) {
        position.isolated += change;
        position.updated = time;
    }
    account.ledger.margins.push(MarginChange { venue, position_side: side, amount: change, time });
    let told = Change {
        reason: "MARGIN_TRANSFER",
        assets: &[(asset, Num::ZERO)],
        positions: &[(venue, side)],
        symbol: None,
    };
    call.exchange.tell_account(call.account, market, &told);
    // The amount is a bare number, as documented.
    Ok(object! {
        "amount": Json(amount.to_string()),
        "code": 200,
        "msg": "Successfully modify position margin.",
        "type": kind,
    })
}

fn hedge_mode(call: &mut Call<'_>) -> Result<Json, Reject> {
    Ok(object! { "dualSidePosition": call.exchange.accounts[call.account].hedge_mode })
}

/// The mode is that of both markets.
fn set_hedge_mode(call: &mut Call<'_>) -> Result<Json, Reject> {
    let hedge = call.params.flag("dualSidePosition")?;
    if call.exchange.accounts[call.account].hedge_mode == hedge {
        return Err(Reject::new(-4059, "No need to change position side."));
    }
    if open_orders(call, |_| true) {
        return Err(Reject::new(-4067, "Position side cannot be changed if there exists open orders."));
    }
    if open_position(call, |_| true) {
        return Err(Reject::new(-4068, "Position side cannot be changed if there exists position."));
    }
    call.exchange.accounts[call.account].hedge_mode = hedge;
    Ok(success())
}

fn multi_assets(call: &mut Call<'_>) -> Result<Json, Reject> {
    Ok(object! { "multiAssetsMargin": call.exchange.accounts[call.account].multi_assets })
}

fn set_multi_assets(call: &mut Call<'_>) -> Result<Json, Reject> {
    let multi = call.params.flag("multiAssetsMargin")?;
    let account = &call.exchange.accounts[call.account];
    if account.multi_assets == multi {
        let msg = "Adjusted asset mode is currently set and does not need to be adjusted repeatedly.";
        return Err(Reject::new(-4171, msg));
    }
    let linear = |venue: &usize| call.contract(*venue).market == Market::UsdM;
    if multi && account.isolated.iter().any(linear) {
        let msg = "Unable to adjust to Multi-Assets mode with symbols of USDⓈ-M Futures under isolated-margin mode.";
        return Err(Reject::new(-4167, msg));
    }
    if open_orders(call, |venue| linear(&venue)) {
        let msg = "Unable to adjust Multi-Assets Mode with open orders in USDⓈ-M Futures.";
        return Err(Reject::new(-4170, msg));
    }
    let account = call.account;
    if call.exchange.accounts[account].wallets(Market::UsdM).any(|wallet| wallet.balance < Num::ZERO) {
        let msg = "Unable to adjust Multi-Assets Mode with a negative wallet balance of margin available asset in \
                   USDⓈ-M Futures account.";
        return Err(Reject::new(-4172, msg));
    }
    call.exchange.accounts[account].multi_assets = multi;
    let short = |asset: &Asset| {
        let pool = call.exchange.pool(account, Market::UsdM, asset.asset);
        pool.margin < pool.initial
    };
    if indices::ASSETS.iter().any(short) {
        call.exchange.accounts[account].multi_assets = !multi;
        let msg = "Unable to adjust Multi-Assets Mode with insufficient margin balance in USDⓈ-M Futures.";
        return Err(Reject::new(-4169, msg));
    }
    call.exchange.tell_mode(account);
    Ok(success())
}

fn fee_burn(call: &mut Call<'_>) -> Result<Json, Reject> {
    Ok(object! { "feeBurn": call.exchange.accounts[call.account].fee_burn })
}

fn set_fee_burn(call: &mut Call<'_>) -> Result<Json, Reject> {
    call.exchange.accounts[call.account].fee_burn = call.params.flag("feeBurn")?;
    Ok(success())
}

/// The exchange answers with a bare word, although its documentation shows an object.
fn sign_contract(_: &mut Call<'_>) -> Result<Json, Reject> {
    Ok(Json("SUCCESS".to_owned()))
}

/// Starts the timer of a contract anew, or stops it with 0. It is looked at once a second.
fn countdown(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = call.venue()?;
    let millis = call.params.int("countdownTime")?.ok_or_else(|| Reject::missing("countdownTime"))?;
    let key = (call.account, venue);
    if millis == 0 {
        call.exchange.countdowns.remove(&key);
    } else {
        let end = call.exchange.now.saturating_add(millis);
        call.exchange.countdowns.insert(key, end);
    }
    Ok(object! { "symbol": call.contract(venue).symbol, "countdownTime": millis.to_string() })
}

fn open_orders(call: &Call<'_>, of: impl Fn(usize) -> bool) -> bool {
    call.exchange.orders.open().any(|order| order.account == call.account && of(order.venue))
}

fn open_position(call: &Call<'_>, of: impl Fn(usize) -> bool) -> bool {
    let positions = &call.exchange.accounts[call.account].positions;
    positions.iter().any(|((venue, _), position)| position.lots != 0 && of(*venue))
}

fn success() -> Json {
    object! { "code": 200, "msg": "success" }
}
