//! A bracket: an entry at the market, a stop under it and a take-profit above it, over a connection that breaks.
//!
//! No order is ever sent twice, and none is left unknown: each goes by `place`, and where the reply is lost, `resolve` asks
//! the exchange what became of it, until it answers. When the stop is not there, the position is closed.

use std::time::Duration;

use binance_core::{
    Decimal, dec,
    decimal::Rounding,
    enums::Side,
    usdm::{
        market_data::PremiumIndex,
        trade::{CancelAllAlgoOpenOrders, NewAlgoOrder, NewOrder, PositionRisk},
    },
};
use binance_examples::{Exchange, Failure};
use binance_http::{
    Client, Outcome,
    place::{Fate, Place},
};
use binance_sim::{Fault, What};
use tokio::time::{Instant, sleep};

const SYMBOL: &str = "BTCUSDT";
const QUANTITY: Decimal = dec!("0.010");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let exchange = Exchange::trading().await?;
    let client = exchange.client();
    if let Some(sim) = exchange.simulated() {
        // The entry is taken and its reply lost, and so is the first answer to what became of it; the stop is lost on its way.
        sim.fault(Fault::new(What::CloseAfterProcessing).on("POST", "/fapi/v1/order"));
        sim.fault(Fault::new(What::CloseAfterProcessing).on("GET", "/fapi/v1/order"));
        sim.fault(Fault::new(What::CloseBeforeProcessing).on("POST", "/fapi/v1/algoOrder"));
    }

    let price = client.send(&PremiumIndex::new().symbol(SYMBOL)).await?.value()?.one()?.mark_price;
    let price = price.ok_or("no price")?;
    let (stop_at, profit_at) = (share(price, dec!("0.98"))?, share(price, dec!("1.02"))?);

    if !surely(client, "entry", &NewOrder::market(SYMBOL, Side::Buy, QUANTITY)).await? {
        println!("there is no position, and nothing to do");
        return Ok(());
    }
    let mut stopped = false;
    for _ in 0..3 {
        let stop = NewAlgoOrder::stop_market_close(SYMBOL, Side::Sell, stop_at);
        stopped = surely(client, "stop", &stop).await?;
        if stopped {
            break;
        }
    }
    let profit = NewAlgoOrder::take_profit_market_close(SYMBOL, Side::Sell, profit_at);
    if !stopped || !surely(client, "take-profit", &profit).await? {
        println!("no bracket without both: out");
        let exit = NewOrder::market(SYMBOL, Side::Sell.reduce_only(), QUANTITY);
        let is_out = surely(client, "exit", &exit).await?;
        client.fetch(&CancelAllAlgoOpenOrders::new(SYMBOL)).await?;
        return if is_out { Ok(()) } else { Err("the position is open and has no bracket".into()) };
    }
    println!("long {QUANTITY} at about {price}, out at {stop_at} or {profit_at}");

    if let Some(sim) = exchange.simulated() {
        sim.set_price(SYMBOL, share(price, dec!("1.03"))?);
    }
    let end = Instant::now() + Duration::from_secs(20);
    while position(client).await? != Decimal::default() {
        if Instant::now() > end {
            return Err("the position is still open".into());
        }
        sleep(Duration::from_millis(100)).await;
    }
    // One of the two has closed the position; the other goes.
    client.fetch(&CancelAllAlgoOpenOrders::new(SYMBOL)).await?;
    println!("the position is closed");
    Ok(())
}

/// Places an order, and says whether it is placed.
async fn surely(client: &Client, what: &str, order: &impl Place) -> Result<bool, Failure> {
    let failure = match client.place(order).await {
        Ok(_) => {
            println!("{what}: placed");
            return Ok(true);
        }
        Err(failure) => failure,
    };
    println!("{what}: {}: {}", failure.error, failure.outcome());
    if failure.outcome() != Outcome::Unknown {
        return Ok(false);
    }
    // It asks again by itself while the order may still come, and here as long as the exchange is away.
    let is_placed = loop {
        match client.resolve(&failure.order).await {
            Ok(fate) => break matches!(fate, Fate::Placed(_)),
            Err(error) => println!("{what}: not known yet, since {error}"),
        }
        sleep(Duration::from_secs(1)).await;
    };
    println!("{what}: {}", if is_placed { "it was placed" } else { "it was not placed, and will not be" });
    Ok(is_placed)
}

async fn position(client: &Client) -> Result<Decimal, Failure> {
    let reply = client.send(&PositionRisk::new().symbol(SYMBOL)).await?;
    let mut amount = Decimal::default();
    for position in reply.value()?.iter() {
        amount = amount.checked_add(position?.position_amt.unwrap_or_default()).ok_or("too large")?;
    }
    Ok(amount)
}

/// A share of a price, on a tick of the contract.
fn share(price: Decimal, share: Decimal) -> Result<Decimal, Failure> {
    let exact = price.checked_mul(share).ok_or("too large")?;
    Ok(exact.round_to(dec!("0.1"), Rounding::Nearest).ok_or("too large")?)
}
