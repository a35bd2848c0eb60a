//! Margin: isolated and shared wallets, leverage, calls, liquidations, the insurance fund, deleveraging.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use binance_core::{Decimal, Market, decimal::Rounding};
use binance_sim::Sim;
use common::{moving, send, shape::read_declared_and_compare, signed, still, stream::Socket};
use serde_json::{Value, json};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn field(value: &Value, name: &str) -> Decimal {
    decimal(value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}")))
}

fn sum(one: Decimal, other: Decimal) -> Decimal {
    one.checked_add(other).unwrap()
}

fn less(one: Decimal, other: Decimal) -> Decimal {
    one.checked_sub(other).unwrap()
}

fn post(sim: &Sim, path: &str, params: &str) -> Value {
    signed(sim, "POST", path, params).good()
}

fn code(sim: &Sim, path: &str, params: &str) -> i64 {
    let reply = signed(sim, "POST", path, params);
    assert_eq!(reply.status, 400, "{params} {}", reply.body);
    reply.code()
}

fn buy(sim: &Sim, symbol: &str, quantity: &str) {
    let path = if symbol.ends_with("USDT") { "/fapi/v1/order" } else { "/dapi/v1/order" };
    post(sim, path, &format!("symbol={symbol}&side=BUY&type=MARKET&quantity={quantity}"));
}

fn risk(sim: &Sim, symbol: &str) -> Value {
    if symbol.ends_with("USDT") {
        return signed(sim, "GET", "/fapi/v2/positionRisk", &format!("symbol={symbol}")).good()[0].clone();
    }
    let all = signed(sim, "GET", "/dapi/v1/positionRisk", "").good();
    all.as_array().unwrap().iter().find(|risk| risk["symbol"] == symbol).unwrap().clone()
}

fn wallet(sim: &Sim, market: Market, asset: &str) -> Decimal {
    let truth = sim.truth();
    truth.balances.iter().find(|one| one.market == market && one.asset == asset).unwrap().wallet
}

/// What the insurance fund took, less what it gave.
fn insured(sim: &Sim, market: Market, asset: &str) -> Decimal {
    let truth = sim.truth();
    let fund = truth.insurance.iter().find(|fund| fund.market == market && fund.asset == asset);
    fund.map_or(Decimal::ZERO, |fund| less(fund.balance, decimal("1000000000")))
}

async fn user(sim: &Sim, market: Market) -> Socket {
    let (rest, path) =
        if market == Market::UsdM { ("/fapi", "/private/ws/") } else { ("/dapi", "/dstream/ws/") };
    let key = send(sim, "POST", &format!("{rest}/v1/listenKey"), Some(&sim.keys().hmac.api_key), "").good();
    Socket::open(sim, &format!("{path}{}", key["listenKey"].as_str().unwrap())).await
}

fn only<'a>(events: &'a [Value], name: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["e"] == name).collect()
}

