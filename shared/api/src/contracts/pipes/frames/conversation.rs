//! `conversation_updated` and `window_expiring`: the current state of a conversation.

use serde::Serialize;

use super::{
    frame::{Named, Telling},
    place::{Customer, Place},
};
#[cfg(feature = "schema")]
use crate::common::schema;
use ventanilla_core::{
    domain::{
        conversation::Status,
        conversation_action::{AgentId, Handler},
        time::Timestamp,
    },
    usecases::live::ConversationEvent,
};

/// The `data` of `conversation_updated`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct ConversationUpdated {
    #[serde(flatten)]
    place: Place,
    #[serde(flatten)]
    customer: Customer,
    status: Status,
    /// Who answers, the company's bot or a person.
    handled_by: Handler,
    /// Who of the company looks after it, by your own name for them; null for nobody in particular.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("maxLength" = 128)))]
    assignee: Option<AgentId>,
    unread_count: u64,
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    last_message_at: String,
    /// The beginning of the latest message; null while there is none.
    preview: Option<String>,
}

impl Named for ConversationUpdated {
    const TYPE: &'static str = "conversation_updated";
}

impl Telling for ConversationUpdated {}

impl From<&ConversationEvent> for ConversationUpdated {
    fn from(event: &ConversationEvent) -> Self {
        let it = &event.conversation;
        Self {
            place: event.into(),
            customer: event.into(),
            status: it.status,
            handled_by: it.handled_by,
            assignee: it.assignee.clone(),
            unread_count: it.unread.count,
            last_message_at: it.latest.at.iso_millis(),
            preview: it.latest.text(),
        }
    }
}

/// The `data` of `window_expiring`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct WindowExpiring {
    #[serde(flatten)]
    conversation: ConversationUpdated,
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    expires_at: String,
}

impl Named for WindowExpiring {
    const TYPE: &'static str = "window_expiring";
}

impl Telling for WindowExpiring {}

impl WindowExpiring {
    pub(super) fn of(event: &ConversationEvent, expires_at: Timestamp) -> Self {
        Self { conversation: event.into(), expires_at: expires_at.iso_millis() }
    }
}
