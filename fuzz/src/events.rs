//! Any text as every event of the streams and of user data: both decoders agree, and the tag tells the same type.

use binance_core::{
    Market, coinm,
    stream::{EVENTS, Incoming},
    usdm,
};

use crate::agree::Agree;

/// Takes the input as what a socket received.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for event in EVENTS.iter() {
        for tag in event.tags {
            let read = EVENTS.visit(event.market, tag, Agree { text, name: event.name });
            assert!(read.is_some(), "{tag} is in the table and has no type");
        }
    }
    // By the tag, in either market; an unknown one is kept as it came.
    let _ = format!("{:?}", usdm::Event::decode(text));
    let _ = format!("{:?}", coinm::Event::decode(text));
    let _ = format!("{:?}", Incoming::parse(text));
    let _ = EVENTS.find(Market::UsdM, text);
}
