//! Times next to each other: the runs of a group take turns, round by round, so that a slow phase of the machine hits all of
//! them.

use std::time::{Duration, Instant};

/// The median of each in nanoseconds.
///
/// `--quick` takes a few samples only, and so does a program that is not run by `cargo bench`.
pub(crate) fn medians(runs: &[&dyn Fn()]) -> Vec<f64> {
    let given = |flag: &str| std::env::args().any(|arg| arg == flag);
    let (sample, group) = if given("--quick") || !given("--bench") {
        (Duration::from_micros(20), Duration::from_millis(20))
    } else {
        (Duration::from_micros(100), Duration::from_secs(2))
    };
    let once = |run: &dyn Fn(), times: u32| {
        let start = Instant::now();
        (0..times).for_each(|_| run());
        start.elapsed()
    };
    // How often each has to run to fill a sample, counted when it is warm.
    let times: Vec<u32> = runs
        .iter()
        .map(|run| {
            once(run, 3);
            let one = once(run, 10).max(Duration::from_nanos(10)) / 10;
            u32::try_from(sample.as_nanos() / one.as_nanos().max(1)).unwrap_or(1).max(1)
        })
        .collect();
    let mut samples = vec![Vec::new(); runs.len()];
    let start = Instant::now();
    while start.elapsed() < group || samples.first().is_some_and(|samples| samples.len() < 5) {
        for ((run, times), samples) in runs.iter().zip(&times).zip(&mut samples) {
            samples.push(once(run, *times).as_nanos() as f64 / f64::from(*times));
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
pub(crate) fn time(nanos: f64) -> String {
    if nanos < 10_000.0 { format!("{nanos:.0} ns") } else { format!("{:.1} µs", nanos / 1_000.0) }
}
