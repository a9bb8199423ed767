//! `sent_by`: who sends a message. An addition of ours to every route that sends; clients that do not know it leave
//! it out, and what they send counts as a person's.

use serde_json::Value;

use super::{Fields, InputError};
use crate::domain::{
    handling::AgentId,
    sent_by::{SenderKind, SentBy},
};

/// Longest id, in characters.
const ID: usize = 64;

/// Longest name, in characters.
const NAME: usize = 256;

/// Reads who sends a message from a request's body.
///
/// # Errors
/// Names the field.
pub fn of_body(body: &[u8]) -> Result<Option<SentBy>, InputError> {
    // What is wrong with the body as a whole is said by whoever reads the rest of it.
    match Fields::read(body) {
        Ok(fields) => of_fields(&fields),
        Err(_) => Ok(None),
    }
}

/// Reads who sends a message from the fields of an object.
///
/// # Errors
/// Names the field.
pub fn of_fields(fields: &Fields) -> Result<Option<SentBy>, InputError> {
    let Some(given) = fields.value("sent_by").filter(|given| !given.is_null()) else { return Ok(None) };
    let Value::Object(given) = given else {
        return Err(InputError::field(
            "sent_by",
            "must be an object like {\"type\":\"human\",\"id\":\"ana\"}",
        ));
    };
    let kind = match given.get("type").and_then(Value::as_str) {
        Some("human") => SenderKind::Human,
        Some("bot") => SenderKind::Bot,
        _ => return Err(InputError::field("sent_by.type", "must be human or bot")),
    };
    let (id, name) = (given.get("id"), given.get("name"));
    checked(kind, text(id, "sent_by.id", ID)?, text(name, "sent_by.name", NAME)?).map(Some)
}

/// A sender, by the id and name that the company's own system has for them.
///
/// # Errors
/// Names the field.
pub fn checked(kind: SenderKind, id: Option<&str>, name: Option<&str>) -> Result<SentBy, InputError> {
    let id = id.map(|id| fitting(id, "sent_by.id", ID)).transpose()?;
    let name = name.map(|name| fitting(name, "sent_by.name", NAME)).transpose()?;
    let id = id.map(AgentId::try_from).transpose();
    Ok(SentBy { kind, id: id.map_err(|error| InputError::field("sent_by.id", error))?, name })
}

fn text<'a>(
    given: Option<&'a Value>,
    place: &'static str,
    longest: usize,
) -> Result<Option<&'a str>, InputError> {
    match given {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(unfit(place, longest)),
    }
}

fn fitting(text: &str, place: &'static str, longest: usize) -> Result<String, InputError> {
    let fits = (1..=longest).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(unfit(place, longest)) }
}

fn unfit(place: &'static str, longest: usize) -> InputError {
    let problem = format!("must be text of 1 to {longest} characters without control characters");
    InputError::field(place, problem)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<Option<SentBy>, String> {
        of_body(body.to_string().as_bytes()).map_err(|error| error.place().to_owned())
    }

    #[test]
    fn whoever_says_nothing_is_nobody_in_particular() {
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
