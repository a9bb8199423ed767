//! `sent_by`: the sender of a message. An addition of ours to every route that sends; clients that do not
//! know it leave it out, and their messages count as a person's.

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Value, json};

use super::{Fields, InputError, json};
use ventanilla_core::domain::{
    conversation_action::AgentId,
    sent_by::{SenderKind, SentBy},
};

/// Longest id, in characters.
const ID: usize = 64;

/// Longest name, in characters.
const NAME: usize = 256;

/// Reads the sender of a message from a request's body.
///
/// # Errors
/// Names the field.
pub fn of_body(body: &[u8]) -> Result<Option<SentBy>, InputError> {
    // A fault of the body as a whole is reported by the reader of the rest.
    match Fields::read(body) {
        Ok(fields) => of_fields(&fields),
        Err(_) => Ok(None),
    }
}

/// Reads the sender of a message from the fields of an object.
///
/// # Errors
/// Names the field.
pub fn of_fields(fields: &Fields) -> Result<Option<SentBy>, InputError> {
    let Some(given) = fields.value("sent_by").filter(|given| !given.is_null()) else { return Ok(None) };
    let WithSender { sent_by } = json::of_value(json!({ "sent_by": given }))?;
    let SenderBody { kind, id, name } = sent_by;
    let kind = kind.ok_or_else(|| InputError::field("sent_by.type", "must be human or bot"))?;
    let (id, name) = (id.map(|ShortText(id)| id), name.map(|ShortText(name)| name));
    checked(kind, id.as_deref(), name.as_deref()).map(Some)
}

/// A body with a sender.
#[derive(Deserialize)]
struct WithSender {
    sent_by: SenderBody,
}

/// Who sends: a person or a bot, by the id and name that your own system has for them. Left out, it is what the API key
/// is for, a person unless it was made with `--kind bot`. A person's `id` is assigned where nobody is.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object like {\"type\":\"human\",\"id\":\"ana\"}")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "SentBy", extend("type" = ["object", "null"])))]
pub(super) struct SenderBody {
    #[serde(rename = "type")]
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("enum" = ["human", "bot"])))]
    kind: Option<SenderKind>,
    id: Option<ShortText<ID>>,
    name: Option<ShortText<NAME>>,
}

/// Checks a sender, by the id and name that the company's own system has for them.
///
/// # Errors
/// Names the field.
pub fn checked(kind: SenderKind, id: Option<&str>, name: Option<&str>) -> Result<SentBy, InputError> {
    let id = id.map(|id| fitting(id, "sent_by.id", ID)).transpose()?;
    let name = name.map(|name| fitting(name, "sent_by.name", NAME)).transpose()?;
    let id = id.map(AgentId::try_from).transpose();
    Ok(SentBy { kind, id: id.map_err(|error| InputError::field("sent_by.id", error))?, name })
}

/// A text of the body, up to a length in characters that [`checked`] looks at.
#[derive(Debug)]
struct ShortText<const LONGEST: usize>(String);

impl<'de, const LONGEST: usize> Deserialize<'de> for ShortText<LONGEST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            _ => Err(D::Error::custom(problem(LONGEST))),
        }
    }
}

#[cfg(feature = "schema")]
impl<const LONGEST: usize> schemars::JsonSchema for ShortText<LONGEST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("ShortText{LONGEST}").into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let pattern = r"^[^\u0000-\u001F\u007F-\u009F]*$";
        schemars::json_schema!({ "type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": pattern })
    }
}

fn fitting(text: &str, place: &'static str, longest: usize) -> Result<String, InputError> {
    let fits = (1..=longest).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(unfit(place, longest)) }
}

fn unfit(place: &'static str, longest: usize) -> InputError {
    InputError::field(place, problem(longest))
}

fn problem(longest: usize) -> String {
    format!("must be text of 1 to {longest} characters without control characters")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &Value) -> Result<Option<SentBy>, String> {
        of_body(body.to_string().as_bytes()).map_err(|error| error.place().to_owned())
    }

    #[test]
    fn a_missing_sender_is_none() {
        for body in [json!({}), json!({ "sent_by": null }), json!([])] {
            assert_eq!(read(&body), Ok(None));
        }
        let ana =
            read(&json!({ "sent_by": { "type": "human", "id": "ana", "name": "Ana Ñ" } })).unwrap().unwrap();
        assert_eq!((ana.agent().map(AgentId::as_str), ana.name.as_deref()), (Some("ana"), Some("Ana Ñ")));
        let bot = read(&json!({ "sent_by": { "type": "bot", "id": "b1" } })).unwrap().unwrap();
        assert_eq!((bot.kind, bot.agent()), (SenderKind::Bot, None));
    }

    #[test]
    fn every_mistake_names_its_field() {
        for (given, place) in [
            (json!("ana"), "sent_by"),
            (json!({}), "sent_by.type"),
            (json!({ "type": "person" }), "sent_by.type"),
            (json!({ "type": "human", "id": 7 }), "sent_by.id"),
            (json!({ "type": "human", "id": "" }), "sent_by.id"),
            (json!({ "type": "human", "id": "x".repeat(65) }), "sent_by.id"),
            (json!({ "type": "bot", "name": "a\nb" }), "sent_by.name"),
            (json!({ "type": "bot", "name": "x".repeat(257) }), "sent_by.name"),
        ] {
            assert_eq!(read(&json!({ "sent_by": given })), Err(place.to_owned()), "{given}");
        }
    }
}