#[tokio::test]
async fn an_isolated_position_has_its_own_wallet() {
    let long = Duration::from_secs(100_000);
    let sim = still().ping_interval(long).listen_key_life(long).start().unwrap();
    post(&sim, "/fapi/v1/marginType", "symbol=ETHUSDT&marginType=ISOLATED");
    post(&sim, "/fapi/v1/leverage", "symbol=ETHUSDT&leverage=10");
    let mut events = user(&sim, Market::UsdM).await;
    buy(&sim, "ETHUSDT", "2");
    let total = wallet(&sim, Market::UsdM, "USDT");
    let own = field(&risk(&sim, "ETHUSDT"), "isolatedWallet");
    let tenth = field(&risk(&sim, "ETHUSDT"), "entryPrice").checked_mul(decimal("0.2")).unwrap();
    assert!(less(own, tenth).abs() < decimal("0.0000001"), "{own} {tenth}");
    let balance = || {
        let rows = signed(&sim, "GET", "/fapi/v3/balance", "").good();
        rows.as_array().unwrap().iter().find(|row| row["asset"] == "USDT").unwrap().clone()
    };
    assert_eq!(field(&balance(), "crossWalletBalance"), less(total, own));
    assert_eq!(field(&balance(), "crossUnPnl"), Decimal::ZERO);
    assert_eq!(field(&balance(), "availableBalance"), less(total, own));

    let update = events.drain().await;
    let update = only(&update, "ACCOUNT_UPDATE").last().unwrap()["a"].clone();
    assert_eq!((&update["P"][0]["mt"], field(&update["P"][0], "iw")), (&json!("isolated"), own));
    assert_eq!(field(&update["B"][0], "cw"), less(total, own));

    // More of it, and less.
    post(&sim, "/fapi/v1/positionMargin", "symbol=ETHUSDT&amount=100&type=1");
    let update = events.drain().await;
    assert_eq!(update[0]["a"]["m"], "MARGIN_TRANSFER");
    assert_eq!(field(&update[0]["a"]["P"][0], "iw"), sum(own, decimal("100")));
    let safer = field(&risk(&sim, "ETHUSDT"), "liquidationPrice");
    post(&sim, "/fapi/v1/positionMargin", "symbol=ETHUSDT&amount=90&type=2");
    assert!(field(&risk(&sim, "ETHUSDT"), "liquidationPrice") > safer);
    assert_eq!(code(&sim, "/fapi/v1/positionMargin", "symbol=ETHUSDT&amount=20&type=2"), -4051);
    assert_eq!(wallet(&sim, Market::UsdM, "USDT"), total);

    // The documented formula: wallet, maintenance and entry of this position alone.
    let now = risk(&sim, "ETHUSDT");
    let (rate, quantity) = (decimal("0.004"), decimal("2"));
    let over = less(field(&now, "isolatedWallet"), quantity.checked_mul(field(&now, "entryPrice")).unwrap());
    let under = quantity.checked_mul(less(rate, decimal("1"))).unwrap();
    let price = over.checked_div(under, 6, Rounding::Down).unwrap();
    assert!(less(price, field(&now, "liquidationPrice")).abs() < decimal("0.00001"), "{price} {now}");

    // Half of it closed gives half of its wallet back.
    let before = field(&now, "isolatedWallet");
    post(&sim, "/fapi/v1/order", "symbol=ETHUSDT&side=SELL&type=MARKET&quantity=1");
    let after = field(&risk(&sim, "ETHUSDT"), "isolatedWallet");
    assert!(less(after.checked_mul(quantity).unwrap(), before).abs() < decimal("0.0000001"));
    assert_eq!(code(&sim, "/fapi/v1/leverage", "symbol=ETHUSDT&leverage=5"), -4161);
    events.drain().await;
    post(&sim, "/fapi/v1/leverage", "symbol=ETHUSDT&leverage=50");
    let change = events.drain().await;
    assert_eq!(
        (&change[0]["e"], &change[0]["ac"]),
        (&json!("ACCOUNT_CONFIG_UPDATE"), &json!({"s": "ETHUSDT", "l": 50}))
    );
    // Funding goes out of the position's wallet.
    let own = field(&risk(&sim, "ETHUSDT"), "isolatedWallet");
    sim.advance(Duration::from_secs(8 * 3_600));
    let events = events.drain().await;
    let fundings = only(&events, "ACCOUNT_UPDATE");
    let funding = &fundings.iter().find(|event| event["a"]["m"] == "FUNDING_FEE").unwrap()["a"];
    assert_eq!((&funding["S"], &funding["P"][0]["s"]), (&json!("ETHUSDT"), &json!("ETHUSDT")));
    assert_eq!(field(&funding["P"][0], "iw"), sum(own, field(&funding["B"][0], "bc")));
}

