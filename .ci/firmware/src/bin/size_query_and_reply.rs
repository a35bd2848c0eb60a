#![no_std]
#![no_main]

#[path = "../size.rs"]
mod size;

size::program!(size::checks::query_and_reply);
