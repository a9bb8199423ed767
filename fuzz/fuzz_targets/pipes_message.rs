//! The long run of `pipes_message`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ventanilla_fuzz_targets::pipes_message;

fuzz_target!(|data: &[u8]| pipes_message(data));
