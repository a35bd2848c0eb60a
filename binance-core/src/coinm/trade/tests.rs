//! What the requests look like on the wire, and what only replies of this market have.

extern crate std;

use std::{
    string::{String, ToString},
    vec::Vec,
};

use super::*;
use crate::{
    decimal::dec,
    endpoint::{Endpoint, Request},
    json,
    order::HedgeSide,
    query::Query,
};

/// The query with everything that stands for itself decoded again, to be read by people.
fn query(request: &dyn Request) -> String {
    let mut room = [0; 2048];
    let mut query = Query::new(&mut room);
    query.extend(request).unwrap();
    let mut text = query.as_str().to_string();
    for (encoded, plain) in
        [("%5B", "["), ("%5D", "]"), ("%7B", "{"), ("%7D", "}"), ("%22", "\""), ("%3A", ":"), ("%2C", ",")]
    {
        text = text.replace(encoded, plain);
    }
    text
}

const SYMBOL: &str = "BTCUSD_PERP";

fn contracts(count: u32) -> Contracts {
    Contracts::from(count)
}

#[test]
fn orders_of_each_kind_carry_what_their_kind_needs_and_nothing_that_excludes_it() {
    let (price, stop) = (dec!("60000.1"), dec!("59000"));
    for (order, expected) in [
        (
            NewOrder::limit(SYMBOL, Side::Buy, contracts(3), price),
            "side=BUY&type=LIMIT&quantity=3&price=60000.1&timeInForce=GTC",
        ),
        (
            NewOrder::limit(SYMBOL, Side::Sell.reduce_only(), contracts(3), PriceMatch::Opponent5)
                .time_in_force(TimeInForce::Ioc)
                .new_client_order_id("a-1"),
            "side=SELL&type=LIMIT&reduceOnly=true&quantity=3&newClientOrderId=a-1&timeInForce=IOC&priceMatch=OPPONENT_5",
        ),
        (
            NewOrder::market(SYMBOL, HedgeSide::Long.open(), contracts(1)),
            "side=BUY&type=MARKET&positionSide=LONG&quantity=1",
        ),
        (
            NewOrder::market(SYMBOL, HedgeSide::Long.close(), contracts(1)),
            "side=SELL&type=MARKET&positionSide=LONG&quantity=1",
        ),
        (
            NewOrder::stop(SYMBOL, Side::Sell, contracts(1), price, stop),
            "side=SELL&type=STOP&quantity=1&price=60000.1&stopPrice=59000",
        ),
        (
            NewOrder::stop_market(SYMBOL, Side::Sell, contracts(1), stop)
                .working_type(WorkingType::MarkPrice),
            "side=SELL&type=STOP_MARKET&quantity=1&stopPrice=59000&workingType=MARK_PRICE",
        ),
        (
            NewOrder::take_profit(SYMBOL, Side::Buy, contracts(1), PriceMatch::Queue, stop),
            "side=BUY&type=TAKE_PROFIT&quantity=1&stopPrice=59000&priceMatch=QUEUE",
        ),
        (
            NewOrder::take_profit_market(SYMBOL, Side::Buy, contracts(1), stop).price_protect(true),
            "side=BUY&type=TAKE_PROFIT_MARKET&quantity=1&stopPrice=59000&priceProtect=true",
        ),
        (
            NewOrder::stop_market_close(SYMBOL, Side::Sell, stop),
            "side=SELL&type=STOP_MARKET&stopPrice=59000&closePosition=true",
        ),
        (
            NewOrder::take_profit_market_close(SYMBOL, HedgeSide::Short, stop),
            "side=BUY&type=TAKE_PROFIT_MARKET&positionSide=SHORT&stopPrice=59000&closePosition=true",
        ),
        (
            NewOrder::trailing_stop(SYMBOL, Side::Sell, contracts(2), dec!("0.5")).activation_price(price),
            "side=SELL&type=TRAILING_STOP_MARKET&quantity=2&activationPrice=60000.1&callbackRate=0.5",
        ),
    ] {
        assert_eq!(query(&order), std::format!("symbol={SYMBOL}&{expected}"));
        assert_eq!(order.symbol(), SYMBOL);
    }
}

