//! A dead man's switch: orders that are gone soon after the program that looks after them.
//!
//! A countdown runs at the exchange, and every call sets it back. When the calls end, for whatever reason, it runs out and
//! the exchange cancels what is open. Here the program keeps it alive for a while, and then acts dead.

use std::time::Duration;

use binance_core::{
    dec,
    enums::Side,
    usdm::trade::{CountdownCancelAll, NewOrder, OpenOrders},
};
use binance_examples::{Exchange, Failure};
use binance_http::Client;
use tokio::time::{Instant, sleep, sleep_until};

const SYMBOL: &str = "BTCUSDT";
/// After how long without a call the orders are canceled.
const COUNTDOWN: Duration = Duration::from_millis(1_500);
/// A third of it, so that two calls may be lost.
const PERIOD: Duration = Duration::from_millis(500);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let exchange = Exchange::trading().await?;
    let client = exchange.client();
    for price in [dec!("20000.0"), dec!("21000.0")] {
        let order = client.fetch(&NewOrder::limit(SYMBOL, Side::Buy, dec!("0.010"), price)).await?;
        println!("order {} at {price} is {}", order.order_id, order.status);
    }

    // Beside the program's own work, which here is to sleep and to look.
    tokio::select! {
        result = keep_alive(client) => result?,
        result = work(client) => result?,
    }
    println!("the program is gone; nothing keeps the orders alive");

    let end = Instant::now() + COUNTDOWN + Duration::from_secs(5);
    while open(client).await? > 0 {
        if Instant::now() > end {
            return Err("the orders are still there".into());
        }
        sleep(Duration::from_millis(100)).await;
    }
    println!("and so are the orders");
    Ok(())
}

/// Sets the countdown back again and again. A call that fails is no reason to stop: the next may come through.
async fn keep_alive(client: &Client) -> Result<(), Failure> {
    let call = CountdownCancelAll::new(SYMBOL, COUNTDOWN.as_millis().try_into()?);
    // A call that hangs must not use up the time of the next.
    let client = client.with_timeout(PERIOD);
    let mut next = Instant::now();
    loop {
        if let Err(error) = client.fetch(&call).await {
            eprintln!("the countdown goes on: {error}");
        }
        next += PERIOD;
        sleep_until(next).await;
    }
}

/// Longer than the countdown, which is kept from running out.
async fn work(client: &Client) -> Result<(), Failure> {
    for _ in 0..5 {
        sleep(PERIOD).await;
        match open(client).await? {
            2 => println!("2 orders are open"),
            other => return Err(format!("{other} orders are open, of 2").into()),
        }
    }
    Ok(())
}

async fn open(client: &Client) -> Result<usize, Failure> {
    Ok(client.send(&OpenOrders::new().symbol(SYMBOL)).await?.value()?.iter().count())
}
