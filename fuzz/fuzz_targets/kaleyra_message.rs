//! The long run of `kaleyra_message`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ventanilla_fuzz_targets::kaleyra_message;

fuzz_target!(|data: &[u8]| kaleyra_message(data));
