//! The WebSocket API of USDⓈ-M: the requests of REST, over one socket that stays open.
//!
//! `cargo run --example usdm_ws_api`. Demo trading has no such API. It ends without orders and positions.

use binance_core::{
    Decimal, dec,
    decimal::Rounding,
    enums::Side,
    usdm::{
        account::{Account, AccountV2, Balance, BalanceV2},
        market_data::{Depth, TickerBookTicker, TickerPrice},
        trade::{
            CancelAlgoOrder, CancelOrder, ModifyOrder, NewAlgoOrder, NewOrder, PositionRisk, PositionRiskV2,
            QueryOrder,
        },
        user_data_streams::{CloseUserDataStream, KeepaliveUserDataStream, StartUserDataStream},
        ws_api::{SessionLogon, SessionLogout, SessionStatus},
    },
};
use binance_examples::{Exchange, Failure};
use binance_ws::{Market, native::Api};

const SYMBOL: &str = "BTCUSDT";
const QUANTITY: Decimal = dec!("0.010");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let exchange = Exchange::trading().await?;
    let (connector, key) = exchange.ws_api(Market::UsdM)?;
    // A task of its own connects, sends and receives. Any number of tasks may call at once, by clones of `api`.
    let api = connector.api().credentials(key.ok_or("no key")?).spawn()?;
    market_data(&api).await?;
    let price = far_below(&api).await?;
    one_order(&api, price).await?;
    algo_order(&api, price).await?;
    account(&api).await?;
    listen_key(&api).await?;
    session(&api).await
}

/// What needs no key.
async fn market_data(api: &Api) -> Result<(), Failure> {
    let reply = api.send(&Depth::new(SYMBOL).limit(5)).await?;
    println!("best bid {:?}", reply.value()?.bids.first());
    println!("{}", api.send(&TickerPrice::new().symbol(SYMBOL)).await?.value()?.one()?.price);
    // What is used of the limits stands in each answer.
    for limit in reply.rate_limits() {
        let limit = limit?;
        println!("{:?} of {} {} used", limit.count, limit.limit, limit.kind);
    }
    Ok(())
}

/// A price at which an order waits: two percent under the best bid, in whole ticks.
async fn far_below(api: &Api) -> Result<Decimal, Failure> {
    let best = api.send(&TickerBookTicker::new().symbol(SYMBOL)).await?.value()?.one()?;
    let price = best.bid_price.checked_mul(dec!("0.98"));
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

/// One that waits for a price.
async fn algo_order(api: &Api, below: Decimal) -> Result<(), Failure> {
    let stop = NewAlgoOrder::stop_market(SYMBOL, Side::Sell, QUANTITY, below);
    let placed = api.fetch(&stop).await?;
    println!("algo order {} is {}", placed.algo_id, placed.algo_status);
    println!("{:?}", api.fetch(&CancelAlgoOrder::by_id(placed.algo_id)).await?.message);
    Ok(())
}

/// Balances and positions. Several calls may be under way at once.
async fn account(api: &Api) -> Result<(), Failure> {
    let (account, balances) = (Account::new(), Balance::new());
    let (account, balances) = tokio::try_join!(api.send(&account), api.send(&balances))?;
    println!("{:?} in all", account.value()?.total_wallet_balance);
    for balance in balances.value()? {
        let balance = balance?;
        println!("{:?} {}", balance.balance, balance.asset);
    }
    println!("{} positions", api.send(&PositionRisk::new().symbol(SYMBOL)).await?.value()?.count());
    // The methods as they were before.
    println!("may trade: {:?}", api.send(&AccountV2::new()).await?.value()?.can_trade);
    println!("{} assets", api.send(&BalanceV2::new()).await?.value()?.count());
    println!("{} positions", api.send(&PositionRiskV2::new().symbol(SYMBOL)).await?.value()?.count());
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
