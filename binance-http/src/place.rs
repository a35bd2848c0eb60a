//! Orders that can be asked after: placed under an id of the client's, and found by it when it is not known what became
//! of them. Algo orders and batches too, and cancels and changes.

mod batch;
mod change;

use core::{fmt, marker::PhantomData, time::Duration};
use std::{
    error::Error as StdError,
    hash::{BuildHasher, RandomState},
    string::String,
    sync::atomic::{AtomicU64, Ordering},
};

use binance_core::{
    ApiCode, Endpoint, Millis, coinm, param::Value, raw::With, time::DEFAULT_RECV_WINDOW, usdm,
};

pub use self::{
    batch::{Batch, PlaceBatch},
    change::Change,
};
use crate::{
    client::Client,
    error::{Error, Outcome},
    reply::Reply,
    transport::Transport,
};

/// How much later than its receive window an order is taken to be impossible: the exchange's own way from its gate to
/// where orders are asked after.
const MARGIN: i64 = 2_000;

/// A kind of orders, and how to ask after one.
pub trait Kind: fmt::Debug + 'static {
    /// The question.
    type Query<'q>: Endpoint + Clone + Sync;

    /// Asks after the order with this id of the client's.
    fn query<'q>(symbol: &'q str, client_order_id: &'q str) -> Self::Query<'q>;
}

/// Orders of USDⓈ-M.
#[derive(Clone, Copy, Debug)]
pub enum UsdM {}

impl Kind for UsdM {
    type Query<'q> = usdm::trade::QueryOrder<'q>;

    fn query<'q>(symbol: &'q str, client_order_id: &'q str) -> Self::Query<'q> {
        usdm::trade::QueryOrder::by_client_id(symbol, client_order_id)
    }
}

/// Orders of COIN-M.
#[derive(Clone, Copy, Debug)]
pub enum CoinM {}

impl Kind for CoinM {
    type Query<'q> = coinm::trade::QueryOrder<'q>;

    fn query<'q>(symbol: &'q str, client_order_id: &'q str) -> Self::Query<'q> {
        coinm::trade::QueryOrder::by_client_id(symbol, client_order_id)
    }
}

/// Orders of USDⓈ-M that wait for a price.
#[derive(Clone, Copy, Debug)]
pub enum UsdMAlgo {}

impl Kind for UsdMAlgo {
    type Query<'q> = usdm::trade::QueryAlgoOrder<'q>;

    fn query<'q>(_: &'q str, client_order_id: &'q str) -> Self::Query<'q> {
        usdm::trade::QueryAlgoOrder::by_client_id(client_order_id)
    }
}

/// Orders of COIN-M that wait for a price.
#[derive(Clone, Copy, Debug)]
pub enum CoinMAlgo {}

impl Kind for CoinMAlgo {
    type Query<'q> = coinm::trade::QueryAlgoOrder<'q>;

    fn query<'q>(_: &'q str, client_order_id: &'q str) -> Self::Query<'q> {
        coinm::trade::QueryAlgoOrder::by_client_id(client_order_id)
    }
}

/// A request that places one order, which an id of the client's tells apart.
pub trait Place: Endpoint + Clone + Sync {
    /// Which kind of order it is.
    type Kind: Kind;

    /// What the id is called on the wire.
    const ID: &'static str;

    /// The id, if it has one.
    fn client_order_id(&self) -> Option<&str>;

    /// The contract.
    fn symbol(&self) -> &str;
}

macro_rules! places {
    ($($order:ty, $kind:ty, $id:literal;)*) => {$(
        impl Place for $order {
            type Kind = $kind;

            const ID: &'static str = $id;

            fn client_order_id(&self) -> Option<&str> {
                Self::client_order_id(self)
            }

            fn symbol(&self) -> &str {
                Self::symbol(self)
            }
        }
    )*};
}
places! {
    usdm::trade::NewOrder<'_>, UsdM, "newClientOrderId";
    coinm::trade::NewOrder<'_>, CoinM, "newClientOrderId";
    usdm::trade::NewAlgoOrder<'_>, UsdMAlgo, "clientAlgoId";
    coinm::trade::NewAlgoOrder<'_>, CoinMAlgo, "clientAlgoId";
}

/// An order of which it may not be known whether it was placed: what [`Client::resolve`] needs to find out. It can be kept
/// for as long as it takes.
#[derive(Clone, Debug)]
pub struct Pending<K> {
    symbol: String,
    id: String,
    impossible_after: Millis,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> Pending<K> {
    /// An order that was sent under this id, by a program that ended since perhaps, and stamped with this time or an earlier
    /// one. `recv_window` is in milliseconds; the exchange assumes 5,000 when there is none.
    pub fn new(symbol: &str, client_order_id: &str, stamped: Millis, recv_window: Option<u32>) -> Self {
        Self {
            symbol: symbol.into(),
            id: client_order_id.into(),
            impossible_after: impossible_after(stamped, recv_window),
            kind: PhantomData,
        }
    }

    /// How to ask after it.
    pub fn query(&self) -> K::Query<'_> {
        K::query(&self.symbol, &self.id)
    }
}

impl<K> Pending<K> {
    /// The contract.
    pub fn symbol(&self) -> &str {
        &self.symbol
    }

    /// The client's id of the order.
    pub fn client_order_id(&self) -> &str {
        &self.id
    }

    /// From when on, by the exchange's clock, an order that is not there will not come any more.
    pub fn impossible_after(&self) -> Millis {
        self.impossible_after
    }
}

