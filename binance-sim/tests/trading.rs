//! Orders: filters, matching, changing, cancelling, and what they do to positions and wallets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use binance_core::Decimal;
use binance_sim::{Market, Side, Sim};
use common::{get, signed, still};
use serde_json::Value;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn field(value: &Value, name: &str) -> Decimal {
    decimal(value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}")))
}

/// Best bid and ask.
fn best(sim: &Sim, symbol: &str) -> (Decimal, Decimal) {
    let book = sim.book(symbol).unwrap();
    (book.bids[0].0, book.asks[0].0)
}

fn place(sim: &Sim, params: &str) -> Value {
    signed(sim, "POST", "/fapi/v1/order", &format!("{params}&newOrderRespType=RESULT")).good()
}

fn refused(sim: &Sim, method: &str, params: &str) -> i64 {
    let reply = signed(sim, method, "/fapi/v1/order", params);
    assert_eq!(reply.status, 400, "{params} {}", reply.body);
    reply.code()
}

fn order(sim: &Sim, params: &str) -> Value {
    signed(sim, "GET", "/fapi/v1/order", params).good()
}

fn wallet(sim: &Sim, market: Market, asset: &str) -> Decimal {
    let truth = sim.truth();
    let of = truth.balances.iter().find(|balance| balance.market == market && balance.asset == asset);
    of.unwrap().wallet
}

