//! Orders that wait for a price: placing, asking, cancelling.

use super::{Call, Route, orders};
use crate::{
    algo::{Algo, AlgoKind},
    calendar::DAY,
    json::{Json, Padded, object},
    num::Num,
    order::Kind,
    params::Params,
    reject::Reject,
};

pub(super) const ROUTES: &[Route] = &[
    Route::post("/fapi/v1/algoOrder", place),
    Route::post("/dapi/v1/algoOrder", place),
    Route::get("/fapi/v1/algoOrder", query),
    Route::get("/dapi/v1/algoOrder", query),
    Route::delete("/fapi/v1/algoOrder", cancel),
    Route::delete("/dapi/v1/algoOrder", cancel),
    Route::delete("/fapi/v1/algoOpenOrders", cancel_all),
    Route::delete("/dapi/v1/algoOpenOrders", cancel_all),
    Route::get("/fapi/v1/openAlgoOrders", open),
    Route::get("/dapi/v1/openAlgoOrders", open),
    Route::get("/fapi/v1/allAlgoOrders", all),
    Route::get("/dapi/v1/allAlgoOrders", all),
];

/// Where the window of all orders begins when it is not said.
const WINDOW: i64 = 7 * DAY;

fn place(call: &mut Call<'_>) -> Result<Json, Reject> {
    let kind = AlgoKind::parse(call.params.need("type")?);
    let kind = kind.ok_or_else(|| Reject::new(-1116, "Invalid orderType."))?;
    let venue = call.venue()?;
    let close_position = call.params.flag("closePosition")?;
    if close_position && !matches!(kind, AlgoKind::StopMarket | AlgoKind::TakeProfitMarket) {
        return Err(Reject::not_required("closePosition"));
    }
    let (trigger, callback) = if kind == AlgoKind::Trailing {
        (price(call, venue, "activatePrice")?.unwrap_or(Num::ZERO), callback(call)?)
    } else {
        (price(call, venue, "triggerPrice")?.ok_or_else(|| Reject::missing("triggerPrice"))?, 0)
    };
    let by_mark = call.params.get("workingType") == Some("MARK_PRICE");
    let price_protect = call.params.flag("priceProtect")?;
    let client_id = orders::client_id(call, "clientAlgoId")?.map(str::to_owned);
    let client_id = client_id.unwrap_or_else(|| call.exchange.rng.text(22));
    let params = becomes(call, venue, kind, close_position)?;
    let (account, market, path) = (call.account, call.market, call.path);
    let mut new = orders::read_new(&Call { exchange: call.exchange, params, account, market, path })?;
    let hedge = call.exchange.accounts[account].hedge_mode;
    if hedge == (new.position_side == crate::order::PositionSide::Both) {
        return Err(Reject::new(-4061, "Order's position side does not match user's setting."));
    }
    if close_position {
        // In hedge mode the side of the position says the same.
        new.reduce_only = !hedge;
    }
    let now = call.exchange.server_time();
    let id = call.exchange.place_algo(Algo {
        id: 0,
        client_id,
        kind,
        new,
        trigger,
        callback,
        extreme: None,
        by_mark,
        price_protect,
        close_position,
        ended: None,
        created: now,
        updated: now,
        triggered: 0,
        order: None,
    })?;
    let algo = call.exchange.algos.get(id).ok_or_else(Reject::no_such_order)?;
    let trailing = kind == AlgoKind::Trailing;
    let activate = if trailing { algo.trigger.to_string() } else { String::new() };
    let callback = if trailing { Num::scaled(i128::from(callback), 2).to_string() } else { String::new() };
    Ok(begin(call, algo)
        .with(&terms(call, algo))
        .with(&object! { "activatePrice": activate, "callbackRate": callback })
        .with(&times(algo)))
}

fn query(call: &mut Call<'_>) -> Result<Json, Reject> {
    let algo = find(call)?.ok_or_else(Reject::no_such_order)?;
    let (price, lots) = call.exchange.algo_fills(algo);
    let contract = call.contract(algo.new.venue);
    let actual = object! {
        "actualOrderId": actual(algo),
        "actualPrice": Padded(price, contract.price_decimals + 3),
        "actualType": algo.new.kind.as_str(),
        "actualQty": contract.quantity(lots),
    };
    Ok(begin(call, algo)
        .with(&actual)
        .with(&terms(call, algo))
        .with(&object! { "tpOrderType": "" })
        .with(&times(algo)))
}

