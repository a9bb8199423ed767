//! Schemas with a name of their own for values whose Rust type says less than the document: a field has one by
//! `schemars(with = "schema::Instant")`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

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

pub mod beside;

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
}

/// The schema that has this name in the document, whoever describes it.
#[must_use]
pub fn named(name: &str) -> Schema {
    json_schema!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A type, or null: of a field that may also be absent.
pub fn nullable<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "oneOf": [generator.subschema_for::<T>(), { "type": "null" }] })
}

/// The provider's own error code: Meta's are numbers, Kaleyra's may be words. Null where there is none.
#[must_use]
pub fn provider_code(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "oneOf": [{ "type": ["integer", "string"], "maxLength": 64 }, { "type": "null" }] })
}

/// Exactly one of these fields, as what a schema also wants. It stands below `then` of an `if` that always holds:
/// generators of clients would make a type of every alternative.
#[must_use]
pub fn one_of(fields: &[(&str, &str)]) -> Value {
    let alternative = |(field, kind): &(&str, &str)| {
        let properties = match *kind {
            "array" => json!({ *field: { "type": "array", "items": {} } }),
            "id" => json!({ *field: { "type": ["string", "integer"] } }),
            kind => json!({ *field: { "type": kind } }),
        };
        json!({ "required": [field], "properties": properties })
    };
    json!({ "oneOf": fields.iter().map(alternative).collect::<Vec<_>>() })
}
