//! Which contract a pair and a term name.

use binance_core::endpoint::Market;

use super::Call;
use crate::reject::Reject;

/// The contract of `pair` and `contractType`.
pub(super) fn of_pair(call: &Call<'_>) -> Result<usize, Reject> {
    let pair = pair(call)?;
    let term = call.params.need("contractType")?;
    find(call, pair, term).ok_or_else(|| Reject::new(-4104, "Invalid contract type."))
}

/// The perpetual of `pair`.
pub(super) fn perpetual(call: &Call<'_>) -> Result<usize, Reject> {
    find(call, pair(call)?, "PERPETUAL").ok_or_else(|| invalid_pair(call.market))
}

/// The contract of `pair` and `contractType`, or the perpetual when no term is sent; USDⓈ-M names it by `symbol`.
pub(super) fn by_market(call: &Call<'_>) -> Result<usize, Reject> {
    match call.market {
        Market::UsdM => call.venue(),
        Market::CoinM if call.params.has("contractType") => of_pair(call),
        Market::CoinM => perpetual(call),
    }
}

/// The pair that is sent, if something of the endpoint's market is traded in it.
fn pair<'a>(call: &'a Call<'_>) -> Result<&'a str, Reject> {
    let pair = call.params.need("pair")?;
    let known = call.venues().any(|(_, venue)| venue.contract.pair == pair);
    known.then_some(pair).ok_or_else(|| invalid_pair(call.market))
}

fn find(call: &Call<'_>, pair: &str, term: &str) -> Option<usize> {
    let term = if term == "ALL" { "PERPETUAL" } else { term };
    let mut venues = call.venues();
    let found = venues.find(|(_, venue)| venue.contract.pair == pair && venue.contract.term_name() == term);
    found.map(|(number, _)| number)
}

fn invalid_pair(market: Market) -> Reject {
    match market {
        Market::UsdM => Reject::new(-4144, "Invalid pair"),
        Market::CoinM => Reject::new(-4087, "Invalid pair."),
    }
}
