//! The WebSocket API: calls over a socket, and who is logged on there.

use std::{cell::RefCell, collections::BTreeMap, net::IpAddr, rc::Rc};

use binance_core::{
    endpoint::{Market, Security},
    ws_api::{METHODS, MethodMeta},
};
use serde_json::value::RawValue;
use tokio::{task::spawn_local, time::sleep};

use super::{Request, Shared, answer::timed_out};
use crate::{
    door,
    exchange::Exchange,
    faults::{Unavailable, What},
    frame::{self, Opcode},
    json::{Json, object},
    limits::{self, OrderCounts, Pool},
    mangle,
    params::Params,
    reject::Reject,
    rest,
    streams::{
        delivery,
        outbox::{End, Outbox, Piece},
    },
    truth::Received,
};

/// The most parameters of a call.
const MAX_PARAMS: usize = 64;

/// Whose WebSocket API an address is, if it is one.
pub(super) fn market(path: &str) -> Option<Market> {
    match path.trim_end_matches('/') {
        "/ws-fapi/v1" => Some(Market::UsdM),
        "/ws-dapi/v1" => Some(Market::CoinM),
        _ => None,
    }
}

/// What the calls of a market count on.
pub(super) const fn pool(market: Market) -> Pool {
    match market {
        Market::UsdM => Pool::UsdmApi,
        Market::CoinM => Pool::Rest,
    }
}

/// One socket of the WebSocket API.
#[derive(Clone)]
pub(super) struct Session(Rc<Inner>);

struct Inner {
    market: Market,
    path: String,
    from: IpAddr,
    /// Since when it is connected.
    connected: i64,
    /// Whether replies tell the limits, unless a call says otherwise.
    tells_limits: bool,
    logged_on: RefCell<Option<LoggedOn>>,
    outbox: Outbox,
    shared: Shared,
}

#[derive(Clone)]
struct LoggedOn {
    api_key: String,
    since: i64,
}

impl Session {
    pub(super) fn new(market: Market, request: &Request, outbox: &Outbox, shared: &Shared) -> Self {
        Self(Rc::new(Inner {
            market,
            path: request.path.trim_end_matches('/').to_owned(),
            from: request.from,
            connected: shared.borrow().server_time(),
            tells_limits: !request.query.split('&').any(|pair| pair == "returnRateLimits=false"),
            logged_on: RefCell::new(None),
            outbox: outbox.clone(),
            shared: Rc::clone(shared),
        }))
    }

