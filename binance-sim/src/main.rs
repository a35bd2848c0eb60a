//! The exchange as a program: prints one line of JSON with its addresses and demo keys, and serves until interrupted.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    process::ExitCode,
    str::FromStr,
    time::Duration,
};

use binance_sim::{DemoKey, Fault, KeyKind, Recorder, Recording, Sim, SimBuilder};

const HELP: &str = "\
A Binance futures exchange on loopback, for tests.

Usage: binance-sim [--port PORT] [--seed N] [--config FILE] [--speed X] [--faults FILE] [--replay FILE] [--tls] ...
       binance-sim record --url URL --out FILE [--frames N] [--seconds N] [--trust FILE]

  --port PORT       TCP port; 0 (the default) takes a free one
  --listen ADDRESS  the address to listen on, in place of 127.0.0.1; whoever reaches it may do everything here
  --tls             https and wss, with a certificate that it makes for itself and prints
  --certificate FILE  writes that certificate here too, as PEM
  --config FILE     accounts, keys, balances, symbols, limits and more, as JSON; what comes after it counts more
  --faults FILE     what shall go wrong, as JSON
  --replay FILE     plays recorded frames back, in place of a market that moves
  --seed N          what the market's randomness begins with (default 1)
  --speed X         time runs X times as fast (0.001 to 1000)
  --skew MILLIS     how far the exchange's clock is ahead of the host's, behind when negative
  --manual          time stands still until POST /sim/advance?millis=N
  --quiet           nobody trades but clients
  --hedge           positions are kept as LONG and SHORT
  --help            this text

Prints one line of JSON when it serves, and serves until it is interrupted.

  record            writes what a stream says, for --replay, until it is interrupted or told enough
  --url URL         ws:// or wss://, with the names of the streams
  --out FILE        where to; - is the standard output
  --frames N        stops after so many frames
  --seconds N       stops after so long
  --trust FILE      trusts this certificate (PEM) in place of the public ones";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1).peekable();
    let parsed = if args.next_if(|arg| arg == "record").is_some() {
        parse_record(args).map(|job| job.map(Job::Record))
    } else {
        parse(args).map(|job| job.map(|(builder, certificate)| Job::Serve(Box::new(builder), certificate)))
    };
    let done = match parsed {
        Ok(Some(Job::Serve(builder, certificate))) => serve(*builder, certificate.as_deref()),
        Ok(Some(Job::Record((recorder, out)))) => record(&recorder, &out),
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("binance-sim: {message}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("binance-sim: {error}");
            ExitCode::FAILURE
        }
    }
}

enum Job {
    Serve(Box<SimBuilder>, Option<String>),
    Record((Recorder, String)),
}

/// One argument after another, with their values.
struct Args<I> {
    rest: I,
    name: String,
    joined: Option<String>,
}

impl<I: Iterator<Item = String>> Args<I> {
    const fn new(rest: I) -> Self {
        Self { rest, name: String::new(), joined: None }
    }

    /// The name of the next argument.
    fn next(&mut self) -> Option<String> {
        let arg = self.rest.next()?;
        (self.name, self.joined) = match arg.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (arg, None),
        };
        Some(self.name.clone())
    }

    fn value(&mut self) -> Result<String, String> {
        let value = self.joined.take().or_else(|| self.rest.next());
        value.ok_or_else(|| format!("{} needs a value", self.name))
    }

    fn number<T: FromStr>(&mut self) -> Result<T, String> {
        let value = self.value()?;
        value.parse().map_err(|_| format!("{}: {value} is not a number in range", self.name))
    }

    /// The text of the file that is named.
    fn file(&mut self) -> Result<String, String> {
        let path = self.value()?;
        fs::read_to_string(&path).map_err(|error| format!("{} {path}: {error}", self.name))
    }

    fn wrong(&self, what: impl std::fmt::Display) -> String {
        format!("{}: {what}", self.name)
    }
}

/// Reads the arguments; `None` when help is asked for. Gives where the certificate goes, too.
fn parse(args: impl Iterator<Item = String>) -> Result<Option<(SimBuilder, Option<String>)>, String> {
    let (mut builder, mut certificate) = (Sim::builder(), None);
    let mut args = Args::new(args);
    while let Some(name) = args.next() {
        builder = match name.as_str() {
            "--port" => builder.port(args.number()?),
            "--listen" => {
                let address = args.value()?;
                let address: std::net::IpAddr =
                    address.parse().map_err(|_| args.wrong(format!("{address} is no address")))?;
                if !address.is_loopback() {
                    eprintln!(
                        "binance-sim: warning: whoever reaches {address} may trade here, move time and read all requests"
                    );
                }
                builder.listen(address)
            }
            #[cfg(feature = "tls")]
            "--tls" => builder.tls(),
            "--certificate" => {
                certificate = Some(args.value()?);
                builder
            }
            "--config" => builder.config(&args.file()?).map_err(|error| match error {
                binance_sim::ConfigError::Fault(fault) => args.wrong(fault),
                error => args.wrong(error),
            })?,
            "--faults" => {
                let faults = Fault::from_json(&args.file()?).map_err(|error| args.wrong(error))?;
                faults.into_iter().fold(builder, SimBuilder::fault)
            }
            "--replay" => builder.replay(Recording::parse(&args.file()?).map_err(|error| args.wrong(error))?),
            "--seed" => builder.seed(args.number()?),
            "--speed" => {
                let speed: f64 = args.number()?;
                if !(0.001..=1_000.0).contains(&speed) {
                    return Err(args.wrong(format!("{speed} is not a number in range")));
                }
                builder.speed(speed)
            }
            "--skew" => builder.clock_skew(args.number()?),
            "--manual" => builder.manual_time(),
            "--quiet" => builder.quiet(),
            "--hedge" => builder.hedge_mode(),
            "--help" | "-h" => return Ok(None),
            _ => return Err(format!("unknown argument {name}")),
        };
    }
    Ok(Some((builder, certificate)))
}

