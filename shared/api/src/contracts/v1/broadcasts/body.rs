//! The request body of a new broadcast.

use serde::Deserialize;
use serde_json::{Value, json};

#[cfg(feature = "schema")]
use crate::{common::schema, contracts::v1::send_message::schemas};
use crate::{
    common::{
        InputError,
        components::components_at,
        ids::{Id, contact_id, conversation_id},
    },
    contracts::v1::send_message::{
        body::{NewReferences, NewSender},
        cards::NewCard,
        content::{NewLocation, NewTemplate, Words, only, preview_fits},
        recipient::is_number,
    },
};
use ventanilla_core::domain::{
    broadcast::{EntryOutcome, EntryRecipient, MOST_RECIPIENTS, NamedBy, OWN_LIMIT, Own, RecipientEntry},
    content::{Content, MessageText},
    id::{ChannelId, ContactId, ConversationId, RequestRef},
    phone::{Bsuid, Phone},
    sent_by::SentBy,
};

/// The kinds of content, one of which a broadcast has.
const CONTENTS: &str = "template, text, interactive, location or contacts";

/// Exactly one content, and who gets it. Null is as good as absent.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("if" = {}, "then" = schema::one_of(KINDS))))]
#[serde(deny_unknown_fields)]
pub(super) struct NewBroadcast {
    /// The channel for recipients who are named by an address or as a contact; the company's default channel if
    /// absent.
    channel_id: Option<Id<ChannelId>>,
    template: Option<NewTemplate>,
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", length(min = 1, max = 4096)))]
    text: Option<MessageText>,
    /// Buttons, lists and the like as Meta defines them.
    #[cfg_attr(feature = "schema", schemars(with = "Option<schemas::Interactive>"))]
    interactive: Option<Value>,
    location: Option<NewLocation>,
    /// Business cards, in the shape in which messages show them.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 257)))]
    contacts: Option<Vec<NewCard>>,
    /// Whether the first link of a text is shown with a preview; it is not, if nothing is said.
    preview_url: Option<bool>,
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 1000)))]
    recipients: Vec<NewRecipient>,
    #[cfg_attr(feature = "schema", schemars(with = "Option<schemas::Sender>"))]
    sent_by: Option<NewSender>,
    /// Whether nothing is to be sent, and only told what would be; if nothing is said, it is sent.
    dry_run: Option<bool>,
}

/// One of those who get it, by exactly one of the first four fields.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("if" = {}, "then" = schema::one_of(NAMES))))]
#[serde(deny_unknown_fields, expecting = "an object like {\"phone\":\"+50212345678\"}")]
pub(super) struct NewRecipient {
    /// The number in international format, in any usual spelling.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("examples" = ["+50212345678"])))]
    phone: Option<Phone>,
    /// The customer's user id for this business.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("pattern" = "^[!-~]{1,200}$")))]
    user_id: Option<Bsuid>,
    contact_id: Option<Id<ContactId>>,
    /// Not beside `channel_id`; a conversation has its own channel.
    conversation_id: Option<Id<ConversationId>>,
    /// A number of yours for this recipient, which its message and events repeat.
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::Id>"))]
    request_id: Option<RequestRef>,
    references: Option<NewReferences>,
    /// A value for each place of the template, for this recipient instead of those in `template`. At most 5,000 bytes,
    /// together with `references`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<schemas::Components>"))]
    components: Option<Value>,
}

/// The kinds of content, with their JSON types.
#[cfg(feature = "schema")]
const KINDS: &[(&str, &str)] = &[
    ("template", "object"),
    ("text", "string"),
    ("interactive", "object"),
    ("location", "object"),
    ("contacts", "array"),
];

/// The fields that name a recipient, with their JSON types.
#[cfg(feature = "schema")]
const NAMES: &[(&str, &str)] =
    &[("phone", "string"), ("user_id", "string"), ("contact_id", "id"), ("conversation_id", "id")];

impl NewBroadcast {
    /// Whether it is a dry run.
    pub(super) fn is_dry(&self) -> bool {
        self.dry_run == Some(true)
    }

