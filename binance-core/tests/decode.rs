//! The `decode` example, on what is documented and on what is wrong.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[allow(dead_code, reason = "its `main` is for its users")]
#[path = "../examples/decode.rs"]
mod example;

/// What the example answers: exit code, standard output, standard error.
fn decode(words: &str, input: &str) -> (u8, String, String) {
    let words: Vec<&str> = words.split(' ').collect();
    match example::decode(&words, input) {
        Ok(out) => (0, out, String::new()),
        Err((code, cause)) => (code, String::new(), cause),
    }
}

#[test]
fn replies_and_events_print_again_with_the_exchanges_names() {
    let order = r#"{"orderId":7,"symbol":"BTCUSDT","clientOrderId":"a","status":"BRAND_NEW","side":"BUY","origQty":"0.10","new":1}"#;
    let printed = r#"{"orderId":7,"symbol":"BTCUSDT","clientOrderId":"a","status":"BRAND_NEW","origQty":"0.10","side":"BUY"}"#;
    assert_eq!(decode("usdm rest POST /fapi/v1/order", order), (0, format!("{printed}\n"), String::new()));
    let trade = r#"{"e":"aggTrade","s":"BTCUSD_PERP","a":1,"p":"1.0","q":"2"}"#;
    for (words, input) in [
        ("coinm stream btcusd_perp@aggTrade", trade.to_string()),
        ("coinm stream <symbol>@aggTrade", trade.to_string()),
        (
            "coinm stream btcusd_perp@aggTrade",
            format!(r#"{{"stream":"btcusd_perp@aggTrade","data":{trade}}}"#),
        ),
    ] {
        assert_eq!(decode(words, &input), (0, format!("{trade}\n"), String::new()), "{words} {input}");
    }
    let taken = (0, "\"SUCCESS\"\n".into(), String::new());
    assert_eq!(decode("usdm rest POST /fapi/v1/stock/contract", "SUCCESS"), taken);
    assert_eq!(decode("usdm rest POST /fapi/v1/stock/contract", "\"SUCCESS\""), taken);
    let expired = r#"{"e":"listenKeyExpired","E":1,"listenKey":"k"}"#;
    assert_eq!(decode("usdm user", expired), (0, format!("{expired}\n"), String::new()));
}

#[test]
fn everything_documented_prints_again() {
    for line in include_str!("facts/samples.tsv").lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [kind, market, name, text] = fields[..] else { panic!("{line}") };
        let market = if market == "um" { "usdm" } else { "coinm" };
        let words = match kind {
            "stream" => format!("{market} stream {name}"),
            "user" => format!("{market} user"),
            "reply" => format!("{market} ws-api {name}"),
            _ => continue,
        };
        let (code, out, error) = decode(&words, text);
        assert_eq!((code, error.as_str()), (0, ""), "{words} {text}");
        let (mut before, after): (serde_json::Value, serde_json::Value) =
            (serde_json::from_str(text).unwrap(), serde_json::from_str(&out).unwrap());
        // `null` and its name are printed as nothing.
        if let Some(result) = before.get_mut("result").and_then(|result| result.as_object_mut()) {
            result.retain(|_, value| !value.is_null() && *value != "null");
        }
        assert_eq!(before, after, "{words}");
        let (code, drift, _) = decode(&format!("--drift {words}"), text);
        assert!(code == 0 && !drift.contains("unmodelled"), "{words}: {drift}");
    }
}

#[test]
fn refusals_of_the_websocket_api_and_results_alone_print_again() {
    for text in [
        r#"{"id":"x","status":400,"error":{"code":-1102,"msg":"no"},"rateLimits":[{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":300,"count":1}]}"#,
        r#"{"id":null,"status":401,"error":{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}}"#,
        r#"{"symbol":"BTCUSDT","price":"6000.01"}"#,
        r#"[{"symbol":"BTCUSDT","price":"6000.01"}]"#,
    ] {
        assert_eq!(decode("usdm ws-api ticker.price", text), (0, format!("{text}\n"), String::new()));
    }
}

#[test]
fn drift_lists_what_type_and_input_do_not_share() {
    let (code, out, _) = decode(
        "--drift usdm rest GET /fapi/v1/depth",
        r#"{"lastUpdateId":1,"E":1,"T":1,"bids":[["1","2"]],"asks":[],"odd":{"x":1}}"#,
    );
    assert_eq!((code, out.as_str()), (0, "unmodelled odd\n"));
    let (_, out, _) = decode(
        "--drift usdm rest GET /fapi/v3/balance",
        r#"[{"asset":"USDT","balance":"1","odd":1},{"asset":"BTC","odd":2}]"#,
    );
    let lines: Vec<_> = out.lines().collect();
    assert!(lines.contains(&"unmodelled [].odd") && lines.contains(&"missing [].balance"), "{lines:?}");
    assert_eq!(lines.iter().filter(|line| **line == "unmodelled [].odd").count(), 1);
}

#[test]
fn what_cannot_be_read_says_where_and_why() {
    for (words, input, part) in [
        ("usdm rest POST /fapi/v1/order", r#"{"orderId":"x"}"#, "\"orderId\": found a string"),
        ("usdm rest POST /fapi/v1/order", r#"{"orderId":7"#, "byte 12"),
        ("usdm rest GET /fapi/v1/depth", r#"{"lastUpdateId":1,"bids":[["x","1"]],"asks":[]}"#, "byte 26"),
        ("usdm stream btcusdt@trade2", r#"{"e":"trade2"}"#, "byte 0: no event"),
        (
            "usdm stream a@aggTrade",
            r#"{"stream":"b@aggTrade","data":{"e":"aggTrade"}}"#,
            "an event of b@aggTrade",
        ),
        ("usdm rest GET /nowhere", "{}", "no endpoint GET /nowhere"),
        ("coinm ws-api depth", "{}", "no method depth"),
        ("usdm ws-api depth", r#"{"id":1,"status":200,"result":{"lastUpdateId":"x"}}"#, "byte 46"),
        ("usdm stream btcusdt@ticker", r#"{"e":"aggTrade","s":"BTCUSDT"}"#, "byte 0"),
    ] {
        let (code, out, error) = decode(words, input);
        assert_eq!((code, out.as_str()), (1, ""), "{words}: {error}");
        assert!(error.contains(part), "{words}: {error}");
    }
    assert_eq!(decode("usdm", "").0, 2);
}
