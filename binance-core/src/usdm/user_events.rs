//! What the user data stream sends.
//!
//! [Exchange docs](https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams)

use super::Event;
use crate::{
    decimal::Decimal,
    enums::{
        AccountUpdateReason, AlgoStatus, AlgoType, EventType, ExecutionType, MarginType, OrderStatus,
        OrderType, PositionSide, PriceMatch, SelfTradePreventionMode, Side, TimeInForce, WorkingType,
    },
    json::List,
    listen_key::ListenKey,
    open::Open,
    record::LongText,
    text::{Asset, ClientOrderId, Symbol, Text},
    time::Millis,
};

pub use crate::record::events::{
    AccountConfigUpdate, BalanceUpdate, GridState, GridUpdate, LeverageChange, ListenKeyExpired,
    MarginModeChange, StrategyState, StrategyUpdate,
};

streams! {
    UsdM, "https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams";

    /// All events of the account whose key it is. The key is started and kept alive by
    /// [`super::user_data_streams`].
    "{listen_key}" on Private, python: "user_data", docs: "" -> Event<'r>;
    pub struct UserDataStream<'a> {
        /// The key.
        listen_key: &'a ListenKey,
    }
}

event! {
    /// An order was taken, changed, filled, canceled or expired.
    #[doc(alias = "ORDER_TRADE_UPDATE")]
    pub struct OrderTradeUpdate {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// When the matching engine was at it.
        "T" ? transaction_time: Millis,
        /// The order.
        "o" => order: OrderUpdate,
    }

    /// Balances or positions changed. Only what changed is in it.
    #[doc(alias = "ACCOUNT_UPDATE")]
    pub struct AccountUpdate<'r> {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// When the matching engine was at it.
        "T" ? transaction_time: Millis,
        /// What changed.
        "a" => account: AccountChange<'r>,
    }

    /// Positions are near their liquidation. Not to be relied on: by then it may be too late.
    #[doc(alias = "MARGIN_CALL")]
    pub struct MarginCall<'r> {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// The wallet for crossed positions, where one of them is near.
        "cw" ? cross_wallet_balance: Decimal,
        /// The positions that are near.
        "p" => positions: List<'r, MarginCallPosition>,
    }

    /// A fill, told early and in short. A fill of which this tells comes in an [`OrderTradeUpdate`] as well.
    #[doc(alias = "TRADE_LITE")]
    pub struct TradeLite {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// When the matching engine was at it.
        "T" ? transaction_time: Millis,
        /// The contract.
        "s" => symbol: Symbol,
        /// How much was ordered, in the base asset.
        "q" ? quantity: Decimal,
        /// The price of the order.
        "p" ? price: Decimal,
        /// Whether this fill was as the maker.
        "m" ? is_maker: bool,
        /// The client's id of the order.
        "c" => client_order_id: ClientOrderId,
        /// Which way.
        "S" => side: Open<Side>,
        /// The price of this fill.
        "L" => last_filled_price: Decimal,
        /// How much this fill was, in the base asset.
        "l" => last_filled_quantity: Decimal,
        /// The id of this fill.
        "t" => trade_id: u64,
        /// The exchange's id of the order.
        "i" => order_id: u64,
    }

    /// An algo order, which waits for a price, was taken, changed, triggered or ended.
    #[doc(alias = "ALGO_UPDATE")]
    pub struct AlgoUpdate<'r> {
        /// What it is.
        "e" => event_type: EventType,
        /// When the matching engine was at it.
        "T" ? transaction_time: Millis,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// The algo order.
        "o" => order: AlgoOrderUpdate<'r>,
    }

    /// An order that was triggered was refused. The exchange announced its end for 2025-12-15; [`AlgoUpdate`] tells it
    /// since.
    #[doc(alias = "CONDITIONAL_ORDER_TRIGGER_REJECT")]
    pub struct ConditionalOrderTriggerReject<'r> {
        /// What it is.
        "e" => event_type: EventType,
        /// When it was sent.
        "E" ? event_time: Millis,
        /// When the matching engine was at it.
        "T" ? transaction_time: Millis,
        /// What was refused.
        "or" => order: RejectedOrder<'r>,
    }
}

