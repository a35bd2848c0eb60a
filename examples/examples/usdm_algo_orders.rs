//! Algo orders on USDⓈ-M: stop, take-profit and trailing orders, which wait for a price and then become orders.
//!
//! `cargo run --example usdm_algo_orders`, or with `-- --demo` on the exchange's demo hosts. It ends without orders.

use binance_core::{
    Decimal, dec,
    decimal::Rounding,
    enums::{Side, WorkingType},
    usdm::{
        market_data::TickerBookTicker,
        trade::{
            AllAlgoOrders, CancelAlgoOrder, CancelAllAlgoOpenOrders, NewAlgoOrder, OpenAlgoOrders,
            QueryAlgoOrder,
        },
    },
};
use binance_examples::{Exchange, Failure};
use binance_http::Client;

const SYMBOL: &str = "BTCUSDT";
const QUANTITY: Decimal = dec!("0.010");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let exchange = Exchange::trading().await?;
    let client = exchange.client();
    let best = client.send(&TickerBookTicker::new().symbol(SYMBOL)).await?.value()?.one()?;
    // So far away that nothing is triggered while this runs, and in whole ticks.
    let at = |factor: Decimal| best.bid_price.checked_mul(factor)?.round_to(dec!("0.1"), Rounding::Down);
    let (above, below) = (at(dec!("1.04")).ok_or("no price")?, at(dec!("0.96")).ok_or("no price")?);
    stop(client, above).await?;
    others(client, above, below).await?;
    look_and_cancel(client).await
}

/// Buys at the market once the price has risen to `above`. Its id is none of an order's: that one has its own, later.
async fn stop(client: &Client, above: Decimal) -> Result<(), Failure> {
    let stop =
        NewAlgoOrder::stop_market(SYMBOL, Side::Buy, QUANTITY, above).working_type(WorkingType::MarkPrice);
    let placed = client.fetch(&stop).await?;
    println!("algo order {} waits for {:?}: {}", placed.algo_id, placed.trigger_price, placed.algo_status);
    let found = client.fetch(&QueryAlgoOrder::by_id(placed.algo_id)).await?;
    println!("became order {:?}", found.actual_order_id);
    let canceled = client.fetch(&CancelAlgoOrder::by_client_id(&placed.client_algo_id)).await?;
    println!("canceled {}: {:?}", canceled.algo_id, canceled.message);
    Ok(())
}

/// The other kinds, and the two that close whatever position there is by then.
async fn others(client: &Client, above: Decimal, below: Decimal) -> Result<(), Failure> {
    for order in [
        // Becomes a limit order, at the same price or another.
        NewAlgoOrder::stop(SYMBOL, Side::Buy, QUANTITY, above, above),
        NewAlgoOrder::take_profit(SYMBOL, Side::Buy, QUANTITY, below, below),
        NewAlgoOrder::take_profit_market(SYMBOL, Side::Buy, QUANTITY, below),
        // Buys once the price has risen by a percent from its lowest, which counts from `below` on.
        NewAlgoOrder::trailing_stop(SYMBOL, Side::Buy, QUANTITY, dec!("1")).activate_price(below),
        NewAlgoOrder::stop_market_close(SYMBOL, Side::Sell, below),
        NewAlgoOrder::take_profit_market_close(SYMBOL, Side::Sell, above),
    ] {
        let placed = client.fetch(&order).await?;
        println!("{:?} of {:?}: {}", placed.order_type, placed.quantity, placed.algo_status);
    }
    Ok(())
}

/// What waits, what ever waited, and the end of all of them.
async fn look_and_cancel(client: &Client) -> Result<(), Failure> {
    for order in client.send(&OpenAlgoOrders::new().symbol(SYMBOL)).await?.value()? {
        let order = order?;
        println!("{} waits: {:?} {}", order.algo_id, order.order_type, order.side);
    }
    println!("{:?}", client.fetch(&CancelAllAlgoOpenOrders::new(SYMBOL)).await?.message);
    for order in client.send(&AllAlgoOrders::new(SYMBOL).limit(3)).await?.value()? {
        let order = order?;
        println!("{} is {}", order.algo_id, order.algo_status);
    }
    Ok(())
}
