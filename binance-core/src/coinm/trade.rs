//! Trade: orders, batches of them, orders that wait for a price, trades, positions.
//!
//! Position mode, price and id of an order are told as on USDⓈ-M: see [`crate::usdm::trade`]. Quantities are
//! [`Contracts`].

use super::by_symbol;
use crate::{
    decimal::Decimal,
    endpoint::{Orders, Weight::Fixed},
    enums::{
        AutoCloseType, NewOrderRespType, OrderType, PositionSide, PriceMatch, SelfTradePreventionMode, Side,
        TimeInForce, WorkingType,
    },
    json::{Each, List},
    order::{BatchSize, Closing, LimitPrice, Way},
    record::{Contracts, Done},
    time::Millis,
};

pub(crate) mod algo;
pub(crate) mod positions;
mod records;

pub use self::{
    algo::{
        AlgoOrder, AllAlgoOrders, CancelAlgoOrder, CancelAllAlgoOpenOrders, CanceledAlgoOrder,
        ENDPOINTS as ALGO_ENDPOINTS, NewAlgoOrder, OpenAlgoOrders, QueryAlgoOrder,
    },
    positions::{
        AdlQuantile, AdlQuantiles, ChangeInitialLeverage, ChangeMarginType, ChangePositionMode,
        ENDPOINTS as POSITION_ENDPOINTS, Leverage, ModifyIsolatedPositionMargin, Position, PositionMargin,
        PositionMarginChange, PositionMarginHistory, PositionRisk,
    },
    records::{AccountTrade, Amended, Amendment, BeforeAndAfter, ContractsBeforeAndAfter, Countdown, Order},
};

