//! The filters of a contract: what prices and quantities an order may have.

use binance_core::endpoint::Market;

use crate::{book::Side, contracts::Contract, market::Venue, num::Num, order::Kind, reject::Reject};

/// A price in ticks, if the filters let it through.
pub(super) fn price(venue: &Venue, side: Side, price: Num) -> Result<i64, Reject> {
    let contract = &venue.contract;
    if price <= Num::ZERO {
        return Err(Reject::new(-4001, "Price less than 0."));
    }
    if price.trunc(contract.price_precision) != price {
        return Err(precision());
    }
    if price > contract.price(contract.max_price_ticks).num() {
        return Err(Reject::new(-4002, "Price greater than max price."));
    }
    if price < contract.price(contract.min_price_ticks).num() {
        return Err(Reject::new(-4013, "Price less than min price."));
    }
    let ticks = contract.ticks(price);
    let ticks = ticks.ok_or_else(|| Reject::new(-4014, "Price not increased by tick size."))?;
    let mark = venue.prices.mark_num();
    if side == Side::Buy && price > mark.mul_div(i128::from(contract.multiplier_up), 10_000) {
        return Err(Reject::new(-4016, "Price is higher than mark price multiplier cap."));
    }
    if side == Side::Sell && price < mark.mul_div(i128::from(contract.multiplier_down), 10_000) {
        return Err(Reject::new(-4024, "Price is lower than mark price multiplier floor."));
    }
    Ok(ticks)
}

/// A quantity in lots, if the filters let it through.
pub(super) fn quantity(contract: &Contract, kind: Kind, quantity: Num) -> Result<i64, Reject> {
    if quantity <= Num::ZERO {
        return Err(Reject::new(-4003, "Quantity less than zero."));
    }
    if quantity.trunc(contract.quantity_precision) != quantity {
        return Err(precision());
    }
    if quantity < contract.quantity(1).num() {
        return Err(Reject::new(-4004, "Quantity less than min quantity."));
    }
    let max = if kind == Kind::Market { contract.max_market_lots } else { contract.max_lots };
    if quantity > contract.quantity(max).num() {
        return Err(Reject::new(-4005, "Quantity greater than max quantity."));
    }
    contract.lots(quantity).ok_or_else(|| Reject::new(-4023, "Qty not increased by step size."))
}

/// The smallest turnover. An order that only reduces is free of it; one at the market counts at the mark price.
pub(super) fn notional(
    venue: &Venue,
    kind: Kind,
    ticks: i64,
    lots: i64,
    reduce_only: bool,
) -> Result<(), Reject> {
    let contract = &venue.contract;
    if contract.market == Market::CoinM || reduce_only {
        return Ok(());
    }
    let notional = match kind {
        Kind::Limit => contract.turnover(ticks, lots),
        Kind::Market => contract.worth(venue.prices.mark_num(), lots),
    };
    if notional >= Num::int(contract.min_notional) {
        return Ok(());
    }
    let msg = format!(
        "Order's notional must be no smaller than {} (unless you choose reduce only)",
        contract.min_notional
    );
    Err(Reject::new(-4164, msg))
}

/// The price that an order at the market would get may not be too far from the mark price.
pub(super) fn market_price(venue: &Venue, side: Side) -> Result<(), Reject> {
    let contract = &venue.contract;
    let Some((best, _)) = venue.book.best(side.other()) else { return Ok(()) };
    let (best, mark) = (contract.price(best).num(), venue.prices.mark_num());
    let fair = match side {
        Side::Buy => best <= mark.mul_div(i128::from(contract.multiplier_up), 10_000),
        Side::Sell => best >= mark.mul_div(i128::from(contract.multiplier_down), 10_000),
    };
    let code = if contract.market == Market::UsdM { -4131 } else { -4113 };
    let msg = "The counterparty's best price does not meet the PERCENT_PRICE filter limit";
    if fair { Ok(()) } else { Err(Reject::new(code, msg)) }
}

/// A price taken from the book: the best of the other side or the own one, or the so-manieth.
pub(super) fn matched(venue: &Venue, side: Side, price_match: &str) -> Result<(&'static str, i64), Reject> {
    let (word, of, place) = match price_match {
        "OPPONENT" => ("OPPONENT", side.other(), 1),
        "OPPONENT_5" => ("OPPONENT_5", side.other(), 5),
        "QUEUE" => ("QUEUE", side, 1),
        "QUEUE_5" => ("QUEUE_5", side, 5),
        "QUEUE_10" => ("QUEUE_10", side, 10),
        "QUEUE_20" => ("QUEUE_20", side, 20),
        // OPPONENT_10 and OPPONENT_20 were taken away on 2025-10-23.
        _ => return Err(Reject::new(-5037, "Invalid price match")),
    };
    let level = venue.book.levels(of).nth(place - 1);
    let (ticks, _) = level.ok_or_else(|| Reject::new(-5041, "No depth matches this BBO order"))?;
    Ok((word, ticks))
}

fn precision() -> Reject {
    Reject::new(-1111, "Precision is over the maximum defined for this asset.")
}
