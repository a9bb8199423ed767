//! What must hold for any bytes that come from outside: one function per entrance. Each feeds the bytes
//! to the real code and panics when it finds something.
//!
//! `tests/it/corpus.rs` calls them with the kept inputs and simple changes of these, the long run of
//! `fuzz/` with inputs of its own making.

mod callback;
mod config;
mod contract;

pub use callback::meta_callback;
pub use config::config_file;
pub use contract::{system0_reply, system2_message, system2_send};

/// What must hold for any bytes: a panic is a finding.
pub type Target = fn(&[u8]);

/// All targets, each under the name of its corpus folder.
pub const ALL: &[(&str, Target)] = &[
    ("config_file", config_file),
    ("meta_callback", meta_callback),
    ("system0_reply", system0_reply),
    ("system2_message", system2_message),
    ("system2_send", system2_send),
];
