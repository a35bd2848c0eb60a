//! Frames read where they are in a buffer whose parts can be kept.

use std::{fmt, ops::Range, vec::Vec};

use bytes::{Buf, Bytes, BytesMut};
use bytestring::ByteString;

use super::{FrameError, MAX_HEAD, close_code, head::Head};

/// How many bytes are read at once at first, and where what is read is kept, which keeps all that was read with it.
const LEAST_READ: usize = 32 * 1_024;

/// How many bytes are read at once where they come faster than they are read: each read makes the system tell the sender
/// that there is room again, which takes longer than the read itself.
const MOST_READ: usize = 1_024 * 1_024;

/// How many bytes of texts are looked at together: as many as stay in the processor's nearest cache.
const RUN: usize = 16 * 1_024;

/// As [`Inbox`](super::Inbox), in a buffer of its own, whose parts can be kept.
///
/// What it gives out is not copied: it holds on to the buffer in which it came. The buffer is used again once everything
/// that came in it is dropped, and otherwise replaced by another one, of 32 KiB.
///
/// ```
/// use binance_ws::frame::{SharedFrame, SharedInbox};
/// let mut inbox = SharedInbox::new(1 << 20);
/// // Two fragments with a ping between them, as from a socket.
/// inbox.room().extend_from_slice(b"\x01\x03Hel\x89\x02hi\x80\x02lo");
/// assert_eq!(inbox.take()?, Some(SharedFrame::Ping("hi".into())));
/// assert_eq!(inbox.take()?, Some(SharedFrame::Text("Hello".into())));
/// assert_eq!(inbox.take()?, None);
/// # Ok::<(), binance_ws::frame::FrameError>(())
/// ```
pub struct SharedInbox {
    /// What is not read yet.
    unread: BytesMut,
    /// The message that came in part, and whether it is a text.
    partial: Option<(BytesMut, bool)>,
    /// How many bytes the buffer was made for.
    size: usize,
    /// How many bytes are read at once.
    read: usize,
    /// How many bytes the next frame has, as far as that is known.
    wanted: usize,
    max_message: usize,
    broken: Option<FrameError>,
    run: Run,
}

/// Texts that came one after the other, looked at together.
#[derive(Default)]
struct Run {
    /// Their frames, with blanks in place of the heads.
    frames: ByteString,
    /// Where they are in it.
    texts: Vec<Range<usize>>,
    /// The one that is next.
    next: usize,
}

/// What came, to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SharedFrame {
    /// A text message, whole.
    Text(ByteString),
    /// A binary message, whole.
    Binary(Bytes),
    /// A ping: its payload has to go back in a pong.
    Ping(Bytes),
    /// A pong.
    Pong(Bytes),
    /// The closing handshake: the code, 1005 when there is none.
    Close(u16),
}

impl SharedInbox {
    /// An inbox that takes messages of up to `max_message` bytes.
    pub fn new(max_message: usize) -> Self {
        Self {
            unread: BytesMut::with_capacity(LEAST_READ),
            partial: None,
            size: LEAST_READ,
            read: LEAST_READ,
            wanted: MAX_HEAD,
            max_message,
            broken: None,
            run: Run::default(),
        }
    }

    /// Where the next bytes go, behind those that are there. It has room for 8 KiB at least, for all of a frame whose head
    /// is there, and for more, up to 1 MiB, each time it is filled to the end. Where a part of the buffer is still held, it
    /// has little room again: what is kept keeps little then.
    pub fn room(&mut self) -> &mut BytesMut {
        let have = self.unread.len();
        let needed = |read: usize| (self.wanted.saturating_sub(have)).max(read / 4);
        let is_full = self.unread.capacity() == have;
        if have > 0 && self.unread.capacity() - have >= needed(self.read) {
            return &mut self.unread;
        }
        // From the front again, where nobody holds a part: what was used last is in the processor's cache.
        let is_alone = self.unread.try_reclaim(self.size.saturating_sub(have));
        self.read = match is_alone {
            true if is_full => (2 * self.read).min(MOST_READ),
            true => self.read,
            false => LEAST_READ,
        };
        if is_alone && self.size < self.read || self.unread.capacity() - have < needed(self.read) {
            self.size = self.read.max(self.wanted);
            let mut other = BytesMut::with_capacity(self.size.max(have));
            other.extend_from_slice(&self.unread);
            self.unread = other;
        }
        &mut self.unread
    }

    /// The next control frame or whole message; `None` when more bytes are needed.
    ///
    /// # Errors
    /// [`FrameError`], from then on always the same.
    pub fn take(&mut self) -> Result<Option<SharedFrame>, FrameError> {
        if self.has_text() {
            let (text, of) = self.text();
            return Ok(Some(SharedFrame::Text(of.slice_ref(text))));
        }
        if let Some(error) = self.broken {
            return Err(error);
        }
        let taken = self.step();
        self.broken = taken.as_ref().err().copied();
        taken
    }

