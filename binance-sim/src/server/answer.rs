//! Answers: what the exchange says to a request, and how that goes wrong on demand.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::sleep,
};

use super::{Request, Response, Shared, socket::Socket};
use crate::{
    faults::{Unavailable, What},
    json::object,
    limits, mangle,
    reject::Reject,
    rest,
    truth::Received,
};

/// Answers a request, with whatever shall go wrong; `None` when the socket is of no more use.
pub(super) async fn answer(stream: &mut Socket, request: &Request, shared: &Shared) -> Option<()> {
    let fault = {
        let mut exchange = shared.borrow_mut();
        exchange.refresh();
        let time = exchange.server_time();
        if is_control(request) {
            None
        } else {
            exchange.faults.strike_request(&request.method, &request.path, time)
        }
    };
    let Some(fault) = fault else {
        let response = carry_out(request, shared);
        note(request, response.status, shared);
        stream.write_all(&response.bytes(request.close)).await.ok()?;
        return stream.flush().await.ok();
    };
    if let What::DelayBeforeProcessing(delay) = fault {
        sleep(delay).await;
    }
    let plan = plan(fault, request, shared);
    note(request, if plan.pieces.is_empty() { 0 } else { plan.status }, shared);
    plan.carry_out(stream).await
}

/// Lets go wrong with the handshake of a WebSocket what was meant for it; `None` when that was the end of it.
pub(super) async fn handshake(stream: &mut Socket, request: &Request, shared: &Shared) -> Option<()> {
    let fault = {
        let mut exchange = shared.borrow_mut();
        exchange.refresh();
        let time = exchange.server_time();
        exchange.faults.strike_handshake(&request.path, time)
    };
    let plan = match fault {
        None => return Some(()),
        Some(What::Delay(delay) | What::DelayBeforeProcessing(delay)) => {
            sleep(delay).await;
            return Some(());
        }
        Some(What::ExpireListenKeys) => {
            shared.borrow_mut().expire_listen_keys();
            return Some(());
        }
        Some(What::CloseAfterProcessing) => Plan::closed(),
        Some(What::ResetAfterProcessing) => Plan { reset: true, ..Plan::closed() },
        Some(What::Hang { .. }) => Plan { hang: true, ..Plan::default() },
        // The rest goes wrong with a refusal.
        Some(fault) => plan(fault, request, shared),
    };
    note(request, if plan.pieces.is_empty() { 0 } else { plan.status }, shared);
    // What was asked for was never done, so the socket is of no more use.
    let _ = plan.carry_out(stream).await;
    None
}

/// How a reply goes wrong.
#[derive(Default)]
struct Plan {
    delay: Duration,
    /// What is written, each piece on its own.
    pieces: Vec<Vec<u8>>,
    status: u16,
    hang: bool,
    close: bool,
    reset: bool,
}

impl Plan {
    fn reply(response: &Response, close: bool) -> Self {
        Self { pieces: vec![response.bytes(close)], status: response.status, close, ..Self::default() }
    }

    fn closed() -> Self {
        Self { close: true, ..Self::default() }
    }

    /// Does what is planned; `None` when the socket is of no more use.
    async fn carry_out(self, stream: &mut Socket) -> Option<()> {
        if self.hang {
            // Until the client gives up.
            let mut rest = [0; 512];
            while stream.read(&mut rest).await.is_ok_and(|count| count > 0) {}
            return None;
        }
        sleep(self.delay).await;
        for piece in &self.pieces {
            stream.write_all(piece).await.ok()?;
            // Lets the piece go out before the next one.
            stream.flush().await.ok()?;
            tokio::task::yield_now().await;
        }
        if self.reset {
            stream.reset_on_drop();
        }
        (!self.close).then_some(())
    }
}

