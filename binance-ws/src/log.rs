//! Log lines, where the `tracing` feature asks for them.

/// A line at the level DEBUG. Paths, names on private routes and keys never stand in one.
macro_rules! debug {
    ($($line:tt)*) => {{
        #[cfg(feature = "tracing")]
        tracing::debug!($($line)*);
    }};
}
