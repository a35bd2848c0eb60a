//! Times next to each other, as a table with goals.

mod medians;

use std::hint::black_box;

use medians::{medians, time};

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
    let runs: Vec<&dyn Fn()> = cases.iter().map(|case| &*case.run).collect();
    let medians = medians(&runs);
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
