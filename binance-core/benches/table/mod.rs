//! Times next to each other: the cases of a group run in turn, round by round, so that a slow phase of the machine hits
//! all of them.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// One way to read a text.
pub struct Case<'a> {
    name: &'static str,
    run: Box<dyn Fn() + 'a>,
    /// How many times as fast it must be as which other case.
    goals: Vec<(f64, &'static str)>,
    /// How many MB a second it must read, and whether it may allocate.
    rate: f64,
    no_allocs: bool,
}

impl<'a> Case<'a> {
    /// `read` reads the text and answers something that cannot be had without reading all of it.
    pub fn new<T>(name: &'static str, read: impl Fn() -> T + 'a) -> Self {
        let run = Box::new(move || _ = black_box(&read()));
        Self { name, run, goals: Vec::new(), rate: 0.0, no_allocs: false }
    }

    /// It must be `times` as fast as the case `other`, and allocate nothing.
    pub fn at_least(mut self, times: f64, other: &'static str) -> Self {
        self.goals.push((times, other));
        self.no_allocs = true;
        self
    }

    /// It must read so many MB a second.
    pub fn rate(mut self, rate: f64) -> Self {
        self.rate = rate;
        self
    }
}

/// Prints the table of one group: for each case the median time, what that is of the text a second, the allocations,
/// how many times the time of the first case it is, and its goals. Answers whether they are reached.
///
/// `--quick` takes a few samples only, and so does a run that is no `cargo bench`. Any other word leaves out the groups
/// whose names have it not.
pub fn group(name: &str, bytes: usize, cases: &[Case<'_>]) -> bool {
    if std::env::args().skip(1).any(|arg| !arg.starts_with("--") && !name.contains(&arg)) {
        return true;
    }
    let medians = medians(cases);
    let first = medians.first().copied().unwrap_or(1.0);
    let of = |name: &str| {
        cases.iter().zip(&medians).find(|(case, _)| case.name == name).map_or(f64::NAN, |(_, median)| *median)
    };
    println!("{name}, {bytes} bytes");
    println!("  {:40} {:>12} {:>8} {:>7} {:>7}", "", "median", "MB/s", "allocs", "times");
    let mut reached = true;
    let mut goal = |got: f64, least: f64, what: &str| {
        reached &= got >= least;
        format!("  {got:.2} {what}, {} {least};", if got >= least { "at least" } else { "LESS THAN" })
    };
    for (case, median) in cases.iter().zip(&medians) {
        let allocations = allocation_counter::measure(&case.run).count_total;
        let rate = bytes as f64 * 1_000.0 / median;
        let mut goals = String::new();
        for (least, other) in &case.goals {
            goals += &goal(of(other) / median, *least, &format!("times as fast as {other}"));
        }
        if case.rate > 0.0 {
            goals += &goal(rate, case.rate, "MB/s");
        }
        if case.no_allocs && allocations > 0 {
            goals += &goal(-(allocations as f64), 0.0, "allocations");
        }
        println!(
            "  {:40} {:>12} {rate:>8.0} {allocations:>7} {:>7.2}{goals}",
            case.name,
            time(*median),
            median / first
        );
    }
    println!();
    reached
}

/// Ends the program, with 1 where a goal was to be checked (`--check`) and is not reached.
pub fn end(reached: bool) -> ! {
    let check = std::env::args().any(|arg| arg == "--check");
    std::process::exit(i32::from(check && !reached))
}

/// The median of each case in nanoseconds.
fn medians(cases: &[Case<'_>]) -> Vec<f64> {
    let given = |flag: &str| std::env::args().any(|arg| arg == flag);
    let quick = given("--quick") || !given("--bench");
    let (sample, group) = match quick {
        true => (Duration::from_micros(20), Duration::from_millis(20)),
        false => (Duration::from_micros(100), Duration::from_secs(2)),
    };
    let once = |case: &Case<'_>, times: u32| {
        let start = Instant::now();
        (0..times).for_each(|_| (case.run)());
        start.elapsed()
    };
    // How often a case has to run to fill a sample, counted when it is warm.
    let times: Vec<u32> = cases
        .iter()
        .map(|case| {
            once(case, 3);
            let one = once(case, 10).max(Duration::from_nanos(10)) / 10;
            u32::try_from(sample.as_nanos() / one.as_nanos().max(1)).unwrap_or(1).max(1)
        })
        .collect();
    let mut samples = vec![Vec::new(); cases.len()];
    let start = Instant::now();
    while start.elapsed() < group || samples.first().is_some_and(|samples| samples.len() < 5) {
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
fn time(nanos: f64) -> String {
    if nanos < 10_000.0 { format!("{nanos:.0} ns") } else { format!("{:.1} µs", nanos / 1_000.0) }
}
