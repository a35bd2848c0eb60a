//! What an endpoint is: the facts that are declared once and used by clients, tests and the simulator.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    json,
    param::{Full, Kind, Params, Sink, Value},
};

/// Which of the two futures markets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Market {
    /// USDⓈ-M: margined in USDT, USDC and the like, paths under `/fapi`.
    UsdM,
    /// COIN-M: margined in the coin itself, paths under `/dapi`.
    CoinM,
}

/// The verb of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates.
    Post,
    /// Changes.
    Put,
    /// Removes.
    Delete,
}

impl Method {
    /// The verb as it stands in the request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a request with it changes nothing at the exchange, so that it may be sent again.
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Get)
    }
}

/// The verb.
impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a request must prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Security {
    /// Nothing (the exchange's `NONE`).
    Public,
    /// An API key (`MARKET_DATA`).
    MarketData,
    /// An API key (`USER_STREAM`).
    UserStream,
    /// An API key and a signature (`USER_DATA`).
    UserData,
    /// An API key with the permission to trade, and a signature (`TRADE`).
    Trade,
}

impl Security {
    /// Whether the `X-MBX-APIKEY` header is needed.
    pub const fn needs_key(self) -> bool {
        !matches!(self, Self::Public)
    }

    /// Whether `timestamp` and `signature` are needed.
    pub const fn is_signed(self) -> bool {
        matches!(self, Self::UserData | Self::Trade)
    }

    /// The exchange's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "NONE",
            Self::MarketData => "MARKET_DATA",
            Self::UserStream => "USER_STREAM",
            Self::UserData => "USER_DATA",
            Self::Trade => "TRADE",
        }
    }
}

/// How much of the request weight an endpoint costs (2,400 a minute and address, USDⓈ-M and COIN-M together).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Weight {
    /// Always the same.
    Fixed(u32),
    /// By the `limit` that is asked for, or `default` when none is.
    ByLimit {
        /// The limit that the exchange assumes.
        default: u32,
        /// Pairs of the highest limit of a step and its weight, ascending; past the last it stays.
        steps: &'static [(u32, u32)],
    },
    /// Less when a parameter names one symbol or pair.
    With {
        /// The parameters of which one must be set.
        any_of: &'static [&'static str],
        /// The weight with it.
        with: u32,
        /// The weight without it.
        without: u32,
    },
}

impl Weight {
    /// The weight of a request with these parameters.
    pub fn of(&self, params: &dyn Params) -> u32 {
        match *self {
            Self::Fixed(weight) => weight,
            Self::ByLimit { default, steps } => {
                let limit = match find(params, &["limit"]) {
                    Some(Value::Int(limit)) => u32::try_from(limit).unwrap_or(u32::MAX),
                    _ => default,
                };
                let step = steps.iter().find(|(highest, _)| limit <= *highest);
                step.or(steps.last()).map_or(1, |(_, weight)| *weight)
            }
            Self::With { any_of, with, without } => {
                if find(params, any_of).is_some() {
                    with
                } else {
                    without
                }
            }
        }
    }
}

/// The first of the parameters called one of `names`.
fn find<'a>(params: &'a dyn Params, names: &[&str]) -> Option<Value<'a>> {
    struct Find<'n, 'a>(&'n [&'n str], Option<Value<'a>>);
    impl<'a> Sink<'a> for Find<'_, 'a> {
        fn put(&mut self, name: &'a str, value: Value<'a>) -> Result<(), Full> {
            if self.1.is_none() && self.0.contains(&name) {
                self.1 = Some(value);
            }
            Ok(())
        }
    }
    let mut found = Find(names, None);
    // This sink has no room to run out of.
    let _ = params.visit(&mut found);
    found.1
}

/// How much a request counts on the two order limits (300 in 10 seconds, 1,200 a minute, per account).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// On `X-MBX-ORDER-COUNT-10S`.
    pub per_10s: u16,
    /// On `X-MBX-ORDER-COUNT-1M`.
    pub per_minute: u16,
}

impl Orders {
    /// Counts on neither.
    pub const NONE: Self = Self { per_10s: 0, per_minute: 0 };
    /// One order.
    pub const ONE: Self = Self { per_10s: 1, per_minute: 1 };
    /// A batch: five in the short window, one in the long.
    pub const BATCH: Self = Self { per_10s: 5, per_minute: 1 };
}

/// A parameter of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamMeta {
    /// Its name on the wire.
    pub name: &'static str,
    /// Whether the exchange refuses a request without it (-1102).
    pub mandatory: bool,
    /// What it looks like on the wire.
    pub kind: Kind,
}

/// The facts of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meta {
    /// Which market's host answers it.
    pub market: Market,
    /// The verb.
    pub method: Method,
    /// The path, with its leading slash.
    pub path: &'static str,
    /// The name of the Rust type.
    pub name: &'static str,
    /// What a request must prove.
    pub security: Security,
    /// What it costs of the request weight.
    pub weight: Weight,
    /// What it counts on the order limits.
    pub orders: Orders,
    /// The parameters in the order of the declaration, without `timestamp`, `recvWindow` and `signature`.
    pub params: &'static [ParamMeta],
    /// The Rust type of the reply, as it stands in the declaration.
    pub reply: &'static str,
    /// The method of the exchange's Python connector, empty where it has none.
    pub python_name: &'static str,
    /// The exchange's page.
    pub docs: &'static str,
}

impl Meta {
    /// A row with no parameters, for requests that no table declares.
    pub const fn raw(market: Market, method: Method, path: &'static str, security: Security) -> Self {
        Self {
            market,
            method,
            path,
            name: "Raw",
            security,
            weight: Weight::Fixed(1),
            orders: Orders::NONE,
            params: &[],
            reply: "Raw",
            python_name: "",
            docs: "",
        }
    }
}

/// A request as the transports see it: its facts and its parameters. Object-safe.
pub trait Request: Params {
    /// The facts of its endpoint.
    fn meta(&self) -> &Meta;

    /// What this request costs of the request weight.
    fn weight(&self) -> u32;

    /// What this request counts on the order limits.
    fn orders(&self) -> Orders {
        self.meta().orders
    }
}

/// A request with a typed reply.
///
/// Declared by the tables under [`crate::usdm`] and [`crate::coinm`]. It turns itself into parameters and a
/// reply into a value; it never sends.
pub trait Endpoint: Request {
    /// What the exchange answers. It borrows from the reply's body where it holds a [`json::List`].
    type Reply<'r>: Deserialize<'r>;

    /// Reads the body of a successful reply.
    fn decode<'r>(&self, body: &'r [u8]) -> Result<Self::Reply<'r>, json::Error> {
        json::from_slice(body)
    }
}

/// Something to do with the type of a reply that is known by its endpoint's verb and path only: decode a recorded
/// reply, say.
pub trait ReplyVisitor<'r> {
    /// What comes of it.
    type Output;

    /// Does it with the type `T`, which `read` reads from the body of a reply.
    fn visit<T>(self, read: fn(&'r [u8]) -> Result<T, json::Error>) -> Self::Output
    where
        T: Deserialize<'r> + Serialize + PartialEq + fmt::Debug + 'r;
}
