//! What was: all orders, trades, incomes, changes of orders and margins, forced orders.

use binance_core::endpoint::Market;

use super::{Call, Route, orders};
use crate::{
    calendar::DAY,
    contracts::Contract,
    events::average_price,
    json::{Json, Padded, object},
    ledger::{Amendment, Fill, Income},
    num::Num,
    order::{Order, Origin},
    reject::Reject,
    streams::frames,
};

pub(super) const ROUTES: &[Route] = &[
    Route::get("/fapi/v1/allOrders", all_orders),
    Route::get("/dapi/v1/allOrders", all_orders),
    Route::get("/fapi/v1/userTrades", user_trades),
    Route::get("/dapi/v1/userTrades", user_trades),
    Route::get("/fapi/v1/income", income),
    Route::get("/dapi/v1/income", income),
    Route::get("/fapi/v1/orderAmendment", amendments),
    Route::get("/dapi/v1/orderAmendment", amendments),
    Route::get("/fapi/v1/positionMargin/history", margin_history),
    Route::get("/dapi/v1/positionMargin/history", margin_history),
    Route::get("/fapi/v1/forceOrders", force_orders),
    Route::get("/dapi/v1/forceOrders", force_orders),
];

/// How far apart start and end may be, and where the window begins when neither is said.
const WINDOW: i64 = 7 * DAY;

fn all_orders(call: &mut Call<'_>) -> Result<Json, Reject> {
    let wanted = Wanted::read(call)?;
    let from = call.params.int("orderId")?;
    let limit = limit(call, 500, 1_000, 50, 100)?;
    let orders = call.exchange.orders.all().into_iter().filter(|order| {
        let by_id = from.is_none_or(|from| order.id >= from.unsigned_abs());
        order.account == call.account
            && wanted.venue(call, order.venue)
            && by_id
            && (from.is_some() || wanted.time(order.time))
    });
    let rows: Vec<_> = orders.map(|order| orders::historical(call, order)).collect();
    Ok(cut(rows, limit, from.is_some() || wanted.start.is_some()))
}

fn user_trades(call: &mut Call<'_>) -> Result<Json, Reject> {
    let wanted = Wanted::read(call)?;
    let (from, order) = (call.params.int("fromId")?, call.params.int("orderId")?);
    if from.is_some() && (call.params.has("startTime") || call.params.has("endTime")) {
        return Err(Reject::new(-1128, "Combination of optional parameters invalid."));
    }
    let limit = limit(call, 500, 1_000, 50, 1_000)?;
    let account = &call.exchange.accounts[call.account];
    let fills = account.ledger.fills.all().map(|(_, fill)| fill).filter(|fill| {
        wanted.venue(call, fill.venue)
            && order.is_none_or(|order| fill.order == order.unsigned_abs())
            && from.is_none_or(|from| fill.trade >= from.unsigned_abs())
            && (from.is_some() || wanted.time(fill.time))
    });
    let rows: Vec<_> = fills.map(|fill| trade(call.contract(fill.venue), fill)).collect();
    Ok(cut(rows, limit, from.is_some() || wanted.start.is_some()))
}

fn trade(contract: &Contract, fill: &Fill) -> Json {
    let turnover = frames::turnover(contract, contract.turnover(fill.ticks, fill.lots));
    let zero = "0";
    let (quote, base) = match contract.market {
        Market::UsdM => (object! { "quoteQty": turnover }, object! { "baseQty": zero }),
        Market::CoinM => (object! { "quoteQty": zero }, object! { "baseQty": turnover }),
    };
    let begin = object! {
        "symbol": contract.symbol,
        "pair": contract.pair,
        "id": fill.trade,
        "orderId": fill.order,
        "side": fill.side.as_str(),
        "price": contract.price(fill.ticks),
        "qty": contract.quantity(fill.lots),
        "realizedPnl": Padded(fill.realized, 8),
        "marginAsset": contract.margin_asset,
    };
    begin.with(&quote).with(&base).with(&object! {
        "commission": Padded(fill.fee, 8),
        "commissionAsset": contract.margin_asset,
        "time": fill.time,
        "positionSide": fill.position_side.as_str(),
        "maker": fill.maker,
        "buyer": fill.side == crate::book::Side::Buy,
    })
}

