//! Trade: orders, batches of them, orders that wait for a price, trades, positions.
//!
//! # One-way mode and hedge mode
//!
//! An order for the wrong position mode is refused (-4061), and so is one that names a position and is reduce-only.
//! Here neither `positionSide` nor `reduceOnly` has a setter: both follow from the one argument that says which way
//! an order goes. That argument is anything that converts into a [`Way`]: a plain [`Side`] is an order in one-way
//! mode, [`Side::reduce_only`] one that may only make the position smaller, [`HedgeSide::open`] and
//! [`HedgeSide::close`] one in hedge mode. So the usual order is no longer for it,
//! `NewOrder::limit("BTCUSDT", Side::Buy, quantity, price)`, and one that carries both cannot be written.
//!
//! A price and a price from the book exclude each other likewise ([`LimitPrice`]), and so do a quantity and the close
//! of a whole position, and the two ids of an order, which are constructors apart.
//!
//! [`HedgeSide::open`]: crate::order::HedgeSide::open
//! [`HedgeSide::close`]: crate::order::HedgeSide::close

use super::by_symbol;
use crate::{
    decimal::Decimal,
    endpoint::{Orders, Weight::Fixed},
    enums::{
        AutoCloseType, NewOrderRespType, OrderType, PositionSide, PriceMatch, SelfTradePreventionMode, Side,
        TimeInForce, WorkingType,
    },
    json::{Each, List},
    order::{BatchSize, LimitPrice, Way},
    record::Done,
    time::Millis,
};

pub(crate) mod algo;
mod done_or_text;
pub(crate) mod positions;
mod records;

pub use self::{
    algo::{
        AlgoOrder, AllAlgoOrders, CancelAlgoOrder, CancelAllAlgoOpenOrders, CanceledAlgoOrder,
        ENDPOINTS as ALGO_ENDPOINTS, NewAlgoOrder, OpenAlgoOrders, QueryAlgoOrder,
    },
    done_or_text::DoneOrText,
    positions::{
        AdlQuantile, AdlQuantiles, ChangeInitialLeverage, ChangeMarginType, ChangeMultiAssetsMode,
        ChangePositionMode, ENDPOINTS as POSITION_ENDPOINTS, Leverage, ModifyIsolatedPositionMargin,
        Position, PositionMargin, PositionMarginChange, PositionMarginHistory, PositionRisk, PositionRiskV2,
        PositionV2, SignTradfiPerpsContract,
    },
    records::{AccountTrade, Amended, Amendment, BeforeAndAfter, Countdown, Order},
};

