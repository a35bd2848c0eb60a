//! The bodies of the fuzz targets: functions that assert an equation about any input. They compile and run without a
//! fuzzer, over the corpus, in an ordinary `cargo test`.

pub mod json;
pub mod query;
