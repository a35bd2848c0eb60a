//! Convert, on USDⓈ-M: one asset into another, at a price that the exchange offers for some seconds.
//!
//! `cargo run --example usdm_convert`, or with `-- --demo` on the exchange's demo hosts.

use binance_core::{
    dec,
    usdm::convert::{AcceptQuote, ConvertOrderStatus, ConvertPairs, SendQuote},
};
use binance_examples::{Exchange, Failure};
use binance_http::Client;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let exchange = Exchange::trading().await?;
    pairs(exchange.client()).await?;
    convert(exchange.client()).await
}

/// What can be made of USDT, and how much at once.
async fn pairs(client: &Client) -> Result<(), Failure> {
    let reply = client.send(&ConvertPairs::new().from_asset("USDT")).await?;
    for pair in reply.value()? {
        let pair = pair?;
        println!("{} to {}: at least {:?}", pair.from_asset, pair.to_asset, pair.from_asset_min_amount);
    }
    Ok(())
}

/// Asks for a price, takes it, and sees what became of it. Nothing is converted before the quote is accepted.
async fn convert(client: &Client) -> Result<(), Failure> {
    let quote = client.fetch(&SendQuote::spending("USDT", "USDC", dec!("20")).valid_time("10s")).await?;
    println!("{} for each, until {:?}", quote.ratio, quote.valid_timestamp);
    // There is no id where the balance does not suffice.
    let id = quote.quote_id.ok_or("there is too little USDT")?;

    let accepted = client.fetch(&AcceptQuote::new(&id)).await?;
    println!("conversion {:?} is {}", accepted.order_id, accepted.order_status);
    let order = client.fetch(&ConvertOrderStatus::by_quote_id(&id)).await?;
    println!(
        "gave {:?} {:?}, got {:?} {:?}",
        order.from_amount, order.from_asset, order.to_amount, order.to_asset
    );
    Ok(())
}