#[test]
fn leverage_bounds_what_may_be_held() {
    let sim = still().start().unwrap();
    let order = |quantity: &str| {
        format!("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=62000&quantity={quantity}")
    };
    post(&sim, "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=125");
    assert_eq!(code(&sim, "/fapi/v1/order", &order("4.9")), -2027);
    post(&sim, "/fapi/v1/order", &order("4.8"));
    assert_eq!(code(&sim, "/fapi/v1/order", &order("0.1")), -2027);
    post(&sim, "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=3");
    assert_eq!(code(&sim, "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=2"), -2028);
    let path = "/dapi/v1/order";
    post(&sim, "/dapi/v1/leverage", "symbol=BTCUSD_PERP&leverage=125");
    let order = "symbol=BTCUSD_PERP&side=SELL&type=LIMIT&timeInForce=GTC&price=65000&quantity=4000";
    assert_eq!(code(&sim, path, order), -2027);
}

/// Everything that went through the wallet is told as income.
fn incomes(sim: &Sim, rest: &str, asset: &str) -> Decimal {
    let rows = signed(sim, "GET", &format!("{rest}/v1/income"), "limit=1000").good();
    let rows = rows.as_array().unwrap().iter().filter(|row| row["asset"] == asset);
    rows.map(|row| field(row, "income")).fold(Decimal::ZERO, sum)
}

#[tokio::test]
async fn a_position_is_called_and_then_liquidated_when_the_mark_price_crosses() {
    for (market, isolated, symbol, quantity, asset, rest) in [
        (Market::UsdM, true, "BTCUSDT", "1", "USDT", "/fapi"),
        (Market::UsdM, false, "BTCUSDT", "20", "USDT", "/fapi"),
        (Market::CoinM, true, "BTCUSD_PERP", "1000", "BTC", "/dapi"),
        (Market::CoinM, false, "BTCUSD_PERP", "2000", "BTC", "/dapi"),
    ] {
        let sim = still().start().unwrap();
        if !isolated && market == Market::CoinM {
            // So little that the bracket is the same from here to the liquidation.
            assert!(sim.transfer(market, asset, decimal("-9.7"), "WITHDRAW"));
        }
        let start = less(wallet(&sim, market, asset), incomes(&sim, rest, asset));
        if isolated {
            post(&sim, &format!("{rest}/v1/marginType"), &format!("symbol={symbol}&marginType=ISOLATED"));
        }
        let mut events = user(&sim, market).await;
        let route = if market == Market::UsdM { "/market/ws" } else { "/dstream/ws" };
        let mut forced = Socket::open(&sim, &format!("{route}/!forceOrder@arr")).await;
        buy(&sim, symbol, quantity);
        let price = field(&risk(&sim, symbol), "liquidationPrice");
        assert!(price > decimal("1000") && price < decimal("64000"), "{price}");
        events.drain().await;

        // A little above it there is a call, and no more.
        assert!(sim.set_price(symbol, sum(price, decimal("20"))));
        let told = events.drain().await;
        assert_eq!(told.len(), 1);
        let call = &told[0];
        assert_eq!((&call["e"], &call["p"][0]["s"]), (&json!("MARGIN_CALL"), &json!(symbol)));
        assert_eq!(call["p"][0]["mt"], if isolated { "ISOLATED" } else { "CROSSED" });
        assert_eq!(call.get("cw").is_some(), !isolated);
        assert_eq!(sim.truth().positions.len(), 1);

        assert!(sim.set_price(symbol, less(price, decimal("1"))));
        assert!(sim.truth().positions.is_empty());
        let told = events.drain().await;
        let orders = only(&told, "ORDER_TRADE_UPDATE");
        let (first, last) = (&orders[0]["o"], &orders.last().unwrap()["o"]);
        assert!(first["c"].as_str().unwrap().starts_with("autoclose-"));
        assert_eq!(
            (&first["x"], &first["X"], &first["o"]),
            (&json!("NEW"), &json!("NEW"), &json!("LIQUIDATION"))
        );
        assert_eq!((&last["x"], &last["X"]), (&json!("CALCULATED"), &json!("FILLED")));
        let reasons: Vec<_> =
            only(&told, "ACCOUNT_UPDATE").iter().map(|event| event["a"]["m"].clone()).collect();
        assert_eq!(reasons.last().unwrap(), "INSURANCE_CLEAR");
        let path = format!("{rest}/v1/forceOrders");
        let list = signed(&sim, "GET", &path, "autoCloseType=LIQUIDATION");
        assert_eq!(list.good()[0]["clientOrderId"], first["c"]);
        let found = read_declared_and_compare(market, "GET", &path, &list.body);
        assert!(found.is_empty(), "{}", found.join("\n"));
        assert_eq!(signed(&sim, "GET", &path, "autoCloseType=ADL").good(), json!([]));
        sim.advance(Duration::from_secs(1));
        let frames = forced.drain().await;
        assert_eq!((&frames[0]["o"]["s"], &frames[0]["o"]["S"]), (&json!(symbol), &json!("SELL")));

        // Nothing came from nowhere: wallet and incomes agree, and the fund has what the account paid it.
        let end = wallet(&sim, market, asset);
        assert!(end >= Decimal::ZERO);
        assert_eq!(end, sum(start, incomes(&sim, rest, asset)));
        let path = format!("{rest}/v1/income");
        let cleared = signed(&sim, "GET", &path, "incomeType=INSURANCE_CLEAR").good();
        assert_eq!(field(&cleared[0], "income"), -insured(&sim, market, asset));
    }
}

