//! Events that both markets share.
//!
//! Since 2026-06-30 the streams of all contracts carry those of both markets on both hosts. Quantities are in the unit
//! of the contract's own market: the base asset for USDⓈ-M, contracts for COIN-M.

use crate::{
    decimal::Decimal,
    enums::{
        ContractStatus, ContractType, EventType, OrderStatus, OrderType, Side, StrategyStatus, TimeInForce,
    },
    json::List,
    listen_key::ListenKey,
    open::{MaybeDecimal, Open},
    text::{Asset, Symbol, Text},
    time::Millis,
};

event! {
    /// Mark price and funding of a contract.
    #[doc(alias = "markPriceUpdate")]
    pub struct MarkPriceUpdate {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// The contract.
        "s" => symbol: Symbol,
        /// The mark price.
        "p" => mark_price: Decimal,
        /// The index price.
        "i" ? index_price: Decimal,
        /// What the settlement price would be; to the point in the last hour before it only.
        "P" ? estimated_settle_price: Decimal,
        /// The funding rate; `""` for contracts that have none.
        "r" ? funding_rate: MaybeDecimal,
        /// The moving average of the mark price.
        "ap" ? average_mark_price: Decimal,
        /// When funding is next; 0 for contracts that have none.
        "T" ? next_funding_time: Millis,
        /// What the contract is on.
        "ps" ? pair: Symbol,
        /// The market: 1 is USDⓈ-M, 2 is COIN-M.
        "st" ? market: u8,
    }

    /// What became of a contract's price and volume within 24 hours, in short.
    #[doc(alias = "24hrMiniTicker")]
    pub struct MiniTicker {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// The contract.
        "s" => symbol: Symbol,
        /// The last price.
        "c" => close: Decimal,
        /// The first price.
        "o" ? open: Decimal,
        /// The highest price.
        "h" ? high: Decimal,
        /// The lowest price.
        "l" ? low: Decimal,
        /// Traded, in the base asset (in contracts, of COIN-M).
        "v" ? volume: Decimal,
        /// Traded, in the quote asset (in the base asset, of COIN-M).
        "q" ? quote_volume: Decimal,
        /// What the contract is on.
        "ps" ? pair: Symbol,
        /// The market: 1 is USDⓈ-M, 2 is COIN-M.
        "st" ? market: u8,
    }

    /// What became of a contract's price and volume within 24 hours.
    #[doc(alias = "24hrTicker")]
    pub struct Ticker {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// The contract.
        "s" => symbol: Symbol,
        /// By how much the price changed.
        "p" ? price_change: Decimal,
        /// By how many percent the price changed.
        "P" ? price_change_percent: Decimal,
        /// The mean price, weighted by volume.
        "w" ? weighted_avg_price: Decimal,
        /// The last price.
        "c" => last_price: Decimal,
        /// The quantity of the last trade, in the base asset (in contracts, of COIN-M).
        "Q" ? last_quantity: Decimal,
        /// The first price.
        "o" ? open_price: Decimal,
        /// The highest price.
        "h" ? high_price: Decimal,
        /// The lowest price.
        "l" ? low_price: Decimal,
        /// Traded, in the base asset (in contracts, of COIN-M).
        "v" ? volume: Decimal,
        /// Traded, in the quote asset (in the base asset, of COIN-M).
        "q" ? quote_volume: Decimal,
        /// When the 24 hours began.
        "O" ? open_time: Millis,
        /// When they ended.
        "C" ? close_time: Millis,
        /// The first trade in them.
        "F" ? first_trade_id: i64,
        /// The last trade in them.
        "L" ? last_trade_id: i64,
        /// How many trades.
        "n" ? trades: u64,
        /// What the contract is on.
        "ps" ? pair: Symbol,
        /// The market: 1 is USDⓈ-M, 2 is COIN-M.
        "st" ? market: u8,
    }

    /// A liquidation: the largest of the contract within the last second.
    #[doc(alias = "forceOrder")]
    pub struct Liquidation {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// The order that liquidates.
        "o" => order: LiquidationOrder,
        /// What the contract is on.
        "ps" ? pair: Symbol,
        /// The market: 1 is USDⓈ-M, 2 is COIN-M.
        "st" ? market: u8,
    }

    /// A contract is listed, settled, or has other brackets.
    #[doc(alias = "contractInfo")]
    pub struct ContractInfo<'r> {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// The contract.
        "s" => symbol: Symbol,
        /// What the contract is on.
        "ps" ? pair: Symbol,
        /// What kind of contract it is.
        "ct" ? contract_type: Open<ContractType>,
        /// When it ends; far off for a perpetual one.
        "dt" ? delivery_date: Millis,
        /// When it began.
        "ot" ? onboard_date: Millis,
        /// Where it stands.
        "cs" ? status: Open<ContractStatus>,
        /// The steps of leverage and margin, where they changed.
        "bks" ? brackets: List<'r, ContractBracket>,
        /// The market: 1 is USDⓈ-M, 2 is COIN-M.
        "st" ? market: u8,
    }

    /// A contract's leverage or the account's margin mode changed. One of the two is there.
    #[doc(alias = "ACCOUNT_CONFIG_UPDATE")]
    pub struct AccountConfigUpdate {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// When the matching engine was at it.
        "T" ? transaction_time: Millis,
        /// The leverage, where it changed.
        "ac" ? leverage: LeverageChange,
        /// The margin mode, where it changed (USDⓈ-M).
        "ai" ? margin_mode: MarginModeChange,
    }

    /// A strategy was created, ended or changed.
    #[doc(alias = "STRATEGY_UPDATE")]
    pub struct StrategyUpdate {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was.
        "T" ? transaction_time: Millis,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// The strategy.
        "su" => strategy: StrategyState,
    }

    /// A grid's order was filled, in part or in whole.
    #[doc(alias = "GRID_UPDATE")]
    pub struct GridUpdate {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was.
        "T" ? transaction_time: Millis,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// The grid.
        "gu" => grid: GridState,
    }

    /// The key of the user data stream ended: start a new one.
    #[doc(alias = "listenKeyExpired")]
    pub struct ListenKeyExpired {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// The key that ended.
        "listenKey" ? listen_key: ListenKey,
    }
}

