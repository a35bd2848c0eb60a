//! A call as it is sent, and what of it is signed: parameters as JSON, and sorted by name and not percent-encoded.

use core::{cell::Cell, fmt, mem};

use crate::{
    buf::Buf,
    json::{JsonObjects, escape_text, is_plain},
    param::{Full, Params, Sink, Value},
    stream::Id,
    word::eight_bytes,
};

/// How many parameters a call can have, `apiKey`, `timestamp` and `recvWindow` included, `signature` not.
pub const MAX_PARAMS: usize = 32;

/// The frame of a call, `{"id":7,"method":"order.place","params":{…}}`, while it is written.
///
/// A parameter is written as it is given: whole numbers bare, everything else as text. What is signed,
/// [`payload`](Self::payload), are the same texts and digits once more, in the order of their names.
///
/// The frame is as long as the object of its parameters, the id, the method, and at most 32 bytes.
///
/// ```
/// use binance_core::{buf::Buf, param::Value, stream::Id, ws_api::Frame};
/// let mut room = [0; 128];
/// let mut out = Buf::new(&mut room);
/// let mut frame = Frame::new(Id::Number(7), "ticker.price", &mut out)?;
/// frame.push("symbol", Value::Text("BTCUSDT"))?;
/// frame.push("apiKey", Value::Text("key"))?;
///
/// let mut room = [0; 64];
/// let mut payload = Buf::new(&mut room);
/// frame.payload(&mut payload)?;
/// assert_eq!(payload.as_bytes(), b"apiKey=key&symbol=BTCUSDT");
///
/// frame.end()?;
/// assert_eq!(
///     out.as_bytes(),
///     br#"{"id":7,"method":"ticker.price","params":{"symbol":"BTCUSDT","apiKey":"key"}}"#,
/// );
/// # Ok::<(), binance_core::param::Full>(())
/// ```
#[must_use = "a frame is whole when it is ended"]
pub struct Frame<'a, 'o, 'b> {
    out: &'o mut Buf<'b>,
    fields: heapless::Vec<Field<'a>, MAX_PARAMS>,
    /// Of each field the first seven bytes of its name, and, in the lowest, which it is: sorted, so far as these tell.
    order: [u64; MAX_PARAMS],
}

struct Field<'a> {
    name: &'a str,
    text: Text<'a>,
}

enum Text<'a> {
    Given(&'a str),
    /// It stands in the frame, there.
    Written {
        start: usize,
        end: usize,
    },
}

/// Where the index is in a key.
const INDEX: u64 = 0xff;

/// What stands before the first parameter.
const PARAMS: &[u8] = b",\"params\":{";

impl<'a, 'o, 'b> Frame<'a, 'o, 'b> {
    /// Begins a frame behind what `out` already holds.
    ///
    /// # Errors
    /// [`Full`] when there is no room.
    #[inline]
    pub fn new(id: Id<'_>, method: &str, out: &'o mut Buf<'b>) -> Result<Self, Full> {
        begin(id, method, out)?;
        Ok(Self { out, fields: heapless::Vec::new(), order: [0; MAX_PARAMS] })
    }

    /// Adds one parameter.
    ///
    /// # Errors
    /// [`Full`] when there is no room, or there are [`MAX_PARAMS`] already. Then the frame is as it was.
    pub fn push(&mut self, name: &'a str, value: Value<'a>) -> Result<(), Full> {
        let (index, start) = (self.fields.len(), self.out.len());
        let written = if index < MAX_PARAMS { write(self.out, name, value) } else { Err(Full) };
        let text = written.inspect_err(|Full| self.out.truncate(start))?;
        self.fields.push(Field { name, text }).map_err(|_| Full)?;
        // Here rather than when all are there: it is done while the text is on its way.
        let mut key = eight_bytes(name.as_bytes()).swap_bytes() & !INDEX | index as u64;
        for place in self.order.iter_mut().take(index) {
            if *place > key {
                mem::swap(place, &mut key);
            }
        }
        if let Some(place) = self.order.get_mut(index) {
            *place = key;
        }
        Ok(())
    }

