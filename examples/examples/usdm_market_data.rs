//! Market data of USDⓈ-M: time, rules, books, trades, candlesticks, prices, funding, statistics.
//!
//! `cargo run --example usdm_market_data`, with `-- --live` at the real exchange: nearly all of it needs no key.

#![allow(deprecated, reason = "what the exchange still answers is shown too")]

use binance_core::{
    enums::{ContractType, Interval, Period},
    usdm::market_data::{
        AggTrades, AssetIndex, Basis, Constituents, ContinuousKlines, DeliveryPrice, Depth,
        ExchangeInformation, FundingInfo, FundingRate, GlobalLongShortAccountRatio, HistoricalTrades,
        IndexInfo, IndexPriceKlines, InsuranceBalance, Klines, LvtKlines, MarkPriceKlines, OpenInterest,
        OpenInterestHist, Ping, PremiumIndex, PremiumIndexKlines, RpiDepth, SymbolAdlRisk,
        TakerLongShortRatio, Ticker24hr, TickerBookTicker, TickerPrice, TickerPriceV1, Time,
        TopLongShortAccountRatio, TopLongShortPositionRatio, Trades, TradingSchedule,
    },
};
use binance_examples::{Exchange, Failure};
use binance_http::Client;

const SYMBOL: &str = "BTCUSDT";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let exchange = Exchange::public().await?;
    let client = exchange.client();
    reachable(client).await?;
    rules(client).await?;
    books(client).await?;
    trades(client).await?;
    candlesticks(client).await?;
    prices(client).await?;
    funding(client).await?;
    indices(client).await?;
    risks(client).await?;
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

/// What an order must keep to. A list is read while it is walked: nothing is copied out of the reply before.
async fn rules(client: &Client) -> Result<(), Failure> {
    let reply = client.send(&ExchangeInformation::new()).await?;
    let info = reply.value()?;
    for limit in info.rate_limits.unwrap_or_default() {
        let limit = limit?;
        println!("at most {} {} in {} {}", limit.limit, limit.kind, limit.interval_num, limit.interval);
    }
    for contract in info.symbols.iter().take(3) {
        let contract = contract?;
        println!("{}, {:?}:", contract.symbol, contract.status);
        for filter in contract.filters.unwrap_or_default() {
            println!("  {:?}", filter?);
        }
    }
    Ok(())
}

/// The best levels; `RpiDepth` has those too that only people can take.
async fn books(client: &Client) -> Result<(), Failure> {
    let reply = client.send(&Depth::new(SYMBOL).limit(5)).await?;
    let book = reply.value()?;
    for (bid, ask) in book.bids.iter().zip(book.asks.iter()) {
        let (bid, ask) = (bid?, ask?);
        println!("{:>8} at {} | {:>8} at {}", bid.quantity, bid.price, ask.quantity, ask.price);
    }
    let reply = client.send(&RpiDepth::new(SYMBOL)).await?;
    println!("{} bids with retail price improvement", reply.value()?.bids.count());
    Ok(())
}

/// Trades as they were made, and as one for each order that made them.
async fn trades(client: &Client) -> Result<(), Failure> {
    for trade in client.send(&Trades::new(SYMBOL).limit(3)).await?.value()? {
        let trade = trade?;
        println!("trade {}: {} at {}", trade.id, trade.quantity, trade.price);
    }
    // Pages go by id: the next one begins after the last.
    let reply = client.send(&AggTrades::new(SYMBOL).limit(3)).await?;
    let first = reply.value()?.first().ok_or("no trades")?;
    let reply = client.send(&AggTrades::new(SYMBOL).from_id(first.id).limit(3)).await?;
    println!("{} trades from {} on", reply.value()?.count(), first.id);
    Ok(())
}

/// Candlesticks of a contract, of whatever contract is the perpetual one, and of prices at which nothing is traded.
async fn candlesticks(client: &Client) -> Result<(), Failure> {
    for bar in client.send(&Klines::new(SYMBOL, Interval::M1).limit(3)).await?.value()? {
        let bar = bar?;
        println!("{}: {} {} {} {}, {}", bar.open_time, bar.open, bar.high, bar.low, bar.close, bar.volume);
    }
    let continuous = ContinuousKlines::new(SYMBOL, ContractType::Perpetual, Interval::H1).limit(1);
    println!("{:?}", client.send(&continuous).await?.value()?.first());
    let index = IndexPriceKlines::new(SYMBOL, Interval::M5).limit(1);
    println!("index price {:?}", client.send(&index).await?.value()?.first().map(|bar| bar.close));
    let mark = MarkPriceKlines::new(SYMBOL, Interval::M5).limit(1);
    println!("mark price {:?}", client.send(&mark).await?.value()?.first().map(|bar| bar.close));
    let premium = PremiumIndexKlines::new(SYMBOL, Interval::M5).limit(1);
    println!("premium {:?}", client.send(&premium).await?.value()?.first().map(|bar| bar.close));
    Ok(())
}