/// Reads the arguments of `record`; `None` when help is asked for.
fn parse_record(args: impl Iterator<Item = String>) -> Result<Option<(Recorder, String)>, String> {
    let (mut recorder, mut out) = (None, None);
    let (mut frames, mut time, mut trusted) = (u64::MAX, None, None);
    let mut args = Args::new(args);
    while let Some(name) = args.next() {
        match name.as_str() {
            "--url" => recorder = Some(Recorder::new(&args.value()?).map_err(|error| args.wrong(error))?),
            "--out" => out = Some(args.value()?),
            "--frames" => frames = args.number()?,
            "--seconds" => time = Some(Duration::from_secs(args.number()?)),
            "--trust" => trusted = Some(args.file()?),
            "--help" | "-h" => return Ok(None),
            _ => return Err(format!("unknown argument {name}")),
        }
    }
    let mut recorder = recorder.ok_or("record needs --url")?.frames(frames);
    if let Some(time) = time {
        recorder = recorder.time(time);
    }
    if let Some(trusted) = trusted {
        recorder = recorder.trust(&trusted);
    }
    Ok(Some((recorder, out.ok_or("record needs --out")?)))
}

fn record(recorder: &Recorder, out: &str) -> io::Result<()> {
    // Line by line, so that nothing is lost when it is interrupted.
    let count = match out {
        "-" => recorder.run(io::stdout().lock())?,
        path => recorder.run(io::LineWriter::new(BufWriter::new(File::create(path)?)))?,
    };
    eprintln!("binance-sim: {count} frames");
    Ok(())
}

fn serve(builder: SimBuilder, certificate: Option<&str>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    // Before anybody can know that it serves, so that no interrupt is missed.
    let interrupted = runtime.block_on(async { interrupt() })?;
    let sim = builder.start()?;
    if let (Some(path), Some(pem)) = (certificate, sim.certificate()) {
        fs::write(path, pem)?;
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{}", line(&sim))?;
    out.flush()?;
    drop(out);
    runtime.block_on(interrupted);
    // Closes the port and every socket.
    drop(sim);
    Ok(())
}

/// Waits for an interrupt, or for being told to end.
#[cfg(unix)]
fn interrupt() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut end) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = end.recv() => {}
        }
    })
}

/// Waits for an interrupt.
#[cfg(not(unix))]
fn interrupt() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a way to be told, it serves until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// The one line: addresses and keys.
fn line(sim: &Sim) -> serde_json::Value {
    let (urls, keys) = (sim.urls(), sim.keys());
    let key = |key: &DemoKey| {
        let secret = match key.kind {
            KeyKind::Hmac => "secret",
            _ => "privateKey",
        };
        serde_json::json!({ "apiKey": key.api_key, "kind": key.kind.as_str(), secret: key.secret })
    };
    let mut line = serde_json::json!({
        "rest": urls.rest,
        "usdmStreams": urls.usdm_streams,
        "coinmStreams": urls.coinm_streams,
        "usdmApi": urls.usdm_api,
        "coinmApi": urls.coinm_api,
        "control": urls.control,
        "keys": [key(&keys.hmac), key(&keys.rsa), key(&keys.ed25519)],
    });
    if let Some(pem) = sim.certificate() {
        line["certificate"] = pem.into();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &str) -> Result<bool, String> {
        parse(args.split_whitespace().map(str::to_owned)).map(|job| job.is_some())
    }

    fn recorded(args: &str) -> Result<bool, String> {
        parse_record(args.split_whitespace().map(str::to_owned)).map(|job| job.is_some())
    }

    #[test]
    fn arguments_are_read_and_wrong_ones_named() {
        assert!(
            parsed("--port 0 --seed=7 --skew -5000 --manual --quiet --hedge --speed 10 --listen ::1")
                .unwrap()
        );
        assert!(!parsed("--seed 1 --help").unwrap());
        for (args, message) in [
            ("--port", "--port needs a value"),
            ("--port 70000", "--port: 70000 is not a number in range"),
            ("--seed x", "--seed: x is not a number in range"),
            ("--speed 0", "--speed: 0 is not a number in range"),
            ("--listen here", "--listen: here is no address"),
            ("--what", "unknown argument --what"),
        ] {
            assert_eq!(parsed(args).unwrap_err(), message);
        }
        assert!(recorded("--url ws://localhost:1/ws/a@b --out - --frames 5 --seconds 1").unwrap());
        for (args, message) in [
            ("--out -", "record needs --url"),
            ("--url ws://localhost/ws/a@b", "record needs --out"),
            ("--url http://localhost/", "--url: no URL of a stream, or of none by name"),
        ] {
            assert_eq!(recorded(args).unwrap_err(), message);
        }
    }
}
