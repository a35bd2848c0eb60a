//! Frames that the session sends, and the answers to its commands.

use binance_core::{ApiError, buf::Buf, param::Full, stream::Subscription};

use crate::{
    name::{NameError, StreamName},
    request::{self, Command, RequestId},
    time::Tick,
};

use super::{
    BATCH, EXCHANGE_LIMIT, LinkId, MESSAGE_LEN, Mode, NEVER, Notice, Outgoing, Received, Request,
    RequestError, Session, Slot, Table,
    link::{Both, Phase},
    table::Leg,
};

impl<T: Table> Session<T> {
    /// Sends one command, with an id of the caller's or one made here. Streams of `Subscribe` are wanted from now on,
    /// those of `Unsubscribe` not any more; `List` takes none. The answer comes as [`Received::Reply`], or
    /// [`Notice::Unanswered`] tells that none will.
    ///
    /// # Errors
    /// Any [`RequestError`]; then nothing has changed.
    pub fn request(
        &mut self,
        command: Command,
        streams: &[&dyn Subscription],
        id: Option<RequestId>,
    ) -> Result<RequestId, RequestError> {
        if self.is_ending() {
            return Err(RequestError::Ended);
        }
        let link = self.current;
        if command == Command::List {
            let (id, serial) = self.new_request_id(id)?;
            self.push_request(id.clone(), serial, link, command, true)?;
            return Ok(id);
        }
        let mut names: heapless::Vec<StreamName, BATCH> = heapless::Vec::new();
        let mut len = request::FRAME_LEN;
        for stream in streams {
            let name = self.name_of(*stream)?;
            len += name.len() + 3;
            if !names.contains(&name) {
                names.push(name).map_err(|_| RequestError::Batch)?;
            }
        }
        if names.is_empty() || len > MESSAGE_LEN {
            return Err(RequestError::Batch);
        }
        let new = names.iter().filter(|name| self.slots.get(name).is_none()).count();
        if command == Command::Subscribe && self.slots.len() + new > self.config.max_streams {
            return Err(RequestError::Streams);
        }
        let (id, serial) = self.new_request_id(id)?;
        for name in &names {
            // Also for an UNSUBSCRIBE of what is not known here: the caller asked for the command to be sent.
            if self.slots.entry(name.clone()).is_err() {
                // The new ones are not wanted yet.
                self.forget_unwanted();
                return Err(RequestError::Streams);
            }
        }
        self.push_request(id.clone(), serial, link, command, true)?;
        for name in &names {
            if let Some(slot) = self.slots.get_mut(name) {
                slot.wanted = command == Command::Subscribe;
                slot.in_url &= slot.wanted;
                slot.legs[link] = leg(command, serial);
            }
        }
        self.unsettle();
        Ok(id)
    }

    pub(super) fn name_of(&self, stream: &dyn Subscription) -> Result<StreamName, RequestError> {
        if self.is_ending() {
            return Err(RequestError::Ended);
        }
        if matches!(self.mode, Mode::User(_)) {
            return Err(NameError::Single.into());
        }
        Ok(self.place.name_of(stream)?)
    }

    pub(super) fn enter(&mut self, name: StreamName) -> Result<&mut Slot, RequestError> {
        if self.slots.get(&name).is_none() && self.slots.len() >= self.config.max_streams {
            return Err(RequestError::Streams);
        }
        if self.slots.get(&name).is_none_or(|slot| !slot.wanted) {
            self.unsettle();
        }
        let slot = self.slots.entry(name).map_err(|Full| RequestError::Streams)?;
        slot.wanted = true;
        Ok(slot)
    }

    /// What is wanted has changed.
    pub(super) fn unsettle(&mut self) {
        self.settled = false;
        self.dirty = Both([true; 2]);
        if self.is_connected() && self.paused == Some(self.current.other()) {
            // The link that is to take over has to hear its acknowledgements first.
            self.resume();
        }
        for id in LinkId::ALL {
            self.links[id].settled = None;
        }
    }

