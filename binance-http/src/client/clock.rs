//! What the client knows of the exchange's time.

use core::time::Duration;
use std::boxed::Box;

use binance_core::{Endpoint, Millis, usdm::market_data::Time};

use super::{Client, send::Answer};
use crate::{
    clock::{Estimator, Offset, Turn},
    error::{DecodeFailure, Error},
    transport::Transport,
};

/// How often the time is asked for one measurement of the offset.
const CLOCK_SAMPLES: usize = 4;

impl<T: Transport> Client<T> {
    /// Measures how far the exchange's clock is ahead, with four questions for the time, and keeps the result for the
    /// timestamps of signed requests. Asks the USDⓈ-M host.
    ///
    /// It is not needed: a client that was never told takes the host's clock, and measures when the exchange refuses a
    /// timestamp.
    ///
    /// # Errors
    /// As [`Self::send`], when no question was answered.
    pub async fn sync_clock(&self) -> Result<Offset, Error> {
        self.sync_clock_by(self.deadline(&self.read_clock())).await
    }

    async fn sync_clock_by(&self, deadline: Duration) -> Result<Offset, Error> {
        let mut estimator = Estimator::new();
        let mut failed = None;
        for _ in 0..CLOCK_SAMPLES {
            match self.ask_time(deadline).await {
                Ok((answer, server)) => estimator.add(answer.sent, answer.elapsed, server),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        match (estimator.best(), failed) {
            (Some(offset), _) => {
                self.shared.clock.set(offset, &*self.shared.time);
                Ok(offset)
            }
            (None, Some(error)) => Err(error),
            (None, None) => Ok(Offset::default()),
        }
    }

    /// How far the exchange's clock is ahead, as it was measured last.
    pub fn clock_offset(&self) -> Option<Offset> {
        self.shared.clock.offset()
    }

    /// Measures the exchange's clock every `period`, for ever: to be run beside the program's other tasks, and dropped to
    /// end it. A measurement that fails is left out.
    ///
    /// Without it the offset is measured anew when it is found to be wrong: when a timestamp is refused, or when the host's
    /// clock was set.
    pub async fn keep_clock(&self, period: Duration) -> core::convert::Infallible {
        loop {
            let _ = self.sync_clock().await;
            self.shared.transport.sleep(period).await;
        }
    }

    /// Measures the clock, unless it was measured since `generation`; when somebody else is at it, waits for that.
    pub(super) async fn sync_clock_once(&self, generation: u32, deadline: Duration) -> bool {
        match self.shared.clock.turn(generation).await {
            Turn::Mine(_measuring) => self.sync_clock_by(deadline).await.is_ok(),
            Turn::Done => true,
            Turn::Failed => false,
        }
    }

    /// The exchange's time, with the answer that told it.
    async fn ask_time(&self, deadline: Duration) -> Result<(Answer, Millis), Error> {
        let request = Time::new();
        let answer = self.call_once(&request, deadline, self.read_clock()).await?;
        let server = request.decode(&answer.received.body).map_err(|error| {
            Error::Decode(Box::new(DecodeFailure { status: answer.received.status, error }))
        })?;
        Ok((answer, server.server_time))
    }
}
