//! The walker and the writer: what they take, what they refuse and how they say it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::BTreeMap;

use binance_core::{
    ApiCode, ApiError, Decimal, Text,
    json::{self, Each, ErrorKind, Found, List, MAX_DEPTH, OneOrMany, Raw},
    usdm::{market_data::Trade, trade::Order},
};
use serde::{Deserialize, Serialize};

const TRADE: &str = r#"{"id":1,"price":"10.50","qty":"2","time":5,"isBuyerMaker":true,"new":[{"x":"]}"}]}"#;

#[test]
fn errors_name_the_field_what_was_found_and_what_was_expected() {
    for (text, kind, field, found, at) in [
        (r#"{"id":"x","price":"1","qty":"1"}"#, ErrorKind::Type, "id", Found::String, Some(6)),
        (r#"{"id":null,"price":"1","qty":"1"}"#, ErrorKind::Type, "id", Found::Null, Some(6)),
        (r#"{"id":1.5,"price":"1","qty":"1"}"#, ErrorKind::Value, "id", Found::Number, Some(6)),
        (r#"{"id":-1,"price":"1","qty":"1"}"#, ErrorKind::Value, "id", Found::Number, Some(6)),
        (
            r#"{"id":99999999999999999999,"price":"1","qty":"1"}"#,
            ErrorKind::Value,
            "id",
            Found::Number,
            Some(6),
        ),
        (r#"{"id":true,"price":"1","qty":"1"}"#, ErrorKind::Type, "id", Found::Bool, Some(6)),
        (r#"{"id":1,"price":[],"qty":"1"}"#, ErrorKind::Type, "price", Found::Array, Some(16)),
        (r#"{"id":1,"price":"","qty":"1"}"#, ErrorKind::Value, "price", Found::Other, Some(16)),
        (r#"{"id":1,"qty":"1"}"#, ErrorKind::Missing, "price", Found::Other, Some(0)),
        (r#"{"id":1,"price":"1","qty":"1"} x"#, ErrorKind::Trailing, "", Found::Other, Some(31)),
        (r#"{"id":1,"price":"1","qty":"1",}"#, ErrorKind::Syntax, "", Found::Other, Some(30)),
        (r#"{"id":1 "price":"1"}"#, ErrorKind::Syntax, "", Found::Other, Some(8)),
        (r#"[1]"#, ErrorKind::Type, "", Found::Array, Some(0)),
        ("<html>", ErrorKind::Syntax, "", Found::Other, Some(0)),
        ("", ErrorKind::End, "", Found::Other, Some(0)),
    ] {
        let error = json::from_str::<Trade>(text).unwrap_err();
        let told = (error.kind(), error.field(), error.found(), error.offset());
        assert_eq!(told, (kind, field, found, at), "{text}: {error}");
    }
    let error = json::from_str::<Trade>(r#"{"id":true}"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a value of the wrong type at \"id\": found a boolean, expected: a whole number from 0 on of 64 bits (byte 6)"
    );
    let error = json::from_slice::<Trade>(b"{\"id\":\xff}").unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::Utf8, Some(6)));
    let long = format!(r#"{{"symbol":"{}"}}"#, "X".repeat(40));
    assert_eq!(json::from_str::<Order>(&long).unwrap_err().kind(), ErrorKind::TooLong);
}

#[test]
fn a_row_of_another_text_is_no_panic() {
    use binance_core::{json::Row, usdm::market_data::Level};
    // More is left than the text has, and a number that is read by its place in the text.
    for rest in [&br#"["1","2"],"#[..], br#"[1,"2"]"#, br#"["1","2",[3]]"#, br#"["1e5","2"]"#] {
        let read = Level::read("[]", rest);
        assert!(read.is_none_or(|(level, _)| level.price == "1".parse().unwrap()), "{rest:?}");
    }
}

#[test]
fn a_text_cut_anywhere_is_an_error_and_never_a_value() {
    for end in 0..TRADE.len() {
        assert!(json::from_str::<Trade>(&TRADE[..end]).is_err(), "{}", &TRADE[..end]);
    }
    assert_eq!(json::from_str::<Trade>(TRADE).unwrap().price.to_string(), "10.50");
}

#[test]
fn depth_has_a_limit_and_no_recursion() {
    for open in ["[", "{\"a\":"] {
        let deep = open.repeat(1_000_000);
        assert_eq!(json::from_str::<Raw<'_>>(&deep).unwrap_err().kind(), ErrorKind::Depth);
        assert_eq!(json::from_str::<serde_json::Value>(&deep).unwrap_err().kind(), ErrorKind::Depth);
    }
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(json::from_str::<serde_json::Value>(&nested(MAX_DEPTH)).is_ok());
    assert!(json::from_str::<serde_json::Value>(&nested(MAX_DEPTH + 1)).is_err());
}

#[test]
fn escapes_are_undone_and_bad_ones_refused() {
    let read = |text: &str| json::from_str::<String>(text);
    for (text, plain) in [
        (r#""a\"b\\c\/d\n\t\r\b\f""#, "a\"b\\c/d\n\t\r\u{8}\u{c}"),
        (r#""\u5e01\u00e9x""#, "币éx"),
        (r#""\ud83d\ude00!""#, "😀!"),
        (r#""币安""#, "币安"),
    ] {
        assert_eq!(read(text).unwrap(), plain);
        assert_eq!(serde_json::from_str::<String>(text).unwrap(), plain);
    }
    for bad in [
        r#""\x""#,
        r#""\u12""#,
        r#""\ud83d""#,
        r#""\ud83dx""#,
        r#""\ud83d\u0041""#,
        r#""\ude00""#,
        r#""\u+123""#,
        r#""\"#,
    ] {
        assert!(read(bad).is_err(), "{bad}");
    }
    let long = format!(r#""\n{}""#, "x".repeat(600));
    assert_eq!(read(&long).unwrap_err().kind(), ErrorKind::TooLong);
}

#[test]
fn whole_numbers_are_those_of_serde_json() {
    for text in [
        "0",
        "7",
        "-7",
        "12345678",
        "123456789012345678",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999999999",
        "+1",
        "-+1",
        "--1",
        "-",
        "+",
        "1.0",
        "1e3",
        "1x",
        "0x1",
        "true",
        "null",
        "\"x\"",
    ] {
        assert_eq!(json::from_str::<u64>(text).ok(), serde_json::from_str(text).ok(), "{text}");
        assert_eq!(json::from_str::<i64>(text).ok(), serde_json::from_str(text).ok(), "{text}");
        let or_none = json::from_str::<Option<i64>>(text).ok();
        assert_eq!(or_none, serde_json::from_str(text).ok(), "{text}");
    }
    // To serde_json these are a float and no number.
    assert_eq!((json::from_str("-0"), json::from_str("007")), (Ok(0_i64), Ok(7_u64)));
}

#[test]
fn a_bad_element_does_not_lose_the_others() {
    let text = format!(r#"[{TRADE},{{"id":"x"}}, 7 ,{TRADE}]"#);
    let list: List<'_, Trade> = json::from_str(&text).unwrap();
    let read: Vec<bool> = list.iter().map(|trade| trade.is_ok()).collect();
    assert_eq!(read, [true, false, false, true]);
    assert_eq!(list.count(), 4);
    assert!(!list.is_empty());
    for empty in ["[]", "[ ]", " [\n]"] {
        let list: List<'_, Trade> = json::from_str(empty).unwrap();
        assert!(
            list.is_empty() && list.count() == 0 && list.iter().next().is_none() && list.first().is_none()
        );
    }
    for broken in ["[1 2]", "[1,]", "[,1]", "[1"] {
        let list = json::from_str::<List<'_, u64>>(broken);
        assert!(list.is_err() || list.unwrap().iter().any(|element| element.is_err()), "{broken}");
    }
    // What cannot be read is printed as it came.
    let mut room = [0; 512];
    let printed = json::to_slice(&list, &mut room).unwrap();
    assert!(printed.contains(r#"{"id":"x"},7,{"id":1,"#), "{printed}");
}

#[test]
fn one_and_many_are_told_apart() {
    let many = format!("[{TRADE},{TRADE}]");
    for (text, count, one) in [(TRADE, 1, true), (many.as_str(), 2, false), ("[]", 0, false)] {
        let reply: OneOrMany<'_, Trade> = json::from_str(text).unwrap();
        assert_eq!((reply.iter().count(), reply.is_one()), (count, one));
        assert_eq!(serde_json::from_str::<OneOrMany<'_, Trade>>(text).unwrap(), reply);
    }
    assert!(json::from_str::<OneOrMany<'_, Trade>>("[]").unwrap().one().is_err());
    assert!(json::from_str::<OneOrMany<'_, Trade>>("7").is_err());
}

#[test]
fn each_element_of_a_batch_is_done_or_refused() {
    let text = format!(r#"[{TRADE},{{"code":-2022,"msg":"ReduceOnly Order is rejected."}}]"#);
    let list: List<'_, Each<Trade>> = json::from_str(&text).unwrap();
    let results: Vec<Result<Trade, ApiError>> = list.iter().map(|each| each.unwrap().into_result()).collect();
    assert!(results[0].is_ok());
    assert_eq!(results[1].as_ref().unwrap_err().code, ApiCode::REDUCE_ONLY_REJECT);
}

#[test]
fn the_writer_prints_what_the_reader_read() {
    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    enum Unit {
        First,
    }
    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Everything<'a> {
        flag: bool,
        signed: (i8, i16, i32, i64),
        unsigned: (u8, u16, u32, u64),
        char: char,
        none: Option<u8>,
        some: Option<u8>,
        unit: (),
        variant: Unit,
        map: BTreeMap<String, f64>,
        text: &'a str,
        quoted: Decimal,
        bare: Decimal,
        inline: Text<7>,
    }
    let text = r#"{"flag":true,"signed":[-8,-16,-32,-64],"unsigned":[8,16,32,18446744073709551615],"char":"币","none":null,"some":1,"unit":null,"variant":"First","map":{"a":0.5,"b":-2},"text":"plain","quoted":"0.0010","bare":0.0010,"inline":"a\"b\u0001"}"#;
    let value: Everything<'_> = json::from_str(text).unwrap();
    let mut room = [0; 512];
    let printed = json::to_slice(&value, &mut room).unwrap();
    assert_eq!(printed, text);
    let needed = printed.len();
    for short in 0..needed {
        assert!(json::to_slice(&value, &mut vec![0; short]).is_err());
    }
    assert!(json::to_slice(&value, &mut vec![0; needed]).is_ok());
    // A map whose keys are no texts is no JSON.
    assert!(json::to_slice(&BTreeMap::from([(1, 2)]), &mut [0; 64]).is_err());
}

#[test]
fn records_go_through_other_formats() {
    let trade: Trade = json::from_str(TRADE).unwrap();
    let text = serde_json::to_string(&trade).unwrap();
    assert_eq!(serde_json::from_str::<Trade>(&text).unwrap(), trade);
    let value = serde_json::to_value(&trade).unwrap();
    assert_eq!(serde_json::from_value::<Trade>(value).unwrap(), trade);
}

#[test]
fn a_brace_in_the_middle_of_a_record_is_no_comma() {
    use binance_core::usdm::streams::BookTicker;
    let text =
        r#"{"unknown":1{"e":"bookTicker","u":7,"s":"BTCUSDT","b":"1","B":"1","a":"1","A":"1","T":1,"E":1}"#;
    assert_eq!(json::from_str::<BookTicker>(text).unwrap_err().kind(), json::ErrorKind::Syntax);
    assert!(json::from_str::<BookTicker>(&text.replace("1{", "1,")).is_ok());
}
