//! Our own contract, `/v1`: its resources and operations.

mod assign_conversation;
mod broadcasts;
mod channels;
mod close_conversation;
mod contact;
mod conversation;
#[cfg(feature = "schema")]
pub(crate) mod document;
mod errors;
mod event;
mod event_report;
mod get_contact;
mod get_conversation;
mod get_event;
mod get_message;
mod hand_over_conversation;
mod list_contacts;
mod list_conversations;
mod list_events;
mod list_messages;
mod me;
mod media;
mod message;
mod message_detail;
mod message_part;
mod message_status;
mod message_type;
mod open_upload;
mod read;
mod read_conversation;
mod refusal;
mod rename_contact;
pub mod routes;
mod send_message;
mod suppressions;
mod templates;
mod tickets;
mod types;

pub use errors::V1;
use message::Include;