fn income(call: &mut Call<'_>) -> Result<Json, Reject> {
    let wanted = Wanted::read(call)?;
    let kind = call.params.get("incomeType");
    let limit = call.params.limit(100, 1_000)?;
    let page = call.params.int("page")?.unwrap_or(1).max(1);
    let account = &call.exchange.accounts[call.account];
    let incomes = account.ledger.incomes.all().filter(|(_, income)| {
        let of_symbol = match income.venue {
            Some(venue) => wanted.venue(call, venue),
            None => wanted.symbol.is_none(),
        };
        income.market == call.market
            && of_symbol
            && wanted.time(income.time)
            && kind.is_none_or(|kind| kind == income.kind)
    });
    let skip = usize::try_from(page - 1).unwrap_or(usize::MAX).saturating_mul(limit);
    Ok(Json::array(incomes.skip(skip).take(limit).map(|(number, income)| entry(call, number, income))))
}

fn entry(call: &Call<'_>, number: u64, income: &Income) -> Json {
    let trade = income.trade.map_or(String::new(), |trade| trade.to_string());
    let begin = object! {
        "symbol": income.venue.map_or("", |venue| &call.contract(venue).symbol),
        "incomeType": income.kind,
        "income": Padded(income.amount, 8),
        "asset": income.asset,
        "info": if trade.is_empty() { income.kind } else { trade.as_str() },
        "time": income.time,
    };
    let begin = match call.market {
        Market::UsdM => begin.with(&object! { "tranId": number }),
        Market::CoinM => begin.with(&object! { "tranId": number.to_string() }),
    };
    begin.with(&object! { "tradeId": trade })
}

fn amendments(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = call.venue()?;
    let (start, end) = call.span()?;
    let limit = call.params.limit(50, 100)?;
    let order = orders::find(call, venue)?.ok_or_else(Reject::no_such_order)?;
    let account = &call.exchange.accounts[call.account];
    let rows: Vec<_> = account
        .ledger
        .amendments
        .all()
        .filter(|(_, one)| {
            one.order == order.id
                && start.is_none_or(|start| one.time >= start)
                && end.is_none_or(|end| one.time <= end)
        })
        .map(|(number, one)| amendment(call.contract(venue), &order.client_id, number, one))
        .collect();
    Ok(cut(rows, limit, start.is_some()))
}

fn amendment(contract: &Contract, client_id: &str, number: u64, one: &Amendment) -> Json {
    let change = object! {
        "price": object! { "before": contract.price(one.ticks.0), "after": contract.price(one.ticks.1) },
        "origQty": object! { "before": contract.quantity(one.lots.0), "after": contract.quantity(one.lots.1) },
        "count": one.count,
    };
    let change = match one.modify_id {
        Some(id) => change.with(&object! { "modifyId": id }),
        None => change,
    };
    object! {
        "amendmentId": number,
        "symbol": contract.symbol,
        "pair": contract.pair,
        "orderId": one.order,
        "clientOrderId": client_id,
        "time": one.time,
        "amendment": change,
    }
}

fn margin_history(call: &mut Call<'_>) -> Result<Json, Reject> {
    let venue = call.venue()?;
    let (start, end) = call.span()?;
    let kind = call.params.int("type")?;
    let limit = limit(call, 500, 1_000, 50, 1_000)?;
    let contract = call.contract(venue);
    let changes = call.exchange.accounts[call.account].ledger.margins.all().map(|(_, change)| change);
    let rows: Vec<_> = changes
        .filter(|change| change.venue == venue)
        .map(|change| (change, if change.amount < Num::ZERO { 2 } else { 1 }))
        .filter(|(change, of)| {
            kind.is_none_or(|kind| kind == *of)
                && start.is_none_or(|start| change.time >= start)
                && end.is_none_or(|end| change.time <= end)
        })
        .map(|(change, of)| {
            let row = object! {
                "amount": Padded(change.amount.abs(), 8),
                "asset": contract.margin_asset,
                "symbol": contract.symbol,
                "time": change.time,
                "type": of,
                "positionSide": change.position_side.as_str(),
            };
            match contract.market {
                Market::UsdM => row.with(&object! { "deltaType": "USER_ADJUST" }),
                Market::CoinM => row,
            }
        })
        .collect();
    Ok(cut(rows, limit, start.is_some()))
}

