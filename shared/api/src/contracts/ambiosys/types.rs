//! Parts of several bodies. The vendor's documents say what its lists show, not the names of the fields;
//! these are in the style of its other responses (facts: seed-apis.md 2.3).

use std::borrow::Cow;

use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Value, json};

use crate::common::Encoded;
#[cfg(feature = "schema")]
use crate::common::schema;
use ventanilla_core::domain::{
    conversation::{Conversation, Status},
    conversation_action::AgentId,
    delivery::DeliveryStatus,
    id::{ConversationId, IdError, MessageId, RequestRef},
    message::{Direction, Message},
    phone::Phone,
    time::Timestamp,
};

pub(super) fn encoded(status: StatusCode, body: &impl Serialize) -> Encoded {
    Encoded { status, headers: HeaderMap::new(), body: json!(body) }
}

/// A field with one constant value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Always<const SAID: bool>;

impl<const SAID: bool> Serialize for Always<SAID> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(SAID)
    }
}

/// The caller's reference of a service request, in a send request.
#[derive(Debug, Clone, Copy)]
pub(super) struct ServiceRequest(pub(super) RequestRef);

impl<'de> Deserialize<'de> for ServiceRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Value::deserialize(deserializer)?.as_u64().ok_or(IdError::NotANumber);
        number.and_then(RequestRef::try_from).map(Self).map_err(D::Error::custom)
    }
}

/// UTC, to the second.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(extend("format" = "date-time", "pattern" = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$"))
)]
pub(super) struct WhatsappTime(String);

impl From<Timestamp> for WhatsappTime {
    fn from(at: Timestamp) -> Self {
        Self(at.iso_seconds())
    }
}

/// Null in one rare case: the message went to a new number and our store failed right after. The record is completed
/// later.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(extend("format" = "int64", "minimum" = 1, "maximum" = 9_007_199_254_740_991_u64))
)]
pub(super) struct MaybeConversationId(
    #[cfg_attr(feature = "schema", schemars(with = "Option<u64>"))] Option<ConversationId>,
);

impl From<Option<ConversationId>> for MaybeConversationId {
    fn from(id: Option<ConversationId>) -> Self {
        Self(id)
    }
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct WhatsappConversation<'a> {
    #[cfg_attr(feature = "schema", schemars(with = "schema::Id"))]
    conversation_id: ConversationId,
    /// Digits; null for a customer who shows no number.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[1-9][0-9]{7,14}$")))]
    phone_number: Option<&'a str>,
    contact_name: Option<&'a str>,
    #[cfg_attr(
        feature = "schema",
        schemars(with = "String", extend("enum" = ["active", "pending_human", "closed"]))
    )]
    status: Status,
    /// The beginning (120 characters) of the latest message; null while there is none.
    last_message: Option<String>,
    last_message_at: WhatsappTime,
    unread_count: u64,
    /// Who of the company looks after it, by your own name for them.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    assigned_to: Option<&'a AgentId>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::RequestRef"))]
    request_id: Option<RequestRef>,
    created_at: WhatsappTime,
}

impl<'a> From<&'a Conversation> for WhatsappConversation<'a> {
    fn from(it: &'a Conversation) -> Self {
        Self {
            conversation_id: it.id,
            phone_number: it.number.as_ref().map(Phone::digits),
            contact_name: it.shown_name(),
            status: it.status,
            last_message: it.latest.text(),
            last_message_at: it.latest.at.into(),
            unread_count: it.unread.count,
            assigned_to: it.assignee.as_ref(),
            request_id: it.request,
            created_at: it.created_at.into(),
        }
    }
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct WhatsappMessage<'a> {
    #[cfg_attr(feature = "schema", schemars(with = "schema::Id"))]
    message_id: MessageId,
    #[cfg_attr(feature = "schema", schemars(with = "schema::Id"))]
    conversation_id: ConversationId,
    content: Option<Cow<'a, str>>,
    message_type: &'a str,
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("enum" = ["inbound", "outbound"])))]
    direction: Direction,
    status: MessageStatus,
    created_at: WhatsappTime,
}

impl<'a> From<&'a Message> for WhatsappMessage<'a> {
    fn from(it: &'a Message) -> Self {
        Self {
            message_id: it.address.id,
            conversation_id: it.address.conversation,
            content: it.readable(),
            message_type: &it.kind,
            direction: it.direction,
            status: it.shown().into(),
            created_at: it.address.at.into(),
        }
    }
}

/// As `status` of `/v1`, with `sent` for what the provider took.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub(super) enum MessageStatus {
    Received,
    Unknown,
    Unresolved,
    Sent,
    Failed,
    Delivered,
    Read,
    Played,
}

impl From<DeliveryStatus> for MessageStatus {
    fn from(shown: DeliveryStatus) -> Self {
        match shown {
            DeliveryStatus::Received => Self::Received,
            DeliveryStatus::Unknown => Self::Unknown,
            DeliveryStatus::Unresolved => Self::Unresolved,
            // The vendor's word for an accepted message.
            DeliveryStatus::Accepted | DeliveryStatus::Sent => Self::Sent,
            DeliveryStatus::Failed => Self::Failed,
            DeliveryStatus::Delivered => Self::Delivered,
            DeliveryStatus::Read => Self::Read,
            DeliveryStatus::Played => Self::Played,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::Fields;

    #[test]
    fn an_accepted_message_is_sent_and_other_statuses_are_as_in_v1() {
        for shown in [
            DeliveryStatus::Received,
            DeliveryStatus::Unknown,
            DeliveryStatus::Unresolved,
            DeliveryStatus::Sent,
            DeliveryStatus::Failed,
            DeliveryStatus::Delivered,
            DeliveryStatus::Read,
            DeliveryStatus::Played,
        ] {
            assert_eq!(json!(MessageStatus::from(shown)), json!(shown));
        }
        assert_eq!(json!(MessageStatus::from(DeliveryStatus::Accepted)), json!("sent"));
    }

    #[derive(Debug, Deserialize)]
    struct Body {
        r: Option<ServiceRequest>,
        big: Option<ServiceRequest>,
        gone: Option<ServiceRequest>,
    }

    #[test]
    fn a_service_request_is_a_number_of_ours_or_not_there() {
        let read = |body: &str| Fields::read(body.as_bytes()).unwrap().typed::<Body>();
        let problem = |body: &str| read(body).unwrap_err().to_string();
        assert!(problem(r#"{"r":-1}"#).starts_with("r must be a positive integer"));
        assert!(problem(r#"{"big":9007199254740992}"#).starts_with("big must be a positive integer"));
        let Body { r, big, gone } = read(r#"{"r":7,"big":9007199254740991}"#).unwrap();
        assert_eq!(r.map(|it| it.0.get()), Some(7));
        assert_eq!(big.map(|it| it.0.get()), Some(9_007_199_254_740_991));
        assert!(gone.is_none());
    }
}
