//! The long run of `system2_send`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ventanilla_fuzz_targets::system2_send;

fuzz_target!(|data: &[u8]| system2_send(data));
