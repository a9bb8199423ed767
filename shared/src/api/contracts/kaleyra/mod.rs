//! Kaleyra's "Send Reply to Messages", API V2. Its clients send Meta's message object
//! in an envelope, and read an envelope of code, message, data and error.

mod answer;
#[cfg(feature = "schema")]
pub(in crate::api) mod document;
mod messages;
mod request;
pub mod routes;

pub use answer::{Done, Kaleyra, answered};
pub use request::{Asked, Message, request};
