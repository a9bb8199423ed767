//! The body of a message to send.

use serde::Deserialize;
use serde_json::Value;

use super::{
    cards::NewCard,
    content::{self, NewLocation, NewReaction, NewTemplate, Part, Words, only},
    file::NewFile,
    quote::NamedMessage,
    recipient::To,
};
#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{InputError, ids::Id, no_dry_run, sent_by};
use ventanilla_core::domain::{
    attempt::DeliveryPolicy,
    content::{MediaKind, MessageText},
    id::ChannelId,
    reference::{Fits, REFERENCE_LIMIT, Reference, References},
    sent_by::{SenderKind, SentBy},
};

/// The kinds of content, one of which a message has.
const CONTENTS: &str =
    "text, image, video, audio, document, sticker, template, interactive, location, contacts or reaction";

/// Who gets it, exactly one content, and what stands beside it. Null is as good as absent.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("if" = {}, "then" = schema::one_of(super::schemas::KINDS))))]
#[serde(deny_unknown_fields)]
pub(super) struct NewMessage {
    #[cfg_attr(feature = "schema", schemars(with = "To"))]
    pub(super) to: Option<To>,
    /// The channel that it goes out through; the company's default channel if absent.
    channel_id: Option<Id<ChannelId>>,
    /// A text. Up to 4,096 UTF-16 units.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", length(min = 1, max = 4096)))]
    text: Option<MessageText>,
    image: Option<NewFile>,
    video: Option<NewFile>,
    audio: Option<NewFile>,
    document: Option<NewFile>,
    sticker: Option<NewFile>,
    template: Option<NewTemplate>,
    /// Buttons, lists and the like as Meta defines them.
    #[cfg_attr(feature = "schema", schemars(with = "Option<super::schemas::Interactive>"))]
    interactive: Option<Value>,
    location: Option<NewLocation>,
    /// Business cards, in the shape in which messages show them.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 257)))]
    contacts: Option<Vec<NewCard>>,
    reaction: Option<NewReaction>,
    /// The message of the same conversation that this one quotes. Not with a reaction.
    pub(super) reply_to: Option<NamedMessage>,
    /// Whether the first link of a text is shown with a preview; it is not, if nothing is said.
    preview_url: Option<bool>,
    #[cfg_attr(feature = "schema", schemars(with = "Option<super::schemas::Sender>"))]
    sent_by: Option<NewSender>,
    references: Option<NewReferences>,
    /// As the header `Delivery-Policy`, which it must not contradict. Only messages into a conversation leave a
    /// choice.
    #[cfg_attr(feature = "schema", schemars(with = "Option<super::schemas::OnlyAtMostOnce>"))]
    delivery_policy: Option<NewPolicy>,
    /// There is no dry run of one message.
    #[cfg_attr(feature = "schema", schemars(with = "Option<super::schemas::OnlyFalse>"))]
    dry_run: Option<bool>,
}

/// Who of the company sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object like {\"type\":\"human\",\"id\":\"ana\"}")]
pub(in crate::contracts::v1) struct NewSender {
    #[serde(rename = "type")]
    kind: SenderKind,
    id: Option<String>,
    name: Option<String>,
}

/// Your own words about the message, which its resource and its events show.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in crate::contracts::v1) struct NewReferences {
    #[serde(rename = "ref")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    first: Option<String>,
    #[serde(rename = "ref1")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    second: Option<String>,
    #[serde(rename = "ref2")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    third: Option<String>,
}

/// What is done when the outcome stays open.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum NewPolicy {
    /// It is shown, and never sent again by itself.
    AtMostOnce,
    /// It is sent again after a while; the customer may then get it more than once.
    AtLeastOnce,
}

impl NewMessage {
    /// The channel that is named.
    pub(super) fn channel(&self) -> Option<ChannelId> {
        self.channel_id.map(|Id(id)| id)
    }

    /// Rejects a requested dry run.
    pub(super) fn is_to_be_sent(&self) -> Result<(), InputError> {
        if self.dry_run == Some(true) { Err(no_dry_run()) } else { Ok(()) }
    }

    pub(super) fn sender(&self) -> Result<Option<SentBy>, InputError> {
        self.sent_by.as_ref().map(NewSender::checked).transpose()
    }

    pub(super) fn references(&self) -> Result<References, InputError> {
        let checked = self.references.as_ref().map(|given| given.checked("references")).transpose()?;
        Ok(checked.unwrap_or_default())
    }

    pub(super) fn delivery_policy(&self) -> Option<DeliveryPolicy> {
        self.delivery_policy.map(|policy| match policy {
            NewPolicy::AtMostOnce => DeliveryPolicy::AtMostOnce,
            NewPolicy::AtLeastOnce => DeliveryPolicy::AtLeastOnce,
        })
    }

    /// The field of its content, of which there must be exactly one.
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

    /// The content to send.
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

impl NewReferences {
    /// Checks the references, for this place in the body.
    pub(in crate::contracts::v1) fn checked(&self, at: &str) -> Result<References, InputError> {
        let reference = |given: &Option<String>, name: &str| {
            let Some(given) = given.as_deref().filter(|given| !given.is_empty()) else { return Ok(None) };
            match Reference::cut(given) {
                (reference, Fits::Whole) => Ok(Some(reference)),
                (_, Fits::Cut) => {
                    let problem = format!("must be at most {REFERENCE_LIMIT} characters");
                    Err(InputError::field(format!("{at}.{name}"), problem))
                }
            }
        };
        Ok(References {
            first: reference(&self.first, "ref")?,
            second: reference(&self.second, "ref1")?,
            third: reference(&self.third, "ref2")?,
        })
    }
}

impl NewSender {
    pub(in crate::contracts::v1) fn checked(&self) -> Result<SentBy, InputError> {
        sent_by::checked(self.kind, self.id.as_deref(), self.name.as_deref())
    }
}
