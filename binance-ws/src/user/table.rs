//! What is known by key, and what a reconcile changes in it.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    vec::Vec,
};

use super::{AlgoState, BalanceState, Change, OrderState, PositionState};

/// How many orders that have ended are remembered, so that a late word of one is known to be late.
const ENDED: usize = 1_000;

/// Something that has a state.
pub(super) trait State: Clone {
    /// Whether nothing can happen to it any more.
    fn has_ended(&self) -> bool;

    /// Whether it is what `other` was before.
    fn is_older_than(&self, other: &Self) -> bool;

    /// Whether nothing that matters differs.
    fn says_the_same_as(&self, other: &Self) -> bool;
}

impl State for OrderState {
    fn has_ended(&self) -> bool {
        self.has_ended()
    }

    fn is_older_than(&self, other: &Self) -> bool {
        (self.has_ended(), self.filled, self.time) < (other.has_ended(), other.filled, other.time)
    }

    fn says_the_same_as(&self, other: &Self) -> bool {
        (&self.status, self.filled, self.price, self.quantity)
            == (&other.status, other.filled, other.price, other.quantity)
    }
}

impl State for AlgoState {
    fn has_ended(&self) -> bool {
        self.has_ended()
    }

    fn is_older_than(&self, other: &Self) -> bool {
        (self.step(), self.time) < (other.step(), other.time)
    }

    fn says_the_same_as(&self, other: &Self) -> bool {
        (&self.status, self.trigger_price, self.quantity)
            == (&other.status, other.trigger_price, other.quantity)
    }
}

impl State for BalanceState {
    fn has_ended(&self) -> bool {
        false
    }

    fn is_older_than(&self, other: &Self) -> bool {
        self.time < other.time
    }

    fn says_the_same_as(&self, other: &Self) -> bool {
        self.wallet == other.wallet && (self.cross_wallet == other.cross_wallet || self.time == other.time)
    }
}

impl State for PositionState {
    fn has_ended(&self) -> bool {
        false
    }

    fn is_older_than(&self, other: &Self) -> bool {
        self.time < other.time
    }

    fn says_the_same_as(&self, other: &Self) -> bool {
        // The entry price has more decimals in one place than in another.
        self.amount == other.amount
            && (self.entry_price == other.entry_price || self.time == other.time || self.amount.is_zero())
    }
}

/// All of one kind. What has ended is forgotten when a thousand others have ended since.
#[derive(Clone, Debug)]
pub(super) struct Table<K, T> {
    held: BTreeMap<K, Held<T>>,
    ended: VecDeque<K>,
    /// What the listener believes, where that is not what stands here: what replies changed since, and what late events
    /// told. The next reconcile puts it right, unless an event does before.
    believed: BTreeMap<K, Option<T>>,
}

#[derive(Clone, Debug)]
struct Held<T> {
    state: T,
    /// The number of the last event that told of it.
    heard: u64,
}

impl<K: Ord + Clone, T: State> Table<K, T> {
    pub(super) const fn new() -> Self {
        Self { held: BTreeMap::new(), ended: VecDeque::new(), believed: BTreeMap::new() }
    }

    pub(super) fn get(&self, key: &K) -> Option<&T> {
        self.held.get(key).map(|held| &held.state)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.held.values().map(|held| &held.state)
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.held.len() + self.believed.len()
    }

    /// What has not ended.
    pub(super) fn open(&self) -> impl Iterator<Item = &T> {
        self.iter().filter(|state| !state.has_ended())
    }

    /// Whether this is what was before what is known.
    pub(super) fn is_old(&self, key: &K, state: &T) -> bool {
        self.held.get(key).is_some_and(|held| state.is_older_than(&held.state))
    }

    /// Event number `number` told the listener of it.
    pub(super) fn tell(&mut self, key: K, state: T, number: u64) {
        match self.held.get_mut(&key) {
            Some(held) if state.is_older_than(&held.state) => {
                held.heard = number;
                self.believed.insert(key, Some(state));
            }
            _ => {
                self.believed.remove(&key);
                self.put(key, state, number);
            }
        }
    }

    /// The reply to a question showed it that was asked after event number `asked`. What it changes is kept as a change,
    /// unless it is known better.
    pub(super) fn merge(&mut self, key: K, state: T, asked: u64) {
        let known = self.held.get(&key);
        // Of two things in the same millisecond, the event that came after the question is the later one.
        let is_known_better = |held: &Held<T>| {
            state.is_older_than(&held.state) || (held.heard > asked && !held.state.is_older_than(&state))
        };
        if known.is_some_and(is_known_better) {
            return;
        }
        let heard = known.map_or(0, |held| held.heard);
        if known.is_none_or(|held| !state.says_the_same_as(&held.state)) {
            let before = known.map(|held| held.state.clone());
            self.believed.entry(key.clone()).or_insert(before);
        }
        self.put(key, state, heard);
    }

    /// What is open here but not among `present`.
    pub(super) fn missing(&self, present: &BTreeSet<K>) -> Vec<K> {
        let missing = |(key, held): &(&K, &Held<T>)| !held.state.has_ended() && !present.contains(*key);
        self.held.iter().filter(missing).map(|(key, _)| key.clone()).collect()
    }

    /// Whether an event told of it since event number `asked`.
    pub(super) fn is_heard_since(&self, key: &K, asked: u64) -> bool {
        self.held.get(key).is_some_and(|held| held.heard > asked)
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<T> {
        self.believed.remove(key);
        self.held.remove(key).map(|held| held.state)
    }

    /// The changes that reconciling made, which are then forgotten.
    pub(super) fn take_changes(&mut self) -> Vec<Change<T>> {
        let believed = core::mem::take(&mut self.believed);
        let changes = believed.into_iter().filter_map(|(key, before)| {
            let after = self.get(&key)?.clone();
            Some(Change { before, after })
        });
        let differs = |change: &Change<T>| {
            change.before.as_ref().is_none_or(|before| !change.after.says_the_same_as(before))
        };
        let changes = changes.filter(differs).collect();
        self.forget();
        changes
    }

    fn put(&mut self, key: K, state: T, heard: u64) {
        let ends = state.has_ended();
        let before = self.held.insert(key.clone(), Held { state, heard });
        if ends && before.is_none_or(|before| !before.state.has_ended()) {
            self.ended.push_back(key);
            self.forget();
        }
    }

    /// Forgets what ended long ago, but nothing that is still to be told.
    fn forget(&mut self) {
        while self.ended.len() > ENDED
            && let Some(oldest) = self.ended.front()
            && !self.believed.contains_key(oldest)
        {
            self.held.remove(oldest);
            self.ended.pop_front();
        }
    }
}
