//! What a stream socket says: SUBSCRIBE and its kin.

use serde_json::Value;

use crate::{
    exchange::Exchange,
    json::{Json, object},
    streams::{hub::MAX_STREAMS, topic::Topic},
};

const METHODS: [&str; 5] = ["SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY"];

/// Carries out one message of a socket; gives the reply.
pub(crate) fn message(exchange: &mut Exchange, socket: u64, text: &str) -> Json {
    let request: Value = match serde_json::from_str(text) {
        Ok(request) => request,
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            let msg = format!("Invalid JSON: expected value at line {line} column {column}");
            return refuse(3, &msg, None);
        }
    };
    let end = text.chars().count();
    let Some(method) = request.get("method") else {
        return refuse(2, &format!("Invalid request: missing field `method` at line 1 column {end}"), None);
    };
    let Some(method) = method.as_str().filter(|method| METHODS.contains(method)) else {
        let method = method.as_str().map_or_else(|| method.to_string(), str::to_owned);
        let known = METHODS.map(|method| format!("`{method}`")).join(", ");
        let msg = format!(
            "Invalid request: unknown variant `{method}`, expected one of {known} at line 1 column {end}"
        );
        return refuse(2, &msg, None);
    };
    let Some(id) = request.get("id").and_then(Value::as_u64) else {
        return refuse(2, "Invalid request: request ID must be an unsigned integer", None);
    };
    let params = match request.get("params") {
        None => &[],
        Some(Value::Array(params)) => params.as_slice(),
        Some(_) => return refuse(2, "Invalid request: params must be an array", Some(id)),
    };
    let result = match method {
        "SUBSCRIBE" => subscribe(exchange, socket, params),
        "UNSUBSCRIBE" => names(params).map(|names| {
            for name in names {
                exchange.hub.unsubscribe(socket, name);
            }
            NULL.to_owned()
        }),
        "LIST_SUBSCRIPTIONS" => Ok(Json::array(exchange.hub.subscriptions(socket)).0),
        "SET_PROPERTY" => match params {
            [name, value] => is_combined(name).and_then(|()| {
                let combined = value.as_bool().ok_or((1, "Invalid value type: expected Boolean"))?;
                exchange.hub.set_combined(socket, combined);
                Ok(NULL.to_owned())
            }),
            [_, _, _, ..] => Err((2, "Invalid request: too many parameters")),
            _ => Err((2, "Invalid request: property name must be a string")),
        },
        _ => match params {
            [name] => is_combined(name).map(|()| exchange.hub.is_combined(socket).to_string()),
            [_, _, ..] => Err((2, "Invalid request: too many parameters")),
            [] => Err((2, "Invalid request: property name must be a string")),
        },
    };
    match result {
        Ok(result) => object! { "result": Json(result), "id": id },
        Err((code, msg)) => refuse(code, msg, Some(id)),
    }
}

const NULL: &str = "null";

type Refusal = (i32, &'static str);

fn subscribe(exchange: &mut Exchange, socket: u64, params: &[Value]) -> Result<String, Refusal> {
    let names = names(params)?;
    let asked = names.iter().filter(|name| exchange.hub.subscriptions(socket).all(|known| known != **name));
    if exchange.hub.subscriptions(socket).count() + asked.count() > MAX_STREAMS {
        return Err((2, "Invalid request: too many parameters"));
    }
    for name in names {
        exchange.subscribe(socket, name);
    }
    Ok(NULL.to_owned())
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

impl Exchange {
    /// Subscribes a socket to a stream by its name: of the market, or a listen key. Says `false` when the socket has
    /// as many as it may.
    pub(crate) fn subscribe(&mut self, socket: u64, name: &str) -> bool {
        let is_key = self.listen_keys.exists(name);
        let taken = self.hub.subscribe(socket, name, &self.venues, is_key);
        if let Some(Topic::Kline(venue, interval)) = Topic::parse(name, &self.venues)
            && let Some(venue) = self.venues.get_mut(venue)
        {
            venue.candles.watch(interval);
        }
        taken
    }
}
