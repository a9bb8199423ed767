//! The conversation and the customer of a frame.

use serde::Serialize;

use super::super::types::{PhoneNumber, PoolNumberId};
use crate::common::ids;
#[cfg(feature = "schema")]
use crate::common::schema;
use ventanilla_core::{domain::contact::Address, usecases::live::ConversationEvent};

/// The conversation and number that a frame is about.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Place {
    #[cfg_attr(feature = "schema", schemars(with = "schema::ConversationId"))]
    conversation_id: String,
    pool_number_id: PoolNumberId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pool_number_phone_number: Option<PhoneNumber>,
}

impl From<&ConversationEvent> for Place {
    fn from(event: &ConversationEvent) -> Self {
        Self {
            conversation_id: ids::conversation_id(event.conversation.id),
            pool_number_id: event.conversation.channel.into(),
            pool_number_phone_number: event.business.as_ref().map(PhoneNumber::from),
        }
    }
}

/// Whom it is about.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Customer {
    #[serde(rename = "fromNumber", skip_serializing_if = "Option::is_none")]
    number: Option<PhoneNumber>,
    #[serde(rename = "fromUserId", skip_serializing_if = "Option::is_none")]
    user_id: Option<UserId>,
    #[serde(rename = "fromName", skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// The provider's id of a customer who shows no number; `fromNumber` is absent then.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct UserId(String);

impl From<&ConversationEvent> for Customer {
    fn from(event: &ConversationEvent) -> Self {
        let place = &event.conversation;
        let user_id = match (&place.number, place.recipient()) {
            (None, Some(Address::Bsuid(id))) => Some(UserId(id.as_str().to_owned())),
            _ => None,
        };
        Self {
            number: place.number.as_ref().map(PhoneNumber::from),
            user_id,
            name: place.shown_name().map(str::to_owned),
        }
    }
}
