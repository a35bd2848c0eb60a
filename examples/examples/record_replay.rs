//! Records streams to a file, a frame a line, and plays the file back through a simulated exchange: a strategy is tried on
//! what really was, as often as one likes.
//!
//! ```text
//! cargo run --example record_replay              records the simulated exchange
//! cargo run --example record_replay -- --live    records the real one
//! ```

use std::{
    env, fs,
    io::{BufWriter, Write},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use binance_core::{
    stream::DepthSpeed,
    usdm::streams::{BookTickerStream, DiffDepthStream},
};
use binance_examples::{Exchange, Failure};
use binance_sim::{Recording, Sim};
use binance_ws::{
    Base, Market, Subscription,
    hosted::Message,
    native::{Connector, Item, Streams},
};
use tokio::time::timeout;

const FRAMES: usize = 100;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let books = BookTickerStream::new("BTCUSDT");
    let depth = DiffDepthStream::new("BTCUSDT").speed(DepthSpeed::Ms100);
    // Both on one route, so that one subscription begins both.
    let streams: [&dyn Subscription; 2] = [&books, &depth];

    let path = env::temp_dir().join(format!("recorded-{}.jsonl", std::process::id()));
    let exchange = Exchange::public().await?;
    let mut file = BufWriter::new(fs::File::create(&path)?);
    let mut recorded = Vec::new();
    follow(exchange.streams(Market::UsdM)?, &streams, |message| {
        let time = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        let (name, data) = (message.stream().ok_or("no name")?, message.data());
        // The lines that the simulated exchange reads. `data` is the text as it came.
        writeln!(file, r#"{{"time":{time},"market":"usdm","stream":"{name}","data":{data}}}"#)?;
        recorded.push(message.text().to_owned());
        Ok(recorded.len() < FRAMES)
    })
    .await?;
    file.into_inner()?.sync_all()?;
    println!("recorded {} frames to {}", recorded.len(), path.display());

    let recording = Recording::parse(&fs::read_to_string(&path)?)?;
    fs::remove_file(&path)?;
    let replay = Sim::builder().replay(recording).start()?;
    let connector = Connector::new(Base::new(Market::UsdM, &replay.urls().usdm_streams)?);
    let mut at = 0;
    follow(connector, &streams, |message| {
        if recorded.get(at).map(String::as_str) != Some(message.text()) {
            return Err(format!("frame {at} is not what was recorded: {}", message.text()).into());
        }
        at += 1;
        Ok(at < recorded.len())
    })
    .await?;
    println!("played {at} frames back, each to the byte as it was");
    Ok(())
}

/// Gives what the streams send to `each`, until that says no.
async fn follow(
    connector: Connector,
    streams: &[&dyn Subscription],
    mut each: impl FnMut(&Message) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let mut from = Streams::new(connector);
    from.subscribe(streams)?;
    while let Some(item) = timeout(Duration::from_secs(30), from.next()).await? {
        match item {
            Item::Message(message) if !each(&message)? => break,
            Item::Message(_) => {}
            Item::Notice { notice, .. } => eprintln!("{notice:?}"),
        }
    }
    from.close().await;
    Ok(())
}