#[test]
fn what_the_wallet_cannot_bear_the_fund_bears() {
    let sim = still().start().unwrap();
    post(&sim, "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED");
    post(&sim, "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=100");
    buy(&sim, "BTCUSDT", "1");
    let before = wallet(&sim, Market::UsdM, "USDT");
    let own = field(&risk(&sim, "BTCUSDT"), "isolatedWallet");
    // Nobody bids any more where the position still has something.
    sim.market_trade("BTCUSDT", binance_sim::Side::Sell, decimal("100000"));
    assert!(sim.book("BTCUSDT").unwrap().bids.is_empty());
    sim.set_price("BTCUSDT", decimal("50000"));
    assert!(sim.truth().positions.is_empty());
    let after = wallet(&sim, Market::UsdM, "USDT");
    let lost = less(before, after);
    // The tick is on the account's side, so what is lost is the position's wallet, but for a tick.
    assert!(lost <= own && less(own, lost) <= decimal("0.1"), "{lost} {own}");
    // The fund took 1 BTC some 640 below 64,000 and holds it at 50,000.
    let fund = insured(&sim, Market::UsdM, "USDT");
    assert!(fund < decimal("-13000") && fund > decimal("-14000"), "{fund}");
}

#[test]
fn the_wallet_is_shared_until_it_is_not_enough() {
    let sim = still().start().unwrap();
    buy(&sim, "BTCUSDT", "10");
    buy(&sim, "ETHUSDT", "10");
    let order = "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=3100";
    post(&sim, "/fapi/v1/order", order);
    let price = field(&risk(&sim, "BTCUSDT"), "liquidationPrice");
    sim.set_price("BTCUSDT", less(price, decimal("1")));
    // The bigger loss goes first, and the rest is enough for the other. Open orders go before.
    let truth = sim.truth();
    assert_eq!(truth.positions.len(), 1);
    assert_eq!(truth.positions[0].symbol, "ETHUSDT");
    assert!(truth.orders.iter().all(|order| order.status != "NEW"));
    assert!(wallet(&sim, Market::UsdM, "USDT") > Decimal::ZERO);
}

