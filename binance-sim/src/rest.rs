//! REST: finds the endpoint, checks the request, and lets its handler answer.
//!
//! A handler is one small function in the file of its subject, registered there by method and path. The facts of its
//! endpoint (security, weight, parameters) come from the catalog of `binance_core`.

use std::{collections::HashMap, net::IpAddr};

use binance_core::{
    CATALOG,
    endpoint::{Market, Meta, Method, Weight},
};

use crate::{
    contracts::Contract,
    door,
    exchange::Exchange,
    json::Json,
    limits::OrderCounts,
    market::Venue,
    params::Params,
    reject::Reject,
    server::{Request, Response},
};

mod account;
mod algo;
mod batch;
mod book;
mod control;
mod convert;
mod downloads;
mod general;
mod history;
mod klines;
mod listen_key;
mod orders;
mod positions;
mod prices;
mod reference;
mod rules;
mod settings;
mod statistics;
mod terms;
mod tickers;
mod trades;
mod venues;

pub(crate) use self::convert::Quote;

/// Every handler.
const ROUTES: [&[Route]; 19] = [
    general::ROUTES,
    book::ROUTES,
    trades::ROUTES,
    klines::ROUTES,
    prices::ROUTES,
    tickers::ROUTES,
    statistics::ROUTES,
    reference::ROUTES,
    orders::ROUTES,
    batch::ROUTES,
    algo::ROUTES,
    history::ROUTES,
    account::ROUTES,
    settings::ROUTES,
    terms::ROUTES,
    downloads::ROUTES,
    convert::ROUTES,
    positions::ROUTES,
    listen_key::ROUTES,
];

/// What answers a request.
type Handler = fn(&mut Call<'_>) -> Result<Json, Reject>;

/// A handler and where it belongs.
#[derive(Clone, Copy, Debug)]
struct Route {
    method: Method,
    path: &'static str,
    handler: Handler,
}

impl Route {
    const fn get(path: &'static str, handler: Handler) -> Self {
        Self { method: Method::Get, path, handler }
    }

    const fn post(path: &'static str, handler: Handler) -> Self {
        Self { method: Method::Post, path, handler }
    }

    const fn put(path: &'static str, handler: Handler) -> Self {
        Self { method: Method::Put, path, handler }
    }

    const fn delete(path: &'static str, handler: Handler) -> Self {
        Self { method: Method::Delete, path, handler }
    }
}

/// A request that has passed the door.
struct Call<'a> {
    exchange: &'a mut Exchange,
    params: Params,
    /// Whose key it is; the first account where none is needed.
    account: usize,
    market: Market,
    path: &'static str,
}

impl Call<'_> {
    /// The number of the contract that `symbol` names, of the endpoint's own market.
    fn venue(&self) -> Result<usize, Reject> {
        let venue = self.any_venue()?;
        if self.contract(venue).market == self.market { Ok(venue) } else { Err(Reject::symbol()) }
    }

    /// The number of the contract that `symbol` names, of either market.
    fn any_venue(&self) -> Result<usize, Reject> {
        self.exchange.venue(self.params.need("symbol")?).ok_or_else(Reject::symbol)
    }

    /// The number of the contract that `symbol` names, if it is sent.
    fn venue_if_sent(&self) -> Result<Option<usize>, Reject> {
        if self.params.has("symbol") { self.venue().map(Some) } else { Ok(None) }
    }

    /// `startTime` and `endTime`, in this order.
    fn span(&self) -> Result<(Option<i64>, Option<i64>), Reject> {
        let (start, end) = (self.params.int("startTime")?, self.params.int("endTime")?);
        if start.zip(end).is_some_and(|(start, end)| start > end) {
            return Err(Reject::new(-1023, "Start time is greater than end time."));
        }
        Ok((start, end))
    }

    fn contract(&self, venue: usize) -> &Contract {
        &self.exchange.venues[venue].contract
    }

    /// The venues of the endpoint's market, each with its number.
    fn venues(&self) -> impl Iterator<Item = (usize, &Venue)> {
        let market = self.market;
        self.exchange.venues.iter().enumerate().filter(move |(_, venue)| venue.contract.market == market)
    }
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    meta: Meta,
    handler: Option<Handler>,
}

