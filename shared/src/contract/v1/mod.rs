//! Our own contract, `/v1`: the resources as it shows them.

mod event;
mod message;

pub use event::{EventView, event, window};
pub use message::{Include, MessageView, message, message_detail, message_type};
