//! What the READMEs say of themselves.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::{fs, path::Path};

/// The lines of the example that follows `text`, but for what it imports.
fn example<'r>(readme: &'r str, text: &str) -> Vec<&'r str> {
    let (_, rest) = readme.split_once(text).unwrap();
    let (_, rest) = rest.split_once("```rust,no_run\n").unwrap();
    let (code, _) = rest.split_once("\n```").unwrap();
    code.lines().filter(|line| !line.starts_with("use ")).collect()
}

#[test]
fn an_order_by_rest_and_by_the_websocket_api_differ_in_one_line() {
    for (readme, rest, websocket) in [
        ("README.md", "By REST:", "By the WebSocket API:"),
        ("../README.md", "## REST", "by the WebSocket API, differs in one line"),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(readme);
        let readme = fs::read_to_string(path).unwrap();
        let (rest, websocket) = (example(&readme, rest), example(&readme, websocket));
        assert_eq!(rest.len(), websocket.len());
        let differ: Vec<_> = websocket.iter().filter(|line| !rest.contains(line)).collect();
        assert_eq!(differ.len(), 1, "{differ:?}");
        assert!(differ[0].contains(".api()"), "{differ:?}");
        assert!(rest.iter().any(|line| line.contains("Client::builder()")), "{rest:?}");
    }
}
