//! Orders: placing, testing, changing, cancelling, asking.

use binance_core::endpoint::Market;

use super::{Call, Route, rules};
use crate::{
    book::Side,
    events::average_price,
    json::{Json, object},
    matching::NewOrder,
    order::{Kind, Order, PositionSide, SelfTrade, TimeInForce},
    params::CLIENT_ID_RANGE,
    reject::Reject,
    streams::frames,
};

pub(super) const ROUTES: &[Route] = &[
    Route::post("/fapi/v1/order", place),
    Route::post("/dapi/v1/order", place),
    Route::post("/fapi/v1/order/test", test),
    Route::put("/fapi/v1/order", modify),
    Route::put("/dapi/v1/order", modify),
    Route::delete("/fapi/v1/order", cancel),
    Route::delete("/dapi/v1/order", cancel),
    Route::delete("/fapi/v1/allOpenOrders", cancel_all),
    Route::delete("/dapi/v1/allOpenOrders", cancel_all),
    Route::get("/fapi/v1/order", query),
    Route::get("/dapi/v1/order", query),
    Route::get("/fapi/v1/openOrder", query_open),
    Route::get("/dapi/v1/openOrder", query_open),
    Route::get("/fapi/v1/openOrders", open_orders),
    Route::get("/dapi/v1/openOrders", open_orders),
];

/// The latest date of an order that is good till a date.
const LAST_DATE: i64 = 253_402_300_799_000;
/// How far away that date must be at least, in milliseconds.
const NEAREST_DATE: i64 = 600_000;

pub(super) fn place(call: &mut Call<'_>) -> Result<Json, Reject> {
    let result = call.params.get("newOrderRespType") == Some("RESULT");
    let new = read_new(call)?;
    let taken = call.exchange.place(new)?;
    // ACK tells the order as it was taken, RESULT what became of it at once.
    let order = if result { call.exchange.orders.get(taken.id).cloned().unwrap_or(taken) } else { taken };
    Ok(placed(call, &order))
}

fn test(call: &mut Call<'_>) -> Result<Json, Reject> {
    let new = read_new(call)?;
    call.exchange.check_new(&new)?;
    let order = call.exchange.draft(new, 0);
    Ok(placed(call, &order))
}

pub(super) fn modify(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = call.venue()?;
    let side = side(call)?;
    let order = find(call, venue)?.ok_or_else(Reject::no_such_order)?;
    if order.kind != Kind::Limit {
        let code = if call.market == Market::UsdM { -5025 } else { -4196 };
        return Err(Reject::new(code, "Only limit order is supported."));
    }
    if order.side != side {
        return Err(Reject::invalid("side"));
    }
    let (id, reduce_only) = (order.id, order.reduce_only);
    let lots = read_quantity(call, venue, Kind::Limit)?;
    let (_, ticks) = read_price(call, venue, side)?;
    let state = &call.exchange.venues[venue];
    rules::notional(state, Kind::Limit, ticks, lots, reduce_only)?;
    let modify_id = call.params.int("modifyId")?;
    call.exchange.modify(id, ticks, lots, modify_id)?;
    let order = call.exchange.orders.get(id).ok_or_else(Reject::no_such_order)?;
    Ok(modified(call, order))
}

pub(super) fn cancel(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = call.venue()?;
    let id = find(call, venue)?.ok_or_else(Reject::unknown_order)?.id;
    call.exchange.cancel(id)?;
    let order = call.exchange.orders.get(id).ok_or_else(Reject::unknown_order)?;
    Ok(placed(call, order))
}

fn cancel_all(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = call.venue()?;
    call.exchange.cancel_all(call.account, venue);
    Ok(object! { "code": 200, "msg": "The operation of cancel all open order is done." })
}

fn query(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = call.venue()?;
    let order = find(call, venue)?.ok_or_else(Reject::no_such_order)?;
    Ok(full(call, order))
}

fn query_open(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = call.venue()?;
    let order =
        find(call, venue)?.filter(|order| order.status.is_open()).ok_or_else(Reject::no_such_order)?;
    Ok(full(call, order))
}

fn open_orders(call: &mut Call<'_>) -> Result<Json, Reject> {
    let (symbol, pair) = (call.venue_if_sent()?, call.params.get("pair"));
    let (account, market) = (call.account, call.market);
    let wanted = call.exchange.orders.open().filter(|order| {
        let contract = call.contract(order.venue);
        order.account == account
            && contract.market == market
            && symbol.is_none_or(|symbol| symbol == order.venue)
            && pair.is_none_or(|pair| pair == contract.pair)
    });
    Ok(Json::array(wanted.map(|order| full(call, order))))
}