/// What was paid last, what is bid and asked, and the last day. With a symbol the reply is one, without it many.
async fn prices(client: &Client) -> Result<(), Failure> {
    println!("{}", client.send(&TickerPrice::new().symbol(SYMBOL)).await?.value()?.one()?.price);
    for ticker in client.send(&TickerPrice::new()).await?.value()?.iter().take(3) {
        let ticker = ticker?;
        println!("{}: {}", ticker.symbol, ticker.price);
    }
    println!("{}", client.send(&TickerPriceV1::new().symbol(SYMBOL)).await?.value()?.one()?.price);
    let best = client.send(&TickerBookTicker::new().symbol(SYMBOL)).await?.value()?.one()?;
    println!("{} bid, {} asked", best.bid_price, best.ask_price);
    let day = client.send(&Ticker24hr::new().symbol(SYMBOL)).await?.value()?.one()?;
    println!("{:?} percent in a day, to {}", day.price_change_percent, day.last_price);
    Ok(())
}

/// The mark price with the funding to come, what was paid, and which contracts differ from the usual.
async fn funding(client: &Client) -> Result<(), Failure> {
    let mark = client.send(&PremiumIndex::new().symbol(SYMBOL)).await?.value()?.one()?;
    println!("mark price {:?}, funding {:?}", mark.mark_price, mark.last_funding_rate);
    for paid in client.send(&FundingRate::new().symbol(SYMBOL).limit(3)).await?.value()? {
        let paid = paid?;
        println!("paid {} at {}", paid.funding_rate, paid.funding_time);
    }
    println!("{} contracts differ", client.send(&FundingInfo::new()).await?.value()?.count());
    Ok(())
}

/// What indices are made of, and what an asset is worth as margin.
async fn indices(client: &Client) -> Result<(), Failure> {
    for part in client.send(&Constituents::new(SYMBOL)).await?.value()?.constituents {
        let part = part?;
        println!("{} on {}: weight {:?}", part.symbol, part.exchange, part.weight);
    }
    for index in client.send(&IndexInfo::new()).await?.value()?.iter() {
        let index = index?;
        println!("{} of {} assets", index.symbol, index.base_asset_list.unwrap_or_default().count());
    }
    let asset = client.send(&AssetIndex::new().symbol("BTCUSD")).await?.value()?.one()?;
    println!("one BTC counts for {}, {:?} less a haircut", asset.index, asset.bid_rate);
    Ok(())
}

/// The insurance fund, the risk of being deleveraged, and when the markets of stocks are open.
async fn risks(client: &Client) -> Result<(), Failure> {
    for fund in client.send(&InsuranceBalance::new().symbol(SYMBOL)).await?.value()?.iter() {
        println!("insured by {:?}", fund?.assets.first());
    }
    let risk = client.send(&SymbolAdlRisk::new().symbol(SYMBOL)).await?.value()?.one()?;
    println!("the risk of auto-deleveraging is {}", risk.adl_risk);
    for market in client.send(&TradingSchedule::new()).await?.value()?.market_schedules {
        let (name, schedule) = market?;
        println!("{name}: {:?}", schedule.sessions.first());
    }
    Ok(())
}

/// Who holds what. These cost no weight; they are 1,000 in five minutes by themselves.
async fn statistics(client: &Client) -> Result<(), Failure> {
    println!("{} open now", client.fetch(&OpenInterest::new(SYMBOL)).await?.open_interest);
    for past in client.send(&OpenInterestHist::new(SYMBOL, Period::H1).limit(3)).await?.value()? {
        println!("{} open", past?.sum_open_interest);
    }
    let everybody = GlobalLongShortAccountRatio::new(SYMBOL, Period::H1).limit(1);
    println!("longs to shorts {:?}", client.send(&everybody).await?.value()?.first());
    let takers = TakerLongShortRatio::new(SYMBOL, Period::H1).limit(1);
    println!("takers {:?}", client.send(&takers).await?.value()?.first());
    let basis = Basis::new(SYMBOL, ContractType::Perpetual, Period::H1).limit(1);
    println!("{:?}", client.send(&basis).await?.value()?.first());
    println!("{} deliveries", client.send(&DeliveryPrice::new(SYMBOL)).await?.value()?.count());
    Ok(())
}

/// Public data too, but these want to know whose program asks: an API key, without a signature.
async fn with_a_key(client: &Client) -> Result<(), Failure> {
    let old = HistoricalTrades::new(SYMBOL).limit(3);
    println!("{:?}", client.send(&old).await?.value()?.first());
    let accounts = TopLongShortAccountRatio::new(SYMBOL, Period::H1).limit(1);
    println!("top traders by account {:?}", client.send(&accounts).await?.value()?.first());
    let positions = TopLongShortPositionRatio::new(SYMBOL, Period::H1).limit(1);
    println!("top traders by position {:?}", client.send(&positions).await?.value()?.first());
    let leveraged = LvtKlines::new("BTCUP", Period::H1).limit(1);
    println!("{:?}", client.send(&leveraged).await?.value()?.first());
    Ok(())
}
