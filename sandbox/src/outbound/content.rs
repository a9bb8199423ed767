//! The required content of each message type.

use serde_json::Value;

use super::meta_error::MetaError;

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
        "interactive" => interactive(content),
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
    let numeric = value.is_number() || value.as_str().is_some_and(|text| text.trim().parse::<f64>().is_ok());
    if numeric { Ok(()) } else { Err(MetaError::invalid(&name, "is not a number")) }
}

fn contacts(content: &Value) -> Result<(), MetaError> {
    let list = content.as_array().filter(|list| !list.is_empty());
    list.ok_or_else(|| MetaError::missing("contacts"))?
        .iter()
        .try_for_each(|contact| string(contact, "/name/formatted_name", "contacts.name.formatted_name"))
}

fn interactive(content: &Value) -> Result<(), MetaError> {
    string(content, "/type", "interactive.type")?;
    if !content.get("action").is_some_and(Value::is_object) {
        return Err(MetaError::missing("interactive.action"));
    }
    match content.get("type").and_then(Value::as_str) {
        Some("button") => buttons(content),
        Some("list") => list(content),
        _ => Ok(()),
    }
}

fn buttons(content: &Value) -> Result<(), MetaError> {
    let buttons = items(content, "/action/buttons");
    if !(1..=3).contains(&buttons.len()) {
        let why = "must hold between 1 and 3 buttons";
        return Err(MetaError::invalid("interactive.action.buttons", why));
    }
    string(content, "/body/text", "interactive.body.text")?;
    for button in buttons {
        string(button, "/reply/id", "button.reply.id")?;
        string(button, "/reply/title", "button.reply.title")?;
        length(button, "/reply/title", "button['reply']['title']", 1, 20)?;
    }
    Ok(())
}

fn list(content: &Value) -> Result<(), MetaError> {
    string(content, "/action/button", "interactive.action.button")?;
    string(content, "/body/text", "interactive.body.text")?;
    let sections = items(content, "/action/sections");
    let rows: Vec<&Value> = sections.iter().flat_map(|section| items(section, "/rows")).collect();
    if !(1..=10).contains(&rows.len()) {
        let why = "must hold between 1 and 10 rows in all";
        return Err(MetaError::invalid("interactive.action.sections", why));
    }
    for row in rows {
        string(row, "/id", "row.id")?;
        string(row, "/title", "row.title")?;
        length(row, "/title", "row['title']", 1, 24)?;
    }
    Ok(())
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
    fn an_interactive_message_keeps_to_its_limits() {
        let with_buttons = |count: usize, title: &str| {
            let button = json!({"type": "reply", "reply": {"id": "a", "title": title}});
            let action = json!({"buttons": vec![button; count]});
            json!({"type": "button", "body": {"text": "?"}, "action": action})
        };
        assert_eq!(code("interactive", &with_buttons(3, "Yes")), None);
        assert_eq!(code("interactive", &with_buttons(4, "Yes")), Some(131_009));
        assert_eq!(code("interactive", &with_buttons(1, &"y".repeat(21))), Some(100));
        let with_rows = |count: usize| {
            let rows = vec![json!({"id": "a", "title": "A"}); count];
            let action = json!({"button": "Menu", "sections": [{"rows": rows}]});
            json!({"type": "list", "body": {"text": "?"}, "action": action})
        };
        assert_eq!(code("interactive", &with_rows(10)), None);
        assert_eq!(code("interactive", &with_rows(11)), Some(131_009));
    }

    #[test]
    fn an_unknown_type_is_unsupported() {
        assert_eq!(code("hologram", &json!({})), Some(131_051));
    }
}
