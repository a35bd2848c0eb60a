//! What positions and orders tie up, by the documented formulas, cross and isolated.

use binance_core::endpoint::Market;

use crate::{
    account::Position,
    book::Side,
    exchange::Exchange,
    market::indices,
    matching::NewOrder,
    num::Num,
    order::{Kind, PositionSide},
    reject::Reject,
};

/// What an account has at stake in one contract, or in all contracts of one margin asset.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Exposure {
    /// What the open buys are worth at their prices.
    pub(crate) bids: Num,
    /// What the open sells are worth at their prices.
    pub(crate) asks: Num,
    /// What the positions are worth at the mark price, sums of their sizes.
    pub(crate) notional: Num,
    /// What the position could become if the worse side of the open orders were filled.
    pub(crate) most: Num,
    pub(crate) unrealized: Num,
    pub(crate) position_margin: Num,
    pub(crate) order_margin: Num,
    pub(crate) maintenance: Num,
    /// What of this is of positions that share the wallet.
    pub(crate) cross: Cross,
    /// What is in the wallets of isolated positions.
    pub(crate) isolated: Num,
}

/// What the positions that share a wallet have at stake.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cross {
    pub(crate) unrealized: Num,
    pub(crate) position_margin: Num,
    pub(crate) maintenance: Num,
}

impl Exposure {
    pub(crate) fn initial(&self) -> Num {
        self.position_margin + self.order_margin
    }
}

impl std::iter::Sum for Exposure {
    fn sum<I: Iterator<Item = Self>>(exposures: I) -> Self {
        exposures.fold(Self::default(), |sum, next| Self {
            bids: sum.bids + next.bids,
            asks: sum.asks + next.asks,
            notional: sum.notional + next.notional,
            most: sum.most + next.most,
            unrealized: sum.unrealized + next.unrealized,
            position_margin: sum.position_margin + next.position_margin,
            order_margin: sum.order_margin + next.order_margin,
            maintenance: sum.maintenance + next.maintenance,
            cross: Cross {
                unrealized: sum.cross.unrealized + next.cross.unrealized,
                position_margin: sum.cross.position_margin + next.cross.position_margin,
                maintenance: sum.cross.maintenance + next.cross.maintenance,
            },
            isolated: sum.isolated + next.isolated,
        })
    }
}

/// What stands behind positions that share a wallet, or all wallets of USDⓈ-M in multi-assets mode; then it is in USD.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pool {
    /// The wallet and the open profits.
    pub(crate) margin: Num,
    /// What positions and orders tie up.
    pub(crate) initial: Num,
    pub(crate) maintenance: Num,
}

impl Exchange {
    /// What an account has at stake in a contract.
    pub(crate) fn exposure(&self, account: usize, venue: usize) -> Exposure {
        self.exposure_without(account, venue, None)
    }

    /// The same as if one order were not there.
    fn exposure_without(&self, account: usize, venue: usize, without: Option<u64>) -> Exposure {
        let (state, owner) = (&self.venues[venue], &self.accounts[account]);
        let (contract, mark) = (&state.contract, state.prices.mark_num());
        let mut sum = Exposure::default();
        let own = self.orders.open().filter(|order| (order.account, order.venue) == (account, venue));
        for order in own.filter(|order| !order.reduce_only && Some(order.id) != without) {
            let worth = contract.turnover(order.ticks, order.left());
            if order.side == Side::Buy {
                sum.bids += worth;
            } else {
                sum.asks += worth;
            }
        }
        let mut present = Num::ZERO;
        for (_, position) in owner.positions.iter().filter(|((number, _), _)| *number == venue) {
            let notional = position.notional(contract, mark);
            sum.notional += notional.abs();
            present += notional;
            sum.unrealized += position.unrealized(contract, mark);
            sum.maintenance += contract.maintenance(notional);
            sum.isolated += position.isolated;
        }
        let leverage = i128::from(owner.leverage(venue).max(1));
        sum.most = (present + sum.bids).abs().max((present - sum.asks).abs()).max(sum.notional);
        sum.position_margin = sum.notional.mul_div(1, leverage).trunc(8);
        sum.order_margin = sum.most.mul_div(1, leverage).trunc(8) - sum.position_margin;
        sum.maintenance = sum.maintenance.trunc(8);
        if !owner.isolated.contains(&venue) {
            let Exposure { unrealized, position_margin, maintenance, .. } = sum;
            sum.cross = Cross { unrealized, position_margin, maintenance };
        }
        sum
    }

