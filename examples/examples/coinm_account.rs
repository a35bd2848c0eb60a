//! The account on COIN-M: balances, mode, fees, leverage, and what changed the balances.
//!
//! `cargo run --example coinm_account`, or with `-- --demo` on the exchange's demo hosts, where it takes some minutes:
//! each file that is ordered costs nearly half of what may be asked for in a minute.

use std::time::Duration;

use binance_core::{
    Millis,
    coinm::{
        account::{
            Account, Balance, CommissionRate, Income, LeverageBracket, LeverageBracketV1,
            OrderHistoryDownloadId, OrderHistoryDownloadLink, PositionMode, TradeHistoryDownloadId,
            TradeHistoryDownloadLink, TransactionHistoryDownloadId, TransactionHistoryDownloadLink,
        },
        market_data::Time,
        portfolio_margin::PmAccountInfo,
    },
    enums::IncomeType,
};
use binance_examples::{Exchange, Failure};
use binance_http::{Client, Error};

const SYMBOL: &str = "BTCUSD_PERP";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let exchange = Exchange::trading().await?;
    let client = exchange.client();
    balances(client).await?;
    settings(client).await?;
    portfolio_margin(client).await?;
    income(client).await?;
    files(client).await
}

/// What there is of each coin, and the positions on it.
async fn balances(client: &Client) -> Result<(), Failure> {
    let reply = client.send(&Account::new()).await?;
    let account = reply.value()?;
    for asset in account.assets.unwrap_or_default() {
        let asset = asset?;
        println!("{:?} {} to trade with", asset.available_balance, asset.asset);
    }
    for position in account.positions.unwrap_or_default().iter().take(3) {
        let position = position?;
        println!("{} {}: {:?}", position.symbol, position.position_side, position.position_amt);
    }
    for balance in client.send(&Balance::new()).await?.value()? {
        let balance = balance?;
        println!("{:?} {}", balance.balance, balance.asset);
    }
    Ok(())
}

/// The mode, what trading costs, and how much leverage there may be: by contract, and as it was told before, by pair.
async fn settings(client: &Client) -> Result<(), Failure> {
    println!("hedge mode: {}", client.fetch(&PositionMode::new()).await?.dual_side_position);
    println!("{:?}", client.fetch(&CommissionRate::new(SYMBOL)).await?);
    for contract in client.send(&LeverageBracket::new().symbol(SYMBOL)).await?.value()? {
        println!("{:?}", contract?.brackets.first());
    }
    for pair in client.send(&LeverageBracketV1::new().pair("BTCUSD")).await?.value()? {
        println!("{:?}", pair?.brackets.first());
    }
    Ok(())
}

/// What may be withdrawn, for those who have portfolio margin. Others are refused.
async fn portfolio_margin(client: &Client) -> Result<(), Failure> {
    match client.fetch(&PmAccountInfo::new("BTC")).await {
        Ok(account) => println!("{:?}", account),
        Err(Error::Api(refusal)) => println!("no portfolio margin: {}", refusal.message),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// What changed the balances, a page at a time.
async fn income(client: &Client) -> Result<(), Failure> {
    for entry in client.send(&Income::new().limit(5)).await?.value()? {
        let entry = entry?;
        println!("{}: {} {}", entry.income_type, entry.income, entry.asset);
    }
    let funding = Income::new().income_type(IncomeType::FundingFee).limit(1000).page(1);
    println!("{} payments of funding", client.send(&funding).await?.value()?.count());
    Ok(())
}

/// All of it as a file: ordered by one request, asked after by another until it has a link.
async fn files(client: &Client) -> Result<(), Failure> {
    // The client waits until what these cost is there again.
    let client = &client.with_timeout(Duration::from_secs(120));
    let end = client.fetch(&Time::new()).await?.server_time;
    let start = Millis(end.0 - 7 * 24 * 60 * 60 * 1_000);

    let file = client.fetch(&TransactionHistoryDownloadId::new(start, end)).await?;
    let reply = client.send(&TransactionHistoryDownloadLink::new(&file.download_id)).await?;
    println!("incomes: {:?}", reply.value()?.status);
    let file = client.fetch(&OrderHistoryDownloadId::new(start, end)).await?;
    let reply = client.send(&OrderHistoryDownloadLink::new(&file.download_id)).await?;
    println!("orders: {:?}", reply.value()?.status);
    let file = client.fetch(&TradeHistoryDownloadId::new(start, end)).await?;
    let reply = client.send(&TradeHistoryDownloadLink::new(&file.download_id)).await?;
    println!("trades: {:?}", reply.value()?.status);
    Ok(())
}
