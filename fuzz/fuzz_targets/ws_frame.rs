#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| binance_fuzz::ws_frame::check(data));
