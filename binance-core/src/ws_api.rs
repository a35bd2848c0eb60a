//! The WebSocket API: the methods, what is signed and what is sent, and the envelope of replies.
//!
//! The requests are those of REST: one that the WebSocket API takes too is a [`TypedCall`], so that changing the
//! transport changes nothing but the client. [`METHODS`] lists all methods.
//!
//! A call's parameters are signed sorted by name and not percent-encoded, and sent as JSON ([`Frame`]).

mod frame;
mod reply;

use core::fmt;

use serde::Deserialize;

use crate::{
    coinm,
    endpoint::{Market, Meta, Orders, ParamMeta, ReplyVisitor, Security, Weight},
    json::{self, from_str},
    param::{Full, Params, Sink, Value},
    usdm,
};

pub use self::{
    frame::{Frame, MAX_PARAMS},
    reply::{Reply, Session},
};

/// Every method that is declared, USDⓈ-M first.
pub const METHODS: Methods = Methods(&[usdm::ws_api::METHODS, coinm::ws_api::METHODS]);

/// The facts of many methods.
#[derive(Clone, Copy, Debug)]
pub struct Methods(&'static [&'static [MethodMeta]]);

impl Methods {
    /// All of them, in the order of the declaration.
    pub fn iter(self) -> impl Iterator<Item = &'static MethodMeta> {
        self.0.iter().copied().flatten()
    }

    /// The one with this name on this market.
    pub fn find(self, market: Market, method: &str) -> Option<&'static MethodMeta> {
        self.iter().find(|meta| meta.market == market && meta.method == method)
    }

    /// Shows `visitor` the type of a method's result; `None` where there is no such method.
    pub fn visit_result<'r, V: ReplyVisitor<'r>>(
        self,
        market: Market,
        method: &str,
        visitor: V,
    ) -> Option<V::Output> {
        match market {
            Market::UsdM => usdm::ws_api::visit_result(method, visitor),
            Market::CoinM => coinm::ws_api::visit_result(method, visitor),
        }
        .ok()
    }
}

/// The facts of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MethodMeta {
    /// Which market's WebSocket API has it.
    pub market: Market,
    /// Its name: `order.place`.
    pub method: &'static str,
    /// The name of the Rust type.
    pub name: &'static str,
    /// What a call must prove. On a connection that is logged on, neither key nor signature is needed; the time still
    /// is where [`Security::is_signed`]. `session.logon` proves what reads of the account do.
    pub security: Security,
    /// What a call costs of the request weight.
    pub weight: Weight,
    /// What a call counts on the order limits.
    pub orders: Orders,
    /// The parameters, without `apiKey`, `timestamp`, `recvWindow` and `signature`.
    pub params: &'static [ParamMeta],
    /// The Rust type of the result, as it stands in the declaration.
    pub reply: &'static str,
    /// The endpoint of REST that does the same, where there is one.
    pub rest: Option<&'static Meta>,
    /// The exchange's page.
    pub docs: &'static str,
}

impl MethodMeta {
    /// A row without parameters, of weight 1, for methods that no table declares.
    pub const fn raw(market: Market, method: &'static str, security: Security, docs: &'static str) -> Self {
        Self {
            market,
            method,
            name: "Raw",
            security,
            weight: Weight::Fixed(1),
            orders: Orders::NONE,
            params: &[],
            reply: "Raw",
            rest: None,
            docs,
        }
    }

    /// The row of a method that is an endpoint of REST too.
    pub(crate) const fn of(rest: &'static Meta, method: &'static str, docs: &'static str) -> Self {
        Self {
            market: rest.market,
            method,
            name: rest.name,
            security: rest.security,
            weight: rest.weight,
            orders: rest.orders,
            params: rest.params,
            reply: rest.reply,
            rest: Some(rest),
            docs,
        }
    }
}

/// A request as a client of the WebSocket API sees it: its method and its parameters. Object-safe.
pub trait Call: Params {
    /// The facts of its method.
    fn method(&self) -> &MethodMeta;

    /// What this call costs of the request weight.
    fn call_weight(&self) -> u32;
}

/// A call with a typed result: the requests of REST that are methods too, and those of the session.
pub trait TypedCall: Call {
    /// The facts of its method.
    const METHOD: MethodMeta;

    /// What the exchange answers under `result`. It borrows from the frame where it holds a [`json::List`].
    type Answer<'r>: Deserialize<'r>;

    /// Reads the result of a reply, see [`Reply::result`].
    ///
    /// # Errors
    /// [`json::Error`] with the place, from the start of the result, and what was expected there.
    fn read<'r>(&self, result: &'r str) -> Result<Self::Answer<'r>, json::Error> {
        from_str(result)
    }
}

/// A call of a method that this version does not declare, or with parameters that it does not.
#[derive(Clone, Copy)]
#[must_use = "a call does nothing until it is sent"]
pub struct RawCall<'a> {
    meta: MethodMeta,
    params: &'a [(&'a str, Value<'a>)],
}

impl<'a> RawCall<'a> {
    /// A call with these parameters, of weight 1 and no order, beside which client and signature put theirs.
    pub const fn new(
        market: Market,
        method: &'static str,
        security: Security,
        params: &'a [(&'a str, Value<'a>)],
    ) -> Self {
        Self { meta: MethodMeta::raw(market, method, security, ""), params }
    }

    /// What it costs of the request weight.
    pub const fn weight(mut self, weight: u32) -> Self {
        self.meta.weight = Weight::Fixed(weight);
        self
    }

    /// What it counts on the order limits.
    pub const fn orders(mut self, orders: Orders) -> Self {
        self.meta.orders = orders;
        self
    }
}

impl Params for RawCall<'_> {
    fn visit<'v>(&'v self, sink: &mut dyn Sink<'v>) -> Result<(), Full> {
        self.params.iter().try_for_each(|(name, value)| sink.put(name, *value))
    }
}

impl Call for RawCall<'_> {
    fn method(&self) -> &MethodMeta {
        &self.meta
    }

    fn call_weight(&self) -> u32 {
        self.meta.weight.of(self)
    }
}

impl fmt::Debug for RawCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RawCall").field(&self.meta.method).finish()
    }
}
