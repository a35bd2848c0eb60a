//! Connecting, which is charged as calls are.

use std::{future::Future, string::String, sync::Arc};

use binance_core::Millis;
use binance_http::{
    Limits,
    budget::{Cost, Refusal, Ticket},
    pool::{End, Pool, TooMuch},
};
use tokio::time::Instant;

use crate::hosted::{ConnectError, Socket};

use super::driver::Shared;

/// How many bytes to read at once: answers are waited for, and most have less.
const READ_SIZE: usize = 8 * 1_024;

/// Opens a connection, if the budget has room for it.
pub(super) fn connect<S: Socket>(
    shared: &Shared<S>,
) -> impl Future<Output = Result<S, ConnectError>> + Send + use<S> {
    // The address of the WebSocket API is whole as it is.
    let connecting = shared.connector.connect(String::new(), READ_SIZE);
    let cost = Cost::of_handshake(shared.connector.base().market());
    let (at, began) = (shared.read_clock().time, Instant::now());
    let attempt = shared.pool.clone().map(|pool| Attempt { pool, at, began, ticket: None });
    async move {
        let Some(mut attempt) = attempt else { return connecting.await };
        attempt.charge(cost).await.map_err(ConnectError::Limit)?;
        let result = connecting.await;
        let end = attempt.end(&result);
        attempt.settle(end).await;
        result
    }
}

/// One attempt. Dropped before it is over, it may have been counted.
struct Attempt {
    pool: Arc<dyn Pool>,
    /// The exchange's time when it began.
    at: Millis,
    began: Instant,
    ticket: Option<Ticket>,
}

impl Attempt {
    fn now(&self) -> Millis {
        self.at.plus(i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX))
    }

    async fn charge(&mut self, cost: Cost) -> Result<(), Refusal> {
        // It is the address that is charged, and no account.
        let ticket = self.pool.charge(self.now(), "", cost).get().await?;
        self.ticket = Some(ticket);
        Ok(())
    }

    fn end<S>(&self, result: &Result<S, ConnectError>) -> End {
        let verdict = match result {
            Ok(_) => TooMuch::No,
            Err(error @ ConnectError::Status { .. }) => error.retry_after().map_or(TooMuch::No, |wait| {
                let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
                TooMuch::All { until: self.now().plus(wait) }
            }),
            Err(_) => return End::Lost,
        };
        End::Replied { limits: Limits::default(), verdict }
    }

    async fn settle(&mut self, end: End) {
        if let Some(ticket) = self.ticket.take() {
            self.pool.settle(self.now(), "", ticket, end).get().await;
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            // Nobody can wait here; what is not said at once is not said.
            drop(self.pool.settle(self.now(), "", ticket, End::Lost));
        }
    }
}
