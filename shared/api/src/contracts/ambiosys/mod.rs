//! AmbioSys (facts: seed-apis.md 2).

#[cfg(feature = "schema")]
pub(crate) mod document;
mod errors;
mod list_conversations;
mod list_templates;
mod near_misses;
mod read_conversation;
mod recipient;
pub mod routes;
mod send;
mod send_in_conversation;
mod send_template;
mod send_to_number;
mod types;

pub use errors::AmbioSys;
pub use send_in_conversation::message_request;
pub use send_to_number::{SendRequest, send_request};
