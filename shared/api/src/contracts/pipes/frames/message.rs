//! `whatsapp_message`: a customer's message.

use serde::Serialize;
use serde_json::Value;

use super::{
    LONGEST_TEXT,
    beside::Beside,
    frame::{Named, Telling},
    media::Media,
    place::{Customer, Place},
};
use crate::common::ids;
#[cfg(feature = "schema")]
use crate::common::schema;
use ventanilla_core::{
    domain::{id::MessageId, message::Message},
    usecases::live::ConversationEvent,
};

/// JSON pointer of a message's object in the provider's webhook.
const OBJECT: &str = "/entry/0/changes/0/value/messages/0";

/// A message, by our own id; behind `msg_` is that of `/v1/messages/{id}`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^msg_[1-9][0-9]{0,15}$")))]
pub(super) struct OurMessageId(pub(super) String);

impl From<MessageId> for OurMessageId {
    fn from(id: MessageId) -> Self {
        Self(ids::message_id(id))
    }
}

/// The `data` of `whatsapp_message`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct WhatsappMessage {
    #[serde(flatten)]
    place: Place,
    message_id: OurMessageId,
    #[serde(flatten)]
    customer: Customer,
    /// The text, caption, label or emoji; may be empty.
    text: String,
    /// The same as `text`; Pipes.bot's clients read either.
    body: String,
    /// By the provider's clock.
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    timestamp: String,
    #[serde(rename = "type")]
    kind: Kind,
    /// Of image, audio, video, document and sticker.
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<Media>,
    /// As the provider told it: latitude, longitude, and maybe name and address.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Value>,
    /// As the provider told them.
    #[serde(skip_serializing_if = "Option::is_none")]
    contacts: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reaction: Option<Reaction>,
    #[serde(flatten)]
    beside: Beside,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
enum Kind {
    Text,
    Image,
    Audio,
    Video,
    Document,
    Sticker,
    Location,
    Contacts,
    Reaction,
    Unsupported,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
struct Reaction {
    /// The message that it is to, by our id (`msg_…`), as in every frame. Only of one that we do not know, by the
    /// provider's.
    message_id: Option<String>,
    /// Absent when the reaction was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    emoji: Option<String>,
}

impl Named for WhatsappMessage {
    const TYPE: &'static str = "whatsapp_message";
}

impl Telling for WhatsappMessage {
    fn cut(&mut self) -> Option<String> {
        self.contacts = None;
        self.beside.cut();
        for text in [&mut self.text, &mut self.body] {
            *text = text.chars().take(LONGEST_TEXT).collect();
        }
        Some(self.message_id.0.clone())
    }
}

impl WhatsappMessage {
    pub(super) fn of(event: &ConversationEvent, message: &Message) -> Self {
        let text = message.readable().unwrap_or_default();
        let kind = Kind::of(message, &text);
        let object = object(message);
        let part = |named: Kind, name: &str| (kind == named).then(|| object.get(name).cloned()).flatten();
        Self {
            place: event.into(),
            message_id: message.address.id.into(),
            customer: event.into(),
            body: text.to_string(),
            text: text.into_owned(),
            timestamp: message.address.at.iso_millis(),
            kind,
            media: kind.has_file().then(|| Media::of(message, object.get(&message.kind))),
            location: part(Kind::Location, "location"),
            contacts: part(Kind::Contacts, "contacts"),
            reaction: (kind == Kind::Reaction).then(|| Reaction::of(message, object.get("reaction"))),
            beside: message.into(),
        }
    }
}

impl Kind {
    fn of(message: &Message, text: &str) -> Self {
        match message.kind.as_str() {
            "image" => Self::Image,
            "audio" => Self::Audio,
            "video" => Self::Video,
            "document" => Self::Document,
            "sticker" => Self::Sticker,
            "location" => Self::Location,
            "contacts" => Self::Contacts,
            "reaction" => Self::Reaction,
            // Answers to buttons and lists have their label as text.
            _ if !text.is_empty() => Self::Text,
            _ => Self::Unsupported,
        }
    }

    fn has_file(self) -> bool {
        matches!(self, Self::Image | Self::Audio | Self::Video | Self::Document | Self::Sticker)
    }
}

impl Reaction {
    fn of(message: &Message, object: Option<&Value>) -> Self {
        let emoji = object.and_then(|object| object.get("emoji")).and_then(Value::as_str);
        let emoji = emoji.filter(|emoji| !emoji.is_empty()).map(str::to_owned);
        Self { message_id: subject(message), emoji }
    }
}

/// The provider's own object of a message, as received.
fn object(message: &Message) -> Value {
    let raw: Value =
        message.raw.as_deref().and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
    raw.pointer(OBJECT).cloned().unwrap_or(raw)
}

/// The message that this one refers to: by our id, or by the provider's where it is not one of ours.
pub(super) fn subject(message: &Message) -> Option<String> {
    let theirs = || message.refers_to.as_ref().map(|id| id.as_str().to_owned());
    message.refers_to_message.map(ids::message_id).or_else(theirs)
}
