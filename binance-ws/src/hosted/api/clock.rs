//! What an API knows of the exchange's time.

use core::time::Duration;

use binance_core::{
    Market, coinm, usdm,
    ws_api::{Call, Session, TypedCall},
};
use binance_http::clock::{Estimator, Offset, Turn};
use tokio::time::Instant;

use crate::hosted::Socket;

use super::{Api, Failure};

/// How often the time is asked for one measurement of the offset.
const CLOCK_SAMPLES: usize = 4;

impl<S: Socket> Api<S> {
    /// Measures how far the exchange's clock is ahead, with four calls of `session.status`, and keeps the result for the
    /// timestamps of calls.
    ///
    /// It is not needed: an API that was never told takes the host's clock, and measures when the exchange refuses a
    /// timestamp.
    ///
    /// # Errors
    /// As [`Self::send`], when no call was answered.
    pub async fn sync_clock(&self) -> Result<Offset, Failure> {
        self.sync_clock_by(self.deadline()).await
    }

    /// How far the exchange's clock is ahead, as it was measured last.
    pub fn clock_offset(&self) -> Option<Offset> {
        self.shared.clock.offset()
    }

    /// Measures the clock, unless it was measured since `generation`; when somebody else is at it, waits for that.
    pub(super) async fn sync_clock_once(&self, generation: u32, deadline: Instant) -> bool {
        match self.shared.clock.turn(generation).await {
            Turn::Mine(_measuring) => self.sync_clock_by(deadline).await.is_ok(),
            Turn::Done => true,
            Turn::Failed => false,
        }
    }

    async fn sync_clock_by(&self, deadline: Instant) -> Result<Offset, Failure> {
        let mut estimator = Estimator::new();
        let mut failed = None;
        for _ in 0..CLOCK_SAMPLES {
            if let Err(failure) = self.ask_time(deadline, &mut estimator).await {
                failed = Some(failure);
                break;
            }
        }
        match (estimator.best(), failed) {
            (Some(offset), _) => {
                self.shared.clock.set(offset, &*self.shared.time);
                self.shared.log_on_again();
                Ok(offset)
            }
            (None, Some(failure)) => Err(failure),
            (None, None) => Ok(Offset::default()),
        }
    }

    async fn ask_time(&self, deadline: Instant, estimator: &mut Estimator) -> Result<(), Failure> {
        let call: &(dyn Call + Sync) = match self.shared.connector.base().market() {
            Market::UsdM => &usdm::ws_api::SessionStatus,
            Market::CoinM => &coinm::ws_api::SessionStatus,
        };
        let (answer, sent) = self.call_once(call, deadline).await?;
        // Both markets answer alike.
        let session: Session = usdm::ws_api::SessionStatus.read(answer.result()).map_err(Failure::Decode)?;
        if let Some(server) = session.server_time {
            let round_trip: Duration = answer.at.monotonic.saturating_sub(sent.monotonic);
            estimator.add(sent.host, round_trip, server);
        }
        Ok(())
    }
}
