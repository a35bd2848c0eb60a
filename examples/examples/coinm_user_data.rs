//! User data of COIN-M: what happens to one's own orders, balances and positions, told as it happens.
//!
//! `cargo run --example coinm_user_data`, or with `-- --demo` on the exchange's demo hosts. It ends without orders.

use std::time::Duration;

use binance_core::{
    Contracts,
    coinm::{
        Event,
        market_data::TickerBookTicker,
        trade::{CancelOrder, NewOrder},
        user_data_streams::{CloseUserDataStream, KeepaliveUserDataStream, StartUserDataStream},
        user_events::UserDataStream,
    },
    dec,
    decimal::Rounding,
    enums::Side,
};
use binance_examples::{Exchange, Failure};
use binance_http::Client;
use binance_ws::{
    Market,
    native::{Connector, UserData, UserItem},
};
use tokio::time::timeout;

const SYMBOL: &str = "BTCUSD_PERP";
/// Of 100 dollars each.
const QUANTITY: Contracts = Contracts(dec!("2"));

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let exchange = Exchange::trading().await?;
    let connector = exchange.streams(Market::CoinM)?;
    by_hand(exchange.client(), &connector).await?;
    kept(exchange.client(), connector).await
}

/// The parts of it: a listen key, which has to be kept alive each half hour or so, and a connection that names it.
async fn by_hand(client: &Client, connector: &Connector) -> Result<(), Failure> {
    let key = client.fetch(&StartUserDataStream::new()).await?.listen_key.ok_or("no listen key")?;
    client.fetch(&KeepaliveUserDataStream::new()).await?;
    let mut user = connector.user_data(&key).await?;
    let (placed, message) = tokio::join!(place_and_cancel(client), user.next());
    placed?;
    println!("the first event: {:?}", message?.coinm()?);
    user.close().await;

    // The key is also the name of a stream.
    let user = connector.combined(&[&UserDataStream::new(&key)]).await?;
    user.close().await;
    // This ends it for all who use it.
    client.fetch(&CloseUserDataStream::new()).await?;
    Ok(())
}

/// All of it: the key is made and kept, the connection opened again when it is lost, and what may have been missed is
/// asked for. `account` knows the open orders, balances and positions at any time.
async fn kept(client: &Client, connector: Connector) -> Result<(), Failure> {
    let mut user = UserData::new(connector, client.clone());
    // First it tells what there is. From then on it listens, and what comes waits until it is asked for.
    while !matches!(next(&mut user).await?, UserItem::Reconciled(_)) {}
    place_and_cancel(client).await?;
    buy_and_sell(client).await?;
    let mut ended = 0;
    while ended < 3 {
        match next(&mut user).await? {
            UserItem::Event(message) => ended += u32::from(tell(&message.coinm()?)),
            UserItem::Reconciled(told) => println!("{} fills were missed", told.fills.len()),
            UserItem::Notice(notice) => println!("{notice:?}"),
            UserItem::Failed { need, failure, retry_in } => {
                println!("{need:?}: {failure}, again in {retry_in:?}");
            }
            _ => {}
        }
    }
    for balance in user.account().balances() {
        println!("{balance:?}");
    }
    user.close().await;
    Ok(())
}

async fn next(user: &mut UserData<Client>) -> Result<UserItem, Failure> {
    Ok(timeout(Duration::from_secs(20), user.next()).await?.ok_or("it was closed")?)
}

/// Tells an event, and whether it is the end of an order.
fn tell(event: &Event<'_>) -> bool {
    match event {
        Event::OrderTradeUpdate(update) => {
            let order = &update.order;
            println!("order {}: {}, now {}", order.order_id, order.execution_type, order.status);
            return order.status.has_ended();
        }
        Event::AccountUpdate(update) => println!("account: {:?}", update.account),
        Event::AccountConfigUpdate(update) => println!("settings: {update:?}"),
        Event::MarginCall(call) => println!("near liquidation: {:?}", call.positions),
        Event::StrategyUpdate(strategy) => println!("{strategy:?}"),
        Event::GridUpdate(grid) => println!("{grid:?}"),
        Event::ListenKeyExpired(_) => println!("the listen key ended, and another is made"),
        other => println!("{other:?}"),
    }
    false
}

/// An order that waits far under the best bid, and its end.
async fn place_and_cancel(client: &Client) -> Result<(), Failure> {
    let best = client
        .send(&TickerBookTicker::new().symbol(SYMBOL))
        .await?
        .value()?
        .first()
        .ok_or("no best prices")?;
    let price = best.bid_price.checked_mul(dec!("0.98"));
    let price = price.and_then(|price| price.round_to(dec!("0.1"), Rounding::Down)).ok_or("no price")?;
    let placed = client.fetch(&NewOrder::limit(SYMBOL, Side::Buy, QUANTITY, price)).await?;
    client.fetch(&CancelOrder::by_id(SYMBOL, placed.order_id)).await?;
    Ok(())
}

/// A position, and its end.
async fn buy_and_sell(client: &Client) -> Result<(), Failure> {
    client.fetch(&NewOrder::market(SYMBOL, Side::Buy, QUANTITY)).await?;
    client.fetch(&NewOrder::market(SYMBOL, Side::Sell.reduce_only(), QUANTITY)).await?;
    Ok(())
}
