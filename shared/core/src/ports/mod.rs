//! What the core needs from outside: small traits, one file each. Adapters implement them.

pub mod archive;
pub mod attempts;
pub mod broadcasts;
pub mod clock;
pub mod contacts;
pub mod conversations;
pub mod credentials;
pub mod directory;
pub mod files;
pub mod health_check;
pub mod inbox;
pub mod leads;
pub mod log;
pub mod messages;
pub mod opt_out;
pub mod provider;
pub mod queue;
pub mod sockets;
pub mod store;
pub mod template_cache;
