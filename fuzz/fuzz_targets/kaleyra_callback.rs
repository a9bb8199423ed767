//! The long run of `kaleyra_callback`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ventanilla_fuzz_targets::kaleyra_callback;

fuzz_target!(|data: &[u8]| kaleyra_callback(data));
