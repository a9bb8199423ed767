//! The long run of `ambiosys_send`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ventanilla_fuzz_targets::ambiosys_send;

fuzz_target!(|data: &[u8]| ambiosys_send(data));
