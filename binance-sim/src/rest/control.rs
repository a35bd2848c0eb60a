//! The control endpoint, for programs that cannot call the library: `/sim/…`.

use crate::{
    exchange::Exchange,
    faults::Fault,
    json::{Json, object},
    params::Params,
    reject::Reject,
    server::{Request, Response},
};

/// Answers what was asked under `/sim/`.
pub(super) fn answer(exchange: &mut Exchange, request: &Request, path: &str) -> Response {
    match carry_out(exchange, request, path) {
        Ok(json) => Response::json(json),
        Err(reject) => Response::reject(&reject),
    }
}

fn carry_out(exchange: &mut Exchange, request: &Request, path: &str) -> Result<Json, Reject> {
    match (request.method.as_str(), path) {
        ("GET", "truth") => Ok(truth(exchange)),
        ("GET", "book") => {
            let params = Params::parse(&request.query, "")?;
            let book = exchange.book_truth(params.need("symbol")?).ok_or_else(Reject::symbol)?;
            let levels = |levels: &[(_, _)]| {
                Json::array(levels.iter().map(
                    |(price, quantity): &(binance_core::Decimal, binance_core::Decimal)| {
                        (price.to_string(), quantity.to_string())
                    },
                ))
            };
            Ok(object! { "updateId": book.update_id, "bids": levels(&book.bids), "asks": levels(&book.asks) })
        }
        ("POST", "advance") => {
            let params = Params::parse(&request.query, &request.body)?;
            let millis = params.int("millis")?.ok_or_else(|| Reject::missing("millis"))?;
            exchange.advance(millis);
            Ok(object! { "time": exchange.server_time() })
        }
        ("POST", "contractInfo") => {
            let params = Params::parse(&request.query, &request.body)?;
            let venue = exchange.venue(params.need("symbol")?).ok_or_else(Reject::symbol)?;
            exchange.tell_contract(venue);
            Ok(Json::empty())
        }
        ("POST", "fault") => {
            let faults = Fault::from_json(&request.body);
            for fault in faults.map_err(|error| Reject::new(-1130, error.to_string()))? {
                exchange.faults.add(fault);
            }
            Ok(Json::empty())
        }
        ("DELETE", "fault") => {
            exchange.faults.clear();
            Ok(Json::empty())
        }
        _ => Err(Reject::new(-1020, "This operation is not supported.").status(404)),
    }
}

fn truth(exchange: &Exchange) -> Json {
    let truth = exchange.truth();
    let orders = truth.orders.iter().map(|order| {
        object! {
            "symbol": order.symbol,
            "orderId": order.order_id,
            "clientOrderId": order.client_order_id,
            "side": order.side.as_str(),
            "type": order.kind,
            "status": order.status,
            "price": order.price.to_string(),
            "origQty": order.quantity.to_string(),
            "executedQty": order.executed.to_string(),
        }
    });
    let positions = truth.positions.iter().map(|position| {
        object! {
            "symbol": position.symbol,
            "positionSide": position.side,
            "positionAmt": position.amount.to_string(),
            "entryPrice": position.entry_price.to_string(),
        }
    });
    let balances = truth.balances.iter().map(|balance| {
        object! {
            "market": match balance.market { binance_core::Market::UsdM => "usdm", binance_core::Market::CoinM => "coinm" },
            "asset": balance.asset,
            "walletBalance": balance.wallet.to_string(),
        }
    });
    let received = truth.received.iter().map(|request| {
        object! {
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "status": request.status,
            "time": request.time,
        }
    });
    let injected = exchange.faults.injected();
    let injected = injected.iter().map(|injected| {
        object! { "what": format!("{:?}", injected.what), "at": injected.at, "time": injected.time }
    });
    object! {
        "time": truth.time,
        "orders": Json::array(orders),
        "positions": Json::array(positions),
        "balances": Json::array(balances),
        "received": Json::array(received),
        "injected": Json::array(injected),
        "streamSockets": truth.stream_sockets,
    }
}