record! {
    /// What happened to an order, and where it stands now.
    pub struct OrderUpdate {
        /// The contract.
        "s" => symbol: Symbol,
        /// The client's id. `autoclose-…` is a liquidation, `adl_autoclose` an auto-deleveraging.
        "c" => client_order_id: ClientOrderId,
        /// Which way.
        "S" => side: Open<Side>,
        /// What kind it is.
        "o" ? kind: Open<OrderType>,
        /// How long it stays.
        "f" ? time_in_force: Open<TimeInForce>,
        /// How much was ordered, in the base asset.
        "q" ? quantity: Decimal,
        /// The price.
        "p" ? price: Decimal,
        /// The mean price of what is filled.
        "ap" ? avg_price: Decimal,
        /// The price that triggers it.
        "sp" ? stop_price: Decimal,
        /// What happened.
        "x" => execution_type: Open<ExecutionType>,
        /// Where it stands.
        "X" => status: Open<OrderStatus>,
        /// The exchange's id.
        "i" => order_id: u64,
        /// The number of the change that this tells of.
        "M" ? modify_id: Text<23>,
        /// How much this fill was, in the base asset.
        "l" ? last_filled_quantity: Decimal,
        /// How much is filled in all, in the base asset.
        "z" ? cum_filled_quantity: Decimal,
        /// The price of this fill.
        "L" ? last_filled_price: Decimal,
        /// What the fee is paid in.
        "N" ? commission_asset: Asset,
        /// The fee of this fill.
        "n" ? commission: Decimal,
        /// When this was.
        "T" ? trade_time: Millis,
        /// The id of this fill, 0 where there is none.
        "t" ? trade_id: u64,
        /// Profit that this fill realized.
        "rp" ? realized_profit: Decimal,
        /// Worth of the open buys.
        "b" ? bids_notional: Decimal,
        /// Worth of the open sells.
        "a" ? asks_notional: Decimal,
        /// Whether this fill was as the maker.
        "m" ? is_maker: bool,
        /// Whether it may only make the position smaller.
        "R" ? reduce_only: bool,
        /// Which price triggers it.
        "wt" ? working_type: Open<WorkingType>,
        /// What kind it was before it was triggered.
        "ot" ? orig_type: Open<OrderType>,
        /// Which position.
        "ps" ? position_side: Open<PositionSide>,
        /// Whether it closes the whole position.
        "cp" ? close_position: bool,
        /// The price at which a trailing stop begins to trail.
        "AP" ? activation_price: Decimal,
        /// By how many percent the price must turn for a trailing stop.
        "cr" ? callback_rate: Decimal,
        /// Whether it is triggered only while mark and last price are close.
        "pP" ? price_protect: bool,
        /// Not to be used.
        "si" ? si: i64,
        /// Not to be used.
        "ss" ? ss: i64,
        /// What happens if it would trade with another of the same account.
        "V" ? self_trade_prevention_mode: Open<SelfTradePreventionMode>,
        /// Where its price is taken from.
        "pm" ? price_match: Open<PriceMatch>,
        /// When a `GTD` order ends.
        "gtd" ? good_till_date: Millis,
        /// Why it expired: `0` for none.
        "er" ? expiry_reason: Text<15>,
    }

