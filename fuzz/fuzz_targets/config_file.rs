//! The long run of `config_file`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ventanilla_fuzz_targets::config_file;

fuzz_target!(|data: &[u8]| config_file(data));
