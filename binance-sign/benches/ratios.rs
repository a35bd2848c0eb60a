//! Times next to each other: the cases of a group run in turn, round by round, so that a slow phase of the machine
//! hits all of them; their medians are set against the group's first case and against the bounds.
//!
//! `cargo bench -p binance-sign --bench ratios -- --check` exits with 1 when a bound does not hold.

#[cfg(feature = "full")]
mod cases;
#[cfg(feature = "full")]
#[path = "../../binance-core/benches/table/medians.rs"]
mod medians;
#[cfg(not(feature = "full"))]
mod rerun;

#[cfg(not(feature = "full"))]
fn main() {
    rerun::with_all_signers("ratios");
}

#[cfg(feature = "full")]
fn main() {
    let mut kept = true;
    for (name, cases) in [
        ("HMAC-SHA256, 112 bytes", cases::hmac()),
        ("A signed order", cases::order()),
        ("RSA-2048", cases::rsa2048()),
        ("RSA-3072", cases::rsa3072()),
        ("RSA-4096", cases::rsa4096()),
        ("Ed25519", cases::ed25519()),
    ] {
        kept &= group(name, &cases);
    }
    let check = std::env::args().any(|arg| arg == "--check");
    std::process::exit(i32::from(check && !kept));
}

/// Prints the table of one group and answers whether its bounds hold.
#[cfg(feature = "full")]
fn group(name: &str, cases: &[cases::Case]) -> bool {
    let runs: Vec<&dyn Fn()> = cases.iter().map(|case| &*case.run).collect();
    let medians = medians::medians(&runs);
    let of = |name: &str| {
        cases.iter().zip(&medians).find(|(case, _)| case.name == name).map(|(_, median)| *median)
    };
    let base = medians.first().copied().unwrap_or(1.0);
    println!("{name}");
    let mut kept = true;
    for (case, median) in cases.iter().zip(&medians) {
        let bounds: String = case
            .bounds
            .iter()
            .map(|(most, other)| {
                let times = median / of(other).unwrap_or(f64::NAN);
                let good = times <= *most;
                kept &= good;
                format!("  {times:.2} times {other}, {} {most};", if good { "at most" } else { "MORE THAN" })
            })
            .collect();
        println!("  {:34} {:>14} {:>6.2}{bounds}", case.name, medians::time(*median), median / base);
    }
    println!();
    kept
}