endpoints! {
    CoinM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-coin-m-futures/api/rest-api/trade";

    /// A new order.
    ///
    /// Make it with [`NewOrder::limit`] or [`NewOrder::market`]; conditional ones with [`NewOrder::stop`],
    /// [`NewOrder::stop_market`], [`NewOrder::take_profit`], [`NewOrder::take_profit_market`],
    /// [`NewOrder::trailing_stop`], and those that close a position with [`NewOrder::stop_market_close`] and
    /// [`NewOrder::take_profit_market_close`]. Conditional ones move to [`NewAlgoOrder`] at a date to
    /// be announced; from then on they are refused here with -4120.
    POST "/dapi/v1/order" Trade, weight: Fixed(0), orders: Orders { per_10s: 0, per_minute: 1 }, python: "new_order",
        docs: "#new-order" -> Order;
    new is private;
    pub struct NewOrder<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// Which way.
        "side" => side: Side,
        /// What kind.
        "type" => kind: OrderType,
    } optional {
        /// Which position, in hedge mode; `BOTH` unless given.
        "positionSide" => position_side: PositionSide [private],
        /// Whether it may only make the position smaller. Not in hedge mode.
        "reduceOnly" => reduce_only: bool [private],
        /// How many contracts.
        "quantity" => quantity: Contracts [private],
        /// The price.
        "price" => price: Decimal [private],
        /// A name for it among the open orders: 1 to 36 of `A–Z a–z 0–9 . : / _ -`. With it, and only with it, can
        /// an order be found again whose reply was lost.
        "newClientOrderId" => new_client_order_id: &'a str,
        /// The price that triggers a conditional order.
        "stopPrice" => stop_price: Decimal [private],
        /// Whether it closes the whole position when it is triggered. Not together with a quantity.
        "closePosition" => close_position: bool [private],
        /// The price at which a trailing stop begins to trail; the price at which it comes unless given.
        "activationPrice" => activation_price: Decimal,
        /// By how many percent the price must turn for a trailing stop: 0.1 to 10.
        "callbackRate" => callback_rate: Decimal [private],
        /// How long an order with a price stays; [`TimeInForce::Gtd`] and [`TimeInForce::Rpi`] are not taken here.
        "timeInForce" => time_in_force: TimeInForce,
        /// Which price triggers a conditional order; `CONTRACT_PRICE` unless given.
        "workingType" => working_type: WorkingType,
        /// Whether a conditional order is triggered only while mark and last price are close; not unless given.
        "priceProtect" => price_protect: bool,
        /// How much the reply tells; `ACK` unless given.
        "newOrderRespType" => new_order_resp_type: NewOrderRespType,
        /// The price taken from the book. Not together with a price.
        "priceMatch" => price_match: PriceMatch [private],
        /// What happens if it would trade with another of the same account; `EXPIRE_MAKER` unless given.
        "selfTradePreventionMode" => self_trade_prevention_mode: SelfTradePreventionMode,
    }

    /// New orders, 5 at most. They are placed side by side, in no certain order, and each is taken or refused by itself;
    /// the reply has them in the order of the request. Not for orders that close a whole position.
    ///
    /// Make it with [`NewBatchOrders::of`].
    POST "/dapi/v1/batchOrders" Trade, weight: Fixed(5), python: "new_batch_order", docs: "#place-multiple-orders"
        -> List<'r, Each<Order>>;
    new is private;
    pub struct NewBatchOrders<'a> {
        /// The orders.
        "batchOrders" => batch_orders: &'a [NewOrder<'a>],
    }

    /// Another price or quantity for a limit order, which loses its place in the queue. At most 10,000 times an order
    /// (-4198); refused with -4197 where nothing changes. Since 2026-06-30 it always has both.
    ///
    /// Make it with [`ModifyOrder::by_id`] or [`ModifyOrder::by_client_id`].
    PUT "/dapi/v1/order" Trade, weight: Fixed(1), python: "modify_order", docs: "#modify-order" -> Order;
    new is private;
    pub struct ModifyOrder<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// Which way, as it was.
        "side" => side: Side,
        /// How many contracts in all.
        "quantity" => quantity: Contracts,
    } optional {
        /// The price.
        "price" => price: Decimal [private],
        /// The exchange's id of the order. Goes before the client's.
        "orderId" => order_id: u64 [private],
        /// The client's id of the order.
        "origClientOrderId" => orig_client_order_id: &'a str [private],
        /// The price taken from the book. Not together with a price.
        "priceMatch" => price_match: PriceMatch [private],
        /// A number for this change, which comes back in the reply and the event.
        "modifyId" => modify_id: u64,
    }

    /// Another price or quantity for limit orders, 5 at most. Each is changed or refused by itself; the reply has them
    /// in the order of the request. Not for prices from the book.
    ///
    /// Make it with [`ModifyBatchOrders::of`].
    PUT "/dapi/v1/batchOrders" Trade, weight: Fixed(5), python: "modify_batch_order", docs: "#modify-multiple-orders"
        -> List<'r, Each<Order>>;
    new is private;
    pub struct ModifyBatchOrders<'a> {
        /// The changes.
        "batchOrders" => batch_orders: &'a [ModifyOrder<'a>],
    }

    /// How an order was changed, latest first, of the last 3 months.
    ///
    /// Make it with [`OrderAmendment::by_id`] or [`OrderAmendment::by_client_id`].
    GET "/dapi/v1/orderAmendment" UserData, weight: Fixed(1), python: "order_modify_history",
        docs: "#get-order-modify-history" -> List<'r, Amendment>;
    new is private;
    pub struct OrderAmendment<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    } optional {
        /// The exchange's id of the order. Goes before the client's.
        "orderId" => order_id: u64 [private],
        /// The client's id of the order.
        "origClientOrderId" => orig_client_order_id: &'a str [private],
        /// Earliest time, inclusive.
        "startTime" => start_time: Millis,
        /// Latest time, inclusive.
        "endTime" => end_time: Millis,
        /// How many: 50 unless given, at most 100.
        "limit" => limit: u16,
    }

    /// Cancels an order.
    ///
    /// Make it with [`CancelOrder::by_id`] or [`CancelOrder::by_client_id`]. Refused with -2011 where there is none, or
    /// none that is open.
    DELETE "/dapi/v1/order" Trade, weight: Fixed(1), python: "cancel_order", docs: "#cancel-order" -> Order;
    new is private;
    pub struct CancelOrder<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    } optional {
        /// The exchange's id of the order.
        "orderId" => order_id: u64 [private],
        /// The client's id of the order.
        "origClientOrderId" => orig_client_order_id: &'a str [private],
    }

    /// Cancels orders of one contract, 10 at most. Each is canceled or refused by itself.
    ///
    /// Make it with [`CancelBatchOrders::by_ids`] or [`CancelBatchOrders::by_client_ids`].
    DELETE "/dapi/v1/batchOrders" Trade, weight: Fixed(1), python: "cancel_batch_order", docs: "#cancel-multiple-orders"
        -> List<'r, Each<Order>>;
    new is private;
    pub struct CancelBatchOrders<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    } optional {
        /// The exchange's ids of the orders.
        "orderIdList" => order_id_list: &'a [u64] [private],
        /// The client's ids of the orders.
        "origClientOrderIdList" => orig_client_order_id_list: &'a [&'a str] [private],
    }

    /// Cancels all open orders of one contract.
    DELETE "/dapi/v1/allOpenOrders" Trade, weight: Fixed(1), python: "cancel_open_orders",
        docs: "#cancel-all-open-orders" -> Done;
    pub struct CancelAllOpenOrders<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    }

    /// Cancels all open orders of one contract when a time has passed, unless it is sent again before that: a dead man's
    /// switch. The exchange looks at its countdowns about every 10 milliseconds; leave time for requests that are lost.
    POST "/dapi/v1/countdownCancelAll" Trade, weight: Fixed(10), python: "countdown_cancel_order",
        docs: "#auto-cancel-all-open-orders" -> Countdown;
    pub struct CountdownCancelAll<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// After how many milliseconds from now; 0 ends the countdown.
        "countdownTime" => countdown_time: u64,
    }

    /// Where an order stands. Orders that ended without a fill are forgotten after 3 days, others after 90 (-2013).
    ///
    /// Make it with [`QueryOrder::by_id`] or [`QueryOrder::by_client_id`].
    GET "/dapi/v1/order" UserData, weight: Fixed(1), python: "query_order", docs: "#query-order" -> Order;
    new is private;
    pub struct QueryOrder<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    } optional {
        /// The exchange's id of the order.
        "orderId" => order_id: u64 [private],
        /// The client's id of the order.
        "origClientOrderId" => orig_client_order_id: &'a str [private],
    }

    /// Where an order stands that is open; any other does not exist (-2013).
    ///
    /// Make it with [`OpenOrder::by_id`] or [`OpenOrder::by_client_id`].
    GET "/dapi/v1/openOrder" UserData, weight: Fixed(1), python: "get_open_orders", docs: "#query-current-open-order"
        -> Order;
    new is private;
    pub struct OpenOrder<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    } optional {
        /// The exchange's id of the order.
        "orderId" => order_id: u64 [private],
        /// The client's id of the order.
        "origClientOrderId" => orig_client_order_id: &'a str [private],
    }

    /// The open orders of one contract, of those of a pair, or of all.
    GET "/dapi/v1/openOrders" UserData, weight: by_symbol(1, 40),
        python: "get_orders", docs: "#current-all-open-orders" -> List<'r, Order>;
    pub struct OpenOrders<'a> {} optional {
        /// Contract, in upper case; all unless given, for 40 times the weight.
        "symbol" => symbol: &'a str,
        /// Pair, in upper case.
        "pair" => pair: &'a str,
    }

    /// The orders of one contract or of those of a pair, open or not; of the last 7 days unless times are given. Those that
    /// ended without a fill are forgotten after 3 days, others after 90.
    ///
    /// Make it with [`AllOrders::of_symbol`], [`AllOrders::of_symbol_from`] or [`AllOrders::of_pair`].
    GET "/dapi/v1/allOrders" UserData, weight: Fixed(5), python: "get_all_orders", docs: "#all-orders"
        -> List<'r, Order>;
    new is private;
    pub struct AllOrders<'a> {} optional {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str [private],
        /// Pair, in upper case.
        "pair" => pair: &'a str [private],
        /// From this id on, inclusive. Not together with a pair.
        "orderId" => order_id: u64 [private],
        /// Earliest time. At most 7 days before `end_time`.
        "startTime" => start_time: Millis,
        /// Latest time.
        "endTime" => end_time: Millis,
        /// How many: 50 unless given, at most 100.
        "limit" => limit: u16,
    }

    /// The account's trades of one contract or of those of a pair, of the last 3 months; of the last 7 days unless an id or
    /// times are given.
    ///
    /// Make it with [`UserTrades::of_symbol`], [`UserTrades::of_order`], [`UserTrades::of_symbol_from`] or
    /// [`UserTrades::of_pair`].
    GET "/dapi/v1/userTrades" UserData, weight: Fixed(5), python: "get_account_trades", docs: "#account-trade-list"
        -> List<'r, AccountTrade>;
    new is private;
    pub struct UserTrades<'a> {} optional {
        /// Contract, in upper case. Not together with a pair.
        "symbol" => symbol: &'a str [private],
        /// Pair, in upper case.
        "pair" => pair: &'a str [private],
        /// Of this order only. Together with a contract only.
        "orderId" => order_id: u64 [private],
        /// Earliest time. At most 7 days before `end_time`. Not together with [`UserTrades::of_symbol_from`].
        "startTime" => start_time: Millis,
        /// Latest time. Not together with [`UserTrades::of_symbol_from`].
        "endTime" => end_time: Millis,
        /// From this id on. Not together with a pair or with times.
        #[allow(clippy::wrong_self_convention, reason = "the exchange's name")]
        "fromId" => from_id: u64 [private],
        /// How many: 50 unless given, at most 1000.
        "limit" => limit: u16,
    }

    /// The orders by which the exchange closed the account's positions, of the last 90 days. Their client's ids begin
    /// with `autoclose-` for a liquidation, `adl_autoclose` for an auto-deleveraging.
    GET "/dapi/v1/forceOrders" UserData, weight: by_symbol(20, 50),
        python: "force_orders", docs: "#users-force-orders" -> List<'r, Order>;
    pub struct ForceOrders<'a> {} optional {
        /// Contract, in upper case; all unless given.
        "symbol" => symbol: &'a str,
        /// Why; both unless given.
        "autoCloseType" => auto_close_type: AutoCloseType,
        /// Earliest time.
        "startTime" => start_time: Millis,
        /// Latest time.
        "endTime" => end_time: Millis,
        /// How many: 50 unless given, at most 100.
        "limit" => limit: u16,
    }
}

