//! Calls as a [`Machine`].

use core::{fmt, ops::Range, time::Duration};

use binance_core::{
    ApiError,
    ws_api::{Call, Reply},
};
use binance_sign::{Credentials, Signer};

use crate::{
    address::Base,
    api::{self, CallError, CallId, Calls, Ended, Notice, Received, Slot},
    part::part,
    session::{Action, LinkId, Outgoing, Reason},
    time::Tick,
};

use super::{
    Answer, ApiStep, Clock,
    link::{Link, Machine, Told, same_names},
};

/// Calls, and who signs them.
pub(super) struct Caller<T, S> {
    pub(super) calls: Calls<T>,
    credentials: Option<Credentials<S>>,
    /// A connection that has to be logged on.
    logon: Option<LinkId>,
}

impl<T, S> Caller<T, S> {
    pub(super) fn new(
        calls: Calls<T>,
        credentials: Option<Credentials<S>>,
        base: &Base,
    ) -> Result<Self, CallError> {
        if credentials.is_some() && !base.is_encrypted() && !base.is_loopback() {
            return Err(CallError::Insecure);
        }
        Ok(Self { calls, credentials, logon: None })
    }
}

/// An [`ApiStep`] whose texts are still in the inbox.
#[allow(clippy::large_enum_variant, reason = "there is no heap to put it on")]
pub(super) enum Heard {
    Answer { id: CallId, status: u16, result: Result<Range<usize>, ApiError>, is_late: bool },
    Ended(Ended),
    Other,
    Notice(Notice),
}

impl Heard {
    fn answer(text: &str, id: CallId, reply: Reply<'_>, is_late: bool) -> Self {
        let Reply { status, result, .. } = reply;
        // What is not in the text is the `null` of an answer without a result.
        let result = result.map(|result| part(text, result).unwrap_or(0..0));
        Self::Answer { id, status, result, is_late }
    }
}

impl<T, S, H> Machine<H> for Caller<T, S>
where
    T: AsRef<[Slot]> + AsMut<[Slot]>,
    S: Signer,
    H: Clock,
{
    type Told = Heard;

    same_names!(self => self.calls);

    fn poll_action(&mut self) -> Option<Action> {
        loop {
            match self.calls.poll_action()? {
                api::Action::Connect(link) => return Some(Action::Connect(link)),
                api::Action::Abandon(link) => return Some(Action::Abandon(link)),
                api::Action::LogOn(link) => self.logon = Some(link),
            }
        }
    }

    fn poll_told(&mut self) -> Option<Heard> {
        let ended = self.calls.poll_ended().map(Heard::Ended);
        ended.or_else(|| self.calls.poll_notice().map(Heard::Notice))
    }

    fn poll_transmit<'s>(&mut self, now: Tick, host: &mut H, buffer: &'s mut [u8]) -> Option<Outgoing<'s>> {
        if let (Some(link), Some(credentials)) = (self.logon.take(), &self.credentials) {
            let stamp = host.stamp();
            // Where it cannot be written, calls are signed.
            if let Ok(text) = self.calls.write_logon(link, now, stamp, credentials, buffer) {
                let len = text.len();
                return core::str::from_utf8(buffer.get(..len)?).ok().map(Outgoing::Text);
            }
        }
        self.calls.poll_transmit(now, buffer).map(|transmit| transmit.frame)
    }

    fn write_target(&self, base: &Base, out: &mut dyn fmt::Write) -> fmt::Result {
        // The address of the WebSocket API is whole as it is.
        out.write_str(if base.prefix().is_empty() { "/" } else { base.prefix() })
    }

    fn may_read(&self, _: LinkId) -> bool {
        true
    }

    fn text(&mut self, link: LinkId, now: Tick, text: &str) -> Option<Heard> {
        Some(match self.calls.text(link, now, text) {
            Received::Answer { id, reply } => Heard::answer(text, id, reply, false),
            Received::Late { id, reply } => Heard::answer(text, id, reply, true),
            Received::Unsolicited { .. } | Received::Garbage(_) => Heard::Other,
            Received::Handled => return None,
        })
    }
}

impl<T, S, H> Link<'_, Caller<T, S>, H>
where
    T: AsRef<[Slot]> + AsMut<[Slot]>,
    S: Signer,
    H: Clock,
{
    pub(super) fn call(&mut self, call: &dyn Call, timeout: Duration) -> Result<CallId, CallError> {
        self.append(|Caller { calls, credentials, .. }, host, room| {
            let (now, stamp) = (host.now(), host.stamp());
            let written = calls.call(now, call, stamp, credentials.as_ref(), timeout, room)?;
            Ok((written.id, written.text.len()))
        })
    }

    pub(super) fn log_on(&mut self) -> Result<(), CallError> {
        let Caller { calls, credentials, .. } = &mut self.machine;
        Ok(calls.log_on(credentials.as_ref().ok_or(CallError::NoCredentials)?.kind())?)
    }

    /// What was told, with its texts.
    pub(super) fn told(&self, told: Told<Heard>) -> ApiStep<'_> {
        let (heard, text) = match told {
            Told::Connect => return ApiStep::Connect,
            Told::Wait(until) => return ApiStep::Wait(until),
            Told::Machine(heard, text) => (heard, self.payload(text)),
        };
        match heard {
            Heard::Notice(notice) => ApiStep::Notice(notice),
            Heard::Ended(ended) => ApiStep::Ended(ended),
            Heard::Other => ApiStep::Other(text),
            Heard::Answer { id, status, result, is_late } => {
                let result =
                    result.map(|part| text.get(part).filter(|part| !part.is_empty()).unwrap_or("null"));
                let answer = Answer { id, status, result, text };
                if is_late { ApiStep::Late(answer) } else { ApiStep::Answer(answer) }
            }
        }
    }
}
