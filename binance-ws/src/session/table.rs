//! The streams of a session, found by name.

use core::{cmp::Ordering, fmt, ops::Range};

use binance_core::param::Full;

use crate::{name::StreamName, request::Command, time::Tick};

use super::{
    link::{Both, LINKS, LinkId},
    silence,
};

/// One stream of a session. The session makes them; a [`Table`] keeps them.
// In this order, and at such addresses: all that an event looks at and changes, and the first 48 bytes of the name, come
// into the cache as one line. With many streams it is memory that takes the time.
#[cfg_attr(not(all(target_os = "none", target_pointer_width = "32")), repr(C, align(64)))]
#[derive(Clone, Debug)]
pub struct Slot {
    hash: u32,
    /// How many bytes the name has. It says so itself, far behind.
    len: u8,
    /// Whether there was an event since the acknowledgement.
    pub(super) ever: bool,
    /// Whether the caller was told that it is silent.
    pub(super) silent: bool,
    /// Whether the caller wants it; what is not wanted goes as soon as no connection has it.
    pub(super) wanted: bool,
    /// The last event, or the acknowledgement if there was none since.
    pub(super) fed: Tick,
    pub(super) name: StreamName,
    /// Whether it has to be asked for in a command of its own, since one with others was refused.
    pub(super) alone: bool,
    /// Whether it stands in the address of the connection, and so needs no command.
    pub(super) in_url: bool,
    /// Whether it is to be unsubscribed and subscribed again, since it has fallen silent.
    pub(super) renew: bool,
    pub(super) legs: Both<Leg>,
    /// The number of the newest event, and the serial number of the connection that it came by, while two overlap.
    pub(super) newest: Option<(u64, u32)>,
}

/// What a connection has of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leg {
    /// Nothing.
    Off,
    /// It is asked for, by the request with this serial number.
    Asked(u16),
    /// It is subscribed to.
    Live,
    /// It is being given up, by the request with this serial number.
    Leaving(u16),
    /// No stream is in this state: it stands for the streams of a command that names none.
    Listing,
}

impl Slot {
    pub(super) fn new(name: StreamName) -> Self {
        Self {
            hash: hash(&name),
            // At most 95.
            len: name.as_bytes().len() as u8,
            name,
            wanted: false,
            alone: false,
            in_url: false,
            renew: false,
            legs: Both([Leg::Off; LINKS]),
            fed: Tick(0),
            ever: false,
            silent: false,
            newest: None,
        }
    }

    #[inline]
    fn is(&self, hash: u32, name: &str) -> bool {
        self.hash == hash
            && usize::from(self.len) == name.len()
            && self.name.padded().get(..name.len()).is_some_and(|same| is_same(same, name.as_bytes()))
    }

    /// The command that it needs on a link.
    pub(super) fn due(&self, link: LinkId) -> Option<Command> {
        match (self.wanted, self.legs[link]) {
            (true, Leg::Off) => Some(Command::Subscribe),
            (true, Leg::Live) if self.renew => Some(Command::Unsubscribe),
            (false, Leg::Live) => Some(Command::Unsubscribe),
            _ => None,
        }
    }

    /// The exchange has acknowledged it, or it stands in the address.
    pub(super) fn acknowledged(&mut self, link: LinkId, now: Tick) {
        self.legs[link] = Leg::Live;
        self.alone = false;
        // One that is told silent stays so until something comes.
        if !self.silent {
            (self.fed, self.ever) = (now, false);
        }
    }

    /// When it counts as silent, if the caller was not told yet.
    pub(super) fn silent_at(&self) -> Option<Tick> {
        let limits = silence::limits(&self.name);
        let limit = if self.ever { limits.next } else { limits.first };
        limit.filter(|_| self.wanted && !self.silent).map(|limit| self.fed.plus(limit))
    }
}

/// Where a session keeps its streams: a `Vec` where there is a heap, a `heapless::Vec` where there is none.
pub trait Table: AsRef<[Slot]> + AsMut<[Slot]> {
    /// Puts `slot` at `index`, which is at most the length, and moves those behind it.
    ///
    /// # Errors
    /// [`Full`] when there is no room.
    fn insert(&mut self, index: usize, slot: Slot) -> Result<(), Full>;

    /// Takes out the one at `index`, if there is one, and moves those behind it.
    fn remove(&mut self, index: usize);
}

impl<const N: usize> Table for heapless::Vec<Slot, N> {
    fn insert(&mut self, index: usize, slot: Slot) -> Result<(), Full> {
        heapless::Vec::insert(self, index, slot).map_err(|_| Full)
    }

    fn remove(&mut self, index: usize) {
        if index < self.len() {
            heapless::Vec::remove(self, index);
        }
    }
}

#[cfg(feature = "std")]
impl Table for std::vec::Vec<Slot> {
    fn insert(&mut self, index: usize, slot: Slot) -> Result<(), Full> {
        if index > self.len() {
            return Err(Full);
        }
        std::vec::Vec::insert(self, index, slot);
        Ok(())
    }

    fn remove(&mut self, index: usize) {
        if index < self.len() {
            std::vec::Vec::remove(self, index);
        }
    }
}

/// A table in the order of the names' hashes, so that a message's stream is found in a few steps.
#[derive(Clone)]
pub(super) struct Slots<T> {
    table: T,
    /// How many slots there are whose hash has first bits below the index: where those with these bits begin.
    starts: [u16; STARTS],
}

