//! The control endpoint, for programs that cannot call the library: `/sim/…`.

use binance_core::{Decimal, Market};

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
        ("POST", "price") => {
            let params = Params::parse(&request.query, &request.body)?;
            let price = decimal(&params, "price")?;
            done(exchange.jump(params.need("symbol")?, price), "symbol")
        }
        ("POST", "transfer") => {
            let params = Params::parse(&request.query, &request.body)?;
            let market = match params.need("market")? {
                "usdm" => Market::UsdM,
                "coinm" => Market::CoinM,
                _ => return Err(Reject::invalid("market")),
            };
            let amount = decimal(&params, "amount")?;
            let reason = params.get("reason").unwrap_or("DEPOSIT");
            done(exchange.transfer(market, params.need("asset")?, amount, reason), "asset")
        }
        ("POST", "deleverage") => {
            let params = Params::parse(&request.query, &request.body)?;
            done(exchange.deleverage_all(params.need("symbol")?), "symbol")
        }
        ("POST", "event") => {
            let params = Params::parse(&request.query, &request.body)?;
            done(exchange.make_up(params.need("name")?, params.need("symbol")?), "name")
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

/// A number that may be negative.
fn decimal(params: &Params, name: &str) -> Result<Decimal, Reject> {
    params.need(name)?.parse().map_err(|_| Reject::invalid(name))
}

const fn name(market: Market) -> &'static str {
    match market {
        Market::UsdM => "usdm",
        Market::CoinM => "coinm",
    }
}

fn done(done: bool, name: &str) -> Result<Json, Reject> {
    if done { Ok(Json::empty()) } else { Err(Reject::invalid(name)) }
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
            "isolatedWallet": position.isolated_wallet.to_string(),
        }
    });
    let balances = truth.balances.iter().map(|balance| {
        object! {
            "market": name(balance.market),
            "asset": balance.asset,
            "walletBalance": balance.wallet.to_string(),
        }
    });
    let insurance = truth.insurance.iter().map(|fund| {
        object! { "market": name(fund.market), "asset": fund.asset, "balance": fund.balance.to_string() }
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
        "insurance": Json::array(insurance),
        "received": Json::array(received),
        "injected": Json::array(injected),
        "streamSockets": truth.stream_sockets,
    }
}
