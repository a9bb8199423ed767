//! Parses the message that a simulated customer is to send.

use serde_json::{Map, Value, json};

use super::BadRequest;
use crate::media;

/// The fields that control the sandbox; every other field goes into the message unchanged.
const CONTROL_FIELDS: [&str; 9] =
    ["to", "hide_phone", "timestamp", "duplicate", "id", "type", "file_size", "webhook", "contact"];

/// The fields that identify the sender. They come from the phone unless given; a null removes one.
const SENDER: [&str; 3] = ["from", "from_user_id", "from_parent_user_id"];

/// Types whose object is required, because it has no reasonable default.
const NEEDS_OBJECT: [&str; 6] = ["text", "button", "interactive", "reaction", "location", "order"];

/// The most copies of a webhook; more are a typing error.
const MAX_DUPLICATES: u64 = 100;

/// The largest file, in bytes; a little more than WhatsApp's limit.
const MAX_FILE_SIZE: usize = 110 * 1024 * 1024;

/// A customer's message, with the options of the control call.
#[derive(Debug, Clone)]
pub(super) struct CustomerMessage {
    /// The business number; `None` for the first one.
    pub(super) to: Option<String>,
    pub(super) hide_phone: bool,
    /// When the customer wrote, in Unix seconds.
    pub(super) timestamp: i64,
    /// How many more times the webhook is delivered.
    pub(super) duplicate: u64,
    /// Whether the business gets a webhook; without one, it has missed the message.
    pub(super) webhook: bool,
    /// The message id; a new one if absent.
    pub(super) id: Option<String>,
    pub(super) kind: String,
    /// The size of the file in bytes; small if absent.
    pub(super) file_size: Option<usize>,
    /// The sender's fields, as the caller gave them.
    pub(super) sender: Map<String, Value>,
    /// A merge patch for the entry of `contacts`; a null removes the whole list.
    pub(super) contact: Option<Value>,
    /// The fields of the message: the object of its type, `context`, `referral` and the like.
    pub(super) fields: Map<String, Value>,
}

impl CustomerMessage {
    /// Parses the body of the control call, made at `now` (Unix seconds).
    pub(super) fn parse(body: Map<String, Value>, now: i64) -> Result<Self, BadRequest> {
        let kind = kind(&body)?;
        Ok(Self {
            to: text(&body, "to")?,
            hide_phone: flag(&body, "hide_phone")?.unwrap_or(false),
            webhook: flag(&body, "webhook")?.unwrap_or(true),
            timestamp: timestamp(&body, now)?,
            duplicate: duplicate(&body)?,
            id: text(&body, "id")?,
            file_size: file_size(&body)?,
            sender: sender(&body)?,
            contact: contact(&body)?,
            fields: fields(body, &kind)?,
            kind,
        })
    }

    /// The object under the name of the type.
    pub(super) fn content(&self) -> Value {
        self.fields.get(&self.kind).cloned().unwrap_or_default()
    }

    /// Whether the customer is the author; Meta is the author of `system` messages about a changed number or user id.
    pub(super) fn is_written_by_customer(&self) -> bool {
        self.kind != "system"
    }

    /// Whether the message opens the service window, as any message does (facts: meta.md 8.1). Reactions are not
    /// documented; here a reaction opens it, but removing one, an edit and a deletion do not.
    pub(super) fn opens_window(&self) -> bool {
        match self.kind.as_str() {
            "system" | "edit" | "revoke" => false,
            "reaction" => {
                self.content().get("emoji").and_then(Value::as_str).is_some_and(|it| !it.is_empty())
            }
            _ => true,
        }
    }
}

fn kind(body: &Map<String, Value>) -> Result<String, BadRequest> {
    match text(body, "type")? {
        Some(kind) if !kind.is_empty() => Ok(kind),
        None if body.contains_key("text") => Ok("text".to_owned()),
        _ => Err("`type` is missing (or write `text`)".into()),
    }
}

fn fields(body: Map<String, Value>, kind: &str) -> Result<Map<String, Value>, BadRequest> {
    let mut fields = body;
    let is_control_field = |key: &str| CONTROL_FIELDS.contains(&key) || SENDER.contains(&key);
    fields.retain(|key, value| !is_control_field(key) && !value.is_null());
    if let Some(Value::String(text)) = fields.get("text") {
        let text = json!({"body": text});
        fields.insert("text".into(), text);
    }
    for key in ["context", "referral"] {
        if fields.get(key).is_some_and(|value| !value.is_object()) {
            return Err(BadRequest(format!("`{key}` must be an object")));
        }
    }
    if media::default_mime_type(kind).is_some() {
        fields.entry(kind).or_insert_with(|| Value::Object(Map::new()));
    }
    check_content(kind, fields.get(kind))?;
    Ok(fields)
}

fn sender(body: &Map<String, Value>) -> Result<Map<String, Value>, BadRequest> {
    let given = SENDER.into_iter().filter_map(|name| Some((name, body.get(name)?)));
    let checked = given.map(|(name, value)| match value {
        Value::Null | Value::String(_) => Ok((name.to_owned(), value.clone())),
        _ => Err(BadRequest(format!("`{name}` must be a string or null"))),
    });
    checked.collect()
}

fn contact(body: &Map<String, Value>) -> Result<Option<Value>, BadRequest> {
    match body.get("contact") {
        Some(contact) if !(contact.is_object() || contact.is_null()) => {
            Err("`contact` must be an object or null".into())
        }
        contact => Ok(contact.cloned()),
    }
}

