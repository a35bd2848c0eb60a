//! Frames are the same however they are cut into pieces and however small the buffer is, and what tungstenite reads.

use binance_ws::frame::{FrameError, MAX_HEAD, Opcode, seal};
use tungstenite::{self, Message, WebSocket, protocol::Role};

use self::frames::{Wire, agree, ours, theirs};

#[path = "../../binance-ws/tests/common/frames.rs"]
mod frames;

/// Far more than an input has, so that what does not fit is refused by both for that.
const SIZE: usize = 1 << 16;

/// Takes the input as what comes over a connection before it ends. Its first byte says how it is cut.
pub fn check(data: &[u8]) {
    let Some((&cut, bytes)) = data.split_first() else { return };
    let whole = ours(Wire::new(bytes, usize::MAX), SIZE);
    let piece = usize::from(cut % 32) + 1;
    assert!(whole == ours(Wire::new(bytes, piece), SIZE));
    // In a small buffer all is the same up to the first that does not fit.
    let size = usize::from(cut) + 16;
    let small = ours(Wire::new(bytes, piece), size);
    match small.1 {
        Some(FrameError::TooLong) => assert!(whole.0.starts_with(&small.0)),
        _ => assert!(whole == small),
    }
    let other = theirs(Wire::new(bytes, piece), SIZE);
    assert!(agree(&whole, &other), "{:?} {:?}", whole.1, other.1);

    sealed(data, cut);
}

/// What is sealed is read by a server.
fn sealed(payload: &[u8], mask: u8) {
    let mut buffer = vec![0; MAX_HEAD];
    buffer.extend_from_slice(payload);
    let mask = [mask, mask ^ 0x55, mask.wrapping_add(17), 0];
    let range = MAX_HEAD..buffer.len();
    let frame = seal(&mut buffer, range, Opcode::Binary, mask).expect("there is room");
    let wire = Wire::new(&buffer[frame], usize::MAX);
    let mut socket = WebSocket::from_raw_socket(wire, Role::Server, None);
    match socket.read() {
        Ok(Message::Binary(bytes)) => assert_eq!(&bytes[..], payload),
        other => panic!("{other:?}"),
    }
}