fn cancel(call: &mut Call<'_>) -> Result<Json, Reject> {
    let algo = find(call)?.ok_or_else(Reject::unknown_order)?;
    let (id, client_id) = (algo.id, algo.client_id.clone());
    call.exchange.cancel_algo(id)?;
    Ok(object! { "algoId": id, "clientAlgoId": client_id, "code": "200", "msg": "success" })
}

fn cancel_all(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = call.venue()?;
    let account = call.account;
    let own =
        call.exchange.algos.open().filter(|algo| (algo.new.account, algo.new.venue) == (account, venue));
    let ids: Vec<_> = own.map(|algo| algo.id).collect();
    for id in ids {
        call.exchange.cancel_algo(id)?;
    }
    Ok(object! { "code": 200, "msg": "The operation of cancel all open order is done." })
}

fn open(call: &mut Call<'_>) -> Result<Json, Reject> {
    let (symbol, id) = (call.venue_if_sent()?, call.params.int("algoId")?);
    let wanted = call.exchange.algos.open().filter(|algo| {
        own(call, algo)
            && symbol.is_none_or(|symbol| symbol == algo.new.venue)
            && id.is_none_or(|id| algo.id == id.unsigned_abs())
    });
    Ok(Json::array(wanted.map(|algo| listed(call, algo))))
}

/// From `algoId` on, or from `startTime` on, or the newest of the last week.
fn all(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = call.venue()?;
    let (id, limit) = (call.params.int("algoId")?, call.params.limit(500, 1_000)?);
    let (start, end) = call.span()?;
    let from = start.unwrap_or_else(|| end.unwrap_or(call.exchange.server_time()).saturating_sub(WINDOW));
    let rows: Vec<_> = call
        .exchange
        .algos
        .all()
        .filter(|algo| own(call, algo) && algo.new.venue == venue)
        .filter(|algo| match id {
            Some(id) => algo.id >= id.unsigned_abs(),
            None => algo.created >= from && end.is_none_or(|end| algo.created <= end),
        })
        .map(|algo| listed(call, algo))
        .collect();
    let skip = if id.is_some() || start.is_some() { 0 } else { rows.len().saturating_sub(limit) };
    Ok(Json::array(rows.into_iter().skip(skip).take(limit)))
}

/// The parameters of the order that it becomes. A price that is taken from the book is taken now.
fn becomes(call: &Call<'_>, venue: usize, kind: AlgoKind, close: bool) -> Result<Params, Reject> {
    let mut params = Vec::new();
    let mut put = |name: &str, value: &str| params.push((name.to_owned(), value.to_owned()));
    for name in ["symbol", "side", "positionSide", "selfTradePreventionMode"] {
        if let Some(value) = call.params.get(name) {
            put(name, value);
        }
    }
    if close {
        for name in ["quantity", "reduceOnly"] {
            if call.params.has(name) {
                return Err(Reject::not_required(name));
            }
        }
        // How much it is shows when it triggers; the filters see the least that there is.
        put("quantity", &call.contract(venue).quantity(1).to_string());
        put("reduceOnly", "true");
    } else {
        put("quantity", call.params.need("quantity")?);
        put("reduceOnly", call.params.get("reduceOnly").unwrap_or("false"));
    }
    if kind.is_limit() {
        put("type", Kind::Limit.as_str());
        put("timeInForce", call.params.get("timeInForce").unwrap_or("GTC"));
        for name in ["price", "priceMatch", "goodTillDate"] {
            if let Some(value) = call.params.get(name) {
                put(name, value);
            }
        }
    } else {
        put("type", Kind::Market.as_str());
    }
    Ok(Params::of(params))
}

