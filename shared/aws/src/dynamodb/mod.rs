//! The DynamoDB adapter. One table; [`keys`] is the only file that spells a key.

mod admin;
mod archive;
mod attempts;
mod batch_get;
mod broadcasts;
pub mod cached;
mod catalogue;
mod channels;
mod checkup;
mod directory;
mod files;
mod inbox;
mod index;
mod item;
pub mod keys;
mod leads;
mod log;
pub mod provision;
pub mod schema;
mod sockets;
mod store;
pub mod stream;
mod suppression;
mod table;

pub use channels::{ChannelError, Claim};
pub use table::Table;
