//! User data: the life of the listen key, and an account that is known exactly, gaps or not.
//!
//! User events say what changed, so whoever misses one is wrong from then on. Here, what is missed is asked for:
//!
//! * [`Keeper`] keeps a listen key alive. It allocates nothing.
//! * `User` (on hosts) knows the account: open orders, algo orders, balances, positions, and which trades were told. After
//!   every gap it asks for what it may have missed, and says what that was, as a `Reconciled`: orders that were filled,
//!   canceled or placed meanwhile, trades, balances and positions.
//!
//! Both are state machines without I/O, clock or randomness: they say what they need to ask for ([`Need`]) and are told the
//! answer. `tungstenite::UserData` runs them.

mod key;
mod need;

#[cfg(feature = "std")]
mod account;
#[cfg(feature = "std")]
mod fills;
#[cfg(feature = "std")]
mod reconcile;
#[cfg(feature = "std")]
mod records;
#[cfg(feature = "std")]
mod table;
#[cfg(test)]
#[cfg(feature = "std")]
mod tests;
#[cfg(feature = "std")]
mod wire;

pub use self::{
    key::Keeper,
    need::{Failure, Need, TradesFrom},
};

#[cfg(feature = "std")]
pub use self::{
    account::{Output, Told, User},
    reconcile::{Change, Reconciled},
    records::{AlgoState, BalanceState, Fill, OrderState, PositionState},
};