impl<'a> NewOrder<'a> {
    /// An order at a price or better, or at one from the book, which stays until it is canceled.
    ///
    /// ```
    /// use binance_core::{Contracts, decimal::dec, enums::Side, order::HedgeSide, coinm::trade::NewOrder, query::Query};
    /// let order = NewOrder::limit("BTCUSD_PERP", Side::Buy, Contracts::from(3), dec!("60000.1"));
    /// let closing = NewOrder::market("BTCUSD_PERP", HedgeSide::Short.close(), Contracts::from(3));
    /// let mut buffer = [0; 128];
    /// let mut query = Query::new(&mut buffer);
    /// query.extend(&closing)?;
    /// assert_eq!(query.as_str(), "symbol=BTCUSD_PERP&side=BUY&type=MARKET&positionSide=SHORT&quantity=3");
    /// # Ok::<(), binance_core::param::Full>(())
    /// ```
    pub fn limit(
        symbol: &'a str,
        way: impl Into<Way>,
        quantity: Contracts,
        price: impl Into<LimitPrice>,
    ) -> Self {
        Self::going(way.into(), symbol, OrderType::Limit)
            .quantity(quantity)
            .limit_price(price.into())
            .time_in_force(TimeInForce::Gtc)
    }

    /// An order at whatever price the book has.
    pub fn market(symbol: &'a str, way: impl Into<Way>, quantity: Contracts) -> Self {
        Self::going(way.into(), symbol, OrderType::Market).quantity(quantity)
    }

