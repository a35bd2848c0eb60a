//! Cancels and changes of which it is not known what became of them.

use binance_core::{
    Endpoint, coinm,
    enums::{AlgoStatus, OrderStatus},
    open::Open,
    usdm,
};

use crate::{client::Client, error::Error, reply::Reply, transport::Transport};

/// A request that cancels or changes an order.
pub trait Change: Endpoint {
    /// Where the order stands.
    type Standing;

    /// The question after it.
    type Query<'q>: for<'r> Endpoint<Reply<'r> = Self::Standing> + Clone + Sync
    where
        Self: 'q;

    /// Asks after the order.
    fn query(&self) -> Self::Query<'_>;

    /// Whether this was done, or cannot be done any more.
    fn is_over(&self, standing: &Self::Standing) -> bool;
}

macro_rules! changes {
    ($($change:ident in $market:ident: $standing:ident by $query:ident, |$self:ident, $order:ident| $over:expr;)*) => {$(
        impl Change for $market::trade::$change<'_> {
            type Standing = $market::trade::$standing;
            type Query<'q> = $market::trade::$query<'q> where Self: 'q;

            fn query(&self) -> Self::Query<'_> {
                Self::query(self)
            }

            fn is_over(&self, $order: &Self::Standing) -> bool {
                let $self = self;
                $over
            }
        }
    )*};
}
changes! {
    CancelOrder in usdm: Order by QueryOrder, |_cancel, order| is_closed(&order.status);
    CancelOrder in coinm: Order by QueryOrder, |_cancel, order| is_closed(&order.status);
    ModifyOrder in usdm: Order by QueryOrder, |change, order| is_closed(&order.status) || change.is_done(order);
    ModifyOrder in coinm: Order by QueryOrder, |change, order| is_closed(&order.status) || change.is_done(order);
    CancelAlgoOrder in usdm: AlgoOrder by QueryAlgoOrder, |_cancel, order| waits_no_more(&order.algo_status);
    CancelAlgoOrder in coinm: AlgoOrder by QueryAlgoOrder, |_cancel, order| waits_no_more(&order.algo_status);
}

/// Of a status that is not known it is not known either.
fn is_closed(status: &Open<OrderStatus>) -> bool {
    !matches!(status.known(), None | Some(OrderStatus::New | OrderStatus::PartiallyFilled))
}

fn waits_no_more(status: &Open<AlgoStatus>) -> bool {
    !matches!(status.known(), None | Some(AlgoStatus::New))
}

impl<T: Transport> Client<T> {
    /// Finds out where an order stands after a cancel or a change whose outcome is unknown, by asking until it was done or
    /// cannot be done any more: two seconds after its receive window is over, counted from now.
    ///
    /// ```no_run
    /// # use binance_core::usdm::trade::CancelOrder;
    /// # use binance_http::{Client, Error, Outcome};
    /// # async fn example(client: Client) -> Result<(), Error> {
    /// let cancel = CancelOrder::by_client_id("BTCUSDT", "mine-1");
    /// let order = match client.fetch(&cancel).await {
    ///     Err(error) if error.outcome() == Outcome::Unknown => client.resolve_change(&cancel).await?.value()?,
    ///     told => told?,
    /// };
    /// println!("{} with {:?} filled", order.status, order.executed_qty);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error`], when the last question was not answered; with [`NO_SUCH_ORDER`](binance_core::ApiCode::NO_SUCH_ORDER) there
    /// is no such order.
    pub async fn resolve_change<'c, C: Change>(&self, change: &'c C) -> Result<Reply<C::Query<'c>>, Error> {
        let query = change.query();
        let over =
            |reply: &Reply<C::Query<'c>>| reply.value().is_ok_and(|standing| change.is_over(&standing));
        self.ask_until(&query, self.impossible_after(), over).await
    }
}