fn plan(fault: What, request: &Request, shared: &Shared) -> Plan {
    let reply = |response: &Response| Plan::reply(response, request.close);
    let changed = |change: &dyn Fn(&str) -> String| {
        let mut response = carry_out(request, shared);
        response.body = change(&String::from_utf8_lossy(&response.body)).into_bytes();
        reply(&response)
    };
    match fault {
        What::CloseBeforeProcessing => Plan::closed(),
        What::ResetBeforeProcessing => Plan { reset: true, ..Plan::closed() },
        What::CloseAfterProcessing => {
            carry_out(request, shared);
            Plan::closed()
        }
        What::ResetAfterProcessing => {
            carry_out(request, shared);
            Plan { reset: true, ..Plan::closed() }
        }
        What::Hang { processed } => {
            if processed {
                carry_out(request, shared);
            }
            Plan { hang: true, ..Plan::default() }
        }
        What::Delay(delay) => Plan { delay, ..reply(&carry_out(request, shared)) },
        What::ByteByByte => {
            let whole = reply(&carry_out(request, shared));
            let pieces = whole.pieces.iter().flatten().map(|byte| vec![*byte]).collect();
            Plan { pieces, ..whole }
        }
        What::Duplicate => {
            let mut whole = reply(&carry_out(request, shared));
            whole.pieces.extend_from_within(..);
            whole
        }
        What::CutBody => {
            let response = carry_out(request, shared);
            let mut bytes = response.bytes(false);
            bytes.truncate(bytes.len() - response.body.len().div_ceil(2));
            Plan { pieces: vec![bytes], status: response.status, ..Plan::closed() }
        }
        What::CutHead => {
            let response = carry_out(request, shared);
            let mut head = response.head(response.body.len() as u64, false);
            head.truncate(head.len() / 2);
            Plan { pieces: vec![head], status: response.status, ..Plan::closed() }
        }
        What::WrongContentLength(by) => {
            let response = carry_out(request, shared);
            let mut bytes = response.head((response.body.len() as u64).saturating_add_signed(by), false);
            bytes.extend_from_slice(&response.body);
            Plan { pieces: vec![bytes], status: response.status, ..Plan::default() }
        }
        What::GarbageBody => changed(&|_| "{\"code\":\u{0}<not json".to_owned()),
        What::NewField => changed(&mangle::new_field),
        What::NewEnumValue(field) => changed(&|body| mangle::new_value(body, &field)),
        What::MissingField(field) => changed(&|body| mangle::without(body, &field)),
        What::CorruptByte => {
            let mut response = carry_out(request, shared);
            response.body = mangle::corrupt(&response.body);
            reply(&response)
        }
        What::ClockSkew(by) => {
            let before = shared.borrow_mut().clock.skew_by(by);
            let response = carry_out(request, shared);
            shared.borrow_mut().clock.set_skew(before);
            reply(&response)
        }
        What::ExpireListenKeys => {
            shared.borrow_mut().expire_listen_keys();
            reply(&carry_out(request, shared))
        }
        What::InternalError => {
            let msg = "An unknown error occurred while processing the request.";
            reply(&Response::reject(&Reject::new(-1000, msg).status(500)))
        }
        What::BadGateway => reply(&Response::html(502, BAD_GATEWAY)),
        What::Unavailable(wording) => reply(&unavailable(wording, request, shared)),
        What::Timeout { processed } => {
            if processed {
                carry_out(request, shared);
            }
            reply(&Response::reject(&timed_out()))
        }
        What::TooManyRequests { retry_after } => {
            let exchange = shared.borrow();
            let used = rest::used_weight(&exchange, request.from);
            let reject = limits::too_many(exchange.limits.weight_limit, retry_after);
            reply(&Response::reject(&reject).with_used_weight(used))
        }
        What::Banned { retry_after } => {
            let now = shared.borrow().server_time();
            let reject = limits::banned(now + i64::from(retry_after) * 1_000, now);
            reply(&Response::reject(&Reject { retry_after: Some(retry_after), ..reject }))
        }
        What::Reply { status, content_type, body } => {
            reply(&Response::new(status, &content_type, body.into_bytes()))
        }
        // Has been delayed already; and the faults of connections and streams do not strike here.
        _ => reply(&carry_out(request, shared)),
    }
}

const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad \
                           Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

/// -1007
pub(super) fn timed_out() -> Reject {
    let msg =
        "Timeout waiting for response from backend server. Send status unknown; execution status unknown.";
    Reject::new(-1007, msg).status(408)
}

fn unavailable(wording: Unavailable, request: &Request, shared: &Shared) -> Response {
    if wording == Unavailable::Unknown {
        carry_out(request, shared);
    }
    match wording.words() {
        (Some(code), msg) => Response::reject(&Reject::new(code, msg).status(503)),
        (None, msg) => {
            let body = object! { "msg": msg };
            Response::new(503, "application/json", body.0.into_bytes())
        }
    }
}

fn carry_out(request: &Request, shared: &Shared) -> Response {
    rest::answer(&mut shared.borrow_mut(), request)
}

/// Whether a request is for the simulation and not for the exchange: nothing goes wrong with it, and nobody counts it.
fn is_control(request: &Request) -> bool {
    request.path.starts_with("/sim/")
}

/// Notes that a request came, and how it was answered.
pub(super) fn note(request: &Request, status: u16, shared: &Shared) {
    if is_control(request) {
        return;
    }
    let mut exchange = shared.borrow_mut();
    let time = exchange.server_time();
    exchange.receive(Received {
        method: request.method.clone(),
        path: request.path.clone(),
        query: request.query.clone(),
        head: request.head.clone(),
        body: request.body.clone().into_bytes(),
        status,
        time,
    });
}
