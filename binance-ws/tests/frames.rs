//! The frames of this crate against those of tungstenite, on random conversations, whole and damaged.
#![cfg(feature = "tungstenite")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::io::Read;

use binance_ws::frame::{FrameError, MAX_HEAD, Opcode, SharedFrame, SharedInbox, seal};
use tokio_tungstenite::tungstenite::{self, Message, WebSocket, protocol::Role};

use self::frames::{Heard, Wire, agree, ours, theirs};

#[path = "common/frames.rs"]
mod frames;

/// More than the longest message has.
const MOST: usize = 1 << 20;

/// Xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

/// What a server sends: messages in fragments, with control frames between them.
fn conversation(random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..=random.below(6) {
        let len = match random.below(8) {
            0 => 125 + random.below(3),
            1 => 65_534 + random.below(4),
            2 => 0,
            _ => random.below(300),
        };
        let is_text = random.below(4) > 0;
        let payload: Vec<u8> = if is_text {
            "a\u{fc}\u{5e01}\u{1f980}".chars().cycle().take(len as usize).collect::<String>().into_bytes()
        } else {
            (0..len).map(|_| random.below(256) as u8).collect()
        };
        let fragments = random.below(4) as usize;
        let mut rest = &payload[..];
        for index in 0..=fragments {
            let is_last = index == fragments;
            let len = if is_last { rest.len() } else { random.below(rest.len() as u64 + 1) as usize };
            let (piece, tail) = rest.split_at(len);
            rest = tail;
            let code = if index > 0 { 0 } else { 2 - u8::from(is_text) };
            frame(&mut bytes, u8::from(is_last) << 7 | code, piece);
            if random.below(4) == 0 {
                let control = [0x89, 0x8a][random.below(2) as usize];
                let len = random.below(126) as usize;
                frame(&mut bytes, control, &vec![b'p'; len]);
            }
        }
    }
    bytes
}

fn frame(bytes: &mut Vec<u8>, first: u8, payload: &[u8]) {
    bytes.push(first);
    match payload.len() {
        len @ 0..=125 => bytes.push(len as u8),
        len @ 126..=0xffff => {
            bytes.push(126);
            bytes.extend((len as u16).to_be_bytes());
        }
        len => {
            bytes.push(127);
            bytes.extend((len as u64).to_be_bytes());
        }
    }
    bytes.extend(payload);
}

/// [`ours`] by the inbox whose messages can be kept. Keeps all of them.
fn shared(mut wire: Wire<'_>, most: usize) -> Heard<FrameError> {
    let mut inbox = SharedInbox::new(most);
    let mut frames = Vec::new();
    let error = 'read: loop {
        loop {
            match inbox.take() {
                Ok(Some(SharedFrame::Close(_))) => break 'read None,
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(inbox.take(), Err(error), "it stays broken");
                    break 'read Some(error);
                }
            }
        }
        let mut bytes = [0; 4_096];
        match wire.read(&mut bytes).unwrap() {
            0 => break None,
            len => inbox.room().extend_from_slice(&bytes[..len]),
        }
    };
    let heard = frames.into_iter().map(|frame| match frame {
        SharedFrame::Text(text) => ('t', text.as_bytes().to_vec()),
        SharedFrame::Binary(bytes) => ('b', bytes.to_vec()),
        SharedFrame::Ping(payload) => ('i', payload.to_vec()),
        SharedFrame::Pong(payload) => ('o', payload.to_vec()),
        SharedFrame::Close(_) => unreachable!("it ends the loop"),
    });
    (heard.collect(), error)
}

#[test]
fn whole_conversations_are_read_alike() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..200 {
        let bytes = conversation(&mut random);
        let pieces: &[usize] =
            if bytes.len() < 10_000 { &[1, 2, 5, 100] } else { &[1_000, 4_096, usize::MAX] };
        let piece = pieces[random.below(pieces.len() as u64) as usize];
        // All of it, or just a little more than the longest message there is.
        let size = if random.below(2) == 0 { bytes.len() + 1 } else { 290_000 };
        let (got, error) = ours(Wire::new(&bytes, piece), size);
        let (expected, other) = theirs(Wire::new(&bytes, piece), MOST);
        assert!(error.is_none() && other.is_none(), "{error:?} {other:?}");
        assert!(shared(Wire::new(&bytes, piece), MOST) == (got.clone(), None));
        assert!(got == expected, "{} and {} messages", got.len(), expected.len());
    }
}

