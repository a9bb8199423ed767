//! The long run of `ambiosys_message`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ventanilla_fuzz_targets::ambiosys_message;

fuzz_target!(|data: &[u8]| ambiosys_message(data));