    /// Whether the next thing is a whole text that came in one piece, for [`text`](Self::text) to take.
    #[inline]
    pub(crate) fn has_text(&mut self) -> bool {
        if self.run.is_over() && self.broken.is_none() {
            self.gather();
        }
        !self.run.is_over()
    }

    /// The text that [`has_text`](Self::has_text) told of, in what it came with. Empty when there is none.
    #[inline]
    pub(crate) fn text(&mut self) -> (&str, &ByteString) {
        let Run { frames, texts, next } = &mut self.run;
        let text = texts.get(*next).and_then(|text| frames.get(text.clone()));
        *next += usize::from(text.is_some());
        (text.unwrap_or_default(), frames)
    }

    /// Takes the whole texts that are next, if there are any.
    ///
    /// Whether they are UTF-8 is asked once for all of them, which takes much less time than once for each.
    #[inline(never)]
    fn gather(&mut self) {
        let Run { frames, texts, next } = &mut self.run;
        (*frames, *next) = (ByteString::new(), 0);
        texts.clear();
        let mut end = 0;
        if self.partial.is_none() {
            let unread = &mut *self.unread;
            while end < RUN
                && let Some(rest) = unread.get_mut(end..)
                // What is out of order, or not all there, is for the next step.
                && let Ok(Some(head @ Head { is_last: true, code: 1, .. })) = Head::parse(rest)
                && let Ok(len) = usize::try_from(head.len)
                && len <= (rest.len() - head.size).min(self.max_message)
            {
                match rest.first_chunk_mut::<4>() {
                    // Nearly all of them.
                    Some(bytes) if head.size == 4 => *bytes = [b' '; 4],
                    _ => rest.iter_mut().take(head.size).for_each(|byte| *byte = b' '),
                }
                let start = end + head.size;
                end = start + len;
                texts.push(start..end);
            }
        }
        if end == 0 {
            return;
        }
        let bytes = self.unread.split_to(end).freeze();
        match ByteString::try_from(bytes.clone()) {
            Ok(all) => *frames = all,
            Err(error) => {
                // Those before the broken one are as good as ever.
                let good = error.valid_up_to();
                texts.retain(|text| text.end <= good);
                *frames = ByteString::try_from(bytes.slice(..good)).unwrap_or_default();
                self.broken = Some(FrameError::Utf8);
            }
        }
    }

    fn step(&mut self) -> Result<Option<SharedFrame>, FrameError> {
        loop {
            let Some(head) = Head::parse(&self.unread)? else {
                self.wanted = MAX_HEAD;
                return Ok(None);
            };
            let before = match (&self.partial, head.code) {
                (Some((partial, _)), 0) => partial.len(),
                (None, 0) | (Some(_), 1 | 2) => return Err(FrameError::Fragment),
                _ => 0,
            };
            let len = usize::try_from(head.len)
                .ok()
                .filter(|len| *len <= self.max_message.saturating_sub(before) || head.code >= 8)
                .ok_or(FrameError::TooLong)?;
            if self.unread.len() - head.size < len {
                self.wanted = head.size + len;
                return Ok(None);
            }
            self.unread.advance(head.size);
            let payload = self.unread.split_to(len);
            match (head.code, self.partial.take()) {
                (8, _) => {
                    return close_code(&payload).map(SharedFrame::Close).map(Some);
                }
                (code @ 9.., partial) => {
                    self.partial = partial;
                    let payload = payload.freeze();
                    return Ok(Some(match code {
                        9 => SharedFrame::Ping(payload),
                        _ => SharedFrame::Pong(payload),
                    }));
                }
                (0, Some((mut message, is_text))) => {
                    message.extend_from_slice(&payload);
                    if head.is_last {
                        return whole(message, is_text).map(Some);
                    }
                    self.partial = Some((message, is_text));
                }
                (code, _) if head.is_last => return whole(payload, code == 1).map(Some),
                (code, _) => self.partial = Some((payload, code == 1)),
            }
        }
    }
}

impl Run {
    #[inline]
    fn is_over(&self) -> bool {
        self.next >= self.texts.len()
    }
}

fn whole(message: BytesMut, is_text: bool) -> Result<SharedFrame, FrameError> {
    if is_text {
        ByteString::try_from(message.freeze()).map(SharedFrame::Text).map_err(|_| FrameError::Utf8)
    } else {
        Ok(SharedFrame::Binary(message.freeze()))
    }
}

impl fmt::Debug for SharedInbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is in it may be anybody's orders.
        f.debug_struct("SharedInbox")
            .field("unread", &self.unread.len())
            .field("broken", &self.broken)
            .finish_non_exhaustive()
    }
}
