//! Our own contract, `/v1`: the resources as it shows them.

mod broadcasts;
mod channels;
mod contact;
mod contacts;
mod conversation;
mod conversations;
#[cfg(feature = "schema")]
pub(in crate::api) mod document;
mod errors;
mod event;
mod events;
mod list_contacts;
mod list_conversations;
mod me;
pub(in crate::api::contracts) mod media;
mod message;
mod messages;
pub(in crate::api::contracts) mod read;
mod read_conversation;
mod refusal;
pub mod routes;
mod send_message;
mod shapes;
mod suppressions;
mod templates;
mod tickets;
mod upload;

pub use conversation::Look;
pub use errors::V1;
pub use event::{EventView, event, window};
pub use message::{Include, MessageView, message, message_detail, message_type};
