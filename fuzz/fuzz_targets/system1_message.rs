//! The long run of `system1_message`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ventanilla_fuzz_targets::system1_message;

fuzz_target!(|data: &[u8]| system1_message(data));
