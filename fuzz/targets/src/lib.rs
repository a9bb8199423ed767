//! What must hold for any bytes that come from outside: one function per entrance. Each feeds the bytes
//! to the real code and panics when it finds something.
//!
//! `tests/it/corpus.rs` calls them with the kept inputs and simple changes of these, the long run of
//! `fuzz/` with inputs of its own making.

mod config;
mod contract;
mod kaleyra;
mod meta;

pub use config::config_file;
pub use contract::{
    abc_sales_body, ambiosys_message, ambiosys_send, kaleyra_message, php_bot_reply, pipes_message,
};
pub use kaleyra::kaleyra_callback;
pub use meta::meta_callback;

/// What must hold for any bytes: a panic is a finding.
pub type Target = fn(&[u8]);

/// All targets, each under the name of its corpus folder.
pub const ALL: &[(&str, Target)] = &[
    ("config_file", config_file),
    ("kaleyra_callback", kaleyra_callback),
    ("meta_callback", meta_callback),
    ("php_bot_reply", php_bot_reply),
    ("kaleyra_message", kaleyra_message),
    ("ambiosys_message", ambiosys_message),
    ("ambiosys_send", ambiosys_send),
    ("pipes_message", pipes_message),
    ("abc_sales_body", abc_sales_body),
];
