//! Schemas of fields whose Rust type is wider: they exist only for their schema, and are inlined where they
//! are used.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

/// Defines a type for each schema.
macro_rules! inline {
    ($($(#[$doc:meta])+ $name:ident $schema:tt)*) => {$(
        $(#[$doc])+
        #[derive(Debug)]
        pub(in crate::contracts::v1) enum $name {}

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

inline! {
    /// Anything with a type and an action: the rest is Meta's.
    Interactive {
        "type": "object",
        "required": ["type", "action"],
        "properties": {
            "type": { "type": "string", "examples": ["button", "list"] },
            "action": { "type": "object", "additionalProperties": true },
        },
        "additionalProperties": true,
    }
    /// Components of a template, which are described where the contracts share them.
    Components { "type": "array", "items": { "$ref": "#/components/schemas/TemplateComponent" } }
    /// Who sends, which is described where the contracts share it.
    Sender { "$ref": "#/components/schemas/SentBy" }
    /// A lead, by text or by the bare number.
    Lead {
        "anyOf": [
            { "type": "string", "minLength": 1, "maxLength": 58 },
            { "$ref": "#/components/schemas/Id" },
            { "type": "null" },
        ],
    }
    /// The one policy of messages to somebody.
    OnlyAtMostOnce { "type": "string", "enum": ["at-most-once"] }
    /// What may be said in so many words, and changes nothing.
    OnlyFalse { "anyOf": [{ "type": "boolean", "const": false }, { "type": "null" }] }
    /// Degrees north of the equator; negative to the south.
    Latitude { "type": "number", "minimum": -90, "maximum": 90 }
    /// Degrees east of Greenwich; negative to the west.
    Longitude { "type": "number", "minimum": -180, "maximum": 180 }
}

/// The kinds of content, with their JSON types.
pub(super) const KINDS: &[(&str, &str)] = &[
    ("text", "string"),
    ("image", "object"),
    ("video", "object"),
    ("audio", "object"),
    ("document", "object"),
    ("sticker", "object"),
    ("template", "object"),
    ("interactive", "object"),
    ("location", "object"),
    ("contacts", "array"),
    ("reaction", "object"),
];

/// The fields that name the recipient, with their JSON types.
pub(super) const TO: &[(&str, &str)] =
    &[("phone", "string"), ("user_id", "string"), ("contact_id", "id"), ("lead_id", "id")];

/// The three ways to give a file.
pub(super) fn one_file() -> Value {
    json!({
        "oneOf": [
            { "required": ["media_id"], "properties": { "media_id": { "type": ["string", "integer"] } } },
            { "required": ["url"], "properties": { "url": { "type": "string" } } },
            {
                "required": ["data", "mime_type"],
                "properties": { "data": { "type": "string" }, "mime_type": { "type": "string" } },
            },
        ],
    })
}
