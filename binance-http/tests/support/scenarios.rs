//! One list of what can happen to an order, for every transport, against the simulated exchange.

use std::time::Duration;

use binance_http::{
    Outcome::{Rejected, Unknown},
    TransportKind::{Closed, Cut, Timeout},
    verdict::BodyKind::{Empty, Html, Json},
};
use binance_sim::{Fault, Sim, Unavailable, What};

use super::is::Is;

/// Where orders are placed.
const PATH: &str = "/fapi/v1/order";

/// A client under test.
pub(crate) trait Sends {
    /// Places a LIMIT order that rests, with this client order id; `hurried` gives up after 200 ms.
    fn order(&mut self, symbol: &str, client_order_id: &str, hurried: bool) -> Result<u64, Is>;

    /// Asks for the time.
    fn time(&mut self) -> Result<i64, Is>;
}

/// What goes wrong, what the client says, and whether the exchange carried the order out.
struct Scenario {
    name: &'static str,
    what: Option<What>,
    symbol: &'static str,
    expected: Result<(), Is>,
    placed: bool,
}

fn scenarios() -> Vec<Scenario> {
    let scenario =
        |name, what, expected, placed| Scenario { name, what, symbol: "BTCUSDT", expected, placed };
    let fault = |name, what, expected, placed| scenario(name, Some(what), Err(expected), placed);
    let reply = |status, content_type: &str, body: &str| What::Reply {
        status,
        content_type: content_type.to_owned(),
        body: body.to_owned(),
    };
    let json = |status, code: i32, message: &str| {
        reply(status, "application/json", &format!(r#"{{"code":{code},"msg":"{message}"}}"#))
    };
    let page = "<html><head><title>Error</title></head><body>Request blocked.</body></html>";
    vec![
        scenario("success", None, Ok(()), true),
        Scenario {
            symbol: "NOSUCHUSDT",
            ..scenario("an unknown symbol", None, Err(Is::Api(400, -1121, Rejected)), false)
        },
        scenario("a late reply", Some(What::Delay(Duration::from_millis(30))), Ok(()), true),
        scenario(
            "a late exchange",
            Some(What::DelayBeforeProcessing(Duration::from_millis(30))),
            Ok(()),
            true,
        ),
        scenario("a reply with more than is known", Some(What::NewField), Ok(()), true),
        scenario("a reply byte by byte", Some(What::ByteByByte), Ok(()), true),
        fault("closed before", What::CloseBeforeProcessing, Is::Transport(Closed, Unknown), false),
        fault("reset before", What::ResetBeforeProcessing, Is::Transport(Closed, Unknown), false),
        fault("closed after", What::CloseAfterProcessing, Is::Transport(Closed, Unknown), true),
        fault("reset after", What::ResetAfterProcessing, Is::Transport(Closed, Unknown), true),
        fault("silence, placed", What::Hang { processed: true }, Is::Transport(Timeout, Unknown), true),
        fault("silence, not placed", What::Hang { processed: false }, Is::Transport(Timeout, Unknown), false),
        fault("half a head", What::CutHead, Is::Transport(Cut, Unknown), true),
        fault("half a body", What::CutBody, Is::Transport(Cut, Unknown), true),
        fault("a length too long", What::WrongContentLength(5), Is::Transport(Timeout, Unknown), true),
        fault("a length too short", What::WrongContentLength(-5), Is::Decode(Unknown), true),
        fault("garbage", What::GarbageBody, Is::Decode(Unknown), true),
        fault("an internal error", What::InternalError, Is::Api(500, -1000, Unknown), false),
        fault("a gateway's page", What::BadGateway, Is::Status(502, Html, Unknown), false),
        fault(
            "unavailable: unknown",
            What::Unavailable(Unavailable::Unknown),
            Is::Status(503, Json, Unknown),
            true,
        ),
        fault(
            "unavailable: failed",
            What::Unavailable(Unavailable::Failed),
            Is::Status(503, Json, Rejected),
            false,
        ),
        fault(
            "unavailable: internal",
            What::Unavailable(Unavailable::Internal),
            Is::Status(503, Json, Rejected),
            false,
        ),
        fault(
            "unavailable: throttled",
            What::Unavailable(Unavailable::Throttled),
            Is::Api(503, -1008, Rejected),
            false,
        ),
        fault(
            "backend timeout, placed",
            What::Timeout { processed: true },
            Is::Api(408, -1007, Unknown),
            true,
        ),
        fault(
            "backend timeout, not placed",
            What::Timeout { processed: false },
            Is::Api(408, -1007, Unknown),
            false,
        ),
        fault("a clock far off", What::ClockSkew(60_000), Is::Api(400, -1021, Rejected), false),
        fault(
            "an unexpected word of the bus",
            json(
                400,
                -1006,
                "An unexpected response was received from the message bus. Execution status unknown.",
            ),
            Is::Api(400, -1006, Unknown),
            false,
        ),
        fault(
            "unavailable with a code: unknown",
            json(503, -1000, "Unknown error, please check your request or try again later."),
            Is::Api(503, -1000, Unknown),
            false,
        ),
        fault(
            "unavailable with a code: failed",
            json(503, -1016, "Service Unavailable."),
            Is::Api(503, -1016, Rejected),
            false,
        ),
        fault(
            "unavailable with a code: internal",
            json(503, -1001, "Internal error; unable to process your request. Please try again."),
            Is::Api(503, -1001, Rejected),
            false,
        ),
        fault("an empty success", reply(200, "application/json", ""), Is::Status(200, Empty, Unknown), false),
        fault("an empty failure", reply(500, "text/plain", ""), Is::Status(500, Empty, Unknown), false),
        fault("empty and unavailable", reply(503, "text/plain", ""), Is::Status(503, Empty, Unknown), false),
        fault("limited", What::TooManyRequests { retry_after: 1 }, Is::Api(429, -1003, Rejected), false),
        fault("banned", What::Banned { retry_after: 1 }, Is::Api(418, -1003, Rejected), false),
        fault("firewall", reply(403, "text/html", page), Is::Status(403, Html, Rejected), false),
        fault(
            "blocked",
            reply(
                451,
                "application/json",
                r#"{"code":0,"msg":"Service unavailable from a restricted location"}"#,
            ),
            Is::Api(451, 0, Rejected),
            false,
        ),
        fault("a captive portal", reply(200, "text/html", page), Is::Status(200, Html, Unknown), false),
    ]
}

/// Runs all of them over one client, and asserts for each what the client says, how often the exchange saw the order
/// and carried it out, and that the next request works.
pub(crate) fn run(sim: &Sim, client: &mut dyn Sends) {
    for (index, scenario) in scenarios().into_iter().enumerate() {
        let Scenario { name, what, symbol, expected, placed } = scenario;
        let id = format!("scenario-{index}");
        let before = sim.truth().count("POST", PATH);
        if let Some(what) = what {
            sim.fault(Fault::new(what).on("POST", PATH));
        }
        let hurried = expected.is_err_and(Is::is_late);
        let result = client.order(symbol, &id, hurried);
        assert_eq!(result.map(|_| ()), expected, "{name}");
        let time = client.time();
        assert!(time.is_ok_and(|time| time > 0), "{name}: then {time:?}");
        let truth = sim.truth();
        assert_eq!(truth.count("POST", PATH) - before, 1, "{name}: requests that came");
        let orders = truth.orders.iter().filter(|order| order.client_order_id == id).count();
        assert_eq!(orders, usize::from(placed), "{name}: orders");
        if let Ok(order_id) = result {
            assert_eq!(truth.order(&id).unwrap().order_id, order_id, "{name}");
        }
        sim.clear_faults();
    }
}
