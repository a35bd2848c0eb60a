//! Algo orders: stop, take-profit and trailing orders, which wait for a price and then become orders of their own.
//!
//! The exchange's notice of 2026-06-10 announces [`NewAlgoOrder`], [`CancelAlgoOrder`] and [`OpenAlgoOrders`] for
//! COIN-M, without parameters and replies; the other three are not documented by it. All are declared as they are on
//! USDⓈ-M.

use super::super::by_symbol;
use crate::{
    decimal::Decimal,
    endpoint::{Orders, Weight::Fixed},
    enums::{
        AlgoStatus, AlgoType, NewOrderRespType, OrderType, PositionSide, PriceMatch, SelfTradePreventionMode,
        Side, TimeInForce, WorkingType,
    },
    json::List,
    open::Open,
    order::{Closing, LimitPrice, Way},
    record::{Contracts, Done, Quoted},
    text::{ClientOrderId, Message, Symbol},
    time::Millis,
};

endpoints! {
    CoinM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-coin-m-futures/api/rest-api/trade";

    /// A new order that waits for a price. It is not checked for margin before it is triggered.
    ///
    /// Make it with [`NewAlgoOrder::stop`], [`NewAlgoOrder::stop_market`], [`NewAlgoOrder::take_profit`],
    /// [`NewAlgoOrder::take_profit_market`], [`NewAlgoOrder::trailing_stop`], or, to close a whole position, with
    /// [`NewAlgoOrder::stop_market_close`] or [`NewAlgoOrder::take_profit_market_close`]. Refused with -4142 where it
    /// would be triggered at once.
    POST "/dapi/v1/algoOrder" Trade, weight: Fixed(0), orders: Orders::ONE, docs: "" -> AlgoOrder;
    new is private;
    pub struct NewAlgoOrder<'a> {
        /// What kind of algo order.
        "algoType" => algo_type: AlgoType,
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// Which way.
        "side" => side: Side,
        /// What kind of order.
        "type" => kind: OrderType,
    } optional {
        /// Which position, in hedge mode; `BOTH` unless given.
        "positionSide" => position_side: PositionSide [private],
        /// How long the order stays that comes of it; until it is canceled unless given.
        "timeInForce" => time_in_force: TimeInForce,
        /// How many contracts.
        "quantity" => quantity: Contracts [private],
        /// The price.
        "price" => price: Decimal [private],
        /// The price that triggers it.
        "triggerPrice" => trigger_price: Decimal [private],
        /// Which price triggers it; `CONTRACT_PRICE` unless given.
        "workingType" => working_type: WorkingType,
        /// The price taken from the book. Not together with a price.
        "priceMatch" => price_match: PriceMatch [private],
        /// Whether it closes the whole position. Not together with a quantity.
        "closePosition" => close_position: bool [private],
        /// Whether it is triggered only while mark and last price are close; not unless given.
        "priceProtect" => price_protect: bool,
        /// Whether it may only make the position smaller. Not in hedge mode.
        "reduceOnly" => reduce_only: bool [private],
        /// The price at which a trailing stop begins to trail; the price at which it comes unless given.
        "activatePrice" => activate_price: Decimal,
        /// By how many percent the price must turn for a trailing stop: 0.1 to 20.
        "callbackRate" => callback_rate: Decimal [private],
        /// A name for it among the open algo orders: 1 to 36 of `A–Z a–z 0–9 . : / _ -`. With it, and only with it, can
        /// an order be found again whose reply was lost.
        "clientAlgoId" => client_algo_id: &'a str,
        /// How much the reply tells; `ACK` unless given.
        "newOrderRespType" => new_order_resp_type: NewOrderRespType,
        /// What happens if it would trade with another of the same account; nothing unless given.
        "selfTradePreventionMode" => self_trade_prevention_mode: SelfTradePreventionMode,
        /// When a `GTD` order ends.
        "goodTillDate" => good_till_date: Millis [private],
    }

    /// Cancels an algo order that was not triggered.
    ///
    /// Make it with [`CancelAlgoOrder::by_id`] or [`CancelAlgoOrder::by_client_id`].
    DELETE "/dapi/v1/algoOrder" Trade, weight: Fixed(1), docs: "" -> CanceledAlgoOrder;
    new is private;
    pub struct CancelAlgoOrder<'a> {} optional {
        /// The exchange's id of the algo order.
        "algoId" => algo_id: u64 [private],
        /// The client's id of the algo order.
        "clientAlgoId" => client_algo_id: &'a str [private],
    }

    /// Cancels all algo orders of one contract that were not triggered.
    DELETE "/dapi/v1/algoOpenOrders" Trade, weight: Fixed(1), docs: "" -> Done;
    pub struct CancelAllAlgoOpenOrders<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    }

    /// Where an algo order stands. Those that ended without a fill are forgotten after 3 days, others after 90.
    ///
    /// Make it with [`QueryAlgoOrder::by_id`] or [`QueryAlgoOrder::by_client_id`].
    GET "/dapi/v1/algoOrder" UserData, weight: Fixed(1), docs: "" -> AlgoOrder;
    new is private;
    pub struct QueryAlgoOrder<'a> {} optional {
        /// The exchange's id of the algo order.
        "algoId" => algo_id: u64 [private],
        /// The client's id of the algo order.
        "clientAlgoId" => client_algo_id: &'a str [private],
    }

    /// The algo orders of one contract or of all that were not triggered.
    GET "/dapi/v1/openAlgoOrders" UserData, weight: by_symbol(1, 40), docs: "" -> List<'r, AlgoOrder>;
    pub struct OpenAlgoOrders<'a> {} optional {
        /// What kind; all unless given.
        "algoType" => algo_type: AlgoType,
        /// Contract, in upper case; all unless given, for 40 times the weight.
        "symbol" => symbol: &'a str,
        /// The exchange's id of one of them.
        "algoId" => algo_id: u64,
    }

    /// All algo orders of one contract: open, canceled, triggered. Those that ended without a fill are forgotten after 3
    /// days, others after 90.
    GET "/dapi/v1/allAlgoOrders" UserData, weight: Fixed(5), docs: "" -> List<'r, AlgoOrder>;
    pub struct AllAlgoOrders<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    } optional {
        /// From this id on, inclusive; the latest unless given.
        "algoId" => algo_id: u64,
        /// Earliest time. At most 7 days before `end_time`; the last 7 days unless given.
        "startTime" => start_time: Millis,
        /// Latest time.
        "endTime" => end_time: Millis,
        /// How many: 500 unless given, at most 1000.
        "limit" => limit: u16,
    }
}

