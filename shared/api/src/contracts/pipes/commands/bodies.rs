//! The `data` of clients' frames, as far as it has fixed fields. Other fields (recipient, quoted message,
//! sender) are read in any spelling, one by one.

use serde::Deserialize;
use serde_json::Value;

#[cfg(feature = "schema")]
use crate::document::Schemas;

/// A text into a conversation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Reply", transform = beside_a_text))]
pub(super) struct ReplyData {
    #[cfg_attr(feature = "schema", schemars(required, schema_with = "conversation_id"))]
    pub(super) conversation_id: Option<String>,
    /// 1 to 4,096 UTF-16 units, without control characters besides tab and line ends.
    #[cfg_attr(feature = "schema", schemars(required, length(min = 1, max = 4096)))]
    pub(super) text: Option<String>,
}

#[cfg(feature = "schema")]
fn beside_a_text(schema: &mut schemars::Schema) {
    beside(schema, &["sent_by", "poolNumberId", "toNumber", "replyTo", "clientId"]);
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let preview = serde_json::json!({
            "description": "An addition of ours: whether the first link of the text is shown with a preview.",
            "type": ["boolean", "null"],
        });
        properties.insert("preview_url".to_owned(), preview);
    }
}

/// A reaction to a message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ReactionTo", transform = beside_a_reaction))]
pub(super) struct ReactionData {
    #[cfg_attr(feature = "schema", schemars(required, schema_with = "conversation_id"))]
    pub(super) conversation_id: Option<String>,
    /// The message, by our id (`msg_…`) or the provider's.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) message_id: Option<String>,
    /// One emoji (32 characters at most); empty or absent takes the reaction back.
    #[cfg_attr(feature = "schema", schemars(length(max = 32)))]
    pub(super) emoji: Option<String>,
}

#[cfg(feature = "schema")]
fn beside_a_reaction(schema: &mut schemars::Schema) {
    beside(schema, &["sent_by", "poolNumberId", "toNumber", "clientId"]);
}

/// A file to a customer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MediaReply", transform = beside_a_file))]
pub(in super::super) struct MediaReplyData {
    #[cfg_attr(feature = "schema", schemars(required, schema_with = "conversation_id"))]
    pub(super) conversation_id: Option<String>,
    #[cfg_attr(feature = "schema", schemars(with = "FileBytes"))]
    pub(in super::super) media: Option<Value>,
    /// The text below the file.
    #[cfg_attr(feature = "schema", schemars(length(max = 1024)))]
    pub(in super::super) text: Option<String>,
    /// What to send it as; without it that follows from its type.
    #[cfg_attr(
        feature = "schema",
        schemars(extend("enum" = ["image", "video", "audio", "voice", "document", "sticker", null]))
    )]
    pub(in super::super) media_type: Option<String>,
}

#[cfg(feature = "schema")]
fn beside_a_file(schema: &mut schemars::Schema) {
    beside(schema, &["sent_by", "poolNumberId", "toNumber", "replyTo", "clientId"]);
}

/// A file whose bytes are in the frame.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub(in super::super) struct FileBytes {
    /// The bytes in Base64.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(in super::super) data: Option<String>,
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(in super::super) mime_type: Option<String>,
    pub(in super::super) file_name: Option<String>,
}

/// A conversation, as `asyncapi.yaml` has it, also for the URL of a socket.
#[cfg(feature = "schema")]
fn conversation_id(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "$ref": "#/components/schemas/ConversationIdIn" })
}

/// Adds the fields that are read one by one, with the schemas of `asyncapi.yaml`.
#[cfg(feature = "schema")]
fn beside(schema: &mut schemars::Schema, names: &[&str]) {
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for name in names {
        let schema_name = match *name {
            "sent_by" => "SentBy",
            "poolNumberId" => "OfConversation",
            "toNumber" => "OfCustomer",
            "replyTo" => "ReplyTo",
            _ => "ClientId",
        };
        let reference = serde_json::json!({ "$ref": format!("#/components/schemas/{schema_name}") });
        properties.insert((*name).to_owned(), reference);
    }
}

/// Adds the types of clients' frames to the AsyncAPI document.
#[cfg(feature = "schema")]
pub(in super::super) fn schemas(all: &mut Schemas) {
    all.request::<ReplyData>();
    all.request::<ReactionData>();
    all.request::<MediaReplyData>();
}
