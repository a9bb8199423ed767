//! Named schemas for values whose Rust type is wider than the document: a field gets one by `schemars(with =
//! "schema::Instant")`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::document::{KEEPS_NULL, Schemas};

/// Defines a type for each schema, which exists only for its schema.
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
        pub(crate) fn all(list: &mut Schemas) {
            $(list.answer::<$name>();)*
        }
    };
}

pub mod beside;

schemas! {
    /// A positive integer below 2^53.
    Id { "type": "integer", "format": "int64", "minimum": 1, "maximum": 9_007_199_254_740_991_u64 }
    /// The id of a conversation; a number where a compatible contract has numbers.
    ConversationId { "type": "string", "pattern": "^conv_[1-9][0-9]{0,15}$" }
    /// The id of a contact, which stays the same when the number changes.
    ContactId { "type": "string", "pattern": "^contact_[1-9][0-9]{0,15}$" }
    /// The id of a channel, one of the company's numbers.
    ChannelId { "type": "string", "pattern": "^ch_[1-9][0-9]{0,15}$" }
    /// The id of a broadcast; its page of recipients is read by it.
    BroadcastId { "type": "string", "pattern": "^bc_[1-9][0-9]{0,15}$" }
    /// A file's id; it is sent by it.
    FileId { "type": "string", "pattern": "^media_[1-9][0-9]{0,15}$" }
    /// UTC, to the millisecond.
    Instant {
        "type": "string",
        "format": "date-time",
        "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$",
    }
    /// UTC, to the millisecond; null for never.
    MaybeInstant {
        "type": ["string", "null"],
        "format": "date-time",
        "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$",
    }
    /// Somebody of the company, by your own name for them; opaque to us. No control characters.
    AgentName {
        "type": "string",
        "minLength": 1,
        "maxLength": 128,
        "pattern": r"^[^\u0000-\u001f\u007f-\u009f]+$",
    }
    /// A message's id; paths take the bare number, and the provider's id, too.
    MessageName { "type": "string", "pattern": "^msg_[1-9][0-9]*$" }
    /// A place in the company's log: after the event with this number. Grows with time; compare as a number.
    LogCursor { "type": "string", "pattern": "^[0-9]{1,20}$" }
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

/// A reference to the schema of this name in the document.
#[must_use]
pub fn named(name: &str) -> Schema {
    json_schema!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A type, or null, for a field that may also be absent.
pub fn nullable<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "oneOf": [generator.subschema_for::<T>(), { "type": "null" }] })
}

/// The provider's own error code: Meta's are numbers, Kaleyra's may be words. Null where there is none.
#[must_use]
pub fn provider_code(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "oneOf": [{ "type": ["integer", "string"], "maxLength": 64 }, { "type": "null" }] })
}

/// Exactly one of these fields, as an additional constraint of a schema. It is below `then` of an `if` that
/// always holds: client generators would make a type of every alternative.
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

/// A transform: a flattened enum becomes optional properties. Client generators handle these like any
/// property; the text says which of them are there.
pub fn optional_parts(schema: &mut Schema) {
    let map = schema.ensure_object();
    let mut parts = Vec::new();
    take_parts(map, &mut parts);
    let properties = map.entry("properties").or_insert_with(|| json!({}));
    let Some(properties) = properties.as_object_mut() else { return };
    for (name, part) in parts {
        match properties.get_mut(&name) {
            None => {
                properties.insert(name.clone(), part);
            }
            Some(known) => either(known, part),
        }
        if let Some(property) = properties.get_mut(&name) {
            keeps_null(property);
        }
    }
}

/// Collects the properties of all alternatives. The text of an alternative with one property belongs to that
/// property.
fn take_parts(map: &mut Map<String, Value>, parts: &mut Vec<(String, Value)>) {
    for key in ["allOf", "anyOf", "oneOf"] {
        let Some(Value::Array(alternatives)) = map.shift_remove(key) else { continue };
        for alternative in alternatives {
            let Value::Object(mut inner) = alternative else { continue };
            take_parts(&mut inner, parts);
            let Some(Value::Object(mut properties)) = inner.shift_remove("properties") else { continue };
            let only = if properties.len() == 1 { properties.values_mut().next() } else { None };
            if let (Some(Value::Object(only)), Some(words)) = (only, inner.shift_remove("description")) {
                only.entry("description").or_insert(words);
            }
            parts.extend(properties);
        }
    }
}

