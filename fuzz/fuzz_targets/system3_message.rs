//! The long run of `system3_message`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ventanilla_fuzz_targets::system3_message;

fuzz_target!(|data: &[u8]| system3_message(data));
