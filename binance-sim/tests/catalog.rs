//! Which endpoints of the catalog have no handler yet: exactly these. A handler that is added leaves the list.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use binance_core::{CATALOG, endpoint::Meta, param::Kind};
use common::{send, sign_now, still};

/// What still answers 501.
const MISSING: &[&str] = &[];

/// Something for every mandatory parameter, so that the request gets past the door.
fn params(meta: &Meta) -> String {
    let mandatory = meta.params.iter().filter(|param| param.mandatory);
    let filled = mandatory.map(|param| {
        let value = match param.kind {
            Kind::Enum(words) => words[0],
            Kind::Flag => "true",
            _ => "1",
        };
        format!("{}={value}", param.name)
    });
    filled.collect::<Vec<_>>().join("&")
}

#[test]
fn exactly_the_listed_endpoints_are_missing() {
    let sim = still().weight_limit(u32::MAX).order_limits(u32::MAX, u32::MAX).start().unwrap();
    let key = &sim.keys().hmac;
    let mut missing = Vec::new();
    for meta in CATALOG.iter() {
        let params = params(meta);
        let query = if meta.security.is_signed() { sign_now(&sim, key, &params) } else { params };
        let method = meta.method.as_str();
        let reply = send(&sim, method, &format!("{}?{query}", meta.path), Some(&key.api_key), "");
        assert_ne!(reply.status, 404, "{method} {}", meta.path);
        if reply.status == 501 {
            assert_eq!(reply.code(), -1020);
            missing.push(format!("{method} {}", meta.path));
        } else {
            assert!(!reply.body.contains("-1022"), "{method} {}", meta.path);
        }
    }
    missing.sort();
    missing.dedup();
    assert_eq!(missing, MISSING);
}
