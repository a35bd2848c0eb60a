//! Reads and writes of an account and its orders: documented shapes, declared types, and state that holds together.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use binance_core::Market;
use binance_sim::Sim;
use common::{encode, moving, send, shape::read_declared_and_compare, signed, still};
use serde_json::{Value, json};

/// Places a limit order that rests; gives its id.
fn rest(sim: &Sim, market: Market) -> u64 {
    let (path, order) = match market {
        Market::UsdM => ("/fapi/v1/order", "symbol=BTCUSDT&quantity=0.01"),
        Market::CoinM => ("/dapi/v1/order", "symbol=BTCUSD_PERP&quantity=1"),
    };
    let order = format!("{order}&side=BUY&type=LIMIT&timeInForce=GTC&price=62000");
    signed(sim, "POST", path, &order).good()["orderId"].as_u64().unwrap()
}

fn batch(elements: &Value) -> String {
    format!("batchOrders={}", encode(&elements.to_string()))
}

/// Everything that is asked, in an order in which it can be answered.
fn requests(um: u64, cm: u64) -> Vec<(&'static str, &'static str, String)> {
    let element = |symbol: &str, quantity: &str| {
        json!({"symbol": symbol, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": quantity,
               "price": "62000"})
    };
    let change = |symbol: &str, id: u64, price: &str, quantity: &str| json!({"symbol": symbol, "side": "BUY", "orderId": id, "price": price, "quantity": quantity});
    let mut requests: Vec<(&'static str, &'static str, String)> = vec![
        (
            "POST",
            "/fapi/v1/batchOrders",
            batch(&json!([element("BTCUSDT", "0.01"), element("BTCUSDT", "0.02")])),
        ),
        ("POST", "/dapi/v1/batchOrders", batch(&json!([element("BTCUSD_PERP", "1")]))),
        ("PUT", "/fapi/v1/batchOrders", batch(&json!([change("BTCUSDT", um, "62001", "0.01")]))),
        ("PUT", "/dapi/v1/batchOrders", batch(&json!([change("BTCUSD_PERP", cm, "62001", "1")]))),
        ("GET", "/fapi/v1/orderAmendment", format!("symbol=BTCUSDT&orderId={um}")),
        ("GET", "/dapi/v1/orderAmendment", format!("symbol=BTCUSD_PERP&orderId={cm}")),
        (
            "DELETE",
            "/fapi/v1/batchOrders",
            format!("symbol=BTCUSDT&orderIdList={}", encode(&format!("[{um}]"))),
        ),
        (
            "DELETE",
            "/dapi/v1/batchOrders",
            format!("symbol=BTCUSD_PERP&orderIdList={}", encode(&format!("[{cm}]"))),
        ),
    ];
    let fixed = [
        ("GET", "/fapi/v1/allOrders", "symbol=BTCUSDT"),
        ("GET", "/dapi/v1/allOrders", "pair=BTCUSD"),
        ("GET", "/fapi/v1/userTrades", "symbol=ETHUSDT"),
        ("GET", "/dapi/v1/userTrades", "symbol=ETHUSD_PERP"),
        ("GET", "/fapi/v1/income", ""),
        ("GET", "/dapi/v1/income", ""),
        ("GET", "/fapi/v1/forceOrders", ""),
        ("GET", "/dapi/v1/forceOrders", ""),
        ("GET", "/fapi/v1/adlQuantile", ""),
        ("GET", "/dapi/v1/adlQuantile", ""),
        ("GET", "/fapi/v1/commissionRate", "symbol=BTCUSDT"),
        ("GET", "/dapi/v1/commissionRate", "symbol=BTCUSD_PERP"),
        ("GET", "/fapi/v1/leverageBracket", ""),
        ("GET", "/fapi/v1/leverageBracket", "symbol=BTCUSDT"),
        ("GET", "/dapi/v1/leverageBracket", "pair=BTCUSD"),
        ("GET", "/dapi/v2/leverageBracket", "symbol=BTCUSD_PERP"),
        ("GET", "/fapi/v1/accountConfig", ""),
        ("GET", "/fapi/v1/symbolConfig", "symbol=BTCUSDT"),
        ("GET", "/fapi/v1/apiTradingStatus", ""),
        ("GET", "/fapi/v1/rateLimit/order", ""),
        ("GET", "/fapi/v1/pmAccountInfo", "asset=USDT"),
        ("GET", "/dapi/v1/pmAccountInfo", "asset=BTC"),
        ("POST", "/fapi/v1/countdownCancelAll", "symbol=BTCUSDT&countdownTime=120000"),
        ("POST", "/dapi/v1/countdownCancelAll", "symbol=BTCUSD_PERP&countdownTime=0"),
        ("POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=10"),
        ("POST", "/dapi/v1/leverage", "symbol=BTCUSD_PERP&leverage=10"),
        ("POST", "/fapi/v1/stock/contract", ""),
        ("GET", "/fapi/v1/feeBurn", ""),
        ("POST", "/fapi/v1/feeBurn", "feeBurn=false"),
        ("GET", "/fapi/v1/multiAssetsMargin", ""),
        ("GET", "/fapi/v1/positionSide/dual", ""),
        ("GET", "/dapi/v1/positionSide/dual", ""),
        ("POST", "/fapi/v1/marginType", "symbol=币安人生USDT&marginType=ISOLATED"),
        ("POST", "/dapi/v1/marginType", "symbol=BTCUSD_PERP&marginType=CROSSED"),
        ("GET", "/fapi/v1/income/asyn", "startTime=1&endTime=2"),
        ("GET", "/fapi/v1/order/asyn", "startTime=1&endTime=2"),
        ("GET", "/fapi/v1/trade/asyn", "startTime=1&endTime=2"),
        ("GET", "/dapi/v1/income/asyn", "startTime=1&endTime=2"),
        ("GET", "/dapi/v1/order/asyn", "startTime=1&endTime=2"),
        ("GET", "/dapi/v1/trade/asyn", "startTime=1&endTime=2"),
        ("GET", "/fapi/v1/income/asyn/id", "downloadId=545923594199212033"),
        ("GET", "/fapi/v1/order/asyn/id", "downloadId=545923594199212034"),
        ("GET", "/fapi/v1/trade/asyn/id", "downloadId=545923594199212035"),
        ("GET", "/dapi/v1/income/asyn/id", "downloadId=545923594199212036"),
        ("GET", "/dapi/v1/order/asyn/id", "downloadId=545923594199212037"),
        ("GET", "/dapi/v1/trade/asyn/id", "downloadId=545923594199212038"),
        ("GET", "/fapi/v1/convert/exchangeInfo", "fromAsset=USDT"),
        ("POST", "/fapi/v1/convert/getQuote", "fromAsset=USDT&toAsset=BTC&fromAmount=6400"),
        ("POST", "/fapi/v1/convert/acceptQuote", "quoteId=12415572564"),
        ("GET", "/fapi/v1/convert/orderStatus", "quoteId=12415572564"),
    ];
    requests.extend(fixed.map(|(method, path, params)| (method, path, params.to_owned())));
    requests
}

