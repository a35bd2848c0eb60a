//! What waits to go out of a socket: bytes, in one piece as long as nothing shall go wrong between them.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

use crate::frame::{self, Opcode};

/// How many bytes may wait for a socket before it is let go as too slow.
const MOST: usize = 8 * 1_024 * 1_024;

/// What a socket's task shall do next.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Write these bytes.
    Bytes(Vec<u8>),
    /// Write these bytes one by one.
    Slowly(Vec<u8>),
    /// Wait, in host time.
    Pause(Duration),
    /// Say goodbye with this code.
    Close(u16, &'static str),
    /// Go away without a word, after what waits.
    End(End),
}

/// How a socket goes away at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Closed, without a close frame.
    Dropped,
    /// Reset.
    Reset,
}

/// The queue of one socket. Both its ends are on the exchange's thread: the lock is never waited for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    waiting: Mutex<Waiting>,
    /// Something waits.
    filled: Notify,
    /// The socket shall go away.
    ended: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    pieces: VecDeque<Piece>,
    bytes: usize,
    end: Option<End>,
    /// A frame that goes out after the next one.
    held: Option<Vec<u8>>,
}

impl Outbox {
    /// Puts a text message into the queue.
    pub(crate) fn text(&self, text: &str) {
        self.message(Opcode::Text, text.as_bytes());
    }

    /// Puts a message into the queue.
    pub(crate) fn message(&self, opcode: Opcode, payload: &[u8]) {
        self.add(payload.len(), |bytes| frame::write(bytes, opcode, payload));
    }

    /// Puts a frame that is made already into the queue.
    pub(crate) fn frame(&self, frame: &[u8]) {
        self.add(frame.len(), |bytes| bytes.extend_from_slice(frame));
    }

    /// Puts anything into the queue, after what waits there.
    pub(crate) fn push(&self, piece: Piece) {
        let mut waiting = self.lock();
        waiting.bytes += match &piece {
            Piece::Bytes(bytes) | Piece::Slowly(bytes) => bytes.len(),
            _ => 0,
        };
        waiting.pieces.push_back(piece);
        self.0.filled.notify_one();
    }

    /// Keeps a frame back until the next one is in the queue; one that is kept back already goes first.
    pub(crate) fn hold(&self, frame: Vec<u8>) {
        let before = self.lock().held.replace(frame);
        if let Some(before) = before {
            self.push(Piece::Bytes(before));
        }
    }

    /// The socket goes away at once, whatever waits.
    pub(crate) fn end(&self, end: End) {
        self.lock().end.get_or_insert(end);
        self.0.ended.notify_one();
    }

    /// The next piece.
    pub(crate) async fn next(&self) -> Piece {
        loop {
            if let Some(piece) = self.take() {
                return piece;
            }
            self.0.filled.notified().await;
        }
    }

    /// All bytes that wait, as they are.
    pub(crate) fn rest(&self) -> Vec<u8> {
        let mut rest = Vec::new();
        while let Some(piece) = self.take() {
            if let Piece::Bytes(bytes) | Piece::Slowly(bytes) = piece {
                rest.extend(bytes);
            }
        }
        rest
    }

    /// Waits until the socket shall go away.
    pub(crate) async fn ended(&self) -> End {
        loop {
            let end = self.lock().end;
            if let Some(end) = end {
                return end;
            }
            self.0.ended.notified().await;
        }
    }

    fn take(&self) -> Option<Piece> {
        let mut waiting = self.lock();
        let piece = waiting.pieces.pop_front()?;
        if let Piece::Bytes(bytes) | Piece::Slowly(bytes) = &piece {
            waiting.bytes -= bytes.len();
        }
        Some(piece)
    }

    fn add(&self, length: usize, write: impl FnOnce(&mut Vec<u8>)) {
        let mut waiting = self.lock();
        if waiting.bytes + length > MOST {
            waiting.end.get_or_insert(End::Dropped);
            self.0.ended.notify_one();
            return;
        }
        let held = waiting.held.take();
        let was_empty = waiting.pieces.is_empty();
        if !matches!(waiting.pieces.back(), Some(Piece::Bytes(_))) {
            waiting.pieces.push_back(Piece::Bytes(Vec::new()));
        }
        let Some(Piece::Bytes(bytes)) = waiting.pieces.back_mut() else { return };
        let before = bytes.len();
        write(bytes);
        bytes.extend_from_slice(held.as_deref().unwrap_or_default());
        let added = bytes.len() - before;
        waiting.bytes += added;
        drop(waiting);
        if was_empty {
            self.0.filled.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(outbox: &Outbox) -> Vec<u8> {
        match outbox.take() {
            Some(Piece::Bytes(bytes)) => bytes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn frames_go_out_in_one_piece_and_the_order_they_came_in() {
        let outbox = Outbox::default();
        outbox.text("a");
        outbox.frame(&[0x81, 1, b'b']);
        outbox.push(Piece::Pause(Duration::ZERO));
        outbox.text("c");
        assert_eq!(bytes(&outbox), [0x81, 1, b'a', 0x81, 1, b'b']);
        assert!(matches!(outbox.take(), Some(Piece::Pause(_))));
        assert_eq!(bytes(&outbox), [0x81, 1, b'c']);
        assert!(outbox.take().is_none());
    }

    #[test]
    fn a_frame_that_is_held_comes_after_the_next_one() {
        let outbox = Outbox::default();
        outbox.hold(b"1".to_vec());
        assert!(outbox.take().is_none());
        outbox.frame(b"2");
        outbox.frame(b"3");
        assert_eq!(bytes(&outbox), b"213");
    }

    #[test]
    fn a_queue_that_is_full_ends_the_socket() {
        let outbox = Outbox::default();
        let frame = vec![0; MOST / 2];
        outbox.frame(&frame);
        outbox.frame(&frame);
        assert_eq!(outbox.lock().end, None);
        outbox.frame(&[0]);
        assert_eq!(outbox.lock().end, Some(End::Dropped));
        assert_eq!(bytes(&outbox).len(), MOST);
        assert_eq!(outbox.lock().bytes, 0);
    }
}
