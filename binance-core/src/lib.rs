#![doc = include_str!("../README.md")]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs)]

#[macro_use]
mod macros;
mod environment;
mod hot;
mod outcome;
mod wire;
mod word;

pub mod buf;
pub mod coinm;
pub mod decimal;
pub mod endpoint;
pub mod enums;
pub mod error;
pub mod json;
pub mod listen_key;
pub mod open;
pub mod order;
pub mod param;
pub mod query;
pub mod raw;
pub mod record;
pub mod stream;
pub mod text;
pub mod time;
pub mod usdm;
pub mod ws_api;

pub use self::{
    decimal::Decimal,
    endpoint::{Endpoint, Market, Meta, Method, ReplyVisitor, Request, Security},
    environment::Environment,
    error::{ApiCode, ApiError},
    json::List,
    open::Open,
    outcome::Outcome,
    record::Contracts,
    stream::{Event, Stream},
    text::Text,
    time::Millis,
};

/// Every endpoint that is declared, section by section, USDⓈ-M first.
pub const CATALOG: Catalog = Catalog(&[
    usdm::market_data::ENDPOINTS,
    usdm::market_data::KLINE_ENDPOINTS,
    usdm::market_data::STATISTICS_ENDPOINTS,
    usdm::trade::ENDPOINTS,
    usdm::trade::ALGO_ENDPOINTS,
    usdm::trade::POSITION_ENDPOINTS,
    usdm::account::ENDPOINTS,
    usdm::convert::ENDPOINTS,
    usdm::portfolio_margin::ENDPOINTS,
    usdm::user_data_streams::ENDPOINTS,
    coinm::market_data::ENDPOINTS,
    coinm::market_data::KLINE_ENDPOINTS,
    coinm::market_data::STATISTICS_ENDPOINTS,
    coinm::trade::ENDPOINTS,
    coinm::trade::ALGO_ENDPOINTS,
    coinm::trade::POSITION_ENDPOINTS,
    coinm::account::ENDPOINTS,
    coinm::portfolio_margin::ENDPOINTS,
    coinm::user_data_streams::ENDPOINTS,
]);

/// The facts of many endpoints.
#[derive(Clone, Copy, Debug)]
pub struct Catalog(&'static [&'static [Meta]]);

impl Catalog {
    /// All of them, in the order of the declaration.
    pub fn iter(self) -> impl Iterator<Item = &'static Meta> {
        self.0.iter().copied().flatten()
    }

    /// Shows `visitor` the reply type of an endpoint; `None` where none is declared.
    pub fn visit_reply<'r, V: ReplyVisitor<'r>>(
        self,
        market: Market,
        method: Method,
        path: &str,
        visitor: V,
    ) -> Option<V::Output> {
        macro_rules! first_of {
            ($($market:ident::$section:ident$(::$part:ident)?)*) => {{
                $( let visitor = match crate::$market::$section$(::$part)?::visit_reply(method, path, visitor) {
                    Ok(output) => return Some(output),
                    Err(visitor) => visitor,
                }; )*
                drop(visitor);
                None
            }};
        }
        // Some paths are the same on both markets.
        match market {
            Market::UsdM => {
                first_of!(
                    usdm::market_data usdm::market_data::klines usdm::market_data::statistics
                    usdm::trade usdm::trade::algo usdm::trade::positions
                    usdm::account usdm::convert usdm::portfolio_margin usdm::user_data_streams
                )
            }
            Market::CoinM => {
                first_of!(
                    coinm::market_data coinm::market_data::klines coinm::market_data::statistics
                    coinm::trade coinm::trade::algo coinm::trade::positions
                    coinm::account coinm::portfolio_margin coinm::user_data_streams
                )
            }
        }
    }

    /// The one with this verb and path on this market.
    pub fn find(self, market: Market, method: Method, path: &str) -> Option<&'static Meta> {
        self.iter().find(|meta| meta.market == market && meta.method == method && meta.path == path)
    }
}