/// An order that was not placed, or may have been.
#[derive(Debug)]
#[non_exhaustive]
pub struct NotPlaced<K> {
    /// Why. Its outcome says what is known.
    pub error: Error,
    /// What to [resolve](Client::resolve) when the outcome is [`Outcome::Unknown`].
    pub order: Pending<K>,
}

impl<K> NotPlaced<K> {
    /// What is known about the order.
    pub fn outcome(&self) -> Outcome {
        self.error.outcome()
    }
}

impl<K> fmt::Display for NotPlaced<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "order {}: {}", self.order.id, self.error)
    }
}

impl<K: fmt::Debug> StdError for NotPlaced<K> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error.source()
    }
}

impl<K> From<NotPlaced<K>> for Error {
    fn from(failure: NotPlaced<K>) -> Self {
        failure.error
    }
}

/// What became of an order.
#[derive(Debug)]
pub enum Fate<R> {
    /// It was placed; the reply tells where it stands now.
    Placed(R),
    /// It was not placed, and will not be.
    NotPlaced,
}

impl<T: Transport> Client<T> {
    /// Places an order under an id of its own: its own, or one that is made for it. If it is not known what became of it,
    /// [`resolve`](Self::resolve) finds out.
    ///
    /// ```no_run
    /// # use binance_core::{decimal::dec, enums::Side, usdm::trade::NewOrder};
    /// # use binance_http::{Client, Outcome, place::Fate};
    /// # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let order = NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.010"), dec!("20000.0"));
    /// match client.place(&order).await {
    ///     Ok(reply) => println!("{}", reply.value()?.order_id),
    ///     Err(failure) if failure.outcome() == Outcome::Unknown => match client.resolve(&failure.order).await? {
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
    /// [`NotPlaced`]. A reply of success that cannot be read counts as one.
    pub async fn place<O: Place>(&self, order: &O) -> Result<Reply<O>, NotPlaced<O::Kind>> {
        let made = made_id(order);
        let more = [(O::ID, Value::Text(made.as_deref().unwrap_or_default()))];
        let more = if made.is_none() { &[] } else { more.as_slice() };
        let result = self.send_as(order, &With::new(order.clone(), more)).await;
        let result = result.and_then(|reply| reply.value().map(drop).map(|()| reply));
        result.map_err(|error| NotPlaced { error, order: self.pending(order, made) })
    }

    /// Finds out what became of an order, by asking the exchange for it until it is there or cannot come any more: two
    /// seconds after its receive window is over. Ask again if it fails.
    ///
    /// # Errors
    /// [`Error`], when the last question was not answered.
    pub async fn resolve<'p, K: Kind>(
        &self,
        pending: &'p Pending<K>,
    ) -> Result<Fate<Reply<K::Query<'p>>>, Error> {
        match self.ask_until(&pending.query(), pending.impossible_after, |_| true).await {
            Ok(reply) => Ok(Fate::Placed(reply)),
            Err(error) if error.code() == Some(ApiCode::NO_SUCH_ORDER) => Ok(Fate::NotPlaced),
            Err(error) => Err(error),
        }
    }

    /// Asks until an answer is enough, or is given when what is asked after cannot come any more: the last one counts.
    async fn ask_until<Q: Endpoint + Clone + Sync>(
        &self,
        query: &Q,
        impossible_after: Millis,
        enough: impl Fn(&Reply<Q>) -> bool,
    ) -> Result<Reply<Q>, Error> {
        let mut waits = waits();
        loop {
            let conclusive = self.now() > impossible_after;
            let answer = self.send(query).await;
            if conclusive || answer.as_ref().is_ok_and(&enough) {
                return answer;
            }
            self.transport().sleep(waits()).await;
        }
    }

    /// What to resolve of an order that was sent before now, under an id of its own or one that was made for it.
    fn pending<O: Place>(&self, order: &O, made: Option<String>) -> Pending<O::Kind> {
        let id = made.as_deref().or(order.client_order_id()).unwrap_or_default();
        Pending::new(order.symbol(), id, self.now(), self.recv_window())
    }

    /// From when on nothing will come any more that was stamped before now.
    fn impossible_after(&self) -> Millis {
        impossible_after(self.now(), self.recv_window())
    }
}

/// An id for an order that has none.
fn made_id(order: &impl Place) -> Option<String> {
    order.client_order_id().is_none().then(new_client_order_id)
}

/// From when on nothing will come any more that was stamped at this time or before.
fn impossible_after(stamped: Millis, recv_window: Option<u32>) -> Millis {
    stamped.plus(i64::from(recv_window.unwrap_or(DEFAULT_RECV_WINDOW))).plus(MARGIN)
}

/// How long to wait between two questions after an order, one after the other: a tenth of a second, then twice as long each
/// time, up to a second.
pub fn waits() -> impl FnMut() -> Duration + Send {
    let mut next = Duration::from_millis(100);
    move || {
        let wait = next;
        next = (wait * 2).min(Duration::from_secs(1));
        wait
    }
}

/// An id that no other order of the account has, of at most 36 characters: 64 random bits of this program and a number.
pub fn new_client_order_id() -> String {
    static PROGRAM: std::sync::LazyLock<u64> = std::sync::LazyLock::new(|| RandomState::new().hash_one(0));
    static NEXT: AtomicU64 = AtomicU64::new(0);
    std::format!("b{:x}-{:x}", *PROGRAM, NEXT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_fit() {
        let (one, two) = (new_client_order_id(), new_client_order_id());
        assert_ne!(one, two);
        for id in [one, two] {
            assert!(id.len() <= 36, "{id}");
            assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{id}");
        }
    }
}
