//! Which trades of the account are known.

use std::{
    collections::{BTreeMap, BTreeSet},
    vec,
    vec::Vec,
};

use binance_core::text::Symbol;

/// The trades that were told, by contract.
///
/// The exchange numbers the trades of a contract upwards and tells them in this order, so the newest number stands for
/// all before it. Only while some may be missing are the numbers kept one by one.
#[derive(Clone, Debug, Default)]
pub(super) struct Fills {
    known: BTreeMap<Symbol, Known>,
    /// Whether some may be missing.
    is_open: bool,
}

#[derive(Clone, Debug, Default)]
struct Known {
    /// All up to this one are known.
    newest: Option<u64>,
    /// The orders that had a part in that one.
    orders: Vec<u64>,
    /// Those after it, with their orders, while some may be missing.
    later: BTreeSet<(u64, u64)>,
}

impl Fills {
    /// From now on some may be missing.
    pub(super) fn open(&mut self) {
        self.is_open = true;
    }

    /// None is missing any more.
    pub(super) fn close(&mut self) {
        self.is_open = false;
        for known in self.known.values_mut() {
            for (trade, order) in core::mem::take(&mut known.later) {
                known.settle(trade, order);
            }
        }
    }

    /// Notes a trade; `false` when it was known.
    pub(super) fn note(&mut self, symbol: &Symbol, trade: u64, order: u64) -> bool {
        let known = match self.known.get_mut(symbol) {
            Some(known) => known,
            None => self.known.entry(symbol.clone()).or_default(),
        };
        let is_known = known
            .newest
            .is_some_and(|newest| trade < newest || (trade == newest && known.orders.contains(&order)));
        if is_known {
            return false;
        }
        if self.is_open {
            return known.later.insert((trade, order));
        }
        known.settle(trade, order);
        true
    }

    /// The newest trade of a contract before which all are known.
    pub(super) fn newest(&self, symbol: &Symbol) -> Option<u64> {
        self.known.get(symbol)?.newest
    }

    /// How many numbers are kept.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known.values().map(|known| known.later.len() + known.orders.len()).sum()
    }
}

impl Known {
    fn settle(&mut self, trade: u64, order: u64) {
        if self.newest == Some(trade) {
            self.orders.push(order);
        } else if self.newest.is_none_or(|newest| newest < trade) {
            (self.newest, self.orders) = (Some(trade), vec![order]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trade_is_new_once_in_whatever_order_it_is_told() {
        let symbol = Symbol::new("BTCUSDT").unwrap();
        let mut fills = Fills::default();
        assert!(fills.note(&symbol, 5, 1));
        assert!(!fills.note(&symbol, 5, 1));
        assert!(fills.note(&symbol, 5, 2), "both sides of a trade with oneself");
        assert!(!fills.note(&symbol, 4, 9));
        fills.open();
        for trade in [9, 11, 7, 8, 10] {
            assert!(fills.note(&symbol, trade, 1) && !fills.note(&symbol, trade, 1));
        }
        assert_eq!(fills.newest(&symbol), Some(5));
        fills.close();
        assert_eq!((fills.newest(&symbol), fills.len()), (Some(11), 1));
        assert!(!fills.note(&symbol, 6, 1) && !fills.note(&symbol, 11, 1) && fills.note(&symbol, 12, 1));
        assert_eq!(fills.newest(&Symbol::new("ETHUSDT").unwrap()), None);
    }
}
