//! The long run of `system0_reply`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ventanilla_fuzz_targets::system0_reply;

fuzz_target!(|data: &[u8]| system0_reply(data));