/// A price to wait for, on a tick and within the bounds of the contract.
fn price(call: &Call<'_>, venue: usize, name: &str) -> Result<Option<Num>, Reject> {
    let Some(price) = call.params.decimal(name)? else { return Ok(None) };
    let contract = call.contract(venue);
    if price <= Num::ZERO {
        return Err(Reject::new(-4006, "Stop price less than zero."));
    }
    if price > contract.price(contract.max_price_ticks).num() {
        return Err(Reject::new(-4007, "Stop price greater than max price."));
    }
    contract.ticks(price).ok_or_else(|| Reject::new(-4014, "Price not increased by tick size."))?;
    Ok(Some(price))
}

/// The callback rate in 1/10,000: from 0.1 % to 20 %, which it is since 2026-10-23.
fn callback(call: &Call<'_>) -> Result<i64, Reject> {
    let rate = call.params.decimal("callbackRate")?.ok_or_else(|| Reject::missing("callbackRate"))?;
    let units = i64::try_from(rate.units(2)).ok().filter(|units| (10..=2_000).contains(units));
    let exact = units.filter(|units| Num::scaled(i128::from(*units), 2) == rate);
    exact.ok_or_else(|| Reject::new(-2007, "Invalid callBack rate"))
}

/// The one of the caller that `algoId` or `clientAlgoId` names.
fn find<'a>(call: &'a Call<'_>) -> Result<Option<&'a Algo>, Reject> {
    let algos = &call.exchange.algos;
    if let Some(id) = call.params.int("algoId")? {
        return Ok(algos.get(id.unsigned_abs()).filter(|algo| own(call, algo)));
    }
    let Some(id) = call.params.get("clientAlgoId") else {
        return Err(Reject::either("algoId", "clientAlgoId"));
    };
    Ok(algos.all().filter(|algo| own(call, algo) && algo.client_id == id).last())
}

fn own(call: &Call<'_>, algo: &Algo) -> bool {
    algo.new.account == call.account && call.contract(algo.new.venue).market == call.market
}

/// In the shape of the lists.
fn listed(call: &Call<'_>, algo: &Algo) -> Json {
    let (price, _) = call.exchange.algo_fills(algo);
    let contract = call.contract(algo.new.venue);
    let zero = Padded(Num::ZERO, contract.price_decimals);
    let actual = object! {
        "actualOrderId": actual(algo),
        "actualPrice": Padded(price, contract.price_decimals + 3),
    };
    let legs = object! {
        "tpTriggerPrice": zero,
        "tpPrice": zero,
        "slTriggerPrice": zero,
        "slPrice": zero,
        "tpOrderType": "",
    };
    begin(call, algo).with(&actual).with(&terms(call, algo)).with(&legs).with(&times(algo))
}

fn actual(algo: &Algo) -> String {
    algo.order.map_or(String::new(), |id| id.to_string())
}

fn begin(call: &Call<'_>, algo: &Algo) -> Json {
    let contract = call.contract(algo.new.venue);
    let lots = if algo.close_position { 0 } else { algo.new.lots };
    object! {
        "algoId": algo.id,
        "clientAlgoId": algo.client_id,
        "algoType": "CONDITIONAL",
        "orderType": algo.kind.as_str(),
        "symbol": contract.symbol,
        "side": algo.new.side.as_str(),
        "positionSide": algo.new.position_side.as_str(),
        "timeInForce": algo.new.time_in_force.as_str(),
        "quantity": contract.quantity(lots),
        "algoStatus": call.exchange.algo_status(algo).as_str(),
    }
}

fn terms(call: &Call<'_>, algo: &Algo) -> Json {
    let contract = call.contract(algo.new.venue);
    object! {
        "triggerPrice": Padded(algo.trigger, contract.price_decimals),
        "price": contract.price(algo.new.ticks),
        "icebergQuantity": "null",
        "selfTradePreventionMode": algo.new.self_trade.as_str(),
        "workingType": if algo.by_mark { "MARK_PRICE" } else { "CONTRACT_PRICE" },
        "priceMatch": algo.new.price_match,
        "closePosition": algo.close_position,
        "priceProtect": algo.price_protect,
        "reduceOnly": algo.new.reduce_only,
    }
}

fn times(algo: &Algo) -> Json {
    object! {
        "createTime": algo.created,
        "updateTime": algo.updated,
        "triggerTime": algo.triggered,
        "goodTillDate": algo.new.good_till,
    }
}
