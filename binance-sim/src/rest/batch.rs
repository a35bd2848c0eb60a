//! Several orders at once: each is taken, changed or refused by itself.

use binance_core::{
    CATALOG,
    endpoint::{Market, Method},
};

use super::{Call, Handler, Route, orders};
use crate::{
    json::Json,
    params::{Params, objects, words},
    reject::Reject,
};

pub(super) const ROUTES: &[Route] = &[
    Route::post("/fapi/v1/batchOrders", place),
    Route::post("/dapi/v1/batchOrders", place),
    Route::put("/fapi/v1/batchOrders", modify),
    Route::put("/dapi/v1/batchOrders", modify),
    Route::delete("/fapi/v1/batchOrders", cancel),
    Route::delete("/dapi/v1/batchOrders", cancel),
];

/// The most orders that are placed or changed at once.
const MAX_ORDERS: usize = 5;
/// The most orders that are cancelled at once.
const MAX_CANCELS: usize = 10;

fn place(call: &mut Call<'_>) -> Result<Json, Reject> {
    each(call, Method::Post, orders::place)
}

fn modify(call: &mut Call<'_>) -> Result<Json, Reject> {
    each(call, Method::Put, orders::modify)
}

fn cancel(call: &mut Call<'_>) -> Result<Json, Reject> {
    call.venue()?;
    let symbol = call.params.need("symbol")?.to_owned();
    let (name, ids) = match (call.params.get("orderIdList"), call.params.get("origClientOrderIdList")) {
        (Some(ids), _) => ("orderId", words(ids).ok_or_else(|| Reject::invalid("orderIdList"))?),
        (None, Some(ids)) => {
            ("origClientOrderId", words(ids).ok_or_else(|| Reject::invalid("origClientOrderIdList"))?)
        }
        (None, None) => return Err(Reject::either("orderIdList", "origClientOrderIdList")),
    };
    size(ids.len(), MAX_CANCELS)?;
    let elements = ids.into_iter().map(|id| {
        let symbol = ("symbol".to_owned(), symbol.clone());
        Ok(Params::of(vec![symbol, (name.to_owned(), id)]))
    });
    let elements = elements.collect();
    Ok(run(call, Method::Delete, orders::cancel, elements))
}

fn each(call: &mut Call<'_>, method: Method, handler: Handler) -> Result<Json, Reject> {
    let elements = objects(call.params.need("batchOrders")?);
    let elements = elements.ok_or_else(|| Reject::invalid("batchOrders"))?;
    size(elements.len(), MAX_ORDERS)?;
    Ok(run(call, method, handler, elements))
}

fn size(count: usize, max: usize) -> Result<(), Reject> {
    if (1..=max).contains(&count) {
        return Ok(());
    }
    Err(Reject::new(-4082, format!("Invalid number of batch place orders: {count}")))
}

/// Does with each element what the endpoint for a single order does.
fn run(call: &mut Call<'_>, method: Method, handler: Handler, elements: Vec<Result<Params, Reject>>) -> Json {
    let path = if call.market == Market::UsdM { "/fapi/v1/order" } else { "/dapi/v1/order" };
    let single = CATALOG.iter().find(|meta| meta.path == path && meta.method == method);
    Json::array(elements.into_iter().map(|params| {
        let result = params.and_then(|params| {
            single.map_or(Ok(()), |meta| params.check(meta))?;
            handler(&mut Call {
                exchange: call.exchange,
                params,
                account: call.account,
                market: call.market,
                path,
            })
        });
        result.unwrap_or_else(|reject| reject.body())
    }))
}
