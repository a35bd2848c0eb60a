//! The steps on USDⓈ-M.

use binance_core::{
    Decimal, Open, dec,
    decimal::Rounding,
    enums::{Interval, NewOrderRespType, OrderStatus, Side},
    record::Filter,
    usdm::{
        Event,
        market_data::{ExchangeInformation, Klines, Time},
        streams::{AggTradeStream, BookTickerStream, DiffDepthStream},
        trade::{CancelOrder, NewOrder, Order, QueryOrder},
        user_data_streams::{CloseUserDataStream, StartUserDataStream},
    },
};
use binance_http::{Client, Limits};
use binance_ws::tungstenite::Connection;
use tokio::time::{Instant, timeout, timeout_at};

use crate::{
    Failure, WATCH,
    chart::{self, Bar},
    place::Place,
};

const SYMBOL: &str = "BTCUSDT";

/// What an order must keep to.
pub(crate) struct Rules {
    tick: Decimal,
    step: Decimal,
    min_quantity: Decimal,
    min_notional: Decimal,
}

/// The last best bid and ask.
#[derive(Clone, Copy)]
pub(crate) struct Quotes {
    bid: Decimal,
    ask: Decimal,
}

pub(crate) async fn time(client: &Client) -> Result<(), Failure> {
    let time = client.fetch(&Time::new()).await?.server_time;
    let offset = client.sync_clock().await?;
    println!(
        "server time {time}; its clock is {} ms ahead of ours, give or take {} ms",
        offset.millis, offset.error
    );
    Ok(())
}

pub(crate) async fn rules(client: &Client) -> Result<Rules, Failure> {
    let reply = client.send(&ExchangeInformation::new()).await?;
    let info = reply.value()?;
    let contract = info.symbols.iter().flatten().find(|contract| contract.symbol == SYMBOL);
    let contract = contract.ok_or("BTCUSDT is not listed")?;
    let filters: Vec<Filter> = contract.filters.unwrap_or_default().iter().flatten().collect();
    let filter = |kind: &str| filters.iter().find(move |filter| filter.kind == *kind);
    let rules = Rules {
        tick: filter("PRICE_FILTER").and_then(|filter| filter.tick_size).ok_or("no tick size")?,
        step: filter("LOT_SIZE").and_then(|filter| filter.step_size).ok_or("no step size")?,
        min_quantity: filter("LOT_SIZE").and_then(|filter| filter.min_qty).ok_or("no minimum quantity")?,
        min_notional: filter("MIN_NOTIONAL")
            .and_then(|filter| filter.notional)
            .ok_or("no minimum notional")?,
    };
    println!(
        "{} contracts; {SYMBOL}: tick {}, step {}, minimum notional {}",
        info.symbols.count(),
        rules.tick,
        rules.step,
        rules.min_notional
    );
    Ok(rules)
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
    let mut trades = place.usdm.combined(&[&AggTradeStream::new(SYMBOL)]).await?;
    let mut books =
        place.usdm.combined(&[&BookTickerStream::new(SYMBOL), &DiffDepthStream::new(SYMBOL)]).await?;
    let (mut agg_trades, mut book_tickers, mut depths, mut quotes) = (0, 0, 0, None);
    let end = Instant::now() + WATCH;
    loop {
        let message = tokio::select! {
            message = timeout_at(end, trades.next()) => message,
            message = timeout_at(end, books.next()) => message,
        };
        let Ok(message) = message else { break };
        match message?.usdm()? {
            Event::AggTrade(_) => agg_trades += 1,
            Event::BookTicker(ticker) => {
                book_tickers += 1;
                quotes = Some(Quotes { bid: ticker.bid_price, ask: ticker.ask_price });
            }
            Event::Depth(_) => depths += 1,
            _ => {}
        }
    }
    trades.close().await;
    books.close().await;
    let quotes = quotes.ok_or("no best prices came")?;
    println!("in {WATCH:?}: {agg_trades} aggTrade, {book_tickers} bookTicker, {depths} depth");
    println!("best bid {}, best ask {}", quotes.bid, quotes.ask);
    Ok(quotes)
}

