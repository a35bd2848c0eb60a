#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| binance_fuzz::events::check(data));
