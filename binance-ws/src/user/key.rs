//! The life of a listen key.

use core::time::Duration;

use binance_core::{error::ApiCode, listen_key::ListenKey};

use crate::{backoff::Backoff, time::Tick};

use super::{Failure, Need};

/// How long a key lives after it was created or kept alive.
const LIFE: Duration = Duration::from_secs(60 * 60);

/// How long after that it is kept alive again, half of its life, so that there is time for many attempts.
const KEEP_ALIVE_AFTER: Duration = Duration::from_secs(30 * 60);

/// By how much earlier at random, so that many programs that began together do not ask together.
const SPREAD: Duration = Duration::from_secs(3 * 60);

/// The waits between attempts that fail.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const MOST_WAIT: Duration = Duration::from_secs(60);

/// Keeps a listen key: says when it has to be created or kept alive, and is told what came of it.
///
/// A key lives for 60 minutes. It is kept alive after 27 to 30, created again when the exchange says that it is gone
/// (`listenKeyExpired`, -1125), when 60 minutes passed without a success, and asked for anew when a connection was lost,
/// since creating while there is one answers the same key and lets it live anew. Attempts that fail are repeated
/// without end, after a random part of a wait that doubles from a second to a minute.
///
/// Holds one key and allocates nothing. Its times are [`Tick`]s, given by the caller.
#[derive(Clone, Debug)]
pub struct Keeper {
    key: Option<ListenKey>,
    /// Whether the key is known to be gone.
    dead: bool,
    /// When something is to be asked for.
    due: Option<Tick>,
    /// Whether that is to create one.
    create: bool,
    /// When the key ends unless it is kept alive.
    ends: Tick,
    asked: Option<Need>,
    /// Nothing is asked for before, since it failed, or the exchange said so.
    not_before: Tick,
    backoff: Backoff,
}

impl Keeper {
    /// No key yet; the first thing to do is to create one. `seed` is any random number.
    pub fn new(seed: u64) -> Self {
        Self {
            key: None,
            dead: false,
            due: Some(Tick(0)),
            create: true,
            ends: Tick(0),
            asked: None,
            not_before: Tick(0),
            backoff: Backoff::new(FIRST_WAIT, MOST_WAIT, seed),
        }
    }

    /// The key, unless there is none or it is gone.
    pub fn key(&self) -> Option<&ListenKey> {
        self.key.as_ref().filter(|_| !self.dead)
    }

    /// What has to be asked for: [`Need::CreateKey`] or [`Need::KeepAlive`]. Until it is answered, there is no other.
    pub fn poll_need(&mut self, now: Tick) -> Option<Need> {
        if self.asked.is_some() || self.due.is_none_or(|due| due > now) {
            return None;
        }
        if self.key.is_some() && self.ends <= now {
            self.dead = true;
        }
        let create = self.create || self.dead || self.key.is_none();
        self.asked = Some(if create { Need::CreateKey } else { Need::KeepAlive });
        self.asked.clone()
    }

    /// When [`poll_need`](Self::poll_need) has to be called.
    pub fn poll_timeout(&self) -> Option<Tick> {
        self.due.filter(|_| self.asked.is_none())
    }

    /// Whether a need is not answered yet.
    pub fn is_asking(&self) -> bool {
        self.asked.is_some()
    }

    /// The answer to a need: the key, where the answer named one. Gives the key when it is another than before.
    pub fn answered(&mut self, now: Tick, key: Option<ListenKey>) -> Option<ListenKey> {
        let asked = self.asked.take()?;
        if asked == Need::CreateKey && key.is_none() {
            // An answer without what was asked for.
            self.due = Some(now.plus(self.backoff.failed()));
            return None;
        }
        self.backoff.succeeded();
        self.create = false;
        self.ends = now.plus(LIFE);
        self.due = Some(now.plus(KEEP_ALIVE_AFTER.saturating_sub(self.backoff.part_of(SPREAD))));
        let is_new = key.is_some() && (self.dead || self.key != key);
        if is_new {
            self.key.clone_from(&key);
        }
        self.dead = false;
        key.filter(|_| is_new)
    }

    /// A need could not be had. Gives how long until it is asked for again.
    pub fn failed(&mut self, now: Tick, failure: Failure) -> Duration {
        let asked = self.asked.take();
        let mut wait = self.backoff.failed().max(failure.retry_after.unwrap_or_default());
        if asked == Some(Need::KeepAlive) && failure.code == Some(ApiCode::INVALID_LISTEN_KEY) {
            (self.dead, self.create) = (true, true);
            wait = Duration::ZERO;
        }
        self.not_before = now.plus(wait);
        self.due = Some(self.not_before);
        wait
    }

    /// The exchange said that the key is gone: another has to be created.
    pub fn expired(&mut self, now: Tick) {
        if self.key.is_some() {
            (self.dead, self.create) = (true, true);
            self.due = Some(now.max(self.not_before));
        }
    }

