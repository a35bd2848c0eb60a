//! Orders that can be asked after, as `binance_http::place` has them for REST.

use std::{error, fmt};

use binance_core::{ApiCode, Outcome, param::Value, raw::With, ws_api::TypedCall};
use binance_http::place::{Fate, Kind, Pending, Place, new_client_order_id, waits};
use tokio::time::sleep;

use crate::{api::CallError, hosted::Socket};

use super::{Api, ApiReply, Failure};

/// An order that was not placed, or may have been.
#[derive(Debug)]
#[non_exhaustive]
pub struct NotPlaced<K> {
    /// Why. Its outcome says what is known.
    pub failure: Failure,
    /// What to [resolve](Api::resolve) when the outcome is [`Outcome::Unknown`]: here, or by REST.
    pub order: Pending<K>,
}

impl<K> NotPlaced<K> {
    /// What is known about the order.
    pub fn outcome(&self) -> Outcome {
        self.failure.outcome()
    }
}

impl<K> fmt::Display for NotPlaced<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "order {}: {}", self.order.client_order_id(), self.failure)
    }
}

impl<K: fmt::Debug> error::Error for NotPlaced<K> {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.failure.source()
    }
}

impl<K> From<NotPlaced<K>> for Failure {
    fn from(not_placed: NotPlaced<K>) -> Self {
        not_placed.failure
    }
}

impl<S: Socket> Api<S> {
    /// Places an order under an id of its own: its own, or one that is made for it. If it is not known what became of it,
    /// [`resolve`](Self::resolve) finds out.
    ///
    /// ```no_run
    /// # use binance_core::{Outcome, dec, enums::Side, usdm::trade::NewOrder};
    /// # use binance_http::place::Fate;
    /// # use binance_ws::hosted::{Api, Socket};
    /// # async fn example<S: Socket>(api: Api<S>) -> Result<(), Box<dyn std::error::Error>> {
    /// let order = NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.010"), dec!("20000.0"));
    /// match api.place(&order).await {
    ///     Ok(reply) => println!("{}", reply.value()?.order_id),
    ///     Err(failure) if failure.outcome() == Outcome::Unknown => match api.resolve(&failure.order).await? {
    ///         Fate::Placed(reply) => println!("it was placed: {}", reply.value()?.order_id),
    ///         Fate::NotPlaced => println!("it was not placed"),
    ///     },
    ///     Err(failure) => println!("it was not placed: {failure}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NotPlaced`]. An answer of success that cannot be read counts as one.
    pub async fn place<O: Place + TypedCall>(&self, order: &O) -> Result<ApiReply<O>, NotPlaced<O::Kind>> {
        let made = order.client_order_id().is_none().then(new_client_order_id);
        let id = made.as_deref().or(order.client_order_id()).unwrap_or_default();
        let more = [(O::ID, Value::Text(id))];
        let more = if made.is_none() { &[] } else { more.as_slice() };
        let answer = self.call(&With::new(order.clone(), more)).await;
        let reply = answer.map(|answer| ApiReply { answer, call: order.clone() });
        reply.and_then(|reply| reply.value().map(drop).map(|()| reply)).map_err(|failure| {
            let stamped = self.shared.read_clock().time;
            let order = Pending::new(order.symbol(), id, stamped, self.shared.recv_window);
            NotPlaced { failure, order }
        })
    }

    /// Finds out what became of an order, by asking the exchange for it until it is there or cannot come any more: two
    /// seconds after its receive window is over. Ask again if it fails. Algo orders cannot be asked after here: REST's client
    /// resolves them.
    ///
    /// # Errors
    /// [`Failure`], when the last question was not answered.
    pub async fn resolve<'p, K>(
        &self,
        pending: &'p Pending<K>,
    ) -> Result<Fate<ApiReply<K::Query<'p>>>, Failure>
    where
        K: Kind,
        K::Query<'p>: TypedCall,
    {
        let query = pending.query();
        let mut waits = waits();
        loop {
            let conclusive = self.shared.read_clock().time > pending.impossible_after();
            match self.send(&query).await {
                Ok(reply) => return Ok(Fate::Placed(reply)),
                // Nobody is there to ask.
                Err(failure @ Failure::NotSent(CallError::Ended)) => return Err(failure),
                Err(failure) if conclusive => {
                    return match failure.code() {
                        Some(ApiCode::NO_SUCH_ORDER) => Ok(Fate::NotPlaced),
                        _ => Err(failure),
                    };
                }
                Err(_) => {}
            }
            sleep(waits()).await;
        }
    }
}