    /// Carries out a call and answers it, with whatever shall go wrong.
    pub(super) fn hear(&self, text: String) {
        let call = Call::read(text);
        let path = format!("{}/{}", self.0.path, call.method);
        let (fault, now) = {
            let mut exchange = self.0.shared.borrow_mut();
            exchange.refresh();
            let time = exchange.server_time();
            (exchange.faults.strike_request("WS", &path, time), time)
        };
        let outbox = &self.0.outbox;
        let end = |end| outbox.push(Piece::End(end));
        let refuse = |reject: Reject| self.send(&call, &Reply::refused(reject, now));
        match fault {
            None => self.send(&call, &self.carry_out(&call)),
            Some(What::CloseBeforeProcessing | What::BadGateway) => {
                self.note(&call, 0);
                end(End::Dropped);
            }
            Some(What::ResetBeforeProcessing) => {
                self.note(&call, 0);
                end(End::Reset);
            }
            Some(What::CloseAfterProcessing) => {
                self.carry_out(&call);
                self.note(&call, 0);
                end(End::Dropped);
            }
            Some(What::ResetAfterProcessing) => {
                self.carry_out(&call);
                self.note(&call, 0);
                end(End::Reset);
            }
            Some(What::Hang { processed }) => {
                if processed {
                    self.carry_out(&call);
                }
                self.note(&call, 0);
            }
            Some(What::DelayBeforeProcessing(delay)) => {
                let session = self.clone();
                spawn_local(async move {
                    sleep(delay).await;
                    session.send(&call, &session.carry_out(&call));
                });
            }
            // Others may be answered in the meantime.
            Some(What::Delay(delay)) => {
                let (session, reply) = (self.clone(), self.carry_out(&call));
                spawn_local(async move {
                    sleep(delay).await;
                    session.send(&call, &reply);
                });
            }
            Some(What::ClockSkew(by)) => {
                let before = self.0.shared.borrow_mut().clock.skew_by(by);
                let reply = self.carry_out(&call);
                self.0.shared.borrow_mut().clock.set_skew(before);
                self.send(&call, &reply);
            }
            Some(What::ExpireListenKeys) => {
                self.0.shared.borrow_mut().expire_listen_keys();
                self.send(&call, &self.carry_out(&call));
            }
            Some(What::InternalError) => {
                refuse(
                    Reject::new(-1000, "An unknown error occurred while processing the request.").status(500),
                );
            }
            Some(What::Unavailable(wording)) => {
                if wording == Unavailable::Unknown {
                    self.carry_out(&call);
                }
                let (code, msg) = wording.words();
                refuse(Reject::new(code.unwrap_or(-1000), msg).status(503));
            }
            Some(What::Timeout { processed }) => {
                if processed {
                    self.carry_out(&call);
                }
                refuse(timed_out());
            }
            Some(What::TooManyRequests { retry_after }) => {
                let limit = self.0.shared.borrow().limits.weight_limit;
                refuse(limits::too_many(limit, retry_after));
            }
            Some(What::Banned { retry_after }) => {
                let reject = limits::banned(now + i64::from(retry_after) * 1_000, now);
                refuse(Reject { retry_after: Some(retry_after), ..reject });
            }
            Some(What::Reply { status, body, .. }) => {
                self.note(&call, status);
                outbox.text(&body);
            }
            Some(What::NewField) => self.send_changed(&call, &mangle::new_field),
            Some(What::NewEnumValue(field)) => {
                self.send_changed(&call, &|body| mangle::new_value(body, &field));
            }
            Some(What::MissingField(field)) => {
                self.send_changed(&call, &|body| mangle::without(body, &field))
            }
            Some(What::Reorder) => {
                let reply = self.carry_out(&call);
                self.note(&call, reply.status);
                let mut bytes = Vec::new();
                frame::write(&mut bytes, Opcode::Text, reply.text(&call).as_bytes());
                outbox.hold(bytes);
            }
            Some(what) => {
                let reply = self.carry_out(&call);
                self.note(&call, reply.status);
                delivery::wrong(what, outbox, &reply.text(&call), now);
            }
        }
    }

    fn send(&self, call: &Call, reply: &Reply) {
        self.note(call, reply.status);
        self.0.outbox.text(&reply.text(call));
    }

    /// Answers with a result that is not as it was.
    fn send_changed(&self, call: &Call, change: &dyn Fn(&str) -> String) {
        let mut reply = self.carry_out(call);
        reply.body = Json(change(&reply.body.0));
        self.send(call, &reply);
    }

    fn note(&self, call: &Call, status: u16) {
        let mut exchange = self.0.shared.borrow_mut();
        let time = exchange.server_time();
        exchange.receive(Received {
            method: "WS".to_owned(),
            path: format!("{}/{}", self.0.path, call.method),
            query: String::new(),
            head: Vec::new(),
            body: call.text.clone().into_bytes(),
            status,
            time,
        });
    }

    /// Carries out a call, as if nothing could go wrong.
    fn carry_out(&self, call: &Call) -> Reply {
        let mut exchange = self.0.shared.borrow_mut();
        let now = exchange.server_time();
        let (mut params, payload) = match &call.params {
            Ok(params) => params.clone(),
            Err(reject) => return Reply::refused(reject.clone(), now),
        };
        let Some(method) = METHODS.find(self.0.market, &call.method) else {
            return Reply::refused(Reject::new(-1020, "This operation is not supported."), now);
        };
        let tells_limits =
            params.take("returnRateLimits").map_or(self.0.tells_limits, |tells| tells != "false");
        let used = match self.charge(&mut exchange, method, &params) {
            Ok(used) => used,
            Err((_, reject)) => return Reply::refused(reject, now),
        };
        let result =
            self.admit(&exchange, method, &mut params, &payload).and_then(|(account, api_key)| {
                match (method.rest, method.method) {
                    (Some(meta), _) => rest::call(&mut exchange, meta, params, account),
                    (None, name) => {
                        self.of_session(&exchange, name, api_key, tells_limits).map(|json| (json, None))
                    }
                }
            });
        let (mut reply, counts) = match result {
            Ok((json, counts)) => (Reply { status: 200, body: json, limits: None }, counts),
            Err(reject) => (Reply::refused(reject, now), None),
        };
        reply.limits = tells_limits.then(|| rate_limits(&exchange, used, counts));
        reply
    }

