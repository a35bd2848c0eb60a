//! What the orders of both markets are told with: which way and in which position mode, at what price, how many at
//! once.

use core::fmt;

use crate::{
    decimal::Decimal,
    enums::{PositionSide, PriceMatch, Side},
};

/// Which way an order goes, and in which position mode: what `side`, `positionSide` and `reduceOnly` say together.
///
/// An account is in one of two modes, for USDⓈ-M and COIN-M together. In **one-way mode** there is one position a
/// contract; an order names its [`Side`] and may be reduce-only. In **hedge mode** there is a long and a short one;
/// an order opens or closes one of them, and reduce-only is refused, since closing never does more. One value says
/// which of them is meant, so that no order can carry both:
///
/// ```
/// use binance_core::{decimal::dec, enums::Side, order::HedgeSide, usdm::trade::NewOrder};
/// // One-way mode.
/// NewOrder::market("BTCUSDT", Side::Buy, dec!("0.1"));
/// NewOrder::market("BTCUSDT", Side::Sell.reduce_only(), dec!("0.1"));
/// // Hedge mode.
/// NewOrder::market("BTCUSDT", HedgeSide::Long.open(), dec!("0.1"));
/// NewOrder::market("BTCUSDT", HedgeSide::Long.close(), dec!("0.1"));
/// ```
///
/// An order for the mode that the account is not in is refused with -4061.
#[doc(alias = "positionSide")]
#[doc(alias = "reduceOnly")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Way {
    side: Side,
    mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Mode {
    OneWay { reduce_only: bool },
    Hedge(HedgeSide),
}

impl Way {
    /// In one-way mode.
    pub const fn one_way(side: Side) -> Self {
        Self { side, mode: Mode::OneWay { reduce_only: false } }
    }

    /// In one-way mode, and never so far that the position would grow or turn: what is too much is canceled, and
    /// where there is no such position the order is refused with -2022.
    pub const fn reduce_only(side: Side) -> Self {
        Self { side, mode: Mode::OneWay { reduce_only: true } }
    }

    /// In hedge mode: buying opens the long position and closes the short one, selling the other way round.
    pub const fn hedge(side: Side, position: HedgeSide) -> Self {
        Self { side, mode: Mode::Hedge(position) }
    }

    /// Whether it buys or sells.
    pub const fn side(self) -> Side {
        self.side
    }

    /// The position, in hedge mode.
    pub const fn position(self) -> Option<HedgeSide> {
        match self.mode {
            Mode::Hedge(position) => Some(position),
            Mode::OneWay { .. } => None,
        }
    }

    /// What goes out as `positionSide`.
    pub(crate) const fn position_side(self) -> Option<PositionSide> {
        match self.mode {
            Mode::Hedge(position) => Some(position.as_position_side()),
            Mode::OneWay { .. } => None,
        }
    }

    /// What goes out as `reduceOnly`.
    pub(crate) const fn reduces_only(self) -> Option<bool> {
        match self.mode {
            Mode::OneWay { reduce_only: true } => Some(true),
            _ => None,
        }
    }
}

impl From<Side> for Way {
    fn from(side: Side) -> Self {
        Self::one_way(side)
    }
}

impl Side {
    /// This side in one-way mode, and only as far as the position gets smaller.
    pub const fn reduce_only(self) -> Way {
        Way::reduce_only(self)
    }

    /// The other side.
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }
}

/// One of the two positions of a contract in hedge mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HedgeSide {
    /// Gains when the price rises.
    Long,
    /// Gains when the price falls.
    Short,
}

impl HedgeSide {
    /// Opens the position or adds to it: buys for the long one, sells for the short one.
    pub const fn open(self) -> Way {
        match self {
            Self::Long => Way::hedge(Side::Buy, self),
            Self::Short => Way::hedge(Side::Sell, self),
        }
    }

    /// Closes the position or takes from it: sells for the long one, buys for the short one.
    pub const fn close(self) -> Way {
        match self {
            Self::Long => Way::hedge(Side::Sell, self),
            Self::Short => Way::hedge(Side::Buy, self),
        }
    }

    /// The exchange's word for it.
    pub const fn as_position_side(self) -> PositionSide {
        match self {
            Self::Long => PositionSide::Long,
            Self::Short => PositionSide::Short,
        }
    }
}

/// The way of an order that closes a whole position: a [`Side`] in one-way mode ([`Side::Sell`] closes a long
/// position), a [`HedgeSide`] in hedge mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Closing(Way);

impl Closing {
    /// The same as the way of any order.
    pub const fn way(self) -> Way {
        self.0
    }
}

impl From<Side> for Closing {
    fn from(side: Side) -> Self {
        Self(Way::one_way(side))
    }
}

impl From<HedgeSide> for Closing {
    fn from(position: HedgeSide) -> Self {
        Self(position.close())
    }
}

/// What a limit order costs: a price, or one that the exchange takes from the book when the order comes. Never both.
#[doc(alias = "priceMatch")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitPrice {
    /// This price or a better one.
    At(Decimal),
    /// A price from the book. Refused with -5041 where the book is not as deep.
    Matched(PriceMatch),
}

impl LimitPrice {
    /// What goes out as `price`.
    pub(crate) const fn price(self) -> Option<Decimal> {
        match self {
            Self::At(price) => Some(price),
            Self::Matched(_) => None,
        }
    }

    /// What goes out as `priceMatch`.
    pub(crate) const fn price_match(self) -> Option<PriceMatch> {
        match self {
            Self::At(_) => None,
            Self::Matched(price) => Some(price),
        }
    }
}

impl From<Decimal> for LimitPrice {
    fn from(price: Decimal) -> Self {
        Self::At(price)
    }
}

impl From<PriceMatch> for LimitPrice {
    fn from(price: PriceMatch) -> Self {
        Self::Matched(price)
    }
}

/// A batch of none, or of more than the exchange takes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchSize {
    /// How many there were.
    pub len: usize,
    /// How many there may be.
    pub max: usize,
}

impl BatchSize {
    /// How many orders may be placed or changed at once.
    pub const MAX_ORDERS: usize = 5;

    /// How many orders may be canceled at once.
    pub const MAX_CANCELS: usize = 10;

    pub(crate) const fn check<T>(batch: &[T], max: usize) -> Result<(), Self> {
        match batch.len() {
            0 => Err(Self { len: 0, max }),
            len if len > max => Err(Self { len, max }),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for BatchSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a batch of {} where 1 to {} are taken", self.len, self.max)
    }
}

impl core::error::Error for BatchSize {}
