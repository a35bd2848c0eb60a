//! One list of what can stand on the wire in place of a good reply to an order, for every transport, against a server
//! that says it byte by byte.

use binance_http::{
    Outcome::{Rejected, Unknown},
    TransportKind::{Closed, Cut, Malformed, Timeout},
    verdict::BodyKind::{Empty, Html, Json, Text},
};

use super::{
    is::Is,
    scenarios::Sends,
    server::{Server, Step, reply},
};

const ORDER: &str = r#"{"orderId":7,"symbol":"BTCUSDT","clientOrderId":"x","status":"NEW","side":"BUY"}"#;
const TIME: &str = r#"{"serverTime":5}"#;

/// What the server does once the order came, and what the client says of it.
type Case = (&'static str, Vec<Step>, Is);

fn refusals() -> Vec<Case> {
    let write = |text: &str| Step::Write(text.as_bytes().to_vec());
    let html = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    let unknown = r#"{"code":-1000,"msg":"Unknown error, please check your request or try again later."}"#;
    let throttled = r#"{"code":-1008,"msg":"Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again."}"#;
    let internal =
        r#"{"code":-1001,"msg":"Internal error; unable to process your request. Please try again."}"#;
    let timeout = r#"{"code":-1007,"msg":"Timeout waiting for response from backend server. Send status unknown; execution status unknown."}"#;
    let unexpected = r#"{"code":-1006,"msg":"An unexpected response was received from the message bus. Execution status unknown."}"#;
    vec![
        ("closed", vec![], Is::Transport(Closed, Unknown)),
        ("closed in the middle of the request", vec![Step::Read(100)], Is::Transport(Closed, Unknown)),
        ("reset", vec![Step::RequestAndReset], Is::Transport(Closed, Unknown)),
        ("hangs", vec![Step::AwaitClose], Is::Transport(Timeout, Unknown)),
        ("half a head", vec![write("HTTP/1.1 200 OK\r\nContent-Le")], Is::Transport(Cut, Unknown)),
        (
            "half a body",
            vec![write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"ord")],
            Is::Transport(Cut, Unknown),
        ),
        (
            "half a body, hangs",
            vec![write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"ord"), Step::AwaitClose],
            Is::Transport(Timeout, Unknown),
        ),
        (
            "half a chunk",
            vec![write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"ord")],
            Is::Transport(Cut, Unknown),
        ),
        (
            "no last chunk",
            vec![write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")],
            Is::Transport(Cut, Unknown),
        ),
        (
            "a bad chunk",
            vec![write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n")],
            Is::Transport(Malformed, Unknown),
        ),
        (
            "a length and chunks",
            vec![write(
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            )],
            Is::Transport(Malformed, Unknown),
        ),
        (
            "a coding that was not asked for",
            vec![write("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n{}")],
            Is::Transport(Malformed, Unknown),
        ),
        (
            "a NUL in a header",
            vec![write("HTTP/1.1 200 OK\r\nA: b\0c\r\nContent-Length: 2\r\n\r\n{}")],
            Is::Transport(Malformed, Unknown),
        ),
        ("not HTTP", vec![write("\x16\x03\x01 nonsense \r\n\r\n")], Is::Transport(Malformed, Unknown)),
        ("HTTP/2", vec![write("HTTP/2 200\r\n\r\n")], Is::Transport(Malformed, Unknown)),
        (
            "two lengths",
            vec![write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ")],
            Is::Transport(Malformed, Unknown),
        ),
        ("not JSON", vec![Step::reply("200 OK", "garbage")], Is::Status(200, Text, Unknown)),
        ("a captive portal", vec![Step::reply("200 OK", html)], Is::Status(200, Html, Unknown)),
        ("a challenge", vec![Step::reply("202 Accepted", "")], Is::Status(202, Empty, Unknown)),
        ("success with an empty body", vec![Step::reply("200 OK", "")], Is::Status(200, Empty, Unknown)),
        (
            "success without a body",
            vec![write("HTTP/1.1 204 No Content\r\n\r\n")],
            Is::Status(204, Empty, Unknown),
        ),
        ("half of the JSON", vec![Step::reply("200 OK", r#"{"orderId":1,"sym"#)], Is::Decode(Unknown)),
        ("other JSON", vec![Step::reply("200 OK", r#"{"something":"else"}"#)], Is::Decode(Unknown)),
        (
            "refused with 200",
            vec![Step::reply("200 OK", r#"{"code":-2019,"msg":"Margin is insufficient."}"#)],
            Is::Api(200, -2019, Rejected),
        ),
        (
            "refused",
            vec![Step::reply("400 Bad Request", r#"{"code":-1121,"msg":"Invalid symbol."}"#)],
            Is::Api(400, -1121, Rejected),
        ),
        (
            "unauthorized",
            vec![Step::reply("401 Unauthorized", r#"{"code":-2015,"msg":"Invalid API-key."}"#)],
            Is::Api(401, -2015, Rejected),
        ),
        (
            "redirected",
            vec![write("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n")],
            Is::Status(302, Empty, Rejected),
        ),
        ("firewall", vec![Step::reply("403 Forbidden", html)], Is::Status(403, Html, Rejected)),
        ("not found", vec![Step::reply("404 Not Found", "")], Is::Status(404, Empty, Rejected)),
        ("timeout", vec![Step::reply("408 Request Timeout", timeout)], Is::Api(408, -1007, Unknown)),
        (
            "timeout without words",
            vec![Step::reply("408 Request Timeout", "")],
            Is::Status(408, Empty, Unknown),
        ),
        (
            "banned",
            vec![Step::reply("418 I'm a teapot", r#"{"code":-1003,"msg":"Way too many requests"}"#)],
            Is::Api(418, -1003, Rejected),
        ),
        ("limited", vec![Step::reply("429 Too Many Requests", "")], Is::Status(429, Empty, Rejected)),
        (
            "blocked",
            vec![Step::reply(
                "451 Unavailable For Legal Reasons",
                r#"{"code":0,"msg":"restricted location"}"#,
            )],
            Is::Api(451, 0, Rejected),
        ),
        ("internal", vec![Step::reply("500 Internal Server Error", "")], Is::Status(500, Empty, Unknown)),
        ("gateway", vec![Step::reply("502 Bad Gateway", html)], Is::Status(502, Html, Unknown)),
        (
            "unavailable, unknown",
            vec![Step::reply("503 Service Unavailable", unknown)],
            Is::Api(503, -1000, Unknown),
        ),
        (
            "unavailable, unknown, plain",
            vec![Step::reply(
                "503 Service Unavailable",
                "Unknown error, please check your request or try again later.",
            )],
            Is::Status(503, Text, Unknown),
        ),
        (
            "unavailable, failed",
            vec![Step::reply("503 Service Unavailable", "Service Unavailable.")],
            Is::Status(503, Text, Rejected),
        ),
        (
            "unavailable, failed, JSON",
            vec![Step::reply("503 Service Unavailable", r#"{"code":-1016,"msg":"Service Unavailable."}"#)],
            Is::Api(503, -1016, Rejected),
        ),
        (
            "unavailable, internal",
            vec![Step::reply("503 Service Unavailable", internal)],
            Is::Api(503, -1001, Rejected),
        ),
        (
            "unavailable, throttled",
            vec![Step::reply("503 Service Unavailable", throttled)],
            Is::Api(503, -1008, Rejected),
        ),
        (
            "unavailable, a page",
            vec![Step::reply("503 Service Unavailable", html)],
            Is::Status(503, Html, Unknown),
        ),
        (
            "maintenance",
            vec![Step::reply(
                "503 Service Unavailable",
                r#"{"239999":"The system is under maintenance, please try again later."}"#,
            )],
            Is::Status(503, Json, Unknown),
        ),
        ("bus", vec![Step::reply("500 Internal Server Error", unexpected)], Is::Api(500, -1006, Unknown)),
        ("gateway timeout", vec![Step::reply("504 Gateway Timeout", timeout)], Is::Api(504, -1007, Unknown)),
    ]
}

/// Replies that are good, however odd they look, and whether the connection may be kept.
fn odd() -> Vec<(&'static str, String, bool)> {
    let len = ORDER.len();
    let whole = reply("200 OK", ORDER);
    let (start, end) = ORDER.split_at(20);
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    vec![
        ("plain", whole.clone(), true),
        ("created", reply("201 Created", &format!(" \n{ORDER}")), true),
        (
            "chunks",
            format!("{chunked}14;ext\r\n{start}\r\n{:X}\r\n{end}\r\n0\r\nTrailer: x\r\n\r\n", end.len()),
            true,
        ),
        (
            "interim replies",
            format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n{whole}"),
            true,
        ),
        ("until the end", format!("HTTP/1.1 200 OK\r\n\r\n{ORDER}"), false),
        ("HTTP/1.0", format!("HTTP/1.0 200 OK\r\nContent-Length: {len}\r\n\r\n{ORDER}"), false),
        (
            "closing",
            format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {len}\r\n\r\n{ORDER}"),
            false,
        ),
        ("two replies in one packet", format!("{whole}{}", reply("200 OK", r#"{"serverTime":6}"#)), false),
        ("a reply and garbage", format!("{whole}garbage"), false),
    ]
}

/// Gives a client of this base URL to the second argument.
pub(crate) type With<'w> = &'w dyn Fn(&str, &mut dyn FnMut(&mut dyn Sends));

/// Runs all of them, each over a client of its own, and asserts for each what the client says, that the order was on the
/// wire once, and that the next request works.
pub(crate) fn run(with: With<'_>) {
    for (name, mut script, expected) in refusals() {
        let whole = !matches!(script.first(), Some(Step::Read(_)));
        if whole && !matches!(script.first(), Some(Step::RequestAndReset)) {
            script.insert(0, Step::Request);
        }
        // After a whole reply the connection is kept.
        if !matches!(expected, Is::Transport(..)) {
            script.extend([Step::Request, Step::reply("200 OK", TIME)]);
        }
        order_then_time(with, name, script, Err(expected), usize::from(whole));
    }
    for (name, bytes, keep) in odd() {
        for step in [Step::Write(bytes.clone().into_bytes()), Step::Drip(bytes.clone().into_bytes())] {
            // What follows a reply drop by drop may come too late to be noticed.
            if matches!(step, Step::Drip(_))
                && bytes.contains("{\"serverTime\":6}") | bytes.ends_with("garbage")
            {
                continue;
            }
            let mut script = vec![Step::Request, step];
            if keep {
                script.extend([Step::Request, Step::reply("200 OK", TIME)]);
            }
            order_then_time(with, name, script, Ok(7), 1);
        }
    }
}

fn order_then_time(with: With<'_>, name: &str, script: Vec<Step>, expected: Result<u64, Is>, orders: usize) {
    let serves_time = vec![Step::Request, Step::reply("200 OK", TIME), Step::AwaitClose];
    let server = Server::start(vec![script, serves_time]);
    with(&server.url, &mut |client| {
        let hurried = expected.is_err_and(Is::is_late);
        assert_eq!(client.order("BTCUSDT", "x", hurried), expected, "{name}");
        assert_eq!(client.time(), Ok(5), "{name}");
    });
    let requests = server.requests();
    let came = requests.iter().filter(|request| request.starts_with("POST /fapi/v1/order?")).count();
    assert_eq!(came, orders, "{name}");
    server.abandon();
}
