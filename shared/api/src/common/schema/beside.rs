//! Optional fields that requests of several contracts accept, and that their bodies' types do not have:
//! `near_miss`, `quote` and `sent_by` read them, in any spelling.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::{common::sent_by::SenderBody, document::Schemas};

schemas! {
    /// An addition of ours: the message that this one answers, which the customer then sees quoted: by our id or the
    /// provider's, or, like Meta's `context`, as an object with `message_id`.
    QuoteIn {
        "oneOf": [
            { "type": "string", "maxLength": 512 },
            { "type": "integer", "format": "int64", "minimum": 1, "maximum": 9_007_199_254_740_991_u64 },
            {
                "type": "object",
                "required": ["message_id"],
                "properties": { "message_id": { "type": ["string", "integer"] } },
                "additionalProperties": true,
            },
            { "type": "null" },
        ],
    }
    /// An addition of ours: whether the first link of a text is shown with a preview; it is not, if nothing is said.
    PreviewIn {
        "anyOf": [
            { "type": ["boolean", "null"] },
            { "type": "string", "pattern": "^(true|false)?$" },
            { "type": "object", "maxProperties": 0 },
            { "type": "array", "maxItems": 0, "items": {} },
        ],
    }
}

/// Adds the schema of a sender to the document.
pub(crate) fn sender(list: &mut Schemas) {
    list.request::<SenderBody>();
}

/// Adds the sender to the fields of a request.
pub fn sent_by(schema: &mut Schema) {
    add(schema, "sent_by", "SentBy");
}

/// The same with the quoted message and the link preview.
pub fn sent_by_quote_and_preview(schema: &mut Schema) {
    sent_by(schema);
    add(schema, "replyTo", "QuoteIn");
    add(schema, "preview_url", "PreviewIn");
}

fn add(schema: &mut Schema, field: &str, kind: &str) {
    let fields = schema.ensure_object().entry("properties").or_insert_with(|| json!({}));
    if let Value::Object(fields) = fields {
        fields.insert(field.to_owned(), json!({ "$ref": format!("#/components/schemas/{kind}") }));
    }
}
