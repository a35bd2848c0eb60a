//! The WebSocket API of COIN-M: the requests of REST, over one socket that stays open.
//!
//! `cargo run --example coinm_ws_api`. Demo trading has no such API. It ends without orders and positions.

use binance_core::{
    Contracts, Decimal,
    coinm::{
        account::{Account, Balance},
        market_data::TickerBookTicker,
        trade::{CancelOrder, ModifyOrder, NewOrder, PositionRisk, QueryOrder},
        user_data_streams::{CloseUserDataStream, KeepaliveUserDataStream, StartUserDataStream},
        ws_api::{SessionLogon, SessionLogout, SessionStatus},
    },
    dec,
    decimal::Rounding,
    enums::Side,
};
use binance_examples::{Exchange, Failure};
use binance_http::Client;
use binance_ws::{Market, native::Api};

const SYMBOL: &str = "BTCUSD_PERP";
/// Of 100 dollars each.
const QUANTITY: Contracts = Contracts(dec!("2"));

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let exchange = Exchange::trading().await?;
    let (connector, key) = exchange.ws_api(Market::CoinM)?;
    // A task of its own connects, sends and receives. Any number of tasks may call at once, by clones of `api`.
    let api = connector.api().credentials(key.ok_or("no key")?).spawn()?;
    let price = far_below(exchange.client()).await?;
    one_order(&api, price).await?;
    account(&api).await?;
    listen_key(&api).await?;
    session(&api).await
}

/// A price at which an order waits: two percent under the best bid, in whole ticks. Market data is had by REST here.
async fn far_below(client: &Client) -> Result<Decimal, Failure> {
    let best = client.send(&TickerBookTicker::new().symbol(SYMBOL)).await?.value()?.first();
    let price = best.and_then(|best| best.bid_price.checked_mul(dec!("0.98")));
    Ok(price.and_then(|price| price.round_to(dec!("0.1"), Rounding::Down)).ok_or("no price")?)
}

/// An order is placed, changed, found and canceled. The requests are those of REST, and so are the replies.
async fn one_order(api: &Api, price: Decimal) -> Result<(), Failure> {
    let placed = api.fetch(&NewOrder::limit(SYMBOL, Side::Buy, QUANTITY, price)).await?;
    println!("placed {}, which is {}", placed.order_id, placed.status);
    let lower = price.checked_sub(dec!("10")).ok_or("no price")?;
    let changed = api.fetch(&ModifyOrder::by_id(SYMBOL, placed.order_id, Side::Buy, QUANTITY, lower)).await?;
    println!("changed to {:?}", changed.price);
    let found = api.fetch(&QueryOrder::by_id(SYMBOL, placed.order_id)).await?;
    println!("{:?} of {:?} filled", found.executed_qty, found.orig_qty);
    let canceled = api.fetch(&CancelOrder::by_id(SYMBOL, placed.order_id)).await?;
    println!("{} is {}", canceled.order_id, canceled.status);
    Ok(())
}

/// Balances and positions. Several calls may be under way at once.
async fn account(api: &Api) -> Result<(), Failure> {
    let (account, balances) = (Account::new(), Balance::new());
    let (account, balances) = tokio::try_join!(api.send(&account), api.send(&balances))?;
    println!("may trade: {:?}", account.value()?.can_trade);
    for balance in balances.value()? {
        let balance = balance?;
        println!("{:?} {}", balance.balance, balance.asset);
    }
    println!("{} positions", api.send(&PositionRisk::new().pair("BTCUSD")).await?.value()?.count());
    Ok(())
}

/// The key of the user data stream, which is the same as by REST.
async fn listen_key(api: &Api) -> Result<(), Failure> {
    println!("there is a listen key: {}", api.fetch(&StartUserDataStream::new()).await?.listen_key.is_some());
    api.fetch(&KeepaliveUserDataStream::new()).await?;
    api.fetch(&CloseUserDataStream::new()).await?;
    Ok(())
}

/// Logged on, which takes an Ed25519 key, calls need neither key nor signature. `log_on()` in place of this has it done
/// on each connection that is opened.
async fn session(api: &Api) -> Result<(), Failure> {
    println!("{:?}", api.fetch(&SessionLogon).await?);
    println!("{:?}", api.fetch(&SessionStatus).await?);
    println!("{:?}", api.fetch(&SessionLogout).await?);
    Ok(())
}
