//! One request: charged, written, sent, and what came back.

use core::time::Duration;
use std::{boxed::Box, vec, vec::Vec};

use binance_core::{Millis, Request, Text};
use binance_sign::{Credentials, Stamp};

use super::{Client, charge::too_much};
use crate::{
    base_url::BaseUrl,
    budget::Cost,
    clock::Reading,
    error::{ApiFailure, BuildError, Error, Outcome, StatusFailure},
    limits::Limits,
    log,
    pool::{End, TooMuch},
    redact::Redacted,
    request::{Plan, Prepared},
    retry::{may_help, random},
    transport::{Received, Reuse, Transport},
    verdict::{BodyKind, Verdict},
};

/// What came back.
pub(super) struct Answer {
    pub(super) received: Received,
    /// What its headers say of the limits.
    pub(super) limits: Limits,
    /// When the request was ready to go, by the host's clock.
    pub(super) sent: Millis,
    /// How long it took from then to the last byte.
    pub(super) elapsed: Duration,
    /// When that was, by the exchange's clock.
    at: Millis,
}

impl<T: Transport> Client<T> {
    /// One request, until there is a reply or no time left; a read is tried again as the client was told.
    pub(super) async fn call(&self, request: &(dyn Request + Sync)) -> Result<Answer, Error> {
        // Clocks are slow on some machines: one that was read just now is not read again.
        let (begun, retry) = (self.read_clock(), self.options.retry);
        let deadline = self.deadline(&begun);
        if !retry.covers(request.meta()) {
            return self.attempt(request, deadline, begun).await;
        }
        self.shared.retries.earn(retry);
        match self.attempt(request, self.attempt_deadline(deadline, &begun), begun).await {
            // Boxed, so that not every request carries the room for what is rare.
            Err(error) => Box::pin(self.attempt_again(request, deadline, error)).await,
            answer => answer,
        }
    }

    /// Tries a read that failed again, for as long as that may help.
    async fn attempt_again(
        &self,
        request: &(dyn Request + Sync),
        deadline: Duration,
        mut error: Error,
    ) -> Result<Answer, Error> {
        let retry = self.options.retry;
        for attempt in 1..retry.attempts() {
            let wait = retry.wait(attempt, random());
            if !may_help(&error)
                || wait >= left(deadline, &self.read_clock())
                || !self.shared.retries.spend(retry)
            {
                break;
            }
            log::trying_again(attempt, wait, &error);
            self.shared.transport.sleep(wait).await;
            let begun = self.read_clock();
            match self.attempt(request, self.attempt_deadline(deadline, &begun), begun).await {
                Err(next) => error = next,
                answer => return answer,
            }
        }
        Err(error)
    }

    /// One request, with a second try where its timestamp was refused and the clock is measured anew.
    async fn attempt(
        &self,
        request: &(dyn Request + Sync),
        deadline: Duration,
        mut begun: Reading,
    ) -> Result<Answer, Error> {
        let stamped = self.options.resync && request.meta().security.is_signed();
        let generation = begun.generation;
        if stamped && begun.doubtful {
            // If it fails, the exchange may take the timestamp all the same.
            let _ = Box::pin(self.sync_clock_once(generation, deadline)).await;
            begun = self.read_clock();
        }
        match self.call_once(request, deadline, begun).await {
            Err(Error::Api(failure))
                if stamped && failure.code.is_clock() && failure.outcome() == Outcome::Rejected =>
            {
                Box::pin(async {
                    match self.sync_clock_once(generation, deadline).await {
                        true => self.call_once(request, deadline, self.read_clock()).await,
                        // The refusal says more than why the clock could not be measured.
                        false => Err(Error::Api(failure)),
                    }
                })
                .await
            }
            result => result,
        }
    }

    pub(super) async fn call_once(
        &self,
        request: &(dyn Request + Sync),
        deadline: Duration,
        begun: Reading,
    ) -> Result<Answer, Error> {
        let answer = self.exchange(request, deadline, begun).await?;
        log::replied(self.api_key(), &answer.received, answer.elapsed);
        let received = &answer.received;
        match Verdict::of(received.status, &received.body) {
            Verdict::Success => {
                self.learn(request, &received.body);
                Ok(answer)
            }
            Verdict::Other(BodyKind::Text) if (200..300).contains(&received.status) => Ok(answer),
            Verdict::Refused(error) => {
                let Received { status, headers, .. } = answer.received;
                Err(Error::Api(Box::new(ApiFailure::new(status, error, answer.limits, headers))))
            }
            Verdict::Other(_) => Err(self.status_failure(answer.received, answer.limits)),
        }
    }

