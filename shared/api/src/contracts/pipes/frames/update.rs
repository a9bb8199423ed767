//! `message_updated`: the change that a message makes to an earlier one.

use serde::Serialize;

use super::{
    LONGEST_TEXT,
    frame::{Named, Telling},
    media::Media,
    message::{OurMessageId, subject},
    place::{Customer, Place},
};
#[cfg(feature = "schema")]
use crate::common::schema;
use ventanilla_core::{
    domain::{message::Message, update::UpdateKind},
    usecases::live::ConversationEvent,
};

/// The `data` of `message_updated`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct MessageUpdated {
    #[serde(flatten)]
    place: Place,
    /// The message that is changed, by our id; by the provider's only where it is none of ours.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    message_id: Option<String>,
    #[serde(flatten)]
    customer: Customer,
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("enum" = ["edited", "revoked"])))]
    change: UpdateKind,
    /// Its text from now on; of edits.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<Media>,
    update_id: OurMessageId,
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    timestamp: String,
}

impl Named for MessageUpdated {
    const TYPE: &'static str = "message_updated";
}

impl Telling for MessageUpdated {
    fn cut(&mut self) -> Option<String> {
        if let Some(text) = &mut self.text {
            *text = text.chars().take(LONGEST_TEXT).collect();
        }
        self.message_id.clone()
    }
}

impl MessageUpdated {
    pub(super) fn of(event: &ConversationEvent, message: &Message, change: UpdateKind) -> Self {
        let is_edit = change == UpdateKind::Edited;
        let has_file = is_edit && message.media.is_some();
        Self {
            place: event.into(),
            message_id: subject(message),
            customer: event.into(),
            change,
            text: is_edit.then(|| message.text.clone().unwrap_or_default()),
            media: has_file.then(|| Media::of(message, None)),
            update_id: message.address.id.into(),
            timestamp: message.address.at.iso_millis(),
        }
    }
}
