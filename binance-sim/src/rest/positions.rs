//! Positions, in the shapes of the different endpoints.

use binance_core::endpoint::Market;

use super::{Call, Route};
use crate::{
    account::Position,
    contracts::Contract,
    json::{Json, Padded, object},
    margin::Exposure,
    num::Num,
    order::PositionSide,
    reject::Reject,
};

pub(super) const ROUTES: &[Route] = &[
    Route::get("/fapi/v2/positionRisk", risk_v2),
    Route::get("/fapi/v3/positionRisk", risk_v3),
    Route::get("/dapi/v1/positionRisk", risk_coinm),
];

/// Every position, flat ones too.
fn risk_v2(call: &mut Call<'_>) -> Result<Json, Reject> {
    let symbol = call.venue_if_sent()?;
    let wanted = call.venues().filter(|(number, _)| symbol.is_none_or(|symbol| symbol == *number));
    let positions = wanted.flat_map(|(venue, _)| views(call, venue));
    Ok(Json::array(positions.map(|view| {
        object! {
            "symbol": view.contract.symbol,
            "positionAmt": view.contract.quantity(view.position.lots),
            "entryPrice": view.entry(),
            "breakEvenPrice": view.break_even(),
            "markPrice": Padded(view.mark, 8),
            "unRealizedProfit": Padded(view.unrealized(), 8),
            "liquidationPrice": view.liquidation(call),
            "leverage": view.leverage.to_string(),
            "maxNotionalValue": view.contract.max_notional(view.leverage).to_string(),
            "marginType": if view.isolated { "isolated" } else { "cross" },
            "isolatedMargin": Padded(view.isolated_margin(), 8),
            "isAutoAddMargin": "false",
            "positionSide": view.side.as_str(),
            "notional": view.notional(),
            "isolatedWallet": view.position.isolated,
            "updateTime": view.position.updated,
        }
    })))
}

/// Positions that are open or have open orders.
fn risk_v3(call: &mut Call<'_>) -> Result<Json, Reject> {
    let symbol = call.venue_if_sent()?;
    let wanted = call.venues().filter(|(number, _)| symbol.is_none_or(|symbol| symbol == *number));
    let positions = wanted.flat_map(|(venue, _)| views(call, venue)).filter(View::is_live);
    Ok(Json::array(positions.map(|view| {
        object! {
            "symbol": view.contract.symbol,
            "positionSide": view.side.as_str(),
            "positionAmt": view.contract.quantity(view.position.lots),
            "entryPrice": view.entry(),
            "breakEvenPrice": view.break_even(),
            "markPrice": Padded(view.mark, 8),
            "unRealizedProfit": Padded(view.unrealized(), 8),
            "liquidationPrice": view.liquidation(call),
            "isolatedMargin": view.isolated_margin(),
            "notional": view.notional(),
            "marginAsset": view.contract.margin_asset,
            "isolatedWallet": view.position.isolated,
            "initialMargin": view.initial_margin(),
            "maintMargin": view.maintenance(),
            "positionInitialMargin": view.position_margin(),
            "openOrderInitialMargin": view.exposure.order_margin,
            "adl": call.exchange.adl_quantile(call.account, view.venue, view.side),
            "bidNotional": view.exposure.bids,
            "askNotional": view.exposure.asks,
            "updateTime": view.position.updated,
        }
    })))
}

/// Every position, flat ones too.
fn risk_coinm(call: &mut Call<'_>) -> Result<Json, Reject> {
    let (asset, pair) = (call.params.get("marginAsset"), call.params.get("pair"));
    let wanted = call.venues().filter(|(_, venue)| {
        asset.is_none_or(|asset| asset == venue.contract.margin_asset)
            && pair.is_none_or(|pair| pair == venue.contract.pair)
    });
    let positions = wanted.flat_map(|(venue, _)| views(call, venue));
    Ok(Json::array(positions.map(|view| {
        object! {
            "symbol": view.contract.symbol,
            "positionAmt": view.contract.quantity(view.position.lots),
            "entryPrice": view.entry(),
            "breakEvenPrice": view.break_even(),
            "markPrice": Padded(view.mark, 8),
            "unRealizedProfit": Padded(view.unrealized(), 8),
            "liquidationPrice": view.liquidation(call),
            "leverage": view.leverage.to_string(),
            "maxQty": view.contract.max_notional(view.leverage).to_string(),
            "marginType": if view.isolated { "isolated" } else { "cross" },
            "isolatedMargin": Padded(view.isolated_margin(), 8),
            "isAutoAddMargin": "false",
            "positionSide": view.side.as_str(),
            "updateTime": view.position.updated,
        }
    })))
}

