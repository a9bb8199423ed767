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
    system0_reply, system1_message, system2_message, system2_send, system3_message, system4_body,
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
    ("system0_reply", system0_reply),
    ("system1_message", system1_message),
    ("system2_message", system2_message),
    ("system2_send", system2_send),
    ("system3_message", system3_message),
    ("system4_body", system4_body),
];
