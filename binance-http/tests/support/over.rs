//! The same client over either transport of hosts, for tests of what the two have in common.

use std::time::Duration;

use binance_core::{
    decimal::dec,
    enums::Side,
    usdm::{market_data::Time, trade::NewOrder},
};
use binance_http::{Builder, Client, Error, blocking, dial::Way, hyper::Hyper, transport::Transport};
use tokio::task::spawn_blocking;

/// A client.
#[derive(Clone, Debug)]
pub(crate) enum Any {
    Hyper(Client<Hyper>),
    Std(blocking::Client),
}

/// Both clients that take `way`, with what else `set` says.
pub(crate) fn both(way: &Way, set: impl Settings) -> [Any; 2] {
    let hyper = Client::over(set.hyper(Hyper::new().way(way.clone())));
    let std = Client::over(set.std(blocking::Std::new().way(way.clone())));
    [
        Any::Hyper(set.client(hyper).without_pool().build().unwrap()),
        Any::Std(set.client(std).without_pool().build_blocking().unwrap()),
    ]
}

/// What is said to both.
pub(crate) trait Settings {
    fn client<T: Transport>(&self, builder: Builder<T>) -> Builder<T>;

    fn hyper(&self, hyper: Hyper) -> Hyper {
        hyper
    }

    fn std(&self, std: blocking::Std) -> blocking::Std {
        std
    }
}

/// An order that rests.
fn order() -> NewOrder<'static> {
    NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.010"), dec!("20000.0"))
}

impl Any {
    pub(crate) async fn order(&self) -> Result<u64, Error> {
        match self.clone() {
            Self::Hyper(client) => client.fetch(&order()).await,
            Self::Std(client) => spawn_blocking(move || client.fetch(&order())).await.unwrap(),
        }
        .map(|order| order.order_id)
    }

    pub(crate) async fn time(&self) -> Result<i64, Error> {
        match self.clone() {
            Self::Hyper(client) => client.fetch(&Time::new()).await,
            Self::Std(client) => spawn_blocking(move || client.fetch(&Time::new())).await.unwrap(),
        }
        .map(|time| time.server_time.0)
    }

    pub(crate) fn with_timeout(&self, timeout: Duration) -> Self {
        match self {
            Self::Hyper(client) => Self::Hyper(client.with_timeout(timeout)),
            Self::Std(client) => Self::Std(client.with_timeout(timeout)),
        }
    }

    pub(crate) fn idle_connections(&self) -> usize {
        match self {
            Self::Hyper(client) => client.transport().idle_connections(),
            Self::Std(client) => client.transport().idle_connections(),
        }
    }
}