#[test]
fn damaged_conversations_end_alike() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let (mut broken, mut fine) = (0, 0);
    for _ in 0..2_000 {
        let mut bytes = conversation(&mut random);
        bytes.truncate(3_000);
        for _ in 0..=random.below(2) {
            let at = random.below(bytes.len() as u64) as usize;
            match random.below(3) {
                0 => bytes[at] ^= 1 << random.below(8),
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, random.below(256) as u8),
            }
            if bytes.is_empty() {
                bytes.push(0);
            }
        }
        let piece = [1, 3, usize::MAX][random.below(3) as usize];
        let whole = ours(Wire::new(&bytes, piece), MOST);
        let other = theirs(Wire::new(&bytes, piece), MOST);
        assert!(shared(Wire::new(&bytes, piece), MOST) == whole);
        assert!(agree(&whole, &other), "{:?} {:?} {bytes:x?}", whole.1, other.1);
        match (whole.1.is_some(), other.1.is_some()) {
            (true, true) => broken += 1,
            (false, false) => fine += 1,
            _ => {}
        }
    }
    assert!(broken > 200 && fine > 200, "{broken} {fine}");
}

/// A conversation with everything in it, and what it begins with that breaks a rule.
fn cases() -> Vec<(Vec<u8>, Option<FrameError>)> {
    let mut fine = Vec::new();
    for len in [0, 1, 125, 126, 127, 300] {
        frame(&mut fine, 0x81, "x".repeat(len).as_bytes());
        frame(&mut fine, 0x82, &vec![0xff; len]);
    }
    frame(&mut fine, 0x01, "gr\u{fc}".as_bytes());
    frame(&mut fine, 0x89, b"ping");
    // A character that is cut in two.
    frame(&mut fine, 0x00, &"\u{df}".as_bytes()[..1]);
    frame(&mut fine, 0x8a, &[b'o'; 125]);
    frame(&mut fine, 0x80, &"\u{df}".as_bytes()[1..]);
    let mut cases = vec![(fine.clone(), None)];
    for (broken, error) in [
        (&b"\xc1\x01x"[..], FrameError::Reserved),
        (b"\xa1\x01x", FrameError::Reserved),
        (b"\x91\x01x", FrameError::Reserved),
        (b"\x83\x01x", FrameError::Opcode),
        (b"\x8f\x00", FrameError::Opcode),
        (b"\x81\x81\x00\x00\x00\x00x", FrameError::Masked),
        (b"\x09\x00", FrameError::Control),
        (b"\x89\x7e\x00\x7e", FrameError::Control),
        (b"\x80\x01x", FrameError::Fragment),
        (b"\x01\x01x\x81\x01y", FrameError::Fragment),
        (b"\x81\x02\xc3\x28", FrameError::Utf8),
        (b"\x01\x01\xc3\x80\x01\x28", FrameError::Utf8),
        (b"\x81\x03\xed\xa0\x80", FrameError::Utf8),
        (b"\x81\x7e\x00\x7d", FrameError::Length),
        (b"\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff", FrameError::Length),
        (b"\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00", FrameError::Length),
        (b"\x81\x7f\x00\x00\x00\x00\x00\x10\x00\x01", FrameError::TooLong),
        (b"\x88\x01\x03", FrameError::CloseCode),
        (b"\x88\x02\x03\xed", FrameError::CloseCode),
        (b"\x88\x04\x03\xe8\xc3\x28", FrameError::Utf8),
    ] {
        let mut bytes = Vec::new();
        frame(&mut bytes, 0x81, b"before");
        bytes.extend(broken);
        // What comes behind a broken rule is not looked at.
        frame(&mut bytes, 0x81, &[b'z'; 130]);
        cases.push((bytes, Some(error)));
    }
    cases
}

