//! Values of several bodies and frames, as this contract spells them.

use serde::Serialize;

use crate::common::ids;
#[cfg(feature = "schema")]
use crate::common::schema;
use ventanilla_core::{
    domain::{
        event::EventId,
        id::{ChannelId, Wamid},
        log::Cursor,
        phone::Phone,
    },
    usecases::sending::Sent,
};

/// One of the company's numbers, by the id of its channel.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^pn_[1-9][0-9]{0,15}$")))]
pub(super) struct PoolNumberId(String);

impl From<ChannelId> for PoolNumberId {
    fn from(id: ChannelId) -> Self {
        Self(ids::pool_number(id))
    }
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = r"^\+[1-9][0-9]{7,14}$")))]
pub(super) struct PhoneNumber(String);

impl From<&Phone> for PhoneNumber {
    fn from(number: &Phone) -> Self {
        Self(number.e164())
    }
}

/// The name of what happened, the same however often it is told; `id` in `/v1/events`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "EventId"))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[0-9]{13,}-[0-9]{16,}-[0-9a-f]{16}$")))]
pub(super) struct EventName(String);

impl From<&EventId> for EventName {
    fn from(id: &EventId) -> Self {
        Self(id.to_string())
    }
}

/// A place in the company's log. Grows with time; compare as a number.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Cursor"))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[0-9]{1,20}$")))]
pub(super) struct LogCursor(String);

impl From<Cursor> for LogCursor {
    fn from(cursor: Cursor) -> Self {
        Self(cursor.to_string())
    }
}

/// The provider's id: Meta's `wamid…`, of a number at Kaleyra one of Kaleyra's forms. Should it ever have none, `msg_` and
/// our own id.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "PipesMessageId", extend("minLength" = 1)))]
pub(super) struct SentId(pub(super) String);

impl From<&Sent> for SentId {
    fn from(sent: &Sent) -> Self {
        let theirs = sent.wamid.as_ref().map(Wamid::as_str).map(str::to_owned);
        Self(theirs.unwrap_or_else(|| ids::message_id(sent.id)))
    }
}

/// That a message was sent into a conversation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "PipesSent", deny_unknown_fields))]
pub(super) struct SentBody {
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    pub(super) success: bool,
    pub(super) message_id: SentId,
    #[cfg_attr(feature = "schema", schemars(with = "schema::ConversationId"))]
    pub(super) conversation_id: Option<String>,
}

/// That a message was sent, as Meta tells it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "PassedOnAnswer", deny_unknown_fields))]
pub(super) struct PassedOnBody {
    #[cfg_attr(feature = "schema", schemars(extend("const" = "whatsapp")))]
    pub(super) messaging_product: &'static str,
    /// The customer, as one entry; empty when neither number nor user id is known.
    #[cfg_attr(feature = "schema", schemars(length(max = 1)))]
    pub(super) contacts: Vec<PassedOnContact>,
    pub(super) messages: [PassedOnMessage; 1],
}

/// The customer, by a number or a user id.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
#[cfg_attr(
    feature = "schema",
    schemars(extend("oneOf" = [{ "required": ["wa_id"] }, { "required": ["user_id"] }]))
)]
pub(super) struct PassedOnContact {
    /// `to`, `recipient` or `toNumber` as the request spells it; the number or user id, when the request named a
    /// conversation.
    pub(super) input: String,
    /// The number as WhatsApp spells it, where it told; else as dialled. Digits without `+`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[1-9][0-9]{7,14}$")))]
    pub(super) wa_id: Option<String>,
    /// In place of `wa_id`, for a customer who was named by it or shows no number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_id: Option<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
pub(super) struct PassedOnMessage {
    pub(super) id: SentId,
}
