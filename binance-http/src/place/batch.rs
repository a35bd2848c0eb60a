//! Several orders at once, each of which can be asked after.

use std::{string::String, vec, vec::Vec};

use binance_core::{
    Endpoint, List, Request, coinm,
    endpoint::{Meta, Orders},
    json::Each,
    param::{Full, Objects, Params, Sink, Value},
    usdm,
};

use super::{Pending, Place, made_id};
use crate::{
    client::Client,
    error::{Error, Outcome},
    reply::Reply,
    transport::Transport,
};

/// A request that places several orders, each of which an id of the client's tells apart.
pub trait PlaceBatch: Endpoint + Clone + Sync {
    /// What it places.
    type Order: Place;

    /// The orders.
    fn batch_orders(&self) -> &[Self::Order];
}

impl<'a> PlaceBatch for usdm::trade::NewBatchOrders<'a> {
    type Order = usdm::trade::NewOrder<'a>;

    fn batch_orders(&self) -> &[Self::Order] {
        Self::batch_orders(self)
    }
}

impl<'a> PlaceBatch for coinm::trade::NewBatchOrders<'a> {
    type Order = coinm::trade::NewOrder<'a>;

    fn batch_orders(&self) -> &[Self::Order] {
        Self::batch_orders(self)
    }
}

/// What was said of the orders of a batch.
#[derive(Debug)]
#[non_exhaustive]
pub struct Batch<B: PlaceBatch> {
    /// The reply, in which each order is taken or refused by itself, or why there is none.
    pub result: Result<Reply<B>, Error>,
    /// The orders, as they can be asked after.
    pub orders: Vec<Pending<<B::Order as Place>::Kind>>,
}

impl<B: PlaceBatch> Batch<B> {
    /// Those of which it is not known what became of them, to be [resolved](Client::resolve) one by one: all of them when
    /// there is no reply and the outcome is unknown, otherwise those of which the reply says so or nothing that can be read.
    pub fn unknown(&self) -> impl Iterator<Item = &Pending<<B::Order as Place>::Kind>> {
        let unknown = match &self.result {
            Ok(reply) => unknown_in::<B>(reply),
            Err(error) => vec![error.outcome() == Outcome::Unknown; self.orders.len()],
        };
        let unknown = unknown.into_iter().chain(core::iter::repeat(true));
        self.orders.iter().zip(unknown).filter_map(|(order, unknown)| unknown.then_some(order))
    }
}

/// For each element of a reply whether it leaves open what became of its order.
fn unknown_in<B: PlaceBatch>(reply: &Reply<B>) -> Vec<bool> {
    let elements = reply.decode::<List<'_, Each<<B::Order as Endpoint>::Reply<'_>>>>();
    let unknown = |each| match each {
        Ok(Each::Done(_)) => false,
        Ok(Each::Refused(error)) => {
            Outcome::of_refusal(reply.status(), error.code, &error.message) == Outcome::Unknown
        }
        Err(_) => true,
    };
    elements.map(|elements| elements.iter().map(unknown).collect()).unwrap_or_default()
}

impl<T: Transport> Client<T> {
    /// Places several orders, each under an id of its own: its own, or one that is made for it.
    ///
    /// ```no_run
    /// # use binance_core::{decimal::dec, enums::Side, usdm::trade::{NewBatchOrders, NewOrder}};
    /// # async fn example(client: binance_http::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let orders = [dec!("20000.0"), dec!("19000.0")].map(|price| {
    ///     NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.010"), price)
    /// });
    /// let batch = client.place_batch(&NewBatchOrders::of(&orders)?).await;
    /// for order in batch.unknown() {
    ///     println!("{} was {:?}", order.client_order_id(), client.resolve(order).await?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn place_batch<B: PlaceBatch>(&self, batch: &B) -> Batch<B> {
        let made: Vec<Option<String>> = batch.batch_orders().iter().map(made_id).collect();
        let result = self.send_as(batch, &Named { batch, made: &made }).await;
        let orders = batch.batch_orders().iter().zip(made);
        Batch { result, orders: orders.map(|(order, made)| self.pending(order, made)).collect() }
    }
}

/// A batch whose orders all have an id.
struct Named<'a, B> {
    batch: &'a B,
    made: &'a [Option<String>],
}

impl<B: PlaceBatch + Sync> Params for Named<'_, B> {
    fn visit<'v>(&'v self, sink: &mut dyn Sink<'v>) -> Result<(), Full> {
        sink.put("batchOrders", Value::Objects(self))
    }
}

impl<B: PlaceBatch + Sync> Objects for Named<'_, B> {
    fn len(&self) -> usize {
        self.batch.batch_orders().len()
    }

    fn visit<'v>(&'v self, index: usize, sink: &mut dyn Sink<'v>) -> Result<(), Full> {
        if let Some(order) = self.batch.batch_orders().get(index) {
            order.visit(sink)?;
        }
        if let Some(Some(made)) = self.made.get(index) {
            sink.put(B::Order::ID, Value::Text(made))?;
        }
        Ok(())
    }
}

impl<B: PlaceBatch + Sync> Request for Named<'_, B> {
    fn meta(&self) -> &Meta {
        self.batch.meta()
    }

    fn weight(&self) -> u32 {
        self.batch.weight()
    }

    fn orders(&self) -> Orders {
        Request::orders(self.batch)
    }
}
