//! Downloads of the past: they are ordered and given an id, but nothing here makes the file.

use super::{Call, Route};
use crate::{
    calendar::DAY,
    json::{Json, object},
    reject::Reject,
};

pub(super) const ROUTES: &[Route] = &[
    Route::get("/fapi/v1/income/asyn", order),
    Route::get("/dapi/v1/income/asyn", order),
    Route::get("/fapi/v1/order/asyn", order),
    Route::get("/dapi/v1/order/asyn", order),
    Route::get("/fapi/v1/trade/asyn", order),
    Route::get("/dapi/v1/trade/asyn", order),
    Route::get("/fapi/v1/income/asyn/id", query),
    Route::get("/dapi/v1/income/asyn/id", query),
    Route::get("/fapi/v1/order/asyn/id", query),
    Route::get("/dapi/v1/order/asyn/id", query),
    Route::get("/fapi/v1/trade/asyn/id", query),
    Route::get("/dapi/v1/trade/asyn/id", query),
];

/// How much time one download may cover.
const LONGEST: i64 = 366 * DAY;
/// The id before the first one.
const FIRST: u64 = 545_923_594_199_212_032;
/// How many downloads an account may order, so that their list has an end.
const MOST: usize = 1_000;

fn order(call: &mut Call<'_>) -> Result<Json, Reject> {
    let (start, end) = call.span()?;
    if start.zip(end).is_none_or(|(start, end)| end - start > LONGEST) {
        return Err(Reject::new(-4165, "Invalid time interval"));
    }
    let path = call.path;
    let downloads = &mut call.exchange.accounts[call.account].downloads;
    if downloads.len() >= MOST {
        return Err(Reject::new(-1003, "Too many requests.").status(429));
    }
    downloads.push(path);
    let id = FIRST + downloads.len() as u64;
    Ok(object! { "avgCostTimestampOfLast30d": 7_241_837, "downloadId": id.to_string() })
}

fn query(call: &mut Call<'_>) -> Result<Json, Reject> {
    let id = call.params.need("downloadId")?;
    let number = id.parse().ok().and_then(|id: u64| id.checked_sub(FIRST + 1));
    let number = number.and_then(|number| usize::try_from(number).ok());
    let ordered = number.and_then(|number| call.exchange.accounts[call.account].downloads.get(number));
    if ordered.copied() != call.path.strip_suffix("/id") {
        return Err(Reject::invalid("downloadId"));
    }
    Ok(object! {
        "downloadId": id,
        "status": "processing",
        "url": "",
        "notified": false,
        "expirationTimestamp": -1,
        "isExpired": "null",
    })
}
