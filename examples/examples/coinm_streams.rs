//! Market streams of COIN-M, every one of them: trades, books, candlesticks, prices, tickers, liquidations.
//!
//! `cargo run --example coinm_streams`, with `-- --live` at the real exchange: no stream here needs a key.

use std::{collections::HashSet, time::Duration};

use binance_core::{
    coinm::{
        Event,
        streams::{
            AggTradeStream, AllBookTickersStream, AllLiquidationsStream, AllMiniTickersStream,
            AllTickersStream, BookTicker, BookTickerStream, ContinuousKlineStream, ContractInfoStream,
            DiffDepthStream, IndexPriceKlineStream, IndexPriceStream, KlineStream, LiquidationStream,
            MarkPriceKlineStream, MarkPriceStream, MiniTickerStream, PairMarkPriceStream, PartialDepthStream,
            TickerStream,
        },
    },
    enums::{ContractType, Interval},
    stream::{DepthSpeed, Levels, PriceSpeed},
};
use binance_examples::{Exchange, Failure};
use binance_ws::{
    Market,
    native::{Connector, Item, Message, Streams},
};
use tokio::time::{Instant, timeout_at};

const SYMBOL: &str = "BTCUSD_PERP";
/// What the contract is on; others on it end with a quarter.
const PAIR: &str = "BTCUSD";
/// How long streams are watched. Some have nothing to tell for longer than that.
const WATCH: Duration = Duration::from_secs(4);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let exchange = Exchange::public().await?;
    let connector = exchange.streams(Market::CoinM)?;
    one_connection(&connector).await?;
    any_number(connector).await
}

/// One socket, with one kind of event, until its first error.
async fn one_connection(connector: &Connector) -> Result<(), Failure> {
    let mut best = connector.raw(&[&BookTickerStream::new(SYMBOL)]).await?;
    for _ in 0..3 {
        let message = best.next().await?;
        let best: BookTicker = message.decode()?;
        println!("{} bid, {} asked", best.bid_price, best.ask_price);
    }
    best.close().await;

    // Or opened first and subscribed to later.
    let mut depth = connector.open(None).await?;
    depth.subscribe(&[&DiffDepthStream::new(SYMBOL)]).await?;
    println!("subscribed to {:?}", depth.list_subscriptions().await?);
    depth.close().await;
    Ok(())
}

/// Any number of streams, on as many connections as they need, each opened again when it is lost.
async fn any_number(connector: Connector) -> Result<(), Failure> {
    let mut streams = Streams::new(connector);
    // Trades and the book.
    streams.subscribe(&[
        &AggTradeStream::new(SYMBOL),
        &BookTickerStream::new(SYMBOL),
        &AllBookTickersStream::new(),
        &PartialDepthStream::new(SYMBOL, Levels::L5).speed(DepthSpeed::Ms100),
        &DiffDepthStream::new(SYMBOL).speed(DepthSpeed::Ms100),
    ])?;
    // Candlesticks, indices, mark prices, and the last day.
    streams.subscribe(&[
        &KlineStream::new(SYMBOL, Interval::M1),
        &ContinuousKlineStream::new(PAIR, ContractType::Perpetual, Interval::H1),
        &IndexPriceKlineStream::new(PAIR, Interval::M1),
        &MarkPriceKlineStream::new(SYMBOL, Interval::M1),
        &IndexPriceStream::new(PAIR).speed(PriceSpeed::S1),
        &PairMarkPriceStream::new(PAIR).speed(PriceSpeed::S1),
        &MarkPriceStream::new(SYMBOL).speed(PriceSpeed::S1),
        &MiniTickerStream::new(SYMBOL),
        &AllMiniTickersStream::new(),
        &TickerStream::new(SYMBOL),
        &AllTickersStream::new(),
    ])?;
    // What happens to others and to contracts.
    streams.subscribe(&[
        &LiquidationStream::new(SYMBOL),
        &AllLiquidationsStream::new(),
        &ContractInfoStream::new(),
    ])?;
    let (end, mut told) = (Instant::now() + WATCH, HashSet::new());
    while let Ok(Some(item)) = timeout_at(end, streams.next()).await {
        match item {
            // The first message of each stream.
            Item::Message(message) => {
                if let Some(name) = message.stream()
                    && told.insert(name.to_owned())
                {
                    println!("{name}: {}", shown(&message)?);
                }
            }
            Item::Notice { connection, notice } => println!("connection {connection}: {notice:?}"),
        }
    }
    println!("{} streams told something", told.len());
    Ok(())
}

/// Any event, told by its tag. The streams of all contracts send many at once, and of both markets.
fn shown(message: &Message) -> Result<String, Failure> {
    Ok(match message.coinm()? {
        Event::AggTrade(trade) => format!("{} at {}", trade.quantity, trade.price),
        Event::BookTicker(best) => {
            format!("{} {} bid, {} asked", best.symbol, best.bid_price, best.ask_price)
        }
        Event::Depth(depth) => {
            format!(
                "up to {}: {} bids, {} asks",
                depth.final_update_id,
                depth.bids.count(),
                depth.asks.count()
            )
        }
        Event::Kline(update) => format!("from {} to {}", update.kline.open, update.kline.close),
        Event::ContinuousKline(update) => format!("{} {}", update.contract_type, update.kline.close),
        Event::MarkPrice(mark) => format!("{} {:?}", mark.symbol, mark.mark_price),
        Event::MarkPrices(marks) => format!("{} mark prices", marks.of(Market::CoinM).count()),
        Event::MiniTicker(ticker) => format!("{} {}", ticker.symbol, ticker.close),
        Event::MiniTickers(tickers) => format!("{} tickers", tickers.of(Market::CoinM).count()),
        Event::Ticker(ticker) => format!("{} {:?}", ticker.symbol, ticker.price_change_percent),
        Event::Tickers(tickers) => format!("{} tickers", tickers.of(Market::CoinM).count()),
        Event::Liquidation(liquidation) => format!("liquidated: {:?}", liquidation.order),
        Event::ContractInfo(contract) => format!("{} {:?}", contract.symbol, contract.status),
        Event::IndexPriceKline(update) => format!("from {} to {}", update.kline.open, update.kline.close),
        Event::MarkPriceKline(update) => format!("from {} to {}", update.kline.open, update.kline.close),
        Event::IndexPrice(index) => format!("{:?} {}", index.pair(), index.index_price),
        // Also what this version does not know, as it came.
        other => format!("{other:?}"),
    })
}
