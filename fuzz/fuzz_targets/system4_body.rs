//! The long run of `system4_body`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ventanilla_fuzz_targets::system4_body;

fuzz_target!(|data: &[u8]| system4_body(data));
