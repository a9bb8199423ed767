//! The PHP bot's conversation API (facts: seed-apis.md 1).
//!
//! Each route has its path and its script's name: `POST /api/conversations/{id}/reply` is also
//! `/api/reply-conversation.php?id={id}`. Every failure is a 500 with the route's Spanish text; we add
//! `code` and, for bad input, `field` and `detail`, which the vendor's clients ignore. A missing or invalid
//! API key is a 401: the vendor has no keys, so its documents say nothing about it.

mod check_conversation_updates;
mod check_updates;
#[cfg(feature = "schema")]
pub(crate) mod document;
mod errors;
mod list_conversations;
mod list_messages;
mod reply;
pub mod routes;
mod toggle_ai;
mod types;
mod updates;

pub use reply::read_reply;

use crate::common::InputError;
use ventanilla_core::domain::id::ConversationId;

/// Reads a conversation id from the path or the query. Zero is no id, as in PHP.
///
/// # Errors
/// Names `id`.
pub fn conversation(id: &str) -> Result<ConversationId, InputError> {
    id.parse().map_err(|error| InputError::field("id", error))
}
