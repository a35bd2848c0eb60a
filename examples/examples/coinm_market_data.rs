//! Market data of COIN-M: time, rules, books, trades, candlesticks, prices, funding, statistics.
//!
//! `cargo run --example coinm_market_data`, with `-- --live` at the real exchange: nearly all of it needs no key.

use binance_core::{
    coinm::market_data::{
        AggTrades, Basis, Constituents, ContinuousKlines, Depth, ExchangeInformation, FundingInfo,
        FundingRate, GlobalLongShortAccountRatio, HistoricalTrades, IndexPriceKlines, Klines,
        MarkPriceKlines, OpenInterest, OpenInterestHist, Ping, PremiumIndex, PremiumIndexKlines,
        TakerBuySellVol, TakerContractType, Ticker24hr, TickerBookTicker, TickerPrice, Time,
        TopLongShortAccountRatio, TopLongShortPositionRatio, Trades,
    },
    enums::{ContractType, Interval, Period},
};
use binance_examples::{Exchange, Failure};
use binance_http::Client;

const SYMBOL: &str = "BTCUSD_PERP";
/// What the contract is on; others on it end with a quarter.
const PAIR: &str = "BTCUSD";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let exchange = Exchange::public().await?;
    let client = exchange.client();
    reachable(client).await?;
    rules(client).await?;
    books_and_trades(client).await?;
    candlesticks(client).await?;
    prices(client).await?;
    funding(client).await?;
    statistics(client).await?;
    if exchange.has_key() {
        with_a_key(client).await?;
    }
    Ok(())
}

/// Whether the exchange answers, and what time it is there.
async fn reachable(client: &Client) -> Result<(), Failure> {
    client.fetch(&Ping::new()).await?;
    println!("time {}", client.fetch(&Time::new()).await?.server_time);
    Ok(())
}

/// What an order must keep to. A quantity is a number of contracts, of so many dollars each.
async fn rules(client: &Client) -> Result<(), Failure> {
    let reply = client.send(&ExchangeInformation::new()).await?;
    for contract in reply.value()?.symbols {
        let contract = contract?;
        println!("{}: one contract is {:?} USD", contract.symbol, contract.contract_size);
    }
    println!("{:?}", client.send(&Constituents::new(PAIR)).await?.value()?.constituents.first());
    Ok(())
}

/// The best levels, and the latest trades.
async fn books_and_trades(client: &Client) -> Result<(), Failure> {
    let reply = client.send(&Depth::new(SYMBOL).limit(5)).await?;
    let book = reply.value()?;
    for (bid, ask) in book.bids.iter().zip(book.asks.iter()) {
        let (bid, ask) = (bid?, ask?);
        println!("{:>8} at {} | {:>8} at {}", bid.quantity, bid.price, ask.quantity, ask.price);
    }
    for trade in client.send(&Trades::new(SYMBOL).limit(3)).await?.value()? {
        let trade = trade?;
        println!("trade {}: {} contracts at {}", trade.id, trade.quantity, trade.price);
    }
    for trade in client.send(&AggTrades::new(SYMBOL).limit(3)).await?.value()? {
        let trade = trade?;
        println!("order {}: {} contracts at {}", trade.id, trade.quantity, trade.price);
    }
    Ok(())
}

/// Candlesticks of a contract, of whatever contract ends this quarter, and of prices at which nothing is traded.
async fn candlesticks(client: &Client) -> Result<(), Failure> {
    for bar in client.send(&Klines::new(SYMBOL, Interval::M1).limit(3)).await?.value()? {
        let bar = bar?;
        println!("{}: {} {} {} {}", bar.open_time, bar.open, bar.high, bar.low, bar.close);
    }
    let quarter = ContinuousKlines::new(PAIR, ContractType::CurrentQuarter, Interval::H1).limit(1);
    println!("{:?}", client.send(&quarter).await?.value()?.first());
    let index = IndexPriceKlines::new(PAIR, Interval::M5).limit(1);
    println!("index price {:?}", client.send(&index).await?.value()?.first().map(|bar| bar.close));
    let mark = MarkPriceKlines::new(SYMBOL, Interval::M5).limit(1);
    println!("mark price {:?}", client.send(&mark).await?.value()?.first().map(|bar| bar.close));
    let premium = PremiumIndexKlines::new(SYMBOL, Interval::M5).limit(1);
    println!("premium {:?}", client.send(&premium).await?.value()?.first().map(|bar| bar.close));
    Ok(())
}

/// What was paid last, what is bid and asked, and the last day. By pair, the replies have each contract on it.
async fn prices(client: &Client) -> Result<(), Failure> {
    for ticker in client.send(&TickerPrice::new().pair(PAIR)).await?.value()? {
        let ticker = ticker?;
        println!("{}: {}", ticker.symbol, ticker.price);
    }
    for best in client.send(&TickerBookTicker::new().symbol(SYMBOL)).await?.value()? {
        let best = best?;
        println!("{} bid, {} asked", best.bid_price, best.ask_price);
    }
    for day in client.send(&Ticker24hr::new().symbol(SYMBOL)).await?.value()? {
        println!("{} after a day", day?.last_price);
    }
    Ok(())
}

/// The mark price with the funding to come, what was paid, and which contracts differ from the usual.
async fn funding(client: &Client) -> Result<(), Failure> {
    for mark in client.send(&PremiumIndex::new().pair(PAIR)).await?.value()? {
        println!("{:?}", mark?);
    }
    for paid in client.send(&FundingRate::new(SYMBOL).limit(3)).await?.value()? {
        let paid = paid?;
        println!("paid {} at {}", paid.funding_rate, paid.funding_time);
    }
    println!("{} contracts differ", client.send(&FundingInfo::new()).await?.value()?.count());
    Ok(())
}

/// Who holds what. These cost no weight; they are 1,000 in five minutes by themselves.
async fn statistics(client: &Client) -> Result<(), Failure> {
    println!("{} contracts open now", client.fetch(&OpenInterest::new(SYMBOL)).await?.open_interest);
    let past = OpenInterestHist::new(PAIR, Period::H1).limit(3);
    for past in client.send(&past).await?.value()? {
        println!("{} contracts open", past?.sum_open_interest);
    }
    let everybody = GlobalLongShortAccountRatio::new(PAIR, Period::H1).limit(1);
    println!("longs to shorts {:?}", client.send(&everybody).await?.value()?.first());
    let takers = TakerBuySellVol::new(PAIR, TakerContractType::All, Period::H1).limit(1);
    println!("takers {:?}", client.send(&takers).await?.value()?.first());
    let basis = Basis::new(PAIR, ContractType::Perpetual, Period::H1).limit(1);
    println!("{:?}", client.send(&basis).await?.value()?.first());
    Ok(())
}

/// Public data too, but these want to know whose program asks: an API key, without a signature.
async fn with_a_key(client: &Client) -> Result<(), Failure> {
    let old = HistoricalTrades::new(SYMBOL).limit(3);
    println!("{:?}", client.send(&old).await?.value()?.first());
    let accounts = TopLongShortAccountRatio::new(PAIR, Period::H1).limit(1);
    println!("top traders by account {:?}", client.send(&accounts).await?.value()?.first());
    let positions = TopLongShortPositionRatio::new(PAIR, Period::H1).limit(1);
    println!("top traders by position {:?}", client.send(&positions).await?.value()?.first());
    Ok(())
}
