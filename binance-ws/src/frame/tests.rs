use std::{format, string::String, vec, vec::Vec};

use binance_core::param::Full;

use super::*;

/// A frame as servers send it.
fn server(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        len @ 0..=125 => frame.push(len as u8),
        len @ 126..=0xffff => {
            frame.push(126);
            frame.extend((len as u16).to_be_bytes());
        }
        len => {
            frame.push(127);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    frame.extend(payload);
    frame
}

/// All frames of `bytes`, given in pieces of at most `piece` bytes to a buffer of `size`.
fn frames(bytes: &[u8], size: usize, piece: usize) -> (Vec<String>, Option<FrameError>) {
    let mut inbox = Inbox::new(vec![0xaa; size]);
    let mut got = Vec::new();
    let mut rest = bytes;
    loop {
        loop {
            match inbox.take() {
                Ok(Some(frame)) => got.push(match frame {
                    Frame::Text(text) => format!("text {text}"),
                    Frame::Binary(bytes) => format!("binary {bytes:?}"),
                    Frame::Ping(payload) => format!("ping {payload:?}"),
                    Frame::Pong(payload) => format!("pong {payload:?}"),
                    Frame::Close(code, reason) => format!("close {code} {reason}"),
                }),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(inbox.take(), Err(error), "it stays broken");
                    return (got, Some(error));
                }
            }
        }
        if rest.is_empty() {
            return (got, None);
        }
        let room = match inbox.room() {
            Ok(room) => room,
            Err(error) => return (got, Some(error)),
        };
        let len = piece.min(room.len()).min(rest.len());
        room[..len].copy_from_slice(&rest[..len]);
        inbox.filled(len);
        rest = &rest[len..];
    }
}

fn conversation() -> (Vec<u8>, Vec<String>) {
    let middle = "m".repeat(300);
    let long = "l".repeat(70_000);
    let mut bytes = Vec::new();
    for (first, payload) in [
        (0x81, &b"Hello"[..]),
        (0x81, b""),
        (0x01, "gr\u{fc}".as_bytes()),
        (0x89, b"ping"),
        (0x00, b""),
        (0x8a, b""),
        (0x80, "\u{df}e".as_bytes()),
        (0x82, &[0, 255, 1]),
        (0x81, middle.as_bytes()),
        (0x02, b"ab"),
        (0x80, b"c"),
        (0x81, long.as_bytes()),
        (0x88, b"\x03\xe8bye"),
    ] {
        bytes.extend(server(first, payload));
    }
    let got = vec![
        "text Hello".into(),
        "text ".into(),
        "ping [112, 105, 110, 103]".into(),
        "pong []".into(),
        "text gr\u{fc}\u{df}e".into(),
        "binary [0, 255, 1]".into(),
        format!("text {middle}"),
        "binary [97, 98, 99]".into(),
        format!("text {long}"),
        "close 1000 bye".into(),
    ];
    (bytes, got)
}

#[test]
fn frames_are_the_same_at_every_split_and_in_every_buffer_that_they_fit_into() {
    let (bytes, expected) = conversation();
    for (size, piece) in [
        (70_010, 1),
        (70_010, 7),
        (70_010, usize::MAX),
        (70_011, 1_000),
        (100_000, 65_536),
        (1 << 20, usize::MAX),
        (80_000, 3),
    ] {
        let (got, error) = frames(&bytes, size, piece);
        assert_eq!((got.len(), error), (expected.len(), None), "{size} {piece}");
        assert!(got == expected, "{size} {piece}");
    }
    // The short ones once more, split in two at every place, in a buffer that is only just large enough.
    let short = &bytes[..bytes.len() - 70_010 - 7];
    let expected = &expected[..expected.len() - 2];
    for split in 0..=short.len() {
        let mut inbox = Inbox::new([0; 304]);
        let mut got = 0;
        for half in [&short[..split], &short[split..]] {
            let mut half = half;
            loop {
                while let Some(_frame) = inbox.take().unwrap() {
                    got += 1;
                }
                if half.is_empty() {
                    break;
                }
                let room = inbox.room().unwrap();
                let len = room.len().min(half.len());
                room[..len].copy_from_slice(&half[..len]);
                inbox.filled(len);
                half = &half[len..];
            }
        }
        assert_eq!(got, expected.len(), "{split}");
    }
}