/// The same for an object of flattened parts only, each of which may also be null.
pub fn only_parts(schema: &mut Schema) {
    optional_parts(schema);
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for property in properties.into_iter().flat_map(Map::values_mut) {
        keeps_null(property);
    }
}

/// Says of a property that it may be null, although it may also be absent.
fn keeps_null(property: &mut Value) {
    if let Value::Object(property) = property {
        property.insert(KEEPS_NULL.to_owned(), true.into());
    }
}

/// Merges two schemas of one property.
fn either(known: &mut Value, other: Value) {
    if let Value::Object(known) = known {
        known.shift_remove(KEEPS_NULL);
    }
    if *known == other {
        return;
    }
    let (mut all, words) = alternatives(known.take());
    let (others, other_words) = alternatives(other);
    for other in others {
        if !all.contains(&other) {
            all.push(other);
        }
    }
    *known = json!({ "anyOf": all });
    if let (Some(words), Value::Object(known)) = (words.or(other_words), known) {
        known.insert("description".to_owned(), words);
    }
}

/// The alternatives of a property, and the text about all of them.
fn alternatives(property: Value) -> (Vec<Value>, Option<Value>) {
    match property {
        Value::Object(mut map) if map.contains_key("anyOf") => {
            let words = map.shift_remove("description");
            match map.shift_remove("anyOf") {
                Some(Value::Array(all)) => (all, words),
                _ => (Vec::new(), words),
            }
        }
        one => (vec![one], None),
    }
}

/// A transform: the object has all fields of another type besides its own.
pub fn beside<T: JsonSchema>(schema: &mut Schema) {
    let mut own = std::mem::take(schema.ensure_object());
    let words = own.shift_remove("description");
    let other = format!("#/components/schemas/{}", T::schema_name());
    let map = schema.ensure_object();
    if let Some(words) = words {
        map.insert("description".to_owned(), words);
    }
    map.insert("allOf".to_owned(), json!([{ "$ref": other }, own]));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(schema: Value, change: impl Fn(&mut Schema)) -> Value {
        let mut schema = Schema::try_from(schema).unwrap();
        change(&mut schema);
        schema.to_value()
    }

    #[test]
    fn alternatives_become_properties_that_may_be_there() {
        let text = || json!({ "type": "string" });
        let one = |name: &str, value: Value| json!({ "properties": { name: value }, "required": [name] });
        let schema = json!({
            "type": "object", "properties": { "id": text() }, "required": ["id"],
            "allOf": [
                { "anyOf": [{ "oneOf": [one("a", text()), one("b", json!({ "type": "integer" }))] }, {}] },
                { "anyOf": [one("a", text()), one("b", json!({ "type": "boolean" }))] },
            ],
        });
        let either = json!([{ "type": "integer" }, { "type": "boolean" }]);
        let expected = json!({
            "type": "object", "required": ["id"],
            "properties": {
                "id": text(), "a": { "type": "string", KEEPS_NULL: true }, "b": { "anyOf": either, KEEPS_NULL: true },
            },
        });
        assert_eq!(changed(schema, optional_parts), expected);
        let worded = json!({
            "oneOf": [{ "description": "It.", "properties": { "a": text() } }],
            "type": "object",
        });
        let a = changed(worded, optional_parts)["properties"]["a"].clone();
        assert_eq!(a, json!({ "type": "string", "description": "It.", KEEPS_NULL: true }));
    }

    #[test]
    fn a_property_of_several_alternatives_is_any_of_them() {
        let (text, nothing) = (json!({ "type": "string" }), json!({ "type": "null" }));
        let maybe = json!({ "anyOf": [text, nothing], "description": "Or not." });
        let one = |value: &Value| json!({ "properties": { "a": value } });
        let schema = json!({ "properties": { "b": text }, "oneOf": [one(&text), one(&maybe), one(&text)] });
        let properties = changed(schema, only_parts)["properties"].clone();
        let expected = json!({
            "b": { "type": "string", KEEPS_NULL: true },
            "a": { "anyOf": [text, nothing], "description": "Or not.", KEEPS_NULL: true },
        });
        assert_eq!(properties, expected);
    }

    #[test]
    fn an_object_beside_another_keeps_its_description() {
        let own = json!({ "description": "Both.", "type": "object", "properties": {} });
        let expected = json!({
            "description": "Both.",
            "allOf": [{ "$ref": "#/components/schemas/Instant" }, { "type": "object", "properties": {} }],
        });
        assert_eq!(changed(own, beside::<Instant>), expected);
    }
}