    /// A limit order at `price` once the price has come to `stop_price` from the side where it hurts: from below for a
    /// buy, from above for a sell.
    pub fn stop(
        symbol: &'a str,
        way: impl Into<Way>,
        quantity: Contracts,
        price: impl Into<LimitPrice>,
        stop_price: Decimal,
    ) -> Self {
        Self::going(way.into(), symbol, OrderType::Stop)
            .quantity(quantity)
            .stop_price(stop_price)
            .limit_price(price.into())
    }

    /// A market order once the price has come to `stop_price` from below for a buy, from above for a sell.
    pub fn stop_market(
        symbol: &'a str,
        way: impl Into<Way>,
        quantity: Contracts,
        stop_price: Decimal,
    ) -> Self {
        Self::going(way.into(), symbol, OrderType::StopMarket).quantity(quantity).stop_price(stop_price)
    }

    /// Closes the whole position, whatever it is by then, once the price has come to `stop_price` from below for a short
    /// one, from above for a long one.
    pub fn stop_market_close(symbol: &'a str, closing: impl Into<Closing>, stop_price: Decimal) -> Self {
        Self::going(closing.into().way(), symbol, OrderType::StopMarket)
            .close_position(true)
            .stop_price(stop_price)
    }

    /// A limit order at `price` once the price has come to `stop_price` from the side where it is welcome: from above
    /// for a buy, from below for a sell.
    pub fn take_profit(
        symbol: &'a str,
        way: impl Into<Way>,
        quantity: Contracts,
        price: impl Into<LimitPrice>,
        stop_price: Decimal,
    ) -> Self {
        Self::going(way.into(), symbol, OrderType::TakeProfit)
            .quantity(quantity)
            .stop_price(stop_price)
            .limit_price(price.into())
    }

