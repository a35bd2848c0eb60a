//! Rounds of each contender in turn, many times, so that a slow phase of the machine meets all of them; and what they took.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each user needs a part of it, and stops when it fails"
)]

use std::{
    fs,
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

/// One contender and what was measured of it.
pub struct Measured {
    pub name: &'static str,
    ask: Box<dyn FnMut()>,
    times: Vec<Duration>,
    /// Of each round, the median time of a request and the CPU time of all.
    rounds: Vec<(Duration, Duration)>,
    pub allocations: u64,
}

impl Measured {
    /// What `ask` does is measured.
    pub fn new(name: &'static str, ask: Box<dyn FnMut()>) -> Self {
        Self { name, ask, times: Vec::new(), rounds: Vec::new(), allocations: 0 }
    }
}

/// What of one contender may be how many times as much as of another.
pub struct Goal {
    pub of: &'static str,
    pub to: &'static str,
    pub what: &'static str,
    pub value: fn(&(Duration, Duration)) -> Duration,
    pub most: f64,
}

/// Runs rounds of each contender in turn.
pub fn measure(measured: &mut [Measured], rounds: usize) {
    const BATCH: usize = 500;
    for _ in 0..rounds {
        for Measured { ask, times, rounds, allocations, .. } in &mut *measured {
            (0..20).for_each(|_| ask());
            let begun = cpu();
            let mut here: Vec<Duration> = Vec::with_capacity(BATCH);
            for _ in 0..BATCH {
                let begun = Instant::now();
                ask();
                here.push(begun.elapsed());
            }
            let cpu = (cpu() - begun) / BATCH as u32;
            rounds.push((median(&mut here), cpu));
            times.extend(here);
            *allocations = allocation_counter::measure(&mut *ask).count_total;
        }
    }
}

pub fn print(what: &str, measured: &mut [Measured]) {
    println!("{what:8} {:24} {:>9} {:>9} {:>9} {:>7}", "", "p50 µs", "p99 µs", "CPU µs", "allocs");
    for Measured { name, times, rounds, allocations, .. } in measured {
        times.sort_unstable();
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        let at = |percent: usize| micros(times[times.len() * percent / 100]);
        let cpu = rounds.iter().map(|(_, cpu)| micros(*cpu)).sum::<f64>() / rounds.len() as f64;
        println!("{:8} {name:24} {:9.1} {:9.1} {cpu:9.1} {allocations:7}", "", at(50), at(99));
    }
}

/// Whether each goal is met for which both were measured; prints which.
pub fn judge(measured: &[Measured], goals: &[Goal]) -> bool {
    let find = |name: &str| measured.iter().find(|measured| measured.name == name);
    let mut met = true;
    for Goal { of, to, what, value, most } in goals {
        let (Some(one), Some(other)) = (find(of), find(to)) else { continue };
        let ratio = undisturbed(one, *value) / undisturbed(other, *value);
        let word = if ratio <= *most { "met" } else { "MISSED" };
        println!("{what} of {of} to {to}: {ratio:.3}, at most {most:.2}: {word}");
        met &= ratio <= *most;
    }
    met
}

/// Of the rounds of one contender, one that few were faster than: what else runs on the machine only ever adds.
fn undisturbed(measured: &Measured, value: fn(&(Duration, Duration)) -> Duration) -> f64 {
    let mut values: Vec<Duration> = measured.rounds.iter().map(value).collect();
    values.sort_unstable();
    values[values.len() / 8].as_secs_f64()
}

pub fn median<V: Copy + PartialOrd>(values: &mut [V]) -> V {
    values.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap());
    values[values.len() / 2]
}

/// The CPU time of this thread.
fn cpu() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0);
    Duration::from_nanos(nanos)
}

/// What a benchmark was asked for.
pub struct Asked {
    arguments: Vec<String>,
    pub rounds: usize,
}

impl Asked {
    /// From the command line. A benchmark, unless asked not to be, is run again on one CPU: then all is done, and this is how
    /// it ended.
    pub fn of_this_run() -> Result<Self, ExitCode> {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let mut asked = Self { arguments, rounds: 1 };
        if asked.has("--bench") {
            // A test of the benchmark itself takes little.
            asked.rounds = 40;
            if !asked.has("--unpinned") {
                println!("client and server on one CPU:");
                match on_one_cpu(&asked.arguments) {
                    Some(true) => return Err(ExitCode::SUCCESS),
                    Some(false) => return Err(ExitCode::FAILURE),
                    None => println!("taskset is not there, so on any CPU:"),
                }
            }
        }
        Ok(asked)
    }

    pub fn has(&self, argument: &str) -> bool {
        self.arguments.iter().any(|other| other == argument)
    }

    /// Whether this contender is to run: all are, or those that a part of the name is given of.
    pub fn wants(&self, name: &str) -> bool {
        let mut parts = self.arguments.iter().filter(|argument| !argument.starts_with("--")).peekable();
        parts.peek().is_none() || parts.any(|part| name.contains(part.as_str()))
    }
}

/// Runs this program again on one CPU. Gives whether it went well, or `None` where it cannot.
fn on_one_cpu(arguments: &[String]) -> Option<bool> {
    let program = std::env::current_exe().ok()?;
    let mut command = Command::new("taskset");
    let status = command.args(["-c", "0"]).arg(program).args(arguments).arg("--unpinned").status();
    status.ok().map(|status| status.success())
}