#[test]
fn replies_have_the_documented_shape_and_are_read_by_the_declared_types() {
    let sim = moving().weight_limit(u32::MAX).start().unwrap();
    for (path, symbol) in [("/fapi/v1/order", "ETHUSDT"), ("/dapi/v1/order", "ETHUSD_PERP")] {
        for side in ["BUY", "SELL"] {
            signed(&sim, "POST", path, &format!("symbol={symbol}&side={side}&type=MARKET&quantity=1")).good();
        }
    }
    let (um, cm) = (rest(&sim, Market::UsdM), rest(&sim, Market::CoinM));
    let mut found = Vec::new();
    for (method, path, params) in requests(um, cm) {
        let reply = if path == "/fapi/v1/convert/exchangeInfo" {
            send(&sim, method, &format!("{path}?{params}"), Some(&sim.keys().hmac.api_key), "")
        } else {
            signed(&sim, method, path, &params)
        };
        if path.ends_with("marginType") && params.contains("CROSSED") {
            // It is so already.
            assert_eq!(reply.code(), -4046);
            continue;
        }
        assert_eq!(reply.status, 200, "{method} {path} {params}: {}", reply.body);
        let empty = reply.body == "[]";
        assert_eq!(empty, path.ends_with("forceOrders"), "{path}: {}", reply.body);
        let market = if path.starts_with("/dapi") { Market::CoinM } else { Market::UsdM };
        found.extend(read_declared_and_compare(market, method, path, &reply.body));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn each_order_of_a_batch_is_taken_or_refused_by_itself() {
    let sim = still().start().unwrap();
    let good = json!({"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
                      "quantity": "0.01", "price": "62000", "newClientOrderId": "one"});
    let bad = json!({"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
                     "quantity": "0.0001", "price": "62000"});
    let unknown =
        json!({"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "1", "other": "1"});
    let orders = batch(&json!([good, bad, unknown, {"symbol": "NOUSDT", "side": "BUY", "type": "MARKET"}]));
    let reply = signed(&sim, "POST", "/fapi/v1/batchOrders", &orders).good();
    assert_eq!(reply[0]["status"], "NEW");
    let codes: Vec<_> = (1..4).map(|index| reply[index]["code"].as_i64().unwrap()).collect();
    assert_eq!(codes, [-1111, -1104, -1121]);
    let ids = encode(r#"["one","two"]"#);
    let cancelled = signed(
        &sim,
        "DELETE",
        "/fapi/v1/batchOrders",
        &format!("symbol=BTCUSDT&origClientOrderIdList={ids}"),
    );
    let cancelled = cancelled.good();
    assert_eq!((&cancelled[0]["status"], &cancelled[1]["code"]), (&json!("CANCELED"), &json!(-2011)));
    for (value, code) in [("[]", -4082), ("{}", -1130), ("[1]", -1130), ("nothing", -1130)] {
        let reply = signed(&sim, "POST", "/fapi/v1/batchOrders", &format!("batchOrders={}", encode(value)));
        assert_eq!(reply.code(), code, "{value}");
    }
    let six = batch(&Value::Array(vec![good; 6]));
    assert_eq!(signed(&sim, "POST", "/fapi/v1/batchOrders", &six).code(), -4082);
}

#[test]
fn trades_and_incomes_add_up_to_the_wallet() {
    let sim = moving().start().unwrap();
    for side in ["BUY", "SELL", "SELL", "BUY"] {
        let order = format!("symbol=ETHUSDT&side={side}&type=MARKET&quantity=2");
        signed(&sim, "POST", "/fapi/v1/order", &order).good();
        sim.advance(Duration::from_secs(2));
    }
    let decimal = |value: &Value| value.as_str().unwrap().parse::<binance_core::decimal::Decimal>().unwrap();
    let units = |value: &Value| decimal(value).normalize();
    let sum = |rows: &Value, field: &str| -> i128 {
        let numbers = rows.as_array().unwrap().iter().map(|row| units(&row[field]));
        numbers.map(|one| one.mantissa() * 10i128.pow(8 - u32::from(one.scale()))).sum()
    };
    let trades = signed(&sim, "GET", "/fapi/v1/userTrades", "symbol=ETHUSDT").good();
    let incomes = signed(&sim, "GET", "/fapi/v1/income", "").good();
    let fees = signed(&sim, "GET", "/fapi/v1/income", "incomeType=COMMISSION").good();
    assert_eq!(sum(&trades, "commission"), -sum(&fees, "income"));
    assert_eq!(sum(&trades, "realizedPnl") - sum(&trades, "commission"), sum(&incomes, "income"));
    let balance = signed(&sim, "GET", "/fapi/v3/balance", "").good();
    let usdt = balance.as_array().unwrap().iter().find(|row| row["asset"] == "USDT").unwrap();
    let wallet = sum(&json!([usdt]), "balance");
    assert_eq!(wallet, 100_000 * 100_000_000 + sum(&incomes, "income"));
    let first = trades[0]["id"].as_u64().unwrap();
    let from = signed(&sim, "GET", "/fapi/v1/userTrades", &format!("symbol=ETHUSDT&fromId={first}&limit=1"));
    assert_eq!(from.good()[0]["id"], first);
}

#[test]
fn settings_are_kept_and_refused_where_they_cannot_be() {
    let sim = still().start().unwrap();
    let post = |path: &str, params: &str| signed(&sim, "POST", path, params);
    let leverage = post("/fapi/v1/leverage", "symbol=BTCUSDT&leverage=100").good();
    assert_eq!(leverage["maxNotionalValue"], "800000");
    let config = signed(&sim, "GET", "/fapi/v1/symbolConfig", "symbol=BTCUSDT").good();
    assert_eq!((&config[0]["leverage"], &config[0]["marginType"]), (&json!(100), &json!("CROSSED")));
    assert_eq!(post("/fapi/v1/leverage", "symbol=BTCUSDT&leverage=126").code(), -4028);
    assert_eq!(post("/fapi/v1/leverage", "symbol=BTCUSDT&leverage=0").code(), -4028);
    assert_eq!(post("/fapi/v1/positionMargin", "symbol=BTCUSDT&amount=1&type=1").code(), -4049);
    post("/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED").good();
    assert_eq!(post("/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED").code(), -4046);
    assert_eq!(post("/fapi/v1/multiAssetsMargin", "multiAssetsMargin=true").code(), -4167);
    assert_eq!(post("/fapi/v1/multiAssetsMargin", "multiAssetsMargin=false").code(), -4171);
    assert_eq!(post("/fapi/v1/positionMargin", "symbol=BTCUSDT&amount=1&type=1").code(), -4054);
    rest(&sim, Market::UsdM);
    assert_eq!(post("/fapi/v1/positionSide/dual", "dualSidePosition=true").code(), -4067);
    assert_eq!(post("/fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSSED").code(), -4047);
    signed(&sim, "DELETE", "/fapi/v1/allOpenOrders", "symbol=BTCUSDT").good();
    post("/fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01").good();
    assert_eq!(post("/fapi/v1/positionSide/dual", "dualSidePosition=true").code(), -4068);
    let mut found = Vec::new();
    let added = post("/fapi/v1/positionMargin", "symbol=BTCUSDT&amount=12.5&type=1");
    assert_eq!(added.good()["amount"], 12.5);
    found.extend(read_declared_and_compare(Market::UsdM, "POST", "/fapi/v1/positionMargin", &added.body));
    assert_eq!(post("/fapi/v1/positionMargin", "symbol=BTCUSDT&amount=13&type=2").code(), -4051);
    assert_eq!(post("/fapi/v1/positionMargin", "symbol=BTCUSDT&amount=1000000&type=1").code(), -4050);
    let path = "/fapi/v1/positionMargin/history";
    let history = signed(&sim, "GET", path, "symbol=BTCUSDT");
    assert_eq!(history.good()[0]["amount"], "12.50000000");
    found.extend(read_declared_and_compare(Market::UsdM, "GET", path, &history.body));
    assert!(found.is_empty(), "{}", found.join("\n"));
    post("/fapi/v1/order", "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01").good();
    post("/fapi/v1/positionSide/dual", "dualSidePosition=true").good();
    assert_eq!(post("/dapi/v1/positionSide/dual", "dualSidePosition=true").code(), -4059);
}

#[test]
fn orders_are_cancelled_when_the_countdown_ends() {
    let sim = still().start().unwrap();
    rest(&sim, Market::UsdM);
    signed(&sim, "POST", "/fapi/v1/countdownCancelAll", "symbol=BTCUSDT&countdownTime=3000").good();
    let open = || signed(&sim, "GET", "/fapi/v1/openOrders", "").good().as_array().unwrap().len();
    sim.advance(Duration::from_secs(2));
    assert_eq!(open(), 1);
    sim.advance(Duration::from_secs(2));
    assert_eq!(open(), 0);
    rest(&sim, Market::UsdM);
    signed(&sim, "POST", "/fapi/v1/countdownCancelAll", "symbol=BTCUSDT&countdownTime=3000").good();
    signed(&sim, "POST", "/fapi/v1/countdownCancelAll", "symbol=BTCUSDT&countdownTime=0").good();
    sim.advance(Duration::from_secs(5));
    assert_eq!(open(), 1);
}

#[test]
fn a_quote_is_accepted_once_and_in_time() {
    let sim = still().start().unwrap();
    let quote = || {
        let asked = "fromAsset=USDT&toAsset=USDC&fromAmount=100";
        let quote = signed(&sim, "POST", "/fapi/v1/convert/getQuote", asked).good();
        format!("quoteId={}", quote["quoteId"].as_str().unwrap())
    };
    let accept = |quote: &str| signed(&sim, "POST", "/fapi/v1/convert/acceptQuote", quote);
    let first = quote();
    assert_eq!(signed(&sim, "GET", "/fapi/v1/convert/orderStatus", &first).code(), -2013);
    accept(&first).good();
    assert_eq!(accept(&first).code(), -1130);
    let late = quote();
    sim.advance(Duration::from_secs(11));
    assert_eq!(accept(&late).code(), -1130);
    let balances = signed(&sim, "GET", "/fapi/v3/balance", "").good();
    let of = |asset: &str| {
        let mut rows = balances.as_array().unwrap().iter();
        rows.find(|row| row["asset"] == asset).unwrap()["balance"].clone()
    };
    assert_eq!((of("USDT"), of("USDC")), (json!("99900.00000000"), json!("10100.00000000")));
}
