//! What the core needs from outside: small traits, one file each. Adapters implement them.

pub mod archive;
pub mod attempts;
pub mod broadcasts;
pub mod catalogue;
pub mod checkup;
pub mod clock;
pub mod contacts;
pub mod conversations;
pub mod credentials;
pub mod directory;
pub mod files;
pub mod inbox;
pub mod leads;
pub mod log;
pub mod messages;
pub mod provider;
pub mod queue;
pub mod sockets;
pub mod store;
pub mod suppression;