    fn new_request_id(&mut self, id: Option<RequestId>) -> Result<(RequestId, u16), RequestError> {
        if self.requests.is_full() {
            return Err(RequestError::Busy);
        }
        let taken = |id: &RequestId| self.requests.iter().any(|request| request.id == *id);
        let id = match id {
            Some(id) if taken(&id) => return Err(RequestError::Id),
            Some(id) => id,
            None => {
                // The caller may have used some of these numbers.
                while taken(&RequestId::Number(self.next_id)) {
                    self.next_id += 1;
                }
                self.next_id += 1;
                RequestId::Number(self.next_id - 1)
            }
        };
        // No stream keeps the serial number of a request longer than the request is in the list.
        self.next_serial = self.next_serial.wrapping_add(1);
        Ok((id, self.next_serial))
    }

    fn push_request(
        &mut self,
        id: RequestId,
        serial: u16,
        link: LinkId,
        command: Command,
        by_caller: bool,
    ) -> Result<(), RequestError> {
        let request = Request { id, serial, link, command, by_caller, sent: None };
        self.requests.push(request).map_err(|_| RequestError::Busy)
    }

    /// Sees whether there is anything to command at all, where it could be sent.
    pub(super) fn look_for_commands(&mut self) {
        let most = self.config.messages_per_second.into();
        for id in LinkId::ALL {
            let link = &self.links[id];
            if self.dirty[id] && link.phase == Phase::Open && link.ceiling.free_at(most) <= self.now {
                self.dirty[id] = self.slots.iter().any(|slot| slot.due(id).is_some());
            }
        }
    }

    /// Whether a frame may go out now.
    pub(super) fn has_frame(&self, id: LinkId) -> bool {
        let link = &self.links[id];
        let free = |most| link.ceiling.free_at(most) <= self.now;
        (link.pong.is_some() && free(EXCHANGE_LIMIT))
            || matches!(link.phase, Phase::Leaving { .. })
            || (link.phase == Phase::Open
                && free(self.config.messages_per_second.into())
                && (self.is_ping_due(id) || self.has_command(id)))
    }

    /// Nothing comes from a link that is not read, so its silence means nothing.
    fn is_ping_due(&self, id: LinkId) -> bool {
        let link = &self.links[id];
        let due = link.pinged.is_none() && self.paused != Some(id);
        due && link.ping_at(&self.config).is_some_and(|at| at <= self.now)
    }

