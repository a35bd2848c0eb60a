//! A bench target cannot ask for features, and half a comparison is none.

use std::{
    env,
    process::{Command, exit},
};

/// Runs the bench with this name again with all signers in it, and exits as it does.
pub(crate) fn with_all_signers(bench: &str) {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["bench", "-p", "binance-sign", "--features", "full", "--bench", bench, "--"])
        .args(env::args_os().skip(1).filter(|arg| arg != "--bench"))
        .status();
    exit(status.ok().and_then(|status| status.code()).unwrap_or(1));
}
