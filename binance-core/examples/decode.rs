//! Decodes a recorded reply or event into its type and prints it again with the exchange's field names.
//!
//! ```text
//! cargo run -q -p binance-core --example decode -- usdm rest POST /fapi/v1/order < reply.json
//! cargo run -q -p binance-core --example decode -- usdm stream btcusdt@aggTrade < event.json
//! cargo run -q -p binance-core --example decode -- coinm user < event.json
//! cargo run -q -p binance-core --example decode -- usdm ws-api order.place < frame.json
//! ```
//!
//! A stream is named as it is subscribed to, or as the exchange's pages do (`<symbol>@depth<levels>`); events of streams
//! that this version does not know are told by their tag. What the WebSocket API sends is the whole frame, or the result
//! alone.
//!
//! With `--drift` it lists instead the keys of the input that the type does not model (`unmodelled …`), and the
//! modelled keys that the input lacks (`missing …`), one a line. Exit code 1, with the byte offset and the cause, when
//! the input cannot be read; 2 when the call is wrong.

#[path = "decode/drift.rs"]
mod drift;
#[path = "decode/frame.rs"]
mod frame;

use std::{io::Read, process::ExitCode};

use binance_core::{
    CATALOG, Market, Method, ReplyVisitor, coinm, json,
    stream::{Incoming, STREAMS, StreamMeta},
    usdm,
    ws_api::{METHODS, Reply},
};
use serde::{Deserialize, Serialize};

const USAGE: &str = "usage: decode [--drift] usdm|coinm rest GET|POST|PUT|DELETE PATH
       decode [--drift] usdm|coinm stream NAME
       decode [--drift] usdm|coinm user
       decode [--drift] usdm|coinm ws-api METHOD
reads JSON from standard input";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut text = String::new();
    let shown = match std::io::stdin().read_to_string(&mut text) {
        Ok(_) => decode(&words, &text),
        Err(error) => Err((1, error.to_string())),
    };
    match shown {
        Ok(lines) => {
            print!("{lines}");
            ExitCode::SUCCESS
        }
        Err((code, cause)) => {
            eprintln!("{cause}");
            ExitCode::from(code)
        }
    }
}

/// What is printed for these words and this input, or the exit code and the cause.
pub(crate) fn decode(words: &[&str], text: &str) -> Result<String, (u8, String)> {
    let usage = || Err((2, USAGE.to_string()));
    let drift = words.contains(&"--drift");
    let words: Vec<&str> = words.iter().copied().filter(|word| *word != "--drift").collect();
    let (market, rest) = match words.as_slice() {
        ["usdm", rest @ ..] => (Market::UsdM, rest),
        ["coinm", rest @ ..] => (Market::CoinM, rest),
        _ => return usage(),
    };
    let show = Show { text, drift };
    let shown = match rest {
        ["rest", method, path] => {
            let Some(method) = method_of(method) else { return usage() };
            CATALOG
                .visit_reply(market, method, path, Body(show))
                .unwrap_or_else(|| Err(format!("no endpoint {} {path}", method.as_str())))
        }
        ["stream", name] => event(market, Some(name), show),
        ["user"] => event(market, None, show),
        ["ws-api", method] => METHODS
            .visit_result(market, method, Answer(show))
            .unwrap_or_else(|| Err(format!("no method {method}"))),
        _ => return usage(),
    };
    shown.map_err(|cause| (1, cause))
}

fn method_of(word: &str) -> Option<Method> {
    [Method::Get, Method::Post, Method::Put, Method::Delete]
        .into_iter()
        .find(|method| method.as_str() == word)
}

/// The input, and what is wanted of it.
#[derive(Clone, Copy)]
struct Show<'r> {
    text: &'r str,
    drift: bool,
}

impl Show<'_> {
    /// Prints a value, or its drift from the part `data` of the input.
    fn value(self, value: &impl Serialize, data: &str) -> Result<String, String> {
        let start = data.as_ptr() as usize - self.text.as_ptr() as usize;
        let drift = drift::of(value, data).map_err(|error| error.at(start))?;
        if self.drift {
            return Ok(drift);
        }
        // Nothing that is printed again is longer than what came, but for escapes that are not needed.
        let mut room = vec![0; self.text.len() * 6 + 1024];
        let printed = json::to_slice(value, &mut room).map_err(|error| error.to_string())?;
        Ok(format!("{printed}\n"))
    }
}

/// A reply of REST.
struct Body<'r>(Show<'r>);

