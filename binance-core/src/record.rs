//! Replies and events that both markets share.

pub mod events;
mod long_text;
mod quoted;

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    decimal::Decimal,
    enums::{DownloadStatus, RateLimitInterval, RateLimitType},
    listen_key::ListenKey,
    open::Open,
    text::{Asset, Text},
    time::Millis,
    wire::Wire,
};

pub(crate) use self::quoted::FromText;
pub use self::{long_text::LongText, quoted::Quoted};

/// A number of COIN-M contracts: what COIN-M orders, trades and positions count, where USDⓈ-M counts the base asset.
///
/// A type of its own so that the one cannot be taken for the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Contracts(pub Decimal);

impl Contracts {
    /// The number.
    pub const fn get(self) -> Decimal {
        self.0
    }
}

impl From<u32> for Contracts {
    fn from(count: u32) -> Self {
        Self(Decimal::from(count))
    }
}

impl fmt::Display for Contracts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Contracts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Decimal::deserialize(deserializer).map(Self)
    }
}

impl Serialize for Contracts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Wire<'de> for Contracts {
    fn optional<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Ok(<Decimal as Wire>::optional(deserializer)?.map(Self))
    }
}

impl crate::param::Param for Contracts {
    const KIND: crate::param::Kind = crate::param::Kind::Decimal;

    fn value(&self) -> crate::param::Value<'_> {
        crate::param::Value::Decimal(self.0)
    }
}

record! {
    /// A reply that says nothing but that the request was taken: `{}`.
    pub struct Empty {}

    /// What time it is at the exchange.
    pub struct ServerTime {
        /// The exchange's clock.
        "serverTime" => server_time: Millis,
    }

    /// A reply of a code and a message, 200 for success.
    pub struct Done {
        /// 200.
        "code" => code: i32,
        /// The message.
        "msg" ? message: Text<191>,
    }

    /// The key of a user data stream.
    pub struct ListenKeyReply {
        /// The key, good for 60 minutes from the last start or keep-alive. Whoever has it can read the account.
        "listenKey" ? listen_key: ListenKey,
    }

    /// One of the exchange's limits.
    pub struct RateLimit {
        /// What it counts.
        "rateLimitType" => kind: Open<RateLimitType>,
        /// The unit of the window.
        "interval" => interval: Open<RateLimitInterval>,
        /// How many units the window is long.
        "intervalNum" => interval_num: u32,
        /// How much may be counted in one window.
        "limit" => limit: u32,
        /// How much is, in replies of the WebSocket API.
        "count" ? count: u32,
    }

    /// A rule for the orders of one contract. Each kind fills its own fields.
    pub struct Filter {
        /// `PRICE_FILTER`, `LOT_SIZE`, `MARKET_LOT_SIZE`, `MAX_NUM_ORDERS`, `MIN_NOTIONAL`, `PERCENT_PRICE` and others.
        "filterType" => kind: Text<31>,
        /// The lowest price; 0 is none.
        "minPrice" ? min_price: Decimal,
        /// The highest price; 0 is none.
        "maxPrice" ? max_price: Decimal,
        /// The step of prices.
        "tickSize" ? tick_size: Decimal,
        /// The smallest quantity.
        "minQty" ? min_qty: Decimal,
        /// The largest quantity.
        "maxQty" ? max_qty: Decimal,
        /// The step of quantities.
        "stepSize" ? step_size: Decimal,
        /// How many orders.
        "limit" ? limit: u32,
        /// The least of price times quantity.
        "notional" ? notional: Decimal,
        /// A buy's price may be this times the mark price.
        "multiplierUp" ? multiplier_up: Decimal,
        /// A sell's price must be this times the mark price.
        "multiplierDown" ? multiplier_down: Decimal,
        /// The decimals of the multipliers.
        "multiplierDecimal" ? multiplier_decimal: Decimal,
        /// Which side a position may not grow on: `NONE`, `LONG` or `SHORT`.
        "positionControlSide" ? position_control_side: Text<15>,
    }

    /// An asset that can be margin.
    pub struct MarginAsset {
        /// Its name.
        "asset" => asset: Asset,
        /// Whether it can be margin in multi-assets mode.
        "marginAvailable" ? margin_available: bool,
        /// Below which balance it is bought automatically in multi-assets mode.
        "autoAssetExchange" ? auto_asset_exchange: Decimal,
    }

    /// In which mode positions are held, one for both markets.
    pub struct DualSidePosition {
        /// Whether it is hedge mode, with a long and a short position of each contract; one-way mode with one position
        /// otherwise.
        "dualSidePosition" => dual_side_position: bool,
    }

    /// The id of a download that is being made.
    pub struct DownloadId {
        /// How long downloads took on average in the last 30 days, in milliseconds.
        "avgCostTimestampOfLast30d" ? avg_cost_timestamp_of_last_30d: u64,
        /// The id, to ask for the link with.
        "downloadId" => download_id: Text<47>,
    }

    /// The link to a download, once it is made.
    pub struct DownloadLink<'r> {
        /// The id of the download.
        "downloadId" => download_id: Text<47>,
        /// Whether it is made.
        "status" ? status: Open<DownloadStatus>,
        /// The link; empty while it is being made.
        "url" ? url: LongText<'r>,
        /// Not to be used.
        "notified" ? notified: bool,
        /// When the link ends: 7 days after it is made; -1 while it is being made.
        "expirationTimestamp" ? expiration_timestamp: Millis,
        /// Whether the link has ended; none while it is being made.
        "isExpired" ? is_expired: Quoted<bool>,
    }
}
