//! The DynamoDB adapter. One table; [`keys`] is the only file that spells a key.

mod archive;
mod attempts;
mod book;
mod broadcasts;
pub mod cached;
mod catalogue;
mod channels;
mod checkup;
mod directory;
mod files;
mod inbox;
mod item;
pub mod keys;
mod leads;
mod lists;
mod log;
pub mod provision;
mod registry;
pub mod schema;
mod several;
mod sockets;
pub mod stream;
mod suppression;
mod table;

pub use channels::{ChannelError, Claim};
pub use table::Table;
