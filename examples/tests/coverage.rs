//! Every endpoint, stream and method is in an example: all of them run against one simulated exchange, which tells
//! what they asked for.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use binance_core::{CATALOG, Market, stream::STREAMS, ws_api::METHODS};
use binance_sim::{Sim, Truth};

/// How long one example may take.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn every_endpoint_stream_and_method_is_in_an_example() {
    // Limits so wide that all of them have room in one minute.
    let sim = Sim::builder().weight_limit(100_000).start().unwrap();
    let mut programs = programs();
    programs.sort();
    assert!(programs.len() >= 15, "cargo builds the examples for this test, and here are {programs:?}");
    for program in programs {
        run(&program, &sim.urls().rest);
    }

    let truth = sim.truth();
    let mut missing: Vec<String> = Vec::new();
    for entry in CATALOG.iter() {
        let at = format!("{} {}", entry.method.as_str(), entry.path);
        if !truth.counts.contains_key(&at) {
            missing.push(at);
        }
    }
    for stream in STREAMS.iter() {
        let market = if stream.market == Market::CoinM { "coinm" } else { "usdm" };
        let is_of_it =
            |name: &str| STREAMS.find(stream.market, name).is_some_and(|found| found.name == stream.name);
        if !subscriptions(&truth, market).any(is_of_it) {
            missing.push(format!("{market} {}", stream.pattern));
        }
    }
    for method in METHODS.iter() {
        let api = if method.market == Market::CoinM { "ws-dapi" } else { "ws-fapi" };
        let at = format!("WS /{api}/v1/{}", method.method);
        if !truth.counts.contains_key(&at) {
            missing.push(at);
        }
    }
    assert!(missing.is_empty(), "no example has {missing:#?}");
}

/// The streams of a market that were subscribed to.
fn subscriptions<'t>(truth: &'t Truth, market: &'t str) -> impl Iterator<Item = &'t str> {
    let names = truth.counts.keys().filter_map(|at| at.strip_prefix("SUBSCRIBE "));
    names.filter_map(move |name| name.strip_prefix(market)?.strip_prefix('/'))
}

/// The examples that are of one market, which cargo built beside this test.
fn programs() -> Vec<PathBuf> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let built = env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("examples");
    let names = fs::read_dir(sources).unwrap().map(|entry| entry.unwrap().path());
    let names = names.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()));
    let sections = names.filter(|name| name.starts_with("usdm_") || name.starts_with("coinm_"));
    sections.map(|name| built.join(name + env::consts::EXE_SUFFIX)).collect()
}

/// Runs an example to its end.
fn run(program: &Path, url: &str) {
    let mut child = Command::new(program).args(["--sim", url]).stdout(Stdio::null()).spawn().unwrap();
    let end = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if Instant::now() >= end {
            child.kill().unwrap();
            panic!("{} does not end", program.display());
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(status.success(), "{} ended with {status}", program.display());
}
