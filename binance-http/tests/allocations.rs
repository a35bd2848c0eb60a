//! How much a request allocates, beside hyper's own connection handle.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(feature = "hyper")]

#[path = "../benches/local/mod.rs"]
mod local;

use binance_core::usdm::market_data::Time;
use binance_http::Client;

use self::local::{Contender, Handle, credentials, order, runtime, serve};

/// The most of ten, once all is warm.
fn allocations(mut ask: impl FnMut()) -> u64 {
    (0..5).for_each(|_| ask());
    (0..10).map(|_| allocation_counter::measure(&mut ask).count_total).max().unwrap()
}

#[test]
fn a_request_allocates_at_most_three_times_more_than_with_hypers_own_handle() {
    let url = serve();
    let mut handle = Handle::new(&url);
    let client = Client::builder().base_url(&url).credentials(credentials()).build().unwrap();
    let runtime = runtime();
    let with_handle =
        (allocations(|| assert!(handle.time() > 0)), allocations(|| assert!(handle.order() > 0)));
    let with_client = (
        allocations(|| assert!(runtime.block_on(client.fetch(&Time::new())).is_ok())),
        allocations(|| assert!(runtime.block_on(client.fetch(&order())).is_ok())),
    );
    assert!(with_handle.0 > 0, "they are counted");
    assert!(with_client.0 <= with_handle.0 + 3, "the time: {with_client:?}, with the handle {with_handle:?}");
    assert!(with_client.1 <= with_handle.1 + 3, "an order: {with_client:?}, with the handle {with_handle:?}");
}

#[cfg(feature = "blocking")]
#[test]
fn a_request_of_the_blocking_client_allocates_less_still() {
    let url = serve();
    let client = binance_http::blocking::Client::builder().base_url(&url).credentials(credentials());
    let client = client.build_blocking().unwrap();
    let each = allocations(|| assert!(client.fetch(&order()).is_ok()));
    assert!((1..=8).contains(&each), "{each}");
}
