//! Schemas with a name of their own for values whose Rust type says less than the document: a field has one by
//! `schemars(with = "schema::Instant")`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::api::document::Schemas;

/// Writes a type for each schema, which is there only for its schema.
macro_rules! schemas {
    ($($(#[doc = $doc:literal])+ $name:ident $schema:tt)*) => {$(
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub enum $name {}

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let mut schema = json_schema!($schema);
                let words = [$($doc.trim()),+].join("\n");
                schema.insert("description".to_owned(), words.into());
                schema
            }
        }
    )*

        /// Adds all of them.
        pub(in crate::api) fn all(list: &mut Schemas) {
            $(list.answer::<$name>();)*
        }
    };
}

schemas! {
    /// A positive integer below 2^53.
    Id { "type": "integer", "format": "int64", "minimum": 1, "maximum": 9_007_199_254_740_991_u64 }
    /// A conversation's id.
    ConversationId { "type": "string", "pattern": "^conv_[1-9][0-9]{0,15}$" }
    /// A contact's id.
    ContactId { "type": "string", "pattern": "^contact_[1-9][0-9]{0,15}$" }
    /// The id of a channel, one of the company's numbers.
    ChannelId { "type": "string", "pattern": "^ch_[1-9][0-9]{0,15}$" }
    /// A broadcast's id.
    BroadcastId { "type": "string", "pattern": "^bc_[1-9][0-9]{0,15}$" }
    /// A file's id; it is sent by it.
    FileId { "type": "string", "pattern": "^media_[1-9][0-9]{0,15}$" }
    /// UTC, to the millisecond.
    Instant {
        "type": "string",
        "format": "date-time",
        "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$",
    }
    /// Where the next page begins; null on the last. A page after a full one can be empty.
    NextCursor { "type": ["string", "null"], "pattern": "^[A-Za-z0-9_-]+$" }
    /// Your own reference, such as a service request. Opaque to us.
    RequestRef { "type": ["integer", "null"], "format": "int64", "minimum": 1, "maximum": 9_007_199_254_740_991_u64 }
    /// The provider's id of a message, as `provider_message_id` under `/v1` shows it.
    ProviderMessageId {
        "type": "string",
        "minLength": 1,
        "maxLength": 512,
        "pattern": r"^[^\u0000-\u001F\u007F-\u009F]+$",
    }
    /// 1 to 4,096 UTF-16 units (an emoji counts two or more), without control characters besides tab and line
    /// ends. Goes out byte for byte.
    Text {
        "type": "string",
        "minLength": 1,
        "maxLength": 4096,
        "pattern": r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]+$",
    }
    /// The number or user id as the request has it, cut to 200 characters; empty where it has no text there. An entry
    /// that names nobody has it as `phoneNumber`.
    GivenNumber { "type": "string", "maxLength": 200 }
    /// The conversation as the request has it.
    GivenConversation { "type": ["integer", "string"], "maxLength": 200 }
    /// An addition of ours: the channel that the message goes out on, with or without `ch_` in front; without it, the
    /// company's default channel. A recipient named by `conversationId` has the channel of that conversation.
    ChannelIn {
        "oneOf": [
            { "type": "integer", "format": "int64", "minimum": 1, "maximum": 9_007_199_254_740_991_u64 },
            { "type": "string", "pattern": "^((ch|pn|pool)_)?0*[1-9][0-9]{0,15}$" },
            { "type": "string", "maxLength": 0 },
            { "type": "object", "maxProperties": 0 },
            { "type": "array", "maxItems": 0, "items": {} },
            { "type": "null" },
        ],
    }
    /// An addition of ours, for a customer who shows no number: their user id for this business. A number at Kaleyra
    /// cannot send to it, and an authentication template needs a phone number (`unsupported`), unless a number of the
    /// same customer is known: then it goes there.
    CustomerUserId {
        "type": "string",
        "pattern": r"^[A-Z]{2}\.[A-Za-z0-9.]{1,128}$",
        "examples": ["GT.13491208655302741918"],
    }
    /// An addition of ours: the conversation with the customer, whom the message reaches by whatever they are reached
    /// by there. As text, `conv_` may stand in front.
    CustomerConversationId {
        "oneOf": [
            { "type": "integer", "format": "int64", "minimum": 1, "maximum": 9_007_199_254_740_991_u64 },
            { "type": "string", "pattern": "^(conv_)?[1-9][0-9]{0,14}$" },
        ],
    }
    /// A number is taken as its digits.
    TemplateText { "oneOf": [{ "type": "string", "minLength": 1 }, { "type": "number" }] }
    /// Where a file is; one of the two.
    TemplateFile {
        "type": "object",
        "properties": {
            "link": {
                "description": "An address from which the provider can fetch it without a login.",
                "type": "string",
                "maxLength": 2048,
                "pattern": "^https?://[!-.0-~][!-~]*$",
            },
            "id": {
                "description": "What the provider called it when it was uploaded there.",
                "type": "string",
                "minLength": 1,
            },
            "filename": { "description": "What a document is called.", "type": "string" },
        },
        "oneOf": [{ "required": ["link"] }, { "required": ["id"] }],
        "additionalProperties": true,
    }
    /// An amount, which goes where text may go.
    TemplateCurrency {
        "type": "object",
        "required": ["fallback_value", "code"],
        "properties": {
            "fallback_value": {
                "type": "string",
                "description": "What is shown where it cannot be put in the reader's own way.",
            },
            "code": { "type": "string", "examples": ["USD"] },
            "amount_1000": { "type": "integer", "description": "A thousand times the amount." },
        },
        "additionalProperties": true,
    }
    /// A point in time, which goes where text may go.
    TemplateDateTime {
        "type": "object",
        "required": ["fallback_value"],
        "properties": { "fallback_value": { "type": "string" } },
        "additionalProperties": true,
    }
    /// A place on the map.
    TemplateLocation {
        "type": "object",
        "required": ["latitude", "longitude"],
        "properties": {
            "latitude": { "type": ["number", "string"] },
            "longitude": { "type": ["number", "string"] },
            "name": { "type": "string" },
            "address": { "type": "string" },
        },
        "additionalProperties": true,
    }
}
