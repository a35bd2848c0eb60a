//! A program that does one thing once: what `.ci/sizes` measures. Says how much stack it took.

#[path = "../../bare/src/checks.rs"]
#[allow(dead_code, reason = "each program takes one")]
pub(crate) mod checks;
#[path = "stack.rs"]
#[allow(dead_code, reason = "no secret is looked for here")]
pub(crate) mod stack;

/// The program around a check.
macro_rules! program {
    ($check:expr) => {
        #[cortex_m_rt::entry]
        fn main() -> ! {
            let (passed, bytes) = size::stack::measure(core::hint::black_box($check));
            cortex_m_semihosting::hprintln!("{}", bytes);
            cortex_m_semihosting::debug::exit(if passed {
                cortex_m_semihosting::debug::EXIT_SUCCESS
            } else {
                cortex_m_semihosting::debug::EXIT_FAILURE
            });
            loop {}
        }

        #[panic_handler]
        fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
            cortex_m_semihosting::debug::exit(cortex_m_semihosting::debug::EXIT_FAILURE);
            loop {}
        }
    };
}
pub(crate) use program;
