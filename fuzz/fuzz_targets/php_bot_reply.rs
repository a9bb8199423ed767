//! The long run of `php_bot_reply`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ventanilla_fuzz_targets::php_bot_reply;

fuzz_target!(|data: &[u8]| php_bot_reply(data));