#[test]
fn algo_orders_carry_the_names_of_the_algo_endpoint() {
    let (price, trigger) = (dec!("60000.1"), dec!("59000"));
    for (order, expected) in [
        (
            NewAlgoOrder::stop(SYMBOL, Side::Sell, contracts(1), price, trigger)
                .good_till(Millis(1_800_000_000_000)),
            "side=SELL&type=STOP&timeInForce=GTD&quantity=1&price=60000.1&triggerPrice=59000&goodTillDate=1800000000000",
        ),
        (
            NewAlgoOrder::stop_market(SYMBOL, Side::Sell.reduce_only(), contracts(1), trigger),
            "side=SELL&type=STOP_MARKET&quantity=1&triggerPrice=59000&reduceOnly=true",
        ),
        (
            NewAlgoOrder::take_profit(
                SYMBOL,
                HedgeSide::Short.close(),
                contracts(1),
                PriceMatch::Queue,
                trigger,
            ),
            "side=BUY&type=TAKE_PROFIT&positionSide=SHORT&quantity=1&triggerPrice=59000&priceMatch=QUEUE",
        ),
        (
            NewAlgoOrder::take_profit_market(SYMBOL, Side::Buy, contracts(1), trigger),
            "side=BUY&type=TAKE_PROFIT_MARKET&quantity=1&triggerPrice=59000",
        ),
        (
            NewAlgoOrder::stop_market_close(SYMBOL, Side::Buy, trigger).client_algo_id("a:1"),
            "side=BUY&type=STOP_MARKET&triggerPrice=59000&closePosition=true&clientAlgoId=a:1",
        ),
        (
            NewAlgoOrder::take_profit_market_close(SYMBOL, HedgeSide::Long, trigger),
            "side=SELL&type=TAKE_PROFIT_MARKET&positionSide=LONG&triggerPrice=59000&closePosition=true",
        ),
        (
            NewAlgoOrder::trailing_stop(SYMBOL, Side::Sell, contracts(2), dec!("1.5")).activate_price(price),
            "side=SELL&type=TRAILING_STOP_MARKET&quantity=2&activatePrice=60000.1&callbackRate=1.5",
        ),
    ] {
        assert_eq!(query(&order), std::format!("algoType=CONDITIONAL&symbol={SYMBOL}&{expected}"));
    }
    assert_eq!(query(&CancelAlgoOrder::by_id(7)), "algoId=7");
    assert_eq!(query(&QueryAlgoOrder::by_client_id("a")), "clientAlgoId=a");
}

#[test]
fn a_batch_is_json_of_texts_and_has_bounds() {
    let orders = [
        NewOrder::limit(SYMBOL, Side::Buy, contracts(3), dec!("60000.10")).new_client_order_id("a"),
        NewOrder::market("ETHUSD_PERP", Side::Sell.reduce_only(), contracts(1)),
    ];
    let batch = NewBatchOrders::of(&orders).unwrap();
    assert_eq!(
        query(&batch),
        r#"batchOrders=[{"symbol":"BTCUSD_PERP","side":"BUY","type":"LIMIT","quantity":"3","price":"60000.10","newClientOrderId":"a","timeInForce":"GTC"},{"symbol":"ETHUSD_PERP","side":"SELL","type":"MARKET","reduceOnly":"true","quantity":"1"}]"#
    );
    let changes = [
        ModifyOrder::by_id(SYMBOL, 20_072_994_037, Side::Buy, contracts(2), dec!("30005")).modify_id(1),
        ModifyOrder::by_client_id(SYMBOL, "a", Side::Sell, contracts(1), dec!("30006")),
    ];
    assert_eq!(
        query(&ModifyBatchOrders::of(&changes).unwrap()),
        r#"batchOrders=[{"symbol":"BTCUSD_PERP","side":"BUY","quantity":"2","price":"30005","orderId":20072994037,"modifyId":1},{"symbol":"BTCUSD_PERP","side":"SELL","quantity":"1","price":"30006","origClientOrderId":"a"}]"#
    );
    for (len, taken) in [(0, false), (1, true), (5, true), (6, false)] {
        assert_eq!(NewBatchOrders::of(&std::vec![orders[0]; len]).is_ok(), taken, "{len}");
        assert_eq!(ModifyBatchOrders::of(&std::vec![changes[0]; len]).is_ok(), taken, "{len}");
    }
    for (len, taken) in [(0, false), (1, true), (10, true), (11, false)] {
        assert_eq!(CancelBatchOrders::by_ids(SYMBOL, &std::vec![1; len]).is_ok(), taken, "{len}");
        let refused = CancelBatchOrders::by_client_ids(SYMBOL, &std::vec!["a"; len]).err();
        assert_eq!(refused, (!taken).then_some(BatchSize { len, max: 10 }));
    }
    assert_eq!(
        query(&CancelBatchOrders::by_ids(SYMBOL, &[1, 2]).unwrap()),
        "symbol=BTCUSD_PERP&orderIdList=[1,2]"
    );
    assert_eq!(
        query(&CancelBatchOrders::by_client_ids(SYMBOL, &["a", "b"]).unwrap()),
        r#"symbol=BTCUSD_PERP&origClientOrderIdList=["a","b"]"#
    );
}

