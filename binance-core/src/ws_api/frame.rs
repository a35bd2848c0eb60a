//! What is signed and what is sent: parameters sorted by name, not percent-encoded, as a payload to sign and as JSON.

use core::{cmp::Ordering, fmt};

use crate::{
    buf::{Buf, int_digits},
    decimal::Decimal,
    json::JsonObjects,
    param::{Full, Params, Sink, Value},
    stream::Id,
    word::eight_bytes,
};

/// What takes the pieces of a text.
pub type Out<'o> = dyn FnMut(&[u8]) -> Result<(), Full> + 'o;

/// What writes the object of a call's parameters.
pub type WriteParams<'p> = dyn Fn(&mut Out<'_>) -> Result<(), Full> + 'p;

/// Writes the frame of a call, in pieces: `{"id":7,"method":"order.place","params":{…}}`.
///
/// `params` writes the object of the parameters: [`Sorted::write`], or what a signature was added to. `None` leaves them
/// out, which is for methods that have none.
///
/// The frame is as long as the object of its parameters, the id, the method, and at most 32 bytes.
///
/// ```
/// use binance_core::{stream::Id, ws_api::{Sorted, write_frame}, param::Value};
/// let mut params = Sorted::new();
/// params.push("symbol", Value::Text("BTCUSDT"))?;
/// let mut frame = Vec::new();
/// let out = &mut |piece: &[u8]| Ok(frame.extend_from_slice(piece));
/// write_frame(Id::Number(7), "depth", Some(&|out| params.write(out)), out)?;
/// assert_eq!(frame, br#"{"id":7,"method":"depth","params":{"symbol":"BTCUSDT"}}"#);
/// # Ok::<(), binance_core::param::Full>(())
/// ```
///
/// # Errors
/// What `out` answers.
pub fn write_frame(
    id: Id<'_>,
    method: &str,
    params: Option<&WriteParams<'_>>,
    out: &mut Out<'_>,
) -> Result<(), Full> {
    match params {
        Some(params) => {
            write_frame_start(id, method, out)?;
            params(out)?;
        }
        None => write_id_and_method(id, method, out)?,
    }
    out(b"}")
}

/// Writes the frame of a call up to its parameters: their object and a `}` have to follow.
///
/// # Errors
/// What `out` answers.
pub fn write_frame_start<O: FnMut(&[u8]) -> Result<(), Full> + ?Sized>(
    id: Id<'_>,
    method: &str,
    out: &mut O,
) -> Result<(), Full> {
    write_id_and_method(id, method, out)?;
    out(b",\"params\":")
}

fn write_id_and_method<O: FnMut(&[u8]) -> Result<(), Full> + ?Sized>(
    id: Id<'_>,
    method: &str,
    out: &mut O,
) -> Result<(), Full> {
    out(b"{\"id\":")?;
    match id {
        Id::Number(number) => {
            let mut digits = [0; 20];
            let mut buf = Buf::new(&mut digits);
            match i64::try_from(number) {
                Ok(number) => buf.int(number)?,
                Err(_) => fmt::Write::write_fmt(&mut buf, format_args!("{number}")).map_err(|_| Full)?,
            }
            out(buf.as_bytes())?;
        }
        // As it stands between its quotes.
        Id::Text(text) => {
            out(b"\"")?;
            out(text.as_bytes())?;
            out(b"\"")?;
        }
    }
    out(b",\"method\":\"")?;
    out(method.as_bytes())?;
    out(b"\"")
}

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
    /// Their order: the first bytes of each name, and where it is among them.
    order: heapless::Vec<(u64, u8), MAX_PARAMS>,
}

impl<'a> Sorted<'a> {
    /// No parameters yet.
    pub const fn new() -> Self {
        Self { params: heapless::Vec::new(), order: heapless::Vec::new() }
    }

    /// Adds one parameter in its place.
    ///
    /// # Errors
    /// [`Full`] when there are [`MAX_PARAMS`] already.
    pub fn push(&mut self, name: &'a str, value: Value<'a>) -> Result<(), Full> {
        let start = start_of(name);
        let is_behind = |&&(other, index): &&(u64, u8)| match other.cmp(&start) {
            Ordering::Equal => self.params.get(usize::from(index)).is_some_and(|(other, _)| *other > name),
            order => order.is_gt(),
        };
        let behind = self.order.iter().rev().take_while(is_behind).count();
        let index = u8::try_from(self.params.len()).map_err(|_| Full)?;
        self.params.push((name, value)).map_err(|_| Full)?;
        self.order.insert(self.order.len() - behind, (start, index)).map_err(|_| Full)
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
    pub fn payload<O: FnMut(&[u8]) -> Result<(), Full> + ?Sized>(&self, out: &mut O) -> Result<(), Full> {
        for (index, (name, value)) in self.in_order().enumerate() {
            if index > 0 {
                out(b"&")?;
            }
            out(name.as_bytes())?;
            out(b"=")?;
            match *value {
                Value::Text(text) => out(text.as_bytes())?,
                Value::Int(int) => out(int_digits(int, &mut [0; 20]))?,
                Value::Decimal(decimal) => out(decimal.encode_bytes(&mut [0; Decimal::MAX_LEN]))?,
                Value::Flag(flag) => out(if flag { b"true" } else { b"false" })?,
                list @ (Value::Ints(_) | Value::Texts(_) | Value::Objects(_)) => {
                    JsonObjects::new(out).value(list)?
                }
            }
        }
        Ok(())
    }

    /// Writes the JSON object that goes under `params` where nothing is to be signed, in pieces.
    ///
    /// # Errors
    /// What `out` answers.
    pub fn write<O: FnMut(&[u8]) -> Result<(), Full> + ?Sized>(&self, out: &mut O) -> Result<(), Full> {
        let mut json = JsonObjects::new(out);
        json.begin()?;
        self.fields(&mut json)?;
        json.end()
    }

    /// Writes the fields of the JSON object `params`: whole numbers bare, everything else as text.
    ///
    /// # Errors
    /// [`Full`] when `json`'s output is.
    pub fn fields<O: FnMut(&[u8]) -> Result<(), Full> + ?Sized>(
        &self,
        json: &mut JsonObjects<'_, O>,
    ) -> Result<(), Full> {
        self.in_order().try_for_each(|(name, value)| json.field(name, *value))
    }

    fn in_order(&self) -> impl Iterator<Item = &(&'a str, Value<'a>)> {
        self.order.iter().filter_map(|(_, index)| self.params.get(usize::from(*index)))
    }
}

/// The first eight bytes of a name, to be compared as a number: names are compared by all of their bytes where these are
/// the same.
fn start_of(name: &str) -> u64 {
    eight_bytes(name.as_bytes()).swap_bytes()
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