/// The orders by which the exchange closed positions.
fn force_orders(call: &mut Call<'_>) -> Result<Json, Reject> {
    let wanted = Wanted::read(call)?;
    let limit = call.params.limit(50, 100)?;
    let kind = call.params.get("autoCloseType");
    let orders = call.exchange.orders.all().into_iter().filter(|order| {
        let of_kind = match order.origin {
            Origin::Client | Origin::Settlement => false,
            Origin::Liquidation => kind != Some("ADL"),
            Origin::Deleveraging => kind != Some("LIQUIDATION"),
        };
        order.account == call.account && of_kind && wanted.venue(call, order.venue) && wanted.time(order.time)
    });
    let rows: Vec<_> = orders.map(|order| forced(call, order)).collect();
    Ok(cut(rows, limit, wanted.start.is_some()))
}

fn forced(call: &Call<'_>, order: &Order) -> Json {
    let contract = call.contract(order.venue);
    let begin = object! {
        "orderId": order.id,
        "symbol": contract.symbol,
        "pair": contract.pair,
        "status": order.status.as_str(),
        "clientOrderId": order.client_id,
        "price": contract.price(order.ticks),
        "avgPrice": average_price(contract, order),
        "origQty": contract.quantity(order.lots),
        "executedQty": contract.quantity(order.executed),
    };
    let turnover = frames::turnover(contract, order.turnover);
    let size = contract.quantity(order.executed);
    let worth = match contract.market {
        Market::UsdM => object! { "cumQuote": turnover, "cumBase": size },
        Market::CoinM => {
            let quote = Num::int(contract.contract_size).mul(size.num());
            object! { "cumBase": turnover, "cumQuote": quote }
        }
    };
    let middle = object! {
        "timeInForce": order.time_in_force.as_str(),
        "type": order.kind.as_str(),
        "reduceOnly": order.reduce_only,
        "closePosition": false,
        "side": order.side.as_str(),
        "positionSide": order.position_side.as_str(),
        "stopPrice": "0",
        "workingType": "CONTRACT_PRICE",
        "origType": order.kind.as_str(),
        "time": order.time,
        "updateTime": order.update_time,
    };
    let row = begin.with(&worth).with(&middle);
    match contract.market {
        Market::UsdM => row,
        Market::CoinM => row.with(&object! { "priceProtect": false, "goodTillDate": order.good_till }),
    }
}

/// Which contracts and which time are asked for.
struct Wanted {
    symbol: Option<usize>,
    pair: Option<String>,
    start: Option<i64>,
    from: i64,
    to: i64,
}

impl Wanted {
    fn read(call: &Call<'_>) -> Result<Self, Reject> {
        let (start, end) = call.span()?;
        if start.zip(end).is_some_and(|(start, end)| end - start > WINDOW) && !call.path.ends_with("/income")
        {
            return Err(Reject::new(-4165, "Invalid time interval"));
        }
        let now = call.exchange.server_time();
        let from = start.unwrap_or_else(|| end.unwrap_or(now).saturating_sub(WINDOW));
        let pair = call.params.get("pair").map(str::to_owned);
        let symbol = call.venue_if_sent()?;
        Ok(Self { symbol, pair, start, from, to: end.unwrap_or(i64::MAX) })
    }

    fn venue(&self, call: &Call<'_>, venue: usize) -> bool {
        let contract = call.contract(venue);
        contract.market == call.market
            && self.symbol.is_none_or(|symbol| symbol == venue)
            && self.pair.as_deref().is_none_or(|pair| pair == contract.pair)
    }

    const fn time(&self, time: i64) -> bool {
        self.from <= time && time <= self.to
    }
}

/// The limit by market: default and highest of USDⓈ-M, then of COIN-M.
fn limit(call: &Call<'_>, um: usize, um_max: usize, cm: usize, cm_max: usize) -> Result<usize, Reject> {
    match call.market {
        Market::UsdM => call.params.limit(um, um_max),
        Market::CoinM => call.params.limit(cm, cm_max),
    }
}

/// The oldest rows when a beginning is named, otherwise the newest; oldest first.
fn cut(rows: Vec<Json>, limit: usize, from_oldest: bool) -> Json {
    let skip = if from_oldest { 0 } else { rows.len().saturating_sub(limit) };
    Json::array(rows.into_iter().skip(skip).take(limit))
}
