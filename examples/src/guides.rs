//! The guides: what stands in `docs/`, as pages.

/// A module for each guide. Its examples are tested as they stand in `docs/`.
macro_rules! guides {
    ($($name:ident: $file:literal;)*) => {$(
        #[cfg_attr(doctest, doc = include_str!(concat!("../../docs/", $file)))]
        #[cfg_attr(not(doctest), doc = include_str!(concat!(env!("OUT_DIR"), "/", $file)))]
        pub mod $name {}
    )*};
}
guides! {
    python: "python.md";
    errors: "errors.md";
    limits: "limits.md";
    clock: "clock.md";
    keys: "keys.md";
    runtimes: "runtimes.md";
    sizes: "sizes.md";
    simulator: "simulator.md";
    changes_2026: "changes-2026.md";
    programs: "programs.md";
}
