//! Recorded frames, and playing them back in place of the generator.

use std::{collections::HashMap, error::Error, fmt, sync::Arc};

use binance_core::endpoint::Market;
use serde_json::value::RawValue;

/// Frames of streams with the times they came at, to be played back by [`SimBuilder::replay`].
///
/// As text it is one line of JSON for each frame, as [`Recorder`](crate::Recorder) writes it:
///
/// ```
/// let text = r#"{"time":1767225600123,"market":"usdm","stream":"btcusdt@aggTrade","data":{"e":"aggTrade"}}"#;
/// let recording = binance_sim::Recording::parse(text)?;
/// assert_eq!(recording.frames()[0].to_string(), text);
/// # Ok::<(), binance_sim::RecordingError>(())
/// ```
///
/// [`SimBuilder::replay`]: crate::SimBuilder::replay
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording(Arc<[RecordedFrame]>);

/// One frame of a recording. It displays as its line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedFrame {
    /// When it came, in milliseconds since 1970.
    pub time: i64,
    /// Which market's host it came from.
    pub market: Market,
    /// The name of its stream; `userData` for user data, whatever the listen key was.
    pub stream: String,
    /// Its text, without the wrapping of combined streams.
    pub data: String,
}

impl Recording {
    /// Reads lines of JSON; empty ones are skipped.
    ///
    /// # Errors
    /// Names the first line that is no frame, or whose time is before that of the line above.
    pub fn parse(text: &str) -> Result<Self, RecordingError> {
        let mut frames: Vec<RecordedFrame> = Vec::new();
        for (line, number) in text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()) {
            let frame = RecordedFrame::parse(line).ok_or(RecordingError { line: number })?;
            if frames.last().is_some_and(|last| last.time > frame.time) {
                return Err(RecordingError { line: number });
            }
            frames.push(frame);
        }
        Ok(Self(frames.into()))
    }

    /// The frames, oldest first.
    pub fn frames(&self) -> &[RecordedFrame] {
        &self.0
    }
}

impl RecordedFrame {
    fn parse(line: &str) -> Option<Self> {
        let fields: HashMap<&str, &RawValue> = serde_json::from_str(line).ok()?;
        let text = |name: &str| serde_json::from_str::<String>(fields.get(name)?.get()).ok();
        Some(Self {
            time: fields.get("time")?.get().parse().ok()?,
            market: match text("market")?.as_str() {
                "usdm" => Market::UsdM,
                "coinm" => Market::CoinM,
                _ => return None,
            },
            stream: text("stream")?,
            data: fields.get("data")?.get().to_owned(),
        })
    }
}

impl fmt::Display for RecordedFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let market = market_name(self.market);
        let mut stream = String::new();
        crate::json::Write::write(&self.stream, &mut stream);
        let (time, data) = (self.time, &self.data);
        write!(f, "{{\"time\":{time},\"market\":\"{market}\",\"stream\":{stream},\"data\":{data}}}")
    }
}

pub(crate) const fn market_name(market: Market) -> &'static str {
    match market {
        Market::UsdM => "usdm",
        Market::CoinM => "coinm",
    }
}

/// A line that is no frame of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordingError {
    /// Its number, from 1.
    pub line: usize,
}

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} is no frame, or older than the line above", self.line)
    }
}

impl Error for RecordingError {}

/// A recording that is played.
#[derive(Debug)]
pub(crate) struct Replay {
    recording: Recording,
    next: usize,
    /// The market's time when the first frame was due.
    begun: Option<i64>,
}

impl Replay {
    pub(crate) const fn new(recording: Recording) -> Self {
        Self { recording, next: 0, begun: None }
    }

    /// Somebody listens: the first frame is due now.
    pub(crate) fn begin(&mut self, now: i64) {
        self.begun.get_or_insert(now);
    }

    /// Whether a stream is in the recording.
    pub(crate) fn has(&self, stream: &str) -> bool {
        self.recording.frames().iter().any(|frame| frame.stream == stream)
    }

    /// The next frame that is due.
    pub(crate) fn due(&mut self, now: i64) -> Option<RecordedFrame> {
        let frames = self.recording.frames();
        let (first, frame) = (frames.first()?, frames.get(self.next)?);
        if now.saturating_sub(self.begun?) < frame.time.saturating_sub(first.time) {
            return None;
        }
        self.next += 1;
        Some(frame.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = r#"{"time":100,"market":"usdm","stream":"a@b","data":{"x": 1.50}}

{"stream":"c@d","data":[1],"time":350,"market":"coinm"}
"#;

    #[test]
    fn lines_are_read_and_wrong_ones_are_counted() {
        let recording = Recording::parse(LINES).unwrap();
        assert_eq!(recording.frames()[0].data, r#"{"x": 1.50}"#, "to the byte");
        assert_eq!(recording.frames()[1].market, Market::CoinM);
        let text: String = recording.frames().iter().map(|frame| format!("{frame}\n")).collect();
        assert_eq!(Recording::parse(&text), Ok(recording));
        for wrong in [
            "x",
            "{}",
            r#"{"time":99,"market":"usdm","stream":"a","data":1}"#,
            r#"{"time":400,"market":"spot","stream":"a","data":1}"#,
            r#"{"time":"400","market":"usdm","stream":"a","data":1}"#,
        ] {
            assert_eq!(
                Recording::parse(&format!("{LINES}{wrong}")),
                Err(RecordingError { line: 4 }),
                "{wrong}"
            );
        }
    }

    #[test]
    fn frames_are_due_as_far_apart_as_they_came() {
        let mut replay = Replay::new(Recording::parse(LINES).unwrap());
        assert_eq!(replay.due(9_000), None, "nobody listens");
        replay.begin(9_000);
        assert_eq!(replay.due(9_000).unwrap().stream, "a@b");
        assert_eq!(replay.due(9_249), None);
        assert_eq!(replay.due(9_250).unwrap().stream, "c@d");
        assert_eq!(replay.due(i64::MAX), None);
        assert!(replay.has("a@b") && !replay.has("a"));
    }
}