    /// A market order once the price has come to `stop_price` from above for a buy, from below for a sell.
    pub fn take_profit_market(
        symbol: &'a str,
        way: impl Into<Way>,
        quantity: Contracts,
        stop_price: Decimal,
    ) -> Self {
        Self::going(way.into(), symbol, OrderType::TakeProfitMarket).quantity(quantity).stop_price(stop_price)
    }

    /// Closes the whole position, whatever it is by then, once the price has come to `stop_price` from above for a short
    /// one, from below for a long one.
    pub fn take_profit_market_close(
        symbol: &'a str,
        closing: impl Into<Closing>,
        stop_price: Decimal,
    ) -> Self {
        Self::going(closing.into().way(), symbol, OrderType::TakeProfitMarket)
            .close_position(true)
            .stop_price(stop_price)
    }

    /// A market order once the price has turned by `callback_rate` percent (0.1 to 10, in a batch 0.1 to 4) from the best
    /// it has been since the order came, or since [`Self::activation_price`].
    pub fn trailing_stop(
        symbol: &'a str,
        way: impl Into<Way>,
        quantity: Contracts,
        callback_rate: Decimal,
    ) -> Self {
        Self::going(way.into(), symbol, OrderType::TrailingStopMarket)
            .quantity(quantity)
            .callback_rate(callback_rate)
    }

    /// The client's id of this order, where it has one.
    pub const fn client_order_id(&self) -> Option<&'a str> {
        self.new_client_order_id
    }

    /// The contract.
    pub const fn symbol(&self) -> &'a str {
        self.symbol
    }

    const fn going(way: Way, symbol: &'a str, kind: OrderType) -> Self {
        let mut order = Self::new(symbol, way.side(), kind);
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

/// Constructors of requests that name an order by one of its two ids.
macro_rules! by_either_id {
    ($($name:ident)*) => {$(
        impl<'a> $name<'a> {
            /// By the exchange's id.
            pub const fn by_id(symbol: &'a str, order_id: u64) -> Self {
                Self::new(symbol).order_id(order_id)
            }

            /// By the client's id.
            pub const fn by_client_id(symbol: &'a str, client_order_id: &'a str) -> Self {
                Self::new(symbol).orig_client_order_id(client_order_id)
            }
        }
    )*};
}
by_either_id!(CancelOrder QueryOrder OpenOrder OrderAmendment);

/// The question after the order that a request names.
macro_rules! names_an_order {
    ($($name:ident)*) => {$(
        impl<'a> $name<'a> {
            /// Asks where the order stands that this names.
            pub const fn query(&self) -> QueryOrder<'a> {
                let mut query = QueryOrder::new(self.symbol);
                query.order_id = self.order_id;
                query.orig_client_order_id = self.orig_client_order_id;
                query
            }
        }
    )*};
}
names_an_order!(CancelOrder ModifyOrder);

impl<'a> ModifyOrder<'a> {
    /// By the exchange's id.
    pub fn by_id(
        symbol: &'a str,
        order_id: u64,
        side: Side,
        quantity: Contracts,
        price: impl Into<LimitPrice>,
    ) -> Self {
        Self::to(symbol, side, quantity, price.into()).order_id(order_id)
    }

    /// By the client's id.
    pub fn by_client_id(
        symbol: &'a str,
        client_order_id: &'a str,
        side: Side,
        quantity: Contracts,
        price: impl Into<LimitPrice>,
    ) -> Self {
        Self::to(symbol, side, quantity, price.into()).orig_client_order_id(client_order_id)
    }

