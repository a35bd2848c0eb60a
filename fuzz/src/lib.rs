//! The bodies of the fuzz targets: functions that assert an equation about any input. They compile and run without a
//! fuzzer, over the corpus, in an ordinary `cargo test`.

mod agree;
mod input;

/// A module each, and all of them in one table.
macro_rules! targets {
    ($($name:ident),* $(,)?) => {
        $(pub mod $name;)*

        /// Every target: its name, and its body.
        pub const TARGETS: &[(&str, fn(&[u8]))] = &[$((stringify!($name), $name::check)),*];
    };
}

targets! {
    decimal,
    events,
    http_response,
    json,
    keys,
    limits,
    query,
    records,
    recv_window,
    sign,
    sorted_payload,
    ws_frame,
    ws_session,
}
