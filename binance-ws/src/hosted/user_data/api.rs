//! By the WebSocket API.

use core::future::Future;

use binance_core::{Market, coinm, usdm, ws_api::TypedCall};
use bytes::Bytes;

use crate::{
    hosted::{Api, Socket},
    user::{Failure, Need},
};

use super::Ask;

/// The listen key, the time, the account and single orders; for the rest, [`Failure::NOT_OFFERED`].
impl<S: Socket> Ask for Api<S> {
    fn ask(
        &self,
        market: Market,
        need: Need,
    ) -> impl Future<Output = Result<Bytes, Failure>> + Send + 'static {
        let api = self.clone();
        async move {
            match market {
                Market::UsdM => usdm(&api, &need).await,
                Market::CoinM => coinm(&api, &need).await,
            }
        }
    }
}

async fn usdm<S: Socket>(api: &Api<S>, need: &Need) -> Result<Bytes, Failure> {
    use usdm::{account, trade, user_data_streams as stream, ws_api};
    match need {
        Need::CreateKey => result(api, &stream::StartUserDataStream::new()).await,
        Need::KeepAlive => result(api, &stream::KeepaliveUserDataStream::new()).await,
        Need::Time => result(api, &ws_api::SessionStatus).await,
        Need::Account => result(api, &account::AccountV2::new()).await,
        Need::Order { symbol, order_id } => result(api, &trade::QueryOrder::by_id(symbol, *order_id)).await,
        _ => Err(Failure::NOT_OFFERED),
    }
}

async fn coinm<S: Socket>(api: &Api<S>, need: &Need) -> Result<Bytes, Failure> {
    use coinm::{account, trade, user_data_streams as stream, ws_api};
    match need {
        Need::CreateKey => result(api, &stream::StartUserDataStream::new()).await,
        Need::KeepAlive => result(api, &stream::KeepaliveUserDataStream::new()).await,
        Need::Time => result(api, &ws_api::SessionStatus).await,
        Need::Account => result(api, &account::Account::new()).await,
        Need::Order { symbol, order_id } => result(api, &trade::QueryOrder::by_id(symbol, *order_id)).await,
        _ => Err(Failure::NOT_OFFERED),
    }
}

async fn result<S: Socket, C: TypedCall + Clone + Sync>(api: &Api<S>, call: &C) -> Result<Bytes, Failure> {
    match api.send(call).await {
        Ok(reply) => Ok(Bytes::copy_from_slice(reply.result().as_bytes())),
        Err(failure) => {
            Err(Failure { code: failure.code(), retry_after: failure.retry_after(), not_offered: false })
        }
    }
}
