//! Our own contract, `/v1`: the resources as it shows them.

mod broadcasts;
mod contacts;
mod conversations;
mod create_broadcast;
mod errors;
mod event;
mod events;
pub(in crate::api::contracts) mod media;
mod message;
mod messages;
pub(in crate::api::contracts) mod read;
mod refusal;
pub mod routes;
mod send_message;
mod shapes;
mod suppressions;
mod tickets;
mod upload;

pub use errors::V1;
pub use event::{EventView, event, window};
pub use message::{Include, MessageView, message, message_detail, message_type};
