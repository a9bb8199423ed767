//! Conversations and messages as this contract shows them. Its documents tell what the answers hold, not the names of
//! the fields; these are in the style of what it sends (facts: seed-apis.md 2.3).

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::{
    api::common::Encoded,
    domain::{conversation::Conversation, delivery::Shown, id::RequestRef, message::Message, phone::Phone},
};

/// An answer, in that system's words.
#[must_use]
pub(super) fn answered(body: Value) -> Encoded {
    Encoded { status: StatusCode::OK, headers: HeaderMap::new(), body }
}

pub(super) fn conversation(it: &Conversation) -> Value {
    json!({
        "conversation_id": it.id,
        "phone_number": it.number.as_ref().map(Phone::digits),
        "contact_name": it.shown_name(),
        "status": it.status,
        "last_message": it.last_text(),
        "last_message_at": it.last_message_at.iso_seconds(),
        "unread_count": it.unread,
        "assigned_to": it.assignee,
        "request_id": it.request.map(RequestRef::get),
        "created_at": it.created_at.iso_seconds(),
    })
}

pub(super) fn message(it: &Message) -> Value {
    json!({
        "message_id": it.address.id,
        "conversation_id": it.address.conversation,
        "content": it.readable(),
        "message_type": it.kind,
        "direction": it.direction,
        "status": match it.shown() {
            // Its word for what the provider took.
            Shown::Accepted => Shown::Sent,
            other => other,
        },
        "created_at": it.address.at.iso_seconds(),
    })
}
