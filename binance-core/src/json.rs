//! JSON without a heap: a structure walker for replies and events, and a writer.
//!
//! The walker is a serde `Deserializer` over the text of one message. It never recurses on input (values that no
//! type asks for are skipped by a loop), stops at [`MAX_DEPTH`] nested values, and never panics. Whole numbers,
//! floats and literals are read by serde-json-core. A number or flag that comes as text where it is to be bare, or a number
//! that comes bare where it is to be text, is read as well: the exchange has changed its mind about fields before. [`List`] captures an array as text and reads it element by
//! element as it is iterated, so that no reply needs a capacity.

mod error;
mod list;
mod map;
mod params;
mod read;
mod rows;
mod scan;
mod write;

pub use self::{
    error::{Error, ErrorKind, Found},
    list::{Each, Iter, List, OneOrMany, Raw},
    map::{Key, Map, MapIter},
    read::{from_slice, from_str, from_str_by_serde},
    rows::{Row, RowIter, Rows},
    scan::{MAX_DEPTH, find_field},
    write::to_slice,
};
pub(crate) use self::{
    params::{JsonObjects, escape as escape_text, is_plain},
    read::{AHEAD, Reader as PlainReader},
    scan::{escape, skip_value, string_end},
};
