//! The indices that are no contract's: of the assets that count as margin, and of a basket.

use crate::{
    json::Scaled,
    market::{Venue, prices::DECIMALS},
    num::Num,
};

/// The index of an asset that counts as margin, in USD.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asset {
    pub(crate) asset: &'static str,
    pub(crate) symbol: &'static str,
}

/// The assets that count as margin on USDⓈ-M. Each is worth a dollar.
pub(crate) const ASSETS: [Asset; 2] =
    [Asset { asset: "USDT", symbol: "USDTUSD" }, Asset { asset: "USDC", symbol: "USDCUSD" }];

impl Asset {
    pub(crate) const INDEX: Scaled = Scaled(100_000_000, DECIMALS);
    /// How far what an asset counts for lies below its index when there is some, and above when it is owed.
    pub(crate) const BUFFER: Scaled = Scaled(10_000, DECIMALS);
    pub(crate) const BID: Scaled = Scaled(99_990_000, DECIMALS);
    pub(crate) const ASK: Scaled = Scaled(100_010_000, DECIMALS);
    /// The same when the exchange itself exchanges what is owed.
    pub(crate) const EXCHANGE_BUFFER: Scaled = Scaled(50_000, DECIMALS);
    pub(crate) const EXCHANGE_BID: Scaled = Scaled(99_950_000, DECIMALS);
    pub(crate) const EXCHANGE_ASK: Scaled = Scaled(100_050_000, DECIMALS);

    /// What an amount of it counts for in USD.
    pub(crate) fn value(amount: Num) -> Num {
        amount.mul(if amount < Num::ZERO { Self::ASK } else { Self::BID }.num()).trunc(DECIMALS)
    }
}

/// The basket.
pub(crate) const COMPOSITE: &str = "DEFIUSDT";

/// What the basket is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) base: &'static str,
    pub(crate) quote: &'static str,
    pub(crate) quantity: Scaled,
    pub(crate) share: Scaled,
}

/// The parts of the basket.
pub(crate) const PARTS: [Part; 2] = [
    Part {
        base: "BTC",
        quote: "USDT",
        quantity: Scaled(1_000_000, DECIMALS),
        share: Scaled(60_000_000, DECIMALS),
    },
    Part {
        base: "ETH",
        quote: "USDT",
        quantity: Scaled(13_000_000, DECIMALS),
        share: Scaled(40_000_000, DECIMALS),
    },
];

/// The index of a part, zero when its contract is not traded.
pub(crate) fn of_part(part: &Part, venues: &[Venue]) -> Num {
    let is_it = |venue: &&Venue| (venue.contract.base, venue.contract.quote) == (part.base, part.quote);
    venues.iter().find(is_it).map_or(Num::ZERO, |venue| venue.prices.index().num())
}