/// Reads a new order and holds it against the filters.
pub(super) fn read_new(call: &Call<'_>) -> Result<NewOrder, Reject> {
    let venue = call.venue()?;
    let side = side(call)?;
    let kind = match call.params.need("type")? {
        "LIMIT" => Kind::Limit,
        "MARKET" => Kind::Market,
        "STOP" | "STOP_MARKET" | "TAKE_PROFIT" | "TAKE_PROFIT_MARKET" | "TRAILING_STOP_MARKET" => {
            let msg = "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.";
            return Err(Reject::new(-4120, msg));
        }
        _ => return Err(Reject::new(-1116, "Invalid orderType.")),
    };
    let time_in_force = match call.params.get("timeInForce").map(TimeInForce::parse) {
        Some(Some(word)) => Some(word),
        Some(None) => return Err(Reject::new(-1115, "Invalid timeInForce.")),
        None => None,
    };
    let lots = read_quantity(call, venue, kind)?;
    let reduce_only = call.params.flag("reduceOnly")?;
    let state = &call.exchange.venues[venue];
    let (time_in_force, price_match, ticks) = match kind {
        Kind::Limit => {
            let time_in_force = time_in_force.ok_or_else(|| Reject::missing("timeInForce"))?;
            let (price_match, ticks) = read_price(call, venue, side)?;
            (time_in_force, price_match, ticks)
        }
        Kind::Market => {
            for name in ["timeInForce", "price", "priceMatch"] {
                if call.params.has(name) {
                    return Err(Reject::not_required(name));
                }
            }
            rules::market_price(state, side)?;
            (TimeInForce::Gtc, "NONE", 0)
        }
    };
    rules::notional(state, kind, ticks, lots, reduce_only)?;
    let position_side = match call.params.get("positionSide").map(PositionSide::parse) {
        None => PositionSide::Both,
        Some(Some(word)) => word,
        Some(None) => return Err(Reject::new(-4060, "Invalid position side.")),
    };
    let self_trade = match call.params.get("selfTradePreventionMode").map(SelfTrade::parse) {
        None => SelfTrade::Maker,
        Some(Some(word)) => word,
        Some(None) => return Err(Reject::new(-5039, "Invalid self trade prevention mode")),
    };
    Ok(NewOrder {
        account: call.account,
        venue,
        side,
        kind,
        time_in_force,
        ticks,
        lots,
        client_id: client_id(call, "newClientOrderId")?.map(str::to_owned),
        reduce_only,
        position_side,
        self_trade,
        price_match,
        good_till: good_till(call, time_in_force)?,
    })
}

fn side(call: &Call<'_>) -> Result<Side, Reject> {
    match call.params.need("side")? {
        "BUY" => Ok(Side::Buy),
        "SELL" => Ok(Side::Sell),
        _ => Err(Reject::new(-1117, "Invalid side.")),
    }
}

fn read_quantity(call: &Call<'_>, venue: usize, kind: Kind) -> Result<i64, Reject> {
    let quantity = call.params.decimal("quantity")?.ok_or_else(|| Reject::missing("quantity"))?;
    rules::quantity(call.contract(venue), kind, quantity)
}

/// A price, said or taken from the book: how it was taken, and in ticks.
fn read_price(call: &Call<'_>, venue: usize, side: Side) -> Result<(&'static str, i64), Reject> {
    let state = &call.exchange.venues[venue];
    match (call.params.decimal("price")?, call.params.get("priceMatch")) {
        (Some(price), None | Some("NONE")) => Ok(("NONE", rules::price(state, side, price)?)),
        (Some(_), Some(_)) => Err(Reject::not_required("price")),
        (None, Some(price_match)) => rules::matched(state, side, price_match),
        (None, None) => Err(Reject::missing("price")),
    }
}

fn good_till(call: &Call<'_>, time_in_force: TimeInForce) -> Result<i64, Reject> {
    match (time_in_force, call.params.int("goodTillDate")?) {
        (TimeInForce::Gtd, None) => Err(Reject::missing("goodTillDate")),
        (TimeInForce::Gtd, Some(date)) => {
            let earliest = call.exchange.server_time() + NEAREST_DATE;
            if date > earliest && date < LAST_DATE {
                // Only whole seconds count.
                return Ok(date / 1_000 * 1_000);
            }
            let msg = "The goodTillDate timestamp must be greater than the current time plus 600 seconds and smaller \
                       than 253402300799000 (UTC 9999-12-31 23:59:59)";
            Err(Reject::new(-5040, msg))
        }
        (_, Some(0) | None) => Ok(0),
        (_, Some(_)) => Err(Reject::not_required("goodTillDate")),
    }
}

/// A client order id, if it is sent and well formed.
pub(super) fn client_id<'a>(call: &'a Call<'_>, name: &str) -> Result<Option<&'a str>, Reject> {
    let Some(id) = call.params.get(name) else { return Ok(None) };
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b".:/_-".contains(&byte);
    if !id.bytes().all(legal) {
        return Err(Reject::illegal_chars(name, CLIENT_ID_RANGE));
    }
    if id.len() > 36 {
        return Err(Reject::new(-4015, "Client order id length should not be more than 36 chars"));
    }
    Ok(Some(id))
}

/// The order of the caller that `orderId` or `origClientOrderId` names, in a contract.
pub(super) fn find<'a>(call: &'a Call<'_>, venue: usize) -> Result<Option<&'a Order>, Reject> {
    let orders = &call.exchange.orders;
    let own = |order: &&Order| (order.account, order.venue) == (call.account, venue);
    if let Some(id) = call.params.int("orderId")? {
        return Ok(orders.get(id.unsigned_abs()).filter(own));
    }
    match call.params.get("origClientOrderId") {
        Some(id) => Ok(orders.by_client(call.account, venue, id)),
        None => Err(Reject::either("origClientOrderId", "orderId")),
    }
}

