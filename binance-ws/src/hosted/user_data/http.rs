//! By `binance-http`.

use core::future::Future;

use binance_core::{Endpoint, Market, coinm, usdm};
use binance_http::{Client, Error, Reply, transport::Transport};
use bytes::Bytes;

use crate::user::{Failure, Need, TradesFrom};

use super::Ask;

impl<T: Transport + Send + Sync + 'static> Ask for Client<T> {
    fn ask(
        &self,
        market: Market,
        need: Need,
    ) -> impl Future<Output = Result<Bytes, Failure>> + Send + 'static {
        let client = self.clone();
        async move {
            let limit = need.limit(market).unwrap_or_default();
            match market {
                Market::UsdM => usdm(&client, &need, limit).await,
                Market::CoinM => coinm(&client, &need, limit).await,
            }
        }
    }
}

async fn usdm<T: Transport>(client: &Client<T>, need: &Need, limit: u16) -> Result<Bytes, Failure> {
    use usdm::{account, market_data, trade, user_data_streams as stream};
    match need {
        Need::CreateKey => body(client.send(&stream::StartUserDataStream::new()).await),
        Need::KeepAlive => body(client.send(&stream::KeepaliveUserDataStream::new()).await),
        Need::Time => body(client.send(&market_data::Time::new()).await),
        Need::Account => body(client.send(&account::AccountV2::new()).await),
        Need::Orders { symbol: None, since } => {
            body(client.send(&trade::AllOrders::new().start_time(*since).limit(limit)).await)
        }
        Need::Orders { symbol: Some(symbol), since } => {
            let orders = trade::AllOrders::new().symbol(symbol).start_time(*since).limit(limit);
            body(client.send(&orders).await)
        }
        Need::Trades { symbol, from: TradesFrom::Id(id) } => {
            body(client.send(&trade::UserTrades::new(symbol).from_id(*id).limit(limit)).await)
        }
        Need::Trades { symbol, from: TradesFrom::Time(since) } => {
            body(client.send(&trade::UserTrades::new(symbol).start_time(*since).limit(limit)).await)
        }
        Need::OpenOrders => body(client.send(&trade::OpenOrders::new()).await),
        Need::OpenAlgoOrders => body(client.send(&trade::OpenAlgoOrders::new()).await),
        Need::Order { symbol, order_id } => {
            body(client.send(&trade::QueryOrder::by_id(symbol, *order_id)).await)
        }
        Need::AlgoOrder { algo_id } => body(client.send(&trade::QueryAlgoOrder::by_id(*algo_id)).await),
    }
}

async fn coinm<T: Transport>(client: &Client<T>, need: &Need, limit: u16) -> Result<Bytes, Failure> {
    use coinm::{account, market_data, trade, user_data_streams as stream};
    match need {
        Need::CreateKey => body(client.send(&stream::StartUserDataStream::new()).await),
        Need::KeepAlive => body(client.send(&stream::KeepaliveUserDataStream::new()).await),
        Need::Time => body(client.send(&market_data::Time::new()).await),
        Need::Account => body(client.send(&account::Account::new()).await),
        // COIN-M lists no orders of all contracts.
        Need::Orders { symbol: None, .. } => Ok(Bytes::from_static(b"[]")),
        Need::Orders { symbol: Some(symbol), since } => {
            let orders = trade::AllOrders::of_symbol(symbol).start_time(*since).limit(limit);
            body(client.send(&orders).await)
        }
        Need::Trades { symbol, from: TradesFrom::Id(id) } => {
            body(client.send(&trade::UserTrades::of_symbol_from(symbol, *id).limit(limit)).await)
        }
        Need::Trades { symbol, from: TradesFrom::Time(since) } => {
            let trades = trade::UserTrades::of_symbol(symbol).start_time(*since).limit(limit);
            body(client.send(&trades).await)
        }
        Need::OpenOrders => body(client.send(&trade::OpenOrders::new()).await),
        Need::OpenAlgoOrders => body(client.send(&trade::OpenAlgoOrders::new()).await),
        Need::Order { symbol, order_id } => {
            body(client.send(&trade::QueryOrder::by_id(symbol, *order_id)).await)
        }
        Need::AlgoOrder { algo_id } => body(client.send(&trade::QueryAlgoOrder::by_id(*algo_id)).await),
    }
}

fn body<E: Endpoint>(reply: Result<Reply<E>, Error>) -> Result<Bytes, Failure> {
    reply.map(Reply::into_body).map_err(|error| Failure {
        code: error.code(),
        retry_after: error.retry_after(),
        not_offered: false,
    })
}