endpoints! {
    UsdM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-usd-s-m-futures/api/rest-api/trade";

    /// A new order. Orders that wait for a price go to the algo endpoint: see [`NewAlgoOrder`]. Here they are refused
    /// with -4120.
    ///
    /// Make it with [`NewOrder::limit`] or [`NewOrder::market`].
    POST "/fapi/v1/order" Trade, weight: Fixed(0), orders: Orders::ONE, python: "new_order", docs: "#new-order"
        -> Order;
    new is private;
    pub struct NewOrder<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// Which way.
        "side" => side: Side,
        /// What kind.
        "type" => kind: OrderType,
    } optional {
        /// Which position, in hedge mode.
        "positionSide" => position_side: PositionSide [private],
        /// How long a limit order stays; see [`NewOrder::good_till`] for `GTD`. Not of market orders (-1106).
        "timeInForce" => time_in_force: TimeInForce,
        /// Whether it may only make the position smaller.
        "reduceOnly" => reduce_only: bool [private],
        /// How much, in the base asset.
        "quantity" => quantity: Decimal [private],
        /// The price.
        "price" => price: Decimal [private],
        /// A name for it among the open orders: 1 to 36 of `A–Z a–z 0–9 . : / _ -`. With it, and only with it, can
        /// an order be found again whose reply was lost.
        "newClientOrderId" => new_client_order_id: &'a str,
        /// How much the reply tells; `ACK` unless given.
        "newOrderRespType" => new_order_resp_type: NewOrderRespType,
        /// The price taken from the book.
        "priceMatch" => price_match: PriceMatch [private],
        /// What happens if it would trade with another of the same account; `EXPIRE_MAKER` unless given. Not `NONE`.
        "selfTradePreventionMode" => self_trade_prevention_mode: SelfTradePreventionMode,
        /// When a `GTD` order ends.
        "goodTillDate" => good_till_date: Millis [private],
    }

    /// A new order that is checked and not placed.
    ///
    /// Made from a [`NewOrder`] or a [`NewAlgoOrder`].
    // What it weighs is said nowhere; 1 is the least there is.
    POST "/fapi/v1/order/test" Trade, weight: Fixed(1), python: "new_order_test", docs: "#test-order" -> Order;
    new is private;
    pub struct TestOrder<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// Which way.
        "side" => side: Side,
        /// What kind.
        "type" => kind: OrderType,
    } optional {
        /// Which position, in hedge mode.
        "positionSide" => position_side: PositionSide [private],
        /// Whether it may only make the position smaller.
        "reduceOnly" => reduce_only: bool [private],
        /// How much, in the base asset.
        "quantity" => quantity: Decimal [private],
        /// The price.
        "price" => price: Decimal [private],
        /// A name for it among the open orders.
        "newClientOrderId" => new_client_order_id: &'a str [private],
        /// The price that triggers it.
        "stopPrice" => stop_price: Decimal [private],
        /// Whether it closes the whole position.
        "closePosition" => close_position: bool [private],
        /// The price from which on a trailing stop trails.
        "activationPrice" => activation_price: Decimal [private],
        /// By how many percent the price must turn.
        "callbackRate" => callback_rate: Decimal [private],
        /// How long it stays.
        "timeInForce" => time_in_force: TimeInForce [private],
        /// Which price triggers it.
        "workingType" => working_type: WorkingType [private],
        /// Whether it is triggered only while mark and last price are close.
        "priceProtect" => price_protect: bool [private],
        /// How much the reply tells.
        "newOrderRespType" => new_order_resp_type: NewOrderRespType [private],
        /// The price taken from the book.
        "priceMatch" => price_match: PriceMatch [private],
        /// What happens if it would trade with another of the same account.
        "selfTradePreventionMode" => self_trade_prevention_mode: SelfTradePreventionMode [private],
        /// When a `GTD` order ends.
        "goodTillDate" => good_till_date: Millis [private],
    }

    /// Another price or quantity for a limit order, which loses its place in the queue. At most 10,000 times an order
    /// (-5026); refused with -5027 where nothing changes.
    ///
    /// Make it with [`ModifyOrder::by_id`] or [`ModifyOrder::by_client_id`].
    PUT "/fapi/v1/order" Trade, weight: Fixed(0), orders: Orders::ONE, python: "modify_order", docs: "#modify-order"
        -> Order;
    new is private;
    pub struct ModifyOrder<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// Which way, as it was.
        "side" => side: Side,
        /// How much in all, in the base asset.
        "quantity" => quantity: Decimal,
    } optional {
        /// The price.
        "price" => price: Decimal [private],
        /// The exchange's id of the order.
        "orderId" => order_id: u64 [private],
        /// The client's id of the order.
        "origClientOrderId" => orig_client_order_id: &'a str [private],
        /// The price taken from the book.
        "priceMatch" => price_match: PriceMatch [private],
        /// A number for this change, which comes back in the reply and the event.
        "modifyId" => modify_id: u64,
        /// Whether it may only make the position smaller, as it was. Not in a batch.
        "reduceOnly" => reduce_only: bool,
    }

    /// Cancels an order.
    ///
    /// Make it with [`CancelOrder::by_id`] or [`CancelOrder::by_client_id`]. Refused with -2011 where there is none,
    /// or none that is open.
    DELETE "/fapi/v1/order" Trade, weight: Fixed(1), python: "cancel_order", docs: "#cancel-order" -> Order;
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

    /// Where an order stands. Orders that ended without a fill are forgotten after 3 days, others after 90 (-2013).
    ///
    /// Make it with [`QueryOrder::by_id`] or [`QueryOrder::by_client_id`].
    GET "/fapi/v1/order" UserData, weight: Fixed(1), python: "query_order", docs: "#query-order" -> Order;
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

    /// New orders, 5 at most. They are placed one by one, in no certain order, and each is taken or refused by
    /// itself; the reply has them in the order of the request.
    ///
    /// Make it with [`NewBatchOrders::of`].
    POST "/fapi/v1/batchOrders" Trade, weight: Fixed(5), orders: Orders::BATCH, python: "new_batch_order",
        docs: "#place-multiple-orders" -> List<'r, Each<Order>>;
    new is private;
    pub struct NewBatchOrders<'a> {
        /// The orders.
        "batchOrders" => batch_orders: &'a [NewOrder<'a>],
    }

    /// Another price or quantity for limit orders, 5 at most. Each is changed or refused by itself; the reply has
    /// them in the order of the request.
    ///
    /// Make it with [`ModifyBatchOrders::of`].
    PUT "/fapi/v1/batchOrders" Trade, weight: Fixed(5), orders: Orders::BATCH, docs: "#modify-multiple-orders"
        -> List<'r, Each<Order>>;
    new is private;
    pub struct ModifyBatchOrders<'a> {
        /// The changes.
        "batchOrders" => batch_orders: &'a [ModifyOrder<'a>],
    }

    /// Cancels orders of one contract, 10 at most. Each is canceled or refused by itself.
    ///
    /// Make it with [`CancelBatchOrders::by_ids`] or [`CancelBatchOrders::by_client_ids`].
    DELETE "/fapi/v1/batchOrders" Trade, weight: Fixed(1), python: "cancel_batch_order",
        docs: "#cancel-multiple-orders" -> List<'r, Each<Order>>;
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

    /// Cancels all open orders of one contract; algo orders stay, for which there is [`CancelAllAlgoOpenOrders`].
    DELETE "/fapi/v1/allOpenOrders" Trade, weight: Fixed(1), python: "cancel_open_orders",
        docs: "#cancel-all-open-orders" -> Done;
    pub struct CancelAllOpenOrders<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    }

    /// Cancels all open orders of one contract when a time has passed, unless it is sent again before that: a dead
    /// man's switch. The exchange looks at its countdowns about every 10 milliseconds; leave time for requests that
    /// are lost.
    POST "/fapi/v1/countdownCancelAll" Trade, weight: Fixed(10), python: "countdown_cancel_order",
        docs: "#auto-cancel-all-open-orders" -> Countdown;
    pub struct CountdownCancelAll<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// After how many milliseconds from now; 0 ends the countdown.
        "countdownTime" => countdown_time: u64,
    }

    /// Where an order stands that is open; any other does not exist (-2013).
    ///
    /// Make it with [`OpenOrder::by_id`] or [`OpenOrder::by_client_id`].
    GET "/fapi/v1/openOrder" UserData, weight: Fixed(1), python: "get_open_orders", docs: "#query-current-open-order"
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

    /// The open orders of one contract or of all, without algo orders, for which there is [`OpenAlgoOrders`].
    GET "/fapi/v1/openOrders" UserData, weight: by_symbol(1, 40), python: "get_orders",
        docs: "#current-all-open-orders" -> List<'r, Order>;
    pub struct OpenOrders<'a> {} optional {
        /// Contract, in upper case; all unless given, for 40 times the weight.
        "symbol" => symbol: &'a str,
    }

    /// The orders of one contract or of all, open or not, oldest first; of the last 7 days unless times are given.
    /// Those that ended without a fill are forgotten after 3 days, others after 90.
    GET "/fapi/v1/allOrders" UserData, weight: Fixed(5), python: "get_all_orders", docs: "#all-orders"
        -> List<'r, Order>;
    pub struct AllOrders<'a> {} optional {
        /// Contract, in upper case; all unless given.
        "symbol" => symbol: &'a str,
        /// From this id on, inclusive.
        "orderId" => order_id: u64,
        /// Earliest time. At most 7 days before `end_time`.
        "startTime" => start_time: Millis,
        /// Latest time.
        "endTime" => end_time: Millis,
        /// How many: 500 unless given, at most 1000.
        "limit" => limit: u16,
    }

    /// How an order was changed, latest first, of the last 3 months.
    ///
    /// Make it with [`OrderAmendment::by_id`] or [`OrderAmendment::by_client_id`].
    GET "/fapi/v1/orderAmendment" UserData, weight: Fixed(1), docs: "#get-order-modify-history" -> List<'r, Amendment>;
    new is private;
    pub struct OrderAmendment<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    } optional {
        /// The exchange's id of the order.
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

    /// The account's trades of one contract, oldest first, of the last 3 months; of the last 7 days unless an id or
    /// times are given.
    GET "/fapi/v1/userTrades" UserData, weight: Fixed(5), python: "get_account_trades", docs: "#account-trade-list"
        -> List<'r, AccountTrade>;
    pub struct UserTrades<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    } optional {
        /// Only those of this order.
        "orderId" => order_id: u64,
        /// Earliest time. At most 7 days before `end_time`.
        "startTime" => start_time: Millis,
        /// Latest time.
        "endTime" => end_time: Millis,
        /// From this id on. Not together with the times (-1128).
        "fromId" => from_id: u64,
        /// How many: 500 unless given, at most 1000.
        "limit" => limit: u16,
    }

    /// The orders by which the exchange closed the account's positions, of the last 90 days. Their client's ids begin
    /// with `autoclose-` for a liquidation, `adl_autoclose` for an auto-deleveraging.
    GET "/fapi/v1/forceOrders" UserData, weight: by_symbol(20, 50), python: "force_orders", docs: "#users-force-orders"
        -> List<'r, Order>;
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
    /// use binance_core::{decimal::dec, enums::{PriceMatch, Side}, query::Query, usdm::trade::NewOrder};
    /// let order = NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.01"), dec!("60000.10"));
    /// let queued = NewOrder::limit("BTCUSDT", Side::Sell.reduce_only(), dec!("0.01"), PriceMatch::Queue);
    /// let mut buffer = [0; 128];
    /// let mut query = Query::new(&mut buffer);
    /// query.extend(&queued)?;
    /// assert_eq!(
    ///     query.as_str(),
    ///     "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&reduceOnly=true&quantity=0.01&priceMatch=QUEUE",
    /// );
    /// # Ok::<(), binance_core::param::Full>(())
    /// ```
    pub fn limit(
        symbol: &'a str,
        way: impl Into<Way>,
        quantity: Decimal,
        price: impl Into<LimitPrice>,
    ) -> Self {
        let price = price.into();
        Self {
            price: price.price(),
            price_match: price.price_match(),
            ..Self::going(way.into(), symbol, OrderType::Limit, quantity).time_in_force(TimeInForce::Gtc)
        }
    }

    /// An order at whatever price the book has.
    pub fn market(symbol: &'a str, way: impl Into<Way>, quantity: Decimal) -> Self {
        Self::going(way.into(), symbol, OrderType::Market, quantity)
    }

    /// Lets a limit order stay until `date` (`GTD`): at least 600 seconds from now, whole seconds (-5040).
    pub const fn good_till(self, date: Millis) -> Self {
        self.time_in_force(TimeInForce::Gtd).good_till_date(date)
    }

    /// The client's id of this order, where it has one.
    pub const fn client_order_id(&self) -> Option<&'a str> {
        self.new_client_order_id
    }

    /// The contract.
    pub const fn symbol(&self) -> &'a str {
        self.symbol
    }

    const fn going(way: Way, symbol: &'a str, kind: OrderType, quantity: Decimal) -> Self {
        let mut order = Self::new(symbol, way.side(), kind).quantity(quantity);
        order.position_side = way.position_side();
        order.reduce_only = way.reduces_only();
        order
    }
}