#[test]
fn an_empty_fragment_is_one() {
    for piece in 1..=8 {
        assert_eq!(frames(b"\x01\x00\x00\x00\x80\x02hi", 16, piece).0, ["text hi"]);
        assert_eq!(
            frames(b"\x81\x03abc\x01\x00\x80\x00\x82\x00", 16, piece).0,
            ["text abc", "text ", "binary []"]
        );
    }
}

#[test]
fn a_message_that_does_not_fit_is_told_as_soon_as_its_head_is_there() {
    let text = server(0x81, &[b'x'; 200]);
    assert_eq!(frames(&text, 204, 1).1, None);
    assert_eq!(frames(&text[..4], 203, 4).1, Some(FrameError::TooLong));
    let mut fragments = server(0x01, &[b'x'; 100]);
    fragments.extend(server(0x80, &[b'y'; 100]));
    assert_eq!(frames(&fragments, 202, 1).0.len(), 1);
    assert_eq!(frames(&fragments, 201, 1).1, Some(FrameError::TooLong));
    let huge = [0x81, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    assert_eq!(frames(&huge, 64, 10).1, Some(FrameError::TooLong));
    // A buffer too small for a head.
    assert_eq!(frames(&huge, 9, 1).1, Some(FrameError::TooLong));
    assert_eq!(frames(&huge, 0, 1).1, Some(FrameError::TooLong));
}

#[test]
fn what_the_rfc_forbids_is_refused() {
    for (bytes, expected) in [
        (&[0xc1, 0][..], FrameError::Reserved),
        (&[0xa1, 0], FrameError::Reserved),
        (&[0x91, 0], FrameError::Reserved),
        (&[0x83, 0], FrameError::Opcode),
        (&[0x8b, 0], FrameError::Opcode),
        (&[0x81, 0x80, 1, 2, 3, 4], FrameError::Masked),
        (&[0x81, 126, 0, 125], FrameError::Length),
        (&[0x81, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff], FrameError::Length),
        (&[0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], FrameError::Length),
        (&[0x09, 0], FrameError::Control),
        (&[0x89, 126, 0, 126], FrameError::Control),
        (&[0x80, 0], FrameError::Fragment),
        (&[0x01, 0, 0x81, 0], FrameError::Fragment),
        (&[0x81, 1, 0xff], FrameError::Utf8),
        (&[0x01, 1, 0xc3, 0x80, 1, 0x28], FrameError::Utf8),
        (&[0x88, 1, 3], FrameError::CloseCode),
        (&[0x88, 2, 3, 0xed], FrameError::CloseCode),
        (&[0x88, 2, 0, 0], FrameError::CloseCode),
        (&[0x88, 3, 3, 0xe8, 0xff], FrameError::Utf8),
    ] {
        for piece in 1..=bytes.len() {
            assert_eq!(frames(bytes, 64, piece).1, Some(expected), "{bytes:x?} by {piece}");
        }
    }
    // A character in two fragments is one.
    assert_eq!(frames(&[0x01, 1, 0xc3, 0x80, 1, 0xbc], 64, 1).0, ["text \u{fc}"]);
    assert_eq!(frames(&[0x88, 0], 64, 1).0, ["close 1005 "]);
}

#[test]
fn sealed_frames_have_the_shortest_head_and_fit_or_say_so() {
    for len in [0, 1, 125, 126, 65_535, 65_536] {
        let mut buffer = vec![b'a'; MAX_HEAD + len];
        let mask = [1, 2, 3, 4];
        let frame = seal(&mut buffer, MAX_HEAD..MAX_HEAD + len, Opcode::Text, mask).unwrap();
        let head = match len {
            0..=125 => 6,
            126..=65_535 => 8,
            _ => 14,
        };
        assert_eq!(frame, MAX_HEAD - head..MAX_HEAD + len);
        let frame = &buffer[frame];
        assert_eq!((frame[0], frame[1] & 0x80, &frame[head - 4..head]), (0x81, 0x80, &mask[..]));
        assert!(frame[head..].iter().zip(mask.iter().cycle()).all(|(byte, mask)| byte ^ mask == b'a'));
    }
    let mut small = [0; 20];
    assert_eq!(seal(&mut small, 5..20, Opcode::Text, [0; 4]), Err(Full));
    assert_eq!(seal(&mut small, 14..21, Opcode::Text, [0; 4]), Err(Full));
    let mut control = [0; 200];
    assert_eq!(seal(&mut control, 14..140, Opcode::Ping, [0; 4]), Err(Full));
    assert!(seal(&mut control, 14..139, Opcode::Close, [0; 4]).is_ok());
}
