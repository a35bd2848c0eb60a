//! Market streams of USDⓈ-M, every one of them: trades, books, candlesticks, prices, tickers, liquidations, indices.
//!
//! `cargo run --example usdm_streams`, with `-- --live` at the real exchange: no stream here needs a key.

use std::{collections::HashSet, time::Duration};

use binance_core::{
    enums::{ContractType, Interval},
    stream::{DepthSpeed, Levels, PriceSpeed, Route},
    usdm::{
        Event,
        streams::{
            AggTradeStream, AllAssetIndicesStream, AllBookTickersStream, AllLiquidationsStream,
            AllMarkPricesStream, AllMiniTickersStream, AllTickersStream, AssetIndexStream, BookTicker,
            BookTickerStream, CompositeIndexStream, ContinuousKlineStream, ContractInfoStream,
            DiffDepthStream, KlineStream, LiquidationStream, MarkPriceStream, MiniTickerStream,
            PartialDepthStream, RpiDiffDepthStream, TickerStream, TradingSessionStream,
        },
    },
};
use binance_examples::{Exchange, Failure};
use binance_ws::{
    Market,
    native::{Connector, Item, Message, Streams},
};
use tokio::time::{Instant, timeout_at};

const SYMBOL: &str = "BTCUSDT";
/// How long streams are watched. Some have nothing to tell for longer than that.
const WATCH: Duration = Duration::from_secs(4);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let exchange = Exchange::public().await?;
    let connector = exchange.streams(Market::UsdM)?;
    one_connection(&connector).await?;
    any_number(connector).await
}

/// One socket, with one kind of event, until its first error. Streams are of one route: here `/public`.
async fn one_connection(connector: &Connector) -> Result<(), Failure> {
    let mut best = connector.raw(&[&BookTickerStream::new(SYMBOL)]).await?;
    for _ in 0..3 {
        let message = best.next().await?;
        let best: BookTicker = message.decode()?;
        println!("{} bid, {} asked", best.bid_price, best.ask_price);
    }
    best.close().await;

    // Or opened first and subscribed to later.
    let mut public = connector.open(Route::Public).await?;
    public.subscribe(&[&DiffDepthStream::new(SYMBOL)]).await?;
    println!("subscribed to {:?}", public.list_subscriptions().await?);
    public.close().await;
    Ok(())
}

/// Streams of all routes, on as many connections as they need, each opened again when it is lost.
async fn any_number(connector: Connector) -> Result<(), Failure> {
    let mut streams = Streams::new(connector);
    // Trades and the book.
    streams.subscribe(&[
        &AggTradeStream::new(SYMBOL),
        &BookTickerStream::new(SYMBOL),
        &AllBookTickersStream::new(),
        &PartialDepthStream::new(SYMBOL, Levels::L5).speed(DepthSpeed::Ms100),
        &DiffDepthStream::new(SYMBOL).speed(DepthSpeed::Ms100),
        &RpiDiffDepthStream::new(SYMBOL),
    ])?;
    // Candlesticks, mark prices, and the last day.
    streams.subscribe(&[
        &KlineStream::new(SYMBOL, Interval::M1),
        &ContinuousKlineStream::new(SYMBOL, ContractType::Perpetual, Interval::H1),
        &MarkPriceStream::new(SYMBOL).speed(PriceSpeed::S1),
        &AllMarkPricesStream::new().speed(PriceSpeed::S1),
        &MiniTickerStream::new(SYMBOL),
        &AllMiniTickersStream::new(),
        &TickerStream::new(SYMBOL),
        &AllTickersStream::new(),
    ])?;
    // What happens to others, to contracts, to indices and to the markets of stocks.
    streams.subscribe(&[
        &LiquidationStream::new(SYMBOL),
        &AllLiquidationsStream::new(),
        &ContractInfoStream::new(),
        &CompositeIndexStream::new("DEFIUSDT"),
        &AssetIndexStream::new("BTCUSD"),
        &AllAssetIndicesStream::new(),
        &TradingSessionStream::new(),
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
    Ok(match message.usdm()? {
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
        Event::MarkPrices(marks) => format!("{} mark prices", marks.of(Market::UsdM).count()),
        Event::MiniTicker(ticker) => format!("{} {}", ticker.symbol, ticker.close),
        Event::MiniTickers(tickers) => format!("{} tickers", tickers.of(Market::UsdM).count()),
        Event::Ticker(ticker) => format!("{} {:?}", ticker.symbol, ticker.price_change_percent),
        Event::Tickers(tickers) => format!("{} tickers", tickers.of(Market::UsdM).count()),
        Event::Liquidation(liquidation) => format!("liquidated: {:?}", liquidation.order),
        Event::ContractInfo(contract) => format!("{} {:?}", contract.symbol, contract.status),
        Event::CompositeIndex(index) => format!("{} {}", index.symbol, index.price),
        Event::AssetIndex(asset) => format!("{} {}", asset.symbol, asset.index),
        Event::AssetIndices(assets) => format!("{} assets", assets.count()),
        Event::TradingSession(session) => format!("{} {}", session.event_type, session.session),
        // Also what this version does not know, as it came.
        other => format!("{other:?}"),
    })
}