#[test]
fn an_order_rests_is_found_by_both_ids_and_is_cancelled() {
    let sim = still().start().unwrap();
    let placed = place(
        &sim,
        "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.010&price=62000.10&newClientOrderId=mine-1",
    );
    assert_eq!((placed["status"].as_str(), placed["price"].as_str()), (Some("NEW"), Some("62000.10")));
    let id = placed["orderId"].as_u64().unwrap();
    let level = (decimal("62000.1"), decimal("0.01"));
    let before = sim.book("BTCUSDT").unwrap();
    assert!(
        before.bids.contains(&level) || before.bids.iter().any(|bid| bid.0 == level.0 && bid.1 > level.1)
    );
    for ids in [format!("orderId={id}"), "origClientOrderId=mine-1".to_owned()] {
        let found = order(&sim, &format!("symbol=BTCUSDT&{ids}"));
        assert_eq!((found["clientOrderId"].as_str(), found["orderId"].as_u64()), (Some("mine-1"), Some(id)));
    }
    let open = signed(&sim, "GET", "/fapi/v1/openOrders", "").good();
    assert_eq!(open.as_array().unwrap().len(), 1);
    let cancelled =
        signed(&sim, "DELETE", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=mine-1").good();
    assert_eq!(cancelled["status"], "CANCELED");
    assert_eq!(order(&sim, &format!("symbol=BTCUSDT&orderId={id}"))["status"], "CANCELED");
    assert_eq!(refused(&sim, "DELETE", &format!("symbol=BTCUSDT&orderId={id}")), -2011);
    assert_eq!(refused(&sim, "DELETE", "symbol=BTCUSDT&orderId=1"), -2011);
    assert_eq!(refused(&sim, "GET", "symbol=BTCUSDT&orderId=1"), -2013);
    assert_eq!(refused(&sim, "GET", &format!("symbol=ETHUSDT&orderId={id}")), -2013);
    let gone = signed(&sim, "GET", "/fapi/v1/openOrder", &format!("symbol=BTCUSDT&orderId={id}"));
    assert_eq!(gone.code(), -2013);
    assert_eq!(signed(&sim, "GET", "/fapi/v1/openOrders", "symbol=BTCUSDT").good(), serde_json::json!([]));
}

#[test]
fn a_client_order_id_is_taken_once_among_open_orders() {
    let sim = still().start().unwrap();
    let params =
        "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=62000&newClientOrderId=x";
    place(&sim, params);
    assert_eq!(refused(&sim, "POST", params), -4116);
    signed(&sim, "DELETE", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=x").good();
    let second = place(&sim, params);
    // The newest order of that name is meant from now on.
    assert_eq!(order(&sim, "symbol=BTCUSDT&origClientOrderId=x")["orderId"], second["orderId"]);
}

#[test]
fn filters_refuse_with_their_codes() {
    let sim = still().start().unwrap();
    let limit = |quantity: &str, price: &str| {
        format!("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity={quantity}&price={price}")
    };
    for (params, code) in [
        (limit("0.01", "0"), -4001),
        (limit("0.01", "62000.15"), -4014),
        (limit("0.01", "62000.101"), -1111),
        (limit("0.01", "99999999"), -4002),
        (limit("0.01", "500"), -4013),
        (limit("0.01", "70000"), -4016),
        (limit("0.01", "50000").replace("BUY", "SELL"), -4024),
        (limit("0", "62000"), -4003),
        (limit("0.0001", "62000"), -1111),
        (limit("1001", "62000"), -4005),
        (limit("0.001", "62000"), -4164),
        (limit("40", "62000"), -2019),
        ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=121".to_owned(), -4005),
        ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001".to_owned(), -4164),
        ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&price=62000".to_owned(), -1106),
        (format!("{}&reduceOnly=true", limit("0.01", "62000")), -2022),
        (format!("{}&positionSide=LONG", limit("0.01", "62000")), -4061),
        (format!("{}&priceMatch=QUEUE", limit("0.01", "62000")), -1106),
        (limit("0.01", "62000").replace("GTC", "GTD"), -1102),
        (format!("{}&goodTillDate=1", limit("0.01", "62000").replace("GTC", "GTD")), -5040),
        (format!("{}&newClientOrderId={}", limit("0.01", "62000"), "x".repeat(37)), -4015),
    ] {
        assert_eq!(refused(&sim, "POST", &params), code, "{params}");
        let test = signed(&sim, "POST", "/fapi/v1/order/test", &params);
        assert_eq!(test.code(), code, "the test order is refused alike: {params}");
    }
    signed(&sim, "POST", "/fapi/v1/order/test", &limit("0.01", "62000")).good();
    assert!(sim.truth().orders.is_empty(), "neither refused nor tested orders exist");
}

#[test]
fn an_order_that_crosses_trades_at_the_resting_prices_and_rests_with_the_remainder() {
    let sim = still().start().unwrap();
    let book = sim.book("BTCUSDT").unwrap();
    let (first, second) = (book.asks[0], book.asks[1]);
    let more = first.1.checked_add(second.1).unwrap().checked_add(decimal("0.5")).unwrap();
    let placed = place(
        &sim,
        &format!("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity={more}&price={}", second.0),
    );
    assert_eq!(
        (placed["status"].as_str(), field(&placed, "executedQty")),
        (Some("PARTIALLY_FILLED"), first.1.checked_add(second.1).unwrap())
    );
    let after = sim.book("BTCUSDT").unwrap();
    assert_eq!(after.bids[0], (second.0, decimal("0.5")));
    assert_eq!(after.asks[0], book.asks[2]);
    // The average is that of the two prices.
    let full = order(&sim, &format!("symbol=BTCUSDT&orderId={}", placed["orderId"]));
    let turnover =
        first.0.checked_mul(first.1).unwrap().checked_add(second.0.checked_mul(second.1).unwrap()).unwrap();
    assert_eq!(field(&full, "cumQuote"), turnover);
    // Somebody sells into the remainder.
    assert_eq!(sim.market_trade("BTCUSDT", Side::Sell, decimal("0.2")), decimal("0.2"));
    assert_eq!(
        field(&order(&sim, &format!("symbol=BTCUSDT&orderId={}", placed["orderId"])), "executedQty"),
        first.1.checked_add(second.1).unwrap().checked_add(decimal("0.2")).unwrap()
    );
    sim.market_trade("BTCUSDT", Side::Sell, decimal("0.3"));
    assert_eq!(order(&sim, &format!("symbol=BTCUSDT&orderId={}", placed["orderId"]))["status"], "FILLED");
}

#[test]
fn time_in_force_decides_what_happens_to_the_rest() {
    let sim = still().start().unwrap();
    let (bid, ask) = best(&sim, "BTCUSDT");
    let there = sim.book("BTCUSDT").unwrap().asks[0].1;
    let more = there.checked_add(decimal("1")).unwrap();
    let limit = |tif: &str, price: Decimal, quantity: Decimal| {
        format!("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce={tif}&quantity={quantity}&price={price}")
    };
    assert_eq!(refused(&sim, "POST", &limit("FOK", ask, more)), -5021);
    assert_eq!(refused(&sim, "POST", &limit("GTX", ask, more)), -5022);
    assert_eq!(place(&sim, &limit("GTX", bid, more))["status"], "NEW");
    let ioc = place(&sim, &limit("IOC", ask, more));
    assert_eq!((ioc["status"].as_str(), field(&ioc, "executedQty")), (Some("EXPIRED"), there));
    let ask = best(&sim, "BTCUSDT").1;
    let quantity = decimal("0.002");
    let fok = place(&sim, &limit("FOK", ask, quantity));
    assert_eq!(fok["status"], "FILLED");
    // ACK tells the order as it was taken.
    let ack = signed(&sim, "POST", "/fapi/v1/order", &limit("IOC", bid, decimal("0.01"))).good();
    assert_eq!((ack["status"].as_str(), ack["executedQty"].as_str()), (Some("NEW"), Some("0.000")));
    assert_eq!(order(&sim, &format!("symbol=BTCUSDT&orderId={}", ack["orderId"]))["status"], "EXPIRED");
    // GTD ends at its date.
    let date = sim.now() + 601_000;
    let gtd = place(&sim, &format!("{}&goodTillDate={date}", limit("GTD", bid, decimal("0.01"))));
    assert_eq!(gtd["goodTillDate"], date / 1_000 * 1_000);
    sim.advance(std::time::Duration::from_secs(602));
    assert_eq!(order(&sim, &format!("symbol=BTCUSDT&orderId={}", gtd["orderId"]))["status"], "EXPIRED");
}

#[test]
fn a_price_is_taken_from_the_book_when_asked() {
    let sim = still().start().unwrap();
    let book = sim.book("BTCUSDT").unwrap();
    for (price_match, price) in
        [("QUEUE", book.bids[0].0), ("QUEUE_5", book.bids[4].0), ("QUEUE_20", book.bids[19].0)]
    {
        let placed = place(
            &sim,
            &format!(
                "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&priceMatch={price_match}"
            ),
        );
        assert_eq!((field(&placed, "price"), placed["priceMatch"].as_str()), (price, Some(price_match)));
    }
    let opponent = "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.01&priceMatch=OPPONENT";
    assert_eq!(field(&place(&sim, opponent), "price"), book.bids[0].0);
    assert_eq!(refused(&sim, "POST", &opponent.replace("OPPONENT", "OPPONENT_20")), -5037);
}

#[test]
fn changing_an_order_moves_it_and_a_smaller_one_keeps_its_place() {
    let sim = still().start().unwrap();
    let (_, ask) = best(&sim, "ETHUSDT");
    let inside = ask.checked_sub(decimal("0.01")).unwrap();
    let limit = |quantity: &str| {
        format!("symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity={quantity}&price={inside}")
    };
    let first = place(&sim, &limit("2"));
    let second = place(&sim, &limit("2"));
    let change = |id: &Value, quantity: &str, price: Decimal| {
        format!("symbol=ETHUSDT&side=BUY&orderId={id}&quantity={quantity}&price={price}")
    };
    let changed = signed(&sim, "PUT", "/fapi/v1/order", &change(&first["orderId"], "1", inside)).good();
    assert_eq!(field(&changed, "origQty"), decimal("1"));
    sim.market_trade("ETHUSDT", Side::Sell, decimal("1"));
    assert_eq!(order(&sim, &format!("symbol=ETHUSDT&orderId={}", first["orderId"]))["status"], "FILLED");
    assert_eq!(order(&sim, &format!("symbol=ETHUSDT&orderId={}", second["orderId"]))["status"], "NEW");
    // Another price; then one that crosses.
    let lower = decimal("3150");
    let moved = signed(
        &sim,
        "PUT",
        "/fapi/v1/order",
        &format!("{}&modifyId=77", change(&second["orderId"], "3", lower)),
    )
    .good();
    assert_eq!((field(&moved, "price"), moved["modifyId"].as_u64()), (lower, Some(77)));
    assert_eq!(refused(&sim, "PUT", &change(&second["orderId"], "3", lower)), -5027);
    assert_eq!(refused(&sim, "PUT", &change(&second["orderId"], "900", lower)), -2019);
    assert_eq!(
        refused(&sim, "PUT", &format!("symbol=ETHUSDT&side=BUY&orderId={}&price=3150", second["orderId"])),
        -1102
    );
    assert_eq!(refused(&sim, "PUT", &change(&Value::from(1), "3", lower)), -2013);
    assert_eq!(refused(&sim, "PUT", &change(&second["orderId"], "3", lower).replace("BUY", "SELL")), -1130);
    signed(&sim, "PUT", "/fapi/v1/order", &change(&second["orderId"], "0.5", ask)).good();
    assert_eq!(order(&sim, &format!("symbol=ETHUSDT&orderId={}", second["orderId"]))["status"], "FILLED");
}

#[test]
fn an_account_does_not_trade_with_itself() {
    let sim = still().start().unwrap();
    let (bid, ask) = best(&sim, "ETHUSDT");
    let middle = bid.checked_add(decimal("0.01")).unwrap();
    assert!(middle < ask);
    for (mode, maker, taker) in [
        ("EXPIRE_MAKER", "EXPIRED_IN_MATCH", "NEW"),
        ("EXPIRE_TAKER", "NEW", "EXPIRED_IN_MATCH"),
        ("EXPIRE_BOTH", "EXPIRED_IN_MATCH", "EXPIRED_IN_MATCH"),
        ("NONE", "FILLED", "FILLED"),
    ] {
        let limit = |side: &str| {
            format!(
                "symbol=ETHUSDT&side={side}&type=LIMIT&timeInForce=GTC&quantity=1&price={middle}&selfTradePreventionMode={mode}"
            )
        };
        let first = place(&sim, &limit("BUY"));
        let second = place(&sim, &limit("SELL"));
        let status = |placed: &Value| {
            order(&sim, &format!("symbol=ETHUSDT&orderId={}", placed["orderId"]))["status"].clone()
        };
        assert_eq!((status(&first), status(&second)), (maker.into(), taker.into()), "{mode}");
        signed(&sim, "DELETE", "/fapi/v1/allOpenOrders", "symbol=ETHUSDT").good();
    }
}

#[test]
fn positions_wallets_and_fees_follow_the_formulas() {
    let sim = still().start().unwrap();
    let before = wallet(&sim, Market::UsdM, "USDT");
    let buy = place(&sim, "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=2");
    assert_eq!(buy["status"], "FILLED");
    let bought = field(&order(&sim, &format!("symbol=ETHUSDT&orderId={}", buy["orderId"])), "cumQuote");
    let fee = bought.checked_mul(decimal("0.0005")).unwrap();
    let after = wallet(&sim, Market::UsdM, "USDT");
    let paid = before.checked_sub(after).unwrap();
    // Each trade's fee has eight decimals, so the sum is a little less than that of the whole.
    assert!(paid <= fee && fee.checked_sub(paid).unwrap() < decimal("0.0000005"), "{paid} {fee}");
    let risk = &signed(&sim, "GET", "/fapi/v3/positionRisk", "symbol=ETHUSDT").good()[0];
    assert_eq!(field(risk, "positionAmt"), decimal("2"));
    let profit = field(risk, "markPrice").checked_mul(decimal("2")).unwrap().checked_sub(bought).unwrap();
    assert!(field(risk, "unRealizedProfit").checked_sub(profit).unwrap().abs() < decimal("0.00000002"));
    let margin =
        field(risk, "notional").checked_div(decimal("20"), 8, binance_core::decimal::Rounding::Down).unwrap();
    assert_eq!(field(risk, "positionInitialMargin"), margin);
    // Reduce-only closes no more than there is.
    assert_eq!(
        refused(&sim, "POST", "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=1&reduceOnly=true"),
        -2022
    );
    let close = place(&sim, "symbol=ETHUSDT&side=SELL&type=MARKET&quantity=5&reduceOnly=true");
    assert_eq!((close["status"].as_str(), field(&close, "executedQty")), (Some("EXPIRED"), decimal("2")));
    assert!(sim.truth().positions.is_empty());
    let sold = field(&order(&sim, &format!("symbol=ETHUSDT&orderId={}", close["orderId"])), "cumQuote");
    let end = wallet(&sim, Market::UsdM, "USDT");
    let expected = after
        .checked_add(sold.checked_sub(bought).unwrap())
        .unwrap()
        .checked_sub(sold.checked_mul(decimal("0.0005")).unwrap())
        .unwrap();
    assert!(end.checked_sub(expected).unwrap().abs() < decimal("0.000001"), "{end} {expected}");
}

#[test]
fn coin_margined_positions_are_counted_in_coins() {
    let sim = still().start().unwrap();
    let before = wallet(&sim, Market::CoinM, "BTC");
    let buy = signed(
        &sim,
        "POST",
        "/dapi/v1/order",
        "symbol=BTCUSD_PERP&side=BUY&type=MARKET&quantity=10&newOrderRespType=RESULT",
    )
    .good();
    assert_eq!((buy["status"].as_str(), buy["pair"].as_str()), (Some("FILLED"), Some("BTCUSD")));
    let full =
        signed(&sim, "GET", "/dapi/v1/order", &format!("symbol=BTCUSD_PERP&orderId={}", buy["orderId"]))
            .good();
    // 10 contracts of 100 USD at 64,000 are 1/64 coin.
    let coins = field(&full, "cumBase");
    assert!(coins > decimal("0.0155") && coins < decimal("0.0158"), "{coins}");
    let paid = before.checked_sub(wallet(&sim, Market::CoinM, "BTC")).unwrap();
    let fee = coins.checked_mul(decimal("0.0005")).unwrap();
    assert!(fee.checked_sub(paid).unwrap().abs() < decimal("0.0000001"), "{paid} {fee}");
    let risk = signed(&sim, "GET", "/dapi/v1/positionRisk", "pair=BTCUSD").good();
    let risk = risk.as_array().unwrap().iter().find(|risk| risk["symbol"] == "BTCUSD_PERP").unwrap();
    assert_eq!(field(risk, "positionAmt"), decimal("10"));
    let entry = field(risk, "entryPrice");
    let average = field(&full, "avgPrice");
    assert!(entry.checked_sub(average).unwrap().abs() < decimal("0.001"), "{entry} {average}");
    assert!(field(risk, "liquidationPrice") < entry);
    let close = signed(
        &sim,
        "POST",
        "/dapi/v1/order",
        "symbol=BTCUSD_PERP&side=SELL&type=MARKET&quantity=10&reduceOnly=true&newOrderRespType=RESULT",
    )
    .good();
    assert_eq!(close["status"], "FILLED");
    assert!(sim.truth().positions.is_empty());
    assert!(wallet(&sim, Market::CoinM, "BTC") < before);
    assert_eq!(
        signed(
            &sim,
            "POST",
            "/dapi/v1/order",
            "symbol=BTCUSD_PERP&side=BUY&type=STOP&quantity=1&price=1&stopPrice=1"
        )
        .code(),
        -4120
    );
}

#[test]
fn hedge_mode_keeps_long_and_short_apart() {
    let sim = still().hedge_mode().start().unwrap();
    assert_eq!(refused(&sim, "POST", "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=1"), -4061);
    place(&sim, "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=2&positionSide=LONG");
    place(&sim, "symbol=ETHUSDT&side=SELL&type=MARKET&quantity=1&positionSide=SHORT");
    assert_eq!(
        refused(
            &sim,
            "POST",
            "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=1&positionSide=LONG&reduceOnly=true"
        ),
        -1106
    );
    let positions = sim.truth().positions;
    let amounts: Vec<_> = positions.iter().map(|position| (position.side, position.amount)).collect();
    assert_eq!(amounts, [("LONG", decimal("2")), ("SHORT", decimal("-1"))]);
    place(&sim, "symbol=ETHUSDT&side=SELL&type=MARKET&quantity=2&positionSide=LONG");
    assert_eq!(sim.truth().positions.len(), 1);
    let risk = signed(&sim, "GET", "/fapi/v2/positionRisk", "symbol=ETHUSDT").good();
    assert_eq!(risk.as_array().unwrap().len(), 2);
}

#[test]
fn funding_moves_between_wallets_at_its_hour() {
    let sim = still().start().unwrap();
    place(&sim, "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=10");
    let before = wallet(&sim, Market::UsdM, "USDT");
    let premium = get(&sim, "/fapi/v1/premiumIndex?symbol=ETHUSDT").good();
    assert_eq!(premium["nextFundingTime"].as_i64().unwrap() % (8 * 3_600_000), 0);
    sim.advance(std::time::Duration::from_millis(
        (premium["nextFundingTime"].as_i64().unwrap() - sim.now()) as u64,
    ));
    let paid = before.checked_sub(wallet(&sim, Market::UsdM, "USDT")).unwrap();
    let after = get(&sim, "/fapi/v1/premiumIndex?symbol=ETHUSDT").good();
    let rate = field(&after, "lastFundingRate");
    let expected = field(&after, "markPrice").checked_mul(decimal("10")).unwrap().checked_mul(rate).unwrap();
    assert!(paid.checked_sub(expected).unwrap().abs() < decimal("0.00000002"), "{paid} {expected}");
    assert!(paid > Decimal::ZERO);
}

#[test]
fn an_order_for_people_is_in_the_whole_book_only_and_no_order_of_the_api_takes_it() {
    let sim = still().start().unwrap();
    let ask = best(&sim, "ETHUSDT").1;
    let inside = ask.checked_sub(decimal("0.01")).unwrap();
    let order = format!("symbol=ETHUSDT&side=SELL&type=LIMIT&timeInForce=RPI&quantity=1&price={inside}");
    let id = place(&sim, &order)["orderId"].clone();
    assert_eq!(best(&sim, "ETHUSDT").1, ask);
    let whole = get(&sim, "/fapi/v1/rpiDepth?symbol=ETHUSDT").good();
    assert_eq!(decimal(whole["asks"][0][0].as_str().unwrap()), inside);
    let public = get(&sim, "/fapi/v1/depth?symbol=ETHUSDT").good();
    assert_eq!(decimal(public["asks"][0][0].as_str().unwrap()), ask);
    place(&sim, "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=0.1");
    let status = || order_status(&sim, &id);
    assert_eq!(status(), "NEW");
    sim.market_trade("ETHUSDT", Side::Buy, decimal("1"));
    assert_eq!(status(), "FILLED");
}

fn order_status(sim: &Sim, id: &Value) -> Value {
    order(sim, &format!("symbol=ETHUSDT&orderId={id}"))["status"].clone()
}

#[test]
fn a_quarter_is_delivered_at_its_date() {
    // 2026-03-18; delivery is on the 27th at 08:00.
    let sim = still().start_time(1_773_792_000_000).start().unwrap();
    let symbol = "BTCUSD_260327";
    let order = |sim: &Sim, side: &str| {
        let order = format!("symbol={symbol}&side={side}&type=MARKET&quantity=10");
        signed(sim, "POST", "/dapi/v1/order", &order)
    };
    order(&sim, "BUY").good();
    let before = wallet(&sim, Market::CoinM, "BTC");
    sim.advance(std::time::Duration::from_secs(9 * 86_400));
    assert_eq!(sim.truth().positions.len(), 1);
    sim.advance(std::time::Duration::from_secs(9 * 3_600));
    assert!(sim.truth().positions.is_empty());
    let incomes = signed(&sim, "GET", "/dapi/v1/income", "incomeType=DELIVERED_SETTELMENT").good();
    let earned = field(&incomes[0], "income");
    assert_eq!(wallet(&sim, Market::CoinM, "BTC"), before.checked_add(earned).unwrap());
    let settled = sim.truth().orders.last().unwrap().clone();
    assert!(settled.client_order_id.starts_with("settlement_autoclose-"), "{settled:?}");
    assert_eq!(order(&sim, "BUY").code(), -4141);
    let rules = get(&sim, "/dapi/v1/exchangeInfo").good();
    let contract = rules["symbols"].as_array().unwrap().iter().find(|one| one["symbol"] == symbol).unwrap();
    assert_eq!(contract["contractStatus"], "DELIVERED");
}
