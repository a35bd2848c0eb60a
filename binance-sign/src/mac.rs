//! HMAC-SHA256 by the hmac crate, keyed once.
//!
//! The crate's own buffering hashes block by block what was written a moment ago, which takes it half of the time of
//! the hash again. Here a message is gathered in blocks, and the crate's block-level interface hashes them at once.

use hmac::{
    KeyInit,
    block_api::HmacCore,
    digest::{
        Output,
        block_api::{Block, Buffer, FixedOutputCore, UpdateCore},
    },
};
use sha2::Sha256;

type Core = HmacCore<Sha256>;

/// How many blocks of 64 bytes are gathered before they are hashed.
const BLOCKS: usize = 2;

/// A key, as the two states that it starts the two hashes with. Zeroized on drop.
#[derive(Clone)]
pub(crate) struct Keyed(Core);

impl Keyed {
    pub(crate) fn new(key: &[u8]) -> Self {
        Self(Core::new_from_slice(key).expect("HMAC takes keys of any length"))
    }

    /// Starts on a message, from a copy of the states.
    #[inline]
    pub(crate) fn start(&self) -> Mac {
        Mac { core: self.0.clone(), room: Aligned([[0; 64]; BLOCKS]), filled: 0 }
    }
}

/// Blocks that start where a line of the cache does: what lies across two is slow to read right behind its write.
#[repr(align(64))]
struct Aligned([[u8; 64]; BLOCKS]);

/// A message that is being read. Zeroized on drop.
pub(crate) struct Mac {
    core: Core,
    /// What was read and not yet hashed.
    room: Aligned,
    /// How much of it there is, less than all.
    filled: usize,
}

impl Mac {
    #[inline]
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        loop {
            let (_, room) = self.room.0.as_flattened_mut().split_at_mut(self.filled);
            if bytes.len() < room.len() {
                let (start, _) = room.split_at_mut(bytes.len());
                start.copy_from_slice(bytes);
                self.filled += bytes.len();
                return;
            }
            let (head, tail) = bytes.split_at(room.len());
            room.copy_from_slice(head);
            self.core.update_blocks(Block::<Core>::cast_slice_from_core(&self.room.0));
            self.filled = 0;
            bytes = tail;
        }
    }

    /// The code of what was read. By reference, so that the room is not moved.
    #[inline]
    pub(crate) fn finish(&mut self) -> [u8; 32] {
        let (blocks, rest) = self.room.0.split_at(self.filled / 64);
        self.core.update_blocks(Block::<Core>::cast_slice_from_core(blocks));
        let rest = rest.as_flattened().get(..self.filled % 64).unwrap_or_default();
        let mut buffer = Buffer::<Core>::new(rest);
        let mut code = Output::<Core>::default();
        self.core.finalize_fixed_core(&mut buffer, &mut code);
        code.into()
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, Mac as _};

    use super::*;

    #[test]
    fn agrees_with_the_crates_own_buffering_for_every_length_of_key_message_and_piece() {
        let bytes: [u8; 600] = core::array::from_fn(|index| (index * 31 + index / 256 + 7) as u8);
        for (key, piece) in [(0, 1), (1, 63), (20, 64), (63, 65), (64, 3), (65, 127), (131, 128), (200, 600)]
        {
            let keyed = Keyed::new(&bytes[..key]);
            for len in 0..bytes.len() {
                let message = &bytes[bytes.len() - len..];
                let mut plain: Hmac<Sha256> = KeyInit::new_from_slice(&bytes[..key]).unwrap();
                plain.update(message);
                let mut gathered = keyed.start();
                message.chunks(piece).for_each(|piece| gathered.update(piece));
                assert_eq!(gathered.finish()[..], plain.finalize().into_bytes()[..], "{key} {len} {piece}");
            }
        }
    }
}
