//! The body of a message that is to be sent.

use serde::Deserialize;
use serde_json::Value;

use super::{
    cards::NewCard,
    content::{self, NewLocation, NewReaction, NewTemplate, Part, Words, only},
    file::NewFile,
    quote::NamedMessage,
    recipient::To,
};
use crate::{
    api::common::{InputError, ids::Id, no_dry_run, sent_by},
    domain::{
        attempt::DeliveryPolicy,
        content::{MediaKind, MessageText},
        id::ChannelId,
        reference::{Fits, REFERENCE_LIMIT, Reference, References},
        sent_by::{SenderKind, SentBy},
    },
};

/// The kinds of content, of which a message has one.
const CONTENTS: &str =
    "text, image, video, audio, document, sticker, template, interactive, location, contacts or reaction";

/// `NewMessage` of openapi.yaml.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMessage {
    pub(super) to: Option<To>,
    channel_id: Option<Id<ChannelId>>,
    text: Option<MessageText>,
    image: Option<NewFile>,
    video: Option<NewFile>,
    audio: Option<NewFile>,
    document: Option<NewFile>,
    sticker: Option<NewFile>,
    template: Option<NewTemplate>,
    interactive: Option<Value>,
    location: Option<NewLocation>,
    contacts: Option<Vec<NewCard>>,
    reaction: Option<NewReaction>,
    pub(super) reply_to: Option<NamedMessage>,
    preview_url: Option<bool>,
    sent_by: Option<NewSender>,
    references: Option<NewReferences>,
    delivery_policy: Option<NewPolicy>,
    /// There is none of one message; whoever says so in so many words may.
    dry_run: Option<bool>,
}

/// Who of the company sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object like {\"type\":\"human\",\"id\":\"ana\"}")]
pub(in crate::api::contracts::v1) struct NewSender {
    #[serde(rename = "type")]
    kind: SenderKind,
    id: Option<String>,
    name: Option<String>,
}

/// The caller's own words about a message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewReferences {
    #[serde(rename = "ref")]
    first: Option<String>,
    #[serde(rename = "ref1")]
    second: Option<String>,
    #[serde(rename = "ref2")]
    third: Option<String>,
}

/// What is done when the outcome stays open.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum NewPolicy {
    AtMostOnce,
    AtLeastOnce,
}

impl NewMessage {
    /// The channel that is named.
    pub(super) fn channel(&self) -> Option<ChannelId> {
        self.channel_id.map(|Id(id)| id)
    }

    /// Refuses what would be sent although nothing is to be.
    pub(super) fn is_to_be_sent(&self) -> Result<(), InputError> {
        if self.dry_run == Some(true) { Err(no_dry_run()) } else { Ok(()) }
    }

    /// Refuses what says whom the message goes to, where the path does.
    pub(super) fn names_nobody(&self) -> Result<(), InputError> {
        let problem =
            "is for POST /v1/messages: here the conversation says who gets it, and through which channel";
        match (&self.to, &self.channel_id) {
            (None, None) => Ok(()),
            (Some(_), _) => Err(InputError::field("to", problem)),
            (None, Some(_)) => Err(InputError::field("channel_id", problem)),
        }
    }

    pub(super) fn sender(&self) -> Result<Option<SentBy>, InputError> {
        self.sent_by.as_ref().map(NewSender::checked).transpose()
    }

    pub(super) fn references(&self) -> Result<References, InputError> {
        let Some(given) = &self.references else { return Ok(References::default()) };
        Ok(References {
            first: reference(given.first.as_deref(), "references.ref")?,
            second: reference(given.second.as_deref(), "references.ref1")?,
            third: reference(given.third.as_deref(), "references.ref2")?,
        })
    }

    pub(super) fn delivery_policy(&self) -> Option<DeliveryPolicy> {
        self.delivery_policy.map(|policy| match policy {
            NewPolicy::AtMostOnce => DeliveryPolicy::AtMostOnce,
            NewPolicy::AtLeastOnce => DeliveryPolicy::AtLeastOnce,
        })
    }

    /// The field of its content, of which there must be one.
    pub(super) fn content_field(&self) -> Result<&'static str, InputError> {
        let fields = [
            ("text", self.text.is_some()),
            ("image", self.image.is_some()),
            ("video", self.video.is_some()),
            ("audio", self.audio.is_some()),
            ("document", self.document.is_some()),
            ("sticker", self.sticker.is_some()),
            ("template", self.template.is_some()),
            ("interactive", self.interactive.is_some()),
            ("location", self.location.is_some()),
            ("contacts", self.contacts.is_some()),
            ("reaction", self.reaction.is_some()),
        ];
        match only(&fields, CONTENTS) {
            Err(_)
                if self.text.is_some()
                    && [&self.image, &self.video, &self.document].iter().any(|it| it.is_some()) =>
            {
                let problem = "must not be given beside a file: what stands below a file is its caption";
                Err(InputError::field("text", problem))
            }
            found => found,
        }
    }

    /// What is to be sent.
    pub(super) fn into_content(self) -> Result<Part, InputError> {
        let field = self.content_field()?;
        content::preview_fits(field, self.preview_url)?;
        let files = [
            (MediaKind::Image, self.image),
            (MediaKind::Video, self.video),
            (MediaKind::Audio, self.audio),
            (MediaKind::Document, self.document),
            (MediaKind::Sticker, self.sticker),
        ];
        if let Some((kind, file)) = files.into_iter().find_map(|(kind, file)| Some((kind, file?))) {
            return file.asked(kind).map(|asked| Part::File(Box::new(asked)));
        }
        if let Some(reaction) = self.reaction {
            return Ok(Part::Reaction(reaction));
        }
        let words = Words {
            text: self.text,
            preview_url: self.preview_url,
            template: self.template,
            interactive: self.interactive,
            location: self.location,
            contacts: self.contacts,
        };
        words.content().map(Part::Content)
    }
}

impl NewSender {
    pub(in crate::api::contracts::v1) fn checked(&self) -> Result<SentBy, InputError> {
        sent_by::checked(self.kind, self.id.as_deref(), self.name.as_deref())
    }
}

fn reference(given: Option<&str>, place: &'static str) -> Result<Option<Reference>, InputError> {
    let Some(given) = given.filter(|given| !given.is_empty()) else { return Ok(None) };
    match Reference::cut(given) {
        (reference, Fits::Whole) => Ok(Some(reference)),
        (_, Fits::Cut) => {
            Err(InputError::field(place, format!("must be at most {REFERENCE_LIMIT} characters")))
        }
    }
}
