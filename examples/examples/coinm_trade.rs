//! Trading on COIN-M: orders by themselves and in batches, what became of them, positions, leverage and margin.
//!
//! `cargo run --example coinm_trade`, or with `-- --demo` on the exchange's demo hosts. It ends without orders and
//! positions.

use binance_core::{
    ApiCode, Contracts, Decimal,
    coinm::{
        market_data::TickerBookTicker,
        trade::{
            AdlQuantile, AllOrders, CancelAllOpenOrders, CancelBatchOrders, CancelOrder,
            ChangeInitialLeverage, ChangeMarginType, ChangePositionMode, CountdownCancelAll, ForceOrders,
            ModifyBatchOrders, ModifyIsolatedPositionMargin, ModifyOrder, NewBatchOrders, NewOrder,
            OpenOrder, OpenOrders, OrderAmendment, PositionMarginHistory, PositionRisk, QueryOrder,
            UserTrades,
        },
    },
    dec,
    decimal::Rounding,
    enums::{AutoCloseType, MarginMode, NewOrderRespType, PositionMarginAction, Side},
    json::Each,
};
use binance_examples::{Exchange, Failure};
use binance_http::{Client, Error};

const SYMBOL: &str = "BTCUSD_PERP";
/// Of 100 dollars each.
const QUANTITY: Contracts = Contracts(dec!("2"));

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let exchange = Exchange::trading().await?;
    let client = exchange.client();
    modes(client).await?;
    let price = far_below(client).await?;
    one_order(client, price).await?;
    batches(client, price).await?;
    all_at_once(client, price).await?;
    position(client).await?;
    history(client).await
}