/// An order in the shape that placing and cancelling answer with.
fn placed(call: &Call<'_>, order: &Order) -> Json {
    let contract = call.contract(order.venue);
    let begin = object! {
        "clientOrderId": order.client_id,
        "cumQty": contract.quantity(order.executed),
        "executedQty": contract.quantity(order.executed),
        "orderId": order.id,
        "origQty": contract.quantity(order.lots),
        "price": contract.price(order.ticks),
        "reduceOnly": order.reduce_only,
        "side": order.side.as_str(),
        "positionSide": order.position_side.as_str(),
        "status": order.status.as_str(),
        "stopPrice": "0",
        "closePosition": false,
        "symbol": contract.symbol,
    };
    let pair = object! { "pair": contract.pair };
    let end = object! {
        "timeInForce": order.time_in_force.as_str(),
        "type": order.kind.as_str(),
        "origType": order.kind.as_str(),
        "updateTime": order.update_time,
        "workingType": "CONTRACT_PRICE",
        "priceProtect": false,
        "priceMatch": order.price_match,
        "selfTradePreventionMode": order.self_trade.as_str(),
    };
    match call.market {
        Market::UsdM => begin.with(&end).with(&object! { "goodTillDate": order.good_till }),
        Market::CoinM => begin.with(&pair).with(&end),
    }
}

/// An order in the shape that changing it answers with.
fn modified(call: &Call<'_>, order: &Order) -> Json {
    let contract = call.contract(order.venue);
    let begin = object! {
        "orderId": order.id,
        "symbol": contract.symbol,
        "pair": contract.pair,
        "status": order.status.as_str(),
        "clientOrderId": order.client_id,
    };
    let begin = match order.modify_id {
        Some(id) => begin.with(&object! { "modifyId": id }),
        None => begin,
    };
    let middle = object! {
        "price": contract.price(order.ticks),
        "origQty": contract.quantity(order.lots),
        "executedQty": contract.quantity(order.executed),
        "cumQty": contract.quantity(order.executed),
        "timeInForce": order.time_in_force.as_str(),
        "type": order.kind.as_str(),
        "reduceOnly": order.reduce_only,
        "closePosition": false,
        "side": order.side.as_str(),
        "positionSide": order.position_side.as_str(),
        "stopPrice": "0",
        "workingType": "CONTRACT_PRICE",
        "priceProtect": false,
        "origType": order.kind.as_str(),
        "priceMatch": order.price_match,
        "selfTradePreventionMode": order.self_trade.as_str(),
    };
    let end = object! { "updateTime": order.update_time };
    match call.market {
        Market::UsdM => begin.with(&middle).with(&object! { "goodTillDate": order.good_till }).with(&end),
        Market::CoinM => begin.with(&middle).with(&end),
    }
}

/// An order in the shape that asking for it answers with.
fn full(call: &Call<'_>, order: &Order) -> Json {
    let contract = call.contract(order.venue);
    let turnover = frames::turnover(contract, order.turnover);
    let begin = object! { "avgPrice": average_price(contract, order), "clientOrderId": order.client_id };
    let begin = match call.market {
        Market::UsdM => begin.with(&object! { "cumQuote": turnover }),
        Market::CoinM => begin.with(&object! { "cumBase": turnover }),
    };
    let middle = object! {
        "executedQty": contract.quantity(order.executed),
        "orderId": order.id,
        "origQty": contract.quantity(order.lots),
        "origType": order.kind.as_str(),
        "price": contract.price(order.ticks),
        "reduceOnly": order.reduce_only,
        "side": order.side.as_str(),
        "positionSide": order.position_side.as_str(),
        "status": order.status.as_str(),
        "stopPrice": "0",
        "closePosition": false,
        "symbol": contract.symbol,
    };
    let end = object! {
        "time": order.time,
        "timeInForce": order.time_in_force.as_str(),
        "type": order.kind.as_str(),
        "updateTime": order.update_time,
        "workingType": "CONTRACT_PRICE",
        "priceProtect": false,
        "priceMatch": order.price_match,
        "selfTradePreventionMode": order.self_trade.as_str(),
    };
    match call.market {
        Market::UsdM => begin.with(&middle).with(&end).with(&object! { "goodTillDate": order.good_till }),
        Market::CoinM => begin.with(&middle).with(&object! { "pair": contract.pair }).with(&end),
    }
}

/// An order in the shape of the list of all orders, which is that of both markets.
pub(super) fn historical(call: &Call<'_>, order: &Order) -> Json {
    match call.market {
        Market::UsdM => {
            let pair = call.contract(order.venue).pair;
            full(call, order).with(&object! { "cumBase": "0", "pair": pair })
        }
        Market::CoinM => {
            full(call, order).with(&object! { "cumQuote": "0", "goodTillDate": order.good_till })
        }
    }
}
