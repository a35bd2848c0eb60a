//! Frames read where they are in a buffer of the caller's.

use core::{fmt, ops::Range, str};

use super::{Frame, FrameError, close, head::Head};

/// A receive buffer in which frames are read where they are.
///
/// Put bytes into [`room`](Self::room), tell how many by [`filled`](Self::filled), then take frames until there are
/// none. A message and its frames' heads have to fit into the buffer; beyond that, a larger buffer only means fewer
/// reads.
///
/// ```
/// use binance_ws::frame::{Frame, Inbox};
/// let mut inbox = Inbox::new([0; 64]);
/// // Two fragments with a ping between them, as from a socket.
/// let bytes = b"\x01\x03Hel\x89\x02hi\x80\x02lo";
/// inbox.room()?[..bytes.len()].copy_from_slice(bytes);
/// inbox.filled(bytes.len());
/// assert_eq!(inbox.take()?, Some(Frame::Ping(b"hi")));
/// assert_eq!(inbox.take()?, Some(Frame::Text("Hello")));
/// assert_eq!(inbox.take()?, None);
/// # Ok::<(), binance_ws::frame::FrameError>(())
/// ```
#[derive(Clone)]
pub struct Inbox<B> {
    bytes: B,
    /// The message that came in part: where its payload is.
    partial: Option<Partial>,
    /// Where the next head is.
    read: usize,
    /// Where the next bytes go.
    end: usize,
    /// The connection broke a rule.
    broken: Option<FrameError>,
}

#[derive(Clone, Copy)]
struct Partial {
    start: usize,
    end: usize,
    is_text: bool,
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> Inbox<B> {
    /// An inbox in `bytes`, whatever is in them.
    pub fn new(bytes: B) -> Self {
        Self { bytes, partial: None, read: 0, end: 0, broken: None }
    }

    /// Where the next bytes go; at least one. Moves what is left to the front when there is little room behind it.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] when a message fills the buffer and has not ended.
    pub fn room(&mut self) -> Result<&mut [u8], FrameError> {
        let size = self.bytes.as_ref().len();
        let first = self.partial.map_or(self.read, |partial| partial.start);
        // Nothing to move, or more to win than to move.
        if first == self.end || self.end == size || (size - self.end < size / 4 && first > size / 4) {
            self.compact();
        }
        match self.bytes.as_mut().get_mut(self.end..) {
            Some(room) if !room.is_empty() => Ok(room),
            _ => Err(FrameError::TooLong),
        }
    }

    /// So many bytes were put into [`room`](Self::room).
    pub fn filled(&mut self, len: usize) {
        self.end = self.end.saturating_add(len).min(self.bytes.as_ref().len());
    }

    /// The next frame or whole message; `None` when more bytes are needed.
    ///
    /// # Errors
    /// [`FrameError`], from then on always the same.
    pub fn take(&mut self) -> Result<Option<Frame<'_>>, FrameError> {
        let Some((kind, payload)) = self.advance()? else { return Ok(None) };
        let payload = self.bytes.as_ref().get(payload).unwrap_or_default();
        let frame = match kind {
            Kind::Text => str::from_utf8(payload).map(Frame::Text).map_err(|_| FrameError::Utf8),
            Kind::Binary => Ok(Frame::Binary(payload)),
            Kind::Ping => Ok(Frame::Ping(payload)),
            Kind::Pong => Ok(Frame::Pong(payload)),
            Kind::Close => close(payload),
        };
        if let Err(error) = frame {
            self.broken = Some(error);
        }
        frame.map(Some)
    }

    /// As [`take`](Self::take), but tells only where the payload is, and checks nothing of it.
    pub(crate) fn advance(&mut self) -> Result<Option<(Kind, Range<usize>)>, FrameError> {
        if let Some(error) = self.broken {
            return Err(error);
        }
        let step = self.step();
        self.broken = step.as_ref().err().copied();
        step
    }

