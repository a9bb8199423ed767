//! The DynamoDB adapter. One table; [`keys`] is the only file that spells a key.

mod archive;
mod attempts;
mod book;
mod broadcasts;
pub mod cached;
mod catalogue;
mod directory;
mod inbox;
mod item;
pub mod keys;
pub mod provision;
pub mod schema;
mod several;
mod suppression;
mod table;

pub use table::Table;