    /// Adds all parameters of a request.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn extend(&mut self, params: &'a dyn Params) -> Result<(), Full> {
        params.visit(self)
    }

    /// Writes the text to sign: `name=value` joined by `&`, sorted by name, nothing escaped or encoded. Room needed: one byte
    /// more than it has.
    ///
    /// # Errors
    /// [`Full`] when there is no room for it.
    pub fn payload(&self, out: &mut Buf<'_>) -> Result<(), Full> {
        self.sorted(|name, text| out.short_pieces([name, b"=", text, b"&"]))?;
        // The last `&`.
        out.truncate(out.len().saturating_sub(usize::from(!self.fields.is_empty())));
        Ok(())
    }

    /// Hands the text to sign to `out`, in pieces.
    ///
    /// # Errors
    /// None: it is what writes into a buffer that may be full.
    pub fn feed(&self, out: &mut dyn FnMut(&[u8])) -> Result<(), Full> {
        let mut first = true;
        self.sorted(|name, text| {
            if !mem::take(&mut first) {
                out(b"&");
            }
            out(name);
            out(b"=");
            out(text);
            Ok(())
        })
    }

    /// Hands the name and the text of each to `each`, sorted by name.
    #[inline]
    fn sorted(&self, mut each: impl FnMut(&[u8], &[u8]) -> Result<(), Full>) -> Result<(), Full> {
        let len = self.fields.len();
        let mut by_name;
        let mut order = self.order.get(..len).unwrap_or_default();
        if order.windows(2).any(|pair| matches!(pair, [one, other] if (one ^ other) & !INDEX == 0)) {
            by_name = self.order;
            let all = by_name.get_mut(..len).unwrap_or_default();
            self.sort_by_name(all);
            order = all;
        }
        for field in order.iter().filter_map(|key| self.field(*key)) {
            let text = match field.text {
                Text::Given(text) => text.as_bytes(),
                Text::Written { start, end } => self.out.as_bytes().get(start..end).unwrap_or_default(),
            };
            each(field.name.as_bytes(), text)?;
        }
        Ok(())
    }

    /// For names that begin with the same seven bytes; those that are the same stay in the order they were given in.
    #[cold]
    fn sort_by_name(&self, order: &mut [u64]) {
        let name = |key: &Cell<u64>| self.field(key.get()).map(|field| field.name);
        let order = Cell::from_mut(order).as_slice_of_cells();
        for _ in order {
            for pair in order.windows(2) {
                if let [one, other] = pair
                    && name(one) > name(other)
                {
                    one.swap(other);
                }
            }
        }
    }

    fn field(&self, key: u64) -> Option<&Field<'a>> {
        self.fields.get((key & INDEX) as usize)
    }

    /// Ends the frame of a call that needs no signature.
    ///
    /// # Errors
    /// [`Full`] when there is no room.
    pub fn end(self) -> Result<(), Full> {
        // In place of the last comma, or of the object that stayed empty.
        let (unused, end): (usize, &[u8]) =
            if self.fields.is_empty() { (PARAMS.len(), b"}") } else { (1, b"}}") };
        self.out.truncate(self.out.len().saturating_sub(unused));
        self.out.bytes(end)
    }

    /// Adds the signature, and ends the frame. `sign` writes it to the start of the room it is given, and answers how long it
    /// is: hex or base64, of which nothing is to be escaped.
    ///
    /// # Errors
    /// [`Full`] when there is no room, and what `sign` answers.
    #[inline]
    pub fn end_signed<E: From<Full>>(
        self,
        sign: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        self.out.bytes(b"\"signature\":\"")?;
        self.out.fill_with(sign)?;
        Ok(self.out.bytes(b"\"}}")?)
    }
}

impl<'a> Sink<'a> for Frame<'a, '_, '_> {
    fn put(&mut self, name: &'a str, value: Value<'a>) -> Result<(), Full> {
        self.push(name, value)
    }
}

/// `Debug` shows nothing of what is in it.
impl fmt::Debug for Frame<'_, '_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame({} bytes)", self.out.len())
    }
}

fn begin(id: Id<'_>, method: &str, out: &mut Buf<'_>) -> Result<(), Full> {
    out.bytes(b"{\"id\":")?;
    match id {
        Id::Number(number) => match i64::try_from(number) {
            Ok(number) => out.int(number)?,
            Err(_) => fmt::Write::write_fmt(out, format_args!("{number}")).map_err(|_| Full)?,
        },
        // As it stands between its quotes.
        Id::Text(text) => out.pieces([b"\"", text.as_bytes(), b"\""])?,
    }
    out.pieces([b",\"method\":\"", method.as_bytes(), b"\"", PARAMS])
}

/// Writes one field, with a comma behind.
#[inline(always)]
fn write<'a>(out: &mut Buf<'_>, name: &str, value: Value<'a>) -> Result<Text<'a>, Full> {
    quoted(out, name, b"\":")?;
    Ok(match value {
        Value::Text(text) => {
            quoted(out, text, b"\",")?;
            Text::Given(text)
        }
        Value::Decimal(decimal) => {
            out.byte(b'"')?;
            let start = out.len();
            out.decimal(decimal)?;
            let end = out.len();
            out.bytes(b"\",")?;
            Text::Written { start, end }
        }
        Value::Int(int) => {
            let start = out.len();
            out.int(int)?;
            let end = out.len();
            out.byte(b',')?;
            Text::Written { start, end }
        }
        Value::Flag(flag) => {
            let text = if flag { "true" } else { "false" };
            out.pieces([b"\"", text.as_bytes(), b"\","])?;
            Text::Given(text)
        }
        Value::Ints(_) | Value::Texts(_) | Value::Objects(_) => list(out, value)?,
    })
}

/// Writes a list as JSON, in which form it is signed too.
#[cold]
fn list<'a>(out: &mut Buf<'_>, list: Value<'_>) -> Result<Text<'a>, Full> {
    let start = out.len();
    JsonObjects::new(&mut |piece: &[u8]| out.bytes(piece)).value(list)?;
    let end = out.len();
    out.byte(b',')?;
    Ok(Text::Written { start, end })
}

/// Writes `text` behind a quote, and `then`, which begins with the other.
#[inline(always)]
fn quoted(out: &mut Buf<'_>, text: &str, then: &'static [u8]) -> Result<(), Full> {
    if is_plain(text.as_bytes()) {
        return out.pieces([b"\"", text.as_bytes(), then]);
    }
    escaped(out, text, then)
}

#[cold]
fn escaped(out: &mut Buf<'_>, text: &str, then: &[u8]) -> Result<(), Full> {
    out.byte(b'"')?;
    escape_text(text, &mut |piece: &[u8]| out.bytes(piece))?;
    out.bytes(then)
}
