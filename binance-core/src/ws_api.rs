//! The WebSocket API's form of parameters: sorted by name, not percent-encoded, as a payload to sign and as JSON.

use crate::{
    buf::Buf,
    decimal::Decimal,
    json::JsonObjects,
    param::{Full, Params, Sink, Value},
};

/// How many parameters a call can have, `apiKey`, `timestamp` and `recvWindow` included.
pub const MAX_PARAMS: usize = 32;

/// The parameters of one call, in the order of their names, which is the order in which they are signed.
///
/// ```
/// use binance_core::{param::Value, ws_api::Sorted};
/// let mut params = Sorted::new();
/// params.push("symbol", Value::Text("BTCUSDT"))?;
/// params.push("apiKey", Value::Text("key"))?;
/// params.push("timestamp", Value::Int(1))?;
/// let mut payload = Vec::new();
/// params.payload(&mut |piece| Ok(payload.extend_from_slice(piece)))?;
/// assert_eq!(payload, b"apiKey=key&symbol=BTCUSDT&timestamp=1");
/// # Ok::<(), binance_core::param::Full>(())
/// ```
#[derive(Clone)]
pub struct Sorted<'a> {
    params: heapless::Vec<(&'a str, Value<'a>), MAX_PARAMS>,
}

impl<'a> Sorted<'a> {
    /// No parameters yet.
    pub const fn new() -> Self {
        Self { params: heapless::Vec::new() }
    }

    /// Adds one parameter in its place.
    ///
    /// # Errors
    /// [`Full`] when there are [`MAX_PARAMS`] already.
    pub fn push(&mut self, name: &'a str, value: Value<'a>) -> Result<(), Full> {
        // Most tables are nearly sorted at their ends, so the place is looked for from there.
        let behind = self.params.iter().rev().take_while(|(other, _)| *other > name).count();
        let place = self.params.len() - behind;
        self.params.insert(place, (name, value)).map_err(|_| Full)
    }

    /// Adds all parameters of a request.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn extend(&mut self, params: &'a dyn Params) -> Result<(), Full> {
        params.visit(self)
    }

    /// Hands the text to sign, `name=value` joined by `&`, to `out` in pieces.
    ///
    /// # Errors
    /// Whatever `out` answers.
    pub fn payload(&self, out: &mut dyn FnMut(&[u8]) -> Result<(), Full>) -> Result<(), Full> {
        for (index, (name, value)) in self.params.iter().enumerate() {
            if index > 0 {
                out(b"&")?;
            }
            out(name.as_bytes())?;
            out(b"=")?;
            match *value {
                Value::Text(text) => out(text.as_bytes())?,
                Value::Int(int) => {
                    let mut digits = [0; 20];
                    let mut buf = Buf::new(&mut digits);
                    buf.int(int)?;
                    out(buf.as_bytes())?;
                }
                Value::Decimal(decimal) => out(decimal.encode(&mut [0; Decimal::MAX_LEN]).as_bytes())?,
                Value::Flag(flag) => out(if flag { b"true" } else { b"false" })?,
                list @ (Value::Ints(_) | Value::Texts(_) | Value::Objects(_)) => {
                    JsonObjects::new(out).value(list)?
                }
            }
        }
        Ok(())
    }

    /// Writes the fields of the JSON object `params`: whole numbers bare, everything else as text.
    ///
    /// # Errors
    /// [`Full`] when `json`'s output is.
    pub fn fields(&self, json: &mut JsonObjects<'_>) -> Result<(), Full> {
        self.params.iter().try_for_each(|(name, value)| json.field(name, *value))
    }
}

impl Default for Sorted<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Sink<'a> for Sorted<'a> {
    fn put(&mut self, name: &'a str, value: Value<'a>) -> Result<(), Full> {
        self.push(name, value)
    }
}