/// How positions are held, for the whole account. Setting what is set already is refused, which is no harm.
async fn modes(client: &Client) -> Result<(), Failure> {
    for hedge in [true, false] {
        match client.fetch(&ChangePositionMode::new(hedge)).await {
            Ok(done) => println!("hedge mode {hedge}: {:?}", done.message),
            Err(Error::Api(refusal)) if refusal.code == ApiCode::NO_NEED_TO_CHANGE_POSITION_SIDE => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// A price at which an order waits: two percent under the best bid, in whole ticks.
async fn far_below(client: &Client) -> Result<Decimal, Failure> {
    let best = client.send(&TickerBookTicker::new().symbol(SYMBOL)).await?.value()?.first();
    let price = best.and_then(|best| best.bid_price.checked_mul(dec!("0.98")));
    Ok(price.and_then(|price| price.round_to(dec!("0.1"), Rounding::Down)).ok_or("no price")?)
}

/// An order is placed, found, changed and canceled.
async fn one_order(client: &Client, price: Decimal) -> Result<(), Failure> {
    let order = NewOrder::limit(SYMBOL, Side::Buy, QUANTITY, price);
    // A name of one's own finds an order again whose reply was lost.
    let name = format!(
        "example-{}",
        client.fetch(&binance_core::coinm::market_data::Time::new()).await?.server_time
    );
    let order = order.new_client_order_id(&name).new_order_resp_type(NewOrderRespType::Result);
    let placed = client.fetch(&order).await?;
    println!("placed {}, which is {}", placed.order_id, placed.status);

    let found = client.fetch(&QueryOrder::by_client_id(SYMBOL, &name)).await?;
    println!("found {}: {:?} of {:?} filled", found.order_id, found.executed_qty, found.orig_qty);
    client.fetch(&OpenOrder::by_id(SYMBOL, placed.order_id)).await?;
    for order in client.send(&OpenOrders::new().symbol(SYMBOL)).await?.value()? {
        println!("open: {}", order?.order_id);
    }

    let lower = price.checked_sub(dec!("10")).ok_or("no price")?;
    let changed =
        client.fetch(&ModifyOrder::by_id(SYMBOL, placed.order_id, Side::Buy, QUANTITY, lower)).await?;
    println!("changed to {:?}", changed.price);
    for change in client.send(&OrderAmendment::by_id(SYMBOL, placed.order_id)).await?.value()? {
        println!("{:?}", change?.amendment.price);
    }
    let canceled = client.fetch(&CancelOrder::by_id(SYMBOL, placed.order_id)).await?;
    println!("{} is {}", canceled.order_id, canceled.status);
    Ok(())
}

/// Up to five orders in one request. Each is taken or refused by itself.
async fn batches(client: &Client, price: Decimal) -> Result<(), Failure> {
    let orders = [
        NewOrder::limit(SYMBOL, Side::Buy, QUANTITY, price),
        // Nothing is that cheap: this one is refused.
        NewOrder::limit(SYMBOL, Side::Buy, QUANTITY, dec!("0.1")),
    ];
    let mut ids = Vec::new();
    for (number, each) in client.send(&NewBatchOrders::of(&orders)?).await?.value()?.iter().enumerate() {
        match each? {
            Each::Done(order) => ids.push(order.order_id),
            Each::Refused(error) => println!("order {number} of the batch: {error}"),
        }
    }
    let lower = price.checked_sub(dec!("10")).ok_or("no price")?;
    let changes: Vec<_> =
        ids.iter().map(|id| ModifyOrder::by_id(SYMBOL, *id, Side::Buy, QUANTITY, lower)).collect();
    for each in client.send(&ModifyBatchOrders::of(&changes)?).await?.value()? {
        println!("now at {:?}", each?.into_result()?.price);
    }
    for each in client.send(&CancelBatchOrders::by_ids(SYMBOL, &ids)?).await?.value()? {
        println!("canceled {}", each?.into_result()?.order_id);
    }
    Ok(())
}

/// All orders of a contract: now, or when this program has not said for ten seconds that it lives.
async fn all_at_once(client: &Client, price: Decimal) -> Result<(), Failure> {
    client.fetch(&NewOrder::limit(SYMBOL, Side::Buy, QUANTITY, price)).await?;
    let armed = client.fetch(&CountdownCancelAll::new(SYMBOL, 10_000)).await?;
    println!("{}: everything is canceled in {:?} ms unless told again", armed.symbol, armed.countdown_time);
    client.fetch(&CountdownCancelAll::new(SYMBOL, 0)).await?;
    println!("{:?}", client.fetch(&CancelAllOpenOrders::new(SYMBOL)).await?.message);
    Ok(())
}

/// A position with margin of its own: opened, given more, looked at, and closed.
async fn position(client: &Client) -> Result<(), Failure> {
    let leverage = client.fetch(&ChangeInitialLeverage::new(SYMBOL, 10)).await?;
    println!("leverage {}, up to {:?}", leverage.leverage, leverage.max_qty);
    margin_type(client, MarginMode::Isolated).await?;

    let bought = NewOrder::market(SYMBOL, Side::Buy, QUANTITY).new_order_resp_type(NewOrderRespType::Result);
    println!("bought at {:?}", client.fetch(&bought).await?.avg_price);
    let more = ModifyIsolatedPositionMargin::new(SYMBOL, dec!("0.0001"), PositionMarginAction::Add);
    println!("added {:?}", client.fetch(&more).await?.amount);
    for change in client.send(&PositionMarginHistory::new(SYMBOL).limit(3)).await?.value()? {
        println!("margin changed by {}", change?.amount);
    }
    for position in client.send(&PositionRisk::new().pair("BTCUSD")).await?.value()? {
        let position = position?;
        println!(
            "{:?} at {:?}, liquidated at {:?}",
            position.position_amt, position.entry_price, position.liquidation_price
        );
    }
    println!("{:?}", client.send(&AdlQuantile::new().symbol(SYMBOL)).await?.value()?.first());

    // One that is reduce-only can close a position and never turn it round.
    client.fetch(&NewOrder::market(SYMBOL, Side::Sell.reduce_only(), QUANTITY)).await?;
    margin_type(client, MarginMode::Crossed).await
}

async fn margin_type(client: &Client, mode: MarginMode) -> Result<(), Failure> {
    match client.fetch(&ChangeMarginType::new(SYMBOL, mode)).await {
        Ok(done) => println!("margin {mode}: {:?}", done.message),
        Err(Error::Api(refusal)) if refusal.code == ApiCode::NO_NEED_TO_CHANGE_MARGIN_TYPE => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Orders and trades of the last days, and what the exchange closed by force.
async fn history(client: &Client) -> Result<(), Failure> {
    for order in client.send(&AllOrders::of_symbol(SYMBOL).limit(5)).await?.value()? {
        let order = order?;
        println!("{}: {} {:?} {}", order.order_id, order.side, order.orig_qty, order.status);
    }
    for trade in client.send(&UserTrades::of_symbol(SYMBOL).limit(5)).await?.value()? {
        let trade = trade?;
        println!(
            "{}: {} {} at {}, profit {:?}",
            trade.id, trade.side, trade.quantity, trade.price, trade.realized_pnl
        );
    }
    let forced = ForceOrders::new().auto_close_type(AutoCloseType::Liquidation);
    println!("{} liquidations", client.send(&forced).await?.value()?.count());
    Ok(())
}
