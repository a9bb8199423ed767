//! This contract's part of the OpenAPI document.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::{
    errors::ErrorBody,
    list_conversations::WhatsappConversations,
    list_templates::Templates,
    read_conversation::WhatsappHistory,
    recipient::Given,
    routes::{BODIES, ROUTES},
    send_in_conversation::{MessageBody, SentInConversation},
    send_template::{
        request::TemplateBody,
        types::{
            BegunOrNot, GoesOn, NotSentToOne, QueuedForOne, SentToMany, SentToOne, TemplateProblems,
            WouldBeSentToOne,
        },
    },
    send_to_number::{SendBody, SentToNumber},
    types::Always,
};
use crate::{
    common::schema::{GivenConversation, GivenNumber},
    document::{Room, Schemas},
};

pub(crate) const ROOM: Room = Room {
    name: "ambiosys",
    routes: ROUTES,
    words: include_str!("openapi.yaml"),
    bodies: BODIES,
    others: schemas,
};

/// The schemas that no row of the table names.
fn schemas(all: &mut Schemas) {
    all.request::<SendBody>();
    all.request::<MessageBody>();
    all.request::<TemplateBody>();
    all.answer::<ErrorBody<'_>>();
    all.answer::<SentToNumber<'_>>();
    all.answer::<SentInConversation<'_>>();
    all.answer::<WhatsappConversations<'_>>();
    all.answer::<WhatsappHistory<'_>>();
    all.answer::<Templates<'_>>();
    all.answer::<SentToMany<'_>>();
    all.answer::<GoesOn<'_>>();
    all.answer::<TemplateProblems<'_>>();
    all.answer::<BegunOrNot>();
}

/// The constraint that exactly one of these fields names the customer; null counts as absent.
pub(super) fn one_customer() -> Value {
    json!([
        { "required": ["phoneNumber"], "properties": { "phoneNumber": { "type": "string" } } },
        { "required": ["userId"], "properties": { "userId": { "type": "string" } } },
        { "required": ["conversationId"], "properties": { "conversationId": { "type": ["integer", "string"] } } },
    ])
}

// Additions of ours, which are read in any spelling, and so are in no type of a body.

/// Adds the optional fields of a text to a customer.
pub(super) fn text_to_number(schema: &mut Schema) {
    text_in_conversation(schema);
    add(schema, "channelId", reference("ChannelIn"));
}

/// Adds the optional fields of a text in a conversation.
pub(super) fn text_in_conversation(schema: &mut Schema) {
    add(schema, "sent_by", reference("SentBy"));
    add(schema, "replyTo", reference("QuoteIn"));
    add(schema, "preview_url", reference("PreviewIn"));
}

/// Adds the optional fields of a template to many.
pub(super) fn template_to_many(schema: &mut Schema) {
    let words = "Like the parameter; false if left out. It is enough to give one of them.";
    add(schema, "dry_run", json!({ "description": words, "type": ["boolean", "null"] }));
    add(schema, "sent_by", reference("SentBy"));
    add(schema, "channelId", reference("ChannelIn"));
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn add(schema: &mut Schema, name: &str, field: Value) {
    if let Some(Value::Object(fields)) = schema.get_mut("properties") {
        fields.insert(name.to_owned(), field);
    }
}

impl<const SAID: bool> JsonSchema for Always<SAID> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Always_{SAID}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "boolean", "const": SAID })
    }
}

/// Properties instead of variants: client generators handle alternatives of whole objects badly. This
/// contract never names a recipient by contact.
impl JsonSchema for Given<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Given".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "oneOf": [{ "required": ["phoneNumber"] }, { "required": ["userId"] }, { "required": ["conversationId"] }],
            "properties": {
                "phoneNumber": generator.subschema_for::<GivenNumber>(),
                "userId": generator.subschema_for::<GivenNumber>(),
                "conversationId": generator.subschema_for::<GivenConversation>(),
            },
        })
    }
}

/// The result of a recipient has no fields besides its own and the flattened ones.
pub(super) fn closed(schema: &mut Schema) {
    schema.remove("unevaluatedProperties");
    schema.insert("additionalProperties".to_owned(), json!(false));
}

/// Restricts the failure codes to those of one recipient.
pub(super) fn of_one(schema: &mut Schema) {
    closed(schema);
    if let Some(Value::Object(code)) = schema.pointer_mut("/properties/code") {
        code.insert("enum".to_owned(), json!(CODES_OF_ONE));
    }
}

const CODES_OF_ONE: [&str; 23] = [
    "invalid_request",
    "duplicate_recipient",
    "not_begun",
    "no_channel",
    "not_found",
    "idempotency_key_reused",
    "request_in_progress",
    "window_closed",
    "rate_limited",
    "recipient_unreachable",
    "suppressed",
    "invalid_input",
    "template_problem",
    "provider_rejected",
    "provider_auth",
    "account_blocked",
    "channel_disabled",
    "low_balance",
    "unsupported",
    "provider_down",
    "provider_fault",
    "outcome_unknown",
    "unavailable",
];

/// The results of a finished request.
pub(super) fn ended(generator: &mut SchemaGenerator) -> Schema {
    list(&[
        generator.subschema_for::<SentToOne<'_>>(),
        generator.subschema_for::<NotSentToOne<'_>>(),
        generator.subschema_for::<WouldBeSentToOne<'_>>(),
    ])
}

/// The results of a request that is still running.
pub(super) fn under_way(generator: &mut SchemaGenerator) -> Schema {
    list(&[
        generator.subschema_for::<QueuedForOne<'_>>(),
        generator.subschema_for::<SentToOne<'_>>(),
        generator.subschema_for::<NotSentToOne<'_>>(),
    ])
}

fn list(alternatives: &[Schema; 3]) -> Schema {
    json_schema!({
        "type": "array",
        "minItems": 1,
        "maxItems": 1000,
        "items": { "oneOf": alternatives },
    })
}
