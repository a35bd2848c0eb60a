//! Positions: how they stand, their leverage and margin.

use crate::{
    decimal::Decimal,
    endpoint::Weight::Fixed,
    enums::{MarginMode, MarginType, PositionMarginAction, PositionSide},
    json::{List, Map},
    open::Open,
    record::{Contracts, Done, Quoted},
    text::{Asset, Message, Symbol},
    time::Millis,
};

endpoints! {
    CoinM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-coin-m-futures/api/rest-api/trade";

    /// The positions of one margin asset, of one pair, or all.
    GET "/dapi/v1/positionRisk" UserData, weight: Fixed(1), python: "get_position_risk", docs: "#position-information"
        -> List<'r, Position>;
    pub struct PositionRisk<'a> {} optional {
        /// Margin asset. Not together with a pair.
        "marginAsset" => margin_asset: &'a str,
        /// Pair, in upper case.
        "pair" => pair: &'a str,
    }

    /// How near the positions are to automatic deleveraging.
    GET "/dapi/v1/adlQuantile" UserData, weight: Fixed(5), python: "adl_quantile",
        docs: "#position-adl-quantile-estimation" -> List<'r, AdlQuantiles<'r>>;
    pub struct AdlQuantile<'a> {} optional {
        /// Contract, in upper case; all unless given.
        "symbol" => symbol: &'a str,
    }

    /// Another leverage for one contract: the highest is in its brackets.
    POST "/dapi/v1/leverage" Trade, weight: Fixed(1), python: "change_leverage", docs: "#change-initial-leverage"
        -> Leverage;
    pub struct ChangeInitialLeverage<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// 1 to 125.
        "leverage" => leverage: u32,
    }

    /// Another margin type for one contract. Refused with -4046 where it has it already, with -4047 where there are open
    /// orders, with -4048 where there is a position.
    POST "/dapi/v1/marginType" Trade, weight: Fixed(1), python: "change_margin_type", docs: "#change-margin-type" -> Done;
    pub struct ChangeMarginType<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// How its positions are to be margined.
        "marginType" => margin_type: MarginMode,
    }

    /// Another position mode, for both markets at once. Refused with -4059 where it is so already, with -4067 where there
    /// are open orders and with -4068 where there are positions, in either market.
    POST "/dapi/v1/positionSide/dual" Trade, weight: Fixed(1), python: "change_position_mode",
        docs: "#change-position-mode" -> Done;
    pub struct ChangePositionMode {
        /// Whether it is to be hedge mode; one-way mode otherwise.
        "dualSidePosition" => dual_side_position: bool,
    }

    /// Adds margin to an isolated position or takes some away.
    POST "/dapi/v1/positionMargin" Trade, weight: Fixed(1), python: "modify_isolated_position_margin",
        docs: "#modify-isolated-position-margin" -> PositionMargin;
    pub struct ModifyIsolatedPositionMargin<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// How much, in the margin asset; above 0.
        "amount" => amount: Decimal,
        /// Whether to add or to take.
        "type" => kind: PositionMarginAction,
    } optional {
        /// Which position; needed in hedge mode, `BOTH` unless given.
        "positionSide" => position_side: PositionSide,
    }

    /// How the margin of one contract's positions was changed.
    GET "/dapi/v1/positionMargin/history" Trade, weight: Fixed(1), python: "get_position_margin_history",
        docs: "#get-position-margin-change-history" -> List<'r, PositionMarginChange>;
    pub struct PositionMarginHistory<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    } optional {
        /// Whether it was added or taken; both unless given.
        "type" => kind: PositionMarginAction,
        /// Earliest time.
        "startTime" => start_time: Millis,
        /// Latest time.
        "endTime" => end_time: Millis,
        /// How many: 50 unless given.
        "limit" => limit: u16,
    }
}

record! {
    /// A position.
    pub struct Position {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// Which of its positions.
        "positionSide" => position_side: Open<PositionSide>,
        /// How many contracts; negative when short.
        "positionAmt" ? position_amt: Contracts,
        /// The mean price at which it was opened.
        "entryPrice" ? entry_price: Decimal,
        /// The price at which it makes neither profit nor loss, fees included.
        "breakEvenPrice" ? break_even_price: Decimal,
        /// The mark price.
        "markPrice" ? mark_price: Decimal,
        /// Profit.
        "unRealizedProfit" ? unrealized_profit: Decimal,
        /// The price at which it is liquidated; 0 where there is none.
        "liquidationPrice" ? liquidation_price: Decimal,
        /// The leverage.
        "leverage" ? leverage: Quoted<u32>,
        /// The largest position with that leverage, in the base asset.
        "maxQty" ? max_qty: Decimal,
        /// How it is margined: `isolated` or `cross`.
        "marginType" ? margin_type: Open<MarginType>,
        /// Margin of its own, of an isolated one.
        "isolatedMargin" ? isolated_margin: Decimal,
        /// Whether margin is added automatically.
        "isAutoAddMargin" ? is_auto_add_margin: Quoted<bool>,
        /// Worth, in the base asset.
        "notionalValue" ? notional_value: Decimal,
        /// The wallet of its own, of an isolated one; the WebSocket API tells it.
        "isolatedWallet" ? isolated_wallet: Decimal,
        /// When it changed last.
        "updateTime" ? update_time: Millis,
    }

    /// How near one contract's positions are to automatic deleveraging.
    pub struct AdlQuantiles<'r> {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// 0 to 4, 4 being the nearest: under `LONG` and `SHORT` in hedge mode, under `BOTH` in one-way mode. `HEDGE` stands
        /// for a crossed pair of both and says nothing.
        "adlQuantile" => adl_quantile: Map<'r, u8>,
    }

    /// The leverage of one contract, changed.
    pub struct Leverage {
        /// The leverage.
        "leverage" => leverage: u32,
        /// The largest position with that leverage, in the base asset.
        "maxQty" ? max_qty: Decimal,
        /// The contract.
        "symbol" => symbol: Symbol,
    }

    /// The margin of a position, changed.
    pub struct PositionMargin {
        /// 200.
        "code" => code: i32,
        /// The message.
        "msg" ? message: Message,
        /// By how much, in the margin asset.
        "amount" ? amount: Decimal,
        /// 1 where it was added, 2 where it was taken away.
        "type" ? kind: u8,
    }

    /// A change of a position's margin.
    pub struct PositionMarginChange {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// Which of its positions.
        "positionSide" ? position_side: Open<PositionSide>,
        /// 1 where it was added, 2 where it was taken away.
        "type" => kind: u8,
        /// By how much.
        "amount" => amount: Decimal,
        /// The margin asset.
        "asset" ? asset: Asset,
        /// When it was.
        "time" ? time: Millis,
    }
}