/// An order that will rest: five percent under the best bid, as small as the rules allow.
fn resting<'a>(rules: &Rules, quotes: Quotes, client_order_id: &'a str) -> Option<NewOrder<'a>> {
    let price = quotes.bid.checked_mul(dec!("0.98"))?.round_to(rules.tick, Rounding::Down)?;
    let least = rules.min_notional.checked_div(price, 8, Rounding::Up)?.max(rules.min_quantity);
    let quantity = least.round_to(rules.step, Rounding::Up)?;
    let order = NewOrder::limit(SYMBOL, Side::Buy, quantity, price);
    Some(order.new_client_order_id(client_order_id).new_order_resp_type(NewOrderRespType::Result))
}

/// Answers what the reply to the order said of the limits.
pub(crate) async fn order_and_events(
    place: &Place,
    rules: &Rules,
    quotes: Quotes,
) -> Result<Limits, Failure> {
    let client = &place.client;
    let reply = client.send(&StartUserDataStream::new()).await?;
    let listen_key = reply.value()?.listen_key.ok_or("no listen key")?;
    let mut user = place.usdm.user_data(&listen_key).await?;

    let id = format!("quickstart-{}", client.fetch(&Time::new()).await?.server_time);
    let order = resting(rules, quotes, &id).ok_or("no price to order at")?;
    let reply = client.send(&order).await?;
    let placed = reply.value()?;
    println!(
        "placed order {}: {} {} at {}",
        placed.order_id,
        placed.side,
        shown(placed.orig_qty),
        shown(placed.price)
    );
    println!("  round trip {:.2?}", reply.elapsed());
    event(&mut user, &id, OrderStatus::New).await?;

    let found: Order = client.fetch(&QueryOrder::by_id(SYMBOL, placed.order_id)).await?;
    println!("queried: {} is {}", found.order_id, found.status);
    let canceled: Order = client.fetch(&CancelOrder::by_client_id(SYMBOL, &id)).await?;
    println!("canceled: {} is {}", canceled.order_id, canceled.status);
    event(&mut user, &id, OrderStatus::Canceled).await?;

    user.close().await;
    client.send(&CloseUserDataStream::new()).await?.value()?;
    Ok(reply.limits())
}

/// Waits for the event that tells of `status`, and shows it.
async fn event(user: &mut Connection, client_order_id: &str, status: OrderStatus) -> Result<(), Failure> {
    let wait = async {
        loop {
            if let Event::OrderTradeUpdate(update) = user.next().await?.usdm()?
                && update.order.client_order_id == *client_order_id
                && update.order.status == status
            {
                let order = &update.order;
                println!(
                    "  event ORDER_TRADE_UPDATE: order {}, {} -> {}",
                    order.order_id, order.execution_type, order.status
                );
                return Ok::<(), Failure>(());
            }
        }
    };
    timeout(WATCH * 2, wait).await.map_err(|_| format!("no event told that the order is {status}"))?
}

/// Places and cancels one order with a key of this kind.
pub(crate) async fn order_with_key(
    kind: &str,
    client: &Client,
    rules: &Rules,
    quotes: Quotes,
) -> Result<(), Failure> {
    let id = format!("quickstart-{kind}-{}", client.fetch(&Time::new()).await?.server_time);
    let order = resting(rules, quotes, &id).ok_or("no price to order at")?;
    let placed: Order = client.fetch(&order).await?;
    if placed.status != Open::Known(OrderStatus::New) {
        return Err(format!("the order is {}", placed.status).into());
    }
    client.send(&CancelOrder::by_id(SYMBOL, placed.order_id)).await?.value()?;
    println!("{kind} key: order {} accepted and canceled", placed.order_id);
    Ok(())
}

fn shown(number: Option<Decimal>) -> String {
    number.map_or_else(|| "-".into(), |number| number.to_string())
}
