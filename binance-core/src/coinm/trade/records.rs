//! What the exchange shows of orders and of the trades that come of them.

use crate::{
    decimal::Decimal,
    enums::{
        OrderStatus, OrderType, PositionSide, PriceMatch, SelfTradePreventionMode, Side, TimeInForce,
        WorkingType,
    },
    open::Open,
    record::{Contracts, Quoted},
    text::{Asset, ClientOrderId, Symbol},
    time::Millis,
};

record! {
    /// An order, as the replies to placing, changing, canceling and asking show it. Each shows what it knows.
    pub struct Order {
        /// The exchange's id.
        "orderId" => order_id: u64,
        /// The contract.
        "symbol" => symbol: Symbol,
        /// What the contract is on.
        "pair" ? pair: Symbol,
        /// The client's id.
        "clientOrderId" => client_order_id: ClientOrderId,
        /// Where it stands.
        "status" => status: Open<OrderStatus>,
        /// The price.
        "price" ? price: Decimal,
        /// The mean price of what is filled. Not in replies to placing, changing and canceling since 2026-06-30.
        "avgPrice" ? avg_price: Decimal,
        /// How many contracts were ordered.
        "origQty" ? orig_qty: Contracts,
        /// How many contracts are filled.
        "executedQty" ? executed_qty: Contracts,
        /// How many contracts are filled.
        "cumQty" ? cum_qty: Contracts,
        /// How much is filled, in the quote asset.
        "cumQuote" ? cum_quote: Decimal,
        /// How much is filled, in the base asset. Not in replies to placing, changing and canceling since 2026-06-30.
        "cumBase" ? cum_base: Decimal,
        /// How long it stays.
        "timeInForce" ? time_in_force: Open<TimeInForce>,
        /// What kind it is.
        "type" ? kind: Open<OrderType>,
        /// What kind it was before it was triggered.
        "origType" ? orig_type: Open<OrderType>,
        /// Whether it may only make the position smaller.
        "reduceOnly" ? reduce_only: bool,
        /// Whether it closes the whole position.
        "closePosition" ? close_position: bool,
        /// Which way.
        "side" => side: Open<Side>,
        /// Which position.
        "positionSide" ? position_side: Open<PositionSide>,
        /// The price that triggers it.
        "stopPrice" ? stop_price: Decimal,
        /// Which price triggers it.
        "workingType" ? working_type: Open<WorkingType>,
        /// Whether it is triggered only while mark and last price are close.
        "priceProtect" ? price_protect: bool,
        /// The price at which a trailing stop begins to trail.
        "activatePrice" ? activate_price: Decimal,
        /// By how many percent the price must turn for a trailing stop.
        "priceRate" ? price_rate: Decimal,
        /// Where its price is taken from, `NONE` where it has one of its own.
        "priceMatch" ? price_match: Open<PriceMatch>,
        /// What happens if it would trade with another of the same account.
        "selfTradePreventionMode" ? self_trade_prevention_mode: Open<SelfTradePreventionMode>,
        /// When it ends; 0 where it stays until it is canceled.
        "goodTillDate" ? good_till_date: Millis,
        /// The number of the last change.
        "modifyId" ? modify_id: u64,
        /// When it was placed.
        "time" ? time: Millis,
        /// When it changed last.
        "updateTime" ? update_time: Millis,
    }

    /// A change of an order.
    pub struct Amendment {
        /// Its id.
        "amendmentId" => amendment_id: u64,
        /// The contract.
        "symbol" ? symbol: Symbol,
        /// What the contract is on.
        "pair" ? pair: Symbol,
        /// The exchange's id of the order.
        "orderId" => order_id: u64,
        /// The client's id of the order.
        "clientOrderId" ? client_order_id: ClientOrderId,
        /// When it was.
        "time" ? time: Millis,
        /// What changed.
        "amendment" => amendment: Amended,
    }

    /// What a change of an order changed.
    pub struct Amended {
        /// The price.
        "price" ? price: BeforeAndAfter,
        /// How many contracts were ordered.
        "origQty" ? orig_qty: ContractsBeforeAndAfter,
        /// How many changes of the order there have been, this one too.
        "count" ? count: u32,
        /// The number that was given for the change.
        "modifyId" ? modify_id: u64,
    }

    /// A price before and after a change.
    pub struct BeforeAndAfter {
        /// Before.
        "before" ? before: Decimal,
        /// After.
        "after" ? after: Decimal,
    }

    /// A number of contracts before and after a change.
    pub struct ContractsBeforeAndAfter {
        /// Before.
        "before" ? before: Contracts,
        /// After.
        "after" ? after: Contracts,
    }

    /// A countdown at whose end all open orders of one contract are canceled.
    pub struct Countdown {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// How long it is, in milliseconds; 0 where there is none now.
        "countdownTime" ? countdown_time: Quoted<u64>,
    }

    /// A trade of the account.
    pub struct AccountTrade {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// Its id.
        "id" => id: u64,
        /// The exchange's id of the order.
        "orderId" => order_id: u64,
        /// What the contract is on.
        "pair" ? pair: Symbol,
        /// Which way.
        "side" => side: Open<Side>,
        /// The price.
        "price" => price: Decimal,
        /// How many contracts.
        "qty" => quantity: Contracts,
        /// The profit that it realized.
        "realizedPnl" ? realized_pnl: Decimal,
        /// What the contract is margined in.
        "marginAsset" ? margin_asset: Asset,
        /// What it is worth, in the base asset.
        "baseQty" ? base_quantity: Decimal,
        /// What it is worth, in the quote asset.
        "quoteQty" ? quote_quantity: Decimal,
        /// The fee; negative where it was received.
        "commission" ? commission: Decimal,
        /// What the fee was paid in.
        "commissionAsset" ? commission_asset: Asset,
        /// When it was.
        "time" ? time: Millis,
        /// Which position.
        "positionSide" ? position_side: Open<PositionSide>,
        /// Whether the account bought.
        "buyer" ? buyer: bool,
        /// Whether the account was the maker.
        "maker" ? maker: bool,
    }
}
