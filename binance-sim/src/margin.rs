//! What positions and orders tie up, by the documented formulas for cross margin.

use binance_core::endpoint::Market;

use crate::{
    book::Side,
    exchange::Exchange,
    matching::NewOrder,
    num::Num,
    order::{Kind, PositionSide},
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
    pub(crate) unrealized: Num,
    pub(crate) position_margin: Num,
    pub(crate) order_margin: Num,
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
            unrealized: sum.unrealized + next.unrealized,
            position_margin: sum.position_margin + next.position_margin,
            order_margin: sum.order_margin + next.order_margin,
            maintenance: sum.maintenance + next.maintenance,
        })
    }
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
        let (mut bids, mut asks) = (Num::ZERO, Num::ZERO);
        let own = self.orders.open().filter(|order| (order.account, order.venue) == (account, venue));
        for order in own.filter(|order| !order.reduce_only && Some(order.id) != without) {
            let worth = contract.turnover(order.ticks, order.left());
            if order.side == Side::Buy {
                bids += worth;
            } else {
                asks += worth;
            }
        }
        let positions = owner.positions.iter().filter(|((number, _), _)| *number == venue);
        let (mut size, mut present, mut unrealized, mut maintenance) =
            (Num::ZERO, Num::ZERO, Num::ZERO, Num::ZERO);
        for (_, position) in positions {
            let notional = position.notional(contract, mark);
            size += notional.abs();
            present += notional;
            unrealized += position.unrealized(contract, mark);
            maintenance += contract.maintenance(notional);
        }
        let leverage = i128::from(owner.leverage(venue).max(1));
        let (up, down) = ((present + bids).abs(), (present - asks).abs());
        let most = up.max(down).max(size);
        let position_margin = size.mul_div(1, leverage).trunc(8);
        let order_margin = most.mul_div(1, leverage).trunc(8) - position_margin;
        Exposure {
            bids,
            asks,
            notional: size,
            unrealized,
            position_margin,
            order_margin,
            maintenance: maintenance.trunc(8),
        }
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

    /// What an account may still tie up: wallet and open profits, less what is tied up; never negative.
    pub(crate) fn available(&self, account: usize, market: Market, asset: &str) -> Num {
        self.available_without(account, market, asset, None)
    }

    fn available_without(&self, account: usize, market: Market, asset: &str, without: Option<u64>) -> Num {
        let exposure = self.exposure_of_without(account, market, asset, without);
        let wallet = self.accounts[account].balance(market, asset);
        (wallet + exposure.unrealized - exposure.initial()).max(Num::ZERO)
    }

    /// Whether an account has the margin for an order, in place of another one if it is given.
    pub(crate) fn affords(&self, new: &NewOrder, without: Option<u64>) -> bool {
        let (state, owner) = (&self.venues[new.venue], &self.accounts[new.account]);
        let contract = &state.contract;
        let ticks = match (new.kind, state.book.best(new.side.other())) {
            (Kind::Market, Some((best, _))) => best,
            _ => new.ticks,
        };
        let before = self.exposure_without(new.account, new.venue, without);
        let worth = contract.turnover(ticks, new.lots);
        let leverage = i128::from(owner.leverage(new.venue).max(1));
        let present = {
            let lots = owner.lots(new.venue, new.position_side);
            let notional = contract.worth(state.prices.mark_num(), lots.abs());
            if lots < 0 { -notional } else { notional }
        };
        let (bids, asks) = match new.side {
            Side::Buy => (before.bids + worth, before.asks),
            Side::Sell => (before.bids, before.asks + worth),
        };
        let most = (present + bids).abs().max((present - asks).abs()).max(before.notional);
        let more = most.mul_div(1, leverage) - before.initial();
        more <= self.available_without(new.account, contract.market, contract.margin_asset, without)
    }

    /// The mark price at which a position would be liquidated, all else unchanged; zero when there is none.
    pub(crate) fn liquidation_price(&self, account: usize, venue: usize, side: PositionSide) -> Num {
        let (state, owner) = (&self.venues[venue], &self.accounts[account]);
        let Some(position) = owner.positions.get(&(venue, side)).filter(|position| position.lots != 0) else {
            return Num::ZERO;
        };
        let contract = &state.contract;
        let (market, asset) = (contract.market, contract.margin_asset);
        let mark = state.prices.mark_num();
        let all = self.exposure_of(account, market, asset);
        let notional = position.notional(contract, mark);
        let others_maintenance = all.maintenance - contract.maintenance(notional).trunc(8);
        let others_profit = all.unrealized - position.unrealized(contract, mark);
        // What is left for this position: with cost, maintenance rate and its deduction solved for the price.
        let room = owner.balance(market, asset) - others_maintenance + others_profit;
        let rate = contract.bracket(notional).rate;
        let deduction = notional.abs().mul_div(i128::from(rate), 100_000) - contract.maintenance(notional);
        let quantity = contract.quantity(position.lots.abs()).num();
        let sign = if position.lots > 0 { 1 } else { -1 };
        let signed_cost = position.cost.mul_div(sign, 1);
        let price = if contract.is_inverse() {
            // size · quantity · (rate + sign) / (room + deduction + sign · cost)
            let worth = Num::int(contract.contract_size).mul(quantity);
            let over = worth.mul_div(i128::from(rate) + sign * 100_000, 100_000);
            over.div(room + deduction + signed_cost)
        } else {
            // (room + deduction - sign · cost) / (quantity · (rate - sign))
            let under = quantity.mul_div(i128::from(rate) - sign * 100_000, 100_000);
            (room + deduction - signed_cost).div(under)
        };
        price.max(Num::ZERO)
    }
}
