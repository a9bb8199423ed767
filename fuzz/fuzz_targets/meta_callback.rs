//! The long run of `meta_callback`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ventanilla_fuzz_targets::meta_callback;

fuzz_target!(|data: &[u8]| meta_callback(data));