record! {
    /// The order of a liquidation.
    pub struct LiquidationOrder {
        /// The contract.
        "s" => symbol: Symbol,
        /// What the contract is on, where the order tells and not the event.
        "ps" ? pair: Symbol,
        /// Which way.
        "S" => side: Open<Side>,
        /// What kind it is.
        "o" ? kind: Open<OrderType>,
        /// How long it stays.
        "f" ? time_in_force: Open<TimeInForce>,
        /// How much was ordered, in the base asset (in contracts, of COIN-M).
        "q" => quantity: Decimal,
        /// The price.
        "p" => price: Decimal,
        /// The mean price of what is filled.
        "ap" ? avg_price: Decimal,
        /// Where it stands.
        "X" ? status: Open<OrderStatus>,
        /// How much the last fill was, in the base asset (in contracts, of COIN-M).
        "l" ? last_filled_quantity: Decimal,
        /// How much is filled in all, in the base asset (in contracts, of COIN-M).
        "z" ? cum_filled_quantity: Decimal,
        /// When it traded.
        "T" ? trade_time: Millis,
    }

    /// The leverage and margin of positions of some size.
    pub struct ContractBracket {
        /// Its number, from 1.
        "bs" => bracket: u32,
        /// The smallest notional.
        "bnf" ? notional_floor: Decimal,
        /// The largest notional.
        "bnc" ? notional_cap: Decimal,
        /// Margin to keep the position, as a part of its worth.
        "mmr" ? maint_margin_ratio: Decimal,
        /// What to take off that margin, so that the steps meet.
        "cf" ? cum: Decimal,
        /// The lowest leverage.
        "mi" ? min_leverage: u32,
        /// The highest leverage.
        "ma" ? max_leverage: u32,
    }

    /// The leverage of a contract after the change.
    pub struct LeverageChange {
        /// The contract.
        "s" => symbol: Symbol,
        /// The leverage.
        "l" => leverage: u32,
    }

    /// The margin mode after the change.
    pub struct MarginModeChange {
        /// Whether all assets are margin together.
        "j" => multi_assets_margin: bool,
    }

    /// A balance after the change.
    pub struct BalanceUpdate {
        /// The asset.
        "a" => asset: Asset,
        /// The wallet.
        "wb" ? wallet_balance: Decimal,
        /// The wallet for crossed positions.
        "cw" ? cross_wallet_balance: Decimal,
        /// The change, without profit and fees.
        "bc" ? balance_change: Decimal,
    }

    /// Where a strategy stands.
    pub struct StrategyState {
        /// Its id.
        "si" => strategy_id: u64,
        /// What kind it is: `GRID`, say.
        "st" ? strategy_type: Text<31>,
        /// Where it stands.
        "ss" => status: Open<StrategyStatus>,
        /// The contract.
        "s" ? symbol: Symbol,
        /// When it changed.
        "ut" ? update_time: Millis,
        /// Why it changed, from 8001 on; what each means stands on the exchange's page.
        "c" ? op_code: u32,
    }

    /// Where a grid stands.
    pub struct GridState {
        /// Its id.
        "si" => strategy_id: u64,
        /// What kind of strategy it is: `GRID`.
        "st" ? strategy_type: Text<31>,
        /// Where it stands.
        "ss" => status: Open<StrategyStatus>,
        /// The contract.
        "s" ? symbol: Symbol,
        /// Profit realized so far.
        "r" ? realized_profit: Decimal,
        /// The mean price of what is unmatched.
        "up" ? unmatched_avg_price: Decimal,
        /// How much is unmatched, in the base asset (in contracts, of COIN-M).
        "uq" ? unmatched_quantity: Decimal,
        /// The fee of what is unmatched.
        "uf" ? unmatched_fee: Decimal,
        /// Profit of what is matched.
        "mp" ? matched_profit: Decimal,
        /// When it changed.
        "ut" ? update_time: Millis,
    }
}
