//! Algo orders: stop, take-profit and trailing orders, which wait for a price and then become orders of their own.
//!
//! They are counted apart (200 over all contracts), have ids of their own, are not checked for margin before they are
//! triggered, and cannot be changed, only canceled. Some events tell which order became of one.

use super::{super::by_symbol, TestOrder};
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
    record::{Done, Quoted},
    text::{ClientOrderId, Message, Symbol},
    time::Millis,
};

endpoints! {
    UsdM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-usd-s-m-futures/api/rest-api/trade";

    /// A new order that waits for a price.
    ///
    /// Make it with [`NewAlgoOrder::stop`], [`NewAlgoOrder::stop_market`], [`NewAlgoOrder::take_profit`],
    /// [`NewAlgoOrder::take_profit_market`], [`NewAlgoOrder::trailing_stop`], or, to close a whole position, with
    /// [`NewAlgoOrder::stop_market_close`] or [`NewAlgoOrder::take_profit_market_close`]. Refused with -4142 where it
    /// would be triggered at once.
    POST "/fapi/v1/algoOrder" Trade, weight: Fixed(0), orders: Orders::ONE, docs: "#new-algo-order" -> AlgoOrder;
    new is private;
    pub struct NewAlgoOrder<'a> {
        /// What kind of algo order.
        "algoType" => algo_type: AlgoType,
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
        /// Which way.
        "side" => side: Side,
        /// What kind.
        "type" => kind: OrderType,
    } optional {
        /// Which position, in hedge mode.
        "positionSide" => position_side: PositionSide [private],
        /// How long the order stays that comes of it; `GTC` unless given. Of limit orders only.
        "timeInForce" => time_in_force: TimeInForce,
        /// How much, in the base asset.
        "quantity" => quantity: Decimal [private],
        /// The price of the limit order that comes of it.
        "price" => price: Decimal [private],
        /// The price that triggers it.
        "triggerPrice" => trigger_price: Decimal [private],
        /// Which price triggers it; `CONTRACT_PRICE`, the last one, unless given.
        "workingType" => working_type: WorkingType,
        /// The price taken from the book when it is triggered.
        "priceMatch" => price_match: PriceMatch [private],
        /// Whether it closes the whole position.
        "closePosition" => close_position: bool [private],
        /// Whether it is triggered only while mark and last price are no further apart than the contract's
        /// `trigger_protect`. Not unless given.
        "priceProtect" => price_protect: bool,
        /// Whether it may only make the position smaller.
        "reduceOnly" => reduce_only: bool [private],
        /// The price from which on a trailing stop trails; the one of the moment unless given. Of trailing stops
        /// only.
        "activatePrice" => activate_price: Decimal,
        /// By how many percent the price must turn.
        "callbackRate" => callback_rate: Decimal [private],
        /// A name for it among the open ones: 1 to 36 of `A–Z a–z 0–9 . : / _ -`. With it, and only with it, can an
        /// order be found again whose reply was lost.
        "clientAlgoId" => client_algo_id: &'a str,
        /// How much the reply tells; `ACK` unless given.
        "newOrderRespType" => new_order_resp_type: NewOrderRespType,
        /// What happens if it would trade with another of the same account; `NONE` unless given.
        "selfTradePreventionMode" => self_trade_prevention_mode: SelfTradePreventionMode,
        /// When a `GTD` order ends.
        "goodTillDate" => good_till_date: Millis [private],
    }

    /// Cancels an algo order that has not been triggered.
    ///
    /// Make it with [`CancelAlgoOrder::by_id`] or [`CancelAlgoOrder::by_client_id`].
    DELETE "/fapi/v1/algoOrder" Trade, weight: Fixed(1), docs: "#cancel-algo-order" -> CanceledAlgoOrder;
    new is private;
    pub struct CancelAlgoOrder<'a> {} optional {
        /// The exchange's id of the order.
        "algoId" => algo_id: u64 [private],
        /// The client's id of the order.
        "clientAlgoId" => client_algo_id: &'a str [private],
    }

    /// Cancels all open algo orders of one contract.
    DELETE "/fapi/v1/algoOpenOrders" Trade, weight: Fixed(1), docs: "#cancel-all-algo-open-orders" -> Done;
    pub struct CancelAllAlgoOpenOrders<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    }

    /// Where an algo order stands. Those that ended without a fill are forgotten after 3 days, others after 90.
    ///
    /// Make it with [`QueryAlgoOrder::by_id`] or [`QueryAlgoOrder::by_client_id`].
    GET "/fapi/v1/algoOrder" UserData, weight: Fixed(1), docs: "#query-algo-order" -> AlgoOrder;
    new is private;
    pub struct QueryAlgoOrder<'a> {} optional {
        /// The exchange's id of the order.
        "algoId" => algo_id: u64 [private],
        /// The client's id of the order.
        "clientAlgoId" => client_algo_id: &'a str [private],
    }

    /// The open algo orders of one contract or of all.
    GET "/fapi/v1/openAlgoOrders" UserData, weight: by_symbol(1, 40), docs: "#current-all-algo-open-orders"
        -> List<'r, AlgoOrder>;
    pub struct OpenAlgoOrders<'a> {} optional {
        /// What kind of algo order; all unless given.
        "algoType" => algo_type: AlgoType,
        /// Contract, in upper case; all unless given, for 40 times the weight.
        "symbol" => symbol: &'a str,
        /// Only this one, by the exchange's id.
        "algoId" => algo_id: u64,
    }

    /// The algo orders of one contract, open or not, oldest first; of the last 7 days unless times are given. Those
    /// that ended without a fill are forgotten after 3 days, others after 90.
    GET "/fapi/v1/allAlgoOrders" UserData, weight: Fixed(5), docs: "#query-all-algo-orders" -> List<'r, AlgoOrder>;
    pub struct AllAlgoOrders<'a> {
        /// Contract, in upper case.
        "symbol" => symbol: &'a str,
    } optional {
        /// From this id on, inclusive.
        "algoId" => algo_id: u64,
        /// Earliest time. At most 7 days before `end_time`.
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

    /// A limit order at `price` once the price has come to `trigger_price` from the side where it hurts: from below
    /// for a buy, from above for a sell.
    pub fn stop(
        symbol: &'a str,
        way: impl Into<Way>,
        quantity: Decimal,
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
        quantity: Decimal,
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

    /// A limit order at `price` once the price has come to `trigger_price` from the side where it is welcome: from
    /// above for a buy, from below for a sell.
    pub fn take_profit(
        symbol: &'a str,
        way: impl Into<Way>,
        quantity: Decimal,
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
        quantity: Decimal,
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

    /// A market order once the price has turned by `callback_rate` percent (0.1 to 20) from the best it has been
    /// since the order came, or since [`Self::activate_price`].
    pub fn trailing_stop(
        symbol: &'a str,
        way: impl Into<Way>,
        quantity: Decimal,
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

impl<'a> From<NewAlgoOrder<'a>> for TestOrder<'a> {
    /// The same order, to be checked and not placed.
    fn from(order: NewAlgoOrder<'a>) -> Self {
        Self {
            position_side: order.position_side,
            reduce_only: order.reduce_only,
            quantity: order.quantity,
            price: order.price,
            new_client_order_id: order.client_algo_id,
            stop_price: order.trigger_price,
            close_position: order.close_position,
            activation_price: order.activate_price,
            callback_rate: order.callback_rate,
            time_in_force: order.time_in_force,
            working_type: order.working_type,
            price_protect: order.price_protect,
            new_order_resp_type: order.new_order_resp_type,
            price_match: order.price_match,
            self_trade_prevention_mode: order.self_trade_prevention_mode,
            good_till_date: order.good_till_date,
            ..Self::new(order.symbol, order.side, order.kind)
        }
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
        /// How much was ordered, in the base asset.
        "quantity" ? quantity: Decimal,
        /// Where it stands.
        "algoStatus" => algo_status: Open<AlgoStatus>,
        /// The exchange's id of the order that came of it; none before it is triggered.
        "actualOrderId" ? actual_order_id: Quoted<u64>,
        /// The mean price of what that order filled; 0 before it is triggered.
        "actualPrice" ? actual_price: Decimal,
        /// What kind of order came of it.
        "actualType" ? actual_type: Open<OrderType>,
        /// How much that order is, in the base asset.
        "actualQty" ? actual_qty: Decimal,
        /// The price that triggers it.
        "triggerPrice" ? trigger_price: Decimal,
        /// The price of the limit order that comes of it.
        "price" ? price: Decimal,
        /// How much of it shows in the book; none where all does.
        "icebergQuantity" ? iceberg_quantity: Decimal,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{decimal::dec, order::HedgeSide, param::Params, query::Query};

    #[track_caller]
    fn sent(request: &dyn Params, expected: &str) {
        let mut room = [0; 512];
        let mut query = Query::new(&mut room);
        query.extend(request).unwrap();
        assert_eq!(query.as_str(), expected);
    }

    #[test]
    fn each_kind_says_what_it_needs() {
        let (symbol, quantity, price, trigger) = ("BTCUSDT", dec!("0.5"), dec!("59000"), dec!("59100.0"));
        sent(
            &NewAlgoOrder::stop(symbol, Side::Sell.reduce_only(), quantity, price, trigger),
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP&quantity=0.5&price=59000&triggerPrice=59100.0\
             &reduceOnly=true",
        );
        sent(
            &NewAlgoOrder::take_profit(
                symbol,
                HedgeSide::Short.close(),
                quantity,
                PriceMatch::Opponent,
                trigger,
            )
            .good_till(Millis(5)),
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=TAKE_PROFIT&positionSide=SHORT&timeInForce=GTD\
             &quantity=0.5&triggerPrice=59100.0&priceMatch=OPPONENT&goodTillDate=5",
        );
        sent(
            &NewAlgoOrder::stop_market(symbol, Side::Buy, quantity, trigger)
                .working_type(WorkingType::MarkPrice),
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=0.5&triggerPrice=59100.0\
             &workingType=MARK_PRICE",
        );
        sent(
            &NewAlgoOrder::take_profit_market(symbol, Side::Sell, quantity, trigger).price_protect(true),
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT_MARKET&quantity=0.5&triggerPrice=59100.0\
             &priceProtect=true",
        );
        sent(
            &NewAlgoOrder::trailing_stop(symbol, Side::Sell, quantity, dec!("1.5")).activate_price(price),
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&quantity=0.5\
             &activatePrice=59000&callbackRate=1.5",
        );
    }

    #[test]
    fn what_closes_a_position_names_no_quantity() {
        sent(
            &NewAlgoOrder::stop_market_close("BTCUSDT", Side::Sell, dec!("1")).client_algo_id("x"),
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=1&closePosition=true\
             &clientAlgoId=x",
        );
        sent(
            &NewAlgoOrder::take_profit_market_close("BTCUSDT", HedgeSide::Short, dec!("1")),
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=TAKE_PROFIT_MARKET&positionSide=SHORT&triggerPrice=1\
             &closePosition=true",
        );
    }

    #[test]
    fn the_test_endpoint_has_other_names_for_the_same() {
        let order = NewAlgoOrder::trailing_stop("BTCUSDT", Side::Sell.reduce_only(), dec!("1"), dec!("1.0"))
            .activate_price(dec!("2"))
            .client_algo_id("x")
            .working_type(WorkingType::MarkPrice)
            .price_protect(false);
        sent(
            &TestOrder::from(order),
            "symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&reduceOnly=true&quantity=1&newClientOrderId=x\
             &activationPrice=2&callbackRate=1.0&workingType=MARK_PRICE&priceProtect=false",
        );
        sent(
            &TestOrder::from(NewAlgoOrder::stop_market_close("BTCUSDT", HedgeSide::Long, dec!("3"))),
            "symbol=BTCUSDT&side=SELL&type=STOP_MARKET&positionSide=LONG&stopPrice=3&closePosition=true",
        );
    }

    #[test]
    fn is_asked_for_and_canceled_by_one_of_two_ids() {
        sent(&QueryAlgoOrder::by_id(7), "algoId=7");
        sent(&QueryAlgoOrder::by_client_id("a b"), "clientAlgoId=a%20b");
        sent(&CancelAlgoOrder::by_id(7), "algoId=7");
        sent(&CancelAlgoOrder::by_client_id("x"), "clientAlgoId=x");
    }
}