    /// A connection was lost, so the key may be gone too: asks for it anew, which does it no harm.
    pub fn doubted(&mut self, now: Tick) {
        if self.key.is_some() {
            self.create = true;
            let soon = now.max(self.not_before);
            self.due = Some(self.due.map_or(soon, |due| due.min(soon)));
        }
    }
}

#[cfg(test)]
#[cfg(feature = "std")]
mod tests {
    use super::*;

    fn key(text: &str) -> Option<ListenKey> {
        Some(binance_core::json::from_str(&std::format!("\"{text}\"")).unwrap())
    }

    const MINUTE: u64 = 60_000;

    fn live(now: u64) -> Keeper {
        let mut keeper = Keeper::new(7);
        assert_eq!(keeper.poll_need(Tick(now)), Some(Need::CreateKey));
        assert_eq!(keeper.poll_need(Tick(now)), None, "one at a time");
        assert_eq!(keeper.answered(Tick(now), key("a")), key("a"));
        keeper
    }

    #[test]
    fn a_key_is_kept_alive_before_half_of_its_life_is_over() {
        let mut keeper = live(5);
        for round in 0..100 {
            let due = keeper.poll_timeout().unwrap();
            assert_eq!(keeper.poll_need(Tick(due.0 - 1)), None);
            assert_eq!(keeper.poll_need(due), Some(Need::KeepAlive));
            // Some answers name the key, some do not; it is the same.
            assert_eq!(keeper.answered(due, if round % 2 == 0 { None } else { key("a") }), None);
            let next = keeper.poll_timeout().unwrap().since(due).as_secs() / 60;
            assert!((27..=30).contains(&next), "{next} minutes");
        }
        assert_eq!(keeper.key(), key("a").as_ref());
    }

    #[test]
    fn a_key_that_is_gone_is_created_again() {
        // By the answer to keeping it alive.
        let mut keeper = live(0);
        let due = keeper.poll_timeout().unwrap();
        assert_eq!(keeper.poll_need(due), Some(Need::KeepAlive));
        assert_eq!(keeper.failed(due, Failure::refused(ApiCode::INVALID_LISTEN_KEY)), Duration::ZERO);
        assert_eq!(keeper.key(), None);
        assert_eq!(keeper.poll_need(due), Some(Need::CreateKey));
        assert_eq!(keeper.answered(due, key("b")), key("b"));
        // By its event; also when the same text comes again, the connection is to be another.
        keeper.expired(due);
        assert_eq!(keeper.poll_need(due), Some(Need::CreateKey));
        assert_eq!(keeper.answered(due, key("b")), key("b"));
        // By time: an hour without a success, asleep or refused.
        let late = due.plus(LIFE);
        assert_eq!(keeper.poll_need(late), Some(Need::CreateKey));
        assert_eq!(keeper.key(), None);
        // After a loss it is asked for, and used meanwhile.
        let mut keeper = live(0);
        keeper.doubted(Tick(MINUTE));
        assert_eq!(keeper.poll_need(Tick(MINUTE)), Some(Need::CreateKey));
        assert_eq!(keeper.key(), key("a").as_ref());
        assert_eq!(keeper.answered(Tick(MINUTE), key("a")), None, "the same, alive");
    }

    #[test]
    fn attempts_go_on_without_end_and_wait_as_long_as_told() {
        let mut keeper = Keeper::new(3);
        let mut now = Tick(0);
        for _ in 0..200 {
            assert_eq!(keeper.poll_need(now), Some(Need::CreateKey));
            let wait = keeper.failed(now, Failure::default());
            assert!(wait <= MOST_WAIT);
            now = keeper.poll_timeout().unwrap();
        }
        assert_eq!(keeper.poll_need(now), Some(Need::CreateKey));
        let told = Failure { retry_after: Some(Duration::from_secs(300)), ..Failure::default() };
        assert_eq!(keeper.failed(now, told), Duration::from_secs(300));
        assert_eq!(keeper.poll_need(now.plus(Duration::from_secs(299))), None);
        // Not even a loss or the key's end cuts that short.
        let mut banned = live(0);
        banned.doubted(Tick(5));
        assert_eq!(banned.poll_need(Tick(5)), Some(Need::CreateKey));
        banned.failed(Tick(5), told);
        banned.doubted(Tick(6));
        banned.expired(Tick(7));
        assert_eq!(banned.poll_need(Tick(300_004)), None);
        assert_eq!(banned.poll_need(Tick(300_005)), Some(Need::CreateKey));
        // An answer without a key is none.
        now = now.plus(Duration::from_secs(300));
        assert_eq!(keeper.poll_need(now), Some(Need::CreateKey));
        assert_eq!(keeper.answered(now, None), None);
        assert!(keeper.key().is_none() && keeper.poll_timeout().unwrap() <= now.plus(MOST_WAIT));
    }
}
