//! What was recorded from one exchange is played back by another.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use binance_sim::{Recorder, Recording, Sim};
use common::{get, moving, stream::Socket};

/// Records frames while the exchange's time is moved on.
fn record(sim: &Sim, path: &str, frames: u64, trust: Option<&str>) -> Recording {
    let url = format!("{}{path}", sim.urls().usdm_streams);
    let mut recorder = Recorder::new(&url).unwrap().frames(frames).time(Duration::from_secs(20));
    if let Some(certificate) = trust {
        recorder = recorder.trust(certificate);
    }
    let recording = std::thread::spawn(move || {
        let mut out = Vec::new();
        (recorder.run(&mut out).unwrap(), String::from_utf8(out).unwrap())
    });
    while !recording.is_finished() {
        sim.advance(Duration::from_millis(100));
        std::thread::sleep(Duration::from_millis(1));
    }
    let (count, text) = recording.join().unwrap();
    assert_eq!(count, frames);
    Recording::parse(&text).unwrap()
}

#[tokio::test]
async fn the_frames_of_one_exchange_come_from_another_in_the_same_order() {
    let source = moving().seed(5).start().unwrap();
    let names = "btcusdt@depth@100ms/ethusdt@bookTicker";
    let recording = record(&source, &format!("/public/stream?streams={names}"), 60, None);
    let expected: Vec<_> =
        recording.frames().iter().map(|frame| (frame.stream.clone(), frame.data.clone())).collect();
    assert!(expected.iter().any(|(name, _)| name == "btcusdt@depth@100ms"));
    assert!(expected.iter().any(|(name, _)| name == "ethusdt@bookTicker"));

    let sim = moving().seed(6).replay(recording.clone()).start().unwrap();
    let mut combined = Socket::open(&sim, &format!("/public/stream?streams={names}")).await;
    let mut raw = Socket::open(&sim, "/public/ws/ethusdt@bookTicker").await;
    let mut other = Socket::open(&sim, "/public/ws/btcusdt@bookTicker").await;
    let mut coinm = Socket::open(&sim, "/dstream/ws/ethusdt@bookTicker").await;
    sim.advance(Duration::from_secs(60));
    for (name, data) in &expected {
        assert_eq!(combined.text().await, format!(r#"{{"stream":"{name}","data":{data}}}"#));
    }
    for (_, data) in expected.iter().filter(|(name, _)| name == "ethusdt@bookTicker") {
        assert_eq!(raw.text().await, *data);
    }
    assert_eq!(combined.drain().await.len(), 0, "and then nothing");
    assert_eq!(other.drain().await.len(), 0, "the generator is silent");
    assert_eq!(coinm.drain().await.len(), 0, "another host");
    get(&sim, "/fapi/v1/depth?symbol=BTCUSDT&limit=5").good();
}

#[tokio::test]
async fn frames_come_as_far_apart_as_they_were_recorded() {
    let line = |time: u64, n: u64| {
        format!(r#"{{"time":{time},"market":"coinm","stream":"x@y","data":{{"n":{n}}}}}"#) + "\n"
    };
    let recording = Recording::parse(&(line(5_000, 1) + &line(5_400, 2) + &line(9_000, 3))).unwrap();
    let sim = moving().replay(recording).start().unwrap();
    sim.advance(Duration::from_secs(100));
    let mut socket = Socket::open(&sim, "/dstream/ws").await;
    socket.ask(r#"{"method":"SUBSCRIBE","params":["x@y"],"id":1}"#).await;
    for (step, expected) in [(50, vec![1]), (300, vec![]), (50, vec![2]), (3_550, vec![]), (50, vec![3])] {
        sim.advance(Duration::from_millis(step));
        let frames: Vec<_> = socket.drain().await.iter().map(|frame| frame["n"].as_u64().unwrap()).collect();
        assert_eq!(frames, expected);
    }
}

#[tokio::test]
async fn user_data_goes_to_whatever_the_listen_key_is() {
    let line = r#"{"time":1,"market":"usdm","stream":"userData","data":{"e":"MARGIN_CALL"}}"#;
    let sim = moving().replay(Recording::parse(line).unwrap()).start().unwrap();
    let key = common::send(&sim, "POST", "/fapi/v1/listenKey", Some(&sim.keys().hmac.api_key), "").good();
    let mut socket = Socket::open(&sim, &format!("/private/ws/{}", key["listenKey"].as_str().unwrap())).await;
    sim.advance(Duration::from_secs(1));
    assert_eq!(socket.json().await["e"], "MARGIN_CALL");
}

#[cfg(feature = "tls")]
#[test]
fn the_recorder_reaches_wss_and_trusts_only_what_it_is_told() {
    let sim = moving().tls().start().unwrap();
    let recording = record(&sim, "/public/ws/btcusdt@bookTicker", 5, sim.certificate());
    assert!(recording.frames().iter().all(|frame| frame.stream == "btcusdt@bookTicker"));
    let url = format!("{}/public/ws/btcusdt@bookTicker", sim.urls().usdm_streams);
    assert!(url.starts_with("wss://"));
    let error = Recorder::new(&url).unwrap().frames(1).run(Vec::new()).unwrap_err();
    assert!(format!("{error:?}").contains("UnknownIssuer"), "{error:?}");
}

#[test]
fn the_recorder_says_what_it_cannot_reach() {
    assert!(Recorder::new("ws://127.0.0.1:1/ws/a@b").unwrap().run(Vec::new()).is_err());
    let sim = moving().start().unwrap();
    let url = format!("{}/nope/ws/a@b", sim.urls().usdm_streams);
    assert!(Recorder::new(&url).unwrap().run(Vec::new()).unwrap_err().to_string().contains("refusal"));
    assert!(Recorder::new(&sim.urls().rest).is_err());
}
