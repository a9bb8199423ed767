//! Kaleyra's "Send Reply to Messages", API V2. Its clients send Meta's message object in an envelope, and
//! get an envelope of code, message, data and error.

#[cfg(feature = "schema")]
pub(crate) mod document;
mod errors;
mod request;
pub mod routes;
mod send_message;
mod types;

pub use errors::Kaleyra;
pub use request::{Asked, Message, request};