#[test]
fn every_split_is_read_alike() {
    for (bytes, error) in cases() {
        let (expected, other) = theirs(Wire::new(&bytes, usize::MAX), MOST);
        for first in 1..=bytes.len() {
            // Byte by byte too, now and then.
            let pieces = if first % 50 == 1 { &[1, usize::MAX][..] } else { &[usize::MAX] };
            for &piece in pieces {
                let wire = Wire { bytes: &bytes, first, piece };
                let (got, found) = ours(wire, MOST);
                assert_eq!(found, error, "{bytes:x?} {first}");
                assert!(shared(wire, MOST) == (got.clone(), found), "{bytes:x?} {first}");
                match error {
                    // It takes these: longer forms of lengths, and codes that must not be sent.
                    Some(FrameError::Length | FrameError::CloseCode) => assert!(expected.starts_with(&got)),
                    // It waits for the payload, which does not come, before it looks at the head.
                    Some(FrameError::Control) => assert_eq!(got, expected),
                    _ => {
                        assert_eq!(got, expected, "{bytes:x?} {first}");
                        assert_eq!(other.is_some(), error.is_some(), "{other:?} {bytes:x?}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_is_sealed_is_read_by_a_server() {
    let mut random = Random(7);
    for (opcode, kind) in
        [(Opcode::Text, 't'), (Opcode::Binary, 'b'), (Opcode::Ping, 'i'), (Opcode::Pong, 'o')]
    {
        for len in [0, 1, 3, 124, 125, 126, 127, 65_535, 65_536, 70_001] {
            if len > 125 && matches!(kind, 'i' | 'o') {
                continue;
            }
            let mut buffer = vec![b'x'; MAX_HEAD + len];
            let mask = (random.below(u64::from(u32::MAX)) as u32).to_be_bytes();
            let frame = seal(&mut buffer, MAX_HEAD..MAX_HEAD + len, opcode, mask).unwrap();
            let wire = Wire::new(&buffer[frame], usize::MAX);
            let mut socket = WebSocket::from_raw_socket(wire, Role::Server, None);
            let (got, payload) = match socket.read().unwrap() {
                Message::Text(text) => ('t', text.as_bytes().to_vec()),
                Message::Binary(bytes) => ('b', bytes.to_vec()),
                Message::Ping(payload) => ('i', payload.to_vec()),
                Message::Pong(payload) => ('o', payload.to_vec()),
                other => panic!("{other:?}"),
            };
            assert_eq!((got, payload), (kind, vec![b'x'; len]));
        }
    }
}

#[test]
fn an_inbox_grows_while_reads_fill_it_and_uses_its_front_again_while_they_do_not() {
    let frame = [b"\x81\x7e\x00\xc8".as_slice(), &[b'x'; 200]].concat();
    let text = |frame: Option<SharedFrame>| match frame {
        Some(SharedFrame::Text(text)) => text,
        other => panic!("{other:?}"),
    };
    let mut inbox = SharedInbox::new(MOST);
    let (front, first) = (inbox.room().as_ptr(), inbox.room().capacity());
    for _ in 0..1_000 {
        inbox.room().extend_from_slice(&frame);
        assert_eq!(text(inbox.take().unwrap()).as_bytes(), &frame[4..]);
        assert_eq!(inbox.take(), Ok(None));
        assert_eq!((inbox.room().as_ptr(), inbox.room().capacity()), (front, first));
    }
    // What is kept stays as it is, whatever comes behind it.
    inbox.room().extend_from_slice(&frame);
    let kept = text(inbox.take().unwrap());
    assert_eq!(inbox.take(), Ok(None));
    let mut sent = frame.iter().cycle();
    let mut grown = Vec::new();
    let (mut bytes, mut texts) = (0, 0);
    for _ in 0..20 {
        let room = inbox.room();
        let spare = room.capacity() - room.len();
        grown.push(room.capacity());
        room.extend(sent.by_ref().take(spare));
        bytes += spare;
        while let Some(frame) = inbox.take().unwrap() {
            assert_eq!(text(Some(frame)), kept);
            texts += 1;
        }
    }
    assert_eq!(texts, bytes / frame.len());
    assert!(grown.is_sorted() && grown.last() == Some(&(1 << 20)), "{grown:?}");
    // Who keeps one of each read keeps little of each.
    let mut kept = Vec::new();
    let mut kept_of = Vec::new();
    for _ in 0..20 {
        let room = inbox.room();
        let spare = room.capacity() - room.len();
        kept_of.push(room.capacity());
        room.extend(sent.by_ref().take(spare));
        kept.push(text(inbox.take().unwrap()));
        while inbox.take().unwrap().is_some() {}
    }
    assert!(kept_of.iter().skip(2).all(|capacity| *capacity <= 1 << 16), "{kept_of:?}");
}