fn check_content(kind: &str, content: Option<&Value>) -> Result<(), BadRequest> {
    let is_media = media::default_mime_type(kind).is_some();
    let fits = match (kind, content) {
        ("text", Some(text)) => text.get("body").is_some_and(Value::is_string),
        ("contacts", content) => content.is_some_and(Value::is_array),
        (_, Some(content)) if is_media || NEEDS_OBJECT.contains(&kind) => content.is_object(),
        (_, None) => !NEEDS_OBJECT.contains(&kind),
        _ => true,
    };
    if fits {
        return Ok(());
    }
    Err(BadRequest(match kind {
        "text" => "`text` must be a string or an object with a `body`".to_owned(),
        "contacts" => "`contacts` must be a list".to_owned(),
        _ => format!("`{kind}` must be an object"),
    }))
}

fn text(body: &Map<String, Value>, key: &str) -> Result<Option<String>, BadRequest> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(BadRequest(format!("`{key}` must be a string"))),
    }
}

fn file_size(body: &Map<String, Value>) -> Result<Option<usize>, BadRequest> {
    let Some(given) = body.get("file_size").filter(|given| !given.is_null()) else { return Ok(None) };
    let size =
        given.as_u64().and_then(|size| usize::try_from(size).ok()).filter(|size| *size <= MAX_FILE_SIZE);
    size.map(Some)
        .ok_or_else(|| BadRequest(format!("`file_size` must be a number from 0 to {MAX_FILE_SIZE}")))
}

fn flag(body: &Map<String, Value>, key: &str) -> Result<Option<bool>, BadRequest> {
    match body.get(key) {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(BadRequest(format!("`{key}` must be true or false"))),
    }
}

fn timestamp(body: &Map<String, Value>, now: i64) -> Result<i64, BadRequest> {
    let given = match body.get("timestamp") {
        None => return Ok(now),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_i64(),
    };
    given.ok_or_else(|| "`timestamp` must be a whole number of Unix seconds".into())
}

fn duplicate(body: &Map<String, Value>) -> Result<u64, BadRequest> {
    let Some(value) = body.get("duplicate") else {
        return Ok(0);
    };
    let copies = value.as_u64().filter(|copies| *copies <= MAX_DUPLICATES);
    copies.ok_or_else(|| "`duplicate` must be a whole number up to 100".into())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{BadRequest, CustomerMessage};

    fn parse(body: &Value) -> Result<CustomerMessage, BadRequest> {
        CustomerMessage::parse(body.as_object().cloned().unwrap_or_default(), 7)
    }

    #[test]
    fn the_short_form_of_a_text_becomes_an_object() -> Result<(), BadRequest> {
        let customer = parse(&json!({"text": "hola", "to": "1", "timestamp": 7}))?;
        assert_eq!(customer.kind, "text");
        assert_eq!(Value::Object(customer.fields), json!({"text": {"body": "hola"}}));
        assert_eq!(customer.timestamp, 7);
        Ok(())
    }

    #[test]
    fn an_unknown_type_passes_as_it_is() -> Result<(), BadRequest> {
        let customer = parse(&json!({"type": "unsupported", "errors": [{"code": 131_051}]}))?;
        assert_eq!(Value::Object(customer.fields), json!({"errors": [{"code": 131_051}]}));
        Ok(())
    }

    #[test]
    fn what_the_customer_says_anew_opens_the_window() -> Result<(), BadRequest> {
        let reaction =
            |emoji: &str| json!({"type": "reaction", "reaction": {"message_id": "w", "emoji": emoji}});
        let cases = [
            (json!({"text": "x"}), true),
            (json!({"type": "image"}), true),
            (json!({"type": "button", "button": {"text": "Yes", "payload": "Y"}}), true),
            (json!({"type": "request_welcome"}), true),
            (json!({"type": "unsupported", "errors": []}), true),
            (reaction("👍"), true),
            (reaction(""), false),
            (json!({"type": "reaction", "reaction": {"message_id": "w"}}), false),
            (json!({"type": "system", "system": {"type": "user_changed_number"}}), false),
            (json!({"type": "revoke", "revoke": {"original_message_id": "w"}}), false),
            (json!({"type": "edit", "edit": {"original_message_id": "w"}}), false),
        ];
        for (body, opens) in cases {
            assert_eq!(parse(&body)?.opens_window(), opens, "{body}");
        }
        Ok(())
    }

    #[test]
    fn a_mistake_is_answered_with_the_name_of_the_field() {
        let cases = [
            (json!({}), "`type`"),
            (json!({"text": 7}), "`text`"),
            (json!({"type": "text"}), "`text`"),
            (json!({"type": "button"}), "`button`"),
            (json!({"type": "contacts", "contacts": {}}), "`contacts`"),
            (json!({"type": "image", "image": "x"}), "`image`"),
            (json!({"text": "x", "timestamp": "soon"}), "`timestamp`"),
            (json!({"text": "x", "duplicate": -1}), "`duplicate`"),
            (json!({"text": "x", "hide_phone": "yes"}), "`hide_phone`"),
            (json!({"text": "x", "webhook": 0}), "`webhook`"),
            (json!({"text": "x", "from": 50_212}), "`from`"),
            (json!({"text": "x", "contact": "Ana"}), "`contact`"),
            (json!({"text": "x", "context": "wamid.1"}), "`context`"),
            (json!({"text": "x", "to": 1}), "`to`"),
        ];
        for (body, field) in cases {
            let named = parse(&body).err().is_some_and(|error| error.0.contains(field));
            assert!(named, "{body} should name {field}");
        }
    }
}
