//! Reading: `GET /api/whatsapp/conversations` and `GET /api/whatsapp/conversations/{conversationId}`. Its documents tell
//! what the answers hold, not the names of the fields; these are in the style of what it sends (facts: seed-apis.md
//! 2.3).

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::{
    api::common::{Encoded, InputError},
    domain::{
        conversation::{Conversation, Status},
        delivery::Shown,
        id::RequestRef,
        message::Message,
        phone::Phone,
    },
};

/// Reads which status is wanted; none for all of them.
///
/// # Errors
/// Names `status`.
pub fn status(word: Option<&str>) -> Result<Option<Status>, InputError> {
    let Some(word) = word.filter(|word| !word.is_empty()) else { return Ok(None) };
    let problem = || InputError::field("status", "must be active, pending_human or closed");
    Status::from_word(word).map(Some).ok_or_else(problem)
}

/// A page of conversations and where the next one begins.
#[must_use]
pub fn conversations(page: &[Conversation], next: Option<&str>) -> Value {
    let data: Vec<Value> = page.iter().map(conversation).collect();
    json!({ "success": true, "data": data, "next_cursor": next })
}

/// One conversation with a page of its messages, given the newest first; here the oldest comes first.
#[must_use]
pub fn history(place: &Conversation, newest_first: &[Message], next: Option<&str>) -> Value {
    let messages: Vec<Value> = newest_first.iter().rev().map(message).collect();
    let data = json!({ "conversation": conversation(place), "messages": messages });
    json!({ "success": true, "data": data, "next_cursor": next })
}

/// An answer, in that system's words.
#[must_use]
pub(super) fn answered(body: Value) -> Encoded {
    Encoded { status: StatusCode::OK, headers: HeaderMap::new(), body }
}

fn conversation(it: &Conversation) -> Value {
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

fn message(it: &Message) -> Value {
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