impl<'r> ReplyVisitor<'r> for Body<'r> {
    type Output = Result<String, String>;

    fn visit<T>(self, read: fn(&'r [u8]) -> Result<T, json::Error>) -> Self::Output
    where
        T: Deserialize<'r> + Serialize + PartialEq + core::fmt::Debug + 'r,
    {
        let value = read(self.0.text.as_bytes()).map_err(|error| error.to_string())?;
        self.0.value(&value, self.0.text)
    }
}

/// A reply of the WebSocket API, or its result alone.
struct Answer<'r>(Show<'r>);

impl<'r> ReplyVisitor<'r> for Answer<'r> {
    type Output = Result<String, String>;

    fn visit<T>(self, read: fn(&'r [u8]) -> Result<T, json::Error>) -> Self::Output
    where
        T: Deserialize<'r> + Serialize + PartialEq + core::fmt::Debug + 'r,
    {
        let text = self.0.text;
        let Ok(reply) = Reply::parse(text) else { return Body(self.0).visit(read) };
        // The result is a part of the text, which lives longer than the reply does.
        let result = reply.result.as_ref().map_or("", |result| *result);
        let start = if result == "null" {
            0
        } else {
            (result.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
        };
        let frame =
            frame::Frame::read(&reply, |_| read(result.as_bytes()).map_err(|error| within(error, start)))?;
        self.0.value(&frame, text)
    }
}

/// One event of the stream or with the tag that told its type.
struct Data<'r>(Show<'r>, &'r str);

impl<'r> ReplyVisitor<'r> for Data<'r> {
    type Output = Result<String, String>;

    fn visit<T>(self, read: fn(&'r [u8]) -> Result<T, json::Error>) -> Self::Output
    where
        T: Deserialize<'r> + Serialize + PartialEq + core::fmt::Debug + 'r,
    {
        let start = self.1.as_ptr() as usize - self.0.text.as_ptr() as usize;
        let value = read(self.1.as_bytes()).map_err(|error| within(error, start))?;
        self.0.value(&value, self.1)
    }
}

/// An error in a part of the input that begins at `start`.
fn within(error: json::Error, start: usize) -> String {
    format!("byte {}: {error}", start + error.offset().unwrap_or_default())
}

/// An event, in the envelope of combined connections or without. `name` is the stream's name or pattern, `None` for
/// user data.
fn event(market: Market, name: Option<&str>, show: Show<'_>) -> Result<String, String> {
    let message = Incoming::parse(show.text).map_err(|error| error.to_string())?;
    let Incoming::Event { stream, data } = message else {
        return Err("byte 0: an answer to a command, not an event".into());
    };
    if let (Some(name), Some(stream)) = (name, stream)
        && !name.contains('<')
        && stream != name
    {
        return Err(format!("an event of {stream}, not of {name}"));
    }
    let start = data.as_ptr() as usize - show.text.as_ptr() as usize;
    let of_stream = name
        .and_then(|name| stream_named(market, name))
        // All of user data comes from one stream, and each kind has a tag.
        .filter(|stream| !stream.event.starts_with("Event"))
        .and_then(|stream| STREAMS.visit_events(stream, Data(show, data)));
    if let Some(shown) = of_stream {
        return shown;
    }
    let unknown = |tag: &str| format!("byte {start}: no event that this version knows: \"{tag}\"");
    match market {
        Market::UsdM => match usdm::Event::decode(data).map_err(|error| within(error, start))? {
            usdm::Event::Other { tag, .. } => Err(unknown(tag)),
            event => show.value(&event, data),
        },
        Market::CoinM => match coinm::Event::decode(data).map_err(|error| within(error, start))? {
            coinm::Event::Other { tag, .. } => Err(unknown(tag)),
            event => show.value(&event, data),
        },
    }
}

/// The stream of a name, or of a name as the exchange's pages have it.
fn stream_named(market: Market, name: &str) -> Option<&'static StreamMeta> {
    let parts = [
        ("<symbol>", if market == Market::UsdM { "btcusdt" } else { "btcusd_perp" }),
        ("<pair>", "btcusd"),
        ("<assetSymbol>", "btcusd"),
        ("<interval>", "1m"),
        ("<levels>", "5"),
        ("<contractType>", "perpetual"),
    ];
    let name = parts.iter().fold(name.to_string(), |name, (part, value)| name.replace(part, value));
    STREAMS.find(market, &name)
}
