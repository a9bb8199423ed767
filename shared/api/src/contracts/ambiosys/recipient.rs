//! The recipient of a message: the vendor's `phoneNumber`, or instead `userId` or `conversationId`, which
//! also name a customer who shows no number.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::common::{InputError, ids};
use ventanilla_core::domain::{
    broadcast::{EntryRecipient, NamedBy},
    id::{ConversationId, IdError},
    phone::{Bsuid, Phone},
};

/// The fields, the vendor's own first. Contact ids are accepted in our own contract only.
const FIELDS: [(&str, NamedBy); 3] = [
    ("phoneNumber", NamedBy::PhoneNumber),
    ("userId", NamedBy::UserId),
    ("conversationId", NamedBy::ConversationId),
];

/// Most characters of a given recipient that a response repeats: a user id is never longer.
const GIVEN: usize = 200;

/// The fields of a body, or of an entry of a list, that name the recipient. Null counts as absent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) number: Option<&'a str>,
    pub(super) user_id: Option<&'a str>,
    pub(super) conversation: Option<&'a Value>,
}

impl Named<'_> {
    /// Reads the recipient, which exactly one of the fields must name.
    ///
    /// # Errors
    /// Names the field.
    pub(super) fn recipient(self) -> Result<EntryRecipient, InputError> {
        match (self.number, self.user_id, self.conversation) {
            (Some(number), None, None) => phone(number).map(EntryRecipient::Number),
            (None, Some(id), None) => user_id(id).map(EntryRecipient::UserId),
            (None, None, Some(id)) => conversation_id(id).map(EntryRecipient::Conversation),
            (None, None, None) => {
                let problem = "is missing, and so are userId and conversationId: give exactly one of them";
                Err(InputError::field("phoneNumber", problem))
            }
            (Some(_), Some(_), _) => Err(beside("userId", "phoneNumber")),
            (Some(_), None, Some(_)) => Err(beside("conversationId", "phoneNumber")),
            (None, Some(_), Some(_)) => Err(beside("conversationId", "userId")),
        }
    }
}

fn beside(second: &'static str, first: &str) -> InputError {
    let problem = format!(
        "must not be given beside {first}: exactly one of phoneNumber, userId and conversationId says who is meant"
    );
    InputError::field(second, problem)
}

fn phone(text: &str) -> Result<Phone, InputError> {
    Phone::parse(text).map_err(|error| InputError::field("phoneNumber", error))
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

/// A number, as in this contract, or text, as in others.
fn conversation_id(value: &Value) -> Result<ConversationId, InputError> {
    let read = match value {
        Value::String(text) => return ids::read_conversation(text).map_err(wrong_conversation),
        value => value.as_u64().ok_or(IdError::NotANumber).and_then(ConversationId::try_from),
    };
    read.map_err(wrong_conversation)
}

fn wrong_conversation(error: impl fmt::Display) -> InputError {
    InputError::field("conversationId", error)
}

/// The recipient of an entry of a list, as it was given; of several fields, the first.
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

/// The recipient of a result, under the field that named them in the request.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Given<'a> {
    PhoneNumber(&'a str),
    UserId(&'a str),
    ConversationId(GivenConversation<'a>),
    ContactId(&'a str),
}

/// A conversation as it was given: one by its number is a number again.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged)]
pub(super) enum GivenConversation<'a> {
    Number(u64),
    Text(&'a str),
}

impl<'a> Given<'a> {
    /// The given recipient, under the field that named them.
    pub(super) fn of(given: &'a str, by: NamedBy) -> Self {
        match by {
            NamedBy::PhoneNumber => Self::PhoneNumber(given),
            NamedBy::UserId => Self::UserId(given),
            NamedBy::ConversationId => Self::ConversationId(match given.parse() {
                Ok(number) => GivenConversation::Number(number),
                Err(_) => GivenConversation::Text(given),
            }),
            NamedBy::ContactId => Self::ContactId(given),
        }
    }
}

/// Reads a conversation id from the path.
///
/// # Errors
/// Names `conversationId`.
pub(super) fn conversation(id: &str) -> Result<ConversationId, InputError> {
    id.parse::<ConversationId>().map_err(wrong_conversation)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<EntryRecipient, InputError> {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let conversation = body.get("conversationId");
        Named { number: text("phoneNumber"), user_id: text("userId"), conversation }.recipient()
    }

    #[test]
    fn each_field_names_a_recipient() {
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
    fn no_recipient_or_two_are_rejected_with_the_known_fields() {
        for (body, place, says) in [
            (json!({}), "phoneNumber", "exactly one"),
            (json!({ "phoneNumber": null }), "phoneNumber", "userId and conversationId"),
            (json!({ "phoneNumber": "+50212345678", "userId": "GT.1" }), "userId", "beside phoneNumber"),
            (json!({ "userId": "GT.1", "conversationId": 7 }), "conversationId", "beside userId"),
            (json!({ "userId": "" }), "userId", "must be a user id"),
            (json!({ "userId": "+50212345678" }), "userId", "phoneNumber"),
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
    fn a_given_recipient_is_repeated_unchanged() {
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
            assert_eq!(json!(Given::of(&text, by)), json!({ field_name: back }), "{entry}");
        }
    }
}
