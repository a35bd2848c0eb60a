//! Any text as every reply of the catalogs of REST and of the WebSocket API: both decoders agree.

use binance_core::{CATALOG, ws_api::METHODS};

use crate::agree::Agree;

/// Takes the input as the body of a reply.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for meta in CATALOG.iter() {
        // Its reply may be a bare word, which is no JSON: what cannot be read is one.
        if meta.name == "SignTradfiPerpsContract" {
            continue;
        }
        let agree = Agree { text, name: meta.name };
        assert!(CATALOG.visit_reply(meta.market, meta.method, meta.path, agree).is_some(), "{}", meta.path);
    }
    for meta in METHODS.iter() {
        let agree = Agree { text, name: meta.name };
        assert!(METHODS.visit_result(meta.market, meta.method, agree).is_some(), "{}", meta.method);
    }
}
