//! What a stream socket says: SUBSCRIBE and its kin.

use serde_json::Value;

use crate::{
    exchange::Exchange,
    faults::What,
    json::{Json, object},
    replay::market_name,
    streams::{hub::MAX_STREAMS, topic::Topic},
};

const METHODS: [&str; 5] = ["SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY"];

/// Carries out one message of a socket; gives the reply, if there is one.
pub(crate) fn message(exchange: &mut Exchange, socket: u64, text: &str) -> Option<Json> {
    match read(exchange, socket, text) {
        Ok((result, id)) => Some(object! { "result": Json(result?), "id": id }),
        Err(refusal) => Some(refusal),
    }
}

/// Carries out one message; gives the result, none when it shall not be acknowledged, and the id.
fn read(exchange: &mut Exchange, socket: u64, text: &str) -> Result<(Option<String>, u64), Json> {
    let request: Value = match serde_json::from_str(text) {
        Ok(request) => request,
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            let msg = format!("Invalid JSON: expected value at line {line} column {column}");
            return Err(refuse(3, &msg, None));
        }
    };
    let end = text.chars().count();
    let Some(method) = request.get("method") else {
        return Err(refuse(
            2,
            &format!("Invalid request: missing field `method` at line 1 column {end}"),
            None,
        ));
    };
    let Some(method) = method.as_str().filter(|method| METHODS.contains(method)) else {
        let method = method.as_str().map_or_else(|| method.to_string(), str::to_owned);
        let known = METHODS.map(|method| format!("`{method}`")).join(", ");
        let msg = format!(
            "Invalid request: unknown variant `{method}`, expected one of {known} at line 1 column {end}"
        );
        return Err(refuse(2, &msg, None));
    };
    let Some(id) = request.get("id").and_then(Value::as_u64) else {
        return Err(refuse(2, "Invalid request: request ID must be an unsigned integer", None));
    };
    let params = match request.get("params") {
        None => &[],
        Some(Value::Array(params)) => params.as_slice(),
        Some(_) => return Err(refuse(2, "Invalid request: params must be an array", Some(id))),
    };
    let result = match method {
        "SUBSCRIBE" => subscribe(exchange, socket, params),
        "UNSUBSCRIBE" => names(params).map(|names| {
            for name in names {
                exchange.hub.unsubscribe(socket, name);
            }
            Some(NULL.to_owned())
        }),
        "LIST_SUBSCRIPTIONS" => Ok(Some(Json::array(exchange.hub.subscriptions(socket)).0)),
        "SET_PROPERTY" => match params {
            [name, value] => is_combined(name).and_then(|()| {
                let combined = value.as_bool().ok_or((1, "Invalid value type: expected Boolean"))?;
                exchange.hub.set_combined(socket, combined);
                Ok(Some(NULL.to_owned()))
            }),
            [_, _, _, ..] => Err((2, "Invalid request: too many parameters")),
            _ => Err((2, "Invalid request: property name must be a string")),
        },
        _ => match params {
            [name] => is_combined(name).map(|()| Some(exchange.hub.is_combined(socket).to_string())),
            [_, _, ..] => Err((2, "Invalid request: too many parameters")),
            [] => Err((2, "Invalid request: property name must be a string")),
        },
    };
    result.map(|result| (result, id)).map_err(|(code, msg)| refuse(code, msg, Some(id)))
}

const NULL: &str = "null";

type Refusal = (i32, &'static str);

fn subscribe(exchange: &mut Exchange, socket: u64, params: &[Value]) -> Result<Option<String>, Refusal> {
    let names = names(params)?;
    let asked = names.iter().filter(|name| exchange.hub.subscriptions(socket).all(|known| known != **name));
    if exchange.hub.subscriptions(socket).count() + asked.count() > MAX_STREAMS {
        return Err((2, "Invalid request: too many parameters"));
    }
    let mut ignored = false;
    for name in names {
        ignored |= exchange.subscribe(socket, name) == Taken::Ignored;
    }
    Ok((!ignored).then(|| NULL.to_owned()))
}

fn names(params: &[Value]) -> Result<Vec<&str>, Refusal> {
    let valid =
        |name: &&str| !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control());
    let names: Option<Vec<_>> = params.iter().map(|name| name.as_str().filter(valid)).collect();
    names.ok_or((2, "Invalid request: invalid stream"))
}

fn is_combined(name: &Value) -> Result<(), Refusal> {
    match name.as_str() {
        Some("combined") => Ok(()),
        Some(_) => Err((0, "Unknown property")),
        None => Err((2, "Invalid request: property name must be a string")),
    }
}

fn refuse(code: i32, msg: &str, id: Option<u64>) -> Json {
    let error = object! { "code": code, "msg": msg };
    match id {
        Some(id) => object! { "error": error, "id": id },
        None => object! { "error": error },
    }
}

/// What became of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is acknowledged.
    Yes,
    /// The socket has as many as it may.
    No,
    /// It is not acknowledged, by a fault.
    Ignored,
}

impl Exchange {
    /// Subscribes a socket to a stream by its name: of the market, or a listen key.
    pub(crate) fn subscribe(&mut self, socket: u64, name: &str) -> Taken {
        let time = self.server_time();
        let is_key = self.listen_keys.exists(name);
        let fault_name = if is_key { "userData" } else { name };
        match self.faults.strike_subscription(fault_name, time) {
            Some(What::IgnoredSubscription) => return Taken::Ignored,
            Some(_) => {
                return if self.hub.subscribe_in_vain(socket, name) { Taken::Yes } else { Taken::No };
            }
            None => {}
        }
        let now = self.now;
        if let Some(replay) = self.replay.as_mut().filter(|replay| replay.has(fault_name)) {
            replay.begin(now);
        }
        let taken = self.hub.subscribe(socket, name, &self.venues, is_key);
        let host = self.hub.host(socket);
        let topic = host.and_then(|host| Topic::parse(name, host, &self.venues));
        if taken && let Some(host) = host.filter(|_| is_key || topic.is_some()) {
            self.count(format!("SUBSCRIBE {}/{fault_name}", market_name(host.market())));
        }
        if let Some((venue, interval)) = topic.and_then(Topic::candles)
            && let Some(venue) = self.venues.get_mut(venue)
        {
            venue.candles.watch(interval);
        }
        if taken { Taken::Yes } else { Taken::No }
    }
}
