//! What funding costs on every contract, the dearest first: the rate, how often it is paid, and what that is in a year.
//!
//! ```text
//! cargo run --example funding_table -- --live
//! ```

use std::{collections::HashMap, fmt::Display};

use binance_core::{
    Decimal, dec,
    decimal::Rounding,
    text::Symbol,
    usdm::market_data::{FundingInfo, PremiumIndex},
};
use binance_examples::{Exchange, Failure};

/// How often funding is paid where the exchange names no other interval.
const USUAL_HOURS: u32 = 8;

struct Row {
    symbol: Symbol,
    mark: Decimal,
    rate: Decimal,
    hours: u32,
    yearly: Decimal,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let exchange = Exchange::public().await?;
    let client = exchange.client();

    // Only the contracts that differ from the usual are in this list.
    let rules = client.send(&FundingInfo::new()).await?;
    let mut intervals = HashMap::new();
    for rule in rules.value()?.iter().filter_map(readable) {
        intervals.insert(rule.symbol, rule.funding_interval_hours.unwrap_or(USUAL_HOURS));
    }

    let prices = client.send(&PremiumIndex::new()).await?;
    let mut rows = Vec::new();
    for price in prices.value()?.iter().filter_map(readable) {
        // Contracts with a date have no funding: their rate is an empty text.
        let Some(rate) = price.last_funding_rate.as_ref().and_then(|rate| rate.number()) else { continue };
        let hours = intervals.get(&price.symbol).copied().unwrap_or(USUAL_HOURS).max(1);
        let yearly = percent(rate, 24 * 365 / hours).ok_or("a rate beyond all numbers")?;
        let mark = price.mark_price.unwrap_or_default();
        rows.push(Row { symbol: price.symbol, mark, rate, hours, yearly });
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.yearly));

    println!("{:<16} {:>16} {:>12} {:>6} {:>12}", "contract", "mark price", "rate", "every", "in a year");
    for Row { symbol, mark, rate, hours, yearly } in &rows {
        let rate = percent(*rate, 1).ok_or("a rate beyond all numbers")?;
        println!("{symbol:<16} {mark:>16} {rate:>10} % {hours:>4} h {yearly:>10} %");
    }
    if rows.is_empty() { Err("the exchange named no funding".into()) } else { Ok(()) }
}

/// A row, if it can be read: one that cannot does not lose the others.
fn readable<T, E: Display>(row: Result<T, E>) -> Option<T> {
    row.inspect_err(|error| eprintln!("a row is left out: {error}")).ok()
}

/// So many times a rate, in percent.
fn percent(rate: Decimal, times: u32) -> Option<Decimal> {
    rate.checked_mul(Decimal::from(times * 100))?.round_to(dec!("0.0001"), Rounding::Nearest)
}
