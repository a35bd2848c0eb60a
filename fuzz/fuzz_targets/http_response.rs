#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| binance_fuzz::http_response::check(data));
