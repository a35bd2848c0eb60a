//! The control endpoint, for programs that cannot call the library: `/sim/…`.

use binance_core::{Decimal, Market};

use crate::{
    book::Side,
    exchange::Exchange,
    faults::Fault,
    json::{Json, object},
    params::Params,
    reject::Reject,
    replay::market_name,
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
            let Some(symbol) = params.get("symbol") else {
                let symbols = exchange.venues.iter().map(|venue| &venue.contract.symbol);
                return Ok(Json::array(symbols.filter_map(|symbol| book(exchange, symbol))));
            };
            book(exchange, symbol).ok_or_else(Reject::symbol)
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
        ("GET", "fault") => Ok(object! { "injected": injected(exchange) }),
        ("DELETE", "fault") => {
            exchange.faults.clear();
            Ok(Json::empty())
        }
        ("POST", "skew") => {
            // Behind is negative, which no parameter of the exchange is.
            let params = Params::parse(&request.query, &request.body)?;
            let millis = params.need("millis")?.parse().map_err(|_| Reject::invalid("millis"))?;
            exchange.clock.set_skew(millis);
            Ok(object! { "time": exchange.server_time() })
        }
        ("POST", "trade") => {
            let params = Params::parse(&request.query, &request.body)?;
            let side = match params.need("side")? {
                "BUY" => Side::Buy,
                "SELL" => Side::Sell,
                _ => return Err(Reject::invalid("side")),
            };
            let symbol = params.need("symbol")?;
            exchange.venue(symbol).ok_or_else(Reject::symbol)?;
            let quantity = params.need("quantity")?.parse().map_err(|_| Reject::invalid("quantity"))?;
            Ok(object! { "executedQty": exchange.trade_by_others(symbol, side, quantity).to_string() })
        }
        ("POST", "expireListenKeys") => {
            exchange.expire_listen_keys();
            Ok(Json::empty())
        }
        ("POST", "dropStreams") => {
            exchange.hub.drop_all();
            Ok(Json::empty())
        }
        _ => Err(Reject::new(-1020, "This operation is not supported.").status(404)),
    }
}

/// A number that may be negative.
fn decimal(params: &Params, name: &str) -> Result<Decimal, Reject> {
    params.need(name)?.parse().map_err(|_| Reject::invalid(name))
}

fn done(done: bool, name: &str) -> Result<Json, Reject> {
    if done { Ok(Json::empty()) } else { Err(Reject::invalid(name)) }
}

fn book(exchange: &Exchange, symbol: &str) -> Option<Json> {
    let book = exchange.book_truth(symbol)?;
    let levels = |levels: &[(Decimal, Decimal)]| {
        Json::array(levels.iter().map(|(price, quantity)| (price.to_string(), quantity.to_string())))
    };
    let (bids, asks) = (levels(&book.bids), levels(&book.asks));
    Some(object! { "symbol": symbol, "updateId": book.update_id, "bids": bids, "asks": asks })
}

fn injected(exchange: &Exchange) -> Json {
    let injected = exchange.faults.injected();
    Json::array(injected.iter().map(|injected| {
        object! { "what": format!("{:?}", injected.what), "at": injected.at, "time": injected.time }
    }))
}

fn truth(exchange: &Exchange) -> Json {
    let truth = exchange.truth();
    let orders = truth.orders.iter().map(|order| {
        object! {
            "market": market_name(order.market),
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
            "market": market_name(position.market),
            "symbol": position.symbol,
            "positionSide": position.side,
            "positionAmt": position.amount.to_string(),
            "entryPrice": position.entry_price.to_string(),
            "isolatedWallet": position.isolated_wallet.to_string(),
        }
    });
    let balances = truth.balances.iter().map(|balance| {
        object! {
            "market": market_name(balance.market),
            "asset": balance.asset,
            "walletBalance": balance.wallet.to_string(),
        }
    });
    let insurance = truth.insurance.iter().map(|fund| {
        object! { "market": market_name(fund.market), "asset": fund.asset, "balance": fund.balance.to_string() }
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
    let counts = truth.counts.iter().map(|(at, count)| object! { "at": at, "count": *count });
    object! {
        "time": truth.time,
        "orders": Json::array(orders),
        "positions": Json::array(positions),
        "balances": Json::array(balances),
        "insurance": Json::array(insurance),
        "received": Json::array(received),
        "counts": Json::array(counts),
        "injected": injected(exchange),
        "streamSockets": truth.stream_sockets,
    }
}