    /// The channel that is named.
    pub(super) fn channel(&self) -> Option<ChannelId> {
        self.channel_id.map(|Id(id)| id)
    }

    pub(super) fn sender(&self) -> Result<Option<SentBy>, InputError> {
        self.sent_by.as_ref().map(NewSender::checked).transpose()
    }

    /// The content, which is moved out of the body.
    pub(super) fn content(&mut self) -> Result<Content, InputError> {
        let fields = [
            ("template", self.template.is_some()),
            ("text", self.text.is_some()),
            ("interactive", self.interactive.is_some()),
            ("location", self.location.is_some()),
            ("contacts", self.contacts.is_some()),
        ];
        preview_fits(only(&fields, CONTENTS)?, self.preview_url)?;
        let words = Words {
            text: self.text.take(),
            preview_url: self.preview_url,
            template: self.template.take(),
            interactive: self.interactive.take(),
            location: self.location.take(),
            contacts: self.contacts.take(),
        };
        words.content()
    }

    /// The recipients of this content with their own fields: each is named by one field, and none
    /// contradicts the channel.
    pub(super) fn recipients(self, content: &Content) -> Result<Vec<(NewRecipient, Own)>, InputError> {
        if !(1..=MOST_RECIPIENTS).contains(&self.recipients.len()) {
            let problem = format!("must be a list of 1 to {MOST_RECIPIENTS} objects");
            return Err(InputError::field("recipients", problem));
        }
        let on_channel = self.channel_id.is_some();
        let checked = |(place, it): (usize, NewRecipient)| {
            let at = format!("recipients[{place}]");
            it.check(on_channel).map_err(|(field, problem)| {
                let dot = if field.is_empty() { "" } else { "." };
                InputError::field(format!("{at}{dot}{field}"), problem)
            })?;
            let own = it.own(&at, content)?;
            Ok((it, own))
        };
        self.recipients.into_iter().enumerate().map(checked).collect()
    }
}

impl NewRecipient {
    /// Checks that exactly one field names the recipient; else returns the field and what is wrong.
    fn check(&self, on_channel: bool) -> Result<(), (&'static str, String)> {
        let fields = [
            ("phone", self.phone.is_some()),
            ("user_id", self.user_id.is_some()),
            ("contact_id", self.contact_id.is_some()),
            ("conversation_id", self.conversation_id.is_some()),
        ];
        let mut given = fields.iter().filter(|(_, is_given)| *is_given).map(|(name, _)| *name);
        let wrong = |field, problem: &str| Err((field, problem.to_owned()));
        match (given.next(), given.next()) {
            (None, _) => wrong("", "must have one of phone, user_id, contact_id and conversation_id"),
            (Some(first), Some(second)) => {
                Err((second, format!("must not be given beside {first}: one of them says who is meant")))
            }
            (Some("conversation_id"), None) if on_channel => wrong(
                "conversation_id",
                "must not be given beside channel_id: a conversation has its own channel",
            ),
            (Some("user_id"), None) if self.user_id.as_ref().is_some_and(is_number) => {
                wrong("user_id", "is a phone number: give it as `phone`")
            }
            (Some(_), None) => Ok(()),
        }
    }

    /// The recipient's own fields, for this place in the body.
    fn own(&self, at: &str, content: &Content) -> Result<Own, InputError> {
        let place = format!("{at}.components");
        let components = self.components.as_ref().filter(|given| !given.is_null());
        if components.is_some() && !matches!(content, Content::Template(_)) {
            return Err(InputError::field(place, "is possible with a template only"));
        }
        let components = components.map(|given| components_at(&place, Some(given))).transpose()?;
        let references = self.references.as_ref().map(|given| given.checked(&format!("{at}.references")));
        let own = Own {
            request: self.request_id,
            references: references.transpose()?.unwrap_or_default(),
            components,
            header: None,
        };
        if json!([own.references, own.components]).to_string().len() > OWN_LIMIT {
            let problem = format!("must be of at most {OWN_LIMIT} bytes, together with references");
            return Err(InputError::field(place, problem));
        }
        Ok(own)
    }