    /// Charges a call: orders count on REST's weights too.
    fn charge(
        &self,
        exchange: &mut Exchange,
        method: &MethodMeta,
        params: &Params,
    ) -> Result<u32, (u32, Reject)> {
        let (weight, now, from) = (rest::weigh(method.weight, params), exchange.server_time(), self.0.from);
        let pool = pool(self.0.market);
        if method.security == Security::Trade && pool != Pool::Rest {
            exchange.limits.charge(from, weight, now)?;
        }
        exchange.limits.charge_in(pool, from, weight, now)
    }

    /// Checks key, time and signature, as far as the method asks for them; gives the account, and the key that was sent.
    fn admit(
        &self,
        exchange: &Exchange,
        method: &MethodMeta,
        params: &mut Params,
        payload: &str,
    ) -> Result<(usize, Option<String>), Reject> {
        let (own, signature) = (params.take("apiKey"), params.take("signature"));
        let mut account = 0;
        if method.security.needs_key() {
            let logged_on = self.0.logged_on.borrow();
            let session = logged_on.as_ref().filter(|_| method.method != LOGON);
            let api_key = own.as_deref().or(session.map(|session| session.api_key.as_str()));
            let key = door::find(exchange, api_key.ok_or_else(|| Reject::missing("apiKey"))?)?;
            if method.method == LOGON && !key.is_ed25519() {
                return Err(Reject::new(-4056, "Only Ed25519 keys may log on."));
            }
            if method.security.is_signed() {
                if params.get("timestamp").is_none_or(str::is_empty) {
                    return Err(Reject::missing("timestamp"));
                }
                door::is_fresh(exchange, params)?;
                // Whoever is logged on need not sign, but who signs must do it right.
                if own.is_some() || session.is_none() || signature.is_some() {
                    let signature = signature.filter(|signature| !signature.is_empty());
                    let signature = signature.ok_or_else(|| Reject::missing("signature"))?;
                    if !key.verifies(payload.as_bytes(), &signature) {
                        return Err(Reject::new(-1022, "Signature for this request is not valid."));
                    }
                }
            }
            account = key.account;
        }
        params.take("timestamp");
        params.take("recvWindow");
        Ok((account, own))
    }

    /// `session.logon` and its kin.
    fn of_session(
        &self,
        exchange: &Exchange,
        method: &str,
        api_key: Option<String>,
        tells_limits: bool,
    ) -> Result<Json, Reject> {
        let now = exchange.server_time();
        let mut logged_on = self.0.logged_on.borrow_mut();
        match method {
            LOGON => *logged_on = api_key.map(|api_key| LoggedOn { api_key, since: now }),
            "session.logout" => *logged_on = None,
            "session.status" => {}
            _ => return Err(Reject::new(-1020, "This operation is not supported.")),
        }
        Ok(object! {
            "apiKey": logged_on.as_ref().map(|session| session.api_key.as_str()),
            "authorizedSince": logged_on.as_ref().map(|session| session.since),
            "connectedSince": self.0.connected,
            "returnRateLimits": tells_limits,
            "serverTime": now,
        })
    }
}

const LOGON: &str = "session.logon";

/// What a client said.
struct Call {
    /// As it came.
    text: String,
    /// The id as JSON, to be sent back.
    id: String,
    method: String,
    /// The parameters, and what is signed of them; or why there are none.
    params: Result<(Params, String), Reject>,
}

impl Call {
    fn read(text: String) -> Self {
        let mut call =
            Self { id: "null".to_owned(), method: String::new(), params: Ok(Default::default()), text };
        let Ok(fields) = serde_json::from_str::<BTreeMap<String, &RawValue>>(&call.text) else {
            call.params = Err(Reject::new(-1135, "Invalid JSON Request"));
            return call;
        };
        match fields.get("id").map_or("null", |id| id.get()) {
            id if id == "null" || id.starts_with('"') || id.parse::<i64>().is_ok() => {
                id.clone_into(&mut call.id)
            }
            _ => {
                call.params = Err(Reject::invalid("id"));
                return call;
            }
        }
        let method =
            fields.get("method").and_then(|method| serde_json::from_str::<String>(method.get()).ok());
        match method.filter(|method| !method.is_empty()) {
            Some(method) => call.method = method,
            None => {
                call.params = Err(Reject::missing("method"));
                return call;
            }
        }
        if let Some(params) = fields.get("params").filter(|params| params.get() != "null") {
            call.params = read_params(params.get());
        }
        call
    }
}

