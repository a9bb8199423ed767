//! The long run of `system2_message`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ventanilla_fuzz_targets::system2_message;

fuzz_target!(|data: &[u8]| system2_message(data));
