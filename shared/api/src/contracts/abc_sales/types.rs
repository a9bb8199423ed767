//! Response bodies of this contract: `data` around the result, and `meta.next_cursor` where a list
//! continues.

use std::borrow::Cow;

use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value, json};

#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{Encoded, ids::media_id};
use ventanilla_core::domain::{
    self,
    delivery::DeliveryStatus,
    file::{ContentHash, Presence},
    id::{ChannelId, ContactId, MessageId, TenantId},
    lead::ExternalLeadId,
    message::Direction,
    rejection::ProviderCode,
};

/// Encodes a successful response.
pub(super) fn done(status: StatusCode, body: &impl Serialize) -> Encoded {
    Encoded { status, headers: HeaderMap::new(), body: json!(body) }
}

/// The company of an API key.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct OwnCompany {
    pub(super) data: CompanyData,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
pub(super) struct CompanyData {
    pub(super) company: Company,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
pub(super) struct Company {
    /// The id of the company here, a word.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub(super) id: TenantId,
}

/// The channels that a message can go out on.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct ChannelConnections {
    pub(super) data: ChannelConnectionsData,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
pub(super) struct ChannelConnectionsData {
    pub(super) messaging_channel_connections: Vec<ChannelConnection>,
}

/// A channel, as the vendor documents it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct ChannelConnection {
    #[cfg_attr(feature = "schema", schemars(with = "schema::Id"))]
    pub(super) id: ChannelId,
    /// What the operator calls it; `WhatsApp` and its number else.
    pub(super) name: String,
    #[cfg_attr(feature = "schema", schemars(extend("const" = "whatsapp")))]
    pub(super) messaging_channel_id: &'static str,
    /// Whether sends that name only a number go out on it.
    #[serde(rename = "default")]
    pub(super) is_default: bool,
    /// What its last check found.
    pub(super) connected: bool,
}

/// What was said to and by a lead.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct LeadConversations {
    pub(super) data: LeadConversationsData,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) meta: Option<Meta>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
pub(super) struct LeadConversationsData {
    pub(super) conversations: Vec<LeadEntry>,
}

/// Where a list goes on.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
pub(super) struct Meta {
    /// The `cursor` of the next page.
    pub(super) next_cursor: String,
}

/// That a reply was taken.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct LeadReplied {
    pub(super) data: LeadRepliedData,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
pub(super) struct LeadRepliedData {
    pub(super) conversation: LeadEntry,
}

/// A message to or from a lead.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct LeadEntry {
    /// Our id, for `/v1/messages/{id}`.
    #[cfg_attr(feature = "schema", schemars(with = "schema::Id"))]
    pub(super) id: MessageId,
    /// The lead, by its id here.
    #[cfg_attr(feature = "schema", schemars(with = "schema::Id"))]
    pub(super) lead_id: ContactId,
    #[cfg_attr(feature = "schema", schemars(with = "schema::Id"))]
    pub(super) messaging_channel_connection_id: ChannelId,
    pub(super) direction: Direction,
    /// WhatsApp's word for what it is: `text`, `image` … or one not yet invented.
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// Text or caption; null where there is none.
    pub(super) content: Option<String>,
    pub(super) status: DeliveryStatus,
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    pub(super) created_at: String,
    /// The file that came or went with it. Else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attachment: Option<Attachment>,
    /// Why WhatsApp failed a message that it had taken. Else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<EntryError>,
}

/// The file of a message.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "LeadAttachment", deny_unknown_fields))]
pub(super) struct Attachment {
    mime_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<String>,
    /// In bytes; 0 while it is not known.
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    /// It is not there yet, or never will be. Else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    unavailable: Option<bool>,
    /// Which of the two, ours. `pending` while it is being fetched.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["pending", "ready", "unavailable"])))]
    state: &'static str,
    #[cfg_attr(feature = "schema", schemars(with = "schema::FileId"))]
    id: String,
}

impl From<&domain::file::Attachment> for Attachment {
    fn from(it: &domain::file::Attachment) -> Self {
        Self {
            mime_type: it.mime.essence().to_owned(),
            file_name: it.name.as_ref().map(|name| name.as_str().to_owned()),
            size: it.size.unwrap_or_default(),
            sha256: it.sha256.as_ref().map(ContentHash::as_str).map(str::to_owned),
            unavailable: (it.presence != Presence::Here).then_some(true),
            state: it.presence.word(),
            id: media_id(it.file),
        }
    }
}

/// Why WhatsApp failed a message.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "LeadEntryError", deny_unknown_fields))]
pub(super) struct EntryError {
    #[cfg_attr(feature = "schema", schemars(with = "Value", extend("type" = ["integer", "string", "null"])))]
    pub(super) code: Option<ProviderCode>,
    pub(super) message: Option<String>,
}

/// That a lead has what was told of it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct LeadKept {
    pub(super) data: LeadKeptData,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
pub(super) struct LeadKeptData {
    pub(super) lead: Lead,
}

/// A lead as it is kept.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct Lead {
    /// The id of the contact; it stays the same when leads of one customer are merged.
    #[cfg_attr(feature = "schema", schemars(with = "schema::Id"))]
    pub(super) id: ContactId,
    /// The company's own id of this lead; null where it gave none.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub(super) external_id: Option<ExternalLeadId>,
    pub(super) name: String,
    pub(super) email: Option<String>,
    /// With `+`; one that cannot be read as it was told.
    pub(super) phone: Option<String>,
    pub(super) naver_line_id: Option<String>,
    pub(super) source: Option<String>,
    /// Tags of the company. `invalid_phone` is added by us when the number cannot be read.
    pub(super) tags: Vec<String>,
    pub(super) timezone: Option<String>,
    pub(super) locale: Option<String>,
    pub(super) currency: Option<String>,
    pub(super) custom_fields: Map<String, Value>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    pub(super) created_at: String,
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    pub(super) updated_at: String,
}

/// Why a request was not carried out.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct LeadError {
    error: LeadErrorDetails,
    /// The same text, for clients that look here.
    message: Cow<'static, str>,
}

impl From<LeadErrorDetails> for LeadError {
    fn from(error: LeadErrorDetails) -> Self {
        Self { message: error.message.clone(), error }
    }
}

/// Which failure it is, and what is known of it.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct LeadErrorDetails {
    /// Which failure it is.
    pub(super) code: &'static str,
    /// For people; may change, but for that of `window_closed`.
    pub(super) message: Cow<'static, str>,
    /// What is wrong with the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) field: Option<String>,
    /// The message in doubt, for `outcome_unknown`; for `/v1/messages/{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::Id>"))]
    pub(super) message_id: Option<MessageId>,
    /// The provider's explanation, in its words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    pub(super) details: Option<String>,
    /// The provider's own error code: Meta's are numbers, Kaleyra's may be words. Of a closed window WhatsApp's,
    /// also where it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Value", extend("type" = ["integer", "string"], "maxLength" = 64))
    )]
    pub(super) provider_code: Option<ProviderCode>,
    /// When the window closed, for `window_closed` where we knew. UTC, to the millisecond.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::Instant>"))]
    pub(super) expires_at: Option<String>,
}