/// The endpoints by path.
#[derive(Debug)]
pub(crate) struct Router(HashMap<&'static str, Vec<Entry>>);

impl Router {
    pub(crate) fn new() -> Self {
        let mut router: HashMap<_, Vec<_>> = HashMap::new();
        for meta in CATALOG.iter().copied() {
            let mut routes = ROUTES.into_iter().flatten();
            let route = routes.find(|route| route.path == meta.path && route.method == meta.method);
            let entries = router.entry(meta.path).or_default();
            entries.push(Entry { meta, handler: route.map(|route| route.handler) });
        }
        Self(router)
    }
}

/// The endpoint that a request is for. Both markets have statistics under the same paths: the pair or symbol tells
/// which is meant.
fn choose(exchange: &Exchange, entries: &[Entry], method: &str, params: Option<&Params>) -> Option<Entry> {
    let entries = || entries.iter().filter(|entry| entry.meta.method.as_str() == method).copied();
    let mut named = ["symbol", "pair"].into_iter().filter_map(|name| params?.get(name));
    let inverse = named.any(|name| {
        let mut contracts = exchange.venues.iter().map(|venue| &venue.contract);
        contracts.any(|contract| contract.is_inverse() && (contract.symbol == name || contract.pair == name))
    });
    let market = if inverse { Market::CoinM } else { Market::UsdM };
    entries().find(|entry| entry.meta.market == market).or_else(|| entries().next())
}

/// Answers a request.
pub(crate) fn answer(exchange: &mut Exchange, request: &Request) -> Response {
    if let Some(path) = request.path.strip_prefix("/sim/") {
        return control::answer(exchange, request, path);
    }
    let Some(entries) = exchange.router.0.get(request.path.as_str()) else {
        return Response::html(404, "<html><body><h2>404 Not found</h2></body></html>\n");
    };
    let params = Params::parse(&request.query, &request.body);
    let Some(entry) = choose(exchange, entries, &request.method, params.as_ref().ok()) else {
        return Response::html(405, "<html><body><h2>405 Method not allowed</h2></body></html>\n");
    };
    let now = exchange.server_time();
    let weight = params.as_ref().map_or(1, |params| weigh(entry.meta.weight, params));
    let used = match exchange.limits.charge(request.from, weight, now) {
        Ok(used) => used,
        Err((used, reject)) => return Response::reject(&reject).with_used_weight(used),
    };
    if request.path.starts_with("/futures/data/")
        && let Err(reject) = exchange.limits.statistics(request.from, now)
    {
        return Response::reject(&reject).with_used_weight(used);
    }
    let result = params.and_then(|params| carry_out(exchange, request, params, &entry));
    let response = match result {
        Ok((json, counts)) => Response::json(json).with_order_counts(counts),
        Err(reject) => Response::reject(&reject),
    };
    response.with_used_weight(used)
}

/// A reply that did not come from a handler still tells what the address used.
pub(crate) fn used_weight(exchange: &Exchange, from: IpAddr) -> u32 {
    exchange.limits.used(from, exchange.server_time())
}

fn carry_out(
    exchange: &mut Exchange,
    request: &Request,
    params: Params,
    entry: &Entry,
) -> Result<(Json, Option<OrderCounts>), Reject> {
    let account = door::enter(exchange, request, &params, &entry.meta)?;
    perform(exchange, entry, params, account)
}

/// Lets the handler of an endpoint answer a call that has passed the door of the WebSocket API.
pub(crate) fn call(
    exchange: &mut Exchange,
    meta: &Meta,
    params: Params,
    account: usize,
) -> Result<(Json, Option<OrderCounts>), Reject> {
    let entries = exchange.router.0.get(meta.path).map(Vec::as_slice).unwrap_or_default();
    let mut entries = entries.iter().copied();
    let entry = entries.find(|entry| entry.meta.method == meta.method && entry.meta.market == meta.market);
    let entry = entry.ok_or_else(|| Reject::new(-1020, "This operation is not supported."))?;
    perform(exchange, &entry, params, account)
}

fn perform(
    exchange: &mut Exchange,
    entry: &Entry,
    params: Params,
    account: usize,
) -> Result<(Json, Option<OrderCounts>), Reject> {
    let meta = &entry.meta;
    params.check(meta)?;
    let handler =
        entry.handler.ok_or_else(|| Reject::new(-1020, "This operation is not supported.").status(501))?;
    let (per_10s, per_minute) = (meta.orders.per_10s, meta.orders.per_minute);
    let counts = if per_10s > 0 || per_minute > 0 {
        Some(exchange.limits.order(account, per_10s, per_minute, exchange.clock.server())?)
    } else {
        None
    };
    let json = handler(&mut Call { exchange, params, account, market: meta.market, path: meta.path })?;
    Ok((json, counts))
}

/// The weight of a request, from the facts of its endpoint.
pub(crate) fn weigh(weight: Weight, params: &Params) -> u32 {
    match weight {
        Weight::Fixed(weight) => weight,
        Weight::ByLimit { default, steps } => {
            let limit = params.int("limit").ok().flatten().map_or(i64::from(default), |limit| limit);
            let step = steps.iter().find(|(highest, _)| limit <= i64::from(*highest)).or(steps.last());
            step.map_or(1, |(_, weight)| *weight)
        }
        Weight::With { any_of, with, without } => {
            if any_of.iter().any(|name| params.has(name)) {
                with
            } else {
                without
            }
        }
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_handler_has_an_endpoint() {
        let router = Router::new();
        for route in ROUTES.into_iter().flatten() {
            let entries =
                router.0.get(route.path).unwrap_or_else(|| panic!("{} is in no catalog", route.path));
            assert!(entries.iter().any(|entry| entry.meta.method == route.method), "{route:?}");
        }
    }
}
