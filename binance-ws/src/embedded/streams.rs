//! Streams as a [`Machine`].

use core::{fmt, ops::Range};

use binance_core::ApiError;

use crate::{
    address::Base,
    part::part,
    request::{Command, RequestId},
    session::{Action, LinkId, Notice, Outgoing, Reason, Received, Session, Table},
    time::Tick,
};

use super::{
    Host, Step,
    link::{Link, Machine, Told, same_names},
};

/// A [`Step`] whose texts are still in the inbox.
pub(super) enum Heard {
    Event { stream: Option<Range<usize>>, data: Range<usize> },
    Reply { id: RequestId, command: Command, result: Result<Range<usize>, ApiError> },
    Other,
    Notice(Notice),
}

impl<T: Table, H: Host> Machine<H> for Session<T> {
    type Told = Heard;

    same_names!(self => self);

    fn poll_action(&mut self) -> Option<Action> {
        self.poll_action()
    }

    fn poll_told(&mut self) -> Option<Heard> {
        self.poll_notice().map(Heard::Notice)
    }

    fn poll_transmit<'s>(&mut self, now: Tick, _: &mut H, buffer: &'s mut [u8]) -> Option<Outgoing<'s>> {
        self.poll_transmit(now, buffer).map(|transmit| transmit.frame)
    }

    fn write_target(&self, base: &Base, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str(base.prefix())?;
        self.write_path(out)
    }

    fn may_read(&self, link: LinkId) -> bool {
        self.may_read(link)
    }

    fn text(&mut self, link: LinkId, now: Tick, text: &str) -> Option<Heard> {
        Some(match self.text(link, now, text) {
            Received::Event { stream, data } => Heard::Event {
                stream: stream.and_then(|stream| part(text, stream)),
                data: part(text, data).unwrap_or(0..text.len()),
            },
            Received::Reply { id, command, result } => Heard::Reply {
                id,
                command,
                result: result.map(|result| part(text, result).unwrap_or(0..text.len())),
            },
            Received::Unmatched { .. } | Received::Garbage(_) => Heard::Other,
            Received::Handled | Received::Duplicate => return None,
        })
    }
}

impl<T: Table, H: Host> Link<'_, Session<T>, H> {
    /// What was told, with its texts.
    pub(super) fn told(&self, told: Told<Heard>) -> Step<'_> {
        let (heard, text) = match told {
            Told::Connect => return Step::Connect,
            Told::Wait(until) => return Step::Wait(until),
            Told::Machine(heard, text) => (heard, self.payload(text)),
        };
        match heard {
            Heard::Notice(notice) => Step::Notice(notice),
            Heard::Other => Step::Other(text),
            Heard::Event { stream, data } => Step::Event {
                stream: stream.and_then(|stream| text.get(stream)),
                data: text.get(data).unwrap_or(text),
            },
            Heard::Reply { id, command, result } => {
                Step::Reply { id, command, result: result.map(|part| text.get(part).unwrap_or(text)) }
            }
        }
    }
}
