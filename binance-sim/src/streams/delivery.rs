//! One event on its way to those who listen, and what may happen to it there.

use crate::{
    faults::{Faults, What},
    frame::{self, Opcode},
    json::Json,
    mangle,
    streams::outbox::{End, Outbox, Piece},
};

/// An event, as the frames that sockets get: raw, or wrapped with the stream's name.
pub(crate) struct Delivery {
    raw: Json,
    raw_frame: Vec<u8>,
    /// The name that it was wrapped with last: mostly all have the same.
    name: String,
    wrapped: Vec<u8>,
}

impl Delivery {
    pub(crate) fn new(raw: Json) -> Self {
        Self { raw, raw_frame: Vec::new(), name: String::new(), wrapped: Vec::new() }
    }

    /// Sends it to a socket, with the stream's name if that is wanted, unless something shall go wrong with it.
    pub(crate) fn send(
        &mut self,
        outbox: &Outbox,
        name: Option<&str>,
        fault_name: &str,
        faults: &mut Faults,
        now: i64,
    ) {
        match faults.strike_stream(fault_name, now) {
            None => outbox.frame(self.frame(name)),
            Some(what) => wrong(what, outbox, &self.text(name), now),
        }
    }

    /// The whole frame, with the stream's name if there is one.
    fn frame(&mut self, name: Option<&str>) -> &[u8] {
        let Some(name) = name else {
            if self.raw_frame.is_empty() {
                frame::write(&mut self.raw_frame, Opcode::Text, self.raw.0.as_bytes());
            }
            return &self.raw_frame;
        };
        if self.wrapped.is_empty() || self.name != name {
            name.clone_into(&mut self.name);
            self.wrapped.clear();
            frame::write(&mut self.wrapped, Opcode::Text, wrap(&self.raw, name).as_bytes());
        }
        &self.wrapped
    }

    /// The text alone.
    fn text(&self, name: Option<&str>) -> String {
        name.map_or_else(|| self.raw.0.clone(), |name| wrap(&self.raw, name))
    }
}

fn wrap(raw: &Json, name: &str) -> String {
    let mut text = String::with_capacity(raw.0.len() + name.len() + 24);
    text.push_str("{\"stream\":");
    crate::json::Write::write(name, &mut text);
    text.push_str(",\"data\":");
    text.push_str(&raw.0);
    text.push('}');
    text
}

/// Sends a text to a socket, and lets go wrong with it what shall.
pub(crate) fn wrong(what: What, outbox: &Outbox, text: &str, now: i64) {
    let framed = |text: &[u8]| {
        let mut bytes = Vec::new();
        frame::write(&mut bytes, Opcode::Text, text);
        bytes
    };
    match what {
        What::DropStream | What::CloseBeforeProcessing | What::CloseAfterProcessing => {
            outbox.end(End::Dropped);
        }
        What::ResetStream | What::ResetBeforeProcessing | What::ResetAfterProcessing => {
            outbox.end(End::Reset);
        }
        What::CloseStream(code) => outbox.push(Piece::Close(code, "")),
        What::Silence | What::Gap | What::Hang { .. } => {}
        What::GarbageFrame | What::GarbageBody => outbox.text("{\"e\":\"aggTr\u{0}{]"),
        What::TruncateFrame | What::CutBody => {
            let middle = (text.len() / 2..text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            outbox.text(text.get(..middle).unwrap_or_default());
        }
        What::BreakFrame | What::CutHead => {
            let mut bytes = framed(text.as_bytes());
            bytes.truncate(bytes.len() / 2);
            outbox.frame(&bytes);
            outbox.push(Piece::End(End::Dropped));
        }
        What::DuplicateFrame | What::Duplicate => {
            outbox.text(text);
            outbox.text(text);
        }
        What::Reorder => outbox.hold(framed(text.as_bytes())),
        What::CorruptByte => outbox.message(Opcode::Text, &mangle::corrupt(text.as_bytes())),
        What::Delay(delay) => {
            outbox.push(Piece::Pause(delay));
            outbox.text(text);
        }
        What::ByteByByte => outbox.push(Piece::Slowly(framed(text.as_bytes()))),
        What::ShutdownNotice => {
            outbox.text(&crate::json::object! { "e": "serverShutdown", "E": now }.0);
            outbox.text(text);
        }
        What::ClockSkew(by) => outbox.text(&mangle::skewed(text, by)),
        What::NewEnumValue(field) => outbox.text(&mangle::new_value(text, &field)),
        What::NewField => outbox.text(&mangle::new_field(text)),
        What::MissingField(field) => outbox.text(&mangle::without(text, &field)),
        // The faults of connections, requests and subscriptions do not strike here.
        _ => outbox.text(text),
    }
}
