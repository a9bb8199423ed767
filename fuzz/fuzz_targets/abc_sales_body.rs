//! The long run of `abc_sales_body`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ventanilla_fuzz_targets::abc_sales_body;

fuzz_target!(|data: &[u8]| abc_sales_body(data));
