//! What the adapters for tokio have in common: [`Streams`] and [`Connection`]s over any [`Socket`].
//!
//! A program takes [`tungstenite`](crate::tungstenite) or [`native`](crate::native), which name these types with a socket
//! of their own. Another WebSocket library becomes a third by an implementation of [`Socket`].
//!
//! A [`Connector`] knows where the exchange is. [`Streams`] are for programs that run: any number of streams, connected
//! again and again, replaced in time, watched. A [`Connection`] is one socket and ends with it.
//!
//! Nothing is spawned: `next` does all the work while it is awaited, answers to pings included, so it has to be
//! awaited again and again.

mod api;
mod budget;
mod connection;
mod connector;
mod delivery;
mod driver;
mod error;
mod handler;
mod message;
mod socket;
mod streams;
mod text;
mod user_data;

pub use binance_http::dial;

pub use self::{
    api::{Api, ApiBuilder, ApiDriver, ApiReply, Failure, NotPlaced, Refused},
    connection::Connection,
    connector::Connector,
    delivery::{Delivered, Inbox, Policy, Pump, StreamStats},
    error::{ConnectError, Error},
    handler::{Handler, Trouble},
    message::Message,
    socket::{Arrived, Socket, Target},
    streams::{Item, Streams},
    text::{Lent, SharedText},
    user_data::{Ask, Attach, UserData, UserItem},
};
