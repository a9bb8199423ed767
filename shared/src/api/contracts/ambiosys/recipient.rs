//! Whom a message goes to: the seed's `phoneNumber`, or in its place `userId` or `conversationId`, by which a
//! customer who shows no number is named like any other.

use serde_json::Value;

use crate::{
    api::{
        common::{Fields, InputError},
        contracts::pipes::ids,
    },
    domain::{
        broadcast::{EntryRecipient, NamedBy},
        id::{ConversationId, IdError},
        phone::{Bsuid, Phone},
    },
};

/// The fields, the seed's own first. Contacts are named in our own contract only.
const FIELDS: [(&str, NamedBy); 3] = [
    ("phoneNumber", NamedBy::PhoneNumber),
    ("userId", NamedBy::UserId),
    ("conversationId", NamedBy::ConversationId),
];

/// Most characters of what was given that are repeated in an answer: a user id is never longer.
const GIVEN: usize = 200;

/// The field that names a recipient in this way.
pub(super) fn field(by: NamedBy) -> &'static str {
    match by {
        NamedBy::PhoneNumber => "phoneNumber",
        NamedBy::UserId => "userId",
        NamedBy::ConversationId => "conversationId",
        NamedBy::ContactId => "contactId",
    }
}

/// Reads whom a body, or an entry of a list, names: by exactly one of the fields.
///
/// # Errors
/// Names the fields.
pub(super) fn recipient(fields: &Fields) -> Result<EntryRecipient, InputError> {
    let mut named = FIELDS.into_iter().filter(|(name, _)| is_given(fields.value(name)));
    let (Some((first, by)), second) = (named.next(), named.next()) else {
        let problem = "is missing, and so are userId and conversationId: give exactly one of them";
        return Err(InputError::field("phoneNumber", problem));
    };
    if let Some((second, _)) = second {
        let problem = format!(
            "must not be given beside {first}: exactly one of phoneNumber, userId and conversationId says who is meant"
        );
        return Err(InputError::field(second, problem));
    }
    match by {
        NamedBy::PhoneNumber => fields.phone("phoneNumber").map(EntryRecipient::Number),
        NamedBy::UserId => user_id(fields.required_text("userId")?).map(EntryRecipient::UserId),
        NamedBy::ConversationId => {
            conversation_id(fields.value("conversationId")).map(EntryRecipient::Conversation)
        }
        NamedBy::ContactId => Err(InputError::field(first, "names nobody here")),
    }
}

fn is_given(value: Option<&Value>) -> bool {
    value.is_some_and(|value| !value.is_null())
}

fn user_id(text: &str) -> Result<Bsuid, InputError> {
    if Phone::parse(text).is_ok() {
        return Err(InputError::field("userId", "is a phone number: give it as phoneNumber"));
    }
    Bsuid::parse(text).map_err(|error| InputError::field("userId", error))
}

/// A number, as this contract has ids, or text, as others have them.
fn conversation_id(value: Option<&Value>) -> Result<ConversationId, InputError> {
    let wrong = |problem: String| InputError::field("conversationId", problem);
    match value {
        Some(Value::String(text)) => ids::read_conversation(text).map_err(|error| wrong(error.to_string())),
        Some(value) => {
            let id = value.as_u64().ok_or(IdError::NotANumber).and_then(ConversationId::try_from);
            id.map_err(|error| wrong(error.to_string()))
        }
        None => Err(wrong("is missing".to_owned())),
    }
}

/// What an entry of a list names its recipient by, as it came; of several, the first.
pub(super) fn given(entry: &Value) -> (String, NamedBy) {
    let named = FIELDS.into_iter().find(|(name, _)| is_given(entry.get(name)));
    let (name, by) = named.unwrap_or(("phoneNumber", NamedBy::PhoneNumber));
    let text = match entry.get(name) {
        Some(Value::String(text)) => text.chars().take(GIVEN).collect(),
        Some(Value::Number(number)) if by == NamedBy::ConversationId => number.to_string(),
        _ => String::new(),
    };
    (text, by)
}

/// What was given as it came: a conversation by its number is a number again.
pub(super) fn echoed(given: &str, by: NamedBy) -> Value {
    match given.parse::<u64>() {
        Ok(number) if by == NamedBy::ConversationId => number.into(),
        _ => given.into(),
    }
}

/// Reads a conversation id from the path.
///
/// # Errors
/// Names `conversationId`.
pub(super) fn conversation(id: &str) -> Result<ConversationId, InputError> {
    id.parse().map_err(|error| InputError::field("conversationId", error))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<EntryRecipient, InputError> {
        recipient(&Fields::of(body).unwrap())
    }

    #[test]
    fn each_field_names_somebody() {
        let number = EntryRecipient::Number(Phone::parse("50212345678").unwrap());
        assert_eq!(read(&json!({ "phoneNumber": "+502 1234-5678", "userId": null })), Ok(number));
        let user = EntryRecipient::UserId(Bsuid::parse("GT.1").unwrap());
        assert_eq!(read(&json!({ "userId": "GT.1" })), Ok(user));
        let conversation = EntryRecipient::Conversation("7".parse().unwrap());
        for id in [json!(7), json!("7"), json!("conv_7")] {
            assert_eq!(read(&json!({ "conversationId": id })), Ok(conversation.clone()), "{id}");
        }
    }

    #[test]
    fn what_names_nobody_or_two_says_which_fields_there_are() {
        for (body, place, says) in [
            (json!({}), "phoneNumber", "exactly one"),
            (json!({ "phoneNumber": null }), "phoneNumber", "userId and conversationId"),
            (json!({ "phoneNumber": 5 }), "phoneNumber", "must be text"),
            (json!({ "phoneNumber": "+50212345678", "userId": "GT.1" }), "userId", "beside phoneNumber"),
            (json!({ "userId": "GT.1", "conversationId": 7 }), "conversationId", "beside userId"),
            (json!({ "userId": "" }), "userId", "must be a user id"),
            (json!({ "userId": "+50212345678" }), "userId", "phoneNumber"),
            (json!({ "userId": 7 }), "userId", "must be text"),
            (json!({ "conversationId": 0 }), "conversationId", "positive integer"),
            (json!({ "conversationId": -1 }), "conversationId", "positive integer"),
            (json!({ "conversationId": "seven" }), "conversationId", "conv_1234"),
            (json!({ "conversationId": [7] }), "conversationId", "positive integer"),
        ] {
            let error = read(&body).unwrap_err();
            assert_eq!(error.place(), place, "{body}");
            assert!(error.to_string().contains(says), "{error}");
        }
    }

    #[test]
    fn what_was_given_comes_back_as_it_came() {
        for (entry, field_name, back) in [
            (json!({ "phoneNumber": "+502 1" }), "phoneNumber", json!("+502 1")),
            (json!({ "userId": "GT.1" }), "userId", json!("GT.1")),
            (json!({ "conversationId": 7 }), "conversationId", json!(7)),
            (json!({ "conversationId": "conv_7" }), "conversationId", json!("conv_7")),
            (json!({ "conversationId": [] }), "conversationId", json!("")),
            (json!({}), "phoneNumber", json!("")),
            (json!(7), "phoneNumber", json!("")),
        ] {
            let (text, by) = given(&entry);
            assert_eq!((field(by), echoed(&text, by)), (field_name, back), "{entry}");
        }
    }
}
