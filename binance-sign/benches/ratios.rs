//! Times next to each other: the cases of a group run in turn, round by round, so that a slow phase of the machine
//! hits all of them; their medians are set against the group's first case and against the bounds.
//!
//! `cargo bench -p binance-sign --bench ratios -- --check` exits with 1 when a bound does not hold.

#[cfg(feature = "full")]
mod cases;
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
    let medians = medians(cases);
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
        println!("  {:34} {:>14} {:>6.2}{bounds}", case.name, time(*median), median / base);
    }
    println!();
    kept
}

/// The median of each case in nanoseconds.
#[cfg(feature = "full")]
fn medians(cases: &[cases::Case]) -> Vec<f64> {
    use std::time::{Duration, Instant};

    const SAMPLE: Duration = Duration::from_micros(100);
    const GROUP: Duration = Duration::from_secs(3);

    let once = |case: &cases::Case, times: u32| {
        let start = Instant::now();
        (0..times).for_each(|_| (case.run)());
        start.elapsed()
    };
    // How often a case has to run to fill a sample, counted when it is warm.
    let times: Vec<u32> = cases
        .iter()
        .map(|case| {
            once(case, 3);
            let one = once(case, 10).max(Duration::from_nanos(1)) / 10;
            u32::try_from(SAMPLE.as_nanos() / one.as_nanos().max(1)).unwrap_or(1).max(1)
        })
        .collect();
    let mut samples = vec![Vec::new(); cases.len()];
    let start = Instant::now();
    while start.elapsed() < GROUP || samples.first().is_some_and(|samples| samples.len() < 21) {
        for ((case, times), samples) in cases.iter().zip(&times).zip(&mut samples) {
            samples.push(once(case, *times).as_nanos() as f64 / f64::from(*times));
        }
    }
    samples
        .into_iter()
        .map(|mut samples| {
            samples.sort_by(f64::total_cmp);
            samples.get(samples.len() / 2).copied().unwrap_or(f64::NAN)
        })
        .collect()
}

/// A time in the unit that reads best.
#[cfg(feature = "full")]
fn time(nanos: f64) -> String {
    if nanos < 10_000.0 { format!("{nanos:.0} ns") } else { format!("{:.1} µs", nanos / 1_000.0) }
}