impl<'a> NewAlgoOrder<'a> {
    /// The client's id of this order, where it has one.
    pub const fn client_order_id(&self) -> Option<&'a str> {
        self.client_algo_id
    }

    /// The contract.
    pub const fn symbol(&self) -> &'a str {
        self.symbol
    }

    /// A limit order at `price` once the price has come to `trigger_price` from the side where it hurts: from below for
    /// a buy, from above for a sell.
    pub fn stop(
        symbol: &'a str,
        way: impl Into<Way>,
        quantity: Contracts,
        price: impl Into<LimitPrice>,
        trigger_price: Decimal,
    ) -> Self {
        Self::conditional(OrderType::Stop, symbol, way.into())
            .quantity(quantity)
            .trigger_price(trigger_price)
            .limit_price(price.into())
    }

    /// A market order once the price has come to `trigger_price` from below for a buy, from above for a sell.
    pub fn stop_market(
        symbol: &'a str,
        way: impl Into<Way>,
        quantity: Contracts,
        trigger_price: Decimal,
    ) -> Self {
        Self::conditional(OrderType::StopMarket, symbol, way.into())
            .quantity(quantity)
            .trigger_price(trigger_price)
    }

    /// Closes the whole position, whatever it is by then, once the price has come to `trigger_price` from below for a
    /// short one, from above for a long one.
    pub fn stop_market_close(symbol: &'a str, closing: impl Into<Closing>, trigger_price: Decimal) -> Self {
        Self::conditional(OrderType::StopMarket, symbol, closing.into().way())
            .close_position(true)
            .trigger_price(trigger_price)
    }

    /// A limit order at `price` once the price has come to `trigger_price` from the side where it is welcome: from above
    /// for a buy, from below for a sell.
    pub fn take_profit(
        symbol: &'a str,
        way: impl Into<Way>,
        quantity: Contracts,
        price: impl Into<LimitPrice>,
        trigger_price: Decimal,
    ) -> Self {
        Self::conditional(OrderType::TakeProfit, symbol, way.into())
            .quantity(quantity)
            .trigger_price(trigger_price)
            .limit_price(price.into())
    }

    /// A market order once the price has come to `trigger_price` from above for a buy, from below for a sell.
    pub fn take_profit_market(
        symbol: &'a str,
        way: impl Into<Way>,
        quantity: Contracts,
        trigger_price: Decimal,
    ) -> Self {
        Self::conditional(OrderType::TakeProfitMarket, symbol, way.into())
            .quantity(quantity)
            .trigger_price(trigger_price)
    }

    /// Closes the whole position, whatever it is by then, once the price has come to `trigger_price` from above for a
    /// short one, from below for a long one.
    pub fn take_profit_market_close(
        symbol: &'a str,
        closing: impl Into<Closing>,
        trigger_price: Decimal,
    ) -> Self {
        Self::conditional(OrderType::TakeProfitMarket, symbol, closing.into().way())
            .close_position(true)
            .trigger_price(trigger_price)
    }

    /// A market order once the price has turned by `callback_rate` percent (0.1 to 20) from the best it has been since
    /// the order came, or since [`Self::activate_price`].
    pub fn trailing_stop(
        symbol: &'a str,
        way: impl Into<Way>,
        quantity: Contracts,
        callback_rate: Decimal,
    ) -> Self {
        Self::conditional(OrderType::TrailingStopMarket, symbol, way.into())
            .quantity(quantity)
            .callback_rate(callback_rate)
    }

    /// Lets the limit order that comes of it stay until `date` (`GTD`): at least 600 seconds from now, whole seconds.
    pub const fn good_till(self, date: Millis) -> Self {
        self.time_in_force(TimeInForce::Gtd).good_till_date(date)
    }

    /// The client's id of this order, where it has one.
    pub const fn client_id(&self) -> Option<&'a str> {
        self.client_algo_id
    }

    const fn conditional(kind: OrderType, symbol: &'a str, way: Way) -> Self {
        let mut order = Self::new(AlgoType::Conditional, symbol, way.side(), kind);
        order.position_side = way.position_side();
        order.reduce_only = way.reduces_only();
        order
    }

    const fn limit_price(mut self, price: LimitPrice) -> Self {
        self.price = price.price();
        self.price_match = price.price_match();
        self
    }
}