    /// What an account has at stake in all contracts of a margin asset.
    pub(crate) fn exposure_of(&self, account: usize, market: Market, asset: &str) -> Exposure {
        self.exposure_of_without(account, market, asset, None)
    }

    fn exposure_of_without(
        &self,
        account: usize,
        market: Market,
        asset: &str,
        without: Option<u64>,
    ) -> Exposure {
        let venues = self.venues.iter().enumerate();
        let here = venues
            .filter(|(_, venue)| venue.contract.market == market && venue.contract.margin_asset == asset);
        here.map(|(number, _)| self.exposure_without(account, number, without)).sum()
    }

    /// What is in a wallet and in no isolated position.
    pub(crate) fn cross_wallet(&self, account: usize, market: Market, asset: &str) -> Num {
        let owner = &self.accounts[account];
        let isolated = owner.positions.iter().filter(|((venue, _), _)| {
            let contract = &self.venues[*venue].contract;
            contract.market == market && contract.margin_asset == asset
        });
        owner.balance(market, asset) - isolated.map(|(_, position)| position.isolated).sum()
    }

    /// What stands behind the positions with a margin asset that share their wallet.
    pub(crate) fn pool(&self, account: usize, market: Market, asset: &str) -> Pool {
        self.pool_without(account, market, asset, None)
    }

    fn pool_without(&self, account: usize, market: Market, asset: &str, without: Option<u64>) -> Pool {
        let of = |asset: &str| {
            let exposure = self.exposure_of_without(account, market, asset, without);
            Pool {
                margin: self.cross_wallet(account, market, asset) + exposure.cross.unrealized,
                initial: exposure.cross.position_margin + exposure.order_margin,
                maintenance: exposure.cross.maintenance,
            }
        };
        if !(self.accounts[account].multi_assets && market == Market::UsdM) {
            return of(asset);
        }
        indices::ASSETS.iter().map(|asset| (asset, of(asset.asset))).fold(
            Pool::default(),
            |sum, (asset, one)| Pool {
                margin: sum.margin + asset.value(one.margin, &self.venues),
                initial: sum.initial + one.initial,
                maintenance: sum.maintenance + one.maintenance,
            },
        )
    }

    /// What an account may still tie up: wallet and open profits, less what is tied up; never negative.
    pub(crate) fn available(&self, account: usize, market: Market, asset: &str) -> Num {
        let pool = self.pool(account, market, asset);
        (pool.margin - pool.initial).max(Num::ZERO)
    }

    /// Whether an account has the margin for an order, in place of another one if it is given, and may hold so much at
    /// its leverage.
    pub(crate) fn afford(&self, new: &NewOrder, without: Option<u64>) -> Result<(), Reject> {
        let (state, owner) = (&self.venues[new.venue], &self.accounts[new.account]);
        let contract = &state.contract;
        let ticks = match (new.kind, state.book.best(new.side.other())) {
            (Kind::Market, Some((best, _))) => best,
            _ => new.ticks,
        };
        let before = self.exposure_without(new.account, new.venue, without);
        let worth = contract.turnover(ticks, new.lots);
        let mark = state.prices.mark_num();
        let leverage = owner.leverage(new.venue).max(1);
        let positions = owner.positions.iter().filter(|((venue, _), _)| *venue == new.venue);
        let present: Num = positions.map(|(_, position)| position.notional(contract, mark)).sum();
        let (bids, asks) = match new.side {
            Side::Buy => (before.bids + worth, before.asks),
            Side::Sell => (before.bids, before.asks + worth),
        };
        let most = (present + bids).abs().max((present - asks).abs()).max(before.notional);
        if most > before.most && most > Num::int(contract.max_notional(leverage)) {
            let msg = "Exceeded the maximum allowable position at current leverage.";
            return Err(Reject::new(-2027, msg));
        }
        let more = most.mul_div(1, i128::from(leverage)) - before.initial();
        // What an order would lose at once that trades at a worse price than the mark price.
        let at_mark = contract.worth(mark, new.lots);
        let buys = (new.side == Side::Buy) ^ contract.is_inverse();
        let loss = if buys { worth - at_mark } else { at_mark - worth };
        let loss = if more > Num::ZERO { loss.max(Num::ZERO) } else { Num::ZERO };
        let pool = self.pool_without(new.account, contract.market, contract.margin_asset, without);
        if more + loss <= (pool.margin - pool.initial).max(Num::ZERO) {
            Ok(())
        } else {
            Err(Reject::new(-2019, "Margin is insufficient."))
        }
    }

