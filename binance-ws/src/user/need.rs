//! What has to be asked for.

use core::{fmt, time::Duration};

use binance_core::{Millis, error::ApiCode, text::Symbol};

/// A request that is needed. The body of its answer goes to where the need came from, as it came.
///
/// All of them may be repeated: none places, changes or cancels an order. Each is a request of REST, which is named here. The
/// WebSocket API has methods for the listen key, the time, the account and one order; see [`Failure::NOT_OFFERED`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Need {
    /// Create a listen key: `POST /fapi/v1/listenKey`, `POST /dapi/v1/listenKey`.
    CreateKey,
    /// Keep it alive: `PUT` to the same.
    KeepAlive,
    /// The exchange's time: `GET /fapi/v1/time`, `GET /dapi/v1/time`.
    Time,
    /// Balances and positions, also those that are zero now: `GET /fapi/v2/account`, `GET /dapi/v1/account`.
    Account,
    /// Orders that were placed since then, whatever became of them, oldest first: `GET /fapi/v1/allOrders`,
    /// `GET /dapi/v1/allOrders`, with `startTime` and the highest `limit` ([`Need::limit`]).
    Orders {
        /// Of this contract; of all, on USDⓈ-M.
        symbol: Option<Symbol>,
        /// Earliest time.
        since: Millis,
    },
    /// Trades of the account, oldest first: `GET /fapi/v1/userTrades`, `GET /dapi/v1/userTrades`, with the highest
    /// `limit` ([`Need::limit`]).
    Trades {
        /// Of this contract.
        symbol: Symbol,
        /// From where on.
        from: TradesFrom,
    },
    /// All open orders: `GET /fapi/v1/openOrders`, `GET /dapi/v1/openOrders`.
    OpenOrders,
    /// All open algo orders: `GET /fapi/v1/openAlgoOrders`, `GET /dapi/v1/openAlgoOrders`.
    OpenAlgoOrders,
    /// One order: `GET /fapi/v1/order`, `GET /dapi/v1/order`.
    Order {
        /// Its contract.
        symbol: Symbol,
        /// Its id.
        order_id: u64,
    },
    /// One algo order: `GET /fapi/v1/algoOrder`, `GET /dapi/v1/algoOrder`.
    AlgoOrder {
        /// Its id.
        algo_id: u64,
    },
}

/// From where on trades are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TradesFrom {
    /// From this trade on, inclusive: `fromId`.
    Id(u64),
    /// From this time on, inclusive: `startTime`. Where a gap is longer than the 7 days that the exchange looks through
    /// then, later trades are not found.
    Time(Millis),
}

impl Need {
    /// The highest `limit` that the exchange takes, where there is one.
    pub const fn limit(&self, market: binance_core::Market) -> Option<u16> {
        match (self, market) {
            (Self::Orders { .. }, binance_core::Market::CoinM) => Some(100),
            (Self::Orders { .. } | Self::Trades { .. }, _) => Some(1_000),
            _ => None,
        }
    }
}

/// Why a need could not be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The exchange's code, where it was the exchange that refused.
    pub code: Option<ApiCode>,
    /// How long the exchange wants one to wait, where it said (429, 418).
    pub retry_after: Option<Duration>,
    /// Whether whoever was asked has no way to ask for it.
    pub not_offered: bool,
}

impl Failure {
    /// Whoever was asked has no way to ask for it, as the WebSocket API has none for lists of orders and trades. It is done
    /// without, and `Reconciled::unanswered` tells so.
    pub const NOT_OFFERED: Self = Self { code: None, retry_after: None, not_offered: true };

    /// The exchange refused it.
    pub const fn refused(code: ApiCode) -> Self {
        Self { code: Some(code), retry_after: None, not_offered: false }
    }

    /// Whether the same request will fail again: the exchange read it and says that it asks for what is not there, or nobody
    /// can ask.
    pub const fn is_final(&self) -> bool {
        // Codes down to -1099 are of the server and the network, and of clocks and limits.
        self.not_offered || matches!(self.code, Some(code) if code.0 <= -1_100)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "refused with code {}", code.0),
            None if self.not_offered => f.write_str("there is no way to ask"),
            None => f.write_str("no answer that could be read"),
        }
    }
}

impl core::error::Error for Failure {}
