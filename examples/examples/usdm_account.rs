//! The account on USDⓈ-M: balances, settings, fees, limits, and what changed the balances.
//!
//! `cargo run --example usdm_account`, or with `-- --demo` on the exchange's demo hosts, where it takes some minutes:
//! each file that is ordered costs nearly half of what may be asked for in a minute.

use std::time::Duration;

use binance_core::{
    Millis,
    enums::IncomeType,
    usdm::{
        account::{
            Account, AccountConfig, AccountV2, ApiTradingStatus, Balance, BalanceV2, BnbBurn, CommissionRate,
            Income, LeverageBracket, MultiAssetsMode, OrderHistoryDownloadId, OrderHistoryDownloadLink,
            OrderRateLimit, PositionMode, SymbolConfig, ToggleBnbBurn, TradeHistoryDownloadId,
            TradeHistoryDownloadLink, TransactionHistoryDownloadId, TransactionHistoryDownloadLink,
        },
        market_data::Time,
        portfolio_margin::PmAccountInfo,
    },
};
use binance_examples::{Exchange, Failure};
use binance_http::{Client, Error};

const SYMBOL: &str = "BTCUSDT";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let exchange = Exchange::trading().await?;
    let client = exchange.client();
    balances(client).await?;
    settings(client).await?;
    fees_and_limits(client).await?;
    portfolio_margin(client).await?;
    income(client).await?;
    files(client).await
}

/// What there is, in sum and by asset. The second versions tell more, of every contract there is.
async fn balances(client: &Client) -> Result<(), Failure> {
    let reply = client.send(&Account::new()).await?;
    let account = reply.value()?;
    println!("{:?} in all, {:?} to trade with", account.total_wallet_balance, account.available_balance);
    for position in account.positions.unwrap_or_default() {
        let position = position?;
        println!("{} {}: {:?}", position.symbol, position.position_side, position.position_amt);
    }
    println!("may trade: {:?}", client.send(&AccountV2::new()).await?.value()?.can_trade);
    for balance in client.send(&Balance::new()).await?.value()? {
        let balance = balance?;
        println!("{:?} {}", balance.balance, balance.asset);
    }
    println!("{} assets", client.send(&BalanceV2::new()).await?.value()?.count());
    Ok(())
}

/// What the account and a contract are set to.
async fn settings(client: &Client) -> Result<(), Failure> {
    println!("{:?}", client.fetch(&AccountConfig::new()).await?);
    for settings in client.send(&SymbolConfig::new().symbol(SYMBOL)).await?.value()? {
        println!("{:?}", settings?);
    }
    println!("hedge mode: {}", client.fetch(&PositionMode::new()).await?.dual_side_position);
    println!("multi-assets mode: {}", client.fetch(&MultiAssetsMode::new()).await?.multi_assets_margin);
    let burns = client.fetch(&BnbBurn::new()).await?.fee_burn;
    client.fetch(&ToggleBnbBurn::new(burns)).await?;
    println!("fees are paid in BNB: {burns}");
    Ok(())
}

/// What trading costs, how much of it there may be, and which rules the account has come close to.
async fn fees_and_limits(client: &Client) -> Result<(), Failure> {
    println!("{:?}", client.fetch(&CommissionRate::new(SYMBOL)).await?);
    let reply = client.send(&LeverageBracket::new().symbol(SYMBOL)).await?;
    for bracket in reply.value()?.one()?.brackets {
        let bracket = bracket?;
        println!("leverage {:?} up to {:?} USDT", bracket.initial_leverage, bracket.notional_cap);
    }
    for limit in client.send(&OrderRateLimit::new()).await?.value()? {
        let limit = limit?;
        println!("{} orders in {} {}", limit.limit, limit.interval_num, limit.interval);
    }
    for rules in client.send(&ApiTradingStatus::new().symbol(SYMBOL)).await?.value()?.indicators {
        let (symbol, indicators) = rules?;
        println!("{symbol}: {} indicators", indicators.count());
    }
    Ok(())
}

/// What may be withdrawn, for those who have portfolio margin. Others are refused.
async fn portfolio_margin(client: &Client) -> Result<(), Failure> {
    match client.fetch(&PmAccountInfo::new("USDT")).await {
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
