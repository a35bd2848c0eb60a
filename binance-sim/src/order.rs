//! Clients' orders.

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::{
    book::{Owner, Resting, Side},
    num::Num,
};

/// Names as they stand on the wire, both ways.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum $name { $($(#[$of])* $variant),+ }

        impl $name {
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            #[allow(dead_code, reason = "not every one of them comes in from outside")]
            pub(crate) fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// The types of orders that the book takes.
    Kind { Limit = "LIMIT", Market = "MARKET" }
}

words! {
    /// How long an order waits.
    TimeInForce { Gtc = "GTC", Ioc = "IOC", Fok = "FOK", Gtx = "GTX", Gtd = "GTD", Rpi = "RPI" }
}

words! {
    /// Where an order is in its life.
    Status {
        New = "NEW",
        PartiallyFilled = "PARTIALLY_FILLED",
        Filled = "FILLED",
        Canceled = "CANCELED",
        Expired = "EXPIRED",
        ExpiredInMatch = "EXPIRED_IN_MATCH",
    }
}

words! {
    /// Which position an order is for.
    PositionSide { Both = "BOTH", Long = "LONG", Short = "SHORT" }
}

words! {
    /// What happens when an account would trade with itself.
    SelfTrade { Taker = "EXPIRE_TAKER", Maker = "EXPIRE_MAKER", Both = "EXPIRE_BOTH", None = "NONE" }
}

words! {
    /// Why an order expired, as the order events say it.
    Reason {
        None = "0",
        SelfTrade = "1",
        Unfilled = "2",
        ReduceOnly = "4",
        MarketUnfilled = "9",
    }
}

/// Who wanted an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Client,
    /// The exchange, for want of margin.
    Liquidation,
    /// The exchange, since somebody else went bankrupt.
    Deleveraging,
    /// The exchange, since the contract was delivered.
    Settlement,
}

impl Status {
    /// Whether the order still waits.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::PartiallyFilled)
    }
}

/// An order of a client.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) id: u64,
    pub(crate) client_id: String,
    pub(crate) account: usize,
    pub(crate) venue: usize,
    pub(crate) side: Side,
    pub(crate) kind: Kind,
    pub(crate) time_in_force: TimeInForce,
    /// The limit; zero for MARKET.
    pub(crate) ticks: i64,
    pub(crate) lots: i64,
    pub(crate) executed: i64,
    /// What its fills turned over.
    pub(crate) turnover: Num,
    pub(crate) reduce_only: bool,
    pub(crate) position_side: PositionSide,
    pub(crate) self_trade: SelfTrade,
    pub(crate) price_match: &'static str,
    pub(crate) good_till: i64,
    pub(crate) status: Status,
    pub(crate) reason: Reason,
    pub(crate) time: i64,
    pub(crate) update_time: i64,
    pub(crate) modify_id: Option<i64>,
    pub(crate) modifications: u32,
    pub(crate) origin: Origin,
}

impl Order {
    /// What is not filled yet.
    pub(crate) const fn left(&self) -> i64 {
        self.lots - self.executed
    }

    /// The order as it waits in the book.
    pub(crate) const fn resting(&self) -> Resting {
        let hidden = matches!(self.time_in_force, TimeInForce::Rpi);
        Resting { id: self.id, owner: Owner::Account(self.account), lots: self.left(), hidden }
    }
}

/// How many orders that are over are remembered.
const REMEMBERED: usize = 100_000;

/// Every order that clients placed.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    all: HashMap<u64, Order>,
    open: BTreeSet<u64>,
    over: VecDeque<u64>,
    /// The newest order with an id of the client's.
    by_client: HashMap<(usize, usize, String), u64>,
}

impl Orders {
    pub(crate) fn insert(&mut self, order: Order) {
        self.by_client.insert((order.account, order.venue, order.client_id.clone()), order.id);
        if order.status.is_open() {
            self.open.insert(order.id);
        } else {
            self.over.push_back(order.id);
        }
        self.all.insert(order.id, order);
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Order> {
        self.all.get(&id)
    }

    /// Changes an order, and keeps account of whether it is open.
    pub(crate) fn change<R>(&mut self, id: u64, change: impl FnOnce(&mut Order) -> R) -> Option<R> {
        let order = self.all.get_mut(&id)?;
        let result = change(order);
        if !order.status.is_open() && self.open.remove(&id) {
            self.over.push_back(id);
            self.forget();
        }
        Some(result)
    }

    /// The newest order with this id of the client's.
    pub(crate) fn by_client(&self, account: usize, venue: usize, client_id: &str) -> Option<&Order> {
        self.by_client.get(&(account, venue, client_id.to_owned())).and_then(|id| self.all.get(id))
    }

    /// The orders that wait, oldest first.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Order> {
        self.open.iter().filter_map(|id| self.all.get(id))
    }

    /// Every order that is remembered, oldest first.
    pub(crate) fn all(&self) -> Vec<&Order> {
        let mut orders: Vec<_> = self.all.values().collect();
        orders.sort_unstable_by_key(|order| order.id);
        orders
    }

    fn forget(&mut self) {
        while self.over.len() > REMEMBERED {
            let Some(order) = self.over.pop_front().and_then(|id| self.all.remove(&id)) else { continue };
            let key = (order.account, order.venue, order.client_id);
            if self.by_client.get(&key) == Some(&order.id) {
                self.by_client.remove(&key);
            }
        }
    }
}