    /// The place in the line of those whose positions close a bankrupt one: from 0 to 4, by the profit for the margin. The
    /// exchange compares all of its accounts; here are fixed steps.
    pub(crate) fn adl_quantile(&self, account: usize, venue: usize, side: PositionSide) -> i32 {
        let (state, owner) = (&self.venues[venue], &self.accounts[account]);
        let (contract, mark) = (&state.contract, state.prices.mark_num());
        let Some(position) = owner.positions.get(&(venue, side)) else { return 0 };
        let profit = position.unrealized(contract, mark).mul_div(i128::from(owner.leverage(venue)), 1);
        let notional = position.notional(contract, mark).abs();
        let steps = [0, 20, 50, 100].into_iter();
        let passed = steps.filter(|percent| profit > notional.mul_div(*percent, 100));
        i32::try_from(passed.count()).unwrap_or(0)
    }

    /// The mark price at which a position would be liquidated, all else unchanged; zero when there is none.
    pub(crate) fn liquidation_price(&self, account: usize, venue: usize, side: PositionSide) -> Num {
        self.edge_price(account, venue, side, true)
    }

    /// The price at which nothing would be left of what stands behind a position; zero when there is none.
    pub(crate) fn bankruptcy_price(&self, account: usize, venue: usize, side: PositionSide) -> Num {
        self.edge_price(account, venue, side, false)
    }

    /// The price at which what stands behind a position is the maintenance margin, or nothing.
    fn edge_price(&self, account: usize, venue: usize, side: PositionSide, maintained: bool) -> Num {
        let (state, owner) = (&self.venues[venue], &self.accounts[account]);
        let (contract, mark) = (&state.contract, state.prices.mark_num());
        let of_this = owner.positions.iter().filter(|((number, _), _)| *number == venue);
        let is_isolated = owner.isolated.contains(&venue);
        // Both sides of a hedge share the wallet, unless they are isolated.
        let here: Vec<&Position> = of_this
            .filter(|((_, of), position)| position.lots != 0 && (!is_isolated || *of == side))
            .map(|(_, position)| position)
            .collect();
        let Some(own) = owner.positions.get(&(venue, side)).filter(|position| position.lots != 0) else {
            return Num::ZERO;
        };
        let room = if is_isolated {
            own.isolated
        } else {
            let pool = self.pool(account, contract.market, contract.margin_asset);
            let unrealized = here.iter().map(|position| position.unrealized(contract, mark)).sum();
            let needed: Num = here.iter().map(|position| position.maintenance(contract, mark)).sum();
            let others = if maintained { pool.maintenance - needed.trunc(8) } else { Num::ZERO };
            pool.margin - unrealized - others
        };
        // What is there and what is needed are both lines over the price, or over its inverse on COIN-M.
        let (mut fixed, mut slope) = (room, Num::ZERO);
        for position in here {
            let notional = position.notional(contract, mark);
            let rate = if maintained { contract.bracket(notional).rate } else { 0 };
            if maintained {
                let full = notional.abs().mul_div(i128::from(rate), 100_000);
                fixed += full - position.maintenance(contract, mark);
            }
            let sign = if position.lots > 0 { 1 } else { -1 };
            let cost = position.cost.mul_div(sign, 1);
            let quantity = contract.quantity(position.lots.abs()).num();
            if contract.is_inverse() {
                fixed += cost;
                let size = Num::int(contract.contract_size).mul(quantity);
                slope += size.mul_div(i128::from(rate) + sign * 100_000, 100_000);
            } else {
                fixed -= cost;
                slope += quantity.mul_div(i128::from(rate) - sign * 100_000, 100_000);
            }
        }
        let price = if contract.is_inverse() { slope.div(fixed) } else { fixed.div(slope) };
        price.max(Num::ZERO)
    }
}