    /// A payload that [`advance`](Self::advance) told of. Is there until [`room`](Self::room) is asked for.
    #[cfg(any(feature = "embedded", feature = "embedded-async"))]
    pub(crate) fn payload(&self, payload: Range<usize>) -> Option<&[u8]> {
        self.bytes.as_ref().get(payload)
    }

    /// What is not read yet.
    #[cfg(any(feature = "embedded", feature = "embedded-async"))]
    pub(crate) fn unread(&self) -> &[u8] {
        self.bytes.as_ref().get(self.read..self.end).unwrap_or_default()
    }

    /// Reads so many bytes, which are no frame.
    #[cfg(any(feature = "embedded", feature = "embedded-async"))]
    pub(crate) fn skip(&mut self, len: usize) {
        self.read = self.read.saturating_add(len).min(self.end);
    }

    /// Forgets everything, for another connection.
    #[cfg(any(feature = "embedded", feature = "embedded-async"))]
    pub(crate) fn clear(&mut self) {
        (self.partial, self.read, self.end, self.broken) = (None, 0, 0, None);
    }

    /// Goes to the end of the next whole message or control frame, and gives where its payload is.
    fn step(&mut self) -> Result<Option<(Kind, Range<usize>)>, FrameError> {
        loop {
            let raw = self.bytes.as_ref().get(self.read..self.end).unwrap_or_default();
            let Some(head) = Head::parse(raw)? else { return Ok(None) };
            let start = self.read + head.size;
            let have = self.end - start;
            let Some(len) = usize::try_from(head.len).ok().filter(|len| *len <= have) else {
                return self.would_fit(&head).map(|()| None);
            };
            let payload = start..start + len;
            match head.code {
                8..=10 => {
                    self.read = payload.end;
                    let kind = match head.code {
                        8 => Kind::Close,
                        9 => Kind::Ping,
                        _ => Kind::Pong,
                    };
                    return Ok(Some((kind, payload)));
                }
                0 => {
                    let mut partial = self.partial.ok_or(FrameError::Fragment)?;
                    let end = payload.end;
                    self.bytes.as_mut().copy_within(payload, partial.end);
                    partial.end += len;
                    self.read = end;
                    if head.is_last {
                        self.partial = None;
                        return Ok(Some((Kind::of(partial.is_text), partial.start..partial.end)));
                    }
                    self.partial = Some(partial);
                }
                code => {
                    if self.partial.is_some() {
                        return Err(FrameError::Fragment);
                    }
                    self.read = payload.end;
                    if head.is_last {
                        return Ok(Some((Kind::of(code == 1), payload)));
                    }
                    self.partial =
                        Some(Partial { start: payload.start, end: payload.end, is_text: code == 1 });
                }
            }
        }
    }

    /// Whether a frame that is not there yet fits behind what has to be kept.
    fn would_fit(&self, head: &Head) -> Result<(), FrameError> {
        let kept = self.partial.map_or(0, |partial| partial.end - partial.start);
        let room = self.bytes.as_ref().len().saturating_sub(kept + head.size);
        if head.len > room as u64 { Err(FrameError::TooLong) } else { Ok(()) }
    }

    /// Moves the message that came in part to the front, and the bytes that are not read behind it.
    fn compact(&mut self) {
        let bytes = self.bytes.as_mut();
        let mut front = 0;
        if let Some(partial) = &mut self.partial {
            bytes.copy_within(partial.start..partial.end, 0);
            front = partial.end - partial.start;
            (partial.start, partial.end) = (0, front);
        }
        bytes.copy_within(self.read..self.end, front);
        self.end = front + (self.end - self.read);
        self.read = front;
    }
}

impl<B> fmt::Debug for Inbox<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is in it may be anybody's orders.
        f.debug_struct("Inbox")
            .field("unread", &(self.end - self.read))
            .field("broken", &self.broken)
            .finish()
    }
}

/// What kind of frame or message.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Binary,
    Ping,
    Pong,
    Close,
}

impl Kind {
    const fn of(is_text: bool) -> Self {
        if is_text { Self::Text } else { Self::Binary }
    }
}