    /// Whether `order` looks as it does after this change: the quantity and the price are those that were asked for. Never
    /// where the price is taken from the book.
    pub fn is_done(&self, order: &Order) -> bool {
        self.price.is_some() && order.price == self.price && order.orig_qty == Some(self.quantity)
    }

    const fn to(symbol: &'a str, side: Side, quantity: Contracts, price: LimitPrice) -> Self {
        let mut order = Self::new(symbol, side, quantity);
        order.price = price.price();
        order.price_match = price.price_match();
        order
    }
}

impl<'a> NewBatchOrders<'a> {
    /// These orders, which may be for different contracts.
    ///
    /// # Errors
    /// [`BatchSize`] unless there are 1 to [`BatchSize::MAX_ORDERS`].
    pub const fn of(orders: &'a [NewOrder<'a>]) -> Result<Self, BatchSize> {
        match BatchSize::check(orders, BatchSize::MAX_ORDERS) {
            Ok(()) => Ok(Self::new(orders)),
            Err(size) => Err(size),
        }
    }

    /// The orders.
    pub const fn batch_orders(&self) -> &'a [NewOrder<'a>] {
        self.batch_orders
    }
}

impl<'a> ModifyBatchOrders<'a> {
    /// These changes, which may be of orders for different contracts.
    ///
    /// # Errors
    /// [`BatchSize`] unless there are 1 to [`BatchSize::MAX_ORDERS`].
    pub const fn of(changes: &'a [ModifyOrder<'a>]) -> Result<Self, BatchSize> {
        match BatchSize::check(changes, BatchSize::MAX_ORDERS) {
            Ok(()) => Ok(Self::new(changes)),
            Err(size) => Err(size),
        }
    }
}

impl<'a> CancelBatchOrders<'a> {
    /// By the exchange's ids.
    ///
    /// # Errors
    /// [`BatchSize`] unless there are 1 to [`BatchSize::MAX_CANCELS`].
    pub const fn by_ids(symbol: &'a str, order_ids: &'a [u64]) -> Result<Self, BatchSize> {
        match BatchSize::check(order_ids, BatchSize::MAX_CANCELS) {
            Ok(()) => Ok(Self::new(symbol).order_id_list(order_ids)),
            Err(size) => Err(size),
        }
    }

    /// By the client's ids.
    ///
    /// # Errors
    /// [`BatchSize`] unless there are 1 to [`BatchSize::MAX_CANCELS`].
    pub const fn by_client_ids(symbol: &'a str, ids: &'a [&'a str]) -> Result<Self, BatchSize> {
        match BatchSize::check(ids, BatchSize::MAX_CANCELS) {
            Ok(()) => Ok(Self::new(symbol).orig_client_order_id_list(ids)),
            Err(size) => Err(size),
        }
    }
}

impl<'a> AllOrders<'a> {
    /// Of one contract, in upper case: those of the last 7 days unless times are given.
    pub const fn of_symbol(symbol: &'a str) -> Self {
        Self::new().symbol(symbol)
    }

    /// Of one contract, in upper case, from `order_id` on, inclusive.
    pub const fn of_symbol_from(symbol: &'a str, order_id: u64) -> Self {
        Self::of_symbol(symbol).order_id(order_id)
    }

    /// Of the contracts of one pair, in upper case: those of the last 7 days unless times are given.
    pub const fn of_pair(pair: &'a str) -> Self {
        Self::new().pair(pair)
    }
}

impl<'a> UserTrades<'a> {
    /// In one contract, in upper case: those of the last 7 days unless times are given.
    pub const fn of_symbol(symbol: &'a str) -> Self {
        Self::new().symbol(symbol)
    }

    /// In one contract, in upper case, by one order.
    pub const fn of_order(symbol: &'a str, order_id: u64) -> Self {
        Self::of_symbol(symbol).order_id(order_id)
    }

    /// In one contract, in upper case, from the trade `from_id` on. Not together with times.
    pub const fn of_symbol_from(symbol: &'a str, from_id: u64) -> Self {
        Self::of_symbol(symbol).from_id(from_id)
    }

    /// In the contracts of one pair, in upper case: those of the last 7 days unless times are given.
    pub const fn of_pair(pair: &'a str) -> Self {
        Self::new().pair(pair)
    }
}

#[cfg(test)]
mod tests;