/// Constructors of requests that name an algo order by one of its two ids.
macro_rules! by_either_id {
    ($($name:ident)*) => {$(
        impl<'a> $name<'a> {
            /// By the exchange's id.
            pub const fn by_id(algo_id: u64) -> Self {
                Self::new().algo_id(algo_id)
            }

            /// By the client's id.
            pub const fn by_client_id(client_algo_id: &'a str) -> Self {
                Self::new().client_algo_id(client_algo_id)
            }
        }
    )*};
}
by_either_id!(CancelAlgoOrder QueryAlgoOrder);

impl<'a> CancelAlgoOrder<'a> {
    /// Asks where the order stands that this names.
    pub const fn query(&self) -> QueryAlgoOrder<'a> {
        let mut query = QueryAlgoOrder::new();
        query.algo_id = self.algo_id;
        query.client_algo_id = self.client_algo_id;
        query
    }
}

record! {
    /// An algo order, as the replies to placing and asking show it. Each shows what it knows.
    pub struct AlgoOrder {
        /// The exchange's id.
        "algoId" => algo_id: u64,
        /// The client's id.
        "clientAlgoId" => client_algo_id: ClientOrderId,
        /// What kind of algo order it is.
        "algoType" ? algo_type: Open<AlgoType>,
        /// What kind it is.
        "orderType" ? order_type: Open<OrderType>,
        /// The contract.
        "symbol" => symbol: Symbol,
        /// Which way.
        "side" => side: Open<Side>,
        /// Which position.
        "positionSide" ? position_side: Open<PositionSide>,
        /// How long the order stays that comes of it.
        "timeInForce" ? time_in_force: Open<TimeInForce>,
        /// How many contracts were ordered.
        "quantity" ? quantity: Contracts,
        /// Where it stands.
        "algoStatus" => algo_status: Open<AlgoStatus>,
        /// The exchange's id of the order that came of it; none before it is triggered.
        "actualOrderId" ? actual_order_id: Quoted<u64>,
        /// The mean price of what that order filled; 0 before it is triggered.
        "actualPrice" ? actual_price: Decimal,
        /// What kind of order came of it.
        "actualType" ? actual_type: Open<OrderType>,
        /// How many contracts that order is of.
        "actualQty" ? actual_qty: Contracts,
        /// The price that triggers it.
        "triggerPrice" ? trigger_price: Decimal,
        /// The price of the limit order that comes of it.
        "price" ? price: Decimal,
        /// How many contracts of it show in the book; none where all do.
        "icebergQuantity" ? iceberg_quantity: Contracts,
        /// Not to be used.
        "tpTriggerPrice" ? tp_trigger_price: Decimal,
        /// Not to be used.
        "tpPrice" ? tp_price: Decimal,
        /// Not to be used.
        "slTriggerPrice" ? sl_trigger_price: Decimal,
        /// Not to be used.
        "slPrice" ? sl_price: Decimal,
        /// Not to be used.
        "tpOrderType" ? tp_order_type: Open<OrderType>,
        /// What happens if it would trade with another of the same account.
        "selfTradePreventionMode" ? self_trade_prevention_mode: Open<SelfTradePreventionMode>,
        /// Which price triggers it.
        "workingType" ? working_type: Open<WorkingType>,
        /// Where its price is taken from, `NONE` where it has one of its own.
        "priceMatch" ? price_match: Open<PriceMatch>,
        /// Whether it closes the whole position.
        "closePosition" ? close_position: bool,
        /// Whether it is triggered only while mark and last price are close.
        "priceProtect" ? price_protect: bool,
        /// Whether it may only make the position smaller.
        "reduceOnly" ? reduce_only: bool,
        /// The price from which on a trailing stop trails.
        "activatePrice" ? activate_price: Decimal,
        /// By how many percent the price must turn for a trailing stop.
        "callbackRate" ? callback_rate: Decimal,
        /// When it was placed.
        "createTime" ? create_time: Millis,
        /// When it changed last.
        "updateTime" ? update_time: Millis,
        /// When it was triggered, 0 before that.
        "triggerTime" ? trigger_time: Millis,
        /// When a `GTD` order ends.
        "goodTillDate" ? good_till_date: Millis,
    }

    /// An algo order that is canceled.
    pub struct CanceledAlgoOrder {
        /// The exchange's id.
        "algoId" => algo_id: u64,
        /// The client's id.
        "clientAlgoId" ? client_algo_id: ClientOrderId,
        /// 200.
        "code" ? code: Quoted<i32>,
        /// The message.
        "msg" ? message: Message,
    }
}