    /// Writes the next frame of a link that has one, and counts it as sent.
    pub(super) fn write_frame<'b>(&mut self, id: LinkId, buffer: &'b mut [u8]) -> Option<Outgoing<'b>> {
        let now = self.now;
        let link = &mut self.links[id];
        if link.ceiling.free_at(EXCHANGE_LIMIT) <= now
            && let Some(payload) = link.pong.take()
        {
            link.ceiling.sent(now);
            return Some(Outgoing::Pong(copied(buffer, &payload)));
        }
        if let Phase::Leaving { until } = link.phase {
            link.phase = Phase::Closing { until };
            return Some(Outgoing::Close(1_000));
        }
        if self.is_ping_due(id) {
            let link = &mut self.links[id];
            link.pinged = Some(now);
            link.ceiling.sent(now);
            return Some(Outgoing::Ping);
        }
        let len = self.write_command(id, buffer).ok()?;
        self.links[id].ceiling.sent(now);
        // What was written is names and ids, which were text.
        buffer.get(..len).and_then(|text| core::str::from_utf8(text).ok()).map(Outgoing::Text)
    }

    /// Whether a command may wait to be sent on this link.
    fn has_command(&self, link: LinkId) -> bool {
        self.links[link].phase == Phase::Open
            && ((self.dirty[link] && !self.requests.is_full()) || self.unsent(link).is_some())
    }

    fn unsent(&self, link: LinkId) -> Option<usize> {
        self.requests.iter().position(|request| request.link == link && request.sent.is_none())
    }

    /// Writes the next command of a link and counts it as sent.
    fn write_command(&mut self, link: LinkId, buffer: &mut [u8]) -> Result<usize, Full> {
        let index = match self.unsent(link) {
            Some(index) => index,
            None => self.make_command(link).ok_or(Full)?,
        };
        let request = self.requests.get_mut(index).ok_or(Full)?;
        let own = leg(request.command, request.serial);
        let names = self.slots.iter().filter(|slot| slot.legs[link] == own).map(|slot| slot.name.as_str());
        let mut out = Buf::new(buffer);
        request::write(&mut out, request.command, names, &request.id)?;
        request.sent = Some(self.now);
        Ok(out.len())
    }

    /// Makes a command of what is wanted and not had, or had and not wanted, as much as fits into one.
    fn make_command(&mut self, link: LinkId) -> Option<usize> {
        let command = self.slots.iter().find_map(|slot| slot.due(link))?;
        let (id, serial) = self.new_request_id(None).ok()?;
        self.push_request(id, serial, link, command, false).ok()?;
        let mut len = request::FRAME_LEN;
        let due = self.slots.iter_mut().filter(|slot| slot.due(link) == Some(command));
        for (index, slot) in due.take(BATCH).enumerate() {
            len += slot.name.len() + 3;
            if len > MESSAGE_LEN || (slot.alone && index > 0) {
                break;
            }
            slot.legs[link] = leg(command, serial);
            if slot.alone {
                break;
            }
        }
        Some(self.requests.len() - 1)
    }

    /// The request at `index` has its answer.
    pub(super) fn answered<'r>(&mut self, index: usize, result: Result<&'r str, ApiError>) -> Received<'r> {
        let request = self.requests.remove(index);
        let (link, now) = (request.link, self.now);
        let own = leg(request.command, request.serial);
        self.dirty[link] = true;
        match &result {
            Ok(_) => {
                for slot in self.slots.iter_mut().filter(|slot| slot.legs[link] == own) {
                    if request.command == Command::Subscribe {
                        slot.acknowledged(link, now);
                        self.silence_at = self.silence_at.min(slot.silent_at().unwrap_or(NEVER));
                    } else {
                        (slot.legs[link], slot.renew) = (Leg::Off, false);
                    }
                }
            }
            Err(error) => self.refused(link, own, request.by_caller, error),
        }
        self.forget_unwanted();
        self.settle();
        if request.by_caller {
            Received::Reply { id: request.id, command: request.command, result }
        } else {
            Received::Handled
        }
    }

    /// A command was refused: streams of a batch are tried one by one, one alone is given up.
    fn refused(&mut self, link: LinkId, own: Leg, by_caller: bool, error: &ApiError) {
        let count = self.slots.iter().filter(|slot| slot.legs[link] == own).count();
        let mut given_up = None;
        for slot in self.slots.iter_mut().filter(|slot| slot.legs[link] == own) {
            slot.legs[link] = Leg::Off;
            if matches!(own, Leg::Leaving(_)) {
                // The exchange still has it, or never had; either way there is nothing more to be done.
                slot.renew = false;
            } else if by_caller {
                slot.wanted = false;
            } else if count == 1 {
                slot.wanted = false;
                given_up = Some(slot.name.clone());
            } else {
                slot.alone = true;
            }
        }
        if let Some(name) = given_up {
            self.refusal = Some(error.clone());
            self.tell(Notice::Refused { name, code: error.code });
        }
    }

    pub(super) fn forget_unwanted(&mut self) {
        self.slots.retain(|slot| slot.wanted || slot.legs != Both([Leg::Off; 2]));
    }

    /// When a frame may go out that has to wait.
    pub(super) fn frame_at(&self, id: LinkId) -> Option<Tick> {
        let link = &self.links[id];
        let pong = link.pong.as_ref().map(|_| link.ceiling.free_at(EXCHANGE_LIMIT));
        let command =
            self.has_command(id).then(|| link.ceiling.free_at(self.config.messages_per_second.into()));
        pong.into_iter().chain(command).min()
    }
}

fn leg(command: Command, serial: u16) -> Leg {
    match command {
        Command::Subscribe => Leg::Asked(serial),
        Command::Unsubscribe => Leg::Leaving(serial),
        // It names no streams.
        Command::List => Leg::Listing,
    }
}

fn copied<'b>(buffer: &'b mut [u8], payload: &[u8]) -> &'b [u8] {
    let len = payload.len().min(buffer.len());
    let (buffer, payload) =
        (buffer.get_mut(..len).unwrap_or_default(), payload.get(..len).unwrap_or_default());
    buffer.copy_from_slice(payload);
    buffer
}
