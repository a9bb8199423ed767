//! Our own contract, `/v1`: the resources as it shows them.

mod event;
mod ids;
mod message;

pub use event::{EventView, event, window};
pub use ids::{
    Prefixed, broadcast_id, channel_id, contact_id, conversation_id, event_id, media_id, message_id, read_id,
};
pub use message::{Include, MessageView, message, message_detail, message_type};