/// Reads the parameters; gives what is signed of them too: sorted by name, not percent-encoded, without the signature.
fn read_params(text: &str) -> Result<(Params, String), Reject> {
    let fields: BTreeMap<String, &RawValue> =
        serde_json::from_str(text).map_err(|_| Reject::new(-1135, "Invalid JSON Request"))?;
    if fields.len() > MAX_PARAMS {
        return Err(Reject::new(-1101, "Too many parameters sent for this endpoint."));
    }
    let (mut params, mut payload) = (Vec::new(), String::new());
    for (name, value) in fields {
        let value = match value.get() {
            text if text.starts_with('"') => {
                serde_json::from_str(text).map_err(|_| Reject::invalid(&name))?
            }
            text => text.to_owned(),
        };
        if name != "signature" {
            if !payload.is_empty() {
                payload.push('&');
            }
            payload.extend([name.as_str(), "=", &value]);
        }
        params.push((name, value));
    }
    Ok((Params::of(params), payload))
}

/// The answer to a call.
struct Reply {
    status: u16,
    /// The result, or the error.
    body: Json,
    limits: Option<Json>,
}

impl Reply {
    /// A refusal at `now`. How long to wait stands in its data, as a time.
    fn refused(reject: Reject, now: i64) -> Self {
        let body = match reject.retry_after {
            Some(seconds) => {
                let data = object! { "serverTime": now, "retryAfter": now + i64::from(seconds) * 1_000 };
                object! { "code": reject.code, "msg": &*reject.msg, "data": data }
            }
            None => reject.body(),
        };
        Self { status: reject.status, body, limits: None }
    }

    fn text(&self, call: &Call) -> String {
        let id = Json(call.id.clone());
        let reply = if self.status == 200 {
            object! { "id": id, "status": self.status, "result": self.body }
        } else {
            object! { "id": id, "status": self.status, "error": self.body }
        };
        match &self.limits {
            Some(limits) => reply.with(&object! { "rateLimits": limits }).0,
            None => reply.0,
        }
    }
}

fn rate_limits(exchange: &Exchange, used: u32, counts: Option<OrderCounts>) -> Json {
    let limit = |kind: &str, interval: &str, number: u32, limit: u32, count: u32| {
        object! {
            "rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit, "count": count,
        }
    };
    let limits = &exchange.limits;
    let mut all = vec![limit("REQUEST_WEIGHT", "MINUTE", 1, limits.weight_limit, used)];
    if let Some(counts) = counts {
        all.push(limit("ORDERS", "SECOND", 10, limits.orders_per_10s, counts.per_10s));
        all.push(limit("ORDERS", "MINUTE", 1, limits.orders_per_minute, counts.per_minute));
    }
    Json::array(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_sorted_and_not_percent_encoded() {
        let text = r#"{"symbol":"币安人生USDT","timestamp":1,"apiKey":"k","signature":"s","price":"1.50","b":true,"c":"a&b"}"#;
        let (params, payload) = read_params(text).unwrap();
        assert_eq!(payload, "apiKey=k&b=true&c=a&b&price=1.50&symbol=币安人生USDT&timestamp=1");
        assert_eq!(params.get("signature"), Some("s"));
        assert_eq!(read_params("[]").unwrap_err().code, -1135);
    }

    #[test]
    fn ids_are_told_back_as_they_came() {
        for (text, id) in [
            (r#"{"id":"a-1","method":"m"}"#, "\"a-1\""),
            (r#"{"id":7,"method":"m"}"#, "7"),
            (r#"{"id":null,"method":"m"}"#, "null"),
            (r#"{"method":"m"}"#, "null"),
        ] {
            let call = Call::read(text.to_owned());
            assert_eq!((call.id.as_str(), call.method.as_str(), call.params.is_ok()), (id, "m", true));
        }
        for (text, code) in [
            ("", -1135),
            ("[]", -1135),
            ("{}", -1102),
            (r#"{"id":[1],"method":"m"}"#, -1130),
            (r#"{"id":1.5,"method":"m"}"#, -1130),
            (r#"{"id":1,"method":5}"#, -1102),
            (r#"{"id":1,"method":"m","params":[]}"#, -1135),
        ] {
            assert_eq!(Call::read(text.to_owned()).params.unwrap_err().code, code, "{text}");
        }
    }
}
