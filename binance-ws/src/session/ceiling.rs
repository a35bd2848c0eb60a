//! The exchange's limit on incoming messages.

use core::time::Duration;

use crate::time::Tick;

/// How many messages a second the exchange takes on one connection before it closes it, pings and pongs counted.
pub(super) const EXCHANGE_LIMIT: usize = 10;

/// A little over the second in which the exchange counts, since messages may bunch up on their way.
const WINDOW: Duration = Duration::from_millis(1_050);

/// When the last messages went out.
#[derive(Clone, Debug, Default)]
pub(super) struct Ceiling {
    /// The newest first.
    sent: heapless::Deque<Tick, EXCHANGE_LIMIT>,
}

impl Ceiling {
    pub(super) fn sent(&mut self, now: Tick) {
        if self.sent.is_full() {
            self.sent.pop_back();
        }
        // There is room, by the line above.
        let _ = self.sent.push_front(now);
    }

    /// From when on one more may go out where `most` may in a second.
    pub(super) fn free_at(&self, most: usize) -> Tick {
        match self.sent.iter().nth(most.clamp(1, EXCHANGE_LIMIT) - 1) {
            Some(sent) => sent.plus(WINDOW),
            None => Tick(0),
        }
    }
}

#[cfg(test)]
#[cfg(feature = "std")]
mod tests {
    use super::*;

    #[test]
    fn no_second_ever_sees_more_than_the_limit() {
        for most in [1, 5, 10] {
            let mut ceiling = Ceiling::default();
            let mut sent: heapless::Vec<u64, 64> = heapless::Vec::new();
            let mut now = Tick(7);
            while sent.len() < 64 {
                if ceiling.free_at(most) <= now {
                    ceiling.sent(now);
                    sent.push(now.0).unwrap();
                }
                now.0 += 13;
            }
            for (index, first) in sent.iter().enumerate() {
                let within = sent[index..].iter().take_while(|sent| *sent - first < 1_000).count();
                assert!(within <= most, "{within} of {most} in the second after {first}");
            }
        }
    }
}
