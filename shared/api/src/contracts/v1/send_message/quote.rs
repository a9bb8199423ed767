//! The message that another one quotes or reacts to.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected, Visitor},
};

use super::content::{NewReaction, Part};
use crate::{
    common::{Failure, InputError, ids::read_id},
    contracts::v1::send_message::Sender,
};
use ventanilla_core::{
    domain::{
        content::Content,
        id::{MessageId, Wamid},
    },
    usecases::sending::{MessageRef, Recipient},
};

/// Longest emoji, in characters.
const EMOJI: usize = 32;

/// A message by our id, or by the provider's.
#[derive(Debug, Clone)]
pub(super) struct NamedMessage(MessageRef);

impl<'de> Deserialize<'de> for NamedMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Name).map(Self)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for NamedMessage {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MessageReference".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A message, by our id with or without its prefix, or by the provider's.",
            "oneOf": [
                { "type": "string", "minLength": 1, "maxLength": 512 },
                generator.subschema_for::<crate::common::schema::Id>(),
            ],
            "examples": ["msg_244015433448729"],
        })
    }
}

struct Name;

impl Visitor<'_> for Name {
    type Value = MessageRef;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the id of a message, like msg_244015433448729")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<MessageRef, E> {
        if let Ok(id) = read_id(text) {
            return Ok(MessageRef::Ours(id));
        }
        let theirs = Wamid::try_from(text.to_owned());
        theirs.map(MessageRef::Provider).map_err(|_| E::invalid_value(Unexpected::Str(""), &self))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<MessageRef, E> {
        let ours = MessageId::try_from(number);
        ours.map(MessageRef::Ours).map_err(|_| E::invalid_value(Unexpected::Unsigned(0), &self))
    }
}

/// The provider's id of the quoted message, where one is named.
pub(super) async fn quoted(
    sender: &Sender,
    recipient: &Recipient,
    named: Option<&NamedMessage>,
    part: &Part,
) -> Result<Option<Wamid>, Failure> {
    let Some(named) = named else { return Ok(None) };
    if matches!(part, Part::Reaction(_)) {
        let problem = "is not possible with a reaction, which names its message itself";
        return Err(InputError::field("reply_to", problem).into());
    }
    theirs(sender, recipient, named, "reply_to").await.map(Some)
}

/// The reaction in the core's format, with the provider's id.
pub(super) async fn reaction(
    sender: &Sender,
    recipient: &Recipient,
    NewReaction { message_id, emoji }: NewReaction,
) -> Result<Content, Failure> {
    if emoji.chars().count() > EMOJI {
        let problem = "must be one emoji, or empty to take the reaction back";
        return Err(InputError::field("reaction.emoji", problem).into());
    }
    let to = theirs(sender, recipient, &message_id, "reaction.message_id").await?;
    Ok(Content::Reaction { to, emoji })
}

async fn theirs(
    sender: &Sender,
    recipient: &Recipient,
    NamedMessage(named): &NamedMessage,
    field: &'static str,
) -> Result<Wamid, Failure> {
    let found = sender.app.core.recipients.message_to(&sender.caller.tenant, recipient, named).await?;
    let problem = "is no message of this conversation that the provider knows";
    Ok(found.ok_or_else(|| InputError::field(field, problem))?)
}
