//! The exchange as a program: prints one line of JSON with its addresses and demo keys, and serves until interrupted.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use binance_sim::{DemoKey, Sim, SimBuilder};

const HELP: &str = "\
A Binance futures exchange on loopback, for tests.

Usage: binance-sim [--port PORT] [--seed N] [--skew MILLIS] [--manual] [--quiet] [--hedge]

  --port PORT     TCP port on 127.0.0.1; 0 (the default) takes a free one
  --seed N        what the market's randomness begins with (default 1)
  --skew MILLIS   how far the exchange's clock is ahead of the host's, behind when negative
  --manual        time stands still until POST /sim/advance?millis=N
  --quiet         nobody trades but clients
  --hedge         positions are kept as LONG and SHORT
  --help          this text

Prints one line of JSON when it serves, and serves until it is interrupted.";

fn main() -> ExitCode {
    let builder = match parse(std::env::args().skip(1)) {
        Ok(Some(builder)) => builder,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("binance-sim: {message}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match serve(builder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("binance-sim: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Reads the arguments; `None` when help is asked for.
fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<SimBuilder>, String> {
    let mut builder = Sim::builder();
    while let Some(arg) = args.next() {
        let (name, joined) = match arg.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (arg.as_str(), None),
        };
        let mut value =
            || joined.clone().or_else(|| args.next()).ok_or_else(|| format!("{name} needs a value"));
        builder = match name {
            "--port" => builder.port(number(name, &value()?)?),
            "--seed" => builder.seed(number(name, &value()?)?),
            "--skew" => builder.clock_skew(number(name, &value()?)?),
            "--manual" => builder.manual_time(),
            "--quiet" => builder.quiet(),
            "--hedge" => builder.hedge_mode(),
            "--help" | "-h" => return Ok(None),
            _ => return Err(format!("unknown argument {arg}")),
        };
    }
    Ok(Some(builder))
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{name}: {value} is not a number in range"))
}

fn serve(builder: SimBuilder) -> io::Result<()> {
    let sim = builder.start()?;
    let mut out = io::stdout().lock();
    writeln!(out, "{}", line(&sim))?;
    out.flush()?;
    drop(out);
    // An interrupt ends the process, and the port with it.
    loop {
        std::thread::park();
    }
}

/// The one line: addresses and keys.
fn line(sim: &Sim) -> serde_json::Value {
    let (urls, keys) = (sim.urls(), sim.keys());
    let key = |key: &DemoKey| {
        let secret = match key.kind {
            binance_sim::KeyKind::Hmac => "secret",
            _ => "privateKey",
        };
        serde_json::json!({ "apiKey": key.api_key, "kind": key.kind.as_str(), secret: key.secret })
    };
    serde_json::json!({
        "rest": urls.rest,
        "usdmStreams": urls.usdm_streams,
        "coinmStreams": urls.coinm_streams,
        "control": urls.control,
        "keys": [key(&keys.hmac), key(&keys.rsa), key(&keys.ed25519)],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &str) -> Result<Option<SimBuilder>, String> {
        parse(args.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn arguments_are_read_and_wrong_ones_named() {
        assert!(parsed("--port 0 --seed=7 --skew -5000 --manual --quiet --hedge").unwrap().is_some());
        assert!(parsed("--seed 1 --help").unwrap().is_none());
        for (args, message) in [
            ("--port", "--port needs a value"),
            ("--port 70000", "--port: 70000 is not a number in range"),
            ("--seed x", "--seed: x is not a number in range"),
            ("--what", "unknown argument --what"),
        ] {
            assert_eq!(parsed(args).unwrap_err(), message);
        }
    }
}