#[tokio::test]
async fn all_assets_stand_behind_all_positions_in_multi_assets_mode() {
    let sim = still().start().unwrap();
    let mut events = user(&sim, Market::UsdM).await;
    let available = || field(&signed(&sim, "GET", "/fapi/v3/account", "").good(), "availableBalance");
    assert_eq!(available(), decimal("100000"));
    post(&sim, "/fapi/v1/multiAssetsMargin", "multiAssetsMargin=true");
    assert_eq!(events.drain().await[0]["ai"], json!({"j": true}));
    // 110,000 less a hundredth of a percent.
    assert_eq!(available(), decimal("109989"));
    assert_eq!(code(&sim, "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED"), -4168);
    // What is owed too far is bought with what there is.
    assert!(sim.transfer(Market::UsdM, "USDT", decimal("-115000"), "WITHDRAW"));
    let told = events.drain().await;
    assert_eq!((&told[0]["a"]["m"], &told[0]["a"]["B"][0]["bc"]), (&json!("WITHDRAW"), &json!("-115000")));
    assert_eq!((&told[1]["a"]["m"], &told[1]["a"]["B"][0]["a"]), (&json!("AUTO_EXCHANGE"), &json!("USDC")));
    assert_eq!(wallet(&sim, Market::UsdM, "USDC"), Decimal::ZERO);
    assert_eq!(code(&sim, "/fapi/v1/multiAssetsMargin", "multiAssetsMargin=false"), -4172);
    assert!(!sim.transfer(Market::UsdM, "USDT", decimal("1"), "GIFT"));
    assert!(!sim.transfer(Market::CoinM, "USDT", decimal("1"), "DEPOSIT"));
}

#[tokio::test]
async fn a_position_is_deleveraged_on_demand() {
    let sim = moving().start().unwrap();
    let mut events = user(&sim, Market::UsdM).await;
    assert!(!sim.deleverage("ETHUSDT"));
    buy(&sim, "ETHUSDT", "3");
    events.drain().await;
    assert!(sim.deleverage("ETHUSDT"));
    assert!(sim.truth().positions.is_empty());
    let told = events.drain().await;
    let orders = only(&told, "ORDER_TRADE_UPDATE");
    assert_eq!((&orders[0]["o"]["c"], &orders[0]["o"]["X"]), (&json!("adl_autoclose"), &json!("NEW")));
    assert_eq!((&orders[1]["o"]["x"], &orders[1]["o"]["n"]), (&json!("CALCULATED"), &json!("0")));
    let list = signed(&sim, "GET", "/fapi/v1/forceOrders", "autoCloseType=ADL").good();
    assert_eq!(list.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_control_endpoint_does_what_the_library_does() {
    let sim = still().start().unwrap();
    let control = |path: &str| send(&sim, "POST", &format!("/sim/{path}"), None, "").status;
    let mut events = user(&sim, Market::UsdM).await;
    buy(&sim, "BTCUSDT", "1");
    let adl = || {
        let risks = signed(&sim, "GET", "/fapi/v3/positionRisk", "symbol=BTCUSDT").good();
        risks[0]["adl"].as_i64().unwrap()
    };
    for (price, place) in [("63000", 0), ("64100", 1), ("66000", 3), ("70000", 4)] {
        assert_eq!(control(&format!("price?symbol=BTCUSDT&price={price}")), 200);
        assert_eq!(adl(), place, "{price}");
    }
    let quantiles = signed(&sim, "GET", "/fapi/v1/adlQuantile", "symbol=BTCUSDT").good();
    assert_eq!(quantiles[0]["adlQuantile"]["BOTH"], 4);
    events.drain().await;
    assert_eq!(control("transfer?market=usdm&asset=USDT&amount=-5&reason=WITHDRAW"), 200);
    assert_eq!(control("event?name=GRID_UPDATE&symbol=BTCUSDT"), 200);
    assert_eq!(control("deleverage?symbol=BTCUSDT"), 200);
    let told = events.drain().await;
    assert_eq!((&told[0]["a"]["m"], &told[1]["e"]), (&json!("WITHDRAW"), &json!("GRID_UPDATE")));
    assert!(sim.truth().positions.is_empty());
    for path in [
        "price?symbol=NO&price=1",
        "price?symbol=BTCUSDT&price=-1",
        "price?symbol=BTCUSDT&price=much",
        "transfer?market=spot&asset=USDT&amount=1",
        "transfer?market=usdm&asset=EUR&amount=1",
        "deleverage?symbol=BTCUSDT",
        "event?name=ORDER_TRADE_UPDATE&symbol=BTCUSDT",
    ] {
        assert_eq!(control(path), 400, "{path}");
    }
}
