//! A build with one signer holds nothing of the others: what cargo says the dependencies are.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::{env, process::Command};

/// The names of the crates that a build with these features links, the crate itself left out.
fn dependencies(features: &str) -> Vec<String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into());
    let mut command = Command::new(cargo);
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command.args(["tree", "-p", "binance-sign", "--no-default-features", "--features", features]);
    let output = command.args(["--edges", "normal", "--prefix", "none", "--offline"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut names: Vec<String> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        // Proc macros run in the compiler.
        .filter(|line| !line.contains("(proc-macro)"))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .filter(|name| name != "binance-sign")
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn hmac_alone_links_no_other_crypto() {
    let names = dependencies("hmac");
    assert!(names.contains(&"sha2".to_owned()));
    for other in
        ["rsa", "crypto-bigint", "ed25519-dalek", "curve25519-dalek", "aws-lc-rs", "ring", "pkcs8", "der"]
    {
        assert!(!names.contains(&other.to_owned()), "hmac brings {other}");
    }
}

#[test]
fn each_signer_brings_only_itself() {
    for (feature, own, others) in [
        ("ed25519", "ed25519-dalek", ["rsa", "crypto-bigint", "aws-lc-rs"]),
        ("rsa-fixed", "crypto-bigint", ["rsa", "ed25519-dalek", "aws-lc-rs"]),
        ("aws-lc-rs", "aws-lc-rs", ["rsa", "crypto-bigint", "ed25519-dalek"]),
        ("rsa", "rsa", ["ed25519-dalek", "aws-lc-rs", "ring"]),
    ] {
        let names = dependencies(feature);
        assert!(names.contains(&own.to_owned()), "{feature}: {names:?}");
        for other in others {
            assert!(!names.contains(&other.to_owned()), "{feature} brings {other}");
        }
    }
}
