//! The DynamoDB adapter. One table; only the files in `records/` spell keys.

mod admin;
mod batch_get;
pub mod cached;
mod channel_writes;
mod channels;
mod directory;
mod due;
mod index;
mod keys;
mod log;
mod pages;
pub mod provision;
mod record;
mod records;
pub mod schema;
mod sent_messages;
mod store;
pub mod stream;
mod table;
#[cfg(test)]
mod tests;
mod transaction;

pub use channels::{ChannelError, ChannelIdClaim};
pub use table::Table;
