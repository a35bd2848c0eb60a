//! What replies show of orders and trades.

use crate::{
    decimal::Decimal,
    enums::{
        OrderStatus, OrderType, PositionSide, PriceMatch, SelfTradePreventionMode, Side, TimeInForce,
        WorkingType,
    },
    open::Open,
    record::Quoted,
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
        /// How much was ordered, in the base asset.
        "origQty" ? orig_qty: Decimal,
        /// How much is filled, in the base asset.
        "executedQty" ? executed_qty: Decimal,
        /// How much is filled, in the base asset.
        "cumQty" ? cum_qty: Decimal,
        /// How much is filled, in the quote asset. Not in replies to placing, changing and canceling since
        /// 2026-06-30.
        "cumQuote" ? cum_quote: Decimal,
        /// How much is filled, in the base asset.
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
        /// When a `GTD` order ends.
        "goodTillDate" ? good_till_date: Millis,
        /// The number of the last change.
        "modifyId" ? modify_id: u64,
        /// When it was placed.
        "time" ? time: Millis,
        /// When it changed last.
        "updateTime" ? update_time: Millis,
    }

    /// A trade of the account.
    pub struct AccountTrade {
        /// Whether it was a buy.
        "buyer" ? buyer: bool,
        /// The fee; negative where it was paid to the account.
        "commission" ? commission: Decimal,
        /// What the fee is in.
        "commissionAsset" ? commission_asset: Asset,
        /// Its id.
        "id" => id: u64,
        /// Whether it was as the maker.
        "maker" ? maker: bool,
        /// The exchange's id of the order.
        "orderId" => order_id: u64,
        /// The price.
        "price" => price: Decimal,
        /// The quantity, in the base asset.
        "qty" => quantity: Decimal,
        /// Price times quantity.
        "quoteQty" ? quote_quantity: Decimal,
        /// The quantity in the base asset, as COIN-M has it; 0 here.
        "baseQty" ? base_quantity: Decimal,
        /// What it is margined in.
        "marginAsset" ? margin_asset: Asset,
        /// Profit that it realized.
        "realizedPnl" ? realized_pnl: Decimal,
        /// Which way.
        "side" => side: Open<Side>,
        /// Which position.
        "positionSide" ? position_side: Open<PositionSide>,
        /// The contract.
        "symbol" => symbol: Symbol,
        /// What the contract is on.
        "pair" ? pair: Symbol,
        /// When it was.
        "time" ? time: Millis,
    }

    /// A change of an order.
    pub struct Amendment {
        /// Its id.
        "amendmentId" => amendment_id: u64,
        /// The contract.
        "symbol" => symbol: Symbol,
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
        /// How much was ordered, in the base asset.
        "origQty" ? orig_qty: BeforeAndAfter,
        /// How many changes of the order there have been, this one too.
        "count" ? count: u32,
        /// The number that was given for the change.
        "modifyId" ? modify_id: u64,
    }

    /// A value before and after a change.
    pub struct BeforeAndAfter {
        /// Before.
        "before" ? before: Decimal,
        /// After.
        "after" ? after: Decimal,
    }

    /// A countdown at whose end all open orders of one contract are canceled.
    pub struct Countdown {
        /// The contract.
        "symbol" => symbol: Symbol,
        /// How long it is, in milliseconds; 0 where there is none now.
        "countdownTime" ? countdown_time: Quoted<u64>,
    }
}