/// As `GET /fapi/v2/account` has them.
pub(super) fn of_account_v2(call: &Call<'_>, venue: usize) -> impl Iterator<Item = Json> {
    views(call, venue).into_iter().map(|view| {
        object! {
            "symbol": view.contract.symbol,
            "initialMargin": view.initial_margin(),
            "maintMargin": view.maintenance(),
            "unrealizedProfit": Padded(view.unrealized(), 8),
            "positionInitialMargin": view.position_margin(),
            "openOrderInitialMargin": view.exposure.order_margin,
            "leverage": view.leverage.to_string(),
            "isolated": view.isolated,
            "entryPrice": view.entry(),
            "maxNotional": view.contract.max_notional(view.leverage).to_string(),
            "bidNotional": view.exposure.bids,
            "askNotional": view.exposure.asks,
            "positionSide": view.side.as_str(),
            "positionAmt": view.contract.quantity(view.position.lots),
            "updateTime": view.position.updated,
        }
    })
}

/// As `GET /fapi/v3/account` has them: those that are open or have open orders.
pub(super) fn of_account_v3(call: &Call<'_>, venue: usize) -> impl Iterator<Item = Json> {
    views(call, venue).into_iter().filter(View::is_live).map(|view| {
        object! {
            "symbol": view.contract.symbol,
            "positionSide": view.side.as_str(),
            "positionAmt": view.contract.quantity(view.position.lots),
            "unrealizedProfit": Padded(view.unrealized(), 8),
            "isolatedMargin": Padded(view.isolated_margin(), 8),
            "notional": view.notional(),
            "isolatedWallet": view.position.isolated,
            "initialMargin": view.initial_margin(),
            "maintMargin": view.maintenance(),
            "updateTime": view.position.updated,
        }
    })
}

/// As `GET /dapi/v1/account` has them.
pub(super) fn of_account_coinm(call: &Call<'_>, venue: usize) -> impl Iterator<Item = Json> {
    views(call, venue).into_iter().map(|view| {
        object! {
            "symbol": view.contract.symbol,
            "positionAmt": view.contract.quantity(view.position.lots),
            "initialMargin": view.initial_margin(),
            "maintMargin": view.maintenance(),
            "unrealizedProfit": Padded(view.unrealized(), 8),
            "positionInitialMargin": view.position_margin(),
            "openOrderInitialMargin": view.exposure.order_margin,
            "leverage": view.leverage.to_string(),
            "isolated": view.isolated,
            "positionSide": view.side.as_str(),
            "entryPrice": view.entry(),
            "breakEvenPrice": view.break_even(),
            "maxQty": view.contract.max_notional(view.leverage).to_string(),
            "updateTime": view.position.updated,
            "notionalValue": view.notional(),
        }
    })
}

/// A position with all that is known about it.
struct View<'a> {
    venue: usize,
    contract: &'a Contract,
    side: PositionSide,
    position: Position,
    exposure: Exposure,
    mark: Num,
    leverage: u32,
    isolated: bool,
}

/// The positions that an account has in a contract: one, or one a side in hedge mode.
fn views<'a>(call: &'a Call<'_>, venue: usize) -> Vec<View<'a>> {
    let (account, state) = (&call.exchange.accounts[call.account], &call.exchange.venues[venue]);
    let sides: &[_] = match (account.hedge_mode, call.market) {
        (false, _) => &[PositionSide::Both],
        (true, Market::UsdM) => &[PositionSide::Long, PositionSide::Short],
        (true, Market::CoinM) => &[PositionSide::Both, PositionSide::Long, PositionSide::Short],
    };
    let exposure = call.exchange.exposure(call.account, venue);
    let view = |side: &PositionSide| View {
        venue,
        contract: &state.contract,
        side: *side,
        position: account.positions.get(&(venue, *side)).cloned().unwrap_or_default(),
        exposure,
        mark: state.prices.mark_num(),
        leverage: account.leverage(venue),
        isolated: account.isolated.contains(&venue),
    };
    sides.iter().map(view).collect()
}

impl View<'_> {
    fn is_live(&self) -> bool {
        self.position.lots != 0 || !self.exposure.bids.is_zero() || !self.exposure.asks.is_zero()
    }

    fn entry(&self) -> Num {
        self.position.entry_price(self.contract).trunc(8)
    }

    fn break_even(&self) -> Num {
        self.position.break_even_price(self.contract).trunc(8)
    }

    fn unrealized(&self) -> Num {
        self.position.unrealized(self.contract, self.mark)
    }

    /// Its own wallet and its open profit; zero when it shares the account's wallet.
    fn isolated_margin(&self) -> Num {
        if self.isolated && self.position.lots != 0 {
            self.position.isolated + self.unrealized()
        } else {
            Num::ZERO
        }
    }

    fn notional(&self) -> Num {
        self.position.notional(self.contract, self.mark).trunc(8)
    }

    fn maintenance(&self) -> Num {
        self.contract.maintenance(self.notional()).trunc(8)
    }

    fn position_margin(&self) -> Num {
        self.notional().abs().mul_div(1, i128::from(self.leverage.max(1))).trunc(8)
    }

    fn initial_margin(&self) -> Num {
        self.position_margin() + self.exposure.order_margin
    }

    fn liquidation(&self, call: &Call<'_>) -> Num {
        call.exchange.liquidation_price(call.account, self.venue, self.side).trunc(8)
    }
}