    /// The contact that is named.
    pub(super) fn contact(&self) -> Option<ContactId> {
        self.contact_id.map(|Id(id)| id)
    }

    /// The entry; `contact` is how the named contact is reached.
    pub(super) fn entry(self, own: Own, contact: Option<EntryRecipient>) -> RecipientEntry {
        let (given, by, recipient) = match (self.phone, self.user_id, self.contact_id, self.conversation_id) {
            (Some(number), ..) => (number.e164(), NamedBy::PhoneNumber, Some(EntryRecipient::Number(number))),
            (None, Some(id), ..) => {
                (id.as_str().to_owned(), NamedBy::UserId, Some(EntryRecipient::UserId(id)))
            }
            (None, None, None, Some(Id(id))) => {
                (conversation_id(id), NamedBy::ConversationId, Some(EntryRecipient::Conversation(id)))
            }
            (None, None, named, _) => {
                let given = named.map(|Id(id)| contact_id(id)).unwrap_or_default();
                (given, NamedBy::ContactId, contact)
            }
        };
        let Some(recipient) = recipient else {
            let problem = "contact_id is no contact who can be reached on this channel".to_owned();
            return RecipientEntry::of_nobody(
                given,
                by,
                EntryOutcome::Invalid { field: "contact_id".to_owned(), problem },
            );
        };
        RecipientEntry::new(given, by, recipient, None).with(own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::json;

    fn problem(body: &Value) -> String {
        let read = json::of_value::<NewBroadcast>(body.clone());
        let problem = read.and_then(|mut it| {
            let content = it.content()?;
            it.recipients(&content)
        });
        problem.unwrap_err().to_string()
    }

    #[test]
    fn every_mistake_names_its_place_and_what_an_entry_looks_like() {
        let template = json!({ "name": "hello_world", "language": "en_US" });
        let to = |recipients: Value| json!({ "template": template, "recipients": recipients });
        for (body, says) in [
            (json!({ "template": template }), "recipients is missing"),
            (to(json!([])), "recipients must be a list of 1 to 1000 objects"),
            (
                to(json!(["+50212345678"])),
                "recipients[0] must be an object like {\"phone\":\"+50212345678\"}",
            ),
            (to(json!([{ "phone": "+50212345678" }, {}])), "recipients[1] must have one of phone"),
            (to(json!([{ "phone": "12" }])), "recipients[0].phone must have 8 to 15 digits"),
            (to(json!([{ "phoneNumber": "+50212345678" }])), "recipients[0].phoneNumber is an unknown field"),
            (
                to(json!([{ "phone": "+50212345678", "user_id": "GT.1" }])),
                "recipients[0].user_id must not be given",
            ),
            (to(json!([{ "user_id": "+50212345678" }])), "recipients[0].user_id is a phone number"),
            (
                json!({ "template": template, "channel_id": 1, "recipients": [{ "conversation_id": 7 }] }),
                "recipients[0].conversation_id must not be given beside channel_id",
            ),
            (json!({ "recipients": [{ "user_id": "GT.1" }] }), "text is missing"),
            (json!({ "image": {}, "recipients": [] }), "image is an unknown field"),
            (
                to(json!([{ "user_id": "GT.1", "components": [{ "type": "body", "parameters": [7] }] }])),
                "recipients[0].components[0].parameters[0] must be an object with a type",
            ),
            (
                to(json!([{ "user_id": "GT.1", "references": { "ref1": "x".repeat(256) } }])),
                "recipients[0].references.ref1 must be at most 255 characters",
            ),
            (
                to(
                    json!([{ "user_id": "GT.1", "components": [{ "type": "carousel", "x": "y".repeat(5_000) }] }]),
                ),
                "recipients[0].components must be of at most 5000 bytes, together with references",
            ),
            (
                json!({ "text": "x", "recipients": [{ "user_id": "GT.1", "components": [] }] }),
                "recipients[0].components is possible with a template only",
            ),
        ] {
            assert!(problem(&body).starts_with(says), "{}", problem(&body));
        }
    }
}
