//! What really is, for tests that compare it with what a client believes.

use std::collections::BTreeMap;

use binance_core::{decimal::Decimal, endpoint::Market};

use crate::book::Side;

/// The exchange's state at one moment: everything that belongs to clients.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Truth {
    /// The exchange's time, in milliseconds.
    pub time: i64,
    /// Every order that clients placed, by market and order id.
    pub orders: Vec<OrderTruth>,
    /// Every position that is not zero.
    pub positions: Vec<PositionTruth>,
    /// Every wallet.
    pub balances: Vec<BalanceTruth>,
    /// The insurance fund, as far as it was touched.
    pub insurance: Vec<FundTruth>,
    /// The requests that came, oldest first; at most the last 10,000.
    pub received: Vec<Received>,
    /// How many requests came since the start, by method and path, as in `POST /fapi/v1/order`. Calls of the
    /// WebSocket API have the method `WS`. Of paths that do not exist only the first thousand are told apart. Streams
    /// that were subscribed to and are served have the method `SUBSCRIBE` and the market in front, as in `SUBSCRIBE
    /// usdm/btcusdt@depth`; user data is `userData`.
    pub counts: BTreeMap<String, u64>,
    /// How many stream sockets are open.
    pub stream_sockets: usize,
}

impl Truth {
    /// How many requests came with this method and path (without the query).
    pub fn count(&self, method: &str, path: &str) -> usize {
        let count = self.counts.get(&format!("{method} {path}")).copied().unwrap_or(0);
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    /// The order with this client order id.
    pub fn order(&self, client_order_id: &str) -> Option<&OrderTruth> {
        self.orders.iter().rev().find(|order| order.client_order_id == client_order_id)
    }
}

/// An order of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrderTruth {
    /// Which market it is on.
    pub market: Market,
    /// Its contract.
    pub symbol: String,
    /// The exchange's id.
    pub order_id: u64,
    /// The client's id, or the one the exchange made.
    pub client_order_id: String,
    /// Which way it goes.
    pub side: Side,
    /// `LIMIT` or `MARKET`.
    pub kind: &'static str,
    /// `NEW`, `PARTIALLY_FILLED`, `FILLED`, `CANCELED`, `EXPIRED`, `EXPIRED_IN_MATCH` or `REJECTED`.
    pub status: &'static str,
    /// The limit price, zero for MARKET.
    pub price: Decimal,
    /// The quantity asked for.
    pub quantity: Decimal,
    /// The quantity filled.
    pub executed: Decimal,
}

/// A position of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PositionTruth {
    /// Which market it is on.
    pub market: Market,
    /// Its contract.
    pub symbol: String,
    /// `BOTH`, `LONG` or `SHORT`.
    pub side: &'static str,
    /// The amount: negative when short.
    pub amount: Decimal,
    /// The average entry price.
    pub entry_price: Decimal,
    /// What is in its own wallet, zero when it shares the account's.
    pub isolated_wallet: Decimal,
}

/// A wallet of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BalanceTruth {
    /// Which market it belongs to.
    pub market: Market,
    /// The asset.
    pub asset: String,
    /// What is in it, with what is in the wallets of isolated positions; open profits not counted.
    pub wallet: Decimal,
}

/// What the insurance fund has of an asset. It begins with a billion of each.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FundTruth {
    /// Which market it insures.
    pub market: Market,
    /// The asset.
    pub asset: &'static str,
    /// How much there is.
    pub balance: Decimal,
}

/// A request that came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received {
    /// The method.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The query as it came, without the `?`.
    pub query: String,
    /// The head as it came, up to and with the empty line.
    pub head: Vec<u8>,
    /// The body as it came.
    pub body: Vec<u8>,
    /// The status of the reply; zero when none was sent.
    pub status: u16,
    /// The exchange's time, in milliseconds.
    pub time: i64,
}

/// An order book.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BookTruth {
    /// The id of the last change.
    pub update_id: u64,
    /// Price and quantity, best first.
    pub bids: Vec<(Decimal, Decimal)>,
    /// Price and quantity, best first.
    pub asks: Vec<(Decimal, Decimal)>,
}
