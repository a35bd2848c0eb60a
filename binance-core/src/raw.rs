//! Requests that no table declares, and parameters that no table has.

use crate::{
    endpoint::{Endpoint, Market, Meta, Method, Orders, Request, Security},
    json,
    param::{Full, Params, Sink, Value},
    ws_api::{Call, MethodMeta},
};

/// How many parameters a [`Raw`] request can have.
pub const MAX_RAW_PARAMS: usize = 24;

/// A request to an endpoint that this version does not declare.
///
/// ```
/// use binance_core::{Market, Method, Security, param::Value, raw::Raw};
/// let request = Raw::new(Market::UsdM, Method::Get, "/fapi/v1/newThing", Security::UserData)
///     .weight(5)
///     .param("symbol", Value::Text("BTCUSDT"))?;
/// # Ok::<(), binance_core::param::Full>(())
/// ```
#[derive(Clone)]
#[doc(
    alias = "query",
    alias = "limit_request",
    alias = "sign_request",
    alias = "limited_encoded_sign_request"
)]
#[must_use = "a request does nothing until it is sent"]
pub struct Raw<'a> {
    meta: Meta,
    weight: u32,
    orders: Orders,
    params: heapless::Vec<(&'a str, Value<'a>), MAX_RAW_PARAMS>,
}

impl<'a> Raw<'a> {
    /// A request without parameters, of weight 1.
    pub const fn new(market: Market, method: Method, path: &'static str, security: Security) -> Self {
        Self {
            meta: Meta::raw(market, method, path, security),
            weight: 1,
            orders: Orders::NONE,
            params: heapless::Vec::new(),
        }
    }

    /// What it costs of the request weight.
    pub const fn weight(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    /// What it counts on the order limits.
    pub const fn orders(mut self, orders: Orders) -> Self {
        self.orders = orders;
        self
    }

    /// Adds a parameter by its exact name on the wire.
    ///
    /// # Errors
    /// [`Full`] when there are [`MAX_RAW_PARAMS`] already.
    pub fn param(mut self, name: &'a str, value: Value<'a>) -> Result<Self, Full> {
        self.params.push((name, value)).map_err(|_| Full)?;
        Ok(self)
    }
}

impl Params for Raw<'_> {
    fn visit<'v>(&'v self, sink: &mut dyn Sink<'v>) -> Result<(), Full> {
        self.params.iter().try_for_each(|(name, value)| sink.put(name, *value))
    }
}

impl Request for Raw<'_> {
    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn weight(&self) -> u32 {
        self.weight
    }

    fn orders(&self) -> Orders {
        self.orders
    }
}

impl Endpoint for Raw<'_> {
    /// The text of the reply, to be read into a type of the caller's with [`json::Raw::read`].
    type Reply<'r> = json::Raw<'r>;
}

/// Any request with more parameters than its table has, by their exact names on the wire.
///
/// ```
/// use binance_core::{param::Value, query::Query, raw::With, usdm::market_data::Klines, enums::Interval};
/// let klines = Klines::new("BTCUSDT", Interval::M1);
/// let request = With::new(klines, &[("timeZone", Value::Text("8"))]);
/// let mut buffer = [0; 64];
/// let mut query = Query::new(&mut buffer);
/// query.extend(&request)?;
/// assert_eq!(query.as_str(), "symbol=BTCUSDT&interval=1m&timeZone=8");
/// # Ok::<(), binance_core::param::Full>(())
/// ```
#[derive(Clone, Copy)]
#[must_use = "a request does nothing until it is sent"]
pub struct With<'a, E> {
    endpoint: E,
    more: &'a [(&'a str, Value<'a>)],
}

impl<'a, E: Endpoint> With<'a, E> {
    /// `endpoint`, and `more` behind its own parameters.
    pub const fn new(endpoint: E, more: &'a [(&'a str, Value<'a>)]) -> Self {
        Self { endpoint, more }
    }
}

impl<E: Params> Params for With<'_, E> {
    fn visit<'v>(&'v self, sink: &mut dyn Sink<'v>) -> Result<(), Full> {
        self.endpoint.visit(&mut *sink)?;
        self.more.iter().try_for_each(|(name, value)| sink.put(name, *value))
    }
}

impl<E: Endpoint> Request for With<'_, E> {
    fn meta(&self) -> &Meta {
        self.endpoint.meta()
    }

    fn weight(&self) -> u32 {
        self.meta().weight.of(self)
    }

    fn orders(&self) -> Orders {
        self.endpoint.orders()
    }
}

impl<E: Call> Call for With<'_, E> {
    fn method(&self) -> &MethodMeta {
        self.endpoint.method()
    }

    fn call_weight(&self) -> u32 {
        self.method().weight.of(self)
    }
}

impl<E: Endpoint> Endpoint for With<'_, E> {
    type Reply<'r> = E::Reply<'r>;

    fn decode<'r>(&self, body: &'r [u8]) -> Result<Self::Reply<'r>, json::Error> {
        self.endpoint.decode(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usdm::trade::SignTradfiPerpsContract;

    #[test]
    fn a_request_with_more_parameters_is_read_and_counted_as_without() {
        let signed = SignTradfiPerpsContract::new();
        let more = With::new(signed, &[("extra", Value::Int(1))]);
        assert_eq!(more.decode(b"SUCCESS").unwrap(), signed.decode(b"SUCCESS").unwrap());
        let raw = Raw::new(Market::UsdM, Method::Post, "/fapi/v1/new", Security::Trade).orders(Orders::ONE);
        assert_eq!(With::new(raw, &[]).orders(), Orders::ONE);
    }
}
