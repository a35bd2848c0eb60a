//! Book and tape of a contract in the terminal, as they change. `q` ends it.
//!
//! ```text
//! cargo run --example terminal -- --live
//! ```
//!
//! Where the output is no terminal, twenty frames are drawn in memory, and the last one is printed.

use std::{
    collections::VecDeque,
    io::{IsTerminal, stdout},
    time::Duration,
};

use binance_core::{
    Decimal,
    stream::Levels,
    usdm::{
        Event,
        market_data::Level,
        streams::{AggTrade, AggTradeStream, PartialDepthStream},
    },
};
use binance_examples::{Exchange, Failure};
use binance_ws::{
    Market,
    hosted::Message,
    native::{Item, Streams},
};
use ratatui::{
    DefaultTerminal, Frame, Terminal,
    backend::TestBackend,
    crossterm::event::{self, KeyCode},
    layout::{Constraint, Layout},
    style::{Color, Style},
    text::Line,
    widgets::{Block, Paragraph},
};
use tokio::time::{Instant, sleep_until};

const SYMBOL: &str = "BTCUSDT";
const FRAME: Duration = Duration::from_millis(50);
/// How many trades the tape has.
const TAPE: usize = 50;

/// What is on the screen.
#[derive(Default)]
struct View {
    /// Price and quantity, the best first.
    bids: Vec<(Decimal, Decimal)>,
    asks: Vec<(Decimal, Decimal)>,
    /// The newest first.
    tape: VecDeque<AggTrade>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let exchange = Exchange::public().await?;
    let mut streams = Streams::new(exchange.streams(Market::UsdM)?);
    streams.subscribe(&[&PartialDepthStream::new(SYMBOL, Levels::L10), &AggTradeStream::new(SYMBOL)])?;
    if stdout().is_terminal() {
        let mut terminal: DefaultTerminal = ratatui::try_init()?;
        let result = show(&mut streams, |view| {
            terminal.draw(|frame| view.draw(frame))?;
            let pressed = event::poll(Duration::ZERO)?
                && event::read()?.as_key_press_event().is_some_and(|key| key.code == KeyCode::Char('q'));
            Ok(!pressed)
        });
        let result = result.await;
        ratatui::try_restore()?;
        return result;
    }
    let mut terminal = Terminal::new(TestBackend::new(72, 24))?;
    let mut frames = 0;
    show(&mut streams, |view| {
        terminal.draw(|frame| view.draw(frame))?;
        // Those before the first trade and the first book do not count.
        frames += u32::from(!view.bids.is_empty() && !view.tape.is_empty());
        Ok(frames < 20)
    })
    .await?;
    println!("{}", terminal.backend());
    Ok(())
}

/// Takes what the streams send, and shows it so many times a second, until `draw` says that it is enough.
async fn show(
    streams: &mut Streams,
    mut draw: impl FnMut(&View) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let mut view = View::default();
    let mut next = Instant::now();
    loop {
        tokio::select! {
            item = streams.next() => match item {
                Some(Item::Message(message)) => view.take(&message)?,
                Some(Item::Notice { .. }) => {}
                None => return Err("the streams have ended".into()),
            },
            () = sleep_until(next) => {
                if !draw(&view)? {
                    return Ok(());
                }
                next = Instant::now() + FRAME;
            }
        }
    }
}

impl View {
    fn take(&mut self, message: &Message) -> Result<(), Failure> {
        match message.usdm()? {
            Event::Depth(depth) => {
                let rows = |level: Level| (level.price, level.quantity);
                self.bids = depth.bids.iter().flatten().map(rows).collect();
                self.asks = depth.asks.iter().flatten().map(rows).collect();
            }
            Event::AggTrade(trade) => {
                self.tape.push_front(trade);
                self.tape.truncate(TAPE);
            }
            _ => {}
        }
        Ok(())
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        let [book, tape] = Layout::horizontal([Constraint::Fill(1); 2]).areas(frame.area());
        let (buy, sell) = (Style::new().fg(Color::Green), Style::new().fg(Color::Red));
        let row = |price: Decimal, quantity: Decimal, style| {
            Line::styled(format!("{price:>14} {quantity:>12}"), style)
        };
        let asks = self.asks.iter().rev().map(|(price, quantity)| row(*price, *quantity, sell));
        let bids = self.bids.iter().map(|(price, quantity)| row(*price, *quantity, buy));
        let lines: Vec<Line<'_>> = asks.chain([Line::raw("")]).chain(bids).collect();
        frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(SYMBOL)), book);
        let trades = self.tape.iter().map(|trade| {
            // The one who came to a waiting buyer sells.
            let style = if trade.is_buyer_maker == Some(true) { sell } else { buy };
            row(trade.price, trade.quantity, style)
        });
        let lines: Vec<Line<'_>> = trades.collect();
        frame.render_widget(Paragraph::new(lines).block(Block::bordered().title("trades")), tape);
    }
}