    /// Charges the budget, sends a request over a connection and receives whatever comes back.
    async fn exchange(
        &self,
        request: &(dyn Request + Sync),
        deadline: Duration,
        mut begun: Reading,
    ) -> Result<Answer, Error> {
        let base = self.base_url(request.meta().market);
        let plan = Plan::new(request, base)
            .accept_gzip(self.shared.transport.accepts_gzip())
            .placement(self.options.placement)
            .allow_insecure(self.options.allow_insecure);
        plan.check(self.shared.credentials.is_some())?;
        let Some(pool) = &self.shared.pool else { return self.send_over(&plan, base, deadline, begun).await };
        let mut charge = self.charge(&**pool, Cost::of(request), deadline, &mut begun).await?;
        let result = self.send_over(&plan, base, deadline, begun).await;
        let (now, end) = match &result {
            Ok(Answer { received, limits, at, .. }) => {
                (*at, End::Replied { limits: *limits, verdict: too_much(received, limits, *at) })
            }
            Err(error) if error.outcome() == Outcome::NotSent => (self.now(), End::NotSent),
            Err(_) => (self.now(), End::Lost),
        };
        let settled = charge.settle(now, end);
        if let End::Replied { verdict: TooMuch::All { .. }, .. } = end {
            settled.get().await;
        }
        result
    }

    async fn send_over(
        &self,
        plan: &Plan<'_, dyn Request + Sync + '_>,
        base: &BaseUrl,
        deadline: Duration,
        begun: Reading,
    ) -> Result<Answer, Error> {
        let shared = &*self.shared;
        let (mut reuse, mut last) = (Reuse::Allowed, begun);
        loop {
            let limit = left(deadline, &last).min(self.options.connect_timeout);
            let error = match shared.transport.connect(base, reuse, limit).await {
                Err(error) => error,
                Ok(connection) => {
                    // The one that counts: connecting may have taken its time.
                    let reading = self.read_clock();
                    last = reading;
                    let mut room = Vec::new();
                    let prepared = self.write(plan, reading.time, &mut room)?;
                    log::sending(self.api_key(), base, &prepared);
                    match shared.transport.exchange(connection, &prepared, left(deadline, &reading)).await {
                        Ok(received) => {
                            let elapsed = shared.time.monotonic().saturating_sub(reading.monotonic);
                            let millis = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX);
                            return Ok(Answer {
                                limits: received.headers.limits(),
                                received,
                                sent: reading.host,
                                elapsed,
                                at: reading.time.plus(millis),
                            });
                        }
                        // An idle connection was dead before anything was written to it.
                        Err(error)
                            if !error.may_have_sent()
                                && reuse == Reuse::Allowed
                                && !left(deadline, &reading).is_zero() =>
                        {
                            reuse = Reuse::Never;
                            continue;
                        }
                        Err(error) => error,
                    }
                }
            };
            let error = Error::from(error);
            log::failed(&error);
            return Err(error);
        }
    }

    /// Writes the request into `room`, as much of it as it needs.
    fn write<'b>(
        &self,
        plan: &Plan<'_, dyn Request + Sync + '_>,
        now: Millis,
        room: &'b mut Vec<u8>,
    ) -> Result<Prepared<'b>, BuildError> {
        /// A request longer than this is not one that the exchange takes.
        const MOST: usize = 1 << 18;
        let stamp = Stamp { timestamp: now, recv_window: self.options.recv_window };
        let credentials = self.shared.credentials.as_ref();
        let mut size = 1 << 10;
        let layout = loop {
            *room = vec![0; size];
            match plan.lay_out(credentials, stamp, room) {
                Ok(layout) => break layout,
                Err(BuildError::Full) if size < MOST => size *= 4,
                Err(error) => return Err(error),
            }
        };
        Ok(layout.prepared(room))
    }

    pub(super) fn status_failure(&self, received: Received, limits: Limits) -> Error {
        let Received { status, headers, body } = received;
        // Far more than the excerpt, so that what is blanked is blanked whole.
        let start = body.get(..body.len().min(2_048)).unwrap_or_default();
        let text = std::string::String::from_utf8_lossy(start);
        let excerpt = std::format!("{}", self.shown(&text));
        Error::Status(Box::new(StatusFailure {
            status,
            body: BodyKind::of(&body),
            excerpt: Text::truncated(&excerpt),
            limits,
            outcome: Outcome::of_status(status, &text),
            headers,
        }))
    }
}

impl<T> Client<T> {
    /// A text of the exchange's as it may be shown.
    fn shown<'t>(&'t self, text: &'t str) -> Redacted<'t> {
        Redacted::new(text).and(self.api_key())
    }

    fn api_key(&self) -> &str {
        self.shared.credentials.as_ref().map_or("", Credentials::api_key)
    }

    /// The host's clocks, and the exchange's as far as it is known.
    pub(super) fn read_clock(&self) -> Reading {
        self.shared.clock.read(&*self.shared.time)
    }

    /// When a request has to be over that begins now, by the clock that only grows.
    pub(super) fn deadline(&self, now: &Reading) -> Duration {
        now.monotonic.saturating_add(self.options.timeout)
    }

    /// When an attempt at a request has to be over that begins now.
    fn attempt_deadline(&self, deadline: Duration, now: &Reading) -> Duration {
        let limit = self.options.retry.attempt_limit().unwrap_or(Duration::MAX);
        deadline.min(now.monotonic.saturating_add(limit))
    }
}

/// How much time is left.
pub(super) fn left(deadline: Duration, now: &Reading) -> Duration {
    deadline.saturating_sub(now.monotonic)
}
