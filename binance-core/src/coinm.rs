//! COIN-M: `/dapi`, margined in the coin itself. One module a section of the exchange's menu.

use crate::endpoint::Weight;

pub mod account;
mod event;
pub mod market_data;
pub mod portfolio_margin;
pub mod streams;
pub mod trade;
pub mod user_data_streams;
pub mod user_events;
pub mod ws_api;

pub(crate) use self::event::visit_event;
pub use self::event::{EVENTS, Event};

/// Less for one contract than for all.
const fn by_symbol(with: u32, without: u32) -> Weight {
    Weight::With { any_of: &["symbol"], with, without }
}
