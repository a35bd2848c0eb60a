//! What each signer takes, by divan. `ratios` sets the same cases against each other.

#[cfg(feature = "full")]
mod cases;
#[cfg(not(feature = "full"))]
mod rerun;

#[cfg(feature = "full")]
fn main() {
    divan::main();
}

#[cfg(not(feature = "full"))]
fn main() {
    rerun::with_all_signers("sign");
}

#[cfg(feature = "full")]
macro_rules! benches {
    ($($group:ident)*) => {$(
        #[divan::bench(args = cases::$group().into_iter().map(|case| case.name))]
        fn $group(bencher: divan::Bencher<'_, '_>, name: &str) {
            let cases = cases::$group();
            let case = cases.iter().find(|case| case.name == name).expect("a name of this group");
            // Warm, so that divan does not take the first run for the usual one.
            (0..10).for_each(|_| (case.run)());
            bencher.bench_local(|| (case.run)());
        }
    )*};
}
#[cfg(feature = "full")]
benches!(hmac order rsa2048 rsa3072 rsa4096 ed25519);
