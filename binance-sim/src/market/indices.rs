//! The indices that are no contract's: of the assets that count as margin, and of a basket.

use crate::{
    json::Scaled,
    market::{Venue, prices::DECIMALS},
    num::Num,
};

/// An asset that counts as margin on USDⓈ-M in multi-assets mode.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asset {
    pub(crate) asset: &'static str,
    /// The name of its index.
    pub(crate) symbol: &'static str,
    /// How far what it counts for lies below its index when there is some, and above when it is owed.
    pub(crate) buffer: Scaled,
    /// The same when the exchange itself exchanges what is owed.
    pub(crate) exchange_buffer: Scaled,
}

const fn dollar(asset: &'static str, symbol: &'static str) -> Asset {
    let (buffer, exchange_buffer) = (Scaled(10_000, DECIMALS), Scaled(50_000, DECIMALS));
    Asset { asset, symbol, buffer, exchange_buffer }
}

const fn coin(asset: &'static str, symbol: &'static str) -> Asset {
    let (buffer, exchange_buffer) = (Scaled(5_000_000, DECIMALS), Scaled(2_500_000, DECIMALS));
    Asset { asset, symbol, buffer, exchange_buffer }
}

/// All of them.
pub(crate) const ASSETS: [Asset; 4] =
    [dollar("USDT", "USDTUSD"), dollar("USDC", "USDCUSD"), coin("BTC", "BTCUSD"), coin("ETH", "ETHUSD")];

/// What an asset counts for in USD.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    pub(crate) index: Num,
    pub(crate) bid: Num,
    pub(crate) ask: Num,
    pub(crate) exchange_bid: Num,
    pub(crate) exchange_ask: Num,
}

impl Asset {
    /// The one of this name.
    pub(crate) fn find(asset: &str) -> Option<&'static Self> {
        ASSETS.iter().find(|known| known.asset == asset)
    }

    /// What it counts for now.
    pub(crate) fn rates(&self, venues: &[Venue]) -> Rates {
        let index = usd_price(self.asset, venues).unwrap_or(Num::ZERO);
        let below = |buffer: Scaled| (index - index.mul(buffer.num())).trunc(DECIMALS);
        let above = |buffer: Scaled| (index + index.mul(buffer.num())).trunc(DECIMALS);
        Rates {
            index,
            bid: below(self.buffer),
            ask: above(self.buffer),
            exchange_bid: below(self.exchange_buffer),
            exchange_ask: above(self.exchange_buffer),
        }
    }

    /// What an amount of it counts for in USD.
    pub(crate) fn value(&self, amount: Num, venues: &[Venue]) -> Num {
        let rates = self.rates(venues);
        amount.mul(if amount < Num::ZERO { rates.ask } else { rates.bid }).trunc(DECIMALS)
    }
}

/// What an asset is worth in USD: the index of the first contract in it, or 1 for what is a dollar.
pub(crate) fn usd_price(asset: &str, venues: &[Venue]) -> Option<Num> {
    if ["USDT", "USDC", "USD"].contains(&asset) {
        return Some(Num::int(1));
    }
    let venue = venues.iter().find(|venue| venue.contract.base == asset)?;
    Some(venue.prices.index().num())
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
