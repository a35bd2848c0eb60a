//! Runs every body over its corpus.

use std::{fs, path::Path};

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut seeds = 0;
    for seed in fs::read_dir(folder).expect("every target has a corpus") {
        check(&fs::read(seed.expect("a readable folder").path()).expect("a readable seed"));
        seeds += 1;
    }
    assert!(seeds > 0, "{target} has no seeds");
    check(b"");
}

#[test]
fn query() {
    replay("query", binance_fuzz::query::check);
}

#[test]
fn json() {
    replay("json", binance_fuzz::json::check);
}
