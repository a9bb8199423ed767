//! The required content of each message type (facts: meta.md 2.3; template-rules.md 3).

mod interactive;

use serde_json::Value;

use super::meta_error::MetaError;

/// The most cards in a message.
const MAX_CONTACTS: usize = 257;

/// The message types that can be sent.
const KINDS: [&str; 11] = [
    "text",
    "image",
    "video",
    "document",
    "audio",
    "sticker",
    "location",
    "contacts",
    "reaction",
    "interactive",
    "template",
];

/// Validates the object under the name of the type.
pub(crate) fn validate(kind: &str, content: Option<&Value>) -> Result<(), MetaError> {
    if !KINDS.contains(&kind) {
        let details = format!("Message type {kind} is not currently supported.");
        return Err(MetaError::new(131_051, details));
    }
    let content = content.ok_or_else(|| MetaError::missing(kind))?;
    match kind {
        "text" => text(content),
        "location" => ["latitude", "longitude"].iter().try_for_each(|key| degrees(content, key)),
        "contacts" => contacts(content),
        "reaction" => ["message_id", "emoji"]
            .iter()
            .try_for_each(|key| string(content, &format!("/{key}"), &format!("reaction.{key}"))),
        "interactive" => interactive::validate(content),
        "template" => {
            string(content, "/name", "template.name")?;
            string(content, "/language/code", "template.language.code")
        }
        _ => media(kind, content),
    }
}

fn text(content: &Value) -> Result<(), MetaError> {
    string(content, "/body", "text.body")?;
    length(content, "/body", "text['body']", 1, 4096)
}

fn media(kind: &str, content: &Value) -> Result<(), MetaError> {
    let given = |key: &str| content.get(key).is_some_and(Value::is_string);
    if !given("id") && !given("link") {
        return Err(MetaError::missing(&format!("{kind}.id or {kind}.link")));
    }
    length(content, "/caption", &format!("{kind}['caption']"), 0, 1024)
}

fn degrees(content: &Value, key: &str) -> Result<(), MetaError> {
    let name = format!("location.{key}");
    let value = content.get(key).ok_or_else(|| MetaError::missing(&name))?;
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    let max = if key == "latitude" { 90.0 } else { 180.0 };
    match number {
        Some(number) if (-max..=max).contains(&number) => Ok(()),
        Some(_) => Err(MetaError::invalid(&name, "is not on earth")),
        None => Err(MetaError::invalid(&name, "is not a number")),
    }
}

fn contacts(content: &Value) -> Result<(), MetaError> {
    let list = content.as_array().filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| MetaError::missing("contacts"))?;
    if list.len() > MAX_CONTACTS {
        return Err(MetaError::invalid("contacts", "must hold at most 257 cards"));
    }
    list.iter()
        .try_for_each(|contact| string(contact, "/name/formatted_name", "contacts.name.formatted_name"))
}

fn items<'a>(content: &'a Value, pointer: &str) -> &'a [Value] {
    content.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn string(content: &Value, pointer: &str, name: &str) -> Result<(), MetaError> {
    match content.pointer(pointer) {
        Some(Value::String(_)) => Ok(()),
        None | Some(Value::Null) => Err(MetaError::missing(name)),
        Some(_) => Err(MetaError::invalid(name, "must be a string")),
    }
}

// Meta reports a wrong length as a malformed parameter, not as an invalid value.
fn length(content: &Value, pointer: &str, name: &str, min: usize, max: usize) -> Result<(), MetaError> {
    let text = content.pointer(pointer).and_then(Value::as_str);
    let fits = text.is_none_or(|text| (min..=max).contains(&text.chars().count()));
    if fits {
        return Ok(());
    }
    let details = format!("Param {name} must be between {min} and {max} characters long.");
    Err(MetaError::malformed(details))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::validate;

    fn code(kind: &str, content: &Value) -> Option<u32> {
        validate(kind, Some(content)).err().map(|error| error.code)
    }

    #[test]
    fn the_length_of_a_text_is_counted_in_characters() {
        assert_eq!(code("text", &json!({"body": "ñ".repeat(4096)})), None);
        assert_eq!(code("text", &json!({"body": "ñ".repeat(4097)})), Some(100));
        assert_eq!(code("text", &json!({"body": ""})), Some(100));
        assert_eq!(code("text", &json!({})), Some(131_008));
        assert_eq!(code("text", &json!({"body": 7})), Some(131_009));
    }

    #[test]
    fn each_type_has_its_required_fields() {
        let missing = [
            ("image", json!({"caption": "x"})),
            ("location", json!({"latitude": 1})),
            ("contacts", json!([])),
            ("contacts", json!([{"name": {"first_name": "Ana"}}])),
            ("reaction", json!({"emoji": "👍"})),
            ("interactive", json!({"type": "button"})),
            ("template", json!({"name": "hello_world"})),
        ];
        for (kind, content) in missing {
            assert_eq!(code(kind, &content), Some(131_008), "{kind} {content}");
        }
        let complete = [
            ("sticker", json!({"id": "1"})),
            ("location", json!({"latitude": "19.4", "longitude": -99.1})),
            ("contacts", json!([{"name": {"formatted_name": "Ana"}}])),
            ("reaction", json!({"message_id": "wamid.1", "emoji": ""})),
            ("template", json!({"name": "hello_world", "language": {"code": "en_US"}})),
        ];
        for (kind, content) in complete {
            assert_eq!(code(kind, &content), None, "{kind} {content}");
        }
    }

    #[test]
    fn a_place_is_on_earth_and_a_message_has_257_cards_at_most() {
        assert_eq!(code("location", &json!({"latitude": 90.1, "longitude": 0})), Some(131_009));
        assert_eq!(code("location", &json!({"latitude": -90, "longitude": "180"})), None);
        assert_eq!(code("location", &json!({"latitude": 0, "longitude": 181})), Some(131_009));
        let cards = |count: usize| json!(vec![json!({"name": {"formatted_name": "Ana"}}); count]);
        assert_eq!(code("contacts", &cards(257)), None);
        assert_eq!(code("contacts", &cards(258)), Some(131_009));
    }

    #[test]
    fn an_unknown_type_is_unsupported() {
        assert_eq!(code("hologram", &json!({})), Some(131_051));
    }
}
