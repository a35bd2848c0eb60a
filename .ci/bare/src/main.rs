//! Links and runs the lower layers where there is nothing: no `std`, no `alloc`, no libc.
//!
//! Exits with 0 when every check holds, with the number of the first that does not, or with 101 after a panic.
#![no_std]
#![no_main]

mod checks;
mod host;

/// Runs every check, and gives the number of the first that fails.
fn run() -> i32 {
    for (index, (name, check)) in checks::ALL.iter().enumerate() {
        let passed = check();
        for part in [*name, if passed { ": ok\n" } else { ": FAILED\n" }] {
            host::write(part.as_bytes());
        }
        if !passed {
            return index as i32 + 1;
        }
    }
    #[cfg(feature = "allocates")]
    if binance_sign::Rsa::from_pem(b"no key").is_ok() {
        return 100;
    }
    0
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    host::write(b"panicked\n");
    host::exit(101)
}