#[test]
fn what_must_be_named_is_and_what_excludes_another_is_not_beside_it() {
    for (request, expected) in [
        (&AllOrders::of_symbol(SYMBOL).limit(100) as &dyn Request, "symbol=BTCUSD_PERP&limit=100"),
        (&AllOrders::of_symbol_from(SYMBOL, 5), "symbol=BTCUSD_PERP&orderId=5"),
        (&AllOrders::of_pair("BTCUSD").start_time(Millis(1)), "pair=BTCUSD&startTime=1"),
        (&UserTrades::of_symbol(SYMBOL), "symbol=BTCUSD_PERP"),
        (&UserTrades::of_symbol_from(SYMBOL, 6), "symbol=BTCUSD_PERP&fromId=6"),
        (&UserTrades::of_order(SYMBOL, 28), "symbol=BTCUSD_PERP&orderId=28"),
        (&UserTrades::of_pair("BTCUSD"), "pair=BTCUSD"),
        (&OpenOrder::by_id(SYMBOL, 1), "symbol=BTCUSD_PERP&orderId=1"),
        (&OrderAmendment::by_client_id(SYMBOL, "a"), "symbol=BTCUSD_PERP&origClientOrderId=a"),
        (
            &ModifyOrder::by_id(SYMBOL, 1, Side::Buy, contracts(2), PriceMatch::Queue5),
            "symbol=BTCUSD_PERP&side=BUY&quantity=2&orderId=1&priceMatch=QUEUE_5",
        ),
        (&ChangePositionMode::new(true), "dualSidePosition=true"),
        (
            &ModifyIsolatedPositionMargin::new(
                SYMBOL,
                dec!("0.10"),
                crate::enums::PositionMarginAction::Reduce,
            ),
            "symbol=BTCUSD_PERP&amount=0.10&type=2",
        ),
    ] {
        assert_eq!(query(request), expected);
    }
}

/// No source has replies of these endpoints for COIN-M; those of USDⓈ-M stand for them.
#[test]
fn algo_replies_read_as_on_the_other_market() {
    let placed = br#"{"algoId":2146760,"clientAlgoId":"6B2I9XVcJpCjqPAJ4YoFX7","algoType":"CONDITIONAL","orderType":"TAKE_PROFIT","symbol":"BTCUSD_PERP","side":"SELL","positionSide":"BOTH","timeInForce":"GTC","quantity":"1","algoStatus":"NEW","triggerPrice":"750.000","price":"750.000","icebergQuantity":"null","selfTradePreventionMode":"EXPIRE_MAKER","workingType":"CONTRACT_PRICE","priceMatch":"NONE","closePosition":false,"priceProtect":false,"reduceOnly":false,"activatePrice":"","callbackRate":"","createTime":1750485492076,"updateTime":1750485492076,"triggerTime":0,"goodTillDate":0}"#;
    let order =
        NewAlgoOrder::stop_market(SYMBOL, Side::Sell, contracts(1), dec!("750")).decode(placed).unwrap();
    assert_eq!(order.quantity, Some(contracts(1)));
    assert_eq!((order.iceberg_quantity, order.activate_price, order.actual_order_id), (None, None, None));
    assert_eq!(order.algo_status, crate::enums::AlgoStatus::New);
    let canceled = br#"{"algoId":2146760,"clientAlgoId":"a","code":"200","msg":"success"}"#;
    let canceled = CancelAlgoOrder::by_id(2_146_760).decode(canceled).unwrap();
    assert_eq!(canceled.code.map(crate::record::Quoted::get), Some(200));
    let open = br#"[{"algoId":1,"clientAlgoId":"a","symbol":"BTCUSD_PERP","side":"BUY","algoStatus":"TRIGGERED","actualOrderId":"28"}]"#;
    let open: Vec<_> = OpenAlgoOrders::new().decode(open).unwrap().iter().collect::<Result<_, _>>().unwrap();
    assert_eq!(open[0].actual_order_id.map(crate::record::Quoted::get), Some(28));
}

#[test]
fn each_order_of_a_batch_is_taken_or_refused_by_itself() {
    let reply = br#"[{"orderId":1,"symbol":"BTCUSD_PERP","clientOrderId":"a","status":"NEW","side":"BUY","origQty":"3"},{"code":-2022,"msg":"ReduceOnly Order is rejected."}]"#;
    let orders = [NewOrder::market(SYMBOL, Side::Buy, contracts(3)); 2];
    let reply = NewBatchOrders::of(&orders).unwrap().decode(reply).unwrap();
    let each: Vec<Result<Order, crate::ApiError>> =
        reply.iter().map(|each: Result<_, json::Error>| each.unwrap().into_result()).collect();
    assert_eq!(each[0].as_ref().unwrap().orig_qty, Some(contracts(3)));
    assert_eq!(each[1].as_ref().unwrap_err().code, crate::ApiCode::REDUCE_ONLY_REJECT);
}
