//! Checks on a Cortex-M4 what the host cannot: that the crates link and work where there is no `std` and no `alloc`,
//! with 32-bit words, and how much stack they take.
//!
//! Prints a line for each check: its instructions and its stack. The first that fails ends the run with 1.
#![no_std]
#![no_main]
// Built with one signer alone to see its size.
#![cfg_attr(not(all(feature = "hmac", feature = "ed25519", feature = "rsa")), allow(dead_code, unused))]

use core::panic::PanicInfo;

use cortex_m::peripheral::{Peripherals, SYST, syst::SystClkSource};
use cortex_m_rt::entry;
use cortex_m_semihosting::{
    debug::{self, EXIT_FAILURE, EXIT_SUCCESS},
    hprintln,
};

#[cfg(feature = "hmac")]
mod rest;
mod sign;
mod stack;
mod streams;

/// Runs one check under a name; it answers whether it passed.
type Run<'a> = dyn FnMut(&str, &mut dyn FnMut() -> bool) + 'a;

#[entry]
fn main() -> ! {
    let mut timer = Timer::start(Peripherals::take().expect("taken once").SYST);
    let mut run = |name: &str, check: &mut dyn FnMut() -> bool| {
        let ((passed, ticks), bytes) = stack::measure(|| {
            let before = timer.ticks();
            (check(), timer.ticks() - before)
        });
        let instructions = ticks * Timer::INSTRUCTIONS;
        let verdict = if passed { "ok" } else { "FAILED" };
        hprintln!("{:28} {:>11} instructions {:>6} bytes of stack  {}", name, instructions, bytes, verdict);
        if !passed {
            debug::exit(EXIT_FAILURE);
        }
    };
    sign::run(&mut run);
    #[cfg(feature = "hmac")]
    rest::run(&mut run);
    streams::run(&mut run);
    hprintln!("all passed");
    debug::exit(EXIT_SUCCESS);
    loop {}
}

/// The board's tick counter. QEMU is started so that every instruction takes a nanosecond; the clock has 25 MHz.
struct Timer {
    counter: SYST,
    wraps: u64,
}

impl Timer {
    /// How many instructions a tick has.
    const INSTRUCTIONS: u64 = 40;
    /// The counter has 24 bits.
    const WRAP: u64 = 1 << 24;

    fn start(mut counter: SYST) -> Self {
        counter.set_clock_source(SystClkSource::Core);
        counter.set_reload(0x00ff_ffff);
        counter.clear_current();
        counter.enable_counter();
        Self { counter, wraps: 0 }
    }

    /// Ticks since the start; right as long as it is asked once in 671 million instructions.
    fn ticks(&mut self) -> u64 {
        // Counts down.
        if self.counter.has_wrapped() {
            self.wraps += 1;
        }
        self.wraps * Self::WRAP + (Self::WRAP - 1 - u64::from(SYST::get_current()))
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{}", info);
    debug::exit(EXIT_FAILURE);
    loop {}
}
