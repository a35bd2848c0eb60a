//! One parameter table, visited by different sinks.
//!
//! A request hands its parameters, in the order of its declaration, to a [`Sink`]: the query sink
//! percent-encodes them ([`crate::query::Query`]), the JSON sink writes the objects of `batchOrders`
//! and the `params` of the WebSocket API ([`crate::ws_api`]), the sorted sink feeds the WebSocket
//! API's signing payload.

use core::fmt;

use crate::{decimal::Decimal, time::Millis};

/// The output had no room left. Each writer documents the room it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no room left in the output buffer")
    }
}

impl core::error::Error for Full {}

/// Takes the parameters of a request, one at a time.
pub trait Sink<'a> {
    /// Takes one parameter. `name` is the exact name on the wire.
    fn put(&mut self, name: &'a str, value: Value<'a>) -> Result<(), Full>;
}

/// Something that has parameters: a request, or one order of a batch.
pub trait Params {
    /// Hands every parameter that is set to `sink`, in the order of the declaration.
    fn visit<'a>(&'a self, sink: &mut dyn Sink<'a>) -> Result<(), Full>;
}

/// The value of a parameter, before a sink gives it the form that the wire wants.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Value<'a> {
    /// Text: symbols, ids, enum values.
    Text(&'a str),
    /// A whole number.
    Int(i64),
    /// An exact decimal number, written with as many decimals as it has.
    Decimal(Decimal),
    /// `true` or `false`, which the exchange wants as text.
    Flag(bool),
    /// A JSON array of whole numbers, as in `orderIdList`.
    Ints(&'a [u64]),
    /// A JSON array of texts, as in `origClientOrderIdList`.
    Texts(&'a [&'a str]),
    /// A JSON array of objects, as in `batchOrders`.
    Objects(&'a dyn Objects),
}

/// Several things with parameters: the orders of a batch.
///
/// [`Sync`], so that a request with a batch in it can be sent from any task.
pub trait Objects: Sync {
    /// How many there are.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Visits the parameters of number `index`; does nothing past the end.
    fn visit<'a>(&'a self, index: usize, sink: &mut dyn Sink<'a>) -> Result<(), Full>;
}

impl<T: Params + Sync> Objects for &[T] {
    fn len(&self) -> usize {
        <[T]>::len(self)
    }

    fn visit<'a>(&'a self, index: usize, sink: &mut dyn Sink<'a>) -> Result<(), Full> {
        self.get(index).map_or(Ok(()), |object| object.visit(sink))
    }
}

/// What a parameter of a type looks like on the wire: for those who read requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Any text.
    Text,
    /// A whole number.
    Int,
    /// A decimal number without an exponent.
    Decimal,
    /// `true` or `false`.
    Flag,
    /// One of these values.
    Enum(&'static [&'static str]),
    /// A JSON array of whole numbers.
    Ints,
    /// A JSON array of texts.
    Texts,
    /// A JSON array of objects.
    Objects,
}

/// A type that can stand as a parameter.
pub trait Param {
    /// What it looks like on the wire.
    const KIND: Kind;

    /// Its value.
    fn value(&self) -> Value<'_>;
}

impl Param for &str {
    const KIND: Kind = Kind::Text;
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Param for bool {
    const KIND: Kind = Kind::Flag;
    fn value(&self) -> Value<'_> {
        Value::Flag(*self)
    }
}

impl Param for Decimal {
    const KIND: Kind = Kind::Decimal;
    fn value(&self) -> Value<'_> {
        Value::Decimal(*self)
    }
}

impl Param for Millis {
    const KIND: Kind = Kind::Int;
    fn value(&self) -> Value<'_> {
        Value::Int(self.0)
    }
}

macro_rules! int_params {
    ($($int:ty)*) => {$(
        impl Param for $int {
            const KIND: Kind = Kind::Int;
            fn value(&self) -> Value<'_> {
                // The exchange's ids are signed 64-bit numbers ("as in Java").
                Value::Int(i64::try_from(*self).unwrap_or(i64::MAX))
            }
        }
    )*};
}
int_params!(u8 u16 u32 u64 i64);

impl Param for &[u64] {
    const KIND: Kind = Kind::Ints;
    fn value(&self) -> Value<'_> {
        Value::Ints(self)
    }
}

impl Param for &[&str] {
    const KIND: Kind = Kind::Texts;
    fn value(&self) -> Value<'_> {
        Value::Texts(self)
    }
}

impl<T: Params + Sync> Param for &[T] {
    const KIND: Kind = Kind::Objects;
    fn value(&self) -> Value<'_> {
        Value::Objects(self)
    }
}
