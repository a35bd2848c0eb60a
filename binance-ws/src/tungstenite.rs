//! Streams over tokio-tungstenite, rustls and tokio.
//!
//! The types are those of [`hosted`], with a socket of tokio-tungstenite under them.
//!
//! ```no_run
//! use binance_core::usdm::streams::{AggTradeStream, BookTickerStream};
//! use binance_ws::{Base, Environment, Market, tungstenite::{Connector, Item, Streams}};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let mut streams = Streams::new(Connector::new(Base::of(Market::UsdM, Environment::Production)));
//! streams.subscribe(&[&AggTradeStream::new("BTCUSDT"), &BookTickerStream::new("BTCUSDT")])?;
//! while let Some(item) = streams.next().await {
//!     match item {
//!         Item::Message(message) => println!("{:?}", message.usdm()?),
//!         Item::Notice { notice, .. } => eprintln!("{notice:?}"),
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod answer;
mod socket;
mod wire;

pub use self::socket::Socket;
use crate::hosted;
pub use crate::hosted::{Ask, Attach, ConnectError, Error, Item, Message, UserItem};

/// Opens connections to one market by tokio-tungstenite. See [`hosted::Connector`].
pub type Connector = hosted::Connector<Socket>;

/// One connection by tokio-tungstenite. See [`hosted::Connection`].
pub type Connection = hosted::Connection<Socket>;

/// Any number of streams by tokio-tungstenite. See [`hosted::Streams`].
pub type Streams = hosted::Streams<Socket>;

/// The WebSocket API by tokio-tungstenite. See [`hosted::Api`].
pub type Api = hosted::Api<Socket>;

/// User data by tokio-tungstenite. See [`hosted::UserData`].
pub type UserData<R> = hosted::UserData<Socket, R>;
