//! Listen keys: starting, keeping alive and closing a user data stream.

use super::{Call, Route};
use crate::{
    json::{Json, object},
    reject::Reject,
};

pub(super) const ROUTES: &[Route] = &[
    Route::post("/fapi/v1/listenKey", start),
    Route::post("/dapi/v1/listenKey", start),
    Route::put("/fapi/v1/listenKey", keep_alive),
    Route::put("/dapi/v1/listenKey", keep_alive),
    Route::delete("/fapi/v1/listenKey", close),
    Route::delete("/dapi/v1/listenKey", close),
];

fn start(call: &mut Call<'_>) -> Result<Json, Reject> {
    let now = call.exchange.now;
    let key = call.exchange.listen_keys.start(call.account, call.market, now);
    Ok(object! { "listenKey": key })
}

fn keep_alive(call: &mut Call<'_>) -> Result<Json, Reject> {
    let now = call.exchange.now;
    let key = call.exchange.listen_keys.keep_alive(call.account, call.market, now).ok_or_else(no_such_key)?;
    Ok(object! { "listenKey": key })
}

fn close(call: &mut Call<'_>) -> Result<Json, Reject> {
    let key = call.exchange.listen_keys.end(call.account, call.market).ok_or_else(no_such_key)?;
    call.exchange.hub.close_users(&key.key);
    Ok(Json::empty())
}

fn no_such_key() -> Reject {
    Reject::new(
        -1125,
        "This listenKey does not exist. Please use `POST /fapi/v1/listenKey` to recreate `listenKey`",
    )
}
