//! Converting one asset of the USDⓈ-M wallets into another, at the index.

use binance_core::endpoint::Market;

use super::{Call, Route};
use crate::{
    calendar::{MINUTE, SECOND},
    json::{Json, object},
    notify::Change,
    num::Num,
    reject::Reject,
};

pub(super) const ROUTES: &[Route] = &[
    Route::get("/fapi/v1/convert/exchangeInfo", exchange_info),
    Route::post("/fapi/v1/convert/getQuote", quote),
    Route::post("/fapi/v1/convert/acceptQuote", accept),
    Route::get("/fapi/v1/convert/orderStatus", status),
];

/// What can be converted into each other.
const ASSETS: [&str; 4] = ["USDT", "USDC", "BTC", "ETH"];
/// The number before the first quote.
const FIRST: u64 = 12_415_572_563;
/// How many quotes an account may ask for, so that their list has an end.
const MOST: usize = 10_000;

/// A price that was offered.
#[derive(Clone, Debug)]
pub(crate) struct Quote {
    from: &'static str,
    to: &'static str,
    from_amount: Num,
    to_amount: Num,
    ratio: Num,
    valid_until: i64,
    accepted: Option<i64>,
}

fn exchange_info(call: &mut Call<'_>) -> Result<Json, Reject> {
    let (from, to) = (call.params.get("fromAsset"), call.params.get("toAsset"));
    let pairs = ASSETS.into_iter().flat_map(|one| ASSETS.map(|other| (one, other)));
    let wanted = pairs.filter(|(one, other)| {
        one != other && from.is_none_or(|from| from == *one) && to.is_none_or(|to| to == *other)
    });
    Ok(Json::array(wanted.map(|(one, other)| {
        let bounds =
            |asset| if asset == "BTC" || asset == "ETH" { ("0.0004", "50") } else { ("20", "2500000") };
        object! {
            "fromAsset": one,
            "toAsset": other,
            "fromAssetMinAmount": bounds(one).0,
            "fromAssetMaxAmount": bounds(one).1,
            "toAssetMinAmount": bounds(other).0,
            "toAssetMaxAmount": bounds(other).1,
        }
    })))
}

fn quote(call: &mut Call<'_>) -> Result<Json, Reject> {
    let asset = |name: &str| {
        let asked = call.params.need(name)?;
        ASSETS.into_iter().find(|asset| *asset == asked).ok_or_else(|| Reject::invalid(name))
    };
    let (from, to) = (asset("fromAsset")?, asset("toAsset")?);
    if from == to {
        return Err(Reject::invalid("toAsset"));
    }
    let price = |asset| call.exchange.usd_price(asset).ok_or_else(|| Reject::invalid("fromAsset"));
    let ratio = price(from)?.div(price(to)?).trunc(8);
    let (from_amount, to_amount) =
        match (call.params.decimal("fromAmount")?, call.params.decimal("toAmount")?) {
            (Some(amount), None) => (amount, amount.mul(ratio).trunc(8)),
            (None, Some(amount)) => (amount.div(ratio).trunc(8), amount),
            (None, None) => return Err(Reject::either("fromAmount", "toAmount")),
            (Some(_), Some(_)) => {
                return Err(Reject::new(-1128, "Combination of optional parameters invalid."));
            }
        };
    let valid = match call.params.get("validTime") {
        None | Some("10s") => 10 * SECOND,
        Some("30s") => 30 * SECOND,
        Some("1m") => MINUTE,
        Some("2m") => 2 * MINUTE,
        Some(_) => return Err(Reject::invalid("validTime")),
    };
    let valid_until = call.exchange.server_time() + valid;
    let quotes = &mut call.exchange.accounts[call.account].quotes;
    if quotes.len() >= MOST {
        return Err(Reject::new(-1003, "Too many requests.").status(429));
    }
    quotes.push(Quote { from, to, from_amount, to_amount, ratio, valid_until, accepted: None });
    Ok(object! {
        "quoteId": (FIRST + quotes.len() as u64).to_string(),
        "ratio": ratio,
        "inverseRatio": Num::int(1).div(ratio).trunc(8),
        "validTimestamp": valid_until,
        "toAmount": to_amount,
        "fromAmount": from_amount,
    })
}

fn accept(call: &mut Call<'_>) -> Result<Json, Reject> {
    let now = call.exchange.server_time();
    let id = call.params.need("quoteId")?.to_owned();
    let number = find(&id).ok_or_else(|| Reject::invalid("quoteId"))?;
    let account = call.account;
    let quote = call.exchange.accounts[account].quotes.get(number).cloned();
    let open = quote.filter(|quote| quote.accepted.is_none() && quote.valid_until >= now);
    let quote = open.ok_or_else(|| Reject::invalid("quoteId"))?;
    if quote.from_amount > call.exchange.available(account, Market::UsdM, quote.from) {
        return Err(Reject::new(-2018, "Balance is insufficient."));
    }
    for (reason, asset, amount) in [
        ("COIN_SWAP_WITHDRAW", quote.from, -quote.from_amount),
        ("COIN_SWAP_DEPOSIT", quote.to, quote.to_amount),
    ] {
        call.exchange.earn(account, Market::UsdM, None, reason, asset, amount);
        let change = Change { reason, assets: &[(asset, amount)], ..Change::default() };
        call.exchange.tell_account(account, Market::UsdM, &change);
    }
    if let Some(quote) = call.exchange.accounts[account].quotes.get_mut(number) {
        quote.accepted = Some(now);
    }
    Ok(object! { "orderId": id, "createTime": now, "orderStatus": "PROCESS" })
}

/// An order has the number of the quote that it accepted.
fn status(call: &mut Call<'_>) -> Result<Json, Reject> {
    let id = call.params.get("orderId").or(call.params.get("quoteId"));
    let id = id.ok_or_else(|| Reject::either("orderId", "quoteId"))?;
    let number = find(id).ok_or_else(Reject::no_such_order)?;
    let quote = call.exchange.accounts[call.account].quotes.get(number).ok_or_else(Reject::no_such_order)?;
    let time = quote.accepted.ok_or_else(Reject::no_such_order)?;
    Ok(object! {
        "orderId": FIRST + 1 + number as u64,
        "orderStatus": "SUCCESS",
        "fromAsset": quote.from,
        "fromAmount": quote.from_amount,
        "toAsset": quote.to,
        "toAmount": quote.to_amount,
        "ratio": quote.ratio,
        "inverseRatio": Num::int(1).div(quote.ratio).trunc(8),
        "createTime": time,
    })
}

fn find(id: &str) -> Option<usize> {
    id.parse()
        .ok()
        .and_then(|id: u64| id.checked_sub(FIRST + 1))
        .and_then(|number| usize::try_from(number).ok())
}