impl<'a> From<NewOrder<'a>> for TestOrder<'a> {
    /// The same order, to be checked and not placed.
    fn from(order: NewOrder<'a>) -> Self {
        Self {
            position_side: order.position_side,
            reduce_only: order.reduce_only,
            quantity: order.quantity,
            price: order.price,
            new_client_order_id: order.new_client_order_id,
            time_in_force: order.time_in_force,
            new_order_resp_type: order.new_order_resp_type,
            price_match: order.price_match,
            self_trade_prevention_mode: order.self_trade_prevention_mode,
            good_till_date: order.good_till_date,
            ..Self::new(order.symbol, order.side, order.kind)
        }
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
        quantity: Decimal,
        price: impl Into<LimitPrice>,
    ) -> Self {
        Self::to(symbol, side, quantity, price.into()).order_id(order_id)
    }

    /// By the client's id.
    pub fn by_client_id(
        symbol: &'a str,
        client_order_id: &'a str,
        side: Side,
        quantity: Decimal,
        price: impl Into<LimitPrice>,
    ) -> Self {
        Self::to(symbol, side, quantity, price.into()).orig_client_order_id(client_order_id)
    }

    /// Whether `order` looks as it does after this change: the quantity and the price are those that were asked for. Never
    /// where the price is taken from the book.
    pub fn is_done(&self, order: &Order) -> bool {
        self.price.is_some() && order.price == self.price && order.orig_qty == Some(self.quantity)
    }

    const fn to(symbol: &'a str, side: Side, quantity: Decimal, price: LimitPrice) -> Self {
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
    pub const fn by_client_ids(symbol: &'a str, client_order_ids: &'a [&'a str]) -> Result<Self, BatchSize> {
        match BatchSize::check(client_order_ids, BatchSize::MAX_CANCELS) {
            Ok(()) => Ok(Self::new(symbol).orig_client_order_id_list(client_order_ids)),
            Err(size) => Err(size),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decimal::dec,
        endpoint::{Endpoint, Request},
        order::HedgeSide,
        param::Params,
        query::Query,
    };

    #[track_caller]
    fn sent(request: &dyn Params, expected: &str) {
        let mut room = [0; 1024];
        let mut query = Query::new(&mut room);
        query.extend(request).unwrap();
        assert_eq!(query.as_str(), expected);
    }

    #[test]
    fn an_order_says_its_way_in_the_words_of_one_mode() {
        for (way, said) in [
            (Way::from(Side::Buy), "side=BUY&type=MARKET&"),
            (Side::Sell.reduce_only(), "side=SELL&type=MARKET&reduceOnly=true&"),
            (HedgeSide::Long.open(), "side=BUY&type=MARKET&positionSide=LONG&"),
            (HedgeSide::Long.close(), "side=SELL&type=MARKET&positionSide=LONG&"),
            (HedgeSide::Short.open(), "side=SELL&type=MARKET&positionSide=SHORT&"),
            (HedgeSide::Short.close(), "side=BUY&type=MARKET&positionSide=SHORT&"),
        ] {
            let mut expected = heapless::String::<128>::new();
            core::fmt::write(&mut expected, format_args!("symbol=BTCUSDT&{said}quantity=0.10")).unwrap();
            sent(&NewOrder::market("BTCUSDT", way, dec!("0.10")), &expected);
        }
    }

    #[test]
    fn a_limit_order_has_a_price_or_a_place_in_the_book() {
        let limit = NewOrder::limit("币安人生USDT", Side::Buy, dec!("1"), dec!("60000.10"));
        sent(
            &limit.new_client_order_id("a/b").good_till(Millis(1_700_000_000_000)),
            "symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&side=BUY&type=LIMIT&timeInForce=GTD&quantity=1\
             &price=60000.10&newClientOrderId=a%2Fb&goodTillDate=1700000000000",
        );
        sent(
            &ModifyOrder::by_id("BTCUSDT", 7, Side::Buy, dec!("1"), PriceMatch::Opponent5).modify_id(3),
            "symbol=BTCUSDT&side=BUY&quantity=1&orderId=7&priceMatch=OPPONENT_5&modifyId=3",
        );
        sent(
            &ModifyOrder::by_client_id("BTCUSDT", "x", Side::Buy, dec!("1"), dec!("2.50")),
            "symbol=BTCUSDT&side=BUY&quantity=1&price=2.50&origClientOrderId=x",
        );
    }

    #[test]
    fn a_test_order_says_all_that_the_order_said() {
        let order = NewOrder::limit("BTCUSDT", HedgeSide::Short.open(), dec!("1"), PriceMatch::Queue)
            .new_client_order_id("x")
            .new_order_resp_type(NewOrderRespType::Result)
            .self_trade_prevention_mode(SelfTradePreventionMode::ExpireBoth)
            .good_till(Millis(1));
        sent(
            &TestOrder::from(order),
            "symbol=BTCUSDT&side=SELL&type=LIMIT&positionSide=SHORT&quantity=1&newClientOrderId=x&timeInForce=GTD\
             &newOrderRespType=RESULT&priceMatch=QUEUE&selfTradePreventionMode=EXPIRE_BOTH&goodTillDate=1",
        );
    }

    #[test]
    fn batches_are_json_without_blanks_encoded_once() {
        let orders = [
            NewOrder::market("BTCUSDT", Side::Buy, dec!("0.001")),
            NewOrder::market("ETHUSDT", Side::Sell.reduce_only(), dec!("2.50")),
        ];
        let batch = NewBatchOrders::of(&orders).unwrap();
        sent(
            &batch,
            "batchOrders=%5B%7B%22symbol%22%3A%22BTCUSDT%22%2C%22side%22%3A%22BUY%22%2C%22type%22%3A%22MARKET%22%2C\
             %22quantity%22%3A%220.001%22%7D%2C%7B%22symbol%22%3A%22ETHUSDT%22%2C%22side%22%3A%22SELL%22%2C%22type\
             %22%3A%22MARKET%22%2C%22reduceOnly%22%3A%22true%22%2C%22quantity%22%3A%222.50%22%7D%5D",
        );
        assert_eq!((batch.weight(), batch.orders()), (5, Orders::BATCH));
        sent(
            &ModifyBatchOrders::of(&[ModifyOrder::by_id("BTCUSDT", 7, Side::Buy, dec!("1"), dec!("2"))])
                .unwrap(),
            "batchOrders=%5B%7B%22symbol%22%3A%22BTCUSDT%22%2C%22side%22%3A%22BUY%22%2C%22quantity%22%3A%221%22%2C\
             %22price%22%3A%222%22%2C%22orderId%22%3A7%7D%5D",
        );
        sent(
            &CancelBatchOrders::by_ids("BTCUSDT", &[1, 22]).unwrap(),
            "symbol=BTCUSDT&orderIdList=%5B1%2C22%5D",
        );
        sent(
            &CancelBatchOrders::by_client_ids("BTCUSDT", &["a", "b:1"]).unwrap(),
            "symbol=BTCUSDT&origClientOrderIdList=%5B%22a%22%2C%22b%3A1%22%5D",
        );
    }

    #[test]
    fn batches_of_none_or_too_many_cannot_be_built() {
        let orders = [NewOrder::market("BTCUSDT", Side::Buy, dec!("1")); 6];
        let changes = [ModifyOrder::by_id("BTCUSDT", 7, Side::Buy, dec!("1"), dec!("2")); 6];
        for len in 0..=6 {
            let refused = Some(BatchSize { len, max: 5 }).filter(|_| len == 0 || len > 5);
            assert_eq!(NewBatchOrders::of(&orders[..len]).err(), refused);
            assert_eq!(ModifyBatchOrders::of(&changes[..len]).err(), refused);
        }
        for len in 0..=11 {
            let refused = Some(BatchSize { len, max: 10 }).filter(|_| len == 0 || len > 10);
            assert_eq!(CancelBatchOrders::by_ids("BTCUSDT", &[1; 11][..len]).err(), refused);
            assert_eq!(CancelBatchOrders::by_client_ids("BTCUSDT", &["x"; 11][..len]).err(), refused);
        }
    }

    #[test]
    fn each_order_of_a_batch_is_taken_or_refused_by_itself() {
        let orders = [NewOrder::market("BTCUSDT", Side::Buy, dec!("1")); 3];
        let reply = br#"[
            {"orderId":1,"symbol":"BTCUSDT","clientOrderId":"x","status":"NEW","side":"BUY"},
            {"code":-2022,"msg":"ReduceOnly Order is rejected."},
            {"orderId":2,"symbol":"BTCUSDT"}
        ]"#;
        let mut each = NewBatchOrders::of(&orders).unwrap().decode(reply).unwrap().into_iter();
        assert!(matches!(each.next(), Some(Ok(Each::Done(order))) if order.order_id == 1));
        assert!(matches!(each.next(), Some(Ok(Each::Refused(error))) if error.code.0 == -2022));
        assert!(matches!(each.next(), Some(Err(_))));
        assert!(each.next().is_none());
    }
}
