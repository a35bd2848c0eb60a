//! The steps on COIN-M, where quantities are contracts.

use binance_core::{
    Contracts, Decimal,
    coinm::{
        Event,
        market_data::{ExchangeInformation, Klines, Time},
        streams::{AggTradeStream, BookTickerStream, DiffDepthStream},
        trade::{CancelOrder, NewOrder, Order},
        user_data_streams::{CloseUserDataStream, StartUserDataStream},
    },
    dec,
    decimal::Rounding,
    enums::{Interval, NewOrderRespType, OrderStatus, Side},
};
use binance_http::Client;
use tokio::time::{Instant, timeout, timeout_at};

use crate::{
    Failure, WATCH,
    chart::{self, Bar},
    place::Place,
};

const SYMBOL: &str = "BTCUSD_PERP";

/// What an order must keep to.
pub(crate) struct Rules {
    tick: Decimal,
}

/// The last best bid.
#[derive(Clone, Copy)]
pub(crate) struct Quotes {
    bid: Decimal,
}

pub(crate) async fn time(client: &Client) -> Result<(), Failure> {
    println!("server time {}", client.fetch(&Time::new()).await?.server_time);
    Ok(())
}

pub(crate) async fn rules(client: &Client) -> Result<Rules, Failure> {
    let reply = client.send(&ExchangeInformation::new()).await?;
    let info = reply.value()?;
    let contract = info.symbols.iter().flatten().find(|contract| contract.symbol == SYMBOL);
    let contract = contract.ok_or("BTCUSD_PERP is not listed")?;
    let mut filters = contract.filters.unwrap_or_default().iter().flatten();
    let tick = filters.find_map(|filter| filter.tick_size).ok_or("no tick size")?;
    let size = contract.contract_size.ok_or("no contract size")?;
    println!("{} contracts; {SYMBOL}: tick {tick}, one contract is {size} USD", info.symbols.count());
    Ok(Rules { tick })
}

pub(crate) async fn candles(client: &Client) -> Result<(), Failure> {
    let reply = client.send(&Klines::new(SYMBOL, Interval::M1).limit(60)).await?;
    let mut bars = Vec::new();
    for kline in reply.value()? {
        let kline = kline?;
        bars.push(Bar { open: kline.open, high: kline.high, low: kline.low, close: kline.close });
    }
    println!("the last {} minutes:", bars.len());
    chart::draw(&bars);
    Ok(())
}

pub(crate) async fn streams(place: &Place) -> Result<Quotes, Failure> {
    let trades = AggTradeStream::new(SYMBOL);
    let (best, depth) = (BookTickerStream::new(SYMBOL), DiffDepthStream::new(SYMBOL));
    // No routes here: one connection carries them all.
    let mut market = place.coinm.combined(&[&trades, &best, &depth]).await?;
    let (mut agg_trades, mut book_tickers, mut depths, mut quotes) = (0, 0, 0, None);
    let end = Instant::now() + WATCH;
    while let Ok(message) = timeout_at(end, market.next()).await {
        match message?.coinm()? {
            Event::AggTrade(_) => agg_trades += 1,
            Event::BookTicker(ticker) => {
                book_tickers += 1;
                quotes = Some((ticker.bid_price, ticker.ask_price));
            }
            Event::Depth(_) => depths += 1,
            _ => {}
        }
    }
    market.close().await;
    let (bid, ask) = quotes.ok_or("no best prices came")?;
    println!("in {WATCH:?}: {agg_trades} aggTrade, {book_tickers} bookTicker, {depths} depth");
    println!("best bid {bid}, best ask {ask}");
    Ok(Quotes { bid })
}

pub(crate) async fn order_and_events(place: &Place, rules: &Rules, quotes: Quotes) -> Result<(), Failure> {
    let client = &place.client;
    let reply = client.send(&StartUserDataStream::new()).await?;
    let listen_key = reply.value()?.listen_key.ok_or("no listen key")?;
    let mut user = place.coinm.user_data(&listen_key).await?;

    let price =
        quotes.bid.checked_mul(dec!("0.98")).and_then(|price| price.round_to(rules.tick, Rounding::Down));
    let order = NewOrder::limit(SYMBOL, Side::Buy, Contracts::from(1), price.ok_or("no price to order at")?)
        .new_order_resp_type(NewOrderRespType::Result);
    let placed: Order = client.fetch(&order).await?;
    println!("placed order {}: 1 contract", placed.order_id);
    let canceled: Order = client.fetch(&CancelOrder::by_id(SYMBOL, placed.order_id)).await?;
    println!("canceled: {} is {}", canceled.order_id, canceled.status);

    let wait = async {
        loop {
            if let Event::OrderTradeUpdate(update) = user.next().await?.coinm()?
                && update.order.order_id == placed.order_id
            {
                let order = &update.order;
                println!(
                    "  event ORDER_TRADE_UPDATE: order {}, {} -> {}",
                    order.order_id, order.execution_type, order.status
                );
                if order.status == OrderStatus::Canceled {
                    return Ok::<(), Failure>(());
                }
            }
        }
    };
    timeout(WATCH * 2, wait).await.map_err(|_| "no event told that the order is canceled")??;
    user.close().await;
    client.send(&CloseUserDataStream::new()).await?.value()?;
    Ok(())
}