    /// What changed in the account, and why.
    pub struct AccountChange<'r> {
        /// Why.
        "m" => reason: Open<AccountUpdateReason>,
        /// The balances that changed.
        "B" ? balances: List<'r, BalanceUpdate>,
        /// The positions that changed.
        "P" ? positions: List<'r, PositionUpdate>,
        /// The contract of a funding fee.
        "S" ? symbol: Symbol,
    }

    /// A position after the change.
    pub struct PositionUpdate {
        /// The contract.
        "s" => symbol: Symbol,
        /// How much, in the base asset; negative when short.
        "pa" ? position_amount: Decimal,
        /// The mean price at which it was opened.
        "ep" ? entry_price: Decimal,
        /// The price at which it makes neither profit nor loss, fees included.
        "bep" ? break_even_price: Decimal,
        /// Profit realized so far, before fees.
        "cr" ? cum_realized: Decimal,
        /// Profit of what is open.
        "up" ? unrealized_profit: Decimal,
        /// How it is margined: `isolated` or `cross`.
        "mt" ? margin_type: Open<MarginType>,
        /// The wallet of its own, of an isolated one.
        "iw" ? isolated_wallet: Decimal,
        /// Which of its positions.
        "ps" => position_side: Open<PositionSide>,
    }

    /// A position that is near its liquidation.
    pub struct MarginCallPosition {
        /// The contract.
        "s" => symbol: Symbol,
        /// Which of its positions.
        "ps" => position_side: Open<PositionSide>,
        /// How much, in the base asset; negative when short.
        "pa" ? position_amount: Decimal,
        /// How it is margined.
        "mt" ? margin_type: Open<MarginType>,
        /// The wallet of its own, of an isolated one.
        "iw" ? isolated_wallet: Decimal,
        /// The mark price.
        "mp" ? mark_price: Decimal,
        /// Profit of what is open.
        "up" ? unrealized_profit: Decimal,
        /// Margin to keep the position.
        "mm" ? maint_margin: Decimal,
    }

    /// Where an algo order stands.
    pub struct AlgoOrderUpdate<'r> {
        /// The client's id.
        "caid" => client_algo_id: ClientOrderId,
        /// The exchange's id.
        "aid" => algo_id: u64,
        /// What kind of algo order it is.
        "at" ? algo_type: Open<AlgoType>,
        /// What kind of order comes of it.
        "o" ? kind: Open<OrderType>,
        /// The contract.
        "s" => symbol: Symbol,
        /// Which way.
        "S" => side: Open<Side>,
        /// Which position.
        "ps" ? position_side: Open<PositionSide>,
        /// How long it stays.
        "f" ? time_in_force: Open<TimeInForce>,
        /// How much, in the base asset.
        "q" ? quantity: Decimal,
        /// Where it stands.
        "X" => status: Open<AlgoStatus>,
        /// The id of the order that came of it; empty before.
        "ai" ? actual_order_id: Text<23>,
        /// The mean price of what that order filled.
        "ap" ? avg_price: Decimal,
        /// How much that order filled, in the base asset.
        "aq" ? executed_quantity: Decimal,
        /// What kind that order is; `0` before.
        "act" ? actual_order_type: Open<OrderType>,
        /// The price that triggers it.
        "tp" ? trigger_price: Decimal,
        /// The price of the order.
        "p" ? price: Decimal,
        /// What happens if it would trade with another of the same account.
        "V" ? self_trade_prevention_mode: Open<SelfTradePreventionMode>,
        /// Which price triggers it.
        "wt" ? working_type: Open<WorkingType>,
        /// Where its price is taken from.
        "pm" ? price_match: Open<PriceMatch>,
        /// Whether it closes the whole position.
        "cp" ? close_position: bool,
        /// Whether it is triggered only while mark and last price are close.
        "pP" ? price_protect: bool,
        /// Whether it may only make the position smaller.
        "R" ? reduce_only: bool,
        /// When it was triggered; 0 before.
        "tt" ? trigger_time: Millis,
        /// When a `GTD` order ends.
        "gtd" ? good_till_date: Millis,
        /// Why it was refused.
        "rm" ? reject_message: LongText<'r>,
        /// Whether a trailing stop is active: there is one event when it is taken and one when it begins to trail.
        "ia" ? is_active: bool,
    }

    /// An order that was refused when it was triggered.
    pub struct RejectedOrder<'r> {
        /// The contract.
        "s" => symbol: Symbol,
        /// The exchange's id of the order.
        "i" => order_id: u64,
        /// Why.
        "r" ? reason: LongText<'r>,
    }
}