/// How many bits of a hash `starts` goes by. Where there may be a thousand streams, so many that most have theirs for
/// themselves; a microcontroller has few streams and little room.
const BITS: u32 = if cfg!(all(target_os = "none", target_pointer_width = "32")) { 6 } else { 11 };

/// One more than these bits have values, for the end of the last.
const STARTS: usize = (1 << BITS) + 1;

impl<T: Table> Slots<T> {
    pub(super) fn new(table: T) -> Self {
        let mut slots = Self { table, starts: [0; STARTS] };
        slots.look();
        slots
    }

    pub(super) fn len(&self) -> usize {
        self.table.as_ref().len()
    }

    pub(super) fn iter(&self) -> core::slice::Iter<'_, Slot> {
        self.table.as_ref().iter()
    }

    pub(super) fn iter_mut(&mut self) -> core::slice::IterMut<'_, Slot> {
        self.table.as_mut().iter_mut()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Slot> {
        self.table.as_ref().get(self.find(name).ok()?)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Slot> {
        let hash = hash(name);
        let Range { start, end } = self.bucket(hash);
        let table = self.table.as_mut();
        // Which of the first two it is, nobody foretells: so that is counted, and not branched upon.
        let index = start + usize::from(table.get(start)?.hash != hash);
        if table.get(index).is_some_and(|slot| slot.is(hash, name)) {
            return table.get_mut(index);
        }
        table.get_mut(start..end)?.iter_mut().find(|slot| slot.is(hash, name))
    }

    /// The slot of this name, a new one if there is none.
    pub(super) fn entry(&mut self, name: StreamName) -> Result<&mut Slot, Full> {
        let index = match self.find(&name) {
            Ok(index) => index,
            Err(_) if u16::try_from(self.len() + 1).is_err() => return Err(Full),
            Err(index) => {
                self.table.insert(index, Slot::new(name))?;
                self.look();
                index
            }
        };
        self.table.as_mut().get_mut(index).ok_or(Full)
    }

    /// Takes out those that `keep` does not keep.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Slot) -> bool) {
        let mut index = 0;
        while let Some(slot) = self.table.as_ref().get(index) {
            if keep(slot) { index += 1 } else { self.table.remove(index) }
        }
        self.look();
    }

    /// Finds out again where things are.
    fn look(&mut self) {
        self.starts.fill(0);
        for slot in self.table.as_ref() {
            // Never too many: `entry` sees to it.
            self.starts[first_bits(slot.hash) + 1] += 1;
        }
        for index in 1..self.starts.len() {
            self.starts[index] += self.starts[index - 1];
        }
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        let hash = hash(name);
        let Range { start, end } = self.bucket(hash);
        for (offset, slot) in self.table.as_ref().get(start..end).unwrap_or_default().iter().enumerate() {
            match slot.hash.cmp(&hash).then_with(|| slot.name.as_bytes().cmp(name.as_bytes())) {
                Ordering::Less => {}
                Ordering::Equal => return Ok(start + offset),
                Ordering::Greater => return Err(start + offset),
            }
        }
        Err(end)
    }

    /// Where the slots are whose hashes have the same first bits: a few, as hashes are spread evenly.
    #[inline]
    fn bucket(&self, hash: u32) -> Range<usize> {
        let first = first_bits(hash);
        usize::from(self.starts[first])..usize::from(self.starts[first + 1])
    }
}

const fn first_bits(hash: u32) -> usize {
    (hash >> (u32::BITS - BITS)) as usize
}

impl<T: fmt::Debug> fmt::Debug for Slots<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table.fmt(f)
    }
}

/// As `==` of two of the same length, eight bytes at a time: names are too short for what is made for texts of any length.
#[inline]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let (words, rest) = one.as_chunks::<8>();
    let (other_words, other_rest) = other.as_chunks::<8>();
    words.iter().zip(other_words).all(|(word, other)| word == other)
        && match (one.last_chunk::<8>(), other.last_chunk::<8>()) {
            // Some of these were looked at already, which does no harm.
            (Some(last), Some(other)) => last == other,
            _ => rest == other_rest,
        }
}

/// Eight bytes at a time. Names are the caller's, so nobody else chooses what collides.
#[inline]
fn hash(name: &str) -> u32 {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| (hash.rotate_left(23) ^ word).wrapping_mul(MULTIPLIER);
    let (words, rest) = name.as_bytes().as_chunks();
    let hash = words.iter().fold(name.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let tail = match name.as_bytes().last_chunk() {
        // Some of these were taken already, which does no harm.
        Some(last) => u64::from_le_bytes(*last),
        None => rest.iter().fold(0, |tail, byte| tail << 8 | u64::from(*byte)),
    };
    (mix(hash, tail) >> 32) as u32
}

#[cfg(test)]
#[cfg(feature = "std")]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_again_and_the_bound_is_told() {
        let mut slots = Slots::new(heapless::Vec::<Slot, 64>::new());
        let name = |n: usize| crate::name::tests::named(n);
        for n in 0..64 {
            slots.entry(name(n)).unwrap();
            slots.entry(name(n / 2)).unwrap();
        }
        assert_eq!(slots.len(), 64);
        assert!(slots.entry(name(64)).is_err());
        assert!((0..64).all(|n| slots.get(&name(n)).is_some_and(|slot| slot.name == name(n))));
        let hashes: heapless::Vec<u32, 64> = slots.iter().map(|slot| slot.hash).collect();
        assert!(hashes.is_sorted_by(|one, next| one < next), "spread, and in order");
        slots.retain(|slot| slot.name != name(7));
        assert!(slots.get_mut(&name(7)).is_none() && slots.len() == 63);
    }
}
